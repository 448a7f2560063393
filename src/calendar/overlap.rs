//! When several people are in at once, and the first slot in which all of them can meet.

use super::instant::{Instant, Span};
use super::table::OpenTable;

/// The first span of `length_ms` from `from` on in which all `tables` are open and which ends by `until`.
///
/// It starts at a multiple of `step_ms` (1 or more). Every zone is a number of quarter hours away from UTC, so
/// that a step of a quarter hour gives quarter hours on every wall. Of no tables, the first step is free.
pub fn first_slot(
    tables: &[&OpenTable],
    from: Instant,
    length_ms: i64,
    until: Instant,
    step_ms: i64,
) -> Option<Span> {
    let step_ms = step_ms.max(1);
    let free = OpenTable::intersection(tables);
    let slots = free.spans(from, until).filter_map(|open| {
        let start_ms = open.from.ms().checked_add(step_ms - 1)?.div_euclid(step_ms) * step_ms;
        let slot =
            Span { from: Instant::from_ms(start_ms), to: Instant::from_ms(start_ms).plus(length_ms.max(0)) };
        (slot.to <= open.to && slot.from < open.to).then_some(slot)
    });
    slots.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::MINUTE_MS;

    fn at(minute: i64) -> Instant {
        Instant::from_ms(minute * MINUTE_MS)
    }

    fn table(spans: &[(i64, i64)]) -> OpenTable {
        let horizon = Span { from: at(-10_000), to: at(10_000) };
        OpenTable::from_spans(horizon, spans.iter().map(|&(from, to)| Span { from: at(from), to: at(to) }))
    }

    #[test]
    fn the_first_slot_fits_everyone_and_starts_on_a_step() {
        let (ana, ben) = (table(&[(0, 60), (100, 200)]), table(&[(50, 130), (143, 300)]));
        let slot = |from, length, until| {
            first_slot(&[&ana, &ben], at(from), length * MINUTE_MS, at(until), 15 * MINUTE_MS)
                .map(|span| (span.from.ms() / MINUTE_MS, span.to.ms() / MINUTE_MS))
        };
        assert_eq!(slot(0, 15, 1000), Some((105, 120)), "50-60 is too short, 100 is off the step");
        assert_eq!(slot(0, 25, 1000), Some((105, 130)));
        assert_eq!(slot(0, 30, 1000), Some((150, 180)));
        assert_eq!(slot(0, 50, 1000), Some((150, 200)));
        assert_eq!(slot(0, 51, 1000), None);
        assert_eq!(slot(106, 15, 1000), Some((150, 165)));
        assert_eq!(slot(0, 15, 119), None, "it has to end in time");
        assert_eq!(slot(0, 15, 120), Some((105, 120)));
    }

    #[test]
    fn without_people_every_step_is_free() {
        let slot = first_slot(&[], at(7), 15 * MINUTE_MS, at(100), 15 * MINUTE_MS);
        assert_eq!(slot, Some(Span { from: at(15), to: at(30) }));
        assert_eq!(first_slot(&[&OpenTable::never()], at(7), 0, at(100), 1), None);
    }

    #[test]
    fn steps_before_the_epoch_are_steps_too() {
        let ana = table(&[(-100, -20)]);
        let slot = first_slot(&[&ana], at(-100), 30 * MINUTE_MS, at(100), 15 * MINUTE_MS);
        assert_eq!(slot, Some(Span { from: at(-90), to: at(-60) }));
    }
}
