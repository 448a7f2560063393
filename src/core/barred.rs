//! What a platform will not let Usher say, and that the admins hear of it: once for a place and a reason.

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use super::action::{Kind, Target};
use super::engine::Engine;
use super::event::Fate;
use super::said::Barred;
use super::turn::Turn;
use crate::calendar::{DAY_MS, Instant};

/// The same is not told again sooner than this.
const AGAIN_MS: i64 = 7 * DAY_MS;

/// What an action that was tried was for, and where it went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    /// What it was for.
    pub kind: Kind,
    /// Where it went.
    pub to: Target,
    /// What stands in its way, where the platform said something that somebody can mend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barrier: Option<Barrier>,
}

/// What stands in the way of a message for good, until somebody mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Barrier {
    /// Usher is not in the channel.
    NotIn,
    /// Usher cannot see the channel: it is gone, or private.
    Unseen,
    /// The channel is archived.
    Archived,
    /// Only some may post in the channel.
    ReadOnly,
    /// The person's account is closed, or hidden from Usher.
    Unreachable,
    /// The installation lacks a permission.
    Permission,
    /// What Usher made is none that the platform takes.
    Flaw,
    /// Something that this version does not know.
    Other,
}

impl Barrier {
    /// Whether it stands everywhere, and not in one place.
    const fn is_everywhere(self) -> bool {
        match self {
            Barrier::Permission | Barrier::Flaw => true,
            Barrier::NotIn
            | Barrier::Unseen
            | Barrier::Archived
            | Barrier::ReadOnly
            | Barrier::Unreachable
            | Barrier::Other => false,
        }
    }
}

impl Errand {
    /// Where it went, as far as one barrier reaches. What was said before cannot be changed everywhere, and pages
    /// have their own way to be heard of.
    fn place(&self) -> Option<SmolStr> {
        match &self.to {
            Target::Thread { channel, .. }
            | Target::Channel { channel, .. }
            | Target::Private { channel, .. } => Some(channel.clone()),
            Target::Direct { user, .. } | Target::Home { user, .. } => Some(format_smolstr!("@{user}")),
            Target::Amend { .. } | Target::Page { .. } => None,
        }
    }

    /// Whether that it arrived shows that others can: where one person alone reads, more may be said than in the open.
    fn opens(&self) -> bool {
        match self.to {
            Target::Thread { .. } | Target::Channel { .. } | Target::Direct { .. } => true,
            Target::Private { .. } | Target::Home { .. } | Target::Amend { .. } | Target::Page { .. } => {
                false
            }
        }
    }

    /// Whether the admins should hear of it. They cannot be told that they cannot be told; and whoever gives a
    /// command where Usher is not has not asked for it to be there.
    fn concerns_admins(&self, barrier: Barrier) -> bool {
        match self.kind {
            Kind::Admin => false,
            Kind::Answer | Kind::Home => barrier.is_everywhere(),
            Kind::Call
            | Kind::WrittenWay
            | Kind::Reminder
            | Kind::Escalation
            | Kind::Page
            | Kind::OffHours
            | Kind::LongMessage
            | Kind::Digest
            | Kind::Status
            | Kind::Handoff
            | Kind::Later
            | Kind::Revision
            | Kind::Outcome
            | Kind::Hello => true,
        }
    }
}

impl Engine {
    /// Tells the admins of a place in which nothing can be said; once it works there again, that is forgotten.
    pub(super) fn hear_errand(
        &mut self,
        errand: Option<&Errand>,
        fate: &Fate,
        now: Instant,
        turn: &mut Turn,
    ) {
        let Some((errand, place)) = errand.and_then(|errand| Some((errand, errand.place()?))) else { return };
        match (fate, errand.barrier) {
            (Fate::Refused(why), Some(barrier)) if errand.concerns_admins(barrier) => {
                let place = if barrier.is_everywhere() { SmolStr::default() } else { place };
                self.tell_of_barrier(errand, barrier, place, why, now, turn);
            }
            (Fate::Sent(_), _) if errand.opens() => {
                let known = self.ledger.barred.len();
                self.ledger.barred.retain(|barred| barred.place != place);
                self.dirty.ledger |= self.ledger.barred.len() < known;
            }
            (Fate::Sent(_) | Fate::Refused(_) | Fate::Unknown(_), _) => {}
        }
    }

    fn tell_of_barrier(
        &mut self,
        errand: &Errand,
        barrier: Barrier,
        place: SmolStr,
        why: &str,
        now: Instant,
        turn: &mut Turn,
    ) {
        self.ledger.barred.retain(|barred| now.since(barred.told_at) < AGAIN_MS);
        let is_it = |barred: &Barred| barred.place == place && barred.barrier == barrier;
        if self.ledger.barred.iter().any(is_it) {
            return;
        }
        let words = self.words().barred(errand, barrier, why);
        self.tell_admins(words, format_smolstr!("barred/{place}/{}", now.ms()), now, turn);
        self.ledger.barred.push(Barred { place, barrier, told_at: now });
        self.dirty.ledger = true;
    }
}
