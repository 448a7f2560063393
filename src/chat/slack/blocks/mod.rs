//! Usher's messages as Block Kit, with the plain text that stands in for them.
//!
//! The words go into `rich_text`, whose text Slack shows as it is: no markup, no mention and no emoji can
//! come of what a person typed, so nothing has to be escaped. The text that stands in for the blocks, in
//! notifications and screen readers, is Slack's markup, so there what people typed is escaped and its signs
//! are parted.

mod fallback;
mod shapes;
mod words;

use std::collections::BTreeSet;

pub use self::shapes::{Block, Button, Element, Home, Label, Rendered, Section, Style};
use super::buttons;
use crate::calendar::{Instant, SECOND_MS};
use crate::core::action::{ActionId, Choice};
use crate::core::event::MessageRef;
use crate::core::message::{self, Message, Part, TimeStyle, harmless};

/// Slack takes so many blocks a message.
const BLOCKS: usize = 50;
/// And so many a home.
const HOME_BLOCKS: usize = 100;
/// And so many characters in a heading.
const HEADING: usize = 150;
/// And so many buttons in a row.
const BUTTONS: usize = 25;
/// And so many characters on a button.
const LABEL: usize = 75;
/// And so many in its value.
const VALUE: usize = 2_000;
/// And so many in an address.
const ADDRESS: usize = 3_000;

/// The message of `action` as Slack takes it. `workspace` is the address of the workspace if it is known:
/// messages are links then.
pub fn render(message: &Message, action: &ActionId, workspace: Option<&str>) -> Rendered {
    let mut blocks = blocks_of(message, action, workspace);
    blocks.truncate(BLOCKS);
    Rendered { text: fallback::text(message, workspace), blocks }
}

/// The message of `action` as somebody's home.
pub fn home(message: &Message, action: &ActionId, workspace: Option<&str>) -> Home {
    let mut blocks = blocks_of(message, action, workspace);
    blocks.truncate(HOME_BLOCKS);
    Home { blocks }
}

fn blocks_of(message: &Message, action: &ActionId, workspace: Option<&str>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut taken = BTreeSet::new();
    let mut from = 0;
    for (at, part) in message.parts.iter().enumerate() {
        let own = if let Part::Heading(title) = part {
            heading(title).into_iter().collect()
        } else if let Part::Buttons { of, buttons } = part {
            rows(buttons, of, &mut taken)
        } else {
            continue;
        };
        blocks.extend(words::blocks(&message.parts[from..at], workspace));
        blocks.extend(own);
        from = at + 1;
    }
    blocks.extend(words::blocks(&message.parts[from..], workspace));
    blocks.extend(rows(&message.buttons, action, &mut taken));
    blocks
}

fn heading(title: &str) -> Option<Block> {
    let text = cut(&harmless(title), HEADING);
    (!text.trim().is_empty()).then_some(Block::Header { text: Label { text } })
}

fn rows(buttons: &[message::Button], action: &ActionId, taken: &mut BTreeSet<String>) -> Vec<Block> {
    let made = self::buttons(buttons, action, taken);
    made.chunks(BUTTONS).map(|row| Block::Actions { elements: row.to_vec() }).collect()
}

/// Slack refuses a whole message for one button that it does not like, so none is made that it would refuse.
/// `taken` are the ids of those before.
fn buttons(buttons: &[message::Button], action: &ActionId, taken: &mut BTreeSet<String>) -> Vec<Button> {
    let mut made = Vec::new();
    for button in buttons {
        let (mut action_id, value) = buttons::encode(action, &button.choice);
        let label = cut(&harmless(&button.label), LABEL);
        if label.trim().is_empty() || value.chars().count() > VALUE {
            continue;
        }
        if !taken.insert(action_id.clone()) {
            action_id = format!("{action_id}#{}", taken.len());
            taken.insert(action_id.clone());
        }
        made.push(Button { text: Label { text: label }, action_id, value, style: style(&button.choice) });
    }
    made
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
        | Choice::Leave
        | Choice::Say(_) => None,
    }
}

/// The address of a message. A reply needs the first message of its thread beside it, or Slack opens the
/// channel and stops there; a link that Slack itself makes (`chat.getPermalink`) has it.
pub fn permalink(workspace: &str, message: &MessageRef, thread: Option<&str>) -> Option<String> {
    let MessageRef { channel, id } = message;
    if !is_id(channel) || !is_ts(id) {
        return None;
    }
    let link = format!("{}/archives/{channel}/p{}", workspace.trim_end_matches('/'), id.replace('.', ""));
    Some(match thread.filter(|root| *root != id.as_str() && is_ts(root)) {
        Some(root) => format!("{link}?thread_ts={root}&cid={channel}"),
        None => link,
    })
}

/// Where a part leads, if it is a link that Slack would take.
fn address(part: &Part, workspace: Option<&str>) -> Option<String> {
    let url = match part {
        Part::Message { message, .. } => permalink(workspace?, message, None)?,
        Part::Link { url, .. } => url.clone(),
        Part::Words(_)
        | Part::Strong(_)
        | Part::Mention { .. }
        | Part::Name(_)
        | Part::Channel { .. }
        | Part::Time { .. }
        | Part::Quote(_)
        | Part::Code(_)
        | Part::Command(_)
        | Part::Break
        | Part::Heading(_)
        | Part::Buttons { .. } => return None,
    };
    let known = ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
    let whole = !url.chars().any(|c| c.is_whitespace() || c.is_control());
    (known && whole && url.chars().count() <= ADDRESS).then_some(url)
}

/// Whether `text` is an id of Slack's, so that nothing else can stand between `<@` and `>`.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_ts(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn seconds(at: Instant) -> i64 {
    at.ms().div_euclid(SECOND_MS)
}

/// Whether what stands before an instant wants a date: "on tomorrow" is no English.
fn wants_date(before: Option<&Part>) -> bool {
    matches!(before, Some(Part::Words(words)) if words.ends_with(" on "))
}

/// Slack's tokens for so much of an instant. Where Slack says "tomorrow" by itself, it writes it large at
/// the start of a format, though it stands amid a sentence; the mark of no width keeps it small.
fn tokens(style: TimeStyle, wants_date: bool, relative: Relative) -> &'static str {
    match (style, wants_date, relative) {
        (TimeStyle::Clock, _, _) => "{time}",
        (TimeStyle::Day | TimeStyle::Date, true, _) => "{date_long} at {time}",
        (TimeStyle::Day, false, Relative::Blocks) => "\u{200b}{day_divider_pretty} at {time}",
        (TimeStyle::Day, false, Relative::Markup) => "\u{200b}{date_short_pretty} at {time}",
        (TimeStyle::Date, false, _) => "\u{200b}{date_long_pretty} at {time}",
    }
}

/// Where an instant is written: a block knows one token more, a weekday without its year.
#[derive(Clone, Copy)]
enum Relative {
    Blocks,
    Markup,
}

/// At most `most` characters of `text`, the last of them telling that there is more.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}
