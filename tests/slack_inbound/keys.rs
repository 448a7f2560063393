//! One thing that happened is one event, however often and in whatever guise Slack sends it.

use serde_json::{Value, json};
use usher::chat::slack::directory::Directory;
use usher::chat::slack::inbound::{Reading, Strangers};
use usher::core::event::{Event, EventKey, What};

use crate::kit::{acme, events, fixture, identity, read_bytes, read_fixture};

fn read(name: &str) -> Vec<Event> {
    events(read_fixture(&fixture(name), &acme(), Strangers::GoOn))
}

/// The events of a fixture in which `change` changed something.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> Vec<Event> {
    events(reading(name, change, &acme()))
}

fn reading(name: &str, change: impl FnOnce(&mut Value), directory: &Directory) -> Reading {
    let mut value: Value = serde_json::from_slice(&fixture(name).bytes).expect("JSON");
    change(&mut value);
    read_bytes(name, value.to_string().as_bytes(), directory, Strangers::GoOn)
}

fn key(events: &[Event]) -> &EventKey {
    &events.last().expect("an event").key
}

#[test]
fn one_message_under_eleven_event_ids_is_one_event() {
    let first = read("events/message-posted.json");
    for number in 0..11 {
        let again = changed("events/message-posted.json", |value| {
            value["event_id"] = json!(format!("EvOTHER{number}"));
            value["event_time"] = json!(1_764_064_800 + 60 * number);
        });
        assert_eq!(again, first);
    }
}

#[test]
fn everything_but_what_has_no_time_of_its_own_is_known_without_its_event_id() {
    for fixture in crate::kit::fixtures().iter().filter(|fixture| fixture.name.starts_with("events/")) {
        let directory = acme();
        let change = |value: &mut Value| value["event_id"] = json!("EvAGAIN");
        let first = read_fixture(fixture, &directory, Strangers::GoOn);
        let again = reading(&fixture.name, change, &directory);
        let is_timeless = ["events/member-joined-without-a-time.json", "events/user-of-odd-zone.json"];
        assert_eq!(first == again, !is_timeless.contains(&fixture.name.as_str()), "{}", fixture.name);
    }
}

#[test]
fn one_event_id_for_two_teams_is_two_events() {
    let other = Directory::new(identity("T0OTHER"));
    let of_other = |value: &mut Value| {
        value["team_id"] = json!("T0OTHER");
        value["authorizations"] = json!([{ "team_id": "T0OTHER" }]);
    };
    let ours = read("events/message-posted.json");
    let theirs = events(reading("events/message-posted.json", of_other, &other));
    assert_ne!(key(&ours), key(&theirs));
}

#[test]
fn a_command_comes_as_a_message_and_as_a_mention_and_is_one() {
    assert_eq!(read("events/message-command.json"), read("events/app-mention-command.json"));
    let talk = changed("events/message-posted.json", |value| value["event"]["type"] = json!("app_mention"));
    assert_eq!(talk, read("events/message-posted.json"));
}

#[test]
fn a_message_from_history_is_the_one_that_came_live() {
    let live = changed("events/message-posted.json", |value| value["event"]["text"] = json!("hello"));
    assert_eq!(read("history/posted.json"), live);
    assert_eq!(read("history/reply.json"), read("events/message-in-a-thread.json"));
    assert_eq!(key(&read("history/edited.json")), key(&read("events/message-edited.json")));
    assert_eq!(key(&read("history/emptied.json")), key(&read("events/message-deleted.json")));
    assert_eq!(read("history/huddle.json"), read("events/huddle.json"));
}

#[test]
fn every_edit_is_an_event_of_its_own() {
    let first = read("events/message-edited.json");
    let next = changed("events/message-edited.json", |value| {
        value["event"]["message"]["edited"]["ts"] = json!("1764064930.000000");
    });
    assert_ne!(key(&first), key(&next));
    assert_ne!(key(&first), key(&read("events/message-posted.json")));
}

#[test]
fn an_edit_in_the_second_of_the_message_is_not_before_it() {
    let edits = changed("events/message-edited.json", |value| {
        value["event"]["message"]["ts"] = json!("1764064920.900000");
    });
    let What::Edited { message, .. } = &edits[0].what else { panic!("no edit") };
    assert_eq!((message.id.as_str(), edits[0].at.ms()), ("1764064920.900000", 1_764_064_920_900));
}

#[test]
fn a_deleted_message_is_deleted_once_whether_it_had_replies_or_not() {
    assert_eq!(key(&read("events/message-deleted.json")), key(&read("events/message-emptied.json")));
}

#[test]
fn a_reaction_given_taken_back_and_given_again_is_three() {
    let given = read("events/reaction-added.json");
    let back = read("events/reaction-removed.json");
    let again = changed("events/reaction-added.json", |value| {
        value["event"]["event_ts"] = json!("1764064899.000100");
    });
    let by_other = changed("events/reaction-added.json", |value| value["event"]["user"] = json!("U0KIM"));
    let keys = [key(&given), key(&back), key(&again), key(&by_other)];
    for (at, one) in keys.iter().enumerate() {
        assert!(!keys[at + 1..].contains(one), "{one} twice");
    }
}

#[test]
fn the_two_events_of_one_changed_user_are_one() {
    assert_eq!(read("events/user-change.json"), read("events/user-huddle-changed.json"));
}

#[test]
fn a_command_and_a_press_are_the_same_as_json_and_as_a_form() {
    assert_eq!(read("commands/who.json"), read("commands/who.form"));
    assert_eq!(read("interactive/press-take.json"), read("interactive/press-take.form"));
    let again = changed("commands/who.json", |value| value["trigger_id"] = json!("99.62.abc"));
    assert_ne!(key(&again), key(&read("commands/who.json")));
    let twice = changed("interactive/press-take.json", |value| {
        value["actions"][0]["action_ts"] = json!("1764064831.000100");
    });
    assert_ne!(key(&twice), key(&read("interactive/press-take.json")));
}

#[test]
fn an_installation_in_all_workspaces_of_an_organisation_hears_each_of_them() {
    let mut everywhere = identity("E0ACME");
    everywhere.enterprise = Some("E0ACME".into());
    let of_branch = |value: &mut Value| {
        value["team_id"] = json!("T0BRANCH");
        value["enterprise_id"] = json!("E0ACME");
        value["authorizations"] = json!([]);
    };
    events(reading("events/message-posted.json", of_branch, &Directory::new(everywhere)));
}
