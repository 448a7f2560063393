//! Business time beside the crates that do the same: `cargo bench --bench business_time`.
//!
//! Times on a shared machine are noise, so everything that is compared runs in turns within one run, and what
//! counts are the ratios of the medians. Nothing fails here: the goals are printed beside the ratios.

#[path = "support/watch.rs"]
mod watch;

use std::hint::black_box;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, NaiveTime};
use chrono_tz::Tz;
use croner::Cron;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use usher::calendar::{Calendar, Closing, DAY_MS, HOUR_MS, Holidays, Instant, OpenTable, Schedule};

use watch::{begin, median};

const ROUNDS: usize = 31;
const QUESTIONS: usize = 2_000;
const ZONE: &str = "Europe/Berlin";
const HOLIDAYS: [(i16, i8, i8); 12] = [
    (2026, 1, 1),
    (2026, 4, 3),
    (2026, 4, 6),
    (2026, 5, 1),
    (2026, 5, 14),
    (2026, 5, 25),
    (2026, 12, 25),
    (2027, 1, 1),
    (2027, 3, 26),
    (2027, 3, 29),
    (2027, 5, 6),
    (2027, 5, 17),
];

/// One way to do a thing, and the nanoseconds that it took in each round, a question.
struct Contender<'a> {
    name: &'static str,
    run: Box<dyn FnMut(usize) -> i64 + 'a>,
    rounds_ns: Vec<f64>,
}

impl<'a> Contender<'a> {
    fn new(name: &'static str, run: impl FnMut(usize) -> i64 + 'a) -> Contender<'a> {
        Contender { name, run: Box::new(run), rounds_ns: Vec::new() }
    }

    fn round(&mut self) {
        let seconds = begin();
        for question in 0..QUESTIONS {
            black_box((self.run)(black_box(question)));
        }
        self.rounds_ns.push(seconds() * 1e9 / QUESTIONS as f64);
    }
}

/// Runs the contenders in turns and prints each median, and its ratio to the first.
fn compare(title: &str, goal: &str, mut contenders: Vec<Contender>) {
    for _ in 0..ROUNDS {
        contenders.iter_mut().for_each(Contender::round);
    }
    println!("\n{title} (goal: {goal})");
    let first_ns = median(&contenders[0].rounds_ns);
    for contender in &contenders {
        let median_ns = median(&contender.rounds_ns);
        println!("  {:<28} {median_ns:>10.1} ns   {:>7.2} x", contender.name, median_ns / first_ns);
    }
}

fn calendar() -> Calendar {
    let closing = |(year, month, day): &(i16, i8, i8)| {
        format!("{year}-{month:02}-{day:02}").parse::<Closing>().expect("the dates above exist")
    };
    let holidays: Holidays = HOLIDAYS.iter().map(closing).collect();
    Calendar {
        zone: ZONE.parse().expect("the zone above exists"),
        hours: Arc::new("mon-fri 09:00-12:30 13:30-17:30".parse().expect("hours as documented")),
        holidays: Arc::new(holidays),
        focus: None,
        away: Vec::new(),
    }
}

fn holidays() -> impl Iterator<Item = Date> {
    HOLIDAYS.into_iter().map(|(year, month, day)| Date::new(year, month, day).expect("the dates above exist"))
}

fn ule() -> ule_hours::Schedule {
    let builder = ule_hours::Schedule::builder(ZONE).expect("the zone above exists");
    let builder = builder.mon_fri("09:00-12:30, 13:30-17:30").expect("hours as documented");
    holidays().fold(builder, ule_hours::Builder::closed_on).build()
}

fn workclock() -> workclock::Schedule {
    let time = |hour, minute| Time::new(hour, minute, 0, 0).expect("a time of day");
    let days = workclock::Weekdays::MON_TO_FRI;
    workclock::Schedule::builder()
        .time_zone(ZONE)
        .rule(workclock::WorkDay::new(time(9, 0), time(12, 30), days))
        .rule(workclock::WorkDay::new(time(13, 30), time(17, 30), days))
        .rule(workclock::Holidays::new(holidays()))
        .build()
        .expect("rules as documented")
}

fn theirs(at: Instant) -> Timestamp {
    Timestamp::from_millisecond(at.ms()).expect("an instant of this century")
}

fn arithmetic(table: &OpenTable, questions: &[Instant]) {
    let (ule, workclock) = (ule(), workclock());
    let stamps: Vec<Timestamp> = questions.iter().copied().map(theirs).collect();
    let eight = SignedDuration::from_hours(8);
    let ours = |n: usize| table.add(questions[n], 8 * HOUR_MS).map_or(0, Instant::ms);
    let ule_add = |n: usize| ule.add(stamps[n], eight).map_or(0, Timestamp::as_millisecond);
    let workclock_add = |n: usize| workclock.add(stamps[n], eight).map_or(0, Timestamp::as_millisecond);
    let same = (0..QUESTIONS).all(|n| ours(n) == ule_add(n) && ours(n) == workclock_add(n) && ours(n) != 0);
    println!("all three agree on {QUESTIONS} questions: {same}");
    compare(
        "add 8 h",
        "ule-hours 4 x and more, workclock 15 x and more",
        vec![
            Contender::new("usher", ours),
            Contender::new("ule-hours", ule_add),
            Contender::new("workclock", workclock_add),
        ],
    );
    let between = |n: usize, days: i64| table.between(questions[n], questions[n].plus(days * DAY_MS));
    let year = SignedDuration::from_hours(365 * 24);
    compare(
        "between",
        "365 days 1.5 x one day and less",
        vec![
            Contender::new("usher, 1 day", |n| between(n, 1)),
            Contender::new("usher, 365 days", |n| between(n, 365)),
            Contender::new("ule-hours, 365 days", |n| ule.between(stamps[n], stamps[n] + year).as_secs()),
            Contender::new("workclock, 365 days", |n| {
                workclock.between(stamps[n], stamps[n] + year).as_secs()
            }),
        ],
    );
}

fn recurrence(questions: &[Instant]) {
    let zone: Tz = ZONE.parse().expect("the zone above exists");
    let zoned: Vec<DateTime<Tz>> = questions.iter().map(|at| at.utc().with_timezone(&zone)).collect();
    let cron = Cron::from_str("30 2 * * *").expect("a pattern of cron");
    let schedule = Schedule::daily(NaiveTime::from_hms_opt(2, 30, 0).expect("a time of day"));
    compare(
        "next daily 02:30",
        "croner 1 x and more",
        vec![
            Contender::new("usher", |n| schedule.next_after(zone, questions[n]).map_or(0, Instant::ms)),
            Contender::new("croner", |n| {
                cron.find_next_occurrence(&zoned[n], false).map_or(0, |at| at.timestamp_millis())
            }),
        ],
    );
}

fn main() {
    let from = Instant::parse("2026-01-01T00:00:00Z").expect("RFC 3339");
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let questions: Vec<Instant> =
        (0..QUESTIONS).map(|_| from.plus(rng.random_range(0..365 * DAY_MS))).collect();
    let calendar = calendar();
    let table = calendar.open(from, from.plus(2 * 365 * DAY_MS));
    arithmetic(&table, &questions);
    recurrence(&questions);
    let stretch = |days: i64| move |n: usize| (n as i64 % 7 * DAY_MS, days * DAY_MS);
    let build = |(later, length): (i64, i64)| {
        let table = calendar.open(from.plus(later), from.plus(later + length));
        table.between(from, from.plus(length))
    };
    compare(
        "making a person's table",
        "none; what the answers above rest on",
        vec![
            Contender::new("for 30 days", |n| build(stretch(30)(n))),
            Contender::new("for 365 days", |n| build(stretch(365)(n))),
        ],
    );
}
