//! What the store takes and gives: everything that one transaction commits, and what a new process
//! finds.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use super::memo::Memo;
use crate::calendar::Instant;
use crate::core::action::{Action, ActionId, Priority, Target};
use crate::core::event::{EventKey, Fate, MessageRef, Platform};
use crate::core::record::{Record, RecordKey};
use crate::core::turn::Turn;

/// What one transaction commits: all of it, or none.
#[derive(Debug)]
pub struct Batch<'a> {
    /// When it was decided.
    pub now: Instant,
    /// What the engine decided, in order.
    pub turns: &'a [Turn],
    /// The events that were handled.
    pub keys: &'a [EventKey],
    /// How far each source has been read.
    pub positions: &'a BTreeMap<SmolStr, String>,
    /// What adapters have to remember, in order.
    pub memos: &'a [&'a Memo],
    /// What became of actions.
    pub fates: &'a [(ActionId, Fate)],
    /// Events that could not be handled.
    pub rejected: &'a [Rejected],
}

/// An event that could not be handled, kept so that somebody can look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The event's key.
    pub key: EventKey,
    /// When it was given up.
    pub at: Instant,
    /// The event as JSON.
    pub raw: String,
    /// Why.
    pub error: String,
}

/// Where actions wait for each other: what goes to one channel or person is sent in order.
pub type Lane = SmolStr;

/// A row of the outbox that is not finished, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The action.
    pub id: ActionId,
    /// Its place in the order in which actions were decided.
    pub seq: i64,
    /// Where it waits.
    pub lane: Lane,
    /// Whether it overtakes what waits.
    pub priority: Priority,
    /// The action whose message it replaces.
    pub amends: Option<ActionId>,
    /// Whether a process had begun to send it: then it must be looked up first.
    pub begun: bool,
    /// It is not tried again before.
    pub not_before: Option<Instant>,
    /// After this instant it is pointless.
    pub not_after: Option<Instant>,
    /// When it was decided.
    pub created_at: Instant,
    /// How often it was tried.
    pub attempts: i64,
}

/// What a new process finds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// All that the engine remembers, in the order of the keys.
    pub records: Vec<(RecordKey, Record)>,
    /// What is not finished, in the order in which it was decided.
    pub entries: Vec<Entry>,
    /// The events that were handled lately, oldest first, and those that were rejected.
    pub seen: Vec<EventKey>,
    /// Whether `seen` is all that the store knows.
    pub seen_is_complete: bool,
    /// How far each source has been read.
    pub positions: BTreeMap<SmolStr, String>,
    /// When the last commit was.
    pub last_alive: Option<Instant>,
}

/// An action that may now be sent: that it may have been is already committed.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// What to send.
    pub action: Action,
    /// How often it has been tried, this time included.
    pub attempts: i64,
    /// For an amendment, what became of the message that it replaces.
    pub original: Option<Original>,
}

/// What became of the message that an amendment replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Original {
    /// It was sent, and is called so.
    Sent(MessageRef),
    /// It waits, or is being sent.
    Unfinished,
    /// It was not sent, or nobody knows, or it has no name: there is nothing to replace.
    Gone,
}

/// An action that is to be tried again later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postponed {
    /// Which.
    pub id: ActionId,
    /// Not before.
    pub not_before: Instant,
    /// Why, in the platform's words.
    pub why: String,
}

/// How long things are kept, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// Event keys.
    pub seen_ms: i64,
    /// Finished rows of the outbox.
    pub outbox_ms: i64,
    /// Rejected events.
    pub rejected_ms: i64,
    /// Memos of a kind that ages, since they were last written.
    pub memos_ms: i64,
}

impl Default for Ages {
    fn default() -> Ages {
        use crate::calendar::DAY_MS;
        Ages { seen_ms: 7 * DAY_MS, outbox_ms: 30 * DAY_MS, rejected_ms: 30 * DAY_MS, memos_ms: 30 * DAY_MS }
    }
}

/// How many rows had reached their age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Event keys.
    pub seen: u64,
    /// Finished rows of the outbox.
    pub outbox: u64,
    /// Rejected events.
    pub rejected: u64,
    /// Memos.
    pub memos: u64,
}

impl Entry {
    /// The row of an action that was just decided. `lane` is that of the message it amends, if it does.
    pub(super) fn new(action: &Action, seq: i64, lane: Lane, now: Instant) -> Entry {
        Entry {
            id: action.id.clone(),
            seq,
            lane,
            priority: action.priority,
            amends: amended(&action.to).cloned(),
            begun: false,
            not_before: None,
            not_after: action.not_after,
            created_at: now,
            attempts: 0,
        }
    }
}

/// The action whose message an action replaces.
pub(super) fn amended(target: &Target) -> Option<&ActionId> {
    match target {
        Target::Amend { of } => Some(of),
        Target::Thread { .. }
        | Target::Channel { .. }
        | Target::Private { .. }
        | Target::Direct { .. }
        | Target::Home { .. }
        | Target::Page { .. } => None,
    }
}

/// Where an action waits; an amendment whose message is not known waits by itself.
pub(super) fn lane_of(target: &Target) -> Lane {
    match target {
        Target::Thread { platform, channel, .. }
        | Target::Channel { platform, channel }
        | Target::Private { platform, channel, .. } => format_smolstr!("{}/{channel}", name(*platform)),
        Target::Direct { platform, user } => format_smolstr!("{}/@{user}", name(*platform)),
        Target::Home { platform, user } => format_smolstr!("{}/home/{user}", name(*platform)),
        Target::Amend { of } => format_smolstr!("amend/{of}"),
        Target::Page { person, .. } => format_smolstr!("page/{person}"),
    }
}

fn name(platform: Platform) -> &'static str {
    match platform {
        Platform::Slack => "slack",
        Platform::Matrix => "matrix",
        Platform::Console => "console",
    }
}

/// The number of a priority in the store: the lower, the earlier.
pub(super) fn priority_number(priority: Priority) -> i64 {
    match priority {
        Priority::Urgent => 0,
        Priority::Prompt => 1,
        Priority::Routine => 2,
    }
}

/// The priority of that number, if there is one.
pub(super) fn priority_from_number(number: i64) -> Option<Priority> {
    match number {
        0 => Some(Priority::Urgent),
        1 => Some(Priority::Prompt),
        2 => Some(Priority::Routine),
        _ => None,
    }
}
