//! The engine through its door: events in, words out.

mod acts;
mod calls;
mod chat;
mod commands;
mod manners;
mod obligations;
mod order;
mod reasons;
