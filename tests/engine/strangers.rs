//! Guests and people of other workspaces are people; and places close and open again.

use crate::chat::Chat;
use crate::commands::{ask, chat};
use insta::assert_snapshot;
use usher::core::event::{ChannelFacts, ChannelKind, UserFacts, What};

fn user(name: &str) -> UserFacts {
    UserFacts {
        name: name.to_owned(),
        zone: "Europe/Berlin".parse().ok(),
        bot: false,
        deactivated: false,
        guest: false,
        away_until: None,
    }
}

/// The usual chat, and somebody of another workspace, whose name is that of an admin.
fn with_stranger() -> Chat {
    let mut chat = chat();
    chat.happen(What::User { user: "u-far".into(), facts: UserFacts { guest: true, ..user("ana") } });
    chat
}

fn archive(chat: &mut Chat, channel: &str, archived: bool) {
    let facts = ChannelFacts {
        aliases: Vec::new(),
        name: channel.to_owned(),
        kind: ChannelKind::Public,
        archived,
        members: vec![],
    };
    chat.happen(What::Channel { channel: channel.into(), facts });
}

#[test]
fn a_stranger_asks_and_owes_as_everybody_does() {
    let mut chat = with_stranger();
    chat.say("u-far", "support", "Can you restart the build worker?");
    chat.hours(2);
    assert!(chat.heard().contains("@ben, ana is waiting for an answer here"));
    let question = chat.say("ben", "platform", "@u-far could you send us the logs?");
    let owed = ask(&mut chat, "u-far", &format!("platform/{question}"), "owe");
    assert!(owed.starts_with("You owe one answer") && owed.contains("You are owed"), "{owed}");
}

#[test]
fn a_stranger_is_no_admin_and_raises_nothing_that_interrupts() {
    let mut chat = with_stranger();
    let refused = ask(&mut chat, "u-far", "support", "turn-on reminder");
    assert!(refused.contains("is for the admins"), "{refused}");
    chat.say("u-far", "support", "🚨 everything is down, can you look?");
    let heard = chat.heard();
    assert!(!heard.contains("pages") && heard.contains("nobody is paged by your message"), "{heard}");
    let refused = ask(&mut chat, "u-far", "support", "urgent emergency");
    assert!(refused.contains("lets only others raise emergency"), "{refused}");
}

#[test]
fn a_guest_reads_elsewhere_only_what_they_are_in() {
    let mut chat = with_stranger();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    chat.command("dora", &format!("support/{question}"), "outcome the worker was restarted");
    chat.heard();
    let refused = ask(&mut chat, "u-far", "platform", "decisions #support");
    assert_eq!(refused, "That channel is none that you can read here.");
    let there = ask(&mut chat, "u-far", "support", "decisions");
    assert!(there.contains("the worker was restarted"), "{there}");
    let elsewhere = ask(&mut chat, "kim", "platform", "decisions #support");
    assert!(elsewhere.contains("the worker was restarted"), "{elsewhere}");
}

#[test]
fn a_closed_account_is_told_nothing_until_it_is_back_where_it_was() {
    let mut chat = chat();
    let zone = "Asia/Tokyo".parse().ok();
    let kim = |deactivated, zone| UserFacts { deactivated, zone, ..user("kim") };
    chat.happen(What::User { user: "kim".into(), facts: kim(false, zone) });
    chat.happen(What::User { user: "kim".into(), facts: kim(true, None) });
    chat.say("dora", "platform", "@kim could you look at the design?");
    chat.hours(72);
    assert!(!chat.heard().contains("to kim"), "nobody reads it");
    chat.happen(What::User { user: "kim".into(), facts: kim(false, None) });
    chat.restart();
    chat.say("dora", "platform", "@kim could you look at the plan?");
    let due = ask(&mut chat, "kim", "platform", "owe");
    assert!(due.contains("You owe"), "{due}");
}

#[test]
fn in_an_archived_channel_nothing_is_counted_until_it_is_open_again() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    chat.say("kim", "support", "@chidi can you look at the invoice?");
    chat.hours(1);
    archive(&mut chat, "support", true);
    assert_snapshot!(chat.heard(), @"Mon 10:00 to ana: #support was archived, so nobody can answer in it. Two questions were still open there; I stopped counting them. Whoever still needs an answer should ask elsewhere.");
    archive(&mut chat, "support", true);
    chat.restart();
    chat.hours(24);
    let heard = chat.heard();
    assert!(!heard.contains("#support"), "no clock fires there: {heard}");
    let why = ask(&mut chat, "dora", &format!("support/{question}"), "why");
    assert!(why.contains("The channel was archived; nothing is owed any more"), "{why}");
    archive(&mut chat, "support", false);
    chat.say("dora", "support", "Can you restart the other worker?");
    chat.hours(3);
    let heard = chat.heard();
    assert!(heard.contains("dora is waiting"), "{heard}");
    archive(&mut chat, "news", true);
    assert_eq!(chat.heard(), "", "nothing was open there");
}
