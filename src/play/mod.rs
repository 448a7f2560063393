//! Playing: the engine behind its driver and its store, on a clock that stands still until it is moved,
//! with a platform that takes at once whatever is sent. Scenarios, replayed history and the console all
//! go through here, and so through the same driver as live talk.

pub mod figures;
pub mod history;
pub mod hours;
pub mod notes;
pub mod scenario;
pub mod scene;
pub mod session;
pub mod summary;
pub mod telling;
pub mod terminal;
pub mod veil;

use std::collections::BTreeMap;

use smol_str::format_smolstr;

use crate::calendar::Instant;
use crate::clock::Clock;
use crate::core::Engine;
use crate::core::action::{Action, ActionId};
use crate::core::event::{Event, Fate, Platform, What};
use crate::core::turn::Turn;
use crate::driver::{Driver, Inbound, Position, Stopped, Woken};
use crate::fault::{Faults, Point};
use crate::stop::Stop;
use crate::store::{Ages, Batch, Entry, Store, StoreError};

/// So many steps are committed together to a database where nothing is said meanwhile.
const STEPS_A_COMMIT: usize = 1_000;
/// And so many in memory: a commit costs next to nothing there, and what waits for it is read again while it is in the
/// processor's cache.
const STEPS_A_COMMIT_IN_MEMORY: usize = 32;
/// So many wakes in a row may bring nothing that can be seen.
const MOST_QUIET_WAKES: u32 = 10_000;

/// Why a play cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The driver stopped.
    #[error(transparent)]
    Driver(#[from] Stopped),
    /// The store will not serve any more.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine is due and does nothing.
    #[error("the engine is due at {due} and does nothing at {now}")]
    Stuck {
        /// When it is due.
        due: Instant,
        /// What time it is.
        now: Instant,
    },
}

/// What may end a play before it is over.
#[derive(Clone, Debug)]
pub struct Ends {
    /// Somebody asks for it.
    pub stop: Stop,
    /// A crash is planned.
    pub faults: Faults,
}

impl Ends {
    /// Nothing.
    pub fn none() -> Ends {
        Ends { stop: Stop::never(), faults: Faults::none() }
    }
}

/// Who hears what is decided and takes what is sent.
pub trait Audience {
    /// Something was decided, and is committed.
    fn decided(&mut self, turn: &Turn);

    /// Something is sent; what became of it.
    fn deliver(&mut self, action: &Action, now: Instant) -> Fate;

    /// How far the source of events has been read, once the delivery of `action` is known; committed with
    /// it. `None` for a source that has nothing to say about that.
    fn position(&self) -> Option<Position>;
}

/// See the module.
#[derive(Debug)]
pub struct Play {
    driver: Driver<Engine>,
    store: Store,
    clock: Clock,
    /// Which platform it is that takes what is sent.
    platform: Platform,
    faults: Faults,
}

impl Play {
    /// Starts on what the store holds, at `now`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(
        store: Store,
        platform: Platform,
        now: Instant,
        faults: Faults,
    ) -> Result<Play, PlayError> {
        let clock = Clock::simulated(now);
        let driver = Driver::open(store.clone(), clock.clone(), faults.clone()).await?;
        Ok(Play { driver, store, clock, platform, faults })
    }

    /// Starts again from the store, as after a crash. What was not committed is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn restart(self) -> Result<Play, PlayError> {
        let now = self.now();
        let Play { driver, store, platform, faults, .. } = self;
        drop(driver);
        let store = store.reopen().unwrap_or(store);
        Play::open(store, platform, now, faults).await
    }

    /// What time it is.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The driver.
    pub fn driver(&self) -> &Driver<Engine> {
        &self.driver
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Lets something happen. Time passes until then, with all that falls due on the way.
    ///
    /// # Errors
    /// When the play cannot go on.
    pub async fn happen(&mut self, inbound: Inbound, audience: &mut impl Audience) -> Result<(), PlayError> {
        self.pass_until(inbound.event.at, audience).await?;
        let now = self.now();
        self.driver.offer(inbound, now);
        self.settle_if_needed(audience).await
    }

    /// Lets something be heard, late as it may be: nothing that is due is looked at before.
    pub fn hear(&mut self, inbound: Inbound) {
        self.set_clock(inbound.event.at);
        let now = self.now();
        self.driver.offer(inbound, now);
    }

    /// Lets time pass until `to`; what falls due on the way happens at its instant.
    ///
    /// # Errors
    /// When the play cannot go on.
    pub async fn pass_until(&mut self, to: Instant, audience: &mut impl Audience) -> Result<(), PlayError> {
        self.wake_until(to, audience).await?;
        self.set_clock(to);
        Ok(())
    }

    async fn wake_until(&mut self, to: Instant, audience: &mut impl Audience) -> Result<(), PlayError> {
        let mut quiet = 0;
        while let Some(due) = self.driver.next_wake().filter(|due| *due <= to) {
            self.set_clock(due);
            let now = self.now();
            match self.driver.wake(now) {
                Woken::Moved => quiet = 0,
                // Where much is due and nothing comes of it, a wake looks at a part and says nothing.
                Woken::Quiet if quiet < MOST_QUIET_WAKES => quiet += 1,
                Woken::Quiet | Woken::Failed => return Err(PlayError::Stuck { due, now }),
            }
            self.settle_if_needed(audience).await?;
        }
        Ok(())
    }

    /// Like [`Play::pass_until`], and lets happen too what falls due up to `grace_ms` later. The clock
    /// shows `to` afterwards, or when the last of it happened.
    ///
    /// # Errors
    /// When the play cannot go on.
    pub async fn pass_until_with_grace(
        &mut self,
        to: Instant,
        grace_ms: i64,
        audience: &mut impl Audience,
    ) -> Result<(), PlayError> {
        self.wake_until(to.plus(grace_ms), audience).await?;
        self.set_clock(to);
        self.settle(audience).await
    }

    /// Keeps how far a source has been read, where nothing else is to be committed.
    ///
    /// # Errors
    /// When the store will not serve any more.
    pub async fn keep(&self, position: Position) -> Result<(), PlayError> {
        let positions = BTreeMap::from([(position.source, position.token)]);
        let now = self.now();
        let nothing = Batch {
            now,
            turns: &[],
            keys: &[],
            positions: &positions,
            memos: &[],
            fates: &[],
            rejected: &[],
        };
        self.store.commit(&nothing).await?;
        Ok(())
    }

    /// Removes from the store what has reached its age, so that a long history takes no more room than a short one.
    ///
    /// # Errors
    /// When the store will not serve any more.
    pub async fn sweep(&self) -> Result<(), PlayError> {
        self.store.sweep(self.now(), &Ages::default()).await?;
        Ok(())
    }

    /// Lets others have the store.
    pub async fn close(self) {
        drop(self.driver);
        self.store.close().await;
    }

    /// Moves the clock ahead without waking anybody.
    pub fn set_clock(&self, to: Instant) {
        if let Clock::Simulated(clock) = &self.clock {
            clock.advance_to(to);
        }
    }

    async fn settle_if_needed(&mut self, audience: &mut impl Audience) -> Result<(), PlayError> {
        let speaks = self.driver.decided().last().is_some_and(|turn| !turn.actions.is_empty());
        let most = match &self.store {
            Store::Memory(_) => STEPS_A_COMMIT_IN_MEMORY,
            Store::Sql(_) => STEPS_A_COMMIT,
        };
        if speaks || self.driver.waiting() >= most { self.settle(audience).await } else { Ok(()) }
    }

    /// Commits what was decided and delivers what is to be said, until there is nothing left of either.
    ///
    /// # Errors
    /// When the play cannot go on.
    pub async fn settle(&mut self, audience: &mut impl Audience) -> Result<(), PlayError> {
        loop {
            let done = self.driver.commit().await?;
            for turn in &done.turns {
                audience.decided(turn);
            }
            if done.entries.is_empty() {
                return Ok(());
            }
            self.deliver(done.entries, audience).await?;
        }
    }

    /// Sends what is committed, urgent things first, and tells the engine what became of each.
    async fn deliver(
        &mut self,
        mut entries: Vec<Entry>,
        audience: &mut impl Audience,
    ) -> Result<(), PlayError> {
        entries.sort_by_key(|entry| (entry.priority, entry.seq));
        let ids: Vec<ActionId> = entries.into_iter().map(|entry| entry.id).collect();
        let now = self.now();
        for claimed in self.store.claim(&ids).await? {
            let action = &claimed.action;
            self.pass(Point::AfterClaim)?;
            let fate = match action.not_after {
                Some(last) if last < now => Fate::Refused("it came too late to be of use".to_owned()),
                Some(_) | None => audience.deliver(action, now),
            };
            self.pass(Point::AfterSend)?;
            let what = What::Delivered { action: action.id.clone(), fate, errand: None };
            let key = format_smolstr!("delivered/{}", action.id);
            let event = Event { key, at: now, platform: self.platform, what };
            self.driver.offer(Inbound { position: audience.position(), ..event.into() }, now);
        }
        self.pass(Point::BeforeMark)
    }

    fn pass(&self, point: Point) -> Result<(), PlayError> {
        Ok(self.faults.at(point).map_err(Stopped::from)?)
    }
}
