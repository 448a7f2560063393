//! What a person typed becomes the text that the engine reads: `@kim` is a mention where there is a kim.

use std::collections::BTreeSet;

use crate::chat::prose::Place;
use crate::core::event::{Mention, Text};
use crate::core::is_command;
use crate::runbook::Name;

/// What Usher is called.
const USHER: &str = "usher";

/// Who can be mentioned.
pub(super) struct Mentionable<'a> {
    pub people: &'a dyn Fn(&str) -> bool,
    pub groups: &'a BTreeSet<Name>,
}

/// Reads `typed`. Mentions in code and in quotes are words.
pub(super) fn read(typed: &str, who: &Mentionable<'_>) -> Text {
    let mut mentions = Vec::new();
    let mut place = Place::default();
    let mut done = 0;
    for (at, _) in typed.match_indices('@') {
        place.step_over(&typed[done..at], done == 0 || typed[..done].ends_with('\n'));
        done = at;
        let boundary = typed[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        if boundary && place.pings() {
            mentions.extend(mention(&typed[at + 1..], who));
        }
    }
    Text::new(typed, mentions)
}

/// Who is meant by the name that `rest` begins with: the longest that is known, so that `@ana.` is ana.
fn mention(rest: &str, who: &Mentionable<'_>) -> Option<Mention> {
    let length = rest.find(|c: char| !(c.is_alphanumeric() || "-_.:".contains(c))).unwrap_or(rest.len());
    let mut name = &rest[..length];
    loop {
        match name {
            name if name.eq_ignore_ascii_case(USHER) => return Some(Mention::Usher),
            "here" | "channel" | "everyone" => return Some(Mention::Everyone),
            name if (who.people)(name) => return Some(Mention::User(name.into())),
            name if who.groups.contains(name) => return Some(Mention::Group(name.into())),
            _ => name = name.strip_suffix(['-', '_', '.', ':'])?,
        }
    }
}

/// The command in a text that begins by addressing Usher: `@usher resolve`, `usher resolve`.
///
/// Without the `@` people also talk about Usher, so a command's name has to follow.
pub(super) fn command(typed: &str) -> Option<&str> {
    let typed = typed.trim_start();
    let bare = typed.strip_prefix('@');
    let (name, rest) = bare.unwrap_or(typed).split_at_checked(USHER.len())?;
    let rest = rest.strip_prefix([':', ',']).unwrap_or(rest);
    if !name.eq_ignore_ascii_case(USHER) || !(rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        return None;
    }
    let words = rest.trim();
    let is_named = words.split_whitespace().next().is_none_or(is_command);
    (bare.is_some() || is_named).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_known_are_mentions() {
        let groups = BTreeSet::from(["platform".into()]);
        let who = Mentionable { people: &|name| ["ana", "kim.lee"].contains(&name), groups: &groups };
        let user = |name: &str| Mention::User(name.into());
        for (typed, mentions) in [
            ("@ana, can you?", vec![user("ana")]),
            ("thanks @ana.", vec![user("ana")]),
            ("@kim.lee: and @ana", vec![user("kim.lee"), user("ana")]),
            ("@platform @here", vec![Mention::Group("platform".into()), Mention::Everyone]),
            ("tell @usher", vec![Mention::Usher]),
            ("mail ana@ana", vec![]),
            ("@nobody", vec![]),
            ("`@ana` and ```\n@ana``` @kim.lee", vec![user("kim.lee")]),
            ("> @ana said\n@ana?", vec![user("ana")]),
        ] {
            assert_eq!(read(typed, &who).mentions, mentions, "{typed}");
        }
    }

    #[test]
    fn a_text_that_addresses_usher_is_a_command() {
        assert_eq!(command("@usher resolve"), Some("resolve"));
        assert_eq!(command("@usher: who billing "), Some("who billing"));
        assert_eq!(command("@usher"), Some(""));
        assert_eq!(command("@Usher, who"), Some("who"));
        assert_eq!(command("@usher tidy up"), Some("tidy up"));
        assert_eq!(command("@ushers resolve"), None);
        assert_eq!(command("ask @usher why"), None);
    }

    #[test]
    fn usher_without_the_sign_is_addressed_where_a_command_follows() {
        for (typed, words) in [
            ("usher who", Some("who")),
            ("Usher: who billing ", Some("who billing")),
            ("USHER, Whois @kim", Some("Whois @kim")),
            ("  usher\tlater @kim hello", Some("later @kim hello")),
            ("usher /due", Some("/due")),
            ("usher", Some("")),
            ("usher said that the answer is owed by noon", None),
            ("Usher is quiet today", None),
            ("ushers who", None),
            ("usherwho", None),
            ("usher-who", None),
            ("the usher who", None),
            ("üsher who", None),
        ] {
            assert_eq!(command(typed), words, "{typed}");
        }
    }
}
