//! Calls to the Web API, and what becomes of actions, against a small server that says what the test wants.
#![cfg(feature = "slack")]
#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

mod actions;
mod finding;
mod reading;
mod refusals;
mod sending;
mod server;
