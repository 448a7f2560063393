//! Reads a Slack export, as Slack makes it, into events: a zip or a folder with `users.json`, the lists of
//! channels, and a folder a channel with a JSON file a day.
//!
//! It is read a day at a time: memory is that of the busiest day. Within a day the messages of all
//! channels come in the order of their time. What cannot be played is counted, never passed over in
//! silence; a file that is no JSON is named with its line.
//!
//! An export holds the last text of an edited message and not the first, so a message is played with
//! its last text. `message_changed` and `message_deleted` entries, which some exports hold, are played
//! as the changes they were.

mod day;
mod roster;
mod shape;
mod source;
mod tally;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use chrono::NaiveDate;
use serde::Deserialize;
use smol_str::{SmolStr, format_smolstr};

use self::day::{DayOf, Placed};
use self::roster::Roster;
use self::shape::{Line, Place, User};
use self::source::Source;
use self::tally::{Mended, Skipped};
pub use self::{roster::Naming, tally::Tally};
use crate::calendar::{DAY_MS, Instant};
use crate::core::event::{ChannelFacts, ChannelKind, Event, Platform, What};

/// Why an export cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The zip, the folder or a file in it cannot be opened or read.
    #[error("cannot read {path}: {why}")]
    Open {
        /// Which.
        path: String,
        /// Why; it is told with the path, so it is no source to be told once more.
        why: io::Error,
    },
    /// None of the files of an export is there.
    #[error("{path} is no Slack export: it holds neither users.json nor channels.json")]
    NotAnExport {
        /// What was given.
        path: String,
    },
    /// A file is larger than any day of talk.
    #[error("{file} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// Which.
        file: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// A file is not the JSON that Slack writes.
    #[error("{file}:{line}:{column}: {problem}")]
    Broken {
        /// Which.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
}

/// What to do about a day's file that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBroken {
    /// Stop there.
    Stop,
    /// Leave the file out and count it.
    Skip,
}

/// An export that is being read.
pub struct Export {
    source: Source,
    roster: Roster,
    tally: Tally,
    on_broken: OnBroken,
    days: std::vec::IntoIter<Day>,
    first_day: Option<NaiveDate>,
    total_bytes: u64,
    read_bytes: u64,
    bytes: Vec<u8>,
}

/// The files of one date: a channel's number and a file's number.
struct Day {
    files: Vec<(usize, usize)>,
}

impl Export {
    /// Opens the zip or folder at `path` and reads its lists.
    ///
    /// # Errors
    /// When it cannot be read, is no export, or one of its lists is broken.
    pub fn open(path: &Path, naming: Naming, on_broken: OnBroken) -> Result<Export, ExportError> {
        let source = Source::open(path)?;
        if source.find("users.json").is_none() && source.find("channels.json").is_none() {
            return Err(ExportError::NotAnExport { path: path.display().to_string() });
        }
        let mut export = Export {
            source,
            roster: Roster::new(naming),
            tally: Tally::default(),
            on_broken,
            days: Vec::new().into_iter(),
            first_day: None,
            total_bytes: 0,
            read_bytes: 0,
            bytes: Vec::new(),
        };
        export.read_lists()?;
        export.find_days();
        Ok(export)
    }

    fn read_lists(&mut self) -> Result<(), ExportError> {
        let mut bytes = Vec::new();
        if let Some(file) = self.source.find("users.json") {
            self.source.read(file, &mut bytes)?;
            let users: Vec<User<'_>> = parse(&bytes, &self.source, file)?;
            self.roster.add_users(&users);
        }
        for (name, kind) in [
            ("channels.json", ChannelKind::Public),
            ("groups.json", ChannelKind::Private),
            ("mpims.json", ChannelKind::Direct),
            ("dms.json", ChannelKind::Direct),
        ] {
            if let Some(file) = self.source.find(name) {
                self.source.read(file, &mut bytes)?;
                let places: Vec<Place<'_>> = parse(&bytes, &self.source, file)?;
                self.roster.add_places(&places, kind);
            }
        }
        Ok(())
    }

    /// Sorts the files in channels' folders by date.
    fn find_days(&mut self) {
        let mut days: BTreeMap<NaiveDate, Vec<(usize, usize)>> = BTreeMap::new();
        for (number, file) in self.source.files().iter().enumerate() {
            let Some((folder, name)) = file.name.split_once('/') else { continue };
            let date = name.strip_suffix(".json").and_then(|date| date.parse::<NaiveDate>().ok());
            let Some(date) = date else {
                self.tally.skip(Skipped::OtherFile);
                continue;
            };
            let channel = self.roster.channel_of_folder(folder).unwrap_or_else(|| {
                self.tally.mend(Mended::UnlistedChannel);
                self.roster.add_unlisted(folder)
            });
            self.total_bytes += file.bytes;
            days.entry(date).or_default().push((channel, number));
        }
        self.first_day = days.keys().next().copied();
        self.days = days.into_values().map(|files| Day { files }).collect::<Vec<_>>().into_iter();
    }

    /// When the export begins: a day before its first, because nobody says in which zone its days are.
    /// `None` for an export without days.
    pub fn begins_at(&self) -> Option<Instant> {
        let midnight = self.first_day?.and_hms_opt(0, 0, 0)?.and_utc();
        Some(Instant::from(midnight).plus(-DAY_MS))
    }

    /// The users and channels, as events at `at`. Users are handed over once.
    pub fn introductions(&mut self, at: Instant) -> Vec<Event> {
        let event = |key: SmolStr, what| Event { key, at, platform: Platform::Slack, what };
        let channels = self.roster.channels().iter().map(|(channel, facts)| {
            let what = What::Channel { channel: channel.clone(), facts: facts.clone() };
            event(format_smolstr!("channel/{channel}"), what)
        });
        let channels: Vec<Event> = channels.collect();
        let users = self.roster.take_listed().into_iter();
        let users =
            users.map(|(user, facts)| event(format_smolstr!("user/{user}"), What::User { user, facts }));
        users.chain(channels).collect()
    }

    /// The channels, in the order of the export's lists.
    pub fn channels(&self) -> impl Iterator<Item = (&SmolStr, &ChannelFacts)> {
        self.roster.channels().iter().map(|(id, facts)| (id, facts))
    }

    /// The events of the next day, in the order of time; `None` at the end.
    ///
    /// # Errors
    /// When a file cannot be read, or is broken and [`OnBroken::Stop`] was asked for.
    pub fn next_day(&mut self) -> Result<Option<Vec<Event>>, ExportError> {
        let Some(day) = self.days.next() else { return Ok(None) };
        let mut events = Vec::new();
        for (channel, file) in day.files {
            self.read_bytes += self.source.files()[file].bytes;
            match self.read_file(channel, file, &mut events) {
                Err(ExportError::Broken { .. }) if self.on_broken == OnBroken::Skip => {
                    self.tally.skip(Skipped::BrokenFile);
                }
                outcome => outcome?,
            }
        }
        // Stable: what happened in one channel at one time keeps its order.
        events.sort_by_cached_key(|placed| placed.micros);
        Ok(Some(events.into_iter().map(|placed| placed.event).collect()))
    }

    fn read_file(
        &mut self,
        channel: usize,
        file: usize,
        events: &mut Vec<Placed>,
    ) -> Result<(), ExportError> {
        self.source.read(file, &mut self.bytes)?;
        let lines: Vec<Line<'_>> = parse(&self.bytes, &self.source, file)?;
        let channel = self.roster.channel_id(channel).clone();
        events.reserve(lines.len());
        DayOf { channel, roster: &mut self.roster, tally: &mut self.tally, events }.read(&lines);
        Ok(())
    }

    /// What was left out and what was mended so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How far it is: bytes of day files read, and all of them.
    pub fn progress_bytes(&self) -> (u64, u64) {
        (self.read_bytes, self.total_bytes)
    }
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8], source: &Source, file: usize) -> Result<T, ExportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        let told = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
        let is_empty = bytes.iter().all(u8::is_ascii_whitespace);
        let problem = if is_empty { "the file is empty" } else { told };
        ExportError::Broken {
            file: source.label(file),
            line: error.line().max(1),
            // At the end of a line there is no character to count.
            column: error.column().max(1),
            problem: problem.to_owned(),
        }
    })
}
