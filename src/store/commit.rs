//! One batch, one transaction: a few statements, however many events it holds.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use sqlx::{Any, Transaction};

use super::changes::Net;
use super::columns::{finished, json, text};
use super::rows::{Batch, Entry, amended, lane_of, priority_number};
use super::sql::Sql;
use super::{Committed, StoreError, memo, statements};
use crate::calendar::Instant;
use crate::core::action::ActionId;

impl Sql {
    pub(super) async fn commit(&self, batch: &Batch<'_>) -> Result<Committed, StoreError> {
        let net = Net::of(batch.turns);
        let mut transaction = self.begin(Some(batch.now)).await?;
        let owners = net.owners.iter().map(|(kind, owner)| (kind.name(), owner));
        self.write(&mut transaction, statements::DELETE_OWNERS, owners).await?;
        let gone = net.gone().map(|key| (key.kind.name(), &key.owner, &key.id));
        self.write(&mut transaction, statements::DELETE_RECORDS, gone).await?;
        let put = net.put().map(|(key, record)| (key.kind.name(), &key.owner, &key.id, json(record)));
        self.write(&mut transaction, statements::PUT_RECORDS, put).await?;
        let entries = self.queue(&mut transaction, batch).await?;
        let at = batch.now.ms();
        self.write(&mut transaction, statements::SEE, batch.keys.iter().map(|key| (key, at))).await?;
        self.write(&mut transaction, statements::MOVE_POSITIONS, batch.positions.iter()).await?;
        let memos = memo::net(batch.memos);
        let forgotten = memos.iter().filter(|(_, value)| value.is_none());
        let forgotten = forgotten.map(|((kind, key), _)| (kind.name(), key));
        self.write(&mut transaction, statements::FORGET_MEMOS, forgotten).await?;
        let kept = memos.iter().filter_map(|(key, value)| value.map(|value| (key, value)));
        let kept = kept.map(|((kind, key), value)| (kind.name(), key, value, at));
        self.write(&mut transaction, statements::PUT_MEMOS, kept).await?;
        self.write(
            &mut transaction,
            statements::FINISH,
            batch.fates.iter().map(|(id, fate)| finished(id, fate, at)),
        )
        .await?;
        let rejected = batch.rejected.iter().map(|row| (json(&row.key), row.at.ms(), &row.raw, &row.error));
        self.write(&mut transaction, statements::REJECT, rejected).await?;
        self.end(transaction).await?;
        Ok(Committed { entries })
    }

    /// Puts the actions of a batch into the outbox; those that are there already are left as they are.
    async fn queue(
        &self,
        transaction: &mut Transaction<'static, Any>,
        batch: &Batch<'_>,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut entries: BTreeMap<ActionId, Entry> = BTreeMap::new();
        let mut rows = Vec::new();
        for (action, now) in
            batch.turns.iter().flat_map(|turn| turn.actions.iter().map(|action| (action, turn.now)))
        {
            if entries.contains_key(&action.id) {
                continue;
            }
            let beside =
                amended(&action.to).and_then(|of| entries.get(of)).map(|original| original.lane.clone());
            let lane = beside.unwrap_or_else(|| lane_of(&action.to));
            let entry = Entry::new(action, self.next_seq.fetch_add(1, Ordering::Relaxed), lane, now);
            rows.push((
                action.id.clone(),
                entry.seq,
                entry.lane.clone(),
                priority_number(entry.priority),
                entry.amends.clone(),
                json(action),
                now.ms(),
                entry.not_after.map(Instant::ms),
            ));
            entries.insert(action.id.clone(), entry);
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let inserted = self.query(statements::QUEUE).bind(json(&rows)).fetch_all(&mut **transaction).await?;
        let mut queued = Vec::with_capacity(inserted.len());
        for row in &inserted {
            let entry = entries.remove(&ActionId(text(row, 0)?));
            queued
                .push(Entry { lane: text(row, 1)?, ..entry.expect("only rows of this batch are returned") });
        }
        queued.sort_by_key(|entry| entry.seq);
        Ok(queued)
    }
}
