//! Why a call brought nothing.

use hyper_util::client::legacy;
use slack_morphism::errors::{SlackClientError, SlackClientHttpProtocolError};

use super::refusals::{Says, says};
use crate::calendar::{MINUTE_MS, SECOND_MS};
use crate::clock::Clock;

/// The first wait before a call is made again, in ms; it doubles up to the last.
const FIRST_WAIT_MS: i64 = SECOND_MS;
const LAST_WAIT_MS: i64 = 30 * SECOND_MS;
/// No longer than this, whatever Slack asks for, in ms.
const MOST_WAIT_MS: i64 = 15 * MINUTE_MS;

/// Why a call brought nothing. It holds neither a token nor what Slack answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Slack will never do it; the name of its error.
    #[error("Slack says `{0}`")]
    Refused(String),
    /// Too many calls; Slack did nothing.
    #[error("Slack asks to wait")]
    RateLimited {
        /// How long, in ms, if it says so in a way that can be read.
        after_ms: Option<i64>,
    },
    /// It did not reach Slack, or Slack did nothing about it.
    #[error("Slack is not there: {0}")]
    Unavailable(String),
    /// Nobody knows whether Slack did it.
    #[error("Slack's answer is lost: {0}")]
    Unknown(String),
}

impl CallError {
    /// What an error of the client means for whoever called. What it prints may hold the whole answer, so it
    /// is not passed on.
    pub(super) fn of(error: &SlackClientError) -> CallError {
        match error {
            SlackClientError::ApiError(error) => CallError::of_code(&error.code),
            SlackClientError::RateLimitError(error) => CallError::RateLimited {
                after_ms: error.retry_after.map(|after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX)),
            },
            SlackClientError::HttpError(error) => CallError::of_status(error.status_code.as_u16()),
            SlackClientError::HttpProtocolError(error) if is_before_sending(error) => {
                CallError::Unavailable("no connection".to_owned())
            }
            SlackClientError::ProtocolError(error) => CallError::Unknown(format!(
                "it cannot be read at line {}, column {}",
                error.json_error.line(),
                error.json_error.column()
            )),
            SlackClientError::HttpProtocolError(_)
            | SlackClientError::EndOfStream(_)
            | SlackClientError::SystemError(_)
            | SlackClientError::SocketModeProtocolError(_) => {
                CallError::Unknown("the connection broke".to_owned())
            }
        }
    }

    /// The same for an address that was good for a while: Slack says by the status that it is no longer.
    pub(super) fn of_address(error: &SlackClientError) -> CallError {
        if let SlackClientError::HttpError(error) = error
            && error.status_code.is_client_error()
        {
            return CallError::Refused(format!("HTTP {}", error.status_code.as_u16()));
        }
        CallError::of(error)
    }

    fn of_code(code: &str) -> CallError {
        match says(code) {
            Says::Never(_) => CallError::Refused(code.to_owned()),
            Says::Later if matches!(code, "ratelimited" | "rate_limited") => {
                CallError::RateLimited { after_ms: None }
            }
            Says::Later => CallError::Unavailable(code.to_owned()),
            Says::Perhaps => CallError::Unknown(code.to_owned()),
        }
    }

    /// Slack answers 200 and says in the body what is wrong. Another status comes from something before it,
    /// so it is final only where the request itself is blamed.
    fn of_status(status: u16) -> CallError {
        let why = format!("HTTP {status}");
        match status {
            400 | 413 | 414 | 431 => CallError::Refused(why),
            503 => CallError::Unavailable(why),
            500.. => CallError::Unknown(why),
            _ => CallError::Unavailable(why),
        }
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
        let (error, asked_ms) = match call().await {
            Ok(answer) => return Ok(answer),
            Err(refused @ CallError::Refused(_)) => return Err(refused),
            Err(CallError::RateLimited { after_ms }) => (CallError::RateLimited { after_ms }, after_ms),
            Err(error @ (CallError::Unavailable(_) | CallError::Unknown(_))) => (error, None),
        };
        let pause_ms = asked_ms.unwrap_or(wait_ms).clamp(0, MOST_WAIT_MS);
        tracing::info!(%error, pause_ms, "Slack is asked again");
        clock.pause(pause_ms).await;
        wait_ms = (wait_ms * 2).min(LAST_WAIT_MS);
    }
}

/// Makes a call again only where Slack asks to wait: somebody sits before the terminal, and wants to know what is wrong.
///
/// # Errors
/// When the call fails otherwise.
pub async fn politely<T, C>(clock: &Clock, call: impl Fn() -> C) -> Result<T, CallError>
where
    C: Future<Output = Result<T, CallError>>,
{
    loop {
        match call().await {
            Err(CallError::RateLimited { after_ms }) => {
                let pause_ms = after_ms.unwrap_or(LAST_WAIT_MS).clamp(0, MOST_WAIT_MS);
                tracing::info!(pause_ms, "Slack asks to wait");
                clock.pause(pause_ms).await;
            }
            answered => return answered,
        }
    }
}

/// Whether there was no connection, so that nothing can have been sent.
fn is_before_sending(error: &SlackClientHttpProtocolError) -> bool {
    let client = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<legacy::Error>());
    client.is_some_and(legacy::Error::is_connect)
}
