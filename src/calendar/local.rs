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

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn zone(name: &str) -> Tz {
        name.parse().unwrap()
    }

    #[test]
    fn a_wall_shows_a_time_once_never_or_twice() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(read(berlin, local("2026-06-01 09:00")), Reading::Once(at("2026-06-01T07:00:00Z")));
        assert_eq!(
            read(berlin, local("2026-03-29 02:30")),
            Reading::Gap { after: at("2026-03-29T01:00:00Z") }
        );
        assert_eq!(
            read(berlin, local("2026-10-25 02:30")),
            Reading::Fold { first: at("2026-10-25T00:30:00Z"), second: at("2026-10-25T01:30:00Z") }
        );
        assert_eq!(
            read(Tz::Australia__Lord_Howe, local("2026-04-05 01:45")),
            Reading::Fold { first: at("2026-04-04T14:45:00Z"), second: at("2026-04-04T15:15:00Z") }
        );
    }

    #[test]
    fn a_day_starts_at_its_first_instant() {
        for (name, date, start) in [
            ("Europe/Berlin", "2026-06-01", Some("2026-05-31T22:00:00Z")),
            ("Africa/Cairo", "2026-04-24", Some("2026-04-23T22:00:00Z")),
            ("America/Santiago", "2026-09-06", Some("2026-09-06T04:00:00Z")),
            ("America/Havana", "2026-03-08", Some("2026-03-08T05:00:00Z")),
            ("Asia/Beirut", "2026-03-29", Some("2026-03-28T22:00:00Z")),
            ("America/Asuncion", "2023-10-01", Some("2023-10-01T04:00:00Z")),
            // Midnight comes twice: the first.
            ("America/Havana", "2026-11-01", Some("2026-11-01T04:00:00Z")),
            ("Pacific/Apia", "2011-12-30", None),
            ("Pacific/Apia", "2011-12-31", Some("2011-12-30T10:00:00Z")),
        ] {
            assert_eq!(day_start(zone(name), date.parse().unwrap()), start.map(at), "{name} {date}");
        }
        let skipped = "2011-12-30".parse().unwrap();
        assert_eq!(day_start_or_next(Tz::Pacific__Apia, skipped), at("2011-12-30T10:00:00Z"));
    }

    #[test]
    fn one_instant_has_many_dates() {
        let new_year = at("2027-01-01T10:30:00Z");
        for (name, shown) in [
            ("Pacific/Niue", "2026-12-31 23:30"),
            ("America/New_York", "2027-01-01 05:30"),
            ("Asia/Kathmandu", "2027-01-01 16:15"),
            ("Australia/Lord_Howe", "2027-01-01 21:30"),
            ("Pacific/Chatham", "2027-01-02 00:15"),
            ("Pacific/Kiritimati", "2027-01-02 00:30"),
        ] {
            assert_eq!(to_local(zone(name), new_year), local(shown), "{name}");
            assert_eq!(local_date(zone(name), new_year), local(shown).date());
        }
    }

    #[test]
    fn stretches_meet_at_the_changes_of_the_offset() {
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        let stretches: Vec<Steady> = steady(Tz::Africa__Casablanca, from, to).collect();
        let changes: Vec<String> = stretches[1..].iter().map(|stretch| stretch.from.to_string()).collect();
        assert_eq!(changes, ["2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z"]);
        assert!(stretches.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert_eq!((stretches[0].from, stretches[2].to), (from, to));
        assert_eq!(steady(Tz::UTC, to, from).count(), 0);
    }
}
