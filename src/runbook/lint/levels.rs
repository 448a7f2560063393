//! Lints of `[urgency]`: marks and ladders.

use std::collections::{BTreeMap, BTreeSet};

use super::super::code::Code;
use super::super::document::Part::{Index, Key};
use super::super::mark;
use super::super::model::{After, By, Level, Name, Promise, Who};
use super::{Linter, MOST_MEMBERS};

pub(super) fn lint(linter: &Linter<'_>) {
    shadowing_marks(linter);
    let runbook = linter.runbook;
    let channels = runbook.channels.values().chain([&runbook.elsewhere]);
    let usual: BTreeSet<&Name> =
        channels.clone().filter_map(|channel| channel.urgency.as_ref()).map(|level| &level.name).collect();
    let someone_responds = channels.clone().any(|channel| !channel.responders.is_empty());
    for level in &runbook.levels {
        if level.marks.is_empty() && !usual.contains(&level.name) {
            let message = format!("nothing raises `{}`", level.name);
            linter.add(Code::UnusedLevel, &[Key("urgency"), Key(&level.name)], message);
        }
        if !someone_responds {
            nobody_owes(linter, level);
        }
        pagers(linter, level);
        order(linter, level);
        nobody_new(linter, level);
    }
}

fn shadowing_marks(linter: &Linter<'_>) {
    let mut all: BTreeMap<String, (&Name, &str)> = BTreeMap::new();
    for level in &linter.runbook.levels {
        all.extend(level.marks.iter().map(|mark| (mark::key(mark), (&level.name, mark.as_str()))));
    }
    for (lower, (level, mark)) in &all {
        // Everything that begins with `lower` follows it directly in the order of texts.
        let longer =
            all.range(lower.clone()..).skip(1).take_while(|(other, _)| other.starts_with(lower.as_str()));
        for (_, (other_level, other)) in longer.filter(|(_, (other, _))| other != level) {
            let message = format!("`{other}` of `{other_level}` begins with `{mark}` of `{level}`");
            linter.add(Code::ShadowingMarks, &[Key("urgency"), Key(other_level), Key("marks")], message);
        }
    }
}

/// Without a mention a marked message is owed by a channel's responders, or by the ladder's first step.
fn nobody_owes(linter: &Linter<'_>, level: &Level) {
    let first_step = level.escalate.first().map(|step| step.tell.as_slice()).unwrap_or_default();
    let named = first_step.iter().any(|who| *who != Who::Responders);
    if !level.marks.is_empty() && level.respond_within.is_some() && !named {
        let message = format!("a message marked `{}` that mentions nobody is owed by nobody", level.marks[0]);
        linter.add(Code::NobodyOwes, &[Key("urgency"), Key(&level.name), Key("marks")], message);
    }
}

fn pagers(linter: &Linter<'_>, level: &Level) {
    let pages = |by: By| by == By::Pager;
    if level.interrupts && !level.escalate.iter().any(|step| pages(step.by)) {
        let message = format!("`{}` may interrupt, and pages nobody", level.name);
        linter.add(
            Code::InterruptsWithoutPager,
            &[Key("urgency"), Key(&level.name), Key("interrupts")],
            message,
        );
    }
    if linter.context.pager != Some(false) {
        return;
    }
    for (index, _) in level.escalate.iter().enumerate().filter(|(_, step)| pages(step.by)) {
        let message = "the step needs a pager, and the settings name none";
        linter.add(Code::NeedsPager, &step_path(level, index, "by"), message);
    }
}

fn step_path<'p>(level: &'p Level, index: usize, key: &'p str) -> [super::super::document::Part<'p>; 5] {
    [Key("urgency"), Key(&level.name), Key("escalate"), Index(index), Key(key)]
}

fn order(linter: &Linter<'_>, level: &Level) {
    for (index, pair) in level.escalate.windows(2).enumerate() {
        if later(pair[0].after, pair[1].after, level.respond_within) {
            let message = "this step comes before the one above it";
            linter.add(Code::LadderOrder, &step_path(level, index + 1, "after"), message);
        }
    }
}

/// Whether `first` is later than `second` for certain; of a time and a share of working days nobody can say.
fn later(first: After, second: After, promise: Option<Promise>) -> bool {
    // In hundredths of a millisecond after the start, or after a share of what is unknown.
    let place = |after: After| match (after, promise) {
        (After::Ms(ms), _) => (0, i128::from(ms) * 100),
        (After::Percent(percent), Some(Promise::Ms(ms))) => (0, i128::from(ms) * i128::from(percent)),
        (After::AfterDueMs(late), Some(Promise::Ms(ms))) => (0, (i128::from(ms) + i128::from(late)) * 100),
        (After::Percent(percent), _) if percent <= 100 => (1, i128::from(percent)),
        (After::AfterDueMs(late), _) => (1, 100 + i128::from(late)),
        (After::Percent(_), _) => (2, 0),
    };
    let (first, second) = (place(first), place(second));
    first.0 == second.0 && first.1 > second.1
}

/// How strongly a step reaches people.
const fn strength(by: By) -> u8 {
    match by {
        By::Thread => 0,
        By::DirectMessage => 1,
        By::Pager => 2,
    }
}

fn nobody_new(linter: &Linter<'_>, level: &Level) {
    let mut told: BTreeMap<Who, u8> = BTreeMap::new();
    for (index, step) in level.escalate.iter().enumerate() {
        let strength = strength(step.by);
        let people: Vec<Who> = step.tell.iter().flat_map(|who| spread(linter, who)).collect();
        let is_new = |who: &Who| told.get(who).is_none_or(|earlier| *earlier < strength);
        if !people.is_empty() && !people.iter().any(is_new) {
            let message = "everyone whom this step tells was told by an earlier one";
            linter.add(Code::NobodyNew, &step_path(level, index, "tell"), message);
        }
        for who in people {
            let strongest = told.entry(who).or_insert(strength);
            *strongest = strength.max(*strongest);
        }
    }
}

/// A group is its members, unless they are too many to look at; who is on duty, and who owes, nobody knows beforehand.
fn spread(linter: &Linter<'_>, who: &Who) -> Vec<Who> {
    match who {
        Who::Group(name) => {
            let members = linter.runbook.groups.get(name).map(Vec::as_slice).unwrap_or_default();
            if members.len() > MOST_MEMBERS {
                return vec![who.clone()];
            }
            members.iter().cloned().map(Who::Person).collect()
        }
        Who::Person(_) | Who::Rotation(_) | Who::Responders => vec![who.clone()],
    }
}
