//! The control side for people and other programs: `curl -d user=U0ANA -d channel=C0GENERAL -d text=hi
//! http://127.0.0.1:PORT/control/post`.

use std::sync::Arc;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::acts::{Draft, message_json};
use super::arguments::Arguments;
use super::faults::{Armed, Fault};
use super::http_events;
use super::refusals::{NAMES, Refusal};
use super::server::{Call, Reply};
use super::state::{APP_TOKEN, BOT_TOKEN, BOT_USER, SIGNING_SECRET, Shared, State, TEAM};

const HELP: &str = "\
post user channel text [thread_ts]    edit channel ts text        delete channel ts
react user channel ts name            invite channel user         home user
command user channel command text     press user channel ts action_id
submit view_id values                 arm fault [method] [channel] [times] [retry_after|ms|status]
urls events interactions commands     messages channel            ephemerals
views    requests    deliveries       workspace
";

/// Answers a call.
pub async fn call(shared: &Arc<Shared>, call: &Call) -> Reply {
    let arguments = match Arguments::read(&call.query, &call.content_type, &call.body) {
        Ok(arguments) => arguments,
        Err(refusal) => return Reply::text(StatusCode::BAD_REQUEST, refusal.name()),
    };
    let outcome = match call.name.as_str() {
        "urls" => urls(shared, &arguments).await,
        verb => shared.change(|state| act(state, verb, &arguments)),
    };
    match outcome {
        Ok(body) => Reply::json(&body),
        Err(why) => Reply::text(StatusCode::BAD_REQUEST, &format!("{why}\n\n{HELP}")),
    }
}

async fn urls(shared: &Arc<Shared>, arguments: &Arguments) -> Result<Value, String> {
    let url = |name: &str| arguments.need(name).map(str::to_owned).map_err(why);
    let (events, interactions, commands) = (url("events")?, url("interactions")?, url("commands")?);
    http_events::verify(shared, &events).await?;
    shared.change(|state| {
        let app = &mut state.app;
        app.socket_mode = false;
        app.request_url = Some(events);
        app.interactivity_url = Some(interactions);
        app.commands_url = Some(commands);
    });
    Ok(json!({"ok": true}))
}

fn why(refusal: Refusal) -> String {
    match refusal {
        Refusal::Explained(_, messages) => messages.join(", "),
        Refusal::Named(_) | Refusal::MissingScope { .. } | Refusal::TooFast { .. } => {
            refusal.name().to_owned()
        }
    }
}

fn act(state: &mut State, verb: &str, arguments: &Arguments) -> Result<Value, String> {
    let need = |name: &str| arguments.need(name).map_err(why);
    let channel = || need("channel").and_then(|id| known(state, id));
    match verb {
        "post" => {
            let (channel, thread_ts) = (channel()?, arguments.text("thread_ts").map(str::to_owned));
            let draft = Draft { thread_ts, ..Draft::typed(need("user")?, need("text")?) };
            Ok(json!({"ts": state.add(&channel, draft)}))
        }
        "edit" => {
            let (channel, text) = (channel()?, need("text")?.to_owned());
            state.replace(&channel, need("ts")?, Some(text), None, None);
            Ok(json!({"ok": true}))
        }
        "delete" => {
            let channel = channel()?;
            state.remove(&channel, need("ts")?);
            Ok(json!({"ok": true}))
        }
        "react" => {
            let channel = channel()?;
            Ok(json!({"ok": state.reaction(need("user")?, &channel, need("ts")?, need("name")?, true)}))
        }
        "invite" => {
            let channel = channel()?;
            state.join(&channel, BOT_USER, Some(need("user")?));
            Ok(json!({"ok": true}))
        }
        "home" => {
            state.open_home(need("user")?);
            Ok(json!({"ok": true}))
        }
        "command" => {
            let channel = channel()?;
            let text = arguments.text("text").unwrap_or_default();
            let delivery = state.command(need("user")?, &channel, need("command")?, text);
            Ok(json!({ "delivery": delivery }))
        }
        "press" => {
            let channel = channel()?;
            let pressed = state.press(need("user")?, &channel, need("ts")?, need("action_id")?, None);
            pressed
                .map(|delivery| json!({ "delivery": delivery }))
                .ok_or_else(|| "no such element".to_owned())
        }
        "submit" => submit(state, arguments),
        "arm" => arm(state, arguments),
        _ => look(state, verb, arguments),
    }
}

fn known(state: &State, channel: &str) -> Result<String, String> {
    state.channels.get(channel).map(|it| it.id.clone()).ok_or_else(|| format!("no channel {channel}"))
}

fn submit(state: &mut State, arguments: &Arguments) -> Result<Value, String> {
    let view = state.views.get(arguments.need("view_id").map_err(why)?).cloned().ok_or("no such view")?;
    let values = arguments.json("values", "invalid_arguments").map_err(why)?.unwrap_or_else(|| json!({}));
    Ok(json!({"delivery": state.submit(&view, &values)?}))
}

fn arm(state: &mut State, arguments: &Arguments) -> Result<Value, String> {
    let number =
        |name: &str, or: i64| arguments.number(name).unwrap_or(Ok(or)).map_err(|()| format!("bad {name}"));
    let retry_after = arguments.text("retry_after").map(str::to_owned);
    let fault = match arguments.need("fault").map_err(why)? {
        "ratelimited" => Fault::TooFast { retry_after },
        "status" => Fault::Status(u16::try_from(number("status", 500)?).map_err(|_| "bad status")?),
        "answer_lost" => Fault::AnswerLost,
        "call_lost" => Fault::CallLost,
        "slow" => Fault::Slow(number("ms", 1_000)?.unsigned_abs()),
        "nonsense" => Fault::Nonsense,
        "refused" => {
            let asked = arguments.need("error").map_err(why)?;
            let name = NAMES.into_iter().find(|name| *name == asked).ok_or("no such error")?;
            Fault::Refused(Refusal::Named(name))
        }
        other => return Err(format!("no fault {other}")),
    };
    let times = u32::try_from(number("times", 1)?.max(1)).map_err(|_| "bad times")?;
    let (method, channel) = (arguments.text("method"), arguments.text("channel"));
    let armed =
        Armed { method: method.map(str::to_owned), channel: channel.map(str::to_owned), fault, times };
    state.armed.push(armed);
    Ok(json!({"ok": true}))
}

fn look(state: &State, verb: &str, arguments: &Arguments) -> Result<Value, String> {
    match verb {
        "messages" => {
            let place = &state.channels[&known(state, arguments.need("channel").map_err(why)?)?];
            let shown = place.messages.values().map(|message| message_json(message, place));
            Ok(json!({"messages": shown.collect::<Vec<_>>()}))
        }
        "ephemerals" => {
            let shown = state.ephemerals.iter().map(|it| {
                json!({"ts": it.ts, "channel": it.channel, "user": it.user, "text": it.text, "blocks": it.blocks,
                    "thread_ts": it.thread_ts})
            });
            Ok(json!({"ephemerals": shown.collect::<Vec<_>>()}))
        }
        "views" => {
            let shown = state.views.values().map(
                |view| json!({"id": view.id, "user": view.user, "open": view.open, "content": view.content}),
            );
            Ok(json!({"views": shown.collect::<Vec<_>>()}))
        }
        "requests" => {
            let shown = state.requests.iter().map(|it| {
                json!({"method": it.method, "verb": it.verb, "arguments": it.arguments, "answer": it.answer,
                    "at_ms": it.at_ms})
            });
            Ok(json!({"requests": shown.collect::<Vec<_>>()}))
        }
        "deliveries" => {
            let shown = state.deliveries.iter().map(|it| {
                json!({"what": format!("{:?}", it.what), "fate": format!("{:?}", it.fate),
                    "attempts": it.attempts.len(), "payload": it.payload})
            });
            Ok(json!({"deliveries": shown.collect::<Vec<_>>()}))
        }
        "workspace" => {
            let users: Vec<Value> = state.users.values().map(|user| user.to_json(TEAM)).collect();
            let channels: Vec<Value> =
                state.channels.values().map(|channel| channel.to_json(BOT_USER, TEAM)).collect();
            Ok(json!({
                "users": users, "channels": channels, "bot_token": BOT_TOKEN, "app_token": APP_TOKEN,
                "signing_secret": SIGNING_SECRET, "sockets": super::socket_mode::open(state),
            }))
        }
        other => Err(format!("no verb {other}")),
    }
}
