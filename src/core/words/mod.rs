//! Every sentence that Usher says by itself, one function each. Answers to commands are in `answers`.
//!
//! Short, warm, exact, in the reader's own time, with the way out in the same message. Nobody is called late.

mod calls;
mod hello;
mod hints;
mod owed;
mod reports;

use std::sync::Arc;

use chrono_tz::Tz;

use super::engine::Engine;
use super::line::{Line, joined};
use super::message::Part;
use super::people::People;
use super::places::Places;
use super::terms::{city, day_or_clock};
use crate::calendar::{Instant, offset_ms};
use crate::runbook::{Name, Runbook};

/// What the sentences are made from.
pub(super) struct Words<'a> {
    pub(super) engine: &'a Engine,
    pub(super) people: &'a People,
    pub(super) places: &'a Places,
    pub(super) runbook: Option<Arc<Runbook>>,
}

impl Engine {
    pub(super) fn words(&self) -> Words<'_> {
        Words { engine: self, people: &self.people, places: &self.places, runbook: self.runbook() }
    }
}

impl Words<'_> {
    /// A person, pinged.
    pub(super) fn mention(&self, person: &Name) -> Part {
        self.runbook
            .as_ref()
            .map_or_else(|| Part::Name(person.clone()), |runbook| self.people.mention(runbook, person))
    }

    /// A person by name, not pinged.
    pub(super) fn name(&self, person: &Name) -> Part {
        self.runbook
            .as_ref()
            .map_or_else(|| Part::Name(person.clone()), |runbook| self.people.name(runbook, person))
    }

    /// `Ana, Ben and Chidi`, not pinged.
    pub(super) fn names(&self, people: &[Name]) -> Vec<Part> {
        self.names_joined(people, "and")
    }

    /// `Ana, Ben or Chidi`, not pinged.
    fn names_or(&self, people: &[Name]) -> Vec<Part> {
        self.names_joined(people, "or")
    }

    fn names_joined(&self, people: &[Name], last: &str) -> Vec<Part> {
        joined(people.iter().map(|person| vec![self.name(person)]).collect(), last)
    }

    /// A person's name as text, for a button.
    fn shown(&self, person: &Name) -> Name {
        self.runbook.as_ref().map_or_else(|| person.clone(), |runbook| self.people.shown(runbook, person))
    }

    pub(super) fn zone(&self, person: &Name) -> Tz {
        self.runbook.as_ref().map_or(Tz::UTC, |runbook| self.people.zone(runbook, person))
    }

    /// The zones of people whose clocks differ at an instant, one for each clock.
    fn zones(&self, people: &[Name], at: Instant) -> Vec<Tz> {
        let mut zones: Vec<Tz> = Vec::new();
        for zone in people.iter().map(|person| self.zone(person)) {
            if !zones.iter().any(|known| offset_ms(*known, at) == offset_ms(zone, at)) {
                zones.push(zone);
            }
        }
        zones
    }

    /// `17:00 Berlin`, or where the clocks of these people differ `17:00 Berlin, 16:00 Lagos`: for a message
    /// that people in several zones read.
    fn on_walls(&self, people: &[Name], at: Instant, now: Instant) -> String {
        let zones = self.zones(people, at);
        let walls = zones
            .iter()
            .map(|zone| format!("{} {}", day_or_clock(at, now, *zone).format(at, *zone), city(*zone)));
        walls.collect::<Vec<_>>().join(", ")
    }

    /// An instant for people who read the same message: in their own time where their clocks agree, else on
    /// the wall of each.
    fn time_for(&self, line: Line, people: &[Name], at: Instant, now: Instant) -> Line {
        match self.zones(people, at).as_slice() {
            [zone] => line.time(at, *zone, day_or_clock(at, now, *zone)),
            _ => line.words(&self.on_walls(people, at, now)),
        }
    }
}
