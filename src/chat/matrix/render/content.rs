//! The content of `m.room.message`, as far as Usher writes it.

use serde::Serialize;

use crate::chat::matrix::legend::Legend;
use crate::core::event::{MessageId, UserId};

/// The content of an `m.room.message`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Content {
    /// What a program says: other programs do not answer it.
    pub msgtype: &'static str,
    /// The message as plain text.
    pub body: String,
    /// How `formatted_body` is written.
    pub format: &'static str,
    /// The message as HTML.
    pub formatted_body: String,
    /// Whom it pings.
    #[serde(rename = "m.mentions")]
    pub mentions: Mentions,
    /// For Usher: whose message it is and what the reactions to it do.
    #[serde(rename = "dev.usher.action")]
    pub legend: Legend,
    /// In an edit, what the edited message says from now on.
    #[serde(rename = "m.new_content", skip_serializing_if = "Option::is_none")]
    pub new_content: Option<Box<Content>>,
    /// To which message it belongs, and how.
    #[serde(rename = "m.relates_to", skip_serializing_if = "Option::is_none")]
    pub relates_to: Option<Relation>,
}

/// Whom a message pings. It always says so, or old rules would look for names in the text; it never has a whole room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mentions {
    /// These.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<UserId>,
}

/// To which message another belongs, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rel_type")]
pub enum Relation {
    /// It stands in the thread that this begins.
    #[serde(rename = "m.thread")]
    Thread {
        /// The thread's first message.
        event_id: MessageId,
        /// Whether it answers the thread and no message of it.
        is_falling_back: bool,
        /// What clients without threads show it as an answer to.
        #[serde(rename = "m.in_reply_to")]
        in_reply_to: InReplyTo,
    },
    /// It is new words for this.
    #[serde(rename = "m.replace")]
    Replace {
        /// The message.
        event_id: MessageId,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InReplyTo {
    /// The message.
    pub event_id: MessageId,
}

impl Relation {
    /// In the thread that `root` begins.
    pub(super) fn in_thread(root: &MessageId) -> Relation {
        let in_reply_to = InReplyTo { event_id: root.clone() };
        Relation::Thread { event_id: root.clone(), is_falling_back: true, in_reply_to }
    }
}
