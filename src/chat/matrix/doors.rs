//! Who may ask Usher into a room: the people of the runbook, and whom the settings name besides. An id that looks like
//! another is another.

use std::collections::BTreeSet;

use crate::core::event::UserId;

/// Who may ask Usher in.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    users: BTreeSet<UserId>,
    servers: BTreeSet<String>,
}

impl Doors {
    /// The people of the runbook, and whom `matrix.invites_from` names: users, as in `@kim:example.org`, or servers.
    pub fn new(people: impl IntoIterator<Item = UserId>, named: &[String]) -> Doors {
        let mut doors = Doors { users: people.into_iter().collect(), servers: BTreeSet::new() };
        for name in named {
            if name.starts_with('@') {
                doors.users.insert(name.into());
            } else {
                doors.servers.insert(name.clone());
            }
        }
        doors
    }

    /// Whether this user may.
    pub fn let_in(&self, user: &str) -> bool {
        let server = user.split_once(':').map(|(_, server)| server);
        self.users.contains(user) || server.is_some_and(|server| self.servers.contains(server))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_are_named_may() {
        let doors =
            Doors::new(["@ana:a.example".into()], &["@kim:b.example".to_owned(), "c.example".to_owned()]);
        for user in ["@ana:a.example", "@kim:b.example", "@anyone:c.example"] {
            assert!(doors.let_in(user), "{user}");
        }
        for user in
            ["@ben:a.example", "@ana:b.example", "@аna:a.example", "ana", "@x:c.example.evil", "c.example"]
        {
            assert!(!doors.let_in(user), "{user}");
        }
    }
}
