//! Many who dawdle and a database that stands still: Slack is answered in time all the same, and nothing is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use usher::chat::slack::directory::Identity;
use usher::chat::slack::http;
use usher::chat::slack::live::Live;
use usher::chat::slack::web::Web;
use usher::clock::Clock;
use usher::core::Engine;
use usher::courier::Routes;
use usher::driver::Options;
use usher::fault::{Fault, Faults, Point};
use usher::service::Service;
use usher::store::Store;
use usher::web::health;
use usher::web::server::{self, Bounds};

use crate::standin::Standin;
use crate::standin::state::{BOT_TOKEN, BOT_USER, SIGNING_SECRET};
use crate::unread::{call, health_at};
use crate::usher::{CHANNEL, Usher, all_is_acknowledged, workspace};

/// More than may be connected at once.
const CROWD: usize = 400;

/// Connects, and says so much and no more.
async fn dawdle(port: u16, said: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // It may have been cut off already.
    let _ = stream.write_all(said.as_bytes()).await;
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_dawdles_keeps_nobody_out() {
    let standin = workspace().await;
    let (mut usher, port) = Usher::over_http(&standin).await;
    let half_a_head = "POST /slack/events HTTP/1.1\r\nhost: usher\r\nx-slack-";
    let no_body = "POST /slack/events HTTP/1.1\r\nhost: usher\r\ncontent-length: 1000\r\n\
        x-slack-signature: v0=00\r\nx-slack-request-timestamp: 1\r\n\r\n{";
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        crowd.push(dawdle(port, [half_a_head, no_body][number % 2]).await);
    }
    let before = standin.deliveries().len();
    standin.post("U0ANA", CHANNEL, "!blocking Can somebody look at the failing deploy?");
    standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    standin.command("U0ANA", CHANNEL, "/usher", "help");
    standin.wait_for_ephemeral("U0ANA", "who").await;
    all_is_acknowledged(&standin).await;
    for delivery in &standin.deliveries()[before..] {
        assert_eq!(delivery.attempts.len(), 1, "acknowledged at once: {delivery:?}");
    }
    assert_eq!(health_at(port).await.0, 200);
    drop(crowd);
    assert!(usher.end());
}

/// Usher's end of signed HTTP in this process, over a database that stands still while it is told to.
async fn stalling(standin: &Standin, is_stalled: &Arc<AtomicBool>) -> (Service, u16, oneshot::Sender<()>) {
    let stalled = Arc::clone(is_stalled);
    let faults = Faults::planned(move |point| {
        let loses = point == Point::BeforeCommit && stalled.load(Ordering::SeqCst);
        if loses { Fault::Lose } else { Fault::Pass }
    });
    let service = Service::start::<Engine>(
        Store::memory(),
        Clock::System,
        faults,
        Routes::default(),
        Options::default(),
    );
    let service = service.await.unwrap();
    let web = Web::new(&SecretString::from(BOT_TOKEN), Some(&standin.api_url())).unwrap();
    let identity =
        Identity { team: "T0STAND".into(), enterprise: None, app: None, user: BOT_USER.into(), bot: None };
    let live = Live::new(Arc::new(web), service.handle().clone(), Clock::System, identity);
    let routes = http::routes(&[SecretString::from(SIGNING_SECRET)], Arc::new(live));
    let routes = routes.merge(health::routes(service.handle().clone(), Vec::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(async move {
        server::serve(listener, routes, Bounds::default(), async { drop(stopped.await) }).await;
    });
    (service, port, stop)
}

/// Waits until events are taken again. An answer takes a second while they are not.
async fn is_healthy(port: u16) {
    while health_at(port).await.0 != 200 {}
}

fn post(number: usize) -> Vec<u8> {
    let event = json!({"type": "message", "user": "U0ANA", "channel": CHANNEL, "text": "hello",
        "ts": format!("1795400000.{number:06}")});
    json!({"type": "event_callback", "team_id": "T0STAND", "event": event}).to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_stands_still_slack_is_told_so_in_time_and_nothing_is_lost() {
    let standin = workspace().await;
    let is_stalled = Arc::new(AtomicBool::new(false));
    let (service, port, stop) = stalling(&standin, &is_stalled).await;
    assert_eq!(call(&standin, port, "events", post(0)).await, Some(200));
    is_stalled.store(true, Ordering::SeqCst);
    let all = |from: usize| {
        let calls = (from..from + 100).map(|number| call(&standin, port, "events", post(number)));
        futures_util::future::join_all(calls)
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), all(1)).await.unwrap();
    assert_eq!(in_time, vec![Some(503); 100], "not acknowledged before it is durable");
    let (status, health) = health_at(port).await;
    assert_eq!((status, &health["status"]), (503, &"no-events".into()), "{health}");
    is_stalled.store(false, Ordering::SeqCst);
    // The driver asks the database again in up to five seconds, and Slack sends again what it gave up before that.
    tokio::time::timeout(Duration::from_secs(30), is_healthy(port)).await.unwrap();
    assert_eq!(all(1).await, vec![Some(200); 100]);
    let figures = service.handle().figures();
    let handled = figures.events.get();
    assert!(figures.duplicates.get() >= 100, "each was on its way already");
    assert_eq!(all(1).await, vec![Some(200); 100]);
    assert_eq!(service.handle().figures().events.get(), handled, "and counts once");
    stop.send(()).unwrap();
    service.shutdown().await.unwrap();
}
