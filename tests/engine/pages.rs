//! An emergency pages somebody, or says whom to call: never nobody in silence. And what a snooze holds.

use crate::chat::Chat;
use crate::manners::TEAM;
use usher::core::action::Choice;

const LEADS: &str = r#"escalate = [
  { after = "0m", tell = "on-duty", by = "pager" },
  { after = "10m", tell = "ana", by = "pager" },
]"#;
const DUTY: &str = r#"escalate = [{ after = "0m", tell = "on-duty", by = "pager" }]"#;

/// The team with another ladder for emergencies.
fn chat_with(ladder: &str, now: &str) -> Chat {
    let people = [
        ("ana", "Europe/Berlin"),
        ("ben", "Europe/Berlin"),
        ("chidi", "Africa/Lagos"),
        ("dora", "Europe/Berlin"),
    ];
    let runbook = TEAM.replace(DUTY, ladder);
    let mut chat = Chat::new(&runbook, now, &people, &["support", "platform", "general"]);
    chat.heard();
    chat
}

#[test]
fn an_emergency_of_whoever_is_on_duty_goes_to_the_next_step_at_once() {
    let mut chat = chat_with(LEADS, "2026-11-24T02:00:00Z");
    chat.say("ben", "general", "🚨 the shop is down");
    let heard = chat.heard();
    assert!(heard.contains("pages ana"), "{heard}");
}

#[test]
fn an_emergency_that_reaches_nobody_shows_whom_to_call() {
    let mut chat = chat_with(DUTY, "2026-11-24T02:00:00Z");
    let question = chat.say("ben", "general", "🚨 the shop is down");
    insta::assert_snapshot!(chat.heard());
    chat.restart();
    chat.until("2026-11-24T02:30:00Z");
    assert_eq!(chat.heard(), "", "the card is shown once");
    chat.command("ben", &format!("general/{question}"), "why");
    assert!(chat.heard().contains("nobody but the asker"));
}

#[test]
fn after_the_last_page_the_asker_sees_whom_to_call() {
    let mut chat = chat_with(DUTY, "2026-11-24T02:00:00Z");
    chat.say("chidi", "general", "🚨 the shop is down");
    chat.until("2026-11-24T02:25:00Z");
    assert!(!chat.heard().contains("Please call"));
    chat.until("2026-11-24T02:31:00Z");
    let heard = chat.heard();
    assert!(heard.contains("Please call"), "{heard}");
}

#[test]
fn a_snooze_brings_it_back_and_holds_nothing_beyond_what_was_agreed() {
    let mut chat = chat_with(DUTY, "2026-11-25T09:00:00Z");
    chat.say("dora", "support", "Can you restart the worker?");
    chat.until("2026-11-25T11:01:00Z");
    let reminder = chat.actions.len() - 1;
    assert!(chat.heard().contains("is waiting for an answer here"));
    chat.press("ben", reminder, Choice::Snooze);
    chat.heard();
    chat.until("2026-11-25T13:30:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_snooze_over_the_deadline_does_not_hold_the_next_step() {
    let runbook = TEAM.replace(
        r#"escalate = [{ after = "50%", tell = "responders", by = "thread" }]"#,
        r#"escalate = [{ after = "50%", tell = "responders", by = "thread" }, { after = "100%", tell = "ana", by = "direct message" }]"#,
    );
    let people = [("ana", "Europe/Berlin"), ("ben", "Europe/Berlin"), ("dora", "Europe/Berlin")];
    let mut chat = Chat::new(&runbook, "2026-11-25T08:00:00Z", &people, &["support"]);
    let question = chat.say("dora", "support", "Can you restart the worker?");
    chat.command("ben", &format!("support/{question}"), "snooze 5d");
    chat.heard();
    chat.until("2026-11-25T12:01:00Z");
    let heard = chat.heard();
    assert!(heard.contains("to ana"), "{heard}");
}

#[test]
fn whoever_is_asked_because_others_are_off_reads_why() {
    let runbook = TEAM.replace(
        r#"escalate = [{ after = "50%", tell = "responders", by = "thread" }]"#,
        r#"escalate = [{ after = "0m", tell = "responders", by = "thread" }, { after = "100%", tell = "kim", by = "direct message" }]"#,
    );
    let people = [("ben", "Europe/Berlin"), ("kim", "Asia/Tokyo"), ("dora", "Asia/Tokyo")];
    let mut chat = Chat::new(&runbook, "2026-11-25T02:00:00Z", &people, &["support"]);
    chat.heard();
    chat.say("dora", "support", "Can you restart the worker?");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn whoever_took_it_can_give_it_back_and_the_ladder_goes_on() {
    let mut chat = chat_with(DUTY, "2026-11-25T08:00:00Z");
    let question = chat.say("dora", "support", "Can you restart the worker?");
    chat.react("ben", "support", &question, "eyes");
    chat.until("2026-11-25T12:01:00Z");
    let asked = chat.actions.len() - 1;
    chat.press("ben", asked, Choice::GiveBack);
    insta::assert_snapshot!(chat.heard());
}
