//! `[team]`: the defaults of everything else.

use std::sync::Arc;

use chrono_tz::Tz;

use crate::calendar::WeeklyHours;

use super::super::code::Code;
use super::super::model::Team;
use super::super::names::Names;
use super::super::section::Section;
use super::threads::address;
use super::times::{hours, zone};

/// Office hours of a team that says nothing about them.
const USUAL_HOURS: &str = "mon-fri 09:00-17:00";

/// The team, or its defaults where `[team]` is missing, which is reported by whoever asked for it.
pub(super) fn resolve(section: Option<Section<'_>>, names: &Names) -> Team {
    let usual_hours: WeeklyHours = USUAL_HOURS.parse().expect("the usual hours are well formed");
    let mut team = Team {
        name: String::new(),
        zone: Tz::UTC,
        office_hours: Arc::new(usual_hours),
        call_link: None,
        announce_in: None,
        admins: Vec::new(),
        review_by: None,
    };
    let Some(mut section) = section else { return team };
    team.name = section.require("name").and_then(|value| value.text()).unwrap_or_default();
    match section.get("timezone") {
        Some(value) => team.zone = zone(&value).unwrap_or(team.zone),
        None => {
            section.report().add(Code::DefaultZone, section.span(), "the team has no `timezone`; UTC is used")
        }
    }
    if let Some(hours) = section.get("office-hours").and_then(|value| hours(&value)) {
        team.office_hours = Arc::new(hours);
    }
    team.call_link = section.get("call-link").and_then(|value| address(&value, &["thread"]));
    team.announce_in = section.get("announce-in").and_then(|value| names.channels.find(&value));
    team.admins = section.get("admins").map(|value| names.people_of(&value)).unwrap_or_default();
    team.review_by = section.get("review-by").and_then(|value| value.date());
    section.finish();
    team
}
