//! What buttons and commands do to an obligation: raise it, snooze it, ask somebody else.

use super::action::{Action, ActionId, IfUnknown, Kind, Priority};
use super::engine::Engine;
use super::event::{Event, MessageId, UserId};
use super::fact::Verb;
use super::line::Line;
use super::said::NoticeSaid;
use super::strand::StrandKey;
use super::turn::Turn;
use super::wakes::Subject;
use crate::calendar::Instant;
use crate::runbook::Name;
use smol_str::format_smolstr;

impl Engine {
    /// Nothing more is said about an obligation before `until`.
    #[expect(clippy::too_many_arguments, reason = "the obligation, who snoozes it, and when")]
    pub(super) fn snooze(
        &mut self,
        event: &Event,
        user: &UserId,
        key: &StrandKey,
        about: &MessageId,
        until: Instant,
        now: Instant,
        turn: &mut Turn,
    ) {
        let found = self
            .strands
            .get(key)
            .and_then(|strand| strand.owing(about))
            .map(|(case, owed)| (case.clone(), owed.clone()));
        let place = Some((&key.channel, key.root.as_ref().or(Some(about))));
        let Some((case, owed)) = found.filter(|(_, owed)| owed.end.is_none()) else {
            let words = Line::default()
                .words("Nothing is owed there any more, so there is nothing to snooze.")
                .done();
            self.answer_privately(event, user, place, words, now, turn);
            return;
        };
        let by = self.people.person(event.platform, user);
        let owes = self.calendars.members(&self.people, &case.who, now).contains(&by)
            || owed.taken.as_ref().is_some_and(|(taker, _)| *taker == by);
        let told = self
            .owed
            .get(&key.message(about))
            .is_some_and(|said| said.steps.iter().any(|step| step.told.contains(&by)));
        let words = if owes || told {
            self.owed_said(key, &owed).snoozed_until = Some(until);
            self.wakes.set(Subject::Case(key.clone(), case.question.clone()), until);
            let zone = self.words().zone(&by);
            let line = Line::default().words("I'll come back to it at ").time(
                until,
                zone,
                super::terms::day_or_clock(until, now, zone),
            );
            line.words(". The clock runs on.").done()
        } else {
            Line::default().words("Only those who owe the answer can snooze it.").done()
        };
        self.answer_privately(event, user, place, words, now, turn);
    }

    /// An obligation gets another level, from now on; or one begins, where none was.
    #[expect(clippy::too_many_arguments, reason = "what is raised, to what, by whom, and when")]
    pub(super) fn raise(
        &mut self,
        event: &Event,
        user: &UserId,
        key: &StrandKey,
        about: Option<&MessageId>,
        level: &Name,
        now: Instant,
        turn: &mut Turn,
    ) {
        let by = self.people.person(event.platform, user);
        let Some(runbook) = self.runbook() else { return };
        let place = Some((&key.channel, key.root.as_ref().or(about)));
        let words = match runbook.level(level) {
            None => Line::default()
                .words("There is no level called ")
                .quote(level)
                .words(" in the runbook.")
                .done(),
            Some(level) if !self.may_raise(&runbook, level, &by, now) => Line::default()
                .words(&format!(
                    "The runbook keeps {} for others; ask somebody who may raise it.",
                    level.name
                ))
                .done(),
            Some(level) => {
                let key = self.home_of(key, about);
                self.add_verb(event, &key, about, &by, Verb::Raise(level.name.clone()), now, turn);
                Line::default().words(&format!("It is {} now: {}.", level.name, level.means)).done()
            }
        };
        self.answer_privately(event, user, place, words, now, turn);
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

    /// The sender asks somebody who is in: that person is told in the thread, once.
    pub(super) fn ask_instead(
        &mut self,
        event: &Event,
        notice: &NoticeSaid,
        by: &Name,
        person: &Name,
        now: Instant,
        turn: &mut Turn,
    ) {
        let thread = StrandKey {
            root: notice.strand.root.clone().or_else(|| Some(notice.about.clone())),
            ..notice.strand.clone()
        };
        let words = self.words();
        let line = Line::default().part(words.mention(person)).words(", ").part(words.name(by));
        let message = line.words(" asks whether you can answer this while somebody else is off.").done();
        let action = Action {
            id: ActionId(format_smolstr!("instead/{}", event.key)),
            kind: Kind::Reminder,
            to: self.thread_target(&thread, &notice.about),
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        self.spend(person, now);
        self.send(&notice.strand, &notice.about, action, now, turn);
    }
}
