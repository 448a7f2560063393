//! What the driver drives. There is one such machine, the engine; tests bring machines that fail.

use crate::calendar::Instant;
use crate::core::Engine;
use crate::core::event::{ChannelId, Event, MessageId};
use crate::core::record::{Record, RecordKey};
use crate::core::turn::Turn;

/// A state machine that decides and remembers nothing outside its records.
pub trait Machine: Sized + Send + 'static {
    /// The machine that wrote these records; without any, a new one.
    ///
    /// # Errors
    /// When it cannot have written them; in words.
    fn load(records: Vec<(RecordKey, Record)>) -> Result<Self, String>;

    /// Decides about an event.
    fn handle(&mut self, event: &Event, now: Instant) -> Turn;

    /// Decides about what is due; too early, or again, it decides nothing.
    fn wake(&mut self, now: Instant) -> Turn;

    /// When something is due next; [`Instant::MIN`] is at once, as after a load.
    fn next_wake(&self) -> Option<Instant>;

    /// In how many channels something may have been missed that is not read yet.
    fn open_gaps(&self) -> usize {
        0
    }

    /// The first messages of those threads of a channel in which an answer is owed, in order.
    fn open_threads(&self, _channel: &ChannelId) -> Vec<MessageId> {
        Vec::new()
    }
}

impl Machine for Engine {
    fn load(records: Vec<(RecordKey, Record)>) -> Result<Engine, String> {
        Engine::load(records).map_err(|error| error.to_string())
    }

    fn handle(&mut self, event: &Event, now: Instant) -> Turn {
        Engine::handle(self, event, now)
    }

    fn wake(&mut self, now: Instant) -> Turn {
        Engine::wake(self, now)
    }

    fn next_wake(&self) -> Option<Instant> {
        Engine::next_wake(self)
    }

    fn open_gaps(&self) -> usize {
        Engine::open_gaps(self)
    }

    fn open_threads(&self, channel: &ChannelId) -> Vec<MessageId> {
        Engine::open_threads(self, channel)
    }
}
