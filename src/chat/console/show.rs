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

/// A line in pieces of at most `width` characters, broken between words; a longer word stays whole.
fn broken(line: &str, width: usize) -> String {
    let hang = if line.starts_with("• ") { "  " } else { "" };
    let (mut text, mut column) = (String::new(), 0);
    for (nth, word) in line.split(' ').enumerate() {
        let length = word.chars().count();
        // The second of two spaces at which a line is broken.
        if length == 0 && column + 1 >= width {
            continue;
        }
        if nth > 0 && column + 1 + length > width {
            text.push('\n');
            text.push_str(hang);
            column = hang.len();
        } else if nth > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text
}

/// A space at which no line is broken; it is shown as a space.
const UNBROKEN: char = '\u{a0}';

/// Buttons as one presses them: ` [1 Call now] [2 Not now]`.
pub(super) fn numbered(buttons: &[Button]) -> String {
    let mut text = String::new();
    for (index, button) in buttons.iter().enumerate() {
        let gap = if index == 0 { "  " } else { " " };
        let label = format!("{} {}", index + 1, harmless(&button.label)).replace(' ', &UNBROKEN.to_string());
        write!(text, "{gap}[{label}]").expect("a String takes all that is written");
    }
    text
}

/// Writes entries as text.
#[derive(Debug)]
pub struct Transcript {
    date: Option<(NaiveDate, Tz)>,
    colour: bool,
    /// The columns of the terminal, where there is one.
    width: Option<usize>,
}

/// Every line of an entry but its first begins so far in.
const INDENT: usize = 7;
/// A terminal narrower than this breaks its lines by itself.
const LEAST_WIDTH: usize = 40;

impl Transcript {
    /// One that uses colours, or none.
    pub fn new(colour: bool) -> Transcript {
        Transcript { date: None, colour, width: None }
    }

    /// From now on lines are broken between words, so that they fit into so many columns.
    pub fn set_width(&mut self, columns: Option<usize>) {
        self.width = columns.filter(|columns| *columns >= LEAST_WIDTH);
    }

    /// A text of several lines that fits into the columns, `used` of which are taken.
    pub fn fit(&self, text: &str, used: usize) -> String {
        let Some(width) = self.width else { return text.to_owned() };
        let lines: Vec<String> = text.lines().map(|line| broken(line, width.saturating_sub(used))).collect();
        lines.join("\n")
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
        let indent = " ".repeat(INDENT);
        let place = if entry.place.is_empty() { String::new() } else { format!("{}  ", entry.place) };
        let signs = match entry.kind {
            EntryKind::Talk | EntryKind::Usher | EntryKind::Sign => 0,
            EntryKind::Stage | EntryKind::Note | EntryKind::Remark => 2,
        };
        let body = self.fit(&format!("{place}{}", entry.text.trim_end()), INDENT + signs);
        let body = body.replace(UNBROKEN, " ").replace('\n', &format!("\n{indent}"));
        let line = match entry.kind {
            EntryKind::Talk => format!("{clock}  {body}"),
            EntryKind::Usher => format!("{clock}  {}", self.paint("36", &body)),
            EntryKind::Sign => format!("{clock}  {}", self.paint("33", &body)),
            EntryKind::Stage => format!("{clock}  {}", self.paint("33", &format!("({body})"))),
            EntryKind::Note => format!("{indent}{}", self.paint("2", &format!("· {body}"))),
            EntryKind::Remark => format!("{indent}{}", self.paint("2", &format!("# {body}"))),
        };
        text + line.as_str()
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_where_a_terminal_ends() {
        let mut transcript = Transcript::new(false);
        let at = Instant::parse("2026-11-23T08:00:00Z").unwrap();
        let text = "[1] ana: one two three four five six seven\n• eight nine ten eleven twelve thirteen\n\
                    averyveryveryveryveryveryverylongwordindeed  [1\u{a0}I\u{a0}take\u{a0}it]";
        let entry = Entry { at, place: "#help".to_owned(), text: text.to_owned(), kind: EntryKind::Usher };
        transcript.set_width(Some(40));
        let shown = transcript.write(&entry, Tz::UTC);
        insta::assert_snapshot!(shown, @r"
        ── Mon 23 Nov 2026, UTC ──
        08:00  #help  [1] ana: one two three
               four five six seven
               • eight nine ten eleven twelve
                 thirteen
               averyveryveryveryveryveryverylongwordindeed
               [1 I take it]
        ");
        assert!(shown.lines().all(|line| line.chars().count() <= 40 || line.contains("avery")), "{shown}");
        // From a pipe, and in a terminal of no use, lines are as long as they are.
        for columns in [None, Some(12)] {
            transcript.set_width(columns);
            let shown = transcript.write(&entry, Tz::UTC);
            assert_eq!(shown.lines().count(), 3, "{shown}");
            assert!(shown.ends_with("indeed  [1 I take it]"), "{shown}");
        }
    }
}
