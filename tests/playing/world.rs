//! What a platform brings so that scenarios can be played there.

use chrono_tz::Tz;
use usher::calendar::Instant;
use usher::chat::console::script::{Act, PlaceName};
use usher::core::event::{Platform, RevisionText};
use usher::settings::Settings;

use super::chance::Chance;
use super::house::House;
use super::numbers::Numbers;

/// Who does something, and where.
pub struct Doing<'a> {
    pub person: &'a str,
    pub place: Option<&'a PlaceName>,
    pub thread: Option<u32>,
    /// If it is a message, its number in the transcript.
    pub number: Option<u32>,
}

/// What Usher said, as it appeared to people: without its number, which only a transcript gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The channel's id.
    pub channel: String,
    /// What the place is called in a transcript: `#support`, or with the name of whom Usher talks to there `@ana`.
    pub place: String,
    /// The first message of the thread.
    pub thread: Option<String>,
    /// The message's id, or that of the one whose words it changes.
    pub id: String,
    /// Who sees it, if that is one person alone.
    pub only: Option<String>,
    pub changed: bool,
    pub at: Instant,
    /// What it says, and its buttons.
    pub text: String,
}

/// A platform with the people of a scenario, and Usher's way to it.
pub trait World: Sized {
    /// Its name.
    const NAME: &'static str;
    /// Which it is.
    const PLATFORM: Platform;

    /// The settings by which Usher reaches it, and at that port is reached.
    fn settings(&self, common: Settings, port: u16) -> Settings;
    /// The same runbook, in which everyone has the id that they have here; it is still the same revision.
    fn with_ids(&self, revision: &RevisionText) -> RevisionText;
    /// The clock shows another time from now on.
    fn set_time(&mut self, at: Instant);

    /// Whether Usher hears of what happens.
    fn is_heard(&self) -> bool;
    /// Waits until Usher, which has just started, is reached at that port.
    async fn wait_until_reached(&mut self, port: u16);
    /// Waits until it is known that Usher is gone.
    async fn wait_until_left(&mut self);
    /// Waits until Usher has been told of all that has happened, and has taken it.
    async fn wait_until_told(&mut self);
    /// Whether nothing has happened since.
    fn is_all_told(&self) -> bool;
    /// What Usher has asked for last, for whoever looks why it is silent.
    fn last_requests(&self) -> Vec<String>;
    /// Whether an event of that key says that all that was missed has been read.
    fn says_filled(key: &str) -> bool;
    /// Whether it says that something may have been missed.
    fn says_gap(key: &str) -> bool;

    /// Somebody does something.
    async fn act(&mut self, doing: Doing<'_>, act: &Act, numbers: &mut Numbers);
    /// Somebody joins the team, and all of its channels.
    async fn join(&mut self, name: &str, zone: Tz);
    /// A channel opens, everyone is in it, and somebody invites Usher.
    async fn open(&mut self, channel: &str, is_private: bool);
    /// Somebody says on the platform that they are away until then, or are no more.
    async fn set_away(&mut self, name: &str, until: Option<Instant>);
    /// It is gone.
    fn go_down(&mut self);
    /// It is back.
    async fn come_up(&mut self);
    /// The history of a channel cannot be read.
    async fn lose_history(&mut self, channel: &str);

    /// What has appeared since this was asked last.
    async fn appeared(&mut self) -> Vec<Shown>;
    /// What is said here, without what tells this world from others of its kind.
    fn unmarked(&self, text: &str) -> String;
    /// What the console says, as it is said here: all differences that there are meant to be.
    fn words(text: &str) -> String;
    /// Where what stands on the console at that place stands here.
    fn place(on_console: &str) -> String;

    /// Keeps what happens back, until it is told the other way round.
    fn hold(&mut self);
    async fn tell_turned(&mut self);
    /// Has something go wrong that Usher asks for, where it `may`, and with what it takes.
    fn go_wrong(&mut self, chance: &mut Chance, may: bool);
    /// Tells once more of some things of which it has told since the line began.
    fn tell_again(&mut self, chance: &mut Chance);
    /// Breaks the way to Usher in the middle of a line.
    async fn shake(house: &mut House<Self>, chance: &mut Chance);
}
