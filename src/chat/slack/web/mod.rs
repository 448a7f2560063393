//! The Web API: one way to call it, and a function for each method that Usher uses.
//!
//! The client is `slack-morphism`'s; the shapes are ours wherever its models refuse what Slack sends. It
//! neither waits for limits nor tries again: the courier does. It reads an answer whole, however long, for
//! the client has no bound on it; the bound on the time holds.

mod addresses;
mod error;
mod greeting;
mod methods;
mod pages;
mod refusals;
mod shapes;

use std::fmt;
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use slack_morphism::hyper_tokio::SlackClientHyperConnector;
use slack_morphism::{
    SlackApiToken, SlackApiTokenValue, SlackClient, SlackClientApiCallContext, SlackClientHttpConnector,
};
use tokio::sync::watch;
use tokio::time::timeout;

pub use self::addresses::Address;
use self::addresses::Addresses;
pub use self::error::{CallError, patiently, politely};
pub use self::greeting::{Greeting, greeting};
pub use self::pages::{Followed, MOST_PAGES, Page, follow};
pub(super) use self::refusals::barrier;
pub use self::shapes::{Identity, Kept, Metadata, Payload, Place, Sent};
use super::socket::{NoTicket, Tickets};
use crate::chat::Answer;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a connection may take to come about. Nothing was sent then, which a late answer does not tell.
const CONNECTION: Duration = Duration::from_secs(5);
/// The kind of metadata by which Usher finds its own messages again.
pub const METADATA: &str = "usher";

/// What an address says, which is no JSON.
#[derive(serde::Deserialize)]
struct Taken {}

type Connector = SlackClientHyperConnector<HttpsConnector<HttpConnector>>;

/// The Web API, with one token.
pub struct Web {
    client: SlackClient<Connector>,
    token: SlackApiToken,
    answer: Duration,
    addresses: Addresses,
    /// What last said that the token is no longer good.
    cut_off: watch::Sender<String>,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Web { client: _, token: _, answer, addresses: _, cut_off: _ } = self;
        f.debug_struct("Web").field("answer", answer).finish_non_exhaustive()
    }
}

impl Web {
    /// The Web API with `token`, at Slack's own address or at `api_url`.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(token: &SecretString, api_url: Option<&str>) -> std::io::Result<Web> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECTION));
        http.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
        let connector = SlackClientHyperConnector::with_connector(https.wrap_connector(http));
        let connector = match api_url {
            Some(url) => connector.with_slack_api_url(url.trim_end_matches('/')),
            None => connector,
        };
        let token = SlackApiToken::new(SlackApiTokenValue(token.expose_secret().to_owned()));
        let addresses = Addresses::new(api_url);
        let (cut_off, _) = watch::channel(String::new());
        Ok(Web { client: SlackClient::new(connector), token, answer: ANSWER, addresses, cut_off })
    }

    /// The same, which waits so long for an answer.
    #[must_use]
    pub fn waiting_for(mut self, answer: Duration) -> Web {
        self.answer = answer;
        self
    }

    /// Calls `method` with a body.
    async fn post<A: DeserializeOwned + Send>(
        &self,
        method: &str,
        asked: &(impl Serialize + Send + Sync),
    ) -> Result<A, CallError> {
        let session = self.client.open_session(&self.token);
        let call = session.http_session_api.http_post(method, asked, None);
        match timeout(self.answer, call).await {
            Ok(answer) => answer.map_err(|error| self.heed(CallError::of(&error))),
            Err(_) => Err(self.too_late()),
        }
    }

    /// Says something at an address. It carries no token: whoever has the address may.
    async fn post_at(
        &self,
        address: &Address,
        said: &(impl Serialize + Send + Sync),
    ) -> Result<(), CallError> {
        let span = tracing::debug_span!("an answer");
        let context = SlackClientApiCallContext {
            rate_control_params: None,
            token: None,
            tracing_span: &span,
            is_sensitive_url: true,
        };
        let connector = &self.client.http_api.connector;
        let call = connector.http_post_uri(address.url.clone(), said, context);
        match timeout(self.answer, call).await {
            Ok(Ok(Taken {})) => Ok(()),
            Ok(Err(error)) => Err(CallError::of_address(&error)),
            Err(_) => Err(self.too_late()),
        }
    }

    /// Calls `method`, which reads, with what is asked in the address.
    async fn get<A: DeserializeOwned + Send>(
        &self,
        method: &str,
        asked: &[(&str, Option<&str>)],
    ) -> Result<A, CallError> {
        let asked: Vec<(&str, Option<&str>)> = asked.to_vec();
        let session = self.client.open_session(&self.token);
        let call = session.http_session_api.http_get(method, &asked, None);
        match timeout(self.answer, call).await {
            Ok(answer) => answer.map_err(|error| self.heed(CallError::of(&error))),
            Err(_) => Err(self.too_late()),
        }
    }

    /// Tells from now on what says that the token is no longer good.
    pub fn cut_off(&self) -> watch::Receiver<String> {
        self.cut_off.subscribe()
    }

    /// Something says that the token is no longer good.
    pub(super) fn doubt_token(&self, why: &str) {
        self.cut_off.send_replace(why.to_owned());
    }

    fn heed(&self, error: CallError) -> CallError {
        if let CallError::Refused(code) = &error
            && refusals::is_about_token(code)
        {
            self.doubt_token(code);
        }
        error
    }

    fn too_late(&self) -> CallError {
        CallError::Unknown(format!("none came for {} ms", self.answer.as_millis()))
    }
}

impl Tickets for Web {
    fn ticket(&self) -> Answer<'_, Result<String, NoTicket>> {
        Box::pin(async {
            self.open_socket().await.map_err(|error| match error {
                CallError::Refused(code) => NoTicket::Never(code),
                CallError::RateLimited { after_ms } => {
                    NoTicket::NotNow { after_ms, why: "it asks to wait".to_owned() }
                }
                CallError::Unavailable(why) | CallError::Unknown(why) => {
                    NoTicket::NotNow { after_ms: None, why }
                }
            })
        })
    }
}
