//! Where talk comes from and where it goes.

pub mod console;
pub mod forms;
#[cfg(feature = "matrix")]
pub mod matrix;
mod outbound;
mod prose;
#[cfg(feature = "slack")]
pub mod slack;
pub mod slack_export;
pub mod slack_text;
mod slack_time;
pub mod survey;
mod word;

pub use outbound::{Answer, Chat, Outcome, Pace, ReadBack};
