//! Who is meant by a name at an instant, when they are in office, and when an answer is due.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;

use crate::calendar::{Calendar, Holidays, Instant, OpenTable, Span};

use super::model::{Clock, Level, Name, Promise, Runbook, Who};

/// What a platform knows of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlatformPerson {
    /// Their zone, if they have set one.
    pub zone: Option<Tz>,
}

/// A runbook with the people of a platform: everyone has a calendar.
#[derive(Clone, Copy, Debug)]
pub struct Roster<'a> {
    runbook: &'a Runbook,
    platform: &'a BTreeMap<Name, PlatformPerson>,
}

impl<'a> Roster<'a> {
    /// The people of `platform` by their names in the runbook, or by the platform's.
    pub fn new(runbook: &'a Runbook, platform: &'a BTreeMap<Name, PlatformPerson>) -> Roster<'a> {
        Roster { runbook, platform }
    }

    /// The zone in which a person lives: the runbook's, else the platform's, else the team's.
    pub fn zone(&self, name: &Name) -> Tz {
        let listed = self.runbook.people.get(name).and_then(|person| person.zone);
        let known = || self.platform.get(name).and_then(|person| person.zone);
        listed.or_else(known).unwrap_or(self.runbook.team.zone)
    }

    /// The calendar of a person; of one whom the runbook does not list, the team's hours in their zone.
    pub fn calendar(&self, name: &Name) -> Calendar {
        let zone = self.zone(name);
        match self.runbook.people.get(name) {
            Some(person) => Calendar {
                zone,
                hours: Arc::clone(&person.office_hours),
                holidays: Arc::clone(&person.holidays),
                focus: person.focus.clone(),
                away: Vec::new(),
            },
            None => Calendar {
                zone,
                hours: Arc::clone(&self.runbook.team.office_hours),
                holidays: Arc::new(Holidays::none()),
                focus: None,
                away: Vec::new(),
            },
        }
    }

    /// Those who are meant at an instant, each once, in order. [`Who::Responders`] is nobody here: only
    /// an obligation knows them.
    pub fn members(&self, who: &[Who], at: Instant) -> Vec<Name> {
        let mut members = Vec::new();
        let mut add = |name: &Name| {
            if !members.contains(name) {
                members.push(name.clone());
            }
        };
        for who in who {
            match who {
                Who::Person(name) => add(name),
                Who::Group(name) => self.runbook.groups.get(name).into_iter().flatten().for_each(&mut add),
                Who::Rotation(name) => {
                    let plan = self.runbook.rotations.get(name);
                    plan.and_then(|plan| plan.on_duty(at)).into_iter().for_each(&mut add);
                }
                Who::Responders => {}
            }
        }
        members
    }

    /// Open while any of those who are meant is in office; of a rotation, whoever has the shift then.
    pub fn table(&self, who: &[Who], from: Instant, to: Instant) -> OpenTable {
        let open = |name: &Name| self.calendar(name).open(from, to);
        let mut tables = vec![OpenTable::from_spans(Span { from, to }, [])];
        for who in who {
            match who {
                Who::Person(name) => tables.push(open(name)),
                Who::Group(name) => {
                    tables.extend(self.runbook.groups.get(name).into_iter().flatten().map(open));
                }
                Who::Rotation(name) => tables.push(self.shifts_table(name, from, to)),
                Who::Responders => {}
            }
        }
        OpenTable::union(&tables.iter().collect::<Vec<_>>())
    }

    fn shifts_table(&self, rotation: &Name, from: Instant, to: Instant) -> OpenTable {
        let shifts =
            self.runbook.rotations.get(rotation).map(|plan| plan.shifts(from, to)).unwrap_or_default();
        let tables: BTreeMap<&Name, OpenTable> =
            shifts.iter().map(|shift| (&shift.who, self.calendar(&shift.who).open(from, to))).collect();
        let open = shifts
            .iter()
            .filter_map(|shift| Some(tables.get(&shift.who)?.spans(shift.span.from, shift.span.to)));
        OpenTable::from_spans(Span { from, to }, open.flatten())
    }

    /// Those who owe an answer since `since`: of a rotation that has not begun, whoever has the first shift.
    pub fn owing(&self, who: &[Who], since: Instant, table: &OpenTable) -> Vec<Name> {
        let members = self.members(who, since);
        match table.next_open(since) {
            Some(opening) if members.is_empty() => self.members(who, opening),
            Some(_) | None => members,
        }
    }

    /// When an answer is due that `who` owe since `since`, on a `table` made of the same `who`.
    ///
    /// Open time on the level's clock; working days for each of them, the earliest of which counts.
    /// Nothing when the level promises nothing, or nobody is in office within the table's horizon.
    pub fn due(&self, who: &[Who], level: &Level, since: Instant, table: &OpenTable) -> Option<Instant> {
        match (level.respond_within?, level.clock) {
            (Promise::Ms(ms), Clock::Always) => Some(since.plus(ms)),
            (Promise::Ms(ms), Clock::OfficeHours) => table.add(since, ms),
            (Promise::Workdays(count), Clock::OfficeHours | Clock::Always) => {
                let due = |name: &Name| self.calendar(name).add_workdays(since, count);
                self.owing(who, since, table).iter().filter_map(due).min()
            }
        }
    }
}
