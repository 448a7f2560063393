//! Usher's own end of Socket Mode against the stand-in: whatever becomes of sockets, each event is taken, and a hole is told.

use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use usher::chat::Answer;
use usher::chat::slack::intake::{Intake, Kind, Taken};
use usher::chat::slack::socket::{Hole, NoTicket, Patience, SocketMode};
use usher::chat::slack::web::Web;
use usher::clock::Clock;

use crate::standin::deliveries::{Delivery, Fate};
use crate::standin::socket_mode::{Reason, Silence};
use crate::standin::state::{APP_TOKEN, State};
use crate::standin::{Settings, Standin};

const CHANNEL: &str = "C0GENERAL";

/// Takes everything, and remembers it.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<String>>>);

impl Intake for Memory {
    fn take<'a>(&'a self, _: Kind, payload: &'a [u8]) -> Answer<'a, Taken> {
        self.0.lock().unwrap().push(String::from_utf8(payload.to_vec()).unwrap());
        Box::pin(async { Taken::Acknowledged })
    }
}

struct Keeper {
    standin: Standin,
    memory: Memory,
    holes: mpsc::UnboundedReceiver<Hole>,
    stop: watch::Sender<bool>,
    running: JoinHandle<Result<(), NoTicket>>,
}

/// Sockets that are kept open with little patience.
async fn keeper(patience: Patience) -> Keeper {
    let standin = Standin::start_with(Settings::default()).await;
    standin.shared.change(|state| state.app.events.remove("member_joined_channel"));
    standin.invite_bot(CHANNEL, "U0ANA");
    let memory = Memory::default();
    let (tell, holes) = mpsc::unbounded_channel();
    let (stop, stopped) = watch::channel(false);
    let mode = SocketMode {
        tickets: Arc::new(Web::new(&SecretString::from(APP_TOKEN), Some(&standin.api_url())).unwrap()),
        intake: Arc::new(memory.clone()),
        holes: tell,
        clock: Clock::System,
        patience,
        ready: watch::Sender::new(0),
        stop: stopped,
    };
    let running = tokio::spawn(mode.run());
    standin.wait_for_sockets(1).await;
    Keeper { standin, memory, holes, stop, running }
}

/// In ms; nothing of it has to be waited for in full.
fn little() -> Patience {
    Patience { ping_ms: 20, silent_ms: 200, deaf_ms: 600_000, retry_ms: 10, retry_at_most_ms: 50 }
}

impl Keeper {
    /// Posts a message, and waits until it is taken and acknowledged.
    async fn takes(&self, text: &str) {
        self.standin.post("U0ANA", CHANNEL, text);
        self.standin.wait_until_settled().await;
        let lost = |delivery: &Delivery| delivery.fate == Fate::Lost;
        assert!(!self.standin.deliveries().iter().any(lost), "{text}");
        let taken = self.memory.0.lock().unwrap();
        assert_eq!(taken.iter().filter(|payload| payload.contains(text)).count(), 1, "{text} is taken once");
    }

    async fn has_opened_another_than(&self, old: usize) {
        let renewed = |state: &State| {
            let open = |index: &usize| state.sockets[*index].open && state.sockets[*index].takes_envelopes;
            ((old + 1)..state.sockets.len()).find(open).map(drop)
        };
        self.standin.wait_for("another socket", renewed).await;
    }

    async fn ends_well(self) {
        self.stop.send_replace(true);
        assert_eq!(self.running.await.unwrap(), Ok(()));
        self.standin.wait_for_sockets(0).await;
    }
}

#[tokio::test]
async fn the_next_socket_is_open_before_the_one_that_slack_renews_closes() {
    let mut keeper = keeper(little()).await;
    keeper.takes("before").await;
    for reason in [Reason::Warning, Reason::RefreshRequested] {
        let old = keeper.standin.sockets();
        keeper.standin.disconnect(old[0], reason);
        keeper.has_opened_another_than(old[0]).await;
        keeper.takes(&format!("after {reason:?}")).await;
    }
    assert!(keeper.holes.try_recv().is_err(), "there was always one");
    keeper.ends_well().await;
}

#[tokio::test]
async fn a_socket_on_which_nothing_is_heard_is_given_up_and_the_hole_is_told() {
    let mut keeper = keeper(little()).await;
    keeper.takes("before").await;
    let old = keeper.standin.sockets();
    keeper.standin.silence(old[0], Silence::Complete);
    keeper.holes.recv().await.unwrap();
    keeper.has_opened_another_than(old[0]).await;
    // What Slack sends into the void it sends again, elsewhere.
    keeper.takes("after").await;
}

#[tokio::test]
async fn a_socket_that_only_answers_pings_is_replaced_after_a_while() {
    let mut keeper = keeper(Patience { deaf_ms: 300, ..little() }).await;
    let old = keeper.standin.sockets();
    keeper.standin.silence(old[0], Silence::AnswersPings);
    keeper.holes.recv().await.unwrap();
    keeper.has_opened_another_than(old[0]).await;
}

#[tokio::test]
async fn while_slack_is_down_it_is_asked_again_and_the_hole_is_told_once() {
    let mut keeper = keeper(little()).await;
    keeper.takes("before").await;
    keeper.standin.go_down();
    keeper.holes.recv().await.unwrap();
    keeper.standin.come_up().await;
    keeper.standin.wait_for_sockets(1).await;
    keeper.takes("after").await;
    assert!(keeper.holes.try_recv().is_err());
    keeper.ends_well().await;
}

#[tokio::test]
async fn where_socket_mode_is_turned_off_it_ends_and_says_so() {
    let keeper = keeper(little()).await;
    let old = keeper.standin.sockets();
    keeper.standin.disconnect(old[0], Reason::LinkDisabled);
    let ended = keeper.running.await.unwrap();
    assert!(matches!(&ended, Err(NoTicket::Never(why)) if why.contains("link_disabled")), "{ended:?}");
}
