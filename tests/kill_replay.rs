//! A replay into a database is killed at random points, and started again until it ends. The state it
//! leaves and what it sent are those of a replay that was never killed.
//!
//! `USHER_KILLS` says how often it is killed in all; without it a shorter play is killed a dozen times.

#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use secrecy::SecretString;
use usher::store::{Opening, Store};

/// So many messages make a play of some 10,000 events, with the wakes and deliveries between them.
const MESSAGES_OF_LONG_PLAY: usize = 7_000;
/// So many make one that is over in seconds.
const MESSAGES_OF_SHORT_PLAY: usize = 1_500;
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
    let mut days: std::collections::BTreeMap<(String, &str), Vec<String>> = std::collections::BTreeMap::new();
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

fn replay(export: &Path, database: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(["replay", RUNBOOK])
        .arg(export)
        .arg("--database")
        .arg(format!("sqlite:{}", database.display()))
        .args(["--format", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// All that the database holds when nobody runs: what the engine remembers, and what became of each action.
fn dump(database: &Path) -> String {
    let url = SecretString::from(format!("sqlite:{}", database.display()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&Opening::new(url, "replay", "the test")).await.unwrap();
        let loaded = store.load().await.unwrap();
        let mut text = String::new();
        for (key, record) in &loaded.records {
            writeln!(text, "{} {record:?}", serde_json::to_string(key).unwrap()).unwrap();
        }
        for (id, fate) in store.fates().await.unwrap() {
            writeln!(text, "{id} {fate:?}").unwrap();
        }
        writeln!(text, "{:?} {:?}", loaded.positions, loaded.entries).unwrap();
        store.close().await;
        text
    })
}

/// Runs a replay until it has printed `lines` lines, and kills it there; whether it ended before.
fn run_and_kill(export: &Path, database: &Path, lines: usize) -> bool {
    let mut child = replay(export, database);
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let killed = out.by_ref().take(lines).count() == lines;
    if killed {
        child.kill().unwrap();
    }
    // Whatever it still had to say is read, so that it can end.
    out.for_each(drop);
    let status = child.wait().unwrap();
    assert!(killed || status.success(), "it failed by itself: {status}");
    !killed
}

struct Whole {
    folder: tempfile::TempDir,
    export: PathBuf,
    dump: String,
    lines: usize,
}

/// A replay that nobody kills.
fn whole(messages: usize, seed: u64) -> Whole {
    let folder = tempfile::tempdir().unwrap();
    let export_folder = folder.path().join("export");
    fs::create_dir(&export_folder).unwrap();
    export(&export_folder, messages, seed);
    let database = folder.path().join("whole.db");
    let output = replay(&export_folder, &database).wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = output.stdout.split(|byte| *byte == b'\n').count();
    Whole { export: export_folder, dump: dump(&database), lines, folder }
}

#[test]
fn a_replay_killed_anywhere_ends_as_if_it_had_not_been() {
    let (kills, messages) = match env::var("USHER_KILLS") {
        Ok(kills) => (kills.parse().unwrap(), MESSAGES_OF_LONG_PLAY),
        Err(_) => (12, MESSAGES_OF_SHORT_PLAY),
    };
    let whole = whole(messages, 7);
    assert!(whole.lines > messages / 2, "the play decides something: {} turns", whole.lines);
    let mut chance = ChaCha8Rng::seed_from_u64(11);
    let mut killed = 0;
    let mut round = 0;
    while killed < kills {
        round += 1;
        let database = whole.folder.path().join(format!("killed-{round}.db"));
        // A handful of kills a replay: some in a row, some far apart.
        let most = whole.lines / 4;
        while killed < kills {
            let after = if chance.random_bool(0.3) {
                chance.random_range(1..20)
            } else {
                chance.random_range(1..most)
            };
            if run_and_kill(&whole.export, &database, after) {
                break;
            }
            killed += 1;
        }
        run_and_kill(&whole.export, &database, usize::MAX);
        let dump = dump(&database);
        let differs = |(one, other): &(&str, &str)| one != other;
        let first = whole.dump.lines().zip(dump.lines()).find(differs);
        assert!(dump == whole.dump, "round {round}, {killed} kills: {first:#?}");
    }
    let actions: BTreeSet<&str> = whole.dump.lines().filter(|line| line.contains("Sent(")).collect();
    assert!(actions.len() > messages / 30, "the play says something: {} messages", actions.len());
}
