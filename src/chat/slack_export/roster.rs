//! The users and channels of an export, and what they are called in what comes out.

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::shape::{Place, Profile, User};
use crate::calendar::parse_zone;
use crate::chat::slack_text::Directory;
use crate::chat::word::given;
use crate::core::event::{ChannelFacts, ChannelKind, UserFacts};

/// Whether people keep their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// `person-1`, `person-2`… in the order of the export's list, then of their first message.
    Pseudonyms,
    /// As they call themselves.
    Names,
}

/// Who and where.
pub(super) struct Roster {
    naming: Naming,
    users: FxHashMap<SmolStr, Known>,
    listed: Vec<(SmolStr, UserFacts)>,
    channels: Vec<(SmolStr, ChannelFacts)>,
    channel_names: FxHashMap<SmolStr, SmolStr>,
    folders: FxHashMap<SmolStr, usize>,
    people: usize,
}

/// What is needed of a user at each message.
struct Known {
    name: SmolStr,
    bot: bool,
}

/// A user seen for the first time, whom the export's list does not hold.
pub(super) struct Newcomer {
    pub id: SmolStr,
    pub facts: UserFacts,
}

impl Roster {
    pub fn new(naming: Naming) -> Roster {
        Roster {
            naming,
            users: FxHashMap::default(),
            listed: Vec::new(),
            channels: Vec::new(),
            channel_names: FxHashMap::default(),
            folders: FxHashMap::default(),
            people: 0,
        }
    }

    /// Takes `users.json`.
    pub fn add_users(&mut self, users: &[User<'_>]) {
        for user in users {
            let id = SmolStr::new(user.id.as_str());
            if id.is_empty() || self.users.contains_key(&id) {
                continue;
            }
            let bot = user.is_bot == Some(true) || id == "USLACKBOT";
            let profile = user.profile.as_ref();
            let own = profile.and_then(|profile| given(&profile.display_name));
            let real =
                given(&user.real_name).or_else(|| profile.and_then(|profile| given(&profile.real_name)));
            let name = self.name_for(own.or(real).or(given(&user.name)).unwrap_or(&id), bot);
            let zone = given(&user.tz).and_then(|name| parse_zone(name).ok());
            // `deleted` says how the account stands today; when they wrote, they were there.
            let facts = UserFacts {
                name: name.to_string(),
                zone,
                bot,
                deactivated: false,
                guest: false,
                away_until: None,
            };
            self.users.insert(id.clone(), Known { name, bot });
            self.listed.push((id, facts));
        }
    }

    /// Takes one of the four lists of places.
    pub fn add_places(&mut self, places: &[Place<'_>], kind: ChannelKind) {
        for place in places {
            let id = SmolStr::new(place.id.as_str());
            let name = given(&place.name).unwrap_or(&id);
            let members = place.members.iter().flatten().map(|user| SmolStr::new(user.as_str())).collect();
            // What is archived today was open when people wrote in it.
            let facts =
                ChannelFacts { aliases: Vec::new(), name: name.to_owned(), kind, archived: false, members };
            self.add_channel(id, facts);
        }
    }

    fn add_channel(&mut self, id: SmolStr, facts: ChannelFacts) -> usize {
        let number = self.channels.len();
        self.channel_names.insert(id.clone(), facts.name.as_str().into());
        self.folders.entry(facts.name.as_str().into()).or_insert(number);
        self.folders.entry(id.clone()).or_insert(number);
        self.channels.push((id, facts));
        number
    }

    /// The number of the channel whose days lie in `folder`: its name, or its id for direct messages.
    pub fn channel_of_folder(&self, folder: &str) -> Option<usize> {
        self.folders.get(folder).copied()
    }

    /// Takes a folder that no list names. Nobody knows who could read it, so it counts as private.
    pub fn add_unlisted(&mut self, folder: &str) -> usize {
        let facts = ChannelFacts {
            aliases: Vec::new(),
            name: folder.to_owned(),
            kind: ChannelKind::Private,
            archived: false,
            members: Vec::new(),
        };
        self.add_channel(folder.into(), facts)
    }

    pub fn channel_id(&self, number: usize) -> &SmolStr {
        &self.channels[number].0
    }

    /// The channels, in the order of the lists.
    pub fn channels(&self) -> &[(SmolStr, ChannelFacts)] {
        &self.channels
    }

    /// Hands over the users of the list, once.
    pub fn take_listed(&mut self) -> Vec<(SmolStr, UserFacts)> {
        std::mem::take(&mut self.listed)
    }

    /// Whether the user is a program; `None` for one that nobody has heard of.
    pub fn is_bot(&self, id: &str) -> Option<bool> {
        self.users.get(id).map(|known| known.bot)
    }

    /// Takes a user whom the list does not hold.
    pub fn meet(
        &mut self,
        id: &str,
        bot: bool,
        profile: Option<&Profile<'_>>,
        username: Option<&str>,
    ) -> Newcomer {
        let own = profile.and_then(|profile| {
            given(&profile.display_name).or(given(&profile.real_name)).or(given(&profile.name))
        });
        let id = SmolStr::new(id);
        let name = self.name_for(own.or(username).unwrap_or(&id), bot);
        self.users.insert(id.clone(), Known { name: name.clone(), bot });
        Newcomer {
            id,
            facts: UserFacts {
                name: name.to_string(),
                zone: None,
                bot,
                deactivated: false,
                guest: false,
                away_until: None,
            },
        }
    }

    fn name_for(&mut self, own: &str, bot: bool) -> SmolStr {
        match self.naming {
            Naming::Names => own.into(),
            Naming::Pseudonyms if bot => own.into(),
            Naming::Pseudonyms => {
                self.people += 1;
                format_smolstr!("person-{}", self.people)
            }
        }
    }
}

impl Directory for Roster {
    fn user_name(&self, id: &str) -> Option<&str> {
        match self.users.get(id) {
            Some(known) => Some(&known.name),
            // Not even the label beside the id may show who it is.
            None => (self.naming == Naming::Pseudonyms).then_some("somebody"),
        }
    }

    fn channel_name(&self, id: &str) -> Option<&str> {
        self.channel_names.get(id).map(SmolStr::as_str)
    }

    fn is_usher(&self, _id: &str) -> bool {
        false
    }
}
