//! What goes wrong, drawn from a seed.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Chance, or none.
pub struct Chance(Option<ChaCha8Rng>);

impl Chance {
    /// Nothing goes wrong.
    pub fn none() -> Chance {
        Chance(None)
    }

    /// What this seed draws for a scenario.
    pub fn of(seed: u64, scenario: &str) -> Chance {
        let of_name = scenario.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        Chance(Some(ChaCha8Rng::seed_from_u64(of_name)))
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: u32) -> bool {
        self.0.as_mut().is_some_and(|rng| rng.random_ratio(1, times))
    }

    /// One of these, if anything goes wrong.
    pub fn choose<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.choose(self.0.as_mut()?)
    }
}
