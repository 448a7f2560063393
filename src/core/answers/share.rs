//! `share`: an answer that is posted for all, if all may read it.

use smol_str::format_smolstr;

use super::Asked;
use crate::core::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use crate::core::command::{ChannelNamed, Command, Mistake, Shared, Whom};
use crate::core::engine::Engine;
use crate::core::line::Line;
use crate::core::message::Message;
use crate::core::turn::Turn;
use crate::runbook::Voice;

impl Engine {
    /// Posts the answer to a question where it was asked; where Usher does not speak, the asker alone reads it.
    pub(in crate::core) fn share(
        &mut self,
        asked: &Asked<'_>,
        shared: Shared,
        turn: &mut Turn,
    ) -> Result<Message, Mistake> {
        let Shared { entry, command, words } = shared;
        if !self.is_for_all(asked, &command) {
            return Err(Mistake::NotForAll { entry });
        }
        let answer = self.carry_out(asked, entry, command, turn)?;
        if self.voice(asked.channel) != Voice::Speak || self.places.is_direct(asked.channel) {
            let line = Line::of("I do not speak here, so only you read this.").newline();
            return Ok(line.parts(answer.parts).done());
        }
        let line = Line::default().part(self.words().name(&asked.by)).words(" shares ").quote(&words);
        let message = line.words(":").newline().parts(answer.parts).done();
        turn.actions.push(Action {
            id: ActionId(format_smolstr!("shared/{}", asked.event.key)),
            kind: Kind::Answer,
            to: place(asked),
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        });
        Ok(Line::of("Posted here, for all to read.").done())
    }

    /// Whether everyone who reads along may know what a command answers.
    fn is_for_all(&self, asked: &Asked<'_>, command: &Command) -> bool {
        match command {
            Command::Help(_) | Command::Runbook | Command::Who(None) => true,
            Command::Who(Some(of)) | Command::Hours { of, .. } => match of {
                Whom::Of(_) | Whom::Topic(_) => true,
                Whom::Channel(channel) => self.may_all_know_of(asked, channel),
            },
            Command::Due { channel: Some(channel), .. } | Command::Decisions(Some(channel)) => {
                self.may_all_know_of(asked, channel)
            }
            Command::Due { channel: None, level: Some(_) } | Command::Decisions(None) => true,
            // About one thread, and how late somebody may be in it.
            Command::Due { channel: None, level: None } | Command::Why(_) => false,
            Command::Owe
            | Command::Share(_)
            | Command::Take
            | Command::Snooze(_)
            | Command::Urgent(_)
            | Command::Resolve
            | Command::Call
            | Command::Outcome(_)
            | Command::Later { .. }
            | Command::LaterList
            | Command::LaterCancel(_)
            | Command::Mute(_)
            | Command::Unmute
            | Command::TurnOn(_) => false,
        }
    }

    /// Whether a channel is this one, or no secret.
    fn may_all_know_of(&self, asked: &Asked<'_>, channel: &ChannelNamed) -> bool {
        channel
            .id
            .as_ref()
            .is_none_or(|id| id == asked.channel || self.places.is_readable(id, None, &self.people))
    }
}

/// Where everyone reads it.
fn place(asked: &Asked<'_>) -> Target {
    let (platform, channel) = (asked.event.platform, asked.channel.clone());
    match asked.thread {
        Some(root) => Target::Thread { platform, channel, root: root.clone() },
        None => Target::Channel { platform, channel },
    }
}
