//! A workspace that costs nothing: its Web API gives fixed answers, so that what is measured is the bot.
//!
//! What it sends are messages as Slack sends them, made before the watch starts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use hmac::{Hmac, KeyInit, Mac};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use usher::clock;

use crate::talk::{sentence, some};

/// With what requests are signed.
pub const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const TEAM: &str = "T0BENCH";
const BOT_USER: &str = "U0USHER";
const PEOPLE: usize = 300;
const CHANNELS: usize = 50;

struct Answers {
    /// Where `apps.connections.open` leads.
    sockets: String,
    said: AtomicU64,
}

/// Serves the Web API; the base of its address. Sockets are opened at `sockets`.
pub async fn serve(sockets: SocketAddr) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/api", listener.local_addr()?);
    let answers = Arc::new(Answers { sockets: format!("ws://{sockets}/"), said: AtomicU64::new(0) });
    let routes = Router::new().route("/api/{method}", any(answer)).with_state(answers);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(url)
}

async fn answer(State(answers): State<Arc<Answers>>, Path(method): Path<String>) -> Response {
    let body = match method.as_str() {
        "auth.test" => {
            json!({"ok": true, "url": "https://bench.slack.com/", "team": "Bench", "user": "usher",
            "team_id": TEAM, "user_id": BOT_USER, "bot_id": "B0USHER", "is_enterprise_install": false})
        }
        "users.list" => json!({"ok": true, "members": (0..PEOPLE).map(user).collect::<Vec<_>>()}),
        "conversations.list" => {
            json!({"ok": true, "channels": (0..CHANNELS).map(channel).collect::<Vec<_>>()})
        }
        "conversations.history" | "conversations.replies" => {
            json!({"ok": true, "messages": [], "has_more": false})
        }
        "apps.connections.open" => json!({"ok": true, "url": answers.sockets}),
        "chat.postMessage" | "chat.postEphemeral" | "chat.update" => {
            let ts = format!("1700000000.{:06}", answers.said.fetch_add(1, Ordering::Relaxed));
            json!({"ok": true, "channel": channel_id(0), "ts": ts, "message_ts": ts})
        }
        _ => json!({"ok": false, "error": "unknown_method"}),
    };
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

fn user_id(number: usize) -> String {
    format!("U{number:09}")
}

fn channel_id(number: usize) -> String {
    format!("C{number:09}")
}

fn user(number: usize) -> Value {
    let name = format!("person{number}");
    json!({"id": user_id(number), "team_id": TEAM, "name": name, "real_name": name, "deleted": false, "is_bot": false,
        "tz": "Europe/Berlin", "profile": {"real_name": name, "display_name": name, "fields": []}})
}

fn channel(number: usize) -> Value {
    json!({"id": channel_id(number), "name": format!("room{number}"), "is_channel": true, "is_private": false,
        "is_member": true, "is_archived": false, "num_members": PEOPLE})
}

/// The payloads of `count` messages, a third of them in threads, as the Events API wraps them.
pub fn messages(count: usize) -> Vec<String> {
    let now_ms = clock::now().ms();
    let mut chance = ChaCha8Rng::seed_from_u64(12);
    let mut roots: Vec<(String, String)> = Vec::new();
    let message = |number: usize| {
        let root = roots.last().filter(|_| chance.random_bool(0.7)).cloned();
        let ts = format!("{}.{number:06}", now_ms / 1_000);
        let channel = root
            .as_ref()
            .map_or_else(|| channel_id(some(&mut chance, CHANNELS)), |(channel, _)| channel.clone());
        let mut text = sentence(&mut chance, root.is_none()).to_owned();
        if chance.random_bool(0.2) {
            text = format!("<@{}> {text}", user_id(some(&mut chance, PEOPLE)));
        }
        let words = json!({"type": "rich_text_section", "elements": [{"type": "text", "text": text}]});
        let mut event = json!({
            "type": "message", "channel": channel, "channel_type": "channel", "team": TEAM, "text": text, "ts": ts,
            "event_ts": ts, "user": user_id(some(&mut chance, PEOPLE)), "client_msg_id": format!("c{number:08}"),
            "blocks": [{"type": "rich_text", "block_id": "typed", "elements": [words]}],
        });
        match root {
            Some((_, root)) => event["thread_ts"] = root.into(),
            None => roots.push((channel, ts)),
        }
        enveloped(number, event, now_ms / 1_000)
    };
    (0..count).map(message).collect()
}

fn enveloped(number: usize, event: Value, at_s: i64) -> String {
    let id = format!("Ev{number:010}");
    json!({
        "token": "none", "team_id": TEAM, "api_app_id": "A0USHER", "event": event, "type": "event_callback",
        "event_id": id, "event_time": at_s, "event_context": format!("4-{id}"), "is_ext_shared_channel": false,
        "authorizations": [{"enterprise_id": null, "team_id": TEAM, "user_id": BOT_USER, "is_bot": true,
            "is_enterprise_install": false}],
    })
    .to_string()
}

/// A payload as a signed request.
pub fn request(payload: &str) -> Vec<u8> {
    let stamp = clock::now().ms() / 1_000;
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length will do");
    mac.update(format!("v0:{stamp}:{payload}").as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    format!(
        "POST /slack/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         x-slack-request-timestamp: {stamp}\r\nx-slack-signature: v0={signature}\r\n\
         content-length: {}\r\n\r\n{payload}",
        payload.len()
    )
    .into_bytes()
}

/// A payload as an envelope of Socket Mode, by whose number it is acknowledged.
pub fn envelope(number: usize, payload: &str) -> String {
    format!(
        r#"{{"envelope_id":"{number}","type":"events_api","payload":{payload},"accepts_response_payload":false,"retry_attempt":0,"retry_reason":""}}"#
    )
}
