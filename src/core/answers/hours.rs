//! `hours`: when somebody is in, and when all of a group are.

use std::sync::Arc;

use chrono::NaiveDate;

use super::{Asked, LISTED, Reader};
use crate::calendar::{OpenTable, Span, day_start_or_next, local_date};
use crate::core::engine::Engine;
use crate::core::line::Line;
use crate::core::message::{Message, TimeStyle};
use crate::core::terms::city;
use crate::runbook::{Name, Who};

impl Engine {
    /// The office hours of today, or of seven days, in the reader's time.
    pub(in crate::core) fn hours(&mut self, asked: &Asked<'_>, of: &Who, week: bool) -> Message {
        let reader = self.reader(&asked.by, asked.now);
        let people = self.calendars.listed(of, asked.now);
        let days = dates(local_date(reader.zone, asked.now), if week { 7 } else { 1 });
        match people.as_slice() {
            [] => Line::of("Nobody is in it now, so there are no hours.").done(),
            [person] => self.hours_of_one(asked, person, &days, reader),
            _ => self.hours_of_many(&people, &days, reader),
        }
    }

    fn hours_of_one(
        &mut self,
        asked: &Asked<'_>,
        person: &Name,
        days: &[NaiveDate],
        reader: Reader,
    ) -> Message {
        let line = match *person == asked.by {
            true => Line::of("You are in the office"),
            false => Line::default().part(self.words().name(person)).words(" is in the office"),
        };
        let theirs = self.words().zone(person);
        let line = match theirs == reader.zone {
            true => line.words(&format!(", {} time:", city(reader.zone))),
            false => {
                line.words(&format!(", in your time ({}; theirs is {}):", city(reader.zone), city(theirs)))
            }
        };
        let table = self.calendars.office(&self.people, person, reader.now);
        days.iter().fold(line, |line, date| day(line.bullet(), &table, *date, reader)).done()
    }

    fn hours_of_many(&mut self, people: &[Name], days: &[NaiveDate], reader: Reader) -> Message {
        let tables: Vec<Arc<OpenTable>> =
            people.iter().map(|person| self.calendars.office(&self.people, person, reader.now)).collect();
        let every: Vec<&OpenTable> = tables.iter().map(AsRef::as_ref).collect();
        let all = OpenTable::intersection(&every);
        let mut line = Line::of(&format!("In the office, {} time:", city(reader.zone)));
        for date in days {
            for (person, table) in people.iter().zip(&tables).take(LISTED) {
                line = day(line.bullet().part(self.words().name(person)).words(", "), table, *date, reader);
            }
            if people.len() > LISTED {
                line = line.bullet().words(&format!("and {} more", people.len() - LISTED));
            }
            line = day(line.bullet().strong("all at once").words(", "), &all, *date, reader);
        }
        line.done()
    }
}

/// `Mon 23 Nov: 09:00–12:30, 13:30–17:30`.
fn day(line: Line, table: &OpenTable, date: NaiveDate, reader: Reader) -> Line {
    let line = line.words(&date.format("%a %-d %b: ").to_string());
    let from = day_start_or_next(reader.zone, date);
    let to = date.succ_opt().map_or(from, |next| day_start_or_next(reader.zone, next));
    let spans: Vec<Span> = table.spans(from, to).collect();
    let clock = |line: Line, span: &Span| {
        let line = line.time(span.from, reader.zone, TimeStyle::Clock).words("–");
        line.time(span.to, reader.zone, TimeStyle::Clock)
    };
    match spans.is_empty() {
        true => line.words("not in"),
        false => line.listed(&spans, clock),
    }
}

fn dates(first: NaiveDate, count: usize) -> Vec<NaiveDate> {
    first.iter_days().take(count).collect()
}
