//! What cannot be read is kept, cut, once, before it is acknowledged; and the page for those who watch says so.

use std::time::Duration;

use serde_json::Value;

use crate::playing::house::free_port;
use crate::standin::Standin;
use crate::standin::http_events::signature;
use crate::standin::state::{APP_TOKEN, SIGNING_SECRET, State};
use crate::usher::{CHANNEL, Usher, all_is_acknowledged, workspace};

/// What the page for those who watch says.
pub(crate) async fn health_at(port: u16) -> (u16, Value) {
    let answer = reqwest::get(format!("http://127.0.0.1:{port}/health")).await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

/// Calls Usher as Slack does; the status of its answer, if it did not hang up meanwhile.
pub(crate) async fn call(standin: &Standin, port: u16, path: &str, body: Vec<u8>) -> Option<u16> {
    let timestamp = standin.shared.read(|state: &State| (state.now_ms() / 1_000).to_string());
    let signed = signature(SIGNING_SECRET, &timestamp, &String::from_utf8_lossy(&body));
    let call = reqwest::Client::new().post(format!("http://127.0.0.1:{port}/slack/{path}"));
    let call = call.header("x-slack-signature", signed).header("x-slack-request-timestamp", timestamp);
    call.timeout(Duration::from_secs(20)).body(body).send().await.ok().map(|answer| answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_socket_brings_that_cannot_be_read_is_kept_and_then_acknowledged() {
    let standin = workspace().await;
    let port = free_port();
    let mut usher =
        Usher::with(&standin, &format!("app_token = \"{APP_TOKEN}\""), &format!("127.0.0.1:{port}"));
    standin.wait_for_sockets(1).await;
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(10 << 20));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let unread = [
        r#"{"envelope_id":"e1","type":"new_thing","payload":{"words":"of somebody"}}"#.to_owned(),
        r#"{"envelope_id":"e2","type":"events_api","payload":{"type":"event_callback"}}"#.to_owned(),
        format!(r#"{{"envelope_id":"e3","type":"events_api","payload":{long}}}"#),
        format!(r#"{{"envelope_id":"e4","type":"interactive","payload":{deep}}}"#),
    ];
    let socket = standin.sockets()[0];
    for text in &unread {
        standin.send_raw(socket, text);
    }
    // It comes again.
    standin.send_raw(socket, &unread[1].replace("\"e2\"", "\"e5\""));
    standin.wait_for("five acknowledgements", |state| (state.strays.len() == 5).then_some(())).await;
    standin.post("U0ANA", CHANNEL, "!blocking Can somebody look at the failing deploy?");
    standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    all_is_acknowledged(&standin).await;
    let (status, health) = health_at(port).await;
    assert_eq!((status, &health["rejected"], &health["sockets"]), (200, &4.into(), &1.into()), "{health}");
    assert!(usher.end());
    assert!(!usher.log().contains("of somebody"), "the log holds nobody's words");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absurd_calls_are_refused_or_kept_and_counted() {
    let standin = workspace().await;
    let (mut usher, port) = Usher::over_http(&standin).await;
    let deep = "[".repeat(10_000);
    for (path, body, status) in [
        ("events", "{".as_bytes().to_vec(), 200),
        ("events", deep.into_bytes(), 200),
        ("events", b"{\"type\":\"event_callback\",\"event\":\"a\0b\"}".to_vec(), 200),
        ("interactions", b"no=payload".to_vec(), 200),
        ("events", b"\xff\xfe".to_vec(), 401),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(20)]).into_owned();
        assert_eq!(call(&standin, port, path, body).await, Some(status), "{shown}");
    }
    assert_eq!(call(&standin, port, "events", b"{".to_vec()).await, Some(200), "again");
    let too_long = call(&standin, port, "events", vec![b'x'; 10 << 20]).await;
    assert!(matches!(too_long, None | Some(413)), "{too_long:?}");
    let (status, health) = health_at(port).await;
    assert_eq!((status, &health["status"]), (200, &"ok".into()), "{health}");
    assert_eq!((&health["rejected"], &health["takes_events"]), (&4.into(), &true.into()), "{health}");
    assert!(health["last_commit"].is_string() && health.get("sockets").is_none(), "{health}");
    assert!(usher.end());
}
