//! What the folder of the session holds, read from a copy: the folder stays as it is.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::{STATE_STORE_DATABASE_NAME, SqliteStateStore, StateStore};
use secrecy::SecretString;
use smol_str::SmolStr;

use crate::chat::matrix::folder::{KEY, LOCK};
use crate::chat::matrix::session::{SESSION, STEP, recovery_path, step_of};
use crate::core::event::UserId;
use crate::settings::{MatrixSettings, SettingsError};

/// A look at the folder.
#[derive(Debug)]
pub struct Look {
    /// Who may do what with it, as `chmod` writes it; nothing where there is no folder.
    pub mode: Option<u32>,
    /// What is in it.
    pub kept: Kept,
    /// Whether a recovery key that Usher made lies beside it.
    pub has_recovery_key: bool,
}

/// What is in the folder.
#[derive(Debug)]
pub enum Kept {
    /// No session, as before the first start.
    Nothing,
    /// A process uses it, and calls itself so.
    Held(String),
    /// A session.
    Session(Box<KeptSession>),
    /// A session, and nothing to open it with.
    NoKey,
    /// A session that another key opens.
    WrongKey,
    /// It cannot be read.
    Unreadable(String),
}

/// A session as it is kept.
#[derive(Debug)]
pub struct KeptSession {
    /// Whose it is.
    pub user: UserId,
    /// Which of their sessions.
    pub device: SmolStr,
    /// What it shows to the homeserver.
    pub token: SecretString,
    /// How many syncs brought something.
    pub step: u64,
}

/// Looks at a folder.
///
/// # Errors
/// When the settings have a key that is none.
pub async fn kept(folder: &Path, settings: &MatrixSettings) -> Result<Look, SettingsError> {
    let set = settings.store_key()?;
    let mode = fs::metadata(folder).ok().map(|folder| folder.permissions().mode() & 0o777);
    let has_recovery_key = recovery_path(folder).exists();
    let kept = match copy(folder) {
        Err(error) => Kept::Unreadable(error.to_string()),
        Ok(Copied::Nothing) => Kept::Nothing,
        Ok(Copied::Held(holder)) => Kept::Held(holder),
        Ok(Copied::Whole(copy)) => {
            let beside = || fs::read(folder.join(KEY)).ok()?.try_into().ok();
            match set.or_else(beside) {
                Some(key) => session_in(copy.path(), &key).await,
                None => Kept::NoKey,
            }
        }
    };
    Ok(Look { mode, kept, has_recovery_key })
}

/// What came of copying.
enum Copied {
    Nothing,
    Held(String),
    Whole(tempfile::TempDir),
}

/// Copies what holds the session, and what was written to it last, while nobody uses it.
fn copy(folder: &Path) -> io::Result<Copied> {
    let store = folder.join(STATE_STORE_DATABASE_NAME);
    if !store.exists() {
        return Ok(Copied::Nothing);
    }
    let mut lock = File::open(folder.join(LOCK))?;
    match lock.try_lock_shared() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Without its name the answer is still the right one.
            let _ = lock.read_to_string(&mut holder);
            return Ok(Copied::Held(holder.trim().to_owned()));
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let copy = tempfile::tempdir()?;
    for name in [STATE_STORE_DATABASE_NAME.to_owned(), format!("{STATE_STORE_DATABASE_NAME}-wal")] {
        let from = folder.join(&name);
        if from.exists() {
            fs::copy(from, copy.path().join(name))?;
        }
    }
    Ok(Copied::Whole(copy))
}

async fn session_in(copy: &Path, key: &[u8; 32]) -> Kept {
    // Only the key is tried where the file is one of the library's.
    let Ok(store) = SqliteStateStore::open_with_key(copy, Some(key)).await else { return Kept::WrongKey };
    let kept = match store.get_custom_value(SESSION).await {
        Ok(Some(kept)) => kept,
        Ok(None) => return Kept::Nothing,
        Err(error) => return Kept::Unreadable(error.to_string()),
    };
    let session: MatrixSession = match serde_json::from_slice(&kept) {
        Ok(session) => session,
        Err(error) => return Kept::Unreadable(error.to_string()),
    };
    match store.get_custom_value(STEP).await {
        Ok(step) => Kept::Session(Box::new(KeptSession {
            user: UserId::new(session.meta.user_id.as_str()),
            device: SmolStr::new(session.meta.device_id.as_str()),
            token: SecretString::from(session.tokens.access_token),
            step: step_of(step.as_deref()),
        })),
        Err(error) => Kept::Unreadable(error.to_string()),
    }
}
