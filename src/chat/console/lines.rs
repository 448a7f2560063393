//! A line is carried out in the room: what it shows, and what it asks of whoever runs the room.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use smol_str::SmolStr;
use strsim::damerau_levenshtein;

use super::room::{Author, Place, Room, Shown, message_id};
use super::script::{Act, Direction, Line, PlaceName, Speaker};
use super::show::Entry;
use super::typed::{self, Mentionable};
use crate::calendar::{Instant, Span, day_start_or_next, to_local};
use crate::core::event::{Event, MessageId, MessageRef, Posted, Text, What};
use crate::core::message::{Button, harmless};
use crate::runbook::Name;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Nothing: it changed the room alone.
    Nothing,
    /// This happened.
    Happened(Vec<Event>),
    /// Time passes until then.
    PassUntil(Instant),
    /// The clock jumps there.
    JumpTo(Instant),
    /// The process dies and starts again.
    Crash,
    /// The runbook is read again, from this file if one is given.
    Runbook(Option<String>),
    /// The tour begins.
    Tour,
    /// The help is shown.
    Help(Option<String>),
    /// Everyone is listed with their time.
    Who,
    /// Leave.
    Quit,
}

/// Why a line that can be read cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Nobody has this name.
    #[error("nobody here is called `{name}`{}`/person {name} Europe/Berlin` lets them in", meant(.nearest))]
    NoPerson {
        /// The name.
        name: String,
        /// Who was probably meant.
        nearest: Option<String>,
    },
    /// No channel has this name.
    #[error("there is no channel `#{name}`{}`/channel #{name}` opens it", meant(.nearest))]
    NoChannel {
        /// The name.
        name: String,
        /// Which was probably meant.
        nearest: Option<String>,
    },
    /// One is nobody yet.
    #[error("you are nobody yet: `/as` and a name, or `ana #support: …`")]
    Nobody,
    /// One is nowhere yet.
    #[error("you are nowhere yet: `/in` and a channel, or `ana #support: …`")]
    Nowhere,
    /// No message has this number.
    #[error("there is no message [{0}]")]
    NoMessage(u32),
    /// The message stands elsewhere.
    #[error("message [{0}] does not stand in {1}")]
    Elsewhere(u32, String),
    /// Only its author changes a message.
    #[error("message [{message}] is not {person}'s")]
    NotTheirs {
        /// The message.
        message: u32,
        /// Who tried.
        person: Name,
    },
    /// The message has no such button.
    #[error("message [{message}] has no button `{button}`: {}", if .has.is_empty() { "it has none".to_owned() } else { format!("it has {}", .has) })]
    NoButton {
        /// The message.
        message: u32,
        /// What was asked for.
        button: String,
        /// What it has.
        has: String,
    },
    /// A reaction that was not given, or was given already.
    #[error("{person} has {}reacted with {emoji} to [{message}]", if *.given { "already " } else { "not " })]
    Reaction {
        /// Who.
        person: Name,
        /// With what.
        emoji: SmolStr,
        /// To which message.
        message: u32,
        /// Whether it was given before.
        given: bool,
    },
    /// Somebody or something of this name is there already.
    #[error("{0} is here already")]
    Taken(String),
    /// The clock does not go back.
    #[error("it is {} already: the clock does not go back to {}", wall(*.zone, *.now), wall(*.zone, *.to))]
    Past {
        /// The zone in which one is.
        zone: Tz,
        /// What time it is.
        now: Instant,
        /// Where it should go.
        to: Instant,
    },
    /// The runbook is in no file.
    #[error("the runbook is in no file: `/runbook` needs one")]
    NoRunbookFile,
    /// Usher reads no threads in a direct conversation.
    #[error("there are no threads in the conversation with Usher")]
    NoThreads,
}

fn meant(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or("; ".to_owned(), |name| format!("; did you mean `{name}`? "))
}

/// Who does something, and where.
struct Standpoint {
    me: Name,
    place: Place,
    thread: Option<u32>,
}

type Outcome = Result<(Vec<Entry>, Effect), LineError>;

/// `Mon 23 Nov 2026 09:00` on the wall of `zone`.
fn wall(zone: Tz, at: Instant) -> String {
    to_local(zone, at).format("%a %-d %b %Y %H:%M").to_string()
}

impl Room {
    /// Carries out a line: what is to be shown at once, and what is to be done.
    ///
    /// # Errors
    /// When it names who or what is not there; then nothing has changed.
    pub fn carry_out(&mut self, line: &Line) -> Outcome {
        match line {
            Line::Nothing => Ok((Vec::new(), Effect::Nothing)),
            Line::Remark(remark) => Ok((vec![Entry::remark(self.now, remark)], Effect::Nothing)),
            Line::Act(by, act) => self.act(by.as_ref(), act),
            Line::Direction(direction) => self.direct(direction),
        }
    }

    fn act(&mut self, by: Option<&Speaker>, act: &Act) -> Outcome {
        match act {
            Act::Say(text) => self.say(&self.standpoint(by)?, text),
            Act::React { emoji, message, added } => self.react(&self.person(by)?, emoji, *message, *added),
            Act::Edit { message, text } => self.edit(&self.person(by)?, *message, text),
            Act::Delete(message) => self.delete(&self.person(by)?, *message),
            Act::Press { message, button } => self.press(&self.person(by)?, *message, button),
            Act::Usher(words) => self.command(&self.standpoint(by)?, typed::command(words).unwrap_or(words)),
            Act::Call(people) => self.call(&self.standpoint(by)?, people),
        }
    }

    fn person(&self, by: Option<&Speaker>) -> Result<Name, LineError> {
        match by {
            Some(by) => self.known(&by.person),
            None => self.me.clone().ok_or(LineError::Nobody),
        }
    }

    fn standpoint(&self, by: Option<&Speaker>) -> Result<Standpoint, LineError> {
        let me = self.person(by)?;
        let Some(Speaker { place: Some(name), thread, .. }) = by else {
            let place = match self.here.clone().ok_or(LineError::Nowhere)? {
                Place::Direct(_) => Place::Direct(me.clone()),
                Place::Channel(name) => Place::Channel(name),
            };
            return Ok(Standpoint { me, place, thread: self.thread });
        };
        let place = self.place_of(name, &me)?;
        let thread = thread.map(|message| self.thread_in(message, &place)).transpose()?;
        Ok(Standpoint { me, place, thread })
    }

    fn place_of(&self, name: &PlaceName, me: &Name) -> Result<Place, LineError> {
        match name {
            PlaceName::Usher => Ok(Place::Direct(me.clone())),
            PlaceName::Channel(name) => self.known_channel(name).map(Place::Channel),
        }
    }

    /// The first message of the thread of `message`, which must stand in `place`.
    fn thread_in(&self, message: u32, place: &Place) -> Result<u32, LineError> {
        let shown = self.messages.get(&message).ok_or(LineError::NoMessage(message))?;
        match place {
            Place::Direct(_) => Err(LineError::NoThreads),
            Place::Channel(name) if shown.place == *place => Ok(self.root_of(message)),
            Place::Channel(name) => Err(LineError::Elsewhere(message, format!("#{name}"))),
        }
    }

    fn known(&self, person: &str) -> Result<Name, LineError> {
        match self.people.get_key_value(person) {
            Some((name, _)) => Ok(name.clone()),
            None => {
                let nearest = nearest(person, self.people.keys());
                Err(LineError::NoPerson { name: person.to_owned(), nearest })
            }
        }
    }

    fn known_channel(&self, channel: &str) -> Result<Name, LineError> {
        match self.channels.get_key_value(channel) {
            Some((name, _)) => Ok(name.clone()),
            None => {
                let nearest = nearest(channel, self.channels.keys()).map(|near| format!("#{near}"));
                Err(LineError::NoChannel { name: channel.to_owned(), nearest })
            }
        }
    }

    fn say(&mut self, at: &Standpoint, typed: &str) -> Outcome {
        let command = typed::command(typed);
        if let Place::Direct(_) = at.place {
            return self.command(at, command.unwrap_or(typed));
        }
        let thread = at.thread;
        let shown = Shown {
            place: at.place.clone(),
            thread,
            by: Author::Person(at.me.clone()),
            text: typed.to_owned(),
        };
        let number = self.keep(shown);
        let (message, thread) = (message_id(number), thread.map(message_id));
        let what = match command {
            Some(words) => self.commanded(at, words),
            None => What::Posted(Posted {
                message: MessageRef { channel: at.place.id(), id: message },
                thread,
                author: at.me.clone(),
                bot: false,
                text: self.text(typed),
            }),
        };
        let event = self.event(what);
        Ok((vec![self.entry(number, event.at)], Effect::Happened(vec![event])))
    }

    fn text(&self, typed: &str) -> Text {
        let people = |name: &str| self.people.contains_key(name);
        typed::read(typed, &Mentionable { people: &people, groups: &self.groups })
    }

    fn commanded(&self, at: &Standpoint, words: &str) -> What {
        What::Commanded {
            user: at.me.clone(),
            channel: at.place.id(),
            thread: at.thread.map(message_id),
            words: words.to_owned(),
        }
    }

    fn command(&mut self, at: &Standpoint, words: &str) -> Outcome {
        let what = self.commanded(at, words);
        let event = self.event(what);
        let place = self.label(&at.place, at.thread);
        let entry = Entry::sign(event.at, place, format!("{} asks Usher: {}", at.me, harmless(words)));
        Ok((vec![entry], Effect::Happened(vec![event])))
    }

    fn react(&mut self, me: &Name, emoji: &str, number: u32, added: bool) -> Outcome {
        let message = self.message_ref(number).ok_or(LineError::NoMessage(number))?;
        let emoji = SmolStr::new(emoji);
        let reaction = (number, emoji.clone(), me.clone());
        if self.reactions.contains(&reaction) == added {
            return Err(LineError::Reaction { person: me.clone(), emoji, message: number, given: added });
        }
        if added {
            self.reactions.insert(reaction);
        } else {
            self.reactions.remove(&reaction);
        }
        let does = if added { "reacts with" } else { "takes back" };
        let what = What::Reacted { message, user: me.clone(), emoji: emoji.clone(), added };
        Ok(self.did(number, what, format!("{me} {does} {} to [{number}]", harmless(&emoji))))
    }

    fn edit(&mut self, me: &Name, number: u32, typed: &str) -> Outcome {
        let (message, thread) = self.own(number, me)?;
        let text = self.text(typed);
        if let Some(shown) = self.messages.get_mut(&number) {
            typed.clone_into(&mut shown.text);
        }
        let what = What::Edited { message, thread, author: me.clone(), text };
        Ok(self.did(number, what, format!("{me} changes [{number}] to: {}", harmless(typed))))
    }

    fn delete(&mut self, me: &Name, number: u32) -> Outcome {
        let (message, thread) = self.own(number, me)?;
        let done = self.did(number, What::Deleted { message, thread }, format!("{me} deletes [{number}]"));
        self.messages.remove(&number);
        Ok(done)
    }

    /// A message that `me` wrote, and the thread it stands in.
    fn own(&self, number: u32, me: &Name) -> Result<(MessageRef, Option<MessageId>), LineError> {
        let shown = self.messages.get(&number).ok_or(LineError::NoMessage(number))?;
        if shown.by != Author::Person(me.clone()) {
            return Err(LineError::NotTheirs { message: number, person: me.clone() });
        }
        let message = MessageRef { channel: shown.place.id(), id: message_id(number) };
        Ok((message, shown.thread.map(message_id)))
    }

    fn press(&mut self, me: &Name, number: u32, button: &str) -> Outcome {
        let shown = self.messages.get(&number).ok_or(LineError::NoMessage(number))?;
        let (action, buttons) = match &shown.by {
            Author::Usher { action, buttons } => (action.clone(), buttons.as_slice()),
            Author::Person(_) => return Err(no_button(number, button, &[])),
        };
        let pressed = pick(buttons, button).ok_or_else(|| no_button(number, button, buttons))?;
        let words = format!("{me} presses [{}] of [{number}]", pressed.label);
        let what = What::Pressed { user: me.clone(), action, choice: pressed.choice.clone() };
        Ok(self.did(number, what, words))
    }

    fn call(&mut self, at: &Standpoint, people: &[String]) -> Outcome {
        let mut users = vec![at.me.clone()];
        for person in people {
            let person = self.known(person)?;
            if !users.contains(&person) {
                users.push(person);
            }
        }
        let words = format!("a call begins: {}", users.join(", "));
        let what = What::CallBegan { channel: at.place.id(), thread: at.thread.map(message_id), users };
        let event = self.event(what);
        let entry = Entry::sign(event.at, self.label(&at.place, at.thread), words);
        Ok((vec![entry], Effect::Happened(vec![event])))
    }

    /// Something that was done to message `number`.
    fn did(&mut self, number: u32, what: What, words: String) -> (Vec<Entry>, Effect) {
        let event = self.event(what);
        let place = self.messages.get(&number).map(|shown| self.label(&shown.place, shown.thread));
        (vec![Entry::sign(event.at, place.unwrap_or_default(), words)], Effect::Happened(vec![event]))
    }

    fn direct(&mut self, direction: &Direction) -> Outcome {
        let effect = match direction {
            Direction::As(person) => {
                self.me = Some(self.known(person)?);
                Effect::Nothing
            }
            Direction::In(name) => {
                let me = self.me.clone();
                let place = match (name, me) {
                    (PlaceName::Usher, None) => return Err(LineError::Nobody),
                    (name, me) => self.place_of(name, &me.unwrap_or_default())?,
                };
                (self.here, self.thread) = (Some(place), None);
                Effect::Nothing
            }
            Direction::Thread(message) => {
                let shown = self.messages.get(message).ok_or(LineError::NoMessage(*message))?;
                let place = shown.place.clone();
                self.thread = Some(self.thread_in(*message, &place)?);
                self.here = Some(place);
                Effect::Nothing
            }
            Direction::Main => {
                self.thread = None;
                Effect::Nothing
            }
            Direction::At(when) => Effect::JumpTo(self.later(when.resolve(self.now, self.zone()))?),
            Direction::Until(when) => Effect::PassUntil(self.later(when.resolve(self.now, self.zone()))?),
            Direction::Person { name, zone } => return self.enter(name, *zone),
            Direction::Channel { name, private } => return self.new_channel(name, *private),
            Direction::Away { person, dates } => return self.away(person, *dates),
            Direction::Gap(channel) => return self.gap(channel.as_deref()),
            Direction::Filled(channel) => return self.filled(channel.as_deref()),
            Direction::Lost(channel) => return self.lost(channel),
            Direction::Crash => Effect::Crash,
            Direction::Runbook(file) => Effect::Runbook(file.clone()),
            Direction::Who => Effect::Who,
            Direction::Notes(shown) => {
                self.notes = *shown;
                Effect::Nothing
            }
            Direction::Tour => Effect::Tour,
            Direction::Help(about) => Effect::Help(about.clone()),
            Direction::Quit => Effect::Quit,
        };
        Ok((Vec::new(), effect))
    }

    fn later(&self, to: Instant) -> Result<Instant, LineError> {
        if to < self.now { Err(LineError::Past { zone: self.zone(), now: self.now, to }) } else { Ok(to) }
    }

    fn enter(&mut self, name: &str, zone: Tz) -> Outcome {
        if self.people.contains_key(name) || self.groups.contains(name) || name.eq_ignore_ascii_case("usher")
        {
            return Err(LineError::Taken(name.to_owned()));
        }
        let event = self.join(name, zone);
        Ok(self.stage(event, format!("{name} joins, in {zone}")))
    }

    fn new_channel(&mut self, name: &str, private: bool) -> Outcome {
        if self.channels.contains_key(name) {
            return Err(LineError::Taken(format!("#{name}")));
        }
        let event = self.open(name, private);
        let kind = if private { "private channel" } else { "channel" };
        Ok(self.stage(event, format!("the {kind} #{name} opens")))
    }

    fn away(&mut self, person: &str, dates: Option<(NaiveDate, NaiveDate)>) -> Outcome {
        let user = self.known(person)?;
        let zone = self.people.get(&user).copied().unwrap_or(self.zone);
        let span = dates.map(|(from, to)| Span {
            from: day_start_or_next(zone, from),
            to: day_start_or_next(zone, to.checked_add_days(Days::new(1)).unwrap_or(to)),
        });
        let words = match dates {
            Some((from, to)) if from == to => format!("{user} is away on {from}"),
            Some((from, to)) => format!("{user} is away from {from} to {to}"),
            None => format!("{user} is back"),
        };
        let event = self.event(What::Away { user, span });
        Ok(self.stage(event, words))
    }

    fn gap(&mut self, channel: Option<&str>) -> Outcome {
        let channel = channel.map(|channel| self.known_channel(channel)).transpose()?;
        let words = format!("events of {} may be missing from now on", everywhere(channel.as_ref()));
        let event = self.event(What::Gap { channel, from: self.now });
        Ok(self.stage(event, words))
    }

    fn filled(&mut self, channel: Option<&str>) -> Outcome {
        let channel = channel.map(|channel| self.known_channel(channel)).transpose()?;
        let words = format!("what was missing of {} has been read", everywhere(channel.as_ref()));
        let event = self.event(What::Filled { channel });
        Ok(self.stage(event, words))
    }

    fn lost(&mut self, channel: &str) -> Outcome {
        let channel = self.known_channel(channel)?;
        let words = format!("what was missing of #{channel} cannot be read");
        let event = self.event(What::Lost { channel, why: "the history cannot be read".to_owned() });
        Ok(self.stage(event, words))
    }

    fn stage(&self, event: Event, words: String) -> (Vec<Entry>, Effect) {
        (vec![Entry::stage(event.at, words)], Effect::Happened(vec![event]))
    }
}

fn everywhere(channel: Option<&Name>) -> String {
    channel.map_or("all channels".to_owned(), |channel| format!("#{channel}"))
}

/// The button of that number, or the only one whose label begins so.
fn pick<'a>(buttons: &'a [Button], wanted: &str) -> Option<&'a Button> {
    if let Ok(number) = wanted.parse::<usize>() {
        return number.checked_sub(1).and_then(|index| buttons.get(index));
    }
    let wanted = wanted.to_lowercase();
    let mut fitting = buttons.iter().filter(|button| button.label.to_lowercase().starts_with(&wanted));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

fn no_button(message: u32, button: &str, has: &[Button]) -> LineError {
    let has: Vec<String> = has.iter().map(|button| format!("`{}`", button.label)).collect();
    LineError::NoButton { message, button: button.to_owned(), has: has.join(", ") }
}

/// The name most like `name`, if one is like it at all.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a Name>) -> Option<String> {
    let (distance, best) = names.map(|known| (damerau_levenshtein(known, name), known)).min()?;
    (distance <= 2 && distance < best.chars().count()).then(|| best.to_string())
}
