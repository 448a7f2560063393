//! Usher's messages as Block Kit, with the plain text that stands in for them.
//!
//! The words go into `rich_text`, whose text Slack shows as it is: no markup, no mention and no emoji can
//! come of what a person typed. The text that stands in for the blocks, in notifications and screen
//! readers, is Slack's markup, so there what people typed is escaped and its signs are parted.

use std::fmt::Write as _;

use serde::Serialize;

use super::buttons;
use crate::calendar::Instant;
use crate::core::action::{ActionId, Choice};
use crate::core::message::{Message, Part, TimeStyle, harmless};

/// Slack takes so many blocks a message.
const BLOCKS: usize = 50;
/// And so many buttons in a row.
const BUTTONS: usize = 25;
/// And so many characters on a button.
const LABEL: usize = 75;
/// A block of words is cut here, in characters; longer ones Slack folds or refuses.
const WORDS: usize = 3_000;
/// More is not shown of what a person typed, in characters.
const QUOTED: usize = 1_500;
/// The text that stands in for the blocks is cut here, in characters.
const FALLBACK: usize = 3_000;

/// A message as Slack takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rendered {
    /// What stands in for the blocks.
    pub text: String,
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

/// What stands on a button.
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

/// The message of `action` as Slack takes it. `workspace` is the address of the workspace, with a slash at
/// its end, if it is known: messages are links then.
pub fn render(message: &Message, action: &ActionId, workspace: Option<&str>) -> Rendered {
    let mut blocks = words(message, workspace);
    let rows = message.buttons.chunks(BUTTONS).map(|row| {
        let elements = row.iter().map(|button| {
            let (action_id, value) = buttons::encode(action, &button.choice);
            let text = Label { text: cut(&button.label, LABEL) };
            Button { text, action_id, value, style: style(&button.choice) }
        });
        Block::Actions { elements: elements.collect() }
    });
    blocks.extend(rows);
    blocks.truncate(BLOCKS);
    Rendered { text: cut(&fallback(message), FALLBACK), blocks }
}

/// The one thing that Usher hopes for stands out.
fn style(choice: &Choice) -> Option<&'static str> {
    match choice {
        Choice::CallNow | Choice::Take => Some("primary"),
        Choice::CallAt(_)
        | Choice::Resolved
        | Choice::NotNow
        | Choice::GiveBack
        | Choice::CallOff
        | Choice::Snooze
        | Choice::Why
        | Choice::AskInstead(_)
        | Choice::Raise(_)
        | Choice::Leave => None,
    }
}

/// The parts in blocks of bounded length, cut at line breaks; at least one, for a message must have words.
fn words(message: &Message, workspace: Option<&str>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut section = Section::default();
    let mut length = 0;
    for part in &message.parts {
        let element = element(part, workspace);
        let more = element.length();
        let is_long = length + more > WORDS;
        if is_long && !section.elements.is_empty() {
            blocks.push(Block::RichText { elements: vec![std::mem::take(&mut section)] });
            length = 0;
        }
        // A block begins with words.
        if matches!(part, Part::Break) && section.elements.is_empty() {
            continue;
        }
        length += more;
        section.elements.push(element);
    }
    if !section.elements.is_empty() {
        blocks.push(Block::RichText { elements: vec![section] });
    }
    // A row of buttons has to fit below.
    blocks.truncate(BLOCKS - 2);
    blocks
}

fn element(part: &Part, workspace: Option<&str>) -> Element {
    let plain = |text: String| Element::Text { text, style: Style::default() };
    match part {
        Part::Words(words) => plain(cut(words, WORDS)),
        Part::Strong(words) => {
            Element::Text { text: cut(words, WORDS), style: Style { bold: true, code: false } }
        }
        Part::Mention { user, .. } => Element::User { user_id: user.to_string() },
        Part::Name(name) => plain(harmless(name)),
        Part::Channel { channel, .. } => Element::Channel { channel_id: channel.to_string() },
        Part::Time { at, zone, style } => Element::Date {
            timestamp: seconds(*at),
            format: format(*style),
            fallback: format!("{} ({})", style.format(*at, *zone), zone.name()),
        },
        Part::Quote(typed) => plain(format!("“{}”", cut(&harmless(typed), QUOTED))),
        Part::Code(code) => Element::Text { text: harmless(code), style: Style { bold: false, code: true } },
        Part::Message { message, label } => match workspace {
            Some(workspace) => Element::Link {
                url: format!("{workspace}archives/{}/p{}", message.channel, message.id.replace('.', "")),
                text: label.clone(),
            },
            None => plain(label.clone()),
        },
        Part::Link { url, label } => Element::Link { url: url.clone(), text: label.clone() },
        Part::Break => plain("\n".to_owned()),
    }
}

impl Element {
    /// In characters, as far as the limits go.
    fn length(&self) -> usize {
        match self {
            Element::Text { text, .. } => text.chars().count(),
            Element::Link { url, text } => url.len() + text.chars().count(),
            Element::User { .. } | Element::Channel { .. } | Element::Date { .. } => 20,
        }
    }
}

fn seconds(at: Instant) -> i64 {
    at.ms().div_euclid(1000)
}

/// Slack's own words for a day are "today" and "tomorrow", which are shorter than a weekday and surer.
fn format(style: TimeStyle) -> &'static str {
    match style {
        TimeStyle::Clock => "{time}",
        TimeStyle::Day => "{date_short_pretty} at {time}",
        TimeStyle::Date => "{date_long_pretty} at {time}",
    }
}

/// The message in Slack's markup, for notifications and screen readers.
fn fallback(message: &Message) -> String {
    let mut text = String::new();
    for part in &message.parts {
        match part {
            Part::Words(words) | Part::Strong(words) => text.push_str(&escaped(words)),
            Part::Mention { user, .. } => {
                let _ = write!(text, "<@{user}>");
            }
            Part::Name(name) => text.push_str(&literal(name)),
            Part::Channel { channel, .. } => {
                let _ = write!(text, "<#{channel}>");
            }
            Part::Time { at, zone, style } => {
                let shown = escaped(&style.format(*at, *zone));
                let _ = write!(text, "<!date^{}^{}|{shown}>", seconds(*at), format(*style));
            }
            Part::Quote(typed) => {
                let _ = write!(text, "“{}”", literal(&cut(typed, QUOTED)));
            }
            Part::Code(code) => text.push_str(&literal(code)),
            Part::Message { label, .. } | Part::Link { label, .. } => text.push_str(&escaped(label)),
            Part::Break => text.push('\n'),
        }
    }
    text
}

/// `text` with Slack's three special signs escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What a person typed, so that it is shown as it was typed: nothing in it begins a mention or a markup.
fn literal(typed: &str) -> String {
    let mut text = String::new();
    for sign in escaped(&harmless(typed)).chars() {
        // An invisible joiner before the sign keeps Slack from pairing it with another.
        if matches!(sign, '*' | '_' | '~' | '`' | ':' | '@' | '#') {
            text.push('\u{2060}');
        }
        text.push(sign);
    }
    text
}

/// At most `most` characters of `text`, the last of them telling that there is more.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}
