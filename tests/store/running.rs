//! Driver and courier as a process runs them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use usher::calendar::{DAY_MS, HOUR_MS};
use usher::clock::{Clock, Simulated};
use usher::core::event::Platform;
use usher::driver::{Acked, GapNotice, Inbound, NotTaken, Options, Stopped};
use usher::fault::{Fault, Faults, Point};
use usher::service::Service;
use usher::store::{Store, StoreError};

use crate::committing::driver;
use crate::kit::{Kit, on_every_store};
use crate::platform::Fake;
use crate::toy::{Toy, at, post};

/// Longer than anything here takes, in ms.
pub const PATIENCE_MS: u64 = 60_000;

pub async fn service(store: Store, fake: &Fake, faults: Faults) -> (Service, Simulated) {
    let clock = Clock::simulated(at(0));
    let Clock::Simulated(hands) = clock.clone() else { unreachable!() };
    let options = Options { platforms: vec![Platform::Slack], ..Options::default() };
    (Service::start::<Toy>(store, clock, faults, fake.routes(), options).await.unwrap(), hands)
}

/// Waits until the platform took `count` messages.
async fn takes(fake: &Fake, count: usize) {
    let taken = async {
        while fake.taken().len() < count {
            tokio::task::yield_now().await;
        }
    };
    let bound = std::time::Duration::from_millis(PATIENCE_MS);
    tokio::time::timeout(bound, taken).await.unwrap_or_else(|_| panic!("only {:?}", fake.taken()));
}

on_every_store!(a_burst_is_acknowledged_and_kept_before_the_process_ends);
async fn a_burst_is_acknowledged_and_kept_before_the_process_ends(kit: Kit) {
    let fake = Fake::default();
    let (service, _) = service(kit.open().await, &fake, Faults::none()).await;
    let mut acks = Vec::new();
    for number in 0..1_000 {
        let (ack, acked) = oneshot::channel();
        let event = post(&format!("{number}"), if number % 100 == 0 { "say C1 hello" } else { "hello" });
        service.handle().submit(Inbound { ack: Some(ack), ..event.into() }).await.unwrap();
        acks.push(acked);
    }
    let handle = service.handle().clone();
    service.shutdown().await.unwrap();
    for mut acked in acks {
        assert_eq!(acked.try_recv(), Ok(Acked::Handled));
    }
    assert!(handle.is_stopped());
    assert_eq!(handle.handle(post("late", "hello"), None, PATIENCE_MS).await, Err(NotTaken::Stopped));
    let commits = handle.figures().commits.get();
    assert!(commits <= 50, "{commits} commits for 1000 events");

    let next = driver(kit.open().await).await;
    let told = |text: &str| !text.starts_with("gap") && text != "started";
    assert_eq!(next.machine().heard.iter().filter(|(_, text)| told(text)).count(), 1_000);
}

#[tokio::test]
async fn a_full_batch_waits_for_nobody() {
    let options = Options { batch: 1, gather_ms: HOUR_MS, ..Options::default() };
    let fake = Fake::default();
    let service =
        Service::start::<Toy>(Store::memory(), Clock::System, Faults::none(), fake.routes(), options);
    let service = service.await.unwrap();
    for key in ["1", "2"] {
        assert_eq!(service.handle().handle(post(key, "hello"), None, PATIENCE_MS).await, Ok(Acked::Handled));
    }
    service.shutdown().await.unwrap();
}

on_every_store!(what_is_due_happens_at_its_time_and_is_sent);
async fn what_is_due_happens_at_its_time_and_is_sent(kit: Kit) {
    let fake = Fake::default();
    let (service, hands) = service(kit.open().await, &fake, Faults::none()).await;
    service.handle().handle(post("1", "at 5000"), None, PATIENCE_MS).await.unwrap();
    service.handle().handle(post("2", "at 9000"), None, PATIENCE_MS).await.unwrap();
    assert!(fake.taken().is_empty());
    hands.advance_to(at(5_000));
    takes(&fake, 1).await;
    assert_eq!(fake.taken(), [format!("alarm/{}", at(5_000).ms())]);
    service.shutdown().await.unwrap();

    let (service, hands) = service_at(kit.open().await, &fake, 20_000).await;
    takes(&fake, 2).await;
    hands.advance_to(at(30_000));
    service.handle().handle(post("3", "hello"), None, PATIENCE_MS).await.unwrap();
    assert_eq!(service.handle().figures().worst_lateness_ms(), 11_000);
    service.shutdown().await.unwrap();
    assert_eq!(fake.taken().len(), 2);
}

async fn service_at(store: Store, fake: &Fake, ms: i64) -> (Service, Simulated) {
    let clock = Clock::simulated(at(ms));
    let Clock::Simulated(hands) = clock.clone() else { unreachable!() };
    let options = Options::default();
    (Service::start::<Toy>(store, clock, Faults::none(), fake.routes(), options).await.unwrap(), hands)
}

#[tokio::test]
async fn a_process_that_starts_knows_of_its_gap_before_it_looks_at_what_is_due() {
    let fake = Fake::default();
    let (sender, mut turns) = tokio::sync::mpsc::unbounded_channel();
    let options = Options { platforms: vec![Platform::Slack], turns: Some(sender), ..Options::default() };
    let (store, clock) = (Store::memory(), Clock::simulated(at(0)));
    let service = Service::start::<Toy>(store, clock, Faults::none(), fake.routes(), options).await.unwrap();
    service.shutdown().await.unwrap();
    let causes: Vec<String> = std::iter::from_fn(|| turns.try_recv().ok())
        .filter_map(|turn| turn.cause)
        .map(String::from)
        .collect();
    assert_eq!(causes.len(), 2, "{causes:?}");
    assert!(causes[0].starts_with("gap/") && causes[1].starts_with("started/"), "{causes:?}");
}

#[tokio::test]
async fn a_jump_of_the_clock_is_a_gap_before_anything_due_fires() {
    for jump_ms in [3 * HOUR_MS, -2 * HOUR_MS] {
        let fake = Fake::default();
        let (service, hands) = service(Store::memory(), &fake, Faults::none()).await;
        let handle = service.handle();
        handle.handle(post("1", "at 5000"), None, PATIENCE_MS).await.unwrap();
        // From here on: the gap at the start has been told of.
        let mut gaps = handle.gaps();
        hands.step(jump_ms);
        handle.handle(post("2", "hello"), None, PATIENCE_MS).await.unwrap();
        let from = at(jump_ms.min(0));
        assert_eq!(gaps.try_recv(), Ok(GapNotice { platform: Platform::Slack, from }));
        assert!(gaps.try_recv().is_err(), "one jump is one gap");
        assert_eq!(handle.figures().clock_jumps.get(), 1);
        service.shutdown().await.unwrap();
        assert_eq!(fake.taken().len(), usize::from(jump_ms > 0));
    }
}

on_every_store!(a_day_that_the_clock_skips_brings_all_that_was_due_in_it_once_and_late);
async fn a_day_that_the_clock_skips_brings_all_that_was_due_in_it_once_and_late(kit: Kit) {
    let fake = Fake::default();
    let (service, hands) = service(kit.open().await, &fake, Faults::none()).await;
    let handle = service.handle();
    let due_ms = [5_000, 6_000, HOUR_MS, 2 * HOUR_MS, DAY_MS + HOUR_MS];
    for (number, ms) in due_ms.iter().enumerate() {
        handle.handle(post(&format!("{number}"), &format!("at {ms}")), None, PATIENCE_MS).await.unwrap();
    }
    hands.step(DAY_MS);
    takes(&fake, 4).await;
    assert_eq!(handle.figures().clock_jumps.get(), 1);
    assert_eq!(handle.figures().worst_lateness_ms(), DAY_MS - 5_000, "by the wall, the first is that late");
    // Set right, and wrong again: what was done stays done.
    hands.step(-DAY_MS);
    handle.handle(post("back", "hello"), None, PATIENCE_MS).await.unwrap();
    hands.step(DAY_MS);
    handle.handle(post("forth", "hello"), None, PATIENCE_MS).await.unwrap();
    assert_eq!(handle.figures().clock_jumps.get(), 3);
    assert_eq!(fake.taken().len(), 4);
    hands.advance_to(at(DAY_MS + HOUR_MS));
    takes(&fake, 5).await;
    service.shutdown().await.unwrap();
    let mut taken = fake.taken();
    taken.sort();
    assert_eq!(taken, due_ms.map(|ms| format!("alarm/{}", at(ms).ms())));
}

#[tokio::test]
async fn while_the_database_stalls_nothing_is_acknowledged_and_nothing_is_lost() {
    let stalled = Arc::new(AtomicBool::new(false));
    let faults = Faults::planned({
        let stalled = Arc::clone(&stalled);
        move |point| {
            let stall = point == Point::BeforeCommit && stalled.load(Ordering::Relaxed);
            if stall { Fault::Lose } else { Fault::Pass }
        }
    });
    let fake = Fake::default();
    let (service, _) = service(Store::memory(), &fake, faults).await;
    let handle = service.handle();
    handle.handle(post("1", "hello"), None, PATIENCE_MS).await.unwrap();
    stalled.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(handle.handle(post("2", "say C1 hello"), None, 20).await, Err(NotTaken::Busy));
    }
    stalled.store(false, Ordering::Relaxed);
    assert_eq!(handle.handle(post("2", "say C1 hello"), None, PATIENCE_MS).await, Ok(Acked::Known));
    takes(&fake, 1).await;
    service.shutdown().await.unwrap();
    assert_eq!(fake.taken(), ["act/2"]);
}

#[tokio::test]
async fn a_full_inbox_is_said_to_be_busy() {
    let faults =
        Faults::planned(|point| if point == Point::BeforeCommit { Fault::Lose } else { Fault::Pass });
    let clock = Clock::simulated(at(0));
    let options = Options { inbox: 8, ..Options::default() };
    let service = Service::start::<Toy>(Store::memory(), clock, faults, Fake::default().routes(), options)
        .await
        .unwrap();
    let mut waiting = JoinSet::new();
    for number in 0..100 {
        let handle = service.handle().clone();
        waiting.spawn(async move { handle.handle(post(&format!("{number}"), "hello"), None, 20).await });
    }
    let answers = waiting.join_all().await;
    assert!(answers.iter().all(|answer| *answer == Err(NotTaken::Busy)), "{answers:?}");
}

on_every_store!(a_process_that_was_taken_over_stops_and_says_so);
async fn a_process_that_was_taken_over_stops_and_says_so(kit: Kit) {
    let Some(store) = kit.open_beside().await else { return };
    let fake = Fake::default();
    let (mut stopped, _) = service(store, &fake, Faults::none()).await;
    let (woken, _) = service(kit.open().await, &fake, Faults::none()).await;
    woken.handle().handle(post("1", "say C1 mine"), None, PATIENCE_MS).await.unwrap();
    takes(&fake, 1).await;
    let refused = stopped.handle().handle(post("2", "say C1 late"), None, PATIENCE_MS).await;
    assert_eq!(refused, Err(NotTaken::Stopped));
    let error = stopped.ended().await.unwrap_err();
    assert!(matches!(error, Stopped::Store(StoreError::Fenced { .. })), "{error}");
    woken.shutdown().await.unwrap();
    assert_eq!(fake.taken(), ["act/1"]);
}

#[tokio::test]
async fn what_is_looked_at_after_a_start_is_not_late() {
    let kit = Kit::memory();
    let asked = |key: &str| usher::core::event::Event {
        platform: Platform::Slack,
        ..post(key, "Can somebody look at the failing deploy?")
    };
    let start = async |ms: i64| {
        let clock = Clock::simulated(at(ms));
        let routes = Fake::default().routes();
        let (store, options) = (kit.open().await, Options::default());
        Service::start::<usher::core::Engine>(store, clock, Faults::none(), routes, options).await.unwrap()
    };
    let service = start(0).await;
    service.handle().handle(asked("1"), None, PATIENCE_MS).await.unwrap();
    service.shutdown().await.unwrap();
    let service = start(1_000).await;
    service.handle().handle(asked("2"), None, PATIENCE_MS).await.unwrap();
    assert_eq!(service.handle().figures().worst_lateness_ms(), 0);
    service.shutdown().await.unwrap();
}
