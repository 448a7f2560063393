//! What can go wrong with the database, sorted by what is to be done about it.

use std::path::PathBuf;

use crate::calendar::Instant;

/// Why the store could not do what it was asked. No message holds the database's address or password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The setting cannot be used.
    #[error("database_url cannot be used: {0}")]
    Address(String),
    /// Another process holds this team's data.
    #[error("the database is in use by {holder}; only one Usher may write for a team")]
    Held {
        /// Who holds it, as it called itself.
        holder: String,
        /// When its lease ends unless it is renewed, in ms from now; `None` where it ends with the process.
        free_in_ms: Option<i64>,
    },
    /// Another process has taken over since this one opened the store.
    #[error(
        "another Usher has taken over this team (our epoch was {epoch}); this process must not write any more"
    )]
    Fenced {
        /// The epoch that this process had.
        epoch: i64,
    },
    /// The database was written by a newer program.
    #[error(
        "the database has schema {found}, this program knows {known}: install the newer Usher, or restore a backup"
    )]
    Newer {
        /// The newest migration that was applied.
        found: i64,
        /// The newest migration that this program has.
        known: i64,
    },
    /// The schema could not be brought up to date; what was begun is undone.
    #[error("cannot bring the schema up to date: {0}")]
    Migration(String),
    /// The database's file is not the one that was opened.
    #[error("{} was removed or replaced while it was open; nothing more is written", path.display())]
    Replaced {
        /// Where it was.
        path: PathBuf,
    },
    /// There is no room left.
    #[error("no room left for the database: {0}")]
    Full(String),
    /// The database may not be written.
    #[error("the database cannot be written: {0}")]
    ReadOnly(String),
    /// What is in the database cannot be read, or the disk fails.
    #[error("the database is damaged or unreadable: {0}")]
    Damaged(String),
    /// The database refuses what was to be written, and would refuse it again.
    #[error("the database refuses this content: {0}")]
    Refused(String),
    /// The database cannot be reached, or is too busy; later it may.
    #[error("the database is not available: {0}")]
    Unavailable(String),
}

/// What to do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Wait and try again.
    Retry,
    /// Set aside what was to be written.
    SetAside,
    /// Stop the process.
    Stop,
}

impl StoreError {
    /// What to do about it.
    pub fn remedy(&self) -> Remedy {
        match self {
            StoreError::Unavailable(_) => Remedy::Retry,
            StoreError::Refused(_) => Remedy::SetAside,
            StoreError::Address(_)
            | StoreError::Held { .. }
            | StoreError::Fenced { .. }
            | StoreError::Newer { .. }
            | StoreError::Migration(_)
            | StoreError::Replaced { .. }
            | StoreError::Full(_)
            | StoreError::ReadOnly(_)
            | StoreError::Damaged(_) => Remedy::Stop,
        }
    }

    /// A row that this program cannot read.
    pub(super) fn unreadable(what: &str, error: impl std::fmt::Display) -> StoreError {
        StoreError::Damaged(format!("{what}: {error}"))
    }

    /// A lease that ends at `expires_at` by a clock that shows `now`.
    pub(super) fn held(holder: String, expires_at: i64, now: Instant) -> StoreError {
        StoreError::Held { holder, free_in_ms: Some((expires_at - now.ms()).max(0)) }
    }
}

impl From<sqlx::Error> for StoreError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "not our enum, and open: what it may hold later is tried again"
    )]
    fn from(error: sqlx::Error) -> StoreError {
        match &error {
            sqlx::Error::Database(database) => {
                let text = database.message().to_owned();
                match database.code().as_deref() {
                    Some(code) if code.len() == 5 => from_sqlstate(code, text),
                    Some(code) => from_sqlite(code, text),
                    None => StoreError::Unavailable(text),
                }
            }
            sqlx::Error::Configuration(_) => StoreError::Address(error.to_string()),
            sqlx::Error::Encode(_) => StoreError::Refused(error.to_string()),
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. } => StoreError::Damaged(error.to_string()),
            // What is left are a lost connection, an exhausted pool, a crashed worker: reconnecting helps.
            _ => StoreError::Unavailable(error.to_string()),
        }
    }
}

/// By PostgreSQL's error code; see its appendix A.
fn from_sqlstate(code: &str, text: String) -> StoreError {
    let text = format!("{text} ({code})");
    match (code, &code[..2]) {
        ("53100", _) => StoreError::Full(text),
        ("25006", _) => StoreError::ReadOnly(text),
        (_, "22" | "23" | "54") => StoreError::Refused(text),
        (_, "3D" | "28" | "42" | "58" | "XX") => StoreError::Damaged(text),
        _ => StoreError::Unavailable(text),
    }
}

/// By SQLite's result code, whose lowest byte says the kind.
fn from_sqlite(code: &str, text: String) -> StoreError {
    let number: i64 = code.parse().unwrap_or_default();
    let text = format!("{text} (SQLite {number})");
    match number & 0xff {
        8 | 14 => StoreError::ReadOnly(text),
        13 => StoreError::Full(text),
        18..=20 => StoreError::Refused(text),
        1 | 10 | 11 | 26 => StoreError::Damaged(text),
        _ => StoreError::Unavailable(text),
    }
}
