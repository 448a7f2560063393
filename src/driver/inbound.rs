//! What comes in, and how its sender learns that it is safe.

use smol_str::SmolStr;
use tokio::sync::oneshot;

use crate::calendar::Instant;
use crate::core::event::{Event, EventKey};
use crate::store::{Memo, MemoKind};

/// So much is kept of what cannot be read, in bytes.
const KEPT_BYTES: usize = 16 << 10;

/// An event on its way in.
#[derive(Debug)]
pub struct Inbound {
    /// What happened.
    pub event: Event,
    /// What its adapter has to remember; committed with it, also where the event is known already. For what
    /// happened in the meantime may be told by an event that was heard of before by another way.
    pub memos: Vec<Memo>,
    /// How far its source has been read once this event is handled; committed with it.
    pub position: Option<Position>,
    /// Told once the event is durable. If the driver stops before, it is dropped untold, and the
    /// platform must not be told either.
    pub ack: Option<oneshot::Sender<Acked>>,
}

/// How far a source has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Which source.
    pub source: SmolStr,
    /// Its own word for how far: a sync token, a cursor.
    pub token: String,
}

/// What became of an event that is safe now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acked {
    /// It was handled.
    Handled,
    /// It had been handled before.
    Known,
    /// It could not be handled and is kept aside; sending it again is pointless.
    Rejected,
}

impl From<Event> for Inbound {
    fn from(event: Event) -> Inbound {
        Inbound { event, memos: Vec::new(), position: None, ack: None }
    }
}

/// What cannot be read as an event, on its way to being kept aside.
#[derive(Debug)]
pub struct Unread {
    /// Two with one key are one.
    pub(super) key: EventKey,
    /// What came, cut and as a text that every database takes.
    pub(super) raw: String,
    /// Why it cannot be read.
    pub(super) error: String,
    /// As [`Inbound::ack`].
    pub(super) ack: Option<oneshot::Sender<Acked>>,
}

impl Unread {
    /// What came, of whatever length and in whatever bytes.
    pub fn new(key: EventKey, raw: &[u8], error: &str) -> Unread {
        let kept = String::from_utf8_lossy(raw.get(..KEPT_BYTES).unwrap_or(raw)).replace('\0', "\u{fffd}");
        let cut =
            if raw.len() > KEPT_BYTES { format!("; cut, of {} bytes", raw.len()) } else { String::new() };
        Unread { key, raw: kept, error: format!("{}{cut}", error.replace('\0', "")), ack: None }
    }
}

/// What an adapter has to remember where nothing happened that the engine should hear of.
#[derive(Debug, Default)]
pub struct Remember {
    /// As [`Inbound::memos`].
    pub memos: Vec<Memo>,
    /// As [`Inbound::position`].
    pub position: Option<Position>,
    /// As [`Inbound::ack`].
    pub ack: Option<oneshot::Sender<Acked>>,
}

/// What an adapter wants to know of what it had remembered, and who waits for the answer.
#[derive(Debug)]
pub(super) struct Lookup {
    pub kind: MemoKind,
    pub which: Which,
    pub tell: oneshot::Sender<Vec<(SmolStr, String)>>,
}

/// Which memos of a kind.
#[derive(Debug)]
pub(super) enum Which {
    Key(SmolStr),
    /// So many at most.
    Newest(usize),
}

/// What waits for the driver.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are events; in a box each would be an allocation")]
pub(super) enum Incoming {
    Event(Inbound),
    Unread(Unread),
    Remember(Remember),
    /// Answered from what is committed then, all that was handed in before included.
    Lookup(Lookup),
}

impl Incoming {
    pub(super) fn key(&self) -> Option<&EventKey> {
        match self {
            Incoming::Event(inbound) => Some(&inbound.event.key),
            Incoming::Unread(unread) => Some(&unread.key),
            Incoming::Remember(_) | Incoming::Lookup(_) => None,
        }
    }

    /// Whether all that was handed in before it has to be committed before it: a memo may replace an earlier one,
    /// and a position says that what came before is safe.
    pub(super) fn keeps_its_place(&self) -> bool {
        match self {
            Incoming::Event(inbound) => inbound.position.is_some() || !inbound.memos.is_empty(),
            Incoming::Remember(_) => true,
            Incoming::Unread(_) | Incoming::Lookup(_) => false,
        }
    }

    /// When it happened. Of what nobody can read nothing depends on that.
    pub(super) fn at(&self) -> Option<Instant> {
        match self {
            Incoming::Event(inbound) => Some(inbound.event.at),
            Incoming::Unread(_) | Incoming::Remember(_) | Incoming::Lookup(_) => None,
        }
    }
}
