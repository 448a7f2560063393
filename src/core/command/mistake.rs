//! What can be wrong with a command, and the sentence for it: what is wrong, where, and what mends it.

use super::table::Entry;
use crate::core::line::Line;
use crate::core::message::{Message, harmless};

/// More of what somebody typed is not repeated to them.
const QUOTED: usize = 60;

/// What can be shared.
const SHARED: [&str; 6] = ["who", "hours", "due #channel", "runbook", "decisions", "help"];

/// What is wrong with a command.
#[derive(Debug)]
pub(crate) enum Mistake {
    /// No command is called so.
    Unknown { typed: String, nearest: Option<&'static str> },
    /// Something has to follow.
    Missing { entry: &'static Entry, what: &'static str },
    /// Something follows that means nothing.
    Extra { entry: &'static Entry, typed: String },
    /// A name that nobody and nothing has.
    NoSuchName { what: &'static str, typed: String, nearest: Option<String>, mend: &'static str },
    /// A name that several have.
    Ambiguous { typed: String, known: Vec<String> },
    /// Not a time, or not one ahead.
    NotATime { entry: &'static Entry, typed: String },
    /// A time that is past, or that no clock shows.
    NotAhead { entry: &'static Entry },
    /// A day whose hours are not known: it is past, or too far ahead.
    NoHoursOf { days: i64 },
    /// A time that lies too far ahead.
    TooFar { days: i64 },
    /// A text that is too long.
    TooLong { what: &'static str, chars: usize, most: usize },
    /// Only a link to a message, or its number, was expected.
    NotAMessage { typed: String },
    /// It works in a thread, and this is none that Usher knows.
    NotInThread { entry: &'static Entry },
    /// What it answers is not for all.
    NotForAll { entry: &'static Entry },
    /// Only admins may.
    AdminsOnly { entry: &'static Entry },
    /// There is no runbook yet.
    NoRunbook,
}

impl Mistake {
    /// What its maker reads.
    pub(crate) fn sentence(&self) -> Message {
        let line = Line::default();
        match self {
            Mistake::Unknown { typed, nearest } => unknown(line, typed, *nearest),
            Mistake::Missing { entry, what } => {
                usage(line.code(entry.name).words(&format!(" needs {what}. ")), entry)
            }
            Mistake::Extra { entry, typed } => {
                let line = line.words("I cannot use ").quote(&clip(typed)).words(" after ");
                usage(line.code(entry.name).words(". "), entry)
            }
            Mistake::NoSuchName { what, typed, nearest, mend } => {
                let line = line.words(&format!("I know no {what} ")).quote(&clip(typed)).words(".");
                match nearest {
                    Some(near) => line.words(" Did you mean ").code(near).words("?"),
                    None => line.words(" ").code(mend).words(" lists them."),
                }
            }
            Mistake::Ambiguous { typed, known } => {
                let line = line.quote(&clip(typed)).words(" could be any of these: ");
                line.listed(known, |line, name| line.code(name)).words(". Which one?")
            }
            Mistake::NotATime { entry, typed } => {
                let line = line.quote(&clip(typed)).words(" is no time ahead that I can read. Times are ");
                let line = line.code("1h").words(", ").code("15:00").words(", ").code("tomorrow");
                usage(line.words(" or ").code("mon 10:00").words(". "), entry)
            }
            Mistake::NotAhead { entry } => {
                usage(line.words("That time is past, so nothing was changed. "), entry)
            }
            Mistake::NoHoursOf { days } => {
                line.words(&format!("I know office hours from today on, {days} days ahead."))
            }
            Mistake::TooFar { days } => {
                line.words(&format!("That is too far ahead: {days} days is the most. Nothing was changed."))
            }
            Mistake::TooLong { what, chars, most } => line
                .words(&format!("{what} has {chars} characters; {most} is the most."))
                .words(" A link to a document holds more."),
            Mistake::NotAMessage { typed } => line
                .words("I know no message ")
                .quote(&clip(typed))
                .words(" that you can read here. Copy the link of a message, or ask in its thread."),
            Mistake::NotInThread { entry } => line.code(entry.name).words(
                " is about a thread: say it there. I know none from before I joined, nor where I am not.",
            ),
            Mistake::NotForAll { entry } => line
                .words("What ")
                .code(entry.name)
                .words(" tells is for you alone, or not for everyone here. I share ")
                .listed(SHARED, |line, usage| line.code(usage))
                .words("."),
            Mistake::AdminsOnly { entry } => line
                .code(entry.name)
                .words(" is for the admins whom the runbook names in ")
                .code("[team] admins")
                .words("."),
            Mistake::NoRunbook => line.words("No runbook is in force yet, so nothing is promised here."),
        }
        .done()
    }
}

fn unknown(line: Line, typed: &str, nearest: Option<&str>) -> Line {
    let line = line.words("I know no command ").quote(&clip(typed)).words(". ");
    let line = match nearest {
        Some(near) => line.words("Did you mean ").code(near).words("? "),
        None => line,
    };
    line.code("help").words(" lists them all.")
}

fn usage(line: Line, entry: &Entry) -> Line {
    line.words("It goes so: ").listed(entry.usage, |line, usage| line.code(usage))
}

/// The beginning of what somebody typed.
pub(crate) fn clip(typed: &str) -> String {
    let clean = harmless(typed);
    match clean.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}
