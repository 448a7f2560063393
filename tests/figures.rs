//! The figures of `usher replay --summary`, field by field, against values counted by hand.
#![cfg(feature = "service")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use usher::calendar::Instant;
use usher::core::event::{MessageRef, Platform};
use usher::core::turn::{Note, Noted, Turn};
use usher::play::figures::Figures;
use usher::play::hours::Hours;
use usher::runbook_file;

/// The JSON that `usher replay RUNBOOK INPUT --summary` prints.
fn summary(runbook: &str, input: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["replay", runbook, input, "--summary"]);
    let output = command.output().expect("the program runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{input}: {error}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The figures of a play in which nothing happens.
fn nothing() -> Value {
    let kinds = json!({
        "call": 0, "escalation": 0, "long-message": 0, "off-hours": 0, "page": 0, "reminder": 0, "written-way": 0,
    });
    let took = json!({ "count": 0, "median_min": null, "p90_min": null });
    json!({
        "messages": 0,
        "people": 0,
        "threads": 0,
        "obligations": { "open": 0, "acknowledged": 0, "paused": 0, "met": 0, "breached": 0, "cancelled": 0 },
        "responses": {
            "count": 0, "late": 0, "median_min": null, "p90_min": null, "office_hours": took, "always": took,
        },
        "nudges": kinds,
        "would_have": kinds,
        "notices_per_person_day": { "total": 0, "would_have": 0, "mean": 0.0, "max": 0 },
        "after_hours_share": 0.0,
        "skipped": {},
        "mended": {},
    })
}

/// The figures of a play in which nothing happens but this.
fn nothing_but(happens: Value) -> Value {
    let mut expected = nothing();
    with(&mut expected, happens);
    expected
}

/// `base` with the fields of `other` in place of its own.
fn with(base: &mut Value, other: Value) {
    match (base, other) {
        (Value::Object(base), Value::Object(other)) => {
            for (key, value) in other {
                with(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, other) => *base = other,
    }
}

/// A scenario in #help, from Monday 09:00 on, under the runbook of the figures; #watched is watched.
fn of_scenario(folder: &Path, lines: &str) -> Value {
    let file = folder.join("a.scenario");
    let text = format!("start: 2026-11-23T09:00 UTC\n\n/person cleo Asia/Tokyo\n{lines}\n");
    fs::write(&file, text).expect("written");
    summary("tests/data/figures/runbook.toml", &file.to_string_lossy())
}

/// One answer that took so long in office hours, as `responses` tells it.
fn one_answer(minutes: u32, late: u32) -> Value {
    let took = json!({ "count": 1, "median_min": minutes, "p90_min": minutes });
    json!({ "count": 1, "late": late, "median_min": minutes, "p90_min": minutes, "office_hours": took })
}

#[test]
fn a_promise_is_counted_by_the_state_in_which_it_was_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let ask = "ana #help: Can somebody look at the import?\n";
    let one = json!({ "messages": 1, "people": 1 });
    let two = json!({ "messages": 2, "people": 2, "threads": 1 });
    // Ben is reminded at 10:00, half of the two hours; Ana and Ben each have a day.
    let reminded = |mean: f64| json!({ "nudges": { "reminder": 1 }, "notices_per_person_day": { "total": 1, "mean": mean, "max": 1 } });
    let cases = [
        ("open", "", vec![one.clone(), json!({ "obligations": { "open": 1 } })]),
        ("taken", "ben: /react eyes 1\n", vec![one.clone(), json!({ "obligations": { "acknowledged": 1 } })]),
        (
            "paused: the answerer asks back, and nobody is reminded",
            "ben #help/1: Which import do you mean?\n/until 11:30\n",
            vec![two.clone(), json!({ "obligations": { "paused": 1 } })],
        ),
        (
            "cancelled: the question is deleted",
            "ana: /delete 1\n",
            vec![one.clone(), json!({ "obligations": { "cancelled": 1 } })],
        ),
        (
            "met within half an hour",
            "/until 09:30\nben #help/1: It is repaired now.\n",
            vec![two.clone(), json!({ "obligations": { "met": 1 }, "responses": one_answer(30, 0) })],
        ),
        (
            "the answer is deleted: it was given all the same",
            "/until 09:30\nben #help/1: It is repaired now.\nben: /delete 2\n",
            vec![two.clone(), json!({ "obligations": { "met": 1 }, "responses": one_answer(30, 0) })],
        ),
        (
            "breached, reminded before",
            "/until 12:00\n",
            vec![one.clone(), json!({ "obligations": { "breached": 1 } }), reminded(0.5)],
        ),
        (
            "breached and then taken: it stays past due",
            "/until 12:00\nben: /react eyes 1\n",
            vec![one.clone(), json!({ "obligations": { "breached": 1 } }), reminded(0.5)],
        ),
        (
            "answered late, on the next day: 8 h of Monday and 1 h of Tuesday",
            "/until tue 10:00\nben #help/1: It is repaired now.\n",
            vec![
                two.clone(),
                json!({ "obligations": { "met": 1 }, "responses": one_answer(540, 1) }),
                // Ana's Monday, Ben's Monday with the reminder, and Ben's Tuesday.
                reminded(0.3333),
            ],
        ),
    ];
    for (name, lines, fields) in cases {
        let mut expected = nothing();
        fields.into_iter().for_each(|fields| with(&mut expected, fields));
        assert_eq!(of_scenario(folder.path(), &format!("{ask}{lines}")), expected, "{name}");
    }
}

#[test]
fn an_answer_that_arrives_late_corrects_the_figures_and_is_no_second_answer() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/figures/runbook.toml");
    let (runbook, _) = runbook_file::revision(&path).expect("a runbook");
    let mut figures = Figures::new(Hours::new(&runbook, Platform::Slack));
    let about = MessageRef { channel: "C0HELP".into(), id: "1.0".into() };
    let at = Instant::parse("2026-11-23T12:00:00Z").expect("an instant");
    let met = |minutes: i64, late: bool| Noted::Met { took_ms: minutes * 60_000, late };
    let turns = [
        vec![Noted::Owed { level: "help".into(), due_at: Some(at) }, Noted::Breached, met(150, true)],
        // The answer that came first is delivered now.
        vec![Noted::BreachTakenBack, met(40, false)],
    ];
    for what in turns {
        let mut turn = Turn::new(None, at);
        turn.notes = what.into_iter().map(|what| Note { at, about: Some(about.clone()), what }).collect();
        figures.turn(&turn);
    }
    let summary = serde_json::to_value(figures.finish()).expect("JSON");
    let mut expected = nothing();
    with(&mut expected, json!({ "obligations": { "met": 1 }, "responses": one_answer(40, 0) }));
    assert_eq!(summary, expected);
}

#[test]
fn answers_on_a_clock_that_never_stops_stand_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = "ana #help: Can somebody look at the import?\n/until 09:10\nben #help/1: It is repaired now.\n\
                 /until 22:00\nana #help: !alarm Is the site down?\n/until 22:40\nben #help/3: It is up again.";
    let expected = nothing_but(json!({
        "messages": 4,
        "people": 2,
        "threads": 2,
        "obligations": { "met": 2 },
        "responses": {
            "count": 2,
            "median_min": 10,
            "p90_min": 40,
            "office_hours": { "count": 1, "median_min": 10, "p90_min": 10 },
            "always": { "count": 1, "median_min": 40, "p90_min": 40 },
        },
        // The two of the evening.
        "after_hours_share": 0.5,
    }));
    assert_eq!(of_scenario(folder.path(), lines), expected);
}

#[test]
fn a_watched_channel_counts_what_would_have_been_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let expected = nothing_but(json!({
        "messages": 1,
        "people": 1,
        "obligations": { "breached": 1 },
        "nudges": { "reminder": 1 },
        "would_have": { "reminder": 1 },
        "notices_per_person_day": { "would_have": 1 },
    }));
    assert_eq!(
        of_scenario(folder.path(), "ana #watched: Can you look at the invoice?\n/until 12:00"),
        expected
    );
}

#[test]
fn a_private_hint_is_a_notice_to_its_reader() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = format!("ana #help: {}", "The import of Initech stopped on Friday. ".repeat(60));
    let expected = nothing_but(json!({
        "messages": 1,
        "people": 1,
        "nudges": { "long-message": 1 },
        "notices_per_person_day": { "total": 1, "mean": 1.0, "max": 1 },
    }));
    assert_eq!(of_scenario(folder.path(), &lines), expected);
}

#[test]
fn a_suggested_call_is_a_notice_to_everybody_in_the_thread() {
    let expected = nothing_but(json!({
        "messages": 11,
        "people": 2,
        "threads": 1,
        "obligations": { "open": 1 },
        "nudges": { "call": 1 },
        // Dora and Ben each have a day, and a notice on it.
        "notices_per_person_day": { "total": 2, "mean": 1.0, "max": 1 },
    }));
    let scenario = "tests/scenarios/five-rounds-without-a-resolution-suggest-a-call.scenario";
    assert_eq!(summary("-", scenario), expected);
}

#[test]
fn the_figures_of_an_export_are_those_counted_by_hand() {
    let expected = nothing_but(json!({
        // Eight by people in #help and one by a program, two in #watched.
        "messages": 11,
        "people": 3,
        "threads": 4,
        "obligations": { "met": 4, "breached": 1 },
        "responses": {
            // 10, 90 and 150 minutes of office time, and 90 minutes from 20:00 on.
            "count": 4,
            "late": 2,
            "median_min": 90,
            "p90_min": 150,
            "office_hours": { "count": 3, "median_min": 90, "p90_min": 150 },
            "always": { "count": 1, "median_min": 90, "p90_min": 90 },
        },
        // Monday 10:00 and Tuesday 09:30 in #help; Monday 13:00 in #watched, unsaid.
        "nudges": { "reminder": 3 },
        "would_have": { "reminder": 1 },
        // Ben is told twice. Ana, Ben and Cleo, in her Tokyo, each have two days.
        "notices_per_person_day": { "total": 2, "would_have": 1, "mean": 0.3333, "max": 1 },
        // Cleo at 21:00 and 05:00 in Tokyo, Ben at 21:30, of ten messages by people.
        "after_hours_share": 0.3,
        "skipped": { "duplicate message": 1, "subtype channel_join": 1 },
    }));
    assert_eq!(summary("tests/data/figures/runbook.toml", "tests/data/figures/export"), expected);
}
