//! Slack: what it sends becomes events, what was decided becomes Web API calls.
//!
//! `inbound` and `blocks` are pure and tested on payloads; `web` is the one way to the Web API;
//! `outbound` carries out actions for the courier. Nothing in here knows a rule of the runbook.

pub mod blocks;
pub mod buttons;
pub mod directory;
pub mod forms;
mod history;
pub mod http;
pub mod inbound;
pub mod intake;
pub mod live;
pub mod manifest;
mod outbound;
pub mod socket;
pub mod survey;
pub mod web;
pub mod wire;

pub use outbound::Slack;

/// How one says a command to Usher wherever Slack lets one write: in threads it takes no slash commands.
const ADDRESSED: &str = "@Usher";
