//! The Web API: who calls, whether they may, how fast, what goes wrong on purpose; then the method.

use std::sync::Arc;

use hyper::StatusCode;
use serde_json::json;
use usher::calendar::Instant;

use super::arguments::Arguments;
use super::faults::{self, Fault};
use super::refusals::{Answer, Refusal, refuse};
use super::server::{Call, Reply};
use super::state::{APP_TOKEN, BOT, BOT_TOKEN, BOT_USER, Request, Shared, State, TEAM, Token, lapse};
use super::{chat_methods, conversation_methods, people_methods, view_methods};

/// Answers a call of a method.
pub async fn call(shared: &Arc<Shared>, call: Call) -> Reply {
    let (mut arguments, unreadable) = match Arguments::read(&call.query, &call.content_type, &call.body) {
        Ok(arguments) => (arguments, None),
        Err(refusal) => (Arguments::default(), Some(refusal)),
    };
    let token = call.bearer.clone().or(arguments.take_token());
    let (number, fault) = shared.change(|state| {
        let fault = faults::take(&mut state.armed, &call.name, arguments.text("channel"));
        (record(state, &call, &arguments, fault.as_ref()), fault)
    });
    match &fault {
        Some(Fault::TooFast { retry_after }) => {
            return reply(shared, Err(Refusal::TooFast { retry_after: retry_after.clone() }));
        }
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(*status).expect("a test arms a real status");
            return Reply::text(status, "upstream connect error");
        }
        Some(Fault::CallLost) => return Reply::Dropped,
        Some(Fault::Nonsense) => return Reply::text(StatusCode::OK, "<html>We are under maintenance</html>"),
        Some(Fault::Refused(refusal)) => return reply(shared, Err(refusal.clone())),
        Some(Fault::AnswerLost | Fault::Slow(_)) | None => {}
    }
    let answer = shared.change(|state| {
        let answer = match unreadable {
            Some(refusal) => Err(refusal),
            None => run(state, &call.name, token.as_deref(), &arguments),
        };
        if fault.is_none() {
            let name = answer.as_ref().map_or_else(Refusal::name, |_| "ok");
            state.requests[number].answer = name.to_owned();
        }
        answer
    });
    match fault {
        Some(Fault::AnswerLost) => return Reply::Dropped,
        Some(Fault::Slow(ms)) => lapse(ms).await,
        Some(
            Fault::TooFast { .. } | Fault::Status(_) | Fault::CallLost | Fault::Nonsense | Fault::Refused(_),
        )
        | None => {}
    }
    reply(shared, answer)
}

/// Notes a call, and what is armed against it; its number.
fn record(state: &mut State, call: &Call, arguments: &Arguments, fault: Option<&Fault>) -> usize {
    let (method, verb, at_ms) = (call.name.clone(), call.verb.clone(), state.now_ms());
    let answer = fault.map_or_else(String::new, |fault| fault.name().to_owned());
    state.requests.push(Request { method, verb, arguments: arguments.to_json(), answer, at_ms });
    state.requests.len() - 1
}

fn reply(shared: &Shared, answer: Answer) -> Reply {
    let mut headers = vec![("x-oauth-scopes", shared.read(provided)), ("date", shared.read(date))];
    let (status, mut body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(refusal) => {
            let body = refusal.to_json();
            match refusal {
                Refusal::TooFast { retry_after } => {
                    headers.extend(retry_after.map(|after| ("retry-after", after)));
                    (StatusCode::TOO_MANY_REQUESTS, body)
                }
                Refusal::Named(_) | Refusal::MissingScope { .. } | Refusal::Explained(..) => {
                    (StatusCode::OK, body)
                }
            }
        }
    };
    if body.get("ok").is_none() {
        body["ok"] = true.into();
    }
    Reply::Full(status, "application/json; charset=utf-8", headers, body.to_string())
}

/// What time it is, as headers say it.
fn date(state: &State) -> String {
    let at = Instant::from_ms(state.now_ms() + state.date_off_ms).utc();
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn provided(state: &State) -> String {
    state.app.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(",")
}

impl State {
    /// Refuses unless the token has one of `scopes`.
    pub fn need_scope(&self, scopes: &[&str]) -> Result<(), Refusal> {
        if scopes.is_empty() || scopes.iter().any(|scope| self.app.scopes.contains(*scope)) {
            return Ok(());
        }
        Err(Refusal::MissingScope { needed: scopes.join(","), provided: provided(self) })
    }
}

/// The scopes of which a method needs one. Those of conversations depend on the kind of place, too, and
/// are looked at once it is known.
fn scopes(method: &str) -> &'static [&'static str] {
    match method {
        "chat.postMessage" | "chat.postEphemeral" | "chat.update" | "chat.delete" => &["chat:write"],
        "users.list" | "users.info" | "bots.info" => &["users:read"],
        "reactions.add" => &["reactions:write"],
        "usergroups.list" | "usergroups.users.list" => &["usergroups:read"],
        "team.info" => &["team:read"],
        "conversations.join" => &["channels:join"],
        "conversations.history" | "conversations.replies" => {
            &["channels:history", "groups:history", "im:history", "mpim:history"]
        }
        "conversations.list" | "conversations.info" | "conversations.members" | "users.conversations" => {
            &["channels:read", "groups:read", "im:read", "mpim:read"]
        }
        _ => &[],
    }
}

fn authenticate(state: &State, method: &str, token: Option<&str>) -> Result<(), Refusal> {
    let for_app = method == "apps.connections.open";
    match (token, state.app.token) {
        (None | Some(""), _) => refuse("not_authed"),
        (Some(APP_TOKEN), _) if for_app => Ok(()),
        (Some(APP_TOKEN), _) => refuse("not_allowed_token_type"),
        (Some(BOT_TOKEN), _) if for_app => refuse("not_allowed_token_type"),
        (Some(BOT_TOKEN), Token::Good) => Ok(()),
        (Some(BOT_TOKEN), Token::Revoked) => refuse("token_revoked"),
        (Some(BOT_TOKEN), Token::Inactive) => refuse("account_inactive"),
        (Some(_), Token::Good | Token::Revoked | Token::Inactive) => refuse("invalid_auth"),
    }
}

fn run(state: &mut State, method: &str, token: Option<&str>, arguments: &Arguments) -> Answer {
    authenticate(state, method, token)?;
    state.need_scope(scopes(method))?;
    let channel = arguments.text("channel").filter(|_| method == "chat.postMessage");
    let now_ms = state.now_ms();
    state.pace.count(&state.limits, method, channel, now_ms)?;
    match method {
        "apps.connections.open" => connect(state),
        "auth.test" => Ok(json!({
            "url": "https://stand-in.slack.com/", "team": "Stand-in", "user": "usher", "team_id": TEAM,
            "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": false,
        })),
        "chat.postMessage" => chat_methods::post_message(state, arguments),
        "chat.postEphemeral" => chat_methods::post_ephemeral(state, arguments),
        "chat.update" => chat_methods::update(state, arguments),
        "chat.delete" => chat_methods::delete(state, arguments),
        "chat.getPermalink" => chat_methods::permalink(state, arguments),
        "reactions.add" => chat_methods::add_reaction(state, arguments),
        "conversations.list" => conversation_methods::list(state, arguments),
        "conversations.info" => conversation_methods::info(state, arguments),
        "conversations.history" => conversation_methods::history(state, arguments),
        "conversations.replies" => conversation_methods::replies(state, arguments),
        "conversations.members" => conversation_methods::members(state, arguments),
        "conversations.open" => conversation_methods::open(state, arguments),
        "conversations.join" => conversation_methods::join(state, arguments),
        "users.conversations" => conversation_methods::of_user(state, arguments),
        "users.list" => people_methods::list(state, arguments),
        "users.info" => people_methods::info(state, arguments),
        "usergroups.list" => Ok(people_methods::groups(state, arguments)),
        "usergroups.users.list" => people_methods::group_users(state, arguments),
        "bots.info" => people_methods::bot(arguments),
        "team.info" => Ok(people_methods::team()),
        "views.open" => view_methods::open(state, arguments),
        "views.update" => view_methods::update(state, arguments),
        "views.publish" => view_methods::publish(state, arguments),
        _ => refuse("unknown_method"),
    }
}

/// Gives out the URL of a socket, with a ticket that is good once.
fn connect(state: &mut State) -> Answer {
    if !state.app.socket_mode {
        return refuse("socket_mode_not_enabled");
    }
    let ticket = state.next_id("ticket-");
    let url = format!("ws://{}/link/?ticket={ticket}", state.address);
    state.tickets.insert(ticket);
    Ok(json!({ "url": url }))
}

/// A part of a list.
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; empty if this was the last.
    pub next_cursor: String,
}

impl<T> Page<T> {
    /// Cuts the page that `arguments` ask for from `all`, which is in order of the keys; `falling` says
    /// that the order is from the last key to the first.
    pub fn cut<'a>(
        all: impl Iterator<Item = (&'a String, T)>,
        arguments: &Arguments,
        by_default: usize,
        falling: bool,
    ) -> Result<Page<T>, Refusal> {
        let limit = match arguments.number("limit") {
            None | Some(Ok(0)) => by_default,
            Some(Ok(limit @ 1..)) => usize::try_from(limit).unwrap_or(1_000).min(1_000),
            Some(Ok(_) | Err(())) => return refuse("invalid_limit"),
        };
        let after = arguments.text("cursor").map(read_cursor).transpose()?;
        let beyond = |key: &String| match &after {
            None => true,
            Some(last) if falling => key < last,
            Some(last) => key > last,
        };
        let mut found: Vec<(&String, T)> = all.filter(|(key, _)| beyond(key)).take(limit + 1).collect();
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        let next_cursor = last.map_or_else(String::new, |(key, _)| write_cursor(key));
        Ok(Page { items: found.into_iter().map(|(_, item)| item).collect(), next_cursor })
    }
}

/// Slack's cursors end with `=`: whoever puts one into a URL without encoding it is found out.
fn write_cursor(key: &str) -> String {
    format!("{}=", hex::encode(format!("after:{key}")))
}

fn read_cursor(cursor: &str) -> Result<String, Refusal> {
    let bytes = cursor.strip_suffix('=').and_then(|cursor| hex::decode(cursor).ok());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let key = text.and_then(|text| text.strip_prefix("after:").map(str::to_owned));
    key.ok_or(Refusal::Named("invalid_cursor"))
}
