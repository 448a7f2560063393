//! Every scenario is played once more on Matrix: by people with another client, on a real homeserver, in plain rooms and
//! in encrypted ones, and with everything going wrong that may.

mod faults;
mod rooms;
mod screen;
mod world;

use self::world::Matrix;
use crate::playing::{self, Play};

/// What happens in a scenario and cannot happen on Matrix, by how its line begins, and why.
const NOT_ON_MATRIX: &[(&str, &str)] = &[(
    "/away",
    "on Matrix people say to Usher alone that they are away: there is no status that says until when",
)];

/// Whether rooms are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rooms {
    Plain,
    Encrypted,
}

fn play_all(rooms: Rooms, plays: &[Play]) -> Vec<String> {
    playing::play_all("matrix", plays, |play, runtime| {
        runtime
            .block_on(playing::play(play, async |runbook, clock| Matrix::new(&runbook, clock, rooms).await))
    })
}

fn plays(seeds: &[Option<u64>]) -> Vec<Play> {
    let not: Vec<&str> = NOT_ON_MATRIX.iter().map(|(begin, _)| *begin).collect();
    playing::plays(&not, seeds)
}

fn all_go_the_same(rooms: Rooms, seeds: &[Option<u64>]) {
    let wrong = play_all(rooms, &plays(seeds));
    assert!(wrong.is_empty(), "{} went otherwise:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn every_scenario_goes_the_same_in_plain_rooms() {
    all_go_the_same(Rooms::Plain, &[None]);
}

#[test]
fn every_scenario_goes_the_same_in_encrypted_rooms() {
    all_go_the_same(Rooms::Encrypted, &[None]);
}

#[test]
fn every_scenario_goes_the_same_in_plain_rooms_where_all_goes_wrong() {
    all_go_the_same(Rooms::Plain, &playing::seeds());
}

#[test]
fn every_scenario_goes_the_same_in_encrypted_rooms_where_all_goes_wrong() {
    all_go_the_same(Rooms::Encrypted, &playing::seeds());
}
