//! Signed requests to the app: events, interactions, commands, and the challenge of a new URL.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};
use sha2::Sha256;
use url::form_urlencoded;

use super::deliveries::{self, Delivery, Failure, What};
use super::state::{SIGNING_SECRET, Shared, State, VERIFICATION_TOKEN};

/// The signature of a body that is sent at `timestamp`.
pub fn signature(secret: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length will do");
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

/// A request as it goes out.
#[derive(Clone, Debug)]
struct Outgoing {
    url: String,
    body: String,
    headers: Vec<(&'static str, String)>,
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The body of a payload, and how it is encoded.
fn encode(delivery: &Delivery) -> (&'static str, String) {
    const FORM: &str = "application/x-www-form-urlencoded";
    match delivery.what {
        What::Event => ("application/json", delivery.payload.to_string()),
        What::Interaction => (FORM, form(&[("payload", &delivery.payload.to_string())])),
        What::Command => {
            let fields = delivery.payload.as_object().into_iter().flatten();
            let pairs: Vec<(&str, &str)> =
                fields.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect();
            (FORM, form(&pairs))
        }
    }
}

/// Whoever is called compares the time with that of the system, whatever time it is in the chat.
fn signed(content_type: &'static str, body: &str) -> Vec<(&'static str, String)> {
    let timestamp = (usher::clock::now().ms() / 1_000).to_string();
    vec![
        ("content-type", content_type.to_owned()),
        ("x-slack-signature", signature(SIGNING_SECRET, &timestamp, body)),
        ("x-slack-request-timestamp", timestamp),
    ]
}

fn outgoing(state: &State, index: usize) -> Option<Outgoing> {
    let delivery = &state.deliveries[index];
    let url = match delivery.what {
        What::Event => &state.app.request_url,
        What::Interaction => &state.app.interactivity_url,
        What::Command => &state.app.commands_url,
    };
    let (content_type, body) = encode(delivery);
    let mut headers = signed(content_type, &body);
    // The attempt that is being made is counted already.
    if let Some(failure) = delivery.failures.last().filter(|_| delivery.attempts.len() > 1) {
        headers.push(("x-slack-retry-num", (delivery.attempts.len() - 1).to_string()));
        headers.push(("x-slack-retry-reason", failure.reason().to_owned()));
    }
    Some(Outgoing { url: url.clone()?, body, headers })
}

/// Posts a payload once, and waits for the answer.
pub async fn attempt(shared: &Arc<Shared>, index: usize) -> Result<(), Failure> {
    let _slot = shared.slots.acquire().await.expect("nobody closes the semaphore");
    let (request, within_ms) = shared.change(|state| {
        state.deliveries[index].attempts.push(None);
        (outgoing(state, index), state.settings.acknowledge_within_ms)
    });
    let request = request.ok_or(Failure::Connection)?;
    let exchange = async {
        let response = send(shared, request).await.map_err(|_| Failure::Connection)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.text().await.map_err(|_| Failure::Connection)?;
        match (status.is_success(), headers.contains_key("x-slack-no-retry")) {
            (true, _) => Ok(said(&headers, body)),
            (false, true) => Err(Failure::NoRetry),
            (false, false) => Err(Failure::Status),
        }
    };
    let limit = Duration::from_millis(within_ms);
    let said = tokio::time::timeout(limit, exchange).await.unwrap_or(Err(Failure::Timeout))?;
    shared.change(|state| deliveries::acknowledge(state, index, said))
}

async fn send(shared: &Shared, request: Outgoing) -> reqwest::Result<reqwest::Response> {
    let start = shared.http.post(request.url).body(request.body);
    let dressed = request.headers.into_iter().fold(start, |call, (name, value)| call.header(name, value));
    dressed.send().await
}

/// A body of JSON is taken as it is, any other is a text.
fn said(headers: &HeaderMap, body: String) -> Option<Value> {
    if body.trim().is_empty() {
        return None;
    }
    let json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if json { serde_json::from_str(&body).ok() } else { Some(json!({"text": body})) }
}

/// Asks a new request URL for its challenge, as Slack does before it keeps it.
pub async fn verify(shared: &Arc<Shared>, url: &str) -> Result<(), String> {
    let challenge = shared.change(|state| state.next_id("challenge-"));
    let token = VERIFICATION_TOKEN;
    let body = json!({"token": token, "challenge": challenge, "type": "url_verification"}).to_string();
    let headers = signed("application/json", &body);
    let request = Outgoing { url: url.to_owned(), body, headers };
    let response = send(shared, request).await.map_err(|error| format!("{url}: {error}"))?;
    let status = response.status();
    let body = response.text().await.map_err(|error| format!("{url}: {error}"))?;
    let echoed = body.trim() == challenge
        || serde_json::from_str::<Value>(&body).is_ok_and(|answer| answer["challenge"] == challenge.as_str());
    if status.is_success() && echoed { Ok(()) } else { Err(format!("{url} answered {status}: {body}")) }
}
