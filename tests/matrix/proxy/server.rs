//! The listener, and the way of a request to the homeserver and back.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::faults::{Armed, Fault};
use super::{Request, State, change_in, sync};

/// The connection is dropped on purpose, or the homeserver dropped it.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dropped")
    }
}

impl std::error::Error for Dropped {}

/// The way to the homeserver.
#[derive(Clone)]
struct Way {
    upstream: Arc<str>,
    client: reqwest::Client,
    state: Arc<watch::Sender<State>>,
}

/// A request that has arrived.
struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    /// Its place among all.
    index: usize,
}

type Response = hyper::Response<Full<Bytes>>;

/// Serves until the handle is aborted; then every connection is cut.
pub fn run(listener: TcpListener, upstream: String, state: Arc<watch::Sender<State>>) -> JoinHandle<()> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let way = Way { upstream: upstream.into(), client, state };
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, way.clone()));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    })
}

async fn serve(stream: TcpStream, way: Way) {
    let service = service_fn(move |request| {
        let way = way.clone();
        async move { way.pass(request).await }
    });
    // A connection that breaks is the client's affair, or was dropped on purpose.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Way {
    /// Passes a request on, unless something goes wrong with it.
    async fn pass(&self, request: hyper::Request<Incoming>) -> Result<Response, Dropped> {
        let mut call = self.receive(request).await?;
        let fault = change_in(&self.state, |state| Armed::take(&mut state.armed, &call.method, &call.path));
        let is_sync = sync::is_sync(&call.path);
        if is_sync {
            change_in(&self.state, |state| sync::asked(state, &call.path));
            if let Some(Fault::Limited(most)) = fault {
                call.path = sync::limited(&call.path, most);
            }
        }
        let answered = match &fault {
            Some(fault) if !fault.passes() => None,
            _ if is_sync => Some(self.ask_for_all(&call).await?),
            _ => Some(self.ask(&call).await?),
        };
        match (&fault, answered) {
            (Some(Fault::Hang { .. }), _) => self.hang().await,
            (None | Some(Fault::Limited(_) | Fault::Swallowed), Some((status, body))) => {
                let swallows = fault == Some(Fault::Swallowed);
                self.tell(&call, status, body, swallows).await
            }
            (Some(fault), _) => self.go_wrong(&call, fault),
            (None, None) => unreachable!("what has no fault is passed on"),
        }
    }

    async fn receive(&self, request: hyper::Request<Incoming>) -> Result<Call, Dropped> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
        let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let kept = Request {
            method: head.method.clone(),
            path: path.trim_start_matches("/_matrix/client/").to_owned(),
            body: String::from_utf8_lossy(&body).into_owned(),
            status: None,
            made: None,
        };
        let index = change_in(&self.state, |state| {
            state.requests.push(kept);
            state.requests.len() - 1
        });
        Ok(Call { method: head.method, path, headers: head.headers, body, index })
    }

    /// What the homeserver answers. What it was asked for it does, even if whoever asked is gone.
    async fn ask(&self, call: &Call) -> Result<(StatusCode, Bytes), Dropped> {
        let url = format!("{}{}", self.upstream, call.path);
        let mut request = self.client.request(call.method.clone(), url).body(call.body.clone());
        for name in [AUTHORIZATION, CONTENT_TYPE] {
            if let Some(value) = call.headers.get(&name) {
                request = request.header(name, value);
            }
        }
        if sync::is_sync(&call.path) {
            return answer(request).await;
        }
        change_in(&self.state, |state| state.asked += 1);
        let (state, index) = (Arc::clone(&self.state), call.index);
        let asked = tokio::spawn(async move {
            let answered = answer(request).await;
            change_in(&state, |state| {
                state.asked -= 1;
                state.requests[index].made = answered.as_ref().ok().and_then(|(_, body)| made(body));
            });
            answered
        });
        asked.await.map_err(|_| Dropped)?
    }

    /// What the homeserver answers to a sync. Where syncs are held, it is asked once more when they are released: what
    /// has happened meanwhile comes in one.
    async fn ask_for_all(&self, call: &Call) -> Result<(StatusCode, Bytes), Dropped> {
        loop {
            let answered = self.ask(call).await?;
            let mut state = self.state.subscribe();
            if !state.borrow_and_update().held {
                return Ok(answered);
            }
            state.wait_for(|state| !state.held).await.map_err(|_| Dropped)?;
        }
    }

    /// Tells what the homeserver answered, in the time of the scenario.
    async fn tell(
        &self,
        call: &Call,
        status: StatusCode,
        body: Bytes,
        swallows: bool,
    ) -> Result<Response, Dropped> {
        let is_sync = sync::is_sync(&call.path);
        // A homeserver says where it is, which would lead past the proxy.
        let tells_itself = memchr_in(&body, b"well_known");
        let tells_events = memchr_in(&body, b"origin_server_ts") || is_sync || tells_itself;
        let Some(mut told) = tells_events.then(|| serde_json::from_slice::<Value>(&body).ok()).flatten()
        else {
            return self.finish(call, status, None, body);
        };
        change_in(&self.state, |state| {
            if is_sync {
                sync::arrange(state, &mut told, swallows);
            }
            told.as_object_mut().map(|told| told.remove("well_known"));
            let now = state.times.of(usher::clock::now().ms());
            state.times.tell(&mut told, now);
            sync::told(state, &told, is_sync);
        });
        self.finish(call, status, None, told.to_string().into())
    }

    fn go_wrong(&self, call: &Call, fault: &Fault) -> Result<Response, Dropped> {
        let (status, header, body) = fault.answer().ok_or(Dropped)?;
        self.finish(call, StatusCode::from_u16(status).unwrap(), header, body.into())
    }

    async fn hang(&self) -> Result<Response, Dropped> {
        let mut state = self.state.subscribe();
        let before = change_in(&self.state, |state| {
            state.hanging += 1;
            state.let_go
        });
        let _ = state.wait_for(|state| state.let_go > before).await;
        change_in(&self.state, |state| state.hanging -= 1);
        Err(Dropped)
    }

    fn finish(
        &self,
        call: &Call,
        status: StatusCode,
        header: Option<(&'static str, String)>,
        body: Bytes,
    ) -> Result<Response, Dropped> {
        change_in(&self.state, |state| state.requests[call.index].status = Some(status.as_u16()));
        let mut response = hyper::Response::builder().status(status).header(CONTENT_TYPE, "application/json");
        if let Some((name, value)) = header {
            response = response.header(name, value);
        }
        Ok(response.body(Full::new(body)).unwrap())
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<(StatusCode, Bytes), Dropped> {
    let response = request.send().await.map_err(|_| Dropped)?;
    let status = response.status();
    Ok((status, response.bytes().await.map_err(|_| Dropped)?))
}

/// What the homeserver says to have made.
fn made(body: &Bytes) -> Option<String> {
    #[derive(Deserialize)]
    struct Made {
        event_id: Option<String>,
        room_id: Option<String>,
    }
    let Made { event_id, room_id } = serde_json::from_slice(body).ok()?;
    event_id.or(room_id)
}

fn memchr_in(body: &[u8], wanted: &[u8]) -> bool {
    body.windows(wanted.len()).any(|window| window == wanted)
}
