//! A small team at rest: `cargo bench --bench rest`.
//!
//! The real program is connected over a socket to the stand-in for Slack of the tests, and nothing happens. How soon it was
//! there, what memory it holds, and what it does all the same: Linux tells, and `strace` where it is installed.

#[expect(dead_code, unused_imports, reason = "the tests use all of it")]
#[path = "../tests/slack/standin/mod.rs"]
mod standin;
#[path = "support/usher.rs"]
mod usher_process;
#[path = "support/watch.rs"]
mod watch;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tokio::runtime::Runtime;
use usher::clock::Clock;

use standin::state::APP_TOKEN;
use standin::{Settings, Standin};
use usher_process::Usher;
use watch::{begin, median};

const STARTS: usize = 7;
/// After so long all that belongs to a start is over.
const SETTLES_MS: i64 = 5_000;
const RESTS_S: i64 = 20;
const TRACED_S: i64 = 10;

type Failed = Box<dyn std::error::Error>;

/// As often as Slack pings a socket of an app at rest.
fn settings() -> Settings {
    Settings { ping_every_ms: 10_000, ..Settings::default() }
}

/// A start, and the ms until Slack could send it something.
fn start(runtime: &Runtime, standin: &Standin, folder: &Path) -> Result<(Usher, f64), Failed> {
    let connection = format!("app_token = \"{APP_TOKEN}\"");
    let seconds = begin();
    let usher = Usher::start(folder, &standin.api_url(), &connection, "127.0.0.1:0")?;
    runtime.block_on(standin.wait_for_sockets(1));
    Ok((usher, seconds() * 1e3))
}

fn end(runtime: &Runtime, standin: &Standin, usher: Usher) -> Result<(), Failed> {
    usher.end()?;
    runtime.block_on(standin.wait_for_sockets(0));
    Ok(())
}

/// A field of a file in /proc, as a number.
fn field(file: &str, name: &str) -> Result<f64, Failed> {
    let text = fs::read_to_string(file)?;
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = found.and_then(|value| value.split_whitespace().next()?.parse().ok());
    Ok(number.ok_or_else(|| format!("{file} has no {name}"))?)
}

/// How often its threads have waited for something.
fn waits(pid: u32) -> Result<f64, Failed> {
    let mut sum = 0.0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let status = thread?.path().join("status").display().to_string();
        sum += field(&status, "voluntary_ctxt_switches")?;
    }
    Ok(sum)
}

fn pause(runtime: &Runtime, ms: i64) {
    runtime.block_on(Clock::System.pause(ms));
}

/// How often it had the disk write all down; `None` without `strace`.
fn syncs(runtime: &Runtime, pid: u32, folder: &Path) -> Result<Option<usize>, Failed> {
    let told = folder.join("strace");
    let mut command = Command::new("strace");
    command.args(["-f", "-e", "trace=fsync,fdatasync,msync,sync_file_range", "-o"]).arg(&told);
    command.args(["-p", &pid.to_string()]).stdin(Stdio::null()).stderr(Stdio::null());
    let Ok(mut strace) = command.spawn() else { return Ok(None) };
    pause(runtime, TRACED_S * 1_000);
    Command::new("kill").arg(strace.id().to_string()).status()?;
    strace.wait()?;
    Ok(Some(fs::read_to_string(told)?.lines().filter(|line| line.contains("sync")).count()))
}

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let _inside = runtime.enter();
    let standin = runtime.block_on(Standin::start_with(settings()));
    standin.invite_bot("C0GENERAL", "U0ANA");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let new = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        for ready in [&mut first, &mut again] {
            let (mut usher, ready_ms) = start(&runtime, &standin, new.path())?;
            ready.push(ready_ms);
            usher.is_up()?;
            end(&runtime, &standin, usher)?;
        }
    }
    let (mut usher, _) = start(&runtime, &standin, folder.path())?;
    usher.is_up()?;
    let pid = usher.process.id();
    pause(&runtime, SETTLES_MS);
    let before = waits(pid)?;
    pause(&runtime, RESTS_S * 1_000);
    let wakes = (waits(pid)? - before) / RESTS_S as f64;
    let status = format!("/proc/{pid}/status");
    println!("Slack over a socket, SQLite, a runbook of one level, three people, and nothing happens");
    println!(
        "  from the start to a socket that takes events: {:>5.0} ms (goal: 100 ms and less)",
        median(&first)
    );
    println!("  the same with a database that is there        {:>5.0} ms", median(&again));
    println!(
        "  memory                                        {:>5.1} MB (goal: 20 MB and less)",
        field(&status, "VmRSS")? / 1024.0
    );
    println!("  the most it ever held                         {:>5.1} MB", field(&status, "VmHWM")? / 1024.0);
    println!("  wake-ups a second                             {wakes:>5.2} (goal: 1 and less)");
    match syncs(&runtime, pid, folder.path())? {
        Some(syncs) => {
            println!("  writes that the disk must keep, in {TRACED_S} s       {syncs:>5} (goal: none)")
        }
        None => println!("  writes that the disk must keep were not counted: strace is not installed"),
    }
    end(&runtime, &standin, usher)
}
