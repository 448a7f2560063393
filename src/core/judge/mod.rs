//! The judgement of talk: what one message says, and whether a long thread would be glad of a call.
//!
//! Everything here is pure and takes one pass over the text: words are looked up once, phrases are
//! walked in a tree of words, and nothing is tried twice. The text itself is not kept. How well this
//! agrees with human readers is measured, and written down in `docs/judgement.md`.

mod message;
mod phrases;
mod sentence;
mod signals;
mod text;
mod tree;
mod welcome;

pub use message::judge;
pub use signals::Signals;
pub use welcome::{Temper, TurnSummary, Welcome, call_is_welcome};
