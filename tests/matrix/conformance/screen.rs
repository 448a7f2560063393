//! What people see on Matrix, in the words of a transcript.

use serde_json::Value;

/// What a message of Usher's shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// What it says, and its buttons.
    pub text: String,
    /// What each button says, and the reaction that presses it.
    pub buttons: Vec<(String, String)>,
    /// The address of the thread or room that it is about, which in a room of two has to be said.
    pub about: Option<String>,
}

/// What people are told to do with the legend.
const INVITES: &str = "React with: ";

/// How a message begins that is about something elsewhere.
const ABOUT: [&str; 2] = ["In this thread: ", "In this room: "];

/// Reads the content of a message. What old clients show has to say the same as what is formatted.
pub fn read(content: &Value) -> Screen {
    let body = content["body"].as_str().expect("a body");
    let html = content["formatted_body"].as_str().expect("a formatted body");
    assert_eq!(content["msgtype"], "m.notice", "programs speak in notices");
    assert_eq!(content["format"], "org.matrix.custom.html");
    let Read { plain, words } = words_of(html);
    assert_eq!(plain, body, "what is formatted and what is not say the same: {html}");
    let emojis = content["dev.usher.action"]["choices"].as_array().into_iter().flatten();
    let emojis: Vec<&str> = emojis.map(|choice| choice["emoji"].as_str().unwrap()).collect();
    let (mut lines, mut buttons) = (Vec::new(), Vec::new());
    for line in words.split('\n') {
        let labels = labels(line, &emojis[buttons.len()..]);
        if labels.is_empty() {
            lines.push(line);
        }
        buttons.extend(labels);
    }
    assert_eq!(buttons.len(), emojis.len(), "every reaction is explained: {body}");
    let shown: Vec<String> =
        buttons.iter().enumerate().map(|(index, (label, _))| format!("[{} {label}]", index + 1)).collect();
    let gap = if shown.is_empty() { "" } else { "  " };
    let text = format!("{}{gap}{}", lines.join("\n"), shown.join(" ")).trim_end().to_owned();
    let bare = ABOUT.iter().find_map(|about| text.strip_prefix(about));
    let about = bare.and_then(|_| html.split('"').nth(1)).map(str::to_owned);
    Screen { text: bare.unwrap_or(&text).to_owned(), buttons, about }
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

/// What HTML says.
struct Read {
    /// To those who see no HTML.
    plain: String,
    /// In the words of a transcript, in which a link to a person is a mention.
    words: String,
}

/// HTML as people read it.
fn words_of(html: &str) -> Read {
    let mut read = Read { plain: String::new(), words: String::new() };
    let (mut address, mut rest) = ("", html);
    while let Some((before, after)) = rest.split_once('<') {
        let label = read.say(before);
        let (tag, after) = after.split_once('>').expect("what is opened is closed");
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        match name {
            "br" | "/h4" => drop(read.say("\n")),
            "h4" if !read.plain.is_empty() && !read.plain.ends_with('\n') => drop(read.say("\n")),
            "code" | "/code" => drop(read.say("`")),
            "a" => {
                address = attributes.strip_prefix("href=\"").unwrap().strip_suffix('"').unwrap();
                if address.starts_with("https://matrix.to/#/%40")
                    || address.starts_with("https://matrix.to/#/@")
                {
                    read.words.push('@');
                }
            }
            "/a" if !address.starts_with("https://matrix.to/") && label != address => {
                read.say(&format!(" ({address})"));
            }
            "/a" | "strong" | "/strong" | "h4" => {}
            other => panic!("Usher writes no <{other}>"),
        }
        rest = after;
    }
    read.say(rest);
    read
}

impl Read {
    fn say(&mut self, html: &str) -> String {
        let said =
            html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        self.plain.push_str(&said);
        self.words.push_str(&said);
        said
    }
}
