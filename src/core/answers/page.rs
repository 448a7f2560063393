//! `runbook`: the agreement on one page.

use super::{Asked, promise};
use crate::calendar::Instant;
use crate::core::engine::Engine;
use crate::core::line::{Line, joined};
use crate::core::message::{Message, Part};
use crate::runbook::{AnsweredBy, By, Channel, MetBy, Runbook, Voice, Who};

/// More channels than this are counted.
const CHANNELS: usize = 40;

impl Engine {
    /// Levels, channels, tools, links, and whom to call in an emergency.
    pub(in crate::core) fn cheat_sheet(&self, asked: &Asked<'_>) -> Message {
        let Some(runbook) = self.runbook() else { return Message::default() };
        let line = Line::default().strong(&runbook.team.name).words(": how we reach each other.");
        let line = self.levels_shown(line, &runbook, asked.now);
        let line = self.channels(line, &runbook, asked);
        let line = tools(line, &runbook);
        let line = self.emergency(line, &runbook, asked);
        let line = line.newline().words("Revision ");
        let id = self.calendars.current().map(|revision| revision.id.clone()).unwrap_or_default();
        line.code(&id).words(". ").code("due #channel").words(" says when an answer would be owed.").done()
    }

    /// `blocking (!blocking): I cannot go on; an answer within 4 h of office hours. Only platform may raise it.`
    fn levels_shown(&self, line: Line, runbook: &Runbook, now: Instant) -> Line {
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
            let line = line.words(&format!(": {}; {}.", level.means, promise(level)));
            let line = match (level.met_by, level.respond_within) {
                (MetBy::Acknowledge, Some(_)) => line.words(" To take it is enough."),
                (MetBy::Acknowledge, None) | (MetBy::Answer, _) => line,
            };
            match (level.raised_by.is_empty(), level.interrupts) {
                (true, false) => line,
                (true, true) => line.words(" Only people of the runbook may raise it."),
                (false, _) => {
                    line.words(" Only ").parts(self.raisers(&level.raised_by, now)).words(" may raise it.")
                }
            }
        })
    }

    /// Who may raise a level, by name: `platform or kim`.
    fn raisers(&self, who: &[Who], now: Instant) -> Vec<Part> {
        let each = who.iter().map(|who| match who {
            Who::Person(person) => vec![self.words().name(person)],
            Who::Group(name) if self.calendars.listed(who, now).is_empty() => {
                vec![Part::Words(format!("{name} (nobody yet)"))]
            }
            Who::Group(name) => vec![Part::Words(name.to_string())],
            Who::Rotation(name) => vec![Part::Words(format!("whoever is {name}"))],
            Who::Responders => vec![Part::Words("those who owe the answer".to_owned())],
        });
        joined(each.collect(), "or")
    }

    fn channels(&self, line: Line, runbook: &Runbook, asked: &Asked<'_>) -> Line {
        if runbook.channels.is_empty() {
            return line;
        }
        let mut line = line.newline().strong("Where");
        for (name, channel) in runbook.channels.iter().take(CHANNELS) {
            let current = self.calendars.current();
            let there = current.map(|revision| self.places.find(revision, name)).unwrap_or_default();
            let near = there.iter().find(|(platform, _)| *platform == asked.event.platform);
            let found = near.or(there.first());
            line = line.bullet().part(match found {
                Some((_, channel)) => Part::Channel { channel: channel.clone(), name: name.clone() },
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
        let line = self.answerers(line, channel, asked);
        let line = match (channel.acknowledge.as_slice(), promises_answers(channel)) {
            ([], _) | (_, false) => line,
            (reactions, true) => {
                let each = reactions.iter().map(|reaction| vec![Part::Code(reaction.shown())]).collect();
                line.words(" ").parts(joined(each, "or")).words(" takes a question.")
            }
        };
        let line = line.words(match channel.voice {
            Voice::Speak => "",
            Voice::Private => " I speak there to one person alone, never before all.",
            Voice::Watch => " I only watch there, and say nothing.",
        });
        match &channel.template {
            Some(template) => line.words(" A good question says: ").quote(template),
            None => line,
        }
    }

    /// Who answers in a channel, and whose answer counts.
    fn answerers(&self, line: Line, channel: &Channel, asked: &Asked<'_>) -> Line {
        if channel.responders.is_empty() {
            return match promises_answers(channel) {
                true => line.words(" Answered by whoever is mentioned."),
                false => line,
            };
        }
        let line = line.words(" Answered by ").parts(self.whose(&channel.responders, asked.now));
        line.words(match channel.answered_by {
            AnsweredBy::Anyone => ".",
            AnsweredBy::Responders => "; only their answer counts.",
        })
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
            let each: Vec<Vec<Part>> = pages.map(|step| self.whose(&step.tell, asked.now)).collect();
            if !each.is_empty() {
                let then = |line: Line, who: Vec<Part>| line.words(", then ").parts(who);
                let mut each = each.into_iter();
                line = line.words(": I page ").parts(each.next().unwrap_or_default());
                line = each.fold(line, then);
            }
            if !self.may_raise(runbook, level, &asked.by, asked.now) {
                line = line.words(". You may not raise it yourself; ask one of those who may");
            }
            line = line.words(".");
        }
        let steps = interrupting().flat_map(|level| level.escalate.iter());
        let who: Vec<Who> = steps.flat_map(|step| step.tell.iter().cloned()).collect();
        let mut people = self.calendars.members(&self.people, &who, asked.now);
        people.retain(|person| runbook.people.get(person).is_some_and(|listed| listed.phone.is_some()));
        people.iter().fold(line, |line, person| self.words().by_phone(line.bullet(), person))
    }
}

/// Whether what is asked in a channel without a mark is owed an answer.
fn promises_answers(channel: &Channel) -> bool {
    channel.urgency.as_ref().is_some_and(|level| level.respond_within.is_some())
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
