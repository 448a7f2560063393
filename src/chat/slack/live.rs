//! Slack as it is now: its payloads become committed events, and who is in it becomes known.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use smol_str::format_smolstr;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::directory::{self, Directory};
use super::forms::{self, Form};
use super::inbound::{self, Context, Heard, Notice, Payload, Reading, Strangers, Wanted};
use super::intake::{Intake, Kind, Taken};
use super::web::{self, CallError, Page, Web};
use super::wire::{ChannelRow, channel_row, user_row};
use crate::calendar::Instant;
use crate::chat::Answer;
use crate::clock::Clock;
use crate::core::event::{ChannelId, ChannelKind, Event, MessageId, Platform, UserId, What};
use crate::driver::{DriverHandle, Inbound, NotTaken, Unread};
use crate::runbook_file::digest;

/// Slack waits three seconds for an acknowledgement; within this it gets one, or sends again, in ms.
const WITHIN_MS: u64 = 2_500;
/// A form opens within this, or is given up: its trigger lives three seconds.
const FORM: Duration = Duration::from_secs(2);
/// So often a payload is read anew because something in it had to be asked about first.
const QUESTIONS: usize = 8;
/// More members of a channel are not asked for: of one so large everyone may be one.
const MEMBER_PAGES: usize = 25;

/// A workspace.
pub struct Live {
    web: Arc<Web>,
    driver: DriverHandle,
    clock: Clock,
    directory: Mutex<Directory>,
    /// The urgency levels that a form offers.
    levels: Vec<String>,
}

impl Live {
    /// The workspace behind `web`, in which Usher is `identity`.
    pub fn new(web: Arc<Web>, driver: DriverHandle, clock: Clock, identity: directory::Identity) -> Live {
        let directory = Mutex::new(Directory::new(identity));
        Live { web, driver, clock, directory, levels: Vec::new() }
    }

    /// The same, whose forms offer these urgency levels.
    #[must_use]
    pub fn offering(mut self, levels: Vec<String>) -> Live {
        self.levels = levels;
        self
    }

    /// Learns who there is, so that names are known before the first message is read. Rows that cannot be
    /// read are left out, and said so.
    ///
    /// # Errors
    /// When Slack does not tell, or the driver has stopped.
    pub async fn learn_users(&self) -> Result<(), LiveError> {
        let users = |cursor: Option<String>| async move { self.web.users(cursor.as_deref()).await };
        let rows = self.rows(web::MOST_PAGES, users).await?;
        self.submit_all(rows.iter().filter_map(|row| self.user_told(row)).collect()).await
    }

    /// Learns which channels there are; those that Usher is in.
    ///
    /// # Errors
    /// See [`Live::learn_users`].
    pub async fn learn_channels(&self) -> Result<Vec<ChannelId>, LiveError> {
        let channels = |cursor: Option<String>| async move { self.web.channels(cursor.as_deref()).await };
        let (mut joined, mut told) = (Vec::new(), Vec::new());
        for row in self.rows(web::MOST_PAGES, channels).await? {
            if let Some((event, is_in)) = self.channel_told(&row).await? {
                joined.extend(is_in);
                told.push(event);
            }
        }
        self.submit_all(told).await?;
        Ok(joined)
    }

    /// Events may have been missed from `from` on: no clock fires until they are read.
    ///
    /// # Errors
    /// When the driver has stopped.
    pub async fn declare_gap(&self, from: Instant) -> Result<(), LiveError> {
        let at = self.clock.now();
        let key = format_smolstr!("slack/gap/{}/{}", from.ms(), at.ms());
        let what = What::Gap { channel: None, from };
        self.submit(Event { key, at, platform: Platform::Slack, what }).await
    }

    /// A call that is made again while Slack asks to wait or cannot be reached.
    pub(super) async fn patiently<T, C>(&self, call: impl Fn() -> C) -> Result<T, LiveError>
    where
        C: Future<Output = Result<T, CallError>>,
    {
        Ok(web::patiently(&self.clock, call).await?)
    }

    /// What a row tells of a user, if it can be read.
    fn user_told(&self, row: &RawValue) -> Option<Event> {
        match user_row(row.get().as_bytes()) {
            Ok(row) => Some(self.directory().user_event(row, self.clock.now())),
            Err(error) => {
                tracing::warn!(%error, "a user cannot be read and is left out");
                None
            }
        }
    }

    /// What a row tells of a channel, if it can be read; and the channel's id, if Usher is in it.
    async fn channel_told(&self, row: &RawValue) -> Result<Option<(Event, Option<ChannelId>)>, LiveError> {
        let row: ChannelRow = match channel_row(row.get().as_bytes()) {
            Ok(row) => row,
            Err(error) => {
                tracing::warn!(%error, "a channel cannot be read and is left out");
                return Ok(None);
            }
        };
        let is_in = row.usher_is_in == Some(true);
        let id = row.id.clone();
        // Everyone may read a public channel, whoever is in it.
        let members = if is_in && row.facts.kind != ChannelKind::Public {
            self.members(&id).await?
        } else {
            Vec::new()
        };
        let event = self.directory().channel_event(row, members, self.clock.now());
        Ok(Some((event, is_in.then_some(id))))
    }

    async fn members(&self, channel: &ChannelId) -> Result<Vec<UserId>, LiveError> {
        self.rows(MEMBER_PAGES, |cursor| async move { self.web.members(channel, cursor.as_deref()).await })
            .await
    }

    /// The rows of a list, however long Slack takes, of at most so many pages.
    async fn rows<T, C>(&self, most: usize, page: impl Fn(Option<String>) -> C) -> Result<Vec<T>, LiveError>
    where
        C: Future<Output = Result<Page<T>, CallError>>,
    {
        let page = &page;
        let patient = |cursor: Option<String>| async move {
            web::patiently(&self.clock, || page(cursor.clone())).await
        };
        Ok(web::follow(most, patient).await?.rows)
    }

    /// Hands in an event, however long the driver takes; the directory follows.
    pub(super) async fn submit(&self, event: Event) -> Result<(), LiveError> {
        self.submit_all(vec![event]).await
    }

    /// Hands in events in their order. None waits for the one before it to be durable, so they share commits:
    /// one by one, a workspace of ten thousand people took a minute to learn.
    pub(super) async fn submit_all(&self, events: Vec<Event>) -> Result<(), LiveError> {
        let mut acked = Vec::with_capacity(events.len());
        for event in &events {
            let (ack, done) = oneshot::channel();
            let inbound = Inbound { ack: Some(ack), ..event.clone().into() };
            self.driver.submit(inbound).await.map_err(|_| LiveError::Stopped)?;
            acked.push(done);
        }
        for (event, acked) in events.iter().zip(acked) {
            acked.await.map_err(|_| LiveError::Stopped)?;
            self.directory().learn(event);
        }
        Ok(())
    }

    /// The first messages of those threads of a channel in which an answer is owed.
    pub(super) async fn open_threads(&self, channel: &ChannelId) -> Result<Vec<MessageId>, LiveError> {
        loop {
            match self.driver.open_threads(channel, WITHIN_MS).await {
                Ok(threads) => return Ok(threads),
                Err(NotTaken::Busy) => {}
                Err(NotTaken::Stopped) => return Err(LiveError::Stopped),
            }
        }
    }

    pub(super) fn driver(&self) -> &DriverHandle {
        &self.driver
    }

    pub(super) fn web(&self) -> &Web {
        &self.web
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(super) fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take_payload(&self, kind: Kind, payload: &[u8]) -> Taken {
        let kind = match kind {
            Kind::Event => Payload::Event,
            Kind::Interaction => Payload::Interactive,
            Kind::Command => Payload::Command,
            Kind::CommandForm => Payload::CommandForm,
            Kind::Unknown => return self.keep(payload, "an envelope of an unknown kind").await,
        };
        match self.reading(|context| inbound::read(kind, payload, context)).await {
            Reading::Heard(heard) => self.commit(heard).await,
            Reading::Ignored(why) => {
                tracing::debug!(?why, "a payload says nothing for Usher");
                Taken::Acknowledged
            }
            Reading::Unreadable(why) => self.keep(payload, &why.to_string()).await,
            // Everything was asked about, and Slack is gone on without.
            Reading::Learn(_) => Taken::NotTaken,
        }
    }

    /// Keeps what cannot be read; it may be acknowledged when that is durable. Sent again, it is the same.
    pub(super) async fn keep(&self, payload: &[u8], why: &str) -> Taken {
        let digest = digest(std::iter::once(payload));
        tracing::warn!(%digest, bytes = payload.len(), "what Slack sent cannot be read; it is kept aside");
        let key = format_smolstr!("slack/{}/unread/{digest}", self.directory().identity().team);
        match self.driver.set_aside(Unread::new(key, payload, why), WITHIN_MS).await {
            Ok(_) => Taken::Acknowledged,
            Err(_) => Taken::NotTaken,
        }
    }

    /// Reads something; what is unknown in it is asked about first.
    pub(super) async fn reading(&self, read: impl Fn(&Context<'_>) -> Reading) -> Reading {
        let mut strangers = Strangers::Ask;
        for _ in 0..QUESTIONS {
            let reading = {
                let directory = self.directory();
                read(&Context { directory: &directory, now: self.clock.now(), strangers })
            };
            let Reading::Learn(wanted) = reading else { return reading };
            for wanted in &wanted {
                if let Err(error) = self.ask(wanted).await {
                    tracing::info!(%error, ?wanted, "Slack does not tell; it is read without");
                    strangers = Strangers::GoOn;
                }
            }
        }
        let directory = self.directory();
        read(&Context { directory: &directory, now: self.clock.now(), strangers: Strangers::GoOn })
    }

    async fn ask(&self, wanted: &Wanted) -> Result<(), LiveError> {
        match wanted {
            Wanted::User(user) => {
                let row = self.web.user(user).await?;
                self.submit_all(self.user_told(&row).into_iter().collect()).await
            }
            Wanted::Channel(channel) => {
                let row = self.web.channel(channel).await?;
                let told = self.channel_told(&row).await?.map(|(event, _)| event);
                self.submit_all(told.into_iter().collect()).await
            }
            Wanted::Direct(user) => {
                let channel = self.web.open_direct(user).await?;
                self.directory().learn_direct(user.clone(), channel);
                Ok(())
            }
            Wanted::Group(group) => {
                let handle = self.web.group_handle(group).await?;
                self.directory().learn_group(group.clone(), handle);
                Ok(())
            }
        }
    }

    /// Commits what was heard; it may be acknowledged when all of it is durable.
    async fn commit(&self, heard: Heard) -> Taken {
        let Heard { events, notices } = heard;
        // The answer may be on its way as soon as the event is committed.
        notices.iter().for_each(|notice| self.keep_address(notice));
        for event in events {
            if self.driver.handle(event.clone(), None, WITHIN_MS).await.is_err() {
                return Taken::NotTaken;
            }
            self.directory().learn(&event);
        }
        let mut taken = Taken::Acknowledged;
        for notice in notices {
            if let Some(answer) = self.heed(notice).await {
                taken = Taken::Answered(answer);
            }
        }
        taken
    }

    /// Does what a notice asks for; what Slack wants said back, if it wants something.
    async fn heed(&self, notice: Notice) -> Option<Box<RawValue>> {
        match notice {
            Notice::Challenge(challenge) => return Some(echo(challenge)),
            Notice::TokensRevoked { own: true } => self.web.doubt_token("tokens_revoked"),
            Notice::Uninstalled => self.web.doubt_token("app_uninstalled"),
            Notice::Invited { channel } | Notice::Left { channel } => {
                if let Err(error) = self.ask(&Wanted::Channel(channel)).await {
                    tracing::warn!(%error, "a channel cannot be learnt");
                }
            }
            Notice::Form { form, place, trigger_id, otherwise } => {
                self.open(form, &place, &trigger_id, *otherwise).await;
            }
            Notice::NextForm { form, place } => return Some(forms::next(form, &place, &self.levels)),
            Notice::WrongForm(wrong) => return Some(forms::wrong(wrong)),
            Notice::GroupNamed { id, handle } => self.directory().learn_group(id, handle),
            Notice::TokensRevoked { own: false } | Notice::Respond { .. } | Notice::Continues { .. } => {}
        }
        None
    }

    /// Keeps where an answer can be said, if that is what a notice tells.
    fn keep_address(&self, notice: &Notice) {
        if let Notice::Respond { key, url, in_thread } = notice {
            if !self.web.keep_address(key, url, *in_thread) {
                tracing::warn!(%key, "an answer shall go to an address that is not Slack's: it does not");
            }
        } else if let Notice::Continues { key, of } = notice {
            self.web.share_address(key, of);
        }
    }

    /// Shows a form, or tells how to do without it.
    async fn open(&self, form: Form, place: &forms::Place, trigger_id: &str, otherwise: Event) {
        let view = form.view(place, &self.levels);
        let why = match timeout(FORM, self.web.open_view(trigger_id, &view)).await {
            // Slack had it before.
            Ok(Err(CallError::Refused(code))) if code == "exchanged_trigger_id" => return,
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "Slack takes too long".to_owned(),
        };
        tracing::warn!(%why, ?form, "a form does not open");
        if self.driver.handle(otherwise, None, WITHIN_MS).await.is_err() {
            tracing::warn!(?form, "nor is it told how to do without");
        }
    }
}

/// What tells Slack that an address is ours.
fn echo(challenge: String) -> Box<RawValue> {
    let echo = BTreeMap::from([("challenge", challenge)]);
    serde_json::value::to_raw_value(&echo).expect("a map of strings is JSON")
}

impl Intake for Live {
    fn take<'a>(&'a self, kind: Kind, payload: &'a [u8]) -> Answer<'a, Taken> {
        Box::pin(self.take_payload(kind, payload))
    }
}

impl From<CallError> for LiveError {
    fn from(error: CallError) -> LiveError {
        LiveError::Refused(error.to_string())
    }
}

/// Why the workspace cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Slack will not do something that is needed.
    #[error("Slack refuses: {0}")]
    Refused(String),
    /// The driver has stopped.
    #[error("the driver has stopped")]
    Stopped,
}
