//! What a command does to the thread it is given in: take, resolve, call, outcome, urgent.

use smol_str::format_smolstr;

use super::{Asked, Thread};
use crate::calendar::DAY_MS;
use crate::core::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use crate::core::case::Ground;
use crate::core::command::ChannelNamed;
use crate::core::deadline::rank_ms;
use crate::core::engine::Engine;
use crate::core::fact::Verb;
use crate::core::line::Line;
use crate::core::message::Message;
use crate::core::record::{Record, RecordKey, RecordKind};
use crate::core::run::Run;
use crate::core::said::Decision;
use crate::core::strand::StrandKey;
use crate::core::turn::{Change, Turn};
use crate::runbook::{Name, Runbook, Voice};

/// So many decisions are kept, and so long.
const DECISIONS_KEPT: usize = 1_000;
const DECISION_AGE_MS: i64 = 400 * DAY_MS;
/// So many are listed.
const DECISIONS_LISTED: usize = 10;

impl Engine {
    /// The asker takes the question.
    pub(in crate::core) fn take(&mut self, asked: &Asked<'_>, thread: &Thread, turn: &mut Turn) -> Message {
        let line = Line::default();
        let Some((case, owed)) = self.open_in(thread) else {
            return line.words("Nothing is owed in this thread, so there is nothing to take.").done();
        };
        let reader = self.reader(&asked.by, asked.now);
        if let Some((taker, at)) = &owed.taken {
            let line = match *taker == asked.by {
                true => line.words("It is yours already, since "),
                false => line.part(self.words().name(taker)).words(" took it, "),
            };
            return reader.time(line, *at).words(".").done();
        }
        let ground = Ground { people: &self.people, calendars: &self.calendars };
        if case.asker == asked.by {
            return line.words("It is your own question; somebody else has to take it.").done();
        }
        if !case.may_answer(&asked.by, asked.now, ground) {
            let line = line.words("This answer is owed by ").parts(self.whose(&case.who, asked.now));
            return line.words("; they alone can take it. Your answer is welcome all the same.").done();
        }
        self.add_verb(asked.event, &thread.key, Some(&thread.about), &asked.by, Verb::Take, asked.now, turn);
        match self.open_in(thread) {
            Some((case, owed)) => {
                let due = self.course(&case, &owed, asked.now).due(&owed);
                let line = line.words("It is yours, and nobody else is reminded. ");
                match due {
                    Some(due) => {
                        let is_over = due <= asked.now;
                        let line = line.words(if is_over {
                            "The answer was owed by "
                        } else {
                            "The answer is owed by "
                        });
                        reader.time(line, due).words(".").done()
                    }
                    None => line.done(),
                }
            }
            None => line.words("Taken; that is all this one asks for.").done(),
        }
    }

    /// The thread is settled.
    pub(in crate::core) fn resolve(
        &mut self,
        asked: &Asked<'_>,
        thread: &Thread,
        turn: &mut Turn,
    ) -> Message {
        let was_open = self.open_in(thread).is_some();
        self.add_verb(
            asked.event,
            &thread.key,
            Some(&thread.about),
            &asked.by,
            Verb::Resolve,
            asked.now,
            turn,
        );
        let line = Line::default();
        match was_open {
            true => line.words("Resolved. Nothing is owed in this thread any more."),
            false => line.words("Noted as resolved. Nothing was owed here; I will suggest no call."),
        }
        .done()
    }

    /// A call is wanted: it is suggested in the thread, or where Usher does not speak, to the asker alone.
    pub(in crate::core) fn call(&mut self, asked: &Asked<'_>, thread: &Thread, turn: &mut Turn) -> Message {
        let before = turn.actions.len();
        if !self.run_of(thread).is_none_or(is_alone) {
            let about = Some(&thread.about);
            self.add_verb(asked.event, &thread.key, about, &asked.by, Verb::Call, asked.now, turn);
        }
        let said = turn.actions[before..].iter().find(|action| action.kind == Kind::Call);
        match said.map(|action| &action.to) {
            Some(Target::Private { .. }) => {
                let line = Line::of("Only you see it. ");
                return line.words("The others hear of it when you take the call.").done();
            }
            Some(_) => {
                let line = Line::of("It stands in the thread, for all of you to see. ");
                return line.words("Whoever presses first takes it.").done();
            }
            None => {}
        }
        let (Some(run), Some(runbook)) = (self.run_of(thread).cloned(), self.runbook()) else {
            return Line::of("I know nobody in this thread yet.").done();
        };
        if is_alone(&run) {
            let line = Line::of("Nobody but you has part in this thread yet. ");
            return line.words("Mention whom you want in the call.").done();
        }
        let when = self.when_to_call(&run, &runbook.threads, asked.now);
        self.words().call_privately(&run, when, asked.now)
    }

    /// The run of talk of a thread, as the thread itself heard it.
    fn run_of(&self, thread: &Thread) -> Option<&Run> {
        let own = StrandKey { channel: thread.key.channel.clone(), root: thread.root.clone() };
        let strand = self.strands.get(&own).or_else(|| self.strands.get(&thread.key));
        strand.and_then(|strand| strand.run_of(&thread.about).map(|run| &strand.runs()[run]))
    }

    /// How it ended: posted in the thread, kept as a decision; the thread is settled.
    pub(in crate::core) fn tell_outcome(
        &mut self,
        asked: &Asked<'_>,
        thread: &Thread,
        text: String,
        turn: &mut Turn,
    ) -> Message {
        let verb = Verb::Outcome;
        if !self.add_verb(asked.event, &thread.key, Some(&thread.about), &asked.by, verb, asked.now, turn) {
            return Line::of("I have that outcome already.").done();
        }
        let posts = self.voice(asked.channel) == Voice::Speak;
        if posts {
            let message = self.words().outcome(&asked.by, &text);
            let action = Action {
                id: ActionId(format_smolstr!("told/{}", asked.event.key)),
                kind: Kind::Outcome,
                to: self.thread_target(&thread.key, &thread.about),
                message,
                priority: Priority::Prompt,
                not_after: None,
                if_unknown: IfUnknown::Leave,
            };
            self.send(&thread.key, &thread.about, action, asked.now, turn);
        }
        self.keep_decision(asked, thread, text, turn);
        let line = match posts {
            true => Line::of("Posted in the thread and kept as a decision; the thread is settled."),
            false => Line::default()
                .words("Kept as a decision; the thread is settled. I do not speak in this channel."),
        };
        line.words(" ").code("decisions").words(" lists them.").done()
    }

    fn keep_decision(&mut self, asked: &Asked<'_>, thread: &Thread, text: String, turn: &mut Turn) {
        let id = format_smolstr!("{:015}/{}", asked.now.ms(), asked.event.key);
        let decision = Decision {
            at: asked.now,
            by: asked.by.clone(),
            strand: thread.key.clone(),
            about: thread.about.clone(),
            text,
        };
        let key_of = |id, decision: &Decision| RecordKey {
            kind: RecordKind::Decision,
            owner: format_smolstr!("{}", decision.strand),
            id,
        };
        turn.changes
            .push(Change::Put(key_of(id.clone(), &decision), Record::Decision(Box::new(decision.clone()))));
        self.decisions.insert(id, decision);
        let is_old = |decision: &Decision| asked.now.since(decision.at) > DECISION_AGE_MS;
        while self.decisions.len() > DECISIONS_KEPT
            || self.decisions.first_key_value().is_some_and(|(_, decision)| is_old(decision))
        {
            let Some((id, decision)) = self.decisions.pop_first() else { break };
            turn.changes.push(Change::Delete(key_of(id, &decision)));
        }
    }

    /// The last outcomes of a channel, newest first.
    pub(in crate::core) fn decided_in(&self, asked: &Asked<'_>, channel: Option<ChannelNamed>) -> Message {
        let channel = match channel {
            None => Some(asked.channel.clone()),
            Some(named) => named.id,
        };
        let reader = self.reader(&asked.by, asked.now);
        let reads = |id: &_| self.can_read(asked.event.platform, asked.user, &asked.by, id);
        let readable = |id: &_| id == asked.channel || reads(id);
        let Some(channel) = channel.filter(readable) else {
            return Line::of("That channel is none that you can read here.").done();
        };
        let here = self.decisions.values().rev().filter(|decision| decision.strand.channel == channel);
        let listed: Vec<&Decision> = here.take(DECISIONS_LISTED).collect();
        let line = match listed.is_empty() {
            true => Line::of("No outcome was told in "),
            false => Line::of("Decided in "),
        };
        let line = line.part(self.places.part(&channel));
        let line = match listed.is_empty() {
            true => line.words(" yet. After a call: ").code("outcome what we decided").words("."),
            false => line.words(":"),
        };
        listed
            .into_iter()
            .fold(line, |line, decision| {
                let line = reader.time(line.bullet(), decision.at).words(", ");
                line.part(self.words().name(&decision.by)).words(": ").quote(&decision.text)
            })
            .done()
    }

    /// Only levels that interrupt are tighter: they have to be named.
    fn tightest(&self, runbook: &Runbook, present: i64, asked: &Asked<'_>) -> Message {
        let mut tighter = runbook
            .levels
            .iter()
            .filter(|level| rank_ms(level) < present && self.may_raise(runbook, level, &asked.by, asked.now));
        let line = Line::default();
        match tighter.next() {
            Some(level) => {
                let line = line
                    .words("Only ")
                    .strong(&level.name)
                    .words(" is tighter, and it reaches people at any hour (");
                let line = line.words(&level.means).words("). If that is so: ");
                line.code(&format!("urgent {}", level.name)).words(".").done()
            }
            None => line.words("There is no tighter level that you may raise.").done(),
        }
    }

    /// The question of this thread gets a tighter level: that one, or the next.
    pub(in crate::core) fn urgent(
        &mut self,
        asked: &Asked<'_>,
        thread: &Thread,
        level: Option<Name>,
        turn: &mut Turn,
    ) -> Message {
        let Some(runbook) = self.runbook() else { return Message::default() };
        let present = self.open_in(thread).map_or(i64::MAX, |(_, owed)| rank_ms(&owed.level));
        let next = || {
            let tighter = runbook.levels.iter().filter(|level| {
                !level.interrupts
                    && rank_ms(level) < present
                    && self.may_raise(&runbook, level, &asked.by, asked.now)
            });
            tighter.max_by_key(|level| rank_ms(level)).map(|level| level.name.clone())
        };
        match level.or_else(next) {
            Some(level) => self.raise(asked, &thread.key, &thread.about, &level, turn),
            None => self.tightest(&runbook, present, asked),
        }
    }
}

/// Whether nobody but one person wrote or was mentioned in a run of talk.
fn is_alone(run: &Run) -> bool {
    run.people.len() + run.invited.len() < 2
}
