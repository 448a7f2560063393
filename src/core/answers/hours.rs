//! `hours`: when somebody is in, and when any or all of several are.

use std::sync::Arc;

use chrono::NaiveDate;

use super::who::channel_part;
use super::{Asked, LISTED, Reader};
use crate::calendar::{OpenTable, Span, day_start_or_next, local_date};
use crate::core::command::{Days, Mistake, Whom};
use crate::core::engine::Engine;
use crate::core::line::Line;
use crate::core::message::{Message, TimeStyle};
use crate::core::terms::city;
use crate::runbook::{Clock, Name, Runbook, Who};

/// Calendars are kept so far ahead that this lies within them.
const AHEAD_DAYS: i64 = 180;

/// Whose hours are asked for, on which days, for whom.
struct Question<'a> {
    runbook: &'a Runbook,
    who: &'a [Who],
    days: Vec<NaiveDate>,
    /// All of the days.
    span: Span,
    reader: Reader,
}

impl Question<'_> {
    /// Whether somebody is meant by their duty: then nobody of them is in together.
    fn has_rotation(&self) -> bool {
        self.who.iter().any(|who| matches!(who, Who::Rotation(_)))
    }
}

impl Engine {
    /// The office hours of some days, in the reader's time.
    pub(in crate::core) fn hours(
        &mut self,
        asked: &Asked<'_>,
        of: &Whom,
        days: Days,
    ) -> Result<Message, Mistake> {
        let runbook = self.runbook().ok_or(Mistake::NoRunbook)?;
        let reader = self.reader(&asked.by, asked.now);
        let today = local_date(reader.zone, asked.now);
        let first = days.first.date(today);
        if !(0..=AHEAD_DAYS).contains(&(first - today).num_days()) {
            return Err(Mistake::NoHoursOf { days: AHEAD_DAYS });
        }
        let (line, who) = match of {
            Whom::Of(who) => (Line::default(), vec![who.clone()]),
            Whom::Topic(topic) => {
                let owner = vec![runbook.owners[topic].clone()];
                let line = Line::default().strong(topic).words(" is with ");
                (line.parts(self.whose(&owner, asked.now)).words(".").newline(), owner)
            }
            Whom::Channel(channel) => {
                let responders = self.policy_of(&runbook, channel).responders;
                let line = Line::default().part(channel_part(channel));
                if responders.is_empty() {
                    let line = line.words(": whoever is mentioned there answers, in their own hours. ");
                    return Ok(line.code("hours @name").words(" shows those.").done());
                }
                let line = line.words(" is answered by ").parts(self.whose(&responders, asked.now));
                (line.words(".").newline(), responders)
            }
        };
        let days: Vec<NaiveDate> = first.iter_days().take(days.count).collect();
        let span =
            days.iter().fold(reader.day(first), |span, date| Span { to: reader.day(*date).to, ..span });
        Ok(self.hours_of(line, asked, &Question { runbook: &runbook, who: &who, days, span, reader }))
    }

    fn hours_of(&mut self, line: Line, asked: &Asked<'_>, question: &Question<'_>) -> Message {
        let rows = self.rows(question);
        match rows.as_slice() {
            [] => line.words("Nobody is in it now, so there are no hours.").done(),
            [row] => self.hours_of_one(line, asked, row, question),
            rows => self.hours_of_many(line, rows, question),
        }
    }

    /// Those who are meant on the days, each with their office hours; of a rotation within their shifts.
    fn rows(&mut self, question: &Question<'_>) -> Vec<(Name, Arc<OpenTable>)> {
        let (now, span) = (question.reader.now, question.span);
        let mut rows: Vec<(Name, Arc<OpenTable>)> = Vec::new();
        let mut add =
            |person: Name, table: Arc<OpenTable>| match rows.iter_mut().find(|(name, _)| *name == person) {
                Some((_, known)) => *known = Arc::new(OpenTable::union(&[known.as_ref(), table.as_ref()])),
                None => rows.push((person, table)),
            };
        for who in question.who {
            let Who::Rotation(rotation) = who else {
                for person in self.calendars.listed(who, now) {
                    let table = self.calendars.office(&self.people, &person, now);
                    add(person, table);
                }
                continue;
            };
            let plan = question.runbook.rotations.get(rotation);
            for shift in plan.map(|plan| plan.shifts(span.from, span.to)).unwrap_or_default() {
                let office = self.calendars.office(&self.people, &shift.who, now);
                let on_duty = office.spans(shift.span.from.max(span.from), shift.span.to.min(span.to));
                add(shift.who.clone(), Arc::new(OpenTable::from_spans(span, on_duty)));
            }
        }
        rows
    }

    fn hours_of_one(
        &mut self,
        line: Line,
        asked: &Asked<'_>,
        (person, table): &(Name, Arc<OpenTable>),
        question: &Question<'_>,
    ) -> Message {
        let reader = question.reader;
        let line = match *person == asked.by {
            true => line.words("You are in the office"),
            false => line.part(self.words().name(person)).words(" is in the office"),
        };
        let theirs = self.words().zone(person);
        let line = match theirs == reader.zone {
            true => line.words(&format!(", {} time:", city(reader.zone))),
            false => {
                line.words(&format!(", in your time ({}; theirs is {}):", city(reader.zone), city(theirs)))
            }
        };
        let days = question.days.iter();
        days.fold(line, |line, date| day(line.bullet(), table, *date, reader, "not in")).done()
    }

    /// The hours of whoever asks, on so many days from today; days alike are told together.
    pub(super) fn own_hours(&mut self, line: Line, asked: &Asked<'_>, count: usize) -> Line {
        let reader = self.reader(&asked.by, asked.now);
        let table = self.calendars.office(&self.people, &asked.by, asked.now);
        let dates: Vec<NaiveDate> = local_date(reader.zone, asked.now).iter_days().take(count).collect();
        let alike = dates.chunk_by(|one, next| reader.clocks(&table, *one) == reader.clocks(&table, *next));
        alike.fold(line, |line, days| match days {
            [] => line,
            [only] => day(line.bullet(), &table, *only, reader, "not in"),
            [first, .., last] => {
                let line = line.bullet().words(&first.format("%a %-d %b – ").to_string());
                let line = line.words(&last.format("%a %-d %b: ").to_string());
                spans_of_day(line, &table, *first, reader, "not in")
            }
        })
    }

    fn hours_of_many(
        &mut self,
        line: Line,
        rows: &[(Name, Arc<OpenTable>)],
        question: &Question<'_>,
    ) -> Message {
        let reader = question.reader;
        let every: Vec<&OpenTable> = rows.iter().map(|(_, table)| table.as_ref()).collect();
        let all = OpenTable::intersection(&every);
        let any = self.calendars.owed(&self.people, question.who, Clock::OfficeHours, reader.now);
        let mut line = line.words(&format!("In the office, {} time:", city(reader.zone)));
        for date in &question.days {
            let span = reader.day(*date);
            if any.spans(span.from, span.to).next().is_none() {
                line = line.bullet().words(&date.format("%a %-d %b: nobody is in").to_string());
                continue;
            }
            let is_theirs = |table: &OpenTable| table.spans(span.from, span.to).next().is_some();
            let rows = rows.iter().filter(|(_, table)| !question.has_rotation() || is_theirs(table));
            let rows: Vec<&(Name, Arc<OpenTable>)> = rows.collect();
            for (person, table) in rows.iter().take(LISTED) {
                let row = line.bullet().part(self.words().name(person)).words(", ");
                line = day(row, table, *date, reader, "not in");
            }
            if rows.len() > LISTED {
                line = line.bullet().words(&format!("and {} more", rows.len() - LISTED));
            }
            let is_any =
                |table: &OpenTable| table.spans(span.from, span.to).eq(any.spans(span.from, span.to));
            if let [(_, only)] = rows.as_slice()
                && is_any(only)
            {
                continue;
            }
            line = day(line.bullet().strong("any of them").words(", "), &any, *date, reader, "never");
            if !question.has_rotation() {
                line = day(line.bullet().strong("all at once").words(", "), &all, *date, reader, "never");
            }
        }
        if any.spans(question.span.from, question.span.to).next().is_none() {
            return line.done();
        }
        line.newline().words("What they owe together runs while any of them is in.").done()
    }
}

impl Reader {
    /// A date on the reader's wall.
    fn day(self, date: NaiveDate) -> Span {
        let from = day_start_or_next(self.zone, date);
        let to = date.succ_opt().map_or(from, |next| day_start_or_next(self.zone, next));
        Span { from, to }
    }

    /// From when until when it is open on a date, as the clocks on the reader's wall show it.
    fn clocks(self, table: &OpenTable, date: NaiveDate) -> Vec<[String; 2]> {
        let Span { from, to } = self.day(date);
        let clock = |at| TimeStyle::Clock.format(at, self.zone);
        table.spans(from, to).map(|span| [clock(span.from), clock(span.to)]).collect()
    }
}

/// `Mon 23 Nov: 09:00–12:30, 13:30–17:30`.
fn day(line: Line, table: &OpenTable, date: NaiveDate, reader: Reader, none: &str) -> Line {
    spans_of_day(line.words(&date.format("%a %-d %b: ").to_string()), table, date, reader, none)
}

/// `09:00–12:30, 13:30–17:30`.
fn spans_of_day(line: Line, table: &OpenTable, date: NaiveDate, reader: Reader, none: &str) -> Line {
    let Span { from, to } = reader.day(date);
    let spans: Vec<Span> = table.spans(from, to).collect();
    let clock = |line: Line, span: &Span| {
        let line = line.time(span.from, reader.zone, TimeStyle::Clock).words("–");
        line.time(span.to, reader.zone, TimeStyle::Clock)
    };
    match spans.is_empty() {
        true => line.words(none),
        false => line.listed(&spans, clock),
    }
}
