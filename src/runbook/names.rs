//! The names that a runbook defines, and who is meant where one is used.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::code::Code;
use super::diagnostic::Report;
use super::model::{Name, Who};
use super::section::{Key, Value, brief};

/// The word that stands for those who owe the answer.
pub(super) const RESPONDERS: &str = "responders";

/// Names of one kind, in order.
pub(super) struct Kind {
    /// What one of them is called: `person`.
    what: &'static str,
    names: BTreeMap<Name, Key>,
    used: RefCell<BTreeSet<Name>>,
}

impl Kind {
    fn collect<'k>(what: &'static str, keys: impl Iterator<Item = &'k Key>, report: &Report<'_>) -> Kind {
        let mut names = BTreeMap::new();
        for key in keys {
            if let Some(why) = bad_name(&key.name) {
                let message = format!("`{}` cannot be the name of a {what}: {why}", brief(&key.name));
                report.add(Code::BadName, key.span.clone(), message);
            }
            names.insert(key.name.clone(), key.clone());
        }
        Kind { what, names, used: RefCell::default() }
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(Name::as_str)
    }

    /// The name, if it is one of these; it counts as used.
    fn known(&self, written: &str) -> Option<Name> {
        let (name, _) = self.names.get_key_value(written)?;
        self.used.borrow_mut().insert(name.clone());
        Some(name.clone())
    }

    /// The name that `value` writes, if it is one of these.
    pub(super) fn find(&self, value: &Value<'_>) -> Option<Name> {
        let written = value.raw_text("a name")?;
        let found = self.known(written);
        if found.is_none() {
            let message = format!("`{}` is no {} of this runbook", brief(written), self.what);
            value.report().add_known(Code::UnknownName, value.span(), message, written, self.words());
        }
        found
    }

    fn report_unused(&self, code: Code, how: &str, report: &Report<'_>) {
        let used = self.used.borrow();
        for (name, key) in self.names.iter().filter(|(name, _)| !used.contains(*name)) {
            report.add(code, key.span.clone(), format!("the {} `{name}` {how}", self.what));
        }
    }
}

/// Every name that the file defines.
pub(super) struct Names {
    pub(super) people: Kind,
    groups: Kind,
    rotations: Kind,
    pub(super) places: Kind,
    pub(super) levels: Kind,
    pub(super) channels: Kind,
}

/// The tables in which names are defined.
pub(super) struct Definitions<'d, 'a> {
    pub(super) people: &'d [(Key, Value<'a>)],
    pub(super) groups: &'d [(Key, Value<'a>)],
    pub(super) rotations: &'d [(Key, Value<'a>)],
    pub(super) places: &'d [(Key, Value<'a>)],
    pub(super) levels: &'d [(Key, Value<'a>)],
    pub(super) channels: &'d [(Key, Value<'a>)],
}

impl Names {
    pub(super) fn collect(definitions: &Definitions<'_, '_>, report: &Report<'_>) -> Names {
        let Definitions { people, groups, rotations, places, levels, channels } = definitions;
        let kind = |what, entries: &[(Key, Value<'_>)]| {
            Kind::collect(what, entries.iter().map(|(key, _)| key), report)
        };
        let channels = channels.iter().map(|(key, _)| key).filter(|key| key.name != "*");
        let names = Names {
            people: kind("person", people),
            groups: kind("group", groups),
            rotations: kind("rotation", rotations),
            places: kind("place", places),
            levels: kind("level", levels),
            channels: Kind::collect("channel", channels, report),
        };
        names.report_ambiguous(report);
        names
    }

    fn report_ambiguous(&self, report: &Report<'_>) {
        let pairs =
            [(&self.people, &self.groups), (&self.people, &self.rotations), (&self.groups, &self.rotations)];
        for (first, second) in pairs {
            for (name, key) in &second.names {
                if first.names.contains_key(name) {
                    let message =
                        format!("`{name}` is the name of a {} and of a {}", first.what, second.what);
                    report.add(Code::AmbiguousName, key.span.clone(), message);
                }
            }
        }
        for kind in [&self.people, &self.groups, &self.rotations] {
            if let Some(key) = kind.names.get(RESPONDERS) {
                let message = format!(
                    "`{RESPONDERS}` cannot be the name of a {}: it stands for those who owe",
                    kind.what
                );
                report.add(Code::BadName, key.span.clone(), message);
            }
        }
    }

    /// Reports names that nothing refers to. Call it when everything has been resolved.
    pub(super) fn report_unused(&self, report: &Report<'_>) {
        for kind in [&self.groups, &self.rotations, &self.places] {
            kind.report_unused(Code::UnusedName, "is never used", report);
        }
        if !self.groups.names.is_empty() || !self.rotations.names.is_empty() {
            self.people.report_unused(Code::InNoGroup, "is in no group, and no rule names them", report);
        }
    }

    /// The person, group or rotation that `value` names.
    fn one(&self, value: &Value<'_>, responders: bool) -> Option<Who> {
        let written = value.raw_text("the name of a person, group or rotation")?;
        if responders && written == RESPONDERS {
            return Some(Who::Responders);
        }
        let found = self.people.known(written).map(Who::Person);
        let found = found.or_else(|| self.groups.known(written).map(Who::Group));
        if let Some(found) = found.or_else(|| self.rotations.known(written).map(Who::Rotation)) {
            return Some(found);
        }
        let known = responders.then_some(RESPONDERS).into_iter();
        let known = known.chain(self.groups.words()).chain(self.rotations.words()).chain(self.people.words());
        let message = format!("`{}` is no person, group or rotation of this runbook", brief(written));
        value.report().add_known(Code::UnknownName, value.span(), message, written, known);
        None
    }

    /// Those that `value` names: one, or a list. Repetitions are reported and left out.
    pub(super) fn who(&self, value: &Value<'_>, responders: bool) -> Vec<Who> {
        let expected = "the name of a person, group or rotation, or a list of such names";
        let values = value.one_or_list(expected);
        distinct(values.iter().map(|value| (value, self.one(value, responders))))
    }

    /// The people that the list names, in turn: who stands there twice has two turns.
    pub(super) fn turns_of(&self, value: &Value<'_>) -> Vec<Name> {
        value.list("a list of people").iter().filter_map(|value| self.people.find(value)).collect()
    }

    /// The people that the list names. Repetitions are reported and left out.
    pub(super) fn people_of(&self, value: &Value<'_>) -> Vec<Name> {
        let values = value.list("a list of people");
        distinct(values.iter().map(|value| (value, self.people.find(value))))
    }
}

fn distinct<'v, 'a: 'v, T: Ord + Clone>(found: impl Iterator<Item = (&'v Value<'a>, Option<T>)>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for (value, item) in found {
        let Some(item) = item else { continue };
        if seen.insert(item.clone()) {
            kept.push(item);
        } else {
            let written = value.raw_text("a name").unwrap_or_default();
            value.fault(Code::RepeatedName, format!("`{}` stands in this list before", brief(written)));
        }
    }
    kept
}

/// Whether something can be called `name` in a runbook.
pub fn is_name(name: &str) -> bool {
    bad_name(name).is_none()
}

/// Why `name` cannot be typed in a command.
fn bad_name(name: &str) -> Option<&'static str> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() {
        Some("it is empty")
    } else if name.chars().count() > 80 {
        Some("it is longer than 80 characters")
    } else if name.starts_with(['@', '#']) {
        Some("leave out the sign before it")
    } else if !name.chars().all(fits) {
        Some("use letters, digits, `-`, `_` and `.`")
    } else {
        None
    }
}
