//! Long threads: when a short call, or the written way, is suggested, and what follows from a call.

use chrono::Datelike;
use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::engine::Engine;
use super::event::{Event, MessageId};
use super::fact::Verb;
use super::judge::Welcome;
use super::run::Run;
use super::said::RunSaid;
use super::strand::StrandKey;
use super::turn::{Silence, Turn};
use super::wakes::Subject;
use crate::calendar::{
    DAY_MS, Instant, MINUTE_MS, OpenTable, Span, day_start_or_next, first_slot, local_date,
};
use crate::runbook::{Name, Promise, Runbook, Suggest, Threads, Voice};

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
    /// Looks at a run of talk after something was heard in it.
    pub(super) fn look_at_run(&mut self, key: &StrandKey, number: usize, now: Instant, turn: &mut Turn) {
        let Some(run) = self.strands.get(key).and_then(|strand| strand.runs().get(number)) else { return };
        let Some(revision) = self.calendars.at(run.last_at) else { return };
        let threads = &revision.runbook.threads;
        let asked = run.call_wanted.is_some();
        if run.exchanges() < threads.suggest_call_after && !asked {
            return;
        }
        let (run, threads) = (run.clone(), threads.clone());
        let said = self.runs.get(&(key.clone(), run.first.clone())).cloned().unwrap_or_default();
        if let Some((person, at)) = run.call_wanted.clone().filter(|(_, at)| said.call_answered != Some(*at))
        {
            self.run_said(key, &run.first).call_answered = Some(at);
            if key.root.is_none() && self.is_wanted_in_thread(key, &run) {
                return;
            }
            self.suggest_call(key, &run, &threads, Some(&person), now, turn);
            return;
        }
        let since_last = said.suggested_at.map_or(u32::MAX, |at| run.exchanges_ever().saturating_sub(at));
        if run.exchanges() < threads.suggest_call_after || since_last < threads.again_after {
            return;
        }
        self.consider(key, &run, &threads, &said, now, turn);
    }

    /// Whether the call that is wanted in a run of the main line is wanted in a thread of it, which hears
    /// of it, too.
    fn is_wanted_in_thread(&self, line: &StrandKey, run: &Run) -> bool {
        let threads = self.strands_of(&line.channel).into_iter().filter(|key| key.root.is_some());
        let mut runs = threads.filter_map(|key| self.strands.get(&key)?.runs().first());
        runs.any(|thread| thread.call_wanted == run.call_wanted)
    }

    fn consider(
        &mut self,
        key: &StrandKey,
        run: &Run,
        threads: &Threads,
        said: &RunSaid,
        now: Instant,
        turn: &mut Turn,
    ) {
        if let Some(why) = self.reason_for_silence(key, run, threads, said, now) {
            self.silent_in_run(key, run, said, why, now, turn);
            return;
        }
        match run.temper.welcome(now, threads.at_most_people) {
            Welcome::Crowded { .. }
                if run.exchanges() >= 2 * threads.suggest_call_after && !said.written_way =>
            {
                self.offer_written_way(key, run, now, turn);
            }
            Welcome::Crowded { .. } => self.silent_in_run(key, run, said, Silence::Crowded, now, turn),
            Welcome::Yes
            | Welcome::NotStuck
            | Welcome::NotLive
            | Welcome::Closing
            | Welcome::Social
            | Welcome::Declined => {
                self.suggest_call(key, run, threads, None, now, turn);
            }
        }
    }

    /// Why a thread that is long enough gets no suggestion.
    fn reason_for_silence(
        &mut self,
        key: &StrandKey,
        run: &Run,
        threads: &Threads,
        said: &RunSaid,
        now: Instant,
    ) -> Option<Silence> {
        let unwelcome = match (threads.suggest, run.temper.welcome(now, threads.at_most_people)) {
            (Suggest::Never, _) => return Some(Silence::TurnedOff),
            (_, Welcome::Declined) => Some(Silence::Declined),
            (_, Welcome::Closing) => Some(Silence::Closing),
            (_, Welcome::Crowded { .. } | Welcome::Yes)
            | (Suggest::Always, Welcome::NotStuck | Welcome::Social) => None,
            (Suggest::WhenStuck, Welcome::Social) => Some(Silence::Social),
            (Suggest::WhenStuck, Welcome::NotStuck) => Some(Silence::NotStuck),
            (_, Welcome::NotLive) => Some(Silence::NotLive),
        };
        if unwelcome.is_some() || run.resolved_at.is_some() {
            return unwelcome.or(Some(Silence::Resolved));
        }
        self.reason_by_manners(key, run, said, now)
    }

    fn reason_by_manners(
        &mut self,
        key: &StrandKey,
        run: &Run,
        said: &RunSaid,
        now: Instant,
    ) -> Option<Silence> {
        if self.is_turned_off(&key.channel, Kind::Call) {
            return Some(Silence::TurnedOff);
        }
        if self.places.has_gap(&key.channel) {
            return Some(Silence::Gap);
        }
        match self.voice(&key.channel) {
            Voice::Private => return Some(Silence::PrivateOnly),
            Voice::Watch => return None,
            Voice::Speak => {}
        }
        if self.runbook().is_none_or(|runbook| said.notices >= runbook.notices.per_thread) {
            return Some(Silence::ThreadBudget);
        }
        let writers = run.people.iter().cloned().zip(run.wrote_at.iter().copied());
        let writers: Vec<(Name, Instant)> = writers.collect();
        if !writers.iter().all(|(person, wrote_at)| self.may_be_answered(person, *wrote_at, now)) {
            return Some(Silence::NobodyIn);
        }
        let muted = |person: &Name| {
            self.desks.get(person).and_then(|desk| desk.muted_until).is_some_and(|until| until > now)
        };
        if writers.iter().any(|(person, _)| muted(person)) {
            return Some(Silence::Muted);
        }
        (!writers.iter().all(|(person, _)| self.has_budget(person, now))).then_some(Silence::Budget)
    }

    /// Notes a silence once, not at every message.
    fn silent_in_run(
        &mut self,
        key: &StrandKey,
        run: &Run,
        said: &RunSaid,
        why: Silence,
        now: Instant,
        turn: &mut Turn,
    ) {
        if said.silent.is_some_and(|(_, known)| known == why) {
            return;
        }
        self.run_said(key, &run.first).silent = Some((run.exchanges_ever(), why));
        self.stay_silent(Kind::Call, key, &run.first, why, now, turn);
    }

    fn suggest_call(
        &mut self,
        key: &StrandKey,
        run: &Run,
        threads: &Threads,
        asked_by: Option<&Name>,
        now: Instant,
        turn: &mut Turn,
    ) {
        let when = self.when_to_call(run, threads, now);
        if when == When::Never && asked_by.is_none() {
            self.offer_written_way(key, run, now, turn);
            return;
        }
        let said = self.run_said(key, &run.first);
        said.suggested_at = Some(run.exchanges_ever());
        said.suggestions += 1;
        let time = said.suggestions;
        match self.voice(&key.channel) {
            Voice::Speak => {}
            Voice::Private => {
                self.stay_silent(Kind::Call, key, &run.first, Silence::PrivateOnly, now, turn);
                return;
            }
            Voice::Watch => {
                self.would_have(Kind::Call, key, &run.first, now, turn);
                return;
            }
        }
        let message = self.words().call(run, when, asked_by, now);
        let id = ActionId(format_smolstr!("call/{}/{}/{time}", key.channel, run.first));
        self.run_said(key, &run.first).action = Some(id.clone());
        self.post_in_run(key, run, id, Kind::Call, message, asked_by.is_none(), now, turn);
    }

    fn offer_written_way(&mut self, key: &StrandKey, run: &Run, now: Instant, turn: &mut Turn) {
        let said = self.run_said(key, &run.first);
        if said.written_way {
            return;
        }
        said.written_way = true;
        said.suggested_at = Some(run.exchanges_ever());
        if self.voice(&key.channel) == Voice::Watch {
            self.would_have(Kind::WrittenWay, key, &run.first, now, turn);
            return;
        }
        let message = self.words().written_way(run);
        let id = ActionId(format_smolstr!("written-way/{}/{}", key.channel, run.first));
        self.post_in_run(key, run, id, Kind::WrittenWay, message, true, now, turn);
    }

    #[expect(clippy::too_many_arguments, reason = "the run, the words and their kind, and when")]
    fn post_in_run(
        &mut self,
        key: &StrandKey,
        run: &Run,
        id: ActionId,
        kind: Kind,
        message: super::message::Message,
        counts: bool,
        now: Instant,
        turn: &mut Turn,
    ) {
        let to = match (&key.root, self.thread_target(key, &run.first)) {
            (None, Target::Thread { platform, channel, .. }) => Target::Channel { platform, channel },
            (_, to) => to,
        };
        let not_after = Some(now.plus(30 * MINUTE_MS));
        let action = Action {
            id,
            kind,
            to,
            message,
            priority: Priority::Routine,
            not_after,
            if_unknown: IfUnknown::Leave,
        };
        self.send(key, &run.first, action, now, turn);
        if counts {
            self.count_in_thread(key, &run.first);
            run.people.iter().for_each(|person| self.spend(person, now));
        }
    }

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

    /// A call is taken, now or at `at`.
    #[expect(clippy::too_many_arguments, reason = "the run, who takes the call and when, and when it is now")]
    pub(super) fn take_call(
        &mut self,
        event: &Event,
        key: &StrandKey,
        first: &MessageId,
        by: &Name,
        at: Instant,
        now: Instant,
        turn: &mut Turn,
    ) {
        if !self.add_verb(event, key, Some(first), by, Verb::CallTaken, now, turn) {
            return;
        }
        let action = self.runs.get(&(key.clone(), first.clone())).and_then(|said| said.action.clone());
        if let Some(of) = action {
            let message = self.words().call_taken(by, first, at, now);
            self.amend(&of, "taken", message, turn);
        }
        let length_ms = self.runbook().map_or(0, |runbook| runbook.threads.call_length_ms);
        self.wakes.set(Subject::Run(key.clone(), first.clone()), at.max(now).plus(length_ms));
    }

    /// After a call its outcome is asked for, once, of whoever took it.
    pub(super) fn look_after_call(
        &mut self,
        key: &StrandKey,
        first: &MessageId,
        now: Instant,
        turn: &mut Turn,
    ) {
        let Some(strand) = self.strands.get(key) else { return };
        let Some(run) = strand.run_from(first).map(|run| strand.runs()[run].clone()) else { return };
        let asked = self.runs.get(&(key.clone(), first.clone())).is_some_and(|said| said.asked_outcome);
        let (Some(taken_at), None, false) = (run.call_taken, &run.outcome, asked) else { return };
        let length_ms = self.runbook().map_or(0, |runbook| runbook.threads.call_length_ms);
        if now < taken_at.plus(length_ms) {
            self.wakes.set(Subject::Run(key.clone(), first.clone()), taken_at.plus(length_ms));
            return;
        }
        self.run_said(key, first).asked_outcome = true;
        if self.voice(&key.channel) != Voice::Speak {
            return;
        }
        let Some(runbook) = self.runbook() else { return };
        let Some(writer) = run.people.first() else { return };
        let Some((platform, user)) = self.people.address(&runbook, writer) else { return };
        let root = key.root.clone();
        let to = Target::Private { platform, channel: key.channel.clone(), thread: root, user };
        let message = self.words().ask_outcome();
        let id = ActionId(format_smolstr!("outcome/{}/{first}", key.channel));
        let action = Action {
            id,
            kind: Kind::Outcome,
            to,
            message,
            priority: Priority::Routine,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        let writer = writer.clone();
        self.send_when_in(&writer, action, None, now, turn);
    }

    /// A suggestion that nobody wants now folds up.
    pub(super) fn close_suggestion(
        &mut self,
        key: &StrandKey,
        first: &MessageId,
        _now: Instant,
        turn: &mut Turn,
    ) {
        let action = self.runs.get(&(key.clone(), first.clone())).and_then(|said| said.action.clone());
        if let Some(of) = action {
            let message = self.words().not_now();
            self.amend(&of, "not-now", message, turn);
        }
    }

    /// New words for a notice, in its place.
    pub(super) fn amend(
        &mut self,
        of: &ActionId,
        cause: &str,
        message: super::message::Message,
        turn: &mut Turn,
    ) {
        let Some(kind) = self.notices.get(of).map(|notice| notice.kind) else { return };
        let id = ActionId(format_smolstr!("amend/{of}/{cause}"));
        let to = Target::Amend { of: of.clone() };
        turn.actions.push(Action {
            id,
            kind,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        });
    }

    pub(super) fn run_said(&mut self, key: &StrandKey, first: &MessageId) -> &mut RunSaid {
        self.dirty.runs.insert((key.clone(), first.clone()));
        self.runs.entry((key.clone(), first.clone())).or_default()
    }
}
