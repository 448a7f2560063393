//! Plays a script to a house that faults befall, and lets the audit look at every step.
//!
//! First with faults: events come late, twice, in another order or not at all until their gap is filled;
//! the process dies, sleeps, or has a wrong clock. Then without, until nothing more happens.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use usher::calendar::Instant;
use usher::core::action::Action;
use usher::core::event::{ChannelId, Event, What};
use usher::core::turn::Turn;

use super::audit::{Audit, Violation};
use super::book::{DAY, HOUR, MINUTE, Ms};
use super::chance::Chance;
use super::house::{House, Outcome};
use super::plan::Deaf;
use super::said;
use super::script::{Deed, Happening, Id};
use super::story::{Script, script};

/// The calm after the script lasts so long.
const CALM: Ms = 20 * DAY;
/// More wakes without the passing of time than this are a storm.
const WAKES_AT_ONCE: u32 = 300;

/// Something that is to come.
#[derive(Clone, Debug)]
enum Coming {
    /// A happening is delivered; with another key when it is the second time and the platform is careless.
    Happening(usize, bool),
    /// Something is said to Usher itself.
    Order(usize),
    /// A planned deafness begins.
    Deafened(usize),
    /// A planned deafness ends.
    Hears(usize),
    /// A process starts after a crash.
    Restart,
    /// What may have been missed has been read.
    Fill,
    /// Usher's clock is set.
    ClockSet,
    /// Nothing goes wrong any more.
    Calm,
}

/// How a play went.
pub struct Played {
    /// What happened, step by step.
    pub transcript: Vec<String>,
    /// What was said in each conversation, by its first message.
    pub stories: BTreeMap<Id, Vec<Id>>,
    /// What was wrong, if something was.
    pub violation: Option<Violation>,
    /// What the store held at the end.
    pub records: String,
    /// How many obligations, breaches and messages there were.
    pub figures: [usize; 3],
}

/// The platform does not deliver.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// In this channel, or in none.
    channel: Option<usize>,
    since: Ms,
}

/// See the module.
struct World {
    script: Script,
    house: Box<dyn House>,
    audit: Audit,
    chance: Chance,
    queue: BTreeMap<(Ms, u64), Coming>,
    count: u64,
    at: Ms,
    /// Happenings that are committed.
    heard: BTreeMap<Id, Ms>,
    /// Channels that cannot be read when they are to be.
    unreadable: BTreeSet<usize>,
    /// Whether things go wrong.
    faults: bool,
    asleep: bool,
    cut: Option<Cut>,
    /// When a process was last alive before a start that died.
    down_since: Option<Instant>,
    wakes_at_once: u32,
    transcript: Vec<String>,
}

/// Plays a seed in a house.
pub fn play(seed: u64, house: Box<dyn House>) -> Played {
    let script = script(seed);
    let mut world = World {
        audit: Audit::default(),
        house,
        chance: Chance::new(seed, 4),
        queue: BTreeMap::new(),
        count: 0,
        at: script.from - HOUR,
        heard: BTreeMap::new(),
        unreadable: BTreeSet::new(),
        faults: false,
        asleep: false,
        cut: None,
        down_since: None,
        wakes_at_once: 0,
        transcript: Vec::new(),
        script,
    };
    world.prepare();
    let violation = world.run().err();
    let figures = world.audit.figures();
    let mut records = world.house.records();
    records.sort_by(|(key, _), (other, _)| key.cmp(other));
    let records = records.iter().map(|(key, record)| format!("{key:?} {record:?}\n")).collect();
    let mut stories: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for happening in &world.script.happenings {
        if let Some(story) = happening.story {
            stories.entry(story).or_default().push(happening.id);
        }
    }
    Played { stories, transcript: world.transcript, violation, records, figures }
}

impl World {
    fn come(&mut self, at: Ms, what: Coming) {
        self.count += 1;
        self.queue.insert((at, self.count), what);
    }

    /// Usher's clock.
    fn now(&self) -> Ms {
        self.at + self.script.plan.skew(self.at)
    }

    fn log(&mut self, line: String) {
        self.transcript.push(format!("{} {line}", Instant::from_ms(self.at)));
    }

    fn log_turn(&mut self, turn: &Turn) {
        let mut lines = String::new();
        for note in &turn.notes {
            let about = note.about.as_ref().map_or("", |about| about.id.as_str());
            let _ = write!(lines, "\n    {} at {}: {:?}", about, note.at, note.what);
        }
        for action in &turn.actions {
            let Action { id, kind, to, priority, message, .. } = action;
            let _ = write!(
                lines,
                "\n    {kind:?} {priority:?} {to:?} {id}: {}",
                message.plain().replace('\n', " / ")
            );
        }
        if let Some(last) = self.transcript.last_mut() {
            last.push_str(&lines);
        }
    }

    /// Everything that is known beforehand to come.
    fn prepare(&mut self) {
        let plan = self.script.plan.clone();
        for (index, (stretch, _)) in plan.deaf.iter().enumerate() {
            self.come(stretch.from, Coming::Deafened(index));
            self.come(stretch.to, Coming::Hears(index));
        }
        for (stretch, _) in &plan.skewed {
            self.come(stretch.from, Coming::ClockSet);
            self.come(stretch.to, Coming::ClockSet);
        }
        for index in 0..self.script.happenings.len() {
            self.prepare_happening(index);
        }
        self.come(self.script.to + 12 * HOUR, Coming::Calm);
    }

    fn prepare_happening(&mut self, index: usize) {
        let (at, deed) = (self.script.happenings[index].at, self.script.happenings[index].deed.clone());
        if matches!(deed, Deed::Away { .. } | Deed::Moved(_) | Deed::Reload(_)) {
            self.come(at, Coming::Order(index));
            return;
        }
        let seconds = self.chance.weighted(&[((0, 3), 88), ((60, 7_200), 9), ((7_200, 36_000), 3)]);
        let late = self.chance.between(seconds.0 * 1_000, seconds.1 * 1_000);
        self.come(at + late, Coming::Happening(index, false));
        if self.chance.percent(10) {
            let again = *self.chance.pick(&[3_000, 60_000, 300_000]);
            let careless = self.chance.percent(30);
            self.come(at + late + again, Coming::Happening(index, careless));
        }
    }

    fn run(&mut self) -> Result<(), Violation> {
        self.house.set_faults(false);
        self.house.start(self.at);
        let hello = said::introduction(&self.script.office.rules.books[0].1, self.at);
        for event in hello {
            self.deliver(&event, None)?;
        }
        self.house.set_faults(true);
        self.faults = true;
        let end = self.script.to + CALM;
        while let Some(at) = self.next().filter(|at| *at <= end) {
            if at > self.at {
                self.wakes_at_once = 0;
                self.at = at;
            }
            self.step()?;
        }
        self.at = end;
        let ledger = self.house.ledger();
        self.audit.at_end(&self.script, &self.heard, &ledger, end)
    }

    /// When something happens next.
    fn next(&self) -> Option<Ms> {
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
        let runs = self.house.is_up() && !self.asleep;
        let skew = self.script.plan.skew(self.at);
        let own = [self.house.next_wake(), self.house.next_send(self.now())];
        let own = own.into_iter().flatten().map(|at| (at - skew).max(self.at)).min().filter(|_| runs);
        queued.into_iter().chain(own).min()
    }

    fn step(&mut self) -> Result<(), Violation> {
        let now = self.now();
        if let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= self.at) {
            let coming = entry.remove();
            return self.comes(coming);
        }
        if !self.house.is_up() || self.asleep {
            return Ok(());
        }
        if self.house.next_wake().is_some_and(|at| at <= now) {
            self.wakes_at_once += 1;
            if self.wakes_at_once > WAKES_AT_ONCE {
                return Err(self.audit.wrong(now, "the engine wants to be woken again and again".to_owned()));
            }
            let outcome = self.house.wake(now);
            return self.outcome(outcome, None, "wake".to_owned());
        }
        if self.house.next_send(now).is_some_and(|at| at <= now) {
            return self.send(now);
        }
        Ok(())
    }

    fn send(&mut self, now: Ms) -> Result<(), Violation> {
        let sent = self.house.send(now);
        self.audit.look_at_messages(self.house.as_ref(), now)?;
        for (id, fate) in sent {
            self.log(format!("send {id} {fate:?}"));
            if let Some(fate) = fate {
                self.tell("fate", What::Delivered { action: id.clone(), fate, errand: None })?;
                self.house.settled(&id);
            }
        }
        if self.house.is_up() { Ok(()) } else { self.crashed() }
    }

    fn comes(&mut self, coming: Coming) -> Result<(), Violation> {
        match coming {
            Coming::Happening(index, careless) => self.happens(index, careless),
            Coming::Order(index) => self.ordered(index),
            Coming::Deafened(index) => self.deafened(index),
            Coming::Hears(index) => self.hears(index),
            Coming::Restart => self.restart(),
            Coming::Fill => self.fill(),
            Coming::ClockSet => {
                let ahead = self.script.plan.skew(self.at);
                self.log(format!("clock set: ahead by {ahead} ms"));
                Ok(())
            }
            Coming::Calm => {
                self.house.set_faults(false);
                self.faults = false;
                self.log("calm".to_owned());
                match self.house.is_up() {
                    true => self.tell_gap(None).and_then(|()| self.fill()),
                    false => self.restart(),
                }
            }
        }
    }

    /// What is said to Usher itself is heard at once, or it would count from another instant than is known.
    fn ordered(&mut self, index: usize) -> Result<(), Violation> {
        if !self.house.is_up() {
            self.restart()?;
        }
        let faults = self.house.set_faults(false);
        let heard = self.happens(index, false);
        self.house.set_faults(faults);
        heard
    }

    fn happens(&mut self, index: usize, careless: bool) -> Result<(), Violation> {
        let happening = &self.script.happenings[index];
        let cut = self.cut.is_some_and(|cut| cut.channel.is_none() || cut.channel == happening.channel());
        if !self.house.is_up() || self.asleep || cut {
            return Ok(());
        }
        let mut event = said::event(&self.script.office.rules, happening);
        if careless {
            event.key = format!("{}-again", event.key).into();
        }
        self.house.spoil_late(&mut event, self.at);
        let id = happening.id;
        self.deliver(&event, Some(id))
    }

    fn deliver(&mut self, event: &Event, happening: Option<Id>) -> Result<(), Violation> {
        if !self.house.is_up() {
            return Ok(());
        }
        let now = self.now();
        let mut outcome = self.house.deliver(event, now);
        // What could not be committed is kept and handled again.
        while matches!(outcome, Outcome::Lost) && self.house.is_up() {
            self.log(format!("not committed: {}", event.key));
            outcome = self.house.deliver(event, now);
        }
        let line = format!("{} {:?}", event.key, event.what);
        if self.house.forgot(&event.key) {
            self.heard.extend(happening.map(|id| (id, now)));
        }
        self.outcome(outcome, happening, line)
    }

    fn outcome(&mut self, outcome: Outcome, happening: Option<Id>, line: String) -> Result<(), Violation> {
        match outcome {
            Outcome::Known => {
                self.log(format!("known {line}"));
                Ok(())
            }
            Outcome::Lost => {
                self.log(format!("not committed: {line}"));
                if self.house.is_up() { Ok(()) } else { self.crashed() }
            }
            Outcome::Committed { turn, died } => {
                let now = self.now();
                let is_first = happening.is_some_and(|id| !self.heard.contains_key(&id));
                self.heard.extend(happening.filter(|_| is_first).map(|id| (id, now)));
                self.log(line);
                self.log_turn(&turn);
                if let Some(id) = happening.filter(|id| self.is_message(*id)) {
                    self.audit.look_at_fact(id, is_first, &turn, now)?;
                }
                self.audit.look(&self.script, &self.heard, &turn, self.at, now)?;
                if died { self.crashed() } else { Ok(()) }
            }
        }
    }

    /// The process died: another starts soon, if the machine is there.
    fn crashed(&mut self) -> Result<(), Violation> {
        let after = self.chance.between(1, 180) * 1_000;
        self.log("died".to_owned());
        match self.script.plan.deaf_at(self.at + after) {
            Some((_, Deaf::Down | Deaf::Asleep)) => {}
            Some((_, Deaf::Cut | Deaf::CutUnseen | Deaf::CutFrom(_))) | None => {
                let at = if self.faults { self.at + after } else { self.at };
                self.come(at, Coming::Restart);
            }
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), Violation> {
        if self.house.is_up() || self.asleep {
            return Ok(());
        }
        self.log("start".to_owned());
        // The driver commits the two together: that of a start which died in between was no sign of life.
        let last_alive = self.down_since.take().or(self.house.last_alive());
        let learnt = self.house.start(self.now());
        self.tell_gap(None)?;
        if !self.house.is_up() {
            self.down_since = last_alive;
            return Ok(());
        }
        self.audit.starts(last_alive.map(Instant::ms), self.now());
        self.surely("started", What::Started { last_alive })?;
        for (action, fate) in learnt {
            self.tell("fate", What::Delivered { action, fate, errand: None })?;
        }
        if self.cut.is_none_or(|cut| cut.channel.is_some()) {
            let after = if self.faults { self.chance.between(0, 10) * MINUTE } else { 0 };
            self.come(self.at + after, Coming::Fill);
        }
        Ok(())
    }

    /// An event of the house's own, told until it is committed.
    fn tell(&mut self, name: &str, what: What) -> Result<(), Violation> {
        self.count += 1;
        let event = said::made(
            &self.script.office.rules.books[0].1,
            format!("{name}-{}", self.count),
            self.now(),
            what,
        );
        // In the small house what became of an action is not found again by the next process.
        let spared = name == "fate" && !self.house.finds_fates_again();
        let faults = self.house.set_faults(self.faults && !spared);
        let told = self.deliver(&event, None);
        self.house.set_faults(faults);
        told
    }

    /// Events of a channel, or of all, may be missing.
    fn tell_gap(&mut self, channel: Option<usize>) -> Result<(), Violation> {
        let last_alive = self.house.last_alive().map(Instant::ms);
        let cut_since = self.cut.map(|cut| cut.since);
        let from = last_alive.into_iter().chain(cut_since).chain([self.at, self.now()]).min();
        let from = from.unwrap_or(self.at);
        let channels = channel.map_or_else(|| self.channels(), |channel| vec![channel]);
        self.audit.gap(&channels, from);
        let channel = channel.map(|channel| self.channel_id(channel));
        self.tell("gap", What::Gap { channel, from: Instant::from_ms(from) })
    }

    fn channels(&self) -> Vec<usize> {
        (0..self.script.office.rules.books[0].1.channels.len()).collect()
    }

    fn channel_id(&self, channel: usize) -> ChannelId {
        self.script.office.rules.books[0].1.channel_id(channel).into()
    }

    /// Whether a happening is a message of a person.
    fn is_message(&self, id: Id) -> bool {
        let mut happenings = self.script.happenings.iter();
        happenings.any(|happening| happening.id == id && matches!(happening.deed, Deed::Said { .. }))
    }

    fn deafened(&mut self, index: usize) -> Result<(), Violation> {
        let (_, how) = self.script.plan.deaf[index];
        self.log(format!("{how:?} begins"));
        match how {
            Deaf::Down => self.house.die(),
            Deaf::Asleep => self.asleep = true,
            Deaf::Cut => return self.is_cut(None),
            Deaf::CutFrom(channel) => return self.is_cut(Some(channel)),
            Deaf::CutUnseen => self.cut = Some(Cut { channel: None, since: self.at }),
        }
        Ok(())
    }

    /// The platform does not deliver from now on, and says so.
    fn is_cut(&mut self, channel: Option<usize>) -> Result<(), Violation> {
        self.cut = Some(Cut { channel, since: self.at });
        if self.house.is_up() { self.tell_gap(channel) } else { Ok(()) }
    }

    fn hears(&mut self, index: usize) -> Result<(), Violation> {
        let (_, how) = self.script.plan.deaf[index];
        self.log(format!("{how:?} ends"));
        self.unreadable.extend(self.script.plan.unreadable.get(&index).into_iter().flatten());
        self.asleep = false;
        if self.house.is_up() {
            self.tell_gap(self.cut.and_then(|cut| cut.channel))?;
        }
        self.cut = None;
        if !self.house.is_up() {
            return self.restart();
        }
        let after = self.chance.between(0, 10) * MINUTE;
        self.come(self.at + after, Coming::Fill);
        Ok(())
    }

    /// The history is read: all that has happened and was not heard.
    fn fill(&mut self) -> Result<(), Violation> {
        let cut = self.cut.map(|cut| cut.channel);
        if !self.house.is_up() || self.asleep || cut == Some(None) {
            return Ok(());
        }
        let mut readable = self.channels();
        readable.retain(|channel| cut != Some(Some(*channel)));
        for channel in &readable {
            if self.unreadable.remove(channel) {
                self.lose(*channel)?;
            }
        }
        let missed = |index: &usize| {
            let happening = &self.script.happenings[*index];
            self.is_missed(happening) && happening.channel().is_none_or(|channel| readable.contains(&channel))
        };
        let mut missed: Vec<usize> = (0..self.script.happenings.len()).filter(missed).collect();
        if self.chance.percent(40) {
            self.chance.shuffle(&mut missed);
        }
        for index in missed {
            self.happens(index, false)?;
            if !self.house.is_up() {
                return Ok(());
            }
        }
        self.audit.filled(&readable);
        if cut.is_none() {
            return self.tell("filled", What::Filled { channel: None });
        }
        for channel in readable {
            let channel = Some(self.channel_id(channel));
            self.tell("filled", What::Filled { channel })?;
        }
        Ok(())
    }

    /// Whether something has happened and was not heard, and can be.
    fn is_missed(&self, happening: &Happening) -> bool {
        let id = happening.id;
        happening.at <= self.at && !self.heard.contains_key(&id) && !self.audit.is_lost(id)
    }

    /// What was missed of a channel cannot be read.
    fn lose(&mut self, channel: usize) -> Result<(), Violation> {
        let missed = self.script.happenings.iter();
        let missed = missed.filter(|missed| missed.channel() == Some(channel) && self.is_missed(missed));
        let missed: Vec<Id> = missed.map(|missed| missed.id).collect();
        self.log(format!("lost: {missed:?}"));
        self.audit.lost(channel, missed.into_iter(), self.now());
        let lost = What::Lost { channel: self.channel_id(channel), why: "it is not kept".to_owned() };
        self.surely("lost", lost)
    }

    /// Tells an event of the house's own at a moment when nothing goes wrong.
    fn surely(&mut self, name: &str, what: What) -> Result<(), Violation> {
        let faults = std::mem::replace(&mut self.faults, false);
        let told = self.tell(name, what);
        self.faults = faults;
        told
    }
}
