//! Matrix: what happens in its rooms becomes events, what was decided becomes messages there.
//!
//! `inbound`, `render`, `legend` and `forms` are pure and tested on recorded events. Nothing in here knows a rule of the runbook.

pub mod directory;
mod error;
mod folder;
pub mod forms;
pub mod inbound;
pub mod legend;
pub mod render;
pub mod session;
mod wire;

/// How one says a command to Usher in a room of several.
const ADDRESSED: &str = "!usher";
