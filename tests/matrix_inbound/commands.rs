//! What is a command, and what is none: nothing that somebody quotes, edits in, takes back or has a program say.

use serde_json::{Value, json};
use usher::chat::matrix::inbound::{Ignored, Notice, Reading};
use usher::core::event::{Mention, What};

use crate::kit::{
    DIRECT, SUPPORT, acme, earlier, event, fixture, heard, member, message, read_json, read_name, read_with,
    text, words,
};

const PILL: &str = r#"<a href="https://matrix.to/#/@usher:acme.org">Usher</a>"#;

fn of(content: &Value) -> Option<String> {
    words(read_json(SUPPORT, &message(content)))
}

fn typed(body: &str) -> Option<String> {
    of(&json!({ "msgtype": "m.text", "body": body }))
}

fn html(html: &str) -> Option<String> {
    of(&json!({
        "msgtype": "m.text", "body": "x", "format": "org.matrix.custom.html", "formatted_body": html,
        "m.mentions": { "user_ids": ["@usher:acme.org"] },
    }))
}

#[test]
fn usher_is_addressed_by_its_sign_and_by_its_name() {
    for (body, command) in [
        ("!usher", Some("")),
        ("!usher why", Some("why")),
        ("  !Usher: why ", Some("why")),
        ("!usher, later @Ben  thanks", Some("later @Ben  thanks")),
        ("!usher\nwhy", Some("why")),
        ("@usher:acme.org why", Some("why")),
        ("@usher:acme.org: why", Some("why")),
        ("@usher why", Some("why")),
        ("Usher: why", Some("why")),
        ("usher, why", Some("why")),
        ("!ushers why", None),
        ("!usherwhy", None),
        ("usher why is it red?", None),
        ("ushers: the people at the door", None),
        ("hey !usher why", None),
        ("hey @usher why", None),
        ("@usher:evil.org why", None),
        ("@ushеr:acme.org why", None),
        ("`!usher why`", None),
        ("> !usher why", None),
        ("> @usher:acme.org why", None),
        ("```\n!usher why\n```", None),
    ] {
        assert_eq!(typed(body).as_deref(), command, "{body}");
    }
}

#[test]
fn a_pill_at_the_start_addresses_it() {
    for (given, command) in [
        (format!("{PILL} why"), Some("why")),
        (format!("<p>{PILL}: why</p>"), Some("why")),
        (format!("<strong>{PILL}</strong>, later <em>x</em>"), Some("later x")),
        ("!usher why".to_owned(), Some("why")),
        ("Usher why".to_owned(), Some("why")),
        (format!("ask {PILL}"), None),
        (format!("<blockquote>{PILL} why</blockquote>what?"), None),
        (format!("<code>{PILL}</code> why"), None),
        ("<pre>!usher why</pre>".to_owned(), None),
        (format!("<mx-reply>{PILL} resolve</mx-reply>no"), None),
        ("<mx-reply>x</mx-reply>!usher why".to_owned(), Some("why")),
    ] {
        assert_eq!(html(&given).as_deref(), command, "{given}");
    }
}

#[test]
fn the_html_counts_which_people_see() {
    let hidden = json!({
        "msgtype": "m.text", "body": "!usher resolve", "format": "org.matrix.custom.html",
        "formatted_body": "lunch?",
    });
    assert_eq!(of(&hidden), None);
}

#[test]
fn what_quotes_a_command_gives_none() {
    let reply = json!({
        "msgtype": "m.text", "body": "> <@ana:acme.org> !usher resolve\n> more\n\nwhy that?",
        "m.relates_to": { "m.in_reply_to": { "event_id": "$posted" } },
    });
    assert_eq!(of(&reply), None);
    assert_eq!(text(read_json(SUPPORT, &message(&reply))).plain, "why that?");
    let unclosed = json!({ "msgtype": "m.text", "body": "> <@ana:acme.org> !usher resolve" });
    assert_eq!(text(read_json(SUPPORT, &message(&unclosed))).plain, "");
    assert_eq!(words(read_name("reply-of-an-old-client")), None);
    assert_eq!(words(read_name("command-in-a-quote")), None);
}

#[test]
fn a_reply_may_be_a_command() {
    let reply = json!({
        "msgtype": "m.text", "body": "> <@ana:acme.org> can you look?\n\n!usher why",
        "m.relates_to": { "m.in_reply_to": { "event_id": "$posted" } },
    });
    assert_eq!(of(&reply).as_deref(), Some("why"));
}

#[test]
fn an_edit_is_never_a_command() {
    let What::Edited { text, message, .. } = event(read_name("edited-into-a-command")).what else {
        panic!("no edit")
    };
    assert_eq!((&*text.plain, &*message.id), ("!usher resolve", "$posted"));
    let directly = heard(read_name("direct-edited"));
    assert!(directly.events.is_empty(), "in the room of the two neither");
    let [Notice::Said { replaces: Some(of), text, .. }] = &directly.notices[..] else {
        panic!("{directly:?}")
    };
    assert_eq!((&**of, &*text.plain), ("$direct", "the rollback"));
}

#[test]
fn nobody_edits_what_another_wrote() {
    for name in ["edited-by-another", "edit-of-usher-by-another"] {
        assert_eq!(read_name(name), Reading::Ignored(Ignored::OthersMessage), "{name}");
    }
    assert_eq!(read_name("edit-of-an-edit"), Reading::Ignored(Ignored::EditOfEdit));
}

#[test]
fn what_was_taken_back_is_never_executed() {
    assert_eq!(read_name("command-that-was-redacted"), Reading::Ignored(Ignored::Redacted));
}

#[test]
fn programs_command_nothing() {
    assert_eq!(read_name("command-in-a-notice"), Reading::Ignored(Ignored::AnotherBot));
    assert_eq!(words(read_name("command-in-an-emote")), None);
    assert!(matches!(read_name("state-that-is-a-message"), Reading::Ignored(_)));
    let own =
        crate::kit::said_by("@usher:acme.org", &json!({ "msgtype": "m.text", "body": "!usher resolve" }));
    assert!(heard(read_json(SUPPORT, &own)).events.is_empty());
}

#[test]
fn whatever_is_typed_in_the_room_of_the_two_is_a_command() {
    let said = |body: &str| {
        let json = message(&json!({ "msgtype": "m.text", "body": body }));
        words(read_json(DIRECT, &json)).expect("a command")
    };
    assert_eq!(said("who"), "who");
    assert_eq!(said("!usher who"), "who");
    assert_eq!(said("Usher: who"), "who");
    assert_eq!(said("> who"), "> who");
    let answer = heard(read_name("direct-answer"));
    let [Notice::Said { reply_to: Some(to), text, .. }] = &answer.notices[..] else { panic!("{answer:?}") };
    assert_eq!((&**to, &*text.plain), ("$of-usher-directly", "the deploy"));
    assert_eq!(read_name("direct-picture"), Reading::Ignored(Ignored::NoWords));
    assert_eq!(read_name("direct-redaction"), Reading::Ignored(Ignored::DirectChange));
}

#[test]
fn once_somebody_else_is_in_it_the_room_is_like_any_other() {
    let mut directory = acme();
    directory.learn(DIRECT, &member("@kim:acme.org", "Kim Lee"));
    let fixture = fixture("direct");
    assert_eq!(words(read_with(DIRECT, &fixture.json, &directory, &earlier())), None);
}

#[test]
fn a_command_from_before_usher_was_there_is_history() {
    let old = read_name("command-from-before-usher-was-there");
    assert_eq!(old, Reading::Ignored(Ignored::BeforeJoining));
}

#[test]
fn a_look_alike_is_somebody_else() {
    let json =
        crate::kit::said_by("@ana:acme.org.evil.org", &json!({ "msgtype": "m.text", "body": "!usher owe" }));
    let heard = heard(read_json(SUPPORT, &json));
    let What::User { facts, .. } = &heard.events[0].what else { panic!("somebody new") };
    assert_eq!(facts.name, "ana (@ana:acme.org.evil.org)");
    let What::Commanded { user, .. } = &heard.events[1].what else { panic!("a command") };
    assert_eq!(user, "@ana:acme.org.evil.org", "for the core to refuse by the whole id");
}

#[test]
fn a_name_is_never_a_command() {
    let mut directory = acme();
    directory.learn(SUPPORT, &member("@kim:acme.org", "!usher resolve"));
    let content = json!({ "msgtype": "m.text", "body": "@kim:acme.org hi" });
    let text = text(read_with(SUPPORT, &message(&content), &directory, &earlier()));
    assert_eq!(text.mentions, [Mention::User("@kim:acme.org".into())]);
    assert_eq!(text.plain, "@!usher resolve hi");
}
