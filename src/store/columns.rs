//! Columns and what they mean: the one place that knows how a value stands in a row.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, ToSmolStr};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::StoreError;
use super::rows::{Entry, Lane, Original, priority_from_number};
use crate::calendar::Instant;
use crate::core::action::ActionId;
use crate::core::event::{EventKey, Fate, MessageRef};
use crate::core::record::{Record, RecordKey};

/// What serde makes of our own types is always JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the types of the core have string keys and no failing parts")
}

pub(super) fn from_json<'j, T: Deserialize<'j>>(what: &str, text: &'j str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::unreadable(what, error))
}

pub(super) fn text(row: &AnyRow, column: usize) -> Result<SmolStr, StoreError> {
    let text: &str = row.try_get(column)?;
    Ok(text.to_smolstr())
}

pub(super) fn instant(row: &AnyRow, column: usize) -> Result<Option<Instant>, StoreError> {
    let ms: Option<i64> = row.try_get(column)?;
    Ok(ms.map(Instant::from_ms))
}

/// The records of a row of [`statements::RECORDS`](super::statements::RECORDS).
pub(super) fn records(keys: Vec<RecordKey>, bodies: &str) -> Result<Vec<(RecordKey, Record)>, StoreError> {
    let unreadable = |key: &RecordKey, why: &dyn fmt::Display| {
        let RecordKey { kind, owner, id } = key;
        StoreError::unreadable("a record", format_args!("{} {owner}/{id}: {why}", kind.name()))
    };
    let mut bodies = serde_json::Deserializer::from_str(bodies).into_iter();
    let mut records = Vec::with_capacity(keys.len());
    for key in keys {
        match bodies.next() {
            Some(Ok(record)) => records.push((key, record)),
            Some(Err(error)) => return Err(unreadable(&key, &error)),
            None => return Err(unreadable(&key, &"it holds nothing")),
        }
    }
    match (bodies.next(), records.last()) {
        (Some(_), Some((last, _))) => Err(unreadable(last, &"it, or one before it, holds too much")),
        (Some(_) | None, _) => Ok(records),
    }
}

pub(super) fn entry(row: &AnyRow) -> Result<Entry, StoreError> {
    let number: i64 = row.try_get(3)?;
    let priority = priority_from_number(number)
        .ok_or_else(|| StoreError::unreadable("the outbox", format_args!("`{number}` is no priority")))?;
    let amends: Option<&str> = row.try_get(4)?;
    Ok(Entry {
        id: ActionId(text(row, 0)?),
        seq: row.try_get(1)?,
        lane: Lane::from(text(row, 2)?),
        priority,
        amends: amends.map(|id| ActionId(id.to_smolstr())),
        begun: text(row, 5)? == "sending",
        created_at: instant(row, 6)?.unwrap_or_default(),
        not_before: instant(row, 7)?,
        not_after: instant(row, 8)?,
        attempts: row.try_get(9)?,
    })
}

pub(super) fn key_of_rejected(row: &AnyRow) -> Result<EventKey, StoreError> {
    from_json("a rejected event", row.try_get(0)?)
}

/// A row for [`statements::FINISH`]: id, state, channel, message, error, instant.
pub(super) type Finished<'a> =
    (&'a ActionId, &'static str, Option<&'a str>, Option<&'a str>, Option<&'a str>, i64);

pub(super) fn finished<'a>(id: &'a ActionId, fate: &'a Fate, at: i64) -> Finished<'a> {
    match fate {
        Fate::Sent(Some(MessageRef { channel, id: message })) => {
            (id, "sent", Some(channel), Some(message), None, at)
        }
        Fate::Sent(None) => (id, "sent", None, None, None, at),
        Fate::Refused(why) => (id, "failed", None, None, Some(why), at),
        Fate::Unknown(why) => (id, "unknown", None, None, Some(why), at),
    }
}

pub(super) fn fate(row: &AnyRow) -> Result<Option<Fate>, StoreError> {
    let error: Option<String> = row.try_get(4)?;
    Ok(match text(row, 1)?.as_str() {
        "sent" => Some(Fate::Sent(message(row)?)),
        "failed" => Some(Fate::Refused(error.unwrap_or_default())),
        "unknown" => Some(Fate::Unknown(error.unwrap_or_default())),
        _ => None,
    })
}

pub(super) fn original(row: &AnyRow) -> Result<Original, StoreError> {
    Ok(match text(row, 1)?.as_str() {
        "sent" => message(row)?.map_or(Original::Gone, Original::Sent),
        "failed" | "unknown" => Original::Gone,
        _ => Original::Unfinished,
    })
}

/// The message in columns 2 and 3.
pub(super) fn message(row: &AnyRow) -> Result<Option<MessageRef>, StoreError> {
    let (channel, id): (Option<&str>, Option<&str>) = (row.try_get(2)?, row.try_get(3)?);
    Ok(channel.zip(id).map(|(channel, id)| MessageRef { channel: channel.into(), id: id.into() }))
}
