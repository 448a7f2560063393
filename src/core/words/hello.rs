//! The hello: what Usher does in a channel into which it was let, and what it does not.

use super::Words;
use crate::calendar::Instant;
use crate::core::answers::promise;
use crate::core::event::ChannelId;
use crate::core::line::{Line, joined};
use crate::core::message::{Message, Part};
use crate::runbook::{Channel, Level, Reaction, Runbook, Suggest};

/// More marks than these are for `runbook` to tell.
const MARKS: usize = 4;

impl Words<'_> {
    /// To a channel in which Usher speaks.
    pub(in crate::core) fn hello(&self, channel: &ChannelId, now: Instant) -> Message {
        let Some(revision) = self.engine.calendars.current() else { return Message::default() };
        let runbook = &revision.runbook;
        let policy = self.places.policy_unkept(revision, channel);
        let line = Line::of("Hello, I'm Usher, and keep the runbook of ").strong(&runbook.team.name);
        let line = line.words(". What I do here:");
        let marked = marked(runbook);
        let line = match (promising(policy), marked.is_empty()) {
            (Some(level), _) => taken(self.promised(line, policy, level, now), policy, runbook),
            (None, false) => {
                taken(line.bullet().words("Without a mark, nothing is owed here."), policy, runbook)
            }
            (None, true) => line.bullet().words("Nothing is owed here, and I remind nobody."),
        };
        let line = match marked.is_empty() {
            true => line,
            false => {
                let line = line.bullet().words("Begin a message with ").parts(joined(marked, "or"));
                line.words(" to make it more urgent.")
            }
        };
        let line = match runbook.threads.suggest {
            Suggest::WhenStuck | Suggest::Always => line
                .bullet()
                .words("When a thread goes back and forth without an end, I suggest a short call."),
            Suggest::Never => line,
        };
        let line = line
            .newline()
            .words("I answer no questions in your place, and outside their hours I ping nobody");
        let interrupting = runbook.levels.iter().filter(|level| level.interrupts);
        let interrupting: Vec<&str> = interrupting.map(|level| level.name.as_str()).collect();
        let line = match interrupting.is_empty() {
            true => line.words(". "),
            false => line.words(&format!(", {} aside. ", interrupting.join(" and "))),
        };
        line.command("help").words(" shows what to ask me; what you ask, only you read.").done()
    }

    fn promised(&self, line: Line, policy: &Channel, level: &Level, now: Instant) -> Line {
        let line = line.bullet().words(&format!("A question is owed {}", promise(level)));
        let line = match policy.responders.as_slice() {
            [] => line.words(", by whoever is mentioned"),
            responders => line.words(", by ").parts(self.engine.whose(responders, now)),
        };
        match level.escalate.is_empty() {
            true => line.words("."),
            false => line.words(". I remind whoever owes it."),
        }
    }

    /// To whoever let Usher into a channel in which it gives hints alone.
    pub(in crate::core) fn hello_private(&self, channel: &ChannelId) -> Message {
        let line = self.you_let_me(channel).words("There I never speak for all to read: ");
        let line =
            line.words("whoever asks somebody who is off, or owes an answer, hears it from me in private. ");
        self.change(line, channel, "To have me remind people in the threads")
    }

    /// To whoever let Usher into a channel that it watches.
    pub(in crate::core) fn hello_watching(&self, channel: &ChannelId) -> Message {
        let line =
            self.you_let_me(channel).words("I only watch there: I say nothing to anybody, and once a day ");
        let line = line.words("the admins hear what I would have said. ");
        self.change(line, channel, "To have me speak")
    }

    /// To whoever let Usher into a conversation among people.
    pub(in crate::core) fn hello_among_people(&self) -> Message {
        let line = Line::of("You let me into a conversation of yours. In those I neither listen nor speak. ");
        line.words("Let me into a channel, or write to me here: ").command("help").words(".").done()
    }

    fn you_let_me(&self, channel: &ChannelId) -> Line {
        Line::of("You let me into ").part(self.places.part(channel)).words(". ")
    }

    /// How a channel is made one in which Usher speaks, and by whom.
    fn change(&self, line: Line, channel: &ChannelId, purpose: &str) -> Message {
        let name = self.places.shown(channel);
        let is_bare = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        let name = if is_bare { name.to_string() } else { format!("\"{name}\"") };
        let line = line.words(purpose).words(", set ").code("usher = \"speak\"");
        let line = line.words(" under ").code(&format!("[channels.{name}]")).words(" in the runbook");
        let admins = self.runbook.as_ref().map_or(&[][..], |runbook| &runbook.team.admins);
        match admins {
            [] => line.words(".").done(),
            admins => line.words("; ").parts(self.names_or(admins)).words(" can.").done(),
        }
    }
}

/// The level of what carries no mark, where it promises an answer.
fn promising(policy: &Channel) -> Option<&Level> {
    policy.urgency.as_deref().filter(|level| level.respond_within.is_some())
}

/// What a message begins with, and what that means: `!blocking (I cannot go on without you)`.
fn marked(runbook: &Runbook) -> Vec<Vec<Part>> {
    let promising = runbook.levels.iter().filter(|level| level.respond_within.is_some());
    let marked = promising.filter_map(|level| Some((level.marks.last()?, &level.means))).take(MARKS);
    marked.map(|(mark, means)| vec![Part::Code(mark.clone()), Part::Words(format!(" ({means})"))]).collect()
}

/// How a question is taken and settled.
fn taken(line: Line, policy: &Channel, runbook: &Runbook) -> Line {
    let line = line.bullet().words("To take a question, press the button");
    let line = reactions(line, " or react with ", &policy.acknowledge);
    let line = line.words(". It is settled by an answer");
    reactions(line, ", or by ", &runbook.threads.resolved_by).words(".")
}

fn reactions(line: Line, lead: &str, reactions: &[Reaction]) -> Line {
    if reactions.is_empty() {
        return line;
    }
    let each = reactions.iter().map(|reaction| vec![Part::Words(reaction.shown())]).collect();
    line.words(lead).parts(joined(each, "or"))
}
