//! Runbooks on disk: the file, and the files beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::runbook::{self, FileError, Files, LintContext, Loaded};

/// The files in a runbook's folder.
#[derive(Clone, Debug)]
pub struct Folder {
    folder: PathBuf,
}

impl Folder {
    /// The folder in which the runbook at `path` lies.
    pub fn of(path: &Path) -> Folder {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Folder { folder: folder.unwrap_or(Path::new(".")).to_owned() }
    }
}

impl Files for Folder {
    /// Links that lead out of the folder are not followed.
    fn text(&self, path: &str) -> Result<String, FileError> {
        let failed = |error: &io::Error| {
            if error.kind() == io::ErrorKind::NotFound {
                FileError::Missing(path.to_owned())
            } else {
                FileError::Unreadable { path: path.to_owned(), why: error.to_string() }
            }
        };
        let folder = self.folder.canonicalize().map_err(|error| failed(&error))?;
        let file = folder.join(path).canonicalize().map_err(|error| failed(&error))?;
        if !file.starts_with(&folder) {
            return Err(FileError::Outside(path.to_owned()));
        }
        fs::read_to_string(&file).map_err(|error| failed(&error))
    }
}

/// Loads the runbook at `path`; the problems are errors only.
///
/// # Errors
/// When the file cannot be read.
pub fn load(path: &Path) -> io::Result<Loaded> {
    let bytes = fs::read(path)?;
    Ok(runbook::load(&path.to_string_lossy(), bytes, &Folder::of(path)))
}

/// Loads the runbook at `path` with everything that looks wrong about it.
///
/// # Errors
/// When the file cannot be read.
pub fn check(path: &Path, context: LintContext) -> io::Result<Loaded> {
    let bytes = fs::read(path)?;
    Ok(runbook::check(&path.to_string_lossy(), bytes, &Folder::of(path), context))
}
