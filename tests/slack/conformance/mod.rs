//! Every scenario is played once more in Slack: by people in the stand-in, over both connections, and with everything
//! going wrong that may.

mod faults;
mod people;
mod screen;
mod world;

use self::world::Slack;
use crate::playing::{self, Play};

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

fn plays(mode: Mode, seeds: &[Option<u64>]) -> Vec<Play> {
    let not = NOT_IN_SLACK.iter().filter(|(in_mode, ..)| *in_mode == mode).map(|(_, begin, _)| *begin);
    playing::plays(&not.collect::<Vec<_>>(), seeds)
}

fn play_all(mode: Mode, plays: &[Play]) -> Vec<String> {
    playing::play_all("slack", plays, |play, runtime| {
        runtime.block_on(playing::play(play, async |runbook, clock| Slack::new(&runbook, clock, mode).await))
    })
}

fn all_go_the_same(mode: Mode, seeds: &[Option<u64>]) {
    let wrong = play_all(mode, &plays(mode, seeds));
    assert!(wrong.is_empty(), "{} went otherwise:\n{}", wrong.len(), wrong.join("\n\n"));
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
    all_go_the_same(Mode::Sockets, &playing::seeds());
}

#[test]
fn every_scenario_goes_the_same_over_http_where_all_goes_wrong() {
    all_go_the_same(Mode::Http, &playing::seeds());
}

#[test]
fn what_stands_in_slack_once_more_than_in_the_transcript_is_found() {
    let plays: Vec<Play> =
        plays(Mode::Sockets, &[None]).into_iter().map(|play| Play { echoes: true, ..play }).collect();
    let speaking = plays.iter().filter(|play| playing::usher_speaks(&play.path)).count();
    let wrong = play_all(Mode::Sockets, &plays);
    assert_eq!(wrong.len(), speaking, "{}", wrong.join("\n\n"));
    assert!(speaking > 20, "{speaking} of {}", plays.len());
}
