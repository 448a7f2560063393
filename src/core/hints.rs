//! Hints to the sender, private and few: somebody is off; this message is long.

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::case::{Case, Owed};
use super::deadline::{Course, workdays_later};
use super::engine::Engine;
use super::event::MessageId;
use super::fact::Said;
use super::ladder::Matter;
use super::message::Message;
use super::strand::StrandKey;
use super::turn::{Silence, Turn};
use crate::calendar::{HOUR_MS, Instant, MINUTE_MS, local_date};
use crate::runbook::{Name, Voice, Who};

/// A hint about a message older than this helps nobody.
const FRESH_MS: i64 = 10 * MINUTE_MS;
/// So many hints of the past are kept for a person.
const HINTS_KEPT: usize = 50;

impl Engine {
    #[expect(
        clippy::too_many_arguments,
        reason = "the message, its length, and when it was written and heard"
    )]
    pub(super) fn hint(
        &mut self,
        key: &StrandKey,
        id: &MessageId,
        by: &Name,
        said: &Said,
        chars: usize,
        at: Instant,
        now: Instant,
        turn: &mut Turn,
    ) {
        if now.since(at) > FRESH_MS {
            return;
        }
        if said.signals.chases() {
            self.tell_chaser(key, id, by, now, turn);
        }
        self.hint_off_hours(key, id, by, said, now, turn);
        self.hint_long_message(key, id, by, chars, now, turn);
    }

    /// An asker who asks for news hears once, privately, when the answer is owed and who has it.
    fn tell_chaser(&mut self, key: &StrandKey, id: &MessageId, by: &Name, now: Instant, turn: &mut Turn) {
        let home = self.home_of(key, key.root.as_ref());
        let Some(strand) = self.strands.get(&home) else { return };
        let mine = |case: &&Case| case.asker == *by && case.open().is_some() && case.is_in(key.root.as_ref());
        let Some(case) = strand.cases().iter().rev().find(mine).cloned() else { return };
        let Some(owed) = case.open() else { return };
        if self.voice_about(&key.channel, owed) == Voice::Watch {
            return;
        }
        if std::mem::replace(&mut self.owed_said(&home, owed).told_asker, true) {
            return;
        }
        let course = Course::of(&mut self.calendars, &self.people, owed, &case.who, now);
        let matter = Matter { key: &home, case: &case, owed, due: course.due(owed), now };
        let message = self.words().how_it_stands(&matter);
        self.tell_asker(&matter, format_smolstr!("stands/{}/{id}", key.channel), message, turn);
    }

    /// Tells a sender that whom they mention is off, where that helps.
    fn hint_off_hours(
        &mut self,
        key: &StrandKey,
        id: &MessageId,
        by: &Name,
        said: &Said,
        now: Instant,
        turn: &mut Turn,
    ) {
        let [Who::Person(person)] = said.mentions.as_slice() else { return };
        let Some((case, owed)) =
            self.find_owed(key, id).filter(|(case, owed)| case.asker == *by && owed.end.is_none())
        else {
            return;
        };
        let office = self.calendars.office(&self.people, person, now);
        if office.is_open(now) || owed.level.interrupts {
            return;
        }
        let course = Course::of(&mut self.calendars, &self.people, &owed, &case.who, now);
        let matter = Matter { key, case: &case, owed: &owed, due: course.due(&owed), now };
        let instead = self.in_now_instead(&matter, person);
        let day_later = workdays_later(&self.calendars, &self.people, &[Who::Person(person.clone())], now, 1);
        let far = matter.due.is_none_or(|due| day_later.is_none_or(|day| due > day));
        if instead.is_none() && !far {
            self.stay_silent(Kind::OffHours, key, id, Silence::NothingToSuggest, now, turn);
            return;
        }
        if !self.note_hinted(by, person, now) {
            self.stay_silent(Kind::OffHours, key, id, Silence::AlreadyHinted, now, turn);
            return;
        }
        let back = office.next_open(now);
        let message = self.words().off_hours(&matter, person, instead.as_ref(), back);
        let action_id = ActionId(format_smolstr!("off-hours/{}/{id}", key.channel));
        self.hint_privately(key, id, by, action_id, Kind::OffHours, message, now, turn);
    }

    /// The obligation that a message started: in its thread, or under the thread's first message in the main line.
    fn find_owed(&self, key: &StrandKey, id: &MessageId) -> Option<(Case, Owed)> {
        let homes = [StrandKey::line(&key.channel), key.clone()];
        let mut strands = homes.iter().filter_map(|home| self.strands.get(home));
        strands.find_map(|strand| strand.owing(id)).map(|(case, owed)| (case.clone(), owed.clone()))
    }

    /// Somebody else who can answer and is in now: another who owes, a responder, or the deputy.
    fn in_now_instead(&mut self, matter: &Matter<'_>, off: &Name) -> Option<Name> {
        let mut others = self.calendars.members(&self.people, &matter.case.who, matter.now);
        let revision = self.calendars.current()?;
        let policy = self.places.policy_unkept(revision, &matter.key.channel);
        others.extend(self.calendars.members(&self.people, &policy.responders, matter.now));
        others.extend(revision.runbook.people.get(off).and_then(|person| person.deputy.clone()));
        let mut others = others.into_iter().filter(|person| person != off && *person != matter.case.asker);
        others.find(|person| self.calendars.available(&self.people, person, matter.now).is_open(matter.now))
    }

    /// Notes that `by` hears today that `person` is off; whether that is news.
    fn note_hinted(&mut self, by: &Name, person: &Name, now: Instant) -> bool {
        let Some(runbook) = self.runbook() else { return false };
        let today = local_date(self.people.zone(&runbook, by), now);
        let known = |desk: &super::said::Desk| {
            desk.hinted.iter().any(|(about, day)| about == person && *day == today)
        };
        if self.desks.get(by).is_some_and(known) {
            return false;
        }
        let desk = self.desk(by);
        desk.hinted.retain(|(about, _)| about != person);
        desk.hinted.push((person.clone(), today));
        if desk.hinted.len() > HINTS_KEPT {
            desk.hinted.remove(0);
        }
        true
    }

    fn hint_long_message(
        &mut self,
        key: &StrandKey,
        id: &MessageId,
        by: &Name,
        chars: usize,
        now: Instant,
        turn: &mut Turn,
    ) {
        let Some(runbook) = self.runbook() else { return };
        let Some(limit) = runbook.threads.long_message.filter(|limit| chars > *limit) else { return };
        let today = local_date(self.people.zone(&runbook, by), now);
        if self.desks.get(by).is_some_and(|desk| desk.long_hint == Some(today)) {
            self.stay_silent(Kind::LongMessage, key, id, Silence::AlreadyHinted, now, turn);
            return;
        }
        self.desk(by).long_hint = Some(today);
        let message = self.words().long_message(limit);
        let action_id = ActionId(format_smolstr!("long-message/{}/{id}", key.channel));
        self.hint_privately(key, id, by, action_id, Kind::LongMessage, message, now, turn);
    }

    /// A hint that the sender alone sees; they just wrote, so they may be answered.
    #[expect(clippy::too_many_arguments, reason = "the message, the hint and its kind, and when")]
    fn hint_privately(
        &mut self,
        key: &StrandKey,
        id: &MessageId,
        by: &Name,
        action_id: ActionId,
        kind: Kind,
        message: Message,
        now: Instant,
        turn: &mut Turn,
    ) {
        let muted = self.desks.get(by).and_then(|desk| desk.muted_until).is_some_and(|until| until > now);
        let silent = if self.is_turned_off(&key.channel, kind) {
            Some(Silence::TurnedOff)
        } else if muted {
            Some(Silence::Muted)
        } else if self.voice(&key.channel) != Voice::Watch && !self.has_budget(by, now) {
            Some(Silence::Budget)
        } else {
            None
        };
        if let Some(why) = silent {
            self.stay_silent(kind, key, id, why, now, turn);
            return;
        }
        if self.voice(&key.channel) == Voice::Watch {
            self.would_have(kind, key, id, now, turn);
            return;
        }
        let Some(runbook) = self.runbook() else { return };
        let Some((platform, user)) = self.people.address(&runbook, by) else { return };
        let to = Target::Private { platform, channel: key.channel.clone(), thread: key.root.clone(), user };
        let not_after = Some(now.plus(HOUR_MS));
        let action = Action {
            id: action_id,
            kind,
            to,
            message,
            priority: Priority::Routine,
            not_after,
            if_unknown: IfUnknown::Leave,
        };
        self.spend(by, now);
        self.send(key, id, action, now, turn);
    }
}
