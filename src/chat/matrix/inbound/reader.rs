//! What all readers of events share: keys, ids, times, and which kind of event it is.

use std::fmt;

use serde::Deserialize;
use smol_str::{SmolStr, format_smolstr};

use super::{Context, Heard, Ignored, LONGEST_BYTES, Reading, Unreadable, Wanted};
use crate::calendar::Instant;
use crate::chat::matrix::wire::{Envelope, Unsigned, event_id, instant, part, user_id};
use crate::chat::word::{Word, given, storable};
use crate::core::event::{ChannelId, Event, EventKey, MessageId, MessageRef, Platform, UserId, What};

/// An error of the JSON reader is cut after so many characters: it may quote what somebody typed.
const LONGEST_ERROR: usize = 160;
/// So much of the name of a type is kept.
const LONGEST_TYPE: usize = 60;

/// Why reading ends early.
pub(super) enum Stop {
    /// Nothing follows from it.
    Ignored(Ignored),
    /// It cannot be read.
    Unreadable(Unreadable),
    /// This has to be known first.
    Needs(Wanted),
}

impl From<Ignored> for Stop {
    fn from(why: Ignored) -> Stop {
        Stop::Ignored(why)
    }
}

impl From<Unreadable> for Stop {
    fn from(why: Unreadable) -> Stop {
        Stop::Unreadable(why)
    }
}

impl From<Stop> for Reading {
    fn from(stop: Stop) -> Reading {
        match stop {
            Stop::Ignored(why) => Reading::Ignored(why),
            Stop::Unreadable(why) => Reading::Unreadable(why),
            Stop::Needs(wanted) => Reading::Needs(wanted),
        }
    }
}

/// What reading an event comes to.
pub(super) type Outcome = Result<Heard, Stop>;

/// Which event it is, by whom and when.
pub(super) struct Head {
    pub id: MessageId,
    pub sender: UserId,
    pub at: Instant,
}

/// Reads one event of a room.
pub(super) struct Reader<'c> {
    pub context: &'c Context<'c>,
    pub room: ChannelId,
}

impl Reader<'_> {
    pub fn event(&self, text: &str) -> Outcome {
        if text.len() > LONGEST_BYTES {
            return Err(Unreadable::TooLong { bytes: text.len() }.into());
        }
        let envelope: Envelope<'_> = parse(text)?;
        let head = self.head(&envelope)?;
        let unsigned: Unsigned<'_> = part(envelope.unsigned).unwrap_or_default();
        if unsigned.redacted_because.is_some() {
            return Err(Ignored::Redacted.into());
        }
        match (envelope.kind(), &envelope.state_key) {
            ("", _) => Err(Unreadable::Missing("type").into()),
            ("m.room.message", None) => self.message(&head, &envelope, &unsigned),
            ("m.room.encrypted", None) => self.undecrypted(&head, &envelope),
            ("m.reaction", None) => self.reaction(&head, &envelope),
            ("m.room.redaction", None) => self.redaction(&head, &envelope),
            ("m.call.invite", None) => Ok(self.call(&head)),
            (
                "org.matrix.msc3401.call.member"
                | "m.call.member"
                | "org.matrix.msc4143.rtc.member"
                | "m.rtc.member",
                _,
            ) => self.call_member(&head, &envelope),
            (_, Some(_)) => self.state(&head, &envelope, &unsigned),
            (kind, None) => Err(Ignored::Type(kept(kind)).into()),
        }
    }

    fn head(&self, envelope: &Envelope<'_>) -> Result<Head, Unreadable> {
        let id = given(&envelope.event_id).ok_or(Unreadable::Missing("event_id"))?;
        let sender = given(&envelope.sender).ok_or(Unreadable::Missing("sender"))?;
        Ok(Head {
            id: event_id(id).ok_or(Unreadable::Nonsense("event_id"))?,
            sender: user_id(sender).ok_or(Unreadable::Nonsense("sender"))?,
            at: instant(envelope.origin_server_ts, self.context.now, self.context.since),
        })
    }

    pub fn is_own(&self, user: &str) -> bool {
        self.context.directory.own() == user
    }

    /// Whether it is the room of Usher and one person.
    pub fn is_direct(&self) -> bool {
        self.context.directory.direct_with(&self.room).is_some()
    }

    /// What was said before Usher was there is no command to it, and its key is not for Usher.
    pub fn is_since_joining(&self, head: &Head) -> Result<(), Ignored> {
        let joined_at = self.context.directory.room(&self.room).and_then(|room| room.joined_at);
        if joined_at.is_some_and(|joined_at| head.at < joined_at) {
            return Err(Ignored::BeforeJoining);
        }
        Ok(())
    }

    pub fn message_ref(&self, id: &MessageId) -> MessageRef {
        MessageRef { channel: self.room.clone(), id: id.clone() }
    }

    /// An event under the key of the one that it was made from; `about` tells several of one apart.
    pub fn made(&self, head: &Head, about: &str, what: What) -> Event {
        event(self.key(format_args!("{}{about}", head.id)), head.at, what)
    }

    pub fn key(&self, about: fmt::Arguments<'_>) -> EventKey {
        format_smolstr!("matrix/{}/{about}", self.room)
    }
}

pub(super) fn event(key: EventKey, at: Instant, what: What) -> Event {
    Event { key, at, platform: Platform::Matrix, what }
}

/// One event, and nothing else.
pub(super) fn heard(event: Event) -> Heard {
    Heard { events: vec![event], ..Heard::default() }
}

pub(super) fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Unreadable> {
    serde_json::from_str(text)
        .map_err(|error| Unreadable::Json(error.to_string().chars().take(LONGEST_ERROR).collect()))
}

/// The id of another event, which somebody has named.
pub(super) fn named_event(word: &Option<Word<'_>>, what: &'static str) -> Result<MessageId, Ignored> {
    given(word).and_then(event_id).ok_or(Ignored::Nonsense(what))
}

/// A type that is counted by its name: no more of it than a name has.
pub(super) fn kept(kind: &str) -> SmolStr {
    storable(kind).chars().filter(|c| !c.is_control()).take(LONGEST_TYPE).collect()
}
