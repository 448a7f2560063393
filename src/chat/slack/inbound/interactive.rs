//! Presses, shortcuts and forms.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::command::field;
use super::envelope::kind_of;
use super::reader::{Outcome, Reader, event, heard, id, instant_of, message_id, noticed, parse, thread};
use super::{Heard, Ignored, Notice, Unreadable};
use crate::calendar::Instant;
use crate::chat::slack::buttons;
use crate::chat::slack::wire::{Input, Interactive, Named, Press, as_id, storable};
use crate::chat::slack_word::{Word, given};
use crate::core::event::{EventKey, UserId, What};

/// How the names of Usher's shortcuts, forms and controls begin.
const OURS: &str = "usher_";

impl Reader<'_> {
    pub fn interactive_form(&mut self, form: &str) -> Outcome {
        let payload = field(form, "payload").ok_or(Unreadable::Missing("payload"))?;
        self.interactive(&payload)
    }

    pub fn interactive(&mut self, text: &str) -> Outcome {
        let interactive: Interactive<'_> = parse(text)?;
        let named = |named: &'_ Option<Named<'_>>| {
            named.as_ref().and_then(|named| given(&named.id)).map(str::to_owned)
        };
        let (team, enterprise) = (named(&interactive.team), named(&interactive.enterprise));
        self.addressed(
            given(&interactive.api_app_id),
            team.as_deref().into_iter(),
            enterprise.as_deref().into_iter(),
        )?;
        match given(&interactive.kind).ok_or(Unreadable::Missing("type"))? {
            "block_actions" => self.presses(&interactive),
            "message_action" => self.message_shortcut(&interactive),
            "shortcut" => global_shortcut(&interactive),
            "view_submission" => self.form(&interactive),
            "view_closed" => Err(Ignored::FormClosed.into()),
            other => Err(Ignored::Type(kind_of(other)).into()),
        }
    }

    fn presses(&mut self, interactive: &Interactive<'_>) -> Outcome {
        let user = user_of(interactive)?;
        let mut heard = Heard::default();
        for press in interactive.actions.as_ref().ok_or(Unreadable::Missing("actions"))? {
            self.press(press, &user, interactive, &mut heard)?;
        }
        if heard == Heard::default() {
            return Err(Ignored::OtherButton.into());
        }
        self.want_user(&user);
        Ok(heard)
    }

    fn press(
        &self,
        press: &Press<'_>,
        user: &UserId,
        interactive: &Interactive<'_>,
        heard: &mut Heard,
    ) -> Result<(), Unreadable> {
        let Some(action_id) = given(&press.action_id) else { return Ok(()) };
        let value = given(&press.value)
            .or_else(|| press.selected_option.as_ref().and_then(|chosen| given(&chosen.value)))
            .unwrap_or_default();
        if let Some((action, choice)) = buttons::decode(action_id, value) {
            let (stamp, at) = moment(&press.action_ts, interactive, self.context.now)?;
            let key = self.key(format_args!("press/{user}/{action_id}/{stamp}"));
            heard.notices.extend(respond(&key, interactive));
            heard.events.push(event(key, at, What::Pressed { user: user.clone(), action, choice }));
        } else if action_id.starts_with(OURS) {
            heard.notices.push(Notice::Control {
                user: user.clone(),
                action_id: action_id.into(),
                value: value.to_owned(),
                trigger_id: given(&interactive.trigger_id).map(str::to_owned),
            });
        }
        Ok(())
    }

    /// A verb about the message on whose menu it was chosen, and so about its thread.
    fn message_shortcut(&mut self, interactive: &Interactive<'_>) -> Outcome {
        let words = verb(given(&interactive.callback_id)).ok_or(Ignored::OtherShortcut)?;
        let user = user_of(interactive)?;
        let channel = channel_of(interactive)?;
        let message = interactive.message.as_ref();
        let ts = given(&interactive.message_ts).or(message.and_then(|message| given(&message.ts)));
        let (ts, _) = message_id(ts, "message.ts")?;
        let root =
            message.map_or(Ok(None), |message| thread(&message.thread_ts, &ts, "message.thread_ts"))?;
        let (stamp, at) = moment(&interactive.action_ts, interactive, self.context.now)?;
        self.want_user(&user);
        self.want_channel(&channel);
        let key = self.key(format_args!("shortcut/{channel}/{ts}/{user}/{stamp}"));
        let notices = respond(&key, interactive);
        let what = What::Commanded { user, channel, thread: root.or(Some(ts)), words: words.into() };
        Ok(Heard { notices: notices.into_iter().collect(), ..heard(event(key, at, what)) })
    }

    /// A form is the command of its name with what was typed, in the order of its blocks' ids.
    fn form(&mut self, interactive: &Interactive<'_>) -> Outcome {
        let view = interactive.view.as_ref().ok_or(Unreadable::Missing("view"))?;
        let mut words = verb(given(&view.callback_id)).ok_or(Ignored::OtherForm)?.to_string();
        let user = user_of(interactive)?;
        let place = given(&view.private_metadata).ok_or(Unreadable::Missing("view.private_metadata"))?;
        let place = buttons::decode_place(place).ok_or(Unreadable::Nonsense("view.private_metadata"))?;
        let no_values = BTreeMap::new();
        let values = view.state.as_ref().map_or(&no_values, |state| &state.values);
        for input in values.values().flat_map(BTreeMap::values) {
            if let Some(typed) = self.typed(input) {
                words.push(' ');
                words.push_str(&typed);
            }
        }
        let (stamp, at) = moment(&None, interactive, self.context.now)?;
        self.want_user(&user);
        let key = self.key(format_args!("form/{user}/{stamp}"));
        let (channel, thread) = place;
        Ok(heard(event(key, at, What::Commanded { user, channel, thread, words })))
    }

    /// What stands in an input. A person who was chosen is called as in a text; what was typed stays as it is.
    fn typed(&mut self, input: &Input<'_>) -> Option<String> {
        if let Some(user) = given(&input.selected_user).and_then(as_id) {
            return Some(self.text(&format!("<@{user}>")).plain);
        }
        let option = input.selected_option.as_ref().and_then(|chosen| given(&chosen.value));
        let typed =
            given(&input.value).or(option).or(given(&input.selected_date)).or(given(&input.selected_time))?;
        Some(storable(typed).trim().to_owned()).filter(|typed| !typed.is_empty())
    }
}

fn global_shortcut(interactive: &Interactive<'_>) -> Outcome {
    let verb = verb(given(&interactive.callback_id)).ok_or(Ignored::OtherShortcut)?;
    let trigger_id = given(&interactive.trigger_id).map(str::to_owned);
    Ok(noticed(Notice::Shortcut { user: user_of(interactive)?, verb, trigger_id }))
}

/// `usher_turn_on` is `turn-on`.
fn verb(callback_id: Option<&str>) -> Option<SmolStr> {
    let name = callback_id?.strip_prefix(OURS)?;
    let fits = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-');
    (!name.is_empty() && name.bytes().all(fits)).then(|| name.replace('_', "-").into())
}

fn user_of(interactive: &Interactive<'_>) -> Result<UserId, Unreadable> {
    let user = interactive.user.as_ref().ok_or(Unreadable::Missing("user"))?;
    id(&user.id, "user.id")
}

fn channel_of(interactive: &Interactive<'_>) -> Result<SmolStr, Unreadable> {
    let channel = interactive.channel.as_ref().ok_or(Unreadable::Missing("channel"))?;
    id(&channel.id, "channel.id")
}

/// When it was done, and what tells it from the like. A form has no time, but a trigger of its own.
fn moment(
    action_ts: &Option<Word<'_>>,
    interactive: &Interactive<'_>,
    now: Instant,
) -> Result<(SmolStr, Instant), Unreadable> {
    if let Some(ts) = given(action_ts) {
        return Ok((ts.into(), instant_of(ts).ok_or(Unreadable::Nonsense("action_ts"))?));
    }
    trigger(given(&interactive.trigger_id)).map(|trigger| (trigger, now))
}

/// A trigger, as a part of a key.
pub(super) fn trigger(trigger_id: Option<&str>) -> Result<SmolStr, Unreadable> {
    const LONGEST: usize = 128;
    let trigger = trigger_id.ok_or(Unreadable::Missing("trigger_id"))?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let is_one = trigger.len() <= LONGEST && trigger.bytes().all(fits);
    is_one.then(|| trigger.into()).ok_or(Unreadable::Nonsense("trigger_id"))
}

fn respond(key: &EventKey, interactive: &Interactive<'_>) -> Option<Notice> {
    super::command::respond(key, given(&interactive.response_url), given(&interactive.trigger_id))
}
