//! HTTP for whoever comes, within bounds: whoever dawdles is cut off, and whoever holds a place without a request
//! makes room for others.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::clock::Clock;

/// How long nobody is let in after somebody could not be, in ms: there was no file left to open.
const PAUSE_MS: i64 = 100;

/// What nobody can go beyond.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// So many connections are open at once. The next takes the place of the one that has waited longest without
    /// a request.
    pub connections: usize,
    /// A request's head comes within this after the one before, in ms.
    pub head_ms: u64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { connections: 256, head_ms: 10_000 }
    }
}

/// A connection, as whoever lets the next one in knows it.
struct Guest {
    task: AbortHandle,
    /// Whether it has a request that is being answered.
    is_busy: Arc<AtomicBool>,
}

/// Serves `routes` until `stop` comes; what is being answered then is answered.
pub async fn serve(listener: TcpListener, routes: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(false);
    let (mut open, mut guests) = (JoinSet::new(), VecDeque::new());
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(ended) = open.join_next() => log_panic(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    make_room(&mut guests, bounds.connections);
                    let is_busy = Arc::new(AtomicBool::new(false));
                    let served = converse(stream, routes.clone(), bounds, Arc::clone(&is_busy), stopped.clone());
                    guests.push_back(Guest { task: open.spawn(served), is_busy });
                }
                Err(error) => {
                    tracing::warn!(%error, "nobody can be let in now");
                    make_room(&mut guests, bounds.connections / 2);
                    Clock::System.pause(PAUSE_MS).await;
                }
            },
        }
    }
    drop(listener);
    stopping.send_replace(true);
    while let Some(ended) = open.join_next().await {
        log_panic(ended);
    }
}

/// Lets those go who have waited longest, until one more than there are would be at most `connections`.
fn make_room(guests: &mut VecDeque<Guest>, connections: usize) {
    guests.retain(|guest| !guest.task.is_finished());
    while guests.len() >= connections.max(1) {
        let idle = guests.iter().position(|guest| !guest.is_busy.load(Ordering::Relaxed));
        if let Some(guest) = guests.remove(idle.unwrap_or(0)) {
            guest.task.abort();
        }
    }
}

/// Answers one connection's requests, until it ends or nothing more shall be taken.
async fn converse(
    stream: TcpStream,
    routes: Router,
    bounds: Bounds,
    is_busy: Arc<AtomicBool>,
    mut stopped: watch::Receiver<bool>,
) {
    // Without it, small answers only take longer.
    let _ = stream.set_nodelay(true);
    let routes = TowerToHyperService::new(routes);
    let answer = service_fn(move |request: Request<Incoming>| {
        is_busy.store(true, Ordering::Relaxed);
        let (answer, is_busy) = (routes.call(request), Arc::clone(&is_busy));
        async move {
            let answer: Result<Response<Body>, _> = answer.await;
            is_busy.store(false, Ordering::Relaxed);
            answer
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_millis(bounds.head_ms));
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer));
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = async { drop(stopped.wait_for(|stopped| *stopped).await) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

fn log_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a request could not be answered");
    }
}
