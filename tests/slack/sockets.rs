//! Socket Mode as Slack runs it: tickets, turns, acknowledgements, redelivery, and connections that go bad.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::caller::{Client, call, call_as};
use crate::standin::control::BOUND;
use crate::standin::deliveries::Fate;
use crate::standin::socket_mode::{MOST_SOCKETS, Reason, Silence};
use crate::standin::state::APP_TOKEN;
use crate::standin::{Settings, Standin};

const CHANNEL: &str = "C0GENERAL";
/// Long enough to see that nothing comes.
const QUIET: Duration = Duration::from_millis(60);

/// A stand-in whose bot is in the channel, and that is not patient.
async fn impatient(acknowledge_within_ms: u64) -> Standin {
    let settings = Settings { acknowledge_within_ms, ping_every_ms: 20, ..Settings::default() };
    let standin = Standin::start_with(settings).await;
    // Before anybody listens: what that raises is lost.
    standin.shared.change(|state| state.app.events.remove("member_joined_channel"));
    standin.invite_bot(CHANNEL, "U0ANA");
    standin.wait_until_settled().await;
    standin
}

#[tokio::test]
async fn a_ticket_is_good_once_and_the_first_frame_says_hello() {
    let standin = impatient(3_000).await;
    let opened = call_as(&standin, APP_TOKEN, "apps.connections.open", json!({})).await.unwrap().body;
    let url = opened["url"].as_str().unwrap().to_owned();
    let (first, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    assert!(tokio_tungstenite::connect_async(&url).await.is_err(), "the ticket is used");
    let (_client, hello) = Client::connect(&standin).await;
    assert_eq!((&hello["type"], &hello["num_connections"]), (&json!("hello"), &json!(2)));
    drop(first);
}

#[tokio::test]
async fn envelopes_go_round_in_order_and_are_settled_when_they_are_acknowledged() {
    let standin = impatient(20_000).await;
    let (mut one, _) = Client::connect(&standin).await;
    let (mut two, _) = Client::connect(&standin).await;
    standin.wait_for_sockets(2).await;
    let before = standin.deliveries().len();
    for word in ["a", "b", "c", "d"] {
        standin.post("U0ANA", CHANNEL, word);
    }
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(one.read().await.unwrap());
        seen.push(two.read().await.unwrap());
    }
    let texts: Vec<&str> = seen.iter().map(|it| it["payload"]["event"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["a", "b", "c", "d"]);
    assert_eq!(
        (&seen[0]["type"], &seen[0]["accepts_response_payload"]),
        (&json!("events_api"), &json!(false))
    );
    assert_eq!((&seen[0]["retry_attempt"], &seen[0]["retry_reason"]), (&json!(0), &json!("")));
    // Over whichever connection, and in whatever order.
    for envelope in [&seen[2], &seen[0], &seen[3], &seen[1]] {
        one.acknowledge(envelope).await;
    }
    standin.wait_until_settled().await;
    assert_eq!(standin.acknowledged(), [2, 0, 3, 1].map(|at| before + at));
    one.send("I am no acknowledgement").await;
    standin.wait_for("the stray", |state| state.strays.first().cloned()).await;
    assert_eq!(standin.strays(), ["I am no acknowledgement"]);
}

#[tokio::test]
async fn what_is_not_acknowledged_in_time_comes_again_and_then_is_lost() {
    let standin = impatient(60).await;
    let (mut client, _) = Client::connect(&standin).await;
    standin.wait_for_sockets(1).await;
    let delivery = standin.deliveries().len();
    standin.post("U0ANA", CHANNEL, "hear me");
    let mut ids = Vec::new();
    for attempt in 0..4 {
        let envelope = client.read().await.unwrap();
        assert_eq!(envelope["retry_attempt"], attempt);
        assert_eq!(envelope["retry_reason"], if attempt == 0 { "" } else { "http_timeout" });
        ids.push((envelope["payload"]["event_id"].clone(), envelope["envelope_id"].clone()));
    }
    assert!(ids.iter().all(|(event, _)| *event == ids[0].0), "one event");
    assert!(ids.windows(2).all(|pair| pair[0].1 != pair[1].1), "four envelopes");
    assert_eq!(standin.wait_for_delivery(delivery).await.fate, Fate::Lost);
    // A person whose command is not taken sees that at once, and it does not come again.
    let command = standin.command("U0ANA", CHANNEL, "/usher", "status");
    assert_eq!(client.read().await.unwrap()["accepts_response_payload"], true);
    let command = standin.wait_for_delivery(command).await;
    assert_eq!((command.fate, command.attempts.len()), (Fate::Lost, 1));
    assert!(client.is_quiet(QUIET).await);
}

#[tokio::test]
async fn what_waits_for_a_connection_that_closes_comes_over_another() {
    let standin = impatient(20_000).await;
    let (mut one, _) = Client::connect(&standin).await;
    standin.wait_for_sockets(1).await;
    standin.post("U0ANA", CHANNEL, "hear me");
    let first = one.read().await.unwrap();
    let (mut two, _) = Client::connect(&standin).await;
    standin.wait_for_sockets(2).await;
    standin.cut(standin.sockets()[0]);
    let second = two.read().await.unwrap();
    assert_eq!(one.read().await, None, "it was cut");
    assert_eq!(second["payload"], first["payload"]);
    assert_eq!((&second["retry_attempt"], &second["retry_reason"]), (&json!(1), &json!("connection_failed")));
    two.acknowledge(&second).await;
    standin.wait_until_settled().await;
}

#[tokio::test]
async fn slack_says_why_it_closes() {
    let standin = impatient(20_000).await;
    let (mut one, _) = Client::connect(&standin).await;
    standin.wait_for_sockets(1).await;
    let socket = standin.sockets()[0];
    standin.disconnect(socket, Reason::Warning);
    let warning = one.read().await.unwrap();
    assert_eq!((&warning["type"], &warning["reason"]), (&json!("disconnect"), &json!("warning")));
    standin.post("U0ANA", CHANNEL, "still here");
    let envelope = one.read().await.unwrap();
    assert_eq!(envelope["type"], "events_api", "a warning stops nothing");
    standin.disconnect(socket, Reason::RefreshRequested);
    assert_eq!(one.read().await.unwrap()["reason"], "refresh_requested");
    let (mut two, _) = Client::connect(&standin).await;
    standin.wait_for("the new socket", |state| state.sockets.get(1)?.takes_envelopes.then_some(())).await;
    // The old one takes acknowledgements until it is closed, and gets nothing new.
    standin.post("U0ANA", CHANNEL, "to the new one");
    assert_eq!(two.read().await.unwrap()["payload"]["event"]["text"], "to the new one");
    one.acknowledge(&envelope).await;
    standin.wait_for("the acknowledgement", |state| state.acknowledged.first().copied()).await;
    standin.hang_up(socket);
    assert_eq!(one.read().await, None);
    standin.disconnect(1, Reason::LinkDisabled);
    assert_eq!(two.read().await.unwrap()["reason"], "link_disabled");
}

#[tokio::test]
async fn the_eleventh_connection_is_one_too_many() {
    let standin = impatient(3_000).await;
    let mut clients = Vec::new();
    for number in 1..=MOST_SOCKETS {
        let (client, hello) = Client::connect(&standin).await;
        assert_eq!(hello["num_connections"], number);
        clients.push(client);
    }
    let (mut last, refused) = Client::connect(&standin).await;
    assert_eq!((&refused["type"], &refused["reason"]), (&json!("disconnect"), &json!("too_many_websockets")));
    assert_eq!(last.read().await, None);
    assert_eq!(standin.sockets().len(), MOST_SOCKETS);
}

#[tokio::test]
async fn a_connection_can_be_alive_and_silent() {
    let standin = impatient(100).await;
    let (mut one, _) = Client::connect(&standin).await;
    standin.wait_for_sockets(1).await;
    let socket = standin.sockets()[0];
    standin.silence(socket, Silence::AnswersPings);
    let index = standin.deliveries().len();
    standin.post("U0ANA", CHANNEL, "into the void");
    assert!(one.pings(BOUND).await, "it answers pings");
    assert!(one.is_quiet(QUIET).await, "and says nothing");
    assert_eq!(standin.wait_for_delivery(index).await.fate, Fate::Lost);
    standin.silence(socket, Silence::Complete);
    // Whoever serves it may have been waiting for a frame; from the next one on it is deaf.
    one.pings(QUIET).await;
    assert!(!one.pings(QUIET).await, "it does not even answer pings");
    standin.silence(socket, Silence::None);
    standin.post("U0ANA", CHANNEL, "back again");
    assert_eq!(one.read().await.unwrap()["payload"]["event"]["text"], "back again");
    standin.send_raw(socket, "{\"type\":\"news\"}");
    while one.read().await.unwrap()["type"] != "news" {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_messages_come_once_each_and_can_be_read_back() {
    let standin = impatient(60_000).await;
    let (mut client, _) = Client::connect(&standin).await;
    standin.wait_for_sockets(1).await;
    let mut sent = BTreeSet::new();
    let root = standin.post("U0ANA", CHANNEL, "root");
    for number in 1..3_000 {
        let reply = number % 3 == 0;
        let ts = if reply {
            standin.reply("U0BEN", CHANNEL, &root, "r")
        } else {
            standin.post("U0ANA", CHANNEL, "m")
        };
        sent.insert(ts);
    }
    sent.insert(root.clone());
    let mut come = BTreeSet::new();
    while come.len() < sent.len() {
        let envelope = client.read().await.unwrap();
        let ts = envelope["payload"]["event"]["ts"].as_str().unwrap().to_owned();
        assert!(come.insert(ts), "twice: {envelope}");
        client.acknowledge(&envelope).await;
    }
    standin.wait_until_settled().await;
    assert_eq!(come, sent);
    let read = |method: &'static str| {
        let (standin, root) = (&standin, root.as_str());
        async move {
            let (mut found, mut cursor) = (BTreeSet::new(), String::new());
            loop {
                let arguments = json!({"channel": CHANNEL, "ts": root, "limit": 200, "cursor": cursor});
                let page = call(standin, method, arguments).await;
                let list = page["messages"].as_array().unwrap();
                found.extend(list.iter().map(|message| message["ts"].as_str().unwrap().to_owned()));
                match page["response_metadata"]["next_cursor"].as_str() {
                    Some(next) => cursor = next.to_owned(),
                    None => return found,
                }
            }
        }
    };
    let mut read_back = read("conversations.history").await;
    read_back.extend(read("conversations.replies").await);
    assert!(sent.is_subset(&read_back));
    assert_eq!(read_back.len(), sent.len() + 1, "and that the bot joined");
}

#[tokio::test]
async fn the_stand_in_goes_down_and_comes_back_with_all_it_had() {
    let mut standin = impatient(3_000).await;
    let ts = standin.post("U0ANA", CHANNEL, "before");
    let (mut client, _) = Client::connect(&standin).await;
    standin.go_down();
    assert_eq!(client.read().await, None);
    assert!(
        call_as(&standin, APP_TOKEN, "apps.connections.open", json!({})).await.is_err(),
        "nobody listens"
    );
    standin.come_up().await;
    let (_client, hello) = Client::connect(&standin).await;
    assert_eq!(hello["num_connections"], 1);
    assert_eq!(standin.message(CHANNEL, &ts).unwrap().text, "before");
}
