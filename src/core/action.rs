//! What Usher does: fully decided, so that whoever carries it out chooses nothing.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use super::event::{ChannelId, EventKey, MessageId, MessageRef, Platform, UserId};
use super::message::Message;
use crate::calendar::Instant;
use crate::runbook::Name;

/// The id of an action, made from its cause: the same cause gives the same id, so nothing is said twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionId(pub SmolStr);

impl ActionId {
    /// The answer to a command or to a press.
    pub fn answer_to(event: &EventKey) -> ActionId {
        ActionId(format_smolstr!("answer/{event}"))
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing to send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Its id; the key of its row in the outbox.
    pub id: ActionId,
    /// What it is for, as the figures count it.
    pub kind: Kind,
    /// Where it goes.
    pub to: Target,
    /// What it says.
    pub message: Message,
    /// Whether it overtakes what waits.
    pub priority: Priority,
    /// After this instant it is pointless and is dropped unsent.
    pub not_after: Option<Instant>,
    /// What to do when nobody can tell whether it was sent.
    pub if_unknown: IfUnknown,
}

/// What an action is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Suggests a call for a long thread.
    Call,
    /// Offers the written way to a long thread.
    WrittenWay,
    /// Tells those who owe an answer that it is owed.
    Reminder,
    /// Tells the next people of a ladder.
    Escalation,
    /// Goes through the pager.
    Page,
    /// Tells a sender, privately, that somebody is off.
    OffHours,
    /// Tells a sender, privately, that a message is long.
    LongMessage,
    /// What waited, in one message.
    Digest,
    /// What an asker asked to be told: owed when, taken by whom, passed on to whom.
    Status,
    /// Passes what is open from one person to another.
    Handoff,
    /// Delivers what a person asked to have delivered later.
    Later,
    /// Answers a command.
    Answer,
    /// Tells the admins about the installation or about what was not said.
    Admin,
    /// Tells a channel that the runbook changed.
    Revision,
    /// Asks for, or posts, the outcome of a call.
    Outcome,
    /// Shows somebody their home.
    Home,
    /// Says in a channel, or to whoever let Usher in, what it does there.
    Hello,
}

/// Where an action goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A reply in a thread.
    Thread {
        /// On which platform.
        platform: Platform,
        /// The channel.
        channel: ChannelId,
        /// The thread's first message.
        root: MessageId,
    },
    /// A message in a channel's main line.
    Channel {
        /// On which platform.
        platform: Platform,
        /// The channel.
        channel: ChannelId,
    },
    /// A message in a channel that one person sees.
    Private {
        /// On which platform.
        platform: Platform,
        /// The channel.
        channel: ChannelId,
        /// The thread, if it stands in one.
        thread: Option<MessageId>,
        /// Who sees it.
        user: UserId,
    },
    /// A direct message.
    Direct {
        /// On which platform.
        platform: Platform,
        /// To whom.
        user: UserId,
    },
    /// What one person sees who opens Usher's home, in the place of what they saw there before.
    Home {
        /// On which platform.
        platform: Platform,
        /// Whose.
        user: UserId,
    },
    /// New words for a message that was sent, in its place.
    Amend {
        /// The action whose message it was.
        of: ActionId,
    },
    /// A page.
    Page {
        /// The person's name in the runbook, for the pager's routing.
        person: Name,
        /// What it is about.
        about: MessageRef,
        /// The level that was raised.
        level: Name,
        /// Whether it opens an incident or ends the one opened under `about`.
        signal: PageSignal,
    },
}

impl Target {
    /// The platform that it names.
    pub fn platform(&self) -> Option<Platform> {
        match self {
            Target::Thread { platform, .. }
            | Target::Channel { platform, .. }
            | Target::Private { platform, .. }
            | Target::Direct { platform, .. }
            | Target::Home { platform, .. } => Some(*platform),
            Target::Amend { .. } | Target::Page { .. } => None,
        }
    }
}

/// What a page says to the pager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageSignal {
    /// Somebody is needed.
    Trigger,
    /// Somebody took it.
    Acknowledge,
    /// It is over.
    Resolve,
}

/// Whether an action overtakes others that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// A page, or a step of an interrupting ladder.
    Urgent,
    /// A step of a ladder, an answer to a command.
    Prompt,
    /// Everything else.
    Routine,
}

/// What to do when nobody can tell whether an action was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IfUnknown {
    /// Leave it: better unsaid than said twice.
    Leave,
    /// Say it again, and that it may be the second time: a breach or a page must arrive.
    Repeat,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Call now.
    CallNow,
    /// Call at this instant.
    CallAt(Instant),
    /// The thread is resolved.
    Resolved,
    /// Not now: dismisses the suggestion, and declines a call.
    NotNow,
    /// I take it.
    Take,
    /// I took it and cannot finish it: somebody else may take it.
    GiveBack,
    /// The call that was taken is off.
    CallOff,
    /// Remind me again after a while.
    Snooze,
    /// Why did you say this?
    Why,
    /// Ask this person instead.
    AskInstead(Name),
    /// Raise the urgency to this level.
    Raise(Name),
    /// Leave it as it is.
    Leave,
    /// What one could have typed as well: this command, made by Usher.
    Say(String),
}
