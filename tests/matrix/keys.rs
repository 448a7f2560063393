//! Keys that come late, and messages that nobody can read.

use std::time::Duration;

use crate::usher::{Scene, TOLD};

#[tokio::test]
async fn what_could_not_be_read_is_heard_when_its_key_comes() {
    let scene = Scene::begin().await;
    let asked = scene.ask("the failing deploy").await;
    scene.wait_for(&asked, TOLD).await;
    scene.ben.withhold_keys(&scene.room, &scene.account.user).await;
    let answered = scene.answer(&asked).await;
    scene.wait_until_taken(&answered).await;
    assert!(scene.said_about(&asked).await[0].text.contains(TOLD), "it cannot be read");
    scene.ben.share_keys(&scene.room, &scene.account.user).await;
    scene.wait_for(&asked, "Answered by ben").await;
    assert_eq!(scene.said().await.len(), 1);
}

#[tokio::test]
async fn a_key_that_comes_after_a_restart_is_used_as_well() {
    let mut scene = Scene::begin().await;
    let asked = scene.ask("the failing deploy").await;
    scene.wait_for(&asked, TOLD).await;
    scene.ben.withhold_keys(&scene.room, &scene.account.user).await;
    let answered = scene.answer(&asked).await;
    scene.wait_until_taken(&answered).await;
    scene.usher.kill();
    scene.start().await;
    assert!(scene.said_about(&asked).await[0].text.contains(TOLD), "it cannot be read");
    scene.ben.share_keys(&scene.room, &scene.account.user).await;
    scene.wait_for(&asked, "Answered by ben").await;
    // Or the key comes while it is off.
    let again = scene.ask_apart("something else").await;
    scene.wait_for(&again, TOLD).await;
    scene.ben.withhold_keys(&scene.room, &scene.account.user).await;
    let answered = scene.answer(&again).await;
    scene.wait_until_taken(&answered).await;
    scene.usher.kill();
    scene.ben.share_keys(&scene.room, &scene.account.user).await;
    scene.start().await;
    scene.wait_for(&again, "Answered by ben").await;
    assert_eq!(scene.said().await.len(), 2);
}

#[tokio::test]
async fn what_may_be_the_answer_and_cannot_be_read_makes_nothing_late() {
    let scene = Scene::begin().await;
    let asked = scene.ana.write(&scene.room, "!quick Can somebody look at the deploy?").await;
    scene.wait_until_taken(&asked).await;
    scene.ben.withhold_keys(&scene.room, &scene.account.user).await;
    let answered = scene.answer(&asked).await;
    scene.wait_until_taken(&answered).await;
    scene.let_pass(Duration::from_secs(8)).await;
    let next = scene.kim.write(&scene.room, "!blocking Can somebody look at the disk?").await;
    scene.wait_for(&next, TOLD).await;
    assert_eq!(scene.said_about(&asked).await.len(), 0);
}
