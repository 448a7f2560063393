//! The pager: how somebody is reached at once. It is a route of the courier like any platform.
//!
//! Every page about one message to one person is one incident: its key is made from these, so a page
//! that is repeated wakes nobody twice where the pager knows incidents.

mod command;
mod webhook;

use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

pub use command::CommandPager;
pub use webhook::WebhookPager;

use crate::core::action::{Action, PageSignal, Target};
use crate::core::event::MessageRef;

/// A page, as Usher's own JSON has it.
#[derive(Debug, Serialize)]
struct Page<'a> {
    /// The action: the same page has the same id.
    id: &'a str,
    /// The incident that it opens or ends.
    incident: SmolStr,
    signal: PageSignal,
    person: &'a str,
    level: &'a str,
    about: &'a MessageRef,
    text: String,
}

impl<'a> Page<'a> {
    /// The page in an action; `None` if the action is something else.
    fn of(action: &'a Action) -> Option<Page<'a>> {
        let Target::Page { person, about, level, signal } = &action.to else { return None };
        let incident = format_smolstr!("usher/{}/{}/{person}", about.channel, about.id);
        let (id, text) = (action.id.0.as_str(), action.message.plain());
        Some(Page { id, incident, signal: *signal, person, level, about, text })
    }
}

/// What is said about an action that is no page.
const NO_PAGE: &str = "only pages go through the pager";
