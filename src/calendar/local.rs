//! From what a clock on the wall shows to the instant that is meant, and back.
//!
//! One policy holds in the whole crate: a time that the clock skips is the first instant after the gap, a time
//! that it shows twice is the first of the two, and a date that a zone skips has no instant at all.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};

use super::instant::{DAY_MS, Instant, SECOND_MS};

/// How often, and when, a wall clock shows one local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Once.
    Once(Instant),
    /// Never: the clock was put forward over it.
    Gap {
        /// The first instant after the gap.
        after: Instant,
    },
    /// Twice: the clock was put back over it.
    Fold {
        /// The first time.
        first: Instant,
        /// The second time.
        second: Instant,
    },
}

impl Reading {
    /// The instant that is meant: after a gap the first instant, in a fold the first of the two.
    pub fn after_gap_or_first(self) -> Instant {
        match self {
            Reading::Once(at) => at,
            Reading::Gap { after } => after,
            Reading::Fold { first, .. } => first,
        }
    }
}

/// When the wall clock in `zone` shows `local`.
pub fn read(zone: Tz, local: NaiveDateTime) -> Reading {
    match zone.from_local_datetime(&local) {
        chrono::LocalResult::Single(at) => Reading::Once(at.into()),
        chrono::LocalResult::Ambiguous(first, second) => {
            Reading::Fold { first: first.into(), second: second.into() }
        }
        chrono::LocalResult::None => {
            let gap = GapInfo::new(&local, &zone).expect("a local time without instant lies in a gap");
            Reading::Gap { after: gap.end.expect("a gap lies between two offsets").into() }
        }
    }
}

/// The instant at which it is `time` on `date` in `zone`; nothing on a date that the zone skips.
///
/// In a gap it is the first instant after it, in a fold the first of the two.
pub fn at_local(zone: Tz, date: NaiveDate, time: NaiveTime) -> Option<Instant> {
    match read(zone, date.and_time(time)) {
        Reading::Once(at) => Some(at),
        Reading::Fold { first, .. } => Some(first),
        Reading::Gap { after } => date_exists(zone, date, after).then_some(after),
    }
}

/// The first instant of `date` in `zone`, midnight or not; nothing on a date that the zone skips.
pub fn day_start(zone: Tz, date: NaiveDate) -> Option<Instant> {
    at_local(zone, date, NaiveTime::MIN)
}

/// The first instant on or after the start of `date` in `zone`: of the next date that exists.
pub fn day_start_or_next(zone: Tz, date: NaiveDate) -> Instant {
    read(zone, date.and_time(NaiveTime::MIN)).after_gap_or_first()
}

/// What the wall clock in `zone` shows at `at`.
pub fn to_local(zone: Tz, at: Instant) -> NaiveDateTime {
    let local_ms = at.ms().saturating_add(offset_ms(zone, at));
    DateTime::from_timestamp_millis(local_ms).map_or(at.utc().naive_utc(), |local| local.naive_utc())
}

/// The date in `zone` at `at`.
pub fn local_date(zone: Tz, at: Instant) -> NaiveDate {
    to_local(zone, at).date()
}

/// Milliseconds by which the wall clock in `zone` is ahead of UTC at `at`.
pub fn offset_ms(zone: Tz, at: Instant) -> i64 {
    i64::from(zone.offset_from_utc_datetime(&at.utc().naive_utc()).fix().local_minus_utc()) * SECOND_MS
}

/// Whether any instant of `date` exists, for a date one of whose times lies in the gap that ends at `after`.
fn date_exists(zone: Tz, date: NaiveDate, after: Instant) -> bool {
    local_date(zone, after) == date || local_date(zone, after.plus(-1)) == date
}

/// How far apart the instants are at which a zone's offset is looked up.
const PROBE_MS: i64 = 3 * DAY_MS;

/// A stretch of time in which the offset of a zone does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Steady {
    pub(super) from: Instant,
    pub(super) to: Instant,
    pub(super) offset_ms: i64,
}

/// Cuts `from..to` at every change of the zone's offset.
///
/// It looks every three days and halves the three in which the offset changed. No zone ever changed it twice
/// within six days; the test `offsets_hold_for_days` watches over that.
pub(super) fn steady(zone: Tz, from: Instant, to: Instant) -> impl Iterator<Item = Steady> {
    let mut start = from;
    std::iter::from_fn(move || {
        if start >= to {
            return None;
        }
        let offset = offset_ms(zone, start);
        let mut same = start;
        let end = loop {
            let probe = same.plus(PROBE_MS).min(to);
            if offset_ms(zone, probe) != offset {
                break first_change(zone, same, probe, offset);
            }
            if probe >= to {
                break to;
            }
            same = probe;
        };
        let stretch = Steady { from: start, to: end, offset_ms: offset };
        start = end;
        Some(stretch)
    })
}

/// The instant in `same..changed` at which the offset stops being `offset`.
fn first_change(zone: Tz, same: Instant, changed: Instant, offset: i64) -> Instant {
    let (mut low, mut high) = (same.ms(), changed.ms());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset_ms(zone, Instant::from_ms(middle)) == offset {
            low = middle;
        } else {
            high = middle;
        }
    }
    Instant::from_ms(high)
}

/// The dates from `first` on.
pub(super) fn dates_from(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    std::iter::successors(Some(first), |date| date.checked_add_days(Days::new(1)))
}
