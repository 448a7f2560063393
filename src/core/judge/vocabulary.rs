//! Words as small numbers.

use rustc_hash::FxHashMap;

/// A known word, or one of the marks below, by which unknown words are told apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Word(u16);

impl Word {
    pub const UNKNOWN: Word = Word(0);
    pub const MENTION: Word = Word(1);
    pub const LINK: Word = Word(2);
    pub const CODE: Word = Word(3);
    pub const QUOTE: Word = Word(4);
    pub const PLUS_ONE: Word = Word(5);
    pub const NUMBER: Word = Word(6);
    /// An unknown word with a capital letter.
    pub const NAME: Word = Word(7);

    /// Whether it stands for a thing that is shown: code, a link, a quotation.
    pub fn is_shown(self) -> bool {
        matches!(self, Word::CODE | Word::LINK | Word::QUOTE)
    }

    /// Whether it may be somebody's name.
    pub fn may_be_name(self) -> bool {
        matches!(self, Word::UNKNOWN | Word::NAME)
    }

    /// Whether it is a word that somebody wrote, and no mention.
    pub fn is_written(self) -> bool {
        self != Word::MENTION
    }

    /// Its place in tables by word.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// One bit of 64 for it; others share the bit.
    pub fn sieve(self) -> u64 {
        1 << (self.0 & 63)
    }
}

/// How the marks are written in patterns and classes.
const MARKS: [(&str, Word); 8] = [
    ("<unknown>", Word::UNKNOWN),
    ("@", Word::MENTION),
    ("<link>", Word::LINK),
    ("<code>", Word::CODE),
    ("<quote>", Word::QUOTE),
    ("+1", Word::PLUS_ONE),
    ("<number>", Word::NUMBER),
    ("<name>", Word::NAME),
];

/// The longest word that can be known, in bytes.
const WORD_AT_MOST: usize = 24;
/// The shortest slip by a letter left out that can be taken for its word, in bytes.
const LEFT_OUT_AT_LEAST: usize = 5;

/// All words that phrases and classes name, each with its classes.
pub(super) struct Vocabulary {
    words: FxHashMap<Box<[u8]>, Word>,
    classes: Vec<u16>,
}

impl Vocabulary {
    /// Nothing but the marks.
    pub fn new() -> Vocabulary {
        Vocabulary { words: FxHashMap::default(), classes: vec![0; MARKS.len()] }
    }

    /// The word as written, in any case and with or without its apostrophe.
    pub fn word(&self, written: &str) -> Word {
        let mut buffer = [0u8; WORD_AT_MOST];
        let length =
            if written.is_ascii() { lower_ascii(written, &mut buffer) } else { lower(written, &mut buffer) };
        let known = length.and_then(|length| self.words.get(&buffer[..length]).copied());
        known.unwrap_or_else(|| match written.as_bytes().first() {
            Some(b'0'..=b'9') => Word::NUMBER,
            Some(b'A'..=b'Z') => Word::NAME,
            Some(_) | None => Word::UNKNOWN,
        })
    }

    /// The classes of `word`, as bits.
    pub fn classes(&self, word: Word) -> u16 {
        self.classes[word.index()]
    }

    /// How many words are known, marks included.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// The word or mark as the tables write it, added if it is new.
    pub fn learn(&mut self, written: &str) -> Word {
        if let Some((_, mark)) = MARKS.iter().find(|(name, _)| *name == written) {
            return *mark;
        }
        let next = Word(u16::try_from(self.classes.len()).expect("the tables name far fewer words"));
        let word = *self.words.entry(written.as_bytes().into()).or_insert(next);
        if word == next {
            self.classes.push(0);
        }
        word
    }

    /// Takes `typed` for `meant`.
    pub fn learn_spelling(&mut self, meant: &str, typed: &str) {
        let word = self.learn(meant);
        self.words.insert(typed.as_bytes().into(), word);
    }

    /// Knows `written` also with two neighbouring letters swapped after its first, and if it is long with
    /// one of them left out, unless that is a word.
    pub fn learn_slips(&mut self, written: &str) {
        let word = self.learn(written);
        for at in 1..written.len() - 1 {
            let mut swapped = written.as_bytes().to_vec();
            swapped.swap(at, at + 1);
            self.words.entry(swapped.into()).or_insert(word);
            let mut shortened = written.as_bytes().to_vec();
            shortened.remove(at);
            if shortened.len() >= LEFT_OUT_AT_LEAST {
                self.words.entry(shortened.into()).or_insert(word);
            }
        }
    }

    /// Knows "doing" also as "doin", and so all long words with that ending, unless that is a word.
    pub fn learn_endings(&mut self) {
        let long = |written: &&[u8]| written.ends_with(b"ing") && written.len() > 5;
        let known: Vec<Box<[u8]>> =
            self.words.keys().map(|written| &**written).filter(long).map(Into::into).collect();
        for written in known {
            let word = self.words[&written];
            self.words.entry(written[..written.len() - 1].into()).or_insert(word);
        }
    }

    /// Counts `word` among the classes of `bits`.
    pub fn classify(&mut self, word: Word, bits: u16) {
        self.classes[word.index()] |= bits;
    }
}

/// Writes `written` in lower case without apostrophes; its length, or nothing if it is too long.
fn lower_ascii(written: &str, buffer: &mut [u8; WORD_AT_MOST]) -> Option<usize> {
    let mut length = 0;
    for byte in written.bytes().filter(|&byte| byte != b'\'') {
        *buffer.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    Some(length)
}

fn lower(written: &str, buffer: &mut [u8; WORD_AT_MOST]) -> Option<usize> {
    let mut length = 0;
    for sign in written.chars().filter(|sign| !matches!(sign, '\'' | '’')).flat_map(char::to_lowercase) {
        sign.encode_utf8(buffer.get_mut(length..length + sign.len_utf8())?);
        length += sign.len_utf8();
    }
    Some(length)
}
