//! The ladder of an obligation: its steps, its breach, its pages, and what its taker is asked.
//!
//! Each step is taken once. One that may tell nobody yet waits, and is not used up by waiting.

use smol_str::{SmolStr, format_smolstr};

use super::action::{Action, ActionId, IfUnknown, Kind, PageSignal, Priority, Target};
use super::case::{Case, Owed};
use super::deadline::Course;
use super::engine::Engine;
use super::event::MessageId;
use super::manners::Reach;
use super::message::Message;
use super::said::{AboutOwed, Held, NoticeSaid, Stage, StepSaid};
use super::strand::StrandKey;
use super::turn::{Noted, Silence, Turn};
use super::wakes::Subject;
use crate::calendar::{Instant, MINUTE_MS};
use crate::runbook::{After, By, Name, Step, Voice, Who};

/// A page that nobody took is repeated after so long.
const PAGE_AGAIN_MS: i64 = 5 * MINUTE_MS;
/// So often a page is sent in all.
const PAGES: u32 = 6;
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

/// What became of a step.
enum Taken {
    /// These people were told.
    Told(StepSaid),
    /// Nobody can be told before that instant.
    Waits(Option<Instant>),
}

impl Engine {
    /// Takes every step that is due, declares a breach, and sets the next wake.
    pub(super) fn climb(
        &mut self,
        key: &StrandKey,
        case: &Case,
        owed: &Owed,
        course: &Course,
        now: Instant,
        turn: &mut Turn,
    ) {
        let due = course.due(owed);
        let matter = Matter { key, case, owed, due, now };
        let mut wakes: Vec<Instant> = Vec::new();
        self.declare_breach(&matter, turn);
        wakes.extend(due.filter(|due| *due > now));
        if owed.taken.is_some() {
            wakes.extend(self.ask_taker(&matter, course, turn));
        } else if owed.paused_since().is_none() {
            for (number, step) in owed.level.escalate.iter().enumerate() {
                wakes.extend(self.climb_step(&matter, course, number, step, turn));
            }
        }
        if let Some(at) = wakes.into_iter().min() {
            self.wakes.set(Subject::Case(key.clone(), case.question.clone()), at);
        }
    }

    /// A breach is declared once, and taken back when a late fact shows that the clock had stood still.
    fn declare_breach(&mut self, matter: &Matter<'_>, turn: &mut Turn) {
        let over = matter.due.filter(|due| *due <= matter.now);
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
        let snoozed_until = said.and_then(|said| said.snoozed_until);
        let at = course.step(matter.owed, step.after)?.max(snoozed_until.unwrap_or(Instant::MIN));
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

    /// An interrupting level reaches everyone of the step, whatever the hour.
    fn tell_at_once(&mut self, matter: &Matter<'_>, number: usize, step: &Step, turn: &mut Turn) -> Taken {
        let people = self.people_of(matter, step);
        if people.is_empty() {
            return Taken::Waits(None);
        }
        let actions = self.tell(matter, number, step, &people, false, turn);
        Taken::Told(StepSaid { step: number, at: matter.now, told: people, actions, pages: 1 })
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
        let people = self.people_of(matter, step);
        let reach: Vec<(Name, Reach)> =
            people.into_iter().map(|person| (person.clone(), self.reach(&person, matter.now))).collect();
        let mut told: Vec<Name> = names(&reach, |reach| matches!(reach, Reach::Now));
        let waits: Vec<Name> = names(&reach, |reach| matches!(reach, Reach::Digest(_)));
        if told.is_empty() && waits.is_empty() {
            match self.first_in(matter, number) {
                Some(person) => told.push(person),
                None => return Taken::Waits(self.wait(matter, number, &reach, turn)),
            }
        }
        let was_down = self.ledger.up_since.is_some_and(|up| at < up);
        let waited = matter.now.since(at) > WAITED_MS;
        let held = if was_down { told.drain(..).chain(waits.iter().cloned()).collect() } else { waits };
        for person in &held {
            self.hold(matter, step, person, was_down, turn);
        }
        let actions =
            if told.is_empty() { Vec::new() } else { self.tell(matter, number, step, &told, waited, turn) };
        told.extend(held);
        Taken::Told(StepSaid { step: number, at: matter.now, told, actions, pages: 0 })
    }

    /// The first person of a later step who can be told now.
    fn first_in(&mut self, matter: &Matter<'_>, number: usize) -> Option<Name> {
        let later: Vec<Name> = matter.owed.level.escalate[number + 1..]
            .iter()
            .flat_map(|step| self.people_of(matter, step))
            .collect();
        later.into_iter().find(|person| self.reach(person, matter.now) == Reach::Now)
    }

    /// Nobody can be told: until when not, and that is noted once.
    fn wait(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        reach: &[(Name, Reach)],
        turn: &mut Turn,
    ) -> Option<Instant> {
        let later: Vec<Name> = matter.owed.level.escalate[number + 1..]
            .iter()
            .flat_map(|step| self.people_of(matter, step))
            .collect();
        let later: Vec<Reach> = later.iter().map(|person| self.reach(person, matter.now)).collect();
        let kind = kind_of(&matter.owed.level.escalate[number]);
        let silent = Noted::Silent { kind, why: Silence::NobodyIn };
        let said = self.owed_said(matter.key, matter.owed);
        if said.trail.last().map(|(_, what)| what) != Some(&silent) {
            self.trail(matter.key, matter.owed, matter.now, silent, turn);
        }
        let openings = reach.iter().map(|(_, reach)| *reach).chain(later);
        openings.filter_map(opening).min()
    }

    /// Those of a step who are to be told: never the asker.
    fn people_of(&self, matter: &Matter<'_>, step: &Step) -> Vec<Name> {
        let who = step.tell.iter().flat_map(|who| match who {
            Who::Responders => matter.case.who.clone(),
            Who::Person(_) | Who::Group(_) | Who::Rotation(_) => vec![who.clone()],
        });
        let mut people = self.calendars.members(&self.people, &who.collect::<Vec<_>>(), matter.now);
        people.retain(|person| *person != matter.case.asker);
        people
    }

    /// Tells people of a step, in the way it says; what was sent.
    fn tell(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        step: &Step,
        people: &[Name],
        waited: bool,
        turn: &mut Turn,
    ) -> Vec<ActionId> {
        let kind = kind_of(step);
        match (self.voice(&matter.key.channel), step.by) {
            (Voice::Watch, _) => {
                self.would_have(kind, matter.key, &matter.owed.message, matter.now, turn);
                Vec::new()
            }
            (Voice::Private | Voice::Speak, By::Pager) => {
                people.iter().map(|person| self.page(matter, number, person, 1, turn)).collect()
            }
            (Voice::Private, By::Thread | By::DirectMessage) | (Voice::Speak, By::DirectMessage) => people
                .iter()
                .filter_map(|person| self.tell_directly(matter, number, step, person, waited, turn))
                .collect(),
            (Voice::Speak, By::Thread) => self.tell_in_thread(matter, number, step, people, waited, turn),
        }
    }

    fn tell_in_thread(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        step: &Step,
        people: &[Name],
        waited: bool,
        turn: &mut Turn,
    ) -> Vec<ActionId> {
        let thread =
            StrandKey { channel: matter.key.channel.clone(), root: Some(matter.case.thread().clone()) };
        let interrupts = matter.owed.level.interrupts;
        let allowed = self.runbook().map_or(0, |runbook| runbook.notices.per_thread);
        let spent =
            self.runs.get(&(thread.clone(), matter.case.thread().clone())).map_or(0, |said| said.notices);
        let may_post = interrupts
            || (spent < allowed && self.may_post_in(&thread, Some(&matter.case.asker), matter.now));
        if !may_post {
            return people
                .iter()
                .filter_map(|person| self.tell_directly(matter, number, step, person, waited, turn))
                .collect();
        }
        let message = self.words().step_in_thread(matter, step, people, waited);
        let id = ActionId(format_smolstr!("step/{}/{}/{number}", matter.key.channel, matter.owed.message));
        let to = self.thread_target(&StrandKey::line(&matter.key.channel), matter.case.thread());
        self.count_in_thread(&thread, matter.case.thread());
        self.send_step(matter, step, id.clone(), to, message, turn);
        if !interrupts {
            people.iter().for_each(|person| self.spend(person, matter.now));
        }
        vec![id]
    }

    fn tell_directly(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        step: &Step,
        person: &Name,
        waited: bool,
        turn: &mut Turn,
    ) -> Option<ActionId> {
        let runbook = self.runbook()?;
        let (platform, user) = self.people.address(&runbook, person)?;
        let message = self.words().step_directly(matter, step, person, waited);
        let id = ActionId(format_smolstr!(
            "step/{}/{}/{number}/{person}",
            matter.key.channel,
            matter.owed.message
        ));
        self.send_step(matter, step, id.clone(), Target::Direct { platform, user }, message, turn);
        if !matter.owed.level.interrupts {
            self.spend(person, matter.now);
        }
        Some(id)
    }

    fn send_step(
        &mut self,
        matter: &Matter<'_>,
        step: &Step,
        id: ActionId,
        to: Target,
        message: Message,
        turn: &mut Turn,
    ) {
        let is_breach = matter.due.is_some_and(|due| due <= matter.now) || matter.owed.level.interrupts;
        let priority = if matter.owed.level.interrupts { Priority::Urgent } else { Priority::Prompt };
        let if_unknown = if is_breach { IfUnknown::Repeat } else { IfUnknown::Leave };
        let action = Action { id, kind: kind_of(step), to, message, priority, not_after: None, if_unknown };
        self.send(matter.key, &matter.owed.message, action, matter.now, turn);
    }

    /// Commits to an action about a message, and remembers it so that it can be answered.
    pub(super) fn send(
        &mut self,
        key: &StrandKey,
        about: &MessageId,
        action: Action,
        now: Instant,
        turn: &mut Turn,
    ) {
        let notice = NoticeSaid {
            kind: action.kind,
            strand: key.clone(),
            about: about.clone(),
            at: now,
            message: None,
        };
        self.note(turn, now, Some(key.message(about)), Noted::Spoke(action.kind));
        self.ledger.spoke += 1;
        self.dirty.ledger = true;
        self.dirty.notices.insert(action.id.clone());
        self.notices.insert(action.id.clone(), notice);
        turn.actions.push(action);
    }

    fn page(
        &mut self,
        matter: &Matter<'_>,
        number: usize,
        person: &Name,
        time: u32,
        turn: &mut Turn,
    ) -> ActionId {
        let id = ActionId(format_smolstr!(
            "page/{}/{}/{number}/{person}/{time}",
            matter.key.channel,
            matter.owed.message
        ));
        let to = Target::Page {
            person: person.clone(),
            about: matter.key.message(&matter.owed.message),
            level: matter.owed.level.name.clone(),
            signal: PageSignal::Trigger,
        };
        let message = self.words().page(matter, person);
        let action = Action {
            id: id.clone(),
            kind: Kind::Page,
            to,
            message,
            priority: Priority::Urgent,
            not_after: None,
            if_unknown: IfUnknown::Repeat,
        };
        self.send(matter.key, &matter.owed.message, action, matter.now, turn);
        if time == 1 {
            let words = self.words().paged(matter, person);
            let id =
                format_smolstr!("paged/{}/{}/{number}/{person}", matter.key.channel, matter.owed.message);
            self.tell_asker(matter, id, words, turn);
        }
        id
    }

    /// A page that nobody took is repeated.
    fn page_again(
        &mut self,
        matter: &Matter<'_>,
        step: &Step,
        taken: StepSaid,
        turn: &mut Turn,
    ) -> Option<Instant> {
        let live = step.by == By::Pager && matter.owed.level.interrupts && !taken.actions.is_empty();
        if !live || taken.pages >= PAGES {
            return None;
        }
        let again_at = taken.at.plus(PAGE_AGAIN_MS * i64::from(taken.pages));
        if again_at > matter.now {
            return Some(again_at);
        }
        let time = taken.pages + 1;
        for person in &taken.told {
            self.page(matter, taken.step, person, time, turn);
        }
        let said = self.owed_said(matter.key, matter.owed);
        if let Some(step) = said.steps.iter_mut().find(|said| said.step == taken.step) {
            step.pages = time;
        }
        (time < PAGES).then(|| matter.now.plus(PAGE_AGAIN_MS))
    }

    /// Tells the asker, privately in the channel, how it stands.
    pub(super) fn tell_asker(&mut self, matter: &Matter<'_>, id: SmolStr, message: Message, turn: &mut Turn) {
        let Some(runbook) = self.runbook() else { return };
        let Some((platform, user)) = self.people.address(&runbook, &matter.case.asker) else { return };
        let channel = matter.key.channel.clone();
        let to = Target::Private { platform, channel, thread: matter.case.root.clone(), user };
        let action = Action {
            id: ActionId(id),
            kind: Kind::Status,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        self.send(matter.key, &matter.owed.message, action, matter.now, turn);
    }

    /// Whoever took it is asked once, privately, when the whole promise has passed again without an answer.
    fn ask_taker(&mut self, matter: &Matter<'_>, course: &Course, turn: &mut Turn) -> Option<Instant> {
        let (taker, taken_at) = matter.owed.taken.clone()?;
        if self.owed.get(&matter.key.message(&matter.owed.message)).is_some_and(|said| said.asked_taker) {
            return None;
        }
        let at = course.once_more(taken_at)?;
        if at > matter.now {
            return Some(at);
        }
        match self.reach(&taker, matter.now) {
            Reach::Now => {}
            Reach::Digest(at) | Reach::From(at) => return Some(at),
            Reach::Never => return None,
        }
        self.owed_said(matter.key, matter.owed).asked_taker = true;
        let runbook = self.runbook()?;
        let (platform, user) = self.people.address(&runbook, &taker)?;
        if self.voice(&matter.key.channel) == Voice::Watch {
            self.would_have(Kind::Reminder, matter.key, &matter.owed.message, matter.now, turn);
            return None;
        }
        let message = self.words().ask_taker(matter, &taker);
        let id = ActionId(format_smolstr!("taker/{}/{}", matter.key.channel, matter.owed.message));
        let to = Target::Direct { platform, user };
        let action = Action {
            id,
            kind: Kind::Reminder,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        self.send(matter.key, &matter.owed.message, action, matter.now, turn);
        self.spend(&taker, matter.now);
        None
    }

    /// A notice joins a person's digest; after an outage the digest is the next thing they get.
    fn hold(&mut self, matter: &Matter<'_>, step: &Step, person: &Name, combined: bool, turn: &mut Turn) {
        if self.voice(&matter.key.channel) == Voice::Watch {
            self.would_have(kind_of(step), matter.key, &matter.owed.message, matter.now, turn);
            return;
        }
        let at = match combined {
            true => Some(matter.now),
            false => self.next_digest(person, matter.now),
        };
        let about = AboutOwed { strand: matter.key.clone(), message: matter.owed.message.clone() };
        let held = Held { kind: kind_of(step), about, since: matter.now, due: matter.due };
        let desk = self.desk(person);
        desk.held.push(held);
        desk.digest_at = desk.digest_at.into_iter().chain(at).min();
        if let Some(at) = desk.digest_at {
            self.wakes.set(Subject::Desk(person.clone()), at);
        }
        let why = if combined { Silence::Combined } else { Silence::Budget };
        self.trail(matter.key, matter.owed, matter.now, Noted::Silent { kind: kind_of(step), why }, turn);
    }

    /// Counts a notice posted in a thread.
    pub(super) fn count_in_thread(&mut self, thread: &StrandKey, root: &MessageId) {
        self.dirty.runs.insert((thread.clone(), root.clone()));
        self.runs.entry((thread.clone(), root.clone())).or_default().notices += 1;
    }

    /// What was posted about an obligation says how it stands now.
    #[expect(clippy::too_many_arguments, reason = "the obligation, how it stands, and when")]
    pub(super) fn amend_notices(
        &mut self,
        key: &StrandKey,
        case: &Case,
        owed: &Owed,
        stage: Stage,
        due: Option<Instant>,
        now: Instant,
        turn: &mut Turn,
    ) {
        let said = self.owed.get(&key.message(&owed.message));
        let steps: Vec<StepSaid> = said.map(|said| said.steps.clone()).unwrap_or_default();
        let matter = Matter { key, case, owed, due, now };
        for (said, action) in
            steps.iter().flat_map(|step| step.actions.iter().map(move |action| (step, action)))
        {
            let Some(step) = owed.level.escalate.get(said.step) else { continue };
            let amended = match step.by {
                By::Pager => self.end_page(&matter, said, action, stage, turn),
                By::Thread | By::DirectMessage => self.amend_step(&matter, action, stage),
            };
            turn.actions.extend(amended);
        }
    }

    fn amend_step(&mut self, matter: &Matter<'_>, action: &ActionId, stage: Stage) -> Option<Action> {
        let message = match (stage, &matter.owed.end) {
            (Stage::Open, _) => return None,
            (Stage::Paused, _) => self.words().is_paused(matter),
            (Stage::Acknowledged, _) => self.words().is_taken(matter),
            (Stage::Met | Stage::Cancelled, end) => {
                self.words().has_ended(matter, end.as_ref().map(|end| &end.how))
            }
        };
        let kind = self.notices.get(action).map(|notice| notice.kind)?;
        let id = ActionId(format_smolstr!("amend/{action}/{}", self.amendments(matter, stage)));
        let to = Target::Amend { of: action.clone() };
        Some(Action {
            id,
            kind,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        })
    }

    /// The pager hears that somebody took it, or that it is over.
    fn end_page(
        &mut self,
        matter: &Matter<'_>,
        said: &StepSaid,
        action: &ActionId,
        stage: Stage,
        turn: &mut Turn,
    ) -> Option<Action> {
        let signal = match stage {
            Stage::Open | Stage::Paused => return None,
            Stage::Acknowledged => PageSignal::Acknowledge,
            Stage::Met | Stage::Cancelled => PageSignal::Resolve,
        };
        let person = said.told.iter().find(|person| action.0.contains(&format!("/{person}/")))?.clone();
        if stage == Stage::Acknowledged {
            let words = self.words().is_taken(matter);
            let id = format_smolstr!("taken/{}/{}", matter.key.channel, matter.owed.message);
            self.tell_asker(matter, id, words, turn);
        }
        let about = matter.key.message(&matter.owed.message);
        let to = Target::Page { person, about, level: matter.owed.level.name.clone(), signal };
        let id = ActionId(format_smolstr!("amend/{action}/{}", self.amendments(matter, stage)));
        let message = match &matter.owed.end {
            None => self.words().is_taken(matter),
            Some(end) => self.words().has_ended(matter, Some(&end.how)),
        };
        Some(Action {
            id,
            kind: Kind::Page,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        })
    }

    /// Tells one amendment from another: the state, and when the facts brought it about.
    fn amendments(&self, matter: &Matter<'_>, stage: Stage) -> SmolStr {
        let at = match stage {
            Stage::Open => matter.owed.since,
            Stage::Acknowledged => matter.owed.taken.as_ref().map_or(matter.now, |(_, at)| *at),
            Stage::Paused => matter.owed.paused_since().unwrap_or(matter.now),
            Stage::Met | Stage::Cancelled => matter.owed.end.as_ref().map_or(matter.now, |end| end.at),
        };
        format_smolstr!("{stage:?}/{}", at.ms())
    }

    /// Without a working pager the asker sees whom to call.
    pub(super) fn show_emergency_card(
        &mut self,
        key: &StrandKey,
        about: &MessageId,
        now: Instant,
        turn: &mut Turn,
    ) {
        let found = self
            .strands
            .get(key)
            .and_then(|strand| strand.owing(about))
            .map(|(case, owed)| (case.clone(), owed.clone()));
        let Some((case, owed)) = found else { return };
        if self.owed_said(key, &owed).card_shown {
            return;
        }
        self.owed_said(key, &owed).card_shown = true;
        let matter = Matter { key, case: &case, owed: &owed, due: None, now };
        let people: Vec<Name> =
            owed.level.escalate.iter().flat_map(|step| self.people_of(&matter, step)).collect();
        let words = self.words().emergency_card(&people);
        self.tell_asker(&matter, format_smolstr!("card/{}/{about}", key.channel), words, turn);
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
