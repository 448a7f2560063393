//! Answers to commands: questions about the engine's state, in the reader's own time, to the reader alone.
//!
//! What a person typed is only ever a quote. Nobody is called late to anybody else.

mod due;
mod help;
mod home;
mod hours;
mod later;
mod owe;
mod page;
mod presence;
mod quiet;
mod share;
mod thread;
mod who;
mod why;
mod why_not;

pub(super) use home::is_home;

use chrono_tz::Tz;

use super::case::{Case, Owed};
use super::deadline::Course;
use super::engine::Engine;
use super::event::{ChannelId, Event, MessageId, UserId};
use super::line::{Line, joined};
use super::message::{Message, Part, TimeStyle};
use super::strand::StrandKey;
use super::terms::{day_or_clock, length};
use super::turn::Turn;
use crate::calendar::{Instant, Span, local_date, offset_ms};
use crate::runbook::{Clock, Level, Name, Promise, Who};

/// A list goes no further than this; the rest is counted.
const LISTED: usize = 15;
/// More stretches of a clock than this are not listed.
const STRETCHES: usize = 8;

/// Who gave a command or pressed a button, where and when.
pub(super) struct Asked<'a> {
    pub(super) event: &'a Event,
    pub(super) user: &'a UserId,
    pub(super) by: Name,
    pub(super) channel: &'a ChannelId,
    pub(super) thread: Option<&'a MessageId>,
    pub(super) now: Instant,
}

/// The talk that a command is about.
pub(super) struct Thread {
    /// The strand in which its cases stand.
    pub(super) key: StrandKey,
    /// A message of it: its first, where that is known.
    pub(super) about: MessageId,
    /// The first message of the platform thread; nothing in the main line.
    pub(super) root: Option<MessageId>,
}

/// Whoever reads an answer: times are in their zone.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub(super) zone: Tz,
    pub(super) now: Instant,
}

impl Engine {
    /// Who asks what where.
    pub(super) fn asked<'a>(
        &self,
        event: &'a Event,
        user: &'a UserId,
        channel: &'a ChannelId,
        thread: Option<&'a MessageId>,
        now: Instant,
    ) -> Asked<'a> {
        let by = self.people.person(event.platform, user);
        Asked { event, user, by, channel, thread, now }
    }

    /// Answers whoever asked, where they asked.
    pub(super) fn reply(&mut self, asked: &Asked<'_>, message: Message, turn: &mut Turn) {
        let place = Some((asked.channel, asked.thread));
        self.answer_privately(asked.event, asked.user, place, message, asked.now, turn);
    }

    pub(super) fn reader(&self, person: &Name, now: Instant) -> Reader {
        Reader { zone: self.words().zone(person), now }
    }

    /// The thread in which a command was given; in the main line the last talk that its giver has part in.
    pub(super) fn thread_of_command(&self, asked: &Asked<'_>) -> Option<Thread> {
        let Some(root) = asked.thread else { return self.last_talk_of(asked) };
        let key = StrandKey { channel: asked.channel.clone(), root: Some(root.clone()) };
        let key = self.home_of(&key, Some(root));
        let strand = self.strands.get(&key)?;
        let about = match strand.run_of(root) {
            Some(_) => root.clone(),
            None => strand.runs().first()?.first.clone(),
        };
        Some(Thread { key, about, root: Some(root.clone()) })
    }

    fn last_talk_of(&self, asked: &Asked<'_>) -> Option<Thread> {
        let key = StrandKey::line(asked.channel);
        let strand = self.strands.get(&key)?;
        let owes = |case: &Case| {
            case.open().is_some()
                && self.calendars.members(&self.people, &case.who, asked.now).contains(&asked.by)
        };
        let has_part = |run: &&super::run::Run| {
            run.knows(&asked.by) || run.cases.iter().any(|&case| owes(&strand.cases()[case]))
        };
        let about = strand.runs().iter().filter(has_part).max_by_key(|run| run.last_at)?.first.clone();
        Some(Thread { key, about, root: None })
    }

    /// What is or was owed in a thread, oldest first.
    pub(super) fn owed_in(&self, thread: &Thread) -> Vec<(Case, Owed)> {
        let Some(strand) = self.strands.get(&thread.key) else { return Vec::new() };
        let Some(run) = strand.run_of(&thread.about) else { return Vec::new() };
        let cases = strand.runs()[run].cases.iter().map(|&case| &strand.cases()[case]);
        let here = cases.filter(|case| case.is_in(thread.root.as_ref()));
        here.flat_map(|case| case.owed.iter().map(|owed| (Case::clone(case), owed.clone()))).collect()
    }

    /// What is owed in a thread now: the newest, if there are several.
    pub(super) fn open_in(&self, thread: &Thread) -> Option<(Case, Owed)> {
        self.owed_in(thread).into_iter().rev().find(|(_, owed)| owed.end.is_none())
    }

    /// The clock of what is owed.
    fn course(&mut self, case: &Case, owed: &Owed, now: Instant) -> Course {
        Course::of(&mut self.calendars, &self.people, owed, &case.who, now)
    }

    /// Who is meant, as people say it: a rotation with whoever has the duty now.
    pub(super) fn whose(&self, who: &[Who], now: Instant) -> Vec<Part> {
        let words = self.words();
        let mut each: Vec<Vec<Part>> = Vec::new();
        for who in who.iter().take(LISTED) {
            each.push(match who {
                Who::Person(person) => vec![words.name(person)],
                Who::Group(group) => vec![Part::Words(format!("everyone of {group}"))],
                Who::Rotation(rotation) => match self.calendars.on_duty(rotation, now) {
                    Some(person) => {
                        vec![words.name(&person), Part::Words(format!(" ({rotation} now)"))]
                    }
                    None => vec![Part::Words(format!("whoever is {rotation}"))],
                },
                Who::Responders => vec![Part::Words("those who owe the answer".to_owned())],
            });
        }
        if who.len() > LISTED {
            each.push(vec![Part::Words(format!("{} more", who.len() - LISTED))]);
        }
        joined(each, "or")
    }
}

impl Reader {
    /// An instant, as short as is clear.
    pub(super) fn time(self, line: Line, at: Instant) -> Line {
        line.time(at, self.zone, day_or_clock(at, self.now, self.zone))
    }

    /// An instant, and what the clock shows then in another zone where that differs.
    fn time_and_theirs(self, line: Line, at: Instant, theirs: Tz) -> Line {
        let line = self.time(line, at);
        if offset_ms(self.zone, at) == offset_ms(theirs, at) {
            return line;
        }
        let style = match local_date(self.zone, at) == local_date(theirs, at) {
            true => TimeStyle::Clock,
            false => TimeStyle::Day,
        };
        let city = super::terms::city(theirs);
        line.words(&format!(" your time ({} in {city})", style.format(at, theirs)))
    }

    /// From when until when; the day is said once.
    fn span(self, line: Line, span: Span) -> Line {
        let line = self.time(line, span.from).words("–");
        let last = span.to.plus(-1).max(span.from);
        match local_date(self.zone, span.from) == local_date(self.zone, last) {
            true => line.time(span.to, self.zone, TimeStyle::Clock),
            false => line.time(span.to, self.zone, TimeStyle::Day),
        }
    }

    /// Stretches one after the other.
    fn spans(self, line: Line, spans: &[Span]) -> Line {
        let line = line.listed(spans.iter().take(STRETCHES), |line, span| self.span(line, *span));
        if spans.len() > STRETCHES { line.words(", …") } else { line }
    }
}

/// A level's promise as people say it.
pub(super) fn promise(level: &Level) -> String {
    match (level.respond_within, level.clock) {
        (None, _) => "no answer is owed".to_owned(),
        (Some(Promise::Ms(ms)), Clock::OfficeHours) => {
            format!("an answer within {} of office hours", length(ms))
        }
        (Some(Promise::Ms(ms)), Clock::Always) => format!("an answer within {}, at any hour", length(ms)),
        (Some(Promise::Workdays(1)), _) => "an answer within a working day".to_owned(),
        (Some(Promise::Workdays(days)), _) => format!("an answer within {days} working days"),
    }
}
