//! The examples of the documents are run, so that they stay true.
//!
//! In a block marked `console` each line that begins with `$ ` is a command, run by `sh` in the root of the
//! repository with the built `usher` first in the path; the lines below it are what it prints, both streams
//! together. A line `...` stands for any lines, and ` ...` at the end of one for what follows in it. A command
//! that is to fail says so: `$ usher check …; echo $?`.
//! The blocks marked `toml` of a page about runbooks are, in order, one runbook that `usher check` accepts.
#![cfg(feature = "service")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use usher::settings::Settings;

/// The stand-in for any lines.
const ANY_LINES: &str = "...";

/// A fenced block of a document.
struct Block {
    /// The document and the line of the fence, for messages.
    at: String,
    language: String,
    lines: Vec<String>,
}

/// A command and what the document says that it prints.
struct Example {
    command: String,
    expected: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and every page below docs/, in order.
fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("docs/ can be listed") {
            let path = entry.expect("docs/ can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn blocks(path: &Path) -> Vec<Block> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let shown = path.strip_prefix(root()).expect("it was found below the root").display().to_string();
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(_) if open => open = false,
            Some(language) => {
                let at = format!("{shown}:{}", index + 1);
                blocks.push(Block { at, language: language.to_owned(), lines: Vec::new() });
                open = true;
            }
            None if open => {
                blocks.last_mut().expect("a block is open").lines.push(line.trim_end().to_owned());
            }
            None => {}
        }
    }
    assert!(!open, "{shown}: the last block is not closed");
    blocks
}

fn examples(block: &Block) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for line in &block.lines {
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (Some(command), _) => {
                examples.push(Example { command: command.to_owned(), expected: Vec::new() });
            }
            // A command goes on in the next line after a `\`, as in a shell.
            (None, Some(last)) if last.expected.is_empty() && last.command.ends_with('\\') => {
                last.command.push('\n');
                last.command.push_str(line);
            }
            (None, Some(last)) => last.expected.push(line.clone()),
            (None, None) => panic!("{}: the block begins with no command", block.at),
        }
    }
    examples
}

/// Whether one line is what was expected, where ` ...` at the end stands for what follows.
fn fits(expected: &str, line: &str) -> bool {
    expected.strip_suffix(" ...").map_or(expected == line, |start| line.starts_with(start))
}

/// Whether `printed` is what was expected, where `...` stands for any lines.
fn matches(expected: &[String], printed: &[&str]) -> bool {
    match (expected, printed) {
        ([], []) => true,
        ([any, rest @ ..], _) if any.trim() == ANY_LINES => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        ([first, rest @ ..], [line, others @ ..]) => fits(first, line) && matches(rest, others),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

/// Runs a command line as a reader would; the output of both streams, and whether it succeeded.
fn run(command: &str) -> (String, bool) {
    let bin = Path::new(env!("CARGO_BIN_EXE_usher")).parent().expect("a binary lies in a folder").to_owned();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("exec 2>&1\n{command}")).current_dir(root()).stdin(Stdio::null());
    // What a command leaves behind is for nobody.
    let home = tempfile::tempdir().expect("a folder for what it leaves");
    shell.env("XDG_DATA_HOME", home.path());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("USHER_")) {
        shell.env_remove(name);
    }
    let output =
        shell.env("PATH", path).env("NO_COLOR", "1").env("COLUMNS", "100").output().expect("sh runs");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success())
}

#[test]
fn every_console_example_prints_what_its_page_says() {
    let mut ran = 0;
    let mut faults = Vec::new();
    for block in documents().iter().flat_map(|path| blocks(path)).filter(|block| block.language == "console")
    {
        for example in examples(&block) {
            let (printed, succeeded) = run(&example.command);
            ran += 1;
            let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
            if !succeeded || !matches(&example.expected, &lines) {
                let failed = if succeeded { "" } else { "(it failed)\n" };
                faults.push(format!("{}: $ {}\n{failed}{printed}", block.at, example.command));
            }
        }
    }
    assert!(ran > 0, "no examples found");
    assert!(
        faults.is_empty(),
        "{} of {ran} examples print something else:\n\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn the_first_minute_is_as_the_readme_shows_it() {
    let readme = blocks(&root().join("README.md"));
    let block = readme.iter().find(|block| block.language == "text first-minute").expect("it is shown");
    let (printed, succeeded) = run("printf '/tour\\n\\n\\n\\n\\n\\n\\n\\n' | usher run");
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    assert!(succeeded && matches(&block.lines, &lines), "{}:\n{printed}", block.at);
}

#[test]
fn the_blocks_of_a_page_about_runbooks_are_together_a_valid_runbook() {
    for path in [root().join("README.md"), root().join("docs/runbook.md")] {
        let blocks: Vec<Block> = blocks(&path).into_iter().filter(|block| block.language == "toml").collect();
        assert!(!blocks.is_empty(), "{}: no blocks of TOML", path.display());
        let lines: Vec<String> = blocks.iter().map(|block| block.lines.join("\n")).collect();
        let folder = tempfile::tempdir().expect("a folder for one file");
        // The pages name the calendars of the starter runbooks.
        let calendars = folder.path().join("holidays");
        fs::create_dir(&calendars).expect("the folder is writable");
        for entry in fs::read_dir(root().join("runbooks/holidays")).expect("the starters have calendars") {
            let calendar = entry.expect("the folder can be listed");
            fs::copy(calendar.path(), calendars.join(calendar.file_name())).expect("a calendar is a file");
        }
        let file = folder.path().join("runbook.toml");
        fs::write(&file, lines.join("\n\n") + "\n").expect("the folder is writable");
        let (printed, succeeded) = run(&format!("usher check {}", file.display()));
        assert!(succeeded, "{}:\n{printed}", path.display());
    }
}

#[test]
fn the_settings_of_the_page_about_operating_can_be_read() {
    let page = blocks(&root().join("docs/operating.md"));
    let block = page.iter().find(|block| block.language == "toml settings").expect("the page shows settings");
    let mut file = tempfile::NamedTempFile::new().expect("the folder is writable");
    writeln!(file, "{}", block.lines.join("\n")).expect("the folder is writable");
    let settings = Settings::read(Some(file.path()), |_| None);
    assert!(settings.is_ok(), "{}: {}", block.at, settings.unwrap_err());
}

/// The words of a text that are flags.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--") && word.contains(|c: char| c != '-') && *word != "--help")
}

#[test]
fn the_page_about_the_command_line_has_every_command_and_flag() {
    let page = fs::read_to_string(root().join("docs/command-line.md")).expect("the page is there");
    let (help, _) = run("usher --help");
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    // What a command does may go on in a line that begins further in.
    let listed = listed.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let commands = listed.filter_map(|line| line.split_whitespace().next());
    let commands: Vec<&str> = commands.filter(|command| *command != "help").collect();
    assert!(commands.len() >= 5, "{help}");
    for command in commands {
        let sections =
            page.split("\n## ").filter(|section| section.starts_with(&format!("usher {command}\n")));
        let sections: Vec<&str> = sections.collect();
        assert_eq!(sections.len(), 1, "sections about `usher {command}`");
        let (help, _) = run(&format!("usher {command} --help"));
        for flag in flags(&help) {
            assert!(sections[0].contains(&format!("`{flag}")), "`usher {command}` has {flag}");
        }
        let unknown: Vec<&str> = flags(sections[0]).filter(|flag| !help.contains(flag)).collect();
        assert!(unknown.is_empty(), "`usher {command}` has no {unknown:?}");
    }
}

#[test]
fn the_stand_in_for_any_lines_matches_any_lines_and_no_others() {
    let expected = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    assert!(matches(&expected("a ... z"), &["a", "b", "c", "z"]));
    assert!(matches(&expected("a ... z"), &["a", "z"]));
    assert!(matches(&expected("..."), &[]));
    assert!(!matches(&expected("a ... z"), &["a", "b"]));
    assert!(!matches(&expected("a"), &["a", "b"]));
    assert!(fits("a b ...", "a b c d") && !fits("a b ...", "a c b"));
}
