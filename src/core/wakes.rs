//! When the engine has to look at something again. A wake that comes early finds nothing to do and sets
//! the next; so a deadline that moves back costs nothing until its old instant comes.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::event::{ChannelId, MessageId};
use super::strand::StrandKey;
use crate::calendar::Instant;
use crate::runbook::Name;

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The case that began with this message.
    Case(StrandKey, MessageId),
    /// The run of talk that began with this message.
    Run(StrandKey, MessageId),
    /// What waits for a person.
    Desk(Name),
    /// The shifts of a rotation.
    Duty(Name),
    /// Reports to the admins.
    Ledger,
    /// What can be forgotten.
    Age,
    /// The messages of a channel that cannot be read.
    Unread(ChannelId),
}

/// What is to be looked at, and when.
#[derive(Clone, Debug, Default)]
pub struct Wakes {
    /// Subjects by instant, so that most comparisons are of numbers.
    queue: BTreeMap<Instant, BTreeSet<Subject>>,
    /// When each subject stands in the queue; never iterated.
    set: FxHashMap<Subject, Instant>,
}

impl Wakes {
    /// All of these, and there are some, are looked at by `at`.
    pub fn all_at(at: Instant, subjects: Vec<Subject>) -> Wakes {
        let set = subjects.iter().map(|subject| (subject.clone(), at)).collect();
        Wakes { queue: BTreeMap::from([(at, subjects.into_iter().collect())]), set }
    }

    /// Sees to it that `subject` is looked at by `at`.
    pub fn set(&mut self, subject: Subject, at: Instant) {
        if let Some(&sooner) = self.set.get(&subject) {
            if sooner <= at {
                return;
            }
            self.unqueue(sooner, &subject);
        }
        self.set.insert(subject.clone(), at);
        self.queue.entry(at).or_default().insert(subject);
    }

    /// When there is something to look at.
    pub fn next(&self) -> Option<Instant> {
        self.queue.first_key_value().map(|(at, _)| *at)
    }

    /// Takes the next subject that is due.
    pub fn take_due(&mut self, now: Instant) -> Option<Subject> {
        let mut first = self.queue.first_entry().filter(|first| *first.key() <= now)?;
        let subject = first.get_mut().pop_first();
        if first.get().is_empty() {
            first.remove();
        }
        subject.inspect(|subject| {
            self.set.remove(subject);
        })
    }

    fn unqueue(&mut self, at: Instant, subject: &Subject) {
        if let Some(subjects) = self.queue.get_mut(&at) {
            subjects.remove(subject);
            if subjects.is_empty() {
                self.queue.remove(&at);
            }
        }
    }
}
