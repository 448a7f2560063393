//! The store, the driver and the courier together: every behaviour on a store in memory, on SQLite, and
//! on PostgreSQL where `USHER_TEST_POSTGRES` names one (`scripts/test` starts it).

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test says by panicking what went wrong"
)]

mod committing;
mod disk;
mod driving;
mod kit;
mod looking;
mod paging;
mod platform;
mod remembering;
mod replicas;
mod running;
mod sending;
mod servers;
mod toy;
mod upgrading;
