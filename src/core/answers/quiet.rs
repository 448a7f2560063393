//! Quiet: snoozing a question, muting Usher, and what was turned off in a channel.

use std::collections::BTreeSet;

use super::later::ahead;
use super::{Asked, Thread};
use crate::calendar::Instant;
use crate::core::action::Kind;
use crate::core::command::{Day, Entry, Mistake, When, kind_name};
use crate::core::engine::Engine;
use crate::core::event::ChannelId;
use crate::core::line::Line;
use crate::core::message::Message;
use crate::core::terms::kind_words;
use crate::core::turn::Turn;
use crate::core::wakes::Subject;

/// Nobody mutes, and nothing is snoozed, for longer.
const MUTE_DAYS: i64 = 60;
const SNOOZE_DAYS: i64 = 14;

impl Engine {
    /// Nothing is said about the question of a thread for a time.
    pub(in crate::core) fn snooze_until(
        &mut self,
        asked: &Asked<'_>,
        entry: &'static Entry,
        thread: &Thread,
        when: When,
    ) -> Result<Message, Mistake> {
        let until = self.opening_at(asked, entry, when, SNOOZE_DAYS)?;
        let about = self.open_in(thread).map_or_else(|| thread.about.clone(), |(_, owed)| owed.message);
        Ok(self.snooze(asked, &thread.key, &about, until))
    }

    /// Nothing is said to the asker for a time.
    pub(in crate::core) fn mute(
        &mut self,
        asked: &Asked<'_>,
        entry: &'static Entry,
        when: When,
    ) -> Result<Message, Mistake> {
        let until = self.opening_at(asked, entry, when, MUTE_DAYS)?;
        self.desk(&asked.by).muted_until = Some(until);
        self.wakes.set(Subject::Desk(asked.by.clone()), until);
        let line = self.muted(Line::default(), asked, until);
        Ok(line.words(" ").code("mute off").words(" ends it.").done())
    }

    /// `I say nothing to you until 18:55. What comes meanwhile waits for you; clocks run on.`
    pub(super) fn muted(&self, line: Line, asked: &Asked<'_>, until: Instant) -> Line {
        let reader = self.reader(&asked.by, asked.now);
        let line = reader.time(line.words("I say nothing to you until "), until);
        let line = line.words(". What comes meanwhile waits for you; clocks run on.");
        let interrupting: Vec<String> = self.runbook().map_or_else(Vec::new, |runbook| {
            runbook
                .levels
                .iter()
                .filter(|level| level.interrupts)
                .map(|level| level.name.to_string())
                .collect()
        });
        match interrupting.is_empty() {
            true => line,
            false => line.words(&format!(" Pages for {} still come.", interrupting.join(" and "))),
        }
    }

    /// That ends.
    pub(in crate::core) fn unmute(&mut self, asked: &Asked<'_>, turn: &mut Turn) -> Message {
        let muted = self.desks.get(&asked.by).and_then(|desk| desk.muted_until);
        if muted.is_none_or(|until| until <= asked.now) {
            return Line::of("You had not muted me.").done();
        }
        let digest_at = self.next_digest(&asked.by, asked.now);
        let desk = self.desk(&asked.by);
        desk.muted_until = None;
        desk.digest_at = desk.digest_at.map(|at| digest_at.map_or(at, |next| next.min(at)));
        desk.deferred.iter_mut().for_each(|deferred| deferred.at = asked.now);
        self.wakes.set(Subject::Desk(asked.by.clone()), asked.now);
        self.look_at_all_cases(asked.now, turn);
        Line::of("I speak to you again. What waited comes now, or with your next digest.").done()
    }

    /// The instant that a time comes to; a day is that day's opening.
    fn opening_at(
        &mut self,
        asked: &Asked<'_>,
        entry: &'static Entry,
        when: When,
        most_days: i64,
    ) -> Result<Instant, Mistake> {
        let reader = self.reader(&asked.by, asked.now);
        let at = ahead(when, entry, reader, most_days)?;
        match when {
            When::For(_) | When::Time(_) | When::On(Day::Today, _) | When::On(_, Some(_)) => Ok(at),
            When::On(Day::Tomorrow | Day::Weekday(_) | Day::Date(_), None) => {
                Ok(self.calendars.office(&self.people, &asked.by, asked.now).next_open(at).unwrap_or(at))
            }
        }
    }

    /// A kind of notice comes back in this channel; or which are off.
    pub(in crate::core) fn turn_on(
        &mut self,
        asked: &Asked<'_>,
        kind: Option<Kind>,
        turn: &mut Turn,
    ) -> Message {
        let line = Line::default();
        let Some(kind) = kind else {
            let off: Vec<&str> = self
                .ledger
                .dismissed
                .iter()
                .filter(|(place, kind, _)| {
                    self.is_same_channel(place, asked.channel) && self.is_turned_off(place, *kind)
                })
                .filter_map(|(_, kind, _)| kind_name(*kind))
                .collect();
            let line = match off.is_empty() {
                true => line.words("Nothing was turned off in "),
                false => line.words("Turned off in "),
            };
            let line =
                line.part(self.places.part(asked.channel)).words(if off.is_empty() { "." } else { ": " });
            return line.listed(off, |line, name| line.code(&format!("turn-on {name}"))).done();
        };
        let was_off = self.is_turned_off(asked.channel, kind);
        let mut here = BTreeSet::from([asked.channel.clone()]);
        let dismissed = std::mem::take(&mut self.ledger.dismissed);
        let (on, off) = dismissed
            .into_iter()
            .partition(|(place, known, _)| *known == kind && self.is_same_channel(place, asked.channel));
        self.ledger.dismissed = off;
        let on: Vec<(ChannelId, Kind, u32)> = on;
        here.extend(on.into_iter().map(|(place, _, _)| place));
        self.dirty.ledger = true;
        if was_off {
            // What was held back meanwhile is not lost.
            for channel in &here {
                self.look_at_channel(channel, asked.now, turn);
            }
        }
        let line = line.words(match was_off {
            true => "On again in ",
            false => "It was not off in ",
        });
        let line = line.part(self.places.part(asked.channel)).words(": ").words(kind_words(kind));
        line.words(".").done()
    }
}
