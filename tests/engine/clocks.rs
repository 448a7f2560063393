//! The clock: pauses, leave, gaps, and what a changed world leaves as it was.

use usher::calendar::{Instant, Span};
use usher::core::event::{ChannelFacts, ChannelKind, Event, Platform, UserFacts, What};
use usher::core::said::Stage;

use crate::chat::Chat;
use crate::decisions::{TEAM, at, chat, due, kept, monday, stage};

fn away(chat: &mut Chat, who: &str, from: &str, to: &str) {
    let instant = |text: &str| Instant::parse(text).expect("an instant");
    chat.happen(What::Away { user: who.into(), span: Some(Span { from: instant(from), to: instant(to) }) });
}

fn gap(chat: &mut Chat, channel: &str) {
    chat.happen(What::Gap { channel: Some(channel.into()), from: chat.now });
}

#[test]
fn a_pause_that_begins_when_the_answer_is_due_is_no_breach() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    assert_eq!(due(&chat, &question), Some(monday("13:00")));
    let (_, back) = chat.message("ben", &format!("support/{question}"), "Which customer is it?");
    let back = Event { at: Instant::parse(&monday("13:00")).expect("an instant"), ..back };
    chat.until(&monday("12:59"));
    chat.now = back.at;
    chat.deliver(&back);
    chat.until(&monday("14:00"));
    assert_eq!(stage(&chat, &question), Some(Stage::Paused));
    assert!(!kept(&chat, &question).expect("it is owed").breached);
}

#[test]
fn a_question_back_overnight_does_not_move_a_workday_back() {
    let mut chat = chat();
    let question = chat.say("dora", "general", "@ben could you review the schema?");
    chat.until("2026-11-24T06:00:00Z");
    chat.say("ben", &format!("general/{question}"), "Which version is it?");
    chat.until("2026-11-24T12:00:00Z");
    assert!(!kept(&chat, &question).expect("it is owed").breached);
}

#[test]
fn a_pause_does_not_end_in_a_gap() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.say("ben", &format!("support/{question}"), "Which customer is it?");
    chat.until("2026-11-27T12:00:00Z");
    gap(&mut chat, "support");
    chat.until("2026-12-01T12:00:00Z");
    assert_eq!(stage(&chat, &question), Some(Stage::Paused), "the reply may be among what is missing");
    chat.restart();
    chat.until("2026-12-01T12:30:00Z");
    chat.happen(What::Filled { channel: None });
    assert_eq!(stage(&chat, &question), Some(Stage::Cancelled));
}

#[test]
fn a_digest_waits_for_the_end_of_a_gap() {
    let mut chat = chat();
    chat.revise(&TEAM.replace("per-person-per-day = 20", "per-person-per-day = 0"));
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.until(&monday("11:30"));
    gap(&mut chat, "support");
    chat.until("2026-11-24T16:00:00Z");
    assert_eq!(chat.heard(), "", "it may have been answered");
    chat.happen(What::Filled { channel: None });
    chat.until("2026-11-25T10:00:00Z");
    assert!(chat.heard().contains("to ben"));
    chat.say("ben", &format!("support/{question}"), "It runs again.");
}

#[test]
fn a_gap_of_one_platform_is_not_filled_by_another() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    gap(&mut chat, "support");
    let filled = chat.event(What::Filled { channel: None });
    chat.deliver(&Event { platform: Platform::Matrix, ..filled });
    chat.until(&monday("16:00"));
    assert!(!kept(&chat, &question).expect("it is owed").breached);
    chat.happen(What::Filled { channel: None });
    assert!(kept(&chat, &question).expect("it is owed").breached);
}

#[test]
fn leave_does_not_pass_on_in_a_gap() {
    let mut chat = chat();
    chat.say("dora", "support", "Can you restart the import worker?");
    gap(&mut chat, "support");
    away(&mut chat, "ben", &monday("10:00"), "2026-11-30T08:00:00Z");
    chat.until(&monday("10:30"));
    assert_eq!(chat.heard(), "");
    chat.happen(What::Filled { channel: None });
    chat.until(&monday("10:31"));
    assert!(chat.heard().contains("to chidi"));
}

#[test]
fn a_later_revision_moves_no_end_that_is_past() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.say("ben", &format!("support/{question}"), "Which customer is it?");
    chat.until("2026-11-30T12:00:00Z");
    assert_eq!(stage(&chat, &question), Some(Stage::Cancelled));
    chat.revise(&TEAM.replace("dora = { }", "dora = { office-hours = \"mon 09:00-17:00\" }"));
    chat.restart();
    chat.until("2026-11-30T13:00:00Z");
    chat.say("kim", &format!("support/{question}"), "good morning all");
    chat.say("dora", &format!("support/{question}"), "It is Initech.");
    assert_eq!(stage(&chat, &question), Some(Stage::Cancelled));
}

#[test]
fn a_renamed_channel_keeps_what_was_promised_in_it() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.until(&monday("10:00"));
    let facts = ChannelFacts {
        aliases: Vec::new(),
        name: "old-support".to_owned(),
        kind: ChannelKind::Public,
        archived: false,
        members: vec![],
    };
    chat.happen(What::Channel { channel: "support".into(), facts });
    chat.restart();
    chat.until(&monday("16:00"));
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
    assert!(kept(&chat, &question).expect("it is owed").breached);
    let later = chat.say("dora", "support", "Can you restart the other worker?");
    assert_eq!(stage(&chat, &later), None, "the runbook names no such channel");
}

#[test]
fn a_workday_counts_while_the_deputy_has_it() {
    let mut chat = chat();
    let question = chat.say("dora", "general", "@ben could you review the schema?");
    away(&mut chat, "ben", &monday("11:00"), "2026-11-28T08:00:00Z");
    chat.until("2026-11-24T09:00:00Z");
    let kept = kept(&chat, &question).expect("it is owed");
    assert_eq!(kept.due_at.map(|due| due.to_string()), Some(at("2026-11-24", "09:00")));
}

#[test]
fn what_was_taken_by_somebody_who_goes_on_leave_passes_on() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the import worker?");
    chat.react("ben", "support", &question, "eyes");
    away(&mut chat, "ben", &monday("10:00"), "2026-12-07T08:00:00Z");
    chat.until(&monday("10:30"));
    let heard = chat.heard();
    assert!(heard.contains("to chidi"), "{heard}");
    chat.until(&monday("11:30"));
    let heard = chat.heard();
    assert!(heard.contains("Mon 10:00 to chidi"), "the ladder goes on: {heard}");
}

#[test]
fn the_deputy_of_a_deputy_stands_in() {
    let mut chat = chat();
    away(&mut chat, "ben", &monday("10:00"), "2026-12-07T08:00:00Z");
    away(&mut chat, "chidi", "2026-11-24T08:00:00Z", "2026-11-26T08:00:00Z");
    chat.until("2026-11-24T08:30:00Z");
    let question = chat.say("dora", "general", "@ben could you review the schema?");
    chat.say("ana", &format!("general/{question}"), "The schema is fine.");
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
    chat.until("2026-11-26T08:30:00Z");
    let question = chat.say("dora", "general", "@ben could you review the other schema?");
    chat.say("ana", &format!("general/{question}"), "The schema is fine.");
    assert_eq!(stage(&chat, &question), Some(Stage::Open), "chidi is back");
    chat.say("chidi", &format!("general/{question}"), "The schema is fine.");
    assert_eq!(stage(&chat, &question), Some(Stage::Met));
}

#[test]
fn all_who_take_over_are_told() {
    let mut chat = chat();
    let team = TEAM.replace("kim = { }", "kim = { deputy = \"ana\" }");
    chat.revise(&team);
    chat.say("dora", "general", "@ben @kim could you review the schema?");
    chat.heard();
    away(&mut chat, "ben", &monday("10:00"), "2026-12-07T08:00:00Z");
    away(&mut chat, "kim", &monday("10:00"), "2026-12-07T08:00:00Z");
    chat.until(&monday("10:30"));
    let heard = chat.heard();
    assert!(heard.contains("to chidi") && heard.contains("to ana"), "{heard}");
}

#[test]
fn whoever_is_back_before_they_read_that_it_went_reads_nothing_of_it() {
    let mut chat = chat();
    chat.say("dora", "general", "@ben could you review the schema?");
    away(&mut chat, "ben", &monday("10:00"), "2026-11-25T08:00:00Z");
    chat.until(&monday("10:30"));
    chat.heard();
    chat.until("2026-11-25T08:30:00Z");
    let heard = chat.heard();
    assert!(!heard.contains("to ben"), "{heard}");
    assert!(heard.contains("to chidi"), "{heard}");
}

/// What the platform shows of somebody: away until then, or not.
fn shows_away(chat: &mut Chat, who: &str, until: Option<&str>) {
    let away_until = until.map(|until| Instant::parse(until).expect("an instant"));
    let zone = "Europe/Berlin".parse().ok();
    let facts =
        UserFacts { name: who.to_owned(), zone, bot: false, deactivated: false, guest: false, away_until };
    chat.happen(What::User { user: who.into(), facts });
}

fn who(chat: &mut Chat, whom: &str) -> String {
    chat.heard();
    chat.happen(What::Commanded {
        user: "dora".into(),
        channel: "general".into(),
        thread: None,
        words: format!("who {whom}"),
    });
    chat.heard()
}

#[test]
fn who_shows_on_the_platform_that_they_are_away_is_away_until_it_says_otherwise() {
    let mut chat = chat();
    shows_away(&mut chat, "ben", Some("2026-11-25T23:00:00Z"));
    let said = who(&mut chat, "ben");
    assert!(said.contains("away, back Thu 26 Nov, 09:00") || said.contains("away, back Thu 09:00"), "{said}");
    let longer = Some("2026-11-26T23:00:00Z");
    shows_away(&mut chat, "ben", longer);
    let said = who(&mut chat, "ben");
    assert!(said.contains("away, back Fri"), "a new end replaces the old one: {said}");
    shows_away(&mut chat, "ben", None);
    let said = who(&mut chat, "ben");
    assert!(!said.contains("away"), "{said}");
}

#[test]
fn a_status_without_an_end_lasts_until_it_is_taken_back_and_what_one_said_oneself_stays() {
    let mut chat = chat();
    away(&mut chat, "ben", "2026-11-23T08:00:00Z", "2026-11-25T23:00:00Z");
    shows_away(&mut chat, "ben", Some("9999-12-31T23:59:59.999Z"));
    chat.until("2026-11-30T10:00:00Z");
    let said = who(&mut chat, "ben");
    assert!(said.contains("away"), "{said}");
    chat.now = Instant::parse("2026-11-30T10:00:00Z").expect("an instant");
    shows_away(&mut chat, "ben", None);
    let said = who(&mut chat, "ben");
    assert!(!said.contains("away"), "{said}");

    let mut chat = self::chat();
    away(&mut chat, "ben", "2026-11-23T08:00:00Z", "2026-11-25T23:00:00Z");
    shows_away(&mut chat, "ben", Some("2026-11-24T23:00:00Z"));
    shows_away(&mut chat, "ben", None);
    let said = who(&mut chat, "ben");
    assert!(said.contains("away, back Thu"), "{said}");
}
