//! The one grammar of lines: what a scenario holds is what one types on the console.
//!
//! A plain line is a message. A line that begins with `/` is an instruction. `ana #support/3: …` in front
//! of either makes that one line ana's, in #support, in the thread of message 3.

use chrono::NaiveDate;
use chrono_tz::Tz;
use strsim::damerau_levenshtein;

use super::instructions::{INSTRUCTIONS, Instruction, Read, number, place};
use super::when::When;
use crate::calendar::parse_zone;

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// An empty line.
    Nothing,
    /// A remark to readers: a line that begins with `# `.
    Remark(String),
    /// Somebody does something: who and where, if the line says so; else who and where one is.
    Act(Option<Speaker>, Act),
    /// Something happens in the room.
    Direction(Direction),
}

/// Who says one line, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// The person.
    pub person: String,
    /// The place, if it is given.
    pub place: Option<PlaceName>,
    /// The message in whose thread it is said.
    pub thread: Option<u32>,
}

/// A place to talk in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceName {
    /// A channel, without `#`.
    Channel(String),
    /// The direct conversation with Usher: whatever is said there is a command.
    Usher,
}

/// What a person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A message.
    Say(String),
    /// A reaction is added or taken back.
    React {
        /// Its short name without colons, or the emoji.
        emoji: String,
        /// To which message.
        message: u32,
        /// Whether it is added.
        added: bool,
    },
    /// A message is changed.
    Edit {
        /// Which.
        message: u32,
        /// What it says now.
        text: String,
    },
    /// A message is deleted.
    Delete(u32),
    /// A button of one of Usher's messages is pressed.
    Press {
        /// Which message.
        message: u32,
        /// The button: its number from 1, or how its label begins.
        button: String,
    },
    /// A command to Usher.
    Usher(String),
    /// A call begins here with these people.
    Call(Vec<String>),
}

/// What happens in the room, whoever types it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From now on one is this person.
    As(String),
    /// From now on one is in this place.
    In(PlaceName),
    /// From now on one replies in the thread of this message.
    Thread(u32),
    /// From now on one writes in the main line.
    Main,
    /// The clock jumps: nothing happens on the way.
    At(When),
    /// Time passes, and what falls due on the way happens at its instant.
    Until(When),
    /// Somebody joins.
    Person {
        /// Their name.
        name: String,
        /// Their zone.
        zone: Tz,
    },
    /// A channel is opened.
    Channel {
        /// Its name without `#`.
        name: String,
        /// Whether only its members read it; those who are here when it opens are its members.
        private: bool,
    },
    /// A person is away for these dates, both included; or is back.
    Away {
        /// Who.
        person: String,
        /// From which date to which.
        dates: Option<(NaiveDate, NaiveDate)>,
    },
    /// Events of a channel, or of all, may be missing from now on.
    Gap(Option<String>),
    /// The missing events of a channel, or of all, have been read.
    Filled(Option<String>),
    /// The missing events of a channel cannot be read.
    Lost(String),
    /// The process dies here and starts again from its store.
    Crash,
    /// The runbook is read again, from this file if one is given.
    Runbook(Option<String>),
    /// Who is here and what time it is for them.
    Who,
    /// Whether what Usher decides is shown beside what it says.
    Notes(bool),
    /// The first minute, step by step.
    Tour,
    /// What one can type, or how one instruction goes.
    Help(Option<String>),
    /// Leave.
    Quit,
}

/// What a plain line or an instruction is.
enum Typed {
    Act(Act),
    Direction(Direction),
}

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// No instruction has this name.
    #[error("there is no `/{name}`{}", did_you_mean(.nearest))]
    Unknown {
        /// What was typed.
        name: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// The words after the instruction are not what it takes.
    #[error("`{}` is not understood: it goes `{usage}`", format!("/{name} {words}").trim_end())]
    Usage {
        /// The instruction.
        name: &'static str,
        /// What was typed after it.
        words: String,
        /// How it goes.
        usage: &'static str,
    },
    /// A time in no form that is known.
    #[error("`{0}` is no time: it goes `+3h`, `09:30`, `mon 09:00` or `2026-11-23 09:00`")]
    When(String),
    /// A name in front of what nobody does.
    #[error("`{0}` happens to all: leave `{1}` away")]
    NobodyDoes(String, String),
    /// A zone that does not exist.
    #[error("{0}")]
    Zone(String),
}

fn did_you_mean(nearest: &Option<&'static str>) -> String {
    nearest
        .map(|name| format!("; did you mean `/{name}`?"))
        .unwrap_or_else(|| "; `/help` lists all".to_owned())
}

impl Line {
    /// Reads one line. `knows` says whether somebody of that name is here: `ben: /react eyes 3` is ben's
    /// reaction only if there is a ben.
    ///
    /// # Errors
    /// When it is an instruction that cannot be read.
    pub fn parse(text: &str, knows: impl Fn(&str) -> bool) -> Result<Line, ScriptError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Line::Nothing);
        }
        if text == "#" || text.starts_with("# ") {
            return Ok(Line::Remark(text[1..].trim().to_owned()));
        }
        let (by, rest) = match speaker(text, knows) {
            Some((speaker, rest)) => (Some(speaker), rest),
            None => (None, text),
        };
        match (typed(rest)?, by) {
            (Typed::Act(act), by) => Ok(Line::Act(by, act)),
            (Typed::Direction(direction), None) => Ok(Line::Direction(direction)),
            (Typed::Direction(_), Some(by)) => Err(ScriptError::NobodyDoes(rest.to_owned(), by.person)),
        }
    }
}

fn typed(text: &str) -> Result<Typed, ScriptError> {
    let Some(instruction) = text.strip_prefix('/') else {
        return Ok(Typed::Act(Act::Say(text.replace("\\n", "\n"))));
    };
    let (name, words) = instruction.split_once(char::is_whitespace).unwrap_or((instruction, ""));
    let words = words.trim();
    let Some(found) = INSTRUCTIONS.iter().find(|known| known.name == name) else {
        return Err(ScriptError::Unknown { name: name.to_owned(), nearest: nearest(name) });
    };
    let read = match found.read {
        Read::Act(read) => read(words).map(Typed::Act),
        Read::Direction(read) => read(words).map(Typed::Direction),
    };
    read.ok_or_else(|| match found.name {
        "at" | "until" => ScriptError::When(words.to_owned()),
        name => zone_error(name, words).unwrap_or_else(|| ScriptError::Usage {
            name,
            words: words.to_owned(),
            usage: found.usage,
        }),
    })
}

/// The instruction whose name is most like `name`, if one is like it at all.
fn nearest(name: &str) -> Option<&'static str> {
    let distance = |known: &&Instruction| damerau_levenshtein(known.name, name);
    let best = INSTRUCTIONS.iter().min_by_key(distance)?;
    (distance(&best) <= 2 && distance(&best) < best.name.len()).then_some(best.name)
}

/// `/person kim Asia/Tokio` fails for its zone, and the zone's own error is the better one.
fn zone_error(name: &str, words: &str) -> Option<ScriptError> {
    let (_, zone) = words.split_once(' ').filter(|_| name == "person")?;
    parse_zone(zone.trim()).err().map(|error| ScriptError::Zone(error.to_string()))
}

/// `ana #support/3: …`, `ana @usher: …`, `ben: /…`, and what follows.
fn speaker(text: &str, knows: impl Fn(&str) -> bool) -> Option<(Speaker, &str)> {
    let (head, rest) = text.split_once(": ").or_else(|| text.strip_suffix(':').map(|head| (head, "")))?;
    let rest = rest.trim();
    let Some((person, at)) = head.split_once(' ') else {
        let speaker = Speaker { person: head.to_owned(), place: None, thread: None };
        return (rest.starts_with('/') && knows(head)).then_some((speaker, rest));
    };
    let (place_name, thread) = match at.rsplit_once('/') {
        Some((name, message)) => (name, Some(number(message)?)),
        None => (at, None),
    };
    let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
    let place = place(place_name).filter(|_| is_name(person))?;
    Some((Speaker { person: person.to_owned(), place: Some(place), thread }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Line {
        Line::parse(text, |name| name == "ben").unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn say(by: Option<Speaker>, text: &str) -> Line {
        Line::Act(by, Act::Say(text.to_owned()))
    }

    fn by(person: &str, place: Option<PlaceName>, thread: Option<u32>) -> Option<Speaker> {
        Some(Speaker { person: person.to_owned(), place, thread })
    }

    #[test]
    fn a_plain_line_is_a_message_and_a_prefix_says_whose() {
        let support = || Some(PlaceName::Channel("support".to_owned()));
        for (text, line) in [
            ("Hello there", say(None, "Hello there")),
            ("two\\nlines", say(None, "two\nlines")),
            ("", Line::Nothing),
            ("# the next day", Line::Remark("the next day".to_owned())),
            ("#support is where to ask", say(None, "#support is where to ask")),
            ("ana #support: hi: all", say(by("ana", support(), None), "hi: all")),
            ("ana #support/3: yes", say(by("ana", support(), Some(3)), "yes")),
            ("ana @usher: owe", say(by("ana", Some(PlaceName::Usher), None), "owe")),
            ("ben: /delete 3", Line::Act(by("ben", None, None), Act::Delete(3))),
            ("ben: can you look?", say(None, "ben: can you look?")),
            ("who: /delete 3", say(None, "who: /delete 3")),
            ("see https://a.example/x: it works", say(None, "see https://a.example/x: it works")),
            ("a b #support: no", say(None, "a b #support: no")),
        ] {
            assert_eq!(parse(text), line, "{text}");
        }
    }

    #[test]
    fn instructions_are_read() {
        let name = |name: &str| name.to_owned();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (text, what) in [
            ("/as ana", Line::Direction(Direction::As(name("ana")))),
            ("/in #support", Line::Direction(Direction::In(PlaceName::Channel(name("support"))))),
            ("/in @usher", Line::Direction(Direction::In(PlaceName::Usher))),
            ("/thread 3", Line::Direction(Direction::Thread(3))),
            ("/main", Line::Direction(Direction::Main)),
            (
                "/react :eyes: [3]",
                Line::Act(None, Act::React { emoji: name("eyes"), message: 3, added: true }),
            ),
            ("/unreact 👀 3", Line::Act(None, Act::React { emoji: name("👀"), message: 3, added: false })),
            ("/edit 3 it is  fine", Line::Act(None, Act::Edit { message: 3, text: name("it is  fine") })),
            ("/press 5 [Not now]", Line::Act(None, Act::Press { message: 5, button: name("Not now") })),
            ("/press 5 1", Line::Act(None, Act::Press { message: 5, button: name("1") })),
            ("/until +3h", Line::Direction(Direction::Until(When::After(3 * crate::calendar::HOUR_MS)))),
            ("/usher  who billing ", Line::Act(None, Act::Usher(name("who billing")))),
            ("/call @ben ana", Line::Act(None, Act::Call(vec![name("ben"), name("ana")]))),
            ("/call", Line::Act(None, Act::Call(vec![]))),
            (
                "/person kim Asia/Tokyo",
                Line::Direction(Direction::Person { name: name("kim"), zone: chrono_tz::Asia::Tokyo }),
            ),
            (
                "/channel #ops private",
                Line::Direction(Direction::Channel { name: name("ops"), private: true }),
            ),
            ("/away kim back", Line::Direction(Direction::Away { person: name("kim"), dates: None })),
            (
                "/away kim 2026-12-01..2026-12-08",
                Line::Direction(Direction::Away {
                    person: name("kim"),
                    dates: Some((date("2026-12-01"), date("2026-12-08"))),
                }),
            ),
            ("/gap", Line::Direction(Direction::Gap(None))),
            ("/filled #support", Line::Direction(Direction::Filled(Some(name("support"))))),
            ("/runbook", Line::Direction(Direction::Runbook(None))),
            ("/quit", Line::Direction(Direction::Quit)),
        ] {
            assert_eq!(parse(text), what, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_way_out() {
        for (text, error) in [
            ("/raect eyes 3", "there is no `/raect`; did you mean `/react`?"),
            ("/untill mon", "there is no `/untill`; did you mean `/until`?"),
            ("/frobnicate", "there is no `/frobnicate`; `/help` lists all"),
            ("/react eyes", "`/react eyes` is not understood: it goes `/react eyes 3`"),
            ("/thread 0", "`/thread 0` is not understood: it goes `/thread 3`"),
            ("/main street", "`/main street` is not understood: it goes `/main`"),
            ("ben: /crash", "`/crash` happens to all: leave `ben` away"),
            (
                "/until someday",
                "`someday` is no time: it goes `+3h`, `09:30`, `mon 09:00` or `2026-11-23 09:00`",
            ),
            (
                "/away kim 2026-12-08..2026-12-01",
                "`/away kim 2026-12-08..2026-12-01` is not understood: it goes `/away kim 2026-12-01..2026-12-08 | back`",
            ),
        ] {
            assert_eq!(Line::parse(text, |name| name == "ben").unwrap_err().to_string(), error);
        }
        let zone = Line::parse("/person kim Asia/Tokio", |_| false).unwrap_err().to_string();
        assert!(zone.contains("Asia/Tokio") && zone.contains("Asia/Tokyo"), "{zone}");
    }
}
