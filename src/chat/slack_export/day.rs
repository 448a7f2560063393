//! One channel's file of one day becomes events.
//!
//! An export says who reacted and not when. A reaction is placed just after the next message of the same
//! thread (of the main line, for a message in no thread) on that day: by then the reader had been there.
//! Where no other follows, it is placed just after the message itself.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use super::roster::Roster;
use super::shape::{Changed, Line, Reaction};
use super::tally::{Mended, Skipped, Tally};
use crate::calendar::Instant;
use crate::chat::slack_text;
use crate::chat::slack_time::micros_of;
use crate::chat::word::{Word, given};
use crate::core::event::{ChannelId, Event, MessageId, MessageRef, Platform, Posted, Text, What};

/// An event and its place in the day: microseconds since the epoch.
pub(super) struct Placed {
    pub micros: i64,
    pub event: Event,
}

/// What a day's file is turned into, and with what.
pub(super) struct DayOf<'r> {
    pub channel: ChannelId,
    pub roster: &'r mut Roster,
    pub tally: &'r mut Tally,
    pub events: &'r mut Vec<Placed>,
}

/// Reactions that wait for the next message of their thread.
#[derive(Default)]
struct Waiting<'l> {
    by_thread: BTreeMap<&'l str, Vec<(&'l Line<'l>, i64)>>,
}

/// What kind of line a subtype makes.
enum Sort {
    Message,
    BotMessage,
    Changed,
    Deleted,
    Huddle,
    NoTalk,
}

impl DayOf<'_> {
    /// Appends the events of `lines`.
    pub fn read(&mut self, lines: &[Line<'_>]) {
        let order = self.in_order(lines);
        let mut waiting = Waiting::default();
        let mut last = None;
        for (micros, line) in order {
            // Files hold a message twice where an export was taken across its edit.
            if last == Some(micros) && is_message(line) {
                self.tally.skip(Skipped::Duplicate);
                continue;
            }
            last = Some(micros);
            self.line(line, micros, &mut waiting);
        }
        let mut left: Vec<_> = waiting.by_thread.into_values().flatten().collect();
        left.sort_by_key(|(_, micros)| *micros);
        for (line, micros) in left {
            self.reactions(line, micros);
        }
    }

    /// The lines with a readable time, by time; lines of the same time keep the file's order.
    fn in_order<'l>(&mut self, lines: &'l [Line<'l>]) -> Vec<(i64, &'l Line<'l>)> {
        let mut order = Vec::with_capacity(lines.len());
        let mut latest = i64::MIN;
        for line in lines {
            let Some(micros) = given(&line.ts).and_then(micros_of) else {
                self.tally.skip(Skipped::NoTime);
                continue;
            };
            if micros < latest {
                self.tally.mend(Mended::OutOfOrder);
            }
            latest = latest.max(micros);
            order.push((micros, line));
        }
        order.sort_by_key(|(micros, _)| *micros);
        order
    }

    fn line<'l>(&mut self, line: &'l Line<'l>, micros: i64, waiting: &mut Waiting<'l>) {
        if let Some(kind) = given(&line.kind).filter(|kind| *kind != "message") {
            return self.tally.skip(Skipped::Type(kind.into()));
        }
        let subtype = given(&line.subtype);
        match sort_of(subtype) {
            Sort::Message => self.posted(line, micros, false, waiting),
            Sort::BotMessage => self.posted(line, micros, true, waiting),
            Sort::Changed => self.changed(line, micros),
            Sort::Deleted => self.deleted(line, micros),
            Sort::Huddle => self.huddle(line, micros),
            Sort::NoTalk => self.tally.skip(Skipped::Subtype(subtype.unwrap_or_default().into())),
        }
    }

    fn posted<'l>(&mut self, line: &'l Line<'l>, micros: i64, by_bot: bool, waiting: &mut Waiting<'l>) {
        let ts = given(&line.ts).unwrap_or_default();
        let user = given(&line.user);
        let Some(author) = user.or(given(&line.bot_id)).or(given(&line.username)) else {
            return self.tally.skip(Skipped::NoAuthor);
        };
        let bot = by_bot || user.is_none() || line.bot_id.is_some();
        let known_bot = self.meet(author, bot, line, micros);
        let root = given(&line.thread_ts);
        let strand = root.unwrap_or_default();
        let posted = Posted {
            message: self.message(ts),
            thread: root.filter(|root| *root != ts).map(MessageId::new),
            author: author.into(),
            bot: bot || known_bot,
            text: self.text(&line.text),
        };
        if !posted.bot {
            // Here, beside the engine that plays the day before.
            posted.text.signals();
        }
        self.push(format_smolstr!("{}/{ts}", self.channel), micros, What::Posted(posted));
        for (earlier, _) in waiting.by_thread.remove(strand).unwrap_or_default() {
            self.reactions(earlier, micros);
        }
        if line.reactions.as_ref().is_some_and(|reactions| !reactions.is_empty()) {
            waiting.by_thread.entry(strand).or_default().push((line, micros));
        }
    }

    /// Makes sure that whoever writes is known; whether they are known to be a program.
    fn meet(&mut self, author: &str, bot: bool, line: &Line<'_>, micros: i64) -> bool {
        if let Some(bot) = self.roster.is_bot(author) {
            return bot;
        }
        if !bot {
            self.tally.mend(Mended::UnlistedUser);
        }
        let newcomer = self.roster.meet(author, bot, line.user_profile.as_ref(), given(&line.username));
        let what = What::User { user: newcomer.id.clone(), facts: newcomer.facts };
        self.push(format_smolstr!("user/{}", newcomer.id), micros, what);
        bot
    }

    fn reactions(&mut self, line: &Line<'_>, after_micros: i64) {
        let ts = given(&line.ts).unwrap_or_default();
        for reaction in line.reactions.iter().flatten() {
            self.reaction(ts, reaction, after_micros);
        }
    }

    fn reaction(&mut self, ts: &str, reaction: &Reaction<'_>, after_micros: i64) {
        let Some(name) = given(&reaction.name) else {
            return self.tally.skip(Skipped::Reaction);
        };
        // `+1::skin-tone-3` is a `+1`.
        let emoji = SmolStr::new(name.split("::").next().unwrap_or(name));
        for user in reaction.users.iter().flatten().map(Word::as_str) {
            let key = format_smolstr!("{}/{ts}/{emoji}/{user}", self.channel);
            let message = self.message(ts);
            let what = What::Reacted { message, user: user.into(), emoji: emoji.clone(), added: true };
            self.push(key, after_micros + 1_000, what);
        }
    }

    fn changed(&mut self, line: &Line<'_>, micros: i64) {
        let Some((changed, ts)) = about(line.message.as_ref()) else {
            return self.tally.skip(Skipped::NoMessage);
        };
        let Some(author) = given(&changed.user) else {
            return self.tally.skip(Skipped::NoAuthor);
        };
        let what = What::Edited {
            message: self.message(ts),
            thread: thread_of(changed, ts),
            author: author.into(),
            text: self.text(&changed.text),
        };
        self.push(format_smolstr!("{}/{ts}/edit/{micros}", self.channel), micros, what);
    }

    fn deleted(&mut self, line: &Line<'_>, micros: i64) {
        let before = line.previous_message.as_ref();
        let Some(ts) = given(&line.deleted_ts).or(about(before).map(|(_, ts)| ts)) else {
            return self.tally.skip(Skipped::NoMessage);
        };
        let thread = before.and_then(|before| thread_of(before, ts));
        let what = What::Deleted { message: self.message(ts), thread };
        self.push(format_smolstr!("{}/{ts}/delete", self.channel), micros, what);
    }

    fn huddle(&mut self, line: &Line<'_>, micros: i64) {
        let ts = given(&line.ts).unwrap_or_default();
        let room = line.room.as_ref();
        let users = room.and_then(|room| room.participant_history.as_ref().or(room.participants.as_ref()));
        let users = users.into_iter().flatten().map(|user| user.as_str().into()).collect();
        let thread = given(&line.thread_ts).filter(|root| *root != ts).map(MessageId::new);
        let what = What::CallBegan { channel: self.channel.clone(), thread, users };
        self.push(format_smolstr!("{}/{ts}/call", self.channel), micros, what);
    }

    fn text(&self, raw: &Option<Word<'_>>) -> Text {
        slack_text::read(raw.as_ref().map_or("", Word::as_str), &*self.roster)
    }

    fn message(&self, ts: &str) -> MessageRef {
        MessageRef { channel: self.channel.clone(), id: ts.into() }
    }

    fn push(&mut self, key: SmolStr, micros: i64, what: What) {
        let at = Instant::from_ms(micros.div_euclid(1_000));
        self.events.push(Placed { micros, event: Event { key, at, platform: Platform::Slack, what } });
    }
}

/// The message that a change is about, and its `ts`.
fn about<'a>(changed: Option<&'a Changed<'_>>) -> Option<(&'a Changed<'a>, &'a str)> {
    let changed = changed?;
    given(&changed.ts).map(|ts| (changed, ts))
}

fn thread_of(changed: &Changed<'_>, ts: &str) -> Option<MessageId> {
    given(&changed.thread_ts).filter(|root| *root != ts).map(MessageId::new)
}

fn is_message(line: &Line<'_>) -> bool {
    match sort_of(given(&line.subtype)) {
        Sort::Message | Sort::BotMessage => true,
        Sort::Changed | Sort::Deleted | Sort::Huddle | Sort::NoTalk => false,
    }
}

fn sort_of(subtype: Option<&str>) -> Sort {
    match subtype {
        None | Some("file_share" | "me_message" | "thread_broadcast") => Sort::Message,
        Some("bot_message") => Sort::BotMessage,
        Some("message_changed") => Sort::Changed,
        Some("message_deleted") => Sort::Deleted,
        Some("huddle_thread") => Sort::Huddle,
        Some(_) => Sort::NoTalk,
    }
}
