//! Syncs: which events Usher was told of, and which it has taken.

use reqwest::Url;
use serde_json::{Value, json};

use super::State;

/// Whether a path is that of a sync.
pub fn is_sync(path: &str) -> bool {
    path.split('?').next().is_some_and(|path| path.ends_with("/sync"))
}

/// Usher asks for what comes next: it has taken what it was told.
pub fn asked(state: &mut State, path: &str) {
    // Whoever begins anew is told of everything again.
    if path.contains("since=") {
        let told = std::mem::take(&mut state.told);
        state.taken.extend(told);
        state.keys.1 = state.keys.0;
    }
}

/// The same request, for at most so many events of each room.
pub fn limited(path: &str, most: u64) -> String {
    let mut url = Url::parse("http://localhost").unwrap().join(path).unwrap();
    let (filters, others): (Vec<_>, Vec<_>) =
        url.query_pairs().into_owned().partition(|(name, _)| name == "filter");
    let filter = filters.first().and_then(|(_, filter)| serde_json::from_str(filter).ok());
    let mut filter: Value = filter.filter(Value::is_object).unwrap_or_else(|| json!({}));
    filter["room"]["timeline"]["limit"] = most.into();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("filter", &filter.to_string());
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

fn timelines(told: &mut Value) -> impl Iterator<Item = &mut Vec<Value>> {
    let rooms = told["rooms"]["join"].as_object_mut();
    rooms.into_iter().flat_map(|rooms| {
        rooms.values_mut().filter_map(|room| room.get_mut("timeline")?.get_mut("events")?.as_array_mut())
    })
}

/// Loses the events of a sync, or turns their order round, if that is wanted.
pub fn arrange(state: &mut State, told: &mut Value, swallows: bool) {
    if told["rooms"]["join"].as_object().is_none() {
        return;
    }
    if swallows {
        timelines(told).for_each(Vec::clear);
    }
    if std::mem::take(&mut state.turned) {
        timelines(told).for_each(|events| events.reverse());
    }
}

/// Notes of which events Usher was told.
pub fn told(state: &mut State, told: &Value, is_sync: bool) {
    collect(told, &mut |event| {
        state.told.insert(event.to_owned());
    });
    if is_sync {
        state.keys.0 += told["to_device"]["events"].as_array().map_or(0, Vec::len);
    }
}

fn collect(told: &Value, take: &mut impl FnMut(&str)) {
    match told {
        Value::Array(values) => values.iter().for_each(|value| collect(value, take)),
        Value::Object(fields) => {
            let is_event = fields.contains_key("origin_server_ts");
            if let Some(event) = fields.get("event_id").and_then(Value::as_str).filter(|_| is_event) {
                take(event);
            }
            fields.values().for_each(|value| collect(value, take));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
