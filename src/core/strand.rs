//! A strand: a platform thread, or the main line of a channel. Its facts, and what follows from them.
//!
//! A [`Strand`] keeps its facts sorted by time. A fact that comes in order is heard at once; a late one makes
//! the strand hear everything anew, so the end is the same whatever the order of arrival.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use super::calendars::Calendars;
use super::case::{Case, Ground};
use super::event::{ChannelId, MessageId, MessageRef};
use super::fact::{Fact, Happened};
use super::hearing::State;
use super::people::People;
use super::places::Places;
use super::run::Run;
use crate::calendar::Instant;

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
    name: SmolStr,
    facts: Vec<Arc<Fact>>,
    state: State,
    /// Whether a fact was taken out since all were last heard.
    stale: bool,
    /// Up to when time passed in which a case ended by itself: a fact from before that may show that it did not.
    ended_until: Instant,
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
        for (positions, later) in [(&mut self.cases, later.cases), (&mut self.runs, later.runs)] {
            match positions.is_empty() {
                true => *positions = later,
                false => positions.extend(later),
            }
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
        let name = format_smolstr!("{key}");
        let (facts, state) = (Vec::new(), State::default());
        Strand { key, name, facts, state, stale: false, ended_until: Instant::MIN }
    }

    /// Which strand it is.
    pub fn key(&self) -> &StrandKey {
        &self.key
    }

    /// Its key as records name their owner: each of its facts asks for it.
    pub fn name(&self) -> &SmolStr {
        &self.name
    }

    /// Its facts in the platform's time order.
    pub fn facts(&self) -> &[Arc<Fact>] {
        &self.facts
    }

    /// Its cases, in the order in which they began.
    pub fn cases(&self) -> &[Arc<Case>] {
        &self.state.cases
    }

    /// Its runs of talk.
    pub fn runs(&self) -> &[Run] {
        &self.state.runs
    }

    /// Lets time pass for one case.
    pub fn pass_time(&mut self, case: usize, now: Instant, world: &World<'_>) {
        let case = Arc::make_mut(&mut self.state.cases[case]);
        let was_open = case.open().is_some();
        case.pass_time(now, Ground { people: world.people, calendars: world.calendars });
        if let Some(end) = case.owed.last().and_then(|owed| owed.end.as_ref()).filter(|_| was_open) {
            self.ended_until = self.ended_until.max(end.at);
        }
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

    /// A message, if it was heard here and not under another.
    pub fn said(&self, message: &MessageId) -> Option<&Arc<Fact>> {
        let at = self.state.placed.get(message)?.at;
        let place = self.facts.partition_point(|known| (known.at, &known.key) < (at, message));
        self.facts
            .get(place)
            .filter(|fact| matches!(&fact.what, Happened::Said(said) if said.under.is_none()))
    }

    /// Adds a fact; `None` when it was known.
    pub fn add(&mut self, fact: Arc<Fact>, world: &mut World<'_>) -> Option<Touched> {
        let place = self.place_of(&fact);
        if self.facts.get(place).is_some_and(|known| known.key == fact.key && known.at == fact.at) {
            return None;
        }
        let in_order = place == self.facts.len() && fact.at >= self.ended_until && !self.stale;
        self.facts.insert(place, fact);
        if in_order {
            let touched = self.state.hear(&self.key, &self.facts[place], world);
            return Some(touched);
        }
        Some(self.hear_all(world))
    }

    /// Where a fact stands, or would stand: nearly always behind all that are known.
    fn place_of(&self, fact: &Fact) -> usize {
        let before = |known: &Arc<Fact>| (known.at, &known.key) < (fact.at, &fact.key);
        match self.facts.last() {
            Some(last) if !before(last) => self.facts.partition_point(before),
            Some(_) | None => self.facts.len(),
        }
    }

    /// Hears all facts anew.
    pub fn hear_all(&mut self, world: &mut World<'_>) -> Touched {
        self.state = State::default();
        self.stale = false;
        self.ended_until = Instant::MIN;
        for fact in &self.facts {
            self.state.hear(&self.key, fact, world);
        }
        let cases = (0..self.state.cases.len()).collect();
        Touched { cases, runs: (0..self.state.runs.len()).collect(), anew: true }
    }

    /// Takes a fact out; with the next one, or with [`Strand::freshen`], all that are left are heard anew.
    pub fn take_out(&mut self, key: &SmolStr) {
        if let Some(place) = self.facts.iter().rposition(|fact| fact.key == *key) {
            self.facts.remove(place);
            self.stale = true;
        }
    }

    /// Hears all facts anew if one was taken out since.
    pub fn freshen(&mut self, world: &mut World<'_>) -> Option<Touched> {
        self.stale.then(|| self.hear_all(world))
    }

    /// Puts facts in without hearing them; [`Strand::hear_all`] follows.
    pub fn restore(&mut self, fact: Arc<Fact>) {
        let place = self.place_of(&fact);
        self.facts.insert(place, fact);
    }

    /// Which runs `gone` says so of, by position; `None` if there are none.
    pub fn runs_to_forget(&self, gone: impl Fn(&Run, &[Arc<Case>]) -> bool) -> Option<Vec<bool>> {
        let going: Vec<bool> = self.state.runs.iter().map(|run| gone(run, &self.state.cases)).collect();
        going.contains(&true).then_some(going)
    }

    /// Forgets the runs of [`Strand::runs_to_forget`] and their facts; those facts.
    pub fn forget_runs(&mut self, going: &[bool]) -> Vec<Arc<Fact>> {
        // That the history was lost, or the channel archived, is about all that came before it; and so is a message
        // that cannot be read, with what became of that.
        let unread: FxHashSet<MessageId> = self.facts.iter().filter_map(unread_of).cloned().collect();
        let mut any_kept = false;
        let placed = &self.state.placed;
        let goes = |fact: &mut Arc<Fact>| {
            let keep = match &fact.what {
                Happened::Lost | Happened::Archived => any_kept,
                Happened::Said(_)
                | Happened::Unread { .. }
                | Happened::Edited { .. }
                | Happened::Deleted { .. }
                | Happened::Sign { .. }
                | Happened::Verb { .. } => match placed.get(message_of(fact)) {
                    Some(placed) => !going[placed.run],
                    None => any_kept && unread.contains(message_of(fact)),
                },
            };
            any_kept |= keep;
            !keep
        };
        let forgotten = self.facts.extract_if(.., goes).collect();
        self.state.forget(going);
        forgotten
    }
}

/// The message that cannot be read, where that is what a fact says.
fn unread_of(fact: &Arc<Fact>) -> Option<&MessageId> {
    match &fact.what {
        Happened::Unread { of, .. } => Some(of),
        Happened::Said(_)
        | Happened::Edited { .. }
        | Happened::Deleted { .. }
        | Happened::Sign { .. }
        | Happened::Lost
        | Happened::Archived
        | Happened::Verb { .. } => None,
    }
}

/// The message that a fact is, or is about.
fn message_of(fact: &Fact) -> &MessageId {
    match &fact.what {
        Happened::Said(said) => said.under.as_ref().unwrap_or(&fact.key),
        Happened::Unread { of, under } => under.as_ref().unwrap_or(of),
        Happened::Edited { of, .. } | Happened::Deleted { of } | Happened::Sign { of, .. } => of,
        Happened::Verb { of, .. } => of.as_ref().unwrap_or(&fact.key),
        Happened::Lost | Happened::Archived => &fact.key,
    }
}
