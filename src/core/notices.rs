//! The notices that people can still answer: by their action, by the strand they are about, and by where the
//! platform put them.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::action::ActionId;
use super::event::MessageRef;
use super::said::NoticeSaid;
use super::strand::StrandKey;

/// See the module. None of the maps is ever iterated.
#[derive(Debug, Default)]
pub(super) struct Notices {
    notices: FxHashMap<ActionId, NoticeSaid>,
    in_strand: FxHashMap<StrandKey, BTreeSet<ActionId>>,
    posted: FxHashMap<MessageRef, ActionId>,
}

impl Notices {
    /// The notice of an action.
    pub(super) fn get(&self, action: &ActionId) -> Option<&NoticeSaid> {
        self.notices.get(action)
    }

    /// The notice of an action, to be changed; where it is posted is for [`Notices::put_at`] to change.
    pub(super) fn get_mut(&mut self, action: &ActionId) -> Option<&mut NoticeSaid> {
        self.notices.get_mut(action)
    }

    /// The action that posted a message.
    pub(super) fn at(&self, message: &MessageRef) -> Option<&ActionId> {
        self.posted.get(message)
    }

    /// Adds a notice, or replaces it.
    pub(super) fn insert(&mut self, action: ActionId, notice: NoticeSaid) {
        self.in_strand.entry(notice.strand.clone()).or_default().insert(action.clone());
        self.posted.extend(notice.message.clone().map(|message| (message, action.clone())));
        self.notices.insert(action, notice);
    }

    /// Keeps where the platform put a notice; whether there is such a notice.
    pub(super) fn put_at(&mut self, action: &ActionId, message: MessageRef) -> bool {
        let Some(notice) = self.notices.get_mut(action) else { return false };
        notice.message = Some(message.clone());
        self.posted.insert(message, action.clone());
        true
    }

    /// Forgets the notices about a strand for which `gone` says so; which they were.
    pub(super) fn forget(&mut self, strand: &StrandKey, gone: impl Fn(&NoticeSaid) -> bool) -> Vec<ActionId> {
        let Some(actions) = self.in_strand.remove(strand) else { return Vec::new() };
        let is_gone = |action: &ActionId| self.notices.get(action).is_none_or(&gone);
        let (going, kept): (BTreeSet<ActionId>, BTreeSet<ActionId>) = actions.into_iter().partition(is_gone);
        if !kept.is_empty() {
            self.in_strand.insert(strand.clone(), kept);
        }
        for action in &going {
            if let Some(message) = self.notices.remove(action).and_then(|notice| notice.message) {
                self.posted.remove(&message);
            }
        }
        going.into_iter().collect()
    }
}
