//! What people see in Slack, in the words of a transcript.

use chrono_tz::Tz;
use serde_json::Value;
use usher::calendar::{Instant, SECOND_MS};
use usher::core::message::TimeStyle;

use crate::playing::world::Shown;
use crate::standin::state::{BOT_USER, State};
use crate::standin::workspace::Appearance;
use crate::standin::{Channel, Kind};

/// What parts a sign from what stands before it, where Slack would read it as markup.
const JOINER: char = '\u{2060}';

/// Renders what appeared. The blocks are what people read; what notifications and screen readers get instead
/// has to say the same.
pub fn shown(state: &State, appearance: &Appearance) -> Shown {
    let (words, buttons) = blocks(state, &appearance.blocks);
    assert_eq!(markup(state, &appearance.text), words, "the text that stands in for the blocks");
    let buttons: Vec<String> =
        buttons.iter().enumerate().map(|(index, label)| format!("[{} {label}]", index + 1)).collect();
    let gap = if buttons.is_empty() { "" } else { "  " };
    Shown {
        place: channel_name(state, &state.channels[&appearance.channel]),
        channel: appearance.channel.clone(),
        thread: appearance.thread_ts.clone(),
        id: appearance.ts.clone(),
        only: appearance.only.as_deref().map(|user| name(state, user)),
        changed: appearance.changed,
        at: Instant::from_ms(appearance.at_ms),
        text: format!("{words}{gap}{}", buttons.join(" ")).trim_end().to_owned(),
    }
}

/// The name of a user.
pub fn name(state: &State, user: &str) -> String {
    state.users.get(user).map_or_else(|| user.to_owned(), |user| user.real_name.clone())
}

/// What a channel is called in a transcript: the conversation with Usher has the name of its person.
pub fn channel_name(state: &State, channel: &Channel) -> String {
    match channel.kind {
        Kind::Public | Kind::Private | Kind::Group => format!("#{}", channel.name),
        Kind::Direct => {
            let person = channel.members.iter().find(|member| *member != BOT_USER);
            format!("@{}", name(state, person.expect("two are in it")))
        }
    }
}

/// The labels of the buttons of a message, with their action ids, in order.
pub fn buttons(blocks: &Value) -> Vec<(String, String)> {
    let rows = blocks.as_array().into_iter().flatten().filter(|block| block["type"] == "actions");
    let elements = rows.flat_map(|row| row["elements"].as_array().into_iter().flatten());
    elements.map(|button| (string(&button["text"]["text"]), string(&button["action_id"]))).collect()
}

fn string(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The words of the blocks, and the labels of the buttons.
fn blocks(state: &State, all: &Value) -> (String, Vec<String>) {
    let rich = all.as_array().into_iter().flatten().filter(|block| block["type"] == "rich_text");
    let texts = rich.map(|block| {
        let sections = block["elements"].as_array().into_iter().flatten();
        let pieces = sections.flat_map(|section| section["elements"].as_array().into_iter().flatten());
        pieces.map(|piece| element(state, piece)).collect::<String>()
    });
    let words = texts.collect::<Vec<_>>().join("\n");
    (words, buttons(all).into_iter().map(|(label, _)| label).collect())
}

fn element(state: &State, piece: &Value) -> String {
    match piece["type"].as_str().expect("a type") {
        "text" if piece["style"]["code"] == true => format!("`{}`", string(&piece["text"])),
        "text" => string(&piece["text"]),
        "user" => format!("@{}", name(state, &string(&piece["user_id"]))),
        "channel" => channel_name(state, &state.channels[&string(&piece["channel_id"])]),
        "emoji" => format!(":{}:", string(&piece["name"])),
        "link" => link(state, &string(&piece["url"]), &string(&piece["text"])),
        "date" => {
            let at = Instant::from_ms(piece["timestamp"].as_i64().expect("seconds") * SECOND_MS);
            let fallback = string(&piece["fallback"]);
            let (told, zone) = fallback.strip_suffix(')').and_then(|told| told.split_once(" (")).unwrap();
            let zone: Tz = zone.parse().unwrap();
            date(at, &string(&piece["format"]), told, zone)
        }
        other => panic!("Usher writes no {other}"),
    }
}

/// An instant as Slack writes it, said as a transcript does; both must be what is told where Slack cannot.
fn date(at: Instant, format: &str, told: &str, zone: Tz) -> String {
    let said = |style: TimeStyle| style.format(at, zone);
    let styles: &[TimeStyle] = match format.trim_start_matches('\u{200b}') {
        "{time}" => &[TimeStyle::Clock],
        "{day_divider_pretty} at {time}" => &[TimeStyle::Day],
        "{date_long_pretty} at {time}" => &[TimeStyle::Date],
        "{date_long} at {time}" => &[TimeStyle::Day, TimeStyle::Date],
        other => panic!("Usher writes no {other}"),
    };
    assert!(styles.iter().any(|style| said(*style) == told), "{told} is not {at} as {format}");
    told.to_owned()
}

/// A link to a message is shown by its label; of any other a transcript shows the address as well.
fn link(state: &State, url: &str, label: &str) -> String {
    let is_message = url.contains(".slack.com/archives/") || url.contains(&state.address.to_string());
    if is_message || url == label { label.to_owned() } else { format!("{label} ({url})") }
}

/// Slack's markup as people read it.
fn markup(state: &State, text: &str) -> String {
    let mut read = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        read.push_str(&unmarked(before));
        let (inside, after) = after.split_once('>').expect("what is opened is closed");
        read.push_str(&bracketed(state, inside));
        rest = after;
    }
    read + unmarked(rest).as_str()
}

/// Text between brackets: signs that are markup are gone, those that are parted stay.
fn unmarked(text: &str) -> String {
    let mut read = String::new();
    for c in text.chars() {
        let is_parted = read.ends_with(JOINER);
        if is_parted {
            read.pop();
        }
        if c != '*' || is_parted {
            read.push(c);
        }
    }
    let read = read.trim_end_matches(JOINER);
    read.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn bracketed(state: &State, inside: &str) -> String {
    if let Some(user) = inside.strip_prefix('@') {
        return format!("@{}", name(state, user));
    }
    if let Some(channel) = inside.strip_prefix('#') {
        return channel_name(state, &state.channels[channel]);
    }
    let (head, label) = inside.split_once('|').unwrap_or((inside, inside));
    match head.strip_prefix("!date^") {
        Some(_) => label.to_owned(),
        None => link(state, &unmarked(head), &unmarked(label)),
    }
}
