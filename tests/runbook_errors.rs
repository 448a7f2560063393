//! What is said about bad runbooks.
//!
//! Every file in `tests/runbooks/bad` is named after the code that it trips, and shows its own mend: what
//! follows `#~` on a line stands there instead, with `\n` for a line break.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use usher::calendar::Instant;
use usher::runbook::{
    Code, FileError, Files, LintContext, Loaded, NoFiles, Severity, check, load, render_github, render_text,
};

fn now() -> Instant {
    Instant::parse("2026-11-20T12:00:00Z").expect("a fixed instant")
}

fn lints() -> LintContext<'static> {
    LintContext { now: now(), pager: Some(true), secrets: None }
}

/// The files in `tests/runbooks/bad`.
struct Beside;

impl Files for Beside {
    fn text(&self, path: &str) -> Result<String, FileError> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runbooks/bad").join(path);
        fs::read_to_string(file).map_err(|_| FileError::Missing(path.to_owned()))
    }
}

/// The codes and texts of the bad files, in the order of their names.
fn bad_files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runbooks/bad");
    let entries = fs::read_dir(folder).expect("the folder of bad files");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let file = |path: PathBuf| {
        let code = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (code, fs::read_to_string(&path).expect("a bad file is text"))
    };
    paths.into_iter().map(file).collect()
}

fn context_of(code: &str) -> LintContext<'static> {
    static SECRETS: LazyLock<Vec<String>> = LazyLock::new(|| vec!["ana-phone".to_owned()]);
    let secrets = (code == "unknown-secret").then(|| SECRETS.as_slice());
    LintContext { pager: Some(code != "needs-pager"), secrets, ..lints() }
}

fn without_mends(text: &str) -> String {
    text.lines().map(|line| line.split(" #~").next().unwrap_or(line).to_owned() + "\n").collect()
}

fn mended(text: &str) -> String {
    let line = |line: &str| match line.split_once(" #~") {
        Some((_, mend)) => mend.trim().replace("\\n", "\n") + "\n",
        None => line.to_owned() + "\n",
    };
    text.lines().map(line).collect()
}

#[test]
fn every_bad_file_is_told_precisely() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("runbooks/bad/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (code, text) in bad_files() {
            let loaded = check(&format!("{code}.toml"), without_mends(&text), &Beside, context_of(&code));
            insta::assert_snapshot!(code, render_text(&loaded.problems));
        }
    });
}

#[test]
fn every_bad_file_trips_its_code() {
    for (code, text) in bad_files() {
        let loaded = check("x.toml", without_mends(&text), &Beside, context_of(&code));
        let expected = Code::parse(&code).unwrap_or_else(|| panic!("{code} is no code"));
        assert!(loaded.problems.iter().any(|problem| problem.code == expected), "{code} is not tripped");
        let has_errors = loaded.problems.iter().any(|problem| problem.severity == Severity::Error);
        assert_eq!(loaded.runbook.is_none(), has_errors, "{code}");
    }
}

#[test]
fn every_bad_file_can_be_mended() {
    for (code, text) in bad_files() {
        let loaded = check("mended.toml", mended(&text), &Beside, lints());
        assert!(loaded.problems.is_empty(), "{code}, mended:\n{}", render_text(&loaded.problems));
        assert!(loaded.runbook.is_some(), "{code}");
    }
}

#[test]
fn every_code_has_a_bad_file() {
    let files = bad_files();
    for code in Code::ALL {
        let generated = matches!(code, Code::NotUtf8 | Code::TooLarge);
        assert!(generated || files.iter().any(|(name, _)| name == code.word()), "no bad file for {code}");
    }
}

fn only_problem(loaded: &Loaded) -> (Code, String) {
    assert!(loaded.runbook.is_none());
    assert_eq!(loaded.problems.len(), 1, "{}", render_text(&loaded.problems));
    let problem = &loaded.problems[0];
    (problem.code, format!("{}:{} {}", problem.line, problem.column, problem.message))
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let loaded = load("x.toml", b"[team]\nname = \"\xe9\xff\"\n", &NoFiles);
    assert_eq!(only_problem(&loaded), (Code::NotUtf8, "2:9 byte 0xe9 at offset 15 is not UTF-8".to_owned()));
}

#[test]
fn ten_megabytes_are_refused() {
    let loaded = load("x.toml", "#".repeat(10 << 20), &NoFiles);
    let message = "1:1 the file has 10485760 bytes; 1048576 are allowed".to_owned();
    assert_eq!(only_problem(&loaded), (Code::TooLarge, message));
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("x = {}", "{a=".repeat(100_000)),
        format!("[{}a]", "a.".repeat(300_000)),
        format!("{}a = 1", "'a' . ".repeat(100_000)),
        format!("x = {{ y = \"\"\"\"\"\"\", {}a = 1 }}", "a.".repeat(300_000)),
    ] {
        let loaded = load("x.toml", &text, &NoFiles);
        assert!(loaded.runbook.is_none());
        let codes: Vec<Code> = loaded.problems.iter().map(|problem| problem.code).collect();
        assert!(codes.contains(&Code::TooDeep), "{}", render_text(&loaded.problems));
    }
}

#[test]
fn many_dots_in_texts_are_no_nesting() {
    let text = "[team]\nname = \"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w\" # a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s\n";
    assert!(load("x.toml", text, &NoFiles).runbook.is_some());
}

#[test]
fn byte_order_mark_and_windows_line_ends_are_accepted() {
    let unix = include_str!("runbooks/bad/unknown-name.toml");
    let windows = format!("\u{feff}{}", unix.replace('\n', "\r\n"));
    let plain = check("x.toml", unix, &Beside, lints());
    let marked = check("x.toml", windows, &Beside, lints());
    assert!(!plain.problems.is_empty());
    assert_eq!(plain.problems, marked.problems);
}

#[test]
fn thousands_of_problems_are_cut_short() {
    let mut text = String::from("[team]\nname = \"Team\"\n[people]\n");
    (0..20_000).for_each(|number| text.push_str(&format!("p{number} = {{ place = \"nowhere\" }}\n")));
    let loaded = load("x.toml", &text, &NoFiles);
    assert!(loaded.problems.len() < 1000);
    let last = loaded.problems.last().expect("there are problems");
    assert!(last.message.ends_with("more errors that are not listed)"), "{}", last.message);
}

#[test]
fn columns_count_characters() {
    let text = "[team]\nname = \"Straße 🚨\"\n\"ключ\" = 1\n[channels]\n\"日本\" = { \"ключ\" = 1 }\n";
    let loaded = load("x.toml", text, &NoFiles);
    let places: Vec<(usize, usize, usize)> =
        loaded.problems.iter().map(|problem| (problem.line, problem.column, problem.end_column)).collect();
    assert_eq!(places, [(3, 1, 7), (5, 10, 16)]);
}

#[test]
fn annotations_are_escaped() {
    let text = "[team]\nname = \"Team\"\n\"100%\\nof::it,\" = 1\n";
    let loaded = load("a,b:c.toml", text, &NoFiles);
    let annotation = render_github(&loaded.problems);
    assert!(
        annotation.starts_with(
            "::error file=a%2Cb%3Ac.toml,line=3,endLine=3,col=1,endColumn=16,title=unknown-key::"
        )
    );
    assert!(annotation.contains("`100%25%0Aof::it,`"), "{annotation}");
    assert_eq!(annotation.lines().count(), 1);
}

#[test]
fn terminals_are_not_steered() {
    let text = "[team]\nname = \"Team\"\n\"\\u001b[2J\\u202e\" = 1\n# \u{202e}\n\"\u{202e}\" = 2\n";
    let shown = render_text(&load("x.toml", text, &NoFiles).problems);
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
}

#[test]
fn what_a_runbook_reads_is_kept_beside_it() {
    let text = "[team]\nname = \"Team\"\n[places.berlin]\ntimezone = \"Europe/Berlin\"\nholidays = [\"holidays/germany.ics\"]\n";
    let loaded = load("x.toml", text, &Beside);
    assert_eq!(loaded.beside.keys().collect::<Vec<_>>(), ["holidays/germany.ics"]);
    let again = load("x.toml", text, &loaded.beside);
    assert!(again.runbook.is_some());
    assert_eq!(again.runbook, loaded.runbook);
    assert!(load("x.toml", text, &BTreeMap::new()).runbook.is_none());
}
