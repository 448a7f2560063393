//! What a platform will never take is told to the admins: once for a place and a reason, without a word of what it
//! would have said.

use crate::chat::Chat;
use crate::commands::chat;
use insta::assert_snapshot;
use usher::core::action::{ActionId, Kind, Target};
use usher::core::barred::{Barrier, Errand};
use usher::core::event::{Fate, Platform, What};

fn thread(channel: &str) -> Target {
    Target::Thread { platform: Platform::Console, channel: channel.into(), root: "m1".into() }
}

fn direct(user: &str) -> Target {
    Target::Direct { platform: Platform::Console, user: user.into() }
}

/// What the admins hear of an action that was refused.
fn refused(chat: &mut Chat, kind: Kind, to: Target, barrier: Option<Barrier>) -> String {
    let errand = Some(Errand { kind, to, barrier });
    let (action, fate) = (ActionId("some/action".into()), Fate::Refused("the_code".to_owned()));
    chat.happen(What::Delivered { action, fate, errand });
    chat.heard()
}

fn arrived(chat: &mut Chat, to: Target) {
    let errand = Some(Errand { kind: Kind::Reminder, to, barrier: None });
    chat.happen(What::Delivered { action: ActionId("some/other".into()), fate: Fate::Sent(None), errand });
    assert_eq!(chat.heard(), "");
}

#[test]
fn each_reason_comes_with_its_mend() {
    let mut chat = chat();
    let mut said = Vec::new();
    for barrier in [
        Barrier::NotIn,
        Barrier::Unseen,
        Barrier::Archived,
        Barrier::ReadOnly,
        Barrier::Permission,
        Barrier::Flaw,
        Barrier::Other,
    ] {
        said.push(refused(&mut chat, Kind::Reminder, thread("support"), Some(barrier)));
    }
    said.push(refused(&mut chat, Kind::Digest, direct("kim"), Some(Barrier::Unreachable)));
    assert_snapshot!(said.join("\n"), @r##"
    Mon 09:00 to ana: I could not post a reminder in #support: I am not in it. To let me in, type `/invite @Usher` there.
    Mon 09:00 to ana: I could not post a reminder in #support: I cannot see it. If it is private, type `/invite @Usher` there; if it is gone, take it out of the runbook.
    Mon 09:00 to ana: I could not post a reminder in #support: it is archived. Unarchive it, or take it out of the runbook.
    Mon 09:00 to ana: I could not post a reminder in #support: only some may post there. Let me post in its settings, or set `usher = "watch"` for it in the runbook.
    Mon 09:00 to ana: I could not post a reminder in #support: a permission is missing (`the_code`), and that stops me everywhere. Install my app again from its manifest.
    Mon 09:00 to ana: I could not post a reminder in #support: I made it in a way that is not taken (`the_code`). That is a fault of mine: please report it, with what my log says.
    Mon 09:00 to ana: I could not post a reminder in #support: it was refused with `the_code`. My log says when and which.
    Mon 09:00 to ana: I could not send kim a digest directly: the account is closed, or hidden from me. Correct their id in the runbook, or take them out of it.
    "##);
}

#[test]
fn the_admins_hear_of_a_place_and_a_reason_once_a_week_or_until_it_worked() {
    let mut chat = chat();
    let told =
        |chat: &mut Chat, to: Target, barrier| !refused(chat, Kind::Escalation, to, Some(barrier)).is_empty();
    assert!(told(&mut chat, thread("support"), Barrier::NotIn));
    assert!(!told(&mut chat, thread("support"), Barrier::NotIn), "they know");
    assert!(told(&mut chat, thread("support"), Barrier::Archived), "another reason");
    assert!(told(&mut chat, thread("platform"), Barrier::NotIn), "another place");
    chat.restart();
    assert!(!told(&mut chat, thread("support"), Barrier::NotIn), "after a restart as well");
    arrived(&mut chat, Target::Channel { platform: Platform::Console, channel: "support".into() });
    assert!(told(&mut chat, thread("support"), Barrier::NotIn), "it had worked in between");
    assert!(!told(&mut chat, thread("platform"), Barrier::NotIn), "and not there");
    chat.hours(24 * 7);
    chat.heard();
    assert!(told(&mut chat, thread("platform"), Barrier::NotIn), "a week later");
    assert!(told(&mut chat, thread("platform"), Barrier::Permission));
    assert!(!told(&mut chat, thread("support"), Barrier::Permission), "what holds everywhere is one place");
}

#[test]
fn nothing_loops_and_nobodys_own_affair_is_told() {
    let mut chat = chat();
    for barrier in [Barrier::Unreachable, Barrier::Permission, Barrier::Other] {
        assert_eq!(refused(&mut chat, Kind::Admin, direct("ana"), Some(barrier)), "", "{barrier:?}");
    }
    let private = || Target::Private {
        platform: Platform::Console,
        channel: "lounge".into(),
        thread: None,
        user: "kim".into(),
    };
    assert_eq!(
        refused(&mut chat, Kind::Answer, private(), Some(Barrier::NotIn)),
        "",
        "asked where it is not"
    );
    assert_eq!(refused(&mut chat, Kind::Reminder, thread("support"), None), "", "nobody can mend it");
    let amendment = Target::Amend { of: ActionId("some/action".into()) };
    assert_eq!(refused(&mut chat, Kind::Reminder, amendment, Some(Barrier::Archived)), "");
}
