//! `usher doctor`: finds out about an installation, and prints what `doctor` makes of it. It changes nothing.

#[cfg(feature = "slack")]
mod at_slack;

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use chrono::Datelike;

use crate::calendar::DAY_MS;
use crate::cli::{DoctorArgs, Format};
use crate::doctor::{self, Finding, Verdict};
use crate::runbook::{LintContext, Loaded, Runbook};
use crate::settings::Settings;
use crate::store::{self, Look};
use crate::{clock, runbook_file};

/// Messages that were refused longer ago are passed over, in ms.
const LATELY_MS: i64 = 7 * DAY_MS;

/// Prints what was found; exit 1 when something does not work.
///
/// # Errors
/// When it cannot be printed.
pub fn run(args: &DoctorArgs) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let findings = runtime.block_on(look(args));
    let printed = match args.format {
        Format::Text => doctor::text(&findings),
        Format::Json => doctor::json(&findings),
    };
    super::print(&printed)?;
    let works = findings.iter().all(|finding| finding.verdict != Verdict::Problem);
    Ok(if works { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn look(args: &DoctorArgs) -> Vec<Finding> {
    let path = args.settings.as_deref();
    let read = Settings::read(path, |name| env::var(name).ok());
    let mode = path.and_then(|path| fs::metadata(path).ok()).map(|file| file.permissions().mode() & 0o777);
    let mut findings = vec![doctor::settings(path, mode, &read)];
    findings.push(doctor::zones(chrono_tz::IANA_TZDB_VERSION, clock::now().utc().year()));
    let settings = read.ok();
    let loaded = args.runbook.as_deref().map(|path| (path, check(path, settings.as_ref())));
    findings.extend(loaded.as_ref().map(|(path, loaded)| doctor::runbook(path, loaded)));
    let runbook = loaded.and_then(|(_, loaded)| loaded.ok()).and_then(|loaded| loaded.runbook);
    // What is not known cannot be looked at.
    let Some(settings) = settings else { return findings };
    findings.push(doctor::pager(settings.pager.as_ref(), runbook.as_ref(), is_program));
    let since = clock::now().plus(-LATELY_MS);
    let database = store::look(&settings.database_url, &settings.team, since).await;
    findings.extend(doctor::database(&database));
    let in_use = match &database {
        Ok(Look::Held { .. }) => true,
        Ok(Look::Open(contents)) => contents.holder.is_some(),
        Ok(Look::Absent) | Err(_) => false,
    };
    findings.extend(platform(&settings, runbook.as_ref(), in_use).await);
    findings
}

/// The pager has a check of its own.
fn check(path: &Path, settings: Option<&Settings>) -> std::io::Result<Loaded> {
    let secrets: Option<Vec<String>> = settings.map(|settings| settings.secrets.keys().cloned().collect());
    runbook_file::check(path, LintContext { now: clock::now(), pager: None, secrets: secrets.as_deref() })
}

/// Whether `program` can be run, as a path or by its name.
fn is_program(program: &Path) -> bool {
    let runs = |path: &Path| {
        fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    if program.components().count() > 1 {
        return runs(program);
    }
    env::var_os("PATH")
        .is_some_and(|folders| env::split_paths(&folders).any(|folder| runs(&folder.join(program))))
}

#[cfg(not(feature = "slack"))]
async fn platform(_: &Settings, _: Option<&Runbook>, _: bool) -> Vec<Finding> {
    vec![Finding::warning(
        "platform",
        "this Usher was built without Slack",
        "build it with the feature `slack`",
    )]
}

#[cfg(feature = "slack")]
async fn platform(settings: &Settings, runbook: Option<&Runbook>, in_use: bool) -> Vec<Finding> {
    let Some(slack) = &settings.slack else {
        let none = "the settings name no platform, so `usher run` opens the console";
        return vec![Finding::warning("platform", none, "docs/slack.md connects a workspace")];
    };
    let mut findings = at_slack::workspace(slack, runbook).await;
    findings.extend(at_slack::connection(settings, slack, in_use).await);
    findings
}
