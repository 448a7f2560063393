//! The courier in a process: it is told what is committed, and tells the driver what became of it.

use std::future::pending;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};

use super::Courier;
use super::flight::Landed;
use crate::clock::Clock;
use crate::core::action::ActionId;
use crate::core::event::Event;
use crate::driver::{DriverHandle, Inbound, Stopped, fate_in};
use crate::fault::{Faults, Point};
use crate::store::Entry;

/// A running courier. Dropped, it ends where it is, as a killed process would.
#[derive(Debug)]
pub struct CourierTask {
    stop: watch::Sender<bool>,
    running: JoinHandle<Result<(), Stopped>>,
}

impl CourierTask {
    /// Begins nothing more, waits for what is on its way until the driver knows what became of it, and
    /// ends. What waits is in the store.
    ///
    /// # Errors
    /// When it had to stop before that was done.
    pub async fn shutdown(mut self) -> Result<(), Stopped> {
        // A courier that has ended by itself hears nothing and says why below.
        let _ = self.stop.send(true);
        self.ended().await
    }

    /// Waits until the courier ends by itself, which it does only when it must.
    pub async fn ended(&mut self) -> Result<(), Stopped> {
        crate::driver::ended((&mut self.running).await)
    }
}

impl Drop for CourierTask {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Lets a courier run. `entries` brings what is committed, from the driver that `driver` leads to.
pub fn start(courier: Courier, entries: mpsc::UnboundedReceiver<Entry>, driver: DriverHandle) -> CourierTask {
    let (stop, stopping) = watch::channel(false);
    let (clock, faults) = (courier.clock.clone(), courier.faults.clone());
    let running = Running { courier, entries, driver, stopping, clock, faults, reports: JoinSet::new() };
    CourierTask { stop, running: tokio::spawn(running.run()) }
}

struct Running {
    courier: Courier,
    entries: mpsc::UnboundedReceiver<Entry>,
    driver: DriverHandle,
    stopping: watch::Receiver<bool>,
    clock: Clock,
    faults: Faults,
    /// Reports on their way to being committed; each ends with the action, or `None` if the driver has
    /// stopped.
    reports: JoinSet<Option<ActionId>>,
}

enum Next {
    Entry(Entry),
    Landed(Landed),
    Settled(Option<ActionId>),
    Due,
    Stop,
}

impl Running {
    async fn run(mut self) -> Result<(), Stopped> {
        loop {
            for report in self.courier.launch().await? {
                self.send(report)?;
            }
            match self.wait().await {
                Next::Entry(entry) => self.add(entry),
                Next::Landed(landed) => self.land(landed).await?,
                Next::Settled(settled) => {
                    if !self.settle(settled) {
                        return Ok(());
                    }
                }
                Next::Due => {}
                Next::Stop => return self.finish().await,
            }
        }
    }

    async fn wait(&mut self) -> Next {
        let next_change = self.courier.next_change();
        let clock = &self.clock;
        let due = async {
            match next_change {
                Some(at) => clock.sleep_until(at).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stop| *stop) => Next::Stop,
            Some(settled) = self.reports.join_next() => {
                Next::Settled(report_ended(settled))
            }
            Some(entry) = self.entries.recv() => Next::Entry(entry),
            Some(landed) = self.courier.next_landed() => Next::Landed(landed),
            () = due => Next::Due,
        }
    }

    fn add(&mut self, entry: Entry) {
        self.courier.add(entry);
        while let Ok(entry) = self.entries.try_recv() {
            self.courier.add(entry);
        }
    }

    /// Takes in what landed, and all else that has: what goes in their places is then marked in one transaction.
    async fn land(&mut self, landed: Landed) -> Result<(), Stopped> {
        let mut next = Some(landed);
        while let Some(landed) = next {
            if let Some(report) = self.courier.land(landed).await? {
                self.send(report)?;
            }
            next = self.courier.already_landed();
        }
        Ok(())
    }

    /// The same of what is settled. False if the driver has stopped: nothing more can be marked, so nothing more may
    /// be sent.
    fn settle(&mut self, settled: Option<ActionId>) -> bool {
        let mut next = Some(settled);
        while let Some(settled) = next {
            let Some(action) = settled else { return false };
            self.courier.settled(&action);
            next = self.reports.try_join_next().map(report_ended);
        }
        true
    }

    async fn finish(mut self) -> Result<(), Stopped> {
        while let Some(landed) = self.courier.next_landed().await {
            self.land(landed).await?;
        }
        // Whatever they end with, the driver has them or has stopped.
        while self.reports.join_next().await.is_some() {}
        Ok(())
    }

    fn send(&mut self, report: Event) -> Result<(), Stopped> {
        self.faults.at(Point::BeforeMark)?;
        let driver = self.driver.clone();
        self.reports.spawn(async move {
            let action = fate_in(&report.what).map(|(action, _)| action.clone())?;
            let (ack, acked) = oneshot::channel();
            driver.submit(Inbound { ack: Some(ack), ..report.into() }).await.ok()?;
            acked.await.ok()?;
            Some(action)
        });
        Ok(())
    }
}

/// What a report ended with; its panic goes on here.
fn report_ended(joined: Result<Option<ActionId>, JoinError>) -> Option<ActionId> {
    joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
