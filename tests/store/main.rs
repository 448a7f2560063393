//! The store, the driver and the courier together: every behaviour on a store in memory, on SQLite, and
//! on PostgreSQL where `USHER_TEST_POSTGRES` names one (`scripts/test` starts it).

mod committing;
mod driving;
mod kit;
mod toy;
