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

fn plays(seeds: &[Option<u64>]) -> Vec<Play> {
    let not: Vec<&str> = NOT_ON_MATRIX.iter().map(|(begin, _)| *begin).collect();
    playing::plays(&not, seeds)
}

fn play_all(plays: &[Play], rooms: impl Fn(&Play) -> Rooms + Sync) -> Vec<String> {
    playing::play_all("matrix", plays, |play, runtime| {
        let rooms = rooms(play);
        let differences = runtime
            .block_on(playing::play(play, async |runbook, clock| Matrix::new(&runbook, clock, rooms).await));
        differences.into_iter().map(|difference| format!("{rooms:?}: {difference}")).collect()
    })
}

fn all_go_the_same(plays: &[Play], rooms: impl Fn(&Play) -> Rooms + Sync) {
    let wrong = play_all(plays, rooms);
    assert!(wrong.is_empty(), "{} went otherwise:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// In a run in which things go wrong each seed has half of the scenarios in plain rooms, and the next seed the others.
fn either(play: &Play) -> Rooms {
    let of_name: u64 = play.name.bytes().map(u64::from).sum();
    match (of_name + play.seed.unwrap_or_default()) % 2 {
        0 => Rooms::Plain,
        _ => Rooms::Encrypted,
    }
}

#[test]
fn every_scenario_goes_the_same_in_plain_rooms() {
    all_go_the_same(&plays(&[None]), |_| Rooms::Plain);
}

#[test]
fn every_scenario_goes_the_same_in_encrypted_rooms() {
    all_go_the_same(&plays(&[None]), |_| Rooms::Encrypted);
}

#[test]
fn every_scenario_goes_the_same_where_all_goes_wrong() {
    all_go_the_same(&plays(&playing::seeds()), either);
}

#[test]
fn what_stands_on_matrix_once_more_than_in_the_transcript_is_found() {
    let speaking = plays(&[None]).into_iter().filter(|play| playing::usher_speaks(&play.path));
    let plays: Vec<Play> = speaking.take(6).map(|play| Play { echoes: true, ..play }).collect();
    let wrong = play_all(&plays, either);
    assert_eq!(wrong.len(), plays.len(), "{}", wrong.join("\n\n"));
}
