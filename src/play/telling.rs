//! What a replay prints: nothing, a transcript that people read, or every turn as a line of JSON.

use std::io::{self, Write};

use chrono_tz::Tz;
use rustc_hash::FxHashMap;
use serde::Serialize;
use smol_str::SmolStr;

use super::notes::{self, kind_name};
use super::veil::Veil;
use crate::calendar::{Instant, SECOND_MS, to_local};
use crate::chat::console::{Entry, EntryKind, Transcript};
use crate::core::action::{Action, ActionId, Target};
use crate::core::event::{ChannelId, Event, MessageId, MessageRef, What};
use crate::core::message::harmless;
use crate::core::turn::Turn;

/// How a replay is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Not at all.
    Silent,
    /// As a transcript.
    Transcript,
    /// Every turn as a line of JSON.
    JsonLines,
}

/// See the module.
pub struct Telling<'o> {
    manner: Manner,
    out: &'o mut dyn Write,
    /// The first error of `out`; nothing is written after it.
    failed: Option<io::Error>,
    transcript: Transcript,
    zone: Tz,
    /// Over people's names; `None` where they keep them.
    veil: Option<Veil>,
    /// Names of people whom no veil covers, and of channels.
    names: FxHashMap<SmolStr, SmolStr>,
    channels: FxHashMap<ChannelId, SmolStr>,
}

/// A line of JSON: what was decided, or that something is sent now.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum JsonLine<'t> {
    Turn(&'t Turn),
    Sent { action: &'t ActionId, at: Instant },
}

impl<'o> Telling<'o> {
    /// Tells in this manner to `out`; times are those of `zone`.
    pub fn new(manner: Manner, out: &'o mut dyn Write, zone: Tz, veil: Option<Veil>) -> Telling<'o> {
        Telling {
            manner,
            out,
            failed: None,
            transcript: Transcript::new(false),
            zone,
            veil,
            names: FxHashMap::default(),
            channels: FxHashMap::default(),
        }
    }

    /// Whether nothing is told.
    pub fn is_silent(&self) -> bool {
        self.manner == Manner::Silent
    }

    /// The first thing that went wrong with writing.
    ///
    /// # Errors
    /// That error.
    pub fn check(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Takes who and what an event introduces.
    pub fn learn(&mut self, event: &Event) {
        if let What::User { user, facts } = &event.what {
            match &mut self.veil {
                Some(veil) => veil.learn(user, &facts.name),
                None => {
                    self.names.insert(user.clone(), facts.name.as_str().into());
                }
            }
        }
        if let What::Channel { channel, facts } = &event.what {
            self.channels.insert(channel.clone(), facts.name.as_str().into());
        }
    }

    /// Tells what happened.
    pub fn event(&mut self, event: &Event) {
        if self.manner != Manner::Transcript {
            return;
        }
        if let Some(entry) = self.entry(event) {
            self.show(&entry);
        }
    }

    fn entry(&self, event: &Event) -> Option<Entry> {
        let entry = |place: String, text: String, kind| Some(Entry { at: event.at, place, text, kind });
        match &event.what {
            What::Posted(posted) => {
                let place = self.place(&posted.message.channel, posted.thread.as_ref());
                let bot = if posted.bot { " (a program)" } else { "" };
                let text = format!("{}{bot}: {}", self.name(&posted.author), harmless(&posted.text.plain));
                entry(place, text, EntryKind::Talk)
            }
            What::Unreadable { message, thread, author } => {
                let place = self.place(&message.channel, thread.as_ref());
                let text = format!("{} writes what cannot be read yet", self.name(author));
                entry(place, text, EntryKind::Sign)
            }
            What::Edited { message, thread, author, text } => {
                let place = self.place(&message.channel, thread.as_ref());
                let text = format!(
                    "{} changes {} to: {}",
                    self.name(author),
                    self.time(&message.id),
                    harmless(&text.plain)
                );
                entry(place, text, EntryKind::Sign)
            }
            What::Deleted { message, thread } => {
                let place = self.place(&message.channel, thread.as_ref());
                entry(place, format!("{} is deleted", self.time(&message.id)), EntryKind::Sign)
            }
            What::Reacted { message, user, emoji, added } => {
                let does = if *added { "reacts with" } else { "takes back" };
                let text =
                    format!("{} {does} {} to {}", self.name(user), harmless(emoji), self.time(&message.id));
                entry(self.place(&message.channel, None), text, EntryKind::Sign)
            }
            What::CallBegan { channel, thread, users } => {
                let users: Vec<SmolStr> = users.iter().map(|user| self.name(user)).collect();
                let text = format!("a call begins: {}", users.join(", "));
                entry(self.place(channel, thread.as_ref()), text, EntryKind::Sign)
            }
            What::Commanded { .. }
            | What::Pressed { .. }
            | What::User { .. }
            | What::Channel { .. }
            | What::Away { .. }
            | What::Gap { .. }
            | What::Filled { .. }
            | What::Lost { .. }
            | What::HomeOpened { .. }
            | What::Invited { .. }
            | What::Revision(_)
            | What::Started { .. }
            | What::Delivered { .. } => None,
        }
    }

    /// Tells what was decided.
    pub fn turn(&mut self, turn: &Turn) {
        match self.manner {
            Manner::Silent => {}
            Manner::JsonLines if turn.is_empty() => {}
            Manner::JsonLines => self.json_line(&JsonLine::Turn(turn)),
            Manner::Transcript => {
                let about = |message: &MessageRef| {
                    format!("{} {}", self.place(&message.channel, None), self.time(&message.id))
                };
                let notes: Vec<Entry> = turn
                    .notes
                    .iter()
                    .filter_map(|note| notes::words(note, self.zone, about))
                    .map(|words| Entry::note(turn.now, words))
                    .collect();
                notes.iter().for_each(|entry| self.show(entry));
            }
        }
    }

    fn json_line(&mut self, line: &JsonLine<'_>) {
        let text = match &self.veil {
            None => serde_json::to_string(line),
            Some(veil) => serde_json::to_value(line).map(|mut value| {
                veil.json(&mut value);
                value.to_string()
            }),
        };
        self.write(&text.expect("a turn has string keys and no failing parts"));
    }

    /// Tells what is sent. It has reached the reader before it counts as sent: whoever runs a replay again
    /// after it was killed may be told of the last of it twice, but misses nothing.
    pub fn action(&mut self, action: &Action, now: Instant) {
        match self.manner {
            Manner::Silent => return,
            Manner::JsonLines => self.json_line(&JsonLine::Sent { action: &action.id, at: now }),
            Manner::Transcript => self.action_in_words(action, now),
        }
        if self.failed.is_none() {
            self.failed = self.out.flush().err();
        }
    }

    fn action_in_words(&mut self, action: &Action, now: Instant) {
        let place = match &action.to {
            Target::Thread { channel, root, .. } => self.place(channel, Some(root)),
            Target::Channel { channel, .. } => self.place(channel, None),
            Target::Private { channel, thread, user, .. } => {
                format!("{} (only {} sees it)", self.place(channel, thread.as_ref()), self.name(user))
            }
            Target::Direct { user, .. } => format!("@{}", self.name(user)),
            Target::Home { user, .. } => format!("the home of {}", self.name(user)),
            Target::Amend { .. } => "✎".to_owned(),
            Target::Page { person, .. } => format!("pager {}", self.name(person)),
        };
        let message = self.veil.as_ref().map_or_else(|| action.message.clone(), |veil| veil.message(action));
        let text = format!("Usher ({}): {}", kind_name(action.kind), message.plain());
        self.show(&Entry { at: now, place, text, kind: EntryKind::Usher });
    }

    fn show(&mut self, entry: &Entry) {
        let text = self.transcript.write(entry, self.zone);
        self.write(&text);
    }

    fn write(&mut self, text: &str) {
        if self.failed.is_none() {
            self.failed = writeln!(self.out, "{text}").err();
        }
    }

    fn name(&self, user: &str) -> SmolStr {
        match &self.veil {
            Some(veil) => veil.name(user),
            None => self.names.get(user).cloned().unwrap_or_else(|| user.into()),
        }
    }

    fn place(&self, channel: &ChannelId, thread: Option<&MessageId>) -> String {
        let name = self.channels.get(channel).unwrap_or(channel);
        let thread = thread.map(|root| format!("/{}", self.time(root))).unwrap_or_default();
        format!("#{name}{thread}")
    }

    /// A message by the time at which it was posted, which is its id.
    fn time(&self, message: &MessageId) -> String {
        let seconds: Option<i64> = message.split('.').next().and_then(|seconds| seconds.parse().ok());
        let Some(seconds) = seconds else { return message.to_string() };
        let at = Instant::from_ms(seconds.saturating_mul(SECOND_MS));
        to_local(self.zone, at).format("%a-%H:%M").to_string()
    }
}
