//! Manners: who may be told something now, and what becomes of it otherwise.
//!
//! Usher obeys the runbook too. Nobody is pinged outside their office hours or in focus, nobody gets more
//! notices a day than the budget allows; an interrupting level alone is above that.

use super::case::Owed;
use super::engine::Engine;
use super::event::ChannelId;
use super::run::Run;
use super::said::Desk;
use super::strand::StrandKey;
use crate::calendar::{DAY_MS, Instant, MINUTE_MS, at_local, local_date};
use crate::runbook::{Name, Voice};

/// Whoever wrote in a thread so lately may be answered there.
const JUST_WROTE_MS: i64 = 15 * MINUTE_MS;

/// Whether a person can be told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// At once.
    Now,
    /// With their digest, at that instant.
    Digest(Instant),
    /// Not before that instant.
    From(Instant),
    /// Not as far as can be seen: they are never in.
    Never,
}

impl Engine {
    /// Whether a notice that does not interrupt can reach a person at `now`.
    pub(super) fn reach(&mut self, person: &Name, now: Instant) -> Reach {
        let free_from =
            self.desks.get(person).and_then(|desk| desk.muted_until).map_or(now, |until| until.max(now));
        let available = self.calendars.available(&self.people, person, now);
        match available.next_open(free_from) {
            None => Reach::Never,
            Some(opening) if opening > now => Reach::From(opening),
            Some(_) if self.has_budget(person, now) => Reach::Now,
            Some(_) => self.next_digest(person, now).map_or(Reach::Never, Reach::Digest),
        }
    }

    /// Whether the person may have another notice today.
    pub(super) fn has_budget(&self, person: &Name, now: Instant) -> bool {
        let Some(runbook) = self.runbook() else { return false };
        let limit = runbook.notices.per_person_per_day;
        // Whose day it is matters only to those who had that many on some day.
        let day = self.desks.get(person).filter(|desk| desk.spent >= limit).and_then(|desk| desk.day);
        limit > 0 && day.is_none_or(|day| day != local_date(self.people.zone(&runbook, person), now))
    }

    /// Counts one notice of a person's day.
    pub(super) fn spend(&mut self, person: &Name, now: Instant) {
        let Some(runbook) = self.runbook() else { return };
        let today = local_date(self.people.zone(&runbook, person), now);
        let desk = self.desk(person);
        if desk.day != Some(today) {
            desk.day = Some(today);
            desk.spent = 0;
        }
        desk.spent += 1;
    }

    /// When a person's next digest comes: at the runbook's next digest time at which they are in, or else at
    /// their next opening after it.
    pub(super) fn next_digest(&mut self, person: &Name, now: Instant) -> Option<Instant> {
        let runbook = self.runbook()?;
        let zone = self.people.zone(&runbook, person);
        let today = local_date(zone, now);
        let days = [Some(today), today.succ_opt()];
        let times = days
            .into_iter()
            .flatten()
            .flat_map(|day| runbook.notices.digest.iter().map(move |time| (day, *time)));
        let next = times.filter_map(|(day, time)| at_local(zone, day, time)).find(|at| *at > now);
        let available = self.calendars.available(&self.people, person, now);
        available.next_open(next.unwrap_or_else(|| now.plus(DAY_MS)))
    }

    /// A person's desk, to be changed.
    pub(super) fn desk(&mut self, person: &Name) -> &mut Desk {
        self.dirty.desks.insert(person.clone());
        self.desks.entry(person.clone()).or_default()
    }

    /// How Usher behaves in a channel.
    pub(super) fn voice(&self, channel: &ChannelId) -> Voice {
        self.calendars
            .current()
            .map_or(Voice::Watch, |revision| self.places.policy_unkept(revision, channel).voice)
    }

    /// How Usher behaves about something owed in a channel: one that the runbook has dropped keeps the voice that it had
    /// when the promise was made.
    pub(super) fn voice_about(&self, channel: &ChannelId, owed: &Owed) -> Voice {
        let current = self.calendars.current();
        let then = self.calendars.numbered(owed.revision);
        let naming = current.into_iter().chain(then).find(|revision| self.places.is_named(revision, channel));
        match naming {
            Some(revision) => self.places.policy_unkept(revision, channel).voice,
            None => self.voice(channel),
        }
    }

    /// Whether a post in a thread pings nobody who is off: each who wrote there is in, or wrote just now.
    pub(super) fn may_post_in(&mut self, key: &StrandKey, asker: Option<&Name>, now: Instant) -> bool {
        let wrote =
            |run: &Run| run.people.iter().cloned().zip(run.wrote_at.iter().copied()).collect::<Vec<_>>();
        let mut followers: Vec<(Name, Instant)> = match (&key.root, self.strands.get(key)) {
            (Some(_), Some(strand)) => strand.runs().first().map(wrote).unwrap_or_default(),
            (Some(_), None) | (None, _) => Vec::new(),
        };
        if let Some(asker) = asker
            && !followers.iter().any(|(person, _)| person == asker)
        {
            followers.push((asker.clone(), Instant::MIN));
        }
        followers.iter().all(|(person, wrote_at)| self.may_be_answered(person, *wrote_at, now))
    }

    /// Whether a person who wrote at `wrote_at` may be pinged by a post in the same place.
    pub(super) fn may_be_answered(&mut self, person: &Name, wrote_at: Instant, now: Instant) -> bool {
        !self.has_muted(person, now)
            && (now.since(wrote_at) <= JUST_WROTE_MS
                || self.calendars.available(&self.people, person, now).is_open(now))
    }

    /// Whether a person has muted Usher.
    pub(super) fn has_muted(&self, person: &Name, now: Instant) -> bool {
        self.desks.get(person).and_then(|desk| desk.muted_until).is_some_and(|until| until > now)
    }
}
