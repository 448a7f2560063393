//! `[rotations.*]`: who takes turns, when duty is handed over, and who stands in.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::calendar::{Override, RotationPlan, Span, Turn, WEEK};

use super::super::code::Code;
use super::super::model::Name;
use super::super::quantity::parse_time;
use super::super::section::{Key, Section, Value, brief};
use super::Context;
use super::times::{instant, zone};

pub(super) fn resolve(entries: &[(Key, Value<'_>)], context: &Context<'_>) -> BTreeMap<Name, RotationPlan> {
    let rotation = |(key, value): &(Key, Value<'_>)| {
        let mut section = value.section()?;
        let plan = rotation(&mut section, context);
        section.finish();
        Some((key.name.clone(), plan?))
    };
    entries.iter().filter_map(rotation).collect()
}

fn rotation(section: &mut Section<'_>, context: &Context<'_>) -> Option<RotationPlan> {
    let zone = section.get("timezone").and_then(|value| zone(&value)).unwrap_or(context.team.zone);
    let members = section.require("members").map(|value| members(&value, context)).unwrap_or_default();
    let every = section.require("every").and_then(|value| value.shift_days());
    let handoff = section.require("handoff").and_then(|value| Some((handoff(&value)?, value)));
    let from = section.require("from").and_then(|value| value.date());
    let overrides =
        section.get("overrides").map(|value| overrides(&value, zone, context)).unwrap_or_default();
    let ((weekday, time), handoff_value) = handoff?;
    let (days, from) = (every?, from?);
    Some(RotationPlan {
        members,
        turn: turn(days, weekday, from, &handoff_value),
        handoff: time,
        zone,
        from,
        overrides,
    })
}

fn members(value: &Value<'_>, context: &Context<'_>) -> Vec<Name> {
    let members = context.names.turns_of(value);
    if value.is_empty_list() {
        value.fault(Code::EmptyRotation, "a rotation without members has nobody on duty");
    }
    members
}

/// `mon 09:00` or `09:00`.
fn handoff(value: &Value<'_>) -> Option<(Option<Weekday>, NaiveTime)> {
    let text = value.raw_text("a time with or without a day, as in \"mon 09:00\"")?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let weekday = |word: &str| WEEK.into_iter().find(|day| day.to_string().eq_ignore_ascii_case(word));
    let read = match words.as_slice() {
        [time] => parse_time(time).map(|time| (None, time)),
        [day, time] => weekday(day).zip(parse_time(time)).map(|(day, time)| (Some(day), time)),
        _ => None,
    };
    if read.is_none() {
        value.fault(
            Code::BadTime,
            format!("`{}` is no handoff; write it as `mon 09:00` or `09:00`", brief(text)),
        );
    }
    read
}

/// Weeks are handed over on a weekday: the one that is named, or that of the first handoff.
fn turn(days: u32, weekday: Option<Weekday>, from: NaiveDate, handoff: &Value<'_>) -> Turn {
    let number = |number: u32| {
        let number = u16::try_from(number).ok().and_then(NonZeroU16::new);
        number.expect("a shift has 1 to 366 days")
    };
    match (days % 7, weekday) {
        (0, weekday) => Turn::Weeks(number(days / 7), weekday.unwrap_or(from.weekday())),
        (_, None) => Turn::Days(number(days)),
        (_, Some(_)) => {
            handoff.fault(Code::BadTime, "a handoff has a day of the week only where shifts are whole weeks");
            Turn::Days(number(days))
        }
    }
}

/// `[{ who = "ana", from = 2026-12-24T09:00, to = 2026-12-27T09:00 }]`, by the rotation's wall clock.
fn overrides(list: &Value<'_>, zone: Tz, context: &Context<'_>) -> Vec<Override> {
    let expected =
        "a list of overrides, as in [{ who = \"ana\", from = 2026-12-24T09:00, to = 2026-12-27T09:00 }]";
    let values = list.list(expected);
    let mut overrides: Vec<(Override, &Value<'_>)> =
        values.iter().filter_map(|value| Some((stand_in(value, zone, context)?, value))).collect();
    overrides.sort_by_key(|(stand_in, _)| stand_in.span);
    for pair in overrides.windows(2) {
        let [(first, _), (second, value)] = pair else { continue };
        if second.span.from < first.span.to {
            let (from, to) = (second.span.from, first.span.to);
            let message = format!("the override begins at {from}, and that of `{}` ends at {to}", first.who);
            value.fault(Code::BadOverride, message);
        }
    }
    overrides.into_iter().map(|(stand_in, _)| stand_in).collect()
}

fn stand_in(value: &Value<'_>, zone: Tz, context: &Context<'_>) -> Option<Override> {
    let mut section = value.section()?;
    let who = section.require("who").and_then(|value| context.names.people.find(&value));
    let from = section.require("from").and_then(|value| instant(&value, zone));
    let to = section.require("to").and_then(|value| Some((instant(&value, zone)?, value)));
    section.finish();
    let (who, from, (to, to_value)) = (who?, from?, to?);
    if to <= from {
        to_value.fault(Code::BadOverride, format!("the override ends at {to}, and begins at {from}"));
    }
    Some(Override { who, span: Span { from, to } })
}
