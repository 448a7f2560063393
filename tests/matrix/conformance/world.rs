//! Matrix as a world in which scenarios are played.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::json;
use usher::calendar::Instant;
use usher::chat::console::script::{Act, PlaceName};
use usher::clock::{Clock, Simulated};
use usher::core::event::{Platform, RevisionText};
use usher::runbook::Runbook;
use usher::settings::{MatrixSettings, Settings};

use super::rooms::Town;
use super::screen::{self, Screen};
use super::{Rooms, faults};
use crate::homeserver::Homeserver;
use crate::people::{Person, Say, Seen};
use crate::playing::chance::Chance;
use crate::playing::house::House;
use crate::playing::numbers::{Numbers, Spot};
use crate::playing::world::{Doing, Shown, World};
use crate::proxy::Proxy;
use crate::proxy::faults::Fault;

/// A homeserver, with the people of a scenario in their rooms, behind a proxy.
pub struct Matrix {
    proxy: Proxy,
    clock: Simulated,
    town: Town,
    /// What people have done of which Usher is to be told.
    done: BTreeSet<String>,
    /// How many events of each room have been looked at.
    seen: BTreeMap<String, usize>,
    /// What the buttons of Usher's messages say, and the reactions that press them.
    buttons: BTreeMap<Spot, Vec<(String, String)>>,
    /// In which thread each of Usher's messages stands: an edit does not say.
    threads: BTreeMap<Spot, String>,
}

impl Matrix {
    /// One with the people and channels of a runbook.
    pub async fn new(runbook: &Runbook, clock: Clock, rooms: Rooms) -> Matrix {
        let proxy = Proxy::start(&Homeserver::shared().url).await;
        proxy.set_time(clock.now());
        let Clock::Simulated(clock) = clock else { unreachable!("it is simulated") };
        let town = Town::found(runbook, rooms).await;
        let (done, seen, buttons, threads) = Default::default();
        Matrix { proxy, clock, town, done, seen, buttons, threads }
    }

    /// No two things happen at one instant: the homeserver would not say which was first.
    fn tick(&mut self) {
        let next = Clock::Simulated(self.clock.clone()).now().plus(1);
        self.proxy.set_time(next);
        self.clock.advance_to(next);
    }

    /// Where somebody is; a room with Usher is made where there is none.
    async fn room(&mut self, doing: &Doing<'_>) -> String {
        match doing.place {
            Some(PlaceName::Channel(name)) => self.town.channels[name].clone(),
            Some(PlaceName::Usher) => match self.town.direct(doing.person) {
                Some(room) => room,
                None => {
                    let room = self.town.open_direct(doing.person).await;
                    self.wait_until_in(&room).await;
                    room
                }
            },
            None => panic!("no scenario leaves the place away yet"),
        }
    }

    /// Waits until Usher has come into a room.
    async fn wait_until_in(&self, room: &str) {
        let bare = room.trim_start_matches('!');
        let joins = |path: &str| path.contains("join") && path.contains(bare);
        self.proxy
            .wait_for("Usher to come in", |state| {
                state.requests.iter().any(|it| joins(&it.path) && it.status == Some(200)).then_some(())
            })
            .await;
    }

    async fn say(&mut self, doing: &Doing<'_>, text: &str, numbers: &mut Numbers) {
        let room = self.room(doing).await;
        let mentions = self.town.mentions();
        let root = doing.thread.map(|message| numbers.spot(message).id.clone());
        let say = Say { text, mentions: &mentions, thread: root.as_deref(), ..Say::default() };
        let event = self.town.people[doing.person].say(&room, say).await;
        self.done.insert(event.clone());
        if let Some(number) = doing.number {
            numbers.put(number, Spot { channel: room, id: event });
        }
    }

    /// What Usher is to have taken: what people have done, and its own.
    fn to_be_taken(&self) -> BTreeSet<String> {
        let sends = |path: &str| path.contains("/send/") || path.contains("/redact/");
        let own = self.proxy.read(|state| {
            let made = state.requests.iter().filter(|request| sends(&request.path));
            made.filter_map(|request| request.made.clone()).collect::<Vec<_>>()
        });
        self.done.iter().cloned().chain(own).collect()
    }

    /// Whom Usher has asked into a room of their own comes in.
    async fn accept_invitations(&mut self) {
        for request in self.proxy.requests().into_iter().filter(|it| it.path.ends_with("/createRoom")) {
            let is_new = request.made.is_some_and(|room| !self.town.directs.contains_key(&room));
            if is_new {
                let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
                self.town.enter_direct(body["invite"][0].as_str().expect("one is asked in")).await;
            }
        }
    }

    /// The last event that Usher has made in a room.
    fn last_made(&self, room: &str) -> Option<String> {
        let part = format!("{}/send/m.room.", room.trim_start_matches('!'));
        let is_in = |path: &str| path.contains(&part);
        self.proxy.read(|state| {
            let mut made = state.requests.iter().rev().filter(|request| is_in(&request.path));
            made.find_map(|request| request.made.clone())
        })
    }

    /// What Usher has said in a room since somebody looked last.
    async fn look(&mut self, room: &str, place: &str, person: &Person) -> Vec<Shown> {
        let Some(last) = self.last_made(room) else { return Vec::new() };
        let first = self.seen.get(room).copied().unwrap_or_default();
        let events = person.look_from(room, first, Some(&last)).await;
        self.seen.insert(room.to_owned(), first + events.len());
        let usher = self.town.usher.user.clone();
        let own = events.iter().filter(|event| event.sender == usher && is_message(event));
        own.map(|event| self.shown(room, place, event)).collect()
    }

    fn shown(&mut self, room: &str, place: &str, event: &Seen) -> Shown {
        let (content, relation) = (&event.content, &event.content["m.relates_to"]);
        let related = relation["event_id"].as_str();
        let edited = related.filter(|_| relation["rel_type"] == "m.replace");
        let thread = related.filter(|_| relation["rel_type"] == "m.thread");
        let Screen { text, buttons, about } =
            screen::read(if edited.is_some() { &content["m.new_content"] } else { content });
        let leads_here = |about: &str| self.town.channels.values().any(|room| about.contains(&room[1..]));
        assert!(about.is_none_or(|about| leads_here(&about)), "what it is about is one of the rooms: {text}");
        let id = edited.unwrap_or(&event.event_id).to_owned();
        let spot = Spot { channel: room.to_owned(), id: id.clone() };
        if let Some(thread) = thread {
            self.threads.insert(spot.clone(), thread.to_owned());
        }
        let thread = self.threads.get(&spot).cloned();
        self.buttons.insert(spot, buttons);
        Shown {
            channel: room.to_owned(),
            place: place.to_owned(),
            thread,
            id,
            only: None,
            changed: edited.is_some(),
            at: self.proxy.when(event.ts),
            text,
        }
    }

    /// The reaction that presses the button of that number, or whose label begins so, as the console finds it.
    fn reaction(&self, spot: &Spot, wanted: &str) -> String {
        let buttons = &self.buttons[spot];
        let by_number = wanted.parse::<usize>().ok().and_then(|number| buttons.get(number - 1));
        let fits = |(label, _): &&(String, String)| label.to_lowercase().starts_with(&wanted.to_lowercase());
        let button = by_number.or_else(|| buttons.iter().find(fits));
        button.unwrap_or_else(|| panic!("there is no `{wanted}` among {buttons:?}")).1.clone()
    }
}

fn is_message(event: &Seen) -> bool {
    assert!(event.readable, "{event:?}");
    event.kind == "m.room.message"
}

/// The emoji that people choose on Matrix by that name.
fn emoji(name: &str) -> &str {
    match name {
        "eyes" => "👀",
        "no_entry_sign" => "🚫",
        "hand" => "✋",
        name => {
            assert!(!name.is_ascii(), "which emoji is {name}?");
            name
        }
    }
}

impl World for Matrix {
    const NAME: &'static str = "Matrix";
    const PLATFORM: Platform = Platform::Matrix;

    fn settings(&self, common: Settings, _port: u16) -> Settings {
        let matrix = MatrixSettings {
            homeserver: Some(self.proxy.url()),
            user: Some(self.town.usher.user.clone()),
            password: Some(SecretString::from(self.town.usher.password.clone())),
            ..MatrixSettings::default()
        };
        Settings { matrix: Some(matrix), ..common }
    }

    fn with_ids(&self, revision: &RevisionText) -> RevisionText {
        let mut table: toml::Table = revision.text.parse().unwrap();
        let id_of_person = |name: &str| self.town.people.get(name).map(|person| person.user.clone());
        let id_of_channel = |name: &str| self.town.address(name);
        let mut give = |section: &str, id: &dyn Fn(&str) -> Option<String>| {
            let entries = table.get_mut(section).and_then(toml::Value::as_table_mut);
            for (name, entry) in entries.into_iter().flatten() {
                if let Some(id) = id(name) {
                    entry.as_table_mut().expect("a table").insert("matrix".to_owned(), id.into());
                }
            }
        };
        give("people", &id_of_person);
        give("channels", &id_of_channel);
        RevisionText { text: table.to_string(), ..revision.clone() }
    }

    fn set_time(&mut self, at: Instant) {
        self.proxy.set_time(at);
    }

    fn is_heard(&self) -> bool {
        self.proxy.is_up()
    }

    async fn wait_until_reached(&mut self, _port: u16) {
        // It asks by itself.
    }

    async fn wait_until_left(&mut self) {
        self.proxy.wait_until_left().await;
    }

    async fn wait_until_told(&mut self) {
        if self.proxy.is_up() {
            self.proxy.wait_until_taken(&self.to_be_taken()).await;
        }
    }

    fn is_all_told(&self) -> bool {
        !self.proxy.is_up() || self.proxy.has_taken(&self.to_be_taken())
    }

    fn last_requests(&self) -> Vec<String> {
        self.proxy.last_requests()
    }

    fn says_filled(key: &str) -> bool {
        key.starts_with("matrix/filled/")
    }

    fn says_gap(key: &str) -> bool {
        key.starts_with("matrix/gap/")
    }

    async fn act(&mut self, doing: Doing<'_>, act: &Act, numbers: &mut Numbers) {
        self.tick();
        let person = self.town.people[doing.person].clone();
        let event = match act {
            Act::Say(text) => return self.say(&doing, text, numbers).await,
            Act::Usher(words) => {
                let alone = doing.place == Some(&PlaceName::Usher);
                let text = if alone { words.clone() } else { format!("!usher {words}") };
                return self.say(&doing, &text, numbers).await;
            }
            Act::React { emoji: name, message, added } => {
                let Spot { channel, id } = numbers.spot(*message);
                let emoji = emoji(name);
                if *added {
                    person.react(channel, id, emoji).await
                } else {
                    person.take_back(channel, id, emoji).await
                }
            }
            Act::Edit { message, text } => {
                let (Spot { channel, id }, mentions) = (numbers.spot(*message), self.town.mentions());
                person
                    .say(channel, Say { text, mentions: &mentions, edits: Some(id), ..Say::default() })
                    .await
            }
            Act::Delete(message) => {
                let Spot { channel, id } = numbers.spot(*message);
                person.remove(channel, id).await
            }
            Act::Press { message, button } => {
                let spot = numbers.spot(*message);
                person.react(&spot.channel, &spot.id, &self.reaction(spot, button)).await
            }
            Act::Call(_) => panic!("no scenario begins a call yet"),
        };
        self.done.insert(event);
    }

    async fn join(&mut self, name: &str, zone: Tz) {
        self.town.join(name, zone).await;
    }

    async fn open(&mut self, channel: &str, is_private: bool) {
        let room = self.town.open(channel, is_private).await;
        self.wait_until_in(&room).await;
    }

    async fn set_away(&mut self, _name: &str, _until: Option<Instant>) {
        panic!("there is no such status on Matrix");
    }

    fn go_down(&mut self) {
        self.proxy.go_down();
    }

    async fn come_up(&mut self) {
        self.proxy.come_up().await;
    }

    async fn lose_history(&mut self, channel: &str) {
        let room = &self.town.channels[channel];
        // A room in which nothing has happened has no history to read.
        self.town.host().state(room, "m.room.topic", "", json!({"topic": "We had an outage"})).await;
        let part = format!("{}/messages", room.trim_start_matches('!'));
        self.proxy.arm(Method::GET, &part, Fault::Refused(403, "M_FORBIDDEN", "no"), 1);
    }

    async fn appeared(&mut self) -> Vec<Shown> {
        self.accept_invitations().await;
        let mut shown = Vec::new();
        for (room, place, person) in self.town.rooms() {
            shown.extend(self.look(&room, &place, &person).await);
        }
        shown
    }

    fn unmarked(&self, text: &str) -> String {
        self.town.without_suffix(text)
    }

    fn words(text: &str) -> String {
        // A command is said to Usher by its name; `usher = "speak"` is none.
        let text = text.replace("`usher ", "`!usher ").replace("`!usher = ", "`usher = ");
        // Why a history cannot be read is said in the platform's words.
        text.replace("“the history cannot be read”", "“its history cannot be read”")
    }

    /// What one person alone is told stands on Matrix in the room of that person and Usher.
    fn place(on_console: &str) -> String {
        let only = on_console.split_once(" (only ").and_then(|(_, only)| only.strip_suffix(" sees it)"));
        only.map_or_else(|| on_console.to_owned(), |person| format!("@{person}"))
    }

    fn hold(&mut self) {
        self.proxy.hold();
    }

    async fn tell_turned(&mut self) {
        self.proxy.release(true);
    }

    fn go_wrong(&mut self, chance: &mut Chance, may: bool) {
        if may {
            faults::arm(&self.proxy, chance);
        }
    }

    fn tell_again(&mut self, _chance: &mut Chance) {
        // What is told again after a crash is told by the homeserver.
    }

    async fn shake(house: &mut House<Matrix>, chance: &mut Chance) {
        if house.world.is_heard() && chance.once_in(8) {
            house.tick();
            house.lose_platform().await;
            house.find_platform().await;
        }
    }
}
