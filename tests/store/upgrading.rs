//! A database of every older schema is brought up to date with what it holds; one of a newer schema, or
//! of another text, is left alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use sqlx::{AnyConnection, Connection, Row};
use usher::store::{Opening, POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS, Store, StoreError};

use crate::committing::driver;
use crate::kit::Kit;
use crate::toy::{at, post};

fn data(version: i64) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/migrations/{version:04}.sql"))
}

fn versions() -> Vec<i64> {
    SQLITE_MIGRATIONS.iter().map(|migration| migration.version).collect()
}

async fn connection(opening: &Opening) -> AnyConnection {
    use secrecy::ExposeSecret;
    sqlx::any::install_default_drivers();
    AnyConnection::connect(opening.url.expose_secret()).await.unwrap()
}

/// Makes a database as a program of schema `version` left it.
async fn make(opening: &Opening, version: i64) {
    let old = Opening { team: "nobody".to_owned(), last_migration: version, ..opening.clone() };
    // The first migration makes the table of leases, in which this opening then stands.
    Store::open(&old).await.unwrap().close().await;
    let mut connection = connection(opening).await;
    for version in versions().into_iter().filter(|known| *known <= version) {
        let sql = fs::read_to_string(data(version)).unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

async fn upgrades_from(opening: &Opening, version: i64) {
    make(opening, version).await;
    let store = Store::open(opening).await.unwrap();
    assert_eq!(store.epoch(), 8);
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.positions, BTreeMap::from([("sync".into(), "s1".to_owned())]));
    assert_eq!(loaded.last_alive, Some(at(1)));
    let unfinished: Vec<_> = loaded.entries.iter().map(|entry| (entry.id.0.as_str(), entry.begun)).collect();
    assert_eq!(unfinished, if version == 1 { vec![] } else { vec![("act/1", true)] });
    let mut driver = driver(store).await;
    assert_eq!(driver.machine().heard, BTreeMap::from([("1".into(), "say C1 old".to_owned())]));
    assert_eq!(driver.next_wake(), Some(at(5_000)), "what was due stays due");
    driver.offer(post("1", "say C1 again").into(), at(2));
    driver.offer(post("bad", "panic").into(), at(2));
    driver.commit().await.unwrap();
    assert_eq!(driver.figures().duplicates.get(), if version == 1 { 1 } else { 2 });
}

#[tokio::test]
async fn every_older_sqlite_database_is_upgraded_with_what_it_holds() {
    for version in versions() {
        let kit = Kit::sqlite();
        upgrades_from(&kit.opening(), version).await;
    }
}

#[tokio::test]
async fn every_older_postgres_database_is_upgraded_with_what_it_holds() {
    for version in versions() {
        let Some(kit) = Kit::postgres_alone().await else { return };
        upgrades_from(&kit.opening(), version).await;
    }
}

#[test]
fn both_databases_have_the_same_migrations_and_each_has_data() {
    let sqlite: Vec<_> =
        SQLITE_MIGRATIONS.iter().map(|migration| (migration.version, &migration.description)).collect();
    let postgres: Vec<_> =
        POSTGRES_MIGRATIONS.iter().map(|migration| (migration.version, &migration.description)).collect();
    assert_eq!(sqlite, postgres);
    for (version, _) in sqlite {
        assert!(data(version).exists(), "{} is missing", data(version).display());
    }
}

async fn leaves_the_unknown_alone(opening: &Opening) {
    Store::open(opening).await.unwrap().close().await;
    let mut other = connection(opening).await;
    sqlx::raw_sql("INSERT INTO migration VALUES (9001, 'later', 'x', 0)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let error = Store::open(opening).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 9001, .. }), "{error}");
    assert!(error.to_string().contains("install the newer Usher"), "{error}");

    let mut other = connection(opening).await;
    let epoch: i64 = sqlx::query("SELECT epoch FROM lease").fetch_one(&mut other).await.unwrap().get(0);
    assert_eq!(epoch, 1, "nothing was written");
    sqlx::raw_sql(
        "DELETE FROM migration WHERE version = 9001; UPDATE migration SET checksum = 'y' WHERE version = 1",
    )
    .execute(&mut other)
    .await
    .unwrap();
    other.close().await.unwrap();
    let error = Store::open(opening).await.unwrap_err();
    assert!(error.to_string().contains("migration 1 (state) was applied with another text"), "{error}");
}

#[tokio::test]
async fn a_newer_or_changed_sqlite_schema_is_left_alone() {
    let kit = Kit::sqlite();
    leaves_the_unknown_alone(&kit.opening()).await;
}

#[tokio::test]
async fn a_newer_or_changed_postgres_schema_is_left_alone() {
    let Some(kit) = Kit::postgres_alone().await else { return };
    leaves_the_unknown_alone(&kit.opening()).await;
}
