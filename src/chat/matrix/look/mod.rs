//! A look at a homeserver and at Usher's account there, for whoever writes a first runbook or looks for what is wrong.
//! Nothing is changed there: a session that is opened for a look is ended after it.

mod kept;
mod place;
mod trusted;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono_tz::Tz;
use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::ruma::api::client::account::whoami;
use matrix_sdk::ruma::api::client::alias::get_alias;
use matrix_sdk::ruma::api::client::profile::get_profile;
use matrix_sdk::ruma::api::client::session::{login, logout};
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::{RoomAliasId, UserId as RumaUserId};
use matrix_sdk::{Client, ClientBuildError, HttpError, SessionMeta, SessionTokens};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use smol_str::SmolStr;

pub use self::kept::{Kept, KeptSession, Look, kept};
pub use self::place::{Place, Rooms};
pub use self::trusted::{Recovery, Signed};
use super::error::CallError;
use super::session::{identifier, with_homeserver};
use crate::calendar::{Instant, SECOND_MS};
use crate::clock::Clock;
use crate::core::event::{ChannelId, UserId};

/// A request that is not answered within this is given up.
const ANSWER: Duration = Duration::from_secs(15);
/// What people see in the list of Usher's sessions, for as long as a look lasts.
const DISPLAY_NAME: &str = "Usher looks around";
/// The status of what there is not.
const NOT_FOUND: u16 = 404;
/// Fields of a profile that say where somebody lives: as the specification has it, and as it was before.
const ZONE_FIELDS: [&str; 2] = ["m.tz", "us.cloke.msc4175.tz"];

/// A homeserver that answers.
#[derive(Clone, Debug)]
pub struct Homeserver {
    client: Client,
    /// The versions of the protocol that it speaks.
    pub versions: BTreeSet<String>,
    /// By how much this machine's clock is ahead of its clock, in ms, if it says.
    pub ahead_ms: Option<i64>,
}

/// Usher's account at a homeserver.
#[derive(Debug)]
pub struct Account {
    client: Client,
    /// Whose account it is.
    pub user: UserId,
    /// The session by which it is looked at; a token of an application has none.
    pub device: Option<SmolStr>,
    /// Whether it is the account of a guest.
    pub is_guest: bool,
    /// Whether the session was opened for this look.
    is_opened: bool,
}

/// What somebody says of themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What they call themselves.
    pub name: Option<String>,
    /// Where they say that they live.
    pub zone: Option<Tz>,
}

impl Homeserver {
    /// Finds the homeserver of the settings, an address or a name, and asks how it is.
    ///
    /// # Errors
    /// When nobody answers there, or something that is no homeserver.
    pub async fn reach(named: &str, clock: &Clock) -> Result<Homeserver, CallError> {
        let builder = with_homeserver(Client::builder(), named).request_config(config());
        let client = builder.build().await.map_err(|error| {
            if let ClientBuildError::Http(error) = &error {
                return CallError::from(error);
            }
            CallError::Unavailable(error.to_string())
        })?;
        let (versions, ahead_ms) = greeting(&client, clock).await?;
        Ok(Homeserver { client, versions, ahead_ms })
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.client.homeserver().to_string()
    }

    /// The account of a token.
    ///
    /// # Errors
    /// When the homeserver does not know it.
    pub async fn account(&self, token: &SecretString) -> Result<Account, CallError> {
        self.account_with(token.expose_secret(), false).await
    }

    /// Opens a session for a look; [`Account::leave`] ends it.
    ///
    /// # Errors
    /// When the homeserver does not let Usher in.
    pub async fn sign_in(&self, user: &str, password: &SecretString) -> Result<Account, CallError> {
        let password = login::v3::Password::new(identifier(user), password.expose_secret().to_owned());
        let mut request = login::v3::Request::new(login::v3::LoginInfo::Password(password));
        request.initial_device_display_name = Some(DISPLAY_NAME.to_owned());
        let session = told(self.client.send(request).await)?;
        self.account_with(&session.access_token, true).await
    }

    async fn account_with(&self, token: &str, is_opened: bool) -> Result<Account, CallError> {
        // The library takes a token only with whose it is, which is asked first.
        let nobody = matrix_sdk::ruma::user_id!("@nobody:localhost").to_owned();
        let stranger =
            self.signed_in(SessionMeta { user_id: nobody, device_id: "NONE".into() }, token).await?;
        let who = told(stranger.send(whoami::v3::Request::new()).await)?;
        let (user, device) = (UserId::new(who.user_id.as_str()), who.device_id.as_deref());
        let device = device.map(|device| SmolStr::new(device.as_str()));
        let device_id = who.device_id.unwrap_or_else(|| "NONE".into());
        let client = self.signed_in(SessionMeta { user_id: who.user_id, device_id }, token).await?;
        Ok(Account { client, user, device, is_guest: who.is_guest, is_opened })
    }

    async fn signed_in(&self, meta: SessionMeta, token: &str) -> Result<Client, CallError> {
        let broken = |error: &dyn std::error::Error| CallError::Unavailable(error.to_string());
        let builder = Client::builder().homeserver_url(self.client.homeserver()).request_config(config());
        let client = builder.build().await.map_err(|error| broken(&error))?;
        let tokens = SessionTokens { access_token: token.to_owned(), refresh_token: None };
        client.restore_session(MatrixSession { meta, tokens }).await.map_err(|error| broken(&error))?;
        Ok(client)
    }

    /// The room that an alias leads to, if there is one.
    ///
    /// # Errors
    /// When the homeserver does not say.
    pub async fn room_of(&self, alias: &str) -> Result<Option<ChannelId>, CallError> {
        let Ok(alias) = RoomAliasId::parse(alias) else { return Ok(None) };
        let found = there_is(self.client.send(get_alias::v3::Request::new(alias)).await)?;
        Ok(found.map(|found| ChannelId::new(found.room_id.as_str())))
    }

    /// What somebody says of themselves; `None` where there is nobody of that name.
    ///
    /// # Errors
    /// When the homeserver does not say.
    pub async fn profile(&self, user: &str) -> Result<Option<Profile>, CallError> {
        profile(&self.client, user).await
    }
}

impl Account {
    /// What somebody says of themselves; `None` where there is nobody of that name.
    ///
    /// # Errors
    /// When the homeserver does not say.
    pub async fn profile(&self, user: &str) -> Result<Option<Profile>, CallError> {
        profile(&self.client, user).await
    }

    /// Ends the look.
    ///
    /// # Errors
    /// When a session that was opened for it is not ended.
    pub async fn leave(self) -> Result<(), CallError> {
        if self.is_opened {
            told(self.client.send(logout::v3::Request::new()).await)?;
        }
        Ok(())
    }
}

/// Homeservers may keep profiles to those who are signed in.
async fn profile(client: &Client, user: &str) -> Result<Option<Profile>, CallError> {
    let Ok(user) = RumaUserId::parse(user) else { return Ok(None) };
    let request = client.send(get_profile::v3::Request::new(user));
    let said = there_is(request.with_request_config(config().force_auth()).await)?;
    Ok(said.map(|said| {
        let text = |field: &str| said.get(field).and_then(|value| value.as_str());
        let zone = ZONE_FIELDS.into_iter().find_map(|field| text(field)?.parse().ok());
        Profile { name: text("displayname").map(str::to_owned), zone }
    }))
}

fn told<T>(answer: Result<T, HttpError>) -> Result<T, CallError> {
    answer.map_err(|error| CallError::from(&error))
}

/// That there is none is an answer as well. Synapse gives it more than one code.
fn there_is<T>(answer: Result<T, HttpError>) -> Result<Option<T>, CallError> {
    let is_absent = |error: &HttpError| {
        error.as_client_api_error().is_some_and(|answer| {
            let is_known = !matches!(answer.error_kind(), Some(ErrorKind::Unrecognized));
            answer.status_code.as_u16() == NOT_FOUND && is_known
        })
    };
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => told(Err(error)),
    }
}

fn config() -> RequestConfig {
    RequestConfig::new().timeout(ANSWER).retry_limit(2)
}

/// What a homeserver says of itself to anybody, and when; the library keeps the time to itself.
async fn greeting(client: &Client, clock: &Clock) -> Result<(BTreeSet<String>, Option<i64>), CallError> {
    #[derive(Deserialize)]
    struct Said {
        versions: BTreeSet<String>,
    }
    let broken = |_| CallError::Unknown("the connection broke".to_owned());
    let url = client.homeserver().join("_matrix/client/versions");
    let url = url.map_err(|error| CallError::Unavailable(error.to_string()))?;
    let asked_at = clock.now();
    let asked = client.http_client().get(url).timeout(ANSWER).send().await;
    let answer = asked.map_err(|error| CallError::from(&HttpError::Reqwest(error)))?;
    let between = Instant::from_ms(i64::midpoint(asked_at.ms(), clock.now().ms()));
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok()).and_then(date);
    let status = answer.status();
    if status.is_server_error() {
        return Err(CallError::Unavailable(format!("HTTP {}", status.as_u16())));
    }
    let body = answer.bytes().await.map_err(broken)?;
    let said: Said = serde_json::from_slice(&body)
        .map_err(|_| CallError::Unknown("what answers is no homeserver".to_owned()))?;
    Ok((said.versions, date.map(|date| between.since(date))))
}

/// The middle of the second that a date names.
fn date(text: &str) -> Option<Instant> {
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Some(Instant::from_ms(date.timestamp_millis()).plus(SECOND_MS / 2))
}
