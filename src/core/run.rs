//! A run of talk: a platform thread, or in a channel's main line the messages of people linked by mention
//! or by alternation. It counts exchanges and keeps the temper of the talk.

use super::event::MessageId;
use super::fact::Said;
use super::judge::{Signals, Temper, TurnSummary};
use crate::calendar::Instant;
use crate::runbook::{Name, Who};

/// A run in the main line ends at so many messages.
pub const LONGEST_RUN: u32 = 100;

/// A run of talk.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its first message.
    pub first: MessageId,
    /// Who wrote, in order of their first message.
    pub people: Vec<Name>,
    /// Who was mentioned and has not written.
    pub invited: Vec<Name>,
    /// When the last message came.
    pub last_at: Instant,
    /// When each of `people` last wrote.
    pub wrote_at: Vec<Instant>,
    /// Messages so far.
    pub messages: u32,
    /// Turns so far, whatever was resolved in between.
    pub turns: u32,
    /// Positions of its cases.
    pub cases: Vec<usize>,
    /// How the talk goes.
    pub temper: Temper,
    /// Since when it is resolved, if nothing that counts came after.
    pub resolved_at: Option<Instant>,
    /// When somebody asked for a call by reaction or command.
    pub call_wanted: Option<(Name, Instant)>,
    /// When a call was taken.
    pub call_taken: Option<Instant>,
    /// Who told the outcome of the call, and when.
    pub outcome: Option<(Name, Instant)>,
    /// Whether its first message asks and nobody else has written.
    pub awaits: bool,
    last_author: Option<usize>,
}

impl Run {
    /// A run that begins with the message `first`.
    pub fn new(first: MessageId, at: Instant) -> Run {
        Run {
            first,
            people: Vec::new(),
            invited: Vec::new(),
            last_at: at,
            wrote_at: Vec::new(),
            messages: 0,
            turns: 0,
            cases: Vec::new(),
            temper: Temper::default(),
            resolved_at: None,
            call_wanted: None,
            call_taken: None,
            outcome: None,
            awaits: false,
            last_author: None,
        }
    }

    /// Whether somebody wrote in it or was mentioned in it.
    pub fn knows(&self, person: &Name) -> bool {
        self.people.contains(person) || self.invited.contains(person)
    }

    /// Hears a message of the run.
    pub fn hear(&mut self, by: &Name, at: Instant, said: &Said) {
        let author = self.author(by, at);
        self.awaits =
            if self.messages == 0 { said.signals.asks() } else { self.awaits && self.people.len() == 1 };
        self.messages += 1;
        self.last_at = self.last_at.max(at);
        self.invited.retain(|invited| invited != by);
        for mentioned in &said.mentions {
            if let Who::Person(person) = mentioned
                && !self.knows(person)
            {
                self.invited.push(person.clone());
            }
        }
        if said.signals.counts() && self.last_author != Some(author) {
            self.turns += 1;
            self.last_author = Some(author);
        }
        if said.signals.counts() && !said.resolves {
            self.resolved_at = None;
        }
        let author = u32::try_from(author).unwrap_or(u32::MAX);
        self.temper.add(TurnSummary { author, at, signals: said.signals });
        if said.resolves {
            self.resolve(at);
        }
    }

    /// It is resolved; what comes after counts anew.
    pub fn resolve(&mut self, at: Instant) {
        self.resolved_at = Some(at);
        self.temper.close();
    }

    /// Somebody would rather not call.
    pub fn decline(&mut self) {
        let signals = Signals::DECLINES_CALL.with(Signals::BARE);
        self.temper.add(TurnSummary { author: 0, at: self.last_at, signals });
    }

    /// Exchanges that count towards a suggestion.
    pub fn exchanges(&self) -> u32 {
        self.temper.exchanges()
    }

    /// Exchanges so far, whatever was resolved in between.
    pub fn exchanges_ever(&self) -> u32 {
        self.turns / 2
    }

    fn author(&mut self, by: &Name, at: Instant) -> usize {
        let known = self.people.iter().position(|person| person == by);
        let author = known.unwrap_or_else(|| {
            self.people.push(by.clone());
            self.wrote_at.push(at);
            self.people.len() - 1
        });
        self.wrote_at[author] = self.wrote_at[author].max(at);
        author
    }
}
