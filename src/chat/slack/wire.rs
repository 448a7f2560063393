//! The JSON that Slack sends, as far as Usher reads it. What else a payload holds is passed over.
//!
//! Text is borrowed wherever it holds no escapes. Every field is optional that Slack has ever left out; what is
//! missing is for the reader to say, who knows what it is missing for.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::calendar::{Instant, SECOND_MS, parse_zone};
pub(super) use crate::chat::word::storable;
use crate::chat::word::{Word, given};
use crate::core::event::{ChannelFacts, ChannelId, ChannelKind, UserFacts, UserId};

/// Slack's own bot, which `is_bot` does not name.
const SLACKBOT: &str = "USLACKBOT";
/// The signs of the statuses that say somebody is away.
const AWAY: [&str; 2] = [":palm_tree:", ":face_with_thermometer:"];
/// No id of Slack's is longer.
const LONGEST_ID: usize = 64;

/// Why a row of a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// It is no JSON, or not of the shape.
    #[error("not a row that Slack sends: {0}")]
    Shape(String),
    /// It has no id, or one that is none of Slack's.
    #[error("a row without an id")]
    NoId,
}

/// A user as `users.list`, `users.info` and `user_change` show them.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRow {
    /// Who.
    pub id: UserId,
    /// What is known.
    pub facts: UserFacts,
    /// The workspaces to which they belong, if the row says.
    teams: Vec<SmolStr>,
}

impl UserRow {
    /// What is known, as seen from a workspace: whoever belongs to others alone sees only the channels that are
    /// shared with them, as a guest does.
    pub fn seen_from(self, team: &str) -> (UserId, UserFacts) {
        let UserRow { id, mut facts, teams } = self;
        facts.guest |= !teams.is_empty() && !teams.iter().any(|known| known == team);
        (id, facts)
    }
}

/// A channel as `conversations.list`, `conversations.info` and `channel_created` show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelRow {
    /// Which.
    pub id: ChannelId,
    /// What is known; who is in it stands in another list.
    pub facts: ChannelFacts,
    /// Whether Usher is in it, if the row says.
    pub usher_is_in: Option<bool>,
}

/// Reads one user: an element of `members` in `users.list`, or `user` of `users.info`.
///
/// # Errors
/// When it is no object with an id.
pub fn user_row(bytes: &[u8]) -> Result<UserRow, RowError> {
    let user: User<'_> = serde_json::from_slice(bytes).map_err(|error| RowError::Shape(error.to_string()))?;
    user.row()
}

/// Reads one channel: an element of `channels` in `conversations.list`, or `channel` of `conversations.info`.
///
/// # Errors
/// When it is no object with an id.
pub fn channel_row(bytes: &[u8]) -> Result<ChannelRow, RowError> {
    let channel: Channel<'_> =
        serde_json::from_slice(bytes).map_err(|error| RowError::Shape(error.to_string()))?;
    channel.row()
}

/// An id, if it can be one of Slack's: it becomes part of keys and of addresses.
pub(super) fn as_id(text: &str) -> Option<SmolStr> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (!text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(fits)).then(|| text.into())
}

/// What surrounds an event.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub team_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub context_team_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub enterprise_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub api_app_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub event_id: Option<Word<'a>>,
    #[serde(default)]
    pub event_time: Option<i64>,
    #[serde(borrow, default)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub authorizations: Option<Vec<Authorization<'a>>>,
    #[serde(borrow, default)]
    pub challenge: Option<Word<'a>>,
    #[serde(default)]
    pub minute_rate_limited: Option<i64>,
}

/// For whom an event was sent: in a shared channel the team around it may be another.
#[derive(Debug, Deserialize)]
pub(super) struct Authorization<'a> {
    #[serde(borrow, default)]
    pub team_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub enterprise_id: Option<Word<'a>>,
}

/// What kind of event it is.
#[derive(Debug, Deserialize)]
pub(super) struct Sort<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Word<'a>>,
}

/// A message: `message`, `app_mention`, and what stands inside of a change.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow, default)]
    pub subtype: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub channel: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub channel_type: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub user: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub bot_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub app_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub blocks: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub thread_ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub deleted_ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub edited: Option<Edited<'a>>,
    #[serde(borrow, default)]
    pub room: Option<Room<'a>>,
    /// In `channel_name`: what it is called now.
    #[serde(borrow, default)]
    pub name: Option<Word<'a>>,
    /// In `message_changed`: the message as it is now.
    #[serde(borrow, default)]
    pub message: Option<&'a RawValue>,
    /// In `message_changed` and `message_deleted`: the message as it was.
    #[serde(borrow, default)]
    pub previous_message: Option<&'a RawValue>,
}

/// When a message was changed last.
#[derive(Debug, Deserialize)]
pub(super) struct Edited<'a> {
    #[serde(borrow, default)]
    pub ts: Option<Word<'a>>,
}

/// The room of a huddle.
#[derive(Debug, Deserialize)]
pub(super) struct Room<'a> {
    #[serde(borrow, default)]
    pub created_by: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub participants: Option<Vec<Word<'a>>>,
    #[serde(borrow, default)]
    pub participant_history: Option<Vec<Word<'a>>>,
    #[serde(default)]
    pub has_ended: Option<bool>,
    /// In seconds; 0 where it has not ended.
    #[serde(default)]
    pub date_end: Option<i64>,
}

/// `reaction_added` and `reaction_removed`.
#[derive(Debug, Deserialize)]
pub(super) struct Reaction<'a> {
    #[serde(borrow, default)]
    pub user: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub reaction: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub item: Option<Item<'a>>,
    #[serde(borrow, default)]
    pub event_ts: Option<&'a RawValue>,
}

/// What was reacted to.
#[derive(Debug, Deserialize)]
pub(super) struct Item<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub channel: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub ts: Option<Word<'a>>,
}

/// An event about a channel that names it by its id.
#[derive(Debug, Deserialize)]
pub(super) struct AboutChannel<'a> {
    #[serde(borrow, default)]
    pub channel: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub user: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub inviter: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub old_channel_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub new_channel_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub event_ts: Option<&'a RawValue>,
}

/// An event that shows a channel.
#[derive(Debug, Deserialize)]
pub(super) struct WithChannel<'a> {
    #[serde(borrow, default)]
    pub channel: Option<Channel<'a>>,
    #[serde(borrow, default)]
    pub event_ts: Option<&'a RawValue>,
}

/// An event that shows a user.
#[derive(Debug, Deserialize)]
pub(super) struct WithUser<'a> {
    #[serde(borrow, default)]
    pub user: Option<User<'a>>,
    #[serde(borrow, default)]
    pub event_ts: Option<&'a RawValue>,
}

/// An event that shows a user group.
#[derive(Debug, Deserialize)]
pub(super) struct WithGroup<'a> {
    #[serde(borrow, default)]
    pub subteam: Option<Group<'a>>,
}

/// A user group.
#[derive(Debug, Deserialize)]
pub(super) struct Group<'a> {
    #[serde(borrow, default)]
    pub id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub handle: Option<Word<'a>>,
}

/// `app_home_opened`.
#[derive(Debug, Deserialize)]
pub(super) struct HomeOpened<'a> {
    #[serde(borrow, default)]
    pub user: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub tab: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub event_ts: Option<&'a RawValue>,
}

/// `tokens_revoked`.
#[derive(Debug, Deserialize)]
pub(super) struct TokensRevoked<'a> {
    #[serde(borrow, default)]
    pub tokens: Option<Tokens<'a>>,
}

/// Whose tokens.
#[derive(Debug, Deserialize)]
pub(super) struct Tokens<'a> {
    #[serde(borrow, default)]
    pub bot: Option<Vec<Word<'a>>>,
}

/// A user.
#[derive(Debug, Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow, default)]
    id: Option<Word<'a>>,
    #[serde(borrow, default)]
    name: Option<Word<'a>>,
    #[serde(borrow, default)]
    real_name: Option<Word<'a>>,
    #[serde(borrow, default)]
    tz: Option<Word<'a>>,
    #[serde(default)]
    deleted: Option<bool>,
    #[serde(default)]
    is_bot: Option<bool>,
    #[serde(default)]
    is_workflow_bot: Option<bool>,
    #[serde(default)]
    is_restricted: Option<bool>,
    #[serde(default)]
    is_ultra_restricted: Option<bool>,
    #[serde(default)]
    is_stranger: Option<bool>,
    #[serde(borrow, default)]
    team_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    enterprise_user: Option<EnterpriseUser<'a>>,
    #[serde(borrow, default)]
    profile: Option<Profile<'a>>,
}

/// A user of an organisation of several workspaces.
#[derive(Debug, Deserialize)]
struct EnterpriseUser<'a> {
    #[serde(borrow, default)]
    teams: Option<Vec<Word<'a>>>,
}

/// What a user calls themselves. Its `fields` is an object, or an empty list, and is not read.
#[derive(Debug, Deserialize)]
struct Profile<'a> {
    #[serde(borrow, default)]
    display_name: Option<Word<'a>>,
    #[serde(borrow, default)]
    real_name: Option<Word<'a>>,
    #[serde(borrow, default)]
    status_emoji: Option<Word<'a>>,
    /// In seconds; 0 where there is no end.
    #[serde(default)]
    status_expiration: Option<i64>,
}

/// A channel.
#[derive(Debug, Deserialize)]
pub(super) struct Channel<'a> {
    #[serde(borrow, default)]
    id: Option<Word<'a>>,
    #[serde(borrow, default)]
    name: Option<Word<'a>>,
    #[serde(default)]
    is_im: Option<bool>,
    #[serde(default)]
    is_mpim: Option<bool>,
    #[serde(default)]
    is_group: Option<bool>,
    #[serde(default)]
    is_private: Option<bool>,
    #[serde(default)]
    is_archived: Option<bool>,
    #[serde(default)]
    is_member: Option<bool>,
}

impl User<'_> {
    /// What the core wants to know.
    pub fn row(&self) -> Result<UserRow, RowError> {
        let id = given(&self.id).and_then(as_id).ok_or(RowError::NoId)?;
        let profile = self.profile.as_ref();
        let own = profile.and_then(|profile| given(&profile.display_name));
        let real = given(&self.real_name).or_else(|| profile.and_then(|profile| given(&profile.real_name)));
        let name = own.or(real).or(given(&self.name)).unwrap_or(&id);
        let facts = UserFacts {
            name: storable(name),
            zone: given(&self.tz).and_then(|zone| parse_zone(zone).ok()),
            bot: self.is_bot == Some(true) || self.is_workflow_bot == Some(true) || id == SLACKBOT,
            deactivated: self.deleted == Some(true),
            guest: [self.is_restricted, self.is_ultra_restricted, self.is_stranger].contains(&Some(true)),
            away_until: profile.and_then(Profile::away_until),
        };
        Ok(UserRow { id, facts, teams: self.teams() })
    }

    /// Slack names the workspace of a user, and in an organisation all of them; there it may name the organisation
    /// in the place of the workspace.
    fn teams(&self) -> Vec<SmolStr> {
        let own = given(&self.team_id).filter(|team| team.starts_with('T'));
        let all = self.enterprise_user.iter().flat_map(|user| user.teams.iter().flatten()).map(Word::as_str);
        own.into_iter().chain(all).filter_map(as_id).collect()
    }
}

impl Profile<'_> {
    /// Until when the status says that somebody is away. Slack's own "Vacationing" and "Out sick" say so, in
    /// whichever language they are shown.
    fn away_until(&self) -> Option<Instant> {
        given(&self.status_emoji).filter(|emoji| AWAY.contains(emoji))?;
        let expires = self.status_expiration.filter(|seconds| *seconds > 0);
        Some(expires.map_or(Instant::MAX, |seconds| Instant::from_ms(seconds.saturating_mul(SECOND_MS))))
    }
}

impl Channel<'_> {
    /// What the core wants to know.
    pub fn row(&self) -> Result<ChannelRow, RowError> {
        let id = given(&self.id).and_then(as_id).ok_or(RowError::NoId)?;
        let facts = ChannelFacts {
            aliases: Vec::new(),
            name: storable(given(&self.name).unwrap_or(&id)),
            kind: self.kind(),
            archived: self.is_archived == Some(true),
            members: Vec::new(),
        };
        Ok(ChannelRow { id, facts, usher_is_in: self.is_member })
    }

    fn kind(&self) -> ChannelKind {
        if self.is_im == Some(true) || self.is_mpim == Some(true) {
            ChannelKind::Direct
        } else if self.is_private == Some(true) || self.is_group == Some(true) {
            ChannelKind::Private
        } else {
            ChannelKind::Public
        }
    }

    /// Its id and its name, if it has both.
    pub fn named(&self) -> Option<(ChannelId, String)> {
        Some((given(&self.id).and_then(as_id)?, storable(given(&self.name)?)))
    }
}

/// `block_actions`, `message_action`, `shortcut`, `view_submission` and `view_closed`.
#[derive(Debug, Deserialize)]
pub(super) struct Interactive<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub team: Option<Named<'a>>,
    #[serde(borrow, default)]
    pub enterprise: Option<Named<'a>>,
    #[serde(borrow, default)]
    pub api_app_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub user: Option<Named<'a>>,
    #[serde(borrow, default)]
    pub channel: Option<Named<'a>>,
    #[serde(borrow, default)]
    pub message: Option<About<'a>>,
    /// Of a message that one person sees nothing else is told.
    #[serde(borrow, default)]
    pub container: Option<About<'a>>,
    #[serde(borrow, default)]
    pub message_ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub callback_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub trigger_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub action_ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub response_url: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub actions: Option<Vec<Press<'a>>>,
    #[serde(borrow, default)]
    pub view: Option<View<'a>>,
}

/// The message on which something was chosen, or where it stands.
#[derive(Debug, Deserialize)]
pub(super) struct About<'a> {
    #[serde(borrow, default)]
    pub ts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub thread_ts: Option<Word<'a>>,
}

/// Something of which only the id is read.
#[derive(Debug, Deserialize)]
pub(super) struct Named<'a> {
    #[serde(borrow, default)]
    pub id: Option<Word<'a>>,
}

/// One press.
#[derive(Debug, Deserialize)]
pub(super) struct Press<'a> {
    #[serde(borrow, default)]
    pub action_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub value: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub selected_option: Option<Chosen<'a>>,
    #[serde(borrow, default)]
    pub action_ts: Option<Word<'a>>,
}

/// A form.
#[derive(Debug, Deserialize)]
pub(super) struct View<'a> {
    #[serde(borrow, default)]
    pub callback_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub private_metadata: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub state: Option<State<'a>>,
}

/// What was typed into a form, by block and input.
#[derive(Debug, Deserialize)]
pub(super) struct State<'a> {
    #[serde(borrow, default)]
    pub values: BTreeMap<String, BTreeMap<String, Input<'a>>>,
}

/// What was typed or chosen in one input.
#[derive(Debug, Deserialize)]
pub(super) struct Input<'a> {
    #[serde(borrow, default)]
    pub value: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub selected_user: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub selected_date: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub selected_time: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub selected_option: Option<Chosen<'a>>,
}

/// The option that was chosen.
#[derive(Debug, Deserialize)]
pub(super) struct Chosen<'a> {
    #[serde(borrow, default)]
    pub value: Option<Word<'a>>,
}

/// A slash command. As a form, its fields have the same names.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Command<'a> {
    #[serde(borrow, default)]
    pub command: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub text: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub user_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub channel_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub team_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub enterprise_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub api_app_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub trigger_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub response_url: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub ssl_check: Option<Word<'a>>,
}
