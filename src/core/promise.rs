//! What a message promises: at which level, to whom, and whether a case begins with it.

use std::sync::Arc;

use super::calendars::InForce;
use super::case::{Begin, Case};
use super::deadline;
use super::event::MessageId;
use super::fact::Said;
use super::hearing::State;
use super::strand::{StrandKey, World};
use crate::calendar::Instant;
use crate::runbook::{AnsweredBy, Channel, Level, Name, Who};

/// So many cases are kept in one run of talk; further questions in it start none.
const CASES_PER_RUN: usize = 50;

impl State {
    /// What a message promises, if it asks for something of somebody.
    pub(super) fn promise(
        &self,
        key: &StrandKey,
        message: &MessageId,
        since: Instant,
        said: &Said,
        world: &mut World<'_>,
    ) -> Option<Promised> {
        if !(said.signals.asks() || said.mark.is_some()) || said.resolves {
            return None;
        }
        let revision = world.calendars.at(since)?;
        let channel = world.places.policy_at(revision, &key.channel, since);
        let level = match &said.mark {
            Some(mark) => revision.runbook.level(mark)?,
            None => channel.urgency.as_ref()?,
        };
        level.respond_within?;
        let who = who_owes(revision, channel, level, said);
        let anyone = !channel.responders.is_empty() && channel.answered_by == AnsweredBy::Anyone;
        let (message, asks) = (message.clone(), message.clone());
        let begin = Begin { message, asks, since, level: Arc::clone(level), revision: revision.number };
        Some(Promised { begin, who, anyone })
    }

    /// No second clock for an asker who has one, unless others are asked than those who owe that, nor for those who
    /// help them. "Any news?" is about the one that the asker has.
    pub(super) fn may_begin(&self, cases: &[usize], by: &Name, said: &Said, promise: &Promised) -> bool {
        let mentioned: Vec<&Name> = said.mentions.iter().filter_map(person_of).collect();
        let mentions_group = mentioned.len() < said.mentions.len();
        let taken = cases.iter().map(|&case| &self.cases[case]).any(|case| {
            let chases = case.open().is_some() && said.signals.chases();
            let own = case.asker == *by && (chases || promise.is_for(case, said));
            let helps = case.open().is_some()
                && !mentions_group
                && mentioned.iter().all(|person| **person == case.asker);
            own || (helps && case.asker != *by)
        });
        !taken && cases.len() < CASES_PER_RUN
    }

    pub(super) fn begin(
        &mut self,
        run: usize,
        scope: Option<&MessageId>,
        asker: &Name,
        promise: Promised,
        world: &World<'_>,
    ) -> Option<usize> {
        let who = deadline::apart(world.calendars, &promise.who, asker, promise.begin.since);
        if who.is_empty() {
            return None;
        }
        let again =
            |case: &&usize| self.cases[**case].owed.iter().any(|owed| owed.message == promise.begin.message);
        if let Some(&case) = self.runs[run].cases.iter().find(again) {
            Arc::make_mut(&mut self.cases[case]).begin_again(promise.begin);
            return Some(case);
        }
        let case = Case::new(asker.clone(), who, promise.anyone, scope.cloned(), promise.begin);
        self.cases.push(Arc::new(case));
        let case = self.cases.len() - 1;
        self.runs[run].cases.push(case);
        self.asked_by.entry(asker.clone()).or_default().push(case);
        Some(case)
    }
}

#[derive(Clone)]
pub(super) struct Promised {
    pub(super) begin: Begin,
    pub(super) who: Vec<Who>,
    pub(super) anyone: bool,
}

impl Promised {
    /// Whether it asks those who already owe in `case`, rather than somebody new.
    pub(super) fn is_for(&self, case: &Case, said: &Said) -> bool {
        said.mentions.is_empty()
            || self.who != said.mentions
            || said.mentions.iter().any(|who| case.who.contains(who))
    }
}

pub(super) fn person_of(who: &Who) -> Option<&Name> {
    match who {
        Who::Person(person) => Some(person),
        Who::Group(_) | Who::Rotation(_) | Who::Responders => None,
    }
}

/// The channel's responders; else those mentioned; else, for a mark, the first step of its ladder.
pub(super) fn who_owes(revision: &InForce, channel: &Channel, level: &Level, said: &Said) -> Vec<Who> {
    if !channel.responders.is_empty() {
        return channel.responders.clone();
    }
    if !said.mentions.is_empty() {
        return said.mentions.clone();
    }
    let first = level.escalate.first().filter(|_| said.mark.is_some());
    let named = first.into_iter().flat_map(|step| &step.tell).filter(|who| **who != Who::Responders);
    debug_assert!(revision.runbook.level(&level.name).is_some(), "a level is of its revision");
    named.cloned().collect()
}

/// Whether `new` promises an answer sooner than `old`, or interrupts where that does not.
pub(super) fn is_tighter(new: &Level, old: &Level) -> bool {
    (new.interrupts && !old.interrupts) || deadline::rank_ms(new) < deadline::rank_ms(old)
}
