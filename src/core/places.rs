//! Which channel of the runbook a platform's channel is, and what the platforms know of channels.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::calendars::{InForce, PAST_MS};
use super::event::{ChannelFacts, ChannelId, ChannelKind, Platform, UserId};
use super::message::Part;
use super::people::People;
use crate::calendar::{Instant, Span};
use crate::runbook::{Channel, Name, Runbook};

/// The channels that the platforms have told of.
#[derive(Debug, Default)]
pub struct Places {
    /// Never iterated but to be sorted.
    channels: FxHashMap<ChannelId, Place>,
    /// The runbook's name of a channel at a revision; never iterated.
    named: FxHashMap<(u32, ChannelId), Option<Name>>,
}

/// What is known of one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Where it is.
    pub platform: Platform,
    /// What the platform says of it.
    pub facts: ChannelFacts,
    /// Since when Usher knows it; what was posted before starts nothing.
    pub since: Instant,
    /// Since when events may be missing: no clock fires.
    #[serde(default)]
    pub gap: Option<Instant>,
    /// When events were missed that nobody can read any more: nothing in it is called late.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Span>,
    /// What it was called before, oldest first, and until when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub called: Vec<(Instant, String)>,
    /// When Usher last said hello there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeted_at: Option<Instant>,
}

impl Places {
    /// What is known of a channel.
    pub fn get(&self, channel: &ChannelId) -> Option<&Place> {
        self.channels.get(channel)
    }

    /// Every channel, in the order of their ids.
    pub fn all(&self) -> Vec<(&ChannelId, &Place)> {
        let mut all: Vec<_> = self.channels.iter().collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all
    }

    /// The channel of that id or address.
    pub fn at(&self, address: &str) -> Option<&ChannelId> {
        let is_it = |place: &Place| place.facts.aliases.iter().any(|alias| alias == address);
        let by_id = self.channels.get_key_value(address).map(|(id, _)| id);
        by_id.or_else(|| self.all().into_iter().find(|(_, place)| is_it(place)).map(|(id, _)| id))
    }

    /// Learns what a platform says of a channel; the place if that is new.
    pub fn learn(
        &mut self,
        platform: Platform,
        channel: &ChannelId,
        facts: &ChannelFacts,
        at: Instant,
    ) -> Option<&Place> {
        let known = self.channels.get(channel);
        let since = known.map_or(at, |place| place.since.min(at));
        let gap = known.and_then(|place| place.gap);
        let lost = known.map_or_else(Vec::new, |place| place.lost.clone());
        let mut called = known.map_or_else(Vec::new, |place| place.called.clone());
        called.extend(known.filter(|place| place.facts.name != facts.name).map(|place| {
            let until = called.last().map_or(at, |(until, _)| at.max(*until));
            (until, place.facts.name.clone())
        }));
        let greeted_at = known.and_then(|place| place.greeted_at);
        let place = Place { platform, facts: facts.clone(), since, gap, lost, called, greeted_at };
        if self.channels.get(channel) == Some(&place) {
            return None;
        }
        self.named.clear();
        self.channels.insert(channel.clone(), place);
        self.channels.get(channel)
    }

    /// Usher says hello in a channel: the place, unless it did so after `since`.
    pub fn greet(&mut self, channel: &ChannelId, now: Instant, since: Instant) -> Option<&Place> {
        let place = self.channels.get_mut(channel)?;
        if place.greeted_at.is_some_and(|at| since < at) {
            return None;
        }
        place.greeted_at = Some(now);
        Some(place)
    }

    /// Takes back what was stored of a channel.
    pub fn restore(&mut self, channel: ChannelId, place: Place) {
        self.channels.insert(channel, place);
    }

    /// Opens or fills the gap of one channel or of all of a platform; the channels that changed.
    pub fn set_gap(
        &mut self,
        platform: Platform,
        channel: Option<&ChannelId>,
        gap: Option<Instant>,
    ) -> Vec<ChannelId> {
        let change = |(id, place): (&ChannelId, &mut Place)| {
            let wanted = channel.map_or(place.platform == platform, |channel| channel == id);
            let earliest = gap.map(|from| place.gap.map_or(from, |earlier| earlier.min(from)));
            let changes = wanted && place.gap != earliest;
            changes.then(|| {
                place.gap = earliest;
                id.clone()
            })
        };
        let mut changed: Vec<ChannelId> = self.channels.iter_mut().filter_map(change).collect();
        changed.sort_unstable();
        changed
    }

    /// What is missing of a channel up to `to` cannot be read: from the start of its gap on, it is lost.
    pub fn lose(&mut self, channel: &ChannelId, to: Instant) {
        let Some(place) = self.channels.get_mut(channel) else { return };
        // Remembered for as long as a clock may have run in them.
        place.lost.retain(|lost| to.since(lost.to) < PAST_MS);
        if let Some(from) = place.gap.filter(|from| *from < to) {
            place.lost.push(Span { from, to });
        }
    }

    /// Whether a time is lost in which something fell due at `due` and ended at `end`: it may have been answered in time.
    pub fn is_lost(&self, channel: &ChannelId, due: Instant, end: Instant) -> bool {
        let place = self.channels.get(channel);
        place.is_some_and(|place| place.lost.iter().any(|lost| lost.from <= due && end <= lost.to))
    }

    /// Whether events of the channel may be missing.
    pub fn has_gap(&self, channel: &ChannelId) -> bool {
        self.channels.get(channel).is_some_and(|place| place.gap.is_some())
    }

    /// Whether events of some channel may be missing.
    pub fn any_gap(&self) -> bool {
        self.channels.values().any(|place| place.gap.is_some())
    }

    /// Whether people talk there among themselves, so that Usher neither listens nor speaks.
    pub fn is_direct(&self, channel: &ChannelId) -> bool {
        self.channels.get(channel).is_some_and(|place| place.facts.kind == ChannelKind::Direct)
    }

    /// Whether a user can read a channel, as far as the platform has told. Who is in a public channel it does not
    /// tell: a guest may not be.
    pub fn is_readable(&self, channel: &ChannelId, user: Option<&UserId>, people: &People) -> bool {
        self.channels.get(channel).is_some_and(|place| {
            let is_member = user.is_some_and(|user| place.facts.members.contains(user));
            let is_guest = user.is_some_and(|user| people.is_guest(place.platform, user));
            is_member || (place.facts.kind == ChannelKind::Public && !is_guest)
        })
    }

    /// The runbook's name of a channel, if it names it.
    fn name_in(&mut self, revision: &InForce, channel: &ChannelId) -> Option<Name> {
        let key = (revision.number, channel.clone());
        if let Some(named) = self.named.get(&key) {
            return named.clone();
        }
        let named = self.look_up(&revision.runbook, channel);
        self.named.insert(key, named.clone());
        named
    }

    /// What the runbook says of a channel: by name, or what holds everywhere else.
    pub fn policy<'r>(&mut self, revision: &'r InForce, channel: &ChannelId) -> &'r Channel {
        let named = self.name_in(revision, channel);
        named.and_then(|name| revision.runbook.channels.get(&name)).unwrap_or(&revision.runbook.elsewhere)
    }

    /// As [`Places::policy`], for the name that the channel had at an instant.
    pub fn policy_at<'r>(&mut self, revision: &'r InForce, channel: &ChannelId, at: Instant) -> &'r Channel {
        let called = self.channels.get(channel).map_or(&[][..], |place| &place.called);
        match called.iter().find(|(until, _)| at < *until) {
            None => self.policy(revision, channel),
            Some((_, name)) => {
                let named = self.look_up_as(&revision.runbook, channel, name);
                let named = named.and_then(|name| revision.runbook.channels.get(&name));
                named.unwrap_or(&revision.runbook.elsewhere)
            }
        }
    }

    /// As [`Places::policy`], without remembering the name.
    pub fn policy_unkept<'r>(&self, revision: &'r InForce, channel: &ChannelId) -> &'r Channel {
        let named = self.name_unkept(revision, channel);
        named.and_then(|name| revision.runbook.channels.get(&name)).unwrap_or(&revision.runbook.elsewhere)
    }

    /// Whether the runbook names a channel.
    pub fn is_named(&self, revision: &InForce, channel: &ChannelId) -> bool {
        self.name_unkept(revision, channel).is_some()
    }

    /// The runbook's name of a channel, without remembering it.
    pub fn name_unkept(&self, revision: &InForce, channel: &ChannelId) -> Option<Name> {
        match self.named.get(&(revision.number, channel.clone())) {
            Some(named) => named.clone(),
            None => self.look_up(&revision.runbook, channel),
        }
    }

    /// The channels of the platforms that the runbook calls `name`.
    pub fn find(&self, revision: &InForce, name: &Name) -> Vec<(Platform, ChannelId)> {
        let is_it = |id: &&ChannelId| self.name_unkept(revision, id).as_ref() == Some(name);
        let found = self.all().into_iter().filter(|(id, _)| is_it(id));
        found.map(|(id, place)| (place.platform, id.clone())).collect()
    }

    /// The name that people read, without `#`.
    pub fn shown(&self, channel: &ChannelId) -> Name {
        self.channels.get(channel).map_or_else(|| channel.clone(), |place| Name::new(&place.facts.name))
    }

    /// The part of a message that names a channel.
    pub fn part(&self, channel: &ChannelId) -> Part {
        Part::Channel { channel: channel.clone(), name: self.shown(channel) }
    }

    fn look_up(&self, runbook: &Runbook, channel: &ChannelId) -> Option<Name> {
        let shown = self.channels.get(channel).map_or(channel.as_str(), |place| place.facts.name.as_str());
        self.look_up_as(runbook, channel, shown)
    }

    fn look_up_as(&self, runbook: &Runbook, channel: &ChannelId, shown: &str) -> Option<Name> {
        let place = self.channels.get(channel);
        let aliases = place.map_or(&[][..], |place| &place.facts.aliases);
        let by_id = runbook.channels.iter().find(|(_, named)| {
            let is_called = |id: &str| id == channel || aliases.iter().any(|alias| alias == id);
            named.slack.as_deref() == Some(channel) || named.matrix.as_deref().is_some_and(is_called)
        });
        // A channel that the runbook ties to an id of this platform is that one and no other of its name.
        let by_name = || {
            runbook.channels.get_key_value(shown).filter(|(_, named)| {
                match place.map(|place| place.platform) {
                    Some(Platform::Slack) => named.slack.is_none(),
                    Some(Platform::Matrix) => named.matrix.is_none(),
                    Some(Platform::Console) | None => true,
                }
            })
        };
        by_id.or_else(by_name).map(|(name, _)| name.clone())
    }
}
