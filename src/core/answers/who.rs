//! `who`: who is on duty and in, who owns a topic, where somebody is and how to reach them.

use super::presence::Presence;
use super::{Asked, LISTED, Reader};
use crate::calendar::{DAY_MS, Instant};
use crate::core::command::{ChannelNamed, Whom};
use crate::core::engine::Engine;
use crate::core::line::{Line, joined};
use crate::core::message::{Message, Part};
use crate::runbook::{Name, Phone, Runbook, Who};

/// A handoff further ahead than this is not looked for.
const HANDOFF_WITHIN_MS: i64 = 200 * DAY_MS;
/// So many people are looked at for who is in; a bigger team asks about a group.
const LOOKED_AT: usize = 200;

impl Engine {
    /// Who is on duty and who is in.
    pub(in crate::core) fn who_now(&mut self, asked: &Asked<'_>) -> Message {
        let Some(runbook) = self.runbook() else { return Message::default() };
        let reader = self.reader(&asked.by, asked.now);
        let mut line = Line::default();
        for rotation in runbook.rotations.keys() {
            line = self.duty(line, &runbook, rotation, reader).newline();
        }
        let mut people: Vec<Name> = runbook.people.keys().cloned().collect();
        if people.is_empty() {
            people = self.people.all(&runbook);
        }
        people.truncate(LOOKED_AT);
        self.in_and_out(line, &people, reader).done()
    }

    pub(super) fn in_and_out(&mut self, line: Line, people: &[Name], reader: Reader) -> Line {
        let (mut present, mut absent) = (Vec::new(), Vec::new());
        for person in people {
            let name = self.words().name(person);
            match self.presence(person, reader.now) {
                Presence::In { focus_until: None, .. } => present.push(vec![name]),
                Presence::In { focus_until: Some(_), .. } => {
                    present.push(vec![name, Part::Words(" (in focus)".to_owned())]);
                }
                Presence::Out { back, .. } => absent.push((back.unwrap_or(Instant::MAX), name)),
            }
        }
        let line = line.words("In the office: ");
        let line = match present.is_empty() {
            true => line.words("nobody now."),
            false => line.parts(joined(capped(present), "and")).words("."),
        };
        absent.sort_by_key(|(back, _)| *back);
        let soonest = absent.iter().take(3).filter(|(back, _)| *back < Instant::MAX);
        let line =
            if absent.is_empty() { line } else { line.newline().words(&format!("Off: {}", absent.len())) };
        let line = soonest.enumerate().fold(line, |line, (nth, (back, name))| {
            let line = line.words(if nth == 0 { "; first back: " } else { ", " }).part(name.clone());
            reader.time(line.words(" "), *back)
        });
        if absent.is_empty() { line } else { line.words(".") }
    }

    /// `on-duty: Chidi until Mon 09:00, then Ben.`
    pub(super) fn duty(&self, line: Line, runbook: &Runbook, rotation: &Name, reader: Reader) -> Line {
        let line = line.strong(rotation).words(": ");
        let words = self.words();
        let shifts = runbook.rotations[rotation].shifts(reader.now, reader.now.plus(HANDOFF_WITHIN_MS));
        match (self.calendars.on_duty(rotation, reader.now), shifts.as_slice()) {
            (Some(person), [shift, next, ..]) if shift.span.contains(reader.now) => {
                let line = self.with_stand_in(line, &person, reader.now).words(" until ");
                let line = reader.time(line, shift.span.to);
                line.words(", then ").part(words.name(&next.who)).words(".")
            }
            (Some(person), _) => self.with_stand_in(line, &person, reader.now).words("."),
            (None, [first, ..]) => {
                let line = line.words("nobody yet; ").part(words.name(&first.who)).words(" from ");
                reader.time(line, first.span.from).words(".")
            }
            (None, []) => line.words("nobody."),
        }
    }

    /// A person; while they are on leave, with whoever stands in.
    fn with_stand_in(&self, line: Line, person: &Name, now: Instant) -> Line {
        let line = line.part(self.words().name(person));
        match self.calendars.stand_in(&self.people, person, now) {
            Some(deputy) => line.words(" (away; ").part(self.words().name(&deputy)).words(" stands in)"),
            None => line,
        }
    }

    /// About somebody or something.
    pub(in crate::core) fn who(&mut self, asked: &Asked<'_>, whom: &Whom) -> Message {
        let Some(runbook) = self.runbook() else { return Message::default() };
        let reader = self.reader(&asked.by, asked.now);
        match whom {
            Whom::Of(who) => self.about(Line::default(), &runbook, who, reader).done(),
            Whom::Topic(topic) => {
                let owner = &runbook.owners[topic];
                let line = Line::default()
                    .strong(topic)
                    .words(" is with ")
                    .parts(self.whose(std::slice::from_ref(owner), asked.now));
                self.about(line.words(".").newline(), &runbook, owner, reader).done()
            }
            Whom::Channel(channel) => self.who_answers(&runbook, channel, reader),
        }
    }

    fn about(&mut self, line: Line, runbook: &Runbook, who: &Who, reader: Reader) -> Line {
        match who {
            Who::Person(person) => self.about_person(line, runbook, person, reader),
            Who::Rotation(rotation) => {
                let line = self.duty(line, runbook, rotation, reader);
                match self.calendars.on_duty(rotation, reader.now) {
                    Some(person) => self.about_person(line.newline(), runbook, &person, reader),
                    None => line,
                }
            }
            Who::Group(group) => {
                let members = runbook.groups.get(group).cloned().unwrap_or_default();
                let line = line.strong(group).words(": ").parts(self.words().names(&members)).words(".");
                self.in_and_out(line.newline(), &members, reader)
            }
            Who::Responders => line,
        }
    }

    fn about_person(&mut self, line: Line, runbook: &Runbook, person: &Name, reader: Reader) -> Line {
        let line =
            self.presence_words(line.part(self.words().name(person)).words(": "), person, reader).words(".");
        let line = match self.calendars.stand_in(&self.people, person, reader.now) {
            Some(deputy) => line.words(" ").part(self.words().name(&deputy)).words(" stands in."),
            None => line,
        };
        let on_duty: Vec<&str> = runbook
            .rotations
            .keys()
            .filter(|rotation| self.calendars.on_duty(rotation, reader.now).as_ref() == Some(person))
            .map(Name::as_str)
            .collect();
        let line = match on_duty.is_empty() {
            true => line,
            false => line.words(&format!(" On duty now: {}.", on_duty.join(", "))),
        };
        let own = Who::Person(person.clone());
        let topics: Vec<&str> =
            runbook.owners.iter().filter(|(_, who)| **who == own).map(|(topic, _)| topic.as_str()).collect();
        let line = match topics.is_empty() {
            true => line,
            false => line.words(&format!(" Ask them about {}.", topics.join(", "))),
        };
        reach(line, runbook, person)
    }

    fn who_answers(&self, runbook: &Runbook, channel: &ChannelNamed, reader: Reader) -> Message {
        let line = Line::default().part(channel_part(channel));
        let responders = self.policy_of(runbook, channel).responders;
        match responders.is_empty() {
            true => line.words(": whoever is mentioned there answers.").done(),
            false => {
                line.words(" is answered by ").parts(self.whose(&responders, reader.now)).words(".").done()
            }
        }
    }
}

/// How somebody is reached, as the runbook says.
fn reach(line: Line, runbook: &Runbook, person: &Name) -> Line {
    let Some(listed) = runbook.people.get(person) else { return line };
    let line = match &listed.reach_me {
        Some(how) => line.newline().words("To reach them: ").quote(how).words("."),
        None => line,
    };
    phone(line, listed.phone.as_ref())
}

fn phone(line: Line, phone: Option<&Phone>) -> Line {
    match phone {
        Some(Phone::Number(number)) => line.newline().words("In an emergency: ").code(number).words("."),
        Some(Phone::Secret(_)) => line.newline().words("Their telephone number is kept by the admins."),
        None => line,
    }
}

/// The part of a message that names a channel, known to the platform or not.
pub(super) fn channel_part(channel: &ChannelNamed) -> Part {
    match &channel.id {
        Some(id) => Part::Channel { channel: id.clone(), name: channel.name.clone() },
        None => Part::Words(format!("#{}", channel.name)),
    }
}

/// No more than a list should have; the rest is counted.
fn capped(mut names: Vec<Vec<Part>>) -> Vec<Vec<Part>> {
    let more = names.len().saturating_sub(LISTED);
    if more > 0 {
        names.truncate(LISTED);
        names.push(vec![Part::Words(format!("{more} more"))]);
    }
    names
}
