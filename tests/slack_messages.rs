//! `docs/slack.md` shows the messages as their blocks render, made from the snapshots of `slack_blocks`.
//!
//! Between `<!-- message NAME -->` and `<!-- /message -->` stands the snapshot `slack_blocks__NAME.snap`, and each
//! snapshot of a kind of message has its place. `USHER_WRITE_DOCS=1 cargo test --test slack_messages` writes them anew.
#![cfg(feature = "slack")]

#[path = "said/page.rs"]
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use page::{escaped, quoted};

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

fn text_of<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {value}"))
}

fn list_of<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("no list `{key}` in {value}"))
}

/// A piece of a paragraph, as Slack shows it to a reader in the zone of the example.
fn piece(element: &Value) -> String {
    match text_of(element, "type") {
        "text" => {
            let text = text_of(element, "text");
            let style = |name: &str| element["style"][name] == Value::Bool(true);
            if style("code") {
                format!("`{text}`")
            } else if style("bold") {
                format!("**{}**", escaped(text))
            } else {
                escaped(text)
            }
        }
        "user" => format!("**@{}**", text_of(element, "user_id").trim_start_matches("U0").to_lowercase()),
        "channel" => {
            format!("**#{}**", text_of(element, "channel_id").trim_start_matches("C0").to_lowercase())
        }
        "emoji" => format!(":{}:", text_of(element, "name")),
        "link" => format!("[{}]({})", escaped(text_of(element, "text")), text_of(element, "url")),
        "date" => {
            let fallback = text_of(element, "fallback");
            fallback.split(" (").next().unwrap_or(fallback).to_owned()
        }
        other => panic!("docs/slack.md cannot show a `{other}` yet"),
    }
}

/// The blocks of a message as Markdown.
fn shown(rendered: &Value) -> String {
    let mut paragraphs: Vec<String> = Vec::new();
    for block in list_of(rendered, "blocks") {
        match text_of(block, "type") {
            "rich_text" => {
                let sections = list_of(block, "elements").iter();
                let pieces = sections.flat_map(|section| list_of(section, "elements"));
                paragraphs.push(pieces.map(piece).collect());
            }
            "header" => paragraphs.push(format!("**{}**", escaped(text_of(&block["text"], "text")))),
            "actions" => {
                let buttons = list_of(block, "elements").iter();
                let labels = buttons.map(|button| format!("<kbd>{}</kbd>", text_of(&button["text"], "text")));
                paragraphs.push(labels.collect::<Vec<_>>().join(" "));
            }
            other => panic!("docs/slack.md cannot show a block `{other}` yet"),
        }
    }
    quoted(&paragraphs)
}

fn snapshot(name: &str) -> Value {
    let path = snapshots().join(format!("slack_blocks__{name}.snap"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (_, body) = text.trim_start_matches("---\n").split_once("---\n").expect("a snapshot has a head");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_page_shows_each_kind_of_message_as_it_is_sent() {
    let names = page::assert_shows("docs/slack.md", |name| shown(&snapshot(name)));
    for entry in fs::read_dir(snapshots()).expect("tests/snapshots can be listed") {
        let file = entry.expect("tests/snapshots can be listed").file_name();
        let file = file.to_string_lossy();
        let Some(name) = file.strip_prefix("slack_blocks__").and_then(|name| name.strip_suffix(".snap"))
        else {
            continue;
        };
        if name.starts_with("kind-") {
            assert!(names.contains(name), "docs/slack.md does not show `{name}`: give it a place");
        }
    }
}
