//! Buttons: what a press does, and what whoever pressed reads of it.

use super::action::{ActionId, Choice};
use super::answers::{Asked, is_home};
use super::engine::Engine;
use super::event::{Event, UserId};
use super::fact::Verb;
use super::hear::is_about_call;
use super::message::Message;
use super::said::NoticeSaid;
use super::turn::Turn;
use crate::calendar::{HOUR_MS, Instant};

impl Engine {
    /// A press in a message is answered in its place; one in a home, by the home.
    pub(super) fn hear_press(
        &mut self,
        event: &Event,
        user: &UserId,
        action: &ActionId,
        choice: &Choice,
        now: Instant,
        turn: &mut Turn,
    ) {
        if let Choice::Say(words) = choice {
            return self.say_at_home(event, user, words, now, turn);
        }
        let Some(notice) = self.notices.get(action).cloned() else {
            let words = self.words().too_old();
            return match is_home(action) {
                true => self.show_home(event, user, Some(words), now, turn),
                false => self.answer_privately(event, user, None, words, now, turn),
            };
        };
        let thread = notice.strand.root.as_ref().or(Some(&notice.about));
        let asked = self.asked(event, user, &notice.strand.channel, thread, now);
        let answer = self.press(&asked, action, &notice, choice, turn);
        match answer {
            answer if is_home(action) => self.show_home(event, user, answer, now, turn),
            Some(words) => self.reply(&asked, words, turn),
            None => {}
        }
    }

    fn press(
        &mut self,
        asked: &Asked<'_>,
        action: &ActionId,
        notice: &NoticeSaid,
        choice: &Choice,
        turn: &mut Turn,
    ) -> Option<Message> {
        let &Asked { event, ref by, now, .. } = asked;
        let NoticeSaid { strand, about, .. } = notice;
        if let Some(verb) = verb(choice, notice) {
            self.add_verb(event, strand, Some(about), by, verb, now, turn);
        }
        match choice {
            Choice::Take | Choice::GiveBack | Choice::Leave | Choice::Say(_) => {}
            Choice::CallOff => {
                let words = self.words().call_off(by);
                self.close_suggestion(action, words, turn);
            }
            Choice::Resolved if is_about_call(notice.kind) => {
                let words = self.words().resolved_by(by);
                self.close_suggestion(action, words, turn);
            }
            Choice::Resolved => {}
            Choice::NotNow => {
                let dismissed = self.dismiss_notice(action, notice, now, turn);
                if is_about_call(notice.kind) {
                    let words = self.words().not_now(notice.kind);
                    self.close_suggestion(action, words, turn);
                }
                return dismissed;
            }
            Choice::CallNow => self.take_call(event, action, by, now, now, turn),
            Choice::CallAt(at) => self.take_call(event, action, by, *at, now, turn),
            Choice::Snooze => return Some(self.snooze(asked, strand, about, now.plus(HOUR_MS))),
            Choice::Why => return Some(self.why(strand, about, by, now)),
            Choice::AskInstead(person) => return Some(self.ask_instead(asked, notice, person, turn)),
            Choice::Raise(level) => return Some(self.raise(asked, strand, about, level, turn)),
        }
        None
    }
}

/// What a choice says about what the notice is about, for all to know.
fn verb(choice: &Choice, notice: &NoticeSaid) -> Option<Verb> {
    match choice {
        Choice::Take => Some(Verb::Take),
        Choice::GiveBack => Some(Verb::GiveBack),
        Choice::CallOff => Some(Verb::CallOff),
        Choice::Resolved => Some(Verb::Resolve),
        Choice::NotNow => is_about_call(notice.kind).then_some(Verb::Decline),
        Choice::CallNow
        | Choice::CallAt(_)
        | Choice::Snooze
        | Choice::Why
        | Choice::AskInstead(_)
        | Choice::Raise(_)
        | Choice::Leave
        | Choice::Say(_) => None,
    }
}
