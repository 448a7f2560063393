//! What the app is told, attempt by attempt, until it acknowledges or Slack gives up.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::acts::Draft;
use super::http_events;
use super::socket_mode;
use super::state::{BOT_USER, Shared, State, lapse};
use super::submissions;
use super::workspace::Ephemeral;

/// How long Slack waits before each attempt, in ms, before it is scaled.
const WAITS_MS: [f64; 4] = [0.0, 0.0, 60_000.0, 300_000.0];

/// What kind of thing the app is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An event; it is tried again.
    Event,
    /// A button, a form, a shortcut; the person sees at once that it failed.
    Interaction,
    /// A command; the same.
    Command,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Slack still tries.
    Waiting,
    /// The app took it, and said this with it.
    Acknowledged(Option<Value>),
    /// Slack gave up.
    Lost,
}

/// Why an attempt failed, as Slack names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody was there, or the connection broke.
    Connection,
    /// No acknowledgement came in time.
    Timeout,
    /// The answer was no 2xx.
    Status,
    /// The app asked that it be not tried again.
    NoRetry,
}

impl Failure {
    /// What the next attempt says about it.
    pub fn reason(self) -> &'static str {
        match self {
            Failure::Connection => "connection_failed",
            Failure::Timeout => "http_timeout",
            Failure::Status | Failure::NoRetry => "http_error",
        }
    }
}

/// One thing that the app is told.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What kind of thing it is.
    pub what: What,
    /// Its payload.
    pub payload: Value,
    /// How often it was tried, and over which socket, if over one.
    pub attempts: Vec<Option<usize>>,
    /// Why the attempts failed.
    pub failures: Vec<Failure>,
    /// What became of it.
    pub fate: Fate,
    /// Rings when it is acknowledged or its socket closes.
    pub bell: Arc<Notify>,
}

impl Delivery {
    fn new(what: What, payload: Value) -> Delivery {
        let (attempts, failures, bell) = (Vec::new(), Vec::new(), Arc::new(Notify::new()));
        Delivery { what, payload, attempts, failures, fate: Fate::Waiting, bell }
    }

    /// An event.
    pub fn event(payload: Value) -> Delivery {
        Delivery::new(What::Event, payload)
    }

    /// An interaction.
    pub fn interaction(payload: Value) -> Delivery {
        Delivery::new(What::Interaction, payload)
    }

    /// A command.
    pub fn command(payload: Value) -> Delivery {
        Delivery::new(What::Command, payload)
    }

    /// Whether Slack is done with it.
    pub fn settled(&self) -> bool {
        self.fate != Fate::Waiting
    }

    fn most_attempts(&self) -> usize {
        match self.what {
            What::Event => WAITS_MS.len(),
            What::Interaction | What::Command => 1,
        }
    }
}

/// Starts to deliver. The first frame to a socket goes out here, under the lock: what happened first is
/// told first.
pub fn start(shared: &Arc<Shared>, state: &mut State, index: usize) {
    let placed = state.app.socket_mode.then(|| socket_mode::place(state, index));
    tokio::spawn(pursue(Arc::clone(shared), index, placed));
}

async fn pursue(shared: Arc<Shared>, index: usize, mut placed: Option<Result<usize, Failure>>) {
    let most = shared.read(|state| state.deliveries[index].most_attempts());
    for wait_ms in &WAITS_MS[..most] {
        let scale = shared.read(|state| state.settings.retry_scale);
        if *wait_ms > 0.0 {
            lapse((wait_ms * scale) as u64).await;
        }
        let by_socket = shared.read(|state| state.app.socket_mode);
        let outcome = if by_socket {
            let placed =
                placed.take().unwrap_or_else(|| shared.change(|state| socket_mode::place(state, index)));
            socket_mode::attempt(&shared, index, placed).await
        } else {
            http_events::attempt(&shared, index).await
        };
        let Err(failure) = outcome else { return };
        let done = shared.change(|state| {
            state.deliveries[index].failures.push(failure);
            state.deliveries[index].settled()
        });
        if done || failure == Failure::NoRetry {
            break;
        }
    }
    shared.change(|state| {
        if !state.deliveries[index].settled() {
            state.deliveries[index].fate = Fate::Lost;
            state.unsettled -= 1;
        }
    });
}

/// Takes an acknowledgement, and what the app said with it. One that shall be lost is not heard, and the
/// event is told again.
pub fn acknowledge(state: &mut State, index: usize, said: Option<Value>) -> Result<(), Failure> {
    if state.deliveries[index].what == What::Event && state.deaf_to > 0 {
        state.deaf_to -= 1;
        return Err(Failure::Timeout);
    }
    take_in(state, index, said);
    Ok(())
}

fn take_in(state: &mut State, index: usize, said: Option<Value>) {
    let delivery = &mut state.deliveries[index];
    match delivery.fate {
        Fate::Acknowledged(_) => return,
        Fate::Waiting => state.unsettled -= 1,
        Fate::Lost => {}
    }
    delivery.fate = Fate::Acknowledged(said.clone());
    delivery.bell.notify_one();
    state.acknowledged.push(index);
    let (what, payload) = (delivery.what, delivery.payload.clone());
    match (what, said) {
        (What::Command, Some(said)) => answer_command(state, &payload, &said),
        (What::Interaction, said) if payload["type"] == "view_submission" => {
            answer_form(state, &payload, said.as_ref());
        }
        (What::Event | What::Interaction | What::Command, _) => {}
    }
}

/// What comes back with a command is shown to its person, or to all.
fn answer_command(state: &mut State, payload: &Value, said: &Value) {
    let text_of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (channel, user) = (text_of(&payload["channel_id"]), text_of(&payload["user_id"]));
    let blocks = if said["blocks"].is_array() { said["blocks"].clone() } else { json!([]) };
    if said["text"].as_str().is_none_or(str::is_empty) && blocks == json!([]) {
        return;
    }
    let text = text_of(&said["text"]);
    if said["response_type"] == "in_channel" {
        let draft = Draft { by_app: true, blocks, ..Draft::typed(BOT_USER, &text) };
        state.add(&channel, draft);
        return;
    }
    let ts = state.next_ts();
    state.show(Ephemeral { ts, channel, user, text, blocks, thread_ts: None });
}

/// A form that is sent closes, unless the app says otherwise. What it may not say is kept as a stray.
fn answer_form(state: &mut State, payload: &Value, said: Option<&Value>) {
    let hash = state.next_id("hash-");
    let Some(view) = payload["view"]["id"].as_str().and_then(|id| state.views.get_mut(id)) else { return };
    let Some(said) = said else {
        view.open = false;
        return;
    };
    match said["response_action"].as_str() {
        Some("errors") if submissions::blames(view, said) => {}
        Some("update" | "push") => match submissions::next(said) {
            Ok(content) => (view.content, view.hash) = (content, hash),
            Err(refusal) => state.strays.push(format!("{refusal:?}")),
        },
        None | Some("clear") => view.open = false,
        Some(_) => state.strays.push(said.to_string()),
    }
}
