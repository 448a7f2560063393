//! `usher hours`: who is in office when, and when any or all of several are.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Result, bail};
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

use crate::calendar::{
    DAY_MS, Instant, OpenTable, Span, day_start_or_next, local_date, parse_zone, to_local,
};
use crate::cli::{Format, HoursArgs};
use crate::clock;
use crate::runbook::{Channel, Name, Roster, Runbook, Who};

/// A longer table is no table any more.
const MOST_DAYS: i64 = 400;

/// Several people taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Together {
    /// Open while any of them is in office: the clock of what they owe together.
    Any,
    /// Open while all of them are.
    All,
}

impl Together {
    fn word(self) -> &'static str {
        match self {
            Together::Any => "any",
            Together::All => "all",
        }
    }
}

/// A stretch in which somebody, or several together, are in office.
#[derive(Debug, Serialize)]
struct Stretch {
    /// A person or a rotation; `any` and `all` for several together.
    who: Name,
    from: Instant,
    to: Instant,
    /// Set for several together, since a person may be called `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    together: Option<Together>,
}

/// Whose hours they are, and when they are in office.
struct Row {
    who: Name,
    together: Option<Together>,
    table: OpenTable,
}

impl Row {
    /// What stands in the table: a person's name that reads like a word of its own gets its sign.
    fn label(&self) -> String {
        let is_word = |together: Together| self.who == together.word();
        match self.together {
            None if is_word(Together::Any) || is_word(Together::All) => format!("@{}", self.who),
            None | Some(_) => self.who.to_string(),
        }
    }
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
    let rows = rows(tables(&runbook, &args.who, from, to)?);
    let printed = match args.format {
        Format::Json => format!("{}\n", serde_json::to_string_pretty(&stretches(&rows, from, to))?),
        Format::Text => text(zone, &rows, from, to),
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

/// Whoever is called `name`; for a channel, those who answer there.
fn who(runbook: &Runbook, name: &str) -> Result<Vec<Who>> {
    let of_channel = |channel: &Channel| match channel.responders.is_empty() {
        true => bail!("nobody in particular answers in `{name}`, so it has no hours; give people with --who"),
        false => Ok(channel.responders.clone()),
    };
    if name.starts_with('#') {
        return of_channel(super::channel(runbook, name)?);
    }
    match (super::find_who(runbook, name), runbook.channels.get(name)) {
        (Some(who), _) => Ok(vec![who]),
        (None, Some(channel)) => of_channel(channel),
        (None, None) => {
            let known = super::names_of_who(runbook).chain(runbook.channels.keys());
            bail!(super::unknown("person, group, rotation or channel", name, known))
        }
    }
}

/// Everybody who is named, groups member by member, and when they are in office.
fn tables(runbook: &Runbook, named: &[String], from: Instant, to: Instant) -> Result<Vec<(Name, OpenTable)>> {
    let nobody = BTreeMap::new();
    let roster = Roster::new(runbook, &nobody);
    let mut all_of: Vec<Who> = Vec::new();
    for name in named {
        all_of.extend(who(runbook, name)?);
    }
    if named.is_empty() {
        all_of = runbook.people.keys().cloned().map(Who::Person).collect();
    }
    if named.is_empty() && all_of.is_empty() {
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
    for who in all_of {
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

/// A row for each; and of several, one for any and one for all of them.
fn rows(tables: Vec<(Name, OpenTable)>) -> Vec<Row> {
    let each: Vec<&OpenTable> = tables.iter().map(|(_, table)| table).collect();
    let together = match each.len() {
        0 | 1 => Vec::new(),
        _ => vec![(Together::Any, OpenTable::union(&each)), (Together::All, OpenTable::intersection(&each))],
    };
    let together = together.into_iter().map(|(together, table)| {
        let who = Name::new(together.word());
        Row { who, together: Some(together), table }
    });
    let together: Vec<Row> = together.collect();
    tables.into_iter().map(|(who, table)| Row { who, together: None, table }).chain(together).collect()
}

fn stretches(rows: &[Row], from: Instant, to: Instant) -> Vec<Stretch> {
    let of = |row: &Row| -> Vec<Stretch> {
        let stretch = |span: Span| Stretch {
            who: row.who.clone(),
            from: span.from,
            to: span.to,
            together: row.together,
        };
        row.table.spans(from, to).map(stretch).collect()
    };
    rows.iter().flat_map(of).collect()
}

/// A block a day, a line a row. A stretch over midnight stands on the day on which it begins.
fn text(zone: Tz, rows: &[Row], from: Instant, to: Instant) -> String {
    let mut out = format!("times in {}\n", zone.name());
    if rows.is_empty() {
        out.push_str("\nnobody is in it\n");
        return out;
    }
    let (mut date, last) = (local_date(zone, from), local_date(zone, to.plus(-1)));
    while date <= last {
        let next = date.succ_opt().unwrap_or(date);
        let of_day =
            Span { from: day_start_or_next(zone, date).max(from), to: day_start_or_next(zone, next).min(to) };
        out.push_str(&format!(
            "\n{}\n{}",
            date.format("%a %-d %b %Y"),
            day(zone, rows, Span { from, to }, of_day)
        ));
        if next == date {
            break;
        }
        date = next;
    }
    out
}

fn day(zone: Tz, rows: &[Row], whole: Span, of_day: Span) -> String {
    if rows.iter().all(|row| row.table.spans(of_day.from, of_day.to).next().is_none()) {
        return "  nobody is in office\n".to_owned();
    }
    let width = rows.iter().map(|row| row.label().chars().count()).max().unwrap_or(0);
    let line = |row: &Row| {
        let none = if row.together.is_some() { "never" } else { "not in" };
        let hours = hours(zone, &row.table, whole, of_day).unwrap_or_else(|| none.to_owned());
        format!("  {:width$}  {hours}\n", row.label())
    };
    rows.iter().map(line).collect()
}

/// When a table is open on a day; nothing where it never is.
fn hours(zone: Tz, table: &OpenTable, whole: Span, of_day: Span) -> Option<String> {
    let clock = |at: Instant| to_local(zone, at).format("%H:%M").to_string();
    let begin = table.spans(whole.from, whole.to).filter(|span| of_day.contains(span.from));
    let begin: Vec<String> = begin.map(|span| format!("{}-{}", clock(span.from), clock(span.to))).collect();
    match (begin.as_slice(), table.spans(of_day.from, of_day.to).next()) {
        ([], None) => None,
        ([], Some(rest)) if rest.to < of_day.to => Some(format!("till {}", clock(rest.to))),
        ([], Some(_)) => Some("all day".to_owned()),
        (begin, _) => Some(begin.join(" ")),
    }
}
