//! What an action is: whether it counts as a notice, whom it pings, what it is about and in which voice.

use std::collections::{BTreeMap, BTreeSet};

use usher::core::action::{Action, Kind, Target};
use usher::core::message::Part;

use super::book::{Book, MINUTE, Ms, Voice, Who};
use super::said::number;
use super::script::{Deed, Id};
use super::story::Script;
use super::team::EMERGENCY;

/// Whoever wrote so lately may be answered.
const JUST_NOW: Ms = 15 * MINUTE;

/// Whether this kind of notice counts against a person's day.
pub fn spends(kind: Kind) -> bool {
    match kind {
        Kind::Reminder
        | Kind::Escalation
        | Kind::Call
        | Kind::WrittenWay
        | Kind::OffHours
        | Kind::LongMessage => true,
        Kind::Page
        | Kind::Digest
        | Kind::Status
        | Kind::Handoff
        | Kind::Later
        | Kind::Answer
        | Kind::Admin
        | Kind::Revision
        | Kind::Outcome
        | Kind::Home
        | Kind::Hello => false,
    }
}

/// The voice in which Usher speaks about what was asked in a channel at an instant: that of today or, where the channel
/// was dropped, that of then.
pub fn voice_about(script: &Script, channel: usize, asked: Ms, now: Ms) -> Voice {
    let (then, today) = (script.office.rules.at(asked), script.office.rules.at(now));
    let dropped = then.channels[channel].listed && !today.channels[channel].listed;
    if dropped { then.channels[channel].voice } else { today.channels[channel].voice }
}

/// Whom an action pings.
pub fn pinged(book: &Book, action: &Action) -> BTreeSet<Who> {
    let mut people = BTreeSet::new();
    match &action.to {
        Target::Direct { user, .. } | Target::Private { user, .. } => people.extend(book.user(user)),
        Target::Thread { .. } | Target::Channel { .. } => {
            for part in &action.message.parts {
                if let Part::Mention { user, .. } = part {
                    people.extend(book.user(user));
                }
            }
        }
        Target::Home { .. } | Target::Amend { .. } | Target::Page { .. } => {}
    }
    people
}

/// Whether an action is about a message that raised an alarm, as its id tells.
pub fn is_of_emergency(script: &Script, action: &Action) -> bool {
    let about = action.id.0.split('/').find_map(number);
    let raises = |deed: &Deed| matches!(deed, Deed::Said { words, .. } if words.mark == Some(EMERGENCY));
    script.happenings.iter().any(|happening| about == Some(happening.id) && raises(&happening.deed))
}

/// Whether somebody wrote in the last quarter of an hour, as far as Usher knows.
pub fn wrote_lately(script: &Script, heard: &BTreeMap<Id, Ms>, who: Who, now: Ms) -> bool {
    script.happenings.iter().any(|happening| {
        let wrote = match &happening.deed {
            Deed::Said { by, .. } | Deed::Edited { by, .. } => *by == who,
            Deed::BotSaid { .. }
            | Deed::Deleted { .. }
            | Deed::Reacted { .. }
            | Deed::Away { .. }
            | Deed::Moved(_)
            | Deed::Reload(_) => false,
        };
        wrote && now - happening.at <= JUST_NOW && heard.contains_key(&happening.id)
    })
}
