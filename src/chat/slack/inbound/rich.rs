//! A message whose `text` is empty while its blocks are not: its blocks as Slack's own markup.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::chat::word::{Word, given};

/// A block, or a piece of one.
#[derive(Deserialize)]
struct Node<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Word<'a>>,
    /// A string in a piece of rich text, an object in a section or a header.
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    elements: Option<Vec<Node<'a>>>,
    #[serde(borrow, default)]
    user_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    channel_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    usergroup_id: Option<Word<'a>>,
    #[serde(borrow, default)]
    range: Option<Word<'a>>,
    #[serde(borrow, default)]
    name: Option<Word<'a>>,
    #[serde(borrow, default)]
    url: Option<Word<'a>>,
    #[serde(borrow, default)]
    fallback: Option<Word<'a>>,
    #[serde(borrow, default)]
    style: Option<&'a RawValue>,
}

/// The text of a section or a header.
#[derive(Deserialize)]
struct TextObject<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Word<'a>>,
    #[serde(borrow, default)]
    text: Option<Word<'a>>,
}

/// How a piece is set. A list has a word here.
#[derive(Deserialize)]
struct Style {
    #[serde(default)]
    code: Option<bool>,
}

/// The blocks as Slack's markup; nothing if they say nothing, or are none that Slack makes.
pub(super) fn markup(blocks: &RawValue) -> String {
    let Ok(blocks) = serde_json::from_str::<Vec<Node<'_>>>(blocks.get()) else { return String::new() };
    let mut text = String::new();
    for block in &blocks {
        write_block(block, &mut text);
    }
    text.truncate(text.trim_end().len());
    text
}

fn write_block(block: &Node<'_>, text: &mut String) {
    match given(&block.kind) {
        Some("rich_text") => {
            for part in block.elements.iter().flatten() {
                write_part(part, text);
            }
        }
        Some("section" | "header") => {
            let object = block.text.and_then(|raw| serde_json::from_str::<TextObject<'_>>(raw.get()).ok());
            if let Some(object) = object {
                write_object(&object, text);
            }
        }
        _ => {}
    }
}

fn write_object(object: &TextObject<'_>, text: &mut String) {
    let words = given(&object.text).unwrap_or_default();
    match given(&object.kind) {
        Some("mrkdwn") => text.push_str(words),
        _ => text.push_str(&escaped(words)),
    }
    end_line(text);
}

/// A paragraph, a list, a quote or a block of code.
fn write_part(part: &Node<'_>, text: &mut String) {
    let pieces = part.elements.as_deref().unwrap_or_default();
    match given(&part.kind) {
        Some("rich_text_list") => {
            for item in pieces {
                text.push_str("• ");
                write_pieces(item.elements.as_deref().unwrap_or_default(), text);
                end_line(text);
            }
        }
        Some("rich_text_quote") => {
            let mut quoted = String::new();
            write_pieces(pieces, &mut quoted);
            for line in quoted.lines() {
                text.push_str("&gt; ");
                text.push_str(line);
                text.push('\n');
            }
        }
        Some("rich_text_preformatted") => {
            text.push_str("```\n");
            write_pieces(pieces, text);
            end_line(text);
            text.push_str("```\n");
        }
        _ => {
            write_pieces(pieces, text);
            end_line(text);
        }
    }
}

fn write_pieces(pieces: &[Node<'_>], text: &mut String) {
    for piece in pieces {
        write_piece(piece, text);
    }
}

fn write_piece(piece: &Node<'_>, text: &mut String) {
    let said = piece.text.and_then(|raw| serde_json::from_str::<Word<'_>>(raw.get()).ok());
    let said = escaped(said.as_ref().map_or("", Word::as_str));
    let written = match given(&piece.kind) {
        Some("user") => given(&piece.user_id).map(|id| format!("<@{id}>")),
        Some("channel") => given(&piece.channel_id).map(|id| format!("<#{id}>")),
        Some("usergroup") => given(&piece.usergroup_id).map(|id| format!("<!subteam^{id}>")),
        Some("broadcast") => given(&piece.range).map(|range| format!("<!{range}>")),
        Some("emoji") => given(&piece.name).map(|name| format!(":{name}:")),
        Some("link") => given(&piece.url).map(|url| match said.as_str() {
            "" => format!("<{}>", escaped(url)),
            label => format!("<{}|{label}>", escaped(url)),
        }),
        Some("date") => given(&piece.fallback).map(escaped),
        _ if is_code(piece) => Some(format!("`{said}`")),
        _ => Some(said),
    };
    text.push_str(&written.unwrap_or_default());
}

fn is_code(piece: &Node<'_>) -> bool {
    let style = piece.style.and_then(|raw| serde_json::from_str::<Style>(raw.get()).ok());
    style.is_some_and(|style| style.code == Some(true))
}

/// The next words stand on a line of their own.
fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// What a person typed, as Slack writes it in `text`.
fn escaped(typed: &str) -> String {
    typed.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> String {
        markup(&RawValue::from_string(json.to_owned()).expect("JSON"))
    }

    #[test]
    fn blocks_say_what_text_would_have_said() {
        let rich = |elements: &str| {
            of(&format!(
                r#"[{{"type":"rich_text","elements":[{{"type":"rich_text_section","elements":[{elements}]}}]}}]"#
            ))
        };
        for (elements, said) in [
            (
                r#"{"type":"user","user_id":"U1"},{"type":"text","text":" look & <see>"}"#,
                "<@U1> look &amp; &lt;see&gt;",
            ),
            (r#"{"type":"channel","channel_id":"C1"}"#, "<#C1>"),
            (
                r#"{"type":"usergroup","usergroup_id":"S1"},{"type":"broadcast","range":"here"}"#,
                "<!subteam^S1><!here>",
            ),
            (r#"{"type":"emoji","name":"eyes"}"#, ":eyes:"),
            (r#"{"type":"link","url":"https://a.example/?x=1&y=2"}"#, "<https://a.example/?x=1&amp;y=2>"),
            (
                r#"{"type":"link","url":"https://a.example","text":"the page"}"#,
                "<https://a.example|the page>",
            ),
            (r#"{"type":"text","text":"<@U1>","style":{"code":true}}"#, "`&lt;@U1&gt;`"),
            (r#"{"type":"date","timestamp":1,"format":"{date}","fallback":"Monday"}"#, "Monday"),
            (r#"{"type":"new","text":"words"}"#, "words"),
        ] {
            assert_eq!(rich(elements), said, "{elements}");
        }
    }

    #[test]
    fn lists_quotes_code_and_sections_keep_their_lines() {
        let words = r#"{"type":"text","text":"one\ntwo"}"#;
        let item = format!(r#"{{"type":"rich_text_section","elements":[{words}]}}"#);
        let parts = format!(
            r#"{{"type":"rich_text_list","style":"bullet","elements":[{item}]}},
               {{"type":"rich_text_quote","elements":[{words}]}},
               {{"type":"rich_text_preformatted","elements":[{words}]}}"#
        );
        let blocks = format!(
            r#"[{{"type":"header","text":{{"type":"plain_text","text":"a < b"}}}},
                {{"type":"section","text":{{"type":"mrkdwn","text":"ask <@U1>"}}}},
                {{"type":"divider"}},
                {{"type":"rich_text","elements":[{parts}]}}]"#
        );
        assert_eq!(of(&blocks), "a &lt; b\nask <@U1>\n• one\ntwo\n&gt; one\n&gt; two\n```\none\ntwo\n```");
    }

    #[test]
    fn what_slack_does_not_make_says_nothing() {
        for odd in
            ["[]", "{}", "null", "[1]", r#"[{"type":"section"}]"#, r#"[{"type":"rich_text","elements":4}]"#]
        {
            assert_eq!(of(odd), "", "{odd}");
        }
    }
}
