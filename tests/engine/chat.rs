//! A chat in memory for tests of the engine: people write, time passes, what Usher says is written down.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};
use usher::calendar::{HOUR_MS, Instant};
use usher::core::Engine;
use usher::core::action::{Action, Choice, Target};
use usher::core::event::{
    ChannelFacts, ChannelKind, Event, Fate, Mention, MessageRef, Platform, Posted, RevisionText, Text,
    UserFacts, What,
};
use usher::core::record::{Record, RecordKey};
use usher::core::turn::{Change, Note, Turn};

/// The chat, its engine, and what was said.
pub struct Chat {
    pub engine: Engine,
    pub records: BTreeMap<RecordKey, Record>,
    pub said: Vec<String>,
    pub notes: Vec<Note>,
    pub actions: Vec<Action>,
    pub now: Instant,
    /// Where what happens comes from.
    pub platform: Platform,
    events: u64,
    sent: u64,
}

impl Chat {
    /// A chat under `runbook` that begins at `now`, with these people (name and zone) and channels.
    pub fn new(runbook: &str, now: &str, people: &[(&str, &str)], channels: &[&str]) -> Chat {
        let mut chat = Chat {
            engine: Engine::load([]).expect("no records make an engine"),
            records: BTreeMap::new(),
            said: Vec::new(),
            notes: Vec::new(),
            actions: Vec::new(),
            now: Instant::parse(now).expect("an instant"),
            platform: Platform::Console,
            events: 0,
            sent: 0,
        };
        chat.revise(runbook);
        for (name, zone) in people {
            chat.join(name, name, Some(zone));
        }
        for name in channels {
            chat.open(name, name);
        }
        chat
    }

    /// A channel of that id and name is open to all, where things happen now.
    pub fn open(&mut self, channel: &str, name: &str) {
        let facts = ChannelFacts {
            name: name.to_owned(),
            kind: ChannelKind::Public,
            archived: false,
            members: vec![],
            aliases: vec![],
        };
        self.happen(What::Channel { channel: SmolStr::new(channel), facts });
    }

    /// Somebody of that id and name is there, where things happen now.
    pub fn join(&mut self, user: &str, name: &str, zone: Option<&str>) {
        let facts = UserFacts {
            name: name.to_owned(),
            zone: zone.and_then(|zone| zone.parse().ok()),
            bot: false,
            deactivated: false,
            guest: false,
            away_until: None,
        };
        self.happen(What::User { user: SmolStr::new(user), facts });
    }

    pub fn revise(&mut self, runbook: &str) {
        let id = format_smolstr!("r{}", self.events);
        let text = RevisionText {
            id,
            file: "team.toml".to_owned(),
            text: runbook.to_owned(),
            beside: BTreeMap::new(),
            by: None,
        };
        self.happen(What::Revision(text));
        assert!(self.engine.runbook().is_some(), "the runbook is valid: {:?}", self.notes);
    }

    pub fn event(&mut self, what: What) -> Event {
        self.events += 1;
        Event { key: format_smolstr!("e{}", self.events), at: self.now, platform: self.platform, what }
    }

    pub fn happen(&mut self, what: What) {
        let event = self.event(what);
        self.deliver(&event);
    }

    pub fn deliver(&mut self, event: &Event) {
        let turn = self.engine.handle(event, self.now);
        self.take(turn);
    }

    /// The message of that text; it is numbered and returned.
    pub fn message(&mut self, who: &str, place: &str, text: &str) -> (SmolStr, Event) {
        let (channel, thread) = place
            .split_once('/')
            .map_or((place, None), |(channel, root)| (channel, Some(SmolStr::new(root))));
        let id = format_smolstr!("m{}", self.events + 1);
        let mentions = text
            .split(|c: char| !(c.is_alphanumeric() || c == '@' || c == '-'))
            .filter_map(|word| word.strip_prefix('@'));
        let mentions = mentions.map(|name| {
            if ["platform", "on-duty"].contains(&name) {
                Mention::Group(name.into())
            } else {
                Mention::User(name.into())
            }
        });
        let text = Text::new(text, mentions.collect());
        let message = MessageRef { channel: channel.into(), id: id.clone() };
        let posted = Posted { message, thread, author: who.into(), bot: false, text };
        (id, self.event(What::Posted(posted)))
    }

    pub fn say(&mut self, who: &str, place: &str, text: &str) -> SmolStr {
        let (id, event) = self.message(who, place, text);
        self.deliver(&event);
        id
    }

    pub fn command(&mut self, who: &str, place: &str, words: &str) {
        let (channel, thread) = place
            .split_once('/')
            .map_or((place, None), |(channel, root)| (channel, Some(SmolStr::new(root))));
        let (user, channel) = (SmolStr::new(who), SmolStr::new(channel));
        self.happen(What::Commanded { user, channel, thread, words: words.to_owned() });
    }

    pub fn react(&mut self, who: &str, channel: &str, message: &str, emoji: &str) {
        let message = MessageRef { channel: channel.into(), id: message.into() };
        self.happen(What::Reacted { message, user: who.into(), emoji: emoji.into(), added: true });
    }

    pub fn press(&mut self, who: &str, action: usize, choice: Choice) {
        let action = self.actions[action].id.clone();
        self.happen(What::Pressed { user: who.into(), action, choice });
    }

    /// Lets time pass to `at`, with all that falls due on the way.
    pub fn until(&mut self, at: &str) {
        let at = Instant::parse(at).expect("an instant");
        while let Some(next) = self.engine.next_wake().filter(|next| *next <= at) {
            self.now = self.now.max(next);
            let turn = self.engine.wake(self.now);
            self.take(turn);
        }
        self.now = at;
    }

    pub fn hours(&mut self, hours: i64) {
        let at = self.now.plus(hours * HOUR_MS).to_string();
        self.until(&at);
    }

    /// Forgets the engine and loads it again from what it wrote.
    pub fn restart(&mut self) {
        self.engine = Engine::load(self.records.clone()).expect("its own records make the engine");
    }

    /// What was said since it was last asked.
    pub fn heard(&mut self) -> String {
        std::mem::take(&mut self.said).join("\n")
    }

    fn take(&mut self, turn: Turn) {
        for change in turn.changes {
            match change {
                Change::Put(key, record) => {
                    self.records.insert(key, record);
                }
                Change::Delete(key) => {
                    self.records.remove(&key);
                }
                Change::DeleteAll(kind, owner) => {
                    self.records.retain(|key, _| key.kind != kind || key.owner != owner)
                }
            }
        }
        self.notes.extend(turn.notes);
        for action in turn.actions {
            self.said.push(format!("{} {}: {}", at(self.now), place(&action.to), action.message.plain()));
            let message = match &action.to {
                Target::Thread { channel, .. } | Target::Channel { channel, .. } => Some(channel.clone()),
                Target::Private { .. }
                | Target::Direct { .. }
                | Target::Home { .. }
                | Target::Amend { .. }
                | Target::Page { .. } => None,
            };
            self.sent += 1;
            let message =
                message.map(|channel| MessageRef { channel, id: format_smolstr!("u{}", self.sent) });
            let id = action.id.clone();
            self.actions.push(action);
            self.happen(What::Delivered { action: id, fate: Fate::Sent(message), errand: None });
        }
    }
}

fn at(now: Instant) -> String {
    now.utc().format("%a %H:%M").to_string()
}

fn place(target: &Target) -> String {
    match target {
        Target::Thread { channel, root, .. } => format!("#{channel}/{root}"),
        Target::Channel { channel, .. } => format!("#{channel}"),
        Target::Private { channel, user, .. } => format!("#{channel} to {user} alone"),
        Target::Direct { user, .. } => format!("to {user}"),
        Target::Home { user, .. } => format!("home of {user}"),
        Target::Amend { of } => format!("amends {of}"),
        Target::Page { person, .. } => format!("pages {person}"),
    }
}
