//! Weekly hours: on which minutes of which weekdays somebody is in.
//!
//! Always holds: the spans of a day are sorted, do not touch, and no minute of the week lies in two spans.
//! A span over midnight belongs to the day on which it starts.

use std::fmt;
use std::str::FromStr;

use chrono::Weekday;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::hours_text::{self, HoursError};

/// Minutes in a day by the wall clock.
pub const DAY_MIN: u16 = 24 * 60;

/// The weekdays in the order in which weeks are written here, Monday first.
pub const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// Wall-clock minutes of one day, from `from_min` up to, and without, `to_min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinuteSpan {
    /// Minutes since midnight at which it starts, below 1440.
    pub from_min: u16,
    /// Minutes since that midnight at which it ends; above 1440 when it runs into the next day.
    pub to_min: u16,
}

impl MinuteSpan {
    /// The whole day, 00:00-24:00.
    pub const DAY: MinuteSpan = MinuteSpan { from_min: 0, to_min: DAY_MIN };

    /// The part of it that lies on the day on which it starts.
    #[must_use]
    pub fn own_day(self) -> MinuteSpan {
        MinuteSpan { from_min: self.from_min, to_min: self.to_min.min(DAY_MIN) }
    }

    /// The part of it that lies on the day after, counted from that day's midnight.
    pub fn next_day(self) -> Option<MinuteSpan> {
        (self.to_min > DAY_MIN).then(|| MinuteSpan { from_min: 0, to_min: self.to_min - DAY_MIN })
    }
}

/// As it is written in hours: `22:00-06:00`.
impl fmt::Display for MinuteSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to_min = self.next_day().map_or(self.to_min, |tail| tail.to_min);
        let (from_hour, from_minute) = (self.from_min / 60, self.from_min % 60);
        write!(f, "{from_hour:02}:{from_minute:02}-{:02}:{:02}", to_min / 60, to_min % 60)
    }
}

/// Hours that repeat every week, by the wall clock of whoever keeps them.
///
/// They read and print as `mon-thu 09:00-12:30 13:30-17:30; fri 09:00-14:00`, `daily 22:00-06:00`, `always`
/// or `never`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct WeeklyHours {
    /// By the day on which a span starts, Monday first.
    days: [Vec<MinuteSpan>; 7],
    /// By the day on the wall: spans over midnight are cut in two. Derived from `days`.
    wall: [Vec<MinuteSpan>; 7],
}

impl WeeklyHours {
    /// Open at every minute.
    pub fn always() -> WeeklyHours {
        WeeklyHours::from_days(std::array::from_fn(|_| vec![MinuteSpan::DAY]))
    }

    /// Open at no minute.
    pub fn never() -> WeeklyHours {
        WeeklyHours::default()
    }

    /// From days that are already sorted and free of overlap.
    pub(super) fn from_days(days: [Vec<MinuteSpan>; 7]) -> WeeklyHours {
        let wall = std::array::from_fn(|index| {
            let before: &[MinuteSpan] = &days[(index + 6) % 7];
            let tail = before.iter().filter_map(|span| span.next_day());
            tail.chain(days[index].iter().map(|span| span.own_day())).collect()
        });
        WeeklyHours { days, wall }
    }

    /// The spans that start on `weekday`, in order; the last may run into the next day.
    pub fn starting_on(&self, weekday: Weekday) -> &[MinuteSpan] {
        &self.days[weekday.num_days_from_monday() as usize]
    }

    /// The spans that the wall clock of `weekday` shows, the end of the night before included.
    pub fn on_the_wall(&self, weekday: Weekday) -> &[MinuteSpan] {
        &self.wall[weekday.num_days_from_monday() as usize]
    }

    /// Whether there is no open minute in the week.
    pub fn is_never_open(&self) -> bool {
        self.days.iter().all(Vec::is_empty)
    }

    /// Open minutes in a week without a change of the clocks.
    pub fn minutes_a_week(&self) -> u32 {
        self.days.iter().flatten().map(|span| u32::from(span.to_min - span.from_min)).sum()
    }
}

impl FromStr for WeeklyHours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<WeeklyHours, HoursError> {
        hours_text::parse(text).map(WeeklyHours::from_days)
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_never_open() {
            return f.write_str("never");
        }
        if self.days.iter().all(|spans| spans.as_slice() == [MinuteSpan::DAY]) {
            return f.write_str("always");
        }
        let mut written = [false; 7];
        let mut separator = "";
        for first in 0..7 {
            if written[first] || self.days[first].is_empty() {
                continue;
            }
            let alike: Vec<usize> = (first..7).filter(|&day| self.days[day] == self.days[first]).collect();
            alike.iter().for_each(|&day| written[day] = true);
            write!(f, "{separator}{}", day_list(&alike))?;
            for span in &self.days[first] {
                write!(f, " {span}")?;
            }
            separator = "; ";
        }
        Ok(())
    }
}

/// Days as they are written: `daily`, `mon-fri`, `tue,thu`.
fn day_list(days: &[usize]) -> String {
    if days.len() == 7 {
        return "daily".to_owned();
    }
    let name = |day: usize| WEEK[day].to_string().to_lowercase();
    days.chunk_by(|a, b| a + 1 == *b)
        .map(|run| match run {
            [first, .., last] if run.len() > 2 => format!("{}-{}", name(*first), name(*last)),
            short => short.iter().map(|&day| name(day)).collect::<Vec<_>>().join(","),
        })
        .collect::<Vec<_>>()
        .join(",")
}

impl Serialize for WeeklyHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WeeklyHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WeeklyHours, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> WeeklyHours {
        text.parse().unwrap()
    }

    #[test]
    fn hours_print_in_one_form_that_reads_back() {
        for (written, printed) in [
            ("mon-fri 09:00-12:30 13:30-17:30", "mon-fri 09:00-12:30 13:30-17:30"),
            ("Tuesday, Thu 14:00-17:00", "tue,thu 14:00-17:00"),
            ("sat 10:00-12:00; mon-fri 9:00-17:00", "mon-fri 09:00-17:00; sat 10:00-12:00"),
            ("sat-mon 10:00-12:00", "mon,sat,sun 10:00-12:00"),
            ("every day 22:00-06:00", "daily 22:00-06:00"),
            ("daily 00:00-24:00", "always"),
            ("ALWAYS", "always"),
            ("never", "never"),
            ("weekdays 09:00 – 17:00", "mon-fri 09:00-17:00"),
            ("weekend 10:00-12:00, 13:00-14:00", "sat,sun 10:00-12:00 13:00-14:00"),
            ("mon 13:00-14:00 09:00-10:00", "mon 09:00-10:00 13:00-14:00"),
            ("mon 09:00-12:00 12:00-17:00", "mon 09:00-17:00"),
            ("fri 18:00-00:00", "fri 18:00-24:00"),
            ("mon-wed,fri,sun 08:00-09:00;", "mon-wed,fri,sun 08:00-09:00"),
            ("mon-fri 09:00-12:00; fri 13:00-14:00", "mon-thu 09:00-12:00; fri 09:00-12:00 13:00-14:00"),
            ("mon 17:00-09:00", "mon 17:00-09:00"),
        ] {
            assert_eq!(hours(written).to_string(), printed, "{written}");
            assert_eq!(hours(printed), hours(written), "{written}");
        }
    }

    #[test]
    fn a_span_over_midnight_belongs_to_the_day_on_which_it_starts() {
        let night = hours("fri 22:00-06:00");
        assert_eq!(night.starting_on(Weekday::Fri), [MinuteSpan { from_min: 1320, to_min: 1800 }]);
        assert!(night.starting_on(Weekday::Sat).is_empty());
        assert_eq!(night.on_the_wall(Weekday::Fri), [MinuteSpan { from_min: 1320, to_min: 1440 }]);
        assert_eq!(night.on_the_wall(Weekday::Sat), [MinuteSpan { from_min: 0, to_min: 360 }]);
        assert_eq!(night.minutes_a_week(), 480);
        let sunday = hours("sun 22:00-06:00");
        assert_eq!(sunday.on_the_wall(Weekday::Mon), [MinuteSpan { from_min: 0, to_min: 360 }]);
    }

    #[test]
    fn only_empty_weeks_are_never_open() {
        assert!(hours("never").is_never_open());
        assert!(!hours("sun 00:00-00:01").is_never_open());
        assert_eq!(hours("always").minutes_a_week(), 7 * 1440);
        assert_eq!(WeeklyHours::always(), hours("daily 00:00-24:00"));
    }

    #[test]
    fn hours_travel_as_text() {
        let json = serde_json::to_string(&hours("mon 09:00-10:00")).unwrap();
        assert_eq!(json, "\"mon 09:00-10:00\"");
        assert_eq!(serde_json::from_str::<WeeklyHours>(&json).unwrap(), hours("mon 09:00-10:00"));
        assert!(serde_json::from_str::<WeeklyHours>("\"mon\"").is_err());
    }
}
