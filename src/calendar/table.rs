//! Open time as a table of intervals in UTC, with sums: every question to it is a binary search.
//!
//! Always holds: intervals are sorted, not empty, do not touch, and lie within the horizon. A table knows
//! nothing outside its horizon: there it counts as closed, and searches that would leave it find nothing.

use super::instant::{Instant, Span};

/// When something is open, from the start of its horizon to the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTable {
    open: Vec<Interval>,
    horizon: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interval {
    from: Instant,
    to: Instant,
    /// Open milliseconds in all intervals before this one.
    before_ms: i64,
}

impl Interval {
    /// Open milliseconds up to its end.
    const fn through_ms(&self) -> i64 {
        self.before_ms + self.to.since(self.from)
    }
}

/// All of time that can be printed.
const ALL_TIME: Span = Span { from: Instant::MIN, to: Instant::MAX };

impl OpenTable {
    /// Open at every instant, without end: here durations are plain.
    pub fn always() -> OpenTable {
        OpenTable {
            open: vec![Interval { from: Instant::MIN, to: Instant::MAX, before_ms: 0 }],
            horizon: ALL_TIME,
        }
    }

    /// Open at no instant, without end.
    pub const fn never() -> OpenTable {
        OpenTable { open: Vec::new(), horizon: ALL_TIME }
    }

    /// From spans sorted by their start; what lies outside the horizon is cut off, what touches is joined.
    pub fn from_spans(horizon: Span, spans: impl IntoIterator<Item = Span>) -> OpenTable {
        let mut table = Builder::new(horizon);
        spans.into_iter().for_each(|span| table.push(span));
        table.finish()
    }

    /// For which time the table was made.
    pub const fn horizon(&self) -> Span {
        self.horizon
    }

    /// Whether there is no open instant in it.
    pub const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether `at` is open.
    pub fn is_open(&self, at: Instant) -> bool {
        self.ending_after(at).is_some_and(|interval| interval.from <= at)
    }

    /// The first open instant at or after `at`: `at` itself while open.
    pub fn next_open(&self, at: Instant) -> Option<Instant> {
        self.ending_after(at).map(|interval| interval.from.max(at))
    }

    /// The first closing after `at`, of the interval that is open at `at` or of the next one.
    ///
    /// The end of the horizon is no closing: nothing when it comes first.
    pub fn next_close(&self, at: Instant) -> Option<Instant> {
        self.ending_after(at).map(|interval| interval.to).filter(|to| *to < self.horizon.to)
    }

    /// Open milliseconds from `from` to `to`; 0 when `to` is earlier.
    pub fn between(&self, from: Instant, to: Instant) -> i64 {
        if to <= from { 0 } else { self.before_ms(to) - self.before_ms(from) }
    }

    /// The first instant by which `ms` open milliseconds have passed since `from`.
    ///
    /// A deadline that falls on a closing is that closing: eight hours asked at 09:00 of a day 09:00-17:00 end at
    /// 17:00. Without any time to pass (0 or less) it is the next opening. Nothing when it lies outside the horizon.
    pub fn add(&self, from: Instant, ms: i64) -> Option<Instant> {
        if ms <= 0 {
            return self.next_open(from);
        }
        let wanted_ms = self.before_ms(from).checked_add(ms)?;
        let index = self.open.partition_point(|interval| interval.through_ms() < wanted_ms);
        let interval = self.open.get(index)?;
        Some(interval.from.plus(wanted_ms - interval.before_ms))
    }

    /// The last instant from which `ms` open milliseconds pass until `to`: the mirror of [`OpenTable::add`].
    ///
    /// Eight hours back from 17:00 of a day 09:00-17:00 is its opening, 09:00. With 0 or less it is the last
    /// closing at or before `to`, or `to` itself when it is open just before. Nothing outside the horizon.
    pub fn back(&self, to: Instant, ms: i64) -> Option<Instant> {
        if ms <= 0 {
            let index = self.open.partition_point(|interval| interval.from < to);
            return index.checked_sub(1).map(|last| self.open[last].to.min(to));
        }
        let wanted_ms = self.before_ms(to) - ms;
        if wanted_ms < 0 {
            return None;
        }
        let index = self.open.partition_point(|interval| interval.before_ms <= wanted_ms).checked_sub(1)?;
        let interval = self.open[index];
        Some(interval.from.plus(wanted_ms - interval.before_ms))
    }

    /// The open spans between `from` and `to`, in order, the first and last cut to them.
    pub fn spans(&self, from: Instant, to: Instant) -> impl Iterator<Item = Span> + '_ {
        let first = self.open.partition_point(|interval| interval.to <= from);
        self.open[first..]
            .iter()
            .take_while(move |interval| interval.from < to)
            .map(move |interval| Span { from: interval.from.max(from), to: interval.to.min(to) })
            .filter(|span| span.from < span.to)
    }

    /// Every open span of the horizon.
    pub fn all_spans(&self) -> impl Iterator<Item = Span> + '_ {
        self.open.iter().map(|interval| Span { from: interval.from, to: interval.to })
    }

    /// The first interval that ends after `at`.
    fn ending_after(&self, at: Instant) -> Option<&Interval> {
        self.open.get(self.open.partition_point(|interval| interval.to <= at))
    }

    /// Open milliseconds before `at`.
    fn before_ms(&self, at: Instant) -> i64 {
        let index = self.open.partition_point(|interval| interval.to <= at);
        match self.open.get(index) {
            Some(interval) => interval.before_ms + at.since(interval.from).max(0),
            None => self.open.last().map_or(0, Interval::through_ms),
        }
    }
}

/// Set operations. Each is one pass over both tables; the horizon of the result is what all of them know.
impl OpenTable {
    /// Open while any of `tables` is; of none it is [`OpenTable::never`].
    pub fn union(tables: &[&OpenTable]) -> OpenTable {
        let Some((first, rest)) = tables.split_first() else { return OpenTable::never() };
        rest.iter().fold((*first).clone(), |all, table| all.or(table))
    }

    /// Open while all of `tables` are; of none it is [`OpenTable::always`].
    pub fn intersection(tables: &[&OpenTable]) -> OpenTable {
        let Some((first, rest)) = tables.split_first() else { return OpenTable::always() };
        rest.iter().fold((*first).clone(), |all, table| all.and(table))
    }

    fn or(&self, other: &OpenTable) -> OpenTable {
        let mut table = Builder::new(common(self.horizon, other.horizon));
        let (mut left, mut right) = (self.all_spans().peekable(), other.all_spans().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if b.from < a.from => right.next(),
                (Some(_), Some(_) | None) => left.next(),
                (None, Some(_) | None) => right.next(),
            };
            match next {
                Some(span) => table.push(span),
                None => return table.finish(),
            }
        }
    }

    fn and(&self, other: &OpenTable) -> OpenTable {
        let mut table = Builder::new(common(self.horizon, other.horizon));
        let (mut left, mut right) = (self.all_spans().peekable(), other.all_spans().peekable());
        while let (Some(a), Some(b)) = (left.peek().copied(), right.peek().copied()) {
            table.push(Span { from: a.from.max(b.from), to: a.to.min(b.to) });
            if a.to <= b.to {
                left.next();
            } else {
                right.next();
            }
        }
        table.finish()
    }

    /// Open while this table is and none of `closed` contains the instant; they may come in any order and overlap.
    #[must_use]
    pub fn minus(&self, closed: &[Span]) -> OpenTable {
        let mut closed: Vec<Span> = closed.iter().copied().filter(|span| span.from < span.to).collect();
        closed.sort();
        let mut table = Builder::new(self.horizon);
        let mut next = 0;
        for span in self.all_spans() {
            while next < closed.len() && closed[next].to <= span.from {
                next += 1;
            }
            let mut from = span.from;
            for gap in closed[next..].iter().take_while(|gap| gap.from < span.to) {
                table.push(Span { from, to: gap.from });
                from = from.max(gap.to);
            }
            table.push(Span { from, to: span.to });
        }
        table.finish()
    }

    /// Open while this table is and `other` is not.
    #[must_use]
    pub fn without(&self, other: &OpenTable) -> OpenTable {
        self.minus(&other.all_spans().collect::<Vec<_>>())
    }

    /// This table before `at`, and `later` from `at` on: when the rules change, what has passed does not.
    ///
    /// What neither knows, between the horizon of this one and that of `later`, is closed.
    #[must_use]
    pub fn splice(&self, at: Instant, later: &OpenTable) -> OpenTable {
        let horizon = Span { from: self.horizon.from.min(at), to: later.horizon.to.max(at) };
        OpenTable::from_spans(horizon, self.spans(Instant::MIN, at).chain(later.spans(at, Instant::MAX)))
    }
}

/// What two horizons share; empty, at its start, when they share nothing.
fn common(a: Span, b: Span) -> Span {
    let from = a.from.max(b.from);
    Span { from, to: a.to.min(b.to).max(from) }
}

/// Takes spans in the order of their starts, joins what touches and keeps the sums.
pub(super) struct Builder {
    table: OpenTable,
}

impl Builder {
    pub(super) const fn new(horizon: Span) -> Builder {
        Builder { table: OpenTable { open: Vec::new(), horizon } }
    }

    pub(super) fn push(&mut self, span: Span) {
        let Span { from, to } = common(span, self.table.horizon);
        if from >= to {
            return;
        }
        match self.table.open.last_mut() {
            Some(last) if from <= last.to => last.to = last.to.max(to),
            Some(last) => {
                let before_ms = last.through_ms();
                self.table.open.push(Interval { from, to, before_ms });
            }
            None => self.table.open.push(Interval { from, to, before_ms: 0 }),
        }
    }

    pub(super) fn finish(self) -> OpenTable {
        self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span { from: Instant::from_ms(from), to: Instant::from_ms(to) }
    }

    fn table(spans: &[(i64, i64)]) -> OpenTable {
        OpenTable::from_spans(span(0, 1000), spans.iter().map(|&(from, to)| span(from, to)))
    }

    fn pairs(table: &OpenTable) -> Vec<(i64, i64)> {
        table.all_spans().map(|span| (span.from.ms(), span.to.ms())).collect()
    }

    fn at(ms: i64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn spans_that_touch_are_one_and_the_horizon_cuts() {
        let table = table(&[(-5, 10), (10, 20), (30, 40), (35, 50), (60, 60), (990, 2000)]);
        assert_eq!(pairs(&table), [(0, 20), (30, 50), (990, 1000)]);
        assert_eq!(table.between(at(-100), at(5000)), 50);
    }

    #[test]
    fn a_deadline_on_a_closing_is_that_closing() {
        let table = table(&[(100, 180), (200, 280)]);
        for (from, ms, due) in [
            (100, 80, Some(180)),
            (100, 81, Some(201)),
            (50, 1, Some(101)),
            (180, 80, Some(280)),
            (190, 80, Some(280)),
            (279, 1, Some(280)),
            (280, 1, None),
            (100, 161, None),
            (100, i64::MAX, None),
            (150, 0, Some(150)),
            (180, 0, Some(200)),
            (180, -7, Some(200)),
            (280, 0, None),
        ] {
            assert_eq!(table.add(at(from), ms), due.map(at), "{from} + {ms}");
        }
    }

    #[test]
    fn going_back_mirrors_going_forward() {
        let table = table(&[(100, 180), (200, 280)]);
        for (to, ms, start) in [
            (180, 80, Some(100)),
            (280, 80, Some(200)),
            (280, 81, Some(179)),
            (190, 1, Some(179)),
            (201, 1, Some(200)),
            (201, 2, Some(179)),
            (280, 160, Some(100)),
            (280, 161, None),
            (50, 1, None),
            (150, 0, Some(150)),
            (190, 0, Some(180)),
            (200, 0, Some(180)),
            (100, 0, None),
        ] {
            assert_eq!(table.back(at(to), ms), start.map(at), "{to} - {ms}");
        }
    }

    #[test]
    fn openings_and_closings_are_found_within_the_horizon() {
        let table = table(&[(100, 180), (900, 1000)]);
        assert!(!table.is_open(at(99)) && table.is_open(at(100)) && !table.is_open(at(180)));
        assert_eq!(table.next_open(at(0)), Some(at(100)));
        assert_eq!(table.next_open(at(150)), Some(at(150)));
        assert_eq!(table.next_open(at(1000)), None);
        assert_eq!(table.next_close(at(0)), Some(at(180)));
        assert_eq!(table.next_close(at(180)), None, "the end of the horizon is no closing");
        assert_eq!(table.spans(at(170), at(901)).collect::<Vec<_>>(), [span(170, 180), span(900, 901)]);
        assert_eq!(table.spans(at(170), at(170)).count(), 0);
    }

    #[test]
    fn always_is_plain_time_and_never_has_none() {
        let always = OpenTable::always();
        assert_eq!(always.add(at(5), 7), Some(at(12)));
        assert_eq!(always.back(at(5), 7), Some(at(-2)));
        assert_eq!(always.between(at(5), at(50)), 45);
        assert_eq!(always.next_open(at(5)), Some(at(5)));
        assert_eq!(always.next_close(at(5)), None);
        let never = OpenTable::never();
        assert_eq!((never.add(at(5), 7), never.add(at(5), 0), never.next_open(at(5))), (None, None, None));
        assert_eq!(never.between(at(5), at(50)), 0);
    }

    #[test]
    fn tables_combine_where_all_know_the_answer() {
        let (a, b) = (table(&[(10, 20), (30, 60)]), table(&[(15, 35), (60, 70)]));
        assert_eq!(pairs(&OpenTable::union(&[&a, &b])), [(10, 70)]);
        assert_eq!(pairs(&OpenTable::intersection(&[&a, &b])), [(15, 20), (30, 35)]);
        assert_eq!(pairs(&a.without(&b)), [(10, 15), (35, 60)]);
        assert_eq!(
            pairs(&a.minus(&[span(50, 55), span(0, 12), span(52, 53), span(58, 5)])),
            [(12, 20), (30, 50), (55, 60)]
        );
        let later = OpenTable::from_spans(span(12, 2000), [span(12, 2000)]);
        assert_eq!(OpenTable::union(&[&a, &later]).horizon(), span(12, 1000));
        assert_eq!(pairs(&OpenTable::intersection(&[&a, &OpenTable::always()])), pairs(&a));
        assert_eq!(OpenTable::union(&[]), OpenTable::never());
        assert_eq!(OpenTable::intersection(&[]), OpenTable::always());
    }

    #[test]
    fn a_splice_keeps_what_has_passed() {
        let (old, new) =
            (table(&[(10, 20), (30, 60)]), OpenTable::from_spans(span(40, 2000), [span(50, 90)]));
        let spliced = old.splice(at(50), &new);
        assert_eq!(pairs(&spliced), [(10, 20), (30, 90)]);
        assert_eq!(spliced.between(at(0), at(50)), old.between(at(0), at(50)));
        assert_eq!(spliced.horizon(), span(0, 2000));
        assert_eq!(pairs(&old.splice(at(45), &OpenTable::never())), [(10, 20), (30, 45)]);
    }
}
