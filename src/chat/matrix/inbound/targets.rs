//! What earlier events were, to which later ones belong: of as many as talk is about, and no more.

use std::mem;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Heard;
use super::message::{Place, own_legend};
use crate::chat::matrix::legend::Legend;
use crate::chat::matrix::wire::{Content, Envelope, Relation, Unsigned, event_id, part, user_id};
use crate::chat::word::given;
use crate::core::event::{MessageId, MessageRef, UserId};

/// Of so many events at least it is known what they were.
const KEPT: usize = 5_000;

/// What an event was.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Somebody's message.
    Message {
        /// Who wrote it.
        author: UserId,
        /// The thread in which it stands.
        thread: Option<MessageId>,
    },
    /// A message of Usher's.
    Own {
        /// What its reactions do.
        legend: Option<Legend>,
    },
    /// An edit of a message.
    Edit,
    /// A reaction.
    Reaction(Given),
    /// Something else, or nobody can tell.
    Unknown,
}

/// A reaction that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// To which message of its room.
    pub to: MessageId,
    /// By whom.
    pub user: UserId,
    /// The emoji.
    pub emoji: SmolStr,
}

/// What is known of events. The oldest are forgotten: whoever reads asks about them.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Neither is ever iterated.
    young: FxHashMap<MessageRef, Target>,
    old: FxHashMap<MessageRef, Target>,
}

impl Targets {
    /// What an event was, if that is known.
    pub fn get(&self, event: &MessageRef) -> Option<&Target> {
        self.young.get(event).or_else(|| self.old.get(event))
    }

    /// Takes over what an event was.
    pub fn learn(&mut self, event: MessageRef, target: Target) {
        if self.young.len() >= KEPT {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(event, target);
    }

    /// Takes over what an event is that was just read, for those to come.
    pub fn learn_heard(&mut self, heard: &Heard) {
        for (event, target) in &heard.targets {
            self.learn(event.clone(), target.clone());
        }
    }

    /// Takes over what an event was, as the homeserver shows it when asked for that one; `own` is Usher's user id.
    pub fn learn_event(&mut self, room: &str, event: &str, own: &str) {
        let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(event) else { return };
        let Some(id) = given(&envelope.event_id).and_then(event_id) else { return };
        let target = target(&envelope, &id, own).unwrap_or(Target::Unknown);
        self.learn(MessageRef { channel: room.into(), id }, target);
    }
}

fn target(envelope: &Envelope<'_>, id: &MessageId, own: &str) -> Option<Target> {
    let author = user_id(given(&envelope.sender)?)?;
    let content: Content<'_> = part(envelope.content)?;
    let relation: Relation<'_> = part(content.relates_to).unwrap_or_default();
    match envelope.kind() {
        "m.reaction" => {
            let to = given(&relation.event_id).and_then(event_id)?;
            Some(Target::Reaction(Given { to, user: author, emoji: given(&relation.key)?.into() }))
        }
        "m.room.message" | "m.room.encrypted" => {
            let place = Place::of(&relation, id).ok()?;
            if place.replaces.is_some() {
                return Some(Target::Edit);
            }
            if author != own {
                return Some(Target::Message { author, thread: place.thread });
            }
            // Shown with it is its last edit, whose legend holds.
            let unsigned: Unsigned<'_> = part(envelope.unsigned).unwrap_or_default();
            let edit: Option<Envelope<'_>> = part(unsigned.relations.and_then(|relations| relations.replace));
            let edited: Option<Content<'_>> = part(edit.and_then(|edit| edit.content));
            let legend = edited.as_ref().and_then(own_legend).or_else(|| own_legend(&content));
            Some(Target::Own { legend })
        }
        _ => None,
    }
}
