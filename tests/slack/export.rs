//! A whole history through the stand-in at full speed, some of it twice, the bot killed on the way: what was
//! acknowledged had been committed, and in the end every message is in the database once.
//!
//! `USHER_EXPORT` names a Slack export (a zip); without it a history of `USHER_MESSAGES` is made up. `USHER_FIGURES` names
//! a file for how fast it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use sqlx::{Connection, SqliteConnection};
use usher::clock;

use crate::standin::acts::Draft;
use crate::standin::deliveries::{Delivery, Fate};
use crate::standin::state::{APP_TOKEN, BOT_USER, SIGNING_SECRET, State, TEAM};
use crate::standin::{Channel, Kind, Settings, Standin, User};
use crate::usher::Usher;

/// How many messages are made up, unless it is said.
const MADE_UP: usize = 2_000;
/// So many messages are on their way to being acknowledged at once.
const WINDOW: usize = 512;
/// One of so many messages is delivered twice.
const TWICE: usize = 20;
/// How often the bot is killed in each way in: in a short history, and in a longer one.
const KILLS: (usize, usize) = (2, 10);
/// In so many messages each time.
const A_KILL: usize = 400;
/// How long all may take that is on its way.
const BOUND: Duration = Duration::from_secs(120);

/// Years of talk come in a minute: the silence that ends a run of it is shorter in proportion.
const RUNBOOK: &str = r#"
[team]
name = "History"
timezone = "Europe/Lisbon"
office-hours = "mon-fri 09:00-17:00"

[threads]
main-line-gap = "1s"

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "4h"
escalate = [{ after = "80%", tell = "responders", by = "thread" }]

[channels."*"]
urgency = "normal"
usher = "speak"
"#;

/// A message of an export.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    subtype: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    text: String,
    ts: String,
    #[serde(default)]
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    name: String,
}

/// What was said once, in the order of its time.
struct History {
    users: Vec<Named>,
    channels: Vec<Named>,
    /// With the number of the channel.
    lines: Vec<(usize, Line)>,
}

impl History {
    fn of_export(path: &Path) -> History {
        let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
        let users = serde_json::from_reader(zip.by_name("users.json").unwrap()).unwrap();
        let channels: Vec<Named> = serde_json::from_reader(zip.by_name("channels.json").unwrap()).unwrap();
        let folders: BTreeMap<&str, usize> =
            channels.iter().enumerate().map(|(number, channel)| (channel.name.as_str(), number)).collect();
        let days: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        let mut lines = Vec::new();
        for day in days.iter().filter(|name| name.ends_with(".json")) {
            let Some(&channel) = day.split_once('/').and_then(|(folder, _)| folders.get(folder)) else {
                continue;
            };
            let day: Vec<Line> = serde_json::from_reader(zip.by_name(day).unwrap()).unwrap();
            let said = day.into_iter().filter(|line| line.subtype.is_none() && line.user.is_some());
            lines.extend(said.map(|line| (channel, line)));
        }
        lines.sort_by(|(_, one), (_, other)| one.ts.cmp(&other.ts));
        History { users, channels, lines }
    }

    fn made_up(count: usize) -> History {
        let named = |prefix: &str, number: usize| Named {
            id: format!("{prefix}{number:08}"),
            name: format!("{}{number}", prefix.to_lowercase()),
        };
        let users: Vec<Named> = (0..40).map(|number| named("U", number)).collect();
        let line = |number: usize| {
            // Runs of six messages, of which the first begins a thread.
            let (run, place) = (number / 6, number % 6);
            let text = match place {
                0 => "Can somebody look at the import? It fails since Friday.",
                1 => "Which file is it?",
                4 => "<@U00000007> do you know more?",
                _ => "The token had expired, I renewed it.",
            };
            let line = Line {
                subtype: None,
                user: Some(users[(run * 7 + place) % users.len()].id.clone()),
                text: text.to_owned(),
                ts: format!("{}.{:06}", 1_700_000_000 + number, 0),
                thread_ts: (run % 2 == 0).then(|| format!("{}.{:06}", 1_700_000_000 + run * 6, 0)),
            };
            (run % 3, line)
        };
        let lines = (0..count).map(line).collect();
        History { users, channels: (0..3).map(|number| named("C", number)).collect(), lines }
    }

    /// A workspace with these people and channels, in which nothing was said yet.
    async fn workspace(&self) -> Standin {
        let settings = Settings { retry_scale: 0.005, requests_at_once: 128, ..Settings::default() };
        let standin = Standin::start_with(settings).await;
        crate::manifest::grant(&standin);
        standin.shared.change(|state| {
            for Named { id, name } in &self.users {
                state.users.insert(id.clone(), User::person(id, name, "Europe/Lisbon"));
            }
            for Named { id, name } in &self.channels {
                state.channels.insert(id.clone(), Channel::new(id, name, Kind::Public, &[BOT_USER]));
            }
        });
        standin
    }
}

/// A history that is being told.
struct Telling<'h> {
    history: &'h History,
    standin: Standin,
    usher: Usher,
    /// What the messages are called now, by what they were called.
    names: BTreeMap<(usize, &'h str), String>,
    /// The keys of the messages that were sent.
    sent: Vec<String>,
}

impl<'h> Telling<'h> {
    /// Sends so many messages, as fast as they are acknowledged.
    async fn tell(&mut self, count: usize) {
        let end = self.history.lines.len().min(self.sent.len().saturating_add(count));
        while self.sent.len() < end {
            let unsettled = self
                .standin
                .wait_for("room", |state| Some(state.unsettled).filter(|count| *count < WINDOW))
                .await;
            let shared = self.standin.shared.clone();
            let next = end.min(self.sent.len() + WINDOW - unsettled);
            shared.change(|state| {
                for number in self.sent.len()..next {
                    self.send(state, number);
                }
            });
        }
    }

    fn send(&mut self, state: &mut State, number: usize) {
        let (channel, line) = &self.history.lines[number];
        let id = &self.history.channels[*channel].id;
        let root = line.thread_ts.as_deref().filter(|root| *root != line.ts);
        let thread_ts = root.and_then(|root| self.names.get(&(*channel, root)).cloned());
        let user = line.user.as_deref().unwrap_or_default();
        let ts = state.add(id, Draft { thread_ts, ..Draft::typed(user, &line.text) });
        if number.is_multiple_of(TWICE) {
            let mut payload = state.deliveries.last().unwrap().payload.clone();
            if number.is_multiple_of(2 * TWICE) {
                payload["event_id"] = format!("EvAGAIN{number}").into();
            }
            state.deliver(Delivery::event(payload));
        }
        self.sent.push(format!("slack/{TEAM}/{id}/{ts}"));
        self.names.insert((*channel, line.ts.as_str()), ts);
    }

    /// Kills the bot while messages are on their way; all that it had acknowledged is in the database.
    async fn kill(&mut self) {
        let before = self.standin.shared.read(|state| state.acknowledged.len());
        self.tell(A_KILL).await;
        self.standin
            .wait_for("some of it to be acknowledged", |state| {
                (state.acknowledged.len() > before + A_KILL / 4).then_some(())
            })
            .await;
        self.usher.kill();
        // What it had written to its sockets is read to the end.
        self.standin.wait_for_sockets(0).await;
        let kept = keys(&self.usher.database()).await;
        let lost: Vec<String> = self.standin.shared.read(|state| {
            // What Usher said itself is told to it as well, and means nothing to it.
            let acknowledged = state.acknowledged.iter().map(|index| &state.deliveries[*index]);
            let acknowledged = acknowledged.filter(|delivery| delivery.payload["event"]["bot_id"].is_null());
            acknowledged.map(key).filter(|key| !kept.contains(key)).collect()
        });
        assert_eq!(lost, Vec::<String>::new(), "acknowledged and not in the database");
        self.usher.start();
    }

    async fn settle(&self) {
        let settled = |state: &State| (state.unsettled == 0).then_some(());
        self.standin.shared.wait_for(BOUND, settled).await.expect("everything to be acknowledged");
    }
}

/// The key by which Usher knows the message of a delivery.
fn key(delivery: &Delivery) -> String {
    let event = &delivery.payload["event"];
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    format!("slack/{TEAM}/{}/{}", text("channel"), text("ts"))
}

async fn rows<T>(database: &Path, sql: &'static str) -> Vec<T>
where
    T: Send + Unpin + for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>,
{
    let url = format!("sqlite:{}", database.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let rows = sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows
}

/// The keys of the events that were handled.
async fn keys(database: &Path) -> BTreeSet<String> {
    rows::<(String,)>(database, "SELECT key FROM seen").await.into_iter().map(|(key,)| key).collect()
}

/// Each message is in the database, once.
async fn all_is_there_once(database: &Path, telling: &Telling<'_>) {
    let kept = keys(database).await;
    let missing = telling.sent.iter().filter(|key| !kept.contains(*key)).count();
    assert_eq!(missing, 0, "messages that are not in the database");
    let message = |key: &&String| {
        let channel = key.strip_prefix("slack/")?.strip_prefix(TEAM)?.strip_prefix('/')?.split('/').next()?;
        telling.history.channels.iter().find(|known| known.id == channel).map(drop)
    };
    let is_message = |key: &&String| message(key).is_some();
    assert_eq!(kept.iter().filter(is_message).count(), telling.sent.len(), "no message is there twice");
    let sql = "SELECT owner, id FROM record WHERE kind = 'fact'";
    let facts = rows::<(String, String)>(database, sql).await;
    // The owner is the channel, and behind a space the thread.
    let facts: Vec<String> = facts
        .iter()
        .map(|(owner, id)| format!("slack/{TEAM}/{}/{id}", owner.split(' ').next().unwrap_or_default()))
        .collect();
    assert_eq!(facts.len(), telling.sent.len(), "a fact for each message");
    assert!(facts.iter().collect::<BTreeSet<_>>() == telling.sent.iter().collect(), "each is its own");
}

/// How a history comes in.
#[derive(Clone, Copy)]
enum Way {
    Sockets,
    Requests,
}

impl Way {
    /// Of so many messages it is shown. Requests overtake each other, and what comes late has all after it in its channel
    /// heard anew: in a channel as long as years of talk that takes too long for a test.
    fn most(self) -> usize {
        match self {
            Way::Sockets => usize::MAX,
            Way::Requests => 20_000,
        }
    }
}

async fn start(way: Way, standin: &Standin) -> Usher {
    match way {
        Way::Sockets => {
            let connection = format!("app_token = \"{APP_TOKEN}\"");
            let usher = Usher::with_runbook(standin, RUNBOOK, &connection, "127.0.0.1:0");
            standin.wait_for_sockets(1).await;
            usher
        }
        Way::Requests => {
            let at = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let connection = format!("signing_secret = \"{SIGNING_SECRET}\"");
            let usher = Usher::with_runbook(standin, RUNBOOK, &connection, &at.to_string());
            let url = |path: &str| format!("http://{at}/slack/{path}");
            // It takes a moment to listen.
            while standin.use_http(&url("events"), &url("interactions"), &url("commands")).await.is_err() {
                tokio::task::yield_now().await;
            }
            usher
        }
    }
}

/// Tells a history; what is to be said of it.
async fn tell(history: &History, way: Way, kills: usize) -> String {
    let standin = history.workspace().await;
    let usher = start(way, &standin).await;
    let mut telling = Telling { history, standin, usher, names: BTreeMap::new(), sent: Vec::new() };
    for _ in 0..kills {
        telling.kill().await;
    }
    telling.settle().await;
    let (before, began) = (telling.sent.len(), clock::now());
    let first = telling.standin.shared.read(|state| state.deliveries.len());
    telling.tell(way.most() - before).await;
    telling.settle().await;
    let took_ms = clock::now().since(began).max(1);
    assert!(telling.usher.end(), "it ends well when it is asked to");
    let lost = telling.standin.shared.read(|state| {
        state.deliveries.iter().skip(first).filter(|delivery| delivery.fate == Fate::Lost).count()
    });
    assert_eq!(lost, 0, "the stand-in gave nothing up");
    all_is_there_once(&telling.usher.database(), &telling).await;
    let way = match way {
        Way::Sockets => "Socket Mode",
        Way::Requests => "signed requests",
    };
    let timed = telling.sent.len() - before;
    format!(
        "  {way:<16} {timed:>7} messages in {:.1} s: {:.0} a second",
        took_ms as f64 / 1e3,
        timed as f64 * 1e3 / took_ms as f64
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_history_is_taken_once_and_nothing_is_acknowledged_before_its_commit() {
    let path = std::env::var_os("USHER_EXPORT").map(PathBuf::from);
    let wanted = std::env::var("USHER_MESSAGES").map_or(MADE_UP, |count| count.parse().unwrap());
    let history = path.as_deref().map_or_else(|| History::made_up(wanted), History::of_export);
    let (count, kills) = (history.lines.len(), if history.lines.len() > MADE_UP { KILLS.1 } else { KILLS.0 });
    let source = if path.is_some() { "of an export" } else { "that are made up" };
    let mut figures = format!(
        "{count} messages {source}, one in {TWICE} twice, after {kills} kills\n  all that were sent are in the database once, and all that was acknowledged at each kill\n"
    );
    for way in [Way::Sockets, Way::Requests] {
        writeln!(figures, "{}", tell(&history, way, kills).await).unwrap();
    }
    println!("{figures}");
    if let Some(file) = std::env::var_os("USHER_FIGURES") {
        fs::write(file, figures).unwrap();
    }
}
