//! To a sender alone: somebody is off, a message is long; and what one person asked to give another.

use super::Words;
use crate::calendar::{Instant, offset_ms};
use crate::core::action::Choice;
use crate::core::deadline::rank_ms;
use crate::core::ladder::Matter;
use crate::core::line::{Line, button};
use crate::core::message::{Button, Message, TimeStyle};
use crate::core::said::Later;
use crate::core::terms::{city, day_or_clock};
use crate::runbook::Name;

impl Words<'_> {
    /// To a sender: whom they mention is off.
    pub(in crate::core) fn off_hours(
        &self,
        matter: &Matter<'_>,
        person: &Name,
        instead: Option<&Name>,
        back: Option<Instant>,
    ) -> Message {
        let there = self.zone(person);
        let here = self.zone(&matter.case.asker);
        let wall = TimeStyle::Clock.format(matter.now, there);
        let line = Line::default().part(self.name(person));
        let line = line.words(&format!(" is off now; it's {wall} in {}", city(there)));
        let line = match back {
            Some(back) => {
                let line = line.words(", back ").time(back, here, day_or_clock(back, matter.now, here));
                line.words(" your time.")
            }
            None => line.words("."),
        };
        let line = match matter.due {
            Some(due) if offset_ms(here, due) == offset_ms(there, due) => {
                let line = line.words(" An answer is owed by ");
                line.time(due, here, day_or_clock(due, matter.now, here)).words(".")
            }
            Some(due) => {
                let wall = day_or_clock(due, matter.now, there).format(due, there);
                let line = line.words(&format!(" An answer is owed by {wall} there, "));
                line.time(due, here, day_or_clock(due, matter.now, here)).words(" for you.")
            }
            None => line,
        };
        let ask = instead.map(|other| {
            button(&format!("Ask {}, in now", self.shown(other)), Choice::AskInstead(other.clone()))
        });
        let raise = self.raise_button(matter);
        line.buttons(ask.into_iter().chain(raise).chain([button("Leave it", Choice::Leave)]).collect())
    }

    fn raise_button(&self, matter: &Matter<'_>) -> Option<Button> {
        let runbook = self.runbook.as_ref()?;
        let tighter = runbook.levels.iter().filter(|level| {
            !level.interrupts
                && rank_ms(level) < rank_ms(&matter.owed.level)
                && self.engine.may_raise(runbook, level, &matter.case.asker, matter.now)
        });
        let level = tighter.max_by_key(|level| rank_ms(level))?;
        Some(button(&format!("Make it {}", level.name), Choice::Raise(level.name.clone())))
    }

    /// To a sender: the message is long.
    pub(in crate::core) fn long_message(&self, limit: usize) -> Message {
        Line::of(&format!(
            "That was more than {limit} characters. People answer a short summary sooner: what you need, \
             from whom, by when. The long version reads well in a document with a link here."
        ))
        .done()
    }

    /// To whoever pressed a button of a message that is long past.
    pub(in crate::core) fn too_old(&self) -> Message {
        Line::of("That message is too old to answer; nothing was changed.").done()
    }

    /// To the sender of a text whose reader is never in.
    pub(in crate::core) fn later_back(&self, later: &Later) -> Message {
        let line = Line::of("I see no hour ahead in which ").part(self.name(&later.to));
        line.words(" is in, so this comes back to you: ").quote(&later.text).done()
    }

    /// What somebody asked to have delivered.
    pub(in crate::core) fn later(&self, from: &Name, later: &Later) -> Message {
        let line = match later.to == *from {
            true => Line::of("You asked me to give you this now: "),
            false => {
                Line::default().part(self.name(from)).words(" asked me to give you this when you are in: ")
            }
        };
        line.quote(&later.text).done()
    }
}
