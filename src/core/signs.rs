//! What reactions, buttons and commands do to the cases and the run of a strand.

use std::sync::Arc;

use super::case::{Begin, Case, Cause, Ground, How};
use super::event::MessageId;
use super::fact::{Fact, Said, Sign, Verb};
use super::hearing::{Placed, State};
use super::promise::is_tighter;
use super::run::Run;
use super::strand::{StrandKey, Touched, World};
use crate::calendar::Instant;
use crate::runbook::Name;

impl State {
    pub(super) fn hear_deleted(&mut self, fact: &Fact, of: &MessageId, world: &World<'_>) -> Touched {
        let mut touched = self.each_case(fact, Some(of), of, world, |case, _| {
            // What stood before the question can go; the question stays.
            if case.open().is_some_and(|owed| owed.asks == *of) {
                case.end(fact.at, How::Cancelled(Cause::Deleted));
            }
        });
        touched.cases.extend(self.release(fact, of, world));
        touched
    }

    pub(super) fn hear_sign(
        &mut self,
        fact: &Fact,
        of: &MessageId,
        sign: Sign,
        given: bool,
        world: &World<'_>,
    ) -> Touched {
        match (sign, given) {
            (Sign::Take, true) => self.each_case(fact, Some(of), of, world, |case, ground| {
                if case.may_answer(&fact.by, fact.at, ground) {
                    case.take(&fact.by, fact.at);
                }
            }),
            (Sign::Take, false) => self.each_case(fact, Some(of), of, world, |case, _| case.untake(&fact.by)),
            (Sign::Dismiss, true) => self.dismiss(fact, of, world),
            (Sign::Resolve, true) => self.resolve(fact, of, world),
            (Sign::Call, true) => self.in_run(of, |run| run.call_wanted = Some((fact.by.clone(), fact.at))),
            (Sign::Dismiss | Sign::Resolve | Sign::Call, false) => Touched::default(),
        }
    }

    /// A dismissal counts by the asker, by one who owes or by an admin.
    pub(super) fn dismiss(&mut self, fact: &Fact, of: &MessageId, world: &World<'_>) -> Touched {
        let admin = world.calendars.at(fact.at).is_some_and(|rev| rev.runbook.team.admins.contains(&fact.by));
        self.each_case(fact, Some(of), of, world, |case, ground| {
            let owes = ground.calendars.members(ground.people, &case.who, fact.at).contains(&fact.by);
            if admin || owes || case.asker == fact.by {
                case.end(fact.at, How::Cancelled(Cause::Dismissed));
            }
        })
    }

    pub(super) fn resolve(&mut self, fact: &Fact, of: &MessageId, world: &World<'_>) -> Touched {
        // In the main line the reaction is on one message of a run that may hold several matters.
        self.in_run(of, |run| run.resolve(fact.at));
        self.each_case(fact, None, of, world, |case, _| case.settle(fact.at))
    }

    pub(super) fn hear_verb(
        &mut self,
        key: &StrandKey,
        fact: &Fact,
        of: Option<&MessageId>,
        verb: &Verb,
        world: &mut World<'_>,
    ) -> Touched {
        let last = || self.runs.last().map(|run| run.first.clone());
        let Some(of) = of.cloned().or_else(|| key.root.clone()).or_else(last) else {
            return Touched::default();
        };
        match verb {
            Verb::Take => self.each_case(fact, None, &of, world, |case, ground| {
                if case.may_answer(&fact.by, fact.at, ground) {
                    case.take(&fact.by, fact.at);
                }
            }),
            Verb::GiveBack => self.each_case(fact, None, &of, world, |case, _| case.untake(&fact.by)),
            Verb::Resolve => self.resolve(fact, &of, world),
            Verb::CallOff => self.in_run(&of, |run| run.call_taken = None),
            Verb::Call => self.in_run(&of, |run| run.call_wanted = Some((fact.by.clone(), fact.at))),
            Verb::CallTaken => self.in_run(&of, |run| run.call_taken = Some(fact.at)),
            Verb::Decline => self.in_run(&of, Run::decline),
            Verb::Outcome => {
                self.in_run(&of, |run| run.outcome = Some((fact.by.clone(), fact.at)));
                self.resolve(fact, &of, world)
            }
            Verb::Raise(level) => self.raise_by_command(key, fact, &of, level, world),
        }
    }

    pub(super) fn in_run(&mut self, of: &MessageId, act: impl FnOnce(&mut Run)) -> Touched {
        let Some(run) = self.placed.get(of).map(|placed| placed.run) else { return Touched::default() };
        act(&mut self.runs[run]);
        Touched { cases: Vec::new(), runs: vec![run], anew: false }
    }

    pub(super) fn raise_by_command(
        &mut self,
        key: &StrandKey,
        fact: &Fact,
        of: &MessageId,
        level: &Name,
        world: &mut World<'_>,
    ) -> Touched {
        let Some(Placed { run, scope, by, .. }) = self.placed.get(of).cloned() else {
            return Touched::default();
        };
        // Where the main line knows a thread's first message, it keeps the thread's cases.
        if key.root.as_ref().is_some_and(|root| self.placed.contains_key(root)) {
            return Touched::default();
        }
        let said = Said { mark: Some(level.clone()), ..Said::default() };
        let Some(promise) = self.promise(key, of, fact.at, &said, world) else { return Touched::default() };
        let in_scope = self.in_scope(run, scope.as_ref());
        self.pass_time(&in_scope, fact.at, world);
        if let Some(case) = in_scope.into_iter().rev().find(|&case| self.cases[case].open().is_some()) {
            Arc::make_mut(&mut self.cases[case]).promise_anew(&promise.begin, true);
            return Touched { cases: vec![case], runs: vec![run], anew: false };
        }
        // What is closed stays closed: whoever needs more asks anew.
        if self.in_scope(run, scope.as_ref()).into_iter().any(|case| self.cases[case].has_closed(of)) {
            return Touched::default();
        }
        let case = self.begin(run, scope.as_ref(), &by, promise, world);
        Touched { cases: case.into_iter().collect(), runs: vec![run], anew: false }
    }

    /// Does something to the cases of the talk around the message `around`; with `of` only to those whose open
    /// question that is.
    pub(super) fn each_case(
        &mut self,
        fact: &Fact,
        of: Option<&MessageId>,
        around: &MessageId,
        world: &World<'_>,
        mut act: impl FnMut(&mut Case, Ground<'_>),
    ) -> Touched {
        let Some(Placed { run, scope, .. }) = self.placed.get(around).cloned() else {
            return Touched::default();
        };
        let ground = Ground { people: world.people, calendars: world.calendars };
        let mut touched = Touched { cases: Vec::new(), runs: vec![run], anew: false };
        let asks_here = self.runs[run].cases.iter().any(|&case| self.cases[case].thread() == around);
        for &case in &self.runs[run].cases {
            let question = Arc::make_mut(&mut self.cases[case]);
            let here = if asks_here { question.thread() == around } else { question.is_in(scope.as_ref()) };
            question.pass_time(fact.at, ground);
            let about = of.is_none_or(|of| question.open().is_some_and(|owed| owed.is_about(of)));
            if here && about {
                act(question, ground);
                touched.cases.push(case);
            }
        }
        touched
    }

    pub(super) fn cancel_all(&mut self, at: Instant, cause: Cause, world: &World<'_>) -> Touched {
        let ground = Ground { people: world.people, calendars: world.calendars };
        for case in self.cases.iter_mut().map(Arc::make_mut) {
            case.pass_time(at, ground);
            case.end(at, How::Cancelled(cause));
        }
        Touched { cases: (0..self.cases.len()).collect(), runs: Vec::new(), anew: false }
    }

    /// The asker's own message with the mark of a tighter level tightens what is open.
    pub(super) fn raise(&mut self, cases: &[usize], fact: &Fact, said: &Said, world: &World<'_>) {
        let Some(revision) = world.calendars.at(fact.at) else { return };
        let Some(level) = said.mark.as_ref().and_then(|mark| revision.runbook.level(mark)) else { return };
        let begin = Begin {
            message: fact.key.clone(),
            asks: fact.key.clone(),
            since: fact.at,
            level: Arc::clone(level),
            revision: revision.number,
        };
        for &case in cases {
            let case = Arc::make_mut(&mut self.cases[case]);
            let tighter =
                case.open().is_some_and(|owed| owed.since < fact.at && is_tighter(level, &owed.level));
            if case.asker == fact.by && tighter {
                case.promise_anew(&begin, true);
            }
        }
    }
}
