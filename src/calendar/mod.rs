//! Office hours and what follows from them: when somebody is in, when a promise is due.
//!
//! Pure: no clock is read here, and every zone rule comes from the table that is compiled in.
//!
//! [`WeeklyHours`] and [`Holidays`] are texts that people write. A [`Calendar`] puts them on one person's wall
//! and makes an [`OpenTable`] of a stretch of time; all arithmetic is done on such tables, in UTC.

#[expect(clippy::module_inception, reason = "a calendar is the chief thing in the module of calendars")]
mod calendar;
mod holidays;
mod hours;
mod hours_text;
mod icalendar;
mod icalendar_rule;
mod instant;
mod local;
mod overlap;
mod rotation;
mod schedule;
mod table;
mod zones;
mod zones_windows;

pub use calendar::{Calendar, SEARCH_DAYS};
pub use holidays::{Closing, ClosingError, Holidays};
pub use hours::{DAY_MIN, MinuteSpan, WEEK, WeeklyHours};
pub use hours_text::{HoursError, HoursProblem};
pub use icalendar::{EventError, ICalendarError, LeftOut, ReadHolidays};
pub use icalendar_rule::RuleError;
pub use instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS, SECOND_MS, Span};
pub use local::{Reading, at_local, day_start, day_start_or_next, local_date, offset_ms, read, to_local};
pub use overlap::first_slot;
pub use rotation::{Override, RotationPlan, Shift, Turn};
pub use schedule::{Days, Schedule, WeekdaySet};
pub use table::OpenTable;
pub use zones::{ZoneError, parse_zone};
