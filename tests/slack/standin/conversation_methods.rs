//! `conversations.*` and `users.conversations`.

use serde_json::{Value, json};

use super::acts::message_json;
use super::arguments::Arguments;
use super::chat_methods::enter;
use super::refusals::{Answer, Refusal, refuse};
use super::state::{BOT_USER, State, TEAM};
use super::web_api::Page;
use super::workspace::{Channel, Kind, Message};

impl State {
    /// The direct channel of the bot and `user`, opened if need be.
    pub fn direct(&mut self, user: &str) -> String {
        self.conversation(&[user.to_owned()])
    }

    /// The conversation of the bot with exactly these people, opened if need be.
    fn conversation(&mut self, users: &[String]) -> String {
        let kind = if users.len() == 1 { Kind::Direct } else { Kind::Group };
        let mut members: Vec<&str> = users.iter().map(String::as_str).chain([BOT_USER]).collect();
        members.sort_unstable();
        let same = |channel: &&Channel| channel.kind == kind && channel.members.iter().eq(members.iter());
        if let Some(known) = self.channels.values().find(same) {
            return known.id.clone();
        }
        let name =
            if kind == Kind::Direct { String::new() } else { format!("mpdm-{}-1", members.join("--")) };
        let id = self.next_id(if kind == Kind::Direct { "D" } else { "C" });
        let channel = Channel::new(&id, &name, kind, &members);
        self.channels.insert(id.clone(), channel);
        id
    }
}

/// The channel of the arguments, if the scopes allow it and the bot may know of it.
fn known<'a>(state: &'a State, arguments: &Arguments, what: &str) -> Result<&'a Channel, Refusal> {
    let id = arguments.need("channel")?;
    let channel = state.channels.get(id).ok_or(Refusal::Named("channel_not_found"))?;
    state.need_scope(&[&format!("{}:{what}", channel.kind.family())])?;
    if channel.kind != Kind::Public {
        enter(channel)?;
    }
    Ok(channel)
}

fn kinds(arguments: &Arguments) -> Result<Vec<Kind>, Refusal> {
    let names = arguments.text("types").unwrap_or("public_channel");
    let read = |name: &str| Kind::from_name(name.trim()).ok_or(Refusal::Named("invalid_types"));
    names.split(',').map(read).collect()
}

/// The page of channels that `shown` lets through. What is archived is left out of the page only after it
/// was cut, as Slack does it: a page may be short, or empty, and not the last.
fn pages(state: &State, arguments: &Arguments, shown: impl Fn(&Channel) -> bool) -> Answer {
    let kinds = kinds(arguments)?;
    for kind in &kinds {
        state.need_scope(&[&format!("{}:read", kind.family())])?;
    }
    let all = state.channels.iter().filter(|(_, channel)| kinds.contains(&channel.kind) && shown(channel));
    let page = Page::cut(all, arguments, 100, false)?;
    let wanted =
        page.items.into_iter().filter(|channel| !(channel.archived && arguments.on("exclude_archived")));
    let channels: Vec<Value> = wanted.map(|channel| channel.to_json(BOT_USER, TEAM)).collect();
    Ok(json!({"channels": channels, "response_metadata": {"next_cursor": page.next_cursor}}))
}

/// `conversations.list`.
pub fn list(state: &State, arguments: &Arguments) -> Answer {
    pages(state, arguments, |channel| channel.kind == Kind::Public || channel.members.contains(BOT_USER))
}

/// `users.conversations`.
pub fn of_user(state: &State, arguments: &Arguments) -> Answer {
    let user = arguments.text("user").unwrap_or(BOT_USER);
    if !state.users.contains_key(user) {
        return refuse("user_not_found");
    }
    let visible = |channel: &Channel| channel.kind == Kind::Public || channel.members.contains(BOT_USER);
    pages(state, arguments, |channel| channel.members.contains(user) && visible(channel))
}

/// `conversations.info`.
pub fn info(state: &State, arguments: &Arguments) -> Answer {
    let channel = known(state, arguments, "read")?;
    Ok(json!({"channel": channel.to_json(BOT_USER, TEAM)}))
}

/// `conversations.members`.
pub fn members(state: &State, arguments: &Arguments) -> Answer {
    let channel = known(state, arguments, "read")?;
    let page = Page::cut(channel.members.iter().map(|id| (id, id)), arguments, 100, false)?;
    Ok(json!({"members": page.items, "response_metadata": {"next_cursor": page.next_cursor}}))
}

/// Whether a message lies between `oldest` and `latest`.
fn within(arguments: &Arguments) -> Result<impl Fn(&str) -> bool, Refusal> {
    let (oldest, latest) = (arguments.text("oldest"), arguments.text("latest"));
    let is_ts = |ts: &str| ts.parse::<f64>().is_ok();
    if !latest.is_none_or(is_ts) || !oldest.is_none_or(is_ts) {
        return refuse("invalid_ts_latest");
    }
    let inclusive = arguments.on("inclusive");
    // Slack compares numbers: `oldest=0` and `oldest=1700000000` are fine.
    let micros = |ts: &str| ts.parse::<f64>().map_or(0, |seconds| (seconds * 1e6).round() as i64);
    let (oldest, latest) = (oldest.map_or(i64::MIN, micros), latest.map_or(i64::MAX, micros));
    Ok(move |ts: &str| {
        let at = micros(ts);
        if inclusive { (oldest..=latest).contains(&at) } else { oldest < at && at < latest }
    })
}

fn shown(message: &Message, channel: &Channel, arguments: &Arguments) -> Value {
    let mut shown = message_json(message, channel);
    if let Some(metadata) = message.metadata.as_ref().filter(|_| arguments.on("include_all_metadata")) {
        shown["metadata"] = metadata.clone();
    }
    shown
}

/// What both kinds of history answer. Without a next page there is no `response_metadata` at all.
fn history_page(
    page: Page<&Message>,
    root: Option<&Message>,
    channel: &Channel,
    arguments: &Arguments,
) -> Value {
    let messages = root.into_iter().chain(page.items);
    let messages: Vec<Value> = messages.map(|message| shown(message, channel, arguments)).collect();
    let mut body = json!({"messages": messages, "has_more": !page.next_cursor.is_empty()});
    if !page.next_cursor.is_empty() {
        body["response_metadata"] = json!({"next_cursor": page.next_cursor});
    }
    body
}

/// `conversations.history`: the newest first, and no replies.
pub fn history(state: &State, arguments: &Arguments) -> Answer {
    let channel = known(state, arguments, "history")?;
    enter(channel)?;
    let inside = within(arguments)?;
    let all = channel.messages.iter().rev().filter(|(ts, message)| message.in_channel() && inside(ts));
    Ok(history_page(Page::cut(all, arguments, 100, true)?, None, channel, arguments))
}

/// `conversations.replies`: the root on every page, then the oldest first.
pub fn replies(state: &State, arguments: &Arguments) -> Answer {
    let channel = known(state, arguments, "history")?;
    enter(channel)?;
    let inside = within(arguments)?;
    let asked = channel.messages.get(arguments.need("ts")?).ok_or(Refusal::Named("thread_not_found"))?;
    let root_ts = asked.thread_ts.as_deref().unwrap_or(&asked.ts);
    let replies = channel.replies(root_ts).filter(|reply| inside(&reply.ts)).map(|reply| (&reply.ts, reply));
    let root = channel.messages.get(root_ts);
    Ok(history_page(Page::cut(replies, arguments, 1_000, false)?, root, channel, arguments))
}

/// `conversations.open`.
pub fn open(state: &mut State, arguments: &Arguments) -> Answer {
    if let Some(channel) = arguments.text("channel") {
        let known = state.channels.get(channel).filter(|channel| channel.kind == Kind::Direct);
        return known.map_or_else(|| refuse("channel_not_found"), |it| Ok(json!({"channel": {"id": it.id}})));
    }
    let users = arguments.need("users")?.split(',').map(|user| user.trim().to_owned()).collect::<Vec<_>>();
    state.need_scope(&[if users.len() == 1 { "im:write" } else { "mpim:write" }])?;
    if !users.iter().all(|user| state.users.get(user).is_some_and(|user| !user.deleted)) {
        return refuse("user_not_found");
    }
    let id = state.conversation(&users);
    Ok(json!({"channel": {"id": id}, "no_op": false, "already_open": false}))
}

/// `conversations.join`.
pub fn join(state: &mut State, arguments: &Arguments) -> Answer {
    let id = arguments.need("channel")?.to_owned();
    let channel = state.channels.get(&id).ok_or(Refusal::Named("channel_not_found"))?;
    match channel.kind {
        Kind::Private if !channel.members.contains(BOT_USER) => return refuse("channel_not_found"),
        Kind::Private | Kind::Direct | Kind::Group => return refuse("method_not_supported_for_channel_type"),
        Kind::Public if channel.archived => return refuse("is_archived"),
        Kind::Public => {}
    }
    state.join(&id, BOT_USER, None);
    Ok(json!({"channel": state.channels[&id].to_json(BOT_USER, TEAM)}))
}
