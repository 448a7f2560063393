//! What an adapter has to remember is there with what it came with, or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::oneshot;
use usher::core::event::Event;
use usher::driver::{Acked, Inbound, Memo, MemoKind, NotTaken, Options, Position, Remember, Stopped};
use usher::fault::{Fault, Faults, Point};
use usher::store::Store;

use crate::committing::driver;
use crate::driving::{asking, faulty, first};
use crate::kit::{Kit, on_every_store};
use crate::platform::Fake;
use crate::running::{PATIENCE_MS, service};
use crate::toy::{at, post};

pub fn memo(kind: MemoKind, key: &str, value: &str) -> Memo {
    Memo { kind, key: key.into(), value: Some(value.to_owned()) }
}

fn reaction(key: &str, value: &str) -> Memo {
    memo(MemoKind::Reaction, key, value)
}

fn forget(key: &str) -> Memo {
    Memo { kind: MemoKind::Reaction, key: key.into(), value: None }
}

fn sync(token: &str) -> Option<Position> {
    Some(Position { source: "sync".into(), token: token.to_owned() })
}

fn with(event: Event, memos: Vec<Memo>) -> Inbound {
    Inbound { memos, ..event.into() }
}

fn only(memos: Vec<Memo>) -> Remember {
    Remember { memos, ..Remember::default() }
}

async fn remembered(store: &Store, key: &str) -> Option<String> {
    store.memo(MemoKind::Reaction, key).await.unwrap()
}

async fn position(store: &Store) -> Option<String> {
    store.load().await.unwrap().positions.remove("sync")
}

on_every_store!(a_crash_leaves_a_memo_with_its_event_or_neither);
async fn a_crash_leaves_a_memo_with_its_event_or_neither(kit: Kit) {
    for (point, durable) in
        [(Point::BeforeCommit, false), (Point::AfterCommit, true), (Point::AfterAcknowledge, true)]
    {
        let name = format!("{point:?}");
        let mut crashing = faulty(kit.open().await, first(1, point, Fault::Crash)).await;
        let (inbound, mut acked) = asking(post(&name, "hello"));
        let memos = vec![reaction(&name, "eyes on $1")];
        crashing.offer(Inbound { memos, position: sync(&name), ..inbound }, at(1));
        crashing.commit().await.unwrap_err();
        assert_eq!(acked.try_recv().is_ok(), point == Point::AfterAcknowledge);
        drop(crashing);

        let store = kit.open().await;
        let next = driver(store.clone()).await;
        assert_eq!(next.machine().heard.contains_key(name.as_str()), durable, "{name}");
        assert_eq!(remembered(&store, &name).await.is_some(), durable, "{name}");
        assert_eq!(position(&store).await.is_some_and(|token| token == name), durable, "{name}");
    }
}

on_every_store!(a_crash_leaves_a_memo_with_its_position_or_neither);
async fn a_crash_leaves_a_memo_with_its_position_or_neither(kit: Kit) {
    for (point, durable) in [(Point::BeforeCommit, false), (Point::AfterCommit, true)] {
        let name = format!("{point:?}");
        let mut crashing = faulty(kit.open().await, first(1, point, Fault::Crash)).await;
        let (ack, mut acked) = oneshot::channel();
        let memos = vec![reaction(&name, "eyes on $1")];
        crashing.remember(Remember { memos, position: sync(&name), ack: Some(ack) }, at(1));
        crashing.commit().await.unwrap_err();
        assert!(acked.try_recv().is_err(), "nothing is acknowledged before it is durable");
        drop(crashing);

        let store = kit.open().await;
        assert_eq!(remembered(&store, &name).await.is_some(), durable, "{name}");
        assert_eq!(position(&store).await.is_some(), durable, "{name}");
        assert_eq!(store.load().await.unwrap().last_alive.is_some(), durable, "{name}");
    }
}

on_every_store!(the_last_word_about_a_key_counts);
async fn the_last_word_about_a_key_counts(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    let odd = "'quoted' \"and\" \\ 😀 \u{202e}\n";
    driver.offer(
        with(post("1", "hello"), vec![reaction("a", "1"), reaction("a", "2"), reaction("b", "1")]),
        at(1),
    );
    driver
        .offer(with(post("2", "hello"), vec![forget("b"), reaction("c", "1"), forget("never known")]), at(2));
    driver.remember(only(vec![forget("c"), reaction("c", "2"), reaction(odd, odd)]), at(3));
    driver.remember(only(vec![memo(MemoKind::Direct, "a", "!room")]), at(4));
    driver.commit().await.unwrap();
    for (key, value) in
        [("a", Some("2")), ("b", None), ("c", Some("2")), (odd, Some(odd)), ("never known", None)]
    {
        assert_eq!(remembered(&store, key).await.as_deref(), value, "{key}");
    }
    assert_eq!(store.memo(MemoKind::Direct, "a").await.unwrap().as_deref(), Some("!room"), "kinds are apart");

    driver.remember(only(vec![reaction("a", "3"), forget("c")]), at(5));
    driver.commit().await.unwrap();
    assert_eq!(remembered(&store, "a").await.as_deref(), Some("3"));
    assert_eq!(remembered(&store, "c").await, None);
}

on_every_store!(of_many_the_newest_come_first_and_no_more_than_asked_for);
async fn of_many_the_newest_come_first_and_no_more_than_asked_for(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    for (ms, keys) in [(1, ["b", "C"]), (2, ["a", "B"]), (3, ["d", "b"])] {
        driver.remember(only(keys.iter().map(|key| reaction(key, &ms.to_string())).collect()), at(ms));
        driver.commit().await.unwrap();
    }
    let found = async |most: usize| {
        let memos = store.memos(MemoKind::Reaction, most).await.unwrap();
        memos.iter().map(|(key, value)| format!("{key}{value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(10).await, "b3 d3 B2 a2 C1", "written again it is new, and within an instant by key");
    assert_eq!(found(3).await, "b3 d3 B2");
    assert_eq!(found(0).await, "");
    assert_eq!(store.memos(MemoKind::Undecrypted, 10).await.unwrap(), []);
}

on_every_store!(what_came_with_a_commit_that_failed_is_remembered_by_the_next);
async fn what_came_with_a_commit_that_failed_is_remembered_by_the_next(kit: Kit) {
    for (point, fault) in [
        (Point::BeforeCommit, Fault::Lose),
        (Point::AfterCommit, Fault::Lose),
        (Point::BeforeCommit, Fault::Refuse),
    ] {
        let name = format!("{point:?} {fault:?}");
        let store = kit.open().await;
        // Refused three times whole, the batch goes one by one.
        let mut driver = faulty(store.clone(), first(3, point, fault)).await;
        driver.offer(with(post(&name, "hello"), vec![reaction(&name, "from the event")]), at(1));
        let (ack, mut acked) = oneshot::channel();
        let memos = vec![reaction(&name, "from beside it")];
        driver.remember(Remember { memos, position: sync(&name), ack: Some(ack) }, at(1));
        driver.commit().await.unwrap();
        assert_eq!(acked.try_recv(), Ok(Acked::Handled), "{name}");
        assert_eq!(remembered(&store, &name).await.as_deref(), Some("from beside it"), "{name}");
        assert_eq!(position(&store).await.as_deref(), Some(name.as_str()));
    }
}

on_every_store!(an_event_that_was_heard_of_before_still_brings_its_memos);
async fn an_event_that_was_heard_of_before_still_brings_its_memos(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    driver.offer(with(post("1", "say C1 once"), vec![reaction("$1", "eyes")]), at(1));
    driver.commit().await.unwrap();
    let (inbound, mut acked) = asking(post("1", "say C1 twice"));
    driver.offer(Inbound { memos: vec![forget("$1"), reaction("$2", "wave")], ..inbound }, at(2));
    let done = driver.commit().await.unwrap();
    assert!(done.turns.is_empty() && done.entries.is_empty());
    assert_eq!(acked.try_recv(), Ok(Acked::Known));
    assert_eq!(remembered(&store, "$1").await, None);
    assert_eq!(remembered(&store, "$2").await.as_deref(), Some("wave"));
}

on_every_store!(what_breaks_the_engine_is_remembered_all_the_same);
async fn what_breaks_the_engine_is_remembered_all_the_same(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    driver.offer(with(post("1", "panic"), vec![reaction("$1", "eyes")]), at(1));
    driver.commit().await.unwrap();
    assert_eq!(driver.figures().rejected.get(), 1);
    assert_eq!(remembered(&store, "$1").await.as_deref(), Some("eyes"));
}

on_every_store!(memos_that_are_refused_are_given_up_and_the_source_goes_on);
async fn memos_that_are_refused_are_given_up_and_the_source_goes_on(kit: Kit) {
    let store = kit.open().await;
    let mut driver = faulty(store.clone(), first(3, Point::BeforeCommit, Fault::Refuse)).await;
    let (ack, mut acked) = oneshot::channel();
    let memos = vec![reaction("$1", "eyes")];
    driver.remember(Remember { memos, position: sync("s1"), ack: Some(ack) }, at(1));
    driver.commit().await.unwrap();
    assert_eq!(acked.try_recv(), Ok(Acked::Rejected));
    assert_eq!(remembered(&store, "$1").await, None);
    assert_eq!(position(&store).await.as_deref(), Some("s1"));

    // The engine has failed at it, and then the database refuses it as well.
    let mut driver = faulty(store.clone(), first(3, Point::BeforeCommit, Fault::Refuse)).await;
    driver.offer(
        Inbound { position: sync("s2"), ..with(post("1", "panic"), vec![reaction("$2", "x")]) },
        at(2),
    );
    driver.commit().await.unwrap();
    assert_eq!(store.rejected().await.unwrap().len(), 1);
    assert_eq!(remembered(&store, "$2").await, None);
    assert_eq!(position(&store).await.as_deref(), Some("s2"));

    // With nothing left to give up it has to stop.
    let mut driver = faulty(store.clone(), first(9, Point::BeforeCommit, Fault::Refuse)).await;
    driver.remember(Remember { position: sync("s3"), ..Remember::default() }, at(3));
    assert!(matches!(driver.commit().await, Err(Stopped::Store(_))));
    assert_eq!(position(&store).await.as_deref(), Some("s2"));
}

on_every_store!(no_text_that_a_platform_sends_stops_it);
async fn no_text_that_a_platform_sends_stops_it(kit: Kit) {
    let fake = Fake::default();
    let (service, _) = service(kit.open().await, &fake, Faults::none()).await;
    let handle = service.handle();
    let nul = vec![reaction("a\0b", "c\0d")];
    handle.remember(nul, sync("s1"), PATIENCE_MS).await.unwrap();
    let found = handle.memo(MemoKind::Reaction, "a\0b", PATIENCE_MS).await.unwrap();
    assert!(found.is_none_or(|value| value == "c\0d"), "whole, or not at all");
    let long = "x".repeat(1 << 20);
    handle.remember(vec![reaction("long", &long)], None, PATIENCE_MS).await.unwrap();
    assert_eq!(handle.memo(MemoKind::Reaction, "long", PATIENCE_MS).await, Ok(Some(long)));
    service.shutdown().await.unwrap();
    assert_eq!(position(&kit.open().await).await.as_deref(), Some("s1"));
}

on_every_store!(who_looks_up_sees_all_that_was_handed_in_before);
async fn who_looks_up_sees_all_that_was_handed_in_before(kit: Kit) {
    let fake = Fake::default();
    let (service, _) = service(kit.open().await, &fake, Faults::none()).await;
    let handle = service.handle();
    for number in 0..300 {
        let (key, value) = (format!("{number}"), format!("eyes {number}"));
        handle.submit(with(post(&key, "hello"), vec![reaction(&key, &value)])).await.unwrap();
    }
    let last = handle.memo(MemoKind::Reaction, "299", PATIENCE_MS).await;
    assert_eq!(last, Ok(Some("eyes 299".to_owned())));
    assert_eq!(handle.memo(MemoKind::Direct, "299", PATIENCE_MS).await, Ok(None));
    assert_eq!(handle.memos(MemoKind::Reaction, 1_000, PATIENCE_MS).await.unwrap().len(), 300);
    let gone = handle.clone();
    service.shutdown().await.unwrap();
    assert_eq!(gone.memo(MemoKind::Reaction, "1", PATIENCE_MS).await, Err(NotTaken::Stopped));
    assert_eq!(gone.remember(Vec::new(), sync("s1"), PATIENCE_MS).await, Err(NotTaken::Stopped));
}

on_every_store!(the_order_of_arrival_decides_and_not_the_clock_of_a_server);
async fn the_order_of_arrival_decides_and_not_the_clock_of_a_server(kit: Kit) {
    let fake = Fake::default();
    let (service, _) = service(kit.open().await, &fake, Faults::none()).await;
    let handle = service.handle();
    let by_time = |key: &str, ms: i64| Event { at: at(ms), ..post(key, "hello") };
    handle.submit(with(by_time("1", 90), vec![reaction("$1", "eyes")])).await.unwrap();
    handle.submit(with(by_time("2", 50), vec![forget("$1")])).await.unwrap();
    handle.submit(Inbound { position: sync("s1"), ..by_time("3", 80).into() }).await.unwrap();
    handle.submit(Inbound { position: sync("s2"), ..by_time("4", 40).into() }).await.unwrap();
    assert_eq!(handle.memo(MemoKind::Reaction, "$1", PATIENCE_MS).await, Ok(None));
    service.shutdown().await.unwrap();
    assert_eq!(position(&kit.open().await).await.as_deref(), Some("s2"));
}

/// Refuses the batch after that of the start three times, and crashes once the first of its events is committed.
fn refused_then_killed() -> Faults {
    let (before, after) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Faults::planned(move |point| match point {
        Point::BeforeCommit if (1..=3).contains(&before.fetch_add(1, Ordering::Relaxed)) => Fault::Refuse,
        Point::AfterCommit if after.fetch_add(1, Ordering::Relaxed) == 1 => Fault::Crash,
        _ => Fault::Pass,
    })
}

on_every_store!(no_position_is_kept_before_what_it_says_was_read);
async fn no_position_is_kept_before_what_it_says_was_read(kit: Kit) {
    let killed = faulty(kit.open().await, refused_then_killed()).await;
    let (handle, mut task) = usher::driver::start(killed, Options::default());
    handle.submit(Event { at: at(90), ..post("1", "hello") }.into()).await.unwrap();
    let last = Event { at: at(10), ..post("2", "hello") };
    handle.submit(Inbound { position: sync("s1"), ..last.into() }).await.unwrap();
    assert!(matches!(task.ended().await, Err(Stopped::Crashed(Point::AfterCommit))));
    let store = kit.open().await;
    let heard = driver(store.clone()).await.machine().heard.clone();
    assert!(heard.contains_key("1") && !heard.contains_key("2"), "{heard:?}");
    assert_eq!(position(&store).await, None);
}

#[tokio::test]
async fn while_the_database_stalls_nothing_is_said_to_be_remembered() {
    let stalled = Arc::new(AtomicBool::new(false));
    let stall = Arc::clone(&stalled);
    let faults = Faults::planned(move |point| {
        let stall = point == Point::BeforeCommit && stall.load(Ordering::Relaxed);
        if stall { Fault::Lose } else { Fault::Pass }
    });
    let (service, _) = service(Store::memory(), &Fake::default(), faults).await;
    let handle = service.handle();
    handle.remember(vec![reaction("$1", "eyes")], None, PATIENCE_MS).await.unwrap();
    stalled.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(handle.remember(vec![forget("$1")], sync("s1"), 20).await, Err(NotTaken::Busy));
        assert_eq!(handle.memo(MemoKind::Reaction, "$1", 20).await, Err(NotTaken::Busy));
    }
    stalled.store(false, Ordering::Relaxed);
    assert_eq!(handle.memo(MemoKind::Reaction, "$1", PATIENCE_MS).await, Ok(None));
    service.shutdown().await.unwrap();
}
