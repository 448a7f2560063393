//! What a valid runbook says, with every name resolved.
//!
//! These types cannot hold a dangling name: whoever has a [`Runbook`] may index its maps with any
//! [`Name`] found in it. They are made only by `resolve`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::ghosts::Ghosts;
use super::reaction::Reaction;
use crate::calendar::{Holidays, RotationPlan, WeeklyHours};

/// The key of a person, group, rotation, level, channel or place, as the file spells it.
pub type Name = SmolStr;

/// A team's runbook at one revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Runbook {
    /// `[team]`.
    pub team: Team,
    /// `[notices]`.
    pub notices: Notices,
    /// `[places]`.
    pub places: BTreeMap<Name, Place>,
    /// `[people]`: only those who are named; everyone else follows the team and the platform.
    pub people: BTreeMap<Name, Person>,
    /// `[groups]`, members in the file's order.
    pub groups: BTreeMap<Name, Vec<Name>>,
    /// `[rotations]`.
    pub rotations: BTreeMap<Name, RotationPlan>,
    /// `[owners]`: topic to who is asked about it.
    pub owners: BTreeMap<Name, Who>,
    /// `[urgency]`, in the file's order.
    pub levels: Vec<Arc<Level>>,
    /// `[channels]` without `"*"`.
    pub channels: BTreeMap<Name, Channel>,
    /// `[channels."*"]`: how Usher behaves where the runbook names nothing.
    pub elsewhere: Channel,
    /// `[[use]]`.
    pub uses: Vec<Use>,
    /// `[links]`, name to address.
    pub links: BTreeMap<Name, String>,
    /// `[threads]`.
    pub threads: Threads,
    /// `[bridges]`.
    pub ghosts: Ghosts,
}

/// `[team]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// The team's name.
    pub name: String,
    /// For whatever names no zone of its own.
    pub zone: Tz,
    /// Everyone's default, each in their own zone.
    pub office_hours: Arc<WeeklyHours>,
    /// Where a call is held; `{thread}` stands for the thread's short name.
    pub call_link: Option<String>,
    /// The channel in which a new revision is told.
    pub announce_in: Option<Name>,
    /// Who is told what concerns the installation.
    pub admins: Vec<Name>,
    /// When the team meant to look at its rules again.
    pub review_by: Option<NaiveDate>,
}

/// `[notices]`: how much Usher may say.
#[derive(Clone, Debug, PartialEq)]
pub struct Notices {
    /// Notices for one person in one of their days; the rest waits for the digest.
    pub per_person_per_day: u32,
    /// Notices in one thread.
    pub per_thread: u32,
    /// Local times at which what waited is told, ascending.
    pub digest: Vec<NaiveTime>,
}

/// `[places.*]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Its zone.
    pub zone: Tz,
    /// Its holidays and half days.
    pub holidays: Arc<Holidays>,
}

/// `[people.*]`, with what the place and the team give filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Where they are, if the file says so.
    pub place: Option<Name>,
    /// Their zone, where the file gives one (their own or their place's); else the platform's.
    pub zone: Option<Tz>,
    /// Holidays of their place, or none.
    pub holidays: Arc<Holidays>,
    /// Their office hours: their own, or the team's.
    pub office_hours: Arc<WeeklyHours>,
    /// When notices that do not interrupt wait.
    pub focus: Option<Arc<WeeklyHours>>,
    /// Their id on Slack.
    pub slack: Option<String>,
    /// Their id on Matrix.
    pub matrix: Option<String>,
    /// Who takes over while they are on leave.
    pub deputy: Option<Name>,
    /// A telephone number, or the name of the secret that holds it.
    pub phone: Option<Phone>,
    /// How they like to be reached, in their words.
    pub reach_me: Option<String>,
}

/// A telephone number: in the file, or kept in the settings under a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Phone {
    /// The number itself.
    Number(String),
    /// The name of a secret in the settings.
    Secret(String),
}

/// Who is meant: a person, everyone in a group, whoever is on duty, or those who owe the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// A person of the runbook, or of the platform.
    Person(Name),
    /// Everyone in a group.
    Group(Name),
    /// Whoever is on duty in a rotation.
    Rotation(Name),
    /// Those who owe the answer; only in a ladder.
    Responders,
}

/// `[urgency.*]`: a named promise.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Its name.
    pub name: Name,
    /// What it means, in the team's words.
    pub means: String,
    /// What a message starts with to raise it, longest first.
    pub marks: Vec<String>,
    /// How soon an answer is owed; `None` where nothing is expected.
    pub respond_within: Option<Promise>,
    /// On which clock.
    pub clock: Clock,
    /// Whether it may reach people outside office hours.
    pub interrupts: bool,
    /// Who may raise it by mark or command. Where the file says nothing: empty, which is everyone for
    /// a level that does not interrupt, and the people of the runbook for one that does.
    pub raised_by: Vec<Who>,
    /// What meets it.
    pub met_by: MetBy,
    /// Its ladder, in the file's order.
    pub escalate: Vec<Step>,
}

/// How soon: open time, or working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// Milliseconds on the level's clock.
    Ms(i64),
    /// The same wall time so many working days later.
    Workdays(u32),
}

/// The clock on which a promise runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// Office hours of whoever owes the answer.
    OfficeHours,
    /// Every hour of every day.
    Always,
}

/// What meets a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetBy {
    /// An answer.
    Answer,
    /// Somebody's word that they take it.
    Acknowledge,
}

/// One step of a ladder.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When.
    pub after: After,
    /// Whom.
    pub tell: Vec<Who>,
    /// How.
    pub by: By,
}

/// When a step is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// So many milliseconds of the clock after the start.
    Ms(i64),
    /// At a share of the promise, in percent (0 to 1000).
    Percent(u32),
    /// So many milliseconds of the clock after the answer was due.
    AfterDueMs(i64),
}

/// How a step reaches people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A reply in the thread that mentions them.
    Thread,
    /// A direct message.
    DirectMessage,
    /// The pager of the settings.
    Pager,
}

/// How Usher behaves in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Voice {
    /// Silent; admins hear daily what it would have said.
    Watch,
    /// Hints only, to the person concerned.
    Private,
    /// Speaks.
    Speak,
}

/// `[channels.*]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Its id on Slack.
    pub slack: Option<String>,
    /// Its alias or id on Matrix.
    pub matrix: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// The level of what carries no mark; `None` starts no clock without a mark.
    pub urgency: Option<Arc<Level>>,
    /// Who owes answers here, whoever is mentioned.
    pub responders: Vec<Who>,
    /// Whose answer counts.
    pub answered_by: AnsweredBy,
    /// Reactions that take a question on.
    pub acknowledge: Vec<Reaction>,
    /// Reactions that dismiss a question or a notice.
    pub dismiss: Vec<Reaction>,
    /// What a good question holds; shown by `runbook`.
    pub template: Option<String>,
    /// How Usher behaves here.
    pub voice: Voice,
}

/// Whose answer meets a promise in a channel with responders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnsweredBy {
    /// Anyone's but the asker's.
    Anyone,
    /// Only a responder's.
    Responders,
}

/// `[[use]]`: which tool for what.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// `synchronous` or `asynchronous`.
    pub style: String,
    /// What it is for.
    pub purpose: String,
    /// The tools, best first.
    pub tools: Vec<String>,
    /// How soon people answer there, as the file says it.
    pub answer_within: Option<String>,
}

/// `[threads]`: long threads and calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Threads {
    /// Exchanges without a resolution before a call is suggested.
    pub suggest_call_after: u32,
    /// When a suggestion is welcome.
    pub suggest: Suggest,
    /// Further exchanges before it is suggested again.
    pub again_after: u32,
    /// More people than this are offered the written way instead.
    pub at_most_people: u32,
    /// Reactions that resolve a thread; in a message they do so too.
    pub resolved_by: Vec<Reaction>,
    /// Phrases that resolve a thread, in small letters.
    pub resolving_phrases: Vec<String>,
    /// Silence that ends a thread in a channel's main line, in ms.
    pub main_line_gap_ms: i64,
    /// A message longer than this many characters gets the private hint; `None` never.
    pub long_message: Option<usize>,
    /// How long a call takes, in ms.
    pub call_length_ms: i64,
    /// Within what time a slot is looked for.
    pub slot_within: Promise,
    /// Days without meetings.
    pub no_calls: Vec<Weekday>,
}

/// When a suggestion to call is welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suggest {
    /// When the thread shows that it is stuck.
    WhenStuck,
    /// At the count alone.
    Always,
    /// Never; one can still ask by `call`.
    Never,
}
