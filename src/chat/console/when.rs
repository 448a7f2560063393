//! A point in time as people type it: `+3h`, `09:30`, `mon 09:00`, `2026-11-23 09:00`.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;

use super::script::ScriptError;
use crate::calendar::{DAY_MS, HOUR_MS, Instant, MINUTE_MS, SECOND_MS, read, to_local};

/// A point in time, seen from somewhere and some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So many milliseconds from now.
    After(i64),
    /// The next time that the clock shows this, on that weekday if one is given.
    Next(Option<Weekday>, NaiveTime),
    /// This date and time on the wall.
    Local(NaiveDateTime),
    /// This very instant.
    Exactly(Instant),
}

impl When {
    /// Reads `text`.
    ///
    /// # Errors
    /// When it is none of the forms.
    pub fn parse(text: &str) -> Result<When, ScriptError> {
        let text = text.trim();
        let wrong = || ScriptError::When(text.to_owned());
        if let Some(duration) = text.strip_prefix('+') {
            return duration_ms(duration).map(When::After).ok_or_else(wrong);
        }
        if let Ok(at) = Instant::parse(text) {
            return Ok(When::Exactly(at));
        }
        if let Some(local) = local(text) {
            return Ok(When::Local(local));
        }
        let (weekday, time) = match text.split_once(' ') {
            Some((day, time)) => (Some(day.parse::<Weekday>().map_err(|_| wrong())?), time.trim()),
            None => (None, text),
        };
        time_of_day(time).map(|time| When::Next(weekday, time)).ok_or_else(wrong)
    }

    /// The instant that is meant by somebody in `zone` at `now`. A time that a gap skips is the first
    /// after it; of a time that comes twice it is the first.
    pub fn resolve(self, now: Instant, zone: Tz) -> Instant {
        match self {
            When::After(ms) => now.plus(ms),
            When::Exactly(at) => at,
            When::Local(local) => read(zone, local).after_gap_or_first(),
            When::Next(weekday, time) => {
                let today = to_local(zone, now).date();
                (0..=7)
                    .filter_map(|days| today.checked_add_days(Days::new(days)))
                    .filter(|date| weekday.is_none_or(|weekday| date.weekday() == weekday))
                    .map(|date| read(zone, date.and_time(time)).after_gap_or_first())
                    .find(|at| *at > now)
                    .unwrap_or(now)
            }
        }
    }
}

/// A span of days as people type it: `2026-12-01..2026-12-08`, both included, or one date.
pub(super) fn dates(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let span = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (span.0 <= span.1).then_some(span)
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    Some(date.parse::<NaiveDate>().ok()?.and_time(time_of_day(time)?))
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].into_iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

/// `3h`, `90m`, `1h30m`, `2d`, `45s`.
fn duration_ms(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total_ms: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest[..digits].parse().ok()?;
        let unit_ms = match rest.as_bytes().get(digits)? {
            b's' => SECOND_MS,
            b'm' => MINUTE_MS,
            b'h' => HOUR_MS,
            b'd' => DAY_MS,
            b'w' => 7 * DAY_MS,
            _ => return None,
        };
        total_ms = total_ms.checked_add(count.checked_mul(unit_ms)?)?;
        rest = &rest[digits + 1..];
    }
    (total_ms > 0).then_some(total_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_means_what_a_person_in_berlin_means_on_a_monday_at_nine() {
        let zone = chrono_tz::Europe::Berlin;
        let now = Instant::parse("2026-11-23T08:00:00Z").unwrap();
        for (text, at) in [
            ("+3h", "2026-11-23T11:00:00Z"),
            ("+1h30m", "2026-11-23T09:30:00Z"),
            ("+2d", "2026-11-25T08:00:00Z"),
            ("09:30", "2026-11-23T08:30:00Z"),
            ("09:00", "2026-11-24T08:00:00Z"),
            ("mon 09:00", "2026-11-30T08:00:00Z"),
            ("mon 09:01", "2026-11-23T08:01:00Z"),
            ("Friday 17:00", "2026-11-27T16:00:00Z"),
            ("2026-12-01T09:00", "2026-12-01T08:00:00Z"),
            ("2026-12-01 09:00", "2026-12-01T08:00:00Z"),
            ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z"),
            // The night of the spring change: 02:30 does not come.
            ("2027-03-28 02:30", "2027-03-28T01:00:00Z"),
        ] {
            let when = When::parse(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(when.resolve(now, zone).to_string(), at, "{text}");
        }
        for text in ["", "+", "+3", "+3y", "+0m", "-2h", "soon", "25:00", "someday 09:00", "+99999999999999h"]
        {
            let error = When::parse(text).unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }
}
