//! The courier's way into Slack.
pub struct Slack;
