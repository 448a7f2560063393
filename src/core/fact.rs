//! What happened in a thread or a channel's main line, as the engine keeps it: who, when, and what the
//! rules need of what was said. The words themselves are gone.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::event::MessageId;
use super::judge::Signals;
use crate::calendar::Instant;
use crate::runbook::{Name, Who};

/// One thing that happened. Facts sort by time, then by key; a fact with the same key is the same fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// When, by the platform's clock.
    pub at: Instant,
    /// Unique in its strand.
    pub key: SmolStr,
    /// Who did it.
    pub by: Name,
    /// What it was.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happened {
    /// A message.
    Said(Said),
    /// A message that cannot be read yet.
    Unread {
        /// Which message.
        of: MessageId,
        /// In a channel's main line: the message in whose platform thread it stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        under: Option<MessageId>,
    },
    /// The text of a message became this.
    Edited {
        /// Which message.
        of: MessageId,
        /// What it says now.
        said: Said,
    },
    /// A message was deleted.
    Deleted {
        /// Which message.
        of: MessageId,
    },
    /// A reaction that means something.
    Sign {
        /// On which message.
        of: MessageId,
        /// What it means.
        sign: Sign,
        /// Whether it was given; else it was taken back.
        given: bool,
    },
    /// What is missing of the channel up to here is lost.
    Lost,
    /// The channel was archived: nobody can answer in it any more.
    Archived,
    /// A command or a button.
    Verb {
        /// About which message; `None` is the whole thread.
        of: Option<MessageId>,
        /// What is to be.
        verb: Verb,
    },
}

/// What the rules need of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// What the words are.
    pub signals: Signals,
    /// Who is mentioned, Usher excepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Who>,
    /// The level whose mark stands at its start and that its author may raise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Name>,
    /// The level whose mark stands at its start and that its author may not raise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_mark: Option<Name>,
    /// Whether one of the runbook's phrases resolves the thread.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resolves: bool,
    /// In a channel's main line: the message in whose platform thread this stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<MessageId>,
}

/// What a reaction means in its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// I take it.
    Take,
    /// No answer is needed.
    Dismiss,
    /// It is resolved.
    Resolve,
    /// Let us call.
    Call,
}

/// What a command or a button asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// I take it.
    Take,
    /// Whoever took it gives it back.
    GiveBack,
    /// The call that was taken is off.
    CallOff,
    /// It is resolved.
    Resolve,
    /// A call was asked for.
    Call,
    /// A call was taken.
    CallTaken,
    /// No call, please.
    Decline,
    /// The outcome of the call was told.
    Outcome,
    /// This level, from now on.
    Raise(Name),
}
