//! Addresses: of people, rooms and messages on matrix.to, and which others may be links.

use matrix_sdk::ruma::UserId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::chat::matrix::wire::{alias, event_id, room_id};
use crate::core::event::MessageRef;

/// Longer addresses are no links, in bytes.
const MOST: usize = 2_000;
/// What is encoded in an id. The signs that begin ids stay as they are: so clients write them, too.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'@')
    .remove(b':');

/// Where one reads about a person; clients show it as the person. Many clients read nothing of a message that pings
/// somebody whose id is none, so such a one has no address.
pub(super) fn of_user(user: &str) -> Option<String> {
    <&UserId>::try_from(user).ok().map(|user| format!("https://matrix.to/#/{}", encoded(user.as_str())))
}

/// Where a room is, by its id or an alias. `home_server` can let people in.
pub(super) fn of_room(room: &str, home_server: &str) -> Option<String> {
    let by_id = room_id(room).map(|room| via(format!("https://matrix.to/#/{}", encoded(&room)), home_server));
    by_id.or_else(|| alias(room).map(|alias| format!("https://matrix.to/#/{}", encoded(&alias))))
}

/// Where a message is.
pub(super) fn of_message(message: &MessageRef, home_server: &str) -> Option<String> {
    let (room, id) = (room_id(&message.channel)?, event_id(&message.id)?);
    Some(via(format!("https://matrix.to/#/{}/{}", encoded(&room), encoded(&id)), home_server))
}

/// An address that Usher or the runbook made, if it is one that clients make a link of.
pub(super) fn of_link(url: &str) -> Option<&str> {
    let known = ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
    let whole = !url.chars().any(|c| c.is_whitespace() || c.is_control());
    (known && whole && url.len() <= MOST).then_some(url)
}

fn via(url: String, home_server: &str) -> String {
    format!("{url}?via={}", encoded(home_server))
}

fn encoded(id: &str) -> PercentEncode<'_> {
    utf8_percent_encode(id, ENCODED)
}
