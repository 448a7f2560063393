//! Who and what Matrix's ids are: kept by the adapter, so that reading needs no question to the homeserver.
//!
//! It learns from events alone, those of a timeline and those of the state that comes with it.

mod room;

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

pub use self::room::Room;
pub(super) use self::room::{About, Change, Membership, News, Step};
use super::wire::{Envelope, local, number};
use crate::calendar::Instant;
use crate::core::event::{ChannelFacts, ChannelId, Event, Platform, UserFacts, UserId, What};

/// A name at the start of a text has no more words than this.
const MOST_WORDS: usize = 4;

/// The rooms and users of which events have told.
#[derive(Clone, Debug)]
pub struct Directory {
    own: UserId,
    /// None of these is ever iterated.
    rooms: FxHashMap<ChannelId, Room>,
    names: FxHashMap<UserId, SmolStr>,
    /// Who is called so, in small letters: by what they call themselves, or by their id.
    called: FxHashMap<String, Vec<UserId>>,
    /// By which name the engine knows a user.
    told: FxHashMap<UserId, String>,
    /// By whom Usher talks to there.
    directs: FxHashMap<UserId, ChannelId>,
}

impl Directory {
    /// One that knows Usher's own id alone.
    pub fn new(own: UserId) -> Directory {
        let mut directory = Directory {
            rooms: FxHashMap::default(),
            names: FxHashMap::default(),
            called: FxHashMap::default(),
            told: FxHashMap::default(),
            directs: FxHashMap::default(),
            own: own.clone(),
        };
        directory.learn_name(&own, None);
        directory
    }

    /// Usher's own user id.
    pub fn own(&self) -> &UserId {
        &self.own
    }

    /// Takes over what an event of a room's state says, as a sync or an invitation shows it. Other events say
    /// nothing. Call it once what was read of the event is committed, or for state of before.
    pub fn learn(&mut self, room: &str, event: &str) {
        // Most events are messages, and need no look inside.
        if !event.contains("\"state_key\"") {
            return;
        }
        let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(event) else { return };
        let at = Instant::from_ms(number(envelope.origin_server_ts).unwrap_or(0));
        let Some(change) = Change::of(&envelope, at) else { return };
        if let Change::Member(step) = &change
            // Whoever asks somebody in may not know what they are called.
            && (step.is == Membership::In || step.name.is_some())
        {
            self.learn_name(&step.user, step.name.as_ref());
        }
        self.rooms.entry(room.into()).or_default().apply(change, &self.own);
    }

    fn learn_name(&mut self, user: &UserId, name: Option<&SmolStr>) {
        let name = name.cloned().unwrap_or_else(|| local(user).into());
        let is_known = self.names.get(user) == Some(&name);
        if is_known {
            return;
        }
        if let Some(before) = self.names.insert(user.clone(), name.clone())
            && let Some(called) = self.called.get_mut(&before.to_lowercase())
        {
            called.retain(|other| other != user);
        }
        for key in [name.to_lowercase(), local(user).to_lowercase()] {
            let called = self.called.entry(key).or_default();
            if !called.contains(user) {
                called.push(user.clone());
            }
        }
    }

    /// Takes over the room of a user with Usher, as it was remembered.
    pub fn learn_direct(&mut self, user: UserId, room: ChannelId) {
        self.directs.insert(user, room);
    }

    /// Forgets a room that Usher has left and will not hear of again.
    pub fn forget(&mut self, room: &str) {
        self.rooms.remove(room);
    }

    /// The room of a user with Usher.
    pub fn direct(&self, user: &str) -> Option<&ChannelId> {
        let room = self.directs.get(user)?;
        // What is known of it may say that others have come in, or that somebody has left.
        let known = self.rooms.get(room);
        let is_theirs = |known: &Room| known.other_of_two(&self.own).is_some_and(|other| other == user);
        known.is_none_or(is_theirs).then_some(room)
    }

    /// With whom Usher is alone in a room, if it is the room of the two.
    pub fn direct_with(&self, room: &str) -> Option<&UserId> {
        self.alone_with(room, self.rooms.get(room)?)
    }

    /// As [`Directory::direct_with`], for a room as it will be.
    pub(super) fn alone_with<'r>(&self, id: &str, room: &'r Room) -> Option<&'r UserId> {
        let other = room.other_of_two(&self.own)?;
        let is_remembered = || self.directs.get(other).is_some_and(|direct| direct == id);
        (room.is_for_two() || is_remembered()).then_some(other)
    }

    /// What is known of a room.
    pub fn room(&self, room: &str) -> Option<&Room> {
        self.rooms.get(room)
    }

    /// What is said in a room is encrypted.
    pub fn is_encrypted(&self, room: &str) -> bool {
        self.rooms.get(room).is_some_and(|known| known.about.is_encrypted)
    }

    /// Whether `new` may be followed as what `old` was replaced with: somebody with the power to do so said it in the
    /// old room, and the new one names the old. `predecessor` is what an invitation to the new room tells of that.
    pub fn is_successor(&self, old: &str, new: &str, predecessor: Option<&str>) -> bool {
        let named = self.rooms.get(new).is_some_and(|room| room.replaces(old)) || predecessor == Some(old);
        named && self.rooms.get(old).is_some_and(|room| room.was_given_up_for(new))
    }

    /// Takes over what the engine has been told. Call it once the events are committed.
    pub fn learn_told(&mut self, events: &[Event]) {
        for event in events {
            if let What::User { user, facts } = &event.what {
                self.told.insert(user.clone(), facts.name.clone());
            }
        }
    }

    /// What a user is called: where several are called the same, with the id.
    pub fn shown(&self, user: &str) -> String {
        self.told_apart(user, self.names.get(user))
    }

    fn told_apart(&self, user: &str, name: Option<&SmolStr>) -> String {
        let name = name.map_or_else(|| local(user), SmolStr::as_str);
        let called = self.called.get(&name.to_lowercase());
        let is_shared = called.is_some_and(|called| called.iter().any(|other| other != user));
        if is_shared { format!("{name} ({user})") } else { name.to_owned() }
    }

    /// What the engine has yet to learn of a user.
    pub(super) fn untold(&self, user: &str) -> Option<UserFacts> {
        self.untold_as(user, self.names.get(user))
    }

    /// As [`Directory::untold`], under a name that is new.
    pub(super) fn untold_as(&self, user: &str, name: Option<&SmolStr>) -> Option<UserFacts> {
        let name = self.told_apart(user, name);
        let is_news = user != self.own && self.told.get(user) != Some(&name);
        is_news.then_some(UserFacts {
            name,
            zone: None,
            bot: false,
            deactivated: false,
            guest: false,
            away_until: None,
        })
    }

    /// What Usher is called, in small letters.
    pub(super) fn own_names(&self) -> [String; 2] {
        let name = self.names.get(&self.own).map_or_else(|| local(&self.own), SmolStr::as_str);
        [name.to_lowercase(), local(&self.own).to_lowercase()]
    }

    /// Whom the name at the start of `text` means among those in a room, if it is one person's alone, and how many
    /// bytes of `text` the name is.
    pub(super) fn named(&self, room: &str, text: &str) -> Option<(&UserId, usize)> {
        let known = self.rooms.get(room);
        let is_there = |user: &&UserId| known.is_none_or(|known| known.members.contains_key(*user));
        ends_of_names(text).into_iter().flatten().rev().find_map(|end| {
            let called = self.called.get(&text[..end].to_lowercase())?;
            let mut there = called.iter().filter(is_there);
            let user = there.next()?;
            there.next().is_none().then_some((user, end))
        })
    }

    /// What the engine wants to know of a room in which Usher is with more than one.
    pub fn channel(&self, room: &str) -> Option<ChannelFacts> {
        self.facts_of(room, self.rooms.get(room)?)
    }

    /// As [`Directory::channel`], for a room as it will be.
    pub(super) fn facts_of(&self, id: &str, room: &Room) -> Option<ChannelFacts> {
        let is_told = room.joined_at.is_some() && self.alone_with(id, room).is_none();
        is_told.then(|| room.about.facts(id, room.people(&self.own)))
    }

    /// The events that a room and its people are, as its state has just said: when Usher starts.
    pub fn told(&self, room: &str, at: Instant) -> Vec<Event> {
        self.rooms.get(room).map_or_else(Vec::new, |known| self.told_of(room, known, at))
    }

    /// As [`Directory::told`], for a room as it will be.
    pub(super) fn told_of(&self, id: &str, room: &Room, at: Instant) -> Vec<Event> {
        let told = |about: &str, id: &str, what| {
            let key = format_smolstr!("matrix/{about}/{id}/told/{}", at.ms());
            Event { key, at, platform: Platform::Matrix, what }
        };
        let user = |user: &UserId| {
            let facts = self.untold(user)?;
            Some(told("user", user, What::User { user: user.clone(), facts }))
        };
        let people = room.people(&self.own).filter_map(user);
        let channel = self.facts_of(id, room);
        let channel = channel.map(|facts| told("room", id, What::Channel { channel: id.into(), facts }));
        people.chain(channel).collect()
    }
}

/// Where a name of one word may end that `text` begins with, where one of two, and so on.
fn ends_of_names(text: &str) -> [Option<usize>; MOST_WORDS * 2] {
    let mut ends = [None; MOST_WORDS * 2];
    let mut found = 0;
    let mut in_word = false;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_part = c.is_alphanumeric() || matches!(c, '-' | '_');
        if in_word && !is_part && found < ends.len() {
            ends[found] = Some(at);
            found += 1;
        }
        in_word = is_part;
        if c == '\n' || found == ends.len() || at > LONGEST_NAME_BYTES {
            break;
        }
    }
    ends
}

/// No name is longer.
const LONGEST_NAME_BYTES: usize = 400;
