//! What all readers of payloads share: keys, ids, times, texts, and who is to be asked about.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;
use smol_str::{SmolStr, format_smolstr};

use super::{
    Context, Heard, Ignored, LONGEST_BYTES, Notice, Payload, Reading, Strangers, Unreadable, Wanted,
};
use crate::calendar::Instant;
use crate::chat::slack::directory::Identity;
use crate::chat::slack::wire::{as_id, storable};
use crate::chat::slack_text;
use crate::chat::slack_time::micros_of;
use crate::chat::word::{Word, given};
use crate::core::event::{ChannelFacts, Event, EventKey, Mention, MessageId, Platform, Text, What};

/// So many unknown ids of one payload are asked about; more are a list and no talk.
const MOST_WANTED: usize = 20;
/// An error of the JSON reader is cut after so many characters: it may quote what somebody typed.
const LONGEST_ERROR: usize = 160;

/// Why reading ends early.
pub(super) enum Stop {
    /// Nothing follows from it.
    Ignored(Ignored),
    /// It cannot be read.
    Unreadable(Unreadable),
    /// This has to be known first.
    Learn(Wanted),
}

impl From<Ignored> for Stop {
    fn from(why: Ignored) -> Stop {
        Stop::Ignored(why)
    }
}

impl From<Unreadable> for Stop {
    fn from(why: Unreadable) -> Stop {
        Stop::Unreadable(why)
    }
}

/// What reading a part of a payload comes to.
pub(super) type Outcome = Result<Heard, Stop>;

/// Reads one payload.
pub(super) struct Reader<'c> {
    pub context: &'c Context<'c>,
    wanted: Vec<Wanted>,
}

impl<'c> Reader<'c> {
    pub fn new(context: &'c Context<'c>) -> Reader<'c> {
        Reader { context, wanted: Vec::new() }
    }

    pub fn payload(&mut self, payload: Payload, bytes: &[u8]) -> Outcome {
        let text = text_of(bytes)?;
        match payload {
            Payload::Event => self.envelope(text),
            Payload::Interactive => self.interactive(text),
            Payload::InteractiveForm => self.interactive_form(text),
            Payload::Command => self.command_json(text),
            Payload::CommandForm => self.command_form(text),
        }
    }

    /// What it all comes to: who has to be asked about goes before what was heard.
    pub fn end(self, outcome: Outcome) -> Reading {
        match (outcome, self.context.strangers) {
            (Ok(_), Strangers::Ask) if !self.wanted.is_empty() => Reading::Learn(self.wanted),
            (Ok(heard), Strangers::Ask | Strangers::GoOn) => Reading::Heard(heard),
            (Err(Stop::Ignored(why)), _) => Reading::Ignored(why),
            (Err(Stop::Unreadable(why)), _) => Reading::Unreadable(why),
            (Err(Stop::Learn(wanted)), _) => Reading::Learn(vec![wanted]),
        }
    }

    pub fn identity(&self) -> &'c Identity {
        self.context.directory.identity()
    }

    /// Refuses what was sent for somebody else. In a shared channel one of several teams is ours.
    pub fn addressed<'t>(
        &self,
        app: Option<&str>,
        teams: impl Iterator<Item = &'t str>,
        mut enterprises: impl Iterator<Item = &'t str>,
    ) -> Result<(), Ignored> {
        let own = self.identity();
        if app.is_some_and(|app| own.app.as_ref().is_some_and(|own| own != app)) {
            return Err(Ignored::OtherApp);
        }
        let mut teams = teams.peekable();
        let is_for_us = teams.peek().is_none()
            || teams.any(|team| own.team == team)
            || own.enterprise.as_ref().is_some_and(|own| enterprises.any(|enterprise| own == enterprise));
        if is_for_us { Ok(()) } else { Err(Ignored::OtherTeam) }
    }

    /// A key within Usher's team: the same event in two teams is two.
    pub fn key(&self, about: fmt::Arguments<'_>) -> EventKey {
        format_smolstr!("slack/{}/{about}", self.identity().team)
    }

    /// When something happened that Slack says the instant of, and what tells it from the like.
    pub fn stamp(&self, event_ts: Option<&RawValue>, around: &Around) -> Result<(SmolStr, Instant), Stop> {
        let Some(raw) =
            event_ts.map(|raw| raw.get().trim_matches('"')).filter(|raw| !matches!(*raw, "" | "null"))
        else {
            let id = around.event_id.clone().ok_or(Unreadable::Missing("event_ts"))?;
            return Ok((id, around.at.unwrap_or(self.context.now)));
        };
        let at = instant_of(raw).or_else(|| instant_of_micros(raw));
        Ok((raw.into(), at.ok_or(Unreadable::Nonsense("event_ts"))?))
    }

    /// A text as the engine reads it. Those whom it mentions are asked about.
    pub fn text(&mut self, raw: &str) -> Text {
        let mut text = slack_text::read(raw, self.context.directory);
        if text.plain.contains('\0') {
            text = Text::new(storable(&text.plain), text.mentions);
        }
        for mention in &text.mentions {
            match mention {
                Mention::User(id) => self.want_user(id),
                Mention::Group(handle) => self.want_group(handle),
                Mention::Everyone | Mention::Usher => {}
            }
        }
        text
    }

    pub fn want_user(&mut self, id: &str) {
        if self.context.directory.user(id).is_none() && id != self.identity().user {
            self.want(as_id(id).map(Wanted::User));
        }
    }

    pub fn want_channel(&mut self, id: &str) {
        if !is_direct_id(id) && !self.context.directory.is_named(id) {
            self.want(as_id(id).map(Wanted::Channel));
        }
    }

    /// A group without a handle is mentioned by its id.
    fn want_group(&mut self, handle: &str) {
        let is_id = handle.starts_with('S') && handle.len() > 4;
        if is_id && handle.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
            self.want(as_id(handle).map(Wanted::Group));
        }
    }

    fn want(&mut self, wanted: Option<Wanted>) {
        let Some(wanted) = wanted else { return };
        if self.wanted.len() < MOST_WANTED && !self.wanted.contains(&wanted) {
            self.wanted.push(wanted);
        }
    }

    /// What is known of a channel of which an event tells a part.
    pub fn known_channel(&self, id: &str) -> Result<ChannelFacts, Stop> {
        let directory = self.context.directory;
        match (directory.channel(id).filter(|_| directory.is_named(id)), self.context.strangers) {
            (Some(facts), _) => Ok(facts.clone()),
            (None, Strangers::Ask) => Err(Stop::Learn(Wanted::Channel(id.into()))),
            (None, Strangers::GoOn) => Err(Ignored::UnknownChannel.into()),
        }
    }
}

/// What the envelope of an event says of its time and its identity.
pub(super) struct Around {
    pub event_id: Option<SmolStr>,
    pub at: Option<Instant>,
}

/// One event, and nothing else.
pub(super) fn heard(event: Event) -> Heard {
    Heard { events: vec![event], notices: Vec::new() }
}

/// One notice, and nothing else.
pub(super) fn noticed(notice: Notice) -> Heard {
    Heard { events: Vec::new(), notices: vec![notice] }
}

pub(super) fn event(key: EventKey, at: Instant, what: What) -> Event {
    Event { key, at, platform: Platform::Slack, what }
}

/// A conversation of two: that with Usher, in what Usher is sent of its own accord.
pub fn is_direct_id(channel: &str) -> bool {
    channel.starts_with('D')
}

/// The text of a payload that is not beyond measure.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.len() > LONGEST_BYTES {
        return Err(Unreadable::TooLong { bytes: bytes.len() });
    }
    std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)
}

pub(super) fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Unreadable> {
    serde_json::from_str(text)
        .map_err(|error| Unreadable::Json(error.to_string().chars().take(LONGEST_ERROR).collect()))
}

/// An id that has to be there.
pub(super) fn id(word: &Option<Word<'_>>, what: &'static str) -> Result<SmolStr, Unreadable> {
    as_id(given(word).ok_or(Unreadable::Missing(what))?).ok_or(Unreadable::Nonsense(what))
}

/// An id that may be missing.
pub(super) fn id_if_any(word: &Option<Word<'_>>) -> Option<SmolStr> {
    given(word).and_then(as_id)
}

/// The id of a message, which is its time.
pub(super) fn message_id(ts: Option<&str>, what: &'static str) -> Result<(MessageId, Instant), Unreadable> {
    let ts = ts.ok_or(Unreadable::Missing(what))?;
    Ok((ts.into(), instant_of(ts).ok_or(Unreadable::Nonsense(what))?))
}

/// The first message of a thread, unless it is the message itself.
pub(super) fn thread(
    word: &Option<Word<'_>>,
    ts: &str,
    what: &'static str,
) -> Result<Option<MessageId>, Unreadable> {
    match given(word).filter(|root| *root != ts) {
        None => Ok(None),
        root => Ok(Some(message_id(root, what)?.0)),
    }
}

/// `1107662640.010000` as an instant; of fractions to the microsecond, so that one message has one id.
pub(in crate::chat::slack) fn instant_of(ts: &str) -> Option<Instant> {
    let fits = ts.split_once('.').is_none_or(|(_, fraction)| (1..=6).contains(&fraction.len()));
    micros_of(ts).filter(|_| fits).map(|micros| Instant::from_ms(micros.div_euclid(1_000)))
}

/// `1107662640010000`, as some events have it.
fn instant_of_micros(ts: &str) -> Option<Instant> {
    let micros: i64 = ts.parse().ok().filter(|_| ts.len() == 16 && !ts.starts_with(['-', '+']))?;
    Some(Instant::from_ms(micros.div_euclid(1_000)))
}

/// The text of a message, or its blocks where it has none.
pub(super) fn raw_text<'m>(text: &'m Option<Word<'_>>, blocks: Option<&RawValue>) -> Cow<'m, str> {
    match (given(text), blocks) {
        (Some(text), _) => Cow::Borrowed(text),
        (None, Some(blocks)) => Cow::Owned(super::rich::markup(blocks)),
        (None, None) => Cow::Borrowed(""),
    }
}
