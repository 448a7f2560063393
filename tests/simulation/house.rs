//! What a simulated house can do: hear, wake, send, die and start anew. There is a small one, made for speed and for
//! planted bugs, and the real one of driver, courier and store.

use std::collections::{BTreeMap, BTreeSet};

use usher::calendar::Instant;
use usher::core::action::ActionId;
use usher::core::event::{Event, EventKey, Fate};
use usher::core::record::{Record, RecordKey};
use usher::core::turn::Turn;

use super::book::Ms;

/// What happened to an event or a wake.
pub enum Outcome {
    /// It is committed, and acknowledged unless the process died in between.
    Committed { turn: Box<Turn>, died: bool },
    /// It was known.
    Known,
    /// Nothing was committed; the process died or starts anew.
    Lost,
}

/// What became of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Sent,
    Refused,
    Unknown,
}

/// What the house and the platform know of actions when all is over.
#[derive(Default)]
pub struct Ledger {
    /// How many messages an action led to.
    pub messages: BTreeMap<ActionId, usize>,
    /// Actions of which nobody could tell whether they had arrived.
    pub doubted: BTreeSet<ActionId>,
    /// What became of the actions that are finished.
    pub ends: BTreeMap<ActionId, End>,
    /// Events that could not be handled.
    pub rejected: Vec<String>,
}

/// See the module. `now` is always what Usher's clock shows.
pub trait House {
    /// Whether the process runs.
    fn is_up(&self) -> bool;

    /// The process dies.
    fn die(&mut self);

    /// A process starts on what is on the disk. Returns what it learns of actions that were being sent.
    fn start(&mut self, now: Ms) -> Vec<(ActionId, Fate)>;

    /// When a process was last known to run.
    fn last_alive(&self) -> Option<Instant>;

    /// Things go wrong from now on, or no more; whether they did.
    fn set_faults(&mut self, on: bool) -> bool;

    /// Whether what became of an action survives the death of the process before it is committed.
    fn finds_fates_again(&self) -> bool;

    /// When the engine wants to be woken.
    fn next_wake(&self) -> Option<Ms>;

    /// When something waits to be sent.
    fn next_send(&self, now: Ms) -> Option<Ms>;

    /// An event comes in.
    fn deliver(&mut self, event: &Event, now: Ms) -> Outcome;

    /// The engine is woken.
    fn wake(&mut self, now: Ms) -> Outcome;

    /// Something is sent; what became of it, where that is known.
    fn send(&mut self, now: Ms) -> Vec<(ActionId, Option<Fate>)>;

    /// What became of an action is committed.
    fn settled(&mut self, action: &ActionId);

    /// What is on the disk.
    fn records(&mut self) -> Vec<(RecordKey, Record)>;

    /// Actions that led to more than one message, and whether it was in doubt that they had led to any.
    fn repeated(&self) -> Vec<(ActionId, bool)>;

    /// What became of everything.
    fn ledger(&mut self) -> Ledger;

    /// A planted bug may spoil what comes late.
    fn spoil_late(&mut self, _event: &mut Event, _arrived: Ms) {}

    /// Whether a planted bug acknowledged an event that was not committed.
    fn forgot(&self, _key: &EventKey) -> bool {
        false
    }
}
