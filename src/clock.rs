//! The one place in which the clock is read.

use crate::calendar::Instant;

/// The time by the system's clock.
#[expect(clippy::disallowed_methods, reason = "everything else takes `now` as an argument, from here")]
pub fn now() -> Instant {
    Instant::from(chrono::Utc::now())
}
