//! The JSON of an export, as far as Usher reads it. What else a file holds is passed over.
//!
//! Text is borrowed from the file wherever it holds no escapes: most of replaying is reading.

use serde::Deserialize;

use crate::chat::word::Word;

/// An entry of a day's file.
#[derive(Debug, Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub subtype: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub user: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub bot_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub username: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub thread_ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub deleted_ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub reactions: Option<Vec<Reaction<'a>>>,
    #[serde(borrow, default)]
    pub user_profile: Option<Profile<'a>>,
    #[serde(borrow, default)]
    pub room: Option<Room<'a>>,
    /// In `message_changed`: what the message says now.
    #[serde(borrow, default)]
    pub message: Option<Changed<'a>>,
    /// In `message_changed` and `message_deleted`: what it said before.
    #[serde(borrow, default)]
    pub previous_message: Option<Changed<'a>>,
}

/// The message that a `message_changed` or `message_deleted` is about.
#[derive(Debug, Deserialize)]
pub(super) struct Changed<'a> {
    #[serde(borrow, default)]
    pub ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub user: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub thread_ts: Option<Word<'a>>,
}

/// A reaction: who gave it, and not when.
#[derive(Debug, Deserialize)]
pub(super) struct Reaction<'a> {
    #[serde(borrow, default)]
    pub name: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub users: Option<Vec<Word<'a>>>,
}

/// The room of a huddle.
#[derive(Debug, Deserialize)]
pub(super) struct Room<'a> {
    #[serde(borrow, default)]
    pub participant_history: Option<Vec<Word<'a>>>,
    #[serde(borrow, default)]
    pub participants: Option<Vec<Word<'a>>>,
}

/// What a user calls themselves, in `users.json` and beside messages.
#[derive(Debug, Deserialize)]
pub(super) struct Profile<'a> {
    #[serde(borrow, default)]
    pub display_name: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub real_name: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub name: Option<Word<'a>>,
}

/// An entry of `users.json`.
#[derive(Debug, Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub id: Word<'a>,
    #[serde(borrow, default)]
    pub name: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub real_name: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub tz: Option<Word<'a>>,
    #[serde(default)]
    pub is_bot: Option<bool>,
    #[serde(borrow, default)]
    pub profile: Option<Profile<'a>>,
}

/// An entry of `channels.json`, `groups.json`, `mpims.json` or `dms.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Place<'a> {
    #[serde(borrow)]
    pub id: Word<'a>,
    #[serde(borrow, default)]
    pub name: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub members: Option<Vec<Word<'a>>>,
}
