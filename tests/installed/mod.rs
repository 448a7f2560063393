//! Commands of the program that are run in a folder with settings of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with the settings of an installation.
pub struct Installed {
    pub folder: tempfile::TempDir,
}

impl Installed {
    /// An empty one.
    pub fn empty() -> Installed {
        Installed { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the settings.
    pub fn set(&self, text: &str) {
        self.write("usher.toml", text);
    }

    /// Writes a file that its owner alone may read.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Runs a command in the folder, while the test goes on.
    pub async fn run(&self, args: &[&str]) -> Output {
        let (folder, args) = (self.folder.path().to_owned(), args.join(" "));
        tokio::task::spawn_blocking(move || run(&folder, &args)).await.unwrap()
    }
}

fn run(folder: &Path, args: &str) -> Output {
    command(folder, args).output().unwrap()
}

/// The program with `args`, in a folder.
pub fn command(folder: &Path, args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
    command.current_dir(folder).args(args.split_whitespace());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("USHER_")) {
        command.env_remove(name);
    }
    command
}

/// What a command printed.
pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a command told beside it.
pub fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
