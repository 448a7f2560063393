//! Who is who: platforms' users become people, and people get back the address at which they are reached.
//!
//! A person is known by their name in the runbook, or else by the platform's id of them. Somebody whom
//! the runbook lists with a Slack and a Matrix id is one person.

use chrono_tz::Tz;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::event::{Platform, UserFacts, UserId};
use super::message::Part;
use crate::runbook::{Name, Runbook};

/// The users that the platforms have told of.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Never iterated but to be sorted.
    users: FxHashMap<(Platform, UserId), UserFacts>,
    /// The runbook's ids of people, by platform; never iterated.
    listed: FxHashMap<(Platform, SmolStr), Name>,
}

impl People {
    /// Takes the ids of `runbook` as those in force.
    pub fn follow(&mut self, runbook: &Runbook) {
        self.listed.clear();
        for (name, person) in &runbook.people {
            let ids = [(Platform::Slack, &person.slack), (Platform::Matrix, &person.matrix)];
            for (platform, id) in ids {
                if let Some(id) = id {
                    self.listed.insert((platform, SmolStr::new(id)), name.clone());
                }
            }
        }
    }

    /// The facts of a user, if the platform has told them.
    pub fn facts(&self, platform: Platform, user: &UserId) -> Option<&UserFacts> {
        self.users.get(&(platform, user.clone()))
    }

    /// Learns what a platform knows of a user; whether that is new.
    pub fn learn(&mut self, platform: Platform, user: &UserId, facts: &UserFacts) -> bool {
        self.users.insert((platform, user.clone()), facts.clone()).as_ref() != Some(facts)
    }

    /// The person behind a user.
    pub fn person(&self, platform: Platform, user: &UserId) -> Name {
        self.listed.get(&(platform, user.clone())).cloned().unwrap_or_else(|| user.clone())
    }

    /// Where a person is reached: a platform on which the runbook or the platform itself knows them.
    pub fn address(&self, runbook: &Runbook, person: &Name) -> Option<(Platform, UserId)> {
        let listed = runbook.people.get(person);
        [Platform::Slack, Platform::Matrix, Platform::Console].into_iter().find_map(|platform| {
            let id = match platform {
                Platform::Slack => {
                    listed.and_then(|person| person.slack.as_deref()).map_or(person.clone(), SmolStr::new)
                }
                Platform::Matrix => {
                    listed.and_then(|person| person.matrix.as_deref()).map_or(person.clone(), SmolStr::new)
                }
                Platform::Console => person.clone(),
            };
            let facts = self.users.get(&(platform, id.clone()))?;
            (!facts.deactivated && !facts.bot).then_some((platform, id))
        })
    }

    /// Every person that a platform or the runbook knows, with bots and closed accounts left out.
    pub fn all(&self, runbook: &Runbook) -> Vec<Name> {
        let known = self.users.iter().filter(|(_, facts)| !facts.bot && !facts.deactivated);
        let mut people: Vec<Name> = known.map(|((platform, user), _)| self.person(*platform, user)).collect();
        people.extend(runbook.people.keys().cloned());
        people.sort();
        people.dedup();
        people
    }

    /// The zone in which a person lives: the runbook's, else the platform's, else the team's.
    pub fn zone(&self, runbook: &Runbook, person: &Name) -> Tz {
        let listed = runbook.people.get(person).and_then(|person| person.zone);
        listed
            .or_else(|| self.known(runbook, person).and_then(|facts| facts.zone))
            .unwrap_or(runbook.team.zone)
    }

    /// The name that people read.
    pub fn shown(&self, runbook: &Runbook, person: &Name) -> SmolStr {
        self.known(runbook, person).map_or_else(|| person.clone(), |facts| SmolStr::new(&facts.name))
    }

    /// The person by a name that somebody typed: their key, their shown name or their platform id, in any case.
    pub fn find(&self, runbook: &Runbook, typed: &str) -> Option<Name> {
        let typed = typed.trim_start_matches('@');
        let mut people = self.all(runbook).into_iter();
        people.find(|person| {
            person.eq_ignore_ascii_case(typed)
                || self.shown(runbook, person).to_lowercase() == typed.to_lowercase()
        })
    }

    /// The part of a message that pings a person; their name where no platform reaches them.
    pub fn mention(&self, runbook: &Runbook, person: &Name) -> Part {
        let name = self.shown(runbook, person);
        match self.address(runbook, person) {
            Some((_, user)) => Part::Mention { user, name },
            None => Part::Name(name),
        }
    }

    /// The part of a message that names a person without a ping.
    pub fn name(&self, runbook: &Runbook, person: &Name) -> Part {
        Part::Name(self.shown(runbook, person))
    }

    fn known(&self, runbook: &Runbook, person: &Name) -> Option<&UserFacts> {
        let (platform, user) = self.address(runbook, person)?;
        self.users.get(&(platform, user))
    }
}
