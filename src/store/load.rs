//! Reading: what a new process finds, and what is asked about the past.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use smol_str::SmolStr;
use sqlx::{Any, Row, Transaction};

use super::columns::{entry, fate, from_json, key_of_rejected, records, text};
use super::memo::MemoKind;
use super::rows::{Loaded, Rejected};
use super::sql::Sql;
use super::{StoreError, statements};
use crate::calendar::Instant;
use crate::core::action::ActionId;
use crate::core::event::{EventKey, Fate};
use crate::core::record::{Record, RecordKey, RecordKind};

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
        let positions = self.positions_in(&mut transaction).await?;
        let last_alive: Option<i64> =
            self.query(statements::LAST_COMMIT).fetch_one(&mut *transaction).await?.try_get(0)?;
        self.end(transaction).await?;
        let last_alive = last_alive.map(Instant::from_ms);
        Ok(Loaded { records, entries, seen, seen_is_complete, positions, last_alive })
    }

    /// All records, page after page: while one is read here, the database puts the next one together.
    async fn records(
        &self,
        transaction: &mut Transaction<'static, Any>,
    ) -> Result<Vec<(RecordKey, Record)>, StoreError> {
        let (mut pages, mut count, mut last) = (Vec::new(), 0, None);
        while let Some((keys, bodies)) = self.page_after(last.as_ref(), transaction).await? {
            // Neither database promises that it puts a page together in order.
            last = keys.iter().max_by_key(|&key| (key.kind.name(), &key.owner, &key.id)).cloned();
            count += keys.len();
            pages.push(tokio::task::spawn_blocking(move || records(keys, &bodies)));
        }
        let mut all = Vec::with_capacity(count);
        for page in pages {
            all.extend(page.await.map_err(|error| StoreError::Unavailable(error.to_string()))??);
        }
        Ok(all)
    }

    /// The keys of the records after one, a page of them, and their bodies; `None` where there are no more.
    async fn page_after(
        &self,
        last: Option<&RecordKey>,
        transaction: &mut Transaction<'static, Any>,
    ) -> Result<Option<(Vec<RecordKey>, String)>, StoreError> {
        let (kind, owner, id) = last.map_or(("", "", ""), |key| (key.kind.name(), &key.owner, &key.id));
        let page = self.query(statements::RECORDS).bind(kind).bind(owner).bind(id).bind(RECORDS_A_PAGE);
        let page = page.fetch_one(&mut **transaction).await?;
        let Some(keys) = page.try_get(0)? else { return Ok(None) };
        let keys: Vec<(RecordKind, SmolStr, SmolStr)> = from_json("the keys of the records", keys)?;
        let keys = keys.into_iter().map(|(kind, owner, id)| RecordKey { kind, owner, id }).collect();
        Ok(Some((keys, page.try_get(1)?)))
    }

    pub(super) async fn positions(&self) -> Result<BTreeMap<SmolStr, String>, StoreError> {
        let mut transaction = self.begin(None).await?;
        let positions = self.positions_in(&mut transaction).await?;
        self.end(transaction).await?;
        Ok(positions)
    }

    async fn positions_in(
        &self,
        transaction: &mut Transaction<'static, Any>,
    ) -> Result<BTreeMap<SmolStr, String>, StoreError> {
        let rows = self.rows(transaction, statements::POSITIONS).await?;
        rows.iter().map(|row| Ok((text(row, 0)?, row.try_get(1)?))).collect()
    }

    pub(super) async fn known(&self, keys: &[EventKey]) -> Result<Vec<EventKey>, StoreError> {
        let mut transaction = self.begin(None).await?;
        let rows =
            self.write_returning(&mut transaction, statements::KNOWN, keys.iter().map(|key| (key,))).await?;
        self.end(transaction).await?;
        rows.iter().map(|row| text(row, 0)).collect()
    }

    pub(super) async fn memo(&self, kind: MemoKind, key: &str) -> Result<Option<String>, StoreError> {
        let mut transaction = self.begin(None).await?;
        let memo = self.query(statements::MEMO).bind(kind.name()).bind(key.to_owned());
        let memo = memo.fetch_optional(&mut *transaction).await?;
        self.end(transaction).await?;
        Ok(memo.map(|row| row.try_get(0)).transpose()?)
    }

    pub(super) async fn memos(
        &self,
        kind: MemoKind,
        most: usize,
    ) -> Result<Vec<(SmolStr, String)>, StoreError> {
        let mut transaction = self.begin(None).await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let memos = self.query(statements::MEMOS).bind(kind.name()).bind(most);
        let memos = memos.fetch_all(&mut *transaction).await?;
        self.end(transaction).await?;
        memos.iter().map(|row| Ok((text(row, 0)?, row.try_get(1)?))).collect()
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
