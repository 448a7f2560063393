//! Problems with their places in the file, and the report in which they are collected.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use serde::Serialize;

use super::code::{Code, Severity};

/// More problems than this are counted, not listed: nobody reads on.
const MOST_PROBLEMS: usize = 500;
/// From here on the nearest name is not looked for, which keeps absurd files cheap.
const MOST_NEAREST: usize = 100;
/// As many known names as a reader can take in.
const MOST_KNOWN: usize = 30;

/// One thing that is wrong with a runbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as it was named by the caller.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its first column, from 1, in characters.
    pub column: usize,
    /// The column after its last character on that line.
    pub end_column: usize,
    /// Whether the runbook can be used all the same.
    pub severity: Severity,
    /// What kind of problem it is.
    pub code: Code,
    /// What is wrong, with the wrong value.
    pub message: String,
    /// What could stand there.
    pub known: Vec<String>,
    /// The one of them that is nearest to what stands there.
    pub nearest: Option<String>,
    /// The line itself.
    pub text: String,
}

/// A file's text, with the places of its lines.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Source<'a> {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Source { file, text, line_starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The line that holds byte `at`, from 0, as a span of bytes without its line break.
    pub(super) fn line_at(&self, at: usize) -> (usize, Range<usize>) {
        let line = self.line_starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.line_starts[line];
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let text = self.text[start..end].trim_end_matches('\r');
        (line, start..start + text.len())
    }

    /// The nearest place at or before byte `at` at which a character begins.
    fn floor(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn problem(&self, code: Code, span: Range<usize>, message: String) -> Problem {
        let start = self.floor(span.start);
        let (line, bytes) = self.line_at(start);
        let start = start.min(bytes.end);
        let end = self.floor(span.end).clamp(start, bytes.end);
        let column = self.text[bytes.start..start].chars().count() + 1;
        Problem {
            file: self.file.to_owned(),
            line: line + 1,
            column,
            end_column: column + self.text[start..end].chars().count().max(1),
            severity: code.severity(),
            code,
            message,
            known: Vec::new(),
            nearest: None,
            text: self.text[bytes].to_owned(),
        }
    }
}

/// Where the parts of the checker put what they find.
pub(super) struct Report<'a> {
    source: Source<'a>,
    problems: RefCell<Vec<Problem>>,
    unlisted_errors: Cell<usize>,
}

impl<'a> Report<'a> {
    pub(super) fn new(source: Source<'a>) -> Report<'a> {
        Report { source, problems: RefCell::default(), unlisted_errors: Cell::new(0) }
    }

    pub(super) fn source(&self) -> &Source<'a> {
        &self.source
    }

    /// Adds a problem at a span of bytes.
    pub(super) fn add(&self, code: Code, span: Range<usize>, message: impl Into<String>) {
        self.add_known(code, span, message, "", std::iter::empty());
    }

    /// Adds a problem with what could have stood there instead of `written`.
    pub(super) fn add_known<'n>(
        &self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        written: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let Some((mut problem, known)) = self.begin(code, span, message.into(), written, known) else {
            return;
        };
        problem.known = known.iter().take(MOST_KNOWN).map(|name| (*name).to_owned()).collect();
        if known.len() > MOST_KNOWN {
            problem.known.push(format!("and {} more", known.len() - MOST_KNOWN));
        }
        self.problems.borrow_mut().push(problem);
    }

    /// Adds a problem of which the caller knows the nearest right value.
    pub(super) fn add_nearest(
        &self,
        code: Code,
        span: Range<usize>,
        message: String,
        nearest: Option<String>,
    ) {
        if let Some((mut problem, _)) = self.begin(code, span, message, "", []) {
            problem.nearest = nearest;
            self.problems.borrow_mut().push(problem);
        }
    }

    /// The problem, unless there are too many, and what is known as a list.
    fn begin<'n>(
        &self,
        code: Code,
        span: Range<usize>,
        message: String,
        written: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Option<(Problem, Vec<&'n str>)> {
        let listed = self.problems.borrow().len();
        if listed >= MOST_PROBLEMS {
            if code.severity() == Severity::Error {
                self.unlisted_errors.set(self.unlisted_errors.get() + 1);
            }
            return None;
        }
        let mut problem = self.source.problem(code, span, message);
        let known: Vec<&str> = known.into_iter().collect();
        if listed < MOST_NEAREST {
            problem.nearest = nearest(written, &known).map(str::to_owned);
        }
        Some((problem, known))
    }

    /// Whether it has an error, and so many problems that no more are listed.
    pub(super) fn is_full(&self) -> bool {
        self.problems.borrow().len() >= MOST_PROBLEMS && self.has_errors()
    }

    pub(super) fn has_errors(&self) -> bool {
        self.unlisted_errors.get() > 0
            || self.problems.borrow().iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Drops what `keep` does not want.
    pub(super) fn retain(&self, keep: impl FnMut(&Problem) -> bool) {
        self.problems.borrow_mut().retain(keep);
    }

    /// What was found, by place.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let unlisted = self.unlisted_errors.get();
        let mut problems = self.problems.into_inner();
        problems.sort_by(|a, b| {
            let key = |problem: &Problem| (problem.line, problem.column, problem.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        problems.dedup();
        if let (true, Some(last)) = (unlisted > 0, problems.last_mut()) {
            last.message.push_str(&format!(" (and {unlisted} more errors that are not listed)"));
        }
        problems
    }
}

/// The one of `known` that a writer of `written` most likely meant, if one is near enough.
pub(crate) fn nearest<'n>(written: &str, known: &[&'n str]) -> Option<&'n str> {
    if written.is_empty() || written.len() > 60 {
        return None;
    }
    let lower = written.to_lowercase();
    if let Some(same) = known.iter().find(|name| name.to_lowercase() == lower) {
        return Some(same);
    }
    let most = (lower.chars().count() / 3).min(4);
    let distances = known.iter().take(2_000).filter(|name| name.len() <= 80).map(|name| {
        let distance = strsim::damerau_levenshtein(&lower, &name.to_lowercase());
        (distance, *name)
    });
    distances.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}
