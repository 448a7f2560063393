//! Tab on the console: instructions after `/`, people after `@`, channels after `#`.

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use crate::chat::console::INSTRUCTIONS;

/// What can be completed; the console fills it before each line.
#[derive(Debug, Default)]
pub struct Completion {
    /// People and groups.
    pub people: Vec<String>,
    /// Channels.
    pub channels: Vec<String>,
}

impl Completion {
    /// What the last word of `line` could become.
    fn candidates(&self, line: &str) -> (usize, Vec<String>) {
        let start = line.rfind(char::is_whitespace).map_or(0, |space| space + 1);
        let word = &line[start..];
        let fitting = |sigil: &str, names: &mut dyn Iterator<Item = &str>| {
            let begun = word.strip_prefix(sigil).unwrap_or(word);
            let names = names.filter(|name| name.starts_with(begun));
            names.map(|name| format!("{sigil}{name}")).collect()
        };
        let people = &mut self.people.iter().map(String::as_str);
        let after = line[..start].split_whitespace().next();
        let found = match word.chars().next() {
            Some('/') if start == 0 => fitting("/", &mut INSTRUCTIONS.iter().map(|known| known.name)),
            Some('#') => fitting("#", &mut self.channels.iter().map(String::as_str)),
            Some('@') => fitting("@", people),
            _ if matches!(after, Some("/as" | "/away" | "/call")) => fitting("", people),
            // The name in front of a line.
            Some(_) if start == 0 => fitting("", people),
            Some(_) | None => Vec::new(),
        };
        (start, found)
    }
}

impl Completer for Completion {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.candidates(&line[..at]))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}
impl Validator for Completion {}
impl Helper for Completion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_completed_by_its_sigil() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let completion = Completion { people: names(&["ana", "ben"]), channels: names(&["support"]) };
        for (line, start, found) in [
            ("/un", 0, names(&["/unreact", "/until"])),
            ("ask @b", 4, names(&["@ben"])),
            ("ana #s", 4, names(&["#support"])),
            ("/as a", 4, names(&["ana"])),
            ("be", 0, names(&["ben"])),
            ("hello be", 6, names(&[])),
            ("", 0, names(&[])),
        ] {
            assert_eq!(completion.candidates(line), (start, found), "{line}");
        }
    }
}
