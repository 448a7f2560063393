//! The weighing of one sentence: which phrases stand in it, and whether it asks.

use super::phrases::{Class, Cue};
use super::text::{Sentence, Token};
use super::tree::{Tree, Word};

/// What one sentence says.
#[derive(Clone, Copy, Default)]
pub(super) struct Weight {
    pub asks: bool,
    /// It asks about what the reader did, sees or uses.
    pub asks_back: bool,
    /// The cues found in it, as bits; `Ask`, `Calm` and `Void` are used up here.
    pub cues: u16,
}

const ASKING: u16 = Cue::Ask.bit() | Cue::Calm.bit() | Cue::Void.bit() | Cue::Offer.bit();
const ENDING: u16 = Cue::Void.bit() | Cue::Offer.bit();

/// Weighs `sentence` by the phrases of `tree`.
pub(super) fn weigh(tree: &Tree, sentence: &Sentence<'_>) -> Weight {
    let tokens = sentence.tokens;
    let start = openers(tree, tokens);
    let mut scan = Scan::default();
    let mut clause_open = true;
    for at in 0..tokens.len() {
        let starts_clause = clause_open || at == start || tokens[at].after_break;
        let starts_sentence = at == 0 || at == start;
        scan.begin(at);
        tree.phrases_at(tokens, at, starts_clause, starts_sentence, &mut |found| {
            scan.take(found.cues, found.length)
        });
        scan.settle(at);
        clause_open = starts_clause && class(tree, tokens[at].word, Class::Opener);
    }
    let marked = sentence.questions > 0 && !scan.calm && !scan.ended && !laughs(tree, tokens);
    let asks = scan.asks || marked;
    let to_reader = tokens.iter().any(|token| class(tree, token.word, Class::You));
    let asks_back = asks && (scan.cues & Cue::Back.bit() != 0 || (marked && to_reader));
    Weight { asks, asks_back, cues: scan.cues }
}

pub(super) fn class(tree: &Tree, word: Word, class: Class) -> bool {
    tree.vocabulary.classes(word) & class.bit() != 0
}

/// How many words stand before the sentence proper.
fn openers(tree: &Tree, tokens: &[Token]) -> usize {
    tokens.iter().take_while(|token| class(tree, token.word, Class::Opener)).count()
}

/// A question that ends in laughter is hardly meant.
fn laughs(tree: &Tree, tokens: &[Token]) -> bool {
    tokens.last().is_some_and(|token| class(tree, token.word, Class::Laugh))
}

/// The state of the walk over a sentence. Of the phrases about asking that begin at one word the
/// longest counts, and those inside it do not; after one that ends the asking none does.
#[derive(Default)]
struct Scan {
    asks: bool,
    calm: bool,
    ended: bool,
    cues: u16,
    taken_until: usize,
    longest: usize,
    asking: u16,
}

impl Scan {
    fn begin(&mut self, at: usize) {
        self.longest = 0;
        self.asking = 0;
        debug_assert!(self.taken_until <= at || self.taken_until > 0);
    }

    fn take(&mut self, cues: u16, length: usize) {
        self.cues |= cues & !ASKING;
        if cues & ASKING == 0 || length < self.longest {
            return;
        }
        self.asking = if length > self.longest { cues & ASKING } else { self.asking | cues & ASKING };
        self.longest = length;
    }

    fn settle(&mut self, at: usize) {
        if self.asking == 0 || self.ended || at < self.taken_until {
            return;
        }
        self.taken_until = at + self.longest;
        if self.asking & ENDING != 0 {
            self.ended = true;
            self.cues |= self.asking & Cue::Offer.bit();
        } else if self.asking & Cue::Calm.bit() != 0 {
            self.calm = true;
        } else {
            self.asks = true;
        }
    }
}
