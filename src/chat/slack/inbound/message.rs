//! Messages: posts and commands, their edits and deletions, huddles, and the news of a channel.

use std::borrow::Cow;

use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::envelope::kind_of;
use super::reader::{
    Around, Outcome, Reader, Stop, event, heard, id, id_if_any, instant_of, is_direct_id, message_id, parse,
    raw_text, text_of, thread,
};
use super::{Heard, Ignored, Strangers, Unreadable, Wanted};
use crate::calendar::Instant;
use crate::chat::slack::wire::{Message, as_id, storable};
use crate::chat::word::{Word, given};
use crate::core::event::{
    ChannelFacts, ChannelId, ChannelKind, Event, MessageId, MessageRef, Posted, UserId, What,
};

/// Slack's own bot, which writes without a bot's id.
const SLACKBOT: &str = "USLACKBOT";

/// A message of a person, and where it stands.
struct Said<'m> {
    channel: ChannelId,
    ts: MessageId,
    at: Instant,
    thread: Option<MessageId>,
    author: UserId,
    raw: Cow<'m, str>,
}

impl Reader<'_> {
    pub fn message(&mut self, text: &str, around: &Around) -> Outcome {
        let message: Message<'_> = parse(text)?;
        match given(&message.subtype) {
            None | Some("thread_broadcast" | "file_share" | "me_message" | "bot_message") => {
                self.said(&message, None)
            }
            Some("message_changed") => self.changed(&message),
            Some("message_deleted") => self.deleted(&message, around),
            Some("huddle_thread" | "sh_room_created") => self.huddle(&message, None),
            Some("channel_name" | "group_name") => {
                let name = storable(given(&message.name).ok_or(Unreadable::Missing("event.name"))?);
                self.channel_news(&message, |facts| facts.name = name)
            }
            Some("channel_archive" | "group_archive") => {
                self.channel_news(&message, |facts| facts.archived = true)
            }
            Some("channel_unarchive" | "group_unarchive") => {
                self.channel_news(&message, |facts| facts.archived = false)
            }
            Some("channel_convert_to_private") => {
                self.channel_news(&message, |facts| facts.kind = ChannelKind::Private)
            }
            Some("channel_convert_to_public") => {
                self.channel_news(&message, |facts| facts.kind = ChannelKind::Public)
            }
            Some(other) => Err(Ignored::Subtype(kind_of(other)).into()),
        }
    }

    pub fn app_mention(&mut self, text: &str) -> Outcome {
        let message: Message<'_> = parse(text)?;
        if message.edited.is_some() {
            return Err(Ignored::EditedMention.into());
        }
        self.said(&message, None)
    }

    /// A message of a list: it does not say in which channel it stands.
    pub fn history(&mut self, channel: &ChannelId, row: &[u8]) -> Outcome {
        let message: Message<'_> = parse(text_of(row)?)?;
        match given(&message.subtype) {
            None | Some("thread_broadcast" | "file_share" | "me_message" | "bot_message") => {
                let mut heard = self.said(&message, Some(channel))?;
                let is_post = matches!(heard.events.last(), Some(Event { what: What::Posted(_), .. }));
                if message.edited.is_some() && is_post {
                    let said = said(&message, Some(channel))?;
                    heard.events.push(self.edited(&message, said)?);
                }
                Ok(heard)
            }
            Some("tombstone") => {
                let (ts, at) = message_id(given(&message.ts), "ts")?;
                Ok(heard(self.deletion(channel, &ts, thread(&message.thread_ts, &ts, "thread_ts")?, at)))
            }
            Some("huddle_thread" | "sh_room_created") => self.huddle(&message, Some(channel)),
            Some(other) => Err(Ignored::Subtype(kind_of(other)).into()),
        }
    }

    /// A post or a command.
    fn said(&mut self, message: &Message<'_>, channel: Option<&ChannelId>) -> Outcome {
        self.refuse_programs(message)?;
        let said = said(message, channel)?;
        self.want_user(&said.author);
        let is_direct = is_direct_id(&said.channel) || given(&message.channel_type) == Some("im");
        let key = self.key(format_args!("{}/{}", said.channel, said.ts));
        if !is_direct {
            self.want_channel(&said.channel);
        }
        if let Some(words) = self.command_in(&said.raw).or(is_direct.then_some(&*said.raw)) {
            let words = self.text(words).plain.trim().to_owned();
            let Said { channel, at, thread, author, .. } = said;
            return Ok(heard(event(key, at, What::Commanded { user: author, channel, thread, words })));
        }
        let mut heard = Heard::default();
        heard.events.extend(self.unnamed_channel(&said, given(&message.channel_type)));
        let posted = Posted {
            text: self.text(&said.raw),
            message: MessageRef { channel: said.channel, id: said.ts },
            thread: said.thread,
            author: said.author,
            bot: false,
        };
        heard.events.push(event(key, said.at, What::Posted(posted)));
        Ok(heard)
    }

    /// Usher never answers itself or another program.
    fn refuse_programs(&self, message: &Message<'_>) -> Result<(), Ignored> {
        let own = self.identity();
        let is = |word: &Option<Word<'_>>, own: Option<&SmolStr>| {
            given(word).is_some_and(|word| own.is_some_and(|own| own == word))
        };
        if is(&message.user, Some(&own.user)) || is(&message.bot_id, own.bot.as_ref()) {
            return Err(Ignored::Own);
        }
        if given(&message.bot_id).is_some() && is(&message.app_id, own.app.as_ref()) {
            return Err(Ignored::Own);
        }
        let user = given(&message.user);
        let is_program = user == Some(SLACKBOT)
            || user.and_then(|user| self.context.directory.user(user)).is_some_and(|facts| facts.bot);
        if is_program || given(&message.bot_id).is_some() || given(&message.subtype) == Some("bot_message") {
            return Err(Ignored::AnotherBot);
        }
        Ok(())
    }

    /// The words after Usher's name, in a text that begins with it.
    fn command_in<'t>(&self, raw: &'t str) -> Option<&'t str> {
        let rest = raw.trim_start().strip_prefix("<@")?.strip_prefix(self.identity().user.as_str())?;
        let (label, rest) = rest.split_once('>')?;
        let is_usher = label.is_empty() || label.starts_with('|');
        is_usher.then(|| rest.strip_prefix([':', ',']).unwrap_or(rest))
    }

    /// A channel that nobody can be asked about is called by its id, and is private unless Slack says otherwise:
    /// what is said in it is told to nobody.
    fn unnamed_channel(&self, said: &Said<'_>, channel_type: Option<&str>) -> Option<Event> {
        let channel = &said.channel;
        let go_on = self.context.strangers == Strangers::GoOn;
        if !go_on || self.context.directory.channel(channel).is_some() {
            return None;
        }
        let kind = match channel_type {
            Some("channel") => ChannelKind::Public,
            Some("mpim") => ChannelKind::Direct,
            _ => ChannelKind::Private,
        };
        let facts = ChannelFacts {
            aliases: Vec::new(),
            name: channel.to_string(),
            kind,
            archived: false,
            members: vec![said.author.clone()],
        };
        let key = self.key(format_args!("channel/{channel}/unnamed"));
        Some(event(key, said.at, What::Channel { channel: channel.clone(), facts }))
    }

    fn changed(&mut self, change: &Message<'_>) -> Outcome {
        let channel = id(&change.channel, "event.channel")?;
        let now: Message<'_> = parse(change.message.ok_or(Unreadable::Missing("event.message"))?.get())?;
        let before = before(change.previous_message)?;
        // A message that holds a thread is not removed but emptied.
        if given(&now.subtype) == Some("tombstone") {
            return self.emptied(&channel, change, &now, before.as_ref());
        }
        if given(&now.subtype) == Some("huddle_thread") {
            return self.huddle_joined(&channel, change, &now);
        }
        self.refuse_programs(&now)?;
        if is_direct_id(&channel) || given(&change.channel_type) == Some("im") {
            return Err(Ignored::DirectChange.into());
        }
        if now.edited.is_none() {
            return Err(Ignored::NotEdited.into());
        }
        let earlier = before.as_ref().map(|before| raw_text(&before.text, before.blocks));
        if earlier.is_some_and(|earlier| earlier == raw_text(&now.text, now.blocks)) {
            return Err(Ignored::SameText.into());
        }
        let ts = given(&now.ts).or(before.as_ref().and_then(|before| given(&before.ts)));
        let (ts, at) = message_id(ts, "event.message.ts")?;
        let said = Said {
            channel,
            thread: thread(&now.thread_ts, &ts, "event.message.thread_ts")?,
            ts,
            at,
            author: id(&now.user, "event.message.user")?,
            raw: raw_text(&now.text, now.blocks),
        };
        self.want_user(&said.author);
        Ok(heard(self.edited(&now, said)?))
    }

    /// An edit, at the second of which Slack tells and not before the message.
    fn edited(&mut self, message: &Message<'_>, said: Said<'_>) -> Result<Event, Stop> {
        let edited = message.edited.as_ref().and_then(|edited| given(&edited.ts));
        let (stamp, at) = message_id(edited, "edited.ts")?;
        let key = self.key(format_args!("{}/{}/edited/{stamp}", said.channel, said.ts));
        let what = What::Edited {
            text: self.text(&said.raw),
            message: MessageRef { channel: said.channel, id: said.ts },
            thread: said.thread,
            author: said.author,
        };
        Ok(event(key, at.max(said.at), what))
    }

    fn emptied(
        &mut self,
        channel: &ChannelId,
        change: &Message<'_>,
        now: &Message<'_>,
        before: Option<&Message<'_>>,
    ) -> Outcome {
        if let Some(before) = before {
            self.refuse_programs(before)?;
        }
        let ts = given(&now.ts).or(before.and_then(|before| given(&before.ts)));
        let (ts, posted_at) = message_id(ts, "event.message.ts")?;
        let at = given(&change.ts).and_then(instant_of).unwrap_or(posted_at);
        let thread = thread(&now.thread_ts, &ts, "event.message.thread_ts")?;
        Ok(heard(self.deletion(channel, &ts, thread, at)))
    }

    fn deleted(&mut self, change: &Message<'_>, around: &Around) -> Outcome {
        let channel = id(&change.channel, "event.channel")?;
        let before = before(change.previous_message)?;
        let before = before.as_ref();
        if let Some(before) = before {
            self.refuse_programs(before)?;
        }
        if is_direct_id(&channel) {
            return Err(Ignored::DirectChange.into());
        }
        let ts = given(&change.deleted_ts).or(before.and_then(|before| given(&before.ts)));
        let (ts, posted_at) = message_id(ts, "event.deleted_ts")?;
        let at = given(&change.ts).and_then(instant_of).or(around.at).unwrap_or(posted_at);
        let root = before
            .map_or(Ok(None), |before| thread(&before.thread_ts, &ts, "event.previous_message.thread_ts"))?;
        Ok(heard(self.deletion(&channel, &ts, root, at)))
    }

    /// A message is deleted once.
    fn deletion(&self, channel: &ChannelId, ts: &MessageId, thread: Option<MessageId>, at: Instant) -> Event {
        let key = self.key(format_args!("{channel}/{ts}/deleted"));
        let message = MessageRef { channel: channel.clone(), id: ts.clone() };
        event(key, at, What::Deleted { message, thread })
    }

    /// Slack posts a huddle's beginning as a message.
    fn huddle(&mut self, message: &Message<'_>, channel: Option<&ChannelId>) -> Outcome {
        let channel = match channel {
            Some(channel) => channel.clone(),
            None => id(&message.channel, "event.channel")?,
        };
        let (ts, at) = message_id(given(&message.ts), "event.ts")?;
        let users = huddle_users(message);
        for user in &users {
            self.want_user(user);
        }
        let key = self.key(format_args!("{channel}/{ts}/call"));
        let thread = thread(&message.thread_ts, &ts, "event.thread_ts")?;
        Ok(heard(event(key, at, What::CallBegan { channel, thread, users })))
    }

    /// The message of a huddle changes with those who are in it: whoever joins may be one to whom it was suggested.
    fn huddle_joined(&mut self, channel: &ChannelId, change: &Message<'_>, now: &Message<'_>) -> Outcome {
        let room = now.room.as_ref().ok_or(Ignored::NotEdited)?;
        if room.has_ended == Some(true) || room.date_end.is_some_and(|end| end > 0) {
            return Err(Ignored::NotEdited.into());
        }
        let (ts, _) = message_id(given(&now.ts), "event.message.ts")?;
        let (_, at) = message_id(given(&change.ts), "event.ts")?;
        let users = huddle_users(now);
        for user in &users {
            self.want_user(user);
        }
        let key = self.key(format_args!("{channel}/{ts}/call/{}", users.len()));
        let thread = thread(&now.thread_ts, &ts, "event.message.thread_ts")?;
        Ok(heard(event(key, at, What::CallBegan { channel: channel.clone(), thread, users })))
    }

    /// What a message tells of the channel in which it stands.
    fn channel_news(&mut self, message: &Message<'_>, change: impl FnOnce(&mut ChannelFacts)) -> Outcome {
        let channel = id(&message.channel, "event.channel")?;
        let (ts, at) = message_id(given(&message.ts), "event.ts")?;
        let mut facts = self.known_channel(&channel)?;
        change(&mut facts);
        // What was open to everyone has never had its members listed.
        if facts.kind == ChannelKind::Private
            && facts.members.is_empty()
            && self.context.strangers == Strangers::Ask
        {
            return Err(Stop::Learn(Wanted::Channel(channel)));
        }
        let key = self.key(format_args!("{channel}/{ts}/channel"));
        Ok(heard(event(key, at, What::Channel { channel, facts })))
    }
}

fn said<'m>(message: &'m Message<'_>, channel: Option<&ChannelId>) -> Result<Said<'m>, Unreadable> {
    let channel = match channel {
        Some(channel) => channel.clone(),
        None => id(&message.channel, "event.channel")?,
    };
    let (ts, at) = message_id(given(&message.ts), "event.ts")?;
    let thread = thread(&message.thread_ts, &ts, "event.thread_ts")?;
    let author = id(&message.user, "event.user")?;
    Ok(Said { channel, ts, at, thread, author, raw: raw_text(&message.text, message.blocks) })
}

fn before(raw: Option<&RawValue>) -> Result<Option<Message<'_>>, Unreadable> {
    raw.map(|raw| parse::<Option<Message<'_>>>(raw.get())).transpose().map(Option::flatten)
}

/// Who is in a huddle, whoever began it first.
fn huddle_users(message: &Message<'_>) -> Vec<UserId> {
    let room = message.room.as_ref();
    let began = room.and_then(|room| id_if_any(&room.created_by)).or_else(|| id_if_any(&message.user));
    let mut users: Vec<UserId> = began.into_iter().filter(|user| user != SLACKBOT).collect();
    let known = room.map(|room| [&room.participants, &room.participant_history]);
    for user in known.into_iter().flatten().flat_map(|list| list.iter().flatten()) {
        if let Some(user) = as_id(user.as_str()).filter(|user| !users.contains(user)) {
            users.push(user);
        }
    }
    users
}
