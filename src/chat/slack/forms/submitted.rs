//! What was sent with a form, as the words of a command.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::{DAY, Form, LEVEL, MORE, TEXT, TIME, TO, VERB};
use crate::calendar::{HOUR_MS, Instant};
use crate::chat::forms::{self, NO_WORDS};
use crate::chat::slack::wire::{Input, as_id, storable};
use crate::chat::word::given;
use crate::core::event::UserId;

/// What came with a form, by field and element.
type Values<'a> = BTreeMap<String, BTreeMap<String, Input<'a>>>;

/// What somebody wants who sends a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// These words, as if they were typed; in them a person is called by this id.
    Command {
        /// The words.
        words: String,
        /// Who is meant.
        person: Option<UserId>,
    },
    /// This form next.
    Next(Form),
    /// Nothing yet: something is wrong with a field, and the form stays as it was filled in.
    Wrong(Wrong),
}

/// What is wrong with a field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field.
    pub field: &'static str,
    /// What its filler reads beside it.
    pub why: &'static str,
}

const BLANK: Wrong = Wrong { field: TEXT, why: NO_WORDS };
const PAST: Wrong = Wrong { field: DAY, why: "That day is past." };

/// No day begins later than there, in ms behind UTC: a day that has ended there has ended everywhere.
const LAST_ZONE_MS: i64 = 12 * HOUR_MS;

impl Form {
    /// What the values of this form ask for at `now`, or the field that is missing or is none of Slack's.
    pub(in crate::chat::slack) fn submitted(
        self,
        values: &Values<'_>,
        now: Instant,
    ) -> Result<Submitted, &'static str> {
        if let Some(wrong) = wrong(values, now)? {
            return Ok(Submitted::Wrong(wrong));
        }
        let words = match self {
            Form::Later => return later(values),
            Form::More => return more(values),
            Form::Outcome => forms::outcome(&text(values).ok_or(TEXT)?),
            Form::Snooze | Form::Mute => match when(values)? {
                None => self.verb().to_owned(),
                Some(when) => format!("{} until {when}", self.verb()),
            },
            Form::Urgent => match input(values, LEVEL).and_then(typed) {
                None => "urgent".to_owned(),
                Some(level) => format!("urgent {level}"),
            },
        };
        Ok(Submitted::Command { words, person: None })
    }
}

/// What can be seen to be wrong from here: blanks for a text, and a day that is over everywhere.
fn wrong(values: &Values<'_>, now: Instant) -> Result<Option<Wrong>, &'static str> {
    let is_blank = |input: &Input<'_>| given(&input.value).is_some() && typed(input).is_none();
    if input(values, TEXT).is_some_and(is_blank) {
        return Ok(Some(BLANK));
    }
    let first = now.plus(-LAST_ZONE_MS).utc().date_naive();
    Ok(day(values)?.filter(|day| *day < first).map(|_| PAST))
}

/// The person by id, for a name may be that of two.
fn later(values: &Values<'_>) -> Result<Submitted, &'static str> {
    let person = input(values, TO).and_then(|input| given(&input.selected_user)).and_then(as_id).ok_or(TO)?;
    let words = forms::later(&person, when(values)?.as_deref(), &text(values).ok_or(TEXT)?);
    Ok(Submitted::Command { words, person: Some(person) })
}

fn more(values: &Values<'_>) -> Result<Submitted, &'static str> {
    let chosen = input(values, VERB).and_then(typed).ok_or(VERB)?;
    let (verb, _) = MORE.iter().find(|(verb, _)| *verb == chosen).ok_or(VERB)?;
    Ok(match Form::of(verb) {
        Some(form) => Submitted::Next(form),
        None => Submitted::Command { words: (*verb).to_owned(), person: None },
    })
}

/// A day, a time of that day, or a time of day, as a command takes it.
fn when(values: &Values<'_>) -> Result<Option<String>, &'static str> {
    let day = day(values)?;
    let time = input(values, TIME).and_then(|input| given(&input.selected_time));
    let time = time.map(|time| NaiveTime::parse_from_str(time, "%H:%M").map_err(|_| TIME)).transpose()?;
    let day = day.map(|day| day.format("%Y-%m-%d").to_string());
    let time = time.map(|time| time.format("%H:%M").to_string());
    Ok(match (day, time) {
        (None, None) => None,
        (Some(day), Some(time)) => Some(format!("{day} {time}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
    })
}

fn day(values: &Values<'_>) -> Result<Option<NaiveDate>, &'static str> {
    let day = input(values, DAY).and_then(|input| given(&input.selected_date));
    day.map(|day| day.parse().map_err(|_| DAY)).transpose()
}

fn text(values: &Values<'_>) -> Option<String> {
    input(values, TEXT).and_then(typed)
}

fn input<'v, 'a>(values: &'v Values<'a>, field: &str) -> Option<&'v Input<'a>> {
    values.get(field)?.get(field)
}

/// What was typed, or the option that was chosen.
fn typed(input: &Input<'_>) -> Option<String> {
    let option = input.selected_option.as_ref().and_then(|chosen| given(&chosen.value));
    let typed = storable(given(&input.value).or(option)?).trim().to_owned();
    Some(typed).filter(|typed| !typed.is_empty())
}
