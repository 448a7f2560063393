//! The Web API: one call, and the shapes of what Usher asks.
//!
//! The client is `slack-morphism`'s; the shapes are ours wherever its models refuse what Slack sends. It
//! neither waits for limits nor tries again: the courier does.

use std::fmt;
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use slack_morphism::errors::SlackClientError;
use slack_morphism::hyper_tokio::SlackClientHyperConnector;
use slack_morphism::{SlackApiToken, SlackApiTokenValue, SlackClient};
use smol_str::SmolStr;
use tokio::time::timeout;

use super::blocks::{Block, Rendered};
use crate::calendar::{MINUTE_MS, SECOND_MS};
use crate::chat::Answer;
use crate::chat::slack::socket::{NoTicket, Tickets};
use crate::clock::Clock;
use crate::core::action::ActionId;
use crate::core::event::{ChannelId, MessageId, UserId};

/// How long an answer may take, in ms.
const ANSWER_MS: u64 = 10_000;
/// The first wait before a call is made again, in ms; it doubles up to the last.
const FIRST_WAIT_MS: i64 = SECOND_MS;
const LAST_WAIT_MS: i64 = 30 * SECOND_MS;
/// No longer than this, whatever Slack asks for, in ms.
const MOST_WAIT_MS: i64 = 15 * MINUTE_MS;
/// How many rows a page has.
const PAGE: u16 = 200;
/// The kind of metadata by which Usher finds its own messages again.
pub const METADATA: &str = "usher";

type Connector = SlackClientHyperConnector<HttpsConnector<HttpConnector>>;

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Slack will not do it; the name of its error.
    #[error("Slack says `{0}`")]
    Refused(String),
    /// Too many calls.
    #[error("Slack asks to wait")]
    RateLimited {
        /// How long, in ms, if it says so in a way that can be read.
        after_ms: Option<i64>,
    },
    /// It did not reach Slack, or Slack did nothing about it.
    #[error("Slack cannot be reached: {0}")]
    Unavailable(String),
    /// Nobody knows whether Slack did it.
    #[error("Slack's answer is lost: {0}")]
    Unknown(String),
}

/// The Web API, with one token.
pub struct Web {
    client: SlackClient<Connector>,
    token: SlackApiToken,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Web")
    }
}

/// Who the token is.
#[derive(Clone, Debug, Deserialize)]
pub struct Identity {
    /// The address of the workspace, with a slash at its end.
    pub url: Option<String>,
    /// The workspace.
    pub team_id: SmolStr,
    /// The bot's user.
    pub user_id: UserId,
    /// The bot.
    pub bot_id: Option<SmolStr>,
}

/// A message that was taken.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    /// In which channel.
    pub channel: ChannelId,
    /// What it is called.
    pub ts: MessageId,
}

/// A message of a history, as far as it tells whose it is.
#[derive(Clone, Debug, Deserialize)]
pub struct Kept {
    /// What it is called.
    pub ts: MessageId,
    /// What the app that posted it wrote beside it.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

/// What an app writes beside a message.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Of what kind it is.
    #[serde(default)]
    pub event_type: String,
    /// What it says.
    #[serde(default)]
    pub event_payload: Payload,
}

/// What Usher writes beside a message.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Payload {
    /// The id of the action.
    #[serde(default)]
    pub id: Option<SmolStr>,
}

/// A page of something.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The thread, if in one.
    pub thread: Option<&'a str>,
}

#[derive(Serialize)]
struct Post<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    text: &'a str,
    blocks: &'a [Block],
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Own<'a>>,
    unfurl_links: bool,
    unfurl_media: bool,
}

#[derive(Serialize)]
struct Own<'a> {
    event_type: &'static str,
    event_payload: OwnPayload<'a>,
}

#[derive(Serialize)]
struct OwnPayload<'a> {
    id: &'a ActionId,
}

impl<'a> Own<'a> {
    fn new(id: &'a ActionId) -> Own<'a> {
        Own { event_type: METADATA, event_payload: OwnPayload { id } }
    }
}

#[derive(Debug, Default, Deserialize)]
struct Cursor {
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Cursor {
    fn next(self) -> Option<String> {
        self.next_cursor.filter(|cursor| !cursor.is_empty())
    }
}

/// Says nothing that is needed.
#[derive(Deserialize)]
struct Done {}

impl Web {
    /// The Web API with `token`, at Slack's own address or at `api_url`, which has no slash at its end.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(token: &SecretString, api_url: Option<&str>) -> std::io::Result<Web> {
        let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
        let connector = SlackClientHyperConnector::with_connector(https);
        let connector = match api_url {
            Some(url) => connector.with_slack_api_url(url),
            None => connector,
        };
        let token = SlackApiToken::new(SlackApiTokenValue(token.expose_secret().to_owned()));
        Ok(Web { client: SlackClient::new(connector), token })
    }

    async fn post<RS: DeserializeOwned + Send>(
        &self,
        method: &str,
        request: &(impl Serialize + Send + Sync),
    ) -> Result<RS, CallError> {
        let session = self.client.open_session(&self.token);
        bounded(session.http_session_api.http_post(method, request, None)).await
    }

    async fn get<RS: DeserializeOwned + Send>(
        &self,
        method: &str,
        parameters: &[(&str, Option<&str>)],
    ) -> Result<RS, CallError> {
        let parameters: Vec<(&str, Option<String>)> =
            parameters.iter().map(|(name, value)| (*name, value.map(str::to_owned))).collect();
        let borrowed: Vec<(&str, Option<&String>)> =
            parameters.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        let session = self.client.open_session(&self.token);
        bounded(session.http_session_api.http_get(method, &borrowed, None)).await
    }

    /// `auth.test`: who the token is.
    ///
    /// # Errors
    /// See [`CallError`], here and below.
    pub async fn identity(&self) -> Result<Identity, CallError> {
        self.post("auth.test", &serde_json::Map::new()).await
    }

    /// `apps.connections.open`: the address of a new socket. The token is the app's.
    pub async fn open_socket(&self) -> Result<String, CallError> {
        #[derive(Deserialize)]
        struct Opened {
            url: String,
        }
        let Opened { url } = self.post("apps.connections.open", &serde_json::Map::new()).await?;
        Ok(url)
    }

    /// `chat.postMessage`.
    pub async fn post_message(
        &self,
        place: Place<'_>,
        message: &Rendered,
        id: &ActionId,
    ) -> Result<Sent, CallError> {
        self.post("chat.postMessage", &Post { metadata: Some(Own::new(id)), ..said(place, message) }).await
    }

    /// `chat.postEphemeral`: one person sees it, and nobody can find it again.
    pub async fn post_ephemeral(
        &self,
        place: Place<'_>,
        user: &str,
        message: &Rendered,
    ) -> Result<(), CallError> {
        let Done {} =
            self.post("chat.postEphemeral", &Post { user: Some(user), ..said(place, message) }).await?;
        Ok(())
    }

    /// `chat.update`: other words in the place of a message.
    pub async fn update(
        &self,
        channel: &str,
        ts: &str,
        message: &Rendered,
        id: &ActionId,
    ) -> Result<Sent, CallError> {
        let place = Place { channel, thread: None };
        let metadata = Some(Own::new(id));
        self.post("chat.update", &Post { ts: Some(ts), metadata, ..said(place, message) }).await
    }

    /// `conversations.open`: the direct conversation with a user.
    pub async fn open_direct(&self, user: &str) -> Result<ChannelId, CallError> {
        #[derive(Serialize)]
        struct Asked<'a> {
            users: &'a str,
        }
        #[derive(Deserialize)]
        struct Opened {
            channel: Id,
        }
        #[derive(Deserialize)]
        struct Id {
            id: ChannelId,
        }
        let Opened { channel } = self.post("conversations.open", &Asked { users: user }).await?;
        Ok(channel.id)
    }

    /// A page of messages, newest first in a channel and oldest first in a thread, none older than `oldest`.
    pub async fn messages<T: DeserializeOwned + Send>(
        &self,
        place: Place<'_>,
        oldest: &str,
        cursor: Option<&str>,
    ) -> Result<Page<T>, CallError> {
        #[derive(Deserialize)]
        struct Messages<T> {
            messages: Vec<T>,
            #[serde(default)]
            response_metadata: Option<Cursor>,
        }
        let limit = PAGE.to_string();
        let mut parameters = vec![
            ("channel", Some(place.channel)),
            ("oldest", Some(oldest)),
            ("inclusive", Some("true")),
            ("include_all_metadata", Some("true")),
            ("limit", Some(limit.as_str())),
            ("cursor", cursor),
        ];
        let method = match place.thread {
            None => "conversations.history",
            Some(thread) => {
                parameters.push(("ts", Some(thread)));
                "conversations.replies"
            }
        };
        let Messages { messages, response_metadata } = self.get(method, &parameters).await?;
        Ok(Page { rows: messages, next: response_metadata.and_then(Cursor::next) })
    }

    /// A page of the workspace's users, as raw rows.
    pub async fn users(&self, cursor: Option<&str>) -> Result<Page<Box<RawValue>>, CallError> {
        #[derive(Deserialize)]
        struct Users {
            members: Vec<Box<RawValue>>,
            #[serde(default)]
            response_metadata: Option<Cursor>,
        }
        let limit = PAGE.to_string();
        let parameters = [("limit", Some(limit.as_str())), ("cursor", cursor)];
        let Users { members, response_metadata } = self.get("users.list", &parameters).await?;
        Ok(Page { rows: members, next: response_metadata.and_then(Cursor::next) })
    }

    /// One user, as a raw row.
    pub async fn user(&self, user: &str) -> Result<Box<RawValue>, CallError> {
        #[derive(Deserialize)]
        struct User {
            user: Box<RawValue>,
        }
        let User { user } = self.get("users.info", &[("user", Some(user))]).await?;
        Ok(user)
    }

    /// A page of the channels that the bot may see, as raw rows.
    pub async fn channels(&self, cursor: Option<&str>) -> Result<Page<Box<RawValue>>, CallError> {
        #[derive(Deserialize)]
        struct Channels {
            channels: Vec<Box<RawValue>>,
            #[serde(default)]
            response_metadata: Option<Cursor>,
        }
        let limit = PAGE.to_string();
        let parameters = [
            ("types", Some("public_channel,private_channel,mpim,im")),
            ("limit", Some(limit.as_str())),
            ("cursor", cursor),
        ];
        let Channels { channels, response_metadata } = self.get("conversations.list", &parameters).await?;
        Ok(Page { rows: channels, next: response_metadata.and_then(Cursor::next) })
    }

    /// One channel, as a raw row.
    pub async fn channel(&self, channel: &str) -> Result<Box<RawValue>, CallError> {
        #[derive(Deserialize)]
        struct Channel {
            channel: Box<RawValue>,
        }
        let Channel { channel } = self.get("conversations.info", &[("channel", Some(channel))]).await?;
        Ok(channel)
    }

    /// The handle of a user group, without `@`.
    pub async fn group_handle(&self, group: &str) -> Result<SmolStr, CallError> {
        #[derive(Deserialize)]
        struct Groups {
            usergroups: Vec<Group>,
        }
        #[derive(Deserialize)]
        struct Group {
            id: SmolStr,
            handle: SmolStr,
        }
        let Groups { usergroups } = self.get("usergroups.list", &[]).await?;
        let found = usergroups.into_iter().find(|known| known.id == group);
        found.map(|group| group.handle).ok_or_else(|| CallError::Refused("no_such_subteam".to_owned()))
    }

    /// A page of the members of a channel.
    pub async fn members(&self, channel: &str, cursor: Option<&str>) -> Result<Page<UserId>, CallError> {
        #[derive(Deserialize)]
        struct Members {
            members: Vec<UserId>,
            #[serde(default)]
            response_metadata: Option<Cursor>,
        }
        let limit = PAGE.to_string();
        let parameters = [("channel", Some(channel)), ("limit", Some(limit.as_str())), ("cursor", cursor)];
        let Members { members, response_metadata } = self.get("conversations.members", &parameters).await?;
        Ok(Page { rows: members, next: response_metadata.and_then(Cursor::next) })
    }
}

impl Tickets for Web {
    fn ticket(&self) -> Answer<'_, Result<String, NoTicket>> {
        Box::pin(async {
            self.open_socket().await.map_err(|error| match error {
                CallError::Refused(code) if is_passing(&code) => {
                    NoTicket::NotNow { after_ms: None, why: code }
                }
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

/// Makes a call that may be made twice until Slack answers, waiting as it asks or a little longer each time.
///
/// # Errors
/// When Slack refuses.
pub async fn patiently<T, C>(clock: &Clock, call: impl Fn() -> C) -> Result<T, CallError>
where
    C: Future<Output = Result<T, CallError>>,
{
    let mut wait_ms = FIRST_WAIT_MS;
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(CallError::Refused(code)) if !is_passing(&code) => return Err(CallError::Refused(code)),
            Err(error) => error,
        };
        let asked_ms = if let CallError::RateLimited { after_ms } = error { after_ms } else { None };
        let pause_ms = asked_ms.unwrap_or(wait_ms).clamp(0, MOST_WAIT_MS);
        tracing::info!(%error, pause_ms, "Slack is asked again");
        clock.pause(pause_ms).await;
        wait_ms = (wait_ms * 2).min(LAST_WAIT_MS);
    }
}

/// Whether an error of Slack's says that the call did nothing and may do something later.
pub(super) fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "ratelimited" | "rate_limited" | "service_unavailable" | "request_timeout" | "team_added_to_org"
    )
}

/// Whether an error of Slack's leaves open whether the call did something: "some aspect may have succeeded".
pub(super) fn is_ambiguous(code: &str) -> bool {
    matches!(code, "fatal_error" | "internal_error")
}

fn said<'a>(place: Place<'a>, message: &'a Rendered) -> Post<'a> {
    Post {
        channel: place.channel,
        thread_ts: place.thread,
        ts: None,
        user: None,
        text: &message.text,
        blocks: &message.blocks,
        metadata: None,
        unfurl_links: false,
        unfurl_media: false,
    }
}

async fn bounded<T>(call: impl Future<Output = Result<T, SlackClientError>>) -> Result<T, CallError> {
    match timeout(Duration::from_millis(ANSWER_MS), call).await {
        Err(_) => Err(CallError::Unknown(format!("no answer for {ANSWER_MS} ms"))),
        Ok(answer) => answer.map_err(|error| meaning(&error)),
    }
}

/// What an error of the client means for whoever called. What it prints may hold the whole answer, so it
/// is not passed on.
fn meaning(error: &SlackClientError) -> CallError {
    match error {
        SlackClientError::ApiError(error) if is_ambiguous(&error.code) => {
            CallError::Unknown(error.code.clone())
        }
        SlackClientError::ApiError(error) => CallError::Refused(error.code.clone()),
        SlackClientError::RateLimitError(error) => CallError::RateLimited {
            after_ms: error.retry_after.map(|after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX)),
        },
        SlackClientError::HttpError(error) if error.status_code.as_u16() == 503 => {
            CallError::Unavailable("HTTP 503".to_owned())
        }
        SlackClientError::HttpError(error) if error.status_code.is_server_error() => {
            CallError::Unknown(format!("HTTP {}", error.status_code))
        }
        SlackClientError::HttpError(error) => CallError::Refused(format!("HTTP {}", error.status_code)),
        SlackClientError::HttpProtocolError(error) => {
            let client = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<legacy::Error>());
            match client {
                Some(client) if client.is_connect() => {
                    CallError::Unavailable("the connection is refused".to_owned())
                }
                Some(_) | None => CallError::Unknown("the connection broke".to_owned()),
            }
        }
        SlackClientError::ProtocolError(error) => {
            CallError::Unknown(format!("the answer is not what Slack documents: {}", error.json_error))
        }
        SlackClientError::EndOfStream(_)
        | SlackClientError::SystemError(_)
        | SlackClientError::SocketModeProtocolError(_) => {
            CallError::Unknown("the connection broke".to_owned())
        }
    }
}
