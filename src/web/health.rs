//! `GET /health`: whether Usher does its work, for whatever watches it. It says numbers and instants, nothing else.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use tokio::sync::watch;

use crate::driver::DriverHandle;

/// So long the driver may take to show that it is there, in ms: a database that is not, is noticed.
const WITHIN_MS: u64 = 1_000;

/// Whether a platform is there.
#[derive(Clone, Debug)]
pub enum Presence {
    /// How many sockets are ready for what Slack sends.
    Sockets(watch::Receiver<usize>),
    /// Whether the homeserver answered when it was last asked.
    Homeserver(watch::Receiver<bool>),
}

/// Whom the page asks.
struct Asked {
    driver: DriverHandle,
    /// Of those platforms of which it can be told.
    presences: Vec<Presence>,
}

/// What the page says. The names are a public format.
#[derive(Serialize)]
struct Health {
    status: Status,
    /// Whether events are made durable now.
    takes_events: bool,
    /// When something last was.
    last_commit: Option<String>,
    /// What could not be read or handled since the start, and is kept aside.
    rejected: u64,
    /// In how many channels something may have been missed that is not read yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_gaps: Option<usize>,
    /// How many sockets are ready for what Slack sends, where there are sockets.
    #[serde(skip_serializing_if = "Option::is_none")]
    sockets: Option<usize>,
    /// Whether the homeserver answered when it was last asked, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    homeserver: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Ok,
    /// The database does not answer, or the process is about to end.
    NoEvents,
    /// Slack has nowhere to send to.
    NoSocket,
    /// The homeserver does not answer.
    NoHomeserver,
}

/// The route of the page.
pub fn routes(driver: DriverHandle, presences: Vec<Presence>) -> Router {
    Router::new().route("/health", get(health)).with_state(Arc::new(Asked { driver, presences }))
}

async fn health(State(asked): State<Arc<Asked>>) -> Response {
    let open_gaps = asked.driver.open_gaps(WITHIN_MS).await.ok();
    let (mut sockets, mut homeserver) = (None, None);
    for presence in &asked.presences {
        match presence {
            Presence::Sockets(ready) => sockets = Some(*ready.borrow()),
            Presence::Homeserver(answers) => homeserver = Some(*answers.borrow()),
        }
    }
    let status = match (open_gaps, sockets, homeserver) {
        (None, _, _) => Status::NoEvents,
        (Some(_), Some(0), _) => Status::NoSocket,
        (Some(_), _, Some(false)) => Status::NoHomeserver,
        (Some(_), Some(_) | None, Some(true) | None) => Status::Ok,
    };
    let figures = asked.driver.figures();
    let health = Health {
        status,
        takes_events: open_gaps.is_some(),
        last_commit: figures.last_commit().map(|at| at.to_string()),
        rejected: figures.rejected.get(),
        open_gaps,
        sockets,
        homeserver,
    };
    let code = if status == Status::Ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::to_string(&health).expect("numbers and texts are JSON");
    (code, [(CONTENT_TYPE, "application/json")], body).into_response()
}
