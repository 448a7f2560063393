//! What has been said, and what waits to be said. It is kept apart from what follows from the facts: facts
//! can be heard anew, but what was said cannot be unsaid.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::action::{Action, ActionId, Kind};
use super::barred::Barrier;
use super::event::{MessageId, MessageRef, Platform};
use super::strand::StrandKey;
use super::turn::{Noted, Silence};
use crate::calendar::{Instant, Span};
use crate::runbook::Name;

/// So many lines of what was decided are kept about one obligation.
pub const TRAIL_KEPT: usize = 16;

/// What was said about one obligation; its id is the message that it answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OwedSaid {
    /// The state that was last noted.
    pub stage: Option<Stage>,
    /// When it was due, once that is declared a breach or it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
    /// When it ended, as last noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// Whether a breach was declared and not taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breached: bool,
    /// The steps of the ladder that were taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepSaid>,
    /// How often it had become another promise when the first of these was taken.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub anew: u32,
    /// The steps that were taken for an earlier promise about the same message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<StepSaid>,
    /// What else was sent about it and is to be kept true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ActionId>,
    /// How often what was posted about it has changed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub amended: u32,
    /// Whether its taker was asked how it goes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked_taker: bool,
    /// Whether the asker, who wanted news, was told how it stands.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_asker: bool,
    /// Whether the asker saw the emergency card.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub card_shown: bool,
    /// Nothing is said about it before this instant, or before it is due: somebody snoozed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Instant>,
    /// Who snoozed it and is to hear of it again then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_by: Option<Name>,
    /// Who owed it when that was last looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<Name>,
    /// What was decided, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<(Instant, Noted)>,
}

/// The state of an obligation, as figures count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Nobody took it.
    Open,
    /// Somebody took it.
    Acknowledged,
    /// The answerer waits for the asker.
    Paused,
    /// It was answered.
    Met,
    /// Nothing is owed any more.
    Cancelled,
}

/// One step of a ladder that was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepSaid {
    /// Its position in the ladder.
    pub step: usize,
    /// When.
    pub at: Instant,
    /// Who was told, or is told with their digest.
    pub told: Vec<Name>,
    /// The actions that told them; none in a watched channel or for a digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionId>,
    /// How often it was paged.
    #[serde(default)]
    pub pages: u32,
}

/// What was said about a run of talk; its id is the run's first message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunSaid {
    /// Exchanges ever at the last suggestion.
    pub suggested_at: Option<u32>,
    /// How often a call was suggested.
    #[serde(default)]
    pub suggestions: u32,
    /// Whether the written way was offered.
    #[serde(default)]
    pub written_way: bool,
    /// The message of the suggestion.
    #[serde(default)]
    pub action: Option<ActionId>,
    /// Exchanges ever when a rule last matched and nothing was said, and why.
    #[serde(default)]
    pub silent: Option<(u32, Silence)>,
    /// Whether the outcome of the last call was asked for.
    #[serde(default)]
    pub asked_outcome: bool,
    /// When the last call that was taken begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_at: Option<Instant>,
    /// Who took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_by: Option<Name>,
    /// How many calls were taken.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub calls: u32,
    /// Whether the last suggestion was seen by one person only, and the thread has not heard of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_alone: bool,
    /// A suggestion that was welcome waits until then: nobody could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Instant>,
    /// The last call that was asked for and answered.
    #[serde(default)]
    pub call_answered: Option<Instant>,
    /// Notices posted in the thread.
    #[serde(default)]
    pub notices: u32,
    /// When the thread last counted for the weekly report: as spoken in, or as silent for that reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<(Option<Silence>, Instant)>,
}

/// What Usher keeps for one person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Desk {
    /// The person's date of `spent`.
    #[serde(default)]
    pub day: Option<NaiveDate>,
    /// Notices on that date.
    #[serde(default)]
    pub spent: u32,
    /// What waits for the digest, oldest first.
    #[serde(default)]
    pub held: Vec<Held>,
    /// When the digest is told; earlier than the next by the runbook after an outage.
    #[serde(default)]
    pub digest_at: Option<Instant>,
    /// Nothing is said to them before this instant, an interrupting level aside.
    #[serde(default)]
    pub muted_until: Option<Instant>,
    /// Of whom they were told today that they are off.
    #[serde(default)]
    pub hinted: Vec<(Name, NaiveDate)>,
    /// On which date they had the hint about a long message.
    #[serde(default)]
    pub long_hint: Option<NaiveDate>,
    /// What they asked to have delivered later.
    #[serde(default)]
    pub later: Vec<Later>,
    /// What is told at their next opening.
    #[serde(default)]
    pub deferred: Vec<Deferred>,
    /// When they are away.
    #[serde(default)]
    pub away: Vec<Span>,
    /// Where they were last seen, and since when, if they are on several platforms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_on: Option<(Platform, Instant)>,
    /// The one of these that a platform shows, and the end that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_away: Option<(Span, Instant)>,
}

/// A notice that waits for a digest. The words are made when it is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// What it is for.
    pub kind: Kind,
    /// The obligation: its strand and the message that is to be answered.
    pub about: AboutOwed,
    /// Since when it waits.
    pub since: Instant,
    /// When the answer was due, as far as was known then.
    #[serde(default)]
    pub due: Option<Instant>,
}

/// Which obligation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AboutOwed {
    /// Its strand.
    pub strand: StrandKey,
    /// The message that is to be answered.
    pub message: MessageId,
}

/// An action that waits until the person is in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deferred {
    /// The action.
    pub action: Action,
    /// The obligation it is about: it is dropped when that is no longer open.
    pub about: Option<AboutOwed>,
    /// When they are in.
    pub at: Instant,
    /// Whether it waits for a digest time: the day's notices were spent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

/// A text that a person asked to have delivered at somebody's opening.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Later {
    /// Unique for its sender.
    pub id: SmolStr,
    /// To whom.
    pub to: Name,
    /// When.
    pub at: Instant,
    /// What they typed.
    pub text: String,
}

/// How the talk of a thread ended, as somebody told it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// When it was told.
    pub at: Instant,
    /// By whom.
    pub by: Name,
    /// The strand.
    pub strand: StrandKey,
    /// A message of the thread: its first, where that was known.
    pub about: MessageId,
    /// What they typed.
    pub text: String,
}

/// A message of Usher's that can be answered by a button or a reaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeSaid {
    /// What it was for.
    pub kind: Kind,
    /// The strand it is about.
    pub strand: StrandKey,
    /// The message it is about: a question, or the first message of a run.
    pub about: MessageId,
    /// When it was decided.
    pub at: Instant,
    /// Where the platform put it.
    #[serde(default)]
    pub message: Option<MessageRef>,
    /// On which platform it was said, where that is not the one of what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Platform>,
    /// Whether somebody dismissed it: that counts once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dismissed: bool,
}

/// What concerns the installation rather than a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Kinds of notices that were dismissed, by channel, and how often.
    #[serde(default)]
    pub dismissed: Vec<(SmolStr, Kind, u32)>,
    /// What would have been said in watched channels since the admins last heard of it.
    #[serde(default)]
    pub would_have: Vec<(Kind, MessageRef)>,
    /// How many more than are listed.
    #[serde(default)]
    pub would_have_more: u32,
    /// Threads in which Usher spoke this week.
    #[serde(default)]
    pub spoke: u32,
    /// Threads in which a rule matched without a word this week, by reason.
    #[serde(default)]
    pub silent: Vec<(Silence, u32)>,
    /// The same, whatever the reason.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub silent_threads: u32,
    /// Since when that is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week_from: Option<Instant>,
    /// When the admins were last told what would have been said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_from: Option<Instant>,
    /// When they are next told it.
    #[serde(default)]
    pub daily_at: Option<Instant>,
    /// When the admins are next told how the week went.
    #[serde(default)]
    pub weekly_at: Option<Instant>,
    /// What fell due before this instant fell due while Usher was down.
    #[serde(default)]
    pub up_since: Option<Instant>,
    /// Of which channels the admins know that messages in them cannot be read, and since when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<(SmolStr, Instant)>,
    /// Of which places the admins know that nothing can be said there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<Barred>,
}

/// A place in which nothing can be said, of which the admins were told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Barred {
    /// The channel, `@` and the user, or nothing for the whole workspace.
    pub place: SmolStr,
    /// Why.
    pub barrier: Barrier,
    /// When they were told.
    pub told_at: Instant,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
