//! `usher run`: the bot; with no platform configured, the console.

use std::env;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use secrecy::SecretString;

use crate::calendar::Instant;
use crate::chat::console::Room;
use crate::cli::RunArgs;
use crate::core::event::{Platform, RevisionText};
use crate::play::Ends;
use crate::play::hours::Hours;
use crate::play::session::{Delivery, Session};
use crate::play::terminal::{Console, DEMO, Input};
use crate::runbook::{NoFiles, Runbook};
use crate::runbook_file;
use crate::settings::Settings;
use crate::store::{Opening, Store};

/// The team under whose name the console's data is kept.
const TEAM: &str = "console";
/// When a new console starts: a Monday on which nobody has a holiday.
const STARTS_AT: &str = "2026-11-23T08:00:00Z";

/// Runs the bot where the settings name a platform; else opens the console and plays what is typed.
///
/// # Errors
/// When the runbook or the settings have errors, or what is needed cannot be used.
pub fn run(args: &RunArgs) -> Result<ExitCode> {
    let settings = super::settings(args.settings.as_deref())?;
    if settings.slack.is_some() || settings.matrix.is_some() {
        return bot(args, &settings);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(console(args));
    // A thread may still wait for a line that nobody types any more.
    runtime.shutdown_background();
    ended?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "web")]
fn bot(args: &RunArgs, settings: &Settings) -> Result<ExitCode> {
    for (name, is_wanted, is_built) in [
        ("Slack", settings.slack.is_some(), cfg!(feature = "slack")),
        ("Matrix", settings.matrix.is_some(), cfg!(feature = "matrix")),
    ] {
        anyhow::ensure!(
            !is_wanted || is_built,
            "the settings name {name}, and this Usher was built without it"
        );
    }
    let path = args.runbook.as_deref().context("say with --runbook which runbook is kept there")?;
    let (_, text) = runbook_file::revision(path)?;
    let surroundings = super::serve::Surroundings::of_process(super::ends()?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(super::serve::bot(settings, text, surroundings))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(feature = "web"))]
fn bot(_: &RunArgs, _: &Settings) -> Result<ExitCode> {
    anyhow::bail!("the settings name Slack or Matrix, and this Usher was built without them")
}

async fn console(args: &RunArgs) -> Result<()> {
    let (runbook, text) = revision(args.runbook.as_deref())?;
    let state = args.state.clone().unwrap_or_else(default_state);
    let is_new = !state.exists();
    if let Some(folder) = state.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let opening = Opening::new(
        SecretString::from(format!("sqlite:{}", state.display())),
        TEAM,
        &super::holder("usher console"),
    );
    let Ends { stop, faults } = super::ends()?;
    let store = Store::open(&opening).await.with_context(|| format!("cannot use {}", state.display()))?;
    let starts_at = Instant::parse(STARTS_AT).context("the console's first instant")?;
    let room = Room::new(starts_at, runbook.team.zone).following_me();
    let hours = Hours::new(&runbook, Platform::Console);
    let name = text.file.clone();
    // Where people ask is the best place to begin.
    let asks = runbook.channels.iter().find(|(_, channel)| !channel.responders.is_empty());
    let home = asks.or(runbook.channels.iter().next()).map(|(name, _)| name.clone());
    let revision = (runbook, text);
    let mut session = Session::open(store, room, revision, PathBuf::new(), Delivery::Once, faults).await?;
    session.room_mut().settle_in(home.as_ref());

    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let colour = is_terminal && env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let input =
        if is_terminal { Input::terminal(Some(state.with_extension("history")))? } else { Input::Pipe };
    let mut out = io::stdout().lock();
    writeln!(out, "Usher's console: a chat in this terminal, a clock that you move, and Usher.")?;
    writeln!(out, "The runbook is {name}. All is kept in {}.", state.display())?;
    writeln!(out, "/tour shows the first minute, /help lists what you can type, /quit leaves.")?;
    Console::new(session, hours, input, &mut out, colour).run(is_new && is_terminal, &stop).await
}

fn revision(file: Option<&Path>) -> Result<(Runbook, RevisionText)> {
    match file {
        Some(path) => Ok(runbook_file::revision(path)?),
        None => Ok(runbook_file::revision_of("the demo's", DEMO, &NoFiles)?),
    }
}

/// Where a person's programs keep their data; else here.
fn default_state() -> PathBuf {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    match data {
        Some(data) => data.join("usher").join("console.db"),
        None => PathBuf::from("usher-console.db"),
    }
}
