//! What was left out of a replay and what was mended, counted by reason.

use std::collections::BTreeMap;

use smol_str::SmolStr;

/// Why a line of an export was not played.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skipped {
    /// The same channel and time as a message before it.
    Duplicate,
    /// No `ts`, or one that is no time.
    NoTime,
    /// Nobody wrote it.
    NoAuthor,
    /// A change that does not say of which message.
    NoMessage,
    /// A reaction without a name.
    Reaction,
    /// Its `type` is not `message`.
    Type(SmolStr),
    /// A subtype that is no talk: joins, topics, tombstones, and whatever Usher does not know.
    Subtype(SmolStr),
    /// A file in a channel's folder that is no day.
    OtherFile,
    /// A file that is broken, where the caller asked to go on.
    BrokenFile,
}

/// What was not as it should be and was played all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mended {
    /// A user whom `users.json` does not hold.
    UnlistedUser,
    /// A folder that no list of channels names.
    UnlistedChannel,
    /// A message that stands after a later one.
    OutOfOrder,
}

/// Counts of both.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    skipped: BTreeMap<Skipped, u64>,
    mended: BTreeMap<Mended, u64>,
}

impl Tally {
    pub(super) fn skip(&mut self, reason: Skipped) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    pub(super) fn mend(&mut self, reason: Mended) {
        *self.mended.entry(reason).or_default() += 1;
    }

    /// What was left out, by reason as people read it.
    pub fn skipped(&self) -> BTreeMap<String, u64> {
        self.skipped.iter().map(|(reason, count)| (reason.words(), *count)).collect()
    }

    /// What was mended, by reason as people read it.
    pub fn mended(&self) -> BTreeMap<String, u64> {
        self.mended.iter().map(|(reason, count)| (reason.words().to_owned(), *count)).collect()
    }
}

impl Skipped {
    fn words(&self) -> String {
        match self {
            Skipped::Duplicate => "duplicate message".to_owned(),
            Skipped::NoTime => "message without a time".to_owned(),
            Skipped::NoAuthor => "message without an author".to_owned(),
            Skipped::NoMessage => "change of an unnamed message".to_owned(),
            Skipped::Reaction => "reaction without a name".to_owned(),
            Skipped::Type(kind) => format!("type {kind}"),
            Skipped::Subtype(subtype) => format!("subtype {subtype}"),
            Skipped::OtherFile => "file that is no day".to_owned(),
            Skipped::BrokenFile => "broken file".to_owned(),
        }
    }
}

impl Mended {
    fn words(self) -> &'static str {
        match self {
            Mended::UnlistedUser => "user missing from users.json",
            Mended::UnlistedChannel => "channel missing from every list",
            Mended::OutOfOrder => "message out of order",
        }
    }
}
