//! Calls: when one can be held, and what follows once somebody takes it.

use chrono::Datelike;
use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority};
use super::engine::Engine;
use super::event::{ChannelId, Event, MessageId, UserId};
use super::fact::Verb;
use super::run::Run;
use super::said::RunSaid;
use super::strand::StrandKey;
use super::talk::Speech;
use super::turn::Turn;
use super::wakes::Subject;
use crate::calendar::{
    DAY_MS, Instant, MINUTE_MS, OpenTable, Span, day_start_or_next, first_slot, local_date,
};
use crate::runbook::{Name, Promise, Runbook, Threads, Voice};

/// Whoever wrote so lately can call now.
const LIVE_MS: i64 = 10 * MINUTE_MS;
/// Slots begin at quarter hours.
const SLOT_STEP_MS: i64 = 15 * MINUTE_MS;
/// Days without meetings are passed over so many times before the search ends.
const SLOT_TRIES: usize = 15;

/// When a call could be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// At once.
    Now {
        /// Until when all of them are in office, if they are.
        until: Option<Instant>,
        /// The next slot after a while, for those who would rather not at once.
        later: Option<Span>,
    },
    /// In that span.
    Slot(Span),
    /// Not within the horizon.
    Never,
}

impl Engine {
    /// Now, if all who take part wrote just now or are in office hours; else the next slot in which all are.
    pub(super) fn when_to_call(&mut self, run: &Run, threads: &Threads, now: Instant) -> When {
        let tables: Vec<std::sync::Arc<OpenTable>> =
            run.people.iter().map(|person| self.calendars.available(&self.people, person, now)).collect();
        let free_now = |(table, wrote_at): (&std::sync::Arc<OpenTable>, &Instant)| {
            now.since(*wrote_at) <= LIVE_MS || table.is_open(now)
        };
        let Some(runbook) = self.runbook() else { return When::Never };
        let each: Vec<&OpenTable> = tables.iter().map(AsRef::as_ref).collect();
        let slot_from = |from: Instant| self.slot(&runbook, run, threads, &each, from, now);
        let banned_now = self.is_no_call_day(&runbook, threads, &run.people, now);
        if !banned_now && tables.iter().zip(&run.wrote_at).all(free_now) {
            let all = OpenTable::intersection(&each);
            let until = all.next_close(now).filter(|_| all.is_open(now));
            return When::Now { until, later: slot_from(now.plus(2 * threads.call_length_ms)) };
        }
        slot_from(now).map_or(When::Never, When::Slot)
    }

    /// The first slot from an instant on in which all who take part can meet, within the horizon.
    fn slot(
        &self,
        runbook: &Runbook,
        run: &Run,
        threads: &Threads,
        tables: &[&OpenTable],
        from: Instant,
        now: Instant,
    ) -> Option<Span> {
        let until = match threads.slot_within {
            Promise::Ms(ms) => now.plus(ms),
            Promise::Workdays(days) => {
                let calendars =
                    run.people.iter().filter_map(|person| self.calendars.calendar(&self.people, person));
                calendars.filter_map(|calendar| calendar.add_workdays(now, days)).max().unwrap_or(now)
            }
        };
        let mut from = from;
        for _ in 0..SLOT_TRIES {
            let slot = first_slot(tables, from, threads.call_length_ms, until, SLOT_STEP_MS)?;
            if !self.is_no_call_day(runbook, threads, &run.people, slot.from) {
                return Some(slot);
            }
            let zone = runbook.team.zone;
            let next_day = local_date(zone, slot.from).succ_opt();
            from = next_day
                .map_or(slot.from.plus(DAY_MS), |day| day_start_or_next(zone, day))
                .max(slot.from.plus(SLOT_STEP_MS));
        }
        None
    }

    fn is_no_call_day(&self, runbook: &Runbook, threads: &Threads, people: &[Name], at: Instant) -> bool {
        let banned = |person: &Name| {
            let weekday = local_date(self.people.zone(runbook, person), at).weekday();
            threads.no_calls.contains(&weekday)
        };
        people.iter().any(banned)
    }

    /// A call began: the one that was suggested there is taken. Outside of threads it is the one that was suggested
    /// last to somebody who is in it, in whichever thread: people call each other in a channel.
    pub(super) fn hear_call(
        &mut self,
        event: &Event,
        channel: &ChannelId,
        thread: Option<&MessageId>,
        users: &[UserId],
        now: Instant,
        turn: &mut Turn,
    ) {
        let present = users.iter().filter(|user| !self.people.is_ghost(event.platform, user));
        let people: Vec<Name> = present.map(|user| self.people.person(event.platform, user)).collect();
        if people.is_empty() && !users.is_empty() {
            return;
        }
        let suggested = match thread {
            Some(root) => {
                self.suggested_in(&StrandKey { channel: channel.clone(), root: Some(root.clone()) }, None)
            }
            None => {
                let strands = self.strands_of(channel).into_iter();
                strands.filter_map(|key| self.suggested_in(&key, Some(&people))).max_by_key(|(at, _)| *at)
            }
        };
        let Some((at, action)) = suggested.filter(|(at, _)| *at <= event.at.plus(MINUTE_MS)) else { return };
        let Some(notice) = self.notices.get(&action) else { return };
        let key = (notice.strand.clone(), notice.about.clone());
        // One that was taken is that call, unless it was to begin later.
        let taken_for = self.runs.get(&key).and_then(|said| said.call_at).filter(|begins| *begins >= at);
        if taken_for.is_some_and(|begins| begins <= event.at) {
            return;
        }
        let run = self.run_from(&key.0, &key.1);
        let takes_part = |person: &&Name| run.as_ref().is_some_and(|run| run.people.contains(person));
        let by = people.iter().find(takes_part).or(people.first()).cloned().unwrap_or_default();
        self.take_call(event, &action, &by, event.at, now, turn);
    }

    /// The last suggestion in a strand, and when it was made; where `among` is given, to one of these.
    fn suggested_in(&self, key: &StrandKey, among: Option<&[Name]>) -> Option<(Instant, ActionId)> {
        let strand = self.strands.get(key)?;
        let is_to =
            |run: &&Run| among.is_none_or(|among| run.people.iter().any(|person| among.contains(person)));
        let suggested = |run: &Run| {
            let action = self.runs.get(&(key.clone(), run.first.clone()))?.action.clone()?;
            Some((self.notices.get(&action)?.at, action))
        };
        strand.runs().iter().filter(is_to).filter_map(suggested).max_by_key(|(at, _)| *at)
    }

    /// A call that an action suggests is taken, now or at `at`.
    pub(super) fn take_call(
        &mut self,
        event: &Event,
        action: &ActionId,
        by: &Name,
        at: Instant,
        now: Instant,
        turn: &mut Turn,
    ) {
        let Some(notice) = self.notices.get(action) else { return };
        let (key, first) = (notice.strand.clone(), notice.about.clone());
        if !self.add_verb(event, &key, Some(&first), by, Verb::CallTaken, now, turn) {
            return;
        }
        let begins = at.max(now);
        let said = self.run_said(&key, &first);
        said.call_at = Some(begins);
        said.call_by = Some(by.clone());
        said.calls += 1;
        said.asked_outcome = false;
        let time = said.calls;
        let message = self.words().call_taken(by, &first, begins, now);
        self.amend(action, &format!("taken/{time}"), message, turn);
        self.announce_call(&key, &first, now, turn);
        let length_ms = self.runbook().map_or(0, |runbook| runbook.threads.call_length_ms);
        self.wakes.set(Subject::Run(key, first), begins.plus(length_ms));
    }

    /// A call that was suggested to one alone is told to the thread once somebody took it: at once where that
    /// pings nobody who is off, else when the call begins, for then all are in.
    fn announce_call(&mut self, key: &StrandKey, first: &MessageId, now: Instant, turn: &mut Turn) {
        let Some(said) = self.runs.get(&(key.clone(), first.clone())).cloned() else { return };
        let (Some(by), Some(begins), true) = (said.call_by, said.call_at, said.told_alone) else { return };
        let Some(run) = self.run_from(key, first) else { return };
        if self.voice(&key.channel) != Voice::Speak {
            return;
        }
        if begins > now && !self.may_all_be_answered(&run, now) {
            self.wakes.set(Subject::Run(key.clone(), first.clone()), begins);
            return;
        }
        self.run_said(key, first).told_alone = false;
        let message = self.words().call_taken(&by, first, begins, now);
        let id = ActionId(format_smolstr!("call-on/{}/{first}/{}", key.channel, said.calls));
        let speech = Speech { id, kind: Kind::Call, message, counts: false };
        self.post_in_run(key, &run, speech, now, turn);
    }

    /// After a call its outcome is asked for, once, of whoever took it.
    pub(super) fn look_after_call(
        &mut self,
        key: &StrandKey,
        first: &MessageId,
        now: Instant,
        turn: &mut Turn,
    ) {
        self.suggest_what_waits(key, first, now, turn);
        let Some(run) = self.run_from(key, first) else { return };
        let Some(said) = self.runs.get(&(key.clone(), first.clone())).cloned() else { return };
        let Some(taken_at) = run.call_taken else { return };
        if said.asked_outcome || run.outcome.as_ref().is_some_and(|(_, at)| *at >= taken_at) {
            return;
        }
        self.announce_call(key, first, now, turn);
        let length_ms = self.runbook().map_or(0, |runbook| runbook.threads.call_length_ms);
        let over = said.call_at.unwrap_or(taken_at).plus(length_ms);
        if now < over {
            self.wakes.set(Subject::Run(key.clone(), first.clone()), over);
            return;
        }
        self.run_said(key, first).asked_outcome = true;
        if self.voice(&key.channel) == Voice::Speak {
            self.ask_outcome(key, &run, &said, now, turn);
        }
    }

    fn ask_outcome(&mut self, key: &StrandKey, run: &Run, said: &RunSaid, now: Instant, turn: &mut Turn) {
        let mut whom = said.call_by.iter().chain(&run.people);
        let to = |person: &Name| self.private_to(person, &key.channel, key.root.as_ref());
        let Some((person, to)) = whom.find_map(|person| Some((person.clone(), to(person)?))) else { return };
        let id = match said.calls {
            0 | 1 => ActionId(format_smolstr!("outcome/{}/{}", key.channel, run.first)),
            time => ActionId(format_smolstr!("outcome/{}/{}/{time}", key.channel, run.first)),
        };
        let action = Action {
            id,
            kind: Kind::Outcome,
            to,
            message: self.words().ask_outcome(),
            priority: Priority::Routine,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        self.send_when_in(&person, action, None, now, turn);
    }

    /// The run of talk that began with a message.
    pub(super) fn run_from(&self, key: &StrandKey, first: &MessageId) -> Option<Run> {
        let strand = self.strands.get(key)?;
        strand.run_from(first).map(|run| strand.runs()[run].clone())
    }

    pub(super) fn run_said(&mut self, key: &StrandKey, first: &MessageId) -> &mut RunSaid {
        self.dirty.runs.insert((key.clone(), first.clone()));
        self.runs.entry((key.clone(), first.clone())).or_default()
    }
}
