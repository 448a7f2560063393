//! A scenario on both stages: on the console, whose transcript is known, and in Slack.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use usher::calendar::{Instant, SECOND_MS, day_start_or_next};
use usher::chat::console::script::{Act, Direction, Line, Speaker};
use usher::chat::console::when::When;
use usher::chat::console::{Entry, EntryKind, Room, Transcript};
use usher::clock::Clock;
use usher::core::event::RevisionText;
use usher::fault::Faults as Planned;
use usher::play::scenario::Scenario;
use usher::play::scene;
use usher::play::session::{Delivery, Session};
use usher::runbook_file;
use usher::store::Store;

use super::faults::{Faults, Sockets};
use super::house::House;
use super::pager::Pager;
use super::people::{self, Doing, Numbers};
use super::{Mode, compare, screen};
use crate::standin::refusals::Refusal;
use crate::standin::socket_mode::Reason;
use crate::standin::{Fault, Settings, Standin};

/// What falls due so soon after the end of a wait still happens, as on the console, in ms.
const GRACE_MS: i64 = 499;
/// Once Slack's clock is so far ahead no more calls go wrong, in ms: a minute later it would be another time.
const MOST_AHEAD_MS: i64 = 20 * SECOND_MS;

/// Both stages.
struct Stage {
    scenario: Scenario,
    revision: RevisionText,
    session: Session,
    house: House,
    pager: Pager,
    numbers: Numbers,
    /// How much of what appeared, and of what was paged, has been compared.
    compared: (usize, usize),
    /// By how much Slack's clock is ahead of the console's, in ms: there sending takes time.
    ahead_ms: i64,
    /// The silences that have been noted.
    silences: BTreeSet<String>,
    /// What the console showed while Slack was gone.
    uncompared: Vec<Entry>,
    faults: Faults,
    /// The console's transcript so far, and what writes it.
    transcript: String,
    writer: Transcript,
    differences: Vec<String>,
}

/// Plays a scenario; how Slack differs from the transcript.
pub async fn play(path: &Path, mode: Mode, faults: Faults) -> Vec<String> {
    let mut stage = Stage::set(path, mode, faults).await;
    let lines = stage.scenario.lines.clone();
    let mut rest = lines.as_slice();
    while let [(number, line), after @ ..] = rest {
        let entries = stage.on_console(line, *number).await;
        rest = match after {
            [(next, later), after @ ..]
                if stage.house.hears_slack()
                    && is_talk(line)
                    && is_talk(later)
                    && is_silent(&entries)
                    && stage.faults.turn_round() =>
            {
                let later_entries = stage.on_console(later, *next).await;
                stage.both_ways(*next, [(line, &entries), (later, &later_entries)]).await;
                after
            }
            _ => {
                stage.play_line(*number, line, &entries).await;
                after
            }
        };
        if !stage.differences.is_empty() {
            // What follows from a difference is no news.
            break;
        }
    }
    stage.house.kill().await;
    stage.check_transcript(path);
    stage.differences
}

/// In which order Usher heard of two lines. Notes tell how it came to where it is, so in another order they are
/// others; what it says is not.
#[derive(Clone, Copy)]
enum Heard {
    InOrder,
    Turned,
}

/// Whether somebody writes a message, and no command.
fn is_talk(line: &Line) -> bool {
    matches!(line, Line::Act(_, Act::Say(text)) if !text.starts_with("@usher"))
}

/// Whether Usher says nothing.
fn is_silent(entries: &[Entry]) -> bool {
    entries.iter().all(|entry| entry.kind != EntryKind::Usher)
}

impl Stage {
    async fn set(path: &Path, mode: Mode, faults: Faults) -> Stage {
        let text = fs::read_to_string(path).unwrap();
        let scenario = Scenario::parse(path.to_str().unwrap(), &text).unwrap();
        let (runbook, revision) = scene::runbook_of(&scenario).unwrap();
        let folder = path.parent().map(PathBuf::from).unwrap();
        let room = Room::new(scenario.start, scenario.zone);
        let script = (runbook.clone(), revision.clone());
        let mut session =
            Session::open(Store::memory(), room, script, folder, Delivery::Once, Planned::none())
                .await
                .unwrap();
        session.take();
        let clock = Clock::simulated(scenario.start);
        let Clock::Simulated(hands) = clock.clone() else { unreachable!("it is simulated") };
        let standin = Standin::start_with(Settings { clock: clock.clone(), ..Settings::default() }).await;
        crate::manifest::grant(&standin);
        people::move_in(&standin, &runbook);
        let (pager, pager_url) = Pager::start(clock).await;
        let mut house = House::new(standin, hands, mode, pager_url);
        house.start(people::with_ids(&revision)).await;
        house.take_notes();
        let compared = (house.standin.appeared(0).len(), 0);
        Stage {
            scenario,
            revision,
            session,
            house,
            pager,
            numbers: Numbers::default(),
            compared,
            ahead_ms: 0,
            silences: BTreeSet::new(),
            uncompared: Vec::new(),
            faults,
            transcript: String::new(),
            writer: Transcript::new(false),
            differences: Vec::new(),
        }
    }

    /// Plays a line on the console, with what is due at once; what came of it.
    async fn on_console(&mut self, line: &Line, number: usize) -> Vec<Entry> {
        let at_once = Line::Direction(Direction::Until(When::After(0)));
        for line in [line, &at_once] {
            self.session.line(line).await.unwrap_or_else(|error| panic!("line {number}: {error}"));
        }
        let entries = self.session.take().entries;
        for entry in &entries {
            self.transcript.push_str(&self.writer.write(entry, self.scenario.zone));
            self.transcript.push('\n');
        }
        entries
    }

    /// Plays a line in Slack, with what goes wrong, and compares.
    async fn play_line(&mut self, number: usize, line: &Line, entries: &[Entry]) {
        if matches!(line, Line::Nothing | Line::Remark(_)) {
            return;
        }
        if self.is_cut_off(line) {
            self.in_slack(line, entries).await;
            return self.finish(number, entries, Heard::InOrder).await;
        }
        let told = self.house.standin.deliveries().len();
        if self.ahead_ms < MOST_AHEAD_MS {
            self.faults.arm(&self.house.standin);
        }
        self.faults.lose_acknowledgements(&self.house.standin);
        self.in_slack(line, entries).await;
        self.faults.tell_again(&self.house.standin, told);
        if !is_talk(line) {
            // Slack brings a press and a command once: whoever gave one that was lost sees it and gives it again.
            self.house.standin.wait_until_settled().await;
        }
        self.shake_sockets().await;
        self.finish(number, entries, Heard::InOrder).await;
        if self.faults.kill() {
            self.start_again().await;
        }
    }

    /// Whether Slack is gone, or goes: nothing more can go wrong then.
    fn is_cut_off(&self, line: &Line) -> bool {
        let goes = matches!(line, Line::Direction(Direction::Gap(_)));
        goes || !self.house.hears_slack()
    }

    /// Plays two messages in Slack of which Usher hears in the wrong order.
    async fn both_ways(&mut self, number: usize, lines: [(&Line, &Vec<Entry>); 2]) {
        self.house.standin.hold();
        for (line, entries) in lines {
            self.in_slack(line, entries).await;
        }
        self.house.standin.release(true).await;
        let entries = lines.map(|(_, entries)| entries.as_slice()).concat();
        self.finish(number, &entries, Heard::Turned).await;
    }

    async fn in_slack(&mut self, line: &Line, entries: &[Entry]) {
        match line {
            Line::Nothing | Line::Remark(_) => {}
            Line::Act(by, act) => self.act(by.as_ref(), act, entries).await,
            Line::Direction(direction) => self.direct(direction).await,
        }
    }

    /// Waits until nothing more comes of it, and compares.
    async fn finish(&mut self, number: usize, entries: &[Entry], heard: Heard) {
        self.house.settle().await;
        self.ahead_ms = self.house.now().since(self.session.room().now()).max(0);
        self.uncompared.extend_from_slice(entries);
        // What happens while Slack is gone is heard of when it is back.
        if self.house.hears_slack() {
            let entries = std::mem::take(&mut self.uncompared);
            self.compare(number, &entries, heard);
        }
    }

    /// Breaks the sockets in the middle of a line, or has Slack replace them.
    async fn shake_sockets(&mut self) {
        let sockets = self.house.standin.sockets();
        let [socket] = sockets.as_slice() else { return };
        match self.faults.sockets() {
            Sockets::Stay => {}
            Sockets::Replaced => {
                self.house.standin.disconnect(*socket, Reason::Warning);
                self.house.standin.wait_for_sockets(2).await;
                self.house.standin.hang_up(*socket);
                self.house.standin.wait_for_sockets(1).await;
            }
            Sockets::Cut => {
                self.house.tick();
                let before = self.house.heard();
                self.house.standin.cut(*socket);
                self.house.wait_until_filled(before).await;
                self.house.standin.wait_for_sockets(1).await;
            }
        }
    }

    /// Usher dies, and starts again.
    async fn start_again(&mut self) {
        self.house.kill().await;
        self.follow_clock();
        self.house.start(people::with_ids(&self.revision)).await;
        let now = self.house.now();
        self.house.pass_until(now, now.plus(GRACE_MS)).await;
    }

    /// Slack's clock when the console shows `at`.
    fn there(&self, at: Instant) -> Instant {
        at.plus(self.ahead_ms)
    }

    fn follow_clock(&self) {
        self.house.clock.advance_to(self.there(self.session.room().now()));
    }

    async fn act(&mut self, by: Option<&Speaker>, act: &Act, entries: &[Entry]) {
        self.follow_clock();
        let speaker = by.expect("every line of a scenario says whose it is");
        let said = entries.iter().find(|entry| entry.kind == EntryKind::Talk);
        let doing = Doing {
            standin: &self.house.standin,
            person: &speaker.person,
            place: speaker.place.as_ref(),
            thread: speaker.thread,
            number: said.and_then(|entry| compare::number_of(&entry.text)),
        };
        doing.act(act, &mut self.numbers);
    }

    async fn direct(&mut self, direction: &Direction) {
        let now = self.session.room().now();
        match direction {
            Direction::Until(_) => {
                self.house.pass_until(self.there(now), self.there(now).plus(GRACE_MS)).await
            }
            Direction::At(_) | Direction::Crash => self.start_again().await,
            // Usher reads its runbook when it starts.
            Direction::Runbook(file) => {
                let file = file.as_ref().expect("a scenario names the file");
                let path = Path::new(&self.scenario.file).with_file_name("").join(file);
                (_, self.revision) = runbook_file::revision(&path).unwrap();
                self.start_again().await;
            }
            Direction::Person { name, zone } => people::join(&self.house.standin, name, *zone),
            Direction::Channel { name, private } => people::open(&self.house.standin, name, *private),
            Direction::Away { person, dates } => {
                let zone = self.session.room().people().find(|(name, _)| *name == person).unwrap().1;
                let until = dates.map(|(_, last)| day_start_or_next(zone, last.succ_opt().unwrap()));
                self.follow_clock();
                people::set_away(&self.house.standin, person, until);
            }
            // Nothing can be heard of Slack.
            Direction::Gap(_) => {
                self.follow_clock();
                self.house.lose_slack().await;
            }
            Direction::Filled(_) => self.come_back().await,
            Direction::Lost(channel) => {
                let (channel, gone) =
                    (people::channel(channel), Fault::Refused(Refusal::Named("channel_not_found")));
                self.house.standin.arm_in(&channel, "conversations.history", gone, 1);
                self.come_back().await;
            }
            Direction::Notes(_) => {}
            Direction::As(_)
            | Direction::In(_)
            | Direction::Thread(_)
            | Direction::Main
            | Direction::Who
            | Direction::Tour
            | Direction::Help(_)
            | Direction::Quit => panic!("{direction:?} is for the console"),
        }
    }

    /// Slack is there again, if it was gone, and what was missed is read.
    async fn come_back(&mut self) {
        self.follow_clock();
        if !self.house.standin.sockets().is_empty() {
            return;
        }
        let before = self.house.heard();
        self.house.standin.come_up().await;
        self.house.wait_until_filled(before).await;
        self.house.standin.wait_for_sockets(1).await;
    }

    /// What was compared is the transcript for which `tests/scenarios.rs` stands.
    fn check_transcript(&mut self, path: &Path) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let kept = fs::read_to_string(path.with_file_name(format!("transcripts/{name}.snap"))).unwrap();
        let kept = kept.splitn(3, "---\n").nth(2).unwrap();
        if self.differences.is_empty() && kept.trim_end() != self.transcript.trim_end() {
            self.differences.push(format!("the console's transcript is another one:\n{}", self.transcript));
        }
    }

    fn compare(&mut self, number: usize, entries: &[Entry], heard: Heard) {
        let zone = self.scenario.zone;
        let (first, first_page) = self.compared;
        self.faults.say_again(&self.house.standin, first);
        let appeared = self.house.standin.appeared(first);
        let pages = self.pager.since(first_page);
        self.compared = (first + appeared.len(), first_page + pages.len());
        let numbers = &mut self.numbers;
        let mut slack = self.house.standin.shared.read(|state| {
            let shown: Vec<screen::Shown> = appeared.iter().map(|it| screen::shown(state, it)).collect();
            compare::of_slack(state, &shown, &pages, entries, numbers, zone)
        });
        compare::add_notes(&mut slack, &self.house.take_notes(), numbers, zone);
        let transcript = compare::of_transcript(entries, zone);
        slack.forget_silences(&transcript, &mut self.silences);
        let differences = match heard {
            Heard::InOrder => transcript.differences(&slack),
            Heard::Turned => transcript.without_notes().differences(&slack.without_notes()),
        };
        if !differences.is_empty() {
            self.differences.push(format!(
                " line {number}, {} there\n{}",
                self.house.now(),
                differences.join("\n")
            ));
        }
    }
}
