//! `[bridges]`: in whose name bridges copy.

use std::collections::BTreeMap;

use super::super::code::Code;
use super::super::ghosts::{Ghosts, Pattern};
use super::super::model::{Name, Person};
use super::super::section::{Section, Value, brief};
use super::ids::is_slack;

/// The ghosts of the bridges; nobody of the runbook is one.
pub(super) fn ghosts(section: Option<Section<'_>>, people: &BTreeMap<Name, Person>) -> Ghosts {
    let Some(mut section) = section else { return Ghosts::default() };
    let matrix = section.get("matrix").map(|value| value.list("a list of patterns")).unwrap_or_default();
    let slack = section.get("slack").map(|value| value.list("a list of ids")).unwrap_or_default();
    section.finish();
    Ghosts {
        matrix: matrix.iter().filter_map(|value| on_matrix(value, people)).collect(),
        slack: slack.iter().filter_map(|value| on_slack(value, people)).collect(),
    }
}

fn on_matrix(value: &Value<'_>, people: &BTreeMap<Name, Person>) -> Option<Pattern> {
    let written = value.text()?;
    let Some(pattern) = Pattern::parse(&written) else {
        let message = format!("`{}` is no pattern of user ids on Matrix, or fits everybody", brief(&written));
        value.fault(Code::BadPattern, message);
        return None;
    };
    let fits = |person: &Person| person.matrix.as_deref().is_some_and(|id| pattern.fits(id));
    let is_fine = nobody_fits(value, &written, people, fits);
    is_fine.then_some(pattern)
}

fn on_slack(value: &Value<'_>, people: &BTreeMap<Name, Person>) -> Option<String> {
    let id = value.text()?;
    if !is_slack(&id, &['U', 'W', 'B']) {
        let message = format!("`{}` is no id of a user or bot on Slack, as in `U012AB3CD`", brief(&id));
        value.fault(Code::BadPattern, message);
        return None;
    }
    let is_fine = nobody_fits(value, &id, people, |person| person.slack.as_ref() == Some(&id));
    is_fine.then_some(id)
}

/// Whoever the runbook names speaks for themselves.
fn nobody_fits(
    value: &Value<'_>,
    written: &str,
    people: &BTreeMap<Name, Person>,
    fits: impl Fn(&Person) -> bool,
) -> bool {
    let found = people.iter().find(|(_, person)| fits(person));
    if let Some((name, _)) = found {
        let message =
            format!("`{}` fits `{name}`, whom the runbook names: Usher would ignore them", brief(written));
        value.fault(Code::GhostInPeople, message);
    }
    found.is_none()
}
