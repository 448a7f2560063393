//! One socket, from its opening to its end.

use std::sync::Arc;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::Patience;
use super::frame::{self, Envelope, Frame};
use crate::chat::slack::intake::{Intake, Taken};
use crate::clock::{Clock, steady_ms};

/// A message that is longer ends the socket, in bytes. None of Slack's is nearly so long; one that is too long to
/// be read is kept, cut, and acknowledged, for it would come again on the next socket.
const LONGEST: usize = 16 << 20;
/// So many payloads are on their way to being durable at once; the socket is not read meanwhile.
const IN_FLIGHT: usize = 256;

/// What a connection tells whoever holds it, with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It is ready for envelopes.
    Ready,
    /// It brought one.
    Heard,
    /// It will be closed soon: another should be opened.
    Leaving,
    /// The same: the app has as many sockets as it may have.
    TooMany,
}

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// Slack closed it, or it broke; why.
    Closed(String),
    /// Nothing was heard for too long, not even an answer to a ping.
    Silent,
    /// Slack will have no connection of this app.
    Refused(String),
    /// Whoever holds it wanted it to end.
    Done,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One socket.
pub(super) struct Connection {
    pub number: u64,
    pub intake: Arc<dyn Intake>,
    pub patience: Patience,
    pub tell: mpsc::UnboundedSender<(u64, Told)>,
    /// Turns true when it shall end: nothing more is taken, what is on its way is acknowledged.
    pub done: watch::Receiver<bool>,
}

enum Next {
    Frame(Option<Result<Message, Error>>),
    Landed(Option<String>),
    Ping,
    Done,
}

impl Connection {
    /// Opens the socket at `url` and serves it until it ends.
    pub async fn run(self, url: String) -> End {
        let limits = WebSocketConfig::default().max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST));
        let opening = connect_async_with_config(url, Some(limits), true);
        let opened = tokio::select! {
            opened = opening => opened,
            () = Clock::System.pause(self.patience.silent_ms) => return End::Silent,
        };
        match opened {
            // The address holds a ticket: it is not told.
            Err(error) => End::Closed(format!("the socket cannot be opened: {}", without_address(&error))),
            Ok((socket, _)) => self.serve(socket).await,
        }
    }

    async fn serve(mut self, socket: Socket) -> End {
        let (mut write, mut read) = socket.split();
        let mut in_flight = JoinSet::new();
        let mut heard_ms = steady_ms();
        loop {
            let sent = match self.next(&mut read, &mut in_flight).await {
                Next::Frame(None) => return End::Closed("Slack closed it".to_owned()),
                Next::Frame(Some(Err(error))) => return End::Closed(error.to_string()),
                Next::Frame(Some(Ok(message))) => {
                    heard_ms = steady_ms();
                    if let Some(end) = self.hear(&message, &mut in_flight) {
                        return end;
                    }
                    Ok(())
                }
                Next::Landed(Some(acknowledgement)) => write.send(Message::text(acknowledgement)).await,
                Next::Landed(None) => Ok(()),
                Next::Ping if steady_ms() - heard_ms > self.patience.silent_ms => {
                    return End::Silent;
                }
                Next::Ping => write.send(Message::Ping(Default::default())).await,
                Next::Done => return finish(write, in_flight).await,
            };
            if let Err(error) = sent {
                return End::Closed(error.to_string());
            }
        }
    }

    async fn next(
        &mut self,
        read: &mut SplitStream<Socket>,
        in_flight: &mut JoinSet<Option<String>>,
    ) -> Next {
        let has_room = in_flight.len() < IN_FLIGHT;
        tokio::select! {
            biased;
            _ = self.done.wait_for(|done| *done) => Next::Done,
            Some(landed) = in_flight.join_next() => {
                Next::Landed(landed.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
            }
            frame = read.next(), if has_room => Next::Frame(frame),
            () = Clock::System.pause(self.patience.ping_ms) => Next::Ping,
        }
    }

    /// Takes in one message; the end, if it says that there shall be no connection.
    fn hear(&self, message: &Message, in_flight: &mut JoinSet<Option<String>>) -> Option<End> {
        let Message::Text(text) = message else { return None };
        match frame::read(text) {
            Frame::Hello => self.tell(Told::Ready),
            Frame::Disconnect(why) if why == "link_disabled" => {
                return Some(End::Refused(
                    "Socket Mode is turned off for this app (link_disabled)".to_owned(),
                ));
            }
            Frame::Disconnect(why) if why == "too_many_websockets" => self.tell(Told::TooMany),
            Frame::Disconnect(_) => self.tell(Told::Leaving),
            Frame::Envelope(envelope) => {
                self.tell(Told::Heard);
                let mut taking = Box::pin(take(Arc::clone(&self.intake), &envelope));
                // Looked at once here, it stands at the driver's door before the next one is read: tasks would overtake
                // each other, and a message that comes late costs hearing its strand anew.
                match taking.as_mut().now_or_never() {
                    Some(taken) => in_flight.spawn(std::future::ready(taken)),
                    None => in_flight.spawn(taking),
                };
            }
            Frame::Other => {}
        }
        None
    }

    fn tell(&self, told: Told) {
        // Who held it has ended; so will this.
        let _ = self.tell.send((self.number, told));
    }
}

/// Makes an envelope durable; what acknowledges it, once it is.
fn take(intake: Arc<dyn Intake>, envelope: &Envelope<'_>) -> impl Future<Output = Option<String>> + use<> {
    let (id, kind, takes_answer) = (envelope.id.to_string(), envelope.kind, envelope.takes_answer);
    let payload = envelope.payload.as_bytes().to_vec();
    async move {
        match intake.take(kind, &payload).await {
            Taken::Acknowledged => Some(frame::acknowledgement(&id, None)),
            Taken::Answered(answer) => {
                let answer = takes_answer.then_some(&*answer);
                Some(frame::acknowledgement(&id, answer))
            }
            // Without an acknowledgement Slack sends it again.
            Taken::NotTaken => None,
        }
    }
}

/// Acknowledges what is on its way and closes the socket.
async fn finish(mut write: SplitSink<Socket, Message>, mut in_flight: JoinSet<Option<String>>) -> End {
    while let Some(landed) = in_flight.join_next().await {
        if let Ok(Some(acknowledgement)) = landed
            && write.send(Message::text(acknowledgement)).await.is_err()
        {
            break;
        }
    }
    // It ends either way.
    let _ = write.close().await;
    End::Done
}

fn without_address(error: &Error) -> String {
    if let Error::Http(response) = error {
        return format!("HTTP {}", response.status());
    }
    if matches!(error, Error::Url(_)) { "the address is none".to_owned() } else { error.to_string() }
}
