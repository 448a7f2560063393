//! Usher as `usher run` wires it, on a clock that is moved, in a thread that can be killed.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot};
use usher::calendar::{Instant, SECOND_MS};
#[cfg(feature = "slack")]
use usher::chat::slack::socket::Patience;
use usher::clock::{Clock, Simulated};
use usher::commands::serve::{self, Surroundings};
use usher::core::action::ActionId;
use usher::core::event::{Event, RevisionText, What};
use usher::core::turn::{Note, Turn};
use usher::driver::DriverHandle;
use usher::play::Ends;
use usher::settings::{PagerSettings, Settings, WebhookSettings};

use super::world::World;

/// While something is being said, time passes by itself for whoever waits no longer than this, in ms: the
/// courier, before it tries again or says the next thing in one place.
const REACH_MS: i64 = 20 * SECOND_MS;
/// How long anything is waited for.
const BOUND: Duration = Duration::from_secs(60);

/// A house in which Usher runs, or does not.
pub struct House<W> {
    pub world: W,
    clock: Simulated,
    port: u16,
    pager_url: String,
    folder: tempfile::TempDir,
    running: Option<Running>,
    /// What is decided and not yet said.
    unsaid: BTreeSet<ActionId>,
    /// What was noted since somebody asked, with when it was decided.
    noted: Vec<Note>,
    heard: Milestones,
}

/// How often something has happened in Usher that shows nowhere else.
#[derive(Clone, Copy, Default)]
pub struct Milestones {
    /// A gap was declared since it started.
    gaps: usize,
    /// All that was missed was read.
    filled: usize,
}

struct Running {
    driver: DriverHandle,
    turns: mpsc::UnboundedReceiver<Turn>,
    /// Which event the driver knows: handing it in again is heard, and does nothing.
    known: Event,
    kill: oneshot::Sender<()>,
    thread: JoinHandle<anyhow::Result<()>>,
}

/// What happens next.
enum Next {
    /// Usher decides something.
    Turn(Turn),
    /// Somebody's sleep would end.
    Sleeper(Instant),
}

impl<W: World> House<W> {
    /// One in which nobody runs yet.
    pub fn new(world: W, clock: Simulated, pager_url: String) -> House<W> {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let (unsaid, noted) = (BTreeSet::new(), Vec::new());
        House {
            world,
            clock,
            port,
            pager_url,
            folder,
            running: None,
            unsaid,
            noted,
            heard: Milestones::default(),
        }
    }

    pub fn now(&self) -> Instant {
        Clock::Simulated(self.clock.clone()).now()
    }

    /// Moves the clock there.
    pub fn advance_to(&mut self, at: Instant) {
        if at > self.now() {
            // Whatever the clock wakes happens at the new time.
            self.world.set_time(at);
            self.clock.advance_to(at);
        }
    }

    /// Lets a millisecond pass: nothing of this kind happens twice at one instant.
    pub fn tick(&mut self) {
        self.advance_to(self.now().plus(1));
    }

    fn settings(&self) -> Settings {
        let secret = |text: &str| Some(SecretString::from(text.to_owned()));
        let database: PathBuf = self.folder.path().join("usher.db");
        let webhook = WebhookSettings {
            url: secret(&self.pager_url),
            format: Default::default(),
            token: None,
            token_for: Default::default(),
            timeout_s: 10,
        };
        let common = Settings {
            database_url: SecretString::from(format!("sqlite:{}", database.display())),
            listen: ([127, 0, 0, 1], self.port).into(),
            pager: Some(PagerSettings::Webhook(webhook)),
            ..Settings::default()
        };
        self.world.settings(common, self.port)
    }

    /// Starts Usher, and waits until it has read what it missed and the platform reaches it.
    pub async fn start(&mut self, revision: &RevisionText) {
        self.tick();
        let revision = self.world.with_ids(revision);
        let settings = self.settings();
        let (tell, turns) = mpsc::unbounded_channel();
        let (started, has_started) = oneshot::channel();
        let (kill, killed) = oneshot::channel();
        let clock = Clock::Simulated(self.clock.clone());
        let known = self.revision_event(revision.clone());
        let surroundings = Surroundings {
            clock,
            ends: Ends::none(),
            #[cfg(feature = "slack")]
            patience: Patience { retry_ms: 10, retry_at_most_ms: 50, ..Patience::default() },
            turns: Some(tell),
            started: Some(started),
        };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                tokio::select! {
                    ended = serve::bot(&settings, revision, surroundings) => ended,
                    _ = killed => Ok(()),
                }
            })
        });
        let Ok(driver) = has_started.await else { panic!("Usher does not start: {:?}", thread.join()) };
        self.running = Some(Running { driver, turns, known, kill, thread });
        self.wait_until_filled(self.heard).await;
        self.world.wait_until_reached(self.port).await;
        self.settle().await;
    }

    /// The event by which `usher run` puts the runbook in force.
    fn revision_event(&self, revision: RevisionText) -> Event {
        let at = self.now();
        let key = format!("revision/{}/{}", revision.id, at.ms()).into();
        Event { key, at, platform: W::PLATFORM, what: What::Revision(revision) }
    }

    /// Kills it where it is.
    pub async fn kill(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        // It may have ended by itself; then that is said below.
        let _ = running.kill.send(());
        let ended = tokio::task::spawn_blocking(|| running.thread.join()).await.unwrap();
        ended.expect("Usher does not panic").expect("Usher runs until it is killed");
        while let Ok(turn) = running.turns.try_recv() {
            self.take_in(turn);
        }
        self.world.wait_until_left().await;
    }

    fn take_in(&mut self, turn: Turn) {
        let cause = turn.cause.unwrap_or_default();
        if let Some(action) = cause.strip_prefix("delivered/") {
            self.unsaid.remove(&ActionId(action.into()));
        }
        self.heard.filled += usize::from(W::says_filled(&cause));
        self.heard.gaps += usize::from(W::says_gap(&cause));
        self.unsaid.extend(turn.actions.into_iter().map(|action| action.id));
        self.noted.extend(turn.notes);
    }

    /// What was noted since this was asked last.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.noted)
    }

    /// What has happened so far.
    pub fn heard(&self) -> Milestones {
        self.heard
    }

    /// Waits until all that was missed has been read once more than `before`.
    pub async fn wait_until_filled(&mut self, before: Milestones) {
        while self.heard.filled == before.filled {
            self.progress("what was missed to be read").await;
        }
    }

    /// The platform is gone: waits until Usher knows it.
    pub async fn lose_platform(&mut self) {
        let before = self.heard;
        self.world.go_down();
        while self.heard.gaps == before.gaps {
            // Whoever tries again and again to say something would only wait the longer each time.
            self.next_turn("the gap to be declared").await;
        }
    }

    /// The platform is back: waits until Usher has read what it missed, and is reached.
    pub async fn find_platform(&mut self) {
        let before = self.heard;
        self.world.come_up().await;
        self.wait_until_filled(before).await;
        self.world.wait_until_reached(self.port).await;
    }

    /// Waits until a turn comes, or lets the time pass for which the courier waits.
    async fn progress(&mut self, what: &str) {
        let now = self.now();
        let mut sleepers = self.clock.sleepers();
        let near = |until: &Instant| *until > now && *until <= now.plus(REACH_MS);
        let turns = &mut self.running.as_mut().expect("Usher runs").turns;
        let next = async {
            tokio::select! {
                biased;
                turn = turns.recv() => Next::Turn(turn.expect("Usher goes on")),
                slept = sleepers.wait_for(|sleepers| sleepers.keys().any(near)) => {
                    Next::Sleeper(slept.unwrap().keys().find(|until| near(until)).copied().unwrap())
                }
            }
        };
        let next = tokio::time::timeout(BOUND, next).await;
        match next.unwrap_or_else(|_| self.give_up(what)) {
            Next::Turn(turn) => self.take_in(turn),
            Next::Sleeper(until) => self.advance_to(until),
        }
    }

    /// Waits until a turn comes, while no time passes.
    async fn next_turn(&mut self, what: &str) {
        let turns = &mut self.running.as_mut().expect("Usher runs").turns;
        let turn = tokio::time::timeout(BOUND, turns.recv()).await;
        let turn = turn.unwrap_or_else(|_| self.give_up(what)).expect("Usher goes on");
        self.take_in(turn);
    }

    fn give_up(&self, what: &str) -> ! {
        let (now, unsaid, world) = (self.now(), &self.unsaid, self.world.last_requests());
        let sleepers = self.clock.sleepers().borrow().clone();
        panic!(
            "waited in vain for {what} at {now}; unsaid: {unsaid:?}; asleep: {sleepers:?}; asked was {world:#?}"
        )
    }

    /// Waits until the platform has told all, Usher has heard it, and what follows from it is said.
    pub async fn settle(&mut self) {
        if self.running.is_none() {
            return;
        }
        loop {
            self.world.wait_until_told().await;
            self.catch_up().await;
            match (self.unsaid.is_empty(), self.world.is_all_told()) {
                (true, true) => return,
                (true, false) => {}
                (false, _) => self.progress("everything to be said").await,
            }
        }
    }

    /// Takes in all turns up to now. The driver tells of its turns after it has acknowledged their events, so
    /// it has told of all when it comes to the second of two that were handed in one after the other.
    async fn catch_up(&mut self) {
        let running = self.running.as_mut().expect("Usher runs");
        for _ in 0..2 {
            running.driver.handle(running.known.clone(), None, 60_000).await.expect("the driver runs");
        }
        while let Ok(turn) = self.running.as_mut().expect("Usher runs").turns.try_recv() {
            self.take_in(turn);
        }
    }

    /// Lets time pass until `to`; what falls due until `last` happens at its instant.
    pub async fn pass_until(&mut self, to: Instant, last: Instant) {
        self.settle().await;
        while let Some(due) = self.next_due(last) {
            self.advance_to(due);
            self.settle().await;
            if self.next_due(last) == Some(due) {
                // It is due and may do nothing: there is a gap.
                break;
            }
        }
        self.advance_to(to);
        self.settle().await;
    }

    fn next_due(&self, last: Instant) -> Option<Instant> {
        let running = self.running.as_ref()?;
        running.driver.figures().next_wake().filter(|due| *due <= last)
    }
}

impl<W> Drop for House<W> {
    fn drop(&mut self) {
        // Killed with its files, if a test failed while it ran.
        if let Some(running) = self.running.take() {
            drop(running.kill);
            let _ = running.thread.join();
        }
    }
}

/// A port at which nobody listens. It is none of those that the system gives to whoever opens a connection, so it
/// is still free when Usher wants it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(20_000 + std::process::id() % 4_000).expect("less than a port");
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
