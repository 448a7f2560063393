//! Long threads: to whom a call is suggested, when it can be, and what follows.

use crate::chat::Chat;
use crate::manners::{TEAM, chat};
use smol_str::SmolStr;
use usher::calendar::Instant;
use usher::core::action::{Choice, Kind, Target};
use usher::core::event::What;

/// Five exchanges in which ben still asks what dora's trouble is; dora writes last.
fn stuck(chat: &mut Chat, place: &str, helper: &str, asker: &str) -> SmolStr {
    let root = chat.say(asker, place, &format!("@{helper} the build fails with error 137, can you help?"));
    let thread = format!("{place}/{root}");
    for _ in 0..5 {
        chat.say(helper, &thread, "What does the log say? Which version do you use?");
        chat.say(asker, &thread, "It still fails with the same error, no luck.");
    }
    root
}

/// A chat with ravi, who is in from 04:30 to 12:30 in Berlin.
fn with_ravi(now: &str) -> Chat {
    let people = [
        ("ana", "Europe/Berlin"),
        ("ben", "Europe/Berlin"),
        ("chidi", "Africa/Lagos"),
        ("dora", "Europe/Berlin"),
        ("ravi", "Asia/Kolkata"),
    ];
    let mut chat = Chat::new(TEAM, now, &people, &["support", "platform", "general", "quiet", "elsewhere"]);
    chat.heard();
    chat
}

fn last(chat: &Chat, kind: Kind) -> usize {
    chat.actions.iter().rposition(|action| action.kind == kind).expect("there is one")
}

#[test]
fn a_suggestion_says_who_when_and_where_and_folds_up() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    stuck(&mut chat, "platform", "ben", "dora");
    let call = last(&chat, Kind::Call);
    chat.press("ben", call, Choice::Resolved);
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn where_somebody_is_off_the_slot_is_offered_to_the_other_alone() {
    // ravi wrote twenty minutes ago, and his day is over.
    let mut chat = with_ravi("2026-11-24T11:20:00Z");
    let root = chat.say("ravi", "platform", "@dora the build fails with error 137, can you help?");
    let thread = format!("platform/{root}");
    for _ in 0..4 {
        chat.say("dora", &thread, "What does the log say? Which version do you use?");
        chat.say("ravi", &thread, "It still fails with the same error, no luck.");
    }
    chat.until("2026-11-24T11:40:00Z");
    assert_eq!(chat.heard(), "");
    chat.say("dora", &thread, "Did you try it with a clean cache?");
    insta::assert_snapshot!(chat.heard());
    let call = last(&chat, Kind::Call);
    let at = Instant::parse("2026-11-25T08:00:00Z").expect("an instant");
    assert!(chat.actions[call].message.buttons.iter().any(|button| button.choice == Choice::CallAt(at)));
    chat.press("dora", call, Choice::CallAt(at));
    chat.restart();
    chat.until("2026-11-25T09:00:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_suggestion_that_nobody_may_hear_now_waits_for_the_opening() {
    let mut chat = chat("2026-11-24T15:45:00Z");
    let root = chat.say("dora", "platform", "@ben the build fails with error 137, can you help?");
    let thread = format!("platform/{root}");
    for _ in 0..4 {
        chat.say("ben", &thread, "What does the log say? Which version do you use?");
        chat.say("dora", &thread, "It still fails with the same error, no luck.");
    }
    let (_, mut last) = chat.message("ben", &thread, "Did you try it with a clean cache? What changed?");
    last.at = chat.now;
    chat.until("2026-11-24T16:20:00Z");
    chat.heard();
    chat.deliver(&last);
    assert_eq!(chat.heard(), "", "both are off");
    chat.restart();
    chat.until("2026-11-25T09:00:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn after_a_no_the_exchanges_count_anew() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    let root = stuck(&mut chat, "platform", "ben", "dora");
    let thread = format!("platform/{root}");
    let call = last(&chat, Kind::Call);
    chat.press("ben", call, Choice::NotNow);
    chat.until("2026-11-24T12:01:00Z");
    chat.heard();
    for _ in 0..4 {
        chat.say("ben", &thread, "What does the log say now? Which version is it?");
        chat.say("dora", &thread, "It still fails with the same error, no luck.");
    }
    assert!(!chat.heard().contains("rounds"), "not so soon");
    for _ in 0..2 {
        chat.say("ben", &thread, "Did you try the other host? What changed?");
        chat.say("dora", &thread, "Tried that, still the same, it did not work.");
    }
    let heard = chat.heard();
    assert!(heard.contains("rounds so far"), "{heard}");
}

#[test]
fn a_crowd_that_chats_is_left_alone() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    let root = chat.say("dora", "platform", "Pizza on Friday, everybody.");
    let thread = format!("platform/{root}");
    for _ in 0..8 {
        for (who, what) in [
            ("ben", "Pizza it is."),
            ("ana", "I bring cake."),
            ("chidi", "I bring juice."),
            ("dora", "Fine."),
        ] {
            chat.say(who, &thread, what);
        }
    }
    assert_eq!(chat.heard(), "");
}

#[test]
fn the_outcome_is_asked_of_whoever_took_the_call_when_it_is_over() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    let root = stuck(&mut chat, "platform", "ben", "dora");
    let thread = format!("platform/{root}");
    let call = last(&chat, Kind::Call);
    let slot = Instant::parse("2026-11-25T09:00:00Z").expect("an instant");
    chat.press("ben", call, Choice::CallAt(slot));
    chat.heard();
    chat.restart();
    chat.until("2026-11-25T09:10:00Z");
    assert!(!chat.heard().contains("How did the call end"), "it is not over");
    chat.until("2026-11-25T09:20:00Z");
    let heard = chat.heard();
    assert!(heard.contains("to ben alone: How did the call end"), "{heard}");
    chat.command("ben", &thread, "outcome we look again tomorrow");
    chat.until("2026-11-25T09:21:00Z");
    chat.command("dora", &thread, "call");
    let call = last(&chat, Kind::Call);
    chat.heard();
    chat.press("dora", call, Choice::CallNow);
    chat.hours(1);
    let heard = chat.heard();
    assert!(heard.contains("to dora alone: How did the call end"), "{heard}");
}

#[test]
fn a_call_wanted_for_a_question_that_nobody_answered_names_who_would_answer() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    let question = chat.say("dora", "support", "Can you restart the worker?");
    chat.react("dora", "support", &question, "telephone_receiver");
    let lonely = chat.say("dora", "general", "Lunch was good today.");
    chat.react("dora", "general", &lonely, "telephone_receiver");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_call_that_is_asked_for_disturbs_nobody_who_is_off() {
    let mut chat = with_ravi("2026-11-24T11:20:00Z");
    let root = chat.say("dora", "platform", "@ravi can you help me with the build?");
    let thread = format!("platform/{root}");
    chat.say("ravi", &thread, "Which one? I see two of them.");
    chat.until("2026-11-24T13:30:00Z");
    chat.heard();
    chat.command("dora", &thread, "call");
    insta::assert_snapshot!(chat.heard());
    assert!(
        !chat
            .actions
            .iter()
            .any(|action| action.kind == Kind::Call && matches!(action.to, Target::Thread { .. }))
    );
}

#[test]
fn a_call_that_was_taken_can_be_called_off() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    stuck(&mut chat, "platform", "ben", "dora");
    let call = last(&chat, Kind::Call);
    chat.press("ben", call, Choice::CallNow);
    chat.until("2026-11-24T12:05:00Z");
    chat.heard();
    chat.press("dora", call, Choice::CallOff);
    chat.until("2026-11-24T13:00:00Z");
    insta::assert_snapshot!(chat.heard());
}

/// A huddle: in the channel, of these people.
fn huddle(chat: &mut Chat, channel: &str, users: &[&str]) {
    let users = users.iter().copied().map(SmolStr::new).collect();
    chat.happen(What::CallBegan { channel: channel.into(), thread: None, users });
}

#[test]
fn a_huddle_in_the_channel_is_the_call_that_was_suggested_in_a_thread_of_it() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    stuck(&mut chat, "platform", "ben", "dora");
    chat.until("2026-11-24T12:01:00Z");
    chat.heard();
    huddle(&mut chat, "support", &["ben", "dora"]);
    huddle(&mut chat, "platform", &["ana", "chidi"]);
    assert_eq!(chat.heard(), "", "elsewhere, and of others");
    huddle(&mut chat, "platform", &["ana", "dora"]);
    let heard = chat.heard();
    assert!(heard.contains("amends") && heard.contains("dora"), "{heard}");
    huddle(&mut chat, "platform", &["ana", "dora", "ben"]);
    assert_eq!(chat.heard(), "", "ben joins the same call");
    chat.hours(1);
    let heard = chat.heard();
    assert!(heard.contains("to dora alone: How did the call end"), "{heard}");
    huddle(&mut chat, "platform", &["ben", "dora"]);
    chat.hours(1);
    assert!(!chat.heard().contains("How did the call end"), "it was suggested once");
}

#[test]
fn a_huddle_before_the_hour_that_was_chosen_is_that_call() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    stuck(&mut chat, "platform", "ben", "dora");
    let call = last(&chat, Kind::Call);
    let slot = Instant::parse("2026-11-25T09:00:00Z").expect("an instant");
    chat.press("ben", call, Choice::CallAt(slot));
    chat.until("2026-11-24T12:10:00Z");
    chat.heard();
    huddle(&mut chat, "platform", &["dora", "ben"]);
    assert!(chat.heard().contains("amends"), "they call now");
    chat.until("2026-11-24T13:00:00Z");
    let heard = chat.heard();
    assert_eq!(heard.matches("How did the call end").count(), 1, "{heard}");
    chat.until("2026-11-25T10:00:00Z");
    assert!(!chat.heard().contains("How did the call end"), "and not again at that hour");
}

#[test]
fn a_huddle_that_went_on_before_a_call_was_suggested_is_none() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    let users = vec![SmolStr::new("ben"), SmolStr::new("dora")];
    let began = chat.event(What::CallBegan { channel: "platform".into(), thread: None, users });
    chat.until("2026-11-24T12:30:00Z");
    stuck(&mut chat, "platform", "ben", "dora");
    chat.heard();
    chat.deliver(&began);
    assert_eq!(chat.heard(), "");
}
