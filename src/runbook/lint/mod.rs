//! What a valid runbook says that is probably not meant.
//!
//! Lints look at the resolved runbook and ask the document only for places, so that they cannot
//! disagree with what the engine will do.

mod levels;
mod people;
mod team;

use super::LintContext;
use super::code::Code;
use super::diagnostic::Report;
use super::document::{Document, Part};
use super::model::Runbook;

/// Groups and rotations of more members than this are not looked at member by member.
const MOST_MEMBERS: usize = 200;

/// What every lint needs.
struct Linter<'l> {
    runbook: &'l Runbook,
    document: &'l Document<'l>,
    report: &'l Report<'l>,
    context: LintContext<'l>,
}

impl Linter<'_> {
    fn add(&self, code: Code, path: &[Part<'_>], message: impl Into<String>) {
        self.report.add(code, self.document.place(path), message);
    }
}

/// Reports what looks wrong.
pub(super) fn lint<'l>(
    runbook: &'l Runbook,
    document: &'l Document<'l>,
    report: &'l Report<'l>,
    context: LintContext<'l>,
) {
    let linter = Linter { runbook, document, report, context };
    team::lint(&linter);
    people::lint(&linter);
    levels::lint(&linter);
}
