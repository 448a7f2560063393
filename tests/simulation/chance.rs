//! All chance of a simulation comes from one seed, through here.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of chance. The same seed and stream give the same choices on every machine.
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of that number of a seed; what one stream is asked does not move another.
    pub fn new(seed: u64, stream: u64) -> Chance {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Chance(rng)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// An index below `count`.
    pub fn index(&mut self, count: usize) -> usize {
        self.0.random_range(0..count)
    }

    /// True in `percent` of a hundred cases.
    pub fn percent(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.index(of.len())]
    }

    /// One of them, by weight.
    pub fn weighted<T: Copy>(&mut self, of: &[(T, i64)]) -> T {
        let total: i64 = of.iter().map(|(_, weight)| weight).sum();
        let mut at = self.between(0, total - 1);
        for (choice, weight) in of {
            if at < *weight {
                return *choice;
            }
            at -= weight;
        }
        of[0].0
    }

    /// Puts them in another order.
    pub fn shuffle<T>(&mut self, of: &mut [T]) {
        for last in (1..of.len()).rev() {
            let other = self.index(last + 1);
            of.swap(last, other);
        }
    }
}
