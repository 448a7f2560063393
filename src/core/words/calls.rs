//! About calls: suggested, taken, over; and the written way.

use super::Words;
use crate::calendar::{Instant, MINUTE_MS};
use crate::core::action::{Choice, Kind};
use crate::core::calls::When;
use crate::core::event::MessageId;
use crate::core::line::{Line, button};
use crate::core::message::{Button, Message, Part};
use crate::core::run::Run;
use crate::core::terms::{day_or_clock, number, slug};
use crate::runbook::Name;

/// How long a call takes where no runbook says it.
const CALL_MIN: i64 = 15;

impl Words<'_> {
    /// In a long thread, or where somebody asks for it: who, when, and where.
    pub(in crate::core) fn call(
        &self,
        run: &Run,
        when: When,
        asked_by: Option<&Name>,
        now: Instant,
    ) -> Message {
        let line = self.why_a_call(run, asked_by);
        let line = match when {
            When::Now { .. } | When::Slot(_) => line.parts(self.names(&run.people)).words(", you're "),
            When::Never => line.words("I see no hour soon in which all of you are in"),
        };
        self.offer(line, run, when, now)
    }

    /// To one who takes part, where a post in the thread would ping somebody who may not be told: `off`. Where
    /// nobody is off, Usher does not speak in the channel.
    pub(in crate::core) fn call_for_one(
        &self,
        run: &Run,
        off: &[Name],
        reader: &Name,
        when: When,
        asked_by: Option<&Name>,
        now: Instant,
    ) -> Message {
        let line = match asked_by {
            Some(person) if person == reader => Line::default(),
            Some(_) | None => self.why_a_call(run, asked_by),
        };
        let line = match off {
            [] => line.words("I do not speak in this channel, so it is for you to ask them. "),
            off => {
                let line = line.words("I tell only you, so as not to disturb ").parts(self.names(off));
                line.words(" now. ")
            }
        };
        // The reader's own time first.
        let mut run = run.clone();
        run.people.sort_by_key(|person| person != reader);
        self.offer(line.words(you_are(when)), &run, when, now)
    }

    fn why_a_call(&self, run: &Run, asked_by: Option<&Name>) -> Line {
        match asked_by {
            Some(person) => Line::default().part(self.name(person)).words(" asks for a short call. "),
            None => Line::of(&format!("{} rounds so far. ", number(run.exchanges_ever()))),
        }
    }

    /// When, how long and where, with the buttons for it.
    fn offer(&self, line: Line, run: &Run, when: When, now: Instant) -> Message {
        let length_min =
            self.runbook.as_ref().map_or(CALL_MIN, |runbook| runbook.threads.call_length_ms / MINUTE_MS);
        let line = line.words(&self.all_in(run, when, now));
        let line = match when {
            When::Now { .. } | When::Slot(_) => {
                let line = line.words(&format!(": {length_min} minutes?"));
                match self.call_link(&run.first) {
                    Some(link) => line.words(" ").part(link),
                    None => line,
                }
            }
            When::Never => line.words(". A recording may do instead, or one page in writing."),
        };
        let ways_out = [button("Resolved", Choice::Resolved), button("Not now", Choice::NotNow)];
        line.buttons(self.times(run, when, now).into_iter().chain(ways_out).collect())
    }

    fn call_link(&self, first: &MessageId) -> Option<Part> {
        let url = self.runbook.as_ref()?.team.call_link.as_ref()?.replace("{thread}", &slug(first));
        Some(Part::Link { label: url.clone(), url })
    }

    /// To one who asks by command for a call where nothing is said.
    pub(in crate::core) fn call_privately(&self, run: &Run, when: When, now: Instant) -> Message {
        let line = Line::of("I do not speak in this channel, so it is for you to ask them. ");
        let line = line.words(you_are(when)).words(&self.all_in(run, when, now));
        match (when, self.call_link(&run.first)) {
            (When::Now { .. } | When::Slot(_), Some(link)) => line.words(". The link: ").part(link).done(),
            (When::Now { .. } | When::Slot(_), None) | (When::Never, _) => line.words(".").done(),
        }
    }

    /// `both in until 17:00 Berlin`
    fn all_in(&self, run: &Run, when: When, now: Instant) -> String {
        let all = if run.people.len() > 2 { "all" } else { "both" };
        match when {
            When::Now { until: Some(until), .. } => {
                format!("{all} in until {}", self.on_walls(&run.people, until, now))
            }
            When::Now { until: None, .. } => format!("{all} here"),
            When::Slot(slot) => format!("{all} in at {}", self.on_walls(&run.people, slot.from, now)),
            When::Never => String::new(),
        }
    }

    /// The buttons for when a call can be.
    fn times(&self, run: &Run, when: When, now: Instant) -> Vec<Button> {
        let at = |at: Instant| {
            let first = run.people.first().cloned().unwrap_or_default();
            let zone = self.zone(&first);
            let wall = match self.zones(&run.people, at).len() {
                0 | 1 => day_or_clock(at, now, zone).format(at, zone),
                _ => self.on_walls(&[first], at, now),
            };
            button(&wall, Choice::CallAt(at))
        };
        match when {
            When::Now { later, .. } => {
                let now = button("Call now", Choice::CallNow);
                [now].into_iter().chain(later.map(|slot| at(slot.from))).collect()
            }
            When::Slot(slot) => vec![at(slot.from)],
            When::Never => Vec::new(),
        }
    }

    /// In a long thread of many, or of people who are never in together; or to one of them alone.
    pub(in crate::core) fn written_way(&self, run: &Run, alone: Option<&Name>) -> Message {
        let line = Line::of(&format!("{} rounds so far. ", number(run.exchanges_ever())));
        let line = line.words("To settle it in writing: could ");
        let line = match (alone, run.people.first()) {
            (Some(_), _) => line.words("you"),
            (None, Some(writer)) => line.part(self.name(writer)),
            (None, None) => line.words("one of you"),
        };
        let line = line.words(" sum up the problem, the options, the choice and why?");
        line.buttons(vec![button("Resolved", Choice::Resolved), button("Not now", Choice::NotNow)])
    }

    /// In place of a suggestion: the call is on.
    pub(in crate::core) fn call_taken(
        &self,
        by: &Name,
        first: &MessageId,
        at: Instant,
        now: Instant,
    ) -> Message {
        let zone = self.zone(by);
        let line = Line::default().part(self.name(by)).words(" takes it to a call");
        let line = match at > now {
            true => line.words(", ").time(at, zone, day_or_clock(at, now, zone)),
            false => line,
        };
        let line = match self.call_link(first) {
            Some(link) => line.words(": ").part(link),
            None => line,
        };
        let line = line.words(". Afterwards, one line for the rest of us: ").command("outcome …");
        line.buttons(vec![button("Call it off", Choice::CallOff)])
    }

    /// In place of a call that was taken.
    pub(in crate::core) fn call_off(&self, by: &Name) -> Message {
        let line = Line::default().part(self.name(by)).words(" called the call off. ");
        line.command("call").words(" brings it back.").done()
    }

    /// After a call, to one who was in it.
    pub(in crate::core) fn ask_outcome(&self) -> Message {
        Line::of("How did the call end? One line will do, I post it here: ").command("outcome …").done()
    }

    /// In the thread: how the talk ended.
    pub(in crate::core) fn outcome(&self, by: &Name, text: &str) -> Message {
        Line::default().strong("Outcome").words(", by ").part(self.name(by)).words(": ").quote(text).done()
    }

    /// In place of a suggestion that nobody wanted.
    pub(in crate::core) fn not_now(&self, kind: Kind) -> Message {
        match kind == Kind::WrittenWay {
            true => Line::of("Not in writing, then. ").command("call").words(" suggests a call.").done(),
            false => Line::of("No call for now. ").command("call").words(" brings it back.").done(),
        }
    }

    /// In place of a suggestion: the matter is settled.
    pub(in crate::core) fn resolved_by(&self, by: &Name) -> Message {
        Line::of("Resolved, says ").part(self.name(by)).words("; no call needed.").done()
    }
}

/// `You're `, where there is an hour for it.
fn you_are(when: When) -> &'static str {
    match when {
        When::Now { .. } | When::Slot(_) => "You're ",
        When::Never => "I see no hour soon in which all of you are in",
    }
}
