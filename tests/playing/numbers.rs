//! What the messages of a transcript are called on a platform.

use std::collections::BTreeMap;

/// A message there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub channel: String,
    pub id: String,
}

/// What the messages of a transcript are called there, and the other way round.
#[derive(Debug, Default)]
pub struct Numbers {
    spots: BTreeMap<u32, Spot>,
    numbers: BTreeMap<Spot, u32>,
}

impl Numbers {
    pub fn put(&mut self, number: u32, spot: Spot) {
        self.numbers.insert(spot.clone(), number);
        self.spots.insert(number, spot);
    }

    pub fn spot(&self, number: u32) -> &Spot {
        self.spots.get(&number).unwrap_or_else(|| panic!("message [{number}] is not there"))
    }

    pub fn all(&self) -> impl Iterator<Item = (u32, &Spot)> {
        self.spots.iter().map(|(number, spot)| (*number, spot))
    }

    pub fn number(&self, channel: &str, id: &str) -> Option<u32> {
        self.numbers.get(&Spot { channel: channel.to_owned(), id: id.to_owned() }).copied()
    }
}
