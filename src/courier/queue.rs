//! What waits to be sent through one route, and what may go next.
//!
//! What goes to one channel or person is a lane: one action of it at a time, the urgent before the
//! prompt before the routine, then in the order in which they were decided. An amendment never
//! overtakes what it amends. Pure: time is an argument.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Instant;
use crate::core::action::{ActionId, Priority};
use crate::store::{Entry, Lane};

/// Where an entry stands among all others; the lowest goes first.
type Rank = (Priority, i64);

/// An action that waits, and whether it may have been sent already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub entry: Entry,
    /// Why nobody knows whether it was sent; then that is found out before it is sent again.
    pub doubt: Option<String>,
    /// It is not tried before.
    pub not_before: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: BTreeMap<Lane, LaneQueue>,
    /// Lanes from which something may go now.
    ready: BTreeSet<(Rank, Lane)>,
    /// Lanes from which something may go at an instant.
    later: BTreeSet<(Instant, Lane)>,
    /// Everything that waits or is being sent, by its rank.
    known: BTreeMap<ActionId, Rank>,
}

#[derive(Debug, Default)]
struct LaneQueue {
    waiting: BTreeMap<Rank, Waiting>,
    busy: bool,
    /// The platform takes nothing for this lane before.
    closed_until: Option<Instant>,
    listed: Option<Listed>,
}

/// In which of the two sets a lane stands, and as what.
#[derive(Clone, Copy, Debug)]
enum Listed {
    Ready(Rank),
    Later(Instant),
}

impl Queue {
    /// Adds an action, unless it is here already.
    pub(super) fn add(&mut self, waiting: Waiting) {
        if self.known.contains_key(&waiting.entry.id) {
            return;
        }
        let own = (waiting.entry.priority, waiting.entry.seq);
        // As urgent as it may be, what it amends has to be there first.
        let original = waiting.entry.amends.as_ref().and_then(|of| self.known.get(of));
        let rank = original.map_or(own, |original| (own.0.max(original.0), own.1));
        self.known.insert(waiting.entry.id.clone(), rank);
        self.put(rank, waiting);
    }

    /// Takes the next action that may go at `now`; its lane is busy until [`Queue::done`] or
    /// [`Queue::again`].
    pub(super) fn take(&mut self, now: Instant, only_urgent: bool) -> Option<Waiting> {
        while let Some((at, lane)) = self.later.first().filter(|(at, _)| *at <= now).cloned() {
            self.later.remove(&(at, lane.clone()));
            let queue = self.lane(&lane);
            queue.listed = None;
            queue.closed_until = queue.closed_until.filter(|until| *until > now);
            self.list(&lane, now);
        }
        let (rank, lane) = self.ready.first()?.clone();
        if only_urgent && rank.0 != Priority::Urgent {
            return None;
        }
        self.ready.remove(&(rank, lane.clone()));
        let queue = self.lane(&lane);
        queue.listed = None;
        queue.busy = true;
        queue.waiting.remove(&rank)
    }

    /// An action that was taken is finished; its lane takes nothing more before `closed_until`.
    pub(super) fn done(&mut self, entry: &Entry, closed_until: Instant, now: Instant) {
        self.known.remove(&entry.id);
        let queue = self.lane(&entry.lane);
        queue.busy = false;
        queue.closed_until = (closed_until > now).then_some(closed_until);
        if queue.waiting.is_empty() && queue.closed_until.is_none() {
            self.lanes.remove(&entry.lane);
        } else {
            self.list(&entry.lane, now);
        }
    }

    /// An action that was taken waits again.
    pub(super) fn again(&mut self, waiting: Waiting) {
        let rank = self.known.get(&waiting.entry.id).copied();
        let rank = rank.unwrap_or((waiting.entry.priority, waiting.entry.seq));
        self.lane(&waiting.entry.lane.clone()).busy = false;
        self.put(rank, waiting);
    }

    /// When something that waits now may go, if nothing else happens.
    pub(super) fn next_change(&self) -> Option<Instant> {
        self.later.first().map(|(at, _)| *at)
    }

    /// Whether something may go at once.
    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// How many actions wait or are being sent.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    fn lane(&mut self, lane: &Lane) -> &mut LaneQueue {
        self.lanes.entry(lane.clone()).or_default()
    }

    fn put(&mut self, rank: Rank, waiting: Waiting) {
        let lane = waiting.entry.lane.clone();
        self.lane(&lane).waiting.insert(rank, waiting);
        // Whatever is past is found to be so by `take`.
        self.list(&lane, Instant::MIN);
    }

    /// Puts a lane into the set in which it belongs.
    fn list(&mut self, lane: &Lane, now: Instant) {
        let queue = self.lanes.entry(lane.clone()).or_default();
        match queue.listed.take() {
            Some(Listed::Ready(rank)) => {
                self.ready.remove(&(rank, lane.clone()));
            }
            Some(Listed::Later(at)) => {
                self.later.remove(&(at, lane.clone()));
            }
            None => {}
        }
        if queue.busy {
            return;
        }
        let opens = match queue.waiting.first_key_value() {
            Some((rank, head)) => match head.opens(queue.closed_until).filter(|at| *at > now) {
                Some(at) => Listed::Later(at),
                None => Listed::Ready(*rank),
            },
            // Nothing waits: the lane is remembered until it may be used again.
            None => match queue.closed_until {
                Some(at) => Listed::Later(at),
                None => {
                    self.lanes.remove(lane);
                    return;
                }
            },
        };
        queue.listed = Some(opens);
        match opens {
            Listed::Ready(rank) => self.ready.insert((rank, lane.clone())),
            Listed::Later(at) => self.later.insert((at, lane.clone())),
        };
    }
}

impl Waiting {
    /// When this may go from a lane that is closed until then; `None` is at once. What becomes pointless
    /// before that is looked at then, and dropped.
    fn opens(&self, closed_until: Option<Instant>) -> Option<Instant> {
        let opens = self.not_before.max(closed_until)?;
        Some(self.entry.not_after.map_or(opens, |not_after| opens.min(not_after.plus(1))))
    }

    /// Whether it is pointless at `now`.
    pub(super) fn is_stale(&self, now: Instant) -> bool {
        self.entry.not_after.is_some_and(|not_after| now > not_after)
    }
}

impl From<Entry> for Waiting {
    fn from(entry: Entry) -> Waiting {
        let doubt = entry.begun.then(|| "the process ended while it was being sent".to_owned());
        Waiting { not_before: entry.not_before, entry, doubt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Instant {
        Instant::from_ms(ms)
    }

    fn entry(seq: i64, lane: &str, priority: Priority) -> Entry {
        Entry {
            id: ActionId(format!("a{seq}").into()),
            seq,
            lane: lane.into(),
            priority,
            amends: None,
            begun: false,
            not_before: None,
            not_after: None,
            created_at: at(0),
            attempts: 0,
        }
    }

    fn queue(entries: impl IntoIterator<Item = Entry>) -> Queue {
        let mut queue = Queue::default();
        for entry in entries {
            queue.add(entry.into());
        }
        queue
    }

    /// Takes all that may go at once, and says in which order.
    fn taken(queue: &mut Queue, now: Instant) -> Vec<i64> {
        std::iter::from_fn(|| queue.take(now, false).map(|waiting| waiting.entry.seq)).collect()
    }

    #[test]
    fn one_of_each_lane_goes_and_the_urgent_goes_first() {
        let mut queue = queue([
            entry(0, "a", Priority::Routine),
            entry(1, "b", Priority::Routine),
            entry(2, "a", Priority::Prompt),
            entry(3, "c", Priority::Urgent),
        ]);
        assert_eq!(taken(&mut queue, at(0)), [3, 2, 1]);
        queue.done(&entry(2, "a", Priority::Prompt), at(0), at(0));
        assert_eq!(taken(&mut queue, at(0)), [0]);
    }

    #[test]
    fn an_amendment_does_not_overtake_what_it_amends() {
        let original = entry(0, "a", Priority::Routine);
        let amends = Some(original.id.clone());
        let mut queue = queue([original, Entry { amends, ..entry(1, "a", Priority::Urgent) }]);
        assert_eq!(taken(&mut queue, at(0)), [0]);
    }

    #[test]
    fn what_waits_for_a_retry_keeps_its_lane_in_order_unless_something_urgent_comes() {
        let mut queue = queue([entry(0, "a", Priority::Routine), entry(1, "a", Priority::Routine)]);
        let mut first = queue.take(at(0), false).unwrap();
        first.not_before = Some(at(100));
        queue.again(first);
        assert_eq!(taken(&mut queue, at(99)), [0_i64; 0]);
        assert_eq!(queue.next_change(), Some(at(100)));
        queue.add(entry(2, "a", Priority::Urgent).into());
        assert_eq!(taken(&mut queue, at(99)), [2]);
        queue.done(&entry(2, "a", Priority::Urgent), at(0), at(99));
        assert_eq!(taken(&mut queue, at(100)), [0]);
    }

    #[test]
    fn a_lane_is_closed_for_its_gap_even_while_nothing_waits() {
        let mut queue = queue([entry(0, "a", Priority::Routine)]);
        assert_eq!(taken(&mut queue, at(0)), [0]);
        queue.done(&entry(0, "a", Priority::Routine), at(1000), at(10));
        queue.add(entry(1, "a", Priority::Urgent).into());
        assert_eq!(taken(&mut queue, at(999)), [0_i64; 0]);
        assert_eq!(taken(&mut queue, at(1000)), [1]);
        queue.done(&entry(1, "a", Priority::Urgent), at(0), at(1000));
        assert_eq!((queue.lanes.len(), queue.len(), queue.next_change()), (0, 0, None));
    }

    #[test]
    fn what_becomes_pointless_while_it_waits_is_looked_at_then() {
        let mut queue = Queue::default();
        let stale =
            Entry { not_before: Some(at(100)), not_after: Some(at(50)), ..entry(0, "a", Priority::Routine) };
        queue.add(stale.into());
        assert_eq!(taken(&mut queue, at(50)), [0_i64; 0]);
        let waiting = queue.take(at(51), false).unwrap();
        assert!(waiting.is_stale(at(51)));
    }

    #[test]
    fn only_the_urgent_takes_a_reserved_place() {
        let mut queue = queue([entry(0, "a", Priority::Prompt)]);
        assert_eq!(queue.take(at(0), true), None);
        queue.add(entry(1, "b", Priority::Urgent).into());
        assert_eq!(queue.take(at(0), true).unwrap().entry.seq, 1);
    }
}
