//! Every instruction of the grammar in one table: reading, help, completion and "did you mean" all use it.

use super::script::{Act, Direction, PlaceName};
use super::when::{When, dates};
use crate::calendar::parse_zone;

/// One instruction, as `/help` shows it.
pub struct Instruction {
    /// Its name without `/`.
    pub name: &'static str,
    /// How it goes.
    pub usage: &'static str,
    /// What it does, in a few words.
    pub does: &'static str,
    pub(super) read: Read,
}

/// How the words after an instruction are read.
pub(super) enum Read {
    Act(ReadAct),
    Direction(ReadDirection),
}

type ReadAct = fn(&str) -> Option<Act>;
type ReadDirection = fn(&str) -> Option<Direction>;

const fn act(name: &'static str, usage: &'static str, does: &'static str, read: ReadAct) -> Instruction {
    Instruction { name, usage, does, read: Read::Act(read) }
}

const fn direction(
    name: &'static str,
    usage: &'static str,
    does: &'static str,
    read: ReadDirection,
) -> Instruction {
    Instruction { name, usage, does, read: Read::Direction(read) }
}

/// Every instruction, in the order of `/help`.
pub const INSTRUCTIONS: &[Instruction] = &[
    direction("as", "/as ana", "be this person", |words| one(words).map(Direction::As)),
    direction("in", "/in #support | @usher", "go to this channel, or talk to Usher alone", |words| {
        place(words).map(Direction::In)
    }),
    direction("thread", "/thread 3", "reply in the thread of message 3", |words| {
        number(words).map(Direction::Thread)
    }),
    direction("main", "/main", "go back to the channel's main line", |words| none(words, Direction::Main)),
    act("react", "/react eyes 3", "react to message 3", |words| reaction(words, true)),
    act("unreact", "/unreact eyes 3", "take the reaction back", |words| reaction(words, false)),
    act("edit", "/edit 3 new text", "change message 3", edit),
    act("delete", "/delete 3", "delete message 3", |words| number(words).map(Act::Delete)),
    act("press", "/press 5 1", "press a button of Usher's message 5, by number or label", press),
    direction(
        "until",
        "/until +3h | 09:30 | mon 09:00 | 2026-11-23 09:00",
        "let time pass; what falls due happens on the way",
        |words| When::parse(words).ok().map(Direction::Until),
    ),
    direction(
        "at",
        "/at +3h | 09:30 | mon 09:00 | 2026-11-23 09:00",
        "set the clock ahead, as if Usher had been off till then",
        |words| When::parse(words).ok().map(Direction::At),
    ),
    act("usher", "/usher why", "a command to Usher; `/usher help` lists them", |words| {
        Some(Act::Usher(words.to_owned()))
    }),
    act("call", "/call ben chidi", "a call begins here with these people", call),
    direction(
        "away",
        "/away kim 2026-12-01..2026-12-08 | back",
        "somebody is away for these dates, or back",
        away,
    ),
    direction("person", "/person kim Asia/Tokyo", "somebody joins", person),
    direction("channel", "/channel #name [private]", "open a channel", channel),
    direction("gap", "/gap [#support]", "from now on, events may be missing", |words| {
        optional_channel(words).map(Direction::Gap)
    }),
    direction("filled", "/filled [#support]", "what was missing has been read", |words| {
        optional_channel(words).map(Direction::Filled)
    }),
    direction("lost", "/lost #support", "what was missing cannot be read", |words| {
        channel_name(words).map(Direction::Lost)
    }),
    direction("crash", "/crash", "kill Usher and start it again from its store", |words| {
        none(words, Direction::Crash)
    }),
    direction("runbook", "/runbook [FILE]", "read the runbook again", |words| {
        Some(Direction::Runbook(some(words)))
    }),
    direction("who", "/who", "who is here, and what time it is for them", |words| {
        none(words, Direction::Who)
    }),
    direction("notes", "/notes on | off", "show what Usher decides beside what it says", notes),
    direction("tour", "/tour", "the first minute, step by step", |words| none(words, Direction::Tour)),
    direction("help", "/help [instruction]", "this list", |words| Some(Direction::Help(some(words)))),
    direction("quit", "/quit", "leave; everything is kept", |words| none(words, Direction::Quit)),
];

fn none(words: &str, direction: Direction) -> Option<Direction> {
    words.is_empty().then_some(direction)
}

fn some(words: &str) -> Option<String> {
    (!words.is_empty()).then(|| words.to_owned())
}

/// One word; a leading `@` is taken off.
fn one(words: &str) -> Option<String> {
    let word = words.strip_prefix('@').unwrap_or(words);
    (!word.is_empty() && !word.contains(char::is_whitespace)).then(|| word.to_owned())
}

/// A message's number, in brackets or not.
pub(super) fn number(words: &str) -> Option<u32> {
    let bare = words.strip_prefix('[').and_then(|words| words.strip_suffix(']')).unwrap_or(words);
    bare.parse().ok().filter(|number| *number > 0)
}

pub(super) fn place(words: &str) -> Option<PlaceName> {
    match words {
        "@usher" => Some(PlaceName::Usher),
        _ => channel_name(words).map(PlaceName::Channel),
    }
}

fn channel_name(words: &str) -> Option<String> {
    words.strip_prefix('#').and_then(one)
}

#[expect(clippy::option_option, reason = "outside: whether it was understood; inside: whether one was named")]
fn optional_channel(words: &str) -> Option<Option<String>> {
    if words.is_empty() { Some(None) } else { channel_name(words).map(Some) }
}

fn reaction(words: &str, added: bool) -> Option<Act> {
    let (emoji, message) = words.split_once(char::is_whitespace)?;
    let emoji = Some(emoji.trim_matches(':').to_owned()).filter(|emoji| !emoji.is_empty())?;
    Some(Act::React { emoji, message: number(message.trim())?, added })
}

fn edit(words: &str) -> Option<Act> {
    let (message, text) = words.split_once(char::is_whitespace)?;
    Some(Act::Edit { message: number(message)?, text: text.trim().replace("\\n", "\n") })
}

fn press(words: &str) -> Option<Act> {
    let (message, button) = words.split_once(char::is_whitespace)?;
    let button = button.trim().trim_start_matches('[').trim_end_matches(']').to_owned();
    Some(Act::Press { message: number(message)?, button })
}

fn call(words: &str) -> Option<Act> {
    let people: Option<Vec<String>> = words.split_whitespace().map(one).collect();
    people.map(Act::Call)
}

fn away(words: &str) -> Option<Direction> {
    let (person, span) = words.split_once(char::is_whitespace)?;
    let person = one(person)?;
    match span.trim() {
        "back" => Some(Direction::Away { person, dates: None }),
        span => Some(Direction::Away { person, dates: Some(dates(span)?) }),
    }
}

fn person(words: &str) -> Option<Direction> {
    let (name, zone) = words.split_once(char::is_whitespace)?;
    Some(Direction::Person { name: one(name)?, zone: parse_zone(zone.trim()).ok()? })
}

fn channel(words: &str) -> Option<Direction> {
    let (name, private) = match words.split_once(char::is_whitespace) {
        Some((name, kind)) => (name, (kind.trim() == "private").then_some(true)?),
        None => (words, false),
    };
    Some(Direction::Channel { name: channel_name(name)?, private })
}

fn notes(words: &str) -> Option<Direction> {
    match words {
        "on" => Some(Direction::Notes(true)),
        "off" => Some(Direction::Notes(false)),
        _ => None,
    }
}
