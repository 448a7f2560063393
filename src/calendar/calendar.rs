//! One person's calendar: zone, hours, holidays, focus and leave, and the open time that follows.
//!
//! Always holds: an instant is open when its wall-clock time lies in a span, its wall-clock date is no holiday
//! at that minute, and the person is not away. The end of a night belongs to the holidays of the date on the
//! wall, and to the weekday and the working day on which the night began.

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use chrono_tz::Tz;

use super::holidays::Holidays;
use super::hours::{DAY_MIN, MinuteSpan, WEEK, WeeklyHours};
use super::instant::{DAY_MS, Instant, MINUTE_MS, Span};
use super::local::{Steady, at_local, dates_from, day_start_or_next, local_date, steady, to_local};
use super::table::{Builder, OpenTable};

/// Days ahead after which a search for an opening ends.
pub const SEARCH_DAYS: u64 = 731;

/// When one person is in office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The zone whose wall clock counts.
    pub zone: Tz,
    /// The weekly office hours.
    pub hours: Arc<WeeklyHours>,
    /// Dates, and parts of dates, that are closed.
    pub holidays: Arc<Holidays>,
    /// Office time in which nobody disturbs without need.
    pub focus: Option<Arc<WeeklyHours>>,
    /// Leave; in any order.
    pub away: Vec<Span>,
}

impl Calendar {
    /// Office hours between `from` and `to`.
    pub fn open(&self, from: Instant, to: Instant) -> OpenTable {
        let table = self.by_the_wall(from, to, |weekday| self.hours.on_the_wall(weekday));
        if self.away.is_empty() { table } else { table.minus(&self.away) }
    }

    /// Focus within office hours between `from` and `to`: clocks run, what does not interrupt waits.
    pub fn focus_spans(&self, from: Instant, to: Instant) -> OpenTable {
        match &self.focus {
            None => OpenTable::from_spans(Span { from, to }, []),
            Some(focus) => {
                let focus = self.by_the_wall(from, to, |weekday| focus.on_the_wall(weekday));
                OpenTable::intersection(&[&focus, &self.open(from, to)])
            }
        }
    }

    /// Office hours without focus between `from` and `to`: where a meeting may lie.
    pub fn available(&self, from: Instant, to: Instant) -> OpenTable {
        self.open(from, to).without(&self.focus_spans(from, to))
    }

    /// The first open instant at or after `at`; nothing when there is none within [`SEARCH_DAYS`].
    pub fn next_open(&self, at: Instant) -> Option<Instant> {
        if self.hours.is_never_open() {
            return None;
        }
        let end = at.plus(SEARCH_DAYS.cast_signed() * DAY_MS);
        let (mut from, mut days) = (at, 4);
        while from < end {
            let to = from.plus(days * DAY_MS).min(end);
            if let Some(opening) = self.open(from, to).next_open(from) {
                return Some(opening);
            }
            (from, days) = (to, days * 4);
        }
        None
    }

    /// Whether a span of office hours that starts on `date` has open time on it.
    ///
    /// A holiday is none, nor a date whose open time is all leave, nor one that the zone skips. A half day is.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        let own: Vec<MinuteSpan> =
            self.hours.starting_on(date.weekday()).iter().map(|span| span.own_day()).collect();
        let Some(tomorrow) = date.succ_opt() else { return false };
        if own.is_empty() || self.holidays.is_closed_all_day(date) {
            return false;
        }
        let from = day_start_or_next(self.zone, date);
        // A day longer, since a clock that is put back just after midnight shows the end of the date again.
        let to = day_start_or_next(self.zone, tomorrow).plus(DAY_MS);
        let weekday = date.weekday();
        let table = self.by_the_wall(from, to, |day| if day == weekday { &own } else { &[] });
        !table.minus(&self.away).is_empty()
    }

    /// The same wall-clock time `count` working days after `at`.
    ///
    /// Asked while closed it counts from the next opening, and a closed wall-clock time moves to the next opening.
    /// Of a night shift both count as the day on which the night began. With 0 it is the next opening. Nothing
    /// when there is none within [`SEARCH_DAYS`].
    pub fn add_workdays(&self, at: Instant, count: u32) -> Option<Instant> {
        let start = self.next_open(at)?;
        if count == 0 {
            return Some(start);
        }
        let local = to_local(self.zone, start);
        let into_the_night = u64::from(self.is_end_of_night(start));
        let day = local.date().checked_sub_days(Days::new(into_the_night))?;
        let last = day.checked_add_days(Days::new(SEARCH_DAYS))?;
        let working_day = dates_from(day)
            .skip(1)
            .take_while(|date| *date <= last)
            .filter(|date| self.is_working_day(*date))
            .nth(count as usize - 1)?;
        let date = working_day.checked_add_days(Days::new(into_the_night))?;
        let same_time =
            at_local(self.zone, date, local.time()).unwrap_or_else(|| day_start_or_next(self.zone, date));
        self.next_open(same_time)
    }

    /// Whether the open instant `at` lies in a span that began on the date before.
    fn is_end_of_night(&self, at: Instant) -> bool {
        let local = to_local(self.zone, at);
        let since_midnight = local.time().signed_duration_since(chrono::NaiveTime::MIN);
        let night = self.hours.starting_on(local.weekday().pred()).last().and_then(|span| span.next_day());
        night.is_some_and(|tail| since_midnight.num_milliseconds() < i64::from(tail.to_min) * MINUTE_MS)
    }

    /// The date on this person's wall at `at`.
    pub fn local_date(&self, at: Instant) -> NaiveDate {
        local_date(self.zone, at)
    }

    /// What `spans_on` says of each weekday, by this person's wall clock and without the holidays.
    ///
    /// Between two changes of the zone's offset the wall clock is plain arithmetic, so gaps and folds need no
    /// rule: a time that is skipped is never open, one that is shown twice is open twice.
    fn by_the_wall<'a>(
        &self,
        from: Instant,
        to: Instant,
        spans_on: impl Fn(Weekday) -> &'a [MinuteSpan],
    ) -> OpenTable {
        let mut table = Builder::new(Span { from, to: to.max(from) });
        let week = WEEK.map(spans_on);
        for stretch in steady(self.zone, from, to) {
            self.push_stretch(&mut table, stretch, &week);
        }
        table.finish()
    }

    fn push_stretch(&self, table: &mut Builder, stretch: Steady, week: &[&[MinuteSpan]; 7]) {
        let local_day = |at: Instant| at.plus(stretch.offset_ms).ms().div_euclid(DAY_MS);
        let (first, last) = (local_day(stretch.from), local_day(stretch.to.plus(-1)));
        let mut closings = self.holidays.between(first, last).peekable();
        for day in first..=last {
            let midnight = Instant::from_ms(day * DAY_MS - stretch.offset_ms);
            let closed =
                closings.next_if(|(closed_day, _)| *closed_day == day).map_or(&[][..], |(_, spans)| spans);
            // 1970-01-01 was a Thursday.
            for open in week[(day + 3).rem_euclid(7) as usize] {
                push_open(table, stretch, midnight, *open, closed);
            }
        }
    }
}

/// Pushes what of `open` is not in `closed`, both minutes after `midnight`, as far as it lies in the stretch.
fn push_open(
    table: &mut Builder,
    stretch: Steady,
    midnight: Instant,
    open: MinuteSpan,
    closed: &[MinuteSpan],
) {
    let mut push = |from_min: u16, to_min: u16| {
        let from = midnight.plus(i64::from(from_min) * MINUTE_MS).max(stretch.from);
        let to = midnight.plus(i64::from(to_min) * MINUTE_MS).min(stretch.to);
        table.push(Span { from, to });
    };
    let mut from_min = open.from_min;
    for gap in closed.iter().filter(|gap| gap.to_min > open.from_min && gap.from_min < open.to_min) {
        push(from_min, gap.from_min);
        from_min = from_min.max(gap.to_min);
    }
    push(from_min, open.to_min.min(DAY_MIN));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Closing, HOUR_MS};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn span(from: &str, to: &str) -> Span {
        Span { from: at(from), to: at(to) }
    }

    fn calendar(zone: &str, hours: &str, closed: &[&str]) -> Calendar {
        Calendar {
            zone: zone.parse().unwrap(),
            hours: Arc::new(hours.parse().unwrap()),
            holidays: Arc::new(closed.iter().map(|line| line.parse::<Closing>().unwrap()).collect()),
            focus: None,
            away: Vec::new(),
        }
    }

    fn written(table: &OpenTable) -> Vec<String> {
        table.all_spans().map(|span| format!("{} {}", span.from, span.to)).collect()
    }

    fn open(calendar: &Calendar, from: &str, to: &str) -> Vec<String> {
        written(&calendar.open(at(from), at(to)))
    }

    /// Zone, hours, from, to, and the open spans between.
    const WALLS: &[(&str, &str, &str, &str, &[&str])] = &[
        // In winter and in summer.
        (
            "Europe/Berlin",
            "sat-mon 09:00-10:00",
            "2026-03-28T00:00:00Z",
            "2026-03-31T00:00:00Z",
            &[
                "2026-03-28T08:00:00Z 2026-03-28T09:00:00Z",
                "2026-03-29T07:00:00Z 2026-03-29T08:00:00Z",
                "2026-03-30T07:00:00Z 2026-03-30T08:00:00Z",
            ],
        ),
        // A night over the gap lasts seven hours, over the fold nine.
        (
            "Europe/Berlin",
            "sat 22:00-06:00",
            "2026-03-27T00:00:00Z",
            "2026-03-31T00:00:00Z",
            &["2026-03-28T21:00:00Z 2026-03-29T04:00:00Z"],
        ),
        (
            "Europe/Berlin",
            "sat 22:00-06:00",
            "2026-10-23T00:00:00Z",
            "2026-10-27T00:00:00Z",
            &["2026-10-24T20:00:00Z 2026-10-25T05:00:00Z"],
        ),
        // What the clock skips is never open, what it shows twice is open twice.
        ("Europe/Berlin", "sun 02:00-02:45", "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", &[]),
        (
            "Europe/Berlin",
            "sun 02:00-02:30",
            "2026-10-24T00:00:00Z",
            "2026-10-26T00:00:00Z",
            &["2026-10-25T00:00:00Z 2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z 2026-10-25T01:30:00Z"],
        ),
        (
            "Australia/Lord_Howe",
            "sun 01:00-03:00",
            "2026-10-03T00:00:00Z",
            "2026-10-04T00:00:00Z",
            &["2026-10-03T14:30:00Z 2026-10-03T16:00:00Z"],
        ),
        // Morocco is an hour behind in Ramadan.
        (
            "Africa/Casablanca",
            "sat,mon 09:00-10:00",
            "2026-02-14T00:00:00Z",
            "2026-02-17T00:00:00Z",
            &["2026-02-14T08:00:00Z 2026-02-14T09:00:00Z", "2026-02-16T09:00:00Z 2026-02-16T10:00:00Z"],
        ),
        // Friday, 30 December 2011, did not happen in Apia.
        (
            "Pacific/Apia",
            "thu-sat 09:00-10:00",
            "2011-12-29T00:00:00Z",
            "2012-01-01T00:00:00Z",
            &["2011-12-29T19:00:00Z 2011-12-29T20:00:00Z", "2011-12-30T19:00:00Z 2011-12-30T20:00:00Z"],
        ),
        (
            "Asia/Kathmandu",
            "mon 09:00-10:00",
            "2026-06-01T00:00:00Z",
            "2026-06-02T00:00:00Z",
            &["2026-06-01T03:15:00Z 2026-06-01T04:15:00Z"],
        ),
        (
            "Pacific/Chatham",
            "mon 09:00-10:00",
            "2026-05-31T00:00:00Z",
            "2026-06-02T00:00:00Z",
            &["2026-05-31T20:15:00Z 2026-05-31T21:15:00Z"],
        ),
        (
            "Pacific/Kiritimati",
            "mon 09:00-10:00",
            "2026-05-31T00:00:00Z",
            "2026-06-02T00:00:00Z",
            &["2026-05-31T19:00:00Z 2026-05-31T20:00:00Z"],
        ),
        (
            "Pacific/Niue",
            "mon 22:00-24:00",
            "2026-06-01T00:00:00Z",
            "2026-06-03T00:00:00Z",
            &["2026-06-02T09:00:00Z 2026-06-02T11:00:00Z"],
        ),
        (
            "UTC",
            "daily 00:00-24:00",
            "2026-06-01T00:00:00Z",
            "2026-06-03T12:00:00Z",
            &["2026-06-01T00:00:00Z 2026-06-03T12:00:00Z"],
        ),
        ("UTC", "never", "2026-06-01T00:00:00Z", "2027-06-03T12:00:00Z", &[]),
    ];

    #[test]
    fn office_hours_follow_the_wall_clock() {
        for (zone, hours, from, to, expected) in WALLS {
            assert_eq!(open(&calendar(zone, hours, &[]), from, to), *expected, "{zone} {hours}");
        }
    }

    #[test]
    fn a_holiday_closes_its_date_on_the_wall() {
        let nights = |closed: &str| {
            open(
                &calendar("UTC", "thu,fri 22:00-06:00", &[closed]),
                "2026-06-04T00:00:00Z",
                "2026-06-08T00:00:00Z",
            )
        };
        assert_eq!(
            nights("2026-06-06"),
            ["2026-06-04T22:00:00Z 2026-06-05T06:00:00Z", "2026-06-05T22:00:00Z 2026-06-06T00:00:00Z"]
        );
        assert_eq!(
            nights("2026-06-05"),
            ["2026-06-04T22:00:00Z 2026-06-05T00:00:00Z", "2026-06-06T00:00:00Z 2026-06-06T06:00:00Z"]
        );
        assert_eq!(
            nights("2026-06-05 from 23:00"),
            [
                "2026-06-04T22:00:00Z 2026-06-05T06:00:00Z",
                "2026-06-05T22:00:00Z 2026-06-05T23:00:00Z",
                "2026-06-06T00:00:00Z 2026-06-06T06:00:00Z"
            ]
        );
        let lunch = calendar(
            "UTC",
            "mon-fri 09:00-17:00",
            &["2026-06-05 from 12:00 until 13:00", "2026-06-05 until 10:00"],
        );
        assert_eq!(
            open(&lunch, "2026-06-05T00:00:00Z", "2026-06-08T00:00:00Z"),
            ["2026-06-05T10:00:00Z 2026-06-05T12:00:00Z", "2026-06-05T13:00:00Z 2026-06-05T17:00:00Z"]
        );
    }

    #[test]
    fn hours_of_a_promise_are_open_hours() {
        let berlin =
            calendar("Europe/Berlin", "mon-fri 09:00-17:00", &["2026-12-24 from 13:00", "2026-12-25"]);
        let table = berlin.open(at("2026-12-01T00:00:00Z"), at("2027-01-15T00:00:00Z"));
        for (asked, hours, due) in [
            // 09:00 plus eight hours is the closing.
            ("2026-12-21T08:00:00Z", 8, "2026-12-21T16:00:00Z"),
            ("2026-12-21T15:00:00Z", 4, "2026-12-22T11:00:00Z"),
            // The half day, Christmas and the weekend lie between.
            ("2026-12-24T11:00:00Z", 4, "2026-12-28T11:00:00Z"),
            ("2026-12-24T11:00:00Z", 1, "2026-12-24T12:00:00Z"),
        ] {
            assert_eq!(table.add(at(asked), hours * HOUR_MS), Some(at(due)), "{asked} + {hours} h");
        }
    }

    #[test]
    fn a_working_day_later_is_the_same_time_on_the_wall() {
        let office = "mon-fri 09:00-17:00";
        for (zone, hours, closed, asked, count, due) in [
            ("Europe/Berlin", office, "", "2026-06-05T14:00:00Z", 1, "2026-06-08T14:00:00Z"),
            ("Europe/Berlin", office, "", "2026-06-05T14:00:00Z", 6, "2026-06-15T14:00:00Z"),
            // Over a change of the clocks the wall time stays.
            ("Europe/Berlin", office, "", "2026-03-27T15:00:00Z", 1, "2026-03-30T14:00:00Z"),
            // Asked while closed: from the next opening.
            ("Europe/Berlin", office, "", "2026-06-06T10:00:00Z", 1, "2026-06-09T07:00:00Z"),
            ("Europe/Berlin", office, "", "2026-06-05T15:00:00Z", 1, "2026-06-09T07:00:00Z"),
            ("Europe/Berlin", office, "", "2026-06-06T10:00:00Z", 0, "2026-06-08T07:00:00Z"),
            // A holiday is no working day; a half day is one, and its closed time moves on.
            ("Europe/Berlin", office, "2026-06-08", "2026-06-05T14:00:00Z", 1, "2026-06-09T14:00:00Z"),
            (
                "Europe/Berlin",
                office,
                "2026-06-08 from 12:00",
                "2026-06-05T14:00:00Z",
                1,
                "2026-06-09T07:00:00Z",
            ),
            // A closed time moves to the next opening, on the same day or later.
            (
                "UTC",
                "mon 09:00-17:00; tue 14:00-17:00",
                "",
                "2026-06-01T10:00:00Z",
                1,
                "2026-06-02T14:00:00Z",
            ),
            (
                "UTC",
                "mon 09:00-17:00; tue 09:00-12:00",
                "",
                "2026-06-01T16:00:00Z",
                1,
                "2026-06-08T09:00:00Z",
            ),
            // The night that began on Friday goes on to Monday's.
            ("UTC", "mon-fri 22:00-06:00", "", "2026-06-06T03:00:00Z", 1, "2026-06-09T03:00:00Z"),
            ("UTC", "mon-fri 22:00-06:00", "", "2026-06-05T03:00:00Z", 1, "2026-06-06T03:00:00Z"),
            // In a gap the first instant after it, in a fold the first of the two.
            ("Europe/Berlin", "always", "", "2026-03-28T01:30:00Z", 1, "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "always", "", "2026-10-24T00:30:00Z", 1, "2026-10-25T00:30:00Z"),
            // The skipped Friday is no working day.
            ("Pacific/Apia", office, "", "2011-12-29T20:00:00Z", 1, "2012-01-01T20:00:00Z"),
        ] {
            let closed: Vec<&str> = Some(closed).filter(|line| !line.is_empty()).into_iter().collect();
            let due_at = calendar(zone, hours, &closed).add_workdays(at(asked), count);
            assert_eq!(due_at, Some(at(due)), "{zone} {hours} {asked} + {count}");
        }
    }

    #[test]
    fn leave_is_closed_and_no_working_day() {
        let mut ana = calendar("UTC", "mon-fri 09:00-17:00", &[]);
        ana.away = vec![
            span("2026-06-03T12:00:00Z", "2026-06-04T00:00:00Z"),
            span("2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z"),
        ];
        assert_eq!(
            open(&ana, "2026-06-01T00:00:00Z", "2026-06-04T00:00:00Z"),
            ["2026-06-01T09:00:00Z 2026-06-01T17:00:00Z", "2026-06-03T09:00:00Z 2026-06-03T12:00:00Z"]
        );
        let is_working = |date: &str| ana.is_working_day(date.parse().unwrap());
        assert!(is_working("2026-06-01") && !is_working("2026-06-02") && is_working("2026-06-03"));
        assert!(!is_working("2026-06-06"));
        assert_eq!(ana.add_workdays(at("2026-06-01T10:00:00Z"), 1), Some(at("2026-06-03T10:00:00Z")));
        assert_eq!(ana.add_workdays(at("2026-06-01T15:00:00Z"), 1), Some(at("2026-06-04T09:00:00Z")));
    }

    #[test]
    fn focus_is_office_time_in_which_no_meeting_falls() {
        let mut ben = calendar("UTC", "mon-fri 09:00-17:00", &["2026-06-02"]);
        ben.focus = Some(Arc::new("mon,tue 08:00-11:00".parse().unwrap()));
        let (from, to) = (at("2026-06-01T00:00:00Z"), at("2026-06-03T00:00:00Z"));
        assert_eq!(written(&ben.focus_spans(from, to)), ["2026-06-01T09:00:00Z 2026-06-01T11:00:00Z"]);
        assert_eq!(written(&ben.available(from, to)), ["2026-06-01T11:00:00Z 2026-06-01T17:00:00Z"]);
        ben.focus = None;
        assert_eq!(ben.available(from, to), ben.open(from, to));
    }

    #[test]
    fn a_search_for_an_opening_ends() {
        let never = calendar("UTC", "never", &[]);
        assert_eq!(never.next_open(at("2026-06-01T00:00:00Z")), None);
        assert_eq!(never.add_workdays(at("2026-06-01T00:00:00Z"), 1), None);
        let skipped_hour = calendar("UTC", "mon 09:00-10:00", &["2026-01-01 to 2030-12-31"]);
        assert_eq!(skipped_hour.next_open(at("2026-06-01T00:00:00Z")), None);
        let mut gone = calendar("UTC", "always", &[]);
        gone.away = vec![Span { from: at("2026-06-02T00:00:00Z"), to: Instant::MAX }];
        assert_eq!(gone.next_open(at("2026-06-03T00:00:00Z")), None);
        assert_eq!(gone.add_workdays(at("2026-06-01T10:00:00Z"), 1), None);
        let later = calendar("UTC", "mon 09:00-10:00", &["2026-01-01 to 2027-06-30"]);
        assert_eq!(later.next_open(at("2026-06-01T00:00:00Z")), Some(at("2027-07-05T09:00:00Z")));
    }
}
