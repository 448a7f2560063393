//! Everything that can happen to the engine, in one enum.
//!
//! Adapters make these from what a platform sends; nothing in here is a platform's own word. The
//! engine treats every event as possibly late, doubled or out of order.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::action::{ActionId, Choice};
use super::barred::Errand;
use super::judge::{Signals, judge};
use crate::calendar::{Instant, Span};

/// A platform's id of one of its users: `U012AB3CD`, `@ana:example.org`; on the console the name.
pub type UserId = SmolStr;
/// A platform's id of a channel, room or direct conversation.
pub type ChannelId = SmolStr;
/// A platform's id of a message within its channel; Slack's `ts`.
pub type MessageId = SmolStr;
/// What makes an event the same event when it is delivered again.
pub type EventKey = SmolStr;

/// Where users and channels live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Slack, live or from an export.
    Slack,
    /// Matrix.
    Matrix,
    /// The terminal, and scenarios: users and channels are known by their names.
    Console,
}

/// One message of one channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageRef {
    /// The channel.
    pub channel: ChannelId,
    /// The message.
    pub id: MessageId,
}

/// Something that happened, and when the platform says it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Two events with one key are one event.
    pub key: EventKey,
    /// When it happened, by the platform's clock.
    pub at: Instant,
    /// Which platform it came from.
    pub platform: Platform,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A message was posted.
    Posted(Posted),
    /// A message came that nobody can read yet: it is encrypted, and its key is missing. When the key comes, the
    /// ordinary [`What::Posted`] of the same message takes its place; where it turns out to be no message, or a
    /// command, a [`What::Deleted`] does.
    Unreadable {
        /// Which message.
        message: MessageRef,
        /// The thread it stands in, as far as that can be read.
        thread: Option<MessageId>,
        /// Who wrote it.
        author: UserId,
    },
    /// A message's text was changed to this by its author.
    Edited {
        /// Which message.
        message: MessageRef,
        /// The thread it stands in, if the platform says so.
        thread: Option<MessageId>,
        /// Who wrote and changed it.
        author: UserId,
        /// The new text.
        text: Text,
    },
    /// A message was deleted.
    Deleted {
        /// Which message.
        message: MessageRef,
        /// The thread it stood in, if the platform says so.
        thread: Option<MessageId>,
    },
    /// A reaction was added or taken back.
    Reacted {
        /// To which message.
        message: MessageRef,
        /// By whom.
        user: UserId,
        /// Its short name without colons and skin tone, or the emoji itself.
        emoji: SmolStr,
        /// Whether it was added; else it was taken back.
        added: bool,
    },
    /// A command was given to Usher.
    Commanded {
        /// By whom.
        user: UserId,
        /// In which channel.
        channel: ChannelId,
        /// In which thread, if in one.
        thread: Option<MessageId>,
        /// The words after Usher's name.
        words: String,
    },
    /// A button of one of Usher's messages was pressed.
    Pressed {
        /// By whom.
        user: UserId,
        /// Which of Usher's messages.
        action: ActionId,
        /// Which button.
        choice: Choice,
    },
    /// What the platform knows of a user, whole; replaces what was known.
    User {
        /// Who.
        user: UserId,
        /// What is known.
        facts: UserFacts,
    },
    /// What the platform knows of a channel, whole; replaces what was known.
    Channel {
        /// Which.
        channel: ChannelId,
        /// What is known.
        facts: ChannelFacts,
    },
    /// A person is away for a span, or with `None` is back at once.
    Away {
        /// Who.
        user: UserId,
        /// From when to when.
        span: Option<Span>,
    },
    /// Events of a channel may have been missed from `from` on: no clock in it fires until it is filled.
    Gap {
        /// The channel, or all of the platform's.
        channel: Option<ChannelId>,
        /// Since when.
        from: Instant,
    },
    /// The history of a channel, and the replies of its open threads, have been read.
    Filled {
        /// The channel, or all of the platform's.
        channel: Option<ChannelId>,
    },
    /// The history of a channel cannot be read: its clocks are cancelled as unknown.
    Lost {
        /// The channel.
        channel: ChannelId,
        /// Why, in the platform's words.
        why: String,
    },
    /// A call (a huddle) began in a channel or thread.
    CallBegan {
        /// The channel.
        channel: ChannelId,
        /// The thread, if it belongs to one.
        thread: Option<MessageId>,
        /// Who is in it.
        users: Vec<UserId>,
    },
    /// Somebody opened Usher's home.
    HomeOpened {
        /// Who.
        user: UserId,
    },
    /// Usher was let into a channel.
    Invited {
        /// Which.
        channel: ChannelId,
        /// By whom, if the platform says so.
        by: Option<UserId>,
    },
    /// A revision of the runbook that has been checked and shall be in force from now on.
    Revision(RevisionText),
    /// The process started; what was due since `last_alive` is told as one notice a person.
    Started {
        /// When the last process was last known to run.
        last_alive: Option<Instant>,
    },
    /// What became of an action.
    Delivered {
        /// Which action.
        action: ActionId,
        /// What became of it.
        fate: Fate,
        /// What it was, where it was tried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        errand: Option<Errand>,
    },
}

impl What {
    /// Who did it, where it is what somebody does on a platform.
    pub fn by(&self) -> Option<&UserId> {
        match self {
            What::Posted(posted) => Some(&posted.author),
            What::Unreadable { author, .. } | What::Edited { author, .. } => Some(author),
            What::Reacted { user, .. }
            | What::Commanded { user, .. }
            | What::Pressed { user, .. }
            | What::HomeOpened { user } => Some(user),
            What::Deleted { .. }
            | What::User { .. }
            | What::Channel { .. }
            | What::Away { .. }
            | What::Gap { .. }
            | What::Filled { .. }
            | What::Lost { .. }
            | What::CallBegan { .. }
            | What::Invited { .. }
            | What::Revision(_)
            | What::Started { .. }
            | What::Delivered { .. } => None,
        }
    }
}

/// A message as posted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posted {
    /// Where, and its id.
    pub message: MessageRef,
    /// The first message of the thread it replies in; `None` in the channel's main line.
    pub thread: Option<MessageId>,
    /// Who wrote it.
    pub author: UserId,
    /// Whether a program wrote it.
    pub bot: bool,
    /// What it says.
    pub text: Text,
}

/// What a message says: plain text in which mentions read `@name`, code stands in backticks and
/// quoted lines begin with `> `, and who is mentioned.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Text {
    /// The text.
    pub plain: String,
    /// Who is mentioned outside code and quotes, in order.
    pub mentions: Vec<Mention>,
    /// What its words say, once somebody has asked.
    #[serde(skip)]
    judged: OnceLock<Signals>,
}

impl Text {
    /// A text as written.
    pub fn new(plain: impl Into<String>, mentions: Vec<Mention>) -> Text {
        Text { plain: plain.into(), mentions, judged: OnceLock::new() }
    }

    /// What its words say. They are judged once: whoever brings a text may ask first, on a thread of their own.
    pub fn signals(&self) -> Signals {
        *self.judged.get_or_init(|| judge(self.plain.trim_start()))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("plain", &self.plain).field("mentions", &self.mentions).finish()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.plain == other.plain && self.mentions == other.mentions
    }
}

/// Who is mentioned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mention {
    /// A user.
    User(UserId),
    /// A group or rotation, by the platform's handle of it.
    Group(SmolStr),
    /// Everyone in the channel; it names nobody, so nobody owes.
    Everyone,
    /// Usher itself.
    Usher,
}

/// What a platform knows of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserFacts {
    /// The name people read.
    pub name: String,
    /// Their zone, if the platform has one that exists.
    pub zone: Option<Tz>,
    /// Whether it is a program.
    pub bot: bool,
    /// Whether the account was closed.
    pub deactivated: bool,
    /// Whether they see only the channels that they are in: a guest, or somebody of another workspace.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guest: bool,
    /// Until when they are away, if they say so on the platform; [`Instant::MAX`] where they name no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away_until: Option<Instant>,
}

/// What a platform knows of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelFacts {
    /// Its name without `#`.
    pub name: String,
    /// Public, private or direct.
    pub kind: ChannelKind,
    /// Whether it is closed to new messages.
    pub archived: bool,
    /// Who is in it, if the platform tells.
    pub members: Vec<UserId>,
    /// What else it is known by, where it has addresses of its own: `#support:example.org`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<SmolStr>,
}

/// Who can read a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// Everyone of the workspace.
    Public,
    /// Its members.
    Private,
    /// A direct conversation of people with each other: Usher never speaks in it.
    Direct,
}

/// The text of a runbook at one revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevisionText {
    /// The revision: a commit, or a digest of the text.
    pub id: SmolStr,
    /// The name of the file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The text of the files that it names, by their path in the runbook.
    pub beside: BTreeMap<String, String>,
    /// Who changed it, as git says, and where it can be read.
    pub by: Option<String>,
}

/// What became of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The platform took it, and calls it so.
    Sent(Option<MessageRef>),
    /// The platform will never take it.
    Refused(String),
    /// Nobody can tell whether the platform took it.
    Unknown(String),
}
