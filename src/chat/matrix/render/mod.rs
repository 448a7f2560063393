//! Usher's messages as the content of `m.room.message`: plain, and as HTML of the tags that Matrix allows. Pure.
//!
//! What people typed is escaped and shown as it was typed; it pings nobody, for a message pings exactly those whom
//! its `m.mentions` names. Nothing is longer than a server takes, an edit and its encryption included.

mod address;
mod content;
mod page;

pub use self::content::{Content, InReplyTo, Mentions, Relation};
use self::page::{Frame, Page};
use super::ADDRESSED;
use super::legend::{self, Legend, Row};
use crate::core::action::{Action, ActionId, Kind, Target};
use crate::core::event::{ChannelId, MessageId, MessageRef};
use crate::core::message::{Message, Part, harmless};

/// A content is no longer, in bytes of JSON. A server takes events of 65,536; encryption adds a third.
pub const CONTENT_MOST: usize = 32_000;
/// What an edit takes beside its two texts and legends, at most: its keys, and the ids of the messages.
const FRAME: usize = 1_200;
/// More is not shown of what one part says, in characters: a text for later, and an outcome, fit.
const PART: usize = 4_000;
/// More is not shown on a button, or of a title or a name.
const LABEL: usize = 150;

const STRONG: Frame<'static> = Frame { body: ("", ""), html: ("<strong>", "</strong>") };
const CODE: Frame<'static> = Frame { body: ("`", "`"), html: ("<code>", "</code>") };

/// The message of an action, in the thread that `thread` begins or in none. `home_server` is Usher's: in links to
/// rooms and messages it is the one that lets people in.
pub fn render(message: &Message, id: &ActionId, thread: Option<&MessageId>, home_server: &str) -> Content {
    let content = content(message, id, home_server, Page::of(CONTENT_MOST - FRAME));
    Content { relates_to: thread.map(Relation::in_thread), ..content }
}

/// The message of an action for one person alone, as it goes into their direct room `room`. What was to be shown
/// beside a thread or in another room begins with where that is; an answer that is about none does not.
pub fn render_direct(action: &Action, room: &str, home_server: &str) -> Content {
    let mut start = Page::of(CONTENT_MOST - FRAME);
    if let Target::Private { channel, thread, .. } = &action.to
        && channel != room
        && (thread.is_some() || action.kind != Kind::Answer)
    {
        lead(&mut start, channel, thread.as_ref(), home_server);
    }
    content(&action.message, &action.id, home_server, start)
}

/// `In this thread: `
fn lead(page: &mut Page, room: &ChannelId, thread: Option<&MessageId>, home_server: &str) {
    let about = match thread {
        Some(root) => {
            let message = MessageRef { channel: room.clone(), id: root.clone() };
            address::of_message(&message, home_server).map(|url| (url, "this thread"))
        }
        None => address::of_room(room, home_server).map(|url| (url, "this room")),
    };
    if let Some((url, label)) = about {
        page.text("In ");
        page.link(&url, label);
        page.text(": ");
    }
}

/// The message of an action as new words for the message `of`. Whom they name is not pinged again.
pub fn render_edit(message: &Message, id: &ActionId, of: &MessageId, home_server: &str) -> Content {
    let new = content(message, id, home_server, Page::of((CONTENT_MOST - FRAME) / 2));
    Content {
        body: format!("* {}", new.body),
        formatted_body: format!("* {}", new.formatted_body),
        mentions: Mentions::default(),
        relates_to: Some(Relation::Replace { event_id: of.clone() }),
        new_content: Some(Box::new(new.clone())),
        ..new
    }
}

/// The content that has all of the message on `page`.
fn content(message: &Message, id: &ActionId, home_server: &str, mut page: Page) -> Content {
    let rows = legend::rows(message);
    let legend = Legend::of_rows(&rows, id);
    page.keep(serde_json::to_string(&legend).map_or(0, |legend| legend.len()));
    fill(&mut page, message, &rows, home_server);
    Content {
        msgtype: "m.notice",
        body: page.body,
        format: "org.matrix.custom.html",
        formatted_body: page.html,
        mentions: Mentions { user_ids: page.user_ids },
        legend,
        new_content: None,
        relates_to: None,
    }
}

/// The parts, the rows of reactions amid them, and the last row, for which a place is kept.
fn fill(page: &mut Page, message: &Message, rows: &[Row<'_>], home_server: &str) {
    let is_first = |nth: usize| rows[..nth].iter().all(|row| row.buttons.is_empty());
    let last = rows.len() - 1;
    let mut foot = page.another();
    write_row(&rows[last], is_first(last), &mut foot);
    page.keep(foot.weight());
    let mut nth = 0;
    for part in &message.parts {
        if let Part::Buttons { .. } = part {
            page.new_line();
            write_row(&rows[nth], is_first(nth), page);
            page.new_line();
            nth += 1;
        } else {
            write(part, home_server, page);
        }
    }
    page.end_with(&foot);
}

/// `React with: 👀 I take it · 💤 In an hour`; what one does with them stands there once.
fn write_row(row: &Row<'_>, is_first: bool, page: &mut Page) {
    for (nth, (emoji, button)) in row.buttons.iter().enumerate() {
        page.text(match (nth, is_first) {
            (0, true) => "React with: ",
            (0, false) => "",
            (_, _) => " · ",
        });
        page.text(&format!("{emoji} {}", label(&button.label)));
    }
}

fn write(part: &Part, home_server: &str, page: &mut Page) {
    match part {
        Part::Words(words) => page.text(&lines(words)),
        Part::Strong(words) => framed(page, STRONG, &lines(words)),
        Part::Mention { user, name } => match address::of_user(user) {
            Some(address) => page.mention(user, &address, &name_of(name, user)),
            None => page.text(&label(name)),
        },
        Part::Name(name) => page.text(&label(name)),
        Part::Channel { channel, name } => {
            linked(page, address::of_room(channel, home_server), &format!("#{}", label(name)));
        }
        Part::Time { at, zone, style } => page.text(&style.format(*at, *zone)),
        Part::Quote(typed) => page.text(&format!("“{}”", cut(&harmless(typed), PART))),
        Part::Code(code) => framed(page, CODE, &cut(&harmless(code), PART)),
        Part::Command(words) => framed(page, CODE, &cut(&harmless(&format!("{ADDRESSED} {words}")), PART)),
        Part::Message { message, label } => {
            linked(page, address::of_message(message, home_server), &self::label(label));
        }
        Part::Link { url, label } => write_link(page, url, label),
        Part::Break => page.text("\n"),
        Part::Heading(title) => {
            let before = if page.is_at_line_start() { "" } else { "\n" };
            let title_frame = Frame { body: (before, "\n"), html: ("<h4>", "</h4>") };
            framed(page, title_frame, &label(title));
        }
        // They stand in a row of their own.
        Part::Buttons { .. } => {}
    }
}

/// In a frame, unless there is nothing to see.
fn framed(page: &mut Page, frame: Frame<'_>, text: &str) {
    if !text.trim().is_empty() {
        page.framed(frame, text);
    }
}

/// A link where there is an address.
fn linked(page: &mut Page, address: Option<String>, label: &str) {
    match address {
        Some(address) => {
            page.link(&address, label);
        }
        None => page.text(label),
    }
}

fn write_link(page: &mut Page, url: &str, label: &str) {
    let shown = if label.trim().is_empty() { harmless(url) } else { self::label(label) };
    let after = if url == label || label.trim().is_empty() { String::new() } else { format!(" ({url})") };
    match address::of_link(url) {
        Some(address) => {
            page.named_link(address, &shown, &after);
        }
        None => page.text(&cut(&harmless(&format!("{shown}{after}")), PART)),
    }
}

/// What a person is called who is pinged; one without a name by their id.
fn name_of(name: &str, user: &str) -> String {
    if harmless(name).trim().is_empty() { harmless(user) } else { label(name) }
}

/// What stands on a line with other things.
fn label(text: &str) -> String {
    cut(&harmless(text), LABEL)
}

/// Usher's own words, which may have several lines.
fn lines(words: &str) -> String {
    words.split('\n').map(harmless).collect::<Vec<_>>().join("\n")
}

/// At most `most` characters of `text`, the last of them telling that there is more.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}
