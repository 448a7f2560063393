//! Holidays from the iCalendar files that calendars export.
//!
//! An event closes what it covers, by whatever wall clock is asked: a public holiday in a file is a date, and
//! a time with a zone's name beside it means that time of day. What cannot be understood is handed back with
//! its reason; nothing is left out in silence.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use icalendar::parser::{Component, Property, read_calendar, unfold};

use super::holidays::Holidays;
use super::hours::{DAY_MIN, MinuteSpan};
use super::icalendar_rule::{RuleError, YearlyRule};
use super::zones::parse_zone;

/// The years for which repeating events are written out, both included.
pub const YEARS: (i32, i32) = (2000, 2060);

/// The longest event that counts as a closing, in days; a longer one is taken for a mistake.
const LONGEST_DAYS: i64 = 366;

/// What was read from an iCalendar file.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ReadHolidays {
    /// The closings of all events that were understood.
    pub holidays: Holidays,
    /// The events that were not, each with the reason.
    pub left_out: Vec<LeftOut>,
}

/// An event that closes nothing because it was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{summary}`: {reason}")]
pub struct LeftOut {
    /// The event's title, or its identifier.
    pub summary: String,
    /// Why it was left out.
    pub reason: EventError,
}

/// Why a file, as a whole, is no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ICalendarError {
    /// The text does not follow the grammar.
    #[error("not an iCalendar file: {0}")]
    Grammar(String),
    /// There is no `BEGIN:VCALENDAR`.
    #[error("not an iCalendar file: it does not begin with `BEGIN:VCALENDAR`")]
    NoCalendar,
}

/// Why an event was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It has no start.
    #[error("it has no DTSTART")]
    NoStart,
    /// A date or a time that cannot be read.
    #[error("`{0}` is not a date or time of iCalendar")]
    BadTime(String),
    /// A length that cannot be read.
    #[error("`{0}` is not a duration of iCalendar")]
    BadDuration(String),
    /// A time in UTC in a file that names no zone.
    #[error("`{0}` is a time in UTC, and the file names no zone (X-WR-TIMEZONE) to read it in")]
    NoZone(String),
    /// It does not end after it starts.
    #[error("it ends at {to}, not after it starts at {from}")]
    Empty {
        /// Its start.
        from: NaiveDateTime,
        /// Its end.
        to: NaiveDateTime,
    },
    /// It lasts longer than a year.
    #[error("it lasts {0} days")]
    TooLong(i64),
    /// It repeats in a way that holidays do not.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// It lists further dates instead of a rule.
    #[error("further dates (RDATE) are not understood")]
    FurtherDates,
}

impl Holidays {
    /// Reads the events of an iCalendar file as closings.
    ///
    /// Cancelled events are skipped. All-day events close their dates, timed ones the time they cover. Yearly rules
    /// are written out over `YEARS`.
    ///
    /// # Errors
    /// When the text is no iCalendar file. Single events that are not understood are in the answer instead.
    pub fn from_icalendar(text: &str) -> Result<ReadHolidays, ICalendarError> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let begins = text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCALENDAR"));
        if !begins {
            return Err(ICalendarError::NoCalendar);
        }
        let unfolded = unfold(text);
        let calendar =
            read_calendar(&unfolded).map_err(|error| ICalendarError::Grammar(first_lines(&error)))?;
        let zone = calendar
            .properties
            .iter()
            .find(|property| property.name == "X-WR-TIMEZONE")
            .and_then(|property| parse_zone(property.val.as_str()).ok());
        let events: Vec<&Component> =
            calendar.components.iter().filter(|component| component.name == "VEVENT").collect();
        let moved = moved_dates(&events);
        let mut read = ReadHolidays::default();
        for event in events.into_iter().filter(|event| !is_cancelled(event)) {
            if let Err(reason) = close(&mut read.holidays, event, zone, &moved) {
                read.left_out.push(LeftOut { summary: title(event), reason });
            }
        }
        Ok(read)
    }
}

/// The first two lines of the parser's message; the rest repeats the file.
fn first_lines(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).take(2).collect::<Vec<_>>().join(" ")
}

fn value<'a>(event: &'a Component, name: &str) -> Option<&'a str> {
    event.find_prop(name).map(|property| property.val.as_str().trim())
}

fn title(event: &Component) -> String {
    value(event, "SUMMARY").or(value(event, "UID")).unwrap_or("an event without title").to_owned()
}

fn is_cancelled(event: &Component) -> bool {
    value(event, "STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED"))
}

/// Single dates of repeating events that have an event of their own (or were cancelled), by identifier.
fn moved_dates(events: &[&Component]) -> BTreeSet<(String, NaiveDate)> {
    events
        .iter()
        .filter_map(|event| {
            let date = date_part(value(event, "RECURRENCE-ID")?)?;
            Some((value(event, "UID")?.to_owned(), date))
        })
        .collect()
}

fn close(
    holidays: &mut Holidays,
    event: &Component,
    zone: Option<Tz>,
    moved: &BTreeSet<(String, NaiveDate)>,
) -> Result<(), EventError> {
    let (from, to) = extent(event, zone)?;
    if to <= from {
        return Err(EventError::Empty { from, to });
    }
    let length = to - from;
    if length.num_days() > LONGEST_DAYS {
        return Err(EventError::TooLong(length.num_days()));
    }
    if event.find_prop("RDATE").is_some() {
        return Err(EventError::FurtherDates);
    }
    let Some(rule) = value(event, "RRULE") else {
        close_extent(holidays, from, to);
        return Ok(());
    };
    let rule = YearlyRule::parse(rule, from.date())?;
    let excluded = excluded_dates(event)?;
    let uid = value(event, "UID").unwrap_or_default();
    for date in rule.dates(from.date(), YEARS) {
        if excluded.contains(&date) || moved.contains(&(uid.to_owned(), date)) {
            continue;
        }
        let from = date.and_time(from.time());
        close_extent(holidays, from, from + length);
    }
    Ok(())
}

/// Start and end of the event on the wall.
fn extent(event: &Component, zone: Option<Tz>) -> Result<(NaiveDateTime, NaiveDateTime), EventError> {
    let start = event.find_prop("DTSTART").ok_or(EventError::NoStart)?;
    let from = wall_time(start, zone)?;
    let all_day = start.val.as_str().trim().len() == 8;
    let to = match (event.find_prop("DTEND"), value(event, "DURATION")) {
        (Some(end), _) => wall_time(end, zone)?,
        (None, Some(duration)) => from
            .checked_add_signed(parse_duration(duration)?)
            .ok_or_else(|| EventError::BadDuration(duration.to_owned()))?,
        (None, None) if all_day => from + Days::new(1),
        (None, None) => from,
    };
    // Some programs write a day that ends on the date on which it starts.
    let to = if all_day && to == from { from + Days::new(1) } else { to };
    Ok((from, to))
}

fn wall_time(property: &Property, zone: Option<Tz>) -> Result<NaiveDateTime, EventError> {
    let text = property.val.as_str().trim();
    let bad = || EventError::BadTime(text.to_owned());
    let date = date_part(text).ok_or_else(bad)?;
    let Some(time) = text.get(8..).filter(|rest| !rest.is_empty()) else {
        return Ok(date.and_time(NaiveTime::MIN));
    };
    let (time, in_utc) = match time.strip_suffix('Z') {
        Some(time) => (time, true),
        None => (time, false),
    };
    let local = date.and_time(NaiveTime::parse_from_str(time, "T%H%M%S").map_err(|_| bad())?);
    if !in_utc {
        return Ok(local);
    }
    let zone = zone.ok_or_else(|| EventError::NoZone(text.to_owned()))?;
    Ok(DateTime::<Utc>::from_naive_utc_and_offset(local, Utc).with_timezone(&zone).naive_local())
}

/// The date at the start of `20261225` or `20261225T130000Z`.
pub(super) fn date_part(text: &str) -> Option<NaiveDate> {
    let digits = text.get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    NaiveDate::parse_from_str(digits, "%Y%m%d").ok()
}

fn excluded_dates(event: &Component) -> Result<BTreeSet<NaiveDate>, EventError> {
    event
        .properties
        .iter()
        .filter(|property| property.name == "EXDATE")
        .flat_map(|property| property.val.as_str().split(','))
        .map(|text| date_part(text.trim()).ok_or_else(|| EventError::BadTime(text.to_owned())))
        .collect()
}

/// A duration such as `P1D`, `PT4H30M` or `P2W`.
fn parse_duration(text: &str) -> Result<TimeDelta, EventError> {
    let bad = || EventError::BadDuration(text.to_owned());
    let mut rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P').ok_or_else(bad)?;
    let mut total = TimeDelta::zero();
    while !rest.is_empty() {
        rest = rest.strip_prefix('T').unwrap_or(rest);
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(bad)?;
        let count: i64 = rest[..end].parse().map_err(|_| bad())?;
        let part = match &rest[end..=end] {
            "W" => TimeDelta::try_weeks(count),
            "D" => TimeDelta::try_days(count),
            "H" => TimeDelta::try_hours(count),
            "M" => TimeDelta::try_minutes(count),
            "S" => TimeDelta::try_seconds(count),
            _ => None,
        };
        total = part.and_then(|part| total.checked_add(&part)).ok_or_else(bad)?;
        rest = &rest[end + 1..];
    }
    Ok(total)
}

/// Closes from `from` to `to`, cut at midnights; seconds count as part of their minute.
fn close_extent(holidays: &mut Holidays, from: NaiveDateTime, to: NaiveDateTime) {
    let minute = |time: NaiveTime| u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(DAY_MIN);
    for date in from.date().iter_days().take_while(|date| *date <= to.date()) {
        let from_min = if date == from.date() { minute(from.time()) } else { 0 };
        let to_min = if date == to.date() {
            minute(to.time()) + u16::from(!to.time().second().is_multiple_of(60))
        } else {
            DAY_MIN
        };
        holidays.close(date, MinuteSpan { from_min, to_min });
    }
}

/// The `day` of a month; counted from its end when negative. Nothing when the month lacks it.
pub(super) fn month_day(year: i32, month: u32, day: i32) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    if day > 0 {
        return NaiveDate::from_ymd_opt(year, month, day.cast_unsigned());
    }
    // Counted from the end of the month: −1 is the last day.
    let next = first.checked_add_months(Months::new(1))?;
    next.checked_sub_days(Days::new(u64::from(day.unsigned_abs()))).filter(|date| *date >= first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-TIMEZONE:Europe/Berlin\r\n{events}END:VCALENDAR\r\n")
    }

    fn event(lines: &[&str]) -> String {
        format!("BEGIN:VEVENT\r\nUID:{}\r\n{}\r\nEND:VEVENT\r\n", lines[0], lines[1..].join("\r\n"))
    }

    fn read(events: &[&[&str]]) -> ReadHolidays {
        let events: String = events.iter().map(|lines| event(lines)).collect();
        Holidays::from_icalendar(&file(&events)).unwrap()
    }

    /// The closings as they are written in a runbook.
    fn written(read: &ReadHolidays) -> Vec<String> {
        let line = |(date, spans): (NaiveDate, &[MinuteSpan])| {
            let spans: Vec<String> = spans.iter().map(MinuteSpan::to_string).collect();
            format!("{date} {}", spans.join(" "))
        };
        read.holidays.iter().map(line).collect()
    }

    #[test]
    fn events_close_what_they_cover() {
        for (lines, expected) in [
            (
                &["a", "DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"][..],
                &["2026-12-25 00:00-24:00", "2026-12-26 00:00-24:00"][..],
            ),
            (&["a", "DTSTART;VALUE=DATE:20261225"], &["2026-12-25 00:00-24:00"]),
            (&["a", "DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261225"], &["2026-12-25 00:00-24:00"]),
            (
                &["a", "DTSTART;VALUE=DATE:20261225", "DURATION:P2D"],
                &["2026-12-25 00:00-24:00", "2026-12-26 00:00-24:00"],
            ),
            (&["a", "DTSTART:20261231T130000", "DTEND:20261231T180000"], &["2026-12-31 13:00-18:00"]),
            (
                &[
                    "a",
                    "DTSTART;TZID=Europe/Vienna:20261231T130000",
                    "DTEND;TZID=Europe/Vienna:20270101T000000",
                ],
                &["2026-12-31 13:00-24:00"],
            ),
            (&["a", "DTSTART:20261231T120000Z", "DURATION:PT1H30M"], &["2026-12-31 13:00-14:30"]),
            (
                &["a", "DTSTART:20261231T220000", "DTEND:20270102T063030"],
                &["2026-12-31 22:00-24:00", "2027-01-01 00:00-24:00", "2027-01-02 00:00-06:31"],
            ),
            (&["a", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20261225"], &[]),
            (
                &["a", "SUMMARY:Christ\r\n mas", "TRANSP:TRANSPARENT", "DTSTART;VALUE=DATE:20261225"],
                &["2026-12-25 00:00-24:00"],
            ),
        ] {
            let read = read(&[lines]);
            assert_eq!(written(&read), expected, "{lines:?}");
            assert_eq!(read.left_out, []);
        }
    }

    #[test]
    fn yearly_rules_are_written_out() {
        for (start, rule, expected) in [
            ("20250101", "FREQ=YEARLY;COUNT=3", &["2025-01-01", "2026-01-01", "2027-01-01"][..]),
            ("20250101", "FREQ=YEARLY;UNTIL=20260101T000000Z", &["2025-01-01", "2026-01-01"]),
            ("20250101", "FREQ=YEARLY;INTERVAL=2;COUNT=2", &["2025-01-01", "2027-01-01"]),
            ("20250501", "RULE;FREQ=YEARLY", &[]),
            ("20250501", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;COUNT=2", &["2025-05-01", "2026-05-01"]),
            ("20251127", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2", &["2025-11-27", "2026-11-26"]),
            ("20250526", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=2", &["2025-05-26", "2026-05-25"]),
            ("20241231", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1;COUNT=2", &["2024-12-31", "2025-12-31"]),
            // The day after the first Monday of November, as elections are.
            (
                "20241105",
                "FREQ=YEARLY;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=2",
                &["2024-11-05", "2025-11-04"],
            ),
            // 29 February comes in leap years alone.
            ("20240229", "FREQ=YEARLY;COUNT=2", &["2024-02-29", "2028-02-29"]),
            ("16010101", "FREQ=YEARLY;UNTIL=20010101", &["2000-01-01", "2001-01-01"]),
        ] {
            let start = format!("DTSTART;VALUE=DATE:{start}");
            let read = read(&[&["a", &start, &format!("RRULE:{rule}")]]);
            let dates: Vec<String> = read.holidays.iter().map(|(date, _)| date.to_string()).collect();
            assert_eq!(dates, expected, "{rule} {:?}", read.left_out);
        }
        let endless = read(&[&["a", "DTSTART;VALUE=DATE:20250101", "RRULE:FREQ=YEARLY"]]);
        assert_eq!(endless.holidays.iter().count(), 36, "2025 to 2060");
    }

    #[test]
    fn single_dates_of_a_rule_can_be_excluded_or_moved() {
        let read = read(&[
            &["a", "DTSTART;VALUE=DATE:20250101", "RRULE:FREQ=YEARLY;COUNT=4", "EXDATE;VALUE=DATE:20260101"],
            &["a", "RECURRENCE-ID;VALUE=DATE:20270101", "DTSTART;VALUE=DATE:20270104"],
            &["a", "RECURRENCE-ID;VALUE=DATE:20280101", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20280101"],
        ]);
        assert_eq!(written(&read), ["2025-01-01 00:00-24:00", "2027-01-04 00:00-24:00"]);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        let start = "DTSTART;VALUE=DATE:20250101";
        for (lines, reason) in [
            (
                &["a", start, "RRULE:FREQ=WEEKLY"][..],
                "`a`: it repeats by `FREQ=WEEKLY`: only yearly holidays are understood",
            ),
            (
                &["a", start, "RRULE:FREQ=YEARLY;BYSETPOS=1"],
                "`a`: `BYSETPOS=1` of its rule is not understood",
            ),
            (
                &["a", start, "RRULE:FREQ=YEARLY;BYDAY=MO"],
                "`a`: `FREQ=YEARLY;BYDAY=MO` of its rule is not understood",
            ),
            (
                &["a", start, "RRULE:FREQ=YEARLY;INTERVAL=0"],
                "`a`: `INTERVAL=0` of its rule is not understood",
            ),
            (&["a", start, "RDATE;VALUE=DATE:20260101"], "`a`: further dates (RDATE) are not understood"),
            (&["a", "SUMMARY:Easter"], "`Easter`: it has no DTSTART"),
            (&["a", "DTSTART;VALUE=DATE:20250230"], "`a`: `20250230` is not a date or time of iCalendar"),
            (&["a", "DTSTART:20250101T250000"], "`a`: `20250101T250000` is not a date or time of iCalendar"),
            (&["a", start, "DURATION:1D"], "`a`: `1D` is not a duration of iCalendar"),
            (
                &["a", start, "DURATION:P99999999999999D"],
                "`a`: `P99999999999999D` is not a duration of iCalendar",
            ),
            (
                &["a", "DTSTART:20250101T100000"],
                "`a`: it ends at 2025-01-01 10:00:00, not after it starts at 2025-01-01 10:00:00",
            ),
            (&["a", start, "DTEND;VALUE=DATE:20350101"], "`a`: it lasts 3652 days"),
        ] {
            let read = read(&[lines]);
            let reasons: Vec<String> = read.left_out.iter().map(LeftOut::to_string).collect();
            assert_eq!(reasons, [reason]);
            assert!(read.holidays.is_empty());
        }
    }

    #[test]
    fn files_come_with_marks_and_bare_line_ends() {
        let good = file(&event(&["a", "DTSTART;VALUE=DATE:20261225"]));
        for text in [format!("\u{feff}{good}"), good.replace("\r\n", "\n"), format!("\n{good}\n")] {
            assert_eq!(written(&Holidays::from_icalendar(&text).unwrap()), ["2026-12-25 00:00-24:00"]);
        }
        assert_eq!(Holidays::from_icalendar(""), Err(ICalendarError::NoCalendar));
        assert_eq!(Holidays::from_icalendar("<html>"), Err(ICalendarError::NoCalendar));
        let no_zone = good
            .replace("X-WR-TIMEZONE:Europe/Berlin\r\n", "")
            .replace(";VALUE=DATE:20261225", ":20261225T120000Z");
        let read = Holidays::from_icalendar(&no_zone).unwrap();
        let reasons: Vec<String> = read.left_out.iter().map(LeftOut::to_string).collect();
        assert_eq!(
            reasons,
            [
                "`a`: `20261225T120000Z` is a time in UTC, and the file names no zone (X-WR-TIMEZONE) to read it in"
            ]
        );
    }

    #[test]
    fn a_torn_file_is_an_error_and_not_half_a_calendar() {
        let good = file(&event(&["a", "DTSTART;VALUE=DATE:20261225"]));
        for torn in ["BEGIN:VCALENDAR", &good[..good.len() - 30], &good[..60]] {
            let error = Holidays::from_icalendar(torn).unwrap_err().to_string();
            assert!(error.starts_with("not an iCalendar file: "), "{error}");
            assert!(error.len() < 300, "{error}");
        }
    }
}
