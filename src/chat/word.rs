//! Words in the JSON of the platforms, borrowed from its text.

use std::borrow::Cow;

use serde::Deserialize;

/// A string, borrowed where it can be.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub(super) struct Word<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Word<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of an optional word; an empty one counts as none.
pub(super) fn given<'a>(word: &'a Option<Word<'_>>) -> Option<&'a str> {
    word.as_ref().map(Word::as_str).filter(|text| !text.is_empty())
}

/// What people read, without the character that no database stores.
#[cfg(any(feature = "matrix", feature = "slack"))]
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "")
}
