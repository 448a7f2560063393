//! `usher init`: a first runbook.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::cli::{InitArgs, Source, StarterName};
use crate::init::starters::{self, Starter};

/// Writes a starter, or a runbook of the workspace that the settings name.
///
/// # Errors
/// When the platform does not tell, or the file cannot be written.
pub fn run(args: &InitArgs) -> Result<ExitCode> {
    match (args.from, args.starter) {
        (Some(Source::Slack), _) => from_slack(args)?,
        (None, Some(name)) => write_starter(args.output.as_deref(), starter(name))?,
        (None, None) => bail!(
            "say of what: `--from slack --settings usher.toml` makes a runbook of your workspace; `--starter` writes \
             one that is ready: product-team, support-desk, open-source or watch-only"
        ),
    }
    Ok(ExitCode::SUCCESS)
}

const fn starter(name: StarterName) -> Starter {
    match name {
        StarterName::ProductTeam => starters::PRODUCT_TEAM,
        StarterName::SupportDesk => starters::SUPPORT_DESK,
        StarterName::OpenSource => starters::OPEN_SOURCE,
        StarterName::WatchOnly => starters::WATCH_ONLY,
    }
}

fn write_starter(output: Option<&Path>, starter: Starter) -> Result<()> {
    write(output, starter.runbook)?;
    for (path, text) in starter.beside {
        match output {
            Some(output) => write_beside(&output.with_file_name(""), path, text)?,
            None => eprintln!("usher: it reads {path}; with --output that is written beside it"),
        }
    }
    Ok(())
}

/// Writes a calendar beside the runbook; one that lies there stays as it is.
fn write_beside(folder: &Path, path: &str, text: &str) -> Result<()> {
    let path = folder.join(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    match File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes())) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("cannot write {}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes to the file, which must not be there yet, or to standard output.
fn write(output: Option<&Path>, text: &str) -> Result<()> {
    let Some(path) = output else { return super::print(text) };
    refuse_existing(path)?;
    let mut file = File::create_new(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// Says early that nothing is overwritten: a large workspace takes a while to read.
fn refuse_existing(path: &Path) -> Result<()> {
    if path.exists() {
        bail!("{} exists already and is not overwritten: move it away, or name another file", path.display());
    }
    Ok(())
}

#[cfg(feature = "slack")]
fn from_slack(args: &InitArgs) -> Result<()> {
    use crate::init::first_runbook;

    if let Some(path) = &args.output {
        refuse_existing(path)?;
    }
    let settings = super::settings(args.settings.as_deref())?;
    let slack = settings.slack.unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let survey = runtime.block_on(survey(&slack))?;
    let first = first_runbook(&survey);
    if !first.groups_left_out.is_empty() {
        eprintln!("usher: left out, as too large or empty: the groups {}", first.groups_left_out.join(", "));
    }
    write(args.output.as_deref(), &first.text)?;
    let [people, groups, channels] = [first.people, first.groups, first.channels];
    eprintln!("usher: listed are people: {people}, groups: {groups}, channels: {channels}");
    if let Some(path) = &args.output {
        eprintln!("usher: read {}, change what is not so, and run `usher check` on it", path.display());
    }
    Ok(())
}

#[cfg(not(feature = "slack"))]
fn from_slack(_: &InitArgs) -> Result<()> {
    bail!("this Usher was built without Slack")
}

#[cfg(feature = "slack")]
async fn survey(slack: &crate::settings::SlackSettings) -> Result<crate::chat::survey::Survey> {
    use crate::chat::slack::survey::{channels, groups, people};
    use crate::chat::slack::web::{self, CallError, Web};
    use crate::clock::Clock;

    let clock = Clock::System;
    let web = Web::new(slack.bot_token()?, slack.api_url.as_deref())?;
    let own =
        web::politely(&clock, || web.identity()).await.context("Slack does not accept `slack.bot_token`")?;
    let bar = super::spinner();
    let counted = |what: &'static str| {
        let bar = bar.clone();
        move |count: usize| bar.set_message(format!("{count} {what}"))
    };
    let mend = "cannot read the workspace; `usher doctor` says whether a scope is missing";
    let people = people(&web, &clock, &own.team_id, &counted("people")).await.context(mend)?;
    let channels = channels(&web, &clock, &people, &counted("channels")).await.context(mend)?;
    bar.finish_and_clear();
    let groups = match groups(&web, &clock).await {
        Err(CallError::Refused(code)) => {
            eprintln!("usher: Slack does not tell of user groups ({code}); none are listed");
            Vec::new()
        }
        groups => groups.context(mend)?,
    };
    Ok(crate::chat::survey::Survey { name: own.team, people, groups, channels })
}
