//! Words as small numbers, and phrases as a tree of them.
//!
//! A pattern is written as words with spaces between. `a|b` is either word, `(a|b)` either or none, `*`
//! any one word, `^` the start of a clause, `^^` the start of the sentence, `$` its end; `@`, `<link>`,
//! `<code>`, `<quote>` stand for what the reader of the text made of those. Apostrophes are left out.

use rustc_hash::FxHashMap;

use super::phrases::{CLASSES, Cue, PHRASES};
use super::text::Token;

/// A known word, or one of the marks below; all unknown words are the same one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Word(u16);

impl Word {
    pub const UNKNOWN: Word = Word(0);
    pub const MENTION: Word = Word(1);
    pub const LINK: Word = Word(2);
    pub const CODE: Word = Word(3);
    pub const QUOTE: Word = Word(4);
    pub const PLUS_ONE: Word = Word(5);
    const CLAUSE_START: Word = Word(6);
    const SENTENCE_START: Word = Word(7);
    const SENTENCE_END: Word = Word(8);
    const ANY: Word = Word(9);

    /// Whether it is a word that somebody wrote, and no mention.
    pub fn is_written(self) -> bool {
        self != Word::MENTION
    }
}

const MARKS: [(&str, Word); 10] = [
    ("<unknown>", Word::UNKNOWN),
    ("@", Word::MENTION),
    ("<link>", Word::LINK),
    ("<code>", Word::CODE),
    ("<quote>", Word::QUOTE),
    ("+1", Word::PLUS_ONE),
    ("^", Word::CLAUSE_START),
    ("^^", Word::SENTENCE_START),
    ("$", Word::SENTENCE_END),
    ("*", Word::ANY),
];

/// The longest word that can be known, in bytes.
const WORD_AT_MOST: usize = 24;

/// All words that phrases and classes name.
pub(super) struct Vocabulary {
    words: FxHashMap<Box<[u8]>, Word>,
    /// The classes of each word, one bit for each of `CLASSES`.
    classes: Vec<u16>,
}

impl Vocabulary {
    /// The word as written, in any case and with or without its apostrophe.
    pub fn word(&self, written: &str) -> Word {
        let mut buffer = [0u8; WORD_AT_MOST];
        let mut length = 0;
        if written.len() <= WORD_AT_MOST + 4 && written.is_ascii() {
            for byte in written.bytes().filter(|&byte| byte != b'\'') {
                let Some(place) = buffer.get_mut(length) else { return Word::UNKNOWN };
                *place = byte.to_ascii_lowercase();
                length += 1;
            }
        } else {
            for sign in
                written.chars().filter(|&sign| !matches!(sign, '\'' | '’')).flat_map(char::to_lowercase)
            {
                let Some(place) = buffer.get_mut(length..length + sign.len_utf8()) else {
                    return Word::UNKNOWN;
                };
                sign.encode_utf8(place);
                length += sign.len_utf8();
            }
        }
        self.words.get(&buffer[..length]).copied().unwrap_or(Word::UNKNOWN)
    }

    /// The classes of `word`, as bits.
    pub fn classes(&self, word: Word) -> u16 {
        self.classes[usize::from(word.0)]
    }

    fn learn(&mut self, written: &str) -> Word {
        if let Some((_, mark)) = MARKS.iter().find(|(name, _)| *name == written) {
            return *mark;
        }
        let next = Word(self.classes.len() as u16);
        let word = *self.words.entry(written.as_bytes().into()).or_insert(next);
        if word == next {
            self.classes.push(0);
        }
        word
    }
}

/// A node of the tree: where each next word leads, and what has been said on arriving here.
#[derive(Default)]
struct Node {
    next: Vec<(Word, u32)>,
    cues: u16,
}

/// All phrases, and the words in them.
pub(super) struct Tree {
    pub vocabulary: Vocabulary,
    nodes: Vec<Node>,
    /// Where each word leads from the root, from a clause's start and from the sentence's start; 0: nowhere.
    roots: [Vec<u32>; 3],
}

/// What the next word would begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Opening {
    /// The sentence, and so a clause.
    Sentence,
    /// A clause within it.
    Clause,
    /// Neither.
    Nothing,
}

/// A phrase found in a sentence. Those that begin at one word come shorter before longer.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// What it says, as bits of [`Cue`].
    pub cues: u16,
    /// The number of words it covers.
    pub length: usize,
}

impl Tree {
    /// The tree of `PHRASES`, with the words of `CLASSES`.
    pub fn new() -> Tree {
        let vocabulary = Vocabulary { words: FxHashMap::default(), classes: vec![0; MARKS.len()] };
        let mut tree = Tree { vocabulary, nodes: vec![Node::default()], roots: Default::default() };
        for (bit, (_, words)) in CLASSES.iter().enumerate() {
            for written in words.split_whitespace() {
                let word = tree.vocabulary.learn(written);
                tree.vocabulary.classes[usize::from(word.0)] |= 1 << bit;
            }
        }
        for (cue, patterns) in PHRASES {
            for pattern in *patterns {
                tree.add(*cue, pattern);
            }
        }
        tree.index();
        tree
    }

    fn add(&mut self, cue: Cue, pattern: &str) {
        let mut ends = vec![0u32];
        for element in pattern.split_whitespace() {
            let optional = element.starts_with('(');
            let choices = element.trim_start_matches('(').trim_end_matches(')');
            let mut onward = if optional { ends.clone() } else { Vec::new() };
            for choice in choices.split('|') {
                let word = self.vocabulary.learn(choice);
                onward.extend(ends.iter().map(|&end| self.step(end, word)).collect::<Vec<_>>());
            }
            onward.sort_unstable();
            onward.dedup();
            ends = onward;
        }
        for end in ends {
            debug_assert!(end != 0, "a pattern of nothing: {pattern}");
            self.nodes[end as usize].cues |= cue.bit();
        }
    }

    /// The node that `word` leads to from `from`, made if there is none.
    fn step(&mut self, from: u32, word: Word) -> u32 {
        if let Some((_, to)) = self.nodes[from as usize].next.iter().find(|(edge, _)| *edge == word) {
            return *to;
        }
        let to = self.nodes.len() as u32;
        self.nodes.push(Node::default());
        self.nodes[from as usize].next.push((word, to));
        to
    }

    fn index(&mut self) {
        for node in &mut self.nodes {
            node.next.sort_unstable_by_key(|(word, _)| *word);
        }
        let words = self.vocabulary.classes.len();
        let starts = [Some(0), self.edge(0, Word::CLAUSE_START), self.edge(0, Word::SENTENCE_START)];
        self.roots = starts.map(|start| {
            let mut leads = vec![0; words];
            for (word, to) in start.map_or(&[][..], |start| &self.nodes[start as usize].next) {
                leads[usize::from(word.0)] = *to;
            }
            leads
        });
    }

    fn edge(&self, from: u32, word: Word) -> Option<u32> {
        let next = &self.nodes[from as usize].next;
        next.iter().find(|(edge, _)| *edge == word).map(|(_, to)| *to)
    }

    /// Calls `found` for every phrase that begins at `at`.
    pub fn phrases_at(&self, tokens: &[Token], at: usize, opening: Opening, found: &mut impl FnMut(Found)) {
        let first = usize::from(tokens[at].word.0);
        let doors = [true, opening != Opening::Nothing, opening == Opening::Sentence];
        for (leads, _) in self.roots.iter().zip(doors).filter(|(_, open)| *open) {
            for to in [leads[first], leads[usize::from(Word::ANY.0)]] {
                if to != 0 {
                    self.walk(to, tokens, at, at + 1, found);
                }
            }
        }
    }

    fn walk(&self, node: u32, tokens: &[Token], from: usize, at: usize, found: &mut impl FnMut(Found)) {
        let here = &self.nodes[node as usize];
        if here.cues != 0 {
            found(Found { cues: here.cues, length: at - from });
        }
        if here.next.is_empty() {
            return;
        }
        let word = tokens.get(at).map_or(Word::SENTENCE_END, |token| token.word);
        for (edge, to) in &here.next {
            if *edge == Word::SENTENCE_END {
                if at == tokens.len() {
                    found(Found { cues: self.nodes[*to as usize].cues, length: at - from });
                }
            } else if at < tokens.len() && (*edge == word || *edge == Word::ANY) {
                self.walk(*to, tokens, from, at + 1, found);
            }
        }
    }
}
