//! Manners: when Usher speaks, to whom, and when it keeps silent.

use crate::chat::Chat;
use usher::calendar::{Instant, Span};
use usher::core::action::{Choice, Kind, Target};
use usher::core::event::{Platform, What};

pub const TEAM: &str = r#"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:00"
call-link = "https://meet.example.org/{thread}"
admins = ["ana"]

[people]
ana = { timezone = "Europe/Berlin" }
ben = { timezone = "Europe/Berlin", deputy = "ana", focus = "tue 10:00-12:00" }
chidi = { timezone = "Africa/Lagos", phone = { secret = "chidi-phone" }, reach-me = "a message first" }
kim = { timezone = "Asia/Tokyo" }

[groups]
platform = ["ben", "chidi"]

[rotations.on-duty]
members = ["ben", "chidi"]
every = "1 week"
handoff = "mon 09:00"
timezone = "UTC"
from = 2026-11-23

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
raised-by = "platform"
escalate = [{ after = "0m", tell = "on-duty", by = "pager" }]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "4h"
escalate = [{ after = "50%", tell = "responders", by = "thread" }]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "1 workday"
escalate = [{ after = "100%", tell = "responders", by = "direct message" }]

[channels.support]
urgency = "blocking"
responders = "on-duty"

[channels.platform]
urgency = "blocking"

[channels.general]
urgency = "normal"

[channels.quiet]
urgency = "blocking"
usher = "private"
"#;

pub fn chat(now: &str) -> Chat {
    let people = [
        ("ana", "Europe/Berlin"),
        ("ben", "Europe/Berlin"),
        ("chidi", "Africa/Lagos"),
        ("kim", "Asia/Tokyo"),
        ("dora", "Europe/Berlin"),
    ];
    let mut chat = Chat::new(TEAM, now, &people, &["support", "platform", "general", "quiet", "elsewhere"]);
    chat.heard();
    chat
}

#[test]
fn what_is_asked_at_night_is_told_at_the_opening() {
    let mut chat = chat("2026-11-23T20:00:00Z");
    chat.say("dora", "platform", "@ben can you look at the failing deploy?");
    chat.until("2026-11-24T13:00:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_sender_hears_once_a_day_that_somebody_is_off() {
    let mut chat = chat("2026-11-24T13:30:00Z");
    chat.say("dora", "support", "@kim could you look at the deploy?");
    chat.hours(1);
    chat.say("dora", "support", "@kim can you see why the other deploy hangs?");
    chat.hours(24);
    chat.say("dora", "support", "@kim could you look at the deploy again?");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn an_emergency_pages_at_any_hour_until_somebody_takes_it() {
    let mut chat = chat("2026-11-24T02:00:00Z");
    let question = chat.say("chidi", "general", "🚨 the shop is down");
    chat.until("2026-11-24T02:12:00Z");
    chat.react("ben", "general", &question, "eyes");
    chat.until("2026-11-24T03:00:00Z");
    chat.say("ben", &format!("general/{question}"), "The database was full, it is back.");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_level_is_raised_only_by_those_who_may() {
    let mut chat = chat("2026-11-24T02:00:00Z");
    chat.say("dora", "general", "🚨 the shop is down");
    chat.until("2026-11-24T02:30:00Z");
    assert!(!chat.heard().contains("pages"));
}

#[test]
fn a_stuck_thread_is_offered_a_call_once() {
    let mut chat = chat("2026-11-24T09:00:00Z");
    let root = chat.say("dora", "platform", "@ben the build fails with error 137, can you help?");
    let thread = format!("platform/{root}");
    for _ in 0..3 {
        chat.say("ben", &thread, "What does the log say? Which version do you use?");
        chat.until(&chat.now.plus(60_000).to_string());
        chat.say("dora", &thread, "It still fails with the same error, no luck.");
        chat.until(&chat.now.plus(60_000).to_string());
    }
    for _ in 0..2 {
        chat.say("ben", &thread, "Did you try it with a clean cache? What changed?");
        chat.say("dora", &thread, "Tried that, still the same, it did not work.");
    }
    insta::assert_snapshot!(chat.heard());
    let call = chat.actions.len() - 1;
    chat.press("ben", call, Choice::CallNow);
    chat.hours(1);
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_watched_channel_hears_nothing_and_the_admins_hear_daily() {
    let mut chat = chat("2026-11-24T09:00:00Z");
    chat.say("dora", "elsewhere", "!blocking @ben can you look at the deploy?");
    chat.until("2026-11-25T09:00:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn private_channels_get_direct_messages_only() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    chat.say("dora", "quiet", "@ben can you look at the deploy?");
    chat.until("2026-11-24T16:00:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn the_budget_turns_the_third_notice_into_a_digest() {
    let mut chat = chat("2026-11-24T11:30:00Z");
    for n in 0..4 {
        chat.say("dora", "platform", &format!("@ben can you look at deploy {n}?"));
        chat.until(&chat.now.plus(20 * 60_000).to_string());
    }
    chat.until("2026-11-25T17:00:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn a_handoff_passes_what_is_open() {
    let mut chat = chat("2026-11-27T15:00:00Z");
    chat.say("dora", "support", "Can you restart the worker?");
    chat.until("2026-11-30T09:30:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn leave_passes_what_is_open_to_the_deputy() {
    let mut chat = chat("2026-11-25T09:00:00Z");
    chat.say("dora", "platform", "@ben can you look at the deploy?");
    chat.hours(1);
    let span = Span { from: chat.now, to: Instant::parse("2026-12-02T08:00:00Z").expect("an instant") };
    chat.happen(What::Away { user: "ben".into(), span: Some(span) });
    chat.until("2026-11-25T12:00:00Z");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn after_an_outage_there_is_one_notice() {
    let mut chat = chat("2026-11-24T08:00:00Z");
    for n in 0..40 {
        let owing = if n % 2 == 0 { "ben" } else { "chidi" };
        let (asker, channel) = (format!("asker-{n}"), if n % 3 == 0 { "support" } else { "platform" });
        chat.say(&asker, channel, &format!("@{owing} can you look at deploy {n}?"));
        chat.now = chat.now.plus(60_000);
    }
    let last_alive = Some(chat.now);
    chat.now = Instant::parse("2026-11-24T14:00:00Z").expect("an instant");
    chat.happen(What::Gap { channel: None, from: chat.now });
    chat.happen(What::Started { last_alive });
    // Nothing is told before it is known what was missed; then one channel is read after the other.
    assert_eq!(chat.heard(), "");
    for channel in ["general", "support", "quiet", "platform", "elsewhere"] {
        chat.happen(What::Filled { channel: Some(channel.into()) });
        chat.until(&chat.now.plus(60_000).to_string());
    }
    chat.until("2026-11-24T15:00:00Z");
    let digests = chat.actions.iter().map(|action| (action.kind, &action.to));
    let to = |user: &str| Target::Direct { platform: Platform::Console, user: user.into() };
    let one_each = [(Kind::Digest, &to("ben")), (Kind::Digest, &to("chidi"))];
    assert_eq!(digests.collect::<Vec<_>>(), one_each);
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn two_dismissals_turn_a_kind_off() {
    let mut chat = chat("2026-11-24T09:00:00Z");
    for _ in 0..3 {
        let root = chat.say("dora", "platform", "@ben the build fails with error 137, can you help?");
        let thread = format!("platform/{root}");
        for _ in 0..6 {
            chat.say("ben", &thread, "What does the log say? Which version do you use?");
            chat.say("dora", &thread, "It still fails with the same error, no luck.");
        }
        let calls: Vec<usize> =
            (0..chat.actions.len()).filter(|n| chat.actions[*n].id.0.contains(root.as_str())).collect();
        if let Some(call) = calls.first() {
            chat.press("ben", *call, Choice::NotNow);
        }
        chat.hours(24);
    }
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn the_main_line_is_followed_by_mention_and_alternation() {
    let mut chat = chat("2026-11-24T12:00:00Z");
    chat.say("dora", "platform", "@ben can you look at the deploy?");
    chat.say("kim", "platform", "Lunch was good today");
    chat.say("ben", "platform", "The disk was full, it runs again.");
    chat.until("2026-11-24T16:00:00Z");
    insta::assert_snapshot!(chat.heard());
    insta::assert_debug_snapshot!(chat.notes.iter().map(|note| &note.what).collect::<Vec<_>>());
}

#[test]
fn a_gap_stops_the_clock_from_firing() {
    let mut chat = chat("2026-11-24T08:00:00Z");
    let question = chat.say("dora", "platform", "@ben can you look at the deploy?");
    chat.happen(What::Gap { channel: Some("platform".into()), from: chat.now });
    chat.until("2026-11-24T15:00:00Z");
    assert_eq!(chat.heard(), "");
    let (_, mut answer) = chat.message("ben", &format!("platform/{question}"), "It was the cache.");
    answer.at = Instant::parse("2026-11-24T09:00:00Z").expect("an instant");
    chat.deliver(&answer);
    chat.happen(What::Filled { channel: Some("platform".into()) });
    chat.until("2026-11-24T16:00:00Z");
    assert_eq!(chat.heard(), "");
}

#[test]
fn an_asker_who_wants_news_hears_when_it_is_owed() {
    let mut chat = chat("2026-11-24T09:00:00Z");
    let question = chat.say("dora", "platform", "@ben can you look at the deploy?");
    chat.hours(1);
    chat.say("dora", &format!("platform/{question}"), "any news?");
    chat.say("ben", &format!("platform/{question}"), "on it");
    chat.say("dora", &format!("platform/{question}"), "any update?");
    insta::assert_snapshot!(chat.heard());
}

#[test]
fn handoffs_that_come_together_are_one_notice() {
    let mut chat = chat("2026-11-27T14:00:00Z");
    for who in ["dora", "kim", "ana"] {
        chat.say(who, "support", "Can you restart the worker?");
    }
    chat.until("2026-11-30T09:20:00Z");
    let monday: Vec<String> = chat
        .heard()
        .lines()
        .filter(|line| line.starts_with("Mon 09:0") || !line.contains(' '))
        .map(str::to_owned)
        .collect();
    let to_chidi = monday.iter().filter(|line| line.contains("to chidi")).count();
    assert_eq!(to_chidi, 1, "{monday:#?}");
}

#[test]
fn the_week_is_told_in_threads() {
    let mut chat = chat("2026-11-26T08:00:00Z");
    let question = chat.say("dora", "support", "@kim could you look at the deploy?");
    chat.hours(6);
    chat.say("ben", &format!("support/{question}"), "It was the cache.");
    chat.say("dora", "support", "@kim could you look at the other deploy?");
    chat.until("2026-11-30T09:00:00Z");
    let heard = chat.heard();
    let week: Vec<&str> = heard.lines().skip_while(|line| !line.contains("This week")).collect();
    insta::assert_snapshot!(week.join("\n"));
}

#[test]
fn a_text_whose_reader_is_never_in_comes_back() {
    let mut chat = chat("2026-11-23T09:00:00Z");
    chat.command("dora", "support", "later @kim the report is ready");
    chat.revise(&TEAM.replace(
        "kim = { timezone = \"Asia/Tokyo\"",
        "kim = { timezone = \"Asia/Tokyo\", office-hours = \"sun 03:00-03:01\"",
    ));
    let to = Instant::parse("2027-12-30T00:00:00Z").expect("an instant");
    chat.happen(What::Away { user: "kim".into(), span: Some(Span { from: chat.now, to }) });
    chat.heard();
    chat.until("2026-11-24T09:00:00Z");
    let heard = chat.heard();
    assert!(heard.contains("to dora: I see no hour ahead"), "{heard}");
}

#[test]
fn a_post_in_a_thread_does_not_ping_an_asker_who_muted_usher() {
    let mut chat = chat("2026-11-25T08:00:00Z");
    chat.say("dora", "support", "Can you restart the worker?");
    chat.command("dora", "support", "mute 5h");
    chat.heard();
    chat.until("2026-11-25T10:01:00Z");
    let heard = chat.heard();
    assert!(heard.contains("to ben: dora asked") && !heard.contains("#support/"), "{heard}");
}

#[test]
fn everyone_who_takes_over_is_told() {
    let mut chat = chat("2026-11-25T09:00:00Z");
    chat.say("dora", "platform", "@ben @chidi can one of you look at the deploy?");
    chat.revise(&TEAM.replace(
        "chidi = { timezone = \"Africa/Lagos\"",
        "chidi = { timezone = \"Africa/Lagos\", deputy = \"kim\"",
    ));
    chat.hours(1);
    chat.heard();
    let to = Instant::parse("2026-12-02T08:00:00Z").expect("an instant");
    for user in ["ben", "chidi"] {
        chat.happen(What::Away { user: user.into(), span: Some(Span { from: chat.now, to }) });
    }
    chat.until("2026-11-26T02:00:00Z");
    let heard = chat.heard();
    assert!(
        heard.contains("to ana: ben and chidi pass you") && heard.contains("to kim: ben and chidi pass you"),
        "{heard}"
    );
}
