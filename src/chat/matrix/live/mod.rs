//! The account as it is now: its rooms become known, and what happens in them becomes committed events.
//!
//! All that one sync brings is handed to the driver in order, with how far it reaches at its end: both are committed, or
//! neither. What is synced once is never synced again by the same process, because the library would throw it away.

mod batch;
mod dialogues;
mod history;
mod keys;
mod rooms;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use matrix_sdk::config::{SyncSettings, SyncToken};
use matrix_sdk::ruma::UInt;
use matrix_sdk::ruma::api::client::filter::{FilterDefinition, RoomEventFilter, RoomFilter};
use matrix_sdk::ruma::api::client::sync::sync_events::v3::Filter;
use matrix_sdk::ruma::presence::PresenceState;
use matrix_sdk::sync::SyncResponse;
use smol_str::format_smolstr;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout;

use self::batch::Batch;
use self::dialogues::Dialogues;
use self::keys::Waiting;
use super::directory::Directory;
use super::directs::Directs;
use super::doors::Doors;
use super::error::CallError;
use super::inbound::Targets;
use super::outbound::Matrix;
use super::sent::Sent;
use super::session::{Progress, Session, SessionError};
use crate::calendar::{Instant, MINUTE_MS, SECOND_MS};
use crate::clock::Clock;
use crate::core::event::{Event, Platform, What};
use crate::driver::{DriverHandle, GapNotice};
use crate::settings::MatrixSettings;

/// So long the homeserver waits for something to tell.
const POLL: Duration = Duration::from_secs(10);
/// A homeserver that is silent for so much longer, or for so long where it has nothing to wait for, may have something to
/// tell that does not get through.
const SILENT: Duration = Duration::from_secs(5);
/// So many events of a room a sync brings at most; homeservers give no more than this. The rest is read from history.
const EVENTS: u32 = 100;
/// The first wait before the homeserver is asked again, in ms; it doubles up to the last.
const WAIT_MS: (i64, i64) = (250, 30 * SECOND_MS);
/// No longer than this, whatever the homeserver asks for, in ms.
const MOST_WAIT_MS: i64 = 15 * MINUTE_MS;
/// The driver answers within this, or is asked again, in ms.
const WITHIN_MS: u64 = 5_000;

/// Why the account cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The homeserver will not do something that is needed.
    #[error("{0}")]
    Refused(CallError),
    /// The homeserver takes the session no more.
    #[error(
        "{0}. Sign in again: move the folder of the session away and set `matrix.password`, or set a new \
             `matrix.access_token`, and start Usher again; what waits to be said is said then"
    )]
    SignedOut(CallError),
    /// The session is good no more.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The driver has stopped.
    #[error("the driver has stopped")]
    Stopped,
}

/// An account.
pub struct Live {
    session: Arc<Session>,
    settings: MatrixSettings,
    driver: DriverHandle,
    clock: Clock,
    directory: Arc<Mutex<Directory>>,
    targets: Mutex<Targets>,
    directs: Arc<Directs>,
    sent: Arc<Sent>,
    doors: Doors,
    waiting: Mutex<Waiting>,
    dialogues: Mutex<Dialogues>,
    outbound: Arc<Matrix>,
}

/// What all parts of an account share.
pub struct Shared {
    /// Its session.
    pub session: Arc<Session>,
    /// Its rooms and people.
    pub directory: Arc<Mutex<Directory>>,
    /// Its rooms with one person alone.
    pub directs: Arc<Directs>,
    /// What it has said.
    pub sent: Arc<Sent>,
    /// How it says more.
    pub outbound: Arc<Matrix>,
}

/// What of the rooms' history is read with a sync.
struct History {
    /// How far the sync before reached; empty where that is not known.
    before: String,
    /// Since when something may have been missed, for where no token says.
    since: Instant,
    /// What was missed is looked for in every room, whatever the homeserver says of it.
    is_thorough: bool,
    /// Nothing was ever committed: what was said before now is not Usher's business.
    is_first: bool,
}

/// Where the syncs are.
struct Syncs {
    progress: Progress,
    /// Since when events may have been missed, until all is read.
    gap: Option<Instant>,
    /// When the homeserver was asked the last time that it answered.
    answered: Option<Instant>,
    /// What was missed is looked for in every room, whatever the homeserver says of it.
    is_thorough: bool,
    /// Nothing was ever committed: what was said before now is not Usher's business.
    is_first: bool,
    wait_ms: i64,
}

impl Live {
    /// The account that the parts share.
    pub fn new(
        shared: Shared,
        settings: MatrixSettings,
        driver: DriverHandle,
        clock: Clock,
        doors: Doors,
    ) -> Live {
        let Shared { session, directory, directs, sent, outbound } = shared;
        let (targets, waiting, dialogues) = (Mutex::default(), Mutex::default(), Mutex::default());
        Live {
            session,
            settings,
            driver,
            clock,
            directory,
            targets,
            directs,
            sent,
            doors,
            waiting,
            dialogues,
            outbound,
        }
    }

    /// Follows the account until `stop` turns true. `committed` is how far the database is; `missed_from` since when
    /// the driver has declared a gap. Whether the homeserver answers `answers` tells.
    ///
    /// # Errors
    /// When the homeserver ends the session, or the driver has stopped.
    pub async fn run(
        &self,
        committed: Option<Progress>,
        missed_from: Instant,
        answers: watch::Sender<bool>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), LiveError> {
        let syncs = self.begin(committed, missed_from);
        tokio::select! {
            biased;
            // What is not committed by then is read again at the next start.
            _ = stop.wait_for(|stopped| *stopped) => Ok(()),
            ended = self.follow_account(syncs, answers) => ended,
        }
    }

    async fn follow_account(&self, mut syncs: Syncs, answers: watch::Sender<bool>) -> Result<(), LiveError> {
        let mut gaps = self.driver.gaps();
        self.learn_waiting().await?;
        self.learn_dialogues().await?;
        let mut is_settled = false;
        loop {
            let asked_at = self.clock.now();
            match self.sync(&mut syncs, asked_at).await? {
                Ok(response) => {
                    answers.send_replace(true);
                    self.take(response, &mut syncs, asked_at).await?;
                    self.look_for_gaps(&mut gaps, &mut syncs);
                    if !is_settled {
                        is_settled = true;
                        self.watched(self.settle_in(), &mut syncs.gap, asked_at).await?;
                    }
                }
                Err(error) => {
                    answers.send_replace(false);
                    self.bear(error, &mut syncs, asked_at).await?;
                }
            }
        }
    }

    /// Where the syncs go on. Another session than that of the database knows no rooms yet: it is told of all anew, and
    /// what was missed is read from their history.
    fn begin(&self, committed: Option<Progress>, missed_from: Instant) -> Syncs {
        let device = self.session.device().clone();
        let is_first = committed.is_none();
        let committed = committed.filter(|committed| committed.device == device);
        let none = Progress { device, step: 0, token: String::new() };
        Syncs {
            progress: committed.unwrap_or(none),
            gap: Some(missed_from),
            answered: None,
            is_thorough: true,
            is_first,
            wait_ms: WAIT_MS.0,
        }
    }

    /// One sync, to its end: one that is given up half-way may have been taken in by the library, and is then never seen
    /// again. So it runs by itself, and where Usher is to end it is left to end with the process.
    async fn sync(
        &self,
        syncs: &mut Syncs,
        asked_at: Instant,
    ) -> Result<Result<SyncResponse, CallError>, LiveError> {
        let client = self.session.client();
        let settings = sync_settings(&syncs.progress.token);
        let asked = tokio::spawn(async move { client.sync_once(settings).await });
        let answered = self.watched_for(POLL + SILENT, asked, &mut syncs.gap, asked_at).await?;
        let response = answered.map_err(|_| LiveError::Stopped)?;
        Ok(response.map_err(|error| CallError::from(&error)))
    }

    /// Waits for what asks the homeserver. Meanwhile nobody asks what is new: where it takes long, events may be missed
    /// from `from` on.
    async fn watched<T>(
        &self,
        asking: impl Future<Output = T>,
        gap: &mut Option<Instant>,
        from: Instant,
    ) -> Result<T, LiveError> {
        self.watched_for(SILENT, asking, gap, from).await
    }

    async fn watched_for<T>(
        &self,
        usual: Duration,
        asking: impl Future<Output = T>,
        gap: &mut Option<Instant>,
        from: Instant,
    ) -> Result<T, LiveError> {
        let mut asking = pin!(asking);
        if gap.is_none() {
            match timeout(usual, &mut asking).await {
                Ok(answer) => return Ok(answer),
                Err(_) => self.declare_gap(gap, from).await?,
            }
        }
        Ok(asking.await)
    }

    /// Hands in what a sync brought.
    async fn take(
        &self,
        response: SyncResponse,
        syncs: &mut Syncs,
        asked_at: Instant,
    ) -> Result<(), LiveError> {
        let before = std::mem::replace(&mut syncs.progress.token, response.next_batch.clone());
        let mut batch = Batch::new(syncs.answered);
        let from = syncs.answered.unwrap_or(asked_at);
        if response.rooms.joined.values().any(|room| room.timeline.limited) {
            self.declare_gap(&mut syncs.gap, from).await?;
        }
        let (since, is_thorough, is_first) = (syncs.gap.unwrap_or(from), syncs.is_thorough, syncs.is_first);
        batch.told_until = before.is_empty().then_some(since);
        let history = History { before, since, is_thorough, is_first };
        let reading = async {
            self.read_rooms(response, &history, &mut batch).await?;
            self.read_waiting(&mut batch).await
        };
        self.watched(reading, &mut syncs.gap, from).await??;
        if !batch.is_empty() {
            syncs.progress.step += 1;
            self.session.step(syncs.progress.step).await?;
            batch.reaches(&syncs.progress);
            batch.hand_in(&self.driver).await?;
        }
        syncs.is_first = false;
        self.speak().await;
        syncs.answered = Some(asked_at);
        syncs.wait_ms = WAIT_MS.0;
        syncs.is_thorough = false;
        if syncs.gap.take().is_some() {
            self.submit(self.event("filled", What::Filled { channel: None })).await?;
            tracing::info!("what was missed has been read");
        }
        self.watched(self.answer_invitations(), &mut syncs.gap, asked_at).await
    }

    /// Bears that the homeserver did not answer: no clock fires until it has, and it is asked again after a while.
    async fn bear(&self, error: CallError, syncs: &mut Syncs, asked_at: Instant) -> Result<(), LiveError> {
        self.declare_gap(&mut syncs.gap, syncs.answered.unwrap_or(asked_at)).await?;
        syncs.is_thorough = true;
        let mut error = error;
        if let CallError::SignedOut { may_sign_in_again: true, .. } = &error {
            tracing::warn!(%error, "Usher signs in once more as the same session");
            match self.session.sign_in_again(&self.settings, &syncs.progress).await {
                Ok(()) => return Ok(()),
                Err(why) => error = why.passing()?,
            }
        }
        let wait_ms = match error {
            error @ CallError::SignedOut { .. } => return Err(LiveError::SignedOut(error)),
            // A token that is refused is none that would ever be taken: what was missed is read from history.
            CallError::Refused(code) if !syncs.progress.token.is_empty() => {
                tracing::warn!(%code, "the homeserver does not know how far Usher is; all rooms are read anew");
                syncs.progress.token.clear();
                return Ok(());
            }
            CallError::Refused(_) => return Err(LiveError::Refused(error)),
            CallError::RateLimited { after_ms } => after_ms.unwrap_or(syncs.wait_ms),
            CallError::Unavailable(_) | CallError::Unknown(_) => syncs.wait_ms,
        };
        tracing::info!(%error, wait_ms, "the homeserver is asked again");
        self.clock.pause(wait_ms.clamp(0, MOST_WAIT_MS)).await;
        syncs.wait_ms = (syncs.wait_ms * 2).min(WAIT_MS.1);
        Ok(())
    }

    /// Events may have been missed since `from`: no clock fires until they are read.
    async fn declare_gap(&self, gap: &mut Option<Instant>, from: Instant) -> Result<(), LiveError> {
        if gap.is_some() {
            return Ok(());
        }
        *gap = Some(from);
        self.submit(self.event("gap", What::Gap { channel: None, from })).await
    }

    /// The driver has gaps of its own: when the clock jumps. The next sync fills them.
    fn look_for_gaps(&self, gaps: &mut broadcast::Receiver<GapNotice>, syncs: &mut Syncs) {
        loop {
            match gaps.try_recv() {
                Ok(GapNotice { platform: Platform::Matrix, from }) => {
                    syncs.gap = Some(syncs.gap.map_or(from, |gap| gap.min(from)));
                }
                // Some were missed; those that are left begin no later than the clock was last right.
                Ok(GapNotice { .. }) | Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => return,
            }
        }
    }

    /// Sees after the first sync to what others need in order to trust Usher.
    async fn settle_in(&self) {
        use super::session::Trust;
        match self.session.make_trusted(&self.settings).await {
            Trust::Whole(None) => tracing::info!("the session is verified, and its keys can be got back"),
            Trust::Whole(Some(path)) => tracing::warn!(
                path = %path.display(),
                "the session is verified. Its recovery key is in this file: keep it in a safe place, as \
                 `matrix.recovery_key` of the settings or with your passwords"
            ),
            Trust::Lacking(why) => tracing::warn!(%why, "Usher works, and something is missing"),
        }
    }

    /// An event of Usher's own making.
    fn event(&self, name: &str, what: What) -> Event {
        let at = self.clock.now();
        let mut about = "";
        if let What::Gap { channel: Some(channel), .. } | What::Filled { channel: Some(channel) } = &what {
            about = channel;
        }
        Event {
            key: format_smolstr!("matrix/{name}/{about}/{}", at.ms()),
            at,
            platform: Platform::Matrix,
            what,
        }
    }

    async fn submit(&self, event: Event) -> Result<(), LiveError> {
        let mut batch = Batch::new(None);
        batch.push(event);
        batch.hand_in(&self.driver).await
    }

    fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn targets(&self) -> MutexGuard<'_, Targets> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sync_settings(token: &str) -> SyncSettings {
    let mut timeline = RoomEventFilter::default();
    timeline.limit = Some(UInt::from(EVENTS));
    let mut ephemeral = RoomEventFilter::default();
    ephemeral.types = Some(Vec::new());
    let mut room = RoomFilter::default();
    room.timeline = timeline;
    room.ephemeral = ephemeral;
    let mut filter = FilterDefinition::default();
    filter.room = room;
    filter.presence.types = Some(Vec::new());
    let token = if token.is_empty() { SyncToken::NoToken } else { SyncToken::Specific(token.to_owned()) };
    SyncSettings::new()
        .token(token)
        .timeout(POLL)
        .filter(Filter::FilterDefinition(filter))
        .set_presence(PresenceState::Online)
}
