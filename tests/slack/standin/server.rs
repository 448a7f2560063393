//! The listener: one port for the Web API, the sockets, the response URLs and the control side.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::http::HeaderValue;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::state::Shared;
use super::{control_http, response_urls, socket_mode, web_api};

/// What is answered.
#[derive(Debug)]
pub enum Reply {
    /// A body with a status, a content type and more headers.
    Full(StatusCode, &'static str, Vec<(&'static str, String)>, String),
    /// Nothing: the connection drops.
    Dropped,
}

impl Reply {
    /// JSON, as Slack sends it.
    pub fn json(body: &Value) -> Reply {
        Reply::Full(StatusCode::OK, "application/json; charset=utf-8", Vec::new(), body.to_string())
    }

    /// A word or two.
    pub fn text(status: StatusCode, body: &str) -> Reply {
        Reply::Full(status, "text/plain; charset=utf-8", Vec::new(), body.to_owned())
    }
}

/// A request whose body has arrived.
#[derive(Debug)]
pub struct Call {
    /// `GET` or `POST`.
    pub verb: String,
    /// What stands after the first part of the path.
    pub name: String,
    /// The query.
    pub query: String,
    /// What the body is.
    pub content_type: String,
    /// The token of the header.
    pub bearer: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// The connection is dropped on purpose.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// Listens at `address`; port 0 is any that is free.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until the handle is aborted; then every connection is cut.
pub fn run(listener: TcpListener, shared: Arc<Shared>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&shared)));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    })
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { route(&shared, request).await }
    });
    let builder = hyper::server::conn::http1::Builder::new();
    // A connection that breaks is the client's affair, or was dropped on purpose.
    let _ = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}

async fn route(shared: &Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Dropped> {
    let path = request.uri().path().to_owned();
    let Some((room, name)) = path.trim_start_matches('/').split_once('/') else {
        return finish(Reply::text(
            StatusCode::NOT_FOUND,
            "the stand-in has /api, /link, /response and /control",
        ));
    };
    if room == "link" {
        return upgrade(shared, request);
    }
    let call = match receive(request, name).await {
        Ok(call) => call,
        Err(_) => return Err(Dropped),
    };
    let reply = match room {
        "api" => web_api::call(shared, call).await,
        "response" => response_urls::call(shared, &call),
        "control" => control_http::call(shared, &call).await,
        _ => Reply::text(StatusCode::NOT_FOUND, "no such room"),
    };
    finish(reply)
}

async fn receive(request: Request<Incoming>, name: &str) -> hyper::Result<Call> {
    let (head, body) = request.into_parts();
    let header =
        |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bearer = header("authorization").strip_prefix("Bearer ").map(str::to_owned);
    Ok(Call {
        verb: head.method.to_string(),
        name: name.to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        content_type: header("content-type").to_owned(),
        bearer,
        body: body.collect().await?.to_bytes(),
    })
}

fn finish(reply: Reply) -> Result<Response<Full<Bytes>>, Dropped> {
    let Reply::Full(status, kind, headers, body) = reply else { return Err(Dropped) };
    let start = Response::builder().status(status).header(CONTENT_TYPE, kind);
    let dressed = headers.into_iter().fold(start, |response, (name, value)| response.header(name, value));
    Ok(dressed.body(Full::new(Bytes::from(body))).expect("the headers are plain"))
}

/// Lets in whoever has a ticket; a ticket is good once.
fn upgrade(shared: &Arc<Shared>, mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Dropped> {
    let ticket = request.uri().query().and_then(|query| query.strip_prefix("ticket=")).unwrap_or_default();
    let known = shared.change(|state| state.tickets.remove(ticket));
    let key = request.headers().get(SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    let (true, Some(accept)) = (known, key) else {
        return finish(Reply::text(StatusCode::FORBIDDEN, "no such ticket"));
    };
    let (shared, upgrading) = (Arc::clone(shared), hyper::upgrade::on(&mut request));
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrading.await {
            socket_mode::serve(shared, upgraded).await;
        }
    });
    let response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(CONNECTION, HeaderValue::from_static("Upgrade"))
        .header(UPGRADE, HeaderValue::from_static("websocket"))
        .header(SEC_WEBSOCKET_ACCEPT, accept)
        .body(Full::default());
    Ok(response.expect("the headers are plain"))
}
