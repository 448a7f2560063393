//! `chat.*` and `reactions.add`.

use serde_json::{Value, json};

use super::acts::{Draft, message_json};
use super::arguments::Arguments;
use super::blocks::{self, Surface};
use super::refusals::{Answer, Refusal, refuse};
use super::state::{BOT_USER, State};
use super::workspace::{Channel, Ephemeral, Kind};

/// The most characters of a message's text.
const MOST_TEXT: usize = 40_000;
/// The most when it is replaced.
const MOST_NEW_TEXT: usize = 4_000;
/// The most bytes of metadata.
const MOST_METADATA: usize = 16_000;

/// What a message says, checked.
struct Said {
    text: Option<String>,
    blocks: Option<Value>,
    metadata: Option<Value>,
    warning: Option<&'static str>,
}

fn said(arguments: &Arguments, most_text: usize) -> Result<Said, Refusal> {
    let text = arguments.text("text").map(str::to_owned);
    let blocks = arguments.json("blocks", "invalid_blocks_format")?;
    let attachments = arguments.json("attachments", "invalid_arguments")?;
    let empty = |list: &Option<Value>| list.as_ref().is_none_or(|list| *list == json!([]));
    if text.is_none() && empty(&blocks) && empty(&attachments) {
        return refuse("no_text");
    }
    if text.as_ref().is_some_and(|text| text.chars().count() > most_text) {
        return refuse("msg_too_long");
    }
    if let Some(blocks) = &blocks {
        blocks::check(blocks, Surface::Message)?;
    }
    let (metadata, warning) = metadata(arguments)?;
    Ok(Said { text, blocks, metadata, warning })
}

/// Metadata of the wrong form is refused; that of a wrong name is left out, with a warning.
fn metadata(arguments: &Arguments) -> Result<(Option<Value>, Option<&'static str>), Refusal> {
    let Some(metadata) = arguments.json("metadata", "invalid_metadata_format")? else {
        return Ok((None, None));
    };
    let Some(name) = metadata["event_type"].as_str().filter(|_| metadata["event_payload"].is_object()) else {
        return refuse("invalid_metadata_format");
    };
    if metadata.to_string().len() > MOST_METADATA {
        return refuse("metadata_too_large");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        return Ok((None, Some("invalid_metadata_schema")));
    }
    Ok((Some(metadata), None))
}

/// The channel that `name` means to the bot: an id, a name, or a person's id for the direct channel.
fn place(state: &mut State, name: &str) -> Result<String, Refusal> {
    if state.users.contains_key(name) {
        return Ok(state.direct(name));
    }
    let plain = name.trim_start_matches('#');
    let found = state.channels.values().find(|channel| channel.id == name || channel.name == plain);
    let Some(channel) = found.filter(|channel| !plain.is_empty() || channel.id == name) else {
        return refuse("channel_not_found");
    };
    enter(channel)?;
    if channel.archived {
        return refuse("is_archived");
    }
    Ok(channel.id.clone())
}

/// Refuses unless the bot is in the channel. Of a private one it does not even hear that it is there.
pub fn enter(channel: &Channel) -> Result<(), Refusal> {
    match (channel.members.contains(BOT_USER), channel.kind) {
        (true, _) => Ok(()),
        (false, Kind::Public) => refuse("not_in_channel"),
        (false, Kind::Private | Kind::Direct | Kind::Group) => refuse("channel_not_found"),
    }
}

/// Slack writes `&`, `<` and `>` of a text as it came; it is up to the app to escape them.
fn draft(said: &Said) -> Draft {
    Draft {
        by_app: true,
        blocks: said.blocks.clone().unwrap_or_else(|| json!([])),
        metadata: said.metadata.clone(),
        ..Draft::typed(BOT_USER, said.text.as_deref().unwrap_or_default())
    }
}

/// `chat.postMessage`.
pub fn post_message(state: &mut State, arguments: &Arguments) -> Answer {
    let name = arguments.need("channel")?.to_owned();
    let said = said(arguments, MOST_TEXT)?;
    let channel = place(state, &name)?;
    let mut draft = draft(&said);
    if let Some(root) = arguments.text("thread_ts") {
        let root = state.message(&channel, root).ok_or(Refusal::Named("thread_not_found"))?;
        draft.thread_ts = Some(root.thread_ts.clone().unwrap_or_else(|| root.ts.clone()));
        draft.subtype = arguments.on("reply_broadcast").then_some("thread_broadcast");
    }
    let ts = state.add(&channel, draft);
    answer(state, &channel, &ts, said.warning)
}

fn answer(state: &State, channel: &str, ts: &str, warning: Option<&str>) -> Answer {
    let place = &state.channels[channel];
    let message = &place.messages[ts];
    let mut shown = message_json(message, place);
    if let Some(metadata) = &message.metadata {
        shown["metadata"] = metadata.clone();
    }
    let mut body = json!({"channel": channel, "ts": ts, "text": message.text, "message": shown});
    if let Some(warning) = warning {
        body["warning"] = warning.into();
        body["response_metadata"] = json!({"warnings": [warning]});
    }
    Ok(body)
}

/// `chat.postEphemeral`.
pub fn post_ephemeral(state: &mut State, arguments: &Arguments) -> Answer {
    let (name, user) = (arguments.need("channel")?.to_owned(), arguments.need("user")?.to_owned());
    let said = said(arguments, MOST_TEXT)?;
    let channel = place(state, &name)?;
    if !state.users.contains_key(&user) {
        return refuse("user_not_found");
    }
    if !state.channels[&channel].members.contains(&user) {
        return refuse("user_not_in_channel");
    }
    let ts = state.next_ts();
    let (text, blocks) = (said.text.unwrap_or_default(), said.blocks.unwrap_or_else(|| json!([])));
    let thread_ts = arguments.text("thread_ts").map(str::to_owned);
    // In a thread that has no reply yet it is shown to nobody; Slack takes it all the same.
    let is_shown = thread_ts.as_ref().is_none_or(|root| {
        let messages = state.channels[&channel].messages.values();
        messages.into_iter().any(|message| message.is_reply() && message.thread_ts.as_ref() == Some(root))
    });
    if is_shown {
        state.show(Ephemeral { ts: ts.clone(), channel, user, text, blocks, thread_ts });
    }
    Ok(json!({"message_ts": ts}))
}

/// The message that `channel` and `ts` (or `message_ts`, `timestamp`) mean.
fn target(state: &State, arguments: &Arguments, ts_name: &str) -> Result<(String, String), Refusal> {
    let channel = arguments.need("channel")?;
    let ts = arguments.need(ts_name)?;
    let place = state.channels.get(channel).ok_or(Refusal::Named("channel_not_found"))?;
    if place.kind != Kind::Public {
        enter(place)?;
    }
    place.messages.get(ts).ok_or(Refusal::Named("message_not_found"))?;
    Ok((channel.to_owned(), ts.to_owned()))
}

/// `chat.update`. Where no blocks come, the old ones stay.
pub fn update(state: &mut State, arguments: &Arguments) -> Answer {
    let said = said(arguments, MOST_NEW_TEXT)?;
    let (channel, ts) = target(state, arguments, "ts")?;
    if state.channels[&channel].archived {
        return refuse("is_archived");
    }
    if !state.message(&channel, &ts).is_some_and(|message| message.by_app) {
        return refuse("cant_update_message");
    }
    state.replace(&channel, &ts, said.text, said.blocks, said.metadata);
    answer(state, &channel, &ts, said.warning)
}

/// `chat.delete`.
pub fn delete(state: &mut State, arguments: &Arguments) -> Answer {
    let (channel, ts) = target(state, arguments, "ts")?;
    if !state.message(&channel, &ts).is_some_and(|message| message.by_app) {
        return refuse("cant_delete_message");
    }
    state.remove(&channel, &ts);
    Ok(json!({"channel": channel, "ts": ts}))
}

/// `chat.getPermalink`.
pub fn permalink(state: &State, arguments: &Arguments) -> Answer {
    let (channel, ts) = target(state, arguments, "message_ts")?;
    let mut link = format!("https://stand-in.slack.com/archives/{channel}/p{}", ts.replace('.', ""));
    let message = state.message(&channel, &ts);
    if let Some(root) =
        message.filter(|message| message.is_reply()).and_then(|reply| reply.thread_ts.as_ref())
    {
        link.push_str(&format!("?thread_ts={root}&cid={channel}"));
    }
    Ok(json!({"channel": channel, "permalink": link}))
}

/// `reactions.add`.
pub fn add_reaction(state: &mut State, arguments: &Arguments) -> Answer {
    let name = arguments.need("name")?.to_owned();
    let (channel, ts) = target(state, arguments, "timestamp")?;
    enter(&state.channels[&channel])?;
    if state.channels[&channel].archived {
        return refuse("is_archived");
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-+:'".contains(c);
    if !name.chars().all(plain) {
        return refuse("invalid_name");
    }
    if !state.reaction(BOT_USER, &channel, &ts, &name, true) {
        return refuse("already_reacted");
    }
    Ok(json!({}))
}
