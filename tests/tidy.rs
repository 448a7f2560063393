//! The test of the tree: the rules of the house that neither the compiler nor clippy keeps.
//!
//! Each test reads the repository as text and lists every fault as `file:line: what is wrong`. It knows
//! nothing of what Usher does. Rules that a lint can keep stand in `Cargo.toml` and `clippy.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The longest file that we want to read. The median is a third of it.
const MOST_LINES: usize = 600;

/// The folders whose text is ours to keep tidy.
const OUR_FOLDERS: [&str; 8] =
    [".ci", "benches", "docs", "migrations", "runbooks", "scripts", "src", "tests"];

/// The files at the top of the repository that are ours too.
const OUR_FILES: [&str; 6] =
    ["Cargo.toml", "clippy.toml", "rustfmt.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"];

/// Endings of the files that are text.
const TEXT: [&str; 7] = ["rs", "toml", "md", "sql", "sh", "txt", "scenario"];

/// What the pure half must not say: it is I/O, waits, reads a clock or draws by chance.
const IMPURE: [&str; 17] = [
    "tokio",
    "sqlx",
    "reqwest",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io",
    "std::time",
    "rand::",
    "async fn",
    ".await",
    "println!",
    "print!",
    "thread_local!",
    "static mut",
];

/// One file of the repository.
struct File {
    /// From the root, with `/` between the parts.
    path: String,
    text: String,
}

impl File {
    fn has_ending(&self, ending: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == ending)
    }

    /// The numbered lines, from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The numbered lines of code before the unit tests, without what stands in comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines()
            .take_while(|(_, line)| *line != "#[cfg(test)]")
            .map(|(number, line)| (number, line.split_once("//").map_or(line, |(code, _)| code)))
    }

    fn fault(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What lies in a folder, in order.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths
}

/// Adds the text files of `folder` and of all below it.
fn collect(folder: &Path, files: &mut Vec<File>) {
    for path in entries(folder) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_none_or(|ending| TEXT.iter().any(|text| ending == *text)) {
            let shown = path.strip_prefix(root()).expect("it was found below the root").display().to_string();
            files.push(File { path: shown, text: read(&path) });
        }
    }
}

/// All text files that are ours, in order.
fn files() -> Vec<File> {
    let mut files = Vec::new();
    for folder in OUR_FOLDERS {
        collect(&root().join(folder), &mut files);
    }
    for name in OUR_FILES {
        files.push(File { path: name.to_owned(), text: read(&root().join(name)) });
    }
    files
}

fn rust_files() -> Vec<File> {
    files().into_iter().filter(|file| file.has_ending("rs")).collect()
}

/// The files of `src/<room>/` and the file `src/<room>.rs`, for each of the rooms named.
fn rooms<'a>(files: &'a [File], names: &[&str]) -> Vec<&'a File> {
    let inside = |file: &File, name: &str| {
        file.path == format!("src/{name}.rs") || file.path.starts_with(&format!("src/{name}/"))
    };
    files.iter().filter(|file| names.iter().any(|name| inside(file, name))).collect()
}

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} found:\n{}", faults.len(), faults.join("\n"));
}

/// Every line of code in `files` that contains one of `words`.
fn code_with(files: &[&File], words: &[&str], why: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        for (number, line) in file.code() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                faults.push(file.fault(number, &format!("`{word}`: {why}")));
            }
        }
    }
    faults
}

#[test]
fn a_module_opens_with_its_role() {
    let files = rust_files();
    let silent = files.iter().filter(|file| !file.text.starts_with("//! "));
    none(&silent.map(|file| file.fault(1, "say with `//! ` what it is for")).collect::<Vec<_>>());
}

#[test]
fn no_file_is_longer_than_a_reader_wants() {
    let files = rust_files();
    let length = |file: &File| file.text.lines().count();
    let longest = files.iter().max_by_key(|file| length(file)).expect("there are sources");
    println!("the longest is {} with {} lines", longest.path, length(longest));
    let long = files.iter().filter(|file| length(file) > MOST_LINES);
    none(
        &long.map(|file| file.fault(length(file), "too long; split it by what it does")).collect::<Vec<_>>(),
    );
}

#[test]
fn exceptions_to_lints_are_expected_with_a_reason() {
    let mut faults = Vec::new();
    for file in rust_files() {
        for (number, line) in file.lines().map(|(number, line)| (number, line.trim_start())) {
            if line.starts_with("#[allow(") || line.starts_with("#![allow(") {
                faults.push(
                    file.fault(number, "say `expect` with a reason: it goes when it is needed no more"),
                );
            }
        }
    }
    none(&faults);
}

#[test]
fn tests_come_in_by_the_door_that_everybody_uses() {
    let mut faults = Vec::new();
    for file in rust_files() {
        let lines: Vec<&str> = file.text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            if !line.trim_start().starts_with("#[cfg(") || !line.contains("test") {
                continue;
            }
            let below = lines[index + 1..].iter().find(|next| !next.trim_start().starts_with("#["));
            if *line != "#[cfg(test)]" || !below.is_some_and(|next| next.starts_with("mod tests")) {
                faults.push(file.fault(index + 1, "`cfg(test)` is for `mod tests` alone"));
            }
        }
    }
    none(&faults);
}

#[test]
fn the_shapes_of_documents_give_useful_errors() {
    let files = rust_files();
    let sources: Vec<&File> = files.iter().filter(|file| file.path.starts_with("src/")).collect();
    let words = ["serde(untagged", "serde(flatten", ", untagged", ", flatten"];
    none(&code_with(&sources, &words, "its errors do not say what was wrong where"));
}

/// Whether `line` contains `words` with no letter before or after it.
fn says(line: &str, words: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(words).any(|(at, found)| {
        let before = line[..at].chars().next_back().is_some_and(letter);
        let after = line[at + found.len()..].chars().next().is_some_and(letter);
        !(before || after && found.ends_with(letter))
    })
}

#[test]
fn the_pure_half_is_pure() {
    let files = rust_files();
    let pure = rooms(&files, &["calendar", "runbook", "core"]);
    assert!(pure.len() > 20, "the pure half was not found");
    let mut faults = Vec::new();
    for file in pure {
        for (number, line) in file.code() {
            for word in IMPURE.iter().filter(|word| says(line, word)) {
                faults.push(file.fault(number, &format!("`{word}`: the pure half takes it as an argument")));
            }
        }
    }
    none(&faults);
}

/// The rooms that a file's code names after `crate::`, one by one or in braces, with the line of each.
fn rooms_named(file: &File) -> Vec<(usize, String)> {
    let name =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let code = file.code().map(|(_, line)| line).collect::<Vec<_>>().join("\n");
    let mut named = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{').and_then(|list| list.split(';').next()) {
            Some(list) => named.extend(list.split([',', '{', '}']).map(|part| (line, name(part.trim())))),
            None => named.push((line, name(rest))),
        }
    }
    named
}

#[test]
fn arrows_go_one_way() {
    // A room, and the rooms of which it does not know.
    let outside = [
        "store", "driver", "courier", "chat", "cli", "commands", "settings", "pager", "play", "clock", "web",
    ];
    let walls: [(&str, &[&str]); 8] = [
        ("calendar", &["runbook", "core"]),
        ("calendar", &outside),
        ("runbook", &["core"]),
        ("runbook", &outside),
        ("core", &outside),
        ("store", &["driver", "courier", "chat", "cli", "commands", "pager", "play"]),
        ("chat", &["store", "cli", "commands", "pager", "play", "web"]),
        ("web", &["store", "courier", "chat", "cli", "commands", "pager", "play"]),
    ];
    let files = rust_files();
    let mut faults = Vec::new();
    for (room, unknown) in walls {
        for file in rooms(&files, &[room]) {
            for (line, name) in rooms_named(file).iter().filter(|(_, name)| unknown.contains(&name.as_str()))
            {
                faults.push(file.fault(*line, &format!("{room} must not know of {name}")));
            }
        }
    }
    none(&faults);
}

#[test]
fn adapters_translate_and_decide_nothing() {
    let files = rust_files();
    let policy = ["core::engine", "core::judge", "core::budget", "runbook::model"];
    none(&code_with(&rooms(&files, &["chat"]), &policy, "policy is for the core"));
}

#[test]
fn the_oracle_of_the_simulation_shares_nothing_with_what_it_judges() {
    // These say what ought to be; they know each other, and neither Usher nor what plays it.
    let own = ["book", "chance", "office", "oracle", "plan", "script", "story", "team"];
    let is_own = |file: &&File| own.iter().any(|name| file.path == format!("tests/simulation/{name}.rs"));
    let files = rust_files();
    let oracle: Vec<&File> = files.iter().filter(is_own).collect();
    assert_eq!(oracle.len(), own.len(), "a part of the oracle was not found");
    let mut faults = code_with(&oracle, &["usher::", "crate::"], "the oracle is written from the page alone");
    for file in &oracle {
        for (number, line) in file.code() {
            let named = line.match_indices("super::").map(|(at, found)| &line[at + found.len()..]);
            let others = named.filter(|rest| !own.iter().any(|name| rest.starts_with(&format!("{name}::"))));
            faults
                .extend(others.map(|rest| file.fault(number, &format!("`{rest}` is no part of the oracle"))));
        }
    }
    none(&faults);
}

#[test]
fn nothing_is_left_for_later() {
    // Written in halves, so that this file does not find itself.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    let mut faults = Vec::new();
    for file in files() {
        for (number, line) in file.lines() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.any(|word| marks.contains(&word)) {
                faults.push(file.fault(number, "do it, or write it down where it will be found"));
            }
        }
    }
    none(&faults);
}

#[test]
fn text_has_no_tabs_and_no_space_at_the_end() {
    let mut faults = Vec::new();
    for file in files() {
        // What was recorded elsewhere stays as it is.
        if file.path.starts_with("tests/data/") {
            continue;
        }
        for (number, line) in file.lines() {
            if line.contains('\t') {
                faults.push(file.fault(number, "a tab"));
            }
            if line.ends_with(' ') {
                faults.push(file.fault(number, "space at the end"));
            }
        }
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            faults.push(file.fault(file.text.lines().count(), "no newline at the end"));
        }
    }
    none(&faults);
}

#[test]
fn tests_wait_for_the_event_and_not_for_the_clock() {
    let files = rust_files();
    let words = [concat!("sle", "ep("), concat!("sle", "ep_until("), concat!("park_time", "out(")];
    let tests: Vec<&File> = files.iter().filter(|file| file.path.starts_with("tests/")).collect();
    none(&code_with(&tests, &words, "wait for the event, with a bound"));
}

/// The migrations of one database: number → name.
fn migrations(database: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for path in entries(&root().join("migrations").join(database)) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("names are ASCII");
        let (number, rest) = name.split_once('_').unwrap_or_else(|| panic!("{name}: not `number_name.sql`"));
        assert!(rest.ends_with(".sql"), "{name}: not a migration");
        let twin = found.insert(number.to_owned(), rest.to_owned());
        assert_eq!(twin, None, "{database}: two migrations have the number {number}");
    }
    found
}

#[test]
fn both_databases_have_the_same_migrations() {
    let sqlite = migrations("sqlite");
    assert!(!sqlite.is_empty(), "no migrations at all");
    assert_eq!(sqlite, migrations("postgres"));
    let listed = read(&root().join("src/store/schema.rs"));
    for (number, rest) in &sqlite {
        let file = format!("\"{number}_{rest}\"");
        assert!(listed.contains(&file), "src/store/schema.rs does not list {file}");
    }
}

#[test]
fn a_scenario_is_named_by_the_sentence_that_it_shows() {
    let files = files();
    let scenarios: Vec<&File> = files.iter().filter(|file| file.has_ending("scenario")).collect();
    assert!(!scenarios.is_empty(), "no scenarios found");
    let mut faults = Vec::new();
    for file in scenarios {
        let stem = Path::new(&file.path).file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
        let plain = stem.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !plain || stem.split('-').count() < 4 {
            faults.push(file.fault(1, "name it by a sentence: words-with-dashes-between-them"));
        }
    }
    none(&faults);
}

/// The anchor that a heading of Markdown gets on the usual forges.
fn anchor(heading: &str) -> String {
    let lower = heading.trim().to_lowercase();
    let kept = lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The numbered lines of a Markdown file outside fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((index + 1, line))
    })
}

/// What a link can point to in a document: its headings, and the anchors that it sets itself.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, line) in prose(text) {
        if line.starts_with('#') {
            found.insert(anchor(line.trim_start_matches('#')));
        }
        for (at, mark) in line.match_indices("<a id=\"") {
            found.extend(line[at + mark.len()..].split('"').next().map(str::to_owned));
        }
    }
    found
}

/// The targets of the links in a line: what stands in `](…)`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(|(at, mark)| line[at + mark.len()..].split(')').next())
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.has_ending("md")) {
        let here = root().join(&file.path);
        for (number, line) in prose(&file.text) {
            for link in links(line).filter(|link| !link.starts_with("http")) {
                let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
                let target = if path.is_empty() { here.clone() } else { here.with_file_name(path) };
                if !target.exists() {
                    faults.push(file.fault(number, &format!("`{link}` leads nowhere")));
                } else if !fragment.is_empty() && !anchors(&read(&target)).contains(fragment) {
                    faults.push(file.fault(number, &format!("`{link}`: no such heading there")));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn every_file_that_the_documents_name_exists() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.has_ending("md")) {
        for (number, line) in prose(&file.text) {
            for quoted in line.split('`').skip(1).step_by(2).filter(|quoted| quoted.ends_with(".rs")) {
                if !root().join(quoted).exists() && !root().join("src").join(quoted).exists() {
                    faults.push(file.fault(number, &format!("there is no `{quoted}`")));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn every_room_of_the_house_is_on_its_plan() {
    let plan = read(&root().join("docs/architecture.md"));
    let mut faults = Vec::new();
    for path in entries(&root().join("src")) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("names are ASCII");
        let shown = if path.is_dir() { format!("`{name}/`") } else { format!("`{name}`") };
        if !plan.contains(&shown) && !["lib.rs", "main.rs"].contains(&name) {
            faults.push(format!("docs/architecture.md does not say what src/{name} is for"));
        }
    }
    none(&faults);
}

#[test]
fn every_bench_has_its_place_on_the_page_about_performance() {
    let page = read(&root().join("docs/performance.md"));
    let mut faults = Vec::new();
    for path in entries(&root().join("benches")).iter().filter(|path| path.is_file()) {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("names are ASCII");
        for mark in [format!("\n<!-- {name} -->\n"), format!("\n<!-- /{name} -->\n")] {
            if !page.contains(&mark) {
                faults.push(format!("docs/performance.md lacks the line {}", mark.trim()));
            }
        }
    }
    none(&faults);
}

#[test]
fn the_readme_names_its_two_commands_and_ci_calls_the_second() {
    let readme = read(&root().join("README.md"));
    assert!(readme.contains("\ncargo run --no-default-features --features service -- run\n"), "the first");
    assert!(readme.contains("\nscripts/test\n"), "the second");
    assert_eq!(read(&root().join(".ci/run")).trim_end().lines().last(), Some("exec scripts/test"));
}

#[test]
fn scripts_say_what_they_are_for_and_stop_at_the_first_error() {
    let mut faults = Vec::new();
    for file in files() {
        let is_script = file.path.starts_with("scripts/") || file.path.starts_with(".ci/");
        // Lists of versions are text.
        if !is_script || file.has_ending("txt") {
            continue;
        }
        if !file.text.starts_with("#!/usr/bin/env bash\n# ") {
            faults.push(
                file.fault(1, "open with `#!/usr/bin/env bash` and a comment that says what it is for"),
            );
        }
        if !file.text.contains("\nset -euo pipefail\n") {
            faults.push(file.fault(1, "no `set -euo pipefail`"));
        }
    }
    none(&faults);
}

#[test]
fn every_dependency_is_used() {
    let manifest = read(&root().join("Cargo.toml"));
    let files = rust_files();
    let mut section = "";
    let mut faults = Vec::new();
    for (index, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            section = line;
        }
        let rooms = match section {
            "[dependencies]" => ["src/", "src/"],
            "[dev-dependencies]" => ["tests/", "benches/"],
            _ => continue,
        };
        let Some((name, _)) = line.split_once(" = ") else { continue };
        let path = format!("{}::", name.replace('-', "_"));
        let used = |file: &File| file.lines().any(|(_, line)| says(line, &path));
        let inside = |file: &File| file.path.starts_with(rooms[0]) || file.path.starts_with(rooms[1]);
        let in_unit_tests = section == "[dev-dependencies]";
        if !files.iter().any(|file| (inside(file) || in_unit_tests) && used(file)) {
            faults.push(format!("Cargo.toml:{}: `{name}` is used nowhere", index + 1));
        }
    }
    none(&faults);
}

#[test]
fn the_changelog_knows_this_version() {
    let changelog = read(&root().join("CHANGELOG.md"));
    let heading = format!("\n## [{}]", env!("CARGO_PKG_VERSION"));
    assert!(changelog.contains("\n## [Unreleased]") || changelog.contains(&heading), "no {heading}");
}
