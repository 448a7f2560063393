//! What happened while Usher was away, or was not told of: read from the rooms' history, once, in its order.

use reqwest::Method;
use serde_json::json;

use crate::proxy::faults::Fault;
use crate::usher::{Scene, TOLD};

/// Usher is away while ana and kim ask, ben answers ana, and much else is said.
async fn comes_back_to(count: usize, arm: impl FnOnce(&Scene)) {
    let mut scene = Scene::begin().await;
    let before = scene.ask("what was asked before").await;
    scene.wait_for(&before, TOLD).await;
    scene.usher.kill();
    let chatter = |from: usize, to: usize| (from..to).map(|at| format!("Number {at}.")).collect::<Vec<_>>();
    scene.ben.write_all(&scene.room, &chatter(0, count / 2)).await;
    scene.answer(&before).await;
    let answered = scene.reply(&scene.ana, &before, "!quick Can you look at the other one as well?").await;
    scene.answer(&before).await;
    let open = scene.ask_apart("the disk").await;
    let last = scene.ben.write_all(&scene.room, &chatter(count / 2, count)).await.pop().unwrap();
    arm(&scene);
    scene.start().await;
    scene.wait_for(&open, TOLD).await;
    scene.wait_for(&before, "Answered by ben").await;
    scene.wait_until_taken(&last).await;
    // And it goes on.
    let next = scene.ask_apart("what was asked after it").await;
    scene.wait_for(&next, TOLD).await;
    let said = scene.said().await;
    assert_eq!(
        said.len(),
        3,
        "{answered} was answered in time, and each of the others is told once: {said:#?}"
    );
}

#[tokio::test]
async fn a_hundred_and_fifty_messages_were_missed() {
    comes_back_to(150, |_| {}).await;
}

#[tokio::test]
async fn three_hundred_messages_were_missed_and_the_homeserver_stumbles() {
    comes_back_to(300, |scene| {
        let slower = Fault::TooFast { retry_after_ms: Some(json!(500)), header: None };
        scene.proxy.arm(Method::GET, "/messages", slower, 1);
        scene.proxy.arm(Method::GET, "/messages", Fault::Status(503), 2);
        scene.proxy.arm(Method::GET, "/messages", Fault::Cut, 1);
        scene.proxy.arm(Method::GET, "/messages", Fault::AnswerLost, 1);
        scene.proxy.arm(Method::GET, "/sync", Fault::CallLost, 1);
        scene.proxy.arm(Method::GET, "/sync", Fault::Limited(3), 1);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_the_homeserver_does_not_know_loses_nothing() {
    let mut scene = Scene::begin().await;
    let before = scene.ask("what was asked before").await;
    scene.wait_for(&before, TOLD).await;
    scene.usher.kill();
    scene.answer(&before).await;
    let open = scene.kim.write(&scene.room, "!blocking Can somebody look at the disk?").await;
    scene.proxy.arm(Method::GET, "since=", Fault::Refused(400, "M_UNKNOWN", "Invalid stream token"), 1);
    scene.start().await;
    scene.wait_for(&open, TOLD).await;
    scene.wait_for(&before, "Answered by ben").await;
    // Within a process as well.
    scene.proxy.arm(Method::GET, "since=", Fault::Refused(400, "M_UNKNOWN", "Invalid stream token"), 1);
    let another = scene.ask_apart("what was asked after it").await;
    scene.wait_for(&another, TOLD).await;
    let next = scene.ben.write(&scene.room, "That was it.").await;
    scene.wait_until_taken(&next).await;
    let said = scene.said().await;
    assert_eq!(said.len(), 3, "{said:#?}");
}

#[tokio::test]
async fn nothing_is_late_while_the_history_that_may_hold_its_answer_cannot_be_read() {
    let scene = Scene::begin().await;
    let asked = scene.ana.write(&scene.room, "!quick Can somebody look at the deploy?").await;
    scene.wait_until_taken(&asked).await;
    // The answer is not in the next syncs, and where it is hangs.
    scene.proxy.arm(Method::GET, "/sync", Fault::Limited(1), 1_000);
    scene.proxy.arm(Method::GET, "/messages", Fault::Hang { done: false }, 1_000);
    scene.kim.react(&scene.room, &asked, "🎉").await;
    scene.proxy.hold();
    scene.answer(&asked).await;
    scene.ben.write(&scene.room, "That was it.").await;
    scene.proxy.release(false);
    scene.proxy.wait_until_hanging(1).await;
    scene.let_pass(std::time::Duration::from_secs(7)).await;
    scene.proxy.disarm();
    scene.proxy.let_go();
    let next = scene.kim.write(&scene.room, "!blocking Can somebody look at the disk?").await;
    scene.wait_for(&next, TOLD).await;
    assert_eq!(scene.said_about(&asked).await.len(), 0, "it was answered in time");
}
