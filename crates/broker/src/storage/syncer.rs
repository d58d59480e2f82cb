//! Where syncs run.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Syncs under way at once, over all files. The filesystem's journal merges neighbours, so a few saturate it.
const PARALLEL: usize = 32;

/// Runs the syncs of a broker on the blocking pool, and knows whether acknowledgements wait for them.
#[derive(Clone)]
pub struct Syncer {
    enabled: bool,
    slots: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Syncer {
    /// A syncer; when it is not `enabled`, nothing waits for the disk.
    pub fn new(enabled: bool) -> Self {
        Self { enabled, slots: Arc::new(Semaphore::new(PARALLEL)), tasks: TaskTracker::new() }
    }

    /// Whether acknowledgements wait for the disk.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// Runs `work` on the blocking pool once a slot is free; it runs to its end even when nobody waits for it.
    pub(crate) fn run(&self, work: impl FnOnce() + Send + 'static) {
        let (slots, tasks) = (self.slots.clone(), self.tasks.clone());
        self.tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            // A panic of `work` is reported by the panic hook; the gate answers its waiters.
            let _ = tasks.spawn_blocking(work).await;
        });
    }

    /// Waits until nothing is under way.
    pub async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }
}
