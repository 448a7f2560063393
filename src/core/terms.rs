//! The small words: numbers, reasons and kinds as people say them. A text about a state is here once.

use chrono_tz::Tz;
use smol_str::SmolStr;

use super::action::Kind;
use super::case::Cause;
use super::event::MessageId;
use super::message::TimeStyle;
use super::turn::Silence;
use crate::calendar::{DAY_MS, HOUR_MS, Instant, MINUTE_MS, local_date};

/// Why nothing is owed any more, as people read it.
pub(super) fn cancelled(cause: Cause) -> &'static str {
    match cause {
        Cause::Deleted => "The question was deleted; nothing is owed",
        Cause::Dismissed => "Dismissed; nothing is owed",
        Cause::Edited => "The question was changed; nothing is owed",
        Cause::Resolved => "Marked as resolved; nothing is owed",
        Cause::PausedTooLong => "No reply came to the question back; nothing is owed any more",
        Cause::Expired => "Nothing was heard of this for long; nothing is owed any more",
        Cause::Archived => "The channel was archived; nothing is owed any more",
        Cause::Unknown => "I may have missed messages here; nothing is counted any more",
        Cause::Unread => "A message that may be the answer cannot be read; nothing is counted any more",
    }
}

/// The short name of a thread, for a call's address.
pub(super) fn slug(first: &MessageId) -> SmolStr {
    first.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The city of a zone, as people say it: `Africa/Lagos` is Lagos.
pub(super) fn city(zone: Tz) -> String {
    zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ")
}

/// `1 h 30 min`; less than a minute is none.
pub(super) fn length(ms: i64) -> String {
    match (ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Only the time for today, else with the weekday, else with the date.
pub(super) fn day_or_clock(at: Instant, now: Instant, zone: Tz) -> TimeStyle {
    if local_date(zone, at) == local_date(zone, now) {
        TimeStyle::Clock
    } else if at.since(now).abs() < 6 * DAY_MS {
        TimeStyle::Day
    } else {
        TimeStyle::Date
    }
}

pub(super) fn number(count: u32) -> String {
    let small = [
        "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven",
        "Twelve",
    ];
    usize::try_from(count)
        .ok()
        .and_then(|count| small.get(count))
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

/// What was said, as people read it.
pub(super) fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Call => "a suggestion to call",
        Kind::WrittenWay => "an offer to settle it in writing",
        Kind::Reminder => "a reminder",
        Kind::Escalation => "an escalation",
        Kind::Page => "a page",
        Kind::OffHours => "a hint that somebody is off",
        Kind::LongMessage => "a hint about a long message",
        Kind::Digest => "a digest",
        Kind::Status => "word of how it stands",
        Kind::Handoff => "word of a handoff",
        Kind::Later => "a delivery",
        Kind::Answer => "an answer",
        Kind::Admin => "a note to the admins",
        Kind::Revision => "word of a new runbook",
        Kind::Outcome => "a question for the outcome",
        Kind::Home => "a home",
        Kind::Hello => "a hello",
    }
}

/// Why nothing was said, as people read it.
pub(super) fn silence_words(why: Silence) -> &'static str {
    match why {
        Silence::Watched => "the channel is only watched",
        Silence::PrivateOnly => "only private hints are given there",
        Silence::NobodyIn => "somebody who would have been pinged was off",
        Silence::NobodyElse => "nobody but the asker is named for it",
        Silence::Budget => "they had their notices for the day",
        Silence::ThreadBudget => "the thread had its notices",
        Silence::Muted => "they muted me",
        Silence::TurnedOff => "that kind of notice was turned off there",
        Silence::Resolved => "the thread was resolved",
        Silence::Closing => "the thread was coming to its end",
        Silence::Social => "people were chatting",
        Silence::Declined => "somebody had declined a call",
        Silence::Crowded => "many people were talking",
        Silence::NotStuck => "the thread was getting on",
        Silence::NotLive => "the talk was not live",
        Silence::AlreadyHinted => "they had heard it that day",
        Silence::NothingToSuggest => "there was nothing better to suggest",
        Silence::Gap => "messages may have been missed",
        Silence::Unread => "a message that may be the answer could not be read",
        Silence::Combined => "it was told together with others",
        Silence::Stale => "it came too late to be of use",
    }
}
