//! Usher as `usher run` wires it, on a clock that is moved, in a thread that can be killed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread::JoinHandle;

use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot};
use usher::calendar::{Instant, SECOND_MS};
use usher::chat::slack::socket::Patience;
use usher::clock::{Clock, Simulated};
use usher::commands::serve::{self, Surroundings};
use usher::core::action::ActionId;
use usher::core::event::{Event, Platform, RevisionText, What};
use usher::core::turn::{Note, Turn};
use usher::driver::DriverHandle;
use usher::play::Ends;
use usher::settings::{PagerSettings, Settings, SlackSettings, WebhookSettings};

use super::Mode;
use crate::standin::Standin;
use crate::standin::control::BOUND;
use crate::standin::state::{APP_TOKEN, BOT_TOKEN, SIGNING_SECRET};
use crate::usher::{be_called_at, free_port};

/// While something is being said, time passes by itself for whoever waits no longer than this, in ms: the
/// courier, before it tries again or says the next thing in one place.
const REACH_MS: i64 = 20 * SECOND_MS;

/// A house in which Usher runs, or does not.
pub struct House {
    pub standin: Standin,
    pub clock: Simulated,
    mode: Mode,
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

impl House {
    /// One in which nobody runs yet.
    pub fn new(standin: Standin, clock: Simulated, mode: Mode, pager_url: String) -> House {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let (unsaid, noted) = (BTreeSet::new(), Vec::new());
        House {
            standin,
            clock,
            mode,
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

    /// Lets a millisecond pass: nothing of this kind happens twice at one instant.
    pub fn tick(&self) {
        self.clock.advance_to(self.now().plus(1));
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
        let slack = SlackSettings {
            bot_token: secret(BOT_TOKEN),
            app_token: secret(APP_TOKEN).filter(|_| self.mode == Mode::Sockets),
            signing_secret: secret(SIGNING_SECRET),
            api_url: Some(self.standin.api_url()),
            ..SlackSettings::default()
        };
        Settings {
            database_url: SecretString::from(format!("sqlite:{}", database.display())),
            listen: ([127, 0, 0, 1], self.port).into(),
            pager: Some(PagerSettings::Webhook(webhook)),
            slack: Some(slack),
            ..Settings::default()
        }
    }

    /// Starts Usher, and waits until it has read what it missed and Slack reaches it.
    pub async fn start(&mut self, revision: RevisionText) {
        self.tick();
        let settings = self.settings();
        let (tell, turns) = mpsc::unbounded_channel();
        let (started, has_started) = oneshot::channel();
        let (kill, killed) = oneshot::channel();
        let patience = Patience { retry_ms: 10, retry_at_most_ms: 50, ..Patience::default() };
        let clock = Clock::Simulated(self.clock.clone());
        let known = self.revision_event(revision.clone());
        let surroundings =
            Surroundings { clock, ends: Ends::none(), patience, turns: Some(tell), started: Some(started) };
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
        self.wait_until_reached().await;
        self.settle().await;
    }

    /// The event by which `usher run` puts the runbook in force.
    fn revision_event(&self, revision: RevisionText) -> Event {
        let at = self.now();
        let key = format!("revision/{}/{}", revision.id, at.ms()).into();
        Event { key, at, platform: Platform::Slack, what: What::Revision(revision) }
    }

    async fn wait_until_reached(&self) {
        match self.mode {
            Mode::Sockets => self.standin.wait_for_sockets(1).await,
            Mode::Http => be_called_at(&self.standin, self.port).await,
        }
    }

    /// Whether Usher hears of Slack.
    pub fn hears_slack(&self) -> bool {
        self.mode == Mode::Http || !self.standin.sockets().is_empty()
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
        if self.mode == Mode::Sockets {
            self.standin.wait_for_sockets(0).await;
        }
    }

    fn take_in(&mut self, turn: Turn) {
        let cause = turn.cause.unwrap_or_default();
        if let Some(action) = cause.strip_prefix("delivered/") {
            self.unsaid.remove(&ActionId(action.into()));
        }
        if cause.starts_with("slack/filled//") {
            self.heard.filled += 1;
        }
        self.heard.gaps += usize::from(cause.starts_with("slack/gap/"));
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

    /// Slack is gone: waits until Usher knows it.
    pub async fn lose_slack(&mut self) {
        let before = self.heard;
        self.standin.go_down();
        while self.heard.gaps == before.gaps {
            self.progress("the gap to be declared").await;
        }
    }

    /// Waits until a turn comes, or lets the time pass for which the courier waits.
    async fn progress(&mut self, what: &str) {
        let now = self.now();
        let mut sleepers = self.clock.sleepers();
        let running = self.running.as_mut().expect("Usher runs");
        let near = |until: &Instant| *until > now && *until <= now.plus(REACH_MS);
        let turn = async {
            tokio::select! {
                biased;
                turn = running.turns.recv() => Some(turn.expect("Usher goes on")),
                slept = sleepers.wait_for(|sleepers| sleepers.keys().any(near)) => {
                    let until = slept.unwrap().keys().find(|until| near(until)).copied();
                    self.clock.advance_to(until.unwrap());
                    None
                }
            }
        };
        let turn = tokio::time::timeout(BOUND, turn).await;
        let turn = turn.unwrap_or_else(|_| panic!("waited in vain for {what}; unsaid: {:?}", self.unsaid));
        turn.into_iter().for_each(|turn| self.take_in(turn));
    }

    /// Waits until Slack has told all, Usher has heard it, and what follows from it is said.
    pub async fn settle(&mut self) {
        if self.running.is_none() {
            return;
        }
        loop {
            self.standin.wait_until_settled().await;
            self.catch_up().await;
            let all_told = self.standin.shared.read(|state| state.unsettled == 0);
            match (self.unsaid.is_empty(), all_told) {
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
            self.clock.advance_to(due);
            self.settle().await;
            if self.next_due(last) == Some(due) {
                // It is due and may do nothing: there is a gap.
                break;
            }
        }
        self.clock.advance_to(to);
        self.settle().await;
    }

    fn next_due(&self, last: Instant) -> Option<Instant> {
        let running = self.running.as_ref()?;
        running.driver.figures().next_wake().filter(|due| *due <= last)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // Killed with its files, if a test failed while it ran.
        if let Some(running) = self.running.take() {
            drop(running.kill);
            let _ = running.thread.join();
        }
    }
}
