//! What goes wrong while a scenario is played on Matrix.

use reqwest::Method;
use serde_json::json;

use crate::playing::chance::Chance;
use crate::proxy::Proxy;
use crate::proxy::faults::Fault;

/// What Usher asks for, by its method and a part of its path, and what goes wrong with it.
const CALLS: &[(Method, &str, &[Wrong])] = &[
    (Method::PUT, "/send/", WRITES),
    (Method::PUT, "/send/", WRITES),
    (Method::PUT, "/send/", WRITES),
    (Method::POST, "/createRoom", WRITES),
    (Method::PUT, "/sendToDevice/", WRITES),
    (
        Method::GET,
        "/sync",
        &[Wrong::TooFast, Wrong::Broken, Wrong::AnswerLost, Wrong::CallLost, Wrong::Limited],
    ),
    (Method::GET, "/messages", &[Wrong::TooFast, Wrong::Broken, Wrong::AnswerLost, Wrong::CallLost]),
    (Method::GET, "/event/", &[Wrong::TooFast, Wrong::Broken]),
];
const WRITES: &[Wrong] =
    &[Wrong::TooFast, Wrong::Broken, Wrong::AnswerLost, Wrong::AnswerLost, Wrong::Cut, Wrong::CallLost];

#[derive(Clone, Copy)]
enum Wrong {
    TooFast,
    Broken,
    AnswerLost,
    Cut,
    CallLost,
    Limited,
}

impl Wrong {
    fn fault(self) -> Fault {
        match self {
            Wrong::TooFast => Fault::TooFast { retry_after_ms: Some(json!(1_000)), header: None },
            Wrong::Broken => Fault::Status(503),
            Wrong::AnswerLost => Fault::AnswerLost,
            Wrong::Cut => Fault::Cut,
            Wrong::CallLost => Fault::CallLost,
            Wrong::Limited => Fault::Limited(1),
        }
    }
}

/// Has some request of the next go wrong, unless one waits to.
pub fn arm(proxy: &Proxy, chance: &mut Chance) {
    let waits = proxy.read(|state| !state.armed.is_empty());
    if !waits
        && chance.once_in(2)
        && let Some((method, part, wrongs)) = chance.choose(CALLS)
        && let Some(wrong) = chance.choose(wrongs)
    {
        proxy.arm(method.clone(), part, wrong.fault(), if chance.once_in(2) { 1 } else { 2 });
    }
}
