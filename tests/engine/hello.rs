//! The hello of a channel into which Usher was let.

use insta::assert_snapshot;
use usher::core::event::{ChannelFacts, ChannelKind, What};

use crate::chat::Chat;

const BOOK: &str = r#"
[team]
name = "Acme"
timezone = "UTC"
admins = ["ana", "ben"]

[people]
ana = {}
ben = {}
dora = {}

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
escalate = [{ after = "0m", tell = "ben", by = "pager" }]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "1h"
escalate = [{ after = "50%", tell = "responders", by = "thread" }]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "4h"
escalate = [{ after = "80%", tell = "responders", by = "thread" }]

[channels.support]
urgency = "normal"
responders = "ben"

[channels.talk]

[channels.quiet]
usher = "private"

[channels.watched]
usher = "watch"
"#;

fn chat() -> Chat {
    let people = [("ana", "UTC"), ("ben", "UTC"), ("dora", "UTC")];
    let channels = ["support", "talk", "quiet", "watched", "elsewhere"];
    Chat::new(BOOK, "2026-11-23T10:00:00Z", &people, &channels)
}

fn invite(chat: &mut Chat, channel: &str, by: Option<&str>) -> String {
    chat.heard();
    chat.happen(What::Invited { channel: channel.into(), by: by.map(Into::into) });
    chat.heard()
}

#[test]
fn where_usher_speaks_all_hear_what_it_does() {
    assert_snapshot!(invite(&mut chat(), "support", Some("dora")), @r"
    Mon 10:00 #support: Hello, I'm Usher, and keep the runbook of Acme. What I do here:
    • A question is owed an answer within 4 h of office hours, by ben. I remind whoever owes it.
    • To take a question, press the button or react with 👀. It is settled by an answer, or by ✅.
    • Begin a message with `🚨` (Customers are down) or `!blocking` (I cannot go on without you) to make it more urgent.
    • When a thread goes back and forth without an end, I suggest a short call.
    I answer no questions in your place, and outside their hours I ping nobody, emergency aside. `usher help` shows what to ask me; what you ask, only you read.
    ");
    assert_snapshot!(invite(&mut chat(), "talk", None), @r"
    Mon 10:00 #talk: Hello, I'm Usher, and keep the runbook of Acme. What I do here:
    • A question is owed an answer within 4 h of office hours, by whoever is mentioned. I remind whoever owes it.
    • To take a question, press the button or react with 👀. It is settled by an answer, or by ✅.
    • Begin a message with `🚨` (Customers are down) or `!blocking` (I cannot go on without you) to make it more urgent.
    • When a thread goes back and forth without an end, I suggest a short call.
    I answer no questions in your place, and outside their hours I ping nobody, emergency aside. `usher help` shows what to ask me; what you ask, only you read.
    ");
}

#[test]
fn where_nothing_is_owed_it_says_so() {
    let mut chat = chat();
    chat.revise(&BOOK.replace(
        "[channels.talk]",
        "[channels.talk]\nurgency = \"fyi\"\n[urgency.fyi]\nmeans = \"No hurry\"",
    ));
    let hello = invite(&mut chat, "talk", None);
    assert!(hello.contains("• Without a mark, nothing is owed here.\n• To take a question"), "{hello}");
    let mut book =
        "[team]\nname = \"Acme\"\ntimezone = \"UTC\"\n[people]\nana = {}\n[channels.talk]\n".to_owned();
    book.push_str("urgency = \"fyi\"\n[urgency.fyi]\nmeans = \"No hurry\"\n[threads]\nsuggest = \"never\"\n");
    chat.revise(&book);
    chat.hours(25);
    assert_snapshot!(invite(&mut chat, "talk", None), @r"
    Tue 11:00 #talk: Hello, I'm Usher, and keep the runbook of Acme. What I do here:
    • Nothing is owed here, and I remind nobody.
    I answer no questions in your place, and outside their hours I ping nobody. `usher help` shows what to ask me; what you ask, only you read.
    ");
}

#[test]
fn where_it_does_not_speak_only_whoever_let_it_in_hears_of_it() {
    let mut chat = chat();
    let said = ["quiet", "watched", "elsewhere"].map(|channel| invite(&mut chat, channel, Some("dora")));
    assert_snapshot!(said.join("\n"), @r#"
    Mon 10:00 to dora: You let me into #quiet. There I never speak for all to read: whoever asks somebody who is off, or owes an answer, hears it from me in private. To have me remind people in the threads, set `usher = "speak"` under `[channels.quiet]` in the runbook; ana or ben can.
    Mon 10:00 to dora: You let me into #watched. I only watch there: I say nothing to anybody, and once a day the admins hear what I would have said. To have me speak, set `usher = "speak"` under `[channels.watched]` in the runbook; ana or ben can.
    Mon 10:00 to dora: You let me into #elsewhere. I only watch there: I say nothing to anybody, and once a day the admins hear what I would have said. To have me speak, set `usher = "speak"` under `[channels.elsewhere]` in the runbook; ana or ben can.
    "#);
    let mut chat = self::chat();
    assert_eq!(invite(&mut chat, "watched", None), "", "nobody is known to have done it");
    assert_ne!(invite(&mut chat, "watched", Some("dora")), "", "and nobody has heard of it");
}

#[test]
fn among_people_and_in_an_archive_nothing_is_said_there() {
    let mut chat = chat();
    let facts = |kind, archived| ChannelFacts {
        aliases: Vec::new(),
        name: "support".to_owned(),
        kind,
        archived,
        members: vec![],
    };
    chat.happen(What::Channel { channel: "support".into(), facts: facts(ChannelKind::Public, true) });
    assert_eq!(invite(&mut chat, "support", Some("dora")), "");
    chat.happen(What::Channel { channel: "support".into(), facts: facts(ChannelKind::Direct, false) });
    assert_snapshot!(invite(&mut chat, "support", Some("dora")), @"Mon 10:00 to dora: You let me into a conversation of yours. In those I neither listen nor speak. Let me into a channel, or write to me here: `usher help`.");
}

#[test]
fn it_is_said_once_a_day_whatever_happens() {
    let mut chat = chat();
    assert_ne!(invite(&mut chat, "support", Some("dora")), "");
    assert_eq!(invite(&mut chat, "support", Some("ana")), "", "put out and let in again");
    chat.restart();
    chat.hours(23);
    assert_eq!(invite(&mut chat, "support", Some("ana")), "");
    chat.hours(1);
    assert_ne!(invite(&mut chat, "support", Some("ana")), "");
    assert_ne!(invite(&mut chat, "talk", Some("ana")), "", "each channel for itself");
}
