//! How problems are printed: for people, for a workflow, and summed up.

use super::code::Severity;
use super::diagnostic::Problem;

/// A line is shown in a window of so many characters around the problem.
const WINDOW: usize = 110;

/// Problems as a person reads them: place, message, the line with a caret, what is known.
pub fn render_text(problems: &[Problem]) -> String {
    let mut out = String::new();
    for problem in problems {
        render_one(&mut out, problem);
    }
    out
}

fn render_one(out: &mut String, problem: &Problem) {
    let Problem { file, line, column, end_column, severity, code, message, known, nearest, text } = problem;
    out.push_str(&format!("{file}:{line}:{column}: {}[{code}]: {}\n", severity.word(), printable(message)));
    let (shown, before, width) = window(text, column - 1, end_column - column);
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    out.push_str(&format!("  {number} | {}\n", printable(&shown)));
    let pad: String = shown.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    out.push_str(&format!("  {gutter} | {pad}{}\n", "^".repeat(width.max(1))));
    if !known.is_empty() {
        out.push_str(&format!("  {gutter} = known here: {}\n", printable(&known.join(", "))));
    }
    if let Some(nearest) = nearest {
        out.push_str(&format!("  {gutter} = did you mean `{}`?\n", printable(nearest)));
    }
}

/// The part of a line around a problem, how many characters of it come before the problem, and how
/// many of the problem's characters are in it.
fn window(text: &str, before: usize, width: usize) -> (String, usize, usize) {
    let length = text.chars().count();
    if length <= WINDOW {
        return (text.to_owned(), before, width.min((length + 1).saturating_sub(before)));
    }
    let from = before.saturating_sub(WINDOW / 3);
    let part: String = text.chars().skip(from).take(WINDOW).collect();
    let part_length = part.chars().count();
    let lead = if from > 0 { "… " } else { "" };
    let tail = if from + part_length < length { " …" } else { "" };
    let before = before - from;
    let width = width.min((part_length + 1).saturating_sub(before));
    (format!("{lead}{part}{tail}"), before + lead.chars().count(), width)
}

/// The text without characters that would steer a terminal.
fn printable(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// Problems as annotations of a GitHub workflow.
pub fn render_github(problems: &[Problem]) -> String {
    let mut out = String::new();
    for problem in problems {
        let Problem { file, line, column, end_column, severity, code, message, known, nearest, text: _ } =
            problem;
        let command = match severity {
            Severity::Error => "error",
            Severity::Lint => "warning",
        };
        let mut message = message.clone();
        if let Some(nearest) = nearest {
            message.push_str(&format!("\ndid you mean `{nearest}`?"));
        }
        if !known.is_empty() {
            message.push_str(&format!("\nknown here: {}", known.join(", ")));
        }
        out.push_str(&format!("::{command} file={},line={line},endLine={line},col={column},endColumn={end_column},title={}::{}\n",
            escape_property(file),
            escape_property(code.word()),
            escape_data(&message)));
    }
    out
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// How many errors and lints there are.
pub fn count(problems: &[Problem]) -> (usize, usize) {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    (errors, problems.len() - errors)
}

/// One line that sums up: `2 errors and 1 lint in 3 runbooks`.
pub fn summary(problems: &[Problem], runbooks: usize) -> String {
    let (errors, lints) = count(problems);
    let many = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let found = match (errors, lints) {
        (0, 0) => "no problems".to_owned(),
        (errors, 0) => many(errors, "error"),
        (0, lints) => many(lints, "lint"),
        (errors, lints) => format!("{} and {}", many(errors, "error"), many(lints, "lint")),
    };
    format!("{found} in {}", many(runbooks, "runbook"))
}
