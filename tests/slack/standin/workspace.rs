//! Who and what is in the workspace: people, places, messages. Plain data; whoever changes it says so in `state`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// One person, guest or bot.
#[derive(Clone, Debug)]
pub struct User {
    /// `U…`.
    pub id: String,
    /// The handle.
    pub name: String,
    /// What people read.
    pub real_name: String,
    /// Its zone of the tz database; bots have none.
    pub tz: Option<String>,
    /// Whether it is a bot.
    pub is_bot: bool,
    /// Whether it was deactivated.
    pub deleted: bool,
    /// Whether the workspace belongs to it.
    pub is_owner: bool,
    /// Whether it is a guest of several channels.
    pub is_restricted: bool,
    /// Whether it is a guest of one channel.
    pub is_ultra_restricted: bool,
    /// The text and the emoji of the status.
    pub status: (String, String),
    /// When the status ends, in seconds; 0 if it does not.
    pub status_expires_s: i64,
    /// Whether it is in a huddle.
    pub in_huddle: bool,
    /// Its team, if it is another one and it is here by Slack Connect.
    pub other_team: Option<String>,
}

impl User {
    /// A person who works in `tz`.
    pub fn person(id: &str, name: &str, tz: &str) -> User {
        User {
            id: id.to_owned(),
            name: name.to_lowercase(),
            real_name: name.to_owned(),
            tz: Some(tz.to_owned()),
            is_bot: false,
            deleted: false,
            is_owner: false,
            is_restricted: false,
            is_ultra_restricted: false,
            status: (String::new(), String::new()),
            status_expires_s: 0,
            in_huddle: false,
            other_team: None,
        }
    }

    /// As `users.info` shows it. `fields` is an empty list, as it is for many real people, and not the map
    /// that it is for the others.
    pub fn to_json(&self, team: &str) -> Value {
        let (stranger, team) = (self.other_team.is_some(), self.other_team.as_deref().unwrap_or(team));
        let mut user = json!({
            "id": self.id, "team_id": team, "name": self.name, "deleted": self.deleted,
            "real_name": self.real_name, "is_bot": self.is_bot, "is_app_user": false, "updated": 1_700_000_000,
            "profile": {
                "real_name": self.real_name, "display_name": self.real_name, "team": team, "fields": [],
                "status_text": self.status.0, "status_emoji": self.status.1, "status_expiration": self.status_expires_s,
                "avatar_hash": "g0",
                "huddle_state": if self.in_huddle { "in_a_huddle" } else { "default_unset" },
            },
        });
        if stranger {
            user["is_stranger"] = true.into();
        }
        if self.deleted {
            return user;
        }
        for right in ["is_admin", "is_owner", "is_primary_owner"] {
            user[right] = self.is_owner.into();
        }
        user["is_restricted"] = self.is_restricted.into();
        user["is_ultra_restricted"] = self.is_ultra_restricted.into();
        if let Some(tz) = &self.tz {
            user["tz"] = tz.as_str().into();
            user["tz_label"] = tz.as_str().into();
            user["tz_offset"] = 0.into();
        }
        user
    }
}

/// What kind of conversation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Open to every member.
    Public,
    /// By invitation.
    Private,
    /// Between two.
    Direct,
    /// Between a few.
    Group,
}

impl Kind {
    /// The kind by its name in `types` of `conversations.list`.
    pub fn from_name(name: &str) -> Option<Kind> {
        match name {
            "public_channel" => Some(Kind::Public),
            "private_channel" => Some(Kind::Private),
            "im" => Some(Kind::Direct),
            "mpim" => Some(Kind::Group),
            _ => None,
        }
    }

    /// What scopes and subscriptions call it.
    pub fn family(self) -> &'static str {
        match self {
            Kind::Public => "channels",
            Kind::Private => "groups",
            Kind::Direct => "im",
            Kind::Group => "mpim",
        }
    }

    /// The `channel_type` of an event.
    pub fn event_type(self) -> &'static str {
        match self {
            Kind::Public => "channel",
            Kind::Private => "group",
            Kind::Direct => "im",
            Kind::Group => "mpim",
        }
    }
}

/// A conversation.
#[derive(Clone, Debug)]
pub struct Channel {
    /// `C…`, `G…` or `D…`.
    pub id: String,
    /// Without `#`; a direct one has none.
    pub name: String,
    /// What kind it is.
    pub kind: Kind,
    /// What it is for, with Slack's markup.
    pub purpose: String,
    /// Who is in it.
    pub members: BTreeSet<String>,
    /// Whether it is closed for good.
    pub archived: bool,
    /// Whether another team shares it by Slack Connect.
    pub shared: bool,
    /// What was said, by `ts`, replies too.
    pub messages: BTreeMap<String, Message>,
    /// The replies of each root. Looking for them among all messages would be slow where there are many.
    threads: BTreeMap<String, BTreeSet<String>>,
}

impl Channel {
    /// An empty one.
    pub fn new(id: &str, name: &str, kind: Kind, members: &[&str]) -> Channel {
        let members = members.iter().map(|&member| member.to_owned()).collect();
        let (id, name) = (id.to_owned(), name.to_owned());
        Channel {
            id,
            name,
            kind,
            purpose: String::new(),
            members,
            archived: false,
            shared: false,
            messages: BTreeMap::new(),
            threads: BTreeMap::new(),
        }
    }

    /// As `conversations.info` shows it to `viewer`.
    pub fn to_json(&self, viewer: &str, team: &str) -> Value {
        let mut shown = json!({
            "id": self.id, "created": 1_700_000_000, "is_archived": self.archived,
            "is_im": self.kind == Kind::Direct, "is_org_shared": false, "context_team_id": team,
        });
        if self.kind == Kind::Direct {
            let other = self.members.iter().find(|member| *member != viewer);
            shown["user"] = other.map_or(viewer, String::as_str).into();
            return shown;
        }
        let more = json!({
            "name": self.name, "name_normalized": self.name, "is_channel": self.kind == Kind::Public,
            "is_group": self.kind == Kind::Private, "is_mpim": self.kind == Kind::Group,
            "is_private": self.kind != Kind::Public, "is_member": self.members.contains(viewer),
            "is_general": self.name == "general", "is_shared": self.shared, "is_ext_shared": self.shared,
            "creator": "U0ANA", "num_members": self.members.len(), "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
        });
        merge(&mut shown, more);
        shown
    }

    /// The replies to `root`, the oldest first.
    pub fn replies<'a>(&'a self, root: &'a str) -> impl Iterator<Item = &'a Message> + 'a {
        self.threads.get(root).into_iter().flatten().filter_map(|reply| self.messages.get(reply))
    }

    /// Puts a message in its place.
    pub fn put(&mut self, message: Message) {
        if let Some(root) = message.thread_ts.as_ref().filter(|_| message.is_reply()) {
            self.threads.entry(root.clone()).or_default().insert(message.ts.clone());
        }
        self.messages.insert(message.ts.clone(), message);
    }

    /// Takes a message away.
    pub fn take(&mut self, ts: &str) {
        let root = self.messages.remove(ts).and_then(|message| message.thread_ts);
        if let Some(replies) = root.and_then(|root| self.threads.get_mut(&root)) {
            replies.remove(ts);
        }
    }
}

/// A message, or a reply in a thread.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id within the channel.
    pub ts: String,
    /// Who wrote it.
    pub user: String,
    /// Whether the app wrote it.
    pub by_app: bool,
    /// Its text, with Slack's markup.
    pub text: String,
    /// Its blocks, a list.
    pub blocks: Value,
    /// What the app hung on it.
    pub metadata: Option<Value>,
    /// The root of its thread.
    pub thread_ts: Option<String>,
    /// Who edited it last, and when.
    pub edited: Option<(String, String)>,
    /// Who reacted with what, in order.
    pub reactions: Vec<(String, Vec<String>)>,
    /// Slack's name for what is no plain message.
    pub subtype: Option<&'static str>,
    /// What a person's client called it.
    pub client_msg_id: Option<String>,
}

impl Message {
    /// Whether it is a reply and no root.
    pub fn is_reply(&self) -> bool {
        self.thread_ts.as_ref().is_some_and(|root| *root != self.ts)
    }

    /// Whether the channel shows it, not only the thread.
    pub fn in_channel(&self) -> bool {
        !self.is_reply() || self.subtype == Some("thread_broadcast")
    }

    /// Adds a reaction; whether it is new.
    pub fn react(&mut self, user: &str, name: &str) -> bool {
        match self.reactions.iter_mut().find(|(known, _)| known == name) {
            Some((_, users)) if users.iter().any(|known| known == user) => return false,
            Some((_, users)) => users.push(user.to_owned()),
            None => self.reactions.push((name.to_owned(), vec![user.to_owned()])),
        }
        true
    }

    /// Takes a reaction away; whether there was one.
    pub fn unreact(&mut self, user: &str, name: &str) -> bool {
        let Some((_, users)) = self.reactions.iter_mut().find(|(known, _)| known == name) else {
            return false;
        };
        let before = users.len();
        users.retain(|known| known != user);
        let gone = users.len() < before;
        self.reactions.retain(|(_, users)| !users.is_empty());
        gone
    }
}

/// An ephemeral message: nobody can read it back, so it is kept for the test alone.
#[derive(Clone, Debug)]
pub struct Ephemeral {
    /// Its id, which no method takes.
    pub ts: String,
    /// Where it is shown.
    pub channel: String,
    /// To whom.
    pub user: String,
    /// Its text.
    pub text: String,
    /// Its blocks, a list.
    pub blocks: Value,
    /// The thread in which it is shown.
    pub thread_ts: Option<String>,
}

/// What appeared before people, or changed before their eyes.
#[derive(Clone, Debug)]
pub struct Appearance {
    /// When, in ms.
    pub at_ms: i64,
    /// Where.
    pub channel: String,
    /// In which thread.
    pub thread_ts: Option<String>,
    /// Its id.
    pub ts: String,
    /// Who alone sees it, if not everyone does.
    pub only: Option<String>,
    /// Whether it stood there already, with other words.
    pub changed: bool,
    /// Its text.
    pub text: String,
    /// Its blocks, a list.
    pub blocks: Value,
}

/// A modal or a home.
#[derive(Clone, Debug)]
pub struct View {
    /// `V…`.
    pub id: String,
    /// For whom.
    pub user: String,
    /// Which version it is.
    pub hash: String,
    /// What the app sent.
    pub content: Value,
    /// Whether the person still has it open.
    pub open: bool,
}

/// A group of people that has a handle.
#[derive(Clone, Debug)]
pub struct UserGroup {
    /// `S…`.
    pub id: String,
    /// Without `@`.
    pub handle: String,
    /// Who is in it.
    pub users: Vec<String>,
}

/// Adds the fields of `more` to `target`.
pub fn merge(target: &mut Value, more: Value) {
    if let (Value::Object(target), Value::Object(more)) = (target, more) {
        target.extend(more);
    }
}
