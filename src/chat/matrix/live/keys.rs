//! Events that came before their keys. Each is remembered as it came; whenever keys may have come, all are tried again,
//! after a restart too.

use std::collections::BTreeMap;

use matrix_sdk::deserialized_responses::TimelineEventKind;
use matrix_sdk::ruma::RoomId;
use matrix_sdk::ruma::events::room::encrypted::OriginalSyncRoomEncryptedEvent;
use matrix_sdk::ruma::serde::Raw;

use super::batch::{Batch, persistently};
use super::{Live, LiveError, WITHIN_MS};
use crate::chat::matrix::inbound::{Context, settle};
use crate::core::event::{ChannelId, Event, MessageId, MessageRef};
use crate::driver::{Memo, MemoKind};

/// So many are tried again; of more the newest.
const MOST: usize = 1_000;

/// The events that wait for their keys, as they came, by room and id.
#[derive(Debug, Default)]
pub(super) struct Waiting(BTreeMap<MessageId, (ChannelId, String)>);

impl Waiting {
    /// The memo that keeps an event until its key comes, in which the room stands on the first line.
    fn memo(message: &MessageRef, event: &str) -> Memo {
        let value = Some(format!("{}\n{event}", message.channel));
        Memo { kind: MemoKind::Undecrypted, key: message.id.clone(), value }
    }
}

impl Live {
    /// Takes up the events that waited when the last process ended.
    pub(super) async fn learn_waiting(&self) -> Result<(), LiveError> {
        let kept = persistently(|| self.driver.memos(MemoKind::Undecrypted, MOST, WITHIN_MS)).await?;
        let mut waiting = self.waiting();
        for (id, value) in kept {
            if let Some((room, event)) = value.split_once('\n') {
                waiting.0.insert(id, (room.into(), event.to_owned()));
            }
        }
        Ok(())
    }

    /// Keeps an event until its key comes.
    pub(super) fn wait_for_key(&self, message: &MessageRef, event: &str, batch: &mut Batch) {
        batch.remember(Waiting::memo(message, event));
        let mut waiting = self.waiting();
        while waiting.0.len() >= MOST {
            waiting.0.pop_first();
        }
        waiting.0.insert(message.id.clone(), (message.channel.clone(), event.to_owned()));
    }

    /// Reads those whose keys have come.
    pub(super) async fn read_waiting(&self, batch: &mut Batch) -> Result<(), LiveError> {
        let waiting: Vec<(MessageId, ChannelId, String)> = {
            let waiting = self.waiting();
            waiting.0.iter().map(|(id, (room, event))| (id.clone(), room.clone(), event.clone())).collect()
        };
        for (id, room, event) in waiting {
            let Some(read) = self.decrypt(&room, event).await else { continue };
            self.read(&room, &read, batch).await?;
            let message = MessageRef { channel: room.clone(), id: id.clone() };
            self.settled(&message, &read, batch).into_iter().for_each(|event| batch.push(event));
            batch.remember(Memo { kind: MemoKind::Undecrypted, key: id.clone(), value: None });
            self.waiting().0.remove(&id);
        }
        Ok(())
    }

    /// What ends the waiting for a message that turned out to be none.
    fn settled(&self, message: &MessageRef, read: &str, batch: &Batch) -> Option<Event> {
        let reading = self.reading(&message.channel, read, batch);
        let (directory, targets) = (self.directory(), self.targets());
        let (now, since) = (self.clock.now(), batch.since);
        settle(message, &reading, &Context { directory: &directory, targets: &targets, now, since })
    }

    /// An event as it reads, if its key is there.
    async fn decrypt(&self, room: &ChannelId, event: String) -> Option<String> {
        let room = self.session.client().get_room(&RoomId::parse(room.as_str()).ok()?)?;
        let raw: Raw<OriginalSyncRoomEncryptedEvent> = Raw::from_json_string(event).ok()?;
        let read = room.decrypt_event(&raw, None).await.ok()?;
        match &read.kind {
            TimelineEventKind::Decrypted(_) => Some(read.raw().json().get().to_owned()),
            TimelineEventKind::UnableToDecrypt { .. } | TimelineEventKind::PlainText { .. } => None,
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
