//! Marks: one comparison for the file's own checks, for messages and for commands.
//!
//! Case does not matter, in no alphabet; an emoji is the same drawn, dressed with a variation selector or a
//! skin tone, and by its name between colons, which is how Slack sends it.

use super::reaction::{drawn, is_dress};

/// What two marks have in common that mean the same.
pub(super) fn key(mark: &str) -> String {
    let mark = mark.trim();
    match drawn(mark) {
        Some(emoji) => emoji.to_string(),
        None => mark.chars().filter(|c| !is_dress(*c)).flat_map(char::to_lowercase).collect(),
    }
}

/// Whether two texts are one mark.
pub fn is_same_mark(mark: &str, typed: &str) -> bool {
    key(mark) == key(typed)
}

/// How many bytes of `text` the mark at its start takes; nothing where it does not begin with the mark, or with
/// a longer word that begins so.
pub fn mark_at_start(text: &str, mark: &str) -> Option<usize> {
    if !may_begin(text, mark) {
        return None;
    }
    let key = key(mark);
    let named = || emoji_name(text).filter(|end| self::key(&text[..*end]) == key);
    let end = spelt(text, &key).or_else(named)?;
    let end = end + skin_tone_name(&text[end..]);
    let (last, next) = (key.chars().next_back(), text[end..].chars().next());
    let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let another_emoji = next == Some('\u{200d}');
    let longer_word = in_word(last) && in_word(next);
    (!another_emoji && !longer_word).then_some(end)
}

/// Turns most messages away by their first letter: every message is held against every mark.
fn may_begin(text: &str, mark: &str) -> bool {
    let first = |text: &str| text.chars().find(|c| !is_dress(*c)).and_then(|c| c.to_lowercase().next());
    text.starts_with(':') || mark.starts_with(':') || first(text) == first(mark)
}

/// The end of the start of `text` that is spelt like the key.
fn spelt(text: &str, key: &str) -> Option<usize> {
    let mut wanted = key.chars();
    let mut chars = text.char_indices();
    while !wanted.as_str().is_empty() {
        let (_, c) = chars.next()?;
        if !is_dress(c) && !c.to_lowercase().all(|lower| wanted.next() == Some(lower)) {
            return None;
        }
    }
    let undressed = chars.find(|(_, c)| !is_dress(*c));
    Some(undressed.map_or(text.len(), |(at, _)| at))
}

/// The end of a name between colons at the start.
fn emoji_name(text: &str) -> Option<usize> {
    let length = text.strip_prefix(':')?.find(':')?;
    Some(length + 2)
}

/// How long the name of a skin tone is with which a text goes on: Slack writes `:+1::skin-tone-3:`.
fn skin_tone_name(text: &str) -> usize {
    let tone = text.strip_prefix(":skin-tone-").and_then(|rest| rest.find(':').filter(|end| *end == 1));
    tone.map_or(0, |end| ":skin-tone-".len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_however_it_is_spelt() {
        for (text, mark, rest) in [
            ("!blocking the import", "!blocking", " the import"),
            ("!BLOCKING the import", "!blocking", " the import"),
            ("!Größe: ja", "!GRÖSSE", ""),
            ("ÄRGER: der Import", "ärger:", " der Import"),
            ("СРОЧНО! импорт", "срочно!", " импорт"),
            ("fyi:no space", "FYI:", "no space"),
            ("FYI: a space", "fyi:", " a space"),
            ("🚨 help", "🚨", " help"),
            (":rotating_light: help", "🚨", " help"),
            ("🚨 help", ":rotating_light:", " help"),
            ("⚠️ careful", "⚠", " careful"),
            ("⚠ careful", "⚠️", " careful"),
            (":warning: careful", "⚠️", " careful"),
            ("👋🏽hi", "👋", "hi"),
            (":wave::skin-tone-3: hi", "👋", " hi"),
            (":acme: hi", ":ACME:", " hi"),
            ("!blocking", "!blocking", ""),
        ] {
            let found = mark_at_start(text, mark).map(|end| &text[end..]);
            let expected = (!rest.is_empty() || text == mark).then_some(rest);
            assert_eq!(found, expected, "{text} / {mark}");
        }
    }

    #[test]
    fn what_only_begins_like_a_mark_has_none() {
        for (text, mark) in [
            ("!blockings", "!blocking"),
            ("!block", "!blocking"),
            ("", "!x"),
            ("urgently", "urgent"),
            ("Änderungen", "änder"),
            ("👩‍💻 works", "👩"),
            (":warning", "⚠"),
            (":x: no", "⚠"),
        ] {
            assert_eq!(mark_at_start(text, mark), None, "{text} / {mark}");
        }
    }

    #[test]
    fn marks_that_mean_the_same_are_the_same() {
        for (one, other) in [("!Now", "!now"), ("🚨", ":rotating_light:"), ("⚠️", "⚠"), ("ÄH!", "äh!")]
        {
            assert!(is_same_mark(one, other), "{one} {other}");
        }
        assert!(!is_same_mark("!now", "!no"));
    }
}
