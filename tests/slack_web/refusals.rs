//! What becomes of actions that Slack refuses, and of those whose fate nobody knows.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use usher::chat::slack::Slack;
use usher::chat::{Chat, Outcome};
use usher::clock::Clock;

use crate::actions::{direct, in_channel, later, message, private, ways};
use crate::server::{Says, Server, nobody, raw, slack, web};

#[tokio::test]
async fn final_errors_are_final_however_it_is_sent() {
    let codes = [
        "account_inactive",
        "cannot_dm_bot",
        "cant_update_message",
        "channel_not_found",
        "edit_window_closed",
        "ekm_access_denied",
        "invalid_arguments",
        "invalid_auth",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "is_archived",
        "message_not_found",
        "messages_tab_disabled",
        "metadata_too_large",
        "missing_scope",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "not_authed",
        "not_in_channel",
        "restricted_action",
        "restricted_action_thread_locked",
        "thread_not_found",
        "token_expired",
        "token_revoked",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "an_error_that_slack_invents_tomorrow",
    ];
    for code in codes {
        for (method, action) in ways() {
            let (_, url) = Server::start(&[(method, Says::error(code))]).await;
            let outcome = slack(&url).deliver(&action, Some(&message("C1", "1.0"))).await;
            assert_eq!(outcome, Outcome::Refused(code.to_owned()), "{method}");
        }
    }
}

#[tokio::test]
async fn errors_that_pass_are_tried_again() {
    let codes = [
        "external_channel_migrating",
        "message_limit_exceeded",
        "org_login_required",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    ];
    for code in codes {
        for (method, action) in ways() {
            let (_, url) = Server::start(&[(method, Says::error(code))]).await;
            let outcome = slack(&url).deliver(&action, Some(&message("C1", "1.0"))).await;
            assert_eq!(outcome, later(None, code), "{method}");
        }
    }
}

#[tokio::test]
async fn errors_after_which_something_may_have_been_said_are_doubtful() {
    for code in ["fatal_error", "internal_error"] {
        let (_, url) = Server::start(&[("chat.postMessage", Says::error(code))]).await;
        assert_eq!(slack(&url).deliver(&in_channel(), None).await, Outcome::Unknown(code.to_owned()));
        // Before the message itself, nothing can have been said.
        let (_, url) = Server::start(&[("conversations.open", Says::error(code))]).await;
        assert_eq!(slack(&url).deliver(&direct(), None).await, later(None, code));
    }
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait_or_not() {
    let waits = [
        (Some("1"), Some(1_000)),
        (Some("30"), Some(30_000)),
        (Some("86400"), Some(86_400_000)),
        (Some("abc"), None),
        (Some("-1"), None),
        (Some(""), None),
        (None, None),
    ];
    for (header, after_ms) in waits {
        for says in [Says::json(429, &json!({"ok": false, "error": "ratelimited"})), Says::html(429)] {
            let says = header.into_iter().fold(says, |says, value| says.with("retry-after", value));
            let (_, url) = Server::start(&[("chat.postMessage", says)]).await;
            let outcome = slack(&url).deliver(&in_channel(), None).await;
            assert_eq!(outcome, later(after_ms, "ratelimited"), "{header:?}");
        }
    }
    let (_, url) = Server::start(&[("chat.postMessage", Says::error("rate_limited"))]).await;
    assert_eq!(slack(&url).deliver(&in_channel(), None).await, later(None, "ratelimited"));
}

#[tokio::test]
async fn a_status_tells_whether_anything_can_have_been_sent() {
    let (nothing, perhaps, never) = ([302, 401, 403, 404, 407, 408, 503], [500, 502, 504], [400, 413]);
    for status in nothing {
        let (_, url) = Server::start(&[("chat.postMessage", Says::html(status))]).await;
        let outcome = slack(&url).deliver(&in_channel(), None).await;
        assert_eq!(outcome, later(None, &format!("HTTP {status}")));
    }
    for status in perhaps {
        let (_, url) = Server::start(&[("chat.postMessage", Says::html(status))]).await;
        let outcome = slack(&url).deliver(&in_channel(), None).await;
        assert_eq!(outcome, Outcome::Unknown(format!("HTTP {status}")));
    }
    for status in never {
        let (_, url) = Server::start(&[("chat.postMessage", Says::html(status))]).await;
        let outcome = slack(&url).deliver(&in_channel(), None).await;
        assert_eq!(outcome, Outcome::Refused(format!("HTTP {status}")));
    }
}

#[tokio::test]
async fn an_answer_that_is_none_of_slacks_is_no_yes() {
    let text = |body: &str| Says { body: body.to_owned(), ..Says::json(200, &json!({})) };
    for says in [Says::html(200), text("{"), text(""), text("[]"), text(r#"{"ok": true}"#), text("null")] {
        let (_, url) = Server::start(&[("chat.postMessage", says.clone())]).await;
        let outcome = slack(&url).deliver(&in_channel(), None).await;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?} {says:?}");
    }
    for says in [Says::html(200), text("{"), text(""), text("{}"), text(r#"{"ok": false}"#)] {
        let (_, url) = Server::start(&[("chat.postEphemeral", says.clone())]).await;
        let outcome = slack(&url).deliver(&private(), None).await;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?} {says:?}");
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let url = nobody().await;
    for (_, action) in ways() {
        let outcome = slack(&url).deliver(&action, Some(&message("C1", "1.0"))).await;
        assert_eq!(outcome, later(None, "no connection"));
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_on_the_way_leaves_a_doubt() {
    let outcome = slack(&raw("").await).deliver(&in_channel(), None).await;
    assert_eq!(outcome, Outcome::Unknown("the connection broke".to_owned()));
    for end in ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"ok\":true"] {
        let web = web(&raw(end).await).waiting_for(Duration::from_millis(100));
        let slack = Slack::new(Arc::new(web), None, Clock::System);
        let outcome = slack.deliver(&in_channel(), None).await;
        assert_eq!(outcome, Outcome::Unknown("none came for 100 ms".to_owned()));
    }
}
