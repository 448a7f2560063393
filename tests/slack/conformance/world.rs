//! The stand-in as a world in which scenarios are played.

use chrono_tz::Tz;
use secrecy::SecretString;
use usher::calendar::Instant;
use usher::chat::console::script::Act;
use usher::clock::Clock;
use usher::core::event::{Platform, RevisionText};
use usher::runbook::Runbook;
use usher::settings::{Settings, SlackSettings};

use super::faults::Sockets;
use super::people::Doing;
use super::{Mode, faults, people, screen};
use crate::playing::chance::Chance;
use crate::playing::house::House;
use crate::playing::numbers::Numbers;
use crate::playing::world::{self, Shown, World};
use crate::standin;
use crate::standin::refusals::Refusal;
use crate::standin::socket_mode::Reason;
use crate::standin::state::{APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, State};
use crate::standin::{Fault, Standin};
use crate::usher::be_called_at;

/// The stand-in, and how Usher is connected with it.
pub struct Slack {
    standin: Standin,
    mode: Mode,
    /// How much of what appeared has been looked at.
    seen: usize,
    /// How much had been told when the line began.
    told: usize,
}

impl Slack {
    /// One with the people and channels of a runbook.
    pub async fn new(runbook: &Runbook, clock: Clock, mode: Mode) -> Slack {
        let standin = Standin::start_with(standin::Settings { clock, ..standin::Settings::default() }).await;
        crate::manifest::grant(&standin);
        people::move_in(&standin, runbook);
        Slack { standin, mode, seen: 0, told: 0 }
    }
}

impl World for Slack {
    const NAME: &'static str = "Slack";
    const PLATFORM: Platform = Platform::Slack;

    fn settings(&self, common: Settings, _port: u16) -> Settings {
        let secret = |text: &str| Some(SecretString::from(text.to_owned()));
        let slack = SlackSettings {
            bot_token: secret(BOT_TOKEN),
            app_token: secret(APP_TOKEN).filter(|_| self.mode == Mode::Sockets),
            signing_secret: secret(SIGNING_SECRET),
            api_url: Some(self.standin.api_url()),
            ..SlackSettings::default()
        };
        Settings { slack: Some(slack), ..common }
    }

    fn with_ids(&self, revision: &RevisionText) -> RevisionText {
        people::with_ids(revision)
    }

    fn set_time(&mut self, _at: Instant) {
        // The stand-in has the same clock.
    }

    fn is_heard(&self) -> bool {
        self.mode == Mode::Http || !self.standin.sockets().is_empty()
    }

    async fn wait_until_reached(&mut self, port: u16) {
        match self.mode {
            Mode::Sockets => self.standin.wait_for_sockets(1).await,
            Mode::Http => be_called_at(&self.standin, port).await,
        }
    }

    async fn wait_until_left(&mut self) {
        if self.mode == Mode::Sockets {
            self.standin.wait_for_sockets(0).await;
        }
    }

    async fn wait_until_told(&mut self) {
        self.standin.wait_until_settled().await;
    }

    fn is_all_told(&self) -> bool {
        self.standin.shared.read(|state| state.unsettled == 0)
    }

    fn last_requests(&self) -> Vec<String> {
        let words =
            |state: &State| state.requests.iter().rev().take(20).rev().map(|it| format!("{it:?}")).collect();
        self.standin.shared.read(words)
    }

    fn says_filled(key: &str) -> bool {
        key.starts_with("slack/filled//")
    }

    fn says_gap(key: &str) -> bool {
        key.starts_with("slack/gap/")
    }

    async fn act(&mut self, doing: world::Doing<'_>, act: &Act, numbers: &mut Numbers) {
        Doing { standin: &self.standin, what: doing }.act(act, numbers);
    }

    async fn join(&mut self, name: &str, zone: Tz) {
        people::join(&self.standin, name, zone);
    }

    async fn open(&mut self, channel: &str, is_private: bool) {
        people::open(&self.standin, channel, is_private);
    }

    async fn set_away(&mut self, name: &str, until: Option<Instant>) {
        people::set_away(&self.standin, name, until);
    }

    fn go_down(&mut self) {
        self.standin.go_down();
    }

    async fn come_up(&mut self) {
        self.standin.come_up().await;
    }

    async fn lose_history(&mut self, channel: &str) {
        let gone = Fault::Refused(Refusal::Named("channel_not_found"));
        self.standin.arm_in(&people::channel(channel), "conversations.history", gone, 1);
    }

    async fn appeared(&mut self) -> Vec<Shown> {
        let appeared = self.standin.appeared(self.seen);
        self.seen += appeared.len();
        self.standin.shared.read(|state| appeared.iter().map(|it| screen::shown(state, it)).collect())
    }

    fn unmarked(&self, text: &str) -> String {
        text.to_owned()
    }

    fn words(text: &str) -> String {
        // A command is said to Usher by its name where a slash may not begin one; `usher = "speak"` is none.
        let text = text.replace("`usher ", "`@Usher ").replace("`@Usher = ", "`usher = ");
        // Why a history cannot be read is said in the platform's words.
        text.replace("“the history cannot be read”", "“Slack says `channel_not_found`”")
    }

    /// What one person alone is told stands in Slack where that person is: the answer to a press on a message of the
    /// main line stands there, and not in the thread that it is about, where Slack would show it to nobody before
    /// there is a reply.
    fn place(on_console: &str) -> String {
        match on_console.split_once(" (only ") {
            Some((place, only)) => {
                let channel = place.split_once('/').map_or(place, |(channel, _)| channel);
                format!("{channel} (only {only}")
            }
            None => on_console.to_owned(),
        }
    }

    fn hold(&mut self) {
        self.standin.hold();
    }

    async fn tell_turned(&mut self) {
        self.standin.release(true).await;
    }

    fn go_wrong(&mut self, chance: &mut Chance, may: bool) {
        self.told = self.standin.deliveries().len();
        if may {
            faults::arm(&self.standin, chance);
        }
        faults::lose_acknowledgements(&self.standin, chance);
    }

    fn tell_again(&mut self, chance: &mut Chance) {
        faults::tell_again(&self.standin, chance, self.told);
    }

    async fn shake(house: &mut House<Slack>, chance: &mut Chance) {
        let sockets = house.world.standin.sockets();
        let [socket] = sockets.as_slice() else { return };
        match faults::sockets(chance) {
            Sockets::Stay => {}
            Sockets::Replaced => {
                house.world.standin.disconnect(*socket, Reason::Warning);
                house.world.standin.wait_for_sockets(2).await;
                house.world.standin.hang_up(*socket);
                house.world.standin.wait_for_sockets(1).await;
            }
            Sockets::Cut => {
                house.tick();
                let before = house.heard();
                house.world.standin.cut(*socket);
                house.wait_until_filled(before).await;
                house.world.standin.wait_for_sockets(1).await;
            }
        }
    }
}
