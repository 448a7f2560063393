//! A strand: a platform thread, or the main line of a channel. Its facts, and what follows from them.
//!
//! A [`Strand`] keeps its facts sorted by time. A fact that comes in order is heard at once; a late one makes
//! the strand hear everything anew, so the end is the same whatever the order of arrival.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::calendars::{Calendars, InForce};
use super::case::{Begin, Case, Cause, Ground, How};
use super::deadline;
use super::event::{ChannelId, MessageId, MessageRef};
use super::fact::{Fact, Happened, Said, Sign, Verb};
use super::people::People;
use super::places::Places;
use super::run::{LONGEST_RUN, Run};
use crate::calendar::Instant;
use crate::runbook::{AnsweredBy, Channel, Level, Name, Who};

/// So many cases are kept open in one run of talk; further questions in it start none.
const CASES_PER_RUN: usize = 50;

/// Which strand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StrandKey {
    /// The channel.
    pub channel: ChannelId,
    /// The first message of a platform thread; `None` is the main line.
    pub root: Option<MessageId>,
}

impl StrandKey {
    /// The main line of a channel.
    pub fn line(channel: &ChannelId) -> StrandKey {
        StrandKey { channel: channel.clone(), root: None }
    }

    /// A message of the strand's channel.
    pub fn message(&self, id: &MessageId) -> MessageRef {
        MessageRef { channel: self.channel.clone(), id: id.clone() }
    }

    /// The strand of that text, as [`fmt::Display`] writes it.
    pub fn parse(text: &str) -> StrandKey {
        match text.split_once(' ') {
            Some((channel, root)) => StrandKey { channel: channel.into(), root: Some(root.into()) },
            None => StrandKey { channel: text.into(), root: None },
        }
    }
}

impl fmt::Display for StrandKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Some(root) => write!(f, "{} {root}", self.channel),
            None => f.write_str(&self.channel),
        }
    }
}

/// A strand's facts and what follows from them.
#[derive(Debug)]
pub struct Strand {
    key: StrandKey,
    facts: Vec<Fact>,
    state: State,
}

/// What follows from the facts.
#[derive(Debug, Default)]
struct State {
    runs: Vec<Run>,
    cases: Vec<Case>,
    /// Where a message stands; never iterated.
    placed: FxHashMap<MessageId, Placed>,
    /// Runs of the main line to which a message can still belong.
    active: Vec<usize>,
}

/// Where a message stands.
#[derive(Clone, Debug)]
struct Placed {
    run: usize,
    by: Name,
    at: Instant,
    /// The platform thread, if it stands in one.
    scope: Option<MessageId>,
}

/// What a new fact touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Positions of cases.
    pub cases: Vec<usize>,
    /// Positions of runs.
    pub runs: Vec<usize>,
    /// Whether everything was heard anew, so that what was said may have lost its ground.
    pub anew: bool,
}

impl Touched {
    /// Adds what was touched after it; after all was heard anew, older positions mean nothing.
    pub fn merge(&mut self, later: Touched) {
        if later.anew {
            *self = later;
            return;
        }
        self.cases.extend(later.cases);
        self.runs.extend(later.runs);
        for positions in [&mut self.cases, &mut self.runs] {
            positions.sort_unstable();
            positions.dedup();
        }
    }
}

/// What a strand needs to know of the world.
pub struct World<'a> {
    /// Who is who.
    pub people: &'a People,
    /// Everybody's calendar.
    pub calendars: &'a mut Calendars,
    /// What the runbook says of channels.
    pub places: &'a mut Places,
}

impl Strand {
    /// A strand without facts.
    pub fn new(key: StrandKey) -> Strand {
        Strand { key, facts: Vec::new(), state: State::default() }
    }

    /// Which strand it is.
    pub fn key(&self) -> &StrandKey {
        &self.key
    }

    /// Its facts in the platform's time order.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Its cases, in the order in which they began.
    pub fn cases(&self) -> &[Case] {
        &self.state.cases
    }

    /// Its runs of talk.
    pub fn runs(&self) -> &[Run] {
        &self.state.runs
    }

    /// Lets time pass for one case.
    pub fn pass_time(&mut self, case: usize, now: Instant, world: &World<'_>) {
        self.state.cases[case].pass_time(now, Ground { people: world.people, calendars: world.calendars });
    }

    /// The run in which a message stands.
    pub fn run_of(&self, message: &MessageId) -> Option<usize> {
        self.state.placed.get(message).map(|placed| placed.run)
    }

    /// The case that began with a message.
    pub fn case_of(&self, question: &MessageId) -> Option<usize> {
        let run = self.run_of(question)?;
        self.state.runs[run].cases.iter().copied().find(|&case| self.state.cases[case].question == *question)
    }

    /// The case in which an answer to `message` is or was owed.
    pub fn case_owing(&self, message: &MessageId) -> Option<usize> {
        let run = self.run_of(message)?;
        let owes = |&case: &usize| self.state.cases[case].owed.iter().any(|owed| owed.message == *message);
        self.state.runs[run].cases.iter().copied().find(owes)
    }

    /// The run that began with a message.
    pub fn run_from(&self, first: &MessageId) -> Option<usize> {
        let thread = || (!self.state.runs.is_empty() && self.key.root.as_ref() == Some(first)).then_some(0);
        self.run_of(first).or_else(thread).filter(|&run| self.state.runs[run].first == *first)
    }

    /// Who wrote a message, if it is known here.
    pub fn author_of(&self, message: &MessageId) -> Option<&Name> {
        self.state.placed.get(message).map(|placed| &placed.by)
    }

    /// A message, if it was heard here and not under another.
    pub fn said(&self, message: &MessageId) -> Option<&Fact> {
        let at = self.state.placed.get(message)?.at;
        let place = self.facts.partition_point(|known| (known.at, &known.key) < (at, message));
        self.facts
            .get(place)
            .filter(|fact| matches!(&fact.what, Happened::Said(said) if said.under.is_none()))
    }

    /// Adds a fact; `None` when it was known.
    pub fn add(&mut self, fact: Fact, world: &mut World<'_>) -> Option<Touched> {
        let place = self.facts.partition_point(|known| (known.at, &known.key) < (fact.at, &fact.key));
        if self.facts.get(place).is_some_and(|known| known.key == fact.key && known.at == fact.at) {
            return None;
        }
        let in_order = place == self.facts.len();
        self.facts.insert(place, fact);
        if in_order {
            let touched = self.state.hear(&self.key, &self.facts[place], world);
            return Some(touched);
        }
        Some(self.hear_all(world))
    }

    /// Hears all facts anew.
    pub fn hear_all(&mut self, world: &mut World<'_>) -> Touched {
        self.state = State::default();
        for fact in &self.facts {
            self.state.hear(&self.key, fact, world);
        }
        let cases = (0..self.state.cases.len()).collect();
        Touched { cases, runs: (0..self.state.runs.len()).collect(), anew: true }
    }

    /// Puts facts in without hearing them; [`Strand::hear_all`] follows.
    pub fn restore(&mut self, fact: Fact) {
        let place = self.facts.partition_point(|known| (known.at, &known.key) < (fact.at, &fact.key));
        self.facts.insert(place, fact);
    }

    /// Forgets the runs for which `gone` says so, and their facts; the keys of those facts.
    pub fn forget_runs(
        &mut self,
        gone: impl Fn(&Run, &[Case]) -> bool,
        world: &mut World<'_>,
    ) -> Vec<SmolStr> {
        let going: Vec<bool> = self.state.runs.iter().map(|run| gone(run, &self.state.cases)).collect();
        if !going.contains(&true) {
            return Vec::new();
        }
        let lost = |fact: &Fact| self.run_of(message_of(fact)).is_none_or(|run| going[run]);
        let keys = self.facts.iter().filter(|fact| lost(fact)).map(|fact| fact.key.clone()).collect();
        let kept: Vec<Fact> = self.facts.iter().filter(|fact| !lost(fact)).cloned().collect();
        self.facts = kept;
        self.hear_all(world);
        keys
    }
}

/// The message that a fact is, or is about.
fn message_of(fact: &Fact) -> &MessageId {
    match &fact.what {
        Happened::Said(said) => said.under.as_ref().unwrap_or(&fact.key),
        Happened::Edited { of, .. } | Happened::Deleted { of } | Happened::Sign { of, .. } => of,
        Happened::Verb { of, .. } => of.as_ref().unwrap_or(&fact.key),
        Happened::Lost => &fact.key,
    }
}

impl State {
    fn hear(&mut self, key: &StrandKey, fact: &Fact, world: &mut World<'_>) -> Touched {
        match &fact.what {
            Happened::Said(said) => match &said.under {
                Some(root) => self.hear_under(key, fact, said, root, world),
                None => self.hear_said(key, fact, said, world),
            },
            Happened::Edited { of, said } => self.hear_edited(key, fact, of, said, world),
            Happened::Deleted { of } => self.end_question(fact, of, Cause::Deleted, world),
            Happened::Sign { of, sign, given } => self.hear_sign(fact, of, *sign, *given, world),
            Happened::Verb { of, verb } => self.hear_verb(key, fact, of.as_ref(), verb, world),
            Happened::Lost => self.lose(fact.at),
        }
    }

    fn hear_said(&mut self, key: &StrandKey, fact: &Fact, said: &Said, world: &mut World<'_>) -> Touched {
        let run = match &key.root {
            Some(root) => self.only_run(root, fact.at),
            None => self.run_in_line(fact, said, world),
        };
        // Where the main line knows a thread's first message, it keeps the thread's cases, too.
        let cases_elsewhere =
            key.root.as_ref().is_some_and(|root| fact.key == *root || self.placed.contains_key(root));
        self.place(fact, run, key.root.clone());
        self.runs[run].hear(&fact.by, fact.at, said);
        let cases = if cases_elsewhere {
            Vec::new()
        } else {
            self.hear_in(run, key.root.as_ref(), key, fact, &fact.key, said, world)
        };
        Touched { cases, runs: vec![run], anew: false }
    }

    /// A reply in the platform thread of a main-line message: it belongs to that message's cases.
    fn hear_under(
        &mut self,
        key: &StrandKey,
        fact: &Fact,
        said: &Said,
        root: &MessageId,
        world: &mut World<'_>,
    ) -> Touched {
        let Some(run) = self.placed.get(root).map(|placed| placed.run) else { return Touched::default() };
        self.place(fact, run, Some(root.clone()));
        let cases = self.hear_in(run, Some(root), key, fact, &fact.key, said, world);
        Touched { cases, runs: Vec::new(), anew: false }
    }

    fn hear_edited(
        &mut self,
        key: &StrandKey,
        fact: &Fact,
        of: &MessageId,
        said: &Said,
        world: &mut World<'_>,
    ) -> Touched {
        let Some(Placed { run, scope, by, at }) = self.placed.get(of).cloned() else {
            return Touched::default();
        };
        let elsewhere =
            key.root.as_ref().is_some_and(|root| fact.key != *root && self.placed.contains_key(root));
        if elsewhere {
            return Touched { cases: Vec::new(), runs: vec![run], anew: false };
        }
        let is_question =
            |case: &Case| case.asker == fact.by && case.open().is_some_and(|owed| owed.message == *of);
        let asked =
            self.in_scope(run, scope.as_ref()).into_iter().find(|&case| is_question(&self.cases[case]));
        let cases = match asked {
            Some(case) => self.judge_again(case, key, fact, of, said, world),
            None if by == fact.by && !self.asked_since(run, scope.as_ref(), &by, at) => {
                self.hear_in(run, scope.as_ref(), key, fact, of, said, world)
            }
            None => Vec::new(),
        };
        Touched { cases, runs: vec![run], anew: false }
    }

    fn place(&mut self, fact: &Fact, run: usize, scope: Option<MessageId>) {
        self.placed.insert(fact.key.clone(), Placed { run, by: fact.by.clone(), at: fact.at, scope });
    }

    /// Whether somebody else asked something after `at` that is still open: an older message cannot answer it.
    fn asked_since(&self, run: usize, scope: Option<&MessageId>, by: &Name, at: Instant) -> bool {
        self.in_scope(run, scope).into_iter().any(|case| {
            let case = &self.cases[case];
            case.asker != *by && case.open().is_some_and(|owed| owed.since > at)
        })
    }

    /// The question of an open obligation reads differently now.
    fn judge_again(
        &mut self,
        case: usize,
        key: &StrandKey,
        fact: &Fact,
        of: &MessageId,
        said: &Said,
        world: &mut World<'_>,
    ) -> Vec<usize> {
        let promise = self.promise(key, of, fact.at, said, world);
        let case_of_question = &mut self.cases[case];
        case_of_question.pass_time(fact.at, Ground { people: world.people, calendars: world.calendars });
        match promise {
            Some(promise) => {
                let tighter =
                    case_of_question.open().is_some_and(|owed| is_tighter(&promise.begin.level, &owed.level));
                case_of_question.promise_anew(&promise.begin, tighter);
            }
            None => case_of_question.end(fact.at, How::Cancelled(Cause::Edited)),
        }
        vec![case]
    }

    /// The cases of the talk in `scope` hear a message, and one may begin with it; those touched.
    #[expect(clippy::too_many_arguments, reason = "a message has an id, a place, an author and words")]
    fn hear_in(
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
        let mut touched = self.in_scope(run, scope);
        let ground = Ground { people: world.people, calendars: world.calendars };
        for &case in &touched {
            let case = &mut self.cases[case];
            let follow_up = promise.as_ref().filter(|promise| promise.is_for(case, said));
            case.hear(id, &fact.by, fact.at, said, follow_up.map(|promise| &promise.begin), ground);
        }
        self.raise(&touched, fact, said, world);
        if let Some(promise) = promise
            && self.may_begin(&touched, &fact.by, said, &promise)
        {
            touched.extend(self.begin(run, scope, &fact.by, promise, world));
        }
        touched
    }

    fn in_scope(&self, run: usize, scope: Option<&MessageId>) -> Vec<usize> {
        self.runs[run].cases.iter().copied().filter(|&case| self.cases[case].is_in(scope)).collect()
    }

    fn end_question(&mut self, fact: &Fact, of: &MessageId, cause: Cause, world: &World<'_>) -> Touched {
        self.each_case(fact, Some(of), of, world, |case, _| case.end(fact.at, How::Cancelled(cause)))
    }

    fn hear_sign(
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
    fn dismiss(&mut self, fact: &Fact, of: &MessageId, world: &World<'_>) -> Touched {
        let admin = world.calendars.at(fact.at).is_some_and(|rev| rev.runbook.team.admins.contains(&fact.by));
        self.each_case(fact, Some(of), of, world, |case, ground| {
            let owes = ground.calendars.members(ground.people, &case.who, fact.at).contains(&fact.by);
            if admin || owes || case.asker == fact.by {
                case.end(fact.at, How::Cancelled(Cause::Dismissed));
            }
        })
    }

    fn resolve(&mut self, fact: &Fact, of: &MessageId, world: &World<'_>) -> Touched {
        // In the main line the reaction is on one message of a run that may hold several matters.
        self.in_run(of, |run| run.resolve(fact.at));
        self.each_case(fact, None, of, world, |case, _| case.settle(fact.at))
    }

    fn hear_verb(
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
            Verb::Resolve => self.resolve(fact, &of, world),
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

    fn in_run(&mut self, of: &MessageId, act: impl FnOnce(&mut Run)) -> Touched {
        let Some(run) = self.placed.get(of).map(|placed| placed.run) else { return Touched::default() };
        act(&mut self.runs[run]);
        Touched { cases: Vec::new(), runs: vec![run], anew: false }
    }

    fn raise_by_command(
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
        let said = Said { mark: Some(level.clone()), ..Said::default() };
        let Some(promise) = self.promise(key, of, fact.at, &said, world) else { return Touched::default() };
        let in_scope = self.in_scope(run, scope.as_ref());
        if let Some(case) = in_scope.into_iter().rev().find(|&case| self.cases[case].open().is_some()) {
            self.cases[case].promise_anew(&promise.begin, true);
            return Touched { cases: vec![case], runs: vec![run], anew: false };
        }
        let case = self.begin(run, scope.as_ref(), &by, promise, world);
        Touched { cases: case.into_iter().collect(), runs: vec![run], anew: false }
    }

    /// Does something to the cases of the talk around the message `around`; with `of` only to those whose open
    /// question that is.
    fn each_case(
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
            let question = &mut self.cases[case];
            let here = if asks_here { question.thread() == around } else { question.is_in(scope.as_ref()) };
            question.pass_time(fact.at, ground);
            let about = of.is_none_or(|of| question.open().is_some_and(|owed| owed.message == *of));
            if here && about {
                act(question, ground);
                touched.cases.push(case);
            }
        }
        touched
    }

    fn lose(&mut self, at: Instant) -> Touched {
        for case in &mut self.cases {
            case.end(at, How::Cancelled(Cause::Unknown));
        }
        Touched { cases: (0..self.cases.len()).collect(), runs: Vec::new(), anew: false }
    }

    /// The asker's own message with the mark of a tighter level tightens what is open.
    fn raise(&mut self, cases: &[usize], fact: &Fact, said: &Said, world: &World<'_>) {
        let Some(revision) = world.calendars.at(fact.at) else { return };
        let Some(level) = said.mark.as_ref().and_then(|mark| revision.runbook.level(mark)) else { return };
        let begin = Begin {
            message: fact.key.clone(),
            since: fact.at,
            level: Arc::clone(level),
            revision: revision.number,
        };
        for &case in cases {
            let case = &mut self.cases[case];
            let tighter =
                case.open().is_some_and(|owed| owed.since < fact.at && is_tighter(level, &owed.level));
            if case.asker == fact.by && tighter {
                case.promise_anew(&begin, true);
            }
        }
    }

    /// The one run of a platform thread, which begins with the thread's first message even where that is unknown.
    fn only_run(&mut self, root: &MessageId, at: Instant) -> usize {
        if self.runs.is_empty() {
            self.runs.push(Run::new(root.clone(), at));
        }
        0
    }

    /// The run of the main line to which a message belongs, by mention, else by alternation, else its own.
    fn run_in_line(&mut self, fact: &Fact, said: &Said, world: &World<'_>) -> usize {
        let gap_ms = world.calendars.at(fact.at).map_or(0, |rev| rev.runbook.threads.main_line_gap_ms);
        let runs = &self.runs;
        self.active
            .retain(|&run| fact.at.since(runs[run].last_at) <= gap_ms && runs[run].messages < LONGEST_RUN);
        let mentioned: Vec<&Name> = said.mentions.iter().filter_map(person_of).collect();
        let latest = |belongs: &dyn Fn(&Run) -> bool| {
            let active = self.active.iter().copied().filter(|&run| belongs(&self.runs[run]));
            active.max_by_key(|&run| (self.runs[run].last_at, run))
        };
        let found = if mentioned.is_empty() {
            let newcomer = |run: &Run| run.awaits && run.people.len() == 1 && !said.signals.asks();
            latest(&|run| run.knows(&fact.by)).or_else(|| latest(&newcomer))
        } else {
            let knows_one = |run: &Run| mentioned.iter().any(|person| run.knows(person));
            latest(&|run| knows_one(run) && run.knows(&fact.by)).or_else(|| latest(&knows_one))
        };
        found.unwrap_or_else(|| {
            self.runs.push(Run::new(fact.key.clone(), fact.at));
            self.active.push(self.runs.len() - 1);
            self.runs.len() - 1
        })
    }

    /// What a message promises, if it asks for something of somebody.
    fn promise(
        &self,
        key: &StrandKey,
        message: &MessageId,
        since: Instant,
        said: &Said,
        world: &mut World<'_>,
    ) -> Option<Promised> {
        if !(said.signals.asks() || said.mark.is_some()) || said.resolves || said.signals.chases() {
            return None;
        }
        let revision = world.calendars.at(since)?;
        let channel = world.places.policy(revision, &key.channel);
        let level = match &said.mark {
            Some(mark) => revision.runbook.level(mark)?,
            None => channel.urgency.as_ref()?,
        };
        level.respond_within?;
        let who = who_owes(revision, channel, level, said);
        let anyone = !channel.responders.is_empty() && channel.answered_by == AnsweredBy::Anyone;
        let begin =
            Begin { message: message.clone(), since, level: Arc::clone(level), revision: revision.number };
        Some(Promised { begin, who, anyone })
    }

    /// No second clock for an asker who has one, nor for those who help them.
    fn may_begin(&self, cases: &[usize], by: &Name, said: &Said, promise: &Promised) -> bool {
        let mentioned: Vec<&Name> = said.mentions.iter().filter_map(person_of).collect();
        let mentions_group = mentioned.len() < said.mentions.len();
        let taken = cases.iter().map(|&case| &self.cases[case]).any(|case| {
            let own = case.asker == *by && promise.is_for(case, said);
            let helps = case.open().is_some()
                && !mentions_group
                && mentioned.iter().all(|person| **person == case.asker);
            own || (helps && case.asker != *by)
        });
        !taken && cases.len() < CASES_PER_RUN
    }

    fn begin(
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
        self.cases.push(Case::new(asker.clone(), who, promise.anyone, scope.cloned(), promise.begin));
        let case = self.cases.len() - 1;
        self.runs[run].cases.push(case);
        Some(case)
    }
}

#[derive(Clone)]
struct Promised {
    begin: Begin,
    who: Vec<Who>,
    anyone: bool,
}

impl Promised {
    /// Whether it asks those who already owe in `case`, rather than somebody new.
    fn is_for(&self, case: &Case, said: &Said) -> bool {
        said.mentions.is_empty()
            || self.who != said.mentions
            || said.mentions.iter().any(|who| case.who.contains(who))
    }
}

fn person_of(who: &Who) -> Option<&Name> {
    match who {
        Who::Person(person) => Some(person),
        Who::Group(_) | Who::Rotation(_) | Who::Responders => None,
    }
}

/// The channel's responders; else those mentioned; else, for a mark, the first step of its ladder.
fn who_owes(revision: &InForce, channel: &Channel, level: &Level, said: &Said) -> Vec<Who> {
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
fn is_tighter(new: &Level, old: &Level) -> bool {
    (new.interrupts && !old.interrupts) || deadline::rank_ms(new) < deadline::rank_ms(old)
}
