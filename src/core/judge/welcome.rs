//! Whether a long thread would be glad of a short call.
//!
//! The count of exchanges alone is not enough to be welcome. A [`Temper`] follows one thread message by
//! message in the platform's time order, in constant time and a few dozen bytes; bots and commands are
//! left out by the caller. After a signal that the matter is settled the exchanges count anew.

use serde::{Deserialize, Serialize};

use super::signals::Signals;
use crate::calendar::{Instant, MINUTE_MS};

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
    /// Two or three people are stuck on a live matter.
    Yes,
    /// The matter was just settled, or is being settled.
    Closing,
    /// There is nothing to solve: the talk is for its own sake.
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
    authors: [u32; Temper::PEOPLE_KEPT as usize],
    people: u8,
    declined: bool,
    last_author: Option<u32>,
    last_at: Option<Instant>,
    turns: u32,
    turns_at_reset: u32,
    /// Counted messages since the last closing signal, up to 255.
    since_closing: u8,
    closed_once: bool,
    asks: u8,
    asks_back: u8,
    stuck: u8,
    counted: u8,
    longest_gap_min: u32,
}

impl Temper {
    /// How many different people are told apart; more are counted as this many.
    pub const PEOPLE_KEPT: u32 = 12;
    /// So many counted messages after a closing signal the thread is held to go on.
    const CLOSING_LASTS: u8 = 3;
    /// A thread whose last message is older than this is not live.
    const LIVE_MIN: i64 = 60;

    /// Adds the thread's next message. Thanks, greetings and emoji are no turns.
    pub fn add(&mut self, message: TurnSummary) {
        let TurnSummary { author, at, signals } = message;
        self.declined |= signals.declines_call();
        if signals.closing() || signals.thanks() {
            self.close();
        }
        if !signals.counts() {
            return;
        }
        self.note_gap(at);
        self.note_author(author);
        self.since_closing = self.since_closing.saturating_add(u8::from(!signals.closing()));
        self.counted = self.counted.saturating_add(1);
        self.asks = self.asks.saturating_add(u8::from(signals.asks()));
        self.asks_back = self.asks_back.saturating_add(u8::from(signals.asks_back()));
        self.stuck = self.stuck.saturating_add(u8::from(signals.still_stuck()));
    }

    /// The exchanges so far; those before a closing signal that did not hold are not counted again.
    pub fn exchanges(&self) -> u32 {
        (self.turns - self.turns_at_reset) / 2
    }

    /// How many people have written, up to [`Temper::PEOPLE_KEPT`].
    pub fn people(&self) -> u32 {
        u32::from(self.people)
    }

    /// Whether a suggestion would be welcome at `now`, where at most `at_most_people` suit a call.
    pub fn welcome(&self, now: Instant, at_most_people: u32) -> Welcome {
        let silent_ms = self.last_at.map_or(0, |at| now.since(at));
        if self.declined {
            Welcome::Declined
        } else if self.closed_once && self.since_closing < Temper::CLOSING_LASTS {
            Welcome::Closing
        } else if self.people() > at_most_people {
            Welcome::Crowded { people: self.people() }
        } else if self.asks == 0 {
            Welcome::Social
        } else if silent_ms > Temper::LIVE_MIN * MINUTE_MS {
            Welcome::NotLive
        } else if self.asks_back + self.stuck < 2 || self.stuck == 0 {
            Welcome::NotStuck
        } else {
            Welcome::Yes
        }
    }

    fn close(&mut self) {
        self.closed_once = true;
        self.since_closing = 0;
        self.turns_at_reset = self.turns;
        self.asks = 0;
        self.asks_back = 0;
        self.stuck = 0;
        self.counted = 0;
    }

    fn note_gap(&mut self, at: Instant) {
        let gap_min = self.last_at.map_or(0, |last| at.since(last).max(0) / MINUTE_MS);
        self.longest_gap_min = self.longest_gap_min.max(u32::try_from(gap_min).unwrap_or(u32::MAX));
        self.last_at = self.last_at.max(Some(at));
    }

    fn note_author(&mut self, author: u32) {
        if self.last_author != Some(author) {
            self.turns += 1;
            self.last_author = Some(author);
        }
        let known = usize::from(self.people);
        if !self.authors[..known].contains(&author) && known < self.authors.len() {
            self.authors[known] = author;
            self.people += 1;
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
