//! Dialogues: what is asked, and what the core makes of the command that comes of the answers.

use usher::calendar::{HOUR_MS, Instant};
use usher::chat::forms::Wanting;
use usher::chat::matrix::forms::{Dialogue, Place, Step};
use usher::core::event::{Mention, Text, What};
use usher::core::message::Message;
use usher::core::{LATER_MOST, OUTCOME_MOST};

use super::{MATRIX, rendered};

fn start() -> Instant {
    Instant::parse("2026-11-27T15:55:00Z").unwrap()
}

fn begun(wanting: Wanting) -> (Dialogue, String) {
    let place = Place { channel: "!support:example.org".into(), thread: Some("$message-1".into()) };
    let (dialogue, message) = Dialogue::begin(wanting, place, start());
    (dialogue, said(&message))
}

fn said(message: &Message) -> String {
    rendered(message).body
}

fn text(plain: &str) -> Text {
    Text::new(plain, Vec::new())
}

/// Answers in order, by messages `$1`, `$2`…; what comes of the last.
fn answered(wanting: Wanting, answers: &[Text]) -> Step {
    let (mut dialogue, _) = begun(wanting);
    let steps =
        (1..).zip(answers).map(|(nth, text)| dialogue.answer(&format!("${nth}").into(), text, start()));
    steps.last().expect("there are answers")
}

fn words_of(step: &Step) -> &str {
    let Step::Done(words) = step else { panic!("it is not over: {step:?}") };
    words
}

/// What the core answers to Ana, who gives this command.
fn answer_to(words: &str) -> String {
    let what = What::Commanded {
        user: "@ana:example.org".into(),
        channel: "!support:example.org".into(),
        thread: None,
        words: words.to_owned(),
    };
    said(&MATRIX.done(&[], what).message)
}

#[test]
fn a_dialogue_reads_so() {
    let (mut later, opening) = begun(Wanting::Later);
    let mut told = vec![opening];
    for (nth, typed) in
        [(1, ""), (2, "kim"), (3, " "), (4, "at 10:00 we meet"), (5, "whenever"), (6, "mon 10:00")]
    {
        told.push(format!("> {typed}"));
        told.push(match later.answer(&format!("${nth}").into(), &text(typed), start()) {
            Step::Ask(message) | Step::Wrong(message) | Step::Stopped(message) => said(&message),
            Step::Done(words) => format!("= {words}\n{}", answer_to(&words)),
        });
    }
    let (mut outcome, opening) = begun(Wanting::Outcome);
    told.push(opening);
    told.push("> cancel".to_owned());
    let Step::Stopped(message) = outcome.answer(&"$1".into(), &text("cancel"), start()) else {
        panic!("it goes on")
    };
    told.push(said(&message));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_command_reads_exactly_what_was_answered() {
    let kim = Text::new("@Kim", vec![Mention::User("@kim:example.org".into())]);
    for (person, time, words) in [
        (kim.clone(), "now", "later @kim:example.org -- at 23:59 list -- @room *we* meet"),
        (kim.clone(), "Any time.", "later @kim:example.org -- at 23:59 list -- @room *we* meet"),
        (kim.clone(), "mon 10:00", "later @kim:example.org at mon 10:00 -- at 23:59 list -- @room *we* meet"),
        (
            kim.clone(),
            "until mon 10:00",
            "later @kim:example.org at mon 10:00 -- at 23:59 list -- @room *we* meet",
        ),
        (text("@kim"), "in 2 hours", "later @kim at 2 hours -- at 23:59 list -- @room *we* meet"),
        (text("Kim"), "2026-12-01", "later @Kim at 2026-12-01 -- at 23:59 list -- @room *we* meet"),
    ] {
        let answers = [person, text("at 23:59 list -- @room *we* meet"), text(time)];
        let step = answered(Wanting::Later, &answers);
        assert_eq!(words_of(&step), words);
        let answer = answer_to(words);
        assert!(answer.starts_with("kim "), "{words}: {answer}");
    }
    let step = answered(Wanting::Outcome, &[text("mute: we roll back")]);
    assert_eq!(words_of(&step), "outcome mute: we roll back");
    let step = answered(Wanting::Later, &[text("list"), text("x"), text("now")]);
    assert!(answer_to(words_of(&step)).contains("list"), "a name is a name, and nobody has it");
}

#[test]
fn what_is_no_answer_changes_nothing() {
    let long = |most: usize| text(&"x".repeat(most + 1));
    for (wanting, right, wrong) in [
        (Wanting::Later, vec![], text("")),
        (Wanting::Later, vec![], text("kim -- hello")),
        (Wanting::Later, vec![], text("whoever of you is in first")),
        (Wanting::Later, vec![], text(&"k".repeat(101))),
        (Wanting::Later, vec![text("kim")], text(" \u{202e}\n")),
        (Wanting::Later, vec![text("kim")], long(LATER_MOST)),
        (Wanting::Later, vec![text("kim"), text("hello")], text("soon")),
        (Wanting::Later, vec![text("kim"), text("hello")], text("25:00")),
        (Wanting::Later, vec![text("kim"), text("hello")], text("mon 10:00 -- and more")),
        (Wanting::Outcome, vec![], long(OUTCOME_MOST)),
    ] {
        let (mut dialogue, _) = begun(wanting);
        for (nth, text) in right.iter().enumerate() {
            dialogue.answer(&format!("${nth}").into(), text, start());
        }
        let before = dialogue.clone();
        let step = dialogue.answer(&"$wrong".into(), &wrong, start().plus(HOUR_MS / 2));
        assert!(matches!(&step, Step::Wrong(why) if said(why).contains("`cancel` stops")), "{step:?}");
        assert!(!dialogue.is_open(start().plus(HOUR_MS)), "it makes nothing last longer");
        assert_ne!(dialogue, before, "but the message is remembered: it may be edited");
    }
}

#[test]
fn an_answer_is_edited_by_editing_its_message() {
    let (mut dialogue, _) = begun(Wanting::Later);
    let edit = |dialogue: &mut Dialogue, message: &str, typed: &str| {
        dialogue.edit(&message.into(), &text(typed), start())
    };
    dialogue.answer(&"$1".into(), &text("kim"), start());
    dialogue.answer(&"$2".into(), &text("helo"), start());
    assert_eq!(edit(&mut dialogue, "$other", "ben"), None, "it is another message");
    assert!(matches!(edit(&mut dialogue, "$1", "ben"), Some(Step::Ask(_))));
    assert!(matches!(edit(&mut dialogue, "$2", "hello"), Some(Step::Ask(_))));
    assert!(matches!(edit(&mut dialogue, "$2", " "), Some(Step::Wrong(_))), "it keeps what it said before");
    assert!(matches!(dialogue.answer(&"$3".into(), &text("mno"), start()), Step::Wrong(_)));
    let kept: Dialogue = serde_json::from_str(&serde_json::to_string(&dialogue).unwrap()).unwrap();
    assert_eq!(kept, dialogue, "it outlives a restart");
    assert!(said(&kept.question()).starts_with("3. "), "and knows what it asks");
    let done = edit(&mut dialogue, "$3", "mon").expect("what was wrong is mended");
    assert_eq!(words_of(&done), "later @ben at mon -- hello");
}

#[test]
fn it_ends_by_a_word_or_by_itself() {
    for stop in ["cancel", "Cancel.", "stop", "never mind"] {
        assert!(matches!(answered(Wanting::Later, &[text(stop)]), Step::Stopped(_)), "{stop}");
        assert!(matches!(answered(Wanting::Later, &[text("kim"), text(stop)]), Step::Stopped(_)), "{stop}");
    }
    let (mut dialogue, _) = begun(Wanting::Later);
    dialogue.answer(&"$1".into(), &text("kim"), start());
    assert!(matches!(dialogue.edit(&"$1".into(), &text("cancel"), start()), Some(Step::Stopped(_))));
    let (mut dialogue, _) = begun(Wanting::Later);
    let late = start().plus(HOUR_MS - 1);
    assert!(dialogue.is_open(late));
    dialogue.answer(&"$1".into(), &text("kim"), late);
    assert!(dialogue.is_open(late.plus(HOUR_MS - 1)) && !dialogue.is_open(late.plus(HOUR_MS)));
}
