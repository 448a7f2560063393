//! Names that can be typed, made of names that people gave.

use std::collections::BTreeSet;

use deunicode::deunicode;

/// The longest handle; a number may follow it.
const LONGEST: usize = 40;
/// The word of ladders for those who owe, which no person and no group may have.
const RESERVED: &str = "responders";

/// The names that are taken.
pub(super) struct Handles(BTreeSet<String>);

impl Handles {
    pub(super) fn new() -> Handles {
        Handles([RESERVED.to_owned()].into())
    }

    /// `wanted`, or the first of `wanted-2`, `wanted-3`… that is free; it is taken from now on.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let mut free = wanted.to_owned();
        let mut number = 1;
        while self.0.contains(&free) {
            number += 1;
            free = format!("{wanted}-{number}");
        }
        self.0.insert(free.clone());
        free
    }
}

/// What a person is called for short: the first word of their name, else their account.
pub(super) fn of_person(name: &str, account: &str) -> String {
    let words = name.split_whitespace().filter(|word| word.contains(char::is_alphanumeric));
    let first = words.map(slug).find(|slug| !slug.is_empty());
    first.unwrap_or_else(|| or(slug(account), "person"))
}

/// What a group is called.
pub(super) fn of_group(handle: &str) -> String {
    or(slug(handle), "group")
}

/// What a channel is called whose name cannot be typed.
pub(super) fn of_channel(name: &str) -> String {
    or(slug(name), "channel")
}

fn or(slug: String, otherwise: &str) -> String {
    if slug.is_empty() { otherwise.to_owned() } else { slug }
}

/// Small letters and digits of ASCII, words joined by `-`. An apostrophe parts no words.
fn slug(text: &str) -> String {
    let ascii = deunicode(text).to_lowercase().replace('\'', "");
    let words = ascii.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-");
    slug.truncate(LONGEST);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_their_first_word() {
        for (name, account, handle) in [
            ("Ana", "ana", "ana"),
            ("José Pérez", "jp", "jose"),
            ("Jean-Luc Picard", "", "jean-luc"),
            ("🦄 Kim", "", "kim"),
            ("Мария Иванова", "", "mariia"),
            ("Siobhán O’Brien", "", "siobhan"),
            ("O’Brien", "", "obrien"),
            ("(she) ", "", "she"),
            ("🦄", "kim.lee", "kim-lee"),
            ("", "", "person"),
        ] {
            assert_eq!(of_person(name, account), handle, "{name}");
        }
        assert!(of_person("田中 太郎", "tanaka").starts_with(|c: char| c.is_ascii_lowercase()));
    }

    #[test]
    fn two_of_one_name_are_told_apart() {
        let mut handles = Handles::new();
        let taken: Vec<String> = ["ana", "ana", "ana-2", "responders"].map(|it| handles.take(it)).into();
        assert_eq!(taken, ["ana", "ana-2", "ana-2-2", "responders-2"]);
    }
}
