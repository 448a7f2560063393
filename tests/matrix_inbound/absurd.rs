//! What nobody should send: it is refused or passed over, and nothing breaks.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher::chat::matrix::directory::Directory;
use usher::chat::matrix::inbound::{Ignored, Reading, Targets, Unreadable, read_invite, sync};
use usher::core::event::What;

use crate::kit::{NOW_MS, SAID_MS, SUPPORT, acme, event, fixture, fixtures, message, read_json, show};

fn refused(json: &str) {
    let reading = read_json(SUPPORT, json);
    assert!(matches!(reading, Reading::Unreadable(_)), "{json:.80}: {reading:?}");
}

fn with(change: impl FnOnce(&mut Value)) -> Reading {
    let mut value: Value = serde_json::from_str(&fixture("posted").json).expect("JSON");
    change(&mut value);
    read_json(SUPPORT, &value.to_string())
}

#[test]
fn what_is_no_event_is_refused() {
    for json in ["", " ", "null", "[]", "{}", "0", "\"\"", "{", "\u{feff}{}"] {
        refused(json);
    }
    refused(&format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)));
    refused(&message(&json!({ "msgtype": "m.text", "body": "a".repeat(2 << 20) })));
    for field in ["type", "event_id", "sender"] {
        let reading = with(|value| drop(value.as_object_mut().expect("an object").remove(field)));
        assert!(matches!(reading, Reading::Unreadable(Unreadable::Missing(_))), "{field}: {reading:?}");
    }
}

#[test]
fn ids_that_are_none_are_refused() {
    for (field, odd) in [
        ("event_id", json!("posted")),
        ("event_id", json!("$")),
        ("event_id", json!("$a b")),
        ("event_id", json!("$a\u{0}b")),
        ("event_id", json!(format!("${}", "x".repeat(1_000)))),
        ("event_id", json!(5)),
        ("sender", json!("@ana")),
        ("sender", json!("ana:acme.org")),
        ("sender", json!("@ana\n:acme.org")),
        ("sender", json!(["@ana:acme.org"])),
    ] {
        let reading = with(|value| value[field] = odd.clone());
        assert!(matches!(reading, Reading::Unreadable(_)), "{field} {odd}: {reading:?}");
    }
    for room in ["", "support", "!", "!a b", "#support:acme.org"] {
        let reading = read_json(room, &fixture("posted").json);
        assert_eq!(reading, Reading::Unreadable(Unreadable::Nonsense("room_id")), "{room}");
    }
}

#[test]
fn a_time_that_is_none_is_held() {
    let at = |time: &str| {
        let json = fixture("posted").json.replace(&SAID_MS.to_string(), time);
        event(read_json(SUPPORT, &json)).at.ms()
    };
    let since = NOW_MS - 30_000;
    for (time, read) in [
        ("1764064800000", SAID_MS),
        ("1764064800000.9", SAID_MS),
        ("1.7640648e12", SAID_MS),
        ("2079424800000", NOW_MS),
        ("1e300", NOW_MS),
        ("9223372036854775808", NOW_MS),
        ("-1", since),
        ("-1e300", since),
        ("0", since),
        ("1448445600000", since),
        ("null", NOW_MS),
        ("\"yesterday\"", NOW_MS),
        ("[]", NOW_MS),
        ("{}", NOW_MS),
    ] {
        assert_eq!(at(time), read, "{time}");
    }
}

#[test]
fn what_a_sender_made_up_is_passed_over_and_kept_by_nobody() {
    for content in [
        json!(null),
        json!([]),
        json!("text"),
        json!({}),
        json!({ "msgtype": "m.text" }),
        json!({ "body": "no type" }),
        json!({ "msgtype": "m.text", "body": ["a"] }),
        json!({ "msgtype": 5, "body": "a" }),
    ] {
        let reading = read_json(SUPPORT, &message(&content));
        assert!(matches!(reading, Reading::Ignored(Ignored::Nonsense(_))), "{content}: {reading:?}");
    }
    let odd_parts = json!({
        "msgtype": "m.text", "body": "heard all the same", "m.mentions": [5], "m.relates_to": "x",
        "dev.usher.action": 7, "m.new_content": [],
    });
    assert!(matches!(event(read_json(SUPPORT, &message(&odd_parts))).what, What::Posted(_)));
}

#[test]
fn half_a_surrogate_pair_and_a_field_that_comes_twice_are_no_text() {
    let half = fixture("posted").json.replace("can somebody", r"\ud800");
    assert!(matches!(read_json(SUPPORT, &half), Reading::Ignored(Ignored::Nonsense(_))));
    let twice = fixture("posted").json.replace("\"sender\":", "\"sender\": \"@ben:acme.org\", \"sender\":");
    refused(&twice);
}

#[test]
fn the_name_of_an_unknown_type_is_kept_short() {
    let reading = with(|value| value["type"] = json!("x".repeat(10_000)));
    assert_eq!(reading, Reading::Ignored(Ignored::Type("x".repeat(60).into())));
}

#[test]
fn a_sync_is_read_as_far_as_it_is_one() {
    let posted: Value = serde_json::from_str(&fixture("posted").json).expect("JSON");
    let body = json!({
        "next_batch": "s2", "account_data": { "events": [{}] }, "presence": {}, "to_device": 5,
        "rooms": {
            "join": { SUPPORT: {
                "timeline": { "events": [posted, 5], "limited": true, "prev_batch": "p1" },
                "ephemeral": { "events": [] }, "unread_notifications": {},
            } },
            "invite": { "!x:acme.org": { "invite_state": { "events": [{}] } } },
            "knock": {},
        },
    })
    .to_string();
    let read = sync::read(&body).expect("a sync");
    let support = &read.rooms.join[SUPPORT];
    assert_eq!((&*read.next_batch, support.timeline.limited), ("s2", true));
    assert_eq!(support.timeline.prev_batch.as_deref(), Some("p1"));
    assert!(matches!(read_json(SUPPORT, support.timeline.events[0].get()), Reading::Heard(_)));
    refused(support.timeline.events[1].get());
    assert_eq!(read.rooms.invite.len(), 1);
    assert!(sync::read(r#"{"next_batch":"s3"}"#).expect("nothing new").rooms.join.is_empty());
    assert!(sync::read("{}").is_err() && sync::read("[]").is_err() && sync::read("").is_err());
}

/// One thing that happens to a text on its way.
#[derive(Clone, Debug)]
enum Mishap {
    Cut(usize),
    Insert(usize, &'static str),
    Remove(usize, usize),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let words = prop::sample::select(vec![
        "null",
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
        "@",
        "<a href=",
        "<",
        "&#x1F4A9;",
        "> ",
        "`",
        "é",
        "!usher ",
    ]);
    prop_oneof![
        any::<usize>().prop_map(Mishap::Cut),
        (any::<usize>(), words).prop_map(|(at, word)| Mishap::Insert(at, word)),
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Mishap::Remove(at, length)),
    ]
}

fn befall(text: &mut String, mishap: &Mishap) {
    let place = |at: usize, text: &str| text.floor_char_boundary(at % (text.len() + 1));
    match mishap {
        Mishap::Cut(at) => text.truncate(place(*at, text)),
        Mishap::Insert(at, word) => text.insert_str(place(*at, text), word),
        Mishap::Remove(at, count) => {
            let at = place(*at, text);
            let end = text.floor_char_boundary((at + count).min(text.len()));
            text.replace_range(at..end, "");
        }
    }
}

/// Puts another value in the place of one that an event has.
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

fn check(room: &str, json: &str) {
    let reading = read_json(room, json);
    if let Reading::Heard(heard) = &reading {
        assert!(!(heard.events.is_empty() && heard.notices.is_empty()), "heard nothing: {json}");
        for event in &heard.events {
            assert!(event.key.starts_with("matrix/") && event.key.len() < 1_000, "{}", event.key);
            assert!(!event.key.contains(|c: char| c.is_control()), "{:?}", event.key);
        }
    }
    assert!(!show(&reading).contains('\0'));
    let mut directory = acme();
    directory.learn(room, json);
    assert!(directory.told(room, usher::calendar::Instant::from_ms(0)).len() < 100);
    let mut targets = Targets::default();
    targets.learn_event(room, json, "@usher:acme.org");
    drop(read_invite(room, [json], "@usher:acme.org"));
}

fn html() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<br>",
        "<code>",
        "</code>",
        "<pre>",
        "</pre>",
        "<blockquote>",
        "</blockquote>",
        "<ul>",
        "<ol>",
        "<li>",
        "</ul>",
        "</ol>",
        "<mx-reply>",
        "</mx-reply>",
        "<a href='https://matrix.to/#/@ben:acme.org'>",
        "<a href=\"https://a.example\">",
        "</a>",
        "<img alt='@ben'>",
        "@Ben",
        "@ben:acme.org",
        "@platform",
        " ",
        "\n",
        "`",
        "```",
        "> ",
        "&lt;",
        "&#0;",
        "text",
        "é😀",
        "!usher ",
        "<!--",
        "-->",
        "<![CDATA[",
        "<a",
        "\0",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_happens_to_an_event_on_its_way_nothing_breaks(
        number in any::<prop::sample::Index>(),
        mishaps in prop::collection::vec(mishap(), 1..6),
    ) {
        let fixtures = fixtures();
        let fixture = number.get(fixtures);
        let mut json = fixture.json.clone();
        for mishap in &mishaps {
            befall(&mut json, mishap);
        }
        check(&fixture.room, &json);
    }

    #[test]
    fn whatever_stands_where_something_else_should_nothing_breaks(
        number in any::<prop::sample::Index>(),
        at in any::<usize>(),
        with in prop::sample::select(vec![
            "null", "[]", "{}", "0", "true", "\"\"", "\"\\u0000\"", "\"@ben:acme.org\"", "-1.5", "[[{}]]",
            "\"$posted\"", "{\"event_id\":\"$posted\"}", "1e300", "\"!usher why\"",
        ]),
    ) {
        let fixtures = fixtures();
        let fixture = number.get(fixtures);
        let mut value = serde_json::from_str(&fixture.json).expect("JSON");
        swap(&mut value, at, &serde_json::from_str(with).expect("JSON"));
        check(&fixture.room, &value.to_string());
    }

    #[test]
    fn any_html_is_read(html in html()) {
        let content = json!({
            "msgtype": "m.text", "body": html, "format": "org.matrix.custom.html", "formatted_body": html,
        });
        check(SUPPORT, &message(&content));
        check(SUPPORT, &message(&json!({ "msgtype": "m.text", "body": html })));
        check("!direct:acme.org", &message(&content));
    }

    #[test]
    fn any_text_is_refused_or_read(text in ".{0,200}") {
        refused(&text);
        drop(sync::read(&text));
        Directory::new("@usher:acme.org".into()).learn(SUPPORT, &text);
    }
}
