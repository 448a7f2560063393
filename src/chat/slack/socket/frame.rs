//! What Slack says on a socket, and what is said back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::chat::slack::intake::Kind;

/// A message of a socket.
#[derive(Debug)]
pub(super) enum Frame<'f> {
    /// The connection is ready for envelopes.
    Hello,
    /// The connection will be closed, or has to be given up; why, in Slack's words.
    Disconnect(Cow<'f, str>),
    /// Something to take and to acknowledge.
    Envelope(Envelope<'f>),
    /// Something that no one has to acknowledge and that says nothing to us.
    Other,
}

/// Something to take and to acknowledge.
#[derive(Debug)]
pub(super) struct Envelope<'f> {
    pub id: Cow<'f, str>,
    pub kind: Kind,
    /// The payload; of an unknown kind, and without one, the whole message.
    pub payload: &'f str,
    /// Whether the acknowledgement may carry an answer.
    pub takes_answer: bool,
}

#[derive(Deserialize)]
struct Written<'f> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'f, str>>,
    #[serde(borrow, default)]
    envelope_id: Option<Cow<'f, str>>,
    #[serde(borrow, default)]
    payload: Option<&'f RawValue>,
    #[serde(default)]
    accepts_response_payload: Option<bool>,
    #[serde(borrow, default)]
    reason: Option<Cow<'f, str>>,
}

/// Reads a message. What is no JSON of that shape asks for nothing.
pub(super) fn read(text: &str) -> Frame<'_> {
    let Ok(written) = serde_json::from_str::<Written<'_>>(text) else { return Frame::Other };
    let kind = written.kind.as_deref().unwrap_or_default();
    match (kind, written.envelope_id) {
        ("hello", _) => Frame::Hello,
        ("disconnect", _) => Frame::Disconnect(written.reason.unwrap_or_default()),
        (_, None) => Frame::Other,
        (kind, Some(id)) => {
            let known = match kind {
                "events_api" => Kind::Event,
                "interactive" => Kind::Interaction,
                "slash_commands" => Kind::Command,
                _ => Kind::Unknown,
            };
            let payload = written.payload.filter(|_| known != Kind::Unknown);
            let kind = if payload.is_some() { known } else { Kind::Unknown };
            let takes_answer = written.accepts_response_payload == Some(true);
            Frame::Envelope(Envelope { id, kind, payload: payload.map_or(text, RawValue::get), takes_answer })
        }
    }
}

#[derive(Serialize)]
struct Acknowledgement<'a> {
    envelope_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
}

/// What acknowledges an envelope.
pub(super) fn acknowledgement(envelope_id: &str, payload: Option<&RawValue>) -> String {
    serde_json::to_string(&Acknowledgement { envelope_id, payload }).expect("a string and JSON are JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_slack_says_is_told_apart() {
        assert!(matches!(read(r#"{"type":"hello","num_connections":1}"#), Frame::Hello));
        let Frame::Disconnect(why) = read(r#"{"type":"disconnect","reason":"refresh_requested"}"#) else {
            panic!("a disconnect")
        };
        assert_eq!(why, "refresh_requested");
        let text = r#"{"envelope_id":"e1","type":"slash_commands","accepts_response_payload":true,
            "payload":{"command":"/usher"}}"#;
        let Frame::Envelope(envelope) = read(text) else { panic!("an envelope") };
        assert_eq!((&*envelope.id, envelope.kind, envelope.takes_answer), ("e1", Kind::Command, true));
        assert_eq!(envelope.payload, r#"{"command":"/usher"}"#);
    }

    #[test]
    fn what_is_not_known_is_kept_whole_and_what_is_no_message_asks_for_nothing() {
        for text in [
            r#"{"envelope_id":"e2","type":"new_thing","payload":{}}"#,
            r#"{"envelope_id":"e2","type":"events_api"}"#,
        ] {
            let Frame::Envelope(envelope) = read(text) else { panic!("an envelope") };
            assert_eq!((envelope.kind, envelope.payload), (Kind::Unknown, text));
        }
        for text in ["", "ping", "[]", r#"{"type":"events_api","payload":{}}"#, r#"{"type":7}"#] {
            assert!(matches!(read(text), Frame::Other), "{text}");
        }
    }

    #[test]
    fn an_acknowledgement_carries_an_answer_or_none() {
        assert_eq!(acknowledgement("e\"1", None), r#"{"envelope_id":"e\"1"}"#);
        let answer = RawValue::from_string(r#"{"text":"hi"}"#.to_owned()).unwrap();
        assert_eq!(acknowledgement("e1", Some(&answer)), r#"{"envelope_id":"e1","payload":{"text":"hi"}}"#);
    }
}
