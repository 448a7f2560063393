//! What Usher has said lately, by the id of its action: from the homeserver's answers, and from its own messages that
//! come back in a sync.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::legend::Legend;
use crate::core::action::ActionId;
use crate::core::event::{MessageRef, UserId};

/// So many are remembered; what was said before that is looked for in its room.
const MOST: usize = 4_096;

/// What Usher has said lately.
#[derive(Debug)]
pub struct Sent {
    own: UserId,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_id: FxHashMap<ActionId, MessageRef>,
    /// The oldest first.
    order: VecDeque<ActionId>,
}

/// Of an event, whose it is and what it carries.
#[derive(Deserialize)]
struct Shape<'e> {
    #[serde(borrow)]
    event_id: std::borrow::Cow<'e, str>,
    #[serde(borrow)]
    sender: std::borrow::Cow<'e, str>,
    content: Carried,
}

#[derive(Deserialize)]
struct Carried {
    #[serde(rename = "dev.usher.action", default)]
    legend: Option<Legend>,
    #[serde(rename = "m.relates_to", default)]
    relates_to: Option<Related>,
}

#[derive(Deserialize)]
struct Related {
    #[serde(default)]
    rel_type: Option<String>,
}

impl Sent {
    /// Nothing yet, by this user.
    pub fn new(own: UserId) -> Sent {
        Sent { own, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An action's message stands there.
    pub fn learn(&self, id: &ActionId, sent: &MessageRef) {
        let mut known = self.known();
        if known.by_id.insert(id.clone(), sent.clone()).is_none() {
            known.order.push_back(id.clone());
        }
        if known.order.len() > MOST
            && let Some(oldest) = known.order.pop_front()
        {
            known.by_id.remove(&oldest);
        }
    }

    /// Where an action's message stands, if it was said lately.
    pub fn find(&self, id: &ActionId) -> Option<MessageRef> {
        self.known().by_id.get(id).cloned()
    }

    /// Where an action's message stands, if an event of a room is it.
    pub fn own_in(&self, room: &str, event: &str, id: &ActionId) -> Option<MessageRef> {
        let shape: Shape<'_> = serde_json::from_str(event).ok()?;
        let is_edit =
            shape.content.relates_to.is_some_and(|related| related.rel_type.as_deref() == Some("m.replace"));
        let is_it = shape.sender == self.own.as_str() && !is_edit && shape.content.legend?.id == *id;
        is_it.then(|| MessageRef { channel: room.into(), id: shape.event_id.as_ref().into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_message_with_the_id_of_the_action_is_it() {
        let sent = Sent::new("@usher:x".into());
        let id = ActionId("reminder/1".into());
        let event = |sender: &str, id: &str, rel: &str| {
            format!(
                r#"{{"event_id":"$1","sender":"{sender}","content":{{"dev.usher.action":{{"id":"{id}"}},"m.relates_to":{{"rel_type":"{rel}"}}}}}}"#
            )
        };
        let own = |event: &str| sent.own_in("!r:x", event, &id).is_some();
        assert!(own(&event("@usher:x", "reminder/1", "m.thread")));
        assert!(!own(&event("@mallory:x", "reminder/1", "m.thread")));
        assert!(!own(&event("@usher:x", "reminder/2", "m.thread")));
        assert!(!own(&event("@usher:x", "reminder/1", "m.replace")));
        assert!(!own("{}") && !own("nonsense"));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let sent = Sent::new("@usher:x".into());
        let id = |number: usize| ActionId(number.to_string().into());
        let place = MessageRef { channel: "!r:x".into(), id: "$1".into() };
        for number in 0..=MOST {
            sent.learn(&id(number), &place);
        }
        assert!(sent.find(&id(0)).is_none() && sent.find(&id(MOST)).is_some());
    }
}
