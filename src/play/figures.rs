//! Counting the figures of a play, turn by turn, so that memory grows with what is open and not with
//! what has been.

use std::collections::{BTreeMap, VecDeque};

use chrono::NaiveDate;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::hours::Hours;
use super::notes::kind_name;
use super::session::Heard;
use super::summary::{Notices, Obligations, Responses, Summary, Took, share};
use crate::calendar::{DAY_MS, Instant, MINUTE_MS};
use crate::core::action::{Action, Kind, Target};
use crate::core::case::Cause;
use crate::core::event::{Event, MessageId, MessageRef, UserId, What};
use crate::core::message::Part;
use crate::core::record::Record;
use crate::core::turn::{Change, Note, Noted, Turn};
use crate::runbook::Clock;

/// What ended so long ago is not changed any more by a fact that comes late.
const SETTLED_AFTER_MS: i64 = 30 * DAY_MS;

/// The kinds that the figures name: suggestions and steps of ladders.
const NUDGES: [Kind; 7] = [
    Kind::Call,
    Kind::WrittenWay,
    Kind::Reminder,
    Kind::Escalation,
    Kind::Page,
    Kind::OffHours,
    Kind::LongMessage,
];

/// What became of an obligation, as far as it is known.
#[derive(Clone, Debug)]
struct Owing {
    clock: Clock,
    standing: Standing,
    /// Whether it was not answered by when it was due.
    is_breached: bool,
}

/// How an obligation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Acknowledged,
    Paused,
    Met {
        took_min: i64,
        is_late: bool,
    },
    Cancelled,
    /// Forgotten after it was due and without an answer.
    Expired,
}

/// See the module.
#[derive(Debug)]
pub struct Figures {
    hours: Hours,
    messages: u64,
    people: FxHashSet<UserId>,
    threads: FxHashSet<(SmolStr, MessageId)>,
    /// What is owed, and what ended so lately that a fact which comes late may change it; never iterated but to be
    /// counted.
    owing: FxHashMap<MessageRef, Owing>,
    /// What ended when, oldest first.
    ended: VecDeque<(Instant, MessageRef)>,
    /// What ended long ago, and at the end of the play everything.
    obligations: Obligations,
    late: u64,
    /// Answers by their clock and the minutes that they took.
    took_min: BTreeMap<Clock, BTreeMap<i64, u64>>,
    /// How many notices a person had on a date, as the engine counts them for their budget.
    spent: BTreeMap<SmolStr, (NaiveDate, u32)>,
    spoke: BTreeMap<Kind, u64>,
    would_have: BTreeMap<Kind, u64>,
    /// Notices by date and person, of the last days; the people are never iterated but to be counted.
    days: BTreeMap<NaiveDate, FxHashMap<UserId, u32>>,
    notices: u64,
    person_days: u64,
    most_notices: u32,
    by_people: u64,
    after_hours: u64,
}

impl Figures {
    /// Nothing counted yet. `hours` says when people are in.
    pub fn new(hours: Hours) -> Figures {
        Figures {
            hours,
            messages: 0,
            people: FxHashSet::default(),
            threads: FxHashSet::default(),
            owing: FxHashMap::default(),
            ended: VecDeque::new(),
            obligations: Obligations::default(),
            late: 0,
            took_min: BTreeMap::new(),
            spent: BTreeMap::new(),
            spoke: BTreeMap::new(),
            would_have: BTreeMap::new(),
            days: BTreeMap::new(),
            notices: 0,
            person_days: 0,
            most_notices: 0,
            by_people: 0,
            after_hours: 0,
        }
    }

    /// Counts what a session heard.
    pub fn count(&mut self, heard: &[Heard]) {
        for heard in heard {
            match heard {
                Heard::Event(event) => self.event(event),
                Heard::Turn(turn) => self.turn(turn),
            }
        }
    }

    /// Counts an event.
    pub fn event(&mut self, event: &Event) {
        match &event.what {
            What::Posted(posted) => {
                self.messages += 1;
                if let Some(root) = &posted.thread {
                    self.threads.insert((posted.message.channel.clone(), root.clone()));
                }
                if !posted.bot {
                    self.by_people += 1;
                    self.wrote(&posted.author, event.at);
                }
            }
            What::User { user, facts } => self.hours.learn(user, facts.zone),
            What::Unreadable { .. }
            | What::Edited { .. }
            | What::Deleted { .. }
            | What::Reacted { .. }
            | What::Commanded { .. }
            | What::Pressed { .. }
            | What::Channel { .. }
            | What::Away { .. }
            | What::Gap { .. }
            | What::Filled { .. }
            | What::Lost { .. }
            | What::CallBegan { .. }
            | What::HomeOpened { .. }
            | What::Invited { .. }
            | What::Revision(_)
            | What::Started { .. }
            | What::Delivered { .. } => {}
        }
    }

    fn wrote(&mut self, author: &UserId, at: Instant) {
        let (date, open) = self.hours.at(author, at);
        self.after_hours += u64::from(!open);
        if !self.people.contains(author) {
            self.people.insert(author.clone());
        }
        self.days.entry(date).or_default().entry(author.clone()).or_default();
        self.forget_days_before(date);
    }

    /// Counts what was decided.
    pub fn turn(&mut self, turn: &Turn) {
        for note in &turn.notes {
            self.note(note, turn.now);
        }
        self.notices_of(turn);
        while let Some((_, about)) =
            self.ended.front().filter(|(at, _)| turn.now.since(*at) > SETTLED_AFTER_MS)
        {
            if let Some(owing) = self.owing.remove(about) {
                self.settle(&owing);
            }
            self.ended.pop_front();
        }
    }

    fn note(&mut self, note: &Note, now: Instant) {
        match (&note.what, &note.about) {
            (Noted::Owed { level, .. }, Some(about)) => {
                let clock = self.hours.clock(level);
                let owing = Owing { clock, standing: Standing::Open, is_breached: false };
                self.owing.insert(about.clone(), owing);
            }
            (Noted::Resumed, Some(about)) => self.owing(about).standing = Standing::Open,
            (Noted::Acknowledged, Some(about)) => self.owing(about).standing = Standing::Acknowledged,
            (Noted::Paused, Some(about)) => self.owing(about).standing = Standing::Paused,
            (Noted::Breached, Some(about)) => self.owing(about).is_breached = true,
            (Noted::BreachTakenBack, Some(about)) => self.owing(about).is_breached = false,
            (Noted::Met { took_ms, late }, Some(about)) => {
                let took_min = (took_ms + MINUTE_MS / 2) / MINUTE_MS;
                self.owing(about).standing = Standing::Met { took_min, is_late: *late };
                self.ended.push_back((now, about.clone()));
            }
            (Noted::Cancelled(reason), Some(about)) => {
                let owing = self.owing(about);
                // A breach that nobody ever answered stays one when it is forgotten at last.
                let is_forgotten = owing.is_breached && reason == Cause::Expired.name();
                owing.standing = if is_forgotten { Standing::Expired } else { Standing::Cancelled };
                self.ended.push_back((now, about.clone()));
            }
            (Noted::Spoke(kind), _) => *self.spoke.entry(*kind).or_default() += 1,
            (Noted::WouldHaveSpoken(kind), _) => *self.would_have.entry(*kind).or_default() += 1,
            (Noted::Silent { .. } | Noted::Remark(_), _)
            | (
                Noted::Owed { .. }
                | Noted::Resumed
                | Noted::Acknowledged
                | Noted::Paused
                | Noted::Breached
                | Noted::BreachTakenBack
                | Noted::Met { .. }
                | Noted::Cancelled(_),
                None,
            ) => {}
        }
    }

    /// An obligation; one that an earlier run began is taken for one in office hours.
    fn owing(&mut self, about: &MessageRef) -> &mut Owing {
        let unknown = Owing { clock: Clock::OfficeHours, standing: Standing::Open, is_breached: false };
        self.owing.entry(about.clone()).or_insert(unknown)
    }

    /// Counts an obligation as it stands, for good.
    fn settle(&mut self, owing: &Owing) {
        let by_state = &mut self.obligations;
        let state = match (owing.standing, owing.is_breached) {
            (Standing::Open | Standing::Acknowledged, true) | (Standing::Expired, _) => {
                &mut by_state.breached
            }
            (Standing::Open, false) => &mut by_state.open,
            (Standing::Acknowledged, false) => &mut by_state.acknowledged,
            (Standing::Paused, _) => &mut by_state.paused,
            (Standing::Cancelled, _) => &mut by_state.cancelled,
            (Standing::Met { took_min, is_late }, _) => {
                self.late += u64::from(is_late);
                *self.took_min.entry(owing.clock).or_default().entry(took_min).or_default() += 1;
                &mut by_state.met
            }
        };
        *state += 1;
    }

    /// Counts each notice of a turn for everybody whom it reaches.
    fn notices_of(&mut self, turn: &Turn) {
        let mut spent = self.newly_spent(turn);
        for action in turn.actions.iter().filter(|action| is_notice(action.kind)) {
            for user in reached(action) {
                if let Some(spent) = spent.get_mut(user).filter(|_| spends(action.kind)) {
                    *spent = spent.saturating_sub(1);
                }
                self.told(user, 1, turn.now);
            }
        }
        // What a suggestion in a thread costs its people, whom it does not mention.
        for (user, notices) in spent {
            self.told(&user, notices, turn.now);
        }
    }

    fn told(&mut self, user: &UserId, notices: u32, now: Instant) {
        if notices > 0 {
            let (date, _) = self.hours.at(user, now);
            *self.days.entry(date).or_default().entry(user.clone()).or_default() += notices;
        }
    }

    /// How many notices the engine took from whose budget in a turn.
    fn newly_spent(&mut self, turn: &Turn) -> BTreeMap<UserId, u32> {
        let mut spent: BTreeMap<UserId, u32> = BTreeMap::new();
        for change in &turn.changes {
            let Change::Put(key, Record::Person(desk)) = change else { continue };
            let Some(day) = desk.day else { continue };
            let before = self.spent.insert(key.id.clone(), (day, desk.spent));
            let before = before.filter(|(known, _)| *known == day).map_or(0, |(_, spent)| spent);
            *spent.entry(self.hours.user(&key.id)).or_default() += desk.spent.saturating_sub(before);
        }
        spent
    }

    /// Closes the days on which nobody can write any more: two dates on, it is over in every zone.
    fn forget_days_before(&mut self, date: NaiveDate) {
        while let Some(entry) = self.days.first_entry().filter(|entry| (date - *entry.key()).num_days() > 2) {
            let day = entry.remove();
            self.close_day(day);
        }
    }

    fn close_day(&mut self, notices: FxHashMap<UserId, u32>) {
        notices.into_values().for_each(|notices| {
            self.person_days += 1;
            self.notices += u64::from(notices);
            self.most_notices = self.most_notices.max(notices);
        });
    }

    /// The figures at the end of the play.
    pub fn finish(mut self) -> Summary {
        for day in std::mem::take(&mut self.days).into_values() {
            self.close_day(day);
        }
        std::mem::take(&mut self.owing).into_values().for_each(|owing| self.settle(&owing));
        let would_have = self.would_have.iter().filter(|(kind, _)| is_notice(**kind));
        let would_have: u64 = would_have.map(|(_, count)| count).sum();
        let nudges = NUDGES.map(|kind| {
            let would_have = count(&self.would_have, kind);
            (kind, count(&self.spoke, kind) + would_have, would_have)
        });
        Summary {
            messages: self.messages,
            people: length(self.people.len()),
            threads: length(self.threads.len()),
            obligations: self.obligations,
            responses: self.responses(),
            nudges: nudges.iter().map(|(kind, all, _)| (kind_name(*kind), *all)).collect(),
            would_have: nudges.iter().map(|(kind, _, would_have)| (kind_name(*kind), *would_have)).collect(),
            notices_per_person_day: Notices {
                total: self.notices,
                would_have,
                mean: share(self.notices, self.person_days),
                max: self.most_notices,
            },
            after_hours_share: share(self.after_hours, self.by_people),
            skipped: BTreeMap::new(),
            mended: BTreeMap::new(),
            resumed_after: None,
        }
    }

    fn responses(&self) -> Responses {
        let of = |clock: Clock| self.took_min.get(&clock).cloned().unwrap_or_default();
        let (office_hours, always) = (of(Clock::OfficeHours), of(Clock::Always));
        let mut both = office_hours.clone();
        for (minutes, count) in &always {
            *both.entry(*minutes).or_default() += count;
        }
        let all = Took::of(&both);
        Responses {
            count: all.count,
            late: self.late,
            median_min: all.median_min,
            p90_min: all.p90_min,
            office_hours: Took::of(&office_hours),
            always: Took::of(&always),
        }
    }
}

/// Whom an action reaches: each once.
fn reached(action: &Action) -> Vec<&UserId> {
    let mut reached: Vec<&UserId> = match &action.to {
        Target::Direct { user, .. } | Target::Private { user, .. } => vec![user],
        Target::Thread { .. } | Target::Channel { .. } => {
            action.message.parts.iter().filter_map(mentioned).collect()
        }
        Target::Home { .. } | Target::Amend { .. } | Target::Page { .. } => Vec::new(),
    };
    reached.sort_unstable();
    reached.dedup();
    reached
}

/// Whether the engine takes a notice of this kind from the budget of those whom it reaches.
fn spends(kind: Kind) -> bool {
    match kind {
        Kind::Call
        | Kind::WrittenWay
        | Kind::Reminder
        | Kind::Escalation
        | Kind::OffHours
        | Kind::LongMessage => true,
        Kind::Digest
        | Kind::Status
        | Kind::Handoff
        | Kind::Page
        | Kind::Later
        | Kind::Answer
        | Kind::Admin
        | Kind::Revision
        | Kind::Outcome
        | Kind::Home
        | Kind::Hello => false,
    }
}

/// Whether an action of this kind is told to somebody of Usher's own accord.
fn is_notice(kind: Kind) -> bool {
    match kind {
        Kind::Call
        | Kind::WrittenWay
        | Kind::Reminder
        | Kind::Escalation
        | Kind::OffHours
        | Kind::LongMessage
        | Kind::Digest
        | Kind::Status
        | Kind::Handoff => true,
        Kind::Page
        | Kind::Later
        | Kind::Answer
        | Kind::Admin
        | Kind::Revision
        | Kind::Outcome
        | Kind::Home
        | Kind::Hello => false,
    }
}

fn mentioned(part: &Part) -> Option<&UserId> {
    if let Part::Mention { user, .. } = part { Some(user) } else { None }
}

fn count(counts: &BTreeMap<Kind, u64>, kind: Kind) -> u64 {
    counts.get(&kind).copied().unwrap_or_default()
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
