//! The runbook, and the pager that it may need.

use std::path::Path;

use super::Finding;
use super::report::numbered;
use crate::pager::WebhookPager;
use crate::runbook::{By, Loaded, Runbook, count};
use crate::settings::PagerSettings;

/// Whether a runbook can be used.
pub fn runbook(path: &Path, loaded: &std::io::Result<Loaded>) -> Finding {
    const CHECK: &str = "runbook";
    let shown = path.display();
    let mend = format!("`usher check {shown}` says what, and where");
    match loaded {
        Err(error) => Finding::problem(CHECK, format!("{shown}: {error}"), "name the file with --runbook"),
        Ok(loaded) => match count(&loaded.problems) {
            (0, 0) => Finding::ok(CHECK, format!("{shown} has no problems")),
            (0, lints) => Finding::warning(CHECK, format!("{shown} has {}", numbered(lints, "lint")), mend),
            (errors, _) => {
                Finding::problem(CHECK, format!("{shown} has {}", numbered(errors, "error")), mend)
            }
        },
    }
}

/// Whether those whom the runbook pages can be reached; `is_program` says whether a program can be run.
pub fn pager(
    settings: Option<&PagerSettings>,
    runbook: Option<&Runbook>,
    is_program: impl Fn(&Path) -> bool,
) -> Finding {
    const CHECK: &str = "pager";
    let mend = "docs/operating.md shows `[pager.webhook]` and `[pager.command]`";
    let pages = |runbook: &Runbook| {
        let level =
            runbook.levels.iter().find(|level| level.escalate.iter().any(|step| step.by == By::Pager));
        level.map(|level| level.name.clone())
    };
    match (settings, runbook.and_then(pages)) {
        (None, None) => Finding::ok(CHECK, "none is set, and none is needed"),
        (None, Some(level)) => Finding::problem(
            CHECK,
            format!("the level `{level}` pages people, and the settings name no pager: nobody is reached"),
            mend,
        ),
        (Some(PagerSettings::Webhook(webhook)), _) => match WebhookPager::new(webhook.clone()) {
            Ok(_) => Finding::ok(CHECK, "a webhook is set; it is not tried, for that would page somebody"),
            Err(error) => Finding::problem(CHECK, error.to_string(), mend),
        },
        (Some(PagerSettings::Command(command)), _) if is_program(&command.program) => {
            Finding::ok(CHECK, format!("{} can be run", command.program.display()))
        }
        (Some(PagerSettings::Command(command)), _) => Finding::problem(
            CHECK,
            format!("{} is no program that can be run", command.program.display()),
            "correct `program` of `[pager.command]`, or make the file executable",
        ),
    }
}
