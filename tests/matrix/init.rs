//! `usher init` of the rooms of an account.

use serde_json::json;
use usher::runbook::{NoFiles, Who, load};

use crate::house::{House, out, told};
use crate::people::NewRoom;

const ARGS: [&str; 5] = ["init", "--from", "matrix", "--settings", "usher.toml"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_runbook_is_made_of_the_rooms_that_usher_is_in() {
    let house = House::new("invites_from = [\"localhost\"]\n").await;
    let (ana, suffix) = (&house.ana, &house.suffix);
    let ben = house.person("ben").await;
    ana.set_zone(chrono_tz::Africa::Lagos).await;
    let alias = format!("help-{suffix}");
    let invite = [house.usher.user.as_str(), ben.user.as_str()];
    let room = NewRoom { alias: Some(&alias), name: Some("Help"), invite: &invite, ..NewRoom::default() };
    let help = ana.create(room).await;
    ben.accept(&ana.user).await;
    ana.state(&help, "m.room.topic", "", json!({"topic": "Ask \"first\"\n[people]\nx = 1"})).await;
    let old =
        ana.create(NewRoom { name: Some("Old"), invite: &[&house.usher.user], ..NewRoom::default() }).await;

    // Before it has come in it knows who invited it.
    let printed = house.installed.run(&ARGS).await;
    assert!(printed.status.success(), "{}", told(&printed));
    assert!(told(&printed).contains("sees no people but who invited it"), "{}", told(&printed));
    let runbook = load("runbook.toml", out(&printed), &NoFiles).runbook.unwrap();
    assert_eq!(runbook.people.keys().collect::<Vec<_>>(), ["ana"]);
    assert_eq!(runbook.channels.keys().collect::<Vec<_>>(), ["Old", &alias]);

    let speaking = format!(
        "[team]\nname = \"Acme\"\ntimezone = \"UTC\"\n[urgency.normal]\nmeans = \"x\"\n\
         respond-within = \"1 workday\"\n[channels.help]\nmatrix = \"{help}\"\n[channels.old]\nmatrix = \"{old}\"\n"
    );
    house.installed.write("runbook.toml", &speaking);
    let running = house.run(&["the session is verified"]).await;
    for room in [&help, &old] {
        ana.read(room, Some("Hello")).await;
    }
    let busy = house.installed.run(&ARGS).await;
    assert!(
        busy.status.success(),
        "with a session of its own it looks beside a running bot: {}",
        told(&busy)
    );
    running.kill();
    let printed = house.installed.run(&[&ARGS[..], &["--output", "first.toml"]].concat()).await;
    assert!(printed.status.success(), "{}", told(&printed));
    let text = std::fs::read_to_string(house.installed.path("first.toml")).unwrap();
    let runbook = load("runbook.toml", &text, &NoFiles).runbook.unwrap();
    assert_eq!((runbook.team.name.as_str(), runbook.team.zone), ("localhost", chrono_tz::Africa::Lagos));
    assert_eq!(runbook.team.admins, ["ana"]);
    let people: Vec<_> =
        runbook.people.iter().map(|(name, it)| (name.as_str(), it.matrix.as_deref())).collect();
    assert_eq!(people, [("ana", Some(ana.user.as_str())), ("ben", Some(ben.user.as_str()))]);
    let channel = &runbook.channels[alias.as_str()];
    assert_eq!(channel.matrix.as_deref(), Some(format!("#{alias}:localhost").as_str()));
    assert_eq!(channel.purpose.as_deref(), Some("Ask \"first\" [people] x = 1"));
    assert_eq!(channel.responders, [Who::Group("team".into())]);
    let checked = house.installed.run(&["check", "first.toml", "--settings", "usher.toml"]).await;
    assert_eq!(out(&checked), "no problems in 1 runbook\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_said() {
    let house = House::new("").await;
    let printed = house.installed.run(&ARGS).await;
    assert!(printed.status.success(), "{}", told(&printed));
    assert!(told(&printed).contains("invited to none"), "{}", told(&printed));
    house.installed.set(&house.settings("").replace(&house.usher.password, "another"));
    let refused = house.installed.run(&ARGS).await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("does not let Usher in"), "{}", told(&refused));
    house.installed.set("team = \"acme\"\n");
    let output = house.installed.run(&ARGS).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("`matrix.homeserver`"), "{}", told(&output));
}
