//! The clock: the only place that reads it. Everything else is told what time it is.
//!
//! A simulated clock stands still until somebody moves it, so tests and the console wait for nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;

use crate::calendar::{Instant, SECOND_MS};

/// How long a sleep lasts at most before it looks at the wall clock again, in ms: the system may have
/// slept, or its clock may have been set.
const LOOK_AGAIN_MS: i64 = 5 * SECOND_MS;
/// A wall clock that gains more than this on the steady one has jumped, in ms.
const JUMP_FORWARD_MS: i64 = 60 * SECOND_MS;
/// A wall clock that loses more than this on the steady one has jumped; less is its usual correction, in ms.
const JUMP_BACKWARD_MS: i64 = 2 * SECOND_MS;

/// The wall clock, now.
pub fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    let now = chrono::Utc::now();
    Instant::from(now)
}

/// Milliseconds on a clock that nobody can set, from the first time it is asked.
pub fn steady_ms() -> i64 {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    let now = std::time::Instant::now();
    let elapsed = now.duration_since(*START.get_or_init(|| now));
    i64::try_from(elapsed.as_millis()).expect("a process does not run for 292 million years")
}

/// What time it is, and how to wait.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system's.
    System,
    /// One that stands still until it is moved.
    Simulated(Simulated),
}

/// A clock that stands still until it is moved; its clones move together.
#[derive(Clone, Debug)]
pub struct Simulated {
    hands: Arc<watch::Sender<Hands>>,
    sleepers: Arc<watch::Sender<Sleepers>>,
}

/// Until when somebody sleeps, and how many.
type Sleepers = BTreeMap<Instant, usize>;

/// Somebody who sleeps on a simulated clock, until it is dropped.
struct Asleep<'c> {
    sleepers: &'c watch::Sender<Sleepers>,
    until: Instant,
}

/// What the wall clock and the steady clock showed at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hands {
    /// The wall clock.
    pub wall: Instant,
    /// The steady clock, in ms from some beginning.
    pub steady_ms: i64,
}

impl Clock {
    /// A simulated clock that shows `at`.
    pub fn simulated(at: Instant) -> Clock {
        let (hands, _) = watch::channel(Hands { wall: at, steady_ms: 0 });
        let (sleepers, _) = watch::channel(Sleepers::new());
        Clock::Simulated(Simulated { hands: Arc::new(hands), sleepers: Arc::new(sleepers) })
    }

    /// The wall clock.
    pub fn now(&self) -> Instant {
        self.hands().wall
    }

    /// Both clocks at once.
    pub fn hands(&self) -> Hands {
        match self {
            Clock::System => Hands { wall: now(), steady_ms: steady_ms() },
            Clock::Simulated(simulated) => *simulated.hands.borrow(),
        }
    }

    /// Returns once the wall clock shows `at` or later.
    pub async fn sleep_until(&self, at: Instant) {
        match self {
            Clock::System => loop {
                let left_ms = at.since(now());
                if left_ms <= 0 {
                    return;
                }
                real_sleep(left_ms.min(LOOK_AGAIN_MS)).await;
            },
            Clock::Simulated(simulated) => {
                let mut hands = simulated.hands.subscribe();
                let _asleep = Asleep::new(&simulated.sleepers, at);
                // The sender lives as long as this clock does.
                let _ = hands.wait_for(|hands| hands.wall >= at).await;
            }
        }
    }

    /// Lets `ms` pass where nothing but the load of a machine depends on it: before trying the database
    /// again, while gathering a batch. No time passes on a simulated clock.
    pub async fn pause(&self, ms: i64) {
        match self {
            Clock::System => real_sleep(ms).await,
            Clock::Simulated(_) => tokio::task::yield_now().await,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is what `Clock` offers instead")]
async fn real_sleep(ms: i64) {
    tokio::time::sleep(Duration::from_millis(ms.max(0).unsigned_abs())).await;
}

impl Simulated {
    /// Lets time pass until the wall clock shows `at`; earlier instants change nothing.
    pub fn advance_to(&self, at: Instant) {
        self.hands.send_if_modified(|hands| {
            let passed_ms = at.since(hands.wall).max(0);
            hands.wall = hands.wall.plus(passed_ms);
            hands.steady_ms += passed_ms;
            // Whoever begins to wait after this sees the new time; a replay, in which nobody does, wakes nobody.
            passed_ms > 0 && self.hands.receiver_count() > 0
        });
    }

    /// Who sleeps now, by when they want to be woken: whoever moves the clock learns from it how far nothing happens.
    pub fn sleepers(&self) -> watch::Receiver<BTreeMap<Instant, usize>> {
        self.sleepers.subscribe()
    }

    /// Sets the wall clock by `ms`, forward or back, while no time passes: what an administrator, or a
    /// machine that slept, does to it.
    pub fn step(&self, ms: i64) {
        self.hands.send_modify(|hands| hands.wall = hands.wall.plus(ms));
    }
}

impl<'c> Asleep<'c> {
    fn new(sleepers: &'c watch::Sender<Sleepers>, until: Instant) -> Asleep<'c> {
        sleepers.send_modify(|sleepers| *sleepers.entry(until).or_default() += 1);
        Asleep { sleepers, until }
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.sleepers.send_modify(|sleepers| match sleepers.get_mut(&self.until) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => drop(sleepers.remove(&self.until)),
        });
    }
}

impl Hands {
    /// By how much the wall clock jumped between this moment and `later`, in ms, if it did.
    pub fn jump_until(self, later: Hands) -> Option<i64> {
        let jump_ms = later.wall.since(self.wall) - (later.steady_ms - self.steady_ms);
        (!(-JUMP_BACKWARD_MS..=JUMP_FORWARD_MS).contains(&jump_ms)).then_some(jump_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[tokio::test]
    async fn a_simulated_sleep_ends_when_the_clock_is_moved_there() {
        let clock = Clock::simulated(at("2026-03-02T08:00:00Z"));
        let Clock::Simulated(hands) = clock.clone() else { unreachable!() };
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep_until(at("2026-03-02T09:00:00Z")).await;
                clock.now()
            }
        });
        hands.advance_to(at("2026-03-02T08:30:00Z"));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        hands.advance_to(at("2026-03-02T09:00:01Z"));
        assert_eq!(sleeper.await.unwrap(), at("2026-03-02T09:00:01Z"));
    }

    #[test]
    fn a_step_is_a_jump_and_the_passing_of_time_is_none() {
        let clock = Clock::simulated(at("2026-03-02T08:00:00Z"));
        let Clock::Simulated(hands) = clock.clone() else { unreachable!() };
        let before = clock.hands();
        hands.advance_to(at("2026-03-05T08:00:00Z"));
        assert_eq!(before.jump_until(clock.hands()), None);
        hands.step(-2 * crate::calendar::HOUR_MS);
        assert_eq!(before.jump_until(clock.hands()), Some(-2 * crate::calendar::HOUR_MS));
        hands.step(5 * crate::calendar::HOUR_MS);
        assert_eq!(before.jump_until(clock.hands()), Some(3 * crate::calendar::HOUR_MS));
        hands.step(-3 * crate::calendar::HOUR_MS + 1_000);
        assert_eq!(before.jump_until(clock.hands()), None);
    }
}
