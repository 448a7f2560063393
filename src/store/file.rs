//! The SQLite file: who may open it, and whether it is still the one that was opened.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::StoreError;

/// An SQLite file that this process alone may use until it is dropped.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
    /// Locked for as long as it is open.
    _lock: File,
}

impl DatabaseFile {
    /// Creates the file where it is missing, makes it private, and locks it for this process.
    ///
    /// # Errors
    /// When the folder is missing or may not be written, or another process has the lock.
    pub(super) fn open(path: &Path, holder: &str) -> Result<DatabaseFile, StoreError> {
        let file = private().open(path).map_err(|error| unusable(path, &error))?;
        let path = path.canonicalize().map_err(|error| unusable(path, &error))?;
        let metadata = file.metadata().map_err(|error| unusable(&path, &error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "the database could be read by others; now it cannot");
            file.set_permissions(Permissions::from_mode(0o600)).map_err(|error| unusable(&path, &error))?;
        }
        let lock = lock(&path, holder)?;
        Ok(DatabaseFile { identity: (metadata.dev(), metadata.ino()), path, _lock: lock })
    }

    /// The address by which sqlx opens it.
    pub(super) fn address(&self) -> String {
        address_of(&self.path)
    }

    /// # Errors
    /// When another file, or none, has taken its place.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match std::fs::metadata(&self.path) {
            Ok(found) if (found.dev(), found.ino()) == self.identity => Ok(()),
            Ok(_) | Err(_) => Err(StoreError::Replaced { path: self.path.clone() }),
        }
    }
}

/// The address by which sqlx opens the file at `path`.
pub(super) fn address_of(path: &Path) -> String {
    let mut address = String::from("sqlite://");
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(byte))
            }
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address
}

/// The path in an address such as `sqlite:usher.db`, `sqlite:///var/lib/usher/usher.db`.
pub(super) fn path_in(address: &str) -> Result<PathBuf, StoreError> {
    let path = match address.strip_prefix("sqlite:") {
        Some(path) => path.strip_prefix("//").unwrap_or(path),
        // A mistyped `postgres://user:password@host/name` must not be echoed as if it were a path.
        None if address.contains(['@', ':']) => {
            let known = "it begins with neither `sqlite:` nor `postgres://`";
            return Err(StoreError::Address(known.to_owned()));
        }
        None => address,
    };
    if let Some((path, _)) = path.split_once('?') {
        return Err(StoreError::Address(format!("`{path}?…` is not the path of a file, without options")));
    }
    if path == ":memory:" || path.is_empty() {
        return Err(StoreError::Address(format!("`{path}` is not the path of a file")));
    }
    Ok(PathBuf::from(path))
}

/// The file whose lock says that a process uses the database.
pub(super) fn lock_of(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    PathBuf::from(path)
}

/// What the process that has the lock calls itself.
pub(super) fn holder_of(lock: &mut File) -> String {
    let mut holder = String::new();
    // Without its name the answer is still the right one.
    let _ = lock.read_to_string(&mut holder);
    format!("another process ({})", holder.trim())
}

fn lock(database: &Path, holder: &str) -> Result<File, StoreError> {
    let path = lock_of(database);
    let mut file = private().open(&path).map_err(|error| unusable(&path, &error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::Held { holder: holder_of(&mut file), free_in_ms: None });
        }
        Err(TryLockError::Error(error)) => return Err(unusable(&path, &error)),
    }
    file.set_len(0)
        .and_then(|()| file.write_all(holder.as_bytes()))
        .map_err(|error| unusable(&path, &error))?;
    Ok(file)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "not our enum, and open: what it may hold later is tried again"
)]
pub(super) fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    let text = format!("{}: {error}", path.display());
    match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly(text)
        }
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full(text),
        std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory => StoreError::Address(text),
        _ => StoreError::Unavailable(text),
    }
}
