//! The driver: the one writer. Events go through the engine into one transaction; only then are they
//! acknowledged and may anything be sent.
//!
//! [`Driver`] does this step by step for whoever holds it; [`start`] does it for a process in
//! which many wait. Whatever fails, no event is lost: it is committed, or set aside in the store, or was
//! never acknowledged.

mod figures;
mod handle;
mod inbound;
mod machine;
mod run;
mod seen;
mod step;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use smol_str::SmolStr;

pub use figures::{Counter, Figures};
pub use handle::{DriverHandle, GapNotice, NotTaken};
pub use inbound::{Acked, Inbound, Position, Remember, Unread};
pub use machine::Machine;
pub(crate) use run::ended;
pub use run::{Options, Task, start};

pub use crate::store::{Memo, MemoKind};

use self::inbound::{Lookup, Which};
use self::seen::Seen;
use self::step::{Cause, State, Step};
use crate::calendar::{Instant, SECOND_MS};
use crate::clock::Clock;
use crate::core::action::ActionId;
use crate::core::event::{EventKey, Fate, What};
use crate::core::turn::Turn;
use crate::fault::{Faults, Injected, Point};
use crate::store::{Batch, Entry, Loaded, Rejected, Remedy, Store, StoreError};

/// How often a batch is tried whole when the database refuses it.
const TRIES: u32 = 3;
/// How long to wait before a database that did not answer is tried again: at first, and at most, in ms.
const RETRY_MS: (i64, i64) = (100, 5 * SECOND_MS);

/// Why a driver can go on no longer.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The database will not serve this process any more.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine cannot read its records.
    #[error("the engine cannot read what the store holds: {0}")]
    Unreadable(String),
    /// A planned crash.
    #[error("planned crash at {}", .0.name())]
    Crashed(Point),
}

impl From<Injected> for Stopped {
    fn from(injected: Injected) -> Stopped {
        match injected {
            Injected::Store(error) => Stopped::Store(error),
            Injected::Crash(point) => Stopped::Crashed(point),
        }
    }
}

/// What a commit brought.
#[derive(Debug, Default)]
pub struct Done {
    /// What was decided, in order; wakes that decided nothing are left out.
    pub turns: Vec<Turn>,
    /// What is to be sent; after a failed commit also rows that were told of before.
    pub entries: Vec<Entry>,
}

/// What a wake did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something was decided, or something else is due next.
    Moved,
    /// Nothing that can be seen: nothing was due, or the machine looked at a part of what is due and
    /// decided to do nothing about it.
    Quiet,
    /// The machine failed.
    Failed,
}

/// The engine between its store and whoever brings events.
#[derive(Debug)]
pub struct Driver<M> {
    store: Store,
    clock: Clock,
    faults: Faults,
    machine: M,
    seen: Seen,
    /// What waits for the next commit, in order.
    kept: Vec<Step>,
    turns: Vec<Turn>,
    /// Whether the machine is ahead of the store by something that is not in `turns`, and has to be
    /// loaded again.
    stale: bool,
    /// Unfinished rows of the outbox that a load found.
    found: Vec<Entry>,
    positions: BTreeMap<SmolStr, String>,
    last_alive: Option<Instant>,
    figures: Arc<Figures>,
}

impl<M: Machine> Driver<M> {
    /// Loads the machine from the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(store: Store, clock: Clock, faults: Faults) -> Result<Driver<M>, Stopped> {
        let Loaded { records, entries, seen, seen_is_complete, positions, last_alive } = store.load().await?;
        Ok(Driver {
            machine: M::load(records).map_err(Stopped::Unreadable)?,
            seen: Seen::new(seen, seen_is_complete),
            kept: Vec::new(),
            turns: Vec::new(),
            stale: false,
            found: entries,
            positions,
            last_alive,
            figures: Arc::default(),
            store,
            clock,
            faults,
        })
    }

    /// When the machine has something to do next.
    pub fn next_wake(&self) -> Option<Instant> {
        self.machine.next_wake()
    }

    /// The machine as it is after all that was offered, committed or not.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// How far each source had been read when the store was opened.
    pub fn positions(&self) -> &BTreeMap<SmolStr, String> {
        &self.positions
    }

    /// When the process before this one made its last commit.
    pub fn last_alive(&self) -> Option<Instant> {
        self.last_alive
    }

    /// What was counted since the driver was opened.
    pub fn figures(&self) -> &Arc<Figures> {
        &self.figures
    }

    /// What was decided since the last commit, in order.
    pub fn decided(&self) -> &[Turn] {
        &self.turns
    }

    /// How many steps wait for the next commit.
    pub fn waiting(&self) -> usize {
        self.kept.len()
    }

    /// Handles an event as of `now`; [`Driver::commit`] makes it last and acknowledges it.
    pub fn offer(&mut self, inbound: Inbound, now: Instant) {
        self.kept.push(Step::event(inbound, now));
        self.play_last();
    }

    /// Keeps aside what cannot be read; [`Driver::commit`] makes it last and acknowledges it.
    pub fn set_aside(&mut self, unread: Unread, now: Instant) {
        let is_known = !self.seen.add(unread.key.clone());
        self.kept.push(Step::unread(unread, is_known, now));
    }

    /// Keeps memos, and how far a source has been read, without an event; [`Driver::commit`] makes them last and
    /// acknowledges them.
    pub fn remember(&mut self, remember: Remember, now: Instant) {
        self.kept.push(Step::remember(remember, now));
    }

    /// Lets the machine do what is due at `now`, a bounded part of it; [`Driver::next_wake`] tells whether
    /// there is more.
    pub fn wake(&mut self, now: Instant) -> Woken {
        let before = (self.turns.len(), self.machine.next_wake());
        self.kept.push(Step::wake(now));
        self.play_last();
        if self.stale {
            Woken::Failed
        } else if before == (self.turns.len(), self.machine.next_wake()) {
            Woken::Quiet
        } else {
            Woken::Moved
        }
    }

    fn play_last(&mut self) {
        if !self.stale {
            self.play(self.kept.len() - 1);
        }
    }

    /// Looks up in the store which of these events were handled so long ago that this process has
    /// forgotten them. Costs nothing unless it has.
    ///
    /// # Errors
    /// When the store will not serve this process any more.
    pub async fn recall(&mut self, keys: impl Iterator<Item = &EventKey>) -> Result<(), Stopped> {
        if self.seen.is_complete() {
            return Ok(());
        }
        let unsure: Vec<EventKey> = keys.filter(|key| !self.seen.contains(key)).cloned().collect();
        if unsure.is_empty() {
            return Ok(());
        }
        let mut wait_ms = RETRY_MS.0;
        loop {
            match self.store.known(&unsure).await {
                Ok(known) => {
                    for key in known {
                        self.seen.add(key);
                    }
                    return Ok(());
                }
                Err(error) => self.wait_after(error, &mut wait_ms).await?,
            }
        }
    }

    /// Answers from what is committed, as soon as the store can be read.
    async fn look_up(&mut self, lookup: Lookup) -> Result<(), Stopped> {
        let mut wait_ms = RETRY_MS.0;
        // Whoever asked may wait no more.
        while !lookup.tell.is_closed() {
            let found = match &lookup.which {
                Which::Key(key) => {
                    let memo = self.store.memo(lookup.kind, key).await;
                    memo.map(|value| value.map(|value| (key.clone(), value)).into_iter().collect())
                }
                Which::Newest(most) => self.store.memos(lookup.kind, *most).await,
            };
            match found {
                Err(error) if error.remedy() != Remedy::SetAside => {
                    self.wait_after(error, &mut wait_ms).await?;
                }
                // A key that the database will not even be asked for is none that it holds.
                found => {
                    drop(lookup.tell.send(found.unwrap_or_default()));
                    break;
                }
            }
        }
        Ok(())
    }

    /// Commits all that was offered, then acknowledges it.
    ///
    /// # Errors
    /// When this process must stop. What was offered is then neither committed nor acknowledged.
    pub async fn commit(&mut self) -> Result<Done, Stopped> {
        let mut refused = 0;
        let mut wait_ms = RETRY_MS.0;
        loop {
            if self.stale {
                self.load_again().await?;
            }
            let error = match self.try_commit().await {
                Ok(done) => return Ok(done),
                Err(Injected::Crash(point)) => return Err(Stopped::Crashed(point)),
                Err(Injected::Store(error)) => error,
            };
            self.figures.failed_commits.add(1);
            self.stale = true;
            match error.remedy() {
                Remedy::Stop => return Err(error.into()),
                Remedy::Retry => self.wait_after(error, &mut wait_ms).await?,
                Remedy::SetAside if refused + 1 < TRIES => {
                    refused += 1;
                    tracing::warn!(%error, refused, "the database refused a batch");
                }
                Remedy::SetAside if self.kept.len() == 1 => self.set_aside_the_only_one(error)?,
                Remedy::SetAside => return Box::pin(self.commit_one_at_a_time()).await,
            }
        }
    }

    async fn commit_one_at_a_time(&mut self) -> Result<Done, Stopped> {
        let mut all = Done::default();
        for step in std::mem::take(&mut self.kept) {
            self.kept.push(step);
            self.play_last();
            let done = self.commit().await?;
            all.turns.extend(done.turns);
            all.entries.extend(done.entries);
        }
        Ok(all)
    }

    /// Gives up the one step that is left; if even without it the batch was refused, the process has to stop,
    /// for the event would be lost.
    fn set_aside_the_only_one(&mut self, error: StoreError) -> Result<(), Stopped> {
        let was_left = self.kept.first_mut().is_some_and(|step| step.give_up(&error));
        if was_left { Ok(()) } else { Err(error.into()) }
    }

    /// Goes on after an error of something that will be tried again anyway.
    fn survive(&self, error: StoreError) -> Result<(), Stopped> {
        match error.remedy() {
            Remedy::Stop => Err(error.into()),
            Remedy::Retry | Remedy::SetAside => {
                tracing::warn!(%error, "the database is not available; this is tried again later");
                Ok(())
            }
        }
    }

    async fn wait_after(&mut self, error: StoreError, wait_ms: &mut i64) -> Result<(), Stopped> {
        if error.remedy() != Remedy::Retry {
            return Err(error.into());
        }
        tracing::warn!(%error, wait_ms, "the database is not available; events wait, unacknowledged");
        self.clock.pause(*wait_ms).await;
        *wait_ms = (*wait_ms * 2).min(RETRY_MS.1);
        Ok(())
    }

    /// Loads the machine again and lets it handle all that is kept, as of the same instants.
    async fn load_again(&mut self) -> Result<(), Stopped> {
        let mut wait_ms = RETRY_MS.0;
        while self.stale {
            let loaded = match self.store.load().await {
                Ok(loaded) => loaded,
                Err(error) => {
                    self.wait_after(error, &mut wait_ms).await?;
                    continue;
                }
            };
            self.machine = M::load(loaded.records).map_err(Stopped::Unreadable)?;
            self.seen = Seen::new(loaded.seen, loaded.seen_is_complete);
            // A commit whose answer was lost may have left rows of which the courier was not told.
            self.found = loaded.entries;
            self.turns.clear();
            self.stale = false;
            let keys: Vec<EventKey> = self.kept.iter().filter_map(|step| step.key().cloned()).collect();
            self.recall(keys.iter()).await?;
            for index in 0..self.kept.len() {
                if !self.stale {
                    self.play(index);
                }
            }
        }
        Ok(())
    }

    /// Lets the machine handle one kept step. After a panic the step is rejected and the machine stale.
    fn play(&mut self, index: usize) {
        let step = &mut self.kept[index];
        if step.is_rejected() {
            return;
        }
        let machine = &mut self.machine;
        let turn = match &step.cause {
            Cause::Event(inbound) => {
                if !self.seen.add(inbound.event.key.clone()) {
                    step.state = State::Known;
                    return;
                }
                catch_unwind(AssertUnwindSafe(|| machine.handle(&inbound.event, step.now)))
            }
            Cause::Unread(_) | Cause::Remember(_) => return,
            Cause::Wake => catch_unwind(AssertUnwindSafe(|| machine.wake(step.now))),
        };
        match turn {
            Ok(turn) => {
                step.state = State::Handled;
                if turn.cause.is_some() || !turn.is_empty() {
                    self.turns.push(turn);
                }
            }
            Err(panic) => {
                step.state =
                    State::Rejected(format!("the engine failed: {}", step::panic_text(panic.as_ref())));
                self.stale = true;
            }
        }
    }

    async fn try_commit(&mut self) -> Result<Done, Injected> {
        let keys: Vec<EventKey> = self
            .kept
            .iter()
            .filter(|step| step.state == State::Handled)
            .filter_map(|step| step.key().cloned())
            .collect();
        let positions: BTreeMap<SmolStr, String> = self.kept.iter().filter_map(Step::position).collect();
        let fates: Vec<(ActionId, Fate)> = self.kept.iter().filter_map(Step::fate).collect();
        let rejected: Vec<Rejected> = self.kept.iter().filter_map(Step::rejected).collect();
        let memos: Vec<&Memo> = self.kept.iter().flat_map(Step::memos).collect();
        let mut entries = std::mem::take(&mut self.found);
        if let Some(now) = self.kept.last().map(|step| step.now)
            && !(self.turns.iter().all(Turn::is_empty)
                && keys.is_empty()
                && positions.is_empty()
                && fates.is_empty()
                && rejected.is_empty()
                && memos.is_empty())
        {
            let turns = &self.turns;
            let (keys, memos, fates) = (keys.as_slice(), memos.as_slice(), fates.as_slice());
            let batch = Batch { now, turns, keys, positions: &positions, memos, fates, rejected: &rejected };
            self.faults.at(Point::BeforeCommit)?;
            let committed = self.store.commit(&batch).await.map_err(Injected::Store)?;
            self.faults.at(Point::AfterCommit)?;
            entries.extend(committed.entries);
            self.figures.commits.add(1);
            self.figures.committed_at(now);
        }
        self.figures.due_next(self.machine.next_wake());
        self.acknowledge();
        self.faults.at(Point::AfterAcknowledge)?;
        Ok(Done { turns: std::mem::take(&mut self.turns), entries })
    }

    fn acknowledge(&mut self) {
        for step in self.kept.drain(..) {
            step.count(&self.figures);
            if let Some(key) = step.key().filter(|_| step.is_rejected()) {
                self.seen.add(key.clone());
            }
            step.acknowledge();
        }
    }
}

/// What an event says about the fate of an action.
pub(crate) fn fate_in(what: &What) -> Option<(&ActionId, &Fate)> {
    if let What::Delivered { action, fate, .. } = what { Some((action, fate)) } else { None }
}
