//! What an adapter has to remember of its platform and the engine has no use for.

use std::collections::BTreeMap;

use smol_str::SmolStr;

/// A small thing to remember, known by its kind and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memo {
    /// What it is about.
    pub kind: MemoKind,
    /// Which it is, by the platform's name.
    pub key: SmolStr,
    /// What is remembered from now on; `None` forgets it.
    pub value: Option<String>,
}

/// What a memo is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemoKind {
    /// By the event of a reaction: which it is and where it stands, for when it is taken back.
    Reaction,
    /// By an event that cannot be decrypted yet: the event as it came.
    Undecrypted,
    /// By a person: the room in which they are spoken to alone.
    Direct,
    /// By a person: what they are asked there, and what they have answered so far.
    Dialogue,
}

impl MemoKind {
    const ALL: [MemoKind; 4] =
        [MemoKind::Reaction, MemoKind::Undecrypted, MemoKind::Direct, MemoKind::Dialogue];

    /// Its name in the store.
    pub(super) fn name(self) -> &'static str {
        match self {
            MemoKind::Reaction => "reaction",
            MemoKind::Undecrypted => "undecrypted",
            MemoKind::Direct => "direct",
            MemoKind::Dialogue => "dialogue",
        }
    }

    /// Whether it goes at an age. A room is where its person is spoken to however long ago that was found.
    pub(super) fn ages(self) -> bool {
        match self {
            MemoKind::Reaction | MemoKind::Undecrypted | MemoKind::Dialogue => true,
            MemoKind::Direct => false,
        }
    }

    /// The names of those that go at an age.
    pub(super) fn ageing() -> impl Iterator<Item = &'static str> {
        MemoKind::ALL.into_iter().filter(|kind| kind.ages()).map(MemoKind::name)
    }
}

/// What a batch does to each memo: of several about one key the last counts.
pub(super) fn net<'a>(memos: &[&'a Memo]) -> BTreeMap<(MemoKind, &'a SmolStr), Option<&'a str>> {
    memos.iter().map(|memo| ((memo.kind, &memo.key), memo.value.as_deref())).collect()
}
