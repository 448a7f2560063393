//! An event's envelope: for whom it is, and which kind of event it holds.

use smol_str::SmolStr;

use super::reader::{Around, Outcome, Reader, event, heard, id, noticed, parse};
use super::{Ignored, Notice, Unreadable};
use crate::calendar::{Instant, SECOND_MS};
use crate::chat::slack::wire::{Envelope, HomeOpened, Sort, TokensRevoked, as_id, storable};
use crate::chat::word::{Word, given};
use crate::core::event::What;

impl Reader<'_> {
    pub fn envelope(&mut self, text: &str) -> Outcome {
        let envelope: Envelope<'_> = parse(text)?;
        match given(&envelope.kind).ok_or(Unreadable::Missing("type"))? {
            "url_verification" => {
                let challenge = given(&envelope.challenge).ok_or(Unreadable::Missing("challenge"))?;
                Ok(noticed(Notice::Challenge(challenge.to_owned())))
            }
            "app_rate_limited" => {
                self.is_for_us(&envelope)?;
                self.rate_limited(&envelope)
            }
            "event_callback" => {
                self.is_for_us(&envelope)?;
                let around = Around {
                    event_id: given(&envelope.event_id).and_then(as_id),
                    at: envelope.event_time.map(from_seconds),
                };
                self.event(envelope.event.ok_or(Unreadable::Missing("event"))?.get(), &around)
            }
            other => Err(Ignored::Type(kind_of(other)).into()),
        }
    }

    fn is_for_us(&self, envelope: &Envelope<'_>) -> Result<(), Ignored> {
        let authorizations = || envelope.authorizations.iter().flatten();
        let teams = [&envelope.team_id, &envelope.context_team_id].into_iter();
        let teams = teams.chain(authorizations().map(|authorization| &authorization.team_id));
        let enterprises = [&envelope.enterprise_id].into_iter();
        let enterprises =
            enterprises.chain(authorizations().map(|authorization| &authorization.enterprise_id));
        self.addressed(given(&envelope.api_app_id), teams.filter_map(given), enterprises.filter_map(given))
    }

    /// Slack left events out from that minute on.
    fn rate_limited(&self, envelope: &Envelope<'_>) -> Outcome {
        let minute = envelope.minute_rate_limited.ok_or(Unreadable::Missing("minute_rate_limited"))?;
        let from = from_seconds(minute);
        let key = self.key(format_args!("rate-limited/{minute}"));
        Ok(heard(event(key, from, What::Gap { channel: None, from })))
    }

    fn event(&mut self, text: &str, around: &Around) -> Outcome {
        let sort: Sort<'_> = parse(text)?;
        let kind = given(&sort.kind).ok_or(Unreadable::Missing("event.type"))?;
        match kind {
            "message" => self.message(text, around),
            "app_mention" => self.app_mention(text),
            "reaction_added" => self.reaction(text, true, around),
            "reaction_removed" => self.reaction(text, false, around),
            "user_change"
            | "team_join"
            | "user_huddle_changed"
            | "user_profile_changed"
            | "user_status_changed" => self.user(text, around),
            "channel_created" => self.channel_created(text, around),
            "channel_rename" | "group_rename" => self.channel_renamed(text, around),
            "channel_archive" | "group_archive" => self.channel_archived(text, true, around),
            "channel_unarchive" | "group_unarchive" => self.channel_archived(text, false, around),
            "channel_deleted" | "group_deleted" => self.channel_gone(text, "it was deleted", around),
            "channel_left" | "group_left" => self.usher_left(text, around),
            "channel_id_changed" => self.channel_replaced(text, around),
            "member_joined_channel" => self.member_joined(text, around),
            "member_left_channel" => self.member_left(text, around),
            "subteam_created" | "subteam_updated" => self.group(text),
            "app_home_opened" => self.home_opened(text, around),
            "tokens_revoked" => self.tokens_revoked(text),
            "app_uninstalled" => Ok(noticed(Notice::Uninstalled)),
            other => Err(Ignored::Type(kind_of(other)).into()),
        }
    }

    fn home_opened(&mut self, text: &str, around: &Around) -> Outcome {
        let opened: HomeOpened<'_> = parse(text)?;
        let user = id(&opened.user, "event.user")?;
        if given(&opened.tab).is_some_and(|tab| tab != "home") {
            return Err(Ignored::OtherTab.into());
        }
        let (stamp, at) = self.stamp(opened.event_ts, around)?;
        self.want_user(&user);
        let key = self.key(format_args!("home/{user}/{stamp}"));
        Ok(heard(event(key, at, What::HomeOpened { user })))
    }

    fn tokens_revoked(&self, text: &str) -> Outcome {
        let revoked: TokensRevoked<'_> = parse(text)?;
        let bots = revoked.tokens.iter().flat_map(|tokens| tokens.bot.iter().flatten());
        let own = bots.map(Word::as_str).any(|bot| {
            self.identity().user == bot || self.identity().bot.as_ref().is_some_and(|own| own == bot)
        });
        Ok(noticed(Notice::TokensRevoked { own }))
    }
}

fn from_seconds(seconds: i64) -> Instant {
    Instant::from_ms(seconds.saturating_mul(SECOND_MS))
}

/// A type that is counted by its name: no more of it than a name has.
pub(super) fn kind_of(kind: &str) -> SmolStr {
    const LONGEST: usize = 60;
    storable(kind).chars().take(LONGEST).collect::<String>().into()
}
