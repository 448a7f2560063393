//! The machine's side: settings, database, address, zones.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::Finding;
use crate::settings::{Settings, SettingsError};
use crate::store::{Contents, Look, StoreError};

/// Whether the settings can be read; `mode` is that of their file, if they come from one.
pub fn settings(path: Option<&Path>, mode: Option<u32>, read: &Result<Settings, SettingsError>) -> Finding {
    const CHECK: &str = "settings";
    let by_hand = "correct it; docs/operating.md explains every key";
    match read {
        Ok(_) => match (path, mode) {
            (Some(path), Some(mode)) => {
                Finding::ok(CHECK, format!("{} can be read (mode {mode:03o})", path.display()))
            }
            (Some(path), None) => Finding::ok(CHECK, format!("{} can be read", path.display())),
            (None, _) => Finding::ok(CHECK, "they come from the environment alone"),
        },
        Err(SettingsError::Exposed { path, mode }) => Finding::problem(
            CHECK,
            format!("{} holds secrets, and others can read it (mode {mode:03o})", path.display()),
            format!("chmod 600 {}", path.display()),
        ),
        Err(error @ SettingsError::Unreadable { .. }) => Finding::problem(
            CHECK,
            error.to_string(),
            "name the file with --settings; docs/operating.md shows one",
        ),
        Err(error @ (SettingsError::Invalid { .. } | SettingsError::Environment { .. })) => {
            Finding::problem(CHECK, error.to_string(), by_hand)
        }
    }
}

/// Whether the database can be used, and what it holds that somebody should look at.
pub fn database(look: &Result<Look, StoreError>) -> Vec<Finding> {
    const CHECK: &str = "database";
    match look {
        Ok(Look::Absent) => vec![Finding::ok(CHECK, "there is none yet; the first start makes it")],
        Ok(Look::Held { holder }) => {
            let held = format!("in use by {holder}; what it holds cannot be seen meanwhile");
            vec![Finding::ok(CHECK, held)]
        }
        Ok(Look::Open(contents)) => {
            let mut findings = vec![Finding::ok(CHECK, state(contents))];
            findings.extend(set_aside(contents));
            findings.extend(refused(contents));
            findings
        }
        Err(error) => vec![Finding::problem(CHECK, error.to_string(), mend(error))],
    }
}

fn state(contents: &Contents) -> String {
    let Contents { schema, newest, holder, rejected: _, refused: _, positions: _ } = contents;
    let schema = match schema {
        0 => "it is empty; the first start fills it".to_owned(),
        schema if schema < newest => format!("schema {schema}; the next start brings it to {newest}"),
        schema => format!("schema {schema}"),
    };
    match holder {
        Some(holder) => format!("{schema}; in use by {holder}"),
        None => format!("{schema}; nobody uses it"),
    }
}

fn set_aside(contents: &Contents) -> Option<Finding> {
    (contents.rejected > 0).then(|| {
        Finding::warning(
            "events",
            format!("{} could not be read or handled, and were set aside", contents.rejected),
            "the table `rejected` says why; please report it, without the texts",
        )
    })
}

fn refused(contents: &Contents) -> Option<Finding> {
    let total: i64 = contents.refused.iter().map(|(_, count)| count).sum();
    let reasons: Vec<String> =
        contents.refused.iter().take(3).map(|(why, count)| format!("{count} × {why}")).collect();
    (total > 0).then(|| {
        Finding::warning(
            "messages",
            format!("{total} were refused in the last seven days: {}", reasons.join(", ")),
            "look below for a channel, a person or a scope that is missing",
        )
    })
}

fn mend(error: &StoreError) -> &'static str {
    match error {
        StoreError::Address(_) => {
            "correct `database_url`: `sqlite:FILE` in a folder that exists, or `postgres://…`"
        }
        StoreError::Held { .. } | StoreError::Fenced { .. } => "stop the other one, or this",
        StoreError::Newer { .. } => "install the newer Usher, or restore the backup from before the upgrade",
        StoreError::Migration(_) => "restore a backup, and report what stands here",
        StoreError::Replaced { .. } => "put the file back, and start again",
        StoreError::Full(_) => "make room",
        StoreError::ReadOnly(_) => "give it to the user that runs Usher",
        StoreError::Damaged(_) => "restore a backup",
        StoreError::Refused(_) | StoreError::Unavailable(_) => {
            "see that the server runs, and that its address, user and password are right"
        }
    }
}

/// Who calls at the address of `listen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Slack, with all that happens there.
    Slack,
    /// Whatever watches Usher, for `/health`.
    Watcher,
}

/// Whether calls can be taken at `listen`; `in_use` says that an Usher runs.
pub fn listening(listen: SocketAddr, bound: &io::Result<()>, in_use: bool, by: Caller) -> Finding {
    const CHECK: &str = "listen";
    let mend = "set `listen` to an address of this machine and a port that is free";
    match (bound, by) {
        (Ok(()), Caller::Slack) => {
            Finding::ok(CHECK, format!("{listen} is free; something before it has to end TLS"))
        }
        (Ok(()), Caller::Watcher) => Finding::ok(CHECK, format!("{listen} is free, for /health")),
        (Err(error), _) if error.kind() == io::ErrorKind::AddrInUse && in_use => {
            Finding::ok(CHECK, format!("{listen} is in use, and Usher runs"))
        }
        (Err(error), Caller::Slack) => {
            Finding::problem(CHECK, format!("cannot listen on {listen}: {error}"), mend)
        }
        (Err(error), Caller::Watcher) => Finding::warning(
            CHECK,
            format!("/health is not served, for {listen} cannot be used: {error}"),
            mend,
        ),
    }
}

/// Whether the rules of time zones are recent: `version` is that of their database, as in `2026b`.
pub fn zones(version: &str, this_year: i32) -> Finding {
    const CHECK: &str = "zones";
    let year = version.get(..4).and_then(|year| year.parse::<i32>().ok());
    match year {
        Some(year) if this_year - year <= 1 => Finding::ok(CHECK, format!("rules of {version}, built in")),
        Some(_) | None => Finding::warning(
            CHECK,
            format!("the rules are of {version}: governments have changed some since"),
            "install a newer Usher",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn old_rules_of_zones_are_a_warning() {
        assert_eq!(zones("2025b", 2026).verdict, Verdict::Ok);
        assert_eq!(zones("2023c", 2026).verdict, Verdict::Warning);
        assert_eq!(zones("?", 2026).verdict, Verdict::Warning);
    }

    #[test]
    fn what_a_database_holds_that_should_not_be_there_is_told() {
        let contents = Contents {
            schema: 2,
            newest: 2,
            holder: Some("usher run".to_owned()),
            rejected: 3,
            refused: vec![("channel_not_found".to_owned(), 4), ("user_not_found".to_owned(), 1)],
            ..Contents::default()
        };
        let found = database(&Ok(Look::Open(contents.clone())));
        let told: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "schema 2; in use by usher run",
                "3 could not be read or handled, and were set aside",
                "5 were refused in the last seven days: 4 × channel_not_found, 1 × user_not_found",
            ]
        );
        let older = Contents { schema: 1, rejected: 0, refused: Vec::new(), holder: None, ..contents };
        let found = database(&Ok(Look::Open(older)));
        assert_eq!(
            found,
            [Finding::ok("database", "schema 1; the next start brings it to 2; nobody uses it")]
        );
    }

    #[test]
    fn a_port_that_a_running_usher_has_is_no_fault() {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8087));
        let taken = || Err(io::Error::from(io::ErrorKind::AddrInUse));
        let verdict = |bound, in_use, by| listening(listen, &bound, in_use, by).verdict;
        for by in [Caller::Slack, Caller::Watcher] {
            assert_eq!(verdict(Ok(()), false, by), Verdict::Ok);
            assert_eq!(verdict(taken(), true, by), Verdict::Ok);
        }
        assert_eq!(verdict(taken(), false, Caller::Slack), Verdict::Problem);
        assert_eq!(verdict(taken(), false, Caller::Watcher), Verdict::Warning);
    }
}
