//! `owe`: what somebody owes and is owed. It lists their own matters and nobody else's.

use super::{Asked, LISTED, Reader};
use crate::calendar::Instant;
use crate::core::case::{Case, Owed};
use crate::core::engine::Engine;
use crate::core::line::Line;
use crate::core::message::{Message, Part};
use crate::core::strand::StrandKey;

/// One matter of somebody's, and when it is owed.
pub(super) struct Matter {
    pub(super) key: StrandKey,
    pub(super) case: Case,
    pub(super) owed: Owed,
    pub(super) due: Option<Instant>,
}

impl Engine {
    /// What the asker owes, and what they are owed.
    pub(in crate::core) fn owe(&mut self, asked: &Asked<'_>) -> Message {
        let reader = self.reader(&asked.by, asked.now);
        let (owes, is_owed) = (self.owed_by(asked), self.owed_to(asked));
        let line = match owes.len() {
            0 => Line::of("You owe no answers."),
            1 => Line::of("You owe one answer:"),
            count => Line::of(&format!("You owe {count} answers:")),
        };
        let line = self.list(line, &owes, reader, |line, matter| self.of_whom(line, matter));
        let line = line.newline().words(match is_owed.len() {
            0 => "Nobody owes you one.",
            _ => "You are owed:",
        });
        self.list(line, &is_owed, reader, |line, matter| self.with_whom(line, matter, reader)).done()
    }

    /// What the asker owes, the one owed first at the front.
    pub(super) fn owed_by(&mut self, asked: &Asked<'_>) -> Vec<Matter> {
        self.matters(asked, |engine, key, case, owed| engine.owes(asked, key, case, owed))
    }

    /// What the asker is owed.
    pub(super) fn owed_to(&mut self, asked: &Asked<'_>) -> Vec<Matter> {
        self.matters(asked, |_, _, case, _| case.asker == asked.by)
    }

    pub(super) fn of_whom(&self, line: Line, matter: &Matter) -> Line {
        let line = line.words(" of ").part(self.words().name(&matter.case.asker)).words(" in ");
        line.part(self.places.part(&matter.key.channel))
    }

    pub(super) fn with_whom(&self, line: Line, matter: &Matter, reader: Reader) -> Line {
        let line = line.words(" in ").part(self.places.part(&matter.key.channel));
        line.words(", with ").parts(self.whose(&matter.case.who, reader.now))
    }

    /// Whether the asker owes, or took, an answer in a channel that they can read. Nobody owes one to themselves, though
    /// they have the duty.
    fn owes(&self, asked: &Asked<'_>, key: &StrandKey, case: &Case, owed: &Owed) -> bool {
        if case.asker == asked.by {
            return false;
        }
        let place = self.places.get(&key.channel);
        let told = place.is_some_and(|place| !place.facts.members.is_empty());
        if told && !self.can_read(asked.event.platform, asked.user, &asked.by, &key.channel) {
            return false;
        }
        match &owed.taken {
            Some((taker, _)) => *taker == asked.by,
            None => self.calendars.members(&self.people, &case.who, asked.now).contains(&asked.by),
        }
    }

    /// The open matters that are `wanted`, the one owed first at the front.
    fn matters(
        &mut self,
        asked: &Asked<'_>,
        wanted: impl Fn(&Engine, &StrandKey, &Case, &Owed) -> bool,
    ) -> Vec<Matter> {
        let mut found: Vec<Matter> = Vec::new();
        for (key, strand) in self.strands.iter() {
            for case in strand.cases() {
                if let Some(owed) = case.open().filter(|owed| wanted(self, key, case, owed)) {
                    let (key, case, owed) = (key.clone(), Case::clone(case), owed.clone());
                    found.push(Matter { key, case, owed, due: None });
                }
            }
        }
        for matter in &mut found {
            matter.due = self.course(&matter.case, &matter.owed, asked.now).due(&matter.owed);
        }
        found.sort_by_key(|matter| matter.due.unwrap_or(Instant::MAX));
        found
    }

    pub(super) fn list(
        &self,
        line: Line,
        matters: &[Matter],
        reader: Reader,
        whose: impl Fn(Line, &Matter) -> Line,
    ) -> Line {
        let line = matters
            .iter()
            .take(LISTED)
            .fold(line, |line, matter| self.matter(line.bullet(), "a question", matter, reader, &whose));
        match matters.len().saturating_sub(LISTED) {
            0 => line,
            more => line.bullet().words(&format!("and {more} more")),
        }
    }

    /// `a question of dora in #support. An answer is owed by 17:00.`
    pub(super) fn matter(
        &self,
        line: Line,
        label: &str,
        matter: &Matter,
        reader: Reader,
        whose: impl Fn(Line, &Matter) -> Line,
    ) -> Line {
        let message = matter.key.message(&matter.owed.message);
        let line = line.part(Part::Message { message, label: label.to_owned() });
        self.due_line(whose(line, matter).words(". "), &matter.case, &matter.owed, matter.due, reader)
    }
}
