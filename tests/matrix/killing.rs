//! The real program is killed at points drawn from a seed, in quiet rooms and in busy ones, while people ask, answer,
//! react and command in encrypted rooms: nothing is lost, and nothing is said twice.
//!
//! `USHER_KILLS` says how often it is killed, `USHER_SEED` where.

use std::env;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::people::Say;
use crate::usher::{Scene, TOLD};

/// How often it is killed unless it is said.
const KILLS: u64 = 10;
/// So long after something happened it is killed at the latest, in ms.
const LATEST_MS: u64 = 700;

/// A question in a thread of its own.
struct Question {
    root: String,
    answered: bool,
}

/// How much else is said.
#[derive(Clone, Copy, PartialEq)]
enum Room {
    /// Nothing: a sync that is repeated is the last one, and the library would throw it away.
    Quiet,
    /// Much.
    Busy,
}

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Something happens of which something has to come.
async fn do_something(
    scene: &Scene,
    chance: &mut ChaCha8Rng,
    asked: &mut Vec<Question>,
    commands: &mut usize,
) {
    let open: Vec<usize> = (0..asked.len()).filter(|at| !asked[*at].answered).collect();
    match chance.random_range(0..4) {
        0 if !open.is_empty() => {
            let at = open[chance.random_range(0..open.len())];
            scene.answer(&asked[at].root).await;
            asked[at].answered = true;
        }
        1 => {
            *commands += 1;
            scene.kim.write(&scene.room, "!usher owe").await;
        }
        _ => {
            let root = scene.ask_apart(&format!("number {}", asked.len())).await;
            asked.push(Question { root, answered: false });
        }
    }
}

async fn everything_is_said_once(room: Room, test: &str) {
    let (seed, kills) = (number("USHER_SEED", 1), number("USHER_KILLS", KILLS));
    println!("again: USHER_SEED={seed} USHER_KILLS={kills} cargo test --all-features --test matrix {test}");
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut scene = Scene::begin().await;
    let (mut asked, mut commands) = (Vec::new(), 0);
    // The first key from a device is the one that a kill can lose: the library notes that it has read it before it has
    // kept it (matrix-sdk-crypto 0.18, `Account::decrypt_olm_message`). So everyone has written once.
    for person in [&scene.ana, &scene.ben, &scene.kim] {
        let written = person.write(&scene.room, "Good morning.").await;
        scene.wait_until_taken(&written).await;
    }
    for _ in 0..kills {
        do_something(&scene, &mut chance, &mut asked, &mut commands).await;
        if room == Room::Busy {
            let count = chance.random_range(1..8);
            let words: Vec<String> = (0..count).map(|at| format!("Number {at}.")).collect();
            scene.ben.write_all(&scene.room, &words).await;
        }
        if chance.random_ratio(1, 4) {
            // Before it has come so far.
            scene.wait_until_listening().await;
        }
        scene.let_pass(Duration::from_millis(chance.random_range(0..LATEST_MS))).await;
        scene.usher.kill();
        if chance.random_ratio(1, 3) {
            do_something(&scene, &mut chance, &mut asked, &mut commands).await;
        }
        scene.start_only();
    }
    for question in &asked {
        let words = if question.answered { "Answered by ben" } else { TOLD };
        scene.wait_told(question, words).await;
    }
    // One command more, and all before it are answered.
    scene.kim.say(&scene.room, Say { text: "!usher who ben", ..Say::default() }).await;
    let direct = scene.direct_of(&scene.kim).await;
    let told = scene.told_alone(&scene.kim, &direct, "Lisbon").await;
    assert_eq!(told.len(), commands + 1, "{told:#?}");
    assert_eq!(scene.requests_that_made_rooms(), 1);
    assert!(scene.usher.end().await, "it ends well when it is asked to");
    for question in &asked {
        let said = scene.said_about(&question.root).await;
        assert!(said.len() <= 1, "{said:#?}");
    }
}

impl Scene {
    /// A question was told, unless it was answered before anybody could be.
    async fn wait_told(&self, question: &Question, words: &str) {
        if question.answered && self.said_about(&question.root).await.is_empty() {
            return;
        }
        self.wait_for(&question.root, words).await;
    }

    fn requests_that_made_rooms(&self) -> usize {
        self.proxy.read(|state| {
            state.requests.iter().filter(|it| it.path.ends_with("/createRoom") && it.made.is_some()).count()
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_in_a_quiet_room_it_says_everything_once() {
    everything_is_said_once(Room::Quiet, "killed_again_and_again_in_a_quiet").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_in_a_busy_room_it_says_everything_once() {
    everything_is_said_once(Room::Busy, "killed_again_and_again_in_a_busy").await;
}
