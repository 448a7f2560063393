//! A sync of ten thousand events to turns: `cargo bench --bench matrix`.
//!
//! The body of an answer to `/sync`, in memory: Usher reads it and decides about every event. Beside it, from the same body
//! in the same run: `ruma`, which gives every event its type and decides nothing; and `matrix-nio`, a client in Python,
//! which does the same, if `USHER_BENCH_NIO` names a Python that has it (`scripts/bench` sees to it).

#[path = "support/talk.rs"]
mod talk;
#[path = "support/watch.rs"]
mod watch;

use std::env;
use std::fs;
use std::hint::black_box;
use std::process::{Command, Stdio};

use matrix_sdk::ruma::api::IncomingResponse;
use matrix_sdk::ruma::api::client::sync::sync_events::v3::{Response, State};
use matrix_sdk::ruma::exports::http;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use usher::calendar::Instant;
use usher::chat::matrix::directory::Directory;
use usher::chat::matrix::inbound::{Context, Reading, Targets, read, sync};
use usher::core::Engine;
use usher::core::event::{Event, Platform, RevisionText, What};

use talk::{sentence, some};
use watch::{begin, median};

const EVENTS: usize = 10_000;
const ROOMS: usize = 50;
/// In each room, beside Usher.
const MEMBERS: usize = 20;
const ROUNDS: usize = 7;
const OWN: &str = "@usher:example.org";
const RUNBOOK: &str = include_str!("support/runbook.toml");

type Failed = Box<dyn std::error::Error>;

fn begins() -> Instant {
    Instant::parse("2026-01-05T09:00:00Z").expect("RFC 3339")
}

fn at(number: usize) -> Instant {
    begins().plus(20 * number as i64)
}

fn user(number: usize) -> String {
    format!("@person{number}:example.org")
}

fn event_id(number: usize) -> String {
    format!("$Rqnc9F8uBXjOuGq6PpGTBs8nmYV0ENUgO8Nv{number:07}")
}

fn event(number: usize, kind: &str, sender: &str, content: &Value) -> Value {
    json!({
        "type": kind, "event_id": event_id(number), "sender": sender, "origin_server_ts": at(number).ms(),
        "content": content, "unsigned": { "age": 1_234, "membership": "join" },
    })
}

/// What is said in the rooms: a third of it in threads, with a mention now and then, as Element sends it.
struct Talk<'c> {
    chance: &'c mut ChaCha8Rng,
    /// The last message that began a talk in each room, and by whom.
    last: Vec<Option<(usize, String)>>,
}

impl Talk<'_> {
    /// Event `number`, and in which room.
    fn event(&mut self, number: usize) -> (usize, Value) {
        let room = some(self.chance, ROOMS);
        let sender = user(room + some(self.chance, MEMBERS));
        match (self.chance.random_range(0..100), self.last[room].clone()) {
            (0..8, Some((of, _))) => {
                let content = relates("m.annotation", of, Some("👍"));
                (room, event(number, "m.reaction", &sender, &content))
            }
            (8..11, Some((of, author))) => (room, event(number, "m.room.message", &author, &self.edit(of))),
            (11..12, Some((of, author))) => {
                self.last[room] = None;
                let content = json!({ "redacts": event_id(of) });
                (room, event(number, "m.room.redaction", &author, &content))
            }
            (12..45, Some((of, _))) => (room, event(number, "m.room.message", &sender, &self.reply(of))),
            _ => {
                self.last[room] = Some((number, sender.clone()));
                (room, event(number, "m.room.message", &sender, &self.opening(room)))
            }
        }
    }

    fn opening(&mut self, room: usize) -> Value {
        let words = sentence(self.chance, true);
        if !self.chance.random_bool(0.3) {
            return json!({ "msgtype": "m.text", "body": words, "m.mentions": {} });
        }
        let number = room + some(self.chance, MEMBERS);
        let (id, name) = (user(number), format!("Person {number}"));
        json!({
            "msgtype": "m.text", "body": format!("{name}: {words}"), "format": "org.matrix.custom.html",
            "formatted_body": format!(r#"<a href="https://matrix.to/#/{id}">{name}</a>: {words}"#),
            "m.mentions": { "user_ids": [id] },
        })
    }

    fn reply(&mut self, of: usize) -> Value {
        let relation = json!({
            "rel_type": "m.thread", "event_id": event_id(of), "is_falling_back": true,
            "m.in_reply_to": { "event_id": event_id(of) },
        });
        let words = sentence(self.chance, false);
        json!({ "msgtype": "m.text", "body": words, "m.mentions": {}, "m.relates_to": relation })
    }

    fn edit(&mut self, of: usize) -> Value {
        let words = sentence(self.chance, true);
        let mut content = relates("m.replace", of, None);
        content["msgtype"] = json!("m.text");
        content["body"] = json!(format!("* {words}"));
        content["m.new_content"] = json!({ "msgtype": "m.text", "body": words, "m.mentions": {} });
        content
    }
}

fn relates(how: &str, of: usize, key: Option<&str>) -> Value {
    let mut relation = json!({ "rel_type": how, "event_id": event_id(of) });
    if let Some(key) = key {
        relation["key"] = json!(key);
    }
    json!({ "m.relates_to": relation })
}

/// The state of a room: what it is, and who is in it.
fn state(room: usize) -> Vec<Value> {
    let state = |kind: &str, key: &str, content: &Value| {
        let mut event = event(EVENTS + 1_000 * room, kind, &user(room), content);
        event["state_key"] = json!(key);
        event["event_id"] = json!(format!("$state/{room}/{kind}/{key}"));
        event["origin_server_ts"] = json!(begins().plus(-86_400_000).ms());
        event
    };
    let member = |id: &str, name: &str| {
        let mut member = state("m.room.member", id, &json!({ "membership": "join", "displayname": name }));
        member["sender"] = json!(id);
        member
    };
    let mut events = vec![
        state("m.room.create", "", &json!({ "room_version": "12" })),
        state("m.room.name", "", &json!({ "name": format!("Room {room}") })),
        state("m.room.join_rules", "", &json!({ "join_rule": "invite" })),
    ];
    events.extend((room..room + MEMBERS).map(|number| member(&user(number), &format!("Person {number}"))));
    events.push(member(OWN, "Usher"));
    events
}

/// What a homeserver answers after a busy while.
fn body() -> String {
    let mut chance = ChaCha8Rng::seed_from_u64(17);
    let mut talk = Talk { chance: &mut chance, last: vec![None; ROOMS] };
    let mut timelines = vec![Vec::new(); ROOMS];
    for number in 0..EVENTS {
        let (room, event) = talk.event(number);
        timelines[room].push(event);
    }
    let joined = |(room, events): (usize, Vec<Value>)| {
        let timeline = json!({ "events": events, "limited": false, "prev_batch": "s1" });
        let room_of = json!({ "state": { "events": state(room) }, "timeline": timeline });
        (format!("!room{room}:example.org"), room_of)
    };
    let join: Map<String, Value> = timelines.into_iter().enumerate().map(joined).collect();
    json!({ "next_batch": "s2", "rooms": { "join": join } }).to_string()
}

fn revision() -> Event {
    let text = RevisionText {
        id: "bench".into(),
        file: "bench.toml".to_owned(),
        text: RUNBOOK.to_owned(),
        beside: Default::default(),
        by: None,
    };
    Event { key: "revision".into(), at: begins(), platform: Platform::Matrix, what: What::Revision(text) }
}

/// Seconds until every event is read, and is decided about if there is an engine; and how many were heard.
fn usher(body: &str, mut engine: Option<Engine>) -> Result<(f64, usize), Failed> {
    let now = at(EVENTS);
    let seconds = begin();
    let (mut directory, mut targets) = (Directory::new(OWN.into()), Targets::default());
    let mut count = 0;
    let mut decide = |events: &[Event]| {
        for event in events {
            count += 1;
            if let Some(engine) = &mut engine {
                black_box(engine.handle(event, now));
            }
        }
    };
    for (room, joined) in &sync::read(body)?.rooms.join {
        joined.state.events.iter().for_each(|event| directory.learn(room, event.get()));
        let told = directory.told(room, now);
        directory.learn_told(&told);
        decide(&told);
        for event in &joined.timeline.events {
            let context = Context { directory: &directory, targets: &targets, now, since: Some(begins()) };
            if let Reading::Heard(heard) = read(room, event.get(), &context) {
                targets.learn_heard(&heard);
                directory.learn_told(&heard.events);
                decide(&heard.events);
            }
            directory.learn(room, event.get());
        }
    }
    Ok((seconds(), count))
}

/// Seconds until `ruma` has given every event its type, and how many have one.
fn ruma(body: &str) -> Result<(f64, usize), Failed> {
    let seconds = begin();
    let response = Response::try_from_http_response(http::Response::new(body.as_bytes()))?;
    let mut count = 0;
    for joined in response.rooms.join.values() {
        if let State::Before(state) = &joined.state {
            count += state.events.iter().filter(|event| black_box(event.deserialize()).is_ok()).count();
        }
        count += joined.timeline.events.iter().filter(|event| black_box(event.deserialize()).is_ok()).count();
    }
    Ok((seconds(), count))
}

/// Seconds until `matrix-nio` has.
fn nio(body: &str) -> Result<Option<f64>, Failed> {
    let Some(python) = env::var_os("USHER_BENCH_NIO") else { return Ok(None) };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sync.json");
    fs::write(&path, body)?;
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/nio_sync.py");
    let output = Command::new(python).arg(program).arg(&path).stderr(Stdio::null()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse().ok())
}

fn print(name: &str, seconds: &[f64], usher_s: f64, goal: &str) {
    let took_s = median(seconds);
    println!("  {name:<46} {:>7.1} ms {:>9.2} x{goal}", 1_000.0 * took_s, took_s / usher_s);
}

fn main() -> Result<(), Failed> {
    let body = body();
    let (mut read, mut decided, mut typed, mut in_python) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut heard, mut given) = (0, 0);
    for _ in 0..ROUNDS {
        read.push(usher(&body, None)?.0);
        let mut fresh = Engine::default();
        fresh.handle(&revision(), begins());
        let (took_s, events) = usher(&body, Some(fresh))?;
        (heard, given) = (events, ruma(&body)?.1);
        decided.push(took_s);
        typed.push(ruma(&body)?.0);
        in_python.extend(nio(&body)?);
    }
    let usher_s = median(&decided);
    println!("a sync of {EVENTS} events in {ROOMS} rooms, {:.1} MB", body.len() as f64 / 1e6);
    print(&format!("usher: read, {heard} events decided about"), &decided, usher_s, "");
    print("usher: read alone", &read, usher_s, "");
    print(&format!("ruma: {given} events typed, nothing decided"), &typed, usher_s, " (goal: 1 x and more)");
    match in_python.is_empty() {
        true => println!("  matrix-nio was not measured: USHER_BENCH_NIO names no Python that has it"),
        false => print("matrix-nio: typed, nothing decided", &in_python, usher_s, " (goal: 5 x and more)"),
    }
    Ok(())
}
