//! Each refusal is given where Slack gives it, and none is in the list that is never given.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::caller::{call, call_as, error};
use crate::standin::faults::Limits;
use crate::standin::refusals::NAMES;
use crate::standin::state::{APP_TOKEN, BOT_TOKEN, BOT_USER, Token};
use crate::standin::{Channel, Kind, Settings, Standin};

const CHANNEL: &str = "C0GENERAL";

async fn with_bot() -> Standin {
    let standin = Standin::start().await;
    standin.invite_bot(CHANNEL, "U0ANA");
    standin
}

/// A section of text.
pub fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
}

/// A button that says "Go".
pub fn button(action_id: &str) -> Value {
    json!({"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Go"}})
}

/// A row of elements.
pub fn actions(elements: &[Value]) -> Value {
    json!({"type": "actions", "elements": elements})
}

fn post(more: &Value) -> Value {
    let mut arguments = json!({"channel": CHANNEL, "text": "x"});
    crate::standin::workspace::merge(&mut arguments, more.clone());
    arguments
}

fn modal(blocks: &Value) -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    json!({"type": "modal", "title": plain("Why"), "submit": plain("Send"), "blocks": blocks})
}

/// Every call that is refused, and how.
#[tokio::test]
async fn every_refusal_is_given() {
    let mut met = BTreeSet::new();
    let parts =
        [tokens().await, places().await, words().await, lists().await, threads().await, views().await];
    for (what, expected, found) in parts.concat() {
        assert_eq!(found, expected, "{what}");
        met.insert(expected);
    }
    let never: Vec<&str> = NAMES.into_iter().filter(|name| !met.contains(name)).collect();
    assert_eq!(never, Vec::<&str>::new(), "in the list, and met by nobody");
}

type Cases = Vec<(String, &'static str, String)>;

async fn meet(standin: &Standin, cases: &[(&str, Value, &'static str)]) -> Cases {
    let mut found = Vec::new();
    for (method, arguments, expected) in cases {
        let shown: String = arguments.to_string().chars().take(120).collect();
        found.push((format!("{method} {shown}"), *expected, error(standin, method, arguments.clone()).await));
    }
    found
}

async fn tokens() -> Cases {
    let standin = with_bot().await;
    let mut found = Vec::new();
    for (token, method, expected) in [
        ("", "auth.test", "not_authed"),
        ("xoxb-other", "auth.test", "invalid_auth"),
        (APP_TOKEN, "auth.test", "not_allowed_token_type"),
        (BOT_TOKEN, "apps.connections.open", "not_allowed_token_type"),
        (BOT_TOKEN, "chat.shout", "unknown_method"),
    ] {
        let body = call_as(&standin, token, method, json!({})).await.unwrap().body;
        found.push((format!("{method} as {token:?}"), expected, body["error"].as_str().unwrap().to_owned()));
    }
    standin.revoke_scope("chat:write");
    let body = call(&standin, "chat.postMessage", post(&json!({}))).await;
    assert_eq!((&body["error"], &body["needed"]), (&json!("missing_scope"), &json!("chat:write")));
    assert!(body["provided"].as_str().unwrap().contains("channels:read,"));
    found.extend(meet(&standin, &[("chat.postMessage", post(&json!({})), "missing_scope")]).await);
    standin.add_channel(Channel::new("C0SECRET", "secret", Kind::Private, &[BOT_USER]));
    standin.set_scopes("channels:history channels:read");
    let secret = json!({"channel": "C0SECRET"});
    found.extend(meet(&standin, &[("conversations.history", secret, "missing_scope")]).await);
    for (token, expected) in [(Token::Revoked, "token_revoked"), (Token::Inactive, "account_inactive")] {
        standin.set_token(token);
        found.extend(meet(&standin, &[("auth.test", json!({}), expected)]).await);
    }
    standin.shared.change(|state| state.app.socket_mode = false);
    let body = call_as(&standin, APP_TOKEN, "apps.connections.open", json!({})).await.unwrap().body;
    found.push((
        "no sockets".to_owned(),
        "socket_mode_not_enabled",
        body["error"].as_str().unwrap().to_owned(),
    ));
    found
}

async fn places() -> Cases {
    let standin = with_bot().await;
    standin.add_channel(Channel::new("C0OTHER", "other", Kind::Public, &["U0ANA"]));
    standin.add_channel(Channel::new("C0SECRET", "secret", Kind::Private, &["U0ANA"]));
    standin.add_channel(Channel::new("C0MINE", "mine", Kind::Private, &["U0ANA", BOT_USER]));
    standin.add_channel(Channel::new("C0OLD", "old", Kind::Public, &[BOT_USER]));
    standin.archive("C0OLD", true);
    let ts = standin.post("U0ANA", CHANNEL, "hers");
    let to = |channel: &str| json!({"channel": channel, "text": "x"});
    let at = json!({"channel": CHANNEL, "ts": ts, "text": "x"});
    let nowhere = json!({"channel": CHANNEL, "ts": "1.000001", "text": "x"});
    let hint = |user: &str| json!({"channel": CHANNEL, "user": user, "text": "x"});
    let react = |name: &str| json!({"channel": CHANNEL, "timestamp": ts, "name": name});
    meet(
        &standin,
        &[
            ("chat.postMessage", json!({"text": "x"}), "invalid_arguments"),
            ("chat.postMessage", to("C0NONE"), "channel_not_found"),
            ("chat.postMessage", to("C0SECRET"), "channel_not_found"),
            ("chat.postMessage", to("C0OTHER"), "not_in_channel"),
            ("chat.postMessage", to("C0OLD"), "is_archived"),
            ("chat.postMessage", to("U0ANA"), "ok"),
            ("chat.postMessage", to("#general"), "ok"),
            ("conversations.history", json!({"channel": "C0OTHER"}), "not_in_channel"),
            ("conversations.info", json!({"channel": "C0SECRET"}), "channel_not_found"),
            ("conversations.join", json!({"channel": "C0MINE"}), "method_not_supported_for_channel_type"),
            ("conversations.join", json!({"channel": "C0OLD"}), "is_archived"),
            ("conversations.join", json!({"channel": "C0OTHER"}), "ok"),
            ("conversations.open", json!({"users": "U0NONE"}), "user_not_found"),
            ("conversations.open", json!({"users": "U0ANA,U0BEN"}), "ok"),
            ("chat.update", at.clone(), "cant_update_message"),
            ("chat.update", nowhere.clone(), "message_not_found"),
            ("chat.delete", at, "cant_delete_message"),
            ("chat.delete", nowhere, "message_not_found"),
            ("chat.postEphemeral", hint("U0NONE"), "user_not_found"),
            ("chat.postEphemeral", hint(BOT_USER), "ok"),
            (
                "chat.postEphemeral",
                json!({"channel": "C0MINE", "user": "U0BEN", "text": "x"}),
                "user_not_in_channel",
            ),
            ("reactions.add", react("EYES!"), "invalid_name"),
            ("reactions.add", react("eyes"), "ok"),
            ("reactions.add", react("eyes"), "already_reacted"),
            ("users.info", json!({"user": "U0NONE"}), "user_not_found"),
            ("usergroups.users.list", json!({"usergroup": "S0NONE"}), "no_such_subteam"),
            ("bots.info", json!({"bot": "B0NONE"}), "not_found"),
        ],
    )
    .await
}

async fn words() -> Cases {
    let standin = with_bot().await;
    let own = call(&standin, "chat.postMessage", post(&json!({}))).await["ts"].clone();
    let update = |text: String| json!({"channel": CHANNEL, "ts": own, "text": text});
    let metadata = |value: Value| post(&json!({ "metadata": value }));
    let large = json!({"event_type": "usher", "event_payload": {"all": "a".repeat(20_000)}});
    let texts = |count: usize, length: usize| {
        post(&json!({"blocks": (0..count).map(|_| section(&"a".repeat(length))).collect::<Vec<_>>()}))
    };
    let mut found = meet(
        &standin,
        &[
            ("chat.postMessage", json!({"channel": CHANNEL}), "no_text"),
            ("chat.postMessage", json!({"channel": CHANNEL, "text": "", "blocks": []}), "no_text"),
            ("chat.postMessage", post(&json!({"text": "é".repeat(40_000)})), "ok"),
            ("chat.postMessage", post(&json!({"text": "é".repeat(40_001)})), "msg_too_long"),
            ("chat.update", update("é".repeat(4_000)), "ok"),
            ("chat.update", update("é".repeat(4_001)), "msg_too_long"),
            ("chat.postMessage", post(&json!({"blocks": "[not json"})), "invalid_blocks_format"),
            ("chat.postMessage", post(&json!({"blocks": {"type": "divider"}})), "invalid_blocks_format"),
            ("chat.postMessage", texts(1, 3_001), "invalid_blocks"),
            ("chat.postMessage", texts(4, 3_000), "ok"),
            ("chat.postMessage", texts(5, 3_000), "msg_blocks_too_long"),
            ("chat.postMessage", metadata(json!({"event_type": "usher"})), "invalid_metadata_format"),
            ("chat.postMessage", metadata(json!("{")), "invalid_metadata_format"),
            ("chat.postMessage", metadata(large), "metadata_too_large"),
        ],
    )
    .await;
    let odd = metadata(json!({"event_type": "usher.action", "event_payload": {}}));
    let body = call(&standin, "chat.postMessage", odd).await;
    assert_eq!((&body["ok"], &body["message"]["metadata"]), (&json!(true), &Value::Null), "left out");
    found.push((
        "metadata".to_owned(),
        "invalid_metadata_schema",
        body["warning"].as_str().unwrap().to_owned(),
    ));
    for (kind, bytes, expected) in [
        ("application/json", b"[1]".to_vec(), "invalid_json"),
        ("application/x-www-form-urlencoded", vec![0xff, b'='], "invalid_form_data"),
    ] {
        let url = format!("{}/chat.postMessage", standin.api_url());
        let call =
            reqwest::Client::new().post(url).bearer_auth(BOT_TOKEN).header("content-type", kind).body(bytes);
        let body: Value = serde_json::from_str(&call.send().await.unwrap().text().await.unwrap()).unwrap();
        found.push((kind.to_owned(), expected, body["error"].as_str().unwrap().to_owned()));
    }
    found
}

async fn lists() -> Cases {
    let standin = with_bot().await;
    let a_minute = [("users.list".to_owned(), 3)].into();
    standin.limit(Limits { channel_gap_ms: Some(60_000), a_minute });
    let mut found = meet(
        &standin,
        &[
            ("users.list", json!({"cursor": "nonsense"}), "invalid_cursor"),
            ("users.list", json!({"limit": "many"}), "invalid_limit"),
            ("users.list", json!({"limit": -1}), "invalid_limit"),
            ("users.list", json!({}), "ratelimited"),
            ("conversations.list", json!({"types": "public_channel,secret"}), "invalid_types"),
            ("conversations.history", json!({"channel": CHANNEL, "latest": "now"}), "invalid_ts_latest"),
            ("chat.postMessage", post(&json!({})), "ok"),
            ("chat.postMessage", post(&json!({})), "ratelimited"),
            ("chat.postMessage", json!({"channel": "U0ANA", "text": "elsewhere"}), "ok"),
        ],
    )
    .await;
    let limited = call_as(&standin, BOT_TOKEN, "users.list", json!({})).await.unwrap();
    let seconds: u64 = limited.retry_after.unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    found.push((
        "status".to_owned(),
        "ratelimited",
        if limited.status == 429 { "ratelimited" } else { "?" }.into(),
    ));
    found
}

async fn threads() -> Cases {
    let standin = with_bot().await;
    let lost = json!({"channel": CHANNEL, "ts": "1.000001"});
    meet(
        &standin,
        &[
            ("conversations.replies", lost, "thread_not_found"),
            ("chat.postMessage", post(&json!({"thread_ts": "1.000001"})), "thread_not_found"),
        ],
    )
    .await
}

async fn views() -> Cases {
    let settings = Settings { trigger_lives_ms: -1, ..Settings::default() };
    let late = Standin::start_with(settings).await;
    let trigger = |standin: &Standin| standin.shared.change(|state| state.trigger("U0ANA"));
    let open = |trigger: &str, view: Value| json!({"trigger_id": trigger, "view": view});
    let plain = modal(&json!([section("x")]));
    let expired = open(&trigger(&late), plain.clone());
    let mut found = meet(&late, &[("views.open", expired, "expired_trigger_id")]).await;
    let standin = with_bot().await;
    let [first, second, third, fourth] = [(); 4].map(|()| trigger(&standin));
    let mut named = plain.clone();
    named["external_id"] = "one".into();
    let huge = modal(&Value::from((0..100).map(|_| section(&"a".repeat(2_900))).collect::<Vec<_>>()));
    let many = json!({"type": "home", "blocks": vec![json!({"type": "divider"}); 101]});
    let home = json!({"type": "home", "blocks": [section("x")]});
    let publish = |user: &str, hash: &str| json!({"user_id": user, "view": home, "hash": hash});
    found.extend(
        meet(
            &standin,
            &[
                ("views.open", open("1.2.3", plain.clone()), "invalid_trigger_id"),
                ("views.open", open(&first, named.clone()), "ok"),
                ("views.open", open(&first, plain.clone()), "exchanged_trigger_id"),
                ("views.open", open(&second, named.clone()), "duplicate_external_id"),
                ("views.open", open(&third, home.clone()), "invalid_arguments"),
                ("views.open", open(&fourth, huge), "view_too_large"),
                ("views.open", json!({"trigger_id": fourth}), "invalid_arguments"),
                ("views.update", json!({"view_id": "V0NONE", "view": plain}), "not_found"),
                (
                    "views.update",
                    json!({"external_id": "one", "view": named, "hash": "old"}),
                    "hash_conflict",
                ),
                ("views.update", json!({"external_id": "one", "view": named}), "ok"),
                ("views.publish", json!({"user_id": "U0ANA", "view": many}), "invalid_arguments"),
                ("views.publish", publish("U0NONE", ""), "user_not_found"),
                ("views.publish", publish("U0ANA", ""), "ok"),
                ("views.publish", publish("U0ANA", "old"), "hash_conflict"),
            ],
        )
        .await,
    );
    standin.shared.change(|state| state.app.home_tab = false);
    found.extend(meet(&standin, &[("views.publish", publish("U0ANA", ""), "not_enabled")]).await);
    found
}

/// Something to fill in.
pub fn input(element: &Value) -> Value {
    json!({"type": "input", "label": {"type": "plain_text", "text": "x"}, "element": element})
}

/// A text of at most so many characters.
fn longest(max_length: u64) -> Value {
    json!({"type": "plain_text_input", "action_id": "a", "max_length": max_length})
}

/// Blocks that break one rule each, and what is said about them.
pub fn bad_blocks() -> Vec<(Vec<Value>, &'static str)> {
    let with = |mut value: Value, field: &str, text: String| {
        value[field] = text.into();
        value
    };
    let plain = |text: String| json!({"type": "plain_text", "text": text});
    let mut long_button = button("a");
    long_button["text"] = plain("a".repeat(76));
    let context = |count: usize| json!({"type": "context", "elements": vec![plain("x".to_owned()); count]});
    let mrkdwn_header = json!({"type": "header", "text": {"type": "mrkdwn", "text": "x"}});
    let buttons: Vec<Value> = (0..26).map(|number| button(&format!("a{number}"))).collect();
    vec![
        (vec![json!({"type": "divider"}); 51], "no more than 50 items allowed [json-pointer:/blocks]"),
        (
            vec![section(&"a".repeat(3_001))],
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        (vec![section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (vec![json!({"type": "header", "text": plain("a".repeat(151))})], "must be less than 151 characters"),
        (vec![mrkdwn_header], "unsupported or missing text type [json-pointer:/blocks/0/text/type]"),
        (vec![actions(&buttons)], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
        (vec![actions(&[long_button])], "must be less than 76 characters"),
        (
            vec![actions(&[with(button("a"), "value", "a".repeat(2_001))])],
            "must be less than 2001 characters",
        ),
        (vec![actions(&[button(&"a".repeat(256))])], "must be less than 256 characters"),
        (vec![actions(&[button("a"), button("a")])], "`action_id` a already exists"),
        (vec![actions(&[button("a")]), actions(&[button("a")])], "`action_id` a already exists"),
        (vec![with(section("x"), "block_id", "a".repeat(256))], "must be less than 256 characters"),
        (vec![with(section("x"), "block_id", "b".to_owned()); 2], "`block_id` b already exists"),
        (vec![context(11)], "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
        (vec![context(0)], "no fewer than 1 items allowed"),
        (vec![json!({"type": "banner"})], "unsupported type: banner [json-pointer:/blocks/0/type]"),
        (vec![json!({"type": "actions"})], "missing required field: elements"),
        (vec![input(&button("a"))], "unsupported type: button [json-pointer:/blocks/0/element/type]"),
        (
            vec![input(&longest(3_001))],
            "must be between 1 and 3000 [json-pointer:/blocks/0/element/max_length]",
        ),
        (vec![input(&longest(0))], "must be between 1 and 3000"),
        (vec![actions(&[longest(10)])], "unsupported type: plain_text_input"),
        (vec![actions(&[with(button("a"), "style", "green".to_owned())])], "must be one of: primary, danger"),
    ]
}

#[tokio::test]
async fn blocks_are_refused_with_what_is_wrong_where() {
    let standin = with_bot().await;
    for (blocks, sentence) in bad_blocks() {
        let body = call(&standin, "chat.postMessage", post(&json!({ "blocks": blocks }))).await;
        let said = body["response_metadata"]["messages"].to_string();
        assert_eq!(body["error"], "invalid_blocks", "{sentence}");
        assert!(said.contains(sentence), "{said} instead of {sentence}");
    }
    assert_eq!(standin.messages(CHANNEL).iter().filter(|message| message.by_app).count(), 0);
    let most: Vec<Value> = (0..25).map(|number| button(&format!("a{number}"))).collect();
    let fine = json!({"blocks": [section(&"a".repeat(3_000)), actions(&most), {"type": "divider"}]});
    assert_eq!(error(&standin, "chat.postMessage", post(&fine)).await, "ok");
}
