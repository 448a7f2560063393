//! Whatever fails between an event and its commit, the event is handled once, or set aside, or was
//! never acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;
use usher::clock::Clock;
use usher::core::event::Event;
use usher::driver::{Acked, Driver, Inbound, Stopped, Unread};
use usher::fault::{Fault, Faults, Point};
use usher::store::{Store, StoreError};

use crate::committing::{delivered, driver, sent};
use crate::kit::{Kit, on_every_store};
use crate::toy::{Toy, at, post};

/// Does `fault` the first `times` times that `point` is passed.
pub fn first(times: usize, point: Point, fault: Fault) -> Faults {
    let passed = AtomicUsize::new(0);
    Faults::planned(move |at| {
        if at == point && passed.fetch_add(1, Ordering::Relaxed) < times { fault } else { Fault::Pass }
    })
}

pub async fn faulty(store: Store, faults: Faults) -> Driver<Toy> {
    Driver::open(store, Clock::simulated(at(0)), faults).await.unwrap()
}

pub fn asking(event: Event) -> (Inbound, oneshot::Receiver<Acked>) {
    let (ack, acked) = oneshot::channel();
    (Inbound { ack: Some(ack), ..event.into() }, acked)
}

on_every_store!(a_commit_that_is_lost_is_made_again_once);
async fn a_commit_that_is_lost_is_made_again_once(kit: Kit) {
    for point in [Point::BeforeCommit, Point::AfterCommit] {
        let key = format!("{point:?}");
        let mut driver = faulty(kit.open().await, first(7, point, Fault::Lose)).await;
        let (inbound, mut acked) = asking(post(&key, "say C1 hello"));
        driver.offer(inbound, at(1));
        let done = driver.commit().await.unwrap();
        let expected = if point == Point::AfterCommit { Acked::Known } else { Acked::Handled };
        assert_eq!(acked.try_recv(), Ok(expected));
        assert_eq!(driver.machine().heard[key.as_str()], "say C1 hello");
        let queued = done.entries.iter().filter(|entry| entry.id.0 == format!("act/{key}")).count();
        assert_eq!(queued, 1, "the courier hears of it although the answer to the commit was lost");
        assert_eq!(driver.figures().rejected.get(), 0);
    }
}

on_every_store!(a_refused_batch_is_tried_three_times_then_one_by_one);
async fn a_refused_batch_is_tried_three_times_then_one_by_one(kit: Kit) {
    let store = kit.open().await;
    // Three refusals of the batch, then three of its first event; the rest passes.
    let mut driver = faulty(store.clone(), first(6, Point::BeforeCommit, Fault::Refuse)).await;
    let mut acks = Vec::new();
    for key in ["1", "2", "3"] {
        let (inbound, acked) = asking(post(key, "say C1 hello"));
        driver.offer(inbound, at(1));
        acks.push(acked);
    }
    let done = driver.commit().await.unwrap();
    let acked: Vec<_> = acks.iter_mut().map(|ack| ack.try_recv().unwrap()).collect();
    assert_eq!(acked, [Acked::Rejected, Acked::Handled, Acked::Handled]);
    assert_eq!(done.entries.len(), 2);
    assert_eq!(driver.machine().heard.keys().collect::<Vec<_>>(), ["2", "3"]);
    let rejected = store.rejected().await.unwrap();
    assert_eq!(rejected.len(), 1);
    assert!(
        rejected[0].raw.contains("say C1 hello") && rejected[0].error.contains("planned"),
        "{rejected:?}"
    );
    drop((driver, store));

    let mut next = crate::committing::driver(kit.open().await).await;
    next.offer(post("1", "say C1 hello").into(), at(2));
    next.commit().await.unwrap();
    assert_eq!(next.figures().duplicates.get(), 1, "a rejected event is known when it comes again");
}

on_every_store!(an_event_that_breaks_the_engine_is_set_aside_and_the_rest_goes_on);
async fn an_event_that_breaks_the_engine_is_set_aside_and_the_rest_goes_on(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    let (before, mut before_acked) = asking(post("1", "say C1 before"));
    let (poison, mut poison_acked) = asking(post("2", "panic"));
    let (after, mut after_acked) = asking(post("3", "say C1 after"));
    driver.offer(before, at(1));
    driver.offer(poison, at(2));
    driver.offer(after, at(3));
    let done = driver.commit().await.unwrap();
    assert_eq!(done.entries.len(), 2);
    assert_eq!(before_acked.try_recv(), Ok(Acked::Handled));
    assert_eq!(poison_acked.try_recv(), Ok(Acked::Rejected));
    assert_eq!(after_acked.try_recv(), Ok(Acked::Handled));
    let rejected = store.rejected().await.unwrap();
    assert_eq!((rejected[0].key.as_str(), rejected[0].at), ("2", at(2)));
    assert!(rejected[0].error.contains("asked to"), "{}", rejected[0].error);

    driver.offer(post("2", "panic").into(), at(4));
    driver.commit().await.unwrap();
    assert_eq!((driver.figures().rejected.get(), driver.figures().duplicates.get()), (1, 1));
}

on_every_store!(a_crash_leaves_all_of_a_batch_or_nothing);
async fn a_crash_leaves_all_of_a_batch_or_nothing(kit: Kit) {
    for (point, durable) in
        [(Point::BeforeCommit, false), (Point::AfterCommit, true), (Point::AfterAcknowledge, true)]
    {
        let key = format!("{point:?}");
        let mut driver = faulty(kit.open().await, first(1, point, Fault::Crash)).await;
        let (inbound, mut acked) = asking(post(&key, "say C1 hello"));
        driver.offer(inbound, at(1));
        let stopped = driver.commit().await.unwrap_err();
        assert!(matches!(stopped, Stopped::Crashed(at) if at == point), "{stopped}");
        let told = acked.try_recv().is_ok();
        assert_eq!(told, point == Point::AfterAcknowledge, "nothing is acknowledged before it is durable");
        drop(driver);

        let mut next = crate::committing::driver(kit.open().await).await;
        assert_eq!(next.machine().heard.contains_key(key.as_str()), durable);
        next.offer(post(&key, "say C1 hello").into(), at(2));
        next.commit().await.unwrap();
        assert_eq!(next.machine().heard[key.as_str()], "say C1 hello");
    }
    let store = kit.open().await;
    assert_eq!(store.fates().await.unwrap().len(), 3, "each was decided once");
}

on_every_store!(whoever_was_taken_over_can_commit_nothing_more);
async fn whoever_was_taken_over_can_commit_nothing_more(kit: Kit) {
    let Some(old) = kit.open_beside().await else { return };
    let mut stopped = driver(old.clone()).await;
    let mut woken = driver(kit.open().await).await;
    woken.offer(post("1", "say C1 mine").into(), at(1));
    woken.commit().await.unwrap();

    let (inbound, mut acked) = asking(post("2", "say C1 late"));
    stopped.offer(inbound, at(2));
    let error = stopped.commit().await.unwrap_err();
    assert!(matches!(error, Stopped::Store(StoreError::Fenced { .. })), "{error}");
    assert!(acked.try_recv().is_err());
    assert!(matches!(old.claim(&[]).await, Err(StoreError::Fenced { .. })));
    assert!(matches!(old.renew().await, Err(StoreError::Fenced { .. })) || old.lease_ms().is_none());
    woken.offer(delivered("act/1", sent("C1", "1")).into(), at(3));
    woken.commit().await.unwrap();
    assert_eq!(woken.machine().heard.len(), 1);
}

/// Counts how often a point is passed.
pub fn counting(point: Point) -> (Faults, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let faults = Faults::planned(move |at| {
        if at == point {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        Fault::Pass
    });
    (faults, count)
}

on_every_store!(what_changes_nothing_costs_no_commit);
async fn what_changes_nothing_costs_no_commit(kit: Kit) {
    let (faults, commits) = counting(Point::BeforeCommit);
    let mut driver = faulty(kit.open().await, faults).await;
    driver.offer(post("1", "hello").into(), at(1));
    driver.commit().await.unwrap();
    driver.offer(post("1", "hello").into(), at(2));
    driver.wake(at(3));
    driver.commit().await.unwrap();
    driver.commit().await.unwrap();
    assert_eq!(commits.load(Ordering::Relaxed), 1);
}

on_every_store!(what_cannot_be_read_is_kept_aside_once_cut_and_then_acknowledged);
async fn what_cannot_be_read_is_kept_aside_once_cut_and_then_acknowledged(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    let mut raw = b"\0 \xff \xf0\x9f\x98\x80 <!channel> ".to_vec();
    raw.resize(10 << 20, b'x');
    driver.set_aside(Unread::new("slack/T/unread/1".into(), &raw, "not \0 UTF-8"), at(1));
    driver.set_aside(Unread::new("slack/T/unread/1".into(), &raw, "not UTF-8"), at(2));
    driver.offer(post("1", "say C1 hello").into(), at(3));
    driver.commit().await.unwrap();
    assert_eq!((driver.figures().rejected.get(), driver.figures().duplicates.get()), (1, 1));
    assert_eq!(driver.machine().heard.keys().collect::<Vec<_>>(), ["1"]);
    assert_eq!(driver.figures().last_commit(), Some(at(3)));
    let kept = store.rejected().await.unwrap();
    assert_eq!((kept.len(), kept[0].key.as_str(), kept[0].at), (1, "slack/T/unread/1", at(1)));
    assert!(kept[0].raw.starts_with("\u{fffd} \u{fffd} 😀 <!channel> x"), "{}", &kept[0].raw[..40]);
    assert!(kept[0].raw.len() < 20_000, "{}", kept[0].raw.len());
    assert_eq!(kept[0].error, "not  UTF-8; cut, of 10485760 bytes");
    drop((driver, store));

    let mut next = crate::committing::driver(kit.open().await).await;
    next.set_aside(Unread::new("slack/T/unread/1".into(), &raw, "not UTF-8"), at(4));
    next.commit().await.unwrap();
    assert_eq!((next.figures().rejected.get(), next.figures().duplicates.get()), (0, 1), "it is known");
}

on_every_store!(what_cannot_be_read_is_not_acknowledged_before_it_is_durable);
async fn what_cannot_be_read_is_not_acknowledged_before_it_is_durable(kit: Kit) {
    for (point, durable) in [(Point::BeforeCommit, 0), (Point::AfterCommit, 1)] {
        let mut driver = faulty(kit.open().await, first(1, point, Fault::Crash)).await;
        driver.set_aside(Unread::new("slack/T/unread/1".into(), b"{", "no JSON"), at(1));
        driver.commit().await.unwrap_err();
        drop(driver);
        let store = kit.open().await;
        assert_eq!(store.rejected().await.unwrap().len(), durable, "{point:?}");
    }
}
