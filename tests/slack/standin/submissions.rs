//! Forms as a person fills them in: Slack lets nothing through that its fields do not take.

use serde_json::{Map, Value, json};

use super::arguments::Arguments;
use super::refusals::Refusal;
use super::view_methods::checked;
use super::workspace::{View, merge};

/// How the values of each kind of element look, and what stands there while it is empty.
fn empty(kind: &str) -> Option<(&'static str, Value)> {
    Some(match kind {
        "plain_text_input" => ("value", Value::Null),
        "users_select" => ("selected_user", Value::Null),
        "datepicker" => ("selected_date", Value::Null),
        "timepicker" => ("selected_time", Value::Null),
        "static_select" | "radio_buttons" => ("selected_option", Value::Null),
        "checkboxes" | "multi_static_select" => ("selected_options", json!([])),
        _ => return None,
    })
}

/// The state of a form after `values` were filled in, `{block_id: {action_id: {…}}}`; or why that cannot be.
pub fn filled(view: &View, values: &Value) -> Result<Value, String> {
    let fields = view.content["blocks"].as_array().into_iter().flatten().filter(|b| b["type"] == "input");
    let mut state = Map::new();
    for field in fields {
        let (block, element) = (field["block_id"].as_str().unwrap_or_default(), &field["element"]);
        let action = element["action_id"].as_str().unwrap_or_default();
        let given = &values[block][action];
        let kind = element["type"].as_str().unwrap_or_default();
        let (name, nothing) = empty(kind).ok_or_else(|| format!("{block}: nobody fills in a {kind}"))?;
        let mut value = json!({"type": kind, name: nothing});
        merge(&mut value, if given.is_null() { json!({}) } else { given.clone() });
        if value[name] == nothing && field["optional"] != true {
            return Err(format!("{block}: it is required"));
        }
        if value[name] != nothing {
            fits(element, &value[name]).map_err(|why| format!("{block}: {why}"))?;
        }
        state.insert(block.to_owned(), json!({action: value}));
    }
    match values.as_object().into_iter().flatten().find(|(block, _)| !state.contains_key(*block)) {
        Some((block, _)) => Err(format!("{block}: there is no such field")),
        None => Ok(Value::Object(state)),
    }
}

fn fits(element: &Value, value: &Value) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default();
    let is_shaped = |shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                like => byte == like,
            })
    };
    match element["type"].as_str().unwrap_or_default() {
        "plain_text_input" => {
            let (most, least) = (element["max_length"].as_u64(), element["min_length"].as_u64());
            let length = text.chars().count() as u64;
            if length == 0 || length > most.unwrap_or(3_000) || length < least.unwrap_or(0) {
                return Err(format!("{length} characters do not fit"));
            }
            if text.contains('\n') && element["multiline"] != true {
                return Err("it has one line".to_owned());
            }
        }
        "datepicker" if !is_shaped("0000-00-00") => return Err(format!("{text} is no day")),
        "timepicker" if !is_shaped("00:00") => return Err(format!("{text} is no time")),
        "static_select" | "radio_buttons" => {
            let options = element["options"].as_array().into_iter().flatten();
            if !options.into_iter().any(|option| option["value"] == value["value"]) {
                return Err(format!("{value} is none of the options"));
            }
        }
        _ => {}
    }
    Ok(())
}

/// The view that an app puts in the place of the one that was sent; Slack shows an error for one that is wrong.
pub fn next(said: &Value) -> Result<Value, Refusal> {
    checked(said["view"].clone(), "modal")
}

/// Whether an app blames fields that are there.
pub fn blames(view: &View, said: &Value) -> bool {
    let has = |block: &String| {
        let blocks = view.content["blocks"].as_array().into_iter().flatten();
        blocks.into_iter().any(|field| field["type"] == "input" && field["block_id"] == block.as_str())
    };
    said["errors"].as_object().is_some_and(|errors| !errors.is_empty() && errors.keys().all(has))
}

/// The view of the arguments of a method.
pub fn of_arguments(arguments: &Arguments, kind: &str) -> Result<Value, Refusal> {
    arguments.need("view").or_else(|refusal| arguments.raw("view").map(|_| "").ok_or(refusal))?;
    checked(arguments.json("view", "invalid_arguments")?.unwrap_or_default(), kind)
}
