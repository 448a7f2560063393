//! Matrix's side: the homeserver, the session and the folder that it is kept in, and whom and what the runbook names
//! there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Finding, unnamed};
use crate::chat::matrix::CallError;
use crate::chat::matrix::look::{Homeserver, Kept, Look, Place, Recovery, Signed};
use crate::chat::matrix::session::{Progress, is_called, recovery_path};
use crate::chat::survey::Member;
use crate::core::event::Platform;
use crate::runbook::{Name, Runbook, Voice};

const ROOMS: &str = "rooms";

/// Where a channel of the runbook is.
#[derive(Clone, Debug)]
pub enum Whereabouts {
    /// Usher is in it.
    In(Box<Place>),
    /// Usher is in it, but it does not show the address by which the runbook names it.
    Unlisted(Box<Place>),
    /// It has no name, and nobody is in it but Usher and one person.
    Direct,
    /// Usher is invited; whether by somebody whom it follows.
    Invited(bool),
    /// It is there, and Usher is not in it.
    Outside,
    /// There is none, as far as can be seen.
    Absent,
    /// The homeserver did not say.
    Untold(CallError),
}

/// Whether a homeserver answers where the settings say.
pub fn homeserver(named: &str, reached: &Result<Homeserver, CallError>) -> Finding {
    const CHECK: &str = "homeserver";
    match reached {
        Ok(homeserver) => match newest(&homeserver.versions) {
            Some(newest) => Finding::ok(CHECK, format!("{} answers, and speaks {newest}", homeserver.url())),
            None => Finding::problem(
                CHECK,
                format!("{} is too old: it speaks no version of Matrix since 1.1", homeserver.url()),
                "bring the homeserver up to date",
            ),
        },
        Err(error) => Finding::problem(
            CHECK,
            format!("nothing that Usher could talk to at `{named}`: {error}"),
            "`matrix.homeserver` is the address that clients use, as in `https://matrix.example.org`, or the name that \
             the ids of its users end with; see that this machine reaches it",
        ),
    }
}

/// The newest version of the protocol, as `v1.12`.
fn newest(versions: &BTreeSet<String>) -> Option<&str> {
    let minor = |version: &&String| version.strip_prefix("v1.")?.parse::<u32>().ok();
    let numbered = versions.iter().filter_map(|version| Some((minor(&version)?, version)));
    numbered.max().map(|(_, version)| version.as_str())
}

/// Whether the folder of the session can be used. `wanted` is the account of the settings, `committed` how far the
/// database is.
pub fn session(folder: &Path, look: &Look, wanted: Option<&str>, committed: Option<&Progress>) -> Finding {
    const CHECK: &str = "session";
    let shown = folder.display();
    let anew = format!("restore it, or move {shown} away: the next start then signs in anew");
    match &look.kept {
        Kept::Nothing => match committed {
            None => Finding::ok(CHECK, format!("there is none yet; the first start keeps it in {shown}")),
            Some(_) => Finding::warning(
                CHECK,
                format!("{shown} is gone: the next start signs in anew"),
                "put the folder back if it was only moved; else see that the recovery key is at hand, for with it what \
                 is encrypted can still be read",
            ),
        },
        Kept::Held(holder) => Finding::ok(CHECK, format!("{shown} is used by another process ({holder})")),
        Kept::NoKey => Finding::problem(CHECK, format!("{shown} has lost its file `key`"), anew),
        Kept::WrongKey => Finding::problem(
            CHECK,
            format!("the key does not open {shown}"),
            format!("set the `matrix.store_key` that it was made with; or {anew}"),
        ),
        Kept::Unreadable(why) => Finding::problem(CHECK, format!("{shown} cannot be read: {why}"), anew),
        Kept::Session(kept) => {
            let of_this = committed.filter(|committed| committed.device == kept.device);
            if let Some(wanted) = wanted.filter(|wanted| !is_called(&kept.user, wanted)) {
                let message = format!("{shown} belongs to {}, and the settings name {wanted}", kept.user);
                return Finding::problem(
                    CHECK,
                    message,
                    "give each account a folder of its own with `matrix.store`",
                );
            }
            if of_this.is_some_and(|committed| kept.step < committed.step) {
                let message = format!("{shown} is older than the database: it was put back from a copy");
                return Finding::problem(CHECK, message, format!("move it away: `mv {shown} {shown}.old`"));
            }
            match look.mode {
                Some(mode) if mode & 0o077 != 0 => Finding::warning(
                    CHECK,
                    format!("others can read {shown} (mode {mode:o})"),
                    format!("chmod 700 {shown}"),
                ),
                Some(_) | None => {
                    Finding::ok(CHECK, format!("{shown} keeps {} of {}", kept.device, kept.user))
                }
            }
        }
    }
}

/// How somebody was asked who Usher is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// By the session that is kept.
    Session,
    /// By the token of the settings.
    Token,
    /// By the password of the settings.
    Password,
}

/// Whether the homeserver lets Usher in. `who` is the account, and whether it belongs to a session and is no guest's.
pub fn account(shown: Shown, wanted: Option<&str>, who: Result<(&str, bool, bool), &CallError>) -> Finding {
    const CHECK: &str = "account";
    let (user, has_session, is_guest) = match who {
        Ok(who) => who,
        Err(error) => return refused(CHECK, shown, error),
    };
    if is_guest {
        return Finding::problem(CHECK, format!("{user} is a guest"), "make Usher an account of its own");
    }
    if !has_session {
        return Finding::problem(
            CHECK,
            "`matrix.access_token` belongs to no session, so nothing could be encrypted with it",
            "set `matrix.user` and `matrix.password` instead, or the token of a session",
        );
    }
    if let Some(wanted) = wanted.filter(|wanted| !is_called(user, wanted)) {
        let message = format!("the token is of {user}, and `matrix.user` is {wanted}");
        return Finding::problem(CHECK, message, "correct the one or the other");
    }
    Finding::ok(CHECK, format!("Usher is {user}"))
}

fn refused(check: &'static str, shown: Shown, error: &CallError) -> Finding {
    let mend = match (shown, error) {
        (_, CallError::RateLimited { .. } | CallError::Unavailable(_) | CallError::Unknown(_)) => {
            "look again in a while"
        }
        (Shown::Session, _) => {
            "somebody has ended the session: move the folder away, and the next start signs in anew"
        }
        (Shown::Token, _) => {
            "take the token of a session that is open, or set `matrix.user` and `matrix.password`"
        }
        (Shown::Password, _) => {
            "check `matrix.user` and `matrix.password`; where one signs in by the browser alone, open a session there \
             and set its token as `matrix.access_token`"
        }
    };
    Finding::problem(check, format!("the homeserver does not let Usher in: {error}"), mend)
}

/// Whether others can trust the session.
pub fn verified(signed: Signed) -> Finding {
    const CHECK: &str = "verified";
    let anew = "set `matrix.recovery_key` and start Usher again";
    match signed {
        Signed::Yes => Finding::ok(CHECK, "the session is signed by its account"),
        Signed::NoKeys => {
            Finding::ok(CHECK, "the session has no keys yet; the first start makes and signs them")
        }
        Signed::NoIdentity => Finding::warning(
            CHECK,
            "the account has nothing to sign its session with, so people are shown a warning beside what Usher says",
            "start Usher with `matrix.user` and `matrix.password`: it makes what is missing",
        ),
        Signed::No => Finding::warning(
            CHECK,
            "the session is not signed by its account: some clients keep from it what is said in encrypted rooms",
            anew,
        ),
    }
}

/// Whether a lost folder would be a nuisance and no loss. `is_set` says that the settings have a recovery key.
pub fn recovery(folder: &Path, look: &Look, is_set: bool, recovery: Recovery) -> Finding {
    const CHECK: &str = "recovery";
    let started = !matches!(look.kept, Kept::Nothing);
    let beside = recovery_path(folder);
    let beside = beside.display();
    match (recovery.has_secrets, recovery.keys) {
        (false, _) | (true, None) if !started => {
            Finding::ok(CHECK, format!("the first start writes a recovery key to {beside}"))
        }
        (false, _) | (true, None) => Finding::warning(
            CHECK,
            "keys of encrypted rooms are not kept at the homeserver: what only the folder can read is lost with it",
            "start Usher again; where its log says that a recovery key is missing, set `matrix.recovery_key`",
        ),
        (true, Some(keys)) if look.has_recovery_key => Finding::ok(
            CHECK,
            format!("{} kept at the homeserver; keep a copy of {beside} where the folder is not", are(keys)),
        ),
        (true, Some(keys)) if is_set => Finding::ok(CHECK, format!("{} kept at the homeserver", are(keys))),
        (true, Some(_)) => Finding::warning(
            CHECK,
            format!("the account has a recovery key, and it is neither in the settings nor in {beside}"),
            "set `matrix.recovery_key`, or a lost folder loses what is encrypted",
        ),
    }
}

fn are(keys: u64) -> String {
    if keys == 1 { "1 key is".to_owned() } else { format!("{keys} keys are") }
}

/// What can be wrong with a room, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Absent,
    Mute,
    Deaf,
    Stranger,
    ForTwo,
    Unlisted,
    Closed,
    Silenced,
    Mighty,
    Untold,
}

/// How it stands with a room.
enum Standing {
    /// What is wrong with it, and how it is named.
    Faulty(Fault, String),
    /// A running Usher comes in by itself.
    Invited,
    Well {
        is_encrypted: bool,
    },
}

/// Whether the channels of the runbook are there, and Usher in them.
pub fn rooms(runbook: &Runbook, found: &BTreeMap<Name, Whereabouts>) -> Vec<Finding> {
    let mut faults: BTreeMap<Fault, Vec<String>> = BTreeMap::new();
    let (mut invited, mut well, mut encrypted) = (Vec::new(), 0, 0);
    for (name, whereabouts) in found {
        let Some(channel) = runbook.channels.get(name) else { continue };
        match standing(name, channel.voice, whereabouts) {
            Standing::Faulty(fault, shown) => faults.entry(fault).or_default().push(shown),
            Standing::Invited => invited.push(format!("#{name}")),
            Standing::Well { is_encrypted } => {
                well += 1;
                encrypted += usize::from(is_encrypted);
            }
        }
    }
    let mut findings: Vec<Finding> =
        faults.into_iter().map(|(fault, names)| told(fault, &names.join(", "))).collect();
    if !invited.is_empty() {
        let message = format!("Usher is invited to {}, and comes in once it runs", invited.join(", "));
        findings.push(Finding::ok(ROOMS, message));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            ROOMS,
            match well {
                0 => "the runbook names none".to_owned(),
                _ => format!("Usher is in every one that the runbook names; {encrypted} of {well} encrypted"),
            },
        ));
    }
    findings
}

fn standing(name: &Name, voice: Voice, whereabouts: &Whereabouts) -> Standing {
    let shown = format!("#{name}");
    let place = match whereabouts {
        Whereabouts::Absent => return Standing::Faulty(Fault::Absent, shown),
        Whereabouts::Outside if voice == Voice::Watch => return Standing::Faulty(Fault::Deaf, shown),
        Whereabouts::Outside => return Standing::Faulty(Fault::Mute, shown),
        Whereabouts::Direct => return Standing::Faulty(Fault::ForTwo, shown),
        Whereabouts::Invited(true) => return Standing::Invited,
        Whereabouts::Invited(false) => return Standing::Faulty(Fault::Stranger, shown),
        Whereabouts::Unlisted(place) => {
            return Standing::Faulty(Fault::Unlisted, format!("{shown} ({})", place.id));
        }
        Whereabouts::Untold(error) => return Standing::Faulty(Fault::Untold, format!("{shown} ({error})")),
        Whereabouts::In(place) => place,
    };
    if place.is_closed {
        let successor = place.successor.as_deref().map(|id| format!(", for {id}")).unwrap_or_default();
        return Standing::Faulty(Fault::Closed, format!("{shown} ({}{successor})", place.id));
    }
    if place.may_rule {
        return Standing::Faulty(Fault::Mighty, shown);
    }
    if !place.may_write && voice == Voice::Speak {
        return Standing::Faulty(Fault::Silenced, shown);
    }
    Standing::Well { is_encrypted: place.is_encrypted }
}

fn told(fault: Fault, names: &str) -> Finding {
    let invite = "invite Usher there, as you invite anybody; a running Usher comes in at once";
    let problem = |message: String, mend: &str| Finding::problem(ROOMS, message, mend);
    let warning = |message: String, mend: &str| Finding::warning(ROOMS, message, mend);
    match fault {
        Fault::Absent => problem(
            format!("nowhere to be found: {names}"),
            "correct the alias, the id or the name, and invite Usher where the room is not public",
        ),
        Fault::Mute => problem(format!("Usher is not in {names}, and says nothing there"), invite),
        Fault::Deaf => warning(format!("Usher is not in {names}, and watches nothing there"), invite),
        Fault::Stranger => problem(
            format!("Usher is invited to {names} by somebody whom it does not know"),
            "have somebody of the runbook invite it, or name them or their server in `matrix.invites_from`",
        ),
        Fault::ForTwo => problem(
            format!("a room for two, in which all is said to Usher alone: {names}"),
            "give the room a name or an address, or invite the others",
        ),
        Fault::Unlisted => problem(
            format!("Usher does not know the room by that address: {names}"),
            "add the address to the room's *Published addresses*, or name the room by its id",
        ),
        Fault::Closed => problem(
            format!("given up: {names}"),
            "invite Usher into the room that took its place, and name that one in the runbook",
        ),
        Fault::Silenced => problem(
            format!("Usher may not write in {names}"),
            "give Usher the power level that the room asks of those who send messages",
        ),
        Fault::Mighty => warning(
            format!("Usher has more power than it uses in {names}"),
            "set its power level to what it takes to send messages, usually 0",
        ),
        Fault::Untold => warning(format!("not looked at: {names}"), "look again in a while"),
    }
}

/// Whether the people of the runbook are there. `found` says of the ids that were asked about whether somebody has
/// them, `members` are the people of Usher's rooms.
pub fn people(
    runbook: &Runbook,
    found: &BTreeMap<String, Result<bool, CallError>>,
    members: &[Member],
) -> Vec<Finding> {
    const CHECK: &str = "people";
    let (mut absent, mut without, mut untold) = (Vec::new(), Vec::new(), Vec::new());
    for (name, person) in &runbook.people {
        match (&person.matrix, &person.slack) {
            (Some(id), _) => match found.get(id) {
                Some(Ok(true)) | None => {}
                Some(Ok(false)) => absent.push(format!("`{name}` ({id})")),
                Some(Err(error)) => untold.push(format!("`{name}` ({error})")),
            },
            (None, None) => without.push(unnamed(name, members, Platform::Matrix)),
            (None, Some(_)) => {}
        }
    }
    let mut findings = Vec::new();
    if !absent.is_empty() {
        let mend = "correct the ids in `[people]`, or take these people out of the runbook";
        findings.push(Finding::problem(CHECK, format!("nobody has the id of {}", absent.join(", ")), mend));
    }
    if !without.is_empty() {
        let mend = format!("give them their ids: {}", without.join(", "));
        findings.push(Finding::warning(
            CHECK,
            "some have no id, and Usher cannot reach them on Matrix",
            mend,
        ));
    }
    if !untold.is_empty() {
        let message = format!("not looked at: {}", untold.join(", "));
        findings.push(Finding::warning(CHECK, message, "see that the homeserver reaches theirs"));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "everybody whom the runbook names is on Matrix"));
    }
    findings
}

/// That the homeserver does not tell what is needed for a check.
pub fn untold(check: &'static str, error: &CallError) -> Finding {
    Finding::warning(check, format!("not looked at: {error}"), "mend what stands above, and look again")
}
