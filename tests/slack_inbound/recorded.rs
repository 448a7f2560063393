//! The payloads that Slack's own SDKs use in their tests, when they are at hand.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use usher::calendar::Instant;
use usher::chat::slack::directory::{Directory, Identity};
use usher::chat::slack::inbound::{Context, Payload, Reading, Strangers, read};
use usher::core::event::What;

use crate::kit::NOW_MS;

/// The file, one object a line: `kind`, `source`, `payload`.
const FILE: &str = "USHER_SLACK_PAYLOADS";

/// What a reading is, in a word.
fn outcome(reading: &Reading) -> &'static str {
    match reading {
        Reading::Heard(heard) => match heard.events.first().map(|event| &event.what) {
            None => "notice",
            Some(What::Posted(_) | What::Channel { .. }) => "posted",
            Some(What::Edited { .. }) => "edited",
            Some(What::Deleted { .. }) => "deleted",
            Some(What::Reacted { .. }) => "reacted",
            Some(What::Commanded { .. }) => "commanded",
            Some(_) => "other",
        },
        Reading::Learn(_) => "learn",
        Reading::Ignored(_) => "ignored",
        Reading::Unreadable(_) => "unreadable",
    }
}

/// What it ought to be, from the payload alone.
fn ought(kind: Payload, payload: &Value) -> &'static str {
    match kind {
        Payload::Event => ought_event(payload),
        Payload::Interactive | Payload::InteractiveForm => match payload["type"].as_str() {
            // None of them is Usher's own, by callback id or by action id.
            Some("block_actions") if payload["user"].is_null() || payload["actions"].is_null() => {
                "unreadable"
            }
            Some("view_submission") if payload["view"].is_null() => "unreadable",
            Some(_) => "ignored",
            None => "unreadable",
        },
        Payload::Command | Payload::CommandForm => {
            if payload["command"].is_null() {
                "unreadable"
            } else {
                "ignored"
            }
        }
    }
}

fn ought_event(payload: &Value) -> &'static str {
    let event = &payload["event"];
    match (payload["type"].as_str(), event["type"].as_str()) {
        (Some("url_verification"), _) => "notice",
        (Some("event_callback"), Some("message" | "app_mention")) => ought_message(event),
        (Some("event_callback"), Some("reaction_added")) => "reacted",
        (Some("event_callback"), Some("member_joined_channel" | "member_left_channel")) => {
            // Where Slack says neither when nor under which id, one cannot be told from the next.
            if event["event_ts"].is_null() && payload["event_id"].is_null() {
                "unreadable"
            } else {
                "ignored"
            }
        }
        (Some("event_callback"), Some("app_home_opened")) if event["tab"] == "messages" => "ignored",
        (Some("event_callback"), Some("app_home_opened" | "tokens_revoked" | "app_uninstalled")) => "notice",
        (Some("event_callback"), Some(_)) => "ignored",
        _ => "unreadable",
    }
}

fn ought_message(event: &Value) -> &'static str {
    let has = |names: &[&str]| names.iter().all(|name| event[name].is_string());
    let is_bot = event["bot_id"].is_string() || event["subtype"] == "bot_message";
    match event["subtype"].as_str() {
        _ if is_bot => "ignored",
        Some("message_changed") => "edited",
        Some("message_deleted") => "deleted",
        Some("channel_join" | "channel_leave") => "ignored",
        _ if has(&["channel", "ts", "user"]) => "posted",
        _ => "unreadable",
    }
}

fn payload_kind(kind: &str, payload: &Value) -> Option<Payload> {
    match kind {
        "event" => Some(Payload::Event),
        "interactive" => Some(Payload::Interactive),
        "slash_command" => Some(Payload::Command),
        "socket_envelope" if payload["type"] == "event_callback" => Some(Payload::Event),
        "socket_envelope" if payload["type"].is_string() => Some(Payload::Interactive),
        "socket_envelope" => Some(Payload::Command),
        _ => None,
    }
}

/// Usher as whoever the payload was sent to.
fn addressee(payload: &Value) -> Directory {
    let team = payload["team_id"].as_str().or(payload["team"]["id"].as_str()).unwrap_or("T0NONE");
    let app = payload["api_app_id"].as_str().map(Into::into);
    Directory::new(Identity { team: team.into(), enterprise: None, app, user: "U0USHER".into(), bot: None })
}

#[test]
#[ignore = "needs USHER_SLACK_PAYLOADS, the path of a file of recorded payloads"]
fn every_recorded_payload_gives_what_it_ought_to() {
    let path = std::env::var(FILE).unwrap_or_else(|_| panic!("{FILE} is not set"));
    let lines = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut counts = BTreeMap::new();
    let mut faults = Vec::new();
    for (number, line) in lines.lines().enumerate() {
        let line: Value = serde_json::from_str(line).expect("an object a line");
        let is_envelope = line["kind"] == "socket_envelope";
        let payload = if is_envelope { &line["payload"]["payload"] } else { &line["payload"] };
        let Some(kind) = payload_kind(line["kind"].as_str().expect("a kind"), payload) else { continue };
        let directory = addressee(payload);
        let context = |strangers| Context { directory: &directory, now: Instant::from_ms(NOW_MS), strangers };
        let bytes = payload.to_string();
        let reading = read(kind, bytes.as_bytes(), &context(Strangers::GoOn));
        let asked = read(kind, bytes.as_bytes(), &context(Strangers::Ask));
        *counts.entry(outcome(&reading)).or_insert(0) += 1;
        if outcome(&reading) != ought(kind, payload) {
            faults.push(format!("{}: ought to be {}: {reading:?}", number + 1, ought(kind, payload)));
        }
        if matches!(asked, Reading::Unreadable(_)) != matches!(reading, Reading::Unreadable(_)) {
            faults.push(format!("{}: read otherwise when asking: {asked:?}", number + 1));
        }
    }
    println!("{counts:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
