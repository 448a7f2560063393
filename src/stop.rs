//! Being asked to end: SIGTERM, as a service manager sends it, and SIGINT, as Ctrl-C does.
//!
//! Whoever works looks between two steps, or waits for either. A second signal ends the process at once.

use std::io;
use std::thread;

use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// What a process that is asked to end a second time ends with: 128 and the number of SIGTERM.
const ENDED_AT_ONCE: i32 = 143;

/// Whether this process was asked to end. Clones know the same.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// One that comes when the process gets a signal.
    ///
    /// # Errors
    /// When the system lets nobody wait for signals.
    pub fn on_signals() -> io::Result<Stop> {
        // On a thread of its own: work that never waits would never let a shared one hear the signal.
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        let inside = runtime.enter();
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        drop(inside);
        let (wanted, stop) = watch::channel(false);
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(listen(terminate, interrupt, wanted)))?;
        Ok(Stop(stop))
    }

    /// One that never comes.
    pub fn never() -> Stop {
        Stop(watch::channel(false).1)
    }

    /// Whether it has come.
    pub fn is_wanted(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it comes.
    pub async fn wanted(&self) {
        let mut stop = self.0.clone();
        if stop.wait_for(|wanted| *wanted).await.is_err() {
            // Nobody is left who could ask.
            std::future::pending().await
        }
    }
}

async fn listen(mut terminate: Signal, mut interrupt: Signal, wanted: watch::Sender<bool>) {
    either(&mut terminate, &mut interrupt).await;
    wanted.send_replace(true);
    either(&mut terminate, &mut interrupt).await;
    std::process::exit(ENDED_AT_ONCE);
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
