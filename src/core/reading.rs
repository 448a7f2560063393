//! Reading: what a message or a reaction means under the runbook in force when it was written.

use smol_str::SmolStr;

use super::engine::Engine;
use super::event::{ChannelId, Mention, Platform, Text, UserId};
use super::fact::{Said, Sign};
use super::judge::judge;
use crate::calendar::{DAY_MS, Instant};
use crate::runbook::{Level, Name, Runbook, Who};

/// What is older than this starts nothing and is not kept.
pub(super) const TOO_OLD_MS: i64 = 60 * DAY_MS;

impl Engine {
    /// Reads a message: what it says, whom it mentions, which mark it carries.
    pub(super) fn read(&self, platform: Platform, by: &Name, text: &Text, at: Instant) -> Said {
        let Some(revision) = self.calendars.at(at) else { return Said::default() };
        let runbook = &revision.runbook;
        let (mark, refused_mark, rest) = self.mark(runbook, by, &text.plain, at);
        let mut mentions: Vec<Who> = Vec::new();
        for mention in &text.mentions {
            if let Some(who) = self.mentioned(runbook, platform, mention)
                && who != Who::Person(by.clone())
                && !mentions.contains(&who)
            {
                mentions.push(who);
            }
        }
        let resolves = resolves(runbook, rest);
        Said { signals: judge(rest), mentions, mark, refused_mark, resolves, under: None }
    }

    /// The level whose mark stands at the start, if its author may raise it, or else that they may not raise, and
    /// the text after the mark.
    pub(super) fn mark<'t>(
        &self,
        runbook: &Runbook,
        by: &Name,
        text: &'t str,
        at: Instant,
    ) -> (Option<Name>, Option<Name>, &'t str) {
        let start = text.trim_start();
        let marked =
            runbook.levels.iter().flat_map(|level| level.marks.iter().map(move |mark| (level, mark)));
        let found =
            marked.filter(|(_, mark)| starts_with_mark(start, mark)).max_by_key(|(_, mark)| mark.len());
        match found {
            Some((level, mark)) => {
                let (named, rest) = (Some(level.name.clone()), &start[mark.len()..]);
                match self.may_raise(runbook, level, by, at) {
                    true => (named, None, rest),
                    false => (None, named, rest),
                }
            }
            None => (None, None, start),
        }
    }

    /// Whether a person may raise a level: those the runbook names; else, for an interrupting level, its people.
    pub(super) fn may_raise(&self, runbook: &Runbook, level: &Level, person: &Name, at: Instant) -> bool {
        if level.raised_by.is_empty() {
            return !level.interrupts || runbook.people.contains_key(person);
        }
        level.raised_by.iter().any(|who| self.calendars.listed(who, at).contains(person))
    }

    pub(super) fn mentioned(&self, runbook: &Runbook, platform: Platform, mention: &Mention) -> Option<Who> {
        match mention {
            Mention::User(user) => {
                (!self.is_bot(platform, user)).then(|| Who::Person(self.people.person(platform, user)))
            }
            Mention::Group(handle) if runbook.groups.contains_key(handle) => Some(Who::Group(handle.clone())),
            Mention::Group(handle) if runbook.rotations.contains_key(handle) => {
                Some(Who::Rotation(handle.clone()))
            }
            Mention::Group(_) | Mention::Everyone | Mention::Usher => None,
        }
    }

    pub(super) fn sign(&self, channel: &ChannelId, emoji: &SmolStr, at: Instant) -> Option<Sign> {
        let revision = self.calendars.at(at)?;
        let policy = self.places.policy_unkept(revision, channel);
        let is = |names: &[String]| names.iter().any(|name| name == emoji);
        if is(&policy.acknowledge) {
            Some(Sign::Take)
        } else if is(&policy.dismiss) {
            Some(Sign::Dismiss)
        } else if is(&revision.runbook.threads.resolved_by) {
            Some(Sign::Resolve)
        } else {
            matches!(emoji.as_str(), "telephone_receiver" | "phone" | "telephone" | "📞")
                .then_some(Sign::Call)
        }
    }

    pub(super) fn is_bot(&self, platform: Platform, user: &UserId) -> bool {
        self.people.facts(platform, user).is_some_and(|facts| facts.bot)
    }

    /// Whether a message of that time in that channel is none of Usher's business.
    pub(super) fn is_closed_to(&self, channel: &ChannelId, at: Instant, now: Instant) -> bool {
        let before_joining = self.places.get(channel).is_some_and(|place| at < place.since);
        before_joining
            || self.places.is_direct(channel)
            || now.since(at) > TOO_OLD_MS
            || self.calendars.current().is_none()
    }
}

/// Whether `text` begins with `mark`, and not with a longer word that begins so.
pub(super) fn starts_with_mark(text: &str, mark: &str) -> bool {
    let word_goes_on = || {
        let ends_in_word = mark.chars().next_back().is_some_and(char::is_alphanumeric);
        ends_in_word && text[mark.len()..].chars().next().is_some_and(char::is_alphanumeric)
    };
    // A mark is spelt in any case, as the runbook's check takes it.
    let begins = text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    begins && !word_goes_on()
}

/// Whether one of the runbook's phrases or emoji stands in the text.
pub(super) fn resolves(runbook: &Runbook, text: &str) -> bool {
    const LONGEST: usize = 400;
    if text.len() > LONGEST {
        return false;
    }
    let phrases = &runbook.threads.resolved_by;
    let contains = |phrase: &String| {
        if phrase.is_ascii() { contains_ignoring_case(text, phrase) } else { text.contains(phrase.as_str()) }
    };
    phrases.iter().any(contains)
}

pub(super) fn contains_ignoring_case(text: &str, phrase: &str) -> bool {
    text.as_bytes().windows(phrase.len().max(1)).any(|window| window.eq_ignore_ascii_case(phrase.as_bytes()))
}
