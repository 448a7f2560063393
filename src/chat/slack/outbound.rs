//! The courier's way into Slack.
/// Slack.
#[derive(Debug)]
pub struct Slack;
