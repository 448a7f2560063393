//! The workspace lives as Slack's does: what the app is told of it, and what it is not.

use serde_json::{Value, json};

use crate::caller::{call, error};
use crate::standin::faults::Limits;
use crate::standin::state::BOT_USER;
use crate::standin::{Channel, Kind, Settings, Standin, User};

const CHANNEL: &str = "C0GENERAL";

/// The events that the app was told of, whether or not anybody listened.
fn told(standin: &Standin) -> Vec<Value> {
    standin.deliveries().into_iter().map(|delivery| delivery.payload["event"].clone()).collect()
}

fn names(events: &[Value]) -> Vec<String> {
    let name = |event: &Value| {
        let subtype = event["subtype"].as_str().map_or_else(String::new, |subtype| format!("/{subtype}"));
        format!("{}{subtype}", event["type"].as_str().unwrap_or_default())
    };
    events.iter().map(name).collect()
}

#[tokio::test]
async fn the_app_hears_only_of_places_that_it_is_in() {
    let standin = Standin::start().await;
    standin.add_channel(Channel::new("C0OTHER", "other", Kind::Public, &["U0ANA"]));
    let ts = standin.post("U0ANA", CHANNEL, &format!("<@{BOT_USER}>"));
    standin.react("U0BEN", CHANNEL, &ts, "eyes");
    assert_eq!(told(&standin), Vec::<Value>::new());
    standin.invite_bot(CHANNEL, "U0ANA");
    standin.post("U0ANA", CHANNEL, &format!("<@{BOT_USER}> resolve"));
    standin.post("U0ANA", "C0OTHER", "elsewhere");
    let direct = standin.direct("U0BEN");
    standin.post("U0BEN", &direct, &format!("<@{BOT_USER}> between us"));
    let expected = ["member_joined_channel", "message/channel_join", "message", "app_mention", "message"];
    assert_eq!(names(&told(&standin)), expected, "a direct message is no mention");
    let events = told(&standin);
    assert_eq!((&events[2]["channel_type"], &events[4]["channel_type"]), (&json!("channel"), &json!("im")));
    assert_eq!(events[2]["ts"], events[3]["ts"]);
    standin.remove_bot(CHANNEL);
    standin.post("U0ANA", CHANNEL, "without you");
    assert_eq!(names(&told(&standin))[5..], ["member_left_channel"]);
}

#[tokio::test]
async fn edits_and_deletions_and_reactions_are_told() {
    let standin = Standin::start().await;
    standin.invite_bot(CHANNEL, "U0ANA");
    let root = standin.post("U0ANA", CHANNEL, "root");
    let reply = standin.reply("U0BEN", CHANNEL, &root, "reply");
    let before = told(&standin).len();
    standin.edit(CHANNEL, &reply, "better");
    standin.react("U0CHI", CHANNEL, &reply, "tada");
    assert!(!standin.react("U0CHI", CHANNEL, &reply, "tada"), "once is enough");
    assert!(standin.unreact("U0CHI", CHANNEL, &reply, "tada"));
    standin.delete(CHANNEL, &root);
    standin.delete(CHANNEL, &reply);
    let events = told(&standin).split_off(before);
    let expected = [
        "message/message_changed",
        "reaction_added",
        "reaction_removed",
        "message/message_changed",
        "message/message_deleted",
    ];
    assert_eq!(names(&events), expected);
    assert_eq!(events[0]["message"]["thread_ts"], root.as_str());
    assert_eq!(events[3]["message"]["subtype"], "tombstone", "a root with replies leaves a stone");
    assert_eq!(events[4]["deleted_ts"], reply.as_str());
}

#[tokio::test]
async fn changes_of_people_and_places_are_told() {
    let standin = Standin::start().await;
    standin.invite_bot(CHANNEL, "U0ANA");
    let before = told(&standin).len();
    standin.put_user(User::person("U0NEW", "New", "Asia/Kolkata"));
    standin.put_user(User { deleted: true, ..User::person("U0NEW", "New", "Asia/Kolkata") });
    standin.rename(CHANNEL, "everything");
    standin.archive(CHANNEL, true);
    standin.archive(CHANNEL, false);
    standin.raise("channel_archive", json!({"type": "channel_archive", "channel": "C0FAR"}));
    standin.raise("pin_added", json!({"type": "pin_added"}));
    let expected = [
        "team_join",
        "user_change",
        "channel_rename",
        "channel_archive",
        "channel_unarchive",
        "channel_archive",
    ];
    assert_eq!(names(&told(&standin).split_off(before)), expected, "and nothing that was not subscribed to");
    let gone = call(&standin, "users.info", json!({"user": "U0NEW"})).await;
    assert_eq!(
        (&gone["user"]["deleted"], gone["user"].get("tz")),
        (&json!(true), None),
        "it has no zone any more"
    );
}

#[tokio::test]
async fn another_team_can_share_a_channel_and_a_huddle_can_start() {
    let standin = Standin::start().await;
    let mut both = Channel::new("C0BOTH", "both", Kind::Public, &[BOT_USER]);
    both.shared = true;
    standin.add_channel(both);
    let stranger =
        User { other_team: Some("T0FAR".to_owned()), ..User::person("U0FAR", "Far", "Asia/Tokyo") };
    standin.put_user(stranger.clone());
    standin.post("U0FAR", "C0BOTH", "hello from afar");
    standin.put_user(User { in_huddle: true, ..stranger });
    let events = told(&standin);
    assert_eq!(names(&events), ["team_join", "message", "user_huddle_changed", "user_change"]);
    assert_eq!((&events[1]["user_team"], &events[0]["user"]["is_stranger"]), (&json!("T0FAR"), &json!(true)));
    assert_eq!(events[2]["user"]["profile"]["huddle_state"], "in_a_huddle");
    let info = call(&standin, "conversations.info", json!({"channel": "C0BOTH"})).await;
    assert_eq!(info["channel"]["is_ext_shared"], true);
}

#[tokio::test]
async fn a_message_may_come_before_what_it_follows() {
    let standin = Standin::start().await;
    standin.invite_bot(CHANNEL, "U0ANA");
    standin.post_at("U0ANA", CHANNEL, "long ago", "1600000000.000100");
    standin.post_at("U0ANA", CHANNEL, "later", "1600000001.000000");
    let ask = |more: Value| {
        let mut arguments = json!({"channel": CHANNEL});
        crate::standin::workspace::merge(&mut arguments, more);
        arguments
    };
    let oldest = ask(json!({"oldest": "1600000000.000100", "latest": "1600000001", "inclusive": true}));
    let found = call(&standin, "conversations.history", oldest).await;
    let texts: Vec<&str> =
        found["messages"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["later", "long ago"]);
    let after = ask(json!({"oldest": "1600000000.000100", "latest": "1600000001"}));
    let found = call(&standin, "conversations.history", after).await;
    assert_eq!((&found["messages"], &found["has_more"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn archived_channels_leave_holes_in_the_pages() {
    let standin = Standin::start().await;
    standin.add_channel(Channel::new("C0AOLD", "old", Kind::Public, &[]));
    standin.archive("C0AOLD", true);
    let arguments = json!({"limit": 1, "exclude_archived": true});
    let first = call(&standin, "conversations.list", arguments.clone()).await;
    assert_eq!(first["channels"], json!([]), "an empty page is not the last");
    let cursor = first["response_metadata"]["next_cursor"].as_str().unwrap();
    assert!(cursor.ends_with('='));
    let second = call(&standin, "conversations.list", json!({"limit": 1, "cursor": cursor})).await;
    assert_eq!(second["channels"][0]["name"], "general");
    assert_eq!(second["response_metadata"]["next_cursor"], "");
}

#[tokio::test]
async fn a_response_url_takes_five_answers() {
    let standin = Standin::start().await;
    standin.invite_bot(CHANNEL, "U0ANA");
    let hint = json!({"channel": CHANNEL, "user": "U0BEN", "text": "yours?", "blocks": [{"type": "actions", "elements": [
        {"type": "static_select", "action_id": "slot", "options": [
            {"text": {"type": "plain_text", "text": "Now"}, "value": "now"}]}]}]});
    let ts = call(&standin, "chat.postEphemeral", hint).await["message_ts"].as_str().unwrap().to_owned();
    let option = json!({"selected_option": {"text": {"type": "plain_text", "text": "Now"}, "value": "now"}});
    let pressed = standin.choose("U0BEN", CHANNEL, &ts, "slot", option);
    let payload = standin.delivery(pressed).payload;
    assert_eq!(payload["actions"][0]["selected_option"]["value"], "now");
    assert_eq!(payload["container"]["is_ephemeral"], true);
    assert_eq!(payload.get("message"), None, "of an ephemeral message nothing but its ts is told");
    let url = payload["response_url"].as_str().unwrap().to_owned();
    let say = |body: Value| {
        let call = reqwest::Client::new().post(&url).header("content-type", "application/json");
        async move { call.body(body.to_string()).send().await.unwrap().text().await.unwrap() }
    };
    assert_eq!(say(json!({"text": "yes, now", "replace_original": true})).await, "ok");
    assert_eq!(standin.ephemerals("U0BEN")[0].text, "yes, now");
    assert_eq!(say(json!({"text": "and for you alone"})).await, "ok");
    assert_eq!(say(json!({"text": "for all", "response_type": "in_channel"})).await, "ok");
    standin.wait_for_message(CHANNEL, "for all").await;
    assert_eq!(say(json!({"delete_original": true})).await, "ok");
    assert_eq!(standin.ephemerals("U0BEN").len(), 1);
    assert_eq!(say(json!({"blocks": [{"type": "banner"}]})).await, "invalid_blocks");
    assert_eq!(say(json!({"text": "the fifth"})).await, "ok");
    assert_eq!(say(json!({"text": "the sixth"})).await, "used_url");
}

#[tokio::test]
async fn forms_and_homes_have_buttons_and_can_be_closed() {
    let standin = Standin::start_with(Settings::default()).await;
    let button =
        json!({"type": "button", "action_id": "mute", "text": {"type": "plain_text", "text": "Mute"}});
    let blocks = json!([{"type": "actions", "block_id": "row", "elements": [button]}]);
    let home = json!({"user_id": "U0ANA", "view": {"type": "home", "blocks": blocks}});
    assert_eq!(error(&standin, "views.publish", home).await, "ok");
    let pressed = standin.press_in_view(&standin.home("U0ANA").unwrap(), "mute");
    let payload = standin.delivery(pressed).payload;
    assert_eq!(
        (&payload["container"]["type"], &payload["actions"][0]["block_id"]),
        (&json!("view"), &json!("row"))
    );
    let view = json!({"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": blocks,
        "notify_on_close": true});
    let trigger = payload["trigger_id"].as_str().unwrap();
    assert_eq!(error(&standin, "views.open", json!({"trigger_id": trigger, "view": view})).await, "ok");
    let form = standin.views("U0ANA").pop().unwrap();
    let closed = standin.close_view(&form).unwrap();
    assert_eq!(standin.delivery(closed).payload["type"], "view_closed");
    assert!(standin.views("U0ANA").is_empty());
}

#[tokio::test]
async fn a_second_later_the_channel_takes_another_message() {
    let clock = usher::clock::Clock::simulated(usher::calendar::Instant::from_ms(1_800_000_000_000));
    let standin = Standin::start_with(Settings { clock: clock.clone(), ..Settings::default() }).await;
    standin.invite_bot(CHANNEL, "U0ANA");
    standin.limit(Limits { channel_gap_ms: Some(1_000), ..Limits::default() });
    let message = json!({"channel": CHANNEL, "text": "x"});
    assert_eq!(error(&standin, "chat.postMessage", message.clone()).await, "ok");
    assert_eq!(error(&standin, "chat.postMessage", message.clone()).await, "ratelimited");
    let usher::clock::Clock::Simulated(hands) = &clock else { panic!("it is simulated") };
    hands.advance_to(usher::calendar::Instant::from_ms(1_800_000_001_000));
    assert_eq!(error(&standin, "chat.postMessage", message).await, "ok");
    assert!(
        standin.messages(CHANNEL).last().unwrap().ts.starts_with("1800000001."),
        "`ts` follows the clock"
    );
}
