//! Lints of `[team]` and `[notices]`.

use chrono::{NaiveTime, Timelike};

use crate::calendar::{WEEK, WeeklyHours, local_date};

use super::super::code::Code;
use super::super::document::Part::{Index, Key};
use super::Linter;

pub(super) fn lint(linter: &Linter<'_>) {
    review_due(linter);
    digests(linter);
}

fn review_due(linter: &Linter<'_>) {
    let team = &linter.runbook.team;
    let today = local_date(team.zone, linter.context.now);
    if let Some(review_by) = team.review_by.filter(|review_by| *review_by < today) {
        let path = [Key("team"), Key("review-by")];
        linter.add(Code::ReviewDue, &path, format!("the rules were to be looked at again by {review_by}"));
    }
}

/// A digest between somebody's first opening and last closing of a day is well placed: in a lunch break
/// it waits for the afternoon, which is what is meant.
fn digests(linter: &Linter<'_>) {
    let runbook = linter.runbook;
    if linter.document.place(&[Key("notices"), Key("digest")]) == linter.document.place(&[Key("notices")]) {
        return;
    }
    let everyone = runbook.people.values().map(|person| &*person.office_hours);
    let hours: Vec<&WeeklyHours> = std::iter::once(&*runbook.team.office_hours).chain(everyone).collect();
    for (index, time) in runbook.notices.digest.iter().enumerate() {
        if !hours.iter().any(|hours| within_a_day(hours, *time)) {
            let path = [Key("notices"), Key("digest"), Index(index)];
            let message =
                format!("at {} nobody's day has begun, or everybody's is over", time.format("%H:%M"));
            linter.add(Code::DigestOutsideHours, &path, message);
        }
    }
}

fn within_a_day(hours: &WeeklyHours, time: NaiveTime) -> bool {
    let minute = time.num_seconds_from_midnight() / 60;
    WEEK.into_iter().any(|day| {
        let spans = hours.on_the_wall(day);
        let ends = spans.first().zip(spans.last());
        ends.is_some_and(|(first, last)| {
            (u32::from(first.from_min)..=u32::from(last.to_min)).contains(&minute)
        })
    })
}
