//! The rooms of Usher's account and their people, for whoever writes a first runbook.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CallError;
use super::look::{Account, Place, Rooms};
use super::wire::local;
use crate::chat::survey::{Member, Room, Standing, Survey};
use crate::core::event::{ChannelKind, Platform, UserId};

/// Of so many people the zone is asked for, one request each.
const MOST_PROFILES: usize = 500;

/// What the account shows. `read` is told how many rooms are known so far, `asked` how many people.
///
/// # Errors
/// When the homeserver does not tell.
pub async fn survey(
    account: &Account,
    read: &dyn Fn(usize),
    asked: &dyn Fn(usize),
) -> Result<Survey, CallError> {
    let rooms = account.rooms(read).await?;
    let mut people = members(&rooms);
    for (count, member) in people.iter_mut().take(MOST_PROFILES).enumerate() {
        // Whoever's homeserver is away has no zone today.
        if let Ok(Some(profile)) = account.profile(&member.id).await {
            member.zone = profile.zone;
        }
        asked(count + 1);
    }
    let server = account.user.split_once(':').map_or("", |(_, server)| server);
    let joined = rooms.places.iter().map(|place| room(place, true));
    let invited = rooms.invited.iter().map(|place| room(place, false));
    let channels = joined.chain(invited).collect();
    Ok(Survey { platform: Platform::Matrix, name: server.to_owned(), people, groups: Vec::new(), channels })
}

/// The people of the rooms, by their ids. Whoever looks after most of them counts as an admin: a homeserver does not say
/// who looks after it.
pub fn members(rooms: &Rooms) -> Vec<Member> {
    let all = || rooms.places.iter().chain(&rooms.invited);
    let mut ruled: BTreeMap<&UserId, usize> = BTreeMap::new();
    for ruler in all().flat_map(|place| &place.rulers) {
        *ruled.entry(ruler).or_default() += 1;
    }
    let most = ruled.values().copied().max().unwrap_or(0);
    let admins: BTreeSet<&UserId> =
        ruled.into_iter().filter(|(_, count)| *count == most).map(|(user, _)| user).collect();
    let mut people: BTreeMap<&UserId, Member> = BTreeMap::new();
    for (user, name) in all().flat_map(|place| &place.people) {
        let account = local(user).to_owned();
        let name = name.as_ref().map_or_else(|| account.clone(), ToString::to_string);
        let standing = if admins.contains(user) { Standing::Admin } else { Standing::Member };
        people.entry(user).or_insert(Member { id: user.clone(), account, name, zone: None, standing });
    }
    people.into_values().collect()
}

fn room(place: &Place, usher_is_in: bool) -> Room {
    let members = u32::try_from(place.people.len()).unwrap_or(u32::MAX);
    let kind = if place.is_public { ChannelKind::Public } else { ChannelKind::Private };
    Room {
        id: place.id.clone(),
        alias: place.aliases.first().cloned(),
        name: place.name.clone(),
        kind,
        archived: place.is_closed,
        is_general: false,
        purpose: place.topic.clone(),
        members,
        usher_is_in,
    }
}
