//! The people of a scenario and their places, in the stand-in: what they do there.

use usher::calendar::SECOND_MS;
use usher::chat::console::script::{Act, PlaceName};
use usher::core::event::RevisionText;
use usher::runbook::Runbook;

use super::screen;
use crate::playing::numbers::{Numbers, Spot};
use crate::playing::world;
use crate::standin::state::{BOT_USER, State};
use crate::standin::{Channel, Kind, Standin, User};

/// The id of a person.
pub fn user(name: &str) -> String {
    format!("U0{}", name.to_uppercase().replace('-', ""))
}

/// The id of a channel.
pub fn channel(name: &str) -> String {
    format!("C0{}", name.to_uppercase().replace('-', ""))
}

fn group(name: &str) -> String {
    format!("S0{}", name.to_uppercase().replace('-', ""))
}

/// The same runbook, in which everyone has the id that they have in Slack; it is still the same revision.
pub fn with_ids(revision: &RevisionText) -> RevisionText {
    let mut table: toml::Table = revision.text.parse().unwrap();
    let people = table.get_mut("people").and_then(toml::Value::as_table_mut);
    for (name, person) in people.into_iter().flatten() {
        let person = person.as_table_mut().expect("a person is a table");
        person.insert("slack".to_owned(), user(name).into());
    }
    RevisionText { text: table.to_string(), ..revision.clone() }
}

/// Lets in everyone and every channel of a runbook, as the console does, before anybody is told of it.
pub fn move_in(standin: &Standin, runbook: &Runbook) {
    standin.shared.change(|state| {
        state.users.retain(|id, _| id == BOT_USER);
        state.channels.clear();
        for (name, person) in &runbook.people {
            let zone = person.zone.unwrap_or(runbook.team.zone);
            let person = User { name: name.to_string(), ..User::person(&user(name), name, zone.name()) };
            state.users.insert(person.id.clone(), person);
        }
        let members: Vec<&str> = state.users.keys().map(String::as_str).collect();
        for name in runbook.channels.keys() {
            let opened = Channel::new(&channel(name), name, Kind::Public, &members);
            state.channels.insert(opened.id.clone(), opened);
        }
    });
    for name in runbook.groups.keys().chain(runbook.rotations.keys()) {
        standin.put_group(&group(name), name, &[]);
    }
}

/// Somebody joins the team, and all of its channels.
pub fn join(standin: &Standin, name: &str, zone: chrono_tz::Tz) {
    let person = User { name: name.to_owned(), ..User::person(&user(name), name, zone.name()) };
    standin.put_user(person);
    standin.shared.change(|state| {
        for channel in state.channels.values_mut() {
            channel.members.insert(user(name));
        }
    });
}

/// A channel opens, everyone is in it, and somebody invites Usher.
pub fn open(standin: &Standin, name: &str, private: bool) {
    let people: Vec<String> =
        standin.shared.read(|state| state.users.keys().filter(|id| *id != BOT_USER).cloned().collect());
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let kind = if private { Kind::Private } else { Kind::Public };
    standin.add_channel(Channel::new(&channel(name), name, kind, &people));
    standin.invite_bot(&channel(name), people[0]);
}

/// Somebody sets Slack's own status of being on holiday until the end of the last day, or takes it back.
pub fn set_away(standin: &Standin, name: &str, until: Option<usher::calendar::Instant>) {
    let mut person = standin.shared.read(|state| state.users[&user(name)].clone());
    person.status = until.map_or_else(Default::default, |_| ("Vacationing".into(), ":palm_tree:".into()));
    person.status_expires_s = until.map_or(0, |until| until.ms() / SECOND_MS);
    standin.put_user(person);
}

/// Who does something, and where.
pub struct Doing<'a> {
    pub standin: &'a Standin,
    pub what: world::Doing<'a>,
}

impl Doing<'_> {
    /// Does it in Slack.
    pub fn act(&self, act: &Act, numbers: &mut Numbers) {
        let (standin, me) = (self.standin, user(self.what.person));
        match act {
            Act::Say(text) => self.say(text, numbers),
            Act::React { emoji, message, added } => {
                let Spot { channel, id: ts } = numbers.spot(*message);
                let name = emoji_name(emoji);
                let is_new = if *added {
                    standin.react(&me, channel, ts, name)
                } else {
                    standin.unreact(&me, channel, ts, name)
                };
                assert!(is_new, "{emoji} on [{message}]");
            }
            Act::Edit { message, text } => {
                let Spot { channel, id: ts } = numbers.spot(*message);
                standin.edit(channel, ts, &self.typed(text));
            }
            Act::Delete(message) => {
                let Spot { channel, id: ts } = numbers.spot(*message);
                standin.delete(channel, ts);
            }
            Act::Press { message, button } => {
                let Spot { channel, id: ts } = numbers.spot(*message);
                standin.press(&me, channel, ts, &action_id(standin, channel, ts, button));
            }
            // Slack takes a slash command in no thread: there people call Usher by name.
            Act::Usher(words) if self.what.thread.is_some() => self.say(&format!("@usher {words}"), numbers),
            Act::Usher(words) => {
                standin.command(&me, &self.channel(), "/usher", &self.typed(words));
            }
            Act::Call(_) => panic!("no scenario begins a call yet: let the stand-in begin a huddle"),
        }
    }

    fn say(&self, text: &str, numbers: &mut Numbers) {
        let (channel, me, text) = (self.channel(), user(self.what.person), self.typed(text));
        let ts = match self.what.thread {
            Some(message) => {
                let root = &numbers.spot(message).id;
                self.standin.reply(&me, &channel, root, &text)
            }
            None => self.standin.post(&me, &channel, &text),
        };
        if let Some(number) = self.what.number {
            numbers.put(number, Spot { channel, id: ts });
        }
    }

    fn channel(&self) -> String {
        match self.what.place {
            Some(PlaceName::Channel(name)) => channel(name),
            Some(PlaceName::Usher) => self.standin.direct(&user(self.what.person)),
            None => panic!("no scenario leaves the place away yet"),
        }
    }

    /// What Slack makes of what somebody types: mentions become ids, and three signs are escaped.
    fn typed(&self, text: &str) -> String {
        let mut made = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        for (called, meant) in self.standin.shared.read(mentions) {
            made = made.replace(&format!("@{called}"), &meant);
        }
        made
    }
}

/// Whom one can mention, and what Slack makes of it; longer names first, since others may begin them.
fn mentions(state: &State) -> Vec<(String, String)> {
    let people = state.users.values().map(|user| (user.name.clone(), format!("<@{}>", user.id)));
    let groups =
        state.groups.values().map(|group| (group.handle.clone(), format!("<!subteam^{}>", group.id)));
    let mut all: Vec<(String, String)> = people.chain(groups).collect();
    all.sort_by_key(|(called, _)| std::cmp::Reverse(called.len()));
    all
}

/// The button of that number, or whose label begins so, as the console finds it.
fn action_id(standin: &Standin, channel: &str, ts: &str, wanted: &str) -> String {
    let blocks = standin.shared.read(|state| {
        let ephemeral = state.ephemerals.iter().find(|it| it.channel == channel && it.ts == ts);
        let message = || state.message(channel, ts).map(|message| message.blocks.clone());
        ephemeral.map(|it| it.blocks.clone()).or_else(message)
    });
    let buttons = screen::buttons(&blocks.expect("the message is there"));
    let by_number = wanted.parse::<usize>().ok().and_then(|number| buttons.get(number - 1));
    let fits = |(label, _): &&(String, String)| label.to_lowercase().starts_with(&wanted.to_lowercase());
    let button = by_number.or_else(|| buttons.iter().find(fits));
    button.unwrap_or_else(|| panic!("there is no `{wanted}` among {buttons:?}")).1.clone()
}

/// What Slack calls an emoji.
fn emoji_name(emoji: &str) -> &str {
    match emoji {
        "👀" => "eyes",
        "👍🏽" => "+1::skin-tone-4",
        "🙋" => "raising_hand",
        "🗑️" => "wastebasket",
        name => {
            assert!(name.is_ascii(), "what does Slack call {name}?");
            name
        }
    }
}
