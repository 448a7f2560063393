//! The hello: what Usher says when it is let into a channel.
//!
//! In a channel in which it speaks it says so to all. In any other, and among people who talk to each other, it says so
//! to whoever let it in, and to nobody else.

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::channels::put_place;
use super::engine::Engine;
use super::event::{ChannelId, ChannelKind, Event, UserId};
use super::message::Message;
use super::turn::{Noted, Silence, Turn};
use crate::calendar::{DAY_MS, Instant};
use crate::runbook::Voice;

/// Whoever puts Usher out and lets it in again within this hears nothing new, in ms.
const AGAIN_AFTER_MS: i64 = DAY_MS;

impl Engine {
    /// Usher was let into a channel.
    pub(super) fn greet(
        &mut self,
        event: &Event,
        channel: &ChannelId,
        by: Option<&UserId>,
        now: Instant,
        turn: &mut Turn,
    ) {
        self.find_place(event.platform, channel, event.at.min(now), turn);
        let place = self.places.get(channel).filter(|place| !place.facts.archived);
        let Some(kind) = place.map(|place| place.facts.kind) else { return };
        let platform = event.platform;
        let to_inviter = by
            .filter(|user| !self.is_bot(platform, user))
            .map(|user| Target::Direct { platform, user: user.clone() });
        let (to, message, otherwise) = match (kind, self.voice(channel)) {
            (ChannelKind::Direct, _) => (to_inviter, self.words().hello_among_people(), Silence::Watched),
            (ChannelKind::Public | ChannelKind::Private, Voice::Speak) => {
                let to = Target::Channel { platform, channel: channel.clone() };
                (Some(to), self.words().hello(channel, now), Silence::Watched)
            }
            (ChannelKind::Public | ChannelKind::Private, Voice::Private) => {
                (to_inviter, self.words().hello_private(channel), Silence::PrivateOnly)
            }
            (ChannelKind::Public | ChannelKind::Private, Voice::Watch) => {
                (to_inviter, self.words().hello_watching(channel), Silence::Watched)
            }
        };
        let Some(to) = to else {
            return self.note(turn, now, None, Noted::Silent { kind: Kind::Hello, why: otherwise });
        };
        if let Some(place) = self.places.greet(channel, now, now.plus(-AGAIN_AFTER_MS)) {
            put_place(turn, channel, place);
            self.say_hello(event, to, message, now, turn);
        }
    }

    fn say_hello(&mut self, event: &Event, to: Target, message: Message, now: Instant, turn: &mut Turn) {
        self.note(turn, now, None, Noted::Spoke(Kind::Hello));
        turn.actions.push(Action {
            id: ActionId(format_smolstr!("hello/{}", event.key)),
            kind: Kind::Hello,
            to,
            message,
            priority: Priority::Prompt,
            not_after: Some(now.plus(DAY_MS)),
            if_unknown: IfUnknown::Leave,
        });
    }
}
