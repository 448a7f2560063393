//! What fell due in an outage is told as one: looks at every step whether somebody gets it in pieces.

use std::collections::{BTreeMap, BTreeSet};

use usher::core::action::{Action, Kind, Target};
use usher::core::message::Part;
use usher::core::record::Record;
use usher::core::said::StepSaid;
use usher::core::turn::{Change, Noted, Silence, Turn};

use super::book::{After, Book, MINUTE, Ms, Who};
use super::oracle::Duty;
use super::said::number;
use super::script::{Happening, Id};

/// A process that was away for longer than this was down.
const DOWN: Ms = 5 * MINUTE;

/// The last outage, and what came of it.
#[derive(Default)]
pub struct Outage {
    /// When it was over.
    up: Option<Ms>,
    /// What waits to be told to whom, all at once.
    combined: BTreeSet<(Who, Id)>,
    /// Who was told, and when.
    told: BTreeMap<Who, Ms>,
}

impl Outage {
    /// A process starts.
    pub fn ends(&mut self, last_alive: Option<Ms>, now: Ms) {
        if last_alive.is_some_and(|alive| now - alive > DOWN) {
            *self = Outage { up: Some(now), ..Outage::default() };
        }
    }

    /// Looks at what was committed; what is wrong with it, and about which message.
    pub fn look(
        &mut self,
        book: &Book,
        happenings: &[Happening],
        heard: &BTreeMap<Id, Ms>,
        turn: &Turn,
        now: Ms,
        concerned: impl Fn(Who, Id, Ms) -> bool,
    ) -> Result<(), (Id, String)> {
        self.see_what_is_held(book, turn);
        for action in turn.actions.iter().filter(|action| action.kind == Kind::Digest) {
            let Target::Direct { user, .. } = &action.to else { continue };
            let Some(who) = book.user(user) else { continue };
            let told: Vec<Id> = in_digest(action).filter(|id| self.combined.remove(&(who, *id))).collect();
            let Some(first) = told.first() else { continue };
            let before = *self.told.entry(who).or_insert(now);
            // What is heard late may be told late, and what is passed on, after that.
            let is_news =
                |id: &Id| heard_since(happenings, heard, *id, before) || !concerned(who, *id, before);
            if before != now && !told.iter().any(is_news) {
                let name = book.people[who].name;
                return Err((*first, format!("{name} is told twice of what fell due in an outage")));
            }
        }
        Ok(())
    }

    /// Notes for whom a step waits that was due in the outage.
    fn see_what_is_held(&mut self, book: &Book, turn: &Turn) {
        let is_combined = |what: &Noted| matches!(what, Noted::Silent { why: Silence::Combined, .. });
        let combined: BTreeSet<&str> = turn
            .notes
            .iter()
            .filter(|note| is_combined(&note.what))
            .filter_map(|note| Some(note.about.as_ref()?.id.as_str()))
            .collect();
        for change in &turn.changes {
            let Change::Put(key, Record::Case(said)) = change else { continue };
            let Some(id) = number(&key.id).filter(|_| combined.contains(key.id.as_str())) else { continue };
            let held = |step: &&StepSaid| step.at == turn.now && step.actions.is_empty();
            let people = said.steps.iter().filter(held).flat_map(|step| &step.told);
            self.combined.extend(people.filter_map(|name| Some((book.person(name)?, id))));
        }
    }

    /// Whether a step that is told by a message of its own had fallen due in the outage.
    pub fn has(&self, duty: &Duty, step: usize) -> bool {
        let Some(up) = self.up else { return false };
        let by_due = duty.frozen.ladder.get(step).is_some_and(|step| match step.after {
            After::Percent(percent) => percent <= 100,
            After::Ms(_) | After::Late(_) => false,
        });
        by_due && duty.exact && !duty.in_doubt && duty.due.is_some_and(|due| due < up)
    }
}

/// The questions of which a digest tells.
fn in_digest(action: &Action) -> impl Iterator<Item = Id> {
    action.message.parts.iter().filter_map(|part| match part {
        Part::Message { message, .. } => number(&message.id),
        _ => None,
    })
}

/// Whether something of a conversation was heard after an instant before which it had happened.
fn heard_since(happenings: &[Happening], heard: &BTreeMap<Id, Ms>, id: Id, before: Ms) -> bool {
    let story = happenings.iter().find(|other| other.id == id).and_then(|other| other.story);
    happenings
        .iter()
        .filter(|other| other.story == story)
        .any(|other| heard.get(&other.id).is_some_and(|heard| *heard > before))
}

/// The number of a step, as the id of the action that takes it tells.
pub fn step_of(action: &Action) -> Option<usize> {
    let mut parts = action.id.0.strip_prefix("step/")?.split('/').skip_while(|part| number(part).is_none());
    parts.nth(1)?.parse().ok()
}
