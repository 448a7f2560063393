//! Block Kit, as far as Usher writes it.

use serde::Serialize;

/// A message as Slack takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rendered {
    /// What stands in for the blocks, in Slack's markup.
    pub text: String,
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// What somebody sees who opens the app's home.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "home")]
pub struct Home {
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// Words.
    RichText {
        /// The paragraphs.
        elements: Vec<Section>,
    },
    /// The title of what follows.
    Header {
        /// The title.
        text: Label,
    },
    /// A row of buttons.
    Actions {
        /// The buttons.
        elements: Vec<Button>,
    },
}

/// A paragraph.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(tag = "type", rename = "rich_text_section")]
pub struct Section {
    /// Its pieces.
    pub elements: Vec<Element>,
}

/// A piece of a paragraph.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Element {
    /// Text, shown as it is.
    Text {
        /// The text.
        text: String,
        /// How it looks.
        #[serde(skip_serializing_if = "Style::is_plain")]
        style: Style,
    },
    /// A person, pinged.
    User {
        /// Who.
        user_id: String,
    },
    /// A channel.
    Channel {
        /// Which.
        channel_id: String,
    },
    /// An emoji that Slack knows by its name.
    Emoji {
        /// The name.
        name: String,
    },
    /// An address.
    Link {
        /// Where it leads.
        url: String,
        /// What it is called.
        text: String,
    },
    /// An instant, in the reader's own zone.
    Date {
        /// Seconds since 1970.
        timestamp: i64,
        /// How much of it to show.
        format: &'static str,
        /// What is shown where that cannot be.
        fallback: String,
    },
}

/// How a text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Style {
    /// Strong.
    #[serde(skip_serializing_if = "is_false")]
    pub bold: bool,
    /// As code.
    #[serde(skip_serializing_if = "is_false")]
    pub code: bool,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "button")]
pub struct Button {
    /// What stands on it.
    pub text: Label,
    /// Tells it from the others of its message.
    pub action_id: String,
    /// What a press means.
    pub value: String,
    /// How it looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<&'static str>,
}

/// What stands on a button, or as a title.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "plain_text")]
pub struct Label {
    /// The text.
    pub text: String,
}

impl Style {
    fn is_plain(&self) -> bool {
        *self == Style::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Element {
    /// Text that looks like any other.
    pub(super) fn plain(text: impl Into<String>) -> Element {
        Element::Text { text: text.into(), style: Style::default() }
    }

    /// In characters, as far as the limits go. Slack does not say what it counts, so all of it counts.
    pub(super) fn length(&self) -> usize {
        match self {
            Element::Text { text, .. } => text.chars().count(),
            Element::Link { url, text } => url.chars().count() + text.chars().count(),
            Element::User { user_id: id }
            | Element::Channel { channel_id: id }
            | Element::Emoji { name: id } => id.chars().count(),
            Element::Date { format, fallback, .. } => format.chars().count() + fallback.chars().count(),
        }
    }
}
