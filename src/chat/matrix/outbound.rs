//! The courier's way into Matrix: an action becomes one event, sent with the action's id as its transaction.

use std::sync::Arc;
use std::time::Duration;

use matrix_sdk::Room;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::{OwnedTransactionId, RoomId, UInt};

use super::directs::{DECLINED, Directs, NoRoom, STRANGER};
use super::error::CallError;
use super::render::{Content, render, render_direct, render_edit};
use super::sent::Sent;
use super::session::Session;
use crate::chat::{Answer, Chat, Outcome, ReadBack};
use crate::core::action::{Action, ActionId, Kind, Target};
use crate::core::barred::Barrier;
use crate::core::event::{ChannelId, MessageId, MessageRef, Platform, UserId};
use crate::core::message::Message;

/// A message that is not taken within this is looked for, and sent again.
const ANSWER: Duration = Duration::from_secs(20);
/// So long a message waits whose room is not known yet, in ms.
const ROOMS_KNOWN_MS: i64 = 250;
/// So many pages of a room, of so many events each, are looked through for a message that may have been sent.
const PAGES: usize = 5;
const PAGE: u32 = 100;

/// What this module itself refuses, and the homeserver is not asked.
const NOTHING_TO_AMEND: &str = "what it amends cannot be found again";
const NOT_FOR_MATRIX: &str = "it is not for Matrix";
const NOT_THERE: &str = "Usher is not in the room";

/// Matrix, as the courier knows it.
pub struct Matrix {
    session: Arc<Session>,
    directs: Arc<Directs>,
    sent: Arc<Sent>,
    home_server: String,
}

/// Where a message goes.
struct Place {
    room: Room,
    thread: Option<MessageId>,
}

/// Why there is no such place.
enum NoPlace {
    Refused(&'static str),
    Room(NoRoom),
}

impl Matrix {
    /// The account of `session`.
    pub fn new(session: Arc<Session>, directs: Arc<Directs>, sent: Arc<Sent>) -> Matrix {
        let home_server = session.user().split_once(':').map_or("", |(_, server)| server).to_owned();
        Matrix { session, directs, sent, home_server }
    }

    /// Where an action goes; a room for one person alone is opened where there is none, if it may be.
    async fn place(&self, action: &Action, may_open: bool) -> Result<Option<Place>, NoPlace> {
        Ok(Some(match &action.to {
            Target::Thread { platform: Platform::Matrix, channel, root } => {
                Place { room: self.room(channel)?, thread: Some(root.clone()) }
            }
            Target::Channel { platform: Platform::Matrix, channel } => {
                Place { room: self.room(channel)?, thread: None }
            }
            Target::Private { platform: Platform::Matrix, user, .. }
            | Target::Direct { platform: Platform::Matrix, user } => {
                match self.direct(user, action.kind, may_open).await.map_err(NoPlace::Room)? {
                    Some(room) => Place { room, thread: None },
                    None => return Ok(None),
                }
            }
            Target::Thread { platform: Platform::Slack | Platform::Console, .. }
            | Target::Channel { platform: Platform::Slack | Platform::Console, .. }
            | Target::Private { platform: Platform::Slack | Platform::Console, .. }
            | Target::Direct { platform: Platform::Slack | Platform::Console, .. }
            | Target::Home { .. }
            | Target::Amend { .. }
            | Target::Page { .. } => return Err(NoPlace::Refused(NOT_FOR_MATRIX)),
        }))
    }

    fn room(&self, channel: &ChannelId) -> Result<Room, NoPlace> {
        let room = RoomId::parse(channel.as_str()).ok().and_then(|id| self.session.client().get_room(&id));
        room.ok_or(NoPlace::Refused(NOT_THERE))
    }

    async fn direct(&self, user: &UserId, kind: Kind, may_open: bool) -> Result<Option<Room>, NoRoom> {
        if may_open {
            self.directs.open(user, kind == Kind::Answer).await.map(Some)
        } else {
            self.directs.find(user).await
        }
    }

    async fn send(&self, action: &Action, sent_as: Option<&MessageRef>) -> Outcome {
        let (room, content) = if matches!(action.to, Target::Amend { .. }) {
            let Some(sent) = sent_as else { return Outcome::Refused(NOTHING_TO_AMEND.to_owned()) };
            match self.room(&sent.channel) {
                Ok(room) => (room, render_edit(&action.message, &action.id, &sent.id, &self.home_server)),
                Err(no_place) => return no_place.into(),
            }
        } else {
            match self.place(action, true).await {
                Ok(Some(place)) => {
                    let content = self.content(action, &place);
                    (place.room, content)
                }
                Ok(None) => return Outcome::Refused(NOT_THERE.to_owned()),
                Err(no_place) => return no_place.into(),
            }
        };
        match post(&room, &content, &action.id).await {
            Ok(sent) => {
                self.sent.learn(&action.id, &sent);
                Outcome::Accepted(Some(sent))
            }
            Err(error) => outcome(error),
        }
    }

    fn content(&self, action: &Action, place: &Place) -> Content {
        if matches!(action.to, Target::Private { .. } | Target::Direct { .. }) {
            render_direct(action, place.room.room_id().as_str(), &self.home_server)
        } else {
            render(&action.message, &action.id, place.thread.as_ref(), &self.home_server)
        }
    }

    /// Says something to one person alone, who has just asked for it. Said twice under one id, it is said once.
    ///
    /// # Errors
    /// When it is not said now.
    pub async fn say_directly(&self, user: &UserId, message: &Message, id: &ActionId) -> Result<(), String> {
        let room = match self.directs.open(user, true).await {
            Ok(room) => room,
            // They want to hear nothing more.
            Err(NoRoom::Never(_)) => return Ok(()),
            Err(NoRoom::NotYet) => return Err("the rooms are not known yet".to_owned()),
            Err(NoRoom::Failed(error)) => return Err(error.to_string()),
        };
        match post(&room, &render(message, id, None, &self.home_server), id).await {
            Ok(_) | Err(CallError::Refused(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Looks for the message of an action: among what came back of Usher's own, then in the room.
    async fn find(&self, action: &Action) -> Result<ReadBack, CallError> {
        if let Some(found) = self.sent.find(&action.id) {
            return Ok(ReadBack::Found(Some(found)));
        }
        let room = match self.place(action, false).await {
            Ok(Some(place)) => place.room,
            // There is no such room: nothing can have been said in it.
            Ok(None) | Err(NoPlace::Refused(_) | NoPlace::Room(NoRoom::Never(_))) => {
                return Ok(ReadBack::Absent);
            }
            Err(NoPlace::Room(NoRoom::NotYet)) => {
                return Ok(ReadBack::NotNow("the rooms are not known yet".to_owned()));
            }
            Err(NoPlace::Room(NoRoom::Failed(error))) => return Err(error),
        };
        let mut from = None;
        for _ in 0..PAGES {
            let mut options = MessagesOptions::backward().from(from.as_deref());
            options.limit = UInt::from(PAGE);
            let page = room.messages(options).await.map_err(|error| CallError::from(&error))?;
            for event in &page.chunk {
                if let Some(found) =
                    self.sent.own_in(room.room_id().as_str(), event.raw().json().get(), &action.id)
                {
                    return Ok(ReadBack::Found(Some(found)));
                }
            }
            match page.end {
                Some(end) if !page.chunk.is_empty() => from = Some(end),
                Some(_) | None => return Ok(ReadBack::Absent),
            }
        }
        // It is sent with the same transaction, which a homeserver that has it takes for what it is.
        Ok(ReadBack::Absent)
    }
}

async fn post(room: &Room, content: &Content, id: &ActionId) -> Result<MessageRef, CallError> {
    let content = serde_json::value::to_raw_value(content).expect("what Usher says is JSON");
    let config = RequestConfig::new().timeout(ANSWER).disable_retry();
    let transaction = transaction(id);
    let sent = room
        .send_raw("m.room.message", content)
        .with_transaction_id(&transaction)
        .with_request_config(config)
        .await
        .map_err(|error| CallError::from(&error))?;
    let (channel, id) = (room.room_id().as_str().into(), sent.response.event_id.as_str().into());
    Ok(MessageRef { channel, id })
}

/// The transaction by which an action is sent: its id, in letters that no proxy changes on the way.
fn transaction(id: &ActionId) -> OwnedTransactionId {
    let mut written = String::with_capacity(id.0.len() + 16);
    for byte in id.0.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => written.push(char::from(byte)),
            byte => written.push_str(&format!("~{byte:02x}")),
        }
    }
    written.into()
}

/// What a failed call means for the courier.
fn outcome(error: CallError) -> Outcome {
    match error {
        CallError::Refused(code) => Outcome::Refused(code),
        CallError::RateLimited { after_ms } => {
            Outcome::TryLater { after_ms, why: "M_LIMIT_EXCEEDED".to_owned() }
        }
        // The process ends or signs in anew; what waits to be said is said then.
        CallError::SignedOut { code, .. } => Outcome::TryLater { after_ms: None, why: code },
        CallError::Unavailable(why) => Outcome::TryLater { after_ms: None, why },
        CallError::Unknown(why) => Outcome::Unknown(why),
    }
}

impl From<NoPlace> for Outcome {
    fn from(no_place: NoPlace) -> Outcome {
        match no_place {
            NoPlace::Refused(why) | NoPlace::Room(NoRoom::Never(why)) => Outcome::Refused(why.to_owned()),
            NoPlace::Room(NoRoom::NotYet) => Outcome::TryLater {
                after_ms: Some(ROOMS_KNOWN_MS),
                why: "the rooms are not known yet".to_owned(),
            },
            // Whether a room was opened is found out before another is.
            NoPlace::Room(NoRoom::Failed(CallError::Unknown(why))) => {
                Outcome::TryLater { after_ms: None, why }
            }
            NoPlace::Room(NoRoom::Failed(error)) => outcome(error),
        }
    }
}

impl Chat for Matrix {
    fn deliver<'a>(&'a self, action: &'a Action, sent_as: Option<&'a MessageRef>) -> Answer<'a, Outcome> {
        Box::pin(self.send(action, sent_as))
    }

    fn read_back<'a>(&'a self, action: &'a Action, sent_as: Option<&'a MessageRef>) -> Answer<'a, ReadBack> {
        Box::pin(async move {
            // The same words in the same place, once more, are the same message.
            if matches!(action.to, Target::Amend { .. }) && sent_as.is_some() {
                return ReadBack::Absent;
            }
            self.find(action).await.unwrap_or_else(|error| match error {
                CallError::Refused(_) => ReadBack::CannotTell,
                CallError::RateLimited { .. }
                | CallError::SignedOut { .. }
                | CallError::Unavailable(_)
                | CallError::Unknown(_) => ReadBack::NotNow(error.to_string()),
            })
        })
    }

    fn barrier(&self, why: &str) -> Option<Barrier> {
        match why {
            NOTHING_TO_AMEND | NOT_FOR_MATRIX => None,
            NOT_THERE => Some(Barrier::NotIn),
            STRANGER | DECLINED => Some(Barrier::Unreachable),
            "M_FORBIDDEN" => Some(Barrier::ReadOnly),
            "M_TOO_LARGE" | "M_BAD_JSON" | "M_NOT_JSON" | "M_INVALID_PARAM" => Some(Barrier::Flaw),
            _ => Some(Barrier::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ids_never_share_a_transaction() {
        let written = |id: &str| transaction(&ActionId(id.into())).to_string();
        assert_eq!(written("answer/matrix/!r:x/$e"), "answer~2fmatrix~2f~21r~3ax~2f~24e");
        assert_ne!(written("a~2f"), written("a/"));
    }
}
