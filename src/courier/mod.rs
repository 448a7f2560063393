//! The courier makes committed actions true. It chooses nothing: what an action says and whether it may
//! be repeated was decided; the courier knows order, limits and retries.
//!
//! An action is marked as being sent before it is sent, and what became of it goes back to the driver as
//! an event. Whatever a process that ended left marked is looked up on the platform first.

mod flight;
mod queue;
mod run;

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::format_smolstr;
use tokio::task::JoinSet;

pub use run::{CourierTask, start};

use self::flight::{End, Flight, Landed};
use self::queue::{Queue, Waiting};
use crate::calendar::{Instant, SECOND_MS};
use crate::chat::{Chat, Pace};
use crate::clock::Clock;
use crate::core::action::{ActionId, Priority};
use crate::core::barred::Errand;
use crate::core::event::{Event, Fate, Platform, What};
use crate::driver::Stopped;
use crate::fault::Faults;
use crate::store::{Entry, Postponed, Remedy, Store, StoreError};

/// How many actions are on their way through one route at once.
const PLACES: usize = 16;
/// How many of these places only urgent actions take.
const PLACES_FOR_THE_URGENT: usize = 4;
/// How long to wait after the database did not answer, in ms.
const STORE_RETRY_MS: i64 = SECOND_MS;

/// The ways out. What has no way is refused, and its sender told so.
#[derive(Clone, Default)]
pub struct Routes {
    /// The platforms.
    pub chats: BTreeMap<Platform, Arc<dyn Chat>>,
    /// The pager.
    pub pager: Option<Arc<dyn Chat>>,
}

/// One way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Route {
    Chat(Platform),
    Pager,
    /// To a message that is not known.
    Nowhere,
}

/// What waits before one way out, and what is on it.
#[derive(Default)]
struct Post {
    queue: Queue,
    flying: usize,
    /// Nothing that does not hurry goes before.
    open_at: Option<Instant>,
}

/// What became of those that were to be marked as being sent.
enum Claims {
    /// All are on their way.
    Flying,
    /// Some were finished in the store already, and their lanes are free again.
    SomeFinished,
    /// The store did not answer; all wait again.
    Postponed,
}

/// Sends what is committed.
pub struct Courier {
    store: Store,
    clock: Clock,
    faults: Faults,
    routes: Routes,
    posts: BTreeMap<Route, Post>,
    flights: JoinSet<Landed>,
    /// What is finished, or being written down as finished, by its id.
    finishing: BTreeMap<ActionId, Entry>,
}

impl Courier {
    /// A courier with nothing to do.
    pub fn new(store: Store, clock: Clock, faults: Faults, routes: Routes) -> Courier {
        let (posts, flights, finishing) = (BTreeMap::new(), JoinSet::new(), BTreeMap::new());
        Courier { store, clock, faults, routes, posts, flights, finishing }
    }

    /// Adds an action that is committed; one that is here already is left as it is.
    pub fn add(&mut self, entry: Entry) {
        self.posts.entry(Route::of(&entry)).or_default().queue.add(entry.into());
    }

    /// How many actions wait, are on their way, or are being written down.
    pub fn len(&self) -> usize {
        self.posts.values().map(|post| post.queue.len()).sum()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When something may go that must wait now, if nothing else happens.
    pub fn next_change(&self) -> Option<Instant> {
        self.posts.values().filter_map(Post::next_change).min()
    }

    /// What was reported about this action is committed: what waits behind it may go.
    pub fn settled(&mut self, action: &ActionId) {
        let Some(entry) = self.finishing.remove(action) else { return };
        let now = self.clock.now();
        let route = Route::of(&entry);
        let closed_until = now.plus(self.routes.pace(route).lane_gap_ms);
        self.posts.entry(route).or_default().queue.done(&entry, closed_until, now);
    }

    /// Sends all that may go now, waits until it has landed, and reports what became of it. Once that is
    /// committed and [`Courier::settled`], more may go.
    ///
    /// # Errors
    /// When this process must stop.
    pub async fn settle(&mut self) -> Result<Vec<Event>, Stopped> {
        let mut reports = Vec::new();
        loop {
            reports.extend(self.launch().await?);
            match self.next_landed().await {
                Some(landed) => reports.extend(self.land(landed).await?),
                None => return Ok(reports),
            }
        }
    }

    /// Starts all that may go now. Reports what is finished without having been sent.
    async fn launch(&mut self) -> Result<Vec<Event>, Stopped> {
        let now = self.clock.now();
        let mut reports = Vec::new();
        for route in self.posts.keys().copied().collect::<Vec<_>>() {
            loop {
                let (chosen, ended) = self.choose(route, now);
                reports.extend(ended.into_iter().map(|(waiting, fate)| self.report(waiting, fate, None)));
                let Some(chat) = self.routes.get(route).filter(|_| !chosen.is_empty()) else { break };
                match self.claim(route, &chat, chosen, now).await? {
                    Claims::Flying | Claims::Postponed => break,
                    // Nothing will land to say that their lanes are free: what waited there goes now.
                    Claims::SomeFinished => {}
                }
            }
        }
        Ok(reports)
    }

    /// Takes from a route's queue what may go, and what is finished without going.
    fn choose(&mut self, route: Route, now: Instant) -> (Vec<Waiting>, Vec<(Waiting, Fate)>) {
        let reachable = self.routes.get(route).is_some();
        let pace = self.routes.pace(route);
        let post = self.posts.entry(route).or_default();
        let (mut chosen, mut ended) = (Vec::new(), Vec::new());
        while let Some(waiting) = post.take(chosen.len(), now) {
            if let Some(fate) = end_unsent(&waiting, reachable, route, now) {
                ended.push((waiting, fate));
                continue;
            }
            if pace.gap_ms > 0 && waiting.entry.priority != Priority::Urgent {
                post.open_at = Some(now.plus(pace.gap_ms));
            }
            chosen.push(waiting);
        }
        (chosen, ended)
    }

    /// Marks what was chosen as being sent, and sends it.
    async fn claim(
        &mut self,
        route: Route,
        chat: &Arc<dyn Chat>,
        chosen: Vec<Waiting>,
        now: Instant,
    ) -> Result<Claims, Stopped> {
        let claimed_at = self.clock.hands();
        let ids: Vec<ActionId> = chosen.iter().map(|waiting| waiting.entry.id.clone()).collect();
        let claimed = match self.store.claim(&ids).await {
            Ok(claimed) => claimed,
            Err(error) => {
                survive(error)?;
                for mut waiting in chosen {
                    waiting.not_before = Some(now.plus(STORE_RETRY_MS));
                    self.post(route).queue.again(waiting);
                }
                return Ok(Claims::Postponed);
            }
        };
        let mut claimed: BTreeMap<ActionId, _> =
            claimed.into_iter().map(|claimed| (claimed.action.id.clone(), claimed)).collect();
        let mut claims = Claims::Flying;
        for waiting in chosen {
            let Some(claimed) = claimed.remove(&waiting.entry.id) else {
                // It is finished in the store: nothing is left to do.
                self.post(route).queue.done(&waiting.entry, now, now);
                claims = Claims::SomeFinished;
                continue;
            };
            self.post(route).flying += 1;
            let flight = Flight {
                waiting,
                claimed,
                chat: Arc::clone(chat),
                clock: self.clock.clone(),
                faults: self.faults.clone(),
                claimed_at,
                ours_for_ms: self.store.lease_ms().map(|lease_ms| lease_ms * 2 / 3),
            };
            self.flights.spawn(flight.fly());
        }
        Ok(claims)
    }

    /// Waits for the next action that lands; `None` if nothing is on its way. May be dropped while it waits.
    async fn next_landed(&mut self) -> Option<Landed> {
        let landed = self.flights.join_next().await?;
        Some(landed.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
    }

    /// Something else that has landed, if there is.
    fn already_landed(&mut self) -> Option<Landed> {
        let landed = self.flights.try_join_next()?;
        Some(landed.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
    }

    /// Takes in what landed. Reports it if it is finished.
    async fn land(&mut self, landed: Landed) -> Result<Option<Event>, Stopped> {
        let Landed { waiting, end, errand } = landed;
        let route = Route::of(&waiting.entry);
        self.post(route).flying -= 1;
        match end {
            End::Finished(fate) => return Ok(Some(self.report(waiting, fate, Some(errand)))),
            End::Again(why) => self.postpone(route, waiting, why).await?,
            End::Doubtful => self.post(route).queue.again(waiting),
            End::Fault(injected) => return Err(injected.into()),
        }
        Ok(None)
    }

    async fn postpone(&mut self, route: Route, waiting: Waiting, why: String) -> Result<(), Stopped> {
        let not_before = waiting.not_before.unwrap_or_else(|| self.clock.now());
        tracing::info!(action = %waiting.entry.id, %why, %not_before, "tried again later");
        let postponed = Postponed { id: waiting.entry.id.clone(), not_before, why };
        self.post(route).queue.again(waiting);
        match self.store.postpone(&[postponed]).await {
            Ok(()) => Ok(()),
            // Should this process end now, the next one looks the action up first, and finds nothing.
            Err(error) => survive(error),
        }
    }

    /// The event that says what became of an action.
    fn report(&mut self, waiting: Waiting, fate: Fate, errand: Option<Errand>) -> Event {
        let Waiting { entry, .. } = waiting;
        match &fate {
            Fate::Sent(_) => tracing::debug!(action = %entry.id, "sent"),
            Fate::Refused(why) => tracing::warn!(action = %entry.id, %why, "not sent"),
            Fate::Unknown(why) => {
                tracing::warn!(action = %entry.id, %why, "nobody knows whether it was sent")
            }
        }
        let platform = match Route::of(&entry) {
            Route::Chat(platform) => platform,
            Route::Pager | Route::Nowhere => Platform::Console,
        };
        let action = entry.id.clone();
        self.finishing.insert(action.clone(), entry);
        let key = format_smolstr!("delivered/{action}");
        Event { key, at: self.clock.now(), platform, what: What::Delivered { action, fate, errand } }
    }

    fn post(&mut self, route: Route) -> &mut Post {
        self.posts.entry(route).or_default()
    }
}

/// Goes on after an error of something that will be tried again anyway.
fn survive(error: StoreError) -> Result<(), Stopped> {
    match error.remedy() {
        Remedy::Stop => Err(error.into()),
        Remedy::Retry | Remedy::SetAside => {
            tracing::warn!(%error, "the database is not available; what is to be sent waits");
            Ok(())
        }
    }
}

/// Why an action ends without being sent, if it does. One that may have been sent is looked up first.
fn end_unsent(waiting: &Waiting, reachable: bool, route: Route, now: Instant) -> Option<Fate> {
    if !reachable {
        return Some(Fate::Refused(match route {
            Route::Chat(platform) => format!("{platform:?} is not set up"),
            Route::Pager => "no pager is set up".to_owned(),
            Route::Nowhere => "what it amends was not sent".to_owned(),
        }));
    }
    if waiting.doubt.is_some() {
        return None;
    }
    if waiting.is_stale(now) {
        return Some(flight::stale());
    }
    flight::is_given_up(waiting.entry.created_at, now)
        .then(|| Fate::Refused("it could not be sent for a week".to_owned()))
}

impl Post {
    /// The next that may go, while `chosen` others are about to.
    fn take(&mut self, chosen: usize, now: Instant) -> Option<Waiting> {
        let taken = self.flying + chosen;
        if taken >= PLACES {
            return None;
        }
        let paced = self.open_at.is_some_and(|open_at| now < open_at);
        self.queue.take(now, paced || taken >= PLACES - PLACES_FOR_THE_URGENT)
    }

    fn next_change(&self) -> Option<Instant> {
        // Without a free place nothing changes by time alone: it does when something lands.
        if self.flying >= PLACES - PLACES_FOR_THE_URGENT {
            return None;
        }
        let opens = self.open_at.filter(|_| self.queue.has_ready());
        self.queue.next_change().into_iter().chain(opens).min()
    }
}

impl Route {
    fn of(entry: &Entry) -> Route {
        match entry.lane.split_once('/').map(|(route, _)| route) {
            Some("slack") => Route::Chat(Platform::Slack),
            Some("matrix") => Route::Chat(Platform::Matrix),
            Some("console") => Route::Chat(Platform::Console),
            Some("page") => Route::Pager,
            Some(_) | None => Route::Nowhere,
        }
    }
}

impl Routes {
    fn get(&self, route: Route) -> Option<Arc<dyn Chat>> {
        match route {
            Route::Chat(platform) => self.chats.get(&platform).cloned(),
            Route::Pager => self.pager.clone(),
            Route::Nowhere => None,
        }
    }

    fn pace(&self, route: Route) -> Pace {
        self.get(route).map_or_else(Pace::default, |chat| chat.pace())
    }
}
