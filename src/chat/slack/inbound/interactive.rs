//! Presses, shortcuts and forms.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::command::field;
use super::envelope::kind_of;
use super::reader::{
    Outcome, Reader, Stop, event, heard, id, instant_of, message_id, noticed, parse, thread,
};
use super::{Heard, Ignored, Notice, OURS, Strangers, Unreadable, Wanted};
use crate::calendar::Instant;
use crate::chat::slack::buttons;
use crate::chat::slack::forms::{Form, Place, Submitted};
use crate::chat::slack::wire::{Interactive, Named, Press};
use crate::chat::word::{Word, given};
use crate::core::event::{ChannelId, EventKey, UserId, What};

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
            "shortcut" => self.global_shortcut(&interactive),
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
        let key = self.key(format_args!("shortcut/{channel}/{ts}/{user}/{stamp}"));
        let mut notices: Vec<Notice> = respond(&key, interactive).into_iter().collect();
        let thread = root.or(Some(ts));
        if let Some(form) = Form::of(&words) {
            let place = Place { channel, thread, opened_by: Some(key.clone()) };
            notices.push(opening(form, place, given(&interactive.trigger_id), (key, at, user))?);
            return Ok(Heard { events: Vec::new(), notices });
        }
        self.want_user(&user);
        self.want_channel(&channel);
        let what = What::Commanded { user, channel, thread, words: words.into() };
        Ok(Heard { notices, ..heard(event(key, at, what)) })
    }

    /// A verb that is about no message: its place is the conversation with Usher.
    fn global_shortcut(&mut self, interactive: &Interactive<'_>) -> Outcome {
        let words = verb(given(&interactive.callback_id)).ok_or(Ignored::OtherShortcut)?;
        let user = user_of(interactive)?;
        let channel = self.direct(&user)?;
        let (stamp, at) = moment(&interactive.action_ts, interactive, self.context.now)?;
        let key = self.key(format_args!("shortcut/{user}/{stamp}"));
        if let Some(form) = Form::of(&words) {
            let place = Place { channel, thread: None, opened_by: None };
            let opening = opening(form, place, given(&interactive.trigger_id), (key, at, user))?;
            return Ok(noticed(opening));
        }
        self.want_user(&user);
        Ok(heard(event(key, at, What::Commanded { user, channel, thread: None, words: words.into() })))
    }

    /// The conversation of somebody with Usher.
    fn direct(&self, user: &UserId) -> Result<ChannelId, Stop> {
        match (self.context.directory.direct(user), self.context.strangers) {
            (Some(channel), _) => Ok(channel.clone()),
            (None, Strangers::Ask) => Err(Stop::Learn(Wanted::Direct(user.clone()))),
            (None, Strangers::GoOn) => Err(Ignored::UnknownChannel.into()),
        }
    }

    /// A form is the command of its name with what was typed and chosen, or it leads to another form.
    fn form(&mut self, interactive: &Interactive<'_>) -> Outcome {
        let view = interactive.view.as_ref().ok_or(Unreadable::Missing("view"))?;
        let form = verb(given(&view.callback_id)).and_then(|verb| Form::of(&verb));
        let form = form.ok_or(Ignored::OtherForm)?;
        let user = user_of(interactive)?;
        let place = given(&view.private_metadata).ok_or(Unreadable::Missing("view.private_metadata"))?;
        let place = Place::decode(place).ok_or(Unreadable::Nonsense("view.private_metadata"))?;
        let no_values = BTreeMap::new();
        let values = view.state.as_ref().map_or(&no_values, |state| &state.values);
        let (words, person) = match form.submitted(values, self.context.now).map_err(Unreadable::Missing)? {
            Submitted::Wrong(wrong) => return Ok(noticed(Notice::WrongForm(wrong))),
            Submitted::Next(form) => return Ok(noticed(Notice::NextForm { form, place })),
            Submitted::Command { words, person } => (words, person),
        };
        let (stamp, at) = moment(&None, interactive, self.context.now)?;
        self.want_user(&user);
        person.iter().for_each(|person| self.want_user(person));
        let key = self.key(format_args!("form/{user}/{stamp}"));
        let Place { channel, thread, opened_by } = place;
        let continues = opened_by.map(|of| Notice::Continues { key: key.clone(), of });
        let what = What::Commanded { user, channel, thread, words };
        Ok(Heard { notices: continues.into_iter().collect(), ..heard(event(key, at, what)) })
    }
}

/// What opens a form; Slack gives the means with whatever a person does, of which it is known under which key,
/// when and by whom.
pub(super) fn opening(
    form: Form,
    place: Place,
    trigger_id: Option<&str>,
    (key, at, user): (EventKey, Instant, UserId),
) -> Result<Notice, Unreadable> {
    let trigger_id = trigger_id.ok_or(Unreadable::Missing("trigger_id"))?.to_owned();
    let Place { channel, thread, opened_by: _ } = place.clone();
    let what = What::Commanded { user, channel, thread, words: form.help() };
    Ok(Notice::Form { form, place, trigger_id, otherwise: Box::new(event(key, at, what)) })
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

/// Where an answer can be said. What stands in a thread says so, as soon as the thread has a reply.
fn respond(key: &EventKey, interactive: &Interactive<'_>) -> Option<Notice> {
    let on = [&interactive.message, &interactive.container];
    let in_thread = on.into_iter().flatten().any(|about| given(&about.thread_ts).is_some());
    super::command::respond(key, given(&interactive.response_url), in_thread)
}
