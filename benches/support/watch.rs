//! Watching: how long something took, and the middle of several rounds.
//!
//! Times on a shared machine are noise, so everything that is compared runs in turns within one run, and what
//! counts are the ratios of the medians.

use std::time::Instant as Stopwatch;

/// Starts a watch, which tells the seconds since.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub fn begin() -> impl Fn() -> f64 {
    let start = Stopwatch::now();
    move || start.elapsed().as_secs_f64()
}

/// The middle of some figures.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
