//! Where Usher goes, and where it does not: invitations, and rooms that are given up for others.

use serde_json::json;

use crate::people::{NewRoom, Say};
use crate::usher::{Scene, TOLD};

#[tokio::test]
async fn it_comes_where_those_who_may_ask_it_in_and_nowhere_else() {
    let scene = Scene::begin().await;
    let invite = [scene.account.user.as_str()];
    let room = NewRoom { name: Some("elsewhere"), encrypted: true, invite: &invite, ..NewRoom::default() };
    let strange = scene.kim.create(room).await;
    let known = scene.ana.create(room).await;
    let path = format!("/rooms/{}/state/m.room.member/{}", strange, scene.account.user).replace('!', "%21");
    let asked = json!({"method": "GET", "path": path});
    let membership =
        async || scene.kim.try_to("ask", asked.clone()).await.unwrap()["answer"]["membership"].clone();
    scene
        .proxy
        .wait_for("Usher to decline", |state| {
            state.requests.iter().find(|it| it.path.ends_with("/leave") && it.status == Some(200)).map(drop)
        })
        .await;
    assert_eq!(membership().await, "leave");
    scene
        .proxy
        .wait_for("Usher to come in", |state| {
            let joins = |path: &str| path.ends_with("/join") && path.contains(known.trim_start_matches('!'));
            state.requests.iter().find(|it| joins(&it.path) && it.status == Some(200)).map(drop)
        })
        .await;
    assert!(scene.ana.members(&known).await.contains(&scene.account.user));
    assert!(scene.usher.log().contains("somebody who is not in the runbook"), "{}", scene.usher.log());
}

#[tokio::test]
async fn a_room_that_is_given_up_by_those_who_may_is_followed() {
    let scene = Scene::begin().await;
    let new = scene.ana.upgrade(&scene.room, "12").await;
    // Whoever upgrades a closed room asks the others in.
    scene.ana.invite(&new, &scene.account.user).await;
    scene.ana.invite(&new, &scene.kim.user).await;
    scene.kim.join(&new).await;
    scene
        .proxy
        .wait_for("Usher to follow", |state| {
            let joins = |path: &str| path.contains("join") && path.contains(new.trim_start_matches('!'));
            state.requests.iter().find(|it| joins(&it.path) && it.status == Some(200)).map(drop)
        })
        .await;
    scene.kim.write(&new, "!usher who ben").await;
    let direct = scene.direct_of(&scene.kim).await;
    scene.told_alone(&scene.kim, &direct, "Lisbon").await;
}

#[tokio::test]
async fn a_room_that_does_not_name_the_one_it_is_to_replace_is_not_followed() {
    let scene = Scene::begin().await;
    let trap = scene.kim.create(NewRoom { name: Some("trap"), public: true, ..NewRoom::default() }).await;
    let close = json!({"body": "we have moved", "replacement_room": trap});
    // Kim may not.
    let way = json!({"room": scene.room, "type": "m.room.tombstone", "key": "", "content": close});
    let refused = scene.kim.try_to("state", way).await.unwrap_err();
    assert_eq!(refused.code.as_deref(), Some("M_FORBIDDEN"));
    // Ana may, and is wrong.
    scene.ana.state(&scene.room, "m.room.tombstone", "", close).await;
    scene
        .proxy
        .wait_for("Usher to leave", |state| {
            let leaves = |path: &str| path.ends_with("/leave") && path.contains(trap.trim_start_matches('!'));
            state.requests.iter().find(|it| leaves(&it.path) && it.status == Some(200)).map(drop)
        })
        .await;
    assert!(!scene.kim.members(&trap).await.contains(&scene.account.user));
}

#[tokio::test]
async fn a_room_that_names_one_that_was_not_given_up_is_not_entered() {
    let scene = Scene::begin().await;
    let body = json!({
        "name": "support", "preset": "private_chat", "invite": [scene.account.user],
        "creation_content": {"predecessor": {"room_id": scene.room, "event_id": "$made-up"}},
    });
    let asked = json!({"method": "POST", "path": "/createRoom", "body": body});
    scene.kim.try_to("ask", asked).await.unwrap();
    scene
        .proxy
        .wait_for("Usher to decline", |state| {
            state.requests.iter().find(|it| it.path.ends_with("/leave") && it.status == Some(200)).map(drop)
        })
        .await;
    // Where it was it is still, and nobody is told anything of it.
    let asked = scene.ask("the failing deploy").await;
    scene.wait_for(&asked, TOLD).await;
    assert_eq!(scene.requests("/createRoom"), 0);
}

#[tokio::test]
async fn put_out_of_a_room_it_says_so_to_the_admins_and_comes_back_when_it_is_asked() {
    let scene = Scene::begin().await;
    scene.ana.kick(&scene.room, &scene.account.user).await;
    let direct = scene.direct_of(&scene.ana).await;
    scene.told_alone(&scene.ana, &direct, "support").await;
    scene.ana.invite(&scene.room, &scene.account.user).await;
    scene
        .proxy
        .wait_for("Usher to come in", |state| {
            let joins =
                |path: &str| path.ends_with("/join") && path.contains(scene.room.trim_start_matches('!'));
            state.requests.iter().find(|it| joins(&it.path) && it.status == Some(200)).map(drop)
        })
        .await;
    let say = Say { text: "!blocking Can somebody look at the deploy?", ..Say::default() };
    let asked = scene.kim.say(&scene.room, say).await;
    scene.wait_for(&asked, TOLD).await;
}
