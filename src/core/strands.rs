//! All strands: found by their key at once, walked in the order of their keys.

use std::collections::BTreeSet;
use std::ops::{Bound, Index};

use rustc_hash::FxHashMap;

use super::event::ChannelId;
use super::strand::{Strand, StrandKey};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Strands {
    /// Never iterated.
    strands: FxHashMap<StrandKey, Strand>,
    order: BTreeSet<StrandKey>,
}

impl Strands {
    pub(super) fn get(&self, key: &StrandKey) -> Option<&Strand> {
        self.strands.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &StrandKey) -> Option<&mut Strand> {
        self.strands.get_mut(key)
    }

    pub(super) fn contains_key(&self, key: &StrandKey) -> bool {
        self.strands.contains_key(key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The strand of that key, a new one where there is none.
    pub(super) fn at(&mut self, key: &StrandKey) -> &mut Strand {
        if !self.strands.contains_key(key) {
            self.order.insert(key.clone());
        }
        self.strands.entry(key.clone()).or_insert_with(|| Strand::new(key.clone()))
    }

    pub(super) fn remove(&mut self, key: &StrandKey) -> Option<Strand> {
        let strand = self.strands.remove(key)?;
        self.order.remove(key);
        Some(strand)
    }

    /// All keys, in order: the main line of each channel comes before its threads.
    pub(super) fn keys(&self) -> impl Iterator<Item = &StrandKey> {
        self.order.iter()
    }

    /// The keys after one, in order; all of them after none.
    pub(super) fn keys_after(&self, key: Option<StrandKey>) -> impl Iterator<Item = &StrandKey> {
        self.order.range((key.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded))
    }

    /// The keys of a channel, in order.
    pub(super) fn keys_in(&self, channel: &ChannelId) -> impl Iterator<Item = &StrandKey> {
        let from = StrandKey::line(channel);
        self.order.range(from..).take_while(move |key| key.channel == *channel)
    }

    /// All strands with their keys, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&StrandKey, &Strand)> {
        self.order.iter().map(|key| (key, &self[key]))
    }
}

impl Index<&StrandKey> for Strands {
    type Output = Strand;

    fn index(&self, key: &StrandKey) -> &Strand {
        &self.strands[key]
    }
}
