//! What one asker is owed in one conversation: the answers owed one after the other, as a fold over facts.
//!
//! A [`Case`] hears facts in the platform's time order and nothing else, so late and doubled events end in
//! the same case. What has been said about it is kept apart, since that cannot be unsaid.

use std::sync::Arc;

use smol_str::SmolStr;

use super::calendars::Calendars;
use super::deadline::workdays_of;
use super::event::MessageId;
use super::fact::Said;
use super::people::People;
use super::unread::Sealed;
use crate::calendar::{DAY_MS, Instant, Span};
use crate::runbook::{Level, MetBy, Name, Who};

/// After so long without a fact an obligation expires.
pub const EXPIRES_MS: i64 = 90 * DAY_MS;
/// After so many of the asker's working days a pause cancels.
pub const PAUSE_WORKDAYS: u32 = 5;

/// What one asker is owed in one conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The message that started it.
    pub question: MessageId,
    /// The first message of the platform thread in which it stands; `None` in the main line.
    pub root: Option<MessageId>,
    /// Who asked.
    pub asker: Name,
    /// Who owes: people and rotations, groups already taken apart.
    pub who: Vec<Who>,
    /// Whether anyone's answer counts.
    pub anyone: bool,
    /// The answers owed, oldest first; all but the last have ended.
    pub owed: Vec<Owed>,
    /// The asker's oldest message since the last answer.
    unanswered: Option<(MessageId, Instant)>,
    /// Whether somebody else wrote since the last obligation began.
    others_wrote: bool,
    /// Whether somebody else told something since then: more than that they look, or what they ask.
    others_told: bool,
    last_at: Instant,
}

/// One answer that is owed.
#[derive(Clone, Debug, PartialEq)]
pub struct Owed {
    /// The message that it answers.
    pub message: MessageId,
    /// The message that asks: that one, or a later one of the asker's.
    pub asks: MessageId,
    /// The promise.
    pub level: Arc<Level>,
    /// The number of the revision that made it.
    pub revision: u32,
    /// From when it counts.
    pub since: Instant,
    /// Who took it, and when.
    pub taken: Option<(Name, Instant)>,
    /// When it stood still; the last one may be open.
    pub pauses: Vec<Pause>,
    /// What came while it was open, may be the answer and cannot be read, oldest first.
    pub unread: Vec<Sealed>,
    /// How often it became another promise: at another level, or to others.
    pub anew: u32,
    /// How it ended.
    pub end: Option<End>,
}

/// A time in which the answerer waited for the asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// From the question back.
    pub from: Instant,
    /// To the asker's reply, if there was one.
    pub to: Option<Instant>,
}

/// What a message of somebody other than the asker does about the question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// It says that somebody is on it.
    Takes,
    /// It asks the asker something.
    AsksBack,
    /// It tells something: an answer, if its author's counts.
    Tells,
}

/// How an obligation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Instant,
    /// How.
    pub how: How,
}

/// How an obligation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// Somebody answered.
    Answered(Name),
    /// Somebody took it, where that is enough.
    Taken(Name),
    /// It was called settled, after somebody had written.
    Settled,
    /// Nothing is owed any more.
    Cancelled(Cause),
}

/// Why nothing is owed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The question was deleted.
    Deleted,
    /// It was dismissed.
    Dismissed,
    /// After an edit it asks nothing.
    Edited,
    /// It was called resolved before anybody wrote.
    Resolved,
    /// The asker did not reply to the question back.
    PausedTooLong,
    /// Nothing was heard of it for very long.
    Expired,
    /// The channel's history is lost.
    Unknown,
    /// What may be the answer cannot be read.
    Unread,
    /// The channel was archived.
    Archived,
}

impl Cause {
    /// The reason as records and figures name it.
    pub const fn name(self) -> &'static str {
        match self {
            Cause::Deleted => "deleted",
            Cause::Dismissed => "dismissed",
            Cause::Edited => "edited",
            Cause::Resolved => "resolved",
            Cause::PausedTooLong => "paused-too-long",
            Cause::Expired => "expired",
            Cause::Unknown | Cause::Unread => "unknown",
            Cause::Archived => "archived",
        }
    }
}

/// What a case needs to know of the world.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// Who is who.
    pub people: &'a People,
    /// Everybody's calendar.
    pub calendars: &'a Calendars,
}

/// What a message asks, as one case hears it.
#[derive(Clone, Copy, Debug)]
pub enum Asks<'b> {
    /// Nothing that is promised an answer.
    Nothing,
    /// Those who owed the last answer of this case.
    Here(&'b Begin),
    /// Others, or what another case hears.
    Elsewhere,
}

/// A promise about to begin.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The message that is to be answered.
    pub message: MessageId,
    /// The message that asks.
    pub asks: MessageId,
    /// From when it counts.
    pub since: Instant,
    /// The promise.
    pub level: Arc<Level>,
    /// The number of the revision that makes it.
    pub revision: u32,
}

impl Case {
    /// A case begins with its first promise.
    pub fn new(asker: Name, who: Vec<Who>, anyone: bool, root: Option<MessageId>, begin: Begin) -> Case {
        let question = begin.message.clone();
        let last_at = begin.since;
        let owed = vec![Owed::new(begin)];
        let (others_wrote, others_told) = (false, false);
        Case {
            question,
            root,
            asker,
            who,
            anyone,
            owed,
            unanswered: None,
            others_wrote,
            others_told,
            last_at,
        }
    }

    /// Whether it belongs to the talk in the thread `scope`, or in the main line.
    pub fn is_in(&self, scope: Option<&MessageId>) -> bool {
        match (scope, &self.root) {
            (None, root) => root.is_none(),
            (Some(scope), Some(root)) => scope == root,
            (Some(scope), None) => *scope == self.question,
        }
    }

    /// The first message of the platform thread in which it is, or would be, answered.
    pub fn thread(&self) -> &MessageId {
        self.root.as_ref().unwrap_or(&self.question)
    }

    /// The obligation that has not ended, if there is one.
    pub fn open(&self) -> Option<&Owed> {
        self.owed.last().filter(|owed| owed.end.is_none())
    }

    pub(super) fn open_mut(&mut self) -> Option<&mut Owed> {
        self.owed.last_mut().filter(|owed| owed.end.is_none())
    }

    /// Whether somebody's answer counts at an instant.
    pub fn may_answer(&self, person: &Name, at: Instant, ground: Ground<'_>) -> bool {
        *person != self.asker && (self.anyone || self.owes(person, at, ground))
    }

    fn owes(&self, person: &Name, at: Instant, ground: Ground<'_>) -> bool {
        ground.calendars.members(ground.people, &self.who, at).contains(person)
            || self.who.iter().any(|who| ground.calendars.listed(who, at).contains(person))
    }

    /// When the pause or the silence of an open obligation ends it by itself.
    pub fn ends_by_itself(&self, ground: Ground<'_>) -> Option<(Instant, Cause)> {
        let owed = self.open()?;
        let expires = (self.last_at.max(owed.since).plus(EXPIRES_MS), Cause::Expired);
        let paused = owed.paused_since().and_then(|from| {
            let (calendars, people) = (ground.calendars, ground.people);
            let over = workdays_of(calendars, people, &self.asker, from, PAUSE_WORKDAYS)?;
            Some((over, Cause::PausedTooLong))
        });
        let unread = owed.unread_until().map(|at| (at, Cause::Unread));
        paused.into_iter().chain(unread).chain([expires]).min_by_key(|(at, _)| *at)
    }

    /// Before this instant an open obligation does not end by itself: so many working days take as many days.
    fn ends_no_earlier(&self) -> Option<Instant> {
        let owed = self.open()?;
        let expires = self.last_at.max(owed.since).plus(EXPIRES_MS);
        let days = i64::from(PAUSE_WORKDAYS - 1);
        let paused = owed.paused_since().map(|from| from.plus(days * DAY_MS));
        paused.into_iter().chain(owed.unread_until()).chain([expires]).min()
    }

    /// When to look whether an open obligation has ended by itself: no later than it does.
    pub fn look_again(&self, now: Instant, ground: Ground<'_>) -> Option<Instant> {
        let earliest = self.ends_no_earlier()?;
        if now < earliest { Some(earliest) } else { self.ends_by_itself(ground).map(|(at, _)| at) }
    }

    /// Whether it may have ended by itself by then; a quick look.
    pub fn may_have_ended(&self, at: Instant) -> bool {
        self.ends_no_earlier().is_some_and(|earliest| earliest <= at)
    }

    /// Lets time pass up to `at`: what ends by itself before it ends.
    pub fn pass_time(&mut self, at: Instant, ground: Ground<'_>) {
        if !self.may_have_ended(at) {
            return;
        }
        if let Some((ends, cause)) = self.ends_by_itself(ground).filter(|(ends, _)| *ends <= at) {
            self.end(ends, How::Cancelled(cause));
        }
    }

    /// Hears a message in the conversation, which asks as `asks` says.
    pub fn hear(
        &mut self,
        id: &MessageId,
        by: &Name,
        at: Instant,
        said: &Said,
        asks: Asks<'_>,
        ground: Ground<'_>,
    ) {
        self.pass_time(at, ground);
        self.last_at = self.last_at.max(at);
        if *by == self.asker {
            self.hear_asker(id, at, said, asks);
        } else {
            self.hear_other(by, at, said, ground);
        }
    }

    fn hear_asker(&mut self, id: &MessageId, at: Instant, said: &Said, asks: Asks<'_>) {
        let told = self.others_told;
        if let Some(owed) = self.open_mut() {
            // "No answer, it was Initech" is a reply; only "any answer?" is none.
            let chases = said.signals.chases() && said.signals.asks();
            let replies = owed.paused_since().is_some() && said.signals.counts() && !chases;
            if replies {
                owed.resume(at);
            }
            let thanks = told && !replies && said.signals.closing() && !said.signals.asks();
            if said.resolves || thanks {
                self.settle(at);
            }
            return;
        }
        if said.resolves || !said.signals.counts() {
            return;
        }
        let (oldest, since) = match asks {
            // What was said until then leads up to that question.
            Asks::Elsewhere => {
                self.unanswered = None;
                return;
            }
            Asks::Nothing | Asks::Here(_) => self.unanswered.get_or_insert_with(|| (id.clone(), at)).clone(),
        };
        if let Asks::Here(begin) = asks {
            self.unanswered = None;
            (self.others_wrote, self.others_told) = (false, false);
            // A mark says how urgent it is now, not since when it had been so.
            self.begin_again(match said.mark {
                Some(_) => begin.clone(),
                None => Begin { message: oldest, since, ..begin.clone() },
            });
        }
    }

    fn hear_other(&mut self, by: &Name, at: Instant, said: &Said, ground: Ground<'_>) {
        if said.signals.counts() {
            self.others_wrote = true;
        }
        if said.resolves {
            self.settle(at);
            return;
        }
        if !said.signals.counts() || self.is_delegation(said) {
            return;
        }
        let deed = Deed::of(said);
        self.others_told |= deed == Deed::Tells;
        if !self.may_answer(by, at, ground) {
            return;
        }
        if self.open().is_none() {
            self.unanswered = None;
            return;
        }
        match deed {
            Deed::Takes => self.take(by, at),
            Deed::AsksBack if self.may_pause(by, at, ground) => self.pause(at),
            Deed::AsksBack => {}
            Deed::Tells => self.end(at, How::Answered(by.clone())),
        }
    }

    /// Whether somebody's question back stops the clock. That of a passer-by stops no alarm.
    fn may_pause(&self, by: &Name, at: Instant, ground: Ground<'_>) -> bool {
        let Some(owed) = self.open() else { return false };
        let took_it = owed.taken.as_ref().is_some_and(|(taker, _)| taker == by);
        !owed.level.interrupts || took_it || self.owes(by, at, ground)
    }

    /// A message that asks people other than the asker.
    fn is_delegation(&self, said: &Said) -> bool {
        let asker = Who::Person(self.asker.clone());
        said.signals.asks() && !said.mentions.is_empty() && !said.mentions.contains(&asker)
    }

    /// Somebody takes it.
    pub fn take(&mut self, by: &Name, at: Instant) {
        let Some(owed) = self.open_mut() else { return };
        match owed.level.met_by {
            MetBy::Acknowledge => self.end(at, How::Taken(by.clone())),
            MetBy::Answer => {
                if owed.taken.is_none() {
                    owed.taken = Some((by.clone(), at));
                }
            }
        }
    }

    /// Whoever took it gives it back.
    pub fn untake(&mut self, by: &Name) {
        if let Some(owed) =
            self.open_mut().filter(|owed| owed.taken.as_ref().is_some_and(|(taker, _)| taker == by))
        {
            owed.taken = None;
        }
    }

    /// It is called settled.
    pub fn settle(&mut self, at: Instant) {
        let how = if self.others_wrote { How::Settled } else { How::Cancelled(Cause::Resolved) };
        self.end(at, how);
    }

    /// Ends what is open.
    pub fn end(&mut self, at: Instant, how: How) {
        if let Some(owed) = self.open_mut() {
            owed.resume(at);
            owed.end = Some(End { at, how });
            self.unanswered = None;
        }
    }

    /// The open promise is now this one, from `begin.since` on if it is tighter, else from where it began. One of
    /// the same level stays what it was at the start, whatever the level has become since.
    pub fn promise_anew(&mut self, begin: &Begin, tighter: bool) {
        if let Some(owed) = self.open_mut().filter(|owed| owed.level.name != begin.level.name) {
            owed.level = Arc::clone(&begin.level);
            owed.revision = begin.revision;
            owed.anew += 1;
            if tighter {
                owed.start_over(begin.since);
            }
        }
    }

    /// The open question asks these people now. Where none of those who owed it is among them, the promise to them
    /// starts now.
    pub fn ask_others(&mut self, who: Vec<Who>, at: Instant) {
        let stays = who.iter().any(|who| self.who.contains(who));
        self.who = who;
        if let Some(owed) = self.open_mut().filter(|_| !stays) {
            owed.anew += 1;
            owed.start_over(at);
        }
    }

    /// The asker says more about the open question: a pause is over.
    pub fn reply(&mut self, at: Instant) {
        if let Some(owed) = self.open_mut() {
            owed.resume(at);
        }
    }

    /// Whether `message` asked for an answer that was given or is not wanted any more. One that an edit had emptied
    /// can ask again.
    pub fn has_closed(&self, message: &MessageId) -> bool {
        let emptied = |end: &End| end.how == How::Cancelled(Cause::Edited);
        let mut closed = self.owed.iter().filter(|owed| owed.is_about(message));
        closed.any(|owed| owed.end.as_ref().is_some_and(|end| !emptied(end)))
    }

    /// The next obligation begins. One for the same message is that message judged anew: it replaces the old.
    pub fn begin_again(&mut self, begin: Begin) {
        self.owed.retain(|owed| owed.message != begin.message);
        self.owed.push(Owed::new(begin));
    }

    fn pause(&mut self, at: Instant) {
        if let Some(owed) = self.open_mut().filter(|owed| owed.paused_since().is_none()) {
            owed.pauses.push(Pause { from: at, to: None });
        }
    }
}

impl Owed {
    fn new(begin: Begin) -> Owed {
        let Begin { message, asks, since, level, revision } = begin;
        let (pauses, unread) = (Vec::new(), Vec::new());
        Owed { message, asks, level, revision, since, taken: None, pauses, unread, anew: 0, end: None }
    }

    /// Whether it is the answer to `message`.
    pub fn is_about(&self, message: &MessageId) -> bool {
        self.message == *message || self.asks == *message
    }

    /// Whoever took the old promise has not taken this one, and no question back stops it.
    fn start_over(&mut self, at: Instant) {
        self.since = at;
        self.taken = None;
        self.pauses.clear();
    }

    /// Since when it stands still, if it does.
    pub fn paused_since(&self) -> Option<Instant> {
        self.pauses.last().filter(|pause| pause.to.is_none()).map(|pause| pause.from)
    }

    /// The pauses that are over.
    pub fn pauses_over(&self) -> impl Iterator<Item = Span> + '_ {
        self.pauses
            .iter()
            .filter_map(|pause| pause.to.map(|to| Span { from: pause.from.max(self.since), to }))
    }

    fn resume(&mut self, at: Instant) {
        if let Some(pause) = self.pauses.last_mut().filter(|pause| pause.to.is_none()) {
            pause.to = Some(at);
        }
    }
}

impl Deed {
    fn of(said: &Said) -> Deed {
        let signals = said.signals;
        if signals.takes() {
            Deed::Takes
        } else if signals.asks_back() || (signals.asks() && !signals.has_fix()) {
            Deed::AsksBack
        } else {
            Deed::Tells
        }
    }
}

/// The reason of an end, as records name it: `answered`, `taken`, `settled`, or the cause.
pub fn end_name(how: &How) -> SmolStr {
    match how {
        How::Answered(_) => SmolStr::new_static("answered"),
        How::Taken(_) => SmolStr::new_static("taken"),
        How::Settled => SmolStr::new_static("settled"),
        How::Cancelled(cause) => SmolStr::new_static(cause.name()),
    }
}
