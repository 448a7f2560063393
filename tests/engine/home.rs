//! The home: what one sees who opens Usher, and what its buttons do.

use insta::assert_snapshot;
use usher::core::action::{ActionId, Choice, Kind, Target};
use usher::core::event::{ChannelFacts, ChannelKind, UserFacts, What};
use usher::core::message::Part;

use crate::chat::Chat;

const BOOK: &str = r#"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-17:30"
admins = ["ana"]

[people]
ana = {}
ben = {}
chidi = { timezone = "Africa/Lagos" }
dora = {}

[groups]
leads = ["ana", "ben", "chidi"]

[rotations.on-duty]
members = ["ben", "chidi"]
every = "1w"
from = 2026-11-23
handoff = "09:00"

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
escalate = [{ after = "0m", tell = "on-duty", by = "pager" }]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "4h"

[channels.support]
purpose = "Questions from customers"
urgency = "normal"
responders = "on-duty"
"#;

fn chat() -> Chat {
    let people =
        [("ana", "Europe/Berlin"), ("ben", "Europe/Berlin"), ("chidi", "Africa/Lagos"), ("dora", "UTC")];
    Chat::new(BOOK, "2026-11-27T14:20:00Z", &people, &["support", "platform"])
}

fn open(chat: &mut Chat, user: &str) -> String {
    chat.heard();
    chat.happen(What::HomeOpened { user: user.into() });
    chat.heard()
}

/// The buttons of the home that was shown last, by what they are about.
fn rows(chat: &Chat) -> Vec<(ActionId, Vec<Choice>)> {
    let home = chat.actions.iter().rev().find(|action| action.kind == Kind::Home).expect("a home");
    let mut rows = Vec::new();
    for part in &home.message.parts {
        if let Part::Buttons { of, buttons } = part {
            rows.push((of.clone(), buttons.iter().map(|button| button.choice.clone()).collect()));
        }
    }
    rows
}

/// Presses a button of the home; what the home says then, up to the runbook.
fn press(chat: &mut Chat, user: &str, row: usize, choice: Choice) -> String {
    let (action, choices) = rows(chat)[row].clone();
    assert!(choices.contains(&choice), "{choices:?}");
    chat.happen(What::Pressed { user: user.into(), action, choice });
    let heard = chat.heard();
    heard.split("\nYour hours").next().expect("a home").to_owned()
}

#[test]
fn it_tells_what_is_owed_and_who_is_in_on_a_friday_afternoon() {
    let mut chat = chat();
    chat.say("dora", "support", "can somebody look at the invoice of Globex?");
    chat.say("ben", "platform", "@ana when do we cut the release?");
    chat.until("2026-11-27T15:55:00Z");
    let home = open(&mut chat, "ben");
    let action = chat.actions.last().expect("the home");
    assert!(matches!(&action.to, Target::Home { user, .. } if user == "ben"), "{action:?}");
    assert_snapshot!(home, @r"
    Fri 15:55 home of ben: It's Fri 16:55 in Berlin. You are in the office until 17:30. You owe one answer, and nobody owes you one.
    You owe
    A question of dora in #support. An answer is owed by Mon 10:50. [I take it] [In an hour] [Why]
    Your hours
    • Fri 27 Nov: 09:00–17:30
    • Sat 28 Nov – Sun 29 Nov: not in
    • Mon 30 Nov – Thu 3 Dec: 09:00–17:30
    Quiet
    I speak to you while you are in. [Mute for 2 h] [Mute until Mon 09:00]
    On duty
    on-duty: ben until Mon 09:00, then chidi.
    With you in leads
    In the office: ana and chidi.
    The runbook
    Acme: how we reach each other.
    How urgent
    • emergency (`🚨`): Customers are down; an answer within 15 min, at any hour. Only people of the runbook may raise it.
    • normal: Whenever it fits your day; an answer within 4 h of office hours.
    Where
    • #support: Questions from customers. Level normal. Answered by ben (on-duty now). `👀` takes a question.
    In an emergency
    • Begin a message with `🚨` (Customers are down): I page ben (on-duty now).
    Revision `r0`. `due #channel` says when an answer would be owed.
    ");
}

#[test]
fn whoever_is_owed_an_answer_sees_with_whom_it_is() {
    let mut chat = chat();
    chat.say("dora", "support", "can somebody look at the invoice of Globex?");
    let home = open(&mut chat, "dora");
    assert_snapshot!(home.split("\nYour hours").next().expect("a home"), @r"
    Fri 14:20 home of dora: It's Fri 14:20 in UTC. You are in the office until 17:30. You owe no answers, and are owed one.
    You are owed
    A question in #support, with ben (on-duty now). An answer is owed by Mon 09:50. [Resolved] [Why]
    ");
    let resolved = press(&mut chat, "dora", 0, Choice::Resolved);
    assert_snapshot!(resolved, @"Fri 14:20 home of dora: It's Fri 14:20 in UTC. You are in the office until 17:30. You owe no answers, and nobody owes you one.");
}

#[test]
fn its_buttons_do_what_they_say_and_it_shows_what_came_of_it() {
    let mut chat = chat();
    chat.say("dora", "support", "can somebody look at the invoice of Globex?");
    open(&mut chat, "ben");
    let mut said = Vec::new();
    for choice in [Choice::Why, Choice::Snooze, Choice::Take, Choice::GiveBack] {
        said.push(press(&mut chat, "ben", 0, choice));
    }
    assert_snapshot!(said.join("\n\n"), @r"
    Fri 14:20 home of ben: normal (“Whenever it fits your day”): an answer within 4 h of office hours, from ben (on-duty now). That is the level of #support, by revision `r0` of the runbook, in force since 15:20.
    dora asked, 15:20. An answer is owed by Mon 10:50.
    The clock: open 15:20–17:30, closed 17:30–Mon 09:00, open Mon 09:00–10:50.

    It's Fri 15:20 in Berlin. You are in the office until 17:30. You owe one answer, and nobody owes you one.
    You owe
    A question of dora in #support. An answer is owed by Mon 10:50. [I take it] [In an hour] [Why]

    Fri 14:20 home of ben: I say nothing about it until 16:20 and remind you then; its clock runs on.

    It's Fri 15:20 in Berlin. You are in the office until 17:30. You owe one answer, and nobody owes you one.
    You owe
    A question of dora in #support. An answer is owed by Mon 10:50. [I take it] [In an hour] [Why]

    Fri 14:20 home of ben: It's Fri 15:20 in Berlin. You are in the office until 17:30. You owe one answer, and nobody owes you one.
    You owe
    A question of dora in #support. An answer is owed by Mon 10:50. ben took it, 15:20. [Resolved] [Give it back] [Why]

    Fri 14:20 home of ben: It's Fri 15:20 in Berlin. You are in the office until 17:30. You owe one answer, and nobody owes you one.
    You owe
    A question of dora in #support. An answer is owed by Mon 10:50. [I take it] [In an hour] [Why]
    ");
    chat.restart();
    let taken = press(&mut chat, "ben", 0, Choice::Take);
    assert!(taken.ends_with("ben took it, 15:20. [Resolved] [Give it back] [Why]"), "{taken}");
}

#[test]
fn muting_is_a_button_and_so_is_its_end() {
    let mut chat = chat();
    open(&mut chat, "ben");
    let quiet = |chat: &mut Chat, words: &str| {
        let (action, choices) = rows(chat).pop().expect("the buttons that mute");
        let choice = Choice::Say(words.to_owned());
        assert!(choices.contains(&choice), "{choices:?}");
        chat.happen(What::Pressed { user: "ben".into(), action, choice });
        let heard = chat.heard();
        let (_, quiet) = heard.split_once("\nQuiet\n").expect("a home");
        quiet.lines().next().expect("a line").to_owned()
    };
    let said = [
        quiet(&mut chat, "mute 2h"),
        quiet(&mut chat, "unmute"),
        quiet(&mut chat, "mute until 2026-11-30 09:00"),
        quiet(&mut chat, "unmute"),
    ];
    assert_snapshot!(said.join("\n"), @r"
    I say nothing to you until 17:20. What comes meanwhile waits for you; clocks run on. Pages for emergency still come. [Speak to me again]
    I speak to you while you are in. [Mute for 2 h] [Mute until Mon 09:00]
    I say nothing to you until Mon 09:00. What comes meanwhile waits for you; clocks run on. Pages for emergency still come. [Speak to me again]
    I speak to you while you are in. [Mute for 2 h] [Mute until Mon 09:00]
    ");
}

#[test]
fn a_button_whose_question_is_long_forgotten_says_so() {
    let mut chat = chat();
    let action = ActionId("home/support/m1".into());
    chat.happen(What::Pressed { user: "ben".into(), action, choice: Choice::Take });
    let home = chat.heard();
    assert!(
        home.contains("home of ben: That message is too old to answer; nothing was changed.\n\nIt's Fri"),
        "{home}"
    );
}

#[test]
fn nobody_sees_what_they_may_not_read_and_nobody_owes_themselves() {
    let mut chat = chat();
    let members = vec!["dora".into(), "ana".into()];
    let facts = ChannelFacts {
        aliases: Vec::new(),
        name: "support".to_owned(),
        kind: ChannelKind::Private,
        archived: false,
        members,
    };
    chat.happen(What::Channel { channel: "support".into(), facts });
    chat.say("dora", "support", "can somebody look at the invoice of Globex?");
    let home = open(&mut chat, "ben");
    assert!(home.contains("You owe no answers, and nobody owes you one."), "{home}");
    let mut chat = self::chat();
    chat.say("ben", "support", "can somebody look at the invoice of Globex?");
    let home = open(&mut chat, "ben");
    assert!(home.contains("You owe no answers, and are owed one."), "{home}");
}

#[test]
fn the_first_have_buttons_and_the_others_are_listed() {
    let mut chat = chat();
    for number in 0..25 {
        chat.say(&format!("u{number}"), "support", "can somebody look at the invoice of Globex?");
    }
    let home = open(&mut chat, "ben");
    assert!(home.contains("You owe 25 answers, and nobody owes you one."), "{home}");
    assert_eq!(rows(&chat).len(), 6, "five, and the buttons that mute");
    assert_eq!(home.matches("• a question of").count(), 15);
    assert!(home.contains("• and 5 more\n"), "{home}");
    assert!(home.chars().count() < 4_000);
}

#[test]
fn it_is_shown_at_night_to_whoever_muted_usher_and_has_had_their_notices() {
    let mut chat = chat();
    chat.revise(&format!("{BOOK}\n[notices]\nper-person-per-day = 0\n"));
    chat.command("ben", "support", "mute until mon");
    chat.until("2026-11-28T02:00:00Z");
    let home = open(&mut chat, "ben");
    assert!(home.contains("home of ben: It's Sat 03:00 in Berlin. You are off, back Mon 09:00."), "{home}");
    assert!(home.contains("\nI say nothing to you until Mon 09:00."), "{home}");
}

#[test]
fn what_opens_it_twice_is_one_event_and_bots_have_none() {
    let mut chat = chat();
    chat.heard();
    let opened = chat.event(What::HomeOpened { user: "ben".into() });
    chat.deliver(&opened);
    let once = chat.actions.last().expect("a home").id.clone();
    chat.deliver(&opened);
    assert_eq!(chat.actions.last().expect("a home").id, once, "so the outbox takes one");
    chat.heard();
    let facts = UserFacts {
        name: "robot".to_owned(),
        zone: None,
        bot: true,
        deactivated: false,
        guest: false,
        away_until: None,
    };
    chat.happen(What::User { user: "robot".into(), facts });
    assert_eq!(open(&mut chat, "robot"), "");
}
