//! The judgement of a whole message from its sentences.

use std::sync::LazyLock;

use super::phrases::{Class, Cue};
use super::sentence::{Weight, weigh};
use super::signals::Signals;
use super::text::{Sentence, sentences};
use super::tree::{Tree, Word};

/// Built once from the tables; the same in every process.
static TREE: LazyLock<Tree> = LazyLock::new(Tree::new);

/// Judges one message: plain text as an adapter gives it, with mentions as `@name`, code in backticks,
/// quoted lines after `> `.
///
/// Takes one pass, and reads the first 8 kB.
pub fn judge(text: &str) -> Signals {
    let tree = &*TREE;
    let mut message = Message::default();
    sentences(text, &tree.vocabulary, |sentence| message.add(tree, &sentence));
    message.signals()
}

/// What has been seen of a message.
#[derive(Default)]
struct Message {
    asks: bool,
    asks_back: bool,
    cues: u16,
    words: u32,
    lone_marks: bool,
    link_or_code: bool,
    /// The classes that all words of the message share, and those that any has.
    all: Option<u16>,
    any: u16,
}

impl Message {
    fn add(&mut self, tree: &Tree, sentence: &Sentence<'_>) {
        let Weight { asks, asks_back, cues } = weigh(tree, sentence);
        self.cues |= cues;
        for token in sentence.tokens {
            let classes = tree.vocabulary.classes(token.word);
            self.all = Some(self.all.unwrap_or(u16::MAX) & classes);
            self.any |= classes;
            self.words += u32::from(token.word.is_written());
            self.link_or_code |= matches!(token.word, Word::LINK | Word::CODE);
        }
        let wordless = sentence.tokens.iter().all(|token| !token.word.is_written());
        self.lone_marks |= wordless && sentence.questions > 0;
        self.asks |= asks && !(wordless && self.words > 0);
        self.asks_back |= asks_back;
    }

    fn says(&self, cue: Cue) -> bool {
        self.cues & cue.bit() != 0
    }

    /// Whether all words belong to `class` and one of them is of its `core`.
    fn wholly(&self, class: Class, core: Class) -> bool {
        self.words > 0 && self.all.unwrap_or(0) & class.bit() != 0 && self.any & core.bit() != 0
    }

    fn signals(&self) -> Signals {
        let Message { asks, asks_back, words, lone_marks, link_or_code, .. } = *self;
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
            .with_if(self.says(Cue::Chase) || (lone_marks && words == 0), Signals::CHASES)
            .with_if(link_or_code && !asks, Signals::HAS_FIX)
            .with_if(words == 0 && !asks, Signals::BARE)
    }
}
