//! The engine through its door: events in, words out.

use crate::chat::Chat;

const TEAM: &str = r#"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:00"
admins = ["ana"]

[people]
ana = { }
ben = { timezone = "Europe/Berlin", deputy = "ana" }
chidi = { timezone = "Africa/Lagos" }
kim = { timezone = "Asia/Tokyo" }

[groups]
platform = ["ben", "chidi"]
leads = ["ana"]

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
raised-by = "platform"
escalate = [{ after = "0m", tell = "platform", by = "pager" }]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "4h"
escalate = [
  { after = "50%", tell = "responders", by = "thread" },
  { after = "100%", tell = "leads", by = "direct message" },
]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "1 workday"

[channels.support]
purpose = "Questions"
urgency = "blocking"
responders = "platform"

[channels.general]
purpose = "All"
urgency = "normal"
"#;

fn chat(now: &str) -> Chat {
    let people = [
        ("ana", "Europe/Berlin"),
        ("ben", "Europe/Berlin"),
        ("chidi", "Africa/Lagos"),
        ("kim", "Asia/Tokyo"),
        ("dora", "Europe/Berlin"),
    ];
    let mut chat = Chat::new(TEAM, now, &people, &["support", "general"]);
    chat.heard();
    chat
}

#[test]
fn a_question_is_reminded_of_and_then_escalated_and_then_answered() {
    let mut chat = chat("2026-11-23T08:30:00Z");
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    chat.until("2026-11-23T16:00:00Z");
    insta::assert_snapshot!(chat.heard());
    chat.say("ben", &format!("support/{question}"), "It was the cache, it runs again.");
    insta::assert_snapshot!(chat.heard());
    insta::assert_debug_snapshot!(chat.notes.iter().map(|note| (note.at, &note.what)).collect::<Vec<_>>());
}

#[test]
fn a_restart_at_any_point_changes_nothing() {
    let play = |restart: bool| {
        let mut chat = chat("2026-11-23T08:30:00Z");
        let step = |chat: &mut Chat| {
            if restart {
                chat.restart()
            }
        };
        let question = chat.say("dora", "support", "Can you restart the build worker?");
        step(&mut chat);
        chat.until("2026-11-23T11:00:00Z");
        step(&mut chat);
        chat.say("ben", &format!("support/{question}"), "on it");
        step(&mut chat);
        chat.until("2026-11-24T11:00:00Z");
        step(&mut chat);
        chat.say("kim", "general", "@ben could you review the design?");
        step(&mut chat);
        chat.until("2026-11-25T11:00:00Z");
        chat.heard()
    };
    insta::assert_snapshot!(play(false));
    assert_eq!(play(false), play(true));
}
