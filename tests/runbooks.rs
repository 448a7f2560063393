//! What good runbooks say: the one of the tests, the starters, and the examples of the documentation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use usher::calendar::{HOUR_MS, Instant, MINUTE_MS, OpenTable};
use usher::runbook::{
    After, AnsweredBy, By, Clock, Code, FileError, Files, LintContext, MetBy, Name, NoFiles, Phone,
    PlatformPerson, Promise, Reaction, Roster, Runbook, Suggest, Voice, Who, check, load, render_text,
};

fn at(text: &str) -> Instant {
    Instant::parse(text).expect("an instant")
}

fn lints() -> LintContext<'static> {
    LintContext { now: at("2026-11-20T12:00:00Z"), pager: Some(true), secrets: None }
}

/// The files in a folder of the repository.
struct Folder(&'static str);

impl Files for Folder {
    fn text(&self, path: &str) -> Result<String, FileError> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.0).join(path);
        fs::read_to_string(file).map_err(|_| FileError::Missing(path.to_owned()))
    }
}

const ACME: &str = include_str!("runbooks/acme.toml");

fn acme() -> Runbook {
    let loaded = check("acme.toml", ACME, &Folder("tests/runbooks"), lints());
    assert!(loaded.problems.is_empty(), "{}", render_text(&loaded.problems));
    loaded.runbook.expect("no problems, so a runbook")
}

fn name(text: &str) -> Name {
    Name::new(text)
}

#[test]
fn a_team_and_its_people_are_resolved() {
    let runbook = acme();
    assert_eq!(runbook.team.admins, ["ana"]);
    assert_eq!(runbook.team.zone, chrono_tz::Europe::Berlin);
    assert_eq!(runbook.team.announce_in.as_deref(), Some("general"));
    let ana = &runbook.people["ana"];
    assert_eq!(ana.office_hours.to_string(), "mon-thu 10:00-19:00");
    assert_eq!(ana.deputy.as_deref(), Some("ben"));
    assert_eq!(ana.slack.as_deref(), Some("U012AB3CD"));
    let ben = &runbook.people["ben"];
    assert_eq!(ben.office_hours, runbook.team.office_hours);
    assert_eq!(ben.zone, Some(chrono_tz::Europe::Vienna));
    let closed = |date: &str| ben.holidays.is_closed_all_day(date.parse().expect("a date"));
    assert!(
        closed("2026-12-08") && closed("2026-12-24") && closed("2026-12-25"),
        "their own and their place's"
    );
    assert!(!closed("2026-12-31"), "a half day");
    assert_eq!(runbook.people["chidi"].zone, Some(chrono_tz::Africa::Lagos));
    assert_eq!(runbook.people["chidi"].phone, Some(Phone::Secret("chidi-phone".to_owned())));
    assert_eq!(runbook.owners["billing"], Who::Person(name("ana")));
}

#[test]
fn levels_keep_the_order_of_the_file() {
    let runbook = acme();
    let names: Vec<&str> = runbook.levels.iter().map(|level| level.name.as_str()).collect();
    assert_eq!(names, ["emergency", "blocking", "normal", "fyi"]);
    let emergency = runbook.level("emergency").expect("a level");
    assert_eq!(emergency.marks, ["!emergency", "🚨"], "longest first");
    assert_eq!(emergency.respond_within, Some(Promise::Ms(15 * MINUTE_MS)));
    assert_eq!(
        (emergency.clock, emergency.interrupts, emergency.met_by),
        (Clock::Always, true, MetBy::Answer)
    );
    assert_eq!(emergency.raised_by, [Who::Group(name("platform"))]);
    assert_eq!(emergency.escalate[0].tell, [Who::Rotation(name("on-duty"))]);
    let blocking = runbook.level("blocking").expect("a level");
    let steps: Vec<(After, By)> = blocking.escalate.iter().map(|step| (step.after, step.by)).collect();
    assert_eq!(steps, [(After::Percent(80), By::Thread), (After::Percent(100), By::DirectMessage)]);
    assert_eq!(blocking.escalate[0].tell, [Who::Responders]);
    assert_eq!(runbook.level("normal").and_then(|level| level.respond_within), Some(Promise::Workdays(1)));
    assert_eq!(runbook.level("fyi").and_then(|level| level.respond_within), None);
}

#[test]
fn named_channels_speak_and_others_are_watched() {
    let runbook = acme();
    let support = &runbook.channels["support"];
    assert_eq!(support.voice, Voice::Speak);
    assert_eq!(support.answered_by, AnsweredBy::Anyone);
    assert_eq!(support.responders, [Who::Rotation(name("on-duty"))]);
    assert_eq!(support.urgency.as_ref().map(|level| level.name.as_str()), Some("blocking"));
    assert_eq!(runbook.elsewhere.voice, Voice::Watch);
    assert_eq!(runbook.elsewhere.urgency, None);
    assert!(!runbook.channels.contains_key("*"));
}

#[test]
fn what_is_left_out_has_its_default() {
    let text = "[team]\nname = \"Team\"\n[urgency.normal]\nmeans = \"Usual\"\n[channels.help]\n";
    let runbook = load("x.toml", text, &NoFiles).runbook.expect("nothing but [team] is needed");
    assert_eq!(runbook.team.zone, chrono_tz::Tz::UTC);
    assert_eq!(runbook.team.office_hours.to_string(), "mon-fri 09:00-17:00");
    assert_eq!((runbook.notices.per_person_per_day, runbook.notices.per_thread), (2, 2));
    assert_eq!(runbook.notices.digest.len(), 3);
    assert_eq!(runbook.threads, acme_threads_without_no_calls());
    assert_eq!(runbook.threads.suggest, Suggest::WhenStuck);
    let help = &runbook.channels["help"];
    assert_eq!(help.urgency.as_ref().map(|level| level.name.as_str()), Some("normal"));
    assert_eq!(
        (help.acknowledge.as_slice(), help.dismiss.as_slice()),
        (&[Reaction::of("👀")][..], &[Reaction::of("🚫")][..])
    );
}

/// The test's runbook writes the defaults of `[threads]` out, but for the day without meetings.
fn acme_threads_without_no_calls() -> usher::runbook::Threads {
    usher::runbook::Threads { no_calls: Vec::new(), ..acme().threads }
}

#[test]
fn reactions_and_phrases_are_told_apart() {
    let text =
        "[team]\nname = \"Team\"\n[threads]\nresolved-by = [\"ok\", \"✅\", \"solved\", \"that did it\"]\n";
    let threads = load("x.toml", text, &NoFiles).runbook.expect("a runbook").threads;
    assert_eq!(threads.resolved_by, ["🆗", "white_check_mark", "solved"].map(Reaction::of));
    assert_eq!(threads.resolving_phrases, ["solved", "that did it"]);
}

#[test]
fn a_roster_follows_shifts_and_overrides() {
    let runbook = acme();
    let platform = BTreeMap::new();
    let roster = Roster::new(&runbook, &platform);
    let on_duty = [Who::Rotation(name("on-duty"))];
    assert_eq!(roster.members(&on_duty, at("2026-11-22T12:00:00Z")), Vec::<Name>::new());
    assert_eq!(roster.members(&on_duty, at("2026-11-23T09:00:00Z")), ["ben"]);
    assert_eq!(roster.members(&on_duty, at("2026-11-30T08:59:59Z")), ["ben"]);
    assert_eq!(roster.members(&on_duty, at("2026-11-30T09:00:00Z")), ["chidi"]);
    assert_eq!(roster.members(&on_duty, at("2026-12-25T12:00:00Z")), ["ana"]);
    let both =
        [Who::Group(name("leads")), Who::Person(name("ana")), Who::Group(name("platform")), Who::Responders];
    assert_eq!(roster.members(&both, at("2026-11-23T09:00:00Z")), ["ana", "ben", "chidi"]);
}

#[test]
fn a_rotation_is_open_while_whoever_has_the_shift_is_in() {
    let runbook = acme();
    let platform = BTreeMap::new();
    let roster = Roster::new(&runbook, &platform);
    let (from, to) = (at("2026-11-30T00:00:00Z"), at("2026-12-01T00:00:00Z"));
    let table = roster.table(&[Who::Rotation(name("on-duty"))], from, to);
    let spans: Vec<String> = table.all_spans().map(|span| format!("{}/{}", span.from, span.to)).collect();
    // Ben (Vienna) until the handoff at 09:00Z, then Chidi (Lagos, an hour ahead of UTC too), with lunch.
    assert_eq!(
        spans,
        ["2026-11-30T08:00:00Z/2026-11-30T11:30:00Z", "2026-11-30T12:30:00Z/2026-11-30T16:30:00Z"]
    );
}

#[test]
fn deadlines_follow_the_clock_of_the_level() {
    let runbook = acme();
    let platform = BTreeMap::new();
    let roster = Roster::new(&runbook, &platform);
    let since = at("2026-11-27T16:05:00Z");
    let due = |who: &[Who], level: &str| {
        let table = roster.table(who, since, since.plus(30 * 24 * HOUR_MS));
        roster.due(who, runbook.level(level).expect("a level"), since, &table)
    };
    let ben = [Who::Person(name("ben"))];
    let either = [Who::Person(name("ana")), Who::Person(name("ben"))];
    assert_eq!(due(&ben, "emergency"), Some(since.plus(15 * MINUTE_MS)));
    // A Friday: 25 minutes until 17:30, 3h 30m on Monday morning, 5 minutes after lunch.
    assert_eq!(due(&ben, "blocking"), Some(at("2026-11-30T12:35:00Z")));
    // Ana is in from 10:00 to 19:00 on Monday: the lunch of Ben is covered.
    assert_eq!(due(&either, "blocking"), Some(at("2026-11-30T11:35:00Z")));
    assert_eq!(due(&ben, "normal"), Some(at("2026-11-30T16:05:00Z")));
    // Ana does not work on Fridays: her working day begins on Monday, so Ben's deadline is the earlier.
    assert_eq!(due(&[Who::Person(name("ana"))], "normal"), Some(at("2026-12-01T09:00:00Z")));
    assert_eq!(due(&either, "normal"), Some(at("2026-11-30T16:05:00Z")));
    assert_eq!(due(&ben, "fyi"), None);
    let never = OpenTable::never();
    assert_eq!(roster.due(&ben, runbook.level("blocking").expect("a level"), since, &never), None);
}

#[test]
fn whoever_is_not_listed_has_the_teams_hours_in_their_own_zone() {
    let runbook = acme();
    let auckland = PlatformPerson { zone: Some(chrono_tz::Pacific::Auckland) };
    let platform = BTreeMap::from([(name("mere"), auckland), (name("chidi"), auckland)]);
    let roster = Roster::new(&runbook, &platform);
    let mere = roster.calendar(&name("mere"));
    assert_eq!((mere.zone, &mere.hours), (chrono_tz::Pacific::Auckland, &runbook.team.office_hours));
    assert_eq!(roster.zone(&name("chidi")), chrono_tz::Africa::Lagos, "the runbook wins over the platform");
    assert_eq!(roster.zone(&name("nobody")), chrono_tz::Europe::Berlin);
}

#[test]
fn starters_are_good_as_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("the starters").map(|entry| entry.expect("an entry").path()) {
        if entry.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = fs::read(&entry).expect("a starter");
        let loaded = check(&entry.to_string_lossy(), text, &Folder("runbooks"), lints());
        assert!(loaded.problems.is_empty(), "{}", render_text(&loaded.problems));
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn volunteers_have_no_clocks() {
    let text = include_str!("../runbooks/open-source.toml");
    let runbook = load("open-source.toml", text, &Folder("runbooks")).runbook.expect("a starter");
    assert!(runbook.levels.iter().all(|level| level.respond_within.is_none() && level.escalate.is_empty()));
}

const DOCUMENTATION: &str = include_str!("../docs/runbook.md");

#[test]
fn every_code_is_documented() {
    for code in Code::ALL {
        let row =
            format!("| `{code}` | {} | {} | {} |", code.severity().word(), code.explanation(), code.mend());
        assert!(DOCUMENTATION.contains(&row), "docs/runbook.md lacks this row:\n{row}");
    }
}

#[test]
fn examples_of_the_documentation_load() {
    let examples =
        DOCUMENTATION.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let mut seen = 0;
    let mut whole = String::new();
    for example in examples {
        whole.push_str(example);
        seen += 1;
    }
    assert!(seen > 10, "only {seen} examples");
    let loaded = check("docs/runbook.md", &whole, &Folder("runbooks"), lints());
    assert!(loaded.problems.is_empty(), "{}", render_text(&loaded.problems));
}

/// A part of the file cut out, put elsewhere, or replaced by something odd.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop_oneof![
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 0..8),
        Just(b"[[".to_vec()),
        Just(b"\"\"\"".to_vec()),
        Just("\u{feff}\u{202e}".as_bytes().to_vec()),
        Just(b"-9223372036854775809".to_vec()),
        Just(b"9999-12-31".to_vec()),
    ];
    let length = ACME.len();
    let edit = (0..length, 0..40_usize, 0..length, odd);
    proptest::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut bytes = ACME.as_bytes().to_vec();
        for (from, cut, into, odd) in edits {
            let from = from.min(bytes.len());
            let to = (from + cut).min(bytes.len());
            let part: Vec<u8> = bytes.splice(from..to, odd).collect();
            let into = into.min(bytes.len());
            bytes.splice(into..into, part);
        }
        bytes
    })
}

/// Whether every problem has a place that is in the file.
fn places_are_real(bytes: &[u8]) -> Result<(), TestCaseError> {
    let loaded = check("x.toml", bytes, &Folder("tests/runbooks"), lints());
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split('\n').count();
    for problem in &loaded.problems {
        prop_assert!((1..=lines).contains(&problem.line), "{problem:?}");
        prop_assert!(
            problem.column >= 1 && problem.column <= problem.text.chars().count() + 1,
            "{problem:?}"
        );
        prop_assert!(problem.end_column > problem.column, "{problem:?}");
    }
    prop_assert!(loaded.runbook.is_some() || !loaded.problems.is_empty());
    render_text(&loaded.problems);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_problems_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        places_are_real(&bytes)?;
    }

    #[test]
    fn any_text_gives_problems_and_no_panic(text in "[\\[\\]{}=\"'.,#a-z0-9\\n\\r \u{feff}é🚨-]{0,200}") {
        places_are_real(text.as_bytes())?;
    }

    #[test]
    fn a_damaged_runbook_gives_problems_and_no_panic(bytes in mutated()) {
        places_are_real(&bytes)?;
    }

}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_text_in_any_place_of_a_value_is_judged(value in "\\PC{0,30}") {
        let quoted = serde_json::to_string(&value).expect("text is JSON");
        for line in ACME.lines().filter(|line| line.contains("= \"")).take(30) {
            let key = line.split("= \"").next().unwrap_or_default();
            let text = ACME.replacen(line, &format!("{key}= {quoted}"), 1);
            places_are_real(text.as_bytes())?;
        }
    }
}
