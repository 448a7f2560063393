//! The manifest that people paste, held against the code: what it asks for is used, and is enough.

use std::collections::BTreeSet;

use serde::Deserialize;
use usher::calendar::Instant;
use usher::chat::slack::directory::{Directory, Identity};
use usher::chat::slack::inbound::{Context, Ignored, Notice, Payload, Reading, Strangers, read};
use usher::core::event::What;
use usher::core::is_command;

use crate::standin::Standin;
use crate::standin::state::{APP, BOT_USER, TEAM};

#[derive(Deserialize)]
struct Manifest {
    features: Features,
    oauth_config: Oauth,
    settings: Settings,
}

#[derive(Deserialize)]
struct Features {
    app_home: AppHome,
    shortcuts: Vec<Shortcut>,
}

#[derive(Deserialize)]
struct AppHome {
    home_tab_enabled: bool,
}

#[derive(Deserialize)]
struct Shortcut {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    callback_id: String,
    description: String,
}

#[derive(Deserialize)]
struct Oauth {
    scopes: Scopes,
}

#[derive(Deserialize)]
struct Scopes {
    bot: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Settings {
    event_subscriptions: Subscriptions,
    socket_mode_enabled: bool,
}

#[derive(Deserialize)]
struct Subscriptions {
    bot_events: BTreeSet<String>,
}

fn manifest() -> Manifest {
    serde_yaml_ng::from_str(include_str!("../../slack/manifest.yaml")).unwrap()
}

/// Lets a stand-in give the app no more than the manifest asks for.
pub fn grant(standin: &Standin) {
    let Manifest { features, oauth_config, settings } = manifest();
    standin.set_scopes(&oauth_config.scopes.bot.into_iter().collect::<Vec<_>>().join(" "));
    standin.shared.change(|state| {
        state.app.events = settings.event_subscriptions.bot_events;
        state.app.home_tab = features.app_home.home_tab_enabled;
    });
}

#[test]
fn the_program_itself_reads_the_scopes_right() {
    let read: BTreeSet<String> = usher::chat::slack::manifest::scopes().map(str::to_owned).collect();
    assert_eq!(read, manifest().oauth_config.scopes.bot);
}

fn directory() -> Directory {
    Directory::new(Identity {
        team: TEAM.into(),
        enterprise: None,
        app: Some(APP.into()),
        user: BOT_USER.into(),
        bot: None,
    })
}

/// The menu of a message and the shortcuts anywhere take five each, and Slack cuts longer names.
#[test]
fn there_are_as_many_shortcuts_as_slack_allows_and_they_fit() {
    let shortcuts = manifest().features.shortcuts;
    for kind in ["message", "global"] {
        assert!(shortcuts.iter().filter(|shortcut| shortcut.kind == kind).count() <= 5, "{kind}");
    }
    assert!(shortcuts.iter().all(|shortcut| matches!(shortcut.kind.as_str(), "message" | "global")));
    for Shortcut { name, description, callback_id, .. } in &shortcuts {
        assert!(name.chars().count() <= 24 && !name.to_lowercase().contains("callback"), "{name}");
        assert!(description.chars().count() <= 150, "{description}");
        assert!(callback_id.len() <= 255 && callback_id.starts_with("usher_"), "{callback_id}");
    }
    let ids: BTreeSet<(&str, &str)> =
        shortcuts.iter().map(|shortcut| (shortcut.kind.as_str(), shortcut.callback_id.as_str())).collect();
    assert_eq!(ids.len(), shortcuts.len(), "no two are one");
}

/// Each is a form, or a command as it stands.
#[test]
fn every_shortcut_is_one_that_the_code_knows() {
    let mut directory = directory();
    directory.learn_direct("U0ANA".into(), "D0ANA".into());
    let context = Context { directory: &directory, now: Instant::from_ms(0), strangers: Strangers::GoOn };
    for shortcut in manifest().features.shortcuts {
        let kind = if shortcut.kind == "message" { "message_action" } else { "shortcut" };
        let payload = format!(
            r#"{{"type":"{kind}","team":{{"id":"{TEAM}"}},"api_app_id":"{APP}","user":{{"id":"U0ANA"}},
                "callback_id":"{}","trigger_id":"1.2.abc","action_ts":"1700000000.000100",
                "channel":{{"id":"C1"}},"message":{{"ts":"1700000000.000000"}}}}"#,
            shortcut.callback_id
        );
        let Reading::Heard(heard) = read(Payload::Interactive, payload.as_bytes(), &context) else {
            panic!("{} is not heard", shortcut.callback_id)
        };
        let opens = heard.notices.iter().any(|notice| matches!(notice, Notice::Form { .. }));
        let mut commands = Vec::new();
        for event in &heard.events {
            if let What::Commanded { words, .. } = &event.what {
                commands.push(words.as_str());
            }
        }
        match commands.as_slice() {
            [words] => assert!(is_command(words) && !opens, "{words}"),
            _ => assert!(commands.is_empty() && opens, "{}", shortcut.callback_id),
        }
    }
}

#[test]
fn every_event_that_is_asked_for_is_read() {
    let directory = directory();
    let context = Context { directory: &directory, now: Instant::from_ms(0), strangers: Strangers::GoOn };
    let manifest = manifest();
    assert!(manifest.settings.socket_mode_enabled);
    for event in manifest.settings.event_subscriptions.bot_events {
        let kind = event.split('.').next().unwrap();
        let payload = format!(
            r#"{{"type":"event_callback","team_id":"{TEAM}","api_app_id":"{APP}","event":{{"type":"{kind}"}}}}"#
        );
        let reading = read(Payload::Event, payload.as_bytes(), &context);
        assert!(!matches!(reading, Reading::Ignored(Ignored::Type(_))), "{event}: {reading:?}");
    }
}
