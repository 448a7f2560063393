//! `users.*`, `usergroups.*`, `bots.info`, `team.info`.

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::refusals::{Answer, Refusal, refuse};
use super::state::{APP, BOT, BOT_USER, State, TEAM};
use super::web_api::Page;
use super::workspace::User;

/// A user, with the address if the scopes allow it.
fn shown(state: &State, user: &User) -> Value {
    let mut shown = user.to_json(TEAM);
    if state.app.scopes.contains("users:read.email") && !user.is_bot {
        shown["profile"]["email"] = format!("{}@example.org", user.name).into();
    }
    shown
}

/// `users.list`.
pub fn list(state: &State, arguments: &Arguments) -> Answer {
    let page = Page::cut(state.users.iter(), arguments, 1_000, false)?;
    let members: Vec<Value> = page.items.into_iter().map(|user| shown(state, user)).collect();
    let metadata = json!({"next_cursor": page.next_cursor});
    Ok(json!({"members": members, "cache_ts": state.now_ms() / 1_000, "response_metadata": metadata}))
}

/// `users.info`.
pub fn info(state: &State, arguments: &Arguments) -> Answer {
    let user = state.users.get(arguments.need("user")?).ok_or(Refusal::Named("user_not_found"))?;
    Ok(json!({"user": shown(state, user)}))
}

/// `usergroups.list`.
pub fn groups(state: &State, arguments: &Arguments) -> Value {
    let shown = state.groups.values().map(|group| {
        let mut shown = json!({
            "id": group.id, "team_id": TEAM, "is_usergroup": true, "name": group.handle, "handle": group.handle,
            "user_count": group.users.len(), "date_delete": 0,
        });
        if arguments.on("include_users") {
            shown["users"] = json!(group.users);
        }
        shown
    });
    json!({"usergroups": shown.collect::<Vec<_>>()})
}

/// `usergroups.users.list`.
pub fn group_users(state: &State, arguments: &Arguments) -> Answer {
    let group = state.groups.get(arguments.need("usergroup")?).ok_or(Refusal::Named("no_such_subteam"))?;
    Ok(json!({"users": group.users}))
}

/// `bots.info`.
pub fn bot(arguments: &Arguments) -> Answer {
    if arguments.text("bot").is_some_and(|bot| bot != BOT) {
        return refuse("not_found");
    }
    Ok(json!({"bot": {"id": BOT, "deleted": false, "name": "usher", "app_id": APP, "user_id": BOT_USER}}))
}

/// `team.info`.
pub fn team() -> Value {
    json!({"team": {"id": TEAM, "name": "Stand-in", "domain": "stand-in", "email_domain": "", "icon": {}}})
}
