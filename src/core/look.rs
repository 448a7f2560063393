//! Looking again: a case, a channel, everything. What changed is noted; what is due is handed to the ladder.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::case::{Case, Cause, Ground, How, Owed, end_name};
use super::deadline::Course;
use super::engine::Engine;
use super::event::{ChannelId, MessageId};
use super::fact::Fact;
use super::ladder::Matter;
use super::said::{OwedSaid, Stage, TRAIL_KEPT};
use super::strand::{Strand, StrandKey, Touched, World};
use super::turn::{Noted, Turn};
use super::wakes::{Subject, Wakes};
use crate::calendar::Instant;

impl Engine {
    pub(super) fn look_at_touched(
        &mut self,
        key: &StrandKey,
        touched: &Touched,
        now: Instant,
        turn: &mut Turn,
    ) {
        if touched.anew {
            self.withdraw(key, turn);
        }
        for &case in &touched.cases {
            self.look_at_nth_case(key, case, touched.anew, now, turn);
        }
        for &run in &touched.runs {
            self.look_at_run(key, run, now, turn);
        }
    }

    /// Facts that came late can show that nothing was owed after all: that is cancelled.
    fn withdraw(&mut self, key: &StrandKey, turn: &mut Turn) {
        let Some(strand) = self.strands.get(key) else { return };
        let messages = strand.facts().iter().map(|fact| &fact.key);
        let lost = |id: &&MessageId| {
            let said = self.owed.get(&key.message(id)).filter(|said| said.stage != Some(Stage::Cancelled));
            said.is_some() && strand.case_owing(id).is_none()
        };
        let lost: Vec<MessageId> =
            messages.filter(lost).filter(|id| self.is_owed_nowhere(key, id)).cloned().collect();
        for id in lost {
            self.withdraw_one(key, &id, turn);
        }
    }

    /// The case of a reply can stand in its thread or, under the first message, in the main line.
    fn is_owed_nowhere(&self, key: &StrandKey, id: &MessageId) -> bool {
        let root = self.thread_of.get(&key.message(id)).cloned();
        let homes = [StrandKey::line(&key.channel), StrandKey { channel: key.channel.clone(), root }];
        !homes.iter().any(|home| self.strands.get(home).is_some_and(|strand| strand.case_owing(id).is_some()))
    }

    fn withdraw_one(&mut self, key: &StrandKey, id: &MessageId, turn: &mut Turn) {
        let message = key.message(id);
        let Some(said) = self.owed.get_mut(&message).map(Arc::make_mut) else { return };
        said.stage = Some(Stage::Cancelled);
        said.breached = false;
        let what = Noted::Cancelled("superseded".into());
        said.trail.push((turn.now, what.clone()));
        let steps = said.earlier.iter().chain(&said.steps);
        let actions: Vec<_> = steps.flat_map(|step| step.actions.clone()).collect();
        self.dirty.owed.insert(message.clone());
        for action in actions {
            let words = self.words().superseded();
            self.amend(&action, "superseded", words, turn);
        }
        self.note(turn, turn.now, Some(message), what);
    }

    pub(super) fn look_at_case(
        &mut self,
        key: &StrandKey,
        question: &MessageId,
        now: Instant,
        turn: &mut Turn,
    ) {
        let case = self.strands.get(key).and_then(|strand| strand.case_of(question));
        if let Some(case) = case {
            self.look_at_nth_case(key, case, false, now, turn);
        }
    }

    /// Looks at everything in a channel, at what has ended, too: whether it ended in time is not said while
    /// events may be missing.
    pub(super) fn look_at_channel(&mut self, channel: &ChannelId, now: Instant, turn: &mut Turn) {
        for key in self.strands_of(channel) {
            for case in 0..self.strands.get(&key).map_or(0, |strand| strand.cases().len()) {
                self.look_at_nth_case(&key, case, true, now, turn);
            }
        }
    }

    pub(super) fn look_at_all_cases(&mut self, now: Instant, turn: &mut Turn) {
        let keys: Vec<StrandKey> = self.strands.keys().cloned().collect();
        for key in keys {
            self.look_at_strand(&key, now, turn);
        }
    }

    fn look_at_strand(&mut self, key: &StrandKey, now: Instant, turn: &mut Turn) {
        let cases = self.strands.get(key).map_or(0, |strand| strand.cases().len());
        for case in 0..cases {
            let open = self.strands.get(key).is_some_and(|strand| strand.cases()[case].open().is_some());
            if open {
                self.look_at_nth_case(key, case, false, now, turn);
            }
        }
    }

    fn look_at_nth_case(
        &mut self,
        key: &StrandKey,
        number: usize,
        anew: bool,
        now: Instant,
        turn: &mut Turn,
    ) {
        let Some(strand) = self.strands.get_mut(key) else { return };
        let world = World { people: &self.people, calendars: &mut self.calendars, places: &mut self.places };
        let gap = world.places.has_gap(&key.channel);
        if !gap {
            // In a gap, the reply that would have kept it from ending may be among what is missing.
            strand.pass_time(number, now, &world);
        }
        let case = Arc::clone(&strand.cases()[number]);
        for owed in case.owed.iter().filter(|owed| !(gap && ended_by_itself(owed))) {
            // What has ended and been noted stays so.
            if !anew && owed.end.is_some() && self.is_settled(key, owed) {
                continue;
            }
            let course = Course::of(&mut self.calendars, &self.people, owed, &case.who, now);
            let matter = Matter { key, case: &case, owed, due: course.due(owed), now };
            self.begin_ladder_anew(&matter, turn);
            self.note_stage(&matter, &course, gap, turn);
            if owed.end.is_none() && !gap {
                self.climb(&matter, &course, turn);
            }
        }
        let ends = case
            .open()
            .filter(|_| !gap)
            .and_then(|_| case.look_again(now, Ground { people: &self.people, calendars: &self.calendars }));
        if let Some(at) = ends {
            self.wakes.set(Subject::Case(key.clone(), case.question.clone()), at);
        }
    }

    /// A promise that has become another one has a ladder of its own: nobody was told of it yet.
    fn begin_ladder_anew(&mut self, matter: &Matter<'_>, turn: &mut Turn) {
        let (key, owed) = (matter.key, matter.owed);
        let known = self.owed.get(&key.message(&owed.message)).map_or(0, |said| said.anew);
        if known >= owed.anew {
            return;
        }
        let said = self.owed_said(key, owed);
        said.anew = owed.anew;
        said.earlier.append(&mut said.steps);
        said.snoozed_until = None;
        said.asked_taker = false;
        said.holders.clear();
        said.breached = false;
        said.due_at = None;
        if said.stage.is_some() && owed.end.is_none() {
            self.note_owed(matter, turn);
        }
    }

    fn note_owed(&mut self, matter: &Matter<'_>, turn: &mut Turn) {
        let owed = matter.owed;
        let what = Noted::Owed { level: owed.level.name.clone(), due_at: matter.due };
        self.trail(matter.key, owed, owed.since, what, turn);
    }

    /// Whether the end of an obligation has been noted as it is.
    fn is_settled(&self, key: &StrandKey, owed: &Owed) -> bool {
        let said = self.owed.get(&key.message(&owed.message));
        let ended_at = owed.end.as_ref().map(|end| end.at);
        said.is_some_and(|said| said.stage == Some(stage_of(owed)) && said.ended_at == ended_at)
    }

    /// Notes the way from the state that was last noted to the present one.
    fn note_stage(&mut self, matter: &Matter<'_>, course: &Course, gap: bool, turn: &mut Turn) {
        let Matter { key, owed, due: due_at, now, case: _ } = *matter;
        let said = self.owed.get(&key.message(&owed.message));
        let before = said.and_then(|said| said.stage);
        let breached = said.is_some_and(|said| said.breached);
        let stage = stage_of(owed);
        let ended_by = |due| {
            let end = owed.end.as_ref().map(|end| end.at);
            let is_unsure = |end| owed.is_unsure_at(due) || self.places.is_lost(&key.channel, due, end);
            end.is_none_or(|end| end <= due || is_unsure(end))
        };
        let in_time = due_at.is_none_or(ended_by);
        let judged = owed.end.is_none() || gap || breached != in_time;
        if before == Some(stage) && self.is_settled(key, owed) && judged {
            return;
        }
        let is_over = |stage| matches!(stage, Stage::Met | Stage::Cancelled);
        if before.is_none_or(|before| is_over(before) && !is_over(stage)) {
            self.note_owed(matter, turn);
        }
        if let (false, false, false, Some(due)) = (in_time, breached, gap, due_at) {
            self.trail(key, owed, due, Noted::Breached, turn);
        } else if owed.end.is_some() && in_time && breached {
            self.trail(key, owed, now, Noted::BreachTakenBack, turn);
        }
        let arrival = match (stage, &owed.end) {
            (Stage::Open, _) => (before == Some(Stage::Paused)).then_some((now, Noted::Resumed)),
            (Stage::Acknowledged, _) => {
                Some((owed.taken.as_ref().map_or(now, |(_, at)| *at), Noted::Acknowledged))
            }
            (Stage::Paused, _) => Some((owed.paused_since().unwrap_or(now), Noted::Paused)),
            (Stage::Met | Stage::Cancelled, None) => None,
            (Stage::Met, Some(end)) => {
                let took_ms = course.elapsed_ms(owed, end.at);
                Some((end.at, Noted::Met { took_ms, late: !in_time }))
            }
            (Stage::Cancelled, Some(end)) => Some((end.at, Noted::Cancelled(end_name(&end.how)))),
        };
        if let Some((at, what)) = arrival {
            self.trail(key, owed, at, what, turn);
        }
        let said = self.owed_said(key, owed);
        said.stage = Some(stage);
        said.ended_at = owed.end.as_ref().map(|end| end.at);
        if owed.end.is_some() {
            said.breached = !in_time && (breached || !gap);
            said.due_at = due_at.or(said.due_at);
        }
        self.amend_notices(matter, stage, turn);
    }

    /// Notes something about an obligation, for the figures and for `why`.
    pub(super) fn trail(&mut self, key: &StrandKey, owed: &Owed, at: Instant, what: Noted, turn: &mut Turn) {
        let said = self.owed_said(key, owed);
        if said.trail.len() >= TRAIL_KEPT {
            said.trail.remove(1);
        }
        said.trail.push((at, what.clone()));
        self.note(turn, at, Some(key.message(&owed.message)), what);
    }

    /// The obligation to answer a message, as its strand has it.
    pub(super) fn owing(&self, key: &StrandKey, message: &MessageId) -> Option<(&Arc<Case>, &Owed)> {
        self.strands.get(key)?.owing(message)
    }

    /// What was said about an obligation, to be changed.
    pub(super) fn owed_said(&mut self, key: &StrandKey, owed: &Owed) -> &mut OwedSaid {
        let message = key.message(&owed.message);
        self.dirty.owed.insert(message.clone());
        Arc::make_mut(self.owed.entry(message).or_default())
    }

    /// After loading: threads get their first messages, the main lines what happened in threads, and all
    /// of it is heard.
    pub(super) fn join_strands(&mut self) {
        let keys: Vec<StrandKey> = self.strands.keys().cloned().collect();
        let mut copies: Vec<(StrandKey, Arc<Fact>)> = Vec::new();
        self.hear_lines();
        for key in &keys {
            copies.extend(self.root_copy(key).map(|root| (key.clone(), root)));
            let Some(strand) = self.strands.get(key) else { continue };
            let mirrored: Vec<_> =
                strand.facts().iter().filter_map(|fact| self.mirrored(key, fact)).collect();
            copies.extend(mirrored);
        }
        // A line without threads has heard all that it will.
        let grown: FxHashSet<StrandKey> = copies.iter().map(|(key, _)| key.clone()).collect();
        for (key, copy) in copies {
            if let Some(strand) = self.strands.get_mut(&key) {
                strand.restore(copy);
            }
        }
        for key in keys.iter().filter(|key| key.root.is_some() || grown.contains(*key)) {
            self.hear_strand(key);
        }
    }

    /// Main lines first: threads ask them for their first messages.
    fn hear_lines(&mut self) {
        let lines: Vec<StrandKey> = self.strands.keys().filter(|key| key.root.is_none()).cloned().collect();
        for key in lines {
            self.hear_strand(&key);
        }
    }

    fn hear_strand(&mut self, key: &StrandKey) {
        if let Some(strand) = self.strands.get_mut(key) {
            let mut world =
                World { people: &self.people, calendars: &mut self.calendars, places: &mut self.places };
            strand.hear_all(&mut world);
        }
    }

    /// After loading: everything that can come due is looked at once, at the next wake.
    pub(super) fn set_all_wakes(&mut self) {
        let at = Instant::MIN;
        let cases = self.strands.iter().flat_map(|(key, strand)| {
            let open = strand.cases().iter().filter(|case| case.open().is_some());
            open.map(|case| Subject::Case(key.clone(), case.question.clone()))
        });
        let waits = |key: &StrandKey, run: &super::run::Run| {
            let said = self.runs.get(&(key.clone(), run.first.clone()));
            run.call_taken.is_some() || said.is_some_and(|said| said.waits_until.is_some())
        };
        let runs = self.strands.iter().flat_map(|(key, strand)| {
            let waiting = strand.runs().iter().filter(|run| waits(key, run));
            waiting.map(|run| Subject::Run(key.clone(), run.first.clone()))
        });
        self.wakes = Wakes::all_at(at, cases.chain(runs).chain([Subject::Age]).collect());
        let desks: Vec<_> = self.desks.keys().cloned().collect();
        for person in desks {
            self.wakes.set(Subject::Desk(person), at);
        }
        self.set_unread_wakes(at);
        self.set_standing_wakes(at);
    }

    /// The reports to the admins, and the shifts of every rotation.
    pub(super) fn set_standing_wakes(&mut self, at: Instant) {
        if let Some(runbook) = self.runbook() {
            for rotation in runbook.rotations.keys() {
                self.wakes.set(Subject::Duty(rotation.clone()), at);
            }
            self.wakes.set(Subject::Ledger, at);
        }
    }
}

/// Whether it ended because nothing happened.
fn ended_by_itself(owed: &Owed) -> bool {
    owed.end.as_ref().is_some_and(|end| match end.how {
        How::Cancelled(Cause::PausedTooLong | Cause::Expired | Cause::Unread) => true,
        How::Cancelled(
            Cause::Deleted
            | Cause::Dismissed
            | Cause::Edited
            | Cause::Resolved
            | Cause::Unknown
            | Cause::Archived,
        )
        | How::Answered(_)
        | How::Taken(_)
        | How::Settled => false,
    })
}

/// The state of an obligation as the facts tell it.
fn stage_of(owed: &Owed) -> Stage {
    match &owed.end {
        Some(end) => match end.how {
            How::Answered(_) | How::Taken(_) | How::Settled => Stage::Met,
            How::Cancelled(_) => Stage::Cancelled,
        },
        None if owed.paused_since().is_some() => Stage::Paused,
        None if owed.taken.is_some() => Stage::Acknowledged,
        None => Stage::Open,
    }
}

impl Strand {
    /// The obligation to answer `message`, and its case.
    pub(super) fn owing(&self, message: &MessageId) -> Option<(&Arc<Case>, &Owed)> {
        let case = &self.cases()[self.case_owing(message)?];
        case.owed.iter().find(|owed| owed.message == *message).map(|owed| (case, owed))
    }
}
