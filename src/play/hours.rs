//! Whether somebody is in at an instant, quickly and without tables: for the figures, which ask it of
//! every message.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::calendar::{Holidays, Instant, MinuteSpan, WeeklyHours, to_local};
use crate::core::event::{Platform, UserId};
use crate::runbook::{Clock, Name, Person, Runbook};

/// The office hours of everyone on a platform.
#[derive(Clone, Debug)]
pub struct Hours {
    everyone: Kept,
    of: FxHashMap<UserId, Kept>,
    /// The platform's ids of those whom the runbook calls otherwise.
    users: FxHashMap<Name, UserId>,
    /// The levels whose clock never stops.
    always: FxHashSet<Name>,
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
        let id = |name: &Name, person: &Person| match platform {
            Platform::Slack => person.slack.as_deref().map(UserId::new),
            Platform::Matrix => person.matrix.as_deref().map(UserId::new),
            Platform::Console => Some(name.clone()),
        };
        let people = runbook.people.iter();
        let users = people.clone().filter_map(|(name, person)| Some((name.clone(), id(name, person)?)));
        let always = runbook.levels.iter().filter(|level| level.clock == Clock::Always);
        let of = people.filter_map(|(name, person)| {
            let kept = Kept {
                zone: person.zone.unwrap_or(runbook.team.zone),
                zone_is_said: person.zone.is_some(),
                hours: Arc::clone(&person.office_hours),
                holidays: Arc::clone(&person.holidays),
            };
            Some((id(name, person)?, kept))
        });
        Hours {
            of: of.collect(),
            everyone,
            users: users.collect(),
            always: always.map(|level| level.name.clone()).collect(),
        }
    }

    /// The platform's id of a person.
    pub fn user(&self, person: &Name) -> UserId {
        self.users.get(person).unwrap_or(person).clone()
    }

    /// On which clock a level's promise runs.
    pub fn clock(&self, level: &Name) -> Clock {
        if self.always.contains(level) { Clock::Always } else { Clock::OfficeHours }
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
