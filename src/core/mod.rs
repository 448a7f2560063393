//! The engine: it decides what is owed, by whom, by when, and what is to be said.
//!
//! Everything in here is pure: no I/O, no async, no clock, no chance, no hash order. The same events at
//! the same instants give the same bytes.

pub mod action;
pub mod calendars;
pub mod case;
pub mod deadline;
pub mod event;
pub mod fact;
pub mod judge;
pub mod message;
pub mod people;
pub mod places;
pub mod record;
pub mod run;
pub mod said;
pub mod strand;
pub mod turn;
