//! People's names and ids become pseudonyms in what comes out of a replay.

use std::collections::BTreeMap;

use serde_json::Value;
use smol_str::{SmolStr, ToSmolStr};

use crate::core::action::Action;
use crate::core::event::UserId;
use crate::core::message::{Message, Part};
use crate::runbook::Runbook;

/// Who is called what. An empty veil changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Veil {
    /// Ids, and names of the runbook, to what is shown.
    shown: BTreeMap<SmolStr, SmolStr>,
    /// Names of the runbook by their id on the platform.
    of_runbook: BTreeMap<UserId, SmolStr>,
}

impl Veil {
    /// A veil over the people of a runbook and whoever is met.
    pub fn new(runbook: &Runbook) -> Veil {
        let listed = runbook.people.iter().enumerate();
        // Somebody who is never met in the history still has a name in the runbook.
        let shown =
            listed.map(|(index, (name, _))| (name.clone(), format!("colleague-{}", index + 1).into()));
        let of_runbook = runbook
            .people
            .iter()
            .filter_map(|(name, person)| Some((UserId::new(person.slack.as_deref()?), name.clone())));
        Veil { shown: shown.collect(), of_runbook: of_runbook.collect() }
    }

    /// Takes the pseudonym of a user.
    pub fn learn(&mut self, user: &UserId, pseudonym: &str) {
        self.shown.insert(user.clone(), pseudonym.into());
        if let Some(name) = self.of_runbook.get(user) {
            self.shown.insert(name.clone(), pseudonym.into());
        }
    }

    /// What a user is called; their id where nothing is known.
    pub fn name(&self, user: &str) -> SmolStr {
        self.shown.get(user).cloned().unwrap_or_else(|| user.into())
    }

    /// What an action says, with pseudonyms.
    pub fn message(&self, action: &Action) -> Message {
        let mut message = action.message.clone();
        for part in &mut message.parts {
            match part {
                Part::Mention { user, name } => {
                    if let Some(shown) = self.shown.get(user) {
                        *name = shown.clone();
                    }
                }
                Part::Name(name) => {
                    if let Some(shown) = self.shown.get(name) {
                        *name = shown.clone();
                    }
                }
                Part::Words(_)
                | Part::Strong(_)
                | Part::Channel { .. }
                | Part::Time { .. }
                | Part::Quote(_)
                | Part::Code(_)
                | Part::Command(_)
                | Part::Link { .. }
                | Part::Message { .. }
                | Part::Break
                | Part::Heading(_)
                | Part::Buttons { .. } => {}
            }
        }
        message
    }

    /// Replaces ids and names in all strings of a JSON value, keys included.
    pub fn json(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.json(value)),
            Value::Object(fields) => {
                for (key, mut value) in std::mem::take(fields) {
                    self.json(&mut value);
                    fields.insert(self.text(&key), value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Replaces every word that is an id or a name.
    fn text(&self, text: &str) -> String {
        let is_inner = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|c| !is_inner(c)).unwrap_or(rest.len());
            let (inner, after) = rest.split_at(word);
            out.push_str(self.shown.get(&inner.to_smolstr()).map_or(inner, SmolStr::as_str));
            let gap = after.find(is_inner).unwrap_or(after.len());
            out.push_str(&after[..gap]);
            rest = &after[gap..];
        }
        out
    }
}
