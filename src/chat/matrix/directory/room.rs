//! What is known of one room, and what one event of its state changes of that.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::calendar::Instant;
use crate::chat::matrix::wire::{Envelope, PowerLevels, State, alias, local, number, part, room_id, user_id};
use crate::chat::word::{Word, given};
use crate::core::event::{ChannelFacts, ChannelId, ChannelKind, UserId};
use crate::core::message::harmless;

/// A name is cut after so many characters.
const LONGEST_NAME: usize = 100;
/// So many other addresses of a room are kept.
const MOST_ALIASES: usize = 20;
/// What it takes to close a room, where the room does not say otherwise.
const USUAL_POWER: i64 = 50;

/// A room.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// What it is.
    pub(in crate::chat::matrix) about: About,
    /// Who is in it or has been asked in, Usher included.
    pub(in crate::chat::matrix) members: BTreeMap<UserId, Member>,
    /// Since when Usher is in it; nothing where it is not.
    pub(in crate::chat::matrix) joined_at: Option<Instant>,
    /// Who asked Usher in.
    pub(in crate::chat::matrix) invited_by: Option<UserId>,
    /// Whether somebody meant it as the room of two.
    is_meant_direct: bool,
    power: Power,
}

/// What a room is, whoever is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    name: Option<String>,
    alias: Option<SmolStr>,
    other_aliases: Vec<SmolStr>,
    is_public: bool,
    pub(in crate::chat::matrix) is_encrypted: bool,
    pub(in crate::chat::matrix) closed: Option<Closed>,
    /// The room that it replaces.
    pub(in crate::chat::matrix) predecessor: Option<ChannelId>,
    /// Who made it; since version 12 of rooms nobody can take anything from them.
    creator: Option<UserId>,
}

/// By whom a room was given up, and for which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub(in crate::chat::matrix) by: UserId,
    pub(in crate::chat::matrix) successor: Option<ChannelId>,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What they call themselves there.
    pub(in crate::chat::matrix) name: Option<SmolStr>,
    /// Whether they are in it; else they have been asked in.
    pub(in crate::chat::matrix) is_in: bool,
}

/// Who may do what in it, as far as Usher asks.
#[derive(Clone, Debug)]
pub(in crate::chat::matrix) struct Power {
    users: BTreeMap<String, i64>,
    everyone: i64,
    to_close: i64,
    to_write: i64,
    to_write_encrypted: i64,
}

impl Default for Power {
    /// What holds in a room that says nothing: its creator may do everything.
    fn default() -> Power {
        let users = BTreeMap::new();
        Power { users, everyone: 0, to_close: USUAL_POWER, to_write: 0, to_write_encrypted: 0 }
    }
}

/// What an event of a room's state says.
#[derive(Clone, Debug)]
pub(in crate::chat::matrix) enum Change {
    /// Somebody comes, goes, or is called otherwise.
    Member(Step),
    /// Who may do what.
    Powers(Power),
    /// What the room is, whoever is in it.
    About(News),
}

/// Where somebody stands to a room from now on.
#[derive(Clone, Debug)]
pub(in crate::chat::matrix) struct Step {
    pub user: UserId,
    pub by: UserId,
    pub is: Membership,
    pub name: Option<SmolStr>,
    pub is_direct: bool,
    pub at: Instant,
}

/// What a room is from now on.
#[derive(Clone, Debug)]
pub(in crate::chat::matrix) enum News {
    Name(Option<String>),
    Aliases(Option<SmolStr>, Vec<SmolStr>),
    Public(bool),
    Closed(Closed),
    Made { by: UserId, predecessor: Option<ChannelId> },
    Encrypted,
}

/// Where somebody stands to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat::matrix) enum Membership {
    In,
    Asked,
    Out,
}

impl Change {
    /// What an event of the state says, if it is of Usher's business and no nonsense.
    pub fn of(envelope: &Envelope<'_>, at: Instant) -> Option<Change> {
        let by = user_id(given(&envelope.sender)?)?;
        let state_key = envelope.state_key.as_ref().map(Word::as_str)?;
        if envelope.kind() == "m.room.member" {
            return Step::of(user_id(state_key)?, by, &part(envelope.content)?, at).map(Change::Member);
        }
        if !state_key.is_empty() {
            return None;
        }
        if envelope.kind() == "m.room.power_levels" {
            return Power::of(envelope.content).map(Change::Powers);
        }
        News::of(envelope.kind(), by, &part(envelope.content)?).map(Change::About)
    }
}

impl Step {
    fn of(user: UserId, by: UserId, content: &State<'_>, at: Instant) -> Option<Step> {
        let is = match given(&content.membership)? {
            "join" => Membership::In,
            "invite" => Membership::Asked,
            "leave" | "ban" | "knock" => Membership::Out,
            _ => return None,
        };
        let name = given(&content.displayname).and_then(name);
        Some(Step { user, by, is, name, is_direct: content.is_direct == Some(true), at })
    }
}

impl News {
    fn of(kind: &str, by: UserId, content: &State<'_>) -> Option<News> {
        match kind {
            "m.room.name" => Some(News::Name(given(&content.name).and_then(name).map(Into::into))),
            "m.room.canonical_alias" => {
                let others = content.alt_aliases.iter().flatten().filter_map(|word| alias(word.as_str()));
                let first = given(&content.alias).and_then(alias);
                Some(News::Aliases(first, others.take(MOST_ALIASES).collect()))
            }
            "m.room.join_rules" => Some(News::Public(given(&content.join_rule) == Some("public"))),
            "m.room.tombstone" => {
                let successor = given(&content.replacement_room).and_then(room_id);
                Some(News::Closed(Closed { by, successor }))
            }
            "m.room.create" => {
                let before = content.predecessor.as_ref().and_then(|before| given(&before.room_id));
                Some(News::Made { by, predecessor: before.and_then(room_id) })
            }
            "m.room.encryption" => Some(News::Encrypted),
            _ => None,
        }
    }
}

impl Power {
    fn of(content: Option<&RawValue>) -> Option<Power> {
        let levels: PowerLevels<'_> = part(content)?;
        let users = levels.users.iter().flatten();
        let users = users.filter_map(|(user, level)| Some((user.clone(), number(Some(level))?)));
        let of_type = |kind: &str, otherwise| {
            let said = levels.events.as_ref().and_then(|events| number(events.get(kind).copied()));
            said.or_else(|| number(otherwise))
        };
        Some(Power {
            users: users.collect(),
            everyone: number(levels.users_default).unwrap_or(0),
            to_close: of_type("m.room.tombstone", levels.state_default).unwrap_or(USUAL_POWER),
            to_write: of_type("m.room.message", levels.events_default).unwrap_or(0),
            to_write_encrypted: of_type("m.room.encrypted", levels.events_default).unwrap_or(0),
        })
    }

    fn of_user(&self, user: &str) -> i64 {
        self.users.get(user).copied().unwrap_or(self.everyone)
    }
}

impl About {
    /// Takes over what is new.
    pub fn apply(&mut self, news: &News) {
        match news {
            News::Name(name) => self.name.clone_from(name),
            News::Aliases(alias, others) => {
                self.alias.clone_from(alias);
                self.other_aliases.clone_from(others);
            }
            News::Public(is_public) => self.is_public = *is_public,
            News::Closed(closed) => self.closed = Some(closed.clone()),
            News::Made { by, predecessor } => {
                self.creator = Some(by.clone());
                self.predecessor.clone_from(predecessor);
            }
            News::Encrypted => self.is_encrypted = true,
        }
    }

    /// What the engine wants to know. Who is in a public room it is not told: everyone may be.
    pub fn facts<'m>(&self, room: &str, members: impl Iterator<Item = &'m UserId>) -> ChannelFacts {
        let kind = if self.is_public { ChannelKind::Public } else { ChannelKind::Private };
        let aliases = self.alias.iter().chain(&self.other_aliases);
        ChannelFacts {
            name: self.called().unwrap_or_else(|| room.to_owned()),
            kind,
            archived: self.closed.is_some(),
            members: if self.is_public { Vec::new() } else { members.cloned().collect() },
            aliases: aliases.cloned().collect(),
        }
    }

    /// Its address is what a channel is called elsewhere; else the name that somebody gave it.
    pub(in crate::chat::matrix) fn called(&self) -> Option<String> {
        let of_alias = self.alias.as_deref().map(local).filter(|name| !name.is_empty());
        let of_name = || self.name.as_deref().map(|name| name.trim_start_matches('#').trim_start());
        of_alias.or_else(of_name).filter(|name| !name.is_empty()).map(Into::into)
    }

    /// Whether everyone may come in.
    pub fn is_public(&self) -> bool {
        self.is_public
    }

    fn is_called(&self) -> bool {
        self.name.is_some() || self.alias.is_some()
    }
}

impl Room {
    pub(in crate::chat::matrix) fn apply(&mut self, change: Change, own: &str) {
        match change {
            Change::Member(step) => self.take_step(step, own),
            Change::Powers(power) => self.power = power,
            Change::About(news) => self.about.apply(&news),
        }
    }

    fn take_step(&mut self, step: Step, own: &str) {
        let Step { user, by, is, name, is_direct, at } = step;
        self.is_meant_direct |= is_direct;
        if user == own {
            self.take_own_step(is, by, at);
        }
        match is {
            Membership::In => self.members.insert(user, Member { name, is_in: true }),
            Membership::Asked => self.members.insert(user, Member { name, is_in: false }),
            Membership::Out => self.members.remove(&user),
        };
    }

    fn take_own_step(&mut self, is: Membership, by: UserId, at: Instant) {
        match is {
            Membership::In => self.joined_at = self.joined_at.or(Some(at)),
            // Read once more: Usher has come in since.
            Membership::Asked if self.joined_at.is_some_and(|joined_at| at < joined_at) => {}
            Membership::Asked => {
                self.joined_at = None;
                self.invited_by = Some(by);
            }
            Membership::Out => self.joined_at = None,
        }
    }

    /// Those who are in it, Usher left out.
    pub(in crate::chat::matrix) fn people<'r>(&'r self, own: &'r str) -> impl Iterator<Item = &'r UserId> {
        self.members.iter().filter(move |(user, member)| member.is_in && *user != own).map(|(user, _)| user)
    }

    /// Who else is in it, of no more than two.
    pub(super) fn other_of_two(&self, own: &str) -> Option<&UserId> {
        let is_small = self.members.len() == 2 && self.members.contains_key(own) && !self.about.is_public;
        self.members.keys().find(|user| *user != own).filter(|_| is_small)
    }

    /// Whether it is for two: one that has a name or an address is for more, whoever is left in it, unless somebody
    /// meant it so.
    pub(super) fn is_for_two(&self) -> bool {
        self.is_meant_direct || !self.about.is_called()
    }

    pub(in crate::chat::matrix) fn is_made_by(&self, user: &str) -> bool {
        self.about.creator.as_deref() == Some(user)
    }

    /// Whether a user may write in it.
    pub(in crate::chat::matrix) fn may_write(&self, user: &str) -> bool {
        let power = &self.power;
        let needed = if self.about.is_encrypted { power.to_write_encrypted } else { power.to_write };
        self.is_made_by(user) || power.of_user(user) >= needed
    }

    /// Whether a user may do more than to write and to invite: look after it.
    pub(in crate::chat::matrix) fn may_rule(&self, user: &str) -> bool {
        self.is_made_by(user) || self.power.of_user(user) >= USUAL_POWER
    }

    /// Whether it was given up for `successor` by somebody who may.
    pub(super) fn was_given_up_for(&self, successor: &str) -> bool {
        self.about.closed.as_ref().is_some_and(|closed| {
            let is_creator = self.about.creator.as_ref() == Some(&closed.by);
            let power = self.power.of_user(&closed.by);
            let is_named = closed.successor.as_deref() == Some(successor);
            is_named && (is_creator || power >= self.power.to_close.max(USUAL_POWER))
        })
    }

    pub(super) fn replaces(&self, old: &str) -> bool {
        self.about.predecessor.as_deref() == Some(old)
    }
}

/// A name as it is shown: on one line, without what turns the direction of text, and no longer than a name.
fn name(typed: &str) -> Option<SmolStr> {
    let cut: String = typed.chars().take(LONGEST_NAME).collect();
    let name = harmless(&cut);
    let name = name.trim();
    (!name.is_empty()).then(|| name.into())
}
