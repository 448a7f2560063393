//! Who Slack's ids are: kept by the adapter, so that reading needs no question to Slack where the answer is known.

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::wire::{ChannelRow, UserRow};
use crate::calendar::Instant;
use crate::chat::slack_text;
use crate::core::event::{ChannelFacts, ChannelId, Event, Platform, UserFacts, UserId, What};

/// Who Usher is in Slack, as `auth.test` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The workspace in which it is installed.
    pub team: SmolStr,
    /// The organisation, if it is installed in all of its workspaces.
    pub enterprise: Option<SmolStr>,
    /// The app, if it is known.
    pub app: Option<SmolStr>,
    /// Usher's user.
    pub user: UserId,
    /// Usher's bot.
    pub bot: Option<SmolStr>,
}

/// The users, channels and groups that Slack has told of.
#[derive(Clone, Debug)]
pub struct Directory {
    identity: Identity,
    /// None of these is ever iterated.
    users: FxHashMap<UserId, UserFacts>,
    channels: FxHashMap<ChannelId, ChannelFacts>,
    groups: FxHashMap<SmolStr, SmolStr>,
    /// By whom Usher talks to there.
    directs: FxHashMap<UserId, ChannelId>,
}

impl Directory {
    /// One that knows Usher alone.
    pub fn new(identity: Identity) -> Directory {
        Directory {
            identity,
            users: FxHashMap::default(),
            channels: FxHashMap::default(),
            groups: FxHashMap::default(),
            directs: FxHashMap::default(),
        }
    }

    /// Who Usher is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Takes over what an event tells of a user or a channel; other events tell nothing. Call it once the
    /// event is committed.
    pub fn learn(&mut self, event: &Event) {
        match &event.what {
            What::User { user, facts } => {
                self.users.insert(user.clone(), facts.clone());
            }
            What::Channel { channel, facts } => {
                self.channels.insert(channel.clone(), facts.clone());
            }
            What::Posted(_)
            | What::Unreadable { .. }
            | What::Edited { .. }
            | What::Deleted { .. }
            | What::Reacted { .. }
            | What::Commanded { .. }
            | What::Pressed { .. }
            | What::Away { .. }
            | What::Gap { .. }
            | What::Filled { .. }
            | What::Lost { .. }
            | What::CallBegan { .. }
            | What::HomeOpened { .. }
            | What::Invited { .. }
            | What::Revision(_)
            | What::Started { .. }
            | What::Delivered { .. } => {}
        }
    }

    /// The event that a user is as the Web API has just said.
    pub fn user_event(&self, row: UserRow, at: Instant) -> Event {
        let (user, facts) = row.seen_from(&self.identity.team);
        let key = format_smolstr!("slack/{}/user/{user}/told/{}", self.identity.team, at.ms());
        Event { key, at, platform: Platform::Slack, what: What::User { user, facts } }
    }

    /// The event that a channel is as the Web API has just said, with these people in it.
    pub fn channel_event(&self, row: ChannelRow, members: Vec<UserId>, at: Instant) -> Event {
        let key = format_smolstr!("slack/{}/channel/{}/told/{}", self.identity.team, row.id, at.ms());
        let facts = ChannelFacts { members, ..row.facts };
        Event { key, at, platform: Platform::Slack, what: What::Channel { channel: row.id, facts } }
    }

    /// Takes over the handle of a user group, without `@`.
    pub fn learn_group(&mut self, id: SmolStr, handle: SmolStr) {
        self.groups.insert(id, handle);
    }

    /// Takes over the conversation of a user with Usher.
    pub fn learn_direct(&mut self, user: UserId, channel: ChannelId) {
        self.directs.insert(user, channel);
    }

    /// The conversation of a user with Usher.
    pub fn direct(&self, user: &str) -> Option<&ChannelId> {
        self.directs.get(user)
    }

    /// What is known of a user.
    pub fn user(&self, id: &str) -> Option<&UserFacts> {
        self.users.get(id)
    }

    /// What is known of a channel.
    pub fn channel(&self, id: &str) -> Option<&ChannelFacts> {
        self.channels.get(id)
    }

    /// Whether a channel's name is known. One that could not be asked about is called by its id.
    pub fn is_named(&self, id: &str) -> bool {
        self.channels.get(id).is_some_and(|facts| facts.name != id)
    }
}

impl slack_text::Directory for Directory {
    fn user_name(&self, id: &str) -> Option<&str> {
        let known = self.users.get(id).map(|facts| facts.name.as_str());
        known.or((self.identity.user == id).then_some("usher"))
    }

    fn channel_name(&self, id: &str) -> Option<&str> {
        self.channels.get(id).map(|facts| facts.name.as_str())
    }

    fn is_usher(&self, id: &str) -> bool {
        self.identity.user == id
    }

    fn group_handle(&self, id: &str) -> Option<&str> {
        self.groups.get(id).map(SmolStr::as_str)
    }
}
