//! `usher run` with a platform set: the bot.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::calendar::Instant;
use crate::chat::Chat;
use crate::chat::slack::live::{Live, LiveError};
use crate::chat::slack::socket::{Hole, Patience, SocketMode};
use crate::chat::slack::web::{self, CallError, Web};
use crate::chat::slack::{Slack, directory, http};
use crate::clock::Clock;
use crate::core::Engine;
use crate::core::event::{ChannelId, Event, Platform, RevisionText, What};
use crate::core::turn::Turn;
use crate::courier::Routes;
use crate::driver::{DriverHandle, Figures, GapNotice, Options};
use crate::pager::{CommandPager, WebhookPager};
use crate::play::Ends;
use crate::runbook;
use crate::service::Service;
use crate::settings::{PagerSettings, Settings, SlackConnection, SlackSettings};
use crate::stop::Stop;
use crate::store::{Opening, Store};
use crate::web::health;
use crate::web::server::{self, Bounds};

/// A part of the bot that runs until it fails; it is dropped when the bot ends.
type Part<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// In what the bot runs, and who watches it.
#[derive(Debug)]
pub struct Surroundings {
    /// What time it is in the chat.
    pub clock: Clock,
    /// What may end it.
    pub ends: Ends,
    /// How long sockets are waited for.
    pub patience: Patience,
    /// Where every turn goes once it is committed.
    pub turns: Option<mpsc::UnboundedSender<Turn>>,
    /// Who is given the way to the driver once the runbook is in force.
    pub started: Option<oneshot::Sender<DriverHandle>>,
}

impl Surroundings {
    /// Those of a process: the system's clock, and nobody who watches.
    pub fn of_process(ends: Ends) -> Surroundings {
        let (clock, patience) = (Clock::System, Patience::default());
        Surroundings { clock, ends, patience, turns: None, started: None }
    }
}

/// Runs the bot in a Slack workspace until it is asked to end.
///
/// # Errors
/// When the settings, the database or Slack do not let it run.
pub async fn slack(
    settings: &Settings,
    slack: &SlackSettings,
    revision: RevisionText,
    surroundings: Surroundings,
) -> Result<()> {
    let Surroundings { clock, ends: Ends { stop, faults }, patience, turns, started } = surroundings;
    let connection = slack.connection()?;
    let web = Arc::new(Web::new(slack.bot_token()?, slack.api_url.as_deref())?);
    let own =
        web::patiently(&clock, || web.identity()).await.context("Slack does not accept `slack.bot_token`")?;
    let doubts = web.cut_off();
    let identity = directory::Identity {
        team: own.team_id,
        enterprise: None,
        app: None,
        user: own.user_id,
        bot: own.bot_id,
    };
    let workspace = own.url.clone().unwrap_or_default();
    let opening = Opening::new(settings.database_url.clone(), &settings.team, &super::holder("usher run"));
    let store = Store::open(&opening).await.context("cannot use the database")?;
    let chat: Arc<dyn Chat> = Arc::new(Slack::new(Arc::clone(&web), own.url, clock.clone()));
    let routes = Routes { chats: [(Platform::Slack, chat)].into(), pager: pager(settings)? };
    let options =
        Options { platforms: vec![Platform::Slack], ages: settings.keep.ages(), turns, ..Options::default() };
    let mut service = Service::start::<Engine>(store, clock.clone(), faults, routes, options).await?;
    let handle = service.handle().clone();
    let levels = levels(&revision);
    enact(&handle, revision, clock.now()).await?;
    if let Some(started) = started {
        // Whoever wanted to know has gone.
        let _ = started.send(handle.clone());
    }
    let live = Live::new(Arc::clone(&web), handle.clone(), clock.clone(), identity).offering(levels);
    let live = Arc::new(live);
    let (tell, holes) = mpsc::unbounded_channel();
    let missed_from = handle.last_alive().unwrap_or_else(|| clock.now());
    // Who and what there is comes first: a channel that is learnt after a message in it is one that Usher was let
    // into after it.
    live.learn_users().await?;
    let joined = live.learn_channels().await?;
    tracing::info!(%workspace, channels = joined.len(), "the workspace is known; Usher is in so many channels");

    let (stopping, stopped) = watch::channel(false);
    let (listen, api_url) = (settings.listen, slack.api_url.as_deref());
    let way = Way { listen, api_url, clock: clock.clone(), patience, stopped };
    let mut connected = match connection {
        SlackConnection::Sockets(app_token) => over_sockets(way, &app_token, &handle, &live, tell)?,
        SlackConnection::Http(secrets) => over_http(way, &secrets, &handle, &live).await?,
    };
    let mut cut_off: Part<'_> = Box::pin(cut_off(&web, &clock, doubts));
    let mut filling: Part<'_> = Box::pin(fill(&live, &handle, holes, (joined, missed_from)));
    let ended = wait(&stop, &mut service, &mut connected, &mut filling, &mut cut_off).await;
    // Nothing more is taken; what is on its way is acknowledged before the driver ends.
    stopping.send_replace(true);
    if ended.is_ok() {
        connected.await?;
    }
    drop(filling);
    service.shutdown().await?;
    tell_end(&handle);
    ended
}

/// Where Slack is, and Usher.
struct Way<'a> {
    listen: SocketAddr,
    api_url: Option<&'a str>,
    clock: Clock,
    patience: Patience,
    /// Turns true when no more shall be taken.
    stopped: watch::Receiver<bool>,
}

/// Takes what Slack sends over sockets, and beside them serves the page for those who watch Usher.
fn over_sockets(
    way: Way<'_>,
    app_token: &SecretString,
    handle: &DriverHandle,
    live: &Arc<Live>,
    holes: mpsc::UnboundedSender<Hole>,
) -> Result<Part<'static>> {
    let (ready, sockets) = watch::channel(0);
    let health = health::routes(handle.clone(), Some(sockets));
    let page = page(way.listen, health, way.stopped.clone());
    let mode = SocketMode {
        tickets: Arc::new(Web::new(app_token, way.api_url)?),
        intake: Arc::<Live>::clone(live),
        holes,
        clock: way.clock,
        patience: way.patience,
        ready,
        stop: way.stopped,
    };
    Ok(Box::pin(async {
        tokio::select! {
            biased;
            ended = mode.run() => Ok(ended?),
            never = page => match never {},
        }
    }))
}

/// Takes what Slack sends by calling.
async fn over_http(
    way: Way<'_>,
    secrets: &[SecretString],
    handle: &DriverHandle,
    live: &Arc<Live>,
) -> Result<Part<'static>> {
    let listener = TcpListener::bind(way.listen);
    let listener = listener.await.with_context(|| format!("cannot listen on {}", way.listen))?;
    tracing::info!(listen = %way.listen, "Slack's requests are awaited");
    let intake = Arc::<Live>::clone(live);
    let routes = http::routes(secrets, intake).merge(health::routes(handle.clone(), None));
    Ok(Box::pin(async {
        server::serve(listener, routes, Bounds::default(), until(way.stopped)).await;
        Ok(())
    }))
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

async fn wait(
    stop: &Stop,
    service: &mut Service,
    connected: &mut Part<'_>,
    filling: &mut Part<'_>,
    cut_off: &mut Part<'_>,
) -> Result<()> {
    tokio::select! {
        biased;
        () = stop.wanted() => Ok(()),
        ended = service.ended() => Ok(ended?),
        ended = cut_off => ended,
        ended = connected => ended,
        ended = filling => ended,
    }
}

/// The urgency levels of a runbook by name, tightest first as it lists them.
fn levels(text: &RevisionText) -> Vec<String> {
    let runbook = runbook::load(&text.file, &text.text, &text.beside).runbook;
    runbook
        .map_or_else(Vec::new, |runbook| runbook.levels.iter().map(|level| level.name.to_string()).collect())
}

/// Waits until Slack takes the token no more. One refusal may be a fault of Slack's: it is asked once more.
async fn cut_off(web: &Web, clock: &Clock, mut doubts: watch::Receiver<String>) -> Result<()> {
    while doubts.changed().await.is_ok() {
        let why = doubts.borrow_and_update().clone();
        tracing::warn!(%why, "Slack may have taken Usher's token back");
        if let Err(error @ CallError::Refused(_)) = web::patiently(clock, || web.identity()).await {
            tracing::error!(%why, "Slack takes the token no more");
            bail!(
                "Slack has cut Usher off ({why}): {error}. Install the app again, put its `bot_token` into the \
                 settings, and start Usher again; what waits to be said is said then"
            );
        }
    }
    std::future::pending().await
}

async fn enact(handle: &DriverHandle, text: RevisionText, at: Instant) -> Result<()> {
    let key = format!("revision/{}/{}", text.id, at.ms()).into();
    let event = Event { key, at, platform: Platform::Slack, what: What::Revision(text) };
    handle.handle(event, None, 30_000).await.context("the runbook cannot be put in force")?;
    Ok(())
}

/// Reads what was missed in the channels of `first` and since when, for which the driver has declared the gap, and
/// then whenever something may have been missed.
async fn fill(
    live: &Live,
    handle: &DriverHandle,
    mut holes: mpsc::UnboundedReceiver<Hole>,
    first: (Vec<ChannelId>, Instant),
) -> Result<()> {
    let mut gaps = handle.gaps();
    let (joined, mut from) = first;
    let mut joined = Some(joined);
    loop {
        match read_missed(live, joined.take(), from).await {
            Ok(()) => tracing::info!(%from, "what was missed has been read"),
            Err(LiveError::Refused(why)) => bail!("what was missed cannot be read: {why}"),
            Err(LiveError::Stopped) => std::future::pending().await,
        }
        from = missed_since(live, &mut holes, &mut gaps).await?;
    }
}

/// Reads what was missed in the channels that Usher is in; where nobody has just asked which, that is asked.
async fn read_missed(live: &Live, joined: Option<Vec<ChannelId>>, from: Instant) -> Result<(), LiveError> {
    let joined = match joined {
        Some(joined) => joined,
        None => live.learn_channels().await?,
    };
    live.fill(&joined, from).await
}

/// Waits until something may have been missed; since when.
async fn missed_since(
    live: &Live,
    holes: &mut mpsc::UnboundedReceiver<Hole>,
    gaps: &mut broadcast::Receiver<GapNotice>,
) -> Result<Instant> {
    loop {
        tokio::select! {
            biased;
            Some(hole) = holes.recv() => {
                live.declare_gap(hole.from).await?;
                return Ok(hole.from);
            }
            gap = gaps.recv() => match gap {
                Ok(gap) => return Ok(gap.from),
                // Some were missed; those that are left begin no later than the clock was last right.
                Err(_) => continue,
            },
        }
    }
}

/// Serves the page for those who watch Usher, beside the sockets. Where its address is taken Usher runs without.
async fn page(listen: SocketAddr, routes: axum::Router, stopped: watch::Receiver<bool>) -> Infallible {
    match TcpListener::bind(listen).await {
        Ok(listener) => server::serve(listener, routes, Bounds::default(), until(stopped)).await,
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
