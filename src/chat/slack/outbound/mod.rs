//! The courier's way into Slack: an action becomes one call that sends, and is found again by its id.

mod links;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use self::links::Links;
use super::blocks::{self, Rendered};
use super::inbound::is_direct_id;
use super::web::{self, Address, CallError, Kept, METADATA, Place, Sent, Web};
use crate::calendar::{DAY_MS, SECOND_MS};
use crate::chat::{Answer, Chat, Outcome, Pace, ReadBack};
use crate::clock::Clock;
use crate::core::action::{Action, ActionId, Kind, Target};
use crate::core::barred::Barrier;
use crate::core::event::{ChannelId, MessageId, MessageRef, Platform, UserId};

/// Slack takes about one message a second and channel.
const LANE_GAP_MS: i64 = SECOND_MS;
/// So many pages of a history are looked through for a message that may have been sent.
const PAGES: usize = 5;
/// A message that may have been sent was sent at most so long before it is looked for, in ms: the courier
/// looks after two seconds, or at the next start.
const LOOK_BACK_MS: i64 = 7 * DAY_MS;

/// What this module itself refuses, and Slack is not asked.
const NOTHING_TO_AMEND: &str = "what it amends cannot be found again";
const NOT_FOR_SLACK: &str = "it is not for Slack";

/// Slack, as the courier knows it.
#[derive(Debug)]
pub struct Slack {
    web: Arc<Web>,
    /// The address of the workspace, with a slash at its end.
    workspace: Option<String>,
    clock: Clock,
    /// The direct conversations that are known.
    directs: Mutex<BTreeMap<UserId, ChannelId>>,
    links: Links,
}

impl Slack {
    /// The workspace behind `web`, at the address that `auth.test` tells.
    pub fn new(web: Arc<Web>, workspace: Option<String>, clock: Clock) -> Slack {
        Slack { web, workspace, clock, directs: Mutex::default(), links: Links::default() }
    }

    async fn render(&self, action: &Action) -> Rendered {
        let message = self.links.put_into(&self.web, &action.message).await;
        blocks::render(&message, &action.id, self.workspace.as_deref())
    }

    async fn direct(&self, user: &UserId) -> Result<ChannelId, CallError> {
        let known = self.directs.lock().unwrap_or_else(PoisonError::into_inner).get(user).cloned();
        if let Some(channel) = known {
            return Ok(channel);
        }
        let channel = self.web.open_direct(user).await?;
        let mut directs = self.directs.lock().unwrap_or_else(PoisonError::into_inner);
        directs.insert(user.clone(), channel.clone());
        Ok(channel)
    }

    async fn send(&self, action: &Action, sent_as: Option<&MessageRef>) -> Result<Outcome, CallError> {
        let id = &action.id;
        let sent = match &action.to {
            Target::Thread { platform: Platform::Slack, channel, root } => {
                return self.post(action, Place { channel, thread: Some(root) }).await;
            }
            Target::Channel { platform: Platform::Slack, channel } => {
                return self.post(action, Place { channel, thread: None }).await;
            }
            Target::Private { platform: Platform::Slack, channel, thread, user } => {
                return self.show(action, Place { channel, thread: thread.as_deref() }, user).await;
            }
            Target::Direct { platform: Platform::Slack, user } => {
                self.post_directly(user, &self.render(action).await, id).await?
            }
            Target::Home { platform: Platform::Slack, user } => {
                let message = self.links.put_into(&self.web, &action.message).await;
                let home = blocks::home(&message, id, self.workspace.as_deref());
                self.web.publish_view(user, &home).await?;
                return Ok(Outcome::Accepted(None));
            }
            Target::Amend { .. } => match sent_as {
                Some(sent) => {
                    self.web.update(&sent.channel, &sent.id, &self.render(action).await, id).await?
                }
                None => return Ok(Outcome::Refused(NOTHING_TO_AMEND.to_owned())),
            },
            Target::Thread { platform: Platform::Matrix | Platform::Console, .. }
            | Target::Channel { platform: Platform::Matrix | Platform::Console, .. }
            | Target::Private { platform: Platform::Matrix | Platform::Console, .. }
            | Target::Direct { platform: Platform::Matrix | Platform::Console, .. }
            | Target::Home { platform: Platform::Matrix | Platform::Console, .. }
            | Target::Page { .. } => return Ok(Outcome::Refused(NOT_FOR_SLACK.to_owned())),
        };
        Ok(accepted(sent))
    }

    async fn post_directly(
        &self,
        user: &UserId,
        message: &Rendered,
        id: &ActionId,
    ) -> Result<Sent, CallError> {
        let channel = before(self.direct(user).await)?;
        self.web.post_message(Place { channel: &channel, thread: None }, message, id).await
    }

    async fn post(&self, action: &Action, place: Place<'_>) -> Result<Outcome, CallError> {
        let message = self.render(action).await;
        self.web.post_message(place, &message, &action.id).await.map(accepted)
    }

    /// Shows something to one person: as a message where they are alone with Usher, else an answer where Slack gave
    /// an address for it, or in the place that was decided. Where Usher is not let in and no address is good any
    /// more, an answer comes as a direct message.
    async fn show(&self, action: &Action, place: Place<'_>, user: &UserId) -> Result<Outcome, CallError> {
        let message = self.render(action).await;
        if is_direct_id(place.channel) {
            // With Usher alone nobody else reads along: a message stays there, and can be found again.
            match self.web.post_message(place, &message, &action.id).await {
                Err(CallError::Refused(code)) if is_closed(&code) => {}
                sent => return sent.map(accepted),
            }
        }
        let address = self.web.address_of(&action.id);
        // Where there is no thread yet, Slack shows nobody what is said in it to one person.
        if let Some(address) = address.as_ref().filter(|address| !address.in_thread)
            && self.is_shown_at(address, None, &message).await?
        {
            return Ok(Outcome::Accepted(None));
        }
        match self.web.post_ephemeral(place, user, &message).await {
            Err(CallError::Refused(code)) if action.kind == Kind::Answer && is_closed(&code) => {}
            shown => return shown.map(|()| Outcome::Accepted(None)),
        }
        if let Some(address) = address.as_ref().filter(|address| address.in_thread)
            && self.is_shown_at(address, place.thread, &message).await?
        {
            return Ok(Outcome::Accepted(None));
        }
        self.post_directly(user, &message, &action.id).await.map(accepted)
    }

    /// Whether an address took what is for one person; it may be too old.
    async fn is_shown_at(
        &self,
        address: &Address,
        thread: Option<&str>,
        message: &Rendered,
    ) -> Result<bool, CallError> {
        match self.web.respond(address, thread, message).await {
            Ok(()) => Ok(true),
            Err(CallError::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Where a message that may have been sent would stand.
    async fn place(&self, to: &Target) -> Result<Option<(ChannelId, Option<MessageId>)>, CallError> {
        Ok(match to {
            Target::Thread { channel, root, .. } => Some((channel.clone(), Some(root.clone()))),
            Target::Channel { channel, .. } => Some((channel.clone(), None)),
            Target::Direct { user, .. } => Some((self.direct(user).await?, None)),
            Target::Private { channel, thread, .. } if is_direct_id(channel) => {
                Some((channel.clone(), thread.clone()))
            }
            // One person saw it, if at all: Slack keeps none of these.
            Target::Private { .. } | Target::Home { .. } | Target::Page { .. } | Target::Amend { .. } => None,
        })
    }

    async fn find(&self, action: &Action) -> Result<ReadBack, CallError> {
        let Some((channel, thread)) = self.place(&action.to).await? else { return Ok(ReadBack::CannotTell) };
        let oldest = self.clock.now().plus(-LOOK_BACK_MS).ms().div_euclid(SECOND_MS).to_string();
        let place = Place { channel: &channel, thread: thread.as_deref() };
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let page = self.web.messages::<Kept>(place, &oldest, cursor.as_deref()).await?;
            if let Some(found) = page.rows.iter().find(|row| is_of(row, &action.id)) {
                return Ok(ReadBack::Found(Some(MessageRef { channel, id: found.ts.clone() })));
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(ReadBack::Absent),
            }
        }
        Ok(ReadBack::CannotTell)
    }
}

fn is_of(row: &Kept, id: &ActionId) -> bool {
    let metadata = row.metadata.as_ref().filter(|metadata| metadata.event_type == METADATA);
    metadata.is_some_and(|metadata| metadata.event_payload.id.as_ref() == Some(&id.0))
}

fn accepted(sent: Sent) -> Outcome {
    Outcome::Accepted(Some(MessageRef { channel: sent.channel, id: sent.ts }))
}

/// Whether Slack says by an error that this place is closed to Usher, or to whoever asked.
fn is_closed(code: &str) -> bool {
    let codes = ["channel_not_found", "is_archived", "not_in_channel", "user_not_in_channel"];
    codes.contains(&code) || code.starts_with("restricted_action")
}

/// What a call before the one that sends means: whatever became of it, nothing was sent.
fn before<T>(called: Result<T, CallError>) -> Result<T, CallError> {
    called.map_err(|error| match error {
        CallError::Unknown(why) => CallError::Unavailable(why),
        CallError::Refused(_) | CallError::RateLimited { .. } | CallError::Unavailable(_) => error,
    })
}

/// What a failed call means for the courier. Which of Slack's errors are final stands in one table, in `web`.
fn outcome(error: CallError) -> Outcome {
    match error {
        CallError::Refused(code) => Outcome::Refused(code),
        CallError::RateLimited { after_ms } => Outcome::TryLater { after_ms, why: "ratelimited".to_owned() },
        CallError::Unavailable(why) => Outcome::TryLater { after_ms: None, why },
        CallError::Unknown(why) => Outcome::Unknown(why),
    }
}

impl Chat for Slack {
    fn deliver<'a>(&'a self, action: &'a Action, sent_as: Option<&'a MessageRef>) -> Answer<'a, Outcome> {
        Box::pin(async move { self.send(action, sent_as).await.unwrap_or_else(outcome) })
    }

    fn read_back<'a>(&'a self, action: &'a Action, sent_as: Option<&'a MessageRef>) -> Answer<'a, ReadBack> {
        Box::pin(async move {
            // The same words in the same place, once more, are the same message, and the same home.
            let is_amended = matches!(action.to, Target::Amend { .. }) && sent_as.is_some();
            if is_amended || matches!(action.to, Target::Home { .. }) {
                return ReadBack::Absent;
            }
            self.find(action).await.unwrap_or_else(|error| match error {
                // The history of this place is not Usher's to read, now or later.
                CallError::Refused(_) => ReadBack::CannotTell,
                CallError::RateLimited { .. } | CallError::Unavailable(_) | CallError::Unknown(_) => {
                    ReadBack::NotNow(error.to_string())
                }
            })
        })
    }

    fn barrier(&self, why: &str) -> Option<Barrier> {
        let is_ours = matches!(why, NOTHING_TO_AMEND | NOT_FOR_SLACK);
        if is_ours { None } else { web::barrier(why) }
    }

    fn pace(&self) -> Pace {
        Pace { lane_gap_ms: LANE_GAP_MS, gap_ms: 0 }
    }
}
