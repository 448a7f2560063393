//! True happenings as the events that a platform would send.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use usher::calendar::{Instant, Span};
use usher::core::event::{
    ChannelFacts, ChannelKind, Event, Mention, MessageRef, Platform, Posted, RevisionText, Text, UserFacts,
    What,
};

use super::book::{Book, Ms, Party, Who};
use super::office::Rules;
use super::script::{Deed, Happening, Id, Words, handle};

/// The platform of a team.
pub fn platform(book: &Book) -> Platform {
    if book.slack { Platform::Slack } else { Platform::Console }
}

/// A message's id, as Slack makes them.
pub fn message_id(id: Id) -> String {
    format!("17{:08}.{:06}", id, 100)
}

/// The number of a message in the script.
pub fn number(message: &str) -> Option<Id> {
    message.strip_prefix("17")?.split('.').next()?.parse().ok()
}

fn text(book: &Book, words: &Words) -> Text {
    let mention = |party: &Party| match party {
        Party::Person(who) => Mention::User(book.user_id(*who).into()),
        Party::Group(_) | Party::Rotation(_) | Party::Responders => {
            Mention::Group(handle(book, *party).into())
        }
    };
    Text::new(words.text(book), words.mentions.iter().map(mention).collect())
}

/// A happening as an event, with its usual key.
pub fn event(rules: &Rules, happening: &Happening) -> Event {
    let book = rules.at(happening.at);
    let at = |channel: usize, id: Id| MessageRef {
        channel: book.channel_id(channel).into(),
        id: message_id(id).into(),
    };
    let thread = |thread: &Option<Id>| thread.map(|id| message_id(id).into());
    let what = match &happening.deed {
        Deed::Said { channel, thread: root, by, words } => What::Posted(Posted {
            message: at(*channel, happening.id),
            thread: thread(root),
            author: book.user_id(*by).into(),
            bot: false,
            text: text(book, words),
        }),
        Deed::BotSaid { channel, thread: root, words } => What::Posted(Posted {
            message: at(*channel, happening.id),
            thread: thread(root),
            author: "B0DEPLOYER".into(),
            bot: true,
            text: text(book, words),
        }),
        Deed::Edited { of, channel, thread: root, by, words } => What::Edited {
            message: at(*channel, *of),
            thread: thread(root),
            author: book.user_id(*by).into(),
            text: text(book, words),
        },
        Deed::Deleted { of, channel, thread: root } => {
            What::Deleted { message: at(*channel, *of), thread: thread(root) }
        }
        Deed::Reacted { of, channel, by, emoji, added, .. } => What::Reacted {
            message: at(*channel, *of),
            user: book.user_id(*by).into(),
            emoji: emoji.name().into(),
            added: *added,
        },
        Deed::Away { who, from, to } => {
            let span = Span { from: Instant::from_ms(*from), to: Instant::from_ms(*to) };
            What::Away { user: book.user_id(*who).into(), span: Some(span) }
        }
        Deed::Moved(number) => {
            let moved = rules.moves[*number];
            What::User { user: book.user_id(moved.who).into(), facts: facts(book, moved.who, moved.to) }
        }
        Deed::Reload(number) => What::Revision(revision(*number, &rules.books[*number].1)),
    };
    made(book, format!("e{}", happening.id), happening.at, what)
}

/// An event of that key.
pub fn made(book: &Book, key: String, at: Ms, what: What) -> Event {
    Event { key: key.into(), at: Instant::from_ms(at), platform: platform(book), what }
}

/// What the platform knows of a person.
fn facts(book: &Book, who: Who, zone: Tz) -> UserFacts {
    let name = book.people[who].name.to_owned();
    UserFacts { name, zone: Some(zone), bot: false, deactivated: false, guest: false, away_until: None }
}

/// A runbook's revision.
pub fn revision(number: usize, book: &Book) -> RevisionText {
    RevisionText {
        id: format!("r{number}").into(),
        file: "runbook.toml".to_owned(),
        text: book.toml(),
        beside: BTreeMap::new(),
        by: None,
    }
}

/// What the platform tells at the beginning: who and what there is.
pub fn introduction(book: &Book, at: Ms) -> Vec<Event> {
    let mut events = vec![made(book, "hello-runbook".to_owned(), at, What::Revision(revision(0, book)))];
    for who in 0..book.people.len() {
        let facts = facts(book, who, book.zone_of(who));
        let what = What::User { user: book.user_id(who).into(), facts };
        events.push(made(book, format!("hello-user-{who}"), at, what));
    }
    for (channel, described) in book.channels.iter().enumerate() {
        let members = (0..book.people.len()).map(|who| book.user_id(who).into()).collect();
        let name = described.name.to_owned();
        let facts =
            ChannelFacts { aliases: Vec::new(), name, kind: ChannelKind::Public, archived: false, members };
        let what = What::Channel { channel: book.channel_id(channel).into(), facts };
        events.push(made(book, format!("hello-channel-{channel}"), at, what));
    }
    events
}

/// The words are chosen so that their meaning is beyond doubt: this holds Usher's reading of them against it.
#[test]
fn the_words_are_read_as_they_are_meant() {
    use super::script::{Meaning, ways};
    use usher::core::judge::judge;
    let all = [
        Meaning::Asks,
        Meaning::Tells,
        Meaning::Takes,
        Meaning::AsksBack,
        Meaning::Thanks,
        Meaning::Greets,
        Meaning::Chases,
        Meaning::Resolves,
    ];
    for meaning in all {
        for way in ways(meaning) {
            for text in [(*way).to_owned(), format!("@ana {way}")] {
                let read = judge(&text);
                let fits = match meaning {
                    Meaning::Asks => read.asks() && read.counts() && !read.chases() && !read.takes(),
                    Meaning::Tells => {
                        !read.asks() && read.counts() && !read.takes() && !read.closing() && !read.chases()
                    }
                    Meaning::Takes => read.takes() && !read.asks(),
                    Meaning::AsksBack => read.asks_back() && !read.takes() && !read.has_fix(),
                    Meaning::Thanks => read.thanks() && read.closing() && !read.counts(),
                    Meaning::Greets => read.social() && !read.counts() && !read.closing(),
                    Meaning::Chases => read.chases() && !read.takes(),
                    Meaning::Resolves => !read.asks() && !read.takes(),
                };
                assert!(fits, "{meaning:?}: {text} is read as {read:?}");
            }
        }
    }
}
