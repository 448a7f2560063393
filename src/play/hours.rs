//! Whether somebody is in at an instant, quickly and without tables: for the figures, which ask it of
//! every message.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;
use rustc_hash::FxHashMap;

use crate::calendar::{Holidays, Instant, MinuteSpan, WeeklyHours, to_local};
use crate::core::event::{Platform, UserId};
use crate::runbook::Runbook;

/// The office hours of everyone on a platform.
#[derive(Clone, Debug)]
pub struct Hours {
    everyone: Kept,
    of: FxHashMap<UserId, Kept>,
}

#[derive(Clone, Debug)]
struct Kept {
    zone: Tz,
    /// Whether the runbook says the zone; then the platform's does not matter.
    zone_is_said: bool,
    hours: Arc<WeeklyHours>,
    holidays: Arc<Holidays>,
}

impl Hours {
    /// The hours that a runbook gives the users of a platform.
    pub fn new(runbook: &Runbook, platform: Platform) -> Hours {
        let everyone = Kept {
            zone: runbook.team.zone,
            zone_is_said: false,
            hours: Arc::clone(&runbook.team.office_hours),
            holidays: Arc::default(),
        };
        let of = runbook.people.iter().filter_map(|(name, person)| {
            let id = match platform {
                Platform::Slack => person.slack.as_deref().map(UserId::new)?,
                Platform::Matrix => person.matrix.as_deref().map(UserId::new)?,
                Platform::Console => name.clone(),
            };
            let kept = Kept {
                zone: person.zone.unwrap_or(runbook.team.zone),
                zone_is_said: person.zone.is_some(),
                hours: Arc::clone(&person.office_hours),
                holidays: Arc::clone(&person.holidays),
            };
            Some((id, kept))
        });
        Hours { of: of.collect(), everyone }
    }

    /// Takes the zone that the platform knows of a user.
    pub fn learn(&mut self, user: &UserId, zone: Option<Tz>) {
        let kept = self.of.entry(user.clone()).or_insert_with(|| self.everyone.clone());
        if let Some(zone) = zone.filter(|_| !kept.zone_is_said) {
            kept.zone = zone;
        }
    }

    /// The user's date at `at`, and whether they are in.
    pub fn at(&self, user: &UserId, at: Instant) -> (NaiveDate, bool) {
        let kept = self.of.get(user).unwrap_or(&self.everyone);
        let local = to_local(kept.zone, at);
        let minute = local.hour() * 60 + local.minute();
        let within =
            |span: &MinuteSpan| u32::from(span.from_min) <= minute && minute < u32::from(span.to_min);
        let open = kept.hours.on_the_wall(local.weekday()).iter().any(within)
            && !kept.holidays.closed_on(local.date()).iter().any(within);
        (local.date(), open)
    }
}
