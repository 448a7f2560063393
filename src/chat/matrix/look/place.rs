//! The rooms of Usher's account as they are now.

use std::collections::BTreeMap;

use matrix_sdk::ruma::RoomId;
use matrix_sdk::ruma::api::client::filter::{FilterDefinition, RoomEventFilter, RoomFilter};
use matrix_sdk::ruma::api::client::membership::joined_rooms;
use matrix_sdk::ruma::api::client::state::get_state_events;
use matrix_sdk::ruma::api::client::sync::sync_events;
use matrix_sdk::ruma::presence::PresenceState;
use smol_str::SmolStr;

use super::{Account, told};
use crate::chat::matrix::directory::{Directory, Room};
use crate::chat::matrix::error::CallError;
use crate::chat::matrix::wire::{Envelope, State, part};
use crate::chat::word::given;
use crate::core::event::{ChannelId, UserId};

/// The rooms of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rooms {
    /// Those in which Usher is with several.
    pub places: Vec<Place>,
    /// Those into which it is invited, and by whom.
    pub invited: Vec<Place>,
    /// Those in which it speaks to one person.
    pub directs: Vec<ChannelId>,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub id: ChannelId,
    /// What it is called: its address without the server, else its name, else its id.
    pub name: String,
    /// The addresses that it shows, the first one first.
    pub aliases: Vec<SmolStr>,
    /// What it is for; perhaps nothing.
    pub topic: String,
    /// Whether everyone may come in.
    pub is_public: bool,
    /// Whether what is said there is encrypted.
    pub is_encrypted: bool,
    /// Whether it was given up.
    pub is_closed: bool,
    /// The room for which it was given up, where it says.
    pub successor: Option<ChannelId>,
    /// Whether Usher may write there.
    pub may_write: bool,
    /// Whether Usher may do there what it has no use for: remove people, change the room.
    pub may_rule: bool,
    /// Who is in it, Usher left out, with what they call themselves; where Usher is only invited, who invited it.
    pub people: BTreeMap<UserId, Option<SmolStr>>,
    /// Those who look after it.
    pub rulers: Vec<UserId>,
}

impl Account {
    /// The rooms of the account. `read` is told how many are known so far.
    ///
    /// # Errors
    /// When the homeserver does not tell.
    pub async fn rooms(&self, read: &dyn Fn(usize)) -> Result<Rooms, CallError> {
        let mut rooms = Rooms::default();
        for id in told(self.client.send(joined_rooms::v3::Request::new()).await)?.joined_rooms {
            match self.place(&id).await? {
                Some(place) => rooms.places.push(place),
                None => rooms.directs.push(ChannelId::new(id.as_str())),
            }
            read(rooms.places.len());
        }
        // Of invitations a sync alone tells.
        let answer = told(self.client.send(only_invitations()).await)?;
        for (id, room) in &answer.rooms.invite {
            let mut directory = Directory::new(self.user.clone());
            room.invite_state
                .events
                .iter()
                .for_each(|event| directory.learn(id.as_str(), event.json().get()));
            rooms.invited.extend(directory.room(id.as_str()).map(|room| self.shown(id, room, String::new())));
        }
        Ok(rooms)
    }

    /// A room, unless it is the one in which Usher speaks to one person.
    async fn place(&self, id: &RoomId) -> Result<Option<Place>, CallError> {
        let answer = told(self.client.send(get_state_events::v3::Request::new(id.to_owned())).await)?;
        let mut directory = Directory::new(self.user.clone());
        let mut topic = String::new();
        for event in &answer.room_state {
            let event = event.json().get();
            directory.learn(id.as_str(), event);
            if let Some(said) = topic_in(event) {
                topic = said;
            }
        }
        if directory.direct_with(id.as_str()).is_some() {
            return Ok(None);
        }
        Ok(directory.room(id.as_str()).map(|room| self.shown(id, room, topic)))
    }

    fn shown(&self, id: &RoomId, room: &Room, topic: String) -> Place {
        let facts = room.about.facts(id.as_str(), std::iter::empty());
        let closed = room.about.closed.as_ref();
        let is_theirs = |user: &&UserId| **user != self.user;
        Place {
            id: ChannelId::new(id.as_str()),
            name: facts.name,
            aliases: facts.aliases,
            topic,
            is_public: room.about.is_public(),
            is_encrypted: room.about.is_encrypted,
            is_closed: closed.is_some(),
            successor: closed.and_then(|closed| closed.successor.clone()),
            may_write: room.may_write(&self.user),
            may_rule: room.may_rule(&self.user),
            people: self.people(room),
            rulers: room
                .members
                .keys()
                .filter(is_theirs)
                .filter(|user| room.may_rule(user))
                .cloned()
                .collect(),
        }
    }

    fn people(&self, room: &Room) -> BTreeMap<UserId, Option<SmolStr>> {
        let named =
            |user: &UserId| (user.clone(), room.members.get(user).and_then(|member| member.name.clone()));
        match &room.invited_by {
            Some(by) if room.joined_at.is_none() => [named(by)].into(),
            Some(_) | None => room.people(&self.user).map(named).collect(),
        }
    }
}

/// What an event says that a room is for.
fn topic_in(event: &str) -> Option<String> {
    let envelope: Envelope<'_> = serde_json::from_str(event).ok()?;
    if envelope.kind() != "m.room.topic" {
        return None;
    }
    let content: State<'_> = part(envelope.content)?;
    given(&content.topic).map(str::to_owned)
}

/// A sync that tells next to nothing of rooms in which one is. It begins anew and acknowledges nothing, so the
/// session's own syncs miss nothing by it.
fn only_invitations() -> sync_events::v3::Request {
    let nothing = || {
        let mut filter = RoomEventFilter::default();
        filter.types = Some(Vec::new());
        filter
    };
    let mut room = RoomFilter::default();
    (room.timeline, room.state, room.ephemeral, room.account_data) =
        (nothing(), nothing(), nothing(), nothing());
    let mut filter = FilterDefinition::default();
    filter.room = room;
    filter.presence.types = Some(Vec::new());
    filter.account_data.types = Some(Vec::new());
    let mut request = sync_events::v3::Request::new();
    request.filter = Some(sync_events::v3::Filter::FilterDefinition(filter));
    request.set_presence = PresenceState::Offline;
    request
}
