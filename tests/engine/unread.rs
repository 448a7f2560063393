//! What cannot be read yet is neither an answer nor a breach; when its key comes, it is as if it had been read at once.

use smol_str::{SmolStr, format_smolstr};
use usher::calendar::Instant;
use usher::core::event::{Event, What};
use usher::core::said::Stage;

use crate::chat::Chat;
use crate::decisions::{at, chat, delete, kept, monday, stage};

/// A message that comes without its key; what it says comes with the key.
pub fn seal(posted: &Event) -> Event {
    let What::Posted(said) = &posted.what else { unreachable!("a message is posted") };
    let (message, thread, author) = (said.message.clone(), said.thread.clone(), said.author.clone());
    let key = format_smolstr!("{}/unreadable", posted.key);
    Event { key, what: What::Unreadable { message, thread, author }, ..posted.clone() }
}

/// Somebody writes what nobody can read; its id, and what comes with the key.
fn write_sealed(chat: &mut Chat, who: &str, place: &str, text: &str) -> (SmolStr, Event) {
    let (id, posted) = chat.message(who, place, text);
    chat.deliver(&seal(&posted));
    (id, posted)
}

fn breached(chat: &Chat, question: &str) -> bool {
    kept(chat, question).expect("it is owed").breached
}

/// Dora asks in #support at nine; it is due at 13:00.
fn asked() -> (Chat, SmolStr, String) {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    let thread = format!("support/{question}");
    (chat, question, thread)
}

#[test]
fn what_may_be_the_answer_and_cannot_be_read_is_no_breach_and_the_admins_hear_of_it() {
    let (mut chat, question, thread) = asked();
    chat.until(&monday("10:50"));
    write_sealed(&mut chat, "ben", &thread, "It runs again.");
    chat.command("dora", &thread, "why");
    chat.until(&monday("11:30"));
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
    chat.until(&monday("16:00"));
    assert_eq!(stage(&chat, &question), Some(Stage::Cancelled));
    assert!(!breached(&chat, &question));
    chat.command("dora", &thread, "why");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_key_that_comes_late_makes_it_an_answer_from_when_it_was_written() {
    for late in ["11:00", "15:00"] {
        let (mut chat, question, thread) = asked();
        chat.until(&monday("10:50"));
        let (_, posted) = write_sealed(&mut chat, "ben", &thread, "It runs again.");
        chat.until(&monday(late));
        chat.restart();
        chat.deliver(&posted);
        let kept = kept(&chat, &question).expect("it is owed");
        assert_eq!((kept.stage, kept.breached), (Some(Stage::Met), false), "{late}");
        assert_eq!(kept.ended_at, Some(posted.at), "{late}");
    }
}

#[test]
fn a_key_that_shows_no_answer_lets_the_ladder_go_on() {
    let (mut chat, question, thread) = asked();
    chat.until(&monday("10:50"));
    let (_, posted) = write_sealed(&mut chat, "chidi", &thread, "hi!");
    chat.until(&monday("11:10"));
    assert_eq!(chat.heard(), "", "the step of 11:00 waits");
    chat.deliver(&posted);
    assert!(chat.heard().contains("to ben"), "it is told now");
    chat.until(&monday("14:00"));
    assert!(breached(&chat, &question));
}

#[test]
fn a_deletion_of_what_could_not_be_read_lets_the_ladder_go_on() {
    for in_thread in [true, false] {
        let (mut chat, question, thread) = asked();
        chat.until(&monday("10:50"));
        let place = if in_thread { thread.as_str() } else { "support" };
        let (sealed, _) = write_sealed(&mut chat, "ben", place, "It runs again.");
        chat.until(&monday("11:10"));
        assert_eq!(chat.heard(), "");
        chat.restart();
        delete(&mut chat, "support", &sealed);
        chat.until(&monday("11:12"));
        assert!(chat.heard().contains("to ben"), "it is told now");
        chat.until(&monday("14:00"));
        assert!(breached(&chat, &question));
    }
}

#[test]
fn what_cannot_be_read_starts_nothing_and_why_says_so() {
    let mut chat = chat();
    let (sealed, posted) = write_sealed(&mut chat, "dora", "support", "Can you restart the import worker?");
    assert_eq!(stage(&chat, &sealed), None);
    chat.command("dora", "support", &format!("why {sealed}"));
    assert!(chat.heard().contains("I cannot read this message yet"));
    chat.until(&monday("09:30"));
    chat.deliver(&posted);
    assert_eq!(stage(&chat, &sealed), Some(Stage::Open));
    chat.until(&monday("11:00"));
    assert!(chat.heard().contains("to ben"), "it counts from when it was asked");
}

#[test]
fn only_what_may_be_the_answer_is_waited_for() {
    for (channel, who, text) in [
        ("help", "kim", "in the main line, by somebody who does not owe it"),
        ("help", "dora", "by the asker"),
    ] {
        let mut chat = chat();
        let question = chat.say("dora", channel, "Can you restart the import worker?");
        chat.until(&monday("10:50"));
        write_sealed(&mut chat, who, channel, "…");
        chat.until(&monday("14:00"));
        assert!(breached(&chat, &question), "{text}");
    }
}

#[test]
fn a_breach_from_before_stays_one() {
    let (mut chat, question, thread) = asked();
    chat.until(&monday("13:30"));
    assert!(breached(&chat, &question));
    write_sealed(&mut chat, "ben", &thread, "It runs again.");
    chat.until(&monday("15:00"));
    assert!(breached(&chat, &question));
    assert_eq!(stage(&chat, &question), Some(Stage::Cancelled));
}

#[test]
fn an_alarm_waits_for_a_key_no_longer_than_from_page_to_page() {
    let mut chat = chat();
    let question = chat.say("dora", "general", "🚨 the shop is down");
    assert!(chat.heard().contains("pages ben"));
    chat.until(&monday("09:04"));
    write_sealed(&mut chat, "kim", &format!("general/{question}"), "It runs again.");
    chat.until(&monday("09:08"));
    assert_eq!(chat.heard(), "");
    chat.until(&monday("09:10"));
    assert!(chat.heard().contains("pages ben"), "a page too many costs a look");
    chat.until(&monday("12:00"));
    assert_eq!(stage(&chat, &question), Some(Stage::Open), "an alarm does not end by what nobody can read");
    assert!(!breached(&chat, &question), "and nobody can say that it was late");
}

#[test]
fn the_admins_hear_of_a_channel_once_a_day() {
    let mut chat = chat();
    let told = |chat: &mut Chat| chat.heard().matches("cannot read").count();
    for clock in ["09:10", "09:20", "11:00", "14:00"] {
        chat.until(&monday(clock));
        write_sealed(&mut chat, "kim", "support", "…");
        chat.restart();
    }
    chat.until(&monday("18:00"));
    assert_eq!(told(&mut chat), 1);
    chat.until(&at("2026-11-24", "17:00"));
    let heard = chat.heard();
    assert!(heard.contains("cannot read 3 messages"), "what came since: {heard}");
    chat.until("2026-12-04T12:00:00Z");
    assert_eq!(told(&mut chat), 0);
}

#[test]
fn nothing_is_kept_of_a_channel_in_which_nothing_can_be_read() {
    let mut chat = chat();
    let before = chat.records.len();
    for number in 0..20 {
        let place = if number % 2 == 0 { "support" } else { "support/unknown" };
        write_sealed(&mut chat, "kim", place, "…");
        chat.until(&monday(&format!("09:{:02}", number + 1)));
    }
    assert!(chat.records.len() >= before + 20);
    chat.until("2026-11-30T12:00:00Z");
    let facts = chat.records.keys().filter(|key| key.kind == usher::core::record::RecordKind::Fact);
    assert_eq!(facts.count(), 0);
}

#[test]
fn a_key_among_what_is_missing_is_waited_for() {
    let (mut chat, question, thread) = asked();
    chat.until(&monday("10:50"));
    let (_, posted) = write_sealed(&mut chat, "ben", &thread, "It runs again.");
    chat.until(&monday("11:00"));
    chat.happen(What::Gap { channel: None, from: chat.now });
    chat.until(&monday("15:00"));
    assert_eq!((stage(&chat, &question), chat.heard()), (Some(Stage::Open), String::new()));
    chat.restart();
    chat.deliver(&posted);
    chat.happen(What::Filled { channel: None });
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
    assert_eq!(chat.heard(), "");
}

#[test]
fn a_program_s_message_answers_nothing_when_its_key_comes() {
    let (mut chat, question, thread) = asked();
    chat.until(&monday("10:50"));
    let (_, mut posted) = write_sealed(&mut chat, "ben", &thread, "It runs again.");
    if let What::Posted(said) = &mut posted.what {
        said.bot = true;
    }
    chat.until(&monday("11:10"));
    chat.deliver(&posted);
    assert!(chat.heard().contains("to ben"), "nothing is waited for any more");
    chat.until(&monday("14:00"));
    assert!(breached(&chat, &question));
}

#[test]
fn what_cannot_be_read_comes_from_before_usher_joined() {
    let mut chat = chat();
    let (_, posted) = chat.message("ben", "support", "It runs again.");
    let sealed = Event { at: Instant::parse("2026-11-22T08:00:00Z").expect("an instant"), ..seal(&posted) };
    let before = chat.records.len();
    chat.deliver(&sealed);
    assert_eq!(chat.records.len(), before);
}
