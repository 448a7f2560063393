//! Calls to the Web API, and what becomes of actions, against a small server that says what the test wants.
#![cfg(feature = "slack")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, Response};
use axum::routing::any;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use usher::chat::slack::Slack;
use usher::chat::slack::socket::{NoTicket, Tickets};
use usher::chat::slack::web::{CallError, Kept, Page, Place, Web, follow};
use usher::chat::{Chat, Outcome, ReadBack};
use usher::core::action::{Action, ActionId, Choice, IfUnknown, Kind, PageSignal, Priority, Target};
use usher::core::event::{MessageRef, Platform};
use usher::core::message::{Button, Message, Part};

const TOKEN: &str = "xoxb-a-token-that-nobody-may-read";

/// What was asked.
#[derive(Clone, Debug)]
struct Asked {
    method: String,
    verb: Method,
    token: String,
    /// The body, or what stands in the address, as an object.
    what: Value,
}

/// What is answered.
#[derive(Clone, Debug)]
struct Says {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Says {
    fn ok(body: Value) -> Says {
        let mut body = body;
        body["ok"] = true.into();
        Says::json(200, &body)
    }

    fn error(code: &str) -> Says {
        Says::json(200, &json!({"ok": false, "error": code}))
    }

    fn json(status: u16, body: &Value) -> Says {
        let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
        Says { status, headers, body: body.to_string() }
    }

    fn html(status: u16) -> Says {
        let headers = vec![("content-type", "text/html".to_owned())];
        Says { status, headers, body: "<html>a proxy</html>".to_owned() }
    }

    fn with(mut self, header: &'static str, value: &str) -> Says {
        self.headers.push((header, value.to_owned()));
        self
    }
}

/// The server: for each method what it answers, in order; the last answer stays.
#[derive(Clone, Default)]
struct Server {
    answers: Arc<Mutex<BTreeMap<String, VecDeque<Says>>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// A server that is up, and its address.
    async fn start(answers: &[(&str, Says)]) -> (Server, String) {
        let server = Server::default();
        for (method, says) in answers {
            server.answers.lock().unwrap().entry((*method).to_owned()).or_default().push_back(says.clone());
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let routes = Router::new().route("/api/{method}", any(answer)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        (server, url)
    }

    fn asked(&self, method: &str) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.method == method).cloned().collect()
    }

    fn one(&self, method: &str) -> Asked {
        let asked = self.asked(method);
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }
}

async fn answer(
    State(server): State<Server>,
    Path(method): Path<String>,
    RawQuery(query): RawQuery,
    verb: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let what = if verb == Method::GET { json!(query) } else { serde_json::from_slice(&body).unwrap() };
    let token = headers.get("authorization").map_or("", |value| value.to_str().unwrap()).to_owned();
    server.asked.lock().unwrap().push(Asked { method: method.clone(), verb, token, what });
    let mut answers = server.answers.lock().unwrap();
    let says = match answers.get_mut(&method) {
        None => Says::error("unknown_method"),
        Some(queue) if queue.len() > 1 => queue.pop_front().unwrap(),
        Some(queue) => queue[0].clone(),
    };
    let mut response = Response::builder().status(says.status);
    for (name, value) in says.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(says.body)).unwrap()
}

fn web(url: &str) -> Web {
    Web::new(&SecretString::from(TOKEN), Some(url)).unwrap()
}

fn slack(url: &str) -> Slack {
    Slack::new(Arc::new(web(url)), Some("https://acme.slack.com/".to_owned()))
}

fn action(to: Target) -> Action {
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

const SLACK: Platform = Platform::Slack;

fn in_channel() -> Action {
    action(Target::Channel { platform: SLACK, channel: "C1".into() })
}

fn in_thread() -> Action {
    action(Target::Thread { platform: SLACK, channel: "C1".into(), root: "1700000000.000100".into() })
}

fn private() -> Action {
    let thread = Some("1700000000.000100".into());
    action(Target::Private { platform: SLACK, channel: "C1".into(), thread, user: "U1".into() })
}

fn direct() -> Action {
    action(Target::Direct { platform: SLACK, user: "U1".into() })
}

fn amendment() -> Action {
    action(Target::Amend { of: ActionId("reminder/0".into()) })
}

fn message(channel: &str, id: &str) -> MessageRef {
    MessageRef { channel: channel.into(), id: id.into() }
}

fn sent() -> Says {
    Says::ok(json!({"channel": "C1", "ts": "1700000001.000200", "message": {"text": "…"}}))
}

fn accepted() -> Outcome {
    Outcome::Accepted(Some(message("C1", "1700000001.000200")))
}

fn later(after_ms: Option<i64>, why: &str) -> Outcome {
    Outcome::TryLater { after_ms, why: why.to_owned() }
}

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

/// Every way to send, and the method of Slack's that it ends in.
fn ways() -> Vec<(&'static str, Action)> {
    vec![
        ("chat.postMessage", in_channel()),
        ("chat.postMessage", in_thread()),
        ("chat.postEphemeral", private()),
        ("conversations.open", direct()),
        ("chat.update", amendment()),
    ]
}

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

/// A server that takes one request and then does as `end` says.
async fn raw(end: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 1024];
        assert!(stream.read(&mut buffer).await.unwrap() > 0);
        stream.write_all(end.as_bytes()).await.unwrap();
        if end.is_empty() {
            return;
        }
        // Whoever waits for the rest waits in vain.
        std::future::pending::<()>().await;
    });
    url
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    drop(listener);
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
        let slack = Slack::new(Arc::new(web), None);
        let outcome = slack.deliver(&in_channel(), None).await;
        assert_eq!(outcome, Outcome::Unknown("none came for 100 ms".to_owned()));
    }
}

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

#[tokio::test]
async fn the_pace_is_slacks() {
    let pace = slack("http://127.0.0.1:1/api").pace();
    assert_eq!((pace.lane_gap_ms, pace.gap_ms), (1_000, 0));
}

#[tokio::test]
async fn users_and_channels_with_odd_fields_are_read_all_the_same() {
    let odd = json!({"id": "U1", "tz": "Europe/Berlin", "profile": {"fields": []}, "new": {"deep": [1]}});
    let users = Says::ok(json!({"members": [odd, {"id": 7}], "cache_ts": 1}));
    let channels = Says::ok(json!({"channels": [{"id": "C1", "topic": null}], "response_metadata": null}));
    let members = Says::ok(json!({"members": ["U1", "U2"], "response_metadata": {"next_cursor": ""}}));
    let (server, url) = Server::start(&[
        ("users.list", users),
        ("users.info", Says::ok(json!({"user": odd}))),
        ("conversations.list", channels),
        ("conversations.info", Says::ok(json!({"channel": {"id": "C1", "is_private": "?"}}))),
        ("conversations.members", members),
    ])
    .await;
    let web = web(&format!("{url}/"));
    assert_eq!(web.users(None).await.unwrap().rows.len(), 2);
    assert_eq!(web.user("U1").await.unwrap().get(), odd.to_string());
    assert_eq!(web.channels(None).await.unwrap().rows.len(), 1);
    assert!(web.channel("C1").await.unwrap().get().contains("is_private"));
    let members = web.members("C1", Some("a b&c")).await.unwrap();
    assert_eq!((members.rows.len(), members.next), (2, None));
    let asked = server.one("conversations.members");
    assert_eq!(asked.what, json!({"channel": "C1", "limit": "200", "cursor": "a b&c"}));
    assert_eq!(server.one("users.info").what, json!({"user": "U1"}));
    let types = server.one("conversations.list").what["types"].clone();
    assert_eq!(types, "public_channel,private_channel,mpim,im");
}

#[tokio::test]
async fn a_list_is_followed_to_its_end_or_to_a_bound() {
    let page = |number: usize, next: &str| {
        Says::ok(json!({"members": [format!("U{number}")], "response_metadata": {"next_cursor": next}}))
    };
    let whole = [page(1, "a"), page(2, "b"), page(3, "")].map(|says| ("conversations.members", says));
    let circle = [page(1, "a"), page(2, "a")].map(|says| ("conversations.members", says));
    for (answers, most, rows, is_whole) in
        [(&whole[..], 10, 3, true), (&whole[..], 2, 2, false), (&circle[..], 10, 2, false)]
    {
        let (_, url) = Server::start(answers).await;
        let web = web(&url);
        let web = &web;
        let read = |cursor: Option<String>| async move { web.members("C1", cursor.as_deref()).await };
        let followed = follow(most, read).await.unwrap();
        assert_eq!((followed.rows.len(), followed.whole), (rows, is_whole));
    }
    let failed = follow(3, |_| async { Err::<Page<u8>, _>(CallError::Refused("x".to_owned())) }).await;
    assert_eq!(failed.unwrap_err(), CallError::Refused("x".to_owned()));
}

#[tokio::test]
async fn who_the_token_is_and_what_a_user_sees_go_by_post() {
    let identity = json!({"url": "https://acme.slack.com/", "team": "Acme", "team_id": "T1", "user_id": "U0",
        "bot_id": "B0", "is_enterprise_install": false});
    let (server, url) = Server::start(&[
        ("auth.test", Says::ok(identity)),
        ("views.publish", Says::ok(json!({"view": {"id": "V1"}}))),
        ("views.open", Says::ok(json!({}))),
    ])
    .await;
    let web = web(&url);
    let identity = web.identity().await.unwrap();
    assert_eq!(identity.url.as_deref(), Some("https://acme.slack.com/"));
    assert_eq!((&*identity.team_id, &*identity.user_id), ("T1", "U0"));
    let view = json!({"type": "home", "blocks": []});
    web.publish_view("U1", &view).await.unwrap();
    assert_eq!(server.one("views.publish").what, json!({"user_id": "U1", "view": view}));
    web.open_view("trigger", &view).await.unwrap();
    assert_eq!(server.one("views.open").what, json!({"trigger_id": "trigger", "view": view}));
}

#[tokio::test]
async fn a_socket_is_opened_or_it_is_said_whether_to_ask_again() {
    let ticket = |says: Says| async move {
        let (_, url) = Server::start(&[("apps.connections.open", says)]).await;
        web(&url).ticket().await
    };
    let opened = ticket(Says::ok(json!({"url": "wss://socket.example/?ticket=1"}))).await;
    assert_eq!(opened.unwrap(), "wss://socket.example/?ticket=1");
    let never = ticket(Says::error("not_allowed_token_type")).await;
    assert_eq!(never, Err(NoTicket::Never("not_allowed_token_type".to_owned())));
    let limit = Says::json(429, &json!({"ok": false})).with("retry-after", "30");
    let Err(NoTicket::NotNow { after_ms: Some(30_000), .. }) = ticket(limit).await else { panic!("a limit") };
    let Err(NoTicket::NotNow { .. }) = ticket(Says::error("internal_error")).await else { panic!("passing") };
}

#[tokio::test]
async fn the_token_is_in_no_error_and_in_no_print() {
    let echo = Says::json(200, &json!({"ok": false, "error": "invalid_auth", "token": TOKEN}));
    let broken = Says { body: format!(r#"{{"ok": true, "ts": {{"a": "{TOKEN}"}}}}"#), ..sent() };
    for says in [echo, broken, Says::html(500)] {
        let (_, url) = Server::start(&[("chat.postMessage", says)]).await;
        let slack = slack(&url);
        let printed = format!("{slack:?} {:?}", slack.deliver(&in_channel(), None).await);
        assert!(!printed.contains("xoxb"), "{printed}");
        let rendered = usher::chat::slack::blocks::render(&Message::default(), &ActionId("a".into()), None);
        let place = Place { channel: "C1", thread: None };
        let error = web(&url).post_message(place, &rendered, &ActionId("a".into())).await.unwrap_err();
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains("xoxb"), "{printed}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    drop(listener);
    let place = Place { channel: "C1", thread: None };
    let error = web(&url).messages::<Kept>(place, "0", None).await.unwrap_err();
    assert!(!format!("{error:?}").contains("xoxb"));
}
