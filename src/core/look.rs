//! Looking again: a case, a channel, everything. What changed is noted; what is due is handed to the ladder.

use smol_str::format_smolstr;

use super::case::{Case, How, Owed};
use super::deadline::Course;
use super::engine::{Engine, put};
use super::event::{ChannelId, MessageId, MessageRef};
use super::record::{RecordKey, RecordKind};
use super::said::{OwedSaid, Stage, TRAIL_KEPT};
use super::strand::{Strand, StrandKey, Touched, World};
use super::turn::{Change, Noted, Turn};
use super::wakes::Subject;
use crate::calendar::{HOUR_MS, Instant};

/// So long after the last word in it, and with nothing open, a run of talk is forgotten.
const LINGER_MS: i64 = 36 * HOUR_MS;
/// How often, by the clock of UTC, what may be forgotten is looked at.
const AGE_TICK_MS: i64 = 6 * HOUR_MS;

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
        let Some(said) = self.owed.get_mut(&message) else { return };
        said.stage = Some(Stage::Cancelled);
        said.breached = false;
        let what = Noted::Cancelled("superseded".into());
        said.trail.push((turn.now, what.clone()));
        let actions: Vec<_> = said.steps.iter().flat_map(|step| step.actions.clone()).collect();
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
        strand.pass_time(number, now, &world);
        let case = strand.cases()[number].clone();
        let gap = self.places.has_gap(&key.channel);
        for owed in &case.owed {
            let settled = owed.end.is_some() && self.is_settled(key, owed);
            if settled && !anew {
                continue;
            }
            let course = Course::of(&mut self.calendars, &self.people, owed, &case.who, now);
            self.note_stage(key, &case, owed, &course, gap, now, turn);
            if owed.end.is_none() && !gap {
                self.climb(key, &case, owed, &course, now, turn);
            }
        }
        let ends = case.open().and_then(|_| {
            case.ends_by_itself(super::case::Ground { people: &self.people, calendars: &self.calendars })
        });
        if let Some((at, _)) = ends {
            self.wakes.set(Subject::Case(key.clone(), case.question.clone()), at);
        }
    }

    /// Whether the end of an obligation has been noted as it is.
    fn is_settled(&self, key: &StrandKey, owed: &Owed) -> bool {
        let said = self.owed.get(&key.message(&owed.message));
        let ended_at = owed.end.as_ref().map(|end| end.at);
        said.is_some_and(|said| said.stage == Some(stage_of(owed)) && said.ended_at == ended_at)
    }

    /// Notes the way from the state that was last noted to the present one.
    #[expect(clippy::too_many_arguments, reason = "the obligation, its clock, and when")]
    fn note_stage(
        &mut self,
        key: &StrandKey,
        case: &Case,
        owed: &Owed,
        course: &Course,
        gap: bool,
        now: Instant,
        turn: &mut Turn,
    ) {
        let about = key.message(&owed.message);
        let before = self.owed.get(&about).and_then(|said| said.stage);
        let stage = stage_of(owed);
        let due_at = course.due(owed);
        let in_time = due_at.is_none_or(|due| owed.end.as_ref().is_none_or(|end| end.at <= due));
        let breached = self.owed.get(&about).is_some_and(|said| said.breached);
        let judged = owed.end.is_none() || gap || breached != in_time;
        if before == Some(stage) && self.is_settled(key, owed) && judged {
            return;
        }
        let is_over = |stage| matches!(stage, Stage::Met | Stage::Cancelled);
        if before.is_none_or(|before| is_over(before) && !is_over(stage)) {
            let level = owed.level.name.clone();
            self.trail(key, owed, owed.since, Noted::Owed { level, due_at }, turn);
        }
        if let (false, false, false, Some(due)) = (in_time, breached, gap, due_at) {
            self.trail(key, owed, due, Noted::Breached, turn);
        } else if owed.end.is_some() && in_time && breached {
            self.trail(key, owed, now, Noted::BreachTakenBack, turn);
        }
        match (stage, &owed.end) {
            (Stage::Open, _) if before == Some(Stage::Paused) => {
                self.trail(key, owed, now, Noted::Resumed, turn)
            }
            (Stage::Open, _) => {}
            (Stage::Acknowledged, _) => {
                let at = owed.taken.as_ref().map_or(now, |(_, at)| *at);
                self.trail(key, owed, at, Noted::Acknowledged, turn);
            }
            (Stage::Paused, _) => {
                self.trail(key, owed, owed.paused_since().unwrap_or(now), Noted::Paused, turn)
            }
            (Stage::Met | Stage::Cancelled, None) => {}
            (Stage::Met, Some(end)) => {
                let late = due_at.is_some_and(|due| end.at > due);
                let took_ms = course.elapsed_ms(owed, end.at);
                self.trail(key, owed, end.at, Noted::Met { took_ms, late }, turn);
            }
            (Stage::Cancelled, Some(end)) => {
                self.trail(key, owed, end.at, Noted::Cancelled(super::case::end_name(&end.how)), turn);
            }
        }
        let said = self.owed_said(key, owed);
        said.stage = Some(stage);
        said.ended_at = owed.end.as_ref().map(|end| end.at);
        if owed.end.is_some() {
            said.breached = !in_time && (breached || !gap);
            said.due_at = due_at.or(said.due_at);
        }
        self.amend_notices(key, case, owed, stage, due_at, now, turn);
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

    /// What was said about an obligation, to be changed.
    pub(super) fn owed_said(&mut self, key: &StrandKey, owed: &Owed) -> &mut OwedSaid {
        self.dirty.owed.insert(key.message(&owed.message));
        self.owed.entry(key.message(&owed.message)).or_default()
    }

    pub(super) fn set_age_wake(&mut self, key: &StrandKey, now: Instant) {
        self.wakes.set(Subject::Age(key.clone()), last_tick(now).plus(AGE_TICK_MS));
    }

    /// Forgets what nobody will speak of any more. It is judged as of the last tick: so an engine that was
    /// loaded in between forgets the same things as one that ran all the time.
    pub(super) fn look_at_age(&mut self, key: &StrandKey, now: Instant, turn: &mut Turn) {
        let as_of = last_tick(now);
        // What is missing may belong to what would be forgotten.
        if !self.places.has_gap(&key.channel) {
            if key.root.is_some() {
                self.forget_thread(key, as_of, turn);
            } else {
                self.forget_runs(key, as_of, now, turn);
            }
        }
        if self.strands.contains_key(key) {
            self.set_age_wake(key, now);
        }
    }

    /// A thread whose first message the main line knows is forgotten together with that: a question without
    /// its answers would be open again.
    fn forget_thread(&mut self, key: &StrandKey, now: Instant, turn: &mut Turn) {
        let Some(strand) = self.strands.get(key) else { return };
        let line = self.strands.get(&StrandKey::line(&key.channel));
        let is_of_line = line.zip(key.root.as_ref()).is_some_and(|(line, root)| line.run_of(root).is_some());
        if is_of_line || !is_quiet(strand, now) || !strand.cases().iter().all(|case| is_over(case, now)) {
            return;
        }
        self.drop_thread(key, turn);
    }

    fn drop_thread(&mut self, key: &StrandKey, turn: &mut Turn) {
        let Some(strand) = self.strands.remove(key) else { return };
        let root = key.root.clone().unwrap_or_default();
        for fact in strand.facts() {
            self.thread_of.remove(&key.message(&fact.key));
            // The first message is the main line's to forget.
            if fact.key != root {
                self.forget_owed(&key.message(&fact.key), turn);
            }
        }
        self.runs.remove(&(key.clone(), root));
        self.forget_notices(|strand_key| strand_key == key, turn);
        for kind in [RecordKind::Fact, RecordKind::Run] {
            turn.changes.push(Change::DeleteAll(kind, format_smolstr!("{key}")));
        }
    }

    fn forget_runs(&mut self, key: &StrandKey, as_of: Instant, now: Instant, turn: &mut Turn) {
        let Some(line) = self.strands.get(key) else { return };
        let run_of = |thread: &StrandKey| thread.root.as_ref().and_then(|root| line.run_of(root));
        let threads: Vec<StrandKey> =
            self.strands_of(&key.channel).into_iter().filter(|thread| run_of(thread).is_some()).collect();
        let busy = threads.iter().filter(|thread| !is_quiet(&self.strands[*thread], as_of));
        let busy: Vec<MessageId> =
            busy.filter_map(run_of).map(|run| line.runs()[run].first.clone()).collect();
        let gone = |run: &super::run::Run, cases: &[Case]| {
            as_of.since(run.last_at) >= LINGER_MS
                && run.cases.iter().all(|&case| is_over(&cases[case], as_of))
                && !busy.contains(&run.first)
        };
        let Some(strand) = self.strands.get_mut(key) else { return };
        let mut world =
            World { people: &self.people, calendars: &mut self.calendars, places: &mut self.places };
        let forgotten = strand.forget_runs(gone, now, &mut world);
        let owner = format_smolstr!("{key}");
        for id in &forgotten {
            self.forget_owed(&key.message(id), turn);
            let thread = StrandKey { channel: key.channel.clone(), root: Some(id.clone()) };
            for strand in [key, &thread] {
                if self.runs.remove(&(strand.clone(), id.clone())).is_some() {
                    put(turn, RecordKind::Run, format_smolstr!("{strand}"), id.clone(), None);
                }
            }
            put(turn, RecordKind::Fact, owner.clone(), id.clone(), None);
        }
        for thread in threads {
            if thread.root.as_ref().is_some_and(|root| forgotten.contains(root)) {
                self.drop_thread(&thread, turn);
            }
        }
        if !forgotten.is_empty() {
            let line = key.clone();
            let kept: std::collections::BTreeSet<MessageId> = self
                .strands
                .get(key)
                .map(|strand| strand.facts().iter().map(|fact| fact.key.clone()).collect())
                .unwrap_or_default();
            self.forget_notices_about(&line, &kept, turn);
        }
        if self.strands.get(key).is_some_and(|strand| strand.facts().is_empty()) {
            self.strands.remove(key);
        }
    }

    fn forget_owed(&mut self, message: &MessageRef, turn: &mut Turn) {
        if self.owed.remove(message).is_some() {
            put(turn, RecordKind::Case, message.channel.clone(), message.id.clone(), None);
        }
    }

    fn forget_notices(&mut self, gone: impl Fn(&StrandKey) -> bool, turn: &mut Turn) {
        let going: Vec<_> = self
            .notices
            .iter()
            .filter(|(_, notice)| gone(&notice.strand))
            .map(|(id, _)| id.clone())
            .collect();
        self.drop_notices(going, turn);
    }

    fn forget_notices_about(
        &mut self,
        line: &StrandKey,
        kept: &std::collections::BTreeSet<MessageId>,
        turn: &mut Turn,
    ) {
        let gone = |notice: &super::said::NoticeSaid| notice.strand == *line && !kept.contains(&notice.about);
        let going: Vec<_> =
            self.notices.iter().filter(|(_, notice)| gone(notice)).map(|(id, _)| id.clone()).collect();
        self.drop_notices(going, turn);
    }

    fn drop_notices(&mut self, going: Vec<super::action::ActionId>, turn: &mut Turn) {
        for id in going {
            if let Some(message) = self.notices.remove(&id).and_then(|notice| notice.message) {
                self.posted.remove(&message);
            }
            let key = RecordKey { kind: RecordKind::Notice, owner: Default::default(), id: id.0 };
            turn.changes.push(Change::Delete(key));
        }
    }

    /// After loading: threads get their first messages, the main lines what happened in threads, and all
    /// of it is heard.
    pub(super) fn join_strands(&mut self) {
        let keys: Vec<StrandKey> = self.strands.keys().cloned().collect();
        let mut copies = Vec::new();
        self.hear_lines();
        for key in &keys {
            copies.extend(self.root_copy(key).map(|root| (key.clone(), root)));
            let Some(strand) = self.strands.get(key) else { continue };
            let mirrored: Vec<_> =
                strand.facts().iter().filter_map(|fact| self.mirrored(key, fact)).collect();
            copies.extend(mirrored);
        }
        for (key, copy) in copies {
            if let Some(strand) = self.strands.get_mut(&key) {
                strand.restore(copy);
            }
        }
        for key in keys {
            self.hear_strand(&key);
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
        for (key, strand) in &self.strands {
            for case in strand.cases().iter().filter(|case| case.open().is_some()) {
                self.wakes.set(Subject::Case(key.clone(), case.question.clone()), at);
            }
            let waits = |run: &super::run::Run| {
                let said = self.runs.get(&(key.clone(), run.first.clone()));
                run.call_taken.is_some() || said.is_some_and(|said| said.waits_until.is_some())
            };
            for run in strand.runs().iter().filter(|run| waits(run)) {
                self.wakes.set(Subject::Run(key.clone(), run.first.clone()), at);
            }
            self.wakes.set(Subject::Age(key.clone()), at);
        }
        let desks: Vec<_> = self.desks.keys().cloned().collect();
        for person in desks {
            self.wakes.set(Subject::Desk(person), at);
        }
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

/// The last instant at which it was looked at what may be forgotten.
fn last_tick(now: Instant) -> Instant {
    Instant::from_ms(now.ms() - now.ms().rem_euclid(AGE_TICK_MS))
}

/// Whether nothing happened in a strand for long.
fn is_quiet(strand: &Strand, now: Instant) -> bool {
    strand.facts().last().is_none_or(|fact| now.since(fact.at) >= LINGER_MS)
}

/// Whether all that was owed has ended, and long ago.
fn is_over(case: &Case, now: Instant) -> bool {
    case.owed.last().is_none_or(|owed| owed.end.as_ref().is_some_and(|end| now.since(end.at) >= LINGER_MS))
}

/// The state of an obligation as the facts tell it.
pub(super) fn stage_of(owed: &Owed) -> Stage {
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
    pub(super) fn owing(&self, message: &MessageId) -> Option<(&Case, &Owed)> {
        let case = &self.cases()[self.case_owing(message)?];
        case.owed.iter().find(|owed| owed.message == *message).map(|owed| (case, owed))
    }
}
