//! About calls: suggested, taken, over; and the written way.

use super::Words;
use crate::calendar::{Instant, MINUTE_MS};
use crate::core::action::Choice;
use crate::core::event::MessageId;
use crate::core::line::{Line, button};
use crate::core::message::{Button, Message, Part, TimeStyle};
use crate::core::run::Run;
use crate::core::talk::When;
use crate::core::terms::{day_or_clock, number, slug};
use crate::runbook::Name;

/// How long a call takes where no runbook says it.
const CALL_MIN: i64 = 15;

impl Words<'_> {
    /// In a long thread, or where somebody asks for it.
    pub(in crate::core) fn call(
        &self,
        run: &Run,
        when: When,
        asked_by: Option<&Name>,
        now: Instant,
    ) -> Message {
        let line = match asked_by {
            Some(person) => Line::default().part(self.name(person)).words(" asks for a short call. "),
            None => Line::of(&format!("{} rounds so far. ", number(run.exchanges_ever()))),
        };
        let length_min =
            self.runbook.as_ref().map_or(CALL_MIN, |runbook| runbook.threads.call_length_ms / MINUTE_MS);
        let line = line.words(&self.all_in(run, when, now));
        let line = match when {
            When::Now { .. } | When::Slot(_) => line.words(&format!(": {length_min} minutes?")),
            When::Never => line.words(". A recording may do instead, or one page in writing."),
        };
        let ways_out = [button("Resolved", Choice::Resolved), button("Not now", Choice::NotNow)];
        line.buttons(self.times(run, when, now).into_iter().chain(ways_out).collect())
    }

    /// To one who asks for a call where Usher does not speak.
    pub(in crate::core) fn call_privately(&self, run: &Run, when: When, now: Instant) -> Message {
        let line = Line::of("I do not speak in this channel, so it is for you to ask them. ");
        line.words(&self.all_in(run, when, now)).words(".").done()
    }

    /// `You're both in until 17:00 Berlin`
    fn all_in(&self, run: &Run, when: When, now: Instant) -> String {
        let all = match run.people.len() {
            0 | 1 => "You're",
            2 => "You're both",
            _ => "You're all",
        };
        match when {
            When::Now { until: Some(until), .. } => {
                format!("{all} in until {}", self.on_walls(&run.people, until, now))
            }
            When::Now { until: None, .. } => format!("{all} here"),
            When::Slot(slot) => format!("{all} in at {}", self.on_walls(&run.people, slot.from, now)),
            When::Never => "I see no hour soon in which all of you are in".to_owned(),
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

    /// In a long thread of many, or of people who are never in together.
    pub(in crate::core) fn written_way(&self, run: &Run) -> Message {
        let line = Line::of(&format!("{} rounds so far. ", number(run.exchanges_ever())));
        let line = line.words("To settle it in writing: could ");
        let line = match run.people.first() {
            Some(writer) => line.part(self.name(writer)),
            None => line.words("one of you"),
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
        let line = if at > now { line.words(", ").time(at, zone, TimeStyle::Day) } else { line };
        let link = self.runbook.as_ref().and_then(|runbook| runbook.team.call_link.clone());
        let line = match link {
            Some(url) => {
                let url = url.replace("{thread}", &slug(first));
                line.words(": ").part(Part::Link { label: url.clone(), url })
            }
            None => line,
        };
        line.words(". Afterwards, one line for the rest of us: ").code("usher outcome …").done()
    }

    /// After a call, to one who was in it.
    pub(in crate::core) fn ask_outcome(&self) -> Message {
        Line::of("How did the call end? One line will do, I post it here: ").code("usher outcome …").done()
    }

    /// In the thread: how the talk ended.
    pub(in crate::core) fn outcome(&self, by: &Name, text: &str) -> Message {
        Line::default().strong("Outcome").words(", by ").part(self.name(by)).words(": ").quote(text).done()
    }

    /// In place of a suggestion that nobody wanted.
    pub(in crate::core) fn not_now(&self) -> Message {
        Line::of("No call for now. ").code("usher call").words(" brings it back.").done()
    }
}
