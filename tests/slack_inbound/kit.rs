//! A workspace that the tests share, and its payloads.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use usher::calendar::{Instant, parse_zone};
use usher::chat::slack::directory::{Directory, Identity};
use usher::chat::slack::inbound::{Context, Payload, Reading, Strangers, read, read_history};
use usher::core::event::{ChannelFacts, ChannelKind, Event, Platform, UserFacts, What};

/// When everything in the tests comes in.
pub const NOW_MS: i64 = 1_764_065_100_000;

/// A payload of `tests/data/slack`.
pub struct Fixture {
    /// Its folder and name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Usher in the workspace of `team`.
pub fn identity(team: &str) -> Identity {
    Identity {
        team: team.into(),
        enterprise: None,
        app: Some("A0USHER".into()),
        user: "U0USHER".into(),
        bot: Some("B0USHER".into()),
    }
}

/// A directory that knows four people, a bot, two channels and a group.
pub fn acme() -> Directory {
    let mut directory = Directory::new(identity("T0ACME"));
    for (id, name, bot) in
        [("U0ANA", "ana", false), ("U0BEN", "ben", false), ("U0KIM", "kim", false), ("U0CI", "ci", true)]
    {
        let zone = parse_zone("Europe/Berlin").ok();
        let facts = UserFacts {
            name: name.to_owned(),
            zone,
            bot,
            deactivated: false,
            guest: false,
            away_until: None,
        };
        directory.learn(&told(What::User { user: id.into(), facts }));
    }
    let members = ["U0ANA", "U0BEN"].map(Into::into).to_vec();
    for (id, name, kind, members) in [
        ("C0SUPPORT", "support", ChannelKind::Public, Vec::new()),
        ("C0LEADS", "leads", ChannelKind::Private, members),
    ] {
        let facts =
            ChannelFacts { aliases: Vec::new(), name: name.to_owned(), kind, archived: false, members };
        directory.learn(&told(What::Channel { channel: id.into(), facts }));
    }
    directory.learn_direct("U0BEN".into(), "D0BEN".into());
    directory.learn_group("S0PLATFORM".into(), "platform".into());
    directory
}

/// An event with which the directory is taught.
pub fn told(what: What) -> Event {
    Event { key: "told".into(), at: Instant::from_ms(0), platform: Platform::Slack, what }
}

/// Every payload, in order.
pub fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/slack");
    let mut found = Vec::new();
    for folder in ["commands", "events", "history", "interactive"] {
        let entries = fs::read_dir(root.join(folder)).expect("the folder is there");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
        paths.sort();
        for path in paths {
            let file = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
            found.push(Fixture { name: format!("{folder}/{file}"), bytes: fs::read(&path).expect("a file") });
        }
    }
    assert!(found.len() > 100, "the payloads are there");
    found
}

/// The payload of that folder and name.
pub fn fixture(name: &str) -> Fixture {
    fixtures().into_iter().find(|fixture| fixture.name == name).unwrap_or_else(|| panic!("no {name}"))
}

/// Reads a payload as what its folder says it is.
pub fn read_fixture(fixture: &Fixture, directory: &Directory, strangers: Strangers) -> Reading {
    read_bytes(&fixture.name, &fixture.bytes, directory, strangers)
}

/// Reads bytes as what the fixture of that name is.
pub fn read_bytes(name: &str, bytes: &[u8], directory: &Directory, strangers: Strangers) -> Reading {
    let context = Context { directory, now: Instant::from_ms(NOW_MS), strangers };
    let payload = match (name.split('/').next(), name.ends_with(".form")) {
        (Some("commands"), true) => Payload::CommandForm,
        (Some("commands"), false) => Payload::Command,
        (Some("interactive"), true) => Payload::InteractiveForm,
        (Some("interactive"), false) => Payload::Interactive,
        (Some("events"), _) => Payload::Event,
        _ => return read_history(&"C0SUPPORT".into(), bytes, &context),
    };
    read(payload, bytes, &context)
}

/// A reading as the snapshot holds it.
pub fn show(reading: &Reading) -> String {
    let mut text = String::new();
    match reading {
        Reading::Heard(heard) => {
            for event in &heard.events {
                let what = serde_json::to_string(&event.what).expect("events are JSON");
                writeln!(text, "  {}  {}\n    {what}", event.key, event.at).expect("a string");
            }
            for notice in &heard.notices {
                writeln!(text, "  {notice:?}").expect("a string");
            }
        }
        Reading::Learn(wanted) => writeln!(text, "  learn {wanted:?}").expect("a string"),
        Reading::Ignored(why) => writeln!(text, "  ignored: {why:?}").expect("a string"),
        Reading::Unreadable(why) => writeln!(text, "  unreadable: {why}").expect("a string"),
    }
    text
}

/// The events of a reading, which has some.
#[track_caller]
pub fn events(reading: Reading) -> Vec<Event> {
    let Reading::Heard(heard) = reading else { panic!("no events: {reading:?}") };
    assert!(!heard.events.is_empty(), "no events: {heard:?}");
    heard.events
}
