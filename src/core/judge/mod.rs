//! The judgement of talk: what one message says, and whether a long thread would be glad of a call.
//!
//! Everything here is pure and takes one pass over the text: each word is looked up once, and phrases by
//! their first word. The text itself is not kept. How well this agrees with a human reader is measured,
//! and written down in `docs/judgement.md`.

mod lexicon;
mod message;
mod phrases;
mod sentence;
mod signals;
mod text;
mod vocabulary;
mod welcome;

pub use message::judge;
pub use signals::Signals;
pub use welcome::{Temper, TurnSummary, Welcome, call_is_welcome};
