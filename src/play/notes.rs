//! What the engine decided, in words: the lines beside the talk in transcripts and on the console.

use chrono_tz::Tz;

use crate::calendar::{Instant, MINUTE_MS};
use crate::core::action::Kind;
use crate::core::event::MessageRef;
use crate::core::message::TimeStyle;
use crate::core::turn::{Note, Noted, Silence};

/// The note in words; `None` where what was said shows it already. `about` is what the message is called.
pub fn words(note: &Note, zone: Tz, about: impl Fn(&MessageRef) -> String) -> Option<String> {
    let about = note.about.as_ref().map(about);
    let of = about.as_ref().map(|about| format!(" about {about}")).unwrap_or_default();
    let about = about.unwrap_or("this".to_owned());
    let clock = |at: Instant| TimeStyle::Day.format(at, zone);
    let text = match &note.what {
        Noted::Owed { level, due_at: Some(due_at) } => {
            format!("{about} is owed an answer by {} ({level})", clock(*due_at))
        }
        Noted::Owed { level, due_at: None } => {
            format!("{about} is owed an answer ({level}), and nobody is ever in")
        }
        Noted::Acknowledged => format!("{about} is taken"),
        Noted::Paused => format!("{about} waits for its asker"),
        Noted::Resumed => format!("{about} goes on"),
        Noted::Met { took_ms, late } => {
            let late = if *late { ", late" } else { "" };
            format!("{about} is answered after {}{late}", length(*took_ms))
        }
        Noted::Breached => format!("{about} was due at {} and has no answer", clock(note.at)),
        Noted::BreachTakenBack => format!("{about} was not due after all"),
        Noted::Cancelled(reason) => format!("{about} is off: {reason}"),
        Noted::Spoke(_) => return None,
        Noted::WouldHaveSpoken(kind) => format!("would have said: {}{of}", kind_name(*kind)),
        Noted::Silent { kind, why } => {
            format!("not said: {}{of}: {}", kind_name(*kind), silence_words(*why))
        }
        Noted::Remark(remark) => remark.clone(),
    };
    Some(text)
}

/// A span of open time.
fn length(ms: i64) -> String {
    let minutes = (ms + MINUTE_MS / 2) / MINUTE_MS;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The kind as the figures name it.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Call => "call",
        Kind::WrittenWay => "written-way",
        Kind::Reminder => "reminder",
        Kind::Escalation => "escalation",
        Kind::Page => "page",
        Kind::OffHours => "off-hours",
        Kind::LongMessage => "long-message",
        Kind::Digest => "digest",
        Kind::Status => "status",
        Kind::Handoff => "handoff",
        Kind::Later => "later",
        Kind::Answer => "answer",
        Kind::Admin => "admin",
        Kind::Revision => "revision",
        Kind::Outcome => "outcome",
        Kind::Home => "home",
        Kind::Hello => "hello",
    }
}

fn silence_words(why: Silence) -> &'static str {
    match why {
        Silence::Watched => "the channel is watched",
        Silence::PrivateOnly => "only hints are given here",
        Silence::NobodyIn => "nobody is in",
        Silence::NobodyElse => "nobody but the asker is named",
        Silence::Budget => "the day's notices are spent",
        Silence::ThreadBudget => "the thread has had its notices",
        Silence::Muted => "muted",
        Silence::TurnedOff => "turned off here",
        Silence::Resolved => "it is resolved",
        Silence::Closing => "it is closing",
        Silence::Social => "people are chatting",
        Silence::Declined => "somebody declined",
        Silence::Crowded => "too many talk",
        Silence::NotStuck => "it makes progress",
        Silence::NotLive => "it is not live",
        Silence::AlreadyHinted => "hinted already",
        Silence::NothingToSuggest => "there is nothing to suggest",
        Silence::Gap => "events may be missing",
        Silence::Unread => "what may be the answer cannot be read",
        Silence::Combined => "told together with others",
        Silence::Stale => "too late to be of use",
    }
}
