//! The answer of the judgement: a handful of yes-or-no facts about one message.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What one message says, as far as the rules need it. Two bytes; the text itself is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signals(u16);

/// The signals by name, in the order of their bits. Bits are stored: add at the end, never reorder.
const NAMES: [&str; 13] = [
    "asks",
    "thanks",
    "social",
    "offers",
    "closing",
    "takes",
    "asks-back",
    "still-stuck",
    "declines-call",
    "chases",
    "has-fix",
    "bare",
    "fault",
];

impl Signals {
    /// A question or request that expects an answer: it starts an obligation if it is addressed.
    pub const ASKS: Signals = Signals(1);
    /// Thanks or an acknowledgement, and nothing else.
    pub const THANKS: Signals = Signals(1 << 1);
    /// A greeting, a laugh, "me too": friendly, and no part of the matter.
    pub const SOCIAL: Signals = Signals(1 << 2);
    /// An offer of help: "let me know if you get stuck".
    pub const OFFERS: Signals = Signals(1 << 3);
    /// The matter seems settled: thanks, "that did it", "will do".
    pub const CLOSING: Signals = Signals(1 << 4);
    /// Somebody takes it: "on it", "looking into it". It acknowledges and answers nothing yet.
    pub const TAKES: Signals = Signals(1 << 5);
    /// A question to the person who asked: "which version?". It asks as well.
    pub const ASKS_BACK: Signals = Signals(1 << 6);
    /// An attempt changed nothing: "still the same", "no luck".
    pub const STILL_STUCK: Signals = Signals(1 << 7);
    /// The writer would rather not call.
    pub const DECLINES_CALL: Signals = Signals(1 << 8);
    /// A reminder of an earlier question: "any news?", "bump".
    pub const CHASES: Signals = Signals(1 << 9);
    /// A link or a command, offered as the way out.
    pub const HAS_FIX: Signals = Signals(1 << 10);
    /// Nothing but emoji, punctuation or mentions.
    pub const BARE: Signals = Signals(1 << 11);

    /// Something does not work.
    pub const FAULT: Signals = Signals(1 << 12);

    /// Whether all of `other`'s signals are given.
    pub const fn has(self, other: Signals) -> bool {
        self.0 & other.0 == other.0
    }

    /// These signals and those of `other`.
    #[must_use]
    pub const fn with(self, other: Signals) -> Signals {
        Signals(self.0 | other.0)
    }

    /// These signals and, where `given`, those of `other`.
    #[must_use]
    pub const fn with_if(self, given: bool, other: Signals) -> Signals {
        if given { self.with(other) } else { self }
    }

    /// These signals less those of `other`.
    #[must_use]
    pub const fn without(self, other: Signals) -> Signals {
        Signals(self.0 & !other.0)
    }

    /// See [`Signals::ASKS`].
    pub const fn asks(self) -> bool {
        self.has(Signals::ASKS)
    }
    /// See [`Signals::THANKS`].
    pub const fn thanks(self) -> bool {
        self.has(Signals::THANKS)
    }
    /// See [`Signals::SOCIAL`].
    pub const fn social(self) -> bool {
        self.has(Signals::SOCIAL)
    }
    /// See [`Signals::OFFERS`].
    pub const fn offers(self) -> bool {
        self.has(Signals::OFFERS)
    }
    /// See [`Signals::CLOSING`].
    pub const fn closing(self) -> bool {
        self.has(Signals::CLOSING)
    }
    /// See [`Signals::TAKES`].
    pub const fn takes(self) -> bool {
        self.has(Signals::TAKES)
    }
    /// See [`Signals::ASKS_BACK`].
    pub const fn asks_back(self) -> bool {
        self.has(Signals::ASKS_BACK)
    }
    /// See [`Signals::STILL_STUCK`].
    pub const fn still_stuck(self) -> bool {
        self.has(Signals::STILL_STUCK)
    }
    /// See [`Signals::DECLINES_CALL`].
    pub const fn declines_call(self) -> bool {
        self.has(Signals::DECLINES_CALL)
    }
    /// See [`Signals::CHASES`].
    pub const fn chases(self) -> bool {
        self.has(Signals::CHASES)
    }
    /// See [`Signals::HAS_FIX`].
    pub const fn has_fix(self) -> bool {
        self.has(Signals::HAS_FIX)
    }
    /// See [`Signals::BARE`].
    pub const fn bare(self) -> bool {
        self.has(Signals::BARE)
    }

    /// See [`Signals::FAULT`].
    pub const fn fault(self) -> bool {
        self.has(Signals::FAULT)
    }

    /// Whether the message is part of the matter: it can be a turn of an exchange and can answer a
    /// question. Bare thanks, greetings and emoji are not.
    pub const fn counts(self) -> bool {
        !self.thanks() && !self.social() && !self.bare()
    }

    /// The names of the signals given, for records and transcripts.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().enumerate().filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| *name)
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
