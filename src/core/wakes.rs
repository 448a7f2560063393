//! When the engine has to look at something again. A wake that comes early finds nothing to do and sets
//! the next; so a deadline that moves back costs nothing until its old instant comes.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::event::MessageId;
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
    /// Whether a strand can be forgotten.
    Age(StrandKey),
}

/// What is to be looked at, and when.
#[derive(Clone, Debug, Default)]
pub struct Wakes {
    queue: BTreeSet<(Instant, Subject)>,
    /// When each subject stands in the queue; never iterated.
    set: FxHashMap<Subject, Instant>,
}

impl Wakes {
    /// Sees to it that `subject` is looked at by `at`.
    pub fn set(&mut self, subject: Subject, at: Instant) {
        if let Some(&sooner) = self.set.get(&subject) {
            if sooner <= at {
                return;
            }
            self.queue.remove(&(sooner, subject.clone()));
        }
        self.set.insert(subject.clone(), at);
        self.queue.insert((at, subject));
    }

    /// When there is something to look at.
    pub fn next(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes the next subject that is due.
    pub fn take_due(&mut self, now: Instant) -> Option<Subject> {
        if self.next()? > now {
            return None;
        }
        let (_, subject) = self.queue.pop_first()?;
        self.set.remove(&subject);
        Some(subject)
    }
}
