//! What goes wrong, and when: fixed before the play begins, so that the oracle can know it.

use std::collections::BTreeMap;

use super::book::{DAY, HOUR, MINUTE, Ms};
use super::chance::Chance;

/// An outage of which much is told afterwards.
pub const LONG_OUTAGE: Ms = 40 * DAY;

/// A stretch of time, the end not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub from: Ms,
    pub to: Ms,
}

impl Stretch {
    /// Whether an instant lies in it.
    pub fn has(self, at: Ms) -> bool {
        self.from <= at && at < self.to
    }
}

/// How Usher is kept from hearing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deaf {
    /// The process is gone and starts anew.
    Down,
    /// The machine sleeps: the process goes on afterwards with a clock that jumped.
    Asleep,
    /// The platform does not deliver, and says so at once.
    Cut,
    /// The platform does not deliver, and that is seen only at the end.
    CutUnseen,
    /// The platform does not deliver what happens in one channel, and says so at once.
    CutFrom(usize),
}

/// What goes wrong in one play.
#[derive(Clone, Debug)]
pub struct Plan {
    /// When nothing is heard; they do not overlap.
    pub deaf: Vec<(Stretch, Deaf)>,
    /// Channels of which what was missed cannot be read afterwards, by the place in `deaf`.
    pub unreadable: BTreeMap<usize, Vec<usize>>,
    /// When Usher's clock is ahead by so much, or behind.
    pub skewed: Vec<(Stretch, Ms)>,
}

impl Plan {
    /// The plan of a seed, with so many channels, and with an outage of 40 days where `to` leaves room for one.
    pub fn new(seed: u64, from: Ms, to: Ms, channels: usize) -> Plan {
        let mut chance = Chance::new(seed, 2);
        let mut plan = Plan { deaf: Vec::new(), unreadable: BTreeMap::new(), skewed: Vec::new() };
        if to - from > LONG_OUTAGE + 10 * DAY {
            let outage = Stretch { from: from + 5 * DAY, to: from + 5 * DAY + LONG_OUTAGE };
            plan.deaf.push((outage, Deaf::Down));
        }
        for _ in 0..chance.between(0, 4) {
            let how = chance.weighted(&[
                (Deaf::Down, 40),
                (Deaf::Asleep, 20),
                (Deaf::Cut, 20),
                (Deaf::CutUnseen, 20),
            ]);
            let minutes = chance.weighted(&[((5, 90), 60), ((90, 600), 30), ((1_440, 4_320), 10)]);
            let stretch = stretch(&mut chance, from, to, minutes);
            if plan.is_free(stretch) {
                plan.deaf.push((stretch, how));
            }
        }
        for _ in 0..chance.between(0, 2) {
            let by = *chance.pick(&[-2 * HOUR, DAY, 40 * MINUTE]);
            let stretch = stretch(&mut chance, from, to, (10, 300));
            if plan.is_free(stretch) {
                plan.skewed.push((stretch, by));
            }
        }
        let mut chance = Chance::new(seed, 6);
        if chance.percent(40) {
            let stretch = stretch(&mut chance, from, to, (20, 900));
            if plan.is_free(stretch) {
                plan.deaf.push((stretch, Deaf::CutFrom(chance.index(channels))));
            }
        }
        plan.deaf.sort_by_key(|(stretch, _)| stretch.from);
        for (number, (_, how)) in plan.deaf.iter().enumerate() {
            if !chance.percent(25) {
                continue;
            }
            let channel = match how {
                Deaf::CutFrom(channel) => *channel,
                Deaf::Down | Deaf::Asleep | Deaf::Cut | Deaf::CutUnseen => chance.index(channels),
            };
            plan.unreadable.insert(number, vec![channel]);
        }
        plan.skewed.sort_by_key(|(stretch, _)| stretch.from);
        plan
    }

    fn is_free(&self, wanted: Stretch) -> bool {
        let deaf = self.deaf.iter().map(|(stretch, _)| stretch);
        let skewed = self.skewed.iter().map(|(stretch, _)| stretch);
        deaf.chain(skewed).all(|taken| wanted.to + 4 * HOUR < taken.from || taken.to + 4 * HOUR < wanted.from)
    }

    /// How far Usher's clock is ahead.
    pub fn skew(&self, at: Ms) -> Ms {
        self.skewed.iter().find(|(stretch, _)| stretch.has(at)).map_or(0, |(_, by)| *by)
    }

    /// When something said to Usher itself at an instant is heard.
    pub fn heard(&self, at: Ms) -> Ms {
        let deaf = self.deaf.iter().map(|(stretch, _)| stretch);
        let skewed = self.skewed.iter().map(|(stretch, _)| stretch);
        // A little later than the end, when Usher is up again.
        deaf.chain(skewed).find(|stretch| stretch.has(at)).map_or(at, |stretch| stretch.to + 10 * MINUTE)
    }

    /// How the platform is cut off at an instant, if it is.
    pub fn deaf_at(&self, at: Ms) -> Option<(Stretch, Deaf)> {
        self.deaf.iter().find(|(stretch, _)| stretch.has(at)).copied()
    }
}

fn stretch(chance: &mut Chance, from: Ms, to: Ms, (low, high): (i64, i64)) -> Stretch {
    let start = from + chance.between(60, (to - from) / MINUTE - 60) * MINUTE;
    Stretch { from: start, to: (start + chance.between(low, high) * MINUTE).min(to) }
}
