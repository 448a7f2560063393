//! The bot in its account on Matrix.

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use tokio::sync::watch;

use super::{Connected, Followed, House, Part, Pending};
use crate::chat::Chat;
use crate::chat::matrix::directory::Directory;
use crate::chat::matrix::live::{Live, LiveError, Shared};
use crate::chat::matrix::session::{Arrival, Progress, SOURCE, Session};
use crate::chat::matrix::{Directs, Doors, Folder, Matrix, Sent};
use crate::clock::Clock;
use crate::core::event::{Platform, UserId};
use crate::runbook::Runbook;
use crate::settings::{MatrixSettings, Settings};
use crate::store::Store;
use crate::web::health::Presence;

/// An account that Usher is signed in to.
pub(super) struct Account {
    settings: MatrixSettings,
    session: Arc<Session>,
    directory: Arc<Mutex<Directory>>,
    directs: Arc<Directs>,
    sent: Arc<Sent>,
    outbound: Arc<Matrix>,
    /// How far the database is.
    committed: Option<Progress>,
}

/// Signs in to the account of the settings, or goes on with the session that is kept.
///
/// # Errors
/// When the session cannot be kept, or the homeserver does not let Usher in.
pub(super) async fn connect(
    matrix: &MatrixSettings,
    settings: &Settings,
    store: &Store,
    people: Option<&Runbook>,
) -> Result<Account> {
    let positions = store.positions().await.context("cannot use the database")?;
    let committed = positions.get(SOURCE).and_then(|kept| Progress::parse(kept));
    let folder = Folder::open(&matrix.folder(&settings.database_url), &crate::commands::holder("usher run"))?;
    let path = folder.path().to_owned();
    let (session, arrival) = Session::open(matrix, folder, committed.as_ref()).await?;
    tracing::info!(user = %session.user(), device = %session.device(), "Usher is signed in to Matrix");
    if let (Arrival::Anew, Some(before)) = (arrival, &committed) {
        tracing::error!(
            folder = %path.display(),
            before = %before.device,
            "the folder of Usher's session on Matrix is gone; Usher has signed in anew. Messages whose keys only the old \
             session had can be read again with the recovery key: that of the file beside the folder, or `matrix.recovery_key`"
        );
        if let Err(error) = session.end_device(&before.device, matrix).await {
            tracing::warn!(%error, "the session before is not ended; end it by hand in any client");
        }
    }
    let session = Arc::new(session);
    let own = session.user().clone();
    let directory = Arc::new(Mutex::new(Directory::new(own.clone())));
    let welcome = people.into_iter().flat_map(people_of).collect();
    let directs = Arc::new(Directs::new(Arc::clone(&session), Arc::clone(&directory), welcome));
    let sent = Arc::new(Sent::new(own));
    let outbound = Arc::new(Matrix::new(Arc::clone(&session), Arc::clone(&directs), Arc::clone(&sent)));
    Ok(Account { settings: matrix.clone(), session, directory, directs, sent, outbound, committed })
}

/// The people of the runbook by their ids on Matrix.
fn people_of(runbook: &Runbook) -> impl Iterator<Item = UserId> {
    runbook.people.values().filter_map(|person| person.matrix.as_deref()).map(UserId::new)
}

impl Connected for Account {
    fn platform(&self) -> Platform {
        Platform::Matrix
    }

    fn chat(&self, _clock: &Clock) -> Arc<dyn Chat> {
        Arc::<Matrix>::clone(&self.outbound)
    }

    fn follow<'a>(self: Box<Self>, house: &'a House) -> Pending<'a, Followed> {
        Box::pin(follow(*self, house))
    }
}

async fn follow(account: Account, house: &House) -> Result<Followed> {
    let Account { settings, session, directory, directs, sent, outbound, committed } = account;
    let doors = Doors::new(house.runbook.iter().flat_map(people_of), &settings.invites_from);
    let user = session.user().clone();
    let shared = Shared { session, directory, directs: Arc::clone(&directs), sent, outbound };
    let live = Live::new(shared, settings, house.driver.clone(), house.clock.clone(), doors);
    let rooms = live.learn_rooms().await?;
    directs.ready(house.driver.clone());
    tracing::info!(%user, rooms, "the account is known; Usher is in so many rooms");
    let (answers, presence) = watch::channel(false);
    let (missed_from, stopped) = (house.missed_from, house.stopped.clone());
    let taking: Part = Box::pin(async move {
        match live.run(committed, missed_from, answers, stopped).await {
            // The driver says itself why it stopped.
            Err(LiveError::Stopped) => std::future::pending().await,
            ended => Ok(ended?),
        }
    });
    Ok(Followed {
        taking: Some(taking),
        presence: Some(Presence::Homeserver(presence)),
        ..Followed::default()
    })
}
