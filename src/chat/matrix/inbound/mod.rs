//! The events of a room become events for the engine. Pure: JSON in, events out, or a reason why there are none.
//!
//! The key of an event is made from its own id, so that it is the same however often it comes: in a sync that is
//! repeated, in history, late. Nothing in here panics on what a stranger sends.

mod around;
mod html;
mod message;
mod reader;
mod room;
mod targets;
mod text;

pub mod sync;

use serde::Serialize;
use smol_str::SmolStr;

use self::reader::Reader;
pub use self::room::{Invite, read_invite};
pub use self::targets::{Given, Target, Targets};
use super::directory::Directory;
use super::legend::Legend;
use super::wire::room_id;
use crate::calendar::Instant;
use crate::core::event::{ChannelId, Event, MessageId, MessageRef, Text, UserId, What};

/// An event is no longer than this. Homeservers refuse more than 64 kB, and add something of their own.
const LONGEST_BYTES: usize = 1 << 20;

/// With what an event is read.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Who the ids are, and who Usher is.
    pub directory: &'a Directory,
    /// What earlier events were, to which this one may belong.
    pub targets: &'a Targets,
    /// When it came.
    pub now: Instant,
    /// When events were last asked for, in a sync; nothing for what comes from history.
    pub since: Option<Instant>,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Something happened.
    Heard(Heard),
    /// This has to be found out first; then the event is read again.
    Needs(Wanted),
    /// It is read, and nothing follows from it.
    Ignored(Ignored),
    /// It is not what a homeserver sends, or not all of it.
    Unreadable(Unreadable),
}

/// What happened. One of the first two is not empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// For the engine, in order.
    pub events: Vec<Event>,
    /// For the adapter.
    pub notices: Vec<Notice>,
    /// What the event is to those that come after it, for [`Targets::learn_heard`].
    pub targets: Vec<(MessageRef, Target)>,
}

/// What is unknown. Whoever finds out tells [`Targets`], in any case: that nobody can tell is an answer as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What an event was: the homeserver is asked for it, then [`Targets::learn_event`].
    Event(MessageRef),
    /// Whether an event that was taken back was a reaction, of which the homeserver kept nothing: what was
    /// remembered of [`Notice::Reacted`], then [`Targets::learn`]. If nothing was, it was none: [`Target::Unknown`].
    Redacted(MessageRef),
}

/// What the adapter itself has to do with.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A message of Usher's has arrived.
    Own {
        /// Which.
        message: MessageRef,
        /// The message that it replaces, if it is an edit.
        replaces: Option<MessageId>,
        /// What it carries.
        legend: Option<Legend>,
        /// The transaction by which it was sent, if that was by this device.
        transaction: Option<SmolStr>,
    },
    /// A reaction was given: to be remembered, since whoever takes it back names the reaction alone.
    Reacted {
        /// The reaction's own id.
        reaction: MessageRef,
        /// What it was.
        given: Given,
    },
    /// Something was said to Usher alone; in a form it is an answer and not a command.
    Said {
        /// The message.
        message: MessageRef,
        /// By whom.
        user: UserId,
        /// The message that it replaces, if it is an edit.
        replaces: Option<MessageId>,
        /// The message that it answers, if it says so.
        reply_to: Option<MessageId>,
        /// What it says.
        text: Text,
        /// Whether it is said as a command: then it is none of a form's answers.
        is_command: bool,
    },
    /// An event cannot be read without a key that may come: to be remembered as it is.
    Undecrypted {
        /// Which.
        message: MessageRef,
        /// The session of the key.
        session: Option<SmolStr>,
    },
    /// Usher is in a room now.
    Joined {
        /// Which.
        room: ChannelId,
    },
    /// A room is that of Usher and one person: to be remembered, and for [`Directory::learn_direct`].
    Direct {
        /// Which.
        room: ChannelId,
        /// Who.
        user: UserId,
    },
    /// Usher is in a room no more.
    Left {
        /// Which.
        room: ChannelId,
    },
    /// A room was given up for another.
    Replaced {
        /// Which.
        room: ChannelId,
        /// The other, if it is named. Whether it may be followed [`Directory::is_successor`] says.
        successor: Option<ChannelId>,
    },
    /// What is said in a room is encrypted from now on.
    Encrypted {
        /// Which.
        room: ChannelId,
    },
}

/// Why nothing follows from an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ignored {
    /// Usher did it.
    Own,
    /// Another program said it: `m.notice`.
    AnotherBot,
    /// Usher has no use for events of this type.
    Type(SmolStr),
    /// Usher has no use for messages of this type.
    MessageType(SmolStr),
    /// A part of what somebody sent is nonsense, or missing.
    Nonsense(&'static str),
    /// It was taken back before it was read.
    Redacted,
    /// Somebody edits what another wrote.
    OthersMessage,
    /// An edit of an edit, or one that is taken back: the message itself is what counts.
    EditOfEdit,
    /// In the room of Usher and one person only what is new is a command.
    DirectChange,
    /// A command without words: a picture, a file.
    NoWords,
    /// A command, or something that cannot be decrypted, from before Usher was there.
    BeforeJoining,
    /// State of a room in which Usher is not.
    NotJoined,
    /// It changes nothing that Usher knows of.
    NothingNew,
    /// Everyone may be in a public room.
    PublicMember,
    /// Somebody is in a call still.
    CallGoesOn,
    /// Somebody has left a call.
    CallLeft,
}

/// Why an event cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is longer than any event.
    #[error("{bytes} bytes is longer than any event")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It is no JSON, or a part of it is not of the kind that homeservers send.
    #[error("not the JSON that a homeserver sends: {0}")]
    Json(String),
    /// A part is missing without which it says nothing.
    #[error("no `{0}`")]
    Missing(&'static str),
    /// A part is there and is nonsense.
    #[error("`{0}` is none that Matrix makes")]
    Nonsense(&'static str),
}

/// Reads one event of a room's timeline, decrypted as far as it could be, or one of its state.
///
/// What it tells of the room and its people is for [`Directory::learn`] afterwards.
pub fn read(room: &str, event: &str, context: &Context<'_>) -> Reading {
    let Some(room) = room_id(room) else { return Reading::Unreadable(Unreadable::Nonsense("room_id")) };
    let reader = Reader { context, room };
    match reader.event(event) {
        Ok(heard) => Reading::Heard(heard),
        Err(stop) => stop.into(),
    }
}

/// What ends the waiting for a message that could not be read at first, now that `reading` is what it says: nothing
/// where it was said or edited, which speaks for itself; else it was a command, or no message, and answers nothing.
pub fn settle(message: &MessageRef, reading: &Reading, context: &Context<'_>) -> Option<Event> {
    let reader = Reader { context, room: room_id(&message.channel)? };
    let speaks = |event: &Event| matches!(event.what, What::Posted(_) | What::Edited { .. });
    let is_said = matches!(reading, Reading::Heard(heard) if heard.events.iter().any(speaks));
    let was_heard = !reader.is_direct() && context.targets.get(message) != Some(&Target::Edit);
    (was_heard && !is_said).then(|| reader.settled(message))
}
