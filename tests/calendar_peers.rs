//! The same answers as the crates `ule-hours` and `workclock`, where their conventions are ours.
//!
//! Where they are not, the cases are drawn so that it cannot show:
//! - Both move a time in a gap forward by the gap's length, and read one in a fold as the first of the two. Here
//!   the wall clock decides at each instant: a span that ends at 02:30 ends at the gap, and what the clock shows
//!   twice is open twice. So in zones that change their clocks no span starts or ends between 22:45 and 04:15.
//! - To `ule-hours` a holiday closes the windows that open on it, and leaves open the night that runs into it.
//!   Here, and to `workclock`, it closes the date on the wall. So `ule-hours` is not asked about nights and holidays.
//! - `workclock` has no half days, and adds a duration of zero to a closed instant without moving it.
//! - To both, time runs backwards from a later to an earlier instant; here it is 0 between them.
//! - Dates that a zone skips (Apia) are left out: both move their windows to the date after.
//!
//! 30,000 cases by default; `USHER_CASES=1000000` asks a million.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fmt::Write;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use usher::calendar::{Calendar, Closing, Holidays, Instant, OpenTable};

const DAY_MS: i64 = 86_400_000;
const QUESTIONS_A_WEEK: u32 = 500;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
/// Zones, and whether their clocks change.
const ZONES: [(&str, bool); 14] = [
    ("UTC", false),
    ("Asia/Kathmandu", false),
    ("Asia/Tokyo", false),
    ("Pacific/Niue", false),
    ("Pacific/Kiritimati", false),
    ("Europe/Berlin", true),
    ("America/New_York", true),
    ("Australia/Lord_Howe", true),
    ("Africa/Casablanca", true),
    ("Pacific/Chatham", true),
    ("America/Sao_Paulo", true),
    ("America/Havana", true),
    ("Asia/Beirut", true),
    ("Europe/Dublin", true),
];

/// What makes a week's cases special.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flavour {
    /// Spans within days, and holidays.
    Holidays,
    /// Spans over midnight.
    Nights,
    /// Spans over midnight and holidays: only `workclock` agrees.
    NightsAndHolidays,
    /// Dates that close early: only `ule-hours` has them.
    HalfDays,
}

/// Minutes of each weekday, from and to, the last of a day perhaps over midnight.
type Week = [Vec<(u16, u16)>; 7];

struct Peers {
    about: String,
    ours: OpenTable,
    ule: Option<ule_hours::Schedule>,
    workclock: Option<workclock::Schedule>,
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2014, 1, 1).unwrap()
}

/// Thirteen years from the first day: a year more on both sides than is asked about.
const TABLE_DAYS: i64 = 13 * 365;

fn clock(minute: u16) -> String {
    let minute = if minute > 1440 { minute - 1440 } else { minute };
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn windows(spans: &[(u16, u16)]) -> String {
    spans.iter().map(|(from, to)| format!("{}-{}", clock(*from), clock(*to))).collect::<Vec<_>>().join(", ")
}

fn random_week(rng: &mut ChaCha8Rng, clocks_change: bool, nights: bool) -> Week {
    let (earliest, latest) = if clocks_change { (255, 1365) } else { (0, 1440) };
    let mut week = Week::default();
    // At least ten hours a week, so that no answer lies years away.
    while week.iter().flatten().map(|(from, to)| to - from).sum::<u16>() < 600 {
        for spans in &mut week {
            let mut cuts: Vec<u16> =
                (0..2 * rng.random_range(0..=3)).map(|_| rng.random_range(earliest..=latest)).collect();
            cuts.sort();
            cuts.dedup();
            *spans =
                cuts.chunks_exact(2).map(|cut| (cut[0], cut[1])).filter(|(from, _)| *from < 1440).collect();
        }
    }
    for day in (0..7).filter(|_| nights) {
        // `ule-hours` holds a night against the windows of its own day as well.
        let first_of = |day: usize| week[day % 7].first().map_or(1000, |span| span.0);
        let morning = first_of(day).min(first_of(day + 1));
        let Some(last) = week[day].last_mut().filter(|_| morning > earliest.max(1)) else { continue };
        let to = rng.random_range(earliest.max(1)..=morning);
        if to < last.0 && rng.random_bool(0.7) {
            last.1 = to + 1440;
        }
    }
    week
}

fn draw(rng: &mut ChaCha8Rng, flavour: Flavour) -> Peers {
    let (zone, clocks_change) = ZONES[rng.random_range(0..ZONES.len())];
    let nights = matches!(flavour, Flavour::Nights | Flavour::NightsAndHolidays);
    let week = random_week(rng, clocks_change, nights);
    let count = if flavour == Flavour::Nights { 0 } else { 120 };
    let dates: Vec<NaiveDate> = (0..count)
        .map(|_| first_day() + Days::new(rng.random_range(0..TABLE_DAYS.cast_unsigned())))
        .collect();
    let noon = rng.random_range(600..=900);
    let half_day = flavour == Flavour::HalfDays;
    Peers {
        about: format!("{flavour:?} in {zone}: {week:?}"),
        ours: our_table(zone, &week, &dates, half_day.then_some(noon)),
        ule: (flavour != Flavour::NightsAndHolidays)
            .then(|| ule_schedule(zone, &week, &dates, half_day.then_some(noon))),
        workclock: (!half_day).then(|| workclock_schedule(zone, &week, &dates)),
    }
}

fn our_table(zone: &str, week: &Week, dates: &[NaiveDate], closed_from: Option<u16>) -> OpenTable {
    let mut hours = String::new();
    for (day, spans) in DAYS.iter().zip(week).filter(|(_, spans)| !spans.is_empty()) {
        write!(hours, "{day} {}; ", windows(spans)).unwrap();
    }
    let closing = |date: &NaiveDate| match closed_from {
        Some(minute) => format!("{date} from {}", clock(minute)),
        None => date.to_string(),
    };
    let holidays: Holidays = dates.iter().map(|date| closing(date).parse::<Closing>().unwrap()).collect();
    let calendar = Calendar {
        zone: zone.parse().unwrap(),
        hours: Arc::new(hours.parse().unwrap()),
        holidays: Arc::new(holidays),
        focus: None,
        away: Vec::new(),
    };
    let from = Instant::from(first_day().and_hms_opt(0, 0, 0).unwrap().and_utc());
    calendar.open(from, from.plus(TABLE_DAYS * DAY_MS))
}

fn jiff_date(date: NaiveDate) -> Date {
    Date::new(date.year() as i16, date.month() as i8, date.day() as i8).unwrap()
}

fn ule_schedule(
    zone: &str,
    week: &Week,
    dates: &[NaiveDate],
    closed_from: Option<u16>,
) -> ule_hours::Schedule {
    let mut builder = ule_hours::Schedule::builder(zone).unwrap();
    for (weekday, spans) in WEEKDAYS.iter().zip(week).filter(|(_, spans)| !spans.is_empty()) {
        builder = builder.open([*weekday], &windows(spans)).unwrap();
    }
    for date in dates {
        let Some(noon) = closed_from else {
            builder = builder.closed_on(jiff_date(*date));
            continue;
        };
        let spans = &week[date.weekday().num_days_from_monday() as usize];
        let morning: Vec<(u16, u16)> =
            spans.iter().map(|(from, to)| (*from, *to.min(&noon))).filter(|(from, to)| from < to).collect();
        builder = match morning.is_empty() {
            true => builder.closed_on(jiff_date(*date)),
            false => builder.special(jiff_date(*date), &windows(&morning)).unwrap(),
        };
    }
    builder.build()
}

fn workclock_schedule(zone: &str, week: &Week, dates: &[NaiveDate]) -> workclock::Schedule {
    let time = |minute: u16| Time::new((minute % 1440 / 60) as i8, (minute % 60) as i8, 0, 0).unwrap();
    let mut builder = workclock::Schedule::builder().time_zone(zone);
    for (weekday, spans) in WEEKDAYS.iter().zip(week) {
        for (from, to) in spans {
            let days = [*weekday].into_iter().collect();
            builder = builder.rule(workclock::WorkDay::new(time(*from), time(*to), days));
        }
    }
    builder.rule(workclock::Holidays::new(dates.iter().copied().map(jiff_date))).build().unwrap()
}

fn theirs(at: Instant) -> Timestamp {
    Timestamp::from_millisecond(at.ms()).unwrap()
}

fn ours(at: Timestamp) -> Instant {
    Instant::from_ms(at.as_millisecond())
}

/// One question each of adding, going back, time between, being open and the next opening.
fn ask(rng: &mut ChaCha8Rng, peers: &Peers) {
    // Ten years from 2015 on, and up to 80 hours, short ones as often as long ones.
    let from = Instant::from_ms(1_420_000_000_000 + rng.random_range(0..3_650 * DAY_MS));
    let longest_ms = 1_i64 << rng.random_range(1..=28);
    let ms = rng.random_range(1..=longest_ms);
    let to = from.plus(rng.random_range(0..60 * DAY_MS));
    let (length, about) = (SignedDuration::from_millis(ms), &peers.about);
    let table = &peers.ours;
    if let Some(ule) = &peers.ule {
        let due = ours(ule.add(theirs(from), length).unwrap());
        assert_eq!(table.add(from, ms), Some(due), "{from} + {ms} ms, {about}");
        let between = ule.between(theirs(from), theirs(to)).as_millis();
        assert_eq!(i128::from(table.between(from, to)), between, "{from} to {to}, {about}");
        assert_eq!(table.is_open(from), ule.is_open(theirs(from)), "{from}, {about}");
        let opening = ours(ule.next_open(theirs(from)).unwrap());
        assert_eq!(table.next_open(from), Some(opening), "{from}, {about}");
        assert_eq!(table.add(from, 0), Some(opening), "{from} + 0, {about}");
    }
    if let Some(workclock) = &peers.workclock {
        let due = ours(workclock.add(theirs(from), length).unwrap());
        assert_eq!(table.add(from, ms), Some(due), "{from} + {ms} ms, {about}");
        let between = workclock.between(theirs(from), theirs(to)).as_millis();
        assert_eq!(i128::from(table.between(from, to)), between, "{from} to {to}, {about}");
        let start = ours(workclock.sub(theirs(to), length).unwrap());
        assert_eq!(table.back(to, ms), Some(start), "{to} - {ms} ms, {about}");
    }
}

#[test]
fn peers_give_the_same_answers() {
    let cases: u32 = std::env::var("USHER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(30_000);
    let flavours = [Flavour::Holidays, Flavour::Nights, Flavour::NightsAndHolidays, Flavour::HalfDays];
    let mut rng = ChaCha8Rng::seed_from_u64(0x05_4E_12);
    for week in 0..cases.div_ceil(QUESTIONS_A_WEEK) {
        let peers = draw(&mut rng, flavours[week as usize % flavours.len()]);
        for _ in 0..QUESTIONS_A_WEEK {
            ask(&mut rng, &peers);
        }
    }
}
