//! Lints of `[people]` and `[rotations]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{DAY_MS, RotationPlan, Turn, WEEK};

use super::super::code::Code;
use super::super::document::Part::{Index, Key};
use super::super::model::{Name, Person, Phone};
use super::super::roster::Roster;
use super::super::section::brief;
use super::{Linter, MOST_MEMBERS};

pub(super) fn lint(linter: &Linter<'_>) {
    for (name, person) in &linter.runbook.people {
        phone(linter, name, person);
        focus(linter, name, person);
    }
    deputy_cycles(linter);
    for (name, plan) in &linter.runbook.rotations {
        shifts(linter, name, plan);
    }
}

fn phone(linter: &Linter<'_>, name: &Name, person: &Person) {
    match &person.phone {
        Some(Phone::Number(_)) => {
            let message =
                format!("the telephone number of `{name}` is readable by whoever can read the file");
            linter.add(Code::PhoneInGit, &[Key("people"), Key(name), Key("phone")], message);
        }
        Some(Phone::Secret(secret)) => unknown_secret(linter, name, secret),
        None => {}
    }
}

fn unknown_secret(linter: &Linter<'_>, name: &Name, secret: &str) {
    let Some(known) = linter.context.secrets.filter(|known| !known.iter().any(|known| known == secret))
    else {
        return;
    };
    let place = linter.document.place(&[Key("people"), Key(name), Key("phone")]);
    let message = format!("the settings have no secret `{}`", brief(secret));
    linter.report.add_known(Code::UnknownSecret, place, message, secret, known.iter().map(String::as_str));
}

fn focus(linter: &Linter<'_>, name: &Name, person: &Person) {
    let Some(focus) = &person.focus else { return };
    for day in WEEK {
        let hours = person.office_hours.on_the_wall(day);
        let outside = focus.on_the_wall(day).iter().find(|span| {
            !hours.iter().any(|open| open.from_min < span.to_min && span.from_min < open.to_min)
        });
        if let Some(span) = outside {
            let message = format!("`{name}` has focus time on {day} {span}, outside their office hours");
            linter.add(Code::FocusOutsideHours, &[Key("people"), Key(name), Key("focus")], message);
            return;
        }
    }
}

/// Follows deputies from each person; a circle of three or more is reported at its first member.
fn deputy_cycles(linter: &Linter<'_>) {
    let people = &linter.runbook.people;
    let deputy = |name: &Name| people.get(name).and_then(|person| person.deputy.as_ref());
    let mut seen: BTreeSet<&Name> = BTreeSet::new();
    for start in people.keys() {
        let mut path: Vec<&Name> = Vec::new();
        let mut next = Some(start);
        while let Some(name) = next.filter(|name| seen.insert(name)) {
            path.push(name);
            next = deputy(name);
        }
        let circle = next.and_then(|name| path.iter().position(|other| *other == name));
        let circle = circle.map(|from| &path[from..]).unwrap_or_default();
        if circle.len() > 2 {
            let names: Vec<&str> = circle.iter().map(|name| name.as_str()).collect();
            let message = format!("the deputies form a circle: {}", names.join(", "));
            linter.add(Code::DeputyCycle, &[Key("people"), Key(circle[0]), Key("deputy")], message);
        }
    }
}

/// Whether every member is in office at some time of their shifts of the coming year.
fn shifts(linter: &Linter<'_>, name: &Name, plan: &RotationPlan) {
    if plan.members.len() > MOST_MEMBERS {
        return;
    }
    let turn_days = match plan.turn {
        Turn::Days(days) => i64::from(days.get()),
        Turn::Weeks(weeks, _) => i64::from(weeks.get()) * 7,
    };
    let members = i64::try_from(plan.members.len()).unwrap_or(0);
    let from = linter.context.now;
    let to = from.plus((turn_days * members).clamp(366, 3 * 366) * DAY_MS);
    let nobody = BTreeMap::new();
    let roster = Roster::new(linter.runbook, &nobody);
    let shifts = plan.shifts(from, to);
    for (index, member) in plan.members.iter().enumerate() {
        let open = roster.calendar(member).open(from, to);
        let mut own = shifts.iter().filter(|shift| shift.who == *member).peekable();
        let has_shifts = own.peek().is_some();
        if has_shifts && !own.any(|shift| open.between(shift.span.from, shift.span.to) > 0) {
            let message = format!("`{member}` is in office in none of their shifts");
            let path = [Key("rotations"), Key(name), Key("members"), Index(index)];
            linter.add(Code::OffDutyHours, &path, message);
        }
    }
}
