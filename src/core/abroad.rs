//! What one platform says about another: a person there is named, a message there is a link.
//!
//! Whoever is on two platforms is one person, told where they were last seen; what they are told may be about a
//! channel of the other.

use super::action::{Action, Target};
use super::engine::Engine;
use super::event::{ChannelId, Event, Platform, UserId};
use super::message::Part;
use super::places::Places;
use super::said::NoticeSaid;
use crate::calendar::Instant;
use crate::runbook::Name;

/// Where a message of Matrix is shown to those who are not there.
const MATRIX_LINK: &str = "https://matrix.to/#/";

impl Engine {
    /// Whoever is on two platforms is told things where they were last seen.
    pub(super) fn follow(&mut self, event: &Event, user: &UserId, now: Instant) {
        let Some(person) = self.people.on_several(event.platform, user) else { return };
        let at = event.at.min(now);
        let known = self.desks.get(&person).and_then(|desk| desk.seen_on);
        if known.is_some_and(|(platform, since)| platform == event.platform || at < since) {
            return;
        }
        self.desk(&person).seen_on = Some((event.platform, at));
        self.people.see(&person, event.platform);
    }

    /// The platform of a channel, as far as it is known.
    pub(super) fn platform_of(&self, channel: &ChannelId) -> Option<Platform> {
        self.places.get(channel).map(|place| place.platform)
    }

    /// Whether a person can be pinged in a channel: where its platform is known, they are on it.
    pub(super) fn is_on_platform_of(&self, channel: &ChannelId, person: &Name) -> bool {
        let account =
            |platform| self.runbook().and_then(|runbook| self.people.account(&runbook, person, platform));
        self.platform_of(channel).is_none_or(|platform| account(platform).is_some())
    }

    /// Whether a person, who is `user` on one platform, can read a channel of any.
    pub(super) fn can_read(
        &self,
        platform: Platform,
        user: &UserId,
        person: &Name,
        channel: &ChannelId,
    ) -> bool {
        let Some(there) = self.platform_of(channel) else { return false };
        let account = || self.people.account(&*self.runbook()?, person, there);
        let user = if there == platform { Some(user.clone()) } else { account() };
        user.is_some_and(|user| self.places.is_readable(channel, Some(&user), &self.people))
    }

    /// Whether two channels are one to the runbook: it may name one on each platform.
    pub(super) fn is_same_channel(&self, one: &ChannelId, other: &ChannelId) -> bool {
        let named = |channel| self.places.name_unkept(self.calendars.current()?, channel);
        one == other || named(one).is_some_and(|name| named(other) == Some(name))
    }

    /// What an action mentions is put as the platform on which it is read can show it.
    pub(super) fn make_at_home(&self, action: &mut Action) {
        let amended = if let Target::Amend { of } = &action.to { self.notices.get(of) } else { None };
        let platform = action.to.platform().or_else(|| self.platform_of_notice(amended?));
        let Some(platform) = platform else { return };
        for part in &mut action.message.parts {
            if let Some(shown) = self.abroad(platform, part) {
                *part = shown;
            }
        }
    }

    fn platform_of_notice(&self, notice: &NoticeSaid) -> Option<Platform> {
        notice.elsewhere.or_else(|| self.platform_of(&notice.strand.channel))
    }

    /// How a part is shown on a platform other than its own.
    fn abroad(&self, platform: Platform, part: &Part) -> Option<Part> {
        match part {
            Part::Mention { user, name } if !self.people.is_at(platform, user) => {
                let runbook = self.runbook()?;
                let person = self.people.whose(user);
                let account = self.people.account(&runbook, &person, platform);
                Some(account.map_or_else(
                    || Part::Name(name.clone()),
                    |user| Part::Mention { user, name: name.clone() },
                ))
            }
            Part::Channel { channel, name } if is_abroad(&self.places, platform, channel) => {
                Some(Part::Words(format!("#{name}")))
            }
            Part::Message { message, label } if is_abroad(&self.places, platform, &message.channel) => {
                Some(match self.platform_of(&message.channel) {
                    Some(Platform::Matrix) => {
                        let url = format!("{MATRIX_LINK}{}/{}", message.channel, message.id);
                        Part::Link { url, label: label.clone() }
                    }
                    Some(Platform::Slack | Platform::Console) | None => Part::Words(label.clone()),
                })
            }
            Part::Words(_)
            | Part::Strong(_)
            | Part::Mention { .. }
            | Part::Name(_)
            | Part::Channel { .. }
            | Part::Time { .. }
            | Part::Quote(_)
            | Part::Code(_)
            | Part::Command(_)
            | Part::Message { .. }
            | Part::Link { .. }
            | Part::Break
            | Part::Heading(_)
            | Part::Buttons { .. } => None,
        }
    }
}

/// Whether a channel is on another platform.
fn is_abroad(places: &Places, platform: Platform, channel: &ChannelId) -> bool {
    places.get(channel).is_some_and(|place| place.platform != platform)
}
