//! What a PostgreSQL server and those before it do to its clients: leases, lost sessions, restarts,
//! poolers. Not run where `USHER_TEST_POSTGRES` names no server.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{AnyConnection, Connection};
use tokio::task::JoinSet;
use usher::clock::Clock;
use usher::driver::{Acked, Driver, DriverHandle, Figures, Options, Stopped};
use usher::fault::{Fault, Faults, Point};
use usher::service::Service;
use usher::store::{Opening, Store, StoreError};

use crate::committing::driver;
use crate::kit::Kit;
use crate::platform::Fake;
use crate::toy::{Toy, at, post};

/// Longer than anything here takes, in ms.
const PATIENCE_MS: u64 = 120_000;

pub async fn patiently<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_millis(PATIENCE_MS), what)
        .await
        .expect("it should not take that long")
}

/// Opens as soon as the lease of the one before has ended.
pub async fn open_when_free(opening: &Opening) -> Store {
    patiently(async {
        loop {
            match Store::open(opening).await {
                Ok(store) => return store,
                Err(StoreError::Held { .. } | StoreError::Unavailable(_)) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_lease_that_is_kept_is_not_taken_and_one_that_is_given_up_is() {
    let Some(kit) = Kit::postgres() else { return };
    let first = Opening { lease_ms: 60_000, holder: "first".to_owned(), ..kit.opening() };
    let second = Opening { holder: "second".to_owned(), ..first.clone() };
    let store = Store::open(&first).await.unwrap();
    let error = Store::open(&second).await.unwrap_err();
    let StoreError::Held { holder, free_in_ms: Some(free_in_ms) } = &error else { panic!("{error}") };
    assert_eq!(holder, "first");
    assert!((1..=60_000).contains(free_in_ms), "{free_in_ms}");
    store.close().await;
    assert_eq!(Store::open(&second).await.unwrap().epoch(), 2);
}

#[tokio::test]
async fn of_three_replicas_one_acts_and_another_takes_over_when_it_dies() {
    let Some(kit) = Kit::postgres() else { return };
    let opening = Opening { lease_ms: 400, ..kit.opening() };
    let fake = Fake::default();
    let mut replicas = JoinSet::new();
    for _ in 0..3 {
        let (opening, fake) = (opening.clone(), fake.clone());
        replicas.spawn(async move {
            // Each plays the same history from where the store is, and dies on the way or ends.
            loop {
                let service = start(open_when_free(&opening).await, &fake).await;
                let handle = service.handle().clone();
                for number in 0..40 {
                    let event = post(&format!("{number}"), &format!("say C{number} hello"));
                    handle.handle(event, None, PATIENCE_MS).await.unwrap();
                    if handle.figures().events.get() > 12 {
                        break;
                    }
                }
                let done = handle.figures().duplicates.get() == 40;
                // Nothing is given up properly: the lease has to end by itself.
                drop(service);
                if done {
                    return;
                }
            }
        });
    }
    patiently(async { while replicas.join_next().await.transpose().unwrap().is_some() {} }).await;
    let service = start(open_when_free(&opening).await, &fake).await;
    patiently(async {
        while fake.taken().len() < 40 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    service.shutdown().await.unwrap();
    let mut taken = fake.taken();
    taken.sort();
    taken.dedup();
    assert_eq!((taken.len(), fake.taken().len()), (40, 40), "each once");
}

async fn start(store: Store, fake: &Fake) -> Service {
    let clock = Clock::simulated(at(0));
    Service::start::<Toy>(store, clock, Faults::none(), fake.routes(), Options::default()).await.unwrap()
}

#[tokio::test]
async fn what_was_marked_before_a_long_stop_is_not_sent() {
    let Some(kit) = Kit::postgres() else { return };
    let opening = Opening { lease_ms: 300, ..kit.opening() };
    // Just when it is about to send, the whole process stands still until another has taken over.
    let other = opening.clone();
    let faults = Faults::planned(move |point| {
        if point == Point::AfterClaim {
            take_over_from_outside(other.clone());
        }
        Fault::Pass
    });
    let fake = Fake::default();
    let store = Store::open(&opening).await.unwrap();
    let mut stopped =
        Service::start::<Toy>(store, Clock::System, faults, fake.routes(), Options::default()).await.unwrap();
    stopped.handle().handle(post("1", "say C1 hello"), None, PATIENCE_MS).await.unwrap();
    let error = patiently(stopped.ended()).await.unwrap_err();
    assert!(matches!(error, Stopped::Store(StoreError::Fenced { .. })), "{error}");
    assert!(fake.taken().is_empty());

    let service = start(open_when_free(&opening).await, &fake).await;
    patiently(async {
        while fake.taken().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    service.shutdown().await.unwrap();
    assert_eq!(fake.taken(), ["act/1"]);
}

/// Blocks the calling thread, and with it all that runs there, until another process had the lease.
fn take_over_from_outside(opening: Opening) {
    let outside = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { open_when_free(&opening).await.close().await });
    };
    std::thread::spawn(outside).join().unwrap();
}

/// Hands in events from `senders` sides at once, each until it is durable.
fn load(handle: &DriverHandle, senders: usize, numbers: Range<usize>) -> JoinSet<()> {
    let mut load = JoinSet::new();
    for sender in 0..senders {
        let (handle, numbers) = (handle.clone(), numbers.clone());
        load.spawn(async move {
            for number in numbers {
                let event = post(&format!("{sender}/{number}"), &format!("say C{sender} hello"));
                let acked = handle.handle(event, None, PATIENCE_MS).await.unwrap();
                assert_ne!(acked, Acked::Rejected);
            }
        });
    }
    load
}

async fn all_is_there_once(service: Service, fake: &Fake, opening: &Opening, count: usize) {
    patiently(async {
        while fake.taken().len() < count {
            tokio::task::yield_now().await;
        }
    })
    .await;
    service.shutdown().await.unwrap();
    let mut taken = fake.taken();
    taken.sort();
    taken.dedup();
    assert_eq!((taken.len(), fake.taken().len()), (count, count), "each is said once");
    let next: Driver<Toy> = driver(open_when_free(opening).await).await;
    // It also hears that a process started.
    let told = next.machine().heard.values().filter(|text| text.as_str() != "started");
    assert_eq!(told.count(), count);
}

#[tokio::test]
async fn sessions_that_the_server_ends_lose_nothing() {
    let Some(kit) = Kit::postgres_alone().await else { return };
    let opening = Opening { lease_ms: 15_000, ..kit.opening() };
    let fake = Fake::default();
    let clock = Clock::System;
    let store = Store::open(&opening).await.unwrap();
    let service =
        Service::start::<Toy>(store, clock, Faults::none(), fake.routes(), Options::default()).await.unwrap();
    let figures = service.handle().figures();
    let mut killer = kit.connect().await;
    let mut kills = 0;
    let mut events = 0;
    // A session that is ended between two transactions costs nothing: on until one is hit in its middle.
    while kills <= 5 || figures.failed_commits.get() == 0 {
        let load = load(service.handle(), 4, events..events + 30);
        events += 30;
        kills += end_sessions_under(load, &mut killer, figures).await;
    }
    killer.close().await.unwrap();
    all_is_there_once(service, &fake, &opening, 4 * events).await;
}

/// Ends every session but its own again and again, until all is handed in; says how often.
async fn end_sessions_under(mut load: JoinSet<()>, killer: &mut AnyConnection, figures: &Figures) -> u32 {
    let mut kills = 0;
    while !load.is_empty() {
        let kill = "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS BIGINT) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sqlx::raw_sql(kill).execute(&mut *killer).await.unwrap();
        kills += 1;
        tokio::select! {
            joined = load.join_next() => joined.transpose().map(drop).unwrap(),
            // A round of the driver: as many sessions are ended as transactions are made.
            () = tokio::task::yield_now() => {}
        }
        let committed = figures.commits.get();
        patiently(async {
            while !load.is_empty() && figures.commits.get() < committed + 3 {
                tokio::select! {
                    joined = load.join_next() => joined.transpose().map(drop).unwrap(),
                    () = tokio::task::yield_now() => {}
                }
            }
        })
        .await;
    }
    kills
}

/// A server of its own, which may be restarted.
struct OwnServer(PathBuf);

impl OwnServer {
    fn start() -> OwnServer {
        let server =
            OwnServer(std::env::temp_dir().join(format!("usher-postgres-own-{}", std::process::id())));
        server.script("start");
        server
    }

    fn script(&self, what: &str) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/postgres.sh");
        let output = Command::new(script)
            .arg(what)
            .env("USHER_POSTGRES_DIR", &self.0)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "postgres.sh {what}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.script("stop");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_restarted_under_load_loses_nothing() {
    if std::env::var_os("USHER_TEST_POSTGRES").is_none() {
        return;
    }
    let server = tokio::task::spawn_blocking(OwnServer::start).await.unwrap();
    let opening = Opening::new(server.script("url").into(), "team", "test");
    let fake = Fake::default();
    let store = Store::open(&opening).await.unwrap();
    let service =
        Service::start::<Toy>(store, Clock::System, Faults::none(), fake.routes(), Options::default())
            .await
            .unwrap();
    let load = load(service.handle(), 4, 0..40);
    let server = tokio::task::spawn_blocking(move || {
        server.script("restart");
        server.script("restart");
        server
    })
    .await
    .unwrap();
    patiently(load.join_all()).await;
    all_is_there_once(service, &fake, &opening, 160).await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}

/// PgBouncer before the test server, in transaction mode with few sessions.
struct Pooler {
    process: Child,
    directory: tempfile::TempDir,
    port: u16,
}

impl Pooler {
    /// `scripts/postgres.sh`, which started the server, installs PgBouncer too.
    fn start(server: &str) -> Pooler {
        let program =
            ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].into_iter().find(|path| Path::new(path).exists());
        let program = program.expect("PgBouncer is installed, as `scripts/postgres.sh start` does");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let directory = tempfile::tempdir().unwrap();
        let (host, server_port) =
            server.rsplit_once('@').unwrap().1.split_once('/').unwrap().0.split_once(':').unwrap();
        let settings = directory.path().join("pgbouncer.ini");
        // PgBouncer does not run as root, and without being root can become nobody else.
        let is_root =
            std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
        let user = if is_root { "user = postgres\n" } else { "" };
        let text = format!(
            "[databases]\n* = host={host} port={server_port} user=usher\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
             default_pool_size = 3\nserver_round_robin = 1\nignore_startup_parameters = extra_float_digits\n\
             {user}"
        );
        std::fs::write(&settings, text).unwrap();
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        let mut command = Command::new(program);
        let process = command.arg(&settings).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Pooler { process, directory, port }
    }

    async fn url(&self, database: &str) -> String {
        let url = format!("postgres://usher@127.0.0.1:{}/{database}", self.port);
        patiently(async {
            while AnyConnection::connect(&url).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        url
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        self.process
            .kill()
            .and_then(|()| self.process.wait())
            .unwrap_or_else(|error| panic!("{error}: {log}"));
    }
}

#[tokio::test]
async fn a_pooler_between_that_gives_every_transaction_another_session_changes_nothing() {
    let Some(kit) = Kit::postgres_alone().await else { return };
    let direct = kit.url();
    let (server, database) = direct.rsplit_once('/').unwrap();
    let pooler = Pooler::start(&format!("{server}/{database}"));
    let url = pooler.url(database).await;
    let opening = Opening { url: url.clone().into(), lease_ms: 15_000, ..kit.opening() };
    let fake = Fake::default();
    let store = Store::open(&opening).await.unwrap();
    let service =
        Service::start::<Toy>(store, Clock::System, Faults::none(), fake.routes(), Options::default())
            .await
            .unwrap();
    let mut load = load(service.handle(), 4, 0..30);
    // Others use the same sessions in between.
    let mut other = AnyConnection::connect(&url).await.unwrap();
    while !load.is_empty() {
        sqlx::raw_sql("SELECT 1").execute(&mut other).await.unwrap();
        tokio::select! { joined = load.join_next() => joined.transpose().map(drop).unwrap(), () = tokio::task::yield_now() => {} }
    }
    other.close().await.unwrap();
    assert_eq!(service.handle().figures().failed_commits.get(), 0);
    all_is_there_once(service, &fake, &opening, 120).await;
    let mut direct = AnyConnection::connect(direct).await.unwrap();
    let left: (i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
         (SELECT oid FROM pg_database WHERE datname = current_database())), \
         (SELECT COUNT(*) FROM pg_prepared_statements)",
    )
    .fetch_one(&mut direct)
    .await
    .unwrap();
    assert_eq!(left.0, 0, "no lock outlives its transaction");
}
