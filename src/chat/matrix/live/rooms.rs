//! Rooms and what happens in them: what a sync says of each, invitations, and rooms that are given up for others.

use std::borrow::Cow;

use matrix_sdk::ruma::api::client::membership::leave_room;
use matrix_sdk::ruma::events::StateEventType;
use matrix_sdk::ruma::{EventId, OwnedServerName, RoomId, RoomOrAliasId};
use matrix_sdk::sync::{State, SyncResponse, Timeline};
use matrix_sdk::{Room, RoomState, deserialized_responses::RawAnySyncOrStrippedState};
use serde::Deserialize;
use smol_str::format_smolstr;

use super::batch::{Batch, persistently};
use super::dialogues::Answer;
use super::history::Missed;
use super::{History, Live, LiveError, WITHIN_MS};
use crate::calendar::Instant;
use crate::chat::matrix::error::CallError;
use crate::chat::matrix::inbound::{self, Context, Heard, Notice, Reading, Target, Wanted};
use crate::core::event::{ChannelId, Event, MessageRef, What};
use crate::driver::{Memo, MemoKind};
use crate::runbook_file::digest;

/// What of a room's state Usher needs to know.
const STATE: [StateEventType; 8] = [
    StateEventType::RoomCreate,
    StateEventType::RoomName,
    StateEventType::RoomCanonicalAlias,
    StateEventType::RoomJoinRules,
    StateEventType::RoomEncryption,
    StateEventType::RoomPowerLevels,
    StateEventType::RoomTombstone,
    StateEventType::RoomMember,
];

/// Of an event of a room's members, whom it is about and when it was.
#[derive(Deserialize)]
struct Step<'e> {
    #[serde(borrow)]
    state_key: Cow<'e, str>,
    origin_server_ts: i64,
}

impl Live {
    /// Takes up the rooms that the session knows, so that names are known before the first message is read. In how many
    /// Usher is.
    ///
    /// # Errors
    /// When the driver has stopped.
    pub async fn learn_rooms(&self) -> Result<usize, LiveError> {
        let rooms = self.session.client().joined_rooms();
        let mut batch = Batch::new(None);
        for room in &rooms {
            let id = ChannelId::new(room.room_id().as_str());
            for kind in STATE {
                for event in room.get_state_events(kind).await.unwrap_or_default() {
                    if let RawAnySyncOrStrippedState::Sync(event) = event {
                        self.directory().learn(&id, event.json().get());
                    }
                }
            }
            self.tell(&id, &mut batch);
        }
        batch.hand_in(&self.driver).await?;
        Ok(rooms.len())
    }

    /// Tells the engine what a room is, and who is in it.
    fn tell(&self, room: &ChannelId, batch: &mut Batch) {
        let mut directory = self.directory();
        let told = directory.told(room, self.clock.now());
        directory.learn_told(&told);
        told.into_iter().for_each(|event| batch.push(event));
    }

    /// Reads what a sync says of each room.
    pub(super) async fn read_rooms(
        &self,
        response: SyncResponse,
        history: &History,
        batch: &mut Batch,
    ) -> Result<(), LiveError> {
        for (id, update) in response.rooms.joined {
            let channel = ChannelId::new(id.as_str());
            let is_news = history.before.is_empty() && self.directory().room(&channel).is_none();
            self.read_state(&channel, &update.state, is_news, batch).await?;
            if is_news {
                self.learn_state(&channel, &update.timeline);
                self.tell(&channel, batch);
            }
            if history.is_first {
                continue;
            }
            if let Some(room) = self.session.client().get_room(&id) {
                self.read_missed(&room, &update.timeline, history, batch).await?;
            }
            self.read_timeline(&channel, &update.timeline, batch).await?;
        }
        for (id, update) in response.rooms.left {
            let channel = ChannelId::new(id.as_str());
            self.read_timeline(&channel, &update.timeline, batch).await?;
        }
        Ok(())
    }

    /// Reads the state of a room as it was before its timeline. That Usher is in it comes last: then it is known what it
    /// has come into.
    async fn read_state(
        &self,
        room: &ChannelId,
        state: &State,
        is_news: bool,
        batch: &mut Batch,
    ) -> Result<(), LiveError> {
        let (State::Before(events) | State::After(events)) = state;
        let own = format!("\"{}\"", self.session.user());
        let is_own = |event: &str| event.contains(&own) && event.contains("\"m.room.member\"");
        let events: Vec<&str> = events.iter().map(|event| event.json().get()).collect();
        let (last, first): (Vec<&str>, Vec<&str>) = events.into_iter().partition(|event| is_own(event));
        for event in first.into_iter().chain(last) {
            if is_news {
                self.directory().learn(room, event);
            } else {
                self.read(room, event, batch).await?;
            }
        }
        Ok(())
    }

    fn learn_state(&self, room: &ChannelId, timeline: &Timeline) {
        let mut directory = self.directory();
        timeline.events.iter().for_each(|event| directory.learn(room, event.raw().json().get()));
    }

    /// Reads from history what the timeline of a sync leaves out.
    async fn read_missed(
        &self,
        room: &Room,
        timeline: &Timeline,
        history: &History,
        batch: &mut Batch,
    ) -> Result<(), LiveError> {
        let channel = ChannelId::new(room.room_id().as_str());
        let was_in = self.directory().room(&channel).is_some_and(|known| known.joined_at.is_some());
        if !was_in || !(timeline.limited || history.is_thorough) {
            return Ok(());
        }
        let from = timeline.prev_batch.as_deref();
        let missed = Missed { from, to: &history.before, since: history.since };
        match self.missed(room, &missed).await? {
            Some(events) => {
                for event in events {
                    self.read(&channel, &event, batch).await?;
                }
            }
            None => batch.push(self.lost(room)),
        }
        Ok(())
    }

    async fn read_timeline(
        &self,
        room: &ChannelId,
        timeline: &Timeline,
        batch: &mut Batch,
    ) -> Result<(), LiveError> {
        for event in &timeline.events {
            self.read(room, event.raw().json().get(), batch).await?;
        }
        Ok(())
    }

    /// Reads one event; what has to be known first is asked.
    pub(super) async fn read(
        &self,
        room: &ChannelId,
        event: &str,
        batch: &mut Batch,
    ) -> Result<(), LiveError> {
        if batch.told_until.is_some_and(|until| self.is_own_step(event, until)) {
            self.directory().learn(room, event);
            return Ok(());
        }
        loop {
            match self.reading(room, event, batch) {
                Reading::Needs(wanted) => self.find_out(wanted).await?,
                Reading::Heard(heard) => {
                    self.heed(heard, event, batch).await?;
                    break;
                }
                Reading::Ignored(why) => {
                    tracing::debug!(?why, "an event says nothing for Usher");
                    break;
                }
                Reading::Unreadable(why) => {
                    let digest = digest(std::iter::once(event.as_bytes()));
                    tracing::warn!(%digest, %room, %why, "an event cannot be read; it is kept aside");
                    batch.set_aside(format_smolstr!("matrix/unread/{digest}"), event, why.to_string());
                    break;
                }
            }
        }
        self.directory().learn(room, event);
        Ok(())
    }

    /// Whether an event says that Usher itself came or went before an instant. Where all rooms are read anew it is among
    /// their state, and no news.
    fn is_own_step(&self, event: &str, until: Instant) -> bool {
        if !event.contains("\"m.room.member\"") {
            return false;
        }
        let step: Option<Step<'_>> = serde_json::from_str(event).ok();
        step.is_some_and(|step| {
            step.state_key == self.session.user().as_str() && Instant::from_ms(step.origin_server_ts) < until
        })
    }

    pub(super) fn reading(&self, room: &ChannelId, event: &str, batch: &Batch) -> Reading {
        let (directory, targets) = (self.directory(), self.targets());
        let (now, since) = (self.clock.now(), batch.since);
        inbound::read(room, event, &Context { directory: &directory, targets: &targets, now, since })
    }

    /// Finds out what an earlier event was.
    async fn find_out(&self, wanted: Wanted) -> Result<(), LiveError> {
        match wanted {
            Wanted::Event(message) => {
                let event = self.ask(&message).await?;
                let mut targets = self.targets();
                if let Some(event) = event {
                    targets.learn_event(&message.channel, &event, self.session.user());
                }
                // That nobody can tell is an answer as well.
                if targets.get(&message).is_none() {
                    targets.learn(message, Target::Unknown);
                }
            }
            Wanted::Redacted(message) => {
                let kept = self.recall(&message).await?;
                let given = kept.and_then(|kept| serde_json::from_str(&kept).ok());
                self.targets().learn(message, given.map_or(Target::Unknown, Target::Reaction));
            }
        }
        Ok(())
    }

    /// An event as the homeserver has it, decrypted if it can be; `None` where it does not give it.
    async fn ask(&self, message: &MessageRef) -> Result<Option<String>, LiveError> {
        let room =
            RoomId::parse(message.channel.as_str()).ok().and_then(|id| self.session.client().get_room(&id));
        let (Some(room), Ok(id)) = (room, EventId::parse(message.id.as_str())) else { return Ok(None) };
        match self.patiently(|| room.event(&id, None)).await {
            Ok(event) => Ok(Some(event.raw().json().get().to_owned())),
            Err(CallError::Refused(_)) => Ok(None),
            Err(error) => Err(LiveError::SignedOut(error)),
        }
    }

    /// What was remembered of a reaction.
    async fn recall(&self, message: &MessageRef) -> Result<Option<String>, LiveError> {
        persistently(|| self.driver.memo(MemoKind::Reaction, &message.id, WITHIN_MS)).await
    }

    /// Takes over what was heard.
    async fn heed(&self, heard: Heard, raw: &str, batch: &mut Batch) -> Result<(), LiveError> {
        self.targets().learn_heard(&heard);
        self.directory().learn_told(&heard.events);
        let is_answer = heard.notices.iter().any(|notice| self.is_answer(notice, batch));
        for event in heard.events {
            self.note_speaker(&event);
            let is_taken = matches!(event.what, What::Commanded { .. })
                && (is_answer || self.begins_dialogue(&event, batch));
            if !is_taken {
                batch.push(event);
            }
        }
        for notice in heard.notices {
            self.heed_notice(notice, raw, batch).await;
        }
        Ok(())
    }

    /// Whether something said to Usher alone is an answer in a form.
    fn is_answer(&self, notice: &Notice, batch: &mut Batch) -> bool {
        let Notice::Said { message, user, replaces, text, is_command: false, .. } = notice else {
            return false;
        };
        self.continues_dialogue(&Answer { message, user, replaces: replaces.as_ref(), text }, batch)
    }

    /// Whoever writes where Usher reads may be spoken to alone.
    fn note_speaker(&self, event: &Event) {
        match &event.what {
            What::Posted(posted) => self.directs.spoke(&posted.author),
            What::Commanded { user, .. } | What::Pressed { user, .. } | What::Reacted { user, .. } => {
                self.directs.spoke(user);
            }
            What::Unreadable { .. }
            | What::Edited { .. }
            | What::Deleted { .. }
            | What::User { .. }
            | What::Channel { .. }
            | What::Away { .. }
            | What::Gap { .. }
            | What::Filled { .. }
            | What::Lost { .. }
            | What::CallBegan { .. }
            | What::HomeOpened { .. }
            | What::Invited { .. }
            | What::Revision(_)
            | What::Started { .. }
            | What::Delivered { .. } => {}
        }
    }

    async fn heed_notice(&self, notice: Notice, raw: &str, batch: &mut Batch) {
        match notice {
            Notice::Own { message, replaces: None, legend: Some(legend), .. } => {
                self.sent.learn(&legend.id, &message);
            }
            Notice::Reacted { reaction, given } => {
                let value = Some(serde_json::to_string(&given).expect("ids are JSON"));
                batch.remember(Memo { kind: MemoKind::Reaction, key: reaction.id, value });
            }
            Notice::Undecrypted { message, .. } => self.wait_for_key(&message, raw, batch),
            Notice::Direct { room, user } => {
                self.directory().learn_direct(user.clone(), room.clone());
                batch.remember(Memo { kind: MemoKind::Direct, key: user, value: Some(room.to_string()) });
            }
            Notice::Replaced { room, successor: Some(successor) } => self.follow(&room, &successor).await,
            Notice::Left { room } => self.directory().forget(&room),
            Notice::Own { .. }
            | Notice::Said { .. }
            | Notice::Joined { .. }
            | Notice::Replaced { successor: None, .. }
            | Notice::Encrypted { .. } => {}
        }
    }

    /// Goes into the room for which another was given up, if both say so. Where one has to be asked in, that is done when
    /// one is.
    async fn follow(&self, old: &ChannelId, new: &ChannelId) {
        let Ok(id) = RoomOrAliasId::parse(new.as_str()) else { return };
        let client = self.session.client();
        let server = client.user_id().map(|user| user.server_name().to_owned());
        let via: Vec<OwnedServerName> = server.into_iter().collect();
        match self.patiently(|| client.join_room_by_id_or_alias(&id, &via)).await {
            Ok(_) => tracing::info!(%old, %new, "a room was given up for another, and Usher has followed"),
            Err(error) => {
                tracing::info!(%old, %new, %error, "a room was given up for another; Usher waits to be invited");
            }
        }
    }

    /// Goes where it is invited by those who may, and nowhere else. What fails is tried again with the next sync.
    pub(super) async fn answer_invitations(&self) {
        for room in self.session.client().invited_rooms() {
            let Ok(invite) = room.invite_details().await else { continue };
            let by = invite.inviter_id.as_str();
            let answered = if self.doors.let_in(by) || self.is_successor(&room) {
                tracing::info!(room = %room.room_id(), by, "Usher is invited and comes in");
                room.join().await.map_err(|error| CallError::from(&error))
            } else {
                tracing::warn!(
                    room = %room.room_id(),
                    by,
                    "Usher was invited by somebody who is not in the runbook, and stays out; `matrix.invites_from` can \
                     name them"
                );
                self.leave(&room).await
            };
            if let Err(error) = answered {
                tracing::warn!(room = %room.room_id(), %error, "an invitation cannot be answered now");
            }
        }
        self.leave_false_successors().await;
    }

    /// Leaves a room, and that one alone: the library would leave those with it that the room names as its predecessors,
    /// and anybody may name any.
    async fn leave(&self, room: &Room) -> Result<(), CallError> {
        let request = leave_room::v3::Request::new(room.room_id().to_owned());
        let left = self.session.client().send(request).await;
        left.map(drop).map_err(|error| CallError::from(&error))
    }

    /// Whether an invitation is to the room for which one of Usher's was given up.
    fn is_successor(&self, room: &Room) -> bool {
        let Some(predecessor) = room.predecessor_room() else { return false };
        let (old, new) = (predecessor.room_id.as_str(), room.room_id().as_str());
        self.directory().is_successor(old, new, Some(old))
    }

    /// Leaves rooms that Usher followed a room into and that do not name it.
    async fn leave_false_successors(&self) {
        let client = self.session.client();
        let given_up = client.joined_rooms().into_iter().filter(|room| room.is_tombstoned());
        for old in given_up {
            let Some(new) = old.successor_room().and_then(|new| client.get_room(&new.room_id)) else {
                continue;
            };
            let is_followed = new.state() == RoomState::Joined
                && self.directory().is_successor(old.room_id().as_str(), new.room_id().as_str(), None);
            if new.state() == RoomState::Joined && !is_followed && !self.was_invited(&new) {
                tracing::warn!(old = %old.room_id(), new = %new.room_id(), "a room does not name the one that it replaces");
                let _ = self.leave(&new).await;
            }
        }
    }

    /// Whether somebody who may has asked Usher into a room.
    fn was_invited(&self, room: &Room) -> bool {
        let directory = self.directory();
        let known = directory.room(room.room_id().as_str());
        // What is not known yet is not judged.
        known.is_none_or(|known| known.invited_by.as_ref().is_some_and(|by| self.doors.let_in(by)))
    }
}
