//! The server, and clients that speak to it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

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
use usher::chat::slack::web::Web;
use usher::clock::Clock;

pub const TOKEN: &str = "xoxb-a-token-that-nobody-may-read";

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub verb: Method,
    pub token: String,
    /// The body, or what stands in the address, as an object.
    pub what: Value,
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Says {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Says {
    pub fn ok(body: Value) -> Says {
        let mut body = body;
        body["ok"] = true.into();
        Says::json(200, &body)
    }

    pub fn error(code: &str) -> Says {
        Says::json(200, &json!({"ok": false, "error": code}))
    }

    pub fn json(status: u16, body: &Value) -> Says {
        let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
        Says { status, headers, body: body.to_string() }
    }

    pub fn html(status: u16) -> Says {
        let headers = vec![("content-type", "text/html".to_owned())];
        Says { status, headers, body: "<html>a proxy</html>".to_owned() }
    }

    pub fn with(mut self, header: &'static str, value: &str) -> Says {
        self.headers.push((header, value.to_owned()));
        self
    }
}

/// The server: for each method what it answers, in order; the last answer stays.
#[derive(Clone, Default)]
pub struct Server {
    pub answers: Arc<Mutex<BTreeMap<String, VecDeque<Says>>>>,
    pub asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// A server that is up, and its address.
    pub async fn start(answers: &[(&str, Says)]) -> (Server, String) {
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

    pub fn asked(&self, method: &str) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.method == method).cloned().collect()
    }

    pub fn one(&self, method: &str) -> Asked {
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

/// A server that takes one request and then does as `end` says.
pub async fn raw(end: &'static str) -> String {
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

/// An address at which nobody answers.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/api", listener.local_addr().unwrap())
}

pub fn web(url: &str) -> Web {
    Web::new(&SecretString::from(TOKEN), Some(url)).unwrap()
}

pub fn slack(url: &str) -> Slack {
    Slack::new(Arc::new(web(url)), Some("https://acme.slack.com/".to_owned()), Clock::System)
}
