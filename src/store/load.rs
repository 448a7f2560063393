//! Reading: what a new process finds, and what is asked about the past.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use sqlx::Row;

use super::columns::{entry, fate, key_of_rejected, record, text};
use super::rows::{Loaded, Rejected};
use super::sql::Sql;
use super::{StoreError, statements};
use crate::calendar::Instant;
use crate::core::action::ActionId;
use crate::core::event::{EventKey, Fate};

/// How many event keys are loaded: an hour of all that Slack may send a workspace, several times over.
const SEEN_LOADED: i64 = 200_000;

impl Sql {
    pub(super) async fn load(&self) -> Result<Loaded, StoreError> {
        let mut transaction = self.begin(None).await?;
        let records = self
            .rows(&mut transaction, statements::RECORDS)
            .await?
            .iter()
            .map(record)
            .collect::<Result<_, _>>()?;
        let entries = self
            .rows(&mut transaction, statements::UNFINISHED)
            .await?
            .iter()
            .map(entry)
            .collect::<Result<_, _>>()?;
        let last_seq: i64 =
            self.query(statements::LAST_SEQ).fetch_one(&mut *transaction).await?.try_get(0)?;
        self.next_seq.store(last_seq + 1, Ordering::Relaxed);
        let seen = self.query(statements::SEEN).bind(SEEN_LOADED).fetch_all(&mut *transaction).await?;
        let seen_is_complete = i64::try_from(seen.len()).is_ok_and(|count| count < SEEN_LOADED);
        let mut seen: Vec<EventKey> = seen.iter().rev().map(|row| text(row, 0)).collect::<Result<_, _>>()?;
        for rejected in self.rows(&mut transaction, statements::REJECTED).await? {
            seen.push(key_of_rejected(&rejected)?);
        }
        let mut positions = BTreeMap::new();
        for row in self.rows(&mut transaction, statements::POSITIONS).await? {
            positions.insert(text(&row, 0)?, row.try_get(1)?);
        }
        let last_alive: Option<i64> =
            self.query(statements::LAST_COMMIT).fetch_one(&mut *transaction).await?.try_get(0)?;
        self.end(transaction).await?;
        let last_alive = last_alive.map(Instant::from_ms);
        Ok(Loaded { records, entries, seen, seen_is_complete, positions, last_alive })
    }

    pub(super) async fn known(&self, keys: &[EventKey]) -> Result<Vec<EventKey>, StoreError> {
        let mut transaction = self.begin(None).await?;
        let rows =
            self.write_returning(&mut transaction, statements::KNOWN, keys.iter().map(|key| (key,))).await?;
        self.end(transaction).await?;
        rows.iter().map(|row| text(row, 0)).collect()
    }

    pub(super) async fn rejected(&self) -> Result<Vec<Rejected>, StoreError> {
        let mut transaction = self.begin(None).await?;
        let rows = self.rows(&mut transaction, statements::REJECTED).await?;
        self.end(transaction).await?;
        rows.iter()
            .map(|row| {
                let (key, at) = (key_of_rejected(row)?, Instant::from_ms(row.try_get(1)?));
                Ok(Rejected { key, at, raw: row.try_get(2)?, error: row.try_get(3)? })
            })
            .collect()
    }

    pub(super) async fn fates(&self) -> Result<Vec<(ActionId, Option<Fate>)>, StoreError> {
        let mut transaction = self.begin(None).await?;
        let rows = self.rows(&mut transaction, statements::FATES).await?;
        self.end(transaction).await?;
        rows.iter().map(|row| Ok((ActionId(text(row, 0)?), fate(row)?))).collect()
    }
}
