//! Reading: what a new process finds, and what is asked about the past.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use sqlx::{Any, Row, Transaction};

use super::columns::{entry, fate, from_json, key_of_rejected, records, text};
use super::rows::{Loaded, Rejected};
use super::sql::Sql;
use super::{StoreError, statements};
use crate::calendar::Instant;
use crate::core::action::ActionId;
use crate::core::event::{EventKey, Fate};
use crate::core::record::{Record, RecordKey};

/// How many event keys are loaded: an hour of all that Slack may send a workspace, several times over.
const SEEN_LOADED: i64 = 200_000;
/// How many records are read with one statement.
const RECORDS_A_PAGE: i64 = 4_000;

impl Sql {
    pub(super) async fn load(&self) -> Result<Loaded, StoreError> {
        let mut transaction = self.begin(None).await?;
        let records = self.records(&mut transaction).await?;
        let entries = self
            .rows(&mut transaction, statements::UNFINISHED)
            .await?
            .iter()
            .map(entry)
            .collect::<Result<_, _>>()?;
        let last_seq: i64 =
            self.query(statements::LAST_SEQ).fetch_one(&mut *transaction).await?.try_get(0)?;
        self.next_seq.store(last_seq + 1, Ordering::Relaxed);
        let seen = self.query(statements::SEEN).bind(SEEN_LOADED).fetch_one(&mut *transaction).await?;
        let mut seen: Vec<EventKey> = from_json("the known events", seen.try_get(0)?)?;
        let seen_is_complete = i64::try_from(seen.len()).is_ok_and(|count| count < SEEN_LOADED);
        seen.reverse();
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

    /// All records, page after page.
    async fn records(
        &self,
        transaction: &mut Transaction<'static, Any>,
    ) -> Result<Vec<(RecordKey, Record)>, StoreError> {
        let mut all: Vec<(RecordKey, Record)> = Vec::new();
        let mut page_begin = 0;
        loop {
            // Neither database promises that it puts a page together in order.
            let keys = all[page_begin..].iter().map(|(key, _)| (key.kind.name(), &*key.owner, &*key.id));
            let (kind, owner, id) = keys.max().unwrap_or_default();
            let page = self.query(statements::RECORDS).bind(kind).bind(owner).bind(id).bind(RECORDS_A_PAGE);
            let page = page.fetch_one(&mut **transaction).await?;
            let Some(page) = page.try_get(0)? else { return Ok(all) };
            page_begin = all.len();
            all.extend(records(page)?);
        }
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
