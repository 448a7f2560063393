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
