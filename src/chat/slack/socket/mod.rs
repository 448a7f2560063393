//! Socket Mode: Slack brings everything over sockets that we open, so nothing has to be open to the internet.
//!
//! The next socket is open before the last one closes, so Slack always has one to send to. A socket on
//! which nothing is heard is given up, and so, from time to time, is one on which only pings are answered.
//! Whenever there was none, or one that may have been deaf, what was missed is a [`Hole`].

mod connection;
mod frame;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use self::connection::{Connection, End, Told};
use super::intake::Intake;
use crate::calendar::{Instant, MINUTE_MS, SECOND_MS};
use crate::chat::Answer;
use crate::clock::{Clock, steady_ms};

/// Where the addresses of sockets come from.
pub trait Tickets: Send + Sync {
    /// The address of a new socket; it can be used once.
    fn ticket(&self) -> Answer<'_, Result<String, NoTicket>>;
}

/// Why there is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTicket {
    /// There will be none: a token or a setting is wrong. In Slack's words.
    #[error("Slack does not open a socket: {0}")]
    Never(String),
    /// There may be one later.
    #[error("Slack does not open a socket now: {why}")]
    NotNow {
        /// How long it asks to wait, in ms.
        after_ms: Option<i64>,
        /// Why, in its words.
        why: String,
    },
}

/// Events may have been missed since `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// When something was heard last.
    pub from: Instant,
}

/// How long things are waited for, in ms.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// After so long without a word a ping is sent.
    pub ping_ms: i64,
    /// After so long without a word, pings answered or not, the socket is given up.
    pub silent_ms: i64,
    /// After so long without an envelope another socket takes over: this one may be deaf.
    pub deaf_ms: i64,
    /// The first wait before a socket is opened again; it doubles with each attempt.
    pub retry_ms: i64,
    /// The longest.
    pub retry_at_most_ms: i64,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            ping_ms: 10 * SECOND_MS,
            silent_ms: 30 * SECOND_MS,
            deaf_ms: 15 * MINUTE_MS,
            retry_ms: SECOND_MS,
            retry_at_most_ms: 30 * SECOND_MS,
        }
    }
}

/// Sockets, one after the other.
pub struct SocketMode {
    /// Where their addresses come from.
    pub tickets: Arc<dyn Tickets>,
    /// Who takes what they bring.
    pub intake: Arc<dyn Intake>,
    /// Who reads what was missed.
    pub holes: mpsc::UnboundedSender<Hole>,
    /// What time it is in the chat: since when something may have been missed. How long a socket is silent is
    /// measured on the system's clock, as the network runs by no other.
    pub clock: Clock,
    /// How long things are waited for.
    pub patience: Patience,
    /// Told how many sockets are ready for what Slack sends.
    pub ready: watch::Sender<usize>,
    /// Turns true when no more shall be taken.
    pub stop: watch::Receiver<bool>,
}

/// The sockets that there are.
struct Sockets {
    mode: SocketMode,
    running: JoinSet<(u64, End)>,
    open: BTreeMap<u64, Open>,
    opened: u64,
    tell: mpsc::UnboundedSender<(u64, Told)>,
    told: mpsc::UnboundedReceiver<(u64, Told)>,
    /// When something was heard last, of any kind of envelope.
    heard: Instant,
    heard_ms: i64,
    /// How often in a row no socket could be opened.
    failures: u32,
}

/// A socket, as whoever holds it knows it.
struct Open {
    done: watch::Sender<bool>,
    opened_ms: i64,
    ready: bool,
    leaving: bool,
}

enum Next {
    Told(u64, Told),
    Ended(u64, End),
    Deaf,
    Stop,
}

impl SocketMode {
    /// Keeps a socket open until it is stopped.
    ///
    /// # Errors
    /// When Slack will never open one.
    pub async fn run(self) -> Result<(), NoTicket> {
        let (tell, told) = mpsc::unbounded_channel();
        let mut sockets = Sockets {
            heard: self.clock.now(),
            heard_ms: steady_ms(),
            mode: self,
            running: JoinSet::new(),
            open: BTreeMap::new(),
            opened: 0,
            tell,
            told,
            failures: 0,
        };
        sockets.keep().await
    }
}

impl Sockets {
    async fn keep(&mut self) -> Result<(), NoTicket> {
        loop {
            if !self.open.values().any(|socket| !socket.leaving) && !self.add().await? {
                return self.finish().await;
            }
            match self.next().await {
                Next::Told(number, told) => self.hear(number, told),
                Next::Ended(number, end) => self.lose(number, end)?,
                Next::Deaf => self.replace_all(),
                Next::Stop => return self.finish().await,
            }
            self.mode.ready.send_replace(self.open.values().filter(|socket| socket.ready).count());
        }
    }

    /// Opens one more socket, however long it takes; false if it shall not any more.
    async fn add(&mut self) -> Result<bool, NoTicket> {
        let mut stop = self.mode.stop.clone();
        loop {
            let wait_ms = self.wait_ms();
            let ticket = async {
                Clock::System.pause(wait_ms).await;
                self.mode.tickets.ticket().await
            };
            let ticket = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return Ok(false),
                ticket = ticket => ticket,
            };
            match ticket {
                Ok(url) => {
                    self.start(url);
                    return Ok(true);
                }
                Err(never @ NoTicket::Never(_)) => return Err(never),
                Err(NoTicket::NotNow { after_ms, why }) => {
                    tracing::warn!(%why, "Slack opens no socket now; it is asked again");
                    self.failures = self.failures.saturating_add(1);
                    let after_ms = after_ms.unwrap_or(0).clamp(0, self.mode.patience.retry_at_most_ms);
                    Clock::System.pause(after_ms).await;
                }
            }
        }
    }

    fn wait_ms(&self) -> i64 {
        let Patience { retry_ms, retry_at_most_ms, .. } = self.mode.patience;
        match self.failures {
            0 => 0,
            failures => (retry_ms << (failures - 1).min(16)).min(retry_at_most_ms),
        }
    }

    fn start(&mut self, url: String) {
        self.opened += 1;
        let (done, wanted) = watch::channel(false);
        let number = self.opened;
        let connection = Connection {
            number,
            intake: Arc::clone(&self.mode.intake),
            patience: self.mode.patience,
            tell: self.tell.clone(),
            done: wanted,
        };
        let opened_ms = steady_ms();
        self.open.insert(number, Open { done, opened_ms, ready: false, leaving: false });
        self.running.spawn(async move { (number, connection.run(url).await) });
    }

    async fn next(&mut self) -> Next {
        let deaf_in_ms = self.heard_ms + self.mode.patience.deaf_ms - steady_ms();
        let mut stop = self.mode.stop.clone();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => Next::Stop,
            Some((number, told)) = self.told.recv() => Next::Told(number, told),
            Some(ended) = self.running.join_next() => {
                let (number, end) = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                Next::Ended(number, end)
            }
            () = Clock::System.pause(deaf_in_ms.max(0)) => Next::Deaf,
        }
    }

    fn hear(&mut self, number: u64, told: Told) {
        match told {
            Told::Ready => {
                let Some(socket) = self.open.get_mut(&number) else { return };
                socket.ready = true;
                tracing::info!(number, "connected to Slack");
                // Those that it follows have done their work.
                for (_, before) in self.open.range(..number).filter(|(_, socket)| socket.leaving) {
                    before.done.send_replace(true);
                }
            }
            Told::Heard => {
                self.failures = 0;
                self.note_heard();
            }
            Told::Leaving | Told::TooMany => {
                // Other processes hold the sockets that an app may have: one of them may end.
                self.failures += u32::from(told == Told::TooMany);
                if let Some(socket) = self.open.get_mut(&number) {
                    socket.leaving = true;
                }
            }
        }
    }

    fn note_heard(&mut self) {
        (self.heard, self.heard_ms) = (self.mode.clock.now(), steady_ms());
    }

    /// A socket has ended. Where none is left, Slack had none to send to.
    fn lose(&mut self, number: u64, end: End) -> Result<(), NoTicket> {
        let socket = self.open.remove(&number);
        let was_ready = socket.as_ref().is_some_and(|socket| socket.ready);
        let lasted_ms = socket.map_or(0, |socket| steady_ms() - socket.opened_ms);
        let why = match end {
            End::Done => return Ok(()),
            End::Refused(why) => return Err(NoTicket::Never(why)),
            End::Silent => "nothing was heard on it".to_owned(),
            End::Closed(why) => why,
        };
        tracing::info!(number, %why, "a socket has ended");
        let lasted = was_ready && lasted_ms > self.mode.patience.retry_at_most_ms;
        self.failures = if lasted { 0 } else { self.failures.saturating_add(1) };
        if was_ready && !self.open.values().any(|socket| socket.ready) {
            self.tell_hole();
        }
        Ok(())
    }

    /// Nothing was heard for long: another socket takes over, and what this one may not have heard is read.
    fn replace_all(&mut self) {
        self.tell_hole();
        self.note_heard();
        for socket in self.open.values_mut() {
            socket.leaving = true;
        }
    }

    fn tell_hole(&self) {
        // Whoever reads what was missed has ended; so will this.
        let _ = self.mode.holes.send(Hole { from: self.heard });
    }

    async fn finish(&mut self) -> Result<(), NoTicket> {
        for socket in self.open.values() {
            socket.done.send_replace(true);
        }
        while self.running.join_next().await.is_some() {}
        Ok(())
    }
}
