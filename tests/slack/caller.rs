//! A caller of the Web API that knows nothing but HTTP, and an app on a socket that does as it is told.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::standin::Standin;
use crate::standin::control::BOUND;
use crate::standin::state::{APP_TOKEN, BOT_TOKEN};

/// What came back from a call.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The body.
    pub body: Value,
}

/// Calls a method with a token, the arguments as JSON.
pub async fn call_as(
    standin: &Standin,
    token: &str,
    method: &str,
    arguments: Value,
) -> reqwest::Result<Answer> {
    let url = format!("{}/{method}", standin.api_url());
    let start = reqwest::Client::new().post(url).header("content-type", "application/json");
    let response = start.bearer_auth(token).body(arguments.to_string()).send().await?;
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    let body = serde_json::from_str(&response.text().await?).unwrap_or(Value::Null);
    Ok(Answer { status, retry_after, body })
}

/// Calls a method as the bot; the body.
pub async fn call(standin: &Standin, method: &str, arguments: Value) -> Value {
    call_as(standin, BOT_TOKEN, method, arguments).await.unwrap().body
}

/// Calls a method as the bot; the name of the error, or `ok`.
pub async fn error(standin: &Standin, method: &str, arguments: Value) -> String {
    let body = call(standin, method, arguments).await;
    if body["ok"] == true { "ok".to_owned() } else { body["error"].as_str().unwrap().to_owned() }
}

/// An app on one socket.
pub struct Client {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    /// Asks for a URL, connects, and reads the first frame.
    pub async fn connect(standin: &Standin) -> (Client, Value) {
        let opened = call_as(standin, APP_TOKEN, "apps.connections.open", json!({})).await.unwrap().body;
        let (stream, _) = tokio_tungstenite::connect_async(opened["url"].as_str().unwrap()).await.unwrap();
        let mut client = Client { stream };
        let first = client.read().await.expect("a first frame");
        (client, first)
    }

    /// The next frame with text, if the socket does not close first.
    pub async fn read(&mut self) -> Option<Value> {
        let next = async {
            loop {
                match self.stream.next().await? {
                    Ok(Frame::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                    Ok(_) => {}
                    Err(_) => return None,
                }
            }
        };
        tokio::time::timeout(BOUND, next).await.expect("a frame in time")
    }

    /// Whether `within` passes without a text.
    pub async fn is_quiet(&mut self, within: Duration) -> bool {
        tokio::time::timeout(within, self.read()).await.is_err()
    }

    /// Sends a text.
    pub async fn send(&mut self, text: &str) {
        self.stream.send(Frame::text(text)).await.unwrap();
    }

    /// Acknowledges an envelope.
    pub async fn acknowledge(&mut self, envelope: &Value) {
        self.send(&json!({"envelope_id": envelope["envelope_id"]}).to_string()).await;
    }

    /// Whether a ping is answered within the time.
    pub async fn pings(&mut self, within: Duration) -> bool {
        self.stream.send(Frame::Ping(bytes::Bytes::from_static(b"mine"))).await.unwrap();
        let pong = async {
            while let Some(Ok(frame)) = self.stream.next().await {
                if matches!(&frame, Frame::Pong(bytes) if bytes.as_ref() == b"mine") {
                    return true;
                }
            }
            false
        };
        tokio::time::timeout(within, pong).await.unwrap_or(false)
    }
}
