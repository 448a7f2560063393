//! Runbooks on disk: the file, and the files beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use smol_str::{SmolStr, format_smolstr};

use crate::core::event::RevisionText;
use crate::runbook::{self, FileError, Files, LintContext, Loaded, Runbook, render_text};

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
pub fn check(path: &Path, context: LintContext<'_>) -> io::Result<Loaded> {
    let bytes = fs::read(path)?;
    Ok(runbook::check(&path.to_string_lossy(), bytes, &Folder::of(path), context))
}

/// Why a file is no revision of a runbook.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It has errors; they are given as people read them.
    #[error("{path} has errors:\n{problems}")]
    Wrong {
        /// The file.
        path: String,
        /// The errors.
        problems: String,
    },
}

/// The runbook at `path`, and its text as the engine takes it.
///
/// # Errors
/// When it cannot be read or has errors.
pub fn revision(path: &Path) -> Result<(Runbook, RevisionText), RevisionError> {
    let name = path.to_string_lossy();
    let bytes =
        fs::read(path).map_err(|source| RevisionError::Unreadable { path: name.to_string(), source })?;
    revision_of(&name, bytes, &Folder::of(path))
}

/// The runbook of this text, which is called `name`, and the text as the engine takes it. Its revision is a
/// digest of all that it is made of.
///
/// # Errors
/// When it has errors.
pub fn revision_of(
    name: &str,
    document: impl Into<Vec<u8>>,
    files: &dyn Files,
) -> Result<(Runbook, RevisionText), RevisionError> {
    let bytes = document.into();
    let loaded = runbook::load(name, &bytes, files);
    let (Some(runbook), Ok(text)) = (loaded.runbook, String::from_utf8(bytes)) else {
        let problems = render_text(&loaded.problems).trim_end().to_owned();
        return Err(RevisionError::Wrong { path: name.to_owned(), problems });
    };
    let parts = loaded.beside.iter().flat_map(|(path, text)| [path.as_str(), text.as_str()]);
    let id = digest(std::iter::once(text.as_str()).chain(parts).map(str::as_bytes));
    let text = RevisionText { id, file: name.to_owned(), text, beside: loaded.beside, by: None };
    Ok((runbook, text))
}

/// FNV-1a over all parts, as 16 digits: it tells what differs apart, and guards against nobody.
pub(crate) fn digest<'t>(parts: impl Iterator<Item = &'t [u8]>) -> SmolStr {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.flat_map(|part| part.iter().copied().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format_smolstr!("{hash:016x}")
}
