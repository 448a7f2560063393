//! Long threads: when a short call, or the written way, is suggested, and to whom.

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::calls::When;
use super::engine::Engine;
use super::event::{ChannelId, MessageId};
use super::judge::Welcome;
use super::message::Message;
use super::run::Run;
use super::said::RunSaid;
use super::strand::StrandKey;
use super::turn::{Silence, Turn};
use super::wakes::Subject;
use crate::calendar::{Instant, MINUTE_MS};
use crate::runbook::{Name, Suggest, Threads, Voice};

/// What is said in a talk is of no use later than this: the talk has gone on.
const SPEECH_MS: i64 = 30 * MINUTE_MS;

/// A run of talk that is looked at.
struct Talk<'a> {
    key: &'a StrandKey,
    run: &'a Run,
    threads: &'a Threads,
    said: &'a RunSaid,
    /// As of when its temper is judged: now, or when its last message came.
    as_of: Instant,
    now: Instant,
}

/// What is said in a run of talk.
pub(super) struct Speech {
    pub(super) id: ActionId,
    pub(super) kind: Kind,
    pub(super) message: Message,
    /// Whether it is a notice of the day and of the thread: nobody asked for it.
    pub(super) counts: bool,
}

/// Who of those who take part may hear a suggestion now.
enum Hearers {
    /// All of them, in the thread.
    All,
    /// One, alone: a post in the thread would ping somebody who may not be told.
    One(Name),
    /// Nobody before that instant.
    Later(Option<Instant>, Silence),
}

impl Speech {
    fn action(self, to: Target, now: Instant) -> Action {
        Action {
            id: self.id,
            kind: self.kind,
            to,
            message: self.message,
            priority: Priority::Routine,
            not_after: Some(now.plus(SPEECH_MS)),
            if_unknown: IfUnknown::Leave,
        }
    }
}

impl Engine {
    /// Looks at a run of talk after something was heard in it.
    pub(super) fn look_at_run(&mut self, key: &StrandKey, number: usize, now: Instant, turn: &mut Turn) {
        let Some(run) = self.strands.get(key).and_then(|strand| strand.runs().get(number)) else { return };
        let Some(revision) = self.calendars.at(run.last_at) else { return };
        let threads = &revision.runbook.threads;
        let asked = run.call_wanted.is_some();
        if run.exchanges() < threads.suggest_call_after && !asked {
            return;
        }
        let (run, threads) = (run.clone(), threads.clone());
        let said = self.runs.get(&(key.clone(), run.first.clone())).cloned().unwrap_or_default();
        if let Some((person, at)) = run.call_wanted.clone().filter(|(_, at)| said.call_answered != Some(*at))
        {
            self.run_said(key, &run.first).call_answered = Some(at);
            if key.root.is_none() && self.is_wanted_in_thread(key, &run) {
                return;
            }
            let run = self.with_partners(key, &run, &threads, now);
            let talk = Talk { key, run: &run, threads: &threads, said: &said, as_of: now, now };
            self.answer_wish(&talk, &person, turn);
            return;
        }
        let since_last = said.suggested_at.map_or(u32::MAX, |at| run.exchanges_ever().saturating_sub(at));
        if run.exchanges() < threads.suggest_call_after || since_last < threads.again_after {
            return;
        }
        self.consider(&Talk { key, run: &run, threads: &threads, said: &said, as_of: now, now }, turn);
    }

    /// Whether the call that is wanted in a run of the main line is wanted in a thread of it, which hears
    /// of it, too.
    fn is_wanted_in_thread(&self, line: &StrandKey, run: &Run) -> bool {
        let threads = self.strands_of(&line.channel).into_iter().filter(|key| key.root.is_some());
        let mut runs = threads.filter_map(|key| self.strands.get(&key)?.runs().first());
        runs.any(|thread| thread.call_wanted == run.call_wanted)
    }

    /// A suggestion that was welcome and could be told to nobody is made when somebody is in, if the talk still
    /// stands as it stood.
    pub(super) fn suggest_what_waits(
        &mut self,
        key: &StrandKey,
        first: &MessageId,
        now: Instant,
        turn: &mut Turn,
    ) {
        let Some(said) = self.runs.get(&(key.clone(), first.clone())).cloned() else { return };
        let Some(until) = said.waits_until else { return };
        if until > now {
            self.wakes.set(Subject::Run(key.clone(), first.clone()), until);
            return;
        }
        self.run_said(key, first).waits_until = None;
        let Some(run) = self.run_from(key, first) else { return };
        let Some(threads) = self.calendars.at(run.last_at).map(|revision| revision.runbook.threads.clone())
        else {
            return;
        };
        let as_of = run.last_at;
        self.consider(&Talk { key, run: &run, threads: &threads, said: &said, as_of, now }, turn);
    }

    /// What was not suggested because messages could be missing is looked at again when none are: in Slack a socket
    /// that is replaced opens a gap of a second, and nobody may write again for long.
    pub(super) fn suggest_after_gap(&mut self, channel: &ChannelId, now: Instant, turn: &mut Turn) {
        for key in self.strands_of(channel) {
            let runs = self.strands.get(&key).map_or(&[][..], |strand| strand.runs());
            let held_back = |run: &Run| {
                let said = self.runs.get(&(key.clone(), run.first.clone()));
                said.is_some_and(|said| matches!(said.silent, Some((_, Silence::Gap))))
            };
            let numbers: Vec<usize> =
                runs.iter().enumerate().filter(|(_, run)| held_back(run)).map(|(number, _)| number).collect();
            for number in numbers {
                self.look_at_run(&key, number, now, turn);
            }
        }
    }

    /// The run, and with one who talks to nobody yet those whom they want in the call: who is mentioned, else
    /// those who owe the answer.
    fn with_partners(&self, key: &StrandKey, run: &Run, threads: &Threads, now: Instant) -> Run {
        let mut run = run.clone();
        if run.people.len() > 1 {
            return run;
        }
        let mut partners = run.invited.clone();
        if partners.is_empty() {
            let cases = self.strands.get(key).map_or(&[][..], |strand| strand.cases());
            let open =
                run.cases.iter().filter_map(|case| cases.get(*case)).filter(|case| case.open().is_some());
            partners = open.flat_map(|case| self.calendars.members(&self.people, &case.who, now)).collect();
        }
        let most = usize::try_from(threads.at_most_people).unwrap_or(usize::MAX);
        for person in partners {
            if run.people.len() < most && !run.people.contains(&person) {
                run.people.push(person);
                run.wrote_at.push(Instant::MIN);
            }
        }
        run
    }

    /// Somebody asked for a call: it stands in the thread where that pings nobody who is off, else they alone
    /// hear when it could be.
    fn answer_wish(&mut self, talk: &Talk<'_>, person: &Name, turn: &mut Turn) {
        if talk.run.people.len() < 2 {
            let why = Silence::NothingToSuggest;
            self.stay_silent(Kind::Call, talk.key, &talk.run.first, why, talk.now, turn);
            return;
        }
        let when = self.when_to_call(talk.run, talk.threads, talk.now);
        let alone = match self.voice(&talk.key.channel) {
            Voice::Watch => false,
            Voice::Private => true,
            Voice::Speak => !self.may_all_be_answered(talk.run, talk.now),
        };
        self.suggest_call(talk, when, Some(person), alone.then_some(person), turn);
    }

    fn consider(&mut self, talk: &Talk<'_>, turn: &mut Turn) {
        let crowded = talk.run.temper.people() > talk.threads.at_most_people;
        let kind = if crowded { Kind::WrittenWay } else { Kind::Call };
        if let Some(why) = self.reason_for_silence(talk, kind) {
            self.silent_in_run(talk, kind, why, turn);
            return;
        }
        let twice = talk.run.exchanges() >= 2 * talk.threads.suggest_call_after;
        if crowded && (!twice || talk.said.written_way) {
            self.silent_in_run(talk, kind, Silence::Crowded, turn);
            return;
        }
        let alone = match self.hearers(talk) {
            Hearers::All => None,
            Hearers::One(person) => Some(person),
            Hearers::Later(until, why) => {
                self.silent_in_run(talk, kind, why, turn);
                self.wait_in_run(talk, until);
                return;
            }
        };
        let when = match crowded {
            true => When::Never,
            false => self.when_to_call(talk.run, talk.threads, talk.now),
        };
        match when {
            When::Never => self.offer_written_way(talk, alone.as_ref(), turn),
            When::Now { .. } | When::Slot(_) => self.suggest_call(talk, when, None, alone.as_ref(), turn),
        }
    }

    /// Why a thread that is long enough gets no suggestion.
    fn reason_for_silence(&self, talk: &Talk<'_>, kind: Kind) -> Option<Silence> {
        let welcome = talk.run.temper.welcome(talk.as_of, talk.threads.at_most_people);
        let unwelcome = match (talk.threads.suggest, welcome) {
            (Suggest::Never, _) => return Some(Silence::TurnedOff),
            (_, Welcome::Declined) => Some(Silence::Declined),
            (_, Welcome::Closing) => Some(Silence::Closing),
            (_, Welcome::Crowded { .. } | Welcome::Yes)
            | (Suggest::Always, Welcome::NotStuck | Welcome::Social) => None,
            (Suggest::WhenStuck, Welcome::Social) => Some(Silence::Social),
            (Suggest::WhenStuck, Welcome::NotStuck) => Some(Silence::NotStuck),
            (_, Welcome::NotLive) => Some(Silence::NotLive),
        };
        if unwelcome.is_some() || talk.run.resolved_at.is_some() {
            return unwelcome.or(Some(Silence::Resolved));
        }
        if self.is_turned_off(&talk.key.channel, kind) {
            return Some(Silence::TurnedOff);
        }
        if self.places.has_gap(&talk.key.channel) {
            return Some(Silence::Gap);
        }
        match self.voice(&talk.key.channel) {
            Voice::Private => return Some(Silence::PrivateOnly),
            Voice::Watch => return None,
            Voice::Speak => {}
        }
        let spent = self.runbook().is_none_or(|runbook| talk.said.notices >= runbook.notices.per_thread);
        spent.then_some(Silence::ThreadBudget)
    }

    /// Whether a post in a talk pings nobody who may not be told.
    pub(super) fn may_all_be_answered(&mut self, run: &Run, now: Instant) -> bool {
        run.people.iter().zip(&run.wrote_at).all(|(person, at)| self.may_be_answered(person, *at, now))
    }

    /// All who take part; where somebody may not be told now, the last writer who may be; else it waits.
    fn hearers(&mut self, talk: &Talk<'_>) -> Hearers {
        let (run, now) = (talk.run, talk.now);
        if self.voice(&talk.key.channel) == Voice::Watch {
            return Hearers::All;
        }
        if self.may_all_be_answered(run, now) {
            return match run.people.iter().all(|person| self.has_budget(person, now)) {
                true => Hearers::All,
                false => Hearers::Later(None, Silence::Budget),
            };
        }
        let writers: Vec<(&Name, Instant)> = run.people.iter().zip(run.wrote_at.iter().copied()).collect();
        let may: Vec<(&Name, Instant)> =
            writers.iter().copied().filter(|(person, at)| self.may_be_answered(person, *at, now)).collect();
        let with_budget = may.iter().filter(|(person, _)| self.has_budget(person, now));
        if let Some((person, _)) = with_budget.max_by_key(|(_, wrote_at)| *wrote_at) {
            return Hearers::One((*person).clone());
        }
        if !may.is_empty() {
            return Hearers::Later(None, Silence::Budget);
        }
        let openings: Vec<Instant> =
            run.people.iter().filter_map(|person| self.next_in(person, now, now)).collect();
        let muted = run.people.iter().any(|person| self.has_muted(person, now));
        let why = if muted { Silence::Muted } else { Silence::NobodyIn };
        Hearers::Later(openings.into_iter().min(), why)
    }

    fn wait_in_run(&mut self, talk: &Talk<'_>, until: Option<Instant>) {
        self.run_said(talk.key, &talk.run.first).waits_until = until;
        if let Some(until) = until {
            self.wakes.set(Subject::Run(talk.key.clone(), talk.run.first.clone()), until);
        }
    }

    /// Notes a silence once, not at every message.
    fn silent_in_run(&mut self, talk: &Talk<'_>, kind: Kind, why: Silence, turn: &mut Turn) {
        if talk.said.silent.is_some_and(|(_, known)| known == why) {
            return;
        }
        self.run_said(talk.key, &talk.run.first).silent = Some((talk.run.exchanges_ever(), why));
        self.stay_silent(kind, talk.key, &talk.run.first, why, talk.now, turn);
    }

    /// Suggests a call in the thread, or to one `alone`.
    fn suggest_call(
        &mut self,
        talk: &Talk<'_>,
        when: When,
        asked_by: Option<&Name>,
        alone: Option<&Name>,
        turn: &mut Turn,
    ) {
        let (key, run, now) = (talk.key, talk.run, talk.now);
        let said = self.run_said(key, &run.first);
        said.suggested_at = Some(run.exchanges_ever());
        said.suggestions += 1;
        said.waits_until = None;
        let time = said.suggestions;
        if self.voice(&key.channel) == Voice::Watch {
            self.would_have(Kind::Call, key, &run.first, now, turn);
            return;
        }
        let id = ActionId(format_smolstr!("call/{}/{}/{time}", key.channel, run.first));
        let said = self.run_said(key, &run.first);
        said.action = Some(id.clone());
        said.told_alone = alone.is_some();
        let message = match alone {
            Some(person) => {
                let off = self.who_may_not_be_told(run, now);
                self.words().call_for_one(run, &off, person, when, asked_by, now)
            }
            None => self.words().call(run, when, asked_by, now),
        };
        let counts = asked_by.is_none();
        self.say_in_run(talk, alone, Speech { id, kind: Kind::Call, message, counts }, turn);
    }

    fn who_may_not_be_told(&mut self, run: &Run, now: Instant) -> Vec<Name> {
        let writers = run.people.iter().zip(&run.wrote_at);
        let off = writers.filter(|(person, at)| !self.may_be_answered(person, **at, now));
        off.map(|(person, _)| person.clone()).collect()
    }

    fn offer_written_way(&mut self, talk: &Talk<'_>, alone: Option<&Name>, turn: &mut Turn) {
        let (key, run, now) = (talk.key, talk.run, talk.now);
        let said = self.run_said(key, &run.first);
        if said.written_way {
            return;
        }
        said.written_way = true;
        said.suggested_at = Some(run.exchanges_ever());
        said.waits_until = None;
        if self.voice(&key.channel) == Voice::Watch {
            self.would_have(Kind::WrittenWay, key, &run.first, now, turn);
            return;
        }
        let message = self.words().written_way(run, alone);
        let id = ActionId(format_smolstr!("written-way/{}/{}", key.channel, run.first));
        let speech = Speech { id, kind: Kind::WrittenWay, message, counts: true };
        self.say_in_run(talk, alone, speech, turn);
    }

    /// Says something to all who take part, or to one of them alone.
    fn say_in_run(&mut self, talk: &Talk<'_>, alone: Option<&Name>, speech: Speech, turn: &mut Turn) {
        let (key, run, now) = (talk.key, talk.run, talk.now);
        let Some(person) = alone else { return self.post_in_run(key, run, speech, now, turn) };
        let Some(to) = self.private_to(person, &key.channel, key.root.as_ref()) else { return };
        let counts = speech.counts;
        self.send(key, &run.first, speech.action(to, now), now, turn);
        if counts {
            self.spend(person, now);
        }
    }

    pub(super) fn post_in_run(
        &mut self,
        key: &StrandKey,
        run: &Run,
        speech: Speech,
        now: Instant,
        turn: &mut Turn,
    ) {
        // A question that nobody has answered is talked of in its own thread.
        let to = match (&key.root, self.thread_target(key, &run.first)) {
            (None, Target::Thread { platform, channel, .. }) if run.messages > 1 => {
                Target::Channel { platform, channel }
            }
            (_, to) => to,
        };
        let counts = speech.counts;
        self.send(key, &run.first, speech.action(to, now), now, turn);
        if counts {
            self.count_in_thread(key, &run.first);
            run.people.iter().for_each(|person| self.spend(person, now));
        }
    }
}
