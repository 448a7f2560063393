//! Matrix: what happens in its rooms becomes events, what was decided becomes messages there.
//!
//! `inbound`, `render` and `legend` are pure and tested on recorded events. Nothing in here knows a rule of the runbook.

mod error;
mod folder;
pub mod legend;
pub mod session;
pub mod directory;
pub mod inbound;
mod wire;
