//! `usher doctor`: finds out about an installation, and prints what `doctor` makes of it. It changes nothing.

#[cfg(feature = "matrix")]
mod at_matrix;
#[cfg(feature = "slack")]
mod at_slack;

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use chrono::Datelike;
use tokio::net::TcpListener;

use crate::calendar::DAY_MS;
use crate::cli::{DoctorArgs, Format};
use crate::doctor::{self, Caller, Finding, Verdict};
use crate::runbook::{LintContext, Loaded, Runbook};
#[cfg(not(feature = "matrix"))]
use crate::settings::MatrixSettings;
use crate::settings::{Settings, SlackSettings};
use crate::store::{self, Look, StoreError};
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
    findings.extend(platforms(&settings, runbook.as_ref(), &database).await);
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

/// What is to be said of the platforms that the settings name.
async fn platforms(
    settings: &Settings,
    runbook: Option<&Runbook>,
    database: &Result<Look, StoreError>,
) -> Vec<Finding> {
    let in_use = match database {
        Ok(Look::Held { .. }) => true,
        Ok(Look::Open(contents)) => contents.holder.is_some(),
        Ok(Look::Absent) | Err(_) => false,
    };
    let mut findings = Vec::new();
    if let Some(slack) = &settings.slack {
        findings.extend(slack_side(settings, slack, runbook, in_use).await);
    }
    if let Some(matrix) = &settings.matrix {
        findings.extend(matrix_side(settings, matrix, runbook, database).await);
    }
    match (&settings.slack, &settings.matrix) {
        (None, None) => {
            let none = "the settings name no platform, so `usher run` opens the console";
            let mend = "docs/slack.md connects a workspace, docs/matrix.md an account on Matrix";
            findings.push(Finding::warning("platform", none, mend));
        }
        (None, Some(_)) => findings.push(listening(settings.listen, in_use, Caller::Watcher).await),
        (Some(_), _) => {}
    }
    findings
}

/// Whether calls could be taken at `listen`.
async fn listening(listen: SocketAddr, in_use: bool, by: Caller) -> Finding {
    let bound = TcpListener::bind(listen).await.map(drop);
    doctor::listening(listen, &bound, in_use, by)
}

#[cfg(feature = "slack")]
async fn slack_side(
    settings: &Settings,
    slack: &SlackSettings,
    runbook: Option<&Runbook>,
    in_use: bool,
) -> Vec<Finding> {
    let mut findings = at_slack::workspace(slack, runbook).await;
    findings.extend(at_slack::connection(settings, slack, in_use).await);
    findings
}

#[cfg(not(feature = "slack"))]
async fn slack_side(_: &Settings, _: &SlackSettings, _: Option<&Runbook>, _: bool) -> Vec<Finding> {
    vec![unbuilt("Slack", "slack")]
}

#[cfg(feature = "matrix")]
use at_matrix::look as matrix_side;

#[cfg(not(feature = "matrix"))]
async fn matrix_side(
    _: &Settings,
    _: &MatrixSettings,
    _: Option<&Runbook>,
    _: &Result<Look, StoreError>,
) -> Vec<Finding> {
    vec![unbuilt("Matrix", "matrix")]
}

#[cfg(not(all(feature = "slack", feature = "matrix")))]
fn unbuilt(platform: &str, feature: &str) -> Finding {
    let message = format!("this Usher was built without {platform}");
    Finding::warning("platform", message, format!("build it with the feature `{feature}`"))
}
