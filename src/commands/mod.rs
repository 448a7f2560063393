//! The commands of the command line, one module each. They read files and the clock, and print.

pub mod check;
pub mod doctor;
pub mod due;
pub mod hours;
pub mod init;
pub mod replay;
pub mod run;
#[cfg(feature = "web")]
pub mod serve;

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process;

use anyhow::{Context, Result, bail};
use chrono_tz::Tz;
#[cfg(feature = "web")]
use indicatif::{ProgressBar, ProgressStyle};

use crate::calendar::{Instant, MINUTE_MS, to_local};
use crate::fault::Faults;
use crate::play::Ends;
use crate::runbook::{Channel, Name, Runbook, Who, nearest, render_text};
use crate::runbook_file;
use crate::settings::Settings;
use crate::stop::Stop;

/// The runbook at `path`, or its errors as the command's error.
fn runbook_at(path: &Path) -> Result<Runbook> {
    let loaded = runbook_file::load(path).with_context(|| format!("cannot read {}", path.display()))?;
    match loaded.runbook {
        Some(runbook) => Ok(runbook),
        None => bail!("{} has errors:\n{}", path.display(), render_text(&loaded.problems).trim_end()),
    }
}

/// The settings of a file, if one is named, and of the environment.
fn settings(path: Option<&Path>) -> Result<Settings> {
    Ok(Settings::read(path, |name| env::var(name).ok())?)
}

/// Shows on a terminal that something goes on; a pipe sees nothing of it.
#[cfg(feature = "web")]
fn spinner() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg}");
    ProgressBar::new_spinner().with_style(style.expect("the template names fields that indicatif has"))
}

/// How this process calls itself to another that wants the same database.
fn holder(command: &str) -> String {
    format!("{command}, process {}", process::id())
}

/// What may end a play: a signal, and what tests set in `USHER_CRASH_AT`.
fn ends() -> Result<Ends> {
    let stop = Stop::on_signals().context("cannot wait for signals")?;
    let faults = match env::var("USHER_CRASH_AT") {
        Ok(text) => Faults::crash_at(&text).map_err(anyhow::Error::msg)?,
        Err(_) => Faults::none(),
    };
    Ok(Ends { stop, faults })
}

/// Prints to standard output. A reader who has seen enough, as `head` does, is no error.
fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot print"),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// `Fri 20 Nov 2026 17:05` on the wall of `zone`.
fn wall(zone: Tz, at: Instant) -> String {
    to_local(zone, at).format("%a %-d %b %Y %H:%M").to_string()
}

/// The person, group or rotation called `name`.
fn who(runbook: &Runbook, name: &str) -> Result<Who> {
    match find_who(runbook, name) {
        Some(who) => Ok(who),
        None => bail!(unknown("person, group or rotation", name, names_of_who(runbook))),
    }
}

fn find_who(runbook: &Runbook, name: &str) -> Option<Who> {
    let name = Name::new(name.trim_start_matches('@'));
    if runbook.people.contains_key(&name) {
        return Some(Who::Person(name));
    }
    if runbook.groups.contains_key(&name) {
        return Some(Who::Group(name));
    }
    runbook.rotations.contains_key(&name).then_some(Who::Rotation(name))
}

fn names_of_who(runbook: &Runbook) -> impl Iterator<Item = &Name> {
    runbook.groups.keys().chain(runbook.rotations.keys()).chain(runbook.people.keys())
}

/// The channel called `name`.
fn channel<'r>(runbook: &'r Runbook, name: &str) -> Result<&'r Channel> {
    let found = runbook.channels.get(name.trim_start_matches('#'));
    found.with_context(|| unknown("channel", name, runbook.channels.keys()))
}

/// That `name` is not in the runbook: what was probably meant, and what there is.
fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n Name>) -> String {
    let known: Vec<&str> = known.map(Name::as_str).collect();
    let bare = name.trim_start_matches(['@', '#']);
    let meant = nearest(bare, &known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let has = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!("the runbook has no {what} `{name}`; it has {has}{meant}")
}

/// `3h 15m`.
fn length(ms: i64) -> String {
    let minutes = ms / MINUTE_MS;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}
