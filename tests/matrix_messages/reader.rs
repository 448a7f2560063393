//! Reads HTML back as a client does that allows what the specification of Matrix lists, and nothing else.

use ruma_html::{Html, NodeData, NodeRef, SanitizerConfig};

use super::page;

/// The tags that the specification lists.
const TAGS: [&str; 37] = [
    "del",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "p",
    "a",
    "ul",
    "ol",
    "sup",
    "sub",
    "li",
    "b",
    "i",
    "u",
    "strong",
    "em",
    "s",
    "code",
    "hr",
    "br",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "caption",
    "pre",
    "span",
    "img",
    "details",
    "summary",
];
/// The schemes that it allows in a link.
const SCHEMES: [&str; 5] = ["https:", "http:", "ftp:", "mailto:", "magnet:"];

/// HTML as it is read.
#[derive(Debug)]
pub struct Read(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    /// A tag without anything in it.
    Break,
    Tag {
        name: String,
        href: Option<String>,
        within: Vec<Piece>,
    },
}

/// Reads HTML that has nothing in it that is not allowed.
#[track_caller]
pub fn read(html: &str) -> Read {
    let parsed = Html::parse(html);
    let before = parsed.to_string();
    let pieces = parsed.children().map(piece).collect();
    parsed.sanitize_with(&SanitizerConfig::strict());
    assert_eq!(before, parsed.to_string(), "what a strict client leaves is all of it");
    Read(pieces)
}

fn piece(node: NodeRef) -> Piece {
    let element = match node.data() {
        NodeData::Text(text) => return Piece::Text(text.borrow().to_string()),
        NodeData::Element(element) => element,
        NodeData::Document | NodeData::Other => panic!("neither a tag nor a text"),
    };
    let name = element.name.local.to_string();
    assert!(TAGS.contains(&name.as_str()), "<{name}> is not allowed");
    let mut href = None;
    for attribute in element.attrs.borrow().iter() {
        let (attribute, value) = (attribute.name.local.to_string(), attribute.value.to_string());
        assert_eq!((name.as_str(), attribute.as_str()), ("a", "href"), "{value} is not allowed");
        assert!(SCHEMES.iter().any(|scheme| value.starts_with(scheme)), "{value}");
        href = Some(value);
    }
    match name.as_str() {
        "br" => Piece::Break,
        _ => Piece::Tag { name, href, within: node.children().map(piece).collect() },
    }
}

impl Read {
    /// The text, line by line.
    pub fn text(&self) -> String {
        let mut text = String::new();
        write_text(&self.0, &mut text);
        text
    }

    /// Where its links lead.
    pub fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        each_tag(&self.0, &mut |_, href| links.extend(href.map(str::to_owned)));
        links
    }

    /// The tags, in order.
    pub fn tags(&self) -> Vec<String> {
        let mut tags = Vec::new();
        each_tag(&self.0, &mut |name, _| tags.push(name.to_owned()));
        tags
    }

    /// As Markdown, quoted.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        write_markdown(&self.0, &mut text);
        page::quoted(&[text])
    }
}

fn write_text(pieces: &[Piece], text: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(more) => text.push_str(more),
            Piece::Break => text.push('\n'),
            Piece::Tag { within, .. } => write_text(within, text),
        }
    }
}

fn each_tag<'p>(pieces: &'p [Piece], see: &mut impl FnMut(&'p str, Option<&'p str>)) {
    for piece in pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Break => see("br", None),
            Piece::Tag { name, href, within } => {
                see(name, href.as_deref());
                each_tag(within, see);
            }
        }
    }
}

fn write_markdown(pieces: &[Piece], text: &mut String) {
    for piece in pieces {
        let (name, href, within) = match piece {
            Piece::Text(more) => {
                text.push_str(&page::escaped(more));
                continue;
            }
            Piece::Break => {
                text.push('\n');
                continue;
            }
            Piece::Tag { name, href, within } => (name.as_str(), href, within),
        };
        let mut inner = String::new();
        match name {
            "code" => write_text(within, &mut inner),
            _ => write_markdown(within, &mut inner),
        }
        text.push_str(&match (name, href) {
            ("a", Some(href)) => format!("[{inner}]({href})"),
            ("strong", None) => format!("**{inner}**"),
            ("code", None) => format!("`{inner}`"),
            ("h4", None) => format!("\n**{inner}**\n"),
            (other, _) => panic!("docs/matrix.md cannot show a `{other}` yet"),
        });
    }
}
