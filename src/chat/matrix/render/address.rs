//! Addresses: of people, rooms and messages on matrix.to, and which others may be links.

use std::fmt::Write as _;

use crate::core::event::MessageRef;

/// Longer addresses are no links, in bytes.
const MOST: usize = 2_000;
/// The longest id that Matrix has, in bytes.
const ID_MOST: usize = 255;

/// Where one reads about a person; clients show it as the person.
pub(super) fn of_user(user: &str) -> Option<String> {
    is_id(user, '@').then(|| format!("https://matrix.to/#/{}", encoded(user)))
}

/// Where a room is, by its id or an alias. `home_server` can let people in.
pub(super) fn of_room(room: &str, home_server: &str) -> Option<String> {
    match room.chars().next() {
        Some('!') if is_id(room, '!') => {
            Some(via(format!("https://matrix.to/#/{}", encoded(room)), home_server))
        }
        Some('#') if is_id(room, '#') => Some(format!("https://matrix.to/#/{}", encoded(room))),
        Some(_) | None => None,
    }
}

/// Where a message is.
pub(super) fn of_message(message: &MessageRef, home_server: &str) -> Option<String> {
    let MessageRef { channel, id } = message;
    let known = is_id(channel, '!') && is_id(id, '$');
    known.then(|| via(format!("https://matrix.to/#/{}/{}", encoded(channel), encoded(id)), home_server))
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

/// Whether it is an id with that sign. The newest rooms and messages are named without a server.
fn is_id(text: &str, sign: char) -> bool {
    let named = matches!(sign, '@' | '#');
    let fits = |c: char| !c.is_whitespace() && !c.is_control();
    let rest = text.strip_prefix(sign).filter(|rest| !rest.is_empty() && text.len() <= ID_MOST);
    rest.is_some_and(|rest| rest.chars().all(fits) && (!named || rest.contains(':')))
}

/// As a part of an address. The signs that begin ids stay where they may: so clients write them, too.
fn encoded(id: &str) -> String {
    let mut encoded = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$@:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    encoded
}
