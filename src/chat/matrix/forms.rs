//! Forms: where Slack opens one, the same is asked in the direct room, one question after the other. Pure.
//!
//! A dialogue decides nothing. What comes of it is a command like any other, in the place where it began, and its words
//! are such that the command's parser reads exactly what was answered.

use serde::{Deserialize, Serialize};

use crate::calendar::{HOUR_MS, Instant};
use crate::chat::forms::{self, NO_WORDS, OUTCOME_ASKED, OUTCOME_HINT, Wanting};
use crate::core::event::{ChannelId, Mention, MessageId, MessageRef, Text};
use crate::core::message::{Message, Part, harmless};
use crate::core::{LATER_MOST, OUTCOME_MOST, is_time};

/// So long the next answer is waited for.
const LASTS_MS: i64 = HOUR_MS;
/// A person's name is no longer, in words and in characters.
const NAME_WORDS: usize = 4;
const NAME_MOST: usize = 100;
/// A time is no longer, in characters.
const TIME_MOST: usize = 50;
/// What ends a dialogue.
const STOPS: [&str; 4] = ["cancel", "never mind", "nevermind", "stop"];
/// What says that no time has to be waited for.
const AT_ONCE: [&str; 6] = ["-", "any time", "anytime", "next", "no", "now"];

/// What is asked of one person, and what they have answered so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialogue {
    /// The command that comes of it.
    pub wanting: Wanting,
    /// Where it was given, and so where it is carried out.
    pub place: Place,
    /// The answers so far, in the order of the questions.
    answers: Vec<Answered>,
    /// The message that was no answer to the open question: it may be edited into one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrong: Option<MessageId>,
    /// Until when an answer is waited for.
    until: Instant,
}

/// Where a command was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The room.
    pub channel: ChannelId,
    /// The thread, if in one.
    pub thread: Option<MessageId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Answered {
    /// The message that said it.
    message: MessageId,
    /// As the command takes it; nothing where that was the answer.
    words: Option<String>,
}

/// What comes of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// This is asked next.
    Ask(Message),
    /// That was no answer; this is said, and the question stays.
    Wrong(Message),
    /// These are the words of the command; the dialogue is over.
    Done(String),
    /// Whoever was asked wants no more of it; this is said, and the dialogue is over.
    Stopped(Message),
}

#[derive(Clone, Copy)]
enum Question {
    Whom,
    Text,
    NotBefore,
    Outcome,
}

impl Dialogue {
    /// Begins at `now`, with the first question.
    pub fn begin(wanting: Wanting, place: Place, now: Instant) -> (Dialogue, Message) {
        let until = now.plus(LASTS_MS);
        let dialogue = Dialogue { wanting, place, answers: Vec::new(), wrong: None, until };
        let message = dialogue.question();
        (dialogue, message)
    }

    /// Whether an answer is still waited for. Afterwards what is said in the direct room is a command again.
    pub fn is_open(&self, now: Instant) -> bool {
        now < self.until
    }

    /// Whether a message was an answer already: a sync that is repeated brings it once more.
    pub fn knows(&self, message: &MessageId) -> bool {
        self.answers.iter().any(|answered| answered.message == *message)
    }

    /// What somebody wrote in their direct room, by the message `message`, answers the open question.
    pub fn answer(&mut self, message: &MessageId, text: &Text, now: Instant) -> Step {
        if is_one_of(text.plain.trim(), &STOPS) {
            return Step::Stopped(self.forgotten());
        }
        let Some(question) = self.open() else { return self.done() };
        match question.read(text) {
            Err(why) => {
                self.wrong = Some(message.clone());
                let way_out = [words(" Edit it or write anew; "), code("cancel"), words(" stops.")];
                Step::Wrong(says(why.into_iter().chain(way_out)))
            }
            Ok(words) => {
                self.answers.push(Answered { message: message.clone(), words });
                self.wrong = None;
                self.until = now.plus(LASTS_MS);
                self.next()
            }
        }
    }

    /// Somebody changed a message to this. Nothing comes of it where the message is no answer here.
    pub fn edit(&mut self, message: &MessageId, text: &Text, now: Instant) -> Option<Step> {
        if self.wrong.as_ref() == Some(message) {
            return Some(self.answer(message, text, now));
        }
        if is_one_of(text.plain.trim(), &STOPS)
            && self.answers.iter().any(|answered| answered.message == *message)
        {
            return Some(self.answer(message, text, now));
        }
        let nth = self.answers.iter().position(|answered| answered.message == *message)?;
        Some(match self.questions()[nth].read(text) {
            Err(why) => Step::Wrong(says(why.into_iter().chain([words(" I keep what it said before.")]))),
            Ok(words) => {
                self.answers[nth].words = words;
                self.until = now.plus(LASTS_MS);
                self.next()
            }
        })
    }

    fn forgotten(&self) -> Message {
        let lead = words("Forgotten: nothing is sent. ");
        match self.wanting {
            Wanting::Later => says([lead, command("later"), words(" asks anew.")]),
            Wanting::Outcome => says([lead, command("outcome"), words(" in the thread asks anew.")]),
        }
    }

    fn questions(&self) -> &'static [Question] {
        match self.wanting {
            Wanting::Later => &[Question::Whom, Question::Text, Question::NotBefore],
            Wanting::Outcome => &[Question::Outcome],
        }
    }

    fn open(&self) -> Option<Question> {
        self.questions().get(self.answers.len()).copied()
    }

    /// The open question, as it is asked first: whoever may have lost it is asked again.
    pub fn question(&self) -> Message {
        if self.answers.is_empty() { self.opening() } else { says(self.asked()) }
    }

    fn opening(&self) -> Message {
        let way_out = [words(" "), code("cancel"), words(" stops.")];
        match self.wanting {
            Wanting::Later => says(
                [words("A text for somebody when they are next in: three questions. Edit an answer to change it;")]
                    .into_iter()
                    .chain(way_out)
                    .chain([Part::Break])
                    .chain(self.asked()),
            ),
            Wanting::Outcome => says(self.asked().into_iter().chain(way_out)),
        }
    }

    /// The open question, with its number where there are several.
    fn asked(&self) -> Vec<Part> {
        let number = match self.questions().len() {
            1 => String::new(),
            _ => format!("{}. ", self.answers.len() + 1),
        };
        let mut parts = vec![words(&number)];
        match self.open() {
            None => {}
            Some(Question::Whom) => parts.push(words("For whom? Their name will do.")),
            Some(Question::Text) => {
                parts.push(words("What shall they read? Your next message, as you write it."))
            }
            Some(Question::NotBefore) => parts.extend([
                words("Not before when? "),
                code("tomorrow 10:00"),
                words(", "),
                code("mon"),
                words(" or "),
                code("2h"),
                words(", in your time; "),
                code("now"),
                words(" gives it to them when they are next in."),
            ]),
            Some(Question::Outcome) => parts.extend(self.outcome_asked()),
        }
        parts
    }

    fn outcome_asked(&self) -> Vec<Part> {
        let lead = words(&format!("{OUTCOME_ASKED} One line will do. "));
        match &self.place.thread {
            None => vec![lead, words(OUTCOME_HINT)],
            Some(root) => {
                let message = MessageRef { channel: self.place.channel.clone(), id: root.clone() };
                let (before, after) = OUTCOME_HINT.split_once("the thread").unwrap_or((OUTCOME_HINT, ""));
                let link = Part::Message { message, label: "the thread".to_owned() };
                vec![lead, words(before), link, words(after)]
            }
        }
    }

    fn next(&self) -> Step {
        match self.open() {
            Some(_) => Step::Ask(self.question()),
            None => self.done(),
        }
    }

    /// The command, once everything is answered.
    fn done(&self) -> Step {
        let answer = |nth: usize| self.answers.get(nth).and_then(|answered| answered.words.as_deref());
        Step::Done(match self.wanting {
            Wanting::Later => {
                forms::later(answer(0).unwrap_or_default(), answer(2), answer(1).unwrap_or_default())
            }
            Wanting::Outcome => forms::outcome(answer(0).unwrap_or_default()),
        })
    }
}

impl Question {
    /// The answer as the command takes it, or why it is none.
    fn read(self, text: &Text) -> Result<Option<String>, Vec<Part>> {
        let typed = text.plain.trim();
        match self {
            Question::Whom => whom(text).map(Some),
            Question::Text => within(typed, LATER_MOST).map(Some),
            Question::Outcome => within(typed, OUTCOME_MOST).map(Some),
            Question::NotBefore if is_one_of(typed, &AT_ONCE) => Ok(None),
            Question::NotBefore => time(typed).map(Some),
        }
    }
}

/// Whoever is mentioned, by their id; else a name, which the command looks up.
fn whom(text: &Text) -> Result<String, Vec<Part>> {
    let mentioned = text.mentions.iter().find_map(|mention| match mention {
        Mention::User(user) => Some(user.to_string()),
        Mention::Group(_) | Mention::Everyone | Mention::Usher => None,
    });
    let typed = harmless(text.plain.trim());
    let name: Vec<&str> = typed.trim_start_matches('@').split_whitespace().collect();
    let is_name = (1..=NAME_WORDS).contains(&name.len())
        && typed.chars().count() <= NAME_MOST
        && !name.iter().any(|word| word.starts_with("--"));
    match mentioned {
        Some(user) => Ok(user),
        None if is_name => Ok(name.join(" ")),
        None => Err(vec![words("I need the name of one person.")]),
    }
}

fn within(typed: &str, most: usize) -> Result<String, Vec<Part>> {
    if harmless(typed).trim().is_empty() {
        return Err(vec![words(NO_WORDS)]);
    }
    match typed.chars().count() {
        count if count > most => {
            Err(vec![words(&format!("That has {count} characters; {most} are the most."))])
        }
        _ => Ok(typed.to_owned()),
    }
}

/// A time that may stand after `at`, where a command takes it.
fn time(typed: &str) -> Result<String, Vec<Part>> {
    let without_lead = typed.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    let is_one = |time: &&str| is_time(&format!("at {time}"));
    let found = [typed, without_lead].into_iter().find(is_one).filter(|_| typed.chars().count() <= TIME_MOST);
    found.map(str::to_owned).ok_or_else(|| {
        let known = [words(", "), code("mon 10:00"), words(", "), code("2h"), words(" or "), code("now")];
        let lead =
            [words("I cannot read a time there. I know "), code("15:00"), words(", "), code("tomorrow")];
        lead.into_iter().chain(known).chain([words(".")]).collect()
    })
}

fn is_one_of(typed: &str, known: &[&str]) -> bool {
    let typed = typed.trim_end_matches(['.', '!']);
    known.iter().any(|word| typed.eq_ignore_ascii_case(word))
}

fn says(parts: impl IntoIterator<Item = Part>) -> Message {
    Message { parts: parts.into_iter().collect(), buttons: Vec::new() }
}

fn words(words: &str) -> Part {
    Part::Words(words.to_owned())
}

fn code(code: &str) -> Part {
    Part::Code(code.to_owned())
}

fn command(words: &str) -> Part {
    Part::Command(words.to_owned())
}
