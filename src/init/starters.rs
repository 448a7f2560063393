//! The starter runbooks, as they lie in `runbooks/`, with the calendars that they name.

/// A file of the repository.
macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!("../../runbooks/", $path)))
    };
}

const GERMANY: (&str, &str) = file!("holidays/germany.ics");
const ENGLAND: (&str, &str) = file!("holidays/england-and-wales.ics");
const NIGERIA: (&str, &str) = file!("holidays/nigeria.ics");
const UNITED_STATES: (&str, &str) = file!("holidays/united-states.ics");

/// A starter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Starter {
    /// The runbook.
    pub runbook: &'static str,
    /// The files that lie beside it: their path, and what is in them.
    pub beside: &'static [(&'static str, &'static str)],
}

/// For a product team in two countries.
pub const PRODUCT_TEAM: Starter =
    Starter { runbook: file!("product-team.toml").1, beside: &[GERMANY, ENGLAND] };
/// For a support desk that follows the sun.
pub const SUPPORT_DESK: Starter =
    Starter { runbook: file!("support-desk.toml").1, beside: &[NIGERIA, GERMANY, UNITED_STATES] };
/// For a project of volunteers.
pub const OPEN_SOURCE: Starter = Starter { runbook: file!("open-source.toml").1, beside: &[] };
/// For a trial, in which Usher says nothing.
pub const WATCH_ONLY: Starter = Starter { runbook: file!("watch-only.toml").1, beside: &[] };
