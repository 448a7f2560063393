//! Named points at which things can be made to go wrong: a process that dies, a database that refuses.
//!
//! Tests and the simulation script them. In the real program `USHER_CRASH_AT=after-commit:17` aborts the
//! process when it passes that point for the seventeenth time; nothing else can be set from outside.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::StoreError;

/// A point that a process passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// The engine has decided, nothing is committed.
    BeforeCommit,
    /// All is committed, nothing is acknowledged.
    AfterCommit,
    /// All is acknowledged, the courier knows nothing of it.
    AfterAcknowledge,
    /// An action is marked as being sent, and is not yet.
    AfterClaim,
    /// The platform has it, nobody here knows.
    AfterSend,
    /// What became of an action is known, and not yet committed.
    BeforeMark,
}

/// What goes wrong at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Pass,
    /// The database refuses the content.
    Refuse,
    /// The database does not answer.
    Lose,
    /// The task ends there, as a killed process would.
    Crash,
    /// The process ends there.
    Abort,
}

/// What a point was made to do.
#[derive(Debug)]
pub enum Injected {
    /// An error of the database.
    Store(StoreError),
    /// The end of the task.
    Crash(Point),
}

/// Which faults are planned; usually none. Clones share the plan.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<dyn Fn(Point) -> Fault + Send + Sync>>);

impl Point {
    const ALL: [Point; 6] = [
        Point::BeforeCommit,
        Point::AfterCommit,
        Point::AfterAcknowledge,
        Point::AfterClaim,
        Point::AfterSend,
        Point::BeforeMark,
    ];

    /// Its name, as in `USHER_CRASH_AT`.
    pub fn name(self) -> &'static str {
        match self {
            Point::BeforeCommit => "before-commit",
            Point::AfterCommit => "after-commit",
            Point::AfterAcknowledge => "after-acknowledge",
            Point::AfterClaim => "after-claim",
            Point::AfterSend => "after-send",
            Point::BeforeMark => "before-mark",
        }
    }
}

impl Faults {
    /// No faults.
    pub fn none() -> Faults {
        Faults(None)
    }

    /// `plan` is asked at each point, each time it is passed.
    pub fn planned(plan: impl Fn(Point) -> Fault + Send + Sync + 'static) -> Faults {
        Faults(Some(Arc::new(plan)))
    }

    /// From the text of `USHER_CRASH_AT`: a point's name, a colon, and at which passing the process ends.
    ///
    /// # Errors
    /// When the text is something else; the message names the points.
    pub fn crash_at(text: &str) -> Result<Faults, String> {
        let wrong = || {
            let points: Vec<&str> = Point::ALL.iter().map(|point| point.name()).collect();
            format!("USHER_CRASH_AT: `{text}` is not POINT:NUMBER with a point of {}", points.join(", "))
        };
        let (name, number) = text.split_once(':').ok_or_else(wrong)?;
        let at = *Point::ALL.iter().find(|point| point.name() == name).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let passed = AtomicU64::new(0);
        Ok(Faults::planned(move |point| {
            if point == at && passed.fetch_add(1, Ordering::Relaxed) + 1 == number {
                Fault::Abort
            } else {
                Fault::Pass
            }
        }))
    }

    /// Passes a point.
    ///
    /// # Errors
    /// What was planned for it.
    pub fn at(&self, point: Point) -> Result<(), Injected> {
        let Some(plan) = &self.0 else { return Ok(()) };
        match plan(point) {
            Fault::Pass => Ok(()),
            Fault::Refuse => Err(Injected::Store(StoreError::Refused(format!("planned {}", point.name())))),
            Fault::Lose => Err(Injected::Store(StoreError::Unavailable(format!("planned {}", point.name())))),
            Fault::Crash => Err(Injected::Crash(point)),
            Fault::Abort => std::process::abort(),
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Faults(planned)" } else { "Faults(none)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_crash_point_is_named_with_those_that_exist() {
        let error = Faults::crash_at("after-comit:3").unwrap_err();
        assert!(error.contains("`after-comit:3`") && error.contains("after-commit"), "{error}");
        assert!(Faults::crash_at("after-commit:x").is_err());
        assert!(Faults::crash_at("after-commit").is_err());
        assert!(Faults::crash_at("after-commit:2").is_ok());
    }
}
