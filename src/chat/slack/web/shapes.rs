//! What is asked of the Web API, and what Usher reads of its answers.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{CallError, METADATA};
use crate::chat::slack::blocks::{Block, Rendered};
use crate::core::action::ActionId;
use crate::core::event::{ChannelId, MessageId, UserId};

/// Who the token is.
#[derive(Clone, Debug, Deserialize)]
pub struct Identity {
    /// The address of the workspace, with a slash at its end.
    pub url: Option<String>,
    /// What the workspace is called.
    #[serde(default)]
    pub team: String,
    /// The workspace.
    pub team_id: SmolStr,
    /// The bot's user.
    pub user_id: UserId,
    /// The bot.
    pub bot_id: Option<SmolStr>,
}

/// A message that was taken.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    /// In which channel.
    pub channel: ChannelId,
    /// What it is called.
    pub ts: MessageId,
}

/// A message of a history, as far as it tells whose it is.
#[derive(Clone, Debug, Deserialize)]
pub struct Kept {
    /// What it is called.
    pub ts: MessageId,
    /// What the app that posted it wrote beside it.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

/// What an app writes beside a message.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Of what kind it is.
    #[serde(default)]
    pub event_type: String,
    /// What it says.
    #[serde(default)]
    pub event_payload: Payload,
}

/// What Usher writes beside a message.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Payload {
    /// The id of the action.
    #[serde(default)]
    pub id: Option<SmolStr>,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The thread, if in one.
    pub thread: Option<&'a str>,
}

/// What is said, to `chat.postMessage`, `chat.postEphemeral` and `chat.update` alike.
#[derive(Serialize)]
pub(super) struct Said<'a> {
    pub channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<&'a str>,
    /// The message that is replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ts: Option<&'a str>,
    /// Who alone sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<&'a str>,
    pub text: &'a str,
    pub blocks: &'a [Block],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Own<'a>>,
    /// `chat.update` would look for names and links in the text unless told not to.
    pub parse: &'static str,
    pub link_names: bool,
    pub unfurl_links: bool,
    pub unfurl_media: bool,
}

impl<'a> Said<'a> {
    pub(super) fn new(place: Place<'a>, message: &'a Rendered) -> Said<'a> {
        Said {
            channel: place.channel,
            thread_ts: place.thread,
            ts: None,
            user: None,
            text: &message.text,
            blocks: &message.blocks,
            metadata: None,
            parse: "none",
            link_names: false,
            unfurl_links: false,
            unfurl_media: false,
        }
    }
}

/// What is said at an address that Slack gave.
#[derive(Serialize)]
pub(super) struct SaidThere<'a> {
    /// For whoever did that for which Slack gave it.
    pub response_type: &'static str,
    /// The message on which something was pressed stays.
    pub replace_original: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<&'a str>,
    pub text: &'a str,
    pub blocks: &'a [Block],
}

/// The metadata of a message of Usher's.
#[derive(Serialize)]
pub(super) struct Own<'a> {
    event_type: &'static str,
    event_payload: OwnPayload<'a>,
}

#[derive(Serialize)]
struct OwnPayload<'a> {
    id: &'a ActionId,
}

impl<'a> Own<'a> {
    pub(super) fn new(id: &'a ActionId) -> Own<'a> {
        Own { event_type: METADATA, event_payload: OwnPayload { id } }
    }
}

/// Where the next page of a list begins.
#[derive(Default, Deserialize)]
pub(super) struct Cursor {
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Cursor {
    pub(super) fn next(cursor: Option<Cursor>) -> Option<String> {
        cursor.and_then(|cursor| cursor.next_cursor).filter(|cursor| !cursor.is_empty())
    }
}

/// Slack did it or not, and says nothing more that is needed.
#[derive(Deserialize)]
pub(super) struct Done {
    /// The client takes an answer that is no JSON for an empty one; this field it cannot invent.
    ok: bool,
}

impl Done {
    pub(super) fn or_doubt(self) -> Result<(), CallError> {
        let Done { ok } = self;
        if ok { Ok(()) } else { Err(CallError::Unknown("it says no and not why".to_owned())) }
    }
}
