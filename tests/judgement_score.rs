//! How well the judgement agrees with the labels in `tests/data/judgement`, as `docs/judgement.md` tells
//! it. It needs the export that the labels point into, unpacked:
//!
//! `USHER_EXPORT=/path/to/export cargo test --test judgement_score -- --ignored --nocapture`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use usher::calendar::Instant;
use usher::core::judge::{Temper, TurnSummary, Welcome, judge};

#[derive(Deserialize)]
struct User {
    id: String,
    name: String,
}

/// The bots of that channel, which the export does not mark.
const BOTS: [&str; 8] =
    ["ubottu", "ubotu", "ubot3", "ubot5", "FloodBot1", "FloodBot2", "FloodBot3", "FloodBot4"];

#[derive(Deserialize)]
struct Message {
    user: String,
    text: String,
    ts: String,
    thread_ts: Option<String>,
}

impl Message {
    fn at(&self) -> Instant {
        let seconds: f64 = self.ts.parse().expect("a timestamp in seconds");
        Instant::from_ms((seconds * 1_000.0) as i64)
    }

    /// The text as the adapter hands it over: mentions by `@`, links and entities as they were typed.
    fn plain(&self) -> String {
        let mut plain = String::new();
        for (piece, inside) in pieces(&self.text) {
            match inside.as_bytes().first() {
                Some(b'@') => plain.push_str("@person"),
                Some(_) => plain.push_str(inside.split('|').next().unwrap_or(inside)),
                None => plain.push_str(piece),
            }
        }
        plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }
}

/// Text in turn with what stands in `<…>` brackets.
fn pieces(text: &str) -> Vec<(&str, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start..].find('>') else { break };
        pieces.push((&rest[..start], ""));
        pieces.push(("", &rest[start + 1..start + length]));
        rest = &rest[start + length + 1..];
    }
    pieces.push((rest, ""));
    pieces
}

/// The export, day by day as it is asked for.
struct Export {
    folder: PathBuf,
    days: BTreeMap<String, Vec<Message>>,
}

impl Export {
    fn day(&mut self, name: &str) -> &[Message] {
        self.days.entry(name.to_owned()).or_insert_with(|| {
            let text = fs::read_to_string(self.folder.join(name)).expect("a day of the unpacked export");
            let mut messages: Vec<Message> = serde_json::from_str(&text).expect("an array of messages");
            messages.sort_by_key(Message::at);
            messages
        })
    }
}

/// Counts of agreement, and the usual figures from them.
#[derive(Default)]
struct Score {
    found: u32,
    wrong: u32,
    missed: u32,
    rest: u32,
}

impl Score {
    fn add(&mut self, labelled: bool, judged: bool) {
        match (labelled, judged) {
            (true, true) => self.found += 1,
            (false, true) => self.wrong += 1,
            (true, false) => self.missed += 1,
            (false, false) => self.rest += 1,
        }
    }

    fn print(&self, name: &str) {
        let Score { found, wrong, missed, rest } = *self;
        println!(
            "{name}: found {found}, wrong {wrong}, missed {missed}, rest {rest}; precision {}, recall {}",
            share(found, found + wrong),
            share(found, found + missed)
        );
    }
}

/// A share in per cent with its 95 % interval (Wilson).
fn share(part: u32, whole: u32) -> String {
    let (share, n, z) = (f64::from(part) / f64::from(whole), f64::from(whole), 1.96);
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let (middle, scale) = (share + z * z / (2.0 * n), 1.0 + z * z / n);
    let [low, high] = [middle - spread, middle + spread].map(|bound| 100.0 * bound / scale);
    format!("{:.1} % ({low:.0}–{high:.0})", 100.0 * share)
}

fn rows(file: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/judgement").join(file);
    let text = fs::read_to_string(path).expect("a table of labels");
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn score_messages(name: &str, messages: impl Iterator<Item = (bool, String)>) {
    let (mut rule, mut mark) = (Score::default(), Score::default());
    for (asks, text) in messages {
        rule.add(asks, judge(&text).asks());
        mark.add(asks, text.contains('?'));
    }
    rule.print(name);
    mark.print(&format!("{name}, any question mark"));
    let figures = [
        rule.found + rule.missed + rule.wrong + rule.rest,
        mark.found + mark.missed + mark.wrong + mark.rest,
    ];
    assert!(figures[0] > 0 && figures[0] == figures[1]);
}

/// Whether the rule would suggest a call at the message `ts` of the thread.
fn fires(day: &[Message], bots: &[String], thread: &str, ts: &str) -> bool {
    let (mut temper, mut people) = (Temper::default(), Vec::new());
    for message in day.iter().filter(|message| message.thread_ts.as_deref() == Some(thread)) {
        if bots.contains(&message.user) {
            continue;
        }
        let author = people.iter().position(|user| *user == &message.user).unwrap_or_else(|| {
            people.push(&message.user);
            people.len() - 1
        });
        let at = message.at();
        temper.add(TurnSummary { author: author as u32, at, signals: judge(&message.plain()) });
        if message.ts == ts {
            return temper.exchanges() >= 5 && temper.welcome(at, 3) == Welcome::Yes;
        }
    }
    panic!("no message {ts} in thread {thread}");
}

#[test]
#[ignore = "needs the export that the labels point into; see docs/judgement.md"]
fn score_against_the_labels() {
    let folder =
        PathBuf::from(std::env::var_os("USHER_EXPORT").expect("USHER_EXPORT names the unpacked export"));
    let users = fs::read_to_string(folder.join("users.json")).expect("users.json in the export");
    let users: Vec<User> = serde_json::from_str(&users).expect("an array of users");
    let is_bot = |user: &User| BOTS.contains(&user.name.as_str());
    let bots: Vec<String> = users.into_iter().filter(is_bot).map(|user| user.id).collect();
    let mut export = Export { folder, days: BTreeMap::new() };
    for file in ["held-out", "reserve", "third", "fourth", "fifth", "sixth"] {
        let file = &format!("messages-{file}.tsv");
        let labelled: Vec<(bool, String)> = rows(file)
            .iter()
            .map(|row| {
                let day = export.day(&row[1]);
                let message = day.iter().find(|message| message.ts == row[2]).expect("the labelled message");
                (row[0] == "1", message.plain())
            })
            .collect();
        score_messages(file, labelled.into_iter());
    }
    for table in ["", "-first", "-second", "-third", "-fourth", "-fifth", "-sixth"] {
        let file = &format!("work-chat{table}.tsv");
        score_messages(file, rows(file).into_iter().map(|row| (row[0] == "1", row[1].replace("\\n", "\n"))));
    }
    for file in ["threads-held-out.tsv", "threads-mixed.tsv", "threads-reserve.tsv"] {
        score_threads(file, &mut export, &bots);
    }
}

fn score_threads(file: &str, export: &mut Export, bots: &[String]) {
    let (mut suggested, mut silent) = ([0u32; 3], [0u32; 3]);
    for row in rows(file) {
        let grade: usize = row[0].parse().expect("0, 1 or 2");
        let counts =
            if fires(export.day(&row[1]), bots, &row[2], &row[3]) { &mut suggested } else { &mut silent };
        counts[grade] += 1;
    }
    let nudges: u32 = suggested.iter().sum();
    println!(
        "{file}: nudges {suggested:?}, silence {silent:?} (unwelcome, welcome, clearly); welcome {}",
        share(suggested[1] + suggested[2], nudges.max(1))
    );
}
