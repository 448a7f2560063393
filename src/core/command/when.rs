//! Times as people type them: `1h`, `until 15:00`, `tomorrow`, `mon 10:00`, `2026-12-01`.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::calendar::{DAY_MS, HOUR_MS, Instant, MINUTE_MS, at_local, day_start_or_next, local_date};

/// A time that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// So many milliseconds from now.
    For(i64),
    /// At the next such time of day.
    Time(NaiveTime),
    /// On a day; without a time it is that day's opening.
    On(Day, Option<NaiveTime>),
}

/// A day that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    Today,
    Tomorrow,
    Weekday(Weekday),
    Date(NaiveDate),
}

/// What a time comes to for one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// That instant.
    At(Instant),
    /// The opening of the day that begins then.
    OpeningFrom(Instant),
}

impl When {
    /// The time at the start of `words`, and how many of them it takes.
    pub(crate) fn read(words: &[&str]) -> Option<(When, usize)> {
        let lead = words.first().is_some_and(|word| {
            ["in", "for", "until", "till", "at", "on"].contains(&word.to_lowercase().as_str())
        });
        let skipped = usize::from(lead);
        let (when, taken) = read_bare(words.get(skipped..)?)?;
        Some((when, taken + skipped))
    }

    /// What it comes to at `now` on the wall clock of `zone`; nothing when that is past or no such day exists.
    pub(crate) fn resolve(self, zone: Tz, now: Instant) -> Option<Point> {
        let today = local_date(zone, now);
        let point = match self {
            When::For(ms) => Point::At(now.plus(ms)),
            When::Time(time) => {
                let soon = at_local(zone, today, time).filter(|at| *at > now);
                Point::At(soon.or_else(|| at_local(zone, today.succ_opt()?, time))?)
            }
            When::On(Day::Today, None) => Point::At(day_start_or_next(zone, today.succ_opt()?)),
            When::On(Day::Weekday(weekday), Some(time)) if weekday == today.weekday() => {
                let soon = at_local(zone, today, time).filter(|at| *at > now);
                Point::At(soon.or_else(|| at_local(zone, Day::Weekday(weekday).date(today), time))?)
            }
            When::On(day, Some(time)) => Point::At(at_local(zone, day.date(today), time)?),
            When::On(day, None) => Point::OpeningFrom(day_start_or_next(zone, day.date(today))),
        };
        let (Point::At(at) | Point::OpeningFrom(at)) = point;
        (at > now).then_some(point)
    }
}

impl Day {
    /// The day that a word names.
    pub(crate) fn read(word: &str) -> Option<Day> {
        day(word)
    }

    /// The date it means on `today`; a weekday is the next after today.
    pub(crate) fn date(self, today: NaiveDate) -> NaiveDate {
        let ahead = match self {
            Day::Today => 0,
            Day::Tomorrow => 1,
            Day::Weekday(weekday) => match weekday.days_since(today.weekday()) {
                0 => 7,
                days => days,
            },
            Day::Date(date) => return date,
        };
        today.checked_add_days(Days::new(u64::from(ahead))).unwrap_or(today)
    }
}

fn read_bare(words: &[&str]) -> Option<(When, usize)> {
    let (first, rest) = words.split_first()?;
    if let Some(ms) = duration(first) {
        return Some((When::For(ms), 1));
    }
    if let Some(ms) = rest.first().and_then(|unit| spaced_duration(first, unit)) {
        return Some((When::For(ms), 2));
    }
    if let Some(time) = time_of_day(first) {
        return Some((When::Time(time), 1));
    }
    let day = day(first)?;
    let joint = usize::from(rest.first().is_some_and(|word| word.eq_ignore_ascii_case("at")));
    match rest.get(joint).and_then(|word| time_of_day(word)) {
        Some(time) => Some((When::On(day, Some(time)), 2 + joint)),
        None => Some((When::On(day, None), 1)),
    }
}

/// `90m`, `1h30m`, `2d`.
fn duration(word: &str) -> Option<i64> {
    let mut rest = word;
    let mut total_ms = 0_i64;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = &rest[digits..];
        let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        total_ms = total_ms.checked_add(spaced_duration(&rest[..digits], &after[..letters])?)?;
        rest = &after[letters..];
    }
    (total_ms > 0).then_some(total_ms)
}

/// `2 hours`.
fn spaced_duration(count: &str, unit: &str) -> Option<i64> {
    if count.is_empty() || count.len() > 4 || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let unit_ms = match unit.to_lowercase().as_str() {
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE_MS,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR_MS,
        "d" | "day" | "days" => DAY_MS,
        "w" | "week" | "weeks" => 7 * DAY_MS,
        _ => return None,
    };
    let count: i64 = count.parse().ok().filter(|count| *count > 0)?;
    count.checked_mul(unit_ms)
}

/// `15:00`, `9:05`, `3pm`, `3:30pm`.
fn time_of_day(word: &str) -> Option<NaiveTime> {
    let word = word.to_lowercase();
    let (clock, half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        (None, None) => (word.as_str(), None),
    };
    let (hour, minute) = match (clock.split_once(':'), half) {
        (Some(parts), _) => parts,
        (None, Some(_)) => (clock, "00"),
        (None, None) => return None,
    };
    let digits = |text: &str, most: usize| {
        (!text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2).filter(|_| minute.len() == 2)?);
    let hour = match half {
        Some(add) if (1..=12).contains(&hour) => hour % 12 + add,
        Some(_) => return None,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, 0)
}

fn day(word: &str) -> Option<Day> {
    let lower = word.to_lowercase();
    let known = match lower.as_str() {
        "today" => Day::Today,
        "tomorrow" => Day::Tomorrow,
        "mon" | "monday" => Day::Weekday(Weekday::Mon),
        "tue" | "tues" | "tuesday" => Day::Weekday(Weekday::Tue),
        "wed" | "wednesday" => Day::Weekday(Weekday::Wed),
        "thu" | "thur" | "thurs" | "thursday" => Day::Weekday(Weekday::Thu),
        "fri" | "friday" => Day::Weekday(Weekday::Fri),
        "sat" | "saturday" => Day::Weekday(Weekday::Sat),
        "sun" | "sunday" => Day::Weekday(Weekday::Sun),
        _ => return date(&lower).map(Day::Date),
    };
    Some(known)
}

/// `2026-12-01`, and nothing looser: chrono alone would take signs and spaces.
fn date(word: &str) -> Option<NaiveDate> {
    let plain = word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    plain.then(|| word.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_to(typed: &str, now: &str) -> String {
        let words: Vec<&str> = typed.split_whitespace().collect();
        let now = Instant::parse(now).unwrap();
        match When::read(&words) {
            None => "no time".to_owned(),
            Some((_, taken)) if taken < words.len() => format!("and more after {taken}"),
            Some((when, _)) => match when.resolve(Tz::Europe__Berlin, now) {
                None => "past".to_owned(),
                Some(Point::At(at)) => at.to_string(),
                Some(Point::OpeningFrom(at)) => format!("opening from {at}"),
            },
        }
    }

    #[test]
    fn times_are_read_as_people_type_them() {
        // A Monday, 10:00 in Berlin.
        let now = "2026-11-23T09:00:00Z";
        for (typed, instant) in [
            ("1h", "2026-11-23T10:00:00Z"),
            ("1h30m", "2026-11-23T10:30:00Z"),
            ("for 90 minutes", "2026-11-23T10:30:00Z"),
            ("in 2 days", "2026-11-25T09:00:00Z"),
            ("1w", "2026-11-30T09:00:00Z"),
            ("until 15:00", "2026-11-23T14:00:00Z"),
            ("3pm", "2026-11-23T14:00:00Z"),
            ("12am", "2026-11-23T23:00:00Z"),
            ("9:30", "2026-11-24T08:30:00Z"),
            ("today", "2026-11-23T23:00:00Z"),
            ("today 17:00", "2026-11-23T16:00:00Z"),
            ("today 9:00", "past"),
            ("tomorrow", "opening from 2026-11-23T23:00:00Z"),
            ("tomorrow at 9:00", "2026-11-24T08:00:00Z"),
            ("mon", "opening from 2026-11-29T23:00:00Z"),
            ("mon 15:00", "2026-11-23T14:00:00Z"),
            ("Monday 09:00", "2026-11-30T08:00:00Z"),
            ("wed 09:00", "2026-11-25T08:00:00Z"),
            ("2026-12-01", "opening from 2026-11-30T23:00:00Z"),
            ("on 2026-12-01 10:00", "2026-12-01T09:00:00Z"),
            ("2026-11-01", "past"),
            ("2026-02-30", "no time"),
            ("0h", "no time"),
            ("99999h", "no time"),
            ("25:00", "no time"),
            ("9:5", "no time"),
            ("13pm", "no time"),
            ("15", "no time"),
            ("until", "no time"),
            ("", "no time"),
            ("1h please", "and more after 1"),
            ("h", "no time"),
            ("1h-1h", "no time"),
        ] {
            assert_eq!(comes_to(typed, now), instant, "{typed:?}");
        }
    }

    #[test]
    fn a_time_in_a_gap_is_the_first_after_it() {
        assert_eq!(comes_to("2:30", "2026-03-29T00:00:00Z"), "2026-03-29T01:00:00Z");
        assert_eq!(comes_to("2:30", "2026-10-24T23:00:00Z"), "2026-10-25T00:30:00Z");
    }
}
