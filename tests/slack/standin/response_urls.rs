//! `response_url`: five answers within half an hour, without a token.

use std::sync::Arc;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::acts::Draft;
use super::arguments::Arguments;
use super::blocks::{self, Surface};
use super::server::{Call, Reply};
use super::state::{BOT_USER, Shared, State};
use super::workspace::Ephemeral;

/// Takes an answer.
pub fn call(shared: &Arc<Shared>, call: &Call) -> Reply {
    let arguments = Arguments::read("", &call.content_type, &call.body);
    let outcome = match arguments {
        Ok(arguments) => shared.change(|state| answer(state, &call.name, &arguments)),
        Err(_) => Err((StatusCode::BAD_REQUEST, "invalid_payload")),
    };
    match outcome {
        Ok(()) => Reply::text(StatusCode::OK, "ok"),
        Err((status, why)) => Reply::text(status, why),
    }
}

fn answer(state: &mut State, id: &str, arguments: &Arguments) -> Result<(), (StatusCode, &'static str)> {
    let now_ms = state.now_ms();
    let url = state.response_urls.get_mut(id).ok_or((StatusCode::NOT_FOUND, "expired_url"))?;
    if now_ms > url.until_ms {
        return Err((StatusCode::NOT_FOUND, "expired_url"));
    }
    if url.left == 0 {
        return Err((StatusCode::NOT_FOUND, "used_url"));
    }
    let blocks = match arguments.json("blocks", "invalid_blocks_format") {
        Ok(blocks) => blocks.unwrap_or_else(|| json!([])),
        Err(_) => return Err((StatusCode::BAD_REQUEST, "invalid_blocks")),
    };
    if blocks::check(&blocks, Surface::Message).is_err() {
        return Err((StatusCode::BAD_REQUEST, "invalid_blocks"));
    }
    url.left -= 1;
    let url = url.clone();
    let text = arguments.text("text").unwrap_or_default().to_owned();
    let original = url.message.as_deref();
    match (arguments.on("delete_original"), arguments.on("replace_original"), original) {
        (true, _, Some(ts)) => take_away(state, &url.channel, ts),
        (_, true, Some(ts)) => replace(state, &url.channel, ts, text, blocks),
        _ => say(state, arguments, &url, text, blocks),
    }
    Ok(())
}

fn take_away(state: &mut State, channel: &str, ts: &str) {
    state.ephemerals.retain(|ephemeral| ephemeral.ts != ts);
    if state.message(channel, ts).is_some() {
        state.remove(channel, ts);
    }
}

/// An ephemeral message can be replaced here, and nowhere else.
fn replace(state: &mut State, channel: &str, ts: &str, text: String, blocks: Value) {
    if let Some(ephemeral) = state.ephemerals.iter_mut().find(|ephemeral| ephemeral.ts == ts) {
        (ephemeral.text, ephemeral.blocks) = (text, blocks);
    } else {
        state.replace(channel, ts, Some(text), Some(blocks), None);
    }
}

fn say(
    state: &mut State,
    arguments: &Arguments,
    url: &super::state::ResponseUrl,
    text: String,
    blocks: Value,
) {
    let thread_ts = arguments.text("thread_ts").map(str::to_owned);
    let (channel, user) = (url.channel.clone(), url.user.clone());
    if arguments.text("response_type") == Some("in_channel") {
        let draft = Draft { by_app: true, blocks, thread_ts, ..Draft::typed(BOT_USER, &text) };
        state.add(&channel, draft);
        return;
    }
    let ts = state.next_ts();
    state.show(Ephemeral { ts, channel, user, text, blocks, thread_ts });
}
