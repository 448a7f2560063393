//! One attempt to deliver one action, from the moment it is marked to what became of it.

use std::sync::Arc;

use super::queue::Waiting;
use crate::calendar::{Instant, MINUTE_MS, SECOND_MS};
use crate::chat::{Chat, Outcome, ReadBack};
use crate::clock::{Clock, Hands};
use crate::core::action::{Action, IfUnknown};
use crate::core::barred::Errand;
use crate::core::event::{Fate, MessageRef};
use crate::core::message::Part;
use crate::fault::{Faults, Injected, Point};
use crate::store::{Claimed, Original};

/// The first wait before an action is tried again, in ms; it doubles with each attempt.
const BACK_OFF_MS: i64 = SECOND_MS;
/// The longest wait, whatever a platform asks for, in ms.
const BACK_OFF_AT_MOST_MS: i64 = 15 * MINUTE_MS;
/// How long a platform gets to find out itself what it did with a message, in ms.
const DOUBT_MS: i64 = 2 * SECOND_MS;
/// How often an action is sent again whose fate cannot be learnt.
const REPEATS: i64 = 8;

/// An attempt.
pub(super) struct Flight {
    pub waiting: Waiting,
    pub claimed: Claimed,
    pub chat: Arc<dyn Chat>,
    pub clock: Clock,
    pub faults: Faults,
    /// When the mark was set out to be committed, and how long after it nobody else can have taken over.
    pub claimed_at: Hands,
    pub ours_for_ms: Option<i64>,
}

/// What became of an attempt.
pub(super) struct Landed {
    pub waiting: Waiting,
    pub end: End,
    /// What was tried.
    pub errand: Errand,
}

pub(super) enum End {
    /// The action is finished.
    Finished(Fate),
    /// It was not sent, and is tried again: why.
    Again(String),
    /// Nobody knows; it is still marked as being sent.
    Doubtful,
    /// A planned fault.
    Fault(Injected),
}

impl Flight {
    pub(super) async fn fly(mut self) -> Landed {
        let end = self.end().await.unwrap_or_else(End::Fault);
        let barrier = match &end {
            End::Finished(Fate::Refused(why)) => self.chat.barrier(why),
            End::Finished(Fate::Sent(_) | Fate::Unknown(_))
            | End::Again(_)
            | End::Doubtful
            | End::Fault(_) => None,
        };
        let Action { kind, to, .. } = self.claimed.action;
        Landed { waiting: self.waiting, end, errand: Errand { kind, to, barrier } }
    }

    async fn end(&mut self) -> Result<End, Injected> {
        let original = match self.claimed.original.take() {
            None => None,
            Some(Original::Sent(message)) => Some(message),
            Some(Original::Unfinished) => {
                return Ok(self.again(None, "what it amends is not sent yet".to_owned()));
            }
            Some(Original::Gone) => {
                return Ok(End::Finished(Fate::Refused("what it amends was not sent".to_owned())));
            }
        };
        let action = self.claimed.action.clone();
        let Some(doubt) = self.waiting.doubt.take() else {
            return self.deliver(&action, original.as_ref()).await;
        };
        match self.chat.read_back(&action, original.as_ref()).await {
            ReadBack::Found(message) => Ok(End::Finished(Fate::Sent(message.or(original)))),
            ReadBack::Absent if self.waiting.is_stale(self.clock.now()) => Ok(End::Finished(stale())),
            ReadBack::Absent => self.deliver(&action, original.as_ref()).await,
            ReadBack::NotNow(why) if is_given_up(self.waiting.entry.created_at, self.clock.now()) => {
                Ok(End::Finished(Fate::Unknown(why)))
            }
            ReadBack::NotNow(_) => {
                self.waiting.doubt = Some(doubt);
                self.waiting.not_before = Some(self.clock.now().plus(wait_ms(None, self.claimed.attempts)));
                Ok(End::Doubtful)
            }
            ReadBack::CannotTell => match action.if_unknown {
                IfUnknown::Leave => Ok(End::Finished(Fate::Unknown(doubt))),
                IfUnknown::Repeat if self.claimed.attempts > REPEATS => {
                    Ok(End::Finished(Fate::Unknown(doubt)))
                }
                IfUnknown::Repeat => self.deliver(&as_repetition(action), original.as_ref()).await,
            },
        }
    }

    async fn deliver(&mut self, action: &Action, original: Option<&MessageRef>) -> Result<End, Injected> {
        self.faults.at(Point::AfterClaim)?;
        if !self.is_still_ours() {
            return Ok(
                self.again(Some(0), "the process stood still; somebody else may have taken over".to_owned())
            );
        }
        let outcome = self.chat.deliver(action, original).await;
        self.faults.at(Point::AfterSend)?;
        Ok(match outcome {
            Outcome::Accepted(message) => End::Finished(Fate::Sent(message.or_else(|| original.cloned()))),
            Outcome::Refused(why) => End::Finished(Fate::Refused(why)),
            Outcome::TryLater { after_ms, why } => self.again(after_ms, why),
            Outcome::Unknown(why) => {
                self.waiting.doubt = Some(why);
                self.waiting.not_before = Some(self.clock.now().plus(DOUBT_MS));
                End::Doubtful
            }
        })
    }

    /// A process that stood still after it had marked an action must not send it when it goes on: its
    /// lease may have ended, and another may have sent it.
    fn is_still_ours(&self) -> bool {
        let Some(ours_for_ms) = self.ours_for_ms else { return true };
        let now = self.clock.hands();
        let passed_ms = (now.steady_ms - self.claimed_at.steady_ms).max(now.wall.since(self.claimed_at.wall));
        passed_ms <= ours_for_ms
    }

    fn again(&mut self, after_ms: Option<i64>, why: String) -> End {
        let wait_ms = wait_ms(after_ms, self.claimed.attempts);
        self.waiting.not_before = Some(self.clock.now().plus(wait_ms));
        End::Again(why)
    }
}

/// How long to wait before the next attempt: what the platform asks for if that makes sense.
fn wait_ms(after_ms: Option<i64>, attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(20);
    let back_off_ms = BACK_OFF_MS << doublings;
    after_ms.filter(|ms| *ms >= 0).unwrap_or(back_off_ms).min(BACK_OFF_AT_MOST_MS)
}

/// What becomes of an action that came too late to be of use.
pub(super) fn stale() -> Fate {
    Fate::Refused("it came too late to be of use".to_owned())
}

/// The same action, which says that it may be the second time.
fn as_repetition(mut action: Action) -> Action {
    let words = "This may reach you twice: I could not learn whether it arrived. ";
    action.message.parts.insert(0, Part::Words(words.to_owned()));
    action
}

/// When an action that was never taken is given up.
pub(super) fn is_given_up(created_at: Instant, now: Instant) -> bool {
    const AGE_MS: i64 = 7 * crate::calendar::DAY_MS;
    now.since(created_at) > AGE_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_believed_within_reason() {
        assert_eq!(wait_ms(Some(30_000), 1), 30_000);
        assert_eq!(wait_ms(Some(86_400_000), 1), BACK_OFF_AT_MOST_MS);
        assert_eq!(wait_ms(Some(i64::MAX), 1), BACK_OFF_AT_MOST_MS);
        assert_eq!(wait_ms(Some(-1), 1), 1_000);
        assert_eq!(wait_ms(Some(0), 5), 0);
        assert_eq!([1, 2, 3, 4].map(|attempts| wait_ms(None, attempts)), [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(wait_ms(None, 1_000), BACK_OFF_AT_MOST_MS);
        assert_eq!(wait_ms(None, 0), 1_000);
    }
}
