//! Messages that nobody can read yet: they came encrypted, and their key has not come.
//!
//! Such a message is neither an answer nor a breach. What it may have answered is silent for a time; when its key
//! comes, the message takes its own place, and all is as if it had been read at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::case::{Case, Cause, End, Ground, How, Owed};
use super::engine::{Engine, ORPHANS, put};
use super::event::{ChannelId, Event, MessageId, MessageRef, UserId};
use super::fact::{Fact, Happened};
use super::hear::AHEAD_MS;
use super::hearing::State;
use super::record::RecordKind;
use super::strand::{Strand, StrandKey, Touched, World};
use super::turn::Turn;
use super::wakes::Subject;
use super::ways::Everywhere;
use crate::calendar::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};

/// Keys come within seconds, or when somebody opens their app: what has none after so long is taken to have none.
const KEY_WITHIN_MS: i64 = HOUR_MS;
/// An alarm is silent for no longer than from one page to the next: a page too many costs a look.
const ALARM_WAITS_MS: i64 = 5 * MINUTE_MS;
/// The admins hear of a channel so often.
const AGAIN_MS: i64 = DAY_MS;

/// A message that may be the answer and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which message.
    pub message: MessageId,
    /// When it was written.
    pub at: Instant,
}

/// The messages that cannot be read yet, and the strands in which they stand.
#[derive(Debug, Default)]
pub(super) struct Unread(BTreeMap<MessageRef, (StrandKey, Instant)>);

impl Unread {
    /// The strand of a message that cannot be read.
    pub(super) fn strand_of(&self, message: &MessageRef) -> Option<&StrandKey> {
        self.0.get(message).map(|(key, _)| key)
    }

    /// Takes back what was stored.
    pub(super) fn restore(&mut self, key: &StrandKey, fact: &Fact) {
        if let Happened::Unread { of, .. } = &fact.what {
            self.0.insert(key.message(of), (key.clone(), fact.at));
        }
    }

    /// Forgets a message whose fact is forgotten.
    pub(super) fn forget(&mut self, key: &StrandKey, fact: &Fact) {
        if let Happened::Unread { of, .. } = &fact.what {
            self.0.remove(&key.message(of));
        }
    }

    /// Those of a channel.
    fn of(&self, channel: &ChannelId) -> impl Iterator<Item = (&MessageId, &StrandKey, Instant)> {
        let from = MessageRef { channel: channel.clone(), id: MessageId::default() };
        let here = self.0.range(from..).take_while(move |(message, _)| message.channel == *channel);
        here.map(|(message, (key, at))| (&message.id, key, *at))
    }

    /// The channels in which there are any.
    fn channels(&self) -> Vec<ChannelId> {
        let mut channels: Vec<ChannelId> = self.0.keys().map(|message| message.channel.clone()).collect();
        channels.dedup();
        channels
    }
}

impl Owed {
    /// Until when nothing is said about it, because what may be the answer cannot be read.
    pub(super) fn silent_until(&self, now: Instant) -> Option<Instant> {
        let first = self.unread.first()?;
        let waits_ms = if self.level.interrupts { ALARM_WAITS_MS } else { KEY_WITHIN_MS };
        Some(first.at.plus(waits_ms)).filter(|until| now < *until)
    }

    /// When it ends, unless the key comes. An alarm does not end by what nobody can read.
    pub(super) fn unread_until(&self) -> Option<Instant> {
        let first = self.unread.first().filter(|_| !self.level.interrupts)?;
        Some(first.at.plus(KEY_WITHIN_MS))
    }

    /// Whether an answer may have come by then, so that nobody can say that it came too late.
    pub(super) fn is_unsure_at(&self, due: Instant) -> bool {
        self.unread.first().is_some_and(|first| first.at <= due)
    }
}

impl State {
    /// A message that cannot be read: it may answer what is open in its thread; in the main line, what its author may
    /// answer or takes part in.
    pub(super) fn hear_unread(
        &mut self,
        key: &StrandKey,
        fact: &Fact,
        of: &MessageId,
        under: Option<&MessageId>,
        world: &World<'_>,
    ) -> Touched {
        let ground = Ground { people: world.people, calendars: world.calendars };
        let cases = self.within_reach(key, fact, under, ground);
        for &case in &cases {
            let case = Arc::make_mut(&mut self.cases[case]);
            case.pass_time(fact.at, ground);
            if let Some(owed) = case.open_mut() {
                owed.unread.push(Sealed { message: of.clone(), at: fact.at });
            }
        }
        Touched { cases, runs: Vec::new(), anew: false }
    }

    fn within_reach(
        &self,
        key: &StrandKey,
        fact: &Fact,
        under: Option<&MessageId>,
        ground: Ground<'_>,
    ) -> Vec<usize> {
        let is_open = |case: &Case| case.open().is_some() && case.asker != fact.by;
        let takes_part = |case: &Case| {
            let run = self.placed.get(&case.question).map(|placed| &self.runs[placed.run]);
            run.is_some_and(|run| run.knows(&fact.by))
        };
        let may_answer = |case: &Case| {
            case.is_in(None) && (case.may_answer(&fact.by, fact.at, ground) || takes_part(case))
        };
        let scope = under.or(key.root.as_ref());
        let run = match under {
            Some(root) => self.placed.get(root).map(|placed| placed.run),
            None => (!self.runs.is_empty()).then_some(0),
        };
        let mut cases = match (scope, run) {
            (Some(_), Some(run)) => self.in_scope(run, scope),
            (Some(_), None) => Vec::new(),
            (None, _) => (0..self.cases.len()).filter(|&case| may_answer(&self.cases[case])).collect(),
        };
        cases.retain(|&case| is_open(&self.cases[case]));
        cases
    }

    /// A message that could not be read was deleted: nothing waits for its key any more. The cases that did.
    pub(super) fn release(&mut self, fact: &Fact, of: &MessageId, world: &World<'_>) -> Vec<usize> {
        let ground = Ground { people: world.people, calendars: world.calendars };
        let waits = |case: &Case| {
            case.open().is_some_and(|owed| owed.unread.iter().any(|unread| unread.message == *of))
        };
        let mut released = Vec::new();
        for (number, case) in self.cases.iter_mut().enumerate().filter(|(_, case)| waits(case)) {
            let case = Arc::make_mut(case);
            case.pass_time(fact.at, ground);
            if let Some(owed) = case.open_mut() {
                owed.unread.retain(|unread| unread.message != *of);
            }
            released.push(number);
        }
        released
    }
}

impl Engine {
    pub(super) fn hear_unreadable(
        &mut self,
        event: &Event,
        message: &MessageRef,
        thread: Option<&MessageId>,
        author: &UserId,
        now: Instant,
        turn: &mut Turn,
    ) {
        let at = event.at.min(now.plus(AHEAD_MS));
        let channel = &message.channel;
        if self.is_bot(event.platform, author) || self.is_closed_to(channel, at, now) || self.is_here(message)
        {
            return;
        }
        self.meet(event.platform, author, turn);
        self.find_place(event.platform, channel, at, turn);
        let by = self.people.person(event.platform, author);
        let root = thread.filter(|root| **root != message.id).cloned();
        let key = StrandKey { channel: channel.clone(), root };
        let what = Happened::Unread { of: message.id.clone(), under: None };
        let fact = Arc::new(Fact { at, key: fact_key(&message.id), by, what });
        let mut touched = Everywhere::default();
        if !self.take_fact(&key, Arc::clone(&fact), now, &mut touched, turn) {
            return;
        }
        self.unread.restore(&key, &fact);
        for orphan in self.orphans.remove(message).unwrap_or_default() {
            let owner = format_smolstr!("{ORPHANS}{channel}");
            put(turn, RecordKind::Fact, owner, orphan.key.clone(), None);
            self.take_fact(&key, orphan, now, &mut touched, turn);
        }
        self.look_everywhere(&touched, now, turn);
        self.wakes.set(Subject::Unread(channel.clone()), at.plus(KEY_WITHIN_MS).max(now));
    }

    /// Whether a message is known, read or not.
    fn is_here(&self, message: &MessageRef) -> bool {
        let is_said =
            |key: &StrandKey| self.strands.get(key).is_some_and(|strand| strand.said(&message.id).is_some());
        self.unread.strand_of(message).is_some() || self.strand_of(message).as_ref().is_some_and(is_said)
    }

    /// The key of a message has come: it is not unread any more. The strands that have yet to hear that.
    pub(super) fn unseal(&mut self, message: &MessageRef, turn: &mut Turn) -> Vec<StrandKey> {
        let Some((key, _)) = self.unread.0.remove(message) else { return Vec::new() };
        let id = fact_key(&message.id);
        let mut keys = vec![StrandKey::line(&message.channel)];
        keys.extend(key.root.is_some().then(|| key.clone()));
        for key in &keys {
            if let Some(strand) = self.strands.get_mut(key) {
                strand.take_out(&id);
            }
        }
        put(turn, RecordKind::Fact, format_smolstr!("{key}"), id, None);
        keys
    }

    /// Looks at what was touched, and at what waited for the key of a message.
    pub(super) fn look_at_unsealed(
        &mut self,
        unsealed: &[StrandKey],
        mut touched: Everywhere,
        now: Instant,
        turn: &mut Turn,
    ) {
        self.freshen(unsealed, &mut touched);
        self.look_everywhere(&touched, now, turn);
        for key in unsealed {
            self.pass_strand_on(key, now, turn);
        }
    }

    /// That a message can be read is heard, where the message itself has not brought that about already.
    fn freshen(&mut self, unsealed: &[StrandKey], everywhere: &mut Everywhere) {
        for key in unsealed {
            let Some(strand) = self.strands.get_mut(key) else { continue };
            let mut world =
                World { people: &self.people, calendars: &mut self.calendars, places: &mut self.places };
            if let Some(touched) = strand.freshen(&mut world) {
                everywhere.add(key, touched);
            }
        }
    }

    /// After loading: the channels with messages that cannot be read.
    pub(super) fn set_unread_wakes(&mut self, at: Instant) {
        for channel in self.unread.channels() {
            self.wakes.set(Subject::Unread(channel), at);
        }
    }

    /// The admins hear, once a channel and day, that messages stay unread.
    pub(super) fn look_at_unread(&mut self, channel: &ChannelId, now: Instant, turn: &mut Turn) {
        // The key may be among what is missing.
        if self.places.has_gap(channel) {
            return;
        }
        let told = self.ledger.unread.iter().find(|(known, _)| known == channel).map(|(_, at)| *at);
        let given_up = |at: Instant| at.plus(KEY_WITHIN_MS);
        let is_news = |at: Instant| told.is_none_or(|told| told < given_up(at));
        let here = self.unread.of(channel).filter(|(id, key, at)| is_news(*at) && !self.is_deleted(key, id));
        let (over, waiting): (Vec<Instant>, Vec<Instant>) =
            here.map(|(_, _, at)| given_up(at)).partition(|at| *at <= now);
        let may_tell = told.map_or(now, |told| told.plus(AGAIN_MS));
        if !over.is_empty() && may_tell <= now {
            self.tell_of_unread(channel, over.len(), told, now, turn);
        } else if !over.is_empty() {
            self.wakes.set(Subject::Unread(channel.clone()), may_tell);
        }
        if let Some(at) = waiting.into_iter().min() {
            self.wakes.set(Subject::Unread(channel.clone()), at);
        }
    }

    fn tell_of_unread(
        &mut self,
        channel: &ChannelId,
        count: usize,
        told: Option<Instant>,
        now: Instant,
        turn: &mut Turn,
    ) {
        let is_news = |end: &&End| told.is_none_or(|told| told < end.at);
        let cases = self.strands.keys_in(channel).flat_map(|key| self.strands[key].cases());
        let ends = cases.flat_map(|case| &case.owed).filter_map(|owed| owed.end.as_ref()).filter(is_news);
        let given_up = ends.filter(|end| end.how == How::Cancelled(Cause::Unread)).count();
        let words = self.words().unread(channel, count, given_up);
        self.tell_admins(words, format_smolstr!("unread/{channel}/{}", now.ms()), now, turn);
        let unread = &self.unread;
        self.ledger.unread.retain(|(known, _)| known != channel && unread.of(known).next().is_some());
        self.ledger.unread.push((channel.clone(), now));
        self.dirty.ledger = true;
    }

    fn is_deleted(&self, key: &StrandKey, id: &MessageId) -> bool {
        let is_it = |fact: &Arc<Fact>| matches!(&fact.what, Happened::Deleted { of } if of == id);
        self.strands.get(key).map_or(&[][..], Strand::facts).iter().any(is_it)
    }
}

/// The key of the fact that a message cannot be read.
fn fact_key(message: &MessageId) -> SmolStr {
    format_smolstr!("u/{message}")
}
