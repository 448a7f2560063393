//! A pager behind an address: PagerDuty, Opsgenie, or anything that takes a small JSON object.

use std::fmt;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{NO_PAGE, Page};
use crate::calendar::SECOND_MS;
use crate::chat::{Answer, Chat, Outcome, ReadBack};
use crate::core::action::{Action, PageSignal};
use crate::core::event::MessageRef;
use crate::settings::{WebhookFormat, WebhookSettings};

const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
const OPSGENIE: &str = "https://api.opsgenie.com/v2/alerts";
/// The longest text that either of them takes for a title, in characters.
const TITLE: usize = 130;

/// Why a webhook cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is no address, or it is none.
    #[error("pager.webhook.url: {0}")]
    Url(String),
    /// The format needs a token.
    #[error("pager.webhook.token: {0:?} needs one")]
    NoToken(WebhookFormat),
    /// The client cannot be built.
    #[error("pager.webhook: {0}")]
    Client(reqwest::Error),
}

/// A pager behind an address.
pub struct WebhookPager {
    client: Client,
    /// It may hold a token.
    url: Url,
    settings: WebhookSettings,
}

impl fmt::Debug for WebhookPager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WebhookPager { client: _, url: _, settings } = self;
        f.debug_struct("WebhookPager").field("settings", settings).finish_non_exhaustive()
    }
}

impl WebhookPager {
    /// The pager that the settings name.
    ///
    /// # Errors
    /// When the address or a token that is needed is missing or wrong.
    pub fn new(settings: WebhookSettings) -> Result<WebhookPager, WebhookError> {
        let usual = match settings.format {
            WebhookFormat::Plain => None,
            WebhookFormat::Pagerduty => Some(PAGERDUTY),
            WebhookFormat::Opsgenie => Some(OPSGENIE),
        };
        if usual.is_some() && settings.token.is_none() {
            return Err(WebhookError::NoToken(settings.format));
        }
        let url = settings
            .url
            .as_ref()
            .map(ExposeSecret::expose_secret)
            .or(usual)
            .ok_or_else(|| WebhookError::Url("is missing".to_owned()))?;
        let url: Url = url.parse().map_err(|error| WebhookError::Url(format!("{error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(WebhookError::Url("is neither http nor https".to_owned()));
        }
        let timeout = Duration::from_secs(settings.timeout_s.into());
        // A redirect would carry the token to another host.
        let no_redirect = reqwest::redirect::Policy::none();
        let client =
            Client::builder().timeout(timeout).redirect(no_redirect).build().map_err(WebhookError::Client)?;
        Ok(WebhookPager { client, url, settings })
    }

    fn token(&self, person: &str) -> Option<&SecretString> {
        self.settings.token_for.get(person).or(self.settings.token.as_ref())
    }

    fn request(&self, page: &Page<'_>) -> RequestBuilder {
        let token = self.token(page.person).map(|token| token.expose_secret());
        match self.settings.format {
            WebhookFormat::Plain => {
                let request = self.post(self.url.clone(), &json!(page));
                match token {
                    Some(token) => request.bearer_auth(token),
                    None => request,
                }
            }
            WebhookFormat::Pagerduty => {
                self.post(self.url.clone(), &pagerduty(page, token.unwrap_or_default()))
            }
            WebhookFormat::Opsgenie => {
                let (url, body) = opsgenie(&self.url, page);
                self.post(url, &body)
                    .header("authorization", format!("GenieKey {}", token.unwrap_or_default()))
            }
        }
    }

    fn post(&self, url: Url, body: &Value) -> RequestBuilder {
        self.client
            .request(Method::POST, url)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    async fn page(&self, action: &Action) -> Outcome {
        let Some(page) = Page::of(action) else { return Outcome::Refused(NO_PAGE.to_owned()) };
        match self.request(&page).send().await {
            Ok(response) => outcome(response).await,
            // The error names the address, and an address may hold a token.
            Err(error) if error.is_connect() || error.is_builder() => Outcome::TryLater {
                after_ms: None,
                why: format!("no connection to the pager: {}", error.without_url()),
            },
            Err(error) => Outcome::Unknown(format!("no answer from the pager: {}", error.without_url())),
        }
    }
}

impl Chat for WebhookPager {
    fn deliver<'a>(&'a self, action: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, Outcome> {
        Box::pin(self.page(action))
    }

    fn read_back<'a>(&'a self, _: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, ReadBack> {
        Box::pin(async { ReadBack::CannotTell })
    }
}

async fn outcome(response: Response) -> Outcome {
    let status = response.status();
    if status.is_success() {
        return Outcome::Accepted(None);
    }
    let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let after_ms = header.and_then(|text| text.parse::<i64>().ok()).and_then(|s| s.checked_mul(SECOND_MS));
    let why = format!("the pager answered {status}");
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => {
            Outcome::TryLater { after_ms, why }
        }
        status if status.is_server_error() => Outcome::Unknown(why),
        _ => Outcome::Refused(why),
    }
}

fn title(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(TITLE).collect()
}

fn pagerduty(page: &Page<'_>, routing_key: &str) -> Value {
    let action = match page.signal {
        PageSignal::Trigger => "trigger",
        PageSignal::Acknowledge => "acknowledge",
        PageSignal::Resolve => "resolve",
    };
    json!({
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": page.incident,
        "client": "Usher",
        "payload": {
            "summary": title(&page.text),
            "source": "usher",
            "severity": "critical",
            "group": page.about.channel,
            "class": page.level,
            "custom_details": { "person": page.person, "text": page.text, "message": page.about },
        },
    })
}

/// Where an alert goes, and what goes there. Its alias is the incident's key.
fn opsgenie(base: &Url, page: &Page<'_>) -> (Url, Value) {
    let about = |verb: &str| {
        let mut url = base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(&page.incident).push(verb);
        }
        url.set_query(Some("identifierType=alias"));
        url
    };
    let note = json!({ "source": "usher", "note": page.text });
    match page.signal {
        PageSignal::Acknowledge => (about("acknowledge"), note),
        PageSignal::Resolve => (about("close"), note),
        PageSignal::Trigger => {
            let alert = json!({
                "message": title(&page.text),
                "alias": page.incident,
                "description": page.text,
                "responders": [{ "type": "user", "username": page.person }],
                "tags": [page.level],
                "details": { "channel": page.about.channel, "message": page.about.id },
                "source": "usher",
                "priority": "P1",
            });
            (base.clone(), alert)
        }
    }
}
