//! The platform of the terminal: several people, channels and threads, typed by one.
//!
//! A [`Room`] keeps who is there and what was said. Lines of the [grammar](script) change it and become
//! events; what Usher sends arrives in it and is shown. Scenarios are played in the same room.

mod instructions;
mod lines;
mod receive;
mod room;
pub mod script;
mod show;
mod typed;
pub mod when;

pub use instructions::{INSTRUCTIONS, Instruction};
pub use lines::{Effect, LineError};
pub use receive::Received;
pub use room::Room;
pub use show::{Entry, EntryKind, Transcript};
