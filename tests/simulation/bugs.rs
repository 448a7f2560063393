//! Bugs to plant, one at a time: an oracle that finds none of them is no oracle.
//!
//! None is in Usher's own code. Each spoils what goes into the engine, what comes out of it, or what the
//! house around it does, as a slip in the real code would.

use usher::calendar::Instant;
use usher::core::action::Priority;
use usher::core::event::{Event, What};
use usher::core::record::{Record, RecordKey, RecordKind};
use usher::core::turn::{Change, Turn};

use super::chance::Chance;

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// An event is acknowledged before it is committed; a crash loses it.
    AcknowledgesEarly,
    /// After a failed commit the engine keeps what it had decided.
    KeepsUncommitted,
    /// The event keys are not looked at, and a message that comes twice becomes two.
    HandlesTwice,
    /// The engine's clock is an hour ahead, as after a change that was applied twice.
    ClockAhead,
    /// Every message is sent twice.
    SendsTwice,
    /// After a crash what was being sent is sent again without a look.
    SendsAgainAfterCrash,
    /// A prompt whose fate is unknown is sent again.
    RepeatsUnknown,
    /// A row that waits in the outbox is gone after a start.
    LosesOutboxRow,
    /// After a start the leave of people is forgotten.
    ForgetsLeave,
    /// After a start one fact of a conversation is missing.
    ForgetsFact,
    /// Deleted messages are not heard of.
    IgnoresDeletions,
    /// A gap is taken for filled at once.
    IgnoresGaps,
    /// An answer that comes late counts from when it came.
    BelievesArrival,
    /// What the asker says is taken for somebody else's.
    TakesAskerForAnother,
    /// A notice is not queued, though it was decided.
    SkipsQueue,
    /// Office hours of the runbook are an hour off.
    ShiftsHours,
    /// What cannot be read is taken for read.
    IgnoresLoss,
    /// A start does not know that there was an outage.
    ForgetsOutage,
    /// Who moved to another zone is looked for where they were.
    IgnoresMoves,
    /// What a revision drops is taken to have never been.
    ForgetsDropped,
}

impl Bug {
    /// All of them, each with the first seed that finds it; the default run begins there.
    pub const ALL: [(Bug, u64); 20] = [
        (Bug::AcknowledgesEarly, 9),
        (Bug::KeepsUncommitted, 4),
        (Bug::HandlesTwice, 26),
        (Bug::ClockAhead, 0),
        (Bug::SendsTwice, 0),
        (Bug::SendsAgainAfterCrash, 18),
        (Bug::RepeatsUnknown, 1),
        (Bug::LosesOutboxRow, 7),
        (Bug::ForgetsLeave, 4),
        (Bug::ForgetsFact, 2),
        (Bug::IgnoresDeletions, 12),
        (Bug::IgnoresGaps, 6),
        (Bug::BelievesArrival, 0),
        (Bug::TakesAskerForAnother, 3),
        (Bug::SkipsQueue, 3),
        (Bug::ShiftsHours, 1),
        (Bug::IgnoresLoss, 11),
        (Bug::ForgetsOutage, 11),
        (Bug::IgnoresMoves, 3),
        (Bug::ForgetsDropped, 6),
    ];

    /// What a start reads.
    pub fn spoil_records(self, records: &mut Vec<(RecordKey, Record)>) {
        match self {
            Bug::ForgetsFact => {
                if let Some(last) = records.iter().rposition(|(key, _)| key.kind == RecordKind::Fact) {
                    records.remove(last);
                }
            }
            Bug::ForgetsLeave => {
                for (_, record) in records {
                    if let Record::Person(desk) = record {
                        desk.away.clear();
                    }
                }
            }
            Bug::ForgetsDropped => {
                let last = records.iter().rposition(|(key, _)| key.kind == RecordKind::Revision);
                let mut place = 0;
                records.retain(|(key, _)| {
                    place += 1;
                    key.kind != RecordKind::Revision || Some(place - 1) == last
                });
            }
            _ => {}
        }
    }

    /// What the engine hears.
    pub fn spoil_event(self, event: &mut Event, chance: &mut Chance) {
        match (self, &mut event.what) {
            (Bug::IgnoresDeletions, What::Deleted { message, .. }) => {
                message.id = "0000000000.000000".into();
            }
            (Bug::IgnoresGaps, What::Gap { channel, .. }) => {
                let channel = channel.clone();
                event.what = What::Filled { channel };
            }
            (Bug::TakesAskerForAnother, What::Posted(posted))
                if posted.thread.is_some() && chance.percent(10) =>
            {
                posted.author = "somebody".into();
            }
            (Bug::IgnoresLoss, What::Lost { channel, .. }) => {
                let channel = Some(channel.clone());
                event.what = What::Filled { channel };
            }
            (Bug::ForgetsOutage, What::Started { last_alive }) => *last_alive = Some(event.at),
            (Bug::IgnoresMoves, What::User { user, .. }) if event.key.starts_with("e3") => {
                *user = "somebody".into();
            }
            (Bug::ShiftsHours, What::Revision(text)) => {
                text.text =
                    text.text.replace("09:00-17:00", "10:00-18:00").replace("09:00-12:30", "08:00-12:30");
            }
            _ => {}
        }
    }

    /// What the engine hears late.
    pub fn spoil_late(self, event: &mut Event, arrived: Instant) {
        if self == Bug::BelievesArrival {
            event.at = event.at.max(arrived);
        }
    }

    /// What is committed.
    pub fn spoil_turn(self, turn: &mut Turn, chance: &mut Chance) {
        match self {
            Bug::SkipsQueue => {
                turn.actions.retain(|action| action.priority != Priority::Prompt || !chance.percent(20));
            }
            Bug::ForgetsFact => turn.changes.retain(|change| !matches!(change, Change::DeleteAll(..))),
            _ => {}
        }
    }
}
