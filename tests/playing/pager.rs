//! A pager that takes every page, and keeps what it said.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde::Deserialize;
use tokio::net::TcpListener;
use usher::calendar::Instant;
use usher::clock::Clock;
use usher::core::action::PageSignal;

/// A page, as Usher tells a pager of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Page {
    signal: PageSignal,
    person: String,
    level: String,
    text: String,
}

/// What came, and when.
#[derive(Clone)]
pub struct Pager {
    clock: Clock,
    pages: Arc<Mutex<Vec<(Instant, Page)>>>,
}

impl Pager {
    /// Starts one on this runtime; it, and its address.
    pub async fn start(clock: Clock) -> (Pager, String) {
        let pager = Pager { clock, pages: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/page", listener.local_addr().unwrap());
        let routes = Router::new().route("/page", post(take)).with_state(pager.clone());
        tokio::spawn(async { axum::serve(listener, routes).await });
        (pager, url)
    }

    /// What came since `first`, as a transcript says it.
    pub fn since(&self, first: usize) -> Vec<(Instant, String)> {
        let pages = self.pages.lock().unwrap();
        pages[first..].iter().map(|(at, page)| (*at, page.words())).collect()
    }
}

async fn take(State(pager): State<Pager>, page: String) {
    let page = serde_json::from_str(&page).unwrap();
    pager.pages.lock().unwrap().push((pager.clock.now(), page));
}

impl Page {
    fn words(&self) -> String {
        let does = match self.signal {
            PageSignal::Trigger => "pages",
            PageSignal::Acknowledge => "is told that somebody took it:",
            PageSignal::Resolve => "is told that it is over:",
        };
        format!("pager {does} {} ({}): {}", self.person, self.level, self.text)
    }
}
