//! What the engine remembers, as rows: loading them all gives the engine that wrote them.
//!
//! A record is known by its kind, its owner (what goes together and ages together: a thread's facts)
//! and its id. Its body is JSON. Fields may be added with `#[serde(default)]`; none changes its meaning.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::event::{Platform, RevisionText, UserFacts};
use super::fact::Fact;
use super::people::ZoneBefore;
use super::places::Place;
use super::said::{Decision, Desk, Ledger, NoticeSaid, OwedSaid, RunSaid};
use crate::calendar::Instant;

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// A revision of the runbook; id is its number in order of coming into force, with leading zeros.
    Revision,
    /// A user; owner is the platform, id the platform's.
    User,
    /// A channel; id is the platform's.
    Channel,
    /// Something that happened in a strand; owner is the strand.
    Fact,
    /// What was said about an obligation; owner is the channel, id the message that is to be answered.
    Case,
    /// What was said about a run of talk; owner is the strand, id its first message.
    Run,
    /// What Usher knows of one person: budget, mutes, what waits for them; id is the person.
    Person,
    /// A message of Usher's that can be answered; owner is the strand, id the action.
    Notice,
    /// What is not about a person or a place; id says what.
    Ledger,
    /// How the talk of a thread ended, as somebody told it; owner is the strand.
    Decision,
}

/// A record's key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// What it is about.
    pub kind: RecordKind,
    /// What it belongs to; empty where it stands alone.
    pub owner: SmolStr,
    /// Which it is.
    pub id: SmolStr,
}

/// A record's body. What few records hold stands in a box: nearly all are facts, and every message makes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// See [`RecordKind::Revision`].
    Revision {
        /// From when it was in force.
        at: Instant,
        /// Its text.
        text: Box<RevisionText>,
    },
    /// See [`RecordKind::User`].
    User(Platform, Box<UserFacts>, #[serde(default)] Vec<ZoneBefore>),
    /// See [`RecordKind::Channel`].
    Channel(Box<Place>),
    /// See [`RecordKind::Fact`].
    Fact(Arc<Fact>),
    /// See [`RecordKind::Case`].
    Case(Arc<OwedSaid>),
    /// See [`RecordKind::Run`].
    Run(Box<RunSaid>),
    /// See [`RecordKind::Person`].
    Person(Box<Desk>),
    /// See [`RecordKind::Notice`].
    Notice(Box<NoticeSaid>),
    /// See [`RecordKind::Ledger`].
    Ledger(Box<Ledger>),
    /// See [`RecordKind::Decision`].
    Decision(Box<Decision>),
}

impl RecordKind {
    /// Its name in the store.
    pub fn name(self) -> &'static str {
        match self {
            RecordKind::Revision => "revision",
            RecordKind::User => "user",
            RecordKind::Channel => "channel",
            RecordKind::Fact => "fact",
            RecordKind::Case => "case",
            RecordKind::Run => "run",
            RecordKind::Person => "person",
            RecordKind::Notice => "notice",
            RecordKind::Ledger => "ledger",
            RecordKind::Decision => "decision",
        }
    }

    /// The kind of that name, if there is one.
    pub fn from_name(name: &str) -> Option<RecordKind> {
        [
            RecordKind::Revision,
            RecordKind::User,
            RecordKind::Channel,
            RecordKind::Fact,
            RecordKind::Case,
            RecordKind::Run,
            RecordKind::Person,
            RecordKind::Notice,
            RecordKind::Ledger,
            RecordKind::Decision,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}
