//! The rooms in which Usher speaks to one person alone. Each is opened once, encrypted, and only with people of the
//! runbook or who spoke first: nobody is asked into a room by a stranger's bot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use matrix_sdk::config::RequestConfig;
use matrix_sdk::ruma::api::client::membership::joined_rooms;
use matrix_sdk::ruma::api::client::room::create_room::v3::{CreationContent, Request, RoomPreset};
use matrix_sdk::ruma::api::client::state::get_state_event_for_key;
use matrix_sdk::ruma::events::room::encryption::RoomEncryptionEventContent;
use matrix_sdk::ruma::events::{InitialStateEvent, StateEventType};
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId as RumaUserId};
use matrix_sdk::{Room, RoomMemberships, RoomState};
use rustc_hash::FxHashSet;
use serde::Deserialize;
use tokio::sync::SetOnce;
use tokio::time::timeout;

use super::directory::Directory;
use super::error::CallError;
use super::session::Session;
use crate::core::event::{ChannelId, UserId};
use crate::driver::{DriverHandle, Memo, MemoKind};

/// In what a room was made with stands whom Usher made it for: an answer that was lost is found again by it.
const FOR: &str = "dev.usher.direct";
/// A room that is not made within this is looked for before another is.
const ANSWER: Duration = Duration::from_secs(20);
/// So long after a start it may take until the rooms are known.
const READY: Duration = Duration::from_secs(10);
/// The driver answers within this, or is asked again later, in ms.
const WITHIN_MS: u64 = 5_000;

/// The rooms of Usher and one person.
pub struct Directs {
    session: Arc<Session>,
    directory: Arc<Mutex<Directory>>,
    /// Known once the driver runs.
    driver: SetOnce<DriverHandle>,
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

/// What there is for the two.
enum Known {
    /// A room in which both are, or the person is asked in.
    Shared(Room),
    /// One that the person has left.
    Left(Room, OwnedUserId),
    /// None.
    None,
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
        let (driver, opening) = (SetOnce::new(), tokio::sync::Mutex::default());
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

    /// The driver, which is known soon after a start: whoever has something left to say waits for it.
    async fn driver(&self) -> Result<&DriverHandle, NoRoom> {
        timeout(READY, self.driver.wait()).await.map_err(|_| NoRoom::NotYet)
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
        match self.known(user).await? {
            Known::Shared(room) => Ok(Some(room)),
            Known::Left(..) => Err(NoRoom::Never(DECLINED)),
            Known::None => Ok(None),
        }
    }

    async fn known(&self, user: &UserId) -> Result<Known, NoRoom> {
        let driver = self.driver().await?;
        let known = self.directory().direct(user).cloned();
        let room = match known {
            Some(room) => Some(room),
            None => {
                let kept = driver.memo(MemoKind::Direct, user, WITHIN_MS).await;
                kept.map_err(|_| NoRoom::NotYet)?.map(ChannelId::from)
            }
        };
        let Some(room) = room.and_then(|room| self.joined(&room)) else { return Ok(Known::None) };
        let Ok(id) = RumaUserId::parse(user.as_str()) else { return Ok(Known::None) };
        let member = room.get_member_no_sync(&id).await.map_err(|error| failed(&error))?;
        Ok(match member {
            Some(member) if !RoomMemberships::ACTIVE.matches(member.membership()) => Known::Left(room, id),
            // A room that was just made is told of by the next sync.
            Some(_) | None => Known::Shared(room),
        })
    }

    fn joined(&self, room: &ChannelId) -> Option<Room> {
        let room = self.session.client().get_room(&RoomId::parse(room.as_str()).ok()?)?;
        (room.state() == RoomState::Joined).then_some(room)
    }

    /// The same; opened if there is none. `answers` says that the person has just asked for something: then whoever has
    /// left their room is asked in once more.
    ///
    /// # Errors
    /// When there is none and none can be opened.
    pub async fn open(&self, user: &UserId, answers: bool) -> Result<Room, NoRoom> {
        let _one_at_a_time = self.opening.lock().await;
        match self.known(user).await? {
            Known::Shared(room) => return Ok(room),
            Known::Left(room, user) if answers => {
                room.invite_user_by_id(&user).await.map_err(|error| failed(&error))?;
                // Who is in it a sync tells; until then nothing would be encrypted for them.
                return Err(NoRoom::NotYet);
            }
            Known::Left(..) => return Err(NoRoom::Never(DECLINED)),
            Known::None if answers || self.is_welcome(user) => {}
            Known::None => return Err(NoRoom::Never(STRANGER)),
        }
        let id = match self.made_before(user).await.map_err(NoRoom::Failed)? {
            Some(made) => made,
            None => self.make(user).await?,
        };
        // It is in it; so the library hears of it without a sync.
        let room = self.session.client().join_room_by_id(&id).await.map_err(|error| failed(&error))?;
        self.directory().learn_direct(user.clone(), ChannelId::new(id.as_str()));
        let memo = Memo { kind: MemoKind::Direct, key: user.clone(), value: Some(id.to_string()) };
        let driver = self.driver().await?;
        driver.remember(vec![memo], None, WITHIN_MS).await.map_err(|_| NoRoom::NotYet)?;
        Ok(room)
    }

    async fn make(&self, user: &UserId) -> Result<OwnedRoomId, NoRoom> {
        let never = |_| NoRoom::Never(STRANGER);
        let invited = RumaUserId::parse(user.as_str()).map_err(never)?;
        let encryption = RoomEncryptionEventContent::with_recommended_defaults();
        let mut request = Request::new();
        request.preset = Some(RoomPreset::TrustedPrivateChat);
        request.is_direct = true;
        request.invite = vec![invited];
        request.initial_state = vec![InitialStateEvent::with_empty_state_key(encryption).to_raw_any()];
        request.creation_content = Some(made_for(user));
        // Asked once more, it would make another.
        let once = RequestConfig::new().timeout(ANSWER).disable_retry();
        let made = self.session.client().send(request).with_request_config(once).await;
        Ok(made.map_err(|error| NoRoom::Failed(CallError::from(&error)))?.room_id)
    }

    /// The room that was made for this person, if the answer was lost. Only rooms that no sync has told of are asked
    /// about.
    async fn made_before(&self, user: &UserId) -> Result<Option<OwnedRoomId>, CallError> {
        let asked = self.session.client().send(joined_rooms::v3::Request::new()).await;
        for room in asked.map_err(|error| CallError::from(&error))?.joined_rooms {
            if self.directory().room(room.as_str()).is_none() && self.is_for(&room, user).await? {
                return Ok(Some(room));
            }
        }
        Ok(None)
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

fn failed(error: &matrix_sdk::Error) -> NoRoom {
    NoRoom::Failed(CallError::from(error))
}

/// What a room is made with that is for this person.
fn made_for(user: &UserId) -> Raw<CreationContent> {
    let made = BTreeMap::from([(FOR, user)]);
    Raw::from_json(serde_json::value::to_raw_value(&made).expect("a map of strings is JSON"))
}
