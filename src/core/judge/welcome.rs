//! Whether a long thread would be glad of a short call.
//!
//! The count of exchanges alone is not enough to be welcome. A [`Temper`] follows one thread message by
//! message in the platform's time order, in constant time and under a hundred bytes; bots and commands
//! are left out by the caller. After a signal that the matter is settled, or that nobody wants a call, all counts begin
//! anew.
//!
//! What it looks for is one person with trouble, and others who still ask what the trouble is. A talk
//! in which questions get answers is long, too, and needs no call.

use serde::{Deserialize, Serialize};

use super::signals::Signals;
use crate::calendar::{DAY_MS, HOUR_MS, Instant};

/// One message of a thread, as far as its temper goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnSummary {
    /// Who wrote it: any number that stands for the person within this thread.
    pub author: u32,
    /// When it was written.
    pub at: Instant,
    /// What it says.
    pub signals: Signals,
}

/// Whether a suggestion to call would be welcome, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Welcome {
    /// Few people are stuck on a live matter.
    Yes,
    /// The matter was just settled, or is being settled.
    Closing,
    /// There is nothing to solve: nobody asks, and nothing is broken.
    Social,
    /// Too many people for a short call; the written way suits them.
    Crowded {
        /// How many have written, up to [`Temper::PEOPLE_KEPT`].
        people: u32,
    },
    /// Somebody would rather not call.
    Declined,
    /// The talk gets on by itself.
    NotStuck,
    /// The last word is long ago.
    NotLive,
}

/// What is remembered of one thread: enough to tell its exchanges, and how it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Temper {
    people: [u32; Temper::PEOPLE_KEPT],
    people_count: u8,
    declined: bool,
    closed: bool,
    /// Counted messages since the last closing signal, or since a call was declined.
    since_closing: u8,
    /// The first who asked something or reported trouble.
    asker: Option<u32>,
    last_author: Option<u32>,
    last_at: Option<Instant>,
    turns: u32,
    /// Turns in which the asker was in trouble, and in which somebody asked the asker back.
    troubled_turns: u32,
    asking_turns: u32,
    /// The latest turns of these two kinds; turns count from 1, and 0 is none.
    last_troubled: u32,
    last_asking: u32,
}

impl Temper {
    /// How many different people are told apart; more are counted as this many.
    pub const PEOPLE_KEPT: usize = 12;
    /// So many counted messages after a closing signal, or a call that was declined, the thread is held to go on.
    const CLOSING_LASTS: u8 = 3;
    /// A thread whose last message is older than this is not live.
    const LIVE_MS: i64 = HOUR_MS;
    /// A thread taken up again after this begins anew.
    const STALE_MS: i64 = 7 * DAY_MS;
    /// Trouble that nobody has spoken of for so many turns is no longer what the talk is about.
    const TROUBLE_LASTS_TURNS: u32 = 10;
    /// If nobody has asked back for so many turns, the others know what the trouble is, or have given up.
    const ASKING_LASTS_TURNS: u32 = 6;
    /// How much must speak for a call: trouble weighs two, a question back weighs one.
    const STUCK_AT: u32 = 6;
    /// Trouble beyond so many turns adds nothing: the questions back must tell the rest.
    const TROUBLE_COUNTED_TURNS: u32 = 3;

    /// Adds the thread's next message. Thanks, greetings and emoji are no turns.
    pub fn add(&mut self, message: TurnSummary) {
        let TurnSummary { author, at, signals } = message;
        if signals.declines_call() {
            self.decline();
        } else if signals.closing() {
            self.close();
        } else if self.last_at.is_some_and(|last| at.since(last) > Temper::STALE_MS) {
            self.begin_anew();
        }
        if !signals.counts() {
            return;
        }
        self.last_at = self.last_at.max(Some(at));
        self.since_closing = self.since_closing.saturating_add(u8::from(!signals.closing()));
        self.note_author(author);
        self.note_trouble(author, signals);
    }

    /// The exchanges so far; those before a closing signal that did not hold are not counted.
    pub fn exchanges(&self) -> u32 {
        self.turns / 2
    }

    /// How many people have written, up to [`Temper::PEOPLE_KEPT`].
    pub fn people(&self) -> u32 {
        u32::from(self.people_count)
    }

    /// Whether a suggestion would be welcome at `now`, where at most `at_most_people` suit a call.
    pub fn welcome(&self, now: Instant, at_most_people: u32) -> Welcome {
        let just_now = self.since_closing < Temper::CLOSING_LASTS;
        if self.declined && just_now {
            Welcome::Declined
        } else if self.closed && just_now {
            Welcome::Closing
        } else if self.asker.is_none() {
            Welcome::Social
        } else if self.last_at.is_some_and(|last| now.since(last) > Temper::LIVE_MS) {
            Welcome::NotLive
        } else if self.people() > at_most_people {
            Welcome::Crowded { people: self.people() }
        } else if self.is_stuck() {
            Welcome::Yes
        } else {
            Welcome::NotStuck
        }
    }

    fn is_stuck(&self) -> bool {
        let in_trouble =
            self.last_troubled > 0 && self.last_troubled + Temper::TROUBLE_LASTS_TURNS > self.turns;
        let still_asked = self.last_asking > 0 && self.last_asking + Temper::ASKING_LASTS_TURNS > self.turns;
        let trouble = self.troubled_turns.min(Temper::TROUBLE_COUNTED_TURNS);
        in_trouble && still_asked && 2 * trouble + self.asking_turns >= Temper::STUCK_AT
    }

    /// It is settled: what comes after counts anew.
    pub fn close(&mut self) {
        self.begin_anew();
        self.closed = true;
        self.declined = false;
    }

    /// Somebody would rather not call: what comes after counts anew.
    fn decline(&mut self) {
        self.begin_anew();
        self.declined = true;
    }

    fn begin_anew(&mut self) {
        self.since_closing = 0;
        self.turns = 0;
        self.last_author = None;
        self.troubled_turns = 0;
        self.asking_turns = 0;
        self.last_troubled = 0;
        self.last_asking = 0;
    }

    fn note_author(&mut self, author: u32) {
        if self.last_author != Some(author) {
            self.turns += 1;
            self.last_author = Some(author);
        }
        let known = usize::from(self.people_count);
        if !self.people[..known].contains(&author) && known < Temper::PEOPLE_KEPT {
            self.people[known] = author;
            self.people_count += 1;
        }
    }

    fn note_trouble(&mut self, author: u32, signals: Signals) {
        let troubled = signals.fault() || signals.still_stuck();
        if self.asker.is_none() && (signals.asks() || troubled) {
            self.asker = Some(author);
        }
        let by_asker = self.asker == Some(author);
        if by_asker && troubled && self.last_troubled != self.turns {
            self.troubled_turns += 1;
            self.last_troubled = self.turns;
        }
        if !by_asker && signals.asks() && self.last_asking != self.turns {
            self.asking_turns += 1;
            self.last_asking = self.turns;
        }
    }
}

/// Whether a call would be welcome after `turns`, in time order: [`Temper`] in one go.
pub fn call_is_welcome(turns: &[TurnSummary], now: Instant, at_most_people: u32) -> Welcome {
    let mut temper = Temper::default();
    for turn in turns {
        temper.add(*turn);
    }
    temper.welcome(now, at_most_people)
}
