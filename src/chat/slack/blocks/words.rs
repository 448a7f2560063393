//! The parts of a message as blocks of words, none longer than Slack takes.

use super::{Block, Element, Relative, Section, Style, address, cut, is_id, seconds, tokens, wants_date};
use crate::chat::slack::ADDRESSED;
use crate::core::message::{Part, harmless};

/// A block of words is cut here, in characters; longer ones Slack folds.
const BLOCK: usize = 3_000;
/// The blocks together, in characters. Slack refuses a message with more than about 13,200
/// (`msg_blocks_too_long`); the buttons have to fit as well.
const IN_ALL: usize = 8_000;
/// More is not shown of what a person typed, in characters: one message of theirs fits.
const QUOTED: usize = 2_900;

/// The parts in blocks, which end at the end of a line where they can.
pub(super) fn blocks(parts: &[Part], workspace: Option<&str>) -> Vec<Block> {
    let mut packer = Packer::default();
    let mut line = Vec::new();
    let mut before = None;
    for part in parts {
        if matches!(part, Part::Break) {
            packer.line(std::mem::take(&mut line));
        } else {
            line.extend(elements(part, before, workspace));
        }
        before = Some(part);
    }
    packer.line(line);
    packer.close();
    packer.blocks
}

/// Fills blocks.
#[derive(Default)]
struct Packer {
    blocks: Vec<Block>,
    /// What the next block holds so far, and how long it is.
    open: Vec<Element>,
    length: usize,
    in_all: usize,
    is_full: bool,
}

impl Packer {
    fn line(&mut self, line: Vec<Element>) {
        let length: usize = line.iter().map(Element::length).sum();
        if self.length + 1 + length > BLOCK {
            self.close();
        }
        // A block begins with words.
        if !self.open.is_empty() {
            self.push(Element::plain("\n"));
        }
        for element in line {
            self.push(element);
        }
    }

    fn push(&mut self, element: Element) {
        let more = element.length();
        if self.is_full {
            return;
        }
        if self.in_all + more > IN_ALL {
            self.is_full = true;
            self.open.push(Element::plain("…"));
            return;
        }
        if self.length + more > BLOCK {
            self.close();
        }
        self.length += more;
        self.in_all += more;
        self.open.push(element);
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let section = Section { elements: std::mem::take(&mut self.open) };
            self.blocks.push(Block::RichText { elements: vec![section] });
        }
        self.length = 0;
    }
}

/// A part in pieces; none is empty, for Slack takes no empty text.
fn elements(part: &Part, before: Option<&Part>, workspace: Option<&str>) -> Vec<Element> {
    let element = match part {
        Part::Words(words) => return with_emoji(words),
        Part::Strong(words) => return texts(words, Style { bold: true, code: false }),
        Part::Mention { user, .. } if is_id(user) => Element::User { user_id: user.to_string() },
        Part::Mention { name, .. } => return plain(&format!("@{}", harmless(name))),
        Part::Name(name) => return plain(&harmless(name)),
        Part::Channel { channel, .. } if is_id(channel) => {
            Element::Channel { channel_id: channel.to_string() }
        }
        Part::Channel { name, .. } => return plain(&format!("#{}", harmless(name))),
        Part::Time { at, zone, style } => Element::Date {
            timestamp: seconds(*at),
            format: tokens(*style, wants_date(before), Relative::Blocks),
            fallback: format!("{} ({})", style.format(*at, *zone), zone.name()),
        },
        Part::Quote(typed) => return plain(&format!("“{}”", cut(&harmless(typed), QUOTED))),
        Part::Code(code) => return texts(&harmless(code), Style { bold: false, code: true }),
        Part::Command(words) => {
            return texts(&format!("{ADDRESSED} {words}"), Style { bold: false, code: true });
        }
        Part::Message { label, .. } => match address(part, workspace) {
            Some(url) => link(url, label),
            None => return plain(label),
        },
        Part::Link { url, label } => match address(part, workspace) {
            Some(address) => link(address, label),
            None if url == label => return plain(url),
            None => return plain(&format!("{label} ({url})")),
        },
        Part::Break | Part::Heading(_) | Part::Buttons { .. } => return Vec::new(),
    };
    vec![element]
}

fn link(url: String, label: &str) -> Element {
    let text = if label.trim().is_empty() { url.clone() } else { cut(label, BLOCK / 2) };
    Element::Link { url, text }
}

fn plain(text: &str) -> Vec<Element> {
    texts(text, Style::default())
}

/// `text` in pieces that fit into a block, which end at a space or the end of a line where they can.
fn texts(text: &str, style: Style) -> Vec<Element> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let piece = match rest.char_indices().nth(BLOCK) {
            None => rest,
            Some((end, _)) => {
                let gap = rest[..end].rfind(['\n', ' ']).map_or(end, |gap| gap + 1);
                &rest[..gap]
            }
        };
        pieces.push(Element::Text { text: piece.to_owned(), style });
        rest = &rest[piece.len()..];
    }
    pieces
}

/// Usher's own words, in which `:name:` is an emoji: a team's own reactions have no other sign.
fn with_emoji(words: &str) -> Vec<Element> {
    let mut pieces = Vec::new();
    let mut rest = words;
    let mut from = 0;
    while let Some(colon) = rest[from..].find(':').map(|at| from + at) {
        match emoji_name(rest, colon) {
            None => from = colon + 1,
            Some(name) => {
                pieces.extend(plain(&rest[..colon]));
                pieces.push(Element::Emoji { name: name.to_owned() });
                rest = &rest[colon + name.len() + 2..];
                from = 0;
            }
        }
    }
    pieces.extend(plain(rest));
    pieces
}

/// The name between the colon at `colon` and the next one, if it is that of an emoji and not of an hour.
fn emoji_name(text: &str, colon: usize) -> Option<&str> {
    if text[..colon].ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let (name, _) = text[colon + 1..].split_once(':')?;
    let may_stand = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-+'".contains(c);
    let is_name = name.chars().all(may_stand) && name.chars().any(|c| c.is_ascii_lowercase());
    (is_name || matches!(name, "+1" | "-1")).then_some(name)
}
