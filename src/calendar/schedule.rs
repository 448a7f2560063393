//! What recurs by a wall clock: on some days, at a local time.
//!
//! Always holds: at most one instant for each date that the rule names and the zone has. In a gap it is the
//! first instant after it, in a fold the first of the two; a date that the zone skips has none.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use super::instant::Instant;
use super::local::{at_local, dates_from, local_date};

/// The longest stretch of dates in which [`Days`] names none, and a little: a leap day over the year 2100, or
/// once in 255 weeks.
const SEARCH_DAYS: usize = 9 * 366;

/// A set of weekdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct WeekdaySet(u8);

impl WeekdaySet {
    /// All seven.
    pub const ALL: WeekdaySet = WeekdaySet(0b111_1111);

    /// With `weekday` in it.
    #[must_use]
    pub fn with(self, weekday: Weekday) -> WeekdaySet {
        WeekdaySet(self.0 | 1 << weekday.num_days_from_monday())
    }

    /// Whether `weekday` is in it.
    pub fn contains(self, weekday: Weekday) -> bool {
        self.0 & 1 << weekday.num_days_from_monday() != 0
    }

    /// Whether it holds no day.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Weekday> for WeekdaySet {
    fn from_iter<I: IntoIterator<Item = Weekday>>(weekdays: I) -> WeekdaySet {
        weekdays.into_iter().fold(WeekdaySet::default(), WeekdaySet::with)
    }
}

/// On which dates something recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Days {
    /// On these weekdays of every week.
    Weekly(WeekdaySet),
    /// On these weekdays of every `weeks`-th week, Monday to Sunday, counted from the week of `from`.
    EveryWeeks {
        /// On which days of those weeks.
        weekdays: WeekdaySet,
        /// Every how many weeks; 0 counts as 1.
        weeks: u8,
        /// A date in the first of those weeks; nothing recurs before it.
        from: NaiveDate,
    },
    /// On this day of every month, 1 to 31; on the last day of a month that is shorter.
    MonthDay(u8),
    /// On the `nth` such weekday of every month (1 to 5), or from the end (−1 is the last); not in a month without.
    MonthWeekday {
        /// The how-manieth.
        nth: i8,
        /// Of which weekday.
        weekday: Weekday,
    },
}

impl Days {
    /// Whether it recurs on `date`.
    pub fn contains(self, date: NaiveDate) -> bool {
        match self {
            Days::Weekly(weekdays) => weekdays.contains(date.weekday()),
            Days::EveryWeeks { weekdays, weeks, from } => {
                let week_number = |date: NaiveDate| (i64::from(date.num_days_from_ce()) - 1).div_euclid(7);
                let apart = week_number(date) - week_number(from);
                date >= from && weekdays.contains(date.weekday()) && apart % i64::from(weeks.max(1)) == 0
            }
            Days::MonthDay(day) => {
                date.day() == u32::from(day.max(1)).min(u32::from(date.num_days_in_month()))
            }
            Days::MonthWeekday { nth, weekday } => {
                let from_start = date.day0() / 7 + 1;
                let from_end = (u32::from(date.num_days_in_month()) - date.day()) / 7 + 1;
                let counted = if nth < 0 { from_end } else { from_start };
                date.weekday() == weekday && counted == u32::from(nth.unsigned_abs())
            }
        }
    }
}

/// On which dates, and at which local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Schedule {
    /// The dates.
    pub days: Days,
    /// The local time on them.
    pub time: NaiveTime,
}

impl Schedule {
    /// Every day at `time`.
    pub const fn daily(time: NaiveTime) -> Schedule {
        Schedule { days: Days::Weekly(WeekdaySet::ALL), time }
    }

    /// The instant that belongs to `date` in `zone`, when it recurs on it.
    pub fn on(self, zone: Tz, date: NaiveDate) -> Option<Instant> {
        self.days.contains(date).then(|| at_local(zone, date, self.time)).flatten()
    }

    /// The first instant after `at`; nothing when it recurs on no date of the next nine years.
    pub fn next_after(self, zone: Tz, at: Instant) -> Option<Instant> {
        self.next_date_after(zone, at).map(|(_, next)| next)
    }

    /// The first instant after `at`, with the local date to which it belongs.
    ///
    /// The date is not always that of the instant: 23:30 in a gap until midnight happens on the date after.
    pub fn next_date_after(self, zone: Tz, at: Instant) -> Option<(NaiveDate, Instant)> {
        let today = local_date(zone, at);
        // The instant of yesterday's date can lie ahead: after a gap over midnight, or in the midst of a fold.
        let yesterday = today.pred_opt().unwrap_or(today);
        dates_from(yesterday)
            .take(SEARCH_DAYS)
            .filter_map(|date| Some((date, self.on(zone, date)?)))
            .find(|(_, next)| *next > at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn time(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn next(schedule: Schedule, zone: &str, from: &str, count: usize) -> Vec<String> {
        let zone: Tz = zone.parse().unwrap();
        std::iter::successors(Some(at(from)), |at| schedule.next_after(zone, *at))
            .skip(1)
            .take(count)
            .map(|at| at.to_string())
            .collect()
    }

    /// Zone, daily time, from when, and the next two instants.
    const DAILY: [(&str, &str, &str, [&str; 2]); 12] = [
        // The gap from 02:00 to 03:00: its end.
        ("Europe/Berlin", "02:30", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
        // 02:30 twice: the first.
        ("Europe/Berlin", "02:30", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
        (
            "America/New_York",
            "01:30",
            "2026-10-31T12:00:00Z",
            ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
        ),
        // Midnight does not exist: 01:00 of the same date.
        ("Africa/Cairo", "00:00", "2026-04-23T12:00:00Z", ["2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"]),
        (
            "America/Santiago",
            "00:00",
            "2026-09-05T12:00:00Z",
            ["2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"],
        ),
        ("America/Havana", "00:30", "2026-03-07T12:00:00Z", ["2026-03-08T05:00:00Z", "2026-03-09T04:30:00Z"]),
        ("Asia/Beirut", "00:00", "2026-03-28T12:00:00Z", ["2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"]),
        (
            "America/Asuncion",
            "00:00",
            "2023-09-30T12:00:00Z",
            ["2023-10-01T04:00:00Z", "2023-10-02T03:00:00Z"],
        ),
        // 2011-12-30 does not exist in Apia.
        ("Pacific/Apia", "09:00", "2011-12-29T00:00:00Z", ["2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z"]),
        // Half an hour: 02:00 becomes 02:30, and back.
        (
            "Australia/Lord_Howe",
            "02:15",
            "2026-10-03T12:00:00Z",
            ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"],
        ),
        (
            "Australia/Lord_Howe",
            "01:45",
            "2026-04-04T12:00:00Z",
            ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"],
        ),
        // The gap from 23:00 to midnight: the first instant of the next date, and that date's own as well.
        ("America/Nuuk", "23:30", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
    ];

    #[test]
    fn a_daily_time_happens_once_a_date() {
        for (zone, daily, from, expected) in DAILY {
            assert_eq!(next(Schedule::daily(time(daily)), zone, from, 2), expected, "{zone}");
        }
    }

    #[test]
    fn days_are_named_by_rule() {
        let from = "2026-01-01T00:00:00Z";
        let on = |days| Schedule { days, time: time("00:00") };
        let mon_thu: WeekdaySet = [Weekday::Mon, Weekday::Thu].into_iter().collect();
        assert_eq!(
            next(on(Days::Weekly(mon_thu)), "UTC", from, 3),
            ["2026-01-05T00:00:00Z", "2026-01-08T00:00:00Z", "2026-01-12T00:00:00Z"]
        );
        assert_eq!(
            next(on(Days::MonthDay(31)), "UTC", from, 3),
            ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"]
        );
        let last_friday = Days::MonthWeekday { nth: -1, weekday: Weekday::Fri };
        assert_eq!(next(on(last_friday), "UTC", from, 2), ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z"]);
        let fifth_friday = Days::MonthWeekday { nth: 5, weekday: Weekday::Fri };
        assert_eq!(next(on(fifth_friday), "UTC", from, 2), ["2026-01-30T00:00:00Z", "2026-05-29T00:00:00Z"]);
        assert_eq!(next(on(Days::Weekly(WeekdaySet::default())), "UTC", from, 1), [""; 0]);
    }

    #[test]
    fn fortnights_go_on_over_the_years_end() {
        // 2026 has 53 ISO weeks.
        let fridays = WeekdaySet::default().with(Weekday::Fri);
        let days = Days::EveryWeeks { weekdays: fridays, weeks: 2, from: date("2026-12-16") };
        let fortnight = Schedule { days, time: time("10:00") };
        assert_eq!(
            next(fortnight, "UTC", "2026-01-01T00:00:00Z", 4),
            ["2026-12-18T10:00:00Z", "2027-01-01T10:00:00Z", "2027-01-15T10:00:00Z", "2027-01-29T10:00:00Z"]
        );
        assert!(!days.contains(date("2026-12-25")));
    }
}
