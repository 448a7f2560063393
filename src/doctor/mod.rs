//! What is wrong with an installation, and how it is mended.
//!
//! Each check is a function from what was found to findings; `commands/doctor.rs` finds it. No secret comes here,
//! apart from the settings of the pager, which are not printed.

mod installation;
#[cfg(feature = "matrix")]
pub mod matrix;
#[cfg(feature = "web")]
mod platform;
mod report;
mod runbook;
#[cfg(feature = "slack")]
pub mod slack;

pub use installation::{Caller, database, listening, settings, zones};
#[cfg(feature = "web")]
pub use platform::clock;
#[cfg(feature = "web")]
use platform::unnamed;
pub use report::{json, text};
pub use runbook::{pager, runbook};

use serde::Serialize;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing is to be done.
    Ok,
    /// Something is probably not as it was meant.
    Warning,
    /// Something does not work.
    Problem,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check.
    pub check: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found.
    pub message: String,
    /// What is to be done about it.
    pub mend: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(check: &'static str, message: impl Into<String>) -> Finding {
        Finding { check, verdict: Verdict::Ok, message: message.into(), mend: None }
    }

    /// Something is probably not as it was meant.
    pub fn warning(check: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding { check, verdict: Verdict::Warning, message: message.into(), mend: Some(mend.into()) }
    }

    /// Something does not work.
    pub fn problem(check: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding { check, verdict: Verdict::Problem, message: message.into(), mend: Some(mend.into()) }
    }
}
