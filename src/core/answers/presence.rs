//! Whether somebody is in: since office hours, focus, leave and holidays say so.

use crate::calendar::{Instant, local_date};
use crate::core::engine::Engine;
use crate::core::line::Line;
use crate::core::message::TimeStyle;
use crate::core::terms::city;
use crate::runbook::Name;
use chrono::Datelike;

use super::Reader;

/// Whether somebody is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// In the office; until when, and until when in focus.
    In { until: Option<Instant>, focus_until: Option<Instant> },
    /// Not in; when they are back, as far as can be seen.
    Out { back: Option<Instant>, because: Because },
}

/// Why somebody is not in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Because {
    /// They said that they are away.
    Away,
    /// It is a holiday where they are.
    Holiday,
    /// It is outside their hours.
    Hours,
}

impl Engine {
    /// Whether somebody is in at `now`.
    pub(super) fn presence(&mut self, person: &Name, now: Instant) -> Presence {
        let office = self.calendars.office(&self.people, person, now);
        if office.is_open(now) {
            let available = self.calendars.available(&self.people, person, now);
            let until = office.next_close(now);
            let in_focus = !available.is_open(now);
            let focus_until =
                in_focus.then(|| available.next_open(now).into_iter().chain(until).min()).flatten();
            return Presence::In { until, focus_until };
        }
        let away = self.calendars.away(person).iter().any(|span| span.contains(now));
        let holiday = self.calendars.calendar(&self.people, person).is_some_and(|calendar| {
            let today = local_date(calendar.zone, now);
            let works = !calendar.hours.on_the_wall(today.weekday()).is_empty();
            works && calendar.holidays.is_closed_all_day(today)
        });
        let because = match (away, holiday) {
            (true, _) => Because::Away,
            (false, true) => Because::Holiday,
            (false, false) => Because::Hours,
        };
        Presence::Out { back: office.next_open(now), because }
    }

    /// `it's 22:10 in Tokyo, off, back Wed 01:00 your time (09:00 in Tokyo)`.
    pub(super) fn presence_words(&mut self, line: Line, person: &Name, reader: Reader) -> Line {
        let theirs = self.words().zone(person);
        let presence = self.presence(person, reader.now);
        let style = match local_date(theirs, reader.now) == local_date(reader.zone, reader.now) {
            true => TimeStyle::Clock,
            false => TimeStyle::Day,
        };
        let line = line.words(&format!("it's {} in {}, ", style.format(reader.now, theirs), city(theirs)));
        match presence {
            Presence::In { focus_until: Some(focus_until), .. } => {
                let line = line.words("in the office, in focus until ");
                reader.time(line, focus_until).words("; what does not interrupt waits until then")
            }
            Presence::In { until: Some(until), focus_until: None } => {
                reader.time_and_theirs(line.words("in the office until "), until, theirs)
            }
            Presence::In { until: None, focus_until: None } => line.words("in the office"),
            Presence::Out { back, because } => {
                let line = line.words(match because {
                    Because::Away => "away",
                    Because::Holiday => "a holiday there",
                    Because::Hours => "off",
                });
                match back {
                    Some(back) => reader.time_and_theirs(line.words(", back "), back, theirs),
                    None => line.words(", and I see no opening ahead"),
                }
            }
        }
    }
}
