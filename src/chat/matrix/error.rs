//! Why a call to the homeserver brought nothing.

use std::time::UNIX_EPOCH;

use matrix_sdk::ruma::api::error::{ErrorKind, RetryAfter};
use matrix_sdk::{Error, HttpError};

use crate::calendar::Instant;
use crate::clock;

/// Why a call brought nothing. It holds no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The homeserver will never do it; the code of its error.
    #[error("the homeserver says `{0}`")]
    Refused(String),
    /// The homeserver takes Usher's session no more.
    #[error("the homeserver has ended Usher's session ({code})")]
    SignedOut {
        /// The code of its error.
        code: String,
        /// Whether the same session may go on once Usher has signed in again.
        may_sign_in_again: bool,
    },
    /// Too many calls; the homeserver did nothing.
    #[error("the homeserver asks to wait")]
    RateLimited {
        /// How long, in ms, if it says so in a way that can be read.
        after_ms: Option<i64>,
    },
    /// It did not reach the homeserver, or the homeserver did nothing about it.
    #[error("the homeserver is not there: {0}")]
    Unavailable(String),
    /// Nobody knows whether the homeserver did it.
    #[error("the homeserver's answer is lost: {0}")]
    Unknown(String),
}

impl From<&Error> for CallError {
    fn from(error: &Error) -> CallError {
        if let Error::Http(error) = error {
            return CallError::from(error.as_ref());
        }
        // Usher is not in the room: nobody was asked.
        if matches!(error, Error::WrongRoomState(_) | Error::InsufficientData) {
            return CallError::Refused("M_FORBIDDEN".to_owned());
        }
        // The library's own stores, or the encryption: nothing was sent.
        CallError::Unavailable(error.to_string())
    }
}

impl From<&HttpError> for CallError {
    fn from(error: &HttpError) -> CallError {
        if let Some(answer) = error.as_client_api_error() {
            return of_answer(answer.status_code.as_u16(), answer.error_kind());
        }
        if error.as_uiaa_response().is_some() {
            return CallError::Refused("it wants to be shown once more who asks".to_owned());
        }
        match error {
            HttpError::Reqwest(error) if error.is_connect() => {
                CallError::Unavailable("no connection".to_owned())
            }
            HttpError::Reqwest(error) if error.is_timeout() => {
                CallError::Unknown("it takes too long".to_owned())
            }
            HttpError::Reqwest(_) => CallError::Unknown("the connection broke".to_owned()),
            HttpError::IntoHttp(error) => CallError::Unavailable(error.to_string()),
            HttpError::Cached(error) => CallError::from(error.as_ref()),
            // An answer that is none of the protocol's: of a proxy, or of another program.
            HttpError::Api(_) | HttpError::RefreshToken(_) => {
                CallError::Unknown("what answers is no homeserver".to_owned())
            }
        }
    }
}

/// What an answer means, by its status and what it says is wrong.
fn of_answer(status: u16, kind: Option<&ErrorKind>) -> CallError {
    let code = kind.map_or_else(|| format!("HTTP {status}"), |kind| kind.errcode().to_string());
    if let Some(ErrorKind::UnknownToken(data)) = kind {
        return CallError::SignedOut { code, may_sign_in_again: data.soft_logout };
    }
    if let Some(ErrorKind::LimitExceeded(data)) = kind {
        return CallError::RateLimited { after_ms: data.retry_after.as_ref().and_then(wait_ms) };
    }
    match status {
        401 => CallError::SignedOut { code, may_sign_in_again: false },
        429 => CallError::RateLimited { after_ms: None },
        // What stands before a homeserver that is not there finds nothing; the homeserver itself knows these calls.
        404 | 405 if matches!(kind, None | Some(ErrorKind::Unrecognized)) => CallError::Unavailable(code),
        503 => CallError::Unavailable(code),
        500.. => CallError::Unknown(code),
        _ => CallError::Refused(code),
    }
}

/// How long an answer asks to wait, in ms.
fn wait_ms(retry_after: &RetryAfter) -> Option<i64> {
    let wait = match retry_after {
        RetryAfter::Delay(wait) => *wait,
        RetryAfter::DateTime(until) => {
            let until_ms = until.duration_since(UNIX_EPOCH).ok()?.as_millis();
            return Some(Instant::from_ms(i64::try_from(until_ms).ok()?).since(clock::now()).max(0));
        }
    };
    i64::try_from(wait.as_millis()).ok()
}
