//! What comes in, and how its sender learns that it is safe.

use smol_str::SmolStr;
use tokio::sync::oneshot;

use crate::core::event::Event;

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
