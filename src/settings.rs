//! The settings of an installation: where the database is, who is paged how, and every secret. They come
//! from a TOML file and from the environment, never from the runbook; the environment wins.
//!
//! No secret is ever printed: not by `Debug`, and not by an error, which names the place and not the line.

mod matrix;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

pub use self::matrix::{MatrixLogin, MatrixSettings};
use crate::calendar::{DAY_MS, SECOND_MS};
use crate::store::Ages;

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file holds secrets, and others can read it.
    #[error("{} holds secrets and others can read it (mode {mode:03o}): run `chmod 600 {}`", path.display(), path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file does not say what it should.
    #[error("{}:{line}:{column}: {problem}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong; the value is not in it.
        problem: String,
    },
    /// A variable of the environment does not say what it should.
    #[error("{name}: {problem}")]
    Environment {
        /// Which variable.
        name: &'static str,
        /// What is wrong.
        problem: String,
    },
}

/// The settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whose data it is, where several teams share a database.
    pub team: String,
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: SecretString,
    /// Where the pages for machines and people are served; on the loopback unless said otherwise.
    pub listen: SocketAddr,
    /// How long things are kept.
    pub keep: Keep,
    /// How somebody is reached at once.
    pub pager: Option<PagerSettings>,
    /// The Slack workspace, if there is one.
    pub slack: Option<SlackSettings>,
    /// The account on Matrix, if there is one.
    pub matrix: Option<MatrixSettings>,
    /// What the runbook refers to by a name: telephone numbers.
    pub secrets: BTreeMap<String, SecretString>,
}

/// How long things are kept, in days.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// The keys of events, by which a repeated one is known.
    pub events_days: u16,
    /// What was sent.
    pub sent_days: u16,
    /// Events that could not be handled.
    pub rejected_days: u16,
    /// What adapters have to remember of single messages.
    pub memos_days: u16,
}

/// A Slack workspace.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlackSettings {
    /// The token of the bot, `xoxb-…`.
    pub bot_token: Option<SecretString>,
    /// The token with which sockets are opened, `xapp-…`. Without one Slack calls us over HTTP.
    pub app_token: Option<SecretString>,
    /// What Slack signs its requests with; needed where there is no `app_token`.
    pub signing_secret: Option<SecretString>,
    /// The one before it, while it is being changed.
    pub old_signing_secret: Option<SecretString>,
    /// Where the Web API is; Slack's own unless said otherwise.
    pub api_url: Option<String>,
}

/// How Slack reaches us.
#[derive(Clone, Debug)]
pub enum SlackConnection {
    /// Over sockets that we open with this token.
    Sockets(SecretString),
    /// Over HTTP, signed with one of these.
    Http(Vec<SecretString>),
}

impl SlackSettings {
    /// The bot's token.
    ///
    /// # Errors
    /// When there is none, or one of another kind.
    pub fn bot_token(&self) -> Result<&SecretString, SettingsError> {
        token(self.bot_token.as_ref(), "USHER_SLACK_BOT_TOKEN", "xoxb-", "slack.bot_token")?.ok_or(
            SettingsError::Environment {
                name: "USHER_SLACK_BOT_TOKEN",
                problem: "is not set, and neither is `slack.bot_token`; it is on the app's page under \
                          \"OAuth & Permissions\" and begins with `xoxb-`"
                    .to_owned(),
            },
        )
    }

    /// How Slack reaches us: over sockets where there is a token for them.
    ///
    /// # Errors
    /// When nothing says how, or a token is of another kind.
    pub fn connection(&self) -> Result<SlackConnection, SettingsError> {
        let app_token = token(self.app_token.as_ref(), "USHER_SLACK_APP_TOKEN", "xapp-", "slack.app_token")?;
        if let Some(app_token) = app_token {
            return Ok(SlackConnection::Sockets(app_token.clone()));
        }
        let secrets: Vec<SecretString> =
            self.signing_secret.iter().chain(&self.old_signing_secret).cloned().collect();
        if self.signing_secret.is_some() {
            return Ok(SlackConnection::Http(secrets));
        }
        Err(SettingsError::Environment {
            name: "USHER_SLACK_APP_TOKEN",
            problem: "is not set, and neither is `slack.app_token`; it is on the app's page under \"Basic \
                      Information\", \"App-Level Tokens\", and begins with `xapp-`. Where Slack shall call \
                      over HTTP instead, set `slack.signing_secret`"
                .to_owned(),
        })
    }

    fn holds_secrets(&self) -> bool {
        let SlackSettings { bot_token, app_token, signing_secret, old_signing_secret, api_url: _ } = self;
        [bot_token, app_token, signing_secret, old_signing_secret].into_iter().any(Option::is_some)
    }
}

/// A token, if it is set; its beginning tells of what kind it is.
fn token<'s>(
    token: Option<&'s SecretString>,
    name: &'static str,
    beginning: &str,
    key: &str,
) -> Result<Option<&'s SecretString>, SettingsError> {
    match token {
        Some(token) if !token.expose_secret().starts_with(beginning) => Err(SettingsError::Environment {
            name,
            problem: format!("or `{key}` holds a token of another kind; this one begins with `{beginning}`"),
        }),
        token => Ok(token),
    }
}

/// The pager: one of these.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PagerSettings {
    /// An address that takes events.
    Webhook(WebhookSettings),
    /// A program that is run.
    Command(CommandSettings),
}

/// A pager behind an address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// The address; for PagerDuty and Opsgenie theirs, unless said otherwise.
    /// Kept like a secret, since it may hold a token.
    pub url: Option<SecretString>,
    /// What it takes.
    #[serde(default)]
    pub format: WebhookFormat,
    /// PagerDuty's routing key, Opsgenie's API key, or a bearer token.
    pub token: Option<SecretString>,
    /// Other tokens for some people, by their names in the runbook.
    #[serde(default)]
    pub token_for: BTreeMap<String, SecretString>,
    /// How long an answer may take, in seconds.
    #[serde(default = "ten")]
    pub timeout_s: u16,
}

/// What a pager's address takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookFormat {
    /// Usher's own JSON.
    #[default]
    Plain,
    /// PagerDuty's events, version 2.
    Pagerduty,
    /// Opsgenie's alerts, version 2.
    Opsgenie,
}

/// A pager that is a program. It is started without a shell.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSettings {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// How long it may run, in seconds.
    #[serde(default = "thirty")]
    pub timeout_s: u16,
}

fn ten() -> u16 {
    10
}

fn thirty() -> u16 {
    30
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            team: "default".to_owned(),
            database_url: SecretString::from("sqlite:usher.db"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8087)),
            keep: Keep::default(),
            pager: None,
            slack: None,
            matrix: None,
            secrets: BTreeMap::new(),
        }
    }
}

impl Default for Keep {
    fn default() -> Keep {
        Keep { events_days: 7, sent_days: 30, rejected_days: 30, memos_days: 30 }
    }
}

impl Keep {
    /// The same in milliseconds.
    pub fn ages(&self) -> Ages {
        let ms = |days: u16| i64::from(days) * DAY_MS;
        Ages {
            seen_ms: ms(self.events_days),
            outbox_ms: ms(self.sent_days),
            rejected_ms: ms(self.rejected_days),
            memos_ms: ms(self.memos_days),
        }
    }
}

impl CommandSettings {
    /// How long it may run, in ms.
    pub fn timeout_ms(&self) -> i64 {
        i64::from(self.timeout_s) * SECOND_MS
    }
}

impl Settings {
    /// Reads the file, if there is one, and what the environment says: `USHER_TEAM`,
    /// `USHER_DATABASE_URL`, `USHER_LISTEN`, `USHER_PAGER_TOKEN`, `USHER_SLACK_BOT_TOKEN`,
    /// `USHER_SLACK_APP_TOKEN`, `USHER_SLACK_SIGNING_SECRET`, and of Matrix `USHER_MATRIX_HOMESERVER`,
    /// `USHER_MATRIX_USER`, `USHER_MATRIX_PASSWORD`, `USHER_MATRIX_ACCESS_TOKEN`, `USHER_MATRIX_RECOVERY_KEY` and
    /// `USHER_MATRIX_STORE_KEY`.
    ///
    /// # Errors
    /// When the file cannot be read, is readable for others although it holds secrets, or is wrong.
    pub fn read(
        path: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Settings, SettingsError> {
        let mut settings = path.map_or_else(|| Ok(Settings::default()), read_file)?;
        if let Some(team) = environment("USHER_TEAM") {
            settings.team = team;
        }
        if let Some(url) = environment("USHER_DATABASE_URL") {
            settings.database_url = SecretString::from(url);
        }
        if let Some(listen) = environment("USHER_LISTEN") {
            settings.listen = listen.parse().map_err(|_| SettingsError::Environment {
                name: "USHER_LISTEN",
                problem: format!("`{listen}` is not an address with a port, as in 127.0.0.1:8087"),
            })?;
        }
        if let Some(token) = environment("USHER_PAGER_TOKEN") {
            settings.set_pager_token(token)?;
        }
        settings.set_slack(&environment);
        if matrix::VARIABLES.into_iter().any(|name| environment(name).is_some()) {
            settings.matrix.get_or_insert_default().or_environment(&environment);
        }
        Ok(settings)
    }

    /// What the environment says of Slack; where it says something, there is a workspace.
    fn set_slack(&mut self, environment: impl Fn(&str) -> Option<String>) {
        let secret = |name| environment(name).map(SecretString::from);
        let bot_token = secret("USHER_SLACK_BOT_TOKEN");
        let app_token = secret("USHER_SLACK_APP_TOKEN");
        let signing_secret = secret("USHER_SLACK_SIGNING_SECRET");
        if bot_token.is_none() && app_token.is_none() && signing_secret.is_none() {
            return;
        }
        let slack = self.slack.get_or_insert_default();
        slack.bot_token = bot_token.or(slack.bot_token.take());
        slack.app_token = app_token.or(slack.app_token.take());
        slack.signing_secret = signing_secret.or(slack.signing_secret.take());
    }

    fn set_pager_token(&mut self, token: String) -> Result<(), SettingsError> {
        match &mut self.pager {
            Some(PagerSettings::Webhook(webhook)) => {
                webhook.token = Some(SecretString::from(token));
                Ok(())
            }
            Some(PagerSettings::Command(_)) | None => Err(SettingsError::Environment {
                name: "USHER_PAGER_TOKEN",
                problem: "there is no `[pager.webhook]` in the settings that it could be for".to_owned(),
            }),
        }
    }

    fn holds_secrets(&self) -> bool {
        let webhook = match &self.pager {
            Some(PagerSettings::Webhook(webhook)) => {
                webhook.url.is_some() || webhook.token.is_some() || !webhook.token_for.is_empty()
            }
            Some(PagerSettings::Command(_)) | None => false,
        };
        let database_url = self.database_url.expose_secret();
        let password = database_url.contains('@') || database_url.contains("password=");
        let slack = self.slack.as_ref().is_some_and(SlackSettings::holds_secrets);
        let matrix = self.matrix.as_ref().is_some_and(MatrixSettings::holds_secrets);
        webhook || password || slack || matrix || !self.secrets.is_empty()
    }
}

fn read_file(path: &Path) -> Result<Settings, SettingsError> {
    let unreadable = |error| SettingsError::Unreadable { path: path.to_owned(), error };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let settings: Settings = toml::from_str(&text).map_err(|error| invalid(path, &text, &error))?;
    let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o777;
    if settings.holds_secrets() && mode & 0o077 != 0 {
        return Err(SettingsError::Exposed { path: path.to_owned(), mode });
    }
    Ok(settings)
}

/// The place and the message of an error, without the line that it is about: a secret may stand in it.
fn invalid(path: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    SettingsError::Invalid { path: path.to_owned(), line, column, problem: without_value(error.message()) }
}

/// What serde says about a value repeats it; what it wanted instead stands at the end.
fn without_value(message: &str) -> String {
    let instead = |problem: &str| match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("{problem}; expected {expected}"),
        None => problem.to_owned(),
    };
    if message.starts_with("unknown variant") {
        instead("this is none of the choices")
    } else if message.starts_with("invalid type") {
        instead("this value is of another type than is wanted")
    } else if message.starts_with("invalid value") || message.starts_with("invalid length") {
        instead("this value is not possible")
    } else {
        message.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn written(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("usher.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (directory, path)
    }

    const FULL: &str = r#"
team = "acme"
database_url = "postgres://usher:hunter2@db/usher"
listen = "127.0.0.1:9000"
[keep]
sent_days = 3
memos_days = 9
[pager.webhook]
format = "pagerduty"
token = "R0UT1NG"
token_for = { kim = "K1M" }
[secrets]
kim-phone = "+64 21 555"
"#;

    #[test]
    fn everything_can_be_set_and_no_secret_is_shown() {
        let (_directory, path) = written(FULL, 0o600);
        let environment = |name: &str| match name {
            "USHER_LISTEN" => Some("0.0.0.0:80".to_owned()),
            "USHER_PAGER_TOKEN" => Some("N3W".to_owned()),
            _ => None,
        };
        let settings = Settings::read(Some(&path), environment).unwrap();
        assert_eq!((settings.team.as_str(), settings.listen.to_string().as_str()), ("acme", "0.0.0.0:80"));
        let Ages { seen_ms, outbox_ms, memos_ms, .. } = settings.keep.ages();
        assert_eq!((seen_ms, outbox_ms, memos_ms), (7 * DAY_MS, 3 * DAY_MS, 9 * DAY_MS));
        let shown = format!("{settings:?}");
        for secret in ["hunter2", "R0UT1NG", "K1M", "N3W", "555"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn slack_is_reached_by_sockets_or_over_http_and_a_wrong_token_is_named_and_not_shown() {
        let read = |text: &str| {
            let (_directory, path) = written(text, 0o600);
            Settings::read(Some(&path), nothing).unwrap().slack.unwrap()
        };
        let slack = read("[slack]\nbot_token = \"xoxb-1\"\napp_token = \"xapp-2\"\nsigning_secret = \"s3\"");
        assert!(matches!(slack.connection(), Ok(SlackConnection::Sockets(_))));
        let shown = format!("{slack:?}");
        assert!(!shown.contains("xoxb-1") && !shown.contains("xapp-2") && !shown.contains("s3"), "{shown}");
        let slack = read("[slack]\nsigning_secret = \"s3\"\nold_signing_secret = \"s2\"");
        assert!(matches!(slack.connection(), Ok(SlackConnection::Http(secrets)) if secrets.len() == 2));
        let error = slack.bot_token().unwrap_err().to_string();
        assert!(error.contains("USHER_SLACK_BOT_TOKEN: is not set"), "{error}");
        let slack = read("[slack]\nbot_token = \"xapp-swapped\"");
        let error = slack.bot_token().unwrap_err().to_string();
        assert!(error.contains("begins with `xoxb-`") && !error.contains("swapped"), "{error}");
        assert!(slack.connection().unwrap_err().to_string().contains("slack.signing_secret"));
    }

    #[test]
    fn what_the_environment_says_of_slack_wins() {
        let environment = |name: &str| (name == "USHER_SLACK_BOT_TOKEN").then(|| "xoxb-env".to_owned());
        let (_directory, path) =
            written("[slack]\nbot_token = \"xoxb-file\"\napp_token = \"xapp-file\"", 0o600);
        let slack = Settings::read(Some(&path), environment).unwrap().slack.unwrap();
        assert_eq!(slack.bot_token().unwrap().expose_secret(), "xoxb-env");
        assert!(matches!(slack.connection(), Ok(SlackConnection::Sockets(_))));
        assert!(Settings::read(None, nothing).unwrap().slack.is_none());
    }

    #[test]
    fn a_file_with_secrets_must_be_private() {
        let (_directory, path) = written(FULL, 0o640);
        let error = Settings::read(Some(&path), nothing).unwrap_err().to_string();
        assert!(error.contains("(mode 640)") && error.contains("chmod 600"), "{error}");
        let (_directory, path) = written("team = \"acme\"\n", 0o644);
        assert_eq!(Settings::read(Some(&path), nothing).unwrap().team, "acme");
    }

    #[test]
    fn an_address_that_may_hold_a_token_is_a_secret() {
        for text in [
            "[pager.webhook]\nurl = \"https://example.org/hook/T0KEN\"\n",
            "database_url = \"postgres://db/usher?user=usher&password=T0KEN\"\n",
            "database_url = \"postgres://usher:T0KEN@db/usher\"\n",
        ] {
            let (_directory, path) = written(text, 0o644);
            let error = Settings::read(Some(&path), nothing).unwrap_err();
            assert!(matches!(error, SettingsError::Exposed { mode: 0o644, .. }), "{text}: {error}");
            let (_directory, path) = written(text, 0o600);
            let shown = format!("{:?}", Settings::read(Some(&path), nothing).unwrap());
            assert!(!shown.contains("T0KEN"), "{shown}");
        }
    }

    #[test]
    fn only_this_machine_reaches_the_pages_unless_said_otherwise() {
        let settings = Settings::read(None, nothing).unwrap();
        assert!(settings.listen.ip().is_loopback(), "{}", settings.listen);
    }

    #[test]
    fn a_mistake_is_told_with_its_place_and_without_the_value() {
        for (text, place) in [
            ("[pager.webhook]\ntoken = \"a\"\ntokne = \"hunter2\"\n", ":3:1: unknown field `tokne`"),
            ("secrets = { kim = 5552368 }\n", ":1:19: this value is of another type"),
            ("database_url = \"hunter2\n", ":1:"),
            (
                "[pager.phone]\nnumber = \"hunter2\"\n",
                ":1:8: this is none of the choices; expected `webhook` or",
            ),
            (
                "[pager.webhook]\nformat = \"hunter2\"\n",
                ":2:10: this is none of the choices; expected one of `plain`",
            ),
            (
                "[pager.webhook]\nformat = \"hunter2, expected hunter2\"\n",
                "expected one of `plain`, `pagerduty`",
            ),
            (
                "[keep]\nsent_days = \"hunter2, expected x\"\n",
                ":2:13: this value is of another type than is wanted; expected u16",
            ),
            ("[keep]\nsent_days = 5552368\n", ":2:13: this value is not possible; expected u16"),
            ("listen = \"hunter2\"\n", ":1:10: invalid socket address"),
            ("[pager.webhook]\ntoken = hunter2\n", ":2:9: "),
            ("[pager.webhook]\ntoken = 'hunter2\n", ":2:"),
            ("[pager.webhook]\ntoken = 'hunter2' 'hunter2'\n", ":2:"),
            ("[pager.webhook]\ntoken = 'a'\ntoken = 'hunter2'\n", ":3:1: duplicate key"),
            ("[pager]\nwebhook = 'hunter2'\n", ":2:11: this value is of another type"),
        ] {
            let (_directory, path) = written(text, 0o600);
            let error = Settings::read(Some(&path), nothing).unwrap_err().to_string();
            assert!(error.contains(place), "{error}");
            assert!(!error.contains("hunter2") && !error.contains("5552368"), "{error}");
        }
    }

    #[test]
    fn a_wrong_variable_is_named() {
        let listen = |name: &str| (name == "USHER_LISTEN").then(|| "8087".to_owned());
        let error = Settings::read(None, listen).unwrap_err().to_string();
        assert!(error.starts_with("USHER_LISTEN: `8087`"), "{error}");
        let token = |name: &str| (name == "USHER_PAGER_TOKEN").then(|| "hunter2".to_owned());
        let error = Settings::read(None, token).unwrap_err().to_string();
        assert!(error.starts_with("USHER_PAGER_TOKEN: there is no") && !error.contains("hunter2"), "{error}");
    }
}
