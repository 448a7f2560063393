//! Forms: for a verb that asks several things, or one that is chosen rather than typed. Pure.
//!
//! A form decides nothing and is stored nowhere. What is sent is a command like any other, in the place that the
//! form carries along, and its words are such that the command's parser reads exactly what was chosen.

mod shapes;
mod submitted;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

pub use self::shapes::{Choice, Element, Field, View};
pub use self::submitted::{Submitted, Wrong};
use super::blocks::Label;
use crate::chat::forms::{OUTCOME_ASKED, OUTCOME_HINT, Wanting};
use crate::core::event::{ChannelId, EventKey, MessageId};
use crate::core::{LATER_MOST, OUTCOME_MOST};

/// The ids of the fields.
const TO: &str = "to";
const DAY: &str = "day";
const TIME: &str = "time";
const TEXT: &str = "text";
const LEVEL: &str = "level";
const VERB: &str = "verb";

/// Characters of a level's name, where it is typed.
const LEVEL_MOST: usize = 75;
/// Slack shows no more in one list.
const OPTIONS: usize = 100;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text for somebody, at their opening.
    Later,
    /// How a thread ended.
    Outcome,
    /// Until when nothing is said about a question.
    Snooze,
    /// To which level a question is raised.
    Urgent,
    /// Until when nothing is said to a person.
    Mute,
    /// Which of the verbs that have no shortcut of their own.
    More,
}

/// Where a form belongs, as it carries it along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The channel.
    pub channel: ChannelId,
    /// The thread, if it is about one.
    pub thread: Option<MessageId>,
    /// What it was opened by: an answer can be said where the answer to that could.
    pub opened_by: Option<EventKey>,
}

impl Place {
    /// As a form carries it along.
    pub fn encode(&self) -> String {
        let Place { channel, thread, opened_by } = self;
        serde_json::to_string(&(channel, thread, opened_by)).expect("strings are JSON")
    }

    /// The place that a form carried along.
    pub fn decode(private_metadata: &str) -> Option<Place> {
        let (channel, thread, opened_by) = serde_json::from_str(private_metadata).ok()?;
        Some(Place { channel, thread, opened_by })
    }
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 6] =
        [Form::Later, Form::Outcome, Form::Snooze, Form::Urgent, Form::Mute, Form::More];

    /// The form of a verb, if it has one.
    pub fn of(verb: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|form| form.verb() == verb)
    }

    /// The verb; `more` is the one that is no command.
    pub fn verb(self) -> &'static str {
        match self {
            Form::Later => "later",
            Form::Outcome => "outcome",
            Form::Snooze => "snooze",
            Form::Urgent => "urgent",
            Form::Mute => "mute",
            Form::More => "more",
        }
    }

    /// The command that tells how to do without the form.
    pub fn help(self) -> String {
        match self {
            Form::Later | Form::Outcome | Form::Snooze | Form::Urgent | Form::Mute => {
                format!("help {}", self.verb())
            }
            Form::More => "help".to_owned(),
        }
    }

    /// The form as Slack takes it, for a place. `levels` are those that the runbook names.
    pub fn view(self, place: &Place, levels: &[String]) -> View {
        let (title, submit, blocks) = match self {
            Form::Later => ("Deliver when they are in", "Leave it with Usher", later()),
            Form::Outcome => ("Tell the outcome", "Post it", vec![outcome()]),
            Form::Snooze => ("Snooze the question", "Snooze", until("Leave both empty for an hour.")),
            Form::Urgent => ("Raise the urgency", "Raise", vec![level(levels)]),
            Form::Mute => ("Mute Usher", "Mute", until("Leave both empty for the rest of today.")),
            Form::More => ("More from Usher", "Go on", vec![more()]),
        };
        View {
            title: label(title),
            submit: label(submit),
            close: label("Never mind"),
            callback_id: format!("{}{}", super::inbound::OURS, self.verb()),
            private_metadata: place.encode(),
            blocks,
        }
    }
}

impl From<Wanting> for Form {
    fn from(wanting: Wanting) -> Form {
        match wanting {
            Wanting::Later => Form::Later,
            Wanting::Outcome => Form::Outcome,
        }
    }
}

/// What Slack is answered so that this form takes the place of the one that was sent.
pub fn next(form: Form, place: &Place, levels: &[String]) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Next {
        response_action: &'static str,
        view: View,
    }
    let next = Next { response_action: "update", view: form.view(place, levels) };
    serde_json::value::to_raw_value(&next).expect("a form is JSON")
}

/// What Slack is answered so that a form stays, with what is wrong beside its field.
pub fn wrong(wrong: Wrong) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Stay {
        response_action: &'static str,
        errors: BTreeMap<&'static str, &'static str>,
    }
    let Wrong { field, why } = wrong;
    let stay = Stay { response_action: "errors", errors: BTreeMap::from([(field, why)]) };
    serde_json::value::to_raw_value(&stay).expect("strings are JSON")
}

/// What the verbs in the form of the others are called. Those that ask more lead to their own form.
const MORE: [(&str, &str); 5] = [
    ("outcome", "Tell the outcome"),
    ("snooze", "Remind me of it later"),
    ("urgent", "Raise the urgency"),
    ("due", "When is the answer owed?"),
    ("later", "Give somebody a text when they are next in"),
];

fn more() -> Field {
    let options =
        MORE.iter().map(|(verb, words)| Choice { text: label(words), value: (*verb).to_owned() }).collect();
    field(VERB, "What shall I do about this?", Element::RadioButtons { action_id: VERB, options })
}

fn later() -> Vec<Field> {
    let text = Element::PlainTextInput { action_id: TEXT, multiline: true, max_length: LATER_MOST };
    let mut fields =
        vec![field(TO, "For whom", Element::UsersSelect { action_id: TO }), field(TEXT, "Text", text)];
    fields.extend(day_and_time("Not before", "They get it when they are next in, then or after. Your time."));
    fields
}

fn outcome() -> Field {
    let text = Element::PlainTextInput { action_id: TEXT, multiline: false, max_length: OUTCOME_MOST };
    Field { hint: Some(label(OUTCOME_HINT)), ..field(TEXT, OUTCOME_ASKED, text) }
}

fn until(hint: &'static str) -> Vec<Field> {
    day_and_time("Until", hint).into()
}

fn day_and_time(lead: &str, hint: &'static str) -> [Field; 2] {
    let optional = |id, what: &str, element, hint| Field {
        optional: true,
        hint,
        ..field(id, &format!("{lead} ({what})"), element)
    };
    [
        optional(DAY, "day", Element::Datepicker { action_id: DAY }, None),
        optional(TIME, "time", Element::Timepicker { action_id: TIME }, Some(label(hint))),
    ]
}

fn level(levels: &[String]) -> Field {
    let fits = |level: &&String| level.chars().count() <= LEVEL_MOST;
    let known = levels.iter().filter(fits).take(OPTIONS);
    let options: Vec<Choice> =
        known.map(|level| Choice { text: label(level), value: level.clone() }).collect();
    let element = match options.is_empty() {
        true => Element::PlainTextInput { action_id: LEVEL, multiline: false, max_length: LEVEL_MOST },
        false => Element::StaticSelect { action_id: LEVEL, options },
    };
    let hint = "Leave it empty for the next level that disturbs nobody out of hours.";
    Field { optional: true, hint: Some(label(hint)), ..field(LEVEL, "Level", element) }
}

fn field(block_id: &'static str, words: &str, element: Element) -> Field {
    Field { block_id, label: label(words), element, optional: false, hint: None }
}

fn label(text: &str) -> Label {
    Label { text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::is_command;

    #[test]
    fn every_form_is_that_of_a_command() {
        for form in Form::ALL {
            assert_eq!(Form::of(form.verb()), Some(form));
            assert!(form == Form::More || is_command(form.verb()), "{form:?}");
        }
        assert!(MORE.iter().all(|(verb, _)| is_command(verb)));
        assert_eq!(Form::of("dance"), None);
    }

    #[test]
    fn a_form_knows_its_place() {
        for (thread, opened_by) in
            [(None, None), (Some("1700000000.000100".into()), Some("slack/T1/command/U1/1".into()))]
        {
            let place = Place { channel: "C1".into(), thread, opened_by };
            assert_eq!(Place::decode(&place.encode()), Some(place));
        }
        assert_eq!(Place::decode("This is for you!"), None);
    }
}
