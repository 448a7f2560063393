//! What stands between Usher and the homeserver: it tells the time of a scenario in the place of the real one, knows
//! what Usher has been told and has taken, and breaks what a network and a server may break.

pub mod faults;
mod server;
mod sync;
pub mod times;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::Method;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use usher::calendar::Instant;

use self::faults::{Armed, Fault};
use self::times::Times;
use crate::BOUND;

/// Something that Usher asked of the homeserver.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Below `/_matrix/client/`, with the query, percent signs and all.
    pub path: String,
    pub body: String,
    /// What was answered, once it was: none if the connection was dropped.
    pub status: Option<u16>,
    /// The event, or else the room, that the homeserver made of it, whatever was answered.
    pub made: Option<String>,
}

/// What the proxy holds.
#[derive(Debug, Default)]
pub struct State {
    pub times: Times,
    pub armed: Vec<Armed>,
    pub requests: Vec<Request>,
    /// Events of which Usher was told, and which it may not have taken.
    told: BTreeSet<String>,
    /// Events that Usher has taken: it asked for what comes after them.
    taken: BTreeSet<String>,
    /// How many messages to its device Usher was told of, and how many it has taken.
    keys: (usize, usize),
    /// Whether syncs wait.
    held: bool,
    /// Whether the events of the next sync that has any come the other way round.
    turned: bool,
    /// How many requests, other than syncs, the homeserver has before it.
    asked: usize,
    /// How many requests hang.
    hanging: usize,
    /// Turns whenever those that hang are let go.
    let_go: usize,
}

/// A running proxy. It stops when it is dropped.
pub struct Proxy {
    upstream: String,
    address: SocketAddr,
    state: Arc<watch::Sender<State>>,
    listener: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Proxy {
    /// Starts one on this runtime, in front of the homeserver at `upstream`, which tells the real time.
    pub async fn start(upstream: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(watch::Sender::new(State::default()));
        let upstream = upstream.to_owned();
        let listener = server::run(listener, upstream.clone(), Arc::clone(&state));
        Proxy { upstream, address, state, listener }
    }

    /// Its address, without a slash at the end: Usher's homeserver.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it is `at`, until somebody says otherwise.
    pub fn set_time(&self, at: Instant) {
        self.change(|state| state.times.set(usher::clock::now(), at));
    }

    /// When something happened that the homeserver has stamped so, in ms.
    pub fn when(&self, stamp_ms: i64) -> Instant {
        self.read(|state| state.times.of(stamp_ms))
    }

    /// Cuts every connection and listens no more.
    pub fn go_down(&self) {
        self.listener.abort();
    }

    /// Listens again, at the same port.
    pub async fn come_up(&mut self) {
        // The old listener lets go of the port when its task ends, which is soon after it was aborted.
        let _ = (&mut self.listener).await;
        let listener = TcpListener::bind(self.address).await.expect("the port is still free");
        self.listener = server::run(listener, self.upstream.clone(), Arc::clone(&self.state));
    }

    /// Whether it listens.
    pub fn is_up(&self) -> bool {
        !self.listener.is_finished()
    }

    /// Has the next `times` requests of that kind go wrong: those whose path contains `part`.
    pub fn arm(&self, method: Method, part: &str, fault: Fault, times: usize) {
        self.change(|state| state.armed.push(Armed { method, part: part.to_owned(), fault, times }));
    }

    /// Disarms everything.
    pub fn disarm(&self) {
        self.change(|state| state.armed.clear());
    }

    /// Drops the requests that hang.
    pub fn let_go(&self) {
        self.change(|state| state.let_go += 1);
    }

    /// Has syncs wait until they are released: what happens meanwhile comes in one.
    pub fn hold(&self) {
        self.change(|state| state.held = true);
    }

    /// Releases the syncs; `turned`, the events of the next one come the other way round.
    pub fn release(&self, turned: bool) {
        self.change(|state| (state.held, state.turned) = (false, turned));
    }

    /// Waits until Usher has taken these events: it has asked for what comes after them.
    pub async fn wait_until_taken(&self, events: &BTreeSet<String>) {
        self.wait_for("events to be taken", |state| events.is_subset(&state.taken).then_some(())).await;
    }

    /// Whether it has.
    pub fn has_taken(&self, events: &BTreeSet<String>) -> bool {
        self.read(|state| events.is_subset(&state.taken))
    }

    /// Waits until Usher has taken so many messages to its device: keys, above all.
    pub async fn wait_for_keys(&self, count: usize) {
        self.wait_for("keys to be taken", |state| (state.keys.1 >= count).then_some(())).await;
    }

    /// How many messages to its device Usher has taken.
    pub fn keys_taken(&self) -> usize {
        self.read(|state| state.keys.1)
    }

    /// Waits until so many requests hang.
    pub async fn wait_until_hanging(&self, count: usize) {
        self.wait_for("requests to hang", |state| (state.hanging >= count).then_some(())).await;
    }

    /// Usher is gone: waits until the homeserver has done what it still asked for. What it was told last it may not have
    /// taken.
    pub async fn wait_until_left(&self) {
        self.wait_for("the last requests to be done", |state| (state.asked == 0).then_some(())).await;
        self.change(|state| state.told.clear());
    }

    /// What Usher has asked for so far.
    pub fn requests(&self) -> Vec<Request> {
        self.read(|state| state.requests.clone())
    }

    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.borrow())
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change_in(&self.state, change)
    }

    /// Waits until there is what `look` finds.
    pub async fn wait_for<T>(&self, what: &str, look: impl Fn(&State) -> Option<T>) -> T {
        let mut state = self.state.subscribe();
        let waited = async {
            let found = state.wait_for(|state| look(state).is_some()).await.unwrap();
            look(&found).unwrap()
        };
        let waited = tokio::time::timeout(BOUND, waited).await;
        waited.unwrap_or_else(|_| panic!("waited in vain for {what}; asked was {:#?}", self.last_requests()))
    }

    /// What Usher has asked for last.
    pub fn last_requests(&self) -> Vec<String> {
        let short = |request: &Request| {
            let path: String = request.path.chars().take(120).collect();
            format!("{} {path} {:?}", request.method, request.status)
        };
        self.read(|state| state.requests.iter().rev().take(20).rev().map(short).collect())
    }
}

fn change_in<T>(state: &watch::Sender<State>, change: impl FnOnce(&mut State) -> T) -> T {
    let mut made = None;
    state.send_modify(|state| made = Some(change(state)));
    made.unwrap()
}
