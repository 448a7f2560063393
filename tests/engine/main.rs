//! The engine through its door: events in, words out.

mod acts;
mod calls;
mod chat;
mod commands;
mod hints;
mod manners;
mod obligations;
mod order;
mod pages;
mod reasons;
