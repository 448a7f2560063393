//! What happens to a room: who comes and goes, what it is called, who may come in, that it is given up.

use super::reader::{Head, Outcome, Reader, kept, parse};
use super::{Heard, Ignored, LONGEST_BYTES, Notice, Unreadable};
use crate::calendar::Instant;
use crate::chat::matrix::directory::{About, Change, Membership, News, Room, Step};
use crate::chat::matrix::wire::{Envelope, State, Unsigned, part, room_id};
use crate::chat::word::given;
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
            Some(Change::Member(step)) if step.user == own && step.is == Membership::Asked => {
                invited = Some((step.by, step.is_direct));
            }
            Some(Change::About(news)) => about.apply(&news),
            Some(Change::Member(_) | Change::Powers(_)) | None => {}
        }
    }
    let (by, direct) = invited.ok_or(Unreadable::Missing("invitation"))?;
    let name = about.called();
    Ok(Invite { room, by, direct, name, encrypted: about.is_encrypted, predecessor: about.predecessor })
}

impl Reader<'_> {
    pub fn state(&self, head: &Head, envelope: &Envelope<'_>, unsigned: &Unsigned<'_>) -> Outcome {
        let directory = self.context.directory;
        let change = Change::of(envelope, head.at).ok_or_else(|| Ignored::Type(kept(envelope.kind())))?;
        let room = directory.room(&self.room);
        let joined = || room.filter(|room| room.joined_at.is_some()).ok_or(Ignored::NotJoined);
        match change {
            Change::Member(step) if self.is_own(&step.user) => self.own_step(head, step, unsigned),
            Change::Member(step) => self.member(head, joined()?, step),
            Change::About(news) => self.room_changed(head, joined()?, news),
            Change::Powers(_) => Err(Ignored::Type(kept(envelope.kind())).into()),
        }
    }

    /// Usher comes into a room, or is put out of it.
    fn own_step(&self, head: &Head, step: Step, unsigned: &Unsigned<'_>) -> Outcome {
        let directory = self.context.directory;
        let known = directory.room(&self.room);
        let joined_at = known.and_then(|room| room.joined_at);
        let before: Option<State<'_>> = part(unsigned.prev_content);
        // After a crash the room is known, and that Usher came into it is still to be told: the event says what was before.
        let was_in = match before.as_ref().and_then(|before| given(&before.membership)) {
            Some(membership) => membership == "join",
            None => joined_at.is_some_and(|joined_at| joined_at != head.at),
        };
        match step.is {
            Membership::In if was_in => Err(Ignored::Own.into()),
            Membership::In => {
                let mut room = known.cloned().unwrap_or_default();
                room.apply(Change::Member(step), directory.own());
                Ok(self.came_in(head, &room))
            }
            Membership::Out if joined_at.is_some() => Ok(self.put_out(head)),
            Membership::Asked | Membership::Out => Err(Ignored::NotJoined.into()),
        }
    }

    fn put_out(&self, head: &Head) -> Heard {
        let lost = What::Lost { channel: self.room.clone(), why: PUT_OUT.to_owned() };
        let events = if self.is_direct() { Vec::new() } else { vec![self.made(head, "", lost)] };
        Heard { events, notices: vec![Notice::Left { room: self.room.clone() }], ..Heard::default() }
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
    fn member(&self, head: &Head, room: &Room, step: Step) -> Outcome {
        let directory = self.context.directory;
        let facts = directory.untold_as(&step.user, step.name.as_ref()).filter(|_| step.is == Membership::In);
        let what = facts.map(|facts| What::User { user: step.user.clone(), facts });
        let mut heard = Heard::default();
        heard.events.extend(what.map(|what| self.made(head, "/user", what)));
        if room.about.is_public() {
            return if heard.events.is_empty() { Err(Ignored::PublicMember.into()) } else { Ok(heard) };
        }
        let mut after = room.clone();
        after.apply(Change::Member(step), directory.own());
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
    fn room_changed(&self, head: &Head, room: &Room, news: News) -> Outcome {
        let directory = self.context.directory;
        let room_id = self.room.clone();
        let notice = match &news {
            News::Closed(closed) => {
                Some(Notice::Replaced { room: room_id, successor: closed.successor.clone() })
            }
            News::Encrypted => Some(Notice::Encrypted { room: room_id }),
            News::Name(_) | News::Aliases(..) | News::Public(_) | News::Made { .. } => None,
        };
        let mut after = room.clone();
        after.apply(Change::About(news), directory.own());
        let events = self.channel(head, directory.facts_of(&self.room, &after)).into_iter().collect();
        something(Heard { events, notices: notice.into_iter().collect(), ..Heard::default() })
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
