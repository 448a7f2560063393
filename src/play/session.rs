//! A room with Usher in it: lines go in, entries come out.

use std::path::PathBuf;

use super::notes;
use super::{Audience, Play, PlayError};
use crate::calendar::Instant;
use crate::chat::console::script::Line;
use crate::chat::console::{Effect, Entry, LineError, Received, Room};
use crate::core::action::Action;
use crate::core::event::{Event, Fate, MessageRef, Platform, RevisionText, What};
use crate::core::turn::Turn;
use crate::driver::{Inbound, Position};
use crate::fault::Faults;
use crate::runbook::Runbook;
use crate::runbook_file::{self, RevisionError};
use crate::store::Store;

/// The name under which the store keeps the room.
const SOURCE: &str = "console";
/// What falls due "at 13:00" may be a little later, since each line takes a millisecond.
const GRACE_MS: i64 = 499;

/// Why a line failed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The line cannot be carried out; nothing changed.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The runbook cannot be read; the old one stays.
    #[error(transparent)]
    Runbook(#[from] RevisionError),
    /// The play cannot go on.
    #[error(transparent)]
    Play(#[from] PlayError),
    /// An earlier error ended the session.
    #[error("the session is over")]
    Over,
    /// The room that the store holds cannot be read.
    #[error("the room in the store cannot be read: {0}")]
    Room(#[from] serde_json::Error),
}

/// How faithfully events are delivered: the outcome must be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Each once.
    Once,
    /// Each twice.
    Twice,
    /// Each once, and the process dies after every line.
    WithRestarts,
}

/// What a line asks of whoever runs the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    None,
    /// The tour.
    Tour,
    /// The help, or how one instruction goes.
    Help(Option<String>),
    /// Everyone and their time.
    Who,
    /// To leave.
    Quit,
}

/// See the module.
#[derive(Debug)]
pub struct Session {
    play: Option<Play>,
    stage: Stage,
    /// Where the paths of runbooks start.
    folder: PathBuf,
    runbook_file: Option<String>,
    delivery: Delivery,
}

/// The room, and what has been shown in it since somebody looked.
#[derive(Debug)]
struct Stage {
    room: Room,
    taken: Taken,
}

/// What came out of a session since this was asked last.
#[derive(Debug, Default)]
pub struct Taken {
    /// What is to be shown.
    pub entries: Vec<Entry>,
    /// What happened and what was decided.
    pub heard: Vec<Heard>,
}

/// Something that happened, or a decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// It happened.
    Event(Event),
    /// It was decided.
    Turn(Turn),
}

impl Heard {
    /// The decision, if it is one.
    pub fn into_turn(self) -> Option<Turn> {
        match self {
            Heard::Event(_) => None,
            Heard::Turn(turn) => Some(turn),
        }
    }
}

impl Session {
    /// Opens the room that the store holds, or `room` where it holds none, under a runbook.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn open(
        store: Store,
        room: Room,
        revision: (Runbook, RevisionText),
        folder: PathBuf,
        delivery: Delivery,
        faults: Faults,
    ) -> Result<Session, SessionError> {
        let play = Play::open(store, Platform::Console, Instant::MIN, faults).await?;
        let room: Room = match play.driver().positions().get(SOURCE) {
            Some(kept) => serde_json::from_str(kept)?,
            None => room,
        };
        play.set_clock(room.now());
        let mut session = Session {
            play: Some(play),
            stage: Stage { room, taken: Taken::default() },
            folder,
            runbook_file: None,
            delivery,
        };
        session.enact(revision).await?;
        Ok(session)
    }

    /// The room.
    pub fn room(&self) -> &Room {
        &self.stage.room
    }

    /// The room, to set who one is.
    pub fn room_mut(&mut self) -> &mut Room {
        &mut self.stage.room
    }

    /// What came out since this was asked last.
    pub fn take(&mut self) -> Taken {
        std::mem::take(&mut self.stage.taken)
    }

    /// Carries out a line.
    ///
    /// # Errors
    /// When it cannot be carried out; after an error of the play, the session is over.
    pub async fn line(&mut self, line: &Line) -> Result<Wish, SessionError> {
        let (entries, effect) = self.stage.room.carry_out(line)?;
        self.stage.taken.entries.extend(entries);
        match effect {
            Effect::Nothing => {}
            Effect::Happened(events) => self.happen(events).await?,
            Effect::PassUntil(to) => self.pass_until(to).await?,
            Effect::JumpTo(to) => self.start_again(to).await?,
            Effect::Crash => self.start_again(self.stage.room.now()).await?,
            Effect::Runbook(file) => self.read_runbook(file).await?,
            Effect::Tour => return Ok(Wish::Tour),
            Effect::Help(about) => return Ok(Wish::Help(about)),
            Effect::Who => return Ok(Wish::Who),
            Effect::Quit => return Ok(Wish::Quit),
        }
        if self.delivery == Delivery::WithRestarts {
            self.restart().await?;
        }
        self.keep_room().await?;
        Ok(Wish::None)
    }

    async fn happen(&mut self, events: Vec<Event>) -> Result<(), SessionError> {
        let play = self.play.as_mut().ok_or_else(gone)?;
        for event in events {
            if self.delivery == Delivery::Twice {
                play.happen(event.clone().into(), &mut self.stage).await?;
            }
            self.stage.taken.heard.push(Heard::Event(event.clone()));
            let position = self.stage.position();
            play.happen(Inbound { position, ..event.into() }, &mut self.stage).await?;
            play.settle(&mut self.stage).await?;
        }
        self.stage.room.set_now(play.now());
        Ok(())
    }

    async fn pass_until(&mut self, to: Instant) -> Result<(), SessionError> {
        let play = self.play.as_mut().ok_or_else(gone)?;
        play.pass_until_with_grace(to, GRACE_MS, &mut self.stage).await?;
        self.stage.room.set_now(play.now());
        Ok(())
    }

    /// The process dies now and a new one starts at `at`.
    async fn start_again(&mut self, at: Instant) -> Result<(), SessionError> {
        let before = self.stage.room.now();
        self.restart().await?;
        let play = self.play.as_ref().ok_or_else(gone)?;
        let last_alive = play.driver().last_alive();
        self.stage.room.set_now(at);
        let room = &mut self.stage.room;
        let words = if at > before { "Usher was off till now" } else { "Usher starts again" };
        self.stage.taken.entries.push(Entry::stage(room.now(), words.to_owned()));
        // Nothing can have been missed here, but a process that starts cannot know that.
        let missed = What::Gap { channel: None, from: last_alive.unwrap_or(before) };
        let whats = [missed, What::Started { last_alive }, What::Filled { channel: None }];
        let events = whats.map(|what| room.event(what));
        self.begin(events.to_vec()).await?;
        self.pass_until(self.stage.room.now()).await
    }

    /// What a process hears first. It hears that before it looks at what fell due while there was none.
    async fn begin(&mut self, events: Vec<Event>) -> Result<(), SessionError> {
        let play = self.play.as_mut().ok_or_else(gone)?;
        play.set_clock(self.stage.room.now());
        for event in events {
            if self.delivery == Delivery::Twice {
                play.hear(event.clone().into());
            }
            self.stage.taken.heard.push(Heard::Event(event.clone()));
            let position = self.stage.position();
            play.hear(Inbound { position, ..event.into() });
        }
        play.settle(&mut self.stage).await?;
        self.stage.room.set_now(play.now());
        Ok(())
    }

    async fn restart(&mut self) -> Result<(), SessionError> {
        let play = self.play.take().ok_or_else(gone)?;
        self.play = Some(play.restart().await?);
        Ok(())
    }

    async fn read_runbook(&mut self, file: Option<String>) -> Result<(), SessionError> {
        let file = file.or_else(|| self.runbook_file.clone()).ok_or(LineError::NoRunbookFile)?;
        let path = self.folder.join(&file);
        let revision = runbook_file::revision(&path)?;
        self.runbook_file = Some(file);
        self.enact(revision).await
    }

    /// Puts a revision in force and lets in whom it names.
    async fn enact(&mut self, (runbook, text): (Runbook, RevisionText)) -> Result<(), SessionError> {
        let words = format!("the runbook is {}, revision {}", text.file, text.id);
        let event = self.stage.room.event(What::Revision(text));
        self.stage.taken.entries.push(Entry::stage(event.at, words));
        let mut events = vec![event];
        events.extend(self.stage.room.welcome(&runbook));
        self.happen(events).await
    }

    /// Keeps the room where the next visit finds it.
    async fn keep_room(&mut self) -> Result<(), SessionError> {
        if let (Some(play), Some(position)) = (&self.play, self.stage.position()) {
            play.keep(position).await?;
        }
        Ok(())
    }

    /// Lets others have the store.
    pub async fn close(self) {
        if let Some(play) = self.play {
            play.close().await;
        }
    }
}

impl Audience for Stage {
    fn decided(&mut self, turn: &Turn) {
        self.taken.heard.push(Heard::Turn(turn.clone()));
        if !self.room.shows_notes() {
            return;
        }
        let zone = self.room.zone();
        let about = |message: &MessageRef| format!("[{}]", message.id);
        let notes = turn.notes.iter().filter_map(|note| notes::words(note, zone, about));
        self.taken.entries.extend(notes.map(|words| Entry::note(turn.now, words)));
    }

    fn deliver(&mut self, action: &Action, now: Instant) -> Fate {
        self.room.set_now(now);
        match self.room.receive(action) {
            Received::Shown(message, entry) => {
                self.taken.entries.push(entry);
                Fate::Sent(message)
            }
            Received::NoPlace(why) => Fate::Refused(why),
        }
    }

    fn position(&self) -> Option<Position> {
        let token = serde_json::to_string(&self.room).ok()?;
        Some(Position { source: SOURCE.into(), token })
    }
}

/// A session whose play ended with an error takes no more lines.
fn gone() -> SessionError {
    SessionError::Over
}
