//! Telling the people of a step: in the thread, directly, or with their digest.

use smol_str::{SmolStr, format_smolstr};

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::engine::Engine;
use super::event::{ChannelId, MessageId, Platform};
use super::ladder::{Matter, Occasion, kind_of};
use super::message::Message;
use super::said::{AboutOwed, Held, NoticeSaid};
use super::strand::StrandKey;
use super::turn::{Noted, Silence, Turn};
use super::wakes::Subject;
use crate::calendar::{Instant, MINUTE_MS};
use crate::runbook::{By, Name, Step, Voice};

/// So long after a start the notice of what fell due meanwhile waits for channels that are not read yet.
const COMBINED_WITHIN_MS: i64 = 10 * MINUTE_MS;

impl Engine {
    /// Tells people of a step, in the way it says; what was sent.
    pub(super) fn tell(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        step: &Step,
        people: &[Name],
        occasion: &Occasion,
        turn: &mut Turn,
    ) -> Vec<ActionId> {
        let kind = kind_of(step);
        match (self.voice_about(&matter.key.channel, matter.owed), step.by) {
            (Voice::Watch, _) => {
                self.would_have(kind, matter.key, &matter.owed.message, matter.now, turn);
                Vec::new()
            }
            (Voice::Private | Voice::Speak, By::Pager) => {
                people.iter().map(|person| self.page(matter, number, person, 1, turn)).collect()
            }
            (Voice::Private, By::Thread | By::DirectMessage) | (Voice::Speak, By::DirectMessage) => people
                .iter()
                .filter_map(|person| self.tell_directly(matter, number, step, person, occasion, turn))
                .collect(),
            (Voice::Speak, By::Thread) => {
                // A post pings those who are on the platform; the others are told where they are.
                let is_there = |person: &&Name| self.is_on_platform_of(&matter.key.channel, person);
                let (there, elsewhere): (Vec<Name>, Vec<Name>) =
                    people.iter().cloned().partition(|person| is_there(&person));
                let mut told = match there.is_empty() {
                    true => Vec::new(),
                    false => self.tell_in_thread(matter, number, step, &there, occasion, turn),
                };
                for person in &elsewhere {
                    told.extend(self.tell_directly(matter, number, step, person, occasion, turn));
                }
                told
            }
        }
    }

    fn tell_in_thread(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        step: &Step,
        people: &[Name],
        occasion: &Occasion,
        turn: &mut Turn,
    ) -> Vec<ActionId> {
        let interrupts = matter.owed.level.interrupts;
        if !interrupts && !self.may_speak_in_thread(matter) {
            return people
                .iter()
                .filter_map(|person| self.tell_directly(matter, number, step, person, occasion, turn))
                .collect();
        }
        let message = self.words().step_in_thread(matter, step, people, occasion);
        let rung = matter.rung(number);
        let id = ActionId(format_smolstr!("step/{}/{}/{rung}", matter.key.channel, matter.owed.message));
        let to = self.thread_target(&StrandKey::line(&matter.key.channel), matter.case.thread());
        self.count_in_thread(&matter.thread(), matter.case.thread());
        self.send_step(matter, step, id.clone(), to, message, turn);
        if !interrupts {
            people.iter().for_each(|person| self.spend(person, matter.now));
        }
        vec![id]
    }

    /// Whether another notice may stand in the thread of a question: Usher speaks there, it has not had its
    /// notices, and a post pings nobody who is off.
    pub(super) fn may_speak_in_thread(&mut self, matter: &Matter<'_>) -> bool {
        let thread = matter.thread();
        let allowed = self.runbook().map_or(0, |runbook| runbook.notices.per_thread);
        let spent =
            self.runs.get(&(thread.clone(), matter.case.thread().clone())).map_or(0, |said| said.notices);
        self.voice(&matter.key.channel) == Voice::Speak
            && spent < allowed
            && self.may_post_in(&thread, Some(&matter.case.asker), matter.now)
    }

    fn tell_directly(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        step: &Step,
        person: &Name,
        occasion: &Occasion,
        turn: &mut Turn,
    ) -> Option<ActionId> {
        let to = self.direct_to(person, Some(&matter.key.channel))?;
        let message = self.words().step_directly(matter, step, person, occasion);
        let id = ActionId(format_smolstr!(
            "step/{}/{}/{}/{person}",
            matter.key.channel,
            matter.owed.message,
            matter.rung(number)
        ));
        self.send_step(matter, step, id.clone(), to, message, turn);
        if !matter.owed.level.interrupts {
            self.spend(person, matter.now);
        }
        Some(id)
    }

    /// To one who snoozed it: it is there again.
    pub(super) fn tell_again(
        &mut self,
        matter: &Matter<'_>,
        person: &Name,
        snoozed_until: Instant,
        turn: &mut Turn,
    ) {
        let Some(to) = self.direct_to(person, Some(&matter.key.channel)) else { return };
        let channel = &matter.key.channel;
        let id = ActionId(format_smolstr!("again/{channel}/{}/{}", matter.owed.message, snoozed_until.ms()));
        let message = self.words().again(matter, person);
        self.remind_besides(matter, person, id, to, message, turn);
    }

    /// Reminds a person outside of the ladder; what they read is kept true like a step of it.
    pub(super) fn remind_besides(
        &mut self,
        matter: &Matter<'_>,
        person: &Name,
        id: ActionId,
        to: Target,
        message: Message,
        turn: &mut Turn,
    ) {
        self.owed_said(matter.key, matter.owed).also.push(id.clone());
        let action = Action {
            id,
            kind: Kind::Reminder,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        self.send(matter.key, &matter.owed.message, action, matter.now, turn);
        self.spend(person, matter.now);
    }

    fn send_step(
        &mut self,
        matter: &Matter<'_>,
        step: &Step,
        id: ActionId,
        to: Target,
        message: Message,
        turn: &mut Turn,
    ) {
        let is_breach = matter.due.is_some_and(|due| due <= matter.now) || matter.owed.level.interrupts;
        let priority = if matter.owed.level.interrupts { Priority::Urgent } else { Priority::Prompt };
        let if_unknown = if is_breach { IfUnknown::Repeat } else { IfUnknown::Leave };
        let action = Action { id, kind: kind_of(step), to, message, priority, not_after: None, if_unknown };
        self.send(matter.key, &matter.owed.message, action, matter.now, turn);
    }

    /// Commits to an action about a message, and remembers it so that it can be answered.
    pub(super) fn send(
        &mut self,
        key: &StrandKey,
        about: &MessageId,
        action: Action,
        now: Instant,
        turn: &mut Turn,
    ) {
        self.note(turn, now, Some(key.message(about)), Noted::Spoke(action.kind));
        self.remember(key, about, &action, now);
        turn.actions.push(action);
    }

    /// Remembers an action so that its buttons and the reactions to it mean something.
    pub(super) fn remember(&mut self, key: &StrandKey, about: &MessageId, action: &Action, now: Instant) {
        let there = self.platform_of(&key.channel);
        let elsewhere = action.to.platform().filter(|platform| there.is_some_and(|there| there != *platform));
        self.remember_as(action.id.clone(), action.kind, key, about, elsewhere, now);
    }

    /// The same for buttons that stand among others of one action.
    pub(super) fn remember_as(
        &mut self,
        id: ActionId,
        kind: Kind,
        key: &StrandKey,
        about: &MessageId,
        elsewhere: Option<Platform>,
        now: Instant,
    ) {
        let notice = NoticeSaid {
            kind,
            strand: key.clone(),
            about: about.clone(),
            at: now,
            message: None,
            elsewhere,
            dismissed: false,
        };
        self.dirty.notices.insert(id.clone());
        self.notices.insert(id, notice);
    }

    /// A notice joins a person's digest; after an outage the digest is the next thing they get.
    pub(super) fn hold(
        &mut self,
        matter: &Matter<'_>,
        step: &Step,
        person: &Name,
        combined: bool,
        turn: &mut Turn,
    ) {
        if self.voice_about(&matter.key.channel, matter.owed) == Voice::Watch {
            self.would_have(kind_of(step), matter.key, &matter.owed.message, matter.now, turn);
            return;
        }
        let at = match combined {
            // Channels are read one after the other; what is found in them is told together, and soon.
            true => Some(match (self.ledger.up_since, self.places.any_gap()) {
                (Some(up), true) => matter.now.max(up.plus(COMBINED_WITHIN_MS)),
                (Some(_) | None, _) => matter.now,
            }),
            false => self.next_digest(person, matter.now),
        };
        let about = AboutOwed { strand: matter.key.clone(), message: matter.owed.message.clone() };
        let held = Held { kind: kind_of(step), about, since: matter.now, due: matter.due };
        let desk = self.desk(person);
        // A question of which two steps wait is one question.
        desk.held.retain(|known| known.about != held.about);
        desk.held.push(held);
        desk.digest_at = desk.digest_at.into_iter().chain(at).min();
        if let Some(at) = desk.digest_at {
            self.wakes.set(Subject::Desk(person.clone()), at);
        }
        let why = if combined { Silence::Combined } else { Silence::Budget };
        self.trail(matter.key, matter.owed, matter.now, Noted::Silent { kind: kind_of(step), why }, turn);
    }

    /// Counts a notice posted in a thread.
    pub(super) fn count_in_thread(&mut self, thread: &StrandKey, root: &MessageId) {
        self.run_said(thread, root).notices += 1;
    }

    /// A direct message to a person, if some platform reaches them: where they were last seen, at first where the
    /// channel is that it is about.
    pub(super) fn direct_to(&self, person: &Name, about: Option<&ChannelId>) -> Option<Target> {
        let near = about.and_then(|channel| self.platform_of(channel));
        let (platform, user) = self.people.address(&*self.runbook()?, person, near)?;
        Some(Target::Direct { platform, user })
    }

    /// A place in a channel or in a thread of it, for a person's eyes alone; whoever was last seen on another platform,
    /// or is not on this one, is told directly there.
    pub(super) fn private_to(
        &self,
        person: &Name,
        channel: &ChannelId,
        thread: Option<&MessageId>,
    ) -> Option<Target> {
        let there = self.platform_of(channel);
        let (platform, user) = self.people.address(&*self.runbook()?, person, there)?;
        Some(match there == Some(platform) {
            true => Target::Private { platform, channel: channel.clone(), thread: thread.cloned(), user },
            false => Target::Direct { platform, user },
        })
    }

    /// Tells the asker, privately in the channel, how it stands.
    pub(super) fn tell_asker(&mut self, matter: &Matter<'_>, id: SmolStr, message: Message, turn: &mut Turn) {
        let thread = matter.case.root.as_ref();
        let Some(to) = self.private_to(&matter.case.asker, &matter.key.channel, thread) else { return };
        let action = Action {
            id: ActionId(id),
            kind: Kind::Status,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        self.send(matter.key, &matter.owed.message, action, matter.now, turn);
    }
}
