//! What a person does with the app: commands, buttons, forms, shortcuts. Each becomes a payload.

use serde_json::{Value, json};

use super::acts::message_json;
use super::deliveries::Delivery;
use super::state::{APP, BOT, BOT_USER, State, TEAM, VERIFICATION_TOKEN};
use super::submissions::filled;
use super::view_methods::view_json;
use super::workspace::{View, merge};

impl State {
    fn user_json(&self, user: &str) -> Value {
        let name = self.users.get(user).map_or("", |user| user.name.as_str());
        json!({"id": user, "username": name, "name": name, "team_id": TEAM})
    }

    fn channel_name(&self, channel: &str) -> String {
        let name = self.channels.get(channel).map(|channel| channel.name.clone());
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| "directmessage".to_owned())
    }

    /// What every interaction has.
    fn interaction(&self, kind: &str, user: &str) -> Value {
        json!({
            "type": kind, "user": self.user_json(user), "api_app_id": APP, "token": VERIFICATION_TOKEN,
            "team": {"id": TEAM, "domain": "stand-in"}, "enterprise": null, "is_enterprise_install": false,
        })
    }

    /// `user` types `/usher text`.
    pub fn command(&mut self, user: &str, channel: &str, command: &str, text: &str) -> usize {
        let (trigger_id, response_url) = (self.trigger(user), self.response_url(channel, user, None));
        let user_name = self.users.get(user).map_or("", |user| user.name.as_str());
        let payload = json!({
            "token": VERIFICATION_TOKEN, "team_id": TEAM, "team_domain": "stand-in", "channel_id": channel,
            "channel_name": self.channel_name(channel), "user_id": user, "user_name": user_name,
            "command": command, "text": text, "api_app_id": APP, "is_enterprise_install": "false",
            "response_url": response_url, "trigger_id": trigger_id,
        });
        self.deliver(Delivery::command(payload))
    }

    /// What a person did with an element: `choice` says which option, person or time was chosen.
    fn action(&mut self, element: (String, Value), choice: Option<Value>) -> Value {
        let (block_id, element) = element;
        let mut action = json!({
            "action_id": element["action_id"], "block_id": block_id, "type": element["type"],
            "action_ts": self.next_ts(),
        });
        for field in ["text", "value", "style"] {
            if let Some(value) = element.get(field) {
                action[field] = value.clone();
            }
        }
        merge(&mut action, choice.unwrap_or_default());
        action
    }

    /// `user` presses an element of a message, an ephemeral one too. Nothing if it is not there.
    pub fn press(
        &mut self,
        user: &str,
        channel: &str,
        ts: &str,
        action_id: &str,
        choice: Option<Value>,
    ) -> Option<usize> {
        let ephemeral = self.ephemerals.iter().find(|it| it.ts == ts && it.channel == channel).cloned();
        let place = self.channels.get(channel)?;
        let message = match (&ephemeral, place.messages.get(ts)) {
            (Some(it), _) => {
                json!({"type": "message", "user": BOT_USER, "bot_id": BOT, "ts": it.ts, "text": it.text,
                "blocks": it.blocks})
            }
            (None, Some(message)) => message_json(message, place),
            (None, None) => return None,
        };
        let element = State::element(&message["blocks"], action_id)?;
        let action = self.action(element, choice);
        let mut payload = self.interaction("block_actions", user);
        let is_ephemeral = ephemeral.is_some();
        let mut container = json!({
            "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": is_ephemeral,
        });
        let thread = ephemeral.and_then(|it| it.thread_ts).map_or(message["thread_ts"].clone(), Value::from);
        if !thread.is_null() {
            container["thread_ts"] = thread;
        }
        let more = json!({
            "container": container, "trigger_id": self.trigger(user), "state": {"values": {}}, "actions": [action],
            "channel": {"id": channel, "name": self.channel_name(channel)},
            "response_url": self.response_url(channel, user, Some(ts)),
        });
        merge(&mut payload, more);
        if !is_ephemeral {
            payload["message"] = message;
        }
        Some(self.deliver(Delivery::interaction(payload)))
    }

    /// `user` presses an element of a view or of the home.
    pub fn press_in_view(&mut self, view: &View, action_id: &str, choice: Option<Value>) -> Option<usize> {
        let element = State::element(&view.content["blocks"], action_id)?;
        let action = self.action(element, choice);
        let mut payload = self.interaction("block_actions", &view.user);
        let more = json!({
            "container": {"type": "view", "view_id": view.id}, "trigger_id": self.trigger(&view.user),
            "view": view_json(view, &json!({})), "actions": [action],
        });
        merge(&mut payload, more);
        Some(self.deliver(Delivery::interaction(payload)))
    }

    /// `user` sends a form with what is filled in: `{block_id: {action_id: {…}}}`. Nothing is sent that does not
    /// fit.
    pub fn submit(&mut self, view: &View, values: &Value) -> Result<usize, String> {
        let values = &filled(view, values)?;
        let mut payload = self.interaction("view_submission", &view.user);
        let more = json!({
            "trigger_id": self.trigger(&view.user), "view": view_json(view, values), "response_urls": [],
        });
        merge(&mut payload, more);
        Ok(self.deliver(Delivery::interaction(payload)))
    }

    /// The person closes a form.
    pub fn close_view(&mut self, view: &View) -> Option<usize> {
        self.views.get_mut(&view.id)?.open = false;
        if view.content["notify_on_close"] != true {
            return None;
        }
        let mut payload = self.interaction("view_closed", &view.user);
        merge(&mut payload, json!({"view": view_json(view, &json!({})), "is_cleared": false}));
        Some(self.deliver(Delivery::interaction(payload)))
    }

    /// `user` chooses a shortcut: on a message if there is one, else anywhere.
    pub fn shortcut(&mut self, user: &str, on: Option<(&str, &str)>, callback_id: &str) -> Option<usize> {
        let kind = if on.is_some() { "message_action" } else { "shortcut" };
        let mut payload = self.interaction(kind, user);
        let action_ts = self.next_ts();
        let trigger_id = self.trigger(user);
        merge(
            &mut payload,
            json!({"callback_id": callback_id, "trigger_id": trigger_id, "action_ts": action_ts}),
        );
        if let Some((channel, ts)) = on {
            let place = self.channels.get(channel)?;
            let message = message_json(place.messages.get(ts)?, place);
            let more = json!({
                "message": message, "message_ts": ts, "channel": {"id": channel, "name": self.channel_name(channel)},
                "response_url": self.response_url(channel, user, Some(ts)),
            });
            merge(&mut payload, more);
        }
        Some(self.deliver(Delivery::interaction(payload)))
    }

    /// `user` opens the home of the app.
    pub fn open_home(&mut self, user: &str) {
        if !self.app.home_tab {
            return;
        }
        let channel = self.direct(user);
        let at = self.next_ts();
        let mut event = json!({
            "type": "app_home_opened", "user": user, "channel": channel, "tab": "home", "event_ts": at,
        });
        if let Some(home) = self.homes.get(user) {
            event["view"] = view_json(home, &json!({}));
        }
        self.raise("app_home_opened", event);
    }

    /// Something about a person changed, or the person is new.
    pub fn put_user(&mut self, user: super::User) {
        let before = self.users.get(&user.id);
        let kind = if before.is_some() { "user_change" } else { "team_join" };
        let huddle = before.is_some_and(|before| before.in_huddle != user.in_huddle);
        let shown = user.to_json(TEAM);
        self.users.insert(user.id.clone(), user);
        let at = self.next_ts();
        if huddle {
            let kind = "user_huddle_changed";
            self.raise(kind, json!({"type": kind, "user": shown, "event_ts": at}));
        }
        self.raise(
            kind,
            json!({"type": kind, "user": shown, "cache_ts": self.now_ms() / 1_000, "event_ts": at}),
        );
    }
}
