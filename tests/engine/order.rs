//! Late, doubled and reordered events end in the same state.

use std::collections::BTreeMap;

use crate::chat::Chat;
use crate::unread::seal;
use proptest::prelude::*;
use smol_str::format_smolstr;
use usher::calendar::{Instant, MINUTE_MS};
use usher::core::event::{Event, Mention, MessageRef, Platform, Posted, Text, What};
use usher::core::record::Record;
use usher::core::said::Stage;

const TEAM: &str = r#"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:00"

[people]
ana = { }
ben = { }
[groups]
platform = ["ana", "ben"]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "4h"
escalate = [{ after = "50%", tell = "responders", by = "thread" }]
[urgency.normal]
means = "Whenever"
respond-within = "1 workday"

[channels.support]
urgency = "blocking"
responders = "platform"
[channels.general]
urgency = "normal"
"#;

const PEOPLE: [&str; 4] = ["ana", "ben", "dora", "emil"];
const WORDS: [&str; 9] = [
    "Can you restart the build worker?",
    "@ana could you look at the deploy?",
    "@ben can you review this please?",
    "It was the cache, it runs again now.",
    "on it",
    "Which version do you use?",
    "thanks, that did it",
    "!blocking the deploy hangs, can somebody help?",
    "any news?",
];

/// What one generated event does: to a new message, or to an earlier one.
#[derive(Clone, Debug)]
enum Deed {
    Say { who: usize, words: usize, under: Option<prop::sample::Index> },
    Edit { of: prop::sample::Index, words: usize },
    Delete { of: prop::sample::Index },
    React { of: prop::sample::Index, who: usize, emoji: &'static str },
}

fn deed() -> impl Strategy<Value = Deed> {
    let emoji = prop::sample::select(vec!["eyes", "white_check_mark", "no_entry_sign"]);
    prop_oneof![
        8 => (0..4usize, 0..WORDS.len(), prop::option::of(any::<prop::sample::Index>()))
            .prop_map(|(who, words, under)| Deed::Say { who, words, under }),
        1 => (any::<prop::sample::Index>(), 0..WORDS.len()).prop_map(|(of, words)| Deed::Edit { of, words }),
        1 => any::<prop::sample::Index>().prop_map(|of| Deed::Delete { of }),
        2 => (any::<prop::sample::Index>(), 0..4usize, emoji).prop_map(|(of, who, emoji)| Deed::React { of, who, emoji }),
    ]
}

/// The events of the deeds, a few minutes apart, in the platform's order.
fn events(deeds: &[(Deed, i64)], channel: &str) -> Vec<Event> {
    let mut at = Instant::parse("2026-11-23T08:30:00Z").expect("an instant");
    let mut said: Vec<(MessageRef, Option<smol_str::SmolStr>, usize)> = Vec::new();
    let mut events = Vec::new();
    for (number, (deed, minutes)) in deeds.iter().enumerate() {
        at = at.plus(minutes * MINUTE_MS);
        let pick = |of: &prop::sample::Index| (!said.is_empty()).then(|| said[of.index(said.len())].clone());
        let what = match deed {
            Deed::Say { who, words, under } => {
                let thread = under.as_ref().and_then(pick).map(|(of, root, _)| root.unwrap_or(of.id));
                let message = MessageRef { channel: channel.into(), id: format_smolstr!("m{number}") };
                said.push((message.clone(), thread.clone(), *who));
                What::Posted(Posted {
                    message,
                    thread,
                    author: PEOPLE[*who].into(),
                    bot: false,
                    text: text(*words),
                })
            }
            Deed::Edit { of, words } => {
                let Some((message, thread, who)) = pick(of) else { continue };
                What::Edited { message, thread, author: PEOPLE[who].into(), text: text(*words) }
            }
            Deed::Delete { of } => {
                let Some((message, thread, _)) = pick(of) else { continue };
                What::Deleted { message, thread }
            }
            Deed::React { of, who, emoji } => {
                let Some((message, _, _)) = pick(of) else { continue };
                What::Reacted { message, user: PEOPLE[*who].into(), emoji: (*emoji).into(), added: true }
            }
        };
        events.push(Event { key: format_smolstr!("x{number}"), at, platform: Platform::Console, what });
    }
    events
}

fn text(words: usize) -> Text {
    let plain = WORDS[words].to_owned();
    let mentions = plain
        .split_whitespace()
        .filter_map(|word| word.strip_prefix('@'))
        .map(|name| Mention::User(name.into()));
    let mentions = mentions.collect();
    Text::new(plain, mentions)
}

/// The stage of every obligation after the events came in this order, all of them late.
fn end(channel: &str, events: &[Event]) -> BTreeMap<String, (Option<Stage>, bool)> {
    let people: Vec<(&str, &str)> = PEOPLE.iter().map(|name| (*name, "Europe/Berlin")).collect();
    let mut chat = Chat::new(TEAM, "2026-11-20T08:00:00Z", &people, &[channel]);
    chat.now = Instant::parse("2026-11-25T12:00:00Z").expect("an instant");
    for event in events {
        chat.deliver(event);
    }
    chat.until("2026-11-25T12:00:01Z");
    let mut owed = BTreeMap::new();
    for (key, record) in &chat.records {
        if let Record::Case(said) = record {
            owed.insert(key.id.to_string(), (said.stage, said.breached));
        }
    }
    owed
}

/// What was said when the events came as they happened, with the engine loaded anew after each for which `restarts`
/// says so.
fn live(channel: &str, events: &[Event], restarts: impl Fn(usize) -> bool) -> Vec<String> {
    let people: Vec<(&str, &str)> = PEOPLE.iter().map(|name| (*name, "Europe/Berlin")).collect();
    let mut chat = Chat::new(TEAM, "2026-11-20T08:00:00Z", &people, &[channel]);
    for (number, event) in events.iter().enumerate() {
        chat.until(&event.at.max(chat.now).to_string());
        chat.deliver(event);
        if restarts(number) {
            chat.restart();
        }
    }
    chat.until("2026-12-04T12:00:00Z");
    let mut ids: Vec<_> = chat.actions.iter().map(|action| action.id.clone()).collect();
    ids.sort();
    let twice: Vec<_> =
        ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_string()).collect();
    assert_eq!(twice, Vec::<String>::new(), "nothing is said twice: {:#?}", chat.said);
    chat.said
}

/// Some messages come encrypted: `sealed` says of each how many events later its key comes, if ever.
fn with_late_keys(events: &[Event], sealed: &[Option<Option<usize>>]) -> Vec<Event> {
    let mut sealed = sealed.iter().cycle();
    let mut keys: Vec<(usize, Event)> = Vec::new();
    let mut told = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let late =
            if matches!(event.what, What::Posted(_)) { *sealed.next().expect("it repeats") } else { None };
        told.push(if late.is_some() { seal(event) } else { event.clone() });
        keys.extend(late.flatten().map(|later| (number + later, event.clone())));
        told.extend(keys.extract_if(.., |(due, _)| *due <= number).map(|(_, event)| event));
    }
    told
}

fn message(id: &str) -> MessageRef {
    MessageRef { channel: "support".into(), id: id.into() }
}

fn posted(id: &str, thread: Option<&str>, who: &str, words: usize) -> What {
    What::Posted(Posted {
        message: message(id),
        thread: thread.map(Into::into),
        author: who.into(),
        bot: false,
        text: text(words),
    })
}

fn event(number: usize, at: &str, what: What) -> Event {
    let at = Instant::parse(at).expect("an instant");
    Event { key: format_smolstr!("x{number}"), at, platform: Platform::Console, what }
}

/// A question is answered in its thread and deleted later; the deletion is heard before the thread opens.
#[test]
fn a_thread_that_opens_late_knows_what_became_of_its_first_message() {
    let deleted = What::Deleted { message: message("m0"), thread: None };
    let told = [
        event(0, "2026-11-23T08:36:00Z", posted("m0", None, "ana", 7)),
        event(1, "2026-11-23T10:40:00Z", posted("m1", Some("m0"), "ben", 3)),
        event(2, "2026-11-24T00:01:00Z", deleted),
    ];
    let in_order = end("support", &told);
    assert_eq!(in_order.len(), 1, "what is owed is remembered while its thread is young: {in_order:?}");
    let [question, answer, deletion] = told;
    assert_eq!(in_order, end("support", &[question, deletion, answer]));
}

/// Two questions are answered in a thread, the first of which opened it and is heard last.
#[test]
fn a_first_message_that_comes_last_is_owed_and_answered_as_if_it_had_come_first() {
    let told = [
        event(0, "2026-11-24T08:36:00Z", posted("m0", None, "ana", 7)),
        event(1, "2026-11-24T09:40:00Z", posted("m1", Some("m0"), "ben", 3)),
        event(2, "2026-11-24T09:50:00Z", posted("m2", Some("m0"), "ana", 7)),
        event(3, "2026-11-24T10:10:00Z", posted("m3", Some("m0"), "ben", 3)),
    ];
    let in_order = end("support", &told);
    assert_eq!(in_order.len(), 2, "both are owed: {in_order:?}");
    let [first, answer, second, last] = told;
    assert_eq!(in_order, end("support", &[answer, second, last, first]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_matter(
        deeds in prop::collection::vec((deed(), 1..90i64), 1..24),
        keys in prop::collection::vec(any::<u32>(), 24),
        sealed in any::<u32>(),
        twice in any::<bool>(),
        channel in prop::sample::select(vec!["support", "general"]),
    ) {
        let ordered = events(&deeds, channel);
        let unreadable = |(number, event): (usize, &Event)| {
            let is_sealed = matches!(event.what, What::Posted(_)) && sealed >> number & 1 == 1;
            is_sealed.then(|| (keys[number].rotate_left(16), seal(event)))
        };
        let mut shuffled: Vec<(u32, Event)> = keys.iter().copied().zip(ordered.iter().cloned()).collect();
        shuffled.extend(ordered.iter().enumerate().filter_map(unreadable));
        shuffled.sort_by_key(|(key, _)| *key);
        let mut shuffled: Vec<Event> = shuffled.into_iter().map(|(_, event)| event).collect();
        if twice {
            shuffled.extend(ordered.iter().cloned());
        }
        let in_order = end(channel, &ordered);
        let disordered = end(channel, &shuffled);
        let open = |ends: &BTreeMap<String, (Option<Stage>, bool)>| {
            ends.iter().filter(|(_, (stage, _))| *stage != Some(Stage::Cancelled)).map(|(id, end)| (id.clone(), *end)).collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(open(&in_order), open(&disordered));
    }

    #[test]
    fn a_restart_anywhere_says_the_same(
        deeds in prop::collection::vec((deed(), 1..300i64), 1..24),
        restarts in any::<u32>(),
        sealed in prop::collection::vec(prop::option::weighted(0.3, prop::option::of(0..6usize)), 24),
        channel in prop::sample::select(vec!["support", "general"]),
    ) {
        let events = with_late_keys(&events(&deeds, channel), &sealed);
        let without = live(channel, &events, |_| false);
        let with = live(channel, &events, |number| restarts >> (number % 32) & 1 == 1);
        prop_assert_eq!(without, with);
    }
}
