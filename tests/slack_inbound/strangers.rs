//! Who is not known is asked about once, and reading goes on without whom Slack does not tell of.

use usher::calendar::Instant;
use usher::chat::slack::directory::Directory;
use usher::chat::slack::inbound::{Ignored, Reading, Strangers, Wanted};
use usher::chat::slack::wire::{RowError, channel_row, user_row};
use usher::core::event::{ChannelKind, UserId, What};

use crate::kit::{NOW_MS, acme, events, fixture, identity, read_fixture};

fn ask(name: &str, directory: &Directory) -> Reading {
    read_fixture(&fixture(name), directory, Strangers::Ask)
}

fn row(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/slack/rows/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn whoever_is_not_known_is_asked_about_once() {
    let wanted = vec![
        Wanted::User("U0STRANGER".into()),
        Wanted::Channel("C0NEW".into()),
        Wanted::User("U0NEW".into()),
        Wanted::Group("S0UNKNOWN".into()),
    ];
    assert_eq!(ask("events/message-of-a-stranger.json", &acme()), Reading::Learn(wanted));
}

#[test]
fn once_they_are_known_the_names_are_read() {
    let mut directory = acme();
    let at = Instant::from_ms(NOW_MS);
    for id in ["U0STRANGER", "U0NEW"] {
        let row = user_row(format!(r#"{{"id":"{id}","name":"name-of-{id}"}}"#).as_bytes()).expect("a user");
        let event = directory.user_event(row, at);
        directory.learn(&event);
    }
    let row = channel_row(br#"{"id":"C0NEW","name":"new","is_channel":true}"#).expect("a channel");
    let event = directory.channel_event(row, vec![UserId::new("U0STRANGER")], at);
    directory.learn(&event);
    directory.learn_group("S0UNKNOWN".into(), "ops".into());
    let events = events(ask("events/message-of-a-stranger.json", &directory));
    let What::Posted(posted) = &events[0].what else { panic!("no post") };
    assert_eq!((events.len(), &*posted.text.plain), (1, "@name-of-U0NEW @name-of-U0NEW @ops hi"));
}

#[test]
fn what_all_know_needs_no_question() {
    for name in ["events/message-posted.json", "commands/who.json", "interactive/press-take.json"] {
        events(ask(name, &acme()));
    }
    let nobody = Directory::new(identity("T0ACME"));
    let asked = ask("events/message-direct.json", &nobody);
    assert_eq!(asked, Reading::Learn(vec![Wanted::User("U0ANA".into())]), "not about its own conversation");
}

#[test]
fn a_shortcut_anywhere_belongs_to_the_conversation_with_usher() {
    let mut directory = Directory::new(identity("T0ACME"));
    let ben = Reading::Learn(vec![Wanted::Direct("U0BEN".into())]);
    for name in ["interactive/shortcut-anywhere.json", "interactive/shortcut-for-a-form.json"] {
        assert_eq!(ask(name, &directory), ben);
        let reading = read_fixture(&fixture(name), &directory, Strangers::GoOn);
        assert_eq!(reading, Reading::Ignored(Ignored::UnknownChannel), "without it nothing can be answered");
    }
    directory.learn_direct("U0BEN".into(), "D0BEN".into());
    let ben = Reading::Learn(vec![Wanted::User("U0BEN".into())]);
    assert_eq!(ask("interactive/shortcut-anywhere.json", &directory), ben);
    let form = ask("interactive/shortcut-for-a-form.json", &directory);
    assert!(matches!(form, Reading::Heard(_)), "a form asks nothing first: it has three seconds");
}

#[test]
fn a_part_of_what_is_known_of_a_channel_needs_the_rest() {
    let wanted = Reading::Learn(vec![Wanted::Channel("C0NEW".into())]);
    assert_eq!(ask("events/channel-rename-of-an-unknown.json", &acme()), wanted);
    assert_eq!(ask("events/usher-joined-an-unknown-channel.json", &acme()), wanted);
    let made_private = ask("events/channel-made-private-message.json", &acme());
    assert_eq!(made_private, Reading::Learn(vec![Wanted::Channel("C0SUPPORT".into())]));
}

#[test]
fn a_channel_that_could_not_be_asked_about_is_private_and_asked_about_again() {
    let mut directory = acme();
    let name = "events/message-in-a-group-conversation.json";
    for event in events(read_fixture(&fixture(name), &directory, Strangers::GoOn)) {
        directory.learn(&event);
    }
    assert_eq!(directory.channel("C0GROUPDM").map(|facts| facts.kind), Some(ChannelKind::Direct));
    assert_eq!(ask(name, &directory), Reading::Learn(vec![Wanted::Channel("C0GROUPDM".into())]));
    assert_eq!(events(read_fixture(&fixture(name), &directory, Strangers::GoOn)).len(), 1, "told once");
}

#[test]
fn rows_of_lists_are_read_with_whatever_they_lack() {
    let kim = user_row(&row("user")).expect("a user");
    assert_eq!(
        (&*kim.id, &*kim.facts.name, kim.facts.zone.map(|zone| zone.name())),
        ("U0KIM", "kim", Some("Asia/Seoul"))
    );
    let bare = user_row(&row("user-bare")).expect("a user");
    assert_eq!((&*bare.facts.name, bare.facts.zone, bare.facts.bot), ("U0BARE", None, false));
    assert_eq!(user_row(&row("user-without-id")), Err(RowError::NoId));
    assert!(user_row(b"[]").is_err() && user_row(b"").is_err());
    assert!(user_row(br#"{"id":"USLACKBOT","is_bot":false}"#).expect("a user").facts.bot);

    let support = channel_row(&row("channel")).expect("a channel");
    assert_eq!((support.facts.kind, support.usher_is_in), (ChannelKind::Public, Some(true)));
    let leads = channel_row(&row("channel-private")).expect("a channel");
    assert_eq!((leads.facts.kind, leads.facts.archived), (ChannelKind::Private, true));
    let direct = channel_row(&row("channel-direct")).expect("a channel");
    assert_eq!((direct.facts.kind, &*direct.facts.name), (ChannelKind::Direct, "D0ANA"));
}

#[test]
fn many_mentions_are_asked_about_in_parts() {
    let names: String = (0..100).map(|number| format!("<@U0MANY{number}> ")).collect();
    let body = serde_json::json!({
        "type": "event_callback",
        "event": { "type": "message", "user": "U0ANA", "channel": "C0SUPPORT", "ts": "1764064800.000100", "text": names },
    });
    let reading = crate::kit::read_bytes("events/", body.to_string().as_bytes(), &acme(), Strangers::Ask);
    let Reading::Learn(wanted) = reading else { panic!("{reading:?}") };
    assert_eq!(wanted.len(), 20);
}
