//! The judgement of a whole message from its sentences.

use std::sync::LazyLock;

use super::lexicon::Lexicon;
use super::phrases::{Class, Cue};
use super::sentence::{Asking, Weight, weigh};
use super::signals::Signals;
use super::text::{Sentence, Token, sentences};
use super::vocabulary::Word;

/// Built once from the tables; the same in every process.
static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

/// Judges one message: plain text as an adapter gives it, with mentions as `@name`, code in backticks,
/// quoted lines after `> `.
///
/// Takes one pass, and reads the first 8 kB.
pub fn judge(text: &str) -> Signals {
    let lexicon = &*LEXICON;
    let mut message = Message::default();
    sentences(text, &lexicon.vocabulary, |sentence| message.add(lexicon, &sentence));
    let signals = message.signals();
    let told = is_command(text) || is_headline(text) || answers_itself(text);
    if told { signals.without(Signals::ASKS.with(Signals::ASKS_BACK)) } else { signals }
}

/// "Q: when? A: now": a question told with its answer.
fn answers_itself(text: &str) -> bool {
    let text = text.trim_start().trim_start_matches('*');
    text.starts_with("Q:") && text.contains("A:")
}

/// What is typed for a program: "!deploy staging", "/remind me", but not "/var/log is full".
fn is_command(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let Some(first) = words.next() else { return false };
    let name = |rest: &str| {
        rest.starts_with(|sign: char| sign.is_ascii_lowercase())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    first.strip_prefix(['!', '/']).is_some_and(name) && !words.any(|word| word.ends_with('?'))
}

/// Beginnings after which, and a colon or comma, a question is a title, a notice or a riddle.
const HEADLINES: [&str; 8] =
    ["faq", "fun fact", "quiz", "trivia", "today's quiz", "note to self", "new blog post", "new ticket"];

fn is_headline(text: &str) -> bool {
    let text = text.trim_start_matches(|sign: char| sign.is_ascii_whitespace() || sign == '*').as_bytes();
    HEADLINES.iter().any(|line| {
        matches!(text.get(line.len()), Some(b':' | b','))
            && text[..line.len()].eq_ignore_ascii_case(line.as_bytes())
    })
}

/// What has been seen of a message.
#[derive(Default)]
struct Message {
    asks: bool,
    /// How the latest sentence asks, while the next can take it back.
    pending: Option<Asking>,
    asks_back: bool,
    cues: u32,
    words: u32,
    lone_marks: bool,
    sentences: u32,
    /// It begins as one does who comes in with a matter of one's own.
    comes_in: bool,
    /// It speaks to all who are there.
    to_all: bool,
    link_or_code: bool,
    /// The classes that all words of the message share, and those that any has.
    all: Option<u16>,
    any: u16,
}

impl Message {
    fn add(&mut self, lexicon: &Lexicon, sentence: &Sentence<'_>) {
        let weight = weigh(lexicon, sentence);
        self.cues |= weight.cues;
        for token in sentence.tokens {
            let classes = lexicon.vocabulary.classes(token.word);
            self.all = Some(self.all.unwrap_or(u16::MAX) & classes);
            self.any |= classes;
            self.words += u32::from(token.word.is_written());
            self.link_or_code |= matches!(token.word, Word::LINK | Word::CODE);
        }
        let wordless = sentence.tokens.iter().all(|token| !token.word.is_written());
        if wordless {
            self.lone_marks |= sentence.questions > 0;
            // "@ravi?" after some talk hands the matter to Ravi.
            self.asks |= sentence.questions > 0 && !sentence.tokens.is_empty();
        } else {
            self.ask(&weight);
        }
        self.asks_back |= weight.asks_back;
        self.comes_in |= self.sentences == 0 && comes_in(lexicon, sentence.tokens);
        self.to_all |= sentence.calls_all || self.sentences == 0 && greets_all(lexicon, sentence.tokens);
        self.sentences += 1;
    }

    /// Settles whether the sentence before asked, and keeps what this one asks for the next to settle.
    fn ask(&mut self, weight: &Weight) {
        let says = |cue: Cue| weight.cues & cue.bit() != 0;
        let answers = weight.asking == Asking::No && says(Cue::Answer);
        let before = self.pending.take();
        let pointed = matches!(before, Some(Asking::Impersonal | Asking::Lure)) && says(Cue::Pointer);
        let taken_back = match before {
            None => true,
            Some(Asking::Impersonal) => pointed || answers,
            Some(Asking::Outcry) => weight.laughter || answers,
            Some(Asking::Lure) => pointed || weight.asking == Asking::No,
            Some(Asking::No | Asking::Yes) => answers,
        };
        self.asks |= !taken_back;
        if weight.asking != Asking::No && !pointed {
            self.pending = Some(weight.asking);
        }
    }

    fn says(&self, cue: Cue) -> bool {
        self.cues & cue.bit() != 0
    }

    /// A report that something does not work, by somebody who comes in with it: after a greeting, about
    /// "my" thing, or with the time since when; or what such a one is after. In the middle of a talk the
    /// same words are an answer.
    fn cries_for_help(&self) -> bool {
        let problem = self.says(Cue::Problem);
        problem && self.says(Cue::Since) || self.comes_in && (problem || self.says(Cue::Wish))
    }

    /// An order to all. To one person the same words are advice.
    fn orders(&self) -> bool {
        self.to_all && self.says(Cue::Order)
    }

    /// Whether all words belong to `class` and one of them is of its `core`.
    fn wholly(&self, class: Class, core: Class) -> bool {
        self.words > 0 && self.all.unwrap_or(0) & class.bit() != 0 && self.any & core.bit() != 0
    }

    fn signals(&self) -> Signals {
        let Message { asks_back, words, lone_marks, link_or_code, .. } = *self;
        let marks_alone = lone_marks && words == 0;
        let asks =
            self.asks || self.pending.is_some() || marks_alone || self.cries_for_help() || self.orders();
        let stuck = self.says(Cue::Stuck);
        let thanks = !asks && self.wholly(Class::Ack, Class::AckCore);
        let social = !asks && !thanks && self.wholly(Class::Small, Class::SmallCore);
        Signals::default()
            .with_if(asks, Signals::ASKS)
            .with_if(asks_back, Signals::ASKS_BACK)
            .with_if(thanks, Signals::THANKS)
            .with_if(social, Signals::SOCIAL)
            .with_if(self.says(Cue::Offer), Signals::OFFERS)
            .with_if((thanks || self.says(Cue::Closing)) && !asks && !stuck, Signals::CLOSING)
            .with_if(self.says(Cue::Takes) && !asks, Signals::TAKES)
            .with_if(stuck, Signals::STILL_STUCK)
            .with_if(self.says(Cue::Declines), Signals::DECLINES_CALL)
            .with_if(self.says(Cue::Chase) || marks_alone, Signals::CHASES)
            .with_if(link_or_code && !asks, Signals::HAS_FIX)
            .with_if(words == 0 && !asks, Signals::BARE)
            .with_if(self.says(Cue::Problem), Signals::FAULT)
    }
}

/// Whether the first sentence begins with a greeting, or speaks to nobody about "my" thing.
fn comes_in(lexicon: &Lexicon, tokens: &[Token]) -> bool {
    let classes = |token: &Token| lexicon.vocabulary.classes(token.word);
    let Some(first) = tokens.iter().position(|token| token.word.is_written()) else { return false };
    let opening = classes(&tokens[first]);
    opening & Class::Greeting.bit() != 0 || first == 0 && opening & Class::Mine.bit() != 0
}

/// Whether the first sentence is spoken to all: "hi all", "everyone, ".
fn greets_all(lexicon: &Lexicon, tokens: &[Token]) -> bool {
    let mut greeted = false;
    for token in tokens {
        let classes = lexicon.vocabulary.classes(token.word);
        let is = |class: Class| classes & class.bit() != 0;
        if is(Class::All) || greeted && is(Class::Named) {
            return true;
        }
        if !is(Class::Opener) {
            return false;
        }
        greeted = is(Class::Greeting);
    }
    false
}
