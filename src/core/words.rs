//! Every sentence that Usher says by itself, one function each. Answers to commands are in `answers`.
//!
//! Short, warm, exact, in the reader's own time, with the way out in the same message. Nobody is called late.

use std::sync::Arc;

use chrono_tz::Tz;

use super::action::{Choice, Kind};
use super::case::How;
use super::engine::Engine;
use super::event::{ChannelId, MessageId, MessageRef};
use super::ladder::{Matter, is_before_due};
use super::line::{Line, button};
use super::message::{Button, Message, Part, TimeStyle};
use super::people::People;
use super::places::Places;
use super::run::Run;
use super::said::{Held, Later};
use super::strand::StrandKey;
use super::talk::When;
use super::terms::{
    cancelled, city, day_or_clock, everybody, kind_words, number, silence_words, slug, times,
};
use super::turn::Silence;
use crate::calendar::Instant;
use crate::runbook::{Name, Phone, Runbook, Step};

/// What the sentences are made from.
pub(super) struct Words<'a> {
    pub(super) engine: &'a Engine,
    pub(super) people: &'a People,
    pub(super) places: &'a Places,
    pub(super) runbook: Option<Arc<Runbook>>,
}

impl Engine {
    pub(super) fn words(&self) -> Words<'_> {
        Words { engine: self, people: &self.people, places: &self.places, runbook: self.runbook() }
    }
}

impl Words<'_> {
    /// In the thread, to those of a step who are in.
    pub(super) fn step_in_thread(
        &self,
        matter: &Matter<'_>,
        step: &Step,
        people: &[Name],
        waited: bool,
    ) -> Message {
        let mut line = Line::default();
        for (nth, person) in people.iter().enumerate() {
            line = line.words(if nth == 0 { "" } else { ", " }).part(self.mention(person));
        }
        let zone = self.shared_zone(people);
        line = match (waited, is_before_due(step) && !is_over(matter)) {
            (true, true) => line.words(", this came before your day began."),
            (true, false) | (false, false) => {
                line.words(", this still has no answer. Can one of you take it?")
            }
            (false, true) => {
                line.words(", ").part(self.name(&matter.case.asker)).words(" is waiting for an answer here.")
            }
        };
        let line = self.owed_by(line.words(" "), matter, zone).words(" 👀 takes it.");
        line.buttons(step_buttons())
    }

    /// In a direct message, to one person of a step.
    pub(super) fn step_directly(
        &self,
        matter: &Matter<'_>,
        step: &Step,
        person: &Name,
        waited: bool,
    ) -> Message {
        let zone = self.zone(person);
        let line = Line::default()
            .part(self.name(&matter.case.asker))
            .words(" asked ")
            .part(link(matter, "a question"));
        let line = line.words(" in ").part(self.places.part(&matter.key.channel));
        let line = match (waited, is_before_due(step) && !is_over(matter)) {
            (true, true) => line.words(" before your day began."),
            (_, false) => line.words(" that still has no answer."),
            (false, true) => line.words(" and is waiting for an answer."),
        };
        self.owed_by(line.words(" "), matter, zone)
            .words(" Answer there, or take it here.")
            .buttons(step_buttons())
    }

    /// To the pager.
    pub(super) fn page(&self, matter: &Matter<'_>, person: &Name) -> Message {
        let line =
            Line::default().strong(&matter.owed.level.name).words(": ").words(&matter.owed.level.means);
        let line = line.words(". Raised by ").part(self.name(&matter.case.asker)).words(" in ");
        let line = line.part(self.places.part(&matter.key.channel)).words(" at ");
        line.time(matter.owed.since, self.zone(person), TimeStyle::Date).words(".").done()
    }

    /// To the asker: who was paged.
    pub(super) fn paged(&self, matter: &Matter<'_>, person: &Name) -> Message {
        let zone = self.zone(person);
        let line = Line::default().words("I am paging ").part(self.name(person)).words(" now; it is ");
        let line = line
            .part(Part::Words(TimeStyle::Clock.format(matter.now, zone)))
            .words(&format!(" in {}.", city(zone)));
        line.words(" You will read here when it is taken.").done()
    }

    /// To an asker who asks for news.
    pub(super) fn how_it_stands(&self, matter: &Matter<'_>) -> Message {
        let zone = self.zone(&matter.case.asker);
        let line = Line::default();
        let line = match (&matter.owed.taken, matter.owed.paused_since()) {
            (_, Some(_)) => line.words("They asked you something back; the clock waits for your reply."),
            (Some((taker, at)), None) => {
                let line = line.part(self.name(taker)).words(" took this, ");
                self.owed_by(
                    line.time(*at, zone, day_or_clock(*at, matter.now, zone)).words(". "),
                    matter,
                    zone,
                )
            }
            (None, None) => self.owed_by(line.words("Nobody has taken this yet. "), matter, zone),
        };
        line.words(" If it cannot wait: ").code("usher urgent").words(".").done()
    }

    /// To whoever took a question a whole promise ago.
    pub(super) fn ask_taker(&self, matter: &Matter<'_>, taker: &Name) -> Message {
        let line = Line::default().words("You took ").part(link(matter, "a question")).words(" of ");
        let line = line
            .part(self.name(&matter.case.asker))
            .words(" in ")
            .part(self.places.part(&matter.key.channel));
        let line = match &matter.owed.taken {
            Some((_, at)) => line.words(", ").time(*at, self.zone(taker), TimeStyle::Day),
            None => line,
        };
        let line =
            line.words(". Is it done? If you are stuck, say so there and somebody else can pick it up.");
        line.buttons(vec![button("Done", Choice::Resolved), button("Why", Choice::Why)])
    }

    /// In place of a notice: somebody took it.
    pub(super) fn is_taken(&self, matter: &Matter<'_>) -> Message {
        let Some((taker, at)) = &matter.owed.taken else { return Message::default() };
        let zone = self.zone(&matter.case.asker);
        let line = Line::default()
            .part(self.name(taker))
            .words(" took this at ")
            .time(*at, zone, TimeStyle::Clock)
            .words(".");
        match matter.due {
            Some(due) => line.words(" Owed by ").time(due, zone, TimeStyle::Day).words(".").done(),
            None => line.done(),
        }
    }

    /// In place of a notice: it waits for the asker.
    pub(super) fn is_paused(&self, matter: &Matter<'_>) -> Message {
        let line = Line::default().words("Waiting for ").part(self.name(&matter.case.asker));
        line.words(" to reply; the clock stands still until then.").done()
    }

    /// In place of a notice: the asker replied, or whoever took it gave it back.
    pub(super) fn is_open_again(&self, matter: &Matter<'_>) -> Message {
        let zone = self.zone(&matter.case.asker);
        let line =
            Line::default().part(self.name(&matter.case.asker)).words(" is waiting for an answer here. ");
        self.owed_by(line, matter, zone).words(" 👀 takes it.").buttons(step_buttons())
    }

    /// In place of a notice: it is over.
    pub(super) fn has_ended(&self, matter: &Matter<'_>, how: Option<&How>) -> Message {
        let zone = self.zone(&matter.case.asker);
        let line = Line::default();
        let at = matter.owed.end.as_ref().map_or(matter.now, |end| end.at);
        match how {
            Some(How::Answered(by)) => {
                line.words("Answered by ").part(self.name(by)).words(", ").time(at, zone, TimeStyle::Day)
            }
            Some(How::Taken(by)) => {
                line.words("Taken by ").part(self.name(by)).words(", ").time(at, zone, TimeStyle::Day)
            }
            Some(How::Settled) => line.words("Settled, ").time(at, zone, TimeStyle::Day),
            Some(How::Cancelled(cause)) => line.words(cancelled(*cause)),
            None => line.words("This is over"),
        }
        .words(".")
        .done()
    }

    /// In place of a notice: messages that came late show that nothing was owed.
    pub(super) fn superseded(&self) -> Message {
        Line::default().words("Messages that reached me late show that nothing is owed here.").done()
    }

    /// To the asker, when no page can be sent.
    pub(super) fn emergency_card(&self, people: &[Name]) -> Message {
        let mut line = Line::default().words("I could not page anybody. Please reach one of these yourself:");
        for person in people {
            let listed = self.runbook.as_ref().and_then(|runbook| runbook.people.get(person).cloned());
            line = line.newline().words("• ").part(self.name(person));
            match listed.as_ref().and_then(|listed| listed.phone.as_ref()) {
                Some(Phone::Number(number)) => line = line.words(": ").code(number),
                Some(Phone::Secret(_)) => line = line.words(": their number is kept by the admins"),
                None => {}
            }
            if let Some(reach_me) = listed.and_then(|listed| listed.reach_me) {
                line = line.words(" (").quote(&reach_me).words(")");
            }
        }
        line.done()
    }

    /// What waited for a person.
    pub(super) fn digest(&self, person: &Name, held: &[Held], now: Instant) -> Message {
        let zone = self.zone(person);
        let mut line = Line::default().words(match held.len() {
            1 => "One question waits for you:",
            _ => "These questions wait for you:",
        });
        for held in held {
            let strand = self.engine.strands.get(&held.about.strand);
            let Some((case, owed)) = strand.and_then(|strand| strand.owing(&held.about.message)) else {
                continue;
            };
            let matter = Matter { key: &held.about.strand, case, owed, due: None, now };
            line = line
                .newline()
                .words("• ")
                .part(self.name(&case.asker))
                .words(" asked ")
                .part(link(&matter, "this"));
            line = line.words(" in ").part(self.places.part(&held.about.strand.channel));
            line = match held.due {
                Some(due) => line.words(", owed by ").time(due, zone, TimeStyle::Day),
                None => line.words(", since ").time(owed.since, zone, TimeStyle::Day),
            };
        }
        line.done()
    }

    /// What somebody asked to have delivered.
    pub(super) fn later(&self, from: &Name, later: &Later) -> Message {
        let line =
            Line::default().part(self.name(from)).words(" asked me to give you this when you are in: ");
        line.quote(&later.text).done()
    }

    /// To the one who takes over, the asker or the one who gives away.
    pub(super) fn handoff(
        &self,
        matter: &Matter<'_>,
        reader: &Name,
        gave: &[Name],
        took: &[Name],
    ) -> Message {
        let line = Line::default();
        let line = if took.contains(reader) {
            let line = line
                .words("Passed on to you from ")
                .parts(self.names(gave))
                .words(": ")
                .part(link(matter, "a question"));
            line.words(" of ")
                .part(self.name(&matter.case.asker))
                .words(" in ")
                .part(self.places.part(&matter.key.channel))
        } else if *reader == matter.case.asker {
            let line = line
                .part(link(matter, "Your question"))
                .words(" in ")
                .part(self.places.part(&matter.key.channel));
            line.words(" is with ").parts(self.names(took)).words(" now; the time so far counts")
        } else {
            let line = line.words("Your open ").part(link(matter, "question")).words(" in ");
            line.part(self.places.part(&matter.key.channel))
                .words(" is with ")
                .parts(self.names(took))
                .words(" now")
        };
        let zone = self.zone(reader);
        let line = line.words(". ");
        self.owed_by(line, matter, zone).done()
    }

    /// To the admins: a channel's history cannot be read.
    pub(super) fn history_lost(&self, channel: &ChannelId, why: &str) -> Message {
        let line = Line::default().words("I may have missed messages in ").part(self.places.part(channel));
        let line = line.words(" and cannot read them: ").quote(why);
        line.words(". Its open clocks are cancelled as unknown; nobody is reminded of them.").done()
    }

    /// To the admins: what would have been said in watched channels.
    pub(super) fn would_have(&self, listed: &[(Kind, MessageRef)], more: u32) -> Message {
        let mut line = Line::default().words("In watched channels I would have spoken up here:");
        for (kind, message) in listed {
            let message_part = Part::Message { message: message.clone(), label: "this message".to_owned() };
            line = line.newline().words(&format!("• {} about ", kind_words(*kind))).part(message_part);
            line = line.words(" in ").part(self.places.part(&message.channel));
        }
        if more > 0 {
            line = line.newline().words(&format!("and {more} more"));
        }
        line.newline()
            .words("Set ")
            .code("usher = \"speak\"")
            .words(" for a channel in the runbook when you want me to.")
            .done()
    }

    /// To the admins, on Friday.
    pub(super) fn week(&self, spoke: u32, silent: &[(Silence, u32)]) -> Message {
        let quiet: u32 = silent.iter().map(|(_, count)| count).sum();
        let mut line = Line::default().words(&format!(
            "This week I spoke {} and stayed silent {}.",
            times(spoke),
            times(quiet)
        ));
        for (why, count) in silent {
            line = line.newline().words(&format!("• {count} × {}", silence_words(*why)));
        }
        line.done()
    }

    /// In a long thread.
    pub(super) fn call(
        &self,
        key: &StrandKey,
        run: &Run,
        when: When,
        asked_by: Option<&Name>,
        now: Instant,
    ) -> Message {
        let _ = key;
        let zone = self.shared_zone(&run.people);
        let line = match asked_by {
            Some(person) => Line::default().part(self.name(person)).words(" asks for a short call."),
            None => Line::default().words(&format!("{} rounds so far.", number(run.exchanges_ever()))),
        };
        let length_min = self.runbook.as_ref().map_or(15, |runbook| runbook.threads.call_length_ms / 60_000);
        let (line, first) = match when {
            When::Now => {
                let line =
                    line.words(&format!(" {} here: {length_min} minutes?", everybody(run.people.len())));
                (line, Some(button("Call now", Choice::CallNow)))
            }
            When::Slot(slot) => {
                let line = line.words(&format!(" {} in at ", everybody(run.people.len())));
                let line = line.time(slot.from, zone, day_or_clock(slot.from, now, zone));
                let label = day_or_clock(slot.from, now, zone).format(slot.from, zone);
                (
                    line.words(&format!(" {}: {length_min} minutes?", city(zone))),
                    Some(button(&label, Choice::CallAt(slot.from))),
                )
            }
            When::Never => (
                line.words(" There is no hour soon in which everybody is in; a recording may do instead."),
                None,
            ),
        };
        let ways_out = [button("Resolved", Choice::Resolved), button("Not now", Choice::NotNow)];
        line.buttons(first.into_iter().chain(ways_out).collect())
    }

    /// In a long thread of many, or of people who are never in together.
    pub(super) fn written_way(&self, run: &Run) -> Message {
        let line = Line::default().words(&format!("{} rounds so far. ", number(run.exchanges_ever())));
        let line = match run.people.first() {
            Some(writer) => line.words("To settle it in writing: could ").part(self.name(writer)),
            None => line.words("To settle it in writing: could one of you"),
        };
        let line = line.words(" sum up the problem, the options, the choice and why?");
        line.buttons(vec![button("Resolved", Choice::Resolved), button("Not now", Choice::NotNow)])
    }

    /// In place of a suggestion: the call is on.
    pub(super) fn call_taken(&self, by: &Name, first: &MessageId, at: Instant, now: Instant) -> Message {
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
    pub(super) fn ask_outcome(&self) -> Message {
        let line = Line::default().words("How did the call end? One line will do, I post it here: ");
        line.code("usher outcome …").done()
    }

    /// In place of a suggestion that nobody wanted.
    pub(super) fn not_now(&self) -> Message {
        Line::default().words("No call for now. ").code("usher call").words(" brings it back.").done()
    }

    /// To a sender: whom they mention is off.
    pub(super) fn off_hours(
        &self,
        matter: &Matter<'_>,
        person: &Name,
        instead: Option<&Name>,
        back: Option<Instant>,
    ) -> Message {
        let there = self.zone(person);
        let here = self.zone(&matter.case.asker);
        let line = Line::default().part(self.name(person)).words(" is off now; it's ");
        let line =
            line.words(&TimeStyle::Clock.format(matter.now, there)).words(&format!(" in {}", city(there)));
        let line = match back {
            Some(back) => line.words(", back ").time(back, here, TimeStyle::Day).words(" your time."),
            None => line.words("."),
        };
        let line = match matter.due {
            Some(due) => {
                line.words(" An answer is owed by ").time(due, here, TimeStyle::Day).words(" for you.")
            }
            None => line,
        };
        let raise = self.raise_button(matter);
        let ask = instead.map(|other| {
            let shown = self
                .runbook
                .as_ref()
                .map_or_else(|| other.clone(), |runbook| self.people.shown(runbook, other));
            button(&format!("Ask {shown}, in now"), Choice::AskInstead(other.clone()))
        });
        line.buttons(ask.into_iter().chain(raise).chain([button("Leave it", Choice::Leave)]).collect())
    }

    /// To a sender: the message is long.
    pub(super) fn long_message(&self, limit: usize) -> Message {
        let words = format!(
            "That was more than {limit} characters. People answer a short summary sooner: what you need, from whom, by when. \
             The long version reads well in a document with a link here."
        );
        Line::default().words(&words).done()
    }

    /// To whoever pressed a button of a message that is long past.
    pub(super) fn too_old(&self) -> Message {
        Line::default().words("That message is too old to answer; nothing was changed.").done()
    }

    fn raise_button(&self, matter: &Matter<'_>) -> Option<Button> {
        let runbook = self.runbook.as_ref()?;
        let tighter = runbook.levels.iter().filter(|level| {
            !level.interrupts
                && super::deadline::rank_ms(level) < super::deadline::rank_ms(&matter.owed.level)
                && self.engine.may_raise(runbook, level, &matter.case.asker, matter.now)
        });
        let level = tighter.max_by_key(|level| super::deadline::rank_ms(level))?;
        Some(button(&format!("Make it {}", level.name), Choice::Raise(level.name.clone())))
    }

    pub(super) fn owed_by(&self, line: Line, matter: &Matter<'_>, zone: Tz) -> Line {
        match matter.due {
            Some(due) if due <= matter.now => {
                line.words("It was owed by ").time(due, zone, day_or_clock(due, matter.now, zone)).words(".")
            }
            Some(due) => {
                line.words("Owed by ").time(due, zone, day_or_clock(due, matter.now, zone)).words(".")
            }
            None => line.words("Owed at the next opening."),
        }
    }

    pub(super) fn mention(&self, person: &Name) -> Part {
        self.runbook
            .as_ref()
            .map_or_else(|| Part::Name(person.clone()), |runbook| self.people.mention(runbook, person))
    }

    pub(super) fn name(&self, person: &Name) -> Part {
        self.runbook
            .as_ref()
            .map_or_else(|| Part::Name(person.clone()), |runbook| self.people.name(runbook, person))
    }

    pub(super) fn names(&self, people: &[Name]) -> Vec<Part> {
        let mut parts = Vec::new();
        for (nth, person) in people.iter().enumerate() {
            if nth > 0 {
                let joint = if nth + 1 == people.len() { " and " } else { ", " };
                parts.push(Part::Words(joint.to_owned()));
            }
            parts.push(self.name(person));
        }
        parts
    }

    pub(super) fn zone(&self, person: &Name) -> Tz {
        self.runbook.as_ref().map_or(Tz::UTC, |runbook| self.people.zone(runbook, person))
    }

    /// The zone of all of them, or the team's where they differ.
    fn shared_zone(&self, people: &[Name]) -> Tz {
        let first = people.first().map(|person| self.zone(person));
        let team = self.runbook.as_ref().map_or(Tz::UTC, |runbook| runbook.team.zone);
        first.filter(|zone| people.iter().all(|person| self.zone(person) == *zone)).unwrap_or(team)
    }
}

fn step_buttons() -> Vec<Button> {
    vec![button("I take it", Choice::Take), button("In an hour", Choice::Snooze), button("Why", Choice::Why)]
}

fn link(matter: &Matter<'_>, label: &str) -> Part {
    Part::Message { message: matter.key.message(&matter.owed.message), label: label.to_owned() }
}

fn is_over(matter: &Matter<'_>) -> bool {
    matter.due.is_some_and(|due| due <= matter.now)
}
