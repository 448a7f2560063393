//! A look from outside says what is in a database, and changes nothing of it.

use std::collections::BTreeMap;

use smol_str::SmolStr;
use usher::core::event::Fate;
use usher::store::{Batch, Contents, Look, Opening, Rejected, Store, StoreError, look};

use crate::committing::{delivered, driver};
use crate::kit::Kit;
use crate::toy::{at, post};

/// One message that was refused long ago, two lately, and an event that could not be handled.
async fn fill(store: Store) -> Store {
    let mut driver = driver(store.clone()).await;
    for (number, ms) in [("1", 10), ("2", 2_000), ("3", 3_000)] {
        driver.offer(post(number, "say C1 hello").into(), at(ms));
        driver.commit().await.unwrap();
        let refused = delivered(&format!("act/{number}"), Fate::Refused("channel_not_found".to_owned()));
        driver.offer(refused.into(), at(ms + 1));
        driver.commit().await.unwrap();
    }
    let rejected = [Rejected { key: "odd".into(), at: at(5), raw: "{}".to_owned(), error: "odd".to_owned() }];
    let (positions, now) = (positions(), at(5_000));
    let batch = Batch {
        now,
        turns: &[],
        keys: &[],
        positions: &positions,
        memos: &[],
        fates: &[],
        rejected: &rejected,
    };
    store.commit(&batch).await.unwrap();
    store
}

async fn looked(opening: &Opening) -> Look {
    look(&opening.url, &opening.team, at(1_000)).await.unwrap()
}

fn filled(holder: Option<&str>) -> Look {
    Look::Open(Contents {
        schema: 3,
        newest: 3,
        holder: holder.map(str::to_owned),
        rejected: 1,
        refused: vec![("channel_not_found".to_owned(), 2)],
        positions: positions(),
    })
}

/// How far the events of a source are.
fn positions() -> BTreeMap<SmolStr, String> {
    [("matrix".into(), "DEVICE 7 s12".to_owned())].into()
}

#[tokio::test]
async fn a_file_is_looked_at_while_nobody_uses_it() {
    let kit = Kit::sqlite();
    let opening = kit.opening();
    assert_eq!(looked(&opening).await, Look::Absent);
    assert!(!kit.file().exists(), "and it still is");
    let store = fill(kit.open().await).await;
    assert_eq!(looked(&opening).await, Look::Held { holder: "another process (test)".to_owned() });
    store.close().await;
    assert_eq!(looked(&opening).await, filled(None));
    let beside: Vec<_> = std::fs::read_dir(kit.file().parent().unwrap()).unwrap().collect();
    assert_eq!(beside.len(), 2, "the file and its lock, and nothing that the look left");
    kit.open().await.close().await;
}

#[tokio::test]
async fn a_server_is_looked_at_while_somebody_holds_the_lease() {
    let Some(kit) = Kit::postgres_alone().await else { return };
    let opening = Opening { lease_ms: 60_000, ..kit.opening() };
    let empty = Contents { newest: 3, ..Contents::default() };
    assert_eq!(looked(&opening).await, Look::Open(empty));
    let store = fill(Store::open(&opening).await.unwrap()).await;
    assert_eq!(looked(&opening).await, filled(Some("test")));
    store.renew().await.unwrap();
    store.close().await;
    assert_eq!(looked(&opening).await, filled(None));
}

#[tokio::test]
async fn what_cannot_be_a_database_is_said_to_be_none() {
    let kit = Kit::sqlite();
    std::fs::write(
        kit.file(),
        "not a database, and long enough to be read as the head of one, as it has to be",
    )
    .unwrap();
    let opening = kit.opening();
    let damaged = look(&opening.url, &opening.team, at(0)).await;
    assert!(matches!(damaged, Err(StoreError::Damaged(_))), "{damaged:?}");
    let nowhere = look(&"sqlite:/nowhere/usher.db".into(), "team", at(0)).await;
    assert!(matches!(nowhere, Err(StoreError::Address(_))), "{nowhere:?}");
}
