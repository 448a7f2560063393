//! What waits for a person: the digest, and texts that others asked to have delivered.

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority};
use super::calendars::PAST_MS;
use super::engine::Engine;
use super::event::ChannelId;
use super::message::Part;
use super::said::{AboutOwed, Deferred, Desk, Held, Later};
use super::turn::{Noted, Turn};
use super::wakes::Subject;
use crate::calendar::{DAY_MS, Instant, Span};
use crate::runbook::Name;

/// Whoever names no end is away for at most so long, in ms: calendars are made for no longer.
const LONGEST_AWAY_MS: i64 = 365 * DAY_MS;

impl Engine {
    /// Tells what has come due for a person.
    pub(super) fn look_at_desk(&mut self, person: &Name, now: Instant, turn: &mut Turn) {
        // Who comes back hears how it stands now, not how it stood while they were away.
        if self.desks.get(person).is_some_and(|desk| desk.away.iter().any(|span| span.from <= now)) {
            self.pass_on(now, turn);
        }
        self.deliver_later(person, now, turn);
        self.send_deferred(person, now, turn);
        self.tell_digest(person, now, turn);
        let Some(desk) = self.desks.get(person) else { return };
        let later = desk.later.iter().map(|later| later.at).min();
        let back = desk.away.iter().flat_map(|span| [span.from, span.to]).filter(|at| *at > now).min();
        let deferred = desk.deferred.iter().map(|deferred| deferred.at).min();
        if let Some(at) = desk.digest_at.into_iter().chain(later).chain(deferred).chain(back).min() {
            self.wakes.set(Subject::Desk(person.clone()), at);
        }
    }

    fn tell_digest(&mut self, person: &Name, now: Instant, turn: &mut Turn) {
        let Some(desk) = self.desks.get(person) else { return };
        if desk.digest_at.is_none_or(|at| at > now) {
            return;
        }
        let free_from = desk.muted_until.map_or(now, |until| until.max(now));
        let opening = self.calendars.available(&self.people, person, now).next_open(free_from);
        if opening != Some(now) {
            self.desk(person).digest_at = opening;
            return;
        }
        let desk = self.desk(person);
        let held = std::mem::take(&mut desk.held);
        desk.digest_at = None;
        // Whether something is still owed is not known while events may be missing, or cannot be read.
        let (unsure, held): (Vec<Held>, Vec<Held>) = held.into_iter().partition(|held| {
            self.places.has_gap(&held.about.strand.channel) || self.waits_for_key(&held.about, now).is_some()
        });
        let again = unsure.iter().filter_map(|held| self.waits_for_key(&held.about, now)).min();
        let desk = self.desk(person);
        desk.held = unsure;
        desk.digest_at = again;
        let live: Vec<Held> = held.into_iter().filter(|held| self.is_live(&held.about)).collect();
        let about = live.first().map(|held| &held.about.strand.channel);
        let Some(to) = self.direct_to(person, about).filter(|_| !live.is_empty()) else { return };
        let message = self.words().digest(person, &live, now);
        let id = ActionId(format_smolstr!("digest/{person}/{}", now.ms()));
        turn.actions.push(Action {
            id,
            kind: Kind::Digest,
            to,
            message,
            priority: Priority::Prompt,
            not_after: Some(now.plus(DAY_MS)),
            if_unknown: IfUnknown::Leave,
        });
        for held in &live {
            self.note(
                turn,
                now,
                Some(held.about.strand.message(&held.about.message)),
                Noted::Spoke(held.kind),
            );
        }
    }

    /// What waited for the digest of a time in which events of this channel may have been missing is told now.
    pub(super) fn resume_digests(&mut self, channel: &ChannelId, now: Instant) {
        let waits = |desk: &Desk| {
            desk.digest_at.is_none() && desk.held.iter().any(|held| held.about.strand.channel == *channel)
        };
        let waiting = self.desks.iter().filter(|(_, desk)| waits(desk)).map(|(person, _)| person.clone());
        for person in waiting.collect::<Vec<_>>() {
            self.desk(&person).digest_at = Some(now);
            self.wakes.set(Subject::Desk(person), now);
        }
    }

    /// Forgets what a person has not been told yet of an obligation that passed on; whether there was something.
    pub(super) fn forget_handoff(&mut self, person: &Name, about: &AboutOwed) -> bool {
        let is_stale = |deferred: &Deferred| {
            deferred.action.kind == Kind::Handoff && deferred.about.as_ref() == Some(about)
        };
        if !self.desks.get(person).is_some_and(|desk| desk.deferred.iter().any(is_stale)) {
            return false;
        }
        self.desk(person).deferred.retain(|deferred| !is_stale(deferred));
        true
    }

    /// Sends an action to a person when they are in: now, or at their next opening. Word of handoffs goes by their
    /// desk in any case: what comes together is told together.
    pub(super) fn send_when_in(
        &mut self,
        person: &Name,
        action: Action,
        about: Option<AboutOwed>,
        now: Instant,
        turn: &mut Turn,
    ) {
        let Some(at) = self.next_in(person, now, now) else { return };
        if at <= now && action.kind != Kind::Handoff {
            self.note(
                turn,
                now,
                about.map(|about| about.strand.message(&about.message)),
                Noted::Spoke(action.kind),
            );
            turn.actions.push(action);
            return;
        }
        self.defer(person, Deferred { action, about, at, held: false });
    }

    fn defer(&mut self, person: &Name, deferred: Deferred) {
        let at = deferred.at;
        let desk = self.desk(person);
        if desk.deferred.iter().all(|known| known.action.id != deferred.action.id) {
            desk.deferred.push(deferred);
            self.wakes.set(Subject::Desk(person.clone()), at);
        }
    }

    fn send_deferred(&mut self, person: &Name, now: Instant, turn: &mut Turn) {
        if !self.desks.get(person).is_some_and(|desk| desk.deferred.iter().any(|deferred| deferred.at <= now))
        {
            return;
        }
        let desk = self.desk(person);
        let (due, waits) =
            std::mem::take(&mut desk.deferred).into_iter().partition(|deferred| deferred.at <= now);
        desk.deferred = waits;
        let due: Vec<Deferred> = due;
        let mut handoffs = Vec::new();
        for deferred in due {
            if !deferred.about.as_ref().is_none_or(|about| self.is_open(about)) {
                continue;
            }
            if deferred.action.kind == Kind::Handoff {
                handoffs.push(deferred);
            } else {
                self.send_when_in(person, deferred.action, deferred.about, now, turn);
            }
        }
        self.tell_handoffs(person, handoffs, now, turn);
    }

    /// Handoffs that come together are one notice of the day; over the budget they wait for the next digest time.
    fn tell_handoffs(&mut self, person: &Name, handoffs: Vec<Deferred>, now: Instant, turn: &mut Turn) {
        let Some(at) = self.next_in(person, now, now).filter(|_| !handoffs.is_empty()) else { return };
        let is_digest = handoffs.iter().any(|deferred| deferred.held);
        let may_now = at <= now && (is_digest || self.has_budget(person, now));
        if !may_now {
            let later = if at > now { Some(at) } else { self.next_digest(person, now) };
            for deferred in handoffs {
                let held = deferred.held || at <= now;
                self.defer(
                    person,
                    Deferred { at: later.unwrap_or_else(|| now.plus(DAY_MS)), held, ..deferred },
                );
            }
            return;
        }
        if !is_digest {
            self.spend(person, now);
        }
        for about in handoffs.iter().filter_map(|deferred| deferred.about.as_ref()) {
            let about = about.strand.message(&about.message);
            self.note(turn, now, Some(about), Noted::Spoke(Kind::Handoff));
        }
        let several = handoffs.len() > 1;
        let mut handoffs = handoffs.into_iter();
        let Some(Deferred { mut action, about, .. }) = handoffs.next() else { return };
        if let Some(about) = about.filter(|_| !several) {
            self.remember(&about.strand, &about.message, &action, now);
        }
        for other in handoffs {
            action.message.parts.push(Part::Break);
            action.message.parts.extend(other.action.message.parts);
        }
        if several {
            // A button could not say which of them it means.
            action.message.buttons.clear();
        }
        turn.actions.push(action);
    }

    fn is_open(&self, about: &AboutOwed) -> bool {
        self.owing(&about.strand, &about.message).is_some_and(|(_, owed)| owed.end.is_none())
    }

    /// Until when nothing is said about it, because what may be the answer cannot be read.
    fn waits_for_key(&self, about: &AboutOwed, now: Instant) -> Option<Instant> {
        self.owing(&about.strand, &about.message).and_then(|(_, owed)| owed.silent_until(now))
    }

    /// Whether an answer is still owed and nobody has taken it.
    fn is_live(&self, about: &AboutOwed) -> bool {
        let owing = self.owing(&about.strand, &about.message);
        owing.is_some_and(|(_, owed)| owed.end.is_none() && owed.taken.is_none())
    }

    fn deliver_later(&mut self, person: &Name, now: Instant, turn: &mut Turn) {
        let is_due = |later: &Later| later.at <= now;
        if !self.desks.get(person).is_some_and(|desk| desk.later.iter().any(is_due)) {
            return;
        }
        let desk = self.desk(person);
        let (due, waits): (Vec<Later>, Vec<Later>) =
            std::mem::take(&mut desk.later).into_iter().partition(is_due);
        desk.later = waits;
        for mut later in due {
            // Hours, leave and mutes may have changed since it was sent.
            match self.next_in(&later.to, now, now) {
                Some(opening) if opening > now => {
                    later.at = opening;
                    self.queue_later(person, later);
                    continue;
                }
                Some(_) => {}
                None => {
                    self.give_back(person, &later, now, turn);
                    continue;
                }
            }
            let Some(to) = self.direct_to(&later.to, None) else { continue };
            let message = self.words().later(person, &later);
            turn.actions.push(Action {
                id: ActionId(format_smolstr!("later/{}", later.id)),
                kind: Kind::Later,
                to,
                message,
                priority: Priority::Prompt,
                not_after: None,
                if_unknown: IfUnknown::Leave,
            });
            self.note(turn, now, None, Noted::Spoke(Kind::Later));
        }
    }

    /// A text whose reader is never in any more goes back to its sender.
    fn give_back(&mut self, sender: &Name, later: &Later, now: Instant, turn: &mut Turn) {
        let Some(to) = self.direct_to(sender, None) else { return };
        let action = Action {
            id: ActionId(format_smolstr!("later-back/{}", later.id)),
            kind: Kind::Later,
            to,
            message: self.words().later_back(later),
            priority: Priority::Routine,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        self.send_when_in(sender, action, None, now, turn);
    }

    /// A person is away for a span, or back at once.
    pub(super) fn set_away(&mut self, person: &Name, span: Option<Span>, now: Instant, turn: &mut Turn) {
        let desk = self.desk(person);
        desk.away.retain(|known| now.since(known.to) < PAST_MS);
        match span {
            Some(span) if span.from < span.to => {
                let from = span.from.max(now);
                if desk.away.iter().any(|known| known.from <= from && span.to <= known.to) {
                    return;
                }
                desk.away.push(Span { from, to: span.to });
            }
            Some(_) => return,
            None => {
                for known in desk.away.iter_mut().filter(|known| known.to > now) {
                    known.to = now.max(known.from);
                }
                desk.away.retain(|known| known.from < known.to);
            }
        }
        self.away_has_changed(person, now, turn);
    }

    /// A platform shows that somebody is away until then, or not any more. What they said to Usher itself stays.
    pub(super) fn follow_shown_away(
        &mut self,
        person: &Name,
        until: Option<Instant>,
        now: Instant,
        turn: &mut Turn,
    ) {
        let desk = self.desk(person);
        let until = until.filter(|until| *until > now);
        if until == desk.shown_away.map(|(_, until)| until) {
            return;
        }
        if let Some((shown, _)) = desk.shown_away.take() {
            for known in desk.away.iter_mut().filter(|known| **known == shown) {
                known.to = known.to.min(now);
            }
            desk.away.retain(|known| known.from < known.to);
        }
        if let Some(until) = until {
            let span = Span { from: now, to: until.min(now.plus(LONGEST_AWAY_MS)) };
            desk.away.push(span);
            desk.shown_away = Some((span, until));
        }
        self.away_has_changed(person, now, turn);
    }

    fn away_has_changed(&mut self, person: &Name, now: Instant, turn: &mut Turn) {
        let desk = self.desk(person);
        desk.away.sort();
        let spans = desk.away.clone();
        self.calendars.set_away(person, spans);
        self.wakes.set(Subject::Desk(person.clone()), now);
        self.look_at_all_cases(now, turn);
    }
}
