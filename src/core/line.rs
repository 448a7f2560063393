//! A message in the making, part by part.

use super::action::{ActionId, Choice};
use super::message::{Button, Message, Part, TimeStyle};
use crate::calendar::Instant;
use chrono_tz::Tz;

/// A message in the making.
#[derive(Default)]
pub(super) struct Line {
    parts: Vec<Part>,
}

impl Line {
    /// A line that begins with these words.
    pub(super) fn of(words: &str) -> Line {
        Line::default().words(words)
    }

    pub(super) fn part(mut self, part: Part) -> Line {
        self.parts.push(part);
        self
    }

    pub(super) fn parts(mut self, parts: Vec<Part>) -> Line {
        self.parts.extend(parts);
        self
    }

    pub(super) fn words(mut self, words: &str) -> Line {
        match self.parts.last_mut() {
            Some(Part::Words(known)) => known.push_str(words),
            _ if words.is_empty() => {}
            _ => self.parts.push(Part::Words(words.to_owned())),
        }
        self
    }

    pub(super) fn strong(self, words: &str) -> Line {
        self.part(Part::Strong(words.to_owned()))
    }

    /// Something to type.
    pub(super) fn code(self, code: &str) -> Line {
        self.part(Part::Code(code.to_owned()))
    }

    /// A command, as one says it to Usher here.
    pub(super) fn command(self, words: &str) -> Line {
        self.part(Part::Command(words.to_owned()))
    }

    /// What a person typed.
    pub(super) fn quote(self, typed: &str) -> Line {
        self.part(Part::Quote(typed.to_owned()))
    }

    pub(super) fn time(self, at: Instant, zone: Tz, style: TimeStyle) -> Line {
        self.part(Part::Time { at, zone, style })
    }

    pub(super) fn newline(self) -> Line {
        self.part(Part::Break)
    }

    /// The next part begins a line, as it does at the start and after a heading or buttons.
    pub(super) fn on_new_line(self) -> Line {
        match self.parts.last() {
            None | Some(Part::Break | Part::Heading(_) | Part::Buttons { .. }) => self,
            Some(_) => self.newline(),
        }
    }

    /// A new line of a list.
    pub(super) fn bullet(self) -> Line {
        self.on_new_line().words("• ")
    }

    /// Each of `items` in its own way, with commas between.
    pub(super) fn listed<T>(
        self,
        items: impl IntoIterator<Item = T>,
        each: impl Fn(Line, T) -> Line,
    ) -> Line {
        let items = items.into_iter().enumerate();
        items.fold(self, |line, (nth, item)| each(line.words(if nth == 0 { "" } else { ", " }), item))
    }

    /// The title of what follows.
    pub(super) fn heading(self, title: &str) -> Line {
        self.part(Part::Heading(title.to_owned()))
    }

    /// Buttons under what they are about; the message goes on.
    pub(super) fn row(self, of: &ActionId, buttons: Vec<Button>) -> Line {
        self.part(Part::Buttons { of: of.clone(), buttons })
    }

    pub(super) fn buttons(self, buttons: Vec<Button>) -> Message {
        Message { parts: self.parts, buttons }
    }

    pub(super) fn done(self) -> Message {
        self.buttons(Vec::new())
    }
}

pub(super) fn button(label: &str, choice: Choice) -> Button {
    Button { label: label.to_owned(), choice }
}

/// `a, b and c`, with that word before the last.
pub(super) fn joined(each: Vec<Vec<Part>>, last_joint: &str) -> Vec<Part> {
    let count = each.len();
    let mut parts = Vec::new();
    for (nth, more) in each.into_iter().enumerate() {
        if nth > 0 {
            let joint = if nth + 1 == count { format!(" {last_joint} ") } else { ", ".to_owned() };
            parts.push(Part::Words(joint));
        }
        parts.extend(more);
    }
    parts
}
