//! What forms have in common on all platforms: which commands ask for the rest of their words, and what is made of the
//! answers. Pure. A platform asks in its own way.

use serde::{Deserialize, Serialize};

use crate::core::name_of;

/// How the outcome of a thread is asked for.
pub const OUTCOME_ASKED: &str = "How did it end?";
/// What becomes of it.
pub const OUTCOME_HINT: &str = "I post it in the thread and keep it as a decision; the thread is settled.";
/// What somebody reads whose text is blank.
pub const NO_WORDS: &str = "A few words are needed.";

/// A command that says nothing by its name alone: whoever types it so is asked for the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanting {
    /// A text for somebody, at their opening.
    Later,
    /// How a thread ended.
    Outcome,
}

impl Wanting {
    /// The command that was typed alone, by any of its names, if it wants more.
    pub fn typed(words: &str) -> Option<Wanting> {
        match name_of(words.trim())? {
            "later" => Some(Wanting::Later),
            "outcome" => Some(Wanting::Outcome),
            _ => None,
        }
    }
}

/// The command that leaves a text for somebody, by their id or name. After `--` the text may begin like a time.
pub fn later(person: &str, not_before: Option<&str>, text: &str) -> String {
    let at = not_before.map_or_else(String::new, |time| format!(" at {time}"));
    // On Matrix an id begins so anyway.
    let person = person.trim_start_matches('@');
    format!("later @{person}{at} -- {text}")
}

/// The command that tells how a thread ended.
pub fn outcome(text: &str) -> String {
    format!("outcome {text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::is_command;

    #[test]
    fn what_is_typed_alone_and_says_nothing_is_asked_about() {
        for (words, wanting) in [
            ("later", Some(Wanting::Later)),
            (" Deliver ", Some(Wanting::Later)),
            ("outcome", Some(Wanting::Outcome)),
            ("later list", None),
            ("snooze", None),
            ("urgent", None),
            ("mute", None),
            ("dance", None),
            ("", None),
        ] {
            assert_eq!(Wanting::typed(words), wanting, "{words:?}");
        }
        assert!(is_command("later") && is_command("outcome"), "they are commands still");
    }
}
