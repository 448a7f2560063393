//! What an event and a restart cost with ten thousand clocks open, and with a million: `cargo bench --bench growth`.
//!
//! Instructions are counted by valgrind's callgrind where that is installed (Debian's package `valgrind`):
//! they do not depend on what else the machine does. Times are printed beside them.

#[path = "support/talk.rs"]
mod talk;
#[path = "support/watch.rs"]
mod watch;

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use secrecy::SecretString;
use smol_str::{SmolStr, format_smolstr};
use sqlx::{Connection, Row, SqliteConnection};
use usher::calendar::{Instant, MINUTE_MS};
use usher::clock::Clock;
use usher::core::Engine;
use usher::core::event::{Event, Mention, MessageRef, Platform, Posted, RevisionText, Text, What};
use usher::driver::Driver;
use usher::fault::Faults;
use usher::store::{Opening, Store};

use talk::{sentence, some};
use watch::begin;

const FEW: usize = 10_000;
const MANY: usize = 1_000_000;
/// Open clocks in the database of which a process starts.
const RESTARTED: usize = 200_000;
/// Events that are measured.
const MEASURED: usize = 5_000;
const CHANNELS: usize = 500;
const PEOPLE: usize = 5_000;
const RUNBOOK: &str = r#"
[team]
name = "Bench"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:00"

[urgency.normal]
means = "Whenever it fits your quarter"
respond-within = "480h"
escalate = [{ after = "80%", tell = "responders", by = "direct message" }]

[channels."*"]
urgency = "normal"
usher = "speak"
"#;

fn begins() -> Instant {
    Instant::parse("2026-01-05T08:00:00Z").expect("RFC 3339")
}

fn revision() -> Event {
    let text = RevisionText {
        id: "bench".into(),
        file: "bench.toml".to_owned(),
        text: RUNBOOK.to_owned(),
        beside: Default::default(),
        by: None,
    };
    Event { key: "revision".into(), at: begins(), platform: Platform::Slack, what: What::Revision(text) }
}

fn posted(
    number: usize,
    at: Instant,
    channel: usize,
    thread: Option<SmolStr>,
    author: usize,
    text: Text,
) -> Event {
    let channel = format_smolstr!("C{channel:09}");
    let message = MessageRef { channel, id: format_smolstr!("{}.{number:07}", at.ms() / 1_000) };
    let key = format_smolstr!("{}/{}", message.channel, message.id);
    let posted = Posted { message, thread, author: user(author), bot: false, text };
    Event { key, at, platform: Platform::Slack, what: What::Posted(posted) }
}

fn user(number: usize) -> SmolStr {
    format_smolstr!("U{number:09}")
}

/// Question `number` of so many: each opens a clock, and none comes due while the bench runs. Those of one
/// channel lie so far apart that each is a talk of its own.
fn question(number: usize) -> Event {
    let at = begins().plus(16 * MINUTE_MS / CHANNELS as i64 * number as i64);
    let text = Text::new(
        "@somebody can you look at the import?",
        vec![Mention::User(user((number * 7 + 1) % PEOPLE))],
    );
    posted(number, at, number % CHANNELS, None, number % PEOPLE, text)
}

/// What goes on in the days after: new questions, answers, and talk beside.
fn traffic(open: usize) -> Vec<Event> {
    let mut chance = ChaCha8Rng::seed_from_u64(5);
    let last = question(open).at;
    let event = |number: usize| {
        let at = last.plus(2_000 * number as i64);
        let (channel, author) = (some(&mut chance, CHANNELS), some(&mut chance, PEOPLE));
        let asked = question(chance.random_range(open - open.min(50_000)..open));
        let begins = chance.random_bool(0.4);
        let plain = sentence(&mut chance, begins).to_owned();
        match (&asked.what, begins) {
            (What::Posted(asked), false) => {
                let text = Text::new(plain, Vec::new());
                let thread = Some(asked.message.id.clone());
                let channel = asked.message.channel[1..].parse().expect("a channel of ours");
                posted(open + number, at, channel, thread, author, text)
            }
            _ => {
                let mentions = vec![Mention::User(user((author + 1) % PEOPLE))];
                posted(open + number, at, channel, None, author, Text::new(plain, mentions))
            }
        }
    };
    (0..MEASURED).map(event).collect()
}

/// An engine with so many open clocks.
fn engine(open: usize) -> Engine {
    let mut engine = Engine::default();
    engine.handle(&revision(), begins());
    for number in 0..open {
        let event = question(number);
        wake(&mut engine, event.at);
        engine.handle(&event, event.at);
    }
    engine
}

fn wake(engine: &mut Engine, now: Instant) {
    while engine.next_wake().is_some_and(|due| due <= now) {
        engine.wake(now);
    }
}

fn handle(engine: &mut Engine, events: &[Event]) {
    for event in events {
        wake(engine, event.at);
        engine.handle(event, event.at);
    }
}

/// The measured process: it says when it is ready, waits for a line, handles the events and ends at once.
fn child(open: usize) {
    let mut engine = engine(open);
    let events = traffic(open);
    wake(&mut engine, events[0].at);
    println!("ready");
    io::stdin().lock().lines().next();
    let seconds = begin();
    handle(&mut engine, &events);
    println!("{}", seconds() * 1e6 / MEASURED as f64);
    // What tidying up costs is none of it.
    std::process::exit(0);
}

fn start(mut command: Command, open: usize) -> (Child, BufReader<std::process::ChildStdout>) {
    let program = env::current_exe().expect("the program knows itself");
    command.arg(program).arg("--child").arg(open.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().expect("it can be started");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is a pipe"));
    let mut ready = String::new();
    lines.read_line(&mut ready).expect("it says something");
    assert_eq!(ready, "ready\n", "the measured process is ready");
    (child, lines)
}

fn finish(mut child: Child, mut lines: BufReader<std::process::ChildStdout>) -> f64 {
    child.stdin.take().expect("its input is a pipe").write_all(b"\n").expect("it waits for this");
    let mut figure = String::new();
    lines.read_line(&mut figure).expect("it says something");
    child.wait().expect("it ends");
    figure.trim().parse().expect("a figure")
}

/// Microseconds an event.
fn time_us(open: usize) -> f64 {
    let (child, lines) = start(Command::new("env"), open);
    finish(child, lines)
}

/// Instructions an event; counting begins when the process is ready.
fn instructions(open: usize, folder: &Path) -> Option<u64> {
    let counts = folder.join(format!("{open}.callgrind"));
    Command::new("valgrind").arg("--version").output().ok().filter(|output| output.status.success())?;
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--instr-atstart=no"])
        .arg(format!("--callgrind-out-file={}", counts.display()));
    let (child, lines) = start(command, open);
    let pid = child.id().to_string();
    Command::new("callgrind_control").args(["-i", "on", &pid]).output().ok()?;
    finish(child, lines);
    let counts = fs::read_to_string(counts).ok()?;
    let totals = counts.lines().find_map(|line| line.strip_prefix("totals: "))?;
    Some(totals.trim().parse::<u64>().ok()? / MEASURED as u64)
}

async fn restart(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let file = folder.join("usher.db");
    let url = format!("sqlite:{}", file.display());
    let opening = Opening::new(SecretString::from(url.clone()), "bench", "bench");
    let clock = Clock::simulated(begins());
    let store = Store::open(&opening).await?;
    let mut driver = Driver::<Engine>::open(store.clone(), clock.clone(), Faults::none()).await?;
    driver.offer(revision().into(), begins());
    for number in 0..RESTARTED {
        let event = question(number);
        let at = event.at;
        driver.offer(event.into(), at);
        if driver.waiting() >= 1_000 {
            driver.commit().await?;
        }
    }
    driver.commit().await?;
    drop(driver);
    store.close().await;
    let (mut scans, mut starts) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let seconds = begin();
        let rows = scan(&url).await?;
        scans.push((seconds(), rows));
        let seconds = begin();
        open(&opening, &clock).await?;
        starts.push(seconds());
    }
    let scan_s = watch::median(&scans.iter().map(|(took_s, _)| *took_s).collect::<Vec<_>>());
    let start_s = watch::median(&starts);
    println!("\nrestart with {RESTARTED} open clocks (goal: 2 x a bare scan of the table and less)");
    println!(
        "  {} records: scanned in {scan_s:.2} s; the driver is ready after {start_s:.2} s: {:.2} x",
        scans[0].1,
        start_s / scan_s
    );
    Ok(())
}

/// Reads every row of the table, and all of each.
async fn scan(url: &str) -> Result<usize, sqlx::Error> {
    let mut connection = SqliteConnection::connect(url).await?;
    let rows = sqlx::query("SELECT kind, owner, id, body FROM record ORDER BY team, kind, owner, id")
        .fetch_all(&mut connection)
        .await?;
    let bytes: usize =
        rows.iter().map(|row| (0..4).map(|column| row.get::<&str, _>(column).len()).sum::<usize>()).sum();
    assert!(bytes > 0, "the table is not empty");
    connection.close().await?;
    Ok(rows.len())
}

async fn open(opening: &Opening, clock: &Clock) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::open(opening).await?;
    let driver = Driver::<Engine>::open(store.clone(), clock.clone(), Faults::none()).await?;
    assert!(driver.next_wake().is_some(), "clocks are open");
    drop(driver);
    store.close().await;
    Ok(())
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let [_, flag, open] = arguments.as_slice()
        && flag == "--child"
    {
        child(open.parse().expect("a number"));
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).expect("a folder can be made");
    println!("growth from {FEW} to {MANY} open clocks (goal: 1.5 x the instructions an event and less)");
    match (instructions(FEW, folder.path()), instructions(MANY, folder.path())) {
        (Some(few), Some(many)) => {
            println!("  {few} and {many} instructions an event: {:.2} x", many as f64 / few as f64);
        }
        (_, _) => println!("  instructions were not counted: valgrind is not installed"),
    }
    let (few, many) = (time_us(FEW), time_us(MANY));
    println!("  {few:.1} and {many:.1} µs an event: {:.2} x", many / few);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(restart(folder.path())).expect("a database on disk");
}
