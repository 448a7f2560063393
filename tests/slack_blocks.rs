//! Usher's messages as Slack shows them.
#![cfg(feature = "slack")]

use proptest::prelude::*;
use usher::calendar::Instant;
use usher::chat::slack::blocks::{Block, render};
use usher::core::action::{ActionId, Choice};
use usher::core::event::MessageRef;
use usher::core::message::{Button, Message, Part, TimeStyle};

const WORKSPACE: &str = "https://acme.slack.com/";

fn time(style: TimeStyle) -> Part {
    let at = Instant::parse("2026-11-27T14:30:00Z").expect("it is valid");
    Part::Time { at, zone: chrono_tz::Europe::Berlin, style }
}

fn shown(message: &Message) -> String {
    let rendered = render(message, &ActionId("reminder/C1/1.0/1".into()), Some(WORKSPACE));
    serde_json::to_string_pretty(&rendered).expect("it is valid")
}

#[test]
fn every_part_of_a_message_is_shown() {
    let message = MessageRef { channel: "C0SUPPORT".into(), id: "1764250200.000100".into() };
    let parts = vec![
        Part::Mention { user: "U0CHIDI".into(), name: "Chidi".into() },
        Part::Words(", this came before your day began: ".to_owned()),
        Part::Quote("can <!channel> look at *prod* & <@U1>?".to_owned()),
        Part::Break,
        Part::Words("Owed by ".to_owned()),
        time(TimeStyle::Clock),
        Part::Words(" or ".to_owned()),
        time(TimeStyle::Day),
        Part::Words(" or ".to_owned()),
        time(TimeStyle::Date),
        Part::Words(" in ".to_owned()),
        Part::Channel { channel: "C0SUPPORT".into(), name: "support".into() },
        Part::Words("; ".to_owned()),
        Part::Name("Mere".into()),
        Part::Words(" is in. ".to_owned()),
        Part::Strong("Now".to_owned()),
        Part::Words(": ".to_owned()),
        Part::Code("@usher resolve".to_owned()),
        Part::Words(" ".to_owned()),
        Part::Message { message, label: "the thread".to_owned() },
        Part::Words(" ".to_owned()),
        Part::Link { url: "https://meet.example/acme".to_owned(), label: "the room".to_owned() },
    ];
    let buttons = [("I take it", Choice::Take), ("Not now", Choice::NotNow)]
        .map(|(label, choice)| Button { label: label.to_owned(), choice });
    insta::assert_snapshot!(shown(&Message { parts, buttons: buttons.into() }));
}

#[test]
fn long_messages_and_many_buttons_stay_within_slacks_limits() {
    let words = |number: usize| [Part::Words(format!("{number} {}", "long ".repeat(200))), Part::Break];
    let choice = |number: i64| Choice::CallAt(Instant::from_ms(number));
    let buttons = (0..60).map(|number| Button { label: "x".repeat(200), choice: choice(number) });
    let message = Message { parts: (0..400).flat_map(words).collect(), buttons: buttons.collect() };
    let rendered = render(&message, &ActionId("a".into()), None);
    assert!(rendered.blocks.len() <= 50 && rendered.text.chars().count() <= 3_000);
    let mut ids = std::collections::BTreeSet::new();
    for block in &rendered.blocks {
        if let Block::Actions { elements } = block {
            assert!(elements.len() <= 25);
            for button in elements {
                assert!(button.text.text.chars().count() <= 75);
                assert!(button.action_id.len() <= 255 && ids.insert(button.action_id.clone()));
            }
        }
    }
    assert!(!ids.is_empty(), "there are buttons below the words");
}

proptest! {
    /// Only a mention of Usher's own begins with `<`: what people typed, names and labels never do.
    #[test]
    fn what_people_typed_never_becomes_markup(typed in "[<>@!&#*_~`:|a-z\u{202e} ]{0,40}") {
        let parts = vec![Part::Quote(typed.clone()), Part::Name(typed.as_str().into()), Part::Code(typed.clone())];
        let rendered = render(&Message { parts, buttons: vec![] }, &ActionId("a".into()), None);
        let signs = ['<', '>', '\u{202e}'];
        prop_assert!(!rendered.text.contains(signs));
        for pair in rendered.text.chars().collect::<Vec<_>>().windows(2) {
            prop_assert!(!"*_~`:@#".contains(pair[1]) || pair[0] == '\u{2060}', "{}", rendered.text);
        }
        let json = serde_json::to_value(&rendered.blocks).expect("it is valid").to_string();
        for kind in ["\"user\"", "\"channel\"", "\"link\"", "\"broadcast\"", "\"emoji\"", "\"mrkdwn\""] {
            prop_assert!(!json.contains(kind));
        }
    }
}
