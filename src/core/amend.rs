//! What was posted about an obligation is kept true: its message changes in place, nothing is posted again.

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::engine::Engine;
use super::ladder::Matter;
use super::message::Message;
use super::said::{Stage, StepSaid};
use super::turn::Turn;

impl Engine {
    /// What was posted about an obligation says how it stands now.
    pub(super) fn amend_notices(&mut self, matter: &Matter<'_>, stage: Stage, turn: &mut Turn) {
        let said = self.owed_said(matter.key, matter.owed);
        let steps: Vec<StepSaid> = said.earlier.iter().chain(&said.steps).cloned().collect();
        let also = said.also.clone();
        if steps.is_empty() && also.is_empty() {
            return;
        }
        said.amended += 1;
        let time = said.amended;
        for (said, action) in
            steps.iter().flat_map(|step| step.actions.iter().map(move |action| (step, action)))
        {
            if self.notices.get(action).is_some_and(|notice| notice.kind == Kind::Page) {
                let ended = self.end_page(matter, said, action, (stage, time), turn);
                turn.actions.extend(ended);
            } else {
                self.amend_step(matter, action, (stage, time), turn);
            }
        }
        for action in also {
            self.amend_step(matter, &action, (stage, time), turn);
        }
    }

    fn amend_step(
        &self,
        matter: &Matter<'_>,
        action: &ActionId,
        (stage, time): (Stage, u32),
        turn: &mut Turn,
    ) {
        let message = match (stage, &matter.owed.end) {
            (Stage::Open, _) => self.words().is_open_again(matter),
            (Stage::Paused, _) => self.words().is_paused(matter),
            (Stage::Acknowledged, _) => self.words().is_taken(matter),
            (Stage::Met | Stage::Cancelled, end) => {
                self.words().has_ended(matter, end.as_ref().map(|end| &end.how))
            }
        };
        self.amend(action, &time.to_string(), message, turn);
    }

    /// New words for a notice, in its place.
    pub(super) fn amend(&self, of: &ActionId, cause: &str, message: Message, turn: &mut Turn) {
        let Some(kind) = self.notices.get(of).map(|notice| notice.kind) else { return };
        turn.actions.push(Action {
            id: ActionId(format_smolstr!("amend/{of}/{cause}")),
            kind,
            to: Target::Amend { of: of.clone() },
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        });
    }

    /// A suggestion that was answered folds up.
    pub(super) fn close_suggestion(&self, action: &ActionId, message: Message, turn: &mut Turn) {
        self.amend(action, "closed", message, turn);
    }
}
