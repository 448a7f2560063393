//! Looks at every step, and at the end: what must hold, holds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use usher::calendar::Instant;
use usher::core::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use usher::core::record::Record;
use usher::core::said::{OwedSaid, Stage};
use usher::core::turn::{Change, Noted, Turn};

use super::book::{Book, DAY, Ms, Party, Voice, Who};
use super::endings::Endings;
use super::house::{End, House, Ledger};
use super::oracle::{Duty, Ending, Lost, duties, listed};
use super::outage::{Outage, step_of};
use super::said::{message_id, number};
use super::script::{Deed, Happening, Id};
use super::sent::{is_of_emergency, pinged, spends, voice_about, wrote_lately};
use super::story::Script;

/// Something that must not be.
#[derive(Clone, Debug)]
pub struct Violation {
    pub now: Ms,
    pub what: String,
    /// The message that it is about.
    pub about: Option<Id>,
}

/// What was seen so far.
#[derive(Default)]
pub struct Audit {
    /// Channels of which events may be missing, and since when.
    gaps: BTreeMap<usize, Ms>,
    /// What nobody will ever hear.
    lost: Vec<Lost>,
    never: BTreeSet<Id>,
    outage: Outage,
    endings: Endings,
    /// Whether Usher's clock is ahead of a change of the rules.
    ahead: bool,
    /// Every action that was committed, and when.
    actions: BTreeMap<ActionId, (Ms, Action)>,
    /// Notices that count, by person and their date.
    notices: BTreeMap<(Who, NaiveDate), usize>,
    /// Notices by thread.
    threads: BTreeMap<String, usize>,
    /// What was last kept of each obligation, by the id of its message.
    cases: BTreeMap<String, OwedSaid>,
    /// Messages about which somebody was told something, in a message of its own or in a digest.
    told: BTreeSet<Id>,
    obligations: BTreeSet<Id>,
}

impl Audit {
    /// Says that something is wrong.
    pub fn wrong(&self, now: Ms, what: String) -> Violation {
        Violation { now, what, about: None }
    }

    fn wrong_about(&self, now: Ms, message: Id, what: String) -> Violation {
        Violation { now, what: format!("message {message}: {what}"), about: Some(message) }
    }

    /// Events of channels may be missing since an instant.
    pub fn gap(&mut self, channels: &[usize], from: Ms) {
        for channel in channels {
            let since = self.gaps.entry(*channel).or_insert(from);
            *since = from.min(*since);
        }
    }

    /// They are known now.
    pub fn filled(&mut self, channels: &[usize]) {
        self.gaps.retain(|channel, _| !channels.contains(channel));
    }

    /// They never will be.
    pub fn lost(&mut self, channel: usize, missed: impl Iterator<Item = Id>, to: Ms) {
        if let Some(from) = self.gaps.remove(&channel) {
            self.lost.push(Lost { channel, from, to });
        }
        self.never.extend(missed);
    }

    /// Whether something is never heard.
    pub fn is_lost(&self, id: Id) -> bool {
        self.never.contains(&id)
    }

    /// A process starts.
    pub fn starts(&mut self, last_alive: Option<Ms>, now: Ms) {
        self.outage.ends(last_alive, now);
    }

    /// Looks at what the platform holds: no action led to two messages.
    pub fn look_at_messages(&self, house: &dyn House, now: Ms) -> Result<(), Violation> {
        let repeated = house.repeated();
        let may = |id: &ActionId| {
            self.actions.get(id).is_some_and(|(_, action)| action.if_unknown == IfUnknown::Repeat)
        };
        match repeated.into_iter().find(|(id, doubted)| !(*doubted && may(id))) {
            Some((id, _)) => Err(self.wrong(now, format!("action {id} was sent twice"))),
            None => Ok(()),
        }
    }

    /// Looks at what became of a message that was heard: it is in the state, once.
    pub fn look_at_fact(&self, id: Id, is_first: bool, turn: &Turn, now: Ms) -> Result<(), Violation> {
        let message = message_id(id);
        let is_it = |change: &&Change| matches!(change, Change::Put(key, Record::Fact(_)) if key.id == message.as_str());
        let times = turn.changes.iter().filter(is_it).count();
        if times == usize::from(is_first) {
            return Ok(());
        }
        Err(self.wrong_about(now, id, format!("it was heard and is {times} times in what is kept")))
    }

    /// Obligations, breaches, messages.
    pub fn figures(&self) -> [usize; 3] {
        [self.obligations.len(), self.endings.breaches(), self.actions.len()]
    }

    /// Looks at what was committed at the true instant `at`, when Usher's clock showed `now`.
    pub fn look(
        &mut self,
        script: &Script,
        heard: &BTreeMap<Id, Ms>,
        turn: &Turn,
        at: Ms,
        now: Ms,
    ) -> Result<(), Violation> {
        // A clock that runs ahead comes to a time whose rules nobody has told yet.
        self.ahead = script.office.changes_between(at, now);
        for change in &turn.changes {
            if let Change::Put(key, Record::Case(said)) = change {
                self.cases.insert(key.id.to_string(), OwedSaid::clone(said));
            }
        }
        let book = script.office.rules.at(now);
        let mut outage = std::mem::take(&mut self.outage);
        let concerned = |who, message, at| self.is_concerned(script, heard, who, message, at);
        let as_one = outage.look(book, &script.happenings, heard, turn, now, concerned);
        self.outage = outage;
        let ended = self.endings.look(turn);
        ended.and(as_one).map_err(|(message, what)| self.wrong_about(now, message, what))?;
        for note in &turn.notes {
            let Some(message) = note.about.as_ref().and_then(|about| number(&about.id)) else { continue };
            let at = note.at.ms();
            match &note.what {
                Noted::Owed { .. } => {
                    self.obligations.insert(message);
                }
                Noted::Breached => self.look_at_breach(script, heard, message, at, now)?,
                Noted::Met { .. }
                | Noted::Cancelled(_)
                | Noted::Acknowledged
                | Noted::Paused
                | Noted::Resumed
                | Noted::BreachTakenBack
                | Noted::Spoke(_)
                | Noted::WouldHaveSpoken(_)
                | Noted::Silent { .. }
                | Noted::Remark(_) => {}
            }
        }
        let digest = turn.actions.iter().any(|action| action.kind == Kind::Digest);
        let in_digest = turn.notes.iter().filter(|note| digest && matches!(note.what, Noted::Spoke(_)));
        self.told.extend(in_digest.filter_map(|note| number(&note.about.as_ref()?.id)));
        for action in &turn.actions {
            self.told.extend(action.id.0.split('/').find_map(number));
            self.look_at_action(script, heard, action, now)?;
        }
        Ok(())
    }

    /// A breach is declared only if what is known makes it one.
    fn look_at_breach(
        &mut self,
        script: &Script,
        heard: &BTreeMap<Id, Ms>,
        message: Id,
        at: Ms,
        now: Ms,
    ) -> Result<(), Violation> {
        let happening = script.happenings.iter().find(|other| other.id == message);
        let missing = happening.and_then(Happening::channel).is_some_and(|it| self.gaps.contains_key(&it));
        if missing {
            return Err(self.wrong_about(
                now,
                message,
                "a breach is declared though events may be missing".to_owned(),
            ));
        }
        let Some(story) = happening.and_then(|other| other.story) else {
            return Err(self.wrong_about(now, message, "a breach of nothing that was said".to_owned()));
        };
        let Some(known) = self.known(script, heard, story, now).filter(|_| !self.ahead) else {
            return Ok(());
        };
        // Where Usher's clock is behind, what it heard tells that more time has passed.
        let now = known.iter().map(|happening| happening.at).max().map_or(now, |last| last.max(now));
        let duties = duties(&script.office, &known, &self.lost, now);
        // What follows a duty in doubt is in doubt, too.
        let in_doubt = duties.iter().any(|duty| duty.in_doubt);
        match duties.into_iter().find(|duty| duty.message == message) {
            None if in_doubt => Ok(()),
            None => {
                Err(self.wrong_about(now, message, "a breach is declared, and nothing is owed".to_owned()))
            }
            Some(duty) if !duty.exact || duty.in_doubt => Ok(()),
            Some(duty) if duty.is_breached(now) && duty.due == Some(at) => Ok(()),
            Some(duty) => {
                let due = duty.due.map(Instant::from_ms);
                let (at, end) = (Instant::from_ms(at), duty.end.map(|(at, how)| (Instant::from_ms(at), how)));
                let what = format!("a breach at {at}, but it is due at {due:?} and ended {end:?}");
                Err(self.wrong_about(now, message, what))
            }
        }
    }

    /// What is known of a conversation, where that says what it means: without the first message a reply means
    /// something else, and in a main line without any message.
    fn known<'s>(
        &self,
        script: &'s Script,
        heard: &BTreeMap<Id, Ms>,
        story: Id,
        now: Ms,
    ) -> Option<Vec<&'s Happening>> {
        let of_story = || script.happenings.iter().filter(|other| other.story == Some(story));
        let known: Vec<&Happening> = of_story().filter(|other| heard.contains_key(&other.id)).collect();
        let first = known.first().filter(|first| first.id == story)?;
        let in_main_line = known
            .iter()
            .any(|other| other.id != story && matches!(other.deed, Deed::Said { thread: None, .. }));
        let all = of_story().filter(|other| other.at <= now).count();
        // What is heard after its time was lost comes to a place where that may be forgotten, and so does what goes
        // on where nothing was meant to have ended.
        let goes_on =
            |lost: &Lost| known.iter().any(|other| other.at > lost.to || heard[&other.id] > lost.to);
        let late =
            |lost: &Lost| first.channel() == Some(lost.channel) && first.at <= lost.to && goes_on(lost);
        // Of two questions of one asker in one channel, an answer in the main line may be taken for that to either.
        let tells_asker = |other: &&Happening| other.at > first.at && tells_in_line(other, first);
        let is_mixed = |told: &Happening| told.story != Some(story) || has_rival(script, first, told.at);
        if script.happenings.iter().filter(tells_asker).any(is_mixed) {
            return None;
        }
        // A thread whose first message stays away for a day and longer may be forgotten meanwhile.
        let strays = known.iter().any(|other| heard[&first.id] - heard[&other.id] > DAY);
        // What comes late is held to the runbook of the moment when it comes; which of those before it makes more of
        // what else was said meanwhile is not modelled.
        let changes = || script.office.rules.books.iter().skip(1).map(|(from, _)| *from);
        let is_revised = |other: &&Happening| changes().any(|at| other.at < at && at <= heard[&other.id]);
        let revised = known.iter().any(is_revised);
        let complete = all == known.len();
        (!strays && !revised && (complete || !in_main_line) && !self.lost.iter().any(late)).then_some(known)
    }

    /// What is owed to a message, as far as that is known.
    fn duty(&self, script: &Script, heard: &BTreeMap<Id, Ms>, message: Id, now: Ms) -> Option<Duty> {
        let story = script.happenings.iter().find(|other| other.id == message)?.story?;
        let known = self.known(script, heard, story, now)?;
        let mut duties = duties(&script.office, &known, &self.lost, now).into_iter();
        duties.find(|duty| duty.message == message)
    }

    /// Whether somebody was to be told of a message at an instant, if anybody was.
    fn is_concerned(&self, script: &Script, heard: &BTreeMap<Id, Ms>, who: Who, message: Id, at: Ms) -> bool {
        let Some(duty) = self.duty(script, heard, message, at) else { return false };
        let told = duty.frozen.ladder.iter().flat_map(|step| &step.tell).chain(&duty.parties);
        let told = listed(&script.office, &told.copied().collect::<Vec<_>>(), at);
        told.into_iter().any(|named| script.office.stand_in(named, at).unwrap_or(named) == who)
    }

    /// A step that was due in an outage is told with the others that were.
    fn look_at_step(
        &self,
        script: &Script,
        heard: &BTreeMap<Id, Ms>,
        action: &Action,
        now: Ms,
    ) -> Result<(), Violation> {
        if !matches!(action.kind, Kind::Reminder | Kind::Escalation) || action.priority == Priority::Urgent {
            return Ok(());
        }
        let Some(step) = step_of(action) else { return Ok(()) };
        let Some(message) = action.id.0.split('/').find_map(number) else { return Ok(()) };
        match self.duty(script, heard, message, now) {
            Some(duty) if self.outage.has(&duty, step) => {
                Err(self.wrong_about(now, message, format!("{} fell due in an outage", action.id)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn look_at_action(
        &mut self,
        script: &Script,
        heard: &BTreeMap<Id, Ms>,
        action: &Action,
        now: Ms,
    ) -> Result<(), Violation> {
        if let Some((_, before)) = self.actions.get(&action.id) {
            if before != action {
                return Err(
                    self.wrong(now, format!("action {} is decided twice with other words", action.id))
                );
            }
            return Ok(());
        }
        self.actions.insert(action.id.clone(), (now, action.clone()));
        let book = script.office.rules.at(now);
        self.look_at_voice(script, action, now)?;
        if !self.ahead {
            self.look_at_step(script, heard, action, now)?;
        }
        let alarm = action.kind == Kind::Status && is_of_emergency(script, action);
        if action.kind == Kind::Page || action.priority == Priority::Urgent || alarm || self.ahead {
            return Ok(());
        }
        for who in pinged(book, action) {
            let office = &script.office;
            let just_wrote = wrote_lately(script, heard, who, now);
            let private = matches!(action.to, Target::Private { .. });
            let answers = action.kind == Kind::Answer || (private && just_wrote);
            if !office.is_open(who, now) && !just_wrote && !answers {
                let what = format!("{} is told {:?} while out of office", book.people[who].name, action.kind);
                return Err(self.wrong(now, what));
            }
            if office.is_open(who, now) && !office.is_reachable(who, now) && !just_wrote && !answers {
                let what = format!("{} is told {:?} while in focus", book.people[who].name, action.kind);
                return Err(self.wrong(now, what));
            }
            if spends(action.kind) {
                let spent = self.notices.entry((who, office.date(who, now))).or_default();
                *spent += 1;
                let spent = *spent;
                if spent > book.per_person {
                    let what = format!("{} is told {spent} notices on one day", book.people[who].name);
                    return Err(self.wrong(now, what));
                }
            }
        }
        self.look_at_thread(book, action, now)
    }

    fn look_at_thread(&mut self, book: &Book, action: &Action, now: Ms) -> Result<(), Violation> {
        if let Target::Thread { channel, root, .. } = &action.to
            && spends(action.kind)
        {
            let said = self.threads.entry(format!("{channel} {root}")).or_default();
            *said += 1;
            let said = *said;
            if said > book.per_thread {
                let what = format!("{said} notices in the thread {root}");
                return Err(self.wrong(now, what));
            }
        }
        Ok(())
    }

    /// In a watched channel nothing is said at all; in a private one nothing that others see.
    fn look_at_voice(&self, script: &Script, action: &Action, now: Ms) -> Result<(), Violation> {
        let book = script.office.rules.at(now);
        let (channel, seen_by_all) = match &action.to {
            Target::Thread { channel, .. } | Target::Channel { channel, .. } => (channel, true),
            Target::Private { channel, .. } => (channel, false),
            Target::Direct { .. } | Target::Home { .. } | Target::Amend { .. } | Target::Page { .. } => {
                return Ok(());
            }
        };
        let place = (0..book.channels.len()).find(|place| book.channel_id(*place) == channel.as_str());
        let Some(place) = place.filter(|_| action.kind != Kind::Answer) else { return Ok(()) };
        // A channel that was dropped keeps its voice for what was asked there before.
        let asked = action.id.0.split('/').find_map(number);
        let asked = script.happenings.iter().find(|other| Some(other.id) == asked);
        // How it stands is told about the message that wants news.
        let begun = |news: &Happening| script.happenings.iter().find(|other| Some(other.id) == news.story);
        let asked = if action.kind == Kind::Status { asked.and_then(begun) } else { asked };
        let of_owed = matches!(action.kind, Kind::Reminder | Kind::Escalation | Kind::Status);
        let voice = match asked.filter(|_| of_owed) {
            Some(asked) => voice_about(script, place, asked.at, now),
            None => book.channels[place].voice,
        };
        let may = match voice {
            Voice::Speak => true,
            Voice::Private => !seen_by_all,
            Voice::Watch => false,
        };
        if may {
            return Ok(());
        }
        Err(self.wrong(now, format!("{:?} is said in #{}", action.kind, book.channels[place].name)))
    }

    /// When nothing more happens: everything is as it ought to be.
    pub fn at_end(
        &self,
        script: &Script,
        heard: &BTreeMap<Id, Ms>,
        ledger: &Ledger,
        end: Ms,
    ) -> Result<(), Violation> {
        let unheard = |other: &&Happening| !heard.contains_key(&other.id) && !self.is_lost(other.id);
        if let Some(missing) = script.happenings.iter().find(unheard) {
            return Err(self.wrong_about(end, missing.id, "it was never heard".to_owned()));
        }
        let mut cases = BTreeSet::new();
        if let Some((twice, _)) = self.records_of_cases().find(|(message, _)| !cases.insert(*message)) {
            return Err(self.wrong_about(end, twice, "one answer is owed twice".to_owned()));
        }
        let mut owed = BTreeSet::new();
        let stories: BTreeSet<Id> = script.happenings.iter().filter_map(|other| other.story).collect();
        for story in stories {
            let Some(known) = self.known(script, heard, story, end) else {
                let of_story = script.happenings.iter().filter(|other| other.story == Some(story));
                owed.extend(of_story.map(|other| other.id));
                continue;
            };
            for duty in duties(&script.office, &known, &self.lost, end) {
                if duty.in_doubt {
                    owed.extend(known.iter().map(|other| other.id));
                }
                owed.insert(duty.message);
                if duty.in_doubt {
                    continue;
                }
                self.look_at_duty(&duty, end)?;
                self.look_at_silence(script, &duty, end)?;
            }
        }
        if let Some(more) = self
            .records_of_cases()
            .find(|(message, said)| !owed.contains(message) && said.stage != Some(Stage::Cancelled))
        {
            return Err(self.wrong_about(end, more.0, "an answer is owed that nobody asked for".to_owned()));
        }
        self.look_at_outbox(ledger, end)
    }

    /// A question that nobody took or answered, in a channel where Usher speaks, is told of: everyone has been in
    /// office since.
    fn look_at_silence(&self, script: &Script, duty: &Duty, end: Ms) -> Result<(), Violation> {
        let said = self.records_of_cases().find(|(id, _)| *id == duty.message);
        let steps = said.into_iter().flat_map(|(_, said)| &said.steps).flat_map(|step| &step.actions);
        if let Some(lost) = steps.into_iter().find(|id| !self.actions.contains_key(*id)) {
            return Err(self.wrong_about(
                end,
                duty.message,
                format!("{lost} was sent, says Usher; it was not"),
            ));
        }
        let tells_others = duty.frozen.ladder.iter().flat_map(|step| &step.tell).any(|party| match party {
            Party::Responders => true,
            Party::Person(_) | Party::Group(_) | Party::Rotation(_) => {
                listed(&script.office, &[*party], duty.since).iter().any(|who| *who != duty.asker)
            }
        });
        let hangs = duty.end.is_none() && duty.taken.is_none() && duty.is_breached(script.to);
        let speaks = voice_about(script, duty.channel, duty.since, end) == Voice::Speak;
        if hangs && tells_others && speaks && !self.told.contains(&duty.message) {
            return Err(self.wrong_about(end, duty.message, "nobody was ever told".to_owned()));
        }
        Ok(())
    }

    fn look_at_duty(&self, duty: &Duty, end: Ms) -> Result<(), Violation> {
        let message = duty.message;
        let Some((_, record)) = self.records_of_cases().find(|(id, _)| *id == message) else {
            return Err(self.wrong_about(
                end,
                message,
                "an answer is owed, and Usher does not know".to_owned(),
            ));
        };
        let ending = match record.stage {
            Some(Stage::Met) => Some(Ending::Met),
            Some(Stage::Cancelled) => Some(Ending::Cancelled),
            Some(Stage::Open | Stage::Acknowledged | Stage::Paused) | None => None,
        };
        if ending != duty.end.map(|(_, ending)| ending) {
            let what = format!("it is {:?}, and ought to be {:?}", record.stage, duty.end);
            return Err(self.wrong_about(end, message, what));
        }
        let noted = self.endings.end(message);
        if let Some((at, _)) = duty.end.filter(|(at, _)| noted != Some(*at)) {
            let (noted, at) = (noted.map(Instant::from_ms), Instant::from_ms(at));
            return Err(self.wrong_about(
                end,
                message,
                format!("it ended at {at}, and Usher says {noted:?}"),
            ));
        }
        let breached = duty.is_breached(end);
        if duty.exact
            && (breached != record.breached || (breached && record.due_at.map(Instant::ms) != duty.due))
        {
            let what = format!(
                "breached is {}, due {:?}; it ought to be {breached}, due {:?}",
                record.breached,
                record.due_at,
                duty.due.map(Instant::from_ms)
            );
            return Err(self.wrong_about(end, message, what));
        }
        Ok(())
    }

    /// What Usher kept of each obligation.
    fn records_of_cases(&self) -> impl Iterator<Item = (Id, &OwedSaid)> {
        self.cases.iter().filter_map(|(id, said)| Some((number(id)?, said)))
    }

    /// What was decided was sent: once, or not at all where that is right.
    fn look_at_outbox(&self, ledger: &Ledger, end: Ms) -> Result<(), Violation> {
        if let Some(rejected) = ledger.rejected.first() {
            return Err(self.wrong(end, format!("an event could not be handled: {rejected}")));
        }
        for (id, (_, action)) in &self.actions {
            let messages = ledger.messages.get(id).copied().unwrap_or(0);
            let may_repeat = ledger.doubted.contains(id) && action.if_unknown == IfUnknown::Repeat;
            if messages > 1 && !may_repeat {
                return Err(self.wrong(end, format!("action {id} was sent {messages} times")));
            }
            let right = match ledger.ends.get(id) {
                None => false,
                Some(End::Sent) => messages > 0,
                Some(End::Unknown | End::Refused) => true,
            };
            if !right {
                return Err(self.wrong(end, format!("action {id} was decided and never sent")));
            }
        }
        Ok(())
    }
}

/// Whether a message in the main line mentions the one who asked with `first` there.
fn tells_in_line(told: &Happening, first: &Happening) -> bool {
    match (&told.deed, &first.deed) {
        (
            Deed::Said { channel, thread: None, words, .. },
            Deed::Said { channel: there, thread: None, by, .. },
        ) => channel == there && words.mentions.contains(&Party::Person(*by)),
        _ => false,
    }
}

/// Whether the asker of a first message has begun another story in that main line by then.
fn has_rival(script: &Script, first: &Happening, by_then: Ms) -> bool {
    let is_of_asker = |other: &Happening| match (&other.deed, &first.deed) {
        (Deed::Said { channel, thread: None, by, .. }, Deed::Said { channel: there, by: them, .. }) => {
            channel == there && by == them
        }
        _ => false,
    };
    let begins = |other: &&Happening| other.story == Some(other.id) && other.id != first.id;
    script.happenings.iter().filter(begins).any(|other| other.at < by_then && is_of_asker(other))
}
