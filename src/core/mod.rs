//! The engine: it decides what is owed, by whom, by when, and what is to be said.
//!
//! Everything in here is pure: no I/O, no async, no clock, no chance, no hash order. The same events at
//! the same instants give the same bytes.

mod abroad;
pub mod action;
mod ageing;
mod amend;
mod answers;
pub mod barred;
pub mod calendars;
mod calls;
pub mod case;
mod channels;
mod command;
pub mod deadline;
mod desk;
mod duty;
mod engine;
pub mod event;
pub mod fact;
mod hear;
mod hearing;
mod hello;
mod hints;
pub mod judge;
mod ladder;
mod ledger;
mod line;
mod look;
mod manners;
pub mod message;
mod notices;
mod pages;
pub mod people;
pub mod places;
mod press;
mod promise;
mod reading;
pub mod record;
pub mod run;
pub mod said;
mod signs;
pub mod strand;
mod strands;
mod talk;
mod telling;
mod terms;
pub mod turn;
pub mod unread;
mod verbs;
mod wakes;
mod ways;
mod words;

pub use command::{LATER_MOST, OUTCOME_MOST, is_command, is_time, name_of};
pub use engine::{Engine, LoadError};
