//! The JSON of Matrix's events, as far as Usher reads it. What else an event holds is passed over.
//!
//! The outside of an event is made by homeservers, its content by whoever sent it: there nothing is certain, and every
//! part is read by itself, so that one that is nonsense does not take the others with it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::calendar::{DAY_MS, Instant, MINUTE_MS};
use crate::chat::word::{Word, given};

/// No id is longer than this, says the specification.
const LONGEST_ID: usize = 255;
/// A clock may go wrong by so much: what is further ahead has a time that nobody believes.
const AHEAD_MS: i64 = 5 * MINUTE_MS;
/// What was said so long before the last sync and comes only now was held up by no server: it lies about its time.
const LATE_MS: i64 = 7 * DAY_MS;

/// The outside of an event.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub event_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub sender: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub state_key: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub origin_server_ts: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub redacts: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub unsigned: Option<&'a RawValue>,
}

/// What one's own homeserver adds to an event.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Unsigned<'a> {
    #[serde(borrow, default)]
    pub transaction_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub redacted_because: Option<&'a RawValue>,
    /// Of a state event: what it replaces.
    #[serde(borrow, default)]
    pub prev_content: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "m.relations")]
    pub relations: Option<Relations<'a>>,
}

/// What came after an event and belongs to it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Relations<'a> {
    #[serde(borrow, default, rename = "m.replace")]
    pub replace: Option<&'a RawValue>,
}

/// The content of `m.room.message`, and what it is replaced with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow, default)]
    pub msgtype: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub body: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub format: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub formatted_body: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub filename: Option<Word<'a>>,
    #[serde(borrow, default, rename = "m.mentions")]
    pub mentions: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "m.relates_to")]
    pub relates_to: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "m.new_content")]
    pub new_content: Option<&'a RawValue>,
    /// See [`crate::chat::matrix::legend::KEY`].
    #[serde(borrow, default, rename = "dev.usher.action")]
    pub legend: Option<&'a RawValue>,
}

/// Of what belongs to another event: how, and to which.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Related<'a> {
    #[serde(borrow, default, rename = "m.relates_to")]
    pub relates_to: Option<&'a RawValue>,
    /// In `m.room.redaction`.
    #[serde(borrow, default)]
    pub redacts: Option<Word<'a>>,
    /// In `m.room.encrypted`.
    #[serde(borrow, default)]
    pub session_id: Option<Word<'a>>,
}

/// How an event belongs to another.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Relation<'a> {
    #[serde(borrow, default)]
    pub rel_type: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub event_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub key: Option<Word<'a>>,
    #[serde(default)]
    pub is_falling_back: Option<bool>,
    #[serde(borrow, default, rename = "m.in_reply_to")]
    pub in_reply_to: Option<InReplyTo<'a>>,
}

/// What a message answers.
#[derive(Debug, Default, Deserialize)]
pub(super) struct InReplyTo<'a> {
    #[serde(borrow, default)]
    pub event_id: Option<Word<'a>>,
}

/// Whom a message is meant to reach.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Mentions<'a> {
    #[serde(borrow, default)]
    pub user_ids: Option<Vec<Word<'a>>>,
    #[serde(default)]
    pub room: Option<bool>,
}

/// The content of a membership in a call, in the forms that clients have given it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CallMember<'a> {
    #[serde(borrow, default)]
    pub application: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub session: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub memberships: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default, rename = "m.calls")]
    pub calls: Option<Vec<&'a RawValue>>,
    /// There from the second time on that somebody says that they are still in it.
    #[serde(borrow, default)]
    pub created_ts: Option<&'a RawValue>,
}

/// The contents of the state events that say what a room is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct State<'a> {
    #[serde(borrow, default)]
    pub membership: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub displayname: Option<Word<'a>>,
    #[serde(default)]
    pub is_direct: Option<bool>,
    #[serde(borrow, default)]
    pub name: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub topic: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub alias: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub alt_aliases: Option<Vec<Word<'a>>>,
    #[serde(borrow, default)]
    pub join_rule: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub replacement_room: Option<Word<'a>>,
    #[serde(borrow, default)]
    pub predecessor: Option<Predecessor<'a>>,
}

/// The room that a room replaces.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Predecessor<'a> {
    #[serde(borrow, default)]
    pub room_id: Option<Word<'a>>,
}

/// Who may do what in a room.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PowerLevels<'a> {
    #[serde(borrow, default)]
    pub users: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow, default)]
    pub users_default: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub events: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow, default)]
    pub events_default: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub state_default: Option<&'a RawValue>,
}

impl Envelope<'_> {
    /// The type of the event.
    pub fn kind(&self) -> &str {
        given(&self.kind).unwrap_or_default()
    }
}

/// A part of an event, if it is of the shape that it should have.
pub(super) fn part<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// A number as JSON has it, or in quotes as old rooms have it; whatever is past all measure is held.
pub(super) fn number(raw: Option<&RawValue>) -> Option<i64> {
    let text = raw?.get().trim_matches('"');
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok().filter(|number: &f64| !number.is_nan())?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast of a float is held within the integer's range"
    )]
    Some(number as i64)
}

/// When something happened, as far as its time can be believed. `since` is when events were last asked for.
pub(super) fn instant(raw: Option<&RawValue>, now: Instant, since: Option<Instant>) -> Instant {
    let Some(said) = number(raw) else { return now };
    let said = Instant::from_ms(said.max(0));
    match since {
        _ if said > now.plus(AHEAD_MS) => now,
        Some(since) if said < since.plus(-LATE_MS) => since.min(now),
        Some(_) | None => said,
    }
}

fn is_id(text: &str, sign: char) -> bool {
    let fits = text.len() > 1 && text.len() <= LONGEST_ID && text.starts_with(sign);
    fits && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The id of an event. It becomes part of keys and of addresses.
pub(super) fn event_id(text: &str) -> Option<SmolStr> {
    is_id(text, '$').then(|| text.into())
}

/// The id of a room. Since version 12 of rooms it names no server.
pub(super) fn room_id(text: &str) -> Option<SmolStr> {
    is_id(text, '!').then(|| text.into())
}

/// The id of a user.
pub(super) fn user_id(text: &str) -> Option<SmolStr> {
    let has_server =
        text.split_once(':').is_some_and(|(local, server)| local.len() > 1 && !server.is_empty());
    (has_server && is_id(text, '@')).then(|| text.into())
}

/// The address of a room.
pub(super) fn alias(text: &str) -> Option<SmolStr> {
    (text.contains(':') && is_id(text, '#')).then(|| text.into())
}

/// What stands between the sign and the server in an id or an address.
pub(super) fn local(id: &str) -> &str {
    let name = id.get(1..).unwrap_or_default();
    name.split_once(':').map_or(name, |(local, _)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).expect("JSON")
    }

    #[test]
    fn the_key_of_a_legend_is_the_one_that_is_sent() {
        let json = format!(r#"{{"{}":{{}}}}"#, crate::chat::matrix::legend::KEY);
        let content: Content<'_> = serde_json::from_str(&json).expect("a content");
        assert!(content.legend.is_some());
    }

    #[test]
    fn numbers_of_every_kind_are_held() {
        for (json, number_of) in [
            ("50", Some(50)),
            ("\"50\"", Some(50)),
            ("-7", Some(-7)),
            ("1.9e3", Some(1_900)),
            ("1e300", Some(i64::MAX)),
            ("-1e300", Some(i64::MIN)),
            ("99999999999999999999", Some(i64::MAX)),
            ("null", None),
            ("[]", None),
            ("\"NaN\"", None),
            ("true", None),
        ] {
            assert_eq!(number(Some(&raw(json))), number_of, "{json}");
        }
    }

    #[test]
    fn a_time_is_believed_within_reason() {
        let now = Instant::from_ms(1_764_065_100_000);
        let since = now.plus(-MINUTE_MS);
        let ten_years = 10 * 365 * DAY_MS;
        for (said, at) in [
            (now.ms(), now),
            (now.ms() + AHEAD_MS, now.plus(AHEAD_MS)),
            (now.ms() + ten_years, now),
            (now.ms() - 3 * DAY_MS, now.plus(-3 * DAY_MS)),
            (now.ms() - ten_years, since),
            (-1, since),
            (i64::MIN, since),
            (i64::MAX, now),
        ] {
            assert_eq!(instant(Some(&raw(&said.to_string())), now, Some(since)), at, "{said}");
        }
        let long_ago = now.plus(-ten_years);
        assert_eq!(instant(Some(&raw(&long_ago.ms().to_string())), now, None), long_ago, "in history");
        assert_eq!(instant(Some(&raw("-5")), now, None), Instant::from_ms(0));
        assert_eq!(instant(None, now, None), now);
    }

    #[test]
    fn ids_are_what_matrix_makes() {
        assert!(user_id("@ana:example.org").is_some() && user_id("@a=b/c+d:[::1]:8448").is_some());
        for odd in ["", "@", "@:", "@a:", "@:b", "@ana", "ana:b", "@a b:c", "@a\n:c", "#a:b"] {
            assert_eq!(user_id(odd), None, "{odd:?}");
        }
        assert!(room_id("!old:example.org").is_some(), "with a server");
        assert!(room_id("!QtykxKocfZaZOUrTwp8lLiVuO6oVc2WJ6hHvBNQBdGk").is_some(), "and without");
        assert_eq!(event_id(&format!("${}", "x".repeat(LONGEST_ID))), None);
        assert_eq!((local("@ana:b"), local("#ops:b:80"), local("!id"), local("é")), ("ana", "ops", "id", ""));
    }
}
