//! `why`: the rule, the revision of the runbook, the clock with its open and closed intervals, and what
//! was decided, silence included.

use super::{Asked, Reader, STRETCHES, promise};
use crate::calendar::{Instant, Span};
use crate::core::case::{Case, End, Owed};
use crate::core::deadline::Course;
use crate::core::engine::Engine;
use crate::core::event::{MessageId, MessageRef};
use crate::core::ladder::kind_of;
use crate::core::line::Line;
use crate::core::message::{Message, Part};
use crate::core::said::OwedSaid;
use crate::core::strand::StrandKey;
use crate::core::terms::{kind_words, length, silence_words};
use crate::core::turn::Noted;
use crate::runbook::{Clock, Name, Voice};

impl Engine {
    /// Why Usher did or did not speak about a message that `asked` can read.
    pub(in crate::core) fn why_message(&mut self, asked: &Asked<'_>, message: &MessageRef) -> Message {
        let key = self.strand_of(message).unwrap_or_else(|| StrandKey::line(&message.channel));
        let key = self.home_of(&key, key.root.as_ref());
        self.explain(&key, &message.id, &asked.by, asked.now)
    }

    /// Why Usher did or did not speak about a question, or about the thread around a message.
    pub(in crate::core) fn why(
        &mut self,
        key: &StrandKey,
        about: &MessageId,
        by: &Name,
        now: Instant,
    ) -> Message {
        let root = key.root.clone().or_else(|| Some(about.clone()));
        let thread = super::Thread { key: key.clone(), about: about.clone(), root };
        let owed = self.owed_in(&thread);
        let open = owed.iter().rev().find(|(_, owed)| owed.end.is_none()).or(owed.last());
        let message = open.map_or_else(|| about.clone(), |(_, owed)| owed.message.clone());
        self.explain(key, &message, by, now)
    }

    fn explain(&mut self, key: &StrandKey, message: &MessageId, by: &Name, now: Instant) -> Message {
        let reader = self.reader(by, now);
        let strand = self.strands.get(key);
        let found = strand.and_then(|strand| strand.owing(message));
        let found = found.map(|(case, owed)| (case.clone(), owed.clone()));
        let voice = match &found {
            Some((_, owed)) => self.voice_about(&key.channel, owed),
            None => self.voice(&key.channel),
        };
        let line = match found {
            Some((case, owed)) => {
                let line = self.rule(Line::default(), key, &case, &owed, reader);
                let course = self.course(&case, &owed, now);
                let line = self.clock(line.newline(), &case, &owed, &course, reader);
                let line = unread(line, &owed, reader);
                self.story(line, key, &owed, &course, reader)
            }
            None => {
                let why = self.why_not(key, message);
                self.why_not_words(Line::default(), key, &why)
            }
        };
        let line = self.about_call(line, key, message);
        match voice {
            Voice::Speak => line,
            Voice::Watch => line.newline().words("I only watch this channel: I say nothing in it and tell the admins daily what I would have said."),
            Voice::Private => line.newline().words("In this channel I give hints in private only."),
        }
        .done()
    }

    /// Which rule, of which revision.
    fn rule(&mut self, line: Line, key: &StrandKey, case: &Case, owed: &Owed, reader: Reader) -> Line {
        let level = &owed.level;
        let line =
            line.strong(&level.name).words(&format!(" (“{}”): {}, from ", level.means, promise(level)));
        let line = line.parts(self.whose(&case.who, reader.now)).words(". ");
        let revision = self.calendars.numbered(owed.revision);
        let of_channel = revision.is_some_and(|revision| {
            let policy = self.places.policy_unkept(revision, &key.channel);
            policy.urgency.as_ref().is_some_and(|urgency| urgency.name == level.name)
        });
        let line = match of_channel {
            true => line.words("That is the level of ").part(self.places.part(&key.channel)),
            false => line.words("It was raised to that level"),
        };
        match revision {
            Some(revision) => {
                let line =
                    line.words(", by revision ").code(&revision.id).words(" of the runbook, in force since ");
                reader.time(line, revision.at).words(".")
            }
            None => line.words("."),
        }
    }

    /// When the clock ran and when it stood.
    fn clock(&self, line: Line, case: &Case, owed: &Owed, course: &Course, reader: Reader) -> Line {
        let line = line.part(self.words().name(&case.asker)).words(" asked, ");
        let line = reader.time(line, owed.since).words(". ");
        let due = course.due(owed);
        let line = match &owed.end {
            Some(End { at, how }) => {
                let line = self.words().ended(line, how);
                let line = reader.time(line.words(", "), *at);
                line.words(&format!(", after {} on its clock.", length(course.elapsed_ms(owed, *at))))
            }
            None => self.due_line(line, case, owed, due, reader),
        };
        let until = owed.end.as_ref().map(|end| end.at).or(due).unwrap_or(reader.now).max(owed.since);
        let line = match owed.level.clock {
            Clock::Always => line.newline().words("The clock runs at any hour"),
            Clock::OfficeHours => {
                let open = course.open_spans(owed.since, until);
                let closed = between(&open, Span { from: owed.since, to: until });
                let line = line.newline().words("The clock: ");
                let line = stretches(line, &open, &closed, reader);
                if open.is_empty() && closed.is_empty() { line.words("has not run yet") } else { line }
            }
        };
        let waited: Vec<Span> = owed
            .pauses
            .iter()
            .map(|pause| Span { from: pause.from, to: pause.to.unwrap_or(reader.now) })
            .filter(|span| span.from < span.to)
            .collect();
        if waited.is_empty() {
            return line.words(".");
        }
        let line = line.words("; not counted while it waited for ").part(self.words().name(&case.asker));
        reader.spans(line.words(": "), &waited).words(".")
    }

    /// What was decided, and what comes next.
    fn story(&self, line: Line, key: &StrandKey, owed: &Owed, course: &Course, reader: Reader) -> Line {
        let empty = OwedSaid::default();
        let said = self.owed.get(&key.message(&owed.message)).map_or(&empty, |said| said);
        let mut told: Vec<(Instant, String)> =
            said.trail.iter().filter_map(|(at, what)| noted(what).map(|words| (*at, words))).collect();
        for step in &said.steps {
            let kind = owed.level.escalate.get(step.step).map(kind_of);
            if let Some(kind) = kind.filter(|_| !step.actions.is_empty()) {
                let times = if step.pages > 1 { format!(", {} times", step.pages) } else { String::new() };
                told.push((step.at, format!("I sent {}{times}", kind_words(kind))));
            }
        }
        told.sort_by_key(|(at, _)| *at);
        let line = told
            .into_iter()
            .fold(line, |line, (at, words)| reader.time(line.bullet(), at).words(": ").words(&words));
        if owed.end.is_some() || owed.taken.is_some() || owed.silent_until(reader.now).is_some() {
            return line;
        }
        let line = match said.snoozed_until.filter(|until| *until > reader.now) {
            Some(until) => reader.time(line.bullet().words("snoozed until "), until),
            None => line,
        };
        let taken = |number: &usize| said.steps.iter().any(|step| step.step == *number);
        let steps = owed.level.escalate.iter().enumerate().filter(|(number, _)| !taken(number));
        let ahead = steps.filter_map(|(_, step)| Some((course.step(owed, step.after)?, step)));
        match ahead.filter(|(at, _)| *at > reader.now).min_by_key(|(at, _)| *at) {
            Some((at, step)) => {
                let line = reader.time(line.bullet().words("next, at "), at);
                line.words(&format!(": {}, unless somebody answers or takes it", kind_words(kind_of(step))))
            }
            None => line,
        }
    }

    /// How many rounds, and why no call was suggested.
    fn about_call(&self, line: Line, key: &StrandKey, message: &MessageId) -> Line {
        let Some(strand) = self.strands.get(key) else { return line };
        let Some(run) = strand.run_of(message).map(|run| &strand.runs()[run]) else { return line };
        let Some(runbook) = self.runbook() else { return line };
        let after = runbook.threads.suggest_call_after;
        let said = self.runs.get(&(key.clone(), run.first.clone()));
        let silent = said.and_then(|said| said.silent);
        let suggested = said.map_or(0, |said| said.suggestions);
        if run.exchanges_ever() < after && suggested == 0 && silent.is_none() {
            return line;
        }
        let rounds = run.exchanges_ever();
        let line = line.newline().words(&format!(
            "A call: {rounds} rounds so far, and I look at one after {after} without a resolution. "
        ));
        match (suggested, silent) {
            (0, None) => line.words("I have not suggested one."),
            (0, Some((_, why))) => line.words(&format!("I did not suggest one: {}.", silence_words(why))),
            (1, _) => line.words("I suggested one."),
            (times, _) => line.words(&format!("I suggested one {times} times.")),
        }
    }
}

/// What may be the answer and cannot be read.
fn unread(line: Line, owed: &Owed, reader: Reader) -> Line {
    let Some(first) = owed.unread.first().filter(|_| owed.end.is_none()) else { return line };
    let line = reader.time(line.newline().words("A message of "), first.at);
    let line = line.words(" may be the answer, and I cannot read it yet: its key has not come. ");
    match (owed.silent_until(reader.now), owed.unread_until()) {
        (Some(until), Some(_)) => {
            let line = reader.time(line.words("So I say nothing; if it has not come by "), until);
            line.words(", I stop counting.")
        }
        (Some(until), None) => reader.time(line.words("I wait for it until "), until).words("."),
        (None, _) => line.words("I do not wait for it any longer, and nobody is late meanwhile."),
    }
}

/// What was decided, without anybody's name.
fn noted(what: &Noted) -> Option<String> {
    match what {
        Noted::Owed { .. } | Noted::Remark(_) => None,
        Noted::Acknowledged => Some("somebody took it".to_owned()),
        Noted::Paused => Some("a question back; the clock stands still".to_owned()),
        Noted::Resumed => Some("the reply came; the clock runs on".to_owned()),
        Noted::Met { .. } => Some("answered".to_owned()),
        Noted::Breached => Some("the time that was agreed had passed".to_owned()),
        Noted::BreachTakenBack => Some("a message that came late shows that it was in time".to_owned()),
        Noted::Cancelled(reason) => Some(super::why_not::ending(reason)),
        Noted::Spoke(kind) => Some(format!("I sent {}", kind_words(*kind))),
        Noted::WouldHaveSpoken(kind) => Some(format!("I would have sent {}", kind_words(*kind))),
        Noted::Silent { kind, why } => {
            Some(format!("not {} yet: {}", kind_words(*kind), silence_words(*why)))
        }
    }
}

/// What lies between the open spans.
fn between(open: &[Span], whole: Span) -> Vec<Span> {
    let mut closed = Vec::new();
    let mut from = whole.from;
    for span in open {
        closed.push(Span { from, to: span.from });
        from = span.to;
    }
    closed.push(Span { from, to: whole.to });
    closed.retain(|span| span.from < span.to);
    closed
}

/// `ran 09:30–12:30, stood 12:30–13:30, ran 13:30–14:00`.
fn stretches(line: Line, open: &[Span], closed: &[Span], reader: Reader) -> Line {
    let mut all: Vec<(Span, &str)> = open.iter().map(|span| (*span, "open ")).collect();
    all.extend(closed.iter().map(|span| (*span, "closed ")));
    all.sort_by_key(|(span, _)| *span);
    let shown = all.iter().take(STRETCHES);
    let line = line.listed(shown, |line, (span, what)| reader.span(line.words(what), *span));
    if all.len() > STRETCHES { line.part(Part::Words(", …".to_owned())) } else { line }
}
