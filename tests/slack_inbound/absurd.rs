//! What nobody should send: it is refused, and nothing breaks.

use proptest::prelude::*;
use serde_json::Value;
use usher::chat::slack::inbound::{Ignored, Reading, Strangers, Unreadable};
use usher::core::event::What;

use crate::kit::{acme, fixture, fixtures, read_bytes, show};

/// As what each body is read.
const KINDS: [&str; 6] = [
    "events/a.json",
    "interactive/a.json",
    "interactive/a.form",
    "commands/a.json",
    "commands/a.form",
    "history/a.json",
];

fn refused(body: &[u8]) {
    for kind in KINDS {
        let reading = read_bytes(kind, body, &acme(), Strangers::GoOn);
        assert!(matches!(reading, Reading::Unreadable(_) | Reading::Ignored(_)), "{kind}: {reading:?}");
    }
}

fn post(text: &str) -> String {
    format!(
        r#"{{"type":"event_callback","event":{{"type":"message","user":"U0ANA","channel":"C0SUPPORT","ts":"1764064800.000100","text":{text}}}}}"#
    )
}

fn event(body: &str) -> Reading {
    read_bytes("events/", body.as_bytes(), &acme(), Strangers::GoOn)
}

#[test]
fn bodies_that_are_no_payloads_are_refused() {
    for body in [
        "",
        " ",
        "null",
        "[]",
        "{}",
        "0",
        "\"\"",
        "{",
        "}",
        "a=b&c",
        "%zz=%",
        "\u{feff}{}",
        "payload={}",
        "payload=",
    ] {
        refused(body.as_bytes());
    }
    refused(b"\xff\xfe{\"type\":\"event_callback\"}");
    refused(&[0; 1_000]);
}

#[test]
fn bytes_that_are_no_text_are_refused_wherever_they_stand() {
    let mut body = fixture("events/message-posted.json").bytes;
    let at = body.windows(4).position(|four| four == b"none").expect("a field that nobody reads");
    body[at] = 0xff;
    let reading = read_bytes("events/", &body, &acme(), Strangers::GoOn);
    assert_eq!(reading, Reading::Unreadable(Unreadable::NotUtf8));
}

#[test]
fn nesting_ten_thousand_deep_does_no_harm() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        refused(deep.as_bytes());
        for place in ["text", "user", "blocks", "files", "message", "edited", "room", "channel", "unheard_of"]
        {
            let body = post("\"\"").replace("\"text\":\"\"", &format!("\"{place}\":{deep}"));
            let reading = event(&body);
            assert!(!show(&reading).is_empty(), "{place}");
        }
        refused(format!(r#"{{"type":"event_callback","event":{deep}}}"#).as_bytes());
        refused(format!(r#"{{"type":"view_submission","user":{{"id":"U0ANA"}},"view":{deep}}}"#).as_bytes());
    }
}

#[test]
fn ten_megabytes_are_refused_unread() {
    let body = post(&format!("\"{}\"", "a".repeat(10 << 20)));
    let too_long = Unreadable::TooLong { bytes: body.len() };
    assert_eq!(event(&body), Reading::Unreadable(too_long));
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for half in [r#""\ud800""#, r#""\udc00 a""#, r#""\ud83d\u0041""#] {
        assert!(matches!(event(&post(half)), Reading::Unreadable(Unreadable::Json(_))), "{half}");
    }
    assert!(matches!(event(&post(r#""\ud83d\ude00""#)), Reading::Heard(_)));
}

#[test]
fn a_field_that_comes_twice_is_refused() {
    let body = post("\"a\"").replace("\"user\":\"U0ANA\"", "\"user\":\"U0ANA\",\"user\":\"U0BEN\"");
    assert!(matches!(event(&body), Reading::Unreadable(Unreadable::Json(_))));
}

#[test]
fn numbers_past_all_measure_are_refused_or_held() {
    for number in
        ["9223372036854775808", "-9223372036854775809", "1e400", "18446744073709551616", "1.5", "\"1\""]
    {
        let body = format!(r#"{{"type":"app_rate_limited","minute_rate_limited":{number}}}"#);
        assert!(matches!(event(&body), Reading::Unreadable(_)), "{number}");
    }
    for number in ["9223372036854775807", "-9223372036854775808"] {
        let body = format!(r#"{{"type":"app_rate_limited","minute_rate_limited":{number}}}"#);
        assert!(matches!(event(&body), Reading::Heard(_)), "{number}");
    }
}

#[test]
fn times_that_are_none_are_refused() {
    for ts in [
        "",
        "-1.000100",
        "1764064800.",
        "1764064800.0000001",
        "999999999999.000100",
        "1e9",
        "0x1.0",
        "1764064800,5",
        "１.0",
    ] {
        let body = post("\"a\"").replace("1764064800.000100", ts);
        assert!(matches!(event(&body), Reading::Unreadable(_)), "{ts}");
    }
    let body = post("\"a\"").replace("1764064800.000100", "99999999999.999999");
    assert!(matches!(event(&body), Reading::Heard(_)), "the far future is for the engine to judge");
}

#[test]
fn what_was_typed_is_never_a_command_of_somebody_else() {
    for (typed, is_command) in [
        ("&lt;@U0USHER&gt; resolve", false),
        ("@usher resolve", false),
        ("<@U0USHERS> resolve", false),
        ("`<@U0USHER> resolve`", false),
        ("&gt; <@U0USHER> resolve", false),
        ("hey <@U0USHER> resolve", false),
        ("<@U0USHER> resolve", true),
        ("  <@U0USHER|usher>, resolve", true),
    ] {
        let Reading::Heard(heard) = event(&post(&format!("\"{typed}\""))) else { panic!("{typed}") };
        let is_commanded = matches!(heard.events[0].what, What::Commanded { .. });
        assert_eq!(is_commanded, is_command, "{typed}");
    }
}

#[test]
fn the_name_of_an_unknown_type_is_kept_short() {
    let body = format!(r#"{{"type":"event_callback","event":{{"type":"{}"}}}}"#, "x".repeat(10_000));
    assert_eq!(event(&body), Reading::Ignored(Ignored::Type("x".repeat(60).into())));
}

/// One thing that happens to bytes on their way.
#[derive(Clone, Debug)]
enum Mishap {
    Cut(usize),
    Flip(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Repeat(usize, usize),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let words = prop::sample::select(vec![
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "-1",
        "1e999",
        "\\ud800",
        "\\u0000",
        ",",
        ":",
        "\"",
        "}",
        "]",
        "{\"type\":",
        "\"user\":1,",
    ]);
    prop_oneof![
        any::<usize>().prop_map(Mishap::Cut),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Mishap::Flip(at, byte)),
        (any::<usize>(), words).prop_map(|(at, word)| Mishap::Insert(at, word.as_bytes().to_vec())),
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Mishap::Remove(at, length)),
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Mishap::Repeat(at, length)),
    ]
}

fn befall(bytes: &mut Vec<u8>, mishap: &Mishap) {
    let place = |at: usize, length: usize| at % (length + 1);
    let length = bytes.len();
    match mishap {
        Mishap::Cut(at) => bytes.truncate(place(*at, length)),
        Mishap::Flip(at, byte) => {
            if let Some(hit) = bytes.get_mut(place(*at, length)) {
                *hit ^= byte;
            }
        }
        Mishap::Insert(at, word) => {
            let at = place(*at, length);
            bytes.splice(at..at, word.iter().copied());
        }
        Mishap::Remove(at, count) => {
            let at = place(*at, length);
            bytes.drain(at..(at + count).min(length));
        }
        Mishap::Repeat(at, count) => {
            let at = place(*at, length);
            let again: Vec<u8> = bytes[at..(at + count).min(length)].to_vec();
            bytes.splice(at..at, again);
        }
    }
}

/// Puts another value in the place of one that a payload has.
fn swap(value: &mut Value, mut at: usize, with: &Value) {
    let count = match value {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    };
    if count == 0 || at.is_multiple_of(count + 1) {
        *value = with.clone();
        return;
    }
    let chosen = at % count;
    at /= count + 1;
    match value {
        Value::Object(fields) => {
            if let Some(field) = fields.values_mut().nth(chosen) {
                swap(field, at, with);
            }
        }
        Value::Array(items) => swap(&mut items[chosen], at, with),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check(name: &str, bytes: &[u8]) {
    for strangers in [Strangers::Ask, Strangers::GoOn] {
        let reading = read_bytes(name, bytes, &acme(), strangers);
        if let Reading::Heard(heard) = &reading {
            assert!(!(heard.events.is_empty() && heard.notices.is_empty()), "{name}: heard nothing");
            for event in &heard.events {
                assert!(event.key.starts_with("slack/T0ACME/") && event.key.len() < 600, "{}", event.key);
                assert!(!event.key.contains(|c: char| c.is_control()), "{:?}", event.key);
            }
        }
        assert!(strangers == Strangers::Ask || !matches!(reading, Reading::Learn(_)), "{name}");
        assert!(!show(&reading).contains('\0'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_happens_to_a_payload_on_its_way_nothing_breaks(
        number in any::<prop::sample::Index>(),
        mishaps in prop::collection::vec(mishap(), 1..6),
    ) {
        let fixtures = fixtures();
        let fixture = number.get(&fixtures);
        let mut bytes = fixture.bytes.clone();
        for mishap in &mishaps {
            befall(&mut bytes, mishap);
        }
        check(&fixture.name, &bytes);
    }

    #[test]
    fn whatever_stands_where_something_else_should_nothing_breaks(
        number in any::<prop::sample::Index>(),
        at in any::<usize>(),
        with in prop::sample::select(vec!["null", "[]", "{}", "0", "true", "\"\"", "\"\\u0000\"", "\"U0BEN\"", "-1.5", "[[{}]]", "\"1764064800.000100\""]),
    ) {
        let fixtures = fixtures();
        let fixture = number.get(&fixtures);
        if let Ok(mut value) = serde_json::from_slice(&fixture.bytes) {
            swap(&mut value, at, &serde_json::from_str(with).expect("JSON"));
            check(&fixture.name, value.to_string().as_bytes());
        }
    }

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        refused(&bytes);
    }
}
