//! What comes with a call: in the query, in a form, or as JSON.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::refusals::{Refusal, refuse};

/// The arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Arguments(Map<String, Value>);

impl Arguments {
    /// Reads the query and the body. The body wins.
    pub fn read(query: &str, content_type: &str, body: &[u8]) -> Result<Arguments, Refusal> {
        let mut all = Map::new();
        all.extend(pairs(query.as_bytes()));
        if content_type.starts_with("application/json") {
            if !body.is_empty() {
                match serde_json::from_slice(body) {
                    Ok(Value::Object(fields)) => all.extend(fields),
                    Ok(_) | Err(_) => return refuse("invalid_json"),
                }
            }
        } else if std::str::from_utf8(body).is_err() {
            return refuse("invalid_form_data");
        } else {
            all.extend(pairs(body));
        }
        Ok(Arguments(all))
    }

    /// A value as it came.
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A string, if it is there and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A string without which nothing goes.
    pub fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| {
            let fault = format!("[ERROR] missing required field: {name}");
            Refusal::Explained("invalid_arguments", vec![fault])
        })
    }

    /// Whether a switch is on.
    pub fn on(&self, name: &str) -> bool {
        match self.raw(name) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) => text == "true" || text == "1",
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
        }
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<Result<i64, ()>> {
        self.raw(name).map(|value| match value {
            Value::Number(number) => number.as_i64().ok_or(()),
            Value::String(text) => text.parse().map_err(|_| ()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(()),
        })
    }

    /// A structure, which a form holds as a string of JSON. `wrong` is the refusal if it is none.
    pub fn json(&self, name: &str, wrong: &'static str) -> Result<Option<Value>, Refusal> {
        match self.raw(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => {
                serde_json::from_str(text).map(Some).map_err(|_| Refusal::Named(wrong))
            }
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// Takes the token out.
    pub fn take_token(&mut self) -> Option<String> {
        match self.0.remove("token") {
            Some(Value::String(token)) => Some(token),
            Some(_) | None => None,
        }
    }

    /// All of it.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

fn pairs(text: &[u8]) -> impl Iterator<Item = (String, Value)> + '_ {
    form_urlencoded::parse(text).map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
}
