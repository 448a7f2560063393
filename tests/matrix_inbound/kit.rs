//! A homeserver that the tests share, and its events.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use usher::calendar::Instant;
use usher::chat::matrix::directory::Directory;
use usher::chat::matrix::inbound::{Context, Heard, Reading, Targets, read};
use usher::core::event::{Event, Mention, Text, What};

/// When everything in the tests comes in.
pub const NOW_MS: i64 = 1_764_065_100_000;
/// When most of it was said.
pub const SAID_MS: i64 = 1_764_064_800_000;
/// When Usher came into the rooms.
const JOINED_MS: i64 = SAID_MS - 3_600_000;

/// A public room, one of a few, the one of Usher and Ana, and one without a name.
pub const SUPPORT: &str = "!support:acme.org";
pub const LEADS: &str = "!leads:acme.org";
pub const DIRECT: &str = "!direct:acme.org";
const NAMELESS: &str = "!nameless:acme.org";

/// An event of `tests/data/matrix`.
pub struct Fixture {
    /// Its name.
    pub name: String,
    /// Its room.
    pub room: String,
    /// Its JSON.
    pub json: String,
}

/// An event of a room's state.
pub fn state(kind: &str, key: &str, by: &str, content: &Value) -> String {
    let event = json!({
        "type": kind, "state_key": key, "sender": by, "content": content, "event_id": "$state",
        "origin_server_ts": JOINED_MS,
    });
    event.to_string()
}

/// Somebody is in a room, under that name.
pub fn member(user: &str, name: &str) -> String {
    state("m.room.member", user, user, &json!({ "membership": "join", "displayname": name }))
}

static ACME: LazyLock<Directory> = LazyLock::new(made);
static EARLIER: LazyLock<Targets> = LazyLock::new(learned);
static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(on_disk);

/// A directory that knows three people and five rooms.
pub fn acme() -> Directory {
    ACME.clone()
}

fn made() -> Directory {
    let mut directory = Directory::new("@usher:acme.org".into());
    let (ana, ben, kim) =
        (member("@ana:acme.org", "Ana"), member("@ben:acme.org", "Ben"), member("@kim:acme.org", "Kim Lee"));
    let usher = member("@usher:acme.org", "Usher");
    let made = |by: &str| state("m.room.create", "", by, &json!({ "room_version": "12" }));
    let alias =
        |alias: &str| state("m.room.canonical_alias", "", "@ana:acme.org", &json!({ "alias": alias }));
    let public = state("m.room.join_rules", "", "@ana:acme.org", &json!({ "join_rule": "public" }));
    let asked = |by: &str| state("m.room.member", "@usher:acme.org", by, &json!({ "membership": "invite" }));
    let rooms = [
        (
            SUPPORT,
            vec![&made("@ana:acme.org"), &alias("#support:acme.org"), &public, &ana, &ben, &kim, &usher],
        ),
        (LEADS, vec![&made("@ana:acme.org"), &alias("#leads:acme.org"), &ana, &ben, &usher]),
        (DIRECT, vec![&made("@ana:acme.org"), &ana, &usher]),
        (NAMELESS, vec![&made("@ana:acme.org"), &ana, &ben, &usher]),
        (
            "!new:acme.org",
            vec![&made("@ben:acme.org"), &alias("#new:acme.org"), &ben, &kim, &asked("@ben:acme.org")],
        ),
        ("!two:acme.org", vec![&made("@kim:acme.org"), &kim, &asked("@kim:acme.org")]),
    ]
    .map(|(room, events)| (room, events.into_iter().map(String::from).collect::<Vec<_>>()));
    for (room, events) in &rooms {
        for event in events {
            directory.learn(room, event);
        }
        let told = directory.told(room, Instant::from_ms(JOINED_MS));
        directory.learn_told(&told);
    }
    directory.learn_direct("@ana:acme.org".into(), DIRECT.into());
    directory
}

/// What is known of earlier events: a few of those in `tests/data/matrix`.
pub fn earlier() -> Targets {
    EARLIER.clone()
}

fn learned() -> Targets {
    let mut targets = Targets::default();
    for name in ["posted", "in-a-thread", "edited", "reaction", "of-usher", "of-usher-directly", "direct"] {
        let fixture = fixture(name);
        targets.learn_event(&fixture.room, &fixture.json, "@usher:acme.org");
    }
    targets
}

/// Every event, in order.
pub fn fixtures() -> &'static [Fixture] {
    &FIXTURES
}

fn on_disk() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/matrix/events");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a plain name").to_owned();
        let json = fs::read_to_string(&path).expect("a file");
        let value: Value = serde_json::from_str(&json).expect("JSON");
        Fixture { name, room: value["room_id"].as_str().unwrap_or(SUPPORT).to_owned(), json }
    };
    let found: Vec<Fixture> = paths.into_iter().map(read).collect();
    assert!(found.len() > 100, "the events are there");
    found
}

/// The event of that name.
pub fn fixture(name: &str) -> &'static Fixture {
    fixtures().iter().find(|fixture| fixture.name == name).unwrap_or_else(|| panic!("no {name}"))
}

/// Reads an event among all that is known.
pub fn read_fixture(fixture: &Fixture) -> Reading {
    read_json(&fixture.room, &fixture.json)
}

/// Reads the event of that name.
pub fn read_name(name: &str) -> Reading {
    read_fixture(fixture(name))
}

/// Reads an event of a room.
pub fn read_json(room: &str, json: &str) -> Reading {
    read_with(room, json, &ACME, &EARLIER)
}

/// Reads an event of a room by what is known of others.
pub fn read_with(room: &str, json: &str, directory: &Directory, targets: &Targets) -> Reading {
    let (now, since) = (Instant::from_ms(NOW_MS), Some(Instant::from_ms(NOW_MS - 30_000)));
    read(room, json, &Context { directory, targets, now, since })
}

/// A message of Ana's with that content.
pub fn message(content: &Value) -> String {
    said_by("@ana:acme.org", content)
}

/// A message of somebody's with that content.
pub fn said_by(sender: &str, content: &Value) -> String {
    let event = json!({
        "type": "m.room.message", "event_id": "$said", "sender": sender, "origin_server_ts": SAID_MS,
        "content": content,
    });
    event.to_string()
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
            for (event, target) in &heard.targets {
                writeln!(text, "  {} is {target:?}", event.id).expect("a string");
            }
        }
        Reading::Needs(wanted) => writeln!(text, "  needs {wanted:?}").expect("a string"),
        Reading::Ignored(why) => writeln!(text, "  ignored: {why:?}").expect("a string"),
        Reading::Unreadable(why) => writeln!(text, "  unreadable: {why}").expect("a string"),
    }
    text
}

/// What was heard.
#[track_caller]
pub fn heard(reading: Reading) -> Heard {
    let Reading::Heard(heard) = reading else { panic!("nothing heard: {reading:?}") };
    heard
}

/// The last event of a reading, which has some.
#[track_caller]
pub fn event(reading: Reading) -> Event {
    heard(reading).events.pop().expect("an event")
}

/// The text of a post or of an edit.
#[track_caller]
pub fn text(reading: Reading) -> Text {
    let what = event(reading).what;
    if let What::Edited { text, .. } = what {
        return text;
    }
    let What::Posted(posted) = what else { panic!("no text: {what:?}") };
    posted.text
}

/// The words, if it is a command.
#[track_caller]
pub fn words(reading: Reading) -> Option<String> {
    let what = event(reading).what;
    if let What::Commanded { words, .. } = what {
        return Some(words);
    }
    assert!(matches!(what, What::Posted(_) | What::Edited { .. }), "neither said nor commanded: {what:?}");
    None
}

/// A mention of somebody.
pub fn user(id: &str) -> Mention {
    Mention::User(id.into())
}
