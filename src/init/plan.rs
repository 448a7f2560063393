//! Who and what a first runbook lists, and what follows from that.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::handles::{self, Handles};
use crate::chat::survey::{Group, Member, Room, Standing, Survey};
use crate::core::event::{ChannelKind, Platform, UserId};
use crate::runbook::{is_matrix_id, is_name, is_slack_id};

/// More people than this are not listed: `[people]` only overrides what the platform says.
const MOST_PEOPLE: usize = 50;
/// The people of a workspace of at most so many are the team that answers where questions are asked.
const MOST_IN_TEAM: usize = 12;
/// More channels than this are not listed.
const MOST_CHANNELS: usize = 12;
/// A channel of fewer people is not in use.
const LEAST_IN_USE: u32 = 2;
/// Words in the names of channels in which questions are asked.
const ASKING: [&str; 5] = ["ask", "help", "helpdesk", "questions", "support"];

/// What is listed.
pub(super) struct Plan<'s> {
    /// The key under which ids stand.
    pub id_key: &'static str,
    /// Whether a running Usher hears from the platform in which zones people are.
    pub zones_are_heard: bool,
    pub team: &'s str,
    pub zone: Tz,
    /// Who hears what Usher would have said.
    pub admin: Option<String>,
    pub people: Vec<Person<'s>>,
    pub groups: Vec<(String, Vec<String>)>,
    /// Whether the groups are the platform's, and not made up here.
    pub groups_are_theirs: bool,
    pub groups_left_out: Vec<String>,
    pub channels: Vec<Channel<'s>>,
}

/// Somebody who is listed.
pub(super) struct Person<'s> {
    pub handle: String,
    pub id: &'s str,
    pub name: &'s str,
    /// Where they are, as far as the platform knows.
    pub zone: Option<Tz>,
}

/// A channel that is listed.
pub(super) struct Channel<'s> {
    pub key: String,
    pub id: &'s str,
    pub purpose: &'s str,
    pub is_general: bool,
    /// The group that answers there.
    pub responders: Option<String>,
}

pub(super) fn plan(survey: &Survey) -> Plan<'_> {
    let all: BTreeMap<&UserId, &Member> = survey
        .people
        .iter()
        .filter(|member| member.standing >= Standing::Member && is_person(survey.platform, &member.id))
        .map(|member| (&member.id, member))
        .collect();
    let admin = all.values().copied().max_by_key(|member| (member.standing, std::cmp::Reverse(&member.id)));
    let rooms = rooms(survey.platform, &survey.channels);
    let asks = rooms.iter().any(|room| is_asking(&room.name));
    let chosen = Chosen::of(&survey.groups, &all, admin, asks);

    let mut handles = Handles::new();
    let group_handles: Vec<String> =
        chosen.groups.iter().map(|(handle, _)| handles.take(&handles::of_group(handle))).collect();
    let handle_of: BTreeMap<&UserId, String> = chosen
        .people
        .iter()
        .map(|id| (*id, handles.take(&handles::of_person(&all[id].name, &all[id].account))))
        .collect();
    let members = |ids: &BTreeSet<&UserId>| ids.iter().map(|id| handle_of[id].clone()).collect();
    let groups: Vec<(String, Vec<String>)> =
        group_handles.into_iter().zip(chosen.groups.iter().map(|(_, ids)| members(ids))).collect();
    let person = |(id, handle): (&&'_ UserId, &String)| Person {
        handle: handle.clone(),
        id: all[*id].id.as_str(),
        name: &all[*id].name,
        zone: all[*id].zone,
    };
    Plan {
        id_key: id_key(survey.platform),
        zones_are_heard: survey.platform == Platform::Slack,
        team: &survey.name,
        zone: usual_zone(all.values().filter_map(|member| member.zone)),
        admin: admin.map(|admin| handle_of[&admin.id].clone()),
        people: handle_of.iter().map(person).collect(),
        channels: channels(&rooms, &groups, chosen.groups_are_theirs),
        groups,
        groups_are_theirs: chosen.groups_are_theirs,
        groups_left_out: chosen.groups_left_out,
    }
}

fn id_key(platform: Platform) -> &'static str {
    match platform {
        Platform::Matrix => "matrix",
        Platform::Slack | Platform::Console => "slack",
    }
}

fn is_person(platform: Platform, id: &str) -> bool {
    match platform {
        Platform::Matrix => is_matrix_id(id, &['@']),
        Platform::Slack | Platform::Console => is_slack_id(id, &['U', 'W']),
    }
}

/// The zone in which most people are; of two, the first by name.
fn usual_zone(zones: impl Iterator<Item = Tz>) -> Tz {
    let mut counts: BTreeMap<&str, (usize, Tz)> = BTreeMap::new();
    for zone in zones {
        counts.entry(zone.name()).or_insert((0, zone)).0 += 1;
    }
    let most = counts.into_values().rev().max_by_key(|(count, _)| *count);
    most.map_or(Tz::UTC, |(_, zone)| zone)
}

/// Whom the runbook lists, before anybody has a handle.
struct Chosen<'s> {
    people: BTreeSet<&'s UserId>,
    groups: Vec<(&'s str, BTreeSet<&'s UserId>)>,
    groups_are_theirs: bool,
    groups_left_out: Vec<String>,
}

impl<'s> Chosen<'s> {
    /// The user groups with their people, as far as there is room. Without any, everybody where they are few, and
    /// as a group where it would answer something: a name that no rule uses is a lint.
    fn of(
        groups: &'s [Group],
        all: &BTreeMap<&'s UserId, &'s Member>,
        admin: Option<&'s Member>,
        asks: bool,
    ) -> Chosen<'s> {
        let mut chosen = Chosen {
            people: admin.map(|admin| &admin.id).into_iter().collect(),
            groups: Vec::new(),
            groups_are_theirs: true,
            groups_left_out: Vec::new(),
        };
        let mut sorted: Vec<&Group> = groups.iter().collect();
        sorted.sort_by(|a, b| a.handle.cmp(&b.handle));
        for group in sorted {
            let ids: BTreeSet<&UserId> =
                group.members.iter().filter_map(|id| all.get_key_value(id).map(|(id, _)| *id)).collect();
            let with: BTreeSet<&UserId> = chosen.people.union(&ids).copied().collect();
            if ids.is_empty() || with.len() > MOST_PEOPLE {
                chosen.groups_left_out.push(group.handle.clone());
            } else {
                chosen.people = with;
                chosen.groups.push((&group.handle, ids));
            }
        }
        if chosen.groups.is_empty() && all.len() <= MOST_PEOPLE {
            chosen.people = all.keys().copied().collect();
            chosen.groups_are_theirs = false;
            if asks && (1..=MOST_IN_TEAM).contains(&all.len()) {
                chosen.groups.push(("team", chosen.people.clone()));
            }
        }
        chosen
    }
}

/// The public channels in which Usher is, and the largest of the others. On Matrix few rooms are public, and Usher knows
/// only of those into which it was asked.
fn rooms(platform: Platform, all: &[Room]) -> Vec<&Room> {
    let is_listed = |room: &&Room| {
        !room.archived
            && match platform {
                Platform::Matrix => is_matrix_id(&room.id, &['!']),
                Platform::Slack | Platform::Console => {
                    room.kind == ChannelKind::Public
                        && (room.usher_is_in || room.members >= LEAST_IN_USE)
                        && is_slack_id(&room.id, &['C', 'G'])
                }
            }
    };
    let by_id: BTreeMap<&str, &Room> =
        all.iter().filter(is_listed).map(|room| (room.id.as_str(), room)).collect();
    let mut rooms: Vec<&Room> = by_id.into_values().collect();
    rooms.sort_by_key(|room| (!room.usher_is_in, std::cmp::Reverse(room.members), &room.name));
    rooms.truncate(MOST_CHANNELS);
    rooms.sort_by_key(|room| (!room.is_general, &room.name));
    rooms
}

fn channels<'s>(
    rooms: &[&'s Room],
    groups: &[(String, Vec<String>)],
    groups_are_theirs: bool,
) -> Vec<Channel<'s>> {
    let mut keys = Handles::new();
    // A name that can be typed stays as it is.
    let typed: BTreeSet<&str> =
        rooms.iter().map(|room| room.name.as_str()).filter(|name| is_name(name)).collect();
    // Whoever looks after a room says what its address is, and may say another's.
    let is_its_own = |alias: &&str| {
        is_matrix_id(alias, &['#'])
            && rooms.iter().filter(|room| room.alias.as_deref() == Some(alias)).count() == 1
    };
    let channel = |room: &&'s Room| {
        let name = room.name.as_str();
        let key = if typed.contains(name) { keys.take(name) } else { keys.take(&handles::of_channel(name)) };
        Channel {
            key,
            id: room.alias.as_deref().filter(is_its_own).unwrap_or(&room.id),
            purpose: &room.purpose,
            is_general: room.is_general,
            responders: responders(name, groups, groups_are_theirs),
        }
    };
    // Those whose names can be typed come first, so that nobody takes their names.
    let (plain, odd): (Vec<&Room>, Vec<&Room>) =
        rooms.iter().partition(|room| typed.contains(room.name.as_str()));
    plain.iter().chain(&odd).map(channel).collect()
}

/// The group that answers in a channel: the one of its name; of the made-up team, wherever one asks.
fn responders(channel: &str, groups: &[(String, Vec<String>)], groups_are_theirs: bool) -> Option<String> {
    let handles = groups.iter().map(|(handle, _)| handle);
    if !groups_are_theirs {
        return handles.into_iter().find(|_| is_asking(channel)).cloned();
    }
    let parts = |handle: &str| {
        let rest = channel.strip_prefix(handle).and_then(|rest| rest.strip_prefix('-'));
        rest.or_else(|| channel.strip_suffix(handle).and_then(|rest| rest.strip_suffix('-')))
    };
    handles
        .into_iter()
        .find(|handle| {
            channel == handle.as_str() || parts(handle).is_some_and(|part| part == "team" || is_asking(part))
        })
        .cloned()
}

/// Whether the name of a channel says that questions are asked there.
fn is_asking(name: &str) -> bool {
    name.split(['-', '_', '.']).any(|word| ASKING.contains(&word))
}
