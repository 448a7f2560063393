//! `views.*`: forms and homes.

use serde_json::{Value, json};

use super::acts::with_block_ids;
use super::arguments::Arguments;
use super::blocks::{self, Surface};
use super::refusals::{Answer, Refusal, refuse};
use super::state::{APP, BOT, State, TEAM};
use super::submissions::of_arguments;
use super::workspace::{View, merge};

/// The most bytes of a view.
const MOST_BYTES: usize = 250_000;

/// A view, checked. What is wrong with it is an invalid argument.
pub fn checked(mut view: Value, kind: &str) -> Result<Value, Refusal> {
    if view.to_string().len() > MOST_BYTES {
        return refuse("view_too_large");
    }
    let mut faults = Vec::new();
    let mut fault = |what: &str, at: &str| faults.push(format!("[ERROR] {what} [json-pointer:/view/{at}]"));
    if view["type"] != kind {
        fault(&format!("must be equal to \"{kind}\""), "type");
    }
    let words = |field: &str| view[field]["text"].as_str().map_or(0, |text| text.chars().count());
    for field in ["title", "submit", "close"] {
        if words(field) > 24 {
            fault("must be less than 25 characters", &format!("{field}/text"));
        }
    }
    if kind == "modal" && words("title") == 0 {
        fault("missing required field: title", "title");
    }
    let has_input = view["blocks"].as_array().is_some_and(|list| list.iter().any(|b| b["type"] == "input"));
    if kind == "modal" && has_input && words("submit") == 0 {
        fault("must define `submit` to use an `input` block in modals", "submit");
    }
    for (field, most) in [("private_metadata", 3_000), ("callback_id", 255), ("external_id", 255)] {
        if view[field].as_str().is_some_and(|text| text.chars().count() > most) {
            fault(&format!("must be less than {} characters", most + 1), field);
        }
    }
    match blocks::check(&view["blocks"], Surface::View) {
        Ok(()) => {}
        Err(Refusal::Explained(_, more)) => faults.extend(more),
        Err(Refusal::Named(_) | Refusal::MissingScope { .. } | Refusal::TooFast { .. }) => {
            faults.push("[ERROR] missing required field: blocks [json-pointer:/view/blocks]".to_owned());
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Explained("invalid_arguments", faults));
    }
    view["blocks"] = with_block_ids(view["blocks"].take());
    Ok(view)
}

/// A view as Slack shows it to the app.
pub fn view_json(view: &View, values: &Value) -> Value {
    let mut shown = json!({
        "private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": false,
        "notify_on_close": false, "submit": null, "close": null, "previous_view_id": null,
    });
    merge(&mut shown, view.content.clone());
    let own = json!({
        "id": view.id, "hash": view.hash, "team_id": TEAM, "app_id": APP, "bot_id": BOT, "root_view_id": view.id,
        "state": {"values": values},
    });
    merge(&mut shown, own);
    shown
}

/// Uses up a trigger; who pulled it.
fn pull(state: &mut State, id: &str) -> Result<String, Refusal> {
    let now_ms = state.now_ms();
    let trigger = state.triggers.get_mut(id).ok_or(Refusal::Named("invalid_trigger_id"))?;
    if trigger.used {
        return refuse("exchanged_trigger_id");
    }
    if now_ms > trigger.until_ms {
        return refuse("expired_trigger_id");
    }
    trigger.used = true;
    Ok(trigger.user.clone())
}

/// `views.open`.
pub fn open(state: &mut State, arguments: &Arguments) -> Answer {
    let trigger = arguments.need("trigger_id")?.to_owned();
    let content = of_arguments(arguments, "modal")?;
    let external = content["external_id"].as_str().filter(|id| !id.is_empty());
    if external.is_some_and(|id| state.views.values().any(|view| view.content["external_id"] == id)) {
        return refuse("duplicate_external_id");
    }
    let user = pull(state, &trigger)?;
    let (id, hash) = (state.next_id("V"), state.next_id("hash-"));
    let view = View { id: id.clone(), user, hash, content, open: true };
    let shown = view_json(&view, &json!({}));
    state.views.insert(id, view);
    Ok(json!({ "view": shown }))
}

/// Replaces what a view says, unless somebody else did meanwhile.
fn put(state: &mut State, view: &View, content: Value, arguments: &Arguments) -> Result<View, Refusal> {
    if arguments.text("hash").is_some_and(|hash| hash != view.hash) {
        return refuse("hash_conflict");
    }
    Ok(View { content, hash: state.next_id("hash-"), ..view.clone() })
}

/// `views.update`.
pub fn update(state: &mut State, arguments: &Arguments) -> Answer {
    let content = of_arguments(arguments, "modal")?;
    let found = match (arguments.text("view_id"), arguments.text("external_id")) {
        (Some(id), _) => state.views.get(id),
        (None, Some(id)) => state.views.values().find(|view| view.content["external_id"] == id),
        (None, None) => None,
    };
    let Some(old) = found.filter(|view| view.open).cloned() else { return refuse("not_found") };
    let view = put(state, &old, content, arguments)?;
    let shown = view_json(&view, &json!({}));
    state.views.insert(view.id.clone(), view);
    Ok(json!({ "view": shown }))
}

/// `views.publish`.
pub fn publish(state: &mut State, arguments: &Arguments) -> Answer {
    let user = arguments.need("user_id")?.to_owned();
    if !state.app.home_tab {
        return refuse("not_enabled");
    }
    let content = of_arguments(arguments, "home")?;
    if !state.users.contains_key(&user) {
        return refuse("user_not_found");
    }
    let known = state.homes.get(&user).cloned();
    let view = match known {
        Some(old) => put(state, &old, content, arguments)?,
        None => {
            let (id, hash) = (state.next_id("V"), state.next_id("hash-"));
            View { id, user: user.clone(), hash, content, open: true }
        }
    };
    let shown = view_json(&view, &json!({}));
    state.homes.insert(user, view);
    Ok(json!({ "view": shown }))
}
