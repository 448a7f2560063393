//! The real house: driver, courier and store as they run in production, on a clock that the simulation moves,
//! before a platform that misbehaves. The process dies at the points that they name.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use usher::calendar::Instant;
use usher::chat::{Answer, Chat, Outcome as Reply, Pace, ReadBack};
use usher::clock::Clock;
use usher::core::Engine;
use usher::core::action::{Action, ActionId, IfUnknown, Target};
use usher::core::event::{Event, Fate, MessageRef, Platform, What};
use usher::core::record::{Record, RecordKey};
use usher::core::turn::Turn;
use usher::courier::{Courier, Routes};
use usher::driver::{Driver, Machine, Stopped};
use usher::fault::{Fault, Faults, Point};
use usher::store::{Opening, Store};

use super::book::Ms;
use super::chance::Chance;
use super::house::{End, House, Ledger, Outcome};

thread_local! {
    /// What the engine decided since it was last asked; a crash may take the driver that knew it.
    static DECIDED: RefCell<Vec<Turn>> = const { RefCell::new(Vec::new()) };
}

/// The engine, overheard.
#[derive(Debug)]
struct Overheard(Engine);

impl Machine for Overheard {
    fn load(records: Vec<(RecordKey, Record)>) -> Result<Overheard, String> {
        Engine::load(records).map(Overheard).map_err(|error| error.to_string())
    }

    fn handle(&mut self, event: &Event, now: Instant) -> Turn {
        let turn = self.0.handle(event, now);
        DECIDED.with_borrow_mut(|decided| decided.push(turn.clone()));
        turn
    }

    fn wake(&mut self, now: Instant) -> Turn {
        let turn = self.0.wake(now);
        DECIDED.with_borrow_mut(|decided| decided.push(turn.clone()));
        turn
    }

    fn next_wake(&self) -> Option<Instant> {
        self.0.next_wake()
    }
}

/// A platform and a pager that misbehave.
struct Unruly {
    seed: u64,
    faults: bool,
    /// How often it was called about an action.
    calls: BTreeMap<ActionId, u64>,
    messages: BTreeMap<ActionId, usize>,
    doubted: BTreeSet<ActionId>,
}

#[derive(Clone)]
struct Fake(Arc<Mutex<Unruly>>);

impl Unruly {
    fn take(&mut self, action: &Action) -> MessageRef {
        *self.messages.entry(action.id.clone()).or_default() += 1;
        Unruly::message(action)
    }

    fn message(action: &Action) -> MessageRef {
        let channel = match &action.to {
            Target::Thread { channel, .. }
            | Target::Channel { channel, .. }
            | Target::Private { channel, .. } => channel.clone(),
            Target::Direct { user, .. } => format!("D-{user}").into(),
            Target::Home { .. } | Target::Amend { .. } | Target::Page { .. } => "elsewhere".into(),
        };
        MessageRef { channel, id: format!("sent-{}", action.id).into() }
    }

    /// The chance of one call about one action: in whatever order calls come, each has its own.
    fn chance(&mut self, action: &Action) -> Chance {
        let call = self.calls.entry(action.id.clone()).or_default();
        *call += 1;
        let digest = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Chance::new(self.seed, action.id.0.bytes().fold(*call, digest))
    }

    fn answer(&mut self, action: &Action) -> Reply {
        let mut chance = self.chance(action);
        let fault = if self.faults { chance.between(0, 99) } else { 99 };
        match fault {
            0..3 => Reply::TryLater { after_ms: Some(chance.between(1, 90) * 1_000), why: "429".to_owned() },
            3..5 => Reply::TryLater { after_ms: None, why: "503".to_owned() },
            5 => Reply::TryLater { after_ms: Some(-1), why: "429, and nonsense".to_owned() },
            6..8 => {
                self.take(action);
                Reply::Unknown("502".to_owned())
            }
            8 => Reply::Unknown("timeout".to_owned()),
            _ => Reply::Accepted(Some(self.take(action))),
        }
    }

    fn find(&mut self, action: &Action) -> ReadBack {
        let cannot_tell = self.chance(action).percent(30);
        if self.faults && cannot_tell {
            if action.if_unknown == IfUnknown::Repeat {
                self.doubted.insert(action.id.clone());
            }
            return ReadBack::CannotTell;
        }
        match self.messages.contains_key(&action.id) {
            true => ReadBack::Found(Some(Unruly::message(action))),
            false => ReadBack::Absent,
        }
    }
}

impl Chat for Fake {
    fn deliver<'a>(&'a self, action: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, Reply> {
        let reply = self.0.lock().expect("nobody panicked while holding it").answer(action);
        Box::pin(std::future::ready(reply))
    }

    fn read_back<'a>(&'a self, action: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, ReadBack> {
        let found = self.0.lock().expect("nobody panicked while holding it").find(action);
        Box::pin(std::future::ready(found))
    }

    fn pace(&self) -> Pace {
        Pace { lane_gap_ms: 1_000, gap_ms: 0 }
    }
}

/// Where the data lies.
enum Ground {
    Memory(Store),
    Sqlite(TempDir),
    Postgres { url: String, team: String },
}

/// See the module.
pub struct Real {
    runtime: Runtime,
    ground: Ground,
    clock: Clock,
    chance: Chance,
    faults: bool,
    /// Whether the process dies while it sends. What was in the air then depends on how long the store took.
    dies_sending: bool,
    /// What goes wrong next, and where.
    planned: Arc<Mutex<Option<(Point, Fault)>>>,
    chat: Fake,
    process: Option<Process>,
    last_alive: Option<Instant>,
}

struct Process {
    store: Store,
    driver: Driver<Overheard>,
    courier: Courier,
    /// Whether the courier was given something since it last went.
    called: bool,
}

impl Real {
    /// A house whose data lies in memory.
    pub fn in_memory(seed: u64) -> Real {
        Real::on(seed, Ground::Memory(Store::memory()))
    }

    /// A house whose data lies in a file.
    pub fn on_sqlite(seed: u64) -> Real {
        // In memory where the system has such a place: thousands of commits wait for no disk.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Real::on(seed, Ground::Sqlite(folder.expect("a folder can be made")))
    }

    /// A house whose data lies on a server; `None` where none is given.
    pub fn on_postgres(seed: u64) -> Option<Real> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let url = std::env::var("USHER_TEST_POSTGRES").ok()?;
        let team = format!("simulated {} {}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Some(Real::on(seed, Ground::Postgres { url, team }))
    }

    /// The same house, but its process also dies while it sends.
    pub fn dying_while_it_sends(self) -> Real {
        Real { dies_sending: true, ..self }
    }

    fn on(seed: u64, ground: Ground) -> Real {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let unruly = Unruly {
            seed: seed ^ 0x5eed,
            faults: false,
            calls: BTreeMap::new(),
            messages: BTreeMap::new(),
            doubted: BTreeSet::new(),
        };
        Real {
            runtime: runtime.expect("a runtime can be made"),
            ground,
            clock: Clock::simulated(Instant::from_ms(0)),
            chance: Chance::new(seed, 5),
            faults: false,
            dies_sending: false,
            planned: Arc::default(),
            chat: Fake(Arc::new(Mutex::new(unruly))),
            process: None,
            last_alive: None,
        }
    }

    fn routes(&self) -> Routes {
        let mut routes = Routes::default();
        for platform in [Platform::Slack, Platform::Console] {
            routes.chats.insert(platform, Arc::new(self.chat.clone()));
        }
        routes.pager = Some(Arc::new(self.chat.clone()));
        routes
    }

    fn faults(&self) -> Faults {
        let planned = Arc::clone(&self.planned);
        Faults::planned(move |point| {
            let mut planned = planned.lock().expect("nobody panicked while holding it");
            match *planned {
                Some((at, fault)) if at == point => {
                    *planned = None;
                    fault
                }
                Some(_) | None => Fault::Pass,
            }
        })
    }

    fn set_clock(&self, now: Ms) {
        if let Clock::Simulated(hands) = &self.clock {
            let by_ms = now - self.clock.now().ms();
            if by_ms < 0 {
                hands.step(by_ms);
            } else {
                hands.advance_to(Instant::from_ms(now));
            }
        }
    }

    /// Plans what goes wrong in the next step, mostly nothing.
    fn plan(&mut self, faults: &[(i64, Point, Fault)]) {
        let at = if self.faults { self.chance.between(0, 999) } else { 999 };
        let mut below = 0;
        let mut planned = None;
        for (share, point, fault) in faults {
            if below <= at && at < below + share {
                planned = Some((*point, *fault));
            }
            below += share;
        }
        *self.planned.lock().expect("nobody panicked while holding it") = planned;
    }

    fn plan_commit(&mut self) {
        self.plan(&[
            (6, Point::BeforeCommit, Fault::Crash),
            (4, Point::BeforeCommit, Fault::Lose),
            (4, Point::BeforeCommit, Fault::Refuse),
            (4, Point::AfterCommit, Fault::Lose),
            (6, Point::AfterCommit, Fault::Crash),
            (4, Point::AfterAcknowledge, Fault::Crash),
        ]);
    }

    async fn open(&self) -> Store {
        let opening = |url: String, team: &str| {
            // A lease that ends at once: a process that died did not give it up.
            Opening { lease_ms: 0, ..Opening::new(SecretString::from(url), team, "simulation") }
        };
        let opened = match &self.ground {
            Ground::Memory(store) => return store.reopen().expect("a store in memory can be opened again"),
            Ground::Sqlite(folder) => {
                let url = format!("sqlite:{}", folder.path().join("usher.db").display());
                Store::open(&opening(url, "simulated")).await
            }
            Ground::Postgres { url, team } => Store::open(&opening(url.clone(), team)).await,
        };
        opened.expect("the store opens")
    }

    /// Commits what was offered.
    fn commit(&mut self, now: Ms) -> Outcome {
        let planned = *self.planned.lock().expect("nobody panicked while holding it");
        let answer_lost = planned == Some((Point::AfterCommit, Fault::Lose));
        let process = self.process.as_mut().expect("only a running process commits");
        let done = self.runtime.block_on(process.driver.commit());
        let mut decided = DECIDED.with_borrow_mut(std::mem::take);
        let mut turn = decided.pop().map(Box::new);
        // A commit whose answer was lost is no less a commit: what is decided after it comes on top.
        if let (Some(last), Some(first)) = (turn.as_mut(), decided.pop().filter(|_| answer_lost)) {
            let after = std::mem::replace(&mut **last, first);
            last.changes.extend(after.changes);
            last.actions.extend(after.actions);
            last.notes.extend(after.notes);
        }
        let died = match done {
            Ok(done) => {
                process.called |= !done.entries.is_empty();
                done.entries.into_iter().for_each(|entry| process.courier.add(entry));
                false
            }
            Err(Stopped::Crashed(Point::BeforeCommit)) => {
                self.process = None;
                return Outcome::Lost;
            }
            Err(Stopped::Crashed(_)) => {
                self.process = None;
                true
            }
            Err(Stopped::Store(error)) => panic!("the store gave up: {error}"),
            Err(Stopped::Unreadable(why)) => panic!("the engine cannot read what it wrote: {why}"),
        };
        self.last_alive = Some(Instant::from_ms(now));
        match turn {
            Some(turn) => Outcome::Committed { turn, died },
            None => Outcome::Known,
        }
    }
}

impl House for Real {
    fn is_up(&self) -> bool {
        self.process.is_some()
    }

    fn die(&mut self) {
        self.process = None;
    }

    fn start(&mut self, now: Ms) -> Vec<(ActionId, Fate)> {
        self.set_clock(now);
        *self.planned.lock().expect("nobody panicked while holding it") = None;
        let (clock, faults, routes) = (self.clock.clone(), self.faults(), self.routes());
        let process = self.runtime.block_on(async {
            let store = self.open().await;
            let opened = Driver::open(store.clone(), clock.clone(), faults.clone()).await;
            let mut driver: Driver<Overheard> = opened.expect("the engine reads what it wrote");
            let mut courier = Courier::new(store.clone(), clock, faults, routes);
            let found = driver.commit().await.expect("nothing goes wrong here");
            found.entries.into_iter().for_each(|entry| courier.add(entry));
            Process { store, driver, courier, called: true }
        });
        self.process = Some(process);
        Vec::new()
    }

    fn last_alive(&self) -> Option<Instant> {
        self.last_alive
    }

    fn set_faults(&mut self, on: bool) -> bool {
        self.chat.0.lock().expect("nobody panicked while holding it").faults = on;
        std::mem::replace(&mut self.faults, on)
    }

    fn finds_fates_again(&self) -> bool {
        true
    }

    fn next_wake(&self) -> Option<Ms> {
        self.process.as_ref()?.driver.next_wake().map(Instant::ms)
    }

    fn next_send(&self, now: Ms) -> Option<Ms> {
        let process = self.process.as_ref()?;
        if process.called { Some(now) } else { process.courier.next_change().map(Instant::ms) }
    }

    fn deliver(&mut self, event: &Event, now: Ms) -> Outcome {
        self.set_clock(now);
        self.plan_commit();
        DECIDED.with_borrow_mut(Vec::clear);
        let process = self.process.as_mut().expect("only a running process hears");
        let keys = [event.key.clone()];
        self.runtime.block_on(process.driver.recall(keys.iter())).expect("the store answers");
        process.driver.offer(event.clone().into(), Instant::from_ms(now));
        self.commit(now)
    }

    fn wake(&mut self, now: Ms) -> Outcome {
        self.set_clock(now);
        self.plan_commit();
        DECIDED.with_borrow_mut(Vec::clear);
        let process = self.process.as_mut().expect("only a running process wakes");
        process.driver.wake(Instant::from_ms(now));
        self.commit(now)
    }

    fn send(&mut self, now: Ms) -> Vec<(ActionId, Option<Fate>)> {
        self.set_clock(now);
        if self.dies_sending {
            self.plan(&[
                (6, Point::AfterClaim, Fault::Crash),
                (12, Point::AfterSend, Fault::Crash),
                (8, Point::BeforeMark, Fault::Crash),
            ]);
        }
        let process = self.process.as_mut().expect("only a running process sends");
        process.called = false;
        let events = match self.runtime.block_on(process.courier.settle()) {
            Ok(events) => events,
            Err(Stopped::Crashed(_)) => {
                self.process = None;
                return Vec::new();
            }
            Err(error) => panic!("the courier gave up: {error}"),
        };
        let fates = events.into_iter().map(|event| match event.what {
            What::Delivered { action, fate, .. } => (action, Some(fate)),
            what => panic!("a courier tells what became of actions, not {what:?}"),
        });
        fates.collect()
    }

    fn settled(&mut self, action: &ActionId) {
        if let Some(process) = &mut self.process {
            process.courier.settled(action);
            process.called = true;
        }
    }

    fn records(&mut self) -> Vec<(RecordKey, Record)> {
        let process = self.process.as_ref().expect("at the end it runs");
        self.runtime.block_on(process.store.load()).expect("the store can be read").records
    }

    fn repeated(&self) -> Vec<(ActionId, bool)> {
        let unruly = self.chat.0.lock().expect("nobody panicked while holding it");
        let repeated = unruly.messages.iter().filter(|(_, count)| **count > 1);
        repeated.map(|(id, _)| (id.clone(), unruly.doubted.contains(id))).collect()
    }

    fn ledger(&mut self) -> Ledger {
        let process = self.process.as_ref().expect("at the end it runs");
        let fates = self.runtime.block_on(process.store.fates()).expect("the store can be read");
        let rejected = self.runtime.block_on(process.store.rejected()).expect("the store can be read");
        let end = |fate: Fate| match fate {
            Fate::Sent(_) => End::Sent,
            Fate::Refused(_) => End::Refused,
            Fate::Unknown(_) => End::Unknown,
        };
        let unruly = self.chat.0.lock().expect("nobody panicked while holding it");
        Ledger {
            messages: unruly.messages.clone(),
            doubted: unruly.doubted.clone(),
            ends: fates.into_iter().filter_map(|(id, fate)| Some((id, end(fate?)))).collect(),
            rejected: rejected.into_iter().map(|rejected| rejected.error).collect(),
        }
    }
}
