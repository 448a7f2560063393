//! Durations, promises, ladder times and local times, as the file writes them.

use chrono::NaiveTime;

use crate::calendar::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

use super::code::Code;
use super::model::{After, Promise};
use super::section::{Value, brief};

/// No promise and no gap is longer than a year.
const MOST_MS: i64 = 366 * DAY_MS;
/// Working days in a year, about.
const MOST_WORKDAYS: u32 = 250;

/// Why a text is no duration: a code and what to say.
type Fault = (Code, String);

fn fault<T>(text: &str, why: &str) -> Result<T, Fault> {
    Err((Code::BadDuration, format!("`{}` is no duration: {why}", brief(text))))
}

/// Numbers and their units: `1h 30m` is `[(1, "h"), (30, "m")]`.
fn amounts(text: &str) -> Result<Vec<(u32, &str)>, Fault> {
    let mut rest = text.trim();
    let mut amounts = Vec::new();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            let why = if rest.starts_with('-') { "it cannot be negative" } else { "a number is expected" };
            return fault(text, why);
        }
        let Ok(number) = rest[..digits].parse::<u32>() else {
            return Err((Code::OutOfRange, format!("`{}` is longer than a year", brief(text))));
        };
        let after = &rest[digits..];
        if after.starts_with(['.', ',']) {
            return fault(text, "write a fraction in smaller units, as in `1h 30m`");
        }
        let after = after.trim_start();
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        if letters == 0 {
            return fault(text, "a unit is missing, as in `15m` or `4h`");
        }
        amounts.push((number, &after[..letters]));
        rest = after[letters..].trim_start();
    }
    if amounts.is_empty() { fault(text, "it is empty") } else { Ok(amounts) }
}

fn unit_ms(text: &str, unit: &str) -> Result<i64, Fault> {
    match unit {
        "s" | "sec" | "second" | "seconds" => Ok(SECOND_MS),
        "m" | "min" | "minute" | "minutes" => Ok(MINUTE_MS),
        "h" | "hour" | "hours" => Ok(HOUR_MS),
        "d" | "day" | "days" => {
            fault(text, "a day could mean 24 hours or a working day; write `24h` or `1 workday`")
        }
        "workday" | "workdays" => fault(text, "working days cannot be used here; write hours"),
        "w" | "week" | "weeks" => fault(text, "weeks cannot be used here; write hours, or `5 workdays`"),
        _ => fault(text, &format!("`{}` is no unit; use `s`, `m` or `h`", brief(unit))),
    }
}

/// `90s`, `15m`, `4h`, `1h 30m` in milliseconds.
fn plain_ms(text: &str) -> Result<i64, Fault> {
    let mut total: i64 = 0;
    let mut smaller_than = i64::MAX;
    for (number, unit) in amounts(text)? {
        let unit_ms = unit_ms(text, unit)?;
        if unit_ms >= smaller_than {
            return fault(text, "write the larger unit first, and each unit once");
        }
        smaller_than = unit_ms;
        total = total.saturating_add(i64::from(number).saturating_mul(unit_ms));
    }
    if total > MOST_MS {
        return Err((Code::OutOfRange, format!("`{}` is longer than a year", brief(text))));
    }
    Ok(total)
}

/// A duration, or `2 workdays`.
fn promise(text: &str) -> Result<Promise, Fault> {
    if let Ok([(number, "workday" | "workdays")]) = amounts(text).as_deref() {
        return match *number {
            1..=MOST_WORKDAYS => Ok(Promise::Workdays(*number)),
            _ => Err((
                Code::OutOfRange,
                format!("`{}`: 1 to {MOST_WORKDAYS} workdays are possible", brief(text)),
            )),
        };
    }
    match plain_ms(text)? {
        0 => Err((Code::OutOfRange, format!("`{}` leaves no time at all", brief(text)))),
        ms => Ok(Promise::Ms(ms)),
    }
}

/// `0m`, `80%`, `1h after`.
fn after(text: &str) -> Result<After, Fault> {
    let trimmed = text.trim();
    if let Some(number) = trimmed.strip_suffix('%') {
        return match number.trim_end().parse::<u32>() {
            Ok(percent @ 0..=1000) => Ok(After::Percent(percent)),
            Ok(_) => Err((Code::OutOfRange, format!("`{}` is above 1000%", brief(text)))),
            Err(_) => fault(text, "a share is a whole number of percent, as in `80%`"),
        };
    }
    if let Some(late) = trimmed.strip_suffix("after") {
        return plain_ms(late.trim_end()).map(After::AfterDueMs);
    }
    plain_ms(trimmed).map(After::Ms)
}

/// `1 week`, `2 weeks`, `1 day` in days.
fn days(text: &str) -> Result<u32, Fault> {
    let per_unit = |unit: &str| match unit {
        "day" | "days" | "d" => Some(1),
        "week" | "weeks" | "w" => Some(7),
        _ => None,
    };
    let days = match amounts(text)?.as_slice() {
        [(number, unit)] => per_unit(unit).map(|days| number.saturating_mul(days)),
        _ => None,
    };
    match days {
        None => fault(text, "write days or weeks, as in `1 week`"),
        Some(days @ 1..=366) => Ok(days),
        Some(_) => Err((Code::OutOfRange, format!("`{}`: 1 to 366 days are possible", brief(text)))),
    }
}

impl Value<'_> {
    fn quantity<T>(&self, expected: &str, parse: fn(&str) -> Result<T, Fault>) -> Option<T> {
        match parse(self.raw_text(expected)?) {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.fault(code, message);
                None
            }
        }
    }

    /// A duration longer than nothing, in milliseconds.
    pub(super) fn duration_ms(&self) -> Option<i64> {
        let ms = self.quantity("a duration, as in \"15m\"", plain_ms)?;
        if ms == 0 {
            self.fault(Code::OutOfRange, format!("`{}` is zero", self.path()));
            return None;
        }
        Some(ms)
    }

    /// A duration or working days.
    pub(super) fn promise(&self) -> Option<Promise> {
        self.quantity("a duration, as in \"4h\" or \"1 workday\"", promise)
    }

    /// A ladder time.
    pub(super) fn after(&self) -> Option<After> {
        self.quantity("a time, as in \"10m\", \"80%\" or \"1h after\"", after)
    }

    /// The length of a shift, in days.
    pub(super) fn shift_days(&self) -> Option<u32> {
        self.quantity("days or weeks, as in \"1 week\"", days)
    }

    /// A local time of the day, `09:00`.
    pub(super) fn local_time(&self) -> Option<NaiveTime> {
        let text = self.raw_text("a time, as in \"09:00\"")?;
        let time = parse_time(text);
        if time.is_none() {
            self.fault(
                Code::BadTime,
                format!("`{}` is no time of the day; write it as `09:00`", brief(text)),
            );
        }
        time
    }
}

/// `09:00`, two digits each, 00:00 to 23:59.
pub(super) fn parse_time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}
