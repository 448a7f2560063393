//! `[urgency.*]`: levels, their promises and their ladders.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::super::code::Code;
use super::super::mark;
use super::super::model::{After, By, Clock, Level, MetBy, Name, Promise, Step, Who};
use super::super::names::Names;
use super::super::section::{Key, Section, Value, brief};

/// A mark is typed at the start of a message; nobody types more.
const MOST_MARK_CHARS: usize = 40;

/// Whoever has not answered after so many steps will not answer at the next.
const MOST_STEPS: usize = 50;

const CLOCKS: &[(&str, Clock)] = &[("office-hours", Clock::OfficeHours), ("always", Clock::Always)];
const MET_BY: &[(&str, MetBy)] = &[("answer", MetBy::Answer), ("acknowledge", MetBy::Acknowledge)];
const BY: &[(&str, By)] =
    &[("thread", By::Thread), ("direct message", By::DirectMessage), ("pager", By::Pager)];

pub(super) fn resolve(entries: &[(Key, Value<'_>)], names: &Names) -> Vec<Arc<Level>> {
    let mut marks = Marks::default();
    let levels = entries.iter().filter_map(|(key, value)| {
        let mut section = value.section()?;
        let level = level(&key.name, &mut section, names, &mut marks);
        section.finish();
        Some(Arc::new(level))
    });
    levels.collect()
}

fn level(name: &Name, section: &mut Section<'_>, names: &Names, marks: &mut Marks) -> Level {
    let means = section.require("means").and_then(|value| value.text()).unwrap_or_default();
    let marks = section.get("marks").map(|value| marks.of_level(name, &value)).unwrap_or_default();
    let promise = section.get("respond-within");
    let respond_within = promise.as_ref().and_then(Value::promise);
    let clock = section.get("clock").and_then(|value| value.choice(CLOCKS)).unwrap_or(Clock::OfficeHours);
    if let (Some(value), Some(Promise::Workdays(_)), Clock::Always) = (&promise, respond_within, clock) {
        let message = format!("{} counts working days on a clock that always runs", section.title());
        value.fault(Code::WorkdaysOnAlwaysClock, message);
    }
    Level {
        name: name.clone(),
        means,
        marks,
        respond_within,
        clock,
        interrupts: section.get("interrupts").and_then(|value| value.boolean()).unwrap_or(false),
        raised_by: section.get("raised-by").map(|value| raised_by(&value, names)).unwrap_or_default(),
        met_by: section.get("met-by").and_then(|value| value.choice(MET_BY)).unwrap_or(MetBy::Answer),
        escalate: section
            .get("escalate")
            .map(|value| ladder(&value, promise.is_some(), names))
            .unwrap_or_default(),
    }
}

fn raised_by(value: &Value<'_>, names: &Names) -> Vec<Who> {
    if value.is_empty_list() {
        let message =
            "an empty list names nobody; remove the key for the default, or name who may raise the level";
        value.fault(Code::EmptyList, message);
    }
    names.who(value, false)
}

fn ladder(value: &Value<'_>, has_promise: bool, names: &Names) -> Vec<Step> {
    let steps =
        value.list("a list of steps, as in [{ after = \"80%\", tell = \"responders\", by = \"thread\" }]");
    if steps.len() > MOST_STEPS {
        value.fault(Code::OutOfRange, format!("a ladder of {} steps; at most {MOST_STEPS}", steps.len()));
    }
    steps.iter().filter_map(|value| step(value, has_promise, names)).collect()
}

fn step(value: &Value<'_>, has_promise: bool, names: &Names) -> Option<Step> {
    let mut section = value.section()?;
    let after = section.require("after");
    let tell = section.require("tell").map(|value| (names.who(&value, true), value));
    let by = section.require("by").and_then(|value| value.choice(BY));
    section.finish();
    if let Some((_, value)) = tell.as_ref().filter(|(_, value)| value.is_empty_list()) {
        value.fault(Code::OutOfRange, "a step tells nobody");
    }
    let after = after.and_then(|value| value.after().map(|after| (after, value)));
    let (after, after_value) = after?;
    match after {
        After::Ms(_) => {}
        After::Percent(_) | After::AfterDueMs(_) if has_promise => {}
        After::Percent(_) | After::AfterDueMs(_) => {
            after_value.fault(
                Code::ShareWithoutPromise,
                "the step waits for a promise, and the level has no `respond-within`",
            );
        }
    }
    Some(Step { after, tell: tell?.0, by: by? })
}

/// Which level has which mark.
#[derive(Default)]
struct Marks {
    taken: BTreeMap<String, (Name, Range<usize>)>,
}

impl Marks {
    /// The marks in the list, longest first, so that the first that fits is the longest that fits.
    fn of_level(&mut self, level: &Name, value: &Value<'_>) -> Vec<String> {
        let mut marks = Vec::new();
        for value in value.one_or_list("a mark or a list of marks") {
            let Some(mark) = value.text() else { continue };
            if let Some(why) = bad_mark(&mark) {
                value.fault(Code::BadMark, format!("`{}` is no mark: {why}", brief(&mark)));
                continue;
            }
            let key = mark::key(&mark);
            match self.taken.get(&key) {
                Some((other, _)) if other == level => {
                    value.fault(Code::RepeatedName, format!("`{mark}` stands in this list before"));
                    continue;
                }
                Some((other, _)) => {
                    value.fault(Code::IdenticalMarks, format!("`{mark}` is a mark of `{other}` too"));
                }
                None => {}
            }
            self.taken.insert(key, (level.clone(), value.span()));
            marks.push(mark);
        }
        marks.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
        marks
    }
}

fn bad_mark(mark: &str) -> Option<&'static str> {
    if mark.chars().count() > MOST_MARK_CHARS {
        Some("it is longer than 40 characters")
    } else if mark.contains('\n') {
        Some("it has several lines")
    } else if mark.chars().count() < 4 && mark.chars().all(|c| c.is_ascii_alphanumeric()) {
        Some("ordinary messages begin like this; add a sign, as in `!now`")
    } else {
        None
    }
}
