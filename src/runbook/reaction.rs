//! Reactions: one normal form for what platforms spell in their own ways.
//!
//! Slack sends `+1::skin-tone-3`, Matrix sends `👍🏽`, and a runbook says `:thumbsup:`: all three are `👍`.

use std::fmt;

use emojis::{Emoji, SkinTone};
use smol_str::SmolStr;

/// A reaction, comparable across platforms: the emoji without skin tone and variation selector, or the
/// name of one that only its workspace knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reaction(SmolStr);

/// Names that Slack gives to an emoji and that neither `gemoji` nor the Unicode names have.
const OF_SLACK: &[(&str, &str)] = &[
    ("admission_tickets", "🎟"),
    ("black_circle_for_record", "⏺"),
    ("black_square_for_stop", "⏹"),
    ("double_vertical_bar", "⏸"),
    ("face_palm", "🤦"),
    ("hugging_face", "🤗"),
    ("i_love_you_hand_sign", "🤟"),
    ("lightning", "🌩"),
    ("lower_left_ballpoint_pen", "🖊"),
    ("lower_left_crayon", "🖍"),
    ("lower_left_fountain_pen", "🖋"),
    ("lower_left_paintbrush", "🖌"),
    ("octagonal_sign", "🛑"),
    ("robot_face", "🤖"),
    ("rolled_up_newspaper", "🗞"),
    ("simple_smile", "🙂"),
    ("spiral_calendar_pad", "🗓"),
    ("spiral_note_pad", "🗒"),
    ("spock_hand", "🖖"),
    ("the_horns", "🤘"),
    ("three_button_mouse", "🖱"),
    ("thunder_cloud_and_rain", "⛈"),
    ("waving_black_flag", "🏴"),
    ("waving_white_flag", "🏳"),
    ("white_frowning_face", "☹"),
];

/// Longer names are no platform's.
const MOST_BYTES: usize = 100;

impl Reaction {
    /// The reaction that is spelt so: its name with or without colons, or the emoji.
    pub fn of(written: &str) -> Reaction {
        let base = base(written);
        match emoji(base) {
            Some(emoji) => Reaction(plain(emoji.as_str())),
            None => Reaction(SmolStr::new(plain(base).to_lowercase())),
        }
    }

    /// What people see: the emoji, or the name between colons.
    pub fn shown(&self) -> String {
        if self.0.is_ascii() { format!(":{}:", self.0) } else { self.0.to_string() }
    }

    /// Whether it stands in a text, as the emoji or as its name between colons.
    pub fn stands_in(&self, text: &str) -> bool {
        let between_colons = text.split(':').skip(1);
        // What follows the last colon is not closed by another.
        let closed = between_colons.take(text.matches(':').count().saturating_sub(1));
        let drawn = !self.0.is_ascii() && !text.is_ascii() && text.contains(self.0.as_str());
        drawn || closed.filter(|name| is_name(name)).any(|name| Reaction::of(name) == *self)
    }
}

impl fmt::Display for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// How a text looks that is meant to be a reaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// An emoji, or the name of one.
    Known,
    /// What can be the name of an emoji of one's own workspace; with the known name that is nearly the same.
    Own(Option<&'static str>),
    /// Neither.
    NoReaction,
}

pub(super) fn spelling(written: &str) -> Spelling {
    let base = base(written);
    if emoji(base).is_some() {
        Spelling::Known
    } else if is_name(base) || (!base.is_empty() && base.chars().all(|c| !c.is_ascii() && !c.is_whitespace()))
    {
        Spelling::Own(nearly(&base.to_lowercase()))
    } else {
        Spelling::NoReaction
    }
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '\'');
    !text.is_empty() && text.len() <= MOST_BYTES && text.chars().all(fits)
}

/// Without colons and Slack's word for the skin tone.
fn base(written: &str) -> &str {
    let trimmed = written.trim().trim_matches(':');
    trimmed.split("::").next().unwrap_or(trimmed)
}

/// Without skin tones and variation selectors.
fn plain(emoji: &str) -> SmolStr {
    emoji.chars().filter(|c| !is_dress(*c)).collect()
}

/// Whether it is a skin tone or a variation selector: how an emoji looks, not which it is.
pub(super) fn is_dress(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{fe0e}' | '\u{fe0f}')
}

/// The emoji that a text is, drawn or named between colons; a word without colons is a word.
pub(super) fn drawn(text: &str) -> Option<SmolStr> {
    let named = text.len() > 2 && text.starts_with(':') && text.ends_with(':');
    let found = emoji(base(text)).filter(|_| named || !text.is_ascii());
    found.map(|emoji| plain(emoji.as_str()))
}

/// The emoji that is spelt so, in its default skin tone.
fn emoji(base: &str) -> Option<&'static Emoji> {
    if base.len() > MOST_BYTES {
        return None;
    }
    let found = if base.is_ascii() {
        named(&base.to_ascii_lowercase())
    } else {
        emojis::get(base).or_else(|| emojis::get(&plain(base)))
    };
    found.map(|emoji| emoji.with_skin_tone(SkinTone::Default).unwrap_or(emoji))
}

/// By the name that GitHub, Slack or Unicode gives it.
fn named(name: &str) -> Option<&'static Emoji> {
    if let Some(emoji) = emojis::get_by_shortcode(name) {
        return Some(emoji);
    }
    let flat = name.replace('-', "_");
    let shortcode = |name: &str| emojis::get_by_shortcode(name);
    let renamed = |from: &str, to: &str| {
        flat.strip_prefix(from).and_then(|rest| emojis::get_by_shortcode(&format!("{to}{rest}")))
    };
    shortcode(&flat)
        .or_else(|| OF_SLACK.iter().find(|(word, _)| *word == flat).and_then(|(_, emoji)| emojis::get(emoji)))
        .or_else(|| renamed("flag_", ""))
        .or_else(|| renamed("large_", ""))
        .or_else(|| renamed("female_", "woman_"))
        .or_else(|| renamed("male_", "man_"))
        .or_else(|| emojis::iter().find(|emoji| is_called(emoji, &flat)))
}

/// Whether Unicode's name, with `_` between the words, is that.
fn is_called(emoji: &Emoji, flat: &str) -> bool {
    let name = emoji.name();
    let same = |(a, b): (u8, u8)| a.to_ascii_lowercase() == b || (matches!(a, b' ' | b'-') && b == b'_');
    name.len() == flat.len() && name.bytes().zip(flat.bytes()).all(same)
}

/// The known name of which `name` is most likely a slip of the finger. Names of a workspace's own emoji are
/// often longer forms of known ones, so only one wrong letter counts.
fn nearly(name: &str) -> Option<&'static str> {
    const SHORTEST: usize = 4;
    let first = name.chars().next()?;
    let near = |known: &&str| {
        known.starts_with(first)
            && known.len().abs_diff(name.len()) <= 1
            && strsim::damerau_levenshtein(known, name) == 1
    };
    if name.len() < SHORTEST || name.len() > MOST_BYTES {
        return None;
    }
    emojis::iter().flat_map(Emoji::shortcodes).find(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reaction_has_one_form() {
        for same in [
            &["eyes", ":eyes:", "👀", "EYES", " :eyes: "][..],
            &["+1", "thumbsup", ":+1::skin-tone-2:", "+1::skin-tone-6", "👍", "👍🏽", "👍\u{fe0f}"],
            &["white_check_mark", "✅", "✅\u{fe0f}"],
            &["heavy_check_mark", "✔", "✔️"],
            &["no_entry_sign", "🚫"],
            &["heart", "❤", "❤️"],
            &["phone", "telephone", "☎️", "☎"],
            &["telephone_receiver", "📞"],
            &["octagonal_sign", "stop_sign", "🛑"],
            &["thinking_face", "thinking", "🤔"],
            &["face_palm", "facepalm", "🤦🏾"],
            &["large_green_circle", "green_circle", "🟢"],
            &["man-shrugging", "man_shrugging", "🤷🏻‍♂️", "🤷‍♂"],
            &["female-technologist", "woman_technologist", "👩🏽‍💻"],
            &["flag-de", "de", "🇩🇪"],
            &["one", "1️⃣"],
            &["acme-done", ":acme-done:", "Acme-Done"],
        ] {
            let first = Reaction::of(same[0]);
            for written in same {
                assert_eq!(Reaction::of(written), first, "{written}");
            }
        }
        assert_ne!(Reaction::of("+1"), Reaction::of("-1"));
        assert_ne!(Reaction::of("phone"), Reaction::of("📞"));
    }

    #[test]
    fn every_name_of_slack_s_is_an_emoji() {
        for (name, written) in OF_SLACK {
            assert!(emojis::get_by_shortcode(name).is_none(), "{name} is known without us");
            assert_eq!(Reaction::of(name), Reaction::of(written), "{name}");
            assert_eq!(spelling(name), Spelling::Known, "{name}");
        }
    }

    #[test]
    fn a_slip_is_told_from_an_emoji_of_ones_own() {
        assert_eq!(spelling("white_checkmark"), Spelling::Own(Some("white_check_mark")));
        assert_eq!(spelling(":eyse:"), Spelling::Own(Some("eyes")));
        for own in ["acme-done", "shipit-please", "party_parrot", "on-it", "готово", "eyes_done"] {
            assert_eq!(spelling(own), Spelling::Own(None), "{own}");
        }
        for none in ["", "::", "that did it", "what?", "a.b"] {
            assert_eq!(spelling(none), Spelling::NoReaction, "{none}");
        }
    }

    #[test]
    fn a_reaction_is_found_in_a_text() {
        let done = Reaction::of("white_check_mark");
        for text in ["✅ thanks", "all good :white_check_mark:", "a: b :white_check_mark:"] {
            assert!(done.stands_in(text), "{text}");
        }
        for text in ["white_check_mark", "note:white_check_mark", "a:b:c", ":x:", ""] {
            assert!(!done.stands_in(text), "{text}");
        }
        assert!(Reaction::of("acme").stands_in("so :acme: then"));
        assert!(!Reaction::of("acme").stands_in("acme is a firm"));
    }

    #[test]
    fn people_see_the_emoji_or_its_name() {
        assert_eq!(Reaction::of(":eyes:").to_string(), "👀");
        assert_eq!(Reaction::of("acme-done").to_string(), ":acme-done:");
    }
}
