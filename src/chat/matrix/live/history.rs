//! What a sync leaves out is read from the room's history.

use matrix_sdk::Room;
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::uint;
use smol_str::format_smolstr;

use super::{Live, LiveError, MOST_WAIT_MS, WAIT_MS};
use crate::calendar::{Instant, MINUTE_MS};
use crate::chat::matrix::error::CallError;
use crate::core::event::{Event, MessageRef, Platform, What};

/// So many pages of a room's history are read: 20,000 events.
const PAGES: usize = 200;
/// Clocks of homeservers differ by less than this, in ms.
const DRIFT_MS: i64 = 10 * MINUTE_MS;

/// From where to where history is read.
pub(super) struct Missed<'a> {
    /// Where the sync begins.
    pub from: Option<&'a str>,
    /// How far the one before reached; empty where that is not known.
    pub to: &'a str,
    /// Since when something may have been missed, for where no token says.
    pub since: Instant,
}

impl Live {
    /// The events of a room that were missed, the oldest first, as they read; `None` where they are too many, or the
    /// homeserver does not give them.
    pub(super) async fn missed(
        &self,
        room: &Room,
        missed: &Missed<'_>,
    ) -> Result<Option<Vec<String>>, LiveError> {
        let (mut from, mut found) = (missed.from.map(str::to_owned), Vec::new());
        for _ in 0..PAGES {
            let mut options = MessagesOptions::backward().from(from.as_deref());
            options.limit = uint!(100);
            options.to = Some(missed.to.to_owned()).filter(|to| !to.is_empty());
            let page = match self.patiently(|| room.messages(options_of(&options))).await {
                Ok(page) => page,
                Err(CallError::Refused(code)) => {
                    tracing::warn!(room = %room.room_id(), %code, "what was missed cannot be read");
                    return Ok(None);
                }
                Err(error) => return Err(LiveError::SignedOut(error)),
            };
            let is_last = page.chunk.is_empty();
            for event in page.chunk {
                let is_known = event.event_id().is_some_and(|id| self.is_known(room, id.as_str()));
                let at = event.timestamp().map(|at| Instant::from_ms(i64::from(at.get())));
                let is_before =
                    missed.to.is_empty() && at.is_some_and(|at| at < missed.since.plus(-DRIFT_MS));
                if is_known || is_before {
                    found.reverse();
                    return Ok(Some(found));
                }
                found.push(event.raw().json().get().to_owned());
            }
            match page.end {
                Some(end) if !is_last => from = Some(end),
                Some(_) | None => {
                    found.reverse();
                    return Ok(Some(found));
                }
            }
        }
        tracing::warn!(room = %room.room_id(), "more was missed than is read");
        Ok(None)
    }

    /// Whether an event was read by this process.
    fn is_known(&self, room: &Room, event: &str) -> bool {
        let message = MessageRef { channel: room.room_id().as_str().into(), id: event.into() };
        self.targets().get(&message).is_some()
    }

    /// What was missed of a room cannot be read.
    pub(super) fn lost(&self, room: &Room) -> Event {
        let at = self.clock.now();
        let channel = room.room_id().as_str();
        Event {
            key: format_smolstr!("matrix/lost/{channel}/{}", at.ms()),
            at,
            platform: Platform::Matrix,
            what: What::Lost { channel: channel.into(), why: "its history cannot be read".to_owned() },
        }
    }

    /// Makes a call that may be made twice until the homeserver answers, waiting as it asks or a little longer each time.
    pub(super) async fn patiently<T, C>(&self, call: impl Fn() -> C) -> Result<T, CallError>
    where
        C: Future<Output = matrix_sdk::Result<T>>,
    {
        let mut wait_ms = WAIT_MS.0;
        loop {
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => CallError::from(&error),
            };
            let asked_ms = match &error {
                CallError::Refused(_) | CallError::SignedOut { .. } => return Err(error),
                CallError::RateLimited { after_ms } => *after_ms,
                CallError::Unavailable(_) | CallError::Unknown(_) => None,
            };
            self.clock.pause(asked_ms.unwrap_or(wait_ms).clamp(0, MOST_WAIT_MS)).await;
            wait_ms = (wait_ms * 2).min(WAIT_MS.1);
        }
    }
}

/// The same once more: the library takes them away with each call.
fn options_of(options: &MessagesOptions) -> MessagesOptions {
    let mut same = MessagesOptions::new(options.dir).from(options.from.as_deref());
    same.to = options.to.clone();
    same.limit = options.limit;
    same
}
