//! Matrix has no buttons: under a message of Usher's stands which reaction does what. The message itself carries the
//! same for Usher, so that a reaction can be read after any restart.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use crate::core::action::{ActionId, Choice};
use crate::core::message::{Button, Message, Part};
use crate::runbook::Reaction;

/// Under this key of a message's content stands its [`Legend`].
pub const KEY: &str = "dev.usher.action";

/// More reactions nobody reads.
const MOST: usize = 12;
/// A choice that is longer does not fit beside the others, in bytes.
const CHOICE_MOST: usize = 300;

/// What the reactions to one message of Usher's do. Every message of Usher's has one, if only for its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Legend {
    /// The action whose message it is.
    pub id: ActionId,
    /// What each reaction does, in the order of the buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Pressable>,
}

/// What one reaction does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressable {
    /// The emoji, as people choose it.
    pub emoji: SmolStr,
    /// The action that it answers, where that is not the message's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ActionId>,
    /// What it does.
    pub choice: Choice,
}

/// Buttons that stand together, each with its emoji.
pub(super) struct Row<'m> {
    /// The action that they answer, where that is not the message's own.
    of: Option<&'m ActionId>,
    /// The buttons that have an emoji.
    pub(super) buttons: Vec<(SmolStr, &'m Button)>,
}

impl Legend {
    /// The legend of the message of an action.
    pub fn of(message: &Message, id: &ActionId) -> Legend {
        Legend::of_rows(&rows(message), id)
    }

    pub(super) fn of_rows(rows: &[Row<'_>], id: &ActionId) -> Legend {
        let choices = rows.iter().flat_map(|row| {
            let of = row.of.filter(|of| *of != id);
            row.buttons.iter().map(move |(emoji, button)| Pressable {
                emoji: emoji.clone(),
                of: of.cloned(),
                choice: button.choice.clone(),
            })
        });
        Legend { id: id.clone(), choices: choices.collect() }
    }

    /// What a reaction does: which action it answers, and how. Nothing for one that the legend does not have.
    pub fn press(&self, emoji: &str) -> Option<(&ActionId, &Choice)> {
        let reaction = Reaction::of(emoji);
        let pressed = self.choices.iter().find(|pressable| Reaction::of(&pressable.emoji) == reaction)?;
        Some((pressed.of.as_ref().unwrap_or(&self.id), &pressed.choice))
    }
}

/// The rows of buttons of a message in order, the last of them that under the message. No emoji is given twice; a
/// button for which there is none left is none here.
pub(super) fn rows(message: &Message) -> Vec<Row<'_>> {
    let mut dealt = BTreeSet::new();
    let mut rows = Vec::new();
    for part in &message.parts {
        if let Part::Buttons { of, buttons } = part {
            rows.push(Row { of: Some(of), buttons: deal(buttons, &mut dealt) });
        }
    }
    rows.push(Row { of: None, buttons: deal(&message.buttons, &mut dealt) });
    rows
}

fn deal<'m>(buttons: &'m [Button], dealt: &mut BTreeSet<Reaction>) -> Vec<(SmolStr, &'m Button)> {
    let mut row = Vec::new();
    for button in buttons {
        let length = serde_json::to_string(&button.choice).map_or(usize::MAX, |choice| choice.len());
        if dealt.len() < MOST
            && length <= CHOICE_MOST
            && !button.label.trim().is_empty()
            && let Some(emoji) = candidates(button).find(|emoji| dealt.insert(Reaction::of(emoji)))
        {
            row.push((emoji, button));
        }
    }
    row
}

/// What may stand for a button, the best first: its own emoji, then the digits.
fn candidates(button: &Button) -> impl Iterator<Item = SmolStr> {
    let digits = (1..=9).map(|digit| format_smolstr!("{digit}\u{fe0f}\u{20e3}"));
    own(button).into_iter().chain(digits).chain([SmolStr::new_static("🔟")])
}

/// Those that mean something on a question, too, mean the same there: 👀 takes it, ✅ settles it, 📞 asks for a call
/// and 🚫 dismisses, where the runbook names no others.
fn own(button: &Button) -> Option<SmolStr> {
    let emoji = match &button.choice {
        Choice::Take => "👀",
        Choice::Resolved => "✅",
        Choice::CallNow => "📞",
        Choice::CallAt(_) => return clock_face(&button.label),
        Choice::NotNow => "🚫",
        Choice::Snooze => "💤",
        Choice::Why => "❓",
        Choice::Raise(_) => "🔺",
        Choice::GiveBack => "↩️",
        Choice::CallOff => "📵",
        Choice::Leave => "👌",
        Choice::AskInstead(_) | Choice::Say(_) => return None,
    };
    Some(SmolStr::new_static(emoji))
}

/// The clock that shows the time in a label, to the last half hour: 🕤 for `09:45 Berlin`.
fn clock_face(label: &str) -> Option<SmolStr> {
    const ONE_O_CLOCK: u32 = 0x1f550;
    const HALF_PAST_ONE: u32 = 0x1f55c;
    let (hour, minute) = label.split([' ', ',']).find_map(|word| word.split_once(':'))?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let first = if minute < 30 { ONE_O_CLOCK } else { HALF_PAST_ONE };
    char::from_u32(first + (hour + 11) % 12).map(|face| format_smolstr!("{face}"))
}
