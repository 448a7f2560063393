//! The real program as a process of its own, and what it says of itself.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

const RUNBOOK: &str = include_str!("runbook.toml");

/// A running Usher. Dropped, it is killed.
pub struct Usher {
    /// Its process.
    pub process: Child,
    log: BufReader<ChildStderr>,
}

impl Usher {
    /// Starts it with its files in `folder`, connected to the Web API at `api_url` as `connection` says.
    pub fn start(folder: &Path, api_url: &str, connection: &str, listen: &str) -> io::Result<Usher> {
        let database = folder.join("usher.db");
        let settings = format!(
            "database_url = \"sqlite:{}\"\nlisten = \"{listen}\"\n[slack]\nbot_token = \"xoxb-stand-in\"\n\
             {connection}\napi_url = \"{api_url}\"\n",
            database.display(),
        );
        let (settings_file, runbook_file) = (folder.join("settings.toml"), folder.join("runbook.toml"));
        fs::write(&settings_file, settings)?;
        fs::set_permissions(&settings_file, fs::Permissions::from_mode(0o600))?;
        fs::write(&runbook_file, RUNBOOK)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
        command.args(["run", "--settings"]).arg(settings_file).arg("--runbook").arg(runbook_file);
        command.env("USHER_LOG", "warn,usher=info,sqlx=error");
        let mut process = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let log = process.stderr.take().ok_or_else(|| io::Error::other("it has no log"))?;
        Ok(Usher { process, log: BufReader::new(log) })
    }

    /// Reads its log until a line holds `words`.
    pub fn wait_for(&mut self, words: &str) -> io::Result<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.log.read_line(&mut line)? == 0 {
                return Err(io::Error::other(format!("Usher ended and never said `{words}`")));
            }
            if line.contains(words) {
                return Ok(line);
            }
            if line.contains("WARN") || line.contains("ERROR") || line.starts_with("error") {
                eprint!("{line}");
            }
        }
    }

    /// Waits until it has read what was missed: all that it does at a start is done then.
    pub fn is_up(&mut self) -> io::Result<()> {
        self.wait_for("what was missed has been read").map(drop)
    }

    /// Ends it, and waits; what it counted: events, and commits.
    pub fn end(mut self) -> io::Result<(f64, f64)> {
        let asked = Command::new("kill").arg(self.process.id().to_string()).status()?;
        if !asked.success() {
            return Err(io::Error::other("Usher had ended by itself"));
        }
        let line = self.wait_for("commits=")?;
        let ended = self.process.wait()?;
        if !ended.success() {
            return Err(io::Error::other(format!("Usher ended with {ended}")));
        }
        let count = |name: &str| {
            let found = line.split_whitespace().find_map(|word| word.strip_prefix(name));
            found.and_then(|count| count.parse().ok()).ok_or_else(|| io::Error::other(line.clone()))
        };
        Ok((count("events=")?, count("commits=")?))
    }
}

impl Drop for Usher {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
