//! The console as people use it: the real binary, lines going in, what is shown coming out.

#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Types `lines` into a console whose state is in `folder`; what it shows, its greeting left out.
fn console(folder: &Path, args: &[&str], lines: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(["run", "--state"])
        .arg(folder.join("console.db"))
        .args(args)
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{out}{err}");
    assert_eq!(err, "");
    assert!(out.contains(&folder.display().to_string()), "it says where all is kept: {out}");
    out.lines().skip(3).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_first_minute_shows_a_question_from_its_owner_to_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let shown = console(folder.path(), &[], "/tour\n\n\n\n\n\n\n\n");
    insta::assert_snapshot!(shown);
}

#[test]
fn what_was_left_is_there_on_the_next_visit() {
    let folder = tempfile::tempdir().unwrap();
    let first = console(
        folder.path(),
        &[],
        "/as kim\nana #support: Can somebody look at the import?\n/until +1h\n/quit\nnot read\n",
    );
    assert!(first.contains("[1] ana: Can somebody look at the import?"), "{first}");
    assert!(!first.contains("not read"), "{first}");

    // The message has its number, the clock stands where it stood, one is who one was, and the promise holds.
    let second = console(folder.path(), &[], "/thread 1\nthanks\n/until +2h\n");
    assert!(second.contains("18:00  #support/1  [2] kim: thanks"), "{second}");
    assert!(second.contains("19:00  @ben  [3] Usher: ana asked"), "{second}");
}

#[test]
fn what_is_wrong_is_said_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "/raect eyes 1\n/react eyes 1\n/as kimm\nkim #suport: hi\n/until 08:60\n/person kim Asia/Tokyo\n\
                 /press 1 1\n/runbook nowhere.toml\n/help raect\n/who\n";
    insta::assert_snapshot!(console(folder.path(), &[], lines));
}

#[test]
fn nothing_that_is_typed_reaches_the_terminal_as_control() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "ana #support: red \x1b[31m alert \u{202e}txet\u{7}\n/react \x1b[5m 1\nana: /edit 1 \x1b]0;title\x07\n\
                 /as \x1b[7mx\n";
    let shown = console(folder.path(), &[], lines);
    assert!(shown.contains("[1] ana: red [31m alert txet\n"), "{shown:?}");
    assert!(
        shown.chars().all(|shown| shown == '\n' || (!shown.is_control() && shown != '\u{202e}')),
        "{shown:?}"
    );
}

#[test]
fn a_team_s_own_runbook_can_be_played_with_and_changed_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("team.toml");
    let runbook = |hours: &str| {
        format!(
            "[team]\nname = \"T\"\ntimezone = \"UTC\"\noffice-hours = \"mon-fri 09:00-17:00\"\n[people]\nzoe = {{}}\nwim = {{}}\nyan = {{}}\n\
             [urgency.normal]\nmeans = \"soon\"\nrespond-within = \"{hours}\"\n\
             [channels.help]\nurgency = \"normal\"\nresponders = \"yan\"\n"
        )
    };
    std::fs::write(&file, runbook("2h")).unwrap();
    let args = ["--runbook", file.to_str().unwrap()];
    let shown = console(folder.path(), &args, "zoe #help: Can you look at the printer?\n");
    assert!(shown.contains("[1] is owed an answer by Mon 11:00 (normal)"), "{shown}");

    std::fs::write(&file, runbook("3h")).unwrap();
    let shown = console(folder.path(), &args, "wim #help: Can you look at the scanner?\n");
    assert!(shown.contains("[2] is owed an answer by Mon 12:00 (normal)"), "{shown}");
}

#[test]
fn a_runbook_with_errors_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("team.toml");
    std::fs::write(&file, "[team]\nname = \"T\"\ntimezone = \"Europe/Berlinn\"\n").unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(["run", "--runbook", file.to_str().unwrap(), "--state"])
        .arg(folder.path().join("console.db"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(!run.status.success());
    assert!(said.contains("team.toml:3:") && said.contains("Europe/Berlin"), "{said}");
    assert!(!folder.path().join("console.db").exists(), "nothing was made");
}

#[test]
fn a_runbook_that_is_broken_meanwhile_leaves_the_old_one_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let text = |promise: &str| {
        format!(
            "[team]\nname = \"T\"\ntimezone = \"UTC\"\noffice-hours = \"mon-fri 09:00-17:00\"\n[people]\nzoe = {{}}\nyan = {{}}\n\
             [urgency.normal]\nmeans = \"soon\"\n{promise}\n\
             [channels.help]\nurgency = \"normal\"\nresponders = \"yan\"\n"
        )
    };
    let (good, bad) = (folder.path().join("team.toml"), folder.path().join("bad.toml"));
    std::fs::write(&good, text("respond-within = \"2h\"")).unwrap();
    std::fs::write(&bad, text("respond-within = \"2 parsecs\"")).unwrap();
    let args = ["--runbook", good.to_str().unwrap()];
    let lines = format!(
        "zoe #help: Can you look at the printer?\nzoe #help/1: usher due\n/runbook {}\nzoe #help/1: usher due\n/until +4h\n",
        bad.display()
    );
    let shown = console(folder.path(), &args, &lines);
    // The file, the line and the column, and what is wrong there.
    assert!(shown.contains(&format!("  ! {}:10:", bad.display())), "{shown}");
    assert!(shown.contains("2 parsecs"), "{shown}");
    // What was owed is owed by the same time under the same rule, before and after.
    assert_eq!(shown.matches("An answer is owed by 11:00.").count(), 2, "{shown}");
    assert!(!shown.contains("the runbook is "), "no revision came into force: {shown}");
    assert!(shown.contains("· [1] was due at Mon 11:00 and has no answer"), "its clock goes on: {shown}");
}

#[test]
fn usher_is_addressed_with_the_sign_and_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "ana #support: usher hours @kim\nana #support: Usher: due #support\nana #support: @usher whoo\n\
                 ana #support: usher said that it is owed by noon\nana @usher: usher mute\nana @usher: unmute\n";
    insta::assert_snapshot!(console(folder.path(), &[], lines));
}

#[test]
fn the_agreement_on_one_page_says_who_answers_how_a_question_is_taken_and_where_usher_is_silent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("team.toml");
    let text = r#"
[team]
name = "T"
timezone = "UTC"
office-hours = "mon-fri 09:00-17:00"
[people]
zoe = {}
yan = {}
[groups]
core = ["yan"]
[urgency.alarm]
means = "All is down"
marks = ["!alarm"]
respond-within = "15m"
clock = "always"
interrupts = true
met-by = "acknowledge"
raised-by = ["core", "zoe"]
escalate = [{ after = "0m", tell = "core", by = "pager" }]
[urgency.normal]
means = "Soon"
respond-within = "2h"
[urgency.fyi]
means = "Nothing is expected"
[channels.help]
urgency = "normal"
responders = "core"
answered-by = "responders"
acknowledge = ["eyes", "👍"]
[channels.visitors]
urgency = "normal"
responders = "core"
usher = "private"
[channels.talk]
urgency = "normal"
usher = "watch"
acknowledge = ["eyes"]
[channels.news]
urgency = "fyi"
"#;
    std::fs::write(&file, text).unwrap();
    let shown = console(folder.path(), &["--runbook", file.to_str().unwrap()], "zoe #help: usher runbook\n");
    let shown: Vec<&str> = shown.lines().filter(|line| !line.contains("Revision")).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn hours_are_asked_for_by_person_group_channel_and_day() {
    let folder = tempfile::tempdir().unwrap();
    let asked = [
        "@kim tomorrow",
        "tomorrow @kim",
        "#support",
        "#support fri",
        "#support mon week",
        "platform on sat",
        "platform sun week",
        "billing",
        "#general",
        "fri",
        "2020-01-01",
        "2029-01-01",
        "@kim someday",
    ];
    let lines: String = asked.iter().map(|words| format!("ana @usher: hours {words}\n")).collect();
    insta::assert_snapshot!(console(folder.path(), &[], &lines));
}

/// A console that waits for a line, after it has shown that it carried out the first.
fn waiting_console(folder: &Path) -> std::process::Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(["run", "--state"])
        .arg(folder.join("console.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(b"ana #support: Can somebody look at the import?\n").unwrap();
    let mut shown = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(shown.any(|line| line.unwrap().contains("[1] ana: Can somebody")), "it shows what was said");
    child
}

#[test]
fn a_console_that_is_asked_to_end_keeps_what_was_said() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = waiting_console(folder.path());
        // Open until the end: nobody typed that it is over.
        let typing = child.stdin.take();
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{signal}: {output:?}");
        drop(typing);
        assert!(!folder.path().join("console.db-wal").exists(), "the state is closed properly");
        let next = console(folder.path(), &[], "/until +2h\n");
        assert!(next.contains("ana is waiting for an answer"), "{next}");
    }
}

#[test]
fn a_second_console_on_the_same_state_is_told_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = waiting_console(folder.path());
    let second = Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(["run", "--state"])
        .arg(folder.path().join("console.db"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2), "{second:?}");
    let said = String::from_utf8(second.stderr).unwrap();
    let holder = format!("in use by another process (usher console, process {})", first.id());
    assert!(said.contains(&holder), "{said}");
    drop(first.stdin.take());
    assert!(first.wait_with_output().unwrap().status.success(), "the first goes on and ends as usual");
}
