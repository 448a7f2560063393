//! Every scenario in `tests/scenarios` is played, and what comes out is compared with its transcript.
//!
//! One behaviour a file, and the file's name is the sentence. `INSTA_UPDATE=always cargo test --test
//! scenarios` writes the transcripts anew; read them before they are committed.

#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::fs;
use std::path::PathBuf;

use usher::core::event::Platform;
use usher::play::Ends;
use usher::play::figures::Figures;
use usher::play::hours::Hours;
use usher::play::scenario::Scenario;
use usher::play::scene::{self, Scene};
use usher::play::session::Delivery;
use usher::store::Store;

/// The scenarios, by name.
fn scenarios() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = fs::read_dir("tests/scenarios")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "scenario"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn play(path: &PathBuf, delivery: Delivery) -> Scene {
    let text = fs::read_to_string(path).unwrap();
    let scenario = Scenario::parse(path.to_str().unwrap(), &text).unwrap_or_else(|error| panic!("{error}"));
    let revision = scene::runbook_of(&scenario).unwrap_or_else(|error| panic!("{error}"));
    let mut figures = Figures::new(Hours::new(&revision.0, Platform::Console));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(scene::play(&scenario, revision, Store::memory(), delivery, Ends::none(), &mut figures))
        .unwrap_or_else(|error| panic!("{error}\n{}", error.scene.text))
}

#[test]
fn every_scenario_goes_as_its_transcript_says() {
    let wrong: Vec<String> = scenarios()
        .into_iter()
        .filter(|(name, path)| {
            let text = play(path, Delivery::Once).text;
            let compare = || {
                insta::with_settings!({
                    snapshot_path => "scenarios/transcripts",
                    prepend_module_to_snapshot => false,
                    omit_expression => true,
                }, { insta::assert_snapshot!(name.as_str(), text) });
            };
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(compare)).is_err()
        })
        .map(|(name, _)| name)
        .collect();
    assert!(wrong.is_empty(), "these went otherwise: {wrong:#?}");
}

/// All that goes otherwise than when each event comes once, with the first line that differs.
fn differing(delivery: Delivery) -> Vec<String> {
    let differs = |(name, path): (String, PathBuf)| {
        let (once, other) = (play(&path, Delivery::Once).text, play(&path, delivery).text);
        let line = once.lines().zip(other.lines()).find(|(once, other)| once != other);
        (once != other).then(|| format!("{name}: {line:#?}"))
    };
    scenarios().into_iter().filter_map(differs).collect()
}

#[test]
fn a_scenario_goes_the_same_when_every_event_comes_twice() {
    assert_eq!(differing(Delivery::Twice), Vec::<String>::new());
}

#[test]
fn a_scenario_goes_the_same_when_usher_dies_after_every_line() {
    assert_eq!(differing(Delivery::WithRestarts), Vec::<String>::new());
}
