//! The ladder of an obligation: its steps, its breach, its pages, and what its taker is asked.
//!
//! Each step is taken once. One that may tell nobody yet waits, and is not used up by waiting.

use smol_str::{SmolStr, format_smolstr};

use super::action::{ActionId, Kind};
use super::case::{Case, Owed};
use super::deadline::Course;
use super::engine::Engine;
use super::manners::Reach;
use super::pages::PAGE_AGAIN_MS;
use super::said::StepSaid;
use super::strand::StrandKey;
use super::turn::{Noted, Silence, Turn};
use super::wakes::Subject;
use crate::calendar::{Instant, MINUTE_MS};
use crate::runbook::{After, By, Name, Step, Voice, Who};

/// A step so much later than due waited for somebody to come in, and says so.
const WAITED_MS: i64 = 5 * MINUTE_MS;

/// An obligation that is looked at, and when.
pub(super) struct Matter<'a> {
    pub(super) key: &'a StrandKey,
    pub(super) case: &'a Case,
    pub(super) owed: &'a Owed,
    pub(super) due: Option<Instant>,
    pub(super) now: Instant,
}

impl Matter<'_> {
    /// The thread in which it is talked of.
    pub(super) fn thread(&self) -> StrandKey {
        StrandKey { channel: self.key.channel.clone(), root: Some(self.case.thread().clone()) }
    }

    /// A step of the ladder, as the ids of what it says name it: one of another promise is another step.
    pub(super) fn rung(&self, number: usize) -> SmolStr {
        match self.owed.anew {
            0 => format_smolstr!("{number}"),
            anew => format_smolstr!("{number}.{anew}"),
        }
    }
}

/// Why people of a step are told as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The step fell due.
    Due,
    /// It fell due while they were out.
    Waited,
    /// Those who come before them are out, until then as far as can be seen.
    InPlaceOf(Vec<Name>, Option<Instant>),
}

/// What became of a step.
enum Taken {
    /// These people were told.
    Told(StepSaid),
    /// Nobody can be told before that instant.
    Waits(Option<Instant>),
}

impl Engine {
    /// Takes every step that is due, declares a breach, and sets the next wake.
    pub(super) fn climb(&mut self, matter: &Matter<'_>, course: &Course, turn: &mut Turn) {
        let Matter { key, case, owed, due, now } = *matter;
        let mut wakes: Vec<Instant> = Vec::new();
        self.declare_breach(matter, turn);
        wakes.extend(due.filter(|due| *due > now));
        if let Some(until) = owed.silent_until(now) {
            wakes.push(self.wait_for_key(matter, course, until, turn));
        } else if owed.paused_since().is_some() {
            // Whoever is to move is the asker.
        } else if self.is_held(owed, now) {
            wakes.extend(self.ask_taker(matter, course, turn));
        } else {
            for (number, step) in owed.level.escalate.iter().enumerate() {
                wakes.extend(self.climb_step(matter, course, number, step, turn));
            }
            wakes.extend(self.bring_back(matter, turn));
        }
        if let Some(at) = wakes.into_iter().min() {
            self.wakes.set(Subject::Case(key.clone(), case.question.clone()), at);
        }
    }

    /// A breach is declared once, and taken back when a late fact shows that the clock had stood still.
    fn declare_breach(&mut self, matter: &Matter<'_>, turn: &mut Turn) {
        let over = matter.due.filter(|due| *due <= matter.now && !matter.owed.is_unsure_at(*due));
        let said = self.owed.get(&matter.key.message(&matter.owed.message));
        let breached = said.is_some_and(|said| said.breached);
        match (over, breached) {
            (Some(_), true) | (None, false) => {}
            (Some(due), false) => {
                let said = self.owed_said(matter.key, matter.owed);
                said.breached = true;
                said.due_at = Some(due);
                self.trail(matter.key, matter.owed, due, Noted::Breached, turn);
            }
            (None, true) => {
                let said = self.owed_said(matter.key, matter.owed);
                said.breached = false;
                said.due_at = None;
                self.trail(matter.key, matter.owed, matter.now, Noted::BreachTakenBack, turn);
            }
        }
    }

    /// Takes one step if it is due; when to look again.
    fn climb_step(
        &mut self,
        matter: &Matter<'_>,
        course: &Course,
        number: usize,
        step: &Step,
        turn: &mut Turn,
    ) -> Option<Instant> {
        let said = self.owed.get(&matter.key.message(&matter.owed.message));
        let taken = said.and_then(|said| said.steps.iter().find(|said| said.step == number)).cloned();
        if let Some(taken) = taken {
            return self.page_again(matter, step, taken, turn);
        }
        // A snooze holds nothing beyond what was agreed: from then on others are to hear of it.
        let snoozed_until = said.and_then(|said| said.snoozed_until).unwrap_or(Instant::MIN);
        let snoozed_until = matter.due.map_or(snoozed_until, |due| snoozed_until.min(due));
        let at = course.step(matter.owed, step.after)?.max(snoozed_until);
        if at > matter.now {
            return Some(at);
        }
        let outcome = match matter.owed.level.interrupts {
            true => self.tell_at_once(matter, number, step, turn),
            false => self.tell_politely(matter, number, step, at, turn),
        };
        match outcome {
            Taken::Told(said) => {
                let again = (step.by == By::Pager && !said.actions.is_empty())
                    .then(|| matter.now.plus(PAGE_AGAIN_MS));
                self.owed_said(matter.key, matter.owed).steps.push(said);
                again
            }
            Taken::Waits(until) => until,
        }
    }

    /// While what may be the answer cannot be read, no step is taken, and that is noted once; when to look again.
    fn wait_for_key(
        &mut self,
        matter: &Matter<'_>,
        course: &Course,
        until: Instant,
        turn: &mut Turn,
    ) -> Instant {
        let said = self.owed.get(&matter.key.message(&matter.owed.message));
        let is_taken =
            |number: usize| said.is_some_and(|said| said.steps.iter().any(|said| said.step == number));
        let ahead = matter.owed.level.escalate.iter().enumerate().filter(|(number, _)| !is_taken(*number));
        let ahead = ahead.filter_map(|(_, step)| Some((course.step(matter.owed, step.after)?, step)));
        let (due, later): (Vec<_>, Vec<_>) = ahead.partition(|(at, _)| *at <= matter.now);
        if let Some((_, step)) = due.first() {
            self.silent_once(matter, kind_of(step), Silence::Unread, turn);
        }
        later.into_iter().map(|(at, _)| at).chain([until]).min().unwrap_or(until)
    }

    /// An interrupting level reaches everyone of the step, whatever the hour; where a step has nobody, those of
    /// the first later step that has somebody. Where none has, the asker sees whom to call.
    fn tell_at_once(&mut self, matter: &Matter<'_>, number: usize, step: &Step, turn: &mut Turn) -> Taken {
        let ladder = matter.owed.level.escalate[number..].iter();
        let found = ladder.map(|step| self.people_of(matter, step)).find(|people| !people.is_empty());
        let Some(people) = found else {
            self.nobody_else(matter, step, turn);
            return Taken::Waits(None);
        };
        let mut told = people.clone();
        if step.by == By::Pager {
            told.retain(|person| !self.is_being_paged(matter, person));
        }
        let actions = self.tell(matter, number, step, &told, &Occasion::Due, turn);
        // Where an earlier step pages all of them, its repetitions are this step's, too.
        let told = if told.is_empty() { people } else { told };
        Taken::Told(StepSaid { step: number, at: matter.now, told, actions, pages: 1 })
    }

    /// Otherwise those are told who are in; else the first of a later step who is; else it waits.
    fn tell_politely(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        step: &Step,
        at: Instant,
        turn: &mut Turn,
    ) -> Taken {
        if self.is_turned_off(&matter.key.channel, kind_of(step)) {
            self.silent_once(matter, kind_of(step), Silence::TurnedOff, turn);
            return Taken::Waits(None);
        }
        let people = self.people_of(matter, step);
        let reach: Vec<(Name, Reach)> =
            people.into_iter().map(|person| (person.clone(), self.reach(&person, matter.now))).collect();
        let mut told: Vec<Name> = names(&reach, |reach| matches!(reach, Reach::Now));
        let waits: Vec<Name> = names(&reach, |reach| matches!(reach, Reach::Digest(_)));
        let mut occasion = Occasion::Due;
        if told.is_empty() && waits.is_empty() {
            match self.first_in(matter, number) {
                Some(person) => {
                    let back = reach.iter().filter_map(|(_, reach)| opening(*reach)).min();
                    let out = self.who_are_off(&reach, &person, matter.now);
                    occasion = Occasion::InPlaceOf(out, back);
                    told.push(person);
                }
                None => return Taken::Waits(self.wait(matter, number, &reach, turn)),
            }
        }
        let was_down = self.ledger.up_since.is_some_and(|up| at < up);
        if occasion == Occasion::Due
            && matter.now.since(at) > WAITED_MS
            && told.iter().all(|person| !self.was_in(person, at))
        {
            occasion = Occasion::Waited;
        }
        let held = if was_down { told.drain(..).chain(waits.iter().cloned()).collect() } else { waits };
        for person in &held {
            self.hold(matter, step, person, was_down, turn);
        }
        let actions = if told.is_empty() {
            Vec::new()
        } else {
            self.tell(matter, number, step, &told, &occasion, turn)
        };
        told.extend(held);
        Taken::Told(StepSaid { step: number, at: matter.now, told, actions, pages: 0 })
    }

    /// Those of a step who are out of office: that somebody muted Usher, or is in focus, is nobody's business.
    fn who_are_off(&mut self, reach: &[(Name, Reach)], told: &Name, now: Instant) -> Vec<Name> {
        let people = reach.iter().map(|(person, _)| person).filter(|person| *person != told);
        people
            .filter(|person| !self.calendars.office(&self.people, person, now).is_open(now))
            .cloned()
            .collect()
    }

    /// Whether a person could have been told at `at`.
    fn was_in(&mut self, person: &Name, at: Instant) -> bool {
        self.calendars.available(&self.people, person, at).is_open(at)
    }

    /// The first person of a later step who can be told now.
    fn first_in(&mut self, matter: &Matter<'_>, number: usize) -> Option<Name> {
        self.people_after(matter, number)
            .into_iter()
            .find(|person| self.reach(person, matter.now) == Reach::Now)
    }

    fn people_after(&self, matter: &Matter<'_>, number: usize) -> Vec<Name> {
        let later = matter.owed.level.escalate[number + 1..].iter();
        later.flat_map(|step| self.people_of(matter, step)).collect()
    }

    /// Nobody can be told: until when not, and that is noted once.
    fn wait(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        reach: &[(Name, Reach)],
        turn: &mut Turn,
    ) -> Option<Instant> {
        let later = self.people_after(matter, number);
        let later: Vec<Reach> = later.iter().map(|person| self.reach(person, matter.now)).collect();
        let kind = kind_of(&matter.owed.level.escalate[number]);
        self.silent_once(matter, kind, Silence::NobodyIn, turn);
        let openings = reach.iter().map(|(_, reach)| *reach).chain(later);
        openings.filter_map(opening).min()
    }

    /// Notes why nothing is said, once and not at every look.
    pub(super) fn silent_once(&mut self, matter: &Matter<'_>, kind: Kind, why: Silence, turn: &mut Turn) {
        let silent = Noted::Silent { kind, why };
        let said = self.owed.get(&matter.key.message(&matter.owed.message));
        if said.and_then(|said| said.trail.last()).map(|(_, what)| what) != Some(&silent) {
            self.trail(matter.key, matter.owed, matter.now, silent, turn);
        }
    }

    /// Those of a step who are to be told: never the asker.
    pub(super) fn people_of(&self, matter: &Matter<'_>, step: &Step) -> Vec<Name> {
        let who = step.tell.iter().flat_map(|who| match who {
            Who::Responders => matter.case.who.clone(),
            Who::Person(_) | Who::Group(_) | Who::Rotation(_) => vec![who.clone()],
        });
        let mut people = self.calendars.members(&self.people, &who.collect::<Vec<_>>(), matter.now);
        people.retain(|person| *person != matter.case.asker);
        people
    }

    /// Whoever snoozed it hears of it again at the time they chose, by themselves: nobody else asked for that.
    fn bring_back(&mut self, matter: &Matter<'_>, turn: &mut Turn) -> Option<Instant> {
        let said = self.owed.get(&matter.key.message(&matter.owed.message))?;
        let (until, person) = said.snoozed_until.zip(said.snoozed_by.clone())?;
        if until > matter.now {
            return Some(until);
        }
        match self.reach(&person, matter.now) {
            Reach::Now => {}
            Reach::Digest(at) | Reach::From(at) => return Some(at),
            Reach::Never => return None,
        }
        self.owed_said(matter.key, matter.owed).snoozed_by = None;
        if self.voice(&matter.key.channel) != Voice::Watch {
            self.tell_again(matter, &person, until, turn);
        }
        None
    }

    /// Whoever took it is asked once, privately, when the whole promise has passed again without an answer.
    fn ask_taker(&mut self, matter: &Matter<'_>, course: &Course, turn: &mut Turn) -> Option<Instant> {
        let (taker, taken_at) = matter.owed.taken.clone()?;
        if self.owed.get(&matter.key.message(&matter.owed.message)).is_some_and(|said| said.asked_taker) {
            return None;
        }
        let at = course.once_more(matter.owed, taken_at)?;
        if at > matter.now {
            return Some(at);
        }
        match self.reach(&taker, matter.now) {
            Reach::Now => {}
            Reach::Digest(at) | Reach::From(at) => return Some(at),
            Reach::Never => return None,
        }
        self.owed_said(matter.key, matter.owed).asked_taker = true;
        let to = self.direct_to(&taker, Some(&matter.key.channel))?;
        if self.voice_about(&matter.key.channel, matter.owed) == Voice::Watch {
            self.would_have(Kind::Reminder, matter.key, &matter.owed.message, matter.now, turn);
            return None;
        }
        let message = self.words().ask_taker(matter, &taker);
        let message_id = &matter.owed.message;
        let id = ActionId(format_smolstr!("taker/{}/{message_id}/{}", matter.key.channel, matter.owed.anew));
        self.remind_besides(matter, &taker, id, to, message, turn);
        None
    }
}

/// What a step is, as the figures count it.
pub(super) fn kind_of(step: &Step) -> Kind {
    let responders_alone = step.tell == [Who::Responders];
    match step.by {
        By::Pager => Kind::Page,
        By::Thread | By::DirectMessage if responders_alone => Kind::Reminder,
        By::Thread | By::DirectMessage => Kind::Escalation,
    }
}

/// Whether a step comes before the answer is due.
pub(super) fn is_before_due(step: &Step) -> bool {
    match step.after {
        After::Percent(percent) => percent < 100,
        After::Ms(_) => true,
        After::AfterDueMs(_) => false,
    }
}

fn names(reach: &[(Name, Reach)], wanted: impl Fn(&Reach) -> bool) -> Vec<Name> {
    reach.iter().filter(|(_, reach)| wanted(reach)).map(|(person, _)| person.clone()).collect()
}

fn opening(reach: Reach) -> Option<Instant> {
    match reach {
        Reach::From(at) | Reach::Digest(at) => Some(at),
        Reach::Now | Reach::Never => None,
    }
}
