//! Slack's payloads become events. Pure: bytes in, events out, or a reason why there are none.
//!
//! The key of an event is made from what the event is about, so that one message is one event under however
//! many event ids it comes, in `message` and in `app_mention`, live and from history. Nothing in here panics
//! on what a stranger sends: what cannot be read is for the caller to keep.

mod around;
mod command;
mod envelope;
mod interactive;
mod message;
mod reader;
mod rich;

use serde::Serialize;
use smol_str::SmolStr;

pub(super) use self::command::field;
use self::reader::Reader;
pub(super) use self::reader::{instant_of, is_direct_id};
use super::directory::Directory;
use super::forms::{Form, Place, Wrong};
use crate::calendar::Instant;
use crate::core::event::{ChannelId, Event, EventKey, UserId};

/// How the names of Usher's shortcuts and forms begin.
pub(super) const OURS: &str = "usher_";
/// A payload is no longer than this: 40,000 characters of text, twice, escaped, with their blocks.
const LONGEST_BYTES: usize = 4 << 20;

/// What kind of payload it is, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// An event of the Events API: the body of a request, or the payload of a socket's `events_api`.
    Event,
    /// A press, a shortcut, a form: the payload of a socket's `interactive`.
    Interactive,
    /// The same as the body of a request: a form with the one field `payload`.
    InteractiveForm,
    /// A slash command: the payload of a socket's `slash_commands`.
    Command,
    /// The same as the body of a request: a form.
    CommandForm,
}

/// What to do about ids that the directory does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// Say which, so that the caller asks Slack and reads again.
    Ask,
    /// Go on without: Slack does not tell of them.
    GoOn,
}

/// With what a payload is read.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Who the ids are, and who Usher is.
    pub directory: &'a Directory,
    /// When it came; for payloads that say of no time when they happened.
    pub now: Instant,
    /// What to do about unknown ids.
    pub strangers: Strangers,
}

/// What a payload says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Something happened.
    Heard(Heard),
    /// These have to be asked about first, each once.
    Learn(Vec<Wanted>),
    /// It is read, and nothing follows from it.
    Ignored(Ignored),
    /// It is not what Slack sends, or not all of it.
    Unreadable(Unreadable),
}

/// What happened. One of the two is not empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// For the engine, in order.
    pub events: Vec<Event>,
    /// For the adapter.
    pub notices: Vec<Notice>,
}

/// Who or what is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// A user: `users.info`, then [`Directory::user_event`].
    User(UserId),
    /// A channel: `conversations.info` and `conversations.members`, then [`Directory::channel_event`].
    Channel(ChannelId),
    /// Somebody's conversation with Usher: `conversations.open`, then [`Directory::learn_direct`].
    Direct(UserId),
    /// A user group: `usergroups.list`, then [`Directory::learn_group`].
    Group(SmolStr),
}

/// What the adapter itself has to do with.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Slack wants this said back, to know that the address is ours.
    Challenge(String),
    /// Tokens are no longer good.
    TokensRevoked {
        /// Whether Usher's own is among them.
        own: bool,
    },
    /// Usher is no longer installed.
    Uninstalled,
    /// Usher was let into a channel: who is in it has to be asked.
    Invited {
        /// Which.
        channel: ChannelId,
    },
    /// Usher was put out of a channel.
    Left {
        /// Which.
        channel: ChannelId,
    },
    /// A user group is called so; see [`Directory::learn_group`].
    GroupNamed {
        /// Which.
        id: SmolStr,
        /// Its handle, without `@`.
        handle: SmolStr,
    },
    /// Where, for half an hour, the answer to an event can be said even where Usher is no member.
    Respond {
        /// Which event.
        key: EventKey,
        /// The address, as Slack gave it.
        url: String,
        /// Whether it was given in a thread.
        in_thread: bool,
    },
    /// The answer to an event can be said where that to another can, which led to it.
    Continues {
        /// Which event.
        key: EventKey,
        /// Which other.
        of: EventKey,
    },
    /// Somebody is to see a form.
    Form {
        /// Which.
        form: Form,
        /// Where it belongs.
        place: Place,
        /// What opens it, for three seconds.
        trigger_id: String,
        /// What is heard if it does not open: whoever asked learns how it is typed.
        otherwise: Box<Event>,
    },
    /// Whoever sent a form is to see this one in its place.
    NextForm {
        /// Which.
        form: Form,
        /// Where it belongs.
        place: Place,
    },
    /// Whoever sent a form is to see what is wrong with it, and to go on.
    WrongForm(Wrong),
}

/// Why nothing follows from a payload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ignored {
    /// Usher did it.
    Own,
    /// Another program did it.
    AnotherBot,
    /// It was sent for another workspace.
    OtherTeam,
    /// It was sent for another app.
    OtherApp,
    /// Usher has no use for this type.
    Type(SmolStr),
    /// Usher has no use for messages of this subtype.
    Subtype(SmolStr),
    /// A message changed, and not by its author: a preview, a count of replies.
    NotEdited,
    /// A message changed, and says the same.
    SameText,
    /// A mention that came in by an edit; the edit itself is told as well.
    EditedMention,
    /// In the conversation with Usher only what is new is a command.
    DirectChange,
    /// A reaction to something that is no message.
    NotAMessage,
    /// A button that carries none of Usher's choices.
    OtherButton,
    /// A shortcut of another name.
    OtherShortcut,
    /// A form of another name.
    OtherForm,
    /// A slash command of another name.
    OtherCommand,
    /// A form was closed.
    FormClosed,
    /// The tab of the conversation with Usher was opened.
    OtherTab,
    /// A channel of which Slack does not tell.
    UnknownChannel,
    /// Nobody can tell who is in a public channel, and everyone may be.
    PublicMember,
    /// Slack looks whether the address is safe.
    SslCheck,
}

/// Why a payload cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is longer than any payload.
    #[error("{bytes} bytes is longer than any payload")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It is no UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// It is no JSON, or a part of it is not of the kind that Slack sends.
    #[error("not the JSON that Slack sends: {0}")]
    Json(String),
    /// A part is missing without which it says nothing.
    #[error("no `{0}`")]
    Missing(&'static str),
    /// A part is there and is nonsense.
    #[error("`{0}` is none that Slack makes")]
    Nonsense(&'static str),
}

/// Reads one payload.
pub fn read(payload: Payload, bytes: &[u8], context: &Context<'_>) -> Reading {
    let mut reader = Reader::new(context);
    let outcome = reader.payload(payload, bytes);
    reader.end(outcome)
}

/// Reads one message of `conversations.history` or `conversations.replies`: as it would have come live, with
/// its last text. A message that was edited is a post and its last edit.
///
/// Its reactions are left: history says who gave them and not when, and a thread that was settled last week is
/// not settled again.
pub fn read_history(channel: &ChannelId, row: &[u8], context: &Context<'_>) -> Reading {
    let mut reader = Reader::new(context);
    let outcome = reader.history(channel, row);
    reader.end(outcome)
}
