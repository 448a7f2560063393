//! `[notices]`, `[threads]`, `[[use]]` and `[links]`.

use std::collections::BTreeMap;

use chrono::{NaiveTime, Weekday};

use crate::calendar::MINUTE_MS;

use super::super::code::Code;
use super::super::model::{Name, Notices, Promise, Suggest, Threads, Use};
use super::super::reaction::{Reaction, Spelling, spelling};
use super::super::section::{Key, Section, Value, brief};
use super::channels::report_slip;

const SUGGEST: &[(&str, Suggest)] =
    &[("when-stuck", Suggest::WhenStuck), ("always", Suggest::Always), ("never", Suggest::Never)];
const STYLES: &[(&str, &str)] = &[("synchronous", "synchronous"), ("asynchronous", "asynchronous")];
const DAYS: &[(&str, Weekday)] = &[
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// Every hour on the hour is more than any team wants.
const MOST_DIGESTS: usize = 24;

pub(super) fn notices(section: Option<Section<'_>>) -> Notices {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a full hour of the day");
    let mut notices = Notices { per_person_per_day: 2, per_thread: 2, digest: [9, 13, 17].map(at).to_vec() };
    let Some(mut section) = section else { return notices };
    if let Some(number) = section.get("per-person-per-day").and_then(|value| value.number(0..=100)) {
        notices.per_person_per_day = number;
    }
    if let Some(number) = section.get("per-thread").and_then(|value| value.number(0..=100)) {
        notices.per_thread = number;
    }
    if let Some(value) = section.get("digest") {
        let values = value.list("a list of times, as in [\"09:00\", \"17:00\"]");
        notices.digest = values.iter().filter_map(Value::local_time).collect();
        notices.digest.sort();
        notices.digest.dedup();
        if value.is_empty_list() {
            let message =
                "what waits would never be told; remove the key for 09:00, 13:00 and 17:00, or name a time";
            value.fault(Code::EmptyList, message);
        }
        if notices.digest.len() > MOST_DIGESTS {
            value.fault(
                Code::OutOfRange,
                format!("{} digests a day; at most {MOST_DIGESTS}", notices.digest.len()),
            );
        }
    }
    section.finish();
    notices
}

pub(super) fn threads(section: Option<Section<'_>>) -> Threads {
    let mut threads = usual_threads();
    let Some(mut section) = section else { return threads };
    let number = |section: &mut Section<'_>, key, into: &mut u32, range| {
        if let Some(number) = section.get(key).and_then(|value| value.number(range)) {
            *into = number;
        }
    };
    number(&mut section, "suggest-call-after", &mut threads.suggest_call_after, 1..=1000);
    if let Some(suggest) = section.get("suggest").and_then(|value| value.choice(SUGGEST)) {
        threads.suggest = suggest;
    }
    number(&mut section, "again-after", &mut threads.again_after, 1..=1000);
    number(&mut section, "at-most-people", &mut threads.at_most_people, 2..=100);
    if let Some(value) = section.get("resolved-by") {
        resolved_by(&value, &mut threads);
    }
    if let Some(ms) = section.get("main-line-gap").and_then(|value| value.duration_ms()) {
        threads.main_line_gap_ms = ms;
    }
    if let Some(number) = section.get("long-message").and_then(|value| value.number(0..=1_000_000)) {
        threads.long_message = usize::try_from(number).ok().filter(|number| *number > 0);
    }
    if let Some(ms) = section.get("call-length").and_then(|value| value.duration_ms()) {
        threads.call_length_ms = ms;
    }
    if let Some(promise) = section.get("slot-within").and_then(|value| value.promise()) {
        threads.slot_within = promise;
    }
    if let Some(value) = section.get("no-calls") {
        threads.no_calls = weekdays(&value);
    }
    section.finish();
    threads
}

fn usual_threads() -> Threads {
    Threads {
        suggest_call_after: 5,
        suggest: Suggest::WhenStuck,
        again_after: 5,
        at_most_people: 3,
        resolved_by: vec![Reaction::of("white_check_mark")],
        resolving_phrases: vec!["that did it".to_owned()],
        main_line_gap_ms: 15 * MINUTE_MS,
        long_message: Some(1500),
        call_length_ms: 15 * MINUTE_MS,
        slot_within: Promise::Workdays(2),
        no_calls: Vec::new(),
    }
}

/// Reactions and phrases. A word that is the name of an emoji means the emoji; another word may be the name of
/// an emoji of one's own, and is a phrase as well.
fn resolved_by(value: &Value<'_>, threads: &mut Threads) {
    threads.resolved_by.clear();
    threads.resolving_phrases.clear();
    for value in value.one_or_list("a list of reactions and phrases") {
        let Some(written) = value.text() else { continue };
        let (reaction, phrase) = match spelling(&written) {
            Spelling::Known => (true, false),
            Spelling::Own(near) => {
                let is_no_word = written.contains([':', '_']);
                report_slip(&value, &written, near.filter(|_| is_no_word));
                (true, !is_no_word)
            }
            Spelling::NoReaction => (false, true),
        };
        let reaction = reaction.then(|| Reaction::of(&written));
        threads.resolved_by.extend(reaction.filter(|reaction| !threads.resolved_by.contains(reaction)));
        threads.resolving_phrases.extend(phrase.then(|| written.to_lowercase()));
    }
}

/// `"wed"`, `"wed,fri"` or a list of such texts.
fn weekdays(value: &Value<'_>) -> Vec<Weekday> {
    let mut days = Vec::new();
    for value in value.one_or_list("a day, as in \"wed\", or a list of days") {
        let Some(text) = value.raw_text("a day, as in \"wed\"") else { continue };
        for word in text.split(',').map(str::trim) {
            match DAYS.iter().find(|(day, _)| *day == word.to_lowercase()) {
                Some((_, day)) if days.contains(day) => {}
                Some((_, day)) => days.push(*day),
                None => {
                    let message = format!("`{}` is no day of the week", brief(word));
                    let known = DAYS.iter().map(|(day, _)| *day);
                    value.report().add_known(Code::BadChoice, value.span(), message, word, known);
                }
            }
        }
    }
    days
}

pub(super) fn uses(value: Option<Value<'_>>) -> Vec<Use> {
    let values = value.map(|value| value.list("a list of tables, written [[use]]")).unwrap_or_default();
    let resolve = |value: &Value<'_>| {
        let mut section = value.section()?;
        let style = section.require("style").and_then(|value| value.choice(STYLES));
        let purpose = section.require("for").and_then(|value| value.text());
        let tools = section.require("tools");
        let answer_within = section.get("answer-within").and_then(|value| value.promise().and(value.text()));
        section.finish();
        let tools = tools?.one_or_list("a list of tools").iter().filter_map(Value::text).collect();
        Some(Use { style: style?.to_owned(), purpose: purpose?, tools, answer_within })
    };
    values.iter().filter_map(resolve).collect()
}

pub(super) fn links(entries: &[(Key, Value<'_>)]) -> BTreeMap<Name, String> {
    let link = |(key, value): &(Key, Value<'_>)| Some((key.name.clone(), address(value, &[])?));
    entries.iter().filter_map(link).collect()
}

/// An address on the web, with no other `{placeholders}` than those.
pub(super) fn address(value: &Value<'_>, placeholders: &[&str]) -> Option<String> {
    let text = value.text()?;
    let scheme_is_known = ["https://", "http://", "mailto:"].iter().any(|scheme| text.starts_with(scheme));
    if !scheme_is_known || text.contains(char::is_whitespace) {
        value.fault(Code::BadLink, format!("`{}` is no address; it begins with `https://`", brief(&text)));
        return None;
    }
    let mut rest = text.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let name = after.split('}').next().unwrap_or_default();
        if !placeholders.contains(&name) {
            let message = format!("`{{{}}}` is no placeholder here", brief(name));
            value.report().add_known(
                Code::BadLink,
                value.span(),
                message,
                name,
                placeholders.iter().copied(),
            );
            return None;
        }
        rest = after;
    }
    Some(text)
}
