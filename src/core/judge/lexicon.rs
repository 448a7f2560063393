//! The phrases as the matcher walks them.
//!
//! A pattern is written as words with spaces between. `a|b` is either word, `(a|b)` either or none, `*`
//! any one word; a leading `^` asks for the start of a clause, `^^` for that of the sentence, a closing
//! `$` for its end, `,` for that of the clause; `@`, `<link>`, `<code>`, `<quote>` stand for what the reader of the text made of
//! those. Apostrophes are left out.

use super::phrases::{CLASSES, Cue, MISTYPED, PHRASES, SPELLINGS};
use super::text::Token;
use super::vocabulary::{Vocabulary, Word};

/// What the next word would begin. A later one is also all earlier ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Opening {
    /// Nothing in particular.
    Nothing,
    /// A clause within the sentence.
    Clause,
    /// The sentence, and so a clause.
    Sentence,
}

/// A phrase found in a sentence.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// What it says, as bits of [`Cue`].
    pub cues: u32,
    /// The number of words it covers.
    pub length: usize,
}

/// One place of a pattern: the words that may stand there.
struct Step {
    /// The words, sorted; empty stands for any.
    words: Box<[Word]>,
    /// All bits of the words, to turn most others away.
    sieve: u64,
    optional: bool,
}

impl Step {
    fn takes(&self, word: Word) -> bool {
        self.words.is_empty() || self.sieve & word.sieve() != 0 && self.words.binary_search(&word).is_ok()
    }
}

/// What must come after a phrase's last word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Anything,
    EndOfClause,
    EndOfSentence,
}

/// A pattern, from its first word on.
struct Phrase {
    cues: u32,
    opening: Opening,
    ending: Ending,
    steps: Box<[Step]>,
}

/// A way into a phrase: at which of its steps a word begins it.
#[derive(Clone, Copy)]
struct Door {
    phrase: u16,
    step: u8,
    opening: Opening,
    /// The bits of the words that can come next; all, if the phrase can end here.
    next: u64,
}

/// All phrases, and the words in them.
pub(super) struct Lexicon {
    pub vocabulary: Vocabulary,
    phrases: Vec<Phrase>,
    /// The ways into phrases by first word.
    doors: Vec<Vec<Door>>,
}

impl Lexicon {
    /// The lexicon of `PHRASES` and `CLASSES`.
    pub fn new() -> Lexicon {
        let mut vocabulary = Vocabulary::new();
        for (meant, typed) in SPELLINGS {
            typed.split_whitespace().for_each(|typed| vocabulary.learn_spelling(meant, typed));
        }
        for (class, words) in CLASSES {
            for written in words.split_whitespace() {
                let word = vocabulary.learn(written);
                vocabulary.classify(word, class.bit());
            }
        }
        let mut phrases = Vec::new();
        for (cue, patterns) in PHRASES {
            phrases.extend(patterns.iter().map(|pattern| Phrase::read(*cue, pattern, &mut vocabulary)));
        }
        MISTYPED.split_whitespace().for_each(|written| vocabulary.learn_slips(written));
        vocabulary.learn_endings();
        let mut lexicon = Lexicon { doors: vec![Vec::new(); vocabulary.len()], vocabulary, phrases };
        lexicon.open_doors();
        lexicon
    }

    fn open_doors(&mut self) {
        for (number, phrase) in self.phrases.iter().enumerate() {
            for (at, step) in phrase.steps.iter().enumerate() {
                let door = Door {
                    phrase: u16::try_from(number).expect("far fewer phrases"),
                    step: u8::try_from(at).expect("far fewer steps"),
                    opening: phrase.opening,
                    next: phrase.next_after(at),
                };
                assert!(!step.words.is_empty(), "a phrase begins with any word");
                for word in &step.words {
                    self.doors[word.index()].push(door);
                }
                if !step.optional {
                    break;
                }
            }
        }
    }

    /// Calls `found` for every phrase that begins at `at`, read as long as it can be.
    pub fn phrases_at(&self, tokens: &[Token], at: usize, opening: Opening, found: &mut impl FnMut(Found)) {
        let next = tokens.get(at + 1).map_or(0, |token| token.word.sieve());
        for door in &self.doors[tokens[at].word.index()] {
            if door.opening > opening || door.next != u64::MAX && door.next & next == 0 {
                continue;
            }
            let phrase = &self.phrases[usize::from(door.phrase)];
            let rest = &phrase.steps[usize::from(door.step) + 1..];
            if let Some(end) = phrase.reach(rest, tokens, at + 1) {
                found(Found { cues: phrase.cues, length: end - at });
            }
        }
    }
}

impl Phrase {
    fn read(cue: Cue, pattern: &str, vocabulary: &mut Vocabulary) -> Phrase {
        let mut phrase = Phrase {
            cues: cue.bit(),
            opening: Opening::Nothing,
            ending: Ending::Anything,
            steps: Box::default(),
        };
        let mut steps = Vec::new();
        for element in pattern.split_whitespace() {
            match element {
                "^" => phrase.opening = Opening::Clause,
                "^^" => phrase.opening = Opening::Sentence,
                "$" => phrase.ending = Ending::EndOfSentence,
                "," => phrase.ending = Ending::EndOfClause,
                _ => steps.push(Step::read(element, vocabulary)),
            }
        }
        phrase.steps = steps.into();
        phrase
    }

    /// The bits of the words that can follow the word taken at step `at`.
    fn next_after(&self, at: usize) -> u64 {
        let mut next = 0;
        for step in &self.steps[at + 1..] {
            if step.words.is_empty() {
                return u64::MAX;
            }
            next |= step.sieve;
            if !step.optional {
                return next;
            }
        }
        u64::MAX
    }

    /// Where `steps` end if they are read from `at` on, taking each optional word that is there.
    fn reach(&self, steps: &[Step], tokens: &[Token], at: usize) -> Option<usize> {
        let Some((step, rest)) = steps.split_first() else {
            let ends = match self.ending {
                Ending::Anything => true,
                Ending::EndOfClause => tokens.get(at).is_none_or(|token| token.after_break),
                Ending::EndOfSentence => at == tokens.len(),
            };
            return ends.then_some(at);
        };
        let taken = match tokens.get(at) {
            Some(token) if step.takes(token.word) => self.reach(rest, tokens, at + 1),
            Some(_) | None => None,
        };
        if taken.is_none() && step.optional { self.reach(rest, tokens, at) } else { taken }
    }
}

impl Step {
    fn read(element: &str, vocabulary: &mut Vocabulary) -> Step {
        let optional = element.starts_with('(');
        let choices = element.trim_start_matches('(').trim_end_matches(')');
        let mut words: Vec<Word> = match choices {
            "*" => Vec::new(),
            _ => choices.split('|').map(|written| vocabulary.learn(written)).collect(),
        };
        words.sort_unstable();
        words.dedup();
        Step { sieve: words.iter().fold(0, |bits, word| bits | word.sieve()), words: words.into(), optional }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pattern of one needed word beside optional ones would match that word everywhere.
    #[test]
    fn optional_words_alone_make_no_phrase() {
        for (_, patterns) in PHRASES {
            for pattern in *patterns {
                let elements = pattern.split_whitespace();
                let needed = elements.clone().filter(|element| !element.starts_with('(')).count();
                assert!(needed >= 2 || elements.count() == 1, "{pattern:?} says too little");
            }
        }
    }

    #[test]
    fn multi_part_marks_stand_where_they_may() {
        for (_, patterns) in PHRASES {
            for pattern in *patterns {
                for (at, element) in pattern.split_whitespace().enumerate() {
                    assert!(!element.starts_with('^') || at == 0, "{pattern:?} opens in its middle");
                    assert!(!element.contains("|*") && !element.contains("*|"), "{pattern:?}: any is any");
                    assert!(!element.contains('\''), "{pattern:?} has an apostrophe");
                }
            }
        }
    }

    /// Whatever stands for another word is that word: to name it in a pattern says nothing more.
    #[test]
    fn patterns_name_words_as_they_are_meant() {
        let hurried =
            |word: &str| SPELLINGS.iter().any(|(_, typed)| typed.split(' ').any(|typed| typed == word));
        for (_, patterns) in PHRASES {
            for pattern in *patterns {
                let mut words = pattern.split([' ', '|', '(', ')']);
                assert!(!words.any(hurried), "{pattern:?} names a spelling");
            }
        }
    }
}
