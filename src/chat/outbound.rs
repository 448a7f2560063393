//! What every platform can do for the courier: deliver an action, and find out whether it did.

use std::future::Future;
use std::pin::Pin;

use crate::core::action::Action;
use crate::core::barred::Barrier;
use crate::core::event::MessageRef;

/// A platform's answer, to be awaited.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A platform, or a pager. It carries out what was decided and chooses nothing; it does not retry.
pub trait Chat: Send + Sync {
    /// Delivers an action. `sent_as` is the message that an amendment replaces. The action's id goes with
    /// it where the platform has a place for it, so that [`Chat::read_back`] finds it.
    fn deliver<'a>(&'a self, action: &'a Action, sent_as: Option<&'a MessageRef>) -> Answer<'a, Outcome>;

    /// Finds out whether an action was delivered whose fate is not known.
    fn read_back<'a>(&'a self, action: &'a Action, sent_as: Option<&'a MessageRef>) -> Answer<'a, ReadBack>;

    /// What one of its refusals, in its own words, means for those who can mend it; nothing where nobody can.
    fn barrier(&self, _why: &str) -> Option<Barrier> {
        None
    }

    /// How fast it takes messages.
    fn pace(&self) -> Pace {
        Pace::default()
    }
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The platform took it, and calls it so.
    Accepted(Option<MessageRef>),
    /// The platform will never take it; why, in its words.
    Refused(String),
    /// The platform did not take it, and may later.
    TryLater {
        /// How long it asks to wait, in ms, as it said it: perhaps nonsense.
        after_ms: Option<i64>,
        /// Why, in its words.
        why: String,
    },
    /// Nobody can tell whether the platform took it.
    Unknown(String),
}

/// What a platform knows about an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadBack {
    /// It has it, and calls it so.
    Found(Option<MessageRef>),
    /// It does not have it.
    Absent,
    /// It does not say.
    CannotTell,
    /// It cannot be asked now; why.
    NotNow(String),
}

/// How fast a platform takes messages; more would be answered by its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// The least time between two messages to one channel or person, in ms.
    pub lane_gap_ms: i64,
    /// The least time between two messages that do not hurry, in ms.
    pub gap_ms: i64,
}
