//! Signed HTTP: Slack calls us, for workspaces whose policy wants no sockets.
//!
//! Nothing is read of a body before its signature is found to be right.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use secrecy::{ExposeSecret, SecretString};
use slack_morphism::SlackSigningSecret;
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;
use tokio::time::timeout;

use super::inbound::field;
use super::intake::{Intake, Kind, Taken};

/// No request of Slack's is longer, in bytes.
const LONGEST: usize = 4 << 20;
/// How long a body may take to come, in ms: Slack itself gives up after three seconds.
const BODY_MS: u64 = 3_000;

/// What the routes need.
struct Routes {
    /// One for each secret that is valid: two while it is being changed.
    verifiers: Vec<SlackEventSignatureVerifier>,
    intake: Arc<dyn Intake>,
}

/// The routes that Slack calls, `/slack/events`, `/slack/interactions` and `/slack/commands`. A request
/// signed with any of `secrets` is taken.
pub fn routes(secrets: &[SecretString], intake: Arc<dyn Intake>) -> Router {
    let verifier = |secret: &SecretString| {
        SlackEventSignatureVerifier::new(&SlackSigningSecret::new(secret.expose_secret().to_owned()))
    };
    let routes = Arc::new(Routes { verifiers: secrets.iter().map(verifier).collect(), intake });
    Router::new()
        .route("/slack/events", post(event))
        .route("/slack/interactions", post(interaction))
        .route("/slack/commands", post(command))
        .with_state(routes)
}

async fn event(State(routes): State<Arc<Routes>>, request: Request<Body>) -> Response {
    match routes.body(request).await {
        Err(status) => status.into_response(),
        Ok(body) => routes.take(Kind::Event, &body).await,
    }
}

async fn interaction(State(routes): State<Arc<Routes>>, request: Request<Body>) -> Response {
    let body = match routes.body(request).await {
        Err(status) => return status.into_response(),
        Ok(body) => body,
    };
    match str::from_utf8(&body).ok().and_then(|form| field(form, "payload")) {
        Some(payload) => routes.take(Kind::Interaction, payload.as_bytes()).await,
        // It is kept as it came.
        None => routes.take(Kind::Unknown, &body).await,
    }
}

async fn command(State(routes): State<Arc<Routes>>, request: Request<Body>) -> Response {
    match routes.body(request).await {
        Err(status) => status.into_response(),
        Ok(body) => routes.take(Kind::CommandForm, &body).await,
    }
}

impl Routes {
    /// The body of a request whose signature is right.
    async fn body(&self, request: Request<Body>) -> Result<Bytes, StatusCode> {
        let (head, body) = request.into_parts();
        let signature = only(&head.headers, SlackEventSignatureVerifier::SLACK_SIGNED_HASH_HEADER);
        let signed_at = only(&head.headers, SlackEventSignatureVerifier::SLACK_SIGNED_TIMESTAMP);
        let (Some(signature), Some(signed_at)) = (signature, signed_at) else {
            return Err(StatusCode::UNAUTHORIZED);
        };
        let body = timeout(Duration::from_millis(BODY_MS), to_bytes(body, LONGEST)).await;
        let body =
            body.map_err(|_| StatusCode::REQUEST_TIMEOUT)?.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
        // What is no UTF-8 was not signed by Slack.
        let text = str::from_utf8(&body).map_err(|_| StatusCode::UNAUTHORIZED)?;
        let is_signed =
            self.verifiers.iter().any(|verifier| verifier.verify(signature, text, signed_at).is_ok());
        if is_signed { Ok(body) } else { Err(StatusCode::UNAUTHORIZED) }
    }

    async fn take(&self, kind: Kind, payload: &[u8]) -> Response {
        match self.intake.take(kind, payload).await {
            Taken::Acknowledged => StatusCode::OK.into_response(),
            Taken::Answered(answer) => {
                ([(CONTENT_TYPE, "application/json; charset=utf-8")], answer.get().to_owned()).into_response()
            }
            Taken::NotTaken => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

/// The value of a header that stands there once.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}
