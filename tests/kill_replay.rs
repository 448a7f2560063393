//! A replay into a database is killed at random points, made to crash at named ones, and asked to end; then it
//! is started again until it ends by itself. The state it leaves and what it sent are those of a replay to
//! which nothing happened.
//!
//! `USHER_KILLS` says how often it is killed in all; without it a shorter play is killed a dozen times.

#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use secrecy::SecretString;
use sqlx::{AnyConnection, Connection, Row};
use usher::store::{Opening, Store};

/// So many messages make a play of more than [`EVENTS_OF_LONG_PLAY`] events: with the reactions to them, and
/// what became of each thing that is said.
const MESSAGES_OF_LONG_PLAY: usize = 9_000;
/// So many events the long play has at least.
const EVENTS_OF_LONG_PLAY: usize = 10_000;
/// So many messages make a play that is over in seconds.
const MESSAGES_OF_SHORT_PLAY: usize = 1_000;
const RUNBOOK: &str = "tests/scenarios/runbooks/acme.toml";

/// An export of a busy team: questions, answers, thanks, reactions, long threads, over some weeks.
fn export(folder: &Path, messages: usize, seed: u64) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let people = ["ana", "ben", "chidi", "dora", "kim", "lea", "max"];
    let users: Vec<String> = people
        .iter()
        .map(|name| {
            format!(r#"{{"id": "U{}", "name": "{name}", "tz": "Europe/Berlin"}}"#, name.to_uppercase())
        })
        .collect();
    fs::write(folder.join("users.json"), format!("[{}]", users.join(","))).unwrap();
    let channels = r#"[{"id": "C1", "name": "support"}, {"id": "C2", "name": "platform"}, {"id": "C3", "name": "random"}]"#;
    fs::write(folder.join("channels.json"), channels).unwrap();
    let asks = [
        "Can somebody look at the import?",
        "<@UBEN> could you check the log?",
        "!blocking who can help me with error 17?",
        "any news?",
        "Which file is it?",
    ];
    let says = [
        "The token had expired, I renewed it.",
        "on it",
        "thanks!",
        "that did it",
        "Same error again.",
        "The log says nothing.",
        "See <https://example.org/a|the page>.",
    ];
    // Monday 2026-11-23, 07:00 UTC.
    let mut seconds = 1_795_417_200_u64;
    let mut roots: Vec<String> = Vec::new();
    let mut days: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for number in 0..messages {
        seconds += chance.random_range(5..700);
        let ts = format!("{seconds}.{number:06}");
        let user = people.choose(&mut chance).unwrap().to_uppercase();
        let channel = *["support", "support", "platform", "random"].choose(&mut chance).unwrap();
        let text = if chance.random_bool(0.4) { asks.choose(&mut chance) } else { says.choose(&mut chance) }
            .unwrap();
        let mut line = format!(r#"{{"type": "message", "user": "U{user}", "text": "{text}", "ts": "{ts}""#);
        let recent = roots.iter().rev().take(4).collect::<Vec<_>>();
        let thread =
            recent.choose(&mut chance).filter(|_| chance.random_bool(0.7)).map(|root| (*root).clone());
        match thread.filter(|root| root.ends_with(channel)) {
            Some(root) => write!(line, r#", "thread_ts": "{}""#, root.split(' ').next().unwrap()).unwrap(),
            None => roots.push(format!("{ts} {channel}")),
        }
        if chance.random_bool(0.1) {
            let emoji = ["eyes", "white_check_mark", "no_entry_sign"].choose(&mut chance).unwrap();
            write!(line, r#", "reactions": [{{"name": "{emoji}", "users": ["UBEN"], "count": 1}}]"#).unwrap();
        }
        line.push('}');
        let date =
            chrono::DateTime::from_timestamp(i64::try_from(seconds).unwrap(), 0).unwrap().format("%Y-%m-%d");
        days.entry((date.to_string(), channel)).or_default().push(line);
    }
    for ((date, channel), lines) in days {
        fs::create_dir_all(folder.join(channel)).unwrap();
        fs::write(folder.join(channel).join(format!("{date}.json")), format!("[{}]", lines.join(",\n")))
            .unwrap();
    }
}

/// The points of `USHER_CRASH_AT`.
const POINTS: [&str; 6] =
    ["before-commit", "after-commit", "after-acknowledge", "after-claim", "after-send", "before-mark"];

/// How a run of the program ends, unless it is over before.
enum End {
    /// By itself.
    Whole,
    /// Killed when it has printed so many lines.
    KilledAfterLines(usize),
    /// Killed when the write-ahead log has so many bytes: while it opens, migrates and takes the
    /// introductions.
    KilledAtLogSize(u64),
    /// By a crash at the given passing of a point.
    Crashed(String),
    /// Asked to end when it has printed so many lines.
    Asked(usize),
}

/// What a run of the program told.
struct Told {
    /// The actions that it sent, in order.
    sent: Vec<String>,
    /// How many lines it printed.
    lines: usize,
    /// What it said to its operator.
    stderr: String,
    /// Whether it ended as it was to, and not because there was nothing more to play.
    ended_early: bool,
}

fn replay(export: &Path, database: &Path, end: &End) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
    command.args(["replay", RUNBOOK]).arg(export).arg("--database");
    command.arg(format!("sqlite:{}", database.display())).args(["--format", "jsonl", "--names"]);
    if let End::Crashed(at) = end {
        command.env("USHER_CRASH_AT", at);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What the program prints, line by line, read as it comes.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (tell, lines) = mpsc::channel();
    thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    lines
}

/// The action that a line says is sent. The last line of a program that is killed may be cut.
fn sent_in(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(line.get("sent")?.get("action")?.as_str()?.to_owned())
}

fn log_of(database: &Path) -> PathBuf {
    database.with_extension("db-wal")
}

/// Runs a replay that ends like this.
fn run(export: &Path, database: &Path, end: &End) -> Told {
    let mut child = replay(export, database, end);
    let lines = lines_of(&mut child);
    let mut told: Vec<String> = Vec::new();
    match end {
        End::Whole | End::Crashed(_) => {}
        End::KilledAfterLines(count) | End::Asked(count) => {
            told.extend(lines.iter().take(*count));
            if told.len() == *count && matches!(end, End::Asked(_)) {
                let id = child.id().to_string();
                assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
            } else if told.len() == *count {
                child.kill().unwrap();
            }
        }
        End::KilledAtLogSize(bytes) => {
            let log = log_of(database);
            while fs::metadata(&log).map_or(true, |log| log.len() < *bytes)
                && child.try_wait().unwrap().is_none()
            {
                thread::yield_now();
            }
            child.kill().unwrap();
        }
    }
    told.extend(lines);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    let status = child.wait().unwrap();
    let ended_early = match end {
        End::Whole => false,
        End::KilledAfterLines(_) | End::KilledAtLogSize(_) => status.signal() == Some(9),
        End::Crashed(_) => status.signal() == Some(6),
        End::Asked(_) => stderr.contains("stopped after"),
    };
    assert!(status.success() || (ended_early && !matches!(end, End::Asked(_))), "{status}: {stderr}");
    let sent = told.iter().filter_map(|line| sent_in(line)).collect();
    Told { sent, lines: told.len(), stderr, ended_early }
}

/// All that a database holds when nobody runs: what the engine remembers, what became of each action, which
/// events were handled and which could not be.
struct Held {
    text: String,
    events: usize,
    sent: BTreeSet<String>,
}

fn held(database: &Path) -> Held {
    let url = format!("sqlite:{}", database.display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let opening = Opening::new(SecretString::from(url.clone()), "replay", "the test");
        let store = Store::open(&opening).await.unwrap();
        let loaded = store.load().await.unwrap();
        let mut text = String::new();
        for (key, record) in &loaded.records {
            writeln!(text, "{} {record:?}", serde_json::to_string(key).unwrap()).unwrap();
        }
        let mut sent = BTreeSet::new();
        for (id, fate) in store.fates().await.unwrap() {
            writeln!(text, "{id} {fate:?}").unwrap();
            if matches!(fate, Some(usher::core::event::Fate::Sent(_))) {
                sent.insert(id.to_string());
            }
        }
        writeln!(text, "{:?} {:?}", loaded.positions, loaded.entries).unwrap();
        writeln!(text, "rejected: {:?}", store.rejected().await.unwrap()).unwrap();
        store.close().await;
        // A load brings only the newest of them.
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        let seen =
            sqlx::query("SELECT key, at FROM seen ORDER BY key").fetch_all(&mut connection).await.unwrap();
        for row in &seen {
            writeln!(text, "seen {} at {}", row.get::<String, _>(0), row.get::<i64, _>(1)).unwrap();
        }
        connection.close().await.unwrap();
        Held { text, events: seen.len(), sent }
    })
}

/// A play to which nothing happens.
struct Whole {
    folder: tempfile::TempDir,
    export: PathBuf,
    held: Held,
    told: Told,
}

impl Whole {
    fn of(messages: usize, seed: u64) -> Whole {
        let folder = tempfile::tempdir().unwrap();
        let export_folder = folder.path().join("export");
        fs::create_dir(&export_folder).unwrap();
        export(&export_folder, messages, seed);
        let database = folder.path().join("whole.db");
        let told = run(&export_folder, &database, &End::Whole);
        let held = held(&database);
        assert!(told.lines > messages / 2, "the play decides something: {} lines", told.lines);
        assert!(told.sent.len() > messages / 30, "the play says something: {} messages", told.sent.len());
        assert_eq!(
            told.sent.iter().cloned().collect::<BTreeSet<_>>(),
            held.sent,
            "what is told is what is sent"
        );
        assert_eq!(told.sent.len(), held.sent.len(), "each once");
        Whole { export: export_folder, held, told, folder }
    }

    fn database(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
    }

    /// Plays on until the end, after `lives` that ended early; all of them together must have done what one did.
    fn ends_the_same(&self, database: &Path, mut lives: Vec<Told>, what: &str) {
        lives.push(run(&self.export, database, &End::Whole));
        let held = held(database);
        let differs = |(one, other): &(&str, &str)| one != other;
        let first = self.held.text.lines().zip(held.text.lines()).find(differs);
        assert!(held.text == self.held.text, "{what}: {first:#?}");
        let mut known: Vec<&String> = Vec::new();
        for life in &lives {
            // What was sent and not yet marked when a life ended is sent again, before anything new: a transcript
            // cannot be asked what it has.
            let again = life.sent.iter().take_while(|id| known.contains(id)).count();
            let new = &life.sent[again..];
            assert_eq!(new.iter().collect::<BTreeSet<_>>().len(), new.len(), "{what}: twice in one life");
            assert!(new.iter().all(|id| !known.contains(&id)), "{what}: said again after something new");
            known.extend(new);
        }
        let in_order: Vec<&String> = self.told.sent.iter().collect();
        assert_eq!(known, in_order, "{what}: what was told, each once, in its order");
    }
}

#[test]
fn a_replay_killed_anywhere_ends_as_if_it_had_not_been() {
    let (kills, messages) = match env::var("USHER_KILLS") {
        Ok(kills) => (kills.parse().unwrap(), MESSAGES_OF_LONG_PLAY),
        Err(_) => (12, MESSAGES_OF_SHORT_PLAY),
    };
    let whole = Whole::of(messages, 7);
    assert!(
        messages < MESSAGES_OF_LONG_PLAY || whole.held.events >= EVENTS_OF_LONG_PLAY,
        "{} events",
        whole.held.events
    );
    let mut chance = ChaCha8Rng::seed_from_u64(11);
    let mut killed = 0;
    let mut round = 0;
    while killed < kills {
        round += 1;
        let database = whole.database(&format!("killed-{round}"));
        let mut lives = Vec::new();
        // Some kills in a row, some far apart.
        while killed < kills {
            let end = if lives.is_empty() && chance.random_bool(0.7) {
                End::KilledAtLogSize(chance.random_range(0..400_000))
            } else if chance.random_bool(0.4) {
                End::KilledAfterLines(chance.random_range(1..20))
            } else {
                End::KilledAfterLines(chance.random_range(1..whole.told.lines / 8))
            };
            let life = run(&whole.export, &database, &end);
            let is_over = !life.ended_early;
            lives.push(life);
            if is_over {
                break;
            }
            killed += 1;
        }
        whole.ends_the_same(&database, lives, &format!("round {round}, {killed} kills"));
    }
}

#[test]
fn a_replay_that_crashes_at_any_point_ends_as_if_it_had_not() {
    let whole = Whole::of(MESSAGES_OF_SHORT_PLAY, 5);
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    for point in POINTS {
        let database = whole.database(point);
        let most = whole.told.sent.len() / 2;
        // At the first passing twice: then it also crashes at what it finds when it starts again.
        let mut passings = vec![1, 1];
        passings.extend((0..3).map(|_| chance.random_range(2..most)));
        let crash =
            |passing: &usize| run(&whole.export, &database, &End::Crashed(format!("{point}:{passing}")));
        let lives: Vec<Told> = passings.iter().map(crash).collect();
        let crashed = lives.iter().filter(|life| life.ended_early).count();
        assert!(crashed >= 3, "{point}: {crashed} crashes");
        let sent: Vec<&String> = lives.iter().flat_map(|life| &life.sent).collect();
        let repeats = sent.len() - sent.iter().collect::<BTreeSet<_>>().len();
        let is_between = ["after-send", "before-mark"].contains(&point);
        assert_eq!(repeats > 0, is_between, "{point}: {repeats} said again");
        whole.ends_the_same(&database, lives, point);
    }
}

#[test]
fn a_replay_that_is_asked_to_end_ends_well_and_goes_on_there() {
    let whole = Whole::of(MESSAGES_OF_SHORT_PLAY, 6);
    let mut chance = ChaCha8Rng::seed_from_u64(4);
    let database = whole.database("asked");
    let mut lives = Vec::new();
    loop {
        // It may be ahead by what a pipe holds.
        let life = run(&whole.export, &database, &End::Asked(chance.random_range(1..whole.told.lines / 8)));
        assert!(!log_of(&database).exists(), "the database is closed properly");
        let is_over = !life.ended_early;
        assert!(is_over || life.stderr.contains("run again, it goes on there"), "{}", life.stderr);
        lives.push(life);
        if is_over {
            break;
        }
    }
    assert!(lives.len() > 3, "it was asked {} times", lives.len());
    let told: usize = lives.iter().map(|life| life.sent.len()).sum();
    let unique: BTreeSet<&String> = lives.iter().flat_map(|life| &life.sent).collect();
    assert_eq!(unique.len(), told, "whoever ends in time repeats nothing");
    whole.ends_the_same(&database, lives, "asked");
}

#[test]
fn a_replay_into_nothing_ends_well_too() {
    let folder = tempfile::tempdir().unwrap();
    export(folder.path(), MESSAGES_OF_SHORT_PLAY, 8);
    for signal in ["-TERM", "-INT"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_usher"))
            .args(["replay", RUNBOOK])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines_of(&mut child);
        let mut told: Vec<String> = lines.iter().take(10).collect();
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        told.extend(lines);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{signal}: {} {stderr}", output.status);
        assert!(stderr.starts_with("usher: stopped after ") && !stderr.contains("run again"), "{stderr}");
        assert!(told.len() > 10 && told.iter().all(|line| !line.is_empty()), "whole lines: {told:?}");
    }
}
