//! Where talk comes from and where it goes.

pub mod slack_export;
pub mod slack_text;
