//! The stand-in for Slack, what it refuses and what it does wrong on purpose; and Slack's own SDK, which
//! runs against it.

#![cfg(feature = "slack")]
#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

mod bolt;
mod caller;
mod conformance;
mod crate_client;
mod crowd;
mod doctor;
mod export;
mod faulty;
mod forms;
mod home;
mod init;
mod installed;
mod keeping;
mod killing;
mod living;
mod manifest;
mod meeting;
mod missed;
mod places;
#[path = "../playing/mod.rs"]
mod playing;
mod refusing;
mod sdk_blocks;
mod signed;
mod sockets;
mod standin;
mod unread;
mod usher;
