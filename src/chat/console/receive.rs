//! What Usher sends arrives in the room.

use smol_str::SmolStr;

use super::room::{Author, Place, Room, Shown, message_id};
use super::show::{Entry, EntryKind, numbered};
use crate::core::action::{Action, ActionId, PageSignal, Target};
use crate::core::event::{ChannelId, MessageId, MessageRef};
use crate::core::message::Message;

/// What became of something that Usher sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is here, and shown so.
    Shown(Option<MessageRef>, Entry),
    /// There is no such place.
    NoPlace(String),
}

impl Room {
    /// Takes what Usher sends. The clock stands still meanwhile.
    pub fn receive(&mut self, action: &Action) -> Received {
        match &action.to {
            Target::Thread { channel, root, .. } => self.post(action, channel, Some(root), None),
            Target::Channel { channel, .. } => self.post(action, channel, None, None),
            Target::Private { channel, thread, user, .. } => {
                self.post(action, channel, thread.as_ref(), Some(user))
            }
            Target::Direct { user, .. } => self.post(action, &Place::Direct(user.clone()).id(), None, None),
            Target::Home { .. } => Received::NoPlace("the console shows no home".to_owned()),
            Target::Amend { of } => self.amend(of, &action.message),
            Target::Page { person, level, signal, .. } => {
                let does = match signal {
                    PageSignal::Trigger => "pages",
                    PageSignal::Acknowledge => "is told that somebody took it:",
                    PageSignal::Resolve => "is told that it is over:",
                };
                let text = format!("pager {does} {person} ({level}): {}", words(&action.message));
                Received::Shown(
                    None,
                    Entry { at: self.now, place: String::new(), text, kind: EntryKind::Usher },
                )
            }
        }
    }

    fn post(
        &mut self,
        action: &Action,
        channel: &ChannelId,
        thread: Option<&MessageId>,
        only: Option<&SmolStr>,
    ) -> Received {
        let place = Place::of_id(channel);
        let here = match &place {
            Place::Channel(name) => self.channels.contains_key(name),
            Place::Direct(person) => self.people.contains_key(person),
        };
        if !here {
            return Received::NoPlace(format!("there is no {channel} here"));
        }
        let by = Author::Usher { action: action.id.clone(), buttons: action.message.buttons.clone() };
        let thread = thread.and_then(|root| root.parse().ok());
        let shown = Shown { place, thread, by, text: words(&action.message) };
        let number = self.keep(shown);
        let mut entry = self.entry(number, self.now);
        if let Some(only) = only {
            entry.place.push_str(&format!(" (only {only} sees it)"));
        }
        let message = MessageRef { channel: channel.clone(), id: message_id(number) };
        Received::Shown(Some(message), entry)
    }

    /// New words for what Usher said.
    fn amend(&mut self, of: &ActionId, message: &Message) -> Received {
        let said = self.messages.iter_mut().rev().find_map(|(number, shown)| match &mut shown.by {
            Author::Usher { action, buttons } if action == of => Some((*number, &mut shown.text, buttons)),
            Author::Usher { .. } | Author::Person(_) => None,
        });
        let Some((number, text, buttons)) = said else {
            return Received::NoPlace(format!("what {of} said is not here any more"));
        };
        *text = words(message);
        buttons.clone_from(&message.buttons);
        let text = format!("✎ [{number}] now reads: {text}{}", numbered(buttons));
        let place = self.messages.get(&number).map(|shown| self.label(&shown.place, shown.thread));
        let entry = Entry { at: self.now, place: place.unwrap_or_default(), text, kind: EntryKind::Usher };
        Received::Shown(self.message_ref(number), entry)
    }
}

/// A message without its buttons, as text.
fn words(message: &Message) -> String {
    Message { parts: message.parts.clone(), buttons: Vec::new() }.plain()
}
