//! Findings as people and as programs read them.

use std::fmt::Write;

use serde::Serialize;

use super::{Finding, Verdict};

/// All findings, as JSON.
#[derive(Serialize)]
struct Report<'f> {
    checks: &'f [Finding],
    problems: usize,
    warnings: usize,
}

fn count(findings: &[Finding], verdict: Verdict) -> usize {
    findings.iter().filter(|finding| finding.verdict == verdict).count()
}

/// A line a finding, with the mend below it, and how many there are.
pub fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { check, verdict, message, mend } in findings {
        let word = match verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Problem => "problem",
        };
        let _ = writeln!(text, "{word:<8} {check}: {}", one_line(message));
        if let Some(mend) = mend {
            let _ = writeln!(text, "         → {}", one_line(mend));
        }
    }
    let problems = numbered(count(findings, Verdict::Problem), "problem");
    let warnings = numbered(count(findings, Verdict::Warning), "warning");
    let _ = writeln!(text, "{problems}, {warnings}");
    text
}

/// `{checks, problems, warnings}`.
pub fn json(findings: &[Finding]) -> String {
    let (problems, warnings) = (count(findings, Verdict::Problem), count(findings, Verdict::Warning));
    let report = Report { checks: findings, problems, warnings };
    let text = serde_json::to_string_pretty(&report).expect("it has string keys and no failing parts");
    format!("{text}\n")
}

/// `no lints`, `1 lint`, `2 lints`.
pub(super) fn numbered(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// A text on one line, without what controls a terminal: a workspace's name can be anything.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
