//! The runbook: a TOML document becomes a [`Runbook`] in which every name is resolved, or a list of
//! problems, each with its place in the file.
//!
//! Pure: the caller reads the files and hands in their text.

mod code;
mod diagnostic;
mod document;
mod files;
mod ghosts;
mod lint;
mod mark;
mod model;
mod names;
mod quantity;
mod reaction;
mod render;
mod resolve;
mod roster;
mod section;

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::calendar::Instant;
use diagnostic::{Report, Source};
use document::Document;

pub use code::{Code, Severity};
pub use diagnostic::Problem;
pub(crate) use diagnostic::nearest;
pub use files::{FileError, Files, NoFiles};
pub use ghosts::{Ghosts, Pattern};
pub use mark::{is_same_mark, mark_at_start};
pub use model::{
    After, AnsweredBy, By, Channel, Clock, Level, MetBy, Name, Notices, Person, Phone, Place, Promise,
    Runbook, Step, Suggest, Team, Threads, Use, Voice, Who,
};
pub use names::is_name;
pub use reaction::Reaction;
pub use render::{count, render_github, render_text, summary};
pub use resolve::{is_matrix_id, is_slack_id};
pub use roster::{PlatformPerson, Roster};

impl Runbook {
    /// The level called `name`.
    pub fn level(&self, name: &str) -> Option<&std::sync::Arc<Level>> {
        self.levels.iter().find(|level| level.name == name)
    }
}

/// What became of a file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The runbook; nothing when there is an error among the problems.
    pub runbook: Option<Runbook>,
    /// What is wrong, by place.
    pub problems: Vec<Problem>,
    /// The texts of the files that it names, by their path: with them the same runbook can be loaded again.
    pub beside: BTreeMap<String, String>,
}

impl Loaded {
    /// The same, without a runbook if there is an error.
    fn without_errors(mut self) -> Loaded {
        let is_wrong = self.problems.iter().any(|problem| problem.severity == Severity::Error);
        self.runbook = self.runbook.filter(|_| !is_wrong);
        self
    }
}

/// What the lints need to know beside the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LintContext<'c> {
    /// The instant by which calendar files and dates are judged.
    pub now: Instant,
    /// Whether the settings name a pager, if anybody knows.
    pub pager: Option<bool>,
    /// The names of the secrets in the settings, if anybody knows; never what they hold.
    pub secrets: Option<&'c [String]>,
}

/// Loads a runbook called `name`; the problems are errors only.
pub fn load(name: &str, document: impl AsRef<[u8]>, files: &dyn Files) -> Loaded {
    recover(name, document, files).without_errors()
}

/// Loads a runbook that was in force once, maybe under another version of Usher: what this version does not
/// take is as if it were left out, and among the problems, which are errors only. There is no runbook only
/// where nothing of the text can be read.
pub fn recover(name: &str, document: impl AsRef<[u8]>, files: &dyn Files) -> Loaded {
    let mut loaded = look_at(name, document.as_ref(), files, None);
    loaded.problems.retain(|problem| problem.severity == Severity::Error);
    loaded
}

/// Loads a runbook called `name`, with everything that looks wrong about it.
pub fn check(name: &str, document: impl AsRef<[u8]>, files: &dyn Files, context: LintContext<'_>) -> Loaded {
    look_at(name, document.as_ref(), files, Some(context)).without_errors()
}

fn look_at(name: &str, bytes: &[u8], files: &dyn Files, lint: Option<LintContext<'_>>) -> Loaded {
    let mut loaded = Loaded { runbook: None, problems: Vec::new(), beside: BTreeMap::new() };
    let text = match document::text_of(name, bytes) {
        Ok(text) => text,
        Err(problem) => {
            loaded.problems.push(*problem);
            return loaded;
        }
    };
    let report = Report::new(Source::new(name, text));
    let files = Kept { files, texts: RefCell::default() };
    if let Some(document) = Document::parse(text, &report) {
        let today = lint.map(|lint| lint.now.utc().date_naive());
        let runbook = resolve::resolve(&document, &report, &files, today);
        if let Some(context) = lint.filter(|_| !report.has_errors()) {
            lint::lint(&runbook, &document, &report, context);
        }
        loaded.runbook = Some(runbook);
        document.drop_echoes(&report);
    }
    loaded.beside = files.texts.into_inner();
    loaded.problems = report.into_problems();
    loaded
}

/// Remembers the texts that were asked for.
struct Kept<'f> {
    files: &'f dyn Files,
    texts: RefCell<BTreeMap<String, String>>,
}

impl Files for Kept<'_> {
    fn text(&self, path: &str) -> Result<String, FileError> {
        let text = self.files.text(path)?;
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        Ok(text)
    }
}
