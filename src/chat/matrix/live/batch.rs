//! What is handed to the driver together.

use tokio::sync::oneshot;

use super::LiveError;
use crate::calendar::Instant;
use crate::chat::matrix::session::{Progress, SOURCE};
use crate::core::event::{Event, EventKey};
use crate::driver::{DriverHandle, Inbound, Memo, NotTaken, Position, Unread};

/// Events in their order, with what is to be remembered of them.
pub(super) struct Batch {
    /// When events were last asked for.
    pub since: Option<Instant>,
    /// Into which rooms Usher came before this was told long ago, or is older than its first start.
    pub told_until: Option<Instant>,
    rows: Vec<Row>,
    /// How far all of it reaches.
    position: Option<Position>,
}

enum Row {
    Event(Box<Inbound>),
    Memo(Memo),
    /// What came, and why it cannot be read.
    Unread {
        key: EventKey,
        raw: String,
        why: String,
    },
}

impl Batch {
    /// An empty one.
    pub fn new(since: Option<Instant>) -> Batch {
        Batch { since, told_until: None, rows: Vec::new(), position: None }
    }

    /// Whether there is nothing to hand in.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds an event.
    pub fn push(&mut self, event: Event) {
        self.rows.push(Row::Event(Box::new(event.into())));
    }

    /// Adds something to remember: with the event before it, if there is one.
    pub fn remember(&mut self, memo: Memo) {
        match self.rows.last_mut() {
            Some(Row::Event(inbound)) => inbound.memos.push(memo),
            Some(Row::Memo(_) | Row::Unread { .. }) | None => self.rows.push(Row::Memo(memo)),
        }
    }

    /// Adds what cannot be read.
    pub fn set_aside(&mut self, key: EventKey, raw: &str, why: String) {
        self.rows.push(Row::Unread { key, raw: raw.to_owned(), why });
    }

    /// All of it reaches this far.
    pub fn reaches(&mut self, progress: &Progress) {
        self.position = Some(Position { source: SOURCE.into(), token: progress.to_string() });
    }

    /// Hands all of it in, and waits until it is durable, however long that takes. How far it reaches goes with the last
    /// of it: the driver commits in order, so it is never durable before the rest.
    ///
    /// # Errors
    /// When the driver has stopped: then nobody knows how much of it was committed, and the next process reads it again.
    pub async fn hand_in(mut self, driver: &DriverHandle) -> Result<(), LiveError> {
        let mut position = self.position.take();
        let last = self.rows.len().saturating_sub(1);
        let mut acked = Vec::new();
        for (index, row) in self.rows.into_iter().enumerate() {
            match row {
                Row::Event(mut inbound) => {
                    let (ack, done) = oneshot::channel();
                    inbound.ack = Some(ack);
                    inbound.position = position.take_if(|_| index == last);
                    driver.submit(*inbound).await.map_err(|_| LiveError::Stopped)?;
                    acked.push(done);
                }
                Row::Memo(memo) => remember(driver, vec![memo], position.take_if(|_| index == last)).await?,
                Row::Unread { key, raw, why } => set_aside(driver, &key, &raw, &why).await?,
            }
        }
        for acked in acked {
            acked.await.map_err(|_| LiveError::Stopped)?;
        }
        match position {
            Some(position) => remember(driver, Vec::new(), Some(position)).await,
            None => Ok(()),
        }
    }
}

/// Asks the driver until it has an answer, however long it is busy.
///
/// # Errors
/// When it has stopped.
pub(super) async fn persistently<T, A>(ask: impl Fn() -> A) -> Result<T, LiveError>
where
    A: Future<Output = Result<T, NotTaken>>,
{
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(NotTaken::Busy) => {}
            Err(NotTaken::Stopped) => return Err(LiveError::Stopped),
        }
    }
}

async fn remember(
    driver: &DriverHandle,
    memos: Vec<Memo>,
    position: Option<Position>,
) -> Result<(), LiveError> {
    persistently(|| driver.remember(memos.clone(), position.clone(), super::WITHIN_MS)).await.map(drop)
}

async fn set_aside(driver: &DriverHandle, key: &EventKey, raw: &str, why: &str) -> Result<(), LiveError> {
    let unread = || Unread::new(key.clone(), raw.as_bytes(), why);
    persistently(|| driver.set_aside(unread(), super::WITHIN_MS)).await.map(drop)
}
