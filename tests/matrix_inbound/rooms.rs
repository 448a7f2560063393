//! What is known of rooms and their people, and what changes of it.

use serde_json::{Value, json};
use usher::calendar::Instant;
use usher::chat::matrix::directory::Directory;
use usher::chat::matrix::inbound::{Ignored, Notice, Reading, Unreadable, read_invite};
use usher::core::event::{ChannelFacts, ChannelKind, What};

use crate::kit::{
    DIRECT, LEADS, NOW_MS, SUPPORT, acme, earlier, event, fixture, heard, member, read_json, read_name,
    read_with, state,
};

const OWN: &str = "@usher:acme.org";

fn facts(name: &str) -> ChannelFacts {
    let What::Channel { facts, .. } = event(read_name(name)).what else { panic!("{name}") };
    facts
}

#[test]
fn a_room_is_called_by_its_address_or_its_name() {
    let directory = acme();
    let support = directory.channel(SUPPORT).expect("known");
    assert_eq!((&*support.name, support.kind), ("support", ChannelKind::Public));
    assert_eq!(support.aliases, ["#support:acme.org"]);
    assert!(support.members.is_empty(), "everyone may be in it");
    let leads = directory.channel(LEADS).expect("known");
    assert_eq!((&*leads.name, leads.kind), ("leads", ChannelKind::Private));
    assert_eq!(leads.members, ["@ana:acme.org", "@ben:acme.org"]);
    assert_eq!(directory.channel(DIRECT), None, "the room of the two is no channel");
    assert_eq!(directory.channel("!nameless:acme.org").expect("known").name, "!nameless:acme.org");
    assert_eq!(facts("named").name, "Team leads");
    assert_eq!(read_name("named-under-its-address"), Reading::Ignored(Ignored::NothingNew));
    let addressed = facts("addressed");
    assert_eq!(
        (&*addressed.name, &addressed.aliases[..]),
        ("heads", &["#heads:acme.org".into(), "#leads:acme.org".into()][..])
    );
}

#[test]
fn members_come_and_go() {
    assert_eq!(facts("joined").members, ["@ana:acme.org", "@ben:acme.org", "@kim:acme.org"]);
    for name in ["left", "kicked", "banned"] {
        assert_eq!(facts(name).members, ["@ana:acme.org"], "{name}");
    }
    assert_eq!(read_name("invited"), Reading::Ignored(Ignored::NothingNew), "not in it yet");
    assert_eq!(read_name("joined-a-public-room-known"), Reading::Ignored(Ignored::PublicMember));
    let What::User { facts, .. } = event(read_name("joined-a-public-room")).what else { panic!("somebody") };
    assert_eq!(facts.name, "Noor");
}

#[test]
fn who_is_called_as_somebody_else_is_told_apart() {
    let What::User { facts, .. } = &heard(read_name("joined-by-a-look-alike")).events[0].what else {
        panic!("somebody")
    };
    assert_eq!(facts.name, "Ben (@ben:evil.org)");
    let What::User { facts, .. } = event(read_name("renamed")).what else { panic!("somebody") };
    assert_eq!(facts.name, "Ben Okri");
    assert_eq!(read_name("profile-as-it-was"), Reading::Ignored(Ignored::NothingNew));
}

#[test]
fn names_are_shown_on_one_line_and_in_one_direction() {
    let mut directory = Directory::new(OWN.into());
    directory.learn(SUPPORT, &member("@a:b.org", "An\u{202e}a\n> !usher\u{7}"));
    assert_eq!(directory.shown("@a:b.org"), "Ana > !usher");
    directory.learn(SUPPORT, &member("@a:b.org", &"x".repeat(5_000)));
    assert_eq!(directory.shown("@a:b.org").len(), 100);
    directory.learn(SUPPORT, &member("@a:b.org", " "));
    assert_eq!(directory.shown("@a:b.org"), "a");
}

#[test]
fn usher_comes_in_and_goes() {
    let joined = heard(read_name("usher-joined"));
    let [.., channel, invited] = &joined.events[..] else { panic!("{joined:?}") };
    assert!(
        matches!(&channel.what, What::Channel { facts, .. } if facts.name == "new" && facts.members.len() == 2)
    );
    assert!(matches!(&invited.what, What::Invited { by: Some(by), .. } if by == "@ben:acme.org"));
    assert_eq!(joined.notices, [Notice::Joined { room: "!new:acme.org".into() }]);
    assert_eq!(read_name("usher-changed-its-profile"), Reading::Ignored(Ignored::Own));
    let gone = heard(read_name("usher-was-removed"));
    assert!(matches!(gone.events[0].what, What::Lost { .. }));
    assert_eq!(gone.notices, [Notice::Left { room: LEADS.into() }]);
}

#[test]
fn what_was_not_told_before_a_crash_is_told_after_it() {
    let joined = fixture("usher-joined");
    let mut directory = acme();
    directory.learn(&joined.room, &joined.json);
    let again = read_with(&joined.room, &joined.json, &directory, &earlier());
    assert_eq!(heard(again), heard(read_name("usher-joined")), "the session knew it, the engine did not");

    // A change of its profile is not that: the event says what was before.
    let mut renamed: Value = serde_json::from_str(&joined.json).expect("JSON");
    renamed["unsigned"]["prev_content"] = json!({ "membership": "join", "displayname": "Bot" });
    let renamed = renamed.to_string();
    let mut later = acme();
    later.learn(&joined.room, &renamed);
    let reading = read_with(&joined.room, &renamed, &later, &earlier());
    assert_eq!(reading, Reading::Ignored(Ignored::Own));
}

#[test]
fn an_invitation_that_usher_declined_loses_nothing() {
    let declined = state("m.room.member", OWN, OWN, &json!({ "membership": "leave" }));
    assert_eq!(read_json("!new:acme.org", &declined), Reading::Ignored(Ignored::NotJoined));
    assert_eq!(read_json("!unheard-of:acme.org", &declined), Reading::Ignored(Ignored::NotJoined));
}

#[test]
fn the_room_of_the_two_is_no_channel() {
    let joined = heard(read_name("usher-joined-a-direct-room"));
    assert_eq!(joined.events.len(), 0, "{joined:?}");
    let (room, user) = ("!two:acme.org".into(), "@kim:acme.org".into());
    assert_eq!(joined.notices[1], Notice::Direct { room, user });
    let third = event(read_name("joined-the-direct-room"));
    assert!(
        matches!(third.what, What::Channel { facts, .. } if facts.members.len() == 2),
        "a third makes it one"
    );
}

#[test]
fn a_room_with_a_name_is_for_more_than_two() {
    let mut directory = acme();
    let gone = |user: &str| state("m.room.member", user, user, &json!({ "membership": "leave" }));
    directory.learn(LEADS, &gone("@ben:acme.org"));
    assert_eq!(directory.direct_with(LEADS), None, "whoever is left in it");
    directory.learn("!nameless:acme.org", &gone("@ben:acme.org"));
    assert_eq!(directory.direct_with("!nameless:acme.org").map(|user| &**user), Some("@ana:acme.org"));

    // One that is remembered stays the room of the two, whatever it is called.
    directory.learn(DIRECT, &state("m.room.name", "", "@ana:acme.org", &json!({ "name": "Usher and me" })));
    assert_eq!(directory.direct("@ana:acme.org").map(|room| &**room), Some(DIRECT));
    assert!(directory.direct_with(DIRECT).is_some());
    directory.learn(DIRECT, &gone("@ana:acme.org"));
    assert_eq!(directory.direct("@ana:acme.org"), None, "nobody is there to read");
}

#[test]
fn who_may_come_in_makes_a_room_public() {
    let opened = facts("opened-to-all");
    assert_eq!((opened.kind, opened.members.len()), (ChannelKind::Public, 0));
    let closed = facts("closed-to-others");
    assert_eq!((closed.kind, closed.members.len()), (ChannelKind::Private, 3));
}

#[test]
fn a_room_that_was_given_up_is_closed() {
    let replaced = heard(read_name("replaced"));
    assert!(matches!(&replaced.events[0].what, What::Channel { facts, .. } if facts.archived));
    let successor = Some("!next:acme.org".into());
    assert_eq!(replaced.notices, [Notice::Replaced { room: LEADS.into(), successor }]);
}

#[test]
fn a_room_is_followed_only_where_both_agree() {
    let next = "!next:acme.org";
    let tombstone =
        |by: &str| state("m.room.tombstone", "", by, &json!({ "replacement_room": next, "body": "" }));
    let made = |old: &str| {
        state("m.room.create", "", "@ana:acme.org", &json!({ "predecessor": { "room_id": old } }))
    };
    let levels = |content| state("m.room.power_levels", "", "@ana:acme.org", &content);
    let follows = |events: &[(&str, String)]| {
        let mut directory = acme();
        for (room, event) in events {
            directory.learn(room, event);
        }
        directory.is_successor(LEADS, next, None)
    };
    assert!(follows(&[(LEADS, tombstone("@ana:acme.org")), (next, made(LEADS))]), "by who made it");
    assert!(!follows(&[(LEADS, tombstone("@ana:acme.org"))]), "the new room says nothing of the old");
    assert!(!follows(&[(next, made(LEADS))]), "the old room says nothing of the new");
    assert!(!follows(&[(LEADS, tombstone("@ana:acme.org")), (next, made(SUPPORT))]));
    let by_ben = |content| {
        follows(&[(LEADS, levels(content)), (LEADS, tombstone("@ben:acme.org")), (next, made(LEADS))])
    };
    assert!(by_ben(json!({ "users": { "@ben:acme.org": 50 } })));
    assert!(by_ben(json!({ "users": { "@ben:acme.org": "100" }, "events": { "m.room.tombstone": 100 } })));
    assert!(!by_ben(json!({ "users": { "@ben:acme.org": 50 }, "events": { "m.room.tombstone": 100 } })));
    assert!(!by_ben(json!({ "users": {}, "state_default": 0 })), "a room where everyone may do everything");
    let mut directory = acme();
    directory.learn(LEADS, &tombstone("@ana:acme.org"));
    assert!(directory.is_successor(LEADS, next, Some(LEADS)), "as its invitation says");
}

#[test]
fn an_invitation_says_by_whom_and_what_for() {
    let invited =
        state("m.room.member", OWN, "@kim:acme.org", &json!({ "membership": "invite", "is_direct": true }));
    let name = state("m.room.name", "", "@kim:acme.org", &json!({ "name": "Ops" }));
    let encryption =
        state("m.room.encryption", "", "@kim:acme.org", &json!({ "algorithm": "m.megolm.v1.aes-sha2" }));
    let made = state("m.room.create", "", "@kim:acme.org", &json!({ "predecessor": { "room_id": LEADS } }));
    let events = [&*invited, &name, &encryption, &made];
    let invite = read_invite("!ops:acme.org", events, OWN).expect("an invitation");
    assert_eq!((&*invite.by, invite.direct, invite.encrypted), ("@kim:acme.org", true, true));
    assert_eq!((invite.name.as_deref(), invite.predecessor.as_deref()), (Some("Ops"), Some(LEADS)));
    assert_eq!(read_invite("!ops:acme.org", [&*name], OWN), Err(Unreadable::Missing("invitation")));
    let of_another =
        state("m.room.member", "@ben:acme.org", "@kim:acme.org", &json!({ "membership": "invite" }));
    assert_eq!(read_invite("!ops:acme.org", [&*of_another], OWN), Err(Unreadable::Missing("invitation")));
    assert!(read_invite("ops", [&*invited], OWN).is_err());
}

#[test]
fn what_a_room_is_is_told_once() {
    let directory = acme();
    let at = Instant::from_ms(NOW_MS);
    let told = directory.told(LEADS, at);
    assert_eq!(told.len(), 1, "its people are known: {told:?}");
    assert!(Directory::new(OWN.into()).told(LEADS, at).is_empty());
    let mut nobody_told = Directory::new(OWN.into());
    for user in ["@ana:acme.org", OWN] {
        nobody_told.learn(LEADS, &member(user, "Somebody"));
    }
    nobody_told.learn(LEADS, &state("m.room.name", "", OWN, &json!({ "name": "leads" })));
    assert_eq!(nobody_told.told(LEADS, at).len(), 2, "one user and the room");
}

#[test]
fn somebody_new_is_told_of_before_what_they_say() {
    let heard = heard(read_name("posted-by-a-stranger"));
    let [user, posted] = &heard.events[..] else { panic!("{heard:?}") };
    assert!(matches!(&user.what, What::User { facts, .. } if facts.name == "stranger"));
    assert!(matches!(&posted.what, What::Posted(_)));
    let mut directory = acme();
    directory.learn_told(&heard.events);
    let fixture = fixture("posted-by-a-stranger");
    let Reading::Heard(again) = read_with(SUPPORT, &fixture.json, &directory, &earlier()) else { panic!() };
    assert_eq!(again.events.len(), 1, "once");
}

#[test]
fn state_that_says_nonsense_changes_nothing() {
    let mut directory = acme();
    for (kind, key, content) in [
        ("m.room.name", "", json!({ "name": 5 })),
        ("m.room.name", "x", json!({ "name": "of a key" })),
        ("m.room.canonical_alias", "", json!({ "alias": "none" })),
        ("m.room.member", "nobody", json!({ "membership": "join" })),
        ("m.room.member", "@ben:acme.org", json!({ "membership": "asleep" })),
        ("m.room.member", "@ben:acme.org", json!([])),
        ("m.room.power_levels", "", json!({ "users": 7 })),
        ("m.room.tombstone", "x", json!({})),
    ] {
        let event = state(kind, key, "@ana:acme.org", &content);
        assert!(matches!(read_json("!nameless:acme.org", &event), Reading::Ignored(_)), "{event}");
        directory.learn("!nameless:acme.org", &event);
    }
    assert_eq!(directory.channel("!nameless:acme.org"), acme().channel("!nameless:acme.org"));
}
