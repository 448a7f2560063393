//! Usher keeps a team's communication runbook: it watches chat, runs the response clocks in office
//! hours, and speaks only where the runbook asks for it. `docs/architecture.md` follows one message
//! through the code.

pub mod calendar;
#[cfg(feature = "service")]
pub mod chat;
pub mod core;
pub mod runbook;

#[cfg(feature = "service")]
pub mod cli;
#[cfg(feature = "service")]
pub mod clock;
#[cfg(feature = "service")]
pub mod commands;
#[cfg(feature = "service")]
pub mod courier;
#[cfg(feature = "service")]
pub mod doctor;
#[cfg(feature = "service")]
pub mod driver;
#[cfg(feature = "service")]
pub mod fault;
#[cfg(feature = "service")]
pub mod init;
#[cfg(feature = "service")]
pub mod log;
#[cfg(feature = "service")]
pub mod pager;
#[cfg(feature = "service")]
pub mod play;
#[cfg(feature = "service")]
pub mod runbook_file;
#[cfg(feature = "service")]
pub mod service;
#[cfg(feature = "service")]
pub mod settings;
#[cfg(feature = "service")]
pub mod stop;
#[cfg(feature = "service")]
pub mod store;
#[cfg(feature = "web")]
pub mod web;
