//! The real program against the stand-in: what happens in Slack reaches it once, and what it says stands there once.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::playing::house::free_port;
use crate::standin::control::BOUND;
use crate::standin::deliveries::Fate;
use crate::standin::faults::Fault;
use crate::standin::state::{APP_TOKEN, BOT_TOKEN, SIGNING_SECRET};
use crate::standin::workspace::Message;
use crate::standin::{Settings, Standin};

pub const CHANNEL: &str = "C0GENERAL";
const DATABASE: &str = "usher.db";

const RUNBOOK: &str = r##"
[team]
name = "Acme"
timezone = "Europe/Lisbon"
office-hours = "mon-sun 00:00-24:00"
admins = ["ana"]

[notices]
per-person-per-day = 100

[people]
ana = { slack = "U0ANA" }
ben = { slack = "U0BEN" }
chi = { slack = "U0CHI" }

[groups]
leads = ["ben"]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "2h"
escalate = [{ after = "0m", tell = "leads", by = "thread" }]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "1 workday"

[channels.general]
urgency = "normal"
responders = "leads"
usher = "speak"
"##;

/// A running Usher with its files. Dropped, it is killed.
pub struct Usher {
    folder: tempfile::TempDir,
    settings: String,
    runbook: String,
    /// Where Slack calls it, if it does.
    port: Option<u16>,
    process: Option<Child>,
}

/// Has Slack call whoever will listen at `port`; it may take a moment until somebody does.
pub async fn be_called_at(standin: &Standin, port: u16) {
    let url = |path: &str| format!("http://127.0.0.1:{port}/slack/{path}");
    let called = async {
        while standin.use_http(&url("events"), &url("interactions"), &url("commands")).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, called).await.expect("it listens");
}

impl Usher {
    /// Over sockets.
    pub fn over_sockets(standin: &Standin) -> Usher {
        Usher::keeping(standin, RUNBOOK, None)
    }

    /// Over signed HTTP, at that port, where Slack has found it.
    pub async fn over_http(standin: &Standin) -> (Usher, u16) {
        let port = free_port();
        let usher = Usher::keeping(standin, RUNBOOK, Some(port));
        usher.wait_until_reached(standin).await;
        (usher, port)
    }

    /// With another runbook, over HTTP if there is a port for it.
    pub fn keeping(standin: &Standin, runbook: &str, port: Option<u16>) -> Usher {
        let connection = match port {
            Some(_) => format!("signing_secret = \"{SIGNING_SECRET}\""),
            None => format!("app_token = \"{APP_TOKEN}\""),
        };
        let listen = format!("127.0.0.1:{}", port.unwrap_or_default());
        let mut usher = Usher::with_runbook(standin, runbook, &connection, &listen);
        usher.port = port;
        usher
    }

    /// Connected as `connection` says.
    pub fn with(standin: &Standin, connection: &str, listen: &str) -> Usher {
        Usher::with_runbook(standin, RUNBOOK, connection, listen)
    }

    /// The same, with another runbook.
    pub fn with_runbook(standin: &Standin, runbook: &str, connection: &str, listen: &str) -> Usher {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join(DATABASE);
        let settings = format!(
            "database_url = \"sqlite:{}\"\nlisten = \"{listen}\"\n[slack]\nbot_token = \"{BOT_TOKEN}\"\n{connection}\napi_url = \"{}\"\n",
            database.display(),
            standin.api_url()
        );
        let mut usher = Usher { folder, settings, runbook: runbook.to_owned(), port: None, process: None };
        usher.start();
        usher
    }

    /// Where it keeps what it knows.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join(DATABASE)
    }

    /// Waits until Slack reaches it.
    pub async fn wait_until_reached(&self, standin: &Standin) {
        match self.port {
            None => standin.wait_for_sockets(1).await,
            Some(port) => be_called_at(standin, port).await,
        }
    }

    /// Starts it, once more.
    pub fn start(&mut self) {
        let file = |name: &str, text: &str| -> PathBuf {
            let path = self.folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            path
        };
        let (settings, runbook) =
            (file("settings.toml", &self.settings), file("runbook.toml", &self.runbook));
        let process = Command::new(env!("CARGO_BIN_EXE_usher"))
            .args(["run", "--settings"])
            .arg(settings)
            .arg("--runbook")
            .arg(runbook)
            .stdin(Stdio::null())
            .stderr(fs::File::create(self.folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        self.process = Some(process);
    }

    /// What it told its operator.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Kills it as the system does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Waits until it ends by itself; its exit code.
    pub async fn ended(&mut self) -> Option<i32> {
        let mut process = self.process.take().unwrap();
        let id = process.id().to_string();
        let ended = tokio::task::spawn_blocking(move || process.wait().unwrap().code());
        let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
        ended
            .unwrap_or_else(|_| {
                Command::new("kill").args(["-9", &id]).status().unwrap();
                panic!("it does not end");
            })
            .unwrap()
    }

    /// Asks it to end, and waits until it has; whether it ended well.
    pub fn end(&mut self) -> bool {
        let mut process = self.process.take().unwrap();
        let asked = Command::new("kill").arg(process.id().to_string()).status().unwrap();
        assert!(asked.success());
        process.wait().unwrap().success()
    }
}

impl Drop for Usher {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A workspace in which Usher is in the channel, and may do what its manifest asks for.
pub async fn workspace() -> Standin {
    workspace_with(Settings::default()).await
}

/// The same in a Slack that is set so.
pub async fn workspace_with(settings: Settings) -> Standin {
    let standin = Standin::start_with(settings).await;
    crate::manifest::grant(&standin);
    // It joined long ago: before it listens there is nothing to tell that could be given up.
    let events = standin.shared.change(|state| std::mem::take(&mut state.app.events));
    standin.invite_bot(CHANNEL, "U0ANA");
    standin.shared.change(|state| state.app.events = events);
    standin
}

/// What Usher said in the channel with these words in it.
fn said(standin: &Standin, words: &str) -> Vec<Message> {
    let messages = standin.messages(CHANNEL).into_iter();
    messages.filter(|message| message.by_app && message.text.contains(words)).collect()
}

/// Waits until Slack has told everything; it gave nothing up.
pub async fn all_is_acknowledged(standin: &Standin) {
    standin.wait_until_settled().await;
    let lost = standin.deliveries().into_iter().filter(|delivery| delivery.fate == Fate::Lost);
    let lost: Vec<_> = lost.map(|delivery| (delivery.failures, delivery.payload)).collect();
    assert_eq!(lost, [], "Slack gave nothing up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_told_in_its_thread_and_taken_by_a_button() {
    let standin = workspace().await;
    let mut usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let asked = standin.post("U0ANA", CHANNEL, "!blocking Can somebody look at the failing deploy?");
    let told = standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    assert_eq!(told.thread_ts.as_deref(), Some(asked.as_str()), "in the thread of the question");
    standin.press("U0BEN", CHANNEL, &told.ts, "usher:take");
    standin
        .wait_for("the message to say who took it", |state| {
            let message = state.channels.get(CHANNEL)?.messages.get(&told.ts)?;
            (message.text != told.text).then_some(())
        })
        .await;
    all_is_acknowledged(&standin).await;
    assert!(usher.end(), "it ends well when it is asked to");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_answered_to_the_one_who_gave_it() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.command("U0ANA", CHANNEL, "/usher", "help");
    standin.wait_for_ephemeral("U0ANA", "who").await;
    let asked = standin.post("U0ANA", CHANNEL, "<@U0USHER> who @ben");
    standin.wait_for_ephemeral("U0ANA", "Ben").await;
    assert!(
        standin.messages(CHANNEL).iter().all(|message| message.ts <= asked || !message.by_app),
        "and to nobody else"
    );
    all_is_acknowledged(&standin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_of_usher_alone_is_answered_by_a_message_that_stays() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let direct = standin.direct("U0ANA");
    // The answer is lost on its way back: it is looked for, and found.
    standin.arm(Some("chat.postMessage"), Fault::AnswerLost, 1);
    standin.post("U0ANA", &direct, "owe");
    standin.command("U0ANA", &direct, "/usher", "who @ben");
    standin.wait_for_message(&direct, "You owe no answers").await;
    standin.wait_for_message(&direct, "Ben").await;
    all_is_acknowledged(&standin).await;
    assert_eq!(standin.messages(&direct).iter().filter(|message| message.by_app).count(), 2);
    assert!(standin.ephemerals("U0ANA").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_of_slacks_that_is_lost_makes_no_second_message() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.arm(Some("chat.postMessage"), Fault::AnswerLost, 1);
    standin.post("U0ANA", CHANNEL, "!blocking Can somebody look at the failing deploy?");
    standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    // It looks for what it may have said, and finds it.
    standin
        .wait_for("the message to be looked for", |state| {
            let asked = |request: &&crate::standin::state::Request| {
                request.method == "conversations.replies" || request.method == "conversations.history"
            };
            let lost = state.requests.iter().position(|request| request.method == "chat.postMessage")?;
            state.requests[lost..].iter().find(asked).map(drop)
        })
        .await;
    all_is_acknowledged(&standin).await;
    assert_eq!(said(&standin, "<@U0BEN>").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_while_it_was_dead_is_read_when_it_is_back() {
    let standin = workspace().await;
    let mut usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.command("U0ANA", CHANNEL, "/usher", "help");
    standin.wait_for_ephemeral("U0ANA", "who").await;
    usher.kill();
    standin.wait_for_sockets(0).await;
    let asked = standin.post("U0CHI", CHANNEL, "!blocking Can somebody look at the failing deploy?");
    usher.start();
    let told = standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    assert_eq!(told.thread_ts.as_deref(), Some(asked.as_str()));
    standin.wait_until_settled().await;
    assert_eq!(said(&standin, "<@U0BEN>").len(), 1, "once, though it comes twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slack_calls_it_over_signed_http() {
    let standin = workspace().await;
    let (_usher, _) = Usher::over_http(&standin).await;
    standin.post("U0ANA", CHANNEL, "!blocking Can somebody look at the failing deploy?");
    let told = standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    standin.press("U0BEN", CHANNEL, &told.ts, "usher:take");
    standin.command("U0ANA", CHANNEL, "/usher", "help");
    standin.wait_for_ephemeral("U0ANA", "who").await;
    standin.message_shortcut("U0BEN", CHANNEL, &told.ts, "usher_more");
    let form = standin.wait_for_view("U0BEN").await;
    standin.submit(&form, &serde_json::json!({"verb": {"verb": {"selected_option": {"value": "outcome"}}}}));
    standin
        .wait_for("the next form in its place", |state| {
            (state.views[&form.id].content["callback_id"] == "usher_outcome").then_some(())
        })
        .await;
    all_is_acknowledged(&standin).await;
}
