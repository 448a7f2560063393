//! What the engine hears: events become facts in their strands, and what they touch is looked at again.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::command::kind_name;
use super::engine::{Engine, ORPHANS, in_channel, put};
use super::event::{
    ChannelId, Event, Fate, MessageId, MessageRef, Platform, Posted, Text, UserFacts, UserId,
};
use super::fact::{Fact, Happened, Sign, Verb};
use super::pages::Unpaged;
use super::record::{Record, RecordKind};
use super::said::NoticeSaid;
use super::strand::StrandKey;
use super::turn::{Noted, Turn};
use super::ways::Everywhere;
use crate::calendar::{DAY_MS, HOUR_MS, Instant, MINUTE_MS, Span};
use crate::runbook::Name;

/// An event that claims to be further ahead than this is taken to be of now. Our own clock may be behind by
/// hours until somebody sets it.
pub(super) const AHEAD_MS: i64 = DAY_MS;
/// So many dismissals of one kind turn it off in a channel.
const DISMISSALS: u32 = 2;
/// A process that was away for longer than this was down.
const DOWN_MS: i64 = 5 * MINUTE_MS;

impl Engine {
    pub(super) fn hear_user(
        &mut self,
        platform: Platform,
        user: &UserId,
        facts: &UserFacts,
        turn: &mut Turn,
    ) {
        let known = self.people.facts(platform, user);
        let before = known.and_then(|facts| facts.zone);
        // A platform tells no zone of a closed account. Should they come back, they live where they did.
        let zone = facts.zone.or(before.filter(|_| facts.deactivated));
        let facts = &UserFacts { zone, ..facts.clone() };
        let was_away_until = known.and_then(|facts| facts.away_until);
        if !self.people.learn(platform, user, facts, turn.now) {
            return;
        }
        if before != facts.zone {
            self.calendars.forget_tables();
            self.look_at_all_cases(turn.now, turn);
        }
        let zones_before = self.people.zones_before(platform, user).to_vec();
        let record = Record::User(platform, Box::new(facts.clone()), zones_before);
        put(turn, RecordKind::User, platform_name(platform), user.clone(), Some(record));
        if was_away_until != facts.away_until {
            let person = self.people.person(platform, user);
            self.follow_shown_away(&person, facts.away_until, turn.now, turn);
        }
    }

    pub(super) fn hear_posted(&mut self, event: &Event, posted: &Posted, now: Instant, turn: &mut Turn) {
        let channel = &posted.message.channel;
        let at = event.at.min(now.plus(AHEAD_MS));
        let unsealed = self.unseal(&posted.message, turn);
        if posted.bot || self.is_bot(event.platform, &posted.author) || self.is_closed_to(channel, at, now) {
            return self.look_at_unsealed(&unsealed, Everywhere::default(), now, turn);
        }
        self.meet(event.platform, &posted.author, turn);
        self.find_place(event.platform, channel, at, turn);
        let by = self.people.person(event.platform, &posted.author);
        let said = self.read(event.platform, &by, &posted.text, at);
        let what = Happened::Said(said.clone());
        let fact = Arc::new(Fact { at, key: posted.message.id.clone(), by: by.clone(), what });
        let root = posted.thread.as_ref().filter(|root| **root != posted.message.id);
        let key = StrandKey { channel: channel.clone(), root: root.cloned() };
        let mut touched = Everywhere::default();
        if !self.take_fact(&key, fact, now, &mut touched, turn) {
            return self.look_at_unsealed(&unsealed, touched, now, turn);
        }
        if let Some(root) = root {
            self.thread_of.insert(posted.message.clone(), root.clone());
        }
        for orphan in self.orphans.remove(&posted.message).unwrap_or_default() {
            let owner = format_smolstr!("{ORPHANS}{channel}");
            put(turn, RecordKind::Fact, owner, orphan.key.clone(), None);
            self.take_fact(&key, orphan, now, &mut touched, turn);
        }
        self.look_at_unsealed(&unsealed, touched, now, turn);
        let chars = posted.text.plain.chars().count();
        self.hint(&key, &posted.message.id, &by, &said, chars, at, now, turn);
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of the event, and when and where to answer")]
    pub(super) fn hear_edited(
        &mut self,
        event: &Event,
        message: &MessageRef,
        thread: Option<&MessageId>,
        author: &UserId,
        text: &Text,
        now: Instant,
        turn: &mut Turn,
    ) {
        let at = event.at.min(now.plus(AHEAD_MS));
        if self.is_bot(event.platform, author) || self.is_closed_to(&message.channel, at, now) {
            return;
        }
        if let Some(root) = thread.filter(|root| **root != message.id) {
            self.thread_of.entry(message.clone()).or_insert_with(|| root.clone());
        }
        let by = self.people.person(event.platform, author);
        let said = self.read(event.platform, &by, text, at);
        let what = Happened::Edited { of: message.id.clone(), said };
        self.add_about(message, Fact { at, key: format_smolstr!("e/{}", event.key), by, what }, now, turn);
    }

    pub(super) fn hear_deleted(
        &mut self,
        event: &Event,
        message: &MessageRef,
        now: Instant,
        turn: &mut Turn,
    ) {
        let at = event.at.min(now.plus(AHEAD_MS));
        if self.is_closed_to(&message.channel, at, now) {
            return;
        }
        let what = Happened::Deleted { of: message.id.clone() };
        let key = format_smolstr!("d/{}/{}", message.id, at.ms());
        self.add_about(message, Fact { at, key, by: SmolStr::default(), what }, now, turn);
        if let Some(key) = self.unread.strand_of(message).cloned() {
            self.pass_strand_on(&key, now, turn);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of the event, and when and where to answer")]
    pub(super) fn hear_reaction(
        &mut self,
        event: &Event,
        message: &MessageRef,
        user: &UserId,
        emoji: &SmolStr,
        given: bool,
        now: Instant,
        turn: &mut Turn,
    ) {
        let at = event.at.min(now.plus(AHEAD_MS));
        if self.is_bot(event.platform, user) || self.is_closed_to(&message.channel, at, now) {
            return;
        }
        let Some(sign) = self.sign(&message.channel, emoji, at) else { return };
        let by = self.people.person(event.platform, user);
        if let Some(action) = self.notices.at(message).cloned() {
            if let Some(notice) = self.notices.get(&action).cloned().filter(|_| given) {
                self.hear_sign_on_notice(event, &action, &notice, &by, sign, now, turn);
            }
            return;
        }
        let what = Happened::Sign { of: message.id.clone(), sign, given };
        self.add_about(message, Fact { at, key: format_smolstr!("r/{}", event.key), by, what }, now, turn);
    }

    /// A reaction on one of Usher's messages means the button of the same meaning.
    #[expect(clippy::too_many_arguments, reason = "the notice, who reacted, and when and where to answer")]
    fn hear_sign_on_notice(
        &mut self,
        event: &Event,
        action: &ActionId,
        notice: &NoticeSaid,
        by: &Name,
        sign: Sign,
        now: Instant,
        turn: &mut Turn,
    ) {
        let verb = match sign {
            Sign::Take => Verb::Take,
            Sign::Resolve => Verb::Resolve,
            Sign::Call => Verb::Call,
            Sign::Dismiss => {
                self.dismiss_notice(action, notice, now, turn);
                if !is_about_call(notice.kind) {
                    return;
                }
                let words = self.words().not_now(notice.kind);
                self.close_suggestion(action, words, turn);
                Verb::Decline
            }
        };
        self.add_verb(event, &notice.strand, Some(&notice.about), by, verb, now, turn);
    }

    /// Two dismissals of one kind of notice in a channel turn that kind off there, and the admins hear of it. One
    /// notice counts once; what interrupts cannot be turned off. What whoever dismissed a hint reads.
    pub(super) fn dismiss_notice(
        &mut self,
        action: &ActionId,
        notice: &NoticeSaid,
        now: Instant,
        turn: &mut Turn,
    ) -> Option<super::message::Message> {
        let name = kind_name(notice.kind)?;
        if notice.dismissed || self.is_interrupting(notice) {
            return None;
        }
        if let Some(known) = self.notices.get_mut(action) {
            known.dismissed = true;
            self.dirty.notices.insert(action.clone());
        }
        let channel = &notice.strand.channel;
        let is_it = |(place, kind, _): &(ChannelId, Kind, u32)| {
            *kind == notice.kind && self.is_same_channel(place, channel)
        };
        let known = self.ledger.dismissed.iter().position(is_it);
        let dismissed = &mut self.ledger.dismissed;
        let count = match known.and_then(|known| dismissed.get_mut(known)) {
            Some((_, _, count)) => {
                *count += 1;
                *count
            }
            None => {
                dismissed.push((channel.clone(), notice.kind, 1));
                1
            }
        };
        self.dirty.ledger = true;
        if count == DISMISSALS {
            let words = self.words().turned_off(channel, notice.kind, name);
            self.tell_admins(words, format_smolstr!("off/{action}"), now, turn);
        }
        (!is_about_call(notice.kind))
            .then(|| self.words().dismissed(channel, notice.kind, count >= DISMISSALS))
    }

    /// Whether a notice is about an answer that is owed at an interrupting level.
    fn is_interrupting(&self, notice: &NoticeSaid) -> bool {
        let strand = self.strands.get(&notice.strand);
        strand.and_then(|strand| strand.owing(&notice.about)).is_some_and(|(_, owed)| owed.level.interrupts)
    }

    /// Whether a kind of notice was dismissed twice in a channel.
    pub(super) fn is_turned_off(&self, channel: &ChannelId, kind: Kind) -> bool {
        self.ledger.dismissed.iter().any(|(place, off, count)| {
            *off == kind && *count >= DISMISSALS && self.is_same_channel(place, channel)
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what is to be, about what, by whom, and when and where to answer"
    )]
    pub(super) fn add_verb(
        &mut self,
        event: &Event,
        key: &StrandKey,
        of: Option<&MessageId>,
        by: &Name,
        verb: Verb,
        now: Instant,
        turn: &mut Turn,
    ) -> bool {
        let at = event.at.min(now.plus(AHEAD_MS));
        let what = Happened::Verb { of: of.cloned(), verb };
        self.add_fact(
            key,
            Fact { at, key: format_smolstr!("v/{}", event.key), by: by.clone(), what },
            now,
            turn,
        )
    }

    pub(super) fn hear_fate(&mut self, action: &ActionId, fate: &Fate, now: Instant, turn: &mut Turn) {
        match fate {
            Fate::Sent(message) => {
                if let Some(message) = message
                    && self.notices.put_at(action, message.clone())
                {
                    self.dirty.notices.insert(action.clone());
                }
            }
            Fate::Refused(why) | Fate::Unknown(why) => {
                let kind = self
                    .notices
                    .get(action)
                    .map(|notice| (notice.kind, notice.strand.clone(), notice.about.clone()));
                Engine::remark(turn, format!("{action} was not delivered: {why}"));
                if let Some((Kind::Page, strand, about)) = kind {
                    self.show_emergency_card(&strand, &about, Unpaged::NotDelivered, now, turn);
                }
            }
        }
    }

    pub(super) fn hear_away(
        &mut self,
        platform: Platform,
        user: &UserId,
        span: Option<Span>,
        now: Instant,
        turn: &mut Turn,
    ) {
        let person = self.people.person(platform, user);
        self.set_away(&person, span, now, turn);
    }

    pub(super) fn hear_started(&mut self, last_alive: Option<Instant>, now: Instant, turn: &mut Turn) {
        for misread in std::mem::take(&mut self.misread) {
            Engine::remark(turn, misread);
        }
        let was_down = last_alive.is_some_and(|alive| now.since(alive) > DOWN_MS);
        self.dirty.ledger = true;
        if was_down {
            // It stays after a short stop: what fell due in the outage may not have been told yet.
            self.ledger.up_since = Some(now);
            self.look_at_all_cases(now, turn);
        }
    }

    /// A user who writes before the platform has told of them is known by their id.
    pub(super) fn meet(&mut self, platform: Platform, user: &UserId, turn: &mut Turn) {
        if self.people.facts(platform, user).is_none() {
            let facts = UserFacts {
                name: user.to_string(),
                zone: None,
                bot: false,
                deactivated: false,
                guest: false,
                away_until: None,
            };
            self.hear_user(platform, user, &facts, turn);
        }
    }

    /// Puts a main-line question's thread, or the thread it stands in, into a target.
    pub(super) fn thread_target(&self, key: &StrandKey, message: &MessageId) -> Target {
        let platform = self.places.get(&key.channel).map_or(Platform::Console, |place| place.platform);
        let root = key.root.clone().unwrap_or_else(|| message.clone());
        Target::Thread { platform, channel: key.channel.clone(), root }
    }

    /// Says something that is not subject to manners: the answer to a command, or to the one who pressed a button.
    pub(super) fn answer_privately(
        &mut self,
        event: &Event,
        user: &UserId,
        place: Option<(&ChannelId, Option<&MessageId>)>,
        message: super::message::Message,
        now: Instant,
        turn: &mut Turn,
    ) {
        let platform = event.platform;
        let here =
            place.filter(|(channel, _)| self.platform_of(channel).is_none_or(|there| there == platform));
        let to = match here {
            Some((channel, thread)) => Target::Private {
                platform,
                channel: channel.clone(),
                thread: thread.cloned(),
                user: user.clone(),
            },
            None => Target::Direct { platform, user: user.clone() },
        };
        let id = ActionId::answer_to(&event.key);
        let not_after = Some(now.plus(HOUR_MS));
        turn.actions.push(Action {
            id,
            kind: Kind::Answer,
            to,
            message,
            priority: Priority::Prompt,
            not_after,
            if_unknown: IfUnknown::Leave,
        });
        self.note(
            turn,
            now,
            place.and_then(|(channel, thread)| thread.map(|id| in_channel(channel, id))),
            Noted::Spoke(Kind::Answer),
        );
    }
}

/// Whether a notice suggests a call, or the written way in its place.
pub(super) fn is_about_call(kind: Kind) -> bool {
    matches!(kind, Kind::Call | Kind::WrittenWay)
}

fn platform_name(platform: Platform) -> SmolStr {
    SmolStr::new_static(match platform {
        Platform::Slack => "slack",
        Platform::Matrix => "matrix",
        Platform::Console => "console",
    })
}
