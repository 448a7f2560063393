//! The workspace as its lists show it, for whoever writes a first runbook or looks for what is wrong.
//!
//! A row that cannot be read is left out, and said so.

use std::cell::Cell;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::web::{self, CallError, Page, Web};
use super::wire::{ChannelRow, RowError, channel_row, user_row};
use crate::chat::slack_text;
use crate::chat::survey::{Group, Member, Room, Standing};
use crate::chat::word::{Word, given};
use crate::clock::Clock;
use crate::core::event::{UserFacts, UserId};

/// What a user's row says beside the facts that the core wants.
#[derive(Deserialize)]
struct Rights<'a> {
    #[serde(borrow, default)]
    name: Option<Word<'a>>,
    #[serde(default)]
    is_admin: Option<bool>,
    #[serde(default)]
    is_owner: Option<bool>,
    #[serde(default)]
    is_primary_owner: Option<bool>,
}

/// What a channel's row says beside the facts that the core wants.
#[derive(Deserialize)]
struct About<'a> {
    #[serde(borrow, default)]
    topic: Option<Written<'a>>,
    #[serde(borrow, default)]
    purpose: Option<Written<'a>>,
    #[serde(default)]
    is_general: Option<bool>,
    #[serde(default)]
    num_members: Option<u32>,
}

/// A text that somebody set.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default)]
    value: Option<Word<'a>>,
}

/// Everybody whom the workspace `team` knows. `read` is told how many are known so far.
///
/// # Errors
/// When Slack does not tell.
pub async fn people(
    web: &Web,
    clock: &Clock,
    team: &str,
    read: &dyn Fn(usize),
) -> Result<Vec<Member>, CallError> {
    let rows = rows(clock, read, |cursor: Option<String>| async move { web.users(cursor.as_deref()).await });
    Ok(rows.await?.iter().filter_map(|row| readable(member(row, team))).collect())
}

/// The channels that Usher may see; `people` are those whom their purposes may mention.
///
/// # Errors
/// When Slack does not tell.
pub async fn channels(
    web: &Web,
    clock: &Clock,
    people: &[Member],
    read: &dyn Fn(usize),
) -> Result<Vec<Room>, CallError> {
    let rows =
        rows(clock, read, |cursor: Option<String>| async move { web.channels(cursor.as_deref()).await });
    let named = Named(people.iter().map(|member| (&member.id, member.name.as_str())).collect());
    Ok(rows.await?.iter().filter_map(|row| readable(room(row, &named))).collect())
}

/// The user groups.
///
/// # Errors
/// When Slack does not tell.
pub async fn groups(web: &Web, clock: &Clock) -> Result<Vec<Group>, CallError> {
    web::politely(clock, || web.groups()).await
}

async fn rows<Reading>(
    clock: &Clock,
    read: &dyn Fn(usize),
    page: impl Fn(Option<String>) -> Reading,
) -> Result<Vec<Box<RawValue>>, CallError>
where
    Reading: Future<Output = Result<Page<Box<RawValue>>, CallError>>,
{
    let known = Cell::new(0);
    let (known, page) = (&known, &page);
    let counted = |cursor: Option<String>| async move {
        let page = web::politely(clock, || page(cursor.clone())).await?;
        known.set(known.get() + page.rows.len());
        read(known.get());
        Ok(page)
    };
    Ok(web::follow(web::MOST_PAGES, counted).await?.rows)
}

fn readable<T>(row: Result<T, RowError>) -> Option<T> {
    row.inspect_err(|error| tracing::warn!(%error, "a row of Slack's cannot be read and is left out")).ok()
}

fn shape<'a, T: Deserialize<'a>>(row: &'a RawValue) -> Result<T, RowError> {
    serde_json::from_str(row.get()).map_err(|error| RowError::Shape(error.to_string()))
}

fn member(row: &RawValue, team: &str) -> Result<Member, RowError> {
    let (id, facts) = user_row(row.get().as_bytes())?.seen_from(team);
    let rights: Rights<'_> = shape(row)?;
    let account = given(&rights.name).unwrap_or_default().to_owned();
    let standing = standing(&facts, &rights);
    Ok(Member { id, account, name: facts.name, zone: facts.zone, standing })
}

fn standing(facts: &UserFacts, rights: &Rights<'_>) -> Standing {
    let is = |right: Option<bool>| right == Some(true);
    if facts.deactivated {
        Standing::Deactivated
    } else if facts.bot {
        Standing::Bot
    } else if facts.guest {
        Standing::Guest
    } else if is(rights.is_primary_owner) {
        Standing::PrimaryOwner
    } else if is(rights.is_owner) {
        Standing::Owner
    } else if is(rights.is_admin) {
        Standing::Admin
    } else {
        Standing::Member
    }
}

fn room(row: &RawValue, named: &Named<'_>) -> Result<Room, RowError> {
    let ChannelRow { id, facts, usher_is_in } = channel_row(row.get().as_bytes())?;
    let about: About<'_> = shape(row)?;
    let texts = [&about.purpose, &about.topic].into_iter().flatten();
    let purpose = texts.filter_map(|text| given(&text.value)).next().unwrap_or_default();
    Ok(Room {
        id,
        alias: None,
        name: facts.name,
        kind: facts.kind,
        archived: facts.archived,
        is_general: about.is_general == Some(true),
        purpose: slack_text::read(purpose, named).plain,
        members: about.num_members.unwrap_or(0),
        usher_is_in: usher_is_in == Some(true),
    })
}

/// Who is mentioned in a purpose. It is never iterated.
struct Named<'a>(FxHashMap<&'a UserId, &'a str>);

impl slack_text::Directory for Named<'_> {
    fn user_name(&self, id: &str) -> Option<&str> {
        self.0.get(&SmolStr::new(id)).copied()
    }

    fn channel_name(&self, _id: &str) -> Option<&str> {
        None
    }

    fn is_usher(&self, _id: &str) -> bool {
        false
    }
}
