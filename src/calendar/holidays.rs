//! Dates on which offices are closed, wholly or from some time on.
//!
//! Always holds: the closed minutes of a date are sorted, do not touch, lie within 0..1440, and are not empty.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::hours::{DAY_MIN, MinuteSpan};
use super::hours_text::minutes_of_day;

/// Days before 1970-01-01 in the count of [`Datelike::num_days_from_ce`].
const EPOCH_FROM_CE: i64 = 719_163;

/// Which minutes of which dates are closed, by whatever wall clock is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Holidays {
    /// By days since 1970-01-01.
    closed: BTreeMap<i64, Vec<MinuteSpan>>,
}

impl Holidays {
    /// No holidays.
    pub const fn none() -> Holidays {
        Holidays { closed: BTreeMap::new() }
    }

    /// Adds a closing; what is closed already stays closed.
    pub fn insert(&mut self, closing: &Closing) {
        for date in closing.first.iter_days().take_while(|date| *date <= closing.last) {
            self.close(date, closing.minutes);
        }
    }

    /// Closes `minutes` of `date`, as far as they lie on it.
    pub fn close(&mut self, date: NaiveDate, minutes: MinuteSpan) {
        let minutes = minutes.own_day();
        if minutes.from_min >= minutes.to_min {
            return;
        }
        let spans = self.closed.entry(day_number(date)).or_default();
        spans.push(minutes);
        spans.sort();
        spans.dedup_by(|later, earlier| {
            let joins = later.from_min <= earlier.to_min;
            if joins {
                earlier.to_min = earlier.to_min.max(later.to_min);
            }
            joins
        });
    }

    /// Adds everything that is closed in `other`.
    pub fn extend(&mut self, other: &Holidays) {
        for (date, spans) in other.iter() {
            spans.iter().for_each(|span| self.close(date, *span));
        }
    }

    /// The closed minutes of `date`, in order.
    pub fn closed_on(&self, date: NaiveDate) -> &[MinuteSpan] {
        self.closed.get(&day_number(date)).map_or(&[], Vec::as_slice)
    }

    /// Whether `date` is closed from 00:00 to 24:00.
    pub fn is_closed_all_day(&self, date: NaiveDate) -> bool {
        self.closed_on(date) == [MinuteSpan::DAY]
    }

    /// Whether nothing is closed.
    pub fn is_empty(&self) -> bool {
        self.closed.is_empty()
    }

    /// Every date with closed minutes, in order.
    pub fn iter(&self) -> impl Iterator<Item = (NaiveDate, &[MinuteSpan])> {
        self.closed.iter().map(|(day, spans)| (date_of(*day), spans.as_slice()))
    }

    /// The closed minutes between two days since 1970-01-01, both included.
    pub(super) fn between(&self, first: i64, last: i64) -> impl Iterator<Item = (i64, &[MinuteSpan])> {
        self.closed.range(first..=last.max(first)).map(|(day, spans)| (*day, spans.as_slice()))
    }
}

impl FromIterator<Closing> for Holidays {
    fn from_iter<I: IntoIterator<Item = Closing>>(closings: I) -> Holidays {
        let mut holidays = Holidays::none();
        closings.into_iter().for_each(|closing| holidays.insert(&closing));
        holidays
    }
}

fn day_number(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - EPOCH_FROM_CE
}

fn date_of(day: i64) -> NaiveDate {
    i32::try_from(day + EPOCH_FROM_CE)
        .ok()
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .expect("the number was made from a date")
}

/// One line of a list of holidays: a date or several, and the minutes of each that are closed.
///
/// It reads and prints as `2026-12-25`, `2026-12-24 to 2027-01-01`, `2026-12-31 from 13:00`,
/// `2026-12-24 until 12:00` or `2026-06-05 from 13:00 until 15:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Closing {
    /// The first date.
    pub first: NaiveDate,
    /// The last date, which is closed too.
    pub last: NaiveDate,
    /// The closed minutes of each of them, within one day.
    pub minutes: MinuteSpan,
}

/// What is wrong with a line of a list of holidays; the message holds the words that are wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClosingError {
    /// There is nothing to read.
    #[error("no date is given: write it as 2026-12-25")]
    Empty,
    /// Something that is no date of the calendar.
    #[error("`{0}` is not a date: write it as 2026-12-25")]
    BadDate(String),
    /// The last date comes before the first.
    #[error("`{last}` comes before `{first}`")]
    Backwards {
        /// The first date.
        first: NaiveDate,
        /// The last date.
        last: NaiveDate,
    },
    /// Something that is no time of day.
    #[error("`{0}` is not a time of day: write it as 13:00")]
    BadTime(String),
    /// No minute of the day is closed.
    #[error("`{0}` closes no minute of the day")]
    EmptySpan(MinuteSpan),
    /// A word that does not belong here, or has nothing after it.
    #[error("`{0}` does not belong here: write a date, `to` a last date, `from` or `until` a time")]
    OutOfPlace(String),
}

impl FromStr for Closing {
    type Err = ClosingError;

    fn from_str(text: &str) -> Result<Closing, ClosingError> {
        let mut words = text.split_whitespace();
        let first = parse_date(words.next().ok_or(ClosingError::Empty)?)?;
        let mut closing = Closing { first, last: first, minutes: MinuteSpan::DAY };
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| ClosingError::OutOfPlace(word.to_owned()))?;
            match word {
                "to" => closing.last = parse_date(value)?,
                "from" => closing.minutes.from_min = parse_time(value)?,
                "until" => closing.minutes.to_min = parse_time(value)?,
                _ => return Err(ClosingError::OutOfPlace(word.to_owned())),
            }
        }
        if closing.last < closing.first {
            return Err(ClosingError::Backwards { first: closing.first, last: closing.last });
        }
        if closing.minutes.from_min >= closing.minutes.to_min {
            return Err(ClosingError::EmptySpan(closing.minutes));
        }
        Ok(closing)
    }
}

fn parse_date(word: &str) -> Result<NaiveDate, ClosingError> {
    NaiveDate::parse_from_str(word, "%Y-%m-%d")
        .ok()
        .filter(|_| word.len() == 10)
        .ok_or_else(|| ClosingError::BadDate(word.to_owned()))
}

fn parse_time(word: &str) -> Result<u16, ClosingError> {
    minutes_of_day(word).ok_or_else(|| ClosingError::BadTime(word.to_owned()))
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.last != self.first {
            write!(f, " to {}", self.last)?;
        }
        if self.minutes.from_min != 0 {
            write!(f, " from {:02}:{:02}", self.minutes.from_min / 60, self.minutes.from_min % 60)?;
        }
        if self.minutes.to_min != DAY_MIN {
            write!(f, " until {:02}:{:02}", self.minutes.to_min / 60, self.minutes.to_min % 60)?;
        }
        Ok(())
    }
}

impl Serialize for Closing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Closing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Closing, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn closings_print_as_they_read() {
        for (written, printed) in [
            ("2026-12-25", "2026-12-25"),
            ("2026-12-31 from 13:00", "2026-12-31 from 13:00"),
            ("2026-12-24  until 9:30", "2026-12-24 until 09:30"),
            ("2026-12-24 from 12:00 until 24:00", "2026-12-24 from 12:00"),
            ("2026-06-05 until 15:00 from 13:00", "2026-06-05 from 13:00 until 15:00"),
            ("2026-12-24 to 2027-01-01", "2026-12-24 to 2027-01-01"),
            ("2028-02-29", "2028-02-29"),
        ] {
            let closing: Closing = written.parse().unwrap();
            assert_eq!(closing.to_string(), printed);
            assert_eq!(printed.parse::<Closing>().unwrap(), closing);
        }
    }

    #[test]
    fn an_error_names_the_wrong_words() {
        for (text, message) in [
            ("", "no date is given: write it as 2026-12-25"),
            ("2026-02-29", "`2026-02-29` is not a date: write it as 2026-12-25"),
            ("25.12.2026", "`25.12.2026` is not a date: write it as 2026-12-25"),
            ("2026-1-2", "`2026-1-2` is not a date: write it as 2026-12-25"),
            ("2026-12-31 from 1pm", "`1pm` is not a time of day: write it as 13:00"),
            ("2026-12-31 until 00:00", "`00:00-00:00` closes no minute of the day"),
            ("2026-12-31 from 15:00 until 13:00", "`15:00-13:00` closes no minute of the day"),
            ("2026-12-31 to 2026-12-30", "`2026-12-30` comes before `2026-12-31`"),
            (
                "2026-12-31 from",
                "`from` does not belong here: write a date, `to` a last date, `from` or `until` a time",
            ),
            (
                "2026-12-31 after 13:00",
                "`after` does not belong here: write a date, `to` a last date, `from` or `until` a time",
            ),
        ] {
            assert_eq!(text.parse::<Closing>().unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn closings_of_a_date_join() {
        let lines = ["2026-12-24 from 12:00 until 13:00", "2026-12-24 from 13:00", "2026-12-24 until 08:00"];
        let mut holidays: Holidays = lines.iter().map(|line| line.parse::<Closing>().unwrap()).collect();
        assert_eq!(
            holidays.closed_on(date("2026-12-24")),
            [MinuteSpan { from_min: 0, to_min: 480 }, MinuteSpan { from_min: 720, to_min: 1440 }]
        );
        assert!(!holidays.is_closed_all_day(date("2026-12-24")));
        holidays.insert(&"2026-12-23 to 2026-12-25".parse().unwrap());
        assert!(holidays.is_closed_all_day(date("2026-12-24")));
        assert_eq!(holidays.iter().count(), 3);
        let mut more = Holidays::none();
        more.extend(&holidays);
        assert_eq!(more, holidays);
        assert!(more.closed_on(date("2026-12-26")).is_empty());
    }
}
