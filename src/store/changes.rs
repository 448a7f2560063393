//! Many turns become one set of rows: a later change of one key replaces an earlier.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::core::record::{Record, RecordKey, RecordKind};
use crate::core::turn::{Change, Turn};

/// What a batch does to the records. Applied in the order: owners, gone, put.
#[derive(Debug, Default)]
pub(super) struct Net<'a> {
    /// All records of these kinds and owners go first.
    pub owners: BTreeSet<(RecordKind, &'a SmolStr)>,
    /// What each key is in the end; `None` is gone.
    pub keys: BTreeMap<&'a RecordKey, Option<&'a Record>>,
}

impl<'a> Net<'a> {
    pub(super) fn of(turns: &'a [Turn]) -> Net<'a> {
        let mut net = Net::default();
        for change in turns.iter().flat_map(|turn| &turn.changes) {
            match change {
                Change::Put(key, record) => {
                    net.keys.insert(key, Some(record));
                }
                Change::Delete(key) => {
                    net.keys.insert(key, None);
                }
                Change::DeleteAll(kind, owner) => {
                    net.keys.retain(|key, _| key.kind != *kind || key.owner != *owner);
                    net.owners.insert((*kind, owner));
                }
            }
        }
        net
    }

    pub(super) fn put(&self) -> impl Iterator<Item = (&'a RecordKey, &'a Record)> {
        self.keys.iter().filter_map(|(key, record)| record.map(|record| (*key, record)))
    }

    pub(super) fn gone(&self) -> impl Iterator<Item = &'a RecordKey> {
        self.keys.iter().filter(|(_, record)| record.is_none()).map(|(key, _)| *key)
    }
}
