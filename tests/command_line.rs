//! `usher check`, `usher due` and `usher hours`, as they are run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// Runs the program in the repository's root.
fn usher(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
    command.output().expect("the program runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ends by itself")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn error(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn json(args: &[&str]) -> Value {
    let output = usher(args);
    assert_eq!(code(&output), 0, "{}", error(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

const ACME: &str = "tests/runbooks/acme.toml";
const BAD: &str = "tests/runbooks/bad/unknown-key.toml";

#[test]
fn good_runbooks_have_no_problems() {
    let output = usher(&["check", ACME, "runbooks/open-source.toml"]);
    assert_eq!((code(&output), out(&output).as_str()), (0, "no problems in 2 runbooks\n"));
}

#[test]
fn errors_exit_with_one_and_are_told_together() {
    let output = usher(&["check", ACME, BAD]);
    assert_eq!(code(&output), 1);
    let text = out(&output);
    assert!(text.starts_with(
        "tests/runbooks/bad/unknown-key.toml:4:1: error[unknown-key]: [team] has no key `ofice-hours`\n"
    ));
    assert!(text.contains("\n    = did you mean `office-hours`?\n"), "{text}");
    assert!(text.ends_with("\n6 errors in 2 runbooks\n"), "{text}");
}

#[test]
fn lints_alone_are_no_failure() {
    let output = usher(&["check", "tests/runbooks/bad/default-zone.toml"]);
    assert_eq!(code(&output), 0);
    assert!(out(&output).ends_with("1 lint in 1 runbook\n"));
}

#[test]
fn problems_are_printed_for_programs() {
    let output = usher(&["check", BAD, "--format", "json"]);
    assert_eq!(code(&output), 1);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((found["errors"].as_u64(), found["lints"].as_u64()), (Some(6), Some(0)));
    let first = &found["problems"][0];
    assert_eq!(first["file"], BAD);
    assert_eq!((first["line"].as_u64(), first["column"].as_u64()), (Some(4), Some(1)));
    assert_eq!((first["code"].as_str(), first["severity"].as_str()), (Some("unknown-key"), Some("error")));
    assert_eq!(first["nearest"], "office-hours");
}

#[test]
fn problems_are_printed_for_a_workflow() {
    let text = out(&usher(&["check", BAD, "--format", "github"]));
    let first = text.lines().next().expect("a line");
    assert!(
        first.starts_with("::error file=tests/runbooks/bad/unknown-key.toml,line=4,endLine=4,col=1,"),
        "{first}"
    );
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 6);
}

#[test]
fn a_code_is_explained() {
    let output = usher(&["check", "--explain", "never-open"]);
    assert_eq!(code(&output), 0);
    assert!(out(&output).starts_with("error[never-open]: "));
    let unknown = usher(&["check", "--explain", "never"]);
    assert_eq!(code(&unknown), 2);
    assert!(error(&unknown).contains("there is no code `never`"));
}

#[test]
fn a_missing_pager_is_told_where_the_settings_are_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("usher.toml");
    let check = |text: &str| {
        fs::write(&settings, text).expect("written");
        fs::set_permissions(&settings, fs::Permissions::from_mode(0o600)).expect("a private file");
        out(&usher(&["check", ACME, "--settings", &settings.to_string_lossy()]))
    };
    assert!(check("listen = \"127.0.0.1:8080\"\n").contains("lint[needs-pager]"));
    assert_eq!(
        check("[pager.command]\nprogram = \"page\"\n[secrets]\nchidi-phone = \"1\"\n"),
        "no problems in 1 runbook\n"
    );
    let without_secret = check("[pager.command]\nprogram = \"page\"\n[secrets]\nchidi-fone = \"555\"\n");
    assert!(without_secret.contains("lint[unknown-secret]: the settings have no secret `chidi-phone`"));
    assert!(without_secret.contains("did you mean `chidi-fone`?") && !without_secret.contains("555"));
}

#[test]
fn wrong_settings_are_told_without_what_they_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("usher.toml");
    for text in ["[pager.webhook]\ntoken = 'hunter2\n", "[pager.webhook]\nformat = 'hunter2'\n"] {
        fs::write(&settings, text).expect("written");
        let output = usher(&["check", ACME, "--settings", &settings.to_string_lossy()]);
        assert_eq!(code(&output), 2);
        assert!(
            error(&output).contains("usher.toml:2:") && !error(&output).contains("hunter2"),
            "{}",
            error(&output)
        );
    }
}

#[test]
fn no_password_is_printed_however_much_is_logged() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("users.json"), "[]").expect("users");
    fs::write(folder.path().join("channels.json"), r#"[{"id": "C1", "name": "support"}]"#).expect("channels");
    fs::create_dir(folder.path().join("support")).expect("a channel");
    fs::write(folder.path().join("support/2026-11-23.json"), "[]").expect("a day");
    let settings = folder.path().join("usher.toml");
    fs::write(&settings, "[pager.webhook]\nurl = 'https://hunter2@example.org/hunter2'\ntoken = 'hunter2'\n")
        .expect("settings");
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o600)).expect("private");
    let (export, settings) = (folder.path().to_string_lossy(), settings.to_string_lossy());
    for (wrong, args) in [
        (true, ["replay", ACME, &export, "--database", "postgres://u:hunter2@127.0.0.1:1/x"]),
        (true, ["replay", ACME, &export, "--database", "postgres://u@127.0.0.1:1/x?password=hunter2"]),
        (true, ["replay", ACME, &export, "--database", "postgres://u:hunter2@127.0.0.1:x/x"]),
        (true, ["replay", ACME, &export, "--database", "postgers://u:hunter2@127.0.0.1:1/x"]),
        (true, ["replay", ACME, &export, "--database", "u:hunter2@127.0.0.1:1/x"]),
        (true, ["replay", ACME, &export, "--database", "sqlite:usher.db?password=hunter2"]),
        (false, ["check", ACME, "--settings", &settings, "--format=json"]),
    ] {
        for format in ["text", "json"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
            command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
            let output =
                command.env("USHER_LOG", "trace").env("USHER_LOG_FORMAT", format).output().expect("it runs");
            assert_eq!(code(&output), if wrong { 2 } else { 0 }, "{args:?}: {}", error(&output));
            let said = out(&output) + &error(&output);
            assert!(!said.contains("hunter2"), "{args:?}: {said}");
        }
    }
}

#[test]
fn files_outside_the_folder_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let (inside, outside) = (folder.path().join("inside"), folder.path().join("outside"));
    fs::create_dir_all(&inside).and_then(|()| fs::create_dir_all(&outside)).expect("folders");
    let calendar = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks/holidays/germany.ics");
    fs::copy(calendar, outside.join("germany.ics")).expect("a calendar");
    std::os::unix::fs::symlink(&outside, inside.join("link")).expect("a link");
    let runbook = inside.join("runbook.toml");
    let text = "[team]\nname = \"Team\"\ntimezone = \"UTC\"\n[places.p]\ntimezone = \"UTC\"\nholidays = [\"link/germany.ics\"]\n";
    fs::write(&runbook, text).expect("a runbook");
    let output = usher(&["check", &runbook.to_string_lossy()]);
    assert_eq!(code(&output), 1);
    assert!(out(&output).contains("`link/germany.ics` is not in the runbook's folder"), "{}", out(&output));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let output = usher(&["check", "nowhere.toml"]);
    assert_eq!(code(&output), 2);
    assert!(error(&output).contains("cannot read nowhere.toml"));
}

const ASKED: &str = "2026-11-20T17:05:00+01:00";

#[test]
fn a_deadline_in_a_channel_is_computed() {
    // A Friday evening: Ben's shift begins on Monday at 09:00Z, and he has lunch from 11:30Z to 12:30Z.
    let args =
        ["due", ACME, "--channel", "support", "--urgency", "blocking", "--at", "2026-11-27T17:05:00+01:00"];
    let due = json(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(
        due,
        json!({
            "due_at": "2026-11-30T12:35:00Z",
            "level": "blocking",
            "responders": ["ben"],
            "open": [
                { "from": "2026-11-27T16:05:00Z", "to": "2026-11-27T16:30:00Z" },
                { "from": "2026-11-30T08:00:00Z", "to": "2026-11-30T11:30:00Z" },
                { "from": "2026-11-30T12:30:00Z", "to": "2026-11-30T12:35:00Z" },
            ],
        })
    );
    let text = out(&usher(&[&args[..], &["--explain"]].concat()));
    assert!(
        text.starts_with("owed by Mon 30 Nov 2026 13:35 Europe/Berlin (2026-11-30T12:35:00Z)\n"),
        "{text}"
    );
    assert_eq!(text.lines().filter(|line| line.starts_with("open ")).count(), 3);
}

#[test]
fn a_question_before_the_first_shift_waits_for_it() {
    let args = ["--channel", "support", "--urgency", "blocking", "--at", ASKED, "--format", "json"];
    let due = json(&[&["due", ACME], &args[..]].concat());
    // Ben's first shift begins on Monday at 09:00Z.
    assert_eq!((due["due_at"].as_str(), &due["responders"]), (Some("2026-11-23T14:00:00Z"), &json!(["ben"])));
    assert_eq!(due["open"][0]["from"], "2026-11-23T09:00:00Z");
    let due = json(&[
        "due",
        ACME,
        "--channel",
        "support",
        "--urgency",
        "normal",
        "--at",
        ASKED,
        "--format",
        "json",
    ]);
    assert_eq!(due["due_at"], "2026-11-23T16:05:00Z");
}

#[test]
fn an_emergency_does_not_wait_for_monday() {
    let due =
        json(&["due", ACME, "--to", "chidi", "--urgency", "emergency", "--at", ASKED, "--format", "json"]);
    assert_eq!(due["due_at"], "2026-11-20T16:20:00Z");
    assert_eq!(due["open"], json!([{ "from": "2026-11-20T16:05:00Z", "to": "2026-11-20T16:20:00Z" }]));
}

#[test]
fn working_days_skip_the_weekend() {
    let due =
        json(&["due", ACME, "--channel", "platform", "--to", "platform", "--at", ASKED, "--format", "json"]);
    assert_eq!(
        (due["level"].as_str(), due["due_at"].as_str()),
        (Some("normal"), Some("2026-11-23T16:05:00Z"))
    );
    assert_eq!(due["responders"], json!(["ana", "ben", "chidi"]));
}

#[test]
fn where_nothing_is_expected_nothing_is_due() {
    let due = json(&["due", ACME, "--to", "ana", "--urgency", "fyi", "--at", ASKED, "--format", "json"]);
    assert_eq!(due, json!({ "due_at": null, "level": "fyi", "responders": ["ana"], "open": [] }));
}

#[test]
fn names_that_are_not_there_are_told_with_those_that_are() {
    for (args, message) in [
        (
            &["--channel", "suport"][..],
            "no channel `suport`; it has general, platform, support; did you mean `support`?",
        ),
        (&["--to", "dora", "--urgency", "normal"][..], "no person, group or rotation `dora`"),
        (&["--to", "@chidy", "--urgency", "normal"][..], "; did you mean `chidi`?"),
        (&["--to", "on-dutty", "--urgency", "normal"][..], "; did you mean `on-duty`?"),
        (&["--channel", "support", "--urgency", "bloking"][..], "; did you mean `blocking`?"),
        (
            &["--channel", "support", "--urgency", "now"][..],
            "no urgency level `now`; it has emergency, blocking",
        ),
        (&["--channel", "platform"][..], "nobody would owe the answer"),
    ] {
        let output = usher(&[&["due", ACME, "--at", ASKED], args].concat());
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(error(&output).contains(message), "{}", error(&output));
    }
    for (who, message) in [
        ("suport", "no person, group, rotation or channel `suport`; it has "),
        ("suport", "; did you mean `support`?"),
        ("#suport", "no channel `#suport`; it has general, platform, support; did you mean `support`?"),
        ("platfrom", "; did you mean `platform`?"),
    ] {
        let output = usher(&["hours", ACME, "--who", who]);
        assert_eq!(code(&output), 2, "{who}");
        assert!(error(&output).contains(message), "{}", error(&output));
    }
    let output = usher(&["due", ACME, "--to", "ana", "--urgency", "normal", "--at", "friday"]);
    assert!(error(&output).contains("`friday` is not RFC 3339"), "{}", error(&output));
}

#[test]
fn a_runbook_with_errors_answers_no_question() {
    let output = usher(&["due", BAD, "--to", "ana", "--urgency", "blocking"]);
    assert_eq!(code(&output), 2);
    assert!(error(&output).contains("unknown-key.toml:4:1: error[unknown-key]"));
}

#[test]
fn hours_and_their_overlap_are_listed() {
    let who = ["--who", "ana", "--who", "chidi"];
    let stretch = ["--from", "2026-12-24", "--to", "2026-12-29", "--format", "json"];
    let hours = json(&[&["hours", ACME], &who[..], &stretch[..]].concat());
    assert_eq!(
        hours,
        json!([
            // The 24th is a holiday in Berlin; the weekend follows.
            { "who": "ana", "from": "2026-12-28T09:00:00Z", "to": "2026-12-28T18:00:00Z" },
            { "who": "chidi", "from": "2026-12-24T08:00:00Z", "to": "2026-12-24T11:30:00Z" },
            { "who": "chidi", "from": "2026-12-24T12:30:00Z", "to": "2026-12-24T16:30:00Z" },
            { "who": "chidi", "from": "2026-12-28T08:00:00Z", "to": "2026-12-28T11:30:00Z" },
            { "who": "chidi", "from": "2026-12-28T12:30:00Z", "to": "2026-12-28T16:30:00Z" },
            // What they owe together runs while any of them is in.
            { "who": "any", "together": "any", "from": "2026-12-24T08:00:00Z", "to": "2026-12-24T11:30:00Z" },
            { "who": "any", "together": "any", "from": "2026-12-24T12:30:00Z", "to": "2026-12-24T16:30:00Z" },
            { "who": "any", "together": "any", "from": "2026-12-28T08:00:00Z", "to": "2026-12-28T18:00:00Z" },
            { "who": "all", "together": "all", "from": "2026-12-28T09:00:00Z", "to": "2026-12-28T11:30:00Z" },
            { "who": "all", "together": "all", "from": "2026-12-28T12:30:00Z", "to": "2026-12-28T16:30:00Z" },
        ])
    );
}

#[test]
fn hours_are_a_table_for_people() {
    let args = [
        "hours",
        ACME,
        "--who",
        "platform",
        "--from",
        "2026-11-26",
        "--to",
        "2026-11-27",
        "--zone",
        "Africa/Lagos",
    ];
    let text = out(&usher(&args));
    let expected = "times in Africa/Lagos\n\nThu 26 Nov 2026\n  ana    10:00-19:00\n  ben    09:00-12:30 13:30-17:30\n  \
                    chidi  09:00-12:30 13:30-17:30\n  any    09:00-19:00\n  all    10:00-12:30 13:30-17:30\n";
    assert_eq!(text, expected);
}

/// A runbook in a folder of its own.
fn runbook(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("team.toml");
    fs::write(&file, text).expect("a runbook");
    let path = file.to_string_lossy().into_owned();
    (folder, path)
}

#[test]
fn hours_of_a_channel_are_those_of_whoever_answers_there() {
    let days = ["--from", "2026-11-23", "--to", "2026-11-25", "--format", "json"];
    let of = |who: &str| json(&[&["hours", ACME, "--who", who], &days[..]].concat());
    let duty = of("on-duty");
    assert_eq!(duty.as_array().map(Vec::len), Some(4), "{duty}");
    assert_eq!(of("#support"), duty);
    assert_eq!(of("support"), duty);
    let output = usher(&["hours", ACME, "--who", "#platform"]);
    assert_eq!(code(&output), 2);
    assert!(error(&output).contains("nobody in particular answers in `#platform`"), "{}", error(&output));
}

#[test]
fn people_called_all_and_any_are_told_from_all_and_any_of_them() {
    let (_folder, path) = runbook(
        "[team]\nname = \"T\"\ntimezone = \"UTC\"\noffice-hours = \"mon-fri 09:00-17:00\"\n\
         [people]\nall = { office-hours = \"mon 10:00-12:00\" }\nany = { office-hours = \"mon 11:00-13:00; tue 22:00-02:00\" }\n",
    );
    let days = ["--from", "2026-11-23", "--to", "2026-11-28"];
    let hours = json(&[&["hours", &path], &days[..], &["--format", "json"]].concat());
    let rows = hours.as_array().expect("a list");
    let of = |who: &str, together: Value| -> Vec<&str> {
        let rows = rows.iter().filter(|row| row["who"] == who && row["together"] == together);
        rows.map(|row| row["from"].as_str().expect("an instant")).collect()
    };
    assert_eq!(of("all", Value::Null), ["2026-11-23T10:00:00Z"]);
    assert_eq!(of("any", Value::Null), ["2026-11-23T11:00:00Z", "2026-11-24T22:00:00Z"]);
    assert_eq!(of("any", json!("any")), ["2026-11-23T10:00:00Z", "2026-11-24T22:00:00Z"]);
    assert_eq!(of("all", json!("all")), ["2026-11-23T11:00:00Z"]);
    let text = out(&usher(&[&["hours", &path], &days[..]].concat()));
    insta::assert_snapshot!(text, @r"
    times in UTC

    Mon 23 Nov 2026
      @all  10:00-12:00
      @any  11:00-13:00
      any   10:00-13:00
      all   11:00-12:00

    Tue 24 Nov 2026
      @all  not in
      @any  22:00-02:00
      any   22:00-02:00
      all   never

    Wed 25 Nov 2026
      @all  not in
      @any  till 02:00
      any   till 02:00
      all   never

    Thu 26 Nov 2026
      nobody is in office

    Fri 27 Nov 2026
      nobody is in office
    ");
}

#[test]
fn hours_of_a_rotation_are_those_of_the_shifts() {
    let args = [
        "hours",
        ACME,
        "--who",
        "on-duty",
        "--from",
        "2026-11-20T00:00:00Z",
        "--to",
        "2026-11-24",
        "--format",
        "json",
    ];
    let hours = json(&args);
    assert_eq!(
        hours.as_array().map(Vec::len),
        Some(2),
        "Monday after the first handoff, cut by lunch: {hours}"
    );
    assert_eq!(
        hours[0],
        json!({ "who": "on-duty", "from": "2026-11-23T09:00:00Z", "to": "2026-11-23T11:30:00Z" })
    );
}

#[test]
fn a_log_that_cannot_be_understood_is_named() {
    let wrong = |name: &str, value: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
        let output = command.args(["check", "--explain", "unknown-key"]).env(name, value).output();
        let output = output.expect("the program runs");
        assert_eq!((code(&output), out(&output).as_str()), (2, ""));
        error(&output)
    };
    assert!(wrong("USHER_LOG", "usher=loud").starts_with("usher: USHER_LOG: `usher=loud` is no filter"));
    assert!(wrong("USHER_LOG_FORMAT", "xml").starts_with("usher: USHER_LOG_FORMAT: `xml` is neither"));
}
