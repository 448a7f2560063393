//! A daily time over all zones and the years 2000 to 2037: once for each date, none lost, none doubled.
//!
//! By default the zones with awkward clocks are walked in full and the others in some years; with
//! `USHER_ALL_ZONES=1` every zone in every year.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use usher::calendar::{Instant, Schedule, day_start, local_date};

const AWKWARD: [&str; 16] = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Chatham",
];

fn all_zones() -> bool {
    std::env::var_os("USHER_ALL_ZONES").is_some()
}

fn date(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap()
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn shown(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The first instant of a minute at which the wall shows `wanted` or, first of all, jumps over it.
///
/// It searches from far enough ahead that the wall is still before `wanted`, at most for the longest gap.
fn expected(zone: Tz, wanted: NaiveDateTime) -> Option<DateTime<Utc>> {
    let at = match zone.from_local_datetime(&wanted).earliest() {
        Some(at) => return Some(at.to_utc()),
        None => {
            let start = wanted.and_utc() - TimeDelta::hours(26);
            (0..52 * 60)
                .map(|minute| start + TimeDelta::minutes(minute))
                .find(|at| shown(zone, *at) > wanted)?
        }
    };
    // A date that is skipped as a whole has none: neither side of the gap shows it.
    let before = shown(zone, at - TimeDelta::minutes(1));
    (shown(zone, at).date() == wanted.date() || before.date() == wanted.date()).then_some(at)
}

/// Follows the schedule from instant to instant and compares each with what its date should have.
fn walk(zone: Tz, daily: NaiveTime, years: (i32, i32)) {
    let schedule = Schedule::daily(daily);
    let first = date(years.0).and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::days(2);
    let mut at = Instant::from(first);
    let mut happened = Vec::new();
    while let Some((date, next)) =
        schedule.next_date_after(zone, at).filter(|(next, _)| *next < date(years.1 + 1))
    {
        assert!(next > at, "{zone} {date} {daily}: {next} does not come after {at}");
        happened.push((date, next));
        at = next;
    }
    let mut happened = happened.into_iter().filter(|(on, _)| *on >= date(years.0)).peekable();
    for date in date(years.0).iter_days().take_while(|on| *on < date(years.1 + 1)) {
        let expected = expected(zone, date.and_time(daily)).map(Instant::from);
        let found = happened.next_if(|(on, _)| *on == date).map(|(_, at)| at);
        assert_eq!(found, expected, "{zone} {date} {daily}");
    }
    assert_eq!(happened.next(), None, "{zone} {daily}: a date came twice");
}

#[test]
fn a_daily_time_happens_once_a_date_in_every_zone() {
    let times = ["00:00", "00:30", "01:30", "02:15", "02:30", "23:30"].map(time);
    for zone in TZ_VARIANTS {
        let awkward = AWKWARD.contains(&zone.name());
        for daily in times {
            if all_zones() {
                walk(zone, daily, (2000, 2037));
            } else if awkward {
                walk(zone, daily, (2009, 2012));
                walk(zone, daily, (2023, 2026));
            }
        }
        if !all_zones() && !awkward {
            walk(zone, time("02:30"), (2026, 2026));
        }
    }
}

#[test]
fn apia_has_no_30th_of_december_2011() {
    let zone = Tz::Pacific__Apia;
    let skipped = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
    assert_eq!(day_start(zone, skipped), None);
    assert_eq!(expected(zone, skipped.and_time(time("09:00"))), None);
    let after = day_start(zone, skipped + Days::new(1)).unwrap();
    assert_eq!(after.to_string(), "2011-12-30T10:00:00Z");
    assert_eq!(local_date(zone, after.plus(-1)), skipped - Days::new(1));
}

/// The calendar looks a zone's offset up every three days, and relies on this.
#[test]
fn offsets_hold_for_days() {
    let years = if all_zones() { (1970, 2060) } else { (2006, 2026) };
    let hours = if all_zones() { 1 } else { 12 };
    for zone in TZ_VARIANTS {
        let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        let (mut at, end) =
            (date(years.0).and_time(NaiveTime::MIN).and_utc(), date(years.1).and_time(NaiveTime::MIN));
        let (mut since, mut before) = (at - TimeDelta::days(9), offset(at));
        while at.naive_utc() < end {
            at += TimeDelta::hours(hours);
            let now = offset(at);
            if now != before {
                assert!(at - since > TimeDelta::days(4), "{zone} changed twice before {at}");
                (since, before) = (at, now);
            }
        }
    }
}
