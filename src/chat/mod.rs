//! Where talk comes from and where it goes.

pub mod console;
mod prose;
pub mod slack_export;
pub mod slack_text;
