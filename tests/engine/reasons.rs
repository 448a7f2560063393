//! `due` and `why`: when an answer is owed, by which rule, and what was decided about it.

use crate::commands::{ask, ask_all, chat};
use insta::assert_snapshot;

#[test]
fn due_says_when_an_answer_would_be_owed() {
    let mut chat = chat();
    let each = [
        "due",
        "due #support",
        "due #support normal",
        "due blocking",
        "due #platform",
        "due #news",
        "due #stray",
        "due #stray blocking",
        "due emergency #support",
    ];
    assert_snapshot!(ask_all(&mut chat, "dora", "support", &each), @r"
    > due
    Asked in #support now, an answer is owed by 15:00.
    blocking: an answer within 4 h of office hours, from ben (on-duty now). The clock: 10:00–12:30, 13:30–15:00.
    Begin the message with `!blocking` to raise it.
    > due #support
    Asked in #support now, an answer is owed by 15:00.
    blocking: an answer within 4 h of office hours, from ben (on-duty now). The clock: 10:00–12:30, 13:30–15:00.
    Begin the message with `!blocking` to raise it.
    > due #support normal
    Asked in #support now, an answer is owed by Tue 10:00.
    normal: an answer within a working day, from ben (on-duty now). The clock: 10:00–12:30, 13:30–17:30, Tue 09:00–10:00.
    > due blocking
    Asked in #support now, an answer is owed by 15:00.
    blocking: an answer within 4 h of office hours, from ben (on-duty now). The clock: 10:00–12:30, 13:30–15:00.
    Begin the message with `!blocking` to raise it.
    > due #platform
    Asked in #platform now, whoever you mention owes an answer within a working day: normal, in their hours. `hours @name` shows those.
    > due #news
    Asked in #news now, nothing is owed: fyi means “Nothing is expected”.
    > due #stray
    A message without a mark promises nothing in #stray. Name a level: `emergency`, `blocking`, `normal`.
    > due #stray blocking
    Asked in #stray now, whoever you mention owes an answer within 4 h of office hours: blocking, in their hours. `hours @name` shows those.
    > due emergency #support
    Asked in #support now, an answer is owed by 10:15.
    emergency: an answer within 15 min, at any hour, from ben (on-duty now). The clock: 10:00–10:15.
    The runbook lets only others raise this level.
    ");
}

#[test]
fn due_says_when_an_answer_is_owed_and_why_then() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    let thread = format!("support/{question}");
    chat.until("2026-11-23T10:15:00Z");
    assert_snapshot!(ask(&mut chat, "kim", &thread, "due"), @r"
    An answer is owed by 23:00.
    blocking: an answer within 4 h of office hours. 1 h 15 min of the office hours of ben (on-duty now) have passed. The clock: 18:00–20:30, 21:30–23:00.
    ");
    chat.say("ben", &thread, "Which one?");
    assert_snapshot!(ask(&mut chat, "dora", &thread, "due"), @r"
    It stands still since 11:15, until dora replies.
    blocking: an answer within 4 h of office hours. 1 h 15 min of the office hours of ben (on-duty now) have passed. The clock: 10:00–11:15.
    ");
    chat.say("dora", &thread, "The second.");
    chat.until("2026-11-23T16:15:00Z");
    assert_snapshot!(ask(&mut chat, "dora", &thread, "due"), @r"
    An answer was due by 15:00.
    blocking: an answer within 4 h of office hours. 6 h 15 min of the office hours of ben (on-duty now) have passed. The clock: 10:00–12:30, 13:30–15:00.
    ");
    chat.say("ben", &thread, "It runs again.");
    assert_snapshot!(ask(&mut chat, "dora", &thread, "due"), @r"
    blocking (“I cannot go on without you”): an answer within 4 h of office hours, from ben (on-duty now). That is the level of #support, by revision `r0` of the runbook, in force since 10:00.
    dora asked, 10:00. Answered by ben, 17:15, after 6 h 15 min on its clock.
    The clock: open 10:00–12:30, closed 12:30–13:30, open 13:30–17:15.
    • 11:15: a question back; the clock stands still
    • 11:15: the reply came; the clock runs on
    • 12:00: I sent a reminder
    • 15:00: the time that was agreed had passed
    • 15:00: I sent an escalation
    • 17:15: answered
    ");
}

#[test]
fn why_tells_the_rule_the_clock_and_what_was_decided() {
    let mut chat = chat();
    let question = chat.say("dora", "support", "Can you restart the build worker?");
    let thread = format!("support/{question}");
    chat.until("2026-11-23T10:00:00Z");
    assert_snapshot!(ask(&mut chat, "dora", &thread, "why"), @r"
    blocking (“I cannot go on without you”): an answer within 4 h of office hours, from ben (on-duty now). That is the level of #support, by revision `r0` of the runbook, in force since 10:00.
    dora asked, 10:00. An answer is owed by 15:00.
    The clock: open 10:00–12:30, closed 12:30–13:30, open 13:30–15:00.
    • next, at 12:00: a reminder, unless somebody answers or takes it
    ");
    chat.say("ben", &thread, "Which one?");
    chat.until("2026-11-23T10:45:00Z");
    chat.say("dora", &thread, "The second.");
    chat.until("2026-11-24T09:00:00Z");
    assert_snapshot!(ask(&mut chat, "ana", &thread, "why"), @r"
    blocking (“I cannot go on without you”): an answer within 4 h of office hours, from ben (on-duty now). That is the level of #support, by revision `r0` of the runbook, in force since Mon 10:00.
    dora asked, Mon 10:00. An answer was due by Mon 15:45.
    The clock: open Mon 10:00–12:30, closed Mon 12:30–13:30, open Mon 13:30–15:45; not counted while it waited for dora: Mon 11:00–11:45.
    • Mon 11:00: a question back; the clock stands still
    • Mon 11:45: the reply came; the clock runs on
    • Mon 13:45: I sent a reminder
    • Mon 15:45: the time that was agreed had passed
    • Mon 15:45: I sent an escalation
    ");
    chat.say("ben", &thread, "It runs again.");
    assert_snapshot!(ask(&mut chat, "dora", "platform", &format!("why {question}")), @"I know nothing of this message: it came before I joined, a program wrote it, or it was settled long ago.");
    assert_snapshot!(ask(&mut chat, "dora", "support", &format!("why {question}")), @r"
    blocking (“I cannot go on without you”): an answer within 4 h of office hours, from ben (on-duty now). That is the level of #support, by revision `r0` of the runbook, in force since Mon 10:00.
    dora asked, Mon 10:00. Answered by ben, 10:00, after 6 h 45 min on its clock.
    The clock: open Mon 10:00–12:30, closed Mon 12:30–13:30, open Mon 13:30–17:30, closed Mon 17:30–Tue 09:00, open 09:00–10:00; not counted while it waited for dora: Mon 11:00–11:45.
    • Mon 11:00: a question back; the clock stands still
    • Mon 11:45: the reply came; the clock runs on
    • Mon 13:45: I sent a reminder
    • Mon 15:45: the time that was agreed had passed
    • Mon 15:45: I sent an escalation
    • 10:00: answered
    ");
}

#[test]
fn why_not_is_answered_too() {
    let mut chat = chat();
    let thanks = chat.say("dora", "support", "Thanks, all good now!");
    let news = chat.say("dora", "news", "Could somebody read the minutes?");
    let stray = chat.say("dora", "stray", "Could somebody help with the printer?");
    let nobody = chat.say("dora", "platform", "Could somebody help with the printer?");
    let watched = chat.say("dora", "lab", "Could you restart the oven?");
    chat.until("2026-11-23T14:30:00Z");
    let mut answers = Vec::new();
    for (channel, message) in
        [("support", thanks), ("news", news), ("stray", stray), ("platform", nobody), ("lab", watched)]
    {
        answers.push(format!("#{channel}: {}", ask(&mut chat, "ana", channel, &format!("why {message}"))));
    }
    answers.push(ask(&mut chat, "ana", "support", "why m999"));
    answers.push(ask(&mut chat, "ana", "support", "why"));
    assert_snapshot!(answers.join("\n"), @r"
    #support: Nothing is owed: as I read it, the message asks nothing.
    `urgent` raises it all the same; `runbook` shows the rules.
    #news: Nothing is owed: fyi promises no answer.
    `urgent` raises it all the same; `runbook` shows the rules.
    #stray: Nothing is owed: the message carries no mark, and #stray has no level of its own.
    `urgent` raises it all the same; `runbook` shows the rules.
    I only watch this channel: I say nothing in it and tell the admins daily what I would have said.
    #platform: Nothing is owed: besides its author, the message asks nobody, and nobody is set to answer in #platform.
    `urgent` raises it all the same; `runbook` shows the rules.
    #lab: blocking (“I cannot go on without you”): an answer within 4 h of office hours, from ben or chidi. That is the level of #lab, by revision `r0` of the runbook, in force since 10:00.
    dora asked, 10:00. An answer was due by 15:00.
    The clock: open 10:00–12:30, closed 12:30–13:30, open 13:30–15:00.
    • 15:00: the time that was agreed had passed
    I only watch this channel: I say nothing in it and tell the admins daily what I would have said.
    I know nothing of this message: it came before I joined, a program wrote it, or it was settled long ago.
    `why` is about a thread: say it there. I know none from before I joined, nor where I am not.
    ");
}
