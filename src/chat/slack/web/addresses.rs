//! The addresses at which Slack takes answers for half an hour: it gives one with each command, press and
//! shortcut, and it leads to where that was done, whether or not Usher is a member there.
//!
//! They are kept in memory alone, and no more of them than so many.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use url::{Origin, Url};

use crate::core::action::ActionId;

/// Where Slack takes answers.
const SLACK: &str = "https://hooks.slack.com";
/// More are not kept; the oldest goes.
const KEPT: usize = 1_000;

/// An address for one answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Whoever knows it can answer in Usher's name.
    pub(super) url: Url,
    /// Whether it was given in a thread; else it leads to where the person is, who may be in no thread.
    pub in_thread: bool,
}

/// The addresses that are known.
pub(super) struct Addresses {
    /// An address anywhere else is none of Slack's.
    origin: Origin,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_answer: BTreeMap<ActionId, Address>,
    /// In the order in which they came.
    order: VecDeque<ActionId>,
}

impl Addresses {
    /// Those of Slack, or where `api_url` stands in for it, of that host.
    pub(super) fn new(api_url: Option<&str>) -> Addresses {
        let host = Url::parse(api_url.unwrap_or(SLACK));
        // What is no address has an origin that no other has.
        let origin = host.map_or_else(|_| Origin::new_opaque(), |url| url.origin());
        Addresses { origin, kept: Mutex::default() }
    }

    /// Keeps an address for an answer; whether it is one of Slack's.
    pub(super) fn keep(&self, answer: ActionId, url: &str, in_thread: bool) -> bool {
        let Some(url) = Url::parse(url).ok().filter(|url| url.origin() == self.origin) else { return false };
        self.put(answer, Address { url, in_thread });
        true
    }

    /// Another answer can be said where the answer `of` can.
    pub(super) fn share(&self, answer: ActionId, of: &ActionId) {
        if let Some(address) = self.of(of) {
            self.put(answer, address);
        }
    }

    /// The address for an answer.
    pub(super) fn of(&self, answer: &ActionId) -> Option<Address> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).by_answer.get(answer).cloned()
    }

    fn put(&self, answer: ActionId, address: Address) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.by_answer.insert(answer.clone(), address).is_none() {
            kept.order.push_back(answer);
        }
        if kept.order.len() > KEPT
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.by_answer.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(number: usize) -> ActionId {
        ActionId(smol_str::format_smolstr!("answer/{number}"))
    }

    #[test]
    fn only_slack_s_own_addresses_are_kept() {
        let slack = Addresses::new(None);
        let stand_in = Addresses::new(Some("http://127.0.0.1:1234/api"));
        for (addresses, url, is_kept) in [
            (&slack, "https://hooks.slack.com/commands/T1/2/3", true),
            (&slack, "https://hooks.slack.com:443/actions/T1/2/3", true),
            (&slack, "http://hooks.slack.com/commands/T1/2/3", false),
            (&slack, "https://hooks.slack.com:8443/commands/T1/2/3", false),
            (&slack, "https://hooks.slack.com.example.org/commands", false),
            (&slack, "https://hooks.slack.com@example.org/commands", false),
            (&slack, "https://slack.com/commands", false),
            (&slack, "http://127.0.0.1:1234/response/1", false),
            (&slack, "file:///etc/passwd", false),
            (&slack, "nonsense", false),
            (&stand_in, "http://127.0.0.1:1234/response/1", true),
            (&stand_in, "http://127.0.0.1:1235/response/1", false),
            (&stand_in, "https://hooks.slack.com/commands/T1/2/3", false),
        ] {
            assert_eq!(addresses.keep(answer(1), url, false), is_kept, "{url}");
            assert_eq!(
                addresses.of(&answer(1)).is_some_and(|kept| kept.url.as_str() == url.replace(":443", "")),
                is_kept
            );
        }
        assert!(!Addresses::new(Some("nonsense")).keep(answer(1), "nonsense", false));
    }

    #[test]
    fn the_newest_are_kept() {
        let addresses = Addresses::new(None);
        for number in 0..=KEPT {
            assert!(addresses.keep(answer(number), "https://hooks.slack.com/1", number % 2 == 0));
        }
        assert!(addresses.of(&answer(0)).is_none());
        assert!(addresses.of(&answer(1)).is_some_and(|address| !address.in_thread));
        addresses.share(answer(KEPT + 1), &answer(KEPT));
        assert!(addresses.of(&answer(KEPT + 1)).is_some_and(|address| address.in_thread));
        addresses.share(answer(KEPT + 2), &answer(0));
        assert!(addresses.of(&answer(KEPT + 2)).is_none());
    }
}
