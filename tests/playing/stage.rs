//! A scenario on both stages: on the console, whose transcript is known, and on a platform.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use usher::calendar::{Instant, SECOND_MS, day_start_or_next};
use usher::chat::console::script::{Act, Direction, Line, Speaker};
use usher::chat::console::when::When;
use usher::chat::console::{Entry, EntryKind, Room, Transcript};
use usher::clock::Clock;
use usher::core::event::RevisionText;
use usher::fault::Faults as Planned;
use usher::play::scenario::Scenario;
use usher::play::session::{Delivery, Session};
use usher::runbook::Runbook;
use usher::runbook_file;
use usher::store::Store;

use super::chance::Chance;
use super::compare;
use super::house::House;
use super::numbers::Numbers;
use super::pager::Pager;
use super::world::{Doing, World};

/// What falls due so soon after the end of a wait still happens, as on the console, in ms.
const GRACE_MS: i64 = 499;
/// Once the platform's clock is so far ahead no more calls go wrong, in ms: a minute later it would be another time.
const MOST_AHEAD_MS: i64 = 20 * SECOND_MS;

/// Both stages.
pub struct Stage<W> {
    scenario: Scenario,
    revision: RevisionText,
    session: Session,
    house: House<W>,
    pager: Pager,
    numbers: Numbers,
    /// How much of what was paged has been compared.
    paged: usize,
    /// By how much the platform's clock is ahead of the console's, in ms: there sending takes time.
    ahead_ms: i64,
    /// The silences that have been noted.
    silences: BTreeSet<String>,
    /// What the console showed while the platform was gone.
    uncompared: Vec<Entry>,
    chance: Chance,
    /// Whatever Usher says in a channel is found there twice.
    echoes: bool,
    /// The console's transcript so far, and what writes it.
    transcript: String,
    writer: Transcript,
    differences: Vec<String>,
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

impl<W: World> Stage<W> {
    /// Sets both, with Usher in the house.
    pub async fn set(
        world: W,
        scenario: Scenario,
        (runbook, revision): (Runbook, RevisionText),
        clock: Clock,
        chance: Chance,
        echoes: bool,
    ) -> Stage<W> {
        let folder = Path::new(&scenario.file).parent().map(PathBuf::from).unwrap();
        let room = Room::new(scenario.start, scenario.zone);
        let script = (runbook, revision.clone());
        let mut session =
            Session::open(Store::memory(), room, script, folder, Delivery::Once, Planned::none())
                .await
                .unwrap();
        session.take();
        let Clock::Simulated(hands) = clock.clone() else { unreachable!("it is simulated") };
        let (pager, pager_url) = Pager::start(clock).await;
        let mut house = House::new(world, hands, pager_url);
        house.start(&revision).await;
        house.take_notes();
        house.world.appeared().await;
        Stage {
            scenario,
            revision,
            session,
            house,
            pager,
            numbers: Numbers::default(),
            paged: 0,
            ahead_ms: 0,
            silences: BTreeSet::new(),
            uncompared: Vec::new(),
            chance,
            echoes,
            transcript: String::new(),
            writer: Transcript::new(false),
            differences: Vec::new(),
        }
    }

    /// Plays the scenario, which is at `path`; how what is on the platform differs from the transcript.
    pub async fn play(mut self, path: &Path) -> Vec<String> {
        let lines = self.scenario.lines.clone();
        let mut rest = lines.as_slice();
        while let [(number, line), after @ ..] = rest {
            let entries = self.on_console(line, *number).await;
            rest = match after {
                [(next, later), after @ ..]
                    if self.house.world.is_heard()
                        && is_talk(line)
                        && is_talk(later)
                        && is_silent(&entries)
                        && self.chance.once_in(3) =>
                {
                    let later_entries = self.on_console(later, *next).await;
                    self.both_ways(*next, [(line, &entries), (later, &later_entries)]).await;
                    after
                }
                _ => {
                    self.play_line(*number, line, &entries).await;
                    after
                }
            };
            if !self.differences.is_empty() {
                // What follows from a difference is no news.
                break;
            }
        }
        self.house.kill().await;
        self.check_transcript(path);
        self.differences
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

    /// Plays a line on the platform, with what goes wrong, and compares.
    async fn play_line(&mut self, number: usize, line: &Line, entries: &[Entry]) {
        if matches!(line, Line::Nothing | Line::Remark(_)) {
            return;
        }
        if self.is_cut_off(line) {
            self.there(line, entries).await;
            return self.finish(number, entries, Heard::InOrder).await;
        }
        let may = self.ahead_ms < MOST_AHEAD_MS;
        self.house.world.go_wrong(&mut self.chance, may);
        self.there(line, entries).await;
        self.house.world.tell_again(&mut self.chance);
        if !is_talk(line) {
            // A press and a command may come once: whoever gave one that was lost sees it and gives it again.
            self.house.world.wait_until_told().await;
        }
        W::shake(&mut self.house, &mut self.chance).await;
        self.finish(number, entries, Heard::InOrder).await;
        if self.chance.once_in(10) {
            self.start_again().await;
        }
    }

    /// Whether the platform is gone, or goes: nothing more can go wrong then.
    fn is_cut_off(&self, line: &Line) -> bool {
        let goes = matches!(line, Line::Direction(Direction::Gap(_)));
        goes || !self.house.world.is_heard()
    }

    /// Plays two messages there of which Usher hears in the wrong order.
    async fn both_ways(&mut self, number: usize, lines: [(&Line, &Vec<Entry>); 2]) {
        self.house.world.hold();
        for (line, entries) in lines {
            self.there(line, entries).await;
        }
        self.house.world.tell_turned().await;
        let entries = lines.map(|(_, entries)| entries.as_slice()).concat();
        self.finish(number, &entries, Heard::Turned).await;
    }

    async fn there(&mut self, line: &Line, entries: &[Entry]) {
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
        // What happens while the platform is gone is heard of when it is back.
        if self.house.world.is_heard() {
            let entries = std::mem::take(&mut self.uncompared);
            self.compare(number, &entries, heard).await;
        }
    }

    /// Usher dies, and starts again.
    async fn start_again(&mut self) {
        self.house.kill().await;
        self.follow_clock();
        self.house.start(&self.revision).await;
        let now = self.house.now();
        self.house.pass_until(now, now.plus(GRACE_MS)).await;
    }

    /// The platform's clock when the console shows `at`.
    fn on_its_clock(&self, at: Instant) -> Instant {
        at.plus(self.ahead_ms)
    }

    fn follow_clock(&mut self) {
        self.house.advance_to(self.on_its_clock(self.session.room().now()));
    }

    async fn act(&mut self, by: Option<&Speaker>, act: &Act, entries: &[Entry]) {
        self.follow_clock();
        let speaker = by.expect("every line of a scenario says whose it is");
        let said = entries.iter().find(|entry| entry.kind == EntryKind::Talk);
        let doing = Doing {
            person: &speaker.person,
            place: speaker.place.as_ref(),
            thread: speaker.thread,
            number: said.and_then(|entry| compare::number_of(&entry.text)),
        };
        self.house.world.act(doing, act, &mut self.numbers).await;
    }

    async fn direct(&mut self, direction: &Direction) {
        let now = self.session.room().now();
        match direction {
            Direction::Until(_) => {
                let until = self.on_its_clock(now);
                self.house.pass_until(until, until.plus(GRACE_MS)).await
            }
            Direction::At(_) | Direction::Crash => self.start_again().await,
            // Usher reads its runbook when it starts.
            Direction::Runbook(file) => {
                let file = file.as_ref().expect("a scenario names the file");
                let path = Path::new(&self.scenario.file).with_file_name("").join(file);
                (_, self.revision) = runbook_file::revision(&path).unwrap();
                self.start_again().await;
            }
            Direction::Person { name, zone } => self.house.world.join(name, *zone).await,
            Direction::Channel { name, private } => self.house.world.open(name, *private).await,
            Direction::Away { person, dates } => {
                let zone = self.session.room().people().find(|(name, _)| *name == person).unwrap().1;
                let until = dates.map(|(_, last)| day_start_or_next(zone, last.succ_opt().unwrap()));
                self.follow_clock();
                self.house.world.set_away(person, until).await;
            }
            // Nothing can be heard of the platform.
            Direction::Gap(_) => {
                self.follow_clock();
                self.house.lose_platform().await;
            }
            Direction::Filled(_) => self.come_back().await,
            Direction::Lost(channel) => {
                self.house.world.lose_history(channel).await;
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

    /// The platform is there again, if it was gone, and what was missed is read.
    async fn come_back(&mut self) {
        self.follow_clock();
        if !self.house.world.is_heard() {
            self.house.find_platform().await;
        }
    }

    /// What was compared is the transcript for which `tests/scenarios.rs` stands.
    fn check_transcript(&mut self, path: &Path) {
        let kept = super::transcript(path);
        if self.differences.is_empty() && kept.trim_end() != self.transcript.trim_end() {
            self.differences.push(format!("the console's transcript is another one:\n{}", self.transcript));
        }
    }

    async fn compare(&mut self, number: usize, entries: &[Entry], heard: Heard) {
        let zone = self.scenario.zone;
        let mut shown = self.house.world.appeared().await;
        if self.echoes {
            let again: Vec<_> = shown.iter().filter(|it| it.only.is_none()).cloned().collect();
            shown.extend(again);
        }
        let mut pages = self.pager.since(self.paged);
        self.paged += pages.len();
        let texts = shown.iter_mut().map(|it| &mut it.text).chain(pages.iter_mut().map(|(_, text)| text));
        texts.for_each(|text| *text = self.house.world.unmarked(text));
        let mut there = compare::of_platform::<W>(&shown, &pages, entries, &mut self.numbers, zone);
        compare::add_notes(&mut there, &self.house.take_notes(), &self.numbers, zone);
        let transcript = compare::of_transcript::<W>(entries, zone);
        there.forget_silences(&transcript, &mut self.silences);
        let differences = match heard {
            Heard::InOrder => transcript.differences(&there),
            Heard::Turned => transcript.without_notes().differences(&there.without_notes()),
        };
        if !differences.is_empty() {
            let (name, now) = (W::NAME, self.house.now());
            self.differences.push(format!(" line {number}, {now} on {name}\n{}", differences.join("\n")));
        }
    }
}
