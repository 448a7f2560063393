//! What a bridge copies was heard where it was said: its ghosts start, answer and mean nothing.

use smol_str::SmolStr;
use usher::core::action::Kind;
use usher::core::event::{Event, Mention, Platform, Text, What};
use usher::core::said::Stage;

use crate::chat::Chat;
use crate::decisions::{kept, monday, stage};

const TEAM: &str = r##"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:00"
admins = ["ana"]

[people]
ana = { slack = "U0ANA", matrix = "@ana:example.org" }
ben = { matrix = "@ben:example.org" }

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "4h"
escalate = [{ after = "50%", tell = "responders", by = "thread" }]

[threads]
suggest-call-after = 2
suggest = "always"

[channels.support]
urgency = "blocking"
responders = "ben"
slack = "C0SUPPORT"
matrix = "!support:example.org"

[channels.hall]
urgency = "blocking"

[bridges]
matrix = ["@slack_*:example.org"]
slack = ["U0BRIDGE"]
"##;

const SUPPORT: &str = "!support:example.org";
const HALL: &str = "!hall:example.org";
const GHOST: &str = "@slack_u0ana:example.org";

/// Monday at nine in Berlin, in a room of Matrix to which a bridge copies.
fn chat() -> Chat {
    let mut chat = Chat::new(TEAM, "2026-11-23T08:00:00Z", &[], &[]);
    chat.platform = Platform::Slack;
    chat.open("C0SUPPORT", "support");
    for (id, name) in [("U0ANA", "Ana"), ("U0KIM", "Kim"), ("U0BRIDGE", "Matrix bridge")] {
        chat.join(id, name, Some("Europe/Berlin"));
    }
    chat.platform = Platform::Matrix;
    chat.open(SUPPORT, "support");
    chat.open(HALL, "hall");
    for (id, name) in [
        ("@ana:example.org", "Ana"),
        ("@ben:example.org", "Ben"),
        ("@dora:example.org", "Dora"),
        (GHOST, "Ana"),
        ("@slack_u0kim:example.org", "Kim"),
    ] {
        chat.join(id, name, None);
    }
    chat.heard();
    chat
}

fn mentioning(event: Event, users: &[&str]) -> Event {
    let What::Posted(mut posted) = event.what else { unreachable!("a message is posted") };
    let mentions = users.iter().map(|user| Mention::User((*user).into())).collect();
    posted.text = Text::new(posted.text.plain.clone(), mentions);
    Event { what: What::Posted(posted), ..event }
}

fn say(chat: &mut Chat, who: &str, place: &str, text: &str, mentions: &[&str]) -> SmolStr {
    let (id, event) = chat.message(who, place, text);
    chat.deliver(&mentioning(event, mentions));
    id
}

#[test]
fn a_copy_of_a_question_starts_nothing_beside_the_question() {
    let mut chat = chat();
    let copy = say(&mut chat, GHOST, SUPPORT, "Can somebody restart the worker?", &[]);
    chat.platform = Platform::Slack;
    let back = say(&mut chat, "U0BRIDGE", "C0SUPPORT", "Can somebody restart the worker?", &[]);
    let question = say(&mut chat, "U0ANA", "C0SUPPORT", "Can somebody restart the worker?", &[]);
    assert_eq!((stage(&chat, &copy), stage(&chat, &back)), (None, None));
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
}

#[test]
fn a_ghost_answers_takes_and_commands_nothing() {
    let mut chat = chat();
    let question = say(&mut chat, "@dora:example.org", SUPPORT, "Can somebody restart the worker?", &[]);
    let thread = format!("{SUPPORT}/{question}");
    say(&mut chat, GHOST, &thread, "It runs again.", &[]);
    chat.react(GHOST, SUPPORT, &question, "eyes");
    chat.react(GHOST, SUPPORT, &question, "no_entry_sign");
    chat.command(GHOST, &thread, "take");
    chat.command(GHOST, &thread, "why");
    chat.happen(What::HomeOpened { user: GHOST.into() });
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
    assert_eq!(chat.heard(), "");
    let message = usher::core::event::MessageRef { channel: SUPPORT.into(), id: "m999".into() };
    chat.happen(What::Unreadable { message, thread: Some(question.clone()), author: GHOST.into() });
    chat.until(&monday("14:00"));
    assert!(kept(&chat, &question).expect("it is owed").breached, "nothing of a ghost's is waited for");
}

#[test]
fn a_ghost_owes_nothing_and_nobody_pings_it() {
    let mut chat = chat();
    let question = say(
        &mut chat,
        "@dora:example.org",
        HALL,
        "@Kim can you look at this?",
        &["@slack_u0kim:example.org"],
    );
    assert_eq!(stage(&chat, &question), None);
    chat.command("@ben:example.org", HALL, "later @slack_u0kim:example.org hello");
    assert!(chat.heard().contains("no person"));
    chat.command("@ben:example.org", HALL, "who");
    assert!(!chat.heard().contains("slack_"));
    chat.happen(What::Invited { channel: SUPPORT.into(), by: Some(GHOST.into()) });
    chat.until(&monday("16:00"));
    assert!(!chat.heard().contains("@slack_"));
}

#[test]
fn rounds_with_a_ghost_are_no_exchanges() {
    for (other, suggested) in [("@slack_u0kim:example.org", false), ("@ben:example.org", true)] {
        let mut chat = chat();
        let question =
            say(&mut chat, "@dora:example.org", HALL, "The import of Initech stops at row 9.", &[]);
        let thread = format!("{HALL}/{question}");
        for _ in 0..4 {
            chat.until(&chat.now.plus(60_000).to_string());
            say(&mut chat, other, &thread, "Which version is it? I see nothing in the log.", &[]);
            chat.until(&chat.now.plus(60_000).to_string());
            say(&mut chat, "@dora:example.org", &thread, "It is still stuck at row 9, the same error.", &[]);
        }
        assert_eq!(chat.actions.iter().any(|action| action.kind == Kind::Call), suggested, "{other}");
    }
}

#[test]
fn who_only_looks_like_a_ghost_is_none() {
    for person in ["@Slack_u0kim:example.org", "@slack_u0kim:example.org.evil.org", "@slackx:example.org"] {
        let mut chat = chat();
        let question = say(&mut chat, person, SUPPORT, "Can somebody restart the worker?", &[]);
        assert_eq!(stage(&chat, &question), Some(Stage::Open), "{person}");
    }
    let mut chat = chat();
    chat.platform = Platform::Slack;
    chat.open("C0HALL", "hall");
    let question = say(&mut chat, GHOST, "C0SUPPORT", "Can somebody restart the worker?", &[]);
    assert_eq!(
        stage(&chat, &question),
        Some(Stage::Open),
        "a ghost is one on the side to which its bridge copies"
    );
}

#[test]
fn a_runbook_that_names_no_bridge_hears_everybody() {
    let mut chat = chat();
    let (without, _) = TEAM.split_once("[bridges]").expect("there is one");
    chat.revise(without);
    let question = say(&mut chat, GHOST, SUPPORT, "Can somebody restart the worker?", &[]);
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
    chat.revise(TEAM);
    chat.restart();
    say(&mut chat, "@slack_u0kim:example.org", &format!("{SUPPORT}/{question}"), "It runs again.", &[]);
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
}
