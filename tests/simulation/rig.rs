//! The house in small: an engine, a disk that outlives it, an outbox, and a platform that misbehaves.
//!
//! It keeps the rules of the real house (decide, then commit, then acknowledge, then send) step by step, so
//! that the process can die between any two of them.

use std::collections::{BTreeMap, BTreeSet};

use usher::calendar::Instant;
use usher::core::Engine;
use usher::core::action::{Action, ActionId, IfUnknown, Target};
use usher::core::event::{Event, EventKey, Fate, MessageRef, What};
use usher::core::record::{Record, RecordKey};
use usher::core::turn::{Change, Turn};

use super::book::{MINUTE, Ms};
use super::bugs::Bug;
use super::chance::Chance;
use super::house::{End, House, Ledger, Outcome};

/// What outlives the process.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub records: BTreeMap<RecordKey, Record>,
    pub seen: BTreeSet<EventKey>,
    pub outbox: BTreeMap<ActionId, Row>,
    order: i64,
    pub last_alive: Option<Instant>,
}

/// An action that waits, or waited.
#[derive(Clone, Debug)]
pub struct Row {
    pub action: Action,
    pub state: State,
    order: i64,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits, at least until then.
    Pending(Ms),
    /// Somebody began to send it.
    Sending,
    Sent,
    Unknown,
    Dropped,
}

/// Where the process may die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    BeforeCommit,
    CommitFails,
    AfterCommit,
}

/// The chat, as far as Usher writes in it.
#[derive(Default)]
pub struct Platform {
    /// Every message of Usher's, by the action that led to it.
    pub messages: BTreeMap<ActionId, usize>,
    /// Actions of which nobody could tell whether they had arrived.
    pub doubted: BTreeSet<ActionId>,
    count: u64,
}

/// What the platform said to a call.
enum Reply {
    Taken(MessageRef),
    Later(Ms),
    /// No answer came; the message may be there.
    Silence,
}

/// See the module.
pub struct Rig {
    engine: Option<Engine>,
    disk: Disk,
    platform: Platform,
    chance: Chance,
    /// Whether things go wrong.
    faults: bool,
    bug: Option<Bug>,
    /// Keys that a bug acknowledged too early.
    forgotten: BTreeSet<EventKey>,
}

impl Rig {
    /// A new house.
    pub fn new(seed: u64, bug: Option<Bug>) -> Rig {
        Rig {
            engine: None,
            disk: Disk::default(),
            platform: Platform::default(),
            chance: Chance::new(seed, 3),
            faults: true,
            bug,
            forgotten: BTreeSet::new(),
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn load(&mut self) {
        let mut records: Vec<(RecordKey, Record)> =
            self.disk.records.iter().map(|(key, record)| (key.clone(), record.clone())).collect();
        if let Some(bug) = self.bug {
            bug.spoil_records(&mut records);
        }
        self.engine = Some(Engine::load(records).expect("what the engine wrote it can read"));
    }

    fn fault(&mut self) -> Option<Point> {
        let at = self.faults.then(|| self.chance.between(0, 999))?;
        match at {
            0..8 => Some(Point::BeforeCommit),
            8..14 => Some(Point::CommitFails),
            14..22 => Some(Point::AfterCommit),
            _ => None,
        }
    }

    fn at(&mut self, now: Ms) -> Instant {
        let late = if self.has(Bug::ClockAhead) { 60 * MINUTE } else { 0 };
        Instant::from_ms(now + late)
    }

    fn commit(&mut self, mut turn: Turn, key: Option<EventKey>, fault: Option<Point>) -> Outcome {
        match fault {
            Some(Point::BeforeCommit) => {
                self.die();
                return Outcome::Lost;
            }
            Some(Point::CommitFails) => {
                // What the engine decided is not on the disk: it is loaded again from what is.
                if !self.has(Bug::KeepsUncommitted) {
                    self.load();
                }
                return Outcome::Lost;
            }
            Some(Point::AfterCommit) | None => {}
        }
        if let Some(bug) = self.bug {
            bug.spoil_turn(&mut turn, &mut self.chance);
        }
        self.write(&turn);
        if let Some(key) = key {
            self.disk.seen.insert(key);
        }
        self.disk.last_alive = Some(turn.now);
        let died = fault == Some(Point::AfterCommit);
        if died {
            self.die();
        }
        Outcome::Committed { turn: Box::new(turn), died }
    }

    fn write(&mut self, turn: &Turn) {
        for change in &turn.changes {
            match change {
                Change::Put(key, record) => {
                    self.disk.records.insert(key.clone(), record.clone());
                }
                Change::Delete(key) => {
                    self.disk.records.remove(key);
                }
                Change::DeleteAll(kind, owner) => {
                    self.disk.records.retain(|key, _| key.kind != *kind || key.owner != *owner);
                }
            }
        }
        for action in &turn.actions {
            let order = self.disk.order;
            self.disk.order += 1;
            let row = Row { action: action.clone(), state: State::Pending(0), order };
            self.disk.outbox.entry(action.id.clone()).or_insert(row);
        }
    }

    /// The courier sends one thing that waits. Returns what became of it, if that is known, and whether the
    /// process died of it.
    fn send_one(&mut self, now: Ms) -> Option<(ActionId, Option<Fate>)> {
        let due = |row: &&Row| matches!(row.state, State::Pending(at) if at <= now);
        let row = self.disk.outbox.values().filter(due).min_by_key(|row| (row.action.priority, row.order))?;
        let (id, action) = (row.action.id.clone(), row.action.clone());
        if action.not_after.is_some_and(|limit| limit.ms() < now) {
            self.set(&id, State::Dropped);
            return Some((id, Some(Fate::Refused("too late to be of use".to_owned()))));
        }
        self.set(&id, State::Sending);
        let reply = self.call(&action, now);
        if self.has(Bug::SendsTwice) {
            self.call(&action, now);
        }
        if self.faults && self.chance.percent(1) {
            self.die();
            return Some((id, None));
        }
        let fate = match reply {
            Reply::Taken(message) => self.sent(&id, message),
            Reply::Later(at) => {
                self.set(&id, State::Pending(at));
                return Some((id, None));
            }
            Reply::Silence => self.look_up(&action, now)?,
        };
        Some((id, Some(fate)))
    }

    fn set(&mut self, id: &ActionId, state: State) {
        if let Some(row) = self.disk.outbox.get_mut(id) {
            row.state = state;
        }
    }

    fn sent(&mut self, id: &ActionId, message: MessageRef) -> Fate {
        self.set(id, State::Sent);
        Fate::Sent(Some(message))
    }

    fn call(&mut self, action: &Action, now: Ms) -> Reply {
        let fault = if self.faults { self.chance.between(0, 99) } else { 99 };
        match fault {
            0..4 => Reply::Later(now + self.chance.between(1, 90) * 1_000),
            4..6 => Reply::Later(now + 30_000),
            6..8 => {
                self.post(action);
                Reply::Silence
            }
            8 => Reply::Silence,
            _ => Reply::Taken(self.post(action)),
        }
    }

    fn post(&mut self, action: &Action) -> MessageRef {
        self.platform.count += 1;
        *self.platform.messages.entry(action.id.clone()).or_default() += 1;
        let channel = match &action.to {
            Target::Thread { channel, .. }
            | Target::Channel { channel, .. }
            | Target::Private { channel, .. } => channel.clone(),
            Target::Direct { user, .. } => format!("D-{user}").into(),
            Target::Home { .. } | Target::Amend { .. } | Target::Page { .. } => "elsewhere".into(),
        };
        MessageRef { channel, id: format!("99{:08}.000001", self.platform.count).into() }
    }

    /// Nobody answered: the platform is asked whether the message is there. Now and then it cannot tell.
    fn look_up(&mut self, action: &Action, now: Ms) -> Option<Fate> {
        let id = &action.id;
        let can_tell = !self.faults || self.chance.percent(70);
        let is_there = self.platform.messages.contains_key(id);
        if can_tell && is_there {
            let message = MessageRef { channel: "found".into(), id: format!("found-{id}").into() };
            return Some(self.sent(id, message));
        }
        if can_tell {
            self.set(id, State::Pending(now + 1_000));
            return None;
        }
        let repeats = action.if_unknown == IfUnknown::Repeat;
        if repeats {
            self.platform.doubted.insert(id.clone());
        }
        if repeats || self.has(Bug::RepeatsUnknown) {
            self.set(id, State::Pending(now + 1_000));
            return None;
        }
        self.set(id, State::Unknown);
        Some(Fate::Unknown("no answer".to_owned()))
    }

    /// After a start: what somebody began to send is looked up at the platform.
    fn read_back(&mut self) -> Vec<(ActionId, Fate)> {
        let begun = self.disk.outbox.iter().filter(|(_, row)| row.state == State::Sending);
        let begun: Vec<ActionId> = begun.map(|(id, _)| id.clone()).collect();
        let mut learnt = Vec::new();
        for id in begun {
            let there = self.platform.messages.contains_key(&id);
            if there && !self.has(Bug::SendsAgainAfterCrash) {
                let message = MessageRef { channel: "found".into(), id: format!("found-{id}").into() };
                let fate = self.sent(&id, message);
                learnt.push((id, fate));
            } else {
                self.set(&id, State::Pending(0));
            }
        }
        learnt
    }
}

impl House for Rig {
    fn is_up(&self) -> bool {
        self.engine.is_some()
    }

    fn die(&mut self) {
        self.engine = None;
    }

    fn start(&mut self, _now: Ms) -> Vec<(ActionId, Fate)> {
        if self.has(Bug::LosesOutboxRow) {
            let lost = self.disk.outbox.iter().find(|(_, row)| matches!(row.state, State::Pending(_)));
            if let Some(id) = lost.map(|(id, _)| id.clone()) {
                self.disk.outbox.remove(&id);
            }
        }
        self.load();
        self.read_back()
    }

    fn last_alive(&self) -> Option<Instant> {
        self.disk.last_alive
    }

    fn set_faults(&mut self, on: bool) -> bool {
        std::mem::replace(&mut self.faults, on)
    }

    fn finds_fates_again(&self) -> bool {
        false
    }

    fn next_wake(&self) -> Option<Ms> {
        self.engine.as_ref()?.next_wake().map(Instant::ms)
    }

    fn next_send(&self, _now: Ms) -> Option<Ms> {
        let waits = |row: &Row| match row.state {
            State::Pending(at) => Some(at),
            State::Sending | State::Sent | State::Unknown | State::Dropped => None,
        };
        self.disk.outbox.values().filter_map(waits).min()
    }

    fn deliver(&mut self, event: &Event, now: Ms) -> Outcome {
        let mut event = event.clone();
        if self.disk.seen.contains(&event.key) {
            let What::Posted(posted) = &mut event.what else { return Outcome::Known };
            if !self.has(Bug::HandlesTwice) {
                return Outcome::Known;
            }
            posted.message.id = posted.message.id.replace(".000100", ".000200").into();
        }
        let fault = self.fault();
        if self.has(Bug::AcknowledgesEarly) && matches!(fault, Some(Point::BeforeCommit | Point::CommitFails))
        {
            self.forgotten.insert(event.key.clone());
        }
        if let Some(bug) = self.bug {
            bug.spoil_event(&mut event, &mut self.chance);
        }
        let at = self.at(now);
        let engine = self.engine.as_mut().expect("only a running process hears");
        let turn = engine.handle(&event, at);
        self.commit(turn, Some(event.key), fault)
    }

    fn wake(&mut self, now: Ms) -> Outcome {
        let fault = self.fault();
        let at = self.at(now);
        let engine = self.engine.as_mut().expect("only a running process wakes");
        let turn = engine.wake(at);
        self.commit(turn, None, fault)
    }

    fn send(&mut self, now: Ms) -> Vec<(ActionId, Option<Fate>)> {
        self.send_one(now).into_iter().collect()
    }

    fn settled(&mut self, _action: &ActionId) {}

    fn records(&mut self) -> Vec<(RecordKey, Record)> {
        self.disk.records.iter().map(|(key, record)| (key.clone(), record.clone())).collect()
    }

    fn repeated(&self) -> Vec<(ActionId, bool)> {
        let repeated = self.platform.messages.iter().filter(|(_, count)| **count > 1);
        repeated.map(|(id, _)| (id.clone(), self.platform.doubted.contains(id))).collect()
    }

    fn ledger(&mut self) -> Ledger {
        let end = |row: &Row| match row.state {
            State::Pending(_) | State::Sending => None,
            State::Sent => Some(End::Sent),
            State::Unknown => Some(End::Unknown),
            State::Dropped => Some(End::Refused),
        };
        let rows = self.disk.outbox.iter();
        Ledger {
            messages: self.platform.messages.clone(),
            doubted: self.platform.doubted.clone(),
            ends: rows.filter_map(|(id, row)| Some((id.clone(), end(row)?))).collect(),
            rejected: Vec::new(),
        }
    }

    fn spoil_late(&mut self, event: &mut Event, arrived: Ms) {
        if let Some(bug) = self.bug {
            bug.spoil_late(event, Instant::from_ms(arrived));
        }
    }

    fn forgot(&self, key: &EventKey) -> bool {
        self.forgotten.contains(key)
    }
}
