//! What goes wrong on purpose.

use reqwest::Method;
use serde_json::{Value, json};

/// What goes wrong with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// 429: how long to wait is said in the body, in the header, in both or nowhere.
    TooFast { retry_after_ms: Option<Value>, header: Option<String> },
    /// The homeserver does not hear of it, and this is answered.
    Status(u16),
    /// The homeserver does it, and 502 is answered.
    AnswerLost,
    /// The homeserver does not hear of it, and the connection drops.
    CallLost,
    /// The homeserver does it, and the connection drops.
    Cut,
    /// Nothing is answered until somebody lets go, and then the connection drops; `done` says whether the homeserver
    /// does it.
    Hang { done: bool },
    /// The token is good no more; `soft`, the session still is.
    LoggedOut { soft: bool },
    /// Refused with a code of Matrix's.
    Refused(u16, &'static str, &'static str),
    /// What is answered is no JSON.
    Nonsense,
    /// A sync brings at most so many events of a room; it says that there are more, and where.
    Limited(u64),
    /// A sync loses the events of its rooms and says nothing of it.
    Swallowed,
}

/// What is answered instead: a status, a header and a body.
pub type Instead = (u16, Option<(&'static str, String)>, String);

/// A fault that waits for its requests.
#[derive(Clone, Debug)]
pub struct Armed {
    pub method: Method,
    /// The path contains this.
    pub part: String,
    pub fault: Fault,
    /// How often.
    pub times: usize,
}

impl Armed {
    /// Takes the fault that waits for this request.
    pub fn take(armed: &mut Vec<Armed>, method: &Method, path: &str) -> Option<Fault> {
        let at = armed.iter().position(|it| it.method == *method && path.contains(&it.part))?;
        armed[at].times -= 1;
        let fault = armed[at].fault.clone();
        if armed[at].times == 0 {
            armed.remove(at);
        }
        Some(fault)
    }
}

impl Fault {
    /// Whether the homeserver hears of the request.
    pub fn passes(&self) -> bool {
        match self {
            Fault::AnswerLost | Fault::Cut | Fault::Limited(_) | Fault::Swallowed => true,
            Fault::Hang { done } => *done,
            Fault::TooFast { .. }
            | Fault::Status(_)
            | Fault::CallLost
            | Fault::LoggedOut { .. }
            | Fault::Refused(..)
            | Fault::Nonsense => false,
        }
    }

    /// What is answered instead. Nothing if the connection drops.
    pub fn answer(&self) -> Option<Instead> {
        let error = |code: &str, why: &str| json!({"errcode": code, "error": why});
        Some(match self {
            Fault::TooFast { retry_after_ms, header } => {
                let mut body = error("M_LIMIT_EXCEEDED", "Too Many Requests");
                if let Some(wait) = retry_after_ms {
                    body["retry_after_ms"] = wait.clone();
                }
                (429, header.clone().map(|wait| ("retry-after", wait)), body.to_string())
            }
            Fault::Status(status) => (*status, None, "<html>it does not work</html>".to_owned()),
            Fault::AnswerLost => (502, None, "<html>502 Bad Gateway</html>".to_owned()),
            Fault::LoggedOut { soft } => {
                let mut body = error("M_UNKNOWN_TOKEN", "Invalid access token");
                body["soft_logout"] = (*soft).into();
                (401, None, body.to_string())
            }
            Fault::Refused(status, code, why) => (*status, None, error(code, why).to_string()),
            Fault::Nonsense => (200, None, "it works!".to_owned()),
            Fault::CallLost | Fault::Cut | Fault::Hang { .. } | Fault::Limited(_) | Fault::Swallowed => {
                return None;
            }
        })
    }
}
