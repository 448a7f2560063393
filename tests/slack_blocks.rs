//! Usher's messages as Slack shows them.
#![cfg(feature = "slack")]
#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use usher::calendar::Instant;
use usher::chat::slack::blocks::{Block, Element, Rendered, home, permalink, render};
use usher::core::Engine;
use usher::core::action::{Action, ActionId, Choice, Kind, Target};
use usher::core::event::{
    ChannelFacts, ChannelKind, Event, MessageRef, Platform, Posted, RevisionText, Text, UserFacts, What,
};
use usher::core::message::{Button, Message, Part, TimeStyle};
use usher::play::Ends;
use usher::play::figures::Figures;
use usher::play::hours::Hours;
use usher::play::scenario::Scenario;
use usher::play::scene;
use usher::play::session::Delivery;
use usher::store::Store;

const WORKSPACE: &str = "https://acme.slack.com/";

fn time(style: TimeStyle) -> Part {
    let at = Instant::parse("2026-11-27T14:30:00Z").unwrap();
    Part::Time { at, zone: chrono_tz::Europe::Berlin, style }
}

fn words(words: &str) -> Part {
    Part::Words(words.to_owned())
}

fn of(parts: Vec<Part>) -> Message {
    Message { parts, buttons: Vec::new() }
}

fn rendered(message: &Message) -> Rendered {
    let rendered = render(message, &ActionId("reminder/C1/1.0/1".into()), Some(WORKSPACE));
    assert_slack_takes(&rendered);
    rendered
}

fn shown(message: &Message) -> String {
    serde_json::to_string_pretty(&rendered(message)).unwrap()
}

/// Everything in the sections of `rendered`.
fn elements(rendered: &Rendered) -> Vec<&Element> {
    let sections = rendered.blocks.iter().filter_map(|block| match block {
        Block::RichText { elements } => Some(elements),
        Block::Header { .. } | Block::Actions { .. } => None,
    });
    sections.flatten().flat_map(|section| &section.elements).collect()
}

/// What the sections of `rendered` say, one after the other.
fn said(rendered: &Rendered) -> String {
    let said = |element: &&Element| match element {
        Element::Text { text, .. } | Element::Link { text, .. } => text.clone(),
        Element::User { user_id: id } | Element::Channel { channel_id: id } => format!("<{id}>"),
        Element::Emoji { name } => format!(":{name}:"),
        Element::Date { format, .. } => (*format).to_owned(),
    };
    elements(rendered).iter().map(said).collect()
}

/// Slack's limits: those that it documents, and `msg_blocks_too_long`, which it does not.
#[track_caller]
fn assert_slack_takes(rendered: &Rendered) {
    let Rendered { text, blocks } = rendered;
    assert!(text.chars().count() <= 4_000, "chat.update takes no more");
    assert!(blocks.len() <= 50);
    assert!(text_in_all(blocks) <= 13_200);
}

/// What Slack looks at in each block; how many characters they show together.
#[track_caller]
fn text_in_all(blocks: &[Block]) -> usize {
    let mut in_all = 0;
    let mut ids = BTreeSet::new();
    for block in blocks {
        match block {
            Block::RichText { elements } => {
                let pieces: Vec<&Element> = elements.iter().flat_map(|section| &section.elements).collect();
                assert!(!pieces.is_empty());
                for piece in pieces {
                    if let Element::Text { text, .. } | Element::Link { text, .. } = piece {
                        assert!(!text.is_empty());
                        in_all += text.chars().count();
                    }
                }
            }
            Block::Header { text } => {
                assert!((1..=150).contains(&text.text.chars().count()));
                in_all += text.text.chars().count();
            }
            Block::Actions { elements } => {
                assert!((1..=25).contains(&elements.len()));
                for button in elements {
                    assert!((1..=75).contains(&button.text.text.chars().count()));
                    assert!(button.value.chars().count() <= 2_000 && button.action_id.chars().count() <= 255);
                    assert!(ids.insert(&button.action_id), "two buttons are called {}", button.action_id);
                    in_all += button.text.text.chars().count();
                }
            }
        }
    }
    in_all
}

/// What Usher says in a scenario.
fn said_in(scenario: &Scenario) -> Vec<Action> {
    let revision = scene::runbook_of(scenario).unwrap();
    let mut figures = Figures::new(Hours::new(&revision.0, Platform::Console));
    let play = scene::play(scenario, revision, Store::memory(), Delivery::Once, Ends::none(), &mut figures);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(play).unwrap().turns.into_iter().flat_map(|turn| turn.actions).collect()
}

fn scenario(path: &Path) -> Scenario {
    Scenario::parse(path.to_str().unwrap(), &fs::read_to_string(path).unwrap()).unwrap()
}

fn scenarios() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir("tests/scenarios").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "scenario"));
    paths.sort();
    paths
}

/// What a scenario calls by names and numbers, as Slack calls it.
fn as_in_slack(message: &Message) -> Message {
    let channel_id = |name: &str| format!("C0{}", name.to_uppercase());
    let mut message = message.clone();
    for part in &mut message.parts {
        match part {
            Part::Mention { user, .. } => *user = format!("U0{}", user.to_uppercase()).into(),
            Part::Channel { channel, .. } => *channel = channel_id(channel).into(),
            Part::Message { message, .. } => {
                let number: u32 = message.id.parse().unwrap();
                message.channel = channel_id(&message.channel).into();
                message.id = format!("1795426200.{number:06}").into();
            }
            Part::Words(_)
            | Part::Strong(_)
            | Part::Name(_)
            | Part::Time { .. }
            | Part::Quote(_)
            | Part::Code(_)
            | Part::Command(_)
            | Part::Link { .. }
            | Part::Break
            | Part::Heading(_)
            | Part::Buttons { .. } => {}
        }
    }
    message
}

/// One message of each kind, and the scenario in which it is said first.
const KINDS: &[(&str, Kind, &str)] = &[
    ("call", Kind::Call, "five-rounds-without-a-resolution-suggest-a-call"),
    ("written-way", Kind::WrittenWay, "more-people-than-suit-a-call-are-offered-the-written-way"),
    ("reminder", Kind::Reminder, "a-crash-loses-nothing-and-repeats-nothing"),
    ("escalation", Kind::Escalation, "a-crash-loses-nothing-and-repeats-nothing"),
    ("off-hours", Kind::OffHours, "somebody-who-is-in-is-asked-instead-of-one-who-is-off"),
    ("long-message", Kind::LongMessage, "a-long-message-gets-the-private-hint-once"),
    ("digest", Kind::Digest, "what-fell-due-while-usher-was-off-is-told-as-one"),
    ("status", Kind::Status, "a-mark-of-somebody-who-may-not-raise-it-is-a-word"),
    ("handoff", Kind::Handoff, "leave-passes-what-is-open-to-the-deputy"),
    ("answer", Kind::Answer, "with-suggest-never-a-call-is-for-the-asking"),
    ("admin", Kind::Admin, "a-watched-channel-hears-nothing"),
    ("revision", Kind::Revision, "a-runbook-that-means-something-else-is-announced"),
    ("outcome", Kind::Outcome, "a-call-at-a-later-hour-is-asked-about-after-it"),
];

#[test]
fn every_kind_of_message_is_shown() {
    for (name, kind, file) in KINDS {
        let said = said_in(&scenario(&PathBuf::from(format!("tests/scenarios/{file}.scenario"))));
        let action = said.iter().find(|action| action.kind == *kind).expect(name);
        insta::assert_snapshot!(format!("kind-{name}"), shown(&as_in_slack(&action.message)));
    }
    let text = "runbook: runbooks/acme.toml\nstart: 2026-11-23T17:30 Europe/Berlin\n\n\
                dora #support: @usher later @ben the *report* is ready & <!channel>\n/until 2026-11-24T09:30";
    let said = said_in(&Scenario::parse("tests/scenarios/later.scenario", text).unwrap());
    let action = said.iter().find(|action| action.kind == Kind::Later).expect("it is delivered");
    insta::assert_snapshot!("kind-later", shown(&as_in_slack(&action.message)));
}

const BOOK: &str = r##"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:30"
admins = ["ana"]

[people]
ana = { slack = "U0ANA" }
ben = { slack = "U0BEN", phone = "+49 30 1234" }
kim = { slack = "U0KIM" }

[groups]
platform = ["ana", "ben", "kim"]

[rotations.on-duty]
members = ["ben", "ana"]
every = "1 week"
handoff = "mon 09:00"
from = 2026-11-23

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
escalate = [{ after = "0m", tell = "on-duty", by = "pager" }]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "4h"
escalate = [{ after = "80%", tell = "responders", by = "thread" }]

[channels.support]
purpose = "Questions from customers"
urgency = "normal"
responders = "on-duty"

[channels.release]
urgency = "normal"
"##;

/// What Usher does in Slack as all of this happens on a Friday at 16:55 in Berlin; what was asked before is an hour old.
fn done_in_slack(asked: &[(&str, &str, &str)], whats: Vec<What>) -> Vec<Action> {
    let at = Instant::parse("2026-11-27T15:55:00Z").unwrap();
    let user = |name: &str| {
        let facts = UserFacts {
            name: name.to_owned(),
            zone: Some(chrono_tz::Europe::Berlin),
            bot: false,
            deactivated: false,
            guest: false,
            away_until: None,
        };
        What::User { user: format!("U0{}", name.to_uppercase()).into(), facts }
    };
    let channel = |name: &str| {
        let (name, kind) = (name.to_owned(), ChannelKind::Public);
        let channel = format!("C0{}", name.to_uppercase()).into();
        What::Channel {
            channel,
            facts: ChannelFacts { aliases: Vec::new(), name, kind, archived: false, members: Vec::new() },
        }
    };
    let id = "r1".into();
    let (file, text, beside) = ("team.toml".to_owned(), BOOK.to_owned(), BTreeMap::new());
    let mut before = vec![What::Revision(RevisionText { id, file, text, beside, by: None })];
    before.extend(["ana", "ben", "kim", "dora"].map(user));
    before.extend(["support", "release"].map(channel));
    for (number, (author, channel, text)) in asked.iter().enumerate() {
        let id = format!("1795426200.{:06}", number + 1).into();
        let message = MessageRef { channel: (*channel).into(), id };
        let text = Text::new(*text, Vec::new());
        let (thread, author) = (None, (*author).into());
        before.push(What::Posted(Posted { message, thread, author, bot: false, text }));
    }
    let mut engine = Engine::load([]).unwrap();
    let mut done = Vec::new();
    let before = before.into_iter().map(|what| (at.plus(-usher::calendar::HOUR_MS), what));
    for (number, (at, what)) in before.chain(whats.into_iter().map(|what| (at, what))).enumerate() {
        let event = Event { key: format!("e{number}").into(), at, platform: Platform::Slack, what };
        done.extend(engine.handle(&event, at).actions);
    }
    done
}

#[test]
fn the_home_is_shown_in_blocks_that_slack_takes() {
    let asked = [
        ("U0DORA", "C0SUPPORT", "can somebody look at the invoice of Globex?"),
        ("U0BEN", "C0SUPPORT", "who knows the contract of Initech?"),
    ];
    let done = done_in_slack(&asked, vec![What::HomeOpened { user: "U0BEN".into() }]);
    let action = done.last().unwrap();
    assert_eq!(action.kind, Kind::Home);
    let home = home(&action.message, &action.id, Some(WORKSPACE));
    text_in_all(&home.blocks);
    insta::assert_snapshot!("kind-home", serde_json::to_string_pretty(&home).unwrap());
}

#[test]
fn a_home_without_end_is_cut_where_slack_cuts() {
    let parts = (0..200).map(|number| Part::Heading(format!("{number} {}", "x".repeat(200))));
    let home = home(&of(parts.collect()), &ActionId("home/1".into()), None);
    assert_eq!(home.blocks.len(), 100);
    text_in_all(&home.blocks);
    let button = || vec![Button { label: "Why".to_owned(), choice: Choice::Why }];
    let row = |number: usize| Part::Buttons { of: ActionId(format!("{number}").into()), buttons: button() };
    let home = self::home(&of((0..60).map(row).collect()), &ActionId("home/1".into()), None);
    assert_eq!(home.blocks.len(), 60, "each button has an id of its own");
    text_in_all(&home.blocks);
}

#[test]
fn the_hello_is_shown() {
    let invited = What::Invited { channel: "C0SUPPORT".into(), by: Some("U0DORA".into()) };
    let done = done_in_slack(&[], vec![invited]);
    let action = done.last().unwrap();
    assert_eq!(action.kind, Kind::Hello);
    insta::assert_snapshot!("kind-hello", shown(&action.message));
}

#[test]
fn slack_takes_whatever_is_said_in_a_scenario() {
    let mut said = 0;
    for path in scenarios() {
        for action in said_in(&scenario(&path)) {
            if !matches!(action.to, Target::Page { .. }) {
                let rendered = rendered(&as_in_slack(&action.message));
                assert!(!rendered.blocks.is_empty() && !rendered.text.is_empty(), "{action:?}");
                said += 1;
            }
        }
    }
    assert!(said > 50, "{said}");
}

#[test]
fn every_part_of_a_message_is_shown() {
    let message = MessageRef { channel: "C0SUPPORT".into(), id: "1764250200.000100".into() };
    let parts = vec![
        Part::Mention { user: "U0CHIDI".into(), name: "Chidi".into() },
        words(", this came before your day began: "),
        Part::Quote("can <!channel> look at *prod* & <@U1>?".to_owned()),
        Part::Break,
        words("Owed by "),
        time(TimeStyle::Clock),
        words(" or "),
        time(TimeStyle::Day),
        words(" or on "),
        time(TimeStyle::Day),
        words(" or "),
        time(TimeStyle::Date),
        words(" in "),
        Part::Channel { channel: "C0SUPPORT".into(), name: "support".into() },
        words("; "),
        Part::Name("Mere".into()),
        words(" is in; :in-hand: takes it. "),
        Part::Strong("Now".to_owned()),
        words(": "),
        Part::Command("resolve".to_owned()),
        words(" "),
        Part::Message { message, label: "the thread".to_owned() },
        words(" "),
        Part::Link { url: "https://meet.example/acme?a=1&b=2".to_owned(), label: "the room".to_owned() },
    ];
    let buttons = [("I take it", Choice::Take), ("Not now", Choice::NotNow)]
        .map(|(label, choice)| Button { label: label.to_owned(), choice });
    insta::assert_snapshot!(shown(&Message { parts, buttons: buttons.into() }));
}

#[test]
fn ids_and_addresses_that_slack_would_not_take_are_shown_as_words() {
    let message = |id: &str| MessageRef { channel: "C1".into(), id: id.into() };
    let cases = [
        (Part::Mention { user: "U1><!channel".into(), name: "Ana".into() }, "@Ana"),
        (Part::Mention { user: "".into(), name: "Ana".into() }, "@Ana"),
        (Part::Channel { channel: "C 1".into(), name: "help".into() }, "#help"),
        (
            Part::Link { url: "javascript:alert(1)".into(), label: "here".into() },
            "here (javascript:alert(1))",
        ),
        (Part::Link { url: "https://a b".into(), label: "here".into() }, "here (https://a b)"),
        (Part::Link { url: "wiki".into(), label: "wiki".into() }, "wiki"),
        (Part::Message { message: message("../x"), label: "a question".into() }, "a question"),
    ];
    for (part, shown) in cases {
        let rendered = rendered(&of(vec![part]));
        assert_eq!(said(&rendered), shown);
        assert!(elements(&rendered).iter().all(|element| matches!(element, Element::Text { .. })));
        assert!(!rendered.text.contains('<'), "{}", rendered.text);
    }
}

#[test]
fn a_reply_is_linked_with_its_thread() {
    let message = MessageRef { channel: "C1".into(), id: "1764250200.000100".into() };
    let link = "https://acme.slack.com/archives/C1/p1764250200000100";
    assert_eq!(permalink(WORKSPACE, &message, None).unwrap(), link);
    assert_eq!(permalink(WORKSPACE, &message, Some("1764250200.000100")).unwrap(), link, "it begins it");
    let reply = permalink("https://acme.slack.com", &message, Some("1764250100.000001")).unwrap();
    assert_eq!(reply, format!("{link}?thread_ts=1764250100.000001&cid=C1"));
}

#[test]
fn names_between_colons_are_emoji_in_our_words_alone() {
    let shown = |parts: Vec<Part>| {
        let rendered = rendered(&of(parts));
        let emoji = elements(&rendered).iter().filter(|e| matches!(e, Element::Emoji { .. })).count();
        (said(&rendered), emoji)
    };
    for (text, emoji) in [
        (":in-hand: takes it", 1),
        ("react with :+1:, :tada:", 2),
        ("at 10:30:15 or 9:a:b", 0),
        (": no: , a::b and :Not:", 0),
        (":", 0),
    ] {
        assert_eq!(shown(vec![words(text)]), (text.to_owned(), emoji));
        assert_eq!(shown(vec![Part::Quote(text.to_owned())]), (format!("“{text}”"), 0));
    }
}

#[test]
fn what_people_typed_keeps_its_signs_and_loses_its_tricks() {
    let typed = "a\u{202e}b\u{2066}\u{7}\u{1b}[31m 🚨👩🏽‍🚀 \u{1f1f3}\u{1f1ff}\n> next";
    let rendered = rendered(&of(vec![Part::Quote(typed.to_owned())]));
    assert_eq!(said(&rendered), "“ab[31m 🚨👩🏽‍🚀 \u{1f1f3}\u{1f1ff} > next”");
    assert!(rendered.text.contains("🚨👩🏽‍🚀"));
}

#[test]
fn long_messages_and_many_buttons_stay_within_slacks_limits() {
    let line = |number: usize| [words(&format!("{number} {}", "long ".repeat(200))), Part::Break];
    let choice = |number: i64| Choice::CallAt(Instant::from_ms(number));
    let buttons = (0..60).map(|number| Button { label: "x".repeat(200), choice: choice(number) });
    let message = Message { parts: (0..400).flat_map(line).collect(), buttons: buttons.collect() };
    let rendered = rendered(&message);
    assert!(rendered.text.ends_with('…') && said(&rendered).ends_with('…'), "it says that there is more");
    let Some(Block::Actions { elements }) = rendered.blocks.last() else { panic!("there are buttons") };
    assert_eq!(elements.len(), 10, "all of the sixty are there");
}

#[test]
fn words_are_parted_at_the_end_of_a_line_or_of_a_word() {
    let all: String = (0..1_500).map(|number| format!("{number} ")).collect();
    let rendered = rendered(&of(vec![words(&all)]));
    assert_eq!(said(&rendered), all, "nothing is lost");
    assert!(rendered.blocks.len() > 1);
    let unbroken = "x".repeat(7_000);
    assert_eq!(said(&self::rendered(&of(vec![words(&unbroken)]))), unbroken);
    let lines: Vec<Part> = (0..9).flat_map(|_| [words(&"word ".repeat(150)), Part::Break]).collect();
    for block in self::rendered(&of(lines)).blocks {
        let Block::RichText { elements } = block else { panic!("there are no buttons") };
        let Element::Text { text, .. } = &elements[0].elements[0] else { panic!("it begins with words") };
        assert!(text.starts_with("word"), "{text:?}");
    }
}

#[test]
fn one_odd_button_costs_no_message() {
    let button = |label: &str, choice: Choice| Button { label: label.to_owned(), choice };
    let buttons = vec![
        button("Why", Choice::Why),
        button("Why?", Choice::Why),
        button(" ", Choice::Take),
        button("Raise", Choice::Raise("x".repeat(3_000).into())),
    ];
    let rendered = rendered(&Message { parts: Vec::new(), buttons });
    let Block::Actions { elements } = &rendered.blocks[0] else { panic!("there are buttons") };
    assert_eq!(elements.len(), 2);
    assert!(!rendered.text.is_empty(), "Slack takes no message without words");
}

/// What may begin a mention, a markup, an emoji or a channel in Slack's markup.
fn assert_literal(text: &str) {
    assert!(!text.contains(['<', '>', '\u{202e}']), "{text}");
    let bare = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
    assert!(!bare.contains('&'), "{text}");
    let signs: Vec<char> = text.chars().collect();
    for pair in signs.windows(2) {
        assert!(!"*_~`:@#".contains(pair[1]) || pair[0] == '\u{2060}', "{text}");
    }
}

proptest! {
    /// Only what Usher itself makes begins with `<`: what people typed, names and labels never do.
    #[test]
    fn what_people_typed_never_becomes_markup(typed in "[<>@!&#*_~`:|a-z\u{202e}🚨 \n]{0,40}") {
        for part in [Part::Quote(typed.clone()), Part::Name(typed.as_str().into())] {
            let rendered = rendered(&of(vec![Part::Break, part]));
            assert_literal(rendered.text.trim_start());
            let is_text = |e: &&Element| matches!(e, Element::Text { .. });
            prop_assert!(elements(&rendered).iter().all(is_text));
        }
        let label = rendered(&of(vec![Part::Link { url: "https://a.example".into(), label: typed.clone() }]));
        prop_assert_eq!(label.text.matches('<').count(), 1);
        prop_assert_eq!(label.text.matches('>').count(), 1);
        let code = rendered(&of(vec![Part::Code(typed)]));
        prop_assert_eq!(code.text.matches('`').count() % 2, 0);
        prop_assert!(!code.text.contains('<'));
    }

    /// However long and of whatever parts, Slack takes it, and no mention or link is cut in two.
    #[test]
    fn slack_takes_every_message(
        parts in proptest::collection::vec((0..8_u8, ".{0,80}", 0..120_usize), 0..60),
    ) {
        let parts = parts.into_iter().map(|(kind, text, times)| match kind {
            0 => Part::Words(text.repeat(times)),
            1 => Part::Strong(text),
            2 => Part::Quote(text.repeat(times)),
            3 => Part::Code(text),
            4 => Part::Mention { user: "U1".into(), name: text.into() },
            5 => Part::Link { url: "https://a.example/&".into(), label: text },
            6 => time(TimeStyle::Day),
            _ => Part::Break,
        });
        let rendered = rendered(&of(parts.collect()));
        let mut open = false;
        for sign in rendered.text.chars() {
            match sign {
                '<' => { prop_assert!(!open); open = true; }
                '>' => { prop_assert!(open); open = false; }
                _ => {}
            }
        }
        prop_assert!(!open);
    }
}
