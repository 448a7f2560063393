//! `usher check`: is this a runbook, and does it say what was meant?

use std::env;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::cli::{CheckArgs, ProblemFormat};
use crate::runbook::{Code, LintContext, Problem, count, render_github, render_text, summary};
use crate::settings::Settings;
use crate::{clock, runbook_file};

/// The problems of all runbooks, as JSON.
#[derive(Serialize)]
struct Found<'p> {
    problems: &'p [Problem],
    errors: usize,
    lints: usize,
}

/// Prints what is wrong; exit 1 when there are errors.
///
/// # Errors
/// When a file cannot be read.
pub fn run(args: &CheckArgs) -> Result<ExitCode> {
    if let Some(word) = &args.explain {
        super::print(&explain(word)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let pager = args.settings.as_deref().map(names_pager).transpose()?;
    let context = LintContext { now: clock::now(), pager };
    let mut problems = Vec::new();
    for path in &args.runbooks {
        let loaded =
            runbook_file::check(path, context).with_context(|| format!("cannot read {}", path.display()))?;
        problems.extend(loaded.problems);
    }
    let (errors, lints) = count(&problems);
    let printed = match args.format {
        ProblemFormat::Text => {
            format!("{}{}\n", render_text(&problems), summary(&problems, args.runbooks.len()))
        }
        ProblemFormat::Json => {
            let found = Found { problems: &problems, errors, lints };
            format!("{}\n", serde_json::to_string_pretty(&found)?)
        }
        ProblemFormat::Github => render_github(&problems),
    };
    super::print(&printed)?;
    Ok(if errors > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn explain(word: &str) -> Result<String> {
    let Some(code) = Code::parse(word) else {
        let words: Vec<&str> = Code::ALL.iter().map(|code| code.word()).collect();
        bail!("there is no code `{word}`; there are {}", words.join(", "));
    };
    Ok(format!("{}[{code}]: {}\n{}\n", code.severity().word(), code.explanation(), code.mend()))
}

/// Whether the settings at `path` name a pager.
fn names_pager(path: &Path) -> Result<bool> {
    Ok(Settings::read(Some(path), |name| env::var(name).ok())?.pager.is_some())
}
