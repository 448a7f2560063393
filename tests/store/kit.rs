//! Where a test keeps its data, and how it makes a process end and another begin.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use secrecy::SecretString;
use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;
use usher::store::{Opening, Store, StoreError};

/// Runs one test body on each kind of store.
macro_rules! on_every_store {
    ($(#[$attribute:meta])* $body:ident) => {
        mod $body {
            use crate::kit::Kit;

            #[tokio::test]
            async fn in_memory() {
                super::$body(Kit::memory()).await;
            }

            #[tokio::test]
            async fn on_sqlite() {
                super::$body(Kit::sqlite()).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(kit) = Kit::postgres() {
                    super::$body(kit).await;
                }
            }
        }
    };
}
pub(crate) use on_every_store;

/// One test's own data.
pub struct Kit {
    kind: Kind,
    team: String,
}

enum Kind {
    Memory(Store),
    Sqlite(TempDir),
    Postgres(String),
}

impl Kit {
    pub fn memory() -> Kit {
        Kit { kind: Kind::Memory(Store::memory()), team: "team".to_owned() }
    }

    pub fn sqlite() -> Kit {
        Kit { kind: Kind::Sqlite(tempfile::tempdir().unwrap()), team: "team".to_owned() }
    }

    /// `None`, and a line that says so, where no server is given.
    pub fn postgres() -> Option<Kit> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let Ok(url) = std::env::var("USHER_TEST_POSTGRES") else {
            eprintln!("not run: USHER_TEST_POSTGRES names no server; `scripts/test` starts one");
            return None;
        };
        let team = format!("team {} {}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Some(Kit { kind: Kind::Postgres(url), team })
    }

    /// A PostgreSQL database that no other test uses.
    pub async fn postgres_alone() -> Option<Kit> {
        let shared = Kit::postgres()?;
        let Kind::Postgres(url) = &shared.kind else { unreachable!() };
        let name = shared.team.replace(' ', "_");
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(url).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let (server, _) = url.rsplit_once('/').unwrap();
        Some(Kit { kind: Kind::Postgres(format!("{server}/{name}")), team: "team".to_owned() })
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        match &self.kind {
            Kind::Sqlite(directory) => directory.path().join("usher.db"),
            Kind::Memory(_) | Kind::Postgres(_) => panic!("this kind of store has no file"),
        }
    }

    /// The server's database.
    pub fn url(&self) -> &str {
        match &self.kind {
            Kind::Postgres(url) => url,
            Kind::Memory(_) | Kind::Sqlite(_) => panic!("this kind of store has no server"),
        }
    }

    /// A session of the server's beside Usher's.
    pub async fn connect(&self) -> AnyConnection {
        AnyConnection::connect(self.url()).await.unwrap()
    }

    /// How a process opens the database.
    pub fn opening(&self) -> Opening {
        let url = match &self.kind {
            Kind::Sqlite(_) => format!("sqlite:{}", self.file().display()),
            Kind::Postgres(url) => url.clone(),
            Kind::Memory(_) => panic!("a store in memory is not opened"),
        };
        // A lease that ends at once: a process that ends without giving it up is no different.
        Opening { lease_ms: 0, ..Opening::new(SecretString::from(url), &self.team, "test") }
    }

    /// What a new process opens, whether or not the one before closed properly.
    pub async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Store, StoreError> {
        match &self.kind {
            Kind::Memory(store) => Ok(store.reopen().unwrap()),
            Kind::Sqlite(_) | Kind::Postgres(_) => Store::open(&self.opening()).await,
        }
    }

    /// A second holder of the same data, where the kind of store lets another take over from it while it
    /// lives: SQLite's file does not.
    pub async fn open_beside(&self) -> Option<Store> {
        match &self.kind {
            Kind::Memory(_) | Kind::Postgres(_) => Some(self.open().await),
            Kind::Sqlite(_) => None,
        }
    }
}
