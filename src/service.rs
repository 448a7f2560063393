//! A running Usher: driver and courier over one store, started in the order in which they need each
//! other and ended in the other.

use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::courier::{self, Courier, CourierTask, Routes};
use crate::driver::{self, Driver, DriverHandle, Machine, Options, Stopped, Task};
use crate::fault::Faults;
use crate::store::Store;

/// Driver and courier of one team. Dropped, it ends where it is, as a killed process would.
#[derive(Debug)]
pub struct Service {
    store: Store,
    handle: DriverHandle,
    driver: Task,
    courier: CourierTask,
}

impl Service {
    /// Loads what the store holds and starts. The courier first looks up what an earlier process left
    /// half sent.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start<M: Machine>(
        store: Store,
        clock: Clock,
        faults: Faults,
        routes: Routes,
        options: Options,
    ) -> Result<Service, Stopped> {
        let driver = Driver::<M>::open(store.clone(), clock.clone(), faults.clone()).await?;
        let (tell, entries) = mpsc::unbounded_channel();
        let (handle, driver) = driver::start(driver, Options { courier: Some(tell), ..options });
        let courier = Courier::new(store.clone(), clock, faults, routes);
        let courier = courier::start(courier, entries, handle.clone());
        Ok(Service { store, handle, driver, courier })
    }

    /// The way to the driver.
    pub fn handle(&self) -> &DriverHandle {
        &self.handle
    }

    /// Waits until something ends by itself, which it does only when this process must stop.
    ///
    /// # Errors
    /// Why it must.
    pub async fn ended(&mut self) -> Result<(), Stopped> {
        tokio::select! {
            biased;
            ended = self.driver.ended() => ended,
            ended = self.courier.ended() => ended,
        }
    }

    /// Ends: what is on its way out is finished, what came in is committed and acknowledged, and others
    /// may have the store. Whoever brings events should have stopped before.
    ///
    /// # Errors
    /// When that could not be done.
    pub async fn shutdown(self) -> Result<(), Stopped> {
        let courier = self.courier.shutdown().await;
        let driver = self.driver.shutdown().await;
        self.store.close().await;
        courier.and(driver)
    }
}
