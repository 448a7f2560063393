//! `usher due`: when an answer is owed, and why then.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::calendar::{DAY_MS, Instant, OpenTable, Span};
use crate::cli::{DueArgs, Format};
use crate::clock;
use crate::runbook::{Channel, Clock, Level, Name, Roster, Runbook, Who};

/// No promise is longer than a year of open time; with a few hours a week that is many years.
const MOST_DAYS: i64 = 20 * 366;

/// The answer, as JSON.
#[derive(Debug, Serialize)]
struct Due {
    /// Nothing when the level promises nothing.
    due_at: Option<Instant>,
    level: Name,
    responders: Vec<Name>,
    open: Vec<Span>,
}

/// Prints when the answer is owed.
///
/// # Errors
/// When the runbook has errors, a name is not in it, or nobody would owe the answer.
pub fn run(args: &DueArgs) -> Result<ExitCode> {
    let runbook = super::runbook_at(&args.runbook)?;
    let at = args.at.unwrap_or_else(clock::now);
    let channel = args.channel.as_deref().map(|name| super::channel(&runbook, name)).transpose()?;
    let level = level(&runbook, channel, args.urgency.as_deref())?;
    let who = responders(&runbook, channel, args, level)?;
    let due = due(&runbook, &who, level, at)?;
    let printed = match args.format {
        Format::Json => format!("{}\n", serde_json::to_string_pretty(&due)?),
        Format::Text => text(&runbook, &due, level, at, args.explain),
    };
    super::print(&printed)?;
    Ok(ExitCode::SUCCESS)
}

fn level<'r>(runbook: &'r Runbook, channel: Option<&'r Channel>, urgency: Option<&str>) -> Result<&'r Level> {
    match (urgency, channel.and_then(|channel| channel.urgency.as_deref())) {
        (Some(name), _) => {
            let found = runbook.level(name).map(|level| &**level);
            found.with_context(|| {
                super::unknown("urgency level", name, runbook.levels.iter().map(|level| &level.name))
            })
        }
        (None, Some(level)) => Ok(level),
        (None, None) => bail!("the channel has no urgency of its own; give one with --urgency"),
    }
}

/// The channel's responders; else those who are asked; else the first step of the level's ladder.
fn responders(
    runbook: &Runbook,
    channel: Option<&Channel>,
    args: &DueArgs,
    level: &Level,
) -> Result<Vec<Who>> {
    if let Some(channel) = channel.filter(|channel| !channel.responders.is_empty()) {
        return Ok(channel.responders.clone());
    }
    let asked: Vec<Who> = args.to.iter().map(|name| super::who(runbook, name)).collect::<Result<_>>()?;
    let first_step = level.escalate.first().map(|step| step.tell.clone()).unwrap_or_default();
    let who = if asked.is_empty() && args.urgency.is_some() { first_step } else { asked };
    if who.iter().all(|who| *who == Who::Responders) {
        bail!("nobody would owe the answer: the channel has no responders; say who is asked with --to");
    }
    Ok(who)
}

fn due(runbook: &Runbook, who: &[Who], level: &Level, at: Instant) -> Result<Due> {
    let nobody = BTreeMap::new();
    let roster = Roster::new(runbook, &nobody);
    let level_name = level.name.clone();
    let mut days = 30;
    while days <= MOST_DAYS {
        let office = roster.table(who, at, at.plus(days * DAY_MS));
        let responders = roster.owing(who, at, &office);
        if level.respond_within.is_none() {
            return Ok(Due { due_at: None, level: level_name, responders, open: Vec::new() });
        }
        if let Some(due_at) = roster.due(who, level, at, &office) {
            let clock = match level.clock {
                Clock::Always => &OpenTable::always(),
                Clock::OfficeHours => &office,
            };
            let open = clock.spans(at, due_at).collect();
            return Ok(Due { due_at: Some(due_at), level: level_name, responders, open });
        }
        days *= 4;
    }
    bail!("nobody who owes the answer has office hours enough within {MOST_DAYS} days of {at}")
}

fn text(runbook: &Runbook, due: &Due, level: &Level, at: Instant, explain: bool) -> String {
    let nobody = BTreeMap::new();
    let roster = Roster::new(runbook, &nobody);
    let Some(due_at) = due.due_at else {
        return format!("{}: nothing is owed ({})\n", level.name, level.means);
    };
    let zone = runbook.team.zone;
    let mut out = format!("owed by {} {} ({due_at})\n", super::wall(zone, due_at), zone.name());
    out.push_str(&format!("asked   {} {} ({at})\n", super::wall(zone, at), zone.name()));
    out.push_str(&format!("level   {}: {}\n", level.name, level.means));
    for name in &due.responders {
        let theirs = roster.zone(name);
        out.push_str(&format!("by      {name}, {} {}\n", super::wall(theirs, due_at), theirs.name()));
    }
    if explain {
        for span in &due.open {
            let (from, to) = (super::wall(zone, span.from), super::wall(zone, span.to));
            out.push_str(&format!("open    {from} to {to}, {}\n", super::length(span.ms())));
        }
    }
    out
}
