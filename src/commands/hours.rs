//! `usher hours`: who is in office when, and where all overlap.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Result, bail};
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

use crate::calendar::{DAY_MS, Instant, OpenTable, day_start_or_next, local_date, parse_zone, to_local};
use crate::cli::{Format, HoursArgs};
use crate::clock;
use crate::runbook::{Name, Roster, Runbook, Who};

/// A longer table is no table any more.
const MOST_DAYS: i64 = 400;
/// What stands for everybody at once.
const ALL: &str = "all";

/// A stretch in which somebody, or everybody at once, is in office.
#[derive(Debug, Serialize)]
struct Stretch {
    who: Name,
    from: Instant,
    to: Instant,
}

/// Prints the hours.
///
/// # Errors
/// When the runbook has errors, a name is not in it, or a time cannot be read.
pub fn run(args: &HoursArgs) -> Result<ExitCode> {
    let runbook = super::runbook_at(&args.runbook)?;
    let zone = match &args.zone {
        Some(zone) => parse_zone(zone)?,
        None => runbook.team.zone,
    };
    let from = match &args.from {
        Some(text) => point(zone, text)?,
        None => day_start_or_next(zone, local_date(zone, clock::now())),
    };
    let to = match &args.to {
        Some(text) => point(zone, text)?,
        None => from.plus(7 * DAY_MS),
    };
    if to <= from || to.since(from) > MOST_DAYS * DAY_MS {
        bail!("{from} to {to}: give a stretch of 1 to {MOST_DAYS} days");
    }
    let stretches = stretches(&tables(&runbook, &args.who, from, to)?, from, to);
    let printed = match args.format {
        Format::Json => format!("{}\n", serde_json::to_string_pretty(&stretches)?),
        Format::Text => table(zone, &stretches),
    };
    super::print(&printed)?;
    Ok(ExitCode::SUCCESS)
}

/// A date is its beginning in `zone`.
fn point(zone: Tz, text: &str) -> Result<Instant> {
    match (text.parse::<NaiveDate>(), Instant::parse(text)) {
        (Ok(date), _) => Ok(day_start_or_next(zone, date)),
        (Err(_), Ok(instant)) => Ok(instant),
        (Err(_), Err(error)) => {
            bail!("`{text}` is neither a date, as in 2026-11-20, nor RFC 3339: {error}")
        }
    }
}

/// Everybody who is named, groups member by member, and when they are in office.
fn tables(runbook: &Runbook, named: &[String], from: Instant, to: Instant) -> Result<Vec<(Name, OpenTable)>> {
    let nobody = BTreeMap::new();
    let roster = Roster::new(runbook, &nobody);
    let mut who: Vec<Who> = named.iter().map(|name| super::who(runbook, name)).collect::<Result<_>>()?;
    if who.is_empty() {
        who = runbook.people.keys().cloned().map(Who::Person).collect();
    }
    if who.is_empty() {
        let everyone = Name::new("everyone");
        let table = roster.calendar(&everyone).open(from, to);
        return Ok(vec![(everyone, table)]);
    }
    let mut tables: Vec<(Name, OpenTable)> = Vec::new();
    let mut add = |name: Name, table: OpenTable| {
        if !tables.iter().any(|(other, _)| *other == name) {
            tables.push((name, table));
        }
    };
    for who in who {
        match &who {
            Who::Rotation(name) => add(name.clone(), roster.table(std::slice::from_ref(&who), from, to)),
            Who::Person(_) | Who::Group(_) | Who::Responders => {
                for name in roster.members(std::slice::from_ref(&who), from) {
                    let table = roster.calendar(&name).open(from, to);
                    add(name, table);
                }
            }
        }
    }
    Ok(tables)
}

fn stretches(tables: &[(Name, OpenTable)], from: Instant, to: Instant) -> Vec<Stretch> {
    let of = |who: &Name, table: &OpenTable| -> Vec<Stretch> {
        table.spans(from, to).map(|span| Stretch { who: who.clone(), from: span.from, to: span.to }).collect()
    };
    let mut stretches: Vec<Stretch> = tables.iter().flat_map(|(who, table)| of(who, table)).collect();
    if tables.len() > 1 {
        let each: Vec<&OpenTable> = tables.iter().map(|(_, table)| table).collect();
        stretches.extend(of(&Name::new(ALL), &OpenTable::intersection(&each)));
    }
    stretches
}

/// A block a day, a line a person. A stretch over midnight stands on the day on which it begins.
fn table(zone: Tz, stretches: &[Stretch]) -> String {
    let width = stretches.iter().map(|stretch| stretch.who.chars().count()).max().unwrap_or(0);
    let mut days: BTreeMap<NaiveDate, Vec<(&Name, String)>> = BTreeMap::new();
    for stretch in stretches {
        let (from, to) = (to_local(zone, stretch.from), to_local(zone, stretch.to));
        let spans = format!("{}-{}", from.format("%H:%M"), to.format("%H:%M"));
        let lines = days.entry(from.date()).or_default();
        match lines.last_mut() {
            Some((who, line)) if **who == stretch.who => {
                line.push_str(&format!(" {spans}"));
            }
            Some(_) | None => lines.push((&stretch.who, spans)),
        }
    }
    let mut out = format!("times in {}\n", zone.name());
    for (date, lines) in days {
        out.push_str(&format!("\n{}\n", date.format("%a %-d %b %Y")));
        for (who, spans) in lines {
            out.push_str(&format!("  {who:width$}  {spans}\n"));
        }
    }
    out
}
