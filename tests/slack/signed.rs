//! Signed requests as Slack sends them: the signature, the challenge, the retries, the encodings.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::form_urlencoded;

use crate::standin::deliveries::{Failure, Fate};
use crate::standin::http_events::signature;
use crate::standin::state::SIGNING_SECRET;
use crate::standin::{Settings, Standin};

const CHANNEL: &str = "C0GENERAL";

/// A request that the app got.
#[derive(Clone, Debug)]
struct Got {
    headers: HeaderMap,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

/// The status of an answer that never comes.
const NEVER: u16 = 0;

/// A status, a header, a body.
type Told = (u16, &'static str, &'static str);

/// An app that answers as it is told; with 200 when it was told nothing.
#[derive(Clone)]
struct Listener {
    address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<VecDeque<Told>>>,
}

impl Listener {
    async fn start() -> Listener {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let listener = Listener { address, got: Arc::default(), answers: Arc::default() };
        let served = listener.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let listener = served.clone();
                let service = service_fn(move |request| answer(listener.clone(), request));
                let server = hyper::server::conn::http1::Builder::new();
                tokio::spawn(async move { server.serve_connection(TokioIo::new(stream), service).await });
            }
        });
        listener
    }

    fn url(&self) -> String {
        format!("http://{}/slack", self.address)
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    fn will_answer(&self, answers: &[Told]) {
        self.answers.lock().unwrap().extend(answers);
    }
}

async fn answer(listener: Listener, request: Request<Incoming>) -> hyper::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await?.to_bytes().to_vec()).unwrap();
    listener.got.lock().unwrap().push(Got { headers: head.headers, body: body.clone() });
    let challenge =
        serde_json::from_str::<Value>(&body).ok().and_then(|it| it["challenge"].as_str().map(str::to_owned));
    let told = listener.answers.lock().unwrap().pop_front();
    let (status, header, text) = told.unwrap_or((200, "x-nothing", ""));
    if status == NEVER {
        return std::future::pending().await;
    }
    let text = if text.is_empty() { challenge.unwrap_or_default() } else { text.to_owned() };
    let kind = if text.starts_with('{') { "application/json" } else { "text/plain" };
    let response = Response::builder().status(status).header("content-type", kind).header(header, "1");
    Ok(response.body(Full::new(Bytes::from(text))).unwrap())
}

/// A stand-in that sends to a listener, with the bot in the channel.
async fn connected() -> (Standin, Listener) {
    let settings = Settings { retry_scale: 0.000_1, ..Settings::default() };
    let standin = Standin::start_with(settings).await;
    let listener = Listener::start().await;
    let url = listener.url();
    standin.use_http(&url, &url, &url).await.unwrap();
    standin.shared.change(|state| state.app.events.remove("member_joined_channel"));
    standin.invite_bot(CHANNEL, "U0ANA");
    standin.wait_until_settled().await;
    (standin, listener)
}

#[tokio::test]
async fn a_new_url_must_answer_the_challenge() {
    let standin = Standin::start().await;
    let listener = Listener::start().await;
    let url = listener.url();
    listener.will_answer(&[(200, "x-nothing", "what?")]);
    assert!(standin.use_http(&url, &url, &url).await.is_err());
    listener.will_answer(&[(500, "x-nothing", "")]);
    assert!(standin.use_http(&url, &url, &url).await.is_err());
    standin.use_http(&url, &url, &url).await.unwrap();
    let asked = &listener.got()[2];
    assert_eq!(asked.json()["type"], "url_verification");
    assert!(!asked.header("x-slack-signature").is_empty(), "the challenge is signed too");
}

#[tokio::test]
async fn every_request_is_signed_over_its_time_and_its_bytes() {
    // The worked example of Slack's page on signatures.
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
        &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
        &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554\
        %2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    assert_eq!(
        signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body),
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    );
    let (standin, listener) = connected().await;
    standin.post("U0ANA", CHANNEL, "ünïcode & <more>");
    standin.wait_until_settled().await;
    for got in listener.got() {
        let expected = signature(SIGNING_SECRET, got.header("x-slack-request-timestamp"), &got.body);
        assert_eq!(got.header("x-slack-signature"), expected);
    }
    let last = listener.got().pop().unwrap();
    assert_eq!(last.header("content-type"), "application/json");
    assert_eq!(last.json()["event"]["text"], "ünïcode & <more>");
}

#[tokio::test]
async fn an_event_that_fails_is_sent_again_three_times() {
    let (standin, listener) = connected().await;
    let before = listener.got().len();
    listener.will_answer(&[(500, "x-nothing", ""), (503, "x-nothing", ""), (302, "x-nothing", "")]);
    standin.post("U0ANA", CHANNEL, "hear me");
    standin.wait_until_settled().await;
    let got = &listener.got()[before..];
    let retries: Vec<&str> = got.iter().map(|it| it.header("x-slack-retry-num")).collect();
    assert_eq!(retries, ["", "1", "2", "3"]);
    assert_eq!(got[1].header("x-slack-retry-reason"), "http_error");
    assert!(got.iter().all(|it| it.body == got[0].body), "the same bytes each time");
    assert_eq!(standin.deliveries().last().unwrap().fate, Fate::Acknowledged(None));

    listener.will_answer(&[(500, "x-nothing", ""); 4]);
    standin.post("U0ANA", CHANNEL, "nobody hears me");
    standin.wait_until_settled().await;
    let lost = standin.deliveries().pop().unwrap();
    assert_eq!((lost.fate, lost.failures), (Fate::Lost, vec![Failure::Status; 4]));

    listener.will_answer(&[(500, "x-slack-no-retry", "")]);
    standin.post("U0ANA", CHANNEL, "do not bother");
    standin.wait_until_settled().await;
    let dropped = standin.deliveries().pop().unwrap();
    assert_eq!((dropped.fate, dropped.attempts.len()), (Fate::Lost, 1));
}

#[tokio::test]
async fn an_app_that_is_late_or_gone_is_told_so_when_it_is_back() {
    let (standin, listener) = connected().await;
    standin.shared.change(|state| state.settings.acknowledge_within_ms = 100);
    listener.will_answer(&[(NEVER, "", "")]);
    standin.post("U0ANA", CHANNEL, "are you late?");
    standin.wait_until_settled().await;
    let again = listener.got().pop().unwrap();
    assert_eq!(
        (again.header("x-slack-retry-num"), again.header("x-slack-retry-reason")),
        ("1", "http_timeout")
    );
    standin.shared.change(|state| state.app.request_url = Some("http://127.0.0.1:9/".to_owned()));
    standin.post("U0ANA", CHANNEL, "are you gone?");
    standin.wait_until_settled().await;
    let lost = standin.deliveries().pop().unwrap();
    assert_eq!((lost.fate, lost.failures), (Fate::Lost, vec![Failure::Connection; 4]));
}

#[tokio::test]
async fn one_event_can_come_twice_under_one_id_and_under_another() {
    let (standin, listener) = connected().await;
    standin.post("U0ANA", CHANNEL, "once");
    let first = standin.deliveries().len() - 1;
    standin.redeliver(first, None);
    standin.redeliver(first, Some("Ev0OTHER"));
    standin.wait_until_settled().await;
    let mut ids: Vec<Value> =
        listener.got().iter().rev().take(3).map(|it| it.json()["event_id"].clone()).collect();
    ids.sort_by_key(|id| id == "Ev0OTHER");
    assert_eq!(ids[2], "Ev0OTHER");
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn commands_and_interactions_are_forms_and_are_sent_once() {
    let (standin, listener) = connected().await;
    listener
        .will_answer(&[(200, "x-nothing", "{\"text\":\"in JSON\"}"), (200, "x-nothing", "in plain words")]);
    for text in ["one", "two words & more"] {
        let sent = standin.command("U0BEN", CHANNEL, "/usher", text);
        standin.wait_for_delivery(sent).await;
    }
    let shown: Vec<String> = standin.ephemerals("U0BEN").into_iter().map(|it| it.text).collect();
    assert_eq!(shown, ["in JSON", "in plain words"]);
    let form = listener.got().pop().unwrap().form();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!((field("command"), field("text")), (Some("/usher"), Some("two words & more")));
    assert_eq!((field("channel_name"), field("user_name")), (Some("general"), Some("ben")));

    listener.will_answer(&[(500, "x-nothing", "")]);
    let failed = standin.global_shortcut("U0BEN", "explain");
    let failed = standin.wait_for_delivery(failed).await;
    assert_eq!((failed.fate, failed.attempts.len()), (Fate::Lost, 1));
    let form = listener.got().pop().unwrap().form();
    let payload: Value = serde_json::from_str(&form[0].1).unwrap();
    assert_eq!((form[0].0.as_str(), &payload["callback_id"]), ("payload", &json!("explain")));
}
