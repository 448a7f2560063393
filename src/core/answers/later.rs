//! `later`: a text for somebody, at their opening.

use chrono_tz::Tz;

use super::{Asked, Reader};
use crate::calendar::{DAY_MS, Instant};
use crate::core::command::{Entry, Mistake, Point, When, clip};
use crate::core::engine::Engine;
use crate::core::line::Line;
use crate::core::message::Message;
use crate::core::said::Later;
use crate::core::wakes::Subject;
use crate::runbook::Name;

/// So many texts of one person wait.
const WAITING: usize = 20;
/// A text waits at most so long.
const LATER_DAYS: i64 = 90;

impl Engine {
    /// Keeps a text until its reader is next in.
    pub(in crate::core) fn send_later(
        &mut self,
        asked: &Asked<'_>,
        entry: &'static Entry,
        to: Name,
        at: Option<When>,
        text: String,
    ) -> Result<Message, Mistake> {
        let reader = self.reader(&asked.by, asked.now);
        let from = match at {
            None => asked.now,
            Some(when) => ahead(when, entry, reader, LATER_DAYS)?,
        };
        let line = Line::default();
        let reachable = self.runbook().and_then(|runbook| self.people.address(&runbook, &to, None)).is_some();
        if !reachable {
            return Ok(line
                .words("I cannot reach ")
                .part(self.words().name(&to))
                .words(": no platform has told me of them.")
                .done());
        }
        if self.desks.get(&asked.by).is_some_and(|desk| desk.later.len() >= WAITING) {
            let line = line.words(&format!("{WAITING} texts of yours wait already. "));
            return Ok(line.code("later list").words(" shows them.").done());
        }
        let Some(opening) = self.next_in(&to, from, asked.now) else {
            let line = line.words("I see no hour ahead in which ").part(self.words().name(&to));
            return Ok(line.words(" is in. Better leave it as a message.").done());
        };
        let later = Later { id: asked.event.key.clone(), to: to.clone(), at: opening, text: text.clone() };
        self.queue_later(&asked.by, later);
        let waiting = &self.desk(&asked.by).later;
        let number = waiting.iter().position(|known| known.id == asked.event.key).unwrap_or(0) + 1;
        let theirs = self.words().zone(&to);
        Ok(self.will_get(&to, opening, theirs, reader, number, &text))
    }

    /// A text waits at its sender's desk, the first to be delivered at the front.
    pub(in crate::core) fn queue_later(&mut self, from: &Name, later: Later) {
        self.wakes.set(Subject::Desk(from.clone()), later.at);
        let waiting = &mut self.desk(from).later;
        if waiting.iter().all(|known| known.id != later.id) {
            waiting.push(later);
            waiting.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        }
    }

    /// When somebody is next in and may hear something, from an instant on.
    pub(in crate::core) fn next_in(&mut self, person: &Name, from: Instant, now: Instant) -> Option<Instant> {
        let muted_until = self.desks.get(person).and_then(|desk| desk.muted_until);
        let from = muted_until.map_or(from, |until| until.max(from));
        self.calendars.available(&self.people, person, now).next_open(from)
    }

    fn will_get(
        &self,
        to: &Name,
        opening: Instant,
        theirs: Tz,
        reader: Reader,
        number: usize,
        text: &str,
    ) -> Message {
        let line = Line::default().part(self.words().name(to));
        if opening <= reader.now {
            return line.words(" is in and gets it at once: ").quote(text).words(".").done();
        }
        let line = reader.time_and_theirs(line.words(" gets this at "), opening, theirs);
        let line = line.words(", when they are in: ").quote(text).words(". ");
        line.code(&format!("later cancel {number}")).words(" takes it back.").done()
    }

    /// What waits to be delivered.
    pub(in crate::core) fn list_later(&self, asked: &Asked<'_>) -> Message {
        let reader = self.reader(&asked.by, asked.now);
        let waiting = self.desks.get(&asked.by).map_or(&[][..], |desk| desk.later.as_slice());
        if waiting.is_empty() {
            let line = Line::of("Nothing of yours waits. ").code("later @kim the report is ready");
            return line.words(" gives Kim that text when they are next in.").done();
        }
        let line = Line::of("These wait:");
        let line = waiting.iter().enumerate().fold(line, |line, (nth, later)| {
            let line = line.bullet().words(&format!("{}. ", nth + 1)).part(self.words().name(&later.to));
            reader.time(line.words(", "), later.at).words(": ").quote(&clip(&later.text))
        });
        line.newline().code("later cancel 1").words(" takes back the first.").done()
    }

    /// Takes back the text of that number.
    pub(in crate::core) fn cancel_later(&mut self, asked: &Asked<'_>, number: usize) -> Message {
        let waiting = self.desks.get(&asked.by).map_or(0, |desk| desk.later.len());
        if number > waiting {
            let line = Line::of(&match waiting {
                0 => "Nothing of yours waits.".to_owned(),
                1 => format!("There is no number {number}; one text waits. "),
                _ => format!("There is no number {number}; {waiting} texts wait. "),
            });
            return if waiting > 0 {
                line.code("later list").words(" shows them.").done()
            } else {
                line.done()
            };
        }
        let later = self.desk(&asked.by).later.remove(number - 1);
        let line = Line::of("Taken back; ").part(self.words().name(&later.to));
        line.words(" does not get ").quote(&clip(&later.text)).words(".").done()
    }
}

/// The instant that a time comes to, if it lies ahead and not too far.
pub(super) fn ahead(
    when: When,
    entry: &'static Entry,
    reader: Reader,
    most_days: i64,
) -> Result<Instant, Mistake> {
    let point = when.resolve(reader.zone, reader.now);
    let Some(Point::At(at) | Point::OpeningFrom(at)) = point else {
        return Err(Mistake::NotAhead { entry });
    };
    match at.since(reader.now) > most_days * DAY_MS {
        true => Err(Mistake::TooFar { days: most_days }),
        false => Ok(at),
    }
}
