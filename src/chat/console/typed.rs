//! What a person typed becomes the text that the engine reads: `@kim` is a mention where there is a kim.

use std::collections::BTreeSet;

use crate::chat::prose::Place;
use crate::core::event::{Mention, Text};
use crate::runbook::Name;

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
    Text { plain: typed.to_owned(), mentions }
}

/// Who is meant by the name that `rest` begins with: the longest that is known, so that `@ana.` is ana.
fn mention(rest: &str, who: &Mentionable<'_>) -> Option<Mention> {
    let length = rest.find(|c: char| !(c.is_alphanumeric() || "-_.:".contains(c))).unwrap_or(rest.len());
    let mut name = &rest[..length];
    loop {
        match name {
            "usher" => return Some(Mention::Usher),
            "here" | "channel" | "everyone" => return Some(Mention::Everyone),
            name if (who.people)(name) => return Some(Mention::User(name.into())),
            name if who.groups.contains(name) => return Some(Mention::Group(name.into())),
            _ => name = name.strip_suffix(['-', '_', '.', ':'])?,
        }
    }
}

/// The command in a text that begins by addressing Usher: `@usher resolve`.
pub(super) fn command(typed: &str) -> Option<&str> {
    let rest = typed.trim_start().strip_prefix("@usher")?;
    let rest = rest.strip_prefix([':', ',']).unwrap_or(rest);
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
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
        assert_eq!(command("@ushers resolve"), None);
        assert_eq!(command("ask @usher why"), None);
    }
}
