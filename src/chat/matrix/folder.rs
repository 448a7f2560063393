//! The folder in which the session and the keys of encrypted rooms are kept.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use matrix_sdk::STATE_STORE_DATABASE_NAME;

/// The file that is locked while somebody uses the folder; it holds how they call themselves.
pub(super) const LOCK: &str = "lock";
/// The file with the key.
pub(super) const KEY: &str = "key";
/// How long a key is, in bytes.
const KEY_BYTES: usize = 32;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be read or written.
    #[error("{}: {error}", path.display())]
    Unusable {
        /// What.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process uses it: two would break the encryption of each other.
    #[error("{} is used by {holder}; stop that first, or give this one a folder of its own with `matrix.store`", path.display())]
    Held {
        /// Which folder.
        path: PathBuf,
        /// As the other calls itself.
        holder: String,
    },
    /// Its key is not one.
    #[error("{} does not hold the key that it should; without it nothing in the folder can be read. Restore the file, \
             or move the folder away and start again: Usher then signs in anew", path.display())]
    NoKey {
        /// Which file.
        path: PathBuf,
    },
}

/// A folder that this process alone uses until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Folder {
    /// Makes the folder where it is missing, closes it to others, and locks it for this process, which calls itself
    /// `holder`.
    ///
    /// # Errors
    /// When it cannot be made, or another process uses it.
    pub fn open(path: &Path, holder: &str) -> Result<Folder, FolderError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| unusable(path, error))?;
        let permissions = fs::metadata(path).map_err(|error| unusable(path, error))?.permissions();
        if permissions.mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
                .map_err(|error| unusable(path, error))?;
        }
        let lock = lock(path, holder)?;
        Ok(Folder { path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key that is kept in it; made where there is none.
    ///
    /// # Errors
    /// When it cannot be read or written, or is none.
    pub fn key(&self) -> Result<[u8; KEY_BYTES], FolderError> {
        let path = self.path.join(KEY);
        match fs::read(&path) {
            Ok(kept) => kept.try_into().map_err(|_| FolderError::NoKey { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.is_new() => {
                let mut key = [0; KEY_BYTES];
                getrandom::fill(&mut key)
                    .map_err(|error| unusable(&path, io::Error::other(error.to_string())))?;
                write_new(&path, &key).map_err(|error| unusable(&path, error))?;
                Ok(key)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FolderError::NoKey { path }),
            Err(error) => Err(unusable(&path, error)),
        }
    }

    /// Whether nothing was kept in it yet.
    fn is_new(&self) -> bool {
        !self.path.join(STATE_STORE_DATABASE_NAME).exists()
    }
}

/// Writes a file that only its owner may read, and that outlives a failing machine. One that is there is replaced
/// whole.
///
/// # Errors
/// When it cannot be written.
pub fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn lock(folder: &Path, holder: &str) -> Result<File, FolderError> {
    let path = folder.join(LOCK);
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let mut file = open.map_err(|error| unusable(&path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut other = String::new();
            // Without its name the answer is still the right one.
            let _ = file.read_to_string(&mut other);
            let holder = format!("another process ({})", other.trim());
            return Err(FolderError::Held { path: folder.to_owned(), holder });
        }
        Err(TryLockError::Error(error)) => return Err(unusable(&path, error)),
    }
    file.set_len(0)
        .and_then(|()| file.write_all(holder.as_bytes()))
        .map_err(|error| unusable(&path, error))?;
    Ok(file)
}

fn unusable(path: &Path, error: io::Error) -> FolderError {
    FolderError::Unusable { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_private_and_for_one_process_and_keeps_its_key() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("usher.db.matrix");
        let folder = Folder::open(&path, "usher run, process 1").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let error = Folder::open(&path, "another").unwrap_err().to_string();
        assert!(error.contains("usher run, process 1") && error.contains("matrix.store"), "{error}");
        let key = folder.key().unwrap();
        assert_eq!(fs::metadata(path.join("key")).unwrap().permissions().mode() & 0o777, 0o600);
        drop(folder);
        let folder = Folder::open(&path, "usher run, process 2").unwrap();
        assert_eq!(folder.key().unwrap(), key);
        fs::write(path.join("key"), "short").unwrap();
        assert!(matches!(folder.key(), Err(FolderError::NoKey { .. })));
    }

    #[test]
    fn a_lost_key_is_not_replaced_by_one_that_opens_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path(), "a test").unwrap();
        fs::write(place.path().join(STATE_STORE_DATABASE_NAME), "").unwrap();
        let error = folder.key().unwrap_err().to_string();
        assert!(error.contains("signs in anew"), "{error}");
    }
}
