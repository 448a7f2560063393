//! What happens to a room: who comes and goes, what it is called, who may come in, that it is given up.

use super::reader::{Head, Outcome, Reader, kept, parse};
use super::{Heard, Ignored, LONGEST_BYTES, Notice, Unreadable};
use crate::calendar::Instant;
use crate::chat::matrix::directory::{About, Change, Membership, Room};
use crate::chat::matrix::wire::{Envelope, room_id};
use crate::core::event::{ChannelFacts, ChannelId, Event, UserId, What};

/// Why Usher hears no more of a room, for those who lead the team.
const PUT_OUT: &str = "Usher was removed from it";
/// So many events of an invitation are read.
const MOST_STRIPPED: usize = 100;

/// What an invitation tells of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The room.
    pub room: ChannelId,
    /// Who asks Usher in.
    pub by: UserId,
    /// Whether they mean it as the room of the two.
    pub direct: bool,
    /// What it is called.
    pub name: Option<String>,
    /// Whether what is said in it is encrypted.
    pub encrypted: bool,
    /// The room that it replaces, as it says itself.
    pub predecessor: Option<ChannelId>,
}

/// Reads the state that comes with an invitation, which nobody has checked.
///
/// # Errors
/// When it does not say that Usher, who is `own`, was invited, and by whom.
pub fn read_invite<'e>(
    room: &str,
    events: impl IntoIterator<Item = &'e str>,
    own: &str,
) -> Result<Invite, Unreadable> {
    let room = room_id(room).ok_or(Unreadable::Nonsense("room_id"))?;
    let mut about = About::default();
    let mut invited = None;
    for text in events.into_iter().take(MOST_STRIPPED).filter(|text| text.len() <= LONGEST_BYTES) {
        let envelope: Envelope<'_> = parse(text)?;
        match Change::of(&envelope, Instant::MIN) {
            Some(Change::Member { user, by, is: Membership::Asked, is_direct, .. }) if user == own => {
                invited = Some((by, is_direct));
            }
            Some(change) => about.apply(&change),
            None => {}
        }
    }
    let (by, direct) = invited.ok_or(Unreadable::Missing("invitation"))?;
    let name = about.called();
    Ok(Invite { room, by, direct, name, encrypted: about.is_encrypted, predecessor: about.predecessor })
}

impl Reader<'_> {
    pub fn state(&self, head: &Head, envelope: &Envelope<'_>) -> Outcome {
        let directory = self.context.directory;
        let change = Change::of(envelope, head.at).ok_or_else(|| Ignored::Type(kept(envelope.kind())))?;
        if let Change::Member { user, is, .. } = &change
            && self.is_own(user)
        {
            return self.own_step(head, *is, change);
        }
        let room =
            directory.room(&self.room).filter(|room| room.joined_at.is_some()).ok_or(Ignored::NotJoined)?;
        match &change {
            Change::Member { user, .. } => self.member(head, room, user, &change),
            Change::Powers(_) => Err(Ignored::Type(kept(envelope.kind())).into()),
            Change::Name(_)
            | Change::Aliases(..)
            | Change::Public(_)
            | Change::Closed(_)
            | Change::Made { .. }
            | Change::Encrypted => self.room_changed(head, room, &change),
        }
    }

    /// Usher comes into a room, or is put out of it.
    fn own_step(&self, head: &Head, is: Membership, change: Change) -> Outcome {
        let directory = self.context.directory;
        let known = directory.room(&self.room);
        let was_in = known.is_some_and(|room| room.joined_at.is_some());
        match is {
            Membership::In if was_in => Err(Ignored::Own.into()),
            Membership::In => {
                let mut room = known.cloned().unwrap_or_default();
                room.apply(change, directory.own());
                Ok(self.came_in(head, &room))
            }
            Membership::Asked => Err(Ignored::NotJoined.into()),
            Membership::Out => {
                let is_direct = directory.direct_with(&self.room).is_some();
                let lost = What::Lost { channel: self.room.clone(), why: PUT_OUT.to_owned() };
                let events = if is_direct { Vec::new() } else { vec![self.made(head, "", lost)] };
                Ok(Heard {
                    events,
                    notices: vec![Notice::Left { room: self.room.clone() }],
                    ..Heard::default()
                })
            }
        }
    }

    fn came_in(&self, head: &Head, room: &Room) -> Heard {
        let directory = self.context.directory;
        let mut heard =
            Heard { notices: vec![Notice::Joined { room: self.room.clone() }], ..Heard::default() };
        heard.events = directory.told_of(&self.room, room, head.at);
        if let Some(user) = directory.alone_with(&self.room, room) {
            heard.notices.push(Notice::Direct { room: self.room.clone(), user: user.clone() });
        } else if room.is_made_by(directory.own()) {
            // Made for somebody, who is asked in next.
            heard.events.clear();
        } else {
            let what = What::Invited { channel: self.room.clone(), by: room.invited_by.clone() };
            heard.events.push(self.made(head, "/invited", what));
        }
        heard
    }

    /// Somebody comes, goes, or is called otherwise.
    fn member(&self, head: &Head, room: &Room, user: &UserId, change: &Change) -> Outcome {
        let directory = self.context.directory;
        let facts = match change {
            Change::Member { is: Membership::In, name, .. } => directory.untold_as(user, name.as_ref()),
            Change::Member { is: Membership::Asked | Membership::Out, .. }
            | Change::Name(_)
            | Change::Aliases(..)
            | Change::Public(_)
            | Change::Closed(_)
            | Change::Made { .. }
            | Change::Encrypted
            | Change::Powers(_) => None,
        };
        let what = facts.map(|facts| What::User { user: user.clone(), facts });
        let mut heard = Heard::default();
        heard.events.extend(what.map(|what| self.made(head, "/user", what)));
        if room.about.is_public() {
            return if heard.events.is_empty() { Err(Ignored::PublicMember.into()) } else { Ok(heard) };
        }
        let mut after = room.clone();
        after.apply(change.clone(), directory.own());
        match directory.alone_with(&self.room, &after) {
            Some(other) if directory.alone_with(&self.room, room).is_none() => {
                heard.notices.push(Notice::Direct { room: self.room.clone(), user: other.clone() });
            }
            Some(_) => {}
            None => heard.events.extend(self.channel(head, directory.facts_of(&self.room, &after))),
        }
        something(heard)
    }

    /// A room is called otherwise, is open to all, is closed.
    fn room_changed(&self, head: &Head, room: &Room, change: &Change) -> Outcome {
        let directory = self.context.directory;
        let mut after = room.clone();
        after.apply(change.clone(), directory.own());
        let mut heard = Heard::default();
        heard.events.extend(self.channel(head, directory.facts_of(&self.room, &after)));
        match change {
            Change::Closed(closed) if room.about.closed.as_ref() != Some(closed) => {
                let (room, successor) = (self.room.clone(), closed.successor.clone());
                heard.notices.push(Notice::Replaced { room, successor });
            }
            Change::Encrypted if !room.about.is_encrypted => {
                heard.notices.push(Notice::Encrypted { room: self.room.clone() });
            }
            Change::Member { .. }
            | Change::Name(_)
            | Change::Aliases(..)
            | Change::Public(_)
            | Change::Closed(_)
            | Change::Made { .. }
            | Change::Encrypted
            | Change::Powers(_) => {}
        }
        something(heard)
    }

    /// What a room is now, if that is not what it was.
    fn channel(&self, head: &Head, facts: Option<ChannelFacts>) -> Option<Event> {
        let facts =
            facts.filter(|facts| self.context.directory.channel(&self.room).as_ref() != Some(facts))?;
        Some(self.made(head, "/room", What::Channel { channel: self.room.clone(), facts }))
    }
}

fn something(heard: Heard) -> Outcome {
    let is_nothing = heard.events.is_empty() && heard.notices.is_empty();
    if is_nothing { Err(Ignored::NothingNew.into()) } else { Ok(heard) }
}
