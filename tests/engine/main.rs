//! The engine through its door: events in, words out.

mod acts;
mod announcements;
mod card;
mod chat;
mod clocks;
mod commands;
mod decisions;
mod manners;
mod obligations;
mod order;
mod reasons;
mod revisions;
