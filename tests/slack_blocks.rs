//! Usher's messages as Slack shows them.
#![cfg(feature = "slack")]
#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

mod said;

use std::collections::BTreeSet;

use proptest::prelude::*;
use usher::calendar::Instant;
use usher::chat::slack::blocks::{Block, Element, Rendered, home, permalink, render};
use usher::core::action::{ActionId, Choice, Kind};
use usher::core::event::{MessageRef, Platform, What};
use usher::core::message::{Button, Message, Part, TimeStyle};

const WORKSPACE: &str = "https://acme.slack.com/";

const SLACK: said::Ids = said::Ids {
    platform: Platform::Slack,
    user: |name| format!("U0{}", name.to_uppercase()),
    channel: |name| format!("C0{}", name.to_uppercase()),
    message: |number| format!("1795426200.{number:06}"),
};

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

#[test]
fn every_kind_of_message_is_shown() {
    for (name, message) in said::of_each_kind() {
        insta::assert_snapshot!(format!("kind-{name}"), shown(&SLACK.put_into(&message)));
    }
}

#[test]
fn the_home_is_shown_in_blocks_that_slack_takes() {
    let asked = [
        ("dora", "support", "can somebody look at the invoice of Globex?"),
        ("ben", "support", "who knows the contract of Initech?"),
    ];
    let action = SLACK.done(&asked, What::HomeOpened { user: "U0BEN".into() });
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
    let action = SLACK.done(&[], invited);
    assert_eq!(action.kind, Kind::Hello);
    insta::assert_snapshot!("kind-hello", shown(&action.message));
}

#[test]
fn slack_takes_whatever_is_said_in_a_scenario() {
    for action in said::in_scenarios() {
        let rendered = rendered(&SLACK.put_into(&action.message));
        assert!(!rendered.blocks.is_empty() && !rendered.text.is_empty(), "{action:?}");
    }
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
