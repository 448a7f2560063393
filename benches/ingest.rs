//! Events in, durable, acknowledged, beside SQLite itself and beside a bot that stores nothing:
//! `cargo bench --bench ingest`.
//!
//! An event comes in as JSON, is read, decided about, committed to a file (WAL, `synchronous=FULL`) and acknowledged
//! to whoever waits. Beside it: the rows that this takes at least, written by SQLite alone, a hundred events a transaction; and an empty
//! handler of Slack's Bolt for Python, which checks the signature and keeps nothing, if `USHER_BENCH_PYTHON` names a
//! Python that has `slack_bolt` (`scripts/bench` sees to it). None of them crosses a network.

#[path = "support/talk.rs"]
mod talk;
#[path = "support/watch.rs"]
mod watch;

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use secrecy::SecretString;
use smol_str::format_smolstr;
use sqlx::{Connection, SqliteConnection};
use usher::calendar::Instant;
use usher::clock::{self, Clock};
use usher::core::Engine;
use usher::core::event::{Event, Mention, MessageRef, Platform, Posted, RevisionText, Text, What};
use usher::driver::{Driver, Options, start};
use usher::fault::Faults;
use usher::store::{Opening, Store};

use talk::{sentence, some};
use watch::{begin, median};

const EVENTS: usize = 20_000;
const ROUNDS: usize = 5;
/// So many senders wait for their acknowledgement at a time.
const SENDERS: usize = 512;
const ROWS_A_BATCH: usize = 100;
const RUNBOOK: &str = include_str!("support/runbook.toml");

type Failed = Box<dyn std::error::Error>;

/// What a busy workspace sends, as JSON; a third of it in threads.
fn bodies(from: Instant) -> Vec<String> {
    let mut chance = ChaCha8Rng::seed_from_u64(11);
    let mut roots: Vec<Posted> = Vec::new();
    let body = |number: usize| {
        let at = from.plus(20 * number as i64);
        let root = roots.last().filter(|_| chance.random_bool(0.7)).cloned();
        let channel = root.as_ref().map_or_else(
            || format_smolstr!("C{:09}", some(&mut chance, 50)),
            |root| root.message.channel.clone(),
        );
        let message = MessageRef { channel, id: format_smolstr!("{}.{number:06}", at.ms() / 1_000) };
        let mentioned =
            chance.random_bool(0.2).then(|| Mention::User(format_smolstr!("U{:09}", some(&mut chance, 300))));
        let posted = Posted {
            thread: root.as_ref().map(|root| root.message.id.clone()),
            author: format_smolstr!("U{:09}", some(&mut chance, 300)),
            bot: false,
            text: Text::new(sentence(&mut chance, root.is_none()), mentioned.into_iter().collect()),
            message,
        };
        if root.is_none() {
            roots.push(posted.clone());
        }
        let key = format_smolstr!("{}/{}", posted.message.channel, posted.message.id);
        let event = Event { key, at, platform: Platform::Slack, what: What::Posted(posted) };
        serde_json::to_string(&event).expect("an event is JSON")
    };
    (0..EVENTS).map(body).collect()
}

/// Events a second, and commits an event.
async fn usher(folder: &Path, bodies: &Arc<[String]>, now: Instant) -> Result<(f64, f64), Failed> {
    let url = format!("sqlite:{}", folder.join("usher.db").display());
    let store = Store::open(&Opening::new(SecretString::from(url), "bench", "bench")).await?;
    let mut driver = Driver::<Engine>::open(store, Clock::System, Faults::none()).await?;
    let text = RevisionText {
        id: "bench".into(),
        file: "bench.toml".to_owned(),
        text: RUNBOOK.to_owned(),
        beside: Default::default(),
        by: None,
    };
    let revision =
        Event { key: "revision".into(), at: now, platform: Platform::Slack, what: What::Revision(text) };
    driver.offer(revision.into(), now);
    driver.commit().await?;
    let (handle, task) = start(driver, Options::default());
    let before = handle.figures().commits.get();
    let next = Arc::new(AtomicUsize::new(0));
    let sender = || {
        let (handle, bodies, next) = (handle.clone(), Arc::clone(bodies), Arc::clone(&next));
        tokio::spawn(async move {
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                let event: Event = serde_json::from_str(body).expect("it was written above");
                handle.handle(event, None, 60_000).await.expect("the driver runs");
            }
        })
    };
    let seconds = begin();
    let senders: Vec<_> = (0..SENDERS).map(|_| sender()).collect();
    for sender in senders {
        sender.await?;
    }
    let took_s = seconds();
    let commits = handle.figures().commits.get() - before;
    task.shutdown().await?;
    Ok((EVENTS as f64 / took_s, commits as f64 / EVENTS as f64))
}

/// Events a second, if nothing is done with one but to keep it: a row of the records and a row of the known events,
/// with the keys and bodies that Usher's have, in tables like Usher's.
async fn sqlite(folder: &Path, bodies: &[String]) -> Result<f64, Failed> {
    let url = format!("sqlite:{}?mode=rwc", folder.join("raw.db").display());
    let mut connection = SqliteConnection::connect(&url).await?;
    sqlx::raw_sql(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         CREATE TABLE record (team TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL, id TEXT NOT NULL, \
         body TEXT NOT NULL, PRIMARY KEY (team, kind, owner, id)) WITHOUT ROWID; \
         CREATE TABLE seen (team TEXT NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (team, key)) \
         WITHOUT ROWID; CREATE INDEX seen_at ON seen (team, at);",
    )
    .execute(&mut connection)
    .await?;
    let events: Vec<Event> =
        bodies.iter().map(|body| serde_json::from_str(body)).collect::<Result<_, _>>()?;
    let seconds = begin();
    for batch in events.chunks(ROWS_A_BATCH) {
        let records: Vec<_> = batch.iter().filter_map(record).collect();
        let keys: Vec<_> = batch.iter().map(|event| (&event.key, event.at.ms())).collect();
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO record SELECT 'bench', 'fact', value->>0, value->>1, value->>2 FROM json_each($1)",
        )
        .bind(serde_json::to_string(&records)?)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("INSERT INTO seen SELECT 'bench', value->>0, value->>1 FROM json_each($1)")
            .bind(serde_json::to_string(&keys)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    let took_s = seconds();
    connection.close().await?;
    Ok(bodies.len() as f64 / took_s)
}

fn record(event: &Event) -> Option<(String, &str, String)> {
    let What::Posted(posted) = &event.what else { return None };
    let thread = posted.thread.as_ref().map(|root| format!(" {root}")).unwrap_or_default();
    let owner = format!("{}{thread}", posted.message.channel);
    Some((owner, &posted.message.id, serde_json::to_string(&posted.text.mentions).ok()?))
}

/// Requests a second.
fn bolt() -> Option<f64> {
    let python = env::var_os("USHER_BENCH_PYTHON")?;
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/bolt.py");
    let mut command = Command::new(python);
    let output = command.arg(program).arg((EVENTS / 4).to_string()).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (mut ours, mut commits, mut raw, mut empty) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // On the disk of the project: /tmp may be memory.
        let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR"))?;
        let now = clock::now();
        let bodies: Arc<[String]> = bodies(now).into();
        let (rate, share) = runtime.block_on(usher(folder.path(), &bodies, now))?;
        ours.push(rate);
        commits.push(share);
        raw.push(runtime.block_on(sqlite(folder.path(), &bodies))?);
        empty.extend(bolt());
    }
    let ours = median(&ours);
    println!("durable ingest, {SENDERS} senders at a time");
    println!("  usher: JSON to acknowledgement, durable          {ours:>8.0} a second");
    println!(
        "  SQLite alone, {ROWS_A_BATCH} events a transaction           {:>8.0} a second: usher has {:.0} % of it (goal: 50 % and more)",
        median(&raw),
        100.0 * ours / median(&raw)
    );
    if empty.is_empty() {
        println!(
            "  an empty Bolt handler was not measured: USHER_BENCH_PYTHON names no Python with slack_bolt"
        );
    } else {
        println!(
            "  an empty handler of Bolt for Python, nothing kept {:>7.0} a second: usher has {:.1} x (goal: 3 x and more)",
            median(&empty),
            ours / median(&empty)
        );
    }
    println!(
        "  commits an event                                 {:>8.3} (goal: 0.2 and less)",
        median(&commits)
    );
    Ok(())
}
