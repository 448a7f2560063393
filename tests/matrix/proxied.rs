//! The proxy, tried by itself: with a device that takes what it is told, as Usher's does.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usher::calendar::Instant;

use crate::homeserver::Homeserver;
use crate::people::{Account, Keys, NewRoom, Person};
use crate::proxy::Proxy;
use crate::proxy::faults::Fault;

/// A device behind the proxy, and somebody else with whom it is in a room.
struct Meeting {
    proxy: Proxy,
    account: Account,
    ana: Person,
    room: String,
    client: reqwest::Client,
}

impl Meeting {
    async fn begin() -> Meeting {
        let (server, suffix) = (Homeserver::shared(), Homeserver::suffix());
        let proxy = Proxy::start(&server.url).await;
        proxy.set_time(at("2026-03-02T08:00:00Z"));
        let account = Account::make(server, &format!("usher-{suffix}"), "Usher").await;
        let ana = Person::arrive(server, "ana", &suffix, Keys::None).await;
        let room = ana.create(NewRoom { invite: &[&account.user], ..NewRoom::default() }).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let meeting = Meeting { proxy, account, ana, room, client };
        let joined = meeting.ask(Method::POST, &format!("join/{}", meeting.room), json!({})).await.unwrap();
        assert_eq!(joined.0, StatusCode::OK);
        meeting
    }

    /// What is answered, if anything is.
    async fn ask(&self, method: Method, path: &str, body: Value) -> reqwest::Result<(StatusCode, Value)> {
        let url = format!("{}/_matrix/client/v3/{path}", self.proxy.url());
        let request = self.client.request(method.clone(), url).bearer_auth(&self.account.token);
        let request = if method == Method::GET { request } else { request.body(body.to_string()) };
        let response = request.send().await?;
        let status = response.status();
        Ok((status, serde_json::from_slice(&response.bytes().await?).unwrap_or_default()))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, Value::Null).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    async fn sync(&self, since: Option<&str>) -> Value {
        let since = since.map_or_else(String::new, |since| format!("&since={since}"));
        self.get(&format!("sync?timeout=0{since}")).await
    }

    async fn send(&self, transaction: &str, text: &str) -> reqwest::Result<(StatusCode, Value)> {
        let path = format!("rooms/{}/send/m.room.message/{transaction}", self.room);
        self.ask(Method::PUT, &path, json!({"msgtype": "m.text", "body": text})).await
    }

    fn timeline<'v>(&self, sync: &'v Value) -> &'v Value {
        &sync["rooms"]["join"][&self.room]["timeline"]
    }

    fn events<'v>(&self, sync: &'v Value) -> &'v [Value] {
        self.timeline(sync)["events"].as_array().map_or(&[], Vec::as_slice)
    }

    /// How often the room has a message with that text.
    async fn count(&self, text: &str) -> usize {
        self.ana.read(&self.room, None).await.iter().filter(|message| message.text == text).count()
    }
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn find<'v>(events: &'v [Value], event: &str) -> &'v Value {
    events.iter().find(|it| it["event_id"] == event).unwrap()
}

fn next(sync: &Value) -> Option<&str> {
    Some(sync["next_batch"].as_str().unwrap())
}

#[tokio::test]
async fn events_are_told_in_the_time_of_the_scenario() {
    let meeting = Meeting::begin().await;
    let first = meeting.ana.write(&meeting.room, "in the morning").await;
    meeting.proxy.set_time(at("2026-03-05T14:00:00Z"));
    let second = meeting.ana.write(&meeting.room, "days later").await;
    let sync = meeting.sync(None).await;
    let stamp = |event: &Value| Instant::from_ms(event["origin_server_ts"].as_i64().unwrap());
    let told = meeting.events(&sync);
    assert_eq!(stamp(find(told, &first)), at("2026-03-02T08:00:00Z"));
    assert_eq!(find(told, &first)["unsigned"]["age"], 3 * 86_400_000 + 6 * 3_600_000);
    assert_eq!(stamp(find(told, &second)), at("2026-03-05T14:00:00Z"));
    let one = meeting.get(&format!("rooms/{}/event/{first}", meeting.room)).await;
    assert_eq!(stamp(&one), at("2026-03-02T08:00:00Z"));
    let messages = meeting.get(&format!("rooms/{}/messages?dir=b&limit=1", meeting.room)).await;
    assert_eq!(stamp(&messages["chunk"][0]), at("2026-03-05T14:00:00Z"));
    let seen = meeting.ana.look_at(&meeting.room, &first).await;
    assert_eq!(meeting.proxy.when(seen.ts), at("2026-03-02T08:00:00Z"));
}

#[tokio::test]
async fn what_was_told_is_taken_once_more_is_asked_for() {
    let meeting = Meeting::begin().await;
    let event = meeting.ana.write(&meeting.room, "hello").await;
    let events = BTreeSet::from([event]);
    let sync = meeting.sync(None).await;
    let taken = meeting.proxy.wait_until_taken(&events);
    assert!(futures_util::FutureExt::now_or_never(taken).is_none(), "it was told, and no more");
    meeting.sync(next(&sync)).await;
    meeting.proxy.wait_until_taken(&events).await;
}

#[tokio::test]
async fn a_message_whose_answer_is_lost_stands_there_once() {
    let meeting = Meeting::begin().await;
    meeting.proxy.arm(Method::PUT, "/send/", Fault::AnswerLost, 1);
    meeting.proxy.arm(Method::PUT, "/send/", Fault::Cut, 1);
    assert_eq!(meeting.send("t1", "once").await.unwrap().0, StatusCode::BAD_GATEWAY);
    assert!(meeting.send("t1", "once").await.is_err(), "the connection drops");
    let (status, body) = meeting.send("t1", "once").await.unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(meeting.count("once").await, 1);
    let sends = meeting.proxy.requests().into_iter().filter(|request| request.path.contains("/send/"));
    let made: Vec<String> = sends.filter_map(|request| request.made).collect();
    assert_eq!(made, [body["event_id"].as_str().unwrap(); 3], "the proxy knows what was made of each");
}

#[tokio::test]
async fn what_is_refused_is_not_done() {
    let meeting = Meeting::begin().await;
    let wait = |retry_after_ms, header: Option<&str>| Fault::TooFast {
        retry_after_ms,
        header: header.map(str::to_owned),
    };
    for (fault, status, code) in [
        (wait(Some(json!(2000)), None), 429, json!("M_LIMIT_EXCEEDED")),
        (wait(None, Some("2")), 429, json!("M_LIMIT_EXCEEDED")),
        (Fault::Status(503), 503, Value::Null),
        (Fault::LoggedOut { soft: true }, 401, json!("M_UNKNOWN_TOKEN")),
        (Fault::Refused(403, "M_FORBIDDEN", "no"), 403, json!("M_FORBIDDEN")),
    ] {
        meeting.proxy.arm(Method::PUT, "/send/", fault.clone(), 1);
        let (answered, body) = meeting.send("t1", "refused").await.unwrap();
        assert_eq!((answered.as_u16(), &body["errcode"]), (status, &code), "{fault:?}");
    }
    meeting.proxy.arm(Method::PUT, "/send/", Fault::CallLost, 1);
    assert!(meeting.send("t1", "refused").await.is_err());
    assert_eq!(meeting.count("refused").await, 0);
}

#[tokio::test]
async fn a_request_hangs_until_it_is_let_go() {
    let meeting = Meeting::begin().await;
    meeting.proxy.arm(Method::PUT, "/send/", Fault::Hang { done: true }, 1);
    let let_go = async {
        meeting.proxy.wait_until_hanging(1).await;
        meeting.proxy.let_go();
    };
    let (sent, ()) = tokio::join!(meeting.send("t1", "late"), let_go);
    assert!(sent.is_err(), "then the connection drops");
    assert_eq!(meeting.count("late").await, 1);
}

#[tokio::test]
async fn a_sync_can_be_limited_lose_events_be_held_and_turned_round() {
    let meeting = Meeting::begin().await;
    let start = meeting.sync(None).await;
    let since = next(&start);
    let mut events = Vec::new();
    for text in ["one", "two", "three"] {
        events.push(meeting.ana.write(&meeting.room, text).await);
    }
    let ids = |sync: &Value| -> Vec<String> {
        meeting.events(sync).iter().map(|event| event["event_id"].as_str().unwrap().to_owned()).collect()
    };

    meeting.proxy.arm(Method::GET, "/sync", Fault::Limited(1), 1);
    let limited = meeting.sync(since).await;
    assert_eq!(ids(&limited), events[2..]);
    assert_eq!(meeting.timeline(&limited)["limited"], true);
    let from = meeting.timeline(&limited)["prev_batch"].as_str().unwrap();
    let missed = meeting.get(&format!("rooms/{}/messages?dir=b&limit=1&from={from}", meeting.room)).await;
    assert_eq!(missed["chunk"][0]["event_id"], events[1].as_str());

    meeting.proxy.arm(Method::GET, "/sync", Fault::Swallowed, 1);
    let swallowed = meeting.sync(since).await;
    assert_eq!(ids(&swallowed), Vec::<String>::new());
    assert_eq!(meeting.timeline(&swallowed)["limited"], false);

    meeting.proxy.hold();
    let release = async {
        meeting.proxy.wait_for("the sync to wait", |state| state.requests.last().map(|_| ())).await;
        meeting.proxy.release(true);
    };
    let (turned, ()) = tokio::join!(meeting.sync(since), release);
    events.reverse();
    assert_eq!(ids(&turned), events);
}

#[tokio::test]
async fn a_homeserver_that_is_gone_comes_back_at_the_same_address() {
    let mut meeting = Meeting::begin().await;
    meeting.proxy.go_down();
    assert!(meeting.send("t1", "hello?").await.is_err());
    meeting.proxy.come_up().await;
    assert_eq!(meeting.send("t1", "hello?").await.unwrap().0, StatusCode::OK);
    assert_eq!(meeting.count("hello?").await, 1);
}
