//! `runbook`: the agreement on one page.

use super::{Asked, promise};
use crate::core::engine::Engine;
use crate::core::line::Line;
use crate::core::message::{Message, Part};
use crate::runbook::{By, Channel, Name, Phone, Runbook, Who};

/// More channels than this are counted.
const CHANNELS: usize = 40;

impl Engine {
    /// Levels, channels, tools, links, and whom to call in an emergency.
    pub(in crate::core) fn cheat_sheet(&mut self, asked: &Asked<'_>) -> Message {
        let Some(runbook) = self.runbook() else { return Message::default() };
        let line = Line::default().strong(&runbook.team.name).words(": how we reach each other.");
        let line = levels(line, &runbook);
        let line = self.channels(line, &runbook, asked);
        let line = tools(line, &runbook);
        let line = self.emergency(line, &runbook, asked);
        let line = line.newline().words("Revision ");
        let id = self.calendars.current().map(|revision| revision.id.clone()).unwrap_or_default();
        line.code(&id).words(". ").code("due #channel").words(" says when an answer would be owed.").done()
    }

    fn channels(&mut self, line: Line, runbook: &Runbook, asked: &Asked<'_>) -> Line {
        if runbook.channels.is_empty() {
            return line;
        }
        let mut line = line.newline().strong("Where");
        for (name, channel) in runbook.channels.iter().take(CHANNELS) {
            let id = match self.calendars.current() {
                Some(revision) => self.places.find(revision, name).map(|(_, id)| id),
                None => None,
            };
            line = line.bullet().part(match id {
                Some(channel) => Part::Channel { channel, name: name.clone() },
                None => Part::Words(format!("#{name}")),
            });
            line = self.channel(line, channel, asked);
        }
        match runbook.channels.len().saturating_sub(CHANNELS) {
            0 => line,
            more => line.bullet().words(&format!("and {more} more")),
        }
    }

    /// `: Questions from customers. blocking, by on-duty (Ben now). A good question says: …`
    fn channel(&self, line: Line, channel: &Channel, asked: &Asked<'_>) -> Line {
        let line = match &channel.purpose {
            Some(purpose) => line.words(": ").words(purpose).words("."),
            None => line.words("."),
        };
        let line = match &channel.urgency {
            Some(level) => line.words(" Level ").strong(&level.name).words("."),
            None => line,
        };
        let line = match channel.responders.is_empty() {
            true => line,
            false => line.words(" Answered by ").parts(self.whose(&channel.responders, asked.now)).words("."),
        };
        match &channel.template {
            Some(template) => line.words(" A good question says: ").quote(template),
            None => line,
        }
    }

    /// Whom to reach when it cannot wait: those of the interrupting levels, and their numbers.
    fn emergency(&self, line: Line, runbook: &Runbook, asked: &Asked<'_>) -> Line {
        let interrupting = || runbook.levels.iter().filter(|level| level.interrupts);
        if interrupting().next().is_none() {
            return line;
        }
        let mut line = line.newline().strong("In an emergency");
        for level in interrupting() {
            line = match level.marks.last() {
                Some(mark) => line.bullet().words("Begin a message with ").code(mark),
                None => line.bullet().words("Say ").code(&format!("urgent {}", level.name)),
            };
            line = line.words(&format!(" ({})", level.means));
            let pages = level.escalate.iter().filter(|step| step.by == By::Pager);
            let paged: Vec<Who> = pages.flat_map(|step| step.tell.iter().cloned()).collect();
            if !paged.is_empty() {
                line = line.words(": I page ").parts(self.whose(&paged, asked.now));
            }
            line = line.words(".");
        }
        let steps = interrupting().flat_map(|level| level.escalate.iter());
        let who: Vec<Who> = steps.flat_map(|step| step.tell.iter().cloned()).collect();
        let mut people = self.calendars.members(&self.people, &who, asked.now);
        people.retain(|person| runbook.people.get(person).is_some_and(|listed| listed.phone.is_some()));
        people.iter().fold(line, |line, person| self.number(line.bullet(), runbook, person))
    }

    fn number(&self, line: Line, runbook: &Runbook, person: &Name) -> Line {
        let line = line.part(self.words().name(person));
        match runbook.people.get(person).and_then(|listed| listed.phone.as_ref()) {
            Some(Phone::Number(number)) => line.words(": ").code(number),
            Some(Phone::Secret(_)) => line.words(": their number is kept by the admins"),
            None => line,
        }
    }
}

fn levels(line: Line, runbook: &Runbook) -> Line {
    if runbook.levels.is_empty() {
        return line;
    }
    let line = line.newline().strong("How urgent");
    runbook.levels.iter().fold(line, |line, level| {
        let line = line.bullet().strong(&level.name);
        let line = match level.marks.as_slice() {
            [] => line,
            marks => line.words(" (").listed(marks, |line, mark| line.code(mark)).words(")"),
        };
        line.words(&format!(": {}; {}", level.means, promise(level)))
    })
}

fn tools(line: Line, runbook: &Runbook) -> Line {
    let line = if runbook.uses.is_empty() { line } else { line.newline().strong("Which tool") };
    let line = runbook.uses.iter().fold(line, |line, tool| {
        let line =
            line.bullet().words(&format!("{} ({}): {}", tool.purpose, tool.style, tool.tools.join(", ")));
        match &tool.answer_within {
            Some(within) => line.words(&format!("; answered within {within}")),
            None => line,
        }
    });
    let line = if runbook.links.is_empty() { line } else { line.newline().strong("Links") };
    runbook.links.iter().fold(line, |line, (name, url)| {
        line.bullet().part(Part::Link { url: url.clone(), label: name.to_string() })
    })
}
