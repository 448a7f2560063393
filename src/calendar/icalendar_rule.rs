//! Yearly rules of iCalendar (`RRULE:FREQ=YEARLY`), as holidays use them.
//!
//! Understood are a fixed date (`BYMONTH`, `BYMONTHDAY`, also from the month's end) and a weekday of a month
//! (`BYDAY=4TH`, `-1MO`, also with `BYMONTHDAY` as "the Monday among these days"), with `INTERVAL`, `COUNT` and
//! `UNTIL`. Any other rule is refused by name.

use chrono::{Datelike, NaiveDate, Weekday};

use super::icalendar::{date_part, month_day};

/// Why a rule is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It does not repeat yearly.
    #[error("it repeats by `FREQ={0}`: only yearly holidays are understood")]
    Frequency(String),
    /// A part that is not understood.
    #[error("`{0}` of its rule is not understood")]
    Part(String),
}

/// A day that comes back every year, or every few years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct YearlyRule {
    every_years: i32,
    months: Vec<u32>,
    month_days: Vec<i32>,
    /// Weekdays, each with the how-manieth of its month (negative from the end; 0 for any).
    weekdays: Vec<(i32, Weekday)>,
    count: Option<usize>,
    until: Option<NaiveDate>,
}

impl YearlyRule {
    /// Reads a rule; what it does not say follows from the event's first date.
    pub(super) fn parse(text: &str, start: NaiveDate) -> Result<YearlyRule, RuleError> {
        let mut rule = YearlyRule {
            every_years: 1,
            months: Vec::new(),
            month_days: Vec::new(),
            weekdays: Vec::new(),
            count: None,
            until: None,
        };
        let mut yearly = false;
        for part in text.split(';').filter(|part| !part.trim().is_empty()) {
            let refused = || RuleError::Part(part.to_owned());
            let (name, value) = part.split_once('=').ok_or_else(refused)?;
            match name.trim().to_ascii_uppercase().as_str() {
                "FREQ" if value.eq_ignore_ascii_case("YEARLY") => yearly = true,
                "FREQ" => return Err(RuleError::Frequency(value.to_owned())),
                "INTERVAL" => {
                    rule.every_years =
                        value.parse().ok().filter(|years| (1..=100).contains(years)).ok_or_else(refused)?;
                }
                "COUNT" => rule.count = Some(value.parse().map_err(|_| refused())?),
                "UNTIL" => rule.until = Some(date_part(value).ok_or_else(refused)?),
                "BYMONTH" => rule.months = list(value, |text| in_range(text, 1, 12)).ok_or_else(refused)?,
                "BYMONTHDAY" => {
                    rule.month_days = list(value, |text| in_range(text, -31, 31).filter(|day| *day != 0))
                        .ok_or_else(refused)?;
                }
                "BYDAY" => rule.weekdays = list(value, nth_weekday).ok_or_else(refused)?,
                "WKST" => {}
                _ => return Err(refused()),
            }
        }
        if !yearly {
            return Err(RuleError::Frequency("nothing".to_owned()));
        }
        rule.complete(text, start)
    }

    /// Takes from the first date what the rule leaves open.
    fn complete(mut self, text: &str, start: NaiveDate) -> Result<YearlyRule, RuleError> {
        if self.months.is_empty() {
            // Without a month a weekday or a day of the month would mean one in every month or year.
            if !self.weekdays.is_empty() || !self.month_days.is_empty() {
                return Err(RuleError::Part(text.to_owned()));
            }
            self.months.push(start.month());
        }
        if self.weekdays.is_empty() && self.month_days.is_empty() {
            self.month_days.push(start.day().cast_signed());
        }
        Ok(self)
    }

    /// The dates of the rule from `start` on, within `years` (both included).
    pub(super) fn dates(&self, start: NaiveDate, years: (i32, i32)) -> Vec<NaiveDate> {
        let step = usize::try_from(self.every_years).unwrap_or(1);
        (start.year()..=years.1)
            .step_by(step)
            .flat_map(|year| self.dates_of(year))
            .filter(|date| *date >= start)
            .take_while(|date| self.until.is_none_or(|until| *date <= until))
            .take(self.count.unwrap_or(usize::MAX))
            .filter(|date| date.year() >= years.0)
            .collect()
    }

    /// The dates of the rule in one year, in order. A date that the year lacks (29 February) has none.
    fn dates_of(&self, year: i32) -> Vec<NaiveDate> {
        let mut dates: Vec<NaiveDate> =
            self.months.iter().flat_map(|month| self.dates_of_month(year, *month)).collect();
        dates.sort();
        dates.dedup();
        dates
    }

    fn dates_of_month(&self, year: i32, month: u32) -> Vec<NaiveDate> {
        let days: Vec<i32> =
            if self.month_days.is_empty() { (1..=31).collect() } else { self.month_days.clone() };
        days.into_iter()
            .filter_map(|day| month_day(year, month, day))
            .filter(|date| {
                self.weekdays.is_empty() || self.weekdays.iter().any(|(nth, day)| is_nth(*date, *nth, *day))
            })
            .collect()
    }
}

/// Whether `date` is the `nth` such weekday of its month; with 0 any of them.
fn is_nth(date: NaiveDate, nth: i32, weekday: Weekday) -> bool {
    let from_start = date.day0().cast_signed() / 7 + 1;
    let days_left = i32::from(date.num_days_in_month()) - date.day().cast_signed();
    date.weekday() == weekday && (nth == 0 || nth == from_start || nth == -(days_left / 7 + 1))
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(|part| read(part.trim())).collect()
}

fn in_range<T: std::str::FromStr + PartialOrd>(text: &str, least: T, most: T) -> Option<T> {
    text.parse().ok().filter(|number| (&least..=&most).contains(&number))
}

/// `4TH`, `-1MO` or `MO`.
fn nth_weekday(text: &str) -> Option<(i32, Weekday)> {
    let split = text.len().checked_sub(2).filter(|split| text.is_char_boundary(*split))?;
    let (nth, day) = text.split_at(split);
    let weekday = match day.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    };
    let nth = if nth.is_empty() { 0 } else { in_range(nth.strip_prefix('+').unwrap_or(nth), -5, 5)? };
    Some((nth, weekday))
}
