//! Socket Mode: tickets, connections, envelopes, and what goes wrong with them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::deliveries::{self, Failure, What};
use super::state::{APP, Shared, State};

/// How many connections an app may have.
pub const MOST_SOCKETS: usize = 10;

/// Why Slack closes a connection, or says that it will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It will be closed in a while; envelopes go on coming.
    Warning,
    /// It is closed; open another.
    RefreshRequested,
    /// Socket Mode was switched off.
    LinkDisabled,
    /// There are ten already.
    TooManyWebsockets,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Reason::Warning => "warning",
            Reason::RefreshRequested => "refresh_requested",
            Reason::LinkDisabled => "link_disabled",
            Reason::TooManyWebsockets => "too_many_websockets",
        }
    }
}

/// How silent a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Not at all.
    None,
    /// Envelopes vanish, acknowledgements too; pings are still answered, and sent.
    AnswersPings,
    /// Nothing is read and nothing is written, but the TCP connection stays.
    Complete,
}

/// What the writer of a connection does next.
#[derive(Debug)]
enum Order {
    Send(String),
    Ping,
    Close,
    Cut,
}

/// A connection, open or not.
#[derive(Debug)]
pub struct Socket {
    orders: UnboundedSender<Order>,
    /// Whether it is open.
    pub open: bool,
    /// Whether it gets envelopes.
    pub takes_envelopes: bool,
    /// How silent it is.
    pub silence: Silence,
    /// How many envelopes were sent over it.
    pub sent: usize,
    /// How many pings came over it.
    pub pings: usize,
    /// The deliveries that wait for it.
    waiting: BTreeSet<usize>,
}

impl Socket {
    fn order(&self, order: Order) {
        // Whoever serves it may be gone; then there is nobody to obey.
        let _ = self.orders.send(order);
    }
}

/// Chooses a connection for the next attempt, by turns, and sends the envelope.
pub fn place(state: &mut State, index: usize) -> Result<usize, Failure> {
    let count = state.sockets.len();
    let turn = state.next_socket;
    let mut order = (0..count).map(|step| (turn + step) % count);
    let chosen = order.find(|&at| state.sockets[at].open && state.sockets[at].takes_envelopes);
    let Some(chosen) = chosen else {
        state.deliveries[index].attempts.push(None);
        return Err(Failure::Connection);
    };
    state.next_socket = chosen + 1;
    let envelope_id = state.next_id("envelope-");
    state.envelopes.insert(envelope_id.clone(), index);
    let delivery = &mut state.deliveries[index];
    let frame = envelope(&envelope_id, delivery);
    delivery.attempts.push(Some(chosen));
    let socket = &mut state.sockets[chosen];
    socket.sent += 1;
    socket.waiting.insert(index);
    if socket.silence == Silence::None {
        socket.order(Order::Send(frame.to_string()));
    }
    Ok(chosen)
}

fn envelope(envelope_id: &str, delivery: &deliveries::Delivery) -> Value {
    let kind = match delivery.what {
        What::Event => "events_api",
        What::Interaction => "interactive",
        What::Command => "slash_commands",
    };
    let mut frame = json!({
        "envelope_id": envelope_id, "type": kind, "payload": delivery.payload,
        "accepts_response_payload": delivery.what != What::Event,
    });
    if delivery.what == What::Event {
        frame["retry_attempt"] = delivery.attempts.len().into();
        frame["retry_reason"] = delivery.failures.last().map_or("", |failure| failure.reason()).into();
    }
    frame
}

/// Waits for the acknowledgement of an envelope that was placed.
pub async fn attempt(
    shared: &Arc<Shared>,
    index: usize,
    placed: Result<usize, Failure>,
) -> Result<(), Failure> {
    let socket = placed?;
    let (bell, within_ms) = shared
        .read(|state| (Arc::clone(&state.deliveries[index].bell), state.settings.acknowledge_within_ms));
    let gone = |state: &State| !state.sockets[socket].waiting.contains(&index);
    let settled = async {
        loop {
            let rung = bell.notified();
            let found = shared.read(|state| (state.deliveries[index].settled(), gone(state)));
            match found {
                (true, _) => return Ok(()),
                (false, true) => return Err(Failure::Connection),
                (false, false) => rung.await,
            }
        }
    };
    let outcome = tokio::time::timeout(Duration::from_millis(within_ms), settled).await;
    shared.change(|state| state.sockets[socket].waiting.remove(&index));
    outcome.unwrap_or(Err(Failure::Timeout))
}

/// What the app sends back.
#[derive(Deserialize)]
struct Acknowledgement {
    envelope_id: String,
    payload: Option<Value>,
}

/// Takes a frame that the app sent.
fn hear(state: &mut State, socket: usize, frame: &Frame) {
    match frame {
        Frame::Ping(_) => state.sockets[socket].pings += 1,
        Frame::Text(text) if state.sockets[socket].silence == Silence::None => {
            let read = serde_json::from_str::<Acknowledgement>(text).ok();
            let known = read.and_then(|ack| Some((*state.envelopes.get(&ack.envelope_id)?, ack.payload)));
            match known {
                Some((index, payload)) => {
                    if deliveries::acknowledge(state, index, payload).is_err() {
                        give_up(state, socket, index);
                    }
                }
                None => state.strays.push(text.to_string()),
            }
        }
        Frame::Text(_) | Frame::Binary(_) | Frame::Pong(_) | Frame::Close(_) | Frame::Frame(_) => {}
    }
}

/// Stops waiting for an acknowledgement over this connection.
fn give_up(state: &mut State, socket: usize, index: usize) {
    state.sockets[socket].waiting.remove(&index);
    state.deliveries[index].bell.notify_one();
}

/// Serves a connection until it closes.
pub async fn serve(shared: Arc<Shared>, upgraded: Upgraded) {
    let mut stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
    let (orders, mut inbox) = unbounded_channel();
    let Some((socket, hello)) = shared.change(|state| admit(state, orders)) else {
        let _ = stream.send(Frame::text(disconnect(Reason::TooManyWebsockets).to_string())).await;
        let _ = stream.close(None).await;
        return;
    };
    if stream.send(Frame::text(hello.to_string())).await.is_ok() {
        shared.change(|state| state.sockets[socket].takes_envelopes = true);
        talk(&shared, socket, &mut stream, &mut inbox).await;
    }
    shared.change(|state| close(state, socket));
}

fn admit(state: &mut State, orders: UnboundedSender<Order>) -> Option<(usize, Value)> {
    let open = state.sockets.iter().filter(|socket| socket.open).count();
    if open >= MOST_SOCKETS {
        return None;
    }
    let (silence, waiting) = (Silence::None, BTreeSet::new());
    state.sockets.push(Socket {
        orders,
        open: true,
        takes_envelopes: false,
        silence,
        sent: 0,
        pings: 0,
        waiting,
    });
    let hello = json!({
        "type": "hello", "num_connections": open + 1, "connection_info": {"app_id": APP},
        "debug_info": {"host": "stand-in", "build_number": 1, "approximate_connection_time": 18_060},
    });
    Some((state.sockets.len() - 1, hello))
}

async fn talk(
    shared: &Arc<Shared>,
    socket: usize,
    stream: &mut WebSocketStream<TokioIo<Upgraded>>,
    inbox: &mut UnboundedReceiver<Order>,
) {
    let every_ms = shared.read(|state| state.settings.ping_every_ms);
    let mut pings = tokio::time::interval(Duration::from_millis(every_ms));
    loop {
        let deaf = shared.read(|state| state.sockets[socket].silence == Silence::Complete);
        let order = tokio::select! {
            biased;
            order = inbox.recv() => order,
            frame = stream.next(), if !deaf => match frame {
                Some(Ok(frame)) => {
                    shared.change(|state| hear(state, socket, &frame));
                    continue;
                }
                Some(Err(_)) | None => return,
            },
            _ = pings.tick() => Some(Order::Ping),
        };
        let sent = match order {
            Some(Order::Send(text)) => stream.send(Frame::text(text)).await,
            Some(Order::Ping) if deaf => Ok(()),
            Some(Order::Ping) => stream.send(Frame::Ping(bytes::Bytes::from_static(b"stand-in"))).await,
            Some(Order::Close) => {
                let _ = stream.close(None).await;
                return;
            }
            Some(Order::Cut) | None => return,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// What waits for a closed connection is tried over another.
fn close(state: &mut State, socket: usize) {
    let socket = &mut state.sockets[socket];
    (socket.open, socket.takes_envelopes) = (false, false);
    for index in std::mem::take(&mut socket.waiting) {
        state.deliveries[index].bell.notify_one();
    }
}

fn disconnect(reason: Reason) -> Value {
    json!({"type": "disconnect", "reason": reason.name(), "debug_info": {"host": "stand-in"}})
}

/// The open connections.
pub fn open(state: &State) -> Vec<usize> {
    (0..state.sockets.len()).filter(|&at| state.sockets[at].open).collect()
}

/// Tells a connection why it closes, and closes it unless that is a warning.
pub fn say_disconnect(state: &mut State, socket: usize, reason: Reason) {
    let socket = &mut state.sockets[socket];
    socket.order(Order::Send(disconnect(reason).to_string()));
    if reason != Reason::Warning {
        socket.takes_envelopes = false;
    }
}

/// Closes a connection as Slack does after it said so.
pub fn hang_up(state: &State, socket: usize) {
    state.sockets[socket].order(Order::Close);
}

/// Cuts a connection without a word.
pub fn cut(state: &State, socket: usize) {
    state.sockets[socket].order(Order::Cut);
}

/// Makes a connection silent, or has it speak again.
pub fn silence(state: &mut State, socket: usize, silence: Silence) {
    state.sockets[socket].silence = silence;
    // Wakes whoever serves it, so that it looks.
    state.sockets[socket].order(Order::Ping);
}

/// Sends a connection any text at all.
pub fn send_raw(state: &State, socket: usize, text: &str) {
    state.sockets[socket].order(Order::Send(text.to_owned()));
}
