//! Where actions go, and how.

use axum::http::Method;
use serde_json::json;
use usher::chat::{Chat, Outcome, ReadBack};
use usher::core::action::{PageSignal, Target};
use usher::core::event::Platform;
use usher::core::message::Part;

use crate::actions::{accepted, action, amendment, direct, in_channel, in_thread, message, private, sent};
use crate::server::{Says, Server, TOKEN, slack};

#[tokio::test]
async fn a_message_goes_to_a_channel_with_its_blocks_and_its_id() {
    let (server, url) = Server::start(&[("chat.postMessage", sent())]).await;
    assert_eq!(slack(&url).deliver(&in_channel(), None).await, accepted());
    let asked = server.one("chat.postMessage");
    assert_eq!((asked.verb, asked.token), (Method::POST, format!("Bearer {TOKEN}")));
    assert_eq!(asked.what["channel"], "C1");
    assert_eq!(asked.what["text"], "Owed by noon.");
    assert_eq!(asked.what["blocks"].as_array().unwrap().len(), 2);
    assert_eq!(asked.what["metadata"], json!({"event_type": "usher", "event_payload": {"id": "reminder/1"}}));
    assert_eq!(asked.what["unfurl_links"], false);
    assert_eq!(asked.what["unfurl_media"], false);
    assert_eq!(asked.what["parse"], "none", "chat.update would look for names in the text");
    for absent in ["thread_ts", "ts", "user"] {
        assert!(asked.what.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn a_reply_goes_into_its_thread() {
    let (server, url) = Server::start(&[("chat.postMessage", sent())]).await;
    assert_eq!(slack(&url).deliver(&in_thread(), None).await, accepted());
    assert_eq!(server.one("chat.postMessage").what["thread_ts"], "1700000000.000100");
}

#[tokio::test]
async fn a_private_hint_is_seen_by_one_and_called_nothing() {
    let says = Says::ok(json!({"message_ts": "1700000001.000300"}));
    let (server, url) = Server::start(&[("chat.postEphemeral", says)]).await;
    assert_eq!(slack(&url).deliver(&private(), None).await, Outcome::Accepted(None));
    let asked = server.one("chat.postEphemeral").what;
    assert_eq!((&asked["user"], &asked["thread_ts"]), (&json!("U1"), &json!("1700000000.000100")));
    assert!(asked.get("metadata").is_none(), "Slack takes none with what it does not keep");
}

#[tokio::test]
async fn a_direct_conversation_is_opened_once() {
    let opened = Says::ok(json!({"channel": {"id": "D1", "is_im": true}}));
    let (server, url) = Server::start(&[("conversations.open", opened), ("chat.postMessage", sent())]).await;
    let slack = slack(&url);
    for _ in 0..2 {
        assert_eq!(slack.deliver(&direct(), None).await, accepted());
    }
    assert_eq!(server.one("conversations.open").what, json!({"users": "U1"}));
    assert!(server.asked("chat.postMessage").iter().all(|asked| asked.what["channel"] == "D1"));
}

#[tokio::test]
async fn an_amendment_replaces_what_was_sent() {
    let (server, url) = Server::start(&[("chat.update", sent())]).await;
    let slack = slack(&url);
    let original = message("C1", "1700000001.000200");
    assert_eq!(slack.deliver(&amendment(), Some(&original)).await, accepted());
    let asked = server.one("chat.update").what;
    assert_eq!((&asked["channel"], &asked["ts"]), (&json!("C1"), &json!("1700000001.000200")));
    assert_eq!(asked["metadata"]["event_payload"]["id"], "reminder/1");
    let Outcome::Refused(_) = slack.deliver(&amendment(), None).await else { panic!("nothing to amend") };
    // To say the same once more in the same place does no harm, so nothing has to be found out.
    assert_eq!(slack.read_back(&amendment(), Some(&original)).await, ReadBack::Absent);
}

#[tokio::test]
async fn what_is_not_for_slack_is_refused_and_nothing_is_sent() {
    let (server, url) = Server::start(&[("chat.postMessage", sent())]).await;
    let slack = slack(&url);
    let page = Target::Page {
        person: "ben".into(),
        about: message("C1", "1.0"),
        level: "emergency".into(),
        signal: PageSignal::Trigger,
    };
    let elsewhere = Target::Channel { platform: Platform::Matrix, channel: "!room:example.org".into() };
    for to in [page, elsewhere] {
        let Outcome::Refused(_) = slack.deliver(&action(to), None).await else {
            panic!("it is not for Slack")
        };
    }
    assert!(server.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_link_to_a_reply_is_slacks_own_and_asked_for_once() {
    let link = "https://acme.slack.com/archives/C2/p1700000002000100?thread_ts=1700000000.000100&cid=C2";
    let says = Says::ok(json!({"channel": "C2", "permalink": link}));
    let (server, url) = Server::start(&[("chat.getPermalink", says), ("chat.postMessage", sent())]).await;
    let slack = slack(&url);
    let mut linked = in_channel();
    let about = message("C2", "1700000002.000100");
    linked.message.parts.push(Part::Message { message: about, label: "a question".to_owned() });
    for _ in 0..2 {
        assert_eq!(slack.deliver(&linked, None).await, accepted());
    }
    let asked = server.one("chat.getPermalink");
    assert_eq!(asked.verb, Method::GET);
    assert_eq!(asked.what, json!({"channel": "C2", "message_ts": "1700000002.000100"}));
    let said = server.asked("chat.postMessage")[1].what.to_string();
    assert!(said.contains(link), "{said}");
}

#[tokio::test]
async fn a_link_that_slack_does_not_give_is_made_up() {
    let refusals = [Says::error("message_not_found"), Says::html(502), Says::error("ratelimited")];
    for says in refusals {
        let (server, url) = Server::start(&[("chat.getPermalink", says), ("chat.postMessage", sent())]).await;
        let mut linked = in_channel();
        for number in 1..=3 {
            let about = message("C2", &format!("170000000{number}.000100"));
            linked.message.parts.push(Part::Message { message: about, label: "a question".to_owned() });
        }
        assert_eq!(slack(&url).deliver(&linked, None).await, accepted());
        let said = server.one("chat.postMessage").what.to_string();
        assert!(said.contains("https://acme.slack.com/archives/C2/p1700000003000100"), "{said}");
    }
}

#[tokio::test]
async fn the_pace_is_slacks() {
    let pace = slack("http://127.0.0.1:1/api").pace();
    assert_eq!((pace.lane_gap_ms, pace.gap_ms), (1_000, 0));
}
