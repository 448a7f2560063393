//! From text to sentences of words: code, quotes and links become single marks, and a `?` inside them
//! is gone. One pass, no allocation but the buffer of the sentence in hand.

use super::vocabulary::{Vocabulary, Word};

/// How much of a message is read, in bytes. The ask of a longer one stands in its beginning.
const READ_AT_MOST: usize = 8 * 1024;
/// The longest sentence that is weighed at once, in words; what follows is a new one.
const SENTENCE_AT_MOST: usize = 120;
/// How far a closing quotation mark may stand from its opening one, in bytes.
const QUOTE_AT_MOST: usize = 240;

/// A word of a sentence, and whether a comma, a colon, a dash or a bracket stands before it.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub word: Word,
    pub after_break: bool,
}

/// One sentence as it is handed to the weighing.
pub(super) struct Sentence<'a> {
    pub tokens: &'a [Token],
    /// How many question marks end it.
    pub questions: u32,
    /// It mentions all who are there: "@channel".
    pub calls_all: bool,
}

/// The mentions that mean all who are there, on one platform or another.
const ALL: [&[u8]; 5] = [b"channel", b"here", b"everyone", b"all", b"room"];

/// Reads `text` and hands each sentence to `weigh`, in order.
pub(super) fn sentences(text: &str, vocabulary: &Vocabulary, weigh: impl FnMut(Sentence<'_>)) {
    let bytes = &text.as_bytes()[..text.floor_char_boundary(READ_AT_MOST)];
    let text = &text[..bytes.len()];
    Reader {
        text,
        bytes,
        at: 0,
        vocabulary,
        tokens: Vec::with_capacity(32),
        after_break: false,
        in_brackets: false,
        calls_all: false,
        weigh,
    }
    .read();
}

struct Reader<'a, F> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    vocabulary: &'a Vocabulary,
    tokens: Vec<Token>,
    after_break: bool,
    in_brackets: bool,
    calls_all: bool,
    weigh: F,
}

impl<F: FnMut(Sentence<'_>)> Reader<'_, F> {
    fn read(&mut self) {
        self.line_start();
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => self.word(),
                b' ' | b'\t' | b'\r' | b'\'' | b'*' | b'_' | b'~' => self.at += 1,
                b'\n' => {
                    self.end_sentence(0);
                    self.at += 1;
                    self.line_start();
                }
                b'?' | b'!' | b'.' | b';' => self.stop(),
                b'`' => self.code(),
                b'"' => self.quote("\""),
                b'@' => self.mention(),
                b':' | b'=' | b'<' if self.smiley() => {}
                b':' => self.colon(),
                b'<' => self.angle(),
                b'+' if self.bytes[self.at..].starts_with(b"+1") => self.plus_one(),
                0x80.. => self.beyond_ascii(),
                _ => {
                    self.in_brackets = (self.in_brackets || byte == b'(') && byte != b')';
                    self.after_break = true;
                    self.at += 1;
                }
            }
        }
        self.end_sentence(0);
    }

    fn push(&mut self, word: Word) {
        self.tokens.push(Token { word, after_break: self.after_break });
        self.after_break = false;
        if self.tokens.len() >= SENTENCE_AT_MOST {
            self.end_sentence(0);
        }
    }

    fn end_sentence(&mut self, questions: u32) {
        if !self.tokens.is_empty() || questions > 0 {
            (self.weigh)(Sentence { tokens: &self.tokens, questions, calls_all: self.calls_all });
            self.tokens.clear();
        }
        self.after_break = false;
        self.in_brackets = false;
        self.calls_all = false;
    }

    /// Lines that quote somebody are skipped.
    fn line_start(&mut self) {
        loop {
            let rest = &self.bytes[self.at..];
            let indent = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let rest = &rest[indent..];
            if !(rest.starts_with(b">") || rest.starts_with(b"&gt;")) {
                return;
            }
            match rest.iter().position(|&byte| byte == b'\n') {
                Some(end) => self.at += indent + end + 1,
                None => return self.at = self.bytes.len(),
            }
        }
    }

    /// A word, a link, or a name with dots in it such as `xorg.conf`.
    fn word(&mut self) {
        let start = self.at;
        let (mut end, mut plain, mut joined) = (start, true, false);
        while let Some(&byte) = self.bytes.get(end) {
            let inside = || self.bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => end += 1,
                0x80.. if !self.closes_word(end) => end += 1,
                b'\'' if inside() => end += 1,
                b':' if self.bytes[end..].starts_with(b"://") => return self.link(),
                b'.' | b'_' | b'/' | b'@' | b'=' | b'?' | b'&' | b'\\' if inside() => {
                    plain &= byte == b'/';
                    joined = true;
                    end += 1;
                }
                _ => break,
            }
        }
        let text = self.text;
        let written = &text[start..end];
        if written.len() > 4 && written.as_bytes()[..4].eq_ignore_ascii_case(b"www.") {
            return self.link();
        }
        self.at = end;
        if !joined {
            self.push(self.vocabulary.word(written));
        } else if plain {
            for part in written.split('/') {
                self.push(self.vocabulary.word(part));
            }
        } else {
            self.push(Word::UNKNOWN);
        }
    }

    /// Whether the character at `at` ends a word: a typographic mark or an emoji, not a letter.
    fn closes_word(&self, at: usize) -> bool {
        self.text.is_char_boundary(at)
            && self.text[at..].chars().next().is_some_and(|sign| !sign.is_alphanumeric() && sign != '’')
    }

    fn link(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'|' | b'"'))
            .unwrap_or(rest.len());
        let trailing = rest[..length]
            .iter()
            .rev()
            .take_while(|byte| matches!(byte, b'?' | b'!' | b'.' | b',' | b')' | b';'))
            .count();
        self.at += (length - trailing).max(1);
        self.push(Word::LINK);
    }

    /// Full stops, question marks, exclamation marks: a run of them ends the sentence, unless it
    /// stands inside a name, is an ellipsis between words, or asks in brackets only (so to speak?).
    fn stop(&mut self) {
        let rest = &self.bytes[self.at..];
        let run = rest.iter().take_while(|byte| matches!(byte, b'?' | b'!' | b'.' | b';')).count();
        let questions = rest[..run].iter().filter(|&&byte| byte == b'?').count() as u32;
        let inside = match rest.get(run) {
            Some(b'/' | b'=' | b'&' | b'\\' | b'[') => {
                questions > 0 && rest.get(run + 1).is_some_and(u8::is_ascii_graphic)
            }
            Some(next) => next.is_ascii_alphanumeric() && run == 1 && rest[0] == b'.',
            None => false,
        };
        let bracketed = self.in_brackets && rest.get(run) == Some(&b')');
        let aside = questions > 0 && (bracketed || self.bytes[..self.at].ends_with(b"("));
        self.at += run;
        if inside {
            return;
        }
        if aside {
            self.after_break = true;
            return;
        }
        if questions == 0 && run >= 2 && rest[0] == b'.' {
            self.after_break = true;
            return;
        }
        self.end_sentence(questions);
    }

    fn code(&mut self) {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b"```") {
            let length = self.text[self.at + 3..].find("```").map_or(rest.len(), |end| end + 6);
            self.at += length;
            self.push(Word::CODE);
            return;
        }
        let line = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        match rest[1..line].iter().position(|&byte| byte == b'`') {
            Some(end) => {
                self.at += end + 2;
                self.push(Word::CODE);
            }
            None => self.at += 1,
        }
    }

    /// What stands in quotation marks is somebody else's, or a name.
    fn quote(&mut self, closing: &str) {
        let rest = &self.text[self.at..];
        let opening = rest.chars().next().map_or(1, char::len_utf8);
        let within = &rest[opening..rest.floor_char_boundary(QUOTE_AT_MOST)];
        match within.find(closing) {
            Some(end) => {
                self.at += opening + end + closing.len();
                self.push(Word::QUOTE);
            }
            None => self.at += opening,
        }
    }

    fn mention(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let name = |byte: &u8| {
            byte.is_ascii_alphanumeric() || *byte >= 0x80 || matches!(byte, b'_' | b'-' | b'.' | b'\'')
        };
        let mut length = rest.iter().take_while(|byte| name(byte)).count();
        while length > 0 && matches!(rest[length - 1], b'.' | b'-' | b'\'') {
            length -= 1;
        }
        self.calls_all |= ALL.iter().any(|all| rest[..length].eq_ignore_ascii_case(all));
        self.at += 1 + length;
        self.push(if length == 0 { Word::UNKNOWN } else { Word::MENTION });
    }

    /// What stands before the first colon as one unknown word is a nick, as on IRC: "ben: can you".
    fn colon(&mut self) {
        if let [Token { word, .. }] = self.tokens.as_mut_slice()
            && word.may_be_name()
        {
            *word = Word::MENTION;
        }
        self.after_break = true;
        self.at += 1;
    }

    /// A platform's own brackets, should an adapter have left them: `<@U1>`, `<https://…|…>`.
    fn angle(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let mention = matches!(rest.first(), Some(b'@' | b'#' | b'!'));
        if !mention {
            self.after_break = true;
            self.at += 1;
            return;
        }
        let length = rest.iter().take(80).position(|&byte| byte == b'>').map_or(1, |end| end + 2);
        self.at += length;
        self.push(Word::MENTION);
    }

    /// `:smile:`, `:-)`, `=P`, `<3`. Tells whether there was one.
    fn smiley(&mut self) -> bool {
        let rest = &self.bytes[self.at..];
        let name = rest[1..]
            .iter()
            .take(40)
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
            .count();
        let length = if rest[0] == b':' && name > 0 && rest.get(name + 1) == Some(&b':') {
            name + 2
        } else if rest.starts_with(b"<3") {
            2
        } else {
            let nose = usize::from(matches!(rest.get(1), Some(b'-' | b'\'')));
            let mouth = matches!(
                rest.get(1 + nose),
                Some(b')' | b'(' | b'D' | b'P' | b'p' | b'/' | b'|' | b'o' | b'O' | b'\\')
            );
            let alone = !rest.get(2 + nose).is_some_and(u8::is_ascii_alphanumeric)
                && !rest.get(1 + nose..).is_some_and(|more| more.starts_with(b"//"));
            if rest[0] == b'<' || !mouth || !alone {
                return false;
            }
            2 + nose
        };
        self.at += length;
        self.emoji();
        true
    }

    fn plus_one(&mut self) {
        self.at += 2;
        self.push(Word::PLUS_ONE);
    }

    fn emoji(&mut self) {
        self.after_break = true;
    }

    fn beyond_ascii(&mut self) {
        let Some(sign) = self.text[self.at..].chars().next() else { return };
        match sign {
            '？' | '؟' => {
                self.at += sign.len_utf8();
                self.end_sentence(1);
            }
            '“' | '„' => self.quote(if sign == '“' { "”" } else { "“" }),
            '’' | '‘' => self.at += sign.len_utf8(),
            '…' | '–' | '—' | '•' | '¿' | '¡' => {
                self.after_break = true;
                self.at += sign.len_utf8();
            }
            _ if sign.is_alphanumeric() => self.word(),
            _ => {
                self.at += sign.len_utf8();
                self.emoji();
            }
        }
    }
}
