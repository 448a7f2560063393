//! Commands: what people type to Usher, read into a [`Command`] and carried out.
//!
//! Every command is answered exactly once, privately, by what [`Engine::carry_out`] or a [`Mistake`] says.
//! A command that is wrong changes nothing.

mod args;
mod mistake;
mod table;
mod when;

pub(super) use mistake::{Mistake, clip};
pub(super) use table::{ENTRIES, Entry, Works, kind_name};
pub(super) use when::{Day, Point, When};

use super::action::Kind;
use super::answers::Asked;
use super::engine::Engine;
use super::event::{ChannelId, MessageRef};
use super::message::Message;
use super::turn::Turn;
use crate::runbook::{Name, Who};
use args::Book;

/// Characters of the outcome of a call.
pub const OUTCOME_MOST: usize = 500;
/// Characters of a text that is delivered later.
pub const LATER_MOST: usize = 2_000;

/// A command with everything it names found.
#[derive(Debug)]
pub(super) enum Command {
    /// What there is; or one command at length.
    Help(Option<&'static Entry>),
    /// Who is on duty and in; or about somebody.
    Who(Option<Whom>),
    /// Whose hours, and of which days.
    Hours { of: Whom, days: Days },
    /// When an answer is owed here, or would be.
    Due { channel: Option<ChannelNamed>, level: Option<Name> },
    /// Why Usher did or did not speak about a message, or about this thread.
    Why(Option<MessageRef>),
    /// What the asker owes and is owed.
    Owe,
    /// The cheat sheet.
    Runbook,
    /// The answer to this is posted for all to read.
    Share(Box<Shared>),
    /// The asker takes the question.
    Take,
    /// Nothing more is said about it for a time.
    Snooze(When),
    /// It gets a tighter level: that one, or the next.
    Urgent(Option<Name>),
    /// It is settled.
    Resolve,
    /// A call is wanted.
    Call,
    /// How it ended.
    Outcome(String),
    /// A text for somebody, at their opening.
    Later { to: Name, at: Option<When>, text: String },
    /// What waits to be delivered.
    LaterList,
    /// Takes back the text of that number, from 1.
    LaterCancel(usize),
    /// Nothing is said to the asker for a time.
    Mute(When),
    /// That ends.
    Unmute,
    /// The last outcomes of a channel.
    Decisions(Option<ChannelNamed>),
    /// A kind of notice comes back in this channel; or which are off.
    TurnOn(Option<Kind>),
}

/// A question whose answer is for all.
#[derive(Debug)]
pub(super) struct Shared {
    /// Which command it is.
    pub(super) entry: &'static Entry,
    /// What it asks.
    pub(super) command: Command,
    /// As it was typed.
    pub(super) words: String,
}

/// Days in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Days {
    /// The first of them, in the zone of whoever asks.
    pub(super) first: Day,
    /// How many.
    pub(super) count: usize,
}

/// Whom or what somebody asks about.
#[derive(Debug)]
pub(super) enum Whom {
    /// A person, a group or a rotation.
    Of(Who),
    /// A topic of `[owners]`.
    Topic(Name),
    /// Those who answer in a channel.
    Channel(ChannelNamed),
}

/// A channel that the runbook names, or the platform, or both.
#[derive(Debug)]
pub(super) struct ChannelNamed {
    /// The name that was found.
    pub(super) name: Name,
    /// The platform's id, if the platform has told of it.
    pub(super) id: Option<ChannelId>,
}

/// Whether a command answers to this word.
pub fn is_command(word: &str) -> bool {
    name_of(word).is_some()
}

/// What the command is called that answers to this word.
pub fn name_of(word: &str) -> Option<&'static str> {
    table::find(word).map(|entry| entry.name)
}

/// Whether all of a text is a time as one types it: `tomorrow 10:00`, `in 2 hours`.
pub fn is_time(typed: &str) -> bool {
    let words: Vec<&str> = typed.split_whitespace().collect();
    When::read(&words).is_some_and(|(_, taken)| taken == words.len())
}

impl Engine {
    /// Reads a command, carries it out and answers it.
    pub(super) fn hear_command(&mut self, asked: &Asked<'_>, words: &str, turn: &mut Turn) {
        if self.is_bot(asked.event.platform, asked.user) {
            return;
        }
        let answer = self.answer_to(asked, words, turn).unwrap_or_else(|mistake| mistake.sentence());
        self.reply(asked, answer, turn);
    }

    pub(super) fn answer_to(
        &mut self,
        asked: &Asked<'_>,
        words: &str,
        turn: &mut Turn,
    ) -> Result<Message, Mistake> {
        let runbook = self.runbook().ok_or(Mistake::NoRunbook)?;
        let book = Book {
            runbook: &runbook,
            people: &self.people,
            places: &self.places,
            platform: asked.event.platform,
            by: &asked.by,
            channel: asked.channel,
        };
        let (entry, command) = table::parse(words, &book)?;
        match entry.works {
            Works::Anywhere | Works::InThread => {}
            Works::ForAdmins if runbook.team.admins.contains(&asked.by) => {}
            Works::ForAdmins => return Err(Mistake::AdminsOnly { entry }),
        }
        self.carry_out(asked, entry, command, turn)
    }

    pub(super) fn carry_out(
        &mut self,
        asked: &Asked<'_>,
        entry: &'static Entry,
        command: Command,
        turn: &mut Turn,
    ) -> Result<Message, Mistake> {
        let thread = || self.thread_of_command(asked).ok_or(Mistake::NotInThread { entry });
        match command {
            Command::Help(about) => Ok(self.words().help(about)),
            Command::Who(None) => Ok(self.who_now(asked)),
            Command::Who(Some(whom)) => Ok(self.who(asked, &whom)),
            Command::Hours { of, days } => self.hours(asked, &of, days),
            Command::Due { channel: None, level: None } => match thread() {
                Ok(thread) => Ok(self.due_here(asked, &thread)),
                Err(_) => self.due_if_asked(asked, None, None),
            },
            Command::Due { channel, level } => self.due_if_asked(asked, channel.as_ref(), level.as_ref()),
            Command::Why(Some(message)) => Ok(self.why_message(asked, &message)),
            Command::Why(None) => {
                thread().map(|thread| self.why(&thread.key, &thread.about, &asked.by, asked.now))
            }
            Command::Owe => Ok(self.owe(asked)),
            Command::Runbook => Ok(self.cheat_sheet(asked)),
            Command::Share(shared) => self.share(asked, *shared, turn),
            Command::Take => thread().map(|thread| self.take(asked, &thread, turn)),
            Command::Snooze(when) => {
                let thread = thread()?;
                self.snooze_until(asked, entry, &thread, when)
            }
            Command::Urgent(level) => thread().map(|thread| self.urgent(asked, &thread, level, turn)),
            Command::Resolve => thread().map(|thread| self.resolve(asked, &thread, turn)),
            Command::Call => thread().map(|thread| self.call(asked, &thread, turn)),
            Command::Outcome(text) => thread().map(|thread| self.tell_outcome(asked, &thread, text, turn)),
            Command::Later { to, at, text } => self.send_later(asked, entry, to, at, text),
            Command::LaterList => Ok(self.list_later(asked)),
            Command::LaterCancel(number) => Ok(self.cancel_later(asked, number)),
            Command::Mute(when) => self.mute(asked, entry, when),
            Command::Unmute => Ok(self.unmute(asked, turn)),
            Command::Decisions(channel) => Ok(self.decided_in(asked, channel)),
            Command::TurnOn(kind) => Ok(self.turn_on(asked, kind, turn)),
        }
    }
}
