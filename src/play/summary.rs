//! What a play comes to, in figures: as JSON and as people read them. They name nobody.

use std::collections::BTreeMap;

use serde::Serialize;

/// The figures, as JSON. They name nobody.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Messages, those of programs included.
    pub messages: u64,
    /// People who wrote.
    pub people: u64,
    /// Threads in which somebody replied.
    pub threads: u64,
    /// Obligations by the state in which the play left them.
    pub obligations: Obligations,
    /// How soon answers came.
    pub responses: Responses,
    /// Nudges by kind, said or not: those of watched channels count.
    pub nudges: BTreeMap<&'static str, u64>,
    /// Those of `nudges` that were not said, because the channel is watched.
    pub would_have: BTreeMap<&'static str, u64>,
    /// Notices to one person on one of their days.
    pub notices_per_person_day: Notices,
    /// The share of people's messages that were written outside their own office hours, from 0 to 1.
    pub after_hours_share: f64,
    /// What was left out of the play, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// What was not as it should be and was played all the same, by reason.
    pub mended: BTreeMap<String, u64>,
    /// The events before these, which an earlier run had played and which the figures leave out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed_after: Option<u64>,
}

/// Obligations by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Obligations {
    /// Owed and not yet due.
    pub open: u64,
    /// Taken and not yet due.
    pub acknowledged: u64,
    /// Waiting for the asker.
    pub paused: u64,
    /// Answered, in time or late.
    pub met: u64,
    /// Past due and without an answer.
    pub breached: u64,
    /// Nothing is owed any more.
    pub cancelled: u64,
}

/// How soon answers came, in minutes on the clock of their level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Responses {
    /// Answers.
    pub count: u64,
    /// Those that came after they were due.
    pub late: u64,
    /// Half of all came within this, each by its own clock: minutes of office time beside plain ones.
    pub median_min: Option<i64>,
    /// Nine in ten came within this, likewise.
    pub p90_min: Option<i64>,
    /// Those of levels whose clock runs in office hours.
    pub office_hours: Took,
    /// Those of levels whose clock never stops.
    pub always: Took,
}

/// How soon answers came on one clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Took {
    /// Answers.
    pub count: u64,
    /// Half of them came within this.
    pub median_min: Option<i64>,
    /// Nine in ten came within this.
    pub p90_min: Option<i64>,
}

/// Notices to one person on one of their days; only days on which they wrote or were told something count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Notices {
    /// All notices that were said: each counts once for everybody whom it reaches.
    pub total: u64,
    /// Notices that were not said because the channel is watched, once each whomever they would have
    /// reached; those of `total`, `mean` and `max` do not hold them.
    pub would_have: u64,
    /// The mean over a person's days.
    pub mean: f64,
    /// The most that anybody had on a day.
    pub max: u32,
}

impl Took {
    /// The figures of answers counted by the minutes that they took.
    pub(super) fn of(took_min: &BTreeMap<i64, u64>) -> Took {
        let count = took_min.values().sum();
        Took { count, median_min: quantile(took_min, count, 50), p90_min: quantile(took_min, count, 90) }
    }
}

impl Summary {
    /// The figures as people read them.
    pub fn text(&self) -> String {
        let owed = &self.obligations;
        let took =
            |minutes: Option<i64>| minutes.map_or("none".to_owned(), |minutes| format!("{minutes} min"));
        let mut lines = vec![
            format!(
                "{} by {}, {}",
                counted(self.messages, "message", "messages"),
                counted(self.people, "person", "people"),
                counted(self.threads, "thread", "threads")
            ),
            format!(
                "answers owed: {} met ({} late), {} breached, {} open, {} taken, {} paused, {} cancelled",
                owed.met,
                self.responses.late,
                owed.breached,
                owed.open,
                owed.acknowledged,
                owed.paused,
                owed.cancelled
            ),
        ];
        let clocks = [
            (self.responses.office_hours, "in office time"),
            (self.responses.always, "on a clock that never stops"),
        ];
        for (answers, clock) in clocks.into_iter().filter(|(answers, _)| answers.count > 0) {
            let (median, most) = (took(answers.median_min), took(answers.p90_min));
            lines.push(format!(
                "{} took, {clock}: median {median}, nine in ten within {most}",
                counted(answers.count, "answer", "answers")
            ));
        }
        for (kind, count) in &self.nudges {
            let would_have = self.would_have.get(kind).copied().unwrap_or_default();
            match (*count, would_have) {
                (0, _) => {}
                (count, 0) => lines.push(format!("{kind}: {count}")),
                (count, unsaid) => {
                    lines.push(format!("{kind}: {count}, of which {unsaid} unsaid in watched channels"));
                }
            }
        }
        let notices = &self.notices_per_person_day;
        lines.push(format!("notices a person and day: {} on average, {} at most", notices.mean, notices.max));
        if notices.would_have > 0 {
            lines.push(format!("and in watched channels, unsaid: {}", notices.would_have));
        }
        lines.push(format!("written outside office hours: {:.1} %", self.after_hours_share * 100.0));
        lines.extend(self.skipped.iter().map(|(reason, count)| format!("skipped: {count} × {reason}")));
        lines.extend(self.mended.iter().map(|(reason, count)| format!("mended: {count} × {reason}")));
        if let Some(events) = self.resumed_after {
            lines.push(format!("an earlier run had played {events} events, which these figures leave out"));
        }
        lines.join("\n") + "\n"
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The least minutes within which `percent` of all `total` answers came.
fn quantile(took_min: &BTreeMap<i64, u64>, total: u64, percent: u64) -> Option<i64> {
    let wanted = (total * percent).div_ceil(100).max(1);
    let mut so_far = 0;
    took_min.iter().find_map(|(minutes, count)| {
        so_far += count;
        (so_far >= wanted).then_some(*minutes)
    })
}

/// `part` of `whole` to four places; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of messages are far below 2^52")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0 }
}
