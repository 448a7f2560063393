//! Who is in office when, minute by minute: plain, and nothing of Usher's in it.
//!
//! Time is cut into minutes of UTC and each is looked at on the wall of each person. Zones change their
//! offset on a quarter of an hour, and the office hours of the simulation begin and end on one, so of each quarter
//! only the first minute is looked at; leave begins and ends on any minute.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use chrono_tz::Tz;

use super::book::{Book, DAY, MINUTE, Ms, Rotation, Week, Who};

/// Minutes in a quarter of an hour.
const QUARTER: i64 = 15;

/// Somebody is away, as told at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leave {
    pub who: Who,
    pub told: Ms,
    pub from: Ms,
    pub to: Ms,
    /// Whether it is long enough for the deputy to take over.
    pub long: bool,
}

/// Somebody is in another zone from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    pub who: Who,
    pub at: Ms,
    pub to: Tz,
}

/// The books in force, each from an instant on, the leaves told, and who moved where.
#[derive(Clone, Debug)]
pub struct Rules {
    pub books: Vec<(Ms, Book)>,
    pub leaves: Vec<Leave>,
    /// In the order of time.
    pub moves: Vec<Moved>,
}

impl Rules {
    /// The book in force at an instant.
    pub fn at(&self, at: Ms) -> &Book {
        let mut book = &self.books[0].1;
        for (from, next) in &self.books {
            if *from <= at {
                book = next;
            }
        }
        book
    }

    /// The zone of a person at an instant.
    pub fn zone_of(&self, who: Who, at: Ms) -> Tz {
        let moves = self.moves.iter().rev();
        let last = moves.filter(|moved| moved.who == who && moved.at <= at).map(|moved| moved.to).next();
        last.unwrap_or_else(|| self.at(at).zone_of(who))
    }
}

/// Minutes of one person: in office, and in office but in focus.
struct Row {
    open: Vec<bool>,
    focus: Vec<bool>,
}

/// Everybody's office hours, as they came to be.
pub struct Office {
    first: i64,
    rows: Vec<Row>,
    /// When books and leaves begin and end, in order.
    changes: Vec<Ms>,
    pub rules: Rules,
}

/// Whether the minute of the wall lies in one of the week's spans.
fn in_week(week: &Week, wall: NaiveDateTime) -> bool {
    let minute = i64::from(wall.hour() * 60 + wall.minute());
    let day = wall.weekday().num_days_from_monday() as usize;
    let today = week.0[day].iter().any(|(from, to)| *from <= minute && minute < *to);
    let night = week.0[(day + 6) % 7].iter().any(|(from, to)| *from <= minute + 1440 && minute + 1440 < *to);
    today || night
}

fn is_off(book: &Book, who: Who, wall: NaiveDateTime) -> bool {
    let minute = i64::from(wall.hour() * 60 + wall.minute());
    let place = &book.places[book.people[who].place];
    let has_place = !book.people[who].roams;
    has_place && place.holidays.iter().any(|(date, from)| *date == wall.date() && *from <= minute)
}

impl Office {
    /// The office hours of everybody between two instants.
    pub fn new(rules: Rules, from: Ms, to: Ms) -> Office {
        let first = from.div_euclid(MINUTE);
        let minutes = (to.div_euclid(MINUTE) - first) as usize;
        let people = rules.books[0].1.people.len();
        let rows = (0..people).map(|who| row(&rules, who, first, minutes)).collect();
        let leaves = rules.leaves.iter().flat_map(|leave| [leave.from, leave.to]);
        let moves = rules.moves.iter().map(|moved| moved.at);
        let books = rules.books.iter().map(|(at, _)| *at);
        let mut changes: Vec<Ms> = books.chain(leaves).chain(moves).collect();
        changes.sort_unstable();
        Office { first, rows, changes, rules }
    }

    fn index(&self, at: Ms) -> usize {
        (at.div_euclid(MINUTE) - self.first).max(0) as usize
    }

    /// The last instant that is known.
    pub fn end(&self) -> Ms {
        (self.first + self.rows[0].open.len() as i64) * MINUTE
    }

    /// Whether somebody is in office.
    pub fn is_open(&self, who: Who, at: Ms) -> bool {
        self.rows[who].open.get(self.index(at)).copied().unwrap_or(false)
    }

    /// Whether somebody is in office and not in focus.
    pub fn is_reachable(&self, who: Who, at: Ms) -> bool {
        self.is_open(who, at) && !self.rows[who].focus.get(self.index(at)).copied().unwrap_or(false)
    }

    /// The date on somebody's wall.
    pub fn date(&self, who: Who, at: Ms) -> NaiveDate {
        wall(self.rules.zone_of(who, at), at).date()
    }

    /// Who has the shift of a rotation.
    pub fn on_duty(&self, rotation: usize, at: Ms) -> Who {
        on_duty(&self.rules.at(at).rotations[rotation], at)
    }

    /// Who stands in for somebody on a long leave at an instant.
    pub fn stand_in(&self, who: Who, at: Ms) -> Option<Who> {
        let away = |leave: &&Leave| leave.who == who && leave.long && leave.from <= at && at < leave.to;
        self.rules.leaves.iter().find(away)?;
        self.rules.at(at).people[who].deputy
    }

    /// The first instant at or after `at` at which somebody is in office.
    pub fn opening(&self, who: Who, at: Ms) -> Option<Ms> {
        if self.is_open(who, at) {
            return Some(at);
        }
        let row = &self.rows[who].open;
        let index = (self.index(at) + 1..row.len()).find(|index| row[*index])?;
        Some((self.first + index as i64) * MINUTE)
    }

    /// The same wall time so many of somebody's working days later.
    pub fn workdays_later(&self, who: Who, at: Ms, days: usize) -> Option<Ms> {
        let book = self.rules.at(at);
        let zone = self.rules.zone_of(who, at);
        let start = self.opening(who, at)?;
        let local = wall(zone, start);
        let minute = i64::from(local.hour() * 60 + local.minute());
        let week = &book.people[who].hours;
        let eve = week.0[(local.weekday().num_days_from_monday() as usize + 6) % 7].iter();
        let night = eve.clone().any(|(from, to)| *from <= minute + 1440 && minute + 1440 < *to);
        let mut date = local.date() - Days::new(u64::from(night));
        let mut left = days;
        while left > 0 {
            date = date + Days::new(1);
            if ms_of(date) > self.end() + DAY {
                return None;
            }
            left -= usize::from(self.is_working_day(who, date));
        }
        let date = date + Days::new(u64::from(night));
        let meant = first_showing(zone, date.and_time(local.time()), ms_of(date) - DAY)?;
        self.opening(who, meant)
    }

    /// Whether a span of office hours that begins on that date has open time on it. A leave cuts a quarter once at
    /// most, so its first and last minute say whether any of it is open.
    fn is_working_day(&self, who: Who, date: NaiveDate) -> bool {
        let start = ms_of(date) - DAY;
        (0..3 * DAY / MINUTE / QUARTER).any(|quarter| {
            let at = start + quarter * QUARTER * MINUTE;
            let is_open = || self.is_open(who, at) || self.is_open(who, at + (QUARTER - 1) * MINUTE);
            is_open() && {
                // The hours and the zone of that time: a revision may have come since the day before.
                let week =
                    &self.rules.at(at).people[who].hours.0[date.weekday().num_days_from_monday() as usize];
                let wall = wall(self.rules.zone_of(who, at), at);
                let minute = i64::from(wall.hour() * 60 + wall.minute());
                wall.date() == date && week.iter().any(|(from, to)| *from <= minute && minute < *to)
            }
        })
    }

    /// Whether books or leaves begin or end after `from`, up to `to`.
    pub fn changes_between(&self, from: Ms, to: Ms) -> bool {
        self.changes.iter().any(|change| from < *change && *change <= to)
    }

    /// The next instant at which anything about anybody's hours or duty may change.
    pub fn next_change(&self, at: Ms) -> Ms {
        let quarter = QUARTER * MINUTE;
        let next = (at.div_euclid(quarter) + 1) * quarter;
        let place = self.changes.partition_point(|change| *change <= at);
        self.changes.get(place).copied().unwrap_or(Ms::MAX).min(next)
    }
}

fn row(rules: &Rules, who: Who, first: i64, minutes: usize) -> Row {
    let mut open = vec![false; minutes];
    let mut focus = vec![false; minutes];
    let moved: Vec<usize> = rules
        .moves
        .iter()
        .filter(|moved| moved.who == who)
        .map(|moved| (moved.at.div_euclid(MINUTE) - first) as usize)
        .collect();
    for (number, (from, book)) in rules.books.iter().enumerate() {
        let from = if number == 0 { 0 } else { (from.div_euclid(MINUTE) - first).max(0) as usize };
        let to =
            rules.books.get(number + 1).map_or(minutes, |(to, _)| (to.div_euclid(MINUTE) - first) as usize);
        let person = &book.people[who];
        for index in from..to {
            let at = (first + index as i64) * MINUTE;
            let quarter = index.saturating_sub((first + index as i64).rem_euclid(QUARTER) as usize);
            if quarter < index && quarter >= from && !moved.contains(&index) {
                (open[index], focus[index]) = (open[index - 1], focus[index - 1]);
                continue;
            }
            let wall = wall(rules.zone_of(who, at), at);
            open[index] = in_week(&person.hours, wall) && !is_off(book, who, wall);
            focus[index] = open[index] && person.focus.as_ref().is_some_and(|week| in_week(week, wall));
        }
    }
    for leave in rules.leaves.iter().filter(|leave| leave.who == who) {
        let index = |at: Ms| (at.div_euclid(MINUTE) - first).clamp(0, minutes as i64) as usize;
        open[index(leave.from)..index(leave.to)].fill(false);
    }
    Row { open, focus }
}

/// What the wall shows.
pub fn wall(zone: Tz, at: Ms) -> NaiveDateTime {
    DateTime::from_timestamp_millis(at).expect("in chrono's range").with_timezone(&zone).naive_local()
}

fn ms_of(date: NaiveDate) -> Ms {
    date.and_hms_opt(0, 0, 0).expect("midnight exists").and_utc().timestamp_millis()
}

/// The first instant after `from` at which the wall shows `meant` or, where it skips that, later.
fn first_showing(zone: Tz, meant: NaiveDateTime, from: Ms) -> Option<Ms> {
    let floor = meant.with_second(0)?.with_nanosecond(0)?;
    let step = QUARTER * MINUTE;
    let first = from.div_euclid(step);
    for quarter in first..first + 4 * DAY / step {
        let shown = wall(zone, quarter * step);
        if shown + TimeDelta::minutes(QUARTER - 1) < floor {
            continue;
        }
        let into = (floor - shown).num_milliseconds();
        let at = quarter * step + into.max(0);
        return Some(if into >= 0 { at + (meant - floor).num_milliseconds() } else { at });
    }
    None
}

fn on_duty(rotation: &Rotation, at: Ms) -> Who {
    // The first date of a rotation is a date of its weekday here, and long ago.
    let mut date = rotation.from;
    let mut turn = 0;
    loop {
        let next = date + Days::new(rotation.weeks as u64 * 7);
        let time =
            chrono::NaiveTime::from_hms_opt(rotation.handoff as u32 / 60, rotation.handoff as u32 % 60, 0);
        let handoff = next.and_time(time.expect("a time of the day"));
        if ms_of(next) - 2 * DAY > at || wall(rotation.zone, at) < handoff {
            return rotation.members[turn % rotation.members.len()];
        }
        date = next;
        turn += 1;
    }
}
