//! Every scenario is played once more in Slack: by people in the stand-in, to Usher as `usher run` wires it, over
//! both connections, and with everything going wrong that may. What people see there is what the transcript says.
//!
//! The scenario is played on the console at the same time, line by line: that is its transcript, for which
//! `tests/scenarios.rs` stands. After each line the clock stands still until Slack has told all, Usher has
//! heard it and what follows is said; then both sides are compared, place by place and in order, and what
//! Usher decided is compared as well.
//!
//! `USHER_SCENARIO=gap` plays those with `gap` in their name, `USHER_SEEDS=0..100` has other things go wrong.

mod compare;
mod faults;
mod house;
mod pager;
mod people;
mod screen;
mod stage;

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::faults::Faults;

/// How Slack reaches Usher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Over sockets that Usher opens.
    Sockets,
    /// Over signed HTTP.
    Http,
}

/// What happens in a scenario and cannot happen in Slack, by how its line begins, and why.
const NOT_IN_SLACK: &[(Mode, &str, &str)] = &[(
    Mode::Http,
    "/gap",
    "over HTTP Slack calls Usher, which cannot know that it was not called: there is no gap while it runs",
)];

/// How many scenarios are played at once.
const AT_ONCE: usize = 4;

fn can_be_in_slack(mode: Mode, scenario: &str) -> bool {
    let mut not = NOT_IN_SLACK.iter().filter(|(in_mode, ..)| *in_mode == mode);
    !not.any(|(_, begin, _)| scenario.lines().any(|line| line.starts_with(begin)))
}

fn scenarios(mode: Mode) -> Vec<(String, PathBuf)> {
    let only = std::env::var("USHER_SCENARIO").ok();
    let mut found: Vec<(String, PathBuf)> = fs::read_dir("tests/scenarios")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "scenario"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(_, path)| can_be_in_slack(mode, &fs::read_to_string(path).unwrap()))
        .filter(|(name, _)| only.as_ref().is_none_or(|only| name.contains(only)))
        .collect();
    found.sort();
    found
}

/// What is played: a scenario, and the seed of what goes wrong.
struct Play {
    name: String,
    path: PathBuf,
    seed: Option<u64>,
}

impl Play {
    /// How it differs from the transcript.
    fn differences(&self, mode: Mode, faults: &impl Fn(&Play) -> Faults) -> Option<String> {
        let play = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(stage::play(&self.path, mode, faults(self)))
        };
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(play));
        let differences = played.unwrap_or_else(|_| vec!["it could not be played; see above why".to_owned()]);
        let seed = self.seed.map_or_else(String::new, |seed| format!("USHER_SEEDS={seed} "));
        let again = format!(
            "{seed}USHER_SCENARIO={} cargo test --all-features --test slack goes_the_same",
            self.name
        );
        (!differences.is_empty()).then(|| format!("{}\n  to play it again: {again}", differences.join("\n")))
    }
}

/// Plays every scenario with each seed, several at once, and says what went otherwise.
fn play_all(mode: Mode, seeds: &[Option<u64>], faults: impl Fn(&Play) -> Faults + Sync) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let plays: Vec<Play> = scenarios(mode)
        .into_iter()
        .flat_map(|(name, path)| {
            seeds.iter().map(move |&seed| Play { name: name.clone(), path: path.clone(), seed })
        })
        .collect();
    let work = || {
        while let Some(play) = plays.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(differences) = play.differences(mode, &faults) {
                wrong.lock().unwrap().push(format!("{}:\n{differences}", play.name));
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

fn all_go_the_same(mode: Mode, seeds: &[Option<u64>]) {
    let wrong = play_all(mode, seeds, |play| match play.seed {
        Some(seed) => Faults::of(seed, &play.name),
        None => Faults::none(),
    });
    assert!(wrong.is_empty(), "{} went otherwise:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// The seeds of what goes wrong: those that `USHER_SEEDS` names, as `7` or `0..100`, else one.
fn seeds() -> Vec<Option<u64>> {
    let text = std::env::var("USHER_SEEDS").unwrap_or_else(|_| "1".to_owned());
    let number = |text: &str| text.parse::<u64>().expect("USHER_SEEDS is `7` or `0..100`");
    match text.split_once("..") {
        Some((from, to)) => (number(from)..number(to)).map(Some).collect(),
        None => vec![Some(number(&text))],
    }
}

#[test]
fn every_scenario_goes_the_same_over_sockets() {
    all_go_the_same(Mode::Sockets, &[None]);
}

#[test]
fn every_scenario_goes_the_same_over_http() {
    all_go_the_same(Mode::Http, &[None]);
}

#[test]
fn every_scenario_goes_the_same_over_sockets_where_all_goes_wrong() {
    all_go_the_same(Mode::Sockets, &seeds());
}

#[test]
fn every_scenario_goes_the_same_over_http_where_all_goes_wrong() {
    all_go_the_same(Mode::Http, &seeds());
}

#[test]
fn what_stands_in_slack_once_more_than_in_the_transcript_is_found() {
    let speaks = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let kept = fs::read_to_string(path.with_file_name(format!("transcripts/{name}.snap"))).unwrap();
        kept.lines().any(|line| line.contains("] Usher: ") && !line.contains(" sees it)"))
    };
    let all = scenarios(Mode::Sockets);
    let speaking = all.iter().filter(|(_, path)| speaks(path)).count();
    let wrong = play_all(Mode::Sockets, &[None], |_| Faults::echo());
    assert_eq!(wrong.len(), speaking, "{}", wrong.join("\n\n"));
    assert!(speaking > 20, "{speaking} of {}", all.len());
}
