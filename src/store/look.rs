//! A look at a database from outside: nothing is written, and nobody who works with it is disturbed.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use smol_str::SmolStr;
use sqlx::{AnyConnection, Connection, Row};

use super::file::{address_of, holder_of, lock_of, path_in, unusable};
use super::sql::{Dialect, is_postgres, refuse_unbuilt, within_patience};
use super::{StoreError, schema, statements};
use crate::calendar::Instant;

/// What a look shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// There is no file yet.
    Absent,
    /// A process holds the file, and calls itself so; nobody else can read it.
    Held {
        /// As it calls itself.
        holder: String,
    },
    /// It can be read.
    Open(Contents),
}

/// What is in a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The newest migration that was applied; 0 where there is none.
    pub schema: i64,
    /// The newest migration that this program has.
    pub newest: i64,
    /// Who holds the team's lease.
    pub holder: Option<String>,
    /// How many events could not be handled.
    pub rejected: i64,
    /// Why messages were refused lately, and how many: the most common reason first.
    pub refused: Vec<(String, i64)>,
    /// How far the sources of events are committed.
    pub positions: BTreeMap<SmolStr, String>,
}

/// Looks at the data of `team`; messages that were refused before `since` are passed over.
///
/// # Errors
/// When it cannot be reached or read, or is newer than this program.
pub async fn look(url: &SecretString, team: &str, since: Instant) -> Result<Look, StoreError> {
    sqlx::any::install_default_drivers();
    let address = url.expose_secret();
    if is_postgres(address) {
        refuse_unbuilt()?;
        return within_patience(async {
            let connection = AnyConnection::connect(address).await?;
            Ok(Look::Open(contents(connection, Dialect::Postgres, team, since).await?))
        })
        .await;
    }
    let path = path_in(address)?;
    if !path.exists() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return fs::metadata(folder).map(|_| Look::Absent).map_err(|error| unusable(folder, &error));
    }
    // Whoever may not write it cannot use it.
    OpenOptions::new().read(true).write(true).open(&path).map_err(|error| unusable(&path, &error))?;
    if let Some(holder) = held(&path) {
        return Ok(Look::Held { holder });
    }
    let path = path.canonicalize().map_err(|error| unusable(&path, &error))?;
    // What a killed process left in the log is read with it; without a log SQLite need not even lock the file.
    let log = fs::metadata(format!("{}-wal", path.display())).is_ok_and(|log| log.len() > 0);
    let manner = if log { "mode=ro" } else { "mode=ro&immutable=true" };
    let connection = AnyConnection::connect(&format!("{}?{manner}", address_of(&path))).await?;
    Ok(Look::Open(contents(connection, Dialect::Sqlite, team, since).await?))
}

/// Who has the lock of a file, if somebody has. It is let go at once where nobody has.
fn held(database: &Path) -> Option<String> {
    let mut lock = File::open(lock_of(database)).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder_of(&mut lock)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

async fn contents(
    mut connection: AnyConnection,
    dialect: Dialect,
    team: &str,
    since: Instant,
) -> Result<Contents, StoreError> {
    let (found, newest) = schema::versions(&mut connection, dialect).await?;
    let mut contents = Contents { schema: found, newest, ..Contents::default() };
    // An older schema may lack what is asked for; the next start brings it up to date.
    if found == newest {
        let team = team.to_owned();
        // Whoever uses a file holds its lock; the lease there only counts who came before.
        if dialect == Dialect::Postgres {
            contents.holder = lease_holder(&mut connection, dialect, &team).await?;
        }
        let rejected = dialect.query(statements::COUNT_REJECTED).bind(team.clone());
        contents.rejected = rejected.fetch_one(&mut connection).await?.try_get(0)?;
        let refused = dialect.query(statements::REFUSED_SINCE).bind(team.clone()).bind(since.ms());
        for row in refused.fetch_all(&mut connection).await? {
            contents.refused.push((row.try_get(0)?, row.try_get(1)?));
        }
        for row in dialect.query(statements::POSITIONS).bind(team).fetch_all(&mut connection).await? {
            let source: String = row.try_get(0)?;
            contents.positions.insert(source.into(), row.try_get(1)?);
        }
    }
    connection.close().await?;
    Ok(contents)
}

/// Who has the team's lease now.
async fn lease_holder(
    connection: &mut AnyConnection,
    dialect: Dialect,
    team: &str,
) -> Result<Option<String>, StoreError> {
    let lease = dialect.query(statements::LEASE).bind(team.to_owned()).fetch_optional(connection).await?;
    let Some(lease) = lease else { return Ok(None) };
    let (holder, until, now): (String, i64, i64) = (lease.try_get(0)?, lease.try_get(1)?, lease.try_get(2)?);
    Ok(Some(holder).filter(|_| until > now))
}
