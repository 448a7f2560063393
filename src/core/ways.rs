//! The ways of a fact: into its strand, into the strand that mirrors it, or into waiting for its message.

use std::sync::Arc;

use smol_str::format_smolstr;

use super::engine::{Engine, ORPHANS, about, put};
use super::event::{ChannelId, MessageRef};
use super::fact::{Fact, Happened};
use super::reading::TOO_OLD_MS;
use super::record::{Record, RecordKind};
use super::strand::{Strand, StrandKey, Touched, World};
use super::turn::Turn;
use crate::calendar::Instant;

/// What was touched in each strand, to be looked at when all is heard: few strands, in the order of their keys.
#[derive(Default)]
pub(super) struct Everywhere(Vec<(StrandKey, Touched)>);

impl Everywhere {
    /// Adds what was touched in a strand after all that is known.
    pub(super) fn add(&mut self, key: &StrandKey, touched: Touched) {
        let place = self.0.binary_search_by(|(known, _)| known.cmp(key)).unwrap_or_else(|place| {
            self.0.insert(place, (key.clone(), Touched::default()));
            place
        });
        self.0[place].1.merge(touched);
    }
}

/// So many facts wait for messages that have not come.
const ORPHANS_KEPT: usize = 10_000;

impl Engine {
    /// Adds a fact about another message to that message's strand; it waits where the message is unknown.
    pub(super) fn add_about(&mut self, message: &MessageRef, fact: Fact, now: Instant, turn: &mut Turn) {
        if let Some(key) = self.strand_of(message) {
            self.add_fact(&key, fact, now, turn);
            return;
        }
        let owner = format_smolstr!("{ORPHANS}{}", message.channel);
        let fact = Arc::new(fact);
        self.drop_old_orphans(now, turn);
        let waiting = self.orphans.entry(message.clone()).or_default();
        if waiting.iter().any(|known| known.key == fact.key) {
            return;
        }
        put(turn, RecordKind::Fact, owner, fact.key.clone(), Some(Record::Fact(Arc::clone(&fact))));
        waiting.push(fact);
    }

    pub(super) fn drop_old_orphans(&mut self, now: Instant, turn: &mut Turn) {
        while self.orphans.len() >= ORPHANS_KEPT
            || self
                .orphans
                .first_key_value()
                .is_some_and(|(_, facts)| facts.iter().all(|fact| now.since(fact.at) > TOO_OLD_MS))
        {
            let Some((message, facts)) = self.orphans.pop_first() else { break };
            for fact in facts {
                put(
                    turn,
                    RecordKind::Fact,
                    format_smolstr!("{ORPHANS}{}", message.channel),
                    fact.key.clone(),
                    None,
                );
            }
        }
    }

    /// Adds a fact to its strand and looks at what it touches; whether it was new.
    pub(super) fn add_fact(&mut self, key: &StrandKey, fact: Fact, now: Instant, turn: &mut Turn) -> bool {
        let mut touched = Everywhere::default();
        let is_new = self.take_fact(key, Arc::new(fact), now, &mut touched, turn);
        self.look_everywhere(&touched, now, turn);
        is_new
    }

    /// Hears a fact wherever it belongs, and decides nothing yet: what came before it may have to be heard first.
    pub(super) fn take_fact(
        &mut self,
        key: &StrandKey,
        fact: Arc<Fact>,
        now: Instant,
        everywhere: &mut Everywhere,
        turn: &mut Turn,
    ) -> bool {
        if self.calendars.current().is_none() {
            return false;
        }
        if !self.strands.contains_key(key) {
            self.open_strand(key);
        }
        let Some(touched) = self.hear_in_strand(key, Arc::clone(&fact)) else { return false };
        everywhere.add(key, touched);
        self.mirror(key, &fact, everywhere);
        put(
            turn,
            RecordKind::Fact,
            self.strands[key].name().clone(),
            fact.key.clone(),
            Some(Record::Fact(fact)),
        );
        self.set_age_wake(now);
        true
    }

    pub(super) fn look_everywhere(&mut self, everywhere: &Everywhere, now: Instant, turn: &mut Turn) {
        for (key, touched) in &everywhere.0 {
            self.look_at_touched(key, touched, now, turn);
        }
    }

    /// A new thread begins with its first message, if the main line knows it, and with what became of that since.
    pub(super) fn open_strand(&mut self, key: &StrandKey) {
        self.strands.at(key);
        for fact in self.root_facts(key) {
            self.hear_in_strand(key, fact);
        }
    }

    /// The first message of a thread, as the main line knows it, and what happened to it.
    fn root_facts(&self, key: &StrandKey) -> Vec<Arc<Fact>> {
        let Some(first) = self.root_copy(key) else { return Vec::new() };
        let line = self.strands.get(&StrandKey::line(&key.channel));
        let facts = line.map_or(&[][..], Strand::facts);
        let later = facts.partition_point(|fact| (fact.at, &fact.key) <= (first.at, &first.key));
        let its = facts[later..].iter().filter(|fact| about(fact) == Some(&first.key)).cloned();
        let its: Vec<Arc<Fact>> = its.collect();
        [first].into_iter().chain(its).collect()
    }

    /// The first message of a thread, as the main line knows it.
    pub(super) fn root_copy(&self, key: &StrandKey) -> Option<Arc<Fact>> {
        let root = key.root.as_ref()?;
        let line = self.strands.get(&StrandKey::line(&key.channel))?;
        line.said(root).cloned()
    }

    pub(super) fn hear_in_strand(&mut self, key: &StrandKey, fact: Arc<Fact>) -> Option<Touched> {
        let strand = self.strands.get_mut(key)?;
        let mut world =
            World { people: &self.people, calendars: &mut self.calendars, places: &mut self.places };
        strand.add(fact, &mut world)
    }

    /// What happens in a thread is heard in the main line under the thread's first message, whose cases stand
    /// there; what happens to that message is heard in the thread.
    pub(super) fn mirror(&mut self, key: &StrandKey, fact: &Arc<Fact>, everywhere: &mut Everywhere) {
        let Some((other, copy)) = self.mirrored(key, fact) else { return };
        if let Some(touched) = self.hear_in_strand(&other, copy) {
            everywhere.add(&other, touched);
        }
        // A first message that comes after its replies: the main line has yet to hear them.
        let late_root = key.root.is_none() && matches!(fact.what, Happened::Said(_));
        if late_root && let Some(thread) = self.strands.get(&other) {
            let replies: Vec<Arc<Fact>> =
                thread.facts().iter().filter(|reply| reply.key != fact.key).cloned().collect();
            for reply in replies {
                if let Some((line, copy)) = self.mirrored(&other, &reply)
                    && let Some(touched) = self.hear_in_strand(&line, copy)
                {
                    everywhere.add(&line, touched);
                }
            }
        }
    }

    /// The other strand in which a fact is heard, and how it reads there.
    pub(super) fn mirrored(&self, key: &StrandKey, fact: &Arc<Fact>) -> Option<(StrandKey, Arc<Fact>)> {
        match &key.root {
            Some(root) => {
                let line = StrandKey::line(&key.channel);
                self.strands.get(&line)?.run_of(root)?;
                let mut copy = Fact::clone(fact);
                match &mut copy.what {
                    Happened::Said(_) if copy.key == *root => return None,
                    Happened::Said(said) => said.under = Some(root.clone()),
                    Happened::Unread { under, .. } => *under = Some(root.clone()),
                    Happened::Verb { of, .. } => *of = Some(of.take().unwrap_or_else(|| root.clone())),
                    Happened::Edited { .. } | Happened::Deleted { .. } | Happened::Sign { .. } => {}
                    Happened::Lost | Happened::Archived => return None,
                }
                Some((line, Arc::new(copy)))
            }
            None => {
                let root = about(fact).unwrap_or(&fact.key);
                let thread = StrandKey { channel: key.channel.clone(), root: Some(root.clone()) };
                let is_everywhere = matches!(fact.what, Happened::Lost | Happened::Archived);
                (self.strands.contains_key(&thread) && !is_everywhere).then(|| (thread, Arc::clone(fact)))
            }
        }
    }

    /// The strand in which a message stands, if the message is known.
    pub(super) fn strand_of(&self, message: &MessageRef) -> Option<StrandKey> {
        if let Some(root) = self.thread_of.get(message) {
            return Some(StrandKey { channel: message.channel.clone(), root: Some(root.clone()) });
        }
        let line = StrandKey::line(&message.channel);
        let stands_in_line =
            self.strands.get(&line).is_some_and(|strand| strand.run_of(&message.id).is_some());
        if stands_in_line { Some(line) } else { self.unread.strand_of(message).cloned() }
    }

    pub(super) fn strands_of(&self, channel: &ChannelId) -> Vec<StrandKey> {
        self.strands.keys_in(channel).cloned().collect()
    }
}
