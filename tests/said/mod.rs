//! What Usher says, for the tests of how a platform shows it: in the scenarios, and one message of each kind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use usher::calendar::{HOUR_MS, Instant};
use usher::core::Engine;
use usher::core::action::{Action, Kind, Target};
use usher::core::event::{
    ChannelFacts, ChannelKind, Event, MessageRef, Platform, Posted, RevisionText, Text, UserFacts, What,
};
use usher::core::message::{Message, Part};
use usher::play::Ends;
use usher::play::figures::Figures;
use usher::play::hours::Hours;
use usher::play::scenario::Scenario;
use usher::play::scene;
use usher::play::session::Delivery;
use usher::store::Store;

/// One message of each kind, and the scenario in which it is said first.
const KINDS: &[(&str, Kind, &str)] = &[
    ("call", Kind::Call, "five-rounds-without-a-resolution-suggest-a-call"),
    ("written-way", Kind::WrittenWay, "more-people-than-suit-a-call-are-offered-the-written-way"),
    ("reminder", Kind::Reminder, "a-crash-loses-nothing-and-repeats-nothing"),
    ("escalation", Kind::Escalation, "a-crash-loses-nothing-and-repeats-nothing"),
    ("off-hours", Kind::OffHours, "somebody-who-is-in-is-asked-instead-of-one-who-is-off"),
    ("long-message", Kind::LongMessage, "a-long-message-gets-the-private-hint-once"),
    ("digest", Kind::Digest, "what-fell-due-while-usher-was-off-is-told-as-one"),
    ("status", Kind::Status, "a-mark-of-somebody-who-may-not-raise-it-is-a-word"),
    ("handoff", Kind::Handoff, "leave-passes-what-is-open-to-the-deputy"),
    ("answer", Kind::Answer, "with-suggest-never-a-call-is-for-the-asking"),
    ("admin", Kind::Admin, "a-watched-channel-hears-nothing"),
    ("revision", Kind::Revision, "a-runbook-that-means-something-else-is-announced"),
    ("outcome", Kind::Outcome, "a-call-at-a-later-hour-is-asked-about-after-it"),
];

const BOOK: &str = r##"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:30"
admins = ["ana"]

[people]
ana = { slack = "U0ANA", matrix = "@ana:example.org" }
ben = { slack = "U0BEN", matrix = "@ben:example.org", phone = "+49 30 1234" }
kim = { slack = "U0KIM", matrix = "@kim:example.org" }

[groups]
platform = ["ana", "ben", "kim"]

[rotations.on-duty]
members = ["ben", "ana"]
every = "1 week"
handoff = "mon 09:00"
from = 2026-11-23

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
escalate = [{ after = "0m", tell = "on-duty", by = "pager" }]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "4h"
escalate = [{ after = "80%", tell = "responders", by = "thread" }]

[channels.support]
purpose = "Questions from customers"
urgency = "normal"
responders = "on-duty"

[channels.release]
urgency = "normal"
"##;

/// What Usher says in a scenario.
fn said_in(scenario: &Scenario) -> Vec<Action> {
    let revision = scene::runbook_of(scenario).unwrap();
    let mut figures = Figures::new(Hours::new(&revision.0, Platform::Console));
    let play = scene::play(scenario, revision, Store::memory(), Delivery::Once, Ends::none(), &mut figures);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(play).unwrap().turns.into_iter().flat_map(|turn| turn.actions).collect()
}

fn scenario(path: &Path) -> Scenario {
    Scenario::parse(path.to_str().unwrap(), &fs::read_to_string(path).unwrap()).unwrap()
}

fn scenarios() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir("tests/scenarios").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "scenario"));
    paths.sort();
    paths
}

/// What is said in chat in all scenarios.
pub fn in_scenarios() -> Vec<Action> {
    let mut said: Vec<Action> = scenarios().iter().flat_map(|path| said_in(&scenario(path))).collect();
    said.retain(|action| !matches!(action.to, Target::Page { .. }));
    assert!(said.len() > 50, "{}", said.len());
    said
}

/// One message of each kind that is said in a scenario, with the name of the kind.
pub fn of_each_kind() -> Vec<(&'static str, Message)> {
    let first = |said: Vec<Action>, kind: Kind| {
        said.into_iter().find(|action| action.kind == kind).map(|action| action.message)
    };
    let mut messages: Vec<(&str, Message)> = KINDS
        .iter()
        .map(|(name, kind, file)| {
            let said = said_in(&scenario(&PathBuf::from(format!("tests/scenarios/{file}.scenario"))));
            (*name, first(said, *kind).expect(name))
        })
        .collect();
    let text = "runbook: runbooks/acme.toml\nstart: 2026-11-23T17:30 Europe/Berlin\n\n\
                dora #support: @usher later @ben the *report* is ready & <!channel>\n/until 2026-11-24T09:30";
    let said = said_in(&Scenario::parse("tests/scenarios/later.scenario", text).unwrap());
    messages.push(("later", first(said, Kind::Later).expect("it is delivered")));
    messages
}

/// A platform, and what it calls those whom a scenario calls by names and numbers.
pub struct Ids {
    pub platform: Platform,
    pub user: fn(&str) -> String,
    pub channel: fn(&str) -> String,
    pub message: fn(u32) -> String,
}

impl Ids {
    /// A message of a scenario, with the ids of the platform.
    pub fn put_into(&self, message: &Message) -> Message {
        let mut message = message.clone();
        for part in &mut message.parts {
            match part {
                Part::Mention { user, .. } => *user = (self.user)(user).into(),
                Part::Channel { channel, .. } => *channel = (self.channel)(channel).into(),
                Part::Message { message, .. } => {
                    message.channel = (self.channel)(&message.channel).into();
                    message.id = (self.message)(message.id.parse().unwrap()).into();
                }
                Part::Words(_)
                | Part::Strong(_)
                | Part::Name(_)
                | Part::Time { .. }
                | Part::Quote(_)
                | Part::Code(_)
                | Part::Command(_)
                | Part::Link { .. }
                | Part::Break
                | Part::Heading(_)
                | Part::Buttons { .. } => {}
            }
        }
        message
    }

    /// What Usher does as something happens on a Friday at 16:55 in Berlin, in the end; what was asked before, by
    /// whom and in which channel, is an hour old.
    pub fn done(&self, asked: &[(&str, &str, &str)], what: What) -> Action {
        let at = Instant::parse("2026-11-27T15:55:00Z").unwrap();
        let (file, text, beside) = ("team.toml".to_owned(), BOOK.to_owned(), BTreeMap::new());
        let mut before = vec![What::Revision(RevisionText { id: "r1".into(), file, text, beside, by: None })];
        before.extend(["ana", "ben", "kim", "dora"].map(|name| self.user_known(name)));
        before.extend(["support", "release"].map(|name| self.channel_known(name)));
        for (number, (author, channel, text)) in (1..).zip(asked) {
            let message =
                MessageRef { channel: (self.channel)(channel).into(), id: (self.message)(number).into() };
            let (text, author) = (Text::new(*text, Vec::new()), (self.user)(author).into());
            before.push(What::Posted(Posted { message, thread: None, author, bot: false, text }));
        }
        let mut engine = Engine::load([]).unwrap();
        let mut done = Vec::new();
        let before = before.into_iter().map(|what| (at.plus(-HOUR_MS), what));
        for (number, (at, what)) in before.chain([(at, what)]).enumerate() {
            let event = Event { key: format!("e{number}").into(), at, platform: self.platform, what };
            done.extend(engine.handle(&event, at).actions);
        }
        done.pop().expect("it does something")
    }

    fn user_known(&self, name: &str) -> What {
        let facts = UserFacts {
            name: name.to_owned(),
            zone: Some(chrono_tz::Europe::Berlin),
            bot: false,
            deactivated: false,
            guest: false,
            away_until: None,
        };
        What::User { user: (self.user)(name).into(), facts }
    }

    fn channel_known(&self, name: &str) -> What {
        let (kind, members) = (ChannelKind::Public, Vec::new());
        let facts =
            ChannelFacts { aliases: Vec::new(), name: name.to_owned(), kind, archived: false, members };
        What::Channel { channel: (self.channel)(name).into(), facts }
    }
}
