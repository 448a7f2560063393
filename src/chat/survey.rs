//! Who and what a platform shows, as far as a first runbook is made of it and a runbook is held against it.

use chrono_tz::Tz;
use smol_str::SmolStr;

use crate::core::event::{ChannelId, ChannelKind, Platform, UserId};

/// A workspace, or the rooms of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// Where it is.
    pub platform: Platform,
    /// What it is called.
    pub name: String,
    /// Everybody in it, programs and closed accounts too.
    pub people: Vec<Member>,
    /// Its groups of people, as far as Usher may see them.
    pub groups: Vec<Group>,
    /// Its channels, as far as Usher may see them.
    pub channels: Vec<Room>,
}

/// Somebody in the workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The platform's id.
    pub id: UserId,
    /// What the account is called.
    pub account: String,
    /// The name that people read.
    pub name: String,
    /// The zone that they have set.
    pub zone: Option<Tz>,
    /// What they are there.
    pub standing: Standing,
}

/// What somebody is in a workspace, by how much they may decide there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// An account that was closed.
    Deactivated,
    /// A program.
    Bot,
    /// A guest, or somebody of another workspace.
    Guest,
    /// A member.
    Member,
    /// A member who looks after the workspace.
    Admin,
    /// One of those to whom it belongs.
    Owner,
    /// The one to whom it belongs.
    PrimaryOwner,
}

/// A group that has a handle.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Without `@`.
    pub handle: String,
    /// Who is in it.
    pub members: Vec<UserId>,
}

/// A channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Room {
    /// The platform's id.
    pub id: ChannelId,
    /// The address by which a runbook may name it in the place of its id, if it has one.
    pub alias: Option<SmolStr>,
    /// Without `#`.
    pub name: String,
    /// Of what kind it is.
    pub kind: ChannelKind,
    /// Whether it is closed for good.
    pub archived: bool,
    /// Whether it is the one in which everybody is.
    pub is_general: bool,
    /// What it is for, as people read it; perhaps nothing.
    pub purpose: String,
    /// How many people are in it.
    pub members: u32,
    /// Whether Usher is in it.
    pub usher_is_in: bool,
}
