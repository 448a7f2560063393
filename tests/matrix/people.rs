//! The people: all of a test binary are played by one process with another Matrix client, `scripts/matrix/people.py`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::homeserver::Homeserver;

static SHARED: LazyLock<Process> = LazyLock::new(Process::start);

/// The process. It ends with this one.
struct Process {
    input: Mutex<(u64, ChildStdin)>,
    waiting: Arc<Mutex<BTreeMap<u64, oneshot::Sender<Answer>>>>,
    _child: Child,
}

#[derive(Deserialize)]
struct Answer {
    id: u64,
    ok: Option<Value>,
    error: Option<Refusal>,
}

/// Why something could not be done.
#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    /// In words.
    pub why: String,
    /// The server's code, if it was the server that refused.
    pub code: Option<String>,
}

impl Process {
    fn start() -> Process {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/matrix-people.sh");
        let mut child = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = Mutex::new((0, child.stdin.take().unwrap()));
        let output = BufReader::new(child.stdout.take().unwrap());
        let waiting: Arc<Mutex<BTreeMap<u64, oneshot::Sender<Answer>>>> = Arc::default();
        let waiters = Arc::clone(&waiting);
        std::thread::spawn(move || {
            for line in output.lines() {
                let answer: Answer = serde_json::from_str(&line.unwrap()).unwrap();
                let waiter = waiters.lock().unwrap().remove(&answer.id);
                // Whoever asked may have gone.
                waiter.map(|waiter| waiter.send(answer));
            }
            // Whoever still waits learns that nobody answers.
            waiters.lock().unwrap().clear();
        });
        Process { input, waiting, _child: child }
    }

    async fn ask(&self, mut what: Map<String, Value>) -> Result<Value, Refusal> {
        let (sender, answer) = oneshot::channel();
        {
            let mut input = self.input.lock().unwrap();
            input.0 += 1;
            what.insert("id".to_owned(), input.0.into());
            self.waiting.lock().unwrap().insert(input.0, sender);
            writeln!(input.1, "{}", Value::Object(what)).unwrap();
        }
        let answer = answer.await.expect("the process of the people lives");
        match (answer.ok, answer.error) {
            (Some(ok), _) => Ok(ok),
            (None, error) => Err(error.expect("an answer or an error")),
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("{value} is no object") };
    map
}

/// An account without a person: Usher's.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// Its id.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The token of its first session.
    pub token: String,
    /// The device of its first session.
    pub device: String,
}

impl Account {
    /// Makes one.
    pub async fn make(server: &Homeserver, name: &str, shown: &str) -> Account {
        let asked = json!({"do": "account", "url": server.url, "secret": server.secret, "name": name, "shown": shown});
        serde_json::from_value(SHARED.ask(object(asked)).await.unwrap()).unwrap()
    }
}

/// Whether somebody's device has keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// It reads and writes encrypted rooms.
    Some,
    /// It cannot.
    None,
}

/// Somebody on a homeserver.
#[derive(Clone, Debug)]
pub struct Person {
    /// The id.
    pub user: String,
    /// The name that others read.
    pub name: String,
}

/// What somebody says, and how.
#[derive(Clone, Debug, Default)]
pub struct Say<'a> {
    /// What is typed.
    pub text: &'a str,
    /// Instead of `text`: `notice` or `emote`.
    pub kind: Option<&'a str>,
    /// The same in HTML.
    pub html: Option<&'a str>,
    /// What stands in `text` for whom.
    pub mentions: &'a [(String, Person)],
    /// The first message of the thread.
    pub thread: Option<&'a str>,
    /// The message to which it is a reply.
    pub reply_to: Option<&'a str>,
    /// The message whose words it replaces.
    pub edits: Option<&'a str>,
}

/// An event, as somebody sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct Seen {
    pub event_id: String,
    pub sender: String,
    /// When the server got it, in ms.
    pub ts: i64,
    #[serde(rename = "type")]
    pub kind: String,
    pub content: Value,
    /// What it removes.
    pub redacts: Option<String>,
    pub encrypted: bool,
    pub readable: bool,
}

/// A message as it stands: with its last words.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    pub event_id: String,
    pub sender: String,
    /// `text`, `notice`, `emote`, …
    pub kind: String,
    pub text: String,
    pub html: Option<String>,
    pub content: Value,
    pub thread: Option<String>,
    pub reply_to: Option<String>,
    pub edited: bool,
    pub encrypted: bool,
    pub readable: bool,
    pub reactions: Vec<Reaction>,
}

/// A reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reaction {
    pub key: String,
    pub sender: String,
}

/// A room that somebody makes.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRoom<'a> {
    pub name: Option<&'a str>,
    /// The part of an alias before the server's name.
    pub alias: Option<&'a str>,
    pub encrypted: bool,
    /// Between two alone.
    pub direct: bool,
    /// Anybody may join.
    pub public: bool,
    pub invite: &'a [&'a str],
    /// The version of rooms; that which the server likes best otherwise.
    pub version: Option<&'a str>,
}

impl Person {
    /// Somebody new, who is called `name` and whose id has the suffix as well.
    pub async fn arrive(server: &Homeserver, name: &str, suffix: &str, keys: Keys) -> Person {
        let user_name = format!("{name}-{suffix}");
        let asked = json!({
            "do": "arrive", "url": server.url, "secret": server.secret, "name": user_name, "shown": name,
            "who": server.user(&user_name), "encrypts": keys == Keys::Some,
        });
        SHARED.ask(object(asked)).await.unwrap();
        Person { user: server.user(&user_name), name: name.to_owned() }
    }

    /// Has this person do something that need not succeed.
    pub async fn try_to(&self, what: &str, how: Value) -> Result<Value, Refusal> {
        let mut asked = object(how);
        asked.insert("do".to_owned(), what.into());
        asked.insert("who".to_owned(), self.user.clone().into());
        SHARED.ask(asked).await
    }

    /// Has this person do something, and takes a field of what comes of it.
    async fn field<T: DeserializeOwned>(&self, what: &str, how: Value, field: &str) -> T {
        let done = self.try_to(what, how.clone()).await;
        let mut done = done.unwrap_or_else(|refusal| panic!("{what} {how}: {refusal:?}"));
        serde_json::from_value(done[field].take()).unwrap()
    }

    async fn does(&self, what: &str, how: Value) {
        let done = self.try_to(what, how.clone()).await;
        done.unwrap_or_else(|refusal| panic!("{what} {how}: {refusal:?}"));
    }

    /// Makes a room; its id.
    pub async fn create(&self, room: NewRoom<'_>) -> String {
        let NewRoom { name, alias, encrypted, direct, public, invite, version } = room;
        let how = json!({
            "name": name, "alias": alias, "encrypted": encrypted, "direct": direct, "public": public,
            "invite": invite, "version": version,
        });
        self.field("create", how, "room").await
    }

    pub async fn invite(&self, room: &str, user: &str) {
        self.does("invite", json!({"room": room, "user": user})).await;
    }

    /// Joins a room by its id or alias.
    pub async fn join(&self, room: &str) {
        self.does("join", json!({"room": room})).await;
    }

    /// Waits until `by` invites, and joins; the room.
    pub async fn accept(&self, by: &str) -> String {
        self.field("accept", json!({"by": by}), "room").await
    }

    /// Who has invited this person and waits for an answer, by room.
    pub async fn invitations(&self) -> BTreeMap<String, String> {
        self.field("invitations", json!({}), "invitations").await
    }

    pub async fn leave(&self, room: &str) {
        self.does("leave", json!({"room": room})).await;
    }

    pub async fn kick(&self, room: &str, user: &str) {
        self.does("kick", json!({"room": room, "user": user})).await;
    }

    /// Who is in a room.
    pub async fn members(&self, room: &str) -> Vec<String> {
        self.field("members", json!({"room": room}), "members").await
    }

    /// Upgrades a room; the new one.
    pub async fn upgrade(&self, room: &str, version: &str) -> String {
        self.field("upgrade", json!({"room": room, "version": version}), "room").await
    }

    pub async fn state(&self, room: &str, kind: &str, key: &str, content: Value) -> String {
        self.field("state", json!({"room": room, "type": kind, "key": key, "content": content}), "event")
            .await
    }

    /// Says in which zone this person lives.
    pub async fn set_zone(&self, zone: chrono_tz::Tz) {
        self.does("zone", json!({"zone": zone.name()})).await;
    }

    /// Writes a message; its id.
    pub async fn write(&self, room: &str, text: &str) -> String {
        self.say(room, Say { text, ..Say::default() }).await
    }

    pub async fn say(&self, room: &str, say: Say<'_>) -> String {
        let Say { text, kind, html, mentions, thread, reply_to, edits } = say;
        let mentions: BTreeMap<&str, Value> = mentions
            .iter()
            .map(|(typed, person)| (typed.as_str(), json!({"user": person.user, "name": person.name})))
            .collect();
        let how = json!({
            "room": room, "text": text, "kind": kind.unwrap_or("text"), "html": html, "mentions": mentions,
            "thread": thread, "reply_to": reply_to, "edits": edits,
        });
        self.field("send", how, "event").await
    }

    /// Writes many messages, one after the other; their ids.
    pub async fn write_all(&self, room: &str, texts: &[String]) -> Vec<String> {
        self.field("send_many", json!({"room": room, "texts": texts}), "events").await
    }

    /// Sends any event.
    pub async fn send(&self, room: &str, kind: &str, content: Value) -> String {
        self.field("event", json!({"room": room, "type": kind, "content": content}), "event").await
    }

    pub async fn react(&self, room: &str, event: &str, key: &str) -> String {
        self.field("react", json!({"room": room, "event": event, "key": key}), "event").await
    }

    pub async fn take_back(&self, room: &str, event: &str, key: &str) -> String {
        self.field("unreact", json!({"room": room, "event": event, "key": key}), "event").await
    }

    pub async fn remove(&self, room: &str, event: &str) -> String {
        self.field("redact", json!({"room": room, "event": event}), "event").await
    }

    /// Gives `user` no keys in a room from now on.
    pub async fn withhold_keys(&self, room: &str, user: &str) {
        self.does("withhold", json!({"room": room, "user": user})).await;
    }

    /// Gives `user` the key that was withheld.
    pub async fn share_keys(&self, room: &str, user: &str) {
        self.does("share", json!({"room": room, "user": user})).await;
    }

    /// The events of a room as they came; waits until `event` is among them and can be read.
    pub async fn look(&self, room: &str, event: Option<&str>) -> Vec<Seen> {
        self.look_from(room, 0, event).await
    }

    /// The same, without the `first` of them.
    pub async fn look_from(&self, room: &str, first: usize, event: Option<&str>) -> Vec<Seen> {
        self.field("look", json!({"room": room, "first": first, "until": event}), "events").await
    }

    /// One event, once it can be read.
    pub async fn look_at(&self, room: &str, event: &str) -> Seen {
        let seen = self.look(room, Some(event)).await;
        seen.into_iter().find(|it| it.event_id == event).unwrap()
    }

    /// The messages of a room as they stand; waits until one of them has `words`.
    pub async fn read(&self, room: &str, words: Option<&str>) -> Vec<Message> {
        self.field("read", json!({"room": room, "until": words}), "messages").await
    }

    /// The same; waits until one of a thread has `words`.
    pub async fn read_thread(&self, room: &str, root: &str, words: &str) -> Vec<Message> {
        self.field("read", json!({"room": room, "thread": root, "until": words}), "messages").await
    }

    /// Is not seen again.
    pub async fn go(&self) {
        self.does("go", json!({})).await;
    }
}
