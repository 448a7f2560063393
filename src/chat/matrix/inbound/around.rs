//! What happens around messages: reactions, what is taken back, calls, and what nobody can read yet.

use super::message::Place;
use super::reader::{Head, Outcome, Reader, Stop, heard, named_event, noticed};
use super::{Given, Heard, Ignored, Notice, Target, Wanted};
use crate::calendar::{Instant, MINUTE_MS};
use crate::chat::matrix::legend::Legend;
use crate::chat::matrix::wire::{CallMember, Envelope, Related, Relation, number, part};
use crate::chat::word::given;
use crate::core::event::{Event, MessageId, What};
use crate::runbook::Reaction;
use serde_json::value::RawValue;

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
            Target::Own { legend } => {
                pressed(legend.as_ref(), &given).unwrap_or_else(|| reacted(self, &given, true))
            }
            Target::Message { .. } if self.context.directory.direct_with(&self.room).is_some() => {
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
        let is_direct = self.context.directory.direct_with(&self.room).is_some();
        let target =
            self.context.targets.get(&of).ok_or_else(|| Stop::Needs(Wanted::Redacted(of.clone())))?;
        let thread = match target {
            Target::Reaction(given) => return Ok(heard(self.made(head, "", reacted(self, given, false)))),
            Target::Edit => return Err(Ignored::EditOfEdit.into()),
            Target::Own { .. } => return Err(Ignored::Own.into()),
            Target::Message { .. } | Target::Unknown if is_direct => return Err(Ignored::DirectChange.into()),
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
        let content: Related<'_> = part(envelope.content).ok_or(Ignored::Nonsense("content"))?;
        let session = given(&content.session_id).filter(|id| id.len() <= LONGEST_SESSION).map(Into::into);
        let joined_at = self.context.directory.room(&self.room).and_then(|room| room.joined_at);
        if joined_at.is_some_and(|joined_at| head.at < joined_at) {
            // Its key is not for Usher.
            return Err(Ignored::BeforeJoining.into());
        }
        let relation: Relation<'_> = part(content.relates_to).unwrap_or_default();
        let place = Place::of(&relation, &head.id)?;
        let message = self.message_ref(&head.id);
        let mut heard = noticed(Notice::Undecrypted { message: message.clone(), session });
        // What is said to Usher alone answers nobody, and of an edit the message itself was read.
        if self.context.directory.direct_with(&self.room).is_none() && place.replaces.is_none() {
            let (thread, author) = (place.thread, head.sender.clone());
            let what = What::Unreadable { message, thread, author };
            heard.events.push(self.made(head, "/unreadable", what));
        }
        Ok(heard)
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

/// What a reaction to a message with that legend does.
fn pressed(legend: Option<&Legend>, given: &Given) -> Option<What> {
    let legend = legend?;
    let emoji = Reaction::of(&given.emoji);
    let pressed = legend.choices.iter().find(|choice| Reaction::of(&choice.emoji) == emoji)?;
    let action = pressed.of.clone().unwrap_or_else(|| legend.id.clone());
    Some(What::Pressed { user: given.user.clone(), action, choice: pressed.choice.clone() })
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
