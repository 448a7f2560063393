//! Ids on the platforms: their shape, and that no two have the same.

use std::collections::BTreeMap;

use super::super::code::Code;
use super::super::model::Name;
use super::super::section::{Value, brief};

/// What an id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    SlackUser,
    SlackChannel,
    MatrixUser,
    MatrixRoom,
}

impl Platform {
    fn accepts(self, id: &str) -> bool {
        match self {
            Platform::SlackUser => is_slack(id, &['U', 'W']),
            Platform::SlackChannel => is_slack(id, &['C', 'G', 'D']),
            Platform::MatrixUser => is_matrix(id, &['@']),
            Platform::MatrixRoom => is_matrix(id, &['#', '!']),
        }
    }

    fn example(self) -> &'static str {
        match self {
            Platform::SlackUser => "a person's id on Slack, as in `U012AB3CD`",
            Platform::SlackChannel => "a channel's id on Slack, as in `C012AB3CD`",
            Platform::MatrixUser => "a person's id on Matrix, as in `@ana:example.org`",
            Platform::MatrixRoom => "an alias or id of a room on Matrix, as in `#support:example.org`",
        }
    }
}

/// Whether `id` is shaped as one of Slack's that begins with one of `initials`.
pub fn is_slack(id: &str, initials: &[char]) -> bool {
    id.starts_with(initials)
        && (3..=24).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether `id` is shaped as one of Matrix's that begins with one of `sigils`.
pub fn is_matrix(id: &str, sigils: &[char]) -> bool {
    let bounded = id.starts_with(sigils) && (3..=255).contains(&id.len());
    let clean = !id.chars().any(|c| c.is_whitespace() || c.is_control());
    // Rooms since version 12 have ids without a server.
    bounded && clean && (id.contains(':') || id.starts_with('!'))
}

/// Who has which id so far.
pub(super) struct Ids {
    what: &'static str,
    taken: BTreeMap<String, Name>,
}

impl Ids {
    pub(super) fn new(what: &'static str) -> Ids {
        Ids { what, taken: BTreeMap::new() }
    }

    /// The id that `value` writes for `owner`, unless it is none or somebody else's.
    pub(super) fn take(&mut self, value: &Value<'_>, platform: Platform, owner: &Name) -> Option<String> {
        let id = value.text()?;
        if !platform.accepts(&id) {
            value.fault(Code::BadId, format!("`{}` is not {}", brief(&id), platform.example()));
            return None;
        }
        if let Some(other) = self.taken.insert(id.clone(), owner.clone()) {
            value.fault(
                Code::DuplicateId,
                format!("`{}` is the id of the {} `{other}` too", brief(&id), self.what),
            );
        }
        Some(id)
    }
}
