//! What either connection brings, on its way to being durable.

use serde_json::value::RawValue;

use crate::chat::Answer;

/// What kind of payload it is, by the way it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A callback of the Events API.
    Event,
    /// Something was pressed, chosen or submitted.
    Interaction,
    /// A slash command.
    Command,
    /// The same, as the form that a request holds.
    CommandForm,
    /// None that is known; it is kept as it came.
    Unknown,
}

/// What became of a payload.
#[derive(Clone, Debug)]
pub enum Taken {
    /// It is durable, or of no use for good: it may be acknowledged.
    Acknowledged,
    /// The same, and this answers whoever waits.
    Answered(Box<RawValue>),
    /// It is not durable: Slack has to send it again.
    NotTaken,
}

/// Makes payloads durable. Several may be on their way at once.
pub trait Intake: Send + Sync {
    /// Takes a payload, as JSON unless its kind says otherwise, and says whether it may be acknowledged.
    fn take<'a>(&'a self, kind: Kind, payload: &'a [u8]) -> Answer<'a, Taken>;
}
