//! What is committed reaches the platform: in order, within its limits, and once.

use usher::calendar::Instant;
use usher::chat::{Outcome, Pace};
use usher::clock::{Clock, Simulated};
use usher::core::event::{Event, Fate, What};
use usher::courier::Courier;
use usher::driver::{Driver, Stopped};
use usher::fault::{Fault, Faults, Point};
use usher::store::Store;

use crate::driving::first;
use crate::kit::{Kit, on_every_store};
use crate::platform::{Fake, Reply};
use crate::toy::{Toy, at, post};

/// A process, step by step.
struct Process {
    driver: Driver<Toy>,
    courier: Courier,
    clock: Clock,
}

impl Process {
    async fn start(store: Store, fake: &Fake, now: Instant, faults: Faults) -> Process {
        let clock = Clock::simulated(now);
        let driver = Driver::open(store.clone(), clock.clone(), faults.clone()).await.unwrap();
        let courier = Courier::new(store, clock.clone(), faults, fake.routes());
        Process { driver, courier, clock }
    }

    async fn posts(&mut self, posts: &[(&str, &str)]) -> Result<(), Stopped> {
        let events = posts.iter().map(|(key, text)| post(key, text)).collect();
        self.plays(events).await
    }

    /// Hands in events and goes on until nothing more happens without time passing.
    async fn plays(&mut self, mut events: Vec<Event>) -> Result<(), Stopped> {
        loop {
            let now = self.clock.now();
            let actions: Vec<_> = events.iter().filter_map(settled).collect();
            for event in events.drain(..) {
                self.driver.offer(event.into(), now);
            }
            for entry in self.driver.commit().await?.entries {
                self.courier.add(entry);
            }
            for action in &actions {
                self.courier.settled(action);
            }
            events = self.courier.settle().await?;
            if events.is_empty() {
                return Ok(());
            }
        }
    }

    /// Lets time pass until `end`, stopping wherever the courier has something to do.
    async fn waits_until(&mut self, end: Instant) {
        let Clock::Simulated(hands) = self.clock.clone() else { unreachable!() };
        while let Some(next) = self.courier.next_change().filter(|next| *next <= end) {
            self.goes_to(&hands, next).await;
        }
        self.goes_to(&hands, end).await;
    }

    async fn goes_to(&mut self, hands: &Simulated, at: Instant) {
        hands.advance_to(at);
        self.plays(Vec::new()).await.unwrap();
    }

    fn fate(&self, key: &str) -> &str {
        self.driver.machine().fates.get(format!("act/{key}").as_str()).map_or("", String::as_str)
    }
}

fn settled(event: &Event) -> Option<usher::core::action::ActionId> {
    match &event.what {
        What::Delivered { action, .. } => Some(action.clone()),
        _ => None,
    }
}

async fn process(kit: &Kit, fake: &Fake) -> Process {
    Process::start(kit.open().await, fake, at(0), Faults::none()).await
}

fn later(after_ms: Option<i64>) -> Reply {
    Reply::Answer(Outcome::TryLater { after_ms, why: "429".to_owned() })
}

on_every_store!(what_is_decided_is_sent_and_the_engine_learns_of_it);
async fn what_is_decided_is_sent_and_the_engine_learns_of_it(kit: Kit) {
    let fake = Fake::default();
    let mut process = process(&kit, &fake).await;
    process
        .posts(&[("1", "say C1 a"), ("2", "say C1 b"), ("3", "urgent C1"), ("4", "amend act/1")])
        .await
        .unwrap();
    assert_eq!(fake.taken(), ["act/3", "act/1", "act/2", "act/4"]);
    assert_eq!(
        fake.0.lock().unwrap().taken[3].2.as_deref(),
        Some("ts2"),
        "it replaces the message that was sent"
    );
    assert_eq!(process.fate("2"), "sent ts3");
    assert!(process.courier.is_empty());
    drop(process);
    assert!(kit.open().await.load().await.unwrap().entries.is_empty());
}

on_every_store!(a_limit_is_kept_and_holds_up_nobody_else);
async fn a_limit_is_kept_and_holds_up_nobody_else(kit: Kit) {
    let fake = Fake::replying([later(Some(30_000)), Reply::Take]);
    let mut process = process(&kit, &fake).await;
    process.posts(&[("1", "say C1 a"), ("2", "say C2 b"), ("3", "say C1 c")]).await.unwrap();
    assert_eq!(fake.taken(), ["act/2"]);
    process.waits_until(at(29_999)).await;
    assert_eq!(fake.taken(), ["act/2"]);
    drop(process);

    let mut next = Process::start(kit.open().await, &fake, at(29_999), Faults::none()).await;
    next.plays(Vec::new()).await.unwrap();
    assert_eq!(fake.taken(), ["act/2"], "a restart does not forget the limit");
    next.waits_until(at(30_000)).await;
    assert_eq!(fake.taken(), ["act/2", "act/1", "act/3"]);
}

on_every_store!(a_platform_that_is_down_is_tried_less_and_less_often);
async fn a_platform_that_is_down_is_tried_less_and_less_often(kit: Kit) {
    let nonsense = [None, Some(-1), Some(i64::MIN), Some(86_400_000), None, None];
    let fake = Fake::replying(nonsense.map(later));
    let mut process = process(&kit, &fake).await;
    process.posts(&[("1", "say C1 a")]).await.unwrap();
    let mut tried = Vec::new();
    while let Some(next) = process.courier.next_change() {
        tried.push(next.since(at(0)) / 1000);
        process.waits_until(next).await;
    }
    assert_eq!(tried, [1, 3, 7, 907, 923, 955]);
    assert_eq!(fake.taken(), ["act/1"]);
}

on_every_store!(what_a_platform_refuses_is_not_tried_again);
async fn what_a_platform_refuses_is_not_tried_again(kit: Kit) {
    let fake = Fake::replying([Reply::Answer(Outcome::Refused("is_archived".to_owned()))]);
    let mut process = process(&kit, &fake).await;
    process.posts(&[("1", "say C1 a"), ("2", "amend act/1")]).await.unwrap();
    assert_eq!(process.fate("1"), "refused is_archived");
    assert_eq!(process.fate("2"), "refused what it amends was not sent");
    assert_eq!((process.courier.next_change(), fake.taken().len()), (None, 0));
}

on_every_store!(what_comes_too_late_is_not_said);
async fn what_comes_too_late_is_not_said(kit: Kit) {
    let fake = Fake::replying([later(Some(60_000)), later(Some(10_000))]);
    let mut process = process(&kit, &fake).await;
    process.posts(&[("1", "until 20000"), ("2", "until 50000")]).await.unwrap();
    process.waits_until(at(100_000)).await;
    assert!(process.fate("1").starts_with("refused it came too late"), "{}", process.fate("1"));
    assert_eq!(process.fate("2"), "sent ts1");
    assert_eq!(fake.taken(), ["act/2"]);
}

on_every_store!(an_answer_that_was_lost_is_read_back);
async fn an_answer_that_was_lost_is_read_back(kit: Kit) {
    let fake = Fake::replying([Reply::TakeAndLose, Reply::Lose]);
    let mut process = process(&kit, &fake).await;
    process.posts(&[("1", "say C1 a"), ("2", "say C2 b")]).await.unwrap();
    process.waits_until(at(60_000)).await;
    assert_eq!(fake.taken(), ["act/1", "act/2"], "each is there once");
    assert_eq!((process.fate("1"), process.fate("2")), ("sent ts1", "sent ts2"));
}

on_every_store!(of_what_nobody_can_learn_only_what_must_arrive_is_repeated);
async fn of_what_nobody_can_learn_only_what_must_arrive_is_repeated(kit: Kit) {
    let fake = Fake::replying([Reply::TakeAndLose, Reply::TakeAndLose]);
    fake.0.lock().unwrap().silent = true;
    let mut process = process(&kit, &fake).await;
    process.posts(&[("1", "say C1 a"), ("2", "repeat C2")]).await.unwrap();
    process.waits_until(at(60_000)).await;
    assert_eq!(fake.taken(), ["act/1", "act/2", "act/2"]);
    assert_eq!((process.fate("1"), process.fate("2")), ("unknown 502", "sent ts3"));
    let taken = fake.0.lock().unwrap().taken.clone();
    assert!(!taken[1].1.contains("twice") && taken[2].1.contains("twice"), "{taken:?}");
}

on_every_store!(a_fate_that_stays_unknown_is_not_repeated_for_ever);
async fn a_fate_that_stays_unknown_is_not_repeated_for_ever(kit: Kit) {
    let fake = Fake::replying(vec![Reply::Lose; 50]);
    fake.0.lock().unwrap().silent = true;
    let mut process = process(&kit, &fake).await;
    process.posts(&[("1", "repeat C1")]).await.unwrap();
    process.waits_until(at(3_600_000)).await;
    assert_eq!(process.fate("1"), "unknown timeout");
    assert!(process.courier.is_empty());
}

on_every_store!(a_process_that_dies_anywhere_says_nothing_twice);
async fn a_process_that_dies_anywhere_says_nothing_twice(kit: Kit) {
    let points = [
        Point::BeforeCommit,
        Point::AfterCommit,
        Point::AfterAcknowledge,
        Point::AfterClaim,
        Point::AfterSend,
    ];
    for (round, point) in points.into_iter().enumerate() {
        for passing in 0..4 {
            let fake = Fake::default();
            let keys: Vec<String> = (0..3).map(|number| format!("{round}.{passing}.{number}")).collect();
            let posts: Vec<(&str, &str)> = keys
                .iter()
                .zip(["say C1 a", "say C1 b", "repeat C2"])
                .map(|(key, text)| (key.as_str(), text))
                .collect();
            let mut dying = Process::start(kit.open().await, &fake, at(0), at_passing(passing, point)).await;
            let died = dying.posts(&posts).await;
            assert!(died.is_err() || passing > 0);
            drop(dying);

            let mut next = Process::start(kit.open().await, &fake, at(0), Faults::none()).await;
            next.posts(&posts).await.unwrap();
            next.waits_until(at(60_000)).await;
            let mut taken = fake.taken();
            assert!(next.courier.is_empty());
            taken.sort();
            let expected: Vec<String> = keys.iter().map(|key| format!("act/{key}")).collect();
            assert_eq!(taken, expected, "{point:?} at passing {passing}");
            for key in &keys {
                assert!(next.fate(key).starts_with("sent ts"), "{key}: {}", next.fate(key));
            }
        }
    }
}

fn at_passing(passing: usize, point: Point) -> Faults {
    let passed = std::sync::atomic::AtomicUsize::new(0);
    Faults::planned(move |at| {
        let crash = at == point && passed.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == passing;
        if crash { Fault::Crash } else { Fault::Pass }
    })
}

on_every_store!(a_mark_that_is_lost_does_not_send_again);
async fn a_mark_that_is_lost_does_not_send_again(kit: Kit) {
    let fake = Fake::default();
    let mut process =
        Process::start(kit.open().await, &fake, at(0), first(2, Point::AfterCommit, Fault::Lose)).await;
    process.posts(&[("1", "say C1 a"), ("2", "say C1 b")]).await.unwrap();
    assert_eq!(fake.taken(), ["act/1", "act/2"]);
    assert!(process.courier.is_empty());
}

#[tokio::test]
async fn the_urgent_overtakes_fifty_thousand() {
    let kit = Kit::memory();
    let fake = Fake::default();
    fake.0.lock().unwrap().pace = Pace { lane_gap_ms: 1_000, gap_ms: 200 };
    let mut process = process(&kit, &fake).await;
    for number in 0..50_000 {
        let event = post(&format!("{number}"), &format!("say D{number} standup"));
        process.driver.offer(event.into(), at(0));
    }
    process.plays(Vec::new()).await.unwrap();
    process.waits_until(at(1_000)).await;
    assert_eq!(fake.taken().len(), 6, "the platform's pace is kept");
    process.posts(&[("breach", "urgent D49999")]).await.unwrap();
    assert_eq!(fake.taken().last().map(String::as_str), Some("act/breach"));
    process.waits_until(at(3_000)).await;
    assert_eq!(fake.taken().len(), 17);
}

#[tokio::test]
async fn a_platform_that_is_not_set_up_is_said_to_be_so() {
    let kit = Kit::memory();
    let mut process = process(&kit, &Fake::default()).await;
    process.courier =
        Courier::new(kit.open().await, process.clock.clone(), Faults::none(), Default::default());
    process.driver = Driver::open(kit.open().await, process.clock.clone(), Faults::none()).await.unwrap();
    process.posts(&[("1", "say C1 a")]).await.unwrap();
    assert_eq!(process.fate("1"), "refused Slack is not set up");
}

on_every_store!(what_waits_behind_something_finished_is_sent_at_once);
async fn what_waits_behind_something_finished_is_sent_at_once(kit: Kit) {
    let fake = Fake::default();
    let Process { mut driver, mut courier, clock } = process(&kit, &fake).await;
    driver.offer(post("1", "say C1 a").into(), clock.now());
    driver.offer(post("2", "say C1 b").into(), clock.now());
    let entries = driver.commit().await.unwrap().entries;
    let fate = What::Delivered { action: entries[0].id.clone(), fate: Fate::Sent(None), errand: None };
    driver.offer(Event { what: fate, ..post("told", "") }.into(), clock.now());
    driver.commit().await.unwrap();
    // As after a commit whose answer was lost: the courier hears of both, and the first is done.
    for entry in entries {
        courier.add(entry);
    }
    courier.settle().await.unwrap();
    assert_eq!(fake.taken(), ["act/2"]);
}
