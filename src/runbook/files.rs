//! The files that lie beside a runbook, as the caller gives them.

use std::collections::BTreeMap;

/// Why a file beside the runbook cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The path leaves the runbook's folder.
    #[error("`{0}` is not in the runbook's folder")]
    Outside(String),
    /// There is no such file.
    #[error("there is no file `{0}` beside the runbook")]
    Missing(String),
    /// It is there and cannot be read.
    #[error("`{path}` cannot be read: {why}")]
    Unreadable {
        /// The path as the runbook writes it.
        path: String,
        /// What the system said.
        why: String,
    },
}

/// The texts of the files beside a runbook.
pub trait Files {
    /// The text of the file at `path`, which is relative to the runbook's folder and stays in it.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read as text.
    fn text(&self, path: &str) -> Result<String, FileError>;
}

/// A runbook that stands alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn text(&self, path: &str) -> Result<String, FileError> {
        Err(FileError::Missing(path.to_owned()))
    }
}

impl Files for BTreeMap<String, String> {
    fn text(&self, path: &str) -> Result<String, FileError> {
        self.get(path).cloned().ok_or_else(|| FileError::Missing(path.to_owned()))
    }
}

/// The text of `path`, if the path cannot leave the runbook's folder.
pub(super) fn text_inside(files: &dyn Files, path: &str) -> Result<String, FileError> {
    let part_is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    let plain = !path.contains(['\\', ':', '\0']) && path.split('/').all(part_is_plain);
    if !plain {
        return Err(FileError::Outside(path.to_owned()));
    }
    files.text(path)
}
