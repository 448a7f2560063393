//! Calls that read, and what is said of those that fail.

use serde_json::json;
use usher::chat::Chat;
use usher::chat::slack::blocks::render;
use usher::chat::slack::socket::{NoTicket, Tickets};
use usher::chat::slack::web::{CallError, Kept, Page, Place, follow};
use usher::core::action::ActionId;
use usher::core::message::Message;

use crate::actions::{in_channel, sent};
use crate::server::{Says, Server, TOKEN, nobody, slack, web};

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
        let rendered = render(&Message::default(), &ActionId("a".into()), None);
        let place = Place { channel: "C1", thread: None };
        let error = web(&url).post_message(place, &rendered, &ActionId("a".into())).await.unwrap_err();
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains("xoxb"), "{printed}");
    }
    let url = nobody().await;
    let place = Place { channel: "C1", thread: None };
    let error = web(&url).messages::<Kept>(place, "0", None).await.unwrap_err();
    assert!(!format!("{error:?}").contains("xoxb"));
}
