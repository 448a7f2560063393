//! Commands that ask: each gets exactly one answer, private to whoever asked, and what is wrong changes nothing.

use crate::chat::Chat;
use insta::assert_snapshot;
use smol_str::SmolStr;
use usher::calendar::{Instant, Span};
use usher::core::action::{Kind, Target};
use usher::core::event::{ChannelFacts, ChannelKind, Platform, What};
use usher::core::message::{Part, harmless};

const TEAM: &str = r##"
[team]
name = "Acme"
timezone = "Europe/Berlin"
office-hours = "mon-fri 09:00-12:30 13:30-17:30"
call-link = "https://meet.example.org/{thread}"
admins = ["ana"]

[people]
ana = { timezone = "Europe/Berlin" }
ben = { timezone = "Europe/Berlin", deputy = "ana", focus = "tue 10:00-12:00", phone = "+49 30 1234" }
chidi = { timezone = "Africa/Lagos", phone = { secret = "chidi-phone" }, reach-me = "a message first <!here>" }
kim = { timezone = "Asia/Tokyo" }

[groups]
platform = ["ben", "chidi"]

[rotations.on-duty]
members = ["ben", "chidi"]
every = "1 week"
handoff = "mon 09:00"
timezone = "UTC"
from = 2026-11-23

[owners]
billing = "ana"

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
raised-by = "platform"
escalate = [{ after = "0m", tell = "on-duty", by = "pager" }]

[urgency.blocking]
means = "I cannot go on without you"
marks = ["!blocking"]
respond-within = "4h"
escalate = [
  { after = "50%", tell = "responders", by = "thread" },
  { after = "100%", tell = "platform", by = "direct message" },
]

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "1 workday"

[urgency.fyi]
means = "Nothing is expected"
marks = ["FYI:"]

[channels.support]
purpose = "Questions from customers"
urgency = "blocking"
responders = "on-duty"
template = "What happened? What did you expect?"

[channels.platform]
urgency = "normal"

[channels.news]
urgency = "fyi"

[channels.lab]
urgency = "blocking"
responders = "platform"
usher = "watch"

[[use]]
style = "synchronous"
for = "Conflict"
tools = ["phone", "video call"]

[links]
handbook = "https://wiki.example.org/handbook"
"##;

/// Monday 23 November 2026, 10:00 in Berlin.
pub fn chat() -> Chat {
    let people = [
        ("ana", "Europe/Berlin"),
        ("ben", "Europe/Berlin"),
        ("chidi", "Africa/Lagos"),
        ("kim", "Asia/Tokyo"),
        ("dora", "Europe/Berlin"),
    ];
    let mut chat =
        Chat::new(TEAM, "2026-11-23T09:00:00Z", &people, &["support", "platform", "news", "lab", "stray"]);
    chat.heard();
    chat
}

/// Gives a command and returns its one answer.
pub fn ask(chat: &mut Chat, who: &str, place: &str, words: &str) -> String {
    let before = chat.actions.len();
    chat.command(who, place, words);
    let answers: Vec<String> = chat.actions[before..]
        .iter()
        .filter(|action| action.kind == Kind::Answer)
        .map(|action| {
            let Target::Private { user, .. } = &action.to else { panic!("{words:?} was answered to all") };
            assert_eq!(user, who, "{words:?} was answered to somebody else");
            action.message.plain()
        })
        .collect();
    assert_eq!(answers.len(), 1, "{words:?} was answered so: {answers:?}");
    chat.heard();
    answers[0].clone()
}

pub fn ask_all(chat: &mut Chat, who: &str, place: &str, each: &[&str]) -> String {
    let answers: Vec<String> = each
        .iter()
        .map(|words| format!("> {}\n{}", harmless(words).trim_end(), ask(chat, who, place, words)))
        .collect();
    answers.join("\n")
}

#[test]
fn help_lists_every_command_and_tells_more_of_one() {
    let mut chat = chat();
    assert_snapshot!(ask(&mut chat, "dora", "support", ""), @r"
    I keep the team's runbook. Ask me:
    • `help`: what I can do; with a command, more about it
    • `who`: who is on duty and in the office; who owns a topic; where somebody is and when they are back
    • `hours`: office hours of a day or of a week: yours, somebody's, or a group's and when any or all are in
    • `due`: when an answer is owed here, and why then; or when it would be if you asked now
    • `why`: the rule, the clock and what I decided, silence included, about a thread or a message
    • `owe`: what you owe, and what you are owed
    • `runbook`: the agreement on one page: levels, channels, tools, links, whom to call in an emergency
    • `share`: asks that, and posts the answer here for all to read
    • `take`: you take the question of this thread; nobody else is reminded (in a thread)
    • `snooze`: I say nothing about this thread's question for an hour, or until then; its clock runs on (in a thread)
    • `urgent`: raises this thread's question to the next level, or to that one (in a thread)
    • `resolve`: this thread is settled: nothing is owed in it any more (in a thread)
    • `call`: a short call about this thread: who, where, and when all of you are in (in a thread)
    • `outcome`: one line on how it ended: I post it in the thread, keep it as a decision, and the thread is settled (in a thread)
    • `later`: gives somebody your text when they are next in; lists or takes back what waits
    • `mute`: I say nothing to you today, or until then; pages still come
    • `unmute`: ends a mute: I speak to you again
    • `decisions`: the last outcomes that were told in this channel, or in that one
    • `turn-on`: brings back a kind of notice that was dismissed twice in this channel, or lists them (admins)
    `help later` says more of one. What you ask, only you read; `share who` posts the answer.
    ");
    assert_snapshot!(ask_all(&mut chat, "dora", "support", &["help later", "? WHO", "HELP /due"]), @r"
    > help later
    `later`: gives somebody your text when they are next in; lists or takes back what waits.
    • `later @kim the report is ready`
    • `later @kim at mon 10:00 how did it go?`
    • `later list`
    • `later cancel 1`
    Also called `deliver`.
    > ? WHO
    `who`: who is on duty and in the office; who owns a topic; where somebody is and when they are back.
    • `who`
    • `who on-duty`
    • `who billing`
    • `who @kim`
    Also called `whois`, `oncall`.
    > HELP /due
    `due`: when an answer is owed here, and why then; or when it would be if you asked now.
    • `due`
    • `due #support`
    • `due #support blocking`
    Also called `deadline`.
    ");
}

/// Gives commands that are wrong: each is answered, and none changes anything.
fn ask_wrong(each: &[&str]) -> String {
    let mut chat = chat();
    let answers = ask_all(&mut chat, "dora", "support", each);
    let records = chat.records.clone();
    ask_all(&mut chat, "dora", "support", each);
    assert_eq!(chat.records, records, "what is wrong changes nothing");
    answers
}

#[test]
fn what_is_typed_wrong_is_named_with_its_mend() {
    let wrong = "hlep, whoo, frobnicate, /resolv, help snoze, owe me, why a b, mute sometimes, mute 99999d, mute 90d, \
                 mute until 2020-01-01, snooze 25:00, later, later @kim, later cancel, later cancel 0, later cancel x, \
                 later list all, due #support blocking fyi, outcome, resolve, take, call, turn-on call";
    assert_snapshot!(ask_wrong(&wrong.split(", ").collect::<Vec<_>>()), @r"
    > hlep
    I know no command “hlep”. Did you mean `help`? `help` lists them all.
    > whoo
    I know no command “whoo”. Did you mean `who`? `help` lists them all.
    > frobnicate
    I know no command “frobnicate”. `help` lists them all.
    > /resolv
    I know no command “/resolv”. Did you mean `resolve`? `help` lists them all.
    > help snoze
    I know no command “snoze”. Did you mean `snooze`? `help` lists them all.
    > owe me
    I cannot use “me” after `owe`. It goes so: `owe`
    > why a b
    I cannot use “b” after `why`. It goes so: `why`, `why LINK`
    > mute sometimes
    “sometimes” is no time ahead that I can read. Times are `1h`, `15:00`, `tomorrow` or `mon 10:00`. It goes so: `mute`, `mute 2h`, `mute until mon`, `mute off`
    > mute 99999d
    “99999d” is no time ahead that I can read. Times are `1h`, `15:00`, `tomorrow` or `mon 10:00`. It goes so: `mute`, `mute 2h`, `mute until mon`, `mute off`
    > mute 90d
    That is too far ahead: 60 days is the most. Nothing was changed.
    > mute until 2020-01-01
    That time is past, so nothing was changed. It goes so: `mute`, `mute 2h`, `mute until mon`, `mute off`
    > snooze 25:00
    “25:00” is no time ahead that I can read. Times are `1h`, `15:00`, `tomorrow` or `mon 10:00`. It goes so: `snooze`, `snooze 2h`, `snooze until 15:00`, `snooze tomorrow`
    > later
    `later` needs a person and a text. It goes so: `later @kim the report is ready`, `later @kim at mon 10:00 how did it go?`, `later list`, `later cancel 1`
    > later @kim
    `later` needs a text. It goes so: `later @kim the report is ready`, `later @kim at mon 10:00 how did it go?`, `later list`, `later cancel 1`
    > later cancel
    `later` needs the number in the list. It goes so: `later @kim the report is ready`, `later @kim at mon 10:00 how did it go?`, `later list`, `later cancel 1`
    > later cancel 0
    I cannot use “0” after `later`. It goes so: `later @kim the report is ready`, `later @kim at mon 10:00 how did it go?`, `later list`, `later cancel 1`
    > later cancel x
    I cannot use “x” after `later`. It goes so: `later @kim the report is ready`, `later @kim at mon 10:00 how did it go?`, `later list`, `later cancel 1`
    > later list all
    I cannot use “all” after `later`. It goes so: `later @kim the report is ready`, `later @kim at mon 10:00 how did it go?`, `later list`, `later cancel 1`
    > due #support blocking fyi
    I cannot use “fyi” after `due`. It goes so: `due`, `due #support`, `due #support blocking`
    > outcome
    `outcome` needs a text. It goes so: `outcome we roll back and fix it on Monday`
    > resolve
    `resolve` is about a thread: say it there. I know none from before I joined, nor where I am not.
    > take
    `take` is about a thread: say it there. I know none from before I joined, nor where I am not.
    > call
    `call` is about a thread: say it there. I know none from before I joined, nor where I am not.
    > turn-on call
    `turn-on` is for the admins whom the runbook names in `[team] admins`.
    ");
}

#[test]
fn a_name_that_nobody_has_is_told_with_the_nearest() {
    let wrong = "later nobody hi, who @kin, who #suport, who ????, due #nowhere, due blokking, hours bem week, \
                 hours #support, urgent blokking";
    assert_snapshot!(ask_wrong(&wrong.split(", ").collect::<Vec<_>>()), @r"
    > later nobody hi
    I know no person “nobody”. `who` lists them.
    > who @kin
    I know no person, group, rotation or topic “@kin”. Did you mean `kim`?
    > who #suport
    I know no channel “#suport”. Did you mean `support`?
    > who ????
    I know no person, group, rotation or topic “????”. `who` lists them.
    > due #nowhere
    I know no channel “#nowhere”. `runbook` lists them.
    > due blokking
    I know no urgency level “blokking”. Did you mean `blocking`?
    > hours bem week
    I know no person, group, rotation or topic “bem”. Did you mean `ben`?
    > hours #support
    #support is answered by ben (on-duty now).
    ben is in the office, Berlin time:
    • Mon 23 Nov: 10:00–12:30, 13:30–17:30
    > urgent blokking
    I know no urgency level “blokking”. Did you mean `blocking`?
    ");
}

#[test]
fn who_is_on_duty_in_and_how_to_reach_them() {
    let mut chat = chat();
    chat.happen(What::Away {
        user: "ben".into(),
        span: Some(Span { from: chat.now, to: Instant::parse("2026-11-30T08:00:00Z").expect("an instant") }),
    });
    chat.heard();
    let each = [
        "who",
        "who on-duty",
        "who on duty",
        "who billing",
        "who platform",
        "who #platform",
        "who #support",
        "who @kim",
        "who Chidi",
        "who ben",
        "who me",
    ];
    assert_snapshot!(ask_all(&mut chat, "dora", "support", &each), @r"
    > who
    on-duty: ben (away; ana stands in) until Mon 30 Nov, 10:00, then chidi.
    In the office: ana and chidi.
    Off: 2; first back: kim Tue 01:00, ben Mon 30 Nov, 09:00.
    > who on-duty
    on-duty: ben (away; ana stands in) until Mon 30 Nov, 10:00, then chidi.
    ben: it's 10:00 in Berlin, away, back Mon 30 Nov, 09:00. ana stands in. On duty now: on-duty.
    In an emergency: `+49 30 1234`.
    > who on duty
    on-duty: ben (away; ana stands in) until Mon 30 Nov, 10:00, then chidi.
    ben: it's 10:00 in Berlin, away, back Mon 30 Nov, 09:00. ana stands in. On duty now: on-duty.
    In an emergency: `+49 30 1234`.
    > who billing
    billing is with ana.
    ana: it's 10:00 in Berlin, in the office until 12:30. Ask them about billing.
    > who platform
    platform: ben and chidi.
    In the office: chidi.
    Off: 1; first back: ben Mon 30 Nov, 09:00.
    > who #platform
    #platform: whoever is mentioned there answers.
    > who #support
    #support is answered by ben (on-duty now).
    > who @kim
    kim: it's 18:00 in Tokyo, off, back Tue 01:00 your time (09:00 in Tokyo).
    > who Chidi
    chidi: it's 10:00 in Lagos, in the office until 12:30.
    To reach them: “a message first <!here>”.
    Their telephone number is kept by the admins.
    > who ben
    ben: it's 10:00 in Berlin, away, back Mon 30 Nov, 09:00. ana stands in. On duty now: on-duty.
    In an emergency: `+49 30 1234`.
    > who me
    dora: it's 10:00 in Berlin, in the office until 12:30.
    ");
    assert_snapshot!(ask_all(&mut chat, "kim", "support", &["who ana", "who on-duty"]), @r"
    > who ana
    ana: it's 10:00 in Berlin, in the office until 20:30 your time (12:30 in Berlin). Ask them about billing.
    > who on-duty
    on-duty: ben (away; ana stands in) until Mon 30 Nov, 18:00, then chidi.
    ben: it's 10:00 in Berlin, away, back Mon 30 Nov, 17:00 your time (09:00 in Berlin). ana stands in. On duty now: on-duty.
    In an emergency: `+49 30 1234`.
    ");
    chat.until("2026-11-24T09:30:00Z");
    chat.happen(What::Away { user: "ben".into(), span: None });
    assert_snapshot!(ask_all(&mut chat, "dora", "support", &["who ben"]), @r"
    > who ben
    ben: it's 10:30 in Berlin, in the office, in focus until 12:00; what does not interrupt waits until then. On duty now: on-duty.
    In an emergency: `+49 30 1234`.
    ");
}

#[test]
fn hours_are_told_in_the_time_of_whoever_asks() {
    let mut chat = chat();
    let each =
        ["hours", "hours @chidi", "hours platform", "hours kim week", "hours billing", "hours on-duty today"];
    assert_snapshot!(ask_all(&mut chat, "dora", "support", &each), @r"
    > hours
    You are in the office, Berlin time:
    • Mon 23 Nov: 09:00–12:30, 13:30–17:30
    > hours @chidi
    chidi is in the office, in your time (Berlin; theirs is Lagos):
    • Mon 23 Nov: 09:00–12:30, 13:30–17:30
    > hours platform
    In the office, Berlin time:
    • ben, Mon 23 Nov: 09:00–12:30, 13:30–17:30
    • chidi, Mon 23 Nov: 09:00–12:30, 13:30–17:30
    • any of them, Mon 23 Nov: 09:00–12:30, 13:30–17:30
    • all at once, Mon 23 Nov: 09:00–12:30, 13:30–17:30
    What they owe together runs while any of them is in.
    > hours kim week
    kim is in the office, in your time (Berlin; theirs is Tokyo):
    • Mon 23 Nov: 01:00–04:30, 05:30–09:30
    • Tue 24 Nov: 01:00–04:30, 05:30–09:30
    • Wed 25 Nov: 01:00–04:30, 05:30–09:30
    • Thu 26 Nov: 01:00–04:30, 05:30–09:30
    • Fri 27 Nov: 01:00–04:30, 05:30–09:30
    • Sat 28 Nov: not in
    • Sun 29 Nov: not in
    > hours billing
    billing is with ana.
    ana is in the office, Berlin time:
    • Mon 23 Nov: 09:00–12:30, 13:30–17:30
    > hours on-duty today
    ben is in the office, Berlin time:
    • Mon 23 Nov: 10:00–12:30, 13:30–17:30
    ");
}

#[test]
fn owe_lists_what_is_ones_own() {
    let mut chat = chat();
    let first = chat.say("dora", "support", "Can you restart the build worker?");
    chat.say("ana", "platform", "@ben could you review the design?");
    chat.say("ben", "platform", "@dora could you send me the figures?");
    assert_snapshot!(ask(&mut chat, "ben", "support", "owe"), @r"
    You owe 2 answers:
    • a question of dora in #support. An answer is owed by 15:00.
    • a question of ana in #platform. An answer is owed by Tue 10:00.
    You are owed:
    • a question in #platform, with dora. An answer is owed by Tue 10:00.
    ");
    chat.command("ben", &format!("support/{first}"), "take");
    assert_snapshot!(ask(&mut chat, "dora", "support", "owe"), @r"
    You owe one answer:
    • a question of ben in #platform. An answer is owed by Tue 10:00.
    You are owed:
    • a question in #support, with ben (on-duty now). An answer is owed by 15:00. ben took it, 10:00.
    ");
    assert_snapshot!(ask(&mut chat, "kim", "support", "owe"), @r"
    You owe no answers.
    Nobody owes you one.
    ");
}

#[test]
fn what_is_private_is_told_to_those_who_can_read_it() {
    let mut chat = chat();
    let members = vec!["ana".into(), "ben".into()];
    let kind = ChannelKind::Private;
    let facts =
        ChannelFacts { aliases: Vec::new(), name: "board".to_owned(), kind, archived: false, members };
    chat.happen(What::Channel { channel: "board".into(), facts });
    let question = chat.say("ana", "board", "@chidi @ben !blocking could you sign it?");
    let link = format!("why https://matrix.to/#/board/${question}");
    assert_snapshot!(ask(&mut chat, "chidi", "support", "owe"), @r"
    You owe no answers.
    Nobody owes you one.
    ");
    assert_snapshot!(ask(&mut chat, "chidi", "support", &link), @"I know no message “https://matrix.to/#/board/$m13” that you can read here. Copy the link of a message, or ask in its thread.");
    assert_snapshot!(ask(&mut chat, "chidi", "support", "decisions #board"), @"I know no channel “#board”. `runbook` lists them.");
    assert_snapshot!(ask(&mut chat, "chidi", "support", "due #board"), @"I know no channel “#board”. `runbook` lists them.");
}

#[test]
fn runbook_is_the_agreement_on_one_page() {
    assert_snapshot!(ask(&mut chat(), "dora", "support", "runbook"), @r"
    Acme: how we reach each other.
    How urgent
    • emergency (`🚨`): Customers are down; an answer within 15 min, at any hour. Only platform may raise it.
    • blocking (`!blocking`): I cannot go on without you; an answer within 4 h of office hours.
    • normal: Whenever it fits your day; an answer within a working day.
    • fyi (`FYI:`): Nothing is expected; no answer is owed.
    Where
    • #lab. Level blocking. Answered by everyone of platform. `👀` takes a question. I only watch there, and say nothing.
    • #news. Level fyi.
    • #platform. Level normal. Answered by whoever is mentioned. `👀` takes a question.
    • #support: Questions from customers. Level blocking. Answered by ben (on-duty now). `👀` takes a question. A good question says: “What happened? What did you expect?”
    Which tool
    • Conflict (synchronous): phone, video call
    Links
    • handbook (https://wiki.example.org/handbook)
    In an emergency
    • Begin a message with `🚨` (Customers are down): I page ben (on-duty now). You may not raise it yourself; ask one of those who may.
    • ben: `+49 30 1234`
    Revision `r0`. `due #channel` says when an answer would be owed.
    ");
}

#[test]
fn an_answer_that_is_shared_is_posted_where_it_was_asked() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    chat.heard();
    chat.command("dora", "support", "share who @ben");
    assert_snapshot!(chat.heard(), @r"
    Mon 09:00 #support: dora shares “who @ben”:
    ben: it's 10:00 in Berlin, in the office until 12:30. On duty now: on-duty.
    In an emergency: `+49 30 1234`.
    Mon 09:00 #support to dora alone: Posted here, for all to read.
    ");
    chat.command("ana", &format!("support/{question}"), "SHOW due #support blocking");
    assert_snapshot!(chat.heard(), @r"
    Mon 09:00 #support/m12: ana shares “due #support blocking”:
    Asked in #support now, an answer is owed by 15:00.
    blocking: an answer within 4 h of office hours, from ben (on-duty now). The clock: 10:00–12:30, 13:30–15:00.
    Begin the message with `!blocking` to raise it.
    Mon 09:00 #support to ana alone: Posted here, for all to read.
    ");
    let posted = chat.actions.iter().filter(|action| action.id.0.starts_with("shared/"));
    for action in posted {
        assert!(
            !action.message.parts.iter().any(|part| matches!(part, Part::Mention { .. })),
            "it pings nobody"
        );
    }
}

#[test]
fn what_is_for_one_alone_is_not_shared() {
    let mut chat = chat();
    let facts = |members: Vec<SmolStr>| ChannelFacts {
        aliases: Vec::new(),
        name: "board".to_owned(),
        kind: ChannelKind::Private,
        archived: false,
        members,
    };
    chat.happen(What::Channel { channel: "board".into(), facts: facts(vec!["dora".into()]) });
    let before = chat.actions.len();
    let each = [
        "share",
        "share owe",
        "share why",
        "share due",
        "share later @kim hello",
        "share take",
        "share share who",
        "share frobnicate",
        "share decisions #board",
        "share due #board",
    ];
    assert_snapshot!(ask_all(&mut chat, "dora", "support", &each), @r"
    > share
    `share` needs a question. It goes so: `share who`, `share hours platform week`, `share runbook`
    > share owe
    What `owe` tells is for you alone, or not for everyone here. I share `who`, `hours`, `due #channel`, `runbook`, `decisions`, `help`.
    > share why
    What `why` tells is for you alone, or not for everyone here. I share `who`, `hours`, `due #channel`, `runbook`, `decisions`, `help`.
    > share due
    What `due` tells is for you alone, or not for everyone here. I share `who`, `hours`, `due #channel`, `runbook`, `decisions`, `help`.
    > share later @kim hello
    What `later` tells is for you alone, or not for everyone here. I share `who`, `hours`, `due #channel`, `runbook`, `decisions`, `help`.
    > share take
    What `take` tells is for you alone, or not for everyone here. I share `who`, `hours`, `due #channel`, `runbook`, `decisions`, `help`.
    > share share who
    What `share` tells is for you alone, or not for everyone here. I share `who`, `hours`, `due #channel`, `runbook`, `decisions`, `help`.
    > share frobnicate
    I know no command “frobnicate”. `help` lists them all.
    > share decisions #board
    What `decisions` tells is for you alone, or not for everyone here. I share `who`, `hours`, `due #channel`, `runbook`, `decisions`, `help`.
    > share due #board
    What `due` tells is for you alone, or not for everyone here. I share `who`, `hours`, `due #channel`, `runbook`, `decisions`, `help`.
    ");
    assert_snapshot!(ask_all(&mut chat, "dora", "lab", &["share who on-duty"]), @r"
    > share who on-duty
    I do not speak here, so only you read this.
    on-duty: ben until Mon 30 Nov, 10:00, then chidi.
    ben: it's 10:00 in Berlin, in the office until 12:30. On duty now: on-duty.
    In an emergency: `+49 30 1234`.
    ");
    assert!(chat.actions[before..].iter().all(|action| matches!(action.to, Target::Private { .. })));
}

#[test]
fn a_text_for_later_begins_where_it_is_said_to() {
    let mut chat = chat();
    chat.platform = Platform::Slack;
    chat.open("support", "support");
    chat.join("U1", "kim", None);
    chat.join("U2", "kim lee", None);
    let each = [
        "later @U1 -- at 10:00 lee",
        "later @U1 at 2026-11-24 11:00 -- 12:00 -- list",
        "later @kim lee at 2026-11-24 -- 15:00 is fine",
        "later @U1 --",
        "later @U9 -- hello",
        "later list",
    ];
    assert_snapshot!(ask_all(&mut chat, "U1", "support", &each), @r"
    > later @U1 -- at 10:00 lee
    kim is in and gets it at once: “at 10:00 lee”.
    > later @U1 at 2026-11-24 11:00 -- 12:00 -- list
    kim gets this at Tue 11:00, when they are in: “12:00 -- list”. `later cancel 2` takes it back.
    > later @kim lee at 2026-11-24 -- 15:00 is fine
    kim lee gets this at Tue 09:00, when they are in: “15:00 is fine”. `later cancel 2` takes it back.
    > later @U1 --
    `later` needs a text. It goes so: `later @kim the report is ready`, `later @kim at mon 10:00 how did it go?`, `later list`, `later cancel 1`
    > later @U9 -- hello
    I know no person “@U9”. `who` lists them.
    > later list
    These wait:
    • 1. kim, 10:00: “at 10:00 lee”
    • 2. kim lee, Tue 09:00: “15:00 is fine”
    • 3. kim, Tue 11:00: “12:00 -- list”
    `later cancel 1` takes back the first.
    ");
}
