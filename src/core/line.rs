//! A message in the making, part by part.

use chrono_tz::Tz;

use super::action::Choice;
use super::message::{Button, Message, Part, TimeStyle};
use crate::calendar::Instant;

/// A message in the making.
#[derive(Default)]
pub(super) struct Line {
    parts: Vec<Part>,
}

impl Line {
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

    pub(super) fn code(self, code: &str) -> Line {
        self.part(Part::Code(code.to_owned()))
    }

    pub(super) fn quote(self, typed: &str) -> Line {
        self.part(Part::Quote(typed.to_owned()))
    }

    pub(super) fn time(self, at: Instant, zone: Tz, style: TimeStyle) -> Line {
        self.part(Part::Time { at, zone, style })
    }

    pub(super) fn newline(self) -> Line {
        self.part(Part::Break)
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
