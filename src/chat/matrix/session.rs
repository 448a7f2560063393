//! Usher's session on a homeserver: signed in once, kept with its keys, and found again at each start.
//!
//! The library keeps its own word for how far it has synced, and throws a sync away that ends where it thinks it is
//! already. So at each start it is told how far *we* are, which is what is committed with the events.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::encryption::recovery::RecoveryState;
use matrix_sdk::encryption::{BackupDownloadStrategy, EncryptionSettings};
use matrix_sdk::ruma::api::client::session::login;
use matrix_sdk::ruma::api::client::session::login::v3::{LoginInfo, Password as LoginPassword};
use matrix_sdk::ruma::api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier};
use matrix_sdk::ruma::{DeviceId, OwnedDeviceId};
use matrix_sdk::store::{StateStoreDataKey, StateStoreDataValue};
use matrix_sdk::{
    Client, ClientBuildError, ClientBuilder, SessionMeta, SessionTokens, SqliteStoreConfig, StoreError,
};
use secrecy::{ExposeSecret, SecretString};
use smol_str::SmolStr;

use super::error::CallError;
use super::folder::{Folder, FolderError, write_new};
use super::wire::local;
use crate::core::event::UserId;
use crate::settings::{MatrixLogin, MatrixSettings, SettingsError};

/// Under this name the driver keeps how far the homeserver's events are committed.
pub const SOURCE: &str = "matrix";
/// A request that is not answered within this is given up; a sync may take its own wait more.
const ANSWER: Duration = Duration::from_secs(30);
/// What people see in the list of Usher's sessions.
const DISPLAY_NAME: &str = "Usher";

/// How the library says that a key does not fit; it does not show the type of this error.
const NOT_OPENED: &str = "Failed to initialize the store cipher";

/// Where the library's store keeps what is Usher's own.
pub(super) const SESSION: &[u8] = b"dev.usher.session";
const DEVICE: &[u8] = b"dev.usher.device";
pub(super) const STEP: &[u8] = b"dev.usher.step";

/// How far events are committed, and which session and which state of its keys that goes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The session's device.
    pub device: SmolStr,
    /// Counts the syncs that brought something. The folder knows of a step before the database does; a folder that
    /// knows of less is an older one that was put back.
    pub step: u64,
    /// The homeserver's word for how far.
    pub token: String,
}

impl Progress {
    /// What the database keeps.
    pub fn parse(kept: &str) -> Option<Progress> {
        let (device, rest) = kept.split_once(' ')?;
        let (step, token) = rest.split_once(' ')?;
        Some(Progress { device: device.into(), step: step.parse().ok()?, token: token.to_owned() })
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.device, self.step, self.token)
    }
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The settings do not say enough.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The folder is encrypted with another key.
    #[error("the key does not open {}: `matrix.store_key` is another than it was made with. Set the right one, or move \
             the folder away and start again: Usher then signs in anew", .0.display())]
    WrongKey(PathBuf),
    /// The folder cannot be read.
    #[error("{}: {problem}", path.display())]
    Broken {
        /// Which folder.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The folder is older than the database.
    #[error("{} is older than the database: it seems to have been put back from a copy. To go on with it would make \
             messages unreadable. Move it away (`mv {} {}.old`) and start again: Usher then signs in anew, and gets the \
             keys of encrypted rooms back with its recovery key", .0.display(), .0.display(), .0.display())]
    RolledBack(PathBuf),
    /// The folder is of another account than the settings name.
    #[error("{} belongs to {found}, and the settings name {wanted}; give each account a folder of its own with \
             `matrix.store`", path.display())]
    AnotherAccount {
        /// Which folder.
        path: PathBuf,
        /// Whose it is.
        found: UserId,
        /// Who the settings name.
        wanted: String,
    },
    /// Nobody lives where the settings say.
    #[error("`matrix.homeserver` does not lead to a homeserver: {0}")]
    NoHomeserver(String),
    /// The homeserver does not take what Usher signs in with.
    #[error("{homeserver} does not let Usher sign in: {error}. {mend}")]
    SignIn {
        /// The homeserver's address.
        homeserver: String,
        /// What it says.
        error: CallError,
        /// What to do.
        mend: &'static str,
    },
    /// The token is of no session.
    #[error(
        "`matrix.access_token` belongs to no session, so nothing could be encrypted with it; sign in with a password, \
             or take the token of a session"
    )]
    NoDevice,
}

impl SessionError {
    /// What kept Usher from signing in, where that may pass.
    ///
    /// # Errors
    /// Where it will not.
    pub fn passing(self) -> Result<CallError, SessionError> {
        if let SessionError::SignIn { error, .. } = &self
            && matches!(
                error,
                CallError::RateLimited { .. } | CallError::Unavailable(_) | CallError::Unknown(_)
            )
        {
            return Ok(error.clone());
        }
        Err(self)
    }
}

/// How the session came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It was there.
    Back,
    /// It is the first.
    First,
    /// There was one before, whose folder is gone.
    Anew,
}

/// How far others can trust the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is signed by its account, and its keys can be got back. Where the recovery key was written, if it is new.
    Whole(Option<PathBuf>),
    /// Something is missing; what, and the mend.
    Lacking(String),
}

/// A session that is signed in.
#[derive(Debug)]
pub struct Session {
    /// Another one once Usher has signed in again: the library gives one client one token.
    client: RwLock<Client>,
    folder: Folder,
    user: UserId,
    device: SmolStr,
}

impl Session {
    /// The session that `folder` keeps, or a new one. `committed` is how far the database is.
    ///
    /// # Errors
    /// When the folder cannot be used, or the homeserver does not let Usher in.
    pub async fn open(
        settings: &MatrixSettings,
        folder: Folder,
        committed: Option<&Progress>,
    ) -> Result<(Session, Arrival), SessionError> {
        let client = build(settings, folder.path(), &key_of(settings, &folder)?).await?;
        let kept = kept_session(&client).await.map_err(|error| broken(&folder, &error))?;
        let arrival = match (&kept, committed) {
            (Some(_), _) => Arrival::Back,
            (None, Some(_)) => Arrival::Anew,
            (None, None) => Arrival::First,
        };
        match kept {
            Some(session) => come_back(&client, &folder, settings, session, committed).await?,
            None => sign_in(&client, &folder, settings).await?,
        }
        let meta = client.session_meta().ok_or(SessionError::NoDevice)?;
        let (user, device) = (UserId::new(meta.user_id.as_str()), SmolStr::new(meta.device_id.as_str()));
        Ok((Session { client: RwLock::new(client), folder, user, device }, arrival))
    }

    /// The library's client.
    pub fn client(&self) -> Client {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Usher's own id.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The id of this session.
    pub fn device(&self) -> &SmolStr {
        &self.device
    }

    /// Notes that a sync brought something, before its events are handed to the driver.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn step(&self, step: u64) -> Result<(), SessionError> {
        let client = self.client();
        let store = client.state_store();
        let noted = store.set_custom_value_no_read(STEP, step.to_string().into_bytes()).await;
        noted.map_err(|error| broken(&self.folder, &error))
    }

    /// Sees to it that others can trust this session, and that a lost folder loses no keys: once a start, after the first
    /// sync.
    pub async fn make_trusted(&self, settings: &MatrixSettings) -> Trust {
        let client = self.client();
        let encryption = client.encryption();
        encryption.wait_for_e2ee_initialization_tasks().await;
        let beside = recovery_path(self.folder.path());
        let kept = std::fs::read_to_string(&beside).ok().map(SecretString::from);
        let recovery_key = settings.recovery_key.as_ref().or(kept.as_ref());
        let recovery = encryption.recovery();
        let mut written = None;
        match (recovery.state(), recovery_key) {
            (RecoveryState::Disabled, _) => match recovery.enable().await {
                Ok(key) => match write_new(&beside, key.as_bytes()) {
                    Ok(()) => written = Some(beside),
                    Err(error) => return Trust::Lacking(format!("{}: {error}", beside.display())),
                },
                Err(error) => {
                    return Trust::Lacking(format!("its keys cannot be kept on the homeserver: {error}"));
                }
            },
            (RecoveryState::Incomplete, Some(key)) => {
                if let Err(error) = recovery.recover(key.expose_secret().trim()).await {
                    return Trust::Lacking(format!(
                        "the recovery key does not fit: {error}; set `matrix.recovery_key`"
                    ));
                }
            }
            (RecoveryState::Incomplete, None) => {
                return Trust::Lacking(
                    "this session is not verified, and old messages stay unreadable: set `matrix.recovery_key`".to_owned(),
                );
            }
            (RecoveryState::Enabled | RecoveryState::Unknown, _) => {}
        }
        // Whether the account has signed this session is what the homeserver says now.
        if let Some(user) = client.user_id()
            && let Err(error) = encryption.request_user_identity(user).await
        {
            return Trust::Lacking(CallError::from(&error).to_string());
        }
        match encryption.get_own_device().await {
            Ok(Some(device)) if device.is_cross_signed_by_owner() => Trust::Whole(written),
            Ok(_) => Trust::Lacking(
                "this session is not signed by its account, so some clients send it no keys: set \
                 `matrix.recovery_key`, or sign in with a password once"
                    .to_owned(),
            ),
            Err(error) => Trust::Lacking(error.to_string()),
        }
    }

    /// Ends the session that this one has taken the place of, so that nobody sends it keys any more.
    ///
    /// # Errors
    /// When the homeserver does not.
    pub async fn end_device(&self, device: &str, settings: &MatrixSettings) -> Result<(), CallError> {
        let devices: [OwnedDeviceId; 1] = [device.into()];
        let client = self.client();
        let error = match client.delete_devices(&devices, None).await {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let (Some(asked), Ok(MatrixLogin::Password(user, password))) =
            (error.as_uiaa_response(), settings.login())
        else {
            return Err(CallError::from(&error));
        };
        let mut proof = Password::new(identifier(user), password.expose_secret().to_owned());
        proof.session = asked.session.clone();
        let ended = client.delete_devices(&devices, Some(AuthData::Password(proof))).await;
        ended.map(drop).map_err(|error| CallError::from(&error))
    }

    /// Signs in once more as the same session, after the homeserver has asked for it; `progress` is how far syncs are.
    ///
    /// # Errors
    /// When it does not let Usher in, or nothing but the old token is known.
    pub async fn sign_in_again(
        &self,
        settings: &MatrixSettings,
        progress: &Progress,
    ) -> Result<(), SessionError> {
        let before = self.client();
        let MatrixLogin::Password(user, password) = settings.login()? else {
            return Err(refused(&before, CallError::Refused("M_UNKNOWN_TOKEN".to_owned()), NEW_TOKEN));
        };
        let proof =
            LoginInfo::Password(LoginPassword::new(identifier(user), password.expose_secret().to_owned()));
        let mut request = login::v3::Request::new(proof);
        request.device_id = Some(self.device.as_str().into());
        let answer = before.send(request).await;
        let answer = answer.map_err(|error| refused(&before, CallError::from(&error), CHECK_PASSWORD))?;
        let tokens = SessionTokens { access_token: answer.access_token, refresh_token: None };
        let meta = SessionMeta { user_id: answer.user_id, device_id: answer.device_id };
        let client = build(settings, self.folder.path(), &key_of(settings, &self.folder)?).await?;
        set_position(&client, &self.folder, Some(progress)).await?;
        let restored = client.restore_session(MatrixSession { meta, tokens }).await;
        restored.map_err(|error| broken(&self.folder, &error))?;
        keep_session(&client).await.map_err(|error| broken(&self.folder, &error))?;
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = client;
        Ok(())
    }
}

const CHECK_PASSWORD: &str = "Check `matrix.user` and `matrix.password`";
const NEW_TOKEN: &str =
    "Open a new session for Usher and set its token as `matrix.access_token`, or set `matrix.password`";

/// Where a recovery key is written that Usher made: beside the folder, and not in it, because it is for the day on
/// which the folder is gone.
pub fn recovery_path(folder: &Path) -> PathBuf {
    let mut path = folder.as_os_str().to_owned();
    path.push(".recovery-key");
    PathBuf::from(path)
}

/// What the folder is encrypted with.
fn key_of(settings: &MatrixSettings, folder: &Folder) -> Result<[u8; 32], SessionError> {
    match settings.store_key()? {
        Some(key) => Ok(key),
        None => Ok(folder.key()?),
    }
}

async fn build(settings: &MatrixSettings, folder: &Path, key: &[u8; 32]) -> Result<Client, SessionError> {
    let homeserver = settings.homeserver()?;
    let store = SqliteStoreConfig::with_low_memory_config(folder).key(Some(key));
    let encryption = EncryptionSettings {
        auto_enable_cross_signing: true,
        auto_enable_backups: true,
        backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
    };
    let builder = Client::builder()
        .request_config(RequestConfig::new().timeout(ANSWER).retry_limit(2))
        .sqlite_store_with_config_and_cache_path(store, None::<&Path>)
        .with_encryption_settings(encryption);
    // An address needs nobody to be asked, so that a start does without the homeserver.
    let builder = if homeserver.starts_with("http://") || homeserver.starts_with("https://") {
        builder.homeserver_url(homeserver)
    } else {
        builder.server_name_or_homeserver_url(homeserver)
    };
    builder.build().await.map_err(|error| not_built(&error, folder))
}

fn not_built(error: &ClientBuildError, folder: &Path) -> SessionError {
    if let ClientBuildError::SqliteStore(error) = error {
        let (path, problem) = (folder.to_owned(), error.to_string());
        let is_closed = problem.starts_with(NOT_OPENED);
        return if is_closed { SessionError::WrongKey(path) } else { SessionError::Broken { path, problem } };
    }
    if let ClientBuildError::Http(error) = error {
        return SessionError::NoHomeserver(CallError::from(error).to_string());
    }
    SessionError::NoHomeserver(error.to_string())
}

/// For the homeserver that the settings name. An address needs nobody to be asked, so that a start does without the
/// homeserver.
pub(super) fn with_homeserver(builder: ClientBuilder, homeserver: &str) -> ClientBuilder {
    if homeserver.starts_with("http://") || homeserver.starts_with("https://") {
        builder.homeserver_url(homeserver)
    } else {
        builder.server_name_or_homeserver_url(homeserver)
    }
}

async fn kept_session(client: &Client) -> Result<Option<MatrixSession>, StoreError> {
    let kept = client.state_store().get_custom_value(SESSION).await?;
    kept.map(|kept| serde_json::from_slice(&kept).map_err(StoreError::Json)).transpose()
}

/// How many syncs brought something, by what is kept at [`STEP`].
pub(super) fn step_of(kept: Option<&[u8]>) -> u64 {
    kept.and_then(|kept| std::str::from_utf8(kept).ok()?.parse().ok()).unwrap_or(0)
}

async fn keep_session(client: &Client) -> Result<(), StoreError> {
    let Some(session) = client.matrix_auth().session() else { return Ok(()) };
    client.state_store().set_custom_value_no_read(SESSION, serde_json::to_vec(&session)?).await
}

/// Goes on with the session that was kept.
async fn come_back(
    client: &Client,
    folder: &Folder,
    settings: &MatrixSettings,
    session: MatrixSession,
    committed: Option<&Progress>,
) -> Result<(), SessionError> {
    let found = UserId::new(session.meta.user_id.as_str());
    if let Some(wanted) = settings.user.as_deref().filter(|wanted| !is_called(&found, wanted)) {
        let (path, wanted) = (folder.path().to_owned(), wanted.to_owned());
        return Err(SessionError::AnotherAccount { path, found, wanted });
    }
    let step = client.state_store().get_custom_value(STEP).await.map_err(|error| broken(folder, &error))?;
    let step = step_of(step.as_deref());
    if let Some(committed) = committed.filter(|committed| session.meta.device_id.as_str() == committed.device)
        && step < committed.step
    {
        return Err(SessionError::RolledBack(folder.path().to_owned()));
    }
    set_position(client, folder, committed).await?;
    client.restore_session(session).await.map_err(|error| broken(folder, &error))
}

/// Whether the settings mean this account: by its whole id, or by its first part.
pub fn is_called(id: &str, wanted: &str) -> bool {
    wanted == id || wanted.trim_start_matches('@') == local(id)
}

/// Tells the library how far we are. It listens only before it has a session.
async fn set_position(
    client: &Client,
    folder: &Folder,
    committed: Option<&Progress>,
) -> Result<(), SessionError> {
    let store = client.state_store();
    let set = match committed {
        Some(progress) => {
            let token = StateStoreDataValue::SyncToken(progress.token.clone());
            store.set_kv_data(StateStoreDataKey::SyncToken, token).await
        }
        None => store.remove_kv_data(StateStoreDataKey::SyncToken).await,
    };
    set.map_err(|error| broken(folder, &error))
}

async fn sign_in(client: &Client, folder: &Folder, settings: &MatrixSettings) -> Result<(), SessionError> {
    match settings.login()? {
        MatrixLogin::Password(user, password) => {
            let device = device(client).await.map_err(|error| broken(folder, &error))?;
            let login = client.matrix_auth().login_username(user, password.expose_secret());
            let login = login.device_id(&device).initial_device_display_name(DISPLAY_NAME);
            login.send().await.map_err(|error| refused(client, CallError::from(&error), CHECK_PASSWORD))?;
        }
        MatrixLogin::Token(token) => {
            adopt(client, token).await?;
        }
    }
    keep_session(client).await.map_err(|error| broken(folder, &error))
}

/// The name of the session that is being opened. It is kept before the homeserver hears it: a start that breaks off
/// between the two opens the same one again.
async fn device(client: &Client) -> Result<String, StoreError> {
    let store = client.state_store();
    if let Some(kept) = store.get_custom_value(DEVICE).await?.and_then(|kept| String::from_utf8(kept).ok()) {
        return Ok(kept);
    }
    let device = format!("USHER{}", DeviceId::new());
    store.set_custom_value_no_read(DEVICE, device.clone().into_bytes()).await?;
    Ok(device)
}

/// Goes on with a session that somebody opened for Usher.
async fn adopt(client: &Client, token: &SecretString) -> Result<(), SessionError> {
    let tokens = SessionTokens { access_token: token.expose_secret().to_owned(), refresh_token: None };
    // Who it is has to be asked with the token, which the library takes only with who it is.
    let who = who_is(client, &tokens).await?;
    let session = MatrixSession { meta: who, tokens };
    client.restore_session(session).await.map_err(|error| refused(client, CallError::from(&error), NEW_TOKEN))
}

/// Whose session a token is.
async fn who_is(client: &Client, tokens: &SessionTokens) -> Result<SessionMeta, SessionError> {
    let asker = Client::builder().homeserver_url(client.homeserver()).build().await;
    let asker = asker.map_err(|error| SessionError::NoHomeserver(error.to_string()))?;
    let nobody = SessionMeta {
        user_id: matrix_sdk::ruma::user_id!("@nobody:localhost").to_owned(),
        device_id: "NONE".into(),
    };
    let session = MatrixSession { meta: nobody, tokens: tokens.clone() };
    asker.restore_session(session).await.map_err(|error| SessionError::NoHomeserver(error.to_string()))?;
    let who = asker.whoami().await.map_err(|error| refused(client, CallError::from(&error), NEW_TOKEN))?;
    let device_id = who.device_id.ok_or(SessionError::NoDevice)?;
    Ok(SessionMeta { user_id: who.user_id, device_id })
}

pub(super) fn identifier(user: &str) -> UserIdentifier {
    UserIdentifier::Matrix(MatrixUserIdentifier::new(user.to_owned()))
}

fn refused(client: &Client, error: CallError, mend: &'static str) -> SessionError {
    let mend = match &error {
        CallError::Refused(_) | CallError::SignedOut { .. } => mend,
        CallError::RateLimited { .. } | CallError::Unavailable(_) | CallError::Unknown(_) => {
            "Check `matrix.homeserver`, or try again in a while"
        }
    };
    SessionError::SignIn { homeserver: client.homeserver().to_string(), error, mend }
}

fn broken(folder: &Folder, error: &(impl std::error::Error + ?Sized)) -> SessionError {
    SessionError::Broken { path: folder.path().to_owned(), problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn another_key_does_not_open_the_folder_and_that_is_what_is_said() {
        let place = tempfile::tempdir().unwrap();
        let open = |key: &str| {
            let settings = MatrixSettings {
                // Nobody listens there; what is kept is read before anybody is asked.
                homeserver: Some("http://127.0.0.1:9".to_owned()),
                user: Some("usher".to_owned()),
                password: Some(SecretString::from("hunter2")),
                store_key: Some(SecretString::from(key.repeat(32))),
                ..MatrixSettings::default()
            };
            let folder = Folder::open(place.path(), "a test").unwrap();
            async move { Session::open(&settings, folder, None).await.unwrap_err().to_string() }
        };
        let error = open("0a").await;
        assert!(error.contains("does not let Usher sign in") && error.contains("no connection"), "{error}");
        let error = open("0b").await;
        assert!(error.contains("matrix.store_key"), "{error}");
    }

    #[test]
    fn how_far_we_are_is_kept_as_text_and_read_back() {
        let progress = Progress { device: "USHERABC".into(), step: 7, token: "s1_2 3".to_owned() };
        assert_eq!(Progress::parse(&progress.to_string()), Some(progress));
        for wrong in ["", "USHERABC", "USHERABC x s1", "USHERABC 7"] {
            assert_eq!(Progress::parse(wrong), None, "{wrong}");
        }
    }
}
