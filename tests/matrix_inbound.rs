//! What Matrix sends, read: every kind of event, every rule about texts, commands and rooms, and whatever nobody
//! should send.
#![cfg(feature = "matrix")]

#[path = "matrix_inbound/absurd.rs"]
mod absurd;
#[path = "matrix_inbound/belonging.rs"]
mod belonging;
#[path = "matrix_inbound/commands.rs"]
mod commands;
#[path = "matrix_inbound/kit.rs"]
mod kit;
#[path = "matrix_inbound/rooms.rs"]
mod rooms;
#[path = "matrix_inbound/texts.rs"]
mod texts;

use kit::{fixtures, read_fixture, show};

/// Every event in `tests/data/matrix` and what it is read as.
#[test]
fn every_kind_of_event_is_read() {
    let mut told = String::new();
    for fixture in fixtures() {
        told.push_str(&format!("{}\n{}\n", fixture.name, show(&read_fixture(fixture))));
    }
    insta::with_settings!({ snapshot_path => "data/matrix", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("readings", told);
    });
}
