//! What `usher doctor` asks of Matrix. It reads; where no session is kept yet it opens one for as long as it looks.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;

use crate::chat::matrix::look::{Account, Homeserver, Kept, Rooms, kept};
use crate::chat::matrix::session::{Progress, SOURCE};
use crate::chat::matrix::{CallError, Doors, survey};
use crate::clock::Clock;
use crate::doctor::matrix::{self as judge, Shown, Whereabouts};
use crate::doctor::{self, Finding};
use crate::runbook::{Channel, Name, Runbook};
use crate::settings::{MatrixLogin, MatrixSettings, Settings};
use crate::store::{self, StoreError};

const WHERE: &str = "docs/matrix.md shows `[matrix]`";

/// The homeserver, the account, the folder, and what the runbook names.
pub async fn look(
    settings: &Settings,
    matrix: &MatrixSettings,
    runbook: Option<&Runbook>,
    database: &Result<store::Look, StoreError>,
) -> Vec<Finding> {
    let named = match matrix.homeserver() {
        Ok(named) => named,
        Err(error) => return vec![Finding::problem("homeserver", error.to_string(), WHERE)],
    };
    let folder = matrix.folder(&settings.database_url);
    let reached = Homeserver::reach(named, &Clock::System).await;
    let mut findings = vec![judge::homeserver(named, &reached)];
    if let Ok(homeserver) = &reached {
        let and = "what is said counts as of another time";
        findings.push(doctor::clock("the homeserver", homeserver.ahead_ms, and));
    }
    let kept = match kept(&folder, matrix).await {
        Ok(kept) => kept,
        Err(error) => {
            findings.push(Finding::problem("session", error.to_string(), WHERE));
            return findings;
        }
    };
    let committed = committed(database);
    findings.push(judge::session(&folder, &kept, matrix.user.as_deref(), committed.as_ref()));
    let Ok(homeserver) = reached else { return findings };
    let inside = Inside { homeserver: &homeserver, matrix, folder: &folder, kept: &kept, runbook };
    findings.extend(inside.look().await);
    findings
}

/// How far the database is, where that can be seen.
fn committed(database: &Result<store::Look, StoreError>) -> Option<Progress> {
    match database {
        Ok(store::Look::Open(contents)) => Progress::parse(contents.positions.get(SOURCE)?),
        Ok(store::Look::Absent | store::Look::Held { .. }) | Err(_) => None,
    }
}

/// By what Usher shows who it is.
enum Pass<'a> {
    Session(&'a SecretString),
    Token(&'a SecretString),
    Password(&'a str, &'a SecretString),
}

/// All that a look inside needs.
struct Inside<'a> {
    homeserver: &'a Homeserver,
    matrix: &'a MatrixSettings,
    folder: &'a Path,
    kept: &'a crate::chat::matrix::look::Look,
    runbook: Option<&'a Runbook>,
}

impl Inside<'_> {
    async fn look(&self) -> Vec<Finding> {
        let pass = match self.pass() {
            Ok(Some(pass)) => pass,
            Ok(None) => {
                let mut findings = vec![self.unseen()];
                findings.extend(self.named_from_outside().await);
                return findings;
            }
            Err(error) => return vec![Finding::problem("account", error.to_string(), WHERE)],
        };
        let (shown, entered) = match pass {
            Pass::Session(token) => (Shown::Session, self.homeserver.account(token).await),
            Pass::Token(token) => (Shown::Token, self.homeserver.account(token).await),
            Pass::Password(user, password) => {
                (Shown::Password, self.homeserver.sign_in(user, password).await)
            }
        };
        // Whose session is kept is said where the folder is looked at.
        let wanted = self.matrix.user.as_deref().filter(|_| shown != Shown::Session);
        let who = entered.as_ref().map(|it| (it.user.as_str(), it.device.is_some(), it.is_guest));
        let mut findings = vec![judge::account(shown, wanted, who)];
        if let Ok(account) = entered {
            findings.extend(self.of_account(&account, shown).await);
            if let Err(error) = account.leave().await {
                let message = format!("the session that was opened for this look is not ended: {error}");
                findings.push(Finding::warning("account", message, "end it in any client"));
            }
        }
        findings
    }

    /// What the account can be looked at with; nothing while another process uses the session.
    fn pass(&self) -> Result<Option<Pass<'_>>, crate::settings::SettingsError> {
        Ok(match (&self.kept.kept, self.matrix.login()) {
            (Kept::Session(session), _) => Some(Pass::Session(&session.token)),
            (Kept::Held(_) | Kept::Nothing, Ok(MatrixLogin::Token(token))) => Some(Pass::Token(token)),
            (Kept::Nothing, Ok(MatrixLogin::Password(user, password))) => {
                Some(Pass::Password(user, password))
            }
            (Kept::Nothing, Err(error)) => return Err(error),
            (Kept::Held(_) | Kept::NoKey | Kept::WrongKey | Kept::Unreadable(_), _) => None,
        })
    }

    fn unseen(&self) -> Finding {
        match &self.kept.kept {
            Kept::Held(_) => {
                let message = "looked at from outside only, for Usher runs; for more, stop it and look again";
                Finding::ok("account", message)
            }
            Kept::Nothing | Kept::Session(_) | Kept::NoKey | Kept::WrongKey | Kept::Unreadable(_) => {
                let mend = "mend the session, and look again";
                Finding::warning("account", "looked at from outside only", mend)
            }
        }
    }

    async fn of_account(&self, account: &Account, shown: Shown) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let (Shown::Session | Shown::Token, Some(device)) = (shown, &account.device) {
            findings.push(match account.signed(device).await {
                Ok(signed) => judge::verified(signed),
                Err(error) => judge::untold("verified", &error),
            });
        }
        let is_set = self.matrix.recovery_key.is_some();
        findings.push(match account.recovery().await {
            Ok(recovery) => judge::recovery(self.folder, self.kept, is_set, recovery),
            Err(error) => judge::untold("recovery", &error),
        });
        if let Some(runbook) = self.runbook {
            findings.extend(self.named(account, runbook).await);
        }
        findings
    }

    /// Whom and what the runbook names.
    async fn named(&self, account: &Account, runbook: &Runbook) -> Vec<Finding> {
        let bar = crate::commands::spinner();
        let rooms = account.rooms(&|count| bar.set_message(format!("{count} rooms"))).await;
        let mut findings = Vec::new();
        let mut members = Vec::new();
        match &rooms {
            Ok(rooms) => {
                members = survey::members(rooms);
                findings.extend(judge::rooms(runbook, &self.whereabouts(runbook, rooms).await));
            }
            Err(error) => findings.push(judge::untold("rooms", error)),
        }
        let mut found = BTreeMap::new();
        for id in ids(runbook) {
            found.insert(id.to_owned(), account.profile(id).await.map(|profile| profile.is_some()));
            bar.set_message(format!("{} people", found.len()));
        }
        bar.finish_and_clear();
        findings.extend(judge::people(runbook, &found, &members));
        findings
    }

    async fn whereabouts(&self, runbook: &Runbook, rooms: &Rooms) -> BTreeMap<Name, Whereabouts> {
        let people = runbook.people.values().filter_map(|person| person.matrix.as_deref());
        let doors = Doors::new(people.map(Into::into), &self.matrix.invites_from);
        let mut found = BTreeMap::new();
        for (name, channel) in on_matrix(runbook) {
            found.insert(name.clone(), self.whereabout(name, channel, rooms, &doors).await);
        }
        found
    }

    async fn whereabout(&self, name: &Name, channel: &Channel, rooms: &Rooms, doors: &Doors) -> Whereabouts {
        let is_it = |place: &&crate::chat::matrix::look::Place| match channel.matrix.as_deref() {
            Some(id) => place.id == id || place.aliases.iter().any(|alias| alias == id),
            None => place.name == *name,
        };
        if let Some(place) = rooms.places.iter().find(is_it) {
            return Whereabouts::In(Box::new(place.clone()));
        }
        if let Some(place) = rooms.invited.iter().find(is_it) {
            return Whereabouts::Invited(place.people.keys().all(|by| doors.let_in(by)));
        }
        let Some(id) = channel.matrix.as_deref() else { return Whereabouts::Absent };
        if rooms.directs.iter().any(|direct| direct == id) {
            return Whereabouts::Direct;
        }
        if !id.starts_with('#') {
            return Whereabouts::Outside;
        }
        match self.homeserver.room_of(id).await {
            Ok(Some(room)) => {
                let by_id = |place: &&crate::chat::matrix::look::Place| place.id == room;
                let known = rooms.places.iter().find(by_id);
                known.map_or(Whereabouts::Outside, |place| Whereabouts::Unlisted(Box::new(place.clone())))
            }
            Ok(None) => Whereabouts::Absent,
            Err(error) => Whereabouts::Untold(error),
        }
    }

    /// Whom and what the runbook names, as far as anybody may see it.
    async fn named_from_outside(&self) -> Vec<Finding> {
        let Some(runbook) = self.runbook else { return Vec::new() };
        let (mut rooms, mut people) = (BTreeMap::new(), BTreeMap::new());
        for (name, channel) in on_matrix(runbook) {
            let Some(alias) = channel.matrix.as_deref().filter(|id| id.starts_with('#')) else { continue };
            match self.homeserver.room_of(alias).await {
                Ok(Some(_)) => {}
                Ok(None) => drop(rooms.insert(name.clone(), Whereabouts::Absent)),
                Err(error) => drop(rooms.insert(name.clone(), Whereabouts::Untold(error))),
            }
        }
        for id in ids(runbook) {
            match self.homeserver.profile(id).await {
                // Some homeservers keep profiles to those who are signed in.
                Err(CallError::Refused(_) | CallError::SignedOut { .. }) => {}
                found => drop(people.insert(id.to_owned(), found.map(|profile| profile.is_some()))),
            }
        }
        let mut findings = if rooms.is_empty() { Vec::new() } else { judge::rooms(runbook, &rooms) };
        findings.extend(judge::people(runbook, &people, &[]));
        findings
    }
}

/// The ids on Matrix of the people of the runbook.
fn ids(runbook: &Runbook) -> impl Iterator<Item = &str> {
    runbook.people.values().filter_map(|person| person.matrix.as_deref())
}

/// The channels that are on Matrix: those that are not on Slack alone.
fn on_matrix(runbook: &Runbook) -> impl Iterator<Item = (&Name, &Channel)> {
    let is_there = |channel: &Channel| channel.matrix.is_some() || channel.slack.is_none();
    runbook.channels.iter().filter(move |(_, channel)| is_there(channel))
}
