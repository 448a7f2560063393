//! A TOML tree becomes a [`Runbook`]: every value is parsed, every name resolved.
//!
//! Each part goes on with a default where something is wrong, so that one run reports everything, and a
//! runbook that was valid for an older version can still be read.

mod bridges;
mod channels;
mod check_ins;
mod ids;
mod levels;
mod people;
mod rotations;
mod team;
mod threads;
mod times;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::code::Code;
use super::diagnostic::Report;
use super::document::Document;
use super::files::Files;
use super::model::{Name, Runbook, Team, Who};
use super::names::{Definitions, Names};
use super::section::{Key, Section, Value};

pub use ids::{is_matrix as is_matrix_id, is_slack as is_slack_id};

/// What the parts need of each other.
struct Context<'c> {
    team: &'c Team,
    names: &'c Names,
    files: &'c dyn Files,
    /// The date by which calendar files are judged, if anybody asked.
    today: Option<NaiveDate>,
}

/// The runbook that the document says; what the report calls an error is left out of it or has its default.
pub(super) fn resolve<'a>(
    document: &'a Document<'a>,
    report: &'a Report<'a>,
    files: &dyn Files,
    today: Option<NaiveDate>,
) -> Runbook {
    let mut root = Section::root(report, &document.root);
    let team = root.require("team").and_then(|value| value.section());
    let notices = root.section("notices");
    let places = root.entries("places");
    let people = root.entries("people");
    let groups = root.entries("groups");
    let rotations = root.entries("rotations");
    let owners = root.entries("owners");
    let levels = root.entries("urgency");
    let channels = root.entries("channels");
    let uses = root.get("use");
    let links = root.entries("links");
    let threads = root.section("threads");
    let bridges = root.section("bridges");
    let check_ins = root.entries("check-ins");
    root.finish();

    let definitions = Definitions {
        people: &people,
        groups: &groups,
        rotations: &rotations,
        places: &places,
        levels: &levels,
        channels: &channels,
    };
    let names = Names::collect(&definitions, report);
    let team = team::resolve(team, &names);
    let context = Context { team: &team, names: &names, files, today };
    let places = people::places(&places, &context);
    let people = people::people(&people, &context, &places);
    let groups = people::groups(&groups, &names);
    let rotations = rotations::resolve(&rotations, &context);
    let owners = owners_of(&owners, &names);
    let levels = levels::resolve(&levels, &names);
    let channels = channels::resolve(&channels, &names, &levels);
    check_ins::validate(&check_ins, &names);
    let runbook = Runbook {
        notices: threads::notices(notices),
        ghosts: bridges::ghosts(bridges, &people),
        places,
        people,
        groups,
        rotations,
        owners,
        levels,
        channels: channels.named,
        elsewhere: channels.elsewhere,
        uses: threads::uses(uses),
        links: threads::links(&links),
        threads: threads::threads(threads),
        team,
    };
    if !report.has_errors() {
        names.report_unused(report);
    }
    runbook
}

/// Who is asked about each topic: one person, group or rotation.
fn owners_of(entries: &[(Key, Value<'_>)], names: &Names) -> BTreeMap<Name, Who> {
    let owner = |(key, value): &(Key, Value<'_>)| {
        let who = names.who(value, false);
        if let [only] = who.as_slice() {
            return Some((key.name.clone(), only.clone()));
        }
        if value.is_empty_list() {
            let message = format!("nobody would be asked about `{}`; remove it, or name somebody", key.name);
            value.fault(Code::EmptyList, message);
        } else if who.len() > 1 {
            let message = format!("`{}` names several; one is who is asked", value.path());
            value.fault(Code::OutOfRange, message);
        }
        None
    };
    entries.iter().filter_map(owner).collect()
}
