//! What was sent with a form, as the words of a command.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::{DAY, Form, LEVEL, MORE, TEXT, TIME, TO, VERB};
use crate::chat::slack::wire::{Input, as_id, storable};
use crate::chat::slack_word::given;
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
}

impl Form {
    /// What the values of this form ask for, or the field that is missing or is none of Slack's.
    pub(in crate::chat::slack) fn submitted(self, values: &Values<'_>) -> Result<Submitted, &'static str> {
        let words = match self {
            Form::Later => return later(values),
            Form::More => return more(values),
            Form::Outcome => format!("outcome {}", text(values).ok_or(TEXT)?),
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

/// The person by id, for a name may be that of two; and the text after `--`, for it may begin like a time.
fn later(values: &Values<'_>) -> Result<Submitted, &'static str> {
    let person = input(values, TO).and_then(|input| given(&input.selected_user)).and_then(as_id).ok_or(TO)?;
    let at = when(values)?.map_or_else(String::new, |when| format!(" at {when}"));
    let text = text(values).ok_or(TEXT)?;
    Ok(Submitted::Command { words: format!("later @{person}{at} -- {text}"), person: Some(person) })
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
    let day = input(values, DAY).and_then(|input| given(&input.selected_date));
    let day = day.map(|day| day.parse::<NaiveDate>().map_err(|_| DAY)).transpose()?;
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
