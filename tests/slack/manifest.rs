//! The manifest that people paste, held against the code: what it asks for is used, and is enough.

use std::collections::BTreeSet;

use serde::Deserialize;
use usher::calendar::Instant;
use usher::chat::slack::directory::{Directory, Identity};
use usher::chat::slack::inbound::{Context, Ignored, Payload, Reading, Strangers, read};

use crate::standin::Standin;
use crate::standin::state::{APP, BOT_USER, TEAM};

#[derive(Deserialize)]
struct Manifest {
    oauth_config: Oauth,
    settings: Settings,
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
    let Manifest { oauth_config, settings } = manifest();
    standin.set_scopes(&oauth_config.scopes.bot.into_iter().collect::<Vec<_>>().join(" "));
    standin.shared.change(|state| state.app.events = settings.event_subscriptions.bot_events);
}

#[test]
fn every_event_that_is_asked_for_is_read() {
    let identity = Identity {
        team: TEAM.into(),
        enterprise: None,
        app: Some(APP.into()),
        user: BOT_USER.into(),
        bot: None,
    };
    let directory = Directory::new(identity);
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
