//! What Slack sends, read: every kind of payload, every rule about keys, and whatever nobody should send.
#![cfg(feature = "slack")]

#[path = "slack_inbound/absurd.rs"]
mod absurd;
#[path = "slack_inbound/keys.rs"]
mod keys;
#[path = "slack_inbound/kit.rs"]
mod kit;
#[path = "slack_inbound/recorded.rs"]
mod recorded;
#[path = "slack_inbound/strangers.rs"]
mod strangers;

use usher::chat::slack::inbound::Strangers;

use kit::{acme, fixtures, read_fixture, show};

/// Every payload in `tests/data/slack` and what it is read as, going on without strangers.
#[test]
fn every_kind_of_payload_is_read() {
    let directory = acme();
    let mut told = String::new();
    for fixture in fixtures() {
        let reading = read_fixture(&fixture, &directory, Strangers::GoOn);
        told.push_str(&format!("{}\n{}\n", fixture.name, show(&reading)));
    }
    insta::with_settings!({ snapshot_path => "data/slack", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("readings", told);
    });
}
