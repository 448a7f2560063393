//! The table of commands: parsing, help and did-you-mean are made from it, and nothing else knows a name.

use super::args::{Args, Book};
use super::mistake::Mistake;
use super::{Command, Days, LATER_MOST, OUTCOME_MOST, Shared, Whom};
use crate::calendar::HOUR_MS;
use crate::core::action::Kind;
use crate::core::command::when::{Day, When};
use crate::runbook::{Who, nearest};

/// One command.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What else it answers to.
    pub(crate) aliases: &'static [&'static str],
    /// How it is typed, each way.
    pub(crate) usage: &'static [&'static str],
    /// What it does, in one line.
    pub(crate) help: &'static str,
    /// Where, and for whom, it works.
    pub(crate) works: Works,
    parse: Parse,
}

/// Where, and for whom, a command works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Works {
    /// Everywhere.
    Anywhere,
    /// In a thread, or among the last messages that one took part in.
    InThread,
    /// Everywhere, for admins.
    ForAdmins,
}

type Parse = for<'a, 'b> fn(&'static Entry, &mut Args<'a>, &Book<'b>) -> Result<Command, Mistake>;

/// Every command, in the order of `help`.
pub(crate) static ENTRIES: [Entry; 19] = [
    Entry {
        name: "help",
        aliases: &["?", "commands"],
        usage: &["help", "help later"],
        help: "what I can do; with a command, more about it",
        works: Works::Anywhere,
        parse: |_, args, _| {
            let about = args.word().map(|typed| find(typed).ok_or_else(|| unknown(typed)));
            Ok(Command::Help(about.transpose()?))
        },
    },
    Entry {
        name: "who",
        aliases: &["whois", "oncall"],
        usage: &["who", "who on-duty", "who billing", "who @kim"],
        help: "who is on duty and in the office; who owns a topic; where somebody is and when they are back",
        works: Works::Anywhere,
        parse: |_, args, book| match args.rest() {
            "" => Ok(Command::Who(None)),
            typed => book.whom(typed).map(|whom| Command::Who(Some(whom))),
        },
    },
    Entry {
        name: "hours",
        aliases: &["hour"],
        usage: &["hours", "hours @kim tomorrow", "hours #support fri", "hours platform week"],
        help: "office hours of a day or of a week: yours, somebody's, or a group's and when any or all are in",
        works: Works::Anywhere,
        parse: |entry, args, book| hours(entry, args, book),
    },
    Entry {
        name: "due",
        aliases: &["deadline"],
        usage: &["due", "due #support", "due #support blocking"],
        help: "when an answer is owed here, and why then; or when it would be if you asked now",
        works: Works::Anywhere,
        parse: due,
    },
    Entry {
        name: "why",
        aliases: &["explain"],
        usage: &["why", "why LINK"],
        help: "the rule, the clock and what I decided, silence included, about a thread or a message",
        works: Works::Anywhere,
        parse: |entry, args, book| {
            let message = args.word().map(|typed| book.message(typed)).transpose()?;
            args.end(entry)?;
            Ok(Command::Why(message))
        },
    },
    Entry {
        name: "owe",
        aliases: &["owed", "todo"],
        usage: &["owe"],
        help: "what you owe, and what you are owed",
        works: Works::Anywhere,
        parse: |entry, args, _| plain(entry, args, Command::Owe),
    },
    Entry {
        name: "runbook",
        aliases: &["rules", "cheatsheet"],
        usage: &["runbook"],
        help: "the agreement on one page: levels, channels, tools, links, whom to call in an emergency",
        works: Works::Anywhere,
        parse: |entry, args, _| plain(entry, args, Command::Runbook),
    },
    Entry {
        name: "share",
        aliases: &["show"],
        usage: &["share who", "share hours platform week", "share runbook"],
        help: "asks that, and posts the answer here for all to read",
        works: Works::Anywhere,
        parse: share,
    },
    Entry {
        name: "take",
        aliases: &["mine", "ack"],
        usage: &["take"],
        help: "you take the question of this thread; nobody else is reminded",
        works: Works::InThread,
        parse: |entry, args, _| plain(entry, args, Command::Take),
    },
    Entry {
        name: "snooze",
        aliases: &["remind"],
        usage: &["snooze", "snooze 2h", "snooze until 15:00", "snooze tomorrow"],
        help: "I say nothing about this thread's question for an hour, or until then; its clock runs on",
        works: Works::InThread,
        parse: |entry, args, _| match args.rest() {
            "" => Ok(Command::Snooze(When::For(HOUR_MS))),
            _ => args.only_time(entry).map(Command::Snooze),
        },
    },
    Entry {
        name: "urgent",
        aliases: &["raise"],
        usage: &["urgent", "urgent blocking"],
        help: "raises this thread's question to the next level, or to that one",
        works: Works::InThread,
        parse: |_, args, book| match args.rest() {
            "" => Ok(Command::Urgent(None)),
            typed => book.level(typed).map(|level| Command::Urgent(Some(level))),
        },
    },
    Entry {
        name: "resolve",
        aliases: &["resolved", "done"],
        usage: &["resolve"],
        help: "this thread is settled: nothing is owed in it any more",
        works: Works::InThread,
        parse: |entry, args, _| plain(entry, args, Command::Resolve),
    },
    Entry {
        name: "call",
        aliases: &["huddle", "meet"],
        usage: &["call"],
        help: "a short call about this thread: who, where, and when all of you are in",
        works: Works::InThread,
        parse: |entry, args, _| plain(entry, args, Command::Call),
    },
    Entry {
        name: "outcome",
        aliases: &["decided"],
        usage: &["outcome we roll back and fix it on Monday"],
        help: "one line on how it ended: I post it in the thread, keep it as a decision, and the thread is settled",
        works: Works::InThread,
        parse: |entry, args, _| args.text(entry, "The outcome", OUTCOME_MOST).map(Command::Outcome),
    },
    Entry {
        name: "later",
        aliases: &["deliver"],
        usage: &[
            "later @kim the report is ready",
            "later @kim at mon 10:00 how did it go?",
            "later list",
            "later cancel 1",
        ],
        help: "gives somebody your text when they are next in; lists or takes back what waits",
        works: Works::Anywhere,
        parse: later,
    },
    Entry {
        name: "mute",
        aliases: &["quiet"],
        usage: &["mute", "mute 2h", "mute until mon", "mute off"],
        help: "I say nothing to you today, or until then; pages still come",
        works: Works::Anywhere,
        parse: |entry, args, _| match args.rest() {
            "" => Ok(Command::Mute(When::On(Day::Today, None))),
            typed if typed.eq_ignore_ascii_case("off") => Ok(Command::Unmute),
            _ => args.only_time(entry).map(Command::Mute),
        },
    },
    Entry {
        name: "unmute",
        aliases: &[],
        usage: &["unmute"],
        help: "ends a mute: I speak to you again",
        works: Works::Anywhere,
        parse: |entry, args, _| plain(entry, args, Command::Unmute),
    },
    Entry {
        name: "decisions",
        aliases: &["outcomes"],
        usage: &["decisions", "decisions #support"],
        help: "the last outcomes that were told in this channel, or in that one",
        works: Works::Anywhere,
        parse: |entry, args, book| {
            let channel = args.word().map(|typed| book.channel(typed)).transpose()?;
            args.end(entry)?;
            Ok(Command::Decisions(channel))
        },
    },
    Entry {
        name: "turn-on",
        aliases: &["unmute-kind"],
        usage: &["turn-on", "turn-on call"],
        help: "brings back a kind of notice that was dismissed twice in this channel, or lists them",
        works: Works::ForAdmins,
        parse: turn_on,
    },
];

/// The command of that name, with or without a leading `/`, in any case.
pub(crate) fn find(typed: &str) -> Option<&'static Entry> {
    let typed = typed.trim_start_matches('/').to_lowercase();
    ENTRIES.iter().find(|entry| entry.name == typed || entry.aliases.contains(&typed.as_str()))
}

/// Reads a command: its entry and what is to be done. No words at all ask for help.
pub(super) fn parse(words: &str, book: &Book<'_>) -> Result<(&'static Entry, Command), Mistake> {
    let mut args = Args::new(words);
    let Some(typed) = args.word() else { return Ok((&ENTRIES[0], Command::Help(None))) };
    let entry = find(typed).ok_or_else(|| unknown(typed))?;
    let command = (entry.parse)(entry, &mut args, book)?;
    Ok((entry, command))
}

fn unknown(typed: &str) -> Mistake {
    let known: Vec<&'static str> = ENTRIES
        .iter()
        .flat_map(|entry| [entry.name].into_iter().chain(entry.aliases.iter().copied()))
        .collect();
    let near = nearest(typed.trim_start_matches('/'), &known).and_then(find).map(|entry| entry.name);
    Mistake::Unknown { typed: typed.to_owned(), nearest: near }
}

fn plain(entry: &'static Entry, args: &Args<'_>, command: Command) -> Result<Command, Mistake> {
    args.end(entry).map(|()| command)
}

/// Another command, whose answer is posted.
fn share(entry: &'static Entry, args: &mut Args<'_>, book: &Book<'_>) -> Result<Command, Mistake> {
    if args.peek().is_none() {
        return Err(Mistake::Missing { entry, what: "a question" });
    }
    let (asks, command) = parse(args.rest(), book)?;
    Ok(Command::Share(Box::new(Shared { entry: asks, command, words: args.rest().to_owned() })))
}

/// `[@person|group|#channel] [today|tomorrow|fri|2026-12-01] [week]`, the name first or last.
fn hours(entry: &'static Entry, args: &Args<'_>, book: &Book<'_>) -> Result<Command, Mistake> {
    let typed: Vec<&str> = args.rest().split_whitespace().collect();
    let mut days = Days { first: Day::Today, count: 1 };
    let mut name = typed.as_slice();
    // A group may be called `week` and a person `Sun`: what is somebody's name as it stands is no day.
    while !name.is_empty() && book.whom(&name.join(" ")).is_err() {
        match without_day(name, &mut days) {
            Some(rest) => name = rest,
            None => break,
        }
    }
    let of = match name {
        [] => Whom::Of(Who::Person(book.by.clone())),
        // Somebody is named, and what follows is no day.
        [first, rest @ ..]
            if !rest.is_empty() && book.whom(&name.join(" ")).is_err() && book.whom(first).is_ok() =>
        {
            return Err(Mistake::Extra { entry, typed: rest.join(" ") });
        }
        name => book.whom(&name.join(" "))?,
    };
    Ok(Command::Hours { of, days })
}

/// The words without the day at their end or start, which goes to `days`.
fn without_day<'w, 'a>(words: &'w [&'a str], days: &mut Days) -> Option<&'w [&'a str]> {
    let mut takes = |word: &str| match (word.eq_ignore_ascii_case("week"), Day::read(word)) {
        (true, _) => {
            days.count = 7;
            true
        }
        (false, Some(day)) => {
            days.first = day;
            true
        }
        (false, None) => false,
    };
    let rest = match words {
        [rest @ .., last] if takes(last) => rest,
        [first, rest @ ..] if takes(first) => rest,
        _ => return None,
    };
    match rest {
        [rest @ .., lead] if ["on", "for"].contains(&lead.to_lowercase().as_str()) => Some(rest),
        rest => Some(rest),
    }
}

/// `[#channel] [level]`, in any order.
fn due(entry: &'static Entry, args: &mut Args<'_>, book: &Book<'_>) -> Result<Command, Mistake> {
    let (mut channel, mut level) = (None, None);
    while let Some(typed) = args.word() {
        match (book.level(typed), book.channel(typed)) {
            (Ok(found), _) if level.is_none() && !typed.starts_with('#') => level = Some(found),
            (_, Ok(found)) if channel.is_none() => channel = Some(found),
            (Err(mistake), Err(_)) if !typed.starts_with('#') && level.is_none() => return Err(mistake),
            (_, Err(mistake)) if channel.is_none() => return Err(mistake),
            (_, _) => return Err(Mistake::Extra { entry, typed: typed.to_owned() }),
        }
    }
    Ok(Command::Due { channel, level })
}

/// `list`, `cancel N`, or `@person [at TIME] [--] TEXT`: after `--` nothing is a time.
fn later(entry: &'static Entry, args: &mut Args<'_>, book: &Book<'_>) -> Result<Command, Mistake> {
    match args.peek() {
        None => return Err(Mistake::Missing { entry, what: "a person and a text" }),
        Some("list") => {
            args.word();
            return plain(entry, args, Command::LaterList);
        }
        Some("cancel") => {
            args.word();
            let typed = args.word().ok_or(Mistake::Missing { entry, what: "the number in the list" })?;
            args.end(entry)?;
            let number = typed.parse().ok().filter(|number| *number > 0);
            let number = number.ok_or_else(|| Mistake::Extra { entry, typed: typed.to_owned() })?;
            return Ok(Command::LaterCancel(number));
        }
        Some(_) => {}
    }
    let to = book.take_person(args)?;
    let lead = args.peek().is_some_and(|word| ["at", "in", "on"].contains(&word.to_lowercase().as_str()));
    let at = if lead { args.time() } else { None };
    if args.peek() == Some("--") {
        args.word();
    }
    let text = args.text(entry, "The text", LATER_MOST)?;
    Ok(Command::Later { to, at, text })
}

/// The kinds of notices that can be turned off by dismissing them.
const KINDS: [(&str, Kind); 6] = [
    ("call", Kind::Call),
    ("written-way", Kind::WrittenWay),
    ("reminder", Kind::Reminder),
    ("escalation", Kind::Escalation),
    ("off-hours", Kind::OffHours),
    ("long-message", Kind::LongMessage),
];

fn turn_on(entry: &'static Entry, args: &mut Args<'_>, _: &Book<'_>) -> Result<Command, Mistake> {
    let Some(typed) = args.word() else { return Ok(Command::TurnOn(None)) };
    args.end(entry)?;
    let found = KINDS.iter().find(|(name, _)| typed.eq_ignore_ascii_case(name));
    let known = KINDS.map(|(name, _)| name);
    let near = || nearest(typed, &known).map(str::to_owned);
    let what = "kind of notice";
    let (_, kind) = found.ok_or_else(|| Mistake::NoSuchName {
        what,
        typed: typed.to_owned(),
        nearest: near(),
        mend: "turn-on",
    })?;
    Ok(Command::TurnOn(Some(*kind)))
}

/// What a kind of notice is called in `turn-on`; nothing for what nobody can turn off.
pub(crate) fn kind_name(kind: Kind) -> Option<&'static str> {
    KINDS.iter().find(|(_, known)| *known == kind).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_answer_to_one_name() {
        let names =
            ENTRIES.iter().flat_map(|entry| [entry.name].into_iter().chain(entry.aliases.iter().copied()));
        for name in names {
            let named = ENTRIES.iter().filter(|entry| entry.name == name || entry.aliases.contains(&name));
            assert_eq!(named.count(), 1, "{name}");
        }
    }

    #[test]
    fn every_command_and_each_way_to_type_it_stands_in_the_docs() {
        let docs = include_str!("../../../docs/commands.md");
        for entry in &ENTRIES {
            assert!(
                docs.contains(&format!("| `{}` |", entry.name)),
                "docs/commands.md has no row `{}`",
                entry.name
            );
            for usage in entry.usage {
                assert!(docs.contains(&format!("`{usage}`")), "docs/commands.md has no example `{usage}`");
                assert_eq!(
                    find(usage.split(' ').next().unwrap_or_default()).map(|entry| entry.name),
                    Some(entry.name)
                );
            }
        }
        let rows = docs.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, ENTRIES.len(), "a row of docs/commands.md is no command");
        for (kind, _) in KINDS {
            assert!(docs.contains(&format!("`{kind}`")), "docs/commands.md has no kind `{kind}`");
        }
    }
}
