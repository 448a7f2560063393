//! `[places]`, `[people]` and `[groups]`: who is where, and when they are in.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::{MinuteSpan, WEEK, WeeklyHours};

use super::super::code::Code;
use super::super::model::{Name, Person, Phone, Place};
use super::super::names::Names;
use super::super::section::{Key, Section, Value, brief};
use super::Context;
use super::ids::{Ids, Platform};
use super::times::{holidays, hours, zone};

pub(super) fn places(entries: &[(Key, Value<'_>)], context: &Context<'_>) -> BTreeMap<Name, Place> {
    let place = |(key, value): &(Key, Value<'_>)| {
        let mut section = value.section()?;
        let zone = section.require("timezone").and_then(|value| zone(&value)).unwrap_or(context.team.zone);
        let holidays = section.get("holidays").map(|value| holidays(&value, context)).unwrap_or_default();
        section.finish();
        Some((key.name.clone(), Place { zone, holidays: Arc::new(holidays) }))
    };
    entries.iter().filter_map(place).collect()
}

pub(super) fn people(
    entries: &[(Key, Value<'_>)],
    context: &Context<'_>,
    places: &BTreeMap<Name, Place>,
) -> BTreeMap<Name, Person> {
    let mut ids = Ids::new("person");
    let person = |(key, value): &(Key, Value<'_>)| {
        let mut section = value.section()?;
        let person = person(&key.name, &mut section, context, places, &mut ids);
        section.finish();
        Some((key.name.clone(), person))
    };
    entries.iter().filter_map(person).collect()
}

fn person(
    name: &Name,
    section: &mut Section<'_>,
    context: &Context<'_>,
    places: &BTreeMap<Name, Place>,
    ids: &mut Ids,
) -> Person {
    let place = section.get("place").and_then(|value| context.names.places.find(&value));
    let at_place = place.as_ref().and_then(|place| places.get(place));
    let own_zone = section.get("timezone").and_then(|value| zone(&value));
    let of_place = at_place.map(|place| place.holidays.clone()).unwrap_or_default();
    let holidays = match section.get("holidays") {
        Some(value) => {
            let mut all = holidays(&value, context);
            all.extend(&of_place);
            Arc::new(all)
        }
        None => of_place,
    };
    let own_hours = section.get("office-hours").and_then(|value| hours(&value));
    let office_hours = own_hours.map_or_else(|| context.team.office_hours.clone(), Arc::new);
    Person {
        zone: own_zone.or(at_place.map(|place| place.zone)),
        place,
        holidays,
        focus: section.get("focus").and_then(|value| focus(name, &value, &office_hours)).map(Arc::new),
        office_hours,
        slack: section.get("slack").and_then(|id| ids.take(&id, Platform::SlackUser, name)),
        matrix: section.get("matrix").and_then(|id| ids.take(&id, Platform::MatrixUser, name)),
        deputy: section.get("deputy").and_then(|value| deputy(name, &value, context.names)),
        phone: section.get("phone").and_then(|value| phone(&value)),
        reach_me: section.text("reach-me"),
    }
}

/// Focus hours; some office hours must be left, or what does not interrupt would wait for ever.
fn focus(name: &Name, value: &Value<'_>, office_hours: &WeeklyHours) -> Option<WeeklyHours> {
    let focus = hours(value)?;
    if WEEK.into_iter().all(|day| is_covered(office_hours.on_the_wall(day), focus.on_the_wall(day))) {
        let message =
            format!("`{name}` is in focus in all their office hours, so no notice could reach them");
        value.fault(Code::NeverOpen, message);
    }
    Some(focus)
}

/// Whether all of `spans` lies in `by`; both are in order.
fn is_covered(spans: &[MinuteSpan], by: &[MinuteSpan]) -> bool {
    spans.iter().all(|span| {
        let reached = by.iter().fold(span.from_min, |reached, cover| {
            if cover.from_min <= reached { reached.max(cover.to_min) } else { reached }
        });
        reached >= span.to_min
    })
}

fn deputy(name: &Name, value: &Value<'_>, names: &Names) -> Option<Name> {
    let deputy = names.people.find(value)?;
    if deputy == *name {
        value.fault(Code::DeputyOfOneself, format!("`{name}` is their own deputy"));
    }
    Some(deputy)
}

/// `"+49 30 123456"` or `{ secret = "ana-phone" }`.
fn phone(value: &Value<'_>) -> Option<Phone> {
    if value.is_table() {
        let mut section = value.section()?;
        let secret = section.require("secret").and_then(|value| value.text());
        section.finish();
        return secret.map(Phone::Secret);
    }
    let number = value.text()?;
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let fits = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '/' | '(' | ')' | '.');
    if !(3..=20).contains(&digits) || !number.chars().all(fits) {
        value.fault(Code::BadText, format!("`{}` is no telephone number", brief(&number)));
        return None;
    }
    Some(Phone::Number(number))
}

pub(super) fn groups(entries: &[(Key, Value<'_>)], names: &Names) -> BTreeMap<Name, Vec<Name>> {
    let group = |(key, value): &(Key, Value<'_>)| {
        if value.is_empty_list() {
            value.fault(
                Code::EmptyGroup,
                format!("nobody is in `{}`; name somebody, or remove the group", key.name),
            );
        }
        (key.name.clone(), names.people_of(value))
    };
    entries.iter().map(group).collect()
}
