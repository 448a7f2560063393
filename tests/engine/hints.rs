//! Hints to the sender: who is off, whose mark does not count; and how people are rid of them.

use crate::chat::Chat;
use crate::manners::{TEAM, chat};
use usher::core::action::{Choice, Kind};

fn last(chat: &Chat, kind: Kind) -> usize {
    chat.actions.iter().rposition(|action| action.kind == kind).expect("there is one")
}

#[test]
fn whoever_asks_while_the_one_on_duty_is_off_hears_when_they_are_back() {
    // It is 07:00 in Berlin: ben, on duty, begins at 09:00; chidi's deputy and others are not asked.
    let runbook =
        TEAM.replace("chidi = { timezone = \"Africa/Lagos\"", "chidi = { timezone = \"Asia/Kolkata\"");
    let people = [("ben", "Europe/Berlin"), ("chidi", "Asia/Kolkata"), ("dora", "Asia/Kolkata")];
    let mut chat = Chat::new(&runbook, "2026-11-24T06:00:00Z", &people, &["support"]);
    chat.heard();
    chat.say("dora", "support", "Can you restart the worker?");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_rotation_and_several_people_who_are_off_give_the_hint_too() {
    // It is 15:00 in Tokyo, and 07:00 in Berlin.
    let mut heard = String::new();
    for words in ["@ben @chidi could you both look at the budget?", "@on-duty can you look at the invoice?"] {
        let mut chat = chat("2026-11-24T06:00:00Z");
        chat.say("kim", "general", words);
        heard.push_str(&format!("{}\n", chat.heard()));
    }
    insta::assert_snapshot!(heard);
}

#[test]
fn one_who_is_mentioned_and_in_makes_the_hint_needless() {
    let mut chat = chat("2026-11-24T13:30:00Z");
    chat.say("dora", "platform", "@kim @ana could one of you look at the deploy?");
    assert_eq!(chat.heard(), "");
}

#[test]
fn a_silenced_hint_is_not_used_up() {
    let mut chat = chat("2026-11-24T13:30:00Z");
    chat.command("dora", "support", "mute 30m");
    chat.heard();
    chat.say("dora", "support", "@kim could you look at the deploy?");
    assert_eq!(chat.heard(), "", "dora has muted Usher");
    chat.hours(1);
    chat.say("dora", "support", "@kim can you see why the other deploy hangs?");
    assert!(chat.heard().contains("kim"), "the muted hint was no hint");
}

#[test]
fn a_long_message_gets_its_hint_once_a_person() {
    let mut chat = chat("2026-11-24T13:30:00Z");
    let runbook = format!("{TEAM}\n[threads]\nlong-message = 60\n");
    chat.revise(&runbook);
    chat.heard();
    let long = "We moved the worker to the new host and the old one is gone now, so the path changed.";
    for _ in 0..2 {
        chat.say("dora", "general", long);
        chat.hours(24);
    }
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_mark_that_one_may_not_raise_is_answered_with_who_may() {
    let mut chat = chat("2026-11-24T02:00:00Z");
    let first = chat.say("dora", "general", "🚨 the shop is down");
    chat.command("dora", &format!("general/{first}"), "why");
    chat.say("dora", "support", "🚨 can you restart the shop?");
    insta::assert_snapshot!(chat.heard());
    assert!(!chat.actions.iter().any(|action| action.kind == Kind::Page));
}

#[test]
fn why_says_that_nobody_but_the_author_was_asked() {
    let mut chat = chat("2026-11-24T09:00:00Z");
    let runbook = TEAM.replace(
        "[channels.general]",
        "[channels.desk]\nurgency = \"blocking\"\nresponders = \"ben\"\n\n[channels.general]",
    );
    chat.revise(&runbook);
    chat.say("dora", "general", "First things first.");
    let facts = usher::core::event::ChannelFacts {
        aliases: Vec::new(),
        name: "desk".to_owned(),
        kind: usher::core::event::ChannelKind::Public,
        archived: false,
        members: vec![],
    };
    chat.happen(usher::core::event::What::Channel { channel: "desk".into(), facts });
    chat.heard();
    let question = chat.say("ben", "desk", "Can you restart the worker?");
    chat.command("ben", &format!("desk/{question}"), "why");
    let heard = chat.heard();
    assert!(heard.contains("besides its author"), "{heard}");
}

#[test]
fn a_hint_dismissed_twice_is_off_and_the_admins_hear_of_it_once() {
    let mut chat = chat("2026-11-23T13:30:00Z");
    chat.say("dora", "support", "@kim could you look at the deploy?");
    let hint = last(&chat, Kind::OffHours);
    let offered: Vec<Choice> =
        chat.actions[hint].message.buttons.iter().map(|button| button.choice.clone()).collect();
    assert!(offered.contains(&Choice::NotNow), "it can be dismissed: {offered:?}");
    chat.heard();
    chat.press("dora", hint, Choice::NotNow);
    chat.press("dora", hint, Choice::NotNow);
    assert!(!chat.heard().contains("to ana"), "one notice is dismissed once");
    chat.hours(24);
    chat.say("dora", "support", "@kim could you look at the other deploy?");
    let hint = last(&chat, Kind::OffHours);
    chat.heard();
    chat.press("dora", hint, Choice::NotNow);
    insta::assert_snapshot!(chat.heard());
    chat.hours(24);
    chat.say("dora", "support", "@kim could you look at the third deploy?");
    let kinds: Vec<Kind> = chat.actions.iter().map(|action| action.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::OffHours).count(), 2);
}

#[test]
fn reminders_are_turned_off_too_and_pages_never() {
    let mut chat = chat("2026-11-23T08:00:00Z");
    for _ in 0..3 {
        let question = chat.say("dora", "support", "Can you restart the worker?");
        chat.hours(3);
        if let Some(sent) = chat
            .actions
            .iter()
            .rposition(|action| action.id.0.contains(question.as_str()) && action.kind == Kind::Reminder)
        {
            chat.press("ben", sent, Choice::NotNow);
        }
        chat.say("ben", &format!("support/{question}"), "It runs again.");
        chat.hours(21);
    }
    let reminders = chat
        .actions
        .iter()
        .filter(|action| action.kind == Kind::Reminder && action.id.0.starts_with("step"))
        .count();
    assert_eq!(reminders, 2, "the third is silenced: {}", chat.heard());
    chat.heard();
    chat.say("dora", "support", "Can you restart the other worker?");
    chat.hours(3);
    assert!(!chat.heard().contains("@ben"));
    chat.command("ana", "support", "turn-on reminder");
    let heard = chat.heard();
    assert!(heard.contains("@ben"), "what was held back comes: {heard}");
    let urgent = chat.say("chidi", "general", "🚨 the shop is down");
    let page = last(&chat, Kind::Page);
    chat.press("ben", page, Choice::NotNow);
    chat.press("ana", page, Choice::NotNow);
    chat.hours(1);
    assert!(
        chat.actions
            .iter()
            .filter(|action| action.kind == Kind::Page && action.id.0.contains(urgent.as_str()))
            .count()
            >= 6
    );
}

#[test]
fn somebody_else_is_asked_once_where_that_may_be() {
    let mut chat = chat("2026-11-24T13:30:00Z");
    chat.say("dora", "support", "@kim could you look at the deploy?");
    let hint = last(&chat, Kind::OffHours);
    chat.heard();
    chat.press("dora", hint, Choice::AskInstead("ben".into()));
    chat.press("dora", hint, Choice::AskInstead("ben".into()));
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn nobody_who_is_off_is_asked_instead() {
    let mut chat = chat("2026-11-24T13:30:00Z");
    chat.say("dora", "support", "@kim could you look at the deploy?");
    let hint = last(&chat, Kind::OffHours);
    chat.until("2026-11-24T22:00:00Z");
    chat.heard();
    chat.press("dora", hint, Choice::AskInstead("ben".into()));
    let heard = chat.heard();
    assert!(!heard.contains("@ben") && heard.contains("to dora alone"), "{heard}");
}

#[test]
fn where_usher_is_private_somebody_else_is_asked_directly() {
    let mut chat = chat("2026-11-24T13:30:00Z");
    chat.revise(
        &TEAM.replace(
            "kim = { timezone = \"Asia/Tokyo\"",
            "kim = { timezone = \"Asia/Tokyo\", deputy = \"ben\"",
        ),
    );
    chat.say("dora", "quiet", "@kim could you look at the deploy?");
    let Some(hint) = chat.actions.iter().rposition(|action| action.kind == Kind::OffHours) else {
        panic!("a hint: {}", chat.heard())
    };
    chat.heard();
    chat.press("dora", hint, Choice::AskInstead("ben".into()));
    let heard = chat.heard();
    assert!(!heard.contains("#quiet/") && heard.contains("to ben"), "{heard}");
}

#[test]
fn what_comes_late_to_one_who_was_in_does_not_say_that_they_were_out() {
    let mut chat = chat("2026-11-24T08:00:00Z");
    let question = chat.say("dora", "support", "Can you restart the worker?");
    chat.react("ben", "support", &question, "eyes");
    chat.until("2026-11-24T12:00:00Z");
    let message = usher::core::event::MessageRef { channel: "support".into(), id: question };
    chat.happen(usher::core::event::What::Reacted {
        message,
        user: "ben".into(),
        emoji: "eyes".into(),
        added: false,
    });
    let heard = chat.heard();
    assert!(heard.contains("@ben") && !heard.contains("while you were out"), "{heard}");
}
