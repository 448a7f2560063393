//! Who is there, what was said, what time it is: all that a chat platform knows.
//!
//! Two events never share an instant, so that what was typed first happened first: each line takes a
//! millisecond.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use crate::calendar::Instant;
use crate::core::action::ActionId;
use crate::core::event::{
    ChannelFacts, ChannelId, ChannelKind, Event, MessageId, MessageRef, Platform, UserFacts, UserId, What,
};
use crate::core::message::Button;
use crate::runbook::{Name, Runbook};

/// Messages that can still be referred to; older ones are forgotten by the room, not by Usher.
const KEPT_MESSAGES: usize = 500;

/// A room. It is kept as JSON between two visits to the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// What time it is.
    pub(super) now: Instant,
    /// The zone in which times are meant and shown.
    pub(super) zone: Tz,
    /// Whether they are rather those of who one is.
    follows_me: bool,
    pub(super) people: BTreeMap<Name, Tz>,
    pub(super) channels: BTreeMap<Name, Opened>,
    pub(super) messages: BTreeMap<u32, Shown>,
    pub(super) reactions: BTreeSet<(u32, SmolStr, Name)>,
    last_number: u32,
    events: u64,
    /// Who one is.
    pub(super) me: Option<Name>,
    /// Where one is.
    pub(super) here: Option<Place>,
    /// The message in whose thread one replies.
    pub(super) thread: Option<u32>,
    /// Whether decisions are shown beside what is said.
    pub(super) notes: bool,
    /// Names of groups and rotations, which can be mentioned; the runbook's, so not kept.
    #[serde(skip)]
    pub(super) groups: BTreeSet<Name>,
}

/// An open channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Opened {
    pub private: bool,
    pub members: Vec<Name>,
}

/// Where something is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    Channel(Name),
    /// Between this person and Usher.
    Direct(Name),
}

/// A message that was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Shown {
    pub place: Place,
    /// The first message of its thread, if it replies in one.
    pub thread: Option<u32>,
    pub by: Author,
    pub text: String,
}

/// Who said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Author {
    Person(Name),
    Usher { action: ActionId, buttons: Vec<Button> },
}

impl Place {
    /// The channel's id; that of a direct conversation is the person's name with `@`.
    pub fn id(&self) -> ChannelId {
        match self {
            Place::Channel(name) => name.clone(),
            Place::Direct(person) => format_smolstr!("@{person}"),
        }
    }

    /// The place of that id.
    pub fn of_id(id: &ChannelId) -> Place {
        match id.strip_prefix('@') {
            Some(person) => Place::Direct(person.into()),
            None => Place::Channel(id.clone()),
        }
    }
}

impl Room {
    /// An empty room at `now`. Its times are those of `zone`.
    pub fn new(now: Instant, zone: Tz) -> Room {
        Room {
            now,
            zone,
            follows_me: false,
            people: BTreeMap::new(),
            channels: BTreeMap::new(),
            messages: BTreeMap::new(),
            reactions: BTreeSet::new(),
            last_number: 0,
            events: 0,
            me: None,
            here: None,
            thread: None,
            notes: true,
            groups: BTreeSet::new(),
        }
    }

    /// The same room, whose times are those of who one is.
    #[must_use]
    pub fn following_me(mut self) -> Room {
        self.follows_me = true;
        self
    }

    /// Lets everyone and every channel of the runbook in, each that is not there yet, and learns the names
    /// of its groups. What became known of them, as events.
    pub fn welcome(&mut self, runbook: &Runbook) -> Vec<Event> {
        self.groups = runbook.groups.keys().chain(runbook.rotations.keys()).cloned().collect();
        let mut events = Vec::new();
        for (name, person) in &runbook.people {
            if !self.people.contains_key(name) {
                events.push(self.join(name, person.zone.unwrap_or(runbook.team.zone)));
            }
        }
        for name in runbook.channels.keys() {
            if !self.channels.contains_key(name) {
                events.push(self.open(name, false));
            }
        }
        events
    }

    /// What time it is.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Sets the clock ahead; it never goes back.
    pub fn set_now(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    /// The zone in which times are meant and shown.
    pub fn zone(&self) -> Tz {
        let me = self.me.as_ref().filter(|_| self.follows_me);
        me.and_then(|me| self.people.get(me)).copied().unwrap_or(self.zone)
    }

    /// Whether decisions are shown beside what is said.
    pub fn shows_notes(&self) -> bool {
        self.notes
    }

    /// Whether somebody of that name is here.
    pub fn has_person(&self, name: &str) -> bool {
        self.people.contains_key(name)
    }

    /// Names that a line may hold, for completion: people, groups and channels.
    pub fn names(&self) -> (impl Iterator<Item = &Name>, impl Iterator<Item = &Name>) {
        (self.people.keys().chain(&self.groups), self.channels.keys())
    }

    /// What stands before the cursor: who, where, and in which thread.
    pub fn prompt(&self) -> String {
        let me = self.me.as_deref().unwrap_or("nobody");
        let here = match &self.here {
            Some(Place::Channel(name)) => format!(" #{name}"),
            Some(Place::Direct(_)) => " @usher".to_owned(),
            None => String::new(),
        };
        let thread = self.thread.map(|root| format!("/{root}")).unwrap_or_default();
        format!("{me}{here}{thread}> ")
    }

    /// Everyone who is here, and their zone.
    pub fn people(&self) -> impl Iterator<Item = (&Name, Tz)> {
        self.people.iter().map(|(name, zone)| (name, *zone))
    }

    /// The number of the last message.
    pub fn last_message(&self) -> u32 {
        self.last_number
    }

    /// Whoever is nobody becomes the first of all; who is nowhere goes to `channel`.
    pub fn settle_in(&mut self, channel: Option<&Name>) {
        if self.me.is_none() {
            self.me = self.people.keys().next().cloned();
        }
        if self.here.is_none() {
            self.here = channel.filter(|name| self.channels.contains_key(*name)).cloned().map(Place::Channel);
        }
    }

    pub(super) fn join(&mut self, name: &str, zone: Tz) -> Event {
        self.people.insert(name.into(), zone);
        let facts = UserFacts {
            name: name.to_owned(),
            zone: Some(zone),
            bot: false,
            deactivated: false,
            guest: false,
            away_until: None,
        };
        self.event(What::User { user: name.into(), facts })
    }

    pub(super) fn open(&mut self, name: &str, private: bool) -> Event {
        let members: Vec<UserId> = self.people.keys().cloned().collect();
        self.channels.insert(name.into(), Opened { private, members: members.clone() });
        let kind = if private { ChannelKind::Private } else { ChannelKind::Public };
        let facts =
            ChannelFacts { aliases: Vec::new(), name: name.to_owned(), kind, archived: false, members };
        self.event(What::Channel { channel: name.into(), facts })
    }

    /// The next event, a millisecond after the last.
    pub fn event(&mut self, what: What) -> Event {
        self.now = self.now.plus(1);
        self.events += 1;
        let key = format_smolstr!("console/{}", self.events);
        Event { key, at: self.now, platform: Platform::Console, what }
    }

    /// Keeps a message and gives it the next number.
    pub(super) fn keep(&mut self, shown: Shown) -> u32 {
        self.last_number += 1;
        self.messages.insert(self.last_number, shown);
        while self.messages.len() > KEPT_MESSAGES {
            self.messages.pop_first();
        }
        self.last_number
    }

    /// A message as the platform calls it.
    pub(super) fn message_ref(&self, number: u32) -> Option<MessageRef> {
        let shown = self.messages.get(&number)?;
        Some(MessageRef { channel: shown.place.id(), id: message_id(number) })
    }

    /// The first message of the thread that message `number` stands in or begins.
    pub(super) fn root_of(&self, number: u32) -> u32 {
        self.messages.get(&number).and_then(|shown| shown.thread).unwrap_or(number)
    }
}

/// A message's number as its id.
pub(super) fn message_id(number: u32) -> MessageId {
    format_smolstr!("{number}")
}
