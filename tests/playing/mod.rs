//! Scenarios played on a platform, by people there, to Usher as `usher run` wires it. What people see there is what
//! the transcript says.
//!
//! The scenario is played on the console at the same time, line by line: that is its transcript, for which
//! `tests/scenarios.rs` stands. After each line the clock stands still until the platform has told all, Usher has
//! heard it and what follows is said; then both sides are compared, place by place and in order, and what
//! Usher decided is compared as well.
//!
//! `USHER_SCENARIO=gap` plays those with `gap` in their name, `USHER_SEEDS=0..100` has other things go wrong. The tests
//! of each platform take this in and bring a [`world::World`].

pub mod chance;
pub mod compare;
pub mod house;
pub mod numbers;
mod pager;
mod stage;
pub mod world;

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use usher::clock::Clock;
use usher::play::scenario::Scenario;
use usher::play::scene;
use usher::runbook::Runbook;

use self::chance::Chance;
use self::world::World;

/// How many scenarios are played at once.
const AT_ONCE: usize = 4;

/// What is played: a scenario, and the seed of what goes wrong.
pub struct Play {
    pub name: String,
    pub path: PathBuf,
    pub seed: Option<u64>,
    /// Whatever Usher says in a channel is found there twice.
    pub echoes: bool,
}

/// The scenarios that can be played: none has a line that begins like one of those in `not`.
pub fn scenarios(not: &[&str]) -> Vec<(String, PathBuf)> {
    let only = std::env::var("USHER_SCENARIO").ok();
    let can_be_played = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        !text.lines().any(|line| not.iter().any(|begin| line.starts_with(begin)))
    };
    let mut found: Vec<(String, PathBuf)> = fs::read_dir("tests/scenarios")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "scenario"))
        .filter(can_be_played)
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| only.as_ref().is_none_or(|only| name.contains(only)))
        .collect();
    found.sort();
    found
}

/// Plays one in a world that `build` makes for its runbook, on that clock; how what people see there differs from the
/// transcript.
pub async fn play<W, F>(play: &Play, build: impl FnOnce(Runbook, Clock) -> F) -> Vec<String>
where
    W: World,
    F: Future<Output = W>,
{
    let text = fs::read_to_string(&play.path).unwrap();
    let scenario = Scenario::parse(play.path.to_str().unwrap(), &text).unwrap();
    let (runbook, revision) = scene::runbook_of(&scenario).unwrap();
    let clock = Clock::simulated(scenario.start);
    let world = build(runbook.clone(), clock.clone()).await;
    let chance = play.seed.map_or_else(Chance::none, |seed| Chance::of(seed, &play.name));
    let stage = stage::Stage::set(world, scenario, (runbook, revision), clock, chance, play.echoes).await;
    stage.play(&play.path).await
}

/// Plays every scenario with each seed, several at once, and says what went otherwise. `differences` plays one.
pub fn play_all(
    test: &str,
    plays: &[Play],
    differences: impl Fn(&Play, &tokio::runtime::Runtime) -> Vec<String> + Sync,
) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(play) = plays.get(next.fetch_add(1, Ordering::Relaxed)) {
            let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                differences(play, &runtime)
            }));
            let found = played.unwrap_or_else(|_| vec!["it could not be played; see above why".to_owned()]);
            if !found.is_empty() {
                let seed = play.seed.map_or_else(String::new, |seed| format!("USHER_SEEDS={seed} "));
                let again = format!(
                    "{seed}USHER_SCENARIO={} cargo test --all-features --test {test} goes_the_same",
                    play.name
                );
                let found = found.join("\n");
                wrong.lock().unwrap().push(format!("{}:\n{found}\n  to play it again: {again}", play.name));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    wrong.into_inner().unwrap()
}

/// Every scenario but those with a line that begins like one of `not`, once with each seed.
pub fn plays(not: &[&str], seeds: &[Option<u64>]) -> Vec<Play> {
    let of_one = |(name, path): (String, PathBuf)| {
        seeds.iter().map(move |&seed| Play { name: name.clone(), path: path.clone(), seed, echoes: false })
    };
    scenarios(not).into_iter().flat_map(of_one).collect()
}

/// The seeds of what goes wrong: those that `USHER_SEEDS` names, as `7` or `0..100`, else one.
pub fn seeds() -> Vec<Option<u64>> {
    let text = std::env::var("USHER_SEEDS").unwrap_or_else(|_| "1".to_owned());
    let number = |text: &str| text.parse::<u64>().expect("USHER_SEEDS is `7` or `0..100`");
    match text.split_once("..") {
        Some((from, to)) => (number(from)..number(to)).map(Some).collect(),
        None => vec![Some(number(&text))],
    }
}

/// Whether Usher says something in a scenario that others hear as well.
pub fn usher_speaks(scenario: &Path) -> bool {
    let kept = transcript(scenario);
    kept.lines().any(|line| line.contains("] Usher: ") && !line.contains(" sees it)"))
}

/// The transcript of a scenario, as it is kept.
fn transcript(scenario: &Path) -> String {
    let name = scenario.file_stem().unwrap().to_str().unwrap();
    let kept = fs::read_to_string(scenario.with_file_name(format!("transcripts/{name}.snap"))).unwrap();
    kept.splitn(3, "---\n").nth(2).unwrap().to_owned()
}
