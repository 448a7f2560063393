//! Each clock ends in one state, and is late once: looks at every step whether something is said twice.

use std::collections::BTreeMap;

use usher::core::record::Record;
use usher::core::said::Stage;
use usher::core::turn::{Change, Noted, Turn};

use super::book::Ms;
use super::oracle::Ending;
use super::said::number;
use super::script::Id;

/// How every clock stands, as it was noted.
#[derive(Default)]
pub struct Endings {
    /// When what was owed ended, as last noted, and how.
    ends: BTreeMap<Id, (Ms, Ending)>,
    /// Whether a breach stands, by message; it was ever declared where there is an entry.
    breached: BTreeMap<Id, bool>,
    /// Whether anything was noted of a clock since its end was.
    moved: BTreeMap<Id, bool>,
    /// How often each had become another promise.
    anew: BTreeMap<Id, u32>,
}

impl Endings {
    /// How many breaches were ever declared.
    pub fn breaches(&self) -> usize {
        self.breached.len()
    }

    /// When a clock ended, as last noted.
    pub fn end(&self, message: Id) -> Option<Ms> {
        self.ends.get(&message).map(|(at, _)| *at)
    }

    /// Looks at what was committed; what is wrong with it, and about which message.
    pub fn look(&mut self, turn: &Turn) -> Result<(), (Id, String)> {
        for change in &turn.changes {
            let Change::Put(key, Record::Case(said)) = change else { continue };
            let Some(message) = number(&key.id) else { continue };
            // Another promise is judged for itself.
            if self.anew.insert(message, said.anew).unwrap_or(0) < said.anew
                && let Some(stands) = self.breached.get_mut(&message)
            {
                *stands = false;
            }
        }
        for note in &turn.notes {
            let Some(message) = note.about.as_ref().and_then(|about| number(&about.id)) else { continue };
            self.look_at_note(message, &note.what, note.at.ms()).map_err(|what| (message, what))?;
        }
        for change in &turn.changes {
            let Change::Put(key, Record::Case(said)) = change else { continue };
            let Some(message) = number(&key.id) else { continue };
            let kept = match said.stage {
                Some(Stage::Met) => Some(Ending::Met),
                Some(Stage::Cancelled) => Some(Ending::Cancelled),
                Some(Stage::Open | Stage::Acknowledged | Stage::Paused) | None => None,
            };
            let noted = self.ends.get(&message).map(|(_, ending)| *ending);
            if kept != noted {
                return Err((message, format!("{noted:?} was noted, and {kept:?} is kept")));
            }
            if said.breached != self.breached.get(&message).copied().unwrap_or(false) {
                return Err((message, format!("that breached is {} was not noted", said.breached)));
            }
        }
        Ok(())
    }

    fn look_at_note(&mut self, message: Id, what: &Noted, at: Ms) -> Result<(), String> {
        match what {
            Noted::Owed { .. } => {
                self.ends.remove(&message);
            }
            Noted::Met { .. } => return self.ended(message, at, Ending::Met),
            Noted::Cancelled(why) => {
                // What was never owed was never late.
                if let Some(stands) = self.breached.get_mut(&message).filter(|_| why == "superseded") {
                    *stands = false;
                }
                return self.ended(message, at, Ending::Cancelled);
            }
            Noted::Breached => {
                if self.breached.insert(message, true) == Some(true) {
                    return Err("a breach is declared twice".to_owned());
                }
            }
            Noted::BreachTakenBack => {
                if self.breached.insert(message, false) != Some(true) {
                    return Err("a breach is taken back that was not declared".to_owned());
                }
            }
            Noted::Acknowledged | Noted::Paused | Noted::Resumed => {
                self.ends.remove(&message);
            }
            Noted::Spoke(_) | Noted::WouldHaveSpoken(_) | Noted::Silent { .. } | Noted::Remark(_) => {
                return Ok(());
            }
        }
        self.moved.insert(message, true);
        Ok(())
    }

    fn ended(&mut self, message: Id, at: Ms, ending: Ending) -> Result<(), String> {
        let moved = self.moved.insert(message, false).unwrap_or(true);
        if self.ends.insert(message, (at, ending)) == Some((at, ending)) && !moved {
            return Err(format!("it is noted twice as {ending:?}"));
        }
        Ok(())
    }
}
