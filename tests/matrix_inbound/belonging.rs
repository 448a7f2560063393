//! What belongs to other events: threads, replies, edits, reactions and what is taken back.

use serde_json::{Value, json};
use usher::calendar::Instant;
use usher::chat::matrix::inbound::{
    Context, Given, Ignored, Notice, Reading, Target, Targets, Wanted, settle,
};
use usher::core::action::Choice;
use usher::core::event::{MessageRef, What};

use crate::kit::{
    DIRECT, NOW_MS, SUPPORT, acme, earlier, event, fixture, fixtures, heard, read_fixture, read_json,
    read_name, read_with, text, user,
};

fn posted() -> MessageRef {
    of("$posted")
}

fn of(id: &str) -> MessageRef {
    MessageRef { channel: SUPPORT.into(), id: id.into() }
}

#[test]
fn the_same_event_is_the_same_however_often_it_comes() {
    for fixture in fixtures() {
        assert_eq!(read_fixture(fixture), read_fixture(fixture), "{}", fixture.name);
        let mut value: Value = serde_json::from_str(&fixture.json).expect("JSON");
        value["unsigned"]["age"] = json!(99_999_999);
        let again = read_json(&fixture.room, &value.to_string());
        assert_eq!(read_fixture(fixture), again, "{}: from history", fixture.name);
    }
}

#[test]
fn keys_are_made_of_room_and_event() {
    assert_eq!(event(read_name("posted")).key, "matrix/!support:acme.org/$posted");
    let mut keys: Vec<String> = Vec::new();
    for fixture in fixtures() {
        if let Reading::Heard(heard) = read_fixture(fixture) {
            keys.extend(heard.events.iter().map(|event| event.key.to_string()));
        }
    }
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), count, "no two events share one");
}

#[test]
fn a_thread_is_told_by_its_first_message() {
    let What::Posted(posted) = event(read_name("in-a-thread")).what else { panic!("no post") };
    assert_eq!(posted.thread.as_deref(), Some("$posted"));
    assert_eq!(posted.text.mentions, [], "whom a client names for others that know no threads is not meant");
    let edited = event(read_name("edited-in-a-thread"));
    assert!(matches!(edited.what, What::Edited { thread: Some(root), .. } if root == "$posted"));
}

#[test]
fn whoever_answers_somebody_means_them() {
    let ana = [user("@ana:acme.org")];
    for name in ["reply", "reply-of-an-old-client", "reply-in-a-thread"] {
        assert_eq!(text(read_name(name)).mentions, ana, "{name}");
    }
    assert_eq!(text(read_name("reply-of-an-old-client")).plain, "no, not yet");
    let unknown = MessageRef { channel: SUPPORT.into(), id: "$long-ago".into() };
    assert_eq!(read_name("reply-to-an-unknown-message"), Reading::Needs(Wanted::Event(unknown.clone())));
    let mut targets = earlier();
    targets.learn(unknown, Target::Unknown);
    let fixture = fixture("reply-to-an-unknown-message");
    let reading = read_with(&fixture.room, &fixture.json, &acme(), &targets);
    assert_eq!(text(reading).mentions, [], "nobody can tell");
}

#[test]
fn reactions_to_ushers_messages_press_what_these_say() {
    let pressed = |name: &str| {
        let What::Pressed { action, choice, .. } = event(read_name(name)).what else { panic!("{name}") };
        (action.0.to_string(), choice)
    };
    assert_eq!(pressed("reaction-to-usher"), ("case/1/owed".to_owned(), Choice::Take));
    assert_eq!(pressed("reaction-for-another-action"), ("case/1/other".to_owned(), Choice::Why));
    assert_eq!(pressed("direct-reaction"), ("form/1".to_owned(), Choice::Resolved));
    let other = event(read_name("reaction-that-does-nothing")).what;
    assert!(matches!(other, What::Reacted { added: true, .. }));
}

#[test]
fn what_the_last_edit_says_is_what_a_reaction_does() {
    let mut targets = earlier();
    targets.learn_heard(&heard(read_name("of-usher-edited")));
    let pressed = fixture("reaction-to-usher");
    let reading = read_with(&pressed.room, &pressed.json, &acme(), &targets);
    assert!(matches!(event(reading).what, What::Reacted { .. }), "the buttons are gone");

    // The same, when the homeserver is asked for the message.
    let edit: Value = serde_json::from_str(&fixture("of-usher-edited").json).expect("JSON");
    let mut original: Value = serde_json::from_str(&fixture("of-usher").json).expect("JSON");
    original["unsigned"]["m.relations"]["m.replace"] = edit;
    let mut asked = Targets::default();
    asked.learn_event(SUPPORT, &original.to_string(), "@usher:acme.org");
    let Some(Target::Own { legend: Some(legend) }) = asked.get(&of("$of-usher")) else { panic!("a legend") };
    assert_eq!(legend.choices, []);
}

#[test]
fn nobody_makes_a_legend_but_usher() {
    let mut forged: Value = serde_json::from_str(&fixture("of-usher").json).expect("JSON");
    forged["sender"] = json!("@ben:acme.org");
    let mut targets = Targets::default();
    targets.learn_event(SUPPORT, &forged.to_string(), "@usher:acme.org");
    let pressed = fixture("reaction-to-usher");
    let reading = read_with(&pressed.room, &pressed.json, &acme(), &targets);
    assert!(matches!(event(reading).what, What::Reacted { .. }));
}

#[test]
fn a_reaction_is_remembered_and_taken_back_by_its_own_id() {
    let given = Given { to: "$posted".into(), user: "@ben:acme.org".into(), emoji: "👍🏽".into() };
    let notices = heard(read_name("reaction")).notices;
    assert_eq!(notices, [Notice::Reacted { reaction: of("$reaction"), given: given.clone() }]);
    let mut targets = Targets::default();
    let redaction = fixture("redaction-of-a-reaction");
    let reading = read_with(SUPPORT, &redaction.json, &acme(), &targets);
    assert_eq!(reading, Reading::Needs(Wanted::Redacted(of("$reaction"))));
    // As it is remembered in the store.
    let kept = serde_json::to_string(&given).expect("JSON");
    targets.learn(of("$reaction"), Target::Reaction(serde_json::from_str(&kept).expect("what was written")));
    let what = event(read_with(SUPPORT, &redaction.json, &acme(), &targets)).what;
    let (user, emoji) = ("@ben:acme.org".into(), "👍🏽".into());
    assert_eq!(what, What::Reacted { message: posted(), user, emoji, added: false });
}

#[test]
fn what_is_taken_back_and_was_no_reaction_is_a_message() {
    let deleted = event(read_name("redaction")).what;
    assert_eq!(deleted, What::Deleted { message: of("$in-a-thread"), thread: Some("$posted".into()) });
    let deleted = event(read_name("redaction-of-an-old-room")).what;
    assert_eq!(deleted, What::Deleted { message: posted(), thread: None });
    let mut targets = Targets::default();
    targets.learn(of("$long-ago"), Target::Unknown);
    let redaction = fixture("redaction-of-something-unknown");
    let deleted = event(read_with(SUPPORT, &redaction.json, &acme(), &targets)).what;
    assert_eq!(deleted, What::Deleted { message: of("$long-ago"), thread: None });
    assert_eq!(read_name("redaction-of-an-edit"), Reading::Ignored(Ignored::EditOfEdit));
}

#[test]
fn what_was_read_is_known_to_what_comes_after_it() {
    let mut targets = Targets::default();
    for name in ["posted", "in-a-thread", "reaction-of-usher", "of-usher"] {
        if let Reading::Heard(heard) = read_name(name) {
            targets.learn_heard(&heard);
        }
    }
    for name in ["reply-of-an-old-client", "reaction", "reaction-to-usher", "redaction", "edited-in-a-thread"]
    {
        let fixture = fixture(name);
        let reading = read_with(&fixture.room, &fixture.json, &acme(), &targets);
        assert_eq!(reading, read_name(name), "{name}: nobody has to be asked");
    }
}

#[test]
fn the_oldest_is_forgotten() {
    let mut targets = Targets::default();
    for number in 0..20_000 {
        targets.learn(of(&format!("${number}")), Target::Unknown);
    }
    assert_eq!(targets.get(&of("$0")), None);
    for number in 15_000..20_000 {
        assert!(targets.get(&of(&format!("${number}"))).is_some(), "{number}");
    }
}

#[test]
fn an_own_message_is_found_again_by_its_transaction_and_by_its_legend() {
    let notices = heard(read_name("of-usher")).notices;
    let [Notice::Own { message, legend: Some(legend), transaction, replaces: None }] = &notices[..] else {
        panic!("{notices:?}")
    };
    assert_eq!((message, &*legend.id.0), (&of("$of-usher"), "case/1/owed"));
    assert_eq!(transaction.as_deref(), Some("case/1/owed"));
    assert_eq!(read_name("reaction-of-usher"), Reading::Ignored(Ignored::Own));
}

#[test]
fn what_cannot_be_decrypted_yet_is_kept_and_waited_for() {
    let waiting = heard(read_name("undecrypted"));
    let session = Some("SESSION".into());
    assert_eq!(waiting.notices, [Notice::Undecrypted { message: of("$undecrypted"), session }]);
    let [unreadable] = &waiting.events[..] else { panic!("{waiting:?}") };
    assert!(
        unreadable.key.ends_with("$undecrypted/unreadable"),
        "the message itself will have the ordinary key"
    );
    let thread = Some("$posted".into());
    let (message, author) = (of("$undecrypted"), "@ana:acme.org".into());
    assert_eq!(unreadable.what, What::Unreadable { message, thread, author });
    assert!(heard(read_name("undecrypted-edit")).events.is_empty(), "an edit is neither question nor answer");
    assert!(
        heard(read_json(DIRECT, &fixture("undecrypted").json)).events.is_empty(),
        "nor is what Usher is told"
    );
}

#[test]
fn once_it_can_be_read_it_is_a_message_or_is_waited_for_no_more() {
    let (directory, targets) = (acme(), earlier());
    let (now, since) = (Instant::from_ms(NOW_MS), None);
    let context = Context { directory: &directory, targets: &targets, now, since };
    let settled = |id: &str, reading: &Reading| settle(&of(id), reading, &context).map(|event| event.what);
    assert_eq!(settled("$posted", &read_name("posted")), None);
    assert_eq!(settled("$edited", &read_name("edited")), None);
    assert_eq!(settled("$edited", &read_name("edit-of-an-edit")), None, "it was never waited for");
    for name in ["command", "notice", "poll", "of-usher"] {
        let message = of(&format!("${name}"));
        let what = settled(&message.id, &read_name(name));
        assert_eq!(what, Some(What::Deleted { message, thread: None }), "{name}");
    }
    let direct = MessageRef { channel: DIRECT.into(), id: "$direct".into() };
    assert_eq!(settle(&direct, &read_name("direct"), &context), None);
}
