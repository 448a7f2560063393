//! Duty passes on: at a handoff, and when somebody goes on leave, what is open passes to the next, and the
//! asker, the giver and the taker are told once.

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority};
use super::case::{Case, Owed};
use super::deadline::Course;
use super::engine::Engine;
use super::ladder::Matter;
use super::said::AboutOwed;
use super::strand::StrandKey;
use super::turn::Turn;
use super::wakes::Subject;
use crate::calendar::{DAY_MS, Instant};
use crate::runbook::{Name, Voice, Who};

impl Engine {
    /// Looks at who owes what when the shift of a rotation changes, and sets the wake for the next change.
    pub(super) fn look_at_duty(&mut self, rotation: &Name, now: Instant, turn: &mut Turn) {
        let Some(runbook) = self.runbook() else { return };
        let Some(plan) = runbook.rotations.get(rotation) else { return };
        let next = plan
            .shifts(now, now.plus(40 * DAY_MS))
            .into_iter()
            .map(|shift| shift.span.from)
            .find(|from| *from > now);
        self.wakes.set(Subject::Duty(rotation.clone()), next.unwrap_or_else(|| now.plus(30 * DAY_MS)));
        self.pass_on(now, turn);
    }

    /// Tells those whose open questions have passed from one to another.
    pub(super) fn pass_on(&mut self, now: Instant, turn: &mut Turn) {
        let keys: Vec<StrandKey> = self.strands.keys().cloned().collect();
        for key in keys {
            self.pass_strand_on(&key, now, turn);
        }
    }

    pub(super) fn pass_strand_on(&mut self, key: &StrandKey, now: Instant, turn: &mut Turn) {
        // Whether something is still owed is not known while events may be missing.
        if self.places.has_gap(&key.channel) {
            return;
        }
        let Some(strand) = self.strands.get(key) else { return };
        let open: Vec<_> = strand.cases().iter().filter(|case| case.open().is_some()).cloned().collect();
        for case in open {
            if let Some(owed) = case.open() {
                self.pass_case_on(key, &case, owed, now, turn);
            }
        }
    }

    fn pass_case_on(&mut self, key: &StrandKey, case: &Case, owed: &Owed, now: Instant, turn: &mut Turn) {
        if owed.silent_until(now).is_some() {
            return;
        }
        let holders = self.calendars.members(&self.people, &case.who, now);
        let said = self.owed.get(&key.message(&owed.message));
        let before = match said.map(|said| said.holders.clone()).filter(|holders| !holders.is_empty()) {
            Some(before) => before,
            None => self.calendars.members(&self.people, &case.who, owed.since),
        };
        if owed.taken.is_some() && !self.is_held(owed, now) {
            // Whoever took it has gone, and the ladder goes on.
            self.wakes.set(Subject::Case(key.clone(), case.question.clone()), now);
        }
        if before == holders || holders.is_empty() {
            return;
        }
        self.owed_said(key, owed).holders = holders.clone();
        // A step that waits for those who had it waits for those who have it.
        self.wakes.set(Subject::Case(key.clone(), case.question.clone()), now);
        let gave: Vec<Name> = before.iter().filter(|person| !holders.contains(person)).cloned().collect();
        let took: Vec<Name> = holders.iter().filter(|person| !before.contains(person)).cloned().collect();
        let passes = case.who.iter().any(|who| matches!(who, Who::Rotation(_) | Who::Person(_)));
        if passes && !(gave.is_empty() || took.is_empty()) && !self.is_held(owed, now) {
            let course = Course::of(&mut self.calendars, &self.people, owed, &case.who, now);
            let matter = Matter { key, case, owed, due: course.due(owed), now };
            self.tell_handoff(&matter, &gave, &took, turn);
        }
    }

    /// Whether somebody took it and has not gone on leave since.
    pub(super) fn is_held(&self, owed: &Owed, now: Instant) -> bool {
        let held = owed.taken.as_ref();
        held.is_some_and(|(taker, _)| self.calendars.leave(&self.people, taker, now).is_none())
    }

    fn tell_handoff(&mut self, matter: &Matter<'_>, gave: &[Name], took: &[Name], turn: &mut Turn) {
        let Matter { key, case, owed, due: _, now } = *matter;
        if self.voice_about(&key.channel, owed) == Voice::Watch {
            self.would_have(Kind::Handoff, key, &owed.message, now, turn);
            return;
        }
        let about = AboutOwed { strand: key.clone(), message: owed.message.clone() };
        let takers = took.iter().filter(|person| **person != case.asker);
        for person in takers.chain([&case.asker]).chain(gave) {
            // Who has not read yet that it went, or came, need not read that it is as it was.
            if self.forget_handoff(person, &about) && *person != case.asker {
                continue;
            }
            let Some(to) = self.direct_to(person, Some(&key.channel)) else { continue };
            let message = self.words().handoff(matter, person, gave, took);
            let id =
                ActionId(format_smolstr!("handoff/{}/{}/{}/{person}", key.channel, owed.message, now.ms()));
            let action = Action {
                id,
                kind: Kind::Handoff,
                to,
                message,
                priority: Priority::Routine,
                not_after: None,
                if_unknown: IfUnknown::Leave,
            };
            self.send_when_in(person, action, Some(about.clone()), now, turn);
        }
    }
}
