//! What happens around messages: reactions, people, channels and who is in them.

use smol_str::{SmolStr, format_smolstr};

use super::reader::{Around, Outcome, Reader, event, heard, id, id_if_any, message_id, noticed, parse};
use super::{Heard, Ignored, Notice, Unreadable};
use crate::calendar::{Instant, SECOND_MS};
use crate::chat::slack::wire::{AboutChannel, Reaction, WithChannel, WithGroup, WithUser, storable};
use crate::chat::word::given;
use crate::core::event::{ChannelFacts, ChannelId, ChannelKind, Event, MessageRef, What};

/// No name of an emoji is longer.
const LONGEST_EMOJI: usize = 100;

impl Reader<'_> {
    pub fn reaction(&mut self, text: &str, added: bool, around: &Around) -> Outcome {
        let reaction: Reaction<'_> = parse(text)?;
        let user = id(&reaction.user, "event.user")?;
        if user == self.identity().user {
            return Err(Ignored::Own.into());
        }
        let item = reaction.item.as_ref().ok_or(Unreadable::Missing("event.item"))?;
        if given(&item.kind).is_some_and(|kind| kind != "message") {
            return Err(Ignored::NotAMessage.into());
        }
        let channel = id(&item.channel, "event.item.channel")?;
        let (ts, _) = message_id(given(&item.ts), "event.item.ts")?;
        let name = given(&reaction.reaction).ok_or(Unreadable::Missing("event.reaction"))?;
        if name.len() > LONGEST_EMOJI || name.chars().any(char::is_control) {
            return Err(Unreadable::Nonsense("event.reaction").into());
        }
        let (stamp, at) = self.stamp(reaction.event_ts, around)?;
        self.want_user(&user);
        let sign = if added { '+' } else { '-' };
        let key = self.key(format_args!("{channel}/{ts}/{sign}{name}/{user}/{stamp}"));
        // `+1::skin-tone-3` is a `+1`.
        let emoji = SmolStr::new(name.split("::").next().unwrap_or(name));
        let message = MessageRef { channel, id: ts };
        Ok(heard(event(key, at, What::Reacted { message, user, emoji, added })))
    }

    /// `user_change` and its kin come together and show the same.
    pub fn user(&self, text: &str, around: &Around) -> Outcome {
        let shown: WithUser<'_> = parse(text)?;
        let user = shown.user.as_ref().ok_or(Unreadable::Missing("event.user"))?;
        let row = user.row().map_err(|_| Unreadable::Missing("event.user.id"))?;
        let (stamp, at) = self.stamp(shown.event_ts, around)?;
        let (user, facts) = row.seen_from(&self.identity().team);
        let key = self.key(format_args!("user/{user}/{stamp}"));
        Ok(heard(event(key, at, What::User { user, facts })))
    }

    pub fn group(&self, text: &str) -> Outcome {
        let shown: WithGroup<'_> = parse(text)?;
        let group = shown.subteam.as_ref().ok_or(Unreadable::Missing("event.subteam"))?;
        let handle = given(&group.handle).ok_or(Unreadable::Missing("event.subteam.handle"))?;
        let handle = storable(handle.trim_start_matches('@')).into();
        Ok(noticed(Notice::GroupNamed { id: id(&group.id, "event.subteam.id")?, handle }))
    }

    pub fn channel_created(&self, text: &str, around: &Around) -> Outcome {
        let shown: WithChannel<'_> = parse(text)?;
        let channel = shown.channel.as_ref().ok_or(Unreadable::Missing("event.channel"))?;
        let row = channel.row().map_err(|_| Unreadable::Missing("event.channel.id"))?;
        let (stamp, at) = self.stamp(shown.event_ts, around)?;
        Ok(heard(self.facts("created", row.id, row.facts, &stamp, at)))
    }

    pub fn channel_renamed(&self, text: &str, around: &Around) -> Outcome {
        let shown: WithChannel<'_> = parse(text)?;
        let channel = shown.channel.as_ref().ok_or(Unreadable::Missing("event.channel"))?;
        let (channel, name) = channel.named().ok_or(Unreadable::Missing("event.channel.name"))?;
        let (stamp, at) = self.stamp(shown.event_ts, around)?;
        let facts = ChannelFacts { name, ..self.known_channel(&channel)? };
        Ok(heard(self.facts("renamed", channel, facts, &stamp, at)))
    }

    pub fn channel_archived(&self, text: &str, archived: bool, around: &Around) -> Outcome {
        let about: AboutChannel<'_> = parse(text)?;
        let channel = id(&about.channel, "event.channel")?;
        let (stamp, at) = self.stamp(about.event_ts, around)?;
        let facts = ChannelFacts { archived, ..self.known_channel(&channel)? };
        let news = if archived { "archived" } else { "unarchived" };
        Ok(heard(self.facts(news, channel, facts, &stamp, at)))
    }

    /// A channel whose messages are gone: nobody can answer in it any more.
    pub fn channel_gone(&self, text: &str, why: &str, around: &Around) -> Outcome {
        let about: AboutChannel<'_> = parse(text)?;
        let channel = id(&about.channel, "event.channel")?;
        let (_, at) = self.stamp(about.event_ts, around)?;
        Ok(heard(self.lost(channel, why, at)))
    }

    /// Slack gives a channel a new id when it is shared with others.
    pub fn channel_replaced(&mut self, text: &str, around: &Around) -> Outcome {
        let about: AboutChannel<'_> = parse(text)?;
        let old = id(&about.old_channel_id, "event.old_channel_id")?;
        let new = id(&about.new_channel_id, "event.new_channel_id")?;
        let (_, at) = self.stamp(about.event_ts, around)?;
        self.want_channel(&new);
        Ok(heard(self.lost(old, &format!("Slack calls it {new} now"), at)))
    }

    pub fn usher_left(&self, text: &str, around: &Around) -> Outcome {
        let about: AboutChannel<'_> = parse(text)?;
        let channel = id(&about.channel, "event.channel")?;
        let (_, at) = self.stamp(about.event_ts, around)?;
        Ok(self.put_out(channel, at))
    }

    pub fn member_joined(&mut self, text: &str, around: &Around) -> Outcome {
        let about: AboutChannel<'_> = parse(text)?;
        let (channel, user) = (id(&about.channel, "event.channel")?, id(&about.user, "event.user")?);
        let (stamp, at) = self.stamp(about.event_ts, around)?;
        let is_usher = user == self.identity().user;
        let mut facts = self.known_channel(&channel)?;
        if !is_usher && is_untold(&facts) {
            return Err(Ignored::PublicMember.into());
        }
        if !is_usher && !facts.members.contains(&user) {
            facts.members.push(user.clone());
        }
        let news = format_smolstr!("joined/{user}");
        let mut heard = heard(self.facts(&news, channel.clone(), facts, &stamp, at));
        if is_usher {
            let key = self.key(format_args!("channel/{channel}/invited/{stamp}"));
            let by = id_if_any(&about.inviter);
            by.iter().for_each(|by| self.want_user(by));
            heard.events.push(event(key, at, What::Invited { channel: channel.clone(), by }));
            heard.notices.push(Notice::Invited { channel });
        }
        Ok(heard)
    }

    pub fn member_left(&self, text: &str, around: &Around) -> Outcome {
        let about: AboutChannel<'_> = parse(text)?;
        let (channel, user) = (id(&about.channel, "event.channel")?, id(&about.user, "event.user")?);
        let (stamp, at) = self.stamp(about.event_ts, around)?;
        if user == self.identity().user {
            return Ok(self.put_out(channel, at));
        }
        let mut facts = self.known_channel(&channel)?;
        if is_untold(&facts) {
            return Err(Ignored::PublicMember.into());
        }
        facts.members.retain(|member| *member != user);
        let news = format_smolstr!("left/{user}");
        Ok(heard(self.facts(&news, channel, facts, &stamp, at)))
    }

    /// What Usher was put out of it hears nothing of.
    fn put_out(&self, channel: ChannelId, at: Instant) -> Heard {
        let event = self.lost(channel.clone(), "Usher was removed from it", at);
        Heard { events: vec![event], notices: vec![Notice::Left { channel }] }
    }

    fn facts(&self, news: &str, channel: ChannelId, facts: ChannelFacts, stamp: &str, at: Instant) -> Event {
        let key = self.key(format_args!("channel/{channel}/{news}/{stamp}"));
        event(key, at, What::Channel { channel, facts })
    }

    /// Slack tells of one loss in several events of one second.
    fn lost(&self, channel: ChannelId, why: &str, at: Instant) -> Event {
        let second = at.ms().div_euclid(SECOND_MS);
        let key = self.key(format_args!("channel/{channel}/lost/{second}"));
        event(key, at, What::Lost { channel, why: why.to_owned() })
    }
}

/// Whether it is a public channel whose members nobody has listed: one of them would be taken for all.
fn is_untold(facts: &ChannelFacts) -> bool {
    facts.kind == ChannelKind::Public && facts.members.is_empty()
}
