//! The engine: one event or one wake in, one decision out.
//!
//! It decides and does nothing. Its state is its records: an engine loaded from them is the engine that
//! wrote them. Methods cannot fail; what cannot be understood is noted and changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::action::ActionId;
use super::calendars::{Calendars, InForce, PAST_MS};
use super::event::{ChannelId, Event, MessageId, MessageRef, RevisionText, What};
use super::fact::{Fact, Happened};
use super::notices::Notices;
use super::people::People;
use super::places::Places;
use super::record::{Record, RecordKey, RecordKind};
use super::said::{Decision, Desk, Ledger, OwedSaid, RunSaid};
use super::strand::StrandKey;
use super::strands::Strands;
use super::turn::{Change, Note, Noted, Turn};
use super::unread::Unread;
use super::wakes::{Subject, Wakes};
use crate::calendar::Instant;
use crate::runbook::{self, Loaded, Name, Problem, Runbook};

/// One wake looks at so many subjects; what is left is due at once again.
const SUBJECTS_A_WAKE: usize = 500;

/// See the module.
#[derive(Debug, Default)]
pub struct Engine {
    pub(super) people: People,
    pub(super) places: Places,
    pub(super) calendars: Calendars,
    pub(super) strands: Strands,
    /// The thread in which a reply stands; never iterated.
    pub(super) thread_of: FxHashMap<MessageRef, MessageId>,
    /// Facts about messages that have not come yet.
    pub(super) orphans: BTreeMap<MessageRef, Vec<Arc<Fact>>>,
    pub(super) unread: Unread,
    /// Shared with the records of the turns; never iterated, and neither is the next.
    pub(super) owed: FxHashMap<MessageRef, Arc<OwedSaid>>,
    pub(super) runs: FxHashMap<(StrandKey, MessageId), RunSaid>,
    pub(super) desks: BTreeMap<Name, Desk>,
    pub(super) notices: Notices,
    pub(super) ledger: Ledger,
    /// How talks ended, oldest first: the id begins with the instant.
    pub(super) decisions: BTreeMap<SmolStr, Decision>,
    pub(super) wakes: Wakes,
    /// The strand at which the last look at ages left off, where there were too many for one turn.
    pub(super) aged: Option<StrandKey>,
    pub(super) dirty: Dirty,
    revision_number: u32,
    /// What this version does not take of the stored revisions; told at the start.
    pub(super) misread: Vec<String>,
}

/// What has to be written at the end of a turn.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    pub(super) owed: BTreeSet<MessageRef>,
    pub(super) runs: BTreeSet<(StrandKey, MessageId)>,
    pub(super) desks: BTreeSet<Name>,
    pub(super) notices: BTreeSet<ActionId>,
    pub(super) ledger: bool,
}

/// Why records do not make an engine.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The body of a record is not of its kind.
    #[error("record `{kind}` of `{owner}` with id `{id}` holds something else")]
    Mismatch {
        /// The kind by its key.
        kind: &'static str,
        /// Its owner.
        owner: SmolStr,
        /// Its id.
        id: SmolStr,
    },
    /// Nothing of a stored revision can be read.
    #[error("revision `{0}` of the runbook was in force and cannot be read")]
    Revision(SmolStr),
}

impl Engine {
    /// The engine that wrote these records; of none, a new one.
    ///
    /// # Errors
    /// When a record does not hold what its kind says, or nothing of a stored revision can be read.
    pub fn load(records: impl IntoIterator<Item = (RecordKey, Record)>) -> Result<Engine, LoadError> {
        let mut engine = Engine::default();
        let mut revisions = BTreeMap::new();
        for (key, record) in records {
            engine.take_in(key, record, &mut revisions)?;
        }
        for (number, (at, text)) in revisions {
            let Loaded { runbook, problems, .. } = runbook::recover(&text.file, &text.text, &text.beside);
            let runbook = runbook.ok_or_else(|| LoadError::Revision(text.id.clone()))?;
            if !problems.is_empty() {
                engine.misread.push(format!(
                    "revision {} was in force, and this version does not take all of it; what it leaves out: {}",
                    text.id,
                    in_one_line(&problems)
                ));
            }
            engine.enact(number, at, &text, runbook);
        }
        engine.join_strands();
        engine.set_all_wakes();
        Ok(engine)
    }

    /// Decides about one event at `now`. An event that is known already changes nothing.
    pub fn handle(&mut self, event: &Event, now: Instant) -> Turn {
        let mut turn = Turn::new(Some(event.key.clone()), now);
        if let Some(user) = event.what.by() {
            if self.people.is_ghost(event.platform, user) {
                return turn;
            }
            self.follow(event, user, now);
        }
        match &event.what {
            What::Revision(text) => self.revise(text, now, &mut turn),
            What::User { user, facts } => self.hear_user(event.platform, user, facts, &mut turn),
            What::Channel { channel, facts } => self.hear_channel(event, channel, facts, now, &mut turn),
            What::Started { last_alive } => self.hear_started(*last_alive, now, &mut turn),
            What::Delivered { action, fate, errand } => {
                self.hear_fate(action, fate, now, &mut turn);
                self.hear_errand(errand.as_ref(), fate, now, &mut turn);
            }
            What::Gap { channel, from } => {
                self.hear_gap(event.platform, channel.as_ref(), Some(*from), now, &mut turn);
            }
            What::Filled { channel } => {
                self.hear_gap(event.platform, channel.as_ref(), None, now, &mut turn);
            }
            What::Lost { channel, why } => self.hear_lost(event, channel, why, now, &mut turn),
            What::Away { user, span } => self.hear_away(event.platform, user, *span, now, &mut turn),
            What::Posted(posted) => self.hear_posted(event, posted, now, &mut turn),
            What::Unreadable { message, thread, author } => {
                self.hear_unreadable(event, message, thread.as_ref(), author, now, &mut turn);
            }
            What::Edited { message, thread, author, text } => {
                self.hear_edited(event, message, thread.as_ref(), author, text, now, &mut turn);
            }
            What::Deleted { message, .. } => self.hear_deleted(event, message, now, &mut turn),
            What::Reacted { message, user, emoji, added } => {
                self.hear_reaction(event, message, user, emoji, *added, now, &mut turn);
            }
            What::Commanded { user, channel, thread, words } => {
                let asked = self.asked(event, user, channel, thread.as_ref(), now);
                self.hear_command(&asked, words, &mut turn);
            }
            What::Pressed { user, action, choice } => {
                self.hear_press(event, user, action, choice, now, &mut turn)
            }
            What::CallBegan { channel, thread, users } => {
                self.hear_call(event, channel, thread.as_ref(), users, now, &mut turn);
            }
            What::HomeOpened { user } => self.show_home(event, user, None, now, &mut turn),
            What::Invited { channel, by } => self.greet(event, channel, by.as_ref(), now, &mut turn),
        }
        self.flush(&mut turn);
        turn
    }

    /// Decides what has come due by `now`. Too early, it changes nothing; where more is due than one turn
    /// should hold, [`Engine::next_wake`] stays in the past.
    pub fn wake(&mut self, now: Instant) -> Turn {
        let mut turn = Turn::new(None, now);
        for _ in 0..SUBJECTS_A_WAKE {
            let Some(subject) = self.wakes.take_due(now) else { break };
            match subject {
                Subject::Case(key, question) => self.look_at_case(&key, &question, now, &mut turn),
                Subject::Run(key, first) => self.look_after_call(&key, &first, now, &mut turn),
                Subject::Desk(person) => self.look_at_desk(&person, now, &mut turn),
                Subject::Duty(rotation) => self.look_at_duty(&rotation, now, &mut turn),
                Subject::Ledger => self.look_at_ledger(now, &mut turn),
                Subject::Age => self.look_at_ages(now, &mut turn),
                Subject::Unread(channel) => self.look_at_unread(&channel, now, &mut turn),
            }
        }
        self.flush(&mut turn);
        turn
    }

    /// When there is next something to decide.
    pub fn next_wake(&self) -> Option<Instant> {
        self.wakes.next()
    }

    /// In how many channels something may have been missed that is not read yet.
    pub fn open_gaps(&self) -> usize {
        self.places.all().into_iter().filter(|(_, place)| place.gap.is_some()).count()
    }

    /// The first messages of those threads of a channel in which an answer is owed, in order; of a question in the
    /// main line that is the question.
    pub fn open_threads(&self, channel: &ChannelId) -> Vec<MessageId> {
        let cases = self.strands.keys_in(channel).flat_map(|key| self.strands[key].cases());
        let open = cases.filter(|case| case.open().is_some()).map(|case| case.thread().clone());
        open.collect::<BTreeSet<MessageId>>().into_iter().collect()
    }

    /// The runbook in force, if there is one.
    pub fn runbook(&self) -> Option<Arc<Runbook>> {
        self.calendars.current().map(|revision| Arc::clone(&revision.runbook))
    }

    /// Notes something for `why`, the figures and the log.
    pub(super) fn note(&mut self, turn: &mut Turn, at: Instant, about: Option<MessageRef>, what: Noted) {
        if let Some(about) = &about {
            self.count_for_week(turn.now, about, &what);
        }
        turn.notes.push(Note { at, about, what });
    }

    pub(super) fn remark(turn: &mut Turn, what: String) {
        turn.notes.push(Note { at: turn.now, about: None, what: Noted::Remark(what) });
    }

    fn revise(&mut self, text: &RevisionText, now: Instant, turn: &mut Turn) {
        if self.calendars.current().is_some_and(|revision| revision.id == text.id) {
            return;
        }
        match read(text) {
            Err(problems) => Engine::remark(
                turn,
                format!("revision {} is not valid and not in force: {problems}", text.id),
            ),
            Ok(runbook) => {
                let number = self.revision_number + 1;
                let means_the_same = self.runbook().is_none_or(|before| *before == runbook);
                self.enact(number, now, text, runbook);
                let key = RecordKey {
                    kind: RecordKind::Revision,
                    owner: SmolStr::default(),
                    id: format_smolstr!("{number:010}"),
                };
                turn.changes
                    .push(Change::Put(key, Record::Revision { at: now, text: Box::new(text.clone()) }));
                self.forget_revisions(now, turn);
                self.set_standing_wakes(now);
                self.look_at_all_cases(now, turn);
                if !means_the_same {
                    self.announce_revision(text, now, turn);
                }
            }
        }
    }

    fn enact(&mut self, number: u32, at: Instant, text: &RevisionText, runbook: Runbook) {
        self.revision_number = number;
        self.calendars.enact(InForce { number, id: text.id.clone(), at, runbook: Arc::new(runbook) });
        self.people.follow(self.calendars.runbooks());
    }

    /// Revisions are kept as long as a clock may run under them.
    fn forget_revisions(&mut self, now: Instant, turn: &mut Turn) {
        for number in self.calendars.forget_before(now.plus(-PAST_MS)) {
            let key = RecordKey {
                kind: RecordKind::Revision,
                owner: SmolStr::default(),
                id: format_smolstr!("{number:010}"),
            };
            turn.changes.push(Change::Delete(key));
        }
        self.people.follow(self.calendars.runbooks());
    }

    fn take_in(
        &mut self,
        key: RecordKey,
        record: Record,
        revisions: &mut BTreeMap<u32, (Instant, RevisionText)>,
    ) -> Result<(), LoadError> {
        let mismatch = |key: &RecordKey| LoadError::Mismatch {
            kind: key.kind.name(),
            owner: key.owner.clone(),
            id: key.id.clone(),
        };
        match (key.kind, record) {
            (RecordKind::Revision, Record::Revision { at, text }) => {
                let number = key.id.parse().map_err(|_| mismatch(&key))?;
                revisions.insert(number, (at, *text));
            }
            (RecordKind::User, Record::User(platform, facts, before)) => {
                self.people.restore(platform, key.id, *facts, before);
            }
            (RecordKind::Channel, Record::Channel(place)) => self.places.restore(key.id, *place),
            (RecordKind::Fact, Record::Fact(fact)) => self.take_in_fact(&key.owner, fact),
            (RecordKind::Case, Record::Case(said)) => {
                self.owed.insert(in_channel(&key.owner, &key.id), said);
            }
            (RecordKind::Run, Record::Run(said)) => {
                self.runs.insert((StrandKey::parse(&key.owner), key.id), *said);
            }
            (RecordKind::Person, Record::Person(desk)) => {
                self.calendars.set_away(&key.id, desk.away.clone());
                if let Some((platform, _)) = desk.seen_on {
                    self.people.see(&key.id, platform);
                }
                self.desks.insert(key.id, *desk);
            }
            (RecordKind::Notice, Record::Notice(notice)) => {
                self.notices.insert(ActionId(key.id), *notice);
            }
            (RecordKind::Ledger, Record::Ledger(ledger)) => self.ledger = *ledger,
            (RecordKind::Decision, Record::Decision(decision)) => {
                self.decisions.insert(key.id, *decision);
            }
            (
                RecordKind::Revision
                | RecordKind::User
                | RecordKind::Channel
                | RecordKind::Fact
                | RecordKind::Case
                | RecordKind::Run
                | RecordKind::Person
                | RecordKind::Notice
                | RecordKind::Ledger
                | RecordKind::Decision,
                _,
            ) => return Err(mismatch(&key)),
        }
        Ok(())
    }

    fn take_in_fact(&mut self, owner: &SmolStr, fact: Arc<Fact>) {
        if let Some(orphaned) = owner.strip_prefix(ORPHANS) {
            if let Some(of) = about(&fact) {
                let message = MessageRef { channel: SmolStr::new(orphaned), id: of.clone() };
                self.orphans.entry(message).or_default().push(fact);
            }
            return;
        }
        let key = StrandKey::parse(owner);
        if let (Some(root), Happened::Said(_)) = (&key.root, &fact.what) {
            self.thread_of.insert(key.message(&fact.key), root.clone());
        }
        self.unread.restore(&key, &fact);
        self.strands.at(&key).restore(fact);
    }

    fn flush(&mut self, turn: &mut Turn) {
        for action in &mut turn.actions {
            self.make_at_home(action);
        }
        while let Some(message) = self.dirty.owed.pop_first() {
            let said = self.owed.get(&message).cloned();
            put(turn, RecordKind::Case, message.channel, message.id, said.map(Record::Case));
        }
        while let Some(run) = self.dirty.runs.pop_first() {
            let said = self.runs.get(&run).cloned();
            put(
                turn,
                RecordKind::Run,
                format_smolstr!("{}", run.0),
                run.1,
                said.map(|said| Record::Run(Box::new(said))),
            );
        }
        while let Some(person) = self.dirty.desks.pop_first() {
            let desk = self.desks.get(&person).cloned();
            put(
                turn,
                RecordKind::Person,
                SmolStr::default(),
                person,
                desk.map(|desk| Record::Person(Box::new(desk))),
            );
        }
        while let Some(action) = self.dirty.notices.pop_first() {
            let notice = self.notices.get(&action).cloned();
            put(
                turn,
                RecordKind::Notice,
                SmolStr::default(),
                action.0,
                notice.map(|notice| Record::Notice(Box::new(notice))),
            );
        }
        if std::mem::take(&mut self.dirty.ledger) {
            let record = Record::Ledger(Box::new(self.ledger.clone()));
            put(turn, RecordKind::Ledger, SmolStr::default(), SmolStr::default(), Some(record));
        }
    }
}

/// The owner of facts that wait for their message begins so; the channel follows.
pub(super) const ORPHANS: &str = "? ";

/// The message that a fact is about, where it is about another.
pub(super) fn about(fact: &Fact) -> Option<&MessageId> {
    match &fact.what {
        Happened::Said(_) | Happened::Unread { .. } | Happened::Lost | Happened::Archived => None,
        Happened::Edited { of, .. } | Happened::Deleted { of } | Happened::Sign { of, .. } => Some(of),
        Happened::Verb { of, .. } => of.as_ref(),
    }
}

/// Writes a record, or deletes it where there is none any more.
pub(super) fn put(turn: &mut Turn, kind: RecordKind, owner: SmolStr, id: SmolStr, record: Option<Record>) {
    let key = RecordKey { kind, owner, id };
    turn.changes.push(match record {
        Some(record) => Change::Put(key, record),
        None => Change::Delete(key),
    });
}

/// Reads a revision's text; its problems in one line.
fn read(text: &RevisionText) -> Result<Runbook, String> {
    let loaded = runbook::load(&text.file, &text.text, &text.beside);
    loaded.runbook.ok_or_else(|| in_one_line(&loaded.problems))
}

fn in_one_line(problems: &[Problem]) -> String {
    let said = |problem: &Problem| {
        format!("{}:{}:{}: {}", problem.file, problem.line, problem.column, problem.message)
    };
    problems.iter().map(said).collect::<Vec<_>>().join("; ")
}

/// The channel of the platform that is spoken of.
pub(super) fn in_channel(channel: &ChannelId, id: &MessageId) -> MessageRef {
    MessageRef { channel: channel.clone(), id: id.clone() }
}
