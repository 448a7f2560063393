//! The rooms in which Usher speaks to one person alone. Each is opened once, encrypted, and only with people of the
//! runbook or who spoke first: nobody is asked into a room by a stranger's bot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use matrix_sdk::ruma::api::client::membership::joined_rooms;
use matrix_sdk::ruma::api::client::room::create_room::v3::{CreationContent, Request, RoomPreset};
use matrix_sdk::ruma::api::client::state::get_state_event_for_key;
use matrix_sdk::ruma::events::room::encryption::RoomEncryptionEventContent;
use matrix_sdk::ruma::events::{InitialStateEvent, StateEventType};
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::{OwnedRoomId, RoomId, UserId as RumaUserId};
use matrix_sdk::{Room, RoomMemberships, RoomState};
use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::directory::Directory;
use super::error::CallError;
use super::session::Session;
use crate::core::event::{ChannelId, UserId};
use crate::driver::{DriverHandle, Memo, MemoKind};

/// In what a room was made with stands whom Usher made it for: an answer that was lost is found again by it.
const FOR: &str = "dev.usher.direct";
/// The driver answers within this, or is asked again later, in ms.
const WITHIN_MS: u64 = 5_000;

/// The rooms of Usher and one person.
pub struct Directs {
    session: Arc<Session>,
    directory: Arc<Mutex<Directory>>,
    /// Known once the driver runs.
    driver: OnceLock<DriverHandle>,
    /// Who may be spoken to: never iterated.
    welcome: Mutex<FxHashSet<UserId>>,
    /// One room is opened at a time, so that two messages to one person share it.
    opening: tokio::sync::Mutex<()>,
}

/// Why there is no room for the two.
#[derive(Debug)]
pub enum NoRoom {
    /// There will be none; why, in one word that [`super::Matrix`] knows.
    Never(&'static str),
    /// The homeserver did not let it be opened, or did not say.
    Failed(CallError),
    /// It is not known yet.
    NotYet,
}

/// The person is not one whom Usher may ask into a room.
pub(super) const STRANGER: &str = "they are not in the runbook and have not written to Usher";
/// The person does not want it.
pub(super) const DECLINED: &str = "they have left the room in which Usher spoke to them";

/// What a room was made with.
#[derive(Deserialize)]
struct Made {
    #[serde(rename = "dev.usher.direct")]
    by_usher_for: Option<UserId>,
}

impl Directs {
    /// Those of an account; `welcome` are the people of the runbook.
    pub fn new(
        session: Arc<Session>,
        directory: Arc<Mutex<Directory>>,
        welcome: BTreeSet<UserId>,
    ) -> Directs {
        let welcome = Mutex::new(welcome.into_iter().collect());
        let (driver, opening) = (OnceLock::new(), tokio::sync::Mutex::default());
        Directs { session, directory, driver, welcome, opening }
    }

    /// The rooms of the account are known from now on, and the driver runs.
    pub fn ready(&self, driver: DriverHandle) {
        // It runs once in a process.
        let _ = self.driver.set(driver);
    }

    /// This person has written where Usher reads.
    pub fn spoke(&self, user: &UserId) {
        let mut welcome = self.welcome.lock().unwrap_or_else(PoisonError::into_inner);
        if !welcome.contains(user) {
            welcome.insert(user.clone());
        }
    }

    fn is_welcome(&self, user: &UserId) -> bool {
        self.welcome.lock().unwrap_or_else(PoisonError::into_inner).contains(user)
    }

    fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The room of Usher and a person, if there is one.
    ///
    /// # Errors
    /// When it is not known yet, or the person has left it.
    pub async fn find(&self, user: &UserId) -> Result<Option<Room>, NoRoom> {
        let driver = self.driver.get().ok_or(NoRoom::NotYet)?;
        let known = self.directory().direct(user).cloned();
        let room = match known {
            Some(room) => Some(room),
            None => {
                let kept = driver.memo(MemoKind::Direct, user, WITHIN_MS).await;
                kept.map_err(|_| NoRoom::NotYet)?.map(ChannelId::from)
            }
        };
        let Some(room) = room.and_then(|room| self.joined(&room)) else { return Ok(None) };
        let Ok(id) = RumaUserId::parse(user.as_str()) else { return Ok(None) };
        let member =
            room.get_member_no_sync(&id).await.map_err(|error| NoRoom::Failed(CallError::from(&error)))?;
        match member {
            Some(member) if !RoomMemberships::ACTIVE.matches(member.membership()) => {
                Err(NoRoom::Never(DECLINED))
            }
            // A room that was just made is told of by the next sync.
            Some(_) | None => Ok(Some(room)),
        }
    }

    fn joined(&self, room: &ChannelId) -> Option<Room> {
        let room = self.session.client().get_room(&RoomId::parse(room.as_str()).ok()?)?;
        (room.state() == RoomState::Joined).then_some(room)
    }

    /// The same; opened if there is none. `answers` says that the person has just asked for something.
    ///
    /// # Errors
    /// When there is none and none can be opened.
    pub async fn open(&self, user: &UserId, answers: bool) -> Result<Room, NoRoom> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(room) = self.find(user).await? {
            return Ok(room);
        }
        if !answers && !self.is_welcome(user) {
            return Err(NoRoom::Never(STRANGER));
        }
        if self.made_before(user).await.map_err(NoRoom::Failed)? {
            return Err(NoRoom::NotYet);
        }
        let room = self.make(user).await?;
        self.directory().learn_direct(user.clone(), ChannelId::new(room.room_id().as_str()));
        let memo =
            Memo { kind: MemoKind::Direct, key: user.clone(), value: Some(room.room_id().to_string()) };
        let driver = self.driver.get().ok_or(NoRoom::NotYet)?;
        driver.remember(vec![memo], None, WITHIN_MS).await.map_err(|_| NoRoom::NotYet)?;
        Ok(room)
    }

    async fn make(&self, user: &UserId) -> Result<Room, NoRoom> {
        let never = |_| NoRoom::Never(STRANGER);
        let invited = RumaUserId::parse(user.as_str()).map_err(never)?;
        let encryption = RoomEncryptionEventContent::with_recommended_defaults();
        let mut request = Request::new();
        request.preset = Some(RoomPreset::TrustedPrivateChat);
        request.is_direct = true;
        request.invite = vec![invited];
        request.initial_state = vec![InitialStateEvent::with_empty_state_key(encryption).to_raw_any()];
        request.creation_content = Some(made_for(user));
        let room = self.session.client().create_room(request).await;
        room.map_err(|error| NoRoom::Failed(CallError::from(&error)))
    }

    /// Whether a room was made for this person of which the answer was lost: the next sync tells of it. Only rooms that
    /// no sync has told of are asked about.
    async fn made_before(&self, user: &UserId) -> Result<bool, CallError> {
        let asked = self.session.client().send(joined_rooms::v3::Request::new()).await;
        for room in asked.map_err(|error| CallError::from(&error))?.joined_rooms {
            if self.directory().room(room.as_str()).is_none() && self.is_for(&room, user).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_for(&self, room: &OwnedRoomId, user: &UserId) -> Result<bool, CallError> {
        let request = get_state_event_for_key::v3::Request::new(
            room.clone(),
            StateEventType::RoomCreate,
            String::new(),
        );
        let answer = self.session.client().send(request).await.map_err(|error| CallError::from(&error))?;
        let made: Option<Made> = serde_json::from_str(answer.event_or_content.get()).ok();
        Ok(made.and_then(|made| made.by_usher_for).as_ref() == Some(user))
    }
}

/// What a room is made with that is for this person.
fn made_for(user: &UserId) -> Raw<CreationContent> {
    let made = BTreeMap::from([(FOR, user)]);
    Raw::from_json(serde_json::value::to_raw_value(&made).expect("a map of strings is JSON"))
}
