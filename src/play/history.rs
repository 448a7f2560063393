//! A recorded history is played: event by event, with everything that falls due between two of them at
//! its own instant. It ends with its last event: what is open then stays open.
//!
//! How far it has been played is committed with the events, so a replay into a database that was killed
//! goes on where it stopped, and ends as if it had not been.

use std::iter;

use smol_str::{SmolStr, format_smolstr};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use super::figures::Figures;
use super::telling::Telling;
use super::{Audience, Ends, Play, PlayError};
use crate::calendar::Instant;
use crate::chat::slack_export::{Export, ExportError, Tally};
use crate::core::action::{Action, Target};
use crate::core::event::{ChannelId, Event, Fate, MessageRef, Platform, RevisionText, What};
use crate::core::turn::Turn;
use crate::driver::{Inbound, Position};
use crate::stop::Stop;
use crate::store::Store;

/// The name under which the store keeps how far a history has been played.
const SOURCE: SmolStr = SmolStr::new_static("replay");

/// Why a history cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The export cannot be read.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The play cannot go on.
    #[error(transparent)]
    Play(#[from] PlayError),
    /// There is nothing in it.
    #[error("the export has no days")]
    Empty,
    /// The store holds the play of something else.
    #[error("the database has played another history: it holds `{found}`, and this is `{given}`")]
    Other {
        /// What it holds.
        found: String,
        /// What was given.
        given: String,
    },
    /// The thread that reads the export ended.
    #[error("the reader of the export ended: {0}")]
    Reader(#[source] JoinError),
    /// What is told cannot be written.
    #[error("cannot write what was said: {0}")]
    Write(#[from] std::io::Error),
}

/// Who hears a replay: the figures, and whoever reads what was said.
pub struct Listener<'o> {
    /// The figures.
    pub figures: Figures,
    /// What is printed.
    pub telling: Telling<'o>,
}

/// How far a history was played.
#[derive(Debug)]
pub struct Replayed {
    /// Events that an earlier run had played already.
    pub before: u64,
    /// Events that are played now.
    pub events: u64,
    /// Whether somebody asked for an end before there were no more of them.
    pub stopped: bool,
    /// What was left out of the export, and what was mended.
    pub tally: Tally,
}

/// Plays `export` under a runbook into `store`. `progress` is told how many bytes of all have been read.
///
/// # Errors
/// When the export cannot be read or the play cannot go on; what was played until then is in the store.
pub async fn replay(
    export: Export,
    store: Store,
    revision: RevisionText,
    ends: Ends,
    listener: &mut Listener<'_>,
    progress: impl FnMut(u64, u64),
) -> Result<Replayed, HistoryError> {
    let begins_at = export.begins_at().ok_or(HistoryError::Empty)?;
    // A store in memory is gone with the process: nobody can go on from it.
    let keeps_position = match &store {
        Store::Memory(_) => false,
        Store::Sql(_) => true,
    };
    let play = Play::open(store, Platform::Slack, begins_at, ends.faults).await?;
    let history = format!("{}@{begins_at}", revision.id);
    let played = played_before(&play, &history)?;
    if let Some(alive) = play.driver().last_alive() {
        play.set_clock(alive);
    }
    let mut course = Course { play, played, count: 0, history, keeps_position };
    // What was committed and not sent when an earlier run ended.
    course.play.settle(listener).await?;
    let first = opening(revision, begins_at);
    let (stopped, tally) = course.run(first, export, &ends.stop, listener, progress).await?;
    course.play.settle(listener).await?;
    let events = course.count.max(played);
    course.play.close().await;
    listener.telling.check()?;
    Ok(Replayed { before: played, events, stopped, tally })
}

type Day = Result<Option<Vec<Event>>, ExportError>;

fn read_next_day(mut export: Export) -> JoinHandle<(Export, Day)> {
    spawn_blocking(move || {
        let day = export.next_day();
        (export, day)
    })
}

fn opening(revision: RevisionText, at: Instant) -> Event {
    let key = format_smolstr!("revision/{}", revision.id);
    Event { key, at, platform: Platform::Slack, what: What::Revision(revision) }
}

/// How many events the store has, of this history.
fn played_before(play: &Play, history: &str) -> Result<u64, HistoryError> {
    let Some(token) = play.driver().positions().get(&SOURCE) else { return Ok(0) };
    let other = || HistoryError::Other { found: token.clone(), given: history.to_owned() };
    let (count, found) = token.split_once(' ').ok_or_else(other)?;
    if found != history {
        return Err(other());
    }
    count.parse().map_err(|_| other())
}

/// A play and how far along its history it is.
struct Course {
    play: Play,
    /// Events that an earlier run had played.
    played: u64,
    /// Events so far, those included.
    count: u64,
    /// What is played, as the position names it.
    history: String,
    keeps_position: bool,
}

impl Course {
    /// Plays all that there is, or until somebody asks for an end; whether somebody did, and what was left out.
    async fn run(
        &mut self,
        opening: Event,
        mut export: Export,
        stop: &Stop,
        listener: &mut Listener<'_>,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(bool, Tally), HistoryError> {
        let introductions = export.introductions(opening.at);
        let mut events: Vec<Event> = iter::once(opening).chain(introductions).collect();
        loop {
            let (read, total) = export.progress_bytes();
            // The next day is read while this one is played.
            let reading = read_next_day(export);
            let stopped = self.day(events, stop, listener).await?;
            progress(read, total);
            let (exported, next) = reading.await.map_err(HistoryError::Reader)?;
            export = exported;
            match next? {
                Some(next) if !stopped => events = next,
                Some(_) | None => return Ok((stopped, export.tally().clone())),
            }
        }
    }

    /// Plays what happened on a day; whether somebody asked for an end.
    async fn day(
        &mut self,
        events: Vec<Event>,
        stop: &Stop,
        listener: &mut Listener<'_>,
    ) -> Result<bool, HistoryError> {
        for event in events {
            if stop.is_wanted() {
                return Ok(true);
            }
            self.happen(event, listener).await?;
        }
        // What lies in a database stays there for whoever wants to look at it.
        if !self.keeps_position {
            self.play.sweep().await?;
        }
        listener.telling.check()?;
        Ok(false)
    }

    async fn happen(&mut self, event: Event, listener: &mut Listener<'_>) -> Result<(), PlayError> {
        self.count += 1;
        listener.telling.learn(&event);
        if self.count <= self.played {
            return Ok(());
        }
        listener.figures.event(&event);
        if listener.telling.is_silent() {
            return self.offer(event, listener).await;
        }
        // What falls due before it is told before it.
        self.play.pass_until(event.at, listener).await?;
        self.play.settle(listener).await?;
        listener.telling.event(&event);
        self.offer(event, listener).await?;
        self.play.settle(listener).await
    }

    async fn offer(&mut self, event: Event, listener: &mut Listener<'_>) -> Result<(), PlayError> {
        let position = self
            .keeps_position
            .then(|| Position { source: SOURCE, token: format!("{} {}", self.count, self.history) });
        self.play.happen(Inbound { position, ..event.into() }, listener).await
    }
}

impl Audience for Listener<'_> {
    fn decided(&mut self, turn: &Turn) {
        self.figures.turn(turn);
        self.telling.turn(turn);
    }

    fn deliver(&mut self, action: &Action, now: Instant) -> Fate {
        self.telling.action(action, now);
        Fate::Sent(message_of(action))
    }

    fn position(&self) -> Option<Position> {
        None
    }
}

/// What the platform would have called the message: always the same for the same action.
fn message_of(action: &Action) -> Option<MessageRef> {
    let channel: ChannelId = match &action.to {
        Target::Thread { channel, .. }
        | Target::Channel { channel, .. }
        | Target::Private { channel, .. } => channel.clone(),
        Target::Direct { user, .. } => format_smolstr!("@{user}"),
        Target::Home { .. } | Target::Amend { .. } | Target::Page { .. } => return None,
    };
    Some(MessageRef { channel, id: format_smolstr!("usher/{}", action.id) })
}
