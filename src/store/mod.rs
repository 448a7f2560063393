//! The store: what the engine remembers, what is to be sent, and which events were handled.
//!
//! There is one writer a team. Everything that belongs together is committed together; after an error
//! nothing of it is in the store, or all of it, and [`Store::load`] tells which.

mod changes;
mod columns;
mod commit;
mod error;
mod file;
mod load;
mod look;
mod memo;
mod memory;
mod outbox;
mod rows;
mod schema;
mod sql;
mod statements;

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;
use smol_str::SmolStr;

pub use error::{Remedy, StoreError};
pub use look::{Contents, Look, look};
pub use memo::{Memo, MemoKind};
pub use memory::Memory;
pub use rows::{Ages, Batch, Claimed, Entry, Lane, Loaded, Original, Postponed, Rejected, Swept};
pub use schema::{POSTGRES as POSTGRES_MIGRATIONS, SQLITE as SQLITE_MIGRATIONS};
pub use sql::Sql;

use crate::calendar::{Instant, SECOND_MS};
use crate::core::action::ActionId;
use crate::core::event::{EventKey, Fate};

/// One team's data, opened for writing. Clones share it.
#[derive(Clone, Debug)]
pub enum Store {
    /// In memory.
    Memory(Memory),
    /// In a database.
    Sql(Arc<Sql>),
}

/// Which database to open, and as whom.
#[derive(Clone, Debug)]
pub struct Opening {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: SecretString,
    /// The team whose data it is.
    pub team: String,
    /// How this process calls itself to others.
    pub holder: String,
    /// How long a lease on PostgreSQL lasts without being renewed, in ms.
    pub lease_ms: i64,
    /// The last migration to apply, usually the newest there is.
    pub last_migration: i64,
}

impl Opening {
    /// As usual: a lease of 15 s, and the newest schema.
    pub fn new(url: SecretString, team: &str, holder: &str) -> Opening {
        let (team, holder) = (team.to_owned(), holder.to_owned());
        Opening { url, team, holder, lease_ms: 15 * SECOND_MS, last_migration: i64::MAX }
    }
}

/// What a commit added.
#[derive(Debug, Default)]
pub struct Committed {
    /// The new rows of the outbox, in the order in which they were decided.
    pub entries: Vec<Entry>,
}

impl Store {
    /// An empty store in memory.
    pub fn memory() -> Store {
        Store::Memory(Memory::new())
    }

    /// Opens a database for writing, and brings its schema up to date.
    ///
    /// # Errors
    /// When another process holds the team's data, when the schema is newer than this program, and when
    /// the database cannot be reached or written.
    pub async fn open(opening: &Opening) -> Result<Store, StoreError> {
        Ok(Store::Sql(Arc::new(Sql::open(opening).await?)))
    }

    /// For a store in memory, what a new process finds: a handle to the same data, under a new epoch.
    /// `None` for a database, which a new process opens.
    pub fn reopen(&self) -> Option<Store> {
        match self {
            Store::Memory(memory) => Some(Store::Memory(memory.reopen())),
            Store::Sql(_) => None,
        }
    }

    /// The number of this opening: each is one more than that before.
    pub fn epoch(&self) -> i64 {
        match self {
            Store::Memory(memory) => memory.epoch(),
            Store::Sql(sql) => sql.epoch(),
        }
    }

    /// How long this process may write without asking again, in ms; `None` where nobody can take over
    /// before it ends.
    pub fn lease_ms(&self) -> Option<i64> {
        match self {
            Store::Memory(_) => None,
            Store::Sql(sql) => sql.lease_ms(),
        }
    }

    /// All that a new process needs.
    ///
    /// # Errors
    /// When the database cannot be reached, holds what this program cannot read, or belongs to another.
    pub async fn load(&self) -> Result<Loaded, StoreError> {
        match self {
            Store::Memory(memory) => memory.load(),
            Store::Sql(sql) => sql.load().await,
        }
    }

    /// How far each source has been read, by its name.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn positions(&self) -> Result<BTreeMap<SmolStr, String>, StoreError> {
        match self {
            Store::Memory(memory) => memory.positions(),
            Store::Sql(sql) => sql.bounded(sql.positions()).await,
        }
    }

    /// Commits a batch.
    ///
    /// # Errors
    /// With [`StoreError::Unavailable`] nobody knows whether it was committed: load, and look.
    pub async fn commit(&self, batch: &Batch<'_>) -> Result<Committed, StoreError> {
        match self {
            Store::Memory(memory) => memory.commit(batch),
            Store::Sql(sql) => sql.bounded(sql.commit(batch)).await,
        }
    }

    /// Marks actions as being sent, before they are, and returns what they say. Those that are finished
    /// are left out.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn claim(&self, ids: &[ActionId]) -> Result<Vec<Claimed>, StoreError> {
        match self {
            Store::Memory(memory) => memory.claim(ids),
            Store::Sql(sql) => sql.bounded(sql.claim(ids)).await,
        }
    }

    /// Marks actions as waiting again.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn postpone(&self, postponed: &[Postponed]) -> Result<(), StoreError> {
        match self {
            Store::Memory(memory) => memory.postpone(postponed),
            Store::Sql(sql) => sql.bounded(sql.postpone(postponed)).await,
        }
    }

    /// Which of these events were handled before.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn known(&self, keys: &[EventKey]) -> Result<Vec<EventKey>, StoreError> {
        match self {
            Store::Memory(memory) => memory.known(keys),
            Store::Sql(sql) => sql.bounded(sql.known(keys)).await,
        }
    }

    /// What is remembered under a key.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn memo(&self, kind: MemoKind, key: &str) -> Result<Option<String>, StoreError> {
        match self {
            Store::Memory(memory) => memory.memo(kind, key),
            Store::Sql(sql) => sql.bounded(sql.memo(kind, key)).await,
        }
    }

    /// What is remembered of a kind, by key: the newest first, and no more than `most`.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn memos(&self, kind: MemoKind, most: usize) -> Result<Vec<(SmolStr, String)>, StoreError> {
        match self {
            Store::Memory(memory) => memory.memos(kind, most),
            Store::Sql(sql) => sql.bounded(sql.memos(kind, most)).await,
        }
    }

    /// The events that could not be handled.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn rejected(&self) -> Result<Vec<Rejected>, StoreError> {
        match self {
            Store::Memory(memory) => memory.rejected(),
            Store::Sql(sql) => sql.bounded(sql.rejected()).await,
        }
    }

    /// Every action that is remembered, in the order in which it was decided, and what became of it;
    /// `None` while it is not finished.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn fates(&self) -> Result<Vec<(ActionId, Option<Fate>)>, StoreError> {
        match self {
            Store::Memory(memory) => memory.fates(),
            Store::Sql(sql) => sql.bounded(sql.fates()).await,
        }
    }

    /// Makes the lease last, where there is one.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when it is another's by now.
    pub async fn renew(&self) -> Result<(), StoreError> {
        match self {
            Store::Memory(_) => Ok(()),
            Store::Sql(sql) => sql.bounded(sql.renew()).await,
        }
    }

    /// Removes what has reached its age.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn sweep(&self, now: Instant, ages: &Ages) -> Result<Swept, StoreError> {
        match self {
            Store::Memory(memory) => memory.sweep(now, ages),
            Store::Sql(sql) => sql.bounded(sql.sweep(now, ages)).await,
        }
    }

    /// Lets others have the team's data. Without it they have it when the process ends, on PostgreSQL
    /// when its lease does.
    pub async fn close(self) {
        match self {
            Store::Memory(_) => {}
            Store::Sql(sql) => sql.close().await,
        }
    }
}
