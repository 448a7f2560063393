//! Links to messages, as Slack makes them: only Slack knows in which thread a message stands.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::super::web::{CallError, Web};
use crate::core::event::MessageRef;
use crate::core::message::{Message, Part};

/// So many links are asked for at most for one message; the others are made up.
const ASKED: usize = 8;
/// A message waits at most so long for its links.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many are remembered.
const REMEMBERED: usize = 2_000;

/// The links that are known.
#[derive(Debug, Default)]
pub(super) struct Links {
    known: Mutex<BTreeMap<MessageRef, String>>,
}

impl Links {
    /// `message` with Slack's own links where Slack gives them in time. Where it does not, the message is
    /// sent all the same, with links that are made up.
    pub(super) async fn put_into<'m>(&self, web: &Web, message: &'m Message) -> Cow<'m, Message> {
        let wanted = self.unknown(message);
        // That it took too long changes nothing but the links that are missing.
        let _ = timeout(PATIENCE, self.learn(web, &wanted)).await;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut linked = Cow::Borrowed(message);
        for (index, part) in message.parts.iter().enumerate() {
            if let Part::Message { message, label } = part
                && let Some(url) = known.get(message)
            {
                linked.to_mut().parts[index] = Part::Link { url: url.clone(), label: label.clone() };
            }
        }
        linked
    }

    /// The messages to which `message` leads and whose links are not known.
    fn unknown(&self, message: &Message) -> Vec<MessageRef> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wanted = Vec::new();
        for part in &message.parts {
            if let Part::Message { message, .. } = part
                && !known.contains_key(message)
                && !wanted.contains(message)
            {
                wanted.push(message.clone());
            }
        }
        wanted.truncate(ASKED);
        wanted
    }

    async fn learn(&self, web: &Web, wanted: &[MessageRef]) {
        for message in wanted {
            match web.permalink(message).await {
                Ok(url) => {
                    let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                    // They can be asked for again: there is no need to choose which to forget.
                    if known.len() >= REMEMBERED {
                        known.clear();
                    }
                    known.insert(message.clone(), url);
                }
                // It has no link; others may.
                Err(CallError::Refused(_)) => {}
                // Slack is not well, and the message matters more than its links.
                Err(CallError::RateLimited { .. } | CallError::Unavailable(_) | CallError::Unknown(_)) => {
                    return;
                }
            }
        }
    }
}
