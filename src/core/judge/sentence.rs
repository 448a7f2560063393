//! The weighing of one sentence: which phrases stand in it, and whether it asks.

use super::lexicon::{Found, Lexicon, Opening};
use super::phrases::{Class, Cue};
use super::text::{Sentence, Token};
use super::vocabulary::Word;

/// What one sentence says.
#[derive(Clone, Copy, Default)]
pub(super) struct Weight {
    pub asks: bool,
    /// It asks with an outcry, "??", which laughter after it takes back.
    pub outcry: bool,
    /// There is nothing in it but laughter.
    pub laughter: bool,
    /// It asks about what the reader did, sees or uses.
    pub asks_back: bool,
    /// The cues found in it, as bits; `Ask`, `Calm` and `Void` are used up here.
    pub cues: u16,
}

const ASKING: u16 = Cue::Ask.bit() | Cue::Calm.bit() | Cue::Void.bit() | Cue::Offer.bit();

/// Weighs `sentence` by the phrases of `lexicon`.
pub(super) fn weigh(lexicon: &Lexicon, sentence: &Sentence<'_>) -> Weight {
    let tokens = sentence.tokens;
    let mut scan = Scan::default();
    let mut opening = Opening::Sentence;
    for at in 0..tokens.len() {
        if tokens[at].after_break && opening == Opening::Nothing {
            opening = Opening::Clause;
        }
        scan.begin(tokens[at].after_break);
        lexicon.phrases_at(tokens, at, opening, &mut |found| scan.take(found));
        scan.settle(at);
        if !opens(lexicon, tokens, at) {
            opening = Opening::Nothing;
        }
    }
    let marked = sentence.questions > 0 && !scan.calm && !laughs(lexicon, tokens);
    let titled = scan.cues & Cue::Title.bit() != 0 && !tokens.iter().any(|token| token.word == Word::LINK);
    let asks = scan.asks || marked || titled;
    let to_reader = tokens.iter().any(|token| class(lexicon, token.word, Class::You));
    let asks_back = asks && (scan.cues & Cue::Back.bit() != 0 || (marked && to_reader));
    let outcry = asks && sentence.questions > 1;
    let laughter = tokens.iter().all(|token| class(lexicon, token.word, Class::Laugh));
    Weight { asks, outcry, laughter, asks_back, cues: scan.cues }
}

fn class(lexicon: &Lexicon, word: Word, class: Class) -> bool {
    lexicon.vocabulary.classes(word) & class.bit() != 0
}

/// Whether the word at `at` only leads up to the sentence proper: "so", "hi", or a name after "hi".
fn opens(lexicon: &Lexicon, tokens: &[Token], at: usize) -> bool {
    let word = tokens[at].word;
    let greeted = at > 0 && class(lexicon, tokens[at - 1].word, Class::Greeting);
    class(lexicon, word, Class::Opener)
        || greeted && (word == Word::UNKNOWN || class(lexicon, word, Class::Named))
}

/// A short question that ends in laughter is hardly meant.
fn laughs(lexicon: &Lexicon, tokens: &[Token]) -> bool {
    tokens.len() <= 6 && tokens.last().is_some_and(|token| class(lexicon, token.word, Class::Laugh))
}

/// The state of the walk over a sentence. Of the phrases about asking that begin at one word the
/// longest counts, and those inside it do not; after an offer none does.
#[derive(Default)]
struct Scan {
    asks: bool,
    calm: bool,
    ended: bool,
    /// The clause asks nothing, whatever its words.
    voided: bool,
    cues: u16,
    taken_until: usize,
    longest: usize,
    asking: u16,
}

impl Scan {
    fn begin(&mut self, after_break: bool) {
        self.voided &= !after_break;
        self.longest = 0;
        self.asking = 0;
    }

    fn take(&mut self, found: Found) {
        let Found { cues, length } = found;
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
        self.calm |= self.asking & (Cue::Offer.bit() | Cue::Calm.bit()) != 0;
        if self.asking & Cue::Offer.bit() != 0 {
            self.ended = true;
            self.cues |= Cue::Offer.bit();
        } else if self.asking & Cue::Void.bit() != 0 {
            self.voided = true;
        } else if self.asking == Cue::Ask.bit() && !self.voided {
            self.asks = true;
        }
    }
}
