//! Bringing the schema up to date, and taking the lease: one transaction, so a process that is killed
//! on the way leaves what it found.

use std::sync::LazyLock;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Row, SqlSafeStr};

use super::sql::Dialect;
use super::{Opening, StoreError, statements};
use crate::calendar::Instant;

/// The migrations of the SQLite store.
pub static SQLITE: LazyLock<Migrator> = LazyLock::new(|| migrator(|texts| texts.sqlite));
/// The migrations of the PostgreSQL store.
pub static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| migrator(|texts| texts.postgres));

/// One migration, in the words of each database.
struct Texts {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// The texts of the migration that lies in `migrations/` as `$file`.
macro_rules! texts {
    ($number:literal, $name:literal, $file:literal) => {
        Texts {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../../migrations/postgres/", $file)),
        }
    };
}

/// All migrations, in order. They are listed by hand: `sqlx::migrate!` would find them by itself, but brings
/// the databases into the build a second time, and misses a new file until something else is compiled.
const MIGRATIONS: [Texts; 3] = [
    texts!(1, "state", "0001_state.sql"),
    texts!(2, "outbox", "0002_outbox.sql"),
    texts!(3, "memo", "0003_memo.sql"),
];

fn migrator(text: impl Fn(&Texts) -> &'static str) -> Migrator {
    let migration = |texts: &Texts| {
        let sql = text(texts).into_sql_str();
        Migration::new(texts.number, texts.name.into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}

/// `usher` in ASCII: the number under which replicas wait for each other while one migrates.
const SCHEMA_LOCK: i64 = 0x75_73_68_65_72;

/// The migrations for a dialect.
fn migrations(dialect: Dialect) -> &'static Migrator {
    match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
    }
}

/// Applies what is missing, up to version `last` (all of it with `i64::MAX`).
pub(super) async fn migrate(
    connection: &mut AnyConnection,
    dialect: Dialect,
    now: Instant,
    last: i64,
) -> Result<(), StoreError> {
    dialect.query(statements::LOCK_SCHEMA).bind(SCHEMA_LOCK).execute(&mut *connection).await?;
    let applied = applied(connection, dialect).await?;
    let known = migrations(dialect);
    check(&applied, known)?;
    let missing: Vec<&Migration> = known
        .iter()
        .filter(|migration| {
            migration.version <= last && !applied.iter().any(|(version, _)| *version == migration.version)
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !applied.is_empty() {
        refuse_while_held(connection, dialect, now).await?;
    }
    dialect.query(statements::CREATE_MIGRATION).execute(&mut *connection).await.map_err(failed)?;
    for migration in missing {
        sqlx::raw_sql(migration.sql.clone().into_sql_str())
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        dialect
            .query(statements::APPLY)
            .bind(migration.version)
            .bind(migration.description.to_string())
            .bind(checksum(migration))
            .bind(now.ms())
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// The newest migration that was applied, and the newest that this program has.
pub(super) async fn versions(
    connection: &mut AnyConnection,
    dialect: Dialect,
) -> Result<(i64, i64), StoreError> {
    let applied = applied(connection, dialect).await?;
    let known = migrations(dialect);
    check(&applied, known)?;
    Ok((applied.last().map_or(0, |(version, _)| *version), newest(known)))
}

/// The migrations that were applied: version and checksum.
async fn applied(connection: &mut AnyConnection, dialect: Dialect) -> Result<Vec<(i64, String)>, StoreError> {
    let exists: i64 = dialect
        .query(statements::TABLE_EXISTS)
        .bind("migration")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    if exists == 0 {
        return Ok(Vec::new());
    }
    let rows = dialect.query(statements::APPLIED).fetch_all(&mut *connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

fn newest(known: &Migrator) -> i64 {
    known.iter().map(|migration| migration.version).max().unwrap_or_default()
}

fn check(applied: &[(i64, String)], known: &Migrator) -> Result<(), StoreError> {
    for (version, sum) in applied {
        match known.iter().find(|migration| migration.version == *version) {
            Some(migration) if checksum(migration) == *sum => {}
            Some(migration) => {
                return Err(StoreError::Migration(format!(
                    "migration {version} ({}) was applied with another text than this program has",
                    migration.description
                )));
            }
            None => return Err(StoreError::Newer { found: *version, known: newest(known) }),
        }
    }
    Ok(())
}

/// The tables must not change under a process that works with them, whichever team it serves.
async fn refuse_while_held(
    connection: &mut AnyConnection,
    dialect: Dialect,
    now: Instant,
) -> Result<(), StoreError> {
    match dialect.query(statements::ANY_LEASE).fetch_optional(&mut *connection).await? {
        Some(row) => Err(StoreError::held(row.try_get(0)?, row.try_get(1)?, now)),
        None => Ok(()),
    }
}

/// Raises the epoch, so that whoever had the lease before can commit nothing more.
pub(super) async fn take_lease(
    connection: &mut AnyConnection,
    dialect: Dialect,
    opening: &Opening,
) -> Result<i64, StoreError> {
    let taken = dialect
        .query(statements::TAKE_LEASE)
        .bind(opening.team.clone())
        .bind(opening.holder.clone())
        .bind(opening.lease_ms)
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(row) = taken {
        return Ok(row.try_get(0)?);
    }
    let row = dialect.query(statements::LEASE).bind(opening.team.clone()).fetch_one(&mut *connection).await?;
    Err(StoreError::held(row.try_get(0)?, row.try_get(1)?, Instant::from_ms(row.try_get(2)?)))
}

fn checksum(migration: &Migration) -> String {
    migration.checksum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An error of a migration itself, unless it says that the database is gone or full.
fn failed(error: sqlx::Error) -> StoreError {
    let error = StoreError::from(error);
    if let StoreError::Refused(why) | StoreError::Damaged(why) = error {
        StoreError::Migration(why)
    } else {
        error
    }
}
