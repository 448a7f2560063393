//! `[check-ins.*]`: the keys are known, the names resolve, the questions have ids.

use std::collections::BTreeSet;

use super::super::code::Code;
use super::super::names::Names;
use super::super::section::{Key, Section, Value, brief};

/// Nobody answers a form of thirty questions every morning.
const MOST_QUESTIONS: usize = 30;

const MISSING: &[(&str, ())] = &[("counted", ()), ("named", ()), ("hidden", ())];

/// Reports what is wrong with the check-ins.
pub(super) fn validate(entries: &[(Key, Value<'_>)], names: &Names) {
    for (_, value) in entries {
        let Some(mut section) = value.section() else { continue };
        check_in(&mut section, names);
        section.finish();
    }
}

fn check_in(section: &mut Section<'_>, names: &Names) {
    if let Some(value) = section.require("who") {
        names.who(&value, false);
    }
    if let Some(value) = section.require("ask") {
        value.text();
    }
    for key in ["remind", "close"] {
        section.text(key);
    }
    if let Some(value) = section.get("post-in") {
        names.channels.find(&value);
    }
    if let Some(value) = section.get("post") {
        post(&value);
    }
    if let Some(value) = section.get("missing") {
        value.choice(MISSING);
    }
    if let Some(value) = section.require("questions") {
        questions(&value);
    }
}

/// `live`, `at close` or `interim 12:30`.
fn post(value: &Value<'_>) {
    let Some(text) = value.raw_text("text") else { return };
    match text.strip_prefix("interim ") {
        Some(time) if super::super::quantity::parse_time(time).is_some() => {}
        Some(time) => value
            .fault(Code::BadTime, format!("`{}` is no time of the day; write it as `12:30`", brief(time))),
        None => {
            value.choice(&[("live", ()), ("at close", ()), ("interim 12:30", ())]);
        }
    }
}

fn questions(value: &Value<'_>) {
    let questions = value.list("a list of questions, as in [{ id = \"done\", ask = \"What got done?\" }]");
    if questions.is_empty() || questions.len() > MOST_QUESTIONS {
        value.fault(
            Code::OutOfRange,
            format!("{} questions; 1 to {MOST_QUESTIONS} are possible", questions.len()),
        );
    }
    let mut ids = BTreeSet::new();
    for question in &questions {
        let Some(mut section) = question.section() else { continue };
        let id = section.require("id").and_then(|value| Some((value.text()?, value)));
        if let Some((id, value)) = id
            && !ids.insert(id.clone())
        {
            value.fault(Code::DuplicateId, format!("`{}` is the id of an earlier question too", brief(&id)));
        }
        if let Some(value) = section.require("ask") {
            value.text();
        }
        for key in ["optional", "blocker"] {
            if let Some(value) = section.get(key) {
                value.boolean();
            }
        }
        section.finish();
    }
}
