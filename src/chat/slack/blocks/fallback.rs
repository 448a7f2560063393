//! A message in Slack's markup: what notifications and screen readers get instead of the blocks.

use super::{Relative, address, cut, is_id, seconds, tokens, wants_date};
use crate::chat::slack::ADDRESSED;
use crate::core::message::{Message, Part, harmless};

/// The text is cut here, in characters: `chat.update` takes no more than 4,000.
const TEXT: usize = 3_000;
/// More is not shown of what one part says, in characters.
const PART: usize = 1_000;
/// Signs that Slack reads as markup; it has no way to escape them.
const MARKUP: &[char] = &['*', '_', '~', '`'];
/// Signs that may begin something in what a person typed: an emoji, a mention, a channel.
const TYPED: &[char] = &['*', '_', '~', '`', ':', '@', '#'];
/// It has no width and no meaning, but parts a sign from what stands before it.
const JOINER: char = '\u{2060}';

/// The text that stands in for `message`. It is cut between parts, so never within a mention or a link.
pub(super) fn text(message: &Message, workspace: Option<&str>) -> String {
    let mut text = String::new();
    let mut length = 0;
    let mut before = None;
    for part in &message.parts {
        let piece = piece(part, before, workspace);
        length += piece.chars().count();
        if length >= TEXT {
            text.push('…');
            break;
        }
        text.push_str(&piece);
        before = Some(part);
    }
    if text.trim().is_empty() {
        let labels: Vec<String> = message.buttons.iter().map(|button| typed(&button.label)).collect();
        return cut(&labels.join(", "), PART);
    }
    text
}

fn piece(part: &Part, before: Option<&Part>, workspace: Option<&str>) -> String {
    match part {
        Part::Words(words) => parted(&cut(words, PART), MARKUP),
        Part::Strong(words) if words.trim().is_empty() => words.clone(),
        Part::Strong(words) => format!("*{}*", parted(&cut(words, PART), MARKUP)),
        Part::Mention { user, .. } if is_id(user) => format!("<@{user}>"),
        Part::Mention { name, .. } => typed(&format!("@{name}")),
        Part::Name(name) => typed(name),
        Part::Channel { channel, .. } if is_id(channel) => format!("<#{channel}>"),
        Part::Channel { name, .. } => typed(&format!("#{name}")),
        Part::Time { at, zone, style } => {
            let shown = style.format(*at, *zone);
            let tokens = tokens(*style, wants_date(before), Relative::Markup);
            format!("<!date^{}^{tokens}|{shown}>", seconds(*at))
        }
        Part::Quote(text) => format!("“{}”", typed(&cut(text, PART))),
        Part::Code(typed) => code(typed),
        Part::Command(words) => code(&format!("{ADDRESSED} {words}")),
        Part::Message { label, .. } => match address(part, workspace) {
            Some(url) => link(&url, label),
            None => parted(label, MARKUP),
        },
        Part::Link { url, label } => match address(part, workspace) {
            Some(address) => link(&address, label),
            None if url == label => typed(url),
            None => format!("{} ({})", parted(label, MARKUP), typed(url)),
        },
        Part::Break | Part::Buttons { .. } => "\n".to_owned(),
        Part::Heading(title) => format!("\n*{}*\n", parted(&cut(title, PART), MARKUP)),
    }
}

/// A backtick would end the code; its likeness does not.
fn code(code: &str) -> String {
    format!("`{}`", parted(&harmless(&cut(code, PART)).replace('`', "ˋ"), &[]))
}

fn link(url: &str, label: &str) -> String {
    let url = url.replace('<', "%3C").replace('>', "%3E").replace('|', "%7C").replace('&', "&amp;");
    let label = parted(&cut(label, PART), MARKUP);
    if label.trim().is_empty() { format!("<{url}>") } else { format!("<{url}|{label}>") }
}

/// What a person typed, so that it is shown as it was typed: nothing in it begins a mention or a markup.
fn typed(text: &str) -> String {
    parted(&harmless(text), TYPED)
}

/// `text` with Slack's three special signs escaped, and each of `signs` parted from what stands before it.
/// An escaped `>` at the start of a line would still begin a quotation, so it is parted too.
fn parted(text: &str, signs: &[char]) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        if signs.contains(&sign) || sign == '>' && !signs.is_empty() {
            safe.push(JOINER);
        }
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            other => safe.push(other),
        }
    }
    safe
}
