//! One step that waits for a commit: an event or a wake, and what became of it.

use std::any::Any;

use smol_str::SmolStr;

use super::inbound::{Remember, Unread};
use super::{Acked, Figures, Inbound, fate_in};
use crate::calendar::Instant;
use crate::core::action::ActionId;
use crate::core::event::{EventKey, Fate};
use crate::store::{Memo, Rejected, StoreError};

#[derive(Debug)]
pub(super) struct Step {
    pub now: Instant,
    pub cause: Cause,
    pub state: State,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are events; in a box each would be an allocation")]
pub(super) enum Cause {
    Event(Inbound),
    /// It cannot be handled, and is there to be kept aside.
    Unread(Box<Unread>),
    /// Nothing is to be handled.
    Remember(Box<Remember>),
    Wake,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Not handled yet.
    Waiting,
    Handled,
    /// An event that had been handled before.
    Known,
    /// It cannot be handled; why.
    Rejected(String),
}

impl Step {
    pub(super) fn event(inbound: Inbound, now: Instant) -> Step {
        Step { now, cause: Cause::Event(inbound), state: State::Waiting }
    }

    pub(super) fn unread(unread: Unread, is_known: bool, now: Instant) -> Step {
        let state = if is_known { State::Known } else { State::Rejected(unread.error.clone()) };
        Step { now, cause: Cause::Unread(Box::new(unread)), state }
    }

    pub(super) fn remember(remember: Remember, now: Instant) -> Step {
        Step { now, cause: Cause::Remember(Box::new(remember)), state: State::Waiting }
    }

    pub(super) fn wake(now: Instant) -> Step {
        Step { now, cause: Cause::Wake, state: State::Waiting }
    }

    pub(super) fn is_rejected(&self) -> bool {
        matches!(self.state, State::Rejected(_))
    }

    fn inbound(&self) -> Option<&Inbound> {
        match &self.cause {
            Cause::Event(inbound) => Some(inbound),
            Cause::Unread(_) | Cause::Remember(_) | Cause::Wake => None,
        }
    }

    pub(super) fn key(&self) -> Option<&EventKey> {
        match &self.cause {
            Cause::Event(inbound) => Some(&inbound.event.key),
            Cause::Unread(unread) => Some(&unread.key),
            Cause::Remember(_) | Cause::Wake => None,
        }
    }

    /// What is to be remembered, whatever the engine makes of the event.
    pub(super) fn memos(&self) -> &[Memo] {
        match &self.cause {
            Cause::Event(inbound) => &inbound.memos,
            Cause::Remember(remember) => &remember.memos,
            Cause::Unread(_) | Cause::Wake => &[],
        }
    }

    pub(super) fn position(&self) -> Option<(SmolStr, String)> {
        let position = match &self.cause {
            Cause::Event(inbound) => inbound.position.as_ref(),
            Cause::Remember(remember) => remember.position.as_ref(),
            Cause::Unread(_) | Cause::Wake => None,
        }?;
        Some((position.source.clone(), position.token.clone()))
    }

    /// What it says about an action. That is true even where the engine could not handle it.
    pub(super) fn fate(&self) -> Option<(ActionId, Fate)> {
        let (action, fate) = fate_in(&self.inbound()?.event.what)?;
        Some((action.clone(), fate.clone()))
    }

    pub(super) fn rejected(&self) -> Option<Rejected> {
        let State::Rejected(error) = &self.state else { return None };
        let raw = match &self.cause {
            Cause::Event(inbound) => {
                serde_json::to_string(&inbound.event).expect("an event has string keys and no failing parts")
            }
            Cause::Unread(unread) => unread.raw.clone(),
            Cause::Remember(_) | Cause::Wake => return None,
        };
        Some(Rejected { key: self.key()?.clone(), at: self.now, raw, error: error.clone() })
    }

    /// Gives up what the database refused, and with it the memos: they may be what it refused. Says whether there
    /// was anything left to give up.
    pub(super) fn give_up(&mut self, why: &StoreError) -> bool {
        let memos = match &mut self.cause {
            Cause::Event(inbound) => std::mem::take(&mut inbound.memos),
            Cause::Remember(remember) => std::mem::take(&mut remember.memos),
            Cause::Unread(_) | Cause::Wake => Vec::new(),
        };
        if self.is_rejected() {
            return !memos.is_empty();
        }
        self.state = State::Rejected(why.to_string());
        true
    }

    pub(super) fn count(&self, figures: &Figures) {
        match (&self.state, &self.cause) {
            (State::Waiting | State::Handled, Cause::Event(_)) => figures.events.add(1),
            (State::Waiting | State::Handled | State::Known, Cause::Wake) => figures.wakes.add(1),
            (State::Known, Cause::Event(_) | Cause::Unread(_)) => figures.duplicates.add(1),
            (State::Rejected(error), Cause::Event(inbound)) => {
                tracing::error!(event = %inbound.event.key, %error, "an event could not be handled; it is kept aside");
                figures.rejected.add(1);
            }
            // Whoever brought it has said so; what makes it unreadable may be somebody's words.
            (State::Waiting | State::Handled | State::Rejected(_), Cause::Unread(_)) => {
                figures.rejected.add(1);
            }
            (State::Waiting | State::Handled | State::Known, Cause::Remember(_)) => {}
            (State::Rejected(error), Cause::Remember(_)) => {
                tracing::error!(%error, "what was to be remembered was refused; it is lost");
            }
            (State::Rejected(error), Cause::Wake) => {
                tracing::error!(%error, "a wake failed; what is due waits");
                figures.failed_wakes.add(1);
            }
        }
    }

    pub(super) fn acknowledge(self) {
        let ack = match self.cause {
            Cause::Event(inbound) => inbound.ack,
            Cause::Unread(unread) => unread.ack,
            Cause::Remember(remember) => remember.ack,
            Cause::Wake => None,
        };
        let Some(ack) = ack else { return };
        let acked = match self.state {
            State::Waiting | State::Handled => Acked::Handled,
            State::Known => Acked::Known,
            State::Rejected(_) => Acked::Rejected,
        };
        // Whoever sent it may have gone meanwhile; the event is safe all the same.
        let _ = ack.send(acked);
    }
}

/// The words of a panic.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words")
}
