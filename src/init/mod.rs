//! A first runbook: one of the starters, or one made of what a platform shows of its people and channels.
//!
//! Pure. What people typed there can be anything; what comes out is a runbook that `usher check` accepts.

mod handles;
mod plan;
pub mod starters;
mod text;

use crate::chat::survey::{Member, Survey};

/// A first runbook, and what is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct First {
    /// The file.
    pub text: String,
    /// How many people are listed.
    pub people: usize,
    /// How many groups are listed.
    pub groups: usize,
    /// The handles of groups for which there was no room.
    pub groups_left_out: Vec<String>,
    /// How many channels are listed.
    pub channels: usize,
}

/// What somebody would be called in a first runbook, if nobody else were called so.
pub fn handle(member: &Member) -> String {
    handles::of_person(&member.name, &member.account)
}

/// A first runbook of a workspace.
pub fn first_runbook(survey: &Survey) -> First {
    let plan = plan::plan(survey);
    First {
        text: text::written(&plan),
        people: plan.people.len(),
        groups: plan.groups.len(),
        channels: plan.channels.len(),
        groups_left_out: plan.groups_left_out,
    }
}
