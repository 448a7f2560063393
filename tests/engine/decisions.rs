//! Who is asked and what ends it, where a message could be taken in more ways than one.

use usher::calendar::MINUTE_MS;
use usher::core::action::Choice;
use usher::core::event::{MessageRef, Text, What};
use usher::core::record::Record;
use usher::core::said::{OwedSaid, Stage};
use usher::core::turn::{Note, Noted};

use crate::chat::Chat;

pub const TEAM: &str = r#"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:00"
admins = ["ana"]

[people]
ana = { }
ben = { deputy = "chidi" }
chidi = { deputy = "ana" }
dora = { }
kim = { }

[groups]
platform = ["ben", "chidi"]
leads = ["ana"]

[notices]
per-person-per-day = 20
per-thread = 20

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
escalate = [{ after = "0m", tell = "platform", by = "pager" }]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "4h"
escalate = [
  { after = "50%", tell = "responders", by = "direct message" },
  { after = "100%", tell = "leads", by = "direct message" },
]

[urgency.urgent]
means = "Today, please"
marks = ["!urgent"]
respond-within = "2h"
escalate = [{ after = "50%", tell = "responders", by = "direct message" }]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "1 workday"

[channels.support]
purpose = "Questions"
urgency = "blocking"
responders = "ben"

[channels.help]
purpose = "Questions that only those who owe may answer"
urgency = "blocking"
responders = "ben"
answered-by = "responders"

[channels.general]
purpose = "All"
urgency = "normal"
"#;

/// A Monday at 09:00 in Berlin.
pub fn chat() -> Chat {
    let people = ["ana", "ben", "chidi", "dora", "kim"].map(|name| (name, "Europe/Berlin"));
    let mut chat = Chat::new(TEAM, "2026-11-23T08:00:00Z", &people, &["support", "help", "general"]);
    chat.heard();
    chat
}

/// Some hours and minutes of that Monday in Berlin.
pub fn monday(clock: &str) -> String {
    at("2026-11-23", clock)
}

pub fn at(date: &str, clock: &str) -> String {
    let (hours, minutes) = clock.split_once(':').expect("a time of the day");
    format!("{date}T{:02}:{minutes}:00Z", hours.parse::<u32>().expect("hours") - 1)
}

/// What is kept of the obligation to answer a message.
pub fn kept(chat: &Chat, message: &str) -> Option<OwedSaid> {
    chat.records.iter().find_map(|(key, record)| {
        if let Record::Case(said) = record {
            (key.id == message).then(|| OwedSaid::clone(said))
        } else {
            None
        }
    })
}

pub fn stage(chat: &Chat, message: &str) -> Option<Stage> {
    kept(chat, message)?.stage
}

/// When what was owed first was due, as Usher noted it.
pub fn due(chat: &Chat, message: &str) -> Option<String> {
    let about = |note: &&Note| note.about.as_ref().is_some_and(|about| about.id == message);
    chat.notes.iter().rev().filter(about).find_map(|note| {
        if let Noted::Owed { due_at, .. } = &note.what { due_at.map(|due| due.to_string()) } else { None }
    })
}

/// Facts of one instant have no order that people would see.
fn a_minute_later(chat: &mut Chat) {
    let at = chat.now.plus(MINUTE_MS).to_string();
    chat.until(&at);
}

pub fn edit(chat: &mut Chat, who: &str, channel: &str, message: &str, text: &str) {
    a_minute_later(chat);
    let (_, event) = chat.message(who, channel, text);
    let What::Posted(posted) = event.what else { unreachable!("a message is posted") };
    let message = MessageRef { channel: channel.into(), id: message.into() };
    let text: Text = posted.text;
    chat.happen(What::Edited { message, thread: None, author: who.into(), text });
}

pub fn delete(chat: &mut Chat, channel: &str, message: &str) {
    a_minute_later(chat);
    let message = MessageRef { channel: channel.into(), id: message.into() };
    chat.happen(What::Deleted { message, thread: None });
}

#[test]
fn thanks_for_looking_are_no_answer() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    let thread = format!("support/{question}");
    chat.say("ben", &thread, "looking into it");
    chat.say("dora", &thread, "thanks!");
    assert_eq!(stage(&chat, &question), Some(Stage::Acknowledged));
    chat.say("ben", &thread, "Which customer is it?");
    chat.say("dora", &thread, "Thanks for looking, it is Initech");
    assert_eq!(stage(&chat, &question), Some(Stage::Acknowledged), "the pause is over, and no more");
}

#[test]
fn thanks_for_what_a_bystander_told_end_it() {
    let mut chat = chat();
    let question = chat.say("dora", "help", "Can you restart the import worker?");
    chat.say("kim", &format!("help/{question}"), "It was the cache, it runs again.");
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
    chat.say("dora", &format!("help/{question}"), "thanks, that did it");
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
}

#[test]
fn a_reply_that_sounds_like_a_reminder_ends_the_pause() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    let thread = format!("support/{question}");
    chat.say("ben", &thread, "Which customer is it?");
    chat.say("dora", &thread, "any news?");
    assert_eq!(stage(&chat, &question), Some(Stage::Paused));
    chat.say("dora", &thread, "No answer from them yet, it was Initech");
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
}

#[test]
fn a_first_question_may_sound_like_a_reminder() {
    for words in ["What's the status of the Initech import?", "Can you install any updates on the worker?"] {
        let mut chat = chat();
        let question = chat.say("dora", "support", words);
        assert_eq!(stage(&chat, &question), Some(Stage::Open), "{words}");
        let again = chat.say("dora", &format!("support/{question}"), "@kim any news?");
        assert_eq!(stage(&chat, &again), None, "that is about what is open");
    }
}

#[test]
fn what_happens_to_a_follow_up_happens_to_what_it_asks() {
    let follow_up = |chat: &mut Chat| {
        let question = chat.say("dora", "support", "Can you restart the import worker?");
        let thread = format!("support/{question}");
        chat.say("ben", &thread, "It was the cache, fixed.");
        let statement = chat.say("dora", &thread, "It runs now.");
        let asks = chat.say("dora", &thread, "Can you send me the list?");
        assert_eq!(stage(chat, &statement), Some(Stage::Open));
        (statement, asks)
    };
    let mut taken = chat();
    let (statement, asks) = follow_up(&mut taken);
    taken.react("ben", "support", &asks, "eyes");
    assert_eq!(stage(&taken, &statement), Some(Stage::Acknowledged));
    let mut dismissed = chat();
    let (statement, asks) = follow_up(&mut dismissed);
    dismissed.react("dora", "support", &asks, "no_entry_sign");
    assert_eq!(stage(&dismissed, &statement), Some(Stage::Cancelled));
    let mut deleted = chat();
    let (statement, asks) = follow_up(&mut deleted);
    delete(&mut deleted, "support", &statement);
    assert_eq!(stage(&deleted, &statement), Some(Stage::Open), "the question still stands");
    delete(&mut deleted, "support", &asks);
    assert_eq!(stage(&deleted, &statement), Some(Stage::Cancelled));
}

#[test]
fn a_mark_counts_from_its_own_message() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    let thread = format!("support/{question}");
    chat.say("ben", &thread, "It was the cache, fixed.");
    chat.say("dora", &thread, "It runs now.");
    chat.until(&monday("14:00"));
    let alarm = chat.say("dora", &thread, "🚨 the database is down, can you look?");
    assert_eq!(due(&chat, &alarm), Some("2026-11-23T13:15:00Z".to_owned()));
    assert!(!kept(&chat, &alarm).expect("it is owed").breached);
}

#[test]
fn a_typo_mended_after_the_answer_changes_nothing() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the imprt worker?");
    chat.say("ben", &format!("support/{question}"), "It was the cache, fixed.");
    let before = kept(&chat, &question);
    edit(&mut chat, "dora", "support", &question, "Can you restart the import worker?");
    assert_eq!(kept(&chat, &question), before);
    edit(&mut chat, "dora", "support", &question, "🚨 Can you restart the import worker?");
    assert_eq!(kept(&chat, &question), before, "what is closed is closed");
}

#[test]
fn a_typo_mended_in_a_question_back_asks_nothing_again() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    let thread = format!("support/{question}");
    let back = chat.say("ben", &thread, "Which custmer is it?");
    chat.say("dora", &thread, "It is Initech.");
    edit(&mut chat, "ben", "support", &back, "Which customer is it?");
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
    edit(&mut chat, "ben", "support", &back, "It was the cache, it runs again.");
    assert_eq!(stage(&chat, &question), Some(Stage::Met), "it tells something now");
}

#[test]
fn a_question_that_is_edited_for_somebody_else_is_theirs_from_then_on() {
    let mut chat = chat();
    let question = chat.say("dora", "general", "@ben could you review the schema?");
    chat.until(&monday("11:00"));
    edit(&mut chat, "dora", "general", &question, "@kim could you review the schema?");
    chat.until("2026-11-24T09:30:00Z");
    assert!(!kept(&chat, &question).expect("it is owed").breached, "it is owed since the edit");
    chat.say("ben", &format!("general/{question}"), "The schema is fine.");
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
    chat.say("kim", &format!("general/{question}"), "The schema is fine.");
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
}

#[test]
fn a_question_that_asks_one_more_keeps_its_time() {
    let mut chat = chat();
    let question = chat.say("dora", "general", "@ben could you review the schema?");
    chat.until(&monday("11:00"));
    edit(&mut chat, "dora", "general", &question, "@ben @kim could you review the schema?");
    chat.until("2026-11-24T08:30:00Z");
    assert!(kept(&chat, &question).expect("it is owed").breached);
    edit(&mut chat, "dora", "general", &question, "could you review the schema?");
    assert_eq!(stage(&chat, &question), Some(Stage::Cancelled), "it asks nobody any more");
}

#[test]
fn the_asker_can_reply_in_the_question() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.say("ben", &format!("support/{question}"), "Which customer is it?");
    edit(&mut chat, "dora", "support", &question, "Can you restart the import worker of Initech?");
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
}

#[test]
fn what_is_raised_is_told_anew_to_the_right_people() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.until(&monday("11:30"));
    chat.command("ben", &format!("support/{question}"), "snooze 4h");
    chat.heard();
    chat.command("dora", &format!("support/{question}"), "urgent emergency");
    let heard = chat.heard();
    assert!(heard.contains("pages ben") && heard.contains("pages chidi"), "{heard}");
}

#[test]
fn what_was_taken_or_waited_for_a_reply_is_neither_when_it_is_raised() {
    for (words, before) in [("on it", Stage::Acknowledged), ("Which customer is it?", Stage::Paused)] {
        let mut chat = chat();
        let question = chat.say("dora", "support", "Can you restart the import worker?");
        chat.say("ben", &format!("support/{question}"), words);
        assert_eq!(stage(&chat, &question), Some(before));
        a_minute_later(&mut chat);
        chat.command("dora", &format!("support/{question}"), "urgent emergency");
        assert_eq!(stage(&chat, &question), Some(Stage::Open));
        let heard = chat.heard();
        assert!(heard.contains("pages ben"), "{heard}");
    }
}

#[test]
fn a_breach_is_not_taken_back_by_raising() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.until(&monday("13:30"));
    chat.say("dora", &format!("support/{question}"), "!urgent it still hangs");
    chat.until(&monday("14:45"));
    let told = chat.heard();
    assert!(told.contains("Mon 13:30 to ben"), "half of the two hours: {told}");
    chat.until(&monday("16:00"));
    let breaches = chat.notes.iter().filter(|note| note.what == Noted::Breached).count();
    let taken_back = chat.notes.iter().filter(|note| note.what == Noted::BreachTakenBack).count();
    assert_eq!((breaches, taken_back), (2, 0), "each promise was broken");
}

#[test]
fn a_bystander_s_question_stops_no_alarm() {
    let mut chat = chat();
    let alarm = chat.say("dora", "support", "🚨 the database is down");
    let thread = format!("support/{alarm}");
    chat.say("kim", &thread, "Which region?");
    assert_eq!(stage(&chat, &alarm), Some(Stage::Open));
    chat.say("ben", &thread, "Which region?");
    assert_eq!(stage(&chat, &alarm), Some(Stage::Paused));
}

#[test]
fn where_anyone_may_answer_anyone_may_ask_back() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.say("kim", &format!("support/{question}"), "Which customer is it?");
    assert_eq!(stage(&chat, &question), Some(Stage::Paused));
}

#[test]
fn an_answer_that_names_one_asker_is_for_that_one() {
    let mut chat = chat();
    let doras = chat.say("dora", "general", "@ben could you restart the worker?");
    let kims = chat.say("kim", "general", "@ben could you review the schema?");
    chat.say("ben", "general", "@dora it was the cache, it runs again.");
    assert_eq!((stage(&chat, &doras), stage(&chat, &kims)), (Some(Stage::Met), Some(Stage::Open)));
}

#[test]
fn somebody_new_is_asked_in_the_same_thread() {
    let mut chat = chat();
    let first = chat.say("dora", "general", "@ben could you restart the worker?");
    let same = chat.say("dora", &format!("general/{first}"), "@ben and could you send me the list?");
    let other = chat.say("dora", &format!("general/{first}"), "@kim could you review the schema?");
    assert_eq!((stage(&chat, &same), stage(&chat, &other)), (None, Some(Stage::Open)));
}

#[test]
fn whoever_took_it_and_waits_for_a_reply_is_not_asked_how_it_goes() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    let thread = format!("support/{question}");
    chat.say("ben", &thread, "on it");
    chat.until(&monday("11:00"));
    chat.say("ben", &thread, "Which customer is it?");
    chat.until("2026-11-24T10:00:00Z");
    assert_eq!(chat.heard(), "");
    chat.say("dora", &thread, "It is Initech.");
    chat.until("2026-11-24T11:30:00Z");
    assert!(!chat.heard().contains("took"), "two hours of the four are left");
    chat.until("2026-11-24T12:30:00Z");
    assert!(chat.heard().contains("took"));
}

#[test]
fn a_press_on_a_notice_of_the_earlier_promise_still_takes_it() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.until(&monday("11:30"));
    let notice = chat.actions.len() - 1;
    chat.command("dora", &format!("support/{question}"), "urgent urgent");
    chat.heard();
    chat.press("ben", notice, Choice::Take);
    assert_eq!(stage(&chat, &question), Some(Stage::Acknowledged));
    assert!(chat.heard().contains("amends step/"), "what was posted for the earlier promise stays true");
}

#[test]
fn what_is_raised_in_a_thread_is_owed_once() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    let thread = format!("support/{question}");
    chat.say("kim", &thread, "good morning all");
    a_minute_later(&mut chat);
    chat.command("dora", &thread, "urgent emergency");
    a_minute_later(&mut chat);
    chat.say("ben", &thread, "It was the cache, it runs again.");
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
    chat.heard();
    chat.until(&monday("16:00"));
    assert_eq!(chat.heard(), "");
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
}

#[test]
fn what_is_closed_is_not_raised() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    let thread = format!("support/{question}");
    chat.say("ben", &thread, "It was the cache, it runs again.");
    let before = kept(&chat, &question);
    a_minute_later(&mut chat);
    chat.command("dora", &thread, "urgent emergency");
    let heard = chat.heard();
    assert!(heard.contains("closed") && !heard.contains("pages"), "{heard}");
    assert_eq!(kept(&chat, &question), before);
}

/// The messages to which an answer was noted as owed, and those that were noted as answered.
fn owed_and_met(chat: &Chat) -> (Vec<String>, Vec<String>) {
    let about = |note: &Note| note.about.as_ref().map(|about| about.id.to_string()).unwrap_or_default();
    let of =
        |wanted: fn(&Noted) -> bool| chat.notes.iter().filter(|note| wanted(&note.what)).map(about).collect();
    (of(|what| matches!(what, Noted::Owed { .. })), of(|what| matches!(what, Noted::Met { .. })))
}

#[test]
fn a_question_to_somebody_else_is_no_follow_up_of_the_first() {
    let mut chat = chat();
    let first = chat.say("dora", "general", "@ben can you look at the failing import?");
    let thread = format!("general/{first}");
    chat.say("ben", &thread, "I restarted the worker.");
    let second = chat.say("dora", &thread, "@chidi can you check the log of last night?");
    chat.say("chidi", &thread, "There is nothing in the log.");
    let third = chat.say("dora", &thread, "@ben which worker was it?");
    chat.say("ben", &thread, "The second one.");
    let all = vec![first.to_string(), second.to_string(), third.to_string()];
    assert_eq!(owed_and_met(&chat), (all.clone(), all), "each is owed once and answered once");
}

#[test]
fn one_follow_up_is_owed_one_answer_whoever_answered_before() {
    let mut chat = chat();
    let first = chat.say("dora", "general", "@ben can you look at the failing import?");
    let thread = format!("general/{first}");
    let second = chat.say("dora", &thread, "@chidi can you check the log of last night?");
    chat.say("ben", &thread, "I restarted the worker.");
    chat.say("chidi", &thread, "There is nothing in the log.");
    let report = chat.say("dora", &thread, "It still stops after ten rows.");
    chat.say("dora", &thread, "What else could it be?");
    chat.say("chidi", &thread, "The disk is full, I make room.");
    chat.say("kim", &thread, "I saw that, too.");
    let all = vec![first.to_string(), second.to_string(), report.to_string()];
    assert_eq!(owed_and_met(&chat), (all.clone(), all), "each is owed once and answered once");
}

#[test]
fn an_answer_in_the_main_line_counts_after_a_silence_too_if_it_names_the_asker() {
    let mut chat = chat();
    let question = chat.say("dora", "general", "@ben could you send me the files of Initech?");
    let other = chat.say("kim", "general", "@ben when is the review?");
    chat.hours(1);
    chat.say("ben", "general", "@dora here they are, all twelve.");
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
    assert_eq!(stage(&chat, &other), Some(Stage::Open), "it names somebody else");
    chat.restart();
    chat.until(&at("2026-11-25", "12:00"));
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
}
