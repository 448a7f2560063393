//! The courier's side of the outbox, and the end of everything's age.

use std::collections::BTreeMap;

use smol_str::SmolStr;
use sqlx::Row;

use super::columns::{json, original, text};
use super::memo::MemoKind;
use super::rows::{Ages, Claimed, Original, Postponed, Swept, amended};
use super::sql::Sql;
use super::{StoreError, statements};
use crate::calendar::Instant;
use crate::core::action::{Action, ActionId};

impl Sql {
    pub(super) async fn claim(&self, ids: &[ActionId]) -> Result<Vec<Claimed>, StoreError> {
        let mut transaction = self.begin(None).await?;
        let rows =
            self.write_returning(&mut transaction, statements::CLAIM, ids.iter().map(|id| (id,))).await?;
        let mut claimed: BTreeMap<ActionId, Claimed> = BTreeMap::new();
        for row in &rows {
            let body: String = row.try_get(1)?;
            let action: Action = serde_json::from_str(&body)
                .map_err(|error| StoreError::unreadable("an action of the outbox", error))?;
            claimed.insert(
                ActionId(text(row, 0)?),
                Claimed { action, attempts: row.try_get(2)?, original: None },
            );
        }
        let amended_ids: Vec<ActionId> =
            claimed.values().filter_map(|claimed| amended(&claimed.action.to).cloned()).collect();
        if !amended_ids.is_empty() {
            let rows = self
                .write_returning(&mut transaction, statements::ORIGINALS, amended_ids.iter().map(|id| (id,)))
                .await?;
            let mut originals: BTreeMap<SmolStr, Original> = BTreeMap::new();
            for row in &rows {
                originals.insert(text(row, 0)?, original(row)?);
            }
            for claimed in claimed.values_mut() {
                claimed.original = amended(&claimed.action.to)
                    .map(|of| originals.get(&of.0).cloned().unwrap_or(Original::Gone));
            }
        }
        self.end(transaction).await?;
        Ok(ids.iter().filter_map(|id| claimed.remove(id)).collect())
    }

    pub(super) async fn postpone(&self, postponed: &[Postponed]) -> Result<(), StoreError> {
        let mut transaction = self.begin(None).await?;
        let rows = postponed.iter().map(|later| (&later.id, later.not_before.ms(), &later.why));
        self.write(&mut transaction, statements::POSTPONE, rows).await?;
        self.end(transaction).await
    }

    pub(super) async fn sweep(&self, now: Instant, ages: &Ages) -> Result<Swept, StoreError> {
        let mut transaction = self.begin(None).await?;
        let mut sweep = async |statement, age_ms: i64| {
            let query = self.query(statement).bind(now.plus(-age_ms).ms());
            Ok::<u64, StoreError>(query.execute(&mut *transaction).await?.rows_affected())
        };
        let seen = sweep(statements::SWEEP_SEEN, ages.seen_ms).await?;
        let outbox = sweep(statements::SWEEP_OUTBOX, ages.outbox_ms).await?;
        let rejected = sweep(statements::SWEEP_REJECTED, ages.rejected_ms).await?;
        let kinds: Vec<[&str; 1]> = MemoKind::ageing().map(|kind| [kind]).collect();
        let memos =
            self.query(statements::SWEEP_MEMOS).bind(json(&kinds)).bind(now.plus(-ages.memos_ms).ms());
        let memos = memos.execute(&mut *transaction).await?.rows_affected();
        self.end(transaction).await?;
        Ok(Swept { seen, outbox, rejected, memos })
    }
}
