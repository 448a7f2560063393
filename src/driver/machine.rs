//! What the driver drives. There is one such machine, the engine; tests bring machines that fail.

use crate::calendar::Instant;
use crate::core::Engine;
use crate::core::event::Event;
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
}
