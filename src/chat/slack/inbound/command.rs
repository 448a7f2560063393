//! Slash commands, as JSON and as the form that a request holds.

use super::interactive::{opening, trigger};
use super::reader::{Outcome, Reader, event, id, parse};
use super::{Heard, Ignored, Notice, Unreadable};
use crate::chat::forms::Wanting;
use crate::chat::slack::forms::{Form, Place};
use crate::chat::slack::wire::Command;
use crate::chat::word::{Word, given};
use crate::core::event::{EventKey, What};

/// Usher's command; of several installations in one workspace each may have an ending of its own.
const COMMAND: &str = "/usher";

impl Reader<'_> {
    pub fn command_json(&mut self, text: &str) -> Outcome {
        let command: Command<'_> = parse(text)?;
        self.command(&command)
    }

    pub fn command_form(&mut self, form: &str) -> Outcome {
        let word = |name: &str| field(form, name).map(|value| Word(value.into()));
        let command = Command {
            command: word("command"),
            text: word("text"),
            user_id: word("user_id"),
            channel_id: word("channel_id"),
            team_id: word("team_id"),
            enterprise_id: word("enterprise_id"),
            api_app_id: word("api_app_id"),
            trigger_id: word("trigger_id"),
            response_url: word("response_url"),
            ssl_check: word("ssl_check"),
        };
        self.command(&command)
    }

    /// Slack says neither when a command was given nor in which thread: it gives none in threads.
    fn command(&mut self, command: &Command<'_>) -> Outcome {
        if given(&command.ssl_check) == Some("1") && given(&command.command).is_none() {
            return Err(Ignored::SslCheck.into());
        }
        let (team, enterprise) = (given(&command.team_id), given(&command.enterprise_id));
        self.addressed(given(&command.api_app_id), team.into_iter(), enterprise.into_iter())?;
        let name = given(&command.command).ok_or(Unreadable::Missing("command"))?;
        if !name.strip_prefix(COMMAND).is_some_and(|ending| ending.is_empty() || ending.starts_with('-')) {
            return Err(Ignored::OtherCommand.into());
        }
        let user = id(&command.user_id, "user_id")?;
        let channel = id(&command.channel_id, "channel_id")?;
        let stamp = trigger(given(&command.trigger_id))?;
        let words = self.text(given(&command.text).unwrap_or_default()).plain.trim().to_owned();
        let key = self.key(format_args!("command/{user}/{stamp}"));
        let mut notices: Vec<Notice> =
            respond(&key, given(&command.response_url), false).into_iter().collect();
        if let Some(form) = Wanting::typed(&words).map(Form::from) {
            let place = Place { channel, thread: None, opened_by: Some(key.clone()) };
            let done = (key, self.context.now, user);
            notices.push(opening(form, place, given(&command.trigger_id), done)?);
            return Ok(Heard { events: Vec::new(), notices });
        }
        self.want_user(&user);
        self.want_channel(&channel);
        let what = What::Commanded { user, channel, thread: None, words };
        Ok(Heard { events: vec![event(key, self.context.now, what)], notices })
    }
}

/// The first value of a field of a form.
pub(in crate::chat::slack) fn field(form: &str, name: &str) -> Option<String> {
    let mut fields = url::form_urlencoded::parse(form.as_bytes());
    fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
}

/// Where an answer to an event can be said, if Slack gave such a place.
pub(super) fn respond(key: &EventKey, url: Option<&str>, in_thread: bool) -> Option<Notice> {
    Some(Notice::Respond { key: key.clone(), url: url?.to_owned(), in_thread })
}
