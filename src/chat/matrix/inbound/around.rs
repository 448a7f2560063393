//! What happens around messages: reactions, what is taken back, calls, and what nobody can read yet.

use serde_json::value::RawValue;

use super::message::Place;
use super::reader::{Head, Outcome, Reader, Stop, event, heard, named_event};
use super::{Given, Heard, Ignored, Notice, Target, Wanted};
use crate::calendar::{Instant, MINUTE_MS};
use crate::chat::matrix::wire::{CallMember, Envelope, Related, Relation, number, part};
use crate::chat::word::given;
use crate::core::event::{Event, MessageId, MessageRef, What};

/// No emoji, and no name of one, is longer.
const LONGEST_EMOJI: usize = 100;
/// No session of a key has a longer id.
const LONGEST_SESSION: usize = 255;

impl Reader<'_> {
    /// A reaction to a message of Usher's presses what its legend says.
    pub fn reaction(&self, head: &Head, envelope: &Envelope<'_>) -> Outcome {
        if self.is_own(&head.sender) {
            return Err(Ignored::Own.into());
        }
        let given = given_in(envelope, head)?;
        let message = self.message_ref(&given.to);
        let target = self.context.targets.get(&message);
        let what = match target.ok_or_else(|| Stop::Needs(Wanted::Event(message.clone())))? {
            Target::Own { legend } => match legend.as_ref().and_then(|legend| legend.press(&given.emoji)) {
                Some((action, choice)) => {
                    let (action, choice) = (action.clone(), choice.clone());
                    What::Pressed { user: given.user.clone(), action, choice }
                }
                None => reacted(self, &given, true),
            },
            Target::Message { .. } if self.is_direct() => {
                return Err(Ignored::DirectChange.into());
            }
            Target::Message { .. } | Target::Edit | Target::Reaction(_) | Target::Unknown => {
                reacted(self, &given, true)
            }
        };
        let reaction = self.message_ref(&head.id);
        let mut events: Vec<Event> = self.unknown_user(head, &head.sender).into_iter().collect();
        events.push(self.made(head, "", what));
        let targets = vec![(reaction.clone(), Target::Reaction(given.clone()))];
        Ok(Heard { events, notices: vec![Notice::Reacted { reaction, given }], targets })
    }

    /// A message or a reaction is taken back, by its author or by somebody who may.
    pub fn redaction(&self, head: &Head, envelope: &Envelope<'_>) -> Outcome {
        if self.is_own(&head.sender) {
            return Err(Ignored::Own.into());
        }
        let content: Related<'_> = part(envelope.content).unwrap_or_default();
        let of = if given(&content.redacts).is_some() { &content.redacts } else { &envelope.redacts };
        let of = self.message_ref(&named_event(of, "redacts")?);
        let target =
            self.context.targets.get(&of).ok_or_else(|| Stop::Needs(Wanted::Redacted(of.clone())))?;
        let thread = match target {
            Target::Reaction(given) => return Ok(heard(self.made(head, "", reacted(self, given, false)))),
            Target::Edit => return Err(Ignored::EditOfEdit.into()),
            Target::Own { .. } => return Err(Ignored::Own.into()),
            Target::Message { .. } | Target::Unknown if self.is_direct() => {
                return Err(Ignored::DirectChange.into());
            }
            Target::Message { thread, .. } => thread.clone(),
            Target::Unknown => None,
        };
        Ok(heard(self.made(head, "", What::Deleted { message: of, thread })))
    }

    /// A call of two that rings in a room.
    pub fn call(&self, head: &Head) -> Heard {
        let users = vec![head.sender.clone()];
        heard(self.made(head, "", What::CallBegan { channel: self.room.clone(), thread: None, users }))
    }

    /// Somebody joins a call of the room, is in it still, or leaves it.
    pub fn call_member(&self, head: &Head, envelope: &Envelope<'_>) -> Outcome {
        let content: CallMember<'_> = part(envelope.content).ok_or(Ignored::Nonsense("content"))?;
        let listed = [&content.memberships, &content.calls]
            .map(|list| list.as_ref().is_some_and(|list| !list.is_empty()));
        if content.application.is_none() && content.session.is_none() && listed == [false, false] {
            return Err(Ignored::CallLeft.into());
        }
        let since = content.created_ts.or_else(|| began(content.memberships.as_deref()));
        let since = number(since).map(Instant::from_ms);
        if since.is_some_and(|since| head.at.since(since) > MINUTE_MS) {
            return Err(Ignored::CallGoesOn.into());
        }
        Ok(self.call(head))
    }

    /// What is encrypted with a key that Usher does not have. How it belongs to others stands outside.
    pub fn undecrypted(&self, head: &Head, envelope: &Envelope<'_>) -> Outcome {
        if self.is_own(&head.sender) {
            return Err(Ignored::Own.into());
        }
        self.is_since_joining(head)?;
        let content: Related<'_> = part(envelope.content).ok_or(Ignored::Nonsense("content"))?;
        let session = given(&content.session_id).filter(|id| id.len() <= LONGEST_SESSION).map(Into::into);
        let place = Place::of(&part(content.relates_to).unwrap_or_default(), &head.id)?;
        let message = self.message_ref(&head.id);
        let notices = vec![Notice::Undecrypted { message: message.clone(), session }];
        if place.replaces.is_some() {
            return Ok(Heard { notices, targets: vec![(message, Target::Edit)], ..Heard::default() });
        }
        let (author, thread) = (head.sender.clone(), place.thread);
        let target = Target::Message { author: author.clone(), thread: thread.clone() };
        let targets = vec![(message.clone(), target)];
        let mut events = Vec::new();
        if !self.is_direct() {
            events.extend(self.unknown_user(head, &author));
            events.push(self.made(head, "/unreadable", What::Unreadable { message, thread, author }));
        }
        Ok(Heard { events, notices, targets })
    }

    /// What was heard as a message that nobody can read was none.
    pub fn settled(&self, message: &MessageRef) -> Event {
        let what = What::Deleted { message: message.clone(), thread: None };
        event(self.key(format_args!("{}/settled", message.id)), self.context.now, what)
    }
}

fn given_in(envelope: &Envelope<'_>, head: &Head) -> Result<Given, Ignored> {
    let content: Related<'_> = part(envelope.content).ok_or(Ignored::Nonsense("content"))?;
    let relation: Relation<'_> = part(content.relates_to).ok_or(Ignored::Nonsense("m.relates_to"))?;
    if given(&relation.rel_type) != Some("m.annotation") {
        return Err(Ignored::Nonsense("m.relates_to.rel_type"));
    }
    let to: MessageId = named_event(&relation.event_id, "m.relates_to.event_id")?;
    let emoji = given(&relation.key).ok_or(Ignored::Nonsense("m.relates_to.key"))?;
    if emoji.len() > LONGEST_EMOJI || emoji.chars().any(char::is_control) {
        return Err(Ignored::Nonsense("m.relates_to.key"));
    }
    Ok(Given { to, user: head.sender.clone(), emoji: emoji.into() })
}

fn reacted(reader: &Reader<'_>, given: &Given, added: bool) -> What {
    let message = reader.message_ref(&given.to);
    What::Reacted { message, user: given.user.clone(), emoji: given.emoji.clone(), added }
}

/// Since when the first of somebody's devices is in a call.
fn began<'c>(memberships: Option<&[&'c RawValue]>) -> Option<&'c RawValue> {
    let memberships = memberships?.iter();
    let mut since = memberships.filter_map(|raw| part::<CallMember<'_>>(Some(raw))?.created_ts);
    since.next()
}
