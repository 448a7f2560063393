//! Hints to the sender, private and few: somebody is off; this message is long; this mark does not count.

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority};
use super::case::{Case, Ground, Owed};
use super::deadline::{Course, workdays_later};
use super::engine::Engine;
use super::event::MessageId;
use super::fact::Said;
use super::ladder::Matter;
use super::message::Message;
use super::strand::StrandKey;
use super::turn::{Silence, Turn};
use crate::calendar::{HOUR_MS, Instant, MINUTE_MS, local_date};
use crate::runbook::{Level, Name, Runbook, Voice, Who};

/// A hint about a message older than this helps nobody.
const FRESH_MS: i64 = 10 * MINUTE_MS;
/// So many hints of the past are kept for a person.
const HINTS_KEPT: usize = 50;
/// More people than this are not named one by one.
const NAMED: usize = 5;

/// One who is to answer and is off.
pub(super) struct Off {
    /// Who.
    pub(super) person: Name,
    /// Whether they are asked because they have the duty.
    pub(super) on_duty: bool,
    /// Whether others are asked, too, all of them off.
    pub(super) others: bool,
    /// When they are back.
    pub(super) back: Option<Instant>,
}

/// A message that was just heard.
struct Heard<'a> {
    key: &'a StrandKey,
    id: &'a MessageId,
    by: &'a Name,
    said: &'a Said,
    /// How long it is.
    chars: usize,
    now: Instant,
}

impl Heard<'_> {
    /// The id of what is said about it.
    fn action(&self, cause: &str) -> ActionId {
        ActionId(format_smolstr!("{cause}/{}/{}", self.key.channel, self.id))
    }
}

impl Engine {
    /// What its sender alone reads about a message of `chars` characters that was written at `at`.
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
        let heard = Heard { key, id, by, said, chars, now };
        self.tell_chaser(&heard, turn);
        self.tell_refused(&heard, turn);
        self.hint_off_hours(&heard, turn);
        self.hint_long_message(&heard, turn);
    }

    /// An asker who asks for news hears once, privately, when the answer is owed and who has it.
    fn tell_chaser(&mut self, heard: &Heard<'_>, turn: &mut Turn) {
        let &Heard { key, by, said, now, .. } = heard;
        if !said.signals.chases() {
            return;
        }
        let home = self.home_of(key, key.root.as_ref());
        let Some(strand) = self.strands.get(&home) else { return };
        let mine =
            |case: &&Arc<Case>| case.asker == *by && case.open().is_some() && case.is_in(key.root.as_ref());
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
        self.tell_asker(&matter, heard.action("stands").0, message, turn);
    }

    /// A sender whose mark does not count hears who may raise that level: they may think that somebody comes.
    fn tell_refused(&mut self, heard: &Heard<'_>, turn: &mut Turn) {
        let &Heard { key, id, said, now, .. } = heard;
        let Some(runbook) = self.runbook() else { return };
        let Some(level) = said.refused_mark.as_ref().and_then(|level| runbook.level(level)) else { return };
        if self.voice(&key.channel) == Voice::Watch {
            self.would_have(Kind::Status, key, id, now, turn);
            return;
        }
        let counts_as = self.find_owed(key, id).map(|(_, owed)| owed.level.name.clone());
        let may = self.who_may_raise(&runbook, level, now);
        let message = self.words().refused(level, &may, counts_as.as_ref());
        self.send_hint(heard, heard.action("refused"), Kind::Status, message, turn);
    }

    /// The people who may raise a level, those who are in first; none where they are too many to name.
    fn who_may_raise(&mut self, runbook: &Runbook, level: &Level, now: Instant) -> Vec<Name> {
        let mut may: Vec<Name> = match level.raised_by.is_empty() {
            true => runbook.people.keys().cloned().collect(),
            false => level.raised_by.iter().flat_map(|who| self.calendars.listed(who, now)).collect(),
        };
        let mut seen = BTreeSet::new();
        may.retain(|person| seen.insert(person.clone()));
        if may.len() > NAMED {
            return Vec::new();
        }
        let office = |person: &Name| self.calendars.office(&self.people, person, now).is_open(now);
        let (mut named, off): (Vec<Name>, Vec<Name>) = may.into_iter().partition(office);
        named.extend(off);
        named
    }

    /// Tells a sender that those who are to answer are off, where that helps.
    fn hint_off_hours(&mut self, heard: &Heard<'_>, turn: &mut Turn) {
        let &Heard { key, id, by, said, now, .. } = heard;
        let is_meant =
            |case: &Case, owed: &Owed| case.asker == *by && owed.end.is_none() && !owed.level.interrupts;
        let Some((case, owed)) = self.find_owed(key, id).filter(|(case, owed)| is_meant(case, owed)) else {
            return;
        };
        let (case, owed) = (case.clone(), owed.clone());
        let addressed = if said.mentions.is_empty() { case.who.clone() } else { said.mentions.clone() };
        let Some(off) = self.who_is_off(&addressed, by, now) else { return };
        let course = Course::of(&mut self.calendars, &self.people, &owed, &case.who, now);
        let matter = Matter { key, case: &case, owed: &owed, due: course.due(&owed), now };
        let instead = self.in_now_instead(&matter, &off.person);
        let silent = if instead.is_none() && !self.is_far(matter.due, by, now) {
            Some(Silence::NothingToSuggest)
        } else if self.has_heard_of(by, &off.person, now) {
            Some(Silence::AlreadyHinted)
        } else {
            self.reason_for_no_hint(key, by, Kind::OffHours, now)
        };
        if let Some(why) = silent {
            self.stay_silent(Kind::OffHours, key, id, why, now, turn);
            return;
        }
        let message = self.words().off_hours(&matter, &off, instead.as_ref());
        self.note_hinted(by, &off.person, now);
        self.hint_privately(heard, heard.action("off-hours"), Kind::OffHours, message, turn);
    }

    /// Whether an answer is owed more than one of the sender's working days away.
    fn is_far(&self, due: Option<Instant>, by: &Name, now: Instant) -> bool {
        let Some(due) = due else { return true };
        // The same wall time a day later is never nearer than this.
        if due.since(now) < 22 * HOUR_MS {
            return false;
        }
        let day_later = workdays_later(&self.calendars, &self.people, &[Who::Person(by.clone())], now, 1);
        day_later.is_none_or(|day| due > day)
    }

    /// Of those whom a message addresses, the one who is back first, if all of them are off.
    fn who_is_off(&mut self, addressed: &[Who], by: &Name, now: Instant) -> Option<Off> {
        let mut people: Vec<(Name, bool)> = Vec::new();
        for who in addressed {
            let (each, on_duty) = match who {
                Who::Person(person) => (vec![person.clone()], false),
                Who::Group(_) | Who::Responders => (self.calendars.listed(who, now), false),
                Who::Rotation(_) => {
                    (self.calendars.members(&self.people, std::slice::from_ref(who), now), true)
                }
            };
            people.extend(each.into_iter().filter(|person| person != by).map(|person| (person, on_duty)));
        }
        let others = people.len() > 1;
        let mut off: Vec<Off> = Vec::new();
        for (person, on_duty) in people {
            let office = self.calendars.office(&self.people, &person, now);
            if office.is_open(now) {
                return None;
            }
            off.push(Off { person, on_duty, others, back: office.next_open(now) });
        }
        off.into_iter().min_by_key(|off| off.back.unwrap_or(Instant::MAX))
    }

    /// The obligation that a message started: in its thread, or under the thread's first message in the main line.
    pub(super) fn find_owed(&self, key: &StrandKey, id: &MessageId) -> Option<(&Arc<Case>, &Owed)> {
        let line = key.root.is_some().then(|| StrandKey::line(&key.channel));
        line.and_then(|line| self.owing(&line, id)).or_else(|| self.owing(key, id))
    }

    /// Somebody else who can answer and is in now: another who owes, a responder, one who shares the duty, or the
    /// deputy.
    fn in_now_instead(&mut self, matter: &Matter<'_>, off: &Name) -> Option<Name> {
        let mut others = self.calendars.members(&self.people, &matter.case.who, matter.now);
        let revision = self.calendars.current()?;
        let policy = self.places.policy_unkept(revision, &matter.key.channel);
        others.extend(self.calendars.members(&self.people, &policy.responders, matter.now));
        let ground = Ground { people: &self.people, calendars: &self.calendars };
        let rotations = matter.case.who.iter().filter_map(|who| match who {
            Who::Rotation(rotation) => revision.runbook.rotations.get(rotation),
            Who::Person(_) | Who::Group(_) | Who::Responders => None,
        });
        let shares = rotations.flat_map(|rotation| rotation.members.iter().cloned());
        others.extend(shares.filter(|person| matter.case.may_answer(person, matter.now, ground)));
        others.extend(revision.runbook.people.get(off).and_then(|person| person.deputy.clone()));
        let mut others = others.into_iter().filter(|person| person != off && *person != matter.case.asker);
        others.find(|person| self.calendars.available(&self.people, person, matter.now).is_open(matter.now))
    }

    /// Whether `by` heard today that `person` is off.
    fn has_heard_of(&self, by: &Name, person: &Name, now: Instant) -> bool {
        let Some(runbook) = self.runbook() else { return false };
        let today = local_date(self.people.zone(&runbook, by), now);
        let desk = self.desks.get(by);
        desk.is_some_and(|desk| desk.hinted.iter().any(|(about, day)| about == person && *day == today))
    }

    /// Notes that `by` hears today that `person` is off.
    fn note_hinted(&mut self, by: &Name, person: &Name, now: Instant) {
        let Some(runbook) = self.runbook() else { return };
        let today = local_date(self.people.zone(&runbook, by), now);
        let desk = self.desk(by);
        desk.hinted.retain(|(about, _)| about != person);
        desk.hinted.push((person.clone(), today));
        if desk.hinted.len() > HINTS_KEPT {
            desk.hinted.remove(0);
        }
    }

    /// A person hears once how a long message is better read; whoever writes another knows it by then.
    fn hint_long_message(&mut self, heard: &Heard<'_>, turn: &mut Turn) {
        let &Heard { key, id, by, chars, now, .. } = heard;
        let Some(runbook) = self.runbook() else { return };
        if runbook.threads.long_message.is_none_or(|limit| chars <= limit) {
            return;
        }
        let silent = match self.desks.get(by).and_then(|desk| desk.long_hint) {
            Some(_) => Some(Silence::AlreadyHinted),
            None => self.reason_for_no_hint(key, by, Kind::LongMessage, now),
        };
        if let Some(why) = silent {
            self.stay_silent(Kind::LongMessage, key, id, why, now, turn);
            return;
        }
        self.desk(by).long_hint = Some(local_date(self.people.zone(&runbook, by), now));
        let message = self.words().long_message();
        self.hint_privately(heard, heard.action("long-message"), Kind::LongMessage, message, turn);
    }

    /// Why a sender gets no hint now. One that is silenced is not used up.
    fn reason_for_no_hint(&self, key: &StrandKey, by: &Name, kind: Kind, now: Instant) -> Option<Silence> {
        if self.is_turned_off(&key.channel, kind) {
            Some(Silence::TurnedOff)
        } else if self.has_muted(by, now) {
            Some(Silence::Muted)
        } else {
            let silent = self.voice(&key.channel) != Voice::Watch && !self.has_budget(by, now);
            silent.then_some(Silence::Budget)
        }
    }

    /// A hint that the sender alone sees; they just wrote, so they may be answered.
    fn hint_privately(
        &mut self,
        heard: &Heard<'_>,
        id: ActionId,
        kind: Kind,
        message: Message,
        turn: &mut Turn,
    ) {
        if self.voice(&heard.key.channel) == Voice::Watch {
            self.would_have(kind, heard.key, heard.id, heard.now, turn);
            return;
        }
        self.spend(heard.by, heard.now);
        self.send_hint(heard, id, kind, message, turn);
    }

    fn send_hint(&mut self, heard: &Heard<'_>, id: ActionId, kind: Kind, message: Message, turn: &mut Turn) {
        let &Heard { key, by, now, .. } = heard;
        let Some(to) = self.private_to(by, &key.channel, key.root.as_ref()) else { return };
        let not_after = Some(now.plus(HOUR_MS));
        let action = Action {
            id,
            kind,
            to,
            message,
            priority: Priority::Routine,
            not_after,
            if_unknown: IfUnknown::Leave,
        };
        self.send(key, heard.id, action, now, turn);
    }
}
