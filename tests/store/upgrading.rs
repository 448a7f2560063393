//! A database of every older schema is brought up to date with what it holds; one of a newer schema, or
//! of another text, is left alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use sqlx::{AnyConnection, Connection, Row};
use usher::calendar::Instant;
use usher::clock::Clock;
use usher::core::Engine;
use usher::core::event::MessageRef;
use usher::core::turn::Noted;
use usher::driver::{Driver, Woken};
use usher::fault::Faults;
use usher::store::{MemoKind, Opening, POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS, Store, StoreError};

use crate::committing::driver;
use crate::disk::{cuts, quick_folder};
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
    let reaction = store.memo(MemoKind::Reaction, "$old").await.unwrap();
    assert_eq!(reaction.as_deref(), if version < 3 { None } else { Some("{\"emoji\":\"eyes\"}") });
    let mut driver = driver(store).await;
    assert_eq!(driver.machine().heard, BTreeMap::from([("1".into(), "say C1 old".to_owned())]));
    assert_eq!(driver.next_wake(), Some(at(5_000)), "what was due stays due");
    driver.offer(post("1", "say C1 again").into(), at(2));
    driver.offer(post("bad", "panic").into(), at(2));
    driver.commit().await.unwrap();
    assert_eq!(driver.figures().duplicates.get(), if version == 1 { 1 } else { 2 });
    drop(driver);
    the_open_clock_runs_on(&Opening { team: "acme".to_owned(), ..opening.clone() }).await;
}

/// What the engine of an older program left is understood, and what it left open ends when it was due.
async fn the_open_clock_runs_on(opening: &Opening) {
    let due = Instant::parse("2026-11-23T10:00:00.006Z").unwrap();
    let start = Instant::parse("2026-11-23T09:59:00Z").unwrap();
    let clock = Clock::simulated(start);
    let store = Store::open(opening).await.unwrap();
    let mut driver: Driver<Engine> = Driver::open(store, clock, Faults::none()).await.unwrap();
    while let Some(at) = driver.next_wake().filter(|at| *at <= due) {
        assert_eq!(driver.wake(at.max(start)), Woken::Moved);
    }
    let done = driver.commit().await.unwrap();
    let breached: Vec<_> = done
        .turns
        .iter()
        .flat_map(|turn| &turn.notes)
        .filter(|note| note.what == Noted::Breached)
        .map(|note| (note.at, note.about.clone().unwrap()))
        .collect();
    assert_eq!(breached, [(due, MessageRef { channel: "support".into(), id: "1".into() })]);
}

/// All that a database holds about its schema, and how often it was opened.
async fn schema(opening: &Opening) -> String {
    let mut connection = connection(opening).await;
    let tables = match connection.backend_name() {
        "SQLite" => "SELECT COALESCE(sql, name) FROM sqlite_master ORDER BY name",
        _ => {
            "SELECT table_name || ' ' || column_name FROM information_schema.columns \
              WHERE table_schema = 'public' ORDER BY 1"
        }
    };
    let mut found = Vec::new();
    for query in [
        tables,
        "SELECT CAST(version AS TEXT) FROM migration ORDER BY 1",
        "SELECT team || ' ' || epoch FROM lease ORDER BY 1",
        "SELECT team || id || body FROM record ORDER BY 1",
    ] {
        let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
        found.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    connection.close().await.unwrap();
    found.join("\n")
}

/// The last table of migration 2 is there already, so it fails halfway.
async fn an_upgrade_that_fails_halfway_changes_nothing(opening: &Opening) {
    make(opening, 1).await;
    let mut other = connection(opening).await;
    sqlx::raw_sql("CREATE TABLE rejected (mine TEXT)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let before = schema(opening).await;
    for _ in 0..2 {
        let error = Store::open(opening).await.unwrap_err();
        assert!(matches!(error, StoreError::Migration(_)), "{error:?}");
        assert!(error.to_string().contains("rejected"), "it names what is in the way: {error}");
        assert_eq!(schema(opening).await, before);
    }
    let mut other = connection(opening).await;
    sqlx::raw_sql("DROP TABLE rejected").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let store = Store::open(opening).await.unwrap();
    assert_eq!(store.epoch(), 8);
    assert_eq!(driver(store).await.next_wake(), Some(at(5_000)), "what was due stays due");
}

#[tokio::test]
async fn an_upgrade_of_sqlite_that_fails_halfway_changes_nothing_and_can_be_tried_again() {
    an_upgrade_that_fails_halfway_changes_nothing(&Kit::sqlite().opening()).await;
}

#[tokio::test]
async fn an_upgrade_of_postgres_that_fails_halfway_changes_nothing_and_can_be_tried_again() {
    let Some(kit) = Kit::postgres_alone().await else { return };
    an_upgrade_that_fails_halfway_changes_nothing(&kit.opening()).await;
}

/// A process that is killed while it upgrades leaves a log that ends anywhere.
#[tokio::test]
async fn an_upgrade_that_is_cut_anywhere_is_there_or_is_not() {
    let kit = Kit::sqlite();
    make(&kit.opening(), 1).await;
    let store = kit.open().await;
    let log = fs::read(kit.file().with_file_name("usher.db-wal")).unwrap();
    let file = fs::read(kit.file()).unwrap();
    drop(store);
    let mut upgraded = Vec::new();
    for cut in cuts(&file, &log) {
        let directory = quick_folder();
        let path = directory.path().join("usher.db");
        fs::write(&path, &file).unwrap();
        fs::write(path.with_extension("db-wal"), &log[..cut]).unwrap();
        let url = format!("sqlite:{}", path.display());
        let opening = Opening { url: url.into(), ..kit.opening() };
        let schema = schema(&opening).await;
        let is_new = schema.contains("CREATE TABLE outbox");
        for table in ["rejected", "memo"] {
            assert_eq!(schema.contains(&format!("CREATE TABLE {table}")), is_new, "cut at {cut}: {table}");
        }
        assert_eq!(schema.contains("\n1\n2\n3\n"), is_new, "cut at {cut}: {schema}");
        assert_eq!(schema.contains("team 8"), is_new, "cut at {cut}: {schema}");
        let store = Store::open(&opening).await.unwrap();
        assert_eq!(store.epoch(), if is_new { 9 } else { 8 }, "cut at {cut}");
        assert_eq!(driver(store).await.next_wake(), Some(at(5_000)), "cut at {cut}");
        upgraded.push(is_new);
    }
    assert!(upgraded.is_sorted() && !upgraded[0] && upgraded[upgraded.len() - 1], "{upgraded:?}");
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

/// Whoever has to mend it must know where it is.
async fn an_unreadable_record_is_named(kit: Kit) {
    let mut first = driver(kit.open().await).await;
    for key in ["1", "2", "3"] {
        first.offer(post(key, "secret").into(), at(1));
    }
    first.commit().await.unwrap();
    drop(first);
    let opening = kit.opening();
    let mut connection = connection(&opening).await;
    let damage = "UPDATE record SET body = '{\"user\":\"secret\"}' WHERE team = $1 AND id = '2'";
    let damaged = sqlx::query(damage).bind(&opening.team).execute(&mut connection).await.unwrap();
    assert_eq!(damaged.rows_affected(), 1);
    connection.close().await.unwrap();
    let error = kit.open().await.load().await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)));
    let text = error.to_string();
    assert!(text.contains("user heard/2"), "{text}");
}

#[tokio::test]
async fn an_unreadable_record_of_sqlite_is_named() {
    an_unreadable_record_is_named(Kit::sqlite()).await;
}

#[tokio::test]
async fn an_unreadable_record_of_postgres_is_named() {
    if let Some(kit) = Kit::postgres() {
        an_unreadable_record_is_named(kit).await;
    }
}
