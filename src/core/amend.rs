//! What was posted about an obligation is kept true: its message changes in place, nothing is posted again.

use smol_str::format_smolstr;

use super::action::{Action, ActionId, IfUnknown, Kind, Priority, Target};
use super::case::{Case, Owed};
use super::engine::Engine;
use super::ladder::Matter;
use super::said::{Stage, StepSaid};
use super::strand::StrandKey;
use super::turn::Turn;
use crate::calendar::Instant;

impl Engine {
    /// What was posted about an obligation says how it stands now.
    #[expect(clippy::too_many_arguments, reason = "the obligation, how it stands, and when")]
    pub(super) fn amend_notices(
        &mut self,
        key: &StrandKey,
        case: &Case,
        owed: &Owed,
        stage: Stage,
        due: Option<Instant>,
        now: Instant,
        turn: &mut Turn,
    ) {
        let said = self.owed_said(key, owed);
        let steps: Vec<StepSaid> = said.earlier.iter().chain(&said.steps).cloned().collect();
        let also = said.also.clone();
        if steps.is_empty() && also.is_empty() {
            return;
        }
        said.amended += 1;
        let time = said.amended;
        let matter = Matter { key, case, owed, due, now };
        for (said, action) in
            steps.iter().flat_map(|step| step.actions.iter().map(move |action| (step, action)))
        {
            let is_page = self.notices.get(action).is_some_and(|notice| notice.kind == Kind::Page);
            let amended = if is_page {
                self.end_page(&matter, said, action, (stage, time), turn)
            } else {
                self.amend_step(&matter, action, (stage, time))
            };
            turn.actions.extend(amended);
        }
        for action in also {
            turn.actions.extend(self.amend_step(&matter, &action, (stage, time)));
        }
    }

    pub(super) fn amend_step(
        &mut self,
        matter: &Matter<'_>,
        action: &ActionId,
        (stage, time): (Stage, u32),
    ) -> Option<Action> {
        let message = match (stage, &matter.owed.end) {
            (Stage::Open, _) => self.words().is_open_again(matter),
            (Stage::Paused, _) => self.words().is_paused(matter),
            (Stage::Acknowledged, _) => self.words().is_taken(matter),
            (Stage::Met | Stage::Cancelled, end) => {
                self.words().has_ended(matter, end.as_ref().map(|end| &end.how))
            }
        };
        let kind = self.notices.get(action).map(|notice| notice.kind)?;
        let id = ActionId(format_smolstr!("amend/{action}/{time}"));
        let to = Target::Amend { of: action.clone() };
        Some(Action {
            id,
            kind,
            to,
            message,
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        })
    }
}
