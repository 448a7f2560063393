//! Why nothing is owed for a message.

use std::sync::Arc;

use crate::core::case::Cause;
use crate::core::deadline::apart;
use crate::core::engine::Engine;
use crate::core::event::MessageId;
use crate::core::fact::{Fact, Happened, Said};
use crate::core::line::Line;
use crate::core::promise::who_owes;
use crate::core::strand::{Strand, StrandKey};
use crate::core::terms::cancelled;
use crate::runbook::Name;

/// Why nothing is owed for a message.
pub(super) enum NotOwed {
    /// Usher does not know it.
    Unknown,
    /// It cannot be read yet.
    Unread,
    /// It asks nothing.
    AsksNothing,
    /// It says that it is resolved.
    Resolves,
    /// It asks after an earlier question.
    Chases,
    /// It carries no mark, and its channel has no level.
    NoLevel,
    /// Its level promises nothing.
    NoPromise(Name),
    /// Nobody but its author would owe it.
    NobodyOwes,
    /// It carries the mark of a level that its author may not raise.
    MayNotRaise(Name),
    /// It belongs to a question that was open.
    PartOfAnother,
}

impl Engine {
    /// Why nothing is owed for a message; judged by the runbook of its time.
    pub(super) fn why_not(&mut self, key: &StrandKey, message: &MessageId) -> NotOwed {
        if self.unread.strand_of(&key.message(message)).is_some() {
            return NotOwed::Unread;
        }
        let known = self.strands.get(key).and_then(|strand| last_reading(strand, message));
        let Some((fact, said)) = known else { return NotOwed::Unknown };
        if said.resolves {
            return NotOwed::Resolves;
        }
        if said.signals.chases() {
            return NotOwed::Chases;
        }
        if !said.signals.asks() && said.mark.is_none() {
            return said.refused_mark.clone().map_or(NotOwed::AsksNothing, NotOwed::MayNotRaise);
        }
        let Some(revision) = self.calendars.at(fact.at) else { return NotOwed::Unknown };
        let policy = self.places.policy(revision, &key.channel);
        let level = match &said.mark {
            Some(mark) => revision.runbook.level(mark),
            None => policy.urgency.as_ref(),
        };
        let refused = said.refused_mark.clone().map(NotOwed::MayNotRaise);
        let Some(level) = level else { return refused.unwrap_or(NotOwed::NoLevel) };
        if level.respond_within.is_none() {
            return refused.unwrap_or_else(|| NotOwed::NoPromise(level.name.clone()));
        }
        let who = who_owes(revision, policy, level, said);
        match apart(&self.calendars, &who, &fact.by, fact.at).is_empty() {
            true => NotOwed::NobodyOwes,
            false => NotOwed::PartOfAnother,
        }
    }

    /// The reason as people read it.
    pub(super) fn why_not_words(&self, line: Line, key: &StrandKey, why: &NotOwed) -> Line {
        let line = match why {
            NotOwed::Unknown => return line.words(
                "I know nothing of this message: it came before I joined, a program wrote it, or it was settled long ago.",
            ),
            NotOwed::Unread => return line.words(
                "I cannot read this message yet: it is encrypted, and its key has not come. Until then it starts nothing and answers nothing.",
            ),
            NotOwed::AsksNothing => line.words("Nothing is owed: as I read it, the message asks nothing."),
            NotOwed::Resolves => line.words("Nothing is owed: the message says that it is resolved."),
            NotOwed::Chases => {
                line.words("The message asks after an earlier question; it neither answers that nor starts anew.")
            }
            NotOwed::NoLevel => line
                .words("Nothing is owed: the message carries no mark, and ")
                .part(self.places.part(&key.channel))
                .words(" has no level of its own."),
            NotOwed::NoPromise(level) => {
                line.words("Nothing is owed: ").strong(level).words(" promises no answer.")
            }
            NotOwed::NobodyOwes => line
                .words("Nothing is owed: besides its author, the message asks nobody, and nobody is set to answer in ")
                .part(self.places.part(&key.channel))
                .words("."),
            NotOwed::MayNotRaise(level) => {
                let line = line.words("Nothing is owed: the runbook lets only others raise ").strong(level);
                let line = line.words(", so the mark does not count. ").code("runbook");
                return line.words(" shows the rules.");
            }
            NotOwed::PartOfAnother => {
                line.words("The message belongs to a question that was asked before it; no second clock starts.")
            }
        };
        line.newline()
            .code("urgent")
            .words(" raises it all the same; ")
            .code("runbook")
            .words(" shows the rules.")
    }
}

/// A message as it reads after its last edit.
fn last_reading<'s>(strand: &'s Strand, message: &MessageId) -> Option<(&'s Fact, &'s Said)> {
    let is_it = |fact: &&Arc<Fact>| match &fact.what {
        Happened::Said(_) => fact.key == *message,
        Happened::Edited { of, .. } => of == message,
        Happened::Unread { .. }
        | Happened::Deleted { .. }
        | Happened::Sign { .. }
        | Happened::Lost
        | Happened::Archived
        | Happened::Verb { .. } => false,
    };
    let fact = strand.facts().iter().rev().find(is_it)?;
    match &fact.what {
        Happened::Said(said) | Happened::Edited { said, .. } => Some((fact, said)),
        Happened::Unread { .. }
        | Happened::Deleted { .. }
        | Happened::Sign { .. }
        | Happened::Lost
        | Happened::Archived
        | Happened::Verb { .. } => None,
    }
}

/// The reason that a record names for an end, as people read it.
pub(super) fn ending(reason: &str) -> String {
    let causes = [
        Cause::Deleted,
        Cause::Dismissed,
        Cause::Edited,
        Cause::Resolved,
        Cause::PausedTooLong,
        Cause::Expired,
        Cause::Unknown,
        Cause::Unread,
        Cause::Archived,
    ];
    let known = causes.into_iter().find(|cause| cause.name() == reason);
    known.map_or_else(|| reason.to_owned(), |cause| cancelled(cause).to_owned())
}
