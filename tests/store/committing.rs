//! What is committed is there for the next process, once.

use std::collections::BTreeMap;

use usher::calendar::DAY_MS;
use usher::clock::Clock;
use usher::core::action::{ActionId, Priority};
use usher::core::event::{Event, Fate, MessageRef, Platform, What};
use usher::driver::{Driver, Inbound, MemoKind, Position, Remember, Woken};
use usher::fault::Faults;
use usher::store::{Ages, Original, Postponed, Store, Swept};

use crate::kit::{Kit, on_every_store};
use crate::remembering::memo;
use crate::toy::{Toy, at, post};

pub async fn driver(store: Store) -> Driver<Toy> {
    Driver::open(store, Clock::simulated(at(0)), Faults::none()).await.unwrap()
}

pub fn delivered(id: &str, fate: Fate) -> Event {
    let what = What::Delivered { action: ActionId(id.into()), fate, errand: None };
    Event { key: format!("delivered/{id}").into(), at: at(0), platform: Platform::Slack, what }
}

pub fn sent(channel: &str, id: &str) -> Fate {
    Fate::Sent(Some(MessageRef { channel: channel.into(), id: id.into() }))
}

fn ids<const N: usize>(ids: [&str; N]) -> Vec<ActionId> {
    ids.iter().map(|id| ActionId((*id).into())).collect()
}

on_every_store!(what_was_committed_is_what_the_next_process_finds);
async fn what_was_committed_is_what_the_next_process_finds(kit: Kit) {
    let mut first = driver(kit.open().await).await;
    let position = Some(Position { source: "sync".into(), token: "s1".to_owned() });
    first.offer(post("1", "old").into(), at(1));
    first.offer(post("2", "forget").into(), at(2));
    first.offer(post("3", "say C1 hello 'quoted' \"and\" \\ 😀 \u{202e}").into(), at(3));
    first.offer(post("4", "at 5000").into(), at(4));
    first.offer(Inbound { position, ..post("5", "urgent C2").into() }, at(5));
    let done = first.commit().await.unwrap();
    let lanes: Vec<_> = done.entries.iter().map(|entry| (entry.id.0.as_str(), entry.lane.as_str())).collect();
    assert_eq!(lanes, [("act/3", "slack/C1"), ("act/5", "slack/C2")]);
    let expected = first.machine().clone();
    drop(first);

    let store = kit.open().await;
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.entries, done.entries);
    assert_eq!(loaded.entries[1].priority, Priority::Urgent);
    let mut second = driver(store).await;
    assert_eq!(second.machine(), &expected);
    assert_eq!(second.machine().heard.len(), 3);
    assert_eq!(second.next_wake(), Some(at(5000)));
    assert_eq!(second.last_alive(), Some(at(5)));
    assert_eq!(second.positions(), &BTreeMap::from([("sync".into(), "s1".to_owned())]));
    assert_eq!(second.wake(at(5000)), Woken::Moved);
    second.commit().await.unwrap();
    drop(second);

    let third = driver(kit.open().await).await;
    assert_eq!(third.next_wake(), None);
}

on_every_store!(more_than_is_read_at_once_is_all_found);
async fn more_than_is_read_at_once_is_all_found(kit: Kit) {
    let mut first = driver(kit.open().await).await;
    for number in 0..9_000 {
        // Sorted otherwise by people's rules than by bytes, and not safe in JSON.
        let letter = ["a", "B", "ä", "_", "\"", "\\", "\n"][number % 7];
        first.offer(post(&format!("{letter}{number}"), "old").into(), at(1));
    }
    first.commit().await.unwrap();
    let expected = first.machine().clone();
    drop(first);

    let store = kit.open().await;
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.seen.len(), 9_000);
    assert!(loaded.seen_is_complete);
    assert_eq!(driver(store).await.machine(), &expected);
    assert_eq!(expected.heard.len(), 9_000);
}

on_every_store!(an_event_counts_once_however_often_it_comes);
async fn an_event_counts_once_however_often_it_comes(kit: Kit) {
    let mut first = driver(kit.open().await).await;
    first.offer(post("1", "say C1 once").into(), at(1));
    first.offer(post("1", "say C1 twice").into(), at(2));
    let done = first.commit().await.unwrap();
    assert_eq!((done.turns.len(), done.entries.len()), (1, 1));
    first.offer(post("1", "say C1 thrice").into(), at(3));
    assert!(first.commit().await.unwrap().turns.is_empty());
    assert_eq!(first.figures().duplicates.get(), 2);
    drop(first);

    let mut second = driver(kit.open().await).await;
    second.offer(post("1", "say C1 again").into(), at(4));
    assert!(second.commit().await.unwrap().turns.is_empty());
    assert_eq!(second.machine().heard["1"], "say C1 once");
}

on_every_store!(an_action_with_a_known_id_is_not_queued_again);
async fn an_action_with_a_known_id_is_not_queued_again(kit: Kit) {
    let mut driver = driver(kit.open().await).await;
    driver.offer(post("1", "at 10").into(), at(0));
    driver.wake(at(10));
    assert_eq!(driver.commit().await.unwrap().entries.len(), 1);
    driver.offer(post("2", "at 10").into(), at(20));
    driver.wake(at(20));
    assert_eq!(driver.commit().await.unwrap().entries.len(), 0);
}

on_every_store!(an_action_is_claimed_then_finished_and_an_amendment_finds_its_message);
async fn an_action_is_claimed_then_finished_and_an_amendment_finds_its_message(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    driver.offer(post("1", "say C7 hello").into(), at(1));
    driver.offer(post("2", "amend act/1").into(), at(2));
    driver.offer(post("3", "amend act/nothing").into(), at(3));
    let done = driver.commit().await.unwrap();
    assert_eq!(done.entries[1].lane, "slack/C7", "an amendment waits where its message does");

    let claimed = store.claim(&ids(["act/2", "act/1", "act/unknown", "act/3"])).await.unwrap();
    let found: Vec<_> = claimed
        .iter()
        .map(|claimed| (claimed.action.id.0.as_str(), claimed.attempts, claimed.original.clone()))
        .collect();
    assert_eq!(
        found,
        [("act/2", 1, Some(Original::Unfinished)), ("act/1", 1, None), ("act/3", 1, Some(Original::Gone))]
    );
    let begun: Vec<bool> = store.load().await.unwrap().entries.iter().map(|entry| entry.begun).collect();
    assert_eq!(begun, [true, true, true]);

    let later = Postponed { id: ActionId("act/2".into()), not_before: at(9000), why: "429".to_owned() };
    store.postpone(&[later]).await.unwrap();
    driver.offer(delivered("act/1", sent("D7", "171.5")).into(), at(4));
    driver.offer(delivered("act/3", Fate::Refused("no such message".to_owned())).into(), at(4));
    driver.offer(post("4", "amend act/1").into(), at(5));
    let done = driver.commit().await.unwrap();
    assert_eq!(done.entries[0].lane, "slack/C7", "also when that was committed before");
    let waiting = store.load().await.unwrap().entries;
    assert_eq!(waiting.len(), 2);
    assert_eq!((waiting[0].begun, waiting[0].not_before, waiting[0].attempts), (false, Some(at(9000)), 1));

    let claimed = store.claim(&ids(["act/2", "act/1"])).await.unwrap();
    let original = Original::Sent(MessageRef { channel: "D7".into(), id: "171.5".into() });
    assert_eq!(claimed.len(), 1, "what is finished is not sent again");
    assert_eq!((claimed[0].attempts, &claimed[0].original), (2, &Some(original)));
    assert_eq!(driver.machine().fates["act/1"], "sent 171.5");
}

on_every_store!(a_fate_once_known_is_not_changed);
async fn a_fate_once_known_is_not_changed(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    driver.offer(post("1", "say C1 hello").into(), at(1));
    driver.offer(post("2", "say C1 hello").into(), at(1));
    driver.commit().await.unwrap();
    driver.offer(delivered("act/1", sent("C1", "1")).into(), at(2));
    driver.commit().await.unwrap();
    let late = Event { key: "another key".into(), ..delivered("act/1", Fate::Unknown("timeout".to_owned())) };
    driver.offer(late.into(), at(3));
    driver.offer(delivered("act/2", Fate::Unknown("timeout".to_owned())).into(), at(3));
    driver.commit().await.unwrap();
    let fates = store.fates().await.unwrap();
    let unknown = Fate::Unknown("timeout".to_owned());
    assert_eq!(
        fates,
        [(ActionId("act/1".into()), Some(sent("C1", "1"))), (ActionId("act/2".into()), Some(unknown))]
    );
}

on_every_store!(everything_has_an_age_at_which_it_goes);
async fn everything_has_an_age_at_which_it_goes(kit: Kit) {
    let store = kit.open().await;
    let mut driver = driver(store.clone()).await;
    driver.offer(post("1", "say C1 a").into(), at(0));
    driver.offer(post("2", "say C1 b").into(), at(0));
    driver.offer(delivered("act/1", sent("C1", "1")).into(), at(0));
    driver.offer(post("3", "panic").into(), at(0));
    let memos = vec![memo(MemoKind::Reaction, "$1", "eyes"), memo(MemoKind::Direct, "@ana", "!room")];
    driver.remember(Remember { memos, ..Remember::default() }, at(0));
    driver.commit().await.unwrap();
    let ages = Ages { seen_ms: DAY_MS, outbox_ms: 2 * DAY_MS, rejected_ms: 3 * DAY_MS, memos_ms: 4 * DAY_MS };
    let nothing = Swept::default();
    assert_eq!(store.sweep(at(DAY_MS - 1), &ages).await.unwrap(), nothing);
    assert_eq!(store.sweep(at(DAY_MS), &ages).await.unwrap(), Swept { seen: 3, ..nothing });
    assert_eq!(store.sweep(at(2 * DAY_MS), &ages).await.unwrap(), Swept { outbox: 1, ..nothing });
    assert_eq!(store.sweep(at(3 * DAY_MS), &ages).await.unwrap(), Swept { rejected: 1, ..nothing });
    assert_eq!(store.sweep(at(4 * DAY_MS), &ages).await.unwrap(), Swept { memos: 1, ..nothing });
    assert_eq!(store.sweep(at(300 * DAY_MS), &ages).await.unwrap(), nothing);
    let left = store.load().await.unwrap();
    assert_eq!(left.seen, Vec::<smol_str::SmolStr>::new());
    assert_eq!(left.entries.len(), 1, "what is not sent does not age");
    assert_eq!(store.memo(MemoKind::Reaction, "$1").await.unwrap(), None);
    assert_eq!(store.memo(MemoKind::Direct, "@ana").await.unwrap().as_deref(), Some("!room"), "a room stays");
}
