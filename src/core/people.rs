//! Who is who: platforms' users become people, and people get back the address at which they are reached.
//!
//! A person is known by their name in the runbook, or else by the platform's id of them. Somebody whom
//! the runbook lists with a Slack and a Matrix id is one person.

use chrono_tz::Tz;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::calendars::PAST_MS;
use super::event::{Platform, UserFacts, UserId};
use super::message::Part;
use crate::calendar::Instant;
use crate::runbook::{Ghosts, Name, Person, Runbook};

/// In which order somebody is looked for, where nothing else speaks for a platform.
const PLATFORMS: [Platform; 3] = [Platform::Slack, Platform::Matrix, Platform::Console];

/// The users that the platforms have told of.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Never iterated but to be sorted.
    users: FxHashMap<(Platform, UserId), UserFacts>,
    /// The zones in which users lived before, oldest first; never iterated.
    before: FxHashMap<(Platform, UserId), Vec<ZoneBefore>>,
    /// The runbook's ids of people, by platform; never iterated.
    listed: FxHashMap<(Platform, SmolStr), Name>,
    /// The ids of people whom the runbook has dropped; never iterated.
    dropped: FxHashMap<(Platform, Name), SmolStr>,
    /// In whose name the runbook's bridges copy.
    ghosts: Ghosts,
    /// Those whom the runbook knows on several platforms; never iterated.
    on_several: FxHashSet<Name>,
    /// Where each of them was last seen; never iterated.
    seen_on: FxHashMap<Name, Platform>,
}

/// A zone in which a user lived, as the platform said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneBefore {
    /// Until then.
    pub until: Instant,
    /// The zone.
    pub zone: Tz,
}

impl People {
    /// Takes the ids of the last runbook as those in force. Whom it has dropped stays who they were, as long as the
    /// earlier ones matter: what they owe is open still.
    pub fn follow<'r>(&mut self, runbooks: impl Iterator<Item = &'r Runbook>) {
        self.listed.clear();
        self.dropped.clear();
        self.on_several.clear();
        let runbooks: Vec<&Runbook> = runbooks.collect();
        let Some((last, earlier)) = runbooks.split_last() else { return };
        for runbook in earlier {
            let gone = runbook.people.iter().filter(|(name, _)| !last.people.contains_key(*name));
            for (name, (platform, id)) in
                gone.flat_map(|(name, person)| ids(person).map(move |id| (name, id)))
            {
                self.listed.insert((platform, id.clone()), name.clone());
                self.dropped.insert((platform, name.clone()), id);
            }
        }
        self.ghosts = last.ghosts.clone();
        for (name, person) in &last.people {
            for id in ids(person) {
                self.listed.insert(id, name.clone());
            }
            if ids(person).count() > 1 {
                self.on_several.insert(name.clone());
            }
        }
    }

    /// The facts of a user, if the platform has told them.
    pub fn facts(&self, platform: Platform, user: &UserId) -> Option<&UserFacts> {
        self.users.get(&(platform, user.clone()))
    }

    /// Whether a user is a bridge's copy of somebody who speaks elsewhere.
    pub fn is_ghost(&self, platform: Platform, user: &UserId) -> bool {
        match platform {
            _ if self.ghosts.is_empty() => false,
            Platform::Slack => self.ghosts.on_slack(user),
            Platform::Matrix => self.ghosts.on_matrix(user),
            Platform::Console => false,
        }
    }

    /// Whether a user is no person: a program, or a bridge's copy of somebody.
    pub fn is_bot(&self, platform: Platform, user: &UserId) -> bool {
        self.facts(platform, user).is_some_and(|facts| facts.bot) || self.is_ghost(platform, user)
    }

    /// Whether a user sees only the channels that they are in.
    pub fn is_guest(&self, platform: Platform, user: &UserId) -> bool {
        self.facts(platform, user).is_some_and(|facts| facts.guest)
    }

    /// Learns at an instant what a platform knows of a user; whether that is new.
    pub fn learn(&mut self, platform: Platform, user: &UserId, facts: &UserFacts, at: Instant) -> bool {
        let key = (platform, user.clone());
        let known = self.users.insert(key.clone(), facts.clone());
        // A zone that was not known before was theirs all along.
        if let Some(zone) =
            known.as_ref().and_then(|known| known.zone).filter(|zone| Some(*zone) != facts.zone)
        {
            let before = self.before.entry(key).or_default();
            // A zone of before is remembered for as long as a clock may have run in it.
            before.retain(|before| at.since(before.until) < PAST_MS);
            before.push(ZoneBefore { until: at, zone });
        }
        known.as_ref() != Some(facts)
    }

    /// Takes back what was stored of a user.
    pub fn restore(&mut self, platform: Platform, user: UserId, facts: UserFacts, before: Vec<ZoneBefore>) {
        if !before.is_empty() {
            self.before.insert((platform, user.clone()), before);
        }
        self.users.insert((platform, user), facts);
    }

    /// The zones in which a user lived before, oldest first.
    pub fn zones_before(&self, platform: Platform, user: &UserId) -> &[ZoneBefore] {
        self.before.get(&(platform, user.clone())).map_or(&[], Vec::as_slice)
    }

    /// The person behind a user.
    pub fn person(&self, platform: Platform, user: &UserId) -> Name {
        self.listed.get(&(platform, user.clone())).cloned().unwrap_or_else(|| user.clone())
    }

    /// The person behind a user, if the runbook knows them on several platforms.
    pub fn on_several(&self, platform: Platform, user: &UserId) -> Option<Name> {
        if self.on_several.is_empty() {
            return None;
        }
        Some(self.person(platform, user)).filter(|person| self.on_several.contains(person))
    }

    /// A person was seen on a platform.
    pub fn see(&mut self, person: &Name, platform: Platform) {
        self.seen_on.insert(person.clone(), platform);
    }

    /// Whether that is an id of a user of a platform.
    pub fn is_at(&self, platform: Platform, user: &UserId) -> bool {
        let key = (platform, user.clone());
        self.users.contains_key(&key) || self.listed.contains_key(&key)
    }

    /// The person whose id that is on some platform.
    pub fn whose(&self, user: &UserId) -> Name {
        let listed = PLATFORMS.into_iter().find_map(|platform| self.listed.get(&(platform, user.clone())));
        listed.unwrap_or(user).clone()
    }

    /// Where a person is reached: where they were last seen, else `near`, else where the runbook or a platform knows
    /// them.
    pub fn address(
        &self,
        runbook: &Runbook,
        person: &Name,
        near: Option<Platform>,
    ) -> Option<(Platform, UserId)> {
        let seen_on = self.seen_on.get(person).copied();
        let platforms = seen_on.into_iter().chain(near).chain(PLATFORMS);
        let mut accounts =
            platforms.filter_map(|platform| Some((platform, self.account(runbook, person, platform)?)));
        accounts.next()
    }

    /// The account of a person on a platform, if that has told of it and it is open.
    pub fn account(&self, runbook: &Runbook, person: &Name, platform: Platform) -> Option<UserId> {
        let listed = runbook.people.get(person);
        let listed = match platform {
            Platform::Slack => listed.and_then(|person| person.slack.as_deref()),
            Platform::Matrix => listed.and_then(|person| person.matrix.as_deref()),
            Platform::Console => None,
        };
        let dropped = || self.dropped.get(&(platform, person.clone())).cloned();
        let id = listed.map(SmolStr::new).or_else(dropped).unwrap_or_else(|| person.clone());
        let facts = self.users.get(&(platform, id.clone()))?;
        (!facts.deactivated && !facts.bot && !self.is_ghost(platform, &id)).then_some(id)
    }

    /// Every person that a platform or the runbook knows, with bots and closed accounts left out.
    pub fn all(&self, runbook: &Runbook) -> Vec<Name> {
        let is_person = |((platform, user), facts): &(&(Platform, UserId), &UserFacts)| {
            !facts.bot && !facts.deactivated && !self.is_ghost(*platform, user)
        };
        let known = self.users.iter().filter(is_person);
        let mut people: Vec<Name> = known.map(|((platform, user), _)| self.person(*platform, user)).collect();
        people.extend(runbook.people.keys().cloned());
        people.sort();
        people.dedup();
        people
    }

    /// The zone in which a person lives: the runbook's, else the platform's, else the team's.
    pub fn zone(&self, runbook: &Runbook, person: &Name) -> Tz {
        let listed = runbook.people.get(person).and_then(|person| person.zone);
        listed.or_else(|| self.told_zone(runbook, person).map(|(_, zone)| zone)).unwrap_or(runbook.team.zone)
    }

    /// The zone in which a person lived at an instant.
    pub fn zone_at(&self, runbook: &Runbook, person: &Name, at: Instant) -> Tz {
        let listed = runbook.people.get(person).and_then(|person| person.zone);
        let before = || self.moves(runbook, person).iter().find(|before| at < before.until);
        listed.or_else(|| before().map(|before| before.zone)).unwrap_or_else(|| self.zone(runbook, person))
    }

    /// The zones in which a person lived before, as far as the runbook leaves that to the platform.
    pub fn moves(&self, runbook: &Runbook, person: &Name) -> &[ZoneBefore] {
        // Most teams have never seen anybody move.
        if self.before.is_empty() {
            return &[];
        }
        let is_listed = runbook.people.get(person).is_some_and(|person| person.zone.is_some());
        let told = || self.told_zone(runbook, person).map(|(account, _)| account);
        let address = told().or_else(|| self.accounts(runbook, person).next()).filter(|_| !is_listed);
        address.map_or(&[], |(platform, user)| self.zones_before(platform, &user))
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
        match self.address(runbook, person, None) {
            Some((_, user)) => Part::Mention { user, name },
            None => Part::Name(name),
        }
    }

    /// The part of a message that names a person without a ping.
    pub fn name(&self, runbook: &Runbook, person: &Name) -> Part {
        Part::Name(self.shown(runbook, person))
    }

    fn known(&self, runbook: &Runbook, person: &Name) -> Option<&UserFacts> {
        self.users.get(&self.accounts(runbook, person).next()?)
    }

    /// The zone that a platform tells of a person: not all have one.
    fn told_zone(&self, runbook: &Runbook, person: &Name) -> Option<((Platform, UserId), Tz)> {
        let mut accounts = self.accounts(runbook, person);
        accounts.find_map(|account| {
            let zone = self.users.get(&account)?.zone?;
            Some((account, zone))
        })
    }

    /// The accounts of a person, always in one order, wherever they are.
    fn accounts(&self, runbook: &Runbook, person: &Name) -> impl Iterator<Item = (Platform, UserId)> {
        let account = |platform| Some((platform, self.account(runbook, person, platform)?));
        PLATFORMS.into_iter().filter_map(account)
    }
}

/// The ids of a person, by platform.
fn ids(person: &Person) -> impl Iterator<Item = (Platform, SmolStr)> {
    let ids = [(Platform::Slack, &person.slack), (Platform::Matrix, &person.matrix)];
    ids.into_iter().filter_map(|(platform, id)| Some((platform, SmolStr::new(id.as_ref()?))))
}
