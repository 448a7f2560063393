//! What the transcript says beside what a platform shows.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use usher::calendar::{Instant, to_local};
use usher::chat::console::{Entry, EntryKind};
use usher::core::event::MessageRef;
use usher::core::turn::Note;
use usher::play::notes;

use super::numbers::{Numbers, Spot};
use super::world::{Shown, World};

/// Lines by the place where they are read: what stands in two places has no order.
type Places = BTreeMap<String, Vec<String>>;

/// The place of pages: they stand nowhere.
const PAGER: &str = "";

/// One side of what came of a line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Side {
    said: Places,
    /// What was decided, without an order.
    noted: Vec<String>,
}

impl Side {
    fn say(&mut self, zone: Tz, at: Instant, place: &str, words: &str) {
        let line = format!("{}  {words}", to_local(zone, at).format("%a %H:%M"));
        self.said.entry(place.to_owned()).or_default().push(line);
    }

    /// A socket that breaks makes a gap that no transcript knows: what was held back by it is left out.
    fn note(&mut self, words: String) {
        if !words.ends_with("events may be missing") {
            self.noted.push(words);
        }
    }

    /// The pager has an order for each person alone.
    fn sort_pages(&mut self) {
        self.said.get_mut(PAGER).into_iter().for_each(|pages| pages.sort());
    }

    /// A silence that was noted before a gap is noted anew after it: what is in `known` and not in the transcript is
    /// left out.
    pub fn forget_silences(&mut self, transcript: &Side, known: &mut BTreeSet<String>) {
        let is_news = |words: &String| !known.contains(words) || transcript.noted.contains(words);
        self.noted.retain(is_news);
        known.extend(self.noted.iter().filter(|words| words.starts_with("not said: ")).cloned());
    }

    /// The same without what was decided.
    pub fn without_notes(self) -> Side {
        Side { noted: Vec::new(), ..self }
    }

    /// How this, the transcript's, differs from what is on a platform.
    pub fn differences(&self, there: &Side) -> Vec<String> {
        let places =
            self.said.keys().chain(there.said.keys().filter(|place| !self.said.contains_key(*place)));
        let none = Vec::new();
        let mut differences = Vec::new();
        for place in places {
            let (wanted, found) =
                (self.said.get(place).unwrap_or(&none), there.said.get(place).unwrap_or(&none));
            if wanted != found {
                differences.push(format!("  in {place}\n    transcript: {wanted:#?}\n    there: {found:#?}"));
            }
        }
        if self.noted != there.noted {
            differences
                .push(format!("  noted\n    transcript: {:#?}\n    there: {:#?}", self.noted, there.noted));
        }
        differences
    }
}

/// What the transcript says, as it is said on a platform.
pub fn of_transcript<W: World>(entries: &[Entry], zone: Tz) -> Side {
    let mut side = Side::default();
    for entry in entries {
        match entry.kind {
            EntryKind::Usher => side.say(zone, entry.at, &W::place(&entry.place), &words::<W>(&entry.text)),
            EntryKind::Note => side.note(entry.text.clone()),
            EntryKind::Talk | EntryKind::Sign | EntryKind::Stage | EntryKind::Remark => {}
        }
    }
    side.noted.sort();
    side.sort_pages();
    side
}

fn words<W: World>(text: &str) -> String {
    // The console keeps a button in one piece with spaces at which no line is broken.
    W::words(&text.replace('\u{a0}', " ")).trim_end().to_owned()
}

/// Whether Usher says what it does in a channel into which it was let: on the console nobody lets it in.
fn is_hello(text: &str) -> bool {
    text.starts_with("Hello, I'm Usher") || text.starts_with("You let me into ")
}

/// What the platform says, with the console's number in an address in which a thread's id stands.
fn numbered(text: &str, numbers: &Numbers) -> String {
    let slug = |id: &str| -> String { id.chars().filter(char::is_ascii_alphanumeric).collect() };
    numbers.all().fold(text.to_owned(), |text, (number, spot)| {
        text.replace(&format!("-{}", slug(&spot.id)), &format!("-{number}"))
    })
}

/// The numbers that the transcript gives to what Usher said, by place and in order.
fn numbers_given<W: World>(entries: &[Entry]) -> BTreeMap<String, Vec<u32>> {
    let mut given: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Usher) {
        if let Some(number) = number_of(&entry.text) {
            given.entry(W::place(&entry.place)).or_default().push(number);
        }
    }
    given
}

/// The number at the start of a line.
pub fn number_of(text: &str) -> Option<u32> {
    text.strip_prefix('[')?.split_once(']')?.0.parse().ok()
}

/// What the platform shows, with the numbers that the transcript gives: what is the first in its place there is the
/// first here.
pub fn of_platform<W: World>(
    shown: &[Shown],
    pages: &[(Instant, String)],
    entries: &[Entry],
    numbers: &mut Numbers,
    zone: Tz,
) -> Side {
    let mut side = Side::default();
    let mut given = numbers_given::<W>(entries);
    for it in shown.iter().filter(|it| !is_hello(&it.text)) {
        let text = numbered(&it.text, numbers);
        let place = place(it, numbers);
        let said = if it.changed {
            let number = numbers.number(&it.channel, &it.id).unwrap_or_default();
            format!("✎ [{number}] now reads: {text}")
        } else {
            let next = given.get_mut(&place).filter(|given| !given.is_empty()).map(|given| given.remove(0));
            if let Some(number) = next {
                numbers.put(number, Spot { channel: it.channel.clone(), id: it.id.clone() });
            }
            format!("[{}] Usher: {text}", next.unwrap_or_default())
        };
        side.say(zone, it.at, &place, &said);
    }
    for (at, words) in pages {
        side.say(zone, *at, PAGER, words);
    }
    side.sort_pages();
    side
}

/// Adds what was decided.
pub fn add_notes(side: &mut Side, noted: &[Note], numbers: &Numbers, zone: Tz) {
    let about = |message: &MessageRef| {
        let number = numbers.number(&message.channel, &message.id);
        number.map_or_else(|| format!("{message:?}"), |number| format!("[{number}]"))
    };
    noted.iter().filter_map(|note| notes::words(note, zone, about)).for_each(|words| side.note(words));
    side.noted.sort();
}

fn place(shown: &Shown, numbers: &Numbers) -> String {
    if let Some(person) = &shown.only {
        return format!("{} (only {person} sees it)", shown.place);
    }
    let thread = shown.thread.as_ref().map(|root| match numbers.number(&shown.channel, root) {
        Some(number) => format!("/{number}"),
        None => format!("/{root}"),
    });
    format!("{}{}", shown.place, thread.unwrap_or_default())
}
