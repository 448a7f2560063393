//! A machine that does as it is told: small enough to see through, and able to fail.
//!
//! It keeps every text that was posted, in order of their keys. `say CHANNEL WORDS` says it, `at MS` has
//! itself woken then and says so, `amend ID` amends, `panic` fails.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;
use usher::calendar::Instant;
use usher::core::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use usher::core::event::{Event, Fate, MessageRef, Platform, Posted, Text, UserFacts, What};
use usher::core::message::{Message, Part};
use usher::core::record::{Record, RecordKey, RecordKind};
use usher::core::turn::{Change, Turn};
use usher::driver::Machine;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Toy {
    /// What was said to it, by the key of the event.
    pub heard: BTreeMap<SmolStr, String>,
    /// What became of what it said.
    pub fates: BTreeMap<SmolStr, String>,
    alarms: BTreeSet<Instant>,
}

pub fn at(ms: i64) -> Instant {
    Instant::from_ms(1_772_438_400_000 + ms)
}

/// Somebody posts `text`.
pub fn post(key: &str, text: &str) -> Event {
    let message = MessageRef { channel: "C1".into(), id: key.into() };
    let text = Text::new(text, Vec::new());
    let posted = Posted { message, thread: None, author: "ana".into(), bot: false, text };
    Event { key: key.into(), at: at(0), platform: Platform::Slack, what: What::Posted(posted) }
}

fn key(owner: &str, id: &str) -> RecordKey {
    RecordKey { kind: RecordKind::User, owner: owner.into(), id: id.into() }
}

fn record(text: &str) -> Record {
    let facts = UserFacts {
        name: text.to_owned(),
        zone: None,
        bot: false,
        deactivated: false,
        guest: false,
        away_until: None,
    };
    Record::User(Platform::Slack, Box::new(facts), Vec::new())
}

pub fn action(id: &str, to: Target, words: &str) -> Action {
    Action {
        id: ActionId(id.into()),
        kind: Kind::Reminder,
        to,
        message: Message { parts: vec![Part::Words(words.to_owned())], ..Message::default() },
        priority: Priority::Routine,
        not_after: None,
        if_unknown: IfUnknown::Leave,
    }
}

pub fn channel(channel: &str) -> Target {
    Target::Channel { platform: Platform::Slack, channel: channel.into() }
}

impl Toy {
    fn said(&mut self, event: &Event, text: &str, turn: &mut Turn) {
        assert!(text != "panic", "asked to");
        self.heard.insert(event.key.clone(), text.to_owned());
        turn.changes.push(Change::Put(key("heard", &event.key), record(text)));
        let id = format!("act/{}", event.key);
        let mut words = text.split(' ');
        match words.next() {
            Some("say") => {
                let to = channel(words.next().unwrap());
                turn.actions.push(action(&id, to, &words.collect::<Vec<_>>().join(" ")));
            }
            Some("urgent") => {
                let to = channel(words.next().unwrap());
                turn.actions.push(Action { priority: Priority::Urgent, ..action(&id, to, "hurry") });
            }
            Some("repeat") => {
                let to = channel(words.next().unwrap());
                turn.actions.push(Action { if_unknown: IfUnknown::Repeat, ..action(&id, to, "must arrive") });
            }
            Some("until") => {
                let not_after = Some(at(words.next().unwrap().parse().unwrap()));
                turn.actions.push(Action { not_after, ..action(&id, channel("C1"), "soon") });
            }
            Some("amend") => {
                let of = ActionId(words.next().unwrap().into());
                turn.actions.push(action(&id, Target::Amend { of }, "better"));
            }
            Some("at") => {
                let alarm = at(words.next().unwrap().parse().unwrap());
                self.alarms.insert(alarm);
                turn.changes.push(Change::Put(key("alarm", &alarm.ms().to_string()), record("")));
            }
            Some("forget") => {
                self.heard.clear();
                turn.changes.push(Change::DeleteAll(RecordKind::User, "heard".into()));
            }
            Some(_) | None => {}
        }
    }
}

impl Machine for Toy {
    fn load(records: Vec<(RecordKey, Record)>) -> Result<Toy, String> {
        let mut toy = Toy::default();
        for (key, record) in records {
            let Record::User(_, facts, _) = record else { return Err(format!("{key:?} is not a toy's")) };
            match key.owner.as_str() {
                "heard" => {
                    toy.heard.insert(key.id, facts.name);
                }
                "fate" => {
                    toy.fates.insert(key.id, facts.name);
                }
                _ => {
                    toy.alarms.insert(Instant::from_ms(key.id.parse().unwrap()));
                }
            }
        }
        Ok(toy)
    }

    fn handle(&mut self, event: &Event, now: Instant) -> Turn {
        let mut turn = Turn::new(Some(event.key.clone()), now);
        match &event.what {
            What::Posted(posted) => self.said(event, &posted.text.plain, &mut turn),
            What::Delivered { action, fate, .. } => {
                let text = match fate {
                    Fate::Sent(Some(message)) => format!("sent {}", message.id),
                    Fate::Sent(None) => "sent".to_owned(),
                    Fate::Refused(why) => format!("refused {why}"),
                    Fate::Unknown(why) => format!("unknown {why}"),
                };
                turn.changes.push(Change::Put(key("fate", &action.0), record(&text)));
                self.fates.insert(action.0.clone(), text);
            }
            What::Gap { from, .. } => {
                let text = format!("gap from {from}");
                turn.changes.push(Change::Put(key("heard", &event.key), record(&text)));
                self.heard.insert(event.key.clone(), text);
            }
            What::Started { .. } => {
                turn.changes.push(Change::Put(key("heard", &event.key), record("started")));
                self.heard.insert(event.key.clone(), "started".to_owned());
            }
            _ => {}
        }
        turn
    }

    fn wake(&mut self, now: Instant) -> Turn {
        let mut turn = Turn::new(None, now);
        if let Some(alarm) = self.alarms.first().copied().filter(|alarm| *alarm <= now) {
            self.alarms.remove(&alarm);
            turn.changes.push(Change::Delete(key("alarm", &alarm.ms().to_string())));
            let id = format!("alarm/{}", alarm.ms());
            // In many channels, so that what is due at once need not wait for each other.
            let to = channel(&format!("C{}", alarm.ms() % 32));
            turn.actions.push(action(&id, to, &format!("it is {alarm}")));
        }
        turn
    }

    fn next_wake(&self) -> Option<Instant> {
        self.alarms.first().copied()
    }
}
