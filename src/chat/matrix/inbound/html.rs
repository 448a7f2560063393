//! The HTML of a message as the text that people read: one pass over its tags, no tree, whatever is in it.

use std::convert::Infallible;
use std::mem;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use percent_encoding::percent_decode_str;

use super::text::Writer;
use crate::chat::matrix::wire::user_id;

/// Lists stand in lists no deeper, says the specification.
const DEEPEST_LIST: usize = 100;
/// Where addresses that stand for users and rooms begin.
const LINK_TO: &str = "https://matrix.to/#/";

/// Writes the text of `html`.
pub(super) fn read(html: &str, writer: &mut Writer<'_>) {
    let mut page = Page {
        writer,
        open: Open::Other,
        href: None,
        alt: None,
        attribute: Attribute::Other,
        quotes: 0,
        codes: 0,
        blocks: 0,
        replies: 0,
        lists: Vec::new(),
        item: None,
        link: None,
    };
    let step = |event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        page.step(&event);
        None
    };
    // Reading a text that is in memory cannot fail.
    let Ok(()) = Tokenizer::new_with_emitter(html, CallbackEmitter::new(step)).finish();
    page.end_link();
    page.writer.trim_end();
}

/// Which tag is being read.
enum Open {
    Link,
    Image,
    Other,
}

/// Which of its attributes.
enum Attribute {
    Href,
    Alt,
    Other,
}

/// A link, until it ends.
struct Link {
    to: String,
    label: String,
}

struct Page<'w, 'a> {
    writer: &'w mut Writer<'a>,
    open: Open,
    href: Option<String>,
    alt: Option<String>,
    attribute: Attribute,
    /// So many quotes, pieces of code, blocks of code and old quotes of what is answered are open.
    quotes: usize,
    codes: usize,
    blocks: usize,
    replies: usize,
    /// The next number of each list that is open, if it has numbers.
    lists: Vec<Option<u32>>,
    /// How long the text was after the mark of the last item: what it holds goes on in its line.
    item: Option<usize>,
    link: Option<Link>,
}

impl Page<'_, '_> {
    fn step(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.begin(name),
            CallbackEvent::AttributeName { name } => {
                self.attribute = match *name {
                    b"href" => Attribute::Href,
                    b"alt" => Attribute::Alt,
                    _ => Attribute::Other,
                };
            }
            CallbackEvent::AttributeValue { value } => {
                let value = || Some(String::from_utf8_lossy(value).into_owned());
                match self.attribute {
                    Attribute::Href => self.href = value(),
                    Attribute::Alt => self.alt = value(),
                    Attribute::Other => {}
                }
            }
            CallbackEvent::CloseStartTag { .. } => self.began(),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn begin(&mut self, name: &[u8]) {
        self.open = Open::Other;
        match name {
            b"mx-reply" => self.replies += 1,
            _ if self.replies > 0 => {}
            b"a" => self.open = Open::Link,
            b"img" => self.open = Open::Image,
            b"br" => self.break_line(),
            b"blockquote" => {
                self.end_line();
                self.quotes += 1;
            }
            b"pre" => self.begin_block(),
            b"code" if self.blocks == 0 => {
                self.codes += 1;
                if self.codes == 1 {
                    self.literal("`");
                }
            }
            b"ul" | b"ol" => {
                self.end_line();
                if self.lists.len() < DEEPEST_LIST {
                    self.lists.push((name == b"ol").then_some(1));
                }
            }
            b"li" => self.begin_item(),
            b"td" | b"th" => self.text(" "),
            name if is_block(name) => self.end_line(),
            _ => {}
        }
    }

    /// A tag with all its attributes.
    fn began(&mut self) {
        let (href, alt) = (self.href.take(), self.alt.take());
        match mem::replace(&mut self.open, Open::Other) {
            Open::Link => {
                self.end_link();
                self.link = href.map(|to| Link { to, label: String::new() });
            }
            Open::Image => self.text(&alt.unwrap_or_default()),
            Open::Other => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        match name {
            b"mx-reply" => self.replies = self.replies.saturating_sub(1),
            _ if self.replies > 0 => {}
            b"a" => self.end_link(),
            b"blockquote" => {
                self.end_line();
                self.quotes = self.quotes.saturating_sub(1);
            }
            b"pre" => self.end_block(),
            b"code" if self.codes > 0 => {
                self.codes -= 1;
                if self.codes == 0 {
                    self.literal("`");
                }
            }
            b"ul" | b"ol" => {
                self.end_line();
                self.lists.pop();
            }
            name if is_block(name) => self.end_line(),
            _ => {}
        }
    }

    fn begin_block(&mut self) {
        self.end_line();
        if self.blocks == 0 {
            self.literal("```");
            self.break_line();
        }
        self.blocks += 1;
    }

    fn end_block(&mut self) {
        if self.blocks == 1 {
            self.end_line();
            self.literal("```");
            self.break_line();
        }
        self.blocks = self.blocks.saturating_sub(1);
    }

    fn begin_item(&mut self) {
        self.end_line();
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                self.literal(&mark);
            }
            Some(None) | None => self.literal("• "),
        }
        self.item = Some(self.writer.length());
    }

    fn text(&mut self, text: &str) {
        if self.replies > 0 {
            return;
        }
        if let Some(link) = &mut self.link {
            link.label.push_str(text);
            return;
        }
        if self.blocks > 0 {
            return self.block_text(text);
        }
        let mut words = String::with_capacity(text.len());
        let mut after_space = self.writer.is_at_line_start() || self.writer.ends_with(' ');
        for c in text.chars() {
            let is_space = matches!(c, ' ' | '\t' | '\n' | '\r');
            match c {
                _ if is_space && after_space => {}
                _ if is_space => words.push(' '),
                // A backtick in code would end it.
                '`' if self.codes > 0 => words.push('\''),
                c => words.push(c),
            }
            after_space = is_space;
        }
        if words.is_empty() {
            return;
        }
        self.begin_line();
        match self.codes {
            0 => self.writer.words(&words),
            _ => self.writer.push(&words),
        }
    }

    fn block_text(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.break_line();
            }
            if !line.is_empty() {
                self.literal(&line.replace("```", "'''"));
            }
        }
    }

    fn end_link(&mut self) {
        let Some(Link { to, label }) = self.link.take() else { return };
        let label = label.trim();
        if let Some(user) = user_in(&to) {
            self.begin_line();
            return self.name(&user);
        }
        let is_address = ["https://", "http://", "mailto:"].iter().any(|scheme| to.starts_with(scheme));
        match label {
            label if is_room_alone(&to) || !is_address => self.text(label),
            label if to.ends_with(label) => self.literal(&to),
            label => {
                self.text(label);
                self.literal(&format!(" ({to})"));
            }
        }
    }

    fn name(&mut self, user: &str) {
        self.writer.pings = self.quotes == 0 && self.codes == 0 && self.blocks == 0;
        self.writer.name(user);
    }

    /// What is no words of the text.
    fn literal(&mut self, text: &str) {
        if let Some(link) = &mut self.link {
            link.label.push_str(text);
            return;
        }
        self.begin_line();
        self.writer.push(text);
    }

    fn begin_line(&mut self) {
        if self.quotes > 0 && self.writer.is_at_line_start() {
            self.writer.push("> ");
        }
        self.writer.pings = self.quotes == 0 && self.codes == 0 && self.blocks == 0;
    }

    fn break_line(&mut self) {
        if self.link.is_some() {
            return self.text(" ");
        }
        self.begin_line();
        self.writer.trim_line();
        self.writer.push("\n");
    }

    fn end_line(&mut self) {
        if !self.writer.is_at_line_start() && self.item != Some(self.writer.length()) {
            self.break_line();
        }
    }
}

fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"p" | b"div"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"hr"
            | b"table"
            | b"tr"
            | b"details"
            | b"summary"
            | b"li"
    )
}

/// The user for whom an address stands: `https://matrix.to/#/@ana:example.org`, `matrix:u/ana:example.org`.
fn user_in(address: &str) -> Option<String> {
    let id = match address.strip_prefix("matrix:u/") {
        Some(rest) => format!("@{}", rest.split(['?', '/']).next()?),
        None => {
            let rest = address.strip_prefix(LINK_TO)?.split('?').next()?;
            percent_decode_str(rest).decode_utf8().ok()?.into_owned()
        }
    };
    user_id(&id).map(Into::into)
}

/// Whether an address stands for a room, and for no message in it.
fn is_room_alone(address: &str) -> bool {
    let room = address.strip_prefix(LINK_TO).map(|rest| rest.split('?').next().unwrap_or_default());
    room.is_some_and(|room| {
        let is_room = ["#", "%23", "!", "%21"].iter().any(|sign| room.starts_with(sign));
        is_room && !room.contains('/')
    })
}
