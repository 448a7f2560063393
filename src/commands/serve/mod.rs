//! `usher run` with a platform set: the bot. Each platform is connected first, so that its ways out are known; once the
//! runbook is in force, what happens there is followed.

#[cfg(feature = "matrix")]
mod matrix;
#[cfg(feature = "slack")]
mod slack;

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use futures_util::future::select_all;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use crate::calendar::Instant;
use crate::chat::Chat;
#[cfg(feature = "slack")]
use crate::chat::slack::socket::Patience;
use crate::clock::Clock;
use crate::core::Engine;
use crate::core::event::{Event, Platform, RevisionText, What};
use crate::core::turn::Turn;
use crate::courier::Routes;
use crate::driver::{DriverHandle, Figures, Options};
use crate::pager::{CommandPager, WebhookPager};
use crate::play::Ends;
use crate::runbook::{self, Runbook};
use crate::service::Service;
use crate::settings::{PagerSettings, Settings};
use crate::stop::Stop;
use crate::store::{Opening, Store};
use crate::web::health;
use crate::web::server::{self, Bounds};

/// A part of the bot that runs until it fails; it is dropped when the bot ends.
type Part = Pin<Box<dyn Future<Output = Result<()>> + Send>>;
/// What takes a while, and may fail.
type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// In what the bot runs, and who watches it.
#[derive(Debug)]
pub struct Surroundings {
    /// What time it is in the chat.
    pub clock: Clock,
    /// What may end it.
    pub ends: Ends,
    /// How long Slack's sockets are waited for.
    #[cfg(feature = "slack")]
    pub patience: Patience,
    /// Where every turn goes once it is committed.
    pub turns: Option<mpsc::UnboundedSender<Turn>>,
    /// Who is given the way to the driver once the runbook is in force.
    pub started: Option<oneshot::Sender<DriverHandle>>,
}

impl Surroundings {
    /// Those of a process: the system's clock, and nobody who watches.
    pub fn of_process(ends: Ends) -> Surroundings {
        Surroundings {
            clock: Clock::System,
            ends,
            #[cfg(feature = "slack")]
            patience: Patience::default(),
            turns: None,
            started: None,
        }
    }
}

/// A platform that knows who Usher is there.
trait Connected: Send {
    /// Which.
    fn platform(&self) -> Platform;

    /// The way out to it.
    fn chat(&self, clock: &Clock) -> Arc<dyn Chat>;

    /// Takes what happens there from now on.
    fn follow<'a>(self: Box<Self>, house: &'a House) -> Pending<'a, Followed>;
}

/// What all platforms share.
struct House {
    driver: DriverHandle,
    clock: Clock,
    /// The runbook that is in force at the start.
    runbook: Option<Runbook>,
    /// From when on something may have been missed.
    missed_from: Instant,
    /// Turns true when no more shall be taken.
    stopped: watch::Receiver<bool>,
}

/// A platform that is followed.
#[derive(Default)]
struct Followed {
    /// What takes events: once no more shall be taken it ends, when what it took is acknowledged.
    taking: Option<Part>,
    /// What else goes on beside it.
    beside: Vec<Part>,
    /// What is answered over HTTP, if the platform calls.
    routes: Option<Router>,
    /// Whether the platform is there, where that can be told.
    presence: Option<health::Presence>,
}

/// Runs the bot on the platforms that the settings name until it is asked to end.
///
/// # Errors
/// When the settings, the database or a platform do not let it run.
pub async fn bot(settings: &Settings, revision: RevisionText, surroundings: Surroundings) -> Result<()> {
    #[cfg(feature = "slack")]
    let slack = match &settings.slack {
        Some(slack) => Some(slack::connect(slack, &surroundings.clock, surroundings.patience).await?),
        None => None,
    };
    let opening = Opening::new(settings.database_url.clone(), &settings.team, &super::holder("usher run"));
    let store = Store::open(&opening).await.context("cannot use the database")?;
    let mut platforms: Vec<Box<dyn Connected>> = Vec::new();
    #[cfg(feature = "slack")]
    platforms.extend(slack.map(|slack| Box::new(slack) as Box<dyn Connected>));
    let runbook = runbook::load(&revision.file, &revision.text, &revision.beside).runbook;
    #[cfg(feature = "matrix")]
    if let Some(matrix) = &settings.matrix {
        platforms.push(Box::new(matrix::connect(matrix, settings, &store, runbook.as_ref()).await?));
    }
    run(settings, store, platforms, (revision, runbook), surroundings).await
}

async fn run(
    settings: &Settings,
    store: Store,
    platforms: Vec<Box<dyn Connected>>,
    (revision, runbook): (RevisionText, Option<Runbook>),
    surroundings: Surroundings,
) -> Result<()> {
    let Surroundings { clock, ends: Ends { stop, faults }, turns, started, .. } = surroundings;
    let chats = platforms.iter().map(|platform| (platform.platform(), platform.chat(&clock))).collect();
    let routes = Routes { chats, pager: pager(settings)? };
    let names: Vec<Platform> = platforms.iter().map(|platform| platform.platform()).collect();
    let options =
        Options { platforms: names.clone(), ages: settings.keep.ages(), turns, ..Options::default() };
    let mut service = Service::start::<Engine>(store, clock.clone(), faults, routes, options).await?;
    let handle = service.handle().clone();
    // Whose it is said to be does not matter: it is of all.
    if let Some(platform) = names.first() {
        enact(&handle, *platform, revision, clock.now()).await?;
    }
    if let Some(started) = started {
        // Whoever wanted to know has gone.
        let _ = started.send(handle.clone());
    }
    let (stopping, stopped) = watch::channel(false);
    let missed_from = handle.last_alive().unwrap_or_else(|| clock.now());
    let house = House { driver: handle.clone(), clock, runbook, missed_from, stopped };
    let mut followed = Vec::new();
    for platform in platforms {
        followed.push(platform.follow(&house).await?);
    }
    let mut taking: Vec<Part> = followed.iter_mut().filter_map(|followed| followed.taking.take()).collect();
    let mut beside: Vec<Part> = followed.iter_mut().flat_map(|followed| followed.beside.drain(..)).collect();
    serve_pages(settings.listen, &house, followed, &mut taking, &mut beside).await?;
    let ended = wait(&stop, &mut service, &mut taking, &mut beside).await;
    // Nothing more is taken; what is on its way is acknowledged before the driver ends.
    stopping.send_replace(true);
    if ended.is_ok() {
        for part in taking {
            part.await?;
        }
    }
    drop(beside);
    service.shutdown().await?;
    tell_end(&handle);
    ended
}

/// Serves the page for those who watch Usher, and what platforms call where one does. If one does, that is how events
/// come in; else Usher runs without the page where its address is taken.
async fn serve_pages(
    listen: SocketAddr,
    house: &House,
    followed: Vec<Followed>,
    taking: &mut Vec<Part>,
    beside: &mut Vec<Part>,
) -> Result<()> {
    let (mut called, mut presences) = (None, Vec::new());
    for followed in followed {
        called = followed.routes.or(called);
        presences.extend(followed.presence);
    }
    let page = health::routes(house.driver.clone(), presences);
    let stopped = house.stopped.clone();
    match called {
        Some(routes) => {
            let listener = TcpListener::bind(listen).await;
            let listener = listener.with_context(|| format!("cannot listen on {listen}"))?;
            tracing::info!(%listen, "Slack's requests are awaited");
            taking.push(Box::pin(async {
                server::serve(listener, routes.merge(page), Bounds::default(), until(stopped)).await;
                Ok(())
            }));
        }
        None => beside.push(Box::pin(async move { match page_beside(listen, page, stopped).await {} })),
    }
    Ok(())
}

async fn wait(stop: &Stop, service: &mut Service, taking: &mut [Part], beside: &mut [Part]) -> Result<()> {
    tokio::select! {
        biased;
        () = stop.wanted() => Ok(()),
        ended = service.ended() => Ok(ended?),
        ended = any(beside) => ended,
        ended = any(taking) => ended,
    }
}

/// Waits until one of the parts ends.
async fn any(parts: &mut [Part]) -> Result<()> {
    if parts.is_empty() {
        return std::future::pending().await;
    }
    select_all(parts.iter_mut()).await.0
}

/// Tells the operator what this process did.
fn tell_end(handle: &DriverHandle) {
    let Figures { events, duplicates, rejected, commits, failed_commits, .. } = handle.figures();
    tracing::info!(
        events = events.get(),
        duplicates = duplicates.get(),
        rejected = rejected.get(),
        commits = commits.get(),
        failed_commits = failed_commits.get(),
        "Usher has ended; what was acknowledged is kept"
    );
}

async fn enact(handle: &DriverHandle, platform: Platform, text: RevisionText, at: Instant) -> Result<()> {
    let key = format!("revision/{}/{}", text.id, at.ms()).into();
    let event = Event { key, at, platform, what: What::Revision(text) };
    handle.handle(event, None, 30_000).await.context("the runbook cannot be put in force")?;
    Ok(())
}

/// Serves the page for those who watch Usher. Where its address is taken Usher runs without.
async fn page_beside(listen: SocketAddr, page: Router, stopped: watch::Receiver<bool>) -> Infallible {
    match TcpListener::bind(listen).await {
        Ok(listener) => server::serve(listener, page, Bounds::default(), until(stopped)).await,
        Err(error) => tracing::warn!(%listen, %error, "/health is not served"),
    }
    std::future::pending().await
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // Whoever could ask has ended: so does this.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

fn pager(settings: &Settings) -> Result<Option<Arc<dyn Chat>>> {
    Ok(match &settings.pager {
        None => None,
        Some(PagerSettings::Command(command)) => Some(Arc::new(CommandPager::new(command.clone()))),
        Some(PagerSettings::Webhook(webhook)) => Some(Arc::new(WebhookPager::new(webhook.clone())?)),
    })
}
