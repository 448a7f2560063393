//! Usher on Matrix: against a real homeserver, with people who use another client, through a proxy that moves the
//! clock and breaks what may break.

#![cfg(feature = "matrix")]
#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]
#![expect(dead_code, reason = "people and the proxy can do a little more than is asked of them so far")]

mod conformance;
mod doctor;
mod faulty;
mod homeserver;
mod house;
mod init;
mod keys;
mod killing;
mod living;
mod missed;
mod people;
#[path = "../playing/mod.rs"]
mod playing;
mod proxied;
mod proxy;
mod rooms;
mod signing;
mod talking;
mod usher;

use std::time::Duration;

/// How long a test waits for anything.
const BOUND: Duration = Duration::from_secs(60);
