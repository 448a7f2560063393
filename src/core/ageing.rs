//! Forgetting: what nobody will speak of any more goes, from memory and from the store.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use smol_str::format_smolstr;

use super::case::Case;
use super::engine::{Engine, put};
use super::event::{MessageId, MessageRef};
use super::fact::{Fact, Happened};
use super::record::{RecordKey, RecordKind};
use super::run::Run;
use super::said::NoticeSaid;
use super::strand::{Strand, StrandKey};
use super::turn::{Change, Turn};
use super::wakes::Subject;
use crate::calendar::{HOUR_MS, Instant};

/// So long after the last word in it, and with nothing open, a run of talk is forgotten.
const LINGER_MS: i64 = 36 * HOUR_MS;
/// How often, by the clock of UTC, what may be forgotten is looked at.
const AGE_TICK_MS: i64 = 6 * HOUR_MS;
/// One wake looks at so many strands; the next are due at once.
const STRANDS_A_WAKE: usize = 500;

impl Engine {
    pub(super) fn set_age_wake(&mut self, now: Instant) {
        self.wakes.set(Subject::Age, last_tick(now).plus(AGE_TICK_MS));
    }

    /// Forgets what nobody will speak of any more. It is judged as of the last tick: so an engine that was
    /// loaded in between forgets the same things as one that ran all the time.
    pub(super) fn look_at_ages(&mut self, now: Instant, turn: &mut Turn) {
        let keys = self.strands.keys_after(self.aged.take());
        let keys: Vec<StrandKey> = keys.take(STRANDS_A_WAKE).cloned().collect();
        for key in &keys {
            self.look_at_age(key, now, turn);
        }
        if keys.len() == STRANDS_A_WAKE {
            self.aged = keys.into_iter().next_back();
            self.wakes.set(Subject::Age, now);
        } else if !self.strands.is_empty() {
            self.set_age_wake(now);
        }
    }

    fn look_at_age(&mut self, key: &StrandKey, now: Instant, turn: &mut Turn) {
        let as_of = last_tick(now);
        // What is missing may belong to what would be forgotten.
        if self.places.has_gap(&key.channel) {
            return;
        }
        if key.root.is_some() {
            self.forget_thread(key, as_of, turn);
        } else if self
            .strands
            .get(key)
            .is_some_and(|strand| strand.runs().is_empty() && is_quiet(strand, as_of))
        {
            // Nothing in it could be read.
            self.drop_thread(key, turn);
        } else {
            self.forget_runs(key, as_of, turn);
        }
    }

    /// A thread whose first message the main line knows is forgotten together with that: a question without
    /// its answers would be open again.
    fn forget_thread(&mut self, key: &StrandKey, now: Instant, turn: &mut Turn) {
        let Some(strand) = self.strands.get(key) else { return };
        if !is_quiet(strand, now) || !strand.cases().iter().all(|case| is_over(case, now)) {
            return;
        }
        let line = self.strands.get(&StrandKey::line(&key.channel));
        if line.zip(key.root.as_ref()).is_some_and(|(line, root)| line.run_of(root).is_some()) {
            return;
        }
        self.drop_thread(key, turn);
    }

    fn drop_thread(&mut self, key: &StrandKey, turn: &mut Turn) {
        let Some(strand) = self.strands.remove(key) else { return };
        let root = key.root.clone().unwrap_or_default();
        for fact in strand.facts() {
            self.unread.forget(key, fact);
            self.thread_of.remove(&key.message(&fact.key));
            // The first message is the main line's to forget.
            if fact.key != root {
                self.forget_owed(&key.message(&fact.key), turn);
            }
        }
        self.runs.remove(&(key.clone(), root));
        self.forget_notices(key, |_| true, turn);
        for kind in [RecordKind::Fact, RecordKind::Run] {
            turn.changes.push(Change::DeleteAll(kind, strand.name().clone()));
        }
    }

    fn forget_runs(&mut self, key: &StrandKey, as_of: Instant, turn: &mut Turn) {
        let Some(going) = self.runs_to_forget(key, as_of) else { return };
        let Some(strand) = self.strands.get_mut(key) else { return };
        let forgotten = strand.forget_runs(&going);
        if strand.facts().is_empty() {
            self.strands.remove(key);
        }
        let owner = format_smolstr!("{key}");
        for fact in &forgotten {
            let id = &fact.key;
            self.forget_owed(&key.message(id), turn);
            if is_reply(fact) {
                continue;
            }
            self.unread.forget(key, fact);
            put(turn, RecordKind::Fact, owner.clone(), id.clone(), None);
            let thread = StrandKey { channel: key.channel.clone(), root: Some(id.clone()) };
            for strand in [key, &thread] {
                if self.runs.remove(&(strand.clone(), id.clone())).is_some() {
                    put(turn, RecordKind::Run, format_smolstr!("{strand}"), id.clone(), None);
                }
            }
            self.drop_thread(&thread, turn);
        }
        let forgotten: FxHashSet<MessageId> = forgotten.into_iter().map(|fact| fact.key.clone()).collect();
        self.forget_notices(key, |notice| forgotten.contains(&notice.about), turn);
    }

    /// The runs of a main line in which all is over, their threads included.
    fn runs_to_forget(&self, key: &StrandKey, as_of: Instant) -> Option<Vec<bool>> {
        let line = self.strands.get(key)?;
        let is_over = |run: &Run, cases: &[Arc<Case>]| {
            as_of.since(run.last_at) >= LINGER_MS
                && run.cases.iter().all(|&case| is_over(&cases[case], as_of))
        };
        let mut going = line.runs_to_forget(is_over)?;
        for thread in self.strands.keys_in(&key.channel) {
            let run = thread.root.as_ref().and_then(|root| line.run_of(root)).filter(|&run| going[run]);
            if let Some(run) = run.filter(|_| !is_quiet(&self.strands[thread], as_of)) {
                going[run] = false;
            }
        }
        going.contains(&true).then_some(going)
    }

    fn forget_owed(&mut self, message: &MessageRef, turn: &mut Turn) {
        if self.owed.remove(message).is_some() {
            put(turn, RecordKind::Case, message.channel.clone(), message.id.clone(), None);
        }
    }

    fn forget_notices(&mut self, key: &StrandKey, gone: impl Fn(&NoticeSaid) -> bool, turn: &mut Turn) {
        for id in self.notices.forget(key, gone) {
            let key = RecordKey { kind: RecordKind::Notice, owner: Default::default(), id: id.0 };
            turn.changes.push(Change::Delete(key));
        }
    }
}

/// The last instant at which it was looked at what may be forgotten.
fn last_tick(now: Instant) -> Instant {
    Instant::from_ms(now.ms() - now.ms().rem_euclid(AGE_TICK_MS))
}

/// Whether it is a reply as the main line heard it: its record is its thread's, and no thread begins with it.
fn is_reply(fact: &Fact) -> bool {
    match &fact.what {
        Happened::Said(said) => said.under.is_some(),
        Happened::Unread { under, .. } => under.is_some(),
        Happened::Edited { .. }
        | Happened::Deleted { .. }
        | Happened::Sign { .. }
        | Happened::Lost
        | Happened::Archived
        | Happened::Verb { .. } => false,
    }
}

/// Whether nothing happened in a strand for long.
fn is_quiet(strand: &Strand, now: Instant) -> bool {
    strand.facts().last().is_none_or(|fact| now.since(fact.at) >= LINGER_MS)
}

/// Whether all that was owed has ended, and long ago.
fn is_over(case: &Case, now: Instant) -> bool {
    case.owed.last().is_none_or(|owed| owed.end.as_ref().is_some_and(|end| now.since(end.at) >= LINGER_MS))
}
