//! The store in a database: SQLite in a file, or PostgreSQL.
//!
//! Every transaction begins by keeping the lease: that checks the epoch, holds other writers back until
//! the transaction ends, and on PostgreSQL makes the lease last. On PostgreSQL all statements run in
//! transactions and are never prepared by name, so any pooler may stand between.

use std::future::Future;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde::Serialize;
use sqlx::any::{AnyArguments, AnyPoolOptions, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Transaction};

use super::columns::json;
use super::file::{DatabaseFile, path_in};
use super::statements::{self, Sql as Statement};
use super::{Opening, StoreError, schema};
use crate::calendar::Instant;
use crate::clock;

/// After this long a statement of a server counts as lost.
const SERVER_TIMEOUT: Duration = Duration::from_secs(30);

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A statement in this dialect. A name on the server would outlive its transaction, and a pooler
    /// would hand it to somebody else: so PostgreSQL gets none.
    pub(super) fn query<'q>(self, statement: Statement) -> Query<'q, Any, AnyArguments> {
        match self {
            Dialect::Sqlite => sqlx::query(statement.sqlite),
            Dialect::Postgres => sqlx::query(statement.postgres).persistent(false),
        }
    }
}

/// A database that this process alone may write for its team.
#[derive(Debug)]
pub struct Sql {
    pool: AnyPool,
    dialect: Dialect,
    team: String,
    epoch: i64,
    lease_ms: i64,
    pub(super) next_seq: AtomicI64,
    file: Option<DatabaseFile>,
}

impl Sql {
    pub(super) async fn open(opening: &Opening) -> Result<Sql, StoreError> {
        sqlx::any::install_default_drivers();
        let address = opening.url.expose_secret();
        let (pool, dialect, file) = if is_postgres(address) {
            (within_patience(connect_to_server(address)).await?, Dialect::Postgres, None)
        } else {
            let file = DatabaseFile::open(&path_in(address)?, &opening.holder)?;
            (open_file(&file).await?, Dialect::Sqlite, Some(file))
        };
        let (team, lease_ms) = (opening.team.clone(), opening.lease_ms);
        let mut store = Sql { pool, dialect, team, epoch: 0, lease_ms, next_seq: AtomicI64::new(0), file };
        store.epoch = store.bounded(store.take_over(opening)).await?;
        Ok(store)
    }

    /// Brings the schema up to date, takes the lease, and says under which epoch.
    async fn take_over(&self, opening: &Opening) -> Result<i64, StoreError> {
        let mut transaction = self.begin_unchecked().await?;
        schema::migrate(&mut transaction, self.dialect, clock::now(), opening.last_migration).await?;
        let epoch = schema::take_lease(&mut transaction, self.dialect, opening).await?;
        self.end(transaction).await?;
        Ok(epoch)
    }

    pub(super) fn epoch(&self) -> i64 {
        self.epoch
    }

    pub(super) fn lease_ms(&self) -> Option<i64> {
        match self.dialect {
            Dialect::Sqlite => None,
            Dialect::Postgres => Some(self.lease_ms),
        }
    }

    pub(super) async fn renew(&self) -> Result<(), StoreError> {
        let transaction = self.begin(None).await?;
        self.end(transaction).await
    }

    /// Gives up the lease, folds the log into the file, and closes.
    pub(super) async fn close(&self) {
        let given_up = async {
            let mut transaction = self.begin(None).await?;
            self.query(statements::DROP_LEASE).bind(self.epoch).execute(&mut *transaction).await?;
            self.end(transaction).await
        };
        if self.dialect == Dialect::Postgres
            && let Err(error) = self.bounded(given_up).await
        {
            tracing::warn!(%error, "the lease could not be given up; it ends by itself");
        }
        self.pool.close().await;
    }

    /// Runs a statement's future no longer than a server may take; a file has no such bound.
    pub(super) async fn bounded<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match self.dialect {
            Dialect::Sqlite => work.await,
            Dialect::Postgres => within_patience(work).await,
        }
    }

    pub(super) fn query<'q>(&self, statement: Statement) -> Query<'q, Any, AnyArguments> {
        self.dialect.query(statement).bind(self.team.clone())
    }

    async fn begin_unchecked(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(match self.dialect {
            // Begun as a writer: a reader that becomes one may find that it has to start again.
            Dialect::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Dialect::Postgres => self.pool.begin().await?,
        })
    }

    /// Begins a transaction, and makes sure that this process may still write.
    pub(super) async fn begin(
        &self,
        commit_at: Option<Instant>,
    ) -> Result<Transaction<'static, Any>, StoreError> {
        if let Some(file) = &self.file {
            file.check()?;
        }
        let mut transaction = self.begin_unchecked().await?;
        let kept = self
            .query(statements::KEEP_LEASE)
            .bind(self.epoch)
            .bind(commit_at.map(Instant::ms))
            .bind(self.lease_ms().unwrap_or_default())
            .execute(&mut *transaction)
            .await?;
        if kept.rows_affected() == 1 {
            Ok(transaction)
        } else {
            Err(StoreError::Fenced { epoch: self.epoch })
        }
    }

    /// Commits, and makes sure that what was committed is where the next process will look for it.
    pub(super) async fn end(&self, transaction: Transaction<'static, Any>) -> Result<(), StoreError> {
        transaction.commit().await?;
        self.file.as_ref().map_or(Ok(()), DatabaseFile::check)
    }

    pub(super) async fn rows(
        &self,
        transaction: &mut Transaction<'static, Any>,
        statement: Statement,
    ) -> Result<Vec<AnyRow>, StoreError> {
        Ok(self.query(statement).fetch_all(&mut **transaction).await?)
    }

    /// Writes all rows with one statement, or does nothing if there are none.
    pub(super) async fn write<R: Serialize>(
        &self,
        transaction: &mut Transaction<'static, Any>,
        statement: Statement,
        rows: impl Iterator<Item = R>,
    ) -> Result<(), StoreError> {
        let rows: Vec<R> = rows.collect();
        if !rows.is_empty() {
            self.query(statement).bind(json(&rows)).execute(&mut **transaction).await?;
        }
        Ok(())
    }

    pub(super) async fn write_returning<R: Serialize>(
        &self,
        transaction: &mut Transaction<'static, Any>,
        statement: Statement,
        rows: impl Iterator<Item = R>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let rows: Vec<R> = rows.collect();
        Ok(self.query(statement).bind(json(&rows)).fetch_all(&mut **transaction).await?)
    }
}

/// Whether an address is that of a PostgreSQL server.
pub(super) fn is_postgres(address: &str) -> bool {
    address.starts_with("postgres:") || address.starts_with("postgresql:")
}

/// Runs the future no longer than a server may take.
pub(super) async fn within_patience<T>(
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let late = || StoreError::Unavailable(format!("no answer for {} s", SERVER_TIMEOUT.as_secs()));
    tokio::time::timeout(SERVER_TIMEOUT, work).await.unwrap_or_else(|_| Err(late()))
}

async fn open_file(file: &DatabaseFile) -> Result<AnyPool, StoreError> {
    // One connection, and nobody else's: the file is locked against readers too, because one that reads
    // for an hour would keep the log from ever being folded into the file.
    const PRAGMAS: &str = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; \
         PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216; PRAGMA wal_autocheckpoint = 1000; \
         PRAGMA temp_store = MEMORY;";
    // A pool hides why it cannot connect and tries for long, so the first look is taken without it.
    probe(file, PRAGMAS).await.map_err(|error| {
        let error = StoreError::from(error);
        // Nothing of ours has it: the lock file says so.
        let foreign = matches!(&error, StoreError::Unavailable(why) if why.contains("locked"));
        let holder = "another program that has the file open".to_owned();
        if foreign { StoreError::Held { holder, free_in_ms: None } } else { error }
    })?;
    let options = AnyPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(PRAGMAS).execute(&mut *connection).await?;
                Ok(())
            })
        });
    Ok(options.connect(&file.address()).await?)
}

async fn probe(file: &DatabaseFile, pragmas: &'static str) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect(&file.address()).await?;
    sqlx::raw_sql(pragmas).execute(&mut connection).await?;
    connection.close().await
}

async fn connect_to_server(address: &str) -> Result<AnyPool, StoreError> {
    refuse_unbuilt()?;
    // As with a file: the first look says why it fails.
    AnyConnection::connect(address).await?.close().await?;
    let options = AnyPoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(2));
    Ok(options.connect_lazy(address)?)
}

/// Refuses a server where this program cannot speak to one.
pub(super) fn refuse_unbuilt() -> Result<(), StoreError> {
    if cfg!(not(feature = "postgres")) {
        return Err(StoreError::Address("this Usher was built without PostgreSQL".to_owned()));
    }
    Ok(())
}
