//! What a message of Usher's is made of.
//!
//! What a person typed is a [`Part::Quote`] and nothing else: every platform shows it literally, so it
//! can never become a mention, markup or a command. Only a [`Part::Mention`] pings.

use std::fmt::Write as _;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::action::{ActionId, Choice};
use super::event::{ChannelId, MessageRef, UserId};
use crate::calendar::Instant;

/// A message: its parts in order, and its buttons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The parts.
    pub parts: Vec<Part>,
    /// The buttons, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Usher's own words.
    Words(String),
    /// Usher's own words, strong.
    Strong(String),
    /// A person, pinged.
    Mention {
        /// Whom.
        user: UserId,
        /// The name to show.
        name: SmolStr,
    },
    /// A person's name, not pinged.
    Name(SmolStr),
    /// A channel.
    Channel {
        /// Which.
        channel: ChannelId,
        /// Its name without `#`.
        name: SmolStr,
    },
    /// An instant, in the reader's own zone where the platform can, else in `zone`.
    Time {
        /// When.
        at: Instant,
        /// The zone to print it in.
        zone: Tz,
        /// How much of it to print.
        style: TimeStyle,
    },
    /// What a person typed.
    Quote(String),
    /// Something to type, shown as code.
    Code(String),
    /// A command without Usher's name, shown as it is said to Usher on the platform.
    Command(String),
    /// A message of the chat, as a link where the platform has such.
    Message {
        /// Which.
        message: MessageRef,
        /// What it is called.
        label: String,
    },
    /// An address, made by Usher or by the runbook.
    Link {
        /// The address.
        url: String,
        /// What it is called.
        label: String,
    },
    /// The next part begins a line.
    Break,
    /// The title of what follows, on a line of its own.
    Heading(String),
    /// Buttons amid a message, under what they are about.
    Buttons {
        /// The action that a press answers.
        of: ActionId,
        /// The buttons, in order.
        buttons: Vec<Button>,
    },
}

/// How much of an instant to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeStyle {
    /// `14:00`.
    Clock,
    /// `Wed 14:00`.
    Day,
    /// `Wed 14 Dec, 14:00`.
    Date,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What it does.
    pub choice: Choice,
}

impl Message {
    /// The message as plain text, its buttons in brackets: what the console shows, and the fallback
    /// everywhere else. What people typed is stripped of control and direction marks.
    pub fn plain(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            part.write_plain(&mut text);
        }
        write_buttons(&self.buttons, &mut text);
        text
    }
}

fn write_buttons(buttons: &[Button], text: &mut String) {
    for button in buttons {
        let gap = if text.is_empty() || text.ends_with(['\n', ' ']) { "" } else { " " };
        let _ = write!(text, "{gap}[{}]", button.label);
    }
}

impl Part {
    fn write_plain(&self, text: &mut String) {
        let is_amid_line = !text.is_empty() && !text.ends_with('\n');
        let written = match self {
            Part::Words(words) | Part::Strong(words) => write!(text, "{words}"),
            Part::Mention { name, .. } => write!(text, "@{name}"),
            Part::Name(name) => write!(text, "{}", harmless(name)),
            Part::Channel { name, .. } => write!(text, "#{name}"),
            Part::Time { at, zone, style } => write!(text, "{}", style.format(*at, *zone)),
            Part::Quote(typed) => write!(text, "“{}”", harmless(typed)),
            Part::Code(code) => write!(text, "`{code}`"),
            Part::Command(words) => write!(text, "`usher {words}`"),
            Part::Message { label, .. } => write!(text, "{label}"),
            Part::Link { url, label } if url == label => write!(text, "{url}"),
            Part::Link { url, label } => write!(text, "{label} ({url})"),
            Part::Break => writeln!(text),
            Part::Heading(title) if is_amid_line => write!(text, "\n{title}\n"),
            Part::Heading(title) => writeln!(text, "{title}"),
            Part::Buttons { buttons, .. } => {
                write_buttons(buttons, text);
                writeln!(text)
            }
        };
        written.expect("writing to a String cannot fail");
    }
}

impl TimeStyle {
    /// `at` on the wall clock of `zone`.
    pub fn format(self, at: Instant, zone: Tz) -> String {
        let local = at.utc().with_timezone(&zone);
        match self {
            TimeStyle::Clock => local.format("%H:%M").to_string(),
            TimeStyle::Day => local.format("%a %H:%M").to_string(),
            TimeStyle::Date => local.format("%a %-d %b, %H:%M").to_string(),
        }
    }
}

/// `typed` on one line, without characters that control a terminal or turn the direction of text.
pub fn harmless(typed: &str) -> String {
    typed
        .chars()
        .filter_map(|c| match c {
            '\n' | '\t' => Some(' '),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}
