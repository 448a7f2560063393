//! Actions of each kind of target, and what becomes of them.

use serde_json::json;
use usher::chat::Outcome;
use usher::core::action::{Action, ActionId, Choice, IfUnknown, Kind, Priority, Target};
use usher::core::event::{MessageRef, Platform};
use usher::core::message::{Button, Message, Part};

use crate::server::Says;

pub fn action(to: Target) -> Action {
    let parts = vec![Part::Words("Owed by noon.".to_owned())];
    let buttons = vec![Button { label: "I take it".to_owned(), choice: Choice::Take }];
    Action {
        id: ActionId("reminder/1".into()),
        kind: Kind::Reminder,
        to,
        message: Message { parts, buttons },
        priority: Priority::Prompt,
        not_after: None,
        if_unknown: IfUnknown::Leave,
    }
}

pub const SLACK: Platform = Platform::Slack;

pub fn in_channel() -> Action {
    action(Target::Channel { platform: SLACK, channel: "C1".into() })
}

pub fn in_thread() -> Action {
    action(Target::Thread { platform: SLACK, channel: "C1".into(), root: "1700000000.000100".into() })
}

pub fn private() -> Action {
    let thread = Some("1700000000.000100".into());
    action(Target::Private { platform: SLACK, channel: "C1".into(), thread, user: "U1".into() })
}

pub fn direct() -> Action {
    action(Target::Direct { platform: SLACK, user: "U1".into() })
}

pub fn amendment() -> Action {
    action(Target::Amend { of: ActionId("reminder/0".into()) })
}

pub fn message(channel: &str, id: &str) -> MessageRef {
    MessageRef { channel: channel.into(), id: id.into() }
}

pub fn sent() -> Says {
    Says::ok(json!({"channel": "C1", "ts": "1700000001.000200", "message": {"text": "…"}}))
}

pub fn accepted() -> Outcome {
    Outcome::Accepted(Some(message("C1", "1700000001.000200")))
}

pub fn later(after_ms: Option<i64>, why: &str) -> Outcome {
    Outcome::TryLater { after_ms, why: why.to_owned() }
}

/// Every way to send, and the method of Slack's that it ends in.
pub fn ways() -> Vec<(&'static str, Action)> {
    vec![
        ("chat.postMessage", in_channel()),
        ("chat.postMessage", in_thread()),
        ("chat.postEphemeral", private()),
        ("conversations.open", direct()),
        ("chat.update", amendment()),
    ]
}
