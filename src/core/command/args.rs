//! What follows a command's name, word by word, and the names in it: of people, channels, levels.

use smol_str::SmolStr;

use super::mistake::Mistake;
use super::table::Entry;
use super::when::When;
use super::{ChannelNamed, Whom};
use crate::core::event::{ChannelId, MessageId, MessageRef, Platform};
use crate::core::message::harmless;
use crate::core::people::People;
use crate::core::places::Places;
use crate::runbook::{Name, Runbook, Who, is_same_mark, nearest};

/// A person's name has at most so many words.
const NAME_WORDS: usize = 4;
/// A time has at most so many words.
const TIME_WORDS: usize = 5;

/// What follows a command's name.
pub(super) struct Args<'a> {
    rest: &'a str,
}

impl<'a> Args<'a> {
    pub(super) fn new(rest: &'a str) -> Args<'a> {
        Args { rest: rest.trim() }
    }

    /// Everything that is left.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// The next word, which stays.
    pub(super) fn peek(&self) -> Option<&'a str> {
        self.rest.split_whitespace().next()
    }

    /// The next word.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.skip(1);
        Some(word)
    }

    /// The first words that are left, at most `most`.
    fn first(&self, most: usize) -> Vec<&'a str> {
        self.rest.split_whitespace().take(most).collect()
    }

    fn skip(&mut self, words: usize) {
        for _ in 0..words {
            let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
            self.rest = self.rest[end..].trim_start();
        }
    }

    /// Nothing may be left.
    pub(super) fn end(&self, entry: &'static Entry) -> Result<(), Mistake> {
        match self.rest {
            "" => Ok(()),
            typed => Err(Mistake::Extra { entry, typed: typed.to_owned() }),
        }
    }

    /// The time at the start of what is left.
    pub(super) fn time(&mut self) -> Option<When> {
        let (when, taken) = When::read(&self.first(TIME_WORDS))?;
        self.skip(taken);
        Some(when)
    }

    /// All that is left is a time.
    pub(super) fn only_time(&mut self, entry: &'static Entry) -> Result<When, Mistake> {
        let typed = self.rest;
        let when = self.time().filter(|_| self.rest.is_empty());
        when.ok_or_else(|| Mistake::NotATime { entry, typed: typed.to_owned() })
    }

    /// All that is left is a text of at most `most` characters.
    pub(super) fn text(
        &self,
        entry: &'static Entry,
        what: &'static str,
        most: usize,
    ) -> Result<String, Mistake> {
        let chars = self.rest.chars().count();
        if harmless(self.rest).trim().is_empty() {
            return Err(Mistake::Missing { entry, what: "a text" });
        }
        if chars > most { Err(Mistake::TooLong { what, chars, most }) } else { Ok(self.rest.to_owned()) }
    }
}

/// What the names in a command can mean, and where it was given.
pub(super) struct Book<'a> {
    pub(super) runbook: &'a Runbook,
    pub(super) people: &'a People,
    pub(super) places: &'a Places,
    pub(super) platform: Platform,
    pub(super) by: &'a Name,
    pub(super) channel: &'a ChannelId,
}

impl Book<'_> {
    /// The person whose name stands at the start of what is left: the longest that somebody has.
    pub(super) fn take_person(&self, args: &mut Args<'_>) -> Result<Name, Mistake> {
        if let Some(person) = args.peek().and_then(|typed| self.by_id(typed)) {
            args.skip(1);
            return Ok(person);
        }
        let words = args.first(NAME_WORDS);
        for count in (1..=words.len()).rev() {
            if let Some(person) = self.person(&words[..count].join(" "))? {
                args.skip(count);
                return Ok(person);
            }
        }
        Err(self.no_such("person", words.first().unwrap_or(&""), self.people_names(), "who"))
    }

    /// The person whom the platform knows by that id: a name may be that of two, and may go on in what follows.
    fn by_id(&self, typed: &str) -> Option<Name> {
        let bare = typed.strip_prefix('@')?;
        let id = SmolStr::new(match self.platform {
            Platform::Slack => bare,
            // There an id begins so.
            Platform::Matrix => typed,
            // There the name is the id.
            Platform::Console => return None,
        });
        let is_known = self.people.facts(self.platform, &id).is_some();
        let is_somebody = is_known && !self.people.is_ghost(self.platform, &id);
        is_somebody.then(|| self.people.person(self.platform, &id))
    }

    /// Whoever or whatever is asked about: `@` begins a person or a group, `#` a channel.
    pub(super) fn whom(&self, typed: &str) -> Result<Whom, Mistake> {
        if typed.starts_with('#') {
            return self.channel(typed).map(Whom::Channel);
        }
        if let Some(person) = self.by_id(typed) {
            return Ok(Whom::Of(Who::Person(person)));
        }
        let name = typed.trim_start_matches('@');
        let dashed = name.replace(' ', "-");
        if let Some(who) = self.group_or_rotation(name).or_else(|| self.group_or_rotation(&dashed)) {
            return Ok(Whom::Of(who));
        }
        if !typed.starts_with('@')
            && let Some((topic, _)) = same(&self.runbook.owners, name)
        {
            return Ok(Whom::Topic(topic.clone()));
        }
        if let Some(person) = self.person(typed)? {
            return Ok(Whom::Of(Who::Person(person)));
        }
        if let Ok(channel) = self.channel(typed) {
            return Ok(Whom::Channel(channel));
        }
        let mut known = self.people_names();
        known.extend(self.runbook.groups.keys().map(Name::to_string));
        known.extend(self.runbook.rotations.keys().map(Name::to_string));
        known.extend(self.runbook.owners.keys().map(Name::to_string));
        Err(self.no_such("person, group, rotation or topic", typed, known, "who"))
    }

    fn group_or_rotation(&self, name: &str) -> Option<Who> {
        let rotation = same(&self.runbook.rotations, name).map(|(name, _)| Who::Rotation(name.clone()));
        rotation.or_else(|| same(&self.runbook.groups, name).map(|(name, _)| Who::Group(name.clone())))
    }

    /// A person by their key, in any case, or by the name that people read.
    fn person(&self, typed: &str) -> Result<Option<Name>, Mistake> {
        let typed = typed.trim_start_matches('@').trim_end_matches([',', ':', '.', '?', '!']);
        if typed.eq_ignore_ascii_case("me") {
            return Ok(Some(self.by.clone()));
        }
        let all = self.people.all(self.runbook);
        if let Some(person) = all.iter().find(|person| person.as_str() == typed) {
            return Ok(Some(person.clone()));
        }
        let lower = typed.to_lowercase();
        let fits = |person: &&Name| {
            person.to_lowercase() == lower || self.people.shown(self.runbook, person).to_lowercase() == lower
        };
        let found: Vec<&Name> = all.iter().filter(fits).collect();
        match found.as_slice() {
            [] => Ok(None),
            [person] => Ok(Some((*person).clone())),
            many => Err(Mistake::Ambiguous {
                typed: typed.to_owned(),
                known: many.iter().take(5).map(ToString::to_string).collect(),
            }),
        }
    }

    fn people_names(&self) -> Vec<String> {
        let all = self.people.all(self.runbook);
        all.iter().map(|person| self.people.shown(self.runbook, person).to_string()).collect()
    }

    /// A channel of the runbook, or a public one of the platform.
    pub(super) fn channel(&self, typed: &str) -> Result<ChannelNamed, Mistake> {
        let name = typed.trim_start_matches('#');
        let of_platform = |wanted: &str| {
            let mut places = self.places.all().into_iter().filter(|(id, place)| {
                place.platform == self.platform
                    && (place.facts.name == wanted || id.as_str() == wanted)
                    && self.places.is_readable(id, self.account(self.platform).as_ref(), self.people)
            });
            places.next().map(|(id, _)| id.clone())
        };
        if let Some((name, listed)) = same(&self.runbook.channels, name) {
            let address = match self.platform {
                Platform::Slack => listed.slack.as_deref(),
                Platform::Matrix => listed.matrix.as_deref(),
                Platform::Console => None,
            };
            let id = address.and_then(|address| self.places.at(address)).cloned();
            let id = id.or_else(|| of_platform(name));
            return Ok(ChannelNamed { name: name.clone(), id });
        }
        match of_platform(name) {
            Some(id) => Ok(ChannelNamed { name: self.places.shown(&id), id: Some(id) }),
            None => {
                let known = self.runbook.channels.keys().map(Name::to_string).collect();
                Err(self.no_such("channel", typed, known, "runbook"))
            }
        }
    }

    /// The id of whoever gives the command, on a platform.
    fn account(&self, platform: Platform) -> Option<SmolStr> {
        self.people.account(self.runbook, self.by, platform)
    }

    pub(super) fn level(&self, typed: &str) -> Result<Name, Mistake> {
        let lower = typed.to_lowercase();
        let found = self.runbook.levels.iter().find(|level| {
            level.name.to_lowercase() == lower || level.marks.iter().any(|mark| is_same_mark(mark, typed))
        });
        let known = || self.runbook.levels.iter().map(|level| level.name.to_string()).collect();
        found
            .map(|level| level.name.clone())
            .ok_or_else(|| self.no_such("urgency level", typed, known(), "runbook"))
    }

    /// A message by its link or its id, where whoever asks can read it.
    pub(super) fn message(&self, typed: &str) -> Result<MessageRef, Mistake> {
        let (channel, id) = read_link(typed);
        let channel = channel.unwrap_or_else(|| self.channel.clone());
        let by = self.places.get(&channel).and_then(|place| self.account(place.platform));
        let readable =
            channel == *self.channel || self.places.is_readable(&channel, by.as_ref(), self.people);
        match readable {
            true => Ok(MessageRef { channel, id }),
            false => Err(Mistake::NotAMessage { typed: typed.to_owned() }),
        }
    }

    fn no_such(&self, what: &'static str, typed: &str, known: Vec<String>, mend: &'static str) -> Mistake {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let near = nearest(typed.trim_start_matches(['@', '#']), &known).map(str::to_owned);
        Mistake::NoSuchName { what, typed: typed.to_owned(), nearest: near, mend }
    }
}

/// The entry of that name, in any case.
fn same<'m, T>(map: &'m std::collections::BTreeMap<Name, T>, typed: &str) -> Option<(&'m Name, &'m T)> {
    map.get_key_value(typed).or_else(|| map.iter().find(|(name, _)| name.eq_ignore_ascii_case(typed)))
}

/// The channel and the message in a link of Slack or Matrix; else the text is the message's id.
fn read_link(typed: &str) -> (Option<ChannelId>, MessageId) {
    let typed = typed.trim_matches(['<', '>']);
    let path = typed.split('?').next().unwrap_or_default();
    let mut parts = path.rsplit('/');
    let (last, before) = (parts.next().unwrap_or_default(), parts.next());
    let slack_id = last.strip_prefix('p').filter(|digits| {
        before.is_some() && digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    match (slack_id, before) {
        (Some(digits), Some(channel)) => {
            let (seconds, rest) = digits.split_at(10);
            (Some(channel.into()), SmolStr::new(format!("{seconds}.{rest}")))
        }
        (None, Some(room)) => match (decoded(room), decoded(last)) {
            (Some(room), Some(id)) if id.starts_with('$') => (Some(room.into()), id.into()),
            (_, _) => (None, typed.into()),
        },
        (_, None) => (None, typed.into()),
    }
}

/// A part of an address without its percent signs; some clients write `%24` for the sign of a message's id.
fn decoded(part: &str) -> Option<String> {
    let mut pieces = part.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        bytes.extend(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_a_channel_and_a_message() {
        for (typed, channel, id) in [
            ("https://acme.slack.com/archives/C0SUP/p1700000000123456", Some("C0SUP"), "1700000000.123456"),
            (
                "<https://acme.slack.com/archives/C0SUP/p1700000000123456?thread_ts=1.2>",
                Some("C0SUP"),
                "1700000000.123456",
            ),
            (
                "https://matrix.to/#/!room:example.org/$event:example.org?via=example.org",
                Some("!room:example.org"),
                "$event:example.org",
            ),
            (
                "https://matrix.to/#/%21room%3Aexample.org/%24a%2fb?via=example.org",
                Some("!room:example.org"),
                "$a/b",
            ),
            ("https://matrix.to/#/!room/%é4b", None, "https://matrix.to/#/!room/%é4b"),
            ("1700000000.123456", None, "1700000000.123456"),
            ("m7", None, "m7"),
            ("https://example.org/page", None, "https://example.org/page"),
        ] {
            assert_eq!(read_link(typed), (channel.map(SmolStr::new), SmolStr::new(id)), "{typed}");
        }
    }
}
