//! A real Synapse, started by `scripts/synapse.sh`. It ends, and its files go, when this process does.

use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;

use super::people::Account;

/// The one that most tests share: each has users and rooms of its own there.
static SHARED: LazyLock<Homeserver> = LazyLock::new(Homeserver::start);

/// A running homeserver.
#[derive(Debug)]
pub struct Homeserver {
    /// Where it is, without a slash at the end.
    pub url: String,
    /// What the ids of its users end with.
    pub name: String,
    /// With this anybody may make users.
    pub secret: String,
    folder: PathBuf,
    /// While this is open it lives.
    _tie: ChildStdin,
}

/// What the script says of it.
#[derive(Deserialize)]
struct Reached {
    url: String,
    server_name: String,
    secret: String,
}

fn script() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/synapse.sh"))
}

impl Homeserver {
    /// The shared one.
    pub fn shared() -> &'static Homeserver {
        &SHARED
    }

    /// One of one's own, to pause and kill.
    pub fn start() -> Homeserver {
        Homeserver::start_with(None)
    }

    /// One of one's own, with more of Synapse's settings in YAML.
    pub fn start_with(settings: Option<&str>) -> Homeserver {
        // Its database waits for the disk at every message, and nothing that is tested here does.
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::Builder::new().prefix("usher-synapse-").tempdir_in(parent).unwrap().keep();
        let mut up = script();
        up.args(["up", "--tied"]);
        if let Some(settings) = settings {
            let file = folder.join("more.yaml");
            std::fs::write(&file, settings).unwrap();
            up.arg("--settings").arg(file);
        }
        up.arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = up.spawn().unwrap();
        let tie = process.stdin.take().unwrap();
        let ended = process.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        let Reached { url, server_name, secret } = serde_json::from_slice(&ended.stdout).unwrap();
        Homeserver { url, name: server_name, secret, folder, _tie: tie }
    }

    /// What makes the names of one test's users others than those of any other test.
    pub fn suffix() -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// The id of the user of that name.
    pub fn user(&self, name: &str) -> String {
        format!("@{name}:{}", self.name)
    }

    /// Joins a room with the first session of an account.
    pub async fn join_as(&self, account: &Account, room: &str) {
        self.ask_as(account, &format!("join/{}", room.replace('!', "%21"))).await;
    }

    /// Ends the first session of an account.
    pub async fn log_out(&self, account: &Account) {
        self.ask_as(account, "logout").await;
    }

    async fn ask_as(&self, account: &Account, path: &str) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/_matrix/client/v3/{path}", self.url);
        let asked = client.post(url).bearer_auth(&account.token).body("{}").send().await.unwrap();
        assert!(asked.status().is_success(), "{path}: {}", asked.text().await.unwrap());
    }

    /// Ends it as a crash does; what it has stored stays.
    pub async fn kill(&self) {
        self.run("kill").await;
    }

    /// Starts it again, at the same address.
    pub async fn start_again(&self) {
        self.run("up").await;
    }

    /// Has it hang, until it is resumed.
    pub async fn pause(&self) {
        self.run("pause").await;
    }

    /// Has it go on.
    pub async fn resume(&self) {
        self.run("resume").await;
    }

    async fn run(&self, command: &str) {
        let mut run = tokio::process::Command::from(script());
        let ended = run.arg(command).arg(&self.folder).output().await.unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
}
