//! Office hours and what follows from them: when somebody is in, when a promise is due.
//!
//! Pure: no clock is read here, and every zone rule comes from the table that is compiled in.

mod instant;

pub use instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS, SECOND_MS, Span};
