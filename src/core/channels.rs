//! What the engine hears of channels: what they are, what may have been missed in them, and that they close.

use smol_str::{SmolStr, format_smolstr};

use super::engine::{Engine, put};
use super::event::{ChannelFacts, ChannelId, ChannelKind, Event, Platform};
use super::fact::{Fact, Happened};
use super::places::Place;
use super::record::{Record, RecordKind};
use super::turn::Turn;
use crate::calendar::Instant;

impl Engine {
    pub(super) fn hear_channel(
        &mut self,
        event: &Event,
        channel: &ChannelId,
        facts: &ChannelFacts,
        now: Instant,
        turn: &mut Turn,
    ) {
        let was_archived = self.places.get(channel).is_none_or(|place| place.facts.archived);
        if let Some(place) = self.places.learn(event.platform, channel, facts, event.at.min(now)) {
            put_place(turn, channel, place);
        }
        if facts.archived && !was_archived {
            self.close(event, channel, now, turn);
        }
    }

    /// Nobody can answer in an archived channel: what is open there is cancelled, and the admins hear of it.
    fn close(&mut self, event: &Event, channel: &ChannelId, now: Instant, turn: &mut Turn) {
        let open = self.open_threads(channel).len();
        self.add_everywhere(event, channel, &Happened::Archived, now, turn);
        if open > 0 {
            let words = self.words().archived(channel, open);
            self.tell_admins(words, format_smolstr!("archived/{}", event.key), now, turn);
        }
    }

    /// Adds what concerns a whole channel to each of its strands.
    fn add_everywhere(
        &mut self,
        event: &Event,
        channel: &ChannelId,
        what: &Happened,
        now: Instant,
        turn: &mut Turn,
    ) {
        let (at, by) = (event.at.min(now), SmolStr::default());
        for key in self.strands_of(channel) {
            let fact =
                Fact { at, key: format_smolstr!("l/{}", event.key), by: by.clone(), what: what.clone() };
            self.add_fact(&key, fact, now, turn);
        }
    }

    pub(super) fn hear_gap(
        &mut self,
        platform: Platform,
        channel: Option<&ChannelId>,
        from: Option<Instant>,
        now: Instant,
        turn: &mut Turn,
    ) {
        let changed = self.set_gap(platform, channel, from, turn);
        for channel in changed.iter().filter(|_| from.is_none()) {
            self.look_after_gap(channel, now, turn);
        }
    }

    /// What had to wait while events of a channel could be missing.
    fn look_after_gap(&mut self, channel: &ChannelId, now: Instant, turn: &mut Turn) {
        self.look_at_channel(channel, now, turn);
        self.suggest_after_gap(channel, now, turn);
        self.resume_digests(channel, now);
        self.look_at_unread(channel, now, turn);
        for key in self.strands_of(channel) {
            self.pass_strand_on(&key, now, turn);
        }
    }

    fn set_gap(
        &mut self,
        platform: Platform,
        channel: Option<&ChannelId>,
        from: Option<Instant>,
        turn: &mut Turn,
    ) -> Vec<ChannelId> {
        let changed = self.places.set_gap(platform, channel, from);
        for channel in &changed {
            if let Some(place) = self.places.get(channel) {
                put_place(turn, channel, place);
            }
        }
        changed
    }

    pub(super) fn hear_lost(
        &mut self,
        event: &Event,
        channel: &ChannelId,
        why: &str,
        now: Instant,
        turn: &mut Turn,
    ) {
        let at = event.at.min(now);
        self.places.lose(channel, at);
        let was_missing = self.set_gap(event.platform, Some(channel), None, turn);
        self.add_everywhere(event, channel, &Happened::Lost, now, turn);
        let words = self.words().history_lost(channel, why);
        self.tell_admins(words, format_smolstr!("lost/{}", event.key), now, turn);
        for channel in was_missing {
            self.look_after_gap(&channel, now, turn);
        }
    }

    /// A channel in which somebody writes before the platform has told of it is known by its id.
    pub(super) fn find_place(
        &mut self,
        platform: Platform,
        channel: &ChannelId,
        at: Instant,
        turn: &mut Turn,
    ) {
        if self.places.get(channel).is_none() {
            let facts = ChannelFacts {
                aliases: Vec::new(),
                name: channel.to_string(),
                kind: ChannelKind::Public,
                archived: false,
                members: Vec::new(),
            };
            if let Some(place) = self.places.learn(platform, channel, &facts, at) {
                put_place(turn, channel, place);
            }
        }
    }
}

/// What is known of a channel has changed.
pub(super) fn put_place(turn: &mut Turn, channel: &ChannelId, place: &Place) {
    let record = Record::Channel(Box::new(place.clone()));
    put(turn, RecordKind::Channel, SmolStr::default(), channel.clone(), Some(record));
}
