//! The engine through its door: events in, words out.

mod chat;
mod manners;
mod obligations;
mod order;
