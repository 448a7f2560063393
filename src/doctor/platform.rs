//! What is looked at on every platform.

use super::Finding;
use crate::calendar::{MINUTE_MS, SECOND_MS};
use crate::chat::survey::{Member, Standing};
use crate::core::event::Platform;
use crate::init;
use crate::runbook::Name;

/// A clock that is off by more makes deadlines wrong, in ms.
const CLOCK_IS_OFF_MS: i64 = MINUTE_MS;
/// A clock that is off by more is believed by nobody, in ms.
const NOT_BELIEVED_MS: i64 = 5 * MINUTE_MS;

/// Whether this machine's clock shows what that of `whom` does; it is ahead by so many ms. `and` is what comes of it where
/// it is far off, beside wrong deadlines.
pub fn clock(whom: &str, ahead_ms: Option<i64>, and: &str) -> Finding {
    const CHECK: &str = "clock";
    let Some(ahead_ms) = ahead_ms else {
        return Finding::warning(CHECK, format!("{whom} does not say what time it is"), "try again");
    };
    let off_ms = ahead_ms.abs();
    let side = if ahead_ms > 0 { "ahead of" } else { "behind" };
    let off = format!("it is {} s {side} {whom}'s", off_ms / SECOND_MS);
    let mend = "let the machine follow a time server, as with `timedatectl set-ntp true`";
    if off_ms > NOT_BELIEVED_MS {
        Finding::problem(CHECK, format!("{off}: deadlines are wrong, and {and}"), mend)
    } else if off_ms > CLOCK_IS_OFF_MS {
        Finding::warning(CHECK, format!("{off}: deadlines are off by as much"), mend)
    } else {
        Finding::ok(CHECK, format!("it shows what {whom}'s does"))
    }
}

/// The entry that somebody without an id should have, as far as their name tells.
pub(super) fn unnamed(name: &Name, members: &[Member], platform: Platform) -> String {
    let (key, blank) = match platform {
        Platform::Slack => ("slack", "U…"),
        Platform::Matrix | Platform::Console => ("matrix", "@…"),
    };
    let is_meant = |member: &&Member| {
        member.standing >= Standing::Guest && (init::handle(member) == *name || member.account == *name)
    };
    let mut meant = members.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(only), None) => format!("`{name} = {{ {key} = \"{}\" }}`", only.id),
        (Some(_), Some(_)) | (None, _) => format!("`{name} = {{ {key} = \"{blank}\" }}`"),
    }
}
