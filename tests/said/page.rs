//! A page of the documents on which messages stand as they are shown.
//!
//! Between `<!-- message NAME -->` and `<!-- /message -->` stands the message of that name.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

const END: &str = "<!-- /message -->";

/// `text` where Markdown is read, so that it reads as it is.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if "\\`*_[]<>#&|".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Paragraphs of Markdown, quoted.
pub fn quoted(paragraphs: &[String]) -> String {
    let mut markdown = String::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        if index > 0 {
            markdown.push_str(">\n");
        }
        let lines: Vec<&str> = paragraph.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let end = if number + 1 < lines.len() { "\\" } else { "" };
            writeln!(markdown, "> {line}{end}").expect("writing to a String cannot fail");
        }
    }
    markdown
}

/// The name of the message that begins at this line.
fn begun(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- message ")?.strip_suffix(" -->")
}

/// The page with each message as `shown` tells it, and the names of the messages on it.
fn with_messages(page: &str, shown: impl Fn(&str) -> String) -> (String, BTreeSet<String>) {
    let (mut made, mut names) = (String::new(), BTreeSet::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        writeln!(made, "{line}").expect("writing to a String cannot fail");
        let Some(name) = begun(line) else { continue };
        assert!(lines.any(|line| line == END), "no `{END}` after `{line}`");
        writeln!(made, "{}{END}", shown(name)).expect("writing to a String cannot fail");
        assert!(names.insert(name.to_owned()), "`{name}` is shown twice");
    }
    (made, names)
}

/// Holds the page at `path` against the messages as they are, or with `USHER_WRITE_DOCS` writes it anew; the names of
/// the messages on it.
#[track_caller]
pub fn assert_shows(path: &str, shown: impl Fn(&str) -> String) -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let page = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (made, names) = with_messages(&page, shown);
    if std::env::var_os("USHER_WRITE_DOCS").is_some() {
        std::fs::write(&file, &made).unwrap_or_else(|error| panic!("{path}: {error}"));
    } else {
        assert_eq!(page, made, "write {path} anew: the same test with USHER_WRITE_DOCS=1");
    }
    names
}
