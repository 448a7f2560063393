//! The JSON that Slack sends, as far as Usher reads it.
