//! When an answer is due, and when a step of its ladder: the open time of a promise, pauses left out.

use super::calendars::{Calendars, InForce};
use super::case::Owed;
use super::people::People;
use crate::calendar::{DAY_MS, Instant, OpenTable};
use crate::runbook::{After, Clock, Level, Name, Promise, Who};

/// The clock of one obligation.
#[derive(Clone, Debug)]
pub struct Course {
    table: std::sync::Arc<OpenTable>,
    /// Open time of the promise, in ms; `None` when nobody is ever in.
    amount_ms: Option<i64>,
    /// For a promise in working days: when the wall shows the same time. That may be an opening, which lies
    /// later than the closing at which the open time has passed.
    wall_due: Option<Instant>,
}

impl Course {
    /// The clock of `owed`, which `who` owe.
    pub fn of(calendars: &mut Calendars, people: &People, owed: &Owed, who: &[Who], now: Instant) -> Course {
        let table = calendars.owed(people, who, owed.level.clock, now);
        let (amount_ms, wall_due) = match owed.level.respond_within {
            None => (None, None),
            Some(Promise::Ms(ms)) => (Some(ms), None),
            Some(Promise::Workdays(days)) => {
                let due = workdays_later(calendars, people, who, owed.since, days);
                (due.map(|due| table.between(owed.since, due)), due)
            }
        };
        Course { table, amount_ms, wall_due }
    }

    /// When the answer is due; `None` while it is paused, or when nobody is ever in.
    pub fn due(&self, owed: &Owed) -> Option<Instant> {
        self.reach(owed, owed.since, self.amount_ms?, self.wall_due)
    }

    /// When a step is due; `None` while it is paused, or when that is never.
    pub fn step(&self, owed: &Owed, after: After) -> Option<Instant> {
        match after {
            After::Ms(ms) => self.reach(owed, owed.since, ms, None),
            After::Percent(100) | After::AfterDueMs(0) => self.due(owed),
            After::Percent(_) if self.amount_ms == Some(0) => self.due(owed),
            After::Percent(percent) => {
                let share = i128::from(self.amount_ms?) * i128::from(percent) / 100;
                self.reach(owed, owed.since, i64::try_from(share).unwrap_or(i64::MAX), None)
            }
            After::AfterDueMs(ms) => self.reach(owed, owed.since, self.amount_ms?.saturating_add(ms), None),
        }
    }

    /// Once more the whole promise after an instant, pauses left out.
    pub fn once_more(&self, owed: &Owed, from: Instant) -> Option<Instant> {
        self.reach(owed, from, self.amount_ms?, None)
    }

    /// Open time from the start to `at`, pauses left out, in ms.
    pub fn elapsed_ms(&self, owed: &Owed, at: Instant) -> i64 {
        let paused: i64 =
            owed.pauses_over().map(|pause| self.table.between(pause.from, pause.to.min(at))).sum();
        let until = owed.paused_since().map_or(at, |from| from.min(at));
        (self.table.between(owed.since, until.max(owed.since)) - paused).max(0)
    }

    /// When the clock runs, between two instants.
    pub fn open_spans(&self, from: Instant, to: Instant) -> Vec<crate::calendar::Span> {
        self.table.spans(from, to).collect()
    }

    /// The instant at which `amount_ms` of open time have passed after `from` outside pauses: that is `unpaused`, if
    /// given, where no pause began by then. A pause that begins at the very instant comes before it.
    fn reach(
        &self,
        owed: &Owed,
        from: Instant,
        amount_ms: i64,
        unpaused: Option<Instant>,
    ) -> Option<Instant> {
        // A working day can pass without an open minute, where the duty passes on to somebody who is off.
        if amount_ms == 0 && unpaused.is_none() {
            return Some(from);
        }
        let mut from = from;
        let mut left_ms = amount_ms;
        let mut reached = unpaused.or_else(|| self.table.add(from, left_ms));
        for pause in owed.pauses.iter().filter(|pause| pause.to.is_none_or(|to| to > owed.since)) {
            if reached.is_some_and(|at| at < pause.from) {
                break;
            }
            left_ms -= self.table.between(from, pause.from.max(from));
            from = pause.to?.max(from);
            reached = self.table.add(from, left_ms);
        }
        reached
    }
}

/// The same wall time so many working days later, for the first of those who owe at `since`. A revision that came into
/// force after that instant does not move it any more.
pub fn workdays_later(
    calendars: &Calendars,
    people: &People,
    who: &[Who],
    since: Instant,
    days: u32,
) -> Option<Instant> {
    let members = calendars.members(people, who, since);
    first_fixed(calendars, people, &members, since, |revision, from| {
        let due = members.iter().filter_map(|person| {
            let mut calendar = calendars.calendar_by(revision, people, person, from);
            // Where a deputy takes over, the days of the leave count.
            calendar.away = calendars.uncovered(people, person);
            calendar.add_workdays(since, days)
        });
        due.min()
    })
}

/// The same wall time so many of a person's working days later; leave is no working day. As in [`workdays_later`] a
/// later revision does not move it.
pub fn workdays_of(
    calendars: &Calendars,
    people: &People,
    person: &Name,
    since: Instant,
    days: u32,
) -> Option<Instant> {
    first_fixed(calendars, people, std::slice::from_ref(person), since, |revision, from| {
        let mut calendar = calendars.calendar_by(revision, people, person, from);
        calendar.away = calendars.away(person).to_vec();
        calendar.add_workdays(since, days)
    })
}

/// What `due_by` says by the revision and the zones in force at `since`, or by the last that came into force before it
/// was due.
fn first_fixed(
    calendars: &Calendars,
    people: &People,
    members: &[Name],
    since: Instant,
    due_by: impl Fn(&InForce, Instant) -> Option<Instant>,
) -> Option<Instant> {
    let eras = calendars.eras_from(people, members, since).into_iter();
    let mut dues = eras.map(|(from, revision, replaced_at)| (due_by(revision, from), replaced_at));
    dues.find(|(due, replaced_at)| replaced_at.is_none_or(|at| due.is_some_and(|due| due < at)))?.0
}

/// `who` with groups taken apart and without the asker, each once.
pub fn apart(calendars: &Calendars, who: &[Who], asker: &Name, at: Instant) -> Vec<Who> {
    let mut apart: Vec<Who> = Vec::new();
    let mut add = |who: Who| {
        if who != Who::Person(asker.clone()) && !apart.contains(&who) {
            apart.push(who);
        }
    };
    for who in who {
        match who {
            Who::Person(_) | Who::Rotation(_) => add(who.clone()),
            Who::Group(_) => calendars.listed(who, at).into_iter().map(Who::Person).for_each(&mut add),
            Who::Responders => {}
        }
    }
    apart
}

/// Promises in order of how soon they ask for an answer: plain hours before office hours, a working day as eight hours.
pub fn rank_ms(level: &Level) -> i64 {
    let office_factor = match level.clock {
        Clock::Always => 1,
        Clock::OfficeHours => 3,
    };
    match level.respond_within {
        None => i64::MAX,
        Some(Promise::Ms(ms)) => ms.saturating_mul(office_factor),
        Some(Promise::Workdays(days)) => i64::from(days).saturating_mul(DAY_MS),
    }
}
