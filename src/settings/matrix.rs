//! What the settings say of Matrix.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::SettingsError;

/// A Matrix account in which Usher lives.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatrixSettings {
    /// Its homeserver: an address, as in `https://matrix.example.org`, or the name that its users' ids end with.
    pub homeserver: Option<String>,
    /// The account: `usher` or `@usher:example.org`.
    pub user: Option<String>,
    /// Its password, with which Usher signs in where it is not signed in yet.
    pub password: Option<SecretString>,
    /// A token of a session that somebody opened for Usher, in the place of a password.
    pub access_token: Option<SecretString>,
    /// With this a new session gets back the keys of the one before.
    pub recovery_key: Option<SecretString>,
    /// The folder for the session and the keys of encrypted rooms; beside the database unless said otherwise.
    pub store: Option<PathBuf>,
    /// What that folder is encrypted with, 64 hexadecimal digits; made at the first start and kept in the folder unless
    /// said otherwise.
    pub store_key: Option<SecretString>,
    /// Who else than the people of the runbook may invite Usher: users, as in `@kim:example.org`, or the names of servers.
    pub invites_from: Vec<String>,
}

/// With what Usher signs in.
#[derive(Clone, Copy, Debug)]
pub enum MatrixLogin<'s> {
    /// With the name of the account and its password.
    Password(&'s str, &'s SecretString),
    /// With a token of a session that is open already.
    Token(&'s SecretString),
}

impl MatrixSettings {
    /// Where the homeserver is.
    ///
    /// # Errors
    /// When nothing says.
    pub fn homeserver(&self) -> Result<&str, SettingsError> {
        let homeserver =
            self.homeserver.as_deref().map(str::trim).filter(|homeserver| !homeserver.is_empty());
        homeserver.ok_or_else(|| SettingsError::Environment {
            name: "USHER_MATRIX_HOMESERVER",
            problem: "is not set, and neither is `matrix.homeserver`; it is an address, as in \
                      `https://matrix.example.org`, or the name of the server, as in `example.org`"
                .to_owned(),
        })
    }

    /// With what Usher signs in; a token wins over a password.
    ///
    /// # Errors
    /// When nothing says.
    pub fn login(&self) -> Result<MatrixLogin<'_>, SettingsError> {
        if let Some(token) = &self.access_token {
            return Ok(MatrixLogin::Token(token));
        }
        match (&self.user, &self.password) {
            (Some(user), Some(password)) => Ok(MatrixLogin::Password(user, password)),
            (None, _) => Err(SettingsError::Environment {
                name: "USHER_MATRIX_USER",
                problem: "is not set, and neither is `matrix.user`; it is the account that you made for Usher, as \
                          in `@usher:example.org`"
                    .to_owned(),
            }),
            (Some(_), None) => Err(SettingsError::Environment {
                name: "USHER_MATRIX_PASSWORD",
                problem: "is not set, and neither is `matrix.password`, nor `matrix.access_token`; Usher needs one \
                          of them to sign in"
                    .to_owned(),
            }),
        }
    }

    /// The folder of the session: beside the database unless the settings say otherwise.
    pub fn folder(&self, database_url: &SecretString) -> PathBuf {
        if let Some(folder) = &self.store {
            return folder.clone();
        }
        match database_url.expose_secret().strip_prefix("sqlite:") {
            Some(path) => PathBuf::from(format!("{}.matrix", path.strip_prefix("//").unwrap_or(path))),
            None => PathBuf::from("usher.matrix"),
        }
    }

    /// The key of the folder, if the settings have one.
    ///
    /// # Errors
    /// When it is not 64 hexadecimal digits.
    pub fn store_key(&self) -> Result<Option<[u8; 32]>, SettingsError> {
        self.store_key.as_ref().map(|key| key_of(key.expose_secret())).transpose()
    }

    pub(super) fn holds_secrets(&self) -> bool {
        let MatrixSettings { password, access_token, recovery_key, store_key, .. } = self;
        [password, access_token, recovery_key, store_key].into_iter().any(Option::is_some)
    }

    /// The same, in which what the environment says wins.
    pub(super) fn or_environment(&mut self, environment: impl Fn(&str) -> Option<String>) {
        let secret = |name| environment(name).map(SecretString::from);
        let take = |set: &mut Option<SecretString>, name| *set = secret(name).or(set.take());
        take(&mut self.password, "USHER_MATRIX_PASSWORD");
        take(&mut self.access_token, "USHER_MATRIX_ACCESS_TOKEN");
        take(&mut self.recovery_key, "USHER_MATRIX_RECOVERY_KEY");
        take(&mut self.store_key, "USHER_MATRIX_STORE_KEY");
        self.homeserver = environment("USHER_MATRIX_HOMESERVER").or(self.homeserver.take());
        self.user = environment("USHER_MATRIX_USER").or(self.user.take());
    }
}

/// The variables of the environment that are about Matrix.
pub(super) const VARIABLES: [&str; 6] = [
    "USHER_MATRIX_HOMESERVER",
    "USHER_MATRIX_USER",
    "USHER_MATRIX_PASSWORD",
    "USHER_MATRIX_ACCESS_TOKEN",
    "USHER_MATRIX_RECOVERY_KEY",
    "USHER_MATRIX_STORE_KEY",
];

fn key_of(digits: &str) -> Result<[u8; 32], SettingsError> {
    let digits = digits.trim().as_bytes();
    let mut key = [0; 32];
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes = pairs
        .map(|pair| pair.filter(|pair| pair.len() == 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    let bytes: Option<Vec<u8>> = bytes.collect();
    match bytes {
        Some(bytes) if bytes.len() == key.len() => {
            key.copy_from_slice(&bytes);
            Ok(key)
        }
        Some(_) | None => Err(SettingsError::Environment {
            name: "USHER_MATRIX_STORE_KEY",
            problem:
                "or `matrix.store_key` is not 64 hexadecimal digits; `openssl rand -hex 32` makes such a key"
                    .to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_wins_and_what_is_missing_is_named() {
        let mut settings = MatrixSettings::default();
        assert!(settings.homeserver().unwrap_err().to_string().contains("matrix.homeserver"));
        assert!(settings.login().unwrap_err().to_string().contains("matrix.user"));
        settings.user = Some("usher".to_owned());
        assert!(settings.login().unwrap_err().to_string().contains("matrix.password"));
        settings.password = Some(SecretString::from("hunter2"));
        assert!(matches!(settings.login(), Ok(MatrixLogin::Password("usher", _))));
        settings.access_token = Some(SecretString::from("syt_1"));
        assert!(matches!(settings.login(), Ok(MatrixLogin::Token(_))));
        let shown = format!("{settings:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("syt_1"), "{shown}");
    }

    #[test]
    fn a_key_of_the_folder_is_hexadecimal() {
        let with = |key: &str| {
            let store_key = Some(SecretString::from(key));
            MatrixSettings { store_key, ..MatrixSettings::default() }.store_key()
        };
        assert_eq!(with(&"0f".repeat(32)).unwrap(), Some([0x0f; 32]));
        for wrong in ["", "0f", &"0g".repeat(32), &"0f".repeat(33), &"é".repeat(32), &"0".repeat(63)] {
            let error = with(wrong).unwrap_err().to_string();
            assert!(error.contains("64 hexadecimal digits") && !error.contains("0g"), "{error}");
        }
    }
}
