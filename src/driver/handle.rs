//! The way to a running driver: for whoever brings events, and for whoever asks what it knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::timeout;

use super::inbound::{Incoming, Lookup, Remember, Unread, Which};
use super::{Acked, Figures, Inbound, Memo, MemoKind, Position};
use crate::calendar::Instant;
use crate::core::event::{ChannelId, Event, MessageId, Platform};

/// Why an event was not taken. It is not durable, and must not be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It was not durable in time. It may become so: send it again with the same key.
    #[error("the driver is busy")]
    Busy,
    /// The driver has stopped.
    #[error("the driver has stopped")]
    Stopped,
}

/// Events may have been missed: whoever reads a platform reads its history from `from` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapNotice {
    /// The platform.
    pub platform: Platform,
    /// Since when.
    pub from: Instant,
}

/// What is asked of the machine, and who waits for the answer.
#[derive(Debug)]
pub(super) enum Question {
    OpenGaps(oneshot::Sender<usize>),
    OpenThreads(ChannelId, oneshot::Sender<Vec<MessageId>>),
}

/// The way to a running driver. Clones lead to the same one.
#[derive(Clone, Debug)]
pub struct DriverHandle {
    pub(super) inbox: mpsc::Sender<Incoming>,
    pub(super) questions: mpsc::Sender<Question>,
    pub(super) gaps: broadcast::Sender<GapNotice>,
    pub(super) figures: Arc<Figures>,
    pub(super) positions: Arc<BTreeMap<SmolStr, String>>,
    pub(super) last_alive: Option<Instant>,
}

impl DriverHandle {
    /// Hands in an event and waits until it is durable, but no longer than `within_ms`.
    ///
    /// # Errors
    /// When it is not durable in time, or the driver has stopped.
    pub async fn handle(
        &self,
        event: Event,
        position: Option<Position>,
        within_ms: u64,
    ) -> Result<Acked, NotTaken> {
        let (ack, acked) = oneshot::channel();
        self.bring(Incoming::Event(Inbound { position, ack: Some(ack), ..event.into() }), acked, within_ms)
            .await
    }

    /// Hands in what cannot be read, to be kept aside, and waits as [`DriverHandle::handle`] does.
    ///
    /// # Errors
    /// See [`DriverHandle::handle`].
    pub async fn set_aside(&self, unread: Unread, within_ms: u64) -> Result<Acked, NotTaken> {
        let (ack, acked) = oneshot::channel();
        self.bring(Incoming::Unread(Unread { ack: Some(ack), ..unread }), acked, within_ms).await
    }

    /// Hands in what is to be remembered without an event, and waits as [`DriverHandle::handle`] does.
    ///
    /// # Errors
    /// See [`DriverHandle::handle`].
    pub async fn remember(
        &self,
        memos: Vec<Memo>,
        position: Option<Position>,
        within_ms: u64,
    ) -> Result<Acked, NotTaken> {
        let (ack, acked) = oneshot::channel();
        self.bring(Incoming::Remember(Remember { memos, position, ack: Some(ack) }), acked, within_ms).await
    }

    /// What is remembered under a key, by all that was handed in before.
    ///
    /// # Errors
    /// See [`DriverHandle::handle`].
    pub async fn memo(&self, kind: MemoKind, key: &str, within_ms: u64) -> Result<Option<String>, NotTaken> {
        let mut found = self.look_up(kind, Which::Key(key.into()), within_ms).await?;
        Ok(found.pop().map(|(_, value)| value))
    }

    /// What is remembered of a kind, by key, by all that was handed in before: the newest first, and no more than
    /// `most`.
    ///
    /// # Errors
    /// See [`DriverHandle::handle`].
    pub async fn memos(
        &self,
        kind: MemoKind,
        most: usize,
        within_ms: u64,
    ) -> Result<Vec<(SmolStr, String)>, NotTaken> {
        self.look_up(kind, Which::Newest(most), within_ms).await
    }

    async fn look_up(
        &self,
        kind: MemoKind,
        which: Which,
        within_ms: u64,
    ) -> Result<Vec<(SmolStr, String)>, NotTaken> {
        let (tell, told) = oneshot::channel();
        self.bring(Incoming::Lookup(Lookup { kind, which, tell }), told, within_ms).await
    }

    async fn bring<T>(
        &self,
        incoming: Incoming,
        answer: oneshot::Receiver<T>,
        within_ms: u64,
    ) -> Result<T, NotTaken> {
        let handled = async {
            self.inbox.send(incoming).await.map_err(|_| NotTaken::Stopped)?;
            answer.await.map_err(|_| NotTaken::Stopped)
        };
        timeout(Duration::from_millis(within_ms), handled).await.unwrap_or(Err(NotTaken::Busy))
    }

    /// Hands in an event, waiting for room as long as it takes.
    ///
    /// # Errors
    /// When the driver has stopped.
    pub async fn submit(&self, inbound: Inbound) -> Result<(), NotTaken> {
        self.inbox.send(Incoming::Event(inbound)).await.map_err(|_| NotTaken::Stopped)
    }

    /// In how many channels something may have been missed that is not read yet. It is answered between two
    /// commits: that there is an answer shows that events are taken.
    ///
    /// # Errors
    /// See [`DriverHandle::handle`].
    pub async fn open_gaps(&self, within_ms: u64) -> Result<usize, NotTaken> {
        self.ask(Question::OpenGaps, within_ms).await
    }

    /// The first messages of those threads of a channel in which an answer is owed, in order.
    ///
    /// # Errors
    /// See [`DriverHandle::handle`].
    pub async fn open_threads(
        &self,
        channel: &ChannelId,
        within_ms: u64,
    ) -> Result<Vec<MessageId>, NotTaken> {
        self.ask(|answer| Question::OpenThreads(channel.clone(), answer), within_ms).await
    }

    async fn ask<T>(
        &self,
        question: impl FnOnce(oneshot::Sender<T>) -> Question,
        within_ms: u64,
    ) -> Result<T, NotTaken> {
        let (tell, told) = oneshot::channel();
        let answered = async {
            self.questions.send(question(tell)).await.map_err(|_| NotTaken::Stopped)?;
            told.await.map_err(|_| NotTaken::Stopped)
        };
        timeout(Duration::from_millis(within_ms), answered).await.unwrap_or(Err(NotTaken::Busy))
    }

    /// Tells of gaps from now on; those at the start are known from [`DriverHandle::last_alive`].
    pub fn gaps(&self) -> broadcast::Receiver<GapNotice> {
        self.gaps.subscribe()
    }

    /// What was counted.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// How far a source had been read when the driver started.
    pub fn position(&self, source: &str) -> Option<&str> {
        self.positions.get(source).map(String::as_str)
    }

    /// When the process before this one made its last commit.
    pub fn last_alive(&self) -> Option<Instant> {
        self.last_alive
    }

    /// Whether the driver has stopped, wanted or not.
    pub fn is_stopped(&self) -> bool {
        self.inbox.is_closed()
    }
}
