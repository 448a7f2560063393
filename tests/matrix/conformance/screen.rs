//! What people see on Matrix, in the words of a transcript.

use serde_json::Value;

/// What a message of Usher's shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// What it says, and its buttons.
    pub text: String,
    /// What each button says, and the reaction that presses it.
    pub buttons: Vec<(String, String)>,
}

/// What people are told to do with the legend.
const INVITES: &str = "React with: ";

/// Reads the content of a message. What old clients show has to say the same as what is formatted.
pub fn read(content: &Value) -> Screen {
    let body = content["body"].as_str().expect("a body");
    let html = content["formatted_body"].as_str().expect("a formatted body");
    assert_eq!(content["msgtype"], "m.notice", "programs speak in notices");
    assert_eq!(content["format"], "org.matrix.custom.html");
    assert_eq!(
        plain(html),
        without_addresses(body),
        "what is formatted and what is not say the same: {html}"
    );
    let emojis = content["dev.usher.action"]["choices"].as_array().into_iter().flatten();
    let emojis: Vec<&str> = emojis.map(|choice| choice["emoji"].as_str().unwrap()).collect();
    let (mut words, mut buttons) = (Vec::new(), Vec::new());
    for line in body.split('\n') {
        let labels = labels(line, &emojis[buttons.len()..]);
        if labels.is_empty() {
            words.push(line);
        }
        buttons.extend(labels);
    }
    assert_eq!(buttons.len(), emojis.len(), "every reaction is explained: {body}");
    let shown: Vec<String> =
        buttons.iter().enumerate().map(|(index, (label, _))| format!("[{} {label}]", index + 1)).collect();
    let gap = if shown.is_empty() { "" } else { "  " };
    let text = format!("{}{gap}{}", words.join("\n"), shown.join(" ")).trim_end().to_owned();
    Screen { text, buttons }
}

/// The labels in a line of the legend, with their reactions.
fn labels(line: &str, emojis: &[&str]) -> Vec<(String, String)> {
    let line = line.strip_prefix(INVITES).unwrap_or(line);
    let pieces = line.split(" · ").zip(emojis);
    pieces
        .map_while(|(piece, emoji)| {
            let label = piece.strip_prefix(*emoji)?.strip_prefix(' ')?;
            Some((label.to_owned(), (*emoji).to_owned()))
        })
        .collect()
}

/// HTML as people read it.
fn plain(html: &str) -> String {
    let (mut read, mut rest) = (String::new(), html);
    while let Some((before, after)) = rest.split_once('<') {
        read.push_str(before);
        let (tag, after) = after.split_once('>').expect("what is opened is closed");
        match tag.split(' ').next().unwrap() {
            "br" | "/h4" => read.push('\n'),
            "h4" if !read.is_empty() && !read.ends_with('\n') => read.push('\n'),
            "code" | "/code" => read.push('`'),
            "a" | "/a" | "strong" | "/strong" | "h4" => {}
            other => panic!("Usher writes no <{other}>"),
        }
        rest = after;
    }
    read.push_str(rest);
    let read = read.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    read.replace("&amp;", "&")
}

/// A body without the addresses that stand in brackets where what is formatted has a link.
fn without_addresses(body: &str) -> String {
    let (mut read, mut rest) = (String::new(), body);
    while let Some((before, after)) = rest.split_once(" (https://") {
        read.push_str(before);
        rest = after.split_once(')').expect("brackets close").1;
    }
    read + rest
}
