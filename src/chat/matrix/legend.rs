//! Matrix has no buttons: under a message of Usher's stands which reaction does what. The message itself carries the
//! same for Usher, so that a reaction can be read after any restart.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::core::action::{ActionId, Choice};

/// Under this key of a message's content stands its [`Legend`].
pub const KEY: &str = "dev.usher.action";

/// What the reactions to one message of Usher's do. Every message of Usher's has one, if only for its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Legend {
    /// The action whose message it is.
    pub id: ActionId,
    /// What each reaction does, in the order of the buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Pressable>,
}

/// What one reaction does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressable {
    /// The emoji, as people choose it.
    pub emoji: SmolStr,
    /// The action that it answers, where that is not the message's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ActionId>,
    /// What it does.
    pub choice: Choice,
}
