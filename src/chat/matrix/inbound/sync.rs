//! The body of a `/sync` answer, for what reads one without the SDK: which events it holds, and up to where.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Unreadable;
use super::reader::parse;

/// An answer.
#[derive(Debug, Deserialize)]
pub struct Sync<'a> {
    /// From where the next one goes on.
    pub next_batch: String,
    /// What happened in rooms.
    #[serde(borrow, default)]
    pub rooms: Rooms<'a>,
}

/// The rooms of an answer, by what Usher is in them.
#[derive(Debug, Default, Deserialize)]
pub struct Rooms<'a> {
    /// A member.
    #[serde(borrow, default)]
    pub join: BTreeMap<String, Joined<'a>>,
    /// Asked in.
    #[serde(borrow, default)]
    pub invite: BTreeMap<String, Invited<'a>>,
    /// A member no more.
    #[serde(borrow, default)]
    pub leave: BTreeMap<String, Joined<'a>>,
}

/// A room in which Usher is, or was.
#[derive(Debug, Default, Deserialize)]
pub struct Joined<'a> {
    /// Its state before the timeline begins.
    #[serde(borrow, default)]
    pub state: Events<'a>,
    /// What happened in it.
    #[serde(borrow, default)]
    pub timeline: Timeline<'a>,
}

/// A room into which Usher was asked.
#[derive(Debug, Default, Deserialize)]
pub struct Invited<'a> {
    /// What is told of it, for [`super::read_invite`].
    #[serde(borrow, default)]
    pub invite_state: Events<'a>,
}

/// Events in order.
#[derive(Debug, Default, Deserialize)]
pub struct Events<'a> {
    /// Each as it came.
    #[serde(borrow, default)]
    pub events: Vec<&'a RawValue>,
}

/// The last events of a room.
#[derive(Debug, Default, Deserialize)]
pub struct Timeline<'a> {
    /// Each as it came, in the order of the homeserver.
    #[serde(borrow, default)]
    pub events: Vec<&'a RawValue>,
    /// Whether there were more than it holds.
    #[serde(default)]
    pub limited: bool,
    /// From where those before can be read.
    #[serde(default)]
    pub prev_batch: Option<String>,
}

/// Reads an answer; its events are read each by itself.
///
/// # Errors
/// When it is not what a homeserver answers.
pub fn read(body: &str) -> Result<Sync<'_>, Unreadable> {
    parse(body)
}
