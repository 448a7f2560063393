//! Senders of signed requests and of envelopes that cost little: all is made before the watch starts, and what comes
//! back is looked at no further than it must be.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, connect_async};

use crate::watch::begin;
use crate::workspace::envelope;

/// No answer of a bot is longer, in bytes.
const LONGEST: usize = 4_096;
/// A bot that acknowledges nothing for so long never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends each request once over so many connections, each of which waits for its answer; the seconds that it took.
/// Whoever closes a connection after an answer, as old servers do, gets a new one.
pub fn requests(to: SocketAddr, connections: usize, requests: &Arc<[Vec<u8>]>) -> io::Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let next = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            open.push(connect(to).await?);
        }
        let seconds = begin();
        let mut senders = JoinSet::new();
        for stream in open {
            senders.spawn(send(to, stream, Arc::clone(&next), Arc::clone(requests)));
        }
        while let Some(ended) = senders.join_next().await {
            ended.map_err(io::Error::other)??;
        }
        Ok(seconds())
    })
}

async fn send(
    to: SocketAddr,
    stream: TcpStream,
    next: Arc<AtomicUsize>,
    requests: Arc<[Vec<u8>]>,
) -> io::Result<()> {
    let mut kept = Some(stream);
    let mut answer = Vec::with_capacity(LONGEST);
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => connect(to).await?,
        };
        stream.write_all(request).await?;
        if read_answer(&mut stream, &mut answer).await? {
            kept = Some(stream);
        }
    }
    Ok(())
}

async fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one answer, which has to be 200; whether the connection stays.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> io::Result<bool> {
    answer.clear();
    loop {
        if let Some((length, stays)) = whole(answer)?
            && answer.len() >= length
        {
            return Ok(stays);
        }
        if stream.read_buf(answer).await? == 0 {
            return if answer.starts_with(b"HTTP/1.") {
                Ok(false)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
    }
}

/// How long the answer is whose head is here, and whether the connection stays; `None` before the end of the head.
fn whole(answer: &[u8]) -> io::Result<Option<(usize, bool)>> {
    let text = str::from_utf8(answer).map_err(io::Error::other)?;
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Ok(None) };
    if !head.starts_with("HTTP/1.1 200") && !head.starts_with("HTTP/1.0 200") {
        return Err(io::Error::other(format!("it answered {head}")));
    }
    let field = |name: &str| {
        let found = head.lines().filter_map(|line| line.split_once(':'));
        found.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    };
    let closes = head.starts_with("HTTP/1.0")
        || field("connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
    let begins = head.len() + 4;
    let length = match field("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => begins + length,
        None if field("transfer-encoding") == Some("chunked") && body.ends_with("0\r\n\r\n") => answer.len(),
        // It lasts until the connection closes, or the last chunk comes.
        None => usize::MAX,
    };
    Ok(Some((length, !closes)))
}

/// Answers every request at once, and looks at none: how fast the sender is.
pub async fn answer_at_once(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut bytes = vec![0; 64 << 10];
            // A request comes whole: it is shorter than what a socket holds.
            while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {
                if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.is_err() {
                    return;
                }
            }
        });
    }
}

/// Waits for a bot's socket and sends it every payload, at most `window` of them unacknowledged; the seconds that it
/// took until the last was acknowledged. Each has to be acknowledged once.
pub async fn envelopes(listener: &TcpListener, window: usize, payloads: &[String]) -> io::Result<f64> {
    let frames: Vec<String> =
        payloads.iter().enumerate().map(|(number, payload)| envelope(number, payload)).collect();
    let mut frames = frames.into_iter();
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    let socket = accept_async(stream).await.map_err(io::Error::other)?;
    let (mut write, mut read) = socket.split();
    let hello = r#"{"type":"hello","num_connections":1,"connection_info":{"app_id":"A0USHER"}}"#;
    write.send(Message::text(hello)).await.map_err(io::Error::other)?;
    let mut waits = vec![true; payloads.len()];
    let mut left = payloads.len();
    let seconds = begin();
    for frame in frames.by_ref().take(window) {
        write.feed(Message::text(frame)).await.map_err(io::Error::other)?;
    }
    while left > 0 {
        let heard = match read.next().now_or_never() {
            Some(heard) => heard,
            None => {
                write.flush().await.map_err(io::Error::other)?;
                tokio::time::timeout(PATIENCE, read.next()).await.map_err(io::Error::other)?
            }
        };
        let message = heard.ok_or(io::ErrorKind::UnexpectedEof)?.map_err(io::Error::other)?;
        let Message::Text(text) = message else { continue };
        let number = acknowledged(&text)?;
        if !std::mem::replace(&mut waits[number], false) {
            return Err(io::Error::other(format!("envelope {number} was acknowledged twice")));
        }
        left -= 1;
        if let Some(frame) = frames.next() {
            write.feed(Message::text(frame)).await.map_err(io::Error::other)?;
        }
    }
    Ok(seconds())
}

/// The number of the envelope that is acknowledged.
fn acknowledged(text: &str) -> io::Result<usize> {
    let number = text.split('"').find_map(|part| part.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("`{text}` acknowledges nothing")))
}

/// A client of Socket Mode that acknowledges at once: how fast the sender is.
pub async fn acknowledge_at_once(to: SocketAddr) -> io::Result<()> {
    let (socket, _) = connect_async(format!("ws://{to}/")).await.map_err(io::Error::other)?;
    let (mut write, mut read) = socket.split();
    loop {
        let heard = match read.next().now_or_never() {
            Some(heard) => heard,
            None => {
                if write.flush().await.is_err() {
                    return Ok(());
                }
                read.next().await
            }
        };
        let Some(Ok(Message::Text(text))) = heard else { return Ok(()) };
        let Some(number) = text.strip_prefix(r#"{"envelope_id":""#).and_then(|rest| rest.split('"').next())
        else {
            continue;
        };
        if write.feed(Message::text(format!(r#"{{"envelope_id":"{number}"}}"#))).await.is_err() {
            return Ok(());
        }
    }
}
