//! `usher init`: a first runbook.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use tokio::runtime::Runtime;

#[cfg(feature = "matrix")]
use crate::chat::survey::Room;
#[cfg(feature = "web")]
use crate::chat::survey::Survey;
use crate::cli::{InitArgs, Source, StarterName};
#[cfg(feature = "web")]
use crate::clock::Clock;
#[cfg(feature = "slack")]
use crate::core::event::Platform;
#[cfg(feature = "web")]
use crate::init::first_runbook;
use crate::init::starters::{self, Starter};
#[cfg(feature = "matrix")]
use crate::settings::MatrixSettings;
use crate::settings::Settings;
#[cfg(feature = "slack")]
use crate::settings::SlackSettings;

/// Writes a starter, or a runbook of the workspace that the settings name.
///
/// # Errors
/// When the platform does not tell, or the file cannot be written.
pub fn run(args: &InitArgs) -> Result<ExitCode> {
    match (args.from, args.starter) {
        (Some(source), _) => from_platform(args, source)?,
        (None, Some(name)) => write_starter(args.output.as_deref(), starter(name))?,
        (None, None) => bail!(
            "say of what: `--from slack --settings usher.toml` makes a runbook of your workspace, `--from matrix` of the \
             rooms that Usher is in; `--starter` writes one that is ready: product-team, support-desk, open-source or watch-only"
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

/// Writes what was made of a survey, and says what is in it.
#[cfg(feature = "web")]
fn write_first(output: Option<&Path>, survey: &Survey) -> Result<()> {
    let first = first_runbook(survey);
    if !first.groups_left_out.is_empty() {
        eprintln!("usher: left out, as too large or empty: the groups {}", first.groups_left_out.join(", "));
    }
    write(output, &first.text)?;
    let [people, groups, channels] = [first.people, first.groups, first.channels];
    eprintln!("usher: listed are people: {people}, groups: {groups}, channels: {channels}");
    if let Some(path) = output {
        eprintln!("usher: read {}, change what is not so, and run `usher check` on it", path.display());
    }
    Ok(())
}

fn from_platform(args: &InitArgs, source: Source) -> Result<()> {
    if let Some(path) = &args.output {
        refuse_existing(path)?;
    }
    let settings = super::settings(args.settings.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match source {
        Source::Slack => from_slack(args, settings, &runtime),
        Source::Matrix => from_matrix(args, &settings, &runtime),
    }
}

#[cfg(feature = "slack")]
fn from_slack(args: &InitArgs, settings: Settings, runtime: &Runtime) -> Result<()> {
    let survey = runtime.block_on(slack_survey(&settings.slack.unwrap_or_default()))?;
    write_first(args.output.as_deref(), &survey)
}

#[cfg(not(feature = "slack"))]
fn from_slack(_: &InitArgs, _: Settings, _: &Runtime) -> Result<()> {
    bail!("this Usher was built without Slack")
}

#[cfg(feature = "matrix")]
fn from_matrix(args: &InitArgs, settings: &Settings, runtime: &Runtime) -> Result<()> {
    let survey = runtime.block_on(matrix_survey(settings))?;
    let is_out = |room: &Room| !room.usher_is_in;
    if survey.channels.is_empty() {
        eprintln!("usher: it is in no room yet, and invited to none: invite it, and ask again");
    } else if survey.channels.iter().any(is_out) {
        eprintln!(
            "usher: of rooms to which it is invited it sees no people but who invited it; it comes in when it runs"
        );
    }
    write_first(args.output.as_deref(), &survey)
}

#[cfg(not(feature = "matrix"))]
fn from_matrix(_: &InitArgs, _: &Settings, _: &Runtime) -> Result<()> {
    bail!("this Usher was built without Matrix")
}

/// The rooms of the account that the settings name.
#[cfg(feature = "matrix")]
async fn matrix_survey(settings: &Settings) -> Result<Survey> {
    use crate::chat::matrix::survey::survey;

    let matrix = settings.matrix.clone().unwrap_or_default();
    let account = matrix_account(settings, &matrix).await?;
    let bar = super::spinner();
    let counted = |what: &'static str| {
        let bar = bar.clone();
        move |count: usize| bar.set_message(format!("{count} {what}"))
    };
    let survey = survey(&account, &counted("rooms"), &counted("people")).await;
    bar.finish_and_clear();
    if let Err(error) = account.leave().await {
        eprintln!("usher: the session that was opened for this look is not ended: {error}");
    }
    survey.context("cannot read the rooms; `usher doctor` says what is wrong")
}

/// The account, by the session that is kept, or by one that is opened for a look.
#[cfg(feature = "matrix")]
async fn matrix_account(
    settings: &Settings,
    matrix: &MatrixSettings,
) -> Result<crate::chat::matrix::look::Account> {
    use crate::chat::matrix::look::{Homeserver, Kept, kept};
    use crate::settings::MatrixLogin;

    let named = matrix.homeserver()?;
    let homeserver = Homeserver::reach(named, &Clock::System).await;
    let homeserver = homeserver.with_context(|| format!("cannot talk to `{named}`"))?;
    let refused = "the homeserver does not let Usher in; `usher doctor` says what to do";
    let kept = kept(&matrix.folder(&settings.database_url), matrix).await?;
    if let Kept::Session(kept) = kept.kept {
        return homeserver.account(&kept.token).await.context(refused);
    }
    match matrix.login()? {
        MatrixLogin::Token(token) => homeserver.account(token).await.context(refused),
        MatrixLogin::Password(user, password) => homeserver.sign_in(user, password).await.context(refused),
    }
}

/// The workspace of the bot's token.
#[cfg(feature = "slack")]
async fn slack_survey(slack: &SlackSettings) -> Result<Survey> {
    use crate::chat::slack::survey::{channels, groups, people};
    use crate::chat::slack::web::{self, CallError, Web};

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
    Ok(Survey { platform: Platform::Slack, name: own.team, people, groups, channels })
}
