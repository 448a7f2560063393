//! What the engine hears: events become facts in their strands, and what they touch is looked at again.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use super::action::{Action, ActionId, Choice, IfUnknown, Kind, Priority, Target};
use super::engine::{Engine, ORPHANS, about, in_channel, put};
use super::event::{
    ChannelFacts, ChannelId, Event, Fate, Mention, MessageId, MessageRef, Platform, Posted, Text, UserFacts,
    UserId,
};
use super::fact::{Fact, Happened, Said, Sign, Verb};
use super::judge::judge;
use super::record::{Record, RecordKind};
use super::said::NoticeSaid;
use super::strand::{Strand, StrandKey, Touched, World};
use super::turn::{Noted, Turn};
use crate::calendar::{DAY_MS, HOUR_MS, Instant, MINUTE_MS, Span};
use crate::runbook::{Level, Name, Runbook, Who};

/// An event that claims to be further ahead than this is taken to be of now. Our own clock may be behind by
/// hours until somebody sets it.
const AHEAD_MS: i64 = DAY_MS;
/// A process that was away for longer than this was down.
const DOWN_MS: i64 = 5 * MINUTE_MS;
/// What is older than this starts nothing and is not kept.
const TOO_OLD_MS: i64 = 60 * DAY_MS;
/// So many facts wait for messages that have not come.
const ORPHANS_KEPT: usize = 10_000;

/// What was touched in each strand, to be looked at when all is heard.
type Everywhere = BTreeMap<StrandKey, Touched>;

impl Engine {
    pub(super) fn hear_user(
        &mut self,
        platform: Platform,
        user: &UserId,
        facts: &UserFacts,
        turn: &mut Turn,
    ) {
        let before = self.people.facts(platform, user).and_then(|facts| facts.zone);
        if !self.people.learn(platform, user, facts) {
            return;
        }
        if before != facts.zone {
            self.calendars.forget_tables();
        }
        put(
            turn,
            RecordKind::User,
            platform_name(platform),
            user.clone(),
            Some(Record::User(platform, facts.clone())),
        );
    }

    pub(super) fn hear_channel(
        &mut self,
        event: &Event,
        channel: &ChannelId,
        facts: &ChannelFacts,
        now: Instant,
        turn: &mut Turn,
    ) {
        if let Some(place) = self.places.learn(event.platform, channel, facts, event.at.min(now)) {
            let record = Record::Channel(place.clone());
            put(turn, RecordKind::Channel, SmolStr::default(), channel.clone(), Some(record));
        }
    }

    pub(super) fn hear_posted(&mut self, event: &Event, posted: &Posted, now: Instant, turn: &mut Turn) {
        let channel = &posted.message.channel;
        let at = event.at.min(now.plus(AHEAD_MS));
        if posted.bot || self.is_bot(event.platform, &posted.author) || self.is_closed_to(channel, at, now) {
            return;
        }
        self.meet(event.platform, &posted.author, turn);
        self.find_place(event.platform, channel, at, turn);
        let by = self.people.person(event.platform, &posted.author);
        let said = self.read(event.platform, &by, &posted.text, at);
        let fact =
            Fact { at, key: posted.message.id.clone(), by: by.clone(), what: Happened::Said(said.clone()) };
        let root = posted.thread.as_ref().filter(|root| **root != posted.message.id);
        let key = StrandKey { channel: channel.clone(), root: root.cloned() };
        let mut touched = Everywhere::new();
        if !self.take_fact(&key, fact, now, &mut touched, turn) {
            return;
        }
        if let Some(root) = root {
            self.thread_of.insert(posted.message.clone(), root.clone());
        }
        for orphan in self.orphans.remove(&posted.message).unwrap_or_default() {
            let owner = format_smolstr!("{ORPHANS}{channel}");
            put(turn, RecordKind::Fact, owner, fact_id(&orphan), None);
            self.take_fact(&key, orphan, now, &mut touched, turn);
        }
        self.look_everywhere(&touched, now, turn);
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
        if let Some(action) = self.posted.get(message).cloned() {
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
                Verb::Decline
            }
        };
        self.add_verb(event, &notice.strand, Some(&notice.about), by, verb, now, turn);
    }

    pub(super) fn hear_press(
        &mut self,
        event: &Event,
        user: &UserId,
        action: &ActionId,
        choice: &Choice,
        now: Instant,
        turn: &mut Turn,
    ) {
        let by = self.people.person(event.platform, user);
        let Some(notice) = self.notices.get(action).cloned() else {
            self.answer_privately(event, user, None, self.words().too_old(), now, turn);
            return;
        };
        let place = (&notice.strand.channel, notice.strand.root.as_ref().or(Some(&notice.about)));
        let verb = match choice {
            Choice::Take => Some(Verb::Take),
            Choice::Resolved => Some(Verb::Resolve),
            Choice::NotNow => Some(Verb::Decline),
            Choice::CallNow
            | Choice::CallAt(_)
            | Choice::Snooze
            | Choice::Why
            | Choice::AskInstead(_)
            | Choice::Raise(_)
            | Choice::Leave => None,
        };
        if let Some(verb) = verb {
            self.add_verb(event, &notice.strand, Some(&notice.about), &by, verb, now, turn);
        }
        match choice {
            Choice::Take | Choice::Resolved | Choice::Leave => {}
            Choice::NotNow => {
                self.dismiss_notice(action, &notice, now, turn);
                self.close_suggestion(&notice.strand, &notice.about, now, turn);
            }
            Choice::CallNow => self.take_call(event, &notice.strand, &notice.about, &by, now, now, turn),
            Choice::CallAt(at) => self.take_call(event, &notice.strand, &notice.about, &by, *at, now, turn),
            Choice::Snooze => {
                self.snooze(event, user, &notice.strand, &notice.about, now.plus(HOUR_MS), now, turn)
            }
            Choice::Why => {
                let words = self.why(&notice.strand, &notice.about, &by, now);
                self.answer_privately(event, user, Some(place), words, now, turn);
            }
            Choice::AskInstead(person) => self.ask_instead(event, &notice, &by, person, now, turn),
            Choice::Raise(level) => {
                self.raise(event, user, &notice.strand, Some(&notice.about), level, now, turn)
            }
        }
    }

    /// Two dismissals of one kind of notice in a channel turn that kind off there.
    pub(super) fn dismiss_notice(
        &mut self,
        action: &ActionId,
        notice: &NoticeSaid,
        now: Instant,
        turn: &mut Turn,
    ) {
        let channel = &notice.strand.channel;
        let dismissed = &mut self.ledger.dismissed;
        match dismissed.iter_mut().find(|(place, kind, _)| place == channel && *kind == notice.kind) {
            Some((_, _, count)) => *count += 1,
            None => dismissed.push((channel.clone(), notice.kind, 1)),
        }
        self.dirty.ledger = true;
        if self.is_turned_off(channel, notice.kind) {
            Engine::remark(
                turn,
                format!("{action}: notices of this kind are off in {channel} now, decided at {now}"),
            );
        }
    }

    /// Whether a kind of notice was dismissed twice in a channel.
    pub(super) fn is_turned_off(&self, channel: &ChannelId, kind: Kind) -> bool {
        self.ledger
            .dismissed
            .iter()
            .any(|(place, off, count)| place == channel && *off == kind && *count >= 2)
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

    /// A call began: the one that was suggested there is taken.
    pub(super) fn hear_call(
        &mut self,
        event: &Event,
        channel: &ChannelId,
        thread: Option<&MessageId>,
        users: &[UserId],
        now: Instant,
        turn: &mut Turn,
    ) {
        let by = users.first().map_or_else(SmolStr::default, |user| self.people.person(event.platform, user));
        let suggested = |key: &StrandKey, engine: &Engine| {
            let strand = engine.strands.get(key)?;
            let suggested = |first: &MessageId| {
                engine.runs.get(&(key.clone(), first.clone())).is_some_and(|said| said.action.is_some())
            };
            strand.runs().iter().rev().map(|run| run.first.clone()).find(suggested)
        };
        let key = StrandKey { channel: channel.clone(), root: thread.cloned() };
        if let Some(first) = suggested(&key, self) {
            self.take_call(event, &key, &first, &by, event.at, now, turn);
        }
    }

    pub(super) fn hear_fate(&mut self, action: &ActionId, fate: &Fate, now: Instant, turn: &mut Turn) {
        let notice = self.notices.get_mut(action);
        match fate {
            Fate::Sent(message) => {
                if let (Some(notice), Some(message)) = (notice, message) {
                    notice.message = Some(message.clone());
                    self.posted.insert(message.clone(), action.clone());
                    self.dirty.notices.insert(action.clone());
                }
            }
            Fate::Refused(why) | Fate::Unknown(why) => {
                let kind = notice.map(|notice| (notice.kind, notice.strand.clone(), notice.about.clone()));
                Engine::remark(turn, format!("{action} was not delivered: {why}"));
                if let Some((Kind::Page, strand, about)) = kind {
                    self.show_emergency_card(&strand, &about, now, turn);
                }
            }
        }
    }

    pub(super) fn hear_gap(
        &mut self,
        channel: Option<&ChannelId>,
        from: Option<Instant>,
        now: Instant,
        turn: &mut Turn,
    ) {
        for channel in self.places.set_gap(channel, from) {
            if let Some(place) = self.places.get(&channel) {
                let record = Record::Channel(place.clone());
                put(turn, RecordKind::Channel, SmolStr::default(), channel.clone(), Some(record));
            }
            if from.is_none() {
                self.look_at_channel(&channel, now, turn);
            }
        }
    }

    pub(super) fn hear_lost(
        &mut self,
        event: &Event,
        channel: &ChannelId,
        why: &str,
        now: Instant,
        turn: &mut Turn,
    ) {
        let keys: Vec<StrandKey> = self.strands_of(channel);
        for key in keys {
            let key_of_fact = format_smolstr!("l/{}", event.key);
            let fact = Fact {
                at: event.at.min(now),
                key: key_of_fact,
                by: SmolStr::default(),
                what: Happened::Lost,
            };
            self.add_fact(&key, fact, now, turn);
        }
        let words = self.words().history_lost(channel, why);
        self.tell_admins(words, format_smolstr!("lost/{}", event.key), now, turn);
        self.hear_gap(Some(channel), None, now, turn);
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
        let was_down = last_alive.is_some_and(|alive| now.since(alive) > DOWN_MS);
        self.ledger.up_since = was_down.then_some(now);
        self.dirty.ledger = true;
        if was_down {
            self.look_at_all_cases(now, turn);
        }
    }

    /// Adds a fact about another message to that message's strand; it waits where the message is unknown.
    fn add_about(&mut self, message: &MessageRef, fact: Fact, now: Instant, turn: &mut Turn) {
        if let Some(key) = self.strand_of(message) {
            self.add_fact(&key, fact, now, turn);
            return;
        }
        let owner = format_smolstr!("{ORPHANS}{}", message.channel);
        self.drop_old_orphans(now, turn);
        let waiting = self.orphans.entry(message.clone()).or_default();
        if waiting.iter().any(|known| known.key == fact.key) {
            return;
        }
        put(turn, RecordKind::Fact, owner, fact_id(&fact), Some(Record::Fact(fact.clone())));
        waiting.push(fact);
    }

    fn drop_old_orphans(&mut self, now: Instant, turn: &mut Turn) {
        while self.orphans.len() >= ORPHANS_KEPT
            || self
                .orphans
                .first_key_value()
                .is_some_and(|(_, facts)| facts.iter().all(|fact| now.since(fact.at) > TOO_OLD_MS))
        {
            let Some((message, facts)) = self.orphans.pop_first() else { break };
            for fact in facts {
                put(
                    turn,
                    RecordKind::Fact,
                    format_smolstr!("{ORPHANS}{}", message.channel),
                    fact_id(&fact),
                    None,
                );
            }
        }
    }

    /// Adds a fact to its strand and looks at what it touches; whether it was new.
    pub(super) fn add_fact(&mut self, key: &StrandKey, fact: Fact, now: Instant, turn: &mut Turn) -> bool {
        let mut touched = Everywhere::new();
        let is_new = self.take_fact(key, fact, now, &mut touched, turn);
        self.look_everywhere(&touched, now, turn);
        is_new
    }

    /// Hears a fact wherever it belongs, and decides nothing yet: what came before it may have to be heard first.
    fn take_fact(
        &mut self,
        key: &StrandKey,
        fact: Fact,
        now: Instant,
        everywhere: &mut Everywhere,
        turn: &mut Turn,
    ) -> bool {
        if self.calendars.current().is_none() {
            return false;
        }
        if !self.strands.contains_key(key) {
            self.open_strand(key, now);
        }
        let Some(touched) = self.hear_in_strand(key, fact.clone()) else { return false };
        let record = Record::Fact(fact.clone());
        put(turn, RecordKind::Fact, format_smolstr!("{key}"), fact_id(&fact), Some(record));
        everywhere.entry(key.clone()).or_default().merge(touched);
        self.mirror(key, &fact, everywhere);
        self.set_age_wake(key, now);
        true
    }

    fn look_everywhere(&mut self, everywhere: &Everywhere, now: Instant, turn: &mut Turn) {
        for (key, touched) in everywhere {
            self.look_at_touched(key, touched, now, turn);
        }
    }

    /// A new thread begins with its first message, if the main line knows it.
    fn open_strand(&mut self, key: &StrandKey, now: Instant) {
        self.strands.insert(key.clone(), Strand::new(key.clone()));
        if let Some(root) = self.root_copy(key) {
            self.hear_in_strand(key, root);
        }
        self.set_age_wake(key, now);
    }

    /// The first message of a thread, as the main line knows it.
    pub(super) fn root_copy(&self, key: &StrandKey) -> Option<Fact> {
        let root = key.root.as_ref()?;
        let line = self.strands.get(&StrandKey::line(&key.channel))?;
        line.said(root).cloned()
    }

    fn hear_in_strand(&mut self, key: &StrandKey, fact: Fact) -> Option<Touched> {
        let strand = self.strands.get_mut(key)?;
        let mut world =
            World { people: &self.people, calendars: &mut self.calendars, places: &mut self.places };
        strand.add(fact, &mut world)
    }

    /// What happens in a thread is heard in the main line under the thread's first message, whose cases stand
    /// there; what happens to that message is heard in the thread.
    fn mirror(&mut self, key: &StrandKey, fact: &Fact, everywhere: &mut Everywhere) {
        let Some((other, copy)) = self.mirrored(key, fact) else { return };
        if let Some(touched) = self.hear_in_strand(&other, copy) {
            everywhere.entry(other.clone()).or_default().merge(touched);
        }
        // A first message that comes after its replies: the main line has yet to hear them.
        let late_root = key.root.is_none() && matches!(fact.what, Happened::Said(_));
        if late_root && let Some(thread) = self.strands.get(&other) {
            let replies: Vec<Fact> =
                thread.facts().iter().filter(|reply| reply.key != fact.key).cloned().collect();
            for reply in replies {
                if let Some((line, copy)) = self.mirrored(&other, &reply)
                    && let Some(touched) = self.hear_in_strand(&line, copy)
                {
                    everywhere.entry(line).or_default().merge(touched);
                }
            }
        }
    }

    /// The other strand in which a fact is heard, and how it reads there.
    pub(super) fn mirrored(&self, key: &StrandKey, fact: &Fact) -> Option<(StrandKey, Fact)> {
        let mut copy = fact.clone();
        match &key.root {
            Some(root) => {
                let line = StrandKey::line(&key.channel);
                self.strands.get(&line)?.run_of(root)?;
                match &mut copy.what {
                    Happened::Said(_) if copy.key == *root => return None,
                    Happened::Said(said) => said.under = Some(root.clone()),
                    Happened::Verb { of, .. } => *of = Some(of.take().unwrap_or_else(|| root.clone())),
                    Happened::Edited { .. } | Happened::Deleted { .. } | Happened::Sign { .. } => {}
                    Happened::Lost => return None,
                }
                Some((line, copy))
            }
            None => {
                let root = about(fact).unwrap_or(&fact.key);
                let thread = StrandKey { channel: key.channel.clone(), root: Some(root.clone()) };
                (self.strands.contains_key(&thread) && !matches!(fact.what, Happened::Lost))
                    .then_some((thread, copy))
            }
        }
    }

    /// The strand in which a message stands, if the message is known.
    pub(super) fn strand_of(&self, message: &MessageRef) -> Option<StrandKey> {
        if let Some(root) = self.thread_of.get(message) {
            return Some(StrandKey { channel: message.channel.clone(), root: Some(root.clone()) });
        }
        let line = StrandKey::line(&message.channel);
        self.strands.get(&line).filter(|strand| strand.run_of(&message.id).is_some()).map(|_| line)
    }

    pub(super) fn strands_of(&self, channel: &ChannelId) -> Vec<StrandKey> {
        let from = StrandKey::line(channel);
        self.strands
            .range(from..)
            .map(|(key, _)| key)
            .take_while(|key| key.channel == *channel)
            .cloned()
            .collect()
    }

    /// Reads a message: what it says, whom it mentions, which mark it carries.
    fn read(&self, platform: Platform, by: &Name, text: &Text, at: Instant) -> Said {
        let Some(revision) = self.calendars.at(at) else { return Said::default() };
        let runbook = &revision.runbook;
        let (mark, rest) = self.mark(runbook, by, &text.plain, at);
        let mut mentions: Vec<Who> = Vec::new();
        for mention in &text.mentions {
            if let Some(who) = self.mentioned(runbook, platform, mention)
                && who != Who::Person(by.clone())
                && !mentions.contains(&who)
            {
                mentions.push(who);
            }
        }
        let resolves = resolves(runbook, rest);
        Said { signals: judge(rest), mentions, mark, resolves, under: None }
    }

    /// The level whose mark stands at the start, if its author may raise it, and the text after the mark.
    fn mark<'t>(&self, runbook: &Runbook, by: &Name, text: &'t str, at: Instant) -> (Option<Name>, &'t str) {
        let start = text.trim_start();
        let marked =
            runbook.levels.iter().flat_map(|level| level.marks.iter().map(move |mark| (level, mark)));
        let found =
            marked.filter(|(_, mark)| starts_with_mark(start, mark)).max_by_key(|(_, mark)| mark.len());
        match found {
            Some((level, mark)) => {
                let raised = self.may_raise(runbook, level, by, at).then(|| level.name.clone());
                (raised, &start[mark.len()..])
            }
            None => (None, start),
        }
    }

    /// Whether a person may raise a level: those the runbook names; else, for an interrupting level, its people.
    pub(super) fn may_raise(&self, runbook: &Runbook, level: &Level, person: &Name, at: Instant) -> bool {
        if level.raised_by.is_empty() {
            return !level.interrupts || runbook.people.contains_key(person);
        }
        level.raised_by.iter().any(|who| self.calendars.listed(who, at).contains(person))
    }

    fn mentioned(&self, runbook: &Runbook, platform: Platform, mention: &Mention) -> Option<Who> {
        match mention {
            Mention::User(user) => {
                (!self.is_bot(platform, user)).then(|| Who::Person(self.people.person(platform, user)))
            }
            Mention::Group(handle) if runbook.groups.contains_key(handle) => Some(Who::Group(handle.clone())),
            Mention::Group(handle) if runbook.rotations.contains_key(handle) => {
                Some(Who::Rotation(handle.clone()))
            }
            Mention::Group(_) | Mention::Everyone | Mention::Usher => None,
        }
    }

    fn sign(&self, channel: &ChannelId, emoji: &SmolStr, at: Instant) -> Option<Sign> {
        let revision = self.calendars.at(at)?;
        let policy = self.places.policy_unkept(revision, channel);
        let is = |names: &[String]| names.iter().any(|name| name == emoji);
        if is(&policy.acknowledge) {
            Some(Sign::Take)
        } else if is(&policy.dismiss) {
            Some(Sign::Dismiss)
        } else if is(&revision.runbook.threads.resolved_by) {
            Some(Sign::Resolve)
        } else {
            matches!(emoji.as_str(), "telephone_receiver" | "phone" | "telephone" | "📞")
                .then_some(Sign::Call)
        }
    }

    fn is_bot(&self, platform: Platform, user: &UserId) -> bool {
        self.people.facts(platform, user).is_some_and(|facts| facts.bot)
    }

    /// Whether a message of that time in that channel is none of Usher's business.
    fn is_closed_to(&self, channel: &ChannelId, at: Instant, now: Instant) -> bool {
        let before_joining = self.places.get(channel).is_some_and(|place| at < place.since);
        before_joining
            || self.places.is_direct(channel)
            || now.since(at) > TOO_OLD_MS
            || self.calendars.current().is_none()
    }

    /// A user who writes before the platform has told of them is known by their id.
    fn meet(&mut self, platform: Platform, user: &UserId, turn: &mut Turn) {
        if self.people.facts(platform, user).is_none() {
            let facts = UserFacts { name: user.to_string(), zone: None, bot: false, deactivated: false };
            self.hear_user(platform, user, &facts, turn);
        }
    }

    /// A channel in which somebody writes before the platform has told of it is known by its id.
    fn find_place(&mut self, platform: Platform, channel: &ChannelId, at: Instant, turn: &mut Turn) {
        if self.places.get(channel).is_none() {
            let facts = ChannelFacts {
                name: channel.to_string(),
                kind: super::event::ChannelKind::Public,
                archived: false,
                members: Vec::new(),
            };
            if let Some(place) = self.places.learn(platform, channel, &facts, at) {
                let record = Record::Channel(place.clone());
                put(turn, RecordKind::Channel, SmolStr::default(), channel.clone(), Some(record));
            }
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
        let to = match place {
            Some((channel, thread)) => Target::Private {
                platform,
                channel: channel.clone(),
                thread: thread.cloned(),
                user: user.clone(),
            },
            None => Target::Direct { platform, user: user.clone() },
        };
        let id = ActionId(format_smolstr!("answer/{}", event.key));
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

/// The id of a fact in its strand's records.
pub(super) fn fact_id(fact: &Fact) -> SmolStr {
    fact.key.clone()
}

fn platform_name(platform: Platform) -> SmolStr {
    SmolStr::new_static(match platform {
        Platform::Slack => "slack",
        Platform::Matrix => "matrix",
        Platform::Console => "console",
    })
}

/// Whether `text` begins with `mark`, and not with a longer word that begins so.
fn starts_with_mark(text: &str, mark: &str) -> bool {
    let word_goes_on = || {
        let ends_in_word = mark.chars().next_back().is_some_and(char::is_alphanumeric);
        ends_in_word && text[mark.len()..].chars().next().is_some_and(char::is_alphanumeric)
    };
    text.starts_with(mark) && !word_goes_on()
}

/// Whether one of the runbook's phrases or emoji stands in the text.
fn resolves(runbook: &Runbook, text: &str) -> bool {
    const LONGEST: usize = 400;
    if text.len() > LONGEST {
        return false;
    }
    let phrases = &runbook.threads.resolved_by;
    let contains = |phrase: &String| {
        if phrase.is_ascii() { contains_ignoring_case(text, phrase) } else { text.contains(phrase.as_str()) }
    };
    phrases.iter().any(contains)
}

fn contains_ignoring_case(text: &str, phrase: &str) -> bool {
    text.as_bytes().windows(phrase.len().max(1)).any(|window| window.eq_ignore_ascii_case(phrase.as_bytes()))
}
