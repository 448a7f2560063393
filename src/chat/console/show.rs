//! What is shown: one entry a line, under a heading a day, in one zone.

use std::fmt::Write as _;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::room::{Author, Place, Room, Shown};
use crate::calendar::{Instant, to_local};
use crate::core::message::{Button, harmless};

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: Instant,
    /// Where, as people read it; empty where it has no place.
    pub place: String,
    /// What.
    pub text: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry is; a terminal may show each in its own colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A message of a person.
    Talk,
    /// A message of Usher's.
    Usher,
    /// Something a person did.
    Sign,
    /// Something that happened in the room.
    Stage,
    /// What was decided, and not said.
    Note,
    /// A remark of the script.
    Remark,
}

impl Entry {
    /// Something a person did.
    pub fn sign(at: Instant, place: String, text: String) -> Entry {
        Entry { at, place, text, kind: EntryKind::Sign }
    }

    /// Something that happened in the room.
    pub fn stage(at: Instant, text: String) -> Entry {
        Entry { at, place: String::new(), text, kind: EntryKind::Stage }
    }

    /// What was decided.
    pub fn note(at: Instant, text: String) -> Entry {
        Entry { at, place: String::new(), text, kind: EntryKind::Note }
    }

    /// A remark of the script.
    pub fn remark(at: Instant, text: &str) -> Entry {
        Entry { at, place: String::new(), text: harmless(text), kind: EntryKind::Remark }
    }
}

impl Room {
    /// Where something is said, as people read it.
    pub(super) fn label(&self, place: &Place, thread: Option<u32>) -> String {
        let thread = thread.map(|root| format!("/{root}")).unwrap_or_default();
        match place {
            Place::Channel(name) => format!("#{name}{thread}"),
            Place::Direct(person) => format!("@{person}"),
        }
    }

    /// Message `number`, said at `at`.
    pub(super) fn entry(&self, number: u32, at: Instant) -> Entry {
        let Some(Shown { place, thread, by, text }) = self.messages.get(&number) else {
            return Entry::stage(at, format!("message [{number}] is forgotten"));
        };
        let place = self.label(place, *thread);
        match by {
            Author::Person(name) => {
                let text = format!("[{number}] {name}: {}", harmless(text));
                Entry { at, place, text, kind: EntryKind::Talk }
            }
            Author::Usher { buttons, .. } => {
                let text = format!("[{number}] Usher: {text}{}", numbered(buttons));
                Entry { at, place, text, kind: EntryKind::Usher }
            }
        }
    }
}

/// Buttons as one presses them: ` [1 Call now] [2 Not now]`.
pub(super) fn numbered(buttons: &[Button]) -> String {
    let mut text = String::new();
    for (index, button) in buttons.iter().enumerate() {
        let gap = if index == 0 { "  " } else { " " };
        write!(text, "{gap}[{} {}]", index + 1, harmless(&button.label))
            .expect("a String takes all that is written");
    }
    text
}

/// Writes entries as text.
#[derive(Debug)]
pub struct Transcript {
    date: Option<(NaiveDate, Tz)>,
    colour: bool,
}

impl Transcript {
    /// One that uses colours, or none.
    pub fn new(colour: bool) -> Transcript {
        Transcript { date: None, colour }
    }

    /// The lines of an entry, with a heading where a day begins, in `zone`.
    pub fn write(&mut self, entry: &Entry, zone: Tz) -> String {
        let local = to_local(zone, entry.at);
        let mut text = String::new();
        if self.date != Some((local.date(), zone)) {
            let gap = if self.date.is_some() { "\n" } else { "" };
            let heading = format!("── {}, {zone} ──", local.format("%a %-d %b %Y"));
            text = format!("{gap}{}\n", self.paint("1", &heading));
            self.date = Some((local.date(), zone));
        }
        let clock = local.format("%H:%M");
        let indent = " ".repeat(7);
        let place = if entry.place.is_empty() { String::new() } else { format!("{}  ", entry.place) };
        let body = format!("{place}{}", entry.text.trim_end().replace('\n', &format!("\n{indent}")));
        let line = match entry.kind {
            EntryKind::Talk => format!("{clock}  {body}"),
            EntryKind::Usher => format!("{clock}  {}", self.paint("36", &body)),
            EntryKind::Sign => format!("{clock}  {}", self.paint("33", &body)),
            EntryKind::Stage => format!("{clock}  {}", self.paint("33", &format!("({body})"))),
            EntryKind::Note => format!("{indent}{}", self.paint("2", &format!("· {body}"))),
            EntryKind::Remark => format!("{indent}{}", self.paint("2", &format!("# {body}"))),
        };
        text + &line
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
