//! `auth.test` with what surrounds its answer: what the token may do, and what Slack's clock shows. The client
//! keeps the headers to itself, so this one call goes without it.

use std::collections::BTreeSet;

use reqwest::header::DATE;
use reqwest::{Client, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ANSWER, CONNECTION, CallError, Identity};
use crate::calendar::{Instant, SECOND_MS};
use crate::clock::Clock;

/// Where Slack's Web API is.
const SLACK: &str = "https://slack.com/api";

/// What Slack answers to whoever says who they are.
#[derive(Debug)]
pub struct Greeting {
    /// Who the token is, or why Slack does not say.
    pub identity: Result<Identity, CallError>,
    /// What the token may do, if Slack says.
    pub scopes: Option<BTreeSet<String>>,
    /// By how much this machine's clock is ahead of Slack's, in ms, if Slack says.
    pub ahead_ms: Option<i64>,
}

/// Calls `auth.test` with `token`, at Slack's own address or at `api_url`.
///
/// # Errors
/// When Slack cannot be reached, answers something else, or asks to wait.
pub async fn greeting(
    token: &SecretString,
    api_url: Option<&str>,
    clock: &Clock,
) -> Result<Greeting, CallError> {
    // As the client reaches Slack: through no proxy.
    let client = Client::builder().no_proxy().timeout(ANSWER).connect_timeout(CONNECTION).build();
    let client = client.map_err(|error| CallError::Unavailable(error.to_string()))?;
    let url = format!("{}/auth.test", api_url.unwrap_or(SLACK).trim_end_matches('/'));
    let asked_at = clock.now();
    let answer = client.post(url).bearer_auth(token.expose_secret()).send().await.map_err(unreachable)?;
    let between = Instant::from_ms(i64::midpoint(asked_at.ms(), clock.now().ms()));
    if answer.status() == StatusCode::TOO_MANY_REQUESTS {
        let after = header(&answer, "retry-after").and_then(|after| after.parse::<i64>().ok());
        return Err(CallError::RateLimited { after_ms: after.map(|after| after.saturating_mul(SECOND_MS)) });
    }
    if !answer.status().is_success() {
        return Err(CallError::Unavailable(format!("HTTP {}", answer.status().as_u16())));
    }
    let scopes = header(&answer, "x-oauth-scopes").map(scopes);
    let ahead_ms = header(&answer, DATE.as_str()).and_then(date).map(|date| between.since(date));
    let identity = identity(&answer.bytes().await.map_err(unreachable)?)?;
    Ok(Greeting { identity, scopes, ahead_ms })
}

/// What the client says may hold the address; the kind is enough.
fn unreachable(error: reqwest::Error) -> CallError {
    let why = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    CallError::Unavailable(why.to_owned())
}

fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers().get(name)?.to_str().ok()
}

fn scopes(list: &str) -> BTreeSet<String> {
    list.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// The middle of the second that a date names.
fn date(text: &str) -> Option<Instant> {
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Some(Instant::from_ms(date.timestamp_millis()).plus(SECOND_MS / 2))
}

fn identity(body: &[u8]) -> Result<Result<Identity, CallError>, CallError> {
    #[derive(Deserialize)]
    struct Said {
        ok: bool,
        #[serde(default)]
        error: Option<String>,
    }
    let unreadable = |_| CallError::Unknown("it is not what Slack answers".to_owned());
    let Said { ok, error } = serde_json::from_slice(body).map_err(unreadable)?;
    if ok {
        return serde_json::from_slice(body).map(Ok).map_err(unreadable);
    }
    Ok(Err(CallError::Refused(error.unwrap_or_else(|| "no reason".to_owned()))))
}
