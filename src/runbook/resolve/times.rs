//! Zones, weekly hours, holidays, and dates with a time.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use toml::value::{Datetime, Offset};

use crate::calendar::{Closing, Holidays, Instant, MINUTE_MS, WeeklyHours, ZoneError, at_local, parse_zone};

use super::super::code::Code;
use super::super::files::text_inside;
use super::super::section::{Value, brief};
use super::Context;

/// A closing of more days is taken for a mistake.
const LONGEST_CLOSING_DAYS: i64 = 366;
/// A calendar file must reach so far ahead.
const AHEAD_DAYS: u64 = 365;
/// A holiday file is lists of dates; a larger one is something else.
const MOST_CALENDAR_BYTES: usize = 4 << 20;

/// The longest name of a zone has a third of this.
const MOST_ZONE_BYTES: usize = 100;

/// A zone of the IANA database.
pub(super) fn zone(value: &Value<'_>) -> Option<Tz> {
    let text = value.raw_text("the name of a time zone, as in \"Europe/Berlin\"")?;
    if text.len() > MOST_ZONE_BYTES || value.report().is_full() {
        value.fault(Code::BadZone, format!("`{}` is not a known time zone", brief(text)));
        return None;
    }
    match parse_zone(text) {
        Ok(zone) => Some(zone),
        Err(ZoneError::Unknown { name, nearest }) => {
            let message = format!("`{name}` is not a known time zone");
            value.report().add_nearest(Code::BadZone, value.span(), message, nearest);
            None
        }
        Err(error @ ZoneError::Empty) => {
            value.fault(Code::BadZone, error.to_string());
            None
        }
    }
}

/// Weekly hours that open at some time.
pub(super) fn hours(value: &Value<'_>) -> Option<WeeklyHours> {
    let text = value.raw_text("weekly hours, as in \"mon-fri 09:00-17:00\"")?;
    match text.parse::<WeeklyHours>() {
        Ok(hours) if hours.is_never_open() => {
            value.fault(
                Code::NeverOpen,
                format!("`{}` is `{}`, which is never open", value.path(), brief(text)),
            );
            None
        }
        Ok(hours) => Some(hours),
        Err(error) => {
            value.report().add(Code::BadHours, value.span_within(error.range.clone()), error.to_string());
            None
        }
    }
}

/// Dates, half days and calendar files, one or a list.
pub(super) fn holidays(value: &Value<'_>, context: &Context<'_>) -> Holidays {
    let mut holidays = Holidays::none();
    for value in value.one_or_list("a list of dates, half days and calendar files") {
        if value.is_datetime() {
            let closing = value.date().and_then(|date| closing(&value, &date.to_string()));
            closing.iter().for_each(|closing| holidays.insert(closing));
            continue;
        }
        let Some(text) = value.raw_text("a date, a half day or a calendar file") else { continue };
        if text.trim().to_lowercase().ends_with(".ics") {
            holidays.extend(&calendar_file(&value, text.trim(), context));
        } else if let Some(closing) = closing(&value, text) {
            holidays.insert(&closing);
        }
    }
    holidays
}

fn closing(value: &Value<'_>, text: &str) -> Option<Closing> {
    match text.parse::<Closing>() {
        Ok(closing) if (closing.last - closing.first).num_days() > LONGEST_CLOSING_DAYS => {
            value.fault(Code::OutOfRange, format!("`{}` is longer than a year", brief(text)));
            None
        }
        Ok(closing) => Some(closing),
        Err(error) => {
            value.fault(Code::BadHolidays, error.to_string());
            None
        }
    }
}

fn calendar_file(value: &Value<'_>, path: &str, context: &Context<'_>) -> Holidays {
    let fault = |message: String| {
        value.fault(Code::BadHolidays, message);
        Holidays::none()
    };
    let text = match text_inside(context.files, path) {
        Ok(text) => text,
        Err(error) => return fault(error.to_string()),
    };
    if text.len() > MOST_CALENDAR_BYTES {
        return fault(format!(
            "`{}` has {} bytes; {MOST_CALENDAR_BYTES} are allowed",
            brief(path),
            text.len()
        ));
    }
    match Holidays::from_icalendar(&text) {
        Err(error) => fault(format!("`{}` is {error}", brief(path))),
        Ok(read) => {
            for event in read.left_out.iter().take(5) {
                value.fault(Code::HolidayLeftOut, format!("`{}`: the event {event}", brief(path)));
            }
            if let Some(today) = context.today {
                report_end(value, path, &read.holidays, today);
            }
            read.holidays
        }
    }
}

fn report_end(value: &Value<'_>, path: &str, holidays: &Holidays, today: NaiveDate) {
    let last = today.checked_add_days(Days::new(AHEAD_DAYS)).unwrap_or(NaiveDate::MAX);
    if holidays.iter().any(|(date, _)| (today..=last).contains(&date)) {
        return;
    }
    let message = match holidays.iter().last() {
        Some((date, _)) if date < today => format!("`{}` ends on {date}", brief(path)),
        Some(_) | None => format!("`{}` has no date from {today} to {last}", brief(path)),
    };
    value.fault(Code::HolidaysEnd, message);
}

/// The instant of a date with a time: by its own offset, or by the wall clock of `zone`.
pub(super) fn instant(value: &Value<'_>, zone: Tz) -> Option<Instant> {
    let written = value.datetime()?;
    let instant = naive(written).and_then(|naive| match written.offset {
        Some(Offset::Z) => Some(Instant::from(naive.and_utc())),
        Some(Offset::Custom { minutes }) => {
            Some(Instant::from(naive.and_utc()).plus(-i64::from(minutes) * MINUTE_MS))
        }
        None => at_local(zone, naive.date(), naive.time()),
    });
    if instant.is_none() {
        value.fault(Code::BadDate, format!("{written} does not exist in {}", zone.name()));
    }
    instant
}

fn naive(written: &Datetime) -> Option<NaiveDateTime> {
    let (date, time) = (written.date?, written.time?);
    let date = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?;
    let second = u32::from(time.second.unwrap_or(0)).min(59);
    let time = NaiveTime::from_hms_opt(time.hour.into(), time.minute.into(), second)?;
    (date.year() >= 1970).then_some(date.and_time(time))
}
