//! Revisions after the start: a rule that is dropped while its clocks are open closes them still.

use crate::chat::Chat;
use usher::calendar::Instant;
use usher::core::event::{Platform, What};
use usher::core::record::Record;
use usher::core::turn::Noted;

const TEAM: &str = r#"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:00"
admins = ["ana"]

[people]
ana = { slack = "U0ANA" }
ben = { slack = "U0BEN" }
chidi = { slack = "U0CHIDI" }

[groups]
leads = ["chidi"]

[rotations.on-duty]
members = ["ben"]
every = "1 week"
handoff = "mon 09:00"
timezone = "UTC"
from = 2026-11-23

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "2h"
escalate = [
  { after = "50%", tell = "responders", by = "direct message" },
  { after = "100%", tell = "leads", by = "direct message" },
]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "1 workday"

[channels.support]
urgency = "blocking"
responders = "on-duty"
"#;

/// What may be dropped, with the text that goes and the text that comes for it.
const DROPPED: [(&str, &[(&str, &str)]); 5] = [
    (
        "the level",
        &[
            (
                "[urgency.blocking]\nmeans = \"I cannot go on without you\"\nmarks = [\"!blocking\"]\n\
                 respond-within = \"2h\"\nescalate = [\n  \
                 { after = \"50%\", tell = \"responders\", by = \"direct message\" },\n  \
                 { after = \"100%\", tell = \"leads\", by = \"direct message\" },\n]\n",
                "",
            ),
            ("urgency = \"blocking\"", "urgency = \"normal\""),
        ],
    ),
    ("the channel", &[("[channels.support]\nurgency = \"blocking\"\nresponders = \"on-duty\"\n", "")]),
    (
        "the group",
        &[
            ("[groups]\nleads = [\"chidi\"]\n", ""),
            ("  { after = \"100%\", tell = \"leads\", by = \"direct message\" },\n", ""),
        ],
    ),
    (
        "the rotation",
        &[
            (
                "[rotations.on-duty]\nmembers = [\"ben\"]\nevery = \"1 week\"\nhandoff = \"mon 09:00\"\n\
                 timezone = \"UTC\"\nfrom = 2026-11-23\n",
                "",
            ),
            ("responders = \"on-duty\"", "responders = \"leads\""),
        ],
    ),
    ("the person", &[("ben = { slack = \"U0BEN\" }\n", ""), ("members = [\"ben\"]", "members = [\"ana\"]")]),
];

fn without(what: &[(&str, &str)]) -> String {
    what.iter().fold(TEAM.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replacen(from, to, 1)
    })
}

fn slack(now: &str) -> Chat {
    let mut chat = Chat::new(TEAM, now, &[], &[]);
    chat.platform = Platform::Slack;
    chat.open("support", "support");
    for (id, name) in [("U0ANA", "Ana"), ("U0BEN", "Ben"), ("U0CHIDI", "Chidi"), ("U0DORA", "Dora")] {
        chat.join(id, name, Some("Europe/Berlin"));
    }
    chat.heard();
    chat
}

/// What is noted about promises, with the instants.
fn noted(chat: &Chat) -> Vec<(Instant, &Noted)> {
    let is_of_promise = |what: &Noted| {
        matches!(what, Noted::Owed { .. } | Noted::Met { .. } | Noted::Breached | Noted::Cancelled(_))
    };
    chat.notes.iter().filter(|note| is_of_promise(&note.what)).map(|note| (note.at, &note.what)).collect()
}

/// A question is asked, something is dropped, time passes, and Ben answers.
fn play(change: &[(&str, &str)], restart: bool) -> Chat {
    let mut chat = slack("2026-11-24T09:00:00Z");
    let question = chat.say("U0DORA", "support", "Can you look at the failing deploy?");
    chat.until("2026-11-24T09:30:00Z");
    chat.revise(&without(change));
    if restart {
        chat.restart();
    }
    chat.until("2026-11-24T12:00:00Z");
    chat.say("U0BEN", &format!("support/{question}"), "The disk was full, it runs again.");
    chat.until("2026-11-24T13:00:00Z");
    chat
}

#[test]
fn what_is_open_under_a_rule_that_is_dropped_is_closed_under_it() {
    let mut told = Vec::new();
    for (what, change) in DROPPED {
        let mut chat = play(change, false);
        let mut again = play(change, true);
        assert_eq!(noted(&again), noted(&chat), "a restart changes something without {what}");
        let at = |text: &str| Instant::parse(text).expect("an instant");
        let due_at = Some(at("2026-11-24T11:00:00Z"));
        let owed = Noted::Owed { level: "blocking".into(), due_at };
        let met = Noted::Met { took_ms: 3 * usher::calendar::HOUR_MS, late: true };
        let expected = [
            (at("2026-11-24T09:00:00Z"), &owed),
            (at("2026-11-24T11:00:00Z"), &Noted::Breached),
            (at("2026-11-24T12:00:00Z"), &met),
        ];
        assert_eq!(noted(&chat), expected, "without {what}");
        let heard = chat.heard();
        assert_eq!(again.heard(), heard, "a restart says other things without {what}");
        told.push(format!("without {what}:\n{heard}"));
    }
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn a_bad_revision_leaves_the_old_one_in_force_and_says_where_it_is_bad() {
    let mut chat = slack("2026-11-24T09:00:00Z");
    chat.revise(&TEAM.replace("respond-within = \"2h\"", "respond-within = \"2 moons\""));
    let remarks: Vec<String> = chat.notes.iter().map(|note| format!("{:?}", note.what)).collect();
    let remark = remarks.last().expect("it is remarked");
    let line = 1 + TEAM.lines().position(|line| line.contains("2h")).expect("it is there");
    assert!(remark.contains("not in force") && remark.contains(&format!("team.toml:{line}:")), "{remark}");
    chat.say("U0DORA", "support", "Can you look at the failing deploy?");
    let due_at = Instant::parse("2026-11-24T11:00:00Z").ok();
    assert_eq!(noted(&chat), [(chat.now, &Noted::Owed { level: "blocking".into(), due_at })]);
}

#[test]
fn a_move_to_another_zone_counts_from_the_move() {
    let play = |restart: bool| {
        // Five of Ben's eight hours have passed by 14:00 in Berlin, when he is found to be in New York: 08:00 there.
        let mut chat = slack("2026-11-24T08:00:00Z");
        chat.revise(&TEAM.replace("respond-within = \"2h\"", "respond-within = \"8h\""));
        chat.say("U0DORA", "support", "Can you look at the failing deploy?");
        chat.until("2026-11-24T13:00:00Z");
        chat.join("U0BEN", "Ben", Some("America/New_York"));
        if restart {
            chat.restart();
        }
        chat.until("2026-11-25T13:00:00Z");
        let breached = noted(&chat).into_iter().find(|(_, what)| **what == Noted::Breached);
        breached.map(|(at, _)| at.to_string())
    };
    // The other three count from 09:00 in New York.
    assert_eq!(play(false).as_deref(), Some("2026-11-24T17:00:00Z"));
    assert_eq!(play(true), play(false), "a restart changes nothing");
}

#[test]
fn a_user_kept_by_an_older_version_is_read() {
    let kept = r#"{"user":["slack",{"name":"Ben","zone":"Europe/Berlin","bot":false,"deactivated":false}]}"#;
    let read: Record = serde_json::from_str(kept).expect("it reads");
    assert!(matches!(read, Record::User(Platform::Slack, _, before) if before.is_empty()));
}

/// The chat as the store would hold it had `runbook` been valid once.
fn with_stored(runbook: &str) -> Chat {
    let mut chat = slack("2026-11-24T09:00:00Z");
    chat.say("U0DORA", "support", "Can you look at the failing deploy?");
    for record in chat.records.values_mut() {
        if let Record::Revision { text, .. } = record {
            runbook.clone_into(&mut text.text);
        }
    }
    chat.restart();
    chat.happen(What::Started { last_alive: Some(chat.now) });
    chat
}

#[test]
fn a_stored_revision_that_this_version_finds_fault_with_stays_in_force_without_the_fault() {
    let chat =
        with_stored(&TEAM.replace("[urgency.normal]", "[urgency.blocking.extra]\nx = 1\n\n[urgency.normal]"));
    let remarks: Vec<String> = chat.notes.iter().map(|note| format!("{:?}", note.what)).collect();
    let remark = remarks.last().expect("it is remarked");
    assert!(remark.contains("does not take all of it") && remark.contains("`extra`"), "{remark}");
    let levels = &chat.engine.runbook().expect("one is in force").levels;
    assert_eq!(levels.iter().map(|level| level.name.as_str()).collect::<Vec<_>>(), ["blocking", "normal"]);
}

#[test]
fn whatever_was_in_force_the_engine_goes_on_under_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runbooks/bad");
    let mut unread = Vec::new();
    let files = std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").path());
    for file in files.filter(|file| file.extension().is_some_and(|end| end == "toml")) {
        let text = std::fs::read_to_string(&file).expect("a text");
        // What is nested beyond reason was never in force.
        if usher::runbook::recover("team.toml", &text, &usher::runbook::NoFiles).runbook.is_none() {
            unread.push(file.file_name().expect("a name").to_owned());
            continue;
        }
        let mut chat = with_stored(&text);
        chat.say("U0DORA", "support", "Is anyone else locked out? !blocking !urgent");
        chat.command("U0DORA", "support", "due");
        chat.until("2026-12-20T09:00:00Z");
        assert!(chat.engine.runbook().is_some(), "{}", file.display());
    }
    unread.sort();
    assert_eq!(unread, ["too-deep.toml"]);
}
