//! The session: opened once, kept, and what is said when something is wrong with it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::homeserver::Homeserver;
use crate::people::{Account, Keys, Person};
use crate::usher::{Scene, TOLD, Usher, end_of, runbook};

async fn devices(scene: &Scene) -> Vec<String> {
    let known = scene.ana.try_to("devices", json!({"user": scene.account.user})).await.unwrap();
    known["device_keys"][&scene.account.user].as_object().unwrap().keys().cloned().collect()
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

#[tokio::test]
async fn it_signs_in_once_and_starts_without_the_homeserver_and_alone() {
    let mut scene = Scene::begin().await;
    let first = devices(&scene).await;
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(end_of(scene.usher.start_another()).await, Some(2));
    let log = scene.usher.other_log();
    assert!(log.contains("in use by another process (usher run, process "), "{log}");
    scene.usher.kill();
    scene.proxy.go_down();
    scene.start_only();
    scene.let_pass(std::time::Duration::from_secs(2)).await;
    let asked = scene.ask("the failing deploy").await;
    scene.proxy.come_up().await;
    scene.wait_for(&asked, TOLD).await;
    assert_eq!(devices(&scene).await, first);
    assert_eq!(scene.requests("v3/login"), 1);
}

#[tokio::test]
async fn a_wrong_password_is_said() {
    let server = Homeserver::shared();
    let suffix = Homeserver::suffix();
    let account = Account::make(server, &format!("usher-{suffix}"), "Usher").await;
    let ana = Person::arrive(server, "ana", &suffix, Keys::None).await;
    let ben = Person::arrive(server, "ben", &suffix, Keys::None).await;
    let mut usher = Usher::new(&server.url, &account, runbook(&ana, &ben, "!none:localhost"));
    usher.set(&account.password, "hunter2");
    usher.start();
    assert_eq!(usher.ended().await, Some(2));
    let log = usher.log();
    assert!(log.contains("does not let Usher sign in") && log.contains("`matrix.password`"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[tokio::test]
async fn a_session_that_was_ended_elsewhere_ends_usher_which_says_what_to_do() {
    let mut scene = Scene::begin().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = json!({
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": scene.account.user},
        "password": scene.account.password,
    });
    let url = |path: &str| format!("{}/_matrix/client/v3/{path}", scene.server.url);
    let signed_in = http.post(url("login")).body(login.to_string()).send().await.unwrap();
    let signed_in: serde_json::Value = serde_json::from_slice(&signed_in.bytes().await.unwrap()).unwrap();
    let token = signed_in["access_token"].as_str().unwrap();
    let ended = http.post(url("logout/all")).bearer_auth(token).body("{}").send().await.unwrap();
    assert!(ended.status().is_success());
    assert_eq!(scene.usher.ended().await, Some(2));
    assert!(scene.usher.log().contains("Sign in again"), "{}", scene.usher.log());
    scene.start_only();
    assert_eq!(scene.usher.ended().await, Some(2), "and so it does when it is started again");
}

#[tokio::test]
async fn a_folder_that_is_gone_costs_a_sign_in_and_loses_nothing() {
    let mut scene = Scene::begin().await;
    let asked = scene.ask("the failing deploy").await;
    scene.wait_for(&asked, TOLD).await;
    let before = devices(&scene).await;
    scene.usher.kill();
    // What is said now only the keys of the old session can read.
    scene.answer(&asked).await;
    let open = scene.kim.write(&scene.room, "!blocking Can somebody look at the disk?").await;
    fs::remove_dir_all(scene.usher.session()).unwrap();
    scene.start().await;
    let log = scene.usher.log();
    assert!(log.contains("is gone; Usher has signed in anew"), "{log}");
    let after = devices(&scene).await;
    assert_eq!(after.len(), 1, "the session before is ended");
    assert_ne!(after, before);
    // It goes on, verified, with one session.
    let next = scene.ask_apart("something else").await;
    let told = scene.wait_for(&next, TOLD).await;
    assert!(told.encrypted && told.readable);
    scene.answer(&next).await;
    scene.wait_for(&next, "Answered by ben").await;
    assert_eq!(scene.said_about(&open).await.len(), 0, "it cannot be read any more");
}

#[tokio::test]
async fn a_folder_that_was_put_back_is_refused() {
    let mut scene = Scene::begin().await;
    let asked = scene.ask("the failing deploy").await;
    scene.wait_for(&asked, TOLD).await;
    assert!(scene.usher.end().await);
    let (session, kept) = (scene.usher.session(), scene.usher.session().with_extension("kept"));
    copy(&session, &kept);
    scene.start().await;
    scene.answer(&asked).await;
    scene.wait_for(&asked, "Answered by ben").await;
    assert!(scene.usher.end().await);
    copy(&kept, &session);
    scene.start_only();
    assert_eq!(scene.usher.ended().await, Some(2));
    let log = scene.usher.log();
    assert!(log.contains("put back from a copy") && log.contains("signs in anew"), "{log}");
    // As it says.
    fs::remove_dir_all(&session).unwrap();
    scene.start().await;
    let next = scene.ask_apart("something else").await;
    scene.wait_for(&next, TOLD).await;
    assert_eq!(scene.said().await.len(), 2);
}

#[tokio::test]
async fn another_accounts_folder_is_refused() {
    let mut scene = Scene::begin().await;
    scene.usher.kill();
    let (own, other) = (scene.account.user.clone(), scene.kim.user.clone());
    scene.usher.set(&own, &other);
    scene.start_only();
    assert_eq!(scene.usher.ended().await, Some(2));
    let log = scene.usher.log();
    assert!(log.contains(&own) && log.contains(&other) && log.contains("matrix.store"), "{log}");
}
