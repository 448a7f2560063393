//! Replicas as they are in the world: processes of their own on one PostgreSQL, one of which is killed and
//! one of which stands still. Each thing that is due is sent once.
//!
//! Not run where `USHER_TEST_POSTGRES` names no server.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use sqlx::Row;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use usher::chat::{Answer, Chat, Outcome, ReadBack};
use usher::clock::Clock;
use usher::core::action::Action;
use usher::core::event::{self, Fate, MessageRef};
use usher::courier::Routes;
use usher::driver::{Options, Stopped};
use usher::fault::Faults;
use usher::service::Service;
use usher::store::{Opening, Store, StoreError};

use crate::committing::driver;
use crate::kit::Kit;
use crate::servers::{open_when_free, patiently};
use crate::toy::{Toy, at, post};

const LEASE_MS: i64 = 1_000;
/// What a replica ends with that finds that another has taken over.
const FENCED: i32 = 3;

/// How many things are due: 400, or what `USHER_DUE` says.
fn due() -> usize {
    std::env::var("USHER_DUE").map_or(400, |due| due.parse().unwrap())
}

/// A platform in the process of the test, behind a socket. `+ ID PROCESS` sends, `? ID` asks whether it is there.
struct Platform {
    taken: watch::Receiver<Vec<(String, u32)>>,
    socket: PathBuf,
    _serving: JoinSet<()>,
}

impl Platform {
    fn start(socket: PathBuf) -> Platform {
        let listener = UnixListener::bind(&socket).unwrap();
        let (take, taken) = watch::channel(Vec::new());
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let take = Arc::new(take);
            // Each for itself: one that stands still keeps nobody waiting.
            let mut calls = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                calls.spawn(serve(stream, Arc::clone(&take)));
                while calls.try_join_next().is_some() {}
            }
        });
        Platform { taken, socket, _serving: serving }
    }
}

async fn serve(stream: UnixStream, take: Arc<watch::Sender<Vec<(String, u32)>>>) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    // A process that was killed asks nothing, or hears no answer.
    if stream.read_line(&mut line).await.is_err() {
        return;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let answer = match words[..] {
        ["+", id, process] => {
            take.send_modify(|taken| taken.push((id.to_owned(), process.parse().unwrap())));
            "yes"
        }
        ["?", id] if take.borrow().iter().any(|(taken, _)| taken == id) => "yes",
        ["?", _] => "no",
        _ => return,
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// The way to the platform from another process.
struct Line(PathBuf);

impl Line {
    async fn ask(&self, question: &str) -> bool {
        // Nothing is waited for before the question is out: a process that is stopped has asked, or will look at
        // its lease again before it does.
        let mut stream = std::os::unix::net::UnixStream::connect(&self.0).unwrap();
        stream.write_all(format!("{question}\n").as_bytes()).unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut stream = UnixStream::from_std(stream).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer == "yes"
    }
}

fn message(action: &Action) -> MessageRef {
    MessageRef { channel: "C1".into(), id: action.id.0.clone() }
}

impl Chat for Line {
    fn deliver<'a>(&'a self, action: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, Outcome> {
        Box::pin(async move {
            assert!(self.ask(&format!("+ {} {}", action.id, std::process::id())).await);
            Outcome::Accepted(Some(message(action)))
        })
    }

    fn read_back<'a>(&'a self, action: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, ReadBack> {
        Box::pin(async move {
            let is_there = self.ask(&format!("? {}", action.id)).await;
            if is_there { ReadBack::Found(Some(message(action))) } else { ReadBack::Absent }
        })
    }
}

#[tokio::test]
#[ignore = "run by the tests below, in processes of its own"]
async fn child_is_a_replica() {
    let given = |name: &str| std::env::var(name).unwrap();
    let holder = format!("process {}", std::process::id());
    let opening =
        Opening { lease_ms: LEASE_MS, ..Opening::new(given("USHER_TEST_URL").into(), "team", &holder) };
    // Whoever started it says by closing the input that it is over.
    let is_over = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()).unwrap());
    let service = async {
        let store = open_when_free(&opening).await;
        let mut routes = Routes::default();
        routes.chats.insert(event::Platform::Slack, Arc::new(Line(given("USHER_TEST_SOCKET").into())));
        Service::start::<Toy>(store, Clock::System, Faults::none(), routes, Options::default()).await.unwrap()
    };
    tokio::pin!(is_over);
    let mut service = tokio::select! {
        service = service => service,
        _ = &mut is_over => return,
    };
    tokio::select! {
        ended = service.ended() => match ended.unwrap_err() {
            Stopped::Store(StoreError::Fenced { .. }) => std::process::exit(FENCED),
            other => panic!("{other}"),
        },
        _ = &mut is_over => service.shutdown().await.unwrap(),
    }
}

/// A process that waits for its turn. Dropped, it is killed.
struct Replica(Child, Option<ChildStdin>);

impl Replica {
    fn start(url: &str, socket: &Path) -> Replica {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "replicas::child_is_a_replica", "--ignored", "--nocapture"])
            .env("USHER_TEST_URL", url)
            .env("USHER_TEST_SOCKET", socket)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Kept here: to wait for a child closes its input, which is to say that it is over.
        let input = child.stdin.take();
        Replica(child, input)
    }

    fn signal(&self, signal: &str) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Everything that happens around the replicas.
struct Stage {
    kit: Kit,
    platform: Platform,
    replicas: Vec<Replica>,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// So many things are due, and so many processes want to send them. `None` without a server.
    async fn set(due: usize, replicas: usize) -> Option<Stage> {
        let kit = Kit::postgres_alone().await?;
        let store = Store::open(&kit.opening()).await.unwrap();
        let mut driver = driver(store.clone()).await;
        for number in 0..due {
            driver.offer(post(&number.to_string(), &format!("at {number}")).into(), at(0));
            if driver.waiting() == 1_000 {
                driver.commit().await.unwrap();
            }
        }
        driver.commit().await.unwrap();
        drop(driver);
        store.close().await;
        let folder = tempfile::tempdir().unwrap();
        let platform = Platform::start(folder.path().join("socket"));
        let start = |_| Replica::start(kit.url(), &platform.socket);
        let replicas = (0..replicas).map(start).collect();
        Some(Stage { kit, platform, replicas, _folder: folder })
    }

    /// Waits until so many things were sent; who sent the last.
    async fn sent(&self, count: usize) -> usize {
        self.until(|taken| taken.len() >= count).await
    }

    /// Waits until this holds of what was sent; who sent the last.
    async fn until(&self, mut holds: impl FnMut(&Vec<(String, u32)>) -> bool) -> usize {
        let mut taken = self.platform.taken.clone();
        let process = patiently(taken.wait_for(|taken| holds(taken))).await.unwrap().last().unwrap().1;
        self.replicas.iter().position(|replica| replica.0.id() == process).unwrap()
    }

    /// Waits until whoever holds the lease now has made it last for two more.
    async fn two_leases(&self) {
        let mut connection = self.kit.connect().await;
        let mut ends_at = async || -> i64 {
            let lease = sqlx::query("SELECT expires_at FROM lease");
            lease.fetch_one(&mut connection).await.unwrap().get(0)
        };
        let now_until = ends_at().await;
        patiently(async { while ends_at().await < now_until + 2 * LEASE_MS {} }).await;
    }

    /// Ends whoever is left; what was sent must be each of what was due, once.
    async fn each_was_sent_once(mut self, due: usize) {
        self.sent(due).await;
        for replica in &mut self.replicas {
            drop(replica.1.take());
            replica.0.wait().unwrap();
        }
        let lines = self.platform.taken.borrow().clone();
        let sent: BTreeSet<&String> = lines.iter().map(|(id, _)| id).collect();
        let wanted: BTreeSet<String> =
            (0..due).map(|ms| format!("alarm/{}", at(ms.try_into().unwrap()).ms())).collect();
        assert!(sent.iter().copied().eq(&wanted), "{} of {due}", sent.len());
        assert_eq!(lines.len(), due, "each once");
        let store = open_when_free(&self.kit.opening()).await;
        let fates = store.fates().await.unwrap();
        assert_eq!(fates.iter().filter(|(_, fate)| matches!(fate, Some(Fate::Sent(_)))).count(), due);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_one_is_killed_and_the_other_goes_on() {
    let Some(mut stage) = Stage::set(due(), 2).await else { return };
    let active = stage.sent(due() / 2).await;
    let killed = &mut stage.replicas[active].0;
    killed.kill().unwrap();
    assert_eq!(killed.wait().unwrap().signal(), Some(9), "it was at work");
    stage.each_was_sent_once(due()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_processes_one_is_killed_and_one_stands_still_and_must_not_go_on() {
    let Some(mut stage) = Stage::set(due(), 3).await else { return };
    let active = stage.sent(due() / 4).await;
    let killed = &mut stage.replicas[active].0;
    killed.kill().unwrap();
    assert_eq!(killed.wait().unwrap().signal(), Some(9), "it was at work");
    let stopped = stage.sent(due() / 2).await;
    assert_ne!(stopped, active);
    stage.replicas[stopped].signal("-STOP");
    let process = stage.replicas[stopped].0.id();
    let other = stage.until(|taken| taken.last().is_some_and(|(_, last)| *last != process)).await;
    assert!(other != active && other != stopped, "the third has taken over");
    stage.two_leases().await;
    stage.replicas[stopped].signal("-CONT");
    let status = stage.replicas[stopped].0.wait().unwrap();
    assert_eq!(status.code(), Some(FENCED), "it stops by itself: {status}");
    stage.each_was_sent_once(due()).await;
}
