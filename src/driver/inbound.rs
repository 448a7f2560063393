//! What comes in, and how its sender learns that it is safe.

use smol_str::SmolStr;
use tokio::sync::oneshot;

use crate::calendar::Instant;
use crate::core::event::{Event, EventKey};

/// So much is kept of what cannot be read, in bytes.
const KEPT_BYTES: usize = 16 << 10;

/// An event on its way in.
#[derive(Debug)]
pub struct Inbound {
    /// What happened.
    pub event: Event,
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
        Inbound { event, position: None, ack: None }
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

/// What waits for the driver.
#[derive(Debug)]
pub(super) enum Incoming {
    Event(Inbound),
    Unread(Unread),
}

impl Incoming {
    pub(super) fn key(&self) -> &EventKey {
        match self {
            Incoming::Event(inbound) => &inbound.event.key,
            Incoming::Unread(unread) => &unread.key,
        }
    }

    /// When it happened. Of what nobody can read nothing depends on that.
    pub(super) fn at(&self) -> Option<Instant> {
        match self {
            Incoming::Event(inbound) => Some(inbound.event.at),
            Incoming::Unread(_) => None,
        }
    }
}
