//! What stands in a button, so that a press is understood: which action of Usher's, and which choice.
//!
//! The value holds both; the action id only has to be another for each button of one message. Buttons
//! outlive a version: a value that was written once is read for good.

use crate::core::action::{ActionId, Choice};

/// How the action ids of all buttons begin that carry a choice.
const OURS: &str = "usher:";

/// The `action_id` and the `value` of the button that makes `choice` about `action`.
pub fn encode(action: &ActionId, choice: &Choice) -> (String, String) {
    let value = serde_json::to_string(&(action, choice)).expect("strings and instants are JSON");
    (format!("{OURS}{}", token(choice)), value)
}

/// The action and the choice of a button with this `action_id` and `value`; `None` if it is another button.
pub fn decode(action_id: &str, value: &str) -> Option<(ActionId, Choice)> {
    action_id.strip_prefix(OURS)?;
    let (action, choice): (ActionId, Choice) = serde_json::from_str(value).ok()?;
    (!action.0.is_empty()).then_some((action, choice))
}

/// What tells one button of a message from the others.
fn token(choice: &Choice) -> String {
    match choice {
        Choice::CallNow => "call-now".to_owned(),
        Choice::CallAt(at) => format!("call-at:{}", at.ms()),
        Choice::Resolved => "resolved".to_owned(),
        Choice::NotNow => "not-now".to_owned(),
        Choice::Take => "take".to_owned(),
        Choice::GiveBack => "give-back".to_owned(),
        Choice::CallOff => "call-off".to_owned(),
        Choice::Snooze => "snooze".to_owned(),
        Choice::Why => "why".to_owned(),
        Choice::AskInstead(person) => format!("ask-instead:{person}"),
        Choice::Raise(level) => format!("raise:{level}"),
        Choice::Leave => "leave".to_owned(),
        Choice::Say(words) => format!("say:{words}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::calendar::Instant;

    fn choices() -> Vec<Choice> {
        vec![
            Choice::CallNow,
            Choice::CallAt(Instant::from_ms(1_700_000_000_123)),
            Choice::CallAt(Instant::from_ms(1_700_000_900_000)),
            Choice::Resolved,
            Choice::NotNow,
            Choice::Take,
            Choice::GiveBack,
            Choice::CallOff,
            Choice::Snooze,
            Choice::Why,
            Choice::AskInstead("kim".into()),
            Choice::AskInstead("ana-maría".into()),
            Choice::Raise("blocking".into()),
            Choice::Leave,
            Choice::Say("mute 2h".to_owned()),
        ]
    }

    #[test]
    fn what_is_put_into_a_button_comes_out_of_it() {
        let action = ActionId("call/slack/T1/C1/1700000000.000100".into());
        let mut seen = BTreeSet::new();
        for choice in choices() {
            let (action_id, value) = encode(&action, &choice);
            assert_eq!(decode(&action_id, &value), Some((action.clone(), choice)), "{value}");
            assert!(action_id.chars().count() <= 255 && value.chars().count() <= 2_000, "Slack's limits");
            assert!(seen.insert(action_id), "two buttons of one message need two ids");
        }
    }

    #[test]
    fn the_longest_names_fit() {
        let long = "x".repeat(80);
        let action = ActionId(format!("{long}/{long}/{long}").into());
        let (action_id, value) = encode(&action, &Choice::AskInstead(long.into()));
        assert!(action_id.len() <= 255 && value.len() <= 2_000);
    }

    #[test]
    fn another_button_is_none_of_ours() {
        let good = encode(&ActionId("a".into()), &Choice::Take);
        assert_eq!(good, ("usher:take".to_owned(), r#"["a","take"]"#.to_owned()), "it is kept in Slack");
        for (action_id, value) in [
            ("button", r#"["a","take"]"#),
            ("usher:take", ""),
            ("usher:take", "click_me"),
            ("usher:take", r#"["","take"]"#),
            ("usher:take", r#"["a","dance"]"#),
            ("usher:take", r#"["a","take","more"]"#),
            ("usher_mute", "2h"),
        ] {
            assert_eq!(decode(action_id, value), None, "{action_id} {value}");
        }
    }
}
