//! About an answer that is owed: to those who owe it, those who hear of it next, the pager, the asker.

use chrono_tz::Tz;

use super::Words;
use crate::calendar::{DAY_MS, Instant, local_date};
use crate::core::action::Choice;
use crate::core::case::How;
use crate::core::ladder::{Matter, Occasion, is_before_due};
use crate::core::line::{Line, button};
use crate::core::message::{Button, Message, Part, TimeStyle};
use crate::core::pages::Unpaged;
use crate::core::terms::{cancelled, city, day_or_clock};
use crate::runbook::{Name, Phone, Reaction, Step};

impl Words<'_> {
    /// In the thread, to those of a step who are in.
    pub(in crate::core) fn step_in_thread(
        &self,
        matter: &Matter<'_>,
        step: &Step,
        people: &[Name],
        occasion: &Occasion,
    ) -> Message {
        let line = Line::default().listed(people, |line, person| line.part(self.mention(person)));
        let asker = self.name(&matter.case.asker);
        let in_time = is_before_due(step) && !is_over(matter);
        let line = match occasion {
            Occasion::InPlaceOf(out, back) if !out.is_empty() => {
                self.so_i_ask(line.words(", "), matter, people, out, *back).words(": ")
            }
            Occasion::Waited if in_time => line.words(", this came ").words(self.while_out(matter, people)),
            Occasion::Due | Occasion::Waited | Occasion::InPlaceOf(..) => line.words(", "),
        };
        let line = match (occasion, in_time) {
            (Occasion::Waited, true) => line.words("; "),
            (Occasion::Due | Occasion::InPlaceOf(..), true) => {
                line.part(asker).words(" is waiting for an answer here, ")
            }
            (_, false) => {
                let line = line.part(asker).words(" still needs an answer here. Can ");
                let line = line.words(if people.len() == 1 { "you" } else { "one of you" });
                return line.words(" take it, or say who can?").buttons(step_buttons());
            }
        };
        let line = match matter.due {
            Some(due) => self.time_for(line.words("owed by "), people, due, matter.now).words("."),
            None => line.words("owed once somebody is in."),
        };
        line.words(&self.how_to_take(matter)).buttons(step_buttons())
    }

    /// In a direct message, to one person of a step.
    pub(in crate::core) fn step_directly(
        &self,
        matter: &Matter<'_>,
        step: &Step,
        person: &Name,
        occasion: &Occasion,
    ) -> Message {
        let reader = std::slice::from_ref(person);
        let line = match occasion {
            Occasion::InPlaceOf(out, back) if !out.is_empty() => {
                self.so_i_ask(Line::default(), matter, reader, out, *back).words(". ")
            }
            Occasion::Due | Occasion::Waited | Occasion::InPlaceOf(..) => Line::default(),
        };
        let line = line.part(self.name(&matter.case.asker)).words(" asked ");
        let line = line.part(link(matter, "a question")).words(" in ");
        let line = line.part(self.places.part(&matter.key.channel));
        let line = match (occasion, is_before_due(step) && !is_over(matter)) {
            (Occasion::Waited, true) => line.words(" ").words(self.while_out(matter, reader)).words("."),
            (_, false) => line.words(" that still has no answer."),
            (Occasion::Due | Occasion::InPlaceOf(..), true) => line.words(" and is waiting for an answer."),
        };
        self.owed_by(line.words(" "), matter, self.zone(person))
            .words(" Answer there, or take it here.")
            .buttons(step_buttons())
    }

    /// `Ben is off until Tue 09:00, so I ask you`: those who come first are out.
    fn so_i_ask(
        &self,
        line: Line,
        matter: &Matter<'_>,
        readers: &[Name],
        out: &[Name],
        back: Option<Instant>,
    ) -> Line {
        let line = line.parts(self.names(out)).words(if out.len() == 1 { " is off" } else { " are off" });
        let line = match back {
            Some(back) => self.time_for(line.words(" until "), readers, back, matter.now),
            None => line,
        };
        line.words(", so I ask you")
    }

    /// When a question came that waited for people to come in.
    fn while_out(&self, matter: &Matter<'_>, people: &[Name]) -> &'static str {
        let same_day = people.iter().any(|person| {
            let zone = self.zone(person);
            local_date(zone, matter.owed.since) == local_date(zone, matter.now)
        });
        if same_day { "while you were out" } else { "before your day began" }
    }

    /// How a question is taken: by the reaction that the channel names for it, else by the button.
    fn how_to_take(&self, matter: &Matter<'_>) -> String {
        let revision = self.engine.calendars.current();
        let named = revision.map_or(&[][..], |revision| {
            self.places.policy_unkept(revision, &matter.key.channel).acknowledge.as_slice()
        });
        let eyes = Reaction::of("eyes");
        match named.iter().find(|reaction| **reaction == eyes).or(named.first()) {
            Some(reaction) => format!(" {} takes it.", reaction.shown()),
            None => " The button takes it.".to_owned(),
        }
    }

    /// To the pager.
    pub(in crate::core) fn page(&self, matter: &Matter<'_>, person: &Name) -> Message {
        let line = Line::default().strong(&matter.owed.level.name).words(": ");
        let line = line.words(&matter.owed.level.means).words(". Raised by ");
        let line = line.part(self.name(&matter.case.asker)).words(" in ");
        let line = line.part(self.places.part(&matter.key.channel)).words(", ");
        line.time(matter.owed.since, self.zone(person), TimeStyle::Date).words(".").done()
    }

    /// To the asker: who was paged.
    pub(in crate::core) fn paged(&self, matter: &Matter<'_>, person: &Name) -> Message {
        let zone = self.zone(person);
        let line = Line::of("I am paging ").part(self.name(person));
        let line = line.words(&format!(
            " now; it is {} in {}.",
            TimeStyle::Clock.format(matter.now, zone),
            city(zone)
        ));
        let line = line.words(" You will read here when it is taken. Nobody in ten minutes? ");
        line.command("runbook").words(" has the numbers.").done()
    }

    /// To an asker who asks for news.
    pub(in crate::core) fn how_it_stands(&self, matter: &Matter<'_>) -> Message {
        let zone = self.zone(&matter.case.asker);
        let line = Line::default();
        let line = match (&matter.owed.taken, matter.owed.paused_since()) {
            (_, Some(_)) => {
                return line.words("You were asked something back; the clock waits for your reply.").done();
            }
            (Some((taker, at)), None) => {
                let line = line.part(self.name(taker)).words(" took this, ");
                line.time(*at, zone, day_or_clock(*at, matter.now, zone)).words(". ")
            }
            (None, None) => line.words("Nobody has taken this yet. "),
        };
        let line = self.owed_by(line, matter, zone);
        line.words(" If it cannot wait: ").command("urgent").words(".").done()
    }

    /// To whoever took a question a whole promise ago.
    pub(in crate::core) fn ask_taker(&self, matter: &Matter<'_>, taker: &Name) -> Message {
        let line = Line::of("You took ").part(self.name(&matter.case.asker)).words("'s ");
        let line = line.part(link(matter, "question")).words(" in ");
        let line = line.part(self.places.part(&matter.key.channel));
        let line = match &matter.owed.taken {
            Some((_, at)) => {
                let zone = self.zone(taker);
                let style = day_or_clock(*at, matter.now, zone);
                line.words(if style == TimeStyle::Clock { " at " } else { " on " }).time(*at, zone, style)
            }
            None => line,
        };
        let line = line.words(". Is it done? If you are stuck, say so there, or give it back.");
        line.buttons(vec![
            button("Done", Choice::Resolved),
            button("Give it back", Choice::GiveBack),
            button("Why", Choice::Why),
        ])
    }

    /// To one who snoozed it: the time has come.
    pub(in crate::core) fn again(&self, matter: &Matter<'_>, person: &Name) -> Message {
        let line = Line::of("You asked me to come back to this: ").part(self.name(&matter.case.asker));
        let line = line.words("'s ").part(link(matter, "question")).words(" in ");
        let line = line.part(self.places.part(&matter.key.channel)).words(" still has no answer. ");
        self.owed_by(line, matter, self.zone(person))
            .words(" Answer there, or take it here.")
            .buttons(step_buttons())
    }

    /// In place of a notice: somebody took it.
    pub(in crate::core) fn is_taken(&self, matter: &Matter<'_>) -> Message {
        let Some((taker, at)) = &matter.owed.taken else { return Message::default() };
        let zone = self.zone(&matter.case.asker);
        let line = Line::default().part(self.name(taker)).words(" took this, ");
        let line = line.time(*at, zone, day_or_date(*at, matter.now)).words(".");
        match matter.due {
            Some(due) => {
                let line = line.words(if is_over(matter) { " An answer was owed by " } else { " Owed by " });
                line.time(due, zone, day_or_date(due, matter.now)).words(".").done()
            }
            None => line.done(),
        }
    }

    /// In place of a notice: it waits for the asker.
    pub(in crate::core) fn is_paused(&self, matter: &Matter<'_>) -> Message {
        let line = Line::of("Waiting for ").part(self.name(&matter.case.asker));
        line.words("'s reply to a question back; the clock stands still until then.").done()
    }

    /// In place of a notice: the asker replied, or whoever took it gave it back.
    pub(in crate::core) fn is_open_again(&self, matter: &Matter<'_>) -> Message {
        let line = Line::default().part(self.name(&matter.case.asker));
        let line = match is_over(matter) {
            true => line.words(" still needs an answer ").part(link(matter, "here")).words("."),
            false => {
                let zone = self.zone(&matter.case.asker);
                let line = line.words(" is waiting for an answer ").part(link(matter, "here"));
                self.owed_by(line.words(". "), matter, zone)
            }
        };
        line.words(&self.how_to_take(matter)).buttons(step_buttons())
    }

    /// In place of a notice: it is over.
    pub(in crate::core) fn has_ended(&self, matter: &Matter<'_>, how: Option<&How>) -> Message {
        let zone = self.zone(&matter.case.asker);
        let at = matter.owed.end.as_ref().map_or(matter.now, |end| end.at);
        let Some(how) = how else { return Line::of("This is over.").done() };
        let line = self.ended(Line::default(), how);
        match how {
            How::Answered(_) | How::Taken(_) | How::Settled => {
                line.words(", ").time(at, zone, day_or_date(at, matter.now)).words(".").done()
            }
            How::Cancelled(_) => line.words(".").done(),
        }
    }

    /// How something ended.
    pub(in crate::core) fn ended(&self, line: Line, how: &How) -> Line {
        match how {
            How::Answered(by) => line.words("Answered by ").part(self.name(by)),
            How::Taken(by) => line.words("Taken by ").part(self.name(by)),
            How::Settled => line.words("Settled"),
            How::Cancelled(cause) => line.words(cancelled(*cause)),
        }
    }

    /// In place of a notice: messages that came late show that nothing was owed.
    pub(in crate::core) fn superseded(&self) -> Message {
        Line::of("A late message shows: nothing is owed.").done()
    }

    /// To the asker, when pages reach nobody: whom to call.
    pub(in crate::core) fn emergency_card(&self, why: Unpaged, people: &[Name]) -> Message {
        let line = Line::of(match why {
            Unpaged::NotDelivered => "A page did not get through.",
            Unpaged::NobodyTook => "Nobody has taken it so far, and there is nobody further to page.",
            Unpaged::NobodyElse => "The runbook names nobody but you for this.",
        });
        if people.is_empty() {
            let line = line.words(" Please call somebody yourself: ").command("runbook");
            return line.words(" shows whom it knows.").done();
        }
        let line = line.words(" Please call:");
        people.iter().fold(line, |line, person| self.by_phone(line.bullet(), person)).done()
    }

    /// Somebody whom one may have to call: their number, and how they like to be reached.
    pub(in crate::core) fn by_phone(&self, line: Line, person: &Name) -> Line {
        let listed = self.runbook.as_ref().and_then(|runbook| runbook.people.get(person));
        let line = line.part(self.name(person));
        let line = match listed.and_then(|listed| listed.phone.as_ref()) {
            Some(Phone::Number(number)) => line.words(": ").code(number),
            Some(Phone::Secret(_)) => line.words(": their number is kept by the admins"),
            None => line,
        };
        match listed.and_then(|listed| listed.reach_me.as_ref()) {
            Some(how) => line.words(" (").quote(how).words(")"),
            None => line,
        }
    }

    /// To the one who takes over, the asker or the one who gives away.
    pub(in crate::core) fn handoff(
        &self,
        matter: &Matter<'_>,
        reader: &Name,
        gave: &[Name],
        took: &[Name],
    ) -> Message {
        let here = self.places.part(&matter.key.channel);
        let asker = self.name(&matter.case.asker);
        if took.contains(reader) {
            let line = Line::default().parts(self.names(gave)).words(passes(gave)).part(asker).words("'s ");
            let line = line.part(link(matter, "question")).words(" in ").part(here).words(". ");
            return self
                .owed_by(line, matter, self.zone(reader))
                .buttons(vec![button("I take it", Choice::Take), button("Why", Choice::Why)]);
        }
        if *reader != matter.case.asker {
            let line = Line::default().parts(self.names(took)).words(have(took)).part(asker).words("'s ");
            let line = line.part(link(matter, "question")).words(" in ").part(here);
            return line.words(" now. Nothing for you to do.").done();
        }
        let line = Line::default().part(link(matter, "Your question")).words(" in ").part(here);
        let line =
            line.words(" is with ").parts(self.names(took)).words(" now; the clock did not start again");
        if matter.owed.paused_since().is_some() {
            return line.words(". It waits for your reply.").done();
        }
        self.owed_by(line.words(". "), matter, self.zone(reader)).done()
    }

    fn owed_by(&self, line: Line, matter: &Matter<'_>, zone: Tz) -> Line {
        match matter.due {
            Some(due) if due <= matter.now => {
                line.words("It was owed by ").time(due, zone, day_or_clock(due, matter.now, zone)).words(".")
            }
            Some(due) => {
                line.words("Owed by ").time(due, zone, day_or_clock(due, matter.now, zone)).words(".")
            }
            None if matter.owed.paused_since().is_some() => {
                line.words("It waits for ").part(self.name(&matter.case.asker)).words("'s reply.")
            }
            None => line.words("Owed once somebody is in."),
        }
    }
}

fn passes(people: &[Name]) -> &'static str {
    if people.len() == 1 { " passes you " } else { " pass you " }
}

fn have(people: &[Name]) -> &'static str {
    if people.len() == 1 { " has " } else { " have " }
}

/// With the weekday, or beyond six days with the date: for a notice that is read on other days, too.
pub(super) fn day_or_date(at: Instant, now: Instant) -> TimeStyle {
    if at.since(now).abs() < 6 * DAY_MS { TimeStyle::Day } else { TimeStyle::Date }
}

fn step_buttons() -> Vec<Button> {
    vec![button("I take it", Choice::Take), button("In an hour", Choice::Snooze), button("Why", Choice::Why)]
}

pub(super) fn link(matter: &Matter<'_>, label: &str) -> Part {
    Part::Message { message: matter.key.message(&matter.owed.message), label: label.to_owned() }
}

fn is_over(matter: &Matter<'_>) -> bool {
    matter.due.is_some_and(|due| due <= matter.now)
}
