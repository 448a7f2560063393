//! Who is on duty: a list of people who take turns, handing over at a local time.
//!
//! Always holds: from the first handoff on somebody is on duty at every instant, and each handoff is at the
//! local time of its date, whatever the clocks do.

use std::num::NonZeroU16;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;
use smol_str::SmolStr;

use super::instant::{Instant, Span};
use super::local::{at_local, day_start_or_next, local_date};

/// How long a turn of duty is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// So many days.
    Days(NonZeroU16),
    /// So many weeks, handed over on a weekday.
    Weeks(NonZeroU16, Weekday),
}

/// Somebody who has the duty for a span in place of whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Override {
    /// Who takes it.
    pub who: SmolStr,
    /// For how long.
    pub span: Span,
}

/// A stretch of duty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shift {
    /// Who has it.
    pub who: SmolStr,
    /// From when until when.
    pub span: Span,
}

/// Who takes turns, and how.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RotationPlan {
    /// Who takes turns, in this order.
    pub members: Vec<SmolStr>,
    /// How long each turn is.
    pub turn: Turn,
    /// The local time of the handoff.
    pub handoff: NaiveTime,
    /// The zone of that time.
    pub zone: Tz,
    /// The date of the first handoff, to the first member; nobody is on duty before.
    ///
    /// Where turns are weeks and it is another weekday than theirs, the first turn is shorter.
    pub from: NaiveDate,
    /// Who stands in for whom; of two that overlap the later in the list holds. They hold before `from` too.
    pub overrides: Vec<Override>,
}

impl RotationPlan {
    /// Who is on duty at `at`.
    pub fn on_duty(&self, at: Instant) -> Option<&SmolStr> {
        match self.overrides.iter().rev().find(|stand_in| stand_in.span.contains(at)) {
            Some(stand_in) => Some(&stand_in.who),
            None => self.planned(at),
        }
    }

    /// Whose turn it is at `at`, overrides aside.
    pub fn planned(&self, at: Instant) -> Option<&SmolStr> {
        self.member(self.turn_at(at)?)
    }

    /// The shifts between `from` and `to`, in order, the first and last cut to them.
    pub fn shifts(&self, from: Instant, to: Instant) -> Vec<Shift> {
        let mut shifts = self.planned_shifts(from, to);
        for stand_in in &self.overrides {
            let span = Span { from: stand_in.span.from.max(from), to: stand_in.span.to.min(to) };
            if span.from < span.to {
                shifts = replace(shifts, &Shift { who: stand_in.who.clone(), span });
            }
        }
        shifts
    }

    fn planned_shifts(&self, from: Instant, to: Instant) -> Vec<Shift> {
        let first = self.turn_at(from).unwrap_or(0);
        let mut shifts = Vec::new();
        for turn in first.. {
            let span = Span { from: self.start_of(turn), to: self.start_of(turn + 1) };
            let cut = Span { from: span.from.max(from), to: span.to.min(to) };
            let Some(who) = self.member(turn).filter(|_| span.from < to) else { break };
            if cut.from < cut.to {
                shifts.push(Shift { who: who.clone(), span: cut });
            }
        }
        shifts
    }

    fn member(&self, turn: u64) -> Option<&SmolStr> {
        let count = u64::try_from(self.members.len()).ok().filter(|count| *count > 0)?;
        self.members.get(usize::try_from(turn % count).ok()?)
    }

    const fn turn_days(&self) -> u64 {
        match self.turn {
            Turn::Days(days) => days.get() as u64,
            Turn::Weeks(weeks, _) => weeks.get() as u64 * 7,
        }
    }

    /// The date from which whole turns are counted: the last handoff weekday up to `from`.
    fn anchor(&self) -> NaiveDate {
        let back = match self.turn {
            Turn::Days(_) => 0,
            Turn::Weeks(_, weekday) => self.from.weekday().days_since(weekday),
        };
        self.from.checked_sub_days(Days::new(u64::from(back))).unwrap_or(self.from)
    }

    /// The instant at which a turn begins.
    fn start_of(&self, turn: u64) -> Instant {
        let date = match turn {
            0 => Some(self.from),
            _ => turn
                .checked_mul(self.turn_days())
                .and_then(|days| self.anchor().checked_add_days(Days::new(days))),
        };
        date.map_or(Instant::MAX, |date| {
            at_local(self.zone, date, self.handoff).unwrap_or_else(|| day_start_or_next(self.zone, date))
        })
    }

    /// The number of the turn that holds `at`, from 0; nothing before the first.
    fn turn_at(&self, at: Instant) -> Option<u64> {
        if at < self.start_of(0) {
            return None;
        }
        let days = local_date(self.zone, at).signed_duration_since(self.anchor()).num_days();
        let guess = u64::try_from(days).unwrap_or(0) / self.turn_days();
        // The date is that of `at`, the handoff of that date may still be ahead; after a gap it may be past.
        let turn = if self.start_of(guess) > at { guess - 1 } else { guess };
        Some(if self.start_of(turn + 1) <= at { turn + 1 } else { turn })
    }
}

/// Cuts `new` out of the shifts, which do not overlap, and puts it in.
fn replace(shifts: Vec<Shift>, new: &Shift) -> Vec<Shift> {
    let mut replaced = Vec::with_capacity(shifts.len() + 2);
    for shift in shifts {
        let before = Span { from: shift.span.from, to: shift.span.to.min(new.span.from) };
        let after = Span { from: shift.span.from.max(new.span.to), to: shift.span.to };
        let parts = [before, after].into_iter().filter(|span| span.from < span.to);
        replaced.extend(parts.map(|span| Shift { who: shift.who.clone(), span }));
    }
    let place = replaced.partition_point(|shift| shift.span.from < new.span.from);
    replaced.insert(place, new.clone());
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn plan(turn: Turn, from: &str) -> RotationPlan {
        RotationPlan {
            members: ["ana", "ben", "chidi"].map(SmolStr::new_static).to_vec(),
            turn,
            handoff: NaiveTime::from_hms_opt(9, 0, 0).unwrap(),
            zone: Tz::Europe__Berlin,
            from: from.parse().unwrap(),
            overrides: Vec::new(),
        }
    }

    fn number(number: u16) -> NonZeroU16 {
        NonZeroU16::new(number).unwrap()
    }

    fn written(shifts: &[Shift]) -> Vec<String> {
        shifts.iter().map(|shift| format!("{} {} {}", shift.who, shift.span.from, shift.span.to)).collect()
    }

    #[test]
    fn handoffs_are_at_the_local_time_whatever_the_clocks_do() {
        let weekly = plan(Turn::Weeks(number(1), Weekday::Mon), "2026-03-16");
        assert_eq!(
            written(&weekly.shifts(at("2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z"))),
            [
                "ana 2026-03-16T08:00:00Z 2026-03-23T08:00:00Z",
                "ben 2026-03-23T08:00:00Z 2026-03-30T07:00:00Z",
                "chidi 2026-03-30T07:00:00Z 2026-04-01T00:00:00Z",
            ]
        );
        for (instant, who) in [
            ("2026-03-16T07:59:59Z", None),
            ("2026-03-16T08:00:00Z", Some("ana")),
            ("2026-03-30T06:59:59Z", Some("ben")),
            ("2026-03-30T07:00:00Z", Some("chidi")),
            ("2026-04-06T07:00:00Z", Some("ana")),
        ] {
            assert_eq!(weekly.on_duty(at(instant)).map(SmolStr::as_str), who, "{instant}");
        }
    }

    #[test]
    fn a_first_turn_that_begins_within_a_week_is_shorter() {
        let weekly = plan(Turn::Weeks(number(2), Weekday::Mon), "2026-06-03");
        assert_eq!(
            written(&weekly.shifts(at("2026-06-01T00:00:00Z"), at("2026-06-30T00:00:00Z"))),
            [
                "ana 2026-06-03T07:00:00Z 2026-06-15T07:00:00Z",
                "ben 2026-06-15T07:00:00Z 2026-06-29T07:00:00Z",
                "chidi 2026-06-29T07:00:00Z 2026-06-30T00:00:00Z",
            ]
        );
        assert_eq!(weekly.on_duty(at("2026-06-02T00:00:00Z")), None);
    }

    #[test]
    fn an_override_replaces_whose_turn_it_is() {
        let mut daily = plan(Turn::Days(number(1)), "2026-06-01");
        let span = |from, to| Span { from: at(from), to: at(to) };
        daily.overrides = vec![
            Override { who: "kim".into(), span: span("2026-06-01T12:00:00Z", "2026-06-02T12:00:00Z") },
            Override { who: "mere".into(), span: span("2026-06-02T10:00:00Z", "2026-06-02T11:00:00Z") },
        ];
        let shifts = daily.shifts(at("2026-06-01T00:00:00Z"), at("2026-06-03T00:00:00Z"));
        assert_eq!(
            written(&shifts),
            [
                "ana 2026-06-01T07:00:00Z 2026-06-01T12:00:00Z",
                "kim 2026-06-01T12:00:00Z 2026-06-02T10:00:00Z",
                "mere 2026-06-02T10:00:00Z 2026-06-02T11:00:00Z",
                "kim 2026-06-02T11:00:00Z 2026-06-02T12:00:00Z",
                "ben 2026-06-02T12:00:00Z 2026-06-03T00:00:00Z",
            ]
        );
        for shift in &shifts {
            assert_eq!(daily.on_duty(shift.span.from), Some(&shift.who));
            assert_eq!(daily.on_duty(shift.span.to.plus(-1)), Some(&shift.who));
        }
    }

    #[test]
    fn a_handoff_at_midnight_survives_a_gap_and_a_skipped_date() {
        let mut cairo = plan(Turn::Days(number(1)), "2026-04-23");
        (cairo.zone, cairo.handoff) = (Tz::Africa__Cairo, NaiveTime::MIN);
        assert_eq!(cairo.on_duty(at("2026-04-23T21:59:59Z")).unwrap(), "ana");
        assert_eq!(cairo.on_duty(at("2026-04-23T22:00:00Z")).unwrap(), "ben");
        let mut apia = plan(Turn::Days(number(1)), "2011-12-29");
        (apia.zone, apia.handoff) = (Tz::Pacific__Apia, NaiveTime::MIN);
        // Ben's date, the 30th, does not exist; the 31st is Chidi's.
        assert_eq!(apia.on_duty(at("2011-12-30T09:59:59Z")).unwrap(), "ana");
        assert_eq!(apia.on_duty(at("2011-12-30T10:00:00Z")).unwrap(), "chidi");
        assert_eq!(apia.shifts(at("2011-12-29T12:00:00Z"), at("2011-12-31T12:00:00Z")).len(), 3);
    }

    #[test]
    fn nobody_is_on_duty_where_nobody_takes_turns() {
        let mut empty = plan(Turn::Days(number(1)), "2026-06-01");
        empty.members.clear();
        assert_eq!(empty.on_duty(at("2026-06-02T00:00:00Z")), None);
        assert!(empty.shifts(at("2026-06-01T00:00:00Z"), at("2026-07-01T00:00:00Z")).is_empty());
    }
}
