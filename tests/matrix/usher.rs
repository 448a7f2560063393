//! The real program on the real homeserver: a room in which people talk, and Usher in it, behind a proxy.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use crate::BOUND;
use crate::homeserver::Homeserver;
use crate::people::{Account, Keys, Message, NewRoom, Person, Say};
use crate::proxy::{Proxy, State};

/// What everybody reads of a question that is told.
pub const TOLD: &str = "is waiting for an answer here";
/// What Usher's account is called on the homeserver, but for the suffix.
const USHER: &str = "usher";

/// A running Usher with its files. Dropped, it is killed.
pub struct Usher {
    folder: tempfile::TempDir,
    settings: String,
    runbook: String,
    process: Option<Child>,
}

impl Usher {
    /// One that signs in to an account with its password.
    pub fn new(homeserver: &str, account: &Account, runbook: String) -> Usher {
        let login = format!("user = \"{}\"\npassword = \"{}\"", account.user, account.password);
        Usher::with(homeserver, &login, runbook)
    }

    /// One that signs in so.
    pub fn with(homeserver: &str, login: &str, runbook: String) -> Usher {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("usher.db");
        let settings = format!(
            "database_url = \"sqlite:{}\"\nlisten = \"127.0.0.1:0\"\n[matrix]\nhomeserver = \"{homeserver}\"\n{login}\n",
            database.display(),
        );
        Usher { folder, settings, runbook, process: None }
    }

    /// The folder of its session.
    pub fn session(&self) -> PathBuf {
        self.folder.path().join("usher.db.matrix")
    }

    /// Has its settings say something else.
    pub fn set(&mut self, from: &str, to: &str) {
        assert!(self.settings.contains(from), "{}", self.settings);
        self.settings = self.settings.replace(from, to);
    }

    /// Starts it, once more.
    pub fn start(&mut self) {
        self.process = Some(self.run("log"));
    }

    /// Starts another on the same files, which tells its operator elsewhere.
    pub fn start_another(&self) -> Child {
        self.run("other-log")
    }

    fn run(&self, log: &str) -> Child {
        let file = |name: &str, text: &str| -> PathBuf {
            let path = self.folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            path
        };
        let (settings, runbook) =
            (file("settings.toml", &self.settings), file("runbook.toml", &self.runbook));
        Command::new(env!("CARGO_BIN_EXE_usher"))
            .args(["run", "--settings"])
            .arg(settings)
            .arg("--runbook")
            .arg(runbook)
            .stdin(Stdio::null())
            .stderr(fs::File::options().create(true).append(true).open(self.folder.path().join(log)).unwrap())
            .spawn()
            .unwrap()
    }

    /// What it has told its operator.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// What another one told.
    pub fn other_log(&self) -> String {
        fs::read_to_string(self.folder.path().join("other-log")).unwrap()
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
        let process = self.process.take().unwrap();
        end_of(process).await
    }

    /// Asks it to end, and waits until it has; whether it ended well.
    pub async fn end(&mut self) -> bool {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        self.ended().await == Some(0)
    }
}

impl Drop for Usher {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.log());
        }
        self.kill();
    }
}

/// Waits until a process ends by itself; its exit code.
pub async fn end_of(mut process: Child) -> Option<i32> {
    let id = process.id().to_string();
    let ended = tokio::task::spawn_blocking(move || process.wait().unwrap().code());
    let ended = timeout(BOUND, ended).await;
    ended
        .unwrap_or_else(|_| {
            Command::new("kill").args(["-9", &id]).status().unwrap();
            panic!("it does not end");
        })
        .unwrap()
}

/// A room with people, and Usher in it.
pub struct Scene {
    pub server: &'static Homeserver,
    pub suffix: String,
    pub proxy: Proxy,
    pub account: Account,
    /// An admin, who asks.
    pub ana: Person,
    /// Who owes the answers.
    pub ben: Person,
    /// Somebody who is not in the runbook.
    pub kim: Person,
    /// The room of all; encrypted.
    pub room: String,
    pub usher: Usher,
    /// How many requests Usher had made when it was started last.
    before: usize,
}

impl Scene {
    /// One on the homeserver of most tests, in which Usher listens.
    pub async fn begin() -> Scene {
        Scene::begin_at(Homeserver::shared()).await
    }

    /// One on that homeserver.
    pub async fn begin_at(server: &'static Homeserver) -> Scene {
        let mut scene = Scene::prepare_at(server).await;
        scene.start().await;
        scene
    }

    /// One in which Usher has not been started yet.
    pub async fn prepare_at(server: &'static Homeserver) -> Scene {
        let suffix = Homeserver::suffix();
        let proxy = Proxy::start(&server.url).await;
        let account = Account::make(server, &format!("{USHER}-{suffix}"), "Usher").await;
        let names = ["ana", "ben", "kim"];
        let people = join_all(names.map(|name| Person::arrive(server, name, &suffix, Keys::Some))).await;
        let [ana, ben, kim] = people.try_into().unwrap();
        let invite = [ben.user.as_str(), &kim.user, &account.user];
        let room = NewRoom { name: Some("support"), encrypted: true, invite: &invite, ..NewRoom::default() };
        let room = ana.create(room).await;
        join_all([&ben, &kim].map(|person| person.join(&room))).await;
        server.join_as(&account, &room).await;
        // Usher signs in by itself.
        server.log_out(&account).await;
        let usher = Usher::new(&proxy.url(), &account, runbook(&ana, &ben, &room));
        Scene { server, suffix, proxy, account, ana, ben, kim, room, usher, before: 0 }
    }

    /// Starts Usher, and waits until it listens.
    pub async fn start(&mut self) {
        self.start_only();
        self.wait_until_listening().await;
    }

    /// Starts Usher.
    pub fn start_only(&mut self) {
        self.before = self.proxy.read(|state| state.requests.len());
        self.usher.start();
    }

    /// Waits until Usher has taken what was there when it was started.
    pub async fn wait_until_listening(&self) {
        let syncs = |state: &State| {
            state.requests[self.before..].iter().filter(|request| is_sync(&request.path)).count()
        };
        self.proxy.wait_for("Usher to listen", |state| (syncs(state) >= 2).then_some(())).await;
    }

    /// Waits until Usher has taken an event.
    pub async fn wait_until_taken(&self, event: &str) {
        self.proxy.wait_until_taken(&BTreeSet::from([event.to_owned()])).await;
    }

    /// Ana asks something that Usher tells at once.
    pub async fn ask(&self, about: &str) -> String {
        self.ana.write(&self.room, &format!("!blocking Can somebody look at {about}?")).await
    }

    /// Ana asks in a thread of its own: what one person asks in a row in a room is one matter. The root of the thread.
    pub async fn ask_apart(&self, about: &str) -> String {
        let root = self.ben.write(&self.room, &format!("This is about {about}.")).await;
        self.reply(&self.ana, &root, &format!("!blocking Can somebody look at {about}?")).await;
        root
    }

    /// Ben answers.
    pub async fn answer(&self, question: &str) -> String {
        self.reply(&self.ben, question, "It was the token, I have renewed it.").await
    }

    /// Somebody writes in a thread.
    pub async fn reply(&self, person: &Person, root: &str, text: &str) -> String {
        person.say(&self.room, Say { text, thread: Some(root), ..Say::default() }).await
    }

    /// What Usher has said so far in the room, as ben sees it.
    pub async fn said(&self) -> Vec<Message> {
        let messages = self.ben.read(&self.room, None).await;
        messages.into_iter().filter(|message| message.sender == self.account.user).collect()
    }

    /// What Usher says in the thread of a question, once it has these words.
    pub async fn wait_for(&self, question: &str, words: &str) -> Message {
        let messages = self.ben.read_thread(&self.room, question, words).await;
        let is_it = |message: &Message| self.is_about(message, question) && message.text.contains(words);
        messages.into_iter().find(is_it).unwrap_or_else(|| panic!("Usher says “{words}” about {question}"))
    }

    fn is_about(&self, message: &Message, question: &str) -> bool {
        message.sender == self.account.user && message.thread.as_deref() == Some(question)
    }

    /// What Usher has said in the thread of a question.
    pub async fn said_about(&self, question: &str) -> Vec<Message> {
        let said = self.said().await.into_iter();
        said.filter(|message| self.is_about(message, question)).collect()
    }

    /// The room in which Usher speaks to somebody alone, once it asks them in.
    pub async fn direct_of(&self, person: &Person) -> String {
        person.accept(&self.account.user).await
    }

    /// What Usher said to somebody alone, once one of it has these words.
    pub async fn told_alone(&self, person: &Person, room: &str, words: &str) -> Vec<Message> {
        let messages = person.read(room, Some(words)).await;
        messages.into_iter().filter(|message| message.sender == self.account.user).collect()
    }

    /// How many requests Usher has made whose path contains that.
    pub fn requests(&self, part: &str) -> usize {
        self.proxy.read(|state| state.requests.iter().filter(|request| request.path.contains(part)).count())
    }

    /// Waits for what must not happen, as long as it would take.
    pub async fn let_pass(&self, time: Duration) {
        let _ = timeout(time, std::future::pending::<()>()).await;
    }
}

/// Whether a request is for what is new.
pub fn is_sync(path: &str) -> bool {
    path.starts_with("v3/sync")
}

/// Ben owes the answers in the room.
pub fn runbook(ana: &Person, ben: &Person, room: &str) -> String {
    format!(
        r##"
[team]
name = "Acme"
timezone = "Europe/Lisbon"
office-hours = "mon-sun 00:00-24:00"
admins = ["ana"]

[notices]
per-person-per-day = 100

[people]
ana = {{ matrix = "{}" }}
ben = {{ matrix = "{}" }}

[groups]
leads = ["ben"]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "2h"
escalate = [{{ after = "0m", tell = "leads", by = "thread" }}]

[urgency.quick]
means = "Before the coffee is cold"
marks = ["!quick"]
respond-within = "5s"
escalate = [{{ after = "100%", tell = "leads", by = "thread" }}]

[urgency.soon]
means = "Before the tea is cold"
marks = ["!soon"]
respond-within = "25s"
escalate = [{{ after = "100%", tell = "leads", by = "thread" }}]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "1 workday"

[channels.support]
matrix = "{room}"
urgency = "normal"
responders = "leads"
usher = "speak"
"##,
        ana.user, ben.user
    )
}
