//! Forms as Slack takes them, as far as Usher writes them.

use serde::Serialize;

use crate::chat::slack::blocks::Label;

/// A form.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "modal")]
pub struct View {
    /// What stands above it.
    pub title: Label,
    /// What stands on the button that sends it.
    pub submit: Label,
    /// What stands on the button that closes it.
    pub close: Label,
    /// Which form it is.
    pub callback_id: String,
    /// What comes back with it unread: its place.
    pub private_metadata: String,
    /// What is asked.
    pub blocks: Vec<Field>,
}

/// One thing that is asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "input")]
pub struct Field {
    /// By which it is found again in what is sent.
    pub block_id: &'static str,
    /// What stands above it.
    pub label: Label,
    /// Where it is typed or chosen.
    pub element: Element,
    /// Whether it may be left empty.
    pub optional: bool,
    /// What stands below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Label>,
}

/// Where something is typed or chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Element {
    /// A text.
    PlainTextInput {
        /// As of every element.
        action_id: &'static str,
        /// Whether it may have several lines.
        multiline: bool,
        /// At most so many characters.
        max_length: usize,
    },
    /// A person.
    UsersSelect {
        /// As of every element.
        action_id: &'static str,
    },
    /// A day.
    Datepicker {
        /// As of every element.
        action_id: &'static str,
    },
    /// A time of day.
    Timepicker {
        /// As of every element.
        action_id: &'static str,
    },
    /// One of a list that unfolds.
    StaticSelect {
        /// As of every element.
        action_id: &'static str,
        /// The list.
        options: Vec<Choice>,
    },
    /// One of a short list.
    RadioButtons {
        /// As of every element.
        action_id: &'static str,
        /// The list.
        options: Vec<Choice>,
    },
}

/// One of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// What people read.
    pub text: Label,
    /// What comes back.
    pub value: String,
}
