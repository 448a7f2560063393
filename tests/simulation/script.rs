//! What truly happens in the chat, with what everybody means by it: the words are chosen so that nobody
//! could take them otherwise.

use super::book::{Book, Ms, Party, Who};

/// A message, by the number of its event.
pub type Id = u32;

/// What a message means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// Asks for something.
    Asks,
    /// Tells something that counts: an answer, if somebody owes one.
    Tells,
    /// Takes it on.
    Takes,
    /// Asks back.
    AsksBack,
    /// Thanks and no more.
    Thanks,
    /// A greeting and no more.
    Greets,
    /// Asks again for an answer.
    Chases,
    /// One of the runbook's phrases: it is resolved.
    Resolves,
}

/// What is said, and by what right it could start a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub meaning: Meaning,
    pub mentions: Vec<Party>,
    /// The level whose mark stands at the start.
    pub mark: Option<usize>,
    /// Which of the ways to say it.
    pub way: usize,
}

/// What a reaction means in a channel that the runbook names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emoji {
    Eyes,
    NoEntry,
    Check,
    Tada,
}

impl Emoji {
    /// Its short name.
    pub fn name(self) -> &'static str {
        match self {
            Emoji::Eyes => "eyes",
            Emoji::NoEntry => "no_entry_sign",
            Emoji::Check => "white_check_mark",
            Emoji::Tada => "tada",
        }
    }
}

/// One thing that truly happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// Its number, unique in the script; messages are known by it.
    pub id: Id,
    /// When, by the platform's clock; no two of a script are at one instant.
    pub at: Ms,
    /// The conversation that it belongs to, by its first message.
    pub story: Option<Id>,
    pub deed: Deed,
}

impl Happening {
    /// The channel in which it happened, if in one.
    pub fn channel(&self) -> Option<usize> {
        match &self.deed {
            Deed::Said { channel, .. }
            | Deed::BotSaid { channel, .. }
            | Deed::Edited { channel, .. }
            | Deed::Deleted { channel, .. }
            | Deed::Reacted { channel, .. } => Some(*channel),
            Deed::Away { .. } | Deed::Moved(_) | Deed::Reload(_) => None,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// A message, in the main line or in the thread of another.
    Said { channel: usize, thread: Option<Id>, by: Who, words: Words },
    /// A program's message.
    BotSaid { channel: usize, thread: Option<Id>, words: Words },
    /// A message was changed by its author.
    Edited { of: Id, channel: usize, thread: Option<Id>, by: Who, words: Words },
    /// A message was deleted.
    Deleted { of: Id, channel: usize, thread: Option<Id> },
    /// Somebody reacted.
    Reacted { of: Id, channel: usize, thread: Option<Id>, by: Who, emoji: Emoji, added: bool },
    /// Somebody is away from an instant to another.
    Away { who: Who, from: Ms, to: Ms },
    /// The chat says that somebody is in another zone, by the number of the move.
    Moved(usize),
    /// The runbook of that number is in force.
    Reload(usize),
}

const ASKS: [&str; 4] = [
    "Can you restart the worker?",
    "Could you review the new schema?",
    "Why does the nightly build fail?",
    "How do we rotate the certificate?",
];
const TELLS: [&str; 4] = [
    "It was the cache; fixed in 42.",
    "The disk was full, I removed the old archives.",
    "The worker runs again since noon.",
    "The schema is fine, column seven is wide enough.",
];
const TAKES: [&str; 2] = ["on it", "looking into it"];
const ASKS_BACK: [&str; 2] = ["which version?", "What error do you see?"];
const THANKS: [&str; 2] = ["thanks!", "Thank you very much"];
const GREETS: [&str; 2] = ["good morning all", "hello everyone"];
const CHASES: [&str; 2] = ["any news?", "any update?"];
const RESOLVES: [&str; 1] = ["that did it"];

/// All ways to say a thing.
pub fn ways(meaning: Meaning) -> &'static [&'static str] {
    match meaning {
        Meaning::Asks => &ASKS,
        Meaning::Tells => &TELLS,
        Meaning::Takes => &TAKES,
        Meaning::AsksBack => &ASKS_BACK,
        Meaning::Thanks => &THANKS,
        Meaning::Greets => &GREETS,
        Meaning::Chases => &CHASES,
        Meaning::Resolves => &RESOLVES,
    }
}

impl Words {
    /// So said, the first way, to nobody in particular.
    pub fn plain(meaning: Meaning) -> Words {
        Words { meaning, mentions: Vec::new(), mark: None, way: 0 }
    }

    /// The text as a platform would give it.
    pub fn text(&self, book: &Book) -> String {
        let ways = ways(self.meaning);
        let mut text = String::new();
        if let Some(mark) = self.mark.and_then(|level| book.levels[level].mark) {
            text.push_str(mark);
            text.push(' ');
        }
        for party in &self.mentions {
            text.push('@');
            text.push_str(handle(book, *party));
            text.push(' ');
        }
        text.push_str(ways[self.way % ways.len()]);
        text
    }
}

/// The name by which a party is mentioned.
pub fn handle(book: &Book, party: Party) -> &'static str {
    match party {
        Party::Person(who) => book.people[who].name,
        Party::Group(group) => book.groups[group].0,
        Party::Rotation(rotation) => book.rotations[rotation].name,
        Party::Responders => "responders",
    }
}
