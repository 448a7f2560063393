//! Slack at full speed: `cargo bench --bench slack`.
//!
//! The real program (SQLite in a file, WAL, `synchronous=FULL`) takes signed requests over many connections that stay
//! open, and envelopes over its socket, as fast as it acknowledges them. Beside it, from the same senders in the same run: an empty
//! app on Slack's Bolt for Python, which keeps nothing, if `USHER_BENCH_PYTHON` names a Python that has `slack_bolt`
//! (`scripts/bench` sees to it); and a program that answers at once, which shows what the senders can do.

#[path = "support/load.rs"]
mod load;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/usher.rs"]
mod usher_process;
#[path = "support/watch.rs"]
mod watch;
#[path = "support/workspace.rs"]
mod workspace;

use std::env;
use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener as Port, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use usher_process::Usher;
use watch::{begin, median};

const EVENTS: usize = 30_000;
/// Bolt takes a fifth of them in the same time.
const FEWER: usize = EVENTS / 5;
const ROUNDS: usize = 3;
/// So many requests are on their way at once; of more connections than 256 Usher closes the idle ones.
const CONNECTIONS: usize = 200;
/// Bolt's own server takes one connection after the other, and lets five wait.
const CONNECTIONS_OF_OWN: usize = 4;
/// So many envelopes are on their way at once.
const WINDOW: usize = 512;
/// How long a peer may take to start, in seconds.
const STARTS_WITHIN_S: f64 = 30.0;

type Failed = Box<dyn std::error::Error>;

/// Another program that runs beside; it ends when this is dropped.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        // Asked, not killed: a server has workers of its own to end.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

impl Peer {
    fn start(python: &OsString, arguments: &[&str]) -> Result<Peer, Failed> {
        let mut command = Command::new(python);
        command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers")).args(arguments);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(Peer(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Waits until it listens; false if it ended instead.
    fn listens(&mut self, at: SocketAddr) -> Result<bool, Failed> {
        let seconds = begin();
        while TcpStream::connect(at).is_err() {
            if self.0.try_wait()?.is_some() || seconds() > STARTS_WITHIN_S {
                return Ok(false);
            }
            std::thread::yield_now();
        }
        Ok(true)
    }
}

fn free_port() -> Result<SocketAddr, Failed> {
    Ok(Port::bind("127.0.0.1:0")?.local_addr()?)
}

/// What was measured of one way in, events a second.
#[derive(Default)]
struct Rates {
    usher: Vec<f64>,
    commits: Vec<f64>,
    peers: Vec<(&'static str, Vec<f64>)>,
    ceiling: Vec<f64>,
}

impl Rates {
    fn add_peer(&mut self, name: &'static str, rate: Option<f64>) {
        let Some(rate) = rate else { return };
        match self.peers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, rates)) => rates.push(rate),
            None => self.peers.push((name, vec![rate])),
        }
    }

    fn print(&self, way: &str) {
        let usher = median(&self.usher);
        println!("{way}");
        println!("  usher: decided, durable, acknowledged      {usher:>8.0} a second");
        for (name, rates) in &self.peers {
            let rate = median(rates);
            println!(
                "  {name:<42} {rate:>8.0} a second: usher has {:.1} x (goal: 3 x and more)",
                usher / rate
            );
        }
        if self.peers.is_empty() {
            println!(
                "  an empty Bolt app was not measured: USHER_BENCH_PYTHON names no Python with slack_bolt"
            );
        }
        println!("  answered at once: what the sender can do   {:>8.0} a second", median(&self.ceiling));
        println!(
            "  commits an event                           {:>8.3} (goal: 0.2 and less)\n",
            median(&self.commits)
        );
    }
}

fn signed(count: usize) -> Arc<[Vec<u8>]> {
    workspace::messages(count).iter().map(|payload| workspace::request(payload)).collect()
}

fn rate(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds
}

fn usher_by_requests(api_url: &str) -> Result<(f64, f64), Failed> {
    // On the disk of the project: /tmp may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let at = free_port()?;
    let connection = format!("signing_secret = \"{}\"", workspace::SECRET);
    let mut usher = Usher::start(folder.path(), api_url, &connection, &at.to_string())?;
    usher.is_up()?;
    let seconds = load::requests(at, CONNECTIONS, &signed(EVENTS))?;
    let (events, commits) = usher.end()?;
    Ok((rate(EVENTS, seconds), commits / events))
}

fn peer_by_requests(python: &OsString, serve: &[&str], connections: usize) -> Result<Option<f64>, Failed> {
    let at = free_port()?;
    let (port, address) = (at.port().to_string(), at.to_string());
    let arguments: Vec<&str> = serve
        .iter()
        .map(|argument| match *argument {
            "PORT" => port.as_str(),
            "ADDRESS" => address.as_str(),
            other => other,
        })
        .collect();
    let mut peer = Peer::start(python, &arguments)?;
    if !peer.listens(at)? {
        return Ok(None);
    }
    Ok(Some(rate(FEWER, load::requests(at, connections, &signed(FEWER))?)))
}

fn by_requests(runtime: &Runtime, api_url: &str, python: Option<&OsString>) -> Result<Rates, Failed> {
    let mut rates = Rates::default();
    for _ in 0..ROUNDS {
        let (usher, commits) = usher_by_requests(api_url)?;
        rates.usher.push(usher);
        rates.commits.push(commits);
        if let Some(python) = python {
            let own = ["bolt_served.py", "own", "PORT"];
            let found = peer_by_requests(python, &own, CONNECTIONS_OF_OWN)?;
            rates.add_peer("Bolt for Python, its own server, empty", found);
            let served =
                "-m gunicorn --workers 2 --threads 8 --keep-alive 60 --bind ADDRESS bolt_served:served";
            let served: Vec<&str> = served.split(' ').collect();
            let found = peer_by_requests(python, &served, CONNECTIONS)?;
            rates.add_peer("Bolt for Python, gunicorn, 2 workers, empty", found);
        }
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let at = listener.local_addr()?;
        let answering = runtime.spawn(load::answer_at_once(listener));
        rates.ceiling.push(rate(EVENTS, load::requests(at, CONNECTIONS, &signed(EVENTS))?));
        answering.abort();
    }
    Ok(rates)
}

/// The rate at which whoever connects next acknowledges.
fn envelopes(sockets: &TcpListener, sender: &Runtime, count: usize) -> Result<f64, Failed> {
    let payloads = workspace::messages(count);
    Ok(rate(count, sender.block_on(load::envelopes(sockets, WINDOW, &payloads))?))
}

fn by_sockets(
    runtime: &Runtime,
    sender: &Runtime,
    sockets: &TcpListener,
    api_url: &str,
    python: Option<&OsString>,
) -> Result<Rates, Failed> {
    let mut rates = Rates::default();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let usher = Usher::start(folder.path(), api_url, "app_token = \"xapp-bench\"", "127.0.0.1:0")?;
        rates.usher.push(envelopes(sockets, sender, EVENTS)?);
        let (events, commits) = usher.end()?;
        rates.commits.push(commits / events);
        if let Some(python) = python {
            let _peer = Peer::start(python, &["bolt_served.py", "socket", api_url])?;
            rates.add_peer(
                "Bolt for Python, its socket client, empty",
                Some(envelopes(sockets, sender, FEWER)?),
            );
        }
        let acknowledging = runtime.spawn(load::acknowledge_at_once(sockets.local_addr()?));
        rates.ceiling.push(envelopes(sockets, sender, EVENTS)?);
        acknowledging.abort();
    }
    Ok(rates)
}

fn main() -> Result<(), Failed> {
    let python = env::var_os("USHER_BENCH_PYTHON");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let sender = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sockets = sender.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let api_url = runtime.block_on(workspace::serve(sockets.local_addr()?))?;
    by_requests(&runtime, &api_url, python.as_ref())?
        .print(&format!("signed requests, {CONNECTIONS} connections that stay open"));
    by_sockets(&runtime, &sender, &sockets, &api_url, python.as_ref())?
        .print(&format!("Socket Mode, one socket, {WINDOW} envelopes on their way"));
    Ok(())
}
