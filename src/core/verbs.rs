//! What buttons and commands do to an obligation: raise it, snooze it, ask somebody else.

use smol_str::format_smolstr;

use super::action::ActionId;
use super::answers::{Asked, Thread};
use super::case::{Case, Ground, Owed};
use super::deadline::Course;
use super::engine::Engine;
use super::event::MessageId;
use super::fact::Verb;
use super::ladder::Matter;
use super::line::Line;
use super::manners::Reach;
use super::message::Message;
use super::promise::is_tighter;
use super::said::NoticeSaid;
use super::strand::StrandKey;
use super::turn::Turn;
use super::wakes::Subject;
use crate::calendar::Instant;
use crate::runbook::Name;

impl Engine {
    /// Nothing more is said about an obligation before `until`; what whoever asked that reads.
    pub(super) fn snooze(
        &mut self,
        asked: &Asked<'_>,
        key: &StrandKey,
        about: &MessageId,
        until: Instant,
    ) -> Message {
        let found = self.owing(key, about).map(|(case, owed)| (case.clone(), owed.clone()));
        let line = Line::default();
        let Some((case, owed)) = found.filter(|(_, owed)| owed.end.is_none()) else {
            return line.words("Nothing is owed there any more, so there is nothing to snooze.").done();
        };
        if owed.level.interrupts {
            let line = line.strong(&owed.level.name).words(" does not snooze. ").code("take");
            return line.words(" stops the pages; otherwise the next person is paged.").done();
        }
        if !self.is_concerned(asked, key, &case, &owed) {
            return line.words("Only those who owe the answer can snooze it.").done();
        }
        let said = self.owed_said(key, &owed);
        said.snoozed_until = Some(until);
        said.snoozed_by = Some(asked.by.clone());
        self.wakes.set(Subject::Case(key.clone(), case.question.clone()), until);
        let reader = self.reader(&asked.by, asked.now);
        let line = reader.time(line.words("I say nothing about it until "), until);
        line.words(" and remind you then; its clock runs on.").done()
    }

    /// Whether somebody owes an answer, took it, or was told of it.
    fn is_concerned(&self, asked: &Asked<'_>, key: &StrandKey, case: &Case, owed: &Owed) -> bool {
        let by = &asked.by;
        let said = self.owed.get(&key.message(&owed.message));
        self.calendars.members(&self.people, &case.who, asked.now).contains(by)
            || owed.taken.as_ref().is_some_and(|(taker, _)| taker == by)
            || said.is_some_and(|said| said.steps.iter().any(|step| step.told.contains(by)))
    }

    /// An obligation gets a tighter level, from now on, or one begins where none was; what whoever raised it reads.
    pub(super) fn raise(
        &mut self,
        asked: &Asked<'_>,
        key: &StrandKey,
        about: &MessageId,
        level: &Name,
        turn: &mut Turn,
    ) -> Message {
        let line = Line::default();
        let Some(runbook) = self.runbook() else { return Message::default() };
        let Some(level) = runbook.level(level) else {
            return line.words("The runbook has no level ").quote(level).words(" any more.").done();
        };
        if !self.may_raise(&runbook, level, &asked.by, asked.now) {
            let line = line.words("The runbook lets only others raise ").strong(&level.name);
            return line.words("; ask one of them. ").code("runbook").words(" shows the rules.").done();
        }
        if level.respond_within.is_none() {
            return line.strong(&level.name).words(" promises no answer, so it raises nothing.").done();
        }
        let key = self.home_of(key, Some(about));
        let thread =
            Thread { root: key.root.clone().or_else(|| Some(about.clone())), about: about.clone(), key };
        let present = self.open_in(&thread).map(|(_, owed)| owed.level);
        if let Some(present) = present.filter(|present| !is_tighter(level, present)) {
            let line = line.words("It is ").strong(&present.name).words(" already, which is no later than ");
            return line.strong(&level.name).words(".").done();
        }
        let is_closed = self.strands.get(&thread.key).is_some_and(|strand| {
            strand.cases().iter().any(|case| case.open().is_none() && case.has_closed(about))
        });
        if is_closed && self.open_in(&thread).is_none() {
            return line
                .words("That question is closed. If you need more, ask it anew and raise that.")
                .done();
        }
        let verb = Verb::Raise(level.name.clone());
        self.add_verb(asked.event, &thread.key, Some(about), &asked.by, verb, asked.now, turn);
        self.raised(asked, &thread, &level.name)
    }

    fn raised(&mut self, asked: &Asked<'_>, thread: &Thread, level: &Name) -> Message {
        let line = Line::default();
        let Some((case, owed)) = self.open_in(thread).filter(|(_, owed)| owed.level.name == *level) else {
            let line = line.words("Nobody would owe an answer here, so nothing was raised. ");
            return line.words("Mention whom you need.").done();
        };
        let course = Course::of(&mut self.calendars, &self.people, &owed, &case.who, asked.now);
        let line = line.words("It is ").strong(&level.clone()).words(&format!(" now: {}.", owed.level.means));
        let reader = self.reader(&asked.by, asked.now);
        match course.due(&owed) {
            Some(due) => reader.time(line.words(" An answer is owed by "), due).words(".").done(),
            None => line.done(),
        }
    }

    /// Where the cases of a thread stand: in the main line if that knows the thread's first message.
    pub(super) fn home_of(&self, key: &StrandKey, about: Option<&MessageId>) -> StrandKey {
        let line = StrandKey::line(&key.channel);
        let root = key.root.as_ref().or(about);
        match root.and_then(|root| self.strands.get(&line)?.run_of(root)) {
            Some(_) if about.is_none() || about == key.root.as_ref() => line,
            Some(_) | None => key.clone(),
        }
    }

    /// The sender asks somebody who is in: that person is told once, in the thread where that may be; what the
    /// sender reads.
    pub(super) fn ask_instead(
        &mut self,
        asked: &Asked<'_>,
        notice: &NoticeSaid,
        person: &Name,
        turn: &mut Turn,
    ) -> Message {
        let other = self.words().name(person);
        let line = Line::default();
        let found = self.find_owed(&notice.strand, &notice.about);
        let Some((case, owed)) = found.filter(|(_, owed)| owed.end.is_none()) else {
            return line.words("Nothing is owed there any more, so I ask nobody.").done();
        };
        let (case, owed) = (case.clone(), owed.clone());
        let id = ActionId(format_smolstr!("instead/{}/{}/{person}", notice.strand.channel, notice.about));
        if self.notices.get(&id).is_some() {
            return line.words("I have asked ").part(other).words(" already.").done();
        }
        match self.reach(person, asked.now) {
            Reach::Now => {}
            Reach::From(at) => {
                let line = line.part(other).words(" cannot be told now, but from ");
                return self.reader(&asked.by, asked.now).time(line, at).words(" your time.").done();
            }
            Reach::Digest(_) | Reach::Never => {
                let line = line.part(other).words(" has heard enough of me for today. ");
                return line.words("A word from you is better than one more from me.").done();
            }
        }
        let course = Course::of(&mut self.calendars, &self.people, &owed, &case.who, asked.now);
        let due = course.due(&owed);
        let matter = Matter { key: &notice.strand, case: &case, owed: &owed, due, now: asked.now };
        let in_thread = self.send_instead(&matter, id, person, turn);
        let line = line.words("I have asked ").part(other);
        line.words(if in_thread { ", in the thread." } else { ", in a direct message." }).done()
    }

    /// Asks in the thread if that pings nobody who is off, else directly; whether in the thread.
    fn send_instead(&mut self, matter: &Matter<'_>, id: ActionId, person: &Name, turn: &mut Turn) -> bool {
        let channel = &matter.key.channel;
        let asks_in_thread = self.is_on_platform_of(channel, person) && self.may_speak_in_thread(matter);
        let ground = Ground { people: &self.people, calendars: &self.calendars };
        let may_take = matter.case.may_answer(person, matter.now, ground);
        let message = self.words().ask_instead(matter, person, may_take, asks_in_thread);
        let direct = self.direct_to(person, Some(channel)).filter(|_| !asks_in_thread);
        let to = direct.unwrap_or_else(|| {
            self.thread_target(&StrandKey::line(&matter.key.channel), matter.case.thread())
        });
        if asks_in_thread {
            self.count_in_thread(&matter.thread(), matter.case.thread());
        }
        self.remind_besides(matter, person, id, to, message, turn);
        asks_in_thread
    }
}
