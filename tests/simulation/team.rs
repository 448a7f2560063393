//! Makes a team in awkward zones and its runbook, and the later revisions of that.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, Weekday};
use chrono_tz::Tz;

use super::book::{
    After, Book, Channel, Dropped, HOUR, Level, MINUTE, Party, Person, Place, Promise, Rotation, Step, Voice,
    Week, Who,
};
use super::chance::Chance;

/// Days on which some wall clock is changed, with a zone in which it is.
const CHANGES: [(i32, u32, u32, Tz); 12] = [
    (2026, 3, 29, chrono_tz::Europe::Berlin),
    (2026, 10, 25, chrono_tz::Europe::Kyiv),
    (2026, 3, 8, chrono_tz::America::New_York),
    (2026, 11, 1, chrono_tz::America::New_York),
    (2026, 4, 5, chrono_tz::Australia::Lord_Howe),
    (2026, 10, 4, chrono_tz::Australia::Lord_Howe),
    (2026, 2, 15, chrono_tz::Africa::Casablanca),
    (2026, 3, 22, chrono_tz::Africa::Casablanca),
    (2026, 4, 24, chrono_tz::Africa::Cairo),
    (2026, 9, 6, chrono_tz::America::Santiago),
    (2026, 9, 27, chrono_tz::Pacific::Chatham),
    (2026, 3, 29, chrono_tz::Asia::Beirut),
];

/// Where people may be.
pub const ZONES: [Tz; 14] = [
    chrono_tz::America::New_York,
    chrono_tz::Europe::Berlin,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Africa::Casablanca,
    chrono_tz::Pacific::Apia,
    chrono_tz::Asia::Kathmandu,
    chrono_tz::Europe::Kyiv,
    chrono_tz::Pacific::Chatham,
    chrono_tz::Pacific::Kiritimati,
    chrono_tz::Pacific::Niue,
    chrono_tz::America::Santiago,
    chrono_tz::Africa::Cairo,
    chrono_tz::America::Havana,
    chrono_tz::UTC,
];

const PLACES: [&str; 4] = ["harbour", "mountain", "river", "desert"];
const PEOPLE: [&str; 12] =
    ["ana", "ben", "chidi", "dana", "emeka", "farah", "goran", "hana", "ines", "jun", "kim", "lena"];

/// A team, its first runbook, and the day on which a clock changes.
pub fn team(seed: u64, chance: &mut Chance) -> (Book, NaiveDate) {
    let (year, month, day, zone) = *chance.pick(&CHANGES);
    let change = NaiveDate::from_ymd_opt(year, month, day).expect("a date of the table");
    let count = chance.between(3, 12) as usize;
    let places = places(chance, zone, change);
    let mut people: Vec<Person> =
        (0..count).map(|who| person(chance, PEOPLE[who], who % places.len())).collect();
    // The first third has deputies of the last third, so no deputy has a deputy and none of them asks for leave.
    for (who, person) in people.iter_mut().enumerate().take(count / 3) {
        person.deputy = chance.percent(60).then_some(count - 1 - who);
    }
    // Where one of the others is, the chat alone knows.
    let mut own = Chance::new(seed, 7);
    let roams = own.percent(40).then(|| count / 3 + own.index(count - count / 3));
    people.iter_mut().enumerate().for_each(|(who, person)| person.roams = roams == Some(who));
    let groups = groups(chance, count);
    let rotations = rotations(chance, count, change, zone);
    let mut book = Book {
        zone,
        places,
        people,
        groups,
        rotations,
        levels: Vec::new(),
        channels: Vec::new(),
        admins: vec![0],
        per_person: chance.between(1, 4) as usize,
        per_thread: chance.between(1, 4) as usize,
        digest: chance
            .pick(&[vec![9 * 60, 13 * 60, 17 * 60], vec![10 * 60], vec![8 * 60 + 30, 16 * 60]])
            .clone(),
        dropped: BTreeSet::new(),
        slack: chance.percent(50),
    };
    book.levels = levels(chance);
    book.channels = channels(chance);
    (book, change)
}

fn places(chance: &mut Chance, zone: Tz, change: NaiveDate) -> Vec<Place> {
    let count = chance.between(1, 4) as usize;
    (0..count)
        .map(|place| {
            let zone = if place == 0 { zone } else { *chance.pick(&ZONES) };
            let mut holidays = Vec::new();
            for _ in 0..chance.between(0, 2) {
                let date = change + Days::new(chance.between(0, 12) as u64) - Days::new(4);
                let from = if chance.percent(40) { 13 * 60 } else { 0 };
                if holidays.iter().all(|(other, _)| *other != date) {
                    holidays.push((date, from));
                }
            }
            holidays.sort_unstable();
            Place { name: PLACES[place], zone, holidays }
        })
        .collect()
}

/// One of the ways in which people work.
pub fn hours(chance: &mut Chance) -> Week {
    let (nine, five) = (9 * 60, 17 * 60);
    match chance.between(0, 9) {
        0 | 1 => Week::on(0..5, &[(nine, five)]),
        2 | 3 => Week::on(0..5, &[(nine, 750), (810, 1050)]),
        4 => Week::on(0..4, &[(600, 1140)]),
        5 => Week::on(0..5, &[(22 * 60, 30 * 60)]),
        6 => Week::on([0, 2, 4], &[(480, 720)]),
        7 => Week::on([0, 1, 2, 3, 6], &[(480, 960)]),
        8 => Week::on(0..7, &[(60, 180), (420, 540)]),
        _ => Week::on(0..5, &[(0, 240), (1200, 1440)]),
    }
}

fn person(chance: &mut Chance, name: &'static str, place: usize) -> Person {
    let focus = chance.percent(30).then(|| Week::on([1, 3], &[(14 * 60, 16 * 60)]));
    Person { name, place, hours: hours(chance), focus, deputy: None, roams: false }
}

fn groups(chance: &mut Chance, count: usize) -> Vec<(&'static str, Vec<Who>)> {
    let mut members: Vec<Who> = (1..count).collect();
    chance.shuffle(&mut members);
    members.truncate(chance.between(2, 4) as usize);
    vec![("platform", members), ("leads", vec![count - 1])]
}

fn rotations(chance: &mut Chance, count: usize, change: NaiveDate, zone: Tz) -> Vec<Rotation> {
    let mut members: Vec<Who> = (1..count).collect();
    chance.shuffle(&mut members);
    members.truncate(chance.between(1, 3) as usize);
    let weekday = *chance.pick(&[Weekday::Mon, Weekday::Wed, Weekday::Sun]);
    let mut from = change - Days::new(42);
    while chrono::Datelike::weekday(&from) != weekday {
        from = from - Days::new(1);
    }
    let zone = if chance.percent(50) { zone } else { chrono_tz::UTC };
    let handoff = *chance.pick(&[9 * 60, 8 * 60 + 30, 17 * 60]);
    vec![Rotation { name: "on-duty", members, weeks: chance.between(1, 2), weekday, handoff, zone, from }]
}

/// The level of each name stands at the same index in all books.
pub const EMERGENCY: usize = 0;
pub const BLOCKING: usize = 1;
pub const NORMAL: usize = 2;
pub const FYI: usize = 3;
pub const PLAIN: usize = 4;

fn levels(chance: &mut Chance) -> Vec<Level> {
    let step = |after, tell: &[Party], by| Step { after, tell: tell.to_vec(), by };
    let (duty, leads) = (Party::Rotation(0), Party::Group(1));
    let none = Level {
        name: "fyi",
        mark: Some("FYI:"),
        promise: None,
        always: false,
        interrupts: false,
        raised_by: None,
        met_by_acknowledge: false,
        ladder: Vec::new(),
    };
    let by = if chance.percent(60) { "thread" } else { "direct message" };
    let emergency = Level {
        name: "emergency",
        mark: Some("!emergency"),
        promise: Some(Promise::Ms(chance.between(10, 40) * MINUTE)),
        always: true,
        interrupts: true,
        raised_by: chance.percent(40).then_some(Party::Group(0)),
        ladder: vec![step(After::Ms(0), &[duty], "pager"), step(After::Ms(10 * MINUTE), &[leads], "pager")],
        ..none.clone()
    };
    let blocking = Level {
        name: "blocking",
        mark: Some("!blocking"),
        promise: Some(Promise::Ms(chance.between(60, 300) * MINUTE)),
        met_by_acknowledge: chance.percent(15),
        ladder: vec![
            step(After::Percent(chance.between(40, 90)), &[Party::Responders], by),
            step(After::Percent(100), &[leads], "direct message"),
            step(After::Late(2 * HOUR), &[Party::Group(0)], by),
        ],
        ..none.clone()
    };
    let workdays = Promise::Workdays(chance.between(1, 2) as usize);
    let normal = Level {
        name: "normal",
        mark: None,
        promise: Some(if chance.percent(60) { workdays } else { Promise::Ms(8 * HOUR) }),
        ladder: vec![step(After::Percent(chance.between(50, 100)), &[Party::Responders], by)],
        ..none.clone()
    };
    let plain = Level {
        name: "plain",
        mark: Some("!plain"),
        promise: Some(Promise::Ms(chance.between(120, 1_500) * MINUTE)),
        always: true,
        ladder: vec![step(After::Percent(100), &[Party::Responders], "direct message")],
        ..none.clone()
    };
    vec![emergency, blocking, normal, none, plain]
}

fn channels(chance: &mut Chance) -> Vec<Channel> {
    let responders = if chance.percent(50) { Party::Rotation(0) } else { Party::Group(0) };
    let base = Channel {
        name: "platform",
        listed: true,
        voice: Voice::Speak,
        level: Some(NORMAL),
        responders: Vec::new(),
        only_responders: false,
    };
    let level = *chance.pick(&[BLOCKING, BLOCKING, NORMAL, PLAIN]);
    let quiet = if chance.percent(50) { Voice::Private } else { Voice::Watch };
    vec![
        Channel {
            name: "support",
            level: Some(level),
            responders: vec![responders],
            only_responders: chance.percent(35),
            ..base.clone()
        },
        Channel { name: "general", level: Some(FYI), ..base.clone() },
        Channel { name: "quiet", voice: quiet, level: Some(BLOCKING), ..base.clone() },
        Channel { name: "lounge", listed: false, voice: Voice::Watch, level: None, ..base.clone() },
        base,
    ]
}

/// The next revision: one thing of the book is other.
pub fn revise(chance: &mut Chance, book: &Book, change: NaiveDate) -> Book {
    let mut next = book.clone();
    match chance.between(0, 4) {
        0 => {
            let who = chance.index(next.people.len());
            next.people[who].hours = hours(chance);
        }
        1 => {
            let place = chance.index(next.places.len());
            let date = change + Days::new(chance.between(0, 10) as u64);
            if next.places[place].holidays.iter().all(|(other, _)| *other != date) {
                next.places[place].holidays.push((date, 0));
                next.places[place].holidays.sort_unstable();
            }
        }
        2 => next.levels[BLOCKING].promise = Some(Promise::Ms(chance.between(30, 200) * MINUTE)),
        // The rule that most channels stand on loses its ladder and its mark: what is open keeps them.
        3 => {
            next.levels[BLOCKING].ladder.clear();
            next.levels[PLAIN].mark = None;
        }
        _ => next.per_person = chance.between(1, 4) as usize,
    }
    next
}

/// The same, but one rule of the book is dropped.
pub fn drop_one(chance: &mut Chance, next: &mut Book) {
    match chance.between(0, 4) {
        0 | 1 => {
            let channel = *chance.pick(&[0, 2, 4]);
            next.channels[channel] = Channel {
                listed: false,
                voice: Voice::Watch,
                level: None,
                responders: Vec::new(),
                only_responders: false,
                ..next.channels[channel].clone()
            };
        }
        2 => drop_party(next, Party::Group(0)),
        3 => drop_party(next, Party::Rotation(0)),
        _ => {
            next.dropped.insert(Dropped::Level(PLAIN));
            next.levels[PLAIN].mark = None;
            let plain = next.channels.iter_mut().filter(|channel| channel.level == Some(PLAIN));
            plain.for_each(|channel| channel.level = Some(NORMAL));
        }
    }
}

/// The leads stand in wherever the party was named.
fn drop_party(next: &mut Book, party: Party) {
    next.dropped.insert(Dropped::Party(party));
    let instead = |named: &mut Party| {
        if *named == party {
            *named = Party::Group(1);
        }
    };
    for level in &mut next.levels {
        level.raised_by = level.raised_by.filter(|raises| *raises != party);
        level.ladder.iter_mut().flat_map(|step| &mut step.tell).for_each(instead);
    }
    next.channels.iter_mut().flat_map(|channel| &mut channel.responders).for_each(instead);
}
