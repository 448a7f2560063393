//! One person on two platforms is one; one channel on two platforms is one to the runbook.

use smol_str::SmolStr;
use usher::core::action::{Action, Choice, Kind, Target};
use usher::core::event::{ChannelFacts, ChannelKind, Mention, Platform, Text, What};
use usher::core::message::Part;
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
ben = { slack = "U0BEN", matrix = "@ben:example.org" }
chidi = { slack = "U0CHIDI" }
dora = { matrix = "@dora:example.org" }

[notices]
per-person-per-day = 2
per-thread = 20

[urgency.emergency]
means = "Customers are down"
marks = ["!down"]
respond-within = "15m"
clock = "always"
interrupts = true
escalate = [{ after = "0m", tell = "chidi", by = "pager" }]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "4h"
escalate = [{ after = "50%", tell = "responders", by = "direct message" }]

[urgency.seen]
means = "In the thread, please"
marks = ["!seen"]
respond-within = "4h"
escalate = [{ after = "50%", tell = ["ben", "chidi"], by = "thread" }]

[channels.support]
purpose = "Questions from customers"
urgency = "blocking"
responders = "ben"
slack = "C0SUPPORT"
matrix = "#support:example.org"

[channels.hall]
purpose = "All"
urgency = "blocking"
"##;

const ROOM: &str = "!room:example.org";

/// Monday at nine in Berlin, on both platforms.
fn chat() -> Chat {
    let mut chat = Chat::new(TEAM, "2026-11-23T08:00:00Z", &[], &[]);
    on(&mut chat, Platform::Slack, |chat| {
        chat.open("C0SUPPORT", "support");
        chat.open("C0HALL", "hall");
        for (id, name) in [("U0ANA", "Ana"), ("U0BEN", "Ben"), ("U0CHIDI", "Chidi")] {
            chat.join(id, name, Some("Europe/Berlin"));
        }
    });
    on(&mut chat, Platform::Matrix, |chat| {
        for (id, name) in
            [("@ana:example.org", "ana"), ("@ben:example.org", "ben"), ("@dora:example.org", "Dora")]
        {
            chat.join(id, name, None);
        }
        let facts = ChannelFacts {
            name: "Support (bridged by nobody)".to_owned(),
            kind: ChannelKind::Public,
            archived: false,
            members: vec![],
            aliases: vec!["#support:example.org".into()],
        };
        chat.happen(What::Channel { channel: ROOM.into(), facts });
        chat.open("!hall:example.org", "hall");
    });
    chat.heard();
    chat
}

fn on<T>(chat: &mut Chat, platform: Platform, act: impl FnOnce(&mut Chat) -> T) -> T {
    chat.platform = platform;
    act(chat)
}

fn say(
    chat: &mut Chat,
    platform: Platform,
    who: &str,
    place: &str,
    text: &str,
    mentions: &[&str],
) -> SmolStr {
    on(chat, platform, |chat| {
        let (id, mut event) = chat.message(who, place, "");
        let What::Posted(posted) = &mut event.what else { unreachable!("a message is posted") };
        let mentions = mentions.iter().map(|user| Mention::User((*user).into())).collect();
        posted.text = Text::new(text, mentions);
        chat.deliver(&event);
        id
    })
}

/// Where reminders went.
fn reminders(chat: &Chat) -> Vec<&Target> {
    let is_reminder = |action: &&Action| {
        matches!(action.kind, Kind::Reminder | Kind::Escalation) && !matches!(action.to, Target::Amend { .. })
    };
    chat.actions.iter().filter(is_reminder).map(|action| &action.to).collect()
}

fn direct(platform: Platform, user: &str) -> Target {
    Target::Direct { platform, user: user.into() }
}

#[test]
fn at_first_somebody_is_told_where_the_question_stands() {
    for (platform, channel, asker, ben) in [
        (Platform::Slack, "C0SUPPORT", "U0CHIDI", "U0BEN"),
        (Platform::Matrix, ROOM, "@dora:example.org", "@ben:example.org"),
    ] {
        let mut chat = chat();
        say(&mut chat, platform, asker, channel, "Can somebody restart the worker?", &[]);
        chat.until(&monday("11:30"));
        assert_eq!(reminders(&chat), [&direct(platform, ben)]);
    }
}

#[test]
fn whoever_last_wrote_elsewhere_is_told_there() {
    let mut chat = chat();
    say(&mut chat, Platform::Slack, "U0BEN", "C0HALL", "Good morning!", &[]);
    say(
        &mut chat,
        Platform::Matrix,
        "@dora:example.org",
        "!hall:example.org",
        "@ben can you look at the deploy?",
        &["@ben:example.org"],
    );
    chat.restart();
    chat.until(&monday("11:30"));
    assert_eq!(reminders(&chat), [&direct(Platform::Slack, "U0BEN")]);
    insta::assert_snapshot!(chat.heard());
    let parts = &chat.actions.last().expect("he is told").message.parts;
    let link = |part: &&Part| matches!(part, Part::Link { url, .. } if url.starts_with("https://matrix.to/#/!hall:example.org/m"));
    assert!(parts.iter().any(|part| link(&part)), "{parts:?}");
}

#[test]
fn a_reaction_says_where_somebody_is() {
    let mut chat = chat();
    let hello = say(&mut chat, Platform::Matrix, "@dora:example.org", ROOM, "Good morning!", &[]);
    on(&mut chat, Platform::Matrix, |chat| chat.react("@ben:example.org", ROOM, &hello, "wave"));
    say(&mut chat, Platform::Slack, "U0CHIDI", "C0SUPPORT", "Can somebody restart the worker?", &[]);
    chat.until(&monday("11:30"));
    assert_eq!(reminders(&chat), [&direct(Platform::Matrix, "@ben:example.org")]);
}

#[test]
fn an_answer_counts_on_whichever_platform_it_is_given() {
    let mut chat = chat();
    let question =
        say(&mut chat, Platform::Slack, "U0ANA", "C0SUPPORT", "Can somebody restart the worker?", &[]);
    let other = say(
        &mut chat,
        Platform::Matrix,
        "@ana:example.org",
        "!hall:example.org",
        "@ben can you look?",
        &["@ben:example.org"],
    );
    say(
        &mut chat,
        Platform::Matrix,
        "@ben:example.org",
        &format!("!hall:example.org/{other}"),
        "It runs again.",
        &[],
    );
    say(&mut chat, Platform::Slack, "U0BEN", &format!("C0SUPPORT/{question}"), "It runs again.", &[]);
    assert_eq!((stage(&chat, &question), stage(&chat, &other)), (Some(Stage::Met), Some(Stage::Met)));
}

#[test]
fn a_post_in_a_thread_stays_there_and_mentions_who_is_there() {
    let mut chat = chat();
    say(&mut chat, Platform::Slack, "U0BEN", "C0HALL", "Good morning!", &[]);
    let question = say(
        &mut chat,
        Platform::Matrix,
        "@dora:example.org",
        "!hall:example.org",
        "!seen @ben can you look?",
        &["@ben:example.org"],
    );
    chat.until(&monday("11:30"));
    let thread =
        Target::Thread { platform: Platform::Matrix, channel: "!hall:example.org".into(), root: question };
    // Chidi is on Slack alone: a post in a room of Matrix would not reach them.
    assert_eq!(reminders(&chat), [&thread, &direct(Platform::Slack, "U0CHIDI")]);
    let posted = chat.actions.iter().find(|action| action.to == thread).expect("it is posted");
    let pinged = |part: &Part| matches!(part, Part::Mention { user, .. } if user == "@ben:example.org");
    assert!(posted.message.parts.iter().any(pinged), "{:?}", posted.message.parts);
}

#[test]
fn a_budget_and_a_mute_are_of_the_person() {
    let mut chat = chat();
    let ask = |chat: &mut Chat, platform, who, channel| {
        say(chat, platform, who, channel, "Can somebody restart the worker?", &[])
    };
    ask(&mut chat, Platform::Slack, "U0CHIDI", "C0SUPPORT");
    ask(&mut chat, Platform::Matrix, "@dora:example.org", ROOM);
    say(&mut chat, Platform::Slack, "U0ANA", "C0HALL", "@ben can you look at the deploy?", &["U0BEN"]);
    chat.until(&monday("11:30"));
    assert_eq!(reminders(&chat).len(), 2, "two a day, wherever");
    let mut muted = self::chat();
    on(&mut muted, Platform::Matrix, |chat| chat.command("@ben:example.org", ROOM, "mute until tue 09:00"));
    ask(&mut muted, Platform::Slack, "U0CHIDI", "C0SUPPORT");
    muted.until(&monday("16:30"));
    assert_eq!(reminders(&muted).len(), 0);
}

#[test]
fn a_kind_that_is_dismissed_in_one_half_of_a_channel_is_off_in_both() {
    let mut chat = chat();
    for (platform, who, channel, ben) in [
        (Platform::Slack, "U0CHIDI", "C0SUPPORT", "U0BEN"),
        (Platform::Matrix, "@dora:example.org", ROOM, "@ben:example.org"),
    ] {
        say(&mut chat, platform, who, channel, "Can somebody restart the worker?", &[]);
        chat.hours(2);
        let told =
            chat.actions.iter().rposition(|action| action.kind == Kind::Reminder).expect("Ben is told");
        on(&mut chat, platform, |chat| chat.press(ben, told, Choice::NotNow));
    }
    assert!(chat.heard().contains("was dismissed twice"));
    chat.until("2026-11-24T08:00:00Z");
    let before = reminders(&chat).len();
    say(&mut chat, Platform::Slack, "U0CHIDI", "C0SUPPORT", "Can somebody restart it once more?", &[]);
    chat.until("2026-11-24T11:00:00Z");
    assert_eq!(reminders(&chat).len(), before);
    on(&mut chat, Platform::Matrix, |chat| chat.command("@ana:example.org", ROOM, "turn-on reminder"));
    chat.until("2026-11-24T11:10:00Z");
    assert_eq!(reminders(&chat).len(), before + 1);
}

#[test]
fn both_channels_are_the_one_of_the_runbook() {
    let mut chat = chat();
    for (platform, who, channel) in
        [(Platform::Slack, "U0CHIDI", "C0SUPPORT"), (Platform::Matrix, "@dora:example.org", ROOM)]
    {
        let question = say(&mut chat, platform, who, channel, "Can somebody restart the worker?", &[]);
        assert_eq!(stage(&chat, &question), Some(Stage::Open), "{channel}");
        on(&mut chat, platform, |chat| chat.command(who, channel, "due #support"));
        let told = chat.heard();
        assert!(told.contains("13:00") && told.contains("blocking"), "{told}");
    }
}

#[test]
fn the_zone_that_one_platform_tells_holds_on_the_other() {
    let mut chat = chat();
    on(&mut chat, Platform::Slack, |chat| chat.join("U0BEN", "Ben", Some("America/New_York")));
    say(&mut chat, Platform::Matrix, "@ben:example.org", ROOM, "Good morning!", &[]);
    let question =
        say(&mut chat, Platform::Matrix, "@dora:example.org", ROOM, "Can somebody restart it?", &[]);
    let due = crate::decisions::due(&chat, &question);
    assert_eq!(due.as_deref(), Some("2026-11-23T18:00:00Z"), "four hours from nine in New York");
}

#[test]
fn what_one_presses_on_one_platform_about_the_other_is_answered_where_one_pressed() {
    let mut chat = chat();
    say(&mut chat, Platform::Slack, "U0BEN", "C0HALL", "Good morning!", &[]);
    let question =
        say(&mut chat, Platform::Matrix, "@dora:example.org", ROOM, "Can somebody restart it?", &[]);
    chat.until(&monday("11:30"));
    let told = chat.actions.len() - 1;
    on(&mut chat, Platform::Slack, |chat| chat.press("U0BEN", told, Choice::Why));
    assert_eq!(chat.actions.last().expect("an answer").to, direct(Platform::Slack, "U0BEN"));
    on(&mut chat, Platform::Slack, |chat| chat.press("U0BEN", told, Choice::Take));
    assert_eq!(kept(&chat, &question).and_then(|said| said.stage), Some(Stage::Acknowledged));
}

#[test]
fn ids_are_compared_to_the_letter() {
    let look_alikes =
        ["@Ben:example.org", "@ben:example.org ", "@ben:example.org.evil.org", "@b\u{435}n:example.org"];
    for look_alike in look_alikes {
        let mut chat = chat();
        let asker = "@dora:example.org";
        let hall = "!hall:example.org";
        let question =
            say(&mut chat, Platform::Matrix, asker, hall, "@ben can you look at it?", &["@ben:example.org"]);
        let thread = format!("{hall}/{question}");
        say(&mut chat, Platform::Matrix, look_alike, &thread, "It runs again.", &[]);
        assert_eq!(stage(&chat, &question), Some(Stage::Open), "{look_alike} is a stranger");
    }
    let mut chat = chat();
    for (platform, look_alike) in [
        (Platform::Matrix, "@Ana:example.org"),
        (Platform::Slack, "u0ana"),
        (Platform::Slack, "@ana:example.org"),
    ] {
        on(&mut chat, platform, |chat| chat.command(look_alike, "C0SUPPORT", "turn-on reminder"));
        let heard = chat.heard();
        assert!(heard.contains("is for the admins"), "{look_alike} is no admin: {heard}");
    }
}

#[test]
fn an_id_names_its_person_in_a_command() {
    let mut chat = chat();
    for words in ["who @ben:example.org", "later @ben:example.org -- hello", "hours @ben:example.org"] {
        on(&mut chat, Platform::Matrix, |chat| chat.command("@dora:example.org", ROOM, words));
        let heard = chat.heard();
        assert!(heard.contains("Ben") && !heard.contains("I know no"), "{words}: {heard}");
    }
}

#[test]
fn what_one_alone_is_shown_goes_where_they_are_by_now() {
    for (moves, to) in [(false, Platform::Matrix), (true, Platform::Slack)] {
        let mut chat = chat();
        let hall = "!hall:example.org";
        say(&mut chat, Platform::Matrix, "@ana:example.org", hall, "!down the shop is gone", &[]);
        chat.until(&monday("09:10"));
        if moves {
            say(&mut chat, Platform::Slack, "U0ANA", "C0HALL", "Good morning!", &[]);
        }
        chat.until(&monday("09:40"));
        let card = chat.actions.iter().rfind(|action| action.kind == Kind::Status).expect("whom to call");
        assert_eq!(card.to.platform(), Some(to), "{card:?}");
        assert_eq!(matches!(card.to, Target::Direct { .. }), moves, "{card:?}");
    }
}
