//! Messages: posts and commands, and their edits.

use smol_str::SmolStr;

use super::reader::{Head, Outcome, Reader, Stop, event, kept, named_event};
use super::text::{Meant, Typed, Writer, after_name, after_sign, without_fallback};
use super::{Heard, Ignored, Notice, Target, Wanted, html};
use crate::chat::matrix::legend::Legend;
use crate::chat::matrix::wire::{Content, Envelope, Relation, Unsigned, event_id, part};
use crate::chat::word::given;
use crate::core::event::{Event, Mention, MessageId, Posted, Text, UserId, What};

/// No transaction that Usher made has a longer id.
const LONGEST_TRANSACTION: usize = 255;

/// What a message belongs to.
#[derive(Default)]
pub(super) struct Place {
    /// The first message of its thread.
    pub thread: Option<MessageId>,
    /// The message that it answers, in so many words.
    pub reply_to: Option<MessageId>,
    /// The message that it replaces.
    pub replaces: Option<MessageId>,
}

impl Place {
    pub fn of(relation: &Relation<'_>, own: &MessageId) -> Result<Place, Ignored> {
        let other = |word| named_event(word, "m.relates_to.event_id");
        let answered =
            relation.in_reply_to.as_ref().and_then(|reply| given(&reply.event_id)).and_then(event_id);
        Ok(match given(&relation.rel_type) {
            Some("m.replace") => Place { replaces: Some(other(&relation.event_id)?), ..Place::default() },
            Some("m.thread") => Place {
                thread: Some(other(&relation.event_id)?).filter(|root| root != own),
                // Clients that know no threads shall see an answer there; nobody meant one.
                reply_to: answered.filter(|_| relation.is_falling_back != Some(true)),
                replaces: None,
            },
            Some(_) | None => Place { reply_to: answered, ..Place::default() },
        })
    }
}

impl Reader<'_> {
    pub fn message(&self, head: &Head, envelope: &Envelope<'_>, unsigned: &Unsigned<'_>) -> Outcome {
        let content: Content<'_> = part(envelope.content).ok_or(Ignored::Nonsense("content"))?;
        let relation: Relation<'_> = part(content.relates_to).unwrap_or_default();
        let place = Place::of(&relation, &head.id)?;
        if self.is_own(&head.sender) {
            return Ok(self.own(head, &content, place, unsigned));
        }
        match place.replaces.clone() {
            Some(of) => self.edited(head, &content, of),
            None => self.said(head, &content, place),
        }
    }

    /// A message of Usher's own: read back, and read for what its reactions do.
    fn own(&self, head: &Head, content: &Content<'_>, place: Place, unsigned: &Unsigned<'_>) -> Heard {
        let message = self.message_ref(&head.id);
        let legend = own_legend(content);
        let target = Target::Own { legend: legend.clone() };
        let targets = match &place.replaces {
            // What a message does now is what its last edit says.
            Some(of) => vec![(message.clone(), Target::Edit), (self.message_ref(of), target)],
            None => vec![(message.clone(), target)],
        };
        let transaction = given(&unsigned.transaction_id).filter(|id| id.len() <= LONGEST_TRANSACTION);
        let transaction = transaction.map(Into::into);
        let notice = Notice::Own { message, replaces: place.replaces, legend, transaction };
        Heard { events: Vec::new(), notices: vec![notice], targets }
    }

    /// A post or a command.
    fn said(&self, head: &Head, content: &Content<'_>, place: Place) -> Outcome {
        let is_words = is_words(content)?;
        let typed = self.text(content, &head.sender, place.reply_to.as_ref())?;
        if self.is_direct() {
            if !is_words {
                return Err(Ignored::NoWords.into());
            }
            return self.said_directly(head, typed, place);
        }
        let words = command_in(&typed).filter(|_| is_words && given(&content.msgtype) != Some("m.emote"));
        let mut heard =
            Heard { events: self.unknown(head, &typed.text), ..self.target(head, place.thread.clone()) };
        if let Some(words) = words {
            heard.events.push(self.commanded(head, place.thread, words)?);
            return Ok(heard);
        }
        let posted = Posted {
            message: self.message_ref(&head.id),
            thread: place.thread,
            author: head.sender.clone(),
            bot: false,
            text: typed.text,
        };
        heard.events.push(self.made(head, "", What::Posted(posted)));
        Ok(heard)
    }

    /// Whatever is said to Usher alone is a command, unless it is an answer in a form.
    fn said_directly(&self, head: &Head, typed: Typed, place: Place) -> Outcome {
        let addressed = command_in(&typed);
        let is_command = addressed.is_some();
        let words = addressed.unwrap_or_else(|| typed.text.plain.trim().to_owned());
        let said = Notice::Said {
            message: self.message_ref(&head.id),
            user: head.sender.clone(),
            replaces: None,
            reply_to: place.reply_to,
            text: typed.text.clone(),
            is_command,
        };
        let mut events = self.unknown(head, &typed.text);
        let targets = self.target(head, place.thread.clone()).targets;
        events.push(self.commanded(head, place.thread, words)?);
        Ok(Heard { events, notices: vec![said], targets })
    }

    /// What a message is to those that come after it.
    fn target(&self, head: &Head, thread: Option<MessageId>) -> Heard {
        let target = Target::Message { author: head.sender.clone(), thread };
        Heard { targets: vec![(self.message_ref(&head.id), target)], ..Heard::default() }
    }

    fn commanded(&self, head: &Head, thread: Option<MessageId>, words: String) -> Result<Event, Stop> {
        self.is_since_joining(head)?;
        let what = What::Commanded { user: head.sender.clone(), channel: self.room.clone(), thread, words };
        Ok(self.made(head, "", what))
    }

    /// Those of whom the engine has yet to hear: who speaks, and who is mentioned.
    fn unknown(&self, head: &Head, text: &Text) -> Vec<Event> {
        let mentioned = text.mentions.iter().filter_map(|mention| match mention {
            Mention::User(user) => Some(user),
            Mention::Group(_) | Mention::Everyone | Mention::Usher => None,
        });
        let others = mentioned.filter(|user| **user != head.sender);
        std::iter::once(&head.sender).chain(others).filter_map(|user| self.unknown_user(head, user)).collect()
    }

    /// A user of whom the engine has yet to hear.
    pub fn unknown_user(&self, head: &Head, user: &UserId) -> Option<Event> {
        let facts = self.context.directory.untold(user)?;
        let key = self.key(format_args!("{}/user/{user}", head.id));
        Some(event(key, head.at, What::User { user: user.clone(), facts }))
    }

    /// An edit is never a command, whatever it says.
    fn edited(&self, head: &Head, content: &Content<'_>, of: MessageId) -> Outcome {
        let new: Content<'_> = part(content.new_content).ok_or(Ignored::Nonsense("m.new_content"))?;
        is_words(&new)?;
        let mut thread = None;
        match self.context.targets.get(&self.message_ref(&of)) {
            Some(Target::Message { author, .. }) if *author != head.sender => {
                return Err(Ignored::OthersMessage.into());
            }
            Some(Target::Own { .. }) => return Err(Ignored::OthersMessage.into()),
            Some(Target::Edit | Target::Reaction(_)) => return Err(Ignored::EditOfEdit.into()),
            Some(Target::Message { thread: known, .. }) => thread.clone_from(known),
            Some(Target::Unknown) | None => {}
        }
        let targets = vec![(self.message_ref(&head.id), Target::Edit)];
        let text = self.text(&new, &head.sender, None)?.text;
        if self.is_direct() {
            let said = Notice::Said {
                message: self.message_ref(&head.id),
                user: head.sender.clone(),
                replaces: Some(of),
                reply_to: None,
                text,
                is_command: false,
            };
            return Ok(Heard { notices: vec![said], targets, events: Vec::new() });
        }
        let message = self.message_ref(&of);
        let what = What::Edited { message, thread, author: head.sender.clone(), text };
        Ok(Heard { events: vec![self.made(head, "", what)], targets, notices: Vec::new() })
    }

    /// What a message says. Whoever answers somebody means them, as newer clients say themselves.
    fn text(
        &self,
        content: &Content<'_>,
        sender: &UserId,
        answered: Option<&MessageId>,
    ) -> Result<Typed, Stop> {
        let meant = Meant::of(content.mentions);
        let is_meant = meant.is_some();
        let mut writer = Writer::new(self.context.directory, &self.room, meant);
        let (body, quoted) = without_fallback(given(&content.body).unwrap_or_default());
        match formatted(content) {
            _ if has_no_caption(content) => {}
            Some(html) => html::read(html, &mut writer),
            None => writer.typed(body),
        }
        let answered = match answered {
            Some(message) if !is_meant => self.answered(message, quoted)?.filter(|author| author != sender),
            Some(_) | None => None,
        };
        Ok(writer.finish(answered.as_ref()))
    }

    /// Who wrote what is answered.
    fn answered(&self, message: &MessageId, quoted: Option<SmolStr>) -> Result<Option<UserId>, Stop> {
        let message = self.message_ref(message);
        match (self.context.targets.get(&message), quoted) {
            (Some(Target::Message { author, .. }), _) => Ok(Some(author.clone())),
            (Some(Target::Own { .. }), _) => Ok(Some(self.context.directory.own().clone())),
            (_, Some(quoted)) => Ok(Some(quoted)),
            (Some(Target::Edit | Target::Reaction(_) | Target::Unknown), None) => Ok(None),
            (None, None) => Err(Stop::Needs(Wanted::Event(message))),
        }
    }
}

/// What the reactions to a message of Usher's do; after an edit, what they do now.
pub(super) fn own_legend(content: &Content<'_>) -> Option<Legend> {
    let new: Option<Content<'_>> = part(content.new_content);
    new.and_then(|new| part(new.legend)).or_else(|| part(content.legend))
}

/// Whether somebody typed it, and it is not a file alone. Programs say that they are such.
fn is_words(content: &Content<'_>) -> Result<bool, Ignored> {
    let body = given(&content.body);
    match given(&content.msgtype).ok_or(Ignored::Nonsense("content.msgtype"))? {
        "m.notice" => Err(Ignored::AnotherBot),
        kind if kind.starts_with("m.key.verification.") => Err(Ignored::MessageType(kept(kind))),
        "m.location" => Ok(false),
        _ if body.is_none() => Err(Ignored::Nonsense("content.body")),
        _ => Ok(!has_no_caption(content)),
    }
}

/// A file's body is its name, unless that stands elsewhere; then it is what was written beside it.
fn has_no_caption(content: &Content<'_>) -> bool {
    match given(&content.msgtype) {
        Some("m.location") => true,
        Some("m.audio" | "m.file" | "m.image" | "m.video") => {
            let name = given(&content.filename);
            name.is_none() || name == given(&content.body)
        }
        _ => false,
    }
}

fn formatted<'c>(content: &'c Content<'_>) -> Option<&'c str> {
    given(&content.formatted_body).filter(|_| given(&content.format) == Some("org.matrix.custom.html"))
}

/// The words of a command, in a text that begins with Usher's sign or name.
fn command_in(typed: &Typed) -> Option<String> {
    let plain = &typed.text.plain;
    let named = || typed.addressed.and_then(|end| plain.get(end..)).map(after_name);
    after_sign(plain).or_else(named).map(Into::into)
}
