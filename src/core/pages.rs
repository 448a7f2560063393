//! Pages: sent, repeated until somebody takes them, ended; and the card for when none can be sent.

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, PageSignal, Priority, Target};
use super::engine::Engine;
use super::event::MessageId;
use super::ladder::{Matter, kind_of};
use super::said::{Stage, StepSaid};
use super::strand::StrandKey;
use super::turn::{Silence, Turn};
use crate::calendar::{Instant, MINUTE_MS};
use crate::runbook::{By, Name, Step, Voice};

/// A page that nobody took is repeated after so long.
pub(super) const PAGE_AGAIN_MS: i64 = 5 * MINUTE_MS;
/// So often a page is sent in all.
const PAGES: u32 = 6;

/// Why the asker has to call somebody themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unpaged {
    /// A page did not get through.
    NotDelivered,
    /// Those who were paged have not taken it, and there is nobody further.
    NobodyTook,
    /// The ladder names nobody but the asker.
    NobodyElse,
}

impl Engine {
    pub(super) fn page(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        person: &Name,
        time: u32,
        turn: &mut Turn,
    ) -> ActionId {
        let rung = matter.rung(number);
        let id = ActionId(format_smolstr!(
            "page/{}/{}/{rung}/{person}/{time}",
            matter.key.channel,
            matter.owed.message
        ));
        let to = Target::Page {
            person: person.clone(),
            about: matter.key.message(&matter.owed.message),
            level: matter.owed.level.name.clone(),
            signal: PageSignal::Trigger,
        };
        let message = self.words().page(matter, person);
        let action = Action {
            id: id.clone(),
            kind: Kind::Page,
            to,
            message,
            priority: Priority::Urgent,
            not_after: None,
            if_unknown: IfUnknown::Repeat,
        };
        self.send(matter.key, &matter.owed.message, action, matter.now, turn);
        if time == 1 {
            let words = self.words().paged(matter, person);
            let id = format_smolstr!("paged/{}/{}/{rung}/{person}", matter.key.channel, matter.owed.message);
            self.tell_asker(matter, id, words, turn);
        }
        id
    }

    /// Whether an earlier step pages a person already, and will again: one telephone rings once at a time.
    pub(super) fn is_being_paged(&self, matter: &Matter<'_>, person: &Name) -> bool {
        let Some(said) = self.owed.get(&matter.key.message(&matter.owed.message)) else { return false };
        let by_pager = |said: &StepSaid| {
            matter.owed.level.escalate.get(said.step).is_some_and(|step| step.by == By::Pager)
        };
        said.steps.iter().any(|said| {
            by_pager(said) && !said.actions.is_empty() && said.pages < PAGES && said.told.contains(person)
        })
    }

    /// A page that nobody took is repeated.
    pub(super) fn page_again(
        &mut self,
        matter: &Matter<'_>,
        step: &Step,
        taken: StepSaid,
        turn: &mut Turn,
    ) -> Option<Instant> {
        let live = step.by == By::Pager && matter.owed.level.interrupts && !taken.actions.is_empty();
        if !live {
            return None;
        }
        let again_at = taken.at.plus(PAGE_AGAIN_MS * i64::from(taken.pages));
        if again_at > matter.now {
            return Some(again_at);
        }
        if taken.pages >= PAGES {
            self.show_emergency_card(matter.key, &matter.owed.message, Unpaged::NobodyTook, matter.now, turn);
            return None;
        }
        let time = taken.pages + 1;
        for person in &taken.told {
            self.page(matter, taken.step, person, time, turn);
        }
        let said = self.owed_said(matter.key, matter.owed);
        if let Some(step) = said.steps.iter_mut().find(|said| said.step == taken.step) {
            step.pages = time;
        }
        Some(matter.now.plus(PAGE_AGAIN_MS))
    }

    /// The pager hears that somebody took it, or that it is over.
    pub(super) fn end_page(
        &mut self,
        matter: &Matter<'_>,
        said: &StepSaid,
        action: &ActionId,
        (stage, time): (Stage, u32),
        turn: &mut Turn,
    ) -> Option<Action> {
        let signal = match stage {
            Stage::Open | Stage::Paused => return None,
            Stage::Acknowledged => PageSignal::Acknowledge,
            Stage::Met | Stage::Cancelled => PageSignal::Resolve,
        };
        let person = said.told.iter().find(|person| action.0.contains(&format!("/{person}/")))?.clone();
        if stage == Stage::Acknowledged {
            let words = self.words().is_taken(matter);
            let id = format_smolstr!("taken/{}/{}/{time}", matter.key.channel, matter.owed.message);
            self.tell_asker(matter, id, words, turn);
        }
        let about = matter.key.message(&matter.owed.message);
        let to = Target::Page { person, about, level: matter.owed.level.name.clone(), signal };
        let id = ActionId(format_smolstr!("amend/{action}/{time}"));
        let message = match &matter.owed.end {
            None => self.words().is_taken(matter),
            Some(end) => self.words().has_ended(matter, Some(&end.how)),
        };
        Some(Action {
            id,
            kind: Kind::Page,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        })
    }

    /// Nobody but the asker is named from a step on: that is noted, and the asker sees whom to call.
    pub(super) fn nobody_else(&mut self, matter: &Matter<'_>, step: &Step, turn: &mut Turn) {
        if self.voice(&matter.key.channel) == Voice::Watch {
            return;
        }
        let said = self.owed.get(&matter.key.message(&matter.owed.message));
        if said.is_some_and(|said| said.card_shown) {
            return;
        }
        let why = match said.is_some_and(|said| !said.steps.is_empty()) {
            true => Unpaged::NobodyTook,
            false => Unpaged::NobodyElse,
        };
        self.silent_once(matter, kind_of(step), Silence::NobodyElse, turn);
        self.show_emergency_card(matter.key, &matter.owed.message, why, matter.now, turn);
    }

    /// Where pages reach nobody the asker sees whom to call.
    pub(super) fn show_emergency_card(
        &mut self,
        key: &StrandKey,
        about: &MessageId,
        why: Unpaged,
        now: Instant,
        turn: &mut Turn,
    ) {
        let found = self.owing(key, about).map(|(case, owed)| (case.clone(), owed.clone()));
        let Some((case, owed)) = found else { return };
        if std::mem::replace(&mut self.owed_said(key, &owed).card_shown, true) {
            return;
        }
        let matter = Matter { key, case: &case, owed: &owed, due: None, now };
        let people = self.whom_to_call(&matter);
        let words = self.words().emergency_card(why, &people);
        self.tell_asker(&matter, format_smolstr!("card/{}/{about}", key.channel), words, turn);
    }

    /// Those of the ladder, each once; where it has nobody but the asker, all who can be called by phone.
    fn whom_to_call(&self, matter: &Matter<'_>) -> Vec<Name> {
        let mut people: Vec<Name> = Vec::new();
        for person in matter.owed.level.escalate.iter().flat_map(|step| self.people_of(matter, step)) {
            if !people.contains(&person) {
                people.push(person);
            }
        }
        if !people.is_empty() {
            return people;
        }
        let Some(runbook) = self.runbook() else { return people };
        let listed = runbook.people.iter().filter(|(_, person)| person.phone.is_some());
        listed.map(|(name, _)| name.clone()).filter(|name| *name != matter.case.asker).collect()
    }
}
