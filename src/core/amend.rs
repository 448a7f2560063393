//! What was posted about an obligation is kept true: its message changes in place, nothing is posted again.

use smol_str::{SmolStr, format_smolstr};

use super::action::{Action, ActionId, IfUnknown, Priority, Target};
use super::case::{Case, Owed};
use super::engine::Engine;
use super::ladder::Matter;
use super::said::{Stage, StepSaid};
use super::strand::StrandKey;
use super::turn::Turn;
use crate::calendar::Instant;
use crate::runbook::By;

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
        let said = self.owed.get(&key.message(&owed.message));
        let steps: Vec<StepSaid> = said.map(|said| said.steps.clone()).unwrap_or_default();
        let matter = Matter { key, case, owed, due, now };
        for (said, action) in
            steps.iter().flat_map(|step| step.actions.iter().map(move |action| (step, action)))
        {
            let Some(step) = owed.level.escalate.get(said.step) else { continue };
            let amended = match step.by {
                By::Pager => self.end_page(&matter, said, action, stage, turn),
                By::Thread | By::DirectMessage => self.amend_step(&matter, action, stage),
            };
            turn.actions.extend(amended);
        }
    }

    pub(super) fn amend_step(
        &mut self,
        matter: &Matter<'_>,
        action: &ActionId,
        stage: Stage,
    ) -> Option<Action> {
        let message = match (stage, &matter.owed.end) {
            (Stage::Open, _) => return None,
            (Stage::Paused, _) => self.words().is_paused(matter),
            (Stage::Acknowledged, _) => self.words().is_taken(matter),
            (Stage::Met | Stage::Cancelled, end) => {
                self.words().has_ended(matter, end.as_ref().map(|end| &end.how))
            }
        };
        let kind = self.notices.get(action).map(|notice| notice.kind)?;
        let id = ActionId(format_smolstr!("amend/{action}/{}", self.amendments(matter, stage)));
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

    /// Tells one amendment from another: the state, and when the facts brought it about.
    pub(super) fn amendments(&self, matter: &Matter<'_>, stage: Stage) -> SmolStr {
        let at = match stage {
            Stage::Open => matter.owed.since,
            Stage::Acknowledged => matter.owed.taken.as_ref().map_or(matter.now, |(_, at)| *at),
            Stage::Paused => matter.owed.paused_since().unwrap_or(matter.now),
            Stage::Met | Stage::Cancelled => matter.owed.end.as_ref().map_or(matter.now, |end| end.at),
        };
        format_smolstr!("{stage:?}/{}", at.ms())
    }
}
