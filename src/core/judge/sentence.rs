//! The weighing of one sentence: which phrases stand in it, and whether it asks.

use super::lexicon::{Found, Lexicon, Opening};
use super::phrases::{Class, Cue};
use super::text::{Sentence, Token};
use super::vocabulary::Word;

/// What one sentence says.
pub(super) struct Weight {
    pub asking: Asking,
    /// It asks about what the reader did, sees or uses.
    pub asks_back: bool,
    /// There is nothing in it but laughter.
    pub laughter: bool,
    /// The cues found in it, as bits; those about asking are used up here, but for `Offer`.
    pub cues: u32,
}

/// Whether a sentence asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asking {
    /// It does not.
    No,
    /// It does.
    Yes,
    /// It does, with an outcry, "??", unless laughter follows.
    Outcry,
    /// It does, but speaks to nobody: "interested?", unless the way follows.
    Impersonal,
    /// It calls in whoever it suits: "need a desk?", and what follows answers, unless that asks as well.
    Lure,
}

const ASKING: u32 = Cue::Ask.bit() | Cue::Calm.bit() | Cue::Void.bit() | Cue::Offer.bit() | Cue::Title.bit();

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
            opening = if names(lexicon, tokens, at) { Opening::Clause } else { Opening::Nothing };
        }
    }
    let worded = tokens.is_empty() || tokens.iter().any(|token| !token.word.is_shown());
    let has = |wanted| tokens.iter().any(|token| class(lexicon, token.word, wanted));
    // "Shall I send it, or do you want to?" offers and asks.
    let chooses = scan.says(Cue::Offer) && has(Class::Either);
    let marked = sentence.questions > 0 && worded && (!scan.calm || chooses) && !laughs(lexicon, tokens);
    let pointed = scan.says(Cue::Pointer) || tokens.iter().any(|token| token.word == Word::LINK);
    let titled = scan.titled && !pointed;
    let due = (scan.says(Cue::Need) || scan.says(Cue::Order)) && scan.says(Cue::Deadline) && !scan.voided;
    let wished = scan.says(Cue::Condition) && scan.says(Cue::Glad) && !scan.voided;
    let laughs_first = tokens.first().is_some_and(|token| class(lexicon, token.word, Class::Laugh));
    let asks = (scan.asks || marked || titled || due || wished) && (sentence.questions <= 1 || !laughs_first);
    let lures = tokens.first().is_some_and(|token| class(lexicon, token.word, Class::Lure));
    let impersonal = (!scan.asks || lures) && (!has(Class::Me) || tokens.len() <= 2);
    let asking = match sentence.questions {
        _ if !asks => Asking::No,
        1 if impersonal && lures => Asking::Lure,
        1 if impersonal => Asking::Impersonal,
        0 | 1 => Asking::Yes,
        _ => Asking::Outcry,
    };
    let asks_back = asking != Asking::No && (scan.says(Cue::Back) || marked && has(Class::You));
    let laughter = tokens.iter().all(|token| class(lexicon, token.word, Class::Laugh));
    Weight { asking, asks_back, laughter, cues: scan.cues }
}

fn class(lexicon: &Lexicon, word: Word, class: Class) -> bool {
    lexicon.vocabulary.classes(word) & class.bit() != 0
}

/// Whether the word at `at` only leads up to the sentence proper: "so", "hi", or a name after "hi".
fn opens(lexicon: &Lexicon, tokens: &[Token], at: usize) -> bool {
    let word = tokens[at].word;
    let greeted = at > 0 && class(lexicon, tokens[at - 1].word, Class::Greeting);
    class(lexicon, word, Class::Opener)
        || greeted && (word.may_be_name() || class(lexicon, word, Class::Named))
}

/// Whether the word at `at` looks like a name before a question: "ben can you".
fn names(lexicon: &Lexicon, tokens: &[Token], at: usize) -> bool {
    let next = tokens.get(at + 1);
    at == 0 && tokens[0].word.may_be_name() && next.is_some_and(|next| class(lexicon, next.word, Class::Turn))
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
    titled: bool,
    calm: bool,
    ended: bool,
    /// The clause asks nothing, whatever its words.
    voided: bool,
    cues: u32,
    taken_until: usize,
    longest: usize,
    asking: u32,
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
        } else if !self.voided {
            self.asks |= self.asking == Cue::Ask.bit();
            self.titled |= self.asking & Cue::Title.bit() != 0;
        }
    }

    fn says(&self, cue: Cue) -> bool {
        self.cues & cue.bit() != 0
    }
}
