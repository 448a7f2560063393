//! What may have been sent is looked for.

use serde_json::{Value, json};
use usher::chat::{Chat, ReadBack};

use crate::actions::{direct, in_channel, in_thread, message, private};
use crate::server::{Says, Server, slack};

fn history(rows: &[Value], next: Option<&str>) -> Says {
    Says::ok(json!({"messages": rows, "has_more": next.is_some(),
        "response_metadata": {"next_cursor": next.unwrap_or_default()}}))
}

fn row(ts: &str, metadata: Value) -> Value {
    json!({"type": "message", "ts": ts, "text": "…", "metadata": metadata})
}

fn ours(ts: &str) -> Value {
    row(ts, json!({"event_type": "usher", "event_payload": {"id": "reminder/1"}}))
}

fn others() -> Vec<Value> {
    vec![
        json!({"type": "message", "ts": "1700000009.000000"}),
        row("1700000008.000000", Value::Null),
        row("1700000007.000000", json!({})),
        row("1700000006.000000", json!({"event_type": "other", "event_payload": {"id": "reminder/1"}})),
        row("1700000005.000000", json!({"event_type": "usher", "event_payload": {"id": "reminder/2"}})),
        row("1700000004.000000", json!({"event_type": "usher", "event_payload": {}})),
    ]
}

#[tokio::test]
async fn what_may_have_been_sent_is_found_by_its_id_on_whichever_page() {
    let pages = [history(&others(), Some("more==")), history(&[ours("1700000003.000000")], None)];
    for (action, method, thread) in [
        (in_channel(), "conversations.history", None),
        (in_thread(), "conversations.replies", Some("1700000000.000100")),
    ] {
        let answers = [(method, pages[0].clone()), (method, pages[1].clone())];
        let (server, url) = Server::start(&answers).await;
        let found = slack(&url).read_back(&action, None).await;
        assert_eq!(found, ReadBack::Found(Some(message("C1", "1700000003.000000"))));
        let asked = server.asked(method);
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].what["include_all_metadata"], "true");
        assert_eq!(asked[0].what["channel"], "C1");
        assert_eq!(asked[0].what.get("ts").and_then(Value::as_str), thread);
        assert!(asked[0].what["oldest"].as_str().unwrap().parse::<i64>().unwrap() > 1_700_000_000);
        assert_eq!(asked[1].what["cursor"], "more==", "it survives the address");
    }
}

#[tokio::test]
async fn what_is_on_no_page_was_not_sent() {
    let (_, url) = Server::start(&[("conversations.history", history(&others(), None))]).await;
    assert_eq!(slack(&url).read_back(&in_channel(), None).await, ReadBack::Absent);
    let opened = Says::ok(json!({"channel": {"id": "D1"}}));
    let found = history(&[ours("1700000003.000000")], None);
    let (_, url) = Server::start(&[("conversations.open", opened), ("conversations.history", found)]).await;
    let found = ReadBack::Found(Some(message("D1", "1700000003.000000")));
    assert_eq!(slack(&url).read_back(&direct(), None).await, found);
}

#[tokio::test]
async fn what_slack_does_not_show_cannot_be_told() {
    let (server, url) = Server::start(&[("conversations.history", history(&[], Some("on")))]).await;
    assert_eq!(slack(&url).read_back(&private(), None).await, ReadBack::CannotTell, "Slack keeps none");
    assert!(server.asked.lock().unwrap().is_empty());
    assert_eq!(slack(&url).read_back(&in_channel(), None).await, ReadBack::CannotTell, "it goes on for ever");
    assert!(server.asked("conversations.history").len() <= 5);
    for code in ["not_in_channel", "missing_scope", "channel_not_found", "invalid_auth"] {
        let (_, url) = Server::start(&[("conversations.history", Says::error(code))]).await;
        assert_eq!(slack(&url).read_back(&in_channel(), None).await, ReadBack::CannotTell, "{code}");
    }
}

#[tokio::test]
async fn while_slack_is_not_well_it_is_asked_again() {
    let limit = Says::json(429, &json!({"ok": false, "error": "ratelimited"}));
    for says in [limit, Says::html(503), Says::html(500), Says::error("internal_error")] {
        let (_, url) = Server::start(&[("conversations.history", says.clone())]).await;
        let answer = slack(&url).read_back(&in_channel(), None).await;
        assert!(matches!(answer, ReadBack::NotNow(_)), "{answer:?} {says:?}");
    }
}
