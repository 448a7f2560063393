//! What the admins hear: what would have been said in watched channels, how the week went, what is wrong.

use chrono::Weekday;
use smol_str::SmolStr;
use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::engine::Engine;
use super::event::{MessageId, MessageRef, RevisionText};
use super::message::Message;
use super::said::RunSaid;
use super::strand::StrandKey;
use super::turn::{Noted, Silence, Turn};
use super::wakes::Subject;
use crate::calendar::{Days, Instant, Schedule, WeekdaySet};
use crate::runbook::Voice;

/// So many of what would have been said are listed; the rest is counted.
const WOULD_HAVE_LISTED: usize = 20;

impl Engine {
    /// In a watched channel: this would have been said.
    pub(super) fn would_have(
        &mut self,
        kind: Kind,
        key: &StrandKey,
        about: &MessageId,
        now: Instant,
        turn: &mut Turn,
    ) {
        let message = key.message(about);
        if self.ledger.would_have.len() < WOULD_HAVE_LISTED {
            self.ledger.would_have.push((kind, message.clone()));
        } else {
            self.ledger.would_have_more += 1;
        }
        self.dirty.ledger = true;
        self.note(turn, now, Some(message), Noted::WouldHaveSpoken(kind));
    }

    /// A rule matched and nothing was said.
    pub(super) fn stay_silent(
        &mut self,
        kind: Kind,
        key: &StrandKey,
        about: &MessageId,
        why: Silence,
        now: Instant,
        turn: &mut Turn,
    ) {
        self.note(turn, now, Some(key.message(about)), Noted::Silent { kind, why });
    }

    /// Counts for the weekly report the threads in which something was said, and those in which a rule matched and
    /// nothing was, each once a week and reason.
    pub(super) fn count_for_week(&mut self, at: Instant, about: &MessageRef, what: &Noted) {
        let counted = match what {
            Noted::Spoke(kind) if !is_for_the_week(*kind) => return,
            Noted::Spoke(_) => None,
            Noted::Silent { why, .. } => Some(*why),
            Noted::Owed { .. }
            | Noted::Acknowledged
            | Noted::Paused
            | Noted::Resumed
            | Noted::Met { .. }
            | Noted::Breached
            | Noted::BreachTakenBack
            | Noted::Cancelled(_)
            | Noted::WouldHaveSpoken(_)
            | Noted::Remark(_) => return,
        };
        let root = self.thread_of.get(about).unwrap_or(&about.id).clone();
        let thread = StrandKey { channel: about.channel.clone(), root: Some(root.clone()) };
        let week = self.ledger.week_from.unwrap_or(Instant::MIN);
        let this_week = |said: &RunSaid| -> Vec<Option<Silence>> {
            said.counted.iter().filter(|(_, at)| *at >= week).map(|(why, _)| *why).collect()
        };
        let known = self.runs.get(&(thread.clone(), root.clone())).map(this_week).unwrap_or_default();
        if known.contains(&counted) {
            return;
        }
        let first_silence = counted.is_some() && known.iter().all(Option::is_none);
        self.ledger.silent_threads += u32::from(first_silence);
        match counted {
            None => self.ledger.spoke += 1,
            Some(why) => match self.ledger.silent.iter_mut().find(|(known, _)| *known == why) {
                Some((_, count)) => *count += 1,
                None => self.ledger.silent.push((why, 1)),
            },
        }
        self.dirty.ledger = true;
        let said = self.run_said(&thread, &root);
        said.counted.retain(|(why, _)| *why != counted);
        said.counted.push((counted, at.max(week)));
    }

    /// The daily and the weekly report, when they are due.
    pub(super) fn look_at_ledger(&mut self, now: Instant, turn: &mut Turn) {
        let Some(daily) = self.report_time(now, None) else { return };
        let Some(weekly) = self.report_time(now, Some(Weekday::Fri)) else { return };
        // A clock that was set back comes to the same hour twice.
        let is_due = |at: Option<Instant>, told: Option<Instant>| {
            at.is_some_and(|at| at <= now) && told.is_none_or(|told| told < now)
        };
        if is_due(self.ledger.daily_at, self.ledger.day_from) {
            self.report_daily(now, turn);
        }
        if is_due(self.ledger.weekly_at, self.ledger.week_from) {
            self.report_weekly(now, turn);
        }
        if (self.ledger.daily_at, self.ledger.weekly_at) != (Some(daily), Some(weekly)) {
            self.ledger.daily_at = Some(daily);
            self.ledger.weekly_at = Some(weekly);
            self.dirty.ledger = true;
        }
        self.wakes.set(Subject::Ledger, daily.min(weekly));
    }

    /// The next digest time of the team's zone: the first of a day, or the last of a weekday.
    fn report_time(&self, now: Instant, weekday: Option<Weekday>) -> Option<Instant> {
        let runbook = self.runbook()?;
        let digest = &runbook.notices.digest;
        let schedule = match weekday {
            None => Schedule { days: Days::Weekly(WeekdaySet::ALL), time: *digest.first()? },
            Some(weekday) => {
                Schedule { days: Days::Weekly(WeekdaySet::default().with(weekday)), time: *digest.last()? }
            }
        };
        schedule.next_after(runbook.team.zone, now)
    }

    fn report_daily(&mut self, now: Instant, turn: &mut Turn) {
        let listed = std::mem::take(&mut self.ledger.would_have);
        let more = std::mem::take(&mut self.ledger.would_have_more);
        self.ledger.day_from = Some(now);
        self.dirty.ledger = true;
        if !listed.is_empty() {
            let words = self.words().would_have(&listed, more);
            self.tell_admins(words, format_smolstr!("daily/{}", now.ms()), now, turn);
        }
    }

    fn report_weekly(&mut self, now: Instant, turn: &mut Turn) {
        let spoke = std::mem::take(&mut self.ledger.spoke);
        let quiet = std::mem::take(&mut self.ledger.silent_threads);
        let silent = std::mem::take(&mut self.ledger.silent);
        self.ledger.week_from = Some(now);
        self.dirty.ledger = true;
        if spoke > 0 || !silent.is_empty() {
            let words = self.words().week(spoke, quiet, &silent);
            self.tell_admins(words, format_smolstr!("weekly/{}", now.ms()), now, turn);
        }
    }

    /// Tells the channel of `announce-in` that the runbook says something else now.
    pub(super) fn announce_revision(&mut self, text: &RevisionText, now: Instant, turn: &mut Turn) {
        let Some(revision) = self.calendars.current() else { return };
        let number = revision.number;
        let Some(name) = revision.runbook.team.announce_in.as_ref() else { return };
        let there = self.places.find(revision, name);
        let message = self.words().revised(text);
        for (platform, channel) in there {
            match self.voice(&channel) {
                Voice::Watch => self.note(turn, now, None, Noted::WouldHaveSpoken(Kind::Revision)),
                Voice::Private => {
                    let what = Noted::Silent { kind: Kind::Revision, why: Silence::PrivateOnly };
                    self.note(turn, now, None, what);
                }
                Voice::Speak => {
                    self.note(turn, now, None, Noted::Spoke(Kind::Revision));
                    turn.actions.push(Action {
                        id: ActionId(format_smolstr!("revision/{number}/{channel}")),
                        kind: Kind::Revision,
                        to: Target::Channel { platform, channel },
                        message: message.clone(),
                        priority: Priority::Routine,
                        not_after: None,
                        if_unknown: IfUnknown::Leave,
                    });
                }
            }
        }
    }

    /// Tells every admin, each once for one `cause` and not before they are in.
    pub(super) fn tell_admins(&mut self, message: Message, cause: SmolStr, now: Instant, turn: &mut Turn) {
        let Some(runbook) = self.runbook() else { return };
        for admin in &runbook.team.admins {
            let Some(to) = self.direct_to(admin, None) else { continue };
            let action = Action {
                id: ActionId(format_smolstr!("admin/{cause}/{admin}")),
                kind: Kind::Admin,
                to,
                message: message.clone(),
                priority: Priority::Routine,
                not_after: None,
                if_unknown: IfUnknown::Leave,
            };
            self.send_when_in(admin, action, None, now, turn);
        }
    }
}

/// Whether a kind of notice is Usher speaking up, rather than answering somebody.
fn is_for_the_week(kind: Kind) -> bool {
    match kind {
        Kind::Call
        | Kind::WrittenWay
        | Kind::Reminder
        | Kind::Escalation
        | Kind::Page
        | Kind::OffHours
        | Kind::LongMessage
        | Kind::Digest
        | Kind::Status
        | Kind::Handoff
        | Kind::Outcome => true,
        Kind::Later | Kind::Answer | Kind::Admin | Kind::Revision | Kind::Home | Kind::Hello => false,
    }
}
