//! Commands: what people type to Usher. One table is the grammar, the help and the did-you-mean.

use super::engine::Engine;
use super::event::{ChannelId, Event, MessageId, UserId};
use super::fact::Verb;
use super::line::Line;
use super::message::Message;
use super::strand::StrandKey;
use super::turn::Turn;
use crate::calendar::Instant;
use crate::runbook::Name;

impl Engine {
    #[expect(clippy::too_many_arguments, reason = "the fields of the event, and when and where to answer")]
    pub(super) fn hear_command(
        &mut self,
        event: &Event,
        user: &UserId,
        channel: &ChannelId,
        thread: Option<&MessageId>,
        words: &str,
        now: Instant,
        turn: &mut Turn,
    ) {
        let by = self.people.person(event.platform, user);
        let key = StrandKey { channel: channel.clone(), root: thread.cloned() };
        let home = self.home_of(&key, thread);
        let done = match words.trim() {
            "take" => self.add_verb(event, &home, thread, &by, Verb::Take, now, turn),
            "resolve" => self.add_verb(event, &home, thread, &by, Verb::Resolve, now, turn),
            "call" => self.add_verb(event, &key, thread, &by, Verb::Call, now, turn),
            _ => false,
        };
        let words = if done { "Done." } else { "I do not know that command." };
        self.answer_privately(
            event,
            user,
            Some((channel, thread)),
            Line::default().words(words).done(),
            now,
            turn,
        );
    }

    /// Why Usher did or did not speak about a message.
    pub(super) fn why(&self, _key: &StrandKey, _about: &MessageId, _by: &Name, _now: Instant) -> Message {
        Message::default()
    }
}
