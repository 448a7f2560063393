//! The files of an export, in a zip or in a folder. They are read one at a time and never unpacked.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::ExportError;

/// No file of an export is read beyond this: a day of one channel, or the list of all users. A zip
/// that says otherwise is one made to fill the memory.
const FILE_LIMIT_BYTES: u64 = 1 << 30;

/// The files of an export.
pub(super) struct Source {
    path: PathBuf,
    root: Root,
    files: Vec<ExportFile>,
}

enum Root {
    Folder,
    Zip(Box<ZipArchive<BufReader<File>>>),
}

/// One file of an export.
pub(super) struct ExportFile {
    /// Its path within the export, with `/`: `support/2026-11-23.json`.
    pub name: String,
    /// Its size in bytes, as the folder or the zip's index says.
    pub bytes: u64,
    at: At,
}

enum At {
    Path(PathBuf),
    Index(usize),
}

impl Source {
    /// Lists the files of the zip or folder at `path`.
    pub fn open(path: &Path) -> Result<Source, ExportError> {
        let failed = |why| ExportError::Open { path: path.display().to_string(), why };
        let (root, mut files) = if fs::metadata(path).map_err(failed)?.is_dir() {
            (Root::Folder, files_of_folder(path).map_err(failed)?)
        } else {
            let file = File::open(path).map_err(failed)?;
            if file.metadata().map_err(failed)?.len() == 0 {
                return Err(failed(io::Error::other("the file is empty")));
            }
            let mut archive =
                ZipArchive::new(BufReader::new(file)).map_err(|error| failed(no_zip(&error)))?;
            let files = files_of_zip(&mut archive).map_err(failed)?;
            (Root::Zip(Box::new(archive)), files)
        };
        enter_only_folder(&mut files);
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Source { path: path.to_owned(), root, files })
    }

    /// All files, by name.
    pub fn files(&self) -> &[ExportFile] {
        &self.files
    }

    /// The number of the file of that name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.files.binary_search_by(|file| file.name.as_str().cmp(name)).ok()
    }

    /// What a person is told to find the file.
    pub fn label(&self, file: usize) -> String {
        format!("{}/{}", self.path.display(), self.files[file].name)
    }

    /// Reads a file whole into `bytes`, which it empties first.
    pub fn read(&mut self, file: usize, bytes: &mut Vec<u8>) -> Result<(), ExportError> {
        bytes.clear();
        let outcome = match (&mut self.root, &self.files[file].at) {
            (Root::Zip(archive), At::Index(index)) => match archive.by_index(*index) {
                Ok(entry) => entry.take(FILE_LIMIT_BYTES + 1).read_to_end(bytes),
                Err(error) => Err(io::Error::other(error)),
            },
            (_, At::Path(path)) => {
                File::open(path).and_then(|open| open.take(FILE_LIMIT_BYTES + 1).read_to_end(bytes))
            }
            (Root::Folder, At::Index(_)) => unreachable!("files_of_folder gives paths only"),
        };
        match outcome {
            Err(why) => Err(ExportError::Open { path: self.label(file), why }),
            Ok(read) if read as u64 > FILE_LIMIT_BYTES => {
                Err(ExportError::TooLarge { file: self.label(file), limit_bytes: FILE_LIMIT_BYTES })
            }
            Ok(_) => Ok(()),
        }
    }
}

fn no_zip(error: &ZipError) -> io::Error {
    io::Error::other(format!("it is neither a folder nor a whole zip ({error})"))
}

/// The JSON files in the folder and in the folders directly in it.
fn files_of_folder(folder: &Path) -> io::Result<Vec<ExportFile>> {
    let mut files = Vec::new();
    list_folder(folder, "", 2, &mut files)?;
    Ok(files)
}

fn list_folder(folder: &Path, prefix: &str, deeper: u8, files: &mut Vec<ExportFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let about = fs::metadata(entry.path())?;
        if about.is_dir() && deeper > 0 {
            list_folder(&entry.path(), &format!("{name}/"), deeper - 1, files)?;
        } else if about.is_file() && is_json(&name) {
            files.push(ExportFile { name, bytes: about.len(), at: At::Path(entry.path()) });
        }
    }
    Ok(())
}

/// The JSON files of the archive, by its own index; a name twice counts once, as unzipping would have it.
fn files_of_zip(archive: &mut ZipArchive<BufReader<File>>) -> io::Result<Vec<ExportFile>> {
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(io::Error::other)?;
        let name = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
        if entry.is_file() && is_json(&name) && !name.starts_with("__MACOSX/") {
            files.push(ExportFile { name, bytes: entry.size(), at: At::Index(index) });
        }
    }
    Ok(files)
}

fn is_json(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.ends_with(".json") && !file.starts_with('.')
}

/// Where all lies in one folder, as an archive made by hand has it, that folder is the export.
fn enter_only_folder(files: &mut Vec<ExportFile>) {
    let list = ["users.json", "channels.json"];
    if files.iter().any(|file| list.contains(&file.name.as_str())) {
        return;
    }
    let found = files.iter().find_map(|file| {
        let (folder, name) = file.name.split_once('/')?;
        list.contains(&name).then(|| format!("{folder}/"))
    });
    if let Some(prefix) = found {
        files.retain_mut(|file| match file.name.strip_prefix(&prefix) {
            Some(inner) => {
                file.name = inner.to_owned();
                true
            }
            None => false,
        });
    }
}
