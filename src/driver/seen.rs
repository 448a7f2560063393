//! Which events were handled lately.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use crate::core::event::EventKey;

/// How many keys are kept in memory; the store knows older ones.
const KEPT: usize = 200_000;

/// The keys of the events that were handled lately. Once it has forgotten one, it is no longer complete,
/// and a key that it does not know may still be in the store.
#[derive(Debug, Default)]
pub(super) struct Seen {
    keys: FxHashSet<EventKey>,
    order: VecDeque<EventKey>,
    forgot: bool,
}

impl Seen {
    pub(super) fn new(keys: Vec<EventKey>, complete: bool) -> Seen {
        let mut seen = Seen { forgot: !complete, ..Seen::default() };
        for key in keys {
            seen.add(key);
        }
        seen
    }

    /// Adds a key; says whether it was new.
    pub(super) fn add(&mut self, key: EventKey) -> bool {
        if !self.keys.insert(key.clone()) {
            return false;
        }
        self.order.push_back(key);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
            self.forgot = true;
        }
        true
    }

    pub(super) fn contains(&self, key: &EventKey) -> bool {
        self.keys.contains(key)
    }

    /// Whether a key that is not here was never handled.
    pub(super) fn is_complete(&self) -> bool {
        !self.forgot
    }
}

#[cfg(test)]
mod tests {
    use smol_str::format_smolstr;

    use super::*;

    #[test]
    fn the_oldest_key_is_forgotten_first_and_that_is_known() {
        let mut seen = Seen::new(vec!["first".into()], true);
        assert!(!seen.add("first".into()));
        for number in 1..KEPT {
            seen.add(format_smolstr!("{number}"));
        }
        assert!(seen.contains(&"first".into()) && seen.is_complete());
        seen.add("one more".into());
        assert!(!seen.contains(&"first".into()) && !seen.is_complete());
        assert!(seen.contains(&"1".into()));
    }
}
