//! An ordinary day in encrypted rooms: what is asked is told, what is done about it is understood, and commands are
//! answered where only the one who gave them reads it.

use serde_json::json;

use crate::people::{Message, Say};
use crate::usher::{Scene, TOLD};

/// Which reaction does what, as a message of Usher's says it to Usher itself.
fn emoji_for(message: &Message, choice: &str) -> String {
    let choices = message.content["dev.usher.action"]["choices"].as_array().unwrap();
    let chosen = choices.iter().find(|it| it["choice"] == choice);
    let chosen = chosen.unwrap_or_else(|| panic!("{choice} is among {choices:?}"));
    chosen["emoji"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_question_is_told_in_its_thread_taken_by_a_reaction_and_answered() {
    let mut scene = Scene::begin().await;
    let asked = scene.ask("the failing deploy").await;
    let told = scene.wait_for(&asked, TOLD).await;
    assert!(told.encrypted && told.readable);
    assert_eq!(told.kind, "notice");
    assert_eq!(told.content["m.mentions"]["user_ids"], json!([scene.ben.user]));
    scene.ben.react(&scene.room, &told.event_id, &emoji_for(&told, "take")).await;
    let taken = scene.wait_for(&asked, "took this").await;
    assert_eq!((taken.event_id, taken.edited), (told.event_id.clone(), true));
    scene.answer(&asked).await;
    let answered = scene.wait_for(&asked, "Answered").await;
    assert_eq!(answered.event_id, told.event_id);
    assert_eq!(scene.said().await.len(), 1);
    assert!(scene.usher.end().await, "it ends well when it is asked to");
}

#[tokio::test]
async fn a_reaction_to_a_question_takes_it_until_it_is_taken_back_after_a_restart_too() {
    let mut scene = Scene::begin().await;
    let asked = scene.ask("the failing deploy").await;
    let told = scene.wait_for(&asked, TOLD).await;
    scene.ben.react(&scene.room, &asked, "👀").await;
    scene.wait_for(&asked, "took this").await;
    let taken_back = scene.ben.take_back(&scene.room, &asked, "👀").await;
    scene.wait_until_taken(&taken_back).await;
    let open = scene.wait_for(&asked, TOLD).await;
    assert_eq!(open.event_id, told.event_id);
    scene.ben.react(&scene.room, &asked, "👀").await;
    scene.wait_for(&asked, "took this").await;
    scene.usher.kill();
    scene.ben.take_back(&scene.room, &asked, "👀").await;
    scene.start().await;
    scene.wait_for(&asked, TOLD).await;
    scene.ben.react(&scene.room, &asked, "✅").await;
    scene.wait_for(&asked, "olved").await;
    assert_eq!(scene.said().await.len(), 1);
}

#[tokio::test]
async fn a_question_that_is_removed_is_owed_no_answer() {
    let scene = Scene::begin().await;
    let asked = scene.ask("the failing deploy").await;
    scene.wait_for(&asked, TOLD).await;
    scene.ana.remove(&scene.room, &asked).await;
    scene.wait_for(&asked, "eleted").await;
}

#[tokio::test]
async fn only_the_words_of_the_one_who_wrote_them_can_be_changed_and_never_into_a_command() {
    let scene = Scene::begin().await;
    let room = scene.room.as_str();
    let said = scene.kim.write(room, "I am off to lunch.").await;
    let asked = scene.ask("the failing deploy").await;
    scene.wait_for(&asked, TOLD).await;
    let edit = |of: &str, text: &str| {
        json!({
            "msgtype": "m.text", "body": format!("* {text}"), "m.new_content": {"msgtype": "m.text", "body": text},
            "m.relates_to": {"rel_type": "m.replace", "event_id": of},
        })
    };
    // Of another's message: nothing.
    scene.kim.send(room, "m.room.message", edit(&asked, "Thanks, all is well.")).await;
    scene.ben.send(room, "m.room.message", edit(&asked, "Thanks, all is well.")).await;
    scene.ana.send(room, "m.room.message", edit(&said, "!blocking Is the disk full?")).await;
    // Into a command, and into a mention of Usher with one: nothing.
    let first = scene.kim.say(room, Say { text: "!usher help", edits: Some(&said), ..Say::default() }).await;
    scene.kim.send(room, "m.room.message", edit(&said, "Usher: who ben")).await;
    // Of an edit: nothing.
    scene.kim.send(room, "m.room.message", edit(&first, "!blocking Can somebody look at the disk?")).await;
    // A reply that quotes a command is none.
    let quoting = json!({
        "msgtype": "m.text", "body": "> <@x:y> !usher help\n\nwhat does that do", "m.mentions": {},
        "m.relates_to": {"m.in_reply_to": {"event_id": said}},
    });
    scene.ben.send(room, "m.room.message", quoting).await;
    // The own words, changed into a question, ask.
    scene
        .kim
        .say(room, Say { text: "!blocking Is it the disk?", edits: Some(&said), ..Say::default() })
        .await;
    scene.wait_for(&said, TOLD).await;
    let told = scene.said_about(&asked).await;
    assert!(told[0].text.contains(TOLD), "{told:?}");
    assert_eq!(scene.requests("/createRoom"), 0, "nobody has given a command");
    assert_eq!(scene.said().await.len(), 2);
}

#[tokio::test]
async fn commands_are_answered_in_a_room_of_the_two_that_is_opened_once() {
    let scene = Scene::begin().await;
    let usher = Say { text: "!usher who ben", ..Say::default() };
    scene.ana.say(&scene.room, usher).await;
    let named = json!({
        "msgtype": "m.text", "body": "Usher: owe", "format": "org.matrix.custom.html",
        "formatted_body": format!("<a href=\"https://matrix.to/#/{}\">Usher</a>: owe", scene.account.user),
        "m.mentions": {"user_ids": [scene.account.user]},
    });
    scene.ana.send(&scene.room, "m.room.message", named).await;
    let direct = scene.direct_of(&scene.ana).await;
    scene.told_alone(&scene.ana, &direct, "Lisbon").await;
    let told = scene.told_alone(&scene.ana, &direct, "You owe no answers").await;
    assert!(told.iter().all(|message| message.encrypted && message.readable));
    assert_eq!(told.len(), 2, "{told:#?}");
    // There, whatever is said is a command.
    scene.ana.write(&direct, "who kim").await;
    scene.ana.write(&direct, "help").await;
    let told = scene.told_alone(&scene.ana, &direct, "I keep the team's runbook").await;
    assert_eq!(told.len(), 4, "{told:#?}");
    assert_eq!(scene.requests("/createRoom"), 1);
    assert!(scene.said().await.is_empty(), "nobody else reads it");
}

#[tokio::test]
async fn another_program_and_hostile_words_are_no_commands_and_ping_nobody() {
    let scene = Scene::begin().await;
    let notice = Say { text: "!usher help", kind: Some("notice"), ..Say::default() };
    scene.kim.say(&scene.room, notice).await;
    scene
        .kim
        .say(&scene.room, Say { text: "!blocking Is it up?", kind: Some("notice"), ..Say::default() })
        .await;
    let text = "!blocking Can @room and @ben look at <b>this</b> & `that` \u{202e}evil?";
    let asked = scene.ana.write(&scene.room, text).await;
    let told = scene.wait_for(&asked, TOLD).await;
    assert_eq!(told.content["m.mentions"], json!({"user_ids": [scene.ben.user]}));
    // A name is what anybody likes.
    let name = "<b>@room</b>";
    let path = format!("/profile/{}/displayname", scene.kim.user);
    let named = json!({"method": "PUT", "path": path, "body": {"displayname": name}});
    scene.kim.try_to("ask", named).await.unwrap();
    let asked = scene.kim.write(&scene.room, "!blocking Can somebody look at this?").await;
    let told = scene.wait_for(&asked, TOLD).await;
    assert_eq!(told.content["m.mentions"], json!({"user_ids": [scene.ben.user]}));
    assert!(!told.html.unwrap().contains("<b>@room"));
    assert_eq!(scene.said().await.len(), 2, "a program is not answered");
    assert_eq!(scene.requests("/createRoom"), 0);
}

#[tokio::test]
async fn who_may_not_command_is_told_so_and_an_id_that_looks_like_another_is_another() {
    let scene = Scene::begin().await;
    // Kim has an admin's name, and is none.
    let path = format!("/profile/{}/displayname", scene.kim.user);
    scene
        .kim
        .try_to("ask", json!({"method": "PUT", "path": path, "body": {"displayname": "ana"}}))
        .await
        .unwrap();
    scene.kim.write(&scene.room, "!usher owe @ben").await;
    let direct = scene.direct_of(&scene.kim).await;
    let told = scene.told_alone(&scene.kim, &direct, "").await;
    assert!(told.iter().all(|message| !message.text.contains("owes")), "{told:#?}");
    assert!(scene.said().await.is_empty());
}
