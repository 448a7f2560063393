//! Whether others can trust Usher's session, and whether its keys can be got back, as the homeserver has it.

use matrix_sdk::ruma::api::client::backup::get_latest_backup_info;
use matrix_sdk::ruma::api::client::config::get_global_account_data;
use matrix_sdk::ruma::api::client::keys::get_keys;
use matrix_sdk::ruma::events::GlobalAccountDataEventType;
use matrix_sdk::ruma::{OwnedDeviceId, UserId as RumaUserId};

use super::{Account, there_is, told};
use crate::chat::matrix::error::CallError;

/// Whether a session is signed by its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// It is.
    Yes,
    /// The account has no keys to sign with.
    NoIdentity,
    /// The account has keys, and has not signed with them.
    No,
    /// The session has no keys that could be signed: it has not started yet.
    NoKeys,
}

/// What is there to get keys back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Whether the account keeps its secrets at the homeserver, under a recovery key.
    pub has_secrets: bool,
    /// How many keys of messages are kept there, if any are.
    pub keys: Option<u64>,
}

impl Account {
    /// Whether the session `device` is signed. What is no valid signature homeservers do not take, so what they have is
    /// not checked again.
    ///
    /// # Errors
    /// When the homeserver does not say.
    pub async fn signed(&self, device: &str) -> Result<Signed, CallError> {
        let Ok(user) = RumaUserId::parse(self.user.as_str()) else { return Ok(Signed::NoIdentity) };
        let mut request = get_keys::v3::Request::new();
        request.device_keys.insert(user.clone(), Vec::new());
        let answer = told(self.client.send(request).await)?;
        let signing = answer.self_signing_keys.get(&user).and_then(|key| key.deserialize().ok());
        let device = OwnedDeviceId::from(device);
        let keys = answer.device_keys.get(&user).and_then(|devices| devices.get(&device));
        let Some(keys) = keys.and_then(|keys| keys.deserialize().ok()) else { return Ok(Signed::NoKeys) };
        let Some(signing) = signing else { return Ok(Signed::NoIdentity) };
        let by = keys.signatures.get(&user).into_iter().flat_map(|signatures| signatures.keys());
        let is_signed = by.into_iter().any(|by| signing.keys.keys().any(|key| key.as_str() == by.as_str()));
        Ok(if is_signed { Signed::Yes } else { Signed::No })
    }

    /// What is there to get keys back with.
    ///
    /// # Errors
    /// When the homeserver does not say.
    pub async fn recovery(&self) -> Result<Recovery, CallError> {
        let Ok(user) = RumaUserId::parse(self.user.as_str()) else {
            return Ok(Recovery { has_secrets: false, keys: None });
        };
        let kind = GlobalAccountDataEventType::SecretStorageDefaultKey;
        let request = get_global_account_data::v3::Request::new(user, kind);
        let has_secrets = there_is(self.client.send(request).await)?.is_some();
        let backup = there_is(self.client.send(get_latest_backup_info::v3::Request::new()).await)?;
        Ok(Recovery { has_secrets, keys: backup.map(|backup| backup.count.into()) })
    }
}
