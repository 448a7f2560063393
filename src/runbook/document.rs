//! Bytes become a tree of TOML values that know their places, or problems.
//!
//! Whatever the bytes are, this ends in time linear in their number and does not recurse deeper than
//! [`MOST_DOTS`] times the parser's own bound of 80 nested values.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::code::Code;
use super::diagnostic::{Problem, Report, Source};
use super::section::brief;

/// A runbook of a thousand people is a tenth of this.
const MOST_BYTES: usize = 1 << 20;
/// As many dotted parts as a key may have.
const MOST_DOTS: usize = 16;
/// One broken bracket makes many errors; the first few are those that matter.
const MOST_SYNTAX_ERRORS: usize = 20;

/// The file's text without a byte order mark, or why it is none.
pub(super) fn text_of<'a>(file: &'a str, bytes: &'a [u8]) -> Result<&'a str, Box<Problem>> {
    let only = |report: Report<'_>| Box::new(report.into_problems().remove(0));
    if bytes.len() > MOST_BYTES {
        let report = Report::new(Source::new(file, ""));
        report.add(
            Code::TooLarge,
            0..0,
            format!("the file has {} bytes; {MOST_BYTES} are allowed", bytes.len()),
        );
        return Err(only(report));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let at = error.valid_up_to();
            let valid =
                std::str::from_utf8(&bytes[..at]).expect("from_utf8 says that it is valid up to there");
            let report = Report::new(Source::new(file, valid));
            report.add(
                Code::NotUtf8,
                at..at,
                format!("byte 0x{:02x} at offset {at} is not UTF-8", bytes[at]),
            );
            Err(only(report))
        }
    }
}

/// A parsed document, and the lines on which its syntax is broken.
pub(super) struct Document<'a> {
    /// The root table; where the syntax is broken, what could be recovered of it.
    pub(super) root: Spanned<DeTable<'a>>,
    /// Lines (from 1) with broken syntax, duplicate keys aside.
    pub(super) broken_lines: Vec<usize>,
}

impl<'a> Document<'a> {
    /// Parses the report's text. `None` when it is nested too deep to be looked at.
    pub(super) fn parse(text: &'a str, report: &Report<'_>) -> Option<Document<'a>> {
        if let Some(span) = deep_key(text) {
            report.add(Code::TooDeep, span, format!("a key has more than {MOST_DOTS} dotted parts"));
            return None;
        }
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut broken_lines = Vec::new();
        for error in errors.iter().take(MOST_SYNTAX_ERRORS) {
            let span = error.span().unwrap_or(text.len()..text.len());
            let message = error.message().trim();
            let code = syntax_code(message);
            if code != Code::DuplicateKey {
                broken_lines.push(report.source().line_at(span.start).0 + 1);
            }
            let written = text.get(span.clone()).unwrap_or_default();
            report.add(code, span, syntax_message(code, message, written));
        }
        Some(Document { root, broken_lines })
    }
}

impl Document<'_> {
    /// Drops what may only be the echo of broken syntax: a name or key that is missing because its line
    /// could not be read.
    pub(super) fn drop_echoes(&self, report: &Report<'_>) {
        if self.broken_lines.is_empty() {
            return;
        }
        let broken = |problem: &Problem| self.broken_lines.contains(&problem.line);
        let is_syntax = |code| matches!(code, Code::Syntax | Code::TooDeep | Code::DuplicateKey);
        report.retain(|problem| is_syntax(problem.code) || (stands_alone(problem.code) && !broken(problem)));
    }

    /// The place of the key or value at `path`, or of the last part of it that the file has.
    pub(super) fn place(&self, path: &[Part<'_>]) -> Range<usize> {
        let mut place = 0..0;
        let mut table = Some(self.root.get_ref());
        let mut list: Option<&[Spanned<DeValue<'_>>]> = None;
        for part in path {
            let node = match part {
                Part::Key(key) => {
                    table.and_then(|table| table.get_key_value(*key)).map(|(key, node)| (key.span(), node))
                }
                Part::Index(index) => list.and_then(|list| list.get(*index)).map(|node| (node.span(), node)),
            };
            let Some((span, node)) = node else { break };
            place = span;
            table = node.get_ref().as_table();
            list = node.get_ref().as_array().map(|list| &**list);
        }
        place
    }
}

/// Whether a problem of this kind is one whatever the other lines say.
const fn stands_alone(code: Code) -> bool {
    matches!(
        code,
        Code::UnknownKey
            | Code::BadChoice
            | Code::BadDuration
            | Code::BadZone
            | Code::BadHours
            | Code::BadTime
            | Code::OutOfRange
    )
}

/// A step on the way to a value.
#[derive(Clone, Copy)]
pub(super) enum Part<'p> {
    Key(&'p str),
    Index(usize),
}

fn syntax_code(message: &str) -> Code {
    if message.starts_with("duplicate key") {
        Code::DuplicateKey
    } else if message.contains("recursion") {
        Code::TooDeep
    } else {
        Code::Syntax
    }
}

fn syntax_message(code: Code, message: &str, written: &str) -> String {
    if code == Code::DuplicateKey {
        format!("`{}` is written twice", brief(written.trim()))
    } else if message.starts_with("invalid boolean") {
        format!("`{}` is no value: text stands in quotes", brief(written.trim()))
    } else {
        message.to_owned()
    }
}

/// The place of a key with more dotted parts than any runbook has. Every part nests one level, and
/// trees are walked and dropped by recursion, so this is looked at before the parser builds one.
fn deep_key(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut at, mut start, mut dots) = (0, 0, 0);
    let mut after_part = false;
    while let Some(&byte) = bytes.get(at) {
        let next = match byte {
            b'"' | b'\'' => after_string(bytes, at),
            b'#' => at + bytes[at..].iter().take_while(|byte| **byte != b'\n').count(),
            _ => at + 1,
        };
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'"' | b'\'' => after_part = true,
            b' ' | b'\t' => {}
            b'.' if after_part => {
                dots += 1;
                after_part = false;
                if dots >= MOST_DOTS {
                    return Some(start..at);
                }
            }
            _ => (dots, start, after_part) = (0, next, false),
        }
        at = next;
    }
    None
}

/// Where the string that begins at `at` is over: after its closing quote, or at its line's end when
/// it has none, or at the end of the text when it may have several lines.
fn after_string(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let tripled = |at: usize| bytes[at..].starts_with(&[quote; 3]);
    let several_lines = tripled(at);
    let mut here = at + if several_lines { 3 } else { 1 };
    while let Some(&byte) = bytes.get(here) {
        match byte {
            b'\n' if !several_lines => return here,
            b'\\' if quote == b'"' && bytes.get(here + 1) != Some(&b'\n') => here += 1,
            _ if byte == quote && !several_lines => return here + 1,
            _ if byte == quote && tripled(here) => {
                let quotes = bytes[here..].iter().take(5).take_while(|byte| **byte == quote).count();
                return here + quotes;
            }
            _ => {}
        }
        here += 1;
    }
    bytes.len()
}
