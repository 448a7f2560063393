//! Slack's payloads become events. Pure.
