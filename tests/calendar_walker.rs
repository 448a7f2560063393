//! The calendar against a walker that looks at every minute.
//!
//! The walker shares nothing with the crate but the texts: it asks chrono what each minute's wall clock shows,
//! and applies the rules of office hours word by word.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use usher::calendar::{Calendar, Closing, Holidays, Instant, Span, WeeklyHours};

const MINUTE_MS: i64 = 60_000;
const DAY_MIN: usize = 1440;
/// How many days are walked, the awkward date a good third into them.
const DAYS: usize = 26;
const DAYS_BEFORE: u64 = 9;

/// Zones with a date near which their clocks do something awkward.
const PLACES: [(&str, &str); 32] = [
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/Kyiv", "2026-03-29"),
    ("Europe/Dublin", "2026-10-25"),
    // Half an hour.
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    // Ramadan.
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    // Dates that do not exist.
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Kiritimati", "1994-12-31"),
    ("Pacific/Kwajalein", "1993-08-21"),
    // Odd quarters.
    ("Asia/Kathmandu", "2026-06-01"),
    ("Asia/Kathmandu", "1986-01-01"),
    ("Pacific/Chatham", "2026-04-05"),
    ("Pacific/Chatham", "2026-09-27"),
    ("Pacific/Niue", "2026-06-01"),
    // At midnight, forward or back.
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-29"),
    ("America/Santiago", "2026-04-04"),
    ("America/Santiago", "2026-09-06"),
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"),
    ("Asia/Beirut", "2026-03-29"),
    ("Asia/Beirut", "2026-10-24"),
    ("America/Asuncion", "2023-10-01"),
    ("America/Asuncion", "2024-03-23"),
    // The last hour of the day is skipped.
    ("America/Nuuk", "2026-03-28"),
    // One minute past midnight.
    ("America/St_Johns", "2006-10-29"),
    ("America/St_Johns", "2006-04-02"),
    // Two hours.
    ("Antarctica/Troll", "2026-03-29"),
];

/// What the wall clock of a place shows at each minute.
struct Wall {
    zone: Tz,
    start: DateTime<Utc>,
    first_date: NaiveDate,
    shown: Vec<NaiveDateTime>,
}

static WALLS: LazyLock<Vec<Wall>> = LazyLock::new(|| {
    let wall = |(zone, date): &(&str, &str)| {
        let zone: Tz = zone.parse().unwrap();
        let first_date = date.parse::<NaiveDate>().unwrap() - Days::new(DAYS_BEFORE);
        let start = first_date.and_hms_opt(0, 0, 0).unwrap().and_utc();
        let minutes = (0..DAYS * DAY_MIN).map(|minute| start + TimeDelta::minutes(minute as i64));
        let shown = minutes.map(|at| at.with_timezone(&zone).naive_local()).collect();
        Wall { zone, start, first_date, shown }
    };
    PLACES.iter().map(wall).collect()
});

/// Weekly spans as (day from Monday, first minute, length), closed minutes by day of the walk, leave in minutes.
#[derive(Clone, Debug)]
struct Case {
    place: usize,
    spans: Vec<(usize, usize, usize)>,
    closed: Vec<(u64, usize, usize)>,
    away: Vec<(usize, usize)>,
}

impl Case {
    fn wall(&self) -> &'static Wall {
        &WALLS[self.place]
    }

    fn at(&self, minute: usize) -> Instant {
        Instant::from_ms(self.wall().start.timestamp_millis() + minute as i64 * MINUTE_MS)
    }

    fn hours_text(&self) -> String {
        let clock = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let span = |&(day, from, length): &(usize, usize, usize)| {
            let to = if from + length == DAY_MIN { DAY_MIN } else { (from + length) % DAY_MIN };
            format!("{} {}-{}", days[day], clock(from), clock(to))
        };
        if self.spans.is_empty() {
            "never".to_owned()
        } else {
            self.spans.iter().map(span).collect::<Vec<_>>().join("; ")
        }
    }

    fn calendar(&self) -> Calendar {
        let clock = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
        let closing = |&(day, from, to): &(u64, usize, usize)| {
            let date = self.wall().first_date + Days::new(day);
            format!("{date} from {} until {}", clock(from), clock(to)).parse::<Closing>().unwrap()
        };
        let hours: WeeklyHours = self.hours_text().parse().unwrap();
        let holidays: Holidays = self.closed.iter().map(closing).collect();
        let away =
            |&(from, length): &(usize, usize)| Span { from: self.at(from), to: self.at(from + length) };
        Calendar {
            zone: self.wall().zone,
            hours: Arc::new(hours),
            holidays: Arc::new(holidays),
            focus: None,
            away: self.away.iter().map(away).collect(),
        }
    }

    /// For each minute of the walk: whether it is open, and then whether the span began on the date before.
    fn walk(&self) -> Vec<Option<bool>> {
        let weekday = |date: NaiveDate| date.weekday().num_days_from_monday() as usize;
        let open = |(minute, shown): (usize, &NaiveDateTime)| {
            let (today, clock) = (weekday(shown.date()), (shown.hour() * 60 + shown.minute()) as usize);
            let closed = self.closed.iter().any(|&(day, from, to)| {
                self.wall().first_date + Days::new(day) == shown.date() && from <= clock && clock < to
            });
            let away = self.away.iter().any(|&(from, length)| from <= minute && minute < from + length);
            let by_today = self
                .spans
                .iter()
                .any(|&(day, from, length)| day == today && from <= clock && clock < from + length);
            let by_yesterday = self
                .spans
                .iter()
                .any(|&(day, from, length)| (day + 1) % 7 == today && clock + DAY_MIN < from + length);
            (!closed && !away && (by_today || by_yesterday)).then_some(by_yesterday)
        };
        self.wall().shown.iter().enumerate().map(open).collect()
    }
}

/// The walker's answer to one working day more, and so on; nothing where the walk is too short to tell.
fn walk_workdays(case: &Case, open: &[Option<bool>], asked: usize, count: usize) -> Option<usize> {
    let shown = &case.wall().shown;
    let next_open = |from: usize| (from..open.len()).find(|minute| open[*minute].is_some());
    let start = next_open(asked)?;
    if count == 0 {
        return Some(start);
    }
    let night = Days::new(u64::from(open[start]?));
    let day = shown[start].date() - night;
    let is_working = |date: NaiveDate| {
        (0..open.len()).any(|minute| shown[minute].date() == date && open[minute] == Some(false))
    };
    let last = shown.last()?.date() - Days::new(2);
    let working_day = day
        .iter_days()
        .skip(1)
        .take_while(|date| *date <= last)
        .filter(|date| is_working(*date))
        .nth(count - 1)?;
    let wanted = (working_day + night).and_time(shown[start].time());
    // The first minute that shows it; in a gap the one before which the clock jumped over it.
    let exact = shown.iter().position(|shown| *shown == wanted);
    let after_gap = || (1..shown.len()).find(|minute| shown[minute - 1] < wanted && wanted < shown[*minute]);
    next_open(exact.or_else(after_gap)?)
}

fn case() -> impl Strategy<Value = Case> {
    let span = (0..7usize, 0..DAY_MIN, prop_oneof![1..600usize, 1..=DAY_MIN]);
    let closed = (0..DAYS as u64, prop_oneof![Just((0, DAY_MIN)), (0..720usize, 721..=DAY_MIN)])
        .prop_map(|(day, (from, to))| (day, from, to));
    let away = (0..DAYS * DAY_MIN, 1..4000usize);
    (
        0..PLACES.len(),
        prop::collection::vec(span, 0..12),
        prop::collection::vec(closed, 0..4),
        prop::collection::vec(away, 0..3),
    )
        .prop_map(|(place, spans, closed, away)| Case { place, spans: apart(spans), closed, away })
}

/// Drops spans that overlap one before them, over midnight and over the week's end too.
fn apart(spans: Vec<(usize, usize, usize)>) -> Vec<(usize, usize, usize)> {
    let mut taken = vec![false; 7 * DAY_MIN];
    let mut kept = Vec::new();
    for (day, from, length) in spans {
        let minutes: Vec<usize> =
            (0..length).map(|minute| (day * DAY_MIN + from + minute) % taken.len()).collect();
        // 24 hours can be written from midnight only.
        let writable = length < DAY_MIN || from == 0;
        if writable && minutes.iter().all(|minute| !taken[*minute]) {
            minutes.iter().for_each(|minute| taken[*minute] = true);
            kept.push((day, from, length));
        }
    }
    kept
}

fn cases() -> u32 {
    std::env::var("USHER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(150)
}

/// Found by the property: on the 28th the clock of St John's goes back at 00:01, and shows 23:01 to 24:00 again.
#[test]
fn a_date_is_worked_whose_last_hour_alone_comes_twice() {
    let case = Case {
        place: PLACES.iter().position(|place| *place == ("America/St_Johns", "2006-10-29")).unwrap(),
        spans: vec![(5, 1233, 149), (0, 0, 1)],
        closed: Vec::new(),
        away: vec![(10_648, 2_404)],
    };
    let expected = walk_workdays(&case, &case.walk(), 2_824, 2).map(|minute| case.at(minute));
    assert_eq!(case.calendar().add_workdays(case.at(2_824), 2), expected);
    assert_eq!(expected.unwrap().to_string(), "2006-10-29T02:31:00Z");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn open_between_and_add_agree_with_the_walker(
        case in case(),
        questions in prop::collection::vec((0..DAYS * DAY_MIN, 0..DAYS * DAY_MIN, 0..MINUTE_MS, 1..3000i64), 20),
    ) {
        let open = case.walk();
        let table = case.calendar().open(case.at(0), case.at(open.len()));
        for (minute, open) in open.iter().enumerate() {
            prop_assert_eq!(table.is_open(case.at(minute)), open.is_some(), "at {}", case.at(minute));
            prop_assert_eq!(table.is_open(case.at(minute + 1).plus(-1)), open.is_some());
        }
        let sum = |from: usize, to: usize| open[from..to].iter().flatten().count() as i64 * MINUTE_MS;
        for (a, b, ms, minutes) in questions {
            let (from, to) = (a.min(b), a.max(b));
            prop_assert_eq!(table.between(case.at(from), case.at(to)), sum(from, to));
            // A part of a minute counts only while that minute is open.
            let part = |minute: usize| if open[minute].is_some() { ms } else { 0 };
            prop_assert_eq!(
                table.between(case.at(from).plus(ms), case.at(to).plus(ms)),
                sum(from, to) - part(from) + part(to)
            );
            let mut left = minutes;
            let due = (from..open.len()).find(|minute| {
                left -= i64::from(open[*minute].is_some());
                left == 0
            });
            prop_assert_eq!(table.add(case.at(from), minutes * MINUTE_MS), due.map(|minute| case.at(minute + 1)));
            let opening = (from..open.len()).find(|minute| open[*minute].is_some());
            prop_assert_eq!(table.next_open(case.at(from)), opening.map(|minute| case.at(minute)));
        }
    }

    #[test]
    fn working_days_agree_with_the_walker(
        case in case(),
        questions in prop::collection::vec((0..18 * DAY_MIN, 0..4usize), 8),
    ) {
        let open = case.walk();
        let calendar = case.calendar();
        for (asked, count) in questions {
            if let Some(due) = walk_workdays(&case, &open, asked, count) {
                prop_assert_eq!(
                    calendar.add_workdays(case.at(asked), count as u32),
                    Some(case.at(due)),
                    "{} working days from {} by {}", count, case.at(asked), case.hours_text()
                );
            }
        }
    }
}
