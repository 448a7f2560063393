//! The driver in a process: what waits is gathered, handled and committed together.
//!
//! An event that comes alone is committed at once. Under load a commit begins at the earliest
//! `gather_ms` after the one before, or when a batch is full, so that many events share it. Whoever must not wait longer than it
//! wants to is told [`NotTaken::Busy`](super::NotTaken::Busy); nothing else bounds the inbox but its length.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use smol_str::format_smolstr;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::handle::{DriverHandle, GapNotice, Question};
use super::inbound::Incoming;
use super::{Driver, Machine, Stopped, Woken};
use crate::calendar::{HOUR_MS, Instant, MINUTE_MS, SECOND_MS};
use crate::clock::{Clock, Hands};
use crate::core::event::{Event, Platform, What};
use crate::core::turn::Turn;
use crate::store::{Ages, Entry};

/// How many wakes share a commit.
const WAKES_A_COMMIT: usize = 256;
/// After this many wakes in a row that did nothing, while something is due, the machine counts as stuck.
const QUIET_WAKES: usize = 100_000;
/// How long nothing is tried after a wake that failed, in ms.
const AFTER_A_FAILED_WAKE_MS: i64 = MINUTE_MS;
/// A wake that comes later than this after its time is worth a line in the log, in ms.
const LATE_MS: i64 = 10 * SECOND_MS;

/// How many questions wait at most before whoever asks does.
const QUESTIONS: usize = 64;

/// How a driver runs.
#[derive(Debug)]
pub struct Options {
    /// How many events wait at most before their senders do.
    pub inbox: usize,
    /// How many events share a commit at most.
    pub batch: usize,
    /// How long after a commit the next one begins under load, in ms.
    pub gather_ms: i64,
    /// The platforms of which events can be missed: at the start, and when the clock jumps, each has a
    /// gap.
    pub platforms: Vec<Platform>,
    /// How long things are kept.
    pub ages: Ages,
    /// Where the courier learns what is to be sent.
    pub courier: Option<mpsc::UnboundedSender<Entry>>,
    /// Where every turn goes once it is committed.
    pub turns: Option<mpsc::UnboundedSender<Turn>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            inbox: 4096,
            batch: 256,
            gather_ms: 5,
            platforms: Vec::new(),
            ages: Ages::default(),
            courier: None,
            turns: None,
        }
    }
}

/// A running driver. Dropped, it ends where it is, as a killed process would.
#[derive(Debug)]
pub struct Task {
    stop: watch::Sender<bool>,
    running: JoinHandle<Result<(), Stopped>>,
}

impl Task {
    /// Takes no more events, commits and acknowledges what waits, and ends.
    ///
    /// # Errors
    /// When it had to stop before that was done.
    pub async fn shutdown(mut self) -> Result<(), Stopped> {
        // A driver that has ended by itself hears nothing and says why below.
        let _ = self.stop.send(true);
        self.ended().await
    }

    /// Waits until the driver ends by itself, which it does only when it must.
    pub async fn ended(&mut self) -> Result<(), Stopped> {
        ended((&mut self.running).await)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// How a task ended; its panic goes on here.
pub(crate) fn ended(joined: Result<Result<(), Stopped>, tokio::task::JoinError>) -> Result<(), Stopped> {
    match joined {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Ok(()),
        },
    }
}

/// Lets a driver run. Its first events say that every platform has a gap and that the process started.
pub fn start<M: Machine>(driver: Driver<M>, options: Options) -> (DriverHandle, Task) {
    let (inbox, waiting) = mpsc::channel(options.inbox);
    let (questions, asked) = mpsc::channel(QUESTIONS);
    let (gaps, _) = broadcast::channel(64);
    let (stop, stopping) = watch::channel(false);
    let handle = DriverHandle {
        inbox,
        questions,
        gaps: gaps.clone(),
        figures: Arc::clone(driver.figures()),
        positions: Arc::new(driver.positions().clone()),
        last_alive: driver.last_alive(),
    };
    let running = Running {
        hands: driver.clock.hands(),
        committed_ms: i64::MIN,
        swept_ms: i64::MIN,
        wake_hold: None,
        quiet_wakes: 0,
        renewal: driver.store.lease_ms().map(renewal),
        driver,
        options,
        waiting,
        asked,
        stopping,
        gaps,
    };
    (handle, Task { stop, running: tokio::spawn(running.run()) })
}

fn renewal(lease_ms: i64) -> Interval {
    let mut renewal = interval(Duration::from_millis((lease_ms / 3).max(100).unsigned_abs()));
    renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
    renewal
}

struct Running<M> {
    driver: Driver<M>,
    options: Options,
    waiting: mpsc::Receiver<Incoming>,
    asked: mpsc::Receiver<Question>,
    stopping: watch::Receiver<bool>,
    gaps: broadcast::Sender<GapNotice>,
    /// Both clocks when they were last looked at.
    hands: Hands,
    /// When the last commit began, by the steady clock.
    committed_ms: i64,
    /// When the last sweep was, by the steady clock.
    swept_ms: i64,
    /// No wake is tried before.
    wake_hold: Option<Instant>,
    /// How many wakes in a row did nothing.
    quiet_wakes: usize,
    renewal: Option<Interval>,
}

enum Next {
    Question(Question),
    Events(Vec<Incoming>),
    Due,
    Renew,
    Stop,
}

impl<M: Machine> Running<M> {
    async fn run(mut self) -> Result<(), Stopped> {
        self.begin().await?;
        loop {
            let next = self.wait().await;
            self.look_at_the_clock();
            match next {
                Next::Question(question) => self.answer(question),
                Next::Events(events) => self.handle(events).await?,
                Next::Due => self.handle(Vec::new()).await?,
                Next::Renew => self.renew().await?,
                Next::Stop => break,
            }
        }
        // Nothing more can be sent in; what is in the inbox already was promised an answer.
        self.waiting.close();
        while let Some(first) = self.waiting.recv().await {
            let events = self.gather(first);
            self.handle(events).await?;
        }
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), Stopped> {
        let (now, epoch) = (self.hands.wall, self.driver.store.epoch());
        let last_alive = self.driver.last_alive();
        let started = Event {
            key: format_smolstr!("started/{epoch}"),
            at: now,
            platform: Platform::Console,
            what: What::Started { last_alive },
        };
        // The gaps first: the answer to what fell due meanwhile may be among what was missed.
        self.declare_gaps(last_alive.unwrap_or(now), now);
        self.driver.offer(started.into(), now);
        self.commit().await
    }

    /// The next thing to do. Events come first: an answer that is here already is heard before the
    /// breach that it prevents.
    async fn wait(&mut self) -> Next {
        let next_wake = self.driver.next_wake().map(|due| self.wake_hold.map_or(due, |hold| due.max(hold)));
        let clock = self.driver.clock.clone();
        let stopping = &mut self.stopping;
        let first = tokio::select! {
            biased;
            Some(question) = self.asked.recv() => return Next::Question(question),
            first = self.waiting.recv() => first,
            _ = stopping.wait_for(|stop| *stop) => return Next::Stop,
            () = sleep_until(&clock, next_wake) => return Next::Due,
            () = tick(&mut self.renewal) => return Next::Renew,
        };
        let Some(first) = first else { return Next::Stop };
        let mut events = self.gather(first);
        let since_commit_ms = clock.hands().steady_ms.saturating_sub(self.committed_ms);
        // A full batch has nobody to wait for.
        if events.len() < self.options.batch && since_commit_ms < self.options.gather_ms {
            clock.pause(self.options.gather_ms - since_commit_ms).await;
            self.gather_more(&mut events);
        }
        Next::Events(events)
    }

    fn answer(&self, question: Question) {
        let machine = self.driver.machine();
        // Whoever asked may wait no more.
        match question {
            Question::OpenGaps(tell) => drop(tell.send(machine.open_gaps())),
            Question::OpenThreads(channel, tell) => drop(tell.send(machine.open_threads(&channel))),
        }
    }

    fn gather(&mut self, first: Incoming) -> Vec<Incoming> {
        let mut events = vec![first];
        self.gather_more(&mut events);
        events
    }

    fn gather_more(&mut self, events: &mut Vec<Incoming>) {
        while events.len() < self.options.batch
            && let Ok(event) = self.waiting.try_recv()
        {
            events.push(event);
        }
    }

    async fn handle(&mut self, mut events: Vec<Incoming>) -> Result<(), Stopped> {
        let now = self.hands.wall;
        // Many senders shuffle what they bring. It would end in the same state, but each message that is late costs
        // hearing its strand anew.
        for shuffled in events.split_mut(Incoming::keeps_its_place) {
            shuffled.sort_by_key(Incoming::at);
        }
        self.driver.recall(events.iter().filter_map(Incoming::key)).await?;
        let mut lookups = Vec::new();
        for incoming in events {
            match incoming {
                Incoming::Event(inbound) => self.driver.offer(inbound, now),
                Incoming::Unread(unread) => self.driver.set_aside(unread, now),
                Incoming::Remember(remember) => self.driver.remember(remember, now),
                Incoming::Lookup(lookup) => lookups.push(lookup),
            }
        }
        self.wake_what_is_due(now);
        self.commit().await?;
        for lookup in lookups {
            self.driver.look_up(lookup).await?;
        }
        Ok(())
    }

    fn wake_what_is_due(&mut self, now: Instant) {
        if self.wake_hold.is_some_and(|hold| now < hold) {
            return;
        }
        self.wake_hold = None;
        for _ in 0..WAKES_A_COMMIT {
            let Some(due) = self.driver.next_wake().filter(|due| *due <= now) else { return };
            // The beginning of time means at once, and nobody waited since then.
            let late_ms = if due == Instant::MIN { 0 } else { now.since(due) };
            self.driver.figures().late_by(late_ms);
            if late_ms > LATE_MS {
                tracing::warn!(%due, late_ms, "something due is handled late");
            }
            self.quiet_wakes = match self.driver.wake(now) {
                Woken::Moved => 0,
                Woken::Quiet => self.quiet_wakes + 1,
                Woken::Failed => QUIET_WAKES,
            };
            if self.quiet_wakes == QUIET_WAKES {
                tracing::error!(%due, "what is due could not be decided; it is tried again in a minute");
                self.quiet_wakes = 0;
                self.wake_hold = Some(now.plus(AFTER_A_FAILED_WAKE_MS));
                return;
            }
        }
    }

    async fn commit(&mut self) -> Result<(), Stopped> {
        // Where something was only looked up, whoever comes next need not wait for company.
        if self.driver.waiting() > 0 {
            self.committed_ms = self.driver.clock.hands().steady_ms;
        }
        let done = self.driver.commit().await?;
        if let Some(turns) = &self.options.turns {
            for turn in done.turns {
                // Who watched has gone; that is no reason to stop.
                let _ = turns.send(turn);
            }
        }
        if let Some(courier) = &self.options.courier {
            for entry in done.entries {
                // A courier that has gone finds them in the store when the next process starts.
                let _ = courier.send(entry);
            }
        }
        self.sweep().await
    }

    /// Removes what is old, once an hour while there is traffic: a team at rest makes nothing old.
    async fn sweep(&mut self) -> Result<(), Stopped> {
        let hands = self.driver.clock.hands();
        if hands.steady_ms.saturating_sub(self.swept_ms) < HOUR_MS {
            return Ok(());
        }
        self.swept_ms = hands.steady_ms;
        match self.driver.store.sweep(hands.wall, &self.options.ages).await {
            Ok(swept) => tracing::debug!(?swept, "removed what had reached its age"),
            Err(error) => self.driver.survive(error)?,
        }
        Ok(())
    }

    async fn renew(&mut self) -> Result<(), Stopped> {
        match self.driver.store.renew().await {
            Ok(()) => Ok(()),
            Err(error) => self.driver.survive(error),
        }
    }

    /// A wall clock that was set, or a machine that slept: events may have been missed meanwhile.
    fn look_at_the_clock(&mut self) {
        let (before, after) = (self.hands, self.driver.clock.hands());
        self.hands = after;
        let Some(jump_ms) = before.jump_until(after) else { return };
        tracing::warn!(jump_ms, before = %before.wall, after = %after.wall, "the clock jumped; every channel is read again");
        self.driver.figures().clock_jumps.add(1);
        self.wake_hold = None;
        self.declare_gaps(before.wall.min(after.wall), after.wall);
    }

    fn declare_gaps(&mut self, from: Instant, now: Instant) {
        let epoch = self.driver.store.epoch();
        for &platform in &self.options.platforms {
            let key = format_smolstr!("gap/{platform:?}/{epoch}/{}", self.driver.clock.hands().steady_ms);
            let what = What::Gap { channel: None, from };
            self.driver.offer(Event { key, at: now, platform, what }.into(), now);
            // Nobody has to listen: a platform's adapter may not have started yet.
            let _ = self.gaps.send(GapNotice { platform, from });
        }
    }
}

async fn sleep_until(clock: &Clock, at: Option<Instant>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => pending().await,
    }
}

async fn tick(renewal: &mut Option<Interval>) {
    match renewal {
        Some(renewal) => {
            renewal.tick().await;
        }
        None => pending().await,
    }
}
