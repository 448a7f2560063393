//! The engine through its door: events in, words out.

mod acts;
mod announcements;
mod barred;
mod bridges;
mod calls;
mod card;
mod chat;
mod clocks;
mod commands;
mod decisions;
mod edits;
mod hello;
mod hints;
mod home;
mod manners;
mod obligations;
mod order;
mod pages;
mod platforms;
mod reasons;
mod revisions;
mod strangers;
mod unread;
