//! `help`: made from the table of commands.

use crate::core::command::{ENTRIES, Entry, Works};
use crate::core::line::Line;
use crate::core::message::Message;
use crate::core::words::Words;

impl Words<'_> {
    /// Every command in a line; or one at length.
    pub(in crate::core) fn help(&self, about: Option<&'static Entry>) -> Message {
        match about {
            Some(entry) => one(entry),
            None => {
                let line = Line::of("I keep the team's runbook. Ask me:");
                let line = ENTRIES.iter().fold(line, |line, entry| {
                    line.bullet().code(entry.name).words(": ").words(entry.help).words(for_whom(entry.works))
                });
                line.newline()
                    .code("help later")
                    .words(" says more of one. What you ask, only you read; ")
                    .code("share who")
                    .words(" posts the answer.")
                    .done()
            }
        }
    }
}

fn one(entry: &Entry) -> Message {
    let line = Line::default().code(entry.name).words(": ").words(entry.help).words(".");
    let line = line.words(match entry.works {
        Works::Anywhere => "",
        Works::InThread => " Say it in the thread.",
        Works::ForAdmins => " Admins alone can.",
    });
    let line = entry.usage.iter().fold(line, |line, usage| line.bullet().code(usage));
    if entry.aliases.is_empty() {
        return line.done();
    }
    let line = line.newline().words("Also called ");
    line.listed(entry.aliases, |line, alias| line.code(alias)).words(".").done()
}

fn for_whom(works: Works) -> &'static str {
    match works {
        Works::Anywhere => "",
        Works::InThread => " (in a thread)",
        Works::ForAdmins => " (admins)",
    }
}
