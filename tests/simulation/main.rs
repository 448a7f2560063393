//! The whole of Usher's deciding against chance: seeds make teams, weeks of chat and mishaps; an oracle
//! that shares nothing with it says what ought to have happened.
//!
//! `USHER_SEEDS=1000..2000 cargo test --test simulation` plays these seeds; one that fails says how to play it
//! again.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "moves, meanings and bugs are told apart by several hands, each of which knows its own"
)]

mod audit;
mod book;
mod bugs;
mod chance;
mod endings;
mod house;
mod office;
mod oracle;
mod outage;
mod plan;
#[cfg(feature = "service")]
mod real;
mod rig;
mod said;
mod script;
mod sent;
mod story;
mod team;
mod world;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bugs::Bug;
use rig::Rig;
use world::{Played, play};

/// So many seeds that fail are shown.
const SHOWN: usize = 3;

/// The seeds that `USHER_SEEDS` names, if it names any: `7`, or `0..1000`.
fn given_seeds() -> Option<Range<u64>> {
    let text = std::env::var("USHER_SEEDS").ok()?;
    let number = |text: &str| text.trim().parse::<u64>().expect("USHER_SEEDS is `7` or `0..1000`");
    Some(match text.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(&text)..number(&text) + 1,
    })
}

/// The command that plays a seed again, in one test.
fn again(seed: u64, test: &str) -> String {
    format!("USHER_SEEDS={seed} cargo test --all-features --test simulation -- --exact --nocapture {test}")
}

/// Lets a test play a seed. Whatever breaks in it, it is told which seed it was and how it is played again.
fn with_seed<T>(seed: u64, test: &str, play: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(play)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it broke without a word");
        format!("{words}\nseed {seed} breaks off\n  play it again: {}\n", again(seed, test))
    })
}

#[test]
fn a_seed_that_breaks_off_says_how_to_play_it_again() {
    let what = with_seed(7, "weeks", || -> u64 { panic!("the house fell") }).expect_err("it fell");
    assert!(what.starts_with("the house fell\nseed 7"), "{what}");
    assert!(
        what.contains("USHER_SEEDS=7 cargo test") && what.contains("--exact --nocapture weeks"),
        "{what}"
    );
    assert_eq!(with_seed(7, "weeks", || 5), Ok(5));
}

/// Plays a seed in the small house.
fn in_small(seed: u64, bug: Option<Bug>) -> Played {
    play(seed, Box::new(Rig::new(seed, bug)))
}

/// What was wrong, with what led to it: the steps that name the conversation it is about and the mishaps, or
/// the last steps where it is about none.
fn story_of(seed: u64, test: &str, played: &Played) -> Option<String> {
    let violation = played.violation.as_ref()?;
    let story =
        violation.about.and_then(|about| played.stories.values().find(|story| story.contains(&about)));
    let ids: Vec<String> = story.into_iter().flatten().map(|id| said::message_id(*id)).collect();
    let mishaps = [
        "start", "died", "Down", "Asleep", "Cut", "clock", "gap-", "filled-", "calm", "e1000", "e2000",
        "e3000",
    ];
    let tells = |step: &&String| {
        let step_is = step.split_once(' ').map_or("", |(_, step)| step);
        ids.is_empty()
            || ids.iter().any(|id| step.contains(id))
            || mishaps.iter().any(|mishap| step_is.starts_with(mishap))
    };
    let steps: Vec<String> =
        played.transcript.iter().filter(tells).map(|step| step.chars().take(900).collect()).collect();
    let steps = &steps[steps.len().saturating_sub(60)..];
    Some(format!(
        "{}\nseed {seed} at {}: {}\n  play it again: {}\n",
        steps.join("\n"),
        usher::calendar::Instant::from_ms(violation.now),
        violation.what,
        again(seed, test),
    ))
}

#[test]
fn weeks_of_chat_with_mishaps_end_as_the_oracle_says() {
    let seeds = given_seeds().unwrap_or(0..200);
    let mut wrong = Vec::new();
    let mut figures = [0; 3];
    for seed in seeds.clone() {
        let test = "weeks_of_chat_with_mishaps_end_as_the_oracle_says";
        match with_seed(seed, test, || in_small(seed, None)) {
            Ok(played) => {
                figures.iter_mut().zip(played.figures).for_each(|(sum, figure)| *sum += figure);
                wrong.extend(story_of(seed, test, &played));
            }
            Err(what) => wrong.push(what),
        }
        if wrong.len() >= SHOWN {
            break;
        }
    }
    let [owed, breached, said] = figures;
    println!("seeds {seeds:?}: {owed} answers owed, {breached} too late, {said} messages");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(owed > 0 && breached > 0 && said > 0, "the seeds made a world in which nothing happens");
}

/// The same happened, step by step, and the same is on the disk.
fn assert_same(seed: u64, one: &Played, other: &Played) {
    let mut steps = one.transcript.iter().zip(&other.transcript);
    if let Some((step, instead)) = steps.find(|(step, instead)| step != instead) {
        panic!("seed {seed}: here it was\n{step}\nthere it was\n{instead}");
    }
    assert_eq!(one.transcript.len(), other.transcript.len(), "seed {seed}: one went on for longer");
    let mut records = one.records.lines().zip(other.records.lines());
    if let Some((record, instead)) = records.find(|(record, instead)| record != instead) {
        panic!("seed {seed}: here is\n{record}\nthere is\n{instead}");
    }
    assert_eq!(one.records.len(), other.records.len(), "seed {seed}: one remembers more");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for seed in given_seeds().unwrap_or(0..5) {
        let twice = || assert_same(seed, &in_small(seed, None), &in_small(seed, None));
        with_seed(seed, "the_same_seed_gives_the_same_bytes", twice).unwrap_or_else(|what| panic!("{what}"));
    }
}

/// Each bug is found at the seed that stands beside it, or soon after. With `USHER_SEEDS=0..1000` it is looked for in
/// all of these, and the table tells after how many seeds it was found.
#[test]
fn every_planted_bug_is_found() {
    let mut missed = Vec::new();
    for (bug, first) in Bug::ALL {
        let seeds = given_seeds().unwrap_or(first..first + 100);
        match found(bug, seeds.clone()) {
            Some((seed, what)) => {
                println!("{:<22} {:>4} seeds  {what}", format!("{bug:?}"), seed - seeds.start + 1);
            }
            None => missed.push((bug, seeds)),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// The first seed at which a planted bug is found, and how.
fn found(bug: Bug, mut seeds: Range<u64>) -> Option<(u64, String)> {
    let test = "every_planted_bug_is_found";
    seeds.find_map(|seed| match with_seed(seed, test, || in_small(seed, Some(bug))) {
        Ok(played) => played.violation.map(|violation| (seed, violation.what)),
        Err(what) => panic!("{bug:?}: {what}"),
    })
}

/// Driver, courier and store as in production: the same seed gives the same bytes wherever the data lies.
#[cfg(feature = "service")]
#[test]
fn the_real_house_ends_as_the_oracle_says_wherever_its_data_lies() {
    let test = "the_real_house_ends_as_the_oracle_says_wherever_its_data_lies";
    for seed in given_seeds().unwrap_or(0..24) {
        with_seed(seed, test, || in_real(seed, test)).unwrap_or_else(|what| panic!("{what}"));
    }
}

#[cfg(feature = "service")]
fn in_real(seed: u64, test: &str) {
    use real::Real;
    let dying = play(seed, Box::new(Real::on_sqlite(seed).dying_while_it_sends()));
    assert!(dying.violation.is_none(), "{}", story_of(seed, test, &dying).unwrap_or_default());
    let in_memory = play(seed, Box::new(Real::in_memory(seed)));
    assert!(in_memory.violation.is_none(), "{}", story_of(seed, test, &in_memory).unwrap_or_default());
    let on_server = Real::on_postgres(seed).filter(|_| seed.is_multiple_of(4));
    let others = [Some(Real::on_sqlite(seed)), on_server];
    for house in others.into_iter().flatten() {
        let other = play(seed, Box::new(house));
        assert_same(seed, &in_memory, &other);
    }
}
