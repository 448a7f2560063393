//! To a sender alone: somebody is off, a message is long; and what one person asked to give another.

use super::Words;
use super::owed::link;
use crate::calendar::offset_ms;
use crate::core::action::{Choice, Kind};
use crate::core::command::kind_name;
use crate::core::deadline::rank_ms;
use crate::core::event::ChannelId;
use crate::core::hints::Off;
use crate::core::ladder::Matter;
use crate::core::line::{Line, button};
use crate::core::message::{Button, Message, TimeStyle};
use crate::core::said::Later;
use crate::core::terms::{city, day_or_clock};
use crate::runbook::{Level, Name};

impl Words<'_> {
    /// To a sender: whom they ask is off.
    pub(in crate::core) fn off_hours(
        &self,
        matter: &Matter<'_>,
        off: &Off,
        instead: Option<&Name>,
    ) -> Message {
        let there = self.zone(&off.person);
        let here = self.zone(&matter.case.asker);
        let same_clock = offset_ms(here, matter.now) == offset_ms(there, matter.now);
        let line = match off.others {
            true => Line::of("All of them are off now. "),
            false => Line::default(),
        };
        let line = match same_clock {
            true => line,
            false => {
                let wall = TimeStyle::Clock.format(matter.now, there);
                line.words(&format!("It's {wall} in {}; ", city(there)))
            }
        };
        let line = line.part(self.name(&off.person));
        let line = line.words(if off.on_duty { ", who is on duty, is " } else { " is " });
        let line = match off.back {
            Some(back) => {
                let line = line.words(if same_clock { "off now and back " } else { "back " });
                let line = line.words(if off.others { "first, " } else { "" });
                let line = line.time(back, here, day_or_clock(back, matter.now, here));
                line.words(if same_clock { "." } else { " your time." })
            }
            None => line.words("off, and I do not see when they are back."),
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
        let ways_out = [button("Leave it", Choice::Leave), button("Not helpful", Choice::NotNow)];
        line.buttons(ask.into_iter().chain(raise).chain(ways_out).collect())
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
    pub(in crate::core) fn long_message(&self) -> Message {
        let line = Line::of("Long one. A line on top helps: what you need, from whom, by when.");
        line.buttons(vec![button("Not helpful", Choice::NotNow)])
    }

    /// To a sender whose mark does not count: who may raise that level, those who are in first.
    pub(in crate::core) fn refused(&self, level: &Level, may: &[Name], counts_as: Option<&Name>) -> Message {
        let line = match may {
            [] => Line::of("Only those whom the runbook names"),
            may => Line::of("Only ").parts(self.names_or(may)),
        };
        let line = line.words(" may raise ").strong(&level.name);
        let line = line.words(if level.interrupts { ": nobody is paged by your message. " } else { ". " });
        let line = match counts_as {
            Some(counts_as) => line.words("It counts as ").strong(counts_as).words(". "),
            None => line,
        };
        line.words("If it is that urgent, ask one of them to raise it.").done()
    }

    /// To somebody who is in, for a sender whom nobody else can answer now.
    pub(in crate::core) fn ask_instead(
        &self,
        matter: &Matter<'_>,
        person: &Name,
        may_take: bool,
        in_thread: bool,
    ) -> Message {
        let asker = self.name(&matter.case.asker);
        let line = match in_thread {
            true => {
                let line =
                    Line::default().part(self.mention(person)).words(", those who were asked are off now; ");
                line.words("can you answer ").part(asker).words(" here?")
            }
            false => {
                let line = Line::default().part(asker).words(" asked ").part(link(matter, "a question"));
                let line = line.words(" in ").part(self.places.part(&matter.key.channel));
                line.words(", and those who were asked are off now. Can you answer it there?")
            }
        };
        let take = may_take.then(|| button("I take it", Choice::Take));
        line.buttons(take.into_iter().chain([button("Why", Choice::Why)]).collect())
    }

    /// To whoever dismissed a hint.
    pub(in crate::core) fn dismissed(&self, channel: &ChannelId, kind: Kind, is_off: bool) -> Message {
        let here = self.places.part(channel);
        let name = kind_name(kind).unwrap_or_default();
        match is_off {
            true => {
                let line = Line::of("All right: no more notices of this kind in ").part(here);
                let line = line.words(". An admin can bring them back there: ");
                line.command(&format!("turn-on {name}")).words(".").done()
            }
            false => {
                let line = Line::of("All right. One more such answer, and notices of this kind end in ");
                line.part(here).words(".").done()
            }
        }
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
