//! The people of a scenario and their rooms.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use usher::runbook::Runbook;

use super::Rooms;
use crate::homeserver::Homeserver;
use crate::people::{Account, Keys, NewRoom, Person};

/// Who and what there is.
pub struct Town {
    server: &'static Homeserver,
    suffix: String,
    kind: Rooms,
    /// Usher's account.
    pub usher: Account,
    /// The people by their names in the scenario.
    pub people: BTreeMap<String, Person>,
    /// The channels' rooms by the channels' names.
    pub channels: BTreeMap<String, String>,
    /// Whose the rooms of one person and Usher are, by their ids.
    pub directs: BTreeMap<String, String>,
}

impl Town {
    /// Lets in everyone and every channel of a runbook, Usher included, before anybody is told of it.
    pub async fn found(runbook: &Runbook, kind: Rooms) -> Town {
        let (server, suffix) = (Homeserver::shared(), Homeserver::suffix());
        let usher = Account::make(server, &format!("usher-{suffix}"), "Usher").await;
        let (people, channels, directs) = Default::default();
        let mut town = Town { server, suffix, kind, usher, people, channels, directs };
        for person in join_all(runbook.people.keys().map(|name| town.arrive(name))).await {
            town.people.insert(person.name.clone(), person);
        }
        let rooms = join_all(runbook.channels.keys().map(|name| town.room(name, false))).await;
        let names = runbook.channels.keys().map(ToString::to_string);
        town.channels.extend(names.zip(rooms));
        join_all(town.channels.values().map(|room| town.server.join_as(&town.usher, room))).await;
        // Usher signs in by itself; a session that nobody uses would be given every key.
        town.server.log_out(&town.usher).await;
        town
    }

    async fn arrive(&self, name: &str) -> Person {
        // Where Usher speaks to one person alone, it is always encrypted.
        Person::arrive(self.server, name, &self.suffix, Keys::Some).await
    }

    /// Makes the room of a channel in which everyone is; Usher is invited.
    async fn room(&self, name: &str, is_private: bool) -> String {
        let (host, guests) = self.everyone();
        let mut invite: Vec<&str> = guests.iter().map(|guest| guest.user.as_str()).collect();
        invite.push(&self.usher.user);
        let alias = self.alias(name);
        let room = NewRoom {
            name: Some(name),
            alias: Some(&alias),
            encrypted: self.kind == Rooms::Encrypted,
            public: !is_private,
            invite: &invite,
            ..NewRoom::default()
        };
        let room = host.create(room).await;
        join_all(guests.iter().map(|guest| guest.join(&room))).await;
        room
    }

    fn everyone(&self) -> (&Person, Vec<&Person>) {
        let mut people = self.people.values();
        (people.next().expect("there is somebody"), people.collect())
    }

    /// Who makes the rooms.
    pub fn host(&self) -> &Person {
        self.everyone().0
    }

    fn alias(&self, channel: &str) -> String {
        format!("{channel}-{}", self.suffix)
    }

    /// What the runbook says of a channel, where it is: its alias, or in an encrypted room its id.
    pub fn address(&self, channel: &str) -> Option<String> {
        let room = self.channels.get(channel)?;
        Some(match self.kind {
            Rooms::Plain => format!("#{}:{}", self.alias(channel), self.server.name),
            Rooms::Encrypted => room.clone(),
        })
    }

    /// A text in which channels are called as in the scenario: there are others of their names on the homeserver.
    pub fn without_suffix(&self, text: &str) -> String {
        self.channels.keys().fold(text.to_owned(), |text, name| {
            text.replace(&format!("#{}", self.alias(name)), &format!("#{name}"))
        })
    }

    /// Somebody joins the team, and all of its channels.
    pub async fn join(&mut self, name: &str, zone: chrono_tz::Tz) {
        let person = self.arrive(name).await;
        person.set_zone(zone).await;
        for room in self.channels.values() {
            self.host().invite(room, &person.user).await;
            person.join(room).await;
        }
        self.people.insert(name.to_owned(), person);
    }

    /// A channel opens, everyone is in it, and Usher is invited; its room.
    pub async fn open(&mut self, name: &str, is_private: bool) -> String {
        let room = self.room(name, is_private).await;
        self.channels.insert(name.to_owned(), room.clone());
        room
    }

    /// Makes a room for somebody and Usher, who is invited; the room.
    pub async fn open_direct(&mut self, name: &str) -> String {
        let room =
            NewRoom { direct: true, encrypted: true, invite: &[&self.usher.user], ..NewRoom::default() };
        let room = self.people[name].create(room).await;
        self.directs.insert(room.clone(), name.to_owned());
        room
    }

    /// The room of somebody and Usher, if there is one.
    pub fn direct(&self, name: &str) -> Option<String> {
        self.directs.iter().find(|(_, whose)| *whose == name).map(|(room, _)| room.clone())
    }

    /// Usher has made a room for that user: they come in.
    pub async fn enter_direct(&mut self, user: &str) {
        let (name, person) = self.people.iter().find(|(_, person)| person.user == user).unwrap();
        let (name, room) = (name.clone(), person.accept(&self.usher.user).await);
        self.directs.insert(room, name);
    }

    /// The rooms that Usher is in, what they are called in a transcript, and somebody who is in them.
    pub fn rooms(&self) -> Vec<(String, String, Person)> {
        let host = self.host();
        let channels =
            self.channels.iter().map(|(name, room)| (room.clone(), format!("#{name}"), host.clone()));
        let directs = self
            .directs
            .iter()
            .map(|(room, name)| (room.clone(), format!("@{name}"), self.people[name].clone()));
        channels.chain(directs).collect()
    }

    /// What stands in what people type for whom.
    pub fn mentions(&self) -> Vec<(String, Person)> {
        let usher = Person { user: self.usher.user.clone(), name: "Usher".to_owned() };
        let people = self.people.iter().map(|(name, person)| (format!("@{name}"), person.clone()));
        people.chain([("@usher".to_owned(), usher)]).collect()
    }
}
