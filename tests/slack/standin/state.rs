//! Everything the stand-in holds in memory, behind one lock, and the bell that rings when it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use usher::clock::Clock;

use super::deliveries::{self, Delivery};
use super::faults::{Armed, Limits, Pace};
use super::socket_mode::Socket;
use super::workspace::{Appearance, Channel, Ephemeral, User, UserGroup, View};

/// The id of the team.
pub const TEAM: &str = "T0STAND";
/// The id of the app.
pub const APP: &str = "A0USHER";
/// The id of the bot, which is not that of its user.
pub const BOT: &str = "B0USHER";
/// The id of the bot's user.
pub const BOT_USER: &str = "U0USHER";
/// The token of the bot.
pub const BOT_TOKEN: &str = "xoxb-stand-in";
/// The token of the app, for Socket Mode.
pub const APP_TOKEN: &str = "xapp-stand-in";
/// The secret with which requests are signed.
pub const SIGNING_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
/// The token that old apps compared.
pub const VERIFICATION_TOKEN: &str = "not-a-secret";

/// What can be set before the start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port; 0 is any that is free.
    pub port: u16,
    /// The clock of `ts`.
    pub clock: Clock,
    /// By what the waits between retries are multiplied: Slack waits a minute and then five.
    pub retry_scale: f64,
    /// How long an acknowledgement may take, in ms.
    pub acknowledge_within_ms: u64,
    /// How long a trigger id and a response URL are good, in ms.
    pub trigger_lives_ms: i64,
    /// How many answers a response URL takes.
    pub response_url_uses: u32,
    /// How many signed requests are under way at most.
    pub requests_at_once: usize,
    /// The least time between pings to a socket, in ms.
    pub ping_every_ms: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            port: 0,
            clock: Clock::System,
            retry_scale: 0.001,
            acknowledge_within_ms: 3_000,
            trigger_lives_ms: 3_000,
            response_url_uses: 5,
            requests_at_once: 16,
            ping_every_ms: 1_000,
        }
    }
}

/// Whether the bot's token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// It is.
    Good,
    /// It was revoked.
    Revoked,
    /// The bot's account is gone.
    Inactive,
}

/// The app as it is set up in Slack.
#[derive(Clone, Debug)]
pub struct App {
    /// What the bot's token may.
    pub scopes: BTreeSet<String>,
    /// Which events it gets.
    pub events: BTreeSet<String>,
    /// Whether the bot's token is good.
    pub token: Token,
    /// Whether Socket Mode is on.
    pub socket_mode: bool,
    /// Whether it has a home.
    pub home_tab: bool,
    /// Where signed events go, when Socket Mode is off.
    pub request_url: Option<String>,
    /// Where interactions go.
    pub interactivity_url: Option<String>,
    /// Where commands go.
    pub commands_url: Option<String>,
}

const SCOPES: &str = "app_mentions:read channels:history channels:join channels:read chat:write commands \
    groups:history groups:read im:history im:read im:write mpim:history mpim:read mpim:write reactions:read \
    reactions:write team:read usergroups:read users:read users:read.email";

const EVENTS: &str = "app_home_opened app_mention channel_archive channel_rename channel_unarchive \
    member_joined_channel member_left_channel message.channels message.groups message.im message.mpim \
    reaction_added reaction_removed team_join user_change user_huddle_changed";

/// The words of a list.
pub fn words(list: &str) -> BTreeSet<String> {
    list.split_whitespace().map(str::to_owned).collect()
}

/// One call of the Web API, and what was answered.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// `GET` or `POST`.
    pub verb: String,
    /// What came with it, without the token.
    pub arguments: Value,
    /// `ok`, or the error's name, or what fault was armed.
    pub answer: String,
    /// When it came, in ms.
    pub at_ms: i64,
}

/// What a person did that the app may answer for a while.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Who did it.
    pub user: String,
    /// Until when it is good, in ms.
    pub until_ms: i64,
    /// Whether it was used.
    pub used: bool,
}

/// A URL for answers to what a person did.
#[derive(Clone, Debug)]
pub struct ResponseUrl {
    /// Where it was done.
    pub channel: String,
    /// Who did it.
    pub user: String,
    /// The message on which it was done.
    pub message: Option<String>,
    /// How many answers are left.
    pub left: u32,
    /// Until when it is good, in ms.
    pub until_ms: i64,
}

/// All of it.
pub struct State {
    pub settings: Settings,
    pub address: SocketAddr,
    pub app: App,
    pub users: BTreeMap<String, User>,
    pub channels: BTreeMap<String, Channel>,
    pub groups: BTreeMap<String, UserGroup>,
    pub ephemerals: Vec<Ephemeral>,
    /// What the app said, as it appeared.
    pub appeared: Vec<Appearance>,
    pub views: BTreeMap<String, View>,
    pub homes: BTreeMap<String, View>,
    pub triggers: BTreeMap<String, Trigger>,
    pub response_urls: BTreeMap<String, ResponseUrl>,
    pub requests: Vec<Request>,
    pub armed: Vec<Armed>,
    pub limits: Limits,
    pub pace: Pace,
    /// By how much the `Date` of answers is off, in ms.
    pub date_off_ms: i64,
    pub deliveries: Vec<Delivery>,
    pub envelopes: BTreeMap<String, usize>,
    pub acknowledged: Vec<usize>,
    pub strays: Vec<String>,
    pub sockets: Vec<Socket>,
    pub tickets: BTreeSet<String>,
    pub next_socket: usize,
    /// How many deliveries are not settled.
    pub unsettled: usize,
    /// Deliveries that are kept back, while they are.
    pub held: Option<Vec<usize>>,
    /// How many acknowledgements of events are still to be lost.
    pub deaf_to: usize,
    waiting: Vec<usize>,
    last_us: i64,
    serial: u64,
}

impl State {
    /// A team of three, one channel with them, and the bot in nothing.
    pub fn new(settings: Settings, address: SocketAddr) -> State {
        let app = App {
            scopes: words(SCOPES),
            events: words(EVENTS),
            token: Token::Good,
            socket_mode: true,
            home_tab: true,
            request_url: None,
            interactivity_url: None,
            commands_url: None,
        };
        let mut bot = User::person(BOT_USER, "usher", "UTC");
        (bot.is_bot, bot.tz) = (true, None);
        let people = [
            User::person("U0ANA", "Ana", "Europe/Lisbon"),
            User::person("U0BEN", "Ben", "America/New_York"),
            User::person("U0CHI", "Chidi", "Africa/Lagos"),
            bot,
        ];
        let general = Channel::new("C0GENERAL", "general", super::Kind::Public, &["U0ANA", "U0BEN", "U0CHI"]);
        State {
            settings,
            address,
            app,
            users: people.map(|user| (user.id.clone(), user)).into(),
            channels: [(general.id.clone(), general)].into(),
            groups: BTreeMap::new(),
            ephemerals: Vec::new(),
            appeared: Vec::new(),
            views: BTreeMap::new(),
            homes: BTreeMap::new(),
            triggers: BTreeMap::new(),
            response_urls: BTreeMap::new(),
            requests: Vec::new(),
            armed: Vec::new(),
            limits: Limits::default(),
            pace: Pace::default(),
            date_off_ms: 0,
            deliveries: Vec::new(),
            envelopes: BTreeMap::new(),
            acknowledged: Vec::new(),
            strays: Vec::new(),
            sockets: Vec::new(),
            tickets: BTreeSet::new(),
            next_socket: 0,
            unsettled: 0,
            held: None,
            deaf_to: 0,
            waiting: Vec::new(),
            last_us: 0,
            serial: 0,
        }
    }

    /// What time it is, in ms.
    pub fn now_ms(&self) -> i64 {
        self.settings.clock.now().ms()
    }

    /// A `ts` that nothing has yet, later than all before it.
    pub fn next_ts(&mut self) -> String {
        let now_us = self.now_ms() * 1_000;
        self.last_us = now_us.max(self.last_us + 1);
        ts_of(self.last_us)
    }

    /// An id that nothing has yet.
    pub fn next_id(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}{:08}", self.serial)
    }

    /// A trigger id for what `user` did just now.
    pub fn trigger(&mut self, user: &str) -> String {
        let id = self.next_id("13.37.");
        let until_ms = self.now_ms() + self.settings.trigger_lives_ms;
        self.triggers.insert(id.clone(), Trigger { user: user.to_owned(), until_ms, used: false });
        id
    }

    /// A URL at which the app may answer `user`.
    pub fn response_url(&mut self, channel: &str, user: &str, message: Option<&str>) -> String {
        let id = self.next_id("R");
        let url = format!("http://{}/response/{id}", self.address);
        let until_ms = self.now_ms() + 30 * 60_000;
        let (channel, user) = (channel.to_owned(), user.to_owned());
        let message = message.map(str::to_owned);
        self.response_urls.insert(
            id,
            ResponseUrl { channel, user, message, left: self.settings.response_url_uses, until_ms },
        );
        url
    }

    /// Has a payload delivered, as soon as the lock is free.
    pub fn deliver(&mut self, delivery: Delivery) -> usize {
        let index = self.deliveries.len();
        self.deliveries.push(delivery);
        match &mut self.held {
            Some(held) => held.push(index),
            None => self.send_out(index),
        }
        index
    }

    /// Has a delivery start, as soon as the lock is free.
    pub fn send_out(&mut self, index: usize) {
        self.unsettled += 1;
        self.waiting.push(index);
    }

    /// Tells the app of an event, if it wants it. `name` is what subscriptions call it.
    pub fn raise(&mut self, name: &str, event: Value) {
        if !self.app.events.contains(name) {
            return;
        }
        let event_id = self.next_id("Ev");
        let payload = json!({
            "token": VERIFICATION_TOKEN, "team_id": TEAM, "api_app_id": APP, "event": event,
            "type": "event_callback", "event_id": event_id, "event_time": self.now_ms() / 1_000,
            "authorizations": [{
                "enterprise_id": null, "team_id": TEAM, "user_id": BOT_USER, "is_bot": true,
                "is_enterprise_install": false,
            }],
            "is_ext_shared_channel": false, "event_context": format!("4-{event_id}"),
        });
        self.deliver(Delivery::event(payload));
    }
}

/// Microseconds as Slack writes them.
pub fn ts_of(us: i64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// The state, and the bell.
pub struct Shared {
    state: Mutex<State>,
    bell: watch::Sender<u64>,
    /// With what signed requests go out.
    pub http: reqwest::Client,
    /// How many signed requests may still start.
    pub slots: Semaphore,
}

impl Shared {
    /// Around a new state.
    pub fn new(settings: Settings, address: SocketAddr) -> Arc<Shared> {
        let redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(redirects).no_proxy().build().expect("a plain client");
        let slots = Semaphore::new(settings.requests_at_once);
        let state = Mutex::new(State::new(settings, address));
        Arc::new(Shared { state, bell: watch::channel(0).0, http, slots })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that failed under the lock has said so already; the others may go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads it.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Changes it, starts the deliveries that follow from it in their order, and rings.
    pub fn change<T>(self: &Arc<Self>, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let made = act(&mut state);
        for index in std::mem::take(&mut state.waiting) {
            deliveries::start(self, &mut state, index);
        }
        drop(state);
        self.bell.send_modify(|rung| *rung += 1);
        made
    }

    /// Returns what `look` finds once it finds something; nothing after `within`.
    pub async fn wait_for<T>(&self, within: Duration, look: impl Fn(&State) -> Option<T>) -> Option<T> {
        let mut bell = self.bell.subscribe();
        let search = async {
            loop {
                bell.borrow_and_update();
                if let Some(found) = self.read(&look) {
                    return found;
                }
                if bell.changed().await.is_err() {
                    return std::future::pending().await;
                }
            }
        };
        tokio::time::timeout(within, search).await.ok()
    }
}

/// Lets `ms` pass: what Slack does by the clock, the stand-in does too.
pub async fn lapse(ms: u64) {
    let _ = tokio::time::timeout(Duration::from_millis(ms), std::future::pending::<()>()).await;
}
