//! `due`: when an answer is owed here, or would be if one asked now, and why then.

use std::sync::Arc;

use smol_str::SmolStr;

use super::who::channel_part;
use super::{Asked, Reader, Thread, promise};
use crate::calendar::{Instant, Span};
use crate::core::case::{Case, Owed};
use crate::core::command::{ChannelNamed, Mistake};
use crate::core::deadline::{Course, apart};
use crate::core::engine::Engine;
use crate::core::line::Line;
use crate::core::message::Message;
use crate::core::terms::length;
use crate::runbook::{Channel, Clock, Level, Name, Runbook, Who};

impl Engine {
    /// When the answer in this thread is owed.
    pub(in crate::core) fn due_here(&mut self, asked: &Asked<'_>, thread: &Thread) -> Message {
        let Some((case, owed)) = self.open_in(thread) else {
            return self.why(&thread.key, &thread.about, &asked.by, asked.now);
        };
        let reader = self.reader(&asked.by, asked.now);
        let course = self.course(&case, &owed, asked.now);
        let due = course.due(&owed);
        let line = self.due_line(Line::default(), &case, &owed, due, reader);
        let line = line.newline().strong(&owed.level.name).words(&format!(": {}. ", promise(&owed.level)));
        let elapsed = length(course.elapsed_ms(&owed, asked.now));
        let line = match owed.level.clock {
            Clock::OfficeHours => line.words(&format!("{elapsed} of the office hours of ")),
            Clock::Always => line.words(&format!("{elapsed} since it was asked of ")),
        };
        let line = line.parts(self.whose(&case.who, asked.now)).words(" have passed. ");
        let spans = course.open_spans(owed.since, due.unwrap_or(asked.now));
        reader.spans(line.words("The clock: "), &spans).words(".").done()
    }

    /// `Owed by 14:00 (13:00 in Lagos).`
    pub(super) fn due_line(
        &self,
        line: Line,
        case: &Case,
        owed: &Owed,
        due: Option<Instant>,
        reader: Reader,
    ) -> Line {
        let line = match (due, owed.paused_since()) {
            (_, Some(since)) => {
                let line = line.words("It stands still since ");
                let line = reader.time(line, since).words(", until ");
                line.part(self.words().name(&case.asker)).words(" replies.")
            }
            (Some(due), None) if due <= reader.now => {
                reader.time(line.words("An answer was due by "), due).words(".")
            }
            (Some(due), None) => reader.time(line.words("An answer is owed by "), due).words("."),
            (None, None) => {
                line.words("An answer is owed once somebody who owes it is in; I see no such hour ahead.")
            }
        };
        match &owed.taken {
            Some((taker, at)) => {
                let line = line.words(" ").part(self.words().name(taker)).words(" took it, ");
                reader.time(line, *at).words(".")
            }
            None => line,
        }
    }

    /// When an answer would be owed if one asked in a channel now.
    pub(in crate::core) fn due_if_asked(
        &mut self,
        asked: &Asked<'_>,
        channel: Option<&ChannelNamed>,
        level: Option<&Name>,
    ) -> Result<Message, Mistake> {
        let runbook = self.runbook().ok_or(Mistake::NoRunbook)?;
        let here = ChannelNamed { name: self.places.shown(asked.channel), id: Some(asked.channel.clone()) };
        let channel = channel.unwrap_or(&here);
        let policy = self.policy_of(&runbook, channel);
        let named = level.and_then(|name| runbook.level(name)).cloned();
        let Some(level) = named.clone().or(policy.urgency.clone()) else {
            let line = Line::of("A message without a mark promises nothing in ");
            let line = line.part(channel_part(channel)).words(". Name a level: ");
            return Ok(self.levels(line, &runbook).words(".").done());
        };
        let line = Line::of("Asked in ").part(channel_part(channel)).words(" now");
        if level.respond_within.is_none() {
            let line = line.words(", nothing is owed: ").strong(&level.name);
            return Ok(line.words(&format!(" means “{}”.", level.means)).done());
        }
        let who = whom_asked(&policy, &level, named.is_some());
        let who = apart(&self.calendars, &who, &asked.by, asked.now);
        if who.is_empty() {
            let line = line.words(", whoever you mention owes ").words(&promise(&level)).words(": ");
            return Ok(line
                .strong(&level.name)
                .words(", in their hours. ")
                .code("hours @name")
                .words(" shows those.")
                .done());
        }
        Ok(self.due_of(line, &level, &who, asked))
    }

    fn due_of(&mut self, line: Line, level: &Arc<Level>, who: &[Who], asked: &Asked<'_>) -> Message {
        let reader = self.reader(&asked.by, asked.now);
        let owed = Owed {
            message: SmolStr::default(),
            asks: SmolStr::default(),
            level: Arc::clone(level),
            revision: 0,
            since: asked.now,
            taken: None,
            pauses: Vec::new(),
            unread: Vec::new(),
            anew: 0,
            end: None,
        };
        let course = Course::of(&mut self.calendars, &self.people, &owed, who, asked.now);
        let Some(due) = course.due(&owed) else {
            return line.words(", I see no hour ahead in which anybody who owes the answer is in.").done();
        };
        let line = reader.time(line.words(", an answer is owed by "), due).words(".").newline();
        let line = line.strong(&level.name).words(&format!(": {}, from ", promise(level)));
        let line = line.parts(self.whose(who, asked.now)).words(". The clock: ");
        let spans: Vec<Span> = course.open_spans(asked.now, due);
        let line = reader.spans(line, &spans).words(".");
        let Some(runbook) = self.runbook() else { return line.done() };
        if !self.may_raise(&runbook, level, &asked.by, asked.now) {
            return line.newline().words("The runbook lets only others raise this level.").done();
        }
        match level.marks.last() {
            Some(mark) => {
                line.newline().words("Begin the message with ").code(mark).words(" to raise it.").done()
            }
            None => line.done(),
        }
    }

    /// What the runbook says of a channel.
    pub(super) fn policy_of(&self, runbook: &Runbook, channel: &ChannelNamed) -> Channel {
        let by_id = channel.id.as_ref().zip(self.calendars.current());
        let policy = match by_id {
            Some((id, revision)) => self.places.policy_unkept(revision, id),
            None => runbook.channels.get(&channel.name).unwrap_or(&runbook.elsewhere),
        };
        policy.clone()
    }

    /// The levels that promise something, to choose from.
    pub(super) fn levels(&self, line: Line, runbook: &Runbook) -> Line {
        let promising = runbook.levels.iter().filter(|level| level.respond_within.is_some());
        line.listed(promising, |line, level| line.code(&level.name))
    }
}

/// Who would owe: the channel's responders; else, for a level that is named, the first step of its ladder.
fn whom_asked(policy: &Channel, level: &Level, named: bool) -> Vec<Who> {
    if !policy.responders.is_empty() {
        return policy.responders.clone();
    }
    let first = level.escalate.first().filter(|_| named);
    first
        .into_iter()
        .flat_map(|step| step.tell.iter().filter(|who| **who != Who::Responders))
        .cloned()
        .collect()
}
