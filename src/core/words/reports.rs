//! What waited, told together; and what the admins hear.

use super::Words;
use super::owed::{day_or_date, link};
use crate::calendar::Instant;
use crate::core::action::{Kind, Target};
use crate::core::barred::{Barrier, Errand};
use crate::core::event::{ChannelId, MessageRef, RevisionText};
use crate::core::ladder::Matter;
use crate::core::line::Line;
use crate::core::message::{Message, Part, TimeStyle};
use crate::core::said::Held;
use crate::core::terms::{kind_words, number, silence_words};
use crate::core::turn::Silence;
use crate::runbook::Name;

/// So much of a commit tells it from others.
const REVISION_CHARS: usize = 12;

impl Words<'_> {
    /// What waited for a person.
    pub(in crate::core) fn digest(&self, person: &Name, held: &[Held], now: Instant) -> Message {
        let zone = self.zone(person);
        let mut line = Line::of(match held.len() {
            1 => "One question waits for you:",
            _ => "These questions wait for you:",
        });
        for held in held {
            let owing = self.engine.owing(&held.about.strand, &held.about.message);
            let Some((case, owed)) = owing else { continue };
            let matter = Matter { key: &held.about.strand, case, owed, due: None, now };
            line = line.bullet().part(self.name(&case.asker)).words(" asked ").part(link(&matter, "this"));
            line = line.words(" in ").part(self.places.part(&held.about.strand.channel));
            line = match held.due {
                Some(due) if due <= now => {
                    line.words("; an answer was owed by ").time(due, zone, day_or_date(due, now))
                }
                Some(due) => line.words("; an answer is owed by ").time(due, zone, day_or_date(due, now)),
                None => line.words(", since ").time(owed.since, zone, TimeStyle::Day),
            };
        }
        let line = line.newline().words("Answer there; ").command("take");
        let line = line.words(" in a thread makes it yours, ").command("owe").words(" lists them all.");
        line.done()
    }

    /// To the admins: a kind of notice was dismissed often enough.
    pub(in crate::core) fn turned_off(&self, channel: &ChannelId, kind: Kind, name: &str) -> Message {
        let here = self.places.part(channel);
        let line = Line::of("In ").part(here).words(" ").words(kind_words(kind));
        let line = line.words(" was dismissed twice, so none comes there any more. To bring it back, say ");
        line.command(&format!("turn-on {name}")).words(" there.").done()
    }

    /// To the admins: a channel's history cannot be read.
    pub(in crate::core) fn history_lost(&self, channel: &ChannelId, why: &str) -> Message {
        let line = Line::of("I may have missed messages in ").part(self.places.part(channel));
        let line = line.words(" and cannot read them: ").quote(why);
        line.words(". I stopped counting the open questions there; please look through them once.").done()
    }

    /// To the admins: messages in a channel came encrypted and their keys have not, so questions were given up.
    pub(in crate::core) fn unread(&self, channel: &ChannelId, messages: usize, given_up: usize) -> Message {
        let here = self.places.part(channel);
        let (line, it) = match messages {
            1 => (Line::of("I cannot read a message in ").part(here).words(": its key has not come."), "it"),
            _ => {
                let line = Line::of(&format!("I cannot read {messages} messages in ")).part(here);
                (line.words(": their keys have not come."), "them")
            }
        };
        let line = match given_up {
            0 => line,
            1 => line.words(" One question there may have been answered so: I stopped counting it, please look at it once."),
            _ => line.words(&format!(
                " {given_up} questions there may have been answered so: I stopped counting them, please look through them once."
            )),
        };
        let line = line.words(&format!(
            " Whoever wrote {it} can write again, or open the app that they wrote {it} with:"
        ));
        line.words(" that often brings the key. If it goes on, run ").code("usher doctor").words(".").done()
    }

    /// To the admins: a channel was archived while answers were owed in it.
    pub(in crate::core) fn archived(&self, channel: &ChannelId, open: usize) -> Message {
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        let line = Line::default()
            .part(self.places.part(channel))
            .words(" was archived, so nobody can answer in it. ");
        let line = line.words(&match open {
            1 => "One question was still open there; I stopped counting it.".to_owned(),
            _ => format!("{} questions were still open there; I stopped counting them.", number(open)),
        });
        line.words(" Whoever still needs an answer should ask elsewhere.").done()
    }

    /// To the admins: something cannot be said, and what mends that. What it would have said is nobody else's.
    pub(in crate::core) fn barred(&self, errand: &Errand, barrier: Barrier, why: &str) -> Message {
        let line = match &errand.to {
            Target::Direct { platform, user } => {
                let person = self.people.person(*platform, user);
                let line = Line::of("I could not send ").part(self.name(&person));
                line.words(&format!(" {} directly: ", kind_words(errand.kind)))
            }
            Target::Thread { channel, .. }
            | Target::Channel { channel, .. }
            | Target::Private { channel, .. } => {
                let line = Line::of(&format!("I could not post {} in ", kind_words(errand.kind)));
                line.part(self.places.part(channel)).words(": ")
            }
            Target::Home { .. } | Target::Amend { .. } | Target::Page { .. } => {
                Line::of(&format!("I could not deliver {}: ", kind_words(errand.kind)))
            }
        };
        mend(line, barrier, why).done()
    }

    /// To the channel of `announce-in`: the rules are other than they were.
    pub(in crate::core) fn revised(&self, text: &RevisionText) -> Message {
        let id: String = text.id.chars().take(REVISION_CHARS).collect();
        let line = Line::of("The runbook changed (revision ").code(&id).words(")");
        let line = match &text.by {
            Some(by) => line.words(", by ").quote(by).words("."),
            None => line.words("."),
        };
        line.words(" Ask me for ").code("runbook").words(" to see what holds now.").done()
    }

    /// To the admins: what would have been said in watched channels.
    pub(in crate::core) fn would_have(&self, listed: &[(Kind, MessageRef)], more: u32) -> Message {
        let mut line = Line::of("In watched channels I would have spoken up here:");
        for (kind, message) in listed {
            let about = Part::Message { message: message.clone(), label: "this message".to_owned() };
            line = line.bullet().words(kind_words(*kind)).words(", about ").part(about);
            line = line.words(" in ").part(self.places.part(&message.channel));
        }
        if more > 0 {
            line = line.newline().words(&format!("and {more} more"));
        }
        let line = line.newline().words("Set ").code("usher = \"speak\"");
        line.words(" for a channel in the runbook when you want me to.").done()
    }

    /// To the admins, on Friday.
    pub(in crate::core) fn week(&self, spoke: u32, quiet: u32, silent: &[(Silence, u32)]) -> Message {
        let line = Line::of(&format!("This week I spoke in {} and stayed silent in ", threads(spoke)));
        let line = line.words(&threads(quiet)).words(".");
        let each = silent.iter();
        each.fold(line, |line, (why, count)| {
            line.bullet().words(&format!("{count} × {}", silence_words(*why)))
        })
        .done()
    }
}

/// What stands in the way, and what helps.
fn mend(line: Line, barrier: Barrier, why: &str) -> Line {
    match barrier {
        Barrier::NotIn => {
            line.words("I am not in it. To let me in, type ").code("/invite @Usher").words(" there.")
        }
        Barrier::Unseen => {
            let line = line.words("I cannot see it. If it is private, type ").code("/invite @Usher");
            line.words(" there; if it is gone, take it out of the runbook.")
        }
        Barrier::Archived => line.words("it is archived. Unarchive it, or take it out of the runbook."),
        Barrier::ReadOnly => {
            let line = line.words("only some may post there. Let me post in its settings, or set ");
            line.code("usher = \"watch\"").words(" for it in the runbook.")
        }
        Barrier::Unreachable => {
            let line = line.words("the account is closed, or hidden from me. ");
            line.words("Correct their id in the runbook, or take them out of it.")
        }
        Barrier::Permission => {
            let line =
                line.words("a permission is missing (").code(why).words("), and that stops me everywhere. ");
            line.words("Install my app again from its manifest.")
        }
        Barrier::Flaw => {
            let line = line.words("I made it in a way that is not taken (").code(why).words("). ");
            line.words("That is a fault of mine: please report it, with what my log says.")
        }
        Barrier::Other => line.words("it was refused with ").code(why).words(". My log says when and which."),
    }
}

fn threads(count: u32) -> String {
    match count {
        0 => "no thread".to_owned(),
        1 => "1 thread".to_owned(),
        _ => format!("{count} threads"),
    }
}
