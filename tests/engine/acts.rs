//! Commands that do something: to a thread, to somebody's peace, for later. And what people type is shown,
//! never obeyed.

use crate::commands::{ask, ask_all, chat};
use insta::assert_snapshot;
use proptest::prelude::*;
use usher::calendar::{Instant, Span};
use usher::core::action::{Choice, Kind, Target};
use usher::core::event::What;

#[test]
fn take_says_whose_it_is() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    let thread = format!("support/{question}");
    let mut said = |who: &str| format!("{who}: {}", ask(&mut chat, who, &thread, "take"));
    let answers = [said("dora"), said("ben"), said("ben"), said("ana")];
    assert_snapshot!(answers.join("\n"), @r"
    dora: It is your own question; somebody else has to take it.
    ben: It is yours, and nobody else is reminded. The answer is owed by 15:00.
    ben: It is yours already, since 10:00.
    ana: ben took it, 10:00.
    ");
    let asked = chat.say("ana", "platform", "@ben could you review the design?");
    assert_snapshot!(ask(&mut chat, "kim", &format!("platform/{asked}"), "take"), @"This answer is owed by ben; they alone can take it. Your answer is welcome all the same.");
}

#[test]
fn resolve_call_and_outcome_end_a_thread() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    let thread = format!("support/{question}");
    chat.say("ben", &thread, "Which one?");
    chat.say("dora", &thread, "The second. It still hangs.");
    chat.command("dora", &thread, "call");
    assert_snapshot!(chat.heard(), @r"
    Mon 09:00 #support/m12: dora asks for a short call. dora and ben, you're both in until 12:30 Berlin: 15 minutes? https://meet.example.org/m12 [Call now] [10:30] [Resolved] [Not now]
    Mon 09:00 #support to dora alone: It stands in the thread, for all of you to see. Whoever presses first takes it.
    ");
    chat.command("dora", &thread, "outcome we replace it <!channel> @everyone *today*\nand tell *all*");
    assert_snapshot!(chat.heard(), @r"
    Mon 09:00 #support/m12: Outcome, by dora: “we replace it <!channel> @everyone *today* and tell *all*”
    Mon 09:00 #support to dora alone: Posted in the thread and kept as a decision; the thread is settled. `decisions` lists them.
    ");
    assert_snapshot!(ask(&mut chat, "ben", &thread, "resolve"), @"Noted as resolved. Nothing was owed here; I will suggest no call.");
    chat.restart();
    assert_snapshot!(ask_all(&mut chat, "ben", "support", &["decisions", "decisions #platform"]), @r"
    > decisions
    Decided in #support:
    • 10:00, dora: “we replace it <!channel> @everyone *today* and tell *all*”
    > decisions #platform
    No outcome was told in #platform yet. After a call: `outcome what we decided`.
    ");
    let other = chat.say("dora", "support", "Can you look at the second worker, too?");
    assert_snapshot!(ask(&mut chat, "dora", &format!("support/{other}"), "resolve"), @"Noted as resolved. Nothing was owed here; I will suggest no call.");
}

#[test]
fn where_usher_only_watches_commands_are_answered_in_private_alone() {
    let mut chat = chat();
    let question = chat.say("dora", "lab", "Can you restart the oven?");
    chat.say("ben", &format!("lab/{question}"), "Which one?");
    chat.heard();
    let each = ["call", "outcome we buy another"];
    assert_snapshot!(ask_all(&mut chat, "dora", &format!("lab/{question}"), &each), @r"
    > call
    I do not speak in this channel, so it is for you to ask them. You're both in until 12:30 Berlin. The link: https://meet.example.org/m12
    > outcome we buy another
    Kept as a decision; the thread is settled. I do not speak in this channel. `decisions` lists them.
    ");
    let public = |to: &Target| matches!(to, Target::Thread { .. } | Target::Channel { .. });
    assert!(!chat.actions.iter().any(|action| public(&action.to)), "nothing is said to all");
}

#[test]
fn later_waits_for_the_opening_and_can_be_taken_back() {
    let mut chat = chat();
    let each = [
        "later @kim the report is <!channel> @everyone *ready*",
        "later @kim at wed 18:00 how did it go?",
        "later kim, at 2026-12-24 merry Christmas",
        "later list",
        "later cancel 2",
        "later cancel 3",
        "later list",
        "later me at 16:00 stretch",
        "later ana are you in?",
        "later @kim in 200d too late",
        "later @kim at last it works",
    ];
    assert_snapshot!(ask_all(&mut chat, "dora", "support", &each), @r"
    > later @kim the report is <!channel> @everyone *ready*
    kim gets this at Tue 01:00 your time (09:00 in Tokyo), when they are in: “the report is <!channel> @everyone *ready*”. `later cancel 1` takes it back.
    > later @kim at wed 18:00 how did it go?
    kim gets this at Thu 01:00 your time (09:00 in Tokyo), when they are in: “how did it go?”. `later cancel 2` takes it back.
    > later kim, at 2026-12-24 merry Christmas
    kim gets this at Thu 24 Dec, 01:00 your time (09:00 in Tokyo), when they are in: “merry Christmas”. `later cancel 3` takes it back.
    > later list
    These wait:
    • 1. kim, Tue 01:00: “the report is <!channel> @everyone *ready*”
    • 2. kim, Thu 01:00: “how did it go?”
    • 3. kim, Thu 24 Dec, 01:00: “merry Christmas”
    `later cancel 1` takes back the first.
    > later cancel 2
    Taken back; kim does not get “how did it go?”.
    > later cancel 3
    There is no number 3; 2 texts wait. `later list` shows them.
    > later list
    These wait:
    • 1. kim, Tue 01:00: “the report is <!channel> @everyone *ready*”
    • 2. kim, Thu 24 Dec, 01:00: “merry Christmas”
    `later cancel 1` takes back the first.
    > later me at 16:00 stretch
    dora gets this at 16:00, when they are in: “stretch”. `later cancel 1` takes it back.
    > later ana are you in?
    ana is in and gets it at once: “are you in?”.
    > later @kim in 200d too late
    That is too far ahead: 90 days is the most. Nothing was changed.
    > later @kim at last it works
    kim gets this at Tue 01:00 your time (09:00 in Tokyo), when they are in: “at last it works”. `later cancel 4` takes it back.
    ");
    chat.restart();
    chat.until("2026-11-24T08:00:00Z");
    assert_snapshot!(chat.heard(), @r"
    Mon 09:00 to ana: dora asked me to give you this when you are in: “are you in?”
    Mon 15:00 to dora: You asked me to give you this now: “stretch”
    Tue 00:00 to kim: dora asked me to give you this when you are in: “the report is <!channel> @everyone *ready*”
    Tue 00:00 to kim: dora asked me to give you this when you are in: “at last it works”
    ");
    for _ in 0..20 {
        chat.command("dora", "support", "later @kim at wed more");
    }
    assert_snapshot!(ask(&mut chat, "dora", "support", "later @kim one too many"), @"20 texts of yours wait already. `later list` shows them.");
    assert_snapshot!(ask(&mut chat, "ben", "support", "later list"), @"Nothing of yours waits. `later @kim the report is ready` gives Kim that text when they are next in.");
}

#[test]
fn a_text_waits_on_when_its_reader_is_away_by_then() {
    let mut chat = chat();
    ask(&mut chat, "dora", "support", "later @kim welcome back");
    let to = Instant::parse("2026-11-30T00:00:00Z").expect("an instant");
    chat.happen(What::Away { user: "kim".into(), span: Some(Span { from: chat.now, to }) });
    chat.until("2026-11-29T23:59:00Z");
    assert_eq!(chat.heard(), "");
    chat.until("2026-11-30T01:00:00Z");
    assert_snapshot!(chat.heard(), @"Mon 00:00 to kim: dora asked me to give you this when you are in: “welcome back”");
}

#[test]
fn snooze_and_mute_keep_usher_quiet_and_pages_come_all_the_same() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    let thread = format!("support/{question}");
    assert_snapshot!(ask_all(&mut chat, "ben", &thread, &["snooze", "snooze until 15:00", "snooze tomorrow", "snooze 30d"]), @r"
    > snooze
    I say nothing about it until 11:00 and remind you then; its clock runs on.
    > snooze until 15:00
    I say nothing about it until 15:00 and remind you then; its clock runs on.
    > snooze tomorrow
    I say nothing about it until Tue 09:00 and remind you then; its clock runs on.
    > snooze 30d
    That is too far ahead: 14 days is the most. Nothing was changed.
    ");
    assert_snapshot!(ask(&mut chat, "kim", &thread, "snooze"), @"Only those who owe the answer can snooze it.");
    let each = ["mute off", "mute 2h", "mute", "mute tomorrow", "mute until wed"];
    assert_snapshot!(ask_all(&mut chat, "ben", "support", &each), @r"
    > mute off
    You had not muted me.
    > mute 2h
    I say nothing to you until 12:00. What comes meanwhile waits for you; clocks run on. Pages for emergency still come. `mute off` ends it.
    > mute
    I say nothing to you until Tue 00:00. What comes meanwhile waits for you; clocks run on. Pages for emergency still come. `mute off` ends it.
    > mute tomorrow
    I say nothing to you until Tue 09:00. What comes meanwhile waits for you; clocks run on. Pages for emergency still come. `mute off` ends it.
    > mute until wed
    I say nothing to you until Wed 09:00. What comes meanwhile waits for you; clocks run on. Pages for emergency still come. `mute off` ends it.
    ");
    chat.until("2026-11-24T12:00:00Z");
    let heard = chat.heard();
    assert!(!heard.contains("to ben") && !heard.contains("@ben"), "it was snoozed and muted: {heard}");
    assert_snapshot!(ask(&mut chat, "ben", "support", "mute off"), @"I speak to you again. What waited comes now, or with your next digest.");
    let urgent = chat.say("chidi", "support", "🚨 the shop is down");
    assert_snapshot!(ask_all(&mut chat, "ben", &format!("support/{urgent}"), &["mute 2h", "snooze 2h"]), @r"
    > mute 2h
    I say nothing to you until 15:00. What comes meanwhile waits for you; clocks run on. Pages for emergency still come. `mute off` ends it.
    > snooze 2h
    emergency does not snooze. `take` stops the pages; otherwise the next person is paged.
    ");
    chat.until("2026-11-24T12:06:00Z");
    assert!(chat.heard().contains("pages ben"), "a page is above a mute");
}

#[test]
fn urgent_raises_a_question_and_nothing_loosens_it() {
    let mut chat = chat();
    let question = chat.say("ana", "platform", "@ben could you review the design?");
    let thread = format!("platform/{question}");
    let each = ["urgent fyi", "urgent", "urgent", "urgent normal", "urgent emergency", "due"];
    assert_snapshot!(ask_all(&mut chat, "ana", &thread, &each), @r"
    > urgent fyi
    fyi promises no answer, so it raises nothing.
    > urgent
    It is blocking now: I cannot go on without you. An answer is owed by 15:00.
    > urgent
    There is no tighter level that you may raise.
    > urgent normal
    It is blocking already, which is no later than normal.
    > urgent emergency
    The runbook lets only others raise emergency; ask one of them. `runbook` shows the rules.
    > due
    An answer is owed by 15:00.
    blocking: an answer within 4 h of office hours. 0 min of the office hours of ben have passed. The clock: 10:00–12:30, 13:30–15:00.
    ");
    assert_snapshot!(ask(&mut chat, "chidi", &thread, "urgent emergency"), @"It is emergency now: Customers are down. An answer is owed by 10:15.");
    let remark = chat.say("ana", "platform", "I moved the design to the wiki.");
    assert_snapshot!(ask(&mut chat, "ana", &format!("platform/{remark}"), "urgent !blocking"), @"Nobody would owe an answer here, so nothing was raised. Mention whom you need.");
}

#[test]
fn admins_bring_back_what_was_turned_off() {
    let mut chat = chat();
    for day in ["23", "24"] {
        chat.until(&format!("2026-11-{day}T09:30:00Z"));
        chat.say("dora", "support", "@kim could you review the design?");
        let hint = chat.actions.iter().rposition(|action| action.kind == Kind::OffHours).expect("a hint");
        chat.press("dora", hint, Choice::NotNow);
    }
    assert_snapshot!(ask(&mut chat, "dora", "support", "turn-on off-hours"), @"`turn-on` is for the admins whom the runbook names in `[team] admins`.");
    let each = ["turn-on", "turn-on off-hour", "turn-on off-hours", "unmute-kind call", "turn-on"];
    assert_snapshot!(ask_all(&mut chat, "ana", "support", &each), @r"
    > turn-on
    Turned off in #support: `turn-on off-hours`
    > turn-on off-hour
    I know no kind of notice “off-hour”. Did you mean `off-hours`?
    > turn-on off-hours
    On again in #support: a hint that somebody is off.
    > unmute-kind call
    It was not off in #support: a suggestion to call.
    > turn-on
    Nothing was turned off in #support.
    ");
}

#[test]
fn what_people_type_is_shown_and_never_obeyed() {
    let nasty = "<!channel> @everyone *bold* `x` \u{202e}gnp.exe\u{202c} 🦀 [Take](https://evil.example)";
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    let thread = format!("support/{question}");
    let each = [
        nasty.to_owned(),
        format!("who {nasty}"),
        format!("due {nasty}"),
        format!("mute {nasty}"),
        format!("later @kim {nasty}"),
        format!("outcome {nasty}"),
        "help \u{202e}\u{200f}".to_owned(),
        "outcome \u{202e}\u{200f}".to_owned(),
    ];
    let each: Vec<&str> = each.iter().map(String::as_str).collect();
    assert_snapshot!(ask_all(&mut chat, "dora", &thread, &each), @r"
    > <!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evil.example)
    I know no command “<!channel>”. `help` lists them all.
    > who <!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evil.example)
    I know no person, group, rotation or topic “<!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evi…”. `who` lists them.
    > due <!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evil.example)
    I know no urgency level “<!channel>”. `runbook` lists them.
    > mute <!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evil.example)
    “<!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evi…” is no time ahead that I can read. Times are `1h`, `15:00`, `tomorrow` or `mon 10:00`. It goes so: `mute`, `mute 2h`, `mute until mon`, `mute off`
    > later @kim <!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evil.example)
    kim gets this at Tue 01:00 your time (09:00 in Tokyo), when they are in: “<!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evil.example)”. `later cancel 1` takes it back.
    > outcome <!channel> @everyone *bold* `x` gnp.exe 🦀 [Take](https://evil.example)
    Posted in the thread and kept as a decision; the thread is settled. `decisions` lists them.
    > help
    I know no command “”. `help` lists them all.
    > outcome
    `outcome` needs a text. It goes so: `outcome we roll back and fix it on Monday`
    ");
    let pings = serde_json::to_string(&chat.actions).expect("actions are JSON");
    assert!(!pings.contains("mention"), "no command pings anybody: {pings}");
}

#[test]
fn a_text_without_end_is_refused_or_cut() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    let thread = format!("support/{question}");
    let long = "🦀 x".repeat(10_000);
    for command in
        ["", "who ", "later @kim ", "outcome ", "mute ", "why ", "later ", "hours ", "urgent ", "turn-on "]
    {
        let answer = ask(&mut chat, "ana", &thread, &format!("{command}{long}"));
        assert!(answer.chars().count() < 600, "{command}: {answer}");
    }
    assert_snapshot!(ask(&mut chat, "ana", &thread, &format!("outcome {long}")), @"The outcome has 30000 characters; 500 is the most. A link to a document holds more.");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// Whatever follows Usher's name gets one answer, in private, and no panic.
    #[test]
    fn any_words_get_one_answer(
        commands in prop::collection::vec(
            (
                prop::sample::select(vec!["help", "why", "who", "hours", "due", "runbook", "owe", "call", "resolve",
                    "outcome", "later", "snooze", "mute", "urgent", "take", "turn-on", "decisions", ""]),
                prop::collection::vec(
                    prop_oneof![
                        prop::sample::select(vec!["@kim", "#support", "at", "until", "mon", "15:00", "1h", "list", "cancel",
                            "1", "off", "blocking", "week", "on-duty", "tomorrow", "9999d", "2026-12-01", "9999-12-31"]),
                    ].prop_map(str::to_owned).boxed().prop_union("\\PC{0,12}".boxed()),
                    0..5,
                ),
                0..4_usize,
                0..3_usize,
            ),
            1..12,
        ),
        minutes in 0..3_000_i64,
    ) {
        let mut chat = chat();
        let question = chat.say("dora", "support", "Can you restart the build worker?");
        let thread = format!("support/{question}");
        let places = ["support", thread.as_str(), "platform", "lab"];
        for (command, rest, place, who) in commands {
            let words = format!("{command} {}", rest.join(" "));
            ask(&mut chat, ["dora", "ben", "kim"][who], places[place], &words);
            let at = chat.now.plus(minutes * 60_000 / 8);
            chat.until(&at.to_string());
        }
    }
}
