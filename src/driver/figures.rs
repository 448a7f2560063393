//! What the driver counts, for the health page and the metrics.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::calendar::Instant;

/// Counters that only grow, readable at any time.
#[derive(Debug, Default)]
pub struct Figures {
    /// Events handled.
    pub events: Counter,
    /// Events that had been handled before.
    pub duplicates: Counter,
    /// Events that could not be handled and were set aside.
    pub rejected: Counter,
    /// Transactions committed.
    pub commits: Counter,
    /// Transactions that failed.
    pub failed_commits: Counter,
    /// Wakes of the engine.
    pub wakes: Counter,
    /// Wakes at which the engine failed.
    pub failed_wakes: Counter,
    /// Jumps of the wall clock.
    pub clock_jumps: Counter,
    worst_lateness_ms: AtomicI64,
    /// 0 before the first.
    last_commit_ms: AtomicI64,
    /// 0 while nothing is due.
    next_wake_ms: AtomicI64,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `count`.
    pub fn add(&self, count: usize) {
        self.0.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Its value.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Figures {
    /// Notes when a commit was.
    pub fn committed_at(&self, at: Instant) {
        self.last_commit_ms.store(at.ms(), Ordering::Relaxed);
    }

    /// When the last commit was, if there was one.
    pub fn last_commit(&self) -> Option<Instant> {
        Some(self.last_commit_ms.load(Ordering::Relaxed)).filter(|ms| *ms != 0).map(Instant::from_ms)
    }

    /// Notes by how much a wake came after its time, in ms.
    pub fn late_by(&self, ms: i64) {
        self.worst_lateness_ms.fetch_max(ms, Ordering::Relaxed);
    }

    /// Notes when the machine is due next.
    pub fn due_next(&self, at: Option<Instant>) {
        self.next_wake_ms.store(at.map_or(0, Instant::ms), Ordering::Relaxed);
    }

    /// When the machine is due next, as of the last commit.
    pub fn next_wake(&self) -> Option<Instant> {
        Some(self.next_wake_ms.load(Ordering::Relaxed)).filter(|ms| *ms != 0).map(Instant::from_ms)
    }

    /// The longest that a wake came after its time, in ms.
    pub fn worst_lateness_ms(&self) -> i64 {
        self.worst_lateness_ms.load(Ordering::Relaxed)
    }
}
