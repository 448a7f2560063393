//! The replay of a long history beside mere parsing: `cargo bench --bench replay`.
//!
//! The history is made up, in the full shape in which Slack exports messages: with blocks, profiles and reply
//! lists, of which Usher reads a part and skips the rest. `USHER_EXPORT` names another export (a folder).

#[path = "support/talk.rs"]
mod talk;
#[path = "support/watch.rs"]
mod watch;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use usher::chat::slack_export::{Export, Naming, OnBroken};
use usher::core::event::Platform;
use usher::play::Ends;
use usher::play::figures::Figures;
use usher::play::history::{Listener, replay};
use usher::play::hours::Hours;
use usher::play::telling::{Manner, Telling};
use usher::runbook_file;
use usher::store::Store;

use talk::{sentence, some};
use watch::{begin, median};

const MESSAGES: usize = 200_000;
const ROUNDS: usize = 5;
const PEOPLE: usize = 300;
const CHANNELS: usize = 25;
/// Monday 2026-01-05, 08:00 UTC.
const BEGINS_S: u64 = 1_767_600_000;
/// Everything that asks is owed an answer, by anyone, and Usher may speak everywhere.
const RUNBOOK: &str = r#"
[team]
name = "Bench"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-12:30 13:30-17:30"

[people]
ana = { slack = "U000000000" }
ben = { slack = "U000000001" }
chidi = { slack = "U000000002" }

[groups]
helpers = ["ana", "ben", "chidi"]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "4h"
escalate = [{ after = "80%", tell = "responders", by = "thread" }]

[channels."*"]
urgency = "normal"
responders = "helpers"
usher = "speak"
"#;

/// A message as a program would type it that wants all of it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "what counts is that it is parsed")]
struct Whole {
    #[serde(rename = "type")]
    kind: String,
    subtype: Option<String>,
    user: Option<String>,
    text: Option<String>,
    ts: String,
    client_msg_id: Option<String>,
    team: Option<String>,
    thread_ts: Option<String>,
    reply_count: Option<u32>,
    reply_users: Option<Vec<String>>,
    latest_reply: Option<String>,
    replies: Option<Vec<Reply>>,
    reactions: Option<Vec<Reaction>>,
    user_profile: Option<Profile>,
    blocks: Option<Vec<Block>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what counts is that it is parsed")]
struct Reply {
    user: String,
    ts: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what counts is that it is parsed")]
struct Reaction {
    name: String,
    users: Vec<String>,
    count: u32,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what counts is that it is parsed")]
struct Profile {
    real_name: Option<String>,
    display_name: Option<String>,
    name: Option<String>,
    team: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what counts is that it is parsed")]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    block_id: Option<String>,
    text: Option<String>,
    user_id: Option<String>,
    elements: Option<Vec<Block>>,
}

/// The seven fields that tell who said what, where and when.
#[derive(Deserialize)]
#[expect(dead_code, reason = "what counts is that it is parsed")]
struct Lean {
    #[serde(rename = "type")]
    kind: String,
    subtype: Option<String>,
    user: Option<String>,
    text: Option<String>,
    ts: String,
    thread_ts: Option<String>,
    reactions: Option<Vec<Reaction>>,
}

/// Writes an export of so many messages.
fn make(folder: &Path, messages: usize) {
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let user = |n: usize| format!(r#"{{"id":"U{n:09}","name":"person{n}","tz":"Europe/Berlin"}}"#);
    let users: Vec<String> = (0..PEOPLE).map(user).collect();
    fs::write(folder.join("users.json"), format!("[{}]", users.join(","))).expect("a file can be written");
    let channel = |n: usize| format!(r#"{{"id":"C{n:09}","name":"channel{n}"}}"#);
    let channels: Vec<String> = (0..CHANNELS).map(channel).collect();
    fs::write(folder.join("channels.json"), format!("[{}]", channels.join(",")))
        .expect("a file can be written");
    let mut days: BTreeMap<(u64, usize), Vec<String>> = BTreeMap::new();
    let mut talks: Vec<Vec<Talk>> = (0..CHANNELS).map(|_| Vec::new()).collect();
    let mut now_s = BEGINS_S;
    for number in 0..messages {
        // Ten hours of talk, then a night.
        now_s += chance.random_range(0..24);
        if (now_s - BEGINS_S) % 86_400 > 36_000 {
            now_s += 86_400 - (now_s - BEGINS_S) % 86_400;
        }
        let ts = format!("{now_s}.{number:06}");
        let channel = some(&mut chance, CHANNELS);
        let going = talks[channel].len();
        let line = if going > 0 && chance.random_bool(0.8) {
            let nth = chance.random_range(0..going);
            let talk = &mut talks[channel][nth];
            talk.left -= 1;
            let line = message(&mut chance, &ts, Some(talk));
            if talk.left == 0 {
                talks[channel].swap_remove(nth);
            }
            line
        } else {
            let line = message(&mut chance, &ts, None);
            talks[channel].push(Talk { root: ts, left: 1 + some(&mut chance, 8) });
            line
        };
        days.entry((now_s / 86_400, channel)).or_default().push(line);
    }
    for ((day, channel), lines) in days {
        let folder = folder.join(format!("channel{channel}"));
        fs::create_dir_all(&folder).expect("a folder can be made");
        let date = chrono::DateTime::from_timestamp(i64::try_from(day * 86_400).unwrap_or_default(), 0);
        let date = date.expect("a day of this century").date_naive();
        fs::write(folder.join(format!("{date}.json")), format!("[{}]", lines.join(",\n")))
            .expect("a file can be written");
    }
}

/// A thread that goes on for so many more messages; its last one is an answer.
struct Talk {
    root: String,
    left: usize,
}

fn message(chance: &mut ChaCha8Rng, ts: &str, talk: Option<&Talk>) -> String {
    let root = talk.map(|talk| talk.root.as_str());
    let user = some(chance, PEOPLE);
    let mut text = match talk {
        Some(Talk { left: 0, .. }) => "The token had expired, I renewed it.".to_owned(),
        Some(_) | None => sentence(chance, root.is_none()).to_owned(),
    };
    if chance.random_bool(0.15) {
        text = format!("<@U{:09}> {text}", some(chance, PEOPLE));
    }
    let mut line = format!(
        r#"{{"user":"U{user:09}","type":"message","ts":"{ts}","client_msg_id":"{:032x}","text":"{text}","team":"T012AB3CD","user_team":"T012AB3CD","source_team":"T012AB3CD","user_profile":{{"avatar_hash":"{:012x}","image_72":"https://avatars.example.org/{user}_72.png","first_name":"Person","real_name":"Person {user}","display_name":"person{user}","team":"T012AB3CD","name":"person{user}","is_restricted":false,"is_ultra_restricted":false}},"blocks":[{{"type":"rich_text","block_id":"{:06x}","elements":[{{"type":"rich_text_section","elements":[{{"type":"text","text":"{text}"}}]}}]}}]"#,
        chance.random::<u128>(),
        chance.random_range(0..1_u64 << 48),
        chance.random_range(0..1_u32 << 24),
    );
    if let Some(root) = root {
        write!(line, r#","thread_ts":"{root}","parent_user_id":"U{:09}""#, some(chance, PEOPLE))
            .expect("a string grows");
    }
    if chance.random_bool(0.1) {
        write!(
            line,
            r#","reactions":[{{"name":"eyes","users":["U{:09}"],"count":1}}]"#,
            some(chance, PEOPLE)
        )
        .expect("a string grows");
    }
    line.push('}');
    line
}

fn day_files(export: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(export)
        .expect("the export is a folder")
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|folder| {
        fs::read_dir(folder).expect("a channel is a folder").filter_map(Result::ok).map(|entry| entry.path())
    });
    files.collect()
}

/// Parses all days; how many messages there are.
fn parse<M: for<'d> Deserialize<'d>>(files: &[PathBuf]) -> usize {
    let parse = |file: &PathBuf| {
        let bytes = fs::read(file).expect("a day can be read");
        serde_json::from_slice::<Vec<M>>(&bytes).expect("a day is JSON").len()
    };
    files.iter().map(parse).sum()
}

fn play(export: &Path) -> u64 {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("bench.toml");
    fs::write(&file, RUNBOOK).expect("a file can be written");
    let (runbook, revision) = runbook_file::revision(&file).expect("the runbook above is valid");
    let export = Export::open(export, Naming::Pseudonyms, OnBroken::Stop).expect("an export");
    let mut nowhere = Vec::new();
    let mut listener = Listener {
        figures: Figures::new(Hours::new(&runbook, Platform::Slack)),
        telling: Telling::new(Manner::Silent, &mut nowhere, runbook.team.zone, None),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let played = replay(export, Store::memory(), revision, Ends::none(), &mut listener, |_, _| {});
    runtime.block_on(played).expect("it plays");
    listener.figures.finish().messages
}

/// The most memory that this process ever had, in MB, where the system tells.
pub fn peak_memory_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let [_, flag, export] = arguments.as_slice()
        && flag == "--play"
    {
        play(Path::new(export));
        println!("{}", peak_memory_mb().unwrap_or_default());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let export = env::var_os("USHER_EXPORT").map_or_else(
        || {
            make(folder.path(), MESSAGES);
            folder.path().to_owned()
        },
        PathBuf::from,
    );
    speed(&export);
    memory();
}

fn speed(export: &Path) {
    let files = day_files(export);
    let bytes: u64 = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len()).sum();
    let (mut whole, mut lean, mut usher) = (Vec::new(), Vec::new(), Vec::new());
    let mut messages = 0;
    for _ in 0..ROUNDS {
        let seconds = begin();
        messages = parse::<Whole>(&files);
        whole.push(seconds());
        let seconds = begin();
        parse::<Lean>(&files);
        lean.push(seconds());
        let seconds = begin();
        play(export);
        usher.push(seconds());
    }
    let each_us = |rounds: &[f64]| median(rounds) * 1e6 / messages as f64;
    println!("replay, store in memory (goal: 25 % of the rate of parsing and more)");
    println!("  {messages} messages of {} bytes on average", bytes / messages as u64);
    println!("  {:<44} {:>7.2} µs a message", "usher replay --summary", each_us(&usher));
    for (name, rounds) in
        [("serde_json, all fields of a message", &whole), ("serde_json, seven fields", &lean)]
    {
        let share = 100.0 * median(rounds) / median(&usher);
        println!("  {name:<44} {:>7.2} µs a message: usher has {share:.0} % of its rate", each_us(rounds));
    }
}

/// Memory goes by what is open and not by the length: each length is played in a process of its own.
fn memory() {
    println!("\nmemory (goal: by open threads, not by length)");
    for messages in [MESSAGES / 4, MESSAGES, 2 * MESSAGES] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        make(folder.path(), messages);
        let program = env::current_exe().expect("the program knows itself");
        let output =
            Command::new(program).arg("--play").arg(folder.path()).output().expect("it can be started");
        println!(
            "  {messages:>7} messages: {:>5} MB at most",
            String::from_utf8_lossy(&output.stdout).trim()
        );
    }
}
