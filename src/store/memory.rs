//! A store that lives in memory: for replay, scenarios and tests. It keeps typed records and does no
//! work that a database would only do to be durable.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::memo::{MemoKind, net};
use super::rows::{
    Ages, Batch, Claimed, Entry, Lane, Loaded, Original, Postponed, Rejected, Swept, amended, lane_of,
};
use super::{Committed, StoreError};
use crate::calendar::Instant;
use crate::core::action::{Action, ActionId};
use crate::core::event::{EventKey, Fate, MessageRef};
use crate::core::record::{Record, RecordKey, RecordKind};
use crate::core::turn::{Change, Turn};

/// A handle to data in memory. The handle that was made last may write; those before it are fenced.
#[derive(Clone, Debug)]
pub struct Memory {
    data: Arc<Mutex<Data>>,
    epoch: i64,
}

#[derive(Debug, Default)]
struct Data {
    epoch: i64,
    next_seq: i64,
    /// By what goes together, and then by id; never iterated but to be sorted.
    records: FxHashMap<(RecordKind, SmolStr), FxHashMap<SmolStr, Record>>,
    outbox: BTreeMap<ActionId, Row>,
    seen: FxHashMap<EventKey, ()>,
    seen_in_order: Vec<(Instant, EventKey)>,
    positions: BTreeMap<SmolStr, String>,
    rejected: BTreeMap<EventKey, Rejected>,
    memos: BTreeMap<(MemoKind, SmolStr), (Instant, String)>,
    last_commit: Option<Instant>,
}

#[derive(Debug)]
struct Row {
    entry: Entry,
    action: Action,
    fate: Option<(Instant, Fate)>,
}

impl Memory {
    pub(super) fn new() -> Memory {
        Memory { data: Arc::default(), epoch: 0 }.reopen()
    }

    pub(super) fn reopen(&self) -> Memory {
        let mut data = self.lock();
        data.epoch += 1;
        Memory { data: Arc::clone(&self.data), epoch: data.epoch }
    }

    pub(super) fn epoch(&self) -> i64 {
        self.epoch
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        self.data.lock().expect("no code panics while it holds this lock")
    }

    fn ours(&self) -> Result<MutexGuard<'_, Data>, StoreError> {
        let data = self.lock();
        if data.epoch == self.epoch { Ok(data) } else { Err(StoreError::Fenced { epoch: self.epoch }) }
    }

    pub(super) fn load(&self) -> Result<Loaded, StoreError> {
        let data = self.ours()?;
        let mut entries: Vec<Entry> =
            data.outbox.values().filter(|row| row.fate.is_none()).map(|row| row.entry.clone()).collect();
        entries.sort_by_key(|entry| entry.seq);
        Ok(Loaded {
            records: data.sorted_records(),
            entries,
            seen: data
                .seen_in_order
                .iter()
                .map(|(_, key)| key.clone())
                .chain(data.rejected.keys().cloned())
                .collect(),
            seen_is_complete: true,
            positions: data.positions.clone(),
            last_alive: data.last_commit,
        })
    }

    pub(super) fn positions(&self) -> Result<BTreeMap<SmolStr, String>, StoreError> {
        Ok(self.ours()?.positions.clone())
    }

    pub(super) fn commit(&self, batch: &Batch<'_>) -> Result<Committed, StoreError> {
        let mut data = self.ours()?;
        data.last_commit = Some(batch.now);
        for turn in batch.turns {
            data.change(turn);
        }
        let entries = batch
            .turns
            .iter()
            .flat_map(|turn| turn.actions.iter().map(|action| (action, turn.now)))
            .filter_map(|(action, now)| data.queue(action, now))
            .collect();
        for key in batch.keys {
            if data.seen.insert(key.clone(), ()).is_none() {
                data.seen_in_order.push((batch.now, key.clone()));
            }
        }
        for (source, token) in batch.positions {
            data.positions.insert(source.clone(), token.clone());
        }
        for (id, fate) in batch.fates {
            data.finish(id, fate, batch.now);
        }
        for rejected in batch.rejected {
            data.rejected.insert(rejected.key.clone(), rejected.clone());
        }
        for ((kind, key), value) in net(batch.memos) {
            match value {
                Some(value) => data.memos.insert((kind, key.clone()), (batch.now, value.to_owned())),
                None => data.memos.remove(&(kind, key.clone())),
            };
        }
        Ok(Committed { entries })
    }

    pub(super) fn claim(&self, ids: &[ActionId]) -> Result<Vec<Claimed>, StoreError> {
        let mut data = self.ours()?;
        let mut claimed = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(row) = data.outbox.get_mut(id).filter(|row| row.fate.is_none()) else { continue };
            row.entry.begun = true;
            row.entry.attempts += 1;
            let (action, attempts) = (row.action.clone(), row.entry.attempts);
            let original = amended(&action.to).map(|of| data.original(of));
            claimed.push(Claimed { action, attempts, original });
        }
        Ok(claimed)
    }

    pub(super) fn postpone(&self, postponed: &[Postponed]) -> Result<(), StoreError> {
        let mut data = self.ours()?;
        for later in postponed {
            if let Some(row) = data.outbox.get_mut(&later.id).filter(|row| row.fate.is_none()) {
                row.entry.begun = false;
                row.entry.not_before = Some(later.not_before);
            }
        }
        Ok(())
    }

    pub(super) fn known(&self, keys: &[EventKey]) -> Result<Vec<EventKey>, StoreError> {
        let data = self.ours()?;
        Ok(keys
            .iter()
            .filter(|key| data.seen.contains_key(*key) || data.rejected.contains_key(*key))
            .cloned()
            .collect())
    }

    pub(super) fn memo(&self, kind: MemoKind, key: &str) -> Result<Option<String>, StoreError> {
        let data = self.ours()?;
        Ok(data.memos.get(&(kind, key.into())).map(|(_, value)| value.clone()))
    }

    pub(super) fn memos(&self, kind: MemoKind, most: usize) -> Result<Vec<(SmolStr, String)>, StoreError> {
        let data = self.ours()?;
        let mut memos: Vec<_> = data.memos.iter().filter(|((of, _), _)| *of == kind).collect();
        // They come in the order of the keys, and stay so within one instant.
        memos.sort_by_key(|(_, (at, _))| Reverse(*at));
        Ok(memos.into_iter().take(most).map(|((_, key), (_, value))| (key.clone(), value.clone())).collect())
    }

    pub(super) fn rejected(&self) -> Result<Vec<Rejected>, StoreError> {
        Ok(self.ours()?.rejected.values().cloned().collect())
    }

    pub(super) fn fates(&self) -> Result<Vec<(ActionId, Option<Fate>)>, StoreError> {
        let data = self.ours()?;
        let mut rows: Vec<&Row> = data.outbox.values().collect();
        rows.sort_by_key(|row| row.entry.seq);
        Ok(rows
            .iter()
            .map(|row| (row.entry.id.clone(), row.fate.as_ref().map(|(_, fate)| fate.clone())))
            .collect())
    }

    pub(super) fn sweep(&self, now: Instant, ages: &Ages) -> Result<Swept, StoreError> {
        let mut data = self.ours()?;
        let data = &mut *data;
        let count = |before: usize, after: usize| u64::try_from(before - after).unwrap_or(u64::MAX);

        let before = data.seen_in_order.len();
        let seen = &mut data.seen;
        data.seen_in_order.retain(|(at, key)| {
            let keep = now.since(*at) < ages.seen_ms;
            if !keep {
                seen.remove(key);
            }
            keep
        });
        let seen = count(before, data.seen_in_order.len());

        let before = data.outbox.len();
        data.outbox.retain(|_, row| row.fate.as_ref().is_none_or(|(at, _)| now.since(*at) < ages.outbox_ms));
        let outbox = count(before, data.outbox.len());

        let before = data.rejected.len();
        data.rejected.retain(|_, rejected| now.since(rejected.at) < ages.rejected_ms);
        let rejected = count(before, data.rejected.len());

        let before = data.memos.len();
        data.memos.retain(|(kind, _), (at, _)| !kind.ages() || now.since(*at) < ages.memos_ms);
        Ok(Swept { seen, outbox, rejected, memos: count(before, data.memos.len()) })
    }
}

impl Data {
    fn change(&mut self, turn: &Turn) {
        for change in &turn.changes {
            match change {
                Change::Put(key, record) => {
                    let together = self.records.entry((key.kind, key.owner.clone())).or_default();
                    together.insert(key.id.clone(), record.clone());
                }
                Change::Delete(key) => self.delete(key),
                Change::DeleteAll(kind, owner) => {
                    self.records.remove(&(*kind, owner.clone()));
                }
            }
        }
    }

    fn delete(&mut self, key: &RecordKey) {
        let place = (key.kind, key.owner.clone());
        if let Some(together) = self.records.get_mut(&place) {
            together.remove(&key.id);
            if together.is_empty() {
                self.records.remove(&place);
            }
        }
    }

    fn sorted_records(&self) -> Vec<(RecordKey, Record)> {
        let key = |kind: RecordKind, owner: &SmolStr, id: &SmolStr| RecordKey {
            kind,
            owner: owner.clone(),
            id: id.clone(),
        };
        let records = self.records.iter().flat_map(|((kind, owner), together)| {
            together.iter().map(move |(id, record)| (key(*kind, owner, id), record.clone()))
        });
        let mut records: Vec<(RecordKey, Record)> = records.collect();
        records.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        records
    }

    fn queue(&mut self, action: &Action, now: Instant) -> Option<Entry> {
        if self.outbox.contains_key(&action.id) {
            return None;
        }
        let lane = self.lane(action);
        let entry = Entry::new(action, self.next_seq, lane, now);
        self.next_seq += 1;
        self.outbox
            .insert(action.id.clone(), Row { entry: entry.clone(), action: action.clone(), fate: None });
        Some(entry)
    }

    fn lane(&self, action: &Action) -> Lane {
        amended(&action.to)
            .and_then(|of| self.outbox.get(of))
            .map_or_else(|| lane_of(&action.to), |original| original.entry.lane.clone())
    }

    fn finish(&mut self, id: &ActionId, fate: &Fate, now: Instant) {
        if let Some(row) = self.outbox.get_mut(id).filter(|row| row.fate.is_none()) {
            row.fate = Some((now, fate.clone()));
        }
    }

    fn original(&self, of: &ActionId) -> Original {
        match self.outbox.get(of).map(|row| &row.fate) {
            Some(None) => Original::Unfinished,
            Some(Some((_, Fate::Sent(Some(MessageRef { channel, id }))))) => {
                Original::Sent(MessageRef { channel: channel.clone(), id: id.clone() })
            }
            Some(Some((_, Fate::Sent(None) | Fate::Refused(_) | Fate::Unknown(_)))) | None => Original::Gone,
        }
    }
}
