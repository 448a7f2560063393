//! The bot in a Slack workspace.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use secrecy::SecretString;
use tokio::sync::{broadcast, mpsc, watch};

use super::{Connected, Followed, House, Part, Pending};
use crate::calendar::Instant;
use crate::chat::Chat;
use crate::chat::slack::live::{Live, LiveError};
use crate::chat::slack::socket::{Hole, Patience, SocketMode};
use crate::chat::slack::web::{self, CallError, Web};
use crate::chat::slack::{Slack, directory, http};
use crate::clock::Clock;
use crate::core::event::{ChannelId, Platform};
use crate::driver::GapNotice;
use crate::runbook::Runbook;
use crate::settings::{SlackConnection, SlackSettings};
use crate::web::health::Presence;

/// A workspace that knows Usher.
pub(super) struct Workspace {
    connection: SlackConnection,
    api_url: Option<String>,
    patience: Patience,
    web: Arc<Web>,
    identity: directory::Identity,
    url: Option<String>,
    /// What says that the token is no longer good.
    doubts: watch::Receiver<String>,
}

/// Asks Slack who Usher is.
///
/// # Errors
/// When the settings lack something, or Slack does not take the token.
pub(super) async fn connect(
    settings: &SlackSettings,
    clock: &Clock,
    patience: Patience,
) -> Result<Workspace> {
    let connection = settings.connection()?;
    let web = Arc::new(Web::new(settings.bot_token()?, settings.api_url.as_deref())?);
    let own =
        web::patiently(clock, || web.identity()).await.context("Slack does not accept `slack.bot_token`")?;
    let identity = directory::Identity {
        team: own.team_id,
        enterprise: None,
        app: None,
        user: own.user_id,
        bot: own.bot_id,
    };
    let (api_url, url, doubts) = (settings.api_url.clone(), own.url, web.cut_off());
    Ok(Workspace { connection, api_url, patience, web, identity, url, doubts })
}

impl Connected for Workspace {
    fn platform(&self) -> Platform {
        Platform::Slack
    }

    fn chat(&self, clock: &Clock) -> Arc<dyn Chat> {
        Arc::new(Slack::new(Arc::clone(&self.web), self.url.clone(), clock.clone()))
    }

    fn follow<'a>(self: Box<Self>, house: &'a House) -> Pending<'a, Followed> {
        Box::pin(follow(*self, house))
    }
}

async fn follow(workspace: Workspace, house: &House) -> Result<Followed> {
    let Workspace { connection, api_url, patience, web, identity, url, doubts } = workspace;
    let clock = house.clock.clone();
    let levels = house.runbook.as_ref().map_or_else(Vec::new, levels);
    let live = Live::new(Arc::clone(&web), house.driver.clone(), clock.clone(), identity).offering(levels);
    let live = Arc::new(live);
    let (tell, holes) = mpsc::unbounded_channel();
    // Who and what there is comes first: a channel that is learnt after a message in it is one that Usher was let
    // into after it.
    live.learn_users().await?;
    let joined = live.learn_channels().await?;
    let workspace = url.unwrap_or_default();
    tracing::info!(%workspace, channels = joined.len(), "the workspace is known; Usher is in so many channels");

    let mut followed = Followed::default();
    match connection {
        SlackConnection::Sockets(app_token) => {
            let way = Sockets { app_token, api_url, clock: clock.clone(), patience, tell };
            let (part, ready) = over_sockets(way, house, &live)?;
            followed.taking = Some(part);
            followed.presence = Some(Presence::Sockets(ready));
        }
        SlackConnection::Http(secrets) => {
            followed.routes = Some(http::routes(&secrets, Arc::<Live>::clone(&live)));
        }
    }
    followed.beside.push(Box::pin(cut_off(web, clock, doubts)));
    followed.beside.push(Box::pin(fill(live, house.driver.gaps(), holes, (joined, house.missed_from))));
    Ok(followed)
}

/// What opens sockets.
struct Sockets {
    app_token: SecretString,
    api_url: Option<String>,
    clock: Clock,
    patience: Patience,
    tell: mpsc::UnboundedSender<Hole>,
}

/// Takes what Slack sends over sockets; and how many are ready.
fn over_sockets(way: Sockets, house: &House, live: &Arc<Live>) -> Result<(Part, watch::Receiver<usize>)> {
    let (ready, sockets) = watch::channel(0);
    let mode = SocketMode {
        tickets: Arc::new(Web::new(&way.app_token, way.api_url.as_deref())?),
        intake: Arc::<Live>::clone(live),
        holes: way.tell,
        clock: way.clock,
        patience: way.patience,
        ready,
        stop: house.stopped.clone(),
    };
    Ok((Box::pin(async { Ok(mode.run().await?) }), sockets))
}

/// The urgency levels of a runbook by name, tightest first as it lists them.
fn levels(runbook: &Runbook) -> Vec<String> {
    runbook.levels.iter().map(|level| level.name.to_string()).collect()
}

/// Waits until Slack takes the token no more. One refusal may be a fault of Slack's: it is asked once more.
async fn cut_off(web: Arc<Web>, clock: Clock, mut doubts: watch::Receiver<String>) -> Result<()> {
    while doubts.changed().await.is_ok() {
        let why = doubts.borrow_and_update().clone();
        tracing::warn!(%why, "Slack may have taken Usher's token back");
        if let Err(error @ CallError::Refused(_)) = web::patiently(&clock, || web.identity()).await {
            tracing::error!(%why, "Slack takes the token no more");
            bail!(
                "Slack has cut Usher off ({why}): {error}. Install the app again, put its `bot_token` into the \
                 settings, and start Usher again; what waits to be said is said then"
            );
        }
    }
    std::future::pending().await
}

/// Reads what was missed in the channels of `first` and since when, for which the driver has declared the gap, and
/// then whenever something may have been missed.
async fn fill(
    live: Arc<Live>,
    mut gaps: broadcast::Receiver<GapNotice>,
    mut holes: mpsc::UnboundedReceiver<Hole>,
    first: (Vec<ChannelId>, Instant),
) -> Result<()> {
    let (joined, mut from) = first;
    let mut joined = Some(joined);
    loop {
        match read_missed(&live, joined.take(), from).await {
            Ok(()) => tracing::info!(%from, "what was missed has been read"),
            Err(LiveError::Refused(why)) => bail!("what was missed cannot be read: {why}"),
            Err(LiveError::Stopped) => std::future::pending().await,
        }
        from = missed_since(&live, &mut holes, &mut gaps).await?;
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
                Ok(GapNotice { platform: Platform::Slack, from }) => return Ok(from),
                Ok(GapNotice { platform: Platform::Matrix | Platform::Console, .. }) => continue,
                // Some were missed; those that are left begin no later than the clock was last right.
                Err(_) => continue,
            },
        }
    }
}
