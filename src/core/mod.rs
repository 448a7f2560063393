//! The engine: it decides what is owed, by whom, by when, and what is to be said.
//!
//! Everything in here is pure: no I/O, no async, no clock, no chance, no hash order. The same events at
//! the same instants give the same bytes.

pub mod action;
pub mod calendars;
pub mod case;
mod command;
pub mod deadline;
mod desk;
mod duty;
mod engine;
pub mod event;
pub mod fact;
mod hear;
mod hints;
pub mod judge;
mod ladder;
mod ledger;
mod look;
mod manners;
pub mod message;
pub mod people;
pub mod places;
pub mod record;
pub mod run;
pub mod said;
pub mod strand;
mod talk;
pub mod turn;
mod verbs;
mod wakes;
mod words;

pub use engine::{Engine, LoadError};
