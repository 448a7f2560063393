//! What happens to messages, whoever does it, and the events that tell of it.

use serde_json::{Value, json};

use super::blocks;
use super::state::{APP, BOT, BOT_USER, State, TEAM};
use super::workspace::{Appearance, Channel, Ephemeral, Message, merge};

/// A message to be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Who writes it.
    pub user: String,
    /// Whether the app does.
    pub by_app: bool,
    /// The text.
    pub text: String,
    /// The blocks, a list.
    pub blocks: Value,
    /// What the app hangs on it.
    pub metadata: Option<Value>,
    /// The thread.
    pub thread_ts: Option<String>,
    /// Slack's name for what is no plain message.
    pub subtype: Option<&'static str>,
    /// Its `ts`, if it is not to be the next one.
    pub ts: Option<String>,
}

impl Draft {
    /// What a person types.
    pub fn typed(user: &str, text: &str) -> Draft {
        let element = json!({"type": "rich_text_section", "elements": [{"type": "text", "text": text}]});
        Draft {
            user: user.to_owned(),
            by_app: false,
            text: text.to_owned(),
            blocks: json!([{"type": "rich_text", "block_id": "typed", "elements": [element]}]),
            metadata: None,
            thread_ts: None,
            subtype: None,
            ts: None,
        }
    }
}

/// Slack gives every block an id that has none.
pub fn with_block_ids(mut blocks: Value) -> Value {
    for (index, block) in blocks.as_array_mut().into_iter().flatten().enumerate() {
        if block.get("block_id").is_none() {
            block["block_id"] = format!("b{index}").into();
        }
    }
    blocks
}

/// The message as Slack shows it. `channel` gives the counts of its thread.
pub fn message_json(message: &Message, channel: &Channel) -> Value {
    let mut shown = json!({
        "type": "message", "user": message.user, "text": message.text, "ts": message.ts, "team": TEAM,
        "blocks": message.blocks,
    });
    if message.by_app {
        let profile = json!({"id": BOT, "name": "usher", "app_id": APP, "team_id": TEAM, "deleted": false});
        merge(&mut shown, json!({"bot_id": BOT, "app_id": APP, "bot_profile": profile}));
    }
    if let Some(subtype) = message.subtype {
        shown["subtype"] = subtype.into();
    }
    if let Some(id) = &message.client_msg_id {
        shown["client_msg_id"] = id.as_str().into();
    }
    if let Some((user, ts)) = &message.edited {
        shown["edited"] = json!({"user": user, "ts": ts});
    }
    if !message.reactions.is_empty() {
        let reactions = message.reactions.iter();
        shown["reactions"] = reactions
            .map(|(name, users)| json!({"name": name, "users": users, "count": users.len()}))
            .collect();
    }
    add_thread(&mut shown, message, channel);
    shown
}

fn add_thread(shown: &mut Value, message: &Message, channel: &Channel) {
    let Some(root) = &message.thread_ts else { return };
    shown["thread_ts"] = root.as_str().into();
    if message.is_reply() {
        let parent = channel.messages.get(root).map_or("", |parent| parent.user.as_str());
        shown["parent_user_id"] = parent.into();
        return;
    }
    let replies: Vec<&Message> = channel.replies(root).collect();
    let mut users: Vec<&str> = replies.iter().map(|reply| reply.user.as_str()).collect();
    users.sort_unstable();
    users.dedup();
    let thread = json!({
        "reply_count": replies.len(), "reply_users_count": users.len(), "reply_users": users,
        "latest_reply": replies.last().map(|reply| reply.ts.as_str()), "is_locked": false, "subscribed": false,
    });
    merge(shown, thread);
}

impl State {
    /// The message, if it is there.
    pub fn message(&self, channel: &str, ts: &str) -> Option<&Message> {
        self.channels.get(channel)?.messages.get(ts)
    }

    fn shown(&self, channel: &str, ts: &str) -> Value {
        let found = self.channels.get(channel).and_then(|place| Some((place.messages.get(ts)?, place)));
        found.map_or(Value::Null, |(message, place)| message_json(message, place))
    }

    /// Whether the bot sees what happens there; the event type of the place.
    fn watched(&self, channel: &str) -> Option<(&'static str, &'static str)> {
        let place = self.channels.get(channel)?;
        place.members.contains(BOT_USER).then(|| (place.kind.family(), place.kind.event_type()))
    }

    /// Tells the bot of something about a message, if it is in the channel.
    fn tell(&mut self, channel: &str, mut event: Value) {
        let Some((family, channel_type)) = self.watched(channel) else { return };
        merge(&mut event, json!({"type": "message", "channel": channel, "channel_type": channel_type}));
        self.raise(&format!("message.{family}"), event);
    }

    /// Notes what people see of a message of the app.
    fn appear(&mut self, channel: &str, ts: &str, changed: bool) {
        let at_ms = self.now_ms();
        let Some(message) = self.message(channel, ts).filter(|message| message.by_app) else { return };
        let appearance = Appearance {
            at_ms,
            channel: channel.to_owned(),
            thread_ts: message.thread_ts.clone().filter(|_| message.is_reply()),
            ts: ts.to_owned(),
            only: None,
            changed,
            text: message.text.clone(),
            blocks: message.blocks.clone(),
        };
        self.appeared.push(appearance);
    }

    /// Shows something to one person alone.
    pub fn show(&mut self, ephemeral: Ephemeral) {
        self.appeared.push(Appearance {
            at_ms: self.now_ms(),
            channel: ephemeral.channel.clone(),
            thread_ts: ephemeral.thread_ts.clone(),
            ts: ephemeral.ts.clone(),
            only: Some(ephemeral.user.clone()),
            changed: false,
            text: ephemeral.text.clone(),
            blocks: ephemeral.blocks.clone(),
        });
        self.ephemerals.push(ephemeral);
    }

    /// Puts a message into a channel; its `ts`.
    pub fn add(&mut self, channel: &str, draft: Draft) -> String {
        let ts = draft.ts.unwrap_or_else(|| self.next_ts());
        let client_msg_id = (!draft.by_app && draft.subtype.is_none()).then(|| self.next_id("client-"));
        let message = Message {
            ts: ts.clone(),
            user: draft.user,
            by_app: draft.by_app,
            text: draft.text,
            blocks: with_block_ids(draft.blocks),
            metadata: draft.metadata,
            thread_ts: draft.thread_ts.clone(),
            edited: None,
            reactions: Vec::new(),
            subtype: draft.subtype,
            client_msg_id,
        };
        let plain = !message.by_app && message.subtype.is_none();
        let mentions = plain && message.text.contains(&format!("<@{BOT_USER}>"));
        let place = self.channels.get_mut(channel).expect("the caller looked whether it is there");
        place.put(message);
        if let Some(root) = draft.thread_ts.and_then(|root| place.messages.get_mut(&root)) {
            root.thread_ts = Some(root.ts.clone());
        }
        self.appear(channel, &ts, false);
        let mut event = self.shown(channel, &ts);
        event["event_ts"] = ts.as_str().into();
        let author = event["user"].as_str().and_then(|id| self.users.get(id));
        if let Some(team) = author.and_then(|author| author.other_team.clone()) {
            merge(&mut event, json!({"user_team": team, "source_team": team, "team": team}));
        }
        self.tell(channel, event.clone());
        if mentions && self.watched(channel).is_some_and(|(_, kind)| kind != "im") {
            merge(&mut event, json!({"type": "app_mention", "channel": channel}));
            self.raise("app_mention", event);
        }
        ts
    }

    /// Replaces what a message says; what is `None` stays.
    pub fn replace(
        &mut self,
        channel: &str,
        ts: &str,
        text: Option<String>,
        blocks: Option<Value>,
        metadata: Option<Value>,
    ) {
        let before = self.shown(channel, ts);
        let at = self.next_ts();
        let Some(message) = self.channels.get_mut(channel).and_then(|place| place.messages.get_mut(ts))
        else {
            return;
        };
        message.edited = Some((message.user.clone(), at.clone()));
        message.text = text.unwrap_or_else(|| message.text.clone());
        message.blocks = blocks.map_or_else(|| message.blocks.clone(), with_block_ids);
        message.metadata = metadata.or_else(|| message.metadata.clone());
        let after = self.shown(channel, ts);
        // The same words in the same place are no news to anybody who looks.
        if before["text"] != after["text"] || before["blocks"] != after["blocks"] {
            self.appear(channel, ts, true);
        }
        let event = json!({
            "subtype": "message_changed", "hidden": true, "ts": at, "event_ts": at, "message": after,
            "previous_message": before,
        });
        self.tell(channel, event);
    }

    /// Takes a message away. The root of a thread leaves a stone behind.
    pub fn remove(&mut self, channel: &str, ts: &str) {
        let before = self.shown(channel, ts);
        let at = self.next_ts();
        let Some(place) = self.channels.get_mut(channel) else { return };
        let is_root = place.replies(ts).next().is_some();
        if let Some(root) = place.messages.get_mut(ts).filter(|_| is_root) {
            root.text = "This message was deleted.".to_owned();
            (root.subtype, root.user) = (Some("tombstone"), "USLACKBOT".to_owned());
            (root.blocks, root.metadata, root.by_app) = (json!([]), None, false);
            let after = self.shown(channel, ts);
            let event = json!({
                "subtype": "message_changed", "hidden": true, "ts": at, "event_ts": at, "message": after,
                "previous_message": before,
            });
            return self.tell(channel, event);
        }
        place.take(ts);
        let event = json!({
            "subtype": "message_deleted", "hidden": true, "ts": at, "event_ts": at, "deleted_ts": ts,
            "previous_message": before,
        });
        self.tell(channel, event);
    }

    /// Adds or takes away a reaction; whether that changed anything.
    pub fn reaction(&mut self, user: &str, channel: &str, ts: &str, name: &str, add: bool) -> bool {
        let Some(message) = self.channels.get_mut(channel).and_then(|place| place.messages.get_mut(ts))
        else {
            return false;
        };
        let changed = if add { message.react(user, name) } else { message.unreact(user, name) };
        let author = message.user.clone();
        if changed && self.watched(channel).is_some() {
            let kind = if add { "reaction_added" } else { "reaction_removed" };
            let item = json!({"type": "message", "channel": channel, "ts": ts});
            let at = self.next_ts();
            let event = json!({
                "type": kind, "user": user, "reaction": name, "item": item, "item_user": author, "event_ts": at,
            });
            self.raise(kind, event);
        }
        changed
    }

    /// Lets `user` into a channel.
    pub fn join(&mut self, channel: &str, user: &str, inviter: Option<&str>) {
        let Some(place) = self.channels.get_mut(channel) else { return };
        if !place.members.insert(user.to_owned()) {
            return;
        }
        let Some((_, channel_type)) = self.watched(channel) else { return };
        let at = self.next_ts();
        let mut event = json!({
            "type": "member_joined_channel", "user": user, "channel": channel, "team": TEAM, "event_ts": at,
            "channel_type": if channel_type == "channel" { "C" } else { "G" },
        });
        if let Some(inviter) = inviter {
            event["inviter"] = inviter.into();
        }
        self.raise("member_joined_channel", event);
        let mut said = Draft::typed(user, &format!("<@{user}> has joined the channel"));
        said.subtype = Some("channel_join");
        self.add(channel, said);
    }

    /// Tells of a change to a channel that members hear of.
    pub fn announce(&mut self, kind: &str, channel: &str, mut more: Value) {
        if self.watched(channel).is_none() {
            return;
        }
        let at = self.next_ts();
        merge(&mut more, json!({"type": kind, "event_ts": at}));
        self.raise(kind, more);
    }

    /// The element of a message or view with this action id, and its block's id.
    pub fn element(blocks_of: &Value, action_id: &str) -> Option<(String, Value)> {
        let found =
            blocks::actions(blocks_of).into_iter().find(|(_, element)| element["action_id"] == action_id);
        found.map(|(block, element)| (block.to_owned(), element.clone()))
    }
}
