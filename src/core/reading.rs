//! Reading: what a message or a reaction means under the runbook in force when it was written.

use smol_str::SmolStr;

use super::engine::Engine;
use super::event::{ChannelId, Mention, Platform, Text, UserId};
use super::fact::{Said, Sign};
use super::judge::judge;
use crate::calendar::{DAY_MS, Instant};
use crate::runbook::{Level, Name, Reaction, Runbook, Who, mark_at_start};

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
        let marked = mark.is_some() || refused_mark.is_some();
        let signals = if marked { judge(rest) } else { text.signals() };
        Said { signals, mentions, mark, refused_mark, resolves, under: None }
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
        let found = marked.filter_map(|(level, mark)| Some((level, mark_at_start(start, mark)?)));
        match found.max_by_key(|(_, end)| *end) {
            Some((level, end)) => {
                let (named, rest) = (Some(level.name.clone()), &start[end..]);
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
        let reaction = Reaction::of(emoji);
        let is = |reactions: &[Reaction]| reactions.contains(&reaction);
        if is(&policy.acknowledge) {
            Some(Sign::Take)
        } else if is(&policy.dismiss) {
            Some(Sign::Dismiss)
        } else if is(&revision.runbook.threads.resolved_by) {
            Some(Sign::Resolve)
        } else {
            let calls = ["telephone_receiver", "telephone"].map(Reaction::of);
            is(&calls).then_some(Sign::Call)
        }
    }

    pub(super) fn is_bot(&self, platform: Platform, user: &UserId) -> bool {
        self.people.is_bot(platform, user)
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

/// Whether one of the runbook's phrases or emoji stands in the text.
pub(super) fn resolves(runbook: &Runbook, text: &str) -> bool {
    const LONGEST: usize = 400;
    if text.len() > LONGEST {
        return false;
    }
    let threads = &runbook.threads;
    let lower = text.to_lowercase();
    threads.resolved_by.iter().any(|reaction| reaction.stands_in(text))
        || threads.resolving_phrases.iter().any(|phrase| says(&lower, phrase))
}

/// Whether the phrase stands in the text by itself, not as a part of longer words: `fixed` is not in `prefixed`.
fn says(text: &str, phrase: &str) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (first, last) = (phrase.chars().next(), phrase.chars().next_back());
    text.match_indices(phrase).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + phrase.len()..]);
        let goes_on = in_word(last) && in_word(after.chars().next());
        let began_earlier = in_word(first) && in_word(before.chars().next_back());
        !goes_on && !began_earlier
    })
}
