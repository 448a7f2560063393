//! How late Usher is: `cargo bench --bench lateness`.
//!
//! The real engine, driver, courier and store (SQLite in a file, WAL, `synchronous=FULL`) on the system's clock, before a platform
//! that takes everything and notes when. First a thousand promises fall due in each second. Then fifty thousand hints
//! wait, which a platform with Slack's limits takes for hours, and some promises fall due.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;
use smol_str::{SmolStr, format_smolstr};
use tokio::sync::mpsc;
use usher::calendar::{Instant, SECOND_MS};
use usher::chat::{Answer, Chat, Outcome, Pace, ReadBack};
use usher::clock::{self, Clock};
use usher::core::Engine;
use usher::core::action::{Action, Kind, Target};
use usher::core::event::{Event, Mention, MessageId, MessageRef, Platform, Posted, RevisionText, Text, What};
use usher::courier::Routes;
use usher::driver::{DriverHandle, Inbound, Options};
use usher::fault::Faults;
use usher::service::Service;
use usher::store::{Opening, Store};

/// How long an answer may take; the runbook says the same.
const PROMISE_MS: i64 = 60 * SECOND_MS;
/// So soon the first falls due: all have been asked by then.
const AHEAD_MS: i64 = 4 * SECOND_MS;
const DUE: usize = 10_000;
const A_SECOND: usize = 1_000;
const QUEUED: usize = 50_000;
/// So many fall due behind them, four a second.
const BEHIND: usize = 20;
/// What Slack bears: a message a second to a channel or person.
const SLACK: Pace = Pace { lane_gap_ms: SECOND_MS, gap_ms: 0 };
/// How long Slack takes to answer, in ms.
const ANSWER_MS: i64 = 100;
const CHANNELS: usize = 500;
const RUNBOOK: &str = r#"
[team]
name = "Bench"
timezone = "Etc/UTC"
office-hours = "mon-sun 00:00-24:00"

[notices]
per-person-per-day = 100

[threads]
long-message = 300

[urgency.soon]
means = "Within the minute"
respond-within = "1m"
clock = "always"
escalate = [{ after = "100%", tell = "responders", by = "thread" }]

[channels."*"]
urgency = "soon"
usher = "speak"
"#;

type Failed = Box<dyn std::error::Error>;

/// A platform that takes everything, and tells when it was handed which step of a ladder.
struct Notes {
    handed: mpsc::UnboundedSender<(MessageId, Instant)>,
    pace: Pace,
    answer_ms: i64,
}

impl Chat for Notes {
    fn deliver<'a>(&'a self, action: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, Outcome> {
        let now = clock::now();
        if let (Kind::Reminder | Kind::Escalation, Target::Thread { root, .. }) = (action.kind, &action.to) {
            // The bench has what it wanted and listens no more.
            let _ = self.handed.send((root.clone(), now));
        }
        Box::pin(async move {
            if self.answer_ms > 0 {
                Clock::System.pause(self.answer_ms).await;
            }
            Outcome::Accepted(Some(MessageRef { channel: "C0".into(), id: action.id.0.clone() }))
        })
    }

    fn read_back<'a>(&'a self, _: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, ReadBack> {
        Box::pin(async { ReadBack::CannotTell })
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}

/// A running Usher, and what its platform notes.
struct Bench {
    service: Service,
    handed: mpsc::UnboundedReceiver<(MessageId, Instant)>,
}

impl Bench {
    async fn start(folder: &Path, pace: Pace, answer_ms: i64) -> Result<Bench, Failed> {
        let url = format!("sqlite:{}", folder.join("usher.db").display());
        let store = Store::open(&Opening::new(SecretString::from(url), "bench", "bench")).await?;
        let (tell, handed) = mpsc::unbounded_channel();
        let chat: Arc<dyn Chat> = Arc::new(Notes { handed: tell, pace, answer_ms });
        let routes = Routes { chats: [(Platform::Slack, chat)].into(), pager: None };
        let service =
            Service::start::<Engine>(store, Clock::System, Faults::none(), routes, Options::default())
                .await?;
        let text = RevisionText {
            id: "bench".into(),
            file: "bench.toml".to_owned(),
            text: RUNBOOK.to_owned(),
            beside: Default::default(),
            by: None,
        };
        let at = clock::now();
        let event =
            Event { key: "revision".into(), at, platform: Platform::Slack, what: What::Revision(text) };
        service.handle().handle(event, None, 10_000).await?;
        Ok(Bench { service, handed })
    }

    /// How far behind the promise of each question its step was handed over, in ms, least first.
    async fn lateness(&mut self, asked: &[Event]) -> Vec<f64> {
        let due = asked.iter().filter_map(|event| {
            let What::Posted(posted) = &event.what else { return None };
            Some((posted.message.id.clone(), event.at.plus(PROMISE_MS)))
        });
        let due: BTreeMap<MessageId, Instant> = due.collect();
        let mut behind_ms = Vec::new();
        while behind_ms.len() < asked.len() {
            let Some((root, at)) = self.handed.recv().await else { break };
            behind_ms.extend(due.get(&root).map(|due| at.since(*due) as f64));
        }
        behind_ms.sort_by(f64::total_cmp);
        behind_ms
    }
}

async fn hand_in(driver: &DriverHandle, events: &[Event]) -> Result<(), Failed> {
    for event in events {
        driver.submit(Inbound::from(event.clone())).await?;
    }
    Ok(())
}

fn user(number: usize) -> SmolStr {
    format_smolstr!("U{number:09}")
}

fn posted(number: usize, at: Instant, text: Text) -> Event {
    let channel = format_smolstr!("C{:09}", number % CHANNELS);
    let message = MessageRef { channel, id: format_smolstr!("{}.{number:07}", at.ms() / SECOND_MS) };
    let key = format_smolstr!("{}/{}", message.channel, message.id);
    let posted = Posted { message, thread: None, author: user(2 * number), bot: false, text };
    Event { key, at, platform: Platform::Slack, what: What::Posted(posted) }
}

/// Questions by people who ask once, to people who are asked once, of which so many fall due in a second.
fn questions(first: usize, count: usize, a_second: usize) -> Vec<Event> {
    let from = clock::now().plus(AHEAD_MS - PROMISE_MS);
    let question = |index: usize| {
        let number = first + index;
        let text =
            Text::new("@somebody can you look at the import?", vec![Mention::User(user(2 * number + 1))]);
        posted(number, from.plus(index as i64 * SECOND_MS / a_second as i64), text)
    };
    (0..count).map(question).collect()
}

/// Messages so long that their authors are given a hint, each once. They stand before the questions: what is older
/// than the first word that Usher hears in a channel starts nothing.
fn long_messages() -> Vec<Event> {
    let at = clock::now().plus(-PROMISE_MS);
    let plain = "The notes of the meeting, for those who were not there. ".repeat(12);
    let long = |number: usize| posted(number, at, Text::new(plain.as_str(), Vec::new()));
    (0..QUEUED).map(long).collect()
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

async fn due_together(folder: &Path) -> Result<(), Failed> {
    let mut bench = Bench::start(folder, Pace::default(), 0).await?;
    let asked = questions(0, DUE, A_SECOND);
    hand_in(bench.service.handle(), &asked).await?;
    let behind_ms = bench.lateness(&asked).await;
    println!("{DUE} steps, {A_SECOND} due a second, from due to handed to the platform");
    println!("  median                                     {:>8.0} ms", quantile(&behind_ms, 0.5));
    println!(
        "  p99                                        {:>8.0} ms (goal: 50 ms and less)",
        quantile(&behind_ms, 0.99)
    );
    println!("  the latest                                 {:>8.0} ms\n", quantile(&behind_ms, 1.0));
    bench.service.shutdown().await?;
    Ok(())
}

async fn due_behind_a_queue(folder: &Path) -> Result<(), Failed> {
    let mut bench = Bench::start(folder, SLACK, ANSWER_MS).await?;
    let long = long_messages();
    hand_in(bench.service.handle(), &long).await?;
    // The last is in the outbox once what came after it is durable.
    let asked = questions(QUEUED, BEHIND, 4);
    for event in &asked {
        bench.service.handle().handle(event.clone(), None, 60_000).await?;
    }
    let behind_ms = bench.lateness(&asked).await;
    println!("{BEHIND} steps due while {QUEUED} hints wait, before a platform with Slack's limits");
    println!("  median                                     {:>8.0} ms", quantile(&behind_ms, 0.5));
    println!(
        "  the latest                                 {:>8.0} ms (goal: 2000 ms and less)",
        quantile(&behind_ms, 1.0)
    );
    bench.service.shutdown().await?;
    Ok(())
}

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // On the disk of the project: /tmp may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    runtime.block_on(due_together(folder.path()))?;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    runtime.block_on(due_behind_a_queue(folder.path()))
}
