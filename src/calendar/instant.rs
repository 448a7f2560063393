//! A point in time, and a span between two of them.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds in a second, a minute, an hour, a day: durations in this crate are `i64` milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, as the store keeps it.
///
/// It reads and prints as RFC 3339 in UTC. Leap seconds do not exist on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(i64);

impl Instant {
    /// The earliest instant that can be printed (year −9999); sorts before all others.
    pub const MIN: Instant = Instant(-377_705_116_800_000);
    /// The latest instant that can be printed (year 9999); sorts after all others.
    pub const MAX: Instant = Instant(253_402_300_799_999);

    /// From milliseconds since the epoch, held within [`Instant::MIN`] and [`Instant::MAX`].
    pub const fn from_ms(ms: i64) -> Instant {
        if ms < Self::MIN.0 {
            Self::MIN
        } else if ms > Self::MAX.0 {
            Self::MAX
        } else {
            Instant(ms)
        }
    }

    /// Milliseconds since the epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms` milliseconds, held within the range that can be printed.
    #[must_use]
    pub const fn plus(self, ms: i64) -> Instant {
        Instant::from_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    pub const fn since(self, earlier: Instant) -> i64 {
        self.0 - earlier.0
    }

    /// The same instant as chrono writes it.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).expect("held within chrono's range by from_ms")
    }

    /// Parses RFC 3339 with any offset.
    ///
    /// # Errors
    /// When `text` is not an RFC 3339 instant.
    pub fn parse(text: &str) -> Result<Instant, chrono::ParseError> {
        DateTime::parse_from_rfc3339(text).map(|at| Instant::from_ms(at.timestamp_millis()))
    }
}

impl<Z: chrono::TimeZone> From<DateTime<Z>> for Instant {
    fn from(at: DateTime<Z>) -> Instant {
        Instant::from_ms(at.timestamp_millis())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Instant::parse(&text).map_err(|error| de::Error::custom(format!("`{text}` is not RFC 3339: {error}")))
    }
}

/// A span of time: from `from` up to, and without, `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first instant in it.
    pub from: Instant,
    /// The first instant after it.
    pub to: Instant,
}

impl Span {
    /// Whether `at` lies in the span.
    pub fn contains(self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }

    /// Its length in milliseconds; 0 when it ends before it starts.
    pub fn ms(self) -> i64 {
        self.to.since(self.from).max(0)
    }
}
