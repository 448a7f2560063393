//! What the engine decided at one event or one wake: all of it is committed together, or none.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::action::{Action, Kind};
use super::event::{EventKey, MessageRef};
use super::record::{Record, RecordKey, RecordKind};
use crate::calendar::Instant;

/// One decision of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The event that led to it; `None` for a wake.
    pub cause: Option<EventKey>,
    /// When it was decided.
    pub now: Instant,
    /// What changes in the state, in order; a later change of one key replaces an earlier.
    pub changes: Vec<Change>,
    /// What is to be sent, in order.
    pub actions: Vec<Action>,
    /// What was decided and why, silence included.
    pub notes: Vec<Note>,
}

impl Turn {
    /// An empty turn.
    pub fn new(cause: Option<EventKey>, now: Instant) -> Turn {
        Turn { cause, now, changes: Vec::new(), actions: Vec::new(), notes: Vec::new() }
    }

    /// Whether there is nothing to commit or to report.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.actions.is_empty() && self.notes.is_empty()
    }
}

/// A change of the state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// This record is now so.
    Put(RecordKey, Record),
    /// This record is gone.
    Delete(RecordKey),
    /// All records of this kind and owner are gone.
    DeleteAll(RecordKind, SmolStr),
}

/// Something that was decided, for `why`, for the figures and for the log. It holds no one's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// When, by the clock of what it is about: a breach has the instant at which the answer was due.
    pub at: Instant,
    /// The message it is about.
    pub about: Option<MessageRef>,
    /// What was decided.
    pub what: Noted,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noted {
    /// An answer is owed.
    Owed {
        /// At this level.
        level: SmolStr,
        /// By then; `None` while nobody is ever in.
        due_at: Option<Instant>,
    },
    /// Somebody took it.
    Acknowledged,
    /// The answerer asked back.
    Paused,
    /// The asker replied.
    Resumed,
    /// It was answered; how long that took on its clock, in ms.
    Met {
        /// Open time from the start to the answer, in ms.
        took_ms: i64,
        /// Whether it came after it was due.
        late: bool,
    },
    /// It was not answered by when it was due.
    Breached,
    /// A fact that came late shows that it was not due.
    BreachTakenBack,
    /// Nothing is owed any more.
    Cancelled(SmolStr),
    /// Something was said.
    Spoke(Kind),
    /// In a watched channel, this would have been said.
    WouldHaveSpoken(Kind),
    /// A rule matched and nothing was said.
    Silent {
        /// What was not said.
        kind: Kind,
        /// Why.
        why: Silence,
    },
    /// Something else worth a line in the log.
    Remark(String),
}

/// Why a rule matched and nothing was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    /// The channel is watched.
    Watched,
    /// Only private hints are given here.
    PrivateOnly,
    /// Nobody who could be told is in; it waits for the next opening.
    NobodyIn,
    /// Nobody but the asker is named for it.
    NobodyElse,
    /// The person has had their notices today; it waits for the digest.
    Budget,
    /// The thread has had its notices.
    ThreadBudget,
    /// The person muted Usher.
    Muted,
    /// This kind of notice was dismissed twice here.
    TurnedOff,
    /// The thread is resolved.
    Resolved,
    /// The thread is closing.
    Closing,
    /// People are chatting.
    Social,
    /// Somebody declined a call.
    Declined,
    /// Too many people talk.
    Crowded,
    /// The thread makes progress.
    NotStuck,
    /// The talk is not live.
    NotLive,
    /// The same hint was given to this person lately.
    AlreadyHinted,
    /// The answer is owed soon enough, and nobody else could give it.
    NothingToSuggest,
    /// Events of this channel may have been missed.
    Gap,
    /// What may be the answer cannot be read yet.
    Unread,
    /// It was told together with others in one notice.
    Combined,
    /// It came too late to be of use.
    Stale,
}
