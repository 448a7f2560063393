//! The homeserver stumbles, falls silent, is gone: Usher waits, goes on where it was, and says everything once.

use std::time::Duration;

use tokio::time::timeout;

use reqwest::Method;
use serde_json::json;

use crate::homeserver::Homeserver;
use crate::proxy::faults::Fault;
use crate::usher::{Scene, TOLD, is_sync};

fn too_fast(retry_after_ms: Option<i64>, header: Option<&str>) -> Fault {
    Fault::TooFast { retry_after_ms: retry_after_ms.map(|ms| json!(ms)), header: header.map(str::to_owned) }
}

#[tokio::test]
async fn whatever_becomes_of_a_message_that_is_sent_it_stands_there_once() {
    let scene = Scene::begin().await;
    let faults = [
        Fault::AnswerLost,
        Fault::Cut,
        Fault::CallLost,
        Fault::Status(503),
        Fault::Nonsense,
        Fault::Hang { done: true },
        too_fast(Some(1_500), None),
        too_fast(None, Some("1")),
        too_fast(None, None),
        too_fast(Some(-1), Some("abc")),
    ];
    let mut root = scene.ask("what is told").await;
    for (at, fault) in faults.into_iter().enumerate() {
        scene.wait_for(&root, TOLD).await;
        let hangs = matches!(fault, Fault::Hang { .. });
        scene.proxy.arm(Method::PUT, "/send/m.room", fault, 1);
        root = scene.ask_apart(&format!("number {at}")).await;
        if hangs {
            scene.proxy.wait_until_hanging(1).await;
            scene.proxy.let_go();
        }
    }
    scene.wait_for(&root, TOLD).await;
    let said = scene.said().await;
    assert_eq!(said.len(), 11, "{said:#?}");
}

#[tokio::test]
async fn it_waits_as_long_as_it_is_asked_to() {
    let scene = Scene::begin().await;
    scene.proxy.arm(Method::PUT, "/send/m.room", too_fast(Some(3_000), None), 1);
    let asked = scene.ask("the failing deploy").await;
    let sends = "/send/m.room";
    scene
        .proxy
        .wait_for("the first try", |state| {
            state
                .requests
                .iter()
                .find(|request| request.path.contains(sends) && request.status == Some(429))
                .map(drop)
        })
        .await;
    scene.let_pass(Duration::from_millis(2_500)).await;
    assert_eq!(scene.requests(sends), 1);
    scene.wait_for(&asked, TOLD).await;
}

#[tokio::test]
async fn a_room_of_two_is_opened_once_though_the_answer_is_lost() {
    let scene = Scene::begin().await;
    scene.proxy.arm(Method::POST, "/createRoom", Fault::AnswerLost, 1);
    scene.ana.write(&scene.room, "!usher who ben").await;
    let direct = scene.direct_of(&scene.ana).await;
    scene.told_alone(&scene.ana, &direct, "Lisbon").await;
    scene.ana.write(&scene.room, "!usher owe").await;
    scene.told_alone(&scene.ana, &direct, "You owe no answers").await;
    scene.ana.write(&direct, "owe").await;
    assert_eq!(scene.requests("/createRoom"), 1);
    assert!(scene.ana.invitations().await.is_empty());
}

#[tokio::test]
async fn whoever_declines_is_asked_in_again_only_when_they_ask_for_something() {
    let scene = Scene::begin().await;
    scene.ana.write(&scene.room, "!usher who ben").await;
    let how = json!({"by": scene.account.user});
    scene.ana.try_to("decline", how).await.unwrap();
    let asked = scene.ask("the failing deploy").await;
    scene.wait_for(&asked, TOLD).await;
    assert!(scene.ana.invitations().await.is_empty());
    scene.ana.write(&scene.room, "!usher owe").await;
    let direct = scene.direct_of(&scene.ana).await;
    scene.told_alone(&scene.ana, &direct, "You owe no answers").await;
}

#[tokio::test]
async fn while_the_homeserver_is_away_it_is_asked_seldom_and_what_was_answered_is_not_late() {
    let mut scene = Scene::begin().await;
    let answered = scene.ana.write(&scene.room, "!quick Can somebody look at the deploy?").await;
    scene.wait_until_taken(&answered).await;
    scene.proxy.arm(Method::GET, "/sync", Fault::CallLost, 1_000_000);
    let before = scene.requests("v3/sync");
    scene.answer(&answered).await;
    let open = scene.kim.write(&scene.room, "!blocking Can somebody look at the disk?").await;
    scene.let_pass(Duration::from_secs(8)).await;
    let asked = scene.requests("v3/sync") - before;
    assert!(asked <= 20, "it was asked {asked} times in 8 s");
    // Nor is anybody at all there.
    scene.proxy.go_down();
    scene.proxy.disarm();
    scene.let_pass(Duration::from_secs(1)).await;
    scene.proxy.come_up().await;
    scene.wait_for(&open, TOLD).await;
    assert_eq!(scene.said_about(&answered).await.len(), 0, "it was answered in time");
    assert!(scene.usher.end().await);
}

#[tokio::test]
async fn it_ends_when_it_is_asked_to_while_the_homeserver_is_away() {
    let mut scene = Scene::begin().await;
    scene.proxy.go_down();
    scene.let_pass(Duration::from_secs(3)).await;
    let ended = timeout(Duration::from_secs(6), scene.usher.end()).await;
    assert!(ended.expect("it does not wait for the homeserver"));
}

#[tokio::test]
async fn syncs_that_come_to_nothing_lose_nothing() {
    let scene = Scene::begin().await;
    let faults = [
        Fault::Status(503),
        Fault::AnswerLost,
        Fault::Cut,
        Fault::Nonsense,
        too_fast(Some(700), None),
        too_fast(None, Some("1")),
        Fault::Refused(404, "M_UNRECOGNIZED", "a proxy that finds nobody behind it"),
    ];
    for (at, fault) in faults.into_iter().enumerate() {
        scene.proxy.arm(Method::GET, "/sync", fault, 2);
        let asked = scene.ask_apart(&format!("number {at}")).await;
        scene.wait_for(&asked, TOLD).await;
    }
    assert_eq!(scene.said().await.len(), 7);
}

#[tokio::test]
async fn a_homeserver_that_says_nothing_for_long_makes_nothing_late() {
    let scene = Scene::begin().await;
    let asked = scene.ana.write(&scene.room, "!soon Can somebody look at the deploy?").await;
    scene.wait_until_taken(&asked).await;
    scene.proxy.hold();
    scene.answer(&asked).await;
    scene.let_pass(Duration::from_secs(28)).await;
    scene.proxy.release(false);
    let next = scene.kim.write(&scene.room, "!blocking Can somebody look at the disk?").await;
    scene.wait_for(&next, TOLD).await;
    assert_eq!(scene.said_about(&asked).await.len(), 0, "it was answered in time");
}

#[tokio::test]
async fn a_homeserver_that_is_killed_or_stands_still_is_followed_again() {
    let server: &'static Homeserver = Box::leak(Box::new(Homeserver::start()));
    let scene = Scene::begin_at(server).await;
    let first = scene.ask("the first").await;
    scene.wait_for(&first, TOLD).await;
    server.kill().await;
    scene.let_pass(Duration::from_secs(2)).await;
    server.start_again().await;
    let second = scene.kim.write(&scene.room, "!blocking Can somebody look at the second?").await;
    scene.wait_for(&second, TOLD).await;
    scene.answer(&first).await;
    scene.wait_for(&first, "Answered by ben").await;
    server.pause().await;
    scene.let_pass(Duration::from_secs(5)).await;
    server.resume().await;
    let third = scene.ask_apart("the third").await;
    scene.wait_for(&third, TOLD).await;
    assert_eq!(scene.said().await.len(), 3);
    assert!(scene.proxy.read(|state| state.requests.iter().filter(|it| is_sync(&it.path)).count()) < 60);
}

#[tokio::test]
async fn the_session_that_the_homeserver_wants_to_be_signed_in_anew_goes_on() {
    let mut scene = Scene::begin().await;
    let first = scene.ask("the first").await;
    scene.wait_for(&first, TOLD).await;
    scene.proxy.arm(Method::GET, "/sync", Fault::LoggedOut { soft: true }, 1);
    let second = scene.kim.write(&scene.room, "!blocking Can somebody look at the second?").await;
    scene.wait_for(&second, TOLD).await;
    scene
        .proxy
        .wait_for("Usher to sign in once more", |state| {
            state
                .requests
                .iter()
                .filter(|it| it.path.ends_with("v3/login") && it.status == Some(200))
                .nth(1)
                .map(drop)
        })
        .await;
    assert_eq!(scene.said().await.len(), 2);
    let devices = scene.ana.try_to("devices", json!({"user": scene.account.user})).await.unwrap();
    let devices = devices["device_keys"][&scene.account.user].as_object().unwrap();
    assert_eq!(devices.len(), 1, "{devices:?}");
    // One that is ended for good ends Usher, which says what to do.
    scene.proxy.arm(Method::GET, "/sync", Fault::LoggedOut { soft: false }, 1);
    assert_eq!(scene.usher.ended().await, Some(2));
    assert!(scene.usher.log().contains("Sign in again"), "{}", scene.usher.log());
}
