//! How a strand hears its facts, one after the other: messages find their run of talk and their cases.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::case::{Asks, Case, Cause, Ground, How};
use super::deadline;
use super::event::MessageId;
use super::fact::{Fact, Happened, Said};
use super::judge::Signals;
use super::promise::{Promised, is_tighter, person_of};
use super::run::{LONGEST_RUN, Run};
use super::strand::{StrandKey, Touched, World};
use crate::calendar::Instant;
use crate::runbook::{Name, Who};

/// What follows from the facts.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) runs: Vec<Run>,
    /// Shared with whoever looks at one while the engine changes.
    pub(super) cases: Vec<Arc<Case>>,
    /// Where a message stands; never iterated.
    pub(super) placed: FxHashMap<MessageId, Placed>,
    /// Runs of the main line to which a message can still belong.
    pub(super) active: Vec<usize>,
    /// The cases of each asker; never iterated.
    pub(super) asked_by: FxHashMap<Name, Vec<usize>>,
}

/// Where a message stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) run: usize,
    pub(super) by: Name,
    pub(super) at: Instant,
    /// The platform thread, if it stands in one.
    pub(super) scope: Option<MessageId>,
    /// What it does, by its latest text.
    pub(super) gist: Gist,
}

/// What a message does: an edit that leaves this as it is only mends the wording.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gist {
    signals: Signals,
    mentions: Vec<Who>,
    mark: Option<Name>,
    resolves: bool,
}

impl Gist {
    fn of(said: &Said) -> Gist {
        let colour =
            Signals::OFFERS.with(Signals::STILL_STUCK).with(Signals::DECLINES_CALL).with(Signals::FAULT);
        Gist {
            signals: said.signals.without(colour),
            mentions: said.mentions.clone(),
            mark: said.mark.clone(),
            resolves: said.resolves,
        }
    }
}

impl State {
    pub(super) fn hear(&mut self, key: &StrandKey, fact: &Fact, world: &mut World<'_>) -> Touched {
        match &fact.what {
            Happened::Said(said) => match &said.under {
                Some(root) => self.hear_under(key, fact, said, root, world),
                None => self.hear_said(key, fact, said, world),
            },
            Happened::Unread { of, under } => self.hear_unread(key, fact, of, under.as_ref(), world),
            Happened::Edited { of, said } => self.hear_edited(key, fact, of, said, world),
            Happened::Deleted { of } => self.hear_deleted(fact, of, world),
            Happened::Sign { of, sign, given } => self.hear_sign(fact, of, *sign, *given, world),
            Happened::Verb { of, verb } => self.hear_verb(key, fact, of.as_ref(), verb, world),
            Happened::Lost => self.cancel_all(fact.at, Cause::Unknown, world),
            Happened::Archived => self.cancel_all(fact.at, Cause::Archived, world),
        }
    }

    pub(super) fn hear_said(
        &mut self,
        key: &StrandKey,
        fact: &Fact,
        said: &Said,
        world: &mut World<'_>,
    ) -> Touched {
        let run = match &key.root {
            Some(root) => self.only_run(root, fact.at),
            None => self.run_in_line(fact, said, world),
        };
        // Where the main line knows a thread's first message, it keeps the thread's cases, too.
        let cases_elsewhere =
            key.root.as_ref().is_some_and(|root| fact.key == *root || self.placed.contains_key(root));
        self.place(fact, run, key.root.clone(), said);
        self.runs[run].hear(&fact.by, fact.at, said);
        let cases = if cases_elsewhere {
            Vec::new()
        } else {
            self.hear_in(run, key.root.as_ref(), key, fact, &fact.key, said, world)
        };
        Touched { cases, runs: vec![run], anew: false }
    }

    /// A reply in the platform thread of a main-line message: it belongs to that message's cases.
    pub(super) fn hear_under(
        &mut self,
        key: &StrandKey,
        fact: &Fact,
        said: &Said,
        root: &MessageId,
        world: &mut World<'_>,
    ) -> Touched {
        let Some(run) = self.placed.get(root).map(|placed| placed.run) else { return Touched::default() };
        self.place(fact, run, Some(root.clone()), said);
        let cases = self.hear_in(run, Some(root), key, fact, &fact.key, said, world);
        Touched { cases, runs: Vec::new(), anew: false }
    }

    pub(super) fn hear_edited(
        &mut self,
        key: &StrandKey,
        fact: &Fact,
        of: &MessageId,
        said: &Said,
        world: &mut World<'_>,
    ) -> Touched {
        let Some(placed) = self.placed.get_mut(of).filter(|placed| placed.by == fact.by) else {
            return Touched::default();
        };
        let before = std::mem::replace(&mut placed.gist, Gist::of(said));
        let Placed { run, scope, by, at, gist } = placed.clone();
        let elsewhere =
            key.root.as_ref().is_some_and(|root| fact.key != *root && self.placed.contains_key(root));
        if elsewhere {
            return Touched { cases: Vec::new(), runs: vec![run], anew: false };
        }
        let is_question =
            |case: &Case| case.asker == fact.by && case.open().is_some_and(|owed| owed.asks == *of);
        let in_scope = self.in_scope(run, scope.as_ref());
        self.pass_time(&in_scope, fact.at, world);
        let asked = in_scope.iter().copied().find(|&case| is_question(&self.cases[case]));
        let closed = || in_scope.iter().any(|&case| self.cases[case].has_closed(of));
        let cases = match asked {
            Some(case) => self.judge_again(case, key, fact, of, said, &before, world),
            None if before == gist || closed() || self.asked_since(run, scope.as_ref(), &by, at) => {
                Vec::new()
            }
            None => self.hear_in(run, scope.as_ref(), key, fact, of, said, world),
        };
        Touched { cases, runs: vec![run], anew: false }
    }

    pub(super) fn place(&mut self, fact: &Fact, run: usize, scope: Option<MessageId>, said: &Said) {
        let (by, at, gist) = (fact.by.clone(), fact.at, Gist::of(said));
        self.placed.insert(fact.key.clone(), Placed { run, by, at, scope, gist });
    }

    /// Whether somebody else asked something after `at` that is still open: an older message cannot answer it.
    pub(super) fn asked_since(&self, run: usize, scope: Option<&MessageId>, by: &Name, at: Instant) -> bool {
        self.in_scope(run, scope).into_iter().any(|case| {
            let case = &self.cases[case];
            case.asker != *by && case.open().is_some_and(|owed| owed.since > at)
        })
    }

    /// The question of an open obligation reads differently now.
    #[expect(clippy::too_many_arguments, reason = "the question, its place, and how it read before")]
    pub(super) fn judge_again(
        &mut self,
        case: usize,
        key: &StrandKey,
        fact: &Fact,
        of: &MessageId,
        said: &Said,
        before: &Gist,
        world: &mut World<'_>,
    ) -> Vec<usize> {
        let promise = self.promise(key, of, fact.at, said, world);
        let others = promise.as_ref().filter(|_| before.mentions != said.mentions);
        let others = others
            .map(|promise| deadline::apart(world.calendars, &promise.who, &self.cases[case].asker, fact.at));
        let case_of_question = Arc::make_mut(&mut self.cases[case]);
        case_of_question.pass_time(fact.at, Ground { people: world.people, calendars: world.calendars });
        let is_first = case_of_question.question == *of;
        match (promise, others) {
            (Some(_), Some(nobody)) if is_first && nobody.is_empty() => {
                case_of_question.end(fact.at, How::Cancelled(Cause::Edited));
            }
            (Some(promise), others) => {
                let tighter =
                    case_of_question.open().is_some_and(|owed| is_tighter(&promise.begin.level, &owed.level));
                case_of_question.reply(fact.at);
                case_of_question.promise_anew(&promise.begin, tighter);
                if let Some(others) = others.filter(|_| is_first) {
                    case_of_question.ask_others(others, fact.at);
                }
            }
            (None, _) => case_of_question.end(fact.at, How::Cancelled(Cause::Edited)),
        }
        vec![case]
    }

    /// Those of the open cases whose asker a message of somebody else's names: it is about these, and about no other.
    fn addressed(&self, cases: &[usize], said: &Said) -> Vec<usize> {
        let named = |case: &Case| said.mentions.iter().filter_map(person_of).any(|who| *who == case.asker);
        let open = |case: &Case| case.open().is_some();
        let named = cases.iter().copied().filter(|&case| named(&self.cases[case]) && open(&self.cases[case]));
        named.collect()
    }

    /// The cases of the talk in `scope` hear a message, and one may begin with it; those touched.
    #[expect(clippy::too_many_arguments, reason = "a message has an id, a place, an author and words")]
    pub(super) fn hear_in(
        &mut self,
        run: usize,
        scope: Option<&MessageId>,
        key: &StrandKey,
        fact: &Fact,
        id: &MessageId,
        said: &Said,
        world: &mut World<'_>,
    ) -> Vec<usize> {
        let promise = self.promise(key, id, fact.at, said, world);
        let here = self.in_scope(run, scope);
        let open_before: Vec<bool> = here.iter().map(|&case| self.cases[case].open().is_some()).collect();
        self.pass_time(&here, fact.at, world);
        let ground = Ground { people: world.people, calendars: world.calendars };
        let addressed = self.addressed(&here, said);
        let follows = promise.as_ref().and_then(|promise| self.followed(&here, &fact.by, said, promise));
        for &number in &here {
            let is_meant = addressed.is_empty() || addressed.contains(&number);
            let case = &mut self.cases[number];
            if case.asker != fact.by && !is_meant {
                continue;
            }
            let asks = match &promise {
                None => Asks::Nothing,
                Some(promise) if follows == Some(number) => Asks::Here(&promise.begin),
                Some(_) => Asks::Elsewhere,
            };
            Arc::make_mut(case).hear(id, &fact.by, fact.at, said, asks, ground);
        }
        self.raise(&here, fact, said, world);
        let begun = promise
            .filter(|promise| self.may_begin(&here, &fact.by, said, promise))
            .and_then(|promise| self.begin(run, scope, &fact.by, promise, world));
        // What was over and is over is as it was.
        let moved =
            |(case, before): (usize, bool)| (before || self.cases[case].open().is_some()).then_some(case);
        here.iter().copied().zip(open_before).filter_map(moved).chain(begun).collect()
    }

    /// The case that a question of its asker goes on with: the latest that asks the same people, if none of theirs
    /// is open.
    fn followed(&self, cases: &[usize], by: &Name, said: &Said, promise: &Promised) -> Option<usize> {
        let is_own = |case: &&usize| {
            let case = &self.cases[**case];
            case.asker == *by && promise.is_for(case, said)
        };
        let mut own = cases.iter().rev().filter(is_own);
        let latest = own.next().copied();
        let any_open = latest.into_iter().chain(own.copied()).any(|case| self.cases[case].open().is_some());
        latest.filter(|_| !any_open)
    }

    /// Lets time pass for these cases: one that has ended by itself is not open to what is heard next.
    pub(super) fn pass_time(&mut self, cases: &[usize], at: Instant, world: &World<'_>) {
        let ground = Ground { people: world.people, calendars: world.calendars };
        for &case in cases {
            if self.cases[case].may_have_ended(at) {
                Arc::make_mut(&mut self.cases[case]).pass_time(at, ground);
            }
        }
    }

    pub(super) fn in_scope(&self, run: usize, scope: Option<&MessageId>) -> Vec<usize> {
        self.runs[run].cases.iter().copied().filter(|&case| self.cases[case].is_in(scope)).collect()
    }

    /// The one run of a platform thread, which begins with the thread's first message even where that is unknown.
    pub(super) fn only_run(&mut self, root: &MessageId, at: Instant) -> usize {
        if self.runs.is_empty() {
            self.runs.push(Run::new(root.clone(), at));
        }
        0
    }

    /// The run of the main line to which a message belongs, by mention, else by alternation, else its own. Whoever
    /// tells something to one whom they owe an answer goes on with that talk, however long it was silent.
    pub(super) fn run_in_line(&mut self, fact: &Fact, said: &Said, world: &World<'_>) -> usize {
        let gap_ms = world.calendars.at(fact.at).map_or(0, |rev| rev.runbook.threads.main_line_gap_ms);
        let runs = &self.runs;
        self.active
            .retain(|&run| fact.at.since(runs[run].last_at) <= gap_ms && runs[run].messages < LONGEST_RUN);
        let mentioned: Vec<&Name> = said.mentions.iter().filter_map(person_of).collect();
        // A question may well be one of their own.
        let tells = !said.signals.asks() && said.mark.is_none() && said.signals.counts();
        let owing = tells.then(|| self.run_owing(&fact.by, &mentioned, fact.at, world)).flatten();
        let latest = |belongs: &dyn Fn(&Run) -> bool| {
            let active = self.active.iter().copied().filter(|&run| belongs(&self.runs[run]));
            active.max_by_key(|&run| (self.runs[run].last_at, run))
        };
        let found = if mentioned.is_empty() {
            let newcomer = |run: &Run| run.awaits && run.people.len() == 1 && !said.signals.asks();
            latest(&|run| run.knows(&fact.by)).or_else(|| latest(&newcomer))
        } else {
            let knows_one = |run: &Run| mentioned.iter().any(|person| run.knows(person));
            latest(&|run| knows_one(run) && run.knows(&fact.by)).or(owing).or_else(|| latest(&knows_one))
        };
        let run = found.unwrap_or_else(|| {
            self.runs.push(Run::new(fact.key.clone(), fact.at));
            self.runs.len() - 1
        });
        if !self.active.contains(&run) {
            self.active.push(run);
        }
        run
    }

    /// The run of the main line in which somebody owes one of those they mention an answer; of several, the one that
    /// is owed since last.
    fn run_owing(&mut self, by: &Name, mentioned: &[&Name], at: Instant, world: &World<'_>) -> Option<usize> {
        let ground = Ground { people: world.people, calendars: world.calendars };
        let mut latest: Option<(Instant, usize)> = None;
        for &case in mentioned.iter().filter_map(|asker| self.asked_by.get(*asker)).flatten() {
            let case = Arc::make_mut(&mut self.cases[case]);
            case.pass_time(at, ground);
            let Some(owed) = case.open().filter(|_| case.is_in(None)) else { continue };
            let run = self.placed.get(&case.question).map(|placed| placed.run);
            let Some(run) = run.filter(|&run| self.runs[run].messages < LONGEST_RUN) else { continue };
            if case.may_answer(by, at, ground) {
                latest = latest.max(Some((owed.since, run)));
            }
        }
        latest.map(|(_, run)| run)
    }

    /// Forgets the runs for which `going` says so, with their cases and messages. What is left is what hearing
    /// the facts that are left would give: no run and no case depends on another.
    pub(super) fn forget(&mut self, going: &[bool]) {
        let mut cases_going = vec![false; self.cases.len()];
        for (run, _) in self.runs.iter().zip(going).filter(|(_, going)| **going) {
            for &case in &run.cases {
                cases_going[case] = true;
            }
        }
        let (new_runs, new_cases) = (renumbered(going), renumbered(&cases_going));
        retain_by(&mut self.runs, going);
        retain_by(&mut self.cases, &cases_going);
        for run in &mut self.runs {
            run.cases = run.cases.iter().filter_map(|&case| new_cases[case]).collect();
        }
        self.active = self.active.iter().filter_map(|&run| new_runs[run]).collect();
        self.asked_by.retain(|_, cases| {
            *cases = cases.iter().filter_map(|&case| new_cases[case]).collect();
            !cases.is_empty()
        });
        self.placed.retain(|_, placed| match new_runs[placed.run] {
            Some(run) => {
                placed.run = run;
                true
            }
            None => false,
        });
    }
}

/// The new position of each that stays.
fn renumbered(going: &[bool]) -> Vec<Option<usize>> {
    let mut next = 0;
    let renumber = |going: &bool| {
        (!going).then(|| {
            next += 1;
            next - 1
        })
    };
    going.iter().map(renumber).collect()
}

fn retain_by<T>(things: &mut Vec<T>, going: &[bool]) {
    let mut going = going.iter();
    things.retain(|_| going.next() != Some(&true));
}
